"""The story of a conversion price: a fold over what happened, and the same fold again where a later fact changes it.

A dividend that is not made, rights that expire and rights that are redeemed are one operation: the same history told
again with other facts, from which the price goes on.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from xlcap.engine.adjustment import Fraction, distribution
from xlcap.engine.instruments import Life, as_it_counts, change_of, lives
from xlcap.engine.issues import earlier_closings, issued, one_issue
from xlcap.engine.reduction import voluntary
from xlcap.engine.rules import Facts, Ruling, market_price_for, tender_ruling
from xlcap.engine.schedule import DAY, date_fixed, moment_of, rule_for
from xlcap.engine.state import (
    Item,
    State,
    Unadjusted,
    adjusted,
    initial,
    is_made,
    moved,
    positive,
    price_rounding,
    step_at,
    unchanged,
)
from xlcap.engine.trace import Moment, Outcome, Step
from xlcap.errors import XlcapError
from xlcap.events import (
    AutomaticConversion,
    DeemedIssue,
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
    Sequel,
    Split,
    StockDividend,
    TenderOffer,
    Termination,
    TermsChange,
    TradedEvent,
    TriggerEvent,
    VoluntaryReduction,
    numbered,
    shares_when_offered,
)
from xlcap.numbers import ZERO, exact, guarded, show
from xlcap.terms.rules import IssueRule, RightsRule, StockDividendRule

Replaced = Mapping[int, Event | None]
"""Events told otherwise in a replay, by row: None as though they had never been."""


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


@dataclass
class _Telling:
    """The story as far as it is told: what is told otherwise than it was, and the state before every item so far.

    The states are those of this telling. Where a later fact tells an event otherwise, they are told anew from it on, so
    that the next such fact finds a past without it. A story told ``again`` has these facts in it from the beginning.
    """

    facts: Facts
    items: Sequence[Item]
    first: Mapping[int, int]
    """The place of an event's first item, by row."""
    replaced: Replaced
    states: list[State]
    published: dict[int, Decimal]
    """The price in effect before each issue when it was first told of, by row."""
    about: Mapping[int, Sequence[tuple[int, Event]]]
    """What became of each instrument, in its order with its place, by the row that issued it."""
    again: bool = False
    closings: dict[int, Sequence[Issue]] = field(default_factory=dict)
    """The closings that count as one issue, by the row of each of them."""
    parts: dict[int, Issue | None] = field(default_factory=dict)
    """What an issue now counts for by itself, by row, where that is not what it was."""

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
        start = self.start(changed, until)
        other = _Telling(self.facts, self.items, self.first, told, self.states[: start + 1], self.published, self.about,
                         again=True)  # fmt: skip
        for i in range(start, until):
            after = _state_after(other, i, other.states[i])  # which may itself tell the states anew
            other.states.append(after)
        return other.states

    def together(self, issue: Issue) -> Sequence[Issue]:
        """An issue, with the closings that count as one with it."""
        return self.closings.get(issue.row, (issue,))

    def counting(self, rule: IssueRule, anew: Mapping[int, Issue | None]) -> Replaced:
        """What is told otherwise, if these issues count so; those that close together are told as one, on the first."""
        self.parts.update(anew)
        told: dict[int, Event | None] = {**self.replaced, **anew}
        for row in anew:
            whole = self.closings.get(row)
            if whole is None:
                continue
            left = [part for part in (self.parts.get(each.row, each) for each in whole) if part is not None]
            told |= {each.row: None for each in whole}
            told[whole[0].row] = one_issue(rule, whole[0], left, self.facts.splits) if left else None
        return told

    def reissued(self, change: TermsChange) -> bool:
        """Whether a change of terms was taken as an issue of its day."""
        return isinstance(self.replaced.get(change.row), DeemedIssue)

    def start(self, changed: Sequence[Event], until: int) -> int:
        """The place from which the story is another where these events change."""
        touched = {part.row for event in changed for part in (event, *self.facts.action(event))}
        return min(until, *(self.first[row] for row in touched))

    def retelling(self, told: Replaced, changed: Sequence[Event], until: int) -> Callable[[], Sequence[Step]]:
        """What ``had`` works out, as steps: told only to who asks, for a certificate."""
        start = self.start(changed, until)

        def steps() -> Sequence[Step]:
            states = [initial(self.facts)]
            other = _Telling(self.facts, self.items, self.first, told, states, self.published, self.about, again=True)
            return [step for i in range(until) if (step := _step_again(other, i)).formula and i >= start]

        return steps


def fold(facts: Facts, items: Sequence[Item]) -> Iterator[tuple[State, Step]]:
    """The story: after each item, the state and what was done."""
    first = {items[i].event.row: i for i in reversed(range(len(items)))}
    telling = _Telling(facts, items, first, _restated(facts), [initial(facts)], {}, _by_instrument(facts, items))
    for _ in items:
        step = telling.next()
        yield telling.states[-1], step


def _by_instrument(facts: Facts, items: Sequence[Item]) -> Mapping[int, Sequence[tuple[int, Event]]]:
    about: dict[int, list[tuple[int, Event]]] = {}
    for i, item in enumerate(items):
        if isinstance(item.event, Exercise | Expiry | TermsChange):
            about.setdefault(facts.root(item.event).row, []).append((i, item.event))
    return about


def _restated(facts: Facts) -> Replaced:
    """What the certificate restates as of its record date, where the story is told with later knowledge."""
    told: dict[int, Event | None] = {}
    known_at = facts.restated_at
    if known_at is None:
        return told
    for event in facts.events:
        about = facts.by_id(event.refers_to) if isinstance(event, NotMade) else event
        if not isinstance(about, StockDividend | Rights):
            continue
        rule = rule_for(facts.terms, about)
        restates = isinstance(rule, StockDividendRule | RightsRule) and rule.reversal == "restate_from_record_date"
        if restates and isinstance(event, NotMade):
            told[about.row] = None
        elif (fixed := date_fixed(facts.terms, about, known_at)) is not None:
            paid = _as_paid(facts, about, fixed)
            if paid is not about:
                told[about.row] = paid
    return told


def _as_paid(facts: Facts, event: StockDividend | Rights, fixed: dt.date) -> StockDividend | Rights | None:
    """A dividend as it counts once the date fixed has come: with what was paid by then."""
    paid = facts.paid_by(event, fixed)
    if not paid:
        return None
    if event.shares is None:
        raise event.fault("is given instead of the shares, and a part of them was paid: give common_outstanding and "
                          "shares", "ratio")  # fmt: skip
    return event if paid >= event.shares else dataclasses.replace(event, shares=paid)


_INERT = (Exercise, Expiry, TermsChange, RightsExercised, AutomaticConversion)
"""What changes nothing in a story told again: it is in the telling already."""


@exact
def _state_after(telling: _Telling, i: int, state: State) -> State:
    """The state after an item of a story told again, without the words of a step."""
    facts, item = telling.facts, telling.items[i]
    event = telling.replaced.get(item.event.row, item.event)
    if isinstance(event, _INERT):
        return state
    if isinstance(event, Issue) and facts.terms.adjust.issue_below_price and not facts.before_issue(event):
        state, ruling = _issued_again(telling, event, state)
    elif isinstance(event, Split) and event.action is None and not facts.before_issue(event):
        ruling = facts.ruling(event)
        state = state if ruling.fraction is None else _in_shares_now(state, event, ruling.fraction)
    else:
        return _next(telling, i, state)[0]
    return state if ruling.fraction is None else moved(facts.terms, state, item, ruling.clause, ruling.fraction)[0]


def _issued_again(telling: _Telling, event: Issue, state: State) -> tuple[State, Ruling]:
    """The ruling on an issue in a story told again, and the state with what it uses of a basket."""
    facts, rule = telling.facts, telling.facts.terms.adjust.issue_below_price
    if rule is None or (isinstance(event, DeemedIssue) and rule.deemed is None):
        return state, Ruling("", None, "")
    ruling, basket = issued(facts, rule, event, state, telling.published.setdefault(event.row, state.in_effect))
    return state if basket is state.basket else state._replace(basket=basket), ruling


@exact
def _step_again(telling: _Telling, i: int) -> Step:
    """One item more of a story told again, with the words of its step."""
    facts, item, state = telling.facts, telling.items[i], telling.states[i]
    event = telling.replaced.get(item.event.row, item.event)
    if isinstance(event, _INERT):
        after, step = state, unchanged(facts.terms, state, item, Ruling("", None, ""))
    elif isinstance(event, Issue) and not facts.before_issue(event):
        state, ruling = _issued_again(telling, event, state)
        after, step = (
            adjusted(facts.terms, state, item, ruling.clause, ruling.fraction)
            if ruling.fraction is not None
            else (state, unchanged(facts.terms, state, item, ruling))
        )
    else:
        after, step = _next(telling, i, state)
    telling.states.append(after)
    return step


@exact
def _next(telling: _Telling, i: int, state: State) -> tuple[State, Step]:
    facts, replaced, item = telling.facts, telling.replaced, telling.items[i]
    if facts.before_issue(item.event):
        that_day = item.event.date == facts.issue_date
        follows = "on the day of issue; the clause counts what follows it"
        note = Ruling("", None, follows if that_day else f"before the shares were issued on {facts.issue_date}")
        return state, unchanged(facts.terms, state, item, note)
    event = replaced.get(item.event.row, item.event) if replaced else item.event
    if item.ends and isinstance(item.event, StockDividend | Rights):
        return _settled(telling, i, state, item.event)
    if event is None or event.row in state.redeemed:
        note = Ruling("", None, f"{numbered(item.event)} is as though it had never been")
        return state, unchanged(facts.terms, state, item, note)
    if isinstance(event, TradedEvent) and not item.ends:
        return _by_rule(telling, item, state, event)
    if isinstance(event, Issue):
        return _issued(telling, i, state, event)
    if isinstance(event, TermsChange):
        return _changed(telling, i, state, event)
    if isinstance(event, Expiry):
        return _ended(telling, i, state, event)
    if isinstance(event, DividendPaid):
        return _paid(telling, item, state, event)
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
    if isinstance(event, AutomaticConversion):
        note = Ruling(facts.terms.conversion.forced_by, None, "the shares convert")
        return state, unchanged(facts.terms, state, item, note)
    assert isinstance(event, RightsExercised | Exercise)
    note = Ruling("", None, f"{show(event.shares)} shares bought under {event.refers_to}: counted when it was issued")
    return state, unchanged(facts.terms, state, item, note)


def _by_rule(telling: _Telling, item: Item, state: State, event: TradedEvent) -> tuple[State, Step]:
    """What the Common trades with or without adjusts the price by its rule, unless its action has a greater part."""
    facts = telling.facts
    if isinstance(event, TenderOffer):
        return _tender_offer(telling, item, state, event)
    ruling = facts.ruling(event) if event is item.event else _ruling_on(facts, event)
    return _applied(telling, item, state, event, ruling)


def _tender_offer(telling: _Telling, item: Item, state: State, event: TenderOffer) -> tuple[State, Step]:
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


def _applied(telling: _Telling, item: Item, state: State, event: TradedEvent, ruling: Ruling) -> tuple[State, Step]:
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
    return adjusted(facts.terms, _in_shares_now(state, event, ruling.fraction), item, clause, ruling.fraction)


def _in_shares_now(state: State, event: Event, fraction: Fraction) -> State:
    """What is used of a basket, after shares have been multiplied."""
    if not state.basket.used or not isinstance(event, Split | StockDividend):
        return state
    return state._replace(basket=state.basket.split(fraction.denominator / fraction.numerator))


def _ruling_on(facts: Facts, event: Event) -> Ruling:
    """The ruling on an event told otherwise than the facts have it."""
    changed = tuple(event if other.row == event.row else other for other in facts.events)
    return dataclasses.replace(facts, events=changed, _rulings={}, _asked=[], _figures={}).ruling(event)


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


# --- issues below the price, and instruments ------------------------------------------------------------------------


def _issued(telling: _Telling, i: int, state: State, event: Issue) -> tuple[State, Step]:
    """Common sold, or deemed sold: by its rule, together with earlier closings of the same issue."""
    facts, item = telling.facts, telling.items[i]
    rule = facts.terms.adjust.issue_below_price
    if rule is None or (isinstance(event, DeemedIssue) and rule.deemed is None):
        note = Ruling("", None, "the certificate does not protect against it")
        return state, unchanged(facts.terms, state, item, note)
    if not telling.again and isinstance(item.event, Issue):
        closings = earlier_closings(rule, (earlier.event for earlier in telling.items[:i]), item.event)
        if closings:
            whole = (*closings, item.event)
            telling.closings.update((part.row, whole) for part in whole)
            told = telling.counting(rule, {item.event.row: item.event})
            reason = f"closing {len(whole)} of '{item.event.closing}': all of it as issued on {closings[0].date}"
            return _retold(telling, i, state, told, whole, rule.clause, reason)
    published = telling.published.setdefault(event.row, state.in_effect)
    ruling, basket = issued(facts, rule, event, state, published)
    state = state if basket is state.basket else state._replace(basket=basket)
    if ruling.fraction is None:
        return state, unchanged(facts.terms, state, item, ruling)
    return adjusted(facts.terms, state, item, ruling.clause, ruling.fraction)


def _about(telling: _Telling, i: int, event: Event) -> tuple[Event, list[Event]]:
    """The row that issued an instrument, and what became of it before an item."""
    root = telling.facts.root(event)
    mine = [other for place, other in telling.about[root.row] if place < i]
    return root, mine


def _changed(telling: _Telling, i: int, state: State, event: TermsChange) -> tuple[State, Step]:
    """The terms of an instrument change: the price as though they had been so, or a new issue, or nothing."""
    facts, item = telling.facts, telling.items[i]
    rule = facts.terms.adjust.issue_below_price
    if rule is None or telling.again:
        note = Ruling("", None, "already told so" if rule else "the certificate does not protect against it")
        return state, unchanged(facts.terms, state, item, note)
    root, past = _about(telling, i, event)
    told = lives(rule, root, past, facts.units, telling.reissued)
    life = told[-1] if told else None
    change = change_of(rule, event, life, facts.units)
    deemed = rule.deemed
    clause = (deemed.readjust_clause or deemed.clause) if deemed else rule.clause
    if rule.repricing:
        clause = rule.repricing.clause
    effect = change.effect
    if effect == "recompute" and deemed and deemed.unadjusted_revision == "at_revision":
        assert life is not None
        place = telling.first[life.issue.row]
        if telling.states[place].theoretical == telling.states[place + 1].theoretical:
            effect = "reissue"
    if effect == "recompute":
        assert deemed is not None and life is not None
        now = Life(life.issue, (*life.facts, event))
        anew = telling.counting(rule, {life.issue.row: as_it_counts(rule, deemed, now, facts.units)})
        touched = telling.together(life.issue)
        return _retold(telling, i, state, anew, touched, clause, f"{event.refers_to} {change.reason}")
    if effect == "nothing":
        return state, unchanged(facts.terms, state, item, Ruling(clause, None, change.reason))
    before = state
    if effect == "replace":
        assert deemed is not None and life is not None
        ended = as_it_counts(rule, deemed, dataclasses.replace(life, kept=ZERO), facts.units)
        telling.replaced = telling.counting(rule, {life.issue.row: ended})
        telling.states = telling.had(telling.replaced, telling.together(life.issue), i)
        state = telling.states[i]
    telling.replaced = {**telling.replaced, event.row: change.issue}
    state, step = _issued(telling, i, state, change.issue)
    return state, step._replace(before=before.in_effect)


def _ended(telling: _Telling, i: int, state: State, event: Expiry) -> tuple[State, Step]:
    """What is left of an instrument, or a part of it, is no more: the price as though it had not been issued."""
    facts, item = telling.facts, telling.items[i]
    rule = facts.terms.adjust.issue_below_price
    deemed = rule.deemed if rule else None

    def nothing(clause: str, reason: str) -> tuple[State, Step]:
        return state, unchanged(facts.terms, state, item, Ruling(clause, None, reason))

    if rule is None or deemed is None:
        return nothing("", "the certificate does not protect against it")
    clause = deemed.readjust_clause or deemed.clause
    word = "termination" if isinstance(event, Termination) else "expiry"
    if telling.again:
        return nothing(clause, "already told so")
    if word not in deemed.readjust_on:
        return nothing(clause, f"the certificate does not readjust when an instrument ends by {word} ({clause})")
    root, past = _about(telling, i, event)
    if deemed.partial_exercise == "none" and any(isinstance(fact, Exercise) for fact in past):
        return nothing(clause, "a part was exercised, so the price is not readjusted")
    told = [life for life in lives(rule, root, [*past, event], facts.units, telling.reissued) if life.counts]
    if not told:
        return nothing(clause, "it never counted: it is older than the certificate")
    anew = {life.issue.row: as_it_counts(rule, deemed, life, facts.units) for life in told}
    counted = sum((life.shares for life in anew.values() if life is not None), ZERO)
    reason = f"{event.refers_to} as though issued for the {show(counted)} shares it came to" if counted else (
        f"{event.refers_to} as though it had not been issued")  # fmt: skip
    touched = [part for life in told for part in telling.together(life.issue)]
    return _retold(telling, i, state, telling.counting(rule, anew), touched, clause, reason)


def _retold(
    telling: _Telling,
    i: int,
    state: State,
    told: Replaced,
    changed: Sequence[Event],
    clause: str,
    reason: str,
    outcome: Outcome = Outcome.READJUSTED,
) -> tuple[State, Step]:
    """The price goes on from where it would be had events been as ``told``; what it was until then stays."""
    item, terms = telling.items[i], telling.facts.terms
    had, retold = telling.had(told, changed, i), telling.retelling(told, changed, i)
    telling.replaced, telling.states = told, had
    after = had[i]._replace(reductions=state.reductions)
    if guarded(after.base) == guarded(state.base) and guarded(after.theoretical) == guarded(state.theoretical):
        return after, unchanged(terms, state, item, Ruling(clause, None, f"{reason}: the price is the same"))
    if after.theoretical != after.base:
        reason += f"; of it {show(after.theoretical - after.base)} is carried and not made"
    computed = after.theoretical if after.computed is None else after.computed
    step = step_at(state, after, item, clause, outcome, computed, after.base, reason)
    return after, step._replace(retold=retold)


# --- dividends in Common that are not paid as declared --------------------------------------------------------------


def _settled(telling: _Telling, i: int, state: State, event: StockDividend | Rights) -> tuple[State, Step]:
    """The date fixed for a dividend: what is not paid by then falls away as of the record date (D.4, 3(e)(ii))."""
    facts, item = telling.facts, telling.items[i]
    rule, fixed = rule_for(facts.terms, event), event.payment_date
    assert rule is not None and fixed is not None  # it would not be here
    instead = _as_paid(facts, event, fixed)
    paid = show(instead.shares or ZERO) if instead else "no"
    if event.row in telling.replaced or telling.again:
        note = Ruling(rule.clause, None, f"{paid} shares paid by the date fixed: told so from the record date")
        return state, unchanged(facts.terms, state, item, note)
    if instead is event:
        return state, unchanged(facts.terms, state, item, Ruling(rule.clause, None, "paid in full by the date fixed"))
    reason = f"{paid} shares paid by the date fixed, {fixed}; the rest falls away as of the record date"
    return _retold(
        telling, i, state, {**telling.replaced, event.row: instead}, [event], rule.clause, reason, Outcome.RESTORED
    )


def _paid(telling: _Telling, item: Item, state: State, event: DividendPaid) -> tuple[State, Step]:
    """A dividend in Common or in rights is paid: late, it adjusts the price at that time."""
    facts = telling.facts
    about = facts.by_id(event.refers_to)
    assert isinstance(about, StockDividend | Rights)  # read_events checks it
    fixed = date_fixed(facts.terms, about)
    if fixed is None or event.date <= fixed or facts.before_issue(about):
        rule = rule_for(facts.terms, about)
        note = Ruling(rule.clause if rule else "", None, f"{show(event.shares)} shares of {event.refers_to} paid")
        return state, unchanged(facts.terms, state, item, note)
    outstanding = event.common_outstanding
    if outstanding is None:
        if about.common_outstanding is None:
            raise event.fault("is blank: the shares outstanding before the payment are needed", "common_outstanding")
        outstanding = facts.splits.between(about, event) * (
            about.common_outstanding + facts.paid_by(about, event.date, before=event)
        )
    ruling = _ruling_on(facts, dataclasses.replace(about, shares=event.shares, common_outstanding=outstanding))
    if ruling.fraction is None:
        return state, unchanged(facts.terms, state, item, ruling)
    return adjusted(facts.terms, state, item, ruling.clause, ruling.fraction)


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
