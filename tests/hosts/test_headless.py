"""Filling and computing a template without Excel."""

# ruff: noqa: E501  # cases stand beside each other, as in a table

import datetime as dt
import io

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.worksheet.table import Table

from xlcap.errors import XlcapError
from xlcap.functions import CellError
from xlcap.hosts.headless import fill, unsupported
from xlcap.workbook import Template, WorkbookError

NAMES = ("TWICE", "GRID", "FAIL", "TOTAL", "SHOW")


class Calls:
    """Functions to test with, and a record of how they were called."""

    def __init__(self, answer=None):
        self.made = []
        self.answer = answer

    def __call__(self, name, args, **options):
        self.made.append((name, args, options))
        if name == "FAIL":
            raise XlcapError("no class is senior", where="cap_table row 2", code="#NUM!")
        if name == "TWICE":
            if isinstance(args[0], CellError):
                raise XlcapError("an error in the price", code=args[0].code)
            return args[0] * 2
        if name == "TOTAL":
            return sum(v for row in args[0] for v in row if isinstance(v, float))
        if name == "GRID":
            return [[10 * r + c for c in range(int(args[1]))] for r in range(int(args[0]))]
        return self.answer


@pytest.fixture
def make(tmp_path):
    """Makes a template of one sheet "S" from its cells."""

    def template(cells, names=None, tables=None, **options):
        book = Workbook()
        sheet = book.active
        sheet.title = "S"
        for place, value in cells.items():
            sheet[place] = value
        for name, text in (names or {}).items():
            book.defined_names[name] = DefinedName(name, attr_text=text)
        for name, ref in (tables or {}).items():
            sheet.add_table(Table(displayName=name, ref=ref))
        for range_ in options.get("merge", ()):
            sheet.merge_cells(range_)
        if options.get("date1904"):
            from openpyxl.utils.datetime import CALENDAR_MAC_1904

            book.epoch = CALENDAR_MAC_1904
        if options.get("hidden"):
            sheet.row_dimensions[options["hidden"]].hidden = True
        book.save(tmp_path / "t.xlsx")
        return Template.read(tmp_path / "t.xlsx")

    return template


def computed(template, inputs=None, tables=None, call=None):
    """The values of the filled sheet, and the report."""
    done = fill(template, inputs or {}, tables or {}, call or Calls(), NAMES)
    sheet = load_workbook(io.BytesIO(done.data), data_only=True)["S"]
    return {c.coordinate: c.value for row in sheet.iter_rows() for c in row if c.value is not None}, done


def test_inputs_flow_through_formulas_and_functions(make):
    """A value given to a name reaches every formula that depends on it."""
    template = make({"A1": 1, "B1": "=A1+1", "C1": "=TWICE(B1)+Amount"}, {"Amount": "S!$A$1"})
    found, done = computed(template, {"AMOUNT": 10})
    assert found == {"A1": 10, "B1": 11, "C1": 32}
    assert (done.cells, done.formulas, done.spills, done.errors) == (1, 2, 0, ())


def test_the_template_is_not_changed_by_filling(make):
    """One template gives many outputs, each from the same start."""
    template = make({"A1": 1, "B1": "=A1*2"}, {"a": "S!$A$1"})
    assert [computed(template, {"a": i})[0]["B1"] for i in (3, 4)] == [6, 8]
    assert computed(template)[0]["B1"] == 2


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("amuont", "did you mean Amount"),
        ("total", "does not name one cell without a formula"),
        ("xyz", "is not a name"),
    ],
)
def test_an_unknown_input_is_refused(make, name, message):
    """With the nearest name there is."""
    template = make({"A1": 1, "B1": "=A1"}, {"Amount": "S!$A$1", "total": "S!$B$1"})
    with pytest.raises(WorkbookError, match=message):
        computed(template, {name: 1})


@pytest.mark.parametrize(
    "call",
    ["TWICE({})", "xlcap.twice({})", "_xll.TWICE({})", "_xlfn.TWICE({})", "_xludf.TWICE({})", "_xldudf_XLCAP_TWICE({})",
     "[1]!TWICE({})", "'C:\\add ins\\xlcap.xlam'!TWICE({})", "_xlfn.SINGLE(TWICE({}))", "@TWICE({})", "COM.XLCAP.TWICE({})"],
)  # fmt: skip
def test_every_stored_form_of_a_call_is_computed_and_kept(make, call):
    """The call is computed, and its text stays as the file had it."""
    text = "=" + call.format("A1")
    found, done = computed(make({"A1": 4, "B1": text}))
    assert found["B1"] == 8
    assert load_workbook(io.BytesIO(done.data))["S"]["B1"].value == text


def test_arguments_come_as_cells_are(make):
    """Blank and omitted are None, ranges rows of cells, errors say which, dates are numbers."""
    call = Calls(answer=1)
    cells = {
        "A1": 1.5,
        "B1": "x",
        "A2": True,
        "A4": "=1/0",
        "A5": dt.date(2024, 1, 1),
        "D1": "=SHOW(A1:B2,,A9,A4,A5,TRUE,)",
    }
    computed(make(cells), call=call)
    (_, args, options) = call.made[0]
    assert args == [[[1.5, "x"], [True, None]], None, None, CellError("#DIV/0!"), 45292.0, True, None]
    assert options == {}


def test_a_1904_workbook_says_so_and_has_its_dates(make):
    """Functions are told the date system, and a date they answer becomes a number of it."""
    call = Calls(answer=dt.date(2024, 1, 2))
    found, _ = computed(make({"A1": "=SHOW(1)", "A2": "=DATE(2024,1,1)", "A3": "=YEAR(0)"}, date1904=True), call=call)
    assert call.made[0][2] == {"date_system_year": 1904}
    assert found == {"A1": 43831, "A2": 43830, "A3": 1904}


@pytest.mark.parametrize(
    ("answer", "shown"),
    [(1, 1), ("a", "a"), (True, True), (dt.date(2024, 1, 1), 45292), (None, None), (CellError("#N/A"), "#N/A"),
     (float("nan"), "#NUM!"), (float("inf"), "#NUM!"), ([], "#VALUE!"), ([[1, 2], [3]], "#VALUE!"), (object(), "#VALUE!")],
)  # fmt: skip
def test_answers_become_cells(make, answer, shown):
    """What no cell can hold is an error, never a number."""
    found, done = computed(make({"A1": "=SHOW()"}), call=Calls(answer))
    assert found.get("A1") == shown
    assert bool(done.errors) == str(shown).startswith("#")


def test_a_failing_function_is_reported_with_its_message(make):
    """The cell, the code and the sentence of the function; a dependent says where its error comes from."""
    _, done = computed(make({"A1": "=FAIL(1)", "A2": "=A1+1", "A3": "=IFERROR(FAIL(2),7)", "A4": "=SUM(A1:A2)"}))
    assert [(e.cell, e.code, e.message) for e in done.errors] == [
        ("A1", "#NUM!", "cap_table row 2: no class is senior"),
        ("A2", "#NUM!", "carried from S!A1"),
        ("A4", "#NUM!", "carried from S!A1"),
    ]


def test_a_fault_in_a_function_is_an_error_of_its_cell(make):
    """Even one that is a bug does not stop the other cells."""
    found, done = computed(make({"A1": "=TWICE(TRUE,1)", "A2": "=TWICE(A9)", "A3": "=1+1"}))
    assert found["A3"] == 2
    assert [(e.cell, e.code) for e in done.errors] == [("A2", "#VALUE!")]
    assert "TypeError" in done.errors[0].message


def test_errors_in_arguments_propagate(make):
    """As the function says."""
    found, _ = computed(make({"A1": "=NA()", "A2": "=TWICE(A1)"}))
    assert found == {"A1": "#N/A", "A2": "#N/A"}


def test_tables_grow_and_what_refers_to_them_follows(make):
    """Structured references of every form see the new rows."""
    cells = {"A1": "Name", "B1": "Amt", "C1": "Part", "A2": "a", "B2": 1, "C2": "=T[[#This Row],[Amt]]/SUM(T[Amt])",
             "E1": "=SUM(T[Amt])", "E2": "=ROWS(T)", "E3": "=COUNTA(T[[#Headers],[Name]:[Amt]])", "E4": "=ROWS(T[#All])",
             "E5": '=XLOOKUP("c",T[Name],T[Amt])', "E6": "=TOTAL(T[])", "E7": "=SUM(INDIRECT(\"T[Amt]\"))"}  # fmt: skip
    rows = [{"Name": n, "Amt": i} for i, n in enumerate("abc", 1)]
    found, done = computed(make(cells, tables={"T": "A1:C2"}), tables={"t": rows})
    assert [found[f"E{i}"] for i in range(1, 8)] == [6, 3, 2, 4, 3, 7, 6]
    assert [found[f"C{i}"] for i in (2, 3, 4)] == [1 / 6, 1 / 3, 0.5]
    assert done.formulas == 10
    fewer, _ = computed(make(cells, tables={"T": "A1:C2"}), tables={"T": []})
    assert fewer["E1"] == 0


def test_spills_grow_shrink_and_are_referred_to(make):
    """``A1#`` is what the spill covers, one cell or many."""
    template = make(
        {"A1": 3, "C1": "=GRID(A1,2)", "F1": "=SUM(C1#)", "F2": "=ROWS(_xlfn.ANCHORARRAY(C1))"}, {"n": "S!$A$1"}
    )
    for n in (3, 1, 2):
        found, done = computed(template, {"n": n})
        assert (found["F2"], done.spills) == (n, 1)
        assert found["F1"] == sum(10 * r + c for r in range(n) for c in range(2))


def test_a_reference_to_a_spill_of_one_cell_is_that_cell(make):
    """Where the engine alone would say #REF!."""
    found, done = computed(make({"A1": "=GRID(1,1)+5", "B1": "=SUM(A1#)+1"}))
    assert found == {"A1": 5, "B1": 6}
    assert done.errors == ()


@pytest.mark.parametrize("obstacle", [{"B2": "note"}, {"B2": "=1"}])
def test_a_spill_does_not_run_over_a_filled_cell(make, obstacle):
    """Its cell shows #SPILL!, as in Excel, and says so; the filled cell stays."""
    found, done = computed(make({"A1": "=GRID(3,2)", "D1": "=A1", **obstacle}))
    assert (found["A1"], found["D1"], found["B2"]) == ("#SPILL!", "#SPILL!", 1 if obstacle["B2"] == "=1" else "note")
    assert done.errors[0].cell == "A1"
    assert "filled" in done.errors[0].message


def test_a_spill_does_not_run_over_merged_cells_or_a_table(make):
    """Nor there, and what depends on it knows."""
    merged, _ = computed(make({"A1": "=GRID(3,2)", "D1": "=A1"}, merge=["A3:B3"]))
    assert (merged["A1"], merged["D1"], "A2" in merged) == ("#SPILL!", "#SPILL!", False)
    tabled, _ = computed(make({"A1": "=GRID(3,1)", "A3": "x"}, tables={"T": "A3:A4"}))
    assert tabled["A1"] == "#SPILL!"


def test_an_input_in_the_way_of_a_spill_blocks_it(make):
    """A value given counts as filled."""
    found, _ = computed(make({"A1": "=GRID(3,1)"}, {"x": "S!$A$2"}), {"x": 5})
    assert (found["A1"], found["A2"]) == ("#SPILL!", 5)


def test_arrays_entered_over_a_range_keep_to_it(make):
    """An answer too small leaves #N/A, one too large is cut, a single one fills the range: as in Excel."""
    cells = {
        "A1": ArrayFormula("A1:B3", "=GRID(2,2)"), "D1": ArrayFormula("D1:D2", "=GRID(3,3)"), "F1": ArrayFormula("F1:F2", "=5"),
        "H1": 1, "H2": 2, "I1": ArrayFormula("I1", "=SUM(H1:H2*H1:H2)"),
    }  # fmt: skip
    found, _ = computed(make(cells))
    assert [found[k] for k in ("A1", "B2", "A3", "D1", "D2", "F1", "F2", "I1")] == [0, 11, "#N/A", 0, 10, 5, 5, 5]
    assert "E1" not in found


def test_names_may_be_formulas(make):
    """With functions of ours and tables in them."""
    names = {"twice": "TWICE(S!$A$1)", "both": "twice+SUM(S!$A$1:$A$2)", "rate": "0.25"}
    found, _ = computed(make({"A1": 3, "A2": 4, "B1": "=twice", "B2": "=both*rate"}, names))
    assert (found["B1"], found["B2"]) == (6, 3.25)


def test_a_circle_is_refused(make):
    """Excel would ask; here it is an error, with the cell."""
    with pytest.raises(WorkbookError, match="refers to itself") as caught:
        computed(make({"A1": "=A2", "A2": "=A1"}))
    assert "S!A" in caught.value.where


REFUSED = [
    ("LAMBDA(x,x+1)(2)", "LAMBDA"), ("REDUCE(0,A1:A3,LAMBDA(a,b,a+b))", "REDUCE"), ("NOSUCH(1)", "NOSUCH"),
    ("[1]Other!A1", "link to another workbook"), ("'[Other.xlsx]S'!A1", "link to another workbook"), ("[2]!OTHER(1)", "OTHER"),
    ("CELL(\"filename\")", "CELL"), ("SUM((A1,B1))", "union"), ("SUM(A1:A3 A2:B2)", "intersection"),
    ("INDIRECT(\"R1C1\",FALSE)", "R1C1"), ("MMULT(A1:B2,A1:B2)", "MMULT"), ("ISFORMULA(A1)", "ISFORMULA"),
    ("XLOOKUP(1,A1:A3,B1:B3,0,-1)", "next smaller"), ("U[x]", "no such table"), ("lam(3)", "LAM"), ("SUM(S:S2!A1)", "several sheets"),
    ("GETPIVOTDATA(\"x\",A1)", "GETPIVOTDATA"), ("SUM(IF(A1:A3>1,A1:A3))", "whole range"), ("TEXT(A1,\"# ?/?\")", "fraction"),
    ("ISOWEEKNUM(A1)", "ISOWEEKNUM"), ("external*2", "link to another workbook"), ("SUM(several)", "union"), ("GROUPBY(A1:A3,B1:B3,SUM)", "GROUPBY"), ("RTD(\"x\",,\"y\")", "RTD"),
]  # fmt: skip


@pytest.mark.parametrize(("formula", "what"), REFUSED)
def test_what_cannot_be_computed_is_refused_by_name(make, formula, what):
    """Before anything is computed or written, with the cell and the reason."""
    template = make(
        {"A1": 1, "B5": "=" + formula}, {"lam": "LAMBDA(x,x*2)", "external": "[1]S!$A$1", "several": "S!$A$1,S!$B$1"}
    )
    problems = unsupported(template, NAMES)
    assert problems, formula
    assert {(p.sheet, p.cell) for p in problems} == {("S", "B5")}
    call = Calls()
    with pytest.raises(WorkbookError, match=r"cannot be computed without Excel: .*S!B5") as caught:
        computed(template, call=call)
    assert what in str(caught.value)
    assert call.made == []


def test_many_problems_are_counted(make):
    """The first ten are listed."""
    with pytest.raises(WorkbookError, match=r"^.*12 formulas cannot .* and 2 more$"):
        computed(make({f"A{i}": f"=NOSUCH{i}X(1)" for i in range(1, 13)}))


def test_hidden_rows_are_refused_only_where_they_matter(make):
    """SUBTOTAL leaves hidden rows out, which the engine cannot."""
    cells = {"A1": 1, "A2": 2, "B1": "=SUBTOTAL(109,A1:A2)", "B2": "=SUM(A1:A2)"}
    assert unsupported(make(cells), NAMES) == []
    assert [p.cell for p in unsupported(make(cells, hidden=2), NAMES)] == ["B1"]


def test_an_ordinary_formula_that_gives_an_array_is_refused(make):
    """Excel shows one cell of it, and which one depends on where it stands."""
    with pytest.raises(WorkbookError, match="an ordinary formula gives an array"):
        computed(make({"A1": 1, "A2": 2, "C5": "=A1:A2"}))


def test_text_that_looks_like_a_formula_stays_text(make):
    """In the computation and in the file."""
    found, _ = computed(make({"A1": "x", "B1": "=LEN(A1)", "B2": "=A1"}, {"a": "S!$A$1"}), {"a": "=1+1"})
    assert (found["A1"], found["B1"], found["B2"]) == ("=1+1", 4, "=1+1")


def test_clearing_an_input_leaves_a_blank(make):
    """A blank counts as nothing, not as zero or text."""
    found, _ = computed(make({"A1": 5, "B1": "=ISBLANK(A1)", "B2": "=A1+1"}, {"a": "S!$A$1"}), {"a": None})
    assert found == {"B1": True, "B2": 1}


def test_precision_as_displayed_is_refused(make):
    """Such a workbook computes with rounded values."""
    template = make({"A1": "=1/3"})
    book = load_workbook(template.path)
    book.calculation.fullPrecision = False
    book.save(template.path)
    assert unsupported(Template.read(template.path), NAMES)[0].what == "precision as displayed"


def test_the_functions_of_the_package_are_the_default(make):
    """Without a call of the caller's own, formulas reach the functions there are."""
    found = fill(make({"A1": "=SPLIT_ADJUSTED_PRICE(20,2)"}), {})
    assert load_workbook(io.BytesIO(found.data), data_only=True)["S"]["A1"].value == 10
