"""Conversion without a choice: on a date, on price and volume, by a vote, with another class, in an offering."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import NamedTuple

from xlcap.engine.market import closing_price, market_of, volume_of
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


@exact
def mandatory_date(
    terms: Terms,
    quotes: Sequence[Quote],
    price_on: Callable[[dt.date], Decimal],
    registration: Registration,
    issue_date: dt.date | None = None,
) -> dt.date:
    """The first trading day on which price, volume and registration all allow conversion by force (Patron 3(b)).

    Mean close and mean volume are of the same trading days, those the price table lists; the conversion price is that
    of the day. The table states prices restated for a split among the days.
    """
    rule = terms.conversion.on_price
    if rule is None:
        raise XlcapError(
            "these terms have no conversion on price and volume", where=f"{terms.id}: conversion.on_price", code="#N/A"
        )
    market = market_of(terms)
    if rule.registration and registration.first is None:
        raise XlcapError(f"is required: no share converts without an effective registration ({rule.clause})",
                         where="argument 'registered_from'")  # fmt: skip
    if registration.first and registration.last and registration.last < registration.first:
        raise XlcapError(f"{registration.last} is before the registration is effective ({registration.first})",
                         where="argument 'registered_until'")  # fmt: skip
    first = issue_date or terms.first_day
    until = 1 if rule.window == "through_date" else 0  # the days end on the date itself, or on the one before it
    reason = f"{rule.days} trading days are needed; the price table has {len(quotes)}"
    for i in range(rule.days - until, len(quotes)):
        day, window = quotes[i].date, quotes[i - rule.days + until : i + until]
        if first is not None and day < first:
            continue
        closes = sum((closing_price(quote, market)[0] for quote in window), ZERO)
        reason = _lacking(rule, day, window, closes, price_on(day), registration)
        if not reason:
            return day
    raise XlcapError(f"not converted by force on any day of the price table ({rule.clause}): {reason}", code="#N/A")


def _lacking(
    rule: OnPrice,
    day: dt.date,
    window: Sequence[Quote],
    closes: Decimal,
    price: Decimal,
    registration: Registration,
) -> str:
    """Why the shares do not convert on ``day``; nothing if they do. The volume is looked at only if the rest is met."""
    if rule.registration and not registration.covers(
        day if rule.registration_during == "date" else window[0].date, day
    ):
        return f"on {day} no registration is effective" + ("" if rule.registration_during == "date" else " throughout")
    least = rule.multiple * price
    if guarded(closes) < guarded(least * rule.days):
        mean = show(closes / rule.days)
        return f"on {day} the mean close {mean} is below {show(least)} ({show(rule.multiple)} x {show(price)})"
    if rule.volume:
        volume = sum((volume_of(quote, rule.clause) for quote in window), ZERO)
        if guarded(volume) < guarded(rule.volume * rule.days):
            return f"on {day} the mean volume {show(volume / rule.days)} is below {show(rule.volume)}"
    return ""


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
