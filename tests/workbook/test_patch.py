"""Writing values and results into a file."""

# ruff: noqa: E501  # cases stand beside each other, as in a table

import datetime as dt
import io
import re
import zipfile
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.utils import get_column_letter
from python_calamine import CalamineWorkbook
from small import SHEET, book, edited, members, values

from xlcap.workbook import Changes, ErrorCode, Template, WorkbookError, patch
from xlcap.workbook.cells import from_xml


def written(path, cells, **more):
    """The file with these constants written to its sheet."""
    return patch(Template.read(path), Changes(values={"S": cells}, **more))


@pytest.mark.parametrize(
    ("value", "read"),
    [(1, 1), (1.5, 1.5), (Decimal("0.10"), 0.1), (True, True), ("text", "text"), ("=A1", "=A1"), ("+1", "+1"), ("@x", "@x"),
     (" edge ", " edge "), ("a\nb", "a\nb"), ("<&>\"'", "<&>\"'"), (dt.date(2024, 2, 29), 45351),
     (dt.datetime(2024, 1, 1, 6), 45292.25), (ErrorCode("#N/A"), "#N/A"), (None, None), ("😀", "😀")],
)  # fmt: skip
def test_values_are_read_back_as_written(tmp_path, value, read):
    """Whatever a cell can hold comes back, and text that begins like a formula is text."""
    data = written(book(tmp_path / "t.xlsx", {"A1": "old"}), {(1, 1): value})
    assert values(data).get("A1") == read
    assert b"<f>" not in members(data)[SHEET]


@pytest.mark.parametrize(
    ("value", "message"),
    [("x" * 32_768, "32,767"), (float("nan"), "nan"), (float("inf"), "inf"), (Decimal("NaN"), "NaN"), ("\ud800", "surrogate"),
     (object(), "cannot hold"), (dt.date(1800, 1, 1), "before the first day"), ([1], "cannot hold")],
)  # fmt: skip
def test_what_a_cell_cannot_hold_is_refused_with_its_place(tmp_path, value, message):
    """The error names the cell, and nothing is written."""
    with pytest.raises(WorkbookError, match=message) as caught:
        written(book(tmp_path / "t.xlsx", {}), {(2, 3): value})
    assert caught.value.where == "S!C2"


def test_dates_follow_the_workbooks_date_system(tmp_path):
    """In a 1904 workbook the same day is 1,462 less."""
    data = written(book(tmp_path / "t.xlsx", {"A1": 1}, date1904=True), {(1, 1): dt.date(2024, 1, 1)})
    assert values(data)["A1"] == 43830


def test_characters_xml_cannot_hold_are_escaped_as_excel_does(tmp_path):
    """Control characters, and text that looks like an escape, come back as they were."""
    text = "a\x00b\x1fc\r_x0041_"
    xml = members(written(book(tmp_path / "t.xlsx", {}), {(1, 1): text}))[SHEET]
    assert b"a_x0000_b_x001F_c_x000D__x005F_x0041_" in xml
    assert from_xml("a_x0000_b_x001F_c_x000D__x005F_x0041_") == text


def test_only_the_part_and_the_cell_change(tmp_path):
    """The bytes before and after the cell are the same, and so is every other part."""
    path = book(tmp_path / "t.xlsx", {"A1": 1, "B1": 2, "C1": 3, "A2": 4})
    before, after = members(path.read_bytes()), members(written(path, {(1, 2): 7}))
    assert [n for n in before if before[n] != after[n]] == [SHEET]
    assert list(before) == list(after)
    old, new = re.search(rb'<c r="B1".*?</c>', before[SHEET])[0], b'<c r="B1"><v>7</v></c>'
    assert before[SHEET].replace(old, new) == after[SHEET]


def test_unchanged_parts_keep_their_compressed_bytes(tmp_path):
    """A part that stays is copied, not compressed anew."""
    path = book(tmp_path / "t.xlsx", {"A1": 1})
    data = written(path, {(1, 1): 2})
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(io.BytesIO(data)) as new:
        for info in old.infolist():
            if info.filename != SHEET:
                fresh = new.getinfo(info.filename)
                assert (fresh.CRC, fresh.compress_size, fresh.date_time) == (
                    info.CRC,
                    info.compress_size,
                    info.date_time,
                )


def test_writing_what_is_there_gives_the_same_file(tmp_path):
    """Nothing changes, not even a byte."""
    path = book(tmp_path / "t.xlsx", {"A1": 1, "B1": "x"})
    assert written(path, {(1, 1): 1, (1, 2): "x"}) == path.read_bytes()


def test_the_style_of_a_cell_stays(tmp_path):
    """Only type and content of a cell are new."""
    path = edited(book(tmp_path / "t.xlsx", {"A1": 1}), SHEET, ('<c r="A1"', '<c r="A1" s="0"'))
    assert b'<c r="A1" s="0"><v>5</v></c>' in members(written(path, {(1, 1): 5}))[SHEET]


def test_new_cells_stand_in_their_order(tmp_path):
    """Cells and rows that did not exist are put where readers expect them."""
    path = book(tmp_path / "t.xlsx", {"B2": 1, "D4": 2})
    data = written(path, {(r, c): r * 10 + c for r in (1, 2, 3, 4, 5) for c in (1, 3, 5)})
    xml = members(data)[SHEET].decode()
    places = re.findall(r'<c r="([A-Z])(\d)"', xml)
    assert places == sorted(places, key=lambda p: (p[1], p[0]))
    assert values(data)["E5"] == 55
    assert '<dimension ref="A1:E5"' in xml


def test_an_empty_sheet_can_be_written_to(tmp_path):
    """A sheet with no rows at all gets them."""
    path = book(tmp_path / "t.xlsx", {})
    assert values(written(path, {(3, 2): "x", (1, 1): 1})) == {"B3": "x", "A1": 1}


def test_a_row_without_cells_can_be_written_to(tmp_path):
    """A row that only carries a height gets cells and keeps it."""
    path = edited(
        book(tmp_path / "t.xlsx", {"A1": 1}),
        SHEET,
        ("</sheetData>", '<row r="3" ht="30" customHeight="1"/></sheetData>'),
    )
    data = written(path, {(3, 1): 9})
    assert values(data)["A3"] == 9
    assert b'<row r="3" ht="30" customHeight="1">' in members(data)[SHEET]


def test_cells_that_do_not_say_where_they_are_stay_where_they_are(tmp_path):
    """A file may leave rows and cells unnumbered; writing between them moves none."""
    path = book(tmp_path / "t.xlsx", {"A1": 1, "B1": 2, "A2": 3})
    xml = members(path.read_bytes())[SHEET].decode()
    old = xml[xml.index("<sheetData>") : xml.index("</sheetData>")]
    bare = re.sub(r' (?:r|spans)="[^"]*"', "", old)
    edited(path, SHEET, (old, bare))
    assert values(written(path, {(1, 4): 9, (2, 1): 7})) == {"A1": 1, "B1": 2, "D1": 9, "A2": 7}


def test_writing_inside_merged_cells_is_refused(tmp_path):
    """Only the first of merged cells shows."""
    path = book(tmp_path / "t.xlsx", {"A1": 1}, merge="A1:B2")
    with pytest.raises(WorkbookError, match="write to A1"):
        written(path, {(2, 2): 1})
    assert values(written(path, {(1, 1): 8}))["A1"] == 8


def test_formulas_keep_their_text_and_carry_results(tmp_path):
    """A result stands beside the formula, in its own type."""
    path = book(tmp_path / "t.xlsx", {"A1": "=1+1", "A2": '="a"', "A3": "=1/0", "A4": "=TRUE", "A5": "=B9"})
    results = {(1, 1): 2.0, (2, 1): "a", (3, 1): ErrorCode("#DIV/0!"), (4, 1): True, (5, 1): ""}
    data = patch(Template.read(path), Changes(results={"S": results}))
    assert values(data) == {"A1": 2, "A2": "a", "A3": "#DIV/0!", "A4": True}
    assert b"<f>1/0</f><v>#DIV/0!</v>" in members(data)[SHEET]


def test_shared_formulas_stay_shared(tmp_path):
    """The group's text and number are not touched."""
    path = book(tmp_path / "t.xlsx", {"B1": "=A1*2", "B2": "=1"})
    edited(
        path,
        SHEET,
        ("<f>A1*2</f>", '<f t="shared" ref="B1:B2" si="0">A1*2</f>'),
        ("<f>1</f>", '<f t="shared" si="0"/>'),
    )
    xml = members(patch(Template.read(path), Changes(results={"S": {(1, 2): 1.0, (2, 2): 2.0}})))[SHEET]
    assert b'<f t="shared" ref="B1:B2" si="0">A1*2</f><v>1</v>' in xml
    assert b'<f t="shared" si="0"/><v>2</v>' in xml


def test_a_spill_makes_its_metadata(tmp_path):
    """A formula that spills says so in the way Excel does, in a file that had no such formula."""
    path = book(tmp_path / "t.xlsx", {"A1": "=F()"})
    data = patch(
        Template.read(path), Changes(results={"S": {(1, 1): 1.0}}, blocks={"S": {(1, 1): [[1.0, 2.0], [3.0, "x"]]}})
    )
    parts = members(data)
    assert b'<c r="A1" cm="1"><f t="array" ref="A1:B2">F()</f><v>1</v></c>' in parts[SHEET]
    assert b"XLDAPR" in parts["xl/metadata.xml"]
    assert b"sheetMetadata" in parts["xl/_rels/workbook.xml.rels"]
    assert b"/xl/metadata.xml" in parts["[Content_Types].xml"]
    assert values(data) == {"A1": 1, "B1": 2, "A2": 3, "B2": "x"}


def spilled(path):
    """A file in which A1 spills over A1:A3."""
    data = patch(
        Template.read(book(path, {"A1": "=F()"})),
        Changes(results={"S": {(1, 1): 1.0}}, blocks={"S": {(1, 1): [[1.0], [2.0], [3.0]]}}),
    )
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_a_spill_shrinks_and_grows(tmp_path, size):
    """Cells it no longer fills are cleared, new ones filled, and its metadata stays as it is."""
    path = spilled(tmp_path / "t.xlsx")
    template = Template.read(path)
    assert template.formulas[0].dynamic
    block = [[float(i)] for i in range(size)]
    blocks = {"S": {(1, 1): block}} if size > 1 else {}
    data = patch(template, Changes(results={"S": {(1, 1): 0.0}}, blocks=blocks))
    assert list(values(data).values()) == list(range(size))
    assert members(data)["xl/metadata.xml"] == members(path.read_bytes())["xl/metadata.xml"]


def test_full_calculation_on_load_is_turned_off(tmp_path):
    """Excel would compute everything anew, as it does for a file an older one calculated, and show #NAME? without the
    add-in.
    """
    path = book(tmp_path / "t.xlsx", {"A1": 1}, recalculated=True)
    assert b'fullCalcOnLoad="1"' in members(path.read_bytes())["xl/workbook.xml"]
    after = members(written(path, {(1, 1): 2}))["xl/workbook.xml"]
    assert b"fullCalcOnLoad" not in after
    assert b'calcId="191029"' in after


@pytest.mark.parametrize(
    ("told", "after"),
    [
        ('<calcPr iterateCount="100" refMode="A1"/>', b'<calcPr calcId="191029" iterateCount="100" refMode="A1"/>'),
        ('<calcPr calcId="191029" calcCompleted="0"/>', b'<calcPr calcId="191029"/>'),
        ('<calcPr calcId="200000" fullCalcOnLoad="true" />', b'<calcPr calcId="200000" />'),
        ("", b'</definedNames><calcPr calcId="191029"/></workbook>'),
    ],
    ids=["LibreOffice", "interrupted", "newer", "unsaid"],
)
def test_a_file_says_by_which_excel_it_is_calculated(told, after, tmp_path):
    """Excel computes everything anew where the file does not say that, as LibreOffice and other writers leave it."""
    path = book(tmp_path / "t.xlsx", {"A1": 1}, names={"n": "S!$A$1"})
    edited(path, "xl/workbook.xml", ('<calcPr calcId="191029" fullCalcOnLoad="0"/>', told))
    assert after in members(written(path, {(1, 1): 2}))["xl/workbook.xml"]


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=40).filter(
    lambda t: "_x" not in t and not set("\ufffe\uffff") & set(t)
)
VALUES = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False, width=64), st.integers(-(10**14), 10**14), TEXTS, st.booleans()
)
CELLS = st.dictionaries(st.tuples(st.integers(1, 12), st.integers(1, 30)), VALUES, min_size=1, max_size=25)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=CELLS, after=CELLS)
def test_any_values_round_trip_and_no_other_cell_changes(tmp_path, before, after):
    """Two readers find what was written, and what was there before everywhere else."""

    def named(cells):
        return {f"{get_column_letter(c)}{r}": v for (r, c), v in cells.items()}

    path = book(tmp_path / "t.xlsx", {})
    path.write_bytes(written(path, before))
    data = written(path, after)
    expected = {**named(before), **named(after)}
    assert values(data) == expected
    rows = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_name("S").to_python(skip_empty_area=False)
    for (r, c), value in {**before, **after}.items():
        assert rows[r - 1][c - 1] == value
