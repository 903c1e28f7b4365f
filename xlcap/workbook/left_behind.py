"""References that a table leaves behind when it grows or shrinks.

Formula texts are never rewritten, so what names a table's rows by A1 (``B2:B3``) still names the rows the table had.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from xlcap.workbook.cells import Address, Area
from xlcap.workbook.formulas import references
from xlcap.workbook.tables import TableChange
from xlcap.workbook.template import Table, Template


class _Reference(NamedTuple):
    who: str  # the cell or name that refers
    sheet: str
    place: Address | None  # of a cell
    area: Area


def left_behind(template: Template, change: TableChange) -> Iterator[str]:
    """For each range that is just a table's old rows: who refers to it, and what to write in its stead."""
    table = change.table
    if change.area == table.area:
        return
    found: dict[Area, dict[str, None]] = {}
    for reference in template.keep(("covering", table.name), lambda: tuple(_covering(template, table))):
        # A formula in a row that falls away refers to nothing any more.
        if not (reference.sheet == table.sheet and reference.place in change.values):
            found.setdefault(reference.area, {})[reference.who] = None
    for area, (first, *more) in found.items():
        who = f"{first} and {len(more)} more refer" if more else f"{first} refers"
        yield (
            f"{who} to {table.sheet}!{area}, the rows the table {table.name} had, and {'do' if more else 'does'} not "
            f"follow it: write {_structured(table, area)}"
        )


def _covering(template: Template, table: Table) -> Iterator[_Reference]:
    """The references to all rows of a table, with its header or without, and to none but its columns."""
    whole, body = table.area, table.body
    rows = {(body.top, body.bottom), (whole.top, whole.bottom)}
    tops, bottoms = ("|".join({str(row) for row in ends}) for ends in zip(*rows, strict=True))
    likely = re.compile(rf"[A-Za-z]\$?(?:{tops}):\$?[A-Za-z]+\$?(?:{bottoms})(?!\d)")

    def of(text: str, sheet: str | None) -> Iterator[Area]:
        for named, ref in references(text) if likely.search(text) else ():
            area = Area.parse(ref)
            inside = whole.left <= area.left and area.right <= whole.right and (area.top, area.bottom) in rows
            if ":" in ref and inside and (named or sheet) == table.sheet:
                yield area

    for f in template.formulas:
        # In a table of one row, its own cells refer to the row they are in.
        if not (body.rows == 1 and f.sheet == table.sheet and (f.row, f.column) in whole):
            yield from (_Reference(f"{f.sheet}!{f.cell}", f.sheet, (f.row, f.column), a) for a in of(f.text, f.sheet))
    for d in template.defined:
        if not d.special:
            yield from (_Reference(f"the name {d.name}", "", None, area) for area in of(d.text, None))


_SPECIAL = re.compile(r"([\[\]#'@])")


def _structured(table: Table, area: Area) -> str:
    """The structured reference that follows the table: ``T[Price]``, ``T[[#All],[Price]:[Paid]]``, ``T``.

    >>> table = Table("T", "S", Area(1, 1, 3, 3), ("No", "Price", "Paid #"), frozenset(), 1, 0, "")
    >>> [_structured(table, Area.parse(ref)) for ref in ("B2:B3", "A2:C3", "A1:C3", "B1:C3")]
    ['T[Price]', 'T', 'T[#All]', "T[[#All],[Price]:[Paid '#]]"]
    """
    columns = [_SPECIAL.sub(r"'\1", table.columns[i - table.area.left]) for i in dict.fromkeys((area.left, area.right))]
    rows = "" if area.top == table.body.top else "#All"
    if area.columns == len(table.columns):
        return f"{table.name}[{rows}]" if rows else table.name
    told = ":".join(f"[{column}]" for column in columns)
    if rows:
        return f"{table.name}[[{rows}],{told}]"
    return f"{table.name}[{told}]" if len(columns) > 1 else f"{table.name}{told}"
