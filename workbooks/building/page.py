"""A sheet being laid out: cells, sections, inputs, tables, and what formulas spill."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.table import Table, TableFormula, TableStyleInfo
from openpyxl.worksheet.worksheet import Worksheet

from building.book import Book
from building.style import BODY_RULE, TEXT, TEXTS, aligned, inset, when
from xlcap.batch.looks import FACE, on_paper


@dataclass(frozen=True)
class Check:
    """What an input cell accepts, what is told where something else is entered, and a hint where it is chosen."""

    kind: Literal["date", "list", "whole", "decimal"]
    least: str = "0"
    words: tuple[str, ...] = ()
    told: str = ""
    hint: str = ""

    def rule(self) -> DataValidation:
        if self.kind == "list":
            rule = DataValidation("list", formula1=f'"{",".join(self.words)}"', allow_blank=True)
            rule.error = self.told or "Choose one of the list."
        else:
            rule = DataValidation(self.kind, operator="greaterThanOrEqual", formula1=self.least, allow_blank=True)
            rule.error = (
                self.told or f"A {'date' if self.kind == 'date' else 'number'} of at least {self.least} is needed."
            )
        rule.errorTitle = "Not accepted"
        rule.showErrorMessage = True
        if self.hint:
            rule.prompt, rule.showInputMessage = self.hint, True
        return rule


class Column(NamedTuple):
    """A column of a listing.

    In its formulas ``{Payoffs[2]}`` is the second column of the answer of that name, in the row of the answer that
    stands here; ``{n}`` counts the rows from the heading, which is 1, and ``{row}`` is the row of the sheet. ``code``
    is a number format; ``wrap`` is text that may run over several lines, ``small`` the same in small letters,
    ``yes`` is TRUE or FALSE. ``wide`` says up to where cells are merged.
    """

    heading: str
    told: str
    code: str
    wide: str = ""


def if_any(cell: str, told: str = "") -> str:
    """A cell of the sheet Working, or what is told because of it; where it holds nothing, nothing.

    The cell comes first: in a program without our functions it is an error, and what is told, which may call them or
    name what they spill, is not worked out. In Calc a blank of ours equals "" only with ``&""``.
    """
    return f'IF({cell}&""="","",{told or cell})'


def quiet(told: str) -> str:
    """A formula that shows nothing where it is an error."""
    return f'=IFERROR({told},"")'


def titled(answer: str, heading: str) -> str:
    """A heading above what an answer tells, or its error."""
    return f'=IF(ISERROR({{{answer}[1]}}),{{{answer}[1]}},"{heading}")'


def column_of(answer: str, number: int, heading: str, code: str, wide: str = "") -> Column:
    """A column of an answer under a heading."""
    cell = f"{{{answer}[{number}]}}"
    return Column(heading, if_any(cell, f'IF({cell},"yes","no")' if code == "yes" else ""), code, wide)


NOT_BEFORE_ISSUE = Check("date", "original_issue_date", told="A date from the original issue date is expected.")
WHOLE = Check("whole", told="A whole number, zero or more, is expected.")
AMOUNT = Check("decimal", told="A number, zero or more, is expected.")
YES_NO = Check("list", words=("TRUE", "FALSE"))
TIMES = Check("list", words=("pre_open", "open", "post_open", "intraday", "pre_close", "close"))


class Page:
    """One sheet being laid out."""

    def __init__(self, book: Book, title: str, widths: Mapping[str, float], *, across: bool = True) -> None:
        self.book = book.workbook
        self._line = book.line
        first = book.design.first_day
        told = f"A date from {first.day} {first:%B %Y} is expected."
        self.any_day = Check("date", f"DATE({first.year},{first.month},{first.day})", told=told)
        self.rules: list[tuple[str, str]] = []
        self.sheet: Worksheet = self.book.create_sheet(title)
        sheet = self.sheet
        on_paper(sheet, book.design.footer, across=across)
        sheet.sheet_view.zoomScale = 90
        self.widths = {"A": 2.0, **widths}
        for column, width in self.widths.items():
            sheet.column_dimensions[column].width = width

    def put(self, place: str, value: Any, style: str = "Label", shown_as: str = TEXT, name: str = "") -> Any:
        """A value or formula in a cell, in a style, under a name of the workbook."""
        cell = self.sheet[place]
        cell.value = value
        cell.style = style
        if shown_as != TEXT:
            cell.number_format = shown_as
        if name:
            self.name(name, place)
        return cell

    def name(self, name: str, place: str, *, spills: bool = False) -> None:
        """A name of the workbook for a cell, a range, or what the formula in a cell spills."""
        at = ":".join(re.sub(r"([A-Z]+)(\d+)", r"$\1$\2", corner) for corner in place.split(":"))
        text = f"'{self.sheet.title}'!{at}" if " " in self.sheet.title else f"{self.sheet.title}!{at}"
        self.book.defined_names[name] = DefinedName(name, attr_text=f"_xlfn.ANCHORARRAY({text})" if spills else text)

    def parts(self, largest: int, *rows: int) -> None:
        """Pages that end after these rows, at a scale that fits the width: where Excel fits pages it has no breaks."""
        self.sheet.sheet_properties.pageSetUpPr.fitToPage = False
        pixels = sum(7 * width + 5 for width in self.widths.values())
        self.sheet.page_setup.scale = min(largest, int(100 * 96 * 9.95 / pixels))
        for row in rows:
            self.sheet.row_breaks.append(Break(id=row))

    def heads(self, title: str, subtitle: str) -> None:
        self.put("B1", title, "Report title")
        self.put("B2", subtitle, "Report subtitle")
        self.sheet.row_dimensions[1].height = 27
        self.sheet.row_dimensions[2].height = 16

    def section(self, place: str, text: str, last: str) -> None:
        """A band across the columns from a cell to ``last``."""
        row = self.sheet[place].row
        for column in range(self.sheet[place].column, self.sheet[f"{last}{row}"].column + 1):
            self.sheet.cell(row, column).style = "Section"
        self.sheet[place].value = text
        self.sheet.row_dimensions[row].height = 18

    def input(self, place: str, value: Any, shown_as: str, name: str, check: Check | None = None) -> None:
        cell = self.put(place, value, "Input cell", shown_as, name)
        if shown_as == "@":
            cell.alignment = Alignment("right", "center", shrink_to_fit=True, indent=1)
        if check:
            rule = check.rule()
            rule.add(place)
            self.sheet.add_data_validation(rule)

    def spill(self, place: str, title: str, formula: str, codes: Sequence[str], name: str) -> None:
        """A formula whose answer spills downwards with a header, under a name for all of it. Below it stays free."""
        top, left = self.sheet[place].row, self.sheet[place].column
        for i, code in enumerate(codes):
            column = get_column_letter(left + i)
            self.sheet[f"{column}{top - 1}"].style = "Section"
            head = self.sheet[f"{column}{top}"]
            head.style = "Heading"
            head.alignment = aligned(text=code in TEXTS, wrap=True)
            self.sheet.column_dimensions[column].width = 16
            for row in range(top + 1, top + 61):
                cell = self.sheet[f"{column}{row}"]
                cell.style = "Cells"
                if code not in TEXTS:
                    cell.number_format = code
                cell.alignment = aligned(text=code in TEXTS)
        self.sheet[f"{get_column_letter(left)}{top - 1}"].value = title
        self.sheet[place].value = formula
        self.name(name, place, spills=True)

    def shows(
        self,
        place: str,
        answer: str,
        codes: Sequence[str],
        rows: int,
        *,
        height: float = 15,
        at: Mapping[str, int] | None = None,
        wide: Mapping[str, str] | None = None,
    ) -> None:
        """An answer that spills on the sheet Working, cell by cell: its header and so many rows.

        ``at`` says which column of the answer stands where, if not each beside the other; ``wide``, up to where cells
        are merged. The rest is as for ``listing``.
        """
        top, left = self.sheet[place].row, self.sheet[place].column
        at = at or {get_column_letter(left + j): j + 1 for j in range(len(codes))}
        columns = {}
        for (column, number), code in zip(at.items(), codes, strict=True):
            cell = f"{{{answer}[{number}]}}"
            # where the answer is an error, the first heading says so, once for all of it
            heading = quiet(if_any(cell)) if columns else f"={cell}"
            columns[column] = column_of(answer, number, heading, code, (wide or {}).get(column, ""))
        self.listing(top, columns, rows, height=height)

    def listing(
        self,
        top: int,
        columns: Mapping[str, Column],
        rows: int,
        *,
        height: float | None = 15,
        turned: bool = False,
        step: int = 1,
    ) -> None:
        """Columns by their letters, each with a formula in so many rows; where that is an error, nothing is shown.

        Without a ``height``, rows are as high as their texts need when the workbook is opened. ``turned``, the columns
        of an answer stand here as rows; with a ``step``, one row of an answer is shown of so many.
        """
        sheet = self.sheet
        lines = [self._line(1 if i == 0 else 2 + step * (i - 1), turned=turned) for i in range(rows + 1)]
        for letter, (heading, told, code, wide) in columns.items():
            text = code in TEXTS
            for row, line in enumerate(lines, top):
                content = heading if row == top else quiet(told)
                cell = sheet[f"{letter}{row}"]
                cell.value = content.format(n=f"ROWS($A${top}:$A{row})", row=row, **line)
                cell.style = "Heading" if row == top else "Cells"
                if not text:
                    cell.number_format = inset(code)
                if code == "small" and row > top:
                    cell.font = Font(FACE, 9)
                cell.alignment = aligned(text=text, wrap=row == top or code in ("wrap", "small"))
                if wide:
                    sheet.merge_cells(f"{letter}{row}:{wide}{row}")
        sheet.row_dimensions[top].height = 30
        if height:
            for row in range(top + 1, top + rows + 1):
                sheet.row_dimensions[row].height = height
        letters = [*columns]
        self.rule(f"{letters[0]}{top + 1}:{letters[-1]}{top + rows}")

    def rule(self, area: str) -> None:
        """A thin line under each row of an area that holds something."""
        first = area.split(":")[0]
        self.rules.append((area, f'${first}<>""'))

    def done(self, freeze: str = "", *, one_page: bool = False) -> None:
        """The last of the layout: what stays in sight above a cell, and whether all is printed on one page.

        Conditional formats of the last order come now: some programs stop at the first that is true.
        """
        if freeze:
            self.sheet.freeze_panes = freeze
        if one_page:
            self.sheet.page_setup.fitToHeight = 1
        for area, formula in self.rules:
            self.sheet.conditional_formatting.add(area, when(formula, BODY_RULE))

    def table(
        self,
        place: str,
        name: str,
        columns: Mapping[str, str],
        rows: Sequence[Sequence[Any]],
        *,
        computed: Mapping[str, str] | None = None,
        checks: Mapping[str, Check] | None = None,
    ) -> tuple[int, int]:
        """An Excel table; ``columns`` are headers with their number formats, ``computed`` those that a formula fills.

        The first and last row of its data.
        """
        computed = computed or {}
        top, left = self.sheet[place].row, self.sheet[place].column
        for i, (header, code) in enumerate(columns.items()):
            head = self.sheet.cell(top, left + i, header)
            head.style = "Heading"
            head.number_format = "@" if code in TEXTS else inset("@")
            head.alignment = aligned(text=code in TEXTS, wrap=True)
        for r, row in enumerate(rows, top + 1):
            for i, (header, code) in enumerate(columns.items()):
                cell = self.sheet.cell(r, left + i, f"={computed[header]}" if header in computed else row[i])
                formula = isinstance(cell.value, str) and cell.value.startswith("=")
                cell.style = "Cells" if formula or header in computed else "Input cell"
                cell.number_format = TEXT if code == "wrap" else code if code in TEXTS else inset(code)
                cell.alignment = aligned(text=code in TEXTS, wrap=code == "wrap")
        self.sheet.row_dimensions[top].height = 30
        bottom = top + len(rows)
        right = get_column_letter(left + len(columns) - 1)
        table = Table(displayName=name, ref=f"{place}:{right}{bottom}")
        table.tableStyleInfo = TableStyleInfo("TableStyleLight1", showRowStripes=False)
        table._initialise_columns()  # type: ignore[attr-defined]  # the stubs leave it out
        for column, header in zip(table.tableColumns, columns, strict=True):
            column.name = header
            if header in computed:
                column.calculatedColumnFormula = TableFormula(attr_text=computed[header])
        self.sheet.add_table(table)
        for header, check in (checks or {}).items():
            rule = check.rule()
            column = get_column_letter(left + list(columns).index(header))
            rule.add(f"{column}{top + 1}:{column}{bottom}")
            self.sheet.add_data_validation(rule)
        return top + 1, bottom
