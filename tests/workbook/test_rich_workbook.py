"""A workbook rich in what others lose: filling it changes what was asked for and what follows from it."""

import datetime as dt
import io
import re

import pytest
from openpyxl import load_workbook
from python_calamine import CalamineWorkbook
from rich_workbook import build
from small import members

from xlcap.hosts.headless import fill
from xlcap.workbook import Template, save

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:openpyxl")

ROWS = [{"Round": f"R{i}", "Price": i + 0.25, "Shares": 10 * i} for i in range(1, 7)]


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    return Template.read(build(tmp_path_factory.mktemp("rich") / "rich.xlsm", macros=True))


def changed(template, filled):
    """The parts that differ, and those added or gone."""
    before, after = members(template.path.read_bytes()), members(filled.data)
    return {n for n in {*before, *after} if before.get(n) != after.get(n)}


def test_inputs_change_their_sheet_and_the_sheets_that_compute(template):
    """Text box, image, button, comment, pivot table, styles, strings, chart and VBA stay byte for byte."""
    filled = fill(template, {"proceeds": 5000, "holder": "=Ann"}, names=())
    assert changed(template, filled) == {"xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml", "xl/workbook.xml"}
    assert (filled.errors, filled.cells, filled.formulas) == ((), 2, 8)


def test_outside_the_cells_a_sheet_stays_byte_for_byte(template):
    """Validation, formats, sparklines and the order of everything are as they were."""
    filled = fill(template, {"proceeds": 5000}, names=())
    for name in ("xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml"):
        before, after = members(template.path.read_bytes())[name], members(filled.data)[name]
        assert before.split(b"<sheetData>")[0] == after.split(b"<sheetData>")[0]
        assert before.split(b"</sheetData>")[1] == after.split(b"</sheetData>")[1]
    cells = [
        re.findall(rb"<c r=.*?(?:/>|</c>)", members(d)["xl/worksheets/sheet1.xml"])
        for d in (template.path.read_bytes(), filled.data)
    ]
    differing = [old for old, new in zip(*cells, strict=True) if old != new]
    assert {re.search(rb'r="(\w+)"', c)[1] for c in differing} == {b"B1", b"H7", b"H8", b"H9"}


def test_a_table_takes_with_it_what_covers_it(template):
    """Validation, both kinds of conditional format, the sparkline and the chart cover the new rows, with their
    values.
    """
    filled = fill(template, {}, {"Rounds": ROWS}, names=())
    parts = members(filled.data)
    sheet = parts["xl/worksheets/sheet1.xml"]
    for covered in (
        b'sqref="F7:F12"',
        b'sqref="G7:G12"',
        b"<xm:sqref>H7:H12</xm:sqref>",
        b"<xm:f>Inputs!G7:G12</xm:f>",
    ):
        assert covered in sheet
    chart = parts["xl/charts/chart1.xml"]
    assert b"$G$7:$G$12" in chart
    assert re.findall(rb"<v>(\w+)</v>", chart) == [
        b"R1",
        b"R2",
        b"R3",
        b"R4",
        b"R5",
        b"R6",
        b"10",
        b"20",
        b"30",
        b"40",
        b"50",
        b"60",
    ]
    assert changed(template, filled) == {
        "xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml", "xl/workbook.xml", "xl/tables/table1.xml",
        "xl/charts/chart1.xml", "xl/calcChain.xml", "xl/_rels/workbook.xml.rels", "[Content_Types].xml",
    }  # fmt: skip


@pytest.fixture(scope="module")
def output(template, tmp_path_factory):
    """The workbook filled, as a file."""
    filled = fill(
        template, {"proceeds": 2500.5, "as_of": dt.date(2025, 3, 4), "empty_input": "x\ny"}, {"Rounds": ROWS}, names=()
    )
    path = tmp_path_factory.mktemp("out") / "filled.xlsm"
    save(path, filled.data)
    return path


EXPECTED = {"A1": 5001, "A2": 962.5, "A3": "For Patron", "A4": 5002, "A5": "untouched", "B5": "untouched"}


def test_openpyxl_reads_the_values_without_computing(output):
    """A reader that computes nothing finds every value."""
    model = load_workbook(output, data_only=True)["Model"]
    assert {k: model[k].value for k in EXPECTED} == EXPECTED


def test_calamine_reads_the_values_without_computing(output):
    """So does another."""
    rows = CalamineWorkbook.from_filelike(io.BytesIO(output.read_bytes())).get_sheet_by_name("Model").to_python()
    assert [r[0] for r in rows] == [EXPECTED[f"A{i}"] for i in range(1, 6)]


def test_libreoffice_opens_it_and_computes_the_same(output, libreoffice):
    """A real spreadsheet program opens the file, recalculates, and finds the same values."""
    book = load_workbook(libreoffice(output, "xlsx:Calc MS Excel 2007 XML"), data_only=True)
    assert {k: book["Model"][k].value for k in EXPECTED} == EXPECTED
    assert book["Inputs"]["H12"].value == 375
    assert book["Inputs"].tables["Rounds"].ref == "E6:H12"
