"""The shipped templates, filled by batch, computed anew by LibreOffice with the add-in and compared cell by cell.

They use functions of Excel that some versions of LibreOffice lack. Formulas with these are given the values batch
wrote, and counted here by function, so that nothing is passed over in silence.
"""

from __future__ import annotations

import re
from bisect import bisect
from collections import Counter
from collections.abc import Iterator, Set
from pathlib import Path
from typing import Any

import pytest
from calc import Calc
from openpyxl import Workbook, load_workbook
from openpyxl.cell import Cell
from openpyxl.worksheet.formula import ArrayFormula

from xlcap.batch import TableFile, plan
from xlcap.batch.demo import demo
from xlcap.convert import convert
from xlcap.workbook.forms import Form

LEARNT = {(24, 8): {"LET", "SEQUENCE"}, (25, 8): {"VSTACK", "DROP"}}
"""The versions of LibreOffice that brought functions of Excel, with those the templates call."""

TEMPLATES = {
    # sample: how many formulas with a function that some versions lack; how many calls of ours LibreOffice answers,
    # before the first of these versions, from the first and from the second
    "pricesmart": ({"LET": 173, "SEQUENCE": 2, "DROP": 1}, (25, 199, 199)),
    "valuestar": ({"LET": 177, "SEQUENCE": 2, "DROP": 1}, (26, 204, 204)),
    "patron": ({"LET": 173, "SEQUENCE": 2, "DROP": 1}, (48, 222, 222)),
    "waterfall": ({"LET": 26, "SEQUENCE": 8, "VSTACK": 6, "DROP": 2}, (22, 24, 30)),
}


@pytest.mark.parametrize("sample", TEMPLATES)
def test_the_template_computes_alike(calc: Calc, tmp_path: Path, sample: str) -> None:
    """Every cell that LibreOffice computes shows what batch wrote."""
    filled = _filled(sample, tmp_path / "filled")
    (tmp_path / "libreoffice").mkdir()
    converted = tmp_path / "libreoffice" / filled.name
    convert(filled, Form.LIBREOFFICE, converted)
    written, formulas = load_workbook(filled, data_only=True), load_workbook(converted)
    counts, answered = TEMPLATES[sample]
    lacking = {name for version, names in LEARNT.items() if calc.version < version for name in names}
    assert _in_its_words(formulas, written, lacking) == {name: counts[name] for name in counts.keys() & lacking}
    formulas.save(converted)
    shown = load_workbook(calc.recalculated(converted), data_only=True)
    told = {}
    for cell in _cells(written):
        found = shown[cell.parent.title][cell.coordinate].value
        formula = _formula(formulas[cell.parent.title][cell.coordinate])
        if not _alike(found, _to_calc(cell.value, formula)):
            told[f"{cell.parent.title}!{cell.coordinate}"] = f"{cell.value!r} expected; found {found!r}"
    assert told == {}
    assert sum("XLCAP." in _formula(cell) for cell in _cells(formulas)) == answered[bisect(list(LEARNT), calc.version)]


def _filled(sample: str, folder: Path) -> Path:
    """The first report of a sample, made by batch."""
    told = demo(sample=sample)
    folder.mkdir()
    made = plan(
        told.template, told.rows, folder, tables=[TableFile.parse(table) for table in told.tables], name=told.name
    )
    outcome = next(iter(made.run()))
    assert outcome.output
    return Path(outcome.output)


def _in_its_words(book: Workbook, written: Workbook, lacking: Set[str]) -> Counter[str]:
    """Tell LibreOffice what it lacks: the values of formulas that it cannot compute, whose functions are counted."""
    given: Counter[str] = Counter()
    for cell in list(_cells(book)):
        found = lacking & set(re.findall(r"_xlfn\.(?:_xlws\.)?(\w+)\(", _formula(cell)))
        given.update(found)
        if found:
            area = cell.value.ref if isinstance(cell.value, ArrayFormula) else cell.coordinate
            for row in cell.parent[f"{area}:{area}" if ":" not in area else area]:
                for one in row:
                    one.value = written[cell.parent.title][one.coordinate].value
    return given


def _cells(book: Workbook) -> Iterator[Cell]:
    return (cell for sheet in book for row in sheet.iter_rows() for cell in row)  # type: ignore[misc]


def _formula(cell: Any) -> str:
    text = cell.value.text if isinstance(cell.value, ArrayFormula) else cell.value
    return text if isinstance(text, str) and text.startswith("=") else ""


def _to_calc(told: Any, formula: str) -> Any:
    """A value that batch wrote as Calc has it: TRUE is 1 there, and no ISLOGICAL tells it from a number."""
    return {"TRUE": 1, "FALSE": 0}.get(told, told) if "ISLOGICAL(" in formula else told


def _alike(found: Any, told: Any) -> bool:
    if found in (None, "") or told in (None, ""):
        return found in (None, "") and told in (None, "")
    if isinstance(found, int | float) and isinstance(told, int | float):
        return abs(found - told) <= 1e-9 * max(1, abs(told))
    return bool(found == told)
