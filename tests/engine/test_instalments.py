"""Redemption in instalments, on the holders' demand or by force, and pay-to-play: clauses of the market's forms."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from xlcap.errors import XlcapError
from xlcap.functions import call

VS, PT = "VALUESTAR-B", "PATRON-B"


def redeemed(*changes: tuple[str, Any], base: str = VS) -> list[list[Any]]:
    """Valuestar's certificate with a redemption in three yearly instalments: a third, half of the rest, the rest."""
    rows: list[list[Any]] = [["id", base], ["redemption.clause", "6"], ["redemption.kind", "holder_put"],
                             ["redemption.multiple", 1]]  # fmt: skip
    for name, day, fraction in (("c", "2032-01-15", 1), ("a", "2030-01-15", "1/3"), ("b", "2031-01-15", "1/2")):
        rows += [[f"redemption.instalments.{name}.date", day], [f"redemption.instalments.{name}.fraction", fraction]]
    fields = {row[0]: row[1] for row in rows} | dict(changes)
    return [[name, value] for name, value in fields.items()]


def schedule(terms: Any, *args: Any) -> list[list[Any]]:
    """The rows of REDEMPTION_SCHEDULE."""
    rows = call("REDEMPTION_SCHEDULE", [terms, *args])
    assert isinstance(rows, list)
    assert rows[0] == ["Date", "Shares", "Price", "Amount", "Left"]
    return rows[1:]


def test_each_instalment_is_a_part_of_what_is_left() -> None:
    """1,000: 333.33, so 333; half of 667 is 333.5, so 333; the last 334. At 17.50: 5,827.50, 5,827.50, 5,845.00."""
    assert schedule(redeemed(), 1000) == [
        [dt.date(2030, 1, 15), 333, 17.5, 5827.5, 667],
        [dt.date(2031, 1, 15), 333, 17.5, 5827.5, 334],
        [dt.date(2032, 1, 15), 334, 17.5, 5845, 0],
    ]


def test_base_of_the_redemption_price_is_a_switch() -> None:
    """A preference of 1.5 x 17.50 and 2.00 accrued: redeemed at 28.25, or at the issue price and accruals, 19.50."""
    changes = [("liquidation.preference_multiple", 1.5), ("liquidation.dividends", "accrued")]
    for base, price in (("liquidation_preference", 28.25), ("price_per_share", 19.5)):
        terms = redeemed(*changes, ("redemption.base", base), ("redemption.dividends", True))
        assert call("REDEMPTION_PRICE", [terms, "2030-01-15", None, 2]) == price


def test_fractions_of_shares_as_a_switch() -> None:
    """Unrounded a third, a third and a third."""
    rows = schedule(redeemed(("redemption.partial_rounding", "none")), 1000)
    assert [row[1] for row in rows] == [pytest.approx(1000 / 3, rel=1e-14)] * 3
    assert [row[3] for row in rows] == [5833.33] * 3  # 1000/3 x 17.50 = 5,833.33
    assert rows[2][4] == 0


def test_dividends_may_grow_from_one_instalment_to_the_next() -> None:
    """Valuestar's preference has those declared in it: 17.50 + 1.40, + 2.80, + 4.20."""
    rows = schedule(redeemed(), 3, [[1.4], [2.8], [4.2]])
    assert [(row[1], row[2], row[3]) for row in rows] == [(1, 18.9, 18.9), (1, 20.3, 20.3), (1, 21.7, 21.7)]


def test_a_blank_dividend_at_the_end_is_none() -> None:
    """1.00 on the first instalment alone: 18.50, then 17.50 twice."""
    assert [row[2] for row in schedule(redeemed(), 1000, [[1], [None], [None]])] == [18.5, 17.5, 17.5]


def test_dividends_the_preference_lacks_are_added_once() -> None:
    """Without dividends in the preference: 2 x 17.50 + 1.40 = 36.40; without the switch 35.00."""
    without = ("liquidation.dividends", "none"), ("redemption.multiple", 2)
    assert schedule(redeemed(*without), 3, 1.4)[0][2] == 36.4
    assert schedule(redeemed(*without, ("redemption.dividends", False)), 3, 1.4)[0][2] == 35
    assert schedule(redeemed(("redemption.multiple", 2)), 3, 1.4)[0][2] == 37.8  # 2 x (17.50 + 1.40)


def test_what_the_last_instalment_leaves() -> None:
    """Half at last: 334 less 167 stay outstanding."""
    assert schedule(redeemed(("redemption.instalments.c.fraction", "1/2")), 1000)[2][4] == 167


def test_the_price_from_the_first_instalment_on() -> None:
    """No share is redeemed before it; no word on senior dividends is needed where the terms ask for none."""
    assert call("REDEMPTION_PRICE", [redeemed(), "2030-01-15", None, 1.4]) == 18.9
    with pytest.raises(XlcapError, match=r"the shares cannot be redeemed before 2030-01-15 \(6\)"):
        call("REDEMPTION_PRICE", [redeemed(), "2030-01-14"])


@pytest.mark.parametrize(
    ("terms", "args", "message"),
    [
        (VS, [1000], "VALUESTAR-B: redemption: these terms give no right to redeem"),
        ("PRICESMART-B", [1000], "redemption.instalments: these terms redeem in no instalments"),
        (redeemed(), [1000.5], "argument 'shares': preferred shares are whole, zero or more; found 1,000.5"),
        (redeemed(), [-1], "argument 'shares': must be zero or more; found -1"),
        (redeemed(), [10, [[1], [2]]], "argument 'accrued': give one number, or one for each of the 3 instalments"),
        (redeemed(), [10, -1], "argument 'accrued': must be zero or more; found -1"),
        (redeemed(("redemption.instalments.a.fraction", 2)), [10], "instalments.a.fraction: must be 1 or less"),
        (redeemed(("redemption.instalments.a.date", "June __, 2030")), [10], "the certificate leaves this date open"),
    ],
)
def test_schedules_refused(terms: Any, args: list[Any], message: str) -> None:
    """No such clause, broken counts, too many dividends, a part above one, a date left open."""
    with pytest.raises(XlcapError) as error:
        schedule(terms, *args)
    assert message in str(error.value)


# --- pay-to-play ------------------------------------------------------------------------------------------------------

HEADER = ["holder", "shares", "entitled", "bought", "price"]


def played(*holders: list[Any], base: str = VS, **fields: Any) -> list[list[Any]]:
    """The rows of PAY_TO_PLAY under a clause added to a certificate."""
    clause = {"clause": "5A", "convert_to": "Common"} | fields
    terms = [["id", base], *([f"pay_to_play.{name}", value] for name, value in clause.items())]
    rows = call("PAY_TO_PLAY", [terms, [HEADER, *holders]])
    assert isinstance(rows, list)
    return rows[1:]


def test_the_part_not_bought_converts() -> None:
    """50 of 200 bought: 3/4 of 1,000 shares convert, 750 x 10 = 7,500 (5A, Applicable Portion)."""
    assert played(["Ann", 1000, 200, 50, 1.75]) == [["Ann", 250, 750, "Common", 7500, 0]]


def test_who_buys_the_whole_part_keeps_everything() -> None:
    """As much as was offered, or more, or nothing offered at all."""
    keep = played(["Ann", 1000, 200, 200, None], ["Ben", 1000, 200, 300, None], ["Cid", 1000, 0, None, None])
    assert [row[1:] for row in keep] == [[1000, 0, "", 0, 0]] * 3


def test_all_shares_lose_their_rights_as_a_switch() -> None:
    """Bought in part is not bought: all 1,000 convert into 10,000."""
    assert played(["Ann", 1000, 200, 199, 1.75], shortfall="all") == [["Ann", 0, 1000, "Common", 10000, 0]]


def test_part_of_a_share_stays() -> None:
    """A third of 100 is 33.33: 33 shares convert, 67 stay; 33 x 17.50 / 1.60 = 360.9375, the fraction in cash."""
    assert played(["Ann", 100, 300, 200, 1.6]) == [["Ann", 67, 33, "Common", 360, 0.9375]]


def test_a_fixed_ratio_into_a_class_without_the_rights() -> None:
    """One share of Series B-1 for each, or one of Common for ten: 75.5 of them, 75 and a half in cash."""
    assert played(["Ann", 1000, 200, 50, None], ratio=1, convert_to="Series B-1")[0][2:] == [750, "Series B-1", 750, 0]
    assert played(["Ann", 755, 200, 0, None], ratio="1/10")[0][2:] == [755, "Common", 75, 0.5]


def test_fractions_as_on_any_conversion() -> None:
    """Patron's round up: 5,000 / 2.40 = 2,083.33, 2,084, and nothing in cash."""
    assert played(["Ann", 1, 100, 0, 2.4], base=PT)[0][2:] == [1, "Common", 2084, 0]


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda: call("PAY_TO_PLAY", [VS, [HEADER, ["Ann", 1, 1, 1, 1]]]), "these terms ask no holder to take part"),
        (lambda: played(["Ann", 1000, 200, 50, None]), "holders row 1, column 'price': is blank: the shares convert"),
        (lambda: played(["Ann", 1.5, 200, 50, 1]), "holders row 1, column 'shares': preferred shares are whole"),
        (lambda: played(["Ann", -1, 200, 50, 1]), "holders row 1, column 'shares': must be 0 or more; found -1"),
        (lambda: played(["Ann", 1, 200, -50, 1]), "holders row 1, column 'bought': must be 0 or more; found -50"),
        (lambda: played(["Ann", 1, 200, 50, 0]), "holders row 1, column 'price': must be above 0; found 0"),
        (lambda: played(["Ann", 1, None, 50, 1]), "holders row 1, column 'entitled': is blank"),
    ],
)
def test_rounds_refused(ask: Any, message: str) -> None:
    """No such clause, prices missing or of nothing, negative and broken counts."""
    with pytest.raises(XlcapError) as error:
        ask()
    assert message in str(error.value)
