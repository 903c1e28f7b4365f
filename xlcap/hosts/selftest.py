"""A workbook that asks a spreadsheet program the golden table and marks every answer that differs.

Each call is a formula on the sheet ``Answers``, over as many cells as it answers with; ``Expected`` and ``Differences``
have the same shape, and the first sheet a row for each call.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.worksheet.worksheet import Worksheet

from xlcap import __version__
from xlcap.cells import CellError
from xlcap.functions import names
from xlcap.hosts.golden import Call, cells
from xlcap.workbook.forms import Form, converted
from xlcap.workbook.template import Template

SHEET = "Self-test"
FIRST = 6
"""The row of the first call there."""
MARK = "differs"
_HEADER = ("Call", "Function", "Answer", "Expected", "Cells that differ", "Mark", "Where")
_NOT_AVAILABLE = CellError("#N/A")


class _Block(NamedTuple):
    """Where a call's answer stands, and what is expected in each of its cells."""

    call: Call
    top: int
    expected: list[list[Any]]

    def area(self) -> str:
        return f"A{self.top}:{get_column_letter(len(self.expected[0]))}{self.top + len(self.expected) - 1}"


def workbook(calls: Iterable[Call], form: Form, path: Path) -> bytes:
    """The workbook with its calls in a form; ``path`` is named in errors."""
    book = Workbook()
    first = book["Sheet"]
    first.title = SHEET
    answers, expected, differences, given = (
        book.create_sheet(name) for name in ("Answers", "Expected", "Differences", "Given")
    )
    free = 1
    blocks = list(_blocks(calls))
    for block in blocks:
        arguments = []
        for arg in block.call.args:
            rows = arg if isinstance(arg, list) else [[arg]]
            arguments.append(put(given, free, rows))
            free += len(rows) + 1
        text = f"={block.call.function}({','.join(arguments)})"
        single = len(block.expected) == len(block.expected[0]) == 1
        answers.cell(block.top, 1).value = text if single else ArrayFormula(block.area(), text)
        put(expected, block.top, block.expected)
        for r, row in enumerate(block.expected, block.top):
            for c, value in enumerate(row, 1):
                differences.cell(r, c).value = f"=IF({_same(value, f'{get_column_letter(c)}{r}')},0,1)"
    _summary(first, blocks)
    out = io.BytesIO()
    book.save(out)
    return converted(Template(out.getvalue(), path), form, frozenset(names())).data


def _blocks(calls: Iterable[Call]) -> Iterator[_Block]:
    """Each call's answer below the last. Where it can be told, a cell too many shows #N/A: an answer has no more."""
    top = 1
    for call in calls:
        rows = cells(call.expect) if isinstance(call.expect, list) else [[cells(call.expect)]]
        if len(rows[0]) > 1:  # an array of one column would be repeated
            rows = [[*row, _NOT_AVAILABLE] for row in rows]
        if len(rows) > 1:
            rows = [*rows, [_NOT_AVAILABLE] * len(rows[0])]
        yield _Block(call, top, rows)
        top += len(rows) + 1


def put(sheet: Worksheet, top: int, rows: list[list[Any]]) -> str:
    """Write a table into a sheet and say where it stands; a lone blank as a range, which no program takes for zero."""
    for r, line in enumerate(rows, top):
        for c, value in enumerate(line, 1):
            _put_cell(sheet, r, c, value)
    first, last = f"$A${top}", f"${get_column_letter(len(rows[0]))}${top + len(rows) - 1}"
    return f"{sheet.title}!{first}" if first == last and rows[0][0] is not None else f"{sheet.title}!{first}:{last}"


def _put_cell(sheet: Worksheet, row: int, column: int, value: Any) -> None:
    """Write a cell as a host hands it over: a text stays one, whatever it looks like."""
    cell = sheet.cell(row, column)
    cell.value = value.code if isinstance(value, CellError) else value
    if isinstance(value, str):
        cell.data_type = "s"


def _same(value: Any, place: str) -> str:
    """Whether the answer there is the one expected, as a formula."""
    answer, expected = f"Answers!{place}", f"Expected!{place}"
    if value is None:
        told = f"LEN({answer})=0"
    elif isinstance(value, CellError):
        told = f"ERROR.TYPE({answer})=ERROR.TYPE({expected})"
    elif isinstance(value, bool):
        told = f"AND(NOT(ISTEXT({answer})),N({answer})=N({expected}))"  # LibreOffice shows TRUE as 1
    elif isinstance(value, str):
        told = f'AND(ISTEXT({answer}),EXACT({answer}&"",{expected}))'  # LibreOffice: a text among rows equals no other
    else:
        told = f"AND(ISNUMBER({answer}),ABS({answer}-{expected})<=1E-12*MAX(1,ABS({expected})))"
    return f"IFERROR({told},FALSE)"


def _summary(sheet: Worksheet, blocks: list[_Block]) -> None:
    """The sheet for the reader: how many calls differ, and a row for each."""
    last = FIRST + len(blocks) - 1
    marks = f"F{FIRST}:F{last}"
    sheet["A1"].value = f"xlcap {__version__}: {len(blocks)} calls and their answers"
    sheet["A1"].font = Font(bold=True, size=14)
    sheet["A2"].value = "Calls that differ"
    sheet["B2"].value = f'=COUNTIF({marks},"{MARK}")'
    sheet[
        "A3"
    ].value = "Each call is a formula on Answers. #NAME? everywhere: the functions are not there, or not enabled."
    for c, title in enumerate(_HEADER, 1):
        sheet.cell(FIRST - 1, c).value = title
        sheet.cell(FIRST - 1, c).font = Font(bold=True)
    for r, block in enumerate(blocks, FIRST):
        sheet.cell(r, 1).value = block.call.id
        sheet.cell(r, 2).value = block.call.function
        sheet.cell(r, 3).value = f"=Answers!A{block.top}"
        _put_cell(sheet, r, 4, block.expected[0][0])
        sheet.cell(r, 5).value = f"=SUM(Differences!{block.area()})"
        sheet.cell(r, 6).value = f'=IF(E{r}=0,"","{MARK}")'
        sheet.cell(r, 7).value = f"{block.area()}"
        sheet.cell(r, 7).hyperlink = f"#Answers!{block.area()}"
    for column, width in zip("ABCDEFG", (44, 28, 18, 18, 16, 10, 12), strict=True):
        sheet.column_dimensions[column].width = width
    sheet.freeze_panes = f"A{FIRST}"
