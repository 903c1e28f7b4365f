"""Averages of the Patron certificate: 3(c), weighted by volume, and the fair market value of 3(e)(vi)E."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from xlcap.engine.market import initial_average
from xlcap.errors import XlcapError
from xlcap.functions import call
from xlcap.prices import read_prices
from xlcap.terms import load

PT = "PATRON-B"


def weekdays(first: dt.date, closes: list[Any]) -> list[list[Any]]:
    """A close for each weekday from a day on."""
    rows, day = list[list[Any]](), first
    for close in closes:
        while day.weekday() > 4:
            day += dt.timedelta(days=1)
        rows.append([day.isoformat(), close])
        day += dt.timedelta(days=1)
    return rows


def by_volume(closes: list[Any], volumes: list[Any], day: str = "2006-11-16", terms: Any = PT) -> Any:
    """The average of weekdays from 2 November 2006 on; ten of them end on the 15th."""
    rows = weekdays(dt.date(2006, 11, 2), closes)
    table = [["date", "close", "volume"], *([*row, volume] for row, volume in zip(rows, volumes, strict=True))]
    return call("VOLUME_WEIGHTED_PRICE", [terms, table, day])


def test_weighted_by_volume() -> None:
    """9 days at 2.00 x 1,000 and one at 3.00 x 11,000: (18,000 + 33,000) / 20,000 = 2.55."""
    assert by_volume([2] * 9 + [3], [1000] * 9 + [11000]) == 2.55


def test_the_ten_days_end_on_the_day_before() -> None:
    """The close of the issue date itself does not count, nor one of the eleventh day before (AMB-PT4)."""
    assert by_volume([99] + [2] * 10 + [50], [1000] * 12, "2006-11-17") == 2


def test_not_rounded_unless_the_terms_say_so() -> None:
    """(9 x 2.00 + 2.10 x 2) / 11 = 22.20 / 11 = 2.01818...; to four places 2.0182."""
    args = [2] * 9 + [2.1], [1] * 9 + [2]
    assert by_volume(*args) == pytest.approx(22.2 / 11, rel=1e-14)
    assert by_volume(*args, terms=[["id", PT], ["conversion.initial_average.places", 4]]) == 2.0182


def test_exact_inside() -> None:
    """Fifty digits, not the fifteen of a cell: 22.2/11."""
    rows = weekdays(dt.date(2006, 11, 2), [2] * 9 + [2.1])
    table = [["date", "close", "volume"], *([*row, volume] for row, volume in zip(rows, [1] * 9 + [2], strict=True))]
    average = initial_average(load(PT), read_prices(table), dt.date(2006, 11, 16)).value
    assert abs(average * 11 - Decimal("22.2")) < Decimal("1e-40")


def test_the_days_behind_it() -> None:
    """Each product, and the sums below: 20,000 shares, 51,000 dollars."""
    rows = weekdays(dt.date(2006, 11, 2), [2] * 9 + [3])
    volumes = [1000] * 9 + [11000]
    table = [["date", "close", "volume"], *([*row, volume] for row, volume in zip(rows, volumes, strict=True))]
    detail = call("VOLUME_WEIGHTED_PRICE_DETAIL", [PT, table, "2006-11-16"])
    assert isinstance(detail, list)
    assert len(detail) == 12
    assert detail[10] == [dt.date(2006, 11, 15), 3, 11000, 33000]
    assert detail[11] == ["Average", 2.55, 20000, 51000]


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda: by_volume([2] * 9, [1] * 9, "2006-11-15"), "prices: 10 closing prices before 2006-11-15 are needed"),
        (lambda: by_volume([2] * 10, [1] * 9 + [None]), "prices row 10, column 'volume': is blank, and 3(c) looks at"),
        (lambda: by_volume([2] * 10, [0] * 10), "prices: no share was traded on the 10 trading days before 2006-11-16"),
        (lambda: by_volume([2] * 10, [-1] * 10), "prices row 1, column 'volume': must be 0 or more; found -1"),
        (lambda: by_volume([2] * 10, [1] * 10, "2006-11-20"), "prices: the table has no row for 2006-11-16, a trading"),
        (lambda: by_volume([2] * 10, [1] * 10, terms="VALUESTAR-B"), "does not depend on an average"),
    ],
)
def test_averages_that_cannot_be(ask: Any, message: str) -> None:
    """Too few days, a blank volume, none at all, a stale table, a certificate without the average."""
    with pytest.raises(XlcapError) as error:
        ask()
    assert message in str(error.value)


NYSE = [["id", PT], ["market.trading_days", "NYSE"]]


def test_a_missing_day_of_the_exchange_is_an_error_as_a_switch() -> None:
    """Without 8 November the ten listed days reach back to the 2nd; where the exchange decides, the 8th is missed."""
    rows = weekdays(dt.date(2006, 11, 1), [2] * 11)
    table = [["date", "close", "volume"], *([*row, 1] for row in rows if row[0] != "2006-11-08")]
    assert call("VOLUME_WEIGHTED_PRICE", [PT, table, "2006-11-16"]) == 2
    with pytest.raises(XlcapError, match=r"^prices: 2006-11-08 was a trading day and has no row"):
        call("VOLUME_WEIGHTED_PRICE", [NYSE, table, "2006-11-16"])
    with pytest.raises(XlcapError, match="2006-11-08 was a trading day and has no row"):
        call("INITIAL_CONVERSION_PRICE", [NYSE, "2006-11-16", table])


def test_a_weekday_taken_as_no_trading_day_is_named() -> None:
    """The same table, as the certificate is read: the note stands in the last column."""
    rows = weekdays(dt.date(2006, 11, 1), [2] * 11)
    table = [["date", "close", "volume"], *([*row, 1] for row in rows if row[0] != "2006-11-08")]
    detail: Any = call("VOLUME_WEIGHTED_PRICE_DETAIL", [PT, table, "2006-11-16"])
    assert detail[-1] == ["Note", None, None, "weekdays without a row, taken as no trading days: 2006-11-08"]


# --- fair market value ------------------------------------------------------------------------------------------------

RISING = [["date", "close"], *weekdays(dt.date(2007, 1, 2), [200 + n for n in range(30)])]
for _row in RISING[1:]:
    _row[1] = _row[1] / 100


def test_the_twenty_days_leave_out_the_one_before() -> None:
    """As of 6 February the 5th is left out: 8 January (2.04) to 2 February (2.23), (2.04 + 2.23) / 2 = 2.135."""
    assert call("FAIR_MARKET_VALUE", [PT, RISING, "2007-02-06"]) == 2.135


def test_their_days() -> None:
    """Twenty rows from 8 January to 2 February, with their source, and the mean."""
    detail = call("FAIR_MARKET_VALUE_DETAIL", [PT, RISING, "2007-02-06"])
    assert isinstance(detail, list)
    assert detail[1] == [dt.date(2007, 1, 8), 2.04, "nasdaq"]
    assert detail[20] == [dt.date(2007, 2, 2), 2.23, "nasdaq"]
    assert detail[21] == ["Mean", 2.135, "20 trading days (3(e)(vi)E)"]


def test_a_holiday_among_them() -> None:
    """15 January 2007 was Martin Luther King's day: a note says so, and where the exchange decides it is an error."""
    detail: Any = call("FAIR_MARKET_VALUE_DETAIL", [PT, RISING, "2007-02-06"])
    assert detail[22] == ["Note", None, "days with a row on which the New York Stock Exchange was closed: 2007-01-15"]
    with pytest.raises(XlcapError, match=r"^prices row 10, column 'date': 2007-01-15 was no trading day"):
        call("FAIR_MARKET_VALUE", [NYSE, RISING, "2007-02-06"])


def test_on_a_weekend_the_friday_before_is_left_out() -> None:
    """On Sunday 4 February the trading day immediately prior is Friday the 2nd: to 1 February, (2.03 + 2.22) / 2."""
    assert call("FAIR_MARKET_VALUE", [PT, RISING, "2007-02-04"]) == 2.125


def test_days_left_out_as_a_switch() -> None:
    """With none left out: to 5 February, (2.05 + 2.24) / 2 = 2.145."""
    assert call("FAIR_MARKET_VALUE", [[["id", PT], ["market.fair_value.skip", 0]], RISING, "2007-02-06"]) == 2.145


def test_bid_and_ask_where_there_was_no_sale() -> None:
    """The exchange's sale first, then the mean of its bid and asked prices: (2.10 + 2.30) / 2 = 2.20."""
    table = [["date", "exchange_close", "exchange_bid", "exchange_ask"], ["2007-01-03", None, 2.1, 2.3],
             ["2007-01-04", 2.4, 1, 9], ["2007-01-05", 9, None, None]]  # fmt: skip
    terms = [["id", PT], ["market.fair_value.days", 2]]
    assert call("FAIR_MARKET_VALUE", [terms, table, "2007-01-08"]) == 2.3  # (2.20 + 2.40) / 2


@pytest.mark.parametrize(
    ("terms", "day", "message"),
    [
        (PT, "2007-01-30", "prices: 20 closing prices before 2007-01-30 (the last 1 left out) are needed"),
        (PT, "2007-03-01", "prices: the table has no row for 2007-02-13, a trading day before 2007-03-01"),
        ("PRICESMART-B", "2007-02-06", "this certificate defines no fair market value"),
        ("VALUESTAR-B", "2007-02-06", "this certificate defines no market price"),
    ],
)
def test_values_that_cannot_be(terms: str, day: str, message: str) -> None:
    """Too few days, a stale table, a certificate that defines none."""
    with pytest.raises(XlcapError) as error:
        call("FAIR_MARKET_VALUE", [terms, RISING, day])
    assert message in str(error.value)
