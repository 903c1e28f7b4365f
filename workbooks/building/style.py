"""Conditional formats, and how values stand in their cells."""

from __future__ import annotations

from openpyxl.formatting.rule import Rule
from openpyxl.styles import Alignment
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.styles.numbers import NumberFormat

from xlcap.batch.looks import DAY, LINE

TEXT = "General"
TEXTS = (TEXT, "@", "wrap", "small", "yes")

BODY_RULE = DifferentialStyle(border=LINE)


def shown(code: str, number: int) -> DifferentialStyle:
    """A number format for a conditional format; each needs an id of its own."""
    return DifferentialStyle(numFmt=NumberFormat(numFmtId=200 + number, formatCode=code), border=LINE)


def when(formula: str, style: DifferentialStyle, *, stop: bool = False) -> Rule:
    return Rule(type="expression", dxf=style, formula=[formula], stopIfTrue=stop)


def aligned(*, text: bool, upright: str = "center", wrap: bool = False) -> Alignment:
    """Texts to the left, a little in; figures to the right, a little in by their format."""
    return Alignment("left" if text else "right", upright, wrap_text=wrap, indent=1 if text else 0)


def inset(code: str) -> str:
    """A number format a little in from the right: LibreOffice loses the indent of figures beside each other."""
    space = "_)_)"
    if code == "@":
        return f"@{space}"
    if code == DAY:
        return f"{code}{space};@{space}"
    parts = code.split(";")
    parts = [*parts, f"-{code}", code][:3] if len(parts) == 1 else parts
    return ";".join(f"{part}{space}" for part in (*parts, "@"))
