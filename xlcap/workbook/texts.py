"""Every formula a workbook's file holds, in cells and beside them, each with its place in the bytes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from xlcap.workbook.cells import a1, from_xml
from xlcap.workbook.sheet import SheetXml, attributes, text
from xlcap.workbook.template import Template


class FormulaText(NamedTuple):
    """A formula as the file holds it; one that cells share is told once, in the first of them."""

    part: str
    start: int  # in the part's bytes
    end: int
    text: str
    kind: str  # "cell", "name", "table", "conditional format" or "validation"
    sheet: str  # empty for a name of the whole workbook
    place: str  # of a cell its address, of others what a person calls them

    @property
    def where(self) -> str:
        return f"{self.sheet}!{self.place}" if self.kind == "cell" else f"the {self.place}"


def data_of(template: Template, part: str) -> bytes:
    """The bytes the places of :func:`texts` count in: a sheet's have every cell saying where it is."""
    plan = next((plan for plan in template.plans.values() if plan.part == part), None)
    return plan.data if plan else template.package.read(part)


def texts(template: Template) -> Iterator[FormulaText]:
    """The formulas of a workbook."""
    for plan in template.plans.values():
        yield from _cells(plan)
    yield from beside_cells(template)


def beside_cells(template: Template) -> Iterator[FormulaText]:
    """The formulas that stand in no cell: of conditional formats, validations, tables and defined names."""
    for plan in template.plans.values():
        yield from _rules(plan)
    for table in template.tables.values():
        column = ""
        data = template.package.read(table.part)
        for m in _COLUMN.finditer(data):
            if m[2] is None:
                column = text(attributes(m[1])[b"name"])
            else:
                place = f"column {column} of the table {table.name}"
                yield _formula(table.part, m, 2, "table", table.sheet, place)
    for m in _NAME.finditer(template.package.read(template.part)):
        told = attributes(m[1])
        sheet = template.sheets[int(told[b"localSheetId"])] if b"localSheetId" in told else ""
        place = f"name {text(told[b'name'])}" + (f" of the sheet {sheet}" if sheet else "")
        yield _formula(template.part, m, 2, "name", sheet, place)


def _formula(part: str, m: re.Match[bytes], group: int, kind: str, sheet: str, place: str, at: int = 0) -> FormulaText:
    start, end = m.span(group)
    return FormulaText(part, at + start, at + end, from_xml(text(m[group])), kind, sheet, place)


_NAME = re.compile(rb"<(?:\w+:)?definedName\s([^>]*)>([^<]+)<")
_COLUMN = re.compile(
    rb"<(?:\w+:)?tableColumn\s([^>]*)>|<(?:\w+:)?(?:calculatedColumnFormula|totalsRowFormula)\b[^>]*>([^<]+)<"
)
# A rule with what it says; one that says nothing ends in its own tag.
_RULE = re.compile(rb"<((?:\w+:)?(conditionalFormatting|dataValidation))(?=[\s>])([^>]*[^>/]|)>.*?</\1\s*>", re.DOTALL)
_RULE_FORMULA = re.compile(
    rb"<(?:\w+:)?(?:formula[12]?|f)(?:\s[^>]*)?>([^<]+)<|<(?:\w+:)?cfvo\s[^>]*?\bval=([\"'])(.+?)\2"
)
_CELLS = re.compile(rb"\bsqref=[\"']([^\"']+)|<(?:\w+:)?sqref>([^<]+)<")


def _cells(plan: SheetXml) -> Iterator[FormulaText]:
    for (row, column), formula in plan.formulas.items():
        if formula.text:
            cell = plan.cells[row, column]
            at = plan.data.index(formula.xml, cell.start, cell.end)
            start = at + formula.xml.index(b">") + 1
            end = at + formula.xml.rindex(b"<")
            yield FormulaText(plan.part, start, end, formula.text, "cell", plan.name, a1(row, column))


def _rules(plan: SheetXml) -> Iterator[FormulaText]:
    tail = plan.body[1]
    for rule in _RULE.finditer(plan.data, tail):
        cells = _CELLS.search(rule[0])
        told = text(cells[1] or cells[2]) if cells else ""
        kind = "validation" if rule[2] == b"dataValidation" else "conditional format"
        for m in _RULE_FORMULA.finditer(rule[0]):
            place = f"{kind} of {plan.name}!{told}"
            yield _formula(plan.part, m, 1 if m[1] is not None else 3, kind, plan.name, place, rule.start())
