"""What is asked of an exit besides the split itself: which exit, in what stages, by whom; and the terms of a sale."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from exits import explained, payouts, rows_of, table

from xlcap.errors import XlcapError
from xlcap.functions import call

COMMON = {"class": "Common", "kind": "common", "shares": 8000000}
SEED = {"class": "Seed", "kind": "preferred", "shares": 2000000, "seniority": 1, "original_issue_price": 1,
        "conversion_price": 1}  # fmt: skip
SERIES_A = {"class": "Series A", "kind": "preferred", "shares": 1000000, "seniority": 2, "original_issue_price": 4,
            "conversion_price": 4}  # fmt: skip

GROUP = {"kind": "preferred", "shares": 1000000, "seniority": 1, "conversion_group": "Seed", "converts_alone": False}
TOGETHER = [
    {**GROUP, "class": "Seed-1", "original_issue_price": 1, "conversion_price": 1},
    {**GROUP, "class": "Seed-2", "original_issue_price": 3, "conversion_price": 3},
]


def ask(name: str, *args: Any) -> Any:
    """A function's answer, whatever it is."""
    return call(name, list(args))


# --- which exit -------------------------------------------------------------------------------------------------------


def test_converts_at_is_the_exit_just_above_which_a_class_converts() -> None:
    """Seed at 1.00 a share: 4m + 10m x 1.00 = 14m; Series A at 4.00: 11m x 4.00 = 44m."""
    rows = table(COMMON, SEED, SERIES_A)
    assert ask("CONVERTS_AT", rows) == [["Class", "Converts above"], ["Seed", 14e6], ["Series A", 44e6]]
    assert ask("CONVERTS_AT", rows, "series a") == 44e6


def test_what_never_converts_is_said() -> None:
    """A class without a conversion price stays what it is."""
    rows = table(COMMON, {**SEED, "conversion_price": None})
    with pytest.raises(XlcapError, match="argument 'payee': 'Seed' converts, or is exercised, at no exit") as error:
        ask("CONVERTS_AT", rows, "Seed")
    assert error.value.code == "#N/A"
    assert ask("CONVERTS_AT", rows) == [["Class", "Converts above"], ["Seed", None]]


@pytest.mark.parametrize(
    ("amount", "payee", "proceeds"),
    [
        (0, "Common", 0),
        (1000000, "Seed", 5e6),  # after Series A's 4m
        (2000000, "Seed", 6e6),
        (3000000, "Seed", 19e6),  # 1.50 a share: 4m + 10m x 1.50
        (4000000, "Common", 10e6),
        (5000000, "Series A", 55e6),  # 5.00 a share of 11m
    ],
)
def test_proceeds_for_turns_the_waterfall_round(amount: float, payee: str, proceeds: float) -> None:
    """The smallest exit that brings a class an amount."""
    assert ask("PROCEEDS_FOR", amount, table(COMMON, SEED, SERIES_A), payee) == proceeds


def test_an_amount_no_exit_brings() -> None:
    """A preference that does not convert is all there is."""
    rows = table(COMMON, {**SEED, "conversion_price": None})
    assert ask("PROCEEDS_FOR", 2000000, rows, "Seed") == 2e6
    with pytest.raises(XlcapError, match="'Seed' 2,000,001; the most it ever gets is 2,000,000"):
        ask("PROCEEDS_FOR", 2000001, rows, "Seed")


def test_the_most_that_a_tier_brings() -> None:
    """10% of 10m and 5% of 10m more are 1.5m, and nothing above."""
    plan = {"class": "Plan", "kind": "carve_out", "rate": "10% to 10,000,000; 5% to 20,000,000"}
    with pytest.raises(XlcapError, match="no exit brings 'Plan' 2,000,000; the most it ever gets is 1,500,000"):
        ask("PROCEEDS_FOR", 2e6, table(COMMON, plan), "Plan")


def test_proceeds_for_a_payout_that_curves() -> None:
    """10% beside a preference of 2m: Seed gets X x 2m / (2m + 0.1 X); 1m where 2X = 2m + 0.1X, the plan the rest."""
    rows = table(COMMON, SEED, {"class": "Plan", "kind": "carve_out", "rate": 0.1, "seniority": 1})
    half = 2e6 / 1.9
    assert ask("PROCEEDS_FOR", 1000000, rows, "Seed") == pytest.approx(half, rel=1e-15)
    assert payouts(half, COMMON, SEED, {"class": "Plan", "kind": "carve_out", "rate": 0.1, "seniority": 1})[
        "Plan"
    ] == pytest.approx(half - 1e6, rel=1e-14)
    # and turned round for the plan, whose payout is the rest of the curve
    assert ask("PROCEEDS_FOR", half - 1e6, rows, "Plan") == pytest.approx(half, rel=1e-14)


# --- stages, holders --------------------------------------------------------------------------------------------------


def test_stages_pay_the_difference_the_whole_makes() -> None:
    """10m: 4m, 2m and 4m; 20m: Seed converts, 16m of 10m shares at 1.60; 60m: all convert, 60/11 a share."""
    stages = [["payment", "amount"], ["closing", 10e6], ["escrow", 10e6], ["earn-out", 40e6]]
    answer = ask("WATERFALL_STAGES", stages, table(COMMON, SEED, SERIES_A))
    assert answer[0] == ["Payment", "Amount", "Paid so far", "Common", "Seed", "Series A", "Warning"]
    assert answer[1] == ["closing", 10e6, 10e6, 4e6, 2e6, 4e6, ""]
    assert answer[2] == ["escrow", 10e6, 20e6, 8.8e6, 1.2e6, 0, ""]
    whole = [43636363.64, 10909090.91, 5454545.45]  # 8, 2 and 1 of 11 parts of 60m
    assert answer[3][:3] == ["earn-out", 40e6, 60e6]
    assert answer[3][3:6] == pytest.approx([whole[0] - 12.8e6, whole[1] - 3.2e6, whole[2] - 4e6], abs=0.001)
    assert answer[4] == ["Total", 60e6, 60e6, *whole, ""]


def test_a_payment_that_lowers_what_was_paid_warns() -> None:
    """Together or not at all: at 31m Seed-2's vote converts both, and Common's 25m become 24.8m."""
    rows = table(COMMON, *TOGETHER)
    answer = ask("WATERFALL_STAGES", [["payment", "amount"], ["closing", 29e6], ["earn-out", 2e6]], rows)
    assert answer[2][3:] == [
        -200000, 2100000, 100000, "lowers what was paid before: Common 200,000 would have to be given back",
    ]  # fmt: skip


def test_payouts_are_added_up_by_class_or_by_holder() -> None:
    """Ann's 5m shares of Common and 500,000 of the Seed; at 12m Series A 4m, Seed 2m, Common 0.75 a share."""
    rows = table(
        {**COMMON, "shares": 5000000, "holder": "Ann"},
        {**COMMON, "shares": 3000000, "holder": "Bo"},
        {**SEED, "shares": 500000, "holder": "Ann"},
        {**SEED, "shares": 1500000, "holder": "Fund"},
        SERIES_A,
    )
    by_class = [["Class", "Payout"], ["Common", 6e6], ["Seed", 2e6], ["Series A", 4e6]]
    assert ask("WATERFALL", 12e6, rows, *[None] * 7, None, "class")[0] == ["Class", "Payout"]
    assert ask("WATERFALL", 12e6, rows, *[None] * 8, "class") == by_class
    assert ask("WATERFALL", [[12e6], [6e6]], rows, *[None] * 8, "holder") == [
        ["Proceeds", "Ann", "Bo", "Fund", "Series A"],
        [12e6, 4.25e6, 2.25e6, 1.5e6, 4e6],
        [6e6, 0.5e6, 0, 1.5e6, 4e6],
    ]
    assert ask("WATERFALL", 12e6, rows, "ann") == 4.25e6
    assert ask("WATERFALL", 12e6, rows, "seed") == 2e6
    assert ask("PROCEEDS_FOR", 4.25e6, rows, "Ann") == 12e6


# --- the terms of a sale ----------------------------------------------------------------------------------------------


def test_strike_money_that_is_in_the_proceeds_already() -> None:
    """17 shares and 4 options at 0.25: of 10 the 21 get 10/21 each, the options not net of it.

    At 17 x 0.25 = 4.25 the options' price is reached; the next dollar, 4 x 0.25, is theirs alone: what they paid. From
    5.25 on all share.
    """
    rows = table({**COMMON, "shares": 17}, {"class": "Options", "kind": "option", "shares": 4, "strike": 0.25})

    def paid(proceeds: float) -> list[float]:
        answer = ask("WATERFALL", proceeds, rows, None, "none", None, None, "included")
        return [row[1] for row in answer[1:]]

    assert paid(10) == [float(Fraction(170, 21)), float(Fraction(40, 21))]
    assert paid(4.25) == [4.25, 0]
    assert paid(4.75) == [4.25, 0.5]
    assert paid(5.25) == [4.25, 1]
    points = ask("BREAKPOINTS", rows, None, None, "included")
    assert [(row[0], row[1], row[5:]) for row in points[1:]] == [
        (4.25, "Options: exercised", [0, 1]),
        (5.25, "Options: has its exercise price back", pytest.approx([17 / 21, 4 / 21])),
    ]


def test_costs_and_debts_come_first_and_senior_debt_before_junior() -> None:
    """Of 1.5m: 0.2m of costs, 1m to the senior lender, 0.3m to the two others, of 0.4m and 0.2m, in proportion."""
    rows = [
        COMMON,
        {"class": "Advisers", "kind": "cost", "amount": 200000},
        {"class": "Bank", "kind": "debt", "amount": 1000000, "seniority": 2},
        {"class": "Lender X", "kind": "debt", "amount": 400000},
        {"class": "Lender Y", "kind": "debt", "amount": 200000},
    ]
    assert payouts(1500000, *rows) == {
        "Common": 0, "Advisers": 200000, "Bank": 1000000, "Lender X": 200000, "Lender Y": 100000,
    }  # fmt: skip
    assert payouts(2000000, *rows)["Common"] == 200000


def test_options_of_one_strike_are_exercised_and_have_it_back_together() -> None:
    """Strikes of 1.00 in the proceeds: exercised at 8m, and the 2m that are theirs are back at 10m, for both."""
    options = [{"class": name, "kind": "option", "shares": 1e6, "strike": 1} for name in ("Old", "New")]
    found = ask("BREAKPOINTS", table(COMMON, *options), None, None, "included")[1:]
    assert [(row[0], row[2]) for row in found if row[0]] == [(8e6, "Old; New"), (10e6, "Old; New")]


@pytest.mark.parametrize(("rate_of", "plan"), [("net", 900000), ("gross", 1000000)])
def test_a_carve_out_of_the_net_or_of_the_gross_proceeds(rate_of: str, plan: float) -> None:
    """10% of 10m, or of the 9m that a debt of 1m leaves; before the preference."""
    rows = [COMMON, SEED, {"class": "Bank", "kind": "debt", "amount": 1000000},
            {"class": "Plan", "kind": "carve_out", "rate": "10%", "rate_of": rate_of}]  # fmt: skip
    paid = payouts(10e6, *rows)
    assert paid["Plan"] == plan
    assert paid["Common"] + paid["Seed"] == 9e6 - plan


def test_an_exit_that_pays_the_debts_and_no_more_leaves_nothing_for_a_carve_out() -> None:
    """10% of the gross proceeds are owed behind a debt of 900: at an exit of 900 nothing is paid on the 90."""
    rows = [COMMON, {"class": "Loan", "kind": "debt", "amount": 900},
            {"class": "Plan", "kind": "carve_out", "rate": "10%", "rate_of": "gross"}]  # fmt: skip
    assert payouts(900, *rows) == {"Common": 0, "Loan": 900, "Plan": 0}


def test_a_fixed_carve_out_comes_before_the_preferences() -> None:
    """300,000 first, then the Seed's 2m."""
    plan = {"class": "Plan", "kind": "carve_out", "amount": 300000}
    assert payouts(1e6, COMMON, SEED, plan) == {"Common": 0, "Seed": 700000, "Plan": 300000}


@pytest.mark.parametrize(
    ("reading", "proceeds", "note", "common"),
    [
        # 1m at 20% off converts for 1.25m: below 1.25m it is repaid, above it takes that and Common the rest
        ("literal", 1.2e6, 1e6, 0.2e6),
        ("literal", 1.25e6, 1e6, 0.25e6),
        ("literal", 1.3e6, 1.25e6, 0.05e6),
        ("remainder", 1.2e6, 1.2e6, 0),
        ("remainder", 1.25e6, 1.25e6, 0),
        ("remainder", 1.3e6, 1.25e6, 0.05e6),
    ],
)
def test_a_conversion_at_a_discount(reading: str, proceeds: float, note: float, common: float) -> None:
    """A note without a cap: two readings of what happens where little is left, and the switch between them."""
    row = {"class": "Note", "kind": "note", "amount": 1000000, "discount": 0.2, "discount_reading": reading}
    assert payouts(proceeds, COMMON, row) == {"Common": pytest.approx(common), "Note": note}


def test_two_stable_answers_are_both_said() -> None:
    """Two SAFEs for a tenth each, at 5m and 5.2m: at 5.4m both convert for 0.54m; Y in cash would leave X 0.488m.

    Alone X gets a tenth of 5.4m - 0.52m, less than its 0.5m, so that both in cash is stable too.
    """
    safes = [{"class": f"SAFE {name}", "kind": "safe", "amount": amount, "valuation_cap": 10 * amount}
             for name, amount in (("X", 500000), ("Y", 520000))]  # fmt: skip
    rows = table({**COMMON, "shares": 10000000}, *safes)
    answer = explained(ask("WATERFALL_DETAIL", 5.4e6, rows))
    assert [answer[name]["Payout"] for name in ("SAFE X", "SAFE Y", "Common")] == [540000, 540000, 4320000]
    assert answer["SAFE X"]["Reason"].endswith("another answer is stable too, which pays this row 500,000")
    assert answer["Common"]["Reason"].endswith("which pays this row 4,380,000")


# --- on the day of the exit -------------------------------------------------------------------------------------------


def test_prices_and_dividends_are_worked_out_for_the_day() -> None:
    """PriceSmart's Series B after a split in two: 10.00; 45 days of 8% on 1,000 are 10.00 of dividends (III.A)."""
    events = [["event", "date", "ratio"], ["split", "2003-12-01", 2]]
    rows = [["class", "kind", "shares", "terms", "issue_date"], ["Common", "common", 14e6, None, None],
            ["Series B", "preferred", 20000, "PRICESMART-B", "2003-07-09"]]  # fmt: skip
    detail = explained(ask("WATERFALL_DETAIL", 300e6, rows, None, None, None, None, events, "2004-02-16"))["Series B"]
    assert detail["Preference"] == 20200000
    assert detail["Common shares"] == 2020000  # 20,200,000 / 10.00


def test_what_a_row_states_stands() -> None:
    """A price and dividends on the sheet are not worked out again."""
    events = [["event", "date", "ratio"], ["split", "2003-12-01", 2]]
    rows = [["class", "kind", "shares", "terms", "conversion_price", "accrued"],
            ["Common", "common", 14e6, None, None, None],
            ["Series B", "preferred", 20000, "PRICESMART-B", 20, 0]]  # fmt: skip
    detail = explained(ask("WATERFALL_DETAIL", 300e6, rows, None, None, None, None, events, "2004-02-16"))["Series B"]
    assert (detail["Preference"], detail["Common shares"]) == (20e6, 0)


def test_events_without_a_day() -> None:
    """Which day's price is meant must be said."""
    events = [["event", "date", "ratio"], ["split", "2003-12-01", 2]]
    with pytest.raises(XlcapError, match="argument 'as_of': is required with events: the day of the exit"):
        ask("WATERFALL", 5e6, table(COMMON), None, None, None, None, None, events)


def test_a_price_that_cannot_be_worked_out_is_placed_at_its_row() -> None:
    """A day before there were any shares."""
    assert at_exit("PRICESMART-B", "2001-01-01").startswith(
        "cap_table row 2, column 'conversion_price': is blank, and cannot be worked out: 2001-01-01 is before the "
        "original issue date"
    )


def test_a_fault_in_the_events_is_placed_there() -> None:
    """The count an issue lacks, then the row whose price needs it."""
    events = [["event", "date", "shares", "cash"], ["issue", "2000-03-01", 1000, 1]]
    told = at_exit("VALUESTAR-B", "2001-10-28", events)
    assert told.startswith(
        "events row 1, column 'common_outstanding': is blank, and the certificate counts it (D.8(i))"
    )
    assert told.endswith("; needed for the blank 'conversion_price' of cap_table row 2")


def test_a_fault_in_the_prices_is_placed_there() -> None:
    """One day where ten are needed for the first price of a tranche."""
    prices = [["date", "close", "volume"], ["2006-10-20", 3, 100]]
    told = at_exit("PATRON-B", "2007-10-28", None, prices, issue_date="2006-10-28")
    assert told.startswith("prices: 10 closing prices before 2006-10-28 are needed (3(c)); it has 1; needed for the ")


def test_a_tranche_needs_its_date_and_the_days_before() -> None:
    """Patron's price starts from an average of ten days before the issue (3(c)); WATERFALL is not told it otherwise."""
    assert at_exit("PATRON-B", "2007-10-28") == (
        "cap_table row 2, column 'issue_date': is blank: the tranche's price needs it (3(c)); give it, or the row's "
        "'conversion_price'"
    )
    assert at_exit("PATRON-B", "2007-10-28", issue_date="2006-10-28") == (
        "argument 'prices': is required, with volumes: the price of cap_table row 2 starts from an average of the days "
        "before the issue (3(c)); or give the row's 'conversion_price'"
    )


def test_dividends_that_accrue_from_the_issue_need_its_date() -> None:
    """Patron's, whose certificate leaves the date of the first issue open (8(a))."""
    assert at_exit("PATRON-B", "2007-10-28", conversion_price=2.4) == (
        "cap_table row 2, column 'issue_date': is blank: dividends accrue from it (8(a)); give it, or the row's "
        "'accrued'"
    )


def at_exit(terms: str, day: str, events: Any = None, prices: Any = None, **columns: Any) -> str:
    """What is wrong with a series worked out for the day of an exit."""
    rows = table({**COMMON, "shares": 14000000},
                 {"class": "Series B", "kind": "preferred", "shares": 20000, "terms": terms, **columns})  # fmt: skip
    with pytest.raises(XlcapError) as error:
        ask("WATERFALL", 5e6, rows, None, None, None, None, None, events, day, prices)
    return str(error.value)


# --- discounts --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("other", "message"),
    [
        ({"discount": 0.1}, "row 3, column 'discount': stands without a cap beside the discount in row 2: whether"),
        ({"valuation_cap": 1e7}, "row 2, column 'discount': stands without a cap beside the post-money SAFE in row 3"),
    ],
)
def test_a_discount_beside_what_depends_on_it(other: dict[str, Any], message: str) -> None:
    """Which of the two comes first nobody says; both ways out are."""
    safe = {"class": "SAFE", "kind": "safe", "amount": 1000000}
    with pytest.raises(XlcapError) as error:
        ask("WATERFALL", 5e6, table(COMMON, {**safe, "discount": 0.2}, {**safe, "class": "Other", **other}))
    assert message in str(error.value)
    assert str(error.value).endswith("Give a 'valuation_cap', or write remainder in 'discount_reading'")


# --- sentences --------------------------------------------------------------------------------------------------------


def test_each_breakpoint_is_explained() -> None:
    """What happens, to whom, why, and how the next dollar is split."""
    rows = rows_of("BREAKPOINTS", COMMON, SEED, SERIES_A)
    assert [(row[0], row[4]) for row in rows] == [
        (4e6, "The preference of Series A (4,000,000) is paid in full here. Of the next dollar Seed 100%."),
        (6e6, "The preference of Seed (2,000,000) is paid in full here. Common begins to share in what is left. Of the "
              "next dollar Common 100%."),
        (14e6, "Seed converts above this exit: its 2,000,000 shares as converted, at 1 each, are worth exactly the "
               "preference of 2,000,000 it gives up here; above, they are worth more. Of the next dollar Common 80% "
               "and Seed 20%."),
        (44e6, "Series A converts above this exit: its 1,000,000 shares as converted, at 4 each, are worth exactly "
               "the preference of 4,000,000 it gives up here; above, they are worth more. Of the next dollar Common "
               "72.73%, Seed 18.18% and Series A 9.09%."),
    ]  # fmt: skip
    assert [row[5:] for row in rows[:3]] == [[0, 1, 0], [1, 0, 0], [0.8, 0.2, 0]]


def test_the_first_dollars_have_a_row_on_request() -> None:
    """Who is paid before the first breakpoint."""
    answer = ask("BREAKPOINTS", table(COMMON, SEED, SERIES_A), *[None] * 6, True)
    assert answer[1] == [0, "Series A: paid first", "Series A", "", "Of the next dollar Series A 100%.", 0, 0, 1]
    assert answer[2][0] == 4e6


def test_a_class_beside_a_safe_knows_what_its_conversion_does() -> None:
    """8m shares, 2m of Series A at 2.00, a SAFE for a tenth, at 22m: 18m x 9/10 make a share 2.025, above A's 2.00.

    But if A converts the SAFE's shares grow from 8m / 9 to 10m / 9: nine tenths of 22m for 10m shares, 1.98.
    """
    series = {**SEED, "class": "Series A", "original_issue_price": 2, "conversion_price": 2}
    safe = {"class": "SAFE", "kind": "safe", "amount": 500000, "valuation_cap": 5000000}
    row = explained(ask("WATERFALL_DETAIL", 22e6, table(COMMON, series, safe)))["Series A"]
    assert row["Payout"] == 4e6
    assert row["Reason"] == (
        "the preference of 4,000,000; if it converted, the SAFEs would have more shares and a share be worth 1.98: "
        "3,960,000, not more"
    )


def test_a_class_that_cannot_convert_says_so() -> None:
    """A blank conversion price is a term, not an oversight that nobody sees."""
    row = explained(ask("WATERFALL_DETAIL", 50e6, table(COMMON, {**SEED, "conversion_price": None})))["Seed"]
    assert row["Reason"] == "the preference of 2,000,000; it has no conversion price, and does not convert"


def test_a_vote_tells_how_it_ends() -> None:
    """Half of the votes are not more than half; at 31m Seed-2 gains too."""
    rows = table(COMMON, *TOGETHER)
    below, above = (explained(ask("WATERFALL_DETAIL", proceeds, rows))["Seed-1"]["Reason"] for proceeds in (29e6, 31e6))
    assert below == (
        "the preference of 1,000,000; votes for converting Seed, which would bring it 2,900,000 instead of 1,000,000; "
        "50% are for it, more than 50% needed: no conversion by vote"
    )
    assert above.endswith("100% are for it (more than 50% needed): all convert")
    assert ask("BREAKPOINTS", rows)[-1][4].startswith(
        "Seed-1 converts above this exit, by the vote of Seed: 100% are for it (more than 50% needed): all convert."
    )


def test_a_shortfall_tells_what_there_is() -> None:
    """1m is left for the Seed's 2m and the SAFE's 0.5m beside it."""
    safe = {"class": "SAFE", "kind": "safe", "amount": 500000, "valuation_cap": 5000000}
    rows = explained(ask("WATERFALL_DETAIL", 1e6, table(COMMON, SEED, safe)))
    assert rows["Seed"]["Reason"] == (
        "of 2,000,000 owed: 1,000,000 is left for the 2,500,000 owed in its rank, shared in proportion"
    )
