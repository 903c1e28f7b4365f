"""Lines of JSON in, lines of JSON out: the functions for programs that are not spreadsheets.

A question is a JSON array of arguments: a range is an array of rows, a date a text in ISO form, a blank ``null``, an
error that a cell shows ``{"error": "#N/A"}`` or its text. An answer is ``{"value": ...}`` in the same form, or
``{"error": {"code", "message", "where"}}``. Every line that is not blank is answered by one line, in order.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from xlcap.cells import CellError
from xlcap.errors import EXCEL_ERRORS, XlcapError
from xlcap.functions import call

_LARGEST = 308  # a power of ten no cell can exceed


def answers(name: str, lines: Iterable[str | bytes]) -> Iterator[str]:
    """The answer of function ``name`` to each line, a blank line aside.

    >>> for told in answers("SPLIT_ADJUSTED_PRICE", ["[20, 2]", "[20, 0]"]):
    ...     print(told)
    {"value": 10.0}
    {"error": {"code": "#NUM!", "message": "must be above zero; found 0", "where": "ratio"}}
    """
    return (answer(name, line) for line in lines if line.strip())


def answer(name: str, line: str | bytes) -> str:
    """One line's answer. What is wrong with the line, or with the question, is the answer; nothing is raised for it."""
    try:
        return json.dumps({"value": _told(call(name, _arguments(line)))}, allow_nan=False)
    except XlcapError as error:
        return _refusal(error)
    except Exception as bug:  # a fault of ours in one answer must not cost the others
        logging.getLogger("xlcap").debug("%s", name, exc_info=True)
        return _refusal(XlcapError(f"this is a bug in xlcap ({type(bug).__name__}: {bug})", where=name))


def _refusal(error: XlcapError) -> str:
    return json.dumps({"error": {"code": error.code, "message": error.message, "where": error.where}})


def _arguments(line: str | bytes) -> list[Any]:
    try:
        given = json.loads(line, parse_float=_number, parse_int=_whole, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise XlcapError(f"the line is not JSON: {error}", where="the line") from None
    if not isinstance(given, list):
        raise XlcapError("a JSON array of arguments is expected, such as [20, 2]", where="the line")
    return [_argument(value) for value in given]


def _number(text: str) -> Decimal:
    number = Decimal(text)
    if number.adjusted() > _LARGEST:
        raise ValueError(f"{text[:20]} is larger than any cell can hold")
    return number


def _whole(text: str) -> int:
    if len(text) > _LARGEST:
        raise ValueError(f"{text[:20]}... is larger than any cell can hold")
    return int(text)


def _no_number(text: str) -> None:
    raise ValueError(f"{text} is not a number a cell can hold")


def _argument(value: Any) -> Any:
    """JSON as cells; an object is an error that a cell shows, and nothing else."""
    if isinstance(value, list):
        return [_argument(item) for item in value]
    if isinstance(value, dict):
        code = value.get("error")
        if len(value) != 1 or code not in EXCEL_ERRORS:
            raise XlcapError('an object can only be an error, such as {"error": "#N/A"}', where="the line")
        return CellError(code)
    return value


def _told(value: Any) -> Any:
    """An answer as JSON. A scalar that is an error is raised; among other cells it stands as ``{"error": code}``."""
    if isinstance(value, list):
        return [[_cell(item) for item in row] for row in value]
    if isinstance(value, CellError):
        raise XlcapError(f"the answer is the error {value.code}", code=value.code)
    return _cell(value)


def _cell(value: Any) -> Any:
    if isinstance(value, CellError):
        return {"error": value.code}
    if isinstance(value, dt.date):
        return value.isoformat()
    return value
