"""Linked conversions (Valuestar D.11(i)) against brute force over every decision, on small tables."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from exit_oracle import Exit, Settling
from exit_rows import CONVERT, Row, as_rows
from exits import table
from hypothesis import given, settings
from hypothesis import strategies as st

from xlcap.captable import read_cap_table
from xlcap.engine.waterfall import Waterfall

NEAR = Fraction(1, 10**30)
BASE = Decimal("17.50")


@st.composite
def linked_tables(draw: st.DrawFn) -> list[dict[str, Any]]:
    """A common class, Series A in one or two rows, one or two of Series B, which follow it, and up to two others."""
    rows: list[dict[str, Any]] = [{"class": "Common", "kind": "common", "shares": draw(st.integers(1, 500))}]
    ranks = [draw(st.integers(1, 3)) for _ in range(3)]
    words = [draw(st.sampled_from(["none", "full", "capped"])) for _ in range(3)]
    rows += [leading(draw, f"holder {i}", ranks[0], words[0]) for i in range(draw(st.integers(1, 2)))]
    rows += [following(draw, f"holder {i}", ranks[1], words[1]) for i in range(draw(st.integers(1, 2)))]
    if draw(st.booleans()):
        rows.append({**leading(draw, None, ranks[2], words[2]), "class": "Other"})
    if draw(st.booleans()):
        rows.append({"class": "Options", "kind": "option", "shares": draw(st.integers(1, 300)),
                     "strike": draw(st.integers(0, 9))})  # fmt: skip
    return rows


def leading(draw: st.DrawFn, holder: str | None, rank: int, word: str) -> dict[str, Any]:
    """A row of Series A, whose terms the cap table states in dollars."""
    preference = draw(st.integers(1, 2000))
    cap = preference * draw(st.integers(1, 4)) if word == "capped" else None
    return {"class": "Series A", "holder": holder, "kind": "preferred", "shares": 1, "seniority": rank,
            "preference": preference, "as_converted": draw(st.integers(1, 500)), "participation": word,
            "cap": cap}  # fmt: skip


def following(draw: st.DrawFn, holder: str, rank: int, word: str) -> dict[str, Any]:
    """A row of Series B, under the certificate, with dividends declared or without."""
    shares, accrued = draw(st.integers(1, 100)), draw(st.integers(0, 5))
    cap = (BASE + accrued) * shares * draw(st.integers(1, 3)) if word == "capped" else None
    return {"class": "Series B", "holder": holder, "kind": "preferred", "shares": shares, "seniority": rank,
            "terms": "VALUESTAR-B", "conversion_price": draw(st.sampled_from(["1.75", "3.5", "17.5", "35"])),
            "accrued": accrued, "participation": word, "cap": cap}  # fmt: skip


def rows_of(table: Sequence[dict[str, Any]]) -> list[Row]:
    """The same rows for the brute force, which knows no certificate."""
    return [following_row(cells) if cells["class"] == "Series B" else as_rows([cells])[0] for cells in table]


def following_row(cells: dict[str, Any]) -> Row:
    """A row of Series B: 17.50 and the dividends declared, which are paid in cash to a share that converts."""
    declared = Fraction(cells["accrued"] * cells["shares"])
    base = Fraction(BASE) * cells["shares"]
    return Row(
        "preferred",
        "Series B",
        cells["holder"],
        owed=base + declared,
        rank=Fraction(cells["seniority"]),
        shares=base / Fraction(cells["conversion_price"]),
        participates=cells["participation"] in ("full", "capped"),
        cap=Fraction(cells["cap"]) if cells["cap"] else None,
        kept=declared,
        converts_with="Series A",
    )


def ready(rows: Sequence[dict[str, Any]]) -> Waterfall:
    """The solver over the same rows."""
    return Waterfall(read_cap_table(table(*rows)))


@settings(max_examples=150, deadline=None)
@given(rows=linked_tables(), proceeds=st.integers(0, 12000))
def test_the_leading_class_takes_the_better_course(rows: list[dict[str, Any]], proceeds: int) -> None:
    """Of "Series A stays" and "A and B convert", each with everybody else at rest, the one that pays A more."""
    (expected,) = Exit(Fraction(proceeds), rows_of(rows)).answers()
    answer = ready(rows).shares(Decimal(proceeds), cents=False)
    assert all(abs(Fraction(share.payout) - e) < NEAR for share, e in zip(answer, expected.payouts, strict=True))


@settings(max_examples=100, deadline=None)
@given(rows=linked_tables(), proceeds=st.decimals(0, 12000, places=2))
def test_money_is_conserved(rows: list[dict[str, Any]], proceeds: Decimal) -> None:
    """What is paid is the proceeds, exactly and in cents."""
    solver = ready(rows)
    assert abs(sum(map(Fraction, solver.payouts(proceeds, cents=False))) - Fraction(proceeds)) < NEAR
    assert sum(solver.payouts(proceeds)) == proceeds


@settings(max_examples=100, deadline=None)
@given(rows=linked_tables())
def test_breakpoints_are_all_there_are(rows: list[dict[str, Any]]) -> None:
    """Between neighbouring breakpoints every payout is a straight line; only at one of them does it jump."""
    solver = ready(rows)
    points = [Fraction(0), *(Fraction(point.proceeds) for point in solver.breakpoints())]
    for low, high in itertools.pairwise([*points, points[-1] + 1000, points[-1] + 100000]):
        if high - low < Fraction(1, 10**6):
            continue
        at = [low + (high - low) * k / 16 for k in (1, 8, 15)]
        first, second, third = (solver.payouts(Decimal(x.numerator) / Decimal(x.denominator), cents=False) for x in at)
        for a, b, c in zip(first, second, third, strict=True):
            assert abs(a + c - 2 * b) < Decimal("1e-12")


@settings(max_examples=60, deadline=None)
@given(rows=linked_tables(), exits=st.lists(st.integers(0, 12000), min_size=2, max_size=6))
def test_the_leading_class_never_loses_by_a_higher_exit(rows: list[dict[str, Any]], exits: list[int]) -> None:
    """Others may fall where it converts; what it gets itself rises with the proceeds."""
    solver = ready(rows)
    leaders = [i for i, row in enumerate(rows) if row["class"] == "Series A"]
    got = [sum(Fraction(solver.payouts(Decimal(x), cents=False)[i]) for i in leaders) for x in sorted(exits)]
    assert all(a <= b + NEAR for a, b in itertools.pairwise(got))


@settings(max_examples=100, deadline=None)
@given(rows=linked_tables(), exits=st.lists(st.integers(0, 12000), min_size=1, max_size=4))
def test_without_the_leading_class_payouts_never_fall(rows: list[dict[str, Any]], exits: list[int]) -> None:
    """Series B, dividends paid in cash on conversion included, is then at rest with everybody, and nobody falls."""
    rows = [row for row in rows if row["class"] != "Series A"]
    solver = ready(rows)
    before = [Fraction(0)] * len(rows)
    for proceeds in sorted(exits):
        now = [Fraction(paid) for paid in solver.payouts(Decimal(proceeds), cents=False)]
        (expected,) = Exit(Fraction(proceeds), rows_of(rows)).answers()
        assert all(abs(a - b) < NEAR for a, b in zip(now, expected.payouts, strict=True))
        assert all(a <= b + NEAR for a, b in zip(before, now, strict=True))
        before = now


@settings(max_examples=60, deadline=None)
@given(rows=linked_tables(), proceeds=st.integers(0, 12000))
def test_a_qualified_event_converts_both_classes(rows: list[dict[str, Any]], proceeds: int) -> None:
    """Series A and B convert whatever it brings them; everybody else decides."""
    fixed = {i: CONVERT for i, row in enumerate(rows) if row["class"] in ("Series A", "Series B")}
    solver = Waterfall(read_cap_table(table(*rows)), qualified_event=True)
    now = [Fraction(paid) for paid in solver.payouts(Decimal(proceeds), cents=False)]
    (expected,) = Settling(Exit(Fraction(proceeds), rows_of(rows)), fixed).settled()
    assert all(abs(a - b) < NEAR for a, b in zip(now, expected.payouts, strict=True))
