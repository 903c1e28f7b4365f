"""What our side of a call from Excel costs, Excel and xlwings left out: `python benchmarks/binding.py`."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal, localcontext
from types import SimpleNamespace

from timing import line, side_by_side

from xlcap import udfs
from xlcap.functions import functions
from xlcap.numbers import CONTEXT

CALLS, CELLS, EVENTS = 1000, 10_000, 200
FIRST = dt.datetime(2003, 8, 1)


def measure() -> None:
    """One value asked, and a sheet of prices that share one events table, against their budgets."""
    scalar()
    sheet()


def scalar() -> None:
    """A thousand calls through the binding, less a thousand of the function alone."""
    run = functions()["SPLIT_ADJUSTED_PRICE"].run
    ask = udfs.SPLIT_ADJUSTED_PRICE

    def bound() -> None:
        for _ in range(CALLS):
            ask(read([[20.0]]), read([[2.0]]))

    def alone() -> None:
        with localcontext(CONTEXT):
            for _ in range(CALLS):
                run(price=Decimal(20), ratio=Decimal(2))

    through, itself = side_by_side(bound, alone)
    line(f"binding of {CALLS:,} one-value calls", through - itself, "budget", CALLS * 0.05)


def read(rows: list[list[object]]) -> object:
    """What our stage of xlwings' reading does to an argument."""
    context = SimpleNamespace(range=None, value=rows)
    udfs._finish(context)  # type: ignore[arg-type]
    return context.value


def sheet() -> None:
    """Each cell hands the whole table over anew, as Excel does, and asks for another day."""

    def fill() -> None:
        for n in range(CELLS):
            udfs.CONVERSION_PRICE(*map(read, given(n)))

    def hand_over() -> None:
        for n in range(CELLS):
            given(n)

    through, itself = side_by_side(fill, hand_over, rounds=5)
    line(f"{CELLS:,} prices over one table", through - itself, "budget", 2000.0)


def given(n: int) -> tuple[list[list[object]], ...]:
    """What the n-th cell asks, no text, day or number among it being an object that Python has met before."""
    events: list[list[object]] = [["event", "date", "ratio"]]
    events += [
        [str(b"split", "ascii"), FIRST + dt.timedelta(days=9 * e), 1 + (0.01 if e % 2 else -0.01)]
        for e in range(EVENTS)
    ]
    return [["PRICESMART-B"]], events, [[FIRST + dt.timedelta(days=n % 2000)]]


if __name__ == "__main__":
    measure()
