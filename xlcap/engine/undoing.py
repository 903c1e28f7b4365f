"""Facts that undo an adjustment: a distribution not made, rights that expire, are redeemed or are set free once more.

The price goes on from where it would be without it, or with less of it (VI.E(1), VI.E(4) and their like).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from decimal import Decimal

from xlcap.engine.adjustment import distribution
from xlcap.engine.rules import Facts, Ruling, market_price_for
from xlcap.engine.state import Item, State, is_made, positive, price_rounding, step_at, unchanged
from xlcap.engine.telling import Telling
from xlcap.engine.trace import Outcome, Step
from xlcap.errors import XlcapError
from xlcap.events import (
    Event,
    NotMade,
    Rights,
    RightsExercised,
    RightsExpired,
    RightsPlan,
    RightsRedeemed,
    Sequel,
    TriggerEvent,
    shares_when_offered,
)
from xlcap.numbers import ZERO, show


def undone(
    telling: Telling, i: int, state: State, event: NotMade | RightsExpired | RightsRedeemed | TriggerEvent
) -> tuple[State, Step]:
    """The price goes on from where it would be had the earlier event been otherwise; what it was until then stays."""
    facts, replaced, item = telling.facts, telling.replaced, telling.items[i]
    about = facts.by_id(event.refers_to)
    clause = _undoing_clause(facts, event, about)

    def nothing(reason: str) -> tuple[State, Step]:
        return state, unchanged(facts.terms, state, item, Ruling(clause, None, reason))

    undone = [
        other
        for other in _concerned(facts, event, about)
        if replaced.get(other.row, other) is not None and other.row not in state.redeemed
    ]
    label = " and ".join(other.label for other in undone) or about.label
    if not undone:
        return nothing(f"nothing is left of {label} to undo")
    ends_rights = isinstance(event, RightsExpired | RightsRedeemed)
    rule = facts.terms.adjust.rights
    if ends_rights and rule is not None and rule.readjust == "never":
        return nothing(f"the certificate does not readjust for it ({rule.clause})")
    exercised = _exercised(telling.facts, telling.items[:i], undone) if ends_rights else ZERO
    instead: Event | None = None
    if exercised > 0:
        partly = rule is not None and rule.readjust == "unexercised_part" and isinstance(event, RightsExpired)
        if not (partly and isinstance(about, Rights)):
            return nothing(f"{show(exercised)} shares were bought by exercise, so the price is not readjusted")
        instead = dataclasses.replace(about, shares=min(exercised, about.shares))
    told = {**replaced, **{other.row: instead for other in undone}}
    counted = any(other.row in replaced or _adjusts(facts, state, other) for other in undone)
    had = telling.had(told, undone, i) if counted else telling.states
    if isinstance(event, RightsRedeemed):
        if not counted:
            return nothing(f"{label} had not adjusted the price")
        gone = state.redeemed.union(other.row for other in undone)
        return _redeemed(facts, state._replace(redeemed=gone), had[i], item, event, clause)
    telling.replaced, telling.states = told, had
    if not counted:
        return nothing(f"{label} had not adjusted the price")
    # What merely undoes something is not put to the threshold.
    after = had[i]._replace(reductions=state.reductions)
    without = f"with {show(exercised)} shares only" if instead else "had it not been"
    reason = f"the price {without}: {label}"
    if after.theoretical != after.base:
        reason += f"; of it {show(after.theoretical - after.base)} is carried and not made"
    return after, step_at(state, after, item, clause, Outcome.RESTORED, after.theoretical, after.base, reason)


def _concerned(facts: Facts, event: Sequel | TriggerEvent, about: Event) -> list[Event]:
    """The events whose adjustment a later fact undoes: the one it is about, or the trigger events of the plan it names.

    A further trigger event of a plan ends the rights the earlier ones had set free.
    """
    if not isinstance(about, RightsPlan):
        return [about]
    triggers = facts.triggers(event.refers_to)
    return [*(triggers[: triggers.index(event)] if isinstance(event, TriggerEvent) else triggers)]


def _adjusts(facts: Facts, state: State, event: Event) -> bool:
    """Whether the price was adjusted for an event: its rule has a fraction, and no part of its action prevailed."""
    prevails = event.action is None or state.winners.get(event.action, event.row) == event.row
    return prevails and facts.ruling(event).fraction is not None


def _undoing_clause(facts: Facts, event: Sequel | TriggerEvent, about: Event) -> str:
    if isinstance(event, NotMade):
        return facts.ruling(about).clause
    return facts.terms.adjust.rights.readjust_clause if facts.terms.adjust.rights else ""


def _exercised(facts: Facts, items: Sequence[Item], rights: Sequence[Event]) -> Decimal:
    """Shares bought under rights so far, counted in shares of the day the rights were offered."""
    by_id = {event.id: event for event in rights}
    bought = ZERO
    for event in (item.event for item in items):
        if isinstance(event, RightsExercised) and event.refers_to in by_id:
            bought += shares_when_offered(facts.events, by_id[event.refers_to], event)
    return bought


def _redeemed(
    facts: Facts, state: State, as_if: State, item: Item, event: RightsRedeemed, clause: str
) -> tuple[State, Step]:
    """Rights redeemed unexercised become a cash distribution of the redemption price, as of that day.

    It is one readjustment, from the price in effect to the one the cash distribution would have left.
    """
    try:
        market = market_price_for(facts, event)
    except XlcapError as error:
        raise event.fault(f"{error.message} (or fill current_market_price in this row)", code=error.code) from None
    fraction = distribution(market, event.price)
    unrounded = fraction.apply(as_if.theoretical) if fraction else as_if.theoretical
    rounded = positive(item, clause, unrounded, price_rounding(facts.terms)(unrounded))
    made = is_made(facts.terms, state, unrounded)
    left = tuple(offer for offer in as_if.offers if not (made and offer.carried))
    after = state._replace(
        base=rounded if made else state.base, theoretical=unrounded, winners=as_if.winners, offers=left
    )
    outcome = Outcome.READJUSTED if made else Outcome.CARRIED
    reason = f"{event.refers_to} redeemed: as though a cash distribution of {show(event.price)} a share"
    step = step_at(state, after, item, clause, outcome, unrounded, rounded, reason, fraction, as_if.theoretical)
    return after, step
