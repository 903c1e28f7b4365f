"""Dividends in Common, and in rights, that are not paid as declared: what falls away, and from when (D.4, 3(e)(ii))."""

from __future__ import annotations

import dataclasses
import datetime as dt

from xlcap.engine.rules import Facts, Ruling
from xlcap.engine.schedule import date_fixed, rule_for
from xlcap.engine.state import Item, State, adjusted, unchanged
from xlcap.engine.telling import Replaced, Telling, retold_from
from xlcap.engine.trace import Outcome, Step
from xlcap.events import DividendPaid, Event, NotMade, Rights, StockDividend
from xlcap.numbers import ZERO, show
from xlcap.terms.rules import RightsRule, StockDividendRule


def restated(facts: Facts) -> Replaced:
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
            paid = as_paid(facts, about, fixed)
            if paid is not about:
                told[about.row] = paid
    return told


def as_paid(facts: Facts, event: StockDividend | Rights, fixed: dt.date) -> StockDividend | Rights | None:
    """A dividend as it counts once the date fixed has come: with what was paid by then."""
    paid = facts.paid_by(event, fixed)
    if not paid:
        return None
    if event.shares is None:
        raise event.fault("is given instead of the shares, and a part of them was paid: give common_outstanding and "
                          "shares", "ratio")  # fmt: skip
    return event if paid >= event.shares else dataclasses.replace(event, shares=paid)


def settled(telling: Telling, i: int, state: State, event: StockDividend | Rights) -> tuple[State, Step]:
    """The date fixed for a dividend: what is not paid by then falls away as of the record date (D.4, 3(e)(ii))."""
    facts, item = telling.facts, telling.items[i]
    rule, fixed = rule_for(facts.terms, event), event.payment_date
    assert rule is not None and fixed is not None  # it would not be here
    instead = as_paid(facts, event, fixed)
    paid = show(instead.shares or ZERO) if instead else "no"
    if event.row in telling.replaced or telling.again:
        note = Ruling(rule.clause, None, f"{paid} shares paid by the date fixed: told so from the record date")
        return state, unchanged(facts.terms, state, item, note)
    if instead is event:
        return state, unchanged(facts.terms, state, item, Ruling(rule.clause, None, "paid in full by the date fixed"))
    reason = f"{paid} shares paid by the date fixed, {fixed}; the rest falls away as of the record date"
    return retold_from(
        telling, i, state, {**telling.replaced, event.row: instead}, [event], rule.clause, reason, Outcome.RESTORED
    )


def paid_late(telling: Telling, item: Item, state: State, event: DividendPaid) -> tuple[State, Step]:
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
    ruling = facts.otherwise(dataclasses.replace(about, shares=event.shares, common_outstanding=outstanding))
    if ruling.fraction is None:
        return state, unchanged(facts.terms, state, item, ruling)
    return adjusted(facts.terms, state, item, ruling.clause, ruling.fraction)
