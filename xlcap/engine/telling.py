"""A story as far as it is told, and the same story told again with other facts.

An option that expires, a dividend that is not paid, a second closing: the price goes on from where it would be had an
earlier event been otherwise. ``Telling`` keeps the states that takes; what an item does to the price ``replay`` knows.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeAlias

from xlcap.engine.issues import issued, one_issue
from xlcap.engine.rules import Facts, Ruling
from xlcap.engine.state import Item, State, adjusted, in_shares_now, initial, moved, step_at, unchanged
from xlcap.engine.trace import Outcome, Step
from xlcap.events import (
    AutomaticConversion,
    DeemedIssue,
    Event,
    Exercise,
    Expiry,
    Issue,
    RightsExercised,
    Split,
    TermsChange,
)
from xlcap.numbers import exact, guarded, show
from xlcap.terms.rules import IssueRule

Replaced = Mapping[int, Event | None]
"""Events told otherwise in a replay, by row: None as though they had never been."""

Tell: TypeAlias = "Callable[[Telling, int, State], tuple[State, Step]]"


@dataclass
class Telling:
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
    tell: Tell
    """How one item is told."""
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
        state, step = self.tell(self, i, self.states[i])
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
        other = dataclasses.replace(self, replaced=told, states=self.states[: start + 1], again=True)
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
            other = dataclasses.replace(self, replaced=told, states=states, again=True)
            return [step for i in range(until) if (step := _step_again(other, i)).formula and i >= start]

        return steps


_INERT = (Exercise, Expiry, TermsChange, RightsExercised, AutomaticConversion)
"""What changes nothing in a story told again: it is in the telling already."""


@exact
def _state_after(telling: Telling, i: int, state: State) -> State:
    """The state after an item of a story told again, without the words of a step."""
    facts, item = telling.facts, telling.items[i]
    event = telling.replaced.get(item.event.row, item.event)
    if isinstance(event, _INERT):
        return state
    if isinstance(event, Issue) and facts.terms.adjust.issue_below_price and not facts.before_issue(event):
        state, ruling = _issued_again(telling, event, state)
    elif isinstance(event, Split) and event.action is None and not facts.before_issue(event):
        ruling = facts.ruling(event)
        state = state if ruling.fraction is None else in_shares_now(state, event, ruling.fraction)
    else:
        return telling.tell(telling, i, state)[0]
    return state if ruling.fraction is None else moved(facts.terms, state, item, ruling.clause, ruling.fraction)[0]


def _issued_again(telling: Telling, event: Issue, state: State) -> tuple[State, Ruling]:
    """The ruling on an issue in a story told again, and the state with what it uses of a basket."""
    facts, rule = telling.facts, telling.facts.terms.adjust.issue_below_price
    if rule is None or (isinstance(event, DeemedIssue) and rule.deemed is None):
        return state, Ruling("", None, "")
    ruling, basket = issued(facts, rule, event, state, telling.published.setdefault(event.row, state.in_effect))
    return state if basket is state.basket else state._replace(basket=basket), ruling


@exact
def _step_again(telling: Telling, i: int) -> Step:
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
        after, step = telling.tell(telling, i, state)
    telling.states.append(after)
    return step


def retold_from(
    telling: Telling,
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
