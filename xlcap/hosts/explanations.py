"""Why a cell shows an error, in a sentence."""

from __future__ import annotations

from collections.abc import Collection

from xlcap.workbook import Area, Formula, Template
from xlcap.workbook.cells import a1
from xlcap.workbook.formulas import tokens

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


def explained(code: str, cause: str | None) -> str:
    """The sentence for an error that no function of ours raised: carried from elsewhere, or the formula's own."""
    return f"carried from {cause}" if cause else _MEANINGS.get(code, "it cannot be computed")


def carried(formula: Formula, template: Template, broken: Collection[tuple[str, int, int]]) -> str | None:
    """The first of the ``broken`` cells that a formula refers to."""
    sheet = own = formula.sheet
    named = (template.names.get(t.text, "") for t in tokens(formula.text) if t.kind == "name")
    for text in (formula.text, *named):
        parts = tokens(text)
        for i, token in enumerate(parts):
            if token.kind == "sheet":
                own = token.text.rstrip("!").strip("'").replace("''", "'")
                continue
            if token.kind == "cell":
                ranged = i + 2 < len(parts) and parts[i + 1].text == ":" and parts[i + 2].kind == "cell"
                area = Area.parse(f"{token.text}:{parts[i + 2].text}" if ranged else token.text)
                this = (formula.sheet, formula.row, formula.column)
                first = min((b for b in broken if b[0] == own and b[1:] in area and b != this), default=None)
                if first is not None:
                    return f"{first[0]}!{a1(first[1], first[2])}"
            if not (token.text == ":" or (i + 1 < len(parts) and parts[i + 1].text == ":")):
                own = sheet
    return None
