"""The kinds of arguments: how the cells a host hands over become what the functions work with."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Annotated, Any

from xlcap.cells import Cell, as_bool, as_date, as_integer, as_number, as_text, found, is_blank
from xlcap.errors import XlcapError
from xlcap.events import KINDS, Event, read_events
from xlcap.functions.registry import Kind
from xlcap.prices import Quote, read_prices
from xlcap.tables import columns
from xlcap.terms import Terms, from_block, load
from xlcap.terms.library import block_stamp, stamp


def _terms(rows: list[list[Cell]]) -> Terms:
    return load(as_text(rows[0][0])) if _is_name(rows) else from_block(rows)


def _is_name(rows: list[list[Cell]]) -> bool:
    return len(rows) == 1 and all(is_blank(cell) for cell in rows[0][1:])


def _terms_stamp(rows: list[list[Cell]]) -> object:
    return stamp(as_text(rows[0][0])) if _is_name(rows) else block_stamp(rows)


def _numbers(rows: list[list[Cell]]) -> tuple[Decimal, ...]:
    return tuple(_item(as_number, cell, "numbers", r, c) for r, c, cell in _filled(rows))


def _dates(rows: list[list[Cell]]) -> tuple[dt.date, ...]:
    return tuple(_item(as_date, cell, "dates", r, c) for r, c, cell in _filled(rows))


def _filled(rows: list[list[Cell]]) -> list[tuple[int, int, Cell]]:
    return [(r, c, cell) for r, row in enumerate(rows, 1) for c, cell in enumerate(row, 1) if not is_blank(cell)]


def _item(read: Any, cell: Cell, what: str, row: int, column: int) -> Any:
    try:
        return read(cell)
    except XlcapError as error:
        raise error.at(f"{what} row {row}, column {column}") from None


def choice(*words: str) -> Kind:
    """A kind that takes one of a few words."""

    def read(cell: Cell) -> str:
        text = as_text(cell).lower().replace(" ", "_")
        if text not in words:
            raise XlcapError(f"one of {', '.join(words)} is expected; found {found(cell)}")
        return text

    return Kind("choice", read, choices=words)


def event_columns() -> dict[str, str]:
    """Every column of an events table, with the kinds of event that use it."""
    described: dict[str, str] = {}
    for name, kind in KINDS.items():
        for column in columns(kind).values():
            users = "" if column.name in columns(Event) else name
            if column.name not in described:
                described[column.name] = f"{column.doc}" + (f" [{users}]" if users else "")
            elif users:
                described[column.name] = described[column.name].replace("]", f", {users}]")
    return described


def _columns_of(record: type) -> dict[str, str]:
    return {column.name: column.doc for column in columns(record).values()}


Number = Annotated[Decimal, Kind("number", as_number)]
Integer = Annotated[int, Kind("integer", as_integer)]
Text = Annotated[str, Kind("text", as_text)]
Date = Annotated[dt.date, Kind("date", as_date)]
Yes = Annotated[bool, Kind("yes/no", as_bool)]
TermsOf = Annotated[Terms, Kind("terms", _terms, shape="table", stamp=_terms_stamp)]
Numbers = Annotated[tuple[Decimal, ...], Kind("numbers", _numbers, shape="table")]
Dates = Annotated[tuple[dt.date, ...], Kind("dates", _dates, shape="table")]
Events = Annotated[tuple[Event, ...], Kind("events", read_events, shape="table", empty=(), columns=event_columns)]
Prices = Annotated[
    tuple[Quote, ...], Kind("prices", read_prices, shape="table", empty=(), columns=lambda: _columns_of(Quote))
]
TimeOfDay = Annotated[str, choice("pre_open", "open", "post_open", "intraday", "pre_close", "close")]
