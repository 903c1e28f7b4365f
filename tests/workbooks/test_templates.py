"""What holds for every template shipped and for the reports its sample makes."""

from __future__ import annotations

import csv
import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import make_prices
import pytest
from build import DESIGNS
from building import file
from filled import Filled, Made, parts
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

from xlcap import functions
from xlcap.batch.demo import Demo, demo, samples
from xlcap.hosts import headless
from xlcap.workbook import Template

pytestmark = pytest.mark.parametrize("name", DESIGNS)


@pytest.fixture
def sample(name: str) -> Demo:
    """The sample of a template."""
    return demo(sample=name)


@pytest.fixture
def template(sample: Demo) -> Template:
    """The template as it is shipped."""
    return Template.read(sample.template)


@pytest.fixture
def reports(name: str, made: Made) -> list[Filled]:
    """The reports the sample makes."""
    return [Filled(path) for path in sorted(made(name)[1].iterdir())]


# -- the file


def test_template_is_what_its_script_builds(name: str, sample: Demo, tmp_path: Path) -> None:
    """The template in the repository is a rebuild, part by part; if not: python workbooks/build.py."""
    assert file.build(DESIGNS[name], tmp_path / "again.xlsx") == ()
    again, shipped = parts((tmp_path / "again.xlsx").read_bytes()), parts(sample.template.read_bytes())
    assert list(again) == list(shipped)
    assert [part for part in again if again[part] != shipped[part]] == []


def test_functions_newer_than_the_format_have_their_prefix(template: Template) -> None:
    """Excel stores IFNA and what came after 2007 with ``_xlfn.``, and knows them by no other name in a file."""
    newer = "IFNA IFS SWITCH CONCAT TEXTJOIN MAXIFS XLOOKUP XMATCH FILTER SORT UNIQUE LET VSTACK HSTACK DROP SEQUENCE"
    called = rf"(?<![\w.])(?:{newer.replace(' ', '|')})\("
    assert [f.cell for f in template.formulas if re.search(called, f.text)] == []


def test_there_is_a_sample(name: str) -> None:
    """The demo can fill it."""
    assert name in samples()


def test_prices_are_what_their_script_makes(name: str, sample: Demo) -> None:
    """The closing prices come out the same on every machine."""
    if name in make_prices.SAMPLES:
        with (sample.folder / "prices.csv").open(encoding="utf-8", newline="") as opened:
            assert list(csv.reader(opened)) == list(make_prices.rows(make_prices.SAMPLES[name]))


def test_a_named_cell_for_each_column(sample: Demo, template: Template) -> None:
    """The columns of the reports are inputs, but for the one that names the report."""
    with sample.rows.open(encoding="utf-8", newline="") as opened:
        columns = next(csv.reader(opened))
    assert set(columns) - set(template.inputs) == {"report"}


def test_no_name_is_a_functions_name(template: Template) -> None:
    """A name or table spelt like a function would hide it, in Excel as in LibreOffice."""
    told = {name.upper() for name in (*template.names, *template.tables)}
    assert not told & set(functions.names())


def test_every_input_looks_like_one(sample: Demo, template: Template) -> None:
    """A named cell for a value has the style of inputs, and no other cell but those of tables has."""
    book = load_workbook(sample.template)
    marked = {
        (sheet.title, cell.coordinate)
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if cell.style == "Input cell"
    }
    named = {(given.sheet, given.cell) for given in template.inputs.values()}
    assert named <= marked
    bodies = [(table.sheet, table.body) for table in template.tables.values()]
    for sheet, cell in marked - named:
        place = book[sheet][cell]
        assert any(sheet == where and (place.row, place.column) in body for where, body in bodies), (sheet, cell)


def test_formulas_use_names(template: Template) -> None:
    """No formula gives an input by its address."""
    inputs = {f"{given.sheet}!{given.cell}" for given in template.inputs.values()}
    for formula in template.formulas:
        told = re.sub(r'"[^"]*"', "", formula.text).replace("$", "")
        for sheet, cell in re.findall(r"(?:'?([\w ]+)'?!)?\b([A-Z]{1,2}\d+)\b", told):
            assert f"{sheet or formula.sheet}!{cell}" not in inputs, formula


def test_only_working_spills(sample: Demo, template: Template) -> None:
    """On the other sheets every formula is an ordinary one that gives a number or a text.

    LibreOffice computes arrays and truth values anew when it opens a file, and has not our functions: these would show
    errors there.
    """
    arrays = {formula.sheet for formula in template.formulas if formula.array is not None}
    assert arrays == {"Working"}
    book = load_workbook(sample.template, data_only=True)
    for formula in template.formulas:
        if formula.sheet != "Working":
            assert not isinstance(book[formula.sheet][formula.cell].value, bool), formula


def test_sheets_print_well(sample: Demo) -> None:
    """Every sheet has a footer and fits the width of its page; where it has breaks of its own, by its scale."""
    book: Any = load_workbook(sample.template)
    for sheet in book:
        if sheet.sheet_properties.pageSetUpPr.fitToPage:
            assert sheet.page_setup.fitToWidth == 1 and not sheet.row_breaks.brk
        else:
            last = re.search(r"\$A\$1:\$([A-Z])\$", sheet.print_area)
            assert last
            columns = [get_column_letter(i + 1) for i in range(ord(last[1]) - 64)]
            pixels = sum(7 * sheet.column_dimensions[column].width + 5 for column in columns)
            assert pixels / 96 * sheet.page_setup.scale / 100 < 11 - 2 * 0.5  # inches across a letter page
        assert sheet.oddFooter.right.text == "Page &P of &N"
        assert not sheet.sheet_view.showGridLines
    assert book["Summary"].print_area


def test_working_lists_its_answers(sample: Demo, template: Template) -> None:
    """The list that is printed names each formula that spills, and where its answer is."""
    book: Any = load_workbook(sample.template)
    spills = [formula.text for formula in template.formulas if formula.sheet == "Working"]
    listed = [[cell.value for cell in row] for row in book["Working"][f"B6:E{5 + len(spills)}"]]
    for title, function, name, shown_on in listed:
        assert any(f"{function}(" in text for text in spills), title
        assert name in template.names
        for other in shown_on.removesuffix(", its picture").split(", "):
            assert other in template.sheets


# -- the reports


def test_all_are_written(name: str, sample: Demo, made: Made) -> None:
    """A workbook for each row, no errors in any cell."""
    report, out = made(name)
    with sample.rows.open(encoding="utf-8", newline="") as opened:
        rows = list(csv.DictReader(opened))
    assert [outcome.status for outcome in report.outcomes] == ["written"] * len(rows)
    assert len(list(out.iterdir())) == len(rows) >= 3


def test_no_cell_shows_an_error(reports: list[Filled]) -> None:
    """Nor does any cell hold one as text."""
    for report in reports:
        for sheet in report.book:
            for row in sheet.iter_rows(values_only=True):
                assert not [value for value in row if isinstance(value, str) and value.startswith("#")]


def test_thousands_are_parted(reports: list[Filled]) -> None:
    """On every page for readers, also of a number with places."""
    for report in reports:
        cells = (cell for sheet in report.book if sheet.title != "Working" for row in sheet.iter_rows() for cell in row)
        large = (cell for cell in cells if isinstance(cell.value, int | float) and abs(cell.value) >= 1000)
        assert [(cell.parent.title, cell.coordinate) for cell in large if cell.number_format.startswith("0")] == []


def test_what_shows_nothing_does_so_without_the_functions(template: Template, reports: list[Filled]) -> None:
    """LibreOffice computes a formula anew if its value is an empty text: then what it lacks must not be reached.

    Its IFERROR catches the error of a cell on Working, but not that of a function or of a spill it does not know.
    """
    answers = [name for name, told in template.names.items() if "ANCHORARRAY" in told]
    lacking = re.compile(rf"\b(?:{'|'.join([*answers, *functions.names()])})\b(?!!)")
    for formula in template.formulas:
        shown = [report.book[formula.sheet][formula.cell].value for report in reports]
        if formula.sheet != "Working" and None in shown and lacking.search(formula.text):
            first = r'IFERROR\(IF\(Working![A-Z]+\d+&""="","",|IF\(last_change=1,"",'
            assert re.match(first, formula.text), (formula.sheet, formula.cell, formula.text)


def test_a_function_that_is_lacking_is_no_answer(template: Template) -> None:
    """IFERROR would take its error for "not stated" or "none"; IFNA takes what the function itself says."""
    ours = re.compile(rf"\b(?:{'|'.join(functions.names())})\(")
    caught = [f for f in template.formulas if re.fullmatch(r'IFERROR\(.*,"[^"]+"\)', f.text)]
    assert [f.cell for f in caught if ours.search(f.text)] == []


def test_all_checks_hold(reports: list[Filled]) -> None:
    """The checks on the Summary hold in every report."""
    assert [report["all_checks"] for report in reports] == ["yes"] * len(reports)


def cached(data: bytes) -> Iterator[tuple[str, list[float]]]:
    """The ranges of numbers a chart shows, with the values it keeps of them."""
    for reference, cache in re.findall(rb"<(?:c:)?numRef><(?:c:)?f>([^<]*)</(?:c:)?f>(.*?)</(?:c:)?numRef>", data):
        yield reference.decode(), [float(value) for value in re.findall(rb"<(?:c:)?v>([^<]*)<", cache)]


def test_charts_carry_the_values(reports: list[Filled]) -> None:
    """What a chart keeps of the cells it shows is what those cells hold."""
    for report in reports:
        charts = {name: data for name, data in parts(report.path.read_bytes()).items() if "charts/chart" in name}
        assert len(charts) >= 2
        for data in charts.values():
            ranges = dict(cached(data))
            assert ranges
            for reference, values in ranges.items():
                sheet, _, area = reference.replace("'", "").partition("!")
                shown = report.book[sheet][area.replace("$", "")]
                held = [cell.value for (cell,) in shown]
                start = dt.datetime(1899, 12, 30)
                numbers = [(value - start).days if isinstance(value, dt.datetime) else value for value in held]
                assert values == pytest.approx(numbers)


# -- an answer that is an error


def test_an_error_is_told_on_every_page(name: str, template: Template) -> None:
    """At the head of the table that would show the answer, not again on every line below."""
    table, column = ("Events", "Event") if "Events" in template.tables else ("CapTable", "Kind")
    wrong = headless.fill(template, {}, {table: [{column: "nonsense"}]}).errors
    failing = {error.formula.lstrip("=") for error in wrong if error.sheet == "Working"}
    answers = [answer for answer in DESIGNS[name].answers if answer.formula in failing]
    told = [answer.shown_on.removesuffix(", its picture") for answer in answers]
    assert len(told) == len(failing) > 0
    assert {page for pages in told for page in pages.split(", ")} <= {error.sheet for error in wrong}
    lines = {(line.sheet, line.cell) for line in template.formulas if line.text.startswith("IFERROR(IF(Working!")}
    assert len(lines) > 400
    assert not lines & {(error.sheet, error.cell) for error in wrong}
