"""Closing prices and averages of closing prices."""

import datetime as dt
from decimal import Decimal
from typing import Annotated, Any

from xlcap.engine import market
from xlcap.engine.price import timeline
from xlcap.engine.rules import market_price as market_price_of_facts
from xlcap.errors import XlcapError
from xlcap.events import Event
from xlcap.functions.arguments import Certificate, Date, Events, Integer, Prices, Text
from xlcap.functions.registry import function
from xlcap.numbers import ZERO
from xlcap.prices import Quote
from xlcap.terms import Terms

TOPIC = "Market"

Closes = Annotated[Prices, "price table with a header row: date, close (and bid, ask, ... where there was no sale)"]
EventTable = Annotated[Events, "events table with a header row; their ex-dates are made good"]
Own = Annotated[Text, "id of the event the price is computed for; its ex-date decides which closes others adjust"]
OwnExDate = Annotated[Date, "that ex-date itself, where the event is not in the table"]


@function(TOPIC)
def closing_price(terms: Certificate, prices: Closes, as_of: Annotated[Date, "the trading day"]) -> Decimal:
    """Closing price of a day, from the first source that has one in the certificate's order of precedence.

    Source: PriceSmart VI.E(6)(a): Nasdaq sale, or the mean of bid and asked; principal exchange likewise; over the
    counter; market maker; the board's determination. Errors: the day is not listed, or has no price from any source.

    >>> from xlcap.functions import call
    >>> call("CLOSING_PRICE", ["PRICESMART-B", [["date", "bid", "ask"], ["2004-06-01", 15.9, 16.1]], "2004-06-01"])
    16.0
    """
    return market.closing_price_on(terms, prices, as_of)[0]


@function(TOPIC)
def average_close(
    terms: Certificate,
    prices: Closes,
    as_of: Annotated[Date, "the day before which the closing prices end"],
    days: Annotated[Integer, "trading days averaged; blank: those that value a fraction of a share"] | None = None,
) -> Decimal:
    """Mean closing price of the trading days before a day, nothing adjusted: what values a fraction of a share.

    Source: PriceSmart VI.D (five days ending on the trading day before). Not rounded unless the certificate rounds
    averages. Error: fewer closing prices than days.

    >>> from xlcap.functions import call
    >>> table = [["date", "close"], ["2004-06-01", 17], ["2004-06-02", 18], ["2004-06-03", 19]]
    >>> call("AVERAGE_CLOSE", ["PRICESMART-B", table, "2004-06-03", 2])
    17.5
    """
    rule = terms.conversion.fraction
    length = rule.cash_price_days if days is None else days
    if length is None:
        raise XlcapError("is blank: this certificate values a fraction otherwise", where="argument 'days'")
    if length < 1:
        raise XlcapError(f"must be 1 or more; found {length}", where="argument 'days'")
    return market.average_close(terms, prices, as_of, length, rule.clause)


@function(TOPIC)
def market_price(
    terms: Certificate,
    prices: Closes,
    as_of: Annotated[Date, "the date in question"],
    events: EventTable = (),
    event_id: Own | None = None,
    own_ex_date: OwnExDate | None = None,
) -> Decimal:
    """Current market price: mean closing price of the trading days before a date, other events' ex-dates made good.

    Source: PriceSmart VI.E(6)(b): thirty trading days; closes before another event's ex-date are multiplied by its
    fraction; from an ex-date on or after the own event's, divided by it. Errors: too few closing prices; a blank
    ex-date that matters; events whose prices depend on each other.

    >>> from xlcap.functions import call
    >>> days = [f"2004-06-{d:02}" for d in range(1, 31)] + ["2004-07-01"]
    >>> call("MARKET_PRICE", ["PRICESMART-B", [["date", "close"], *([day, 16] for day in days)], "2004-07-01"])
    16.0
    """
    return _average(terms, prices, as_of, events, event_id, own_ex_date).value


@function(TOPIC)
def market_price_detail(
    terms: Certificate,
    prices: Closes,
    as_of: Annotated[Date, "the date in question"],
    events: EventTable = (),
    event_id: Own | None = None,
    own_ex_date: OwnExDate | None = None,
) -> list[list[Any]]:
    """The trading days behind MARKET_PRICE: each close, what it is multiplied by and why, and the mean below.

    Source and errors as for MARKET_PRICE; notes at the end name weekdays taken as no trading days, and days listed on
    which the exchange was closed.

    >>> from xlcap.functions import call
    >>> days = [f"2004-06-{d:02}" for d in range(1, 31)] + ["2004-07-01"]
    >>> call("MARKET_PRICE_DETAIL", ["PRICESMART-B", [["date", "close"], *([d, 16] for d in days)], days[-1]])[-1][3]
    16.0
    """
    average = _average(terms, prices, as_of, events, event_id, own_ex_date)
    rows: list[list[Any]] = [["Date", "Close", "Factor", "Adjusted close", "Reason"]]
    rows += [[day.date, day.close, day.factor, day.adjusted, day.reason] for day in average.days]
    rows += [["Note", None, None, None, note] for note in average.notes]
    return [*rows, ["Mean", None, None, average.value, f"{len(average.days)} trading days ({terms.market.clause})"]]  # type: ignore[union-attr]  # the average needed it


@function(TOPIC)
def volume_weighted_price(
    terms: Certificate,
    prices: Annotated[Prices, "price table with a header row: date, close, volume"],
    issue_date: Annotated[Date, "day on which the shares are issued; the trading days end on the one before"],
) -> Decimal:
    """Average closing price of the trading days before an issue, weighted by volume.

    Source: Patron 3(c): sum(close x volume) / sum(volume) of ten trading days; the initial conversion price is the
    lesser of 2.40 and this average. Not rounded, unless conversion.initial_average.places says so. Errors: too few
    days, a blank volume, no volume at all, a certificate whose initial price depends on no average; with
    market.trading_days NYSE, a trading day that is missing, or a day that was none.

    >>> from xlcap.functions import call
    >>> block = [["id", "PATRON-B"], ["conversion.initial_average.days", 2]]
    >>> table = [["date", "close", "volume"], ["2007-01-03", 2, 1000], ["2007-01-04", 3, 3000]]
    >>> call("VOLUME_WEIGHTED_PRICE", [block, table, "2007-01-05"])
    2.75
    """
    return market.initial_average(terms, prices, issue_date).value


@function(TOPIC)
def volume_weighted_price_detail(
    terms: Certificate,
    prices: Annotated[Prices, "price table with a header row: date, close, volume"],
    issue_date: Annotated[Date, "day on which the shares are issued; the trading days end on the one before"],
) -> list[list[Any]]:
    """The trading days behind VOLUME_WEIGHTED_PRICE: close, volume and their product, with the average below.

    Source and errors as for VOLUME_WEIGHTED_PRICE. Notes at the end, in the last column, name weekdays taken as no
    trading days, and days listed on which the exchange was closed.

    >>> from xlcap.functions import call
    >>> block = [["id", "PATRON-B"], ["conversion.initial_average.days", 2]]
    >>> table = [["date", "close", "volume"], ["2007-01-03", 2, 1000], ["2007-01-04", 3, 3000]]
    >>> call("VOLUME_WEIGHTED_PRICE_DETAIL", [block, table, "2007-01-05"])[-1]
    ['Average', 2.75, 4000.0, 11000.0]
    """
    average = market.initial_average(terms, prices, issue_date)
    rows: list[list[Any]] = [["Date", "Close", "Volume", "Close x volume"]]
    rows += [[day.date, day.close, day.volume, day.close * day.volume] for day in average.days]
    totals = [sum((row[column] for row in rows[1:]), ZERO) for column in (2, 3)]
    notes = [["Note", None, None, note] for note in average.notes]
    return [*rows, ["Average", average.value, *totals], *notes]


@function(TOPIC)
def fair_market_value(
    terms: Certificate, prices: Closes, as_of: Annotated[Date, "the day of which the value is asked"]
) -> Decimal:
    """Fair market value of a share of Common, where the certificate defines it: a mean of closing prices.

    Source: Patron 3(e)(vi)E: the twenty trading days before the trading day immediately prior to the date; the mean of
    bid and asked where there was no sale. Defined there, and used nowhere in its text (AMB-PT6). Where the Common is
    not traded the board determines the value, not below book. Errors: too few days; a certificate that defines none;
    with market.trading_days NYSE, a trading day that is missing, or a day that was none.

    >>> from xlcap.functions import call
    >>> block = [["id", "PATRON-B"], ["market.fair_value.days", 2]]
    >>> table = [["date", "close"], ["2007-01-03", 2], ["2007-01-04", 3], ["2007-01-05", 9]]
    >>> call("FAIR_MARKET_VALUE", [block, table, "2007-01-08"])
    2.5
    """
    return market.fair_value(terms, prices, as_of).value


@function(TOPIC)
def fair_market_value_detail(
    terms: Certificate, prices: Closes, as_of: Annotated[Date, "the day of which the value is asked"]
) -> list[list[Any]]:
    """The trading days behind FAIR_MARKET_VALUE: each closing price and where it comes from, and the mean below.

    Source and errors as for FAIR_MARKET_VALUE.

    >>> from xlcap.functions import call
    >>> block = [["id", "PATRON-B"], ["market.fair_value.days", 2]]
    >>> table = [["date", "close"], ["2007-01-03", 2], ["2007-01-04", 3], ["2007-01-05", 9]]
    >>> call("FAIR_MARKET_VALUE_DETAIL", [block, table, "2007-01-08"])[-1]
    ['Mean', 2.5, '2 trading days (3(e)(vi)E)']
    """
    average = market.fair_value(terms, prices, as_of)
    rows: list[list[Any]] = [["Date", "Close", "Source"]]
    rows += [[day.date, day.close, day.reason] for day in average.days]
    rows.append(["Mean", average.value, f"{len(average.days)} trading days ({terms.market.fair_value.clause})"])  # type: ignore[union-attr]  # the average needed it
    return rows + [["Note", None, note] for note in average.notes]


def _average(
    terms: Terms,
    prices: tuple[Quote, ...],
    as_of: dt.date,
    events: tuple[Event, ...],
    event_id: str | None,
    own_ex_date: dt.date | None,
) -> market.Average:
    history = timeline(terms, events, prices)
    own = None
    if event_id is not None:
        if own_ex_date is not None:
            raise XlcapError("give the event's id or its ex-date, not both", where="argument 'own_ex_date'")
        own = next((event for event in events if event.id == event_id), None)
        if own is None:
            raise XlcapError(f"no event has the id '{event_id}'", where="argument 'event_id'", code="#N/A")
    return market_price_of_facts(history.facts, as_of, own, own_ex_date)
