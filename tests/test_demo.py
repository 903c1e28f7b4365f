"""The demo, as a new user runs it, and its workbooks as LibreOffice opens them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.worksheet.worksheet import Worksheet

from xlcap.batch.demo import samples
from xlcap.cli import main

# openpyxl says that it will not keep what only a save by it would lose.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:openpyxl")


@pytest.fixture(scope="module", params=samples())
def reports(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The workbooks `xlcap demo` makes of a sample."""
    folder = tmp_path_factory.mktemp("demo")
    assert main(["demo", str(folder), "--sample", request.param]) == 0
    return sorted(folder.glob("*.xlsx"))


def test_the_demo_makes_its_reports(reports: list[Path]) -> None:
    """At least three workbooks, each with a value behind every formula and no error in any cell."""
    assert len(reports) >= 3
    for path in reports:
        formulas, values = load_workbook(path), load_workbook(path, data_only=True)
        for sheet in formulas:
            for row in sheet.iter_rows():
                for cell in row:
                    shown = values[sheet.title][cell.coordinate].value
                    assert not (isinstance(shown, str) and shown.startswith("#")), (
                        path.name,
                        sheet.title,
                        cell.coordinate,
                    )


def test_libreoffice_shows_what_was_filled(reports: list[Path], libreoffice: Callable[[Path, str], Path]) -> None:
    """LibreOffice opens a report, recalculates nothing, and shows the values openpyxl reads from the file.

    Spilled areas are left out: LibreOffice keeps no values of array formulas and works them out anew, which it
    cannot without the add-in. No sheet that is printed has one.
    """
    filled = load_workbook(reports[-1], data_only=True)
    spilled = {sheet.title: set(array_cells(sheet)) for sheet in load_workbook(reports[-1])}
    opened = load_workbook(libreoffice(reports[-1], "xlsx:Calc MS Excel 2007 XML"), data_only=True)
    compared = 0
    for sheet in filled:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.value is not None and cell.coordinate not in spilled[sheet.title]:
                    assert same(cell.value, opened[sheet.title][cell.coordinate].value), (sheet.title, cell.coordinate)
                    compared += 1
    assert compared > 1000
    assert {title for title, cells in spilled.items() if cells} <= {"Working"}


def array_cells(sheet: Worksheet) -> Iterator[str]:
    """The cells of a sheet that array formulas fill."""
    for row in sheet.iter_rows():
        for cell in row:
            if isinstance(cell.value, ArrayFormula):
                area: Any = sheet[cell.value.ref]
                yield from (
                    each.coordinate for line in (area if isinstance(area, tuple) else ((area,),)) for each in line
                )


def same(one: object, other: object) -> bool:
    """Equal, numbers to the fifteen digits LibreOffice writes."""
    if isinstance(one, int | float) and isinstance(other, int | float):
        return abs(one - other) <= 1e-14 * max(1, abs(one))
    return one == other
