"""``xlcap check``: calls, inputs and problems, for people and for machines."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.table import Table
from small import book

from xlcap.check import check
from xlcap.cli import main
from xlcap.functions import names
from xlcap.workbook import Template
from xlcap.workbook.forms import Form, converted

Capture = pytest.CaptureFixture[str]
TEMPLATES = sorted((Path(__file__).parents[2] / "workbooks").glob("*.xlsx"))
MENDS = "`xlcap convert --to xlam` mends the link"


def problems(path: Path) -> list[tuple[str, str, str]]:
    """Where the problems are, their kind, and what they say."""
    return [(p.place, p.kind, p.message) for p in check(path).problems]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_the_templates_are_clean(path: Path, capsys: Capture) -> None:
    """What we ship has no problem, and the exit code says so."""
    assert main(["check", str(path)]) == 0
    assert "  no problems\n" in capsys.readouterr().out


def test_calls_are_listed_with_their_form(tmp_path: Path) -> None:
    """Each call: sheet, cell, function, and how it is stored."""
    path = book(tmp_path / "a.xlsx", {"B1": "=CONSENTS(A1)", "B2": "=_xll.CONSENTS(xlcap.terms(A2))"})
    assert [tuple(call) for call in check(path).calls] == [
        ("S", "B1", "CONSENTS", "plain"),
        ("S", "B2", "TERMS", "libreoffice"),
        ("S", "B2", "CONSENTS", "xll"),
    ]
    assert check(path).notes == (
        "the calls are stored in several forms (1 plain, 1 libreoffice, 1 xll); `xlcap convert` brings them into one",
    )


def test_a_blank_that_calc_makes_zero_is_noted(tmp_path: Path) -> None:
    """In Calc a blank `inside` is FALSE unless the cell is a range; in Excel a blank is a blank."""
    asked = "PRICED_ROUND(B3:C9,5,1,,{},,,,B2)"
    calc, other = f"=XLCAP.{asked}", f"={asked}"
    cells = {"A1": calc.format("B1"), "A2": calc.format("B1:B1"), "A3": other.format("B1"), "A4": "=XLCAP.TERMS(B1)"}
    assert [note for note in check(book(tmp_path / "a.xlsx", cells)).notes if "blank" in note] == [
        "S!A1: Calc hands over a blank cell as 0; where one may be blank, write it as a range, B7:B7",
    ]


def test_a_fault_made_twice_in_a_formula_is_one_problem(tmp_path: Path, capsys: Capture) -> None:
    """The cell is to be mended once."""
    assert main(["check", str(book(tmp_path / "a.xlsx", {"A1": "=CONSENTS()&CONSENTS()"}))]) == 1
    assert "  2 calls\n" in (told := capsys.readouterr().out)
    assert "  1 problem\n" in told


def test_calls_outside_cells_are_listed(tmp_path: Path) -> None:
    """A defined name that calls a function is told by its name."""
    path = book(tmp_path / "a.xlsx", {"B1": 1}, names={"matters": 'CONSENTS("PATRON-B")'})
    assert [tuple(call) for call in check(path).calls] == [("", "name matters", "CONSENTS", "plain")]


def test_an_unknown_function_close_to_ours(tmp_path: Path) -> None:
    """A slip in a function's name is told with the name that was meant, in whatever form."""
    cells = {"B1": "=WATERFAL(1)", "B2": "=_xldudf_XLCAP_CONSENT(1)", "B3": "=SUM(1)"}
    path = book(tmp_path / "a.xlsx", cells, names={"n": "BREAKPOINT(1)"})
    assert problems(path) == [
        ("name n", "call", "BREAKPOINT: did you mean BREAKPOINTS?"),
        ("B1", "call", "WATERFAL: did you mean WATERFALL?"),
        ("B2", "call", "XLCAP_CONSENT: did you mean CONSENTS?"),
    ]


def test_argument_counts(tmp_path: Path) -> None:
    """Too many arguments, and required ones left out or left empty."""
    cells = {
        "B1": "=SPLIT_ADJUSTED_PRICE(20)",
        "B2": "=SPLIT_ADJUSTED_PRICE(,2)",
        "B3": "=CONSENTS(1,2,3,4,5,6,7,8,9)",
        "B4": "=SPLIT_ADJUSTED_PRICE(MAX(1,2),{2,3})",
        "B5": "=CONSENTS()",
    }
    told = problems(book(tmp_path / "a.xlsx", cells))
    assert [(place, kind) for place, kind, _ in told] == [(f"B{n}", "call") for n in (1, 2, 3, 5)]
    assert told[0][2].startswith("SPLIT_ADJUSTED_PRICE lacks its argument 'ratio': ")
    assert told[1][2].startswith("SPLIT_ADJUSTED_PRICE lacks its argument 'price': ")
    assert told[2][2].startswith("CONSENTS takes at most ") and told[2][2].endswith("; found 9")
    assert told[3][2].startswith("CONSENTS lacks its argument 'terms': ")


def test_broken_links(tmp_path: Path) -> None:
    """A link that is missing, and one to another add-in."""
    path = book(tmp_path / "a.xlsx", {"B1": "=CONSENTS(A1)"})
    ours = frozenset(names())
    path.write_bytes(converted(Template.read(path), Form.XLAM, ours, "other.xlam").data)
    made = load_workbook(path)
    made["S"]["B2"] = "=[7]!CONSENTS(A1)"
    made.save(path)
    assert problems(path) == [
        ("B1", "link", "CONSENTS is called through [1], which leads to other.xlam, not to xlcap.xlam"),
        ("B2", "link", f"CONSENTS is called through [7], and the workbook has no such link; {MENDS}"),
    ]


def test_what_cannot_be_computed_headless(tmp_path: Path, capsys: Capture) -> None:
    """Formulas that `fill` would refuse are problems, told once for all cells that have one."""
    path = book(tmp_path / "a.xlsx", {f"B{row}": '=CELL("row")' for row in (1, 2, 5)})
    assert main(["check", str(path)]) == 1
    assert "    S!B1:B2, B5: CELL: Excel answers with the file's own place" in capsys.readouterr().out


def test_inputs_and_tables_for_machines(tmp_path: Path, capsys: Capture) -> None:
    """JSON has what `fill` can set: named cells and tables with the columns that take values."""
    path = book(tmp_path / "a.xlsx", {"A1": 5, "C1": "x", "D1": "y", "C2": 1, "D2": "=C2*2"}, names={"price": "S!$A$1"})
    made = load_workbook(path)
    made["S"].add_table(Table(displayName="T", ref="C1:D2"))
    made.save(path)
    assert main(["check", "--json", str(path)]) == 0
    (told,) = json.loads(capsys.readouterr().out)
    assert told["inputs"] == [{"name": "price", "sheet": "S", "cell": "A1", "kind": "number"}]
    assert told["tables"] == [{"name": "T", "sheet": "S", "ref": "C1:D2", "columns": ["x"]}]
    assert told["calls"] == told["problems"] == []


def test_a_pattern_of_files(tmp_path: Path, capsys: Capture) -> None:
    """Windows gives the pattern as it is written; one that no file has is told."""
    for name in ("b.xlsx", "a.xlsx"):
        book(tmp_path / name, {"B1": 1})
    assert main(["check", "--json", str(tmp_path / "*.xlsx")]) == 0
    assert [Path(told["file"]).name for told in json.loads(capsys.readouterr().out)] == ["a.xlsx", "b.xlsx"]
    assert main(["check", str(tmp_path / "*.xlsm")]) == 2
    assert "*.xlsm: cannot be read" in capsys.readouterr().out


def test_a_call_apart_from_its_parenthesis(tmp_path: Path) -> None:
    """It is told what to do; a name that is crossed with cells is another matter."""
    path = book(tmp_path / "a.xlsx", {"B1": "=CONSENTS (A1)"})
    assert (
        "B1",
        "fill",
        "CONSENTS: it stands apart from its parenthesis; take out what is between them",
    ) in problems(path)
    path = book(tmp_path / "a.xlsx", {"B1": "=consents (A1:A3)"}, names={"Consents": "S!$A$1:$A$2"})
    assert not any("apart" in told for _, _, told in problems(path))


def test_a_call_in_the_workbook_itself_needs_no_link(tmp_path: Path) -> None:
    """``[0]`` is the workbook."""
    assert problems(book(tmp_path / "a.xlsx", {"B1": '=[0]!CONSENTS("PATRON-B")'})) == []


def test_a_file_that_cannot_be_read(tmp_path: Path, capsys: Capture) -> None:
    """The others are checked all the same, and the exit code is 2."""
    broken = tmp_path / "broken.xlsx"
    broken.write_text("no", encoding="utf-8")
    good = book(tmp_path / "good.xlsx", {"B1": "=CONSENTS(A1)"})
    assert main(["check", "--json", str(broken), str(tmp_path / "none.xlsx"), str(good)]) == 2
    told = json.loads(capsys.readouterr().out)
    assert [sorted(file) for file in told[:2]] == [["error", "file"]] * 2
    assert "not a workbook" in told[0]["error"]
    assert [call["function"] for call in told[2]["calls"]] == ["CONSENTS"]
