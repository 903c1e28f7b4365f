"""Conversion by holder and tranche: Valuestar D.1, D.2, D.12, D.13; Patron 3, 3(a), 3(c), 5."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlcap.engine import conversion
from xlcap.engine.conversion import Basis, Lot
from xlcap.errors import XlcapError
from xlcap.functions import call
from xlcap.terms import load

VS, PT = "VALUESTAR-B", "PATRON-B"


def of(certificate: str, **fields: Any) -> list[list[Any]]:
    """The certificate with some conversion terms changed."""
    return [["id", certificate], *([f"conversion.{name.replace('__', '.')}", value] for name, value in fields.items())]


def converted(terms: Any, shares: Any, price: Any, accrued: Any = None, worth: Any = None, holder: Any = None) -> Any:
    """The rows of CONVERSION_SHARES without the header."""
    table = call("CONVERSION_SHARES", [terms, shares, price, accrued, None, worth, *[None] * 5, holder])
    assert isinstance(table, list)
    return table[1:]


# --- Valuestar --------------------------------------------------------------------------------------------------------


def test_ten_for_one_at_first() -> None:
    """1,000 x 17.50 / 1.75 = 10,000, and no fraction, so that no fair market value is asked for (D.1)."""
    assert converted(VS, 1000, 1.75) == [[1000, 10000, 10000, 10000, 0, 0, 0]]


def test_fraction_at_the_boards_value_and_declared_dividends_in_cash() -> None:
    """333 x 17.50 / 1.60 = 3,642.1875; 0.1875 x 2.00 = 0.375, not rounded; 333 x 0.35 = 116.55 (D.2, D.12)."""
    assert converted(VS, 333, 1.6, 0.35, 2) == [[333, 3642.1875, 3642.1875, 3642, 0.1875, 0.375, 116.55]]


def test_the_boards_value_is_needed_for_a_fraction_only() -> None:
    """The error says what is missing, and that the board determines it."""
    with pytest.raises(XlcapError, match=r"a fraction of 0.1875 share is paid in cash \(D.12\): give the fair market"):
        converted(VS, 333, 1.6)


def test_cash_for_a_fraction_to_the_cent_as_a_switch() -> None:
    """0.375 to two places is 0.38."""
    assert converted(of(VS, fraction__cash_places=2), 333, 1.6, None, 2)[0][5] == 0.38


@pytest.mark.parametrize(("rounding", "whole"), [("up", 3643), ("down", 3642), ("nearest", 3642)])
def test_a_fraction_may_be_rounded_instead(rounding: str, whole: int) -> None:
    """3,642.1875 up is 3,643; down and to the nearest 3,642; no cash, and no value is needed."""
    assert converted(of(VS, fraction__rounding=rounding), 333, 1.6)[0][3:6] == [whole, 0.1875, 0]


def test_nearest_takes_a_half_up() -> None:
    """1 x 17.50 / 1.00 = 17.5: 18 shares."""
    assert converted(of(VS, fraction__rounding="nearest"), 1, 1)[0][3] == 18


@pytest.mark.parametrize(
    ("dividends", "shares", "cash"),
    [
        ("paid_in_cash", 10, 0.35),
        ("forfeited", 10, 0),
        ("survive", 10, 0.35),
        ("in_shares", 10.2, 0),  # 17.85 / 1.75
    ],
)
def test_unpaid_dividends_on_conversion(dividends: str, shares: float, cash: float) -> None:
    """0.35 a share: in cash, gone, still owed in dollars, or converted with the share."""
    row = converted(of(VS, dividends=dividends), 1, 1.75, 0.35, 2)[0]
    assert (row[1], row[6]) == (shares, cash)


def test_a_whole_count_survives_fifteen_digits() -> None:
    """At 5/3, which a cell carries as 1.66666666666667, 1,000 shares are 10,500 and not 10,499 with a fraction."""
    assert converted(VS, 1000, 5 / 3)[0][3:5] == [10500, 0]


def test_reserve_is_rounded_up_once() -> None:
    """500,000 x 17.50 / (127/76) = 5,236,220.47: 5,236,221; 20m - 12m - 3m = 5m free; 236,221 short (D.13)."""
    table = call("RESERVED_SHARES", [VS, 500000, 127 / 76, None, 20e6, 12e6, None, 3e6])
    assert table[1] == [5236221, 5000000, 236221, None]
    two = call("RESERVED_SHARES", [VS, [[1], [1]], 1.6])  # 2 x 10.9375 = 21.875: 22, not 11 for each of them
    assert two[1][0] == 22


def test_the_treasury_is_not_unissued() -> None:
    """D.13 speaks of authorised but unissued shares: 5m, though 1m lie in treasury; read otherwise 6m."""
    counts = [500000, 1.75, None, 20e6, 12e6, 1e6, 3e6]
    assert call("RESERVED_SHARES", [VS, *counts])[1][1] == 5e6
    assert call("RESERVED_SHARES", [of(VS, reserve_from="unissued_and_treasury"), *counts])[1][1] == 6e6


# --- Patron -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("count", "whole"), [(1, 2084), (2, 4167), (3, 6250)])
def test_a_holders_fraction_rounds_up_once(count: int, whole: int) -> None:
    """5,000 / 2.40 = 2,083.33: 2,084; two shares 4,166.67: 4,167; three 6,250 exactly (3)."""
    assert converted(PT, count, 2.4)[0][3] == whole


def test_tranches_of_one_holder_are_added_before_rounding() -> None:
    """4,166.667 at 2.40 and 2,396.357 at 2.0865 are 6,563.024: 6,564; apart they would be 4,167 and 2,397."""
    tranches = [[2], [1]], [[2.4], [2.0865]]
    together = converted(PT, *tranches, None, None, [["Ann"], ["Ann"]])
    assert [(row[0], row[3], row[7]) for row in together] == [(3, 6564, "Ann")]
    assert [row[3] for row in converted(PT, *tranches)] == [4167, 2397]


def test_a_dividend_in_kind_converts_at_its_own_price() -> None:
    """5,000,000 / 2.40 + 500,000 / 1.95 = 2,339,743.59: 2,339,744."""
    rows = converted(PT, [[1000], [100]], [[2.4], [1.95]], None, None, "Ann")  # one name for all rows
    assert [row[3] for row in rows] == [2339744]


def test_holders_stand_in_the_order_they_first_appear() -> None:
    """Ann's rows 1 and 4 together, however written, Ben's row 2, and a blank row between."""
    rows = converted(PT, [[1], [1], [None], [1]], 2.4, None, None, [["Ann"], ["Ben"], [None], ["ANN "]])
    assert [(row[7], row[0], row[3]) for row in rows] == [("Ann", 2, 4167), ("Ben", 1, 2084)]


def test_a_fraction_is_never_lost_in_rounding() -> None:
    """1 x 5,000 / 0.80000001 = 6,249.99992: 6,250; 5,000 / 0.79999999 = 6,250.00008: one share more."""
    assert converted(PT, 1, 0.80000001)[0][3] == 6250
    assert converted(PT, 1, 0.79999999)[0][3] == 6251


def test_share_by_share_as_a_switch() -> None:
    """2 x 2,084 = 4,168 where each share rounds up by itself."""
    assert converted(of(PT, fraction__aggregate_by="share"), 2, 2.4)[0][3] == 4168


def test_accrued_dividends_end_with_the_share_or_stay_owed() -> None:
    """500 accrued on each of 3 shares: nothing, or 1,500.00 still owed (AMB-PT16)."""
    assert converted(PT, 3, 2.4, 500)[0][6] == 0
    assert converted(of(PT, dividends="survive"), 3, 2.4, 500)[0][6] == 1500


def test_dividends_may_differ_by_row() -> None:
    """Tranches of one holder: 2 x 500 + 1 x 100 = 1,100."""
    terms = of(PT, dividends="survive")
    rows = converted(terms, [[2], [1]], 2.4, [[500], [100]], None, [["Ann"], ["Ann"]])
    assert rows[0][6] == 1100


def test_broken_shares_convert_where_dividends_in_kind_are_broken() -> None:
    """100.5 x 5,000 / 2.40 = 209,375 (AMB-PT10); with pik_rounding down there are no broken shares."""
    assert converted(PT, 100.5, 2.4)[0][3] == 209375
    with pytest.raises(XlcapError, match=r"preferred shares are whole, zero or more; found 100\.5"):
        converted([["id", PT], ["dividend.pik_rounding", "down"]], 100.5, 2.4)


def test_reserve_counts_each_holders_share() -> None:
    """Two holders of one share each need 2 x 2,084 = 4,168; one holder of both 4,167 (5)."""
    assert call("RESERVED_SHARES", [PT, [[1], [1]], 2.4, None, 5000, 1000])[1][:3] == [4168, 4000, 168]
    one = call("RESERVED_SHARES", [PT, [[1], [1]], 2.4, *[None] * 6, [["Ann"], ["Ann"]]])
    assert one[1][0] == 4167


def test_rate_for_each_tranche() -> None:
    """5,000 / 2.50 and 5,000 / 2: one answer for each price."""
    assert call("CONVERSION_RATE", [PT, [[2.5], [2]]]) == [[2000], [2500]]


def test_a_share_converts_from_its_own_issue() -> None:
    """At any time on or after its Original Issuance Date (3(a))."""
    days = [["2007-01-30"], ["2007-01-31"]]
    assert call("CAN_CONVERT", [PT, days, None, None, None, None, "2007-01-31"]) == [[False], [True]]


@given(
    counts=st.lists(st.integers(0, 2000), min_size=1, max_size=4),
    prices=st.lists(st.decimals("0.01", "9", places=4), min_size=4, max_size=4),
)
def test_one_rounding_never_gives_more_than_several(counts: list[int], prices: list[Decimal]) -> None:
    """Added up first a holder gets the exact number or less than one share more, and at most what apart would give."""
    terms = load(PT)
    amount = Basis(terms.price_per_share, Decimal(0))
    lots = [Lot(Decimal(count), price, amount) for count, price in zip(counts, prices, strict=False)]
    together = conversion.convert_together(terms, lots)
    apart = sum(conversion.convert_together(terms, [lot]).whole_shares for lot in lots)
    assert 0 <= together.whole_shares - together.exact_shares < 1
    assert together.whole_shares <= apart


# --- what is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (([[1], [2]], [[2.4], [2], [1]]), "argument 'price': has 3 rows beside 2 of shares; give ranges of the same"),
        (([[1], [2]], [[2.4], [None], [1]]), "argument 'price': has 3 rows"),
        (([[1], [2], [3]], [[2.4], [None], [1]]), "argument 'price', row 2: is blank beside a count of shares"),
        (([[1], [2]], [[2.4], [0]]), "argument 'price', row 2, column 1: must be above zero; found 0"),
        (([[1], [2]], [[2.4, 1], [2, 1]]), "argument 'price': one cell or one column is expected"),
        ((1, 2.4, -1), "argument 'accrued': must be zero or more; found -1"),
        (([[1], [2]], 2.4, [[1], [2], [3]]), "argument 'accrued': has 3 rows beside 2 of shares"),
        (([[1], [2]], 2.4, None, None, [["Ann"], [None], ["Ben"]]), "argument 'holder': has 3 rows"),
        (([[1], [2], [3]], 2.4, None, None, [["Ann"], [None], ["Ben"]]), "argument 'holder', row 2: is blank"),
        ((-1, 2.4), "argument 'shares', row 1, column 1: must be zero or more; found -1"),
        ((1, "#N/A"), "argument 'price': the cell holds the error #N/A"),
    ],
)
def test_bad_ranges_are_placed(args: tuple[Any, ...], message: str) -> None:
    """Ranges of different length, blanks beside shares, prices of nothing: each is named and placed."""
    with pytest.raises(XlcapError) as error:
        converted(PT, *args)
    assert message in str(error.value)


def test_no_called_share_where_nothing_is_redeemed() -> None:
    """Patron's certificate has no redemption, so a Redemption Date is a mistake."""
    with pytest.raises(XlcapError, match="these terms give no right to redeem") as error:
        call("CAN_CONVERT", [PT, "2007-10-31", "2007-04-30"])
    assert error.value.code == "#N/A"


@pytest.mark.parametrize("certificate", [PT, VS])
def test_dividends_in_cash_where_the_company_has_no_choice(certificate: str) -> None:
    """Patron's end with the share, Valuestar's are always paid in cash (3(c), D.2)."""
    with pytest.raises(XlcapError, match="do not let the company pay dividends in cash by choice"):
        call("CONVERSION_SHARES", [certificate, 1, 2, 10, None, 2, None, None, True])


def test_no_cash_for_a_fraction_that_becomes_a_share() -> None:
    """5,000 / 2.40 = 2,083.33 is 2,084 shares, and what a share is worth does not matter (Patron 3)."""
    with pytest.raises(XlcapError, match=r"argument 'fraction_price': these terms pay no cash for a fraction .*\(3\)"):
        converted(PT, 1, 2.4, worth=3)


# --- ranges beside each other -----------------------------------------------------------------------------------------


def test_a_blank_price_at_the_end_of_a_range_is_no_other_rows() -> None:
    """Two tranches have two prices; that of the first is not the second's."""
    with pytest.raises(XlcapError, match="argument 'price', row 2: is blank beside a count of shares"):
        converted(PT, [[100], [50]], [[2.4], [None]])


def test_a_blank_price_is_missed_in_a_reserve() -> None:
    """So it is where shares are held ready."""
    with pytest.raises(XlcapError, match="argument 'price', row 2"):
        call("RESERVED_SHARES", [PT, [[100], [50]], [[2.4], [None]]])


def test_a_blank_price_is_missed_in_a_participation() -> None:
    """So it is where the Common is paid a dividend."""
    with pytest.raises(XlcapError, match="argument 'price', row 2"):
        call("DIVIDEND_PARTICIPATION", [PT, 0.1, [[100], [50]], [[2.4], [None]]])


def test_a_blank_holder_at_the_end_is_not_the_first() -> None:
    """Three rows of shares, of which only one says whose they are."""
    with pytest.raises(XlcapError, match="argument 'holder', row 2: is blank beside a count of shares"):
        converted(PT, [[1], [1], [1]], 2.4, holder=[["Ann"], [None], [None]])


def test_a_single_cell_stands_for_all_rows() -> None:
    """One price and one holder: 3 x 5,000 / 2.40 = 6,250."""
    rows = converted(PT, [[1], [1], [1]], 2.4, holder="Ann")
    assert [row[3] for row in rows] == [6250]


def test_a_blank_dividend_at_the_end_is_none() -> None:
    """10 on the first row, nothing on the second: 1,010 / 20 and 1,000 / 20 (PriceSmart VI.A)."""
    assert [row[1] for row in converted("PRICESMART-B", [[1], [1]], 20, [[10], [None]], 20)] == [50.5, 50]


def test_a_price_beside_no_shares_is_nobodys() -> None:
    """Blank rows of shares at the end are no holders, whatever stands beside them."""
    assert len(converted(PT, [[1], [1], [None]], [[2.4], [2], [1.9]])) == 2


def test_blank_rows_below_a_shorter_column_are_nothing() -> None:
    """A column of shares that goes on below that of the prices, but with nothing in it."""
    assert [row[3] for row in converted(PT, [[1], [1], [None]], [[2.5], [2]])] == [2000, 2500]


def test_more_prices_than_rows_of_shares() -> None:
    """A third price has no row of shares to stand beside."""
    with pytest.raises(XlcapError, match="has 3 rows beside 2 of shares"):
        converted(PT, [[1], [1]], [[2.4], [2], [1.9]])
