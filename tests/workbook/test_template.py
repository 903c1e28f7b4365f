"""What is read from a template."""

import zipfile

import pytest
from small import SHEET, book, edited

from xlcap.workbook import Template, WorkbookError


def test_inputs_are_names_of_one_cell_without_a_formula(tmp_path):
    """A name is an input if it names one cell that holds no formula."""
    names = {"one": "S!$A$1", "area": "S!$A$1:$A$2", "computed": "S!$B$1", "constant": "5"}
    template = Template.read(book(tmp_path / "t.xlsx", {"A1": 1, "B1": "=A1"}, names=names))
    assert list(template.inputs) == ["one"]
    assert set(template.names) == set(names)


def test_names_are_found_in_any_case(tmp_path):
    """Excel's names have no case."""
    template = Template.read(book(tmp_path / "t.xlsx", {"A1": 1}, names={"Exit_Value": "S!$A$1"}))
    assert template.inputs["EXIT_VALUE"].cell == "A1"
    assert "exit_value" in template.inputs


def test_a_name_of_merged_cells_is_an_input(tmp_path):
    """Excel names all the cells of a merge, which hold one value."""
    template = Template.read(book(tmp_path / "t.xlsx", {"A1": 1}, names={"x": "S!$A$1:$B$1"}, merge="A1:B1"))
    assert template.inputs["x"].cell == "A1"


@pytest.mark.parametrize(
    ("value", "number_format", "kind"),
    [(1.5, "General", "number"), ("a", "General", "text"), (True, "General", "bool"), (45000, "yyyy-mm-dd", "date"),
     (None, "General", "any"), (None, "@", "text"), (None, "0.00", "number"), (None, "d mmm yy", "date")],
)  # fmt: skip
def test_kind_is_guessed_from_value_and_format(tmp_path, value, number_format, kind):
    """The cell's value and number format tell what belongs in it."""
    from openpyxl import load_workbook

    path = book(tmp_path / "t.xlsx", {"A1": value}, names={"x": "S!$A$1"})
    made = load_workbook(path)
    made["S"]["A1"].number_format = number_format
    made.save(path)
    assert Template.read(path).inputs["x"].kind == kind


def test_shared_formulas_are_told_in_full(tmp_path):
    """A cell of a shared formula has the formula it computes."""
    path = book(tmp_path / "t.xlsx", {"A1": 1, "A2": 2, "B1": "=A1*2", "B2": "=1"})
    edited(
        path,
        SHEET,
        ("<f>A1*2</f>", '<f t="shared" ref="B1:B2" si="0">A1*$A$1</f>'),
        ("<f>1</f>", '<f t="shared" si="0"/>'),
    )
    assert [f.text for f in Template.read(path).formulas] == ["A1*$A$1", "A2*$A$1"]


def test_calculated_columns_are_those_with_formulas(tmp_path):
    """A table's column of formulas takes no values."""
    cells = {"A1": "x", "B1": "y", "A2": 1, "B2": "=A2*2"}
    table = Template.read(book(tmp_path / "t.xlsx", cells, tables={"T": "A1:B2"})).tables["t"]
    assert (table.columns, table.calculated, table.ref) == (("x", "y"), {"y"}, "A1:B2")


def test_a_file_that_is_not_there_is_named(tmp_path):
    """The error says which file."""
    with pytest.raises(WorkbookError, match=r"nowhere\.xlsx: cannot be read"):
        Template.read(tmp_path / "nowhere.xlsx")


def test_an_encrypted_file_is_told_from_a_broken_one(tmp_path):
    """An encrypted workbook is a compound file; the user is told to take the password off."""
    path = tmp_path / "secret.xlsx"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    with pytest.raises(WorkbookError, match=r"secret\.xlsx: encrypted"):
        Template.read(path)


@pytest.mark.parametrize("data", [b"", b"not a zip", b"PK\x03\x04 cut off"])
def test_what_is_no_workbook_is_refused(tmp_path, data):
    """Anything else is not a workbook."""
    path = tmp_path / "x.xlsx"
    path.write_bytes(data)
    with pytest.raises(WorkbookError, match="not a workbook"):
        Template.read(path)


@pytest.mark.parametrize(
    ("part", "data", "told"),
    [
        ("content.xml", "<x/>", "in LibreOffice's own format; save it there as .xlsx"),
        (
            "_rels/.rels",
            '<Relationships><Relationship Id="a" Type="x/officeDocument" Target="xl/workbook.bin"/></Relationships>',
            "a binary workbook; save it as .xlsx or .xlsm",
        ),
    ],
    ids=["ods", "xlsb"],
)
def test_another_programs_workbook_is_told_how_to_save(part, data, told, tmp_path):
    """These are workbooks, and what to do about them is known."""
    path = tmp_path / "t.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(part, data)
    with pytest.raises(WorkbookError, match=told):
        Template.read(path)


def test_a_zip_without_a_workbook_is_refused(tmp_path):
    """A zip of something else is not a workbook either."""
    path = tmp_path / "x.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.txt", "a")
    with pytest.raises(WorkbookError):
        Template.read(path)


def test_sheets_with_a_namespace_prefix_are_read(tmp_path):
    """Some writers put a prefix before every element."""
    path = book(tmp_path / "t.xlsx", {"A1": 1.5, "B1": "=A1"})
    data = (
        '<?xml version="1.0"?><x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><x:sheetData>'
        '<x:row r="1"><x:c r="A1"><x:v>1.5</x:v></x:c><x:c r="B1"><x:f>A1</x:f><x:v>1.5</x:v></x:c></x:row>'
        "</x:sheetData></x:worksheet>"
    )
    with zipfile.ZipFile(path) as archive:
        parts = {n: archive.read(n) for n in archive.namelist()}
    parts[SHEET] = data.encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    template = Template.read(path)
    assert template.plans["S"].value((1, 1), ()) == 1.5
    assert template.formulas[0].text == "A1"
