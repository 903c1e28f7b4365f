"""What pandas, numpy and plain Python hold, as cells; and cells as frames."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from xlcap.cells import Cell
from xlcap.functions.registry import Value

if TYPE_CHECKING:
    import pandas


def frame_columns(frame: pandas.DataFrame) -> tuple[list[Cell], list[list[Cell]]]:
    """A frame's header, and the cells of its columns; a named index counts as columns."""
    named = [name for name in frame.index.names if name is not None]
    frame = frame.reset_index(level=named) if named else frame
    return list(frame.columns), [series_cells(frame.iloc[:, i]) for i in range(frame.shape[1])]


def frame_rows(frame: pandas.DataFrame, *, header: bool) -> list[list[Cell]]:
    """A frame as rows of cells, below its header or without it; its index then only numbers them."""
    if not header:
        frame = frame.reset_index(drop=True)
    names, columns = frame_columns(frame)
    return [*([names] if header else []), *map(list, zip(*columns, strict=True))]


def series_cells(series: pandas.Series[Any]) -> list[Cell]:
    """A series as cells; what it has for missing is a blank."""
    import pandas

    blank = series.isna()
    if pandas.api.types.is_float_dtype(series.dtype):
        # The shortest text of a float of any width: 0.1 in 32 bits is 0.1, not 0.10000000149.
        dtype: Any = getattr(series.dtype, "numpy_dtype", series.dtype)
        values = series.to_numpy(dtype=dtype, na_value=math.nan)
        return [None if empty else float(str(value)) for value, empty in zip(values, blank, strict=True)]
    return [None if empty else _plain(value) for value, empty in zip(series, blank, strict=True)]


def cell(value: object) -> Cell:
    """One value of any library as a cell."""
    if type(value) in _PLAIN:
        return value
    import pandas

    return series_cells(pandas.Series([value]))[0] if pandas.api.types.is_scalar(value) else value


_PLAIN = (type(None), str, int, float, bool, Decimal, dt.date, dt.datetime)


def _plain(value: object) -> Cell:
    """A value without pandas' or numpy's wrapping."""
    if isinstance(value, dt.datetime):
        to_plain = getattr(value, "to_pydatetime", None)
        return to_plain(warn=False) if to_plain else value
    item = getattr(value, "item", None)
    return item() if item else value


def range_of(value: Any, *, header: bool) -> list[list[Cell]] | None:
    """Whatever holds several values as rows of cells; None for a single value.

    With a ``header`` a frame's columns, or a mapping's names, are the first row. Lists of lists are rows as they stand.
    """
    import pandas

    if isinstance(value, Mapping) or _records(value):
        value = pandas.DataFrame(value)
    elif getattr(value, "ndim", 0) == 2 and not isinstance(value, pandas.DataFrame):
        return frame_rows(pandas.DataFrame(value), header=False)
    if isinstance(value, pandas.DataFrame):
        return frame_rows(value, header=header)
    if isinstance(value, pandas.Series | pandas.Index) or getattr(value, "ndim", 0) == 1:
        return [[held] for held in series_cells(pandas.Series(value))]
    if isinstance(value, list | tuple | range):
        return [[*map(cell, row)] if isinstance(row, list | tuple) else [cell(row)] for row in value]
    return None


def _records(value: object) -> bool:
    return isinstance(value, list | tuple) and bool(value) and all(isinstance(row, Mapping) for row in value)


def frame_of(rows: Sequence[Sequence[Value]], header: Any = None, index: Any = None) -> pandas.DataFrame:
    """Rows of cells as a frame; a column of dates becomes one that pandas knows as dates."""
    import pandas

    frame = pandas.DataFrame(rows, columns=header, index=index)
    for i, column in enumerate(zip(*rows, strict=True)):
        if {type(value) for value in column} - {type(None)} == {dt.date}:
            frame.isetitem(i, pandas.Series(column, dtype="datetime64[s]").array)
    return frame
