"""Exits worked by hand: what the brute force says of them, and what the functions say."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, NamedTuple

import pytest
from exit_oracle import Exit
from exit_rows import as_rows, slices, tiers
from exits import table

from xlcap.functions import call


class Hand(NamedTuple):
    """An exit, the cap table, and what each class is paid."""

    what: str
    proceeds: int | Fraction
    table: list[dict[str, Any]]
    paid: dict[str, Any]
    strike_money: str = "added"


def common(shares: int) -> dict[str, Any]:
    return {"class": "Common", "kind": "common", "shares": shares}


def series(name: str, shares: int, price: int | str, **more: Any) -> dict[str, Any]:
    """A series at an original issue price, share for share with Common, the first rank, unless it says otherwise."""
    row = {"class": name, "kind": "preferred", "shares": shares, "original_issue_price": price, "conversion_ratio": 1}
    return row | {"seniority": 1} | more


THIRD = Fraction(1, 3)
SAFE = {"class": "Safe", "kind": "safe", "amount": 100, "valuation_cap": 1000}
BESIDE = [common(800), series("A", 200, 2, preference_multiple="1.25"), SAFE]
"""Series A: 500 or 200 shares; a safe that is a tenth of what is counted."""
FIRST_SAFE = {"class": "X", "kind": "safe", "amount": 500, "valuation_cap": 5000}
SECOND_SAFE = {"class": "Y", "kind": "safe", "amount": 500, "valuation_cap": 4000}
WARRANT = [common(900), series("Seed", 100, 10),
           {"class": "Warrant", "kind": "warrant", "shares": 20, "strike": 5, "underlying": "Seed"}]  # fmt: skip
GROUP = {"conversion_group": "Seed", "converts_alone": False}
OPTIONS = {"class": "O", "kind": "option", "shares": 100, "strike": 1}
VOTING = [common(80), series("Seed-1", 10, 1, **GROUP), series("Seed-2", 10, 3, **GROUP)]
AT_LEAST = [row | {"conversion_vote": ">= 50%"} if row["kind"] == "preferred" else row for row in VOTING]
LINKED = [common(10), series("B", 5, "1.75", participation="capped", cap_per_share=3, converts_with="A"),
          series("A", 2, "2.5", seniority=2)]  # fmt: skip
LOAN = {"class": "Note", "kind": "note", "amount": 80, "discount": "0.2"}

CASES = [
    # 1. a share is worth 320 / 8 = 40, the preference of A 20 / 0.5 = 40 a share: a tie, not converted; B: 1 x 40 > 20
    Hand("greater of, a tie", 340, [common(7), series("B", 1, 20), series("A", 1, 20, conversion_ratio="0.5")],
         {"Common": 280, "B": 40, "A": 20}),
    # 2. preference 2 and 25 of 100 parts, 2 + 6 = 8 at 26: the cap; a quarter of 33 is 8.25
    Hand("capped, below the cap", 22, [common(75), series("I", 25, "0.08", participation="capped", cap_multiple=4)],
         {"Common": 15, "I": 7}),
    Hand("capped, at the cap", 31, [common(75), series("I", 25, "0.08", participation="capped", cap_multiple=4)],
         {"Common": 23, "I": 8}),
    Hand("capped, converted", 33, [common(75), series("I", 25, "0.08", participation="capped", cap_multiple=4)],
         {"Common": Fraction(99, 4), "I": Fraction(33, 4)}),
    # 3. (8,300 + 100) / 1,000 = 8.40 a share; gross of the strike where the 8,400 contain it
    Hand("options", 8300, [common(900), OPTIONS],
         {"Common": 7560, "O": 740}),
    Hand("strikes within the proceeds", 8400, [common(900), OPTIONS],
         {"Common": 7560, "O": 840}, "included"),
    # 4. costs 100; debt of rank 2: 300; 600 are left for 400 and 800: 200 and 400
    Hand("debts by rank", 1000, [common(1), series("A", 1, 5), {"class": "Fees", "kind": "cost", "amount": 100},
                                 {"class": "Loan", "kind": "debt", "amount": 300, "seniority": 2},
                                 {"class": "Trade", "kind": "debt", "amount": 400},
                                 {"class": "Note", "kind": "note", "amount": 800}],
         {"Common": 0, "A": 0, "Fees": 100, "Loan": 300, "Trade": 200, "Note": 400}),
    # 5. 10% of 10,000 and 5% of the next 10,000: 1,500 of the 30,000 after debt; 28,500 - 5,000 for the Common
    Hand("carve-out in tiers, before", 31000, [common(1), series("A", 1, 5000, conversion_ratio="0.1"),
                                               {"class": "Debt", "kind": "debt", "amount": 1000},
                                               {"class": "Team", "kind": "carve_out",
                                                "rate": "10% to 10,000; 5% to 20,000"}],
         {"Common": 23500, "A": 5000, "Debt": 1000, "Team": 1500}),
    # 6. owed 100 (10% of 1,000) beside 1,900: half of each
    Hand("carve-out alongside", 1000, [common(1), series("A", 19, 100),
                                       {"class": "Team", "kind": "carve_out", "rate": 0.1, "seniority": 1}],
         {"Common": 0, "A": 950, "Team": 50}),
    # 7. 500: (500 + 100) / (120 x 10) = half of 10, the strike: a tie; 700: 800 / 1,200 = two thirds of 10 a share
    Hand("warrant on preferred, a tie", 500, WARRANT, {"Common": 0, "Seed": 500, "Warrant": 0}),
    Hand("warrant on preferred, held", 700, WARRANT,
         {"Common": 0, "Seed": Fraction(2000, 3), "Warrant": Fraction(400, 3) - 100}),
    # 20,300 + 100 = 20 x 1,020 shares, all converted
    Hand("warrant on preferred, converted", 20300, WARRANT, {"Common": 18000, "Seed": 2000, "Warrant": 300}),
    # 8. 1,000: the safe as a tenth of 500 would have 50, so 100 in cash. 2,000: a tenth of 1,500. 3,000: A has 200 of
    #    1,000 / 0.9 parts, 540, more than 500; the safe a tenth of 3,000
    Hand("safe cashed out beside a series", 1000, BESIDE, {"Common": 400, "A": 500, "Safe": 100}),
    Hand("safe converts, the series is not counted", 2000, BESIDE, {"Common": 1350, "A": 500, "Safe": 150}),
    Hand("safe converts, the series is counted", 3000, BESIDE, {"Common": 2160, "A": 540, "Safe": 300}),
    # 9. parts 0.1 and 0.125. 4,600: Y alone an eighth of 4,100, 512.50, more than 500; X with it a tenth of 4,600, less
    #    than 500. 5,001: both, of 5,001: 500.10 and 625.125
    Hand("two safes, one converts", 4600, [common(100), FIRST_SAFE, SECOND_SAFE],
         {"Common": Fraction(7175, 2), "X": 500, "Y": Fraction(1025, 2)}),
    Hand("two safes, both convert", 5001, [common(100), FIRST_SAFE, SECOND_SAFE],
         {"Common": 5001 * Fraction(31, 40), "X": Fraction(5001, 10), "Y": Fraction(5001, 8)}),
    # 10. 10 of 100 parts against 10 and 30; more than half is both, at least half Seed-1 alone, above 100
    Hand("a vote that fails", 300, VOTING, {"Common": 260, "Seed-1": 10, "Seed-2": 30}),
    Hand("a vote that carries", 310, VOTING, {"Common": 248, "Seed-1": 31, "Seed-2": 31}),
    Hand("at least half", 110, AT_LEAST, {"Common": 88, "Seed-1": 11, "Seed-2": 11}),
    Hand("one who holds both does not want it", 110, [row | {"holder": "Fund"} if row["kind"] == "preferred" else row
                                                      for row in AT_LEAST],
         {"Common": 70, "Seed-1": 10, "Seed-2": 30}),
    # 11. 42.5: 2 of 17 parts are 5, a tie, so B is at its cap; 51: 3 a share
    Hand("a class that takes another, a tie", Fraction(85, 2), LINKED, {"Common": Fraction(45, 2), "B": 15, "A": 5}),
    Hand("a class that takes another", 45, LINKED,
         {"Common": Fraction(450, 17), "B": Fraction(225, 17), "A": Fraction(90, 17)}),
    # 12. 0.5 dividends in cash, then 2 of 10 parts: more than 3.5 above 0.5 + 15; paid as shares: 2 x 3.5 / 3 of them
    Hand("dividends paid on conversion", 18, [common(8), series("A", 2, "1.5", accrued="0.25",
                                                                dividends_on_conversion="paid")],
         {"Common": 14, "A": 4}),
    Hand("dividends converted", 31, [common(8), series("A", 2, "1.5", conversion_ratio=None, conversion_price="1.5",
                                                       accrued="0.25", dividends_on_conversion="converted")],
         {"Common": 24, "A": 7}),
    # 10 of the 15 owed, as the cap of 10 holds the dividends
    Hand("dividends within the cap", 12, [common(90), series("A", 10, 1, accrued="0.5", participation="capped",
                                                             cap_multiple=1)],
         {"Common": 2, "A": 10}),
    # 13. 80 / 0.8 = 100; of 100 there is nothing over, so it is repaid; or it takes what there is
    Hand("discount, nothing over", 100, [common(10), LOAN], {"Common": 20, "Note": 80}),
    Hand("discount", 101, [common(10), LOAN], {"Common": 1, "Note": 100}),
    Hand("discount, what is left", 90, [common(10), LOAN | {"discount_reading": "remainder"}],
         {"Common": 0, "Note": 90}),
    # 14. base 60 + 20 + 10 + 10 = 100; 50 / (200 / 100) = 25 shares beside 80; 1,050 / 105 (the options are at 40)
    Hand("note at its cap", 1050, [common(60), series("A", 20, 5), {"class": "O", "kind": "option", "shares": 10,
                                                                    "strike": 40},
                                   {"class": "Pool", "kind": "pool", "shares": 10},
                                   {"class": "Note", "kind": "note", "amount": 50, "valuation_cap": 200}],
         {"Common": 600, "A": 200, "O": 0, "Pool": 0, "Note": 250}),
]  # fmt: skip


@pytest.mark.parametrize("hand", CASES, ids=[hand.what for hand in CASES])
def test_brute_force_agrees_with_the_hand(hand: Hand) -> None:
    """Of all decisions there is one way to pay from which nobody wants to move, and it is the one worked by hand."""
    answers = Exit(Fraction(hand.proceeds), as_rows(hand.table), hand.strike_money == "included").answers()
    assert [dict(zip(hand.paid, answer.payouts, strict=True)) for answer in answers] == [hand.paid]
    assert [row["class"] for row in hand.table] == list(hand.paid)


@pytest.mark.parametrize("hand", CASES, ids=[hand.what for hand in CASES])
def test_the_function_agrees_with_the_hand(hand: Hand) -> None:
    """WATERFALL pays what was worked by hand."""
    arguments = [float(hand.proceeds), table(*hand.table), None, "none", False, None, hand.strike_money]
    answer = call("WATERFALL", arguments)
    assert isinstance(answer, list)
    labels = [f"{row['class']}: {row['holder']}" if "holder" in row else row["class"] for row in hand.table]
    assert answer[1:] == [
        [name, pytest.approx(float(paid))] for name, paid in zip(labels, hand.paid.values(), strict=True)
    ]


def test_who_converts_first_where_a_safe_counts_them() -> None:
    """Above 1.00 a share A would convert, B above 1.03; but A's 4,000 shares would bring the safe more.

    13,800 less A's 4,000, a tenth of it the safe's, 8,820 for 8,500 shares: 518.82 for B's 500, more than 515. With A,
    a tenth of 13,800, 12,420 for 12,500 shares and less than 4,000 for A's 4,000.
    """
    rows = [common(8000), series("A", 4000, 1), series("B", 500, "1.03"),
             {"class": "Safe", "kind": "safe", "amount": 500, "valuation_cap": 5000}]  # fmt: skip
    (answer,) = Exit(Fraction(13800), as_rows(rows)).answers()
    b = 8820 * Fraction(500, 8500)
    assert list(answer.payouts) == [8820 - b, 4000, b, 980]


def test_strikes_within_the_proceeds_are_paid_in_part() -> None:
    """950 for 900 shares and 100 options at 1.00: all exercised, a share is worth 0.95; none, 1.06; so 50 are."""
    (answer,) = Exit(Fraction(950), as_rows([common(900), OPTIONS]), included=True).answers()
    assert list(answer.payouts) == [900, 50]


def test_a_carve_out_in_slices() -> None:
    """10% of 1,000, nothing of the next 1,000, 5% of the 500 above."""
    assert slices(tiers("10% to 1,000; 0% to 2,000; 5%"), Fraction(2500)) == 125
