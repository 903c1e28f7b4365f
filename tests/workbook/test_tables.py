"""Replacing the rows of a table."""

# ruff: noqa: E501  # XML stands as the file holds it

import io

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from small import SHEET, book, edited, members, values

from xlcap.workbook import Changes, Template, WorkbookError, patch, replace_rows

CELLS = {"B2": "Name", "C2": "Amt", "D2": "Twice", "B3": "a", "C3": 1, "D3": "=C3*2", "B4": "b", "C4": 2, "D4": "=C4*2"}


def table(path, more=None, **options):
    """A sheet with the table T in B2:D4, its last column calculated."""
    return book(path, {**CELLS, **(more or {})}, tables={"T": "B2:D4"}, **options)


def filled(path, rows):
    """The file with other rows in T."""
    template = Template.read(path)
    return patch(template, Changes(tables=[replace_rows(template, "T", rows)]))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.text("abc", min_size=1), st.integers(1, 99)), max_size=9))
def test_any_number_of_rows_fits(tmp_path, rows):
    """The table takes exactly the rows given, its formulas filled down, and nothing is left of the old ones."""
    data = filled(table(tmp_path / "t.xlsx"), [{"Name": n, "Amt": a} for n, a in rows])
    sheet = load_workbook(io.BytesIO(data))["S"]
    last = 2 + max(len(rows), 1)
    assert sheet.tables["T"].ref == f"B2:D{last}"
    assert sheet.tables["T"].autoFilter is None or sheet.tables["T"].autoFilter.ref == f"B2:D{last}"
    assert [(sheet[f"B{r}"].value, sheet[f"C{r}"].value) for r in range(3, 3 + len(rows))] == rows
    assert [sheet[f"D{r}"].value for r in range(3, last + 1)] == [f"=C{r}*2" for r in range(3, last + 1)]
    assert all(c.value is None for r in range(last + 1, 20) for c in sheet[r])


def test_columns_are_found_in_any_order_and_case(tmp_path):
    """A column left out is blank in that row."""
    data = filled(table(tmp_path / "t.xlsx"), [{"AMT": 5, "name": "x"}, {"Name": "y"}])
    assert {k: v for k, v in values(data).items() if k[0] in "BC"} == {
        "B2": "Name",
        "C2": "Amt",
        "B3": "x",
        "C3": 5,
        "B4": "y",
    }


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([{"Nmae": "x"}], "no column 'Nmae'; its columns are: Name, Amt, Twice"),
        ([{"Twice": 1}], "'Twice' is calculated"),
    ],
)
def test_a_wrong_column_is_refused_by_name(tmp_path, rows, message):
    """The error names the column, the table and the row."""
    with pytest.raises(WorkbookError, match=message) as caught:
        filled(table(tmp_path / "t.xlsx"), rows)
    assert caught.value.where == "table T, row 1"


def test_an_unknown_table_is_refused_with_those_there_are(tmp_path):
    """The error lists the tables."""
    template = Template.read(table(tmp_path / "t.xlsx"))
    with pytest.raises(WorkbookError, match="no table 'U'; the tables are: T"):
        replace_rows(template, "U", [])


def test_a_table_does_not_grow_over_a_filled_cell(tmp_path):
    """The error names the cell; a styled empty cell is no obstacle."""
    with pytest.raises(WorkbookError, match="filled cell C6"):
        filled(table(tmp_path / "t.xlsx", {"C6": "note"}), [{"Name": "x"}] * 5)
    assert filled(table(tmp_path / "t.xlsx", {"E6": "beside"}), [{"Name": "x"}] * 5)


def test_a_table_does_not_grow_over_merged_cells(tmp_path):
    """A table cannot hold merged cells."""
    with pytest.raises(WorkbookError, match="merged cells C6:D6"):
        filled(table(tmp_path / "t.xlsx", merge="C6:D6"), [{"Name": "x"}] * 5)


def test_a_totals_row_fixes_the_number_of_rows(tmp_path):
    """With a totals row the table can be refilled, but neither grow nor shrink; the error says what to do."""
    path = table(tmp_path / "t.xlsx", {"B5": "Total", "C5": "=SUBTOTAL(109,C3:C4)"})
    edited(
        path, "xl/tables/table1.xml", ('ref="B2:D4" headerRowCount', 'ref="B2:D5" totalsRowCount="1" headerRowCount')
    )
    assert values(filled(path, [{"Name": "x", "Amt": 1}] * 2))["B5"] == "Total"
    with pytest.raises(WorkbookError, match="exactly 2 rows and 3 were given; turn the totals row off"):
        filled(path, [{"Name": "x"}] * 3)


def test_new_rows_have_the_styles_of_the_last(tmp_path):
    """A grown table looks like one table."""
    path = table(tmp_path / "t.xlsx")
    made = load_workbook(path)
    made["S"]["C4"].number_format = "0.000"
    made["S"]["D4"].number_format = "0.0"
    made.save(path)
    sheet = load_workbook(io.BytesIO(filled(path, [{"Name": "x", "Amt": 1}] * 4)))["S"]
    assert (sheet["C6"].number_format, sheet["D6"].number_format) == ("0.000", "0.0")


def test_a_shared_formula_survives_the_loss_of_its_first_cell(tmp_path):
    """Where the cell that tells a shared formula is cleared, the others get it in full."""
    path = table(tmp_path / "t.xlsx", {"F5": "=1"})
    edited(
        path,
        SHEET,
        ("<f>C4*2</f>", '<f t="shared" ref="D4:F5" si="0">C4*2</f>'),
        ("<f>1</f>", '<f t="shared" si="0"/>'),
    )
    xml = members(filled(path, [{"Name": "x", "Amt": 1}]))[SHEET]
    assert b'<c r="F5"><f>E5*2</f>' in xml
    assert b"shared" not in xml


def test_a_calculation_chain_never_names_a_cell_without_a_formula(tmp_path):
    """The chain is dropped when formulas come or go; Excel makes it anew."""
    path = table(tmp_path / "t.xlsx")
    chain = '<calcChain xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><c r="D4" i="1"/></calcChain>'
    import zipfile

    edited(
        path, "[Content_Types].xml",
        ("</Types>", '<Override PartName="/xl/calcChain.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.'
         'calcChain+xml"/></Types>'),
    )  # fmt: skip
    edited(
        path, "xl/_rels/workbook.xml.rels",
        ("</Relationships>", '<Relationship Id="rIdC" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/calcChain" '
         'Target="calcChain.xml"/></Relationships>'),
    )  # fmt: skip
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/calcChain.xml", chain)
    shrunk = members(filled(path, [{"Name": "x"}]))
    assert "xl/calcChain.xml" not in shrunk
    assert b"calcChain" not in shrunk["[Content_Types].xml"] + shrunk["xl/_rels/workbook.xml.rels"]
    kept = members(filled(path, [{"Name": "x"}, {"Name": "y"}]))
    assert kept["xl/calcChain.xml"].decode() == chain
