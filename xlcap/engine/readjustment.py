"""Issues in their place in the story: sold together with earlier closings, changed in their terms, ended.

A later fact about an instrument tells the story since its issue once more, with what the instrument then counts for
(D.8(iii), 3(e)(vi)C and F, and their like).
"""

from __future__ import annotations

import dataclasses

from xlcap.engine.instruments import Life, as_it_counts, change_of, lives
from xlcap.engine.issues import earlier_closings, issued
from xlcap.engine.rules import Ruling
from xlcap.engine.state import State, adjusted, unchanged
from xlcap.engine.telling import Telling, retold_from
from xlcap.engine.trace import Step
from xlcap.events import DeemedIssue, Event, Exercise, Expiry, Issue, Termination, TermsChange
from xlcap.numbers import ZERO, show


def issue_told(telling: Telling, i: int, state: State, event: Issue) -> tuple[State, Step]:
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
            return retold_from(telling, i, state, told, whole, rule.clause, reason)
    published = telling.published.setdefault(event.row, state.in_effect)
    ruling, basket = issued(facts, rule, event, state, published)
    state = state if basket is state.basket else state._replace(basket=basket)
    if ruling.fraction is None:
        return state, unchanged(facts.terms, state, item, ruling)
    return adjusted(facts.terms, state, item, ruling.clause, ruling.fraction)


def _about(telling: Telling, i: int, event: Event) -> tuple[Event, list[Event]]:
    """The row that issued an instrument, and what became of it before an item."""
    root = telling.facts.root(event)
    mine = [other for place, other in telling.about[root.row] if place < i]
    return root, mine


def terms_changed(telling: Telling, i: int, state: State, event: TermsChange) -> tuple[State, Step]:
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
        return retold_from(telling, i, state, anew, touched, clause, f"{event.refers_to} {change.reason}")
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
    state, step = issue_told(telling, i, state, change.issue)
    return state, step._replace(before=before.in_effect)


def instrument_ended(telling: Telling, i: int, state: State, event: Expiry) -> tuple[State, Step]:
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
    return retold_from(telling, i, state, telling.counting(rule, anew), touched, clause, reason)
