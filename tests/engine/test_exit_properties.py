"""The waterfall on random small cap tables of every kind of claim, against brute force and against itself.

The same few examples every time. Many, and others at each run:

    XLCAP_EXAMPLES=100 pytest -n 2 --hypothesis-profile=default --hypothesis-seed=1 tests/engine/test_exit_properties.py
"""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Callable, Sequence
from decimal import Decimal, localcontext
from fractions import Fraction
from math import floor
from typing import Any

from exit_oracle import Exit, simulate
from exit_rows import CONVERT, STAY, as_rows
from exits import table
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from xlcap.captable import read_cap_table
from xlcap.engine.claims import Strikes
from xlcap.engine.waterfall import Waterfall

Cells = dict[str, Any]
NEAR, TINY, CENT = Fraction(1, 10**30), Fraction(1, 10**12), Fraction(1, 100)
MANY = int(os.environ.get("XLCAP_EXAMPLES", "1"))


def examples(count: int) -> settings:
    """So many examples, times what the environment says."""
    return settings(max_examples=count * MANY, deadline=None, suppress_health_check=list(HealthCheck))


# --- cap tables -------------------------------------------------------------------------------------------------------


def preferred(draw: st.DrawFn, name: str) -> Cells:
    """A series of preferred stock, of any participation, rank and way to convert."""
    row: Cells = {"class": name, "kind": "preferred", "shares": draw(st.integers(1, 60)),
                  "seniority": draw(st.integers(1, 3)),
                  "participation": draw(st.sampled_from(["none", "none", "full", "capped"]))}  # fmt: skip
    if draw(st.integers(0, 3)) == 0:  # all of it in dollars
        row |= {"preference": draw(st.integers(1, 2000)), "as_converted": draw(st.integers(1, 300))}
        if row["participation"] == "capped":
            row["cap"] = row["preference"] + draw(st.integers(0, 3000))
        return row
    issued, multiple = draw(st.integers(4, 40)), draw(st.sampled_from(["1", "1", "1.5", "2"]))
    row |= {"original_issue_price": issued, "preference_multiple": multiple}
    row |= draw(st.sampled_from([{}, {"conversion_ratio": 1}, {"conversion_ratio": "2.5"}, {"conversion_price": 8}]))
    accrued = draw(st.sampled_from([0, 0, 1, 4]))
    if accrued:
        row |= {"accrued": accrued,
                "dividends_on_conversion": draw(st.sampled_from(["forfeited", "paid", "converted"]))}  # fmt: skip
    if row.get("dividends_on_conversion") == "converted":
        row |= {"conversion_ratio": None, "conversion_price": draw(st.integers(1, 20))}
    if row["participation"] == "capped":
        row |= _cap(draw, issued, Fraction(multiple))
    return row


def tranche(draw: st.DrawFn, row: Cells) -> list[Cells]:
    """The series in two rows, which differ in shares, dividends and price."""
    other = row | {"shares": draw(st.integers(1, 60))}
    for name, most in (("conversion_price", 20), ("accrued", 4)):
        if row.get(name) is not None:
            other[name] = draw(st.integers(1, most))
    return [row | {"holder": "First"}, other | {"holder": "Second"}]


def _cap(draw: st.DrawFn, issued: int, multiple: Fraction) -> Cells:
    """A cap, a multiple or dollars a share, that is not below the preference without its dividends."""
    words: Cells = {"cap_includes_dividends": draw(st.booleans())}
    if draw(st.booleans()):
        return words | {"cap_per_share": str(decimal(multiple * issued + draw(st.integers(0, 60))))}
    return words | {"cap_multiple": -(-multiple // 1) + draw(st.integers(0, 3))}


def option(draw: st.DrawFn, name: str) -> Cells:
    """An option or warrant on Common."""
    return {"class": name, "kind": draw(st.sampled_from(["option", "warrant"])), "shares": draw(st.integers(1, 100)),
            "strike": draw(st.integers(0, 20))}  # fmt: skip


def carve_out(draw: st.DrawFn, name: str) -> Cells:
    """A fixed amount or a rate, in tiers or flat; before the preferences, or alongside those of a rank."""
    row: Cells = {"class": name, "kind": "carve_out"}
    if draw(st.booleans()):
        row["seniority"] = draw(st.integers(1, 3))
    words = [0.1, 0.25, "25%", "10% to 1,000; 5% to 4,000", "0% to 500; 20% to 2,000; 2%", "30% to 800"]
    if draw(st.integers(0, 3)) == 0:
        return row | {"amount": draw(st.integers(1, 800))}
    return row | {"rate": draw(st.sampled_from(words)), "rate_of": draw(st.sampled_from(["net", "gross"]))}


def note(draw: st.DrawFn, name: str) -> Cells:
    """A note that may convert at its cap."""
    row: Cells = {"class": name, "kind": "note", "amount": draw(st.integers(1, 500)),
           "valuation_cap": draw(st.integers(200, 8000)), "seniority": draw(st.integers(0, 1)),
           "cap_counts": draw(st.sampled_from(["with_pool", "without_pool", "common_only"]))}  # fmt: skip
    return row | ({"preference": 2 * row["amount"]} if draw(st.integers(0, 3)) == 0 else {})


def safe(draw: st.DrawFn, name: str) -> Cells:
    """A post-money safe, at most a third of the company."""
    amount = draw(st.integers(1, 600))
    row: Cells = {"class": name, "kind": "safe", "amount": amount, "valuation_cap": amount * draw(st.integers(3, 20))}
    return row | ({"seniority": draw(st.integers(1, 3))} if draw(st.booleans()) else {})


def discounted(draw: st.DrawFn, name: str) -> Cells:
    """A note or safe without a cap."""
    return {"class": name, "kind": draw(st.sampled_from(["note", "safe"])), "amount": draw(st.integers(1, 600)),
            "discount": draw(st.sampled_from(["0.2", "0.5"])),
            "discount_reading": draw(st.sampled_from(["literal", "remainder"]))}  # fmt: skip


def owed(kind: str) -> Callable[[st.DrawFn, str], Cells]:
    """A cost or a debt."""

    def row(draw: st.DrawFn, name: str) -> Cells:
        cells: Cells = {"class": name, "kind": kind, "amount": draw(st.integers(1, 800))}
        return cells | ({"seniority": draw(st.integers(0, 2))} if kind == "debt" else {})

    return row


PLAIN = {"option": option, "carve_out": carve_out, "note": note, "debt": owed("debt"), "cost": owed("cost")}
"""Kinds beside which every payout rises with the proceeds."""


@st.composite
def plain_tables(draw: st.DrawFn) -> list[Cells]:
    """Common, up to three series, up to three rows of other kinds, perhaps a warrant on preferred stock and a pool."""
    rows: list[Cells] = [{"class": "Common", "kind": "common", "shares": draw(st.integers(1, 300))}]
    rows += [preferred(draw, f"P{i}") for i in range(draw(st.integers(0, 3)))]
    for i, kind in enumerate(draw(st.lists(st.sampled_from(list(PLAIN)), max_size=3))):
        rows.append(PLAIN[kind](draw, f"{kind} {i}"))
    bought = [row for row in rows if row["kind"] == "preferred"]
    if bought and "preference" not in bought[0] and draw(st.integers(0, 3)) == 0:
        rows[1:2] = tranche(draw, bought.pop(0))
    if bought and draw(st.integers(0, 2)) == 0:
        right = {"class": "Right", "kind": "warrant", "underlying": draw(st.sampled_from(bought))["class"]}
        rows.append(right | {"shares": draw(st.integers(1, 30)), "strike": draw(st.integers(0, 60))})
    if draw(st.integers(0, 3)) == 0:
        rows.append({"class": "Pool", "kind": "pool", "shares": draw(st.integers(1, 100))})
    return draw(st.permutations(rows)) if draw(st.booleans()) else rows


@st.composite
def tables_with_safes(draw: st.DrawFn) -> list[Cells]:
    """A plain table with one or two post-money safes, and no warrant whose shares convert apart from their class."""
    rows = draw(plain_tables())
    bought = {row.get("underlying") for row in rows}
    assume(not any("accrued" in row for row in rows if row["class"] in bought))
    return [*rows, *(safe(draw, f"Safe {i}") for i in range(draw(st.integers(1, 2))))]


@st.composite
def tables_with_a_discount(draw: st.DrawFn) -> list[Cells]:
    """A plain table with a note or safe that has a discount and no cap."""
    return [*draw(plain_tables()), discounted(draw, "Discounted")]


@st.composite
def tables_that_decide_together(draw: st.DrawFn) -> list[Cells]:
    """A plain table some of whose series convert by one vote, or one of which takes others with it."""
    rows = draw(plain_tables())
    convertible = [row for row in rows if row["kind"] == "preferred"]
    classes = list(dict.fromkeys(row["class"] for row in convertible))
    assume(len(classes) >= 2)
    alone, vote = draw(st.booleans()), draw(st.sampled_from([None, ">= 50%", ">= 2/3", 0.6, "> 75%"]))
    group = {"conversion_group": "All", "conversion_vote": vote, "converts_alone": alone}
    members = classes[: draw(st.integers(2, len(classes)))] if draw(st.booleans()) else []
    for row in convertible:
        if not {"conversion_ratio", "conversion_price", "as_converted"} & row.keys():
            row["conversion_ratio"] = 1
        if row["class"] in members:
            row |= group
        elif not members and row["class"] != classes[0]:
            row["converts_with"] = classes[0]
    for row in rows:
        if row["kind"] in ("common", "preferred") and "holder" not in row and draw(st.integers(0, 2)) == 0:
            row["holder"] = draw(st.sampled_from(["First", "Second"]))
    return rows


any_tables = st.one_of(plain_tables(), tables_with_safes(), tables_with_a_discount(), tables_that_decide_together())


def exits(rows: list[Cells]) -> st.SearchStrategy[int]:
    """Proceeds from nothing to where all convert, the small ones more often."""
    claims = as_rows(rows)
    top = int(2 * sum(row.owed + row.price for row in claims) + 20 * sum(row.shares for row in claims))
    return st.one_of(st.integers(0, max(1, top // 6)), st.integers(0, top))


def ready(rows: Sequence[Cells], strikes: Strikes = "added") -> Waterfall:
    """The solver over a table."""
    return Waterfall(read_cap_table(table(*rows)), strikes=strikes)


def paid(solver: Waterfall, proceeds: int | Fraction) -> list[Fraction]:
    """Payouts, not rounded."""
    return [Fraction(payout) for payout in solver.payouts(decimal(proceeds), cents=False)]


def answer(rows: Sequence[Cells], proceeds: int | Fraction, strikes: Strikes = "added") -> Sequence[Fraction]:
    """Payouts by brute force, where there is an answer; without post-money safes there is one and no other."""
    answers = Exit(Fraction(proceeds), as_rows(rows), included=strikes == "included").answers()
    if any(row["kind"] == "safe" for row in rows):
        assume(answers)
    else:
        assert len(answers) == 1
    return answers[0].payouts


def decimal(number: int | Fraction) -> Decimal:
    """The number, at fifty digits where it has more."""
    with localcontext(prec=50):
        return Decimal(Fraction(number).numerator) / Decimal(Fraction(number).denominator)


def near(ones: Sequence[Fraction], others: Sequence[Fraction], within: Fraction = NEAR) -> bool:
    return all(abs(one - other) < within for one, other in zip(ones, others, strict=True))


def buys_preferred(rows: Sequence[Cells]) -> bool:
    return any("underlying" in row for row in rows)


# --- the answer -------------------------------------------------------------------------------------------------------


@examples(150)
@given(st.data(), plain_tables())
def test_nobody_wants_to_decide_otherwise(data: st.DataObject, rows: list[Cells]) -> None:
    """Of all the ways to decide, those from which nobody wants to move pay everybody the same, and so the answer."""
    proceeds = data.draw(exits(rows))
    assert near(paid(ready(rows), proceeds), answer(rows, proceeds))


@examples(60)
@given(st.data(), plain_tables())
def test_what_the_detail_says_leads_to_the_payouts(data: st.DataObject, rows: list[Cells]) -> None:
    """Money poured out by the decisions of the detail comes to what it pays."""
    assume(not buys_preferred(rows))
    proceeds = data.draw(exits(rows))
    shares = ready(rows).shares(Decimal(proceeds), cents=False)
    poured = simulate(Fraction(proceeds), as_rows(rows), [CONVERT if share.converts else STAY for share in shares])
    assert near([Fraction(share.payout) for share in shares], poured.payouts)


@examples(40)
@given(st.data(), plain_tables())
def test_strikes_may_be_part_of_the_proceeds(data: st.DataObject, rows: list[Cells]) -> None:
    """Payouts are then gross of the strikes; between nobody and everybody exercising, as many do as make it even."""
    assume(not buys_preferred(rows) and any(row["kind"] in ("option", "warrant") for row in rows))
    proceeds = data.draw(exits(rows))
    assert near(paid(ready(rows, "included"), proceeds), answer(rows, proceeds, "included"))


@examples(120)
@given(st.data(), st.one_of(tables_with_safes(), tables_with_a_discount(), tables_that_decide_together()))
def test_the_documented_rule_chooses(data: st.DataObject, rows: list[Cells]) -> None:
    """A group or a leading class decides first, post-money safes last; the fewest else convert, and the most safes."""
    proceeds = data.draw(exits(rows))
    assert near(paid(ready(rows), proceeds), answer(rows, proceeds))


@examples(100)
@given(any_tables, st.decimals(0, 20000, places=2), st.sampled_from(["added", "included"]))
def test_money_is_conserved(rows: list[Cells], proceeds: Decimal, strikes: Strikes) -> None:
    """Exactly, and in cents, where everybody is within a cent of the exact payout."""
    assume(strikes == "added" or not buys_preferred(rows))
    solver = ready(rows, strikes)
    exact, cents = paid(solver, Fraction(proceeds)), solver.payouts(proceeds)
    assert abs(sum(exact) - Fraction(proceeds)) < NEAR
    assert sum(cents) == proceeds
    assert near([Fraction(payout) for payout in cents], exact, Fraction(1, 100))
    assert all(payout == payout.quantize(Decimal("0.01")) for payout in cents)


# --- the same company told otherwise ----------------------------------------------------------------------------------


@examples(100)
@given(st.data(), any_tables)
def test_splitting_a_row_between_two_holders_changes_nothing(data: st.DataObject, rows: list[Cells]) -> None:
    """Each gets half; but a conversion at a discount and tiers are not split, nor who votes by what else it holds."""
    proceeds = data.draw(exits(rows))
    i = data.draw(st.integers(0, len(rows) - 1))
    assume(not {"discount", "holder"} & rows[i].keys() and not isinstance(rows[i].get("rate"), str))
    half = {name: float(Fraction(value) / 2) for name, value in rows[i].items() if name in TOTALS}
    halves = [rows[i] | half | {"holder": holder} for holder in ("One", "Other")]
    whole, split = paid(ready(rows), proceeds), paid(ready([*rows[:i], *halves, *rows[i + 1 :]]), proceeds)
    assert near([*whole[:i], whole[i] / 2, whole[i] / 2, *whole[i + 1 :]], split)


TOTALS = ("shares", "amount", "preference", "as_converted", "cap", "rate")
"""Columns that are halved with the row."""
MONEY = ("amount", "preference", "cap", "valuation_cap", "original_issue_price", "conversion_price", "accrued",
         "cap_per_share", "strike")  # fmt: skip
EACH = ("original_issue_price", "conversion_price", "accrued", "cap_per_share", "strike")
"""Columns in dollars, and those in dollars a share."""


def scaled(rows: Sequence[Cells], columns: Sequence[str], by: Fraction) -> list[Cells]:
    """The table with some columns so many times as large."""
    return [
        {name: str(decimal(Fraction(value) * by)) if name in columns and value is not None else value
         for name, value in row.items()}
        for row in rows
    ]  # fmt: skip


@examples(60)
@given(st.data(), any_tables)
def test_scaling_money_scales_payouts(data: st.DataObject, rows: list[Cells]) -> None:
    """Every dollar seven times as many, in the table and in the exit: so is every payout."""
    proceeds = data.draw(exits(rows))
    times_seven = scaled(rows, MONEY, Fraction(7))
    for row in times_seven:
        if isinstance(row.get("rate"), str):
            row["rate"] = re.sub(r"to ([\d,]+)", lambda end: f"to {7 * int(end[1].replace(',', ''))}", row["rate"])
    assert near(paid(ready(times_seven), 7 * proceeds), [7 * payout for payout in paid(ready(rows), proceeds)])


@examples(60)
@given(st.data(), any_tables)
def test_scaling_shares_changes_nothing(data: st.DataObject, rows: list[Cells]) -> None:
    """Four shares for one, at a quarter of every price a share."""
    proceeds = data.draw(exits(rows))
    split = scaled(scaled(rows, ("shares", "as_converted"), Fraction(4)), EACH, Fraction(1, 4))
    assert near(paid(ready(split), proceeds), paid(ready(rows), proceeds))


@examples(60)
@given(st.data(), any_tables)
def test_the_order_of_rows_changes_nothing(data: st.DataObject, rows: list[Cells]) -> None:
    """Rows upside down."""
    proceeds = data.draw(exits(rows))
    assert near(paid(ready(rows[::-1]), proceeds)[::-1], paid(ready(rows), proceeds))


# --- from exit to exit ------------------------------------------------------------------------------------------------


@examples(80)
@given(st.data(), plain_tables(), st.sampled_from(["added", "included"]))
def test_payouts_never_fall_as_proceeds_rise(data: st.DataObject, rows: list[Cells], strikes: Strikes) -> None:
    """Where nobody decides for others and no count of shares depends on a decision."""
    assume(strikes == "added" or not buys_preferred(rows))
    solver = ready(rows, strikes)
    before = [Fraction(0)] * len(rows)
    for proceeds in sorted(data.draw(st.lists(exits(rows), min_size=2, max_size=5))):
        now = paid(solver, proceeds)
        assert all(one <= other + NEAR for one, other in zip(before, now, strict=True))
        before = now


@examples(60)
@given(st.data(), any_tables)
def test_where_payouts_fall_a_jump_is_shown(data: st.DataObject, rows: list[Cells]) -> None:
    """Between an exit and a higher one that pays somebody less there is a breakpoint at which payouts jump."""
    solver = ready(rows)
    low, high = sorted((data.draw(exits(rows)), data.draw(exits(rows))))
    if any(one > other + NEAR for one, other in zip(paid(solver, low), paid(solver, high), strict=True)):
        assert any("jump" in point.what for point in solver.breakpoints() if low <= point.proceeds < high)


@examples(25)
@given(any_tables)
def test_at_every_breakpoint_and_a_cent_either_side(rows: list[Cells]) -> None:
    """There too nobody wants to decide otherwise."""
    solver = ready(rows)
    for point in solver.breakpoints():
        cents = Fraction(floor(point.proceeds * 100), 100)
        for proceeds in (max(cents - CENT, Fraction(0)), cents, cents + CENT):
            assert near(paid(solver, proceeds), answer(rows, proceeds))


@examples(60)
@given(any_tables, st.sampled_from(["added", "included"]))
def test_between_breakpoints_the_next_dollar_is_split_as_shown(rows: list[Cells], strikes: Strikes) -> None:
    """Payouts are straight lines whose slopes are the shares of the next dollar, or curves where it is said so."""
    assume(strikes == "added" or not buys_preferred(rows))
    solver = ready(rows, strikes)
    points = solver.breakpoints()
    ends = [Fraction(point.proceeds) for point in points]
    for i, (low, high) in enumerate(itertools.pairwise([Fraction(0), *ends, max([*ends, Fraction(1)]) * 3])):
        assert low <= high
        first, middle, last = (paid(solver, low + (high - low) * k / 16) for k in (1, 8, 15))
        straight = near([(one + other) / 2 for one, other in zip(first, last, strict=True)], middle, TINY)
        if high - low < Fraction(1, 10**9):
            continue
        slopes = [(other - one) / (high - low) * 16 / 14 for one, other in zip(first, last, strict=True)]
        if not straight:
            assert any(row["kind"] == "carve_out" for row in rows)
            assert i == 0 or "curve" in points[i - 1].why
        elif i:
            assert near(slopes, [Fraction(share) for share in points[i - 1].next_dollar], Fraction(1, 10**12))


@examples(50)
@given(st.data(), any_tables)
def test_proceeds_for_is_the_smallest_exit_that_pays_the_amount(data: st.DataObject, rows: list[Cells]) -> None:
    """Just above it the payee gets it, or more after a jump, and at no lower exit."""
    solver = ready(rows)
    i = data.draw(st.integers(0, len(rows) - 1))
    amount = floor(paid(solver, data.draw(exits(rows)))[i])
    assume(amount > 0)
    found = solver.proceeds_for(Decimal(amount), [i + 1])
    assert found is not None
    at = Fraction(found)
    assert paid(solver, at + TINY)[i] >= amount - TINY
    for lower in [at - 2 * TINY, at - CENT, *(at * k / 8 for k in range(8))]:
        assert paid(solver, max(lower, Fraction(0)))[i] < amount


@examples(40)
@given(any_tables)
def test_converts_at_is_where_the_detail_says_so_first(rows: list[Cells]) -> None:
    """At that exit and at lower ones it does not convert, just above it does; or it never does."""
    solver = ready(rows)
    top = 2 * max([Decimal(10**5), *(point.proceeds for point in solver.breakpoints())])
    for i, row in enumerate(rows):
        at = solver.converts_at(i + 1)
        below = [Decimal(0), top] if at is None else [at * k / 8 for k in range(8)]
        assert not any(solver.shares(proceeds, cents=False)[i].converts for proceeds in below), row
        if at is not None:
            assert not solver.shares(max(at - decimal(TINY), Decimal(0)), cents=False)[i].converts, row
            assert solver.shares(at + decimal(TINY), cents=False)[i].converts, row


@examples(60)
@given(any_tables, st.lists(st.decimals(0, 6000, places=2), min_size=1, max_size=4), st.booleans())
def test_stages_pay_the_difference_the_whole_makes(rows: list[Cells], payments: list[Decimal], cents: bool) -> None:
    """The takes of a payment add up to it, and all takes so far are what the proceeds so far pay."""
    solver = ready(rows)
    so_far, taken = Decimal(0), [Fraction(0)] * len(rows)
    for payment, takes in zip(payments, solver.stages(payments, cents=cents), strict=True):
        so_far += payment
        taken = [one + Fraction(take) for one, take in zip(taken, takes, strict=True)]
        assert abs(sum(map(Fraction, takes)) - Fraction(payment)) < NEAR
        assert near(taken, [Fraction(payout) for payout in solver.payouts(so_far, cents=cents)])
