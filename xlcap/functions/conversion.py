"""Conversion: shares and cash for each holder, until when, and what the company holds ready."""

import datetime as dt
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Annotated, Any, NamedTuple, TypeVar, cast

from xlcap.calendars import calendar
from xlcap.captable import Holding
from xlcap.engine import automatic, conversion
from xlcap.engine.capitalization import facts_of
from xlcap.engine.conversion import Basis, Lot
from xlcap.engine.entitlement import Asked
from xlcap.engine.entitlement import entitlement as delivered
from xlcap.engine.pay_to_play import take_part
from xlcap.engine.price import price_at, timeline
from xlcap.engine.redemption import redemption_of
from xlcap.errors import XlcapError
from xlcap.events import Event, known
from xlcap.functions.arguments import (
    Amount,
    Amounts,
    CapTable,
    Certificate,
    Date,
    Events,
    Holdings,
    Holidays,
    Names,
    Participants,
    Positive,
    Positives,
    Prices,
    TimeOfDay,
    Yes,
)
from xlcap.functions.registry import function
from xlcap.numbers import ONE, ZERO
from xlcap.prices import Quote
from xlcap.terms import Slot, Terms

TOPIC = "Conversion"
T = TypeVar("T")

Price = Annotated[Positive, "conversion price in effect, dollars a share of Common"]
Accrued = Annotated[Amount, "running period's dividend on a share, dollars (ACCRUED_DIVIDENDS, part running)"]
Arrears = Annotated[Amount, "unpaid dividends of past periods on a share, dollars (ACCRUED_DIVIDENDS, part arrears)"]
PriceOfRow = Annotated[Positives, "conversion price in effect, dollars a share of Common; a range: one for each row"]
AccruedOfRow = Annotated[
    Amounts,
    "running period's dividend on a share, dollars, or the declared and unpaid ones; a range: one for each row",
]
ArrearsOfRow = Annotated[Amounts, "unpaid dividends of past periods on a share, dollars; a range: one for each row"]
HolderOfRow = Annotated[
    Names, "who holds the shares of each row: the rows of a holder are added up before one rounding; blank: each row"
]
FractionPrice = Annotated[
    Positive,
    "value of a share of Common for a fraction: the mean of closing prices (blank: from prices and conversion_date), "
    "or what the board determines",
]
Closes = Annotated[Prices, "price table with a header row (date, close), for the mean of the closing prices"]
ConversionDate = Annotated[Date, "Conversion Date: finds the closing prices, and whether a dividend is paid that day"]
DeclarationDate = Annotated[Date, "where the terms end the closing prices before a dividend's declaration: its date"]
IssueDate = Annotated[Date, "day on which these very shares were issued, where shares have prices of their own"]
InitialPrice = Annotated[Positive, "their initial conversion price, if known; blank: by the certificate"]
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


class HolderLots(NamedTuple):
    """The lots converted together: those of one holder, or of one row."""

    name: str | None
    lots: tuple[Lot, ...]


def holders_of_rows(
    shares: Sequence[Decimal | None],
    price: Sequence[Decimal | None],
    holder: Sequence[str | None],
    amounts: Callable[[int], Basis],
) -> list[HolderLots]:
    """Rows of shares, each with its price, put together by holder; without names each row stands alone.

    A blank row has no lots, so that answers stand beside their questions; blank rows at the end are left out.
    """
    prices = _beside(price, shares, "price")
    if not holder:
        rows = [
            HolderLots(None, () if count is None else (Lot(count, _filled(prices, row, "price"), amounts(row)),))
            for row, count in enumerate(shares)
        ]
        while not rows[-1].lots:
            rows.pop()
        return rows
    names = _beside(holder, shares, "holder")
    together: dict[str, HolderLots] = {}
    for row, count in enumerate(shares):
        if count is not None:
            name = _filled(names, row, "holder")
            lot = Lot(count, _filled(prices, row, "price"), amounts(row))
            known = together.setdefault(name.lower(), HolderLots(name, ()))  # however it is written, it is one holder
            together[name.lower()] = known._replace(lots=(*known.lots, lot))
    return list(together.values())


def _beside(values: Sequence[T | None], shares: Sequence[Decimal | None], name: str) -> Sequence[T | None]:
    """``values`` row by row: a single cell stands for all of them."""
    if len(values) == 1:
        return tuple(values) * len(shares)
    rows = max(len(values), len(shares))
    beyond = [*values[len(shares) :], *shares[len(values) :]]
    if any(cell is not None for cell in beyond):
        raise XlcapError(f"has {len(values)} rows beside {len(shares)} of shares; give ranges of the same rows",
                         where=f"argument '{name}'")  # fmt: skip
    return (*values, *[None] * (rows - len(values)))


def _dividends(values: Sequence[Decimal | None], shares: Sequence[Decimal | None], name: str) -> Sequence[Decimal]:
    """Dividends on a share row by row; a blank is none."""
    return [amount or ZERO for amount in _beside(values or (ZERO,), shares, name)]


def _filled(values: Sequence[T | None], row: int, name: str) -> T:
    value = values[row]
    if value is None:
        raise XlcapError("is blank beside a count of shares", where=f"argument '{name}', row {row + 1}")
    return value


@function(TOPIC)
def conversion_shares(
    terms: Certificate,
    shares: Annotated[Holdings, "preferred shares converted on one day; a range: one row of answer for each"],
    price: PriceOfRow,
    accrued: AccruedOfRow = (),
    arrears: ArrearsOfRow = (),
    fraction_price: FractionPrice | None = None,
    prices: Closes = (),
    conversion_date: ConversionDate | None = None,
    pay_in_cash: InCash = False,
    holidays: Holidays | None = None,
    declaration_date: DeclarationDate | None = None,
    holder: HolderOfRow = (),
) -> list[list[Any]]:
    """Common and cash each holder gets on conversion: shares, whole shares, fraction and cash for it, dividends paid.

    Source: PriceSmart VI.A, VI.C, VI.D, VI.E(8): shares = (base amount + arrears + accrued) x n / price, to the nearest
    hundredth, then cut to whole shares; the fraction x the mean of five closing prices, to the cent; on a dividend
    payment date ``accrued`` is left out. Valuestar D.1, D.2, D.12: 17.50 x n / price; the fraction x the fair market
    value the board determines, not rounded; declared unpaid dividends (``accrued``) in cash. Patron 3, 3(c): 5,000 x n
    / price, summed over the tranches of a holder, a fraction rounded up to a share; unpaid dividends end with the
    share, or (conversion.dividends = survive) stay owed: then they stand under Accrued cash too. With ``holder`` there
    is one row for each holder, named at its end. Errors: a count that is negative or no whole number (Patron's may be
    broken), a price of zero, a fraction without a price to pay it at, or such a price where the terms pay no cash for a
    fraction; dividends in cash where the company has no such choice; a blank beside a count, ranges of different
    length.

    >>> from xlcap.functions import call
    >>> call("CONVERSION_SHARES", ["PRICESMART-B", 3, 20, 10, None, 18.4])[1]
    [3.0, 151.5, 151.5, 151.0, 0.5, 9.2, 0.0]
    >>> tranches = ["PATRON-B", [[2], [1]], [[2.4], [2.0865]], *[None] * 8, [["Ann"], ["Ann"]]]
    >>> call("CONVERSION_SHARES", tranches)[1][3]
    6564.0
    """
    fraction = _fraction_price(terms, fraction_price, prices, conversion_date, declaration_date)
    running, past = _dividends(accrued, shares, "accrued"), _dividends(arrears, shares, "arrears")

    def amount(row: int) -> Basis:
        return _basis(terms, running[row], past[row], conversion_date, pay_in_cash, holidays)

    rows: list[list[Any]] = [
        ["Preferred", "Exact shares", "Rounded shares", "Whole shares", "Fraction", "Cash for fraction", "Accrued cash"]
    ]
    for entry in holders_of_rows(shares, price, holder, amount):
        if entry.lots:
            rows.append(list(conversion.convert_together(terms, entry.lots, fraction)))
        else:
            rows.append([None] * len(rows[0]))
        if holder:
            rows[-1].append(entry.name)
    if holder:
        rows[0].append("Holder")
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
    """Shares of Common for one preferred share, not rounded: what converts / conversion price.

    Source: PriceSmart VI.A (base amount + arrears + accrued); Valuestar D.1 (17.50); Patron 3(c) (5,000). Rounding
    belongs to a holder's total: see CONVERSION_SHARES.

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
    issue_date: Annotated[Date, "day on which these very shares were issued"] | None = None,
) -> bool:  # fmt: skip
    """Whether a share may be converted on a day: a called share until the close of business on the Redemption Date.

    Source: PriceSmart V.C(7), V.D, VI.A to VI.C; Valuestar D.1; Patron 3(a). After a default the right goes on until
    the price is paid. FALSE before the original issue date, before the shares' own issue, and after the automatic
    conversion date, where the terms state them. Errors: a redemption date under terms without redemption.

    >>> from xlcap.functions import call
    >>> call("CAN_CONVERT", ["PRICESMART-B", "2009-01-15", "2009-01-15"])
    True
    >>> call("CAN_CONVERT", ["PRICESMART-B", "2009-01-16", "2009-01-15"])
    False
    """
    if redemption_date is not None:
        redemption_of(terms)
    return conversion.can_convert(
        terms,
        conversion_date,
        cast(Slot, time_of_day),
        redemption_date,
        in_default=in_default,
        paid_on=paid_on,
        issue_date=issue_date,
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
    return automatic.conversion_date(terms)


Traded = Annotated[Prices, "price table with a header row: date, close, volume, one row each trading day"]
RegisteredFrom = Annotated[Date, "day from which a registration of the resale is effective"]
RegisteredUntil = Annotated[Date, "last day on which that registration is effective; blank: it stays so"]
Adjusting = Annotated[Events, "events table with a header row: what adjusts the conversion price"]


@function(TOPIC)
def mandatory_conversion_date(
    terms: Certificate,
    prices: Traded,
    registered_from: RegisteredFrom | None = None,
    events: Adjusting = (),
    issue_date: IssueDate | None = None,
    initial_price: InitialPrice | None = None,
    registered_until: RegisteredUntil | None = None,
) -> dt.date:
    """The first day on which price, volume and registration convert the shares by force; #N/A with the reason if none.

    Source: Patron 3(b): mean close of twenty consecutive trading days at least 2.5 x the conversion price of the day,
    mean volume of the same days at least 8,334, a registration effective; compared exactly. The days end on the day
    itself, and the registration counts on that day (AMB-PT5: conversion.on_price.window, .registration_during). A split
    among the days is for the price table to restate. The price is worked out from the events, for shares of their own
    issue date. A row ``automatic_conversion`` on the day found, put into the events, ends Patron's ratchet (3(e)(vi)A);
    no later day is tested.
    Errors: a blank volume where it matters; fewer days than are averaged; with market.trading_days NYSE, a trading day
    that is missing.

    >>> from xlcap.functions import call
    >>> block = [["id", "PATRON-B"], ["conversion.on_price.days", 2]]
    >>> table = [["date", "close", "volume"], ["2007-01-03", 6, 9000], ["2007-01-04", 6, 9000]]
    >>> call("MANDATORY_CONVERSION_DATE", [block, table, "2006-12-29", None, "2006-11-01", 2.4])
    datetime.date(2007, 1, 4)
    """
    story = timeline(terms, events, prices, issue_date=issue_date, initial_price=initial_price)
    converted = story.facts.automatic_conversion
    registration = automatic.Registration(registered_from, registered_until)
    return automatic.mandatory_date(
        terms, prices, lambda day: price_at(story, day), registration, issue_date, converted
    )


@function(TOPIC)
def mandatory_conversion_detail(
    terms: Certificate,
    prices: Traded,
    registered_from: RegisteredFrom | None = None,
    events: Adjusting = (),
    issue_date: IssueDate | None = None,
    initial_price: InitialPrice | None = None,
    registered_until: RegisteredUntil | None = None,
) -> list[list[Any]]:
    """The days behind MANDATORY_CONVERSION_DATE: means, what they must reach, registration, and the outcome.

    Source and errors as for MANDATORY_CONVERSION_DATE. One row for each trading day that ends enough of them, up to the
    day that converts. A mean volume is blank where one of its days is. Notes at the end, in the last column, name
    weekdays taken as no trading days, and days listed on which the exchange was closed.

    >>> from xlcap.functions import call
    >>> block = [["id", "PATRON-B"], ["conversion.on_price.days", 2]]
    >>> table = [["date", "close", "volume"], ["2007-01-03", 6, 9000], ["2007-01-04", 6, 9000]]
    >>> call("MANDATORY_CONVERSION_DETAIL", [block, table, "2006-12-29", None, "2006-11-01", 2.4])[1][1:]
    [6.0, 6.0, 9000.0, 8334.0, True, True]
    """
    story = timeline(terms, events, prices, issue_date=issue_date, initial_price=initial_price)
    converted = story.facts.automatic_conversion
    registration = automatic.Registration(registered_from, registered_until)
    tested = automatic.days_tested(terms, prices, lambda day: price_at(story, day), registration, issue_date, converted)
    rows: list[list[Any]] = [["Date", "Mean close", "Needed", "Mean volume", "Needed volume", "Registered", "Converts"]]
    rows += [list(day) for day in tested]
    return rows + [["Note", *[None] * 5, note] for note in automatic.notes(terms, prices, tested)]


def _price_on(
    terms: Terms,
    events: tuple[Event, ...],
    prices: tuple[Quote, ...],
    issue_date: dt.date | None,
    initial_price: Decimal | None,
    slot: Slot,
    known_at: dt.date | None,
    holdings: tuple[Holding, ...],
) -> Callable[[dt.date], Decimal]:
    """The conversion price of a day, worked out from the events when it is asked."""
    return lambda day: price_at(
        timeline(
            terms, events, prices, known_at, issue_date=issue_date, initial_price=initial_price, holdings=holdings
        ),
        day,
        slot,
    )


@function(TOPIC)
def automatic_conversion_test(
    terms: Certificate,
    votes_for: Annotated[Amount, "shares of the series voting for conversion"] | None = None,
    outstanding: Annotated[Amount, "shares of the series outstanding"] | None = None,
    class_converted: Annotated[Yes, "TRUE if all shares of the other class convert or have converted"] | None = None,
    qualified_event: Annotated[Yes, "TRUE in a qualified event under the other class's certificate"] | None = None,
    offering_price: Annotated[Positive, "price of a public offering, dollars a share of Common"] | None = None,
    offering_proceeds: Annotated[Amount, "proceeds of the offering to the company, dollars"] | None = None,
    split_ratio: Annotated[Positive, "shares of Common for each one at the issue of the series, for the offering's "
                           "least price where it is a multiple; blank: 1"] = ONE,
) -> list[list[Any]]:  # fmt: skip
    """What converts every share without a choice: for each trigger of the certificate whether it is met, and why.

    Source: Valuestar D.11(i) (with Series A) and D.11(ii) (two thirds of those outstanding, compared exactly); Patron
    3(b), by MANDATORY_CONVERSION_DATE; PriceSmart VI.B, by AUTOMATIC_CONVERSION. Met is blank where it is not told.
    Errors: more votes than shares; a certificate without such a trigger.

    >>> from xlcap.functions import call
    >>> call("AUTOMATIC_CONVERSION_TEST", ["VALUESTAR-B", 2, 3])[1][:3]
    ['vote', 'D.11(ii)', True]
    """
    told = automatic.Happenings(
        votes_for, outstanding, class_converted, qualified_event, offering_price, offering_proceeds, split_ratio
    )
    return [["Trigger", "Clause", "Met", "Why"], *(list(row) for row in automatic.triggers(terms, told))]


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

    Source: PriceSmart VI.E(10); Valuestar and Patron let nothing wait. At once the whole shares at the price before;
    the further whole shares at the price after, and the cash for the fraction of the whole, may wait. Errors: terms
    without such a clause (conversion.deferral_clause); a price after above the price before.

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
    outstanding: Annotated[Holdings, "preferred shares outstanding; a range: one row for each holder or tranche"],
    price: PriceOfRow,
    accrued: Annotated[Amounts, "dividends accumulated on a share that would convert, dollars"] = (),
    authorized: Annotated[Amount, "Common authorised"] | None = None,
    issued: Annotated[Amount, "Common issued, the treasury's included"] | None = None,
    treasury: Annotated[Amount, "Common held in treasury"] = ZERO,
    reserved_for_others: Annotated[Amount, "Common already reserved for other purposes"] = ZERO,
    par: Annotated[Amount, "par value of the Common, dollars, for the test of the price against it"] | None = None,
    holder: HolderOfRow = (),
) -> list[list[Any]]:
    """Common to hold ready for conversion of everything outstanding, what is free for it, and the shortfall.

    Source: PriceSmart VI.H, Valuestar D.13, Patron 5. Needed = outstanding x (what converts) / price, rounded up: once
    on the total, or for each holder where each holder's fraction becomes a share. Available = authorised - issued +
    treasury (PriceSmart's alone: conversion.reserve_from) - reserved for others. The last column tells whether a price
    is below the Common's par value.

    >>> from xlcap.functions import call
    >>> call("RESERVED_SHARES", ["PRICESMART-B", 20000, 20, 0, 15e6, 14.5e6, 200000])[1]
    [1000000.0, 700000.0, 300000.0, None]
    >>> call("RESERVED_SHARES", ["PATRON-B", [[1], [1]], 2.4])[1][0]
    4168.0
    """
    dividends = _dividends(accrued, outstanding, "accrued")
    holders = holders_of_rows(outstanding, price, holder, lambda row: _basis(terms, dividends[row], ZERO))
    held = conversion.reserve(
        terms,
        [entry.lots for entry in holders],
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
    shares: Annotated[Amount, "preferred shares one holder converts: then a last column says what they deliver"]
    | None = None,
    issue_date: IssueDate | None = None,
    initial_price: InitialPrice | None = None,
    known_at: Annotated[Date, "only facts known on this day count; blank: all"] | None = None,
    cap_table: Annotated[
        CapTable, "cap table on the day before the first event, for counts the events leave blank"
    ] = (),
) -> list[list[Any]]:
    """What one preferred share delivers if converted on a day: Common or a package, securities set aside, rights.

    Source: PriceSmart VI.E(4) (property reserved, or worth the market price or more; rights plans) and VI.F. Valuestar
    D.5, Patron 3(e)(iii): the company's own securities distributed on the Common (own_securities in the event; for
    Patron rights too), unless the preferred was paid them currently and gets them but once
    (dividend.participation.double_benefit). Valuestar D.6, D.7, Patron 3(e)(iv), (v), 4: the package. For each thing:
    for one share of Common, for one preferred share at the conversion price of the event's date, the clause. With
    ``shares`` the conversion shares of that day are made whole as the certificate does; where it pays a fraction in
    cash, the fraction takes its part. Errors: a fault in the events; a second reorganization on another date; a day
    after a row ``automatic_conversion``, by which the shares have become Common (Patron 3(b), 3(d)(ii)).

    >>> from xlcap.functions import call
    >>> events = [["event", "date", "property", "value"], ["reorganization", "2005-05-02", "Newco stock", 0.5]]
    >>> call("ENTITLEMENT", ["PRICESMART-B", events, "2005-06-01", 20])[1][:4]
    ['Newco stock', 'units or dollars, as stated in the event', 0.5, 25.0]
    """
    slot = terms.conversion.deemed_at
    worked_out = _price_on(terms, events, prices, issue_date, initial_price, slot, known_at, cap_table)
    price_on = worked_out if price is None else lambda _: price
    asked = Asked(price_on, _basis(terms, accrued, ZERO), shares)
    facts = facts_of(terms, known(events, known_at), prices, issue_date, initial_price, cap_table, known_at)
    header = ["What", "Unit", "Per common share", "Per preferred share", "Clause", "Event", "For the shares"]
    width = len(header) - (shares is None)
    return [header[:width], *(list(item)[:width] for item in delivered(facts, as_of, asked))]


@function(TOPIC)
def pay_to_play(
    terms: Certificate,
    holders: Annotated[Participants, "table with a header row: holder, shares, entitled, bought, price"],
) -> list[list[Any]]:
    """What becomes of the shares of holders who do not buy their part of a round: kept, converted, into what, how many.

    Source: the section ``pay_to_play`` of the terms; none of PriceSmart, Valuestar and Patron has it. A holder who buys
    less than was offered loses the rights of all shares, or of the part not bought in whole shares (shortfall). They
    become shares at a fixed ratio, or as many as they convert into at the holder's conversion price, made whole as on
    any conversion; Fraction is what the certificate pays in cash. Errors: no such clause; a price that is missing;
    negative or broken counts.

    >>> from xlcap.functions import call
    >>> block = [["id", "VALUESTAR-B"], ["pay_to_play.clause", "X"], ["pay_to_play.convert_to", "Common"]]
    >>> table = [["holder", "shares", "entitled", "bought", "price"], ["Ann", 1000, 200, 50, 1.75]]
    >>> call("PAY_TO_PLAY", [block, table])[1]
    ['Ann', 250.0, 750.0, 'Common', 7500.0, 0.0]
    """
    rows: list[list[Any]] = [["Holder", "Kept", "Converted", "Into", "Received", "Fraction"]]
    return rows + [list(row) for row in take_part(terms, holders)]
