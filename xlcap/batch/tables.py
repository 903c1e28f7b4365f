"""The template's tables filled from files: whole, or by the rows whose key is that of the report."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from xlcap.batch.rows import Row, Rows, read
from xlcap.batch.values import read_as, same_key
from xlcap.errors import XlcapError
from xlcap.tables import header_name
from xlcap.workbook import Scalar, Table, Template

# A file of one letter is a Windows drive; a key is told from a path by having no separator.
_TOLD = re.compile(r"(?P<table>[^=]+)=(?P<file>.{2,}?)(?::(?P<key>[^:=/\\]+)(?:=(?P<column>[^:=/\\]+))?)?\Z")

TableRow = Mapping[str, Scalar]


@dataclass(frozen=True)
class TableFile:
    """A file for one of the template's tables.

    Without a ``key`` every report gets all its rows. With one, a report gets the rows whose ``key`` equals the report's
    own ``column`` (of the same name, if not told).
    """

    table: str
    rows: Rows
    key: str | None = None
    column: str | None = None

    @classmethod
    def parse(cls, told: str) -> TableFile:
        """``NAME=FILE``, ``NAME=FILE:KEY`` or ``NAME=FILE:KEY=COLUMN``, the file read."""
        match = _TOLD.match(told)
        if match is None:
            raise XlcapError(f"NAME=FILE, NAME=FILE:KEY or NAME=FILE:KEY=COLUMN is expected; found '{told}'",
                             where="--table")  # fmt: skip
        return cls(match["table"].strip(), read(match["file"]), match["key"], match["column"])

    @property
    def row_column(self) -> str | None:
        """The column of the report rows that the key is compared with."""
        return self.column or self.key


@dataclass(frozen=True)
class Filling:
    """A table of the template and the rows that each report gives it. Made by ``match``."""

    source: TableFile
    table: Table
    columns: Mapping[str, tuple[str, str]]
    """By the file's header as it is compared: the table's own spelling, and the kind of value its cells take."""
    chosen: Mapping[str, Sequence[Row]]
    """The file's rows by key."""
    whole: Sequence[TableRow]
    """All the file's rows, where there is no key."""

    def rows_for(self, row: Row, rows: Rows) -> Sequence[TableRow]:
        """The table's rows for a report. Raises XlcapError for the first value that its column does not take."""
        column = self.source.row_column
        if column is None:
            return self.whole
        if header_name(column) not in row.values:
            raise XlcapError(
                f"is blank, and the rows of the table '{self.table.name}' are chosen by it",
                where=rows.place(row, column),
            )
        return _values(self.chosen.get(_key(row, column, rows), ()), self.columns, self.source.rows)

    def unused(self, rows: Rows) -> list[str]:
        """The keys of the file that none of these reports has."""
        asked = self._asked(rows)
        return [key for key in self.chosen if key not in asked]

    def without(self, rows: Rows) -> list[str]:
        """The keys of these reports that the file does not have: their table is empty."""
        return [key for key in self._asked(rows) if key not in self.chosen] if self.source.key else []

    def _asked(self, rows: Rows) -> dict[str, None]:
        """The keys of the reports, in their order."""
        column = self.source.row_column
        if column is None:
            return {}
        return dict.fromkeys(_key(row, column, rows) for row in rows if header_name(column) in row.values)


def match(template: Template, source: TableFile) -> Filling:
    """A file matched with the template's table.

    Raises XlcapError if the template has no such table, or the file a column that the table lacks or calculates. The
    key alone may be a column that only the file has.
    """
    rows = source.rows
    if source.table not in template.tables:
        known = ", ".join(template.tables) or "none"
        raise XlcapError(f"has no table '{source.table}'; its tables are: {known}", where=template.path.name)
    table = template.tables[source.table]
    if source.key and source.key not in rows:
        raise XlcapError(
            f"has no column '{source.key}' to choose rows by; its columns are {', '.join(rows.columns)}",
            where=rows.label,
        )
    columns = _columns(template, table, source)
    if source.key is None:
        return Filling(source, table, columns, {}, _values(rows.rows, columns, rows))
    chosen: dict[str, list[Row]] = {}
    for row in rows:
        if header_name(source.key) not in row.values:
            raise XlcapError("is blank, and rows are chosen by it", where=rows.place(row, source.key))
        chosen.setdefault(_key(row, source.key, rows), []).append(row)
    return Filling(source, table, columns, chosen, ())


def _columns(template: Template, table: Table, source: TableFile) -> dict[str, tuple[str, str]]:
    spelled = {header_name(column): column for column in table.columns}
    columns = {}
    for told in source.rows.columns:
        name = header_name(told)
        if name in spelled and spelled[name] not in table.calculated:
            columns[name] = spelled[name], _kind(template, table, spelled[name])
        elif name in spelled:
            raise XlcapError(
                f"column '{told}' is calculated in the table '{table.name}' of {template.path.name}; "
                "take it out of the file",
                where=source.rows.label,
            )
        elif source.key is None or name != header_name(source.key):
            raise XlcapError(
                f"column '{told}' is not one of the table '{table.name}' of {template.path.name}, "
                f"which has {', '.join(table.columns)}",
                where=source.rows.label,
            )
    return columns


def _key(row: Row, column: str, rows: Rows) -> str:
    try:
        return same_key(row.values[header_name(column)])
    except XlcapError as error:
        raise error.at(rows.place(row, column)) from None


def _values(chosen: Sequence[Row], columns: Mapping[str, tuple[str, str]], rows: Rows) -> list[TableRow]:
    result: list[TableRow] = []
    for row in chosen:
        if row.fault:
            raise XlcapError(row.fault, where=rows.place(row))
        values: dict[str, Scalar] = {}
        for name, (column, kind) in columns.items():
            if name in row.values:
                try:
                    values[column] = read_as(kind, row.values[name])
                except XlcapError as error:
                    raise error.at(rows.place(row, column)) from None
        result.append(values)
    return result


def _kind(template: Template, table: Table, column: str) -> str:
    """What a column takes, by the number format of its first cell, or by the text it holds now."""
    from openpyxl.styles.numbers import is_date_format

    plan = template.plans[table.sheet]
    body = table.body
    across = body.left + table.columns.index(column)
    first = plan.cells.get((body.top, across))
    style = first.style if first else 0
    shown = template.number_formats[style] if style < len(template.number_formats) else "General"
    if shown == "@":
        return "text"
    if shown != "General":
        return "date" if is_date_format(shown) else "number"
    held = [plan.value((down, across), template.strings) for down in range(body.top, body.bottom + 1)]
    filled = [value for value in held if value is not None]
    return "text" if filled and all(isinstance(value, str) for value in filled) else "any"
