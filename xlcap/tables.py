"""A range with a header row becomes records: headers matched by name, blank rows skipped, each fault placed.

The fields of a record are the columns; one without a default is required. ``column`` adds what a person needs to fill
it in.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import typing
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from xlcap.cells import Cell, Part, as_bool, as_date, as_integer, as_number, as_part, as_text, found, is_blank
from xlcap.errors import XlcapError, nearest
from xlcap.records import declared

Range = Sequence[Sequence[Cell]]
"""Rows of cells, the first of them the header."""

_READERS: dict[object, Callable[[Cell], object]] = {
    Decimal: as_number,
    Part: as_part,
    int: as_integer,
    dt.date: as_date,
    str: as_text,
    bool: as_bool,
}


def column(doc: str, *, default: Any = dataclasses.MISSING, least: int | None = None, above: int | None = None) -> Any:
    """A column of a table: what it holds, and the range its numbers must lie in."""
    return declared(doc, default, least, above)


@dataclass(frozen=True)
class Column:
    """One column as the parser and the documentation see it."""

    name: str
    field: str
    """The record's attribute: the name, with an underscore behind it where Python reserves the word (``class_``)."""
    kind: type
    doc: str
    required: bool
    least: int | None
    above: int | None

    def read(self, value: Cell) -> object:
        """The cell's value in this column's type, within its bounds."""
        result = _READERS[self.kind](value)
        if self.least is not None and result < self.least:  # type: ignore[operator]  # bounded columns are numbers
            raise XlcapError(f"must be {self.least} or more; found {found(value)}")
        if self.above is not None and result <= self.above:  # type: ignore[operator]  # as above
            raise XlcapError(f"must be above {self.above}; found {found(value)}")
        return result


def _columns(record: Any) -> Mapping[str, Column]:
    hints = typing.get_type_hints(record)
    result = {}
    for field in dataclasses.fields(record):
        if "doc" not in field.metadata:
            continue
        kinds = [kind for kind in typing.get_args(hints[field.name]) or (hints[field.name],) if kind is not type(None)]
        name = field.name.rstrip("_")
        result[name] = Column(
            name=name,
            field=field.name,
            kind=kinds[0],
            doc=field.metadata["doc"],
            required=field.default is dataclasses.MISSING,
            least=field.metadata["least"],
            above=field.metadata["above"],
        )
    return result


columns: Callable[[Any], Mapping[str, Column]] = functools.cache(_columns)
"""The columns of a record type, by name. A field without ``column`` (such as the row number) is not a column."""


def header_name(value: Cell) -> str:
    """A header as it is compared: case, spaces and hyphens do not count.

    >>> header_name("Record Date"), header_name(" ex-date ")
    ('record_date', 'ex_date')
    """
    return as_text(value).lower().replace(" ", "_").replace("-", "_")


def read_header(header: Sequence[Cell], known: Sequence[str], what: str) -> dict[str, int]:
    """The position of each column, by name; a header that is not known is an error that lists those that are."""
    positions: dict[str, int] = {}
    for i, cell in enumerate(header):
        if is_blank(cell):
            continue
        name = header_name(cell)
        if name not in known:
            close = nearest(name, known)
            hint = f"; did you mean '{close}'? The" if close else "; the"
            if not close and not any(_among(other, known) for other in header):
                hint = "; is the first row the header? The"
            raise XlcapError(f"column {found(cell)} is not known{hint} columns are {', '.join(known)}", where=what)
        if name in positions:
            raise XlcapError(f"column '{name}' stands there twice; keep one", where=what)
        positions[name] = i
    return positions


def _among(cell: Cell, known: Sequence[str]) -> bool:
    return not is_blank(cell) and header_name(cell) in known


def body(table: Range) -> Iterator[tuple[int, Sequence[Cell]]]:
    """The rows that hold anything, with their number as a person counts them: 1 is the row below the header."""
    for number, row in enumerate(table[1:], 1):
        if not all(is_blank(cell) for cell in row):
            yield number, row


def place(what: str, row: int, name: str | None = None) -> str:
    """How an error names a place in a table."""
    return f"{what} row {row}, column '{name}'" if name else f"{what} row {row}"


def read_records(table: Range, record: type, what: str) -> list[Any]:
    """Every row of a table as a ``record``; ``what`` names the table in errors."""
    if not table:
        return []
    known = columns(record)
    positions = read_header(table[0], list(known), what)
    for name, spec in known.items():
        if spec.required and name not in positions:
            raise XlcapError(f"column '{name}' is missing: {spec.doc}", where=what)
    return [read_record(row, number, record, positions, what) for number, row in body(table)]


def read_record(row: Sequence[Cell], number: int, record: Any, positions: Mapping[str, int], what: str) -> Any:
    """One row as a ``record``. A filled cell in a column the record does not have is an error, not ignored."""
    known = columns(record)
    values: dict[str, object] = {}
    width = len(row)
    for name, i in positions.items():
        cell = row[i] if i < width else None
        if cell is None or is_blank(cell):
            continue
        spec = known.get(name)
        if spec is None:
            raise XlcapError(f"does not apply to this kind of row; leave it blank (found {found(cell)})",
                             where=place(what, number, name))  # fmt: skip
        try:
            values[spec.field] = spec.read(cell)
        except XlcapError as error:
            raise error.at(place(what, number, name)) from None
    if "row" in record.__dataclass_fields__:
        values["row"] = number
    if not values.keys() >= record.__required__:
        blank = next(spec for spec in known.values() if spec.required and spec.field not in values)
        raise XlcapError(f"is blank: {blank.doc}", where=place(what, number, blank.name))
    return record(**values)
