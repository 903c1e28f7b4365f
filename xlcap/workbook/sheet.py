"""A sheet's XML read once into byte ranges, so that a change is a splice and everything else stays as it was.

A sheet is scanned, not parsed: an XML library would give back equal XML, and what must come back is the same bytes.
"""

from __future__ import annotations

import html
import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter
from typing import NamedTuple
from xml.sax import saxutils

from xlcap.workbook.cells import Address, Area, ErrorCode, Scalar, WorkbookError, a1, address, from_xml

_ATTRIBUTE = re.compile(rb"""([\w:]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_TEXT = re.compile(rb"<(?:\w+:)?t(?:\s[^>]*)?>([^<]*)</(?:\w+:)?t>")
_KIND = re.compile(rb"\st=[\"'](\w+)")
_STYLE = re.compile(rb"\ss=[\"'](\d+)")
_TOLD_ANEW = re.compile(rb"""\s(?:t|cm|vm)=(?:"[^"]*"|'[^']*')""")
_PHONETIC = re.compile(rb"<(?:\w+:)?rPh\b.*?</(?:\w+:)?rPh>", re.DOTALL)


def attributes(tag: bytes) -> dict[bytes, bytes]:
    """A start tag's attributes, as they are written.

    >>> attributes(b' r="A1" s="3"')
    {b'r': b'A1', b's': b'3'}
    """
    return {m[1]: m[2] if m[2] is not None else m[3] for m in _ATTRIBUTE.finditer(tag)}


_QUOTES = {"&quot;": '"', "&apos;": "'"}


def kept(tag: bytes) -> bytes:
    """Those of a cell's attributes that a new value leaves as they are."""
    return (_TOLD_ANEW.sub(b"", tag) if b" t=" in tag or b"m=" in tag else tag).rstrip()


def text(raw: bytes) -> str:
    """Character data as a person sees it."""
    told = raw.decode()
    if "&" not in told:
        return told
    return html.unescape(told) if "&#" in told else saxutils.unescape(told, _QUOTES)


class FormulaXml(NamedTuple):
    """A formula as the file holds it."""

    xml: bytes  # the whole element
    text: str  # empty where a shared formula is told elsewhere
    kind: str  # "normal", "shared", "array", "dataTable"
    ref: Area | None
    shared: str | None
    cm: int | None


class CellXml(NamedTuple):
    """A cell's place in the sheet's bytes."""

    start: int
    end: int
    tag: bytes  # the attributes, as written
    inner: bytes

    @property
    def kind(self) -> bytes:
        match = _KIND.search(self.tag) if b" t=" in self.tag else None
        return match[1] if match else b"n"

    @property
    def style(self) -> int:
        match = _STYLE.search(self.tag)
        return int(match[1]) if match else 0


class RowXml(NamedTuple):
    start: int
    open_end: int  # after the start tag
    end: int
    tag: bytes
    closed: bool  # <row/>, holding nothing


@dataclass(frozen=True)
class SheetXml:
    """The byte ranges of one sheet's rows and cells."""

    name: str
    part: str
    data: bytes

    @cached_property
    def prefix(self) -> bytes:
        """The prefix of the spreadsheet's namespace, as some writers use one (``x:``)."""
        match = re.search(rb"<((?:\w+:)?)worksheet\b", self.data[:4096])
        if match is None:
            raise WorkbookError(f"{self.part} is not a worksheet in UTF-8")
        return match[1]

    @cached_property
    def body(self) -> tuple[int, int]:
        """Where the rows begin and end (between the tags of sheetData)."""
        p = re.escape(self.prefix)
        match = re.search(rb"<" + p + rb"sheetData\s*(/?)>", self.data)
        if match is None:
            raise WorkbookError("the sheet holds no sheetData", where=self.name)
        if match[1]:
            return match.start(), match.end()
        end = self.data.rindex(b"</" + self.prefix + b"sheetData")
        return match.end(), end

    @cached_property
    def _scan(self) -> tuple[dict[int, RowXml], dict[Address, CellXml], list[tuple[int, bytes]]]:
        """The rows, the cells, and what to insert where so that each of them says where it is."""
        p = re.escape(self.prefix)
        pattern = re.compile(
            rb"<(?:" + p + rb"(?:c(?=[\s/>])((?: r=\"([A-Z]+)[0-9]+\")?[^/>]*+(?:/(?!>)[^/>]*+)*+)"
            rb"(?:/>|>([^<]*+(?:<(?!/" + p + rb"c>)[^<]*+)*+)</" + p + rb"c>)|row\b([^>]*)>)|/" + p + rb"row\s*>)"
        )
        where = re.compile(rb"""\br=["']([A-Z]+)?(\d+)""")
        rows: dict[int, RowXml] = {}
        cells: dict[Address, CellXml] = {}
        unplaced: list[tuple[int, bytes]] = []
        columns: dict[bytes, int] = {}
        row = column = start = open_end = 0
        tag = b""
        for m in pattern.finditer(self.data, *self.body):
            cell_tag, letters, inner, row_tag = m.groups()
            if cell_tag is not None:
                begin, end = m.span()
                if letters is None:  # the place is not the first thing the cell says
                    found = where.search(cell_tag)
                    letters = found[1] if found else None
                if letters is None:
                    column += 1  # a writer may leave the place out: it is the next one
                    unplaced.append((begin + 2 + len(self.prefix), b' r="%b"' % a1(row, column).encode()))
                else:
                    if letters not in columns:
                        columns[letters] = address(letters.decode() + "1")[1]
                    column = columns[letters]
                cells[row, column] = CellXml(begin, end, cell_tag, inner or b"")
            elif row_tag is not None:
                start, open_end = m.span()
                found = where.search(row_tag)
                if found is None:
                    row += 1
                    unplaced.append((start + 4 + len(self.prefix), b' r="%d"' % row))
                else:
                    row = int(found[2])
                column, tag = 0, row_tag
                if tag.endswith(b"/"):
                    rows[row] = RowXml(start, open_end, open_end, tag[:-1], True)
            else:
                rows[row] = RowXml(start, open_end, m.end(), tag, False)
        return rows, cells, unplaced

    @property
    def rows(self) -> Mapping[int, RowXml]:
        return self._scan[0]

    @property
    def cells(self) -> Mapping[Address, CellXml]:
        return self._scan[1]

    @cached_property
    def formulas(self) -> Mapping[Address, FormulaXml]:
        """Every cell that carries a formula, in the file's order."""
        p = re.escape(self.prefix)
        pattern = re.compile(rb"<" + p + rb"f(\s[^>]*?|)(?:/>|>(.*?)</" + p + rb"f>)", re.DOTALL)
        found: dict[Address, FormulaXml] = {}
        plain, close = b"<" + self.prefix + b"f>", b"</" + self.prefix + b"f>"
        for place, cell in self.cells.items():
            inner = cell.inner
            end = inner.find(close)
            if end >= 0 and inner.startswith(plain) and b"cm=" not in cell.tag:  # as most are: the short way
                found[place] = FormulaXml(
                    inner[: end + len(close)], from_xml(text(inner[len(plain) : end])), "normal", None, None, None
                )
                continue
            m = pattern.match(inner) if inner else None
            if m is None:
                continue
            told, ref, kind, shared = m[1], None, "normal", None
            if told:
                a = attributes(told)
                kind = a.get(b"t", b"normal").decode()
                ref = Area.parse(a[b"ref"].decode()) if b"ref" in a else None
                shared = a[b"si"].decode() if b"si" in a else None
            cm = attributes(cell.tag).get(b"cm") if b"cm=" in cell.tag else None
            found[place] = FormulaXml(m[0], from_xml(text(m[2] or b"")), kind, ref, shared, int(cm) if cm else None)
        return found

    @cached_property
    def array_children(self) -> frozenset[Address]:
        """Cells that show part of an array or a data table but hold nothing of their own."""
        return frozenset(
            cell
            for anchor, f in self.formulas.items()
            if f.kind in ("array", "dataTable") and f.ref
            for cell in f.ref
            if cell != anchor and cell not in self.formulas
        )

    @cached_property
    def merges(self) -> tuple[Area, ...]:
        return tuple(
            Area.parse(m[1].decode())
            for m in re.finditer(rb"<(?:\w+:)?mergeCell\s[^>]*?\bref=[\"']([^\"']+)", self.data[self.body[1] :])
        )

    @cached_property
    def has_hidden_rows(self) -> bool:
        return any(re.search(rb"\shidden=[\"'](?:1|true)", row.tag) for row in self.rows.values())

    def value(self, place: Address, strings: tuple[str, ...]) -> Scalar:
        """What a cell shows, with dates as numbers; ``None`` for an empty one."""
        cell = self.cells.get(place)
        return None if cell is None else self.value_of(cell, strings)

    def value_of(self, cell: CellXml, strings: tuple[str, ...]) -> Scalar:
        """The value a cell's XML holds."""
        inner = cell.inner
        if not inner:
            return None
        if inner.endswith(b"<v></v>") and b" t=" not in cell.tag:  # a formula that was never computed
            return None
        kind = cell.kind
        if kind == b"inlineStr":
            return from_xml("".join(text(m[1]) for m in _TEXT.finditer(_PHONETIC.sub(b"", inner))))
        begin = inner.rfind(b"<v>")
        if begin >= 0:
            begin += 3
        else:
            begin = inner.rfind(b"<" + self.prefix + b"v")
            begin = inner.find(b">", begin) + 1 if begin >= 0 else 0
        raw = inner[begin : inner.find(b"</", begin)] if begin else b""
        if not raw:
            return "" if kind == b"str" else None
        if kind == b"n":
            return float(raw)
        if kind == b"str":
            return from_xml(text(raw))
        if kind == b"s":
            return strings[int(raw)]
        if kind == b"b":
            return raw.strip() in (b"1", b"true")
        if kind == b"e":
            return ErrorCode(text(raw))
        if kind == b"d":
            return text(raw)
        return float(raw)

    def placed(self) -> SheetXml:
        """The sheet with every row and cell saying where it is.

        A writer may leave that out, and then a cell put between two others would move those after it.
        """
        unplaced = self._scan[2]
        if not unplaced:
            return self
        out: list[bytes] = []
        at = 0
        for place, xml in unplaced:
            out += (self.data[at:place], xml)
            at = place
        return SheetXml(self.name, self.part, b"".join([*out, self.data[at:]]))

    # -- writing -------------------------------------------------------------------------------------------------

    def splice(self, cells: Mapping[Address, bytes], tail: bytes | None = None) -> bytes:
        """The sheet with these cells' XML in place of what stood there (nothing, for a cell that did not exist), and
        ``tail`` in place of what follows sheetData.
        """
        edits: list[tuple[int, int, bytes]] = []
        by_row: dict[int, list[tuple[int, bytes]]] = {}
        existing = self.cells
        for place, xml in cells.items():
            cell = existing.get(place)
            if cell is not None:
                edits.append((cell.start, cell.end, xml))
            elif xml:
                by_row.setdefault(place[0], []).append((place[1], xml))
        p = self.prefix
        begin, end = self.body
        empty = begin and self.data[end - 2 : end] == b"/>" and self.data[begin : begin + 1] == b"<"
        new_rows: list[tuple[int, int, bytes]] = []
        starts = sorted(self.rows)
        for number, added in sorted(by_row.items()):
            added.sort()
            row = self.rows.get(number)
            if row is None:
                i = bisect_left(starts, number)
                at = self.rows[starts[i]].start if i < len(starts) else (begin if empty else end)
                xml = b"".join(x for _, x in added)
                new_rows.append((at, at, b'<%brow r="%d">%b</%brow>' % (p, number, xml, p)))
            elif row.closed:
                xml = b"".join(x for _, x in added)
                new_rows.append((row.start, row.end, b"<%brow%b>%b</%brow>" % (p, _spanless(row.tag), xml, p)))
            else:
                edits += self._inserted(number, row, added)
        if empty:
            rows = b"".join(xml for _, _, xml in new_rows)
            return (
                self.data[:begin]
                + b"<%bsheetData>%b</%bsheetData>" % (p, rows, p)
                + (self.data[end:] if tail is None else tail)
            )
        edits += new_rows
        # Stable by position, so that several insertions at one place keep the order of their rows.
        edits.sort(key=itemgetter(0, 1))
        out: list[bytes] = []
        at = 0
        for start, stop, xml in edits:
            out += (self.data[at:start], xml)
            at = stop
        out += (self.data[at:end], self.data[end:] if tail is None else tail)
        return self._with_dimension(b"".join(out), cells)

    def _inserted(
        self, number: int, row: RowXml, added: Iterable[tuple[int, bytes]]
    ) -> Iterable[tuple[int, int, bytes]]:
        columns = self._columns.get(number, [])
        tag = _spanless(row.tag)
        if tag != row.tag:
            yield row.start, row.open_end, b"<%brow%b>" % (self.prefix, tag)
        close = row.end - len(self.prefix) - len(b"</row>")
        close = self.data.rindex(b"</", row.start, row.end) if self.data[close : close + 2] != b"</" else close
        for column, xml in added:
            i = bisect_left(columns, column)
            at = self.cells[number, columns[i]].start if i < len(columns) else close
            yield at, at, xml

    @cached_property
    def _columns(self) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        for row, column in self.cells:
            found.setdefault(row, []).append(column)
        for columns in found.values():
            columns.sort()
        return found

    def _with_dimension(self, data: bytes, cells: Mapping[Address, bytes]) -> bytes:
        """The used range grown over the cells that were added."""
        head = data[: self.body[0]]
        m = re.search(rb"<(?:\w+:)?dimension\s[^>]*?\bref=[\"']([^\"']+)", head)
        added = [place for place in cells.keys() - self.cells.keys() if cells[place]]
        if m is None or not added:
            return data
        try:
            old = Area.parse(m[1].decode())
        except ValueError:
            return data
        rows, columns = [r for r, _ in added], [c for _, c in added]
        new = Area(min(old.top, *rows), min(old.left, *columns), max(old.bottom, *rows), max(old.right, *columns))
        return data if new == old else data[: m.start(1)] + str(new).encode() + data[m.end(1) :]

    def cell(
        self,
        place: Address,
        kind: bytes,
        inner: bytes,
        *,
        formula: bytes = b"",
        cm: int | None = None,
        style: int | None = None,
    ) -> bytes:
        """A cell's XML: the style and whatever else the file says of the cell stay, type and content are new."""
        old = self.cells.get(place)
        p = self.prefix
        if old is None:
            told = b' r="%b"' % a1(*place).encode()
        else:
            told = kept(old.tag)
            if b"r=" not in told:
                told = b' r="%b"' % a1(*place).encode() + told
        if style is not None:
            if old is not None:
                told = re.sub(rb"""\ss=(?:"[^"]*"|'[^']*')""", b"", told)
            told += b' s="%d"' % style
        if cm is not None:
            told += b' cm="%d"' % cm
        if p:
            inner = re.sub(rb"<(/?)(v|is|t)\b", rb"<\1" + p + rb"\2", inner)
        body = formula + inner
        return b"<%bc%b%b>%b</%bc>" % (p, told, kind, body, p) if body else b"<%bc%b/>" % (p, told)


def _spanless(tag: bytes) -> bytes:
    """A row's tag without ``spans``, a hint that no longer holds once cells are added."""
    return re.sub(rb"""\sspans=(?:"[^"]*"|'[^']*')""", b"", tag)
