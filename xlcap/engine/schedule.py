"""When each event takes effect: the day, and the time of day its clause names. And what was split in between."""

from __future__ import annotations

import bisect
import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import cast

from xlcap.engine.trace import Moment
from xlcap.events import (
    DeemedIssue,
    Distribution,
    DividendPaid,
    Event,
    Exercise,
    Issue,
    NotMade,
    Rights,
    RightsExercised,
    Split,
    StockDividend,
    TenderOffer,
    TermsChange,
    TriggerEvent,
    VoluntaryReduction,
)
from xlcap.numbers import ONE, ZERO, exact
from xlcap.tables import header_name
from xlcap.terms import Slot, Terms
from xlcap.terms.rules import RightsRule, StockDividendRule, TimedRule

DAY = dt.timedelta(days=1)

_RULES: Mapping[type[Event], str] = {
    StockDividend: "stock_dividend",
    Split: "split",
    Rights: "rights",
    Distribution: "distribution",
    TriggerEvent: "distribution",
    TenderOffer: "tender_offer",
    Issue: "issue_below_price",
    DeemedIssue: "issue_below_price",
}
"""For each kind of event that can adjust the price: its rule in the terms."""

_SLOTS: Mapping[type[Event], Slot] = {
    NotMade: "open",
    RightsExercised: "intraday",
    Exercise: "intraday",
    DividendPaid: "intraday",
    VoluntaryReduction: "pre_open",
}
"""When events that no clause times happen; all others at the close."""


def rule_for(terms: Terms, event: Event) -> TimedRule | None:
    """The certificate's rule on an event, if it has one that adjusts the price."""
    name = _RULES.get(type(event))
    return cast("TimedRule | None", getattr(terms.adjust, name)) if name else None


def moment_of(terms: Terms, event: Event) -> Moment:
    """When an event takes effect; a change of an instrument's terms that is itself an issue, as an issue does."""
    rule = rule_for(terms, event)
    if isinstance(event, TermsChange) and _is_issue(terms, event):
        rule = terms.adjust.issue_below_price
    if rule is not None:
        return Moment.at(event.date + DAY if rule.next_day else event.date, rule.effective)
    return Moment.at(event.date, _SLOTS.get(type(event), "close"))


def _is_issue(terms: Terms, event: TermsChange) -> bool:
    rule, by = terms.adjust.issue_below_price, header_name(event.by)
    if rule is None:
        return False
    amended = by == "agreement" and rule.deemed is not None and rule.deemed.amendment == "new_issue"
    return amended or (rule.repricing is not None and by != "antidilution")


def date_fixed(terms: Terms, event: Event, known_at: dt.date | None = None) -> dt.date | None:
    """The day on which what is not paid of a dividend falls away, where the certificate says so (D.4, 3(e)(ii)).

    Before that day nobody knows it.
    """
    fixed = event.payment_date if isinstance(event, StockDividend | Rights) else None
    if fixed is None or (known_at is not None and known_at < fixed):
        return None
    rule = rule_for(terms, event)
    restates = isinstance(rule, StockDividendRule | RightsRule) and rule.reversal == "restate_from_record_date"
    return fixed if restates else None


class Units:
    """What a share of Common was at one time and is at another: how many shares it has become.

    Splits alone, or dividends in Common too, as far as they are paid: what instruments on the Common are restated by.
    """

    def __init__(self, terms: Terms, events: Sequence[Event], known_at: dt.date | None, *, dividends: bool) -> None:
        self._terms = terms
        changes = [(moment_of(terms, event), event.row, event.ratio) for event in events if isinstance(event, Split)]
        self._all = sorted(changes)
        if dividends:
            self._all = sorted([*changes, *self._dividends(events, known_at)])

    @exact
    def between(self, first: Event, second: Event) -> Decimal:
        """Shares at the moment of the second event for each one at the moment of the first."""
        ratio = ONE
        if self._all:
            start, end = ((moment_of(self._terms, event), event.row) for event in (first, second))
            for _, _, each in self._all[bisect.bisect_left(self._all, start) : bisect.bisect_left(self._all, end)]:
                ratio *= each
        return ratio

    @exact
    def before(self, day: dt.date) -> Decimal:
        """Shares at the beginning of a day for each one there was at first."""
        ratio = ONE
        for moment, _, each in self._all:
            ratio *= each if moment.date < day else ONE
        return ratio

    @exact
    def _dividends(self, events: Sequence[Event], known_at: dt.date | None) -> Iterator[tuple[Moment, int, Decimal]]:
        fallen = {event.refers_to for event in events if isinstance(event, NotMade)}
        paid = [event for event in events if isinstance(event, DividendPaid)]
        for event in events:
            if not isinstance(event, StockDividend) or (event.id is not None and event.id in fallen):
                continue
            fixed = date_fixed(self._terms, event, known_at)
            if event.ratio is not None or event.shares is None:
                if event.ratio is not None and fixed is None:
                    yield moment_of(self._terms, event), event.row, event.ratio
                continue
            if event.common_outstanding is None:
                raise event.fault("is blank, and there is no cap table to count it from", "common_outstanding")
            shares, outstanding = event.shares, event.common_outstanding
            if fixed is not None:
                mine = [row for row in paid if row.refers_to == event.id]
                shares = sum((row.shares / self.between(event, row) for row in mine if row.date <= fixed), ZERO)
                for row in (row for row in mine if row.date > fixed):
                    before = row.common_outstanding or outstanding * self.between(event, row)
                    yield moment_of(self._terms, row), row.row, (before + row.shares) / before
            yield moment_of(self._terms, event), event.row, (outstanding + shares) / outstanding
