"""Why a cell shows an error, in a sentence."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from xlcap.workbook import Area, ErrorCode, Formula, Template
from xlcap.workbook.cells import a1
from xlcap.workbook.formulas import Token, references, tokens

Value = Callable[[str, int, int], object]
"""What a cell came to, by sheet, row and column."""

_MEANINGS = {
    "#NULL!": "it intersects ranges that have no cell in common",
    "#DIV/0!": "it divides by zero or by an empty cell",
    "#VALUE!": "it works on a value of the wrong kind",
    "#REF!": "it refers to a cell that does not exist",
    "#NAME?": "it uses a name that the workbook does not have",
    "#NUM!": "the number it asks for does not exist or is too large",
    "#N/A": "what it looks for is not there",
    "#SPILL!": "its answer needs cells that are filled, merged or in a table; empty them",
    "#CALC!": "its answer is an empty array",
}


def explained(code: str, formula: Formula, template: Template, value: Value) -> str:
    """The sentence for an error that arose in the formula itself, and no function of ours raised."""
    meaning = _MEANINGS.get(code, "it cannot be computed")
    at_fault = {"#NAME?": _names, "#REF!": _sheets}.get(code)
    fault = at_fault(formula, template) if at_fault else _text(formula, template, value) if code == "#VALUE!" else None
    return f"{meaning}: {fault}" if fault else meaning


def carried(formula: Formula, template: Template, broken: Collection[tuple[str, int, int]]) -> str | None:
    """The first of the ``broken`` cells that a formula refers to."""
    this = (formula.sheet, formula.row, formula.column)
    named = [told for t in tokens(formula.text) if t.kind == "name" and (told := _defined(t.text, formula, template))]
    for text in (formula.text, *named):
        for own, ref in references(text):
            sheet, area = own or formula.sheet, Area.parse(ref)
            first = min((b for b in broken if b[0] == sheet and b[1:] in area and b != this), default=None)
            if first is not None:
                return f"{first[0]}!{a1(first[1], first[2])}"
    return None


def _defined(name: str, formula: Formula, template: Template) -> str | None:
    """The text of a defined name as the formula's sheet sees it."""
    return template.names.get(f"{formula.sheet}!{name}", template.names.get(name))


def _names(formula: Formula, template: Template) -> str | None:
    parts = tokens(formula.text)
    if any(t.kind == "call" and t.text.upper().endswith(("LET(", "LAMBDA(")) for t in parts):
        return None  # these have names of their own
    for t in parts:
        known = t.text in template.tables or t.text.upper() in ("TRUE", "FALSE")
        if t.kind == "name" and not known and _defined(t.text, formula, template) is None:
            return t.text
    return None


def _sheets(formula: Formula, template: Template) -> str | None:
    sheets = {name.casefold() for name in template.sheets}
    missing = (sheet for sheet, _ in references(formula.text) if sheet and sheet.casefold() not in sheets)
    return next((f"there is no sheet {sheet}" for sheet in missing), None)


def _text(formula: Formula, template: Template, value: Value) -> str | None:
    """The cell that holds a text where a number is used: one beside an operator, else the only one it could be."""
    possible = []
    for beside, sheet, area in _single_cells(formula, template):
        held = value(sheet, area.top, area.left)
        if isinstance(held, str) and not isinstance(held, ErrorCode):
            told = f"{sheet}!{area} holds the text '{held if len(held) <= 40 else held[:37] + '...'}'"
            if beside & _ARITHMETIC:
                return told
            if not beside & _OF_TEXTS:
                possible.append(told)
    return possible[0] if len(possible) == 1 else None


_ARITHMETIC = frozenset("+-*/^%")
_OF_TEXTS = frozenset(("&", "=", "<", ">", "<=", ">=", "<>", ":"))


def _single_cells(formula: Formula, template: Template) -> Iterator[tuple[set[str], str, Area]]:
    """The cells a formula refers to one by one, directly or by a name, with the operators beside the reference."""
    parts = [t for t in tokens(formula.text) if t.kind != "space"]
    sheet = ""
    for i, token in enumerate(parts):
        if token.kind == "sheet":
            sheet = token.text
            continue
        before = parts[i - (2 if sheet else 1)] if i > bool(sheet) else Token("start", "")
        beside = {before.text, parts[i + 1].text if i + 1 < len(parts) else ""}
        text = sheet + token.text if token.kind == "cell" else None
        if token.kind == "name" and not sheet:
            text = _defined(token.text, formula, template)
        sheet = ""
        refs = list(references(text)) if text else []
        if len(refs) == 1 and ":" not in refs[0][1]:
            yield beside, refs[0][0] or formula.sheet, Area.parse(refs[0][1])
