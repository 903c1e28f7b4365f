"""Metadata, charts, saving, and formulas as text."""

# ruff: noqa: E501  # cases and XML stand as they are

import doctest
import importlib
import os
import re
import stat

import pytest
from lxml import etree
from small import book

from xlcap.workbook import WorkbookError, charts, metadata, save
from xlcap.workbook.formulas import canonical, moved, shape, structured, tokens

MODULES = ["workbook.cells", "workbook.formulas", "workbook.sheet", "hosts.digits"]


@pytest.mark.parametrize("module", MODULES)
def test_examples_in_the_documentation_run(module):
    """What a docstring shows is what happens."""
    result = doctest.testmod(importlib.import_module(f"xlcap.{module}"))
    assert result.attempted
    assert not result.failed


MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OTHER = (
    f'<metadata xmlns="{MAIN}"><metadataTypes count="1"><metadataType name="XLRICHVALUE" cellMeta="1"/></metadataTypes>'
    '<futureMetadata name="XLRICHVALUE" count="1"><bk/></futureMetadata><cellMetadata count="2"><bk><rc t="1" v="0"/></bk>'
    '<bk><rc t="1" v="0"/></bk></cellMetadata><valueMetadata count="1"><bk><rc t="1" v="0"/></bk></valueMetadata></metadata>'
).encode()


def test_new_metadata_says_dynamic_at_its_first_index():
    """The metadata we make is read as we mean it."""
    assert metadata.dynamic_indices(etree.fromstring(metadata.NEW)) == {1}


def test_metadata_of_another_kind_gets_an_entry_of_ours():
    """The index is the next one, and what was there stays, in the order the schema wants."""
    data, index = metadata.with_dynamic(OTHER)
    tree = etree.fromstring(data)
    assert index == 3
    assert metadata.dynamic_indices(tree) == {3}
    assert [etree.QName(e).localname for e in tree] == [
        "metadataTypes", "futureMetadata", "futureMetadata", "cellMetadata", "valueMetadata",
    ]  # fmt: skip
    assert tree.find("{*}cellMetadata").get("count") == "3"


def test_metadata_that_has_an_entry_is_not_touched():
    """The same bytes come back."""
    assert metadata.with_dynamic(metadata.NEW) == (metadata.NEW, 1)


def test_saving_replaces_the_file_and_leaves_nothing_beside_it(tmp_path):
    """The target is whole, keeps its permissions, and no temporary file stays."""
    path = book(tmp_path / "t.xlsx", {"A1": 1})
    data = path.read_bytes()
    path.write_bytes(b"old")
    path.chmod(0o640)
    save(path, data)
    assert path.read_bytes() == data
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert os.listdir(tmp_path) == ["t.xlsx"]  # noqa: PTH208  # the names, nothing else


def test_what_is_not_whole_is_not_saved(tmp_path):
    """A damaged workbook leaves the old file in its place."""
    path = book(tmp_path / "t.xlsx", {"A1": 1})
    data = path.read_bytes()
    for broken in (b"", data[:-30], data[:200] + b"\0" * 50 + data[250:]):
        with pytest.raises(WorkbookError):
            save(path, broken)
    assert path.read_bytes() == data
    assert [p.name for p in tmp_path.iterdir()] == ["t.xlsx"]


def test_a_folder_is_no_target(tmp_path):
    """The error names it."""
    with pytest.raises(WorkbookError, match="is a folder"):
        save(tmp_path, b"")


def test_a_target_without_a_folder_is_refused(tmp_path):
    """The error names the file."""
    with pytest.raises(WorkbookError, match=r"b\.xlsx: cannot be written"):
        save(tmp_path / "a" / "b.xlsx", b"")


def test_a_locked_target_is_named(tmp_path, monkeypatch):
    """Where another program holds the file, the error says to close it, and nothing stays behind."""
    path = book(tmp_path / "t.xlsx", {"A1": 1})

    def locked(*_):
        raise PermissionError(13, "The process cannot access the file")

    monkeypatch.setattr(os, "replace", locked)
    with pytest.raises(WorkbookError, match="close it where it is open"):
        save(path, path.read_bytes())
    assert [p.name for p in tmp_path.iterdir()] == ["t.xlsx"]


FORMULAS = [
    "SUM(A1:B2,Sheet2!C3)&\"it's \"\"A1\"\"\"", "'My ''odd'' sheet'!$A$1+[1]Other!B2", "T[[#This Row],[A]:[B]]*T[@[x y]]",
    "'C:\\x\\xlcap.xlam'!WATERFALL(A1,,{1,2;3,4})", "IF(A1#>=1E-3,#N/A,-B$2%)", "_xlfn.LET(_xlpm.a,1,_xlpm.a)", "A:A 3:4",
]  # fmt: skip


@pytest.mark.parametrize("formula", FORMULAS)
def test_tokens_joined_are_the_formula(formula):
    """Nothing is lost or misread as unknown."""
    parts = tokens(formula)
    assert "".join(t.text for t in parts) == formula
    assert not [t for t in parts if t.kind == "other"]


@pytest.mark.parametrize(
    ("formula", "expected"),
    [("A1+$B$2", "B3+$B$2"), ("LOG10(A1)", "LOG10(B3)"), ("Sheet1!A1:B2", "Sheet1!B3:C4"), ("T[A1]", "T[A1]"), ("3:4", "5:6"),
     ("XFD1048576", "A2"), ('"A1"', '"A1"'), ("'A1'!A1", "'A1'!B3")],
)  # fmt: skip
def test_moving_a_formula_moves_its_relative_references(formula, expected):
    """And nothing that only looks like one; off the sheet's edge it wraps, as in Excel."""
    assert moved(formula, 2, 1) == expected


@pytest.mark.parametrize(
    "call", ["WATERFALL(", "xlcap.waterfall(", "_xll.WATERFALL(", "_xlfn.WATERFALL(", "_xludf.WATERFALL(", "[12]!WATERFALL(",
             "_xldudf_XLCAP_WATERFALL(", "'C:\\a b\\xlcap.xlam'!WATERFALL(", "xlcap.xlam!WATERFALL(", "COM.XLCAP.WATERFALL(",
             "_xll.XLCAP.WATERFALL("],
)  # fmt: skip
def test_every_stored_form_of_a_call_is_recognised(call):
    """However Excel or LibreOffice stored it."""
    assert [t.kind for t in tokens(call)] == ["call"]
    assert canonical(call, {"WATERFALL"}) == "WATERFALL"


def test_structured_references_are_taken_apart():
    """With escaped brackets, spaces, and the short form for this row."""
    assert structured("T[a'[b]").first == "a[b"
    assert structured("[@[x y]]") == structured("[[#This Row],[x y]]")
    assert structured("T[[#Headers],[#Data],[A]]").parts == {"#headers", "#data"}


def test_a_cache_of_an_excel_2016_chart_is_made_anew():
    """Those charts keep their values in levels."""
    xml = b'<cx:lvl ptCount="2" formatCode="General"><cx:pt idx="0">1</cx:pt><cx:pt idx="1">2</cx:pt></cx:lvl>'
    made = charts._filled(charts._CACHE.search(xml), [(0, b"5"), (2, b"6")], 3)
    assert made == b'<cx:lvl ptCount="3" formatCode="General"><cx:pt idx="0">5</cx:pt><cx:pt idx="2">6</cx:pt></cx:lvl>'
    assert re.fullmatch(charts._CACHE, made)


@pytest.mark.parametrize(
    "formula",
    ["A1", "$A$1:B2", "Q1!A1+'a b1'!B2", "LOG10(A1)+ATAN2(1,2)", "SUM(Q1:Q4!A1)", "A1#+B2", "T[A1]+[@A1]+[@[A 12]]", "$A:$B", "12:34",
     "x.A12+name?A1+_A1+\\A1", "1e5+12e5+1.05E+5+.55+10.+10.5", "'it''s A1'!A1&\"A1\"\"A2\"", "[1]Q1!A1+[1]!A1", "A1:A5 B1:B5",
     "{10,20;30,1.5}", "-10%", "A10:INDEX(A:A,20)", "2024!A1", "TRUE12", "10A1", "@A1:A2", "'C:\\x10\\[b.xlam]'!F10(A10)",
     "a.xlam!F(A10)", "Sheet1!A10:Sheet1!B20", "Sh1:Sh2!A10", "#REF!+A10", "IF(A1=0,10,0.5)", "_xlfn.ANCHORARRAY(A1)", "ABCD1+XFD1048576"],
)  # fmt: skip
def test_a_shape_reads_as_its_formulas_do(formula):
    """The tokens of a shape are those of the formula, with cells and numbers taken out and kept in order."""
    skeleton, parts = shape(formula)
    left = iter(parts)
    assert [(t.kind, next(left) if t.text in "\0\1" else t.text) for t in tokens(skeleton)] == list(tokens(formula))
    assert next(left, None) is None
