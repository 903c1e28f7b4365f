"""Closing prices and their averages: which days count, and how an ex-date among them is made good."""

from __future__ import annotations

import bisect
import datetime as dt
import itertools
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from xlcap.calendars import is_trading_day, trading_days_between
from xlcap.engine.adjustment import Fraction
from xlcap.errors import XlcapError
from xlcap.numbers import ONE, ZERO, Rounding, exact
from xlcap.prices import Quote
from xlcap.tables import place
from xlcap.terms import Terms
from xlcap.terms.certificate import InitialAverage, Market, Source


class ExDate(NamedTuple):
    """Another event whose ex-date may fall among the closing prices averaged."""

    date: dt.date
    fraction: Fraction
    label: str
    tender: bool = False


class Day(NamedTuple):
    """One trading day of an average: its closing price, what it was multiplied by and why, and the result."""

    date: dt.date
    close: Decimal
    factor: Decimal
    adjusted: Decimal
    reason: str


class Average(NamedTuple):
    """A mean of closing prices with the days behind it; ``notes`` are things a careful reader wants to know."""

    value: Decimal
    days: tuple[Day, ...]
    notes: tuple[str, ...]


_COLUMNS: dict[Source, tuple[str | None, str, str]] = {
    "nasdaq": ("close", "bid", "ask"),
    "exchange": ("exchange_close", "exchange_bid", "exchange_ask"),
    "otc": (None, "otc_bid", "otc_ask"),
    "market_maker": (None, "maker_bid", "maker_ask"),
    "board": ("board_value", "", ""),
}


@exact
def closing_price(quote: Quote, market: Market) -> tuple[Decimal, Source]:
    """The closing price of a day and where it comes from, in the certificate's order of precedence.

    Where a source has no sale, the mean of its bid and asked prices stands for it.
    """
    for source in market.closing_price:
        sale, bid, ask = _COLUMNS[source]
        if sale and (price := getattr(quote, sale)) is not None:
            return price, source
        if bid and getattr(quote, bid) is not None and getattr(quote, ask) is not None:
            return (getattr(quote, bid) + getattr(quote, ask)) / 2, source
    columns = ", ".join(name for source in market.closing_price for name in _COLUMNS[source] if name)
    raise XlcapError(
        f"{quote.date} has no closing price ({market.closing_price_clause}): fill one of {columns} "
        "(a bid together with its ask)",
        where=place("prices", quote.row),
    )


def market_of(terms: Terms) -> Market:
    """The market clause of a certificate; without one there is no market price to compute."""
    if terms.market is None:
        raise XlcapError("this certificate defines no market price", where=f"{terms.id}: market", code="#N/A")
    return terms.market


def days_averaged(terms: Terms) -> int:
    """The trading days in the current market price, where the certificate has one."""
    days = market_of(terms).days
    if days is None:
        raise XlcapError("this certificate defines no current market price", where=f"{terms.id}: market", code="#N/A")
    return days


def closing_price_on(terms: Terms, quotes: Sequence[Quote], day: dt.date) -> tuple[Decimal, Source]:
    """The closing price of one day; a day the price table does not list is an error."""
    i = bisect.bisect_left(quotes, day, key=lambda quote: quote.date)
    if i == len(quotes) or quotes[i].date != day:
        raise XlcapError(f"the price table has no row for {day}", where="prices", code="#N/A")
    return closing_price(quotes[i], market_of(terms))


_LONGEST_CLOSURE = dt.timedelta(days=5)
"""The exchange is never closed longer, short of an emergency: a weekend with a holiday on either side."""


def _window(terms: Terms, quotes: Sequence[Quote], day: dt.date) -> tuple[Sequence[Quote], list[str]]:
    """The trading days of the current market price, with notes for a careful reader.

    They are the days immediately before ``day``, or before the trading day that precedes it if it is none. The days the
    table lists are the trading days; one after the last of them is a trading day if the exchange was open, for its
    close may simply not be known yet.
    """
    market, length = market_of(terms), days_averaged(terms)
    notes: list[str] = []
    end = bisect.bisect_left(quotes, day, key=lambda quote: quote.date)
    if end == len(quotes) and quotes:
        _check_not_stale(quotes[-1].date, day)
    reference = day
    is_listed = end < len(quotes) and quotes[end].date == day
    if not is_listed and not (end == len(quotes) and is_trading_day(day)):
        end -= 1
        if end >= 0:
            reference = quotes[end].date
            notes.append(f"{day} is no trading day; the days before {reference} count ({market.clause})")
    if end < length:
        reach = f"it has {max(end, 0)}" + (f", from {quotes[0].date}" if quotes else "")
        raise XlcapError(
            f"{length} closing prices before {day} are needed ({market.clause}); {reach}",
            where="prices",
            code="#N/A",
        )
    window = quotes[end - length : end]
    check_days(market, window, reference)
    return window, [*notes, *notes_on_days(market, window, reference)]


def _check_not_stale(last: dt.date, day: dt.date) -> None:
    """A table that ends too early would move the window without a word."""
    lacking = next(trading_days_between(last, day), None)
    if lacking and (is_trading_day(day) or day - last > _LONGEST_CLOSURE):
        raise XlcapError(
            f"the table ends on {last} and has no row for {lacking}, a trading day before {day}",
            where="prices",
            code="#N/A",
        )


def _gaps(window: Sequence[Quote], until: dt.date) -> list[dt.date]:
    """The exchange's trading days that have no row, from the first of the window until the day before ``until``."""
    days = [*(quote.date for quote in window), until]
    return [gap for before, after in itertools.pairwise(days) for gap in trading_days_between(before, after)]


def check_days(market: Market, window: Sequence[Quote], until: dt.date) -> None:
    """Where the trading days are the exchange's, each of them has a row, and no other day has."""
    if market.trading_days != "NYSE":
        return
    gap = next(iter(_gaps(window, until)), None)
    if gap:
        raise XlcapError(f"{gap} was a trading day and has no row", where="prices", code="#N/A")
    for quote in window:
        if not is_trading_day(quote.date):
            raise XlcapError(f"{quote.date} was no trading day", where=place("prices", quote.row, "date"))


def notes_on_days(market: Market, window: Sequence[Quote], until: dt.date) -> tuple[str, ...]:
    """What a careful reader wants to know where the trading days are those the price table lists."""
    if market.trading_days != "listed":
        return ()
    lacking = _gaps(window, until)
    closed = [quote.date for quote in window if not is_trading_day(quote.date)]
    said = (("weekdays without a row, taken as no trading days", lacking),
            ("days with a row on which the New York Stock Exchange was closed", closed))  # fmt: skip
    return tuple(f"{what}: {', '.join(map(str, days))}" for what, days in said if days)


@exact
def average_close(terms: Terms, quotes: Sequence[Quote], day: dt.date, length: int, clause: str) -> Decimal:
    """The mean closing price of the ``length`` trading days ending on the one before ``day``, nothing adjusted (VI.D).

    Not rounded, unless the certificate rounds averages. A table that ends before the last of them is an error.
    """
    market = market_of(terms)
    window = _days_before(terms, quotes, day, length, clause).quotes
    mean = sum((closing_price(quote, market)[0] for quote in window), ZERO) / length
    return _averages(terms)(mean)


class _Window(NamedTuple):
    """Trading days that are averaged, with notes for a careful reader."""

    quotes: Sequence[Quote]
    notes: tuple[str, ...]


def _days_before(
    terms: Terms, quotes: Sequence[Quote], day: dt.date, length: int, clause: str, skip: int = 0
) -> _Window:
    """The ``length`` trading days before ``day``, the last ``skip`` before it left out.

    A table that ends before the last trading day is an error, and where the exchange's days count, any gap is.
    """
    market = market_of(terms)
    end = bisect.bisect_left(quotes, day, key=lambda quote: quote.date)
    if end < length + skip:
        left_out = f" (the last {skip} left out)" if skip else ""
        raise XlcapError(
            f"{length} closing prices before {day}{left_out} are needed ({clause}); it has {end}",
            where="prices",
            code="#N/A",
        )
    lacking = next(trading_days_between(quotes[end - 1].date, day), None)
    if lacking and end == len(quotes):
        raise XlcapError(f"the table has no row for {lacking}, a trading day before {day}", where="prices", code="#N/A")
    reached = quotes[end - skip - length : end]
    check_days(market, reached, day)
    return _Window(reached[:length], notes_on_days(market, reached, day))


class Traded(NamedTuple):
    """One trading day of an average weighted by volume."""

    date: dt.date
    close: Decimal
    volume: Decimal


class WeightedAverage(NamedTuple):
    """A mean of closing prices weighted by volume, with the days behind it and what a careful reader wants to know."""

    value: Decimal
    days: tuple[Traded, ...]
    notes: tuple[str, ...]


@exact
def initial_average(terms: Terms, quotes: Sequence[Quote], day: dt.date) -> WeightedAverage:
    """The average that limits the price of shares issued on ``day``: sum(close x volume) / sum(volume) (Patron 3(c)).

    Its days end on the trading day before the issue (AMB-PT4).
    """
    rule, market = _initial_average(terms), market_of(terms)
    window, notes = _days_before(terms, quotes, day, rule.days, rule.clause)
    days = [Traded(quote.date, closing_price(quote, market)[0], volume_of(quote, rule.clause)) for quote in window]
    volume = sum((entry.volume for entry in days), ZERO)
    if not volume:
        raise XlcapError(
            f"no share was traded on the {rule.days} trading days before {day}, so there is no average weighted by "
            f"volume ({rule.clause})",
            where="prices",
            code="#N/A",
        )
    mean = sum((entry.close * entry.volume for entry in days), ZERO) / volume
    return WeightedAverage(Rounding(rule.places)(mean), tuple(days), notes)


def _initial_average(terms: Terms) -> InitialAverage:
    rule = terms.conversion.initial_average
    if rule is None:
        raise XlcapError(
            "the initial price of this certificate does not depend on an average",
            where=f"{terms.id}: conversion.initial_average",
            code="#N/A",
        )
    return rule


def volume_of(quote: Quote, clause: str) -> Decimal:
    """The shares traded on a day; a blank is an error, not zero."""
    if quote.volume is None:
        raise XlcapError(f"is blank, and {clause} looks at the volume of {quote.date}",
                         where=place("prices", quote.row, "volume"))  # fmt: skip
    return quote.volume


@exact
def fair_value(terms: Terms, quotes: Sequence[Quote], day: dt.date) -> Average:
    """The fair market value of a share of Common (Patron 3(e)(vi)E): a mean of closing prices, and their days."""
    market = market_of(terms)
    rule = market.fair_value
    if rule is None:
        raise XlcapError("this certificate defines no fair market value", where=f"{terms.id}: market.fair_value",
                         code="#N/A")  # fmt: skip
    window, notes = _days_before(terms, quotes, day, rule.days, rule.clause, rule.skip)
    days = []
    for quote in window:
        close, source = closing_price(quote, market)
        days.append(Day(quote.date, close, ONE, close, source))
    return Average(_averages(terms)(sum((entry.close for entry in days), ZERO) / rule.days), tuple(days), notes)


def _averages(terms: Terms) -> Rounding:
    return Rounding(terms.policy.price_places if terms.policy.round_averages else None)


@exact
def current_market_price(
    terms: Terms,
    quotes: Sequence[Quote],
    day: dt.date,
    others: Sequence[ExDate] = (),
    own_ex_date: dt.date | None = None,
) -> Average:
    """The current market price on ``day``: the mean of the closing prices before it, other events' ex-dates made good.

    Limb (1): an ex-date among the days: the closes before it are multiplied by the other event's fraction. Limb (2): an
    ex-date on or after the own ex-date of the event being priced, and before ``day``: the closes from it on are divided
    by the fraction. Tender offers count under limb (2) only.
    """
    market = market_of(terms)
    window, notes = _window(terms, quotes, day)
    first, last = window[0].date, window[-1].date
    days = []
    for quote in window:
        close, _ = closing_price(quote, market)
        adjusted, factor, reasons = close, ONE, []
        for other in others:
            first_limb = first <= other.date <= last and not other.tender
            second_limb = own_ex_date is not None and own_ex_date <= other.date < day
            if first_limb and second_limb:
                first_limb, second_limb = market.ex_date_overlap == "first", market.ex_date_overlap == "second"
            if first_limb and quote.date < other.date:
                adjusted = other.fraction.apply(adjusted)
                factor *= other.fraction.value
                reasons.append(f"before the ex-date {other.date} of {other.label}: × {other.fraction.formula}")
            elif second_limb and quote.date >= other.date:
                adjusted = adjusted * other.fraction.denominator / other.fraction.numerator
                factor /= other.fraction.value
                reasons.append(f"from the ex-date {other.date} of {other.label}: / ({other.fraction.formula})")
        days.append(Day(quote.date, close, factor, adjusted, "; ".join(reasons)))
    value = sum((entry.adjusted for entry in days), ZERO) / len(days)
    return Average(_averages(terms)(value), tuple(days), tuple(notes))
