"""Any function by name, asked as Python asks: arguments by name, frames where it takes tables, frames for tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from xlcap.cells import Cell, is_blank
from xlcap.errors import XlcapError, nearest
from xlcap.frames.cells import cell, frame_of, range_of
from xlcap.functions.registry import Argument, Function, Value, call_declared, find


def ask(name: str, /, **arguments: Any) -> Any:
    """Ask a function by its name, with its arguments by theirs; see ``xlcap functions NAME``.

    Where it takes a table, give a DataFrame (a named index counts as columns), a dict of columns, a list of dicts, or
    rows as a sheet has them, the header first. Where it takes a range of values, a Series, an array or a list; where it
    takes one value and is given several, it is asked for each, and the answer is a Series with the same index. Terms
    are a name, or a dict, Series or DataFrame of fields and values. NaN, NaT, NA and None are blanks, and a blank is
    absent, never zero. A Decimal keeps its digits; of a float the 15 count that Excel shows.

    A table comes back as a DataFrame with its header and blanks as pandas has them, its columns of dates as
    datetime64; a single value as it is. Tables are kept by content: the same again is not read again.

    Errors: XlcapError, and nothing else; rows are counted from 1, the first below the header, whatever the index.

    >>> import pandas
    >>> cap_table = pandas.DataFrame({"class": ["Common", "Series B"], "kind": ["common", "preferred"],
    ...                               "shares": [7e6, 20e3], "terms": [None, "PRICESMART-B"],
    ...                               "conversion_price": [None, 20]})
    >>> ask("WATERFALL", proceeds=200e6, cap_table=cap_table)
          Class       Payout
    0    Common  175000000.0
    1  Series B   25000000.0
    >>> ask("SPLIT_ADJUSTED_PRICE", price=pandas.Series([20, 21], index=["B", "C"]), ratio=2).to_dict()
    {'B': 10.0, 'C': 10.5}
    """
    declared = find(name)
    given = bind(declared, arguments)
    asked = zip(declared.arguments, given, strict=True)
    spread = {one.name: rows for one, rows in asked if one.kind.shape == "each" and isinstance(rows, list)}
    if not spread:
        answer = call_declared(declared, given)
        return _table(answer) if isinstance(answer, list) else answer
    if all(is_blank(held) for rows in spread.values() for row in rows for held in row):
        answer = [[None for _ in row] for row in next(iter(spread.values()))]
    else:
        answer = call_declared(declared, given)
    like = max(spread, key=lambda one: len(spread[one]))
    if not isinstance(answer, list):  # a range of one value
        answer = [[answer]]
    elif len(answer) != len(spread[like]):  # one value, and a table for it
        return _table(answer)
    return _like(arguments[like], answer)


def bind(declared: Function, arguments: Mapping[str, Any]) -> list[Cell | list[list[Cell]]]:
    """Arguments by name, in the order of the declaration and as cells."""
    known = [argument.name for argument in declared.arguments]
    for name in arguments:
        if name not in known:
            close = nearest(name, known)
            hint = f"did you mean '{close}'?" if close else f"its arguments are {', '.join(known)}"
            raise XlcapError(f"has no argument '{name}'; {hint}", where=declared.name)
    return [_cells(argument, arguments.get(argument.name)) for argument in declared.arguments]


def _cells(argument: Argument, value: Any) -> Cell | list[list[Cell]]:
    import pandas

    terms = argument.kind.name == "terms"
    if terms and isinstance(value, Mapping | pandas.Series):
        return [[field, cell(held)] for field, held in value.items()]
    rows = range_of(value, header=terms or argument.kind.columns is not None)
    return cell(value) if rows is None else rows


def _table(rows: list[list[Value]]) -> Any:
    """A table as a frame; one column without a header as a series."""
    if all(isinstance(name, str) for name in rows[0]):
        return frame_of(rows[1:], header=rows[0])
    return _like(None, rows)


def _like(asked: Any, rows: list[list[Value]]) -> Any:
    """Answers in the shape they were asked for: a frame or a series, with the index of the question."""
    import pandas

    if isinstance(asked, pandas.DataFrame):
        return frame_of(rows, header=asked.columns, index=asked.index)
    frame = frame_of(rows, index=asked.index if isinstance(asked, pandas.Series) else None)
    if frame.shape[1] > 1:
        return frame
    return frame.iloc[:, 0].rename(None) if rows else pandas.Series(index=frame.index, dtype=object)
