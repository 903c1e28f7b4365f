"""Excel on Mac, Windows and the web through xlwings Lite, as far as it can be had here: xlwings' own Office.js code."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import pytest
from golden import calls
from office_js import enterable, formula, metadata, modules, office, runs, shown_otherwise

from xlcap.cells import CellError
from xlcap.functions import functions
from xlcap.hosts.excel.lite import MAIN


@pytest.fixture(scope="module")
def lite() -> Iterator[ProcessPoolExecutor]:
    with office() as process:
        yield process


def shown(lite: ProcessPoolExecutor, name: str, *args: Any) -> tuple[Any, str]:
    return lite.submit(formula, name, args).result()


def test_the_golden_table(lite: ProcessPoolExecutor) -> None:
    """Excel shows what the table says; of #VALUE! it shows the message too."""
    found = {
        asked.id: shown_otherwise(asked, *shown(lite, asked.function, *asked.args))
        for asked in filter(enterable, calls())
    }
    assert len(found) >= 300
    assert {name: what for name, what in found.items() if what} == {}


def test_the_reason_of_an_error_is_at_hand(lite: ProcessPoolExecutor) -> None:
    """#NUM! carries no message in Office.js; XLCAP_REASON has it."""
    assert shown(lite, "SPLIT_ADJUSTED_PRICE", 20.0, 0.0) == ([[CellError("#NUM!")]], "")
    ((reason,),), _ = shown(lite, "XLCAP_REASON")
    assert reason.endswith("#NUM!: ratio: must be above zero; found 0")


def test_errors_office_js_cannot_answer_with_are_value_errors(lite: ProcessPoolExecutor) -> None:
    """#CALC! cannot be a function's answer; it must not become a text that a sum would leave out."""
    assert shown(lite, "SPLIT_ADJUSTED_PRICE", [[20.0, CellError("#CALC!")]], 2.0)[0] == [[10, CellError("#VALUE!")]]


def test_excel_is_told_about_every_function(lite: ProcessPoolExecutor) -> None:
    """The name in our namespace, the help, each argument with its help, which may be left out; nothing is volatile."""
    told = {facts["id"]: facts for facts in lite.submit(metadata).result()["functions"]}
    assert told.keys() == functions().keys()
    for declared in functions().values():
        facts = told[declared.name]
        assert facts["name"] == f"XLCAP.{declared.name}"
        assert facts["description"] == declared.doc
        assert "volatile" not in facts["options"]
        assert [p["name"] for p in facts["parameters"]] == [a.name for a in declared.arguments]
        assert [p["description"] for p in facts["parameters"]] == [a.doc for a in declared.arguments]
        optional = [bool(p.get("optional")) for p in facts["parameters"]]
        assert optional == sorted(optional)
        assert all(a.required <= (not may) for a, may in zip(declared.arguments, optional, strict=True))


def test_the_code_a_workbook_carries_runs(lite: ProcessPoolExecutor) -> None:
    """`xlcap addin lite` puts it there; Lite finds every function in it."""
    assert lite.submit(runs, {"main.py": MAIN}).result() == functions().keys()


def test_neither_pandas_nor_numpy_is_needed(lite: ProcessPoolExecutor) -> None:
    """Nor anything of ours beside the functions."""
    loaded = lite.submit(modules).result()
    assert not loaded & {"pandas", "numpy", "openpyxl", "lxml", "formualizer", "xlcap.batch", "xlcap.workbook"}
