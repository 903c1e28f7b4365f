"""Conversion: shares and cash for each holder, until when, and what the company holds ready."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Any, cast

from xlcap.calendars import calendar
from xlcap.engine import conversion
from xlcap.engine.conversion import Basis
from xlcap.engine.entitlement import entitlement as delivered
from xlcap.engine.price import price_at, timeline
from xlcap.engine.rules import Facts
from xlcap.functions.arguments import (
    Amount,
    Certificate,
    Date,
    Events,
    Holdings,
    Holidays,
    Positive,
    Prices,
    TimeOfDay,
    Yes,
)
from xlcap.functions.registry import function
from xlcap.numbers import ZERO
from xlcap.prices import Quote
from xlcap.terms import Slot, Terms

TOPIC = "Conversion"

Price = Annotated[Positive, "conversion price in effect, dollars a share of Common"]
Accrued = Annotated[Amount, "running period's dividend on a share, dollars (ACCRUED_DIVIDENDS, part running)"]
Arrears = Annotated[Amount, "unpaid dividends of past periods on a share, dollars (ACCRUED_DIVIDENDS, part arrears)"]
FractionPrice = Annotated[
    Positive, "mean of the five closing prices that values a fraction; blank: from prices and conversion_date"
]
Closes = Annotated[Prices, "price table with a header row (date, close), for the mean of the closing prices"]
ConversionDate = Annotated[Date, "Conversion Date: finds the closing prices, and whether a dividend is paid that day"]
DeclarationDate = Annotated[Date, "where the terms end the closing prices before a dividend's declaration: its date"]
InCash = Annotated[Yes, "TRUE if the company pays the dividend in cash instead of converting it"]


def _fraction_price(
    terms: Terms,
    stated: Decimal | None,
    prices: Sequence[Quote],
    conversion_date: dt.date | None,
    declaration_date: dt.date | None = None,
) -> Decimal | None:
    """The price of a fraction: stated, or the mean of the closing prices before the date the terms name."""
    if stated is not None or not prices:
        return stated
    declared = terms.conversion.fraction.fraction_price_date == "declaration_date"
    day = declaration_date if declared else conversion_date
    return None if day is None else conversion.fraction_price(terms, prices, day)


def _basis(
    terms: Terms,
    accrued: Decimal,
    arrears: Decimal,
    conversion_date: dt.date | None = None,
    in_cash: bool = False,
    holidays: Sequence[dt.date] | None = None,
) -> Basis:
    days = calendar(terms.calendar, holidays)
    return conversion.basis(terms, accrued, arrears, in_cash=in_cash, conversion_date=conversion_date, calendar=days)


@function(TOPIC)
def conversion_shares(
    terms: Certificate,
    shares: Annotated[Holdings, "preferred shares converted on one day; a range: one row of answer for each holder"],
    price: Price,
    accrued: Accrued = ZERO,
    arrears: Arrears = ZERO,
    fraction_price: FractionPrice | None = None,
    prices: Closes = (),
    conversion_date: ConversionDate | None = None,
    pay_in_cash: InCash = False,
    holidays: Holidays | None = None,
    declaration_date: DeclarationDate | None = None,
) -> list[list[Any]]:
    """Common and cash each holder gets on conversion: shares, whole shares, fraction and cash for it, dividends paid.

    Source: PriceSmart VI.A, VI.C, VI.D, VI.E(8). Shares = (base amount + arrears + accrued) x n / price, to the nearest
    hundredth, then cut to whole shares; the fraction x the mean of five closing prices, to the cent. On a dividend
    payment date ``accrued`` is left out. Errors: a count that is negative or no whole number, a price of zero, a
    fraction without a price to pay it at.

    >>> from xlcap.functions import call
    >>> call("CONVERSION_SHARES", ["PRICESMART-B", 3, 20, 10, None, 18.4])[1]
    [3.0, 151.5, 151.5, 151.0, 0.5, 9.2, 0.0]
    """
    amount = _basis(terms, accrued, arrears, conversion_date, pay_in_cash, holidays)
    fraction = _fraction_price(terms, fraction_price, prices, conversion_date, declaration_date)
    rows: list[list[Any]] = [
        ["Preferred", "Exact shares", "Rounded shares", "Whole shares", "Fraction", "Cash for fraction", "Accrued cash"]
    ]
    for count in shares:
        if count is None:
            rows.append([None] * len(rows[0]))
            continue
        made = conversion.convert(terms, count, price, amount, fraction)
        rows.append([made.preferred, made.exact_shares, made.rounded_shares, made.whole_shares, made.fraction,
                     made.cash_for_fraction, made.accrued_cash])  # fmt: skip
    return rows


@function(TOPIC)
def conversion_rate(
    terms: Certificate,
    price: Price,
    accrued: Accrued = ZERO,
    arrears: Arrears = ZERO,
    conversion_date: ConversionDate | None = None,
    holidays: Holidays | None = None,
) -> Decimal:
    """Shares of Common for one preferred share, not rounded: (base amount + arrears + accrued) / conversion price.

    Source: PriceSmart VI.A. Rounding belongs to a holder's total: see CONVERSION_SHARES.

    >>> from xlcap.functions import call
    >>> call("CONVERSION_RATE", ["PRICESMART-B", 20, 10])
    50.5
    """
    return conversion.conversion_rate(price, _basis(terms, accrued, arrears, conversion_date, holidays=holidays))


@function(TOPIC)
def can_convert(
    terms: Certificate,
    conversion_date: Annotated[Date, "day on which the requirements for conversion are met"],
    redemption_date: Annotated[Date, "Redemption Date, if the share is called"] | None = None,
    time_of_day: Annotated[TimeOfDay, "time of that day: pre_open, open, post_open, intraday (the default), pre_close "
                           "or close"] = "intraday",
    in_default: Annotated[Yes, "TRUE if the redemption price was not paid on the Redemption Date"] = False,
    paid_on: Annotated[Date, "after a default: the day the price was paid in full"] | None = None,
) -> bool:  # fmt: skip
    """Whether a share may be converted on a day: a called share until the close of business on the Redemption Date.

    Source: PriceSmart V.C(7), V.D, VI.A to VI.C. After a default the right goes on until the price is paid. FALSE
    before the original issue date and after the automatic conversion date, where the terms state them.

    >>> from xlcap.functions import call
    >>> call("CAN_CONVERT", ["PRICESMART-B", "2009-01-15", "2009-01-15"])
    True
    >>> call("CAN_CONVERT", ["PRICESMART-B", "2009-01-16", "2009-01-15"])
    False
    """
    return conversion.can_convert(
        terms, conversion_date, cast(Slot, time_of_day), redemption_date, in_default=in_default, paid_on=paid_on
    )


@function(TOPIC)
def automatic_conversion(terms: Certificate) -> dt.date:
    """The day on which every share still outstanding converts without a choice.

    Source: PriceSmart VI.B. The draft leaves the date open ("July __, 2013"): fill it in in a block of terms. The
    shares follow from CONVERSION_SHARES on that date, with everything accrued. Errors: no date in the terms.

    >>> from xlcap.functions import call
    >>> call("AUTOMATIC_CONVERSION", [[["id", "PRICESMART-B"], ["conversion.automatic.date", "2013-07-09"]]])
    datetime.date(2013, 7, 9)
    """
    return conversion.automatic_conversion_date(terms)


@function(TOPIC)
def deferred_shares(
    terms: Certificate,
    shares: Annotated[Amount, "preferred shares one holder converts"],
    price_before: Annotated[Positive, "conversion price before the adjustment"],
    price_after: Annotated[Positive, "conversion price after the adjustment"],
    accrued: Accrued = ZERO,
    arrears: Arrears = ZERO,
    fraction_price: FractionPrice | None = None,
    prices: Closes = (),
    conversion_date: ConversionDate | None = None,
    holidays: Holidays | None = None,
) -> list[list[Any]]:
    """A conversion between a record date and its event: what is due at once, and what may wait for the event.

    Source: PriceSmart VI.E(10). At once the whole shares at the price before; the further whole shares at the price
    after, and the cash for the fraction of the whole, may wait. Errors: a price after above the price before.

    >>> from xlcap.functions import call
    >>> call("DEFERRED_SHARES", ["PRICESMART-B", 100, 20, 18.18, None, None, 18])[1]
    [5000.0, 0.0, 500.0, 9.9]
    """
    amount = _basis(terms, accrued, arrears, conversion_date, holidays=holidays)
    fraction = _fraction_price(terms, fraction_price, prices, conversion_date)
    split = conversion.deferred(terms, shares, price_before, price_after, amount, fraction)
    return [
        ["Now shares", "Now cash", "Deferred shares", "Deferred cash"],
        [split.now_shares, split.now_cash, split.deferred_shares, split.deferred_cash],
    ]


@function(TOPIC)
def reserved_shares(
    terms: Certificate,
    outstanding: Annotated[Amount, "preferred shares outstanding"],
    price: Price,
    accrued: Annotated[Amount, "dividends accumulated on a share that would convert, dollars"] = ZERO,
    authorized: Annotated[Amount, "Common authorised"] | None = None,
    issued: Annotated[Amount, "Common issued, the treasury's included"] | None = None,
    treasury: Annotated[Amount, "Common held in treasury"] = ZERO,
    reserved_for_others: Annotated[Amount, "Common already reserved for other purposes"] = ZERO,
    par: Annotated[Amount, "par value of the Common, dollars, for the test of the price against it"] | None = None,
) -> list[list[Any]]:
    """Common to hold ready for conversion of everything outstanding, what is free for it, and the shortfall.

    Source: PriceSmart VI.H. Needed = outstanding x (base amount + accrued) / price, rounded up; available = authorised
    - issued + treasury - reserved for others. The last column tells whether the price is below the Common's par value.

    >>> from xlcap.functions import call
    >>> call("RESERVED_SHARES", ["PRICESMART-B", 20000, 20, 0, 15e6, 14.5e6, 200000])[1]
    [1000000.0, 700000.0, 300000.0, None]
    """
    held = conversion.reserve(
        outstanding,
        price,
        _basis(terms, accrued, ZERO),
        authorized=authorized,
        issued=issued,
        treasury=treasury,
        reserved_for_others=reserved_for_others,
        par=par,
    )
    return [
        ["Needed", "Available", "Shortfall", "Price below par"],
        [held.needed, held.available, held.shortfall, held.below_par],
    ]


@function(TOPIC)
def common_outstanding(
    issued: Annotated[Amount, "Common issued, the treasury's included"],
    treasury: Annotated[Amount, "Common held in treasury"] = ZERO,
    scrip: Annotated[Amount, "Common that scrip certificates stand for"] = ZERO,
) -> Decimal:
    """Common outstanding as the adjustments of the conversion price count it: issued - treasury + scrip.

    Source: PriceSmart VI.E(11). Errors: more in treasury than issued.

    >>> from xlcap.functions import call
    >>> call("COMMON_OUTSTANDING", [7200000, 200000, 150])
    7000150.0
    """
    return conversion.common_outstanding(issued, treasury, scrip)


@function(TOPIC)
def entitlement(
    terms: Certificate,
    events: Annotated[Events, "events table with a header row: event, date and the columns the event uses"],
    as_of: Annotated[Date, "Conversion Date"],
    price: Annotated[Positive, "conversion price; blank: worked out from the events, on each event's own date"]
    | None = None,
    accrued: Annotated[Amount, "dividends that convert with a share, dollars"] = ZERO,
    prices: Annotated[Prices, "price table with a header row (date, close), where an event states no price"] = (),
) -> list[list[Any]]:
    """What one preferred share delivers if converted on a day: Common or a package, reserved property, rights.

    Source: PriceSmart VI.E(4) (property reserved, or worth the market price or more; rights plans) and VI.F. For each
    thing: for one share of Common, for one preferred share at the conversion price of the event's date, the clause.
    Errors: a fault in the events; a second reorganization on another date.

    >>> from xlcap.functions import call
    >>> events = [["event", "date", "property", "value"], ["reorganization", "2005-05-02", "Newco stock", 0.5]]
    >>> call("ENTITLEMENT", ["PRICESMART-B", events, "2005-06-01", 20])[1][:4]
    ['Newco stock', 'units or dollars, as stated in the event', 0.5, 25.0]
    """
    amount = _basis(terms, accrued, ZERO)

    def rate(day: dt.date) -> Decimal:
        in_effect = price if price is not None else price_at(timeline(terms, events, prices), day)
        return conversion.conversion_rate(in_effect, amount)

    rows: list[list[Any]] = [["What", "Unit", "Per common share", "Per preferred share", "Clause", "Event"]]
    rows += [
        [item.what, item.unit, item.per_common, item.per_preferred, item.clause, item.source]
        for item in delivered(Facts(terms, events, prices), as_of, rate)
    ]
    return rows
