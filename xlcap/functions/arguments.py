"""The kinds of arguments: how the cells a host hands over become what the functions work with."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Annotated, Any

from xlcap.captable import Holding, cap_table_columns, cap_table_stamp, read_cap_table
from xlcap.cells import Cell, as_bool, as_date, as_integer, as_number, as_text, found, is_blank, reject_error
from xlcap.engine.dividends import Claim, Payment
from xlcap.engine.notices import Outstanding
from xlcap.engine.pay_to_play import Participant
from xlcap.engine.waterfall import Stage
from xlcap.errors import XlcapError
from xlcap.events import KINDS, Event, read_events
from xlcap.functions.registry import Kind
from xlcap.prices import Quote, read_prices
from xlcap.tables import Range, columns, read_records
from xlcap.terms import Terms, from_block, load
from xlcap.terms.library import block_stamp, stamp


def _terms(rows: list[list[Cell]]) -> Terms:
    return load(as_text(rows[0][0])) if _is_name(rows) else from_block(rows)


def _is_name(rows: list[list[Cell]]) -> bool:
    return len(rows) == 1 and all(is_blank(cell) for cell in rows[0][1:])


def _terms_stamp(rows: list[list[Cell]]) -> object:
    return stamp(as_text(rows[0][0])) if _is_name(rows) else block_stamp(rows)


def _numbers(rows: list[list[Cell]]) -> tuple[Decimal, ...]:
    return tuple(_item(as_number, cell, r, c) for r, c, cell in _filled(rows))


def _amount(cell: Cell) -> Decimal:
    number = as_number(cell)
    if number < 0:
        raise XlcapError(f"must be zero or more; found {found(cell)}")
    return number


def _positive(cell: Cell) -> Decimal:
    number = as_number(cell)
    if number <= 0:
        raise XlcapError(f"must be above zero; found {found(cell)}")
    return number


def _holdings(rows: list[list[Cell]]) -> tuple[Decimal | None, ...]:
    """One column of counts with its blanks, so that answers stand beside their holders."""
    if len(rows[0]) > 1 and len(rows) > 1:
        raise XlcapError("one column of share counts is expected, a row for each holder")
    line = rows[0] if len(rows) == 1 else [row[0] for row in rows]
    return tuple(None if is_blank(cell) else _item(_amount, cell, number, 1) for number, cell in enumerate(line, 1))


def _column(read: Callable[[Cell], Any]) -> Callable[[list[list[Cell]]], tuple[Any, ...]]:
    """One cell for all rows, or a column beside them with its blanks."""

    def line(rows: list[list[Cell]]) -> tuple[Any, ...]:
        if len(rows[0]) > 1 and len(rows) > 1:
            raise XlcapError("one cell or one column is expected, a row for each count of shares")
        cells = rows[0] if len(rows) == 1 else [row[0] for row in rows]
        if len(cells) == 1:
            reject_error(cells[0])
            return (read(cells[0]),)
        return tuple(None if is_blank(cell) else _item(read, cell, number, 1) for number, cell in enumerate(cells, 1))

    return line


def _payments(rows: Range) -> tuple[Payment, ...]:
    return tuple(read_records(rows, Payment, "payments"))


def _class_counts(rows: Range) -> tuple[Outstanding, ...]:
    return tuple(read_records(rows, Outstanding, "outstanding"))


def _participants(rows: Range) -> tuple[Participant, ...]:
    return tuple(read_records(rows, Participant, "holders"))


def _stages(rows: Range) -> tuple[Stage, ...]:
    return tuple(read_records(rows, Stage, "payments"))


def _claims(rows: Range) -> tuple[Claim, ...]:
    return tuple(read_records(rows, Claim, "claims"))


def _dates(rows: list[list[Cell]]) -> tuple[dt.date, ...]:
    return tuple(_item(as_date, cell, r, c) for r, c, cell in _filled(rows))


def _filled(rows: list[list[Cell]]) -> list[tuple[int, int, Cell]]:
    return [(r, c, cell) for r, row in enumerate(rows, 1) for c, cell in enumerate(row, 1) if not is_blank(cell)]


def _item(read: Any, cell: Cell, row: int, column: int) -> Any:
    try:
        return read(cell)
    except XlcapError as error:
        raise error.at(f"row {row}, column {column}") from None


def choice(*words: str) -> Kind:
    """A kind that takes one of a few words."""

    def read(cell: Cell) -> str:
        text = as_text(cell).lower().replace(" ", "_")
        if text not in words:
            raise XlcapError(f"one of {', '.join(words)} is expected; found {found(cell)}")
        return text

    return Kind("choice", read, choices=words)


def event_columns() -> dict[str, str]:
    """Every column of an events table: what it holds, and for which kinds of event."""
    common = columns(Event)
    described = {name: column.doc for name, column in common.items()}
    uses: dict[str, dict[str, list[str]]] = {}
    for name, kind in KINDS.items():
        for column in columns(kind).values():
            if column.name not in common:
                uses.setdefault(column.name, {}).setdefault(column.doc, []).append(name)
    for column_name, docs in uses.items():
        described[column_name] = "; ".join(f"{doc} [{', '.join(kinds)}]" for doc, kinds in docs.items())
    return described


def _columns_of(record: type) -> dict[str, str]:
    return {column.name: column.doc for column in columns(record).values()}


Number = Annotated[Decimal, Kind("number", as_number)]
Amount = Annotated[Decimal, Kind("number", _amount)]
"""A number of zero or more."""
Positive = Annotated[Decimal, Kind("number", _positive)]
"""A number above zero."""
Integer = Annotated[int, Kind("integer", as_integer)]
Text = Annotated[str, Kind("text", as_text)]
Date = Annotated[dt.date, Kind("date", as_date)]
Yes = Annotated[bool, Kind("yes/no", as_bool)]
_CERTIFICATE = Kind("terms", _terms, shape="table", placed=True, stamp=_terms_stamp)
Certificate = Annotated[Terms, _CERTIFICATE, "certificate: its name, or a block of field and value as TERMS spills it"]
Governing = Annotated[
    Terms,
    _CERTIFICATE,
    "block of terms for the classes whose terms are its id, such as TERMS_AT spills or with a term changed; blank: as "
    "the cap table names them",
]
Numbers = Annotated[tuple[Decimal, ...], Kind("numbers", _numbers, shape="table")]
Dates = Annotated[tuple[dt.date, ...], Kind("dates", _dates, shape="table")]
Events = Annotated[
    tuple[Event, ...], Kind("events", read_events, shape="table", placed=True, empty=(), columns=event_columns)
]
Prices = Annotated[
    tuple[Quote, ...],
    Kind("prices", read_prices, shape="table", placed=True, empty=(), columns=lambda: _columns_of(Quote)),
]
TimeOfDay = Annotated[str, choice("pre_open", "open", "post_open", "intraday", "pre_close", "close")]
Holdings = Annotated[tuple[Decimal | None, ...], Kind("share counts", _holdings, shape="table")]
Amounts = Annotated[tuple[Decimal | None, ...], Kind("number, or one a row", _column(_amount), shape="table")]
Positives = Annotated[
    tuple[Decimal | None, ...], Kind("number above zero, or one a row", _column(_positive), shape="table")
]
Names = Annotated[tuple[str | None, ...], Kind("name, or one a row", _column(as_text), shape="table")]
Payments = Annotated[
    tuple[Payment, ...], Kind("payments", _payments, shape="table", placed=True, columns=lambda: _columns_of(Payment))
]
ClassCounts = Annotated[
    tuple[Outstanding, ...],
    Kind("class counts", _class_counts, shape="table", placed=True, columns=lambda: _columns_of(Outstanding)),
]
Participants = Annotated[
    tuple[Participant, ...],
    Kind("participants", _participants, shape="table", placed=True, columns=lambda: _columns_of(Participant)),
]
Claims = Annotated[
    tuple[Claim, ...], Kind("claims", _claims, shape="table", placed=True, columns=lambda: _columns_of(Claim))
]
CapTable = Annotated[
    tuple[Holding, ...],
    Kind("cap table", read_cap_table, shape="table", placed=True, columns=cap_table_columns, stamp=cap_table_stamp),
]
Stages = Annotated[
    tuple[Stage, ...], Kind("stages", _stages, shape="table", placed=True, columns=lambda: _columns_of(Stage))
]
Cents = Annotated[
    str, choice("cents", "none"), "cents (the default): payouts in cents that add up to the proceeds; none: unrounded"
]
Holidays = Annotated[Dates, "the user's own list of holidays; blank: the certificate's calendar"]
