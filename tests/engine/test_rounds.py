"""Proposed rounds: the price solved, every series adjusted from the same counts, formulas side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from xlcap.captable import read_cap_table
from xlcap.engine.proposal import Proposal
from xlcap.engine.rounds import Result, Round
from xlcap.errors import XlcapError
from xlcap.functions import call, functions

COLUMNS = ["class", "holder", "kind", "shares", "terms", "seniority", "accrued", "preference", "conversion_price",
           "strike"]  # fmt: skip
Row = Mapping[str, Any]


def table(*rows: Row) -> list[list[Any]]:
    """A cap table as a sheet holds it."""
    return [COLUMNS, *([row.get(name) for name in COLUMNS] for row in rows)]


def common(shares: float) -> Row:
    return {"class": "Common", "kind": "common", "shares": shares}


def options(shares: float, strike: float = 0.25) -> Row:
    return {"class": "Options", "kind": "option", "shares": shares, "strike": strike}


def pool(shares: float) -> Row:
    return {"class": "Pool", "kind": "pool", "shares": shares}


def preferred(name: str, shares: float, price: float, **more: Any) -> Row:
    """A class bought at the price it converts at, one share for one."""
    row = {"class": name, "kind": "preferred", "shares": shares, "conversion_price": price}
    return row | ({} if "terms" in more else {"seniority": 1, "preference": shares * price}) | more


def asked(name: str, cap_table: Sequence[Row], new_money: float, **arguments: Any) -> list[list[Any]]:
    """A function of the topic asked by the names of its arguments."""
    given_values = {"cap_table": table(*cap_table), "new_money": new_money} | arguments
    known = [argument.name for argument in functions()[name].arguments]
    assert set(given_values) <= set(known)
    answer = call(name, [given_values.get(argument) for argument in known])
    assert isinstance(answer, list)
    return answer


def proposed(cap_table: Sequence[Row], new_money: float, **arguments: Any) -> dict[str, dict[str, Any]]:
    """PRICED_ROUND: its rows by class, and its figures under ''."""
    header, *rows = asked("PRICED_ROUND", cap_table, new_money, **arguments)
    end = next(i for i, row in enumerate(rows) if row[0] == "Total")
    found = {row[0]: dict(zip(header, row, strict=True)) for row in rows[: end + 1]}
    return found | {"": {row[0]: row[1] for row in rows[end + 1 :]}}


def fault(cap_table: Sequence[Row], new_money: float, **arguments: Any) -> str:
    """The message of a round that has no answer."""
    with pytest.raises(XlcapError) as caught:
        proposed(cap_table, new_money, **arguments)
    return str(caught.value)


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A certificate made from a shipped one by replacing lines; returns its name."""
    monkeypatch.setenv("XLCAP_TERMS", str(tmp_path))

    def make(base: str, *changes: tuple[str, str]) -> str:
        text = (files("xlcap") / "certificates" / f"{base}.toml").read_text(encoding="utf-8")
        name = f"OWN-{len(list(tmp_path.iterdir()))}"
        for old, new in ((f'id = "{base}"', f'id = "{name}"'), *changes):
            assert old in text
            text = text.replace(old, new)
        (tmp_path / f"{name}.toml").write_text(text, encoding="utf-8")
        return name

    return make


# --- published cases --------------------------------------------------------------------------------------------------

# Spillpoint's public reference cases, edge cases 16a to 16e: 3,000,000 at 12,000,000 pre-money.
DOWN = [common(6e6), options(5e5), preferred("Series A", 2e6, 2.5), pool(1.5e6)]


@pytest.mark.parametrize(
    ("formula", "count", "price", "new", "cp2", "as_converted", "total"),
    [
        # x = 10m + 0.2x + 2m (0.2x - 1.2m)/9.7m: price 15m/x = 552/473
        ("broad_based", None, Fraction(552, 473), 2570652, 2.190476, 2282608.68, 12853260.68),
        # A = 2m: x = 10m + 0.2x + 2m (0.2x - 1.2m)/3.2m: 1.094595 = 81/74
        ("narrow_based", None, Fraction(81, 74), 2740740, 1.6875, 2962962.80, 13703702.80),
        # (12m - 5m)/8m = 0.875: the 5m are Series A's at any price
        ("full_ratchet", None, Fraction(7, 8), 3428571, 0.875, 5714285.71, 17142856.71),
        # the reserve counted too: A = 10m
        ("broad_based", "common, series, options, reserved_pool", None, 2560747, None, 2242990.60, None),
        ("none", None, Fraction(6, 5), 2500000, 2.5, 2000000, 12500000),
    ],
)
def test_published_down_round_with_the_adjustment_shares_in_its_price(
    formula: str, count: Any, price: Any, new: float, cp2: Any, as_converted: float, total: Any
) -> None:
    """Price, new shares, conversion price and shares as published for each formula."""
    answer = proposed(DOWN, 3e6, pre_money=12e6, formula=formula, count=count)
    assert answer[""]["New shares"] == new
    assert answer["Series A"]["As converted after"] == pytest.approx(as_converted, abs=0.0051)
    if price is not None:
        assert answer[""]["Price of a new share"] == float(price)
    if cp2 is not None:
        assert answer["Series A"]["Price after"] == pytest.approx(cp2, abs=5e-7)
    if total is not None:
        assert answer["Total"]["As converted after"] == pytest.approx(total, abs=0.0051)


def test_published_down_round_with_the_adjustment_shares_on_top() -> None:
    """Outside, the price is 12m / 10m = 1.20; the new shares hold 2.5m of 12,768,041, 19.58%, not 20%."""
    answer = proposed(DOWN, 3e6, pre_money=12e6, inside=False, formula="broad_based")
    assert answer[""]["Price of a new share"] == 1.2
    # CP2 = 2.5 (8.5m + 1.2m)/(8.5m + 2.5m); as converted 5m/CP2 = 2m x 11/9.7 = 2,268,041.24
    assert answer["Series A"]["As converted after"] == pytest.approx(2e6 * 11 / 9.7)
    assert answer["New shares"]["Ownership after"] == pytest.approx(0.1958, abs=5e-5)
    assert answer[""]["All shares at the price"] == pytest.approx(1.2 * 12768041.24, abs=0.01)


# The same author's AD1 to AD4 and FA1 to FA5 of ovf: 4,000,000 Series B at 1.25.
ISSUE = {"price_per_share": 1.25}


@pytest.mark.parametrize(
    ("formula", "count", "cp2", "as_converted"),
    [
        ("broad_based", None, 2.1875, 2285714.29),  # 2.5 x (12m + 2m)/(12m + 4m)
        ("narrow_based", "common, series", 2.142857, 2333333.33),  # 2.5 x (10m + 2m)/(10m + 4m)
        ("broad_based", "common, series, options, reserved_pool", 2.205882, 2266666.67),  # 2.5 x 15m/17m
        ("full_ratchet", None, 1.25, 4000000),
    ],
)
def test_published_definitions_of_what_counts(formula: str, count: Any, cp2: float, as_converted: float) -> None:
    """One issue, four denominators."""
    holders = [common(8e6), preferred("Series A", 2e6, 2.5), options(2e6), pool(1e6)]
    answer = proposed(holders, 5e6, formula=formula, count=count, **ISSUE)
    assert answer["Series A"]["Price after"] == pytest.approx(cp2, abs=5e-7)
    assert answer["Series A"]["As converted after"] == pytest.approx(as_converted, abs=0.0051)


TWO = [common(8e6), preferred("Seed", 2e6, 1.5), preferred("Series A", 2e6, 2.5), options(2e6), pool(1e6)]


@pytest.mark.parametrize("holders", [TWO, TWO[::-1]])
def test_published_two_series_are_adjusted_from_the_same_counts(holders: Sequence[Row]) -> None:
    """A = 14m for both: Seed 1.5 x (14m + 10m/3)/18m = 13/9, Series A 2.5 x 16m/18m = 20/9, in any order."""
    answer = proposed(holders, 5e6, formula="broad_based", **ISSUE)
    assert answer["Seed"]["Price after"] == pytest.approx(13 / 9, abs=1e-15)
    assert answer["Series A"]["Price after"] == pytest.approx(20 / 9, abs=1e-15)
    assert answer["Seed"]["As converted after"] == pytest.approx(2076923.08, abs=0.0051)
    assert answer["Series A"]["As converted after"] == 2250000
    assert answer["Total"]["As converted after"] == pytest.approx(19326923.08, abs=0.0051)


def test_published_issue_between_two_prices() -> None:
    """1,000,000 at 2.00: Seed at 1.50 stands, Series A becomes 2.5 x 14.8m/15m = 37/15."""
    answer = proposed(TWO, 2e6, price_per_share=2, formula="broad_based")
    assert answer["Seed"]["Price after"] == 1.5
    assert answer["Series A"]["Price after"] == pytest.approx(37 / 15, abs=1e-15)


@pytest.mark.parametrize(
    ("old", "outstanding", "new", "price", "money", "after"),
    [
        (5, 800000, 200000, 4, 800000, 4.8),  # wikicram quiz: 5 x (800,000 + 160,000)/1,000,000
        (10, 1000000, 200000, 5, 1000000, 9.17),  # TechStart: 10 x 1.1m/1.2m = 9.1667
        (2, 3000000, 100000, 0.5, 50000, 1.9516),  # Teju: 2 x (3m + 25,000)/3.1m
        (100, 10000000, 50000, 99, 4950000, 99.995),  # factor 0.99995
    ],
)
def test_published_weighted_averages(
    old: float, outstanding: float, new: float, price: float, money: float, after: float
) -> None:
    """One issue on a stated count."""
    holders = [common(outstanding - 100000), preferred("Series A", 100000, old)]
    answer = proposed(holders, money, price_per_share=price, formula="broad_based")
    assert answer[""]["New shares"] == new
    assert answer["Series A"]["Price after"] == pytest.approx(after, abs=0.005)


@pytest.mark.parametrize(
    ("old", "shares", "price", "money"),
    [(1, 1000000, 0.5, 0.5), (10, 1000, 1, 100), (100, 100, 50, 5000)],  # Vator (one share), Glossaria, GLC
)
def test_published_full_ratchets(old: float, shares: float, price: float, money: float) -> None:
    """A ratchet goes to the new price however few shares are sold at it."""
    answer = proposed([common(1e6), preferred("Series A", shares, old)], money, price_per_share=price,
                      formula="full_ratchet")  # fmt: skip
    assert answer["Series A"]["Price after"] == price
    assert answer["Series A"]["As converted after"] == shares * old / price
    if old == 1:  # Vator: the founders hold a third, less one share's worth
        assert answer["Common"]["Ownership after"] == pytest.approx(0.333, abs=5e-4)


# Spillpoint 16g to 16i: Seed at 1.00, 10,000,000 shares before the round.
SEED = [common(8e6), preferred("Seed", 2e6, 1)]
SAFE = [["instrument", "amount", "valuation_cap", "cap_basis", "exempt"], ["SAFE", 1e6, 6e6, "post_money", None]]


def test_published_safe_converting_in_a_down_round() -> None:
    """SAFE at 6m/12m = 0.50; B 3m, C 3.08m + 2m: x = 15.4m, price 50/77, Seed 13/15.08 = 25/29."""
    answer = proposed(SEED, 2e6, pre_money=8e6, converting=SAFE, formula="broad_based")
    assert answer[""]["Price of a new share"] == float(Fraction(50, 77))
    assert (answer["SAFE"]["Shares after"], answer["SAFE"]["Price after"]) == (2000000, 0.5)
    assert answer["Seed"]["Price after"] == float(Fraction(25, 29))
    assert answer["Total"]["As converted after"] == 15400000


def test_published_safe_whose_conversion_is_exempt(own: Any) -> None:
    """Left out of B and C it counts in A, at the shares it receives: price 27/41, Seed 13,999,999.98/15,037,037."""
    nvca = own("NVCA-BROAD-BASED", ("price_places = 4", ""))
    holders = [common(8e6), preferred("Seed", 2e6, 1, terms=nvca)]
    exempt = [SAFE[0], [*SAFE[1][:4], "exercises"]]
    answer = proposed(holders, 2e6, pre_money=8e6, converting=exempt)
    assert answer[""]["Price of a new share"] == float(Fraction(27, 41))
    assert answer["New shares"]["Shares after"] == 3037037
    assert answer["Seed"]["Price after"] == pytest.approx(0.931034, abs=5e-7)
    assert "exempt under 4.4.1(d)(iv)" in answer["Seed"]["Computation"]
    by_section = [SAFE[0], [*SAFE[1][:4], "4.4.1(d)(iv)"]]
    assert proposed(holders, 2e6, pre_money=8e6, converting=by_section) == answer


@pytest.mark.parametrize("discount", [0.2, "20%"])
def test_published_discounted_note_in_a_round_above_the_price(discount: object) -> None:
    """Each part is tested at its own price: the round is at 1.1326, the note at 0.8 of it adjusts Seed alone."""
    note = [["instrument", "amount", "discount"], ["Note", 530000, discount]]
    answer = proposed(SEED, 3e6, pre_money=12e6, converting=note, formula="broad_based")
    assert answer[""]["Price of a new share"] == pytest.approx(1.132568, abs=5e-7)
    assert answer["Note"]["Shares after"] == 584953
    assert answer["New shares"]["Shares after"] == 2648847
    assert answer["Seed"]["Price after"] == pytest.approx(0.994808, abs=5e-7)


def test_published_pre_money_and_post_money_safes_together() -> None:
    """Spillpoint 21c: pre-money 8m/9m, 900,000 shares; post-money (9.9m)/0.9 = 11m, 1,100,000; price 20/11."""
    safes = [["instrument", "amount", "valuation_cap", "cap_basis"], ["P", 800000, 8e6, "pre_money"],
             ["S", 1e6, 10e6, "Post-money"]]  # fmt: skip
    answer = proposed([common(9e6)], 5e6, pre_money=20e6, converting=safes)
    assert (answer["P"]["Shares after"], answer["S"]["Shares after"]) == (900000, 1100000)
    assert answer[""]["Price of a new share"] == float(Fraction(20, 11))
    assert answer["New shares"]["Shares after"] == 2750000


def test_published_pool_topped_up_in_the_pre_money() -> None:
    """Spillpoint 14a: x = 6.5m + 0.15x + 0.2x = 10m; price 2.50, a top-up of 500,000."""
    answer = proposed([common(6e6), options(5e5), pool(1e6)], 5e6, pre_money=20e6, pool_target=0.15)
    assert answer[""]["Price of a new share"] == 2.5
    assert answer["Pool top-up"]["Shares after"] == 500000
    assert answer["New shares"]["Ownership after"] == 0.2


def test_published_pool_large_enough_is_left() -> None:
    """Spillpoint 14b: at 10% the reserve of 1,000,000 of 9,375,000 suffices; price 8/3."""
    answer = proposed([common(6e6), options(5e5), pool(1e6)], 5e6, pre_money=20e6, pool_target=0.1)
    assert answer["Pool top-up"]["Shares after"] == 0
    assert answer[""]["Price of a new share"] == float(Fraction(8, 3))


def test_published_note_at_its_cap_with_a_pool() -> None:
    """Spillpoint 19a: the cap of 8m over 10m shares beats the discount; price 650/393, top-up to 2,267,307."""
    note = [["instrument", "amount", "valuation_cap", "cap_basis", "discount"], ["N", 1.06e6, 8e6, "pre_money", 0.2]]
    answer = proposed([common(8e6), options(5e5), pool(1.5e6)], 5e6, pre_money=20e6, converting=note, pool_target=0.15)
    assert answer["N"]["Shares after"] == 1325000
    assert answer[""]["Price of a new share"] == float(Fraction(650, 393))
    assert answer["New shares"]["Shares after"] == 3023076
    assert answer["Pool top-up"]["Shares after"] + 1500000 == 2267307


def test_published_conversion_price_rounded_to_a_hundredth_of_a_cent(own: Any) -> None:
    """Spillpoint 16f: the price of the round is 552/473 still; 2.190476 becomes 2.1905."""
    nvca = own("NVCA-BROAD-BASED", ("price_per_share = 1.00", "price_per_share = 2.50"))
    holders = [common(6e6), options(5e5), preferred("Series A", 2e6, 2.5, terms=nvca), pool(1.5e6)]
    answer = proposed(holders, 3e6, pre_money=12e6)
    assert answer[""]["New shares"] == 2570652
    assert answer["Series A"]["Price after"] == 2.1905
    assert answer["Series A"]["As converted after"] == pytest.approx(2282583.88, abs=0.0051)


# --- by their own certificates ----------------------------------------------------------------------------------------

# 12,000,000 shares: Valuestar's 100,000 x 17.50/1.75 and Patron's 480 x 5,000/2.40 are a million each.
VALUESTAR = preferred("Series B", 1e5, 1.75, terms="VALUESTAR-B", preference=None)
PATRON = preferred("Patron B", 480, 2.4, terms="PATRON-B", preference=None)
BOTH = [common(1e7), VALUESTAR, PATRON]


def test_each_series_is_adjusted_by_its_own_certificate() -> None:
    """4m shares at 1.00: Valuestar (1.75 x 12m + 4m)/16m = 1.5625, Patron 1.00; each with its clause."""
    answer = proposed(BOTH, 4e6, price_per_share=1)
    assert (answer["Series B"]["Price after"], answer["Series B"]["Clause"]) == (1.5625, "D.8(i)")
    assert (answer["Patron B"]["Price after"], answer["Patron B"]["Clause"]) == (1.0, "3(e)(vi)A")
    assert answer["Series B"]["As converted after"] == 1120000  # 1,750,000 / 1.5625
    assert answer["Patron B"]["As converted after"] == 2400000


def test_the_shares_counted_and_the_computation_are_told() -> None:
    """Whoever checks an adjustment sees the counts, the test and the arithmetic."""
    row = proposed([*BOTH, options(1e6)], 4e6, price_per_share=1)["Series B"]
    assert row["Shares counted"] == (
        "common outstanding 10,000,000 + series shares 1,000,000 + preferred as converted 1,000,000 + "
        "options outstanding 1,000,000"
    )
    # (1.75 x 13m + 4m)/17m = 26.75/17
    assert row["Computation"] == (
        "new shares below 1.75; 1.75 × (13,000,000 + 4,000,000 / 1.75) / (13,000,000 + 4,000,000) = 1.573529"
    )


def test_a_certificate_without_such_a_rule_is_not_adjusted() -> None:
    """PriceSmart's has none: the price stays, and the answer says why."""
    row = proposed([common(7e6), preferred("B", 20000, 20, terms="PRICESMART-B", preference=None)], 7e6,
                   price_per_share=1)["B"]  # fmt: skip
    assert (row["Price after"], row["As converted after"]) == (20, 1000000)
    assert row["Computation"] == "no clause protects it against a lower price"


def test_one_cap_table_serves_a_round_and_an_exit() -> None:
    """A reserve takes no part in a waterfall; a note not yet converted is refused there, and counts in a round."""
    assert call("WATERFALL", [11e6, table(*BOTH[:1], pool(1e6)), "Common"]) == 11e6
    detail = call("WATERFALL_DETAIL", [11e6, table(*BOTH[:1], pool(1e6))])
    assert isinstance(detail, list)
    assert detail[2][-1] == "reserved for awards not granted: takes no part"
    note = {"class": "Note", "kind": "convertible", "shares": 1e6}
    with pytest.raises(XlcapError, match="cap_table row 2, column 'kind': a waterfall needs its terms"):
        call("WATERFALL", [11e6, table(common(1e7), note)])
    row = proposed([*BOTH, note], 4e6, price_per_share=1)["Series B"]
    assert row["Price after"] == pytest.approx(26.75 / 17, abs=1e-15)  # O of 13m


def test_expenses_are_taken_off_where_the_certificate_says_so(own: Any) -> None:
    """200,000 of 4,000,000: Patron's effective price is 0.95; Valuestar's is 1.00, with the switch (21m + 3.8m)/16m."""
    answer = proposed(BOTH, 4e6, price_per_share=1, expenses=200000)
    assert (answer["Series B"]["Price after"], answer["Patron B"]["Price after"]) == (1.5625, 0.95)
    net = own("VALUESTAR-B", ("expenses_deducted = false", "expenses_deducted = true"))
    answer = proposed([common(1e7), VALUESTAR | {"terms": net}, PATRON], 4e6, price_per_share=1, expenses=200000)
    assert answer["Series B"]["Price after"] == 1.55


def test_expenses_alone_can_bring_a_round_below_the_price() -> None:
    """2.40 less 5% is 2.28 a share, below Patron's 2.40 (3(e)(vi)B)."""
    answer = proposed([common(1e7), PATRON], 2.4e6, price_per_share=2.4, expenses=120000)
    assert answer["Patron B"]["Price after"] == 2.28


def test_what_a_certificate_counts_is_its_own(own: Any) -> None:
    """Without the options: (1.75 x 12m + 4m)/16m = 1.5625; with them 26.75m/17m."""
    narrower = own("VALUESTAR-B", ('"preferred", "options"', '"preferred"'))
    holders = [*BOTH[:1], VALUESTAR | {"terms": narrower}, PATRON, options(1e6)]
    assert proposed(holders, 4e6, price_per_share=1)["Series B"]["Price after"] == 1.5625


def test_the_series_may_count_at_the_price_that_results(own: Any) -> None:
    """x (11m + 1.75m/x + 4m) = 1.75 (11m + 1.75m/x) + 4m, so 15x² - 21.5x - 3.0625 = 0 and x = 1.5639."""
    after = own("VALUESTAR-B", ('fd_price = "before"', 'fd_price = "after"'))
    row = proposed([common(1e7), VALUESTAR | {"terms": after}, PATRON], 4e6, price_per_share=1)["Series B"]
    root = (21.5 + (21.5**2 + 4 * 15 * 3.0625) ** 0.5) / 30
    assert row["Price after"] == pytest.approx(root, abs=1e-12)
    assert row["Price after"] == pytest.approx(1.5639, abs=5e-5)


def test_the_shares_after_may_be_all_that_there_are(own: Any) -> None:
    """A note at 2.00 is not below 1.75, but its 1m shares are there at the close: (21m + 4m)/17m, and not /16m."""
    counted = own("VALUESTAR-B", ('denominator = "before_plus_new"', 'denominator = "as_counted"'))
    note = [["instrument", "amount", "price"], ["Note", 2e6, 2]]
    holders = [common(1e7), VALUESTAR | {"terms": counted}, PATRON]
    row = proposed(holders, 4e6, price_per_share=1, converting=note)["Series B"]
    assert row["Price after"] == pytest.approx(25 / 17, abs=1e-15)
    assert proposed(BOTH, 4e6, price_per_share=1, converting=note)["Series B"]["Price after"] == 1.5625


def test_an_exempt_note_counts_as_a_convertible_before_the_round() -> None:
    """D.8(v)(H) leaves it out of the issue; its 1m shares are in O: (1.75 x 13m + 4m)/17m."""
    note = [["instrument", "amount", "price", "exempt"], ["Note", 1e6, 1, "antidilution"]]
    row = proposed(BOTH, 4e6, price_per_share=1, converting=note)["Series B"]
    assert row["Price after"] == pytest.approx(26.75 / 17, abs=1e-15)


def test_a_change_too_small_is_carried() -> None:
    """Patron: 2.395 is half a cent below 2.40, less than the least change of 3(e)(vii)."""
    row = proposed([common(1e7), PATRON], 2395, price_per_share=2.395)["Patron B"]
    assert row["Price after"] == 2.4
    assert row["Computation"].endswith("too small a change, carried forward (3(e)(vii))")


def test_a_price_is_rounded_as_the_certificate_says() -> None:
    """Patron to the nearest cent: 1.125 becomes 1.13."""
    row = proposed([common(1e7), PATRON], 1125, price_per_share=1.125)["Patron B"]
    assert row["Price after"] == 1.13
    assert row["Computation"].endswith("= 1.125; rounded to 1.13")


def test_new_shares_may_be_exempt_under_one_certificate_and_not_another() -> None:
    """Strategic partners: left out by Valuestar D.8(v)(E), unknown to Patron, which ratchets."""
    answer = proposed(BOTH, 4e6, price_per_share=1, exempt="D.8(v)(E)")
    assert (answer["Series B"]["Price after"], answer["Patron B"]["Price after"]) == (1.75, 1.0)
    assert answer["Series B"]["Computation"].endswith("new shares: exempt under D.8(v)(E)")
    assert proposed(BOTH, 4e6, price_per_share=1, exempt="strategic_partners") == answer


def test_a_note_that_counted_when_it_was_issued_is_outstanding() -> None:
    """D.8(iii): no further adjustment on its conversion; 1m more count before: (1.75 x 13m + 4m)/17m."""
    note = [["instrument", "amount", "price", "deemed_before"], ["Note", 1e6, 1, True]]
    row = proposed(BOTH, 4e6, price_per_share=1, converting=note)["Series B"]
    assert row["Price after"] == pytest.approx(26.75 / 17, abs=1e-15)
    fresh = [["instrument", "amount", "price"], ["Note", 1e6, 1]]
    row = proposed(BOTH, 4e6, price_per_share=1, converting=fresh)["Series B"]
    assert row["Price after"] == pytest.approx((21 + 5) / 17, abs=1e-15)  # 5m shares for 5m


def test_interest_that_converts_was_not_received(own: Any) -> None:
    """500,000 lent become 530,000 and 530,000 shares: Patron's effective price is 500,000/530,000 = 0.94."""
    note = [["instrument", "amount", "price", "received"], ["Note", 530000, 1, 500000]]
    holders = [common(1e7), PATRON]
    assert proposed(holders, 3e6, price_per_share=3, converting=note)["Patron B"]["Price after"] == 0.94
    bare = [["instrument", "amount", "price"], ["Note", 530000, 1]]
    assert proposed(holders, 3e6, price_per_share=3, converting=bare)["Patron B"]["Price after"] == 1.0
    # where the debt cancelled counts besides: 1,030,000/530,000 = 1.943
    counts = own("PATRON-B", ("debt_cancellation_counts = false", "debt_cancellation_counts = true"))
    holders = [common(1e7), PATRON | {"terms": counts}]
    assert proposed(holders, 3e6, price_per_share=3, converting=note)["Patron B"]["Price after"] == 1.94


def test_tranches_of_one_series_have_prices_of_their_own() -> None:
    """Patron: a round at 2.20 ratchets the tranche at 2.40 and not the one at 2.00."""
    rows = [PATRON | {"holder": "2006"}, PATRON | {"holder": "2007", "conversion_price": 2.0}]
    answer = proposed([common(1e7), *rows], 2.2e6, price_per_share=2.2)
    assert answer["Patron B: 2006"]["Price after"] == 2.2
    assert answer["Patron B: 2007"]["Price after"] == 2.0


def test_holders_of_one_series_count_as_the_series() -> None:
    """Narrow-based counts the series whichever way its shares are held."""
    whole = proposed([common(1e7), VALUESTAR], 4e6, price_per_share=1, formula="narrow_based")
    parts = [VALUESTAR | {"holder": name, "shares": shares} for name, shares in (("x", 25000), ("y", 75000))]
    split = proposed([common(1e7), *parts], 4e6, price_per_share=1, formula="narrow_based")
    assert split["Series B: x"]["Price after"] == whole["Series B"]["Price after"]
    assert whole["Series B"]["Price after"] == (1.75 + 4) / 5


# --- options repriced -------------------------------------------------------------------------------------------------

WITH_OPTIONS = [*BOTH, options(1e6, 3)]
REPRICED = [["class", "strike", "received"], ["Options", 1.2, 300000]]


def test_a_repricing_is_an_issue_under_patron() -> None:
    """3(e)(vi)F: (300,000 received + 1.2m)/1m = 1.50, below 2.40 in a round at 3.00."""
    row = proposed([common(1e7), PATRON, options(1e6, 3)], 3e6, price_per_share=3, repriced=REPRICED)["Patron B"]
    assert row["Price after"] == 1.5


def test_what_was_first_received_may_be_left_out(own: Any) -> None:
    """With repricing_premium off the effective price is the new exercise price alone."""
    alone = own("PATRON-B", ("repricing_premium = true", "repricing_premium = false"))
    holders = [common(1e7), PATRON | {"terms": alone}, options(1e6, 3)]
    assert proposed(holders, 3e6, price_per_share=3, repriced=REPRICED)["Patron B"]["Price after"] == 1.2


def test_a_rise_of_the_exercise_price_is_no_issue_under_patron() -> None:
    """3(e)(vi)F speaks of reductions."""
    holders = [common(1e7), PATRON, options(1e6, 1)]
    row = proposed(holders, 3e6, price_per_share=3, repriced=[["class", "strike"], ["Options", 1.2]])["Patron B"]
    assert row["Price after"] == 2.4
    assert "not reduced" in row["Computation"]


def test_an_amendment_is_a_new_issue_under_valuestar(own: Any) -> None:
    """AMB-VS19: 1m at (0.3m + 1.2m), O 13m with the old ones: (1.75 x 13m + 1.5m)/14m; with the switch, nothing."""
    row = proposed(WITH_OPTIONS, 3e6, price_per_share=3, repriced=REPRICED)["Series B"]
    assert row["Price after"] == pytest.approx(24.25 / 14, abs=1e-15)
    assert "taken as having adjusted nothing when they were granted" in row["Computation"]
    silent = own("VALUESTAR-B", ('amendment = "new_issue"', 'amendment = "nothing"'))
    holders = [common(1e7), VALUESTAR | {"terms": silent}, PATRON, options(1e6, 3)]
    assert proposed(holders, 3e6, price_per_share=3, repriced=REPRICED)["Series B"]["Price after"] == 1.75


def test_an_amendment_computed_anew_needs_the_story(own: Any) -> None:
    """Where the price is recomputed from the grant, a cap table cannot tell; the error says what can."""
    anew = own("VALUESTAR-B", ('amendment = "new_issue"', 'amendment = "recompute"'))
    holders = [common(1e7), VALUESTAR | {"terms": anew}, options(1e6, 3)]
    message = fault(holders, 3e6, price_per_share=3, repriced=REPRICED)
    assert message.startswith("repriced row 1: D.8(iii) computes the price anew")
    assert "CONVERSION_PRICE" in message


def test_repriced_options_of_employees_are_exempt_under_valuestar() -> None:
    """D.8(v)(B)."""
    repriced = [["class", "strike", "exempt"], ["Options", 1.2, "employees"]]
    row = proposed(WITH_OPTIONS, 3e6, price_per_share=3, repriced=repriced)["Series B"]
    assert row["Price after"] == 1.75


def test_repriced_options_and_new_shares_enter_one_formula() -> None:
    """Round at 1.00 for 4m, options at 1.50: (1.75 x 13m + 4m + 1.5m)/18m; the ratchet takes the lower, 1.00."""
    answer = proposed(WITH_OPTIONS, 4e6, price_per_share=1, repriced=REPRICED)
    assert answer["Series B"]["Price after"] == pytest.approx(28.25 / 18, abs=1e-15)
    assert answer["Patron B"]["Price after"] == 1.0
    assert answer["Options"]["Computation"] == "exercise price 3, then 1.2"


# --- the price --------------------------------------------------------------------------------------------------------


def test_a_ratchet_and_an_average_inside_one_price() -> None:
    """The valuation pays for 10m of Common, Valuestar's average and the 2.4m dollars of Patron's ratchet."""
    answer = proposed(BOTH, 4e6, pre_money=10e6, whole_shares=False)
    # Valuestar: 1.75m x (12m + 4m/p)/(21m + 4m) shares; times p, 0.84m p + 0.28m dollars
    # 10m p + 0.84m p + 0.28m + 2.4m = 10m, so 10.84 p = 7.32
    price = Fraction(732, 1084)
    assert answer[""]["Price of a new share"] == float(price)
    # the price is solved on Patron's ratchet itself, 0.675277; 3(e)(vii) rounds it to 0.68 afterwards
    assert answer["Patron B"]["Price after"] == 0.68
    assert answer["Series B"]["Price after"] == pytest.approx(
        float(Fraction(25_000_000) / (12_000_000 + 4_000_000 / price))
    )


def test_a_ratchet_may_leave_no_price() -> None:
    """Series A is promised 5,000,000 at any price; a valuation of 4,000,000 leaves nothing to sell."""
    message = fault(DOWN, 3e6, pre_money=4e6, formula="full_ratchet")
    assert message.startswith("argument 'pre_money': no price fits: ")
    assert "5,000,000 at any price" in message
    assert "inside FALSE" in message
    answer = proposed(DOWN, 3e6, pre_money=4e6, inside=False, formula="full_ratchet")
    assert answer[""]["Price of a new share"] == 0.4


def test_a_comparison_says_which_formula_leaves_no_price() -> None:
    """The columns of the others stand."""
    header, first, *rows = asked("PRICED_ROUND_COMPARED", DOWN, 3e6, pre_money=4e6)
    ratchet = header.index("Full ratchet")
    assert str(first[ratchet]).startswith("no price fits")
    assert all(row[ratchet] is None for row in rows)
    assert first[header.index("No adjustment")] == 0.4


def test_a_round_at_exactly_the_price_adjusts_nothing() -> None:
    """25,000,000 over 10,000,000 shares is 2.50, not below 2.50."""
    answer = proposed(DOWN, 3e6, pre_money=25e6, formula="broad_based")
    assert answer[""]["Price of a new share"] == 2.5
    assert answer["Series A"]["Price after"] == 2.5


def test_where_the_new_shares_begin_to_count_there_may_be_no_price() -> None:
    """A SAFE far below the price: counting the new shares beside it lifts the average, so the shares jump at 1.00."""
    safe = [["instrument", "amount", "price"], ["SAFE", 1e6, 0.1]]
    # just below 1.00: Seed 2m x (10m + 10m + 2m)/(10m + 1m + 2m) = 3.3846m; from 1.00 on 2m x 20m/11m = 3.6364m
    message = fault(SEED, 2e6, pre_money=21.5e6, converting=safe, formula="broad_based")
    assert "the shares change at once" in message
    for valuation, price in ((21.3e6, 0.99), (21.7e6, 1.0)):
        answer = proposed(SEED, 2e6, pre_money=valuation, converting=safe, formula="broad_based")
        assert answer[""]["Price of a new share"] == pytest.approx(price, abs=0.01)


def test_two_prices_may_fit_where_the_close_counts_everything(own: Any) -> None:
    """With every share of the day in the denominator the adjustment begins with a jump, and both sides may fit."""
    counted = own("NVCA-BROAD-BASED", ('denominator = "before_plus_new"', 'denominator = "as_counted"'))
    note = [["instrument", "amount", "price"], ["Note", 8e6, 2]]
    holders = [common(8e6), preferred("Seed", 2e6, 1, terms=counted)]
    # at 1.00 and above nothing is below: 14m shares; just below it 2m x (10m + 4m + 2m)/(10m + 2m) = 2.667m: 14.667m
    message = fault(holders, 2e6, pre_money=14.2e6, converting=note)
    assert "several prices fit" in message


def test_the_price_of_the_round_may_be_rounded() -> None:
    """552/473 to four places is 1.1670; 3,000,000 buy 2,570,694 whole shares at it."""
    answer = proposed(DOWN, 3e6, pre_money=12e6, formula="broad_based", places=4)
    assert answer[""]["Price of a new share"] == 1.167
    assert answer[""]["New shares"] == 2570694


def test_money_that_buys_no_whole_share_is_left_over() -> None:
    """10.00 at 3.00: three shares for 9.00."""
    figures = proposed([common(100)], 10, price_per_share=3)[""]
    assert (figures["New shares"], figures["Money for the new shares"], figures["Money left over"]) == (3, 9, 1)
    whole = proposed([common(100)], 10, price_per_share=3, whole_shares=False)[""]
    assert (whole["New shares"], whole["Money left over"]) == (float(Fraction(10, 3)), 0)


def test_a_given_price_tells_the_valuation_it_implies() -> None:
    """1.25 on 15,000,000 shares is 18,750,000; with the adjustment shares of both series inside, 1.25 more each."""
    figures = proposed(TWO, 5e6, price_per_share=1.25, inside=False, formula="broad_based")[""]
    assert (figures["Pre-money"], figures["Post-money"]) == (18750000, 23750000)
    figures = proposed(TWO, 5e6, price_per_share=1.25, formula="broad_based")[""]
    assert figures["Pre-money"] == pytest.approx(1.25 * 15326923.0769, abs=0.01)


def test_a_formula_may_be_tried_on_one_series() -> None:
    """Seed under a ratchet, Series A as it is."""
    answer = proposed(TWO, 5e6, formula="full_ratchet", series=[["Seed"]], **ISSUE)
    assert (answer["Seed"]["Price after"], answer["Series A"]["Price after"]) == (1.25, 2.5)
    assert answer["Seed"]["Clause"] == "full ratchet"


def test_a_comparison_keeps_what_the_certificates_say_beside_the_formulas() -> None:
    """Valuestar 1.5625 and Patron 1.00 by their own clauses, 1.75 and 2.40 unadjusted."""
    header, *rows = asked("PRICED_ROUND_COMPARED", BOTH, 4e6, price_per_share=1)
    prices = {row[1]: dict(zip(header, row, strict=True)) for row in rows if row[0] == "Conversion price"}
    assert prices["Series B"]["As the certificates say"] == 1.5625
    assert prices["Patron B"]["As the certificates say"] == 1.0
    assert (prices["Series B"]["Before"], prices["Series B"]["No adjustment"]) == (1.75, 1.75)
    assert prices["Series B"]["Full ratchet"] == 1.0
    assert prices["Patron B"]["Broad-based"] == 2.05  # (2.40 x 12m + 4m)/16m
    assert prices["Patron B"]["Narrow-based"] == 1.28  # (2.40 x 1m + 4m)/5m


# --- faults -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "argument 'pre_money': give the pre-money valuation, or the price"),
        ({"pre_money": 1e6, "price_per_share": 1}, "and not both"),
        ({"price_per_share": 1, "pool_target": 10}, "argument 'pool_target'"),
        ({"price_per_share": 1, "exempt": "friends"}, "argument 'exempt': the certificate has no exemption 'friends'"),
        ({"price_per_share": 1, "exempt": "vendors"}, "EXEMPT_BASKET"),
        ({"price_per_share": 1, "series": [["Series C"]]}, "no preferred class 'Series C'"),
        ({"price_per_share": 1, "count": "common, treasury"}, "argument 'count': the words are common, series"),
        ({"price_per_share": 1, "repriced": [["class", "strike"], ["Common", 1]]},
         "repriced row 1, column 'class': 'Common' is common; only options"),
        ({"price_per_share": 1, "repriced": [["class", "strike"], ["Warrants", 1]]}, "the cap table has no such row"),
        ({"price_per_share": 1, "converting": [["instrument", "amount", "valuation_cap"], ["S", 1, 1]]},
         "converting row 1, column 'cap_basis': is pre_money or post_money"),
        ({"price_per_share": 1, "converting": [["instrument", "amount", "discount"], ["S", 1, 20]]},
         "converting row 1, column 'discount': 20 leaves no price"),
        ({"price_per_share": 1, "converting": [["instrument", "amount", "discount", "price"], ["S", 1, 0.2, 1]]},
         "is settled already"),
        ({"pre_money": 1e6, "converting": [["instrument", "amount", "valuation_cap", "cap_basis"],
                                           ["S", 2e6, 1e6, "post_money"]]}, "would hold 200% before the new money"),
        ({"price_per_share": 1, "expenses": 5e6}, "a conversion price cannot become that"),
        ({"price_per_share": 5e6}, "does not buy one share"),
    ],
)  # fmt: skip
def test_faults_are_placed(arguments: dict[str, Any], message: str) -> None:
    """What is wrong is said, with the argument, or the row and the column."""
    assert message in fault(BOTH, 4e6, **arguments)


def test_more_options_cannot_be_repriced_than_there_are() -> None:
    """1,000,001 of 1,000,000."""
    repriced = [["class", "strike", "shares"], ["Options", 1, 1000001]]
    message = fault(WITH_OPTIONS, 4e6, price_per_share=1, repriced=repriced)
    assert "1,000,001 are more than the 1,000,000 there are" in message


def test_a_series_that_is_adjusted_needs_its_price() -> None:
    """Shares as converted alone cannot be adjusted."""
    cap_table = table(common(1e6), VALUESTAR | {"conversion_price": None})
    cap_table[0].append("as_converted")
    cap_table[1].append(None)
    cap_table[2].append(1e6)
    with pytest.raises(XlcapError, match="cap_table row 2, column 'conversion_price': is blank: the round may adjust"):
        call("PRICED_ROUND", [cap_table, 1e6, None, 1])


# --- properties -------------------------------------------------------------------------------------------------------

FORMULAS = ("certificate", "broad_based", "narrow_based", "full_ratchet")


@st.composite
def rounds(draw: st.DrawFn) -> tuple[list[Row], Proposal]:
    """A cap table of several series in a drawn order, and a round on it."""
    rows: list[Row] = [common(draw(st.integers(1, 10**7)))]
    if draw(st.booleans()):
        rows.append(options(draw(st.integers(1, 10**6))))
    if draw(st.booleans()):
        rows.append(pool(draw(st.integers(1, 10**6))))
    for i in range(draw(st.integers(1, 3))):
        price = draw(st.integers(1, 800)) / 100
        kind = draw(st.sampled_from(["plain", "VALUESTAR-B", "PATRON-B"]))
        shares = draw(st.integers(1, 10**4 if kind == "PATRON-B" else 10**6))
        more = {} if kind == "plain" else {"terms": kind, "preference": None}
        if not any(row.get("terms") == kind for row in rows):
            rows.append(preferred(f"Series {i}", shares, price, **more))
    sized = {"price": Decimal(draw(st.integers(1, 1000))) / 100}
    if draw(st.booleans()):
        sized = {"pre_money": Decimal(draw(st.integers(10**3, 10**8)))}
    formula = draw(st.sampled_from(FORMULAS))
    return draw(st.permutations(rows)), Proposal(
        new_money=Decimal(draw(st.integers(10**3, 10**8))), formula=formula, inside=draw(st.booleans()), **sized
    )


def outcome(rows: Sequence[Row], proposal: Proposal) -> Result | None:
    """The round, or None where there is no price."""
    try:
        return Round(read_cap_table(table(*rows)), proposal).result()
    except XlcapError as error:
        assert error.code == "#NUM!"
        return None


@given(rounds())
def test_nothing_is_lost_and_every_price_lies_between(question: tuple[list[Row], Proposal]) -> None:
    """Money adds up, ownership is one, and a new price lies between the round's and the old one."""
    rows, proposal = question
    result = outcome(rows, proposal)
    assume(result is not None)
    assert result is not None
    assert result.money + result.left_over == proposal.new_money
    assert 0 <= result.left_over < result.price
    assert sum(Fraction(line.common_after) for line in result.lines) / Fraction(result.common_after) == pytest.approx(1)
    for line in result.lines[: len(rows)]:
        if line.price_before is None or line.price_after is None:
            continue
        assert line.price_after <= line.price_before
        # Patron rounds to the cent; half a cent is the most that moves a price past the round's
        assert line.price_after >= min(line.price_before, result.price) - Decimal("0.0050000001")
        if result.price >= line.price_before:
            assert (line.price_after, line.common_after) == (line.price_before, line.common_before)


@given(rounds())
def test_the_order_of_the_rows_does_not_matter(question: tuple[list[Row], Proposal]) -> None:
    """Each class comes out the same wherever it stands in the cap table."""
    rows, proposal = question
    result, other = outcome(rows, proposal), outcome(rows[::-1], proposal)
    assert (result is None) == (other is None)
    if result is None or other is None:
        return
    assert result.price == pytest.approx(other.price, rel=Decimal("1e-38"))
    found = {line.name: line for line in other.lines}
    for line in result.lines:
        assert line.common_after == pytest.approx(found[line.name].common_after, rel=Decimal("1e-38"))


@given(rounds())
def test_the_adjustment_shares_never_raise_the_price(question: tuple[list[Row], Proposal]) -> None:
    """Inside, the valuation pays for more shares, so each is worth less."""
    rows, proposal = question
    assume(proposal.pre_money is not None)
    arguments = {"new_money": proposal.new_money, "pre_money": proposal.pre_money, "formula": proposal.formula}
    inside, outside = (outcome(rows, Proposal(inside=inside, **arguments)) for inside in (True, False))  # type: ignore[arg-type]  # by name
    if inside is not None and outside is not None:
        assert inside.price <= outside.price


@given(rounds())
def test_the_price_found_is_the_one_at_which_the_valuation_pays_for_its_shares(
    question: tuple[list[Row], Proposal],
) -> None:
    """Price times shares is the pre-money valuation, to forty digits."""
    rows, proposal = question
    assume(proposal.pre_money is not None)
    tried = Round(read_cap_table(table(*rows)), proposal)
    try:
        price = tried.price()
    except XlcapError as error:
        assert error.code == "#NUM!"  # a ratchet that takes the whole valuation
        return
    assert price * tried.paid_for(price) == pytest.approx(proposal.pre_money, rel=Decimal("1e-26"))


def by_hand(
    shares: Fraction, series: Sequence[tuple[int, Fraction]], money: int, pre_money: int, formula: str
) -> Fraction | None:
    """The price inside, in fractions: for each set of series that may be adjusted a straight line, and what fits it.

    ``shares`` are all before the round, none of them reserved, ``series`` the holders' shares and prices, one for one.
    """
    for adjusted in [series[:i] for i in range(len(series) + 1)]:  # the dearest first
        slope, constant = shares - sum(count for count, _ in adjusted), Fraction(0)
        for count, price in adjusted:
            invested, counted = count * price, Fraction(count) if formula == "narrow_based" else shares
            if formula == "full_ratchet":
                constant += invested
            else:  # p x invested (O + M/p) / (price O + M)
                slope += invested * counted / (price * counted + money)
                constant += invested * money / (price * counted + money)
        found = (pre_money - constant) / slope
        if found > 0 and all((price > found) == ((count, price) in adjusted) for count, price in series):
            return found
    return None


@given(
    st.integers(1, 10**7),
    st.lists(
        st.tuples(st.integers(1, 10**6), st.integers(1, 800)), min_size=1, max_size=4, unique_by=lambda each: each[1]
    ),
    st.integers(10**3, 10**8),
    st.integers(10**3, 10**8),
    st.sampled_from(["broad_based", "narrow_based", "full_ratchet"]),
)
def test_the_price_is_the_one_worked_out_in_fractions(
    held: int, drawn: list[tuple[int, int]], money: int, pre_money: int, formula: Any
) -> None:
    """Another way to the same price: linear equations, one for each set of series below their prices."""
    series = sorted(((count, Fraction(cents, 100)) for count, cents in drawn), key=lambda each: -each[1])
    wanted = by_hand(Fraction(held + sum(count for count, _ in series)), series, money, pre_money, formula)
    rows = [common(held), *(preferred(f"S{i}", count, float(price)) for i, (count, price) in enumerate(series))]
    proposal = Proposal(new_money=Decimal(money), pre_money=Decimal(pre_money), formula=formula)
    tried = Round(read_cap_table(table(*rows)), proposal)
    if wanted is None:
        with pytest.raises(XlcapError, match="the new money would buy nothing"):
            tried.price()
    else:
        assert abs(Fraction(tried.price()) / wanted - 1) < Fraction(1, 10**40)


def test_a_block_of_terms_reaches_a_round() -> None:
    """Valuestar's formula made a full ratchet: 1.00, where its average is (1.75 x 15m + 1m) / 16m."""
    series_b = {"class": "Series B", "kind": "preferred", "shares": 500_000, "terms": "VALUESTAR-B",
                "conversion_price": 1.75}  # fmt: skip
    block = [["id", "VALUESTAR-B"], ["adjust.issue_below_price.formula", "FULL_RATCHET"]]
    for terms, price in ((None, (1.75 * 15 + 1) / 16), (block, 1)):
        rows = proposed([common(10e6), series_b], 1e6, price_per_share=1, terms=terms)
        assert rows["Series B"]["Price after"] == pytest.approx(price, rel=1e-12)
    compared = asked("PRICED_ROUND_COMPARED", [common(10e6), series_b], 1e6, price_per_share=1, terms=block)
    assert next(row for row in compared if row[:2] == ["Conversion price", "Series B"])[3] == 1
