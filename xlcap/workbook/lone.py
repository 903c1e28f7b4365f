"""References to one cell, and the same written as a range of one cell: ``B7`` and ``B7:B7``.

Calc gives an add-in's function 0 for a reference to one blank cell. Of a range it gives what is there, so that in the
arguments in which a blank does not mean 0, a call that is to answer in Calc as in Excel names its cells as ranges.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from xlcap.workbook.formulas import Token, structured, tokens

Chosen = Callable[[str, int], bool]
"""Whether an argument is meant: of a call as the formula writes it, and by its place."""


def as_ranges(parts: Sequence[Token], chosen: Chosen, cells: frozenset[str]) -> list[Token]:
    """A formula with the single cells in those arguments as ranges; ``cells`` are the names of cells, in upper case.

    >>> told = as_ranges(tokens("TERM(B7,'My S'!$B$7,rate,2*B7)"), lambda call, place: True, frozenset({"RATE"}))
    >>> "".join(token.text for token in told)
    "TERM(B7:B7,'My S'!$B$7:$B$7,rate:rate,2*B7)"
    """
    out = list(parts)
    for call, place, found in reversed(list(_arguments(parts))):
        reference = _without_sheet(parts, found)
        named = cells if reference == found else frozenset[str]()  # S!rate:rate would be two names
        if len(reference) == 1 and _is_cell(parts[reference[0]], named) and chosen(call, place):
            out[reference[0] + 1 : reference[0] + 1] = [Token("op", ":"), parts[reference[0]]]
    return out


def as_cells(parts: Sequence[Token], chosen: Chosen) -> list[Token]:
    """A formula with the ranges of one cell in those arguments as that cell.

    >>> "".join(token.text for token in as_cells(tokens("TERM(S!B7:B7,B7:B8)"), lambda call, place: True))
    'TERM(S!B7,B7:B8)'
    """
    out = list(parts)
    for call, place, found in reversed(list(_arguments(parts))):
        reference = _without_sheet(parts, found)
        told = [parts[i] for i in reference]
        twice = len(told) == 3 and told[0] == told[2] and told[1].text == ":" and told[0].kind in _KINDS
        if twice and chosen(call, place):
            del out[reference[1] : reference[2] + 1]
    return out


def _arguments(parts: Sequence[Token]) -> Iterator[tuple[str, int, list[int]]]:
    """Each argument, in the order in which they end: the call it is of, its place there, and which tokens it has, those
    of calls within it too, blanks left out.
    """
    stack: list[tuple[str, int, int]] = []
    for i, (kind, text) in enumerate(parts):
        if kind in ("call", "open"):
            stack.append((text if kind == "call" else "", 0, i + 1))
        elif kind in ("comma", "close") and stack:
            call, place, first = stack.pop()
            if call:
                yield call, place, [j for j in range(first, i) if parts[j].kind != "space"]
            if kind == "comma":
                stack.append((call, place + 1, i + 1))


def _without_sheet(parts: Sequence[Token], found: list[int]) -> list[int]:
    """The tokens of an argument after the sheet it is on. Several sheets are no cell."""
    if found and parts[found[0]].kind == "sheet" and ":" not in parts[found[0]].text:
        return found[1:]
    return found


def _is_cell(token: Token, cells: frozenset[str]) -> bool:
    if token.kind == "table":
        meant = structured(token.text)
        return meant is not None and meant.parts == {"#this row"} and meant.first == meant.last is not None
    return token.kind == "cell" or (token.text.upper() in cells and not _LIKE_COLUMN.match(token.text))


_KINDS = ("cell", "name", "table")
_LIKE_COLUMN = re.compile(r"[A-Za-z]{1,3}\Z")  # tax:tax is a column


def is_one_cell(text: str) -> bool:
    """Whether the text of a defined name is one cell.

    >>> [is_one_cell(text) for text in ("'My S'!$B$7", "S!$B$7:$B$8", "5", "B7+1")]
    [True, False, False, False]
    """
    found = [token for token in tokens(text) if token.kind != "space"]
    return [token.kind for token in found] in (["sheet", "cell"], ["cell"])
