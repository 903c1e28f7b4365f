"""The certificate of adjustment that VI.E(9) and its like oblige a company to send: a rendering of the trace."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from xlcap.calendars import calendar
from xlcap.engine.conversion import basis
from xlcap.engine.entitlement import Asked, entitlement
from xlcap.engine.notices import notice_dates
from xlcap.engine.price import Timeline
from xlcap.engine.state import under
from xlcap.engine.trace import SLOT_WORDS, Moment, Step
from xlcap.errors import XlcapError, nearest
from xlcap.events import Capitalized, Event, Exercise, Expiry, numbered
from xlcap.numbers import ZERO, exact, show
from xlcap.tables import columns


@exact
def adjustment_certificate(history: Timeline, as_of: dt.date, event_id: str | None) -> list[list[Any]]:
    """Two columns, what and which, for one step of the price: the last change up to a day, or the one of an event.

    What a share converts into is told without dividends that may convert with it.
    """
    terms = history.facts.terms
    step = _chosen(history, as_of, event_id)
    rows: list[list[Any]] = [
        ["Certificate of adjustment of the conversion price", None],
        ["Company", terms.issuer],
        ["Class", terms.name],
        *([["Certified under", terms.policy.certificate_clause]] if terms.policy.certificate_clause else []),
        *([["Shares issued on", history.facts.issue_date]] if history.facts.issue_date else []),
        ["Adjustment under", step.clause],
        ["Event", step.event],
        ["Outcome", step.outcome.value],
        ["Effective date", step.moment.date],
        ["Effective time", SLOT_WORDS[step.moment.slot]],
        ["Conversion price before", step.before],
    ]
    rows += [[f"Fact: {name.replace('_', ' ')}", value] for name, value in step.inputs.items()]
    rows += [[f"Fact: {numbered(event)}", _particulars(event)] for event in _stated(history, step)]
    rows += [["Fact: earlier adjustment", _told(earlier)] for earlier in _earlier(history, step)]
    rule = terms.adjust.issue_below_price
    if rule and rule.consideration_clause and isinstance(step.of, Capitalized):
        rows.append(["Consideration counted under", rule.consideration_clause])
    if step.formula:
        rows.append(["Computation", step.formula])
    if step.reason:
        rows.append(["Reason", step.reason])
    rows += [[f"Computed anew: {again.event}", f"{again.moment.date}: {again.formula}"] for again in step.retold()]
    rows.append(["Conversion price computed", step.unrounded])
    places = terms.policy.price_places
    if places is not None:
        rows.append([under(f"Rounded to {places} places", terms.policy.clause), step.rounded])
    rows.append(["Conversion price as adjusted", step.price])
    if step.carried:
        rows.append([under("Carried forward", terms.policy.clause), step.carried])
    amount = basis(terms, ZERO, ZERO).converts
    rows.append(["Common for one share before", amount / step.before])
    rows.append(["Common for one share as adjusted", amount / step.price])
    if "adjustment" in terms.notices and step.outcome.changes_the_price:
        due = notice_dates(terms, "adjustment", step.moment.date, calendar(terms.calendar))[0]
        rows.append([under("Notice to holders due by", due.clause), due.latest])
    return rows


@exact
def statement(history: Timeline, as_of: dt.date) -> list[list[Any]]:
    """Two columns: the price in effect, what a share converts into, and how it came to that (3(g), on request)."""
    facts = history.facts
    terms, slot = facts.terms, facts.terms.conversion.deemed_at
    state = history.state(Moment.at(as_of, "close"))
    amount = basis(terms, ZERO, ZERO)
    rows: list[list[Any]] = [
        ["Statement of the conversion price", None],
        ["Company", terms.issuer],
        ["Class", terms.name],
        *([["Shares issued on", facts.issue_date]] if facts.issue_date else []),
        ["As of", as_of],
        ["Conversion price initially", facts.initial_price],
    ]
    changed = [step for step in history.steps(Moment.at(as_of, "close")) if step.outcome.changes_the_price]
    rows += [[f"{step.outcome.value.capitalize()} under {step.clause}", _told(step)] for step in changed]
    rows.append(["Conversion price in effect", state.in_effect])
    if state.theoretical != state.base:
        rows.append([under("Carried forward", terms.policy.clause), state.theoretical - state.base])

    def price_on(day: dt.date) -> Decimal:
        return history.state(Moment.at(day, slot)).in_effect

    for item in entitlement(facts, as_of, Asked(price_on, amount, None)):
        rows.append([f"One share delivers: {item.what}, {item.unit} ({item.clause})", item.per_preferred])
    return rows


def _earlier(history: Timeline, step: Step) -> list[Step]:
    """The adjustments made for the event that ``step`` is a later fact about."""
    events = history.facts.events
    about = next((getattr(event, "refers_to", None) for event in events if event.row == step.of.row), None)
    rows = {event.row for event in events if about is not None and event.id == about}
    changed = (earlier for earlier in history.steps(step.moment) if earlier.outcome.changes_the_price)
    return [earlier for earlier in changed if earlier.of.row in rows]


def _stated(history: Timeline, step: Step) -> list[Event]:
    """The rows of the events table behind an issue: its own, or those of the instrument it is a later fact about."""
    if not isinstance(step.of, Capitalized | Exercise | Expiry):
        return []
    about = {step.of.id, getattr(step.of, "refers_to", None)} - {None}
    linked = [
        event for event in history.facts.events if event.id in about or getattr(event, "refers_to", None) in about
    ]
    return [event for event in linked or [step.of] if event.date <= step.moment.date]


def _particulars(event: Event) -> str:
    """What a row of the events table states, in words."""
    told = [f"{event.date}"]
    common = columns(Event)
    for name, spec in columns(type(event)).items():
        value = getattr(event, spec.field)
        if name not in common and name != "refers_to" and value not in (None, False, ZERO):
            told.append(f"{name.replace('_', ' ')} {show(value) if isinstance(value, Decimal) else value}")
    return "; ".join(told)


def _told(step: Step) -> str:
    return f"{step.event}, {step.clause}, {step.moment.date}: from {show(step.before)} to {show(step.price)}"


def _chosen(history: Timeline, as_of: dt.date, event_id: str | None) -> Step:
    steps = history.steps(Moment.at(as_of, "close"))
    if event_id is None:
        changed = [step for step in steps if step.outcome.changes_the_price]
        if not changed:
            raise XlcapError(
                f"nothing changed the conversion price up to {as_of}; CONVERSION_STATEMENT states the price as it is",
                where="argument 'as_of'",
                code="#N/A",
            )
        return changed[-1]
    rows = {event.row for event in history.facts.events if event.id == event_id}
    if not rows:
        known = [event.id for event in history.facts.events if event.id is not None]
        close = nearest(event_id, known)
        hint = f"did you mean '{close}'?" if close else f"there are {', '.join(known) or 'none'}"
        raise XlcapError(f"no event has the id '{event_id}'; {hint}", where="argument 'event_id'", code="#N/A")
    of_event = [step for step in steps if step.of.row in rows]
    if not of_event:
        day = min(event.date for event in history.facts.events if event.row in rows)
        raise XlcapError(f"'{event_id}' takes effect after {as_of}: its date is {day}", where="argument 'as_of'",
                         code="#N/A")  # fmt: skip
    return of_event[0]
