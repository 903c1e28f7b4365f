"""Temporary reductions of the conversion price by the company's own choice: VI.E(7) and its like."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from xlcap.engine.rules import Ruling
from xlcap.engine.state import Item, Reduction, State, price_rounding, step_at, unchanged
from xlcap.engine.trace import Figure, Outcome, Step
from xlcap.errors import XlcapError
from xlcap.events import VoluntaryReduction
from xlcap.numbers import show
from xlcap.terms import Terms


class ReductionTest(NamedTuple):
    """Whether a temporary reduction meets the certificate: its length, its notice, and the verdict."""

    valid: bool
    days: int
    notice_days: int
    reason: str


def reduction_test(terms: Terms, start: dt.date, end: dt.date, notice: dt.date) -> ReductionTest:
    """VI.E(7) and its like: a period of so many days at the least, announced so many days before.

    Both ends of the period count; the notice's days run from its mailing to the day the reduction takes effect.
    """
    rule = terms.adjust.voluntary
    if rule is None:
        raise XlcapError("this certificate lets the company reduce nothing", where=f"{terms.id}: adjust.voluntary")
    if end < start:
        raise XlcapError(f"the last day {end} is before the first day {start}", where="argument 'last_day'")
    days, notice_days = (end - start).days + 1, (start - notice).days
    reasons = []
    if days < rule.min_days:
        reasons.append(f"a period of {days} days, and at least {rule.min_days} are needed")
    if notice_days < rule.notice_days:
        reasons.append(f"{notice_days} days' notice, and at least {rule.notice_days} are needed")
    return ReductionTest(not reasons, days, notice_days, "; ".join(reasons))


def voluntary(terms: Terms, state: State, item: Item, event: VoluntaryReduction) -> tuple[State, Step]:
    """What a temporary reduction does at its beginning and at its end; one that is not valid does nothing."""
    rule = terms.adjust.voluntary
    if rule is None:
        return state, unchanged(terms, state, item, Ruling("", None, "the certificate has no rule for a reduction"))
    if item.ends:
        if event.row not in state.reductions:
            return state, unchanged(terms, state, item, Ruling(rule.clause, None, "the reduction never took effect"))
        after = state._replace(reductions={row: e for row, e in state.reductions.items() if row != event.row})
        price, ended = after.in_effect, state.reductions[event.row]
        worked = f"{show(state.in_effect)} + {show(ended.amount)} = {show(price)}" if ended.fixed_price is None else ""
        return after, step_at(
            state,
            after,
            item,
            rule.clause,
            Outcome.REDUCTION_ENDS,
            price,
            price,
            "the price without the reduction is in effect again",
            figures=_facts(event, price),
            worked=worked,
        )
    test = reduction_test(terms, event.date, event.end_date, event.notice_date)
    if not test.valid:
        return state, unchanged(terms, state, item, Ruling(rule.clause, None, f"not a valid reduction: {test.reason}"))
    if event.amount >= state.in_effect:
        raise event.fault(f"must be below the conversion price {show(state.in_effect)}", "amount", code="#NUM!")
    computed = state.in_effect - event.amount
    reduced = price_rounding(terms)(computed)
    stands = reduced if rule.overlay == "fixed_price" else None
    after = state._replace(reductions={**state.reductions, event.row: Reduction(state.in_effect - reduced, stands)})
    return after, step_at(
        state,
        after,
        item,
        rule.clause,
        Outcome.REDUCED,
        computed,
        reduced,
        f"until {event.end_date}, {test.days} days",
        figures=_facts(event, state.in_effect),
        worked=f"{show(state.in_effect)} − {show(event.amount)} = {show(computed)}",
    )


def _facts(event: VoluntaryReduction, without: Decimal) -> Mapping[str, Figure]:
    return {
        "reduction": event.amount,
        "first_day": event.date,
        "last_day": event.end_date,
        "notice_mailed": event.notice_date,
        "price_without_the_reduction": without,
    }
