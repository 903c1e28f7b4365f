"""What happened: dated facts about the company, one row each, in the order the company lists them.

Every kind of event is a class; its fields are the columns it uses in the events table. A fact is known from its own
``date`` unless ``known_on`` says otherwise, so that a price can be asked for as it stood with what was known on a day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal

from xlcap.cells import found, is_blank
from xlcap.errors import XlcapError, nearest
from xlcap.numbers import ZERO, guarded, show
from xlcap.records import record
from xlcap.tables import (
    Range,
    body,
    column,
    columns,
    header_name,
    place,
    read_header,
    read_record,
)


@record
class Event:
    """What every event has."""

    row: int
    event: str = column("kind of event")
    date: dt.date = column("record date of a distribution; effective date of a split; day of anything else")
    id: str | None = column("a name by which other rows refer to this one", default=None)
    action: str | None = column(
        "rows that are one corporate action carry the same text here, such as a dividend of property and shares",
        default=None,
    )
    known_on: dt.date | None = column("day from which this fact is known; blank: from its date", default=None)
    note: str | None = column("anything you like; not read", default=None)

    @property
    def label(self) -> str:
        """How histories and errors name this event."""
        return self.id or f"row {self.row}"

    @property
    def known_from(self) -> dt.date:
        return self.known_on or self.date

    def fault(self, message: str, name: str | None = None, code: str = "#VALUE!") -> XlcapError:
        """An error placed at this row of the events table."""
        return XlcapError(message, where=place("events", self.row, name), code=code)


@record
class TradedEvent(Event):
    """An event whose ex-date the closing prices know."""

    ex_date: dt.date | None = column(
        "first day the Common trades without it; needed where it falls among the closing prices averaged", default=None
    )


@record
class Split(TradedEvent):
    """Common subdivided or combined, effective on ``date``."""

    ratio: Decimal = column("new shares for each old one: 2 is two for one, 0.1 is one for ten", above=0)


def _check_payment_date(event: Event, fixed: dt.date | None) -> None:
    if fixed is not None and fixed < event.date:
        raise event.fault(f"{fixed} is before the record date {event.date}", "payment_date")


@record
class StockDividend(TradedEvent):
    """Common paid on Common, record ``date``."""

    common_outstanding: Decimal | None = column(
        "Common outstanding at the close of the record date: issued, less treasury, plus scrip; blank beside shares: "
        "from the cap table",
        default=None,
        above=0,
    )
    shares: Decimal | None = column("shares of Common constituting the dividend", default=None, above=0)
    ratio: Decimal | None = column(
        "instead of the two counts: shares after for each share before", default=None, above=1
    )
    payment_date: dt.date | None = column(
        "date fixed for the payment; where the certificate says so, what rows 'dividend_paid' do not show as paid by "
        "then falls away; blank: it is paid as declared",
        default=None,
    )

    def __post_init__(self) -> None:
        counted = self.common_outstanding is not None or self.shares is not None
        if counted == (self.ratio is not None) or (counted and self.shares is None):
            raise self.fault("give common_outstanding and shares, or ratio alone")
        _check_payment_date(self, self.payment_date)


@record
class Rights(TradedEvent):
    """Rights, warrants or convertible securities given to the holders of Common, record ``date``."""

    common_outstanding: Decimal = column("Common outstanding at the close of the record date", above=0)
    shares: Decimal = column("shares of Common offered under the rights", above=0)
    price: Decimal | None = column(
        "offering price a share; blank where the certificate does not look at it", default=None, least=0
    )
    closing_price: Decimal | None = column(
        "closing price on the record date; blank: from the price table", default=None, above=0
    )
    to_preferred: bool = column("TRUE if the preferred received them too, as if converted", default=False)
    reinvestment_plan: bool = column("TRUE for rights under a dividend reinvestment plan", default=False)
    payment_date: dt.date | None = column(
        "date fixed for the payment; where the certificate says so, what rows 'dividend_paid' do not show as paid by "
        "then falls away; blank: it is paid as declared",
        default=None,
    )

    def __post_init__(self) -> None:
        _check_payment_date(self, self.payment_date)


@record
class Distribution(TradedEvent):
    """Property, debt, other stock, cash or other rights distributed on Common, record ``date``."""

    value: Decimal = column("fair market value applicable to one share of Common, dollars", least=0)
    current_market_price: Decimal | None = column(
        "current market price on the day; blank: from the price table", default=None, above=0
    )
    property: str | None = column("what is distributed, for the entitlement on conversion", default=None)
    regular_cash: bool = column("TRUE for a regular periodic cash dividend, which adjusts nothing", default=False)
    reserved: bool = column("TRUE if the company reserves it for delivery on conversion instead", default=False)
    own_securities: bool = column("TRUE if it is in the company's own other securities", default=False)
    paid_to_preferred: bool = column("TRUE if the preferred was paid its share currently", default=False)


@record
class RightsPlan(Event):
    """A stockholders' rights plan adopted on ``date``: no adjustment until a trigger event."""

    property: str | None = column("what is distributed, for the entitlement on conversion", default=None)


@record
class TriggerEvent(Distribution):
    """A trigger event of a rights plan, on ``date``: the rights are deemed distributed then."""

    refers_to: str = column("id of the event this one is about")


@record
class TenderOffer(TradedEvent):
    """A tender or exchange offer by the company for its Common, whose last tender time is on ``date``."""

    common_outstanding: Decimal = column("Common outstanding then, tendered shares included", above=0)
    shares: Decimal = column("shares purchased", least=0)
    consideration: Decimal = column("aggregate consideration payable, dollars", least=0)
    current_market_price: Decimal | None = column(
        "current market price on the day; blank: from the price table", default=None, above=0
    )


@record
class VoluntaryReduction(Event):
    """The company reduces the price by ``amount`` from ``date`` to ``end_date``, both included."""

    end_date: dt.date = column("last day of the period")
    amount: Decimal = column("dollars off the conversion price", above=0)
    notice_date: dt.date = column("day the notice was mailed")


@record
class Reorganization(Event):
    """A merger or the like on ``date``: conversion delivers a package instead of Common."""

    property: str = column("what a share of Common becomes, such as stock of the successor")
    value: Decimal | None = column("units of it, or dollars of it, for one share of Common", default=None, least=0)


@record
class Sequel(Event):
    """A later fact about an earlier event."""

    refers_to: str = column("id of the event this one is about")


@record
class NotMade(Sequel):
    """The dividend or distribution will not be made: known on ``date``."""


@record
class RightsRedeemed(Sequel):
    """All the rights were redeemed or repurchased on ``date``."""

    price: Decimal = column("redemption price for the rights on one share of Common, dollars", least=0)
    current_market_price: Decimal | None = column(
        "current market price on the day; blank: from the price table", default=None, above=0
    )


@record
class RightsExercised(Sequel):
    """Some rights were exercised on ``date``."""

    shares: Decimal = column("shares bought by exercise", above=0)


@record
class RightsExpired(Sequel):
    """The rights that were left expired or were terminated on ``date``."""


@record
class DividendPaid(Sequel):
    """A dividend in Common or in rights, or a part of it, was paid on ``date``."""

    shares: Decimal = column("shares paid, or shares under the rights distributed", above=0)
    common_outstanding: Decimal | None = column(
        "Common outstanding immediately before the payment; blank: as on the record date", default=None, above=0
    )


@record
class Capitalized(Event):
    """An event with the shares outstanding before it, for a weighted average.

    Those of them that the certificate counts; a blank is taken from the cap table, if the function has one.
    """

    common_outstanding: Decimal | None = column(
        "Common outstanding immediately before (at the close of the day before)", default=None, least=0
    )
    series_shares: Decimal | None = column("shares of this series outstanding then", default=None, least=0)
    preferred_as_converted: Decimal | None = column(
        "Common into which the other preferred then outstanding converts", default=None, least=0
    )
    options_outstanding: Decimal | None = column(
        "Common under all rights, options and warrants then outstanding", default=None, least=0
    )
    convertibles_outstanding: Decimal | None = column(
        "Common under all other convertible securities then outstanding", default=None, least=0
    )
    reserved_pool: Decimal | None = column("Common reserved for awards not yet granted", default=None, least=0)
    outstanding_after: Decimal | None = column(
        "where the terms count it so: all shares at the close of the day, this issue's among them",
        default=None,
        above=0,
    )
    exempt: str | None = column(
        "the exemption, by its name or its section, if the certificate leaves the issue out", default=None
    )
    closing: str | None = column("closings of one issue carry the same text here", default=None)


@record
class Issue(Capitalized):
    """Common issued or sold on ``date``."""

    shares: Decimal = column("shares of Common issued", above=0)
    cash: Decimal | None = column("cash received, dollars; 0 if it was none", default=None, least=0)
    property_value: Decimal | None = column("fair value of other property received, dollars", default=None, least=0)
    allocated_elsewhere: Decimal = column(
        "part of it that the board allocates to other securities or assets sold with them, dollars",
        default=ZERO,
        least=0,
    )
    expenses: Decimal = column("expenses of the issue payable by the company, dollars", default=ZERO, least=0)

    def __post_init__(self) -> None:
        if self.cash is None and self.property_value is None:
            raise self.fault("is blank: give what was received, or 0 if it was nothing", "cash")
        self._check_allocation()

    def _check_allocation(self) -> None:
        if self.allocated_elsewhere and self.received < 0:
            raise self.fault("is more than all that was received", "allocated_elsewhere")

    @property
    def received(self) -> Decimal:
        """What the company received for it, before expenses."""
        return (self.cash or ZERO) + (self.property_value or ZERO) - self.allocated_elsewhere


@record
class DeemedIssue(Issue):
    """Rights, options, warrants or convertible securities issued on ``date``; ``shares`` is the most they can become.

    For rights to buy convertible securities, ``min_exercise`` buys these and ``min_conversion`` converts them.
    """

    security: str = column("option (rights, options, warrants) or convertible; blank: option", default="option")
    min_exercise: Decimal | None = column("least payable on exercise of all of it, dollars", default=None, least=0)
    min_conversion: Decimal | None = column("least payable on conversion of all of it, dollars", default=None, least=0)
    debt_cancelled: Decimal = column(
        "debt cancelled on conversion of all of it, dollars; the certificate says whether it counts",
        default=ZERO,
        least=0,
    )

    def __post_init__(self) -> None:
        if header_name(self.security) not in ("option", "convertible"):
            raise self.fault(f"is option or convertible; found '{self.security}'", "security")
        money = (self.cash, self.property_value, self.min_exercise, self.min_conversion)
        if all(amount is None for amount in money):
            raise self.fault("is blank, and so is all else that is paid: give what was received, or 0", "cash")
        self._check_allocation()


@record
class TermsChange(Capitalized):
    """The price or the number of shares of an option or convertible security changes on ``date``.

    One that is older than the certificate has no row to refer to: then all its terms stand here.
    """

    refers_to: str | None = column("id of the event this one is about; blank: an instrument not listed", default=None)
    shares: Decimal | None = column(
        "the most it can now become, in shares of this day, those already exercised left out; blank: unchanged",
        default=None,
        above=0,
    )
    cash: Decimal | None = column(
        "received when it was issued, dollars; blank: as in the row it is about, otherwise nothing",
        default=None,
        least=0,
    )
    min_exercise: Decimal | None = column(
        "least now payable on exercise of all of it, dollars; blank: unchanged", default=None, least=0
    )
    min_conversion: Decimal | None = column(
        "least now payable on conversion of all of it, dollars; blank: unchanged", default=None, least=0
    )
    by: str = column(
        "what changes it: terms (its own), antidilution (its own clause against dilution), agreement; blank: terms",
        default="terms",
    )

    def __post_init__(self) -> None:
        if header_name(self.by) not in ("terms", "antidilution", "agreement"):
            raise self.fault(f"is terms, antidilution or agreement; found '{self.by}'", "by")
        if self.refers_to is None and self.shares is None:
            raise self.fault("is blank, and there is no row to take it from", "shares")
        if all(change is None for change in (self.shares, self.cash, self.min_exercise, self.min_conversion)):
            raise self.fault("changes nothing: give the new shares, min_exercise or min_conversion")


@record
class Exercise(Sequel):
    """Common issued on exercise or conversion of an option or convertible security on ``date``."""

    shares: Decimal = column("shares of Common issued", above=0)
    cash: Decimal | None = column(
        "received on the exercise or conversion, dollars; for options 0 if it was nothing", default=None, least=0
    )
    issue_consideration: Decimal | None = column(
        "received when the securities now converted were issued, dollars; blank: their part of the whole",
        default=None,
        least=0,
    )


@record
class Expiry(Sequel):
    """What was left of an option or convertible security, or a part of it, expired on ``date``."""

    shares: Decimal | None = column("shares under the part that ended; blank: all that is left", default=None, above=0)


@record
class Termination(Expiry):
    """What was left of it ended otherwise on ``date``: cancelled, forfeited, redeemed, repaid."""


@record
class AutomaticConversion(Event):
    """The shares are converted by force, or what triggers that has happened, on ``date``."""


KINDS: Mapping[str, type[Event]] = {
    "split": Split,
    "stock_dividend": StockDividend,
    "rights": Rights,
    "distribution": Distribution,
    "rights_plan": RightsPlan,
    "trigger_event": TriggerEvent,
    "tender_offer": TenderOffer,
    "voluntary_reduction": VoluntaryReduction,
    "reorganization": Reorganization,
    "not_made": NotMade,
    "rights_redeemed": RightsRedeemed,
    "rights_exercised": RightsExercised,
    "rights_expired": RightsExpired,
    "dividend_paid": DividendPaid,
    "issue": Issue,
    "deemed_issue": DeemedIssue,
    "terms_change": TermsChange,
    "exercise": Exercise,
    "expiry": Expiry,
    "termination": Termination,
    "automatic_conversion": AutomaticConversion,
}

_REFERABLE: Mapping[type[Event], tuple[type[Event], ...]] = {
    NotMade: (StockDividend, Rights, Distribution),
    RightsRedeemed: (Rights, Distribution, RightsPlan),
    RightsExercised: (Rights, Distribution),
    RightsExpired: (Rights, Distribution, RightsPlan),
    TriggerEvent: (RightsPlan,),
    DividendPaid: (StockDividend, Rights),
    TermsChange: (DeemedIssue, TermsChange),
    Exercise: (DeemedIssue, TermsChange),
    Expiry: (DeemedIssue, TermsChange),
    Termination: (DeemedIssue, TermsChange),
}


def column_names() -> list[str]:
    """Every column an events table may have, in the order of the classes."""
    names: dict[str, None] = {}
    for kind in KINDS.values():
        names |= dict.fromkeys(columns(kind))
    return list(names)


def read_events(table: Range | None, what: str = "events") -> tuple[Event, ...]:
    """An events table as facts, in its own order; every fault names its row and column.

    >>> read_events([["event", "date", "ratio"], ["split", "2004-06-14", 2]])[0].label
    'row 1'
    """
    if not table:
        return ()
    positions = read_header(table[0], column_names(), what)
    for name in ("event", "date"):
        if name not in positions:
            raise XlcapError(f"column '{name}' is missing: {columns(Event)[name].doc}", where=what)
    events: list[Event] = []
    for number, row in body(table):
        cell = row[positions["event"]]
        name = cell if isinstance(cell, str) and cell in KINDS else "" if is_blank(cell) else header_name(cell)
        if name not in KINDS:
            close = nearest(name, KINDS)
            raise XlcapError(
                f"the events are {', '.join(KINDS)}; found {found(cell)}"
                + (f"; did you mean '{close}'?" if close else ""),
                where=place(what, number, "event"),
            )
        events.append(read_record(row, number, KINDS[name], positions, what))
    _check_references(events)
    return tuple(events)


def _check_references(events: Sequence[Event]) -> None:
    by_id: dict[str, Event] = {}
    for event in events:
        if event.id is None:
            continue
        if event.id in by_id:
            raise event.fault(f"'{event.id}' is the id of row {by_id[event.id].row} too; ids must differ", "id")
        by_id[event.id] = event
    for event in events:
        if not isinstance(event, Sequel | TriggerEvent | TermsChange) or event.refers_to is None:
            continue
        about = by_id.get(event.refers_to)
        if about is None:
            raise event.fault(f"no event has the id '{event.refers_to}'", "refers_to")
        wanted = _REFERABLE[type(event)]
        if not isinstance(about, wanted):
            kinds = " or ".join(name for name, kind in KINDS.items() if kind in wanted)
            raise event.fault(
                f"'{event.refers_to}' is of the kind {about.event}; {event.event} is about {kinds}", "refers_to"
            )
        if event.date < about.date:
            raise event.fault(f"{event.date} is before the event it is about ({about.date})", "date")
    _check_exercises(events, by_id)
    _check_not_made(events)


def _check_not_made(events: Sequence[Event]) -> None:
    """What was paid, even in part, was made."""
    paid = {event.refers_to: event for event in events if isinstance(event, DividendPaid)}
    for event in events:
        if isinstance(event, NotMade) and event.refers_to in paid:
            raise event.fault(
                f"row {paid[event.refers_to].row} says that shares of '{event.refers_to}' were paid; leave this row "
                "out: what is not paid by payment_date falls away by itself",
                "refers_to",
            )


def _check_exercises(events: Sequence[Event], by_id: Mapping[str, Event]) -> None:
    """No more shares are bought under rights than were offered, both counted in shares of the day of the offer."""
    left: dict[str, Decimal] = {}
    for event in events:
        if not isinstance(event, RightsExercised):
            continue
        about = by_id[event.refers_to]
        if not isinstance(about, Rights):
            continue
        left[event.refers_to] = left.get(event.refers_to, about.shares) - shares_when_offered(events, about, event)
        if guarded(left[event.refers_to]) < 0:
            raise event.fault(f"more shares are exercised than the {show(about.shares)} offered", "shares")


def shares_when_offered(events: Sequence[Event], about: Event, exercise: RightsExercised) -> Decimal:
    """The shares of an exercise restated, for splits in between, to shares of the day the rights were offered."""
    shares = exercise.shares
    for split in events:
        if isinstance(split, Split) and about.date <= split.date < exercise.date:
            shares /= split.ratio
    return shares


def known(events: tuple[Event, ...], known_at: dt.date | None) -> tuple[Event, ...]:
    """The events known on a day (all, if no day is given). A sequel is not known before what it is about."""
    if known_at is None:
        return events
    facts = tuple(event for event in events if event.known_from <= known_at)
    while True:  # what is about an event may itself be told of by another
        ids = {None, *(event.id for event in facts)}  # None: it refers to nothing
        told = tuple(event for event in facts if getattr(event, "refers_to", None) in ids)
        if told == facts:
            return facts
        facts = told


def numbered(event: Event) -> str:
    """An event in words, for the history: its kind and its label."""
    return f"{event.event.replace('_', ' ')} ({event.label})"
