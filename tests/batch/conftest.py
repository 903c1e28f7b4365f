"""A small template: named cells of each kind, a table with a calculated column, formulas of Excel's and of ours."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.worksheet.table import Table, TableColumn, TableFormula

INPUTS = [  # name, what the template holds, number format
    ("Price", 20, "0.00"),
    ("Ratio", 2, "0.0000"),
    ("As_Of", dt.date(2004, 6, 30), "yyyy-mm-dd"),
    ("Holder", "General Partner", "General"),
    ("Note", None, "@"),
    ("Draft", None, "General"),
]

COLUMNS = ["event", "date", "ratio", "shares", "common_outstanding", "id", "refers_to", "doubled"]


def build(path: Path, *, draft: object = "no", formulas: dict[str, str] | None = None) -> Path:
    """The template; ``draft`` stands in the input of that name, ``formulas`` replace those of the sheet Summary."""
    book = Workbook()
    inputs: Any = book.active
    inputs.title = "Inputs"
    for row, (name, value, shown) in enumerate(INPUTS, 1):
        inputs.cell(row, 1, name)
        inputs.cell(row, 2, draft if name == "Draft" else value).number_format = shown
        book.defined_names[name] = DefinedName(name, attr_text=f"Inputs!$B${row}")

    events = book.create_sheet("Events")
    events.append(COLUMNS)
    events.append(["split", dt.date(2004, 1, 5), 2, None, None, "old", None, "=Events[[#This Row],[ratio]]*2"])
    events["B2"].number_format = "yyyy-mm-dd"
    table = Table(displayName="Events", ref="A1:H2")
    table._initialise_columns()
    for column, name in zip(table.tableColumns, COLUMNS, strict=True):
        column.name = name
    last: TableColumn = table.tableColumns[-1]
    last.calculatedColumnFormula = TableFormula(attr_text="Events[[#This Row],[ratio]]*2")
    events.add_table(table)

    summary = book.create_sheet("Summary")
    for place, formula in (formulas or SUMMARY).items():
        summary[place] = ArrayFormula(place, formula[1:]) if formula.startswith("{") else formula
    book.save(path)
    return path


SUMMARY = {"A1": "=SPLIT_ADJUSTED_PRICE(Price,Ratio)", "A2": "=SUM(Events[ratio])", "A3": '=Holder&" "&Note'}


def value(path: Path, place: str) -> Any:
    """What a cell of a finished workbook shows, as openpyxl reads it, uncalculated."""
    sheet, _, cell = place.partition("!")
    return load_workbook(path, data_only=True)[sheet][cell].value


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, which is the current one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def template(folder: Path) -> Path:
    """The template, in the current folder."""
    return build(folder / "template.xlsx")


@pytest.fixture
def csv(folder: Path) -> Callable[..., Path]:
    """Writes a CSV file into the current folder."""

    def write(name: str, *lines: str) -> Path:
        path = folder / name
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    return write


@pytest.fixture
def made(folder: Path) -> Callable[[], list[str]]:
    """What stands in the folder ``out``, hidden files included."""
    return lambda: sorted(path.name for path in (folder / "out").glob("*")) if (folder / "out").exists() else []


@pytest.fixture
def show() -> Callable[[Path, str], Any]:
    """Reads a cell of a finished workbook."""
    return value


@pytest.fixture
def template_with() -> Callable[..., Path]:
    """Builds a template that differs."""
    return build
