"""The story of a conversion price: a fold over what happened, and the same fold again where a later fact changes it.

A dividend that is not made, rights that expire and rights that are redeemed are one operation: the same history told
again with other facts, from which the price goes on.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from xlcap.engine.adjustment import distribution
from xlcap.engine.reduction import voluntary
from xlcap.engine.rules import Facts, Ruling, market_price_for, schedule
from xlcap.engine.state import Item, State, adjusted, initial, is_made, positive, price_rounding, step_at, unchanged
from xlcap.engine.trace import Moment, Outcome, Step
from xlcap.errors import XlcapError
from xlcap.events import (
    Event,
    NotMade,
    Reorganization,
    Rights,
    RightsExercised,
    RightsExpired,
    RightsPlan,
    RightsRedeemed,
    Sequel,
    TradedEvent,
    TriggerEvent,
    VoluntaryReduction,
    numbered,
    shares_when_offered,
)
from xlcap.numbers import ZERO, exact, show

_DAY = dt.timedelta(days=1)

Replaced = Mapping[int, Event | None]
"""Events told otherwise in a replay, by row: None as though they had never been."""


def items_of(facts: Facts) -> list[Item]:
    """Everything that happens, in its order."""
    return sorted(_items(facts), key=lambda item: item.order)


def _items(facts: Facts) -> Iterator[Item]:
    for event in facts.events:
        timing = schedule(facts.terms, event)
        if timing:
            slot, next_day = timing
            yield Item(Moment.at(event.date + _DAY if next_day else event.date, slot), event)
            if isinstance(event, TriggerEvent) and facts.triggers(event.refers_to)[0] is not event:
                yield Item(Moment.at(event.date, "close"), event, ends=True)
        elif isinstance(event, NotMade):
            yield Item(Moment.at(event.date, "open"), event)
        elif isinstance(event, RightsExercised):
            yield Item(Moment.at(event.date, "intraday"), event)
        elif isinstance(event, VoluntaryReduction):
            yield Item(Moment.at(event.date, "pre_open"), event)
            yield Item(Moment.at(event.end_date + _DAY, "pre_open"), event, ends=True)
        else:
            yield Item(Moment.at(event.date, "close"), event)


@dataclass
class _Telling:
    """The story as far as it is told: what is told otherwise than it was, and the state before every item so far.

    The states are those of this telling. Where a later fact tells an event otherwise, they are told anew from it on, so
    that the next such fact finds a past without it.
    """

    facts: Facts
    items: Sequence[Item]
    first: Mapping[int, int]
    """The place of an event's first item, by row."""
    replaced: Replaced
    states: list[State]

    def next(self) -> Step:
        """Tell one item more."""
        i = len(self.states) - 1
        state, step = _next(self, i, self.states[i])
        if state.in_effect <= 0:
            raise self.items[i].event.fault(
                f"with the temporary reduction that is running, a conversion price of {show(state.in_effect)} would be "
                "left; shares cannot convert at it: check the reduction, or state what was agreed instead",
                code="#NUM!",
            )
        self.states.append(state)
        return step

    def had(self, told: Replaced, changed: Sequence[Event], until: int) -> list[State]:
        """The states up to an item, had the events that changed been as ``told``: the same as here before them all."""
        touched = {part.row for event in changed for part in (event, *self.facts.action(event))}
        start = min(until, *(self.first[row] for row in touched))
        other = _Telling(self.facts, self.items, self.first, told, self.states[: start + 1])
        while len(other.states) <= until:
            other.next()
        return other.states


def fold(facts: Facts, items: Sequence[Item]) -> Iterator[tuple[State, Step]]:
    """The story: after each item, the state and what was done."""
    first = {items[i].event.row: i for i in reversed(range(len(items)))}
    telling = _Telling(facts, items, first, {}, [initial(facts.terms)])
    for _ in items:
        step = telling.next()
        yield telling.states[-1], step


@exact
def _next(telling: _Telling, i: int, state: State) -> tuple[State, Step]:
    facts, replaced, item = telling.facts, telling.replaced, telling.items[i]
    event = replaced.get(item.event.row, item.event) if replaced else item.event
    if event is None or event.row in state.redeemed:
        note = Ruling("", None, f"{numbered(item.event)} is as though it had never been")
        return state, unchanged(facts.terms, state, item, note)
    if isinstance(event, TradedEvent) and not item.ends:
        return _by_rule(telling, item, state, event)
    if isinstance(event, VoluntaryReduction):
        return voluntary(facts.terms, state, item, event)
    if isinstance(event, NotMade | RightsExpired | RightsRedeemed | TriggerEvent):
        return _undone(telling, i, state, event)
    if isinstance(event, Reorganization):
        rule = facts.terms.adjust.reorganization
        note = Ruling(rule.clause if rule else "", None, f"conversion delivers {event.property} instead of Common")
        return state, unchanged(facts.terms, state, item, note)
    if isinstance(event, RightsPlan):
        rule_of_rights = facts.terms.adjust.distribution
        note = Ruling(rule_of_rights.clause if rule_of_rights else "", None, "no adjustment before a trigger event")
        return state, unchanged(facts.terms, state, item, note)
    assert isinstance(event, RightsExercised)
    note = Ruling("", None, f"{show(event.shares)} shares bought under {event.refers_to}")
    return state, unchanged(facts.terms, state, item, note)


def _by_rule(telling: _Telling, item: Item, state: State, event: TradedEvent) -> tuple[State, Step]:
    """What the Common trades with or without adjusts the price by its rule, unless its action has a greater part."""
    facts = telling.facts
    ruling = facts.ruling(event) if event is item.event else _ruling_on(facts, event)
    clause = ruling.clause
    if event.action is not None:
        state, loses = _greatest(facts, state, event, telling.replaced)
        if loses:
            ruling = Ruling(clause, None, loses)
        elif event.action and facts.is_combined(event) and event.action not in state.winners:
            clause += " (combined)"
    if ruling.fraction is None:
        return state, unchanged(facts.terms, state, item, ruling)
    return adjusted(facts.terms, state, item, clause, ruling.fraction)


def _ruling_on(facts: Facts, event: Event) -> Ruling:
    """The ruling on an event told otherwise than the facts have it."""
    changed = tuple(event if other.row == event.row else other for other in facts.events)
    return Facts(facts.terms, changed, facts.quotes).ruling(event)


# --- one action under several provisions ----------------------------------------------------------------------------


def _greatest(facts: Facts, state: State, event: Event, replaced: Replaced) -> tuple[State, str]:
    """Under the greatest-adjustment rule: the state with the winner of this action noted, and why this event loses."""
    if event.action is None:
        return state, ""
    winner = state.winners.get(event.action)
    if winner is None:
        left = [part for part in facts.action(event) if part.row not in state.redeemed]
        winner = facts.prevailing(event, [part for part in left if replaced.get(part.row, part) is not None])
        if winner is None:
            return state, ""
        state = state._replace(winners={**state.winners, event.action: winner})
    if winner == event.row:
        return state, ""
    clause = facts.terms.policy.overlap_clause
    return (
        state,
        f"row {winner} of the same action changes the price more, and only the greatest adjustment is made"
        + (f" ({clause})" if clause else ""),
    )


# --- facts that change what came before -----------------------------------------------------------------------------


def _undone(
    telling: _Telling, i: int, state: State, event: NotMade | RightsExpired | RightsRedeemed | TriggerEvent
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
    exercised = _exercised(telling.facts, telling.items[:i], undone) if ends_rights else ZERO
    rule = facts.terms.adjust.rights
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
    after = state._replace(base=rounded if made else state.base, theoretical=unrounded, winners=as_if.winners)
    outcome = Outcome.READJUSTED if made else Outcome.CARRIED
    reason = f"{event.refers_to} redeemed: as though a cash distribution of {show(event.price)} a share"
    step = step_at(state, after, item, clause, outcome, unrounded, rounded, reason, fraction, as_if.theoretical)
    return after, step
