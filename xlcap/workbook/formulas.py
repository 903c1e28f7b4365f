"""Formulas as text: their tokens, moving them, and the forms in which Excel stores a call to an add-in."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from xlcap.workbook.cells import MAX_COLUMN, MAX_ROW, a1, address, unquoted

CELL, NUMBER = "\x00", "\x01"
"""What stands in a shape for a cell and for a number; see :func:`shape`."""

_NAME = r"[^\W\d](?:[\w.?\\]*)"
_TOKEN = re.compile(
    rf"""
  (?P<string>"(?:[^"]|"")*")
 |(?P<error>\#(?:REF!|DIV/0!|N/A|VALUE!|NAME\?|NUM!|NULL!|SPILL!|CALC!|GETTING_DATA))
 |(?P<call>(?:'(?:[^']|'')*'!|\[\d+\]!|(?:\[[^\[\]]+\])?[\w.]+!)?[_\\]?{_NAME}\()
 |(?P<sheet>'(?:[^']|'')*'!|(?:\[[^\[\]]+\])?[\w.]+(?::[\w.]+)?!|\[\d+\]!)
 |(?P<table>(?:{_NAME})?\[(?:[^\[\]']|'.|\[(?:[^\[\]']|'.)*\])*\])
 |(?P<cell>\$?[A-Za-z]{{1,3}}\$?[1-9][0-9]{{0,6}}(?![\w.(\[])|{CELL})
 |(?P<columns>\$?[A-Za-z]{{1,3}}:\$?[A-Za-z]{{1,3}}(?![\w.(\[]))
 |(?P<rows>\$?[1-9][0-9]{{0,6}}:\$?[1-9][0-9]{{0,6}}(?![\w.]))
 |(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|{NUMBER})
 |(?P<name>[_\\]?{_NAME}|_)
 |(?P<op><=|>=|<>|[-+*/^&=<>%@:\#])
 |(?P<open>[({{])
 |(?P<close>[)}}])
 |(?P<comma>[,;])
 |(?P<space>\s+)
 |(?P<other>.)
""",
    re.VERBOSE | re.DOTALL,
)


class Token(NamedTuple):
    kind: str
    text: str


@lru_cache(maxsize=1 << 15)
def tokens(formula: str) -> tuple[Token, ...]:
    """A formula's tokens; joined again they are the formula.

    >>> [t.kind for t in tokens('SUM(A1,"x")&T[Amt]')]
    ['call', 'cell', 'comma', 'string', 'close', 'op', 'table']
    """
    return tuple(Token(m.lastgroup or "other", m[0]) for m in _TOKEN.finditer(formula))


# What is the same in all formulas of a shape though it looks like a cell or number (texts, sheets, table columns,
# ``A1#`` as it is stored), and what is not: cells and numbers, which alone end in a digit. A cell that is part of
# ``A1#`` or names a sheet is left; so is a number of one digit, which may be a choice (``MATCH(..., 0)``), and one of
# more digits than Excel reads.
_VARYING = re.compile(
    r"""
(
  "(?:[^"]|"")*" | '(?:[^']|'')*'! | \[(?:[^\[\]']|'.|\[(?:[^\[\]']|'.)*\])*\]
 |(?i:ANCHORARRAY)\([^()]*\)
 |(?<![\w.?\\$])(?:
    \$?[A-Za-z]{1,3}\$?[1-9][0-9]{0,6}(?![\w.(\[!\#?\\]|:[\w.]+!)
   |(?<!:)(?:[1-9][0-9]{1,7}|[0-9]{1,6}\.[0-9]{1,8})(?![\w.(\[!:])
  )
)
""",
    re.VERBOSE | re.DOTALL,
)


@lru_cache(maxsize=1 << 15)
def shape(formula: str) -> tuple[str, tuple[str, ...]]:
    """A formula with :data:`CELL` and :data:`NUMBER` in place of its cells and numbers, and these in order.

    Most formulas of a workbook are one formula filled down: what is found out about its shape holds for all of them.

    >>> shape('IF(A1>10.5,"A1",Q1!$B2+0)')
    ('IF(\\x00>\\x01,"A1",Q1!\\x00+0)', ('A1', '10.5', '$B2'))
    """
    pieces = _VARYING.split(formula)
    parts = []
    for i in range(1, len(pieces), 2):
        piece = pieces[i]
        if piece[-1].isdigit():
            parts.append(piece)
            pieces[i] = NUMBER if piece[0].isdigit() else CELL
    return "".join(pieces), tuple(parts)


_STORED = re.compile(
    r"(?:_xlfn\.|_xlws\.|_xludf\.|_xll\.|_xldudf_|(?:com|org)\.(?:\w+\.)*?(?=xlcap\.))+", re.IGNORECASE
)


def canonical(call: str, names: Collection[str] = ()) -> str:
    """The plain name of a called function, from the text before its parenthesis, however the file stores the call.

    ``names`` are the functions of an add-in, in upper case; their namespace is taken off only where that yields one of
    them.

    >>> canonical("_xlfn._xlws.FILTER(")
    'FILTER'
    >>> ours = {"WATERFALL"}
    >>> canonical("Sheet1!WATERFALL(", ours)  # a name of that sheet
    'SHEET1!WATERFALL'
    >>> for form in ("waterfall(", "XLCAP.WATERFALL(", "_xll.XLCAP.WATERFALL(", "_xldudf_XLCAP_WATERFALL(",
    ...     "[1]!WATERFALL(", r"'C:\\\\Add-ins\\\\xlcap.xlam'!WATERFALL(", "_xldudf_XLWINGS_DEV_XLCAP_WATERFALL("):
    ...     assert canonical(form, ours) == "WATERFALL"
    """
    return _canonical(call, frozenset(names))


@lru_cache(maxsize=4096)
def _canonical(call: str, names: frozenset[str]) -> str:
    through, _, plain = call.rstrip("(").rpartition("!")
    if through and not _ADDIN.search(through):
        return call.rstrip("(").upper()
    bare = _STORED.sub("", plain).upper()
    if bare in names:
        return bare
    for prefix in ("XLCAP.", "XLCAP_"):
        if bare.startswith(prefix) and bare[len(prefix) :] in names:
            return bare[len(prefix) :]
    if plain.lower().startswith("_xldudf_"):
        # Office.js: the manifest's namespace, which may have parts of its own, stands before the function.
        longest = max((n for n in names if bare.endswith(f"_{n}")), key=len, default=None)
        if longest:
            return longest
    return bare


# What stands before the functions of an add-in or of this workbook ([0]), and not before the names of a sheet.
_ADDIN = re.compile(r"^'?\[\d+\]'?$|\.xl\w+'?$", re.IGNORECASE)


APART = "stands apart from its parenthesis; take out what is between them"


def apart(parts: Sequence[Token], names: Collection[str]) -> Iterator[str]:
    """Those of the functions that stand apart from their parenthesis, which no program writes.

    >>> list(apart(tokens("TERM (A1)+TERM(A1)+SUM (A1)"), {"TERM"}))
    ['TERM']
    """
    for name, space, opened in zip(parts, parts[1:], parts[2:], strict=False):
        if (name.kind, space.kind, opened.text) == ("name", "space", "("):
            called = canonical(name.text, names)
            if called in names:
                yield called


def calls(formula: str, names: Collection[str] = ()) -> Iterable[str]:
    """The canonical names of the functions a formula calls, in order."""
    return (canonical(t.text, names) for t in tokens(formula) if t.kind == "call")


def arguments(parts: Iterable[Token]) -> Iterator[tuple[str, dict[int, str]]]:
    """Each call as the formula writes it, with the text of its arguments by position; what stands in parentheses
    inside one is left out. The inner call comes first.

    >>> list(arguments(tokens("SUM(A1,,MAX(B1)+1)")))
    [('MAX(', {0: 'B1'}), ('SUM(', {0: 'A1', 1: '', 2: '()+1'})]
    """
    stack: list[tuple[str, dict[int, str], int]] = []
    for token in parts:
        if token.kind in ("call", "open"):
            stack.append((token.text if token.kind == "call" else "", {0: ""}, 0))
        elif token.kind == "close" and stack:
            name, told, _ = stack.pop()
            if name:
                yield name, told
            if stack:
                stack[-1][1][stack[-1][2]] += "()"
        elif token.kind == "comma" and stack:
            name, told, position = stack.pop()
            told[position + 1] = ""
            stack.append((name, told, position + 1))
        elif stack:
            stack[-1][1][stack[-1][2]] += token.text


def references(formula: str) -> Iterator[tuple[str | None, str]]:
    """The cells and ranges a formula names by A1, each with the sheet that is written before it.

    >>> list(references("SUM(A1:B2,'My S'!C3)+T[A1]&A1#"))
    [(None, 'A1:B2'), ('My S', 'C3'), (None, 'A1')]
    """
    parts = tokens(formula)
    sheet, first = None, ""
    for i, (kind, text) in enumerate(parts):
        following = parts[i + 1].text if i + 1 < len(parts) else ""
        if kind == "sheet":
            sheet = unquoted(text.rstrip("!"))
        elif kind == "cell" and following == ":" and i + 2 < len(parts) and parts[i + 2].kind == "cell":
            first = f"{text}:"
        elif not (text == ":" and first):
            if kind == "cell":
                yield sheet, first + text
            sheet, first = None, ""


def moved(formula: str, down: int, right: int) -> str:
    """A formula copied to a cell ``down`` rows below and ``right`` columns beside, its relative references moved.

    >>> moved('A1+$A1+A$1+SUM(B:B)&"A1"+T[A1]', 2, 1)
    'B3+$A3+B$1+SUM(C:C)&"A1"+T[A1]'
    """
    if not down and not right:
        return formula
    return "".join(
        _shift(t.text, down, right) if t.kind in ("cell", "columns", "rows") else t.text for t in tokens(formula)
    )


_PART = re.compile(r"(\$?)([A-Za-z]{1,3})(\$?)([0-9]+)|(\$?)([A-Za-z]{1,3})|(\$?)([0-9]+)")


def _shift(ref: str, down: int, right: int) -> str:
    def part(m: re.Match[str]) -> str:
        if m[2]:
            return _column(m[1], m[2], right) + _row(m[3], m[4], down)
        return _column(m[5], m[6], right) if m[6] else _row(m[7], m[8], down)

    try:
        return ":".join(_PART.sub(part, half) for half in ref.split(":"))
    except ValueError:
        return "#REF!"


def _column(fixed: str, letters: str, right: int) -> str:
    if fixed:
        return fixed + letters
    column = address(letters + "1")[1] + right
    # Excel wraps a relative reference that runs off the sheet in a shared formula.
    return a1(1, (column - 1) % MAX_COLUMN + 1)[:-1]


def _row(fixed: str, digits: str, down: int) -> str:
    return fixed + digits if fixed else str((int(digits) + down - 1) % MAX_ROW + 1)


class Structured(NamedTuple):
    """A structured reference, taken apart: ``T[[#Headers],[A]:[B]]``."""

    table: str  # empty for the table the cell is in
    parts: frozenset[str]  # "#data", "#headers", "#all", "#totals", "#this row"
    first: str | None
    last: str | None


_ITEM = re.compile(r"\[((?:[^\[\]']|'.)*)\]|([:,])")


def structured(ref: str) -> Structured | None:
    """The meaning of a structured reference; ``None`` if it cannot be read.

    >>> structured("T[@Amt]") == structured("T[[#This Row],[Amt]]")
    True
    >>> structured("T[[#Headers],[A]:[B]]")
    Structured(table='T', parts=frozenset({'#headers'}), first='A', last='B')
    """
    table, _, rest = ref.partition("[")
    inside = rest[:-1].strip()
    parts: set[str] = set()
    columns: list[str] = []
    if inside.startswith("@"):
        parts.add("#this row")
        inside = inside[1:].strip()
    if not inside.startswith("["):
        items = [inside] if inside else []
        ranged = False
    else:
        leftover = _ITEM.sub("", inside).strip()
        if leftover:
            return None
        items = [m[1] for m in _ITEM.finditer(inside) if m[1] is not None]
        ranged = any(m[2] == ":" for m in _ITEM.finditer(inside))
    for item in items:
        if item.startswith("#"):
            parts.add(item.lower())
        else:
            columns.append(re.sub(r"'(.)", r"\1", item))
    if len(columns) > 2 or (len(columns) == 2 and not ranged):
        return None
    return Structured(
        table, frozenset(parts or {"#data"}), columns[0] if columns else None, columns[-1] if columns else None
    )
