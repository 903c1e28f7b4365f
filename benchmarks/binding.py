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
            ask(*(read(cell) for cell in (20.0, 2.0)))

    def alone() -> None:
        with localcontext(CONTEXT):
            for _ in range(CALLS):
                run(price=Decimal(20), ratio=Decimal(2))

    through, itself = side_by_side(bound, alone)
    line(f"binding of {CALLS:,} one-value calls", through - itself, "budget", CALLS * 0.05)


def read(cell: object) -> object:
    """What our stage of xlwings' reading does to an argument of one cell."""
    context = SimpleNamespace(range=None, value=[[cell]])
    udfs._finish(context)  # type: ignore[arg-type]
    return context.value


def sheet() -> None:
    """Each cell hands the whole table over anew, as Excel does, and asks for another day."""
    first = dt.datetime(2003, 8, 1)
    table: list[list[object]] = [["event", "date", "ratio"]]
    table += [["split", first + dt.timedelta(days=9 * n), 1.01 if n % 2 else 0.99] for n in range(EVENTS)]
    ask = udfs.CONVERSION_PRICE

    def fill() -> None:
        for n in range(CELLS):
            ask([["PRICESMART-B"]], [list(row) for row in table], [[first + dt.timedelta(days=n % 2000)]])

    line(f"{CELLS:,} prices over one table", side_by_side(fill, rounds=3)[0], "budget", 2000.0)


if __name__ == "__main__":
    measure()
