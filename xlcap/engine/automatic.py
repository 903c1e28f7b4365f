"""Conversion without a choice: on a date, on price and volume, by a vote, with another class, in an offering."""

from __future__ import annotations

import bisect
import datetime as dt
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import NamedTuple

from xlcap.engine.market import check_days, closing_price, market_of, notes_on_days, volume_of
from xlcap.engine.notices import reaches
from xlcap.errors import XlcapError
from xlcap.numbers import ONE, ZERO, exact, guarded, show
from xlcap.prices import Quote
from xlcap.terms import Terms
from xlcap.terms.certificate import OnOffering, OnPrice, OnVote, WithClass


def conversion_date(terms: Terms) -> dt.date:
    """The day on which every share still outstanding converts (PriceSmart VI.B)."""
    automatic = terms.conversion.automatic
    if automatic is None:
        raise XlcapError(
            "these terms have no automatic conversion on a date", where=f"{terms.id}: conversion.automatic", code="#N/A"
        )
    return terms.settled(automatic.date, "conversion.automatic.date")


class Registration(NamedTuple):
    """When a registration of the resale is effective; without an end it stays so."""

    first: dt.date | None = None
    last: dt.date | None = None

    def covers(self, start: dt.date, end: dt.date) -> bool:
        return self.first is not None and self.first <= start and (self.last is None or end <= self.last)


class Tested(NamedTuple):
    """One trading day: the means of the days that end there, what they must reach, and whether the shares convert."""

    date: dt.date
    mean_close: Decimal
    least_close: Decimal
    mean_volume: Decimal | None
    least_volume: Decimal
    registered: bool
    converts: bool


@exact
def mandatory_date(
    terms: Terms,
    quotes: Sequence[Quote],
    price_on: Callable[[dt.date], Decimal],
    registration: Registration,
    issue_date: dt.date | None = None,
    converted: dt.date | None = None,
) -> dt.date:
    """The first trading day on which price, volume and registration all allow conversion by force (Patron 3(b))."""
    rule = _on_price(terms)
    days = days_tested(terms, quotes, price_on, registration, issue_date, converted)
    if days and days[-1].converts:
        return days[-1].date
    if converted is not None and quotes and quotes[-1].date > converted:
        raise XlcapError(
            f"the events have the shares converted by force on {converted}, and neither on that day nor before it did "
            f"price, volume and registration convert them ({rule.clause})",
            code="#N/A",
        )
    reason = (
        _lacking(rule, days[-1]) if days else f"{rule.days} trading days are needed; the price table has {len(quotes)}"
    )
    raise XlcapError(f"not converted by force on any day of the price table ({rule.clause}): {reason}", code="#N/A")


@exact
def days_tested(
    terms: Terms,
    quotes: Sequence[Quote],
    price_on: Callable[[dt.date], Decimal],
    registration: Registration,
    issue_date: dt.date | None = None,
    converted: dt.date | None = None,
) -> tuple[Tested, ...]:
    """The trading days on which conversion by force is tested, up to the one that converts (Patron 3(b)).

    Mean close and mean volume are of the same trading days, those the price table lists; the conversion price is that
    of the day. The table states prices restated for a split among the days. After ``converted`` there are no shares
    left to convert.
    """
    rule = _on_price(terms)
    if rule.registration and registration.first is None:
        raise XlcapError(f"is required: no share converts without an effective registration ({rule.clause})",
                         where="argument 'registered_from'")  # fmt: skip
    if registration.first and registration.last and registration.last < registration.first:
        raise XlcapError(f"{registration.last} is before the registration is effective ({registration.first})",
                         where="argument 'registered_until'")  # fmt: skip
    market, first = market_of(terms), issue_date or terms.first_day
    until = _until(rule)
    days: list[Tested] = []
    for i in range(rule.days - until, len(quotes)):
        day, window = quotes[i].date, quotes[i - rule.days + until : i + until]
        if first is not None and day < first:
            continue
        if converted is not None and day > converted:
            break
        check_days(market, quotes[i - rule.days + until : i + 1], day)
        close = sum((closing_price(quote, market)[0] for quote in window), ZERO) / rule.days
        least = rule.multiple * price_on(day)
        start = day if rule.registration_during == "date" else window[0].date
        registered = registration.covers(start, day)
        converts = (registered or not rule.registration) and guarded(close) >= guarded(least)
        volume = _mean_volume(rule, window, needed=converts and rule.volume > 0)
        converts = converts and (volume is None or guarded(volume) >= guarded(rule.volume))
        days.append(Tested(day, close, least, volume, rule.volume, registered, converts))
        if converts:
            break
    return tuple(days)


def notes(terms: Terms, quotes: Sequence[Quote], tested: Sequence[Tested]) -> tuple[str, ...]:
    """What a careful reader wants to know of the trading days behind these tests."""
    if not tested:
        return ()
    rule = _on_price(terms)
    first, last = (bisect.bisect_left(quotes, tested[end].date, key=lambda quote: quote.date) for end in (0, -1))
    return notes_on_days(market_of(terms), quotes[first - rule.days + _until(rule) : last + 1], tested[-1].date)


def _until(rule: OnPrice) -> int:
    """Whether the trading days end on the date itself (1), or on the one before it (0)."""
    return 1 if rule.window == "through_date" else 0


def _on_price(terms: Terms) -> OnPrice:
    rule = terms.conversion.on_price
    if rule is None:
        raise XlcapError(
            "these terms have no conversion on price and volume", where=f"{terms.id}: conversion.on_price", code="#N/A"
        )
    return rule


def _mean_volume(rule: OnPrice, window: Sequence[Quote], *, needed: bool) -> Decimal | None:
    """The mean volume; not known where a day's is blank, which is an error only if all depends on it."""
    if not needed and any(quote.volume is None for quote in window):
        return None
    return sum((volume_of(quote, rule.clause) for quote in window), ZERO) / rule.days


def _lacking(rule: OnPrice, day: Tested) -> str:
    """Why the shares do not convert on a day."""
    if rule.registration and not day.registered:
        throughout = "" if rule.registration_during == "date" else " throughout"
        return f"on {day.date} no registration is effective{throughout}"
    if guarded(day.mean_close) < guarded(day.least_close):
        price = show(day.least_close / rule.multiple)
        return (
            f"on {day.date} the mean close {show(day.mean_close)} is below {show(day.least_close)} "
            f"({show(rule.multiple)} x {price})"
        )
    return f"on {day.date} the mean volume {show(day.mean_volume or ZERO)} is below {show(rule.volume)}"


class Trigger(NamedTuple):
    """One thing that converts every share: whether it has happened (None: not told), and why."""

    name: str
    clause: str
    met: bool | None
    why: str


class Happenings(NamedTuple):
    """What is asked about: a vote, another class's conversion, an offering. What is not told is None."""

    votes_for: Decimal | None = None
    outstanding: Decimal | None = None
    class_converted: bool | None = None
    qualified_event: bool | None = None
    offering_price: Decimal | None = None
    offering_proceeds: Decimal | None = None
    split_ratio: Decimal = ONE


@exact
def triggers(terms: Terms, told: Happenings) -> tuple[Trigger, ...]:
    """Each trigger of a conversion without a choice that the certificate has (Valuestar D.11, Patron 3(b))."""
    conversion = terms.conversion
    rows = []
    if (date := conversion.automatic) is not None:
        rows.append(Trigger("date", date.clause, None, f"on {date.date}: ask AUTOMATIC_CONVERSION"))
    if (price := conversion.on_price) is not None:
        rows.append(Trigger("price and volume", price.clause, None, "ask MANDATORY_CONVERSION_DATE"))
    if conversion.on_vote is not None:
        rows.append(_by_vote(conversion.on_vote, told))
    if conversion.with_class is not None:
        rows.append(_with_class(conversion.with_class, told))
    if conversion.on_offering is not None:
        rows.append(_in_offering(terms, conversion.on_offering, told))
    if not rows:
        raise XlcapError("nothing converts these shares without their holders' choice",
                         where=f"{terms.id}: conversion", code="#N/A")  # fmt: skip
    return tuple(rows)


def _by_vote(rule: OnVote, told: Happenings) -> Trigger:
    needed = f"{'more than' if rule.strict else 'at least'} {rule.fraction} of the shares outstanding"
    if told.votes_for is None or told.outstanding is None:
        return Trigger("vote", rule.clause, None, f"give votes_for and outstanding; needed: {needed}")
    met = reaches(told.votes_for, told.outstanding, rule.fraction, strict=rule.strict)
    return Trigger(
        "vote", rule.clause, met, f"{show(told.votes_for)} of {show(told.outstanding)} for it; needed: {needed}"
    )


def _with_class(rule: WithClass, told: Happenings) -> Trigger:
    what = f"conversion of all {rule.converting}"
    if rule.qualified_event:
        what += f", or a qualified event under the certificate of {rule.converting}"
    if told.class_converted:
        return Trigger("other class", rule.clause, True, f"all {rule.converting} converted")
    if rule.qualified_event and told.qualified_event:
        return Trigger(
            "other class", rule.clause, True, f"a qualified event of {rule.converting}; no preference is paid"
        )
    asked = [told.class_converted, *([told.qualified_event] if rule.qualified_event else [])]
    if None in asked:
        names = "class_converted and qualified_event" if rule.qualified_event else "class_converted"
        return Trigger("other class", rule.clause, None, f"give {names}; needed: {what}")
    return Trigger("other class", rule.clause, False, f"needed: {what}")


def _in_offering(terms: Terms, rule: OnOffering, told: Happenings) -> Trigger:
    least = rule.min_price
    if least is None and rule.min_price_multiple is not None:
        least = rule.min_price_multiple * terms.price_per_share / told.split_ratio
    needs = [
        (told.offering_price, least, "a share", "offering_price"),
        (told.offering_proceeds, rule.min_proceeds or None, "proceeds", "offering_proceeds"),
    ]
    asked = [need for need in needs if need[1] is not None]
    why = "needed: " + (" and ".join(f"at least {show(bound)} {unit}" for _, bound, unit, _ in asked if bound)
                        or "any public offering; give its offering_price")  # fmt: skip
    if not asked:
        asked = [(told.offering_price, ZERO, "a share", "offering_price")]
    missing = [name for value, _, _, name in asked if value is None]
    if missing:
        return Trigger("public offering", rule.clause, None, f"give {' and '.join(missing)}; {why}")
    met = all(
        guarded(value) >= guarded(bound) for value, bound, _, _ in asked if value is not None and bound is not None
    )
    return Trigger("public offering", rule.clause, met, why)
