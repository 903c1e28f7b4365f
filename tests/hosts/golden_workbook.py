"""The golden table as a workbook: each call a formula, its ranges on a sheet, its single cells there or in the formula.

Formulas stand in column A of the sheet ``Asked``, far enough apart for their answers; what they are asked of stands in
``Given``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from golden import Call
from openpyxl import Workbook

from xlcap.cells import CellError
from xlcap.hosts.selftest import put


def write(path: Path, calls: Iterable[Call], *, in_cells: bool) -> dict[str, int]:
    """Write the workbook, with single arguments in cells or in the formulas; the row of each call's formula, by id.

    An argument left out is a blank cell or nothing.
    """
    book = Workbook()
    asked, given = book.create_sheet("Asked", 0), book["Sheet"]
    given.title = "Given"
    rows: dict[str, int] = {}
    row = free = 1
    for call in calls:
        arguments = []
        for arg in call.args:
            if in_cells or isinstance(arg, list):
                table = arg if isinstance(arg, list) else [[arg]]
                arguments.append(put(given, free, table))
                free += len(table) + 1
            else:
                arguments.append(_literal(arg))
        asked.cell(row, 1).value = f"={call.function}({','.join(arguments)})"
        rows[call.id] = row
        row += (len(call.expect) if isinstance(call.expect, list) else 1) + 1
    book.save(path)
    return rows


def _literal(cell: Any) -> str:
    """A single argument as a formula writes it; one that is left out as nothing."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, CellError):
        return cell.code
    if isinstance(cell, dt.date):
        return f"DATE({cell.year},{cell.month},{cell.day})"
    if isinstance(cell, str):
        doubled = cell.replace('"', '""')
        return f'"{doubled}"'
    return repr(cell)
