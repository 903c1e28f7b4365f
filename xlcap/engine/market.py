"""Closing prices and their averages: which days count, and how an ex-date among them is made good."""

from __future__ import annotations

import bisect
import datetime as dt
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from xlcap.calendars import is_trading_day
from xlcap.engine.adjustment import Fraction
from xlcap.errors import XlcapError
from xlcap.numbers import ZERO, Rounding, exact
from xlcap.prices import Quote
from xlcap.tables import place
from xlcap.terms import Terms
from xlcap.terms.certificate import Market, Source


@dataclass(frozen=True)
class ExDate:
    """Another event whose ex-date may fall among the closing prices averaged."""

    date: dt.date
    fraction: Fraction
    label: str
    tender: bool = False


@dataclass(frozen=True)
class Day:
    """One trading day of an average: its closing price, what it was multiplied by and why, and the result."""

    date: dt.date
    close: Decimal
    factor: Decimal
    adjusted: Decimal
    reason: str


@dataclass(frozen=True)
class Average:
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


def closing_price_on(terms: Terms, quotes: Sequence[Quote], day: dt.date) -> tuple[Decimal, Source]:
    """The closing price of one day; a day the price table does not list is an error."""
    i = bisect.bisect_left(quotes, day, key=lambda quote: quote.date)
    if i == len(quotes) or quotes[i].date != day:
        raise XlcapError(f"the price table has no row for {day}", where="prices", code="#N/A")
    return closing_price(quotes[i], market_of(terms))


def _window(market: Market, quotes: Sequence[Quote], day: dt.date, length: int) -> tuple[Sequence[Quote], list[str]]:
    """The ``length`` trading days immediately before ``day``, or before the trading day preceding it if it is none.

    The days the table lists are the trading days. A day after the last one listed is a trading day if the exchange was
    open (its close is simply not known yet).
    """
    notes: list[str] = []
    end = bisect.bisect_left(quotes, day, key=lambda quote: quote.date)
    listed = end < len(quotes) and quotes[end].date == day
    if not listed and not (end == len(quotes) and is_trading_day(day)):
        end -= 1
        if end >= 0:
            notes.append(f"{day} is no trading day; the days before {quotes[end].date} count ({market.clause})")
    if end < length:
        reach = f"it has {max(end, 0)}" + (f", from {quotes[0].date}" if quotes else "")
        raise XlcapError(
            f"{length} closing prices before {day} are needed ({market.clause}); {reach}", where="prices", code="#N/A"
        )
    window = quotes[end - length : end]
    gaps = _missing(window, day if listed else None)
    if gaps and market.trading_days == "NYSE":
        raise XlcapError(f"{gaps[0]} was a trading day and has no row", where="prices", code="#N/A")
    if gaps:
        notes.append("weekdays without a row, taken as no trading days: " + ", ".join(map(str, gaps)))
    if market.trading_days == "NYSE":
        for quote in window:
            if not is_trading_day(quote.date):
                raise XlcapError(f"{quote.date} was no trading day", where=place("prices", quote.row, "date"))
    return window, notes


def _missing(window: Sequence[Quote], until: dt.date | None) -> list[dt.date]:
    """Trading days of the exchange that stand between the days listed."""
    days = [quote.date for quote in window] + ([until] if until else [])
    missing = []
    for before, after in itertools.pairwise(days):
        if (after - before).days > 1 and not (before.weekday() == 4 and (after - before).days == 3):
            between = (before + dt.timedelta(days=n) for n in range(1, (after - before).days))
            missing += [day for day in between if is_trading_day(day)]
    return missing


@exact
def average_close(terms: Terms, quotes: Sequence[Quote], day: dt.date, length: int) -> Average:
    """The mean closing price of the ``length`` trading days before ``day``, nothing adjusted."""
    return _average(terms, quotes, day, length, [], None)


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
    return _average(terms, quotes, day, market_of(terms).days, others, own_ex_date)


def _average(
    terms: Terms,
    quotes: Sequence[Quote],
    day: dt.date,
    length: int,
    others: Sequence[ExDate],
    own_ex_date: dt.date | None,
) -> Average:
    market = market_of(terms)
    window, notes = _window(market, quotes, day, length)
    first, last = window[0].date, window[-1].date
    days = []
    for quote in window:
        close, _ = closing_price(quote, market)
        adjusted, factor, reasons = close, Decimal(1), []
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
    value = sum((entry.adjusted for entry in days), ZERO) / length
    if terms.policy.round_averages:
        value = Rounding(terms.policy.price_places)(value)
    return Average(value, tuple(days), tuple(notes))
