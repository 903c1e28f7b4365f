"""Calls brought from one stored form to another, and all else left as it was."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.formatting.rule import DataBarRule, FormulaRule
from openpyxl.worksheet.datavalidation import DataValidation
from small import SHEET, book, edited, members

from xlcap.hosts.headless import fill
from xlcap.workbook import Changes, Template, WorkbookError, patch
from xlcap.workbook.forms import Converted, Form, converted
from xlcap.workbook.links import links

OURS = frozenset({"SPLIT_ADJUSTED_PRICE", "TERM", "WATERFALL"})
TEMPLATES = sorted((Path(__file__).parents[2] / "workbooks").glob("*.xlsx"))
SPELT = {
    Form.PLAIN: "TERM(A1)",
    Form.XLAM: "[1]!TERM(A1)",
    Form.XLL: "_xll.TERM(A1)",
    Form.OFFICEJS: "_xldudf_XLCAP_TERM(A1)",
    Form.LIBREOFFICE: "XLCAP.TERM(A1)",
}


def to(path: Path, form: Form, addin: str | None = None) -> Converted:
    """The file converted."""
    return converted(Template.read(path), form, OURS, addin)


def formulas(data: bytes) -> dict[str, str]:
    """The formulas of a converted workbook, by cell."""
    return {f.cell: f.text for f in Template(data, Path("x.xlsx")).formulas}


def linked(path: Path, cells: dict[str, object], *replacements: tuple[str, str]) -> Path:
    """A workbook with these cells, called through a link whose part's relationships are edited."""
    path.write_bytes(to(book(path, cells), Form.XLAM).data)
    return edited(path, "xl/externalLinks/_rels/externalLink1.xml.rels", *replacements)


@pytest.mark.parametrize("form", list(Form))
@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_a_template_comes_back_from_every_form_byte_for_byte(path: Path, form: Form) -> None:
    """Plain, another form, plain: every part is what it was."""
    from xlcap.functions import names
    from xlcap.hosts.libreoffice.cells import blanks_unlike_zero

    ours, blanks = frozenset(names()), blanks_unlike_zero()
    there = converted(Template.read(path), form, ours, blanks=blanks)
    assert sum(there.forms.values()) > 30
    back = converted(Template(there.data, path), Form.PLAIN, ours, blanks=blanks)
    assert set(back.forms) == {form}
    assert members(back.data) == members(path.read_bytes())


@pytest.mark.parametrize("target", list(Form))
@pytest.mark.parametrize("source", list(Form))
def test_every_form_becomes_every_other(source: Form, target: Form, tmp_path: Path) -> None:
    """A call is spelt as its form spells it, wherever it comes from."""
    path = book(tmp_path / "a.xlsx", {"B1": "=TERM(A1)"})
    path.write_bytes(to(path, source).data)
    assert formulas(to(path, target).data) == {"B1": SPELT[target]}


def test_calls_inside_calls_and_texts(tmp_path: Path) -> None:
    """Each call is converted, and what only looks like one is not."""
    path = book(tmp_path / "a.xlsx", {"B1": '=IF(term(A1)>1,"TERM(A1)",SUM(_xll.TERM(TERM(2)),MYTERM(3)))'})
    told = formulas(to(path, Form.OFFICEJS).data)["B1"]
    x = "_xldudf_XLCAP_TERM"
    assert told == f'IF({x}(A1)>1,"TERM(A1)",SUM({x}({x}(2)),MYTERM(3)))'


def test_a_whole_table_is_told_as_libreoffice_knows_it(tmp_path: Path) -> None:
    """``T[#All]`` is no name to LibreOffice, ``T[[#All]]`` is; it comes back as it was, and columns stay."""
    path = book(tmp_path / "a.xlsx", {"B1": "=TERM(T[#All],T[Amt],T[[#Headers],[Amt]])"})
    there = to(path, Form.LIBREOFFICE).data
    assert formulas(there) == {"B1": "XLCAP.TERM(T[[#All]],T[Amt],T[[#Headers],[Amt]])"}
    path.write_bytes(there)
    assert formulas(to(path, Form.PLAIN).data) == {"B1": "TERM(T[#All],T[Amt],T[[#Headers],[Amt]])"}


def spilling(path: Path, cells: dict[str, object], names: dict[str, str] | None = None) -> Path:
    """A workbook in which B1 spills over B1:D2."""
    template = Template.read(book(path, {"A1": "=TERM(1)", "B1": "=SEQUENCE(2,3)", **cells}, names=names or {}))
    block = [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]
    path.write_bytes(patch(template, Changes(results={"S": {(1, 2): 1.0}}, blocks={"S": {(1, 2): block}})))
    return path


@pytest.mark.parametrize(
    ("given", "there"),
    [
        ("SUM(_xlfn.ANCHORARRAY(B1))", "SUM(B1:D2)"),
        ("SUM(_xlfn.ANCHORARRAY($B1),_xlfn.ANCHORARRAY(S!B$1))", "SUM($B1:$D2,S!B$1:D$2)"),
        ("TERM(_xlfn.ANCHORARRAY('S'!$B$1))", "XLCAP.TERM('S'!$B$1:$D$2)"),
        ("SUM(_xlfn.ANCHORARRAY(A1),B1:D3,C1:D2,B1)", "SUM(_xlfn.ANCHORARRAY(A1),B1:D3,C1:D2,B1)"),  # no spill, others
    ],
)
def test_a_spill_is_told_to_libreoffice_as_the_range_it_fills(given: str, there: str, tmp_path: Path) -> None:
    """``B1#`` is nothing to LibreOffice; it comes back as it was."""
    path = spilling(tmp_path / "a.xlsx", {"F9": f"={given}"})
    was = members(path.read_bytes())
    calc = to(path, Form.LIBREOFFICE).data
    assert formulas(calc)["F9"] == there
    path.write_bytes(calc)
    assert members(to(path, Form.PLAIN).data) == was


def test_a_name_of_a_spill_too_but_not_where_it_moves(tmp_path: Path) -> None:
    """A name's relative reference means another cell wherever it is used, and the spill there another range."""
    names = {"all": "_xlfn.ANCHORARRAY(S!$B$1)", "near": "_xlfn.ANCHORARRAY(S!B1)"}
    told = to(spilling(tmp_path / "a.xlsx", {}, names), Form.LIBREOFFICE)
    assert {d.name: d.text for d in Template(told.data, Path("x.xlsx")).defined} == {
        "all": "S!$B$1:$D$2",
        "near": "_xlfn.ANCHORARRAY(S!B1)",
    }
    assert told.notes == (
        "S!B1:D2 spill; in LibreOffice they keep the size they have now, and a longer answer is cut",
        "the name near: LibreOffice knows no spill (A1#) there; give the range it fills",
    )


def test_spills_of_a_workbook_without_our_functions_stay(tmp_path: Path) -> None:
    """Nothing of it is ours to change."""
    path = spilling(tmp_path / "a.xlsx", {"A1": 1, "F9": "=SUM(_xlfn.ANCHORARRAY(B1))"})
    assert members(to(path, Form.LIBREOFFICE).data) == members(path.read_bytes())


@pytest.mark.parametrize(
    ("given", "there"),
    [
        ("A1,A1", "A1,A1:A1"),  # the second argument is one of those
        ("1,'S'!$A$1", "1,'S'!$A$1:$A$1"),
        ("1,rate", "1,rate:rate"),
        ("1,T[[#This Row],[Amt]]", "1,T[[#This Row],[Amt]]:T[[#This Row],[Amt]]"),
        ("1,TERM(2, A1 )", "1,XLCAP.TERM(2, A1:A1 )"),
        ("1,several", "1,several"),  # a name of more than a cell, of a number, and one that would be a column
        ("1,five", "1,five"),
        ("1,tax", "1,tax"),
        ("1,S!rate", "1,S!rate"),
        ("1,A1:A2", "1,A1:A2"),
        ("1,A1+1", "1,A1+1"),
        ("1,S:S2!A1", "1,S:S2!A1"),
        ("1,T[Amt]", "1,T[Amt]"),
        ("1,IF(A1,A1,A1)", "1,IF(A1,A1,A1)"),
    ],
)
def test_single_cells_are_told_to_libreoffice_as_ranges(given: str, there: str, tmp_path: Path) -> None:
    """In the arguments for which a blank is not 0, where they are nothing but a cell; they come back as they were."""
    names = {"rate": "S!$A$1", "several": "S!$A$1:$A$2", "five": "5", "tax": "S!$A$1"}
    path = book(tmp_path / "a.xlsx", {"B1": f"=TERM({given})"}, names=names)
    blanks = {"TERM": frozenset({1})}
    calc = converted(Template.read(path), Form.LIBREOFFICE, OURS, blanks=blanks).data
    assert formulas(calc) == {"B1": f"XLCAP.TERM({there})"}
    again = converted(Template(calc, path), Form.LIBREOFFICE, OURS, blanks=blanks).data
    assert members(again) == members(calc)
    back = converted(Template(calc, path), Form.PLAIN, OURS, blanks=blanks).data
    assert members(back) == members(path.read_bytes())


def test_values_and_spills_stay(tmp_path: Path) -> None:
    """A converted cell keeps its value, its array and the mark that it spills."""
    path = book(tmp_path / "a.xlsx", {"B1": "=WATERFALL(A1)", "C1": 5})
    edited(path, SHEET, ("<f>WATERFALL(A1)</f><v></v>", '<f t="array" ref="B1:B2">WATERFALL(A1)</f><v>7</v>'))
    after = members(to(path, Form.LIBREOFFICE).data)[SHEET]
    assert b'<f t="array" ref="B1:B2">XLCAP.WATERFALL(A1)</f><v>7</v>' in after


def test_a_shared_formula_is_told_once(tmp_path: Path) -> None:
    """The cells that share a formula follow the one that tells it."""
    path = book(tmp_path / "a.xlsx", {"B1": "=TERM(A1)", "B2": "=1"})
    edited(
        path,
        SHEET,
        ("<f>TERM(A1)</f>", '<f t="shared" ref="B1:B2" si="0">TERM(A1)</f>'),
        ("<f>1</f>", '<f t="shared" si="0"/>'),
    )
    assert formulas(to(path, Form.XLL).data) == {"B1": "_xll.TERM(A1)", "B2": "_xll.TERM(A2)"}


def test_names_and_tables_are_converted(tmp_path: Path) -> None:
    """Calls in defined names and in a table's calculated column are converted too."""
    cells = {"A1": "Key", "B1": "Value", "A2": "x", "B2": "=TERM(A2)"}
    path = book(tmp_path / "a.xlsx", cells, names={"issuer": 'TERM("issuer")&"<"'}, tables={"T": "A1:B2"})
    column = "<calculatedColumnFormula>TERM(T[[#This Row],[Key]])</calculatedColumnFormula></tableColumn>"
    edited(path, "xl/tables/table1.xml", ('name="Value"/>', f'name="Value">{column}'))
    after = members(to(path, Form.OFFICEJS).data)
    assert b'_xldudf_XLCAP_TERM("issuer")&amp;"&lt;"<' in after["xl/workbook.xml"]
    assert b">_xldudf_XLCAP_TERM(T[[#This Row],[Key]])<" in after["xl/tables/table1.xml"]


@pytest.fixture
def ruled(tmp_path: Path) -> Path:
    """A workbook whose conditional formats and validations call functions."""
    path = book(tmp_path / "a.xlsx", {"A1": 1})
    made = load_workbook(path)
    sheet = made["S"]
    sheet.conditional_formatting.add("A1:A9", FormulaRule(formula=["TERM(A1)>1"]))
    sheet.conditional_formatting.add(
        "C1:C9",
        DataBarRule(start_type="min", end_type="formula", end_value='TERM("a")', color="FF0000FF"),
    )
    validation = DataValidation(type="custom", formula1="TERM(B1)<2")
    validation.add("B1:B9")
    sheet.add_data_validation(validation)
    made.save(path)
    return path


def test_rules_are_converted_where_they_can_be(ruled: Path) -> None:
    """Calls in conditional formats and validations go to LibreOffice and back."""
    there = to(ruled, Form.LIBREOFFICE).data
    told = members(there)[SHEET]
    assert b"<formula>XLCAP.TERM(A1)&gt;1</formula>" in told
    assert b"<formula1>XLCAP.TERM(B1)&lt;2</formula1>" in told
    assert b'val="XLCAP.TERM(&quot;a&quot;)"' in told
    ruled.with_name("b.xlsx").write_bytes(there)
    assert members(to(ruled.with_name("b.xlsx"), Form.PLAIN).data) == members(ruled.read_bytes())


def test_a_rule_in_single_quotes(ruled: Path) -> None:
    """XML knows both kinds."""
    edited(ruled, SHEET, ('val="TERM(&quot;a&quot;)"', """val='TERM("a",&apos;S&apos;!A1)'"""))
    assert b"""val='XLCAP.TERM("a",&apos;S&apos;!A1)'""" in members(to(ruled, Form.LIBREOFFICE).data)[SHEET]


@pytest.mark.parametrize("form", [Form.XLAM, Form.XLL, Form.OFFICEJS])
def test_rules_are_refused_where_excel_takes_no_add_in(ruled: Path, form: Form) -> None:
    """Each rule that calls a function is named, with what to do."""
    with pytest.raises(WorkbookError) as refused:
        to(ruled, form)
    told = str(refused.value)
    assert "the conditional format of S!A1:A9: Excel takes no add-in's TERM there; put it into a cell" in told
    assert "the validation of S!B1:B9: " in told


# -- links


def test_a_link_to_the_add_in_is_made(tmp_path: Path) -> None:
    """The link names the functions called through it, and leads to the start-up folder."""
    path = book(tmp_path / "a.xlsx", {"B1": "=TERM(A1)", "B2": "=WATERFALL(A1)"}, names={"n": "S!$A$1"})
    after = to(path, Form.XLAM).data
    parts = members(after)
    workbook = parts["xl/workbook.xml"]
    assert workbook.index(b"</sheets>") < workbook.index(b"<externalReferences>") < workbook.index(b"<definedNames>")
    assert b'<definedName name="TERM"/><definedName name="WATERFALL"/>' in parts["xl/externalLinks/externalLink1.xml"]
    (link,) = links(Template(after, path))
    assert (link.number, link.target, link.book, link.fault) == (1, "xlcap.xlam", "xlcap.xlam", "")
    assert b"xlExternalLinkPath/xlStartup" in parts["xl/externalLinks/_rels/externalLink1.xml.rels"]
    path.write_bytes(after)
    assert load_workbook(path)._external_links[0].file_link.Target == "xlcap.xlam"


@pytest.mark.parametrize(
    ("addin", "target"),
    [
        (r"C:\My add-ins\xlcap.xlam", r"file:///C:\My%20add-ins\xlcap.xlam"),
        ("/Users/me/xlcap.xlam", "file:///Users/me/xlcap.xlam"),
    ],
)
def test_a_link_is_made_to_lead_where_it_is_told(addin: str, target: str, tmp_path: Path) -> None:
    """A workbook whose add-in is elsewhere now gets its link mended, and no second one."""
    path = linked(tmp_path / "a.xlsx", {"B1": "=TERM(A1)"})
    path.write_bytes(to(path, Form.XLAM, addin).data)
    assert [link.target for link in links(Template.read(path))] == [target]
    assert to(path, Form.XLAM).data == path.read_bytes()  # none told: it stays


def test_a_link_there_is_learns_new_functions(tmp_path: Path) -> None:
    """A call converted in a workbook that has the link goes through it, and is in its list."""
    path = linked(tmp_path / "a.xlsx", {"B1": "=TERM(A1)"})
    made = load_workbook(path)
    made["S"]["B2"] = "=WATERFALL(A1)"
    made.save(path)
    after = to(path, Form.XLAM).data
    assert formulas(after) == {"B1": "[1]!TERM(A1)", "B2": "[1]!WATERFALL(A1)"}
    assert b'name="WATERFALL"' in members(after)["xl/externalLinks/externalLink1.xml"]


def test_a_link_stays_where_others_are_numbered_after_it(tmp_path: Path) -> None:
    """The number of another workbook's link is not changed; the reader is told."""
    path = linked(tmp_path / "a.xlsx", {"B1": "=TERM(A1)"})
    parts = members(path.read_bytes())
    reference = parts["xl/workbook.xml"].decode().split("<externalReferences>")[1].split("</")[0]
    edited(path, "xl/workbook.xml", (reference, reference + reference.replace("rIdXlcap", "rIdGone")))
    made = to(path, Form.PLAIN)
    assert formulas(made.data) == {"B1": "TERM(A1)"}
    assert made.notes == ("the link to xlcap.xlam stays, unused, for other links are numbered after it",)
    assert len(links(Template(made.data, path))) == 2


def test_a_number_in_a_text_is_no_link(tmp_path: Path) -> None:
    """Only what a formula goes through keeps a link."""
    path = linked(tmp_path / "a.xlsx", {"B1": '="[1]"&TERM(A1)'})
    assert links(Template(to(path, Form.PLAIN).data, path)) == ()


def test_all_links_to_the_add_in_are_taken_away(tmp_path: Path) -> None:
    """A workbook that was on two computers may have two."""
    path = linked(tmp_path / "a.xlsx", {"B1": "=TERM(A1)", "B2": "=[2]!TERM(A1)"})
    edited(path, "xl/workbook.xml", ("</externalReferences>", '<externalReference r:id="rIdB"/></externalReferences>'))
    rels, again = "xl/_rels/workbook.xml.rels", "externalLinks/externalLink1.xml"
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/externalLink"
    more = f'<Relationship Id="rIdB" Type="{kind}" Target="{again}"/>'
    edited(path, rels, ("</Relationships>", f"{more}</Relationships>"))
    edited(path, "xl/workbook.xml", ("<workbook ", f'<workbook xmlns:r="{kind.rpartition("/")[0]}" '))
    assert len(links(Template.read(path))) == 2
    made = to(path, Form.PLAIN)
    assert made.notes == ()
    assert links(Template(made.data, path)) == ()
    assert "externalLink" not in "".join(members(made.data))


ELSEWHERE = '<x:alternateUrls xmlns:x="urn:x"><x:absoluteUrl r:id="rId2"/></x:alternateUrls>'


@pytest.mark.parametrize(("addin", "kept"), [(None, True), (r"D:\xlcap.xlam", False)])
def test_a_links_other_addresses(addin: str | None, kept: bool, tmp_path: Path) -> None:
    """Excel notes other addresses of the place a link leads to: they stay before all else the link tells, and go when
    it leads to another place, for what they point to is gone with it.
    """
    path = linked(
        tmp_path / "a.xlsx",
        {"B1": "=TERM(A1)"},
        ("</Relationships>", '<Relationship Id="rId2" Type="t" Target="u" TargetMode="External"/></Relationships>'),
    )
    sheets = '<sheetNames><sheetName val="S"/></sheetNames>'
    functions = '<definedNames><definedName name="TERM"/></definedNames>'
    edited(path, "xl/externalLinks/externalLink1.xml", (functions, ELSEWHERE + sheets))
    after = members(to(path, Form.XLAM, addin).data)
    told = after["xl/externalLinks/externalLink1.xml"].decode()
    assert f"{ELSEWHERE if kept else ''}{sheets}{functions}</externalBook>" in told
    assert (b"rId2" in after["xl/externalLinks/_rels/externalLink1.xml.rels"]) is kept


def test_another_add_ins_function_is_not_ours(tmp_path: Path) -> None:
    """A call through a link to another add-in is refused by name, unless that is said to be ours."""
    path = linked(tmp_path / "a.xlsx", {"B1": "=TERM(A1)"}, ("xlcap.xlam", "dictionary.xlam"))
    with pytest.raises(WorkbookError, match=r"S!B1: calls TERM of dictionary\.xlam; if that is xlcap's add-in, name"):
        to(path, Form.PLAIN)
    assert formulas(to(path, Form.PLAIN, "dictionary.xlam").data) == {"B1": "TERM(A1)"}


def test_a_call_through_a_link_that_is_gone_is_mended(tmp_path: Path) -> None:
    """Where the workbook has no such link, the name says whose function it is."""
    path = book(tmp_path / "a.xlsx", {"B1": "=[3]!TERM(A1)"})
    assert formulas(to(path, Form.XLAM).data) == {"B1": "[1]!TERM(A1)"}


def test_a_call_in_the_workbook_itself_is_plain(tmp_path: Path) -> None:
    """``[0]`` is the workbook, and no link."""
    path = book(tmp_path / "a.xlsx", {"B1": "=[0]!TERM(A1)"})
    assert formulas(to(path, Form.XLL).data) == {"B1": "_xll.TERM(A1)"}
    assert to(path, Form.PLAIN).data == path.read_bytes()


def test_a_name_of_a_sheet_is_not_ours(tmp_path: Path) -> None:
    """A LAMBDA that is a sheet's own name is called with the sheet before it."""
    path = book(tmp_path / "a.xlsx", {"B1": "=S!TERM(A1)+'S'!TERM(A1)+[1]S!TERM(A1)+TERM(2)"})
    assert formulas(to(path, Form.XLL).data) == {"B1": "S!TERM(A1)+'S'!TERM(A1)+[1]S!TERM(A1)+_xll.TERM(2)"}


def test_a_quoted_number_is_a_link_too(tmp_path: Path) -> None:
    """Quotes change nothing."""
    path = linked(tmp_path / "a.xlsx", {"B1": "=TERM(A1)"})
    edited(path, SHEET, ("[1]!", "'[1]'!"))
    assert formulas(to(path, Form.XLL).data) == {"B1": "_xll.TERM(A1)"}


def test_a_call_apart_from_its_parenthesis_is_refused(tmp_path: Path) -> None:
    """It would stay as it was, and nobody would know."""
    path = book(tmp_path / "a.xlsx", {"B1": "=TERM (A1)"})
    with pytest.raises(WorkbookError, match="S!B1: TERM stands apart from its parenthesis; take out what is between"):
        to(path, Form.XLL)


def test_a_path_in_the_formula_is_a_link_too(tmp_path: Path) -> None:
    """A call told by the add-in's path is converted like one through a link."""
    path = book(tmp_path / "a.xlsx", {"B1": r"='C:\Add-ins\xlcap.xlam'!TERM(A1)"})
    assert formulas(to(path, Form.XLL).data) == {"B1": "_xll.TERM(A1)"}


# -- what cannot be converted


def test_a_name_that_hides_a_function_is_refused(tmp_path: Path) -> None:
    """Spelt plainly, the call would be one of the name."""
    path = book(tmp_path / "a.xlsx", {"B1": "=_xll.TERM(A1)"}, names={"Term": "S!$A$1"})
    with pytest.raises(WorkbookError, match="S!B1: the name TERM hides the function TERM; call it something else"):
        to(path, Form.PLAIN)
    assert formulas(to(path, Form.OFFICEJS).data) == {"B1": "_xldudf_XLCAP_TERM(A1)"}


def test_a_formula_that_would_be_too_long_is_refused(tmp_path: Path) -> None:
    """Excel reads formulas of up to 8,192 characters; one of 7,004 does not fit any more."""
    path = book(tmp_path / "a.xlsx", {"B1": f"=SUM({'+'.join(['TERM()'] * 1000)})"})
    # 1,000 calls of 20 characters, 999 signs and SUM() of 5 are 21,004
    with pytest.raises(WorkbookError, match=r"S!B1: its formula would have 21,004 characters of 8,192"):
        to(path, Form.OFFICEJS)


def test_arrays_libreoffice_saved_are_noted(tmp_path: Path) -> None:
    """LibreOffice gives what spills a fixed size, which conversion keeps, and says so."""
    path = book(tmp_path / "a.xlsx", {"B1": "=xlcap.waterfall(A1)"})
    edited(path, SHEET, ("<f>", '<f t="array" ref="B1:B2">'))
    assert to(path, Form.PLAIN).notes == (
        "arrays of fixed size, as LibreOffice saves what spills: S!B1; enter them anew in Excel",
    )


def test_every_form_computes_alike(tmp_path: Path) -> None:
    """Headless, a converted workbook gives the same answer: 20 split 2 for 1 is 10."""
    path = book(tmp_path / "a.xlsx", {"A1": 20, "B1": "=SPLIT_ADJUSTED_PRICE(A1,2)+1"})
    for form in Form:
        made = fill(Template(to(path, form).data, path), {})
        template = Template(made.data, path)
        assert template.plans["S"].value((1, 2), template.strings) == 11.0
