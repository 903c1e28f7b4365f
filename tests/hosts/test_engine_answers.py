"""What the engine, with our translation, answers to the formulas finance templates use, against Excel's documented
answers.
"""

# ruff: noqa: E501  # cases stand beside each other, as in a table

import io

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.table import Table

from xlcap.hosts.headless import fill
from xlcap.workbook import Template

# The data: names, amounts, dates (1 January, 1 February, 1 March, 1 April 2024) and classes.
DATA = [
    ["Name", "Amt", "Date", "Cls"],
    ["x", 10, 45292, "A"],
    ["y", 20, 45323, "B"],
    ["z", 30, 45352, "A"],
    ["w", 5.5, 45383, "C"],
]

ANSWERS = [
    # looking up
    ('XLOOKUP("z",D!A2:A5,D!B2:B5)', 30), ('XLOOKUP("q",T[Name],T[Amt],"none")', "none"), ('XLOOKUP("y*",{"x";"yy"},{1;2},,2)', 2),
    ('INDEX(D!B2:B5,MATCH("y",D!A2:A5,0))', 20), ('VLOOKUP("y",D!A2:D5,2,FALSE)', 20), ('VLOOKUP("q",D!A2:D5,2,FALSE)', "#N/A"),
    ('HLOOKUP("Amt",D!A1:D5,3,0)', 20), ("MATCH(15,D!B2:B4,1)", 1), ("XMATCH(15,{20;10;30},-1)", 2), ("LOOKUP(15,D!B2:B4)", 10),
    ('SUM(INDIRECT("D!B2:B"&5))', 65.5), ("SUM(OFFSET(D!B2,0,0,2,1))", 30), ("SUM(INDEX(D!B2:B5,2):INDEX(D!B2:B5,3))", 50),
    # adding up
    ('SUMIFS(D!B2:B5,D!D2:D5,"A",D!B2:B5,">15")', 30), ('SUMIF(D!D2:D5,"A",D!B2:B5)', 40), ('COUNTIFS(D!C2:C5,">="&DATE(2024,2,1))', 3),
    ('SUMPRODUCT((D!D2:D5="A")*D!B2:B5)', 40), ('AVERAGEIFS(D!B2:B5,D!D2:D5,"<>A")', 12.75), ('MAXIFS(D!B2:B5,D!D2:D5,"A")', 30),
    ("SUBTOTAL(9,D!B2:B5)", 65.5), ("SUM(D!B:B)", 65.5), ("COUNTBLANK(D!A1:A9)", 4), ('SUM(D!B2,"3")', 13), ("SUM({1,2;3,4})", 10),
    # tables
    ("SUM(T[Amt])", 65.5), ("ROWS(T)", 4), ("ROWS(T[#All])", 5), ("COUNTA(T[[#Headers],[Name]:[Amt]])", 2), ("SUM(T[[#All],[Amt]])", 65.5),
    ('INDEX(T,2,1)', "y"), ("T[[#Totals],[Amt]]", "#REF!"),
    # arrays
    ('SUM(FILTER(D!B2:B5,D!D2:D5="A"))', 40), ('SUM(_xlfn._xlws.FILTER(D!B2:B5,D!D2:D5="Q"))', "#CALC!"), ("INDEX(SORT(D!B2:B5,,-1),1)", 30),
    ("INDEX(SORTBY(D!A2:A5,D!B2:B5,-1),1)", "z"), ("COUNTA(UNIQUE(D!D2:D5))", 3), ("SUM(CHOOSECOLS(D!A2:C5,2))", 65.5),
    ("SUM(TAKE(D!B2:B5,2))", 30), ("SUM(DROP(D!B2:B5,1))", 55.5), ("SUM(SEQUENCE(2,3,1,2))", 36), ("ROWS(VSTACK(D!A2:A3,D!A2:A5))", 6),
    ("INDEX(TRANSPOSE(D!B2:B5),1,3)", 30), ("_xlfn.LET(_xlpm.a,2,_xlpm.b,_xlpm.a*3,_xlpm.a+_xlpm.b)", 8),
    ("LET(f,LAMBDA(x,x+1),f(4))", 5), ('TEXTJOIN(",",TRUE,D!A2:A5)', "x,y,z,w"), ("_xlfn.SINGLE(D!B2)+1", 11),
    # dates
    ("EDATE(45322,1)", 45351), ("EOMONTH(45292,0)", 45322), ("DATE(2024,2,30)", 45352), ("YEARFRAC(45292,45658,1)", 1),
    ('DATEDIF(45292,45658,"m")', 12), ("WORKDAY(45292,5)", 45299), ("NETWORKDAYS(45292,45322)", 23), ("WEEKDAY(45292,2)", 1),
    ('DATEVALUE("2024-01-01")', 45292), ('TIMEVALUE("12:00")', 0.5), ("DAYS360(45292,45658)", 360), ("INT(NOW())-TODAY()", 0),
    # money
    ("NPV(0.1,100,100)", 173.553719008264), ("IRR({-100,60,60})", 0.130662386291808), ("PMT(0.05/12,360,-100000)", 536.821623012139),
    ("XNPV(0.1,{-100,110},{45292,45658})", -0.026108969043889), ("SLN(1000,100,5)", 180), ("EFFECT(0.1,4)", 0.103812890625),
    ("RATE(12,-100,1000)", 0.0292285407621597),
    # rounding
    ("ROUND(2.5,0)", 3), ("ROUND(-2.5,0)", -3), ("ROUND(1.005,2)", 1.01), ("ROUND(2.675,2)", 2.68), ("ROUNDUP(1.001,2)", 1.01),
    ("ROUNDDOWN(1.999,2)", 1.99), ("INT(-1.5)", -2), ("MOD(-1,3)", 2), ("CEILING(1.1,0.5)", 1.5), ("MROUND(7,5)", 5), ("-2^2", 4), ("50%", 0.5),
    # text
    ('TEXT(45292,"yyyy-mm-dd")', "2024-01-01"), ('TEXT(1234.567,"#,##0.00")', "1,234.57"), ('TEXT(0.1234,"0.0%")', "12.3%"),
    ('TEXT(-1234.5,"$#,##0.00;($#,##0.00)")', "($1,234.50)"), ('TEXT(45292,"mmmm d, yyyy")', "January 1, 2024"), ('TEXT(12,"000")', "012"),
    ('TEXT(45292.75,"h:mm AM/PM")', "6:00 PM"), ('SUBSTITUTE("aXa","X","-")', "a-a"), ('FIXED(1234.567,1)', "1,234.6"),
    # fifteen digits
    ("0.1+0.2=0.3", True), ("IF(0.1*3>0.3,1,0)", 0), ("SUM(0.1,0.2)<>0.3", False), ('1/3&""', "0.333333333333333"), ('0.1+0.2&"x"', "0.3x"),
    ("LEN(1/3)", 17), ("LEFT(2/3,20)", "0.666666666666667"), ('CONCATENATE(2/3,"x")', "0.666666666666667x"), ("EXACT(0.1+0.2,0.3)", True),
    ('_xlfn.TEXTJOIN("/",TRUE,D!B2,2/3)', "10/0.666666666666667"), ('SUBSTITUTE(2/3,"6","5")', "0.555555555555557"), ("LEN(D!Z9)", 0), ("FIND(7,2/3)", 17),
    ('_xlfn.TEXTJOIN(",",TRUE,D!B2:B9)', "10,20,30,5.5"), ("_xlfn.CONCAT(D!A2:A4,TRUE)", "xyzTRUE"), ("LEFT(NA(),1)", "#N/A"), ('TEXT(2/3,"General")', "0.666666666666667"), ('TEXT("x","@")', "x"), ('TEXT(D!Z9,"0.0")', "0.0"), ("LEFT(D!A2)", "x"),
    # what SUMPRODUCT counts
    ("SUMPRODUCT(D!B2:B5>6)", 0), ("SUMPRODUCT(--(D!B2:B5>6))", 3), ("SUMPRODUCT(D!B2:B5,D!D2:D5=\"A\")", 0), ('SUMPRODUCT(D!B2:B5&"")', 0),
    ("SUMPRODUCT(D!B2:B5,D!A2:A5)", 0), ("SUMPRODUCT(D!B1:B5)", 65.5), ("SUMPRODUCT(D!B2:B9,D!B2:B9)", 1430.25), ("SUMPRODUCT(D!B2:B5/0)", "#DIV/0!"), ("SUMPRODUCT(1/D!Z9,D!B2)", "#DIV/0!"),
    ('12&""', "12"), ('TRUE&""', "TRUE"), ('D!Z9&""', ""), ('D!Z9=D!Z8', True), ('"A"="a"', True), ('"x"&1/0', "#DIV/0!"), ("1/0=1", "#DIV/0!"),
    # errors and blanks
    ("1/0", "#DIV/0!"), ("IFERROR(1/0,7)", 7), ("ISNA(NA())", True), ("SQRT(-1)", "#NUM!"), ("D!Z9", 0), ("ISBLANK(D!Z9)", True),
    ('IF(D!Z9="",1,2)', 1), ("nosuchname", "#NAME?"), ("IF(TRUE,,5)", 0), ("AVERAGE(D!Z1:Z9)", "#DIV/0!"),
]  # fmt: skip


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    """Every formula, each in its own row of one workbook, computed and saved once."""
    book = Workbook()
    sheet = book.active
    sheet.title = "F"
    for row, (formula, _) in enumerate(ANSWERS, 1):
        sheet.cell(row, 1).value = "=" + formula
    data = book.create_sheet("D")
    for row in DATA:
        data.append(row)
    data.add_table(Table(displayName="T", ref="A1:D5"))
    path = tmp_path_factory.mktemp("answers") / "t.xlsx"
    book.save(path)
    done = fill(Template.read(path), {}, names=())
    return load_workbook(io.BytesIO(done.data), data_only=True)["F"]


@pytest.mark.parametrize(("row", "formula", "expected"), [(i, f, e) for i, (f, e) in enumerate(ANSWERS, 1)])
def test_the_engine_answers_as_excel_does(answers, row, formula, expected):
    """Or the formula is to be refused."""
    found = answers.cell(row, 1).value
    if expected == "":
        assert found in ("", None), formula
    elif isinstance(expected, float):
        assert found == pytest.approx(expected, rel=1e-8), formula
    else:
        assert (found, isinstance(found, bool)) == (expected, isinstance(expected, bool)), formula
