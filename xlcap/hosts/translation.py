"""A template's formulas in the engine's words: what it stores differently, and what it would get wrong, rewritten."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count, repeat
from typing import NamedTuple

from xlcap.hosts.digits import guarded
from xlcap.workbook import Area, Formula, Table, Template
from xlcap.workbook.cells import MAX_COLUMN, letters, quoted, unquoted
from xlcap.workbook.formulas import CELL, NUMBER, Structured, Token, canonical, shape, structured, tokens

CALL, BLOCK = "XLCAP.CALL", "XLCAP.BLOCK"
"""The functions of ours the engine knows: one through which all others are called, and one that fills a fixed range."""

Anchor = tuple[str, int, int]


class Site(NamedTuple):
    """One call of one of our functions: where it stands and which of its arguments are left empty."""

    function: str
    sheet: str
    cell: str
    omitted: frozenset[int]


class Translated(NamedTuple):
    """A formula for the engine, and what it depends on."""

    text: str
    ours: bool = False  # whether it calls a function of ours
    by_table: bool = False  # whether a table's size is written into it
    anchors: frozenset[Anchor] = frozenset()  # the spills it refers to by ``A1#``


class UntranslatableError(Exception):
    """A formula with no words for it in the engine."""

    def __init__(self, what: str, reason: str) -> None:
        self.what, self.reason = what, reason
        super().__init__(f"{what}: {reason}")


@dataclass
class Translator:
    """Translates the formulas of one template; ``sites`` collects the calls of our functions."""

    template: Template
    functions: frozenset[str]
    areas: Mapping[str, Area] = field(default_factory=dict)  # tables that are to have another size, by name
    single: frozenset[Anchor] = frozenset()  # spills of one cell, for which the engine has no ``A1#``
    sites: list[Site] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._patterns: dict[tuple[str, str], _Pattern] = {}
        self._names = {(d.sheet, d.name.casefold()): d.text for d in self.template.defined if not d.special}

    def translate(self, formula: Formula) -> Translated | None:
        """The engine's formula, ``None`` if it stands in the file; ``UntranslatableError``, with the reason, if there
        is none.
        """
        skeleton, parts = shape(formula.text)
        pattern = self._patterns.get((formula.sheet, skeleton))
        if pattern is None or (pattern.within and not all((formula.row, formula.column) in a for a in pattern.within)):
            pattern = _Work(self, formula).pattern(skeleton)
            self._patterns[formula.sheet, skeleton] = pattern
        if pattern.text == skeleton and formula.kind == "normal" and not pattern.anchors:
            return None
        text = pattern.filled(parts, formula.row, len(self.sites))
        self.sites += [Site(name, formula.sheet, formula.cell, omitted) for name, omitted in pattern.calls]
        if formula.array is not None and not formula.dynamic:
            area = Area.parse(formula.array)
            place = f"{formula.sheet}!{area}".replace('"', '""')
            text = f'{BLOCK}({area.rows},{area.columns},{text},"{place}")'
        return Translated(text, bool(pattern.calls), pattern.by_table, pattern.anchors)

    def table_area(self, table: Table) -> Area:
        return self.areas.get(table.name, table.area)

    def defined(self, name: str, sheet: str) -> str | None:
        """The text of a defined name as a sheet sees it."""
        folded = name.casefold()
        return self._names.get((sheet, folded), self._names.get((None, folded)))


_PLAIN_NAME = {"sheet", "cell", "columns", "rows", "number", "string", "error", "space"}


def formula_valued(text: str) -> bool:
    """Whether a defined name has to be computed, as against naming cells or a constant."""
    return any(t.kind not in _PLAIN_NAME and t.text not in (":", "-") and not _boolean(t) for t in tokens(text))


def _boolean(token: Token) -> bool:
    return token.text.upper() in ("TRUE", "FALSE")


_SITE, _ROW = "\x02", "\x03"
_HOLE = re.compile(f"[{CELL}{NUMBER}{_SITE}{_ROW}]")
_CALLED = f"{CALL}({_SITE},"


class _Pattern(NamedTuple):
    """The translation of all formulas of a shape: holes are left for what differs."""

    text: str
    calls: Sequence[tuple[str, frozenset[int]]]  # of our functions, with the arguments left empty
    by_table: bool
    anchors: frozenset[Anchor]
    within: Sequence[Area]  # where a formula has to stand for its references to its own row to be these

    def filled(self, parts: Sequence[str], row: int, site: int) -> str:
        """The text for a formula with these cells and numbers, in this row, its calls numbered from ``site``."""
        given = iter(parts)
        fillers = {CELL: given, NUMBER: given, _SITE: map(str, count(site)), _ROW: repeat(str(row))}
        return _HOLE.sub(lambda m: next(fillers[m[0]]), self.text)


@dataclass
class _Frame:
    """An open parenthesis."""

    close: str
    omitted: set[int] | None = None  # of a call of ours
    position: int = 0
    empty: bool = True


class _Work:
    def __init__(self, translator: Translator, formula: Formula) -> None:
        self._t = translator
        self._formula = formula
        self._calls: list[tuple[str, set[int]]] = []
        self._anchors: set[Anchor] = set()
        self._by_table = False
        self._within: list[Area] = []

    def pattern(self, skeleton: str) -> _Pattern:
        text = self.run(guarded(tokens(skeleton)))
        calls = [(name, frozenset(omitted)) for name, omitted in self._calls]
        return _Pattern(text, calls, self._by_table, frozenset(self._anchors), self._within)

    def run(self, parts: Sequence[Token], depth: int = 0) -> str:
        if depth > 20:
            raise UntranslatableError("a defined name", "it refers to itself")
        out: list[str] = []
        stack: list[_Frame] = []
        sheet = ""
        i = 0
        while i < len(parts):
            kind, text = parts[i]
            following = parts[i + 1] if i + 1 < len(parts) else Token("end", "")
            if stack and kind not in ("space", "close", "comma"):
                stack[-1].empty = False
            if kind == "name" and following.text == ":" and parts[i + 2 : i + 3] == parts[i : i + 1]:
                i += 2  # from a name to itself: what it names, which the engine does not know
            if kind == "call":
                self._open(text, out, stack)
            elif kind == "open":
                out.append(text)
                stack.append(_Frame(")" if text == "(" else "}"))
            elif kind in ("close", "comma"):
                if stack:
                    frame = stack[-1]
                    if frame.omitted is not None and frame.empty and (kind == "comma" or frame.position):
                        frame.omitted.add(frame.position)
                    frame.position, frame.empty = frame.position + 1, True
                    if kind == "close":
                        stack.pop()
                        text = frame.close
                        if out[-1:] == [_CALLED]:
                            out[-1] = _CALLED.rstrip(",")  # no argument at all
                out.append(text)
            elif kind == "table":
                out.append(self._structured(text))
            elif kind == "name" and (expanded := self._name(text, sheet, depth)) is not None:
                if sheet and out:
                    out.pop()  # the sheet that said which name was meant
                out.append(expanded)
            elif kind == "cell" and following.text == "#":
                out.append(self._spilled(text, sheet))
                i += 1
            elif kind == "cell" and stack and stack[-1].close == "#":
                out.append(self._spilled(text, sheet))
                stack[-1].close = ""
            elif kind == "op" and text == "#" and out:
                out.append(text)
            else:
                out.append(text)
            sheet = text if kind == "sheet" else ""
            i += 1
        return "".join(out)

    def _open(self, text: str, out: list[str], stack: list[_Frame]) -> None:
        name = canonical(text, self._t.functions)
        if name in self._t.functions:
            omitted: set[int] = set()
            self._calls.append((name, omitted))
            out.append(_CALLED)
            stack.append(_Frame(")", omitted))
        elif name == "SINGLE":
            out.append("@(")
            stack.append(_Frame(")"))
        elif name == "ANCHORARRAY":
            stack.append(_Frame("#"))
        else:
            out.append(text)
            stack.append(_Frame(")"))

    def _spilled(self, cell: str, sheet: str) -> str:
        if cell == CELL:
            raise UntranslatableError("a reference to a spill", "it is not told by its first cell alone")
        name = unquoted(sheet.rstrip("!")) if sheet else self._formula.sheet
        area = Area.parse(cell)
        anchor = (name, area.top, area.left)
        self._anchors.add(anchor)
        return cell if anchor in self._t.single else f"{cell}#"

    def _name(self, text: str, sheet: str, depth: int) -> str | None:
        """What stands in the engine's formula for a name; ``None`` to leave it."""
        tables = self._t.template.tables
        own = unquoted(sheet.rstrip("!")) if sheet else self._formula.sheet
        told = self._t.defined(text, own)
        if told is None:
            if text in tables and not sheet:
                return self._structured(f"{text}[#Data]")
            return None
        if not formula_valued(told):
            return None
        if re.match(r"\s*(?:_xlfn\.)?LAMBDA\(", told, re.IGNORECASE):
            raise UntranslatableError(f"the name {text}", "it is a LAMBDA")
        inner = tokens(told)
        if any(t.kind == "cell" and t.text.count("$") < 2 for t in inner):
            raise UntranslatableError(f"the name {text}", "it refers to cells relative to the formula that uses it")
        return f"({self.run(guarded(inner), depth + 1)})"

    def _structured(self, text: str) -> str:
        parsed = structured(text)
        if parsed is None:
            raise UntranslatableError(text, "a structured reference that cannot be read")
        table = self._table(parsed, text)
        self._by_table = True
        area = self._t.table_area(table)
        left, right = area.left, area.right
        if parsed.first is not None and parsed.last is not None:
            left, right = (self._column(table, area, name, text) for name in (parsed.first, parsed.last))
        rows = self._rows(parsed, table, area)
        if rows is None:
            return "#REF!"
        corner, other = f"${letters(left)}${rows[0]}", f"${letters(right)}${rows[1]}"
        return f"{quoted(table.sheet)}!{corner}" + (f":{other}" if corner != other else "")

    def _table(self, parsed: Structured, text: str) -> Table:
        tables = self._t.template.tables
        if parsed.table:
            if parsed.table not in tables:
                raise UntranslatableError(text, "the workbook has no such table")
            return tables[parsed.table]
        place = (self._formula.row, self._formula.column)
        for table in tables.values():
            area = self._t.table_area(table)
            if table.sheet == self._formula.sheet and place in area:
                self._within.append(area)
                return table
        raise UntranslatableError(text, "a structured reference outside its table")

    def _column(self, table: Table, area: Area, name: str, text: str) -> int:
        for i, column in enumerate(table.columns):
            if column.casefold() == name.casefold():
                return area.left + i
        raise UntranslatableError(text, "the table has no such column")

    def _rows(self, parsed: Structured, table: Table, area: Area) -> tuple[int | str, int | str] | None:
        """The first and the last row; ``None`` if there are none."""
        first, last = area.top + table.header_rows, area.bottom - table.totals_rows
        if "#all" in parsed.parts:
            return area.top, area.bottom
        if "#this row" in parsed.parts:
            beside = Area(first, 1, last, MAX_COLUMN)
            if (self._formula.row, 1) not in beside:
                self._within.append(Area(self._formula.row, 1, self._formula.row, MAX_COLUMN))
                return None
            self._within.append(beside)
            return _ROW, _ROW
        top, bottom = first, last
        if "#data" not in parsed.parts:
            top, bottom = (area.top, first - 1) if "#headers" in parsed.parts else (last + 1, area.bottom)
        if "#headers" in parsed.parts:
            top = area.top
        if "#totals" in parsed.parts:
            bottom = area.bottom
        return (top, bottom) if top <= bottom else None
