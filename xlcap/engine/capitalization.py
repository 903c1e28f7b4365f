"""The shares outstanding before an event, from a cap table and what has happened since.

The cap table is as of the day before the first event listed. What happens in the events table is carried forward from
it: issues, instruments and what becomes of them, splits, dividends in Common, shares bought back. What it does not list
(conversions of preferred, prices of other classes) stays as the cap table has it.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from xlcap.captable import Holding, share_rows
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
    NotMade,
    Rights,
    RightsExercised,
    RightsExpired,
    RightsRedeemed,
    Split,
    StockDividend,
    TenderOffer,
    TermsChange,
)
from xlcap.numbers import ONE, ZERO, exact
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
    common = shares_before(facts, event, "immediately_prior", ["common"])["common"]
    if not common:
        raise event.fault("is blank, and the cap table has no Common before the dividend", "common_outstanding")
    return dataclasses.replace(event, common_outstanding=common)


COUNTED_AS: Mapping[str, Counted] = {
    "common": "common",
    "option": "options",
    "warrant": "options",
    "convertible": "convertibles",
    "note": "convertibles",
    "safe": "convertibles",
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
    for holding in share_rows(holdings):
        category = _category(terms, holding)
        counts[category] += holding.shares if category == "series" else holding.common
    return counts


Counting = Literal["day_before", "immediately_prior"]


def table_counts(terms: Terms, holdings: Sequence[Holding], wanted: Sequence[Counted]) -> Counts:
    """The shares ``wanted`` of a cap table; Common or the series without a row is an error, not a count of zero."""
    for category, words in (("common", "of Common"), ("series", f"of this series (terms {terms.id})")):
        if category in wanted and not any(_category(terms, row) == category for row in share_rows(holdings)):
            raise XlcapError(f"has no row {words}, and the certificate counts it", where="cap_table")
    return counted(terms, holdings)


@exact
def shares_before(facts: Facts, event: Event, as_of: Counting, wanted: Sequence[Counted]) -> Counts:
    """The shares ``wanted``, at the close of the day before an event or immediately before it."""
    ledger = _Ledger(table_counts(facts.terms, facts.holdings, wanted))
    fallen = {other.refers_to for other in facts.events if isinstance(other, NotMade)}
    for past in sorted(facts.events, key=lambda other: (other.date, other.row)):
        if past.date > event.date:
            break
        if past.date == event.date:
            # the day before's shares, but in shares of the moment: a split that has come between is made
            between = isinstance(past, Split) and _order(facts.terms, past) < _order(facts.terms, event)
            if not between and (as_of == "day_before" or past.row >= event.row):
                continue
        if past.id is None or past.id not in fallen:
            _enter(ledger, facts.root(past).row, past)
    return ledger.counts


@dataclass
class _Ledger:
    """The shares counted; of each instrument listed, what is left and what it counts as, by the row that issued it."""

    counts: Counts
    left: dict[int, Decimal] = field(default_factory=dict)
    kinds: dict[int, Counted] = field(default_factory=dict)

    def issue(self, row: int, category: Counted, shares: Decimal) -> None:
        self.counts[category] += shares
        self.left[row], self.kinds[row] = self.left.get(row, ZERO) + shares, category

    def take(self, row: int, shares: Decimal | None) -> None:
        """Of an instrument, so many shares are exercised or end; one older than the table is not told apart."""
        if row in self.left:
            gone = self.left[row] if shares is None else shares
            self.counts[self.kinds[row]] -= gone
            self.left[row] -= gone

    def multiply(self, ratio: Decimal, but: Sequence[Counted]) -> None:
        """A split, or a dividend in Common: what is on the Common follows it."""
        for name in self.counts:
            if name not in but:
                self.counts[name] *= ratio
        for row in self.left:
            self.left[row] *= ratio


def _order(terms: Terms, event: Event) -> tuple[Moment, int]:
    return moment_of(terms, event), event.row


def _enter(ledger: _Ledger, row: int, event: Event) -> None:
    """What an event does to the shares; ``row`` is that of the instrument, or the dividend, it is about."""
    match event:
        case DeemedIssue():
            option = header_name(event.security) == "option"
            ledger.issue(row, "options" if option else "convertibles", event.shares)
        case Issue():
            ledger.counts["common"] += event.shares
        case TenderOffer():
            ledger.counts["common"] -= event.shares
        case Split():
            ledger.multiply(event.ratio, but=["series"])
        case StockDividend() if event.payment_date is None:  # else it counts when it is paid
            if event.ratio is not None:
                ledger.multiply(event.ratio, but=["series"])
            else:
                shares, outstanding = event.shares or ZERO, event.common_outstanding or ONE
                ledger.multiply(1 + shares / outstanding, but=["series", "common"])
                ledger.counts["common"] += shares
        case Rights():
            ledger.issue(row, "options", event.shares if event.payment_date is None else ZERO)
        case DividendPaid():
            if row in ledger.kinds:  # of rights, not of Common
                ledger.issue(row, "options", event.shares)
            else:
                ledger.counts["common"] += event.shares
        case Exercise() | RightsExercised():
            ledger.counts["common"] += event.shares
            ledger.take(row, event.shares)
        case Expiry():
            ledger.take(row, event.shares)
        case RightsExpired() | RightsRedeemed():
            ledger.take(row, None)
        case TermsChange() if event.shares is not None and row in ledger.left:
            ledger.counts[ledger.kinds[row]] += event.shares - ledger.left[row]
            ledger.left[row] = event.shares
