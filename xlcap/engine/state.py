"""What a conversion price is made of between two events, and how a change to it is made, carried and recorded."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import NamedTuple

from xlcap.engine.adjustment import Fraction
from xlcap.engine.rules import Facts, Ruling
from xlcap.engine.trace import Figure, Moment, Outcome, Step
from xlcap.events import Event, Split, StockDividend
from xlcap.numbers import ZERO, Rounding, exact, guarded, show
from xlcap.terms import Terms


@dataclass(frozen=True)
class Reduction:
    """A temporary reduction that is running: dollars off whatever the price is, or a price that stands."""

    amount: Decimal
    fixed_price: Decimal | None = None


class Unadjusted(NamedTuple):
    """A tender offer, by its row, whose adjustment was not called for, or is carried forward and not made yet."""

    row: int
    carried: bool


class Basket(NamedTuple):
    """Shares issued so far under an exemption that has a limit, and the limit when the first of them were issued."""

    used: Decimal = ZERO
    first: Decimal | None = None

    @exact
    def split(self, ratio: Decimal) -> Basket:
        """The same in shares after a split of the Common."""
        return Basket(self.used * ratio, None if self.first is None else self.first * ratio)


class State(NamedTuple):
    """A price between two events: the published base, the same with what is carried, and reductions now running."""

    base: Decimal
    theoretical: Decimal
    reductions: Mapping[int, Reduction] = MappingProxyType({})
    winners: Mapping[str, int] = MappingProxyType({})
    """For each action under the greatest-adjustment rule, the row that prevails."""
    redeemed: frozenset[int] = frozenset()
    """The rows of rights that were redeemed: nothing more comes of them."""
    offers: tuple[Unadjusted, ...] = ()
    """Tender offers in respect of which no adjustment has been made."""
    basket: Basket = Basket()
    """What is used of the exemption that has a limit."""
    computed: Decimal | None = None
    """The last adjustment that was made, before it was rounded; none so far, or the price was never rounded."""

    @property
    def in_effect(self) -> Decimal:
        """The conversion price: the base with the temporary reductions."""
        if not self.reductions:
            return self.base
        running = self.reductions.values()
        reduced = self.base - sum((entry.amount for entry in running if entry.fixed_price is None), ZERO)
        return min([reduced, *(entry.fixed_price for entry in running if entry.fixed_price is not None)])


def initial(facts: Facts) -> State:
    """The price before any event."""
    price = facts.initial_price
    return State(price, price)


class Item(NamedTuple):
    """One thing that happens at a moment.

    ``ends`` is the end of a temporary reduction, or of the rights an earlier trigger event had set free.
    """

    moment: Moment
    event: Event
    ends: bool = False

    @property
    def order(self) -> tuple[Moment, bool, int]:
        """At one moment what ends goes first; otherwise the order in which the company lists the events."""
        return self.moment, not self.ends, self.event.row


def price_rounding(terms: Terms) -> Rounding:
    """How this certificate rounds a conversion price."""
    return _to_places(terms.policy.price_places)


_to_places = functools.cache(Rounding)


def is_made(terms: Terms, state: State, unrounded: Decimal) -> bool:
    """Whether a change reaches the least adjustment, before rounding."""
    policy = terms.policy
    change = guarded(abs(unrounded - state.base))
    if policy.min_adjustment_amount is not None and change < policy.min_adjustment_amount:
        return False
    if policy.min_adjustment is None:
        return True
    basis = state.in_effect if policy.threshold_basis == "price_in_effect" else state.base
    return change >= guarded(policy.min_adjustment * basis)


def in_shares_now(state: State, event: Event, fraction: Fraction) -> State:
    """What is used of a basket, after shares have been multiplied."""
    if not state.basket.used or not isinstance(event, Split | StockDividend):
        return state
    return state._replace(basket=state.basket.split(fraction.denominator / fraction.numerator))


class Move(NamedTuple):
    """What a fraction makes of a price."""

    state: State
    outcome: Outcome
    unrounded: Decimal
    rounded: Decimal


def moved(terms: Terms, state: State, item: Item, clause: str, fraction: Fraction) -> Move:
    """The carried price times the fraction: made and rounded if it is large enough, carried otherwise.

    The rounding of an adjustment that is made is final: what it cuts off is not carried, unless the terms carry it.
    """
    unrounded = fraction.apply(state.theoretical)
    rounded = positive(item, clause, unrounded, price_rounding(terms)(unrounded))
    base, theoretical, outcome = rounded, unrounded if terms.policy.carry_rounding else rounded, Outcome.ADJUSTED
    if guarded(unrounded) == guarded(state.base):
        base, theoretical, outcome = state.base, state.base, Outcome.NO_CHANGE
    elif not is_made(terms, state, unrounded):
        base, theoretical, outcome = state.base, unrounded, Outcome.CARRIED
    after = State(base, theoretical, *state[2:-1], computed=unrounded)
    if after.offers and outcome is Outcome.ADJUSTED:  # what was carried is made with it
        after = after._replace(offers=tuple(offer for offer in after.offers if not offer.carried))
    return Move(after, outcome, unrounded, rounded)


def adjusted(terms: Terms, state: State, item: Item, clause: str, fraction: Fraction) -> tuple[State, Step]:
    """What a fraction makes of the price, with the trace of it."""
    after, outcome, unrounded, rounded = moved(terms, state, item, clause, fraction)
    reason = _too_small(terms) if outcome is Outcome.CARRIED else ""
    return after, step_at(state, after, item, clause, outcome, unrounded, rounded, reason, fraction, state.theoretical)


def _too_small(terms: Terms) -> str:
    policy = terms.policy
    amount, part = policy.min_adjustment_amount, policy.min_adjustment
    least = [f"{show(amount, 2)} dollars"] if amount is not None else []
    least += [f"{show(part * 100)}% of the price"] if part is not None else []
    return under(f"a change of less than {' or '.join(least)} is carried forward", policy.clause)


def under(what: str, clause: str) -> str:
    """What is done, with the section it is done under, if the terms name one."""
    return f"{what} ({clause})" if clause else what


def positive(item: Item, clause: str, unrounded: Decimal, rounded: Decimal) -> Decimal:
    """``rounded``, unless it is zero: a conversion price of nothing has no lawful meaning."""
    if rounded <= 0:
        raise item.event.fault(
            f"the adjusted conversion price, {show(unrounded)}, rounds to {show(rounded)} under {clause}; "
            "shares cannot convert at a price of zero: check the event, or state what was agreed instead",
            code="#NUM!",
        )
    return rounded


def step_at(
    before: State,
    after: State,
    item: Item,
    clause: str,
    outcome: Outcome,
    unrounded: Decimal,
    rounded: Decimal,
    reason: str,
    fraction: Fraction | None = None,
    start: Decimal | None = None,
    figures: Mapping[str, Figure] | None = None,
    worked: str = "",
) -> Step:
    """The trace of what an item did: from one state to the next."""
    return Step(
        moment=item.moment,
        clause=clause,
        of=item.event,
        outcome=outcome,
        before=before.in_effect,
        unrounded=unrounded,
        rounded=rounded,
        price=after.in_effect,
        carried=after.theoretical - after.base,
        reason=reason,
        start=before.theoretical if start is None else start,
        fraction=fraction,
        figures=figures or MappingProxyType({}),
        worked=worked,
    )


def unchanged(terms: Terms, state: State, item: Item, ruling: Ruling) -> Step:
    """The trace of an item that leaves the price as it is, with the reason."""
    rounded = price_rounding(terms)(state.theoretical)
    return step_at(
        state,
        state,
        item,
        ruling.clause,
        Outcome.NO_CHANGE,
        state.theoretical,
        rounded,
        ruling.reason,
        figures=ruling.inputs,
    )
