"""The certificate of adjustment a company sends its holders: a workbook to be printed, or a text.

It renders what ADJUSTMENT_CERTIFICATE, CONVERSION_HISTORY and ENTITLEMENT answer; nothing is computed here.
"""

from __future__ import annotations

import datetime as dt
import io
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.worksheet.worksheet import Worksheet

from xlcap.batch.looks import DAY, FACE, LINE, NAVY, STYLES, on_paper
from xlcap.batch.rows import read
from xlcap.cells import Cell, as_number
from xlcap.errors import XlcapError
from xlcap.functions import call, functions
from xlcap.numbers import Rounding, show
from xlcap.tables import Range, header_name
from xlcap.workbook import save, save_text

FORMS = (".xlsx", ".txt", ".md")
SIGNATURE = ("Signed", "Name and title", "Date")
_WIDTH, _LABEL = 100, 50  # of a text, and of what stands on the left of it
PLACES = 10  # decimals shown of a price that the certificate does not round

_LAST_OF_THE_EVENT = "Conversion price before"
_SCHEDULE = ("Date", "Clause", "Event", "Outcome", "Price before", "Unrounded", "Price", "Carried")
_MADE = "The adjustments so far"
_DELIVERED = ("What", "Unit", "For one share of Common", "For one share of the series", "Clause")


class Question(NamedTuple):
    """What is to be certified: arguments of the functions, by their names."""

    terms: str
    events: Range
    as_of: dt.date
    prices: Range | None = None
    event_id: str | None = None
    known_at: dt.date | None = None
    issue_date: dt.date | None = None
    initial_price: Decimal | None = None
    cap_table: Range | None = None


class Lines(NamedTuple):
    """What and which, one below the other."""

    title: str
    rows: Sequence[tuple[str, Any]]


class Schedule(NamedTuple):
    """Rows under a header."""

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[Any]]


class Certificate(NamedTuple):
    """A certificate before it has a form."""

    company: str
    class_name: str
    subject: str
    statement: str
    sections: Sequence[Lines | Schedule]


def table_of(path: str | Path) -> Range:
    """A file as a range with its header; blank rows are kept, so that an error counts rows as the file does."""
    rows = read(path)
    columns = [header_name(column) for column in rows.columns]
    lines: list[list[Cell]] = [list(rows.columns)]
    for row in rows:
        if row.fault:
            raise XlcapError(row.fault, where=rows.place(row))
        lines += [[None] * len(columns)] * (row.number - 1 - len(lines))
        lines.append([row.values.get(column) for column in columns])
    return lines


def certificate(question: Question) -> Certificate:
    """The certificate of the last adjustment up to a day, or of the one named. Errors are those of the functions."""
    told = _ask("ADJUSTMENT_CERTIFICATE", question)
    head, event, facts, computed, converted, notice = _parted([(row[0], row[1]) for row in told[1:]])
    company, class_name = head.pop("Company"), head.pop("Class")
    clause = head.pop("Certified under", None)
    changed = _history(question)
    statement = (
        f"{company} certifies to the holders of its {class_name}"
        + (f", under {clause} of their certificate," if clause else "")
        + " that the facts and the computation below are those on which the conversion price stated here is based."
    )
    sections: list[Lines | Schedule] = [
        Lines("The event", [*head.items(), *event]),
        Lines("The facts", facts),
        Lines("The computation", computed),
        Lines("Conversion of one share, dividends left out", [*converted, *_in_effect(question)]),
    ]
    delivered = [row[: len(_DELIVERED)] for row in _ask("ENTITLEMENT", question)[1:]]
    if len(delivered) > 1 or delivered[0][0] != "Common":
        sections.append(Schedule("What a conversion delivers", _DELIVERED, delivered))
    sections += [Schedule(_MADE, _SCHEDULE, changed), Lines("Notice", notice)]
    subject = f"Certificate of adjustment of the conversion price{f', {clause}' if clause else ''}"
    return Certificate(company, class_name, subject, statement, [part for part in sections if part.rows])


def _ask(name: str, question: Question, **more: Any) -> Any:
    """A function's answer; of the question it takes the arguments it has."""
    given = {**question._asdict(), **more}
    args = [given.get(argument.name) for argument in functions()[name].arguments]
    return call(name, args)


def _parted(rows: Sequence[tuple[str, Any]]) -> tuple[dict[str, Any], Any, Any, Any, Any, Any]:
    """The rows of ADJUSTMENT_CERTIFICATE by what they are about."""
    labels = [label for label, _ in rows]
    begun, known = labels.index("Adjustment under"), labels.index(_LAST_OF_THE_EVENT) + 1
    facts: list[tuple[str, Any]] = []
    computed: list[tuple[str, Any]] = []
    converted: list[tuple[str, Any]] = []
    notice: list[tuple[str, Any]] = []
    for label, value in rows[known:]:
        if label.startswith("Fact: "):
            name = label.removeprefix("Fact: ")
            facts.append((name[:1].upper() + name[1:], value))
        else:
            part = converted if label.startswith("Common for") else notice if label.startswith("Notice") else computed
            part.append((label, value))
    return dict(rows[:begun]), rows[begun:known], facts, computed, converted, notice


def _history(question: Question) -> list[list[Any]]:
    """The steps up to the day that changed the price, or are carried forward, in the columns of the schedule."""
    header, *steps = _ask("CONVERSION_HISTORY", question)
    at = [header.index(name) for name in _SCHEDULE]
    outcome = header.index("Outcome")
    return [[step[i] for i in at] for step in steps if step[outcome] != "no change"]


def _in_effect(question: Question) -> Iterator[tuple[str, Any]]:
    price = _ask("CONVERSION_PRICE", question)
    day = _day(question.as_of)
    yield f"Conversion price in effect on {day}", price
    yield f"Common for one share on {day}", _ask("CONVERSION_RATE", question, price=price)


# -- how values are shown ----------------------------------------------------------------------------------------


def _is_price(label: str) -> bool:
    return "price" in label.lower() or label.startswith(("Unrounded", "Rounded", "Carried"))


def _day(day: dt.date) -> str:
    return f"{day.day} {day:%B %Y}"


def _told(label: str, value: Any) -> str:
    """A value in words: a day in full, a price with two decimals at least, a count with its thousands."""
    if value is None:
        return ""
    if isinstance(value, dt.date):
        return _day(value)
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return str(value)
    number = Rounding(PLACES)(as_number(value))
    text = show(number)
    return show(number, 2) if _is_price(label) and len(text.partition(".")[2]) < 2 else text


def _code(label: str, value: Any) -> str:
    """The same as a number format."""
    if isinstance(value, dt.date):
        return "d mmmm yyyy"
    if not isinstance(value, int | float):
        return "General"
    if _is_price(label):
        return "0.00########"
    return "#,##0" if value == int(value) else "#,##0.00########"


# -- the forms ---------------------------------------------------------------------------------------------------


def as_text(made: Certificate) -> str:
    """The certificate as lines of at most a hundred signs."""
    return "\n".join(_text_lines(made)) + "\n"


def _text_lines(made: Certificate) -> Iterator[str]:
    yield made.subject
    yield "=" * len(made.subject)
    yield ""
    yield made.company
    yield made.class_name
    yield ""
    yield from textwrap.wrap(made.statement, _WIDTH)
    for part in made.sections:
        yield ""
        yield part.title
        yield "-" * len(part.title)
        if isinstance(part, Lines):
            for label, value in part.rows:
                yield from _text_line(label, _told(label, value))
        else:
            yield from _text_table(part)
    yield ""
    for label in SIGNATURE:
        yield ""
        yield f"{label:20}{'_' * 40}"


def _text_line(label: str, told: str) -> Iterator[str]:
    left = textwrap.wrap(label, _LABEL - 2)
    right = textwrap.wrap(told, _WIDTH - _LABEL) or [""]
    for i in range(max(len(left), len(right))):
        line = f"{left[i] if i < len(left) else '':{_LABEL}}{right[i] if i < len(right) else ''}"
        yield line.rstrip()


def _text_table(part: Schedule) -> Iterator[str]:
    for row in part.rows:
        first, *rest = zip(part.header, row, strict=True)
        told = [f"{name.lower()} {_told(name, value)}" for name, value in rest if value is not None and value != 0]
        yield from textwrap.wrap(f"{_told(*first)}: {'; '.join(told)}", _WIDTH, subsequent_indent="    ")


def as_markdown(made: Certificate) -> str:
    """The certificate as Markdown."""
    return "\n".join(_markdown_lines(made)) + "\n"


def _markdown_lines(made: Certificate) -> Iterator[str]:
    yield f"# {made.subject}\n"
    yield f"**{made.company}**  \n{made.class_name}\n"
    yield made.statement
    for part in made.sections:
        yield f"\n## {part.title}\n"
        header = ("", "") if isinstance(part, Lines) else part.header
        yield _markdown_row(header)
        yield "|" + "---|" * len(header)
        for row in part.rows:
            if isinstance(part, Lines):
                yield _markdown_row([row[0], _told(*row)])
            else:
                yield _markdown_row([_told(name, value) for name, value in zip(header, row, strict=True)])
    yield "\n" + "  \n".join(f"{label}: ________________" for label in SIGNATURE)


def _markdown_row(cells: Sequence[str]) -> str:
    return "|" + "|".join(f" {cell.replace('|', chr(92) + '|')} " for cell in cells) + "|"


_WIDTHS: Mapping[str, float] = {"A": 14, "B": 12, "C": 24, "D": 14, "E": 13, "F": 15, "G": 13, "H": 13}
_LAST = "H"
_SPANS = {
    len(_SCHEDULE): [(column, column) for column in _WIDTHS],
    len(_DELIVERED): [("A", "C"), ("D", "E"), ("F", "F"), ("G", "G"), ("H", "H")],
}


def as_workbook(made: Certificate) -> bytes:
    """The certificate as a workbook of one sheet, laid out for paper."""
    book = Workbook()
    for style in STYLES:
        book.add_named_style(style)
    sheet: Any = book.active
    sheet.title = "Certificate of adjustment"
    on_paper(sheet, made.company, across=False)
    for column, width in _WIDTHS.items():
        sheet.column_dimensions[column].width = width
    for row, (text, looks) in enumerate(((made.subject, "Report title"), (made.company, "Report subtitle"),
                                         (made.class_name, "Report subtitle")), 1):  # fmt: skip
        sheet[f"A{row}"].value = text
        sheet[f"A{row}"].style = looks
    sheet["A1"].font = Font(FACE, 16, bold=True, color=NAVY)
    sheet.row_dimensions[1].height = 27
    _across(sheet, 5, "A", _LAST, made.statement, "Prose")
    sheet.row_dimensions[5].height = 4 + 13 * _height(made.statement, [*_WIDTHS])
    row = 6
    for part in made.sections:
        for column in _WIDTHS:
            sheet[f"{column}{row}"].style = "Section"
        sheet[f"A{row}"].value = part.title
        sheet.row_dimensions[row].height = 18
        row = 1 + (_lines_on(sheet, row, part) if isinstance(part, Lines) else _schedule_on(sheet, row, part))
    sheet.print_area = f"A1:{_LAST}{_signature_on(sheet, row)}"
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _across(sheet: Worksheet, row: int, first: str, last: str, value: Any, style: str, label: str = "") -> Any:
    """A value in a cell, merged with those to its right."""
    cell: Any = sheet[f"{first}{row}"]
    cell.value, cell.style = value, style
    if last != first:
        sheet.merge_cells(f"{first}{row}:{last}{row}")
    cell.number_format = _code(label, value)
    cell.alignment = Alignment("left", "top" if style != "Heading" else "center", wrap_text=True)
    return cell


def _lines_on(sheet: Worksheet, row: int, part: Lines) -> int:
    for label, value in part.rows:
        row += 1
        _across(sheet, row, "A", "C", label, "Cells")
        cell = _across(sheet, row, "D", _LAST, value, "Cells", label)
        if label == "Conversion price as adjusted":
            cell.font = Font(FACE, 10, bold=True)
        sheet.row_dimensions[row].height = 2 + 13 * max(_height(label, "ABC"), _height(_told(label, value), "DEFGH"))
        _underline(sheet, row)
    return row


def _schedule_on(sheet: Worksheet, row: int, part: Schedule) -> int:
    spans = _SPANS[len(part.header)]
    row += 1
    for (first, last), name in zip(spans, part.header, strict=True):
        cell = _across(sheet, row, first, last, name, "Heading")
        if part.rows and isinstance(part.rows[0][part.header.index(name)], float):
            cell.alignment = Alignment("right", "center", wrap_text=True)
    sheet.row_dimensions[row].height = 30
    for values in part.rows:
        row += 1
        lines = 1
        for (first, last), name, value in zip(spans, part.header, values, strict=True):
            cell = _across(sheet, row, first, last, value, "Cells", name)
            cell.font = Font(FACE, 9)
            if isinstance(value, dt.date):
                cell.number_format = DAY
            elif isinstance(value, float):
                cell.number_format = '0.00####;"−"0.00####;""' if name == "Carried" else "#,##0.00####"
                cell.alignment = Alignment("right", "top")
            else:
                lines = max(lines, _height(_told(name, value), [*_WIDTHS][ord(first) - 65 : ord(last) - 64], 9))
        sheet.row_dimensions[row].height = 2 + 12.5 * lines
        _underline(sheet, row)
    return row


def _height(text: str, columns: Sequence[str], points: int = 10) -> int:
    """The lines a text takes in these columns together, in letters of a size."""
    wide = int(12.5 / points * sum(_WIDTHS[column] for column in columns)) - 1
    return max(1, len(textwrap.wrap(text, wide)))


def _underline(sheet: Worksheet, row: int) -> None:
    for column in _WIDTHS:
        sheet[f"{column}{row}"].border = LINE


def _signature_on(sheet: Worksheet, row: int) -> int:
    for label in SIGNATURE:
        row += 1
        sheet[f"A{row}"].value, sheet[f"A{row}"].style = label, "Cells"
        sheet[f"A{row}"].alignment = Alignment(vertical="bottom")
        sheet.row_dimensions[row].height = 27
        for column in "CDEF":
            sheet[f"{column}{row}"].border = Border(bottom=Side("thin", "808080"))
    return row


# -- the file ----------------------------------------------------------------------------------------------------


def form_of(path: Path) -> str:
    """The form a file's name asks for."""
    suffix = path.suffix.lower()
    if suffix not in FORMS:
        raise XlcapError(f"a certificate is written as {', '.join(FORMS)}", where=str(path))
    return suffix


def write(made: Certificate, path: Path) -> None:
    """Write the certificate in the form its name asks for; a file that is there is replaced whole, or left."""
    form = form_of(path)
    if form == ".xlsx":
        save(path, as_workbook(made))
    else:
        save_text(path, as_text(made) if form == ".txt" else as_markdown(made))
