"""Redemption at the company's option: PriceSmart V.A, V.B, V.E."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlcap.engine import redemption
from xlcap.errors import XlcapError
from xlcap.functions import call
from xlcap.numbers import CENT
from xlcap.terms import from_block, load

PS = "PRICESMART-B"
DATED = [["id", PS], ["redemption.first_date", "2008-07-09"]]


def test_price_is_the_liquidation_preference() -> None:
    """1,000 and what has accumulated to the Redemption Date, the part period included."""
    assert call("REDEMPTION_PRICE", [DATED, "2008-08-15", True, 9.75]) == 1009.75
    assert call("LIQUIDATION_PREFERENCE", [PS, 9.75]) == 1009.75
    assert call("LIQUIDATION_PREFERENCE", [PS, 9.75, 3]) == 3029.25


def test_first_day_of_redemption() -> None:
    """The company may redeem on the first date, not on the day before."""
    assert call("REDEMPTION_PRICE", [DATED, "2008-07-09", True]) == 1000
    with pytest.raises(XlcapError, match="argument 'redemption_date': the shares cannot be redeemed before 2008-07-09"):
        call("REDEMPTION_PRICE", [DATED, "2008-07-08", True])


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ([PS, "2008-08-15", True], 'PRICESMART-B: redemption.first_date: the certificate leaves this date open ("July'),
        ([DATED, "2008-08-15", False], "argument 'senior_paid': the shares cannot be redeemed while senior dividends"),
        ([DATED, "2008-08-15"], "argument 'senior_paid': is required"),
        ([DATED, "2008-08-15", True, -1], "argument 'accrued': must be zero or more; found -1"),
    ],
)  # fmt: skip
def test_refused_redemptions(args: list[Any], message: str) -> None:
    """No first date, senior dividends unpaid or not spoken of, a negative accrual: each refused with its reason."""
    with pytest.raises(XlcapError) as error:
        call("REDEMPTION_PRICE", args)
    assert message in str(error.value)


def test_pro_rata_by_largest_remainder() -> None:
    """33 of 200: 16.5, 8.25, 8.25; the one share left over goes to the largest remainder (AMB-PS9)."""
    table = call("REDEMPTION_ALLOCATION", [PS, [[100], [50], [50]], 33, 1009.75])
    assert table == [
        ["Held", "Redeemed", "Left", "Amount"],
        [100, 17, 83, 17165.75],
        [50, 8, 42, 8078],
        [50, 8, 42, 8078],
    ]


def test_fractions_as_a_switch() -> None:
    """Lots may be fractions of shares, if the terms say so."""
    block = [*DATED, ["redemption.partial_rounding", "none"]]
    table = call("REDEMPTION_ALLOCATION", [block, [[100], [50], [50]], 33])
    assert isinstance(table, list)
    assert [row[1] for row in table[1:]] == [16.5, 8.25, 8.25]


def test_funds_limit_the_shares() -> None:
    """20,000.00 pay 19 shares at 1,009.75 (19,185.25), not the 33 called (V.E)."""
    table = call("REDEMPTION_ALLOCATION", [PS, [[100], [50], [50]], 33, 1009.75, 20000])
    assert isinstance(table, list)
    assert sum(row[1] for row in table[1:]) == 19  # type: ignore[misc]  # numbers
    assert sum(row[3] for row in table[1:]) == 19185.25  # type: ignore[misc]  # numbers


def test_blank_rows_keep_their_place() -> None:
    """A blank in the column of holders stays blank in the answer."""
    table = call("REDEMPTION_ALLOCATION", [PS, [[10], [None], [10]], 10])
    assert isinstance(table, list)
    assert [row[1] for row in table[1:]] == [5, None, 5]


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ([[[10], [10]], 21], "argument 'shares': must be a number of whole shares from zero to the 20 held; found 21"),
        (
            [[[10], [10]], 2.5],
            "argument 'shares': must be a number of whole shares from zero to the 20 held; found 2.5",
        ),
        ([[[10], [1.5]], 2], "argument 'holdings', number 2: preferred shares are whole, zero or more; found 1.5"),
        ([[[10], [-1]], 2], "argument 'holdings', row 2, column 1: must be zero or more; found -1"),
        ([[[10]], 2, None, 5000], "argument 'price': is required: the funds are divided by it"),
    ],
)
def test_impossible_allocations(args: list[Any], message: str) -> None:
    """More than are held, parts of shares, funds without a price."""
    with pytest.raises(XlcapError) as error:
        call("REDEMPTION_ALLOCATION", [PS, *args])
    assert message in str(error.value)


HELD = st.lists(st.integers(0, 500), min_size=1, max_size=8)


@given(held=HELD, part=st.fractions(0, 1), price=st.decimals(1, 2000, places=6))
def test_lots_and_money_add_up(held: list[int], part: Any, price: Decimal) -> None:
    """The lots are the shares called, nobody gives more than he holds, and the money is price x shares to the cent."""
    called = Decimal(int(sum(held) * part))
    rows = redemption.allocate(load(PS), [Decimal(h) for h in held], called, price)
    assert sum(row.redeemed for row in rows) == called
    assert all(0 <= row.redeemed <= row.held for row in rows)
    assert all(abs(row.redeemed - row.held * called / max(sum(held), 1)) < 1 for row in rows)
    assert sum((row.amount or Decimal(0) for row in rows), Decimal(0)) == CENT(called * price)


@given(funds=st.decimals(0, 10**6, places=2), price=st.decimals("0.01", 2000, places=6))
def test_funds_are_never_exceeded_and_never_left_idle(funds: Decimal, price: Decimal) -> None:
    """As many shares as the funds pay, and not one more."""
    most = redemption.payable(funds, price)
    assert CENT(most * price) <= funds
    assert (most + 1) * price > funds


def test_terms_without_redemption() -> None:
    """Terms that give no right to redeem."""
    terms = from_block(DATED)
    assert terms.redemption is not None
    without = [["id", PS], ["redemption.multiple", 1.1], ["redemption.first_date", "2008-07-09"]]
    assert call("REDEMPTION_PRICE", [without, "2009-01-01", True]) == 1100  # a premium is a multiple above one
