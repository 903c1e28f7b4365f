"""Exits under Valuestar B.1, B.2, D.2, D.11(i) and Patron 6, 7: caps, dividends kept, tranches, linked conversions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from exits import explained, own_terms, payouts, rows_of, table

from xlcap.errors import XlcapError
from xlcap.functions import call

COMMON = {"class": "Common", "kind": "common", "shares": 10000000}
VALUESTAR = {"class": "Series B", "kind": "preferred", "shares": 500000, "terms": "VALUESTAR-B",
             "conversion_price": 1.75}  # fmt: skip
DECLARED = {**VALUESTAR, "accrued": 1.4}
SERIES_A = {"class": "Series A", "kind": "preferred", "shares": 600000, "seniority": 2, "preference": 5000000,
            "as_converted": 2000000}  # fmt: skip
SENIOR = {"class": "Series A", "kind": "preferred", "shares": 600000, "seniority": 2, "preference": 3000000}
PATRON = {"class": "Series B", "kind": "preferred", "shares": 1000, "terms": "PATRON-B", "conversion_price": 2.4,
          "accrued": 500}  # fmt: skip


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for certificates of one's own."""
    monkeypatch.setenv("XLCAP_TERMS", str(tmp_path))
    return tmp_path


def exits(*rows: dict[str, Any]) -> list[float]:
    """The exits BREAKPOINTS lists."""
    return [row[0] for row in rows_of("BREAKPOINTS", *rows)]


def detail(proceeds: float, *rows: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """WATERFALL_DETAIL by class and column."""
    return explained(call("WATERFALL_DETAIL", [proceeds, table(*rows), "none"]))


# --- Valuestar: preference, participation, cap ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("proceeds", "common", "series_b", "series_a"),
    [
        (0, 0, 0, 0),
        (2e6, 0, 0, 2e6),
        (3e6, 0, 0, 3e6),
        (8e6, 0, 5e6, 3e6),  # 5.0m of the 8.75m
        (11.75e6, 0, 8.75e6, 3e6),  # 3.0m + 8.75m: both exactly full
        (11750001, 2 / 3, 8750000 + 1 / 3, 3e6),  # the next dollar is shared 10m : 5m
    ],
)
def test_preference_after_series_a_and_before_the_common(
    proceeds: float, common: float, series_b: float, series_a: float
) -> None:
    """Series A's preference, then 17.50 a share of Series B as far as it goes, then both as converted (B.1, B.2)."""
    answer = payouts(proceeds, COMMON, VALUESTAR, SENIOR)
    assert answer == pytest.approx({"Common": common, "Series B": series_b, "Series A": series_a}, rel=1e-14)


def test_holders_are_short_in_proportion_to_their_preferences() -> None:
    """North's 300,000 at 17.50 and South's 200,000 at 18.90, 1.40 of it declared: 5.25m and 3.78m of 4.515m (B.2)."""
    north = {**VALUESTAR, "holder": "North", "shares": 300000}
    south = {**DECLARED, "holder": "South", "shares": 200000}
    # 4.515m is half of 9.03m
    assert payouts(4515000, COMMON, north, south) == {
        "Common": 0, "Series B: North": 2625000, "Series B: South": 1890000,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("proceeds", "common", "series_b"),
    [
        (27.5e6, 12.5e6, 15e6),  # 8.75m + 5m x 1.25 = 15m is the cap, 30.00 x 500,000
        (40e6, 25e6, 15e6),  # the rest to the Common alone
        (45e6, 30e6, 15e6),  # at 3.00 a share as converted is worth the same: not converted
        (48e6, 32e6, 16e6),  # a third of everything
    ],
)
def test_participation_until_thirty_dollars_a_share(proceeds: float, common: float, series_b: float) -> None:
    """As converted with the Common until 30.00 a share, preference included; then the Common alone (B.1)."""
    assert payouts(proceeds, COMMON, VALUESTAR) == {"Common": common, "Series B": series_b}


def test_breakpoints_of_the_capped_series() -> None:
    """8.75m, then 8.75m + 15m x 1.25 = 27.5m, then 15m x 3.00 = 45m."""
    assert exits(COMMON, VALUESTAR) == [8.75e6, 27.5e6, 45e6]


def test_declared_dividends_are_within_the_cap_and_paid_in_cash_on_conversion() -> None:
    """9.45m first; 11.10 a share to the cap; above (30.00 - 1.40) / 10 = 2.86 a share it converts (B.1, D.2)."""
    # 9.45m + 15m x 1.11; 0.7m + 15m x 2.86
    assert exits(COMMON, DECLARED) == [9.45e6, 26.1e6, 43.6e6]
    assert payouts(26100001, COMMON, DECLARED) == {"Common": 11100001, "Series B": 15e6}
    # 0.7m in cash, then a third of 44,300,001
    assert payouts(45000001, COMMON, DECLARED) == {"Common": 29533334, "Series B": 15466667}
    row = detail(45000001, COMMON, DECLARED)["Series B"]
    assert row["Converts"] is True
    assert row["Reason"].startswith(
        "as converted 5,000,000 × 2.9533334 = 14,766,667 plus dividends of 700,000, more than the cap of 15,000,000"
    )


def test_dividends_may_stand_outside_the_cap(own: Path) -> None:
    """cap_includes_dividends off: the cap is 31.40 a share, reached at 1.25, left at (31.40 - 1.40) / 10 = 3.00."""
    name = own_terms(own, "VALUESTAR-B", ("cap_includes_dividends = true", "cap_includes_dividends = false"))
    # 9.45m + 15m x 1.25; 0.7m + 15m x 3.00
    assert exits(COMMON, {**DECLARED, "terms": name}) == [9.45e6, 28.2e6, 45.7e6]


def test_a_preference_above_the_cap_is_paid_in_full() -> None:
    """With 15.00 declared the preference is 32.50 a share: nothing is shared, conversion above (32.50 - 15) / 10."""
    rich = {**VALUESTAR, "accrued": 15}
    assert exits(COMMON, rich) == [16.25e6, 33.75e6]  # 7.5m + 15m x 1.75


def test_a_row_may_state_its_own_participation() -> None:
    """Participation none in the cap table: 8.75m, converted above 1.75 a share, 15m x 1.75."""
    assert exits(COMMON, {**VALUESTAR, "participation": "none"}) == [8.75e6, 26.25e6]
    assert exits(COMMON, {**VALUESTAR, "cap": 12.5e6}) == [8.75e6, 20e6, 37.5e6]  # 8.75m + 15m x 0.75; 15m x 2.50


# --- Valuestar: conversion with Series A, D.11(i) ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("proceeds", "common", "series_b", "series_a"),
    [
        (25e6, 7.5e6, 12.5e6, 5e6),  # 8.75m + 11.25m / 3
        (42.5e6, 22.5e6, 15e6, 5e6),  # 2/17 of it is 5.0m: a tie, not converted
        (45e6, 450e6 / 17, 225e6 / 17, 90e6 / 17),
        (51e6, 30e6, 15e6, 6e6),
        (70e6, 700e6 / 17, 350e6 / 17, 140e6 / 17),
    ],
)
def test_series_a_converting_takes_series_b_with_it(
    proceeds: float, common: float, series_b: float, series_a: float
) -> None:
    """Above 42.5m Series A's 2m of 17m shares are worth more than its 5.0m, and Series B falls from 15.0m to 12.5m."""
    answer = payouts(proceeds, COMMON, VALUESTAR, SERIES_A)
    assert answer == pytest.approx({"Common": common, "Series B": series_b, "Series A": series_a}, rel=1e-14)


def test_breakpoints_show_the_jump() -> None:
    """13.75m; 13.75m + 15m x 1.25 = 32.5m; at 42.5m the Common has 22.5m and 10/17 of it a dollar later."""
    rows = rows_of("BREAKPOINTS", COMMON, VALUESTAR, SERIES_A)
    assert [row[0] for row in rows] == [5e6, 13.75e6, 32.5e6, 42.5e6]
    assert rows[-1][1:4] == [
        "Common: jumps from 22,500,000 to 25,000,000; "
        "Series B: converts with Series A, jumps from 15,000,000 to 12,500,000; Series A: converts",
        "Common; Series B; Series A",
        "D.11(i)",
    ]


def test_detail_tells_why_series_a_converts() -> None:
    """What Series A gets both ways, and that Series B goes with it."""
    below, above = (detail(proceeds, COMMON, VALUESTAR, SERIES_A) for proceeds in (34e6, 51e6))
    assert below["Series A"]["Converts"] is False
    assert below["Series A"]["Reason"] == (
        "the preference of 5,000,000; converting, Series B with it (D.11(i)), would bring it 4,000,000, not more than "
        "5,000,000"
    )
    assert [above[name]["Converts"] for name in ("Series A", "Series B")] == [True, True]
    assert [above[name]["Clause"] for name in ("Series A", "Series B")] == ["D.11(i)", "D.11(i)"]
    assert above["Series A"]["Reason"] == (
        "as converted 2,000,000 × 3 = 6,000,000; Series B converts with it: 6,000,000 for the class, 5,000,000 if it "
        "stayed"
    )
    assert above["Series B"]["Reason"] == "as converted 5,000,000 × 3 = 15,000,000; converts with Series A"


def test_without_the_link_each_series_decides(own: Path) -> None:
    """linked_conversion off: Series A converts above 2.50 a share, 45m, and Series B above 3.00, 51m."""
    name = own_terms(own, "VALUESTAR-B", ("linked_conversion = true", "linked_conversion = false"))
    free = {**VALUESTAR, "terms": name}
    # 15m (B) + 12m x 2.50 = 45m; 17m x 3.00 = 51m
    assert exits(COMMON, free, SERIES_A) == [5e6, 13.75e6, 32.5e6, 45e6, 51e6]
    assert payouts(45e6, COMMON, free, SERIES_A) == {"Common": 25e6, "Series B": 15e6, "Series A": 5e6}


def test_the_leading_class_decides_as_one_block() -> None:
    """Two holders of Series A whose shares convert differently: 5.0m against 2/17 of the exit, together."""
    north = {**SERIES_A, "holder": "North", "preference": 2500000, "as_converted": 1500000}
    south = {**SERIES_A, "holder": "South", "preference": 2500000, "as_converted": 500000}
    assert exits(COMMON, VALUESTAR, north, south)[-1] == 42.5e6
    # 51m: 3.00 a share
    answer = payouts(51e6, COMMON, VALUESTAR, north, south)
    assert [answer["Series A: North"], answer["Series A: South"]] == [4.5e6, 1.5e6]


def test_dividends_declared_are_paid_to_a_series_taken_along() -> None:
    """With 1.40 declared Series B converts with 0.7m in cash (D.2): A compares 2/17 of (X - 0.7m) with 5.0m: 43.2m."""
    assert exits(COMMON, DECLARED, SERIES_A)[-1] == 43.2e6
    # 51.7m: 0.7m, then 3.00 a share
    assert payouts(51.7e6, COMMON, DECLARED, SERIES_A)["Series B"] == 15.7e6


def test_a_class_that_is_not_there_or_cannot_convert_takes_nobody_along() -> None:
    """Without Series A, or with one that has no conversion, Series B decides at 3.00 a share; the detail says so."""
    assert exits(COMMON, VALUESTAR, SENIOR)[-1] == 48e6  # 3m + 15m x 3.00
    assert (
        "no class 'Series A' stands in the table to convert with (D.11(i))"
        in detail(9e6, COMMON, VALUESTAR)["Series B"]["Reason"]
    )


def test_a_chain_of_links_is_refused(own: Path) -> None:
    """Series C converting with Series B, which converts with Series A, is not modelled, and it is said so."""
    name = own_terms(own, "VALUESTAR-B", ('converting = "Series A"', 'converting = "Series B"'))
    series_c = {**VALUESTAR, "class": "Series C", "terms": name}
    with pytest.raises(XlcapError) as error:
        payouts(50e6, COMMON, VALUESTAR, SERIES_A, series_c)
    assert str(error.value).startswith(
        "cap_table: classes convert together by the decision of Series A, which takes Series B along (D.11(i)); and by "
        "the decision of Series B, which takes Series C along (D.11(i)). Only one such decision can be worked out"
    )


def test_two_votes_are_refused() -> None:
    """Who decides how is said, and how to leave one out."""
    vote = {"kind": "preferred", "shares": 1000000, "seniority": 1, "original_issue_price": 2, "conversion_price": 2}
    groups = [{**vote, "class": name, "conversion_group": group}
              for name, group in (("Seed", "Early"), ("Series A", "Early"), ("Series C", "Late"))]  # fmt: skip
    with pytest.raises(XlcapError) as error:
        payouts(50e6, COMMON, *groups)
    assert str(error.value).startswith(
        "cap_table: classes convert together by the vote of the group 'Early' (Seed, Series A); and by the vote of the "
        "group 'Late' (Series C). Only one"
    )
    assert "Leave the others out: 'conversion_group' or 'converts_with' blank, or in a block of terms " in str(
        error.value
    )


def test_a_qualified_event_pays_no_preference() -> None:
    """Series B converts, with Series A, at any exit: 5/17 and 2/17 of 17m (B.1, D.11(i))."""
    rows = table(COMMON, VALUESTAR, SERIES_A)
    assert call("WATERFALL", [17e6, rows, None, "none", True]) == [
        ["Class", "Payout"], ["Common", 10e6], ["Series B", 5e6], ["Series A", 2e6],
    ]  # fmt: skip
    answer = call("WATERFALL_DETAIL", [17e6, rows, "none", True])
    assert isinstance(answer, list)
    assert answer[2][-2:] == [
        "D.11(i)",
        "as converted 5,000,000 × 1 = 5,000,000; a qualified event converts the class, without a preference",
    ]
    assert len(call("BREAKPOINTS", [table(COMMON, VALUESTAR), True])) == 1  # type: ignore[arg-type]  # a list


def test_a_class_tied_to_one_that_converts_goes_with_it(own: Path) -> None:
    """Series C, tied to Series B but not to the event, converts since Series B does: 5 of 20 parts each."""
    name = own_terms(own, "VALUESTAR-B", ('converting = "Series A"', 'converting = "Series B"'),
                     ("qualified_event = true", "qualified_event = false"))  # fmt: skip
    series_c = {**VALUESTAR, "class": "Series C", "terms": name}
    answer = call("WATERFALL", [20e6, table(COMMON, VALUESTAR, series_c), None, "none", True])
    assert answer == [["Class", "Payout"], ["Common", 10e6], ["Series B", 5e6], ["Series C", 5e6]]


def test_declared_dividends_come_first_in_a_qualified_event() -> None:
    """0.7m declared, then a third of what is left (D.2); an exit of 0.5m is all dividends."""
    rows = table(COMMON, DECLARED)
    assert call("WATERFALL", [15.7e6, rows, "Series B", "none", True]) == 5.7e6
    assert call("WATERFALL", [0.5e6, rows, "Series B", "none", True]) == 0.5e6


def test_a_qualified_event_needs_a_certificate_and_a_conversion() -> None:
    """Without a certificate that knows one, or the shares its class converts into, there is no answer."""
    with pytest.raises(XlcapError, match="argument 'qualified_event': no certificate in the cap table speaks of"):
        call("WATERFALL", [1e6, table(COMMON, PATRON), None, None, True])
    with pytest.raises(XlcapError, match="row 3, column 'conversion_price': is blank: a qualified event converts"):
        call("WATERFALL", [1e6, table(COMMON, VALUESTAR, SENIOR), None, None, True])


# --- Patron -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("proceeds", "expected"),
    [
        (3e6, [0, 0, 3e6, 0, 0]),
        (7.5e6, [0, 3437500, 3e6, 1062500, 0]),  # 4.5m against 6.875m + 2.125m: half each
        (12e6, [0, 6875000, 3e6, 2125000, 0]),
        (12.5e6, [0, 6875000, 3e6, 2125000, 500000]),
        (14e6, [1e6, 6875000, 3e6, 2125000, 1e6]),
    ],
)
def test_ranks_of_patron(proceeds: float, expected: list[float]) -> None:
    """Series A; then B, 125% of 5,500 a share, with a pari passu series; then A-1; then the Common (6, 7)."""
    other = {"kind": "preferred", "shares": 1000}
    senior = {**other, "class": "Series A", "seniority": 3, "preference": 3e6}
    equal = {**other, "class": "Pari Passu", "seniority": 2, "preference": 2125000}
    junior = {**other, "class": "Series A-1", "seniority": 1, "preference": 1e6}
    assert list(payouts(proceeds, COMMON, PATRON, senior, equal, junior).values()) == expected


def test_accrued_dividends_end_with_a_converted_share() -> None:
    """6,875 a share against 2,083.33 shares: it converts above 3.30, and shares in nothing before (6(b))."""
    # 6.875m + 10m x 3.30
    assert exits(COMMON, PATRON) == pytest.approx([6875000, 39875000], rel=1e-14)


def test_accrued_dividends_may_survive_a_conversion(own: Path) -> None:
    """conversion.dividends = survive (AMB-PT16): 500 stay owed, so it converts above 6,375 x 2.4 / 5000."""
    name = own_terms(own, "PATRON-B", ('dividends = "forfeited"', 'dividends = "survive"'))
    surviving = {**PATRON, "terms": name}
    assert exits(COMMON, surviving) == pytest.approx([6875000, 6875000 + 10e6 * 3.06], rel=1e-14)
    # 0.5m stays owed; (50.5m - 0.5m) x 2.0833m / 12.0833m
    got = payouts(50.5e6, COMMON, surviving)["Series B"]
    assert got == pytest.approx(0.5e6 + 50e6 * (5e6 / 2.4) / (10e6 + 5e6 / 2.4), rel=1e-14)


def test_tranches_decide_for_themselves() -> None:
    """1,000 shares at 2.40 leave above 3.00 a share, 1,000 at 1.20 above 1.50; 6.25m of preference each."""
    first = {**PATRON, "holder": "2006", "accrued": None}
    second = {**first, "holder": "2007", "conversion_price": 1.2}
    # 6.25m + (10m + 4.1667m) x 1.50 = 27.5m; 3.00 x (10m + 4.1667m + 2.0833m) = 48.75m
    points = rows_of("BREAKPOINTS", COMMON, first, second)
    assert [row[:2] for row in points[1:]] == [
        [pytest.approx(27.5e6, rel=1e-14), "Series B: 2007: converts"],
        [pytest.approx(48.75e6, rel=1e-14), "Series B: 2006: converts"],
    ]


# --- the published case with accrued dividends ------------------------------------------------------------------------


def test_cumulative_dividends_forfeited_on_conversion() -> None:
    """3m and 960,657.53 accrued: converted above 19,803,287.67 = 3,960,657.53 x 10m / 2m (spillpoint, edge case 9)."""
    accrued = 3e6 * 0.08 * 1461 / 365
    seed = {"class": "Seed", "kind": "preferred", "shares": 2000000, "seniority": 1, "preference": 3e6 + accrued,
            "as_converted": 2000000}  # fmt: skip
    common = {**COMMON, "shares": 8000000}
    assert exits(common, seed) == pytest.approx([3960657.53, 19803287.67], abs=0.005)
    assert payouts(20e6, common, seed)["Seed"] == 4e6


@pytest.mark.parametrize(
    ("senior", "expected"),
    [
        (2, {"Common: A": 0, "Common: B": 0, "Series A": 1e6, "Series B": 4e6}),  # B's 4.0m first
        (1, {"Common: A": 0, "Common: B": 0, "Series A": 5e6 / 3, "Series B": 10e6 / 3}),  # 2m : 4m
    ],
)
def test_rank_alone_changes_the_answer(senior: int, expected: dict[str, float]) -> None:
    """5.0m among preferences of 2.0m and 4.0m, one above the other or equal (spillpoint, edge cases 5a and 5b)."""
    common = [{**COMMON, "holder": "A", "shares": 6000000}, {**COMMON, "holder": "B", "shares": 2000000}]
    first, second = (
        {"class": f"Series {name}", "kind": "preferred", "shares": 1000000, "seniority": rank, "preference": preference,
         "as_converted": 1000000}
        for name, rank, preference in (("A", 1, 2e6), ("B", senior, 4e6))
    )  # fmt: skip
    assert payouts(5e6, *common, first, second) == pytest.approx(expected, rel=1e-14)


# --- bad input --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([{**VALUESTAR, "cap": 8e6}], "cap_table row 1, column 'cap': must not be below the preference it includes"),
        ([{**PATRON, "cap": 9e6}], "cap_table row 1, column 'cap': goes with a capped participation; write capped in"),
        (
            [VALUESTAR, {**VALUESTAR, "holder": "North", "terms": "PATRON-B"}],
            "cap_table row 2, column 'terms': 'Series B' has PATRON-B here and VALUESTAR-B in row 1",
        ),
        (
            [VALUESTAR, {**VALUESTAR, "holder": "North", "seniority": 4}],
            "cap_table row 2, column 'seniority': 'Series B' has 4 here and 1 in row 1",
        ),
        (
            [{**VALUESTAR, "preference": 9450000}],
            "cap_table row 1, column 'preference': may hold dividends that VALUESTAR-B still owes after a conversion",
        ),
    ],
)
def test_faults_are_placed(rows: list[dict[str, Any]], message: str) -> None:
    """A cap below its preference, one class under two certificates, dividends that cannot be told from the rest."""
    with pytest.raises(XlcapError) as error:
        payouts(100, *rows)
    assert message in str(error.value)


# --- a block of terms -------------------------------------------------------------------------------------------------


def test_a_block_changes_the_cap() -> None:
    """32.0m: capped at 30.00, 15.0m; at 40.00 the 8.75m and a third of 23.25m, 16.5m (B.1)."""
    block = [["id", "VALUESTAR-B"], ["liquidation.participation_cap_amount", 40]]
    rows = table(COMMON, VALUESTAR)
    assert call("WATERFALL", [32e6, rows, "Series B"]) == 15e6
    assert call("WATERFALL", [32e6, rows, "Series B", None, None, block]) == 16.5e6


def test_a_block_reaches_the_detail_and_the_breakpoints() -> None:
    """The cap of 20.0m is reached at 2.25 a share: 8.75m + 15m x 2.25 = 42.5m; it pays 16.5m of 32.0m."""
    block = [["id", "VALUESTAR-B"], ["liquidation.participation_cap_amount", 40]]
    rows = table(COMMON, VALUESTAR)
    assert explained(call("WATERFALL_DETAIL", [32e6, rows, None, None, block]))["Series B"]["Payout"] == 16.5e6
    points: Any = call("BREAKPOINTS", [rows, None, block])
    assert [42.5e6, "Series B: reaches its cap"] in [row[:2] for row in points]


def test_the_terms_after_a_split_of_the_series() -> None:
    """1,000,000 shares at 8.75: 8.75m and 5/15 of 11.25m, 12.5m of 20.0m; at 17.50 17.5m and half of 2.5m, 18.75m."""
    rows = table(COMMON, {**VALUESTAR, "shares": 1000000})
    split: Any = call("TERMS_AT", ["VALUESTAR-B", 2])
    assert call("WATERFALL", [20e6, rows, "Series B", None, None, split]) == 12.5e6
    assert call("WATERFALL", [20e6, rows, "Series B"]) == 18.75e6


def test_a_block_of_a_certificate_no_class_has() -> None:
    """The error names it."""
    with pytest.raises(XlcapError, match="argument 'terms': no row of the cap table has the terms 'PATRON-B'"):
        call("WATERFALL", [20e6, table(COMMON, VALUESTAR), None, None, None, "PATRON-B"])


def test_a_row_that_its_block_forbids_is_an_error_at_its_place() -> None:
    """A preference stated beside a block by which a conversion pays dividends in cash may hold those dividends."""
    block = [["id", "PATRON-B"], ["conversion.dividends", "survive"]]
    rows = table(COMMON, {**PATRON, "accrued": None, "preference": 7e6})
    assert call("WATERFALL", [20e6, rows, "Series B"]) == 7e6
    with pytest.raises(XlcapError, match="cap_table row 2, column 'preference': may hold dividends"):
        call("WATERFALL", [20e6, rows, "Series B", None, None, block])
