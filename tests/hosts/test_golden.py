"""The golden table covers what there is, and the functions called from Python answer it."""

from __future__ import annotations

import datetime as dt
import io
from pathlib import Path
from typing import Any

import pytest
from golden import ABOUT_ITSELF, TABLE, Call, calls, difference, same
from golden_workbook import write
from make_golden import golden
from openpyxl import load_workbook
from openpyxl.worksheet.formula import ArrayFormula

from xlcap.cells import CellError
from xlcap.errors import XlcapError
from xlcap.functions import call, functions
from xlcap.hosts.headless import fill
from xlcap.workbook import Template

CALLS = calls()


def answered(asked: Call) -> Any:
    """A call's answer, or the error in its place."""
    try:
        return call(asked.function, asked.args)
    except XlcapError as error:
        return error


def is_error(expect: Any) -> bool:
    """Whether a call is to be answered by an error."""
    return isinstance(expect, dict) and "error" in expect


def test_the_table_is_current() -> None:
    """golden.json is what `python tests/hosts/make_golden.py` writes today."""
    assert TABLE.read_text(encoding="utf-8") == golden()


@pytest.mark.parametrize("function", sorted({asked.function for asked in CALLS}))
def test_python_answers(function: str) -> None:
    """Every call of the function is answered as the table says."""
    asked = [one for one in CALLS if one.function == function]
    found = {one.id: difference(answered(one), one.expect) for one in asked}
    assert {name: told for name, told in found.items() if told} == {}


def test_every_function_is_asked() -> None:
    """Each function that is declared has calls, save those about the session itself."""
    assert len(CALLS) >= 300
    assert {asked.function for asked in CALLS} == set(functions()) - ABOUT_ITSELF


def test_every_argument_is_given() -> None:
    """Each argument of each function has a value in a call that is answered."""
    given = {
        (asked.function, argument.name)
        for asked in CALLS
        for argument, value in zip(functions()[asked.function].arguments, asked.args, strict=False)
        if value is not None and not is_error(asked.expect)
    }
    declared = {(f.name, argument.name) for f in functions().values() for argument in f.arguments}
    assert declared - given == {pair for pair in declared if pair[0] in ABOUT_ITSELF}


def test_every_error_is_there() -> None:
    """Each error Excel has always had comes back as itself, and each the functions give themselves has its reason."""
    errors = [asked.expect for asked in CALLS if is_error(asked.expect)]
    carried = {told["error"] for told in errors if "the cell holds the error" in told["says"]}
    assert carried == {"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A"}
    assert {told["error"] for told in errors if "the cell holds" not in told["says"]} >= {"#VALUE!", "#NUM!", "#N/A"}


def test_differences_are_told() -> None:
    """A wrong number, a wrong type, a wrong size and a wrong reason are differences; forms of one value are none."""
    day, row = {"date": "2004-01-14"}, [["a", 1.0]]
    alike = [(38000, day), (dt.datetime(2004, 1, 14), day), ("", None), (((20.0,),), 20), ([["a", 1 + 1e-15]], row)]
    alike += [(CellError("#N/A"), {"error": "#N/A", "says": "no row"}), ("#N/A", {"error": "#N/A"})]
    assert [(answer, told) for answer, told in alike if not same(answer, told)] == []
    others = [
        (38001, day),
        (0, None),
        (True, 1),
        (1, True),
        ("1", 1),
        (1 + 1e-11, 1),
        ([["a"], [1.0]], row),
        ("#N/A", 1),
    ]
    others += [(CellError("#NUM!"), {"error": "#N/A"}), (XlcapError("x", code="#N/A"), {"error": "#N/A", "says": "y"})]
    assert [(answer, told) for answer, told in others if same(answer, told)] == []
    assert difference([["a", 2.0]], row) == "row 1, column 2: 1.0 expected; found 2.0"


@pytest.mark.parametrize("in_cells", [True, False], ids=["arguments in cells", "arguments in the formula"])
def test_headless_answers(tmp_path: Path, in_cells: bool) -> None:
    """A workbook with a formula for each call, computed without a spreadsheet program, shows what the table says."""
    rows = write(tmp_path / "golden.xlsx", CALLS, in_cells=in_cells)
    done = fill(Template.read(tmp_path / "golden.xlsx"), {})
    reasons = {error.cell: XlcapError(error.message, code=error.code) for error in done.errors}
    shown = load_workbook(io.BytesIO(done.data), data_only=True)["Asked"]
    formulas = load_workbook(io.BytesIO(done.data))["Asked"]
    found = {}
    for asked in CALLS:
        first = formulas.cell(rows[asked.id], 1)
        answer: Any = shown[first.coordinate].value
        if isinstance(first.value, ArrayFormula):
            answer = [[cell.value for cell in row] for row in shown[first.value.ref]]
        found[asked.id] = difference(reasons.get(first.coordinate, answer), asked.expect)
    assert {name: told for name, told in found.items() if told} == {}
