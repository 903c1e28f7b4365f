"""The shares outstanding before an event, from a cap table and what has happened since.

The cap table is as of the day before the first event listed. What happens in the events table is carried forward from
it: issues, instruments and what becomes of them, splits, dividends in Common. What it does not list (conversions of
preferred, prices of other classes) stays as the cap table has it.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import typing
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Literal

from xlcap.captable import Holding
from xlcap.engine.rules import Facts
from xlcap.engine.schedule import moment_of
from xlcap.engine.trace import Moment
from xlcap.errors import XlcapError
from xlcap.events import (
    DeemedIssue,
    DividendPaid,
    Event,
    Exercise,
    Expiry,
    Issue,
    Rights,
    RightsExercised,
    RightsExpired,
    RightsRedeemed,
    Split,
    StockDividend,
    TermsChange,
)
from xlcap.numbers import ZERO, exact
from xlcap.prices import Quote
from xlcap.tables import header_name
from xlcap.terms import Terms
from xlcap.terms.rules import Counted

Counts = dict[Counted, Decimal]


def facts_of(
    terms: Terms,
    events: tuple[Event, ...],
    quotes: tuple[Quote, ...] = (),
    issue_date: dt.date | None = None,
    stated_price: Decimal | None = None,
    holdings: tuple[Holding, ...] = (),
    restated_at: dt.date | None = None,
) -> Facts:
    """The facts on these events; Common that a dividend leaves blank is counted from the cap table."""
    facts = Facts(terms, events, quotes, issue_date, stated_price, holdings, restated_at)
    return dataclasses.replace(facts, events=tuple(_filled(facts, event) for event in events)) if holdings else facts


def _filled(facts: Facts, event: Event) -> Event:
    if not isinstance(event, StockDividend) or event.ratio is not None or event.common_outstanding is not None:
        return event
    common = _carried(facts, event, "immediately_prior")["common"]
    if not common:
        raise event.fault("is blank, and the cap table has no Common before the dividend", "common_outstanding")
    return dataclasses.replace(event, common_outstanding=common)


COUNTED_AS: Mapping[str, Counted] = {
    "common": "common",
    "option": "options",
    "warrant": "options",
    "convertible": "convertibles",
    "pool": "reserved_pool",
}
"""What a row that is not preferred counts as, by its kind."""


def _category(terms: Terms, holding: Holding) -> Counted:
    if not holding.is_preferred:
        return COUNTED_AS[header_name(holding.kind)]
    own = holding.governed_by is not None and holding.governed_by.id == terms.id
    return "series" if own else "preferred"


@exact
def counted(terms: Terms, holdings: Sequence[Holding]) -> Counts:
    """The shares of a cap table, by what a certificate may count: this series' own, and all others as converted."""
    counts: Counts = dict.fromkeys(typing.get_args(Counted), ZERO)
    for holding in holdings:
        category = _category(terms, holding)
        counts[category] += holding.shares if category == "series" else holding.common
    return counts


Counting = Literal["day_before", "immediately_prior"]


def shares_before(facts: Facts, event: Event, as_of: Counting) -> Counts:
    """The shares at the close of the day before an event, or immediately before it."""
    _check_row(facts, "series", f"of this series (terms {facts.terms.id})")
    return _carried(facts, event, as_of)


def _check_row(facts: Facts, category: Counted, words: str) -> None:
    if not any(_category(facts.terms, holding) == category for holding in facts.holdings):
        raise XlcapError(f"has no row {words}, and the certificate counts it", where="cap_table")


@exact
def _carried(facts: Facts, event: Event, as_of: Counting) -> Counts:
    """The shares of the cap table with what has happened since."""
    _check_row(facts, "common", "of Common")
    counts = counted(facts.terms, facts.holdings)
    kinds: dict[str, Counted] = {}
    left: dict[str, Decimal] = {}
    for past in sorted(facts.events, key=lambda other: (other.date, other.row)):
        if past.date > event.date:
            break
        if past.date == event.date:
            # the day before's shares, but in shares of the moment: a split that has come between is made
            between = isinstance(past, Split) and _order(facts.terms, past) < _order(facts.terms, event)
            if not between and (as_of == "day_before" or past.row >= event.row):
                continue
        for kind, change in _CHANGES:
            if isinstance(past, kind):
                change(counts, past, kinds, left)
                break
    return counts


def _order(terms: Terms, event: Event) -> tuple[Moment, int]:
    return moment_of(terms, event), event.row


def _issued(counts: Counts, event: Issue, kinds: dict[str, Counted], left: dict[str, Decimal]) -> None:
    if not isinstance(event, DeemedIssue):
        counts["common"] += event.shares
        return
    category: Counted = "options" if header_name(event.security) == "option" else "convertibles"
    counts[category] += event.shares
    if event.id is not None:
        kinds[event.id], left[event.id] = category, event.shares


def _split(counts: Counts, event: Split, _kinds: dict[str, Counted], left: dict[str, Decimal]) -> None:
    for name in counts:
        if name != "series":
            counts[name] *= event.ratio
    for key in left:
        left[key] *= event.ratio


def _dividend(counts: Counts, event: StockDividend, _kinds: dict[str, Counted], left: dict[str, Decimal]) -> None:
    if event.payment_date is not None:  # it counts when it is paid
        return
    outstanding = event.common_outstanding or counts["common"]
    more = event.ratio - 1 if event.ratio is not None else (event.shares or ZERO) / outstanding
    for name in counts:  # what is on the Common follows it
        if name != "series":
            counts[name] += counts[name] * more if name != "common" or event.shares is None else event.shares
    for key in left:
        left[key] += left[key] * more


def _paid(counts: Counts, event: DividendPaid, kinds: dict[str, Counted], left: dict[str, Decimal]) -> None:
    if event.refers_to not in kinds:
        counts["common"] += event.shares
        return
    counts["options"] += event.shares  # of rights, not of Common
    left[event.refers_to] += event.shares


def _rights(counts: Counts, event: Rights, kinds: dict[str, Counted], left: dict[str, Decimal]) -> None:
    shares = event.shares if event.payment_date is None else ZERO  # else they count when they are distributed
    counts["options"] += shares
    if event.id is not None:
        kinds[event.id], left[event.id] = "options", shares


def _exercised(
    counts: Counts, event: Exercise | RightsExercised, kinds: dict[str, Counted], left: dict[str, Decimal]
) -> None:
    counts["common"] += event.shares
    _less(counts, event.refers_to, event.shares, kinds, left)


def _ended(
    counts: Counts, event: Expiry | RightsExpired | RightsRedeemed, kinds: dict[str, Counted], left: dict[str, Decimal]
) -> None:
    _less(counts, event.refers_to, event.shares if isinstance(event, Expiry) else None, kinds, left)


def _changed(counts: Counts, event: TermsChange, kinds: dict[str, Counted], left: dict[str, Decimal]) -> None:
    key = event.refers_to
    if key is None or key not in left or event.shares is None:
        return
    counts[kinds[key]] += event.shares - left[key]
    left[key] = event.shares


def _less(
    counts: Counts, key: str, shares: Decimal | None, kinds: dict[str, Counted], left: dict[str, Decimal]
) -> None:
    if key not in left:  # older than the table: the cap table has it among the options, and cannot say which
        return
    gone = left[key] if shares is None else shares
    counts[kinds[key]] -= gone
    left[key] -= gone


_CHANGES: tuple[tuple[type[Event], Callable[..., None]], ...] = (
    (Issue, _issued),
    (Split, _split),
    (StockDividend, _dividend),
    (DividendPaid, _paid),
    (Rights, _rights),
    (RightsExercised, _exercised),
    (RightsExpired, _ended),
    (RightsRedeemed, _ended),
    (Exercise, _exercised),
    (Expiry, _ended),
    (TermsChange, _changed),
)
