"""Exits: preferences by rank, conversions decided together, breakpoints; PriceSmart II and IV."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from exits import explained, payouts, rows_of, table

from xlcap.captable import Holding, read_cap_table
from xlcap.errors import XlcapError
from xlcap.functions import call

COMMON = {"class": "Common", "kind": "common", "shares": 7000000}
SERIES_B = {"class": "Series B", "kind": "preferred", "shares": 20000, "terms": "PRICESMART-B", "conversion_price": 20}
SERIES_A = {"class": "Series A", "kind": "preferred", "shares": 20000, "seniority": 2, "preference": 20000000,
            "conversion_price": 37.5}  # fmt: skip


# --- PriceSmart -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("exit_value", "common", "series_b", "series_a"),
    [
        (19999999, 0, 0, 19999999),
        (20000000, 0, 0, 20000000),
        (40000000, 0, 20000000, 20000000),
        (40000001, 1, 20000000, 20000000),
        (180000000, 140000000, 20000000, 20000000),  # a tie at 20.00 a share: not converted
        (180000001, Fraction(1120000007, 8), Fraction(160000001, 8), 20000000),  # 160,000,001 x 1/8
        (320000000, 262500000, 37500000, 20000000),  # a tie at 37.50 for Series A
        (320000001, Fraction(33600000105, 128), Fraction(4800000015, 128), Fraction(320000001, 16)),
        (500000000, 410156250, 58593750, 31250000),
    ],
)
def test_greater_of_preference_and_as_converted(
    exit_value: int, common: Fraction, series_b: Fraction, series_a: Fraction
) -> None:
    """B converts above 20m + 8.0m x 20 = 180m, A above 37.50 x (8.0m + 533,333.33) = 320m; Series A is senior."""
    answer = payouts(exit_value, COMMON, SERIES_B, SERIES_A)
    assert answer == {"Common": float(common), "Series B": float(series_b), "Series A": float(series_a)}


def test_as_converted_shares_may_be_given_instead_of_a_price() -> None:
    """533,333.333333333 shares, fifteen digits of 1,600,000/3, come to the same cents."""
    given_shares = {**SERIES_A, "conversion_price": None, "as_converted": 533333.333333333}
    for exit_value in (320000000, 320000001, 500000000):
        by_price = payouts(exit_value, COMMON, SERIES_B, SERIES_A, rounding="cents")
        assert payouts(exit_value, COMMON, SERIES_B, given_shares, rounding="cents") == by_price


def test_breakpoints_of_that_table() -> None:
    """Each exit at which the next dollar is split otherwise, with who and why."""
    assert [row[:4] for row in rows_of("BREAKPOINTS", COMMON, SERIES_B, SERIES_A)] == [
        [20000000, "Series A: preference paid in full", "Series A", ""],
        [40000000, "Series B: preference paid in full; Common: shares in the rest", "Series B; Common", "IV"],
        [180000000, "Series B: converts", "Series B", "IV"],
        [320000000, "Series A: converts", "Series A", ""],
    ]


def test_accrued_dividends_count_once_and_convert() -> None:
    """With 20.00 accrued the preference is 20.4m and converts into 1,020,000 shares: still above 20.00 a share."""
    accrued = {**SERIES_B, "accrued": 20}
    assert payouts(30000000, COMMON, accrued) == {"Common": 9600000, "Series B": 20400000}
    points = call("BREAKPOINTS", [table(COMMON, accrued)])
    assert isinstance(points, list)
    assert [row[0] for row in points[1:]] == [20400000, 160400000]  # 20 x (7,000,000 + 1,020,000)


def test_shortfall_is_shared_with_parity_by_preference() -> None:
    """15m for B (20.4m with its accrued dividends) and a parity class of 10.2m: two to one (IV, AMB-PS7)."""
    parity = {"class": "Parity", "kind": "preferred", "shares": 10000, "seniority": 1, "preference": 10200000}
    answer = payouts(15000000, COMMON, {**SERIES_B, "accrued": 20}, parity, rounding="cents")
    assert answer == {"Common": 0, "Series B": 10000000, "Parity": 5000000}


def test_senior_preference_comes_first_in_a_shortfall() -> None:
    """Senior 20m of 26m is paid in full, 6m are left for B and its parity class, in proportion 2:1."""
    parity = {"class": "Parity", "kind": "preferred", "shares": 10000, "seniority": 1, "preference": 10000000}
    answer = payouts(26000000, COMMON, SERIES_B, parity, SERIES_A)
    assert answer == {"Common": 0, "Series B": 4000000, "Parity": 2000000, "Series A": 20000000}


def test_holders_of_a_series_share_its_decision() -> None:
    """Two holders of Series B get what the series gets, in proportion."""
    first, second = {**SERIES_B, "holder": "North", "shares": 15000}, {**SERIES_B, "holder": "South", "shares": 5000}
    answer = payouts(180000001, COMMON, first, second, SERIES_A)
    assert answer["Series B: North"] == float(Fraction(160000001, 8) * 3 / 4)
    assert answer["Series B: South"] == float(Fraction(160000001, 8) / 4)
    assert len(call("BREAKPOINTS", [table(COMMON, first, second, SERIES_A)])) == 5  # type: ignore[arg-type]  # a list


@pytest.mark.parametrize(
    ("by", "exits"),
    [
        ("series", [40000000, 8500000 * 80 / 3]),  # together at 40m / 1.5m = 26.67 a share, of 8.5m shares
        ("holder", [40000000, 180000000, 340000000]),  # 20m + 20 x 8.0m, then 40 x 8.5m
    ],
)
def test_greater_of_by_series_or_by_holder(
    by: str, exits: list[float], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Holders whose shares convert at 20 and at 40 weigh the greater-of together, or each alone (AMB-PS23)."""
    shipped = files("xlcap.certificates").joinpath("PRICESMART-B.toml").read_text(encoding="utf-8")
    shipped = shipped.replace('id = "PRICESMART-B"', 'id = "OWN-B"')
    (tmp_path / "OWN-B.toml").write_text(shipped.replace('greater_of_by = "series"', f'greater_of_by = "{by}"'))
    monkeypatch.setenv("XLCAP_TERMS", str(tmp_path))
    north = {**SERIES_B, "holder": "North", "terms": "OWN-B"}
    south = {**north, "holder": "South", "conversion_price": 40}
    assert [row[0] for row in rows_of("BREAKPOINTS", COMMON, north, south)] == pytest.approx(exits)


def test_detail_explains_each_payout() -> None:
    """Every class with the step that decided it, in its figures."""
    rows = explained(call("WATERFALL_DETAIL", [180000001, table(COMMON, SERIES_B, SERIES_A)]))
    # 140,000,000.875 and 20,000,000.125: of two equal remainders the first listed gets the cent
    series_b = rows["Series B"]
    assert (series_b["Preference"], series_b["Converts"], series_b["Common shares"]) == (20000000, True, 1000000)
    assert (series_b["Payout"], series_b["Payout per share"]) == (20000000.12, pytest.approx(1000.000006))
    assert series_b["Multiple"] == pytest.approx(1.000000006)  # of 1,000 a share paid in
    assert series_b["Clause"] == "IV"
    # exactly 20.000000125: a price a share is shown to 8 decimals
    assert series_b["Reason"] == (
        "as converted 1,000,000 × 20.00000013 = 20,000,000.125, more than the preference of 20,000,000"
    )
    assert rows["Series A"]["Converts"] is False
    assert sum(row["Payout"] for row in rows.values()) == pytest.approx(180000001)


# --- many exits, one class --------------------------------------------------------------------------------------------


def test_many_exits_in_one_call() -> None:
    """A range of exits: a header row of classes, and one row for each exit."""
    answer = call("WATERFALL", [[[20000000], [40000000], [180000000]], table(COMMON, SERIES_B, SERIES_A)])
    assert answer == [
        ["Proceeds", "Common", "Series B", "Series A"],
        [20000000, 0, 0, 20000000],
        [40000000, 0, 20000000, 20000000],
        [180000000, 140000000, 20000000, 20000000],
    ]


def test_one_class_is_a_scalar() -> None:
    """The payout of one class at one exit is a number, at several a column."""
    cells = table(COMMON, SERIES_B, SERIES_A)
    assert call("WATERFALL", [500000000, cells, "series b"]) == 58593750
    assert call("WATERFALL", [[[40000000], [500000000]], cells, "Series B"]) == [[20000000], [58593750]]
    with pytest.raises(XlcapError, match="argument 'payee': the cap table has no 'Series C'; it has Common, Series B"):
        call("WATERFALL", [500000000, cells, "Series C"])


# --- participation, options -------------------------------------------------------------------------------------------


CAPPED = [
    {"class": "Common", "kind": "common", "shares": 75},
    {"class": "Investor", "kind": "preferred", "shares": 25, "seniority": 1, "preference": 2000000,
     "as_converted": 25, "participation": "capped", "cap": 8000000},
]  # fmt: skip


@pytest.mark.parametrize(
    ("exit_value", "investor"),
    [(1e6, 1e6), (2e6, 2e6), (10e6, 4e6), (26e6, 8e6), (31e6, 8e6), (32e6, 8e6), (33e6, 8.25e6)],
)
def test_capped_participation(exit_value: float, investor: float) -> None:
    """2m and a quarter of the rest, up to 8m; above 32m a quarter of everything is more."""
    assert payouts(exit_value, *CAPPED)["Investor"] == investor


def test_breakpoints_of_capped_participation() -> None:
    """The preference at 2m, the cap at 26m, the conversion out of it at 32m."""
    assert [(row[0], row[1]) for row in rows_of("BREAKPOINTS", *CAPPED)] == [
        (2e6, "Investor: preference paid in full, shares in the rest; Common: shares in the rest"),
        (26e6, "Investor: reaches its cap"),
        (32e6, "Investor: converts"),
    ]


def test_reasons_show_few_decimals() -> None:
    """20m / 37.50 is 533,333.33... shares; a share of Common gets 380m / 8,533,333.33... = 44.53125 dollars."""
    row = explained(call("WATERFALL_DETAIL", [380000001, table(COMMON, SERIES_B, SERIES_A)]))["Series A"]
    assert row["Reason"] == (
        "as converted 533,333.333333 × 44.53125012 = 23,750,000.0625, more than the preference of 20,000,000"
    )
    assert row["Common shares"] == pytest.approx(20e6 / 37.5, rel=1e-15)


def test_full_participation() -> None:
    """2m and a quarter of the other 29m."""
    full = {**CAPPED[1], "participation": "full", "cap": None}
    assert payouts(31e6, CAPPED[0], full)["Investor"] == 9250000


def test_options_are_paid_net_of_their_price() -> None:
    """100 options at 1.00 beside 900 shares: 8,300 makes a share (8,300 + 100) / 1,000 = 8.40; 900 makes it 1.00."""
    options = {"class": "Options", "kind": "option", "shares": 100, "strike": 1}
    common = {"class": "Common", "kind": "common", "shares": 900}
    assert payouts(8300, common, options) == {"Common": 7560, "Options": 740}
    assert payouts(900, common, options) == {"Common": 900, "Options": 0}
    assert rows_of("BREAKPOINTS", common, options) == [
        [900, "Options: exercised", "Options", "", "It pays to exercise Options above this exit: a share of Common is "
         "worth the exercise price of 1 here. Of the next dollar Common 90% and Options 10%.", 0.9, 0.1]
    ]  # fmt: skip


# --- bad input --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({**COMMON, "shares": -1}, "cap_table row 1, column 'shares': must be 0 or more; found -1"),
        ({**COMMON, "kind": "stock"}, "cap_table row 1, column 'kind': one of common, preferred, option, warrant"),
        ({**COMMON, "preference": 5}, "cap_table row 1, column 'preference': applies to preferred stock"),
        ({**COMMON, "kind": "option"}, "cap_table row 1, column 'strike': is blank"),
        ({**COMMON, "strike": 2}, "cap_table row 1, column 'strike': applies to options and warrants"),
        ({**SERIES_A, "participation": "half"}, "column 'participation': one of none, full, capped is expected"),
        ({**SERIES_A, "participation": "capped"}, "column 'cap': is blank: a capped participation"),
        ({**SERIES_A, "participation": "capped", "cap": 5}, "column 'cap': must not be below the preference"),
        ({**SERIES_A, "seniority": None}, "column 'seniority': is blank"),
        ({**SERIES_A, "preference": None}, "column 'preference': is blank"),
        ({**SERIES_A, "as_converted": 5}, "column 'as_converted': stands beside a conversion price"),
        ({**SERIES_A, "accrued": 5}, "column 'accrued': is part of the preference stated in dollars"),
        ({**SERIES_B, "conversion_price": None}, "column 'conversion_price': is blank: give the price in effect"),
        ({**SERIES_B, "conversion_price": 0}, "column 'conversion_price': must be above 0; found 0"),
        ({**SERIES_B, "terms": "PRICELESS-B"}, "column 'terms': no certificate is called 'PRICELESS-B'"),
        ({**SERIES_B, "shares": "many"}, "column 'shares': a number is expected; found 'many'"),
    ],
)
def test_faults_in_the_cap_table_are_placed(row: dict[str, Any], message: str) -> None:
    """Every fault names its row and column and says how to mend it."""
    with pytest.raises(XlcapError) as error:
        payouts(100, row)
    assert message in str(error.value)


def test_a_class_that_stands_there_twice() -> None:
    """Two rows of one name must be told apart by their holders."""
    with pytest.raises(XlcapError, match="cap_table row 2, column 'class': 'Common' is row 1 too"):
        payouts(100, COMMON, COMMON)


def test_a_table_without_common() -> None:
    """Somebody must hold what is left above the preferences."""
    with pytest.raises(XlcapError, match="cap_table: no row of kind 'common'"):
        payouts(20000005, SERIES_A)


@pytest.mark.parametrize(
    ("proceeds", "message"),
    [
        (-1, "argument 'proceeds': must be zero or more; found -1"),
        (None, "argument 'proceeds': is required"),
        ("all", "argument 'proceeds', row 1, column 1: a number is expected; found 'all'"),
    ],
)
def test_bad_proceeds(proceeds: Any, message: str) -> None:
    """Negative, blank or unreadable proceeds are no exit."""
    with pytest.raises(XlcapError) as error:
        call("WATERFALL", [proceeds, table(COMMON)])
    assert message in str(error.value)


def test_holdings_are_what_the_table_says() -> None:
    """A cap table's rows as records: labels, ranks, preferences, from the sheet or from the certificate."""
    holdings: tuple[Holding, ...] = read_cap_table(table(COMMON, {**SERIES_B, "accrued": 1.5}, SERIES_A))
    assert [(h.label, h.rank, h.owed) for h in holdings] == [
        ("Common", 0, 0),
        ("Series B", 1, Decimal(20030000)),
        ("Series A", 2, 20000000),
    ]
