"""The golden table: calls and their answers, which every host must give alike.

The tests see to that where a host can be run, ``xlcap addin selftest`` where it cannot.

``golden.json`` holds one record a line: ``id``, ``function``, ``args``, ``expect``, and ``worked``, which is true where
the answer is a figure worked by hand rather than what the functions themselves once answered. Cells in JSON are
numbers, texts, booleans, ``null`` for a blank or an argument left out, ``{"date": "2004-03-10"}`` and
``{"error": "#REF!"}``; a list of rows is a range, or an answer that spills. An expected error may name a piece of its
message, ``{"error": "#N/A", "says": "no row for"}``, for the hosts that show one.
"""

from __future__ import annotations

import datetime as dt
import json
from typing import Any, NamedTuple

from xlcap.cells import CellError
from xlcap.shipped import golden_table


class Call(NamedTuple):
    """One line of the table."""

    id: str
    function: str
    args: list[Any]
    """Cells as a host hands them over: every number a float, a range a list of rows."""
    expect: Any
    """The answer in the table's own form, where a date and an error are records."""
    worked: bool


def calls() -> list[Call]:
    """The whole table."""
    records = json.loads(golden_table().read_text(encoding="utf-8"), parse_int=float)
    return [Call(**{**record, "args": [cells(arg) for arg in record["args"]]}) for record in records]


def cells(told: Any) -> Any:
    """A cell or rows of cells of the table as a host hands them over."""
    if isinstance(told, list):
        return [cells(item) for item in told]
    if isinstance(told, dict):
        return dt.date.fromisoformat(told["date"]) if "date" in told else CellError(told["error"])
    return told
