"""Conversion under the PriceSmart certificate: VI.A to VI.F, VI.H, V.C(7)."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlcap.engine import conversion
from xlcap.errors import XlcapError
from xlcap.functions import call
from xlcap.terms import load

PS = "PRICESMART-B"
HEADER = [
    "Preferred",
    "Exact shares",
    "Rounded shares",
    "Whole shares",
    "Fraction",
    "Cash for fraction",
    "Accrued cash",
]


def switched(**fields: Any) -> list[list[Any]]:
    """The certificate with some conversion terms changed."""
    return [["id", PS], *([f"conversion.{name.replace('__', '.')}", value] for name, value in fields.items())]


def shares(*args: Any, terms: Any = PS) -> list[Any]:
    """The one row CONVERSION_SHARES answers for one holder."""
    table = call("CONVERSION_SHARES", [terms, *args])
    assert isinstance(table, list)
    assert table[0] == HEADER
    return table[1]


# --- shares and cash --------------------------------------------------------------------------------------------------


def test_accrued_converts() -> None:
    """3 shares with 10.00 accrued: 3 x 1,010 / 20 = 151.50, so 151 shares and 0.50 x 18.40 = 9.20."""
    assert shares(3, 20, 10, None, 18.4) == [3, 151.5, 151.5, 151, 0.5, 9.2, 0]


def test_company_pays_the_accrued_in_cash() -> None:
    """The same, the company paying 30.00 in cash: 3 x 1,000 / 20 = 150."""
    assert shares(3, 20, 10, None, 18.4, None, None, True) == [3, 150, 150, 150, 0, 0, 30]


def test_arrears_convert_though_the_accrued_is_paid_in_cash() -> None:
    """Arrears belong to the liquidation preference: 3 x 1,020 / 20 = 153, and 30.00 in cash."""
    assert shares(3, 20, 10, 20, 18.4, None, None, True) == [3, 153, 153, 153, 0, 0, 30]


def test_switch_by_which_arrears_are_paid_in_cash_too() -> None:
    """Read the other way the company may pay both: 3 x 30.00 in cash."""
    answer = shares(3, 20, 10, 20, 18.4, None, None, True, terms=switched(cash_election="accrued_and_arrears"))
    assert answer == [3, 150, 150, 150, 0, 0, 90]


def test_terms_without_the_election() -> None:
    """Where the terms give no election, asking for cash is an error."""
    with pytest.raises(XlcapError, match="these terms do not let the company pay"):
        shares(3, 20, 10, 0, 18.4, None, None, True, terms=switched(cash_election="none"))


def test_hundredths_come_before_whole_shares() -> None:
    """100 x 1,001.7777.. / 20 = 5,008.8889: 5,008.89, so 5,008 shares and 0.89 x 18 = 16.02."""
    assert shares(100, 20, 1.77777777777778, 0, 18)[2:] == [5008.89, 5008, 0.89, 16.02, 0]


def test_a_hundredth_may_lift_to_a_whole_share() -> None:
    """1,000 / 20.0000001 = 49.99999975 is 50.00 to the nearest hundredth, so 50 whole shares (AMB-PS17)."""
    assert shares(1, 20.0000001)[2:5] == [50, 50, 0]


def test_terms_that_do_not_round_shares() -> None:
    """Without rounding to hundredths the same conversion gives 49 shares and nearly a whole one in cash."""
    answer = shares(1, 20.0000001, 0, 0, 18, terms=[["id", PS], ["policy.share_places", 9]])
    assert answer[3] == 49
    assert answer[5] == 18  # 0.99999975 x 18 = 17.9999955


def test_one_row_for_each_holder_beside_its_count() -> None:
    """A column of holders: each has its own fraction; a blank between them keeps its row."""
    table = call("CONVERSION_SHARES", [PS, [[3], [None], [5], [None]], 20, 10, 0, 18.4])
    assert isinstance(table, list)
    assert [row[3] for row in table[1:]] == [151, None, 252]


def test_fractions_by_share_as_a_switch() -> None:
    """Share by share: 50.50 each, so 3 x 50 whole shares and 1.50 in cash at 18.40."""
    assert shares(3, 20, 10, 0, 18.4, terms=switched(fraction__aggregate_by="share"))[2:6] == [151.5, 150, 1.5, 27.6]


@pytest.mark.parametrize(
    ("day", "converts"),
    [
        ("2004-04-01", 50),  # a payment date: the 20.00 are paid as a dividend
        ("2004-04-02", 51),
        ("2005-01-03", 50),  # 1 January 2005 was a Saturday, so the dividend is paid on the Monday
        ("2005-01-01", 51),
    ],
)
def test_the_days_dividend_is_left_out_on_a_payment_date(day: str, converts: float) -> None:
    """Converted on a Dividend Payment Date a share does not take the running dividend with it (VI.A)."""
    assert shares(1, 20, 20, 0, 18, None, day)[1] == converts


def test_arrears_convert_on_a_payment_date() -> None:
    """On a payment date only that day's dividend stays out: 1,020 / 20 = 51."""
    assert shares(1, 20, 20, 20, 18, None, "2004-04-01")[1] == 51


def test_automatic_conversion_takes_everything_accrued() -> None:
    """VI.B makes no exception for payment dates: on 1 July 2013 the accrued converts."""
    block = switched(automatic__date="2013-07-01")
    assert shares(1, 20, 20, 0, 18, None, "2013-07-01", terms=block)[1] == 51


@pytest.mark.parametrize(
    ("day", "converts"), [("2004-03-14", 50.9), ("2004-03-15", 50), ("2004-03-31", 50), ("2004-04-02", 50.9)]
)
def test_switch_by_which_the_record_holder_keeps_the_dividend(day: str, converts: float) -> None:
    """Between record and payment date the running dividend goes to its holder of record (AMB-PS6)."""
    assert shares(1, 20, 18, 0, 18, None, day, terms=switched(record_date_dividend="paid_to_holder"))[1] == converts


def test_that_switch_needs_the_date() -> None:
    """Without a date it is not known whether a record date has passed."""
    with pytest.raises(XlcapError, match="argument 'conversion_date': is required"):
        shares(1, 20, 18, 0, 18, terms=switched(record_date_dividend="paid_to_holder"))


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ([-3, 20], "argument 'shares', row 1, column 1: must be zero or more; found -3"),
        ([2.5, 20], "argument 'shares': preferred shares are whole, zero or more; found 2.5"),
        ([3, 0], "argument 'price': must be above zero; found 0"),
        ([3, "dear"], "argument 'price': a number is expected; found 'dear'"),
        ([3, 20, -1], "argument 'accrued': must be zero or more; found -1"),
        ([3, 20, 10], "argument 'fraction_price': a fraction of 0.5 share is paid in cash (VI.D)"),
        ([[["many"]], 20], "argument 'shares', row 1, column 1: a number is expected; found 'many'"),
        ([None, 20], "argument 'shares': is required"),
        ([[[1, 2], [3, 4]], 20], "argument 'shares': one column of share counts is expected"),
    ],
)
def test_bad_input_is_placed(args: list[Any], message: str) -> None:
    """Negative and broken counts, a price of nothing, a fraction nobody can value: each is named and placed."""
    with pytest.raises(XlcapError) as error:
        call("CONVERSION_SHARES", [PS, *args])
    assert message in str(error.value)


@given(
    count=st.integers(0, 30000),
    price=st.decimals("0.01", "500", places=2),
    accrued=st.decimals(0, 300, places=6),
    worth=st.decimals("0.01", "500", places=2),
)
def test_whole_shares_and_fraction_are_the_rounded_shares(
    count: int, price: Decimal, accrued: Decimal, worth: Decimal
) -> None:
    """Whole shares and fraction add up to the rounded count; the fraction is below one and paid to the cent."""
    terms = load(PS)
    made = conversion.convert(terms, Decimal(count), price, conversion.basis(terms, accrued, Decimal(0)), worth)
    assert made.whole_shares + made.fraction == made.rounded_shares
    assert 0 <= made.fraction < 1
    assert abs(made.rounded_shares - made.exact_shares) <= Decimal("0.005")
    assert abs(made.cash_for_fraction - made.fraction * worth) <= Decimal("0.005")


# --- the five closing prices ------------------------------------------------------------------------------------------

CLOSES: list[list[Any]] = [
    ["date", "close"],
    *([f"2004-02-{day:02}", close] for day, close in
      [(6, 17), (9, 18), (10, 18.1), (11, 18.2), (12, 18.3), (13, 18.4), (17, 19), (18, 19.1)]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("day", "cash"),
    [
        ("2004-02-17", 9.1),  # (18 + 18.1 + 18.2 + 18.3 + 18.4) / 5 = 18.20; x 0.50
        ("2004-02-14", 9.1),  # a Saturday: the trading day prior to it is Friday
        ("2004-02-16", 9.1),  # a holiday
        ("2004-02-18", 9.2),  # (18.1 + 18.2 + 18.3 + 18.4 + 19) / 5 = 18.40
        ("2004-02-19", 9.3),  # (18.2 + 18.3 + 18.4 + 19 + 19.1) / 5 = 18.60
    ],
)
def test_five_closes_end_the_trading_day_before(day: str, cash: float) -> None:
    """The five closing prices end on the trading day prior to the Conversion Date (AMB-PS11)."""
    assert shares(3, 20, 10, 0, None, CLOSES, day)[5] == cash


def test_the_mean_is_not_rounded() -> None:
    """0.75 x 18.994 = 14.2455, so 14.25; terms that round averages pay 0.75 x 18.99 = 14.2425, so 14.24 (AMB-PS24)."""
    closes = [CLOSES[0], *([f"2004-02-{day:02}", 18.99 if day < 13 else 19.01] for day in (9, 10, 11, 12, 13))]
    assert shares(1, 20, 15, 0, None, closes, "2004-02-17")[5] == 14.25
    block = [["id", PS], ["policy.round_averages", True]]
    assert shares(1, 20, 15, 0, None, closes, "2004-02-17", terms=block)[5] == 14.24


def test_stale_closes_are_refused() -> None:
    """Closing prices that end on 18 February say nothing about a conversion on 1 March."""
    with pytest.raises(
        XlcapError, match="prices: the table has no row for 2004-02-19, a trading day before 2004-03-01"
    ):
        shares(3, 20, 10, 0, None, CLOSES, "2004-03-01")


def test_too_few_closes() -> None:
    """Four closing prices are not five."""
    with pytest.raises(XlcapError, match=r"prices: 5 closing prices before 2004-02-12 are needed \(VI.D\); it has 4"):
        shares(3, 20, 10, 0, None, CLOSES, "2004-02-12")


def test_declaration_date_as_a_switch() -> None:
    """Read literally, the closing prices end before the declaration of a dividend, whose date must then be given."""
    block = switched(fraction__fraction_price_date="declaration_date")
    assert shares(3, 20, 10, 0, None, CLOSES, "2004-02-19", None, None, "2004-02-17", terms=block)[5] == 9.1


# --- the rate ---------------------------------------------------------------------------------------------------------


def test_rate_is_for_one_share_and_not_rounded() -> None:
    """1,010 / 18.18 = 55.5555.. shares of Common for one preferred share."""
    assert call("CONVERSION_RATE", [PS, 18.18, 10]) == pytest.approx(1010 / 18.18, rel=1e-15)


# --- until when -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        (["2009-01-14", "2009-01-15"], True),
        (["2009-01-15", "2009-01-15"], True),  # before the close of business on the Redemption Date
        (["2009-01-15", "2009-01-15", "pre_close"], True),
        (["2009-01-15", "2009-01-15", "close"], False),
        (["2009-01-16", "2009-01-15"], False),
        (["2009-01-16", "2009-01-15", None, True], True),  # in default the right goes on
        (["2009-02-01", "2009-01-15", None, True, "2009-02-01"], False),  # until the price is paid
        (["2009-01-31", "2009-01-15", None, True, "2009-02-01"], True),
        (["2009-01-16"], True),
    ],
)
def test_called_shares_convert_until_the_close_of_the_redemption_date(args: list[Any], expected: bool) -> None:
    """A called share converts until the close of the Redemption Date, in default until the price is paid (AMB-PS10)."""
    assert call("CAN_CONVERT", [PS, *args]) is expected


def test_the_other_reading_ends_the_right_before_the_redemption_date() -> None:
    """By VI.C the right ceases from the Redemption Date on: not even that morning."""
    block = switched(until_redemption="open")
    assert call("CAN_CONVERT", [block, "2009-01-15", "2009-01-15"]) is False
    assert call("CAN_CONVERT", [block, "2009-01-14", "2009-01-15"]) is True


def test_no_conversion_before_issue_or_after_the_automatic_one() -> None:
    """Where the terms state the dates, a share converts from issue to its automatic conversion."""
    block = [*switched(automatic__date="2013-07-09"), ["original_issue_date", "2003-07-09"]]
    asked = [["2003-07-08"], ["2003-07-09"], ["2013-07-09"], ["2013-07-10"]]
    assert call("CAN_CONVERT", [block, asked]) == [[False], [True], [True], [False]]


def test_automatic_conversion_date_must_be_filled_in() -> None:
    """The draft leaves the date open, and says so in its own words."""
    with pytest.raises(XlcapError) as error:
        call("AUTOMATIC_CONVERSION", [PS])
    assert str(error.value) == (
        'PRICESMART-B: conversion.automatic.date: the certificate leaves this date open ("July __, 2013"); '
        "give it in a block of terms, in a TOML file of your own, or as an argument where the function takes one"
    )
    assert call("AUTOMATIC_CONVERSION", [switched(automatic__date="2013-07-09")]) == dt.date(2013, 7, 9)


# --- deferred shares --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        # 100,000/20 = 5,000 now; 100,000/18.18 = 5,500.55: 500 more and 0.55 x 18 = 9.90 later
        ([100, 20, 18.18, 0, 0, 18], [5000, 0, 500, 9.9]),
        # 3,030/20 = 151.50: 151 now, no cash yet; 3,030/18.18 = 166.67: 15 more and 0.67 x 18 = 12.06 later
        ([3, 20, 18.18, 10, 0, 18], [151, 0, 15, 12.06]),
    ],
)
def test_what_may_wait_for_the_event(args: list[Any], expected: list[float]) -> None:
    """Between record date and event the further shares, and the cash for the one fraction, may wait (VI.E(10))."""
    table = call("DEFERRED_SHARES", [PS, *args])
    assert isinstance(table, list)
    assert table[1] == expected


def test_deferred_shares_need_a_lower_price() -> None:
    """An adjustment that raises the price adds no shares."""
    with pytest.raises(XlcapError, match="argument 'price_after': the price after, 40, is above the price before, 20"):
        call("DEFERRED_SHARES", [PS, 100, 20, 40, 0, 0, 18])


# --- what the company holds ready -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        # 20,000 x 1,000 / 18.18 = 1,100,110.01..: 1,100,111; 15.0m - 14.5m + 0.2m - 0.1m = 600,000
        ([20000, 18.18, 0, 15e6, 14.5e6, 200000, 100000, 0.0001], [1100111, 600000, 500111, False]),
        ([20000, 20, 20, 15e6, 13e6], [1020000, 2000000, 0, None]),
        ([20000, 20], [1000000, None, None, None]),
        ([20000, 0.00005, 0, None, None, None, None, 0.0001], [4e11, None, None, True]),
    ],
)
def test_reserve(args: list[Any], expected: list[Any]) -> None:
    """Whole shares for everything outstanding, from unissued stock and treasury, and the test against par (VI.H)."""
    table = call("RESERVED_SHARES", [PS, *args])
    assert isinstance(table, list)
    assert table[1] == expected


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ([20000, 20, 0, 15e6], "argument 'issued': is required together with the other count"),
        ([20000, 20, 0, 15e6, 16e6], "argument 'issued': 16,000,000 shares issued are more than the 15,000,000"),
        ([20000, 20, 0, 15e6, 1e6, 2e6], "argument 'treasury': 2,000,000 shares in treasury are more"),
    ],
)
def test_reserve_refuses_impossible_counts(args: list[Any], message: str) -> None:
    """More issued than authorised, more in treasury than issued: counts that cannot be."""
    with pytest.raises(XlcapError) as error:
        call("RESERVED_SHARES", [PS, *args])
    assert message in str(error.value)


def test_common_outstanding() -> None:
    """Issued, less the treasury's, plus what scrip stands for (VI.E(11))."""
    assert call("COMMON_OUTSTANDING", [7200000, 200000, 150]) == 7000150


# --- entitlements -----------------------------------------------------------------------------------------------------

COLUMNS = ["event", "date", "id", "refers_to", "value", "current_market_price", "reserved", "property", "ratio"]


def entitled(events: list[dict[str, Any]], *args: Any) -> list[list[Any]]:
    """The rows of ENTITLEMENT without its header: what, for one common share, for one preferred share, clause."""
    table = call("ENTITLEMENT", [PS, [COLUMNS, *([row.get(name) for name in COLUMNS] for row in events)], *args])
    assert isinstance(table, list)
    return [[row[0], *row[2:5]] for row in table[1:]]


SPUN = {"event": "distribution", "date": "2004-05-10", "id": "spun", "value": 18, "current_market_price": 16,
        "property": "Spinco stock"}  # fmt: skip


def test_property_worth_the_market_price_is_delivered() -> None:
    """F >= M: no cut of the price, the property itself on conversion: 50 x 18.00 (VI.E(4))."""
    assert entitled([SPUN], "2004-06-01", 20) == [["Common", 1, 50, "VI.A"], ["Spinco stock", 18, 900, "VI.E(4)"]]


def test_property_worth_less_adjusts_the_price_instead() -> None:
    """F below M is no entitlement, unless the company reserves it."""
    small = {**SPUN, "value": 2}
    assert entitled([small], "2004-06-01", 20) == [["Common", 1, 50, "VI.A"]]
    reserved = {**small, "reserved": True}
    assert entitled([reserved], "2004-06-01", 20)[1] == ["Spinco stock", 2, 100, "VI.E(4)"]


@pytest.mark.parametrize(("day", "rows"), [("2004-05-10", 1), ("2004-05-11", 2)])
def test_a_conversion_on_the_record_date_is_paid_as_common(day: str, rows: int) -> None:
    """Who converts on the record date is a holder of Common at its close and needs no entitlement."""
    assert len(entitled([SPUN], day, 20)) == rows


def test_property_follows_the_price_of_its_record_date() -> None:
    """A later split doubles the Common, not the property: the rate of the record date counts."""
    split = {"event": "split", "date": "2004-06-14", "ratio": 2}
    assert entitled([SPUN, split], "2004-07-01") == [["Common", 1, 100, "VI.A"], ["Spinco stock", 18, 900, "VI.E(4)"]]


def test_a_distribution_not_made_entitles_to_nothing() -> None:
    """Once it is known that it will not be made."""
    undone = {"event": "not_made", "date": "2004-05-20", "refers_to": "spun"}
    assert len(entitled([SPUN, undone], "2004-05-19", 20)) == 2
    assert len(entitled([SPUN, undone], "2004-05-20", 20)) == 1


def test_rights_of_a_plan_travel_until_it_ends() -> None:
    """Rights under a rights plan come with the Common on conversion, unless the plan ended before."""
    plan = {"event": "rights_plan", "date": "2004-03-01", "id": "plan"}
    ended = {"event": "rights_expired", "date": "2005-03-01", "refers_to": "plan"}
    assert entitled([plan, ended], "2004-06-01", 20)[1] == ["rights under the plan", 1, 50, "VI.E(4)"]
    assert len(entitled([plan, ended], "2005-03-01", 20)) == 1
    assert len(entitled([plan, ended], "2004-02-01", 20)) == 1


def test_a_reorganization_replaces_the_common() -> None:
    """After a merger conversion delivers the package for the 50 shares there would have been (VI.F)."""
    stock = {"event": "reorganization", "date": "2005-05-02", "property": "Newco stock", "value": 0.5}
    cash = {"event": "reorganization", "date": "2005-05-02", "property": "cash", "value": 3}
    assert entitled([stock, cash], "2005-05-02", 20) == [["Newco stock", 0.5, 25, "VI.F"], ["cash", 3, 150, "VI.F"]]


def test_a_second_reorganization_is_refused() -> None:
    """A package that changes again cannot be followed from two rows."""
    first = {"event": "reorganization", "date": "2005-05-02", "property": "Newco stock", "value": 0.5}
    with pytest.raises(XlcapError, match="events row 2, column 'date': changes what row 1 delivered"):
        entitled([first, {**first, "date": "2006-05-02"}], "2007-01-01", 20)


def test_a_market_price_that_is_not_known() -> None:
    """Whether the property is delivered cannot be told without the market price."""
    with pytest.raises(XlcapError, match="events row 1, column 'current_market_price': whether the property itself"):
        entitled([{**SPUN, "current_market_price": None}], "2004-06-01", 20)


def test_a_tie_survives_the_fifteen_digits_of_a_cell() -> None:
    """Accrued 10/3 arrives as 3.33333333333333: 3 x 1003.33../16 is exactly 188.125, so 188.13; 0.13 x 18 = 2.34."""
    accrued = call("ACCRUED_DIVIDENDS", [PS, "2004-01-16", "2003-07-09"])
    assert shares(3, 16, accrued, None, 18)[2:6] == [188.13, 188, 0.13, 2.34]


def test_shares_are_not_rounded_where_a_block_says_none() -> None:
    """1000/10.87 = 91.99632: whole shares 91 and 0.99632 x 18 = 17.93, where hundredths would give 92."""
    unrounded = [["id", PS], ["policy.share_places", "none"]]
    assert shares(1, 10.87, None, None, 18, terms=unrounded)[3] == 91
    assert shares(1, 10.87, None, None, 18, terms=unrounded)[5] == 17.93
    assert shares(1, 10.87, None, None, 18)[3] == 92
