"""Formulas that hand several cells on: what `fill` writes is what a spreadsheet program computes, or it refuses."""

import io
import random

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.formula import ArrayFormula

from xlcap.hosts.headless import fill, unsupported
from xlcap.workbook import Template

DATA = [(1.25, 45292, 2, "x"), (-2.5, 45323.5, 3, 5), (30, 45352.25, 5, None)]
# One value, and several; {v} is one value, {s} several, {a} either.
VALUES = ["D!$C$1", "2", "3"]
SEVERAL = ["D!$A$1:$A$3", "D!$C$1:$C$3", "column", "computed", "{2;3;5}", 'INDIRECT("D!C1:C3")',
           "INDEX(D!$B$1:$C$3,0,2)", "OFFSET(D!$C$1,0,0,3,1)", "OFFSET(D!$C$1:$C$3,0,0)"]  # fmt: skip
ONES = """
    SUM({s})|MAX({s})|ROUND({a},1)|LEN({a})|INDEX({s},2)|SUMPRODUCT({s})|COUNTIF(D!$C$1:$C$3,{a})|MATCH({a},{s},0)
    ROWS({s})|INT({a})|COUNT({s})|LARGE({s},{a})|ABS({a})|({v})|IF({a}>2,{a},1)|YEAR({a}+45000)|N({a})|IFERROR({a},9)
    SUMIF(D!$C$1:$C$3,{a},D!$A$1:$A$3)|VALUE(LEFT({a}&"1",1))|ISNUMBER({a})*1|MOD({a},2)|CHOOSE(2,1,{a})|ROW(D!$C$2)
    CHOOSE({a},1,4,5)|TEXT({a},"0.0")*1|SUM(ROW({s}))|VLOOKUP({a},D!$C$1:$D$3,1,TRUE)|DATE(2000,{a},1)|NPV({v},{s})
"""
MANY = """
    ({s})|--{s}|{s}*{v}|({v}+{s})|IF(TRUE,{s})|IF({s}>2,{s},{v})|CHOOSE(1,{s},2)|IFERROR({s},0)|{s}&""|({s}={v})*1
    TRANSPOSE(TRANSPOSE({s}))|INDEX({s},0)
"""


def nested(draw, kind, depth):
    """A formula of a kind, of so many levels."""
    if kind == "a":
        kind = draw.choice("vs")
    patterns = [p.strip() for line in (ONES if kind == "v" else MANY).split("\n") for p in line.split("|") if p.strip()]
    text = draw.choice(patterns if depth else VALUES if kind == "v" else SEVERAL)
    for hole in "vsa" if depth else "":
        while f"{{{hole}}}" in text:
            text = text.replace(f"{{{hole}}}", nested(draw, hole, draw.randrange(depth)), 1)
    return text


def book(path, formulas):
    """A workbook with each formula entered over three cells."""
    made = Workbook()
    sheet = made.active
    sheet.title = "F"
    for i, formula in enumerate(formulas):
        ref = f"A{3 * i + 1}:A{3 * i + 3}"
        sheet[f"A{3 * i + 1}"] = ArrayFormula(ref, f"={formula}")
    data = made.create_sheet("D")
    for row in DATA:
        data.append(row)
    for name, text in (("column", "D!$C$1:$C$3"), ("computed", "D!$C$1:$C$3*1")):
        made.defined_names[name] = DefinedName(name, attr_text=text)
    made.save(path)
    return path


def shown(file, count):
    """What each formula's three cells show; one error is as good as another, and TRUE is 1."""
    sheet = load_workbook(file, data_only=True)["F"]
    cells = [sheet.cell(row, 1).value for row in range(1, 3 * count + 1)]
    told = [("#" if v.startswith("#") else v) if isinstance(v, str) else float(v or 0) for v in cells]
    return [told[i : i + 3] for i in range(0, len(told), 3)]


def test_what_is_computed_is_what_libreoffice_computes(tmp_path, libreoffice):
    """For formulas made at random; what the engine would answer for the first cell alone is refused."""
    draw = random.Random(5)
    formulas = sorted({nested(draw, draw.choice("vvs"), draw.randint(1, 3)) for _ in range(1500)})
    template = Template.read(book(tmp_path / "all.xlsx", formulas))
    refused = {problem.cell for problem in unsupported(template, ())}
    kept = [formula for i, formula in enumerate(formulas) if f"A{3 * i + 1}" not in refused]
    assert len(formulas) > 900 and 0.4 < len(kept) / len(formulas) < 0.9
    path = book(tmp_path / "kept.xlsx", kept)
    ours = shown(io.BytesIO(fill(Template.read(path), {}, names=()).data), len(kept))
    theirs = shown(libreoffice(path, "xlsx:Calc MS Excel 2007 XML"), len(kept))
    wrong = [
        (formula, mine, its)
        for formula, mine, its in zip(kept, ours, theirs, strict=True)
        # LibreOffice may show an error in all cells where one has it.
        if its != ["#"] * 3 and mine != pytest.approx(its)
    ]
    assert wrong == []
