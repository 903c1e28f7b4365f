"""Any number of exits at once: every stretch of the waterfall as floats, among which an exit is one look-up."""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
import math
from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from xlcap.captable import Holding
from xlcap.cells import Cell, as_number, found, is_blank
from xlcap.engine.claims import total
from xlcap.engine.exits import Exits
from xlcap.errors import XlcapError
from xlcap.events import Event
from xlcap.frames.asking import bind
from xlcap.frames.cells import series_cells
from xlcap.functions.registry import call_declared, find
from xlcap.functions.waterfall import places_of, ready_for
from xlcap.prices import Quote
from xlcap.terms import Terms

if TYPE_CHECKING:
    import numpy
    import pandas

    Floats = numpy.ndarray[tuple[int], numpy.dtype[numpy.float64]]
    Grid = numpy.ndarray[tuple[int, int], numpy.dtype[numpy.float64]]


def payouts(
    proceeds: Any,
    cap_table: Any,
    *,
    payee: str | None = None,
    qualified_event: bool = False,
    terms: Any = None,
    strike_money: str = "added",
    events: Any = None,
    as_of: Any = None,
    prices: Any = None,
    by: str = "row",
) -> pandas.DataFrame:
    """What a cap table's rows get at each of many exits, as WATERFALL has it, in floats and not rounded to cents.

    ``proceeds`` is a Series, an array, a list or one number; all else is given as to ``ask``. The frame has a row for
    each exit, with its index, and the columns of WATERFALL at several exits. A figure differs from the exact one by
    less than 1e-9 of itself, or 1e-14 of the exit. The cap table is worked out once, and not again while its content is
    the same.

    Errors: as for WATERFALL; an exit that is blank, negative or infinite, with its place, counted from 1.

    >>> cap_table = {"class": ["Common", "Series B"], "kind": ["common", "preferred"], "shares": [7e6, 20e3],
    ...              "terms": [None, "PRICESMART-B"], "conversion_price": [None, 20]}
    >>> payouts([20e6, 160e6, 200e6], cap_table)
          Proceeds       Common    Series B
    0   20000000.0          0.0  20000000.0
    1  160000000.0  140000000.0  20000000.0
    2  200000000.0  175000000.0  25000000.0
    """
    import pandas

    exits, index = _exits(proceeds)
    waterfall = find("WATERFALL")
    asked = tuple(one for one in waterfall.arguments if one.name not in ("proceeds", "rounding"))
    options = {
        "cap_table": cap_table, "payee": payee, "qualified_event": qualified_event, "terms": terms,
        "strike_money": strike_money, "events": events, "as_of": as_of, "prices": prices, "by": by,
    }  # fmt: skip
    declared = dataclasses.replace(waterfall, arguments=asked, run=_in_bulk)
    bulk = cast(Bulk, call_declared(declared, bind(declared, options)))
    return pandas.DataFrame(bulk.at(exits).T, index=index, columns=["Proceeds", *bulk.names], copy=False)


def _in_bulk(
    cap_table: tuple[Holding, ...],
    payee: str | None,
    qualified_event: bool,
    terms: Terms | None,
    strike_money: str,
    events: tuple[Event, ...],
    as_of: dt.date | None,
    prices: tuple[Quote, ...],
    by: str,
) -> Bulk:
    """What stands in WATERFALL's place."""
    ready = ready_for(cap_table, qualified_event, terms, strike_money, events, as_of, prices)
    groups = places_of(cap_table, payee, by)
    return _made(ready, tuple((name, tuple(places)) for name, places in groups.items()))


@lru_cache(maxsize=64)
def _made(exits: Exits, groups: tuple[tuple[str, tuple[int, ...]], ...]) -> Bulk:
    return Bulk(exits, groups)


def _exits(proceeds: Any) -> tuple[Floats, pandas.Index[Any]]:
    """The exits as floats, each of them one that can be, and the index they came with."""
    import numpy
    import pandas

    where = "argument 'proceeds'"
    try:
        if isinstance(proceeds, pandas.DataFrame):
            proceeds = proceeds.squeeze(axis="columns")
        given = pandas.Series([proceeds] if pandas.api.types.is_scalar(proceeds) else proceeds)
    except (TypeError, ValueError):
        raise XlcapError("a number or one column of numbers is expected", where=where) from None
    if given.dtype.kind in "iuf":
        values = given.to_numpy(dtype=float, na_value=math.nan)
    else:
        values = numpy.array([_exit(held, f"{where} row {i}") for i, held in enumerate(series_cells(given), 1)], float)
    for i in numpy.flatnonzero(~((values >= 0) & (values < math.inf)))[:1]:
        value = float(values[i])
        code = "#NUM!" if value < 0 else "#VALUE!"
        raise XlcapError(
            f"must be a number of zero or more; found {found(value)}", where=f"{where} row {i + 1}", code=code
        )
    return values, given.index


def _exit(value: Cell, where: str) -> float:
    try:
        return math.nan if is_blank(value) else float(as_number(value))
    except XlcapError as error:
        raise error.at(where) from None


class _Line(NamedTuple):
    """What one payee gets, stretch by stretch: first + slope d + curved d / (1 + curve d)."""

    first: Floats
    slope: Floats
    curved: Floats


class Bulk:
    """The stretches of a waterfall as floats, for payees that are each some of its rows."""

    def __init__(self, exits: Exits, groups: Sequence[tuple[str, Sequence[int]]]) -> None:
        import numpy

        stretches = exits.stretches
        starts = [stretch.start for stretch in stretches]
        edges = [float(starts[0])]
        for below, one in itertools.pairwise(stretches):
            edges.append(float(one.start) if below.meets(one) else _edge(one.start, one.closed))
        self.names = [name for name, _ in groups]
        self._edges = numpy.maximum.accumulate(numpy.array(edges))
        # a start in two floats, so that what is left of an exit just above it keeps its digits
        self._start = numpy.array([float(start) for start in starts])
        self._rest = numpy.array([float(start - Fraction(float(start))) for start in starts])
        self._curve = numpy.array([float(stretch.curve) for stretch in stretches])
        self._lines = [
            _Line(*(
                numpy.array([float(total(values[i] for i in places)) for values in column])
                for column in zip(*((one.first, one.slope, one.curved) for one in stretches), strict=True)
            ))
            for _, places in groups
        ]  # fmt: skip

    def at(self, exits: Floats) -> Grid:
        """The exits, and below them what each payee gets."""
        import numpy

        paid = numpy.empty((len(self._lines) + 1, len(exits)))
        paid[0] = exits
        for start in range(0, len(exits), _BLOCK):
            self._fill(paid[:, start : start + _BLOCK])
        return paid

    def _fill(self, paid: Grid) -> None:
        import numpy

        exits = paid[0]
        at = numpy.searchsorted(self._edges, exits, side="right") - 1
        above = exits - self._start[at]
        above -= self._rest[at]
        numpy.maximum(above, 0, out=above)
        bent = above / (1 + self._curve[at] * above) if self._curve.any() else None
        for line, row in zip(self._lines, paid[1:], strict=True):
            numpy.multiply(line.slope[at], above, out=row)
            row += line.first[at]
            if bent is not None:
                row += line.curved[at] * bent


_BLOCK = 1 << 14
"""So many exits at a time stay in the processor's cache."""


def _edge(start: Fraction, closed: bool) -> float:
    """The least float that WATERFALL, to the 15 digits it reads, takes for an exit above a jump."""

    def is_above(number: float) -> bool:
        read = Fraction(as_number(number))
        return read >= start if closed else read > start

    number = float(start)
    while is_above(number):
        number = math.nextafter(number, 0)
    while not is_above(number):
        number = math.nextafter(number, math.inf)
    return number
