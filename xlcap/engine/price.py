"""The conversion price: a function of the moment asked about and of the facts known. Nothing is stored."""

from __future__ import annotations

import bisect
import datetime as dt
from collections import OrderedDict
from collections.abc import Sequence
from decimal import Decimal

from xlcap.captable import Holding
from xlcap.engine.capitalization import facts_of
from xlcap.engine.instruments import check, lives
from xlcap.engine.replay import fold, items_of
from xlcap.engine.rules import Facts
from xlcap.engine.schedule import moment_of
from xlcap.engine.state import State, initial
from xlcap.engine.trace import Moment, Step
from xlcap.errors import XlcapError
from xlcap.events import (
    DividendPaid,
    Event,
    Exercise,
    Expiry,
    Rights,
    RightsPlan,
    StockDividend,
    TermsChange,
    VoluntaryReduction,
    known,
)
from xlcap.numbers import show
from xlcap.prices import Quote
from xlcap.terms import Slot, Terms


class Timeline:
    """The history of a conversion price, worked out as far as it has been asked for."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        _check_dates(facts.terms, facts.events)
        _check_actions(facts.events)
        _check_instruments(facts)
        _check_payments(facts)
        self._items = items_of(self.facts)
        self._story = fold(self.facts, self._items)
        self._states: list[State] = []
        self._steps: list[Step] = []
        self._failed: XlcapError | None = None

    def steps(self, until: Moment | None = None) -> tuple[Step, ...]:
        """Everything that happened up to a moment, that moment included (all of it, if none is given)."""
        return tuple(self._steps[: self._advance(until)])

    def state(self, moment: Moment) -> State:
        """The price as it stands at a moment, what happens at that very moment included."""
        first = self.facts.terms.first_day
        if first is not None and moment.date < first:
            raise XlcapError(_too_early(self.facts.terms, moment.date), where="as_of")
        issued = self.facts.issue_date
        if issued is not None and moment.date < issued:
            raise XlcapError(f"{moment.date} is before the shares were issued ({issued})", where="as_of")
        told = self._advance(moment)
        return self._states[told - 1] if told else initial(self.facts)

    def _advance(self, until: Moment | None) -> int:
        """Tell the story up to ``until`` and say how many items that is.

        An item that fails does not spoil the answers for moments before it.
        """
        reach = len(self._items)
        if until is not None:
            reach = bisect.bisect_right(self._items, until, key=lambda item: item.moment)
        while len(self._steps) < reach:
            if self._failed:
                raise self._failed
            try:
                state, step = next(self._story)
            except XlcapError as error:
                self._failed = error
                raise
            self._states.append(state)
            self._steps.append(step)
        return reach


_recent: OrderedDict[object, tuple[Timeline, object]] = OrderedDict()
_KEPT = 32


def timeline(
    terms: Terms,
    events: tuple[Event, ...],
    quotes: tuple[Quote, ...] = (),
    known_at: dt.date | None = None,
    *,
    issue_date: dt.date | None = None,
    initial_price: Decimal | None = None,
    holdings: tuple[Holding, ...] = (),
) -> Timeline:
    """The history of a conversion price with the facts known on a day (all, if no day is given).

    Without a day it is told as it was published, a later fact working from its own moment on; with one, what the
    certificate restates as of an earlier day is told so from there. ``issue_date`` and ``initial_price`` are those of
    the shares asked about, ``holdings`` the cap table that counts what events leave blank.

    Timelines of the same objects are shared: thousands of cells that ask about one events table replay it once. The
    objects are kept with their timeline, so that their identity stays theirs.
    """
    key = (id(terms), id(events), id(quotes), known_at, issue_date, initial_price, id(holdings))
    if key not in _recent:
        facts = facts_of(terms, known(events, known_at), quotes, issue_date, initial_price, holdings, known_at)
        _recent[key] = Timeline(facts), (terms, events, quotes, holdings)
        if len(_recent) > _KEPT:
            _recent.popitem(last=False)
    return _recent[key][0]


def price_at(history: Timeline, day: dt.date, slot: Slot = "close") -> Decimal:
    """The conversion price in effect on a day at a time of day (by default at its close)."""
    return history.state(Moment.at(day, slot)).in_effect


def _too_early(terms: Terms, day: dt.date) -> str:
    issued = terms.original_issue_date
    return f"{day} is before the original issue date {issued}; the certificate adjusts for what happens after it"


def _check_dates(terms: Terms, events: Sequence[Event]) -> None:
    first = terms.first_day
    for event in events:
        # a rights plan may be older than the preferred (VI.E(4) and its like)
        if first is not None and event.date < first and not isinstance(event, RightsPlan):
            raise event.fault(_too_early(terms, event.date), "date")
        if isinstance(event, VoluntaryReduction) and event.end_date < event.date:
            raise event.fault(f"{event.end_date} is before the period begins ({event.date})", "end_date")


def _check_payments(facts: Facts) -> None:
    """No more of a dividend in Common is paid than was declared."""
    for event in facts.events:
        about = facts.by_id(event.refers_to) if isinstance(event, DividendPaid) else None
        declared = about.shares if isinstance(about, StockDividend | Rights) else None
        if (
            isinstance(about, StockDividend | Rights)
            and declared is not None
            and facts.paid_by(about, event.date) > declared
        ):
            raise event.fault(f"more shares are paid than the {show(declared)} declared", "shares")


def _check_instruments(facts: Facts) -> None:
    """What became of each instrument fits what was issued: no more is exercised, or ends, than there was."""
    rule = facts.terms.adjust.issue_below_price
    if rule is None:
        return
    about: dict[int, tuple[Event, list[Event]]] = {}
    for event in sorted(facts.events, key=lambda event: (moment_of(facts.terms, event), event.row)):
        if isinstance(event, Exercise | Expiry | TermsChange):
            root = facts.root(event)
            about.setdefault(root.row, (root, []))[1].append(event)
    for root, rows in about.values():
        for life in lives(rule, root, rows, facts.units):
            check(rule, life.issue, life.facts, facts.units)


def _check_actions(events: Sequence[Event]) -> None:
    """The rows of one corporate action have one date."""
    first: dict[str, Event] = {}
    for event in events:
        if event.action is None:
            continue
        other = first.setdefault(event.action, event)
        if other.date != event.date:
            raise event.fault(f"row {other.row} of the same action '{event.action}' has {other.date}", "date")
