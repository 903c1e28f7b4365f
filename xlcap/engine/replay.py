"""The story of a conversion price: a fold over what happened.

Each item is told by what it is: by its rule here, or as a later fact in ``readjustment`` (issues and instruments),
``unpaid`` (dividends not paid as declared) and ``undoing`` (what is not made, ends or is redeemed). These tell the same
story again with other facts; see ``telling``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from xlcap.engine.readjustment import instrument_ended, issue_told, terms_changed
from xlcap.engine.reduction import voluntary
from xlcap.engine.rules import Facts, Ruling, tender_ruling
from xlcap.engine.schedule import DAY, date_fixed, moment_of, rule_for
from xlcap.engine.state import Item, State, Unadjusted, adjusted, in_shares_now, initial, unchanged
from xlcap.engine.telling import Replaced, Telling
from xlcap.engine.trace import Moment, Outcome, Step
from xlcap.engine.undoing import undone
from xlcap.engine.unpaid import paid_late, restated, settled
from xlcap.events import (
    AutomaticConversion,
    DividendPaid,
    Event,
    Exercise,
    Expiry,
    Issue,
    NotMade,
    Reorganization,
    Rights,
    RightsExercised,
    RightsExpired,
    RightsPlan,
    RightsRedeemed,
    StockDividend,
    TenderOffer,
    TermsChange,
    TradedEvent,
    TriggerEvent,
    VoluntaryReduction,
    numbered,
)
from xlcap.numbers import exact, show


def items_of(facts: Facts) -> list[Item]:
    """Everything that happens, in its order."""
    return sorted(_items(facts), key=lambda item: item.order)


def _items(facts: Facts) -> Iterator[Item]:
    terms = facts.terms
    for event in facts.events:
        moment = moment_of(terms, event)
        yield Item(moment, event)
        fixed = date_fixed(terms, event, facts.restated_at)
        if fixed is not None:
            yield Item(Moment.at(fixed, moment.slot), event, ends=True)
        elif isinstance(event, TriggerEvent) and facts.triggers(event.refers_to)[0] is not event:
            if rule_for(terms, event):
                yield Item(Moment.at(event.date, "close"), event, ends=True)
        elif isinstance(event, VoluntaryReduction):
            yield Item(Moment.at(event.end_date + DAY, "pre_open"), event, ends=True)


def fold(facts: Facts, items: Sequence[Item]) -> Iterator[tuple[State, Step]]:
    """The story: after each item, the state and what was done."""
    first = {items[i].event.row: i for i in reversed(range(len(items)))}
    telling = Telling(facts, items, first, restated(facts), [initial(facts)], _next, {}, _by_instrument(facts, items))
    for _ in items:
        step = telling.next()
        yield telling.states[-1], step


def _by_instrument(facts: Facts, items: Sequence[Item]) -> Mapping[int, Sequence[tuple[int, Event]]]:
    about: dict[int, list[tuple[int, Event]]] = {}
    for i, item in enumerate(items):
        if isinstance(item.event, Exercise | Expiry | TermsChange):
            about.setdefault(facts.root(item.event).row, []).append((i, item.event))
    return about


@exact
def _next(telling: Telling, i: int, state: State) -> tuple[State, Step]:
    facts, replaced, item = telling.facts, telling.replaced, telling.items[i]
    if facts.before_issue(item.event):
        that_day = item.event.date == facts.issue_date
        follows = "on the day of issue; the clause counts what follows it"
        note = Ruling("", None, follows if that_day else f"before the shares were issued on {facts.issue_date}")
        return state, unchanged(facts.terms, state, item, note)
    event = replaced.get(item.event.row, item.event) if replaced else item.event
    if item.ends and isinstance(item.event, StockDividend | Rights):
        return settled(telling, i, state, item.event)
    if event is None or event.row in state.redeemed:
        note = Ruling("", None, f"{numbered(item.event)} is as though it had never been")
        return state, unchanged(facts.terms, state, item, note)
    if isinstance(event, TradedEvent) and not item.ends:
        return _by_rule(telling, item, state, event)
    if isinstance(event, Issue):
        return issue_told(telling, i, state, event)
    if isinstance(event, TermsChange):
        return terms_changed(telling, i, state, event)
    if isinstance(event, Expiry):
        return instrument_ended(telling, i, state, event)
    if isinstance(event, DividendPaid):
        return paid_late(telling, item, state, event)
    if isinstance(event, VoluntaryReduction):
        return voluntary(facts.terms, state, item, event)
    if isinstance(event, NotMade | RightsExpired | RightsRedeemed | TriggerEvent):
        return undone(telling, i, state, event)
    if isinstance(event, Reorganization):
        rule = facts.terms.adjust.reorganization
        note = Ruling(rule.clause if rule else "", None, f"conversion delivers {event.property} instead of Common")
        return state, unchanged(facts.terms, state, item, note)
    if isinstance(event, RightsPlan):
        rule_of_rights = facts.terms.adjust.distribution
        note = Ruling(rule_of_rights.clause if rule_of_rights else "", None, "no adjustment before a trigger event")
        return state, unchanged(facts.terms, state, item, note)
    if isinstance(event, AutomaticConversion):
        note = Ruling(facts.terms.conversion.forced_by, None, "the shares convert")
        return state, unchanged(facts.terms, state, item, note)
    assert isinstance(event, RightsExercised | Exercise)
    note = Ruling("", None, f"{show(event.shares)} shares bought under {event.refers_to}: counted when it was issued")
    return state, unchanged(facts.terms, state, item, note)


def _by_rule(telling: Telling, item: Item, state: State, event: TradedEvent) -> tuple[State, Step]:
    """What the Common trades with or without adjusts the price by its rule, unless its action has a greater part."""
    facts = telling.facts
    if isinstance(event, TenderOffer):
        return _tender_offer(telling, item, state, event)
    ruling = facts.ruling(event) if event is item.event else facts.otherwise(event)
    return _applied(telling, item, state, event, ruling)


def _tender_offer(telling: Telling, item: Item, state: State, event: TenderOffer) -> tuple[State, Step]:
    """A tender offer, measured together with those for which no adjustment has been made (VI.E(5))."""
    facts, rule = telling.facts, telling.facts.terms.adjust.tender_offer
    if rule is None:
        return state, unchanged(facts.terms, state, item, facts.ruling(event))
    unadjusted = {offer.row for offer in state.offers}
    earlier = [offer for offer in facts.offers if offer.row in unadjusted]
    # the ruling of the facts reports what is wrong with the row, and is the same where nothing was carried
    ruling = facts.ruling(event)
    if any(offer.carried for offer in state.offers):
        ruling = tender_ruling(facts, event, rule, earlier)
    after, step = _applied(telling, item, state, event, ruling)
    if step.outcome is Outcome.ADJUSTED:
        return after._replace(offers=() if rule.numerator == "own_and_earlier" else after.offers), step
    carried = Unadjusted(event.row, carried=step.outcome is Outcome.CARRIED)
    return after._replace(offers=(*after.offers, carried)), step


def _applied(telling: Telling, item: Item, state: State, event: TradedEvent, ruling: Ruling) -> tuple[State, Step]:
    """What a ruling makes of the price, unless a part of the same action has the greater effect."""
    facts, clause = telling.facts, ruling.clause
    if event.action is not None:
        state, loses = _greatest(facts, state, event, telling.replaced)
        if loses:
            ruling = Ruling(clause, None, loses)
        elif event.action and facts.is_combined(event) and event.action not in state.winners:
            clause += " (combined)"
    if ruling.fraction is None:
        return state, unchanged(facts.terms, state, item, ruling)
    return adjusted(facts.terms, in_shares_now(state, event, ruling.fraction), item, clause, ruling.fraction)


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
