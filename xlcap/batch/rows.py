"""Rows from a file: CSV, Parquet or Excel, or a DataFrame. Headers are checked here, values are kept as they stand."""

from __future__ import annotations

import csv
import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from xlcap.cells import Cell, is_blank
from xlcap.errors import XlcapError
from xlcap.frames.cells import frame_columns
from xlcap.tables import header_name

if TYPE_CHECKING:
    import pandas

FORMATS = ".csv, .parquet, .xlsx or .xlsm"


class Row(NamedTuple):
    """A row that holds something."""

    number: int
    """As a spreadsheet numbers it: the header is row 1."""
    values: Mapping[str, Cell]
    """What is filled, by column, its name as ``header_name`` compares it."""
    fault: str | None = None
    """Why the row cannot be used: it has not as many fields as the header, so that its values may stand in others'
    places.
    """


@dataclass(frozen=True)
class Rows:
    """A header and the rows below it."""

    label: str
    """The file's name, as errors give it."""
    columns: tuple[str, ...]
    """The header as it is written."""
    rows: tuple[Row, ...]
    path: Path | None = None
    """The file, if it is one."""

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def __contains__(self, column: object) -> bool:
        return isinstance(column, str) and header_name(column) in map(header_name, self.columns)

    def place(self, row: Row, column: str | None = None) -> str:
        """How an error names a cell of the file."""
        return f"{self.label} row {row.number}" + (f", column '{column}'" if column else "")


def read(path: str | Path) -> Rows:
    """The rows of a CSV, Parquet or Excel file; of a workbook its first sheet, or the one named after a ``#``.

    CSV is comma separated and in UTF-8; its values are read as text, so that "007" stays what it is and 0.1 is exactly
    0.1. Headers differ whatever their case; blank rows are skipped. Raises XlcapError, naming the file, if it cannot be
    read, has no header, or a column has values and no header.
    """
    file, sheet = _split(str(path))
    if not file.is_file():
        raise XlcapError("there is no such file" if not file.exists() else "is not a file", where=str(file))
    try:
        return dataclasses.replace(_read(file, sheet), path=file)
    except OSError as error:
        raise XlcapError(f"cannot be read: {error.strerror or error}", where=str(file)) from None


def _read(file: Path, sheet: str | None) -> Rows:
    suffix = file.suffix.lower()
    if suffix in (".xlsx", ".xlsm"):
        return _excel(file, sheet)
    if sheet is not None:
        raise XlcapError("only an Excel file has sheets; leave out what follows the '#'", where=str(file))
    if suffix == ".csv":
        return _csv(file)
    if suffix == ".parquet":
        return _parquet(file)
    raise XlcapError(f"rows are read from a {FORMATS} file", where=str(file))


def _split(told: str) -> tuple[Path, str | None]:
    file, mark, sheet = told.rpartition("#")
    return (Path(file), sheet) if mark and not Path(told).exists() else (Path(told), None)


def _csv(file: Path) -> Rows:
    try:
        with file.open(encoding="utf-8-sig", newline="") as opened:
            lines = list(csv.reader(opened, strict=True))
    except UnicodeDecodeError:
        raise XlcapError("is not in UTF-8; save it as 'CSV UTF-8 (comma delimited)'", where=str(file)) from None
    except csv.Error as error:
        raise XlcapError(
            f"is not comma-separated: {error}; put a value that holds a comma or a quote between double quotes, and "
            "double the quotes in it",
            where=str(file),
        ) from None
    if not lines:
        raise XlcapError("is empty; its first row must name the columns", where=str(file))
    header = lines[0]
    if len(header) == 1 and any(mark in header[0] for mark in ";\t"):
        raise XlcapError("has one column only: its values must be separated by commas", where=str(file))
    return _rows(file.name, header, enumerate(lines[1:], 2), even=True)


def _parquet(file: Path) -> Rows:
    import pandas

    try:
        # Arrow's own types: whole numbers stay whole beside blanks, decimals stay decimals.
        frame = pandas.read_parquet(file, dtype_backend="pyarrow")
    except (ValueError, NotImplementedError) as error:  # pyarrow's errors are such
        raise XlcapError(f"is not a Parquet file: {str(error).splitlines()[0]}", where=str(file)) from None
    return from_frame(frame, file.name)


def from_frame(frame: pandas.DataFrame, label: str = "the rows") -> Rows:
    """The rows of a DataFrame; a named index counts as columns. ``label`` stands for the file's name in errors.

    >>> import pandas
    >>> from_frame(pandas.DataFrame({"report": ["Q1"], "exit_value": [8.5]})).rows
    (Row(number=2, values={'report': 'Q1', 'exit_value': 8.5}, fault=None),)
    """
    header, columns = frame_columns(frame)
    return _rows(label, header, enumerate(zip(*columns, strict=True), 2))


def _excel(file: Path, sheet: str | None) -> Rows:
    # Our own reader, because pandas takes an error such as #DIV/0!, and a formula never calculated, for a blank.
    from openpyxl.styles.numbers import is_date_format
    from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900, from_excel

    from xlcap.workbook import Template

    book = Template.read(file)
    names = {name.casefold(): name for name in book.plans}
    if sheet is not None and sheet.casefold() not in names:
        raise XlcapError(f"has no sheet '{sheet}'; its sheets are {', '.join(names.values())}", where=str(file))
    plan = book.plans[names[sheet.casefold()] if sheet is not None else next(iter(names.values()))]
    epoch = CALENDAR_MAC_1904 if book.date1904 else CALENDAR_WINDOWS_1900
    lines: dict[int, dict[int, Cell]] = {}
    for place, cell in plan.cells.items():
        value: Cell = plan.value(place, book.strings)
        if value is None:
            if place in plan.formulas:
                raise XlcapError(
                    "the formula there has no value; open the file in Excel and save it",
                    where=f"{file.name} row {place[0]}, column {place[1]} of sheet {plan.name}",
                )
            continue
        shown = book.number_formats[cell.style] if cell.style < len(book.number_formats) else "General"
        if isinstance(value, float) and value >= 1 and is_date_format(shown):
            value = from_excel(value, epoch)
        lines.setdefault(place[0], {})[place[1]] = value
    label = file.name if sheet is None else f"{file.name}#{plan.name}"
    if not lines:
        raise XlcapError("is empty; its first row must name the columns", where=label)
    width = max(max(line) for line in lines.values())
    grid = {number: [line.get(column) for column in range(1, width + 1)] for number, line in sorted(lines.items())}
    first = next(iter(grid))
    return _rows(label, grid.pop(first), grid.items())


def _rows(
    label: str, header: Sequence[Cell], lines: Iterable[tuple[int, Sequence[Cell]]], *, even: bool = False
) -> Rows:
    written = ["" if is_blank(cell) else str(cell).strip() for cell in header]
    names = [header_name(name) for name in written]
    for i, name in enumerate(names):
        if name and name in names[:i]:
            raise XlcapError(f"column '{written[i]}' stands there twice; keep one", where=label)
    if not any(names):
        raise XlcapError("its first row must name the columns", where=label)
    rows = []
    for number, line in lines:
        values = {}
        whole = not even or len(line) == len(header)
        for i, cell in enumerate(line if whole else line[: len(header)]):
            if is_blank(cell):
                continue
            if i >= len(names) or not names[i]:
                raise XlcapError(
                    f"column {i + 1} has values but no header; name it, or take it out", where=f"{label} row {number}"
                )
            values[names[i]] = cell
        if values:
            fault = None if whole else f"has {len(line)} of {len(header)} fields; a comma may be missing or too many"
            rows.append(Row(number, values, fault))
    return Rows(label, tuple(name for name in written if name), tuple(rows))
