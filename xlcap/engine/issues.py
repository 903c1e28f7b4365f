"""Common issued, or deemed issued, below the conversion price: what counts, for how much, and what the price becomes.

The rule looks at the price before the issue, so it is asked in the middle of the story; see ``replay``.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from xlcap.engine.adjustment import (
    Fraction,
    Outstanding,
    full_ratchet,
    weighted_average,
    weighted_average_after,
)
from xlcap.engine.capitalization import shares_before
from xlcap.engine.exemptions import basket_limit, exemption, within_basket
from xlcap.engine.instruments import least_payable
from xlcap.engine.rules import Facts, Ruling
from xlcap.engine.schedule import Units
from xlcap.engine.state import Basket, State
from xlcap.errors import XlcapError
from xlcap.events import Capitalized, DeemedIssue, Event, Issue
from xlcap.numbers import ZERO, exact, guarded, show
from xlcap.preference import converting_a_share
from xlcap.tables import header_name
from xlcap.terms.rules import Basket as BasketRule
from xlcap.terms.rules import Counted, Exemption, IssueRule

COLUMNS: Mapping[Counted, str] = {
    "common": "common_outstanding",
    "series": "series_shares",
    "preferred": "preferred_as_converted",
    "options": "options_outstanding",
    "convertibles": "convertibles_outstanding",
    "reserved_pool": "reserved_pool",
}
"""The column of an event that holds each count a weighted average may take in."""


class Sold(NamedTuple):
    """What of an issue counts: its shares, and the consideration for them."""

    shares: Decimal
    consideration: Decimal


@exact
def sold(rule: IssueRule, event: Issue) -> Sold:
    """All shares of an issue, and what the company received, or is deemed to receive, for them."""
    money = event.received
    if isinstance(event, DeemedIssue):
        money += least_payable(rule, event)
    if rule.expenses_deducted:
        money -= event.expenses
    return Sold(event.shares, money)


def clause_of(rule: IssueRule, event: Issue) -> str:
    """The section an issue falls under."""
    if event.event == "terms_change" and rule.repricing:
        return rule.repricing.clause
    if isinstance(event, DeemedIssue) and rule.deemed:
        return rule.deemed.clause
    return rule.clause


# --- what counts ---------------------------------------------------------------------------------------------------


@exact
def outstanding(facts: Facts, rule: IssueRule, event: Issue, what: Sequence[Counted]) -> Outstanding:
    """The shares before an issue that the certificate counts: stated in the row, or taken from the cap table."""
    counts: dict[str, Decimal] = {}
    blank = [name for name in what if getattr(event, COLUMNS[name]) is None]
    table = shares_before(facts, event, rule.count_as_of, blank) if blank and facts.holdings else {}
    for name in what:
        stated = getattr(event, COLUMNS[name])
        count = table.get(name) if stated is None else stated
        if count is None:
            raise event.fault(
                f"is blank, and the certificate counts it ({rule.clause}): give the number, or 0 if there are none",
                COLUMNS[name],
            )
        counts[COLUMNS[name]] = count
    series = counts.get("series_shares", ZERO) * converting_a_share(facts.terms, ZERO)
    besides = sum((count for name, count in counts.items() if name != "series_shares"), ZERO)
    return Outstanding(besides, series, counts)


class Issued(NamedTuple):
    """What an issue does: the ruling, and how much of the exemption's basket is used afterwards."""

    ruling: Ruling
    basket: Basket


@exact
def issued(facts: Facts, rule: IssueRule, event: Issue, state: State, published: Decimal) -> Issued:
    """The ruling on an issue at a price (D.8(i), 3(e)(vi)A and their like).

    It adjusts where its effective price is below the price in effect. The new price is worked out from the price with
    what is carried forward, and is never above it: an issue between the two changes nothing. ``published`` is the price
    that was in effect when the issue was first told of, for terms that count the series at it.
    """
    clause, figures = clause_of(rule, event), facts.once("sold", event, lambda: sold(rule, event))
    ended = facts.automatic_conversion
    if rule.until_automatic_conversion and ended is not None and event.date > ended:
        return Issued(
            Ruling(clause, None, f"the shares convert since {ended}, which ends this protection"), state.basket
        )
    used = state.basket
    if event.exempt is not None:
        key, entry = _named(facts, rule, event)
        if rule.basket is None or rule.basket.exempt != key:
            reason = f"exempt under {entry.clause}: {entry.what}"
            return Issued(Ruling(entry.clause, None, reason), used)
        figures, used = _beyond_basket(facts, rule, rule.basket, event, figures, state)
        if not figures.shares:
            reason = f"exempt under {rule.basket.clause}: {show(used.used)} shares in all, within its limit"
            return Issued(Ruling(rule.basket.clause, None, reason), used)
    ruling = _below(facts, rule, clause, event, figures, state, published)
    left_out = used.used - state.basket.used
    if left_out and ruling.fraction is not None:  # for whoever checks why fewer shares count than were issued
        told = {**ruling.fraction.inputs, "shares_issued": event.shares, "of_them_exempt": left_out}
        ruling = ruling._replace(fraction=ruling.fraction._replace(inputs=told))
    return Issued(ruling, used)


def _named(facts: Facts, rule: IssueRule, event: Issue) -> tuple[str, Exemption]:
    try:
        return exemption(facts.terms, rule, event.exempt or "")
    except XlcapError as error:
        raise event.fault(error.message, "exempt", error.code) from None


def _beyond_basket(
    facts: Facts, rule: IssueRule, limited: BasketRule, event: Issue, figures: Sold, state: State
) -> tuple[Sold, Basket]:
    """What of an issue is more than the basket holds, and what is used of it then."""
    limit = state.basket.first  # as it was at the first issue, in shares of this day
    if limit is None or (limited.fraction is not None and limited.fully_diluted == "moving"):
        counted = ZERO
        if limited.fraction is not None:
            everything: tuple[Counted, ...] = rule.count or ("common", "series", "preferred", "options", "convertibles")
            counted = outstanding(facts, rule, event, everything).at(state.theoretical)
        limit = basket_limit(limited, counted)
    inside = within_basket(limited, figures.shares, state.basket.used, limit)
    beyond = figures.shares - inside
    sold_beyond = Sold(beyond, figures.consideration * beyond / figures.shares)
    first = limit if state.basket.first is None else state.basket.first
    return sold_beyond, Basket(state.basket.used + inside, first)


def _below(
    facts: Facts, rule: IssueRule, clause: str, event: Issue, figures: Sold, state: State, published: Decimal
) -> Ruling:
    shares, money = figures

    def stays(reason: str) -> Ruling:
        return Ruling(
            clause, None, reason, {"consideration": money, "shares": shares, "effective_price": money / shares}
        )

    # multiplied through by the shares, so that the test is exact
    if guarded(money) >= guarded(state.in_effect * shares):
        reason = f"the effective price {show(money / shares)} is not below the price in effect {show(state.in_effect)}"
        return stays(reason)
    if money < 0 or (not money and rule.formula == "FULL_RATCHET"):
        raise event.fault(
            f"the effective price is {show(money / shares)} ({clause}): a conversion price cannot become that; check "
            "the consideration"
            + (" and the expenses" if rule.expenses_deducted else "")
            + ", or state what was agreed",
            "cash",
            code="#NUM!",
        )
    fraction = _fraction(facts, rule, event, figures, state, published)
    if guarded(fraction.numerator) >= guarded(fraction.denominator):
        return stays(f"with what is carried forward the price is already {show(state.theoretical)}")
    return Ruling(clause, fraction)


def _fraction(facts: Facts, rule: IssueRule, event: Issue, figures: Sold, state: State, published: Decimal) -> Fraction:
    price, (shares, money) = state.theoretical, figures
    if rule.formula == "FULL_RATCHET":
        return full_ratchet(price, shares, money)
    before = facts.once("outstanding", event, lambda: outstanding(facts, rule, event, rule.count))
    if rule.fd_price == "after":
        return weighted_average_after(price, before, shares, money)
    counted_at = published if rule.fd_price == "before_as_published" else None
    after = None
    if rule.denominator == "as_counted":
        after = event.outstanding_after
        if after is None:
            raise event.fault(f"is blank, and these terms take the shares after the issue from it ({rule.clause})",
                              "outstanding_after")  # fmt: skip
        least = before.at(price if counted_at is None else counted_at) + shares
        if guarded(after) < guarded(least):
            raise event.fault(
                f"{show(after)} is less than {show(least)}, which there are with this issue alone", "outstanding_after"
            )
    return weighted_average(price, before, shares, money, counted_at=counted_at, after=after)


# --- closings ------------------------------------------------------------------------------------------------------


def earlier_closings(rule: IssueRule, earlier: Iterable[Event], event: Issue) -> list[Issue]:
    """The closings before this one that count as one issue with it, the first of them first.

    The window runs from the first closing of an issue; one after its end is the first of another. What is exempt closes
    by itself.
    """
    if rule.closing_window_days is None or event.closing is None:
        return []
    together: list[Issue] = []
    for other in (*earlier, event):
        if isinstance(other, Issue) and other.closing is not None and _name(other) == _name(event):
            within = bool(together) and (other.date - together[0].date).days <= rule.closing_window_days
            together = [*together, other] if within else [other]
    return together[:-1]


def _name(event: Issue) -> tuple[str, str | None]:
    return header_name(event.closing or ""), event.exempt and header_name(event.exempt)


@exact
def one_issue(rule: IssueRule, first: Issue, parts: Sequence[Issue], units: Units) -> Issue:
    """Several closings as one issue on the day of the first, in shares of that day.

    ``parts`` are the closings as each of them now counts; what was an instrument may have ended since.
    """
    shared = {field.name: getattr(first, field.name) for field in dataclasses.fields(Capitalized)}
    shares = sum((part.shares / units.between(first, part) for part in parts), ZERO)
    money = sum((part.received for part in parts), ZERO)
    expenses = sum((part.expenses for part in parts), ZERO)
    instruments = [part for part in parts if isinstance(part, DeemedIssue)]
    if not instruments:
        return Issue(**shared, shares=shares, cash=money, expenses=expenses)
    least = sum((least_payable(rule, part) for part in instruments), ZERO)
    return DeemedIssue(**shared, shares=shares, cash=money, expenses=expenses, min_exercise=least)
