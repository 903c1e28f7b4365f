"""Filling and computing a template without Excel."""

# ruff: noqa: E501  # cases stand beside each other, as in a table

import datetime as dt
import io
import signal

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.worksheet.table import Table

from xlcap.errors import XlcapError
from xlcap.functions import CellError
from xlcap.hosts.headless import fill, unsupported
from xlcap.workbook import Template, WorkbookError

NAMES = ("TWICE", "GRID", "FAIL", "TOTAL", "SHOW", "CONVERTS_AT")


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
    assert [(e.cell, e.code, e.message, e.cause) for e in done.errors] == [
        ("A1", "#NUM!", "cap_table row 2: no class is senior", None),
        ("A2", "#NUM!", "carried from S!A1", "S!A1"),
        ("A4", "#NUM!", "carried from S!A1", "S!A1"),
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
    assert done.errors[0].message == "B2 is in the way of its answer"


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
    names = {"double": "TWICE(S!$A$1)", "both": "double+SUM(S!$A$1:$A$2)", "rate": "0.25"}
    cells = {"A1": 3, "A2": 4, "B1": "=double", "B2": "=both*rate", "B3": "=ROUND(both,-1)"}
    found, _ = computed(make(cells, names))
    assert (found["B1"], found["B2"], found["B3"]) == (6, 3.25, 10)


def test_a_range_from_a_name_to_itself(make):
    """Is what it names: so `xlcap convert` tells LibreOffice a cell that may be blank."""
    found, _ = computed(make({"A1": 3, "B1": "=TWICE(rate:rate)+SUM(rate:rate)"}, {"rate": "S!$A$1"}))
    assert found["B1"] == 9


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
    ("SUMPRODUCT(--(LEFT(A1:C1,1)=\"a\"))", "LEFT of several cells"), ("SUMPRODUCT(COUNTIF(A1:A3,A1:A3))", "COUNTIF of several cells"),
    ("SUMPRODUCT(--ISNUMBER(A:A*1))", "ISNUMBER of several cells"), ("SUMPRODUCT(LEN(column))", "LEN of several cells"),
    ("SUMPRODUCT(LEN(V[y]))", "LEN of several cells"), ("SUMPRODUCT(LEN(spilt))", "LEN of several cells"),
    ("SUMPRODUCT(LEN(INDEX(column,0,1)))", "LEN of several"), ("SUMPRODUCT(LEN(INDEX(A1:C3,2,)))", "LEN of several"), ("SUM(ROUND((A1:A3),1))", "ROUND of several"),
    ("SUMPRODUCT(LEN(OFFSET(A1,0,0,3)))", "LEN of several"), ("SUMPRODUCT(LEFT(IF(TRUE,column),1))", "LEFT of several"), ("SUMPRODUCT(ABS(twofold))", "ABS of several"),
    ("SUM(LET(a,column,b,a,LEN(b)))", "LEN of several"), ("SUM(LET(f,LAMBDA(x,LEN(x)),f(column)))", "LEN of several"), ("SUM(LEN(SEQUENCE(3)))", "LEN of several"),
    ("SUM(COUNTIF(A1:A3,{1,2}))", "COUNTIF of several"), ("SUM(LARGE(A1:A3,{1,2}))", "LARGE of several"), ("SUMPRODUCT(ROW(A1:A3))", "ROW of several"),
    ("SUMPRODUCT(LEN(INDIRECT(\"A1:A3\")))", "LEN of several"), ("SUM(ROUND(XLOOKUP(1,A1:A3,A1:B3),1))", "ROUND of several"), ("SUM(LEN(INDEX(A1:A3,1):INDEX(A1:A3,2)))", "LEN of several"),
    ("SUMPRODUCT(ISNUMBER(MATCH(column,A1:A3,0)))", "MATCH of several"), ("SUM(LEN(CONVERTS_AT(A1:B3)))", "LEN of several"), ("SUM(DOLLARDE(A1:A3,4))", "DOLLARDE of several"),
    ("ISOWEEKNUM(A1)", "ISOWEEKNUM"), ("external*2", "link to another workbook"), ("SUM(several)", "union"), ("GROUPBY(A1:A3,B1:B3,SUM)", "GROUPBY"), ("RTD(\"x\",,\"y\")", "RTD"),
]  # fmt: skip


@pytest.mark.parametrize(("formula", "what"), REFUSED)
def test_what_cannot_be_computed_is_refused_by_name(make, formula, what):
    """Before anything is computed or written, with the cell and the reason."""
    template = make(
        {"A1": 1, "B5": "=" + formula, "F1": "y", "F2": 1, "F3": 2},
        {"lam": "LAMBDA(x,x*2)", "external": "[1]S!$A$1", "several": "S!$A$1,S!$B$1", "column": "S!$A$1:$A$3",
         "spilt": "_xlfn.ANCHORARRAY(S!$A$1)", "twofold": "S!$A$1:$A$3*2"},
        {"V": "F1:F3"},
    )  # fmt: skip
    problems = unsupported(template, NAMES)
    assert problems, formula
    assert {(p.sheet, p.cell) for p in problems} == {("S", "B5")}
    call = Calls()
    with pytest.raises(WorkbookError, match=r"cannot be computed without Excel: .*S!B5") as caught:
        computed(template, call=call)
    assert what in str(caught.value)
    assert call.made == []


ONE_AT_A_TIME = [
    ("LEN(INDEX(column,2))", 2), ("ROUND(INDEX(V,2,1),1)", 2), ("LEN(OFFSET(A1,1,0))", 2), ("ROUND(OFFSET(A1:A3,0,0,1),0)", 1), ("LEN(A2:A2)", 2),
    ("ROUND(XLOOKUP(20,A1:A3,A1:A3),1)", 20), ("LEN(IF(A1>0,A2,A3))", 2), ("LEN(CHOOSE(2,A1,A2))", 2), ("LET(x,A2,LEN(x))", 2), ("LET(f,LAMBDA(r,SUM(r)),LEN(f(column)))", 3),
    ("ROUND(SUM(column*2),0)", 642), ("LEN(SUMPRODUCT((column>1)*column))", 3), ("ROW()-ROW(V)", 3), ("ROW(V[[#Headers],[y]])", 1), ("COLUMN(V[y])", 6), ("LEN(INDIRECT(\"A\"&2))", 2),
    ("ROUND(TAKE(SORT(column,,-1),1),0)", 300), ("ROUND(TWICE(A1),0)", 2), ("ROUND(CONVERTS_AT(A1:B3,\"x\"),0)", 7), ("LEN(@INDEX(column,2))", 2), ("ROUND(single:single,0)", 1),
]  # fmt: skip


@pytest.mark.parametrize(("formula", "expected"), ONE_AT_A_TIME)
def test_one_cell_of_several_is_computed(make, formula, expected):
    """Where what a function is given is one value, though several cells stand in it."""
    cells = {"A1": 1, "A2": 20, "A3": 300, "B5": "=" + formula, "F1": "y", "F2": 1, "F3": 2}
    template = make(cells, {"single": "S!$A$1", "column": "S!$A$1:$A$3"}, {"V": "F1:F3"})
    assert computed(template, call=Calls(7))[0]["B5"] == expected


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


@pytest.mark.parametrize("raised", [KeyboardInterrupt, SystemExit])
def test_an_interruption_is_no_error_of_a_cell(make, raised):
    """What stops the program stops the filling; no cell shows #VALUE! for it, and no other function is asked."""
    made = []

    def call(name, _):
        made.append(name)
        raise raised

    with pytest.raises(raised):
        computed(make({"A1": "=SHOW(1)", "A2": "=SHOW(2)"}), call=call)
    assert made == ["SHOW"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_handler_of_the_callers_own_is_left_alone(make):
    """Whoever handles an interruption himself is told of it, and the workbook is finished."""
    told = []
    before = signal.signal(signal.SIGINT, lambda *_: told.append(1))

    def call(*_):
        signal.raise_signal(signal.SIGINT)
        return 1.0

    try:
        found, _ = computed(make({"A1": "=SHOW(1)"}), call=call)
    finally:
        signal.signal(signal.SIGINT, before)
    assert (found["A1"], told) == (1, [1])


def test_a_spill_into_a_cleared_input_is_whole(make):
    """A cell that a fill empties is free for what stands beside it."""
    template = make({"A1": "=GRID(3,1)", "A2": "x"}, {"a": "S!$A$2"})
    found, done = computed(template, {"a": None})
    assert (found, done.spills) == ({"A1": 0, "A2": 10, "A3": 20}, 1)
    assert computed(template)[0]["A1"] == "#SPILL!"


@pytest.mark.parametrize("reference", ["A1#", "_xlfn.ANCHORARRAY(A1)", "_xlfn.ANCHORARRAY(S!$A$1)"])
def test_every_stored_form_of_a_reference_to_a_spill(make, reference):
    """Of one cell or of several."""
    template = make({"A1": "=GRID(C1,1)", "B1": f"=SUM({reference})+1", "C1": 1}, {"n": "S!$C$1"})
    assert [computed(template, {"n": n})[0]["B1"] for n in (1, 3, 1)] == [1, 31, 1]


def test_formulas_filled_down_keep_their_own_cells_and_arguments(make):
    """Formulas of one shape share what is found out about them, not what differs."""
    cells = {"A1": "Amt", "B1": "Twice", "C1": "Share", "F1": "=SUM(T[Twice])"}
    for r in range(2, 6):
        cells |= {f"A{r}": r, f"B{r}": f"=TWICE(T[[#This Row],[Amt]])+{r}{r}", f"C{r}": f"=TWICE(A{r})/SUM(T[Amt])"}
        cells |= {f"H{r}": f'=IF(A{r}>{r}.5,"A{r}","no")&A{r}', f"I{r}": f"=SHOW(A{r},,{r})"}
    call = Calls(answer=0)
    found, done = computed(make(cells, tables={"T": "A1:C5"}), call=call)
    assert [found[f"B{r}"] for r in range(2, 6)] == [2 * r + 11 * r for r in range(2, 6)]
    assert [found[f"C{r}"] for r in range(2, 6)] == [2 * r / 14 for r in range(2, 6)]
    assert [found[f"H{r}"] for r in range(2, 6)] == [f"no{r}" for r in range(2, 6)]
    assert sorted(args for name, args, _ in call.made if name == "SHOW") == [[r, None, r] for r in range(2, 6)]
    assert done.errors == ()


def test_a_row_outside_its_table_is_not_taken_for_one_inside(make):
    """The same text stands for another thing there."""
    cells = {"A1": "Amt", "A2": 5, "A3": 6, "C2": "=T[[#This Row],[Amt]]", "C3": "=T[[#This Row],[Amt]]",
             "C4": "=T[[#This Row],[Amt]]", "C1": "=T[[#This Row],[Amt]]"}  # fmt: skip
    found, _ = computed(make(cells, tables={"T": "A1:A3"}))
    assert [found[f"C{r}"] for r in range(1, 5)] == ["#REF!", 5, 6, "#REF!"]


def test_one_formula_of_a_shape_is_refused_as_all_are(make):
    """Each with its own cell."""
    template = make({f"B{r}": f"=NOSUCH(A{r})+SUM(A{r}:A9 A1:B{r})" for r in range(1, 4)})
    problems = unsupported(template, NAMES)
    assert [(p.cell, p.what) for p in problems] == [
        (f"B{r}", what) for r in range(1, 4) for what in ("NOSUCH", "an intersection of ranges")
    ]


def test_an_empty_table_is_filled_and_left_empty(make):
    """A template may come with a header and one blank row, as Excel keeps a table without rows."""
    cells = {"A1": "Name", "B1": "Amt", "D1": "=SUM(T[Amt])", "D2": "=ROWS(T)", "D3": "=TOTAL(T[#All])"}
    template = make(cells, tables={"T": "A1:B2"})
    found, done = computed(template)
    assert ([found[f"D{i}"] for i in (1, 2, 3)], done.errors) == ([0, 1, 0], ())
    found, _ = computed(template, tables={"T": [{"Name": "a", "Amt": 1}, {"Name": "b", "Amt": 2}]})
    assert ([found[f"D{i}"] for i in (1, 2, 3)], found["A3"]) == ([3, 2, 3], "b")
    assert computed(template, tables={"T": []})[0] == {"A1": "Name", "B1": "Amt", "D1": 0, "D2": 1, "D3": 0}


@pytest.mark.parametrize("text", ["=cmd()", "=1+1", "+A1", "@SUM(A1)", "-1", "#N/A", "=cmd|' /C calc'!A0"])
def test_text_given_is_text_in_inputs_and_tables(make, text):
    """Whatever a formula would begin with; it is read back as it was given."""
    template = make({"A1": "x", "C1": "Name", "C2": "y", "E1": "=ISTEXT(A1)", "E2": "=ISTEXT(C2)"},
                    {"a": "S!$A$1"}, {"T": "C1:C2"})  # fmt: skip
    found, done = computed(template, {"a": text}, {"T": [{"Name": text}]})
    assert (found["A1"], found["C2"], found["E1"], found["E2"]) == (text, text, True, True)
    sheet = load_workbook(io.BytesIO(done.data))["S"]
    assert [(sheet[c].value, sheet[c].data_type) for c in ("A1", "C2")] in (
        [(text, "s")] * 2, [(text, "inlineStr")] * 2
    )  # fmt: skip


def test_every_formula_stays_as_it_was(make):
    """As openpyxl reads the result, calculated again or not."""
    cells = {"A1": 2, "B1": "=A1*2", "B2": '=IF(A1>1,"a&b<c",A1)', "B3": "=TWICE(A1)", "C1": "=GRID(2,2)", "F1": "=_xlfn.XLOOKUP(1,A1:A3,A1:A3,0)",
             "F2": ArrayFormula("F2:F3", "=A1:A2*2")}  # fmt: skip
    template = make(cells, {"a": "S!$A$1"})
    _, done = computed(template, {"a": 3})
    before, after = load_workbook(template.path)["S"], load_workbook(io.BytesIO(done.data))["S"]
    for place in ("B1", "B2", "B3", "C1", "F1", "F2"):
        old, new = (getattr(s[place].value, "text", s[place].value) for s in (before, after))
        assert new == old, place


LEFT_BEHIND = [  # formula elsewhere, what it leaves behind and what to write; nothing, where it follows or means less
    ("=AVERAGE(B2:B3)", "S!E1 refers to S!B2:B3, the rows the table T had, and does not follow it: write T[Price]"),
    ("=SUMPRODUCT($A$2:$A$3,S!$B$2:$B$3)", "S!E1 refers to S!A2:A3, the rows the table T had, and does not follow it: write T[No]"),
    ("=SUM(A2:B3)", "S!E1 refers to S!A2:B3, the rows the table T had, and does not follow it: write T"),
    ("=ROWS(A1:B3)", "S!E1 refers to S!A1:B3, the rows the table T had, and does not follow it: write T[#All]"),
    ("=COUNTA(B1:B3)", "S!E1 refers to S!B1:B3, the rows the table T had, and does not follow it: write T[[#All],[Price]]"),
    ("=SUM(prices)", "the name prices refers to S!B2:B3, the rows the table T had, and does not follow it: write T[Price]"),
    ("=SUM(B2:B4)", None), ("=SUM(B3:B3)", None), ("=SUM(B2:C3)", None), ("=SUM(T[Price])", None), ("=SUM(B:B)", None),
]  # fmt: skip


@pytest.mark.parametrize(("formula", "note"), LEFT_BEHIND)
@pytest.mark.parametrize("rows", [1, 3])
def test_ranges_that_a_table_leaves_behind_are_told(make, formula, note, rows):
    """Whether it grows or shrinks; formula texts stay."""
    cells = {"A1": "No", "B1": "Price", "A2": 1, "B2": 10, "A3": 2, "B3": 20, "E1": formula}
    template = make(cells, {"prices": "S!$B$2:$B$3"} if "prices" in formula else None, {"T": "A1:B3"})
    _, done = computed(template, tables={"T": [{"No": i, "Price": i} for i in range(rows)]})
    assert done.notes[:1] == ((note,) if note else ())
    assert computed(template, tables={"T": [{"No": 1}, {"No": 2}]})[1].notes == ()
    assert load_workbook(io.BytesIO(done.data))["S"]["E1"].value == formula


def test_cells_that_leave_a_range_behind_are_counted(make):
    """One note for a range, with the first cell; what falls away with a row and what is of its own row is none."""
    cells = {
        "A1": "No",
        "B1": "Part",
        "A2": 1,
        "B2": "=A2/SUM($A$2:$A$3)",
        "A3": 2,
        "B3": "=A3/SUM($A$2:$A$3)",
        "D1": "=SUM(A2:A3)",
    }
    template = make(cells, {"all_of_it": "S!$A$2:$A$3"}, {"T": "A1:B3"})
    told = "more refer to S!A2:A3, the rows the table T had, and do not follow it: write T[No]"
    for rows, more in ((1, 2), (3, 3)):
        _, done = computed(template, tables={"T": [{"No": 1}] * rows})
        assert done.notes == (f"S!D1 and {more} {told}",)
    of_one_row = make(
        {"A1": "No", "B1": "Part", "C1": "Sum", "A2": 1, "B2": 2, "C2": "=SUM(A2:B2)"}, tables={"T": "A1:C2"}
    )
    assert computed(of_one_row, tables={"T": [{"No": 1}] * 2})[1].notes == ()


@pytest.mark.parametrize(
    ("array", "note"),
    [
        (ArrayFormula("D2", "=GRID(4,12)"), "S!D2 shows 1 of 4 x 12 cells: it is an array formula of fixed size"),
        (
            ArrayFormula("D2:E3", "=GRID(2,3)"),
            "S!D2:E3 shows 2 x 2 of 2 x 3 cells: it is an array formula of fixed size",
        ),
        (ArrayFormula("D2:E3", "=GRID(2,2)"), None),
        (ArrayFormula("D2", "=SUM(GRID(2,2))"), None),
    ],
)
def test_an_array_that_shows_only_part_of_its_answer_is_told(make, array, note):
    """Excel shows that part too, and says nothing."""
    assert computed(make({array.ref.partition(":")[0]: array}))[1].notes == ((note,) if note else ())


EXPLAINED = [
    ({"A1": "=B3*2", "B3": "abc"}, "it works on a value of the wrong kind: S!B3 holds the text 'abc'"),
    ({"A1": '=IF(B1="x",B3-1,0)', "B1": "x", "B3": "1,000"}, "it works on a value of the wrong kind: S!B3 holds the text '1,000'"),
    ({"A1": "=amount+1", "B3": "abc"}, "it works on a value of the wrong kind: S!B3 holds the text 'abc'"),
    ({"A1": "=ROUND(B3,2)", "B3": "abc"}, "it works on a value of the wrong kind: S!B3 holds the text 'abc'"),
    ({"A1": '=DATEVALUE(B1&B3)', "B1": "x", "B3": "y"}, "it works on a value of the wrong kind"),
    ({"A1": "=nosuchname+1"}, "it uses a name that the workbook does not have: nosuchname"),
    ({"A1": "=amount+Nope!A1"}, "it refers to a cell that does not exist: there is no sheet Nope"),
    ({"A1": "=SUM('No pe'!A1:B2)"}, "it refers to a cell that does not exist: there is no sheet No pe"),
    ({"A1": "=SEQUENCE(3,3)", "C2": 1, "C3": 1}, "C2 is in the way of its answer"),
    ({"A1": "=GRID(3,3)*2", "C3": "=1"}, "C3 is in the way of its answer"),
]  # fmt: skip


@pytest.mark.parametrize(("cells", "message"), EXPLAINED)
def test_an_error_names_what_is_at_fault(make, cells, message):
    """The cell, the name or the sheet, where it can be found."""
    _, done = computed(make(cells, {"amount": "S!$B$3"}))
    assert [(e.cell, e.message) for e in done.errors] == [("A1", message)]


def test_what_the_engine_does_not_see_is_in_the_way_too(make):
    """Merged cells and tables are named."""
    _, merged = computed(make({"A1": "=GRID(3,2)"}, merge=["A3:B3"]))
    _, tabled = computed(make({"A1": "=GRID(3,1)", "A3": "x"}, tables={"T": "A3:A4"}))
    assert merged.errors[0].message == "the merged cells A3:B3 are in the way of its answer"
    assert tabled.errors[0].message == "A3 is in the way of its answer"


def test_a_function_almost_spelt_right_is_told(make):
    """The refusal names the function that may be meant."""
    (problem,) = unsupported(make({"A1": "=TOTL(B1)"}), NAMES)
    assert str(problem) == "TOTL in S!A1 (did you mean TOTAL?)"


@pytest.mark.parametrize("formula", ["=SUM(1,", "=1+", "=(A1", "=TWICE(A1))", "=GRID(1,{1,2;3})"])
def test_a_broken_formula_is_refused(make, formula):
    """Before anything is computed, with its cell."""
    (problem,) = unsupported(make({"B1": "=A1+1", "B2": formula}), NAMES)
    assert str(problem) == f"{formula} in S!B2 (it is no whole formula)"


def test_a_formula_of_too_many_terms_is_told_from_a_broken_one(make):
    """Excel takes it, the engine does not; it is not told in full."""
    (problem,) = unsupported(make({"A1": "=" + "+".join(["1"] * 300)}), NAMES)
    assert problem.what == "=" + "1+" * 50 + "..."
    assert problem.reason == "more terms or levels than the engine reads: divide it among cells"


def test_a_name_that_hides_a_function(make):
    """It is refused where the function is called, and noted where it may be."""
    called = make({"A1": "x", "B1": "=TWICE(3)"}, {"Twice": "S!$A$1"})
    assert list(map(str, unsupported(called, NAMES))) == [
        "the name Twice in S!B1 (it hides the function TWICE: call it something else)"
    ]
    _, done = computed(make({"A1": "x", "B1": "=Twice"}, {"Twice": "S!$A$1"}))
    assert done.notes == ("the name Twice hides the function TWICE; call it something else before using that",)


def test_the_reason_of_an_error_is_the_workbook_s_own(make):
    """Wherever it is asked, it knows all errors of this workbook, and none of the one filled before."""
    cells = {"A1": "=XLCAP_REASON()", "A2": "=SPLIT_ADJUSTED_PRICE(20,B2)", "A3": '="Why: "&A1', "B2": 0}

    def told(ratio):
        done = fill(make({**cells, "B2": ratio}), {})
        sheet = load_workbook(io.BytesIO(done.data), data_only=True)["S"]
        return sheet["A1"].value, sheet["A3"].value

    reason, beside = told(0)
    assert reason.endswith("#NUM!: ratio: must be above zero; found 0")
    assert beside == f"Why: {reason}"
    assert told(2)[0] == "no answer was refused in this session"
