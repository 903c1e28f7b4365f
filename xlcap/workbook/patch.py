"""Writing into a workbook: the cells asked for, the values that follow from them, and not one byte more."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from xlcap.workbook import charts, metadata
from xlcap.workbook.cells import Address, Area, Scalar, WorkbookError, a1, content, number, to_xml
from xlcap.workbook.package import CONTENT_TYPES, appended, disowned, inserted, rels_of
from xlcap.workbook.sheet import SheetXml, kept
from xlcap.workbook.tables import TableChange, followed, resized_part, sparklines_followed
from xlcap.workbook.template import Template

Block = Sequence[Sequence[Scalar]]


@dataclass(frozen=True)
class Changes:
    """All that is to be written, by sheet and cell.

    ``values`` are constants, ``results`` what formulas came to, ``blocks`` all the values of those formulas that fill
    more cells than their own (the first of them again the formula's).
    """

    values: Mapping[str, Mapping[Address, Scalar]] = field(default_factory=dict)
    results: Mapping[str, Mapping[Address, Scalar]] = field(default_factory=dict)
    blocks: Mapping[str, Mapping[Address, Block]] = field(default_factory=dict)
    tables: Sequence[TableChange] = ()


def patch(template: Template, changes: Changes) -> bytes:
    """The template's file with these changes.

    Formulas keep their text and carry their results. A block larger than one cell makes its formula one that spills
    (or, for an array entered over a fixed range, fills that range). Chart caches that show changed cells are
    refreshed; pivot caches are not: Excel refreshes a pivot table when told to. ``WorkbookError`` if a value does not
    fit a cell, or a cell lies inside merged cells.
    """
    parts: dict[str, bytes] = {}
    dropped: set[str] = set()
    shown: dict[str, dict[Address, Scalar]] = {}
    writer = _Writer(template)
    stale_chain = False
    resized = [t for t in changes.tables if t.area != t.table.area]
    for plan in template.plans.values():
        mine = [t for t in changes.tables if t.table.sheet == plan.name]
        values, results = changes.values.get(plan.name, {}), changes.results.get(plan.name, {})
        tail = rest = plan.data[plan.body[1] :]
        for table in resized:
            if b"sparkline>" in rest:
                tail = sparklines_followed(tail, table)
            if table in mine:
                tail = followed(tail, table)
        if not (values or results or mine or tail is not rest):
            continue
        cells = _Cells(plan, template, writer)
        for table in mine:
            cells.table(table)
        cells.write_values(values)
        cells.write_results(results, changes.blocks.get(plan.name, {}))
        cells.free_shared_formulas()
        stale_chain |= cells.formulas_moved
        if cells.xml or tail != rest:
            parts[plan.part] = plan.splice(cells.xml, tail)
        shown[plan.name] = cells.shown
    for t in resized:
        parts[t.table.part] = resized_part(template.package.read(t.table.part), t.table.area, t.area)
    parts.update(writer.parts)
    parts.update(charts.refreshed(template, shown, changes.tables))
    if parts:
        _calculated(template, parts)
    chain = template.relationship("calcChain")
    if stale_chain and chain is not None:
        # Excel rebuilds it; an entry for a cell without a formula would make the file damaged.
        dropped.add(chain.target)
        disowned(template.package, parts, template.part, chain.target, chain.id)
    return template.package.replaced(parts, frozenset(dropped))


class _Writer:
    """What the sheets of one output share: the entry that marks a formula as one that spills."""

    def __init__(self, template: Template) -> None:
        self._template = template
        self._cm: int | None = None
        self.parts: dict[str, bytes] = {}

    def dynamic(self) -> int:
        """The ``cm`` of a formula that spills, its metadata made where the file has none."""
        if self._cm is None:
            template = self._template
            if template.dynamic_cm:
                self._cm = min(template.dynamic_cm)
                return self._cm
            rel = template.relationship("sheetMetadata")
            if rel is not None:
                self.parts[rel.target], self._cm = metadata.with_dynamic(template.package.read(rel.target))
                return self._cm
            folder = template.part.rpartition("/")[0]
            part = f"{folder}/metadata.xml" if folder else "metadata.xml"
            self.parts[part], self._cm = metadata.NEW, 1
            rels = rels_of(template.part)
            self.parts[rels] = appended(
                template.package.read(rels),
                f'<{{p}}Relationship Id="rIdXlcapMetadata" Type="{metadata.RELATIONSHIP}" Target="metadata.xml"/>',
                "Relationships",
            )
            self.parts[CONTENT_TYPES] = appended(
                template.package.read(CONTENT_TYPES),
                f'<{{p}}Override PartName="/{part}" ContentType="{metadata.PART_TYPE}"/>',
                "Types",
            )
        return self._cm


class _Cells:
    """The new XML of one sheet's cells."""

    def __init__(self, plan: SheetXml, template: Template, writer: _Writer) -> None:
        self._plan = plan
        self._template = template
        self._writer = writer
        self.xml: dict[Address, bytes] = {}
        self.shown: dict[Address, Scalar] = {}  # the value each written cell now has
        self.formulas_moved = False  # whether a cell gained or lost a formula, or became an array
        self._new_formulas: dict[Address, bytes] = {}
        self._styles: dict[Address, int] = {}

    def table(self, change: TableChange) -> None:
        self._styles.update(change.styles)
        for place in change.styles:
            if place not in change.values and place not in change.formulas:
                self.xml[place] = self._cell(place, b"", b"")
        self.write_values(change.values)
        for place, formula in change.formulas.items():
            self._new_formulas[place] = b"<f>" + to_xml(formula.text) + b"</f>"
            self.formulas_moved = True

    def write_values(self, values: Mapping[Address, Scalar]) -> None:
        for place, value in values.items():
            self._check(place)
            if place in self._plan.formulas:
                self.formulas_moved = True
            self._constant(place, value)

    def _check(self, place: Address) -> None:
        for merge in self._plan.merges:
            if place in merge and place != (merge.top, merge.left):
                raise WorkbookError(
                    f"lies inside the merged cells {merge}; write to {a1(merge.top, merge.left)}",
                    where=f"{self._plan.name}!{a1(*place)}",
                )

    def _constant(self, place: Address, value: Scalar, *, calculated: bool = False) -> None:
        """A cell without a formula: an input, or part of what a formula spills."""
        old = self._plan.cells.get(place)
        self.shown[place] = value
        restyled = place in self._styles and (old is None or old.style != self._styles[place])
        if place not in self._plan.formulas and not restyled:
            held = None if old is None else self._plan.value_of(old, self._template.strings)
            if type(held) is type(value) and held == value:
                return
            if type(held) is float and type(value) is int and held == value:
                return
        kind, inner = self._content(place, value, formula=calculated)
        self.xml[place] = self._cell(place, kind, inner)

    def _content(self, place: Address, value: Scalar, *, formula: bool) -> tuple[bytes, bytes]:
        try:
            return content(value, formula=formula, date1904=self._template.date1904)
        except WorkbookError as error:
            raise WorkbookError(error.message, where=f"{self._plan.name}!{a1(*place)}") from None

    def _cell(self, place: Address, kind: bytes, inner: bytes, *, formula: bytes = b"", cm: int | None = None) -> bytes:
        return self._plan.cell(place, kind, inner, formula=formula, cm=cm, style=self._styles.get(place))

    def write_results(self, results: Mapping[Address, Scalar], blocks: Mapping[Address, Block]) -> None:
        """The formulas' values, and those of the cells they fill."""
        self.shown.update(results)
        ordinary = self._template.keep(("ordinary", self._plan.name), lambda: dict(self._ordinary()))
        xml = self.xml
        for place, value in results.items():
            known = ordinary.get(place)
            if known is None or place in blocks or place in xml:
                self._write_result(place, value, blocks.get(place))
                continue
            head, formula, held = known
            if type(value) is not type(held) or value != held:  # else the file carries this value already
                if type(value) is float:  # as most are
                    xml[place] = b"%b>%b<v>%b</v></c>" % (head, formula, number(value))
                    continue
                kind, inner = self._content(place, value, formula=True)
                xml[place] = b"%b%b>%b%b</c>" % (head, kind, formula, inner)
        for place in self._new_formulas.keys() - xml.keys():
            xml[place] = self._cell(place, b"", b"", formula=self._new_formulas[place])

    def _ordinary(self) -> Iterator[tuple[Address, tuple[bytes, bytes, Scalar]]]:
        """What stays of the cells whose formula fills no other cell, made once, as most results are written into these:
        the XML up to the type, the formula's, and the value held.
        """
        plan, strings = self._plan, self._template.strings
        if plan.prefix:
            return
        cells = plan.cells
        for place, formula in plan.formulas.items():
            if formula.kind != "array" and formula.cm is None:
                cell = cells[place]
                yield place, (b"<c" + kept(cell.tag), formula.xml, plan.value_of(cell, strings))

    def _write_result(self, place: Address, value: Scalar, block: Block | None) -> None:
        plan = self._plan
        kind, inner = self._content(place, value, formula=True)
        told = plan.formulas.get(place)
        if told is None or place in self._new_formulas:
            self.xml[place] = self._cell(place, kind, inner, formula=self._new_formulas[place])
            return
        fixed = told.kind == "array" and told.cm not in self._template.dynamic_cm
        size = Area(*place, *place)
        if block is not None:
            size = Area(*place, place[0] + len(block) - 1, place[1] + len(block[0]) - 1)
        if fixed or (told.kind != "array" and block is None):
            formula, cm = told.xml, told.cm
        elif told.kind == "array":
            formula, cm = _resized(told.xml, size), told.cm
        else:
            text = self._texts[place]
            formula = b'<f t="array" ref="%b">%b</f>' % (str(size).encode(), to_xml(text))
            cm = self._writer.dynamic()
            self.formulas_moved = True
        self.xml[place] = self._cell(place, kind, inner, formula=formula, cm=cm)
        for i, row in enumerate(block or ()):
            for j, part in enumerate(row):
                if i or j:
                    self._constant((place[0] + i, place[1] + j), part, calculated=True)
        if told.kind == "array" and not fixed:
            for cell in told.ref or ():
                if cell not in size and cell in plan.array_children and cell not in self.xml:
                    self._constant(cell, None)

    @property
    def _texts(self) -> Mapping[Address, str]:
        name = self._plan.name
        return self._template.keep(
            ("texts", name), lambda: {(f.row, f.column): f.text for f in self._template.formulas if f.sheet == name}
        )

    def free_shared_formulas(self) -> None:
        """Where the first cell of a shared formula is gone, the others get it in full."""
        plan = self._plan
        lost = {
            f.shared
            for place, f in plan.formulas.items()
            if f.kind == "shared" and f.text and place in self.xml and b"<f" not in self.xml[place].replace(b":", b"")
        }
        if not lost:
            return
        for formula in self._template.formulas:
            place = (formula.row, formula.column)
            if formula.sheet != plan.name or plan.formulas[place].shared not in lost:
                continue
            if place in self.xml and plan.formulas[place].xml not in self.xml[place]:
                continue
            value = self.shown.get(place, plan.value(place, self._template.strings))
            # No cached value stays none: a formula is not to show empty text for want of one.
            kind, inner = (b"", b"") if value is None else self._content(place, value, formula=True)
            self.xml[place] = self._cell(place, kind, inner, formula=b"<f>" + to_xml(formula.text) + b"</f>")


def _resized(formula: bytes, size: Area) -> bytes:
    return re.sub(rb"(\sref=[\"'])[^\"']*", lambda m: m[1] + str(size).encode(), formula, count=1)


_CURRENT = 191029  # the calculation engine of every Excel since 2019
_CALCULATION = re.compile(rb"<(?:\w+:)?calcPr\b([^>]*?)/?>")
_ANEW = re.compile(rb"\s(?:fullCalcOnLoad=[\"'](?:1|true)|calcCompleted=[\"'](?:0|false))[\"']")
_ENGINE = re.compile(rb"\scalcId=[\"'](\d+)[\"']")


def _calculated(template: Template, parts: dict[str, bytes]) -> None:
    """The values in the file are right, so nothing is to be calculated on opening: Excel would show ``#NAME?`` where
    the add-in is missing. It calculates when told to, and when the file says that an older Excel than itself
    calculated it, or does not say which, as LibreOffice leaves it.
    """
    data = template.package.read(template.part)
    told = _CALCULATION.search(data)
    if told is None:
        before = ("sheets", "functionGroups", "externalReferences", "definedNames")  # as the schema wants it
        fresh = inserted(data, f'<{{p}}calcPr calcId="{_CURRENT}"/>', before)
    else:
        settings, engine = _ANEW.sub(b"", told[1]), _ENGINE.search(told[1])
        known = int(engine[1]) if engine else 0
        if known < _CURRENT:
            settings = b' calcId="%d"' % _CURRENT + _ENGINE.sub(b"", settings)
        fresh = data[: told.start(1)] + settings + data[told.end(1) :]
    if fresh != data:
        parts[template.part] = fresh
