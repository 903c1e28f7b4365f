"""Several cells given to what takes one value: Excel answers for each of them, the engine for the first or for none.

The engine answers for each cell in operations, ``IF`` and its like; all its other functions take several cells only
where :data:`TAKES` says so. What an expression answers, one cell or several, follows from how it is written.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Flag
from functools import reduce
from operator import or_
from typing import NamedTuple

from xlcap.functions import Function, functions
from xlcap.hosts.translation import Translator
from xlcap.workbook.cells import unquoted
from xlcap.workbook.formulas import Token, canonical, structured, tokens


class Size(Flag):
    """Whether an expression may answer with more rows than one, or more columns."""

    ONE = 0
    TALL = 1
    WIDE = 2
    BOTH = 3


_SPILLING = """
    CHOOSECOLS CHOOSEROWS DROP FILTER HSTACK LET RANDARRAY SEQUENCE SORT SORTBY TAKE TEXTSPLIT TOCOL TOROW UNIQUE VSTACK
    XLOOKUP
"""
_TAKING_ARRAYS = """
    AGGREGATE FREQUENCY GROWTH IRR LINEST LOGEST LOOKUP MIRR MMULT NPV SUMPRODUCT SUMX2MY2 SUMX2PY2 SUMXMY2 TREND XIRR
    XMATCH XNPV
"""
# What came with formulas that spill may fill more cells than its own though the file does not say so; ``A1#`` too.
DYNAMIC = frozenset(_SPILLING.split()) | {"ANCHORARRAY"}
# Inside these an operation on a range works on all of its cells, however the formula was entered.
ARRAY = frozenset(_SPILLING.split()) | frozenset(_TAKING_ARRAYS.split())


def _positions() -> dict[str, Collection[int]]:
    first, second, both, every = (0,), (1,), (0, 1), range(255)
    said = {
        "AND AVEDEV AVERAGE AVERAGEA CONCAT COUNT COUNTA DEVSQ GEOMEAN HARMEAN KURT MAX MAXA MEDIAN MIN MINA MODE "
        "MODE.MULT MODE.SNGL OR PRODUCT SKEW SKEW.P STDEV STDEV.P STDEV.S STDEVA STDEVP STDEVPA SUM SUMPRODUCT SUMSQ "
        "VAR VAR.P VAR.S VARA VARP VARPA XOR": every,
        "ATAN2 FILTER FREQUENCY GROWTH HSTACK IF IFERROR IFNA LINEST LOGEST SORTBY TREND VSTACK": every,
        "ARRAYTOTEXT CHOOSECOLS CHOOSEROWS COLUMNS COUNTBLANK COUNTIF DROP INDEX IRR ISREF LARGE MIRR OFFSET "
        "PERCENTILE PERCENTILE.EXC PERCENTILE.INC PERCENTRANK PERCENTRANK.EXC PERCENTRANK.INC QUARTILE QUARTILE.EXC "
        "QUARTILE.INC ROWS SINGLE SMALL SORT TAKE TOCOL TOROW TRANSPOSE TRIMMEAN TYPE UNIQUE Z.TEST ZTEST": first,
        "HLOOKUP MATCH RANK RANK.AVG RANK.EQ VLOOKUP XMATCH": second,
        "CHISQ.TEST CHITEST CORREL COVAR COVARIANCE.P COVARIANCE.S F.TEST FTEST INTERCEPT PEARSON RSQ SLOPE STEYX "
        "SUMX2MY2 SUMX2PY2 SUMXMY2 T.TEST TTEST XIRR": both,
        "AVERAGEIF DAVERAGE DCOUNT DCOUNTA DGET DMAX DMIN DPRODUCT DSTDEV DSTDEVP DSUM DVAR DVARP SUMIF": (0, 2),
        "FORECAST FORECAST.LINEAR LOOKUP TEXTSPLIT XNPV": (1, 2),
        "XLOOKUP": (1, 2, 3),
        "NETWORKDAYS WORKDAY": (2,),
        "NETWORKDAYS.INTL SERIESSUM WORKDAY.INTL": (3,),
        "CHOOSE NPV SUBTOTAL": range(1, 255),
        "AGGREGATE TEXTJOIN": range(2, 255),
        "COUNTIFS": range(0, 255, 2),
        "AVERAGEIFS MAXIFS MINIFS SUMIFS": (0, *range(1, 255, 2)),
        "IFS": range(1, 255, 2),
        "SWITCH": range(2, 255, 2),
    }  # fmt: skip
    return {name: positions for names, positions in said.items() for name in names.split()}


TAKES: Mapping[str, Collection[int]] = _positions()
"""The arguments for which the engine takes several cells, found by comparison with Excel and LibreOffice."""

_EACH = frozenset(("ATAN2", "CHOOSE", "GROWTH", "IF", "IFERROR", "IFNA", "IFS", "SWITCH", "TREND"))
_LIKE_FIRST = frozenset(("FILTER", "SORT", "SORTBY", "UNIQUE", "DROP"))
_FIXED = {"ANCHORARRAY": Size.BOTH, "FREQUENCY": Size.TALL, "LINEST": Size.BOTH, "LOGEST": Size.BOTH,
          "MODE.MULT": Size.TALL, "TEXTSPLIT": Size.BOTH, "TOCOL": Size.TALL, "TOROW": Size.WIDE}  # fmt: skip


class _Argument(NamedTuple):
    size: Size
    text: str

    @property
    def whole(self) -> bool:
        """Whether, as a row or column of ``INDEX``, it means them all."""
        return self.text in ("", "0")


@dataclass(frozen=True, eq=False)
class _Lambda:
    """A ``LAMBDA``, with what ``LET`` had bound where it stands."""

    parameters: Sequence[str]
    body: Sequence[Token]
    scope: _Scope


_Scope = Mapping[str, "Size | _Lambda"]


def misused(parts: Iterable[Token], translator: Translator, sheet: str, *, array: bool) -> list[str]:
    """The functions of a formula that are given several cells where the engine takes one value.

    ``array`` says whether the formula is computed as an array: else ``ROW`` of several cells is that of the first.
    """
    walk = _Walk(translator, sheet, {})
    try:
        walk.size([t for t in parts if t.kind != "space"], {}, array)
    except RecursionError:
        return []  # far more levels than the engine reads, which is told elsewhere
    return list(walk.found)


_RANGE = re.compile(r"\$?([A-Za-z]{1,3})\$?([0-9]+):\$?([A-Za-z]{1,3})\$?([0-9]+)")


def sizes(text: str) -> tuple[Size, ...]:
    """The sizes of the ranges a formula names by A1, in order.

    >>> sizes("SUM(A1:A3,A1:B2)+MAX($B$1:$B$1)")
    (<Size.TALL: 1>, <Size.BOTH: 3>, <Size.ONE: 0>)
    """
    return tuple(_between(*corners) for corners in _RANGE.findall(text)) if ":" in text else ()


def _between(left: str, top: str, right: str, bottom: str) -> Size:
    return (Size.TALL if top != bottom else Size.ONE) | (Size.WIDE if left.upper() != right.upper() else Size.ONE)


class _Walk:
    """A formula being read; ``found`` are the functions given too much."""

    def __init__(self, translator: Translator, sheet: str, named: dict[tuple[str, str], Size]) -> None:
        self.found: dict[str, None] = {}
        self._t = translator
        self._sheet = sheet
        self._named = named  # what the names seen so far answer
        self._called: dict[tuple[_Lambda, tuple[Size, ...], bool], Size] = {}

    def size(self, parts: Sequence[Token], scope: _Scope, array: bool) -> Size:
        """An expression without spaces: an operation answers for each cell of its operands."""
        found, i = Size.ONE, 0
        while i < len(parts):
            if parts[i].text == "@":
                _, i = self._operand(parts, i + 1, scope, array)
            else:
                size, i = self._operand(parts, i, scope, array)
                found |= size
        return found

    def _operand(self, parts: Sequence[Token], i: int, scope: _Scope, array: bool) -> tuple[Size, int]:
        """What stands at a place, and where the next begins."""
        sheet = self._sheet
        if i < len(parts) and parts[i].kind == "sheet":
            sheet, i = unquoted(parts[i].text.rstrip("!")), i + 1
        if i >= len(parts):
            return Size.ONE, i
        first, size, i = parts[i], *self._single(parts, i, sheet, scope, array)
        while i < len(parts) and parts[i].text in (":", "#"):
            if parts[i].text == "#":
                size, i = Size.BOTH, i + 1
                continue
            _, i = self._operand(parts, i + 1, scope, array)
            last = parts[i - 1]
            corners = _RANGE.fullmatch(f"{first.text}:{last.text}")
            if corners:
                size = _between(*corners.groups())
            elif last != first:  # a range from a name to itself is what it names
                size = Size.BOTH
        return size, i

    def _single(self, parts: Sequence[Token], i: int, sheet: str, scope: _Scope, array: bool) -> tuple[Size, int]:
        kind, text = parts[i]
        if kind in ("call", "open"):
            inside, after = _inside(parts, i)
            if kind == "call":
                return self._call(text, inside, scope, array), after
            if text == "{":
                return (Size.BOTH if len(inside) > 1 else Size.ONE), after
            return _union(self.size(part, scope, array) for part in inside), after
        if kind in ("columns", "rows"):
            one, _, other = text.replace("$", "").upper().partition(":")
            line = Size.TALL if kind == "columns" else Size.WIDE
            return (line if one == other else Size.BOTH), i + 1
        if kind == "table":
            return _table(text), i + 1
        return (self._name(text, sheet, scope) if kind == "name" else Size.ONE), i + 1

    def _name(self, text: str, sheet: str, scope: _Scope) -> Size:
        """What a name answers: one that ``LET`` gave, or the workbook's."""
        key = text.casefold()
        bound = scope.get(key)
        if bound is not None:
            return bound if isinstance(bound, Size) else Size.ONE
        told = self._t.defined(text, sheet)
        if told is None:
            return Size.BOTH if text in self._t.template.tables else Size.ONE
        if (sheet, key) not in self._named:
            self._named[sheet, key] = Size.ONE  # of one that refers to itself
            walk = _Walk(self._t, sheet, self._named)
            self._named[sheet, key] = walk.size([t for t in tokens(told) if t.kind != "space"], {}, True)
        return self._named[sheet, key]

    def _call(self, text: str, inside: Sequence[Sequence[Token]], scope: _Scope, array: bool) -> Size:
        """What a call answers."""
        name = canonical(text, self._t.functions)
        if name == "LET":
            bound = dict(scope)
            for variable, value in zip(inside[:-1:2], inside[1:-1:2], strict=False):
                bound["".join(t.text for t in variable).casefold()] = self._bound(value, bound, array)
            return self.size(inside[-1], bound, array)
        if name == "LAMBDA":
            called = self._lambda(inside, scope)
            return self._answer(called, [Size.ONE] * len(called.parameters), array)
        array = array or name in ARRAY
        given = [_Argument(self.size(part, scope, array), "".join(t.text for t in part)) for part in inside]
        own = scope.get(text.rstrip("(").casefold())
        if isinstance(own, _Lambda):
            return self._answer(own, [a.size for a in given], array)
        declared = functions().get(name)
        if name in self._t.functions:
            return _of_ours(declared, given) if declared else Size.ONE
        for position, argument in enumerate(given):
            if argument.size and position not in TAKES.get(name, ()) and not self._in_line(name, argument, array):
                self.found[name] = None
        return self._of(name, given, inside)

    def _bound(self, value: Sequence[Token], scope: _Scope, array: bool) -> Size | _Lambda:
        if value and value[0].kind == "call" and canonical(value[0].text) == "LAMBDA":
            inside, after = _inside(value, 0)
            if after == len(value):
                return self._lambda(inside, scope)
        return self.size(value, scope, array)

    @staticmethod
    def _lambda(inside: Sequence[Sequence[Token]], scope: _Scope) -> _Lambda:
        return _Lambda(["".join(t.text for t in part).casefold() for part in inside[:-1]], inside[-1], dict(scope))

    def _answer(self, called: _Lambda, given: Sequence[Size], array: bool) -> Size:
        """What a ``LAMBDA`` answers, asked once for the same sizes: calls within calls multiply."""
        key = (called, tuple(given), array)
        if key not in self._called:
            bound = {**called.scope, **dict(zip(called.parameters, given, strict=False))}
            self._called[key] = self.size(called.body, bound, array)
        return self._called[key]

    @staticmethod
    def _in_line(name: str, argument: _Argument, array: bool) -> bool:
        """Whether ``ROW`` or ``COLUMN`` of several cells is one number."""
        return (name == "ROW" and (not array or not argument.size & Size.TALL)) or (
            name == "COLUMN" and (not array or not argument.size & Size.WIDE)
        )

    def _of(self, name: str, given: Sequence[_Argument], inside: Sequence[Sequence[Token]]) -> Size:
        """What a function of the engine answers."""
        sizes = [a.size for a in given]
        first = sizes[0] if sizes else Size.ONE

        def told(position: int, absent: Size, size: Size) -> Size:
            """The size, unless an argument says one, or says nothing and its absence means another."""
            text = given[position].text if position < len(given) else ""
            return absent if not text else Size.ONE if text in ("1", "-1") else size

        if name in _FIXED:
            return _FIXED[name]
        if name in _EACH:
            return _union(sizes[1:] if name == "CHOOSE" else sizes)
        if name in _LIKE_FIRST:
            return first
        if name == "INDEX":
            row, column, *_ = [*given[1:], None, None]
            if column is None:
                return first if row is None or row.whole else Size.ONE  # of rows and columns it would be an error
            return first & ((Size.TALL if row and row.whole else Size.ONE) | (Size.WIDE if column.whole else Size.ONE))
        if name == "OFFSET":
            return told(3, first & Size.TALL, Size.TALL) | told(4, first & Size.WIDE, Size.WIDE)
        if name == "TAKE":
            return first & (told(1, Size.TALL, Size.TALL) | told(2, Size.WIDE, Size.WIDE))
        if name in ("CHOOSECOLS", "CHOOSEROWS"):
            across, along = (Size.WIDE, Size.TALL) if name == "CHOOSECOLS" else (Size.TALL, Size.WIDE)
            return first & along if len(given) == 2 else first | across
        if name in ("SEQUENCE", "RANDARRAY"):
            return told(0, Size.ONE, Size.TALL) | told(1, Size.ONE, Size.WIDE)
        if name in ("VSTACK", "HSTACK"):
            return _union(sizes) | (Size.TALL if name == "VSTACK" else Size.WIDE)
        if name == "TRANSPOSE":
            return {Size.TALL: Size.WIDE, Size.WIDE: Size.TALL}.get(first, first)
        if name == "XLOOKUP":  # a row or column of what is answered from, which is one cell of a row or column
            return Size.BOTH if len(sizes) > 2 and sizes[2] == Size.BOTH else Size.ONE
        if name == "INDIRECT" and inside:
            texts = [t.text.strip('"') for t in inside[0] if t.kind == "string"]
            several = any(set(":[#") & set(t) for t in texts)
            return Size.BOTH if several else _union(self._name(t, self._sheet, {}) for t in texts)
        return Size.ONE


def _union(found: Iterable[Size]) -> Size:
    return reduce(or_, found, Size.ONE)


def _inside(parts: Sequence[Token], i: int) -> tuple[list[Sequence[Token]], int]:
    """What a parenthesis that opens at a place holds, cut at its commas, and where what follows it begins."""
    pieces: list[Sequence[Token]] = []
    depth, begin = 0, i + 1
    for at in range(i, len(parts)):
        kind = parts[at].kind
        depth += (kind in ("call", "open")) - (kind == "close")
        if not depth or (depth == 1 and kind == "comma"):
            pieces.append(parts[begin:at])
            begin = at + 1
        if not depth:
            return pieces, at + 1
    return [*pieces, parts[begin:]], len(parts)


def _table(text: str) -> Size:
    """What a part of a table answers; all of its rows may be one, but are not for long."""
    told = structured(text)
    if told is None:
        return Size.ONE
    one_row = len(told.parts) == 1 and told.parts <= {"#headers", "#totals", "#this row"}
    one_column = told.first is not None and told.first == told.last
    return (Size.ONE if one_row else Size.TALL) | (Size.ONE if one_column else Size.WIDE)


def _of_ours(declared: Function, given: Sequence[_Argument]) -> Size:
    told = {a.name: bool(g.size) for a, g in zip(declared.arguments, given, strict=False) if g.text}
    return Size.BOTH if declared.spills(told) else Size.ONE
