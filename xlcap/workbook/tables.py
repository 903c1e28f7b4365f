"""Replacing the rows of an Excel table: what grows, what is cleared, and what stands in the way."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import unescape

from xlcap.workbook.cells import MAX_ROW, Address, Area, Scalar, WorkbookError, a1, unquoted
from xlcap.workbook.formulas import moved
from xlcap.workbook.sheet import CellXml, SheetXml
from xlcap.workbook.template import Table, Template


@dataclass(frozen=True)
class NewFormula:
    """A formula filled down into a new row of a table."""

    text: str


@dataclass(frozen=True)
class TableChange:
    """What replacing a table's rows does to its sheet."""

    table: Table
    area: Area  # the table afterwards, headers included
    values: Mapping[Address, Scalar]  # None clears
    formulas: Mapping[Address, NewFormula]
    styles: Mapping[Address, int] = field(default_factory=dict)  # of cells in new rows: the last data row's

    @property
    def body(self) -> Area:
        """The data rows afterwards."""
        a = self.area
        return Area(a.top + self.table.header_rows, a.left, a.bottom - self.table.totals_rows, a.right)


def replace_rows(template: Template, name: str, rows: Sequence[Mapping[str, object]]) -> TableChange:
    """The change that gives a table these rows and no others.

    The table grows downwards or shrinks; a calculated column keeps its formula, filled down into new rows with the last
    row's styles, and takes no values; a column that a row leaves out is blank there. Rows that fall away are cleared
    and keep their styles. A table without rows keeps one blank row, as in Excel.

    Validation, conditional formats and charts that cover a column's data follow it. Defined names and formulas that
    give a column's cells by A1 reference are left as they are: refer to the table's column instead (``Rounds[Price]``).

    ``WorkbookError`` if there is no such table or column, if a value is given for a calculated column, if something
    filled stands where the table would grow, or if it has a totals row and the number of rows changes.
    """
    if name not in template.tables:
        known = ", ".join(template.tables) or "none"
        raise WorkbookError(f"there is no table {name!r}; the tables are: {known}", where=str(template.path))
    table = template.tables[name]
    plan = template.plans[table.sheet]
    body = table.body
    count = max(len(rows), 1)
    if table.totals_rows and count != body.rows:
        raise WorkbookError(
            f"the table has a totals row, so it takes exactly {body.rows} rows and {count} were given; turn the totals "
            "row off and put the totals above the table",
            where=f"{table.sheet}, table {table.name}",
        )
    area = Area(table.area.top, table.area.left, body.top + count - 1 + table.totals_rows, table.area.right)
    if area.bottom > MAX_ROW:
        raise WorkbookError(f"{count:,} rows do not fit on the sheet", where=f"{table.sheet}, table {table.name}")
    if area.bottom > table.area.bottom:
        _require_room(template, table, area)
    values = dict(_values(table, rows, body.top))
    formulas: dict[Address, NewFormula] = {}
    for i, column in enumerate(table.columns):
        if column in table.calculated:
            formulas.update(_filled_down(template, table, plan, body.left + i, count))
    for row in range(body.top + count, body.bottom + 1):
        for column_number in range(body.left, body.right + 1):
            values[row, column_number] = None
    styles = {}
    for row in range(body.bottom + 1, body.top + count):
        for column_number in range(body.left, body.right + 1):
            model = plan.cells.get((body.bottom, column_number))
            if model is not None and model.style:
                styles[row, column_number] = model.style
    return TableChange(table, area, values, formulas, styles)


def _values(table: Table, rows: Sequence[Mapping[str, object]], top: int) -> Iterator[tuple[Address, Scalar]]:
    position = {column.casefold(): i for i, column in enumerate(table.columns)}
    open_columns = [i for i, column in enumerate(table.columns) if column not in table.calculated]
    for number, row in enumerate(rows or [{}]):
        where = f"table {table.name}, row {number + 1}"
        given: dict[int, object] = {}
        for column, value in row.items():
            i = position.get(str(column).casefold())
            if i is None:
                raise WorkbookError(
                    f"the table has no column {column!r}; its columns are: {', '.join(table.columns)}", where=where
                )
            if table.columns[i] in table.calculated:
                raise WorkbookError(f"the column {table.columns[i]!r} is calculated; leave it out", where=where)
            given[i] = value
        for i in open_columns:
            # What a cell can hold is checked where it is written, with the cell's place.
            yield (top + number, table.area.left + i), given.get(i)  # type: ignore[misc]  # see above


def _filled_down(
    template: Template, table: Table, plan: SheetXml, column: int, count: int
) -> Iterator[tuple[Address, NewFormula]]:
    body = table.body
    model, at = None, body.bottom
    known = {(f.row, f.column): f.text for f in template.formulas if f.sheet == table.sheet and f.column == column}
    for row in range(body.bottom, body.top - 1, -1):
        if (row, column) in known:
            model, at = known[row, column], row
            break
    if model is None:
        told = template.package.tree(table.part).findall(".//{*}tableColumn")[column - body.left]
        model = told.findtext("{*}calculatedColumnFormula") or ""
    for row in range(body.top, body.top + count):
        if (row, column) not in plan.formulas:
            yield (row, column), NewFormula(moved(model, row - at, 0))


def _require_room(template: Template, table: Table, area: Area) -> None:
    plan = template.plans[table.sheet]
    fresh = Area(table.area.bottom + 1, area.left, area.bottom, area.right)
    where = f"{table.sheet}, table {table.name}"
    advice = "move it, or give fewer rows"
    for merge in plan.merges:
        if merge.meets(fresh):
            raise WorkbookError(f"the table would grow over the merged cells {merge}; {advice}", where=where)
    for other in template.tables.values():
        if other.sheet == table.sheet and other.name != table.name and other.area.meets(fresh):
            raise WorkbookError(f"the table would grow over the table {other.name}; {advice}", where=where)
    for place in sorted(plan.cells):
        if place in fresh and filled(plan.cells[place]):
            raise WorkbookError(f"the table would grow over the filled cell {a1(*place)}; {advice}", where=where)


def filled(cell: CellXml) -> bool:
    """Whether a cell holds something, as against a style only."""
    return bool(cell.inner) and not re.fullmatch(rb"<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>", cell.inner)


_RESIZED = re.compile(
    rb"(<(?:\w+:)?(?:table|autoFilter|sortState)\b[^>]*?\sref=[\"'])(\$?[A-Z]+\$?\d+:\$?[A-Z]+\$?\d+)([\"'])"
)


def resized_part(data: bytes, old: Area, new: Area) -> bytes:
    """A table's part with its range, filter and sort grown or shrunk."""

    def replace(m: re.Match[bytes]) -> bytes:
        area = Area.parse(m[2].decode())
        bottom = area.bottom + new.bottom - old.bottom
        return m[1] + str(Area(area.top, area.left, bottom, area.right)).encode() + m[3]

    return _RESIZED.sub(replace, data)


_SQREF = re.compile(rb"(\bsqref=[\"']|<(?:\w+:)?sqref>)([^\"'<]+)")
_SPARKLINE = re.compile(rb"(<\w+:sparkline>\s*<\w+:f>)([^<]*)!([^<!]*)(?=</)")


def followed(tail: bytes, change: TableChange) -> bytes:
    """What stands after a sheet's cells, with the validations and conditional formats that reach the table's last row
    (and cover none but its data) reaching its new one.
    """
    old, new = change.table.body, change.body

    def area(ref: str) -> str:
        try:
            a = Area.parse(ref)
        except ValueError:
            return ref
        inside = a.left >= old.left and a.right <= old.right and a.top >= old.top and a.bottom == old.bottom
        return str(Area(a.top, a.left, max(new.bottom, a.top), a.right)) if inside else ref

    def replace(m: re.Match[bytes]) -> bytes:
        return m[1] + " ".join(area(ref) for ref in m[2].decode().split()).encode()

    return _SQREF.sub(replace, tail) if new.bottom > old.bottom else tail


def sparklines_followed(tail: bytes, change: TableChange) -> bytes:
    """What stands after a sheet's cells, with the sparklines that show just a column's data showing all of it."""
    old, new = change.table.body, change.body

    def replace(m: re.Match[bytes]) -> bytes:
        sheet = unquoted(unescape(m[2].decode()))
        try:
            a = Area.parse(m[3].decode())
        except ValueError:
            return m[0]
        inside = old.left <= a.left and a.right <= old.right and (a.top, a.bottom) == (old.top, old.bottom)
        if sheet != change.table.sheet or not inside:
            return m[0]
        return m[1] + m[2] + b"!" + str(Area(new.top, a.left, new.bottom, a.right)).encode()

    return _SPARKLINE.sub(replace, tail)
