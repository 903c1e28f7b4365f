"""Spills, and the same cells as a range: ``A1#``, stored as ``_xlfn.ANCHORARRAY(A1)``, and ``A1:C9``.

LibreOffice has no ``A1#``. What spills is an array of fixed size there, so the range it fills says the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from xlcap.workbook.cells import Area, a1
from xlcap.workbook.formulas import Token, canonical
from xlcap.workbook.template import Template

Spills = Mapping[tuple[str, str], Area]
"""What each spill fills, by its sheet in lower case and its first cell."""

_ANCHORED = "_xlfn.ANCHORARRAY("


def of(template: Template) -> Spills:
    """The spills of a workbook."""
    return {
        (f.sheet.lower(), f.cell): Area.parse(f.array) for f in template.formulas if f.dynamic and f.array is not None
    }


def as_ranges(parts: Sequence[Token], sheet: str, known: Spills, *, moves: bool) -> list[Token]:
    """A formula of a sheet with its spills as the ranges they fill.

    Where the formula ``moves`` (other cells share it) only references that do not move with it are told so: the next
    cell's spill may be of another size.

    >>> from xlcap.workbook.formulas import tokens
    >>> known = {("my s", "B7"): Area.parse("B7:D9")}
    >>> told = as_ranges(tokens("SUM(_xlfn.ANCHORARRAY('My S'!$B7))"), "S", known, moves=False)
    >>> "".join(token.text for token in told)
    "SUM('My S'!$B7:$D9)"
    """

    def filled(at: int) -> _Told | None:
        end = _anchored(parts, at)
        if end:
            *before, cell = parts[at + 1 : end]
            area = known.get((_sheet(before, sheet), cell.text.replace("$", "").upper()))
            if area and _kept(cell, moves):
                return end + 1, [*before, cell, Token("op", ":"), Token("cell", _last(cell.text, area))]
        return None

    return _retold(parts, filled)


def as_anchors(parts: Sequence[Token], sheet: str, known: Spills, *, moves: bool) -> list[Token]:
    """A formula of a sheet with the ranges that spills fill as these spills.

    >>> from xlcap.workbook.formulas import tokens
    >>> known = {("s", "B7"): Area.parse("B7:D9")}
    >>> told = as_anchors(tokens("SUM($B$7:$D$9,B7:D8)"), "S", known, moves=False)
    >>> "".join(token.text for token in told)
    'SUM(_xlfn.ANCHORARRAY($B$7),B7:D8)'
    """

    def spill(at: int) -> _Told | None:
        before = [parts[at]] if parts[at].kind == "sheet" else []
        first = at + len(before)
        range_ = parts[first : first + 3]
        if [token.kind for token in range_] == ["cell", "op", "cell"] and range_[1].text == ":":
            cell = range_[0]
            area = known.get((_sheet(before, sheet), cell.text.replace("$", "").upper()))
            if area and _kept(cell, moves) and _last(cell.text, area) == range_[2].text:
                return first + 3, [Token("call", _ANCHORED), *before, cell, Token("close", ")")]
        return None

    return _retold(parts, spill)


def has_anchor(parts: Sequence[Token]) -> bool:
    """Whether a formula has a spill that is told as one."""
    return any(token.kind == "call" and canonical(token.text) == "ANCHORARRAY" for token in parts)


_Told = tuple[int, list[Token]]
"""Where what is retold ends, and what is said instead."""


def _retold(parts: Sequence[Token], told: Callable[[int], _Told | None]) -> list[Token]:
    out: list[Token] = []
    at = 0
    while at < len(parts):
        at, fresh = told(at) or (at + 1, [parts[at]])
        out += fresh
    return out


def _anchored(parts: Sequence[Token], at: int) -> int:
    """Where the parenthesis of an ``ANCHORARRAY`` of one cell closes, if one begins here; 0 if none does."""
    if parts[at].kind == "call" and canonical(parts[at].text) == "ANCHORARRAY":
        for end in (at + 2, at + 3):
            kinds = [token.kind for token in parts[at + 1 : end + 1]]
            if kinds in (["cell", "close"], ["sheet", "cell", "close"]):
                return end
    return 0


def _sheet(before: Sequence[Token], otherwise: str) -> str:
    if not before:
        return otherwise.lower()
    return before[0].text[:-1].removeprefix("'").removesuffix("'").replace("''", "'").lower()


def _kept(cell: Token, moves: bool) -> bool:
    return not moves or cell.text.count("$") == 2


def _last(first: str, area: Area) -> str:
    """The last cell of an area, with the signs of a reference to its first.

    >>> [_last(first, Area.parse("B7:D9")) for first in ("B7", "$B7", "B$7", "$B$7")]
    ['D9', '$D9', 'D$9', '$D$9']
    """
    column = a1(1, area.right)[:-1]
    return ("$" if first.startswith("$") else "") + column + ("$" if "$" in first[1:] else "") + str(area.bottom)
