"""A template's formulas in the engine's words: what it stores differently, and what it would get wrong, rewritten."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from xlcap.hosts.digits import guarded
from xlcap.workbook import Area, Formula, Table, Template
from xlcap.workbook.cells import a1, quoted
from xlcap.workbook.formulas import Structured, Token, canonical, structured, tokens

CALL, BLOCK = "XLCAP.CALL", "XLCAP.BLOCK"
"""The functions of ours the engine knows: one through which all others are called, and one that fills a fixed range."""

Anchor = tuple[str, int, int]


@dataclass(frozen=True)
class Site:
    """One call of one of our functions: where it stands and which of its arguments are left empty."""

    function: str
    sheet: str
    cell: str
    omitted: frozenset[int]


@dataclass(frozen=True)
class Translated:
    """A formula for the engine, and what it depends on."""

    text: str
    sites: tuple[int, ...] = ()
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
        special = [re.escape(name) for name in self.template.tables]
        special += [
            re.escape(d.name)
            for d in self.template.defined
            if not d.special and (formula_valued(d.text) or "[" in d.text)
        ]
        self._special = re.compile(rf"\b(?:{'|'.join(special)})\b", re.IGNORECASE) if special else None
        self._names = {(d.sheet, d.name.casefold()): d.text for d in self.template.defined if not d.special}

    def translate(self, formula: Formula) -> Translated:
        """The engine's formula; ``UntranslatableError``, with the reason, if there is none."""
        work = _Work(self, formula)
        text = work.run(guarded(tokens(formula.text)))
        if formula.array is not None and not formula.dynamic:
            area = Area.parse(formula.array)
            text = f"{BLOCK}({area.rows},{area.columns},{text})"
        return Translated(text, tuple(work.sites), work.by_table, frozenset(work.anchors))

    def ordinary(self, formula: Formula, known: Collection[str]) -> bool:
        """Whether one look shows that the engine reads a formula as it stands: of the functions it calls, all
        ``known`` to be in no list of exceptions, and nothing in it that is written otherwise. (Most formulas are such,
        and taking each apart would cost more than computing it.)
        """
        if formula.kind not in ("normal", "shared"):
            return False
        text = formula.text
        if '"' in text or "'" in text:
            text = _LITERAL.sub(_stand_in, text)
        if (
            _UNUSUAL.search(text)
            or (" " in text and _SPACED.search(text))
            or (":" in text and _RANGED.search(text))
            or (("=" in text or "<" in text or ">" in text) and _COMPARED.search(text))
            or ("," in text and _BARE_PARENTHESIS.search(text))
            or (self._special is not None and self._special.search(text))
        ):
            return False
        return all(name in known for name in _CALLED.findall(text))

    def table_area(self, table: Table) -> Area:
        return self.areas.get(table.name, table.area)

    def defined(self, name: str, sheet: str) -> str | None:
        """The text of a defined name as a sheet sees it."""
        folded = name.casefold()
        return self._names.get((sheet, folded), self._names.get((None, folded)))


# A text becomes an empty one, a quoted sheet an unquoted one.
_LITERAL = re.compile(r"""("(?:[^"]|"")*")|'[^'\[\]:]*'!""")
# Structured references, other workbooks, array constants, spills, ``@``, what joins texts, a call of a LAMBDA.
_UNUSUAL = re.compile(r"[\[{@#'?\\&\n]|\)\(")
# What may be an intersection; an operation on a range, or a reference through several sheets; a union.
_SPACED = re.compile(r"[\w)]\s+[\w('$]")
_RANGED = re.compile(r":[$\w]+\s*[-+*/^=<>%]|[-+*/^=<>%]\s*(?:[\w.]+!)?[$\w]+:|:[\w.]+!")
_BARE_PARENTHESIS = re.compile(r"(?<![\w.])\(")
# A comparison, but with a text or zero.
_COMPARED = re.compile(r'(?<!"")(?<![<>=])(?:[<>]=|<>|[<>=])(?!""|0[,)]|0$)')
_CALLED = re.compile(r"([A-Za-z_][\w.]*)\(")


def _stand_in(m: re.Match[str]) -> str:
    return '""' if m[1] else "S!"


_PLAIN_NAME = {"sheet", "cell", "columns", "rows", "number", "string", "error", "space"}


def formula_valued(text: str) -> bool:
    """Whether a defined name has to be computed, as against naming cells or a constant."""
    return any(t.kind not in _PLAIN_NAME and t.text not in (":", "-") and not _boolean(t) for t in tokens(text))


def _boolean(token: Token) -> bool:
    return token.text.upper() in ("TRUE", "FALSE")


@dataclass
class _Frame:
    """An open parenthesis."""

    close: str
    site: int | None = None
    position: int = 0
    empty: bool = True


class _Work:
    def __init__(self, translator: Translator, formula: Formula) -> None:
        self._t = translator
        self._formula = formula
        self.sites: list[int] = []
        self.anchors: set[Anchor] = set()
        self.by_table = False

    def run(self, parts: Sequence[Token], depth: int = 0) -> str:
        if depth > 20:
            raise UntranslatableError("a defined name", "it refers to itself")
        out: list[str] = []
        stack: list[_Frame] = []
        omitted: dict[int, set[int]] = {}
        sheet = ""
        i = 0
        while i < len(parts):
            kind, text = parts[i]
            following = parts[i + 1] if i + 1 < len(parts) else Token("end", "")
            if stack and kind not in ("space", "close", "comma"):
                stack[-1].empty = False
            if kind == "call":
                self._open(text, out, stack, omitted)
            elif kind == "open":
                out.append(text)
                stack.append(_Frame(")" if text == "(" else "}"))
            elif kind in ("close", "comma"):
                if stack:
                    frame = stack[-1]
                    if frame.site is not None and frame.empty and (kind == "comma" or frame.position):
                        omitted[frame.site].add(frame.position)
                    frame.position, frame.empty = frame.position + 1, True
                    if kind == "close":
                        stack.pop()
                        text = frame.close
                        if frame.site is not None:
                            self._close(frame, out, omitted)
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
            elif kind == "op" and text == "#" and out:
                out.append(text)
            else:
                out.append(text)
            sheet = text if kind == "sheet" else ""
            i += 1
        return "".join(out)

    def _open(self, text: str, out: list[str], stack: list[_Frame], omitted: dict[int, set[int]]) -> None:
        name = canonical(text, self._t.functions)
        if name in self._t.functions:
            site = len(self._t.sites)
            self._t.sites.append(Site(name, self._formula.sheet, self._formula.cell, frozenset()))
            self.sites.append(site)
            omitted[site] = set()
            out.append(f"{CALL}({site},")
            stack.append(_Frame(")", site))
        elif name == "SINGLE":
            out.append("@(")
            stack.append(_Frame(")"))
        elif name == "ANCHORARRAY":
            stack.append(_Frame("#"))
        else:
            out.append(text)
            stack.append(_Frame(")"))

    def _close(self, frame: _Frame, out: list[str], omitted: dict[int, set[int]]) -> None:
        site = frame.site
        assert site is not None
        if frame.position == 1 and frame.empty and out[-1] == f"{CALL}({site},":
            out[-1] = f"{CALL}({site}"  # no argument at all
        old = self._t.sites[site]
        self._t.sites[site] = Site(old.function, old.sheet, old.cell, frozenset(omitted[site]))

    def _spilled(self, cell: str, sheet: str) -> str:
        name = sheet.rstrip("!").strip("'").replace("''", "'") if sheet else self._formula.sheet
        area = Area.parse(cell)
        anchor = (name, area.top, area.left)
        self.anchors.add(anchor)
        return cell if anchor in self._t.single else f"{cell}#"

    def _name(self, text: str, sheet: str, depth: int) -> str | None:
        """What stands in the engine's formula for a name; ``None`` to leave it."""
        tables = self._t.template.tables
        own = sheet.rstrip("!").strip("'").replace("''", "'") if sheet else self._formula.sheet
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
        self.by_table = True
        area = self._t.table_area(table)
        top, bottom = self._rows(parsed, table, area)
        if not top:
            return "#REF!"
        left, right = area.left, area.right
        if parsed.first is not None and parsed.last is not None:
            left, right = (self._column(table, area, name, text) for name in (parsed.first, parsed.last))
        corner = re.sub(r"([A-Z]+)(\d+)", r"$\1$\2", a1(top, left))
        other = re.sub(r"([A-Z]+)(\d+)", r"$\1$\2", a1(bottom, right))
        return f"{quoted(table.sheet)}!{corner}" + (f":{other}" if corner != other else "")

    def _table(self, parsed: Structured, text: str) -> Table:
        tables = self._t.template.tables
        if parsed.table:
            if parsed.table not in tables:
                raise UntranslatableError(text, "the workbook has no such table")
            return tables[parsed.table]
        place = (self._formula.row, self._formula.column)
        for table in tables.values():
            if table.sheet == self._formula.sheet and place in self._t.table_area(table):
                return table
        raise UntranslatableError(text, "a structured reference outside its table")

    def _column(self, table: Table, area: Area, name: str, text: str) -> int:
        for i, column in enumerate(table.columns):
            if column.casefold() == name.casefold():
                return area.left + i
        raise UntranslatableError(text, "the table has no such column")

    def _rows(self, parsed: Structured, table: Table, area: Area) -> tuple[int, int]:
        first, last = area.top + table.header_rows, area.bottom - table.totals_rows
        if "#all" in parsed.parts:
            return area.top, area.bottom
        if "#this row" in parsed.parts:
            return (self._formula.row, self._formula.row) if first <= self._formula.row <= last else (0, 0)
        top, bottom = first, last
        if "#data" not in parsed.parts:
            top, bottom = (area.top, first - 1) if "#headers" in parsed.parts else (last + 1, area.bottom)
        if "#headers" in parsed.parts:
            top = area.top
        if "#totals" in parsed.parts:
            bottom = area.bottom
        return (top, bottom) if top <= bottom else (0, 0)
