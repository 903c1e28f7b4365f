"""Common issued, or deemed issued, below the conversion price: what counts, for how much, and what the price becomes.

The rule looks at the price before the issue, so it is asked in the middle of the story; see ``replay``.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
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
from xlcap.engine.instruments import Life, as_left, least_payable, older, price_each
from xlcap.engine.rules import Facts, Ruling
from xlcap.engine.schedule import Units
from xlcap.engine.state import Basket, State
from xlcap.errors import XlcapError, nearest
from xlcap.events import DeemedIssue, Event, Exercise, Expiry, Issue, TermsChange
from xlcap.numbers import ZERO, exact, guarded, show
from xlcap.preference import converting_a_share
from xlcap.tables import header_name
from xlcap.terms import Terms
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


# --- what is left out ----------------------------------------------------------------------------------------------


def exemption(terms: Terms, rule: IssueRule, name: str) -> tuple[str, Exemption]:
    """The exemption called so, by its name in the terms or by its section; another word is an error."""
    wanted = name.strip()
    for key, entry in rule.exempt.items():
        if _called(wanted, key, entry):
            return key, entry
    known = [*rule.exempt, *(entry.clause for entry in rule.exempt.values())]
    close = nearest(header_name(wanted), known)
    listed = ", ".join(f"{key} ({entry.clause})" for key, entry in rule.exempt.items()) or "none"
    hint = f"did you mean '{close}'?" if close else f"{terms.id} has {listed}"
    raise XlcapError(f"the certificate has no exemption '{wanted}'; {hint}", code="#N/A")


def _called(name: str, key: str, entry: Exemption) -> bool:
    return header_name(name.strip()) == key or _section(name) == _section(entry.clause)


def _section(text: str) -> str:
    return text.replace(" ", "").lower()


@exact
def basket_limit(basket: BasketRule, fully_diluted: Decimal) -> Decimal:
    """The most shares a basket holds: a number, or a part of the fully diluted shares."""
    if basket.fraction is None:
        assert basket.shares is not None  # Basket checks it
        return basket.shares
    return fully_diluted * basket.fraction.numerator / basket.fraction.denominator


@exact
def within_basket(basket: BasketRule, shares: Decimal, used: Decimal, limit: Decimal) -> Decimal:
    """How many of ``shares`` still fit into the basket (an issue that does not fit may count as a whole)."""
    room = max(ZERO, limit - used)
    if guarded(shares) <= guarded(room):
        return shares
    return room if basket.overflow == "excess" else ZERO


# --- what counts ---------------------------------------------------------------------------------------------------


@exact
def outstanding(facts: Facts, rule: IssueRule, event: Issue, what: Sequence[Counted]) -> Outstanding:
    """The shares before an issue that the certificate counts: stated in the row, or taken from the cap table."""
    counts: dict[str, Decimal] = {}
    table = shares_before(facts, event, rule.count_as_of) if facts.holdings else {}
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
    inputs = {"consideration": money, "shares": shares, "effective_price": money / shares}
    # multiplied through by the shares, so that the test is exact
    if guarded(money) >= guarded(state.in_effect * shares):
        reason = f"the effective price {show(money / shares)} is not below the price in effect {show(state.in_effect)}"
        return Ruling(clause, None, reason, inputs)
    if guarded(money) >= guarded(state.theoretical * shares):
        reason = f"with what is carried forward the price is already {show(state.theoretical)}"
        return Ruling(clause, None, reason, inputs)
    if money < 0 or (not money and rule.formula == "FULL_RATCHET"):
        raise event.fault(
            f"the effective price is {show(money / shares)} ({clause}): a conversion price cannot become that; check "
            "the consideration"
            + (" and the expenses" if rule.expenses_deducted else "")
            + ", or state what was agreed",
            "cash",
            code="#NUM!",
        )
    return Ruling(clause, _fraction(facts, rule, event, figures, state, published))


def _fraction(facts: Facts, rule: IssueRule, event: Issue, figures: Sold, state: State, published: Decimal) -> Fraction:
    price, (shares, money) = state.theoretical, figures
    if rule.formula == "FULL_RATCHET":
        return full_ratchet(price, shares, money)
    before = facts.once("outstanding", event, lambda: outstanding(facts, rule, event, rule.count))
    if rule.fd_price == "after":
        return weighted_average_after(price, before, shares, money)
    after = None
    if rule.denominator == "as_counted":
        after = event.outstanding_after
        if after is None:
            raise event.fault(f"is blank, and these terms take the shares after the issue from it ({rule.clause})",
                              "outstanding_after")  # fmt: skip
    counted_at = published if rule.fd_price == "before_as_published" else None
    return weighted_average(price, before, shares, money, counted_at=counted_at, after=after)


# --- closings, and changes of an instrument's terms ----------------------------------------------------------------


def earlier_closings(rule: IssueRule, earlier: Iterable[Event], event: Issue) -> list[Issue]:
    """The closings before this one that count as one issue with it, the first of them first.

    The window runs from the first closing of an issue; one after its end is the first of another.
    """
    if rule.closing_window_days is None or event.closing is None:
        return []
    name = header_name(event.closing)
    together: list[Issue] = []
    for other in (*earlier, event):
        if isinstance(other, Issue) and other.closing is not None and header_name(other.closing) == name:
            within = bool(together) and (other.date - together[0].date).days <= rule.closing_window_days
            together = [*together, other] if within else [other]
    return together[:-1]


@exact
def one_issue(rule: IssueRule, closings: Sequence[Issue], units: Units) -> Issue:
    """Several closings as one issue on the day of the first, in shares of that day."""
    first, *_ = closings
    least = sum((least_payable(rule, each) for each in closings if isinstance(each, DeemedIssue)), ZERO)
    whole = dataclasses.replace(
        first,
        shares=sum((each.shares / units.between(first, each) for each in closings), ZERO),
        cash=sum((each.received for each in closings), ZERO),
        property_value=ZERO,
        allocated_elsewhere=ZERO,
        expenses=sum((each.expenses for each in closings), ZERO),
    )
    if isinstance(whole, DeemedIssue):
        return dataclasses.replace(whole, min_exercise=least, min_conversion=ZERO, debt_cancelled=ZERO)
    return whole


Effect = str
"""What a change of an instrument's terms is: ``recompute``, ``reissue``, ``replace`` or ``nothing``."""


def effect_of(
    rule: IssueRule, change: TermsChange, before: DeemedIssue | None, after: DeemedIssue
) -> tuple[Effect, str]:
    """What a change of an instrument's terms does, and why.

    ``before`` is what was left of the instrument, and ``after`` the same as changed, each as an issue of the day of the
    change; None for an instrument older than the table. ``recompute``: as though so issued from the beginning.
    ``reissue``: issued once more, besides. ``replace``: the old one ends and a new one is issued.
    """
    by, deemed = header_name(change.by), rule.deemed
    falls = before is None or price_each(rule, after) < price_each(rule, before)
    if rule.repricing and by != "antidilution":
        if falls:
            return "reissue", "a reduction of its price is an issue at the new one"
        return "nothing", "its price is not reduced"
    if deemed is None:
        return "nothing", "the certificate counts instruments only when they are exercised"
    if by == "antidilution" and not deemed.antidilution:
        return "nothing", f"changes by clauses against dilution are not counted ({deemed.readjust_clause})"
    if by == "agreement" and deemed.amendment == "nothing":
        return "nothing", "the certificate has no clause for an amendment"
    if before is None and deemed.unadjusted_revision == "at_revision":
        return "reissue", "it is older than the certificate, and taken as issued on the day of the change"
    if by == "agreement":
        effects = {
            "new_issue": ("replace" if before else "reissue", "amended: the old one ends and a new one is issued"),
            "recompute": ("recompute", "amended") if before else ("nothing", "it is older than the certificate"),
        }
        return effects[deemed.amendment]
    if before is None:
        return "nothing", "it is older than the certificate and changes by its own terms"
    moved = {
        "increase": price_each(rule, after) > price_each(rule, before),
        "decrease": falls,
        "share_change": after.shares != before.shares,
    }
    if any(moved[word] for word in moved if word in deemed.readjust_on):
        return "recompute", "changed by its own terms"
    if by == "antidilution" and rule.repricing:
        return "nothing", "a change by its own clause against dilution is no repricing"
    return "nothing", f"the certificate does not readjust for it ({deemed.readjust_clause or deemed.clause})"


@dataclass(frozen=True)
class Change:
    """A change of an instrument's terms: what it does, why, and the issue it makes where it is one."""

    effect: Effect
    reason: str
    issue: DeemedIssue


def _until_modified(rule: IssueRule, issue: DeemedIssue | TermsChange) -> Exemption | None:
    """The exemption of an instrument, if it is one that ends when the terms are modified (3(e)(vi)E(III))."""
    for key, entry in rule.exempt.items():
        if issue.exempt is not None and entry.until_modified and _called(issue.exempt, key, entry):
            return entry
    return None


def without_premium(rule: IssueRule, event: DeemedIssue) -> DeemedIssue:
    """An option repriced, as an issue: without what was first paid for it, where the terms leave that out."""
    is_option = header_name(event.security) == "option"
    if rule.repricing is None or rule.repricing.repricing_premium or not is_option:
        return event
    return dataclasses.replace(event, cash=ZERO)


@exact
def change_of(rule: IssueRule, change: TermsChange, life: Life | None, units: Units) -> Change:
    """What a change does to an instrument (None: one older than the table); ``life`` is as it was until then."""
    lost = _until_modified(rule, change)
    if lost is not None and header_name(change.by) != "antidilution":
        raise change.fault(f"this exemption ends with the modification ({lost.clause}); leave it blank", "exempt")
    if life is None:
        after = without_premium(rule, older(change))
        return Change(*effect_of(rule, change, None, after), after)
    before = as_left(rule, life, change, life.facts, units)
    after = as_left(rule, life, change, [*life.facts, change], units)
    if after.exempt is None and not _until_modified(rule, life.issue):
        after = dataclasses.replace(after, exempt=life.issue.exempt)
    effect, reason = effect_of(rule, change, before, after)
    if change.cash is not None:
        after = dataclasses.replace(after, cash=change.cash)
    return Change(effect, reason, without_premium(rule, after))


@exact
def lives(
    rule: IssueRule,
    root: Event,
    facts: Sequence[Event],
    units: Units,
    reissued: Callable[[TermsChange], bool] = lambda _change: False,
) -> list[Life]:
    """An instrument from issue to issue: first its own, then each change of its terms that issues it anew.

    ``reissued`` tells of the changes that did so in the story told: one that had adjusted nothing may count from there.
    """
    past: list[Life] = []
    ended = False  # its exemption, by a change that is not itself an issue
    life = Life(root) if isinstance(root, DeemedIssue) else None
    for fact in facts:
        if isinstance(fact, TermsChange):
            change = change_of(rule, fact, life, units)
            if life is None or change.effect in ("reissue", "replace") or reissued(fact):
                if life is not None:
                    past.append(dataclasses.replace(life, kept=ZERO) if change.effect == "replace" else life)
                life = Life(change.issue, counts=change.effect != "nothing")
                continue
            ended = ended or (header_name(fact.by) != "antidilution" and _until_modified(rule, life.issue) is not None)
        assert life is not None  # the root of an older instrument is its first change
        if isinstance(fact, Exercise) and ended:
            raise fact.fault(
                f"'{fact.refers_to}' lost its exemption when its terms were modified, and its shares are now issued: "
                "enter them in a row 'issue', with all that was received for them",
                "event",
            )
        if isinstance(fact, Expiry):
            left = as_left(rule, life, fact, life.facts, units).shares
            part = ZERO if fact.shares is None or not left else 1 - fact.shares / left
            past = [dataclasses.replace(earlier, kept=earlier.kept * part) for earlier in past]
        life = dataclasses.replace(life, facts=(*life.facts, fact))
    return [*past, life] if life else past
