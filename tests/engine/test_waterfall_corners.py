"""Exits at which something turns that is easily missed: rows that decide as one, curves, warrants, voters."""

from __future__ import annotations

from typing import Any

import pytest
from exits import explained, table

from xlcap.errors import XlcapError
from xlcap.functions import call

COMMON = {"class": "Common", "kind": "common", "shares": 1000000}
A = {"class": "A", "kind": "preferred", "shares": 1000000, "seniority": 1, "original_issue_price": 1,
     "conversion_price": 1}  # fmt: skip


def ask(name: str, *args: Any) -> Any:
    """A function's answer, whatever it is."""
    return call(name, list(args))


def test_a_series_that_converts_as_one_makes_its_rows_jump() -> None:
    """40m of preference for 3m shares: 13.333 a share, 133.33m. There 1m shares for 20m fall to 13.33m, 2m rise."""
    row = {"class": "B", "kind": "preferred", "shares": 20000, "terms": "PRICESMART-B"}
    rows = table({**COMMON, "shares": 7000000}, {**row, "holder": "x", "conversion_price": 20},
                 {**row, "holder": "y", "conversion_price": 10})  # fmt: skip
    last = ask("BREAKPOINTS", rows)[-1]
    assert last[0] == pytest.approx(400e6 / 3)
    assert last[1] == (
        "B: x: jumps from 20,000,000 to 13,333,333.33; B: y: jumps from 20,000,000 to 26,666,666.67; B: converts"
    )
    assert last[5:] == pytest.approx([0.7, 0.1, 0.2])
    assert ask("PROCEEDS_FOR", 25e6, rows, "B: y") == pytest.approx(400e6 / 3)
    assert ask("WATERFALL", 150e6, rows, "B: y") == 30e6


def test_rows_without_a_certificate_decide_for_themselves() -> None:
    """1m shares at 2.00 and at 1.00: above 1.00 a share and above 2.00, not both at 1.33."""
    rows = table(COMMON, {**A, "holder": "x", "original_issue_price": 2, "conversion_price": 2}, {**A, "holder": "y"})
    assert ask("CONVERTS_AT", rows)[1:] == [["A: x", 6e6], ["A: y", 4e6]]


def test_a_vote_that_turns_twice_between_two_breakpoints() -> None:
    """Beside 40% of the exit: apart y gets 32/34 of it, all converted 16/(16 + 0.4 P) of it (P in millions).

    Equal where 16 + 0.4 P = 17: at 2.5m, and the vote is for it below.
    """
    group = {"kind": "preferred", "conversion_group": "G", "conversion_vote": ">= 2/3", "seniority": 1}
    rows = table(
        COMMON,
        {**group, "class": "A", "holder": "y", "shares": 4000000, "original_issue_price": 8, "conversion_price": 8},
        {**group, "class": "B", "shares": 1000000, "original_issue_price": 2, "conversion_price": 2,
         "participation": "full"},
        {"class": "C", "holder": "y", "kind": "preferred", "shares": 2000000, "seniority": 0, "participation": "full",
         "original_issue_price": 8, "conversion_price": 8},
        {"class": "Plan", "kind": "carve_out", "rate": "40% to 6,000,000", "seniority": 0},
    )  # fmt: skip
    assert ask("BREAKPOINTS", rows)[1][0] == pytest.approx(2.5e6, rel=1e-15)
    # 16 P = 0.5 x (16 + 0.4 P)
    assert ask("PROCEEDS_FOR", 5e5, rows, "C: y") == pytest.approx(8e6 / 15.8, rel=1e-14)
    assert ask("PROCEEDS_FOR", 5e5, rows, "A: y") == pytest.approx(2.5e6, rel=1e-14)


def test_shares_a_warrant_buys_have_no_dividends_and_convert_for_themselves() -> None:
    """A keeps 2m with its dividends; (3.6 + 0.05 - 2) / 1.1 = 1.50 a share, above the 1.00 of the warrant's shares."""
    dividends = {**A, "accrued": 1}
    warrant = {"class": "W", "kind": "warrant", "shares": 100000, "strike": 0.5, "underlying": "A"}
    rows = table(COMMON, dividends, warrant)
    assert ask("WATERFALL", 3.6e6, rows) == [["Class", "Payout"], ["Common", 1.5e6], ["A", 2e6], ["W", 100000]]
    detail = explained(ask("WATERFALL_DETAIL", 3.6e6, rows))["W"]
    assert (detail["Converts"], detail["Common shares"]) == (True, 100000)
    assert [row[1:-1] for row in ask("EQUILIBRIA", 3.6e6, rows)[1:]] == [[True, 1.5e6, 2e6, 100000]]
    safe = {"class": "SAFE", "kind": "safe", "amount": 1, "valuation_cap": 1e12}
    with pytest.raises(XlcapError, match="row 3, column 'underlying': is not modelled beside a post-money SAFE"):
        ask("WATERFALL", 3.6e6, table(COMMON, dividends, warrant, {**safe, "amount": 500000, "valuation_cap": 5e6}))


def test_dividends_in_cash_above_the_cap_that_holds_them() -> None:
    """5.00 of dividends a share, paid on conversion, and a cap of 2.00 that holds them contradict each other."""
    with pytest.raises(XlcapError, match="row 2, column 'accrued'"):
        ask("WATERFALL", 4e6, table(COMMON, {**A, "participation": "capped", "cap_multiple": 2, "accrued": 5,
                                             "dividends_on_conversion": "paid"}))  # fmt: skip


def test_a_class_by_its_name_is_all_its_rows() -> None:
    """Also where one of them has no holder."""
    rows = table(COMMON, A, {**A, "holder": "Fund"}, {**COMMON, "class": "common", "holder": "Ann"})
    assert ask("WATERFALL", 1.5e6, rows, "A") == 1.5e6
    assert ask("WATERFALL", 3e6, rows, *[None] * 8, "class") == [["Class", "Payout"], ["Common", 1e6], ["A", 2e6]]


def test_a_voter_gains_by_what_a_qualified_event_converts_too() -> None:
    """x holds all Valuestar B, which the event converts, and 60% of a group: it votes by the sum of both."""
    valuestar = {"class": "Series B", "holder": "x", "kind": "preferred", "shares": 100000, "terms": "VALUESTAR-B",
                 "conversion_price": 1.75}  # fmt: skip
    group = {"kind": "preferred", "seniority": 1, "original_issue_price": 12, "conversion_price": 12,
             "conversion_group": "G", "converts_alone": False}  # fmt: skip
    common = {**COMMON, "shares": 2000000}
    rows = [common, {**group, "class": "C", "holder": "x", "shares": 600000},
            {**group, "class": "C", "holder": "z", "shares": 400000}]  # fmt: skip
    with_b = table(common, valuestar, *rows[1:])
    as_common = table(common, {**COMMON, "class": "Former B", "holder": "x"}, *rows[1:])
    for proceeds in (10e6, 20e6, 40e6, 60e6):
        asked = ask("WATERFALL", proceeds, with_b, None, None, True)
        told = ask("WATERFALL", proceeds, as_common)
        assert [row[1] for row in asked[1:]] == [row[1] for row in told[1:]]


def test_a_debt_that_takes_all_leaves_a_gross_carve_out_nothing() -> None:
    """10m for a loan of 10m: the 10% of all proceeds come after it."""
    rows = table(COMMON, {"class": "Loan", "kind": "debt", "amount": 10000000},
                 {"class": "Plan", "kind": "carve_out", "rate": 0.1, "rate_of": "gross"})  # fmt: skip
    assert ask("WATERFALL", 10e6, rows) == [["Class", "Payout"], ["Common", 0], ["Loan", 10e6], ["Plan", 0]]
    assert ask("BREAKPOINTS", rows)[1][5:] == [0, 0, 1]


def test_prices_without_a_day() -> None:
    """Which day's price is meant must be said."""
    with pytest.raises(XlcapError, match="argument 'as_of': is required with prices: the day of the exit"):
        ask("WATERFALL", 5e6, table(COMMON), *[None] * 7, [["date", "close"], ["2004-01-05", 20]])


def test_a_small_class_of_a_higher_value_converts_first_beside_a_safe() -> None:
    """Of A (4m at 1.00) and B (0.5m at 1.03), beside a SAFE for a tenth, at 13.8m, 13.86m and 13.9m.

    13.8m: B with 9/10 of 9.8m on 8.5m shares gets 1.0376 a share; A with it would get 0.9 x 13.8m / 12.5m = 0.9936.
    13.9m: A, 0.9 x 13.385m / 12m = 1.003875; with B 1.0008, which is not worth B's 1.03: B goes back to its preference.
    """
    shares = {"kind": "preferred", "seniority": 1}
    rows = table(
        {**COMMON, "shares": 8000000},
        {**shares, "class": "A", "shares": 4000000, "original_issue_price": 1, "conversion_price": 1},
        {**shares, "class": "B", "shares": 500000, "original_issue_price": 1.03, "conversion_price": 1.03},
        {"class": "SAFE", "kind": "safe", "amount": 500000, "valuation_cap": 5000000},
    )
    assert [row[1] for row in ask("WATERFALL", 13.8e6, rows)[1:]] == [8301176.47, 4000000, 518823.53, 980000]
    assert [row[1] for row in ask("WATERFALL", 13.9e6, rows)[1:]] == [8031000, 4015500, 515000, 1338500]
    points = ask("BREAKPOINTS", rows)
    for low, high in zip([row[0] for row in points[1:]], [*[row[0] for row in points[2:]], 20e6], strict=True):
        middle = (low + high) / 2
        slope = dict(zip(points[0][5:], next(row for row in points if row[0] == low)[5:], strict=True))
        before, after = (ask("WATERFALL", at, rows, None, "none") for at in (middle, middle + 10))
        for (name, first), (_, last) in zip(before[1:], after[1:], strict=True):
            assert last - first == pytest.approx(10 * slope[name], abs=1e-6)


def test_where_no_answer_is_stable_it_says_so() -> None:
    """P0 gains alone by converting, then P1 does, and with it P0 loses."""
    rows = table(
        {**COMMON, "shares": 2},
        {"class": "P0", "kind": "preferred", "shares": 1, "seniority": 1, "preference": 255, "as_converted": 21.25},
        {"class": "P1", "kind": "preferred", "shares": 1, "seniority": 1, "preference": 705, "as_converted": 197},
        {"class": "SAFE", "kind": "safe", "amount": 2, "valuation_cap": 6},
    )
    told = explained(ask("WATERFALL_DETAIL", 1200, rows, "none"))["P0"]["Reason"]
    assert told.endswith("no answer is stable here: whoever converts, another would rather decide otherwise")


def test_a_class_capped_at_its_preference_is_counted_anyway() -> None:
    """It participates, and so SAFEs count it whether it converts or not: 1,952 / 487.5 x 25 is more than 100."""
    rows = table(
        {**COMMON, "shares": 300},
        {"class": "P0", "kind": "preferred", "shares": 1, "seniority": 1, "preference": 100, "as_converted": 25,
         "participation": "capped", "cap": 100},
        {"class": "P1", "kind": "preferred", "shares": 1, "seniority": 1, "preference": 4, "as_converted": 1},
        {"class": "SAFE", "kind": "safe", "amount": 249, "valuation_cap": 747},
    )  # fmt: skip
    assert ask("WATERFALL", 1956, rows, "P0") == 100.1


def test_a_carve_out_behind_a_debt_that_takes_all_says_so() -> None:
    """8m for a loan of 10m: the plan's 10% of all proceeds, 800,000, come after it."""
    rows = table(COMMON, {"class": "Loan", "kind": "debt", "amount": 10000000},
                 {"class": "Plan", "kind": "carve_out", "rate": 0.1, "rate_of": "gross"})  # fmt: skip
    assert explained(ask("WATERFALL_DETAIL", 8e6, rows))["Plan"]["Reason"] == (
        "10% of the 8,000,000 proceeds: 800,000; nothing is left after what is owed before it"
    )
