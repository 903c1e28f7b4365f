"""The waterfall against its budgets, and against solvers that repeat the decisions until nothing changes."""

from __future__ import annotations

import itertools
import math
import time
from decimal import Decimal, localcontext
from typing import Any

import numpy
from iterating import Row, solve, solve_many
from timing import ROUNDS, line, side_by_side

from xlcap.captable import read_cap_table
from xlcap.engine.waterfall import Waterfall
from xlcap.frames import payouts
from xlcap.functions import call
from xlcap.numbers import CONTEXT

CLASSES = 12
EXITS = 1_000_000
SAMPLE, LARGER_SAMPLE = 300, 20_000
HEADER = ["class", "kind", "shares", "seniority", "preference", "conversion_price", "participation", "cap", "strike"]


def cap_table(count: int, shift: int = 0, *, awkward: bool = False) -> list[list[Any]]:
    """So many classes of every kind, three to a rank; awkward conversion prices make no whole numbers of shares."""
    rows: list[list[Any]] = [HEADER, ["Common", "common", 8_000_000 + shift, *[None] * 6]]
    for n in range(count - 1):
        if n % 6 == 5:
            rows.append([f"Options {n}", "option", 100_000 + n, *[None] * 5, 0.5 + n / 100])
            continue
        shares, price = 500_000 + 1000 * n, 1 + n / 8
        converting = round(price * 0.87 - n % 7 / 500, 4) if awkward else price
        sharing, cap = {2: ("full", None), 3: ("capped", (2 + n % 3) * shares * price)}.get(n % 6, (None, None))
        rows.append([f"Series {n}", "preferred", shares, 1 + n // 3, shares * price, converting, sharing, cap, None])
    return rows


def as_rows(table: list[list[Any]]) -> list[Row]:
    """The same classes as the references take them."""
    return [
        Row(preference / price, preference, rank, sharing is not None, cap or math.inf)
        if kind == "preferred"
        else Row(shares, strike=strike)
        for _, kind, shares, rank, preference, price, sharing, cap, strike in table[1:]
    ]


def one_exit() -> None:
    """One exit of 12 classes through the function: a cap table never seen before, and one seen again."""
    unseen = iter([cap_table(CLASSES, shift) for shift in range(1, ROUNDS * 10 + 2)])
    table, exits = cap_table(CLASSES), itertools.count(50_000_000, 10_000)
    first_ms, again_ms = side_by_side(
        lambda: call("WATERFALL", [50_000_000, next(unseen)]),
        lambda: call("WATERFALL", [next(exits), table]),
        rounds=ROUNDS * 10,
    )
    line(f"one exit, {CLASSES} classes, first time", first_ms, "budget", 3.0)
    line("   the same cap table again", again_ms, "budget", 0.2)


def many_exits() -> None:
    """A million exits from Python, against the references on some of them; first of all, the answers are the same."""
    table, exits = cap_table(CLASSES), numpy.random.default_rng(1).uniform(0, 200e6, EXITS)
    rows = as_rows(table)
    some, more = exits[:SAMPLE], exits[:LARGER_SAMPLE]
    ours = payouts(more, table).to_numpy()[:, 1:]
    assert numpy.allclose(ours[:SAMPLE], [solve(float(proceeds), rows) for proceeds in some], rtol=1e-9, atol=1e-3)
    assert numpy.allclose(ours, solve_many(more, rows).T, rtol=1e-9, atol=1e-3)
    ours_ms, one_by_one_ms, together_ms = side_by_side(
        lambda: payouts(exits, table),
        lambda: [solve(float(proceeds), rows) for proceeds in some],
        lambda: solve_many(more, rows),
        rounds=5,
    )
    line(f"{EXITS:,} exits, {CLASSES} classes", ours_ms, "budget", 500.0)
    line("   the same", ours_ms, f"iterating (of {SAMPLE})", one_by_one_ms / SAMPLE * EXITS)
    line("   the same", ours_ms, f"iterating, numpy (of {LARGER_SAMPLE:,})", together_ms / LARGER_SAMPLE * EXITS)


def breakpoints() -> None:
    """1,000 classes: the breakpoints, and what comes before and after them."""
    for awkward in (False, True):
        tables = [cap_table(1000, shift, awkward=awkward) for shift in range(ROUNDS + 1)]
        unread, read = iter(tables), iter([read_cap_table(table) for table in tables])

        def built() -> None:
            with localcontext(CONTEXT):
                Waterfall(next(read)).bends()  # noqa: B023

        read_ms, built_ms = side_by_side(lambda: read_cap_table(next(unread)), built)  # noqa: B023
        line(f"1,000 classes, {'awkward prices' if awkward else 'whole shares'}", built_ms, "budget", 20.0)
        print(f"   reading the table {read_ms:17.2f} ms")
    solved = Waterfall(read_cap_table(cap_table(1000)))
    start = time.perf_counter()
    found = solved.breakpoints()
    told = time.perf_counter() - start
    cells = sum(len(point.next_dollar) for point in found)
    print(f"   in sentences, with each share {told:5.2f} s    {len(found):,} breakpoints, {cells:,} shares of a dollar")


def growth() -> None:
    """How the cost grows: n log n to build, log n for the value of a share at an exit, n to pay all."""
    print("classes   breakpoints   a class and log n     one exit   per log n    paid to all")
    for count in (10, 100, 1000, 10_000):
        tables = [read_cap_table(cap_table(count, shift)) for shift in range(4)]
        unsolved = iter(tables)

        def build() -> None:
            with localcontext(CONTEXT):
                Waterfall(next(unsolved)).bends()  # noqa: B023

        solved = Waterfall(tables[0])
        at = solved.bends()[-1][0] / 2
        course = solved.course(at)
        build_ms, *_ = side_by_side(build, rounds=3)
        value_ms, paid_ms = side_by_side(lambda: course.value(at), lambda: solved.payouts(Decimal(int(at))))  # noqa: B023
        log = math.log2(count)
        print(
            f"{count:7,}   {build_ms:8.2f} ms   {build_ms / count / log * 1000:14.2f} µs   {value_ms * 1000:8.1f} µs"
            f"   {value_ms * 1000 / log:6.1f} µs   {paid_ms:8.2f} ms"
        )


def measure() -> None:
    """All of it."""
    one_exit()
    many_exits()
    breakpoints()
    growth()


if __name__ == "__main__":
    measure()
