"""The golden table: calls and their answers, which every host must give alike, and how an answer is compared."""

from __future__ import annotations

import datetime as dt
from typing import Any

from xlcap.cells import CellError, serial
from xlcap.errors import XlcapError
from xlcap.hosts.golden import Call, calls
from xlcap.shipped import golden_table

__all__ = ["ABOUT_ITSELF", "TABLE", "Call", "calls", "difference", "same"]

TABLE = golden_table()
ABOUT_ITSELF = frozenset({"XLCAP_REASON"})
"""Functions that answer about the session they run in, and so have no one answer."""


def same(answer: Any, expected: Any) -> bool:
    """Whether a host's answer is the one expected; see ``difference``."""
    return difference(answer, expected) is None


def difference(answer: Any, expected: Any) -> str | None:
    """What is different about an answer, in words; nothing if it is the one expected.

    An answer is a cell or rows of cells, one row of one cell being that cell. Numbers agree to twelve digits; a date
    may be a date or its serial number (since 1900), a blank an empty text, an error an ``XlcapError``, a ``CellError``
    or the text a cell shows for it.
    """
    rows, wanted = _rows(answer), _rows(expected)
    sizes = [(len(grid), len(grid[0])) for grid in (rows, wanted)]
    if sizes[0] != sizes[1]:
        return f"{_size(sizes[1])} expected; found {_size(sizes[0])}, beginning with {rows[0][0]!r}"
    for r, (row, line) in enumerate(zip(rows, wanted, strict=True), 1):
        for c, (cell, told) in enumerate(zip(row, line, strict=True), 1):
            if not _alike(cell, told):
                place = f"row {r}, column {c}: " if sizes[0] != (1, 1) else ""
                return f"{place}{told!r} expected; found {cell!r}"
    return None


def _rows(told: Any) -> list[Any]:
    return list(told) if isinstance(told, list | tuple) else [[told]]


def _size(size: tuple[int, int]) -> str:
    return f"{size[0]} x {size[1]} cells"


def _alike(cell: Any, told: Any) -> bool:
    if isinstance(told, dict) and "error" in told:
        if isinstance(cell, XlcapError):
            return bool(cell.code == told["error"] and told.get("says", "") in str(cell))
        return bool((cell.code if isinstance(cell, CellError) else cell) == told["error"])
    if isinstance(told, dict):
        day = dt.date.fromisoformat(told["date"])
        if isinstance(cell, dt.date):
            return cell == (dt.datetime.combine(day, dt.time()) if isinstance(cell, dt.datetime) else day)
        return _is_number(cell) and bool(cell == serial(day))
    if told is None:
        return cell is None or cell == ""
    if isinstance(told, bool | str):
        return isinstance(cell, type(told)) and bool(cell == told)
    return _is_number(cell) and abs(cell - told) <= 1e-12 * max(1, abs(told))


def _is_number(cell: Any) -> bool:
    return isinstance(cell, int | float) and not isinstance(cell, bool)
