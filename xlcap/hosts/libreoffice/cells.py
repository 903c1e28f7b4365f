"""What Calc hands an add-in function, and takes from it, in the words of ``functions.call``.

Calc gives a range as rows, a blank in it as an empty text, an argument left out as None, and TRUE as 1. A reference to
one blank cell it gives as 0, as to its own functions. Where no argument of the kind can mean 0 (a date, a word, a
table), that is a blank again; elsewhere it is 0, and a range of one cell (``B7:B7``) tells the blank. An answer is rows
of cells, a single one too, save the texts of ``LONE_TEXTS``.

An error cell never arrives: the formula shows its error (one cell), or Err:504 (one within a range).
"""

from __future__ import annotations

import datetime as dt
import struct
from collections.abc import Sequence
from functools import cache
from typing import Any

from xlcap.cells import CellError, serial
from xlcap.errors import XlcapError
from xlcap.functions import Argument, Function, functions
from xlcap.functions.registry import Answer, Value

Grid = tuple[tuple[Any, ...], ...]
"""What Calc takes for an answer."""

_DATE_SYSTEMS = {(1899, 12, 30): 1900, (1904, 1, 1): 1904}
_CALC_ERRORS = {
    "#NUM!": 503,
    "#VALUE!": 519,
    "#NULL!": 521,
    "#REF!": 524,
    "#NAME?": 525,
    "#DIV/0!": 532,
    "#N/A": 0x7FFF,
}
CAN_BE_ZERO = frozenset(
    {
        "number",
        "integer",
        "yes/no",
        "numbers",
        "share counts",
        "number, or one a row",
        "number above zero, or one a row",
    }
)
"""The kinds of argument for which 0 may be meant, if only to be refused."""


@cache
def blanks_unlike_zero() -> dict[str, frozenset[int]]:
    """The arguments, by function and place, that a blank cell in Calc would give another meaning than in Excel."""
    return {
        name: frozenset(
            place
            for place, argument in enumerate(function.arguments)
            if argument.kind.name in CAN_BE_ZERO and argument.default not in (0, (0,))
        )
        for name, function in functions().items()
    }


def date_system(year: int, month: int, day: int) -> int:
    """The date system of a document, from its day zero.

    >>> date_system(1899, 12, 30)
    1900
    """
    try:
        return _DATE_SYSTEMS[year, month, day]
    except KeyError:
        raise XlcapError(
            f"this document counts its dates from {year}-{month:02}-{day:02}; choose 1899-12-30 or 1904-01-01 under "
            "Tools > Options > LibreOffice Calc > Calculate"
        ) from None


def arguments(function: Function, given: Sequence[Any]) -> list[Any]:
    """The arguments of a call, from what Calc gives."""
    return [_argument(*pair) for pair in zip(function.arguments, given, strict=True)]


def _argument(argument: Argument, given: Any) -> Any:
    lone = given[0][0] if isinstance(given, tuple) and len(given) == len(given[0]) == 1 else given
    if lone == 0 and not isinstance(lone, str) and argument.kind.name not in CAN_BE_ZERO:
        return None
    return given


def grid(answer: Answer, date_system_year: int) -> Grid:
    """An answer as Calc takes it.

    >>> grid([["Date", None], [dt.date(2004, 1, 14), True]], 1900)
    (('Date', ''), (38000.0, 1.0))
    """
    rows = answer if isinstance(answer, list) else [[answer]]
    return tuple(tuple(_cell(value, date_system_year) for value in row) for row in rows)


def _cell(value: Value, date_system_year: int) -> Any:
    if value is None:
        return ""  # nothing at all would show as 0
    if isinstance(value, CellError):
        return error_value(value.code)
    if isinstance(value, dt.date):
        return serial(value, date_system_year)
    return float(value) if isinstance(value, int) else value  # Calc would make 1 of either boolean


def error_value(code: str) -> float:
    """An error as Calc keeps it in a cell: the number that is none, with Calc's own number for the error in its low
    half. One that Calc does not have shows as #VALUE!.
    """
    low = _CALC_ERRORS.get(code, _CALC_ERRORS["#VALUE!"])
    return float(struct.unpack("<d", struct.pack("<II", low, 0x7FF80000))[0])
