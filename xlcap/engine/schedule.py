"""When each event takes effect: the day, and the time of day its clause names. And what was split in between."""

from __future__ import annotations

import bisect
import datetime as dt
from collections.abc import Iterable, Mapping
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
from xlcap.numbers import ONE, exact
from xlcap.tables import header_name
from xlcap.terms import Slot, Terms
from xlcap.terms.rules import TimedRule

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
    rule = terms.adjust.stock_dividend
    if rule is None or rule.reversal != "restate_from_record_date" or not isinstance(event, StockDividend):
        return None
    fixed = event.payment_date
    return None if fixed is None or (known_at is not None and known_at < fixed) else fixed


class Splits:
    """The splits of the Common, each at its moment."""

    def __init__(self, terms: Terms, events: Iterable[Event]) -> None:
        self._terms = terms
        splits = [event for event in events if isinstance(event, Split)]
        self._all = sorted((moment_of(terms, split), split.row, split.ratio) for split in splits)

    @exact
    def between(self, first: Event, second: Event) -> Decimal:
        """Shares at the moment of the second event for each one at the moment of the first."""
        ratio = ONE
        if self._all:
            start, end = ((moment_of(self._terms, event), event.row) for event in (first, second))
            for _, _, each in self._all[bisect.bisect_left(self._all, start) : bisect.bisect_left(self._all, end)]:
                ratio *= each
        return ratio
