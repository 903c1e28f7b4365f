"""A template being built: whose it is, its workbook, and the sample data that are its first contents."""

from __future__ import annotations

import csv
import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from openpyxl import Workbook
from openpyxl.utils import get_column_letter

from xlcap.batch.looks import STYLES

WORKBOOKS = Path(__file__).parents[1]
ANSWERS_TOP, ANSWERS_LEFT = 5, 7
"""The row and column of the sheet Working where the first answer spills; the others follow to its right."""


class Answer(NamedTuple):
    """A formula whose answer is a table: what it is, where it is shown, its name, and the formats of its columns."""

    title: str
    shown_on: str
    name: str
    formula: str
    codes: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class Design:
    """A template: what it is called, the certificate it is about, and its sheets in their order."""

    folder: str
    """Of the sample data."""
    file: str
    terms: str = ""
    """None, where the template is for any company."""
    title: str
    footer: str
    stamp: dt.datetime
    """The file's times, fixed so that a rebuild gives the same file."""
    first_day: dt.date
    """Before it no input date is accepted."""
    price: str = ""
    """The format of a conversion price."""
    answers: Sequence[Answer]
    sheets: Sequence[Callable[[Book], None]]


class Book:
    """The workbook of a design."""

    def __init__(self, design: Design) -> None:
        self.design = design
        self.workbook = Workbook()
        self.workbook.remove(self.workbook.worksheets[0])
        for style in STYLES:
            self.workbook.add_named_style(style)

    def sample(self, name: str) -> list[dict[str, str]]:
        """The rows of a file of sample data."""
        with (WORKBOOKS / self.design.folder / name).open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def rows(self, name: str, columns: Sequence[str]) -> list[list[Any]]:
        """The same as values, in these columns: of rows chosen by a column of the reports, those of the first."""
        first = self.sample("reports.csv")[0]
        rows = [row for row in self.sample(name) if all(row.get(key, told) == told for key, told in first.items())]
        return [[value(row.get(column)) for column in columns] for row in rows]

    @cached_property
    def lefts(self) -> Mapping[str, int]:
        """The first column of each answer on the sheet Working; one is left free between two."""
        lefts, left = {}, ANSWERS_LEFT
        for answer in self.design.answers:
            lefts[answer.name] = left
            left += len(answer.codes) + 1
        return lefts

    def place(self, answer: str, row: int, column: int) -> str:
        """The cell of the sheet Working with a row and column of an answer, whose headings are its first row."""
        return f"Working!{get_column_letter(self.lefts[answer] + column - 1)}{ANSWERS_TOP + row - 1}"

    def line(self, number: int, *, turned: bool = False) -> dict[str, Line]:
        """A row of every answer; ``turned``, a column."""
        return {name: Line(self, name, number, turned) for name in self.lefts}

    @cached_property
    def report(self) -> Mapping[str, Any]:
        """The inputs of the first report."""
        return {name: value(text) for name, text in self.sample("reports.csv")[0].items() if name != "report"}


@dataclass(frozen=True)
class Line:
    """A row of an answer, or, turned, a column: where its cells are, by their number from 1; ``"2:5"`` is several."""

    book: Book
    answer: str
    number: int
    turned: bool

    def __getitem__(self, at: int | str) -> str:
        first, colon, last = str(at).partition(":")
        return self._place(int(first)) + (colon and colon + self._place(int(last)).partition("!")[2])

    def _place(self, at: int) -> str:
        row, column = (at, self.number) if self.turned else (self.number, at)
        return self.book.place(self.answer, row, column)


def value(text: str | None) -> Any:
    """What a cell of a CSV file says: a date, a number, a text, or nothing."""
    if not text:
        return None
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        return dt.date.fromisoformat(text)
    if re.fullmatch(r"-?\d+", text):
        return int(text)
    return float(text) if re.fullmatch(r"-?\d+\.\d+", text) else text
