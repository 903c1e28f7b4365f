"""A template: a workbook read once, from which many are made."""

from __future__ import annotations

import gc
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple, TypeVar

from lxml import etree
from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format

from xlcap.workbook.cells import Address, Area, Scalar, WorkbookError, a1, address, from_xml
from xlcap.workbook.formulas import moved
from xlcap.workbook.package import Package, Relationship
from xlcap.workbook.sheet import SheetXml

T = TypeVar("T")
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
_ONE_CELL = re.compile(r"(?:'((?:[^']|'')+)'|([^\W\d][\w.]*))!(\$?[A-Z]{1,3}\$?\d+(?::\$?[A-Z]{1,3}\$?\d+)?)")


class _Names(Mapping[str, T]):
    """Things by name, looked up in any case, as Excel does."""

    def __init__(self, items: Mapping[str, T]) -> None:
        self._items = MappingProxyType(dict(items))
        self._folded = {name.casefold(): name for name in items}

    def __getitem__(self, name: str) -> T:
        return self._items[self._folded[name.casefold()]]

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __repr__(self) -> str:
        return repr(dict(self._items))


@dataclass(frozen=True)
class Input:
    """A named cell for a value: a name of the whole workbook that refers to one cell holding no formula."""

    name: str
    sheet: str
    cell: str
    value: Scalar  # what the template holds, a date as its number
    number_format: str
    kind: str  # "date", "number", "text", "bool" or "any", guessed from the two above


class Formula(NamedTuple):
    """A cell that computes."""

    sheet: str
    cell: str
    text: str  # without the equals sign; a shared formula as this cell has it
    array: str | None  # the range its array fills, when the file stores one
    dynamic: bool  # whether the array is one that spills, rather than one entered over a fixed range
    kind: str  # "normal", "shared", "array" or "dataTable"
    row: int
    column: int


@dataclass(frozen=True)
class Table:
    """An Excel table."""

    name: str
    sheet: str
    area: Area  # headers and totals included
    columns: tuple[str, ...]
    calculated: frozenset[str]  # the columns whose cells are formulas
    header_rows: int
    totals_rows: int
    part: str

    @property
    def ref(self) -> str:
        return str(self.area)

    @property
    def body(self) -> Area:
        """The data rows."""
        a = self.area
        return Area(a.top + self.header_rows, a.left, a.bottom - self.totals_rows, a.right)


@dataclass(frozen=True)
class DefinedName:
    name: str
    text: str
    sheet: str | None  # the sheet it is confined to
    hidden: bool
    special: bool  # a print area, a macro


@contextmanager
def _uncollected() -> Iterator[None]:
    """Many objects are made and all of them stay: looking among them for garbage takes a tenth of the time and more,
    and finds none.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _attribute(element: etree._Element, name: str) -> str:
    return element.get(name) or ""


class Template:
    """A workbook read once; many outputs are made from it, and it never changes.

    Make one with :meth:`read`. ``inputs`` are the named cells a value can be given for, ``tables`` the Excel tables
    whose rows can be replaced, ``names`` every defined name with its text, ``formulas`` every cell that computes;
    names and tables are found in any case.
    """

    def __init__(self, data: bytes, path: Path) -> None:
        self.path = path
        self.package = Package(data, path)
        self.part = self._workbook_part()
        self._tree = self.package.tree(self.part)
        self._rels = {r.id: r for r in self.package.relationships(self.part)}
        main = etree.QName(self._tree).namespace
        if main not in (_MAIN, _STRICT):
            raise WorkbookError("not a workbook", where=str(path))
        self._main = f"{{{main}}}"
        properties = self._tree.find(f"{self._main}workbookPr")
        self.date1904 = properties is not None and properties.get("date1904") in ("1", "true")
        calculation = self._tree.find(f"{self._main}calcPr")
        self.precision_as_displayed = calculation is not None and calculation.get("fullPrecision") in ("0", "false")
        self.plans: Mapping[str, SheetXml] = MappingProxyType(dict(self._plans()))

    @classmethod
    def read(cls, path: str | Path) -> Template:
        """The template in a file. ``WorkbookError``, naming the file, if it is not there, not a workbook, or
        encrypted.
        """
        path = Path(path)
        try:
            data = path.read_bytes()
        except OSError as error:
            raise WorkbookError(f"cannot be read: {error.strerror or error}", where=str(path)) from None
        with _uncollected():
            template = cls(data, path)
            _ = template.inputs, template.tables, template.formulas  # what is wrong with the file is found now
        return template

    def _workbook_part(self) -> str:
        for r in self.package.relationships(""):
            if r.kind == "officeDocument":
                if r.target.endswith(".bin"):
                    raise WorkbookError("a binary workbook; save it as .xlsx or .xlsm", where=str(self.path))
                return r.target
        if "content.xml" in self.package:
            raise WorkbookError("in LibreOffice's own format; save it there as .xlsx", where=str(self.path))
        raise WorkbookError("not a workbook: it names no main part", where=str(self.path))

    def relationship(self, kind: str) -> Relationship | None:
        """The workbook's relationship of a kind: "sharedStrings", "calcChain", "sheetMetadata"."""
        return next((r for r in self._rels.values() if r.kind == kind), None)

    def _plans(self) -> Iterator[tuple[str, SheetXml]]:
        for name, rel in self._sheet_relationships():
            if rel.kind == "worksheet":  # a chart sheet has no cells
                yield name, SheetXml(name, rel.target, self.package.read(rel.target)).placed()

    def _sheet_relationships(self) -> Iterator[tuple[str, Relationship]]:
        for sheet in self._tree.iterfind(f"{self._main}sheets/{self._main}sheet"):
            key = next((v for k, v in sheet.attrib.items() if str(k).endswith("}id")), "")
            rel = self._rels.get(str(key))
            if rel is None:
                raise WorkbookError(f"sheet {sheet.get('name')!r} is missing from the file", where=str(self.path))
            yield _attribute(sheet, "name"), rel

    @cached_property
    def sheets(self) -> tuple[str, ...]:
        """Every sheet's name, chart sheets included."""
        return tuple(name for name, _ in self._sheet_relationships())

    @cached_property
    def strings(self) -> tuple[str, ...]:
        """The shared strings."""
        rel = self.relationship("sharedStrings")
        if rel is None or rel.target not in self.package:
            return ()
        found = []
        for item in self.package.tree(rel.target):
            if not isinstance(item.tag, str) or not item.tag.endswith("}si"):
                continue
            texts = item.iter(f"{self._main}t")
            phonetic = {t for r in item.iterfind(f"{self._main}rPh") for t in r}
            found.append(from_xml("".join(t.text or "" for t in texts if t not in phonetic)))
        return tuple(found)

    @cached_property
    def number_formats(self) -> tuple[str, ...]:
        """The number format of each cell style, by its index."""
        rel = self.relationship("styles")
        if rel is None:
            return ()
        tree = self.package.tree(rel.target)
        formats = dict(BUILTIN_FORMATS)
        for f in tree.iter(f"{self._main}numFmt"):
            formats[int(_attribute(f, "numFmtId"))] = _attribute(f, "formatCode")
        styles = tree.find(f"{self._main}cellXfs")
        if styles is None:
            return ()
        return tuple(formats.get(int(xf.get("numFmtId", "0")), "General") for xf in styles)

    @cached_property
    def defined(self) -> tuple[DefinedName, ...]:
        """Every defined name."""
        return tuple(
            DefinedName(
                name := _attribute(d, "name"),
                from_xml(d.text or ""),
                self.sheets[int(_attribute(d, "localSheetId"))] if d.get("localSheetId") else None,
                d.get("hidden") in ("1", "true"),
                name.lower().startswith("_xlnm.")
                or any(d.get(a) in ("1", "true") for a in ("function", "vbProcedure")),
            )
            for d in self._tree.iterfind(f"{self._main}definedNames/{self._main}definedName")
        )

    @cached_property
    def names(self) -> Mapping[str, str]:
        """Every defined name and its text; one confined to a sheet is written ``Sheet!Name``."""
        return _Names({f"{d.sheet}!{d.name}" if d.sheet else d.name: d.text for d in self.defined})

    @cached_property
    def inputs(self) -> Mapping[str, Input]:
        """The named cells a value can be given for."""
        found = {}
        for d in self.defined:
            m = _ONE_CELL.fullmatch(d.text)
            if d.sheet or d.hidden or d.special or m is None:
                continue
            plan = self.plans.get(m[1].replace("''", "'") if m[1] else m[2])
            if plan is None:
                continue
            area = Area.parse(m[3])
            place = (area.top, area.left)
            if (area.rows, area.columns) != (1, 1) and area not in plan.merges:
                continue
            if place in plan.formulas or place in plan.array_children:
                continue
            found[d.name] = self._input(d.name, plan, place)
        return _Names(found)

    def no_input(self, name: str) -> str:
        """Why a defined name is not one of the inputs."""
        text = self.names[name]
        told = f"{name} refers to {text}, which"
        m = _ONE_CELL.fullmatch(text)
        if m is None:
            return f"{told} is no cell"
        if ":" in m[3]:
            return f"{told} is more than one cell"
        plan = self.plans.get(m[1].replace("''", "'") if m[1] else m[2])
        if plan and (address(m[3]) in plan.formulas or address(m[3]) in plan.array_children):
            return f"{told} holds a formula"
        return f"{name} is hidden, or confined to a sheet"

    def _input(self, name: str, plan: SheetXml, place: Address) -> Input:
        cell = plan.cells.get(place)
        value = plan.value(place, self.strings)
        style = cell.style if cell else 0
        shown = self.number_formats[style] if style < len(self.number_formats) else "General"
        if isinstance(value, bool):
            kind = "bool"
        elif isinstance(value, str) or shown == "@":
            kind = "text"
        elif is_date_format(shown):
            kind = "date"
        elif isinstance(value, float) or shown != "General":
            kind = "number"
        else:
            kind = "any"
        return Input(name, plan.name, a1(*place), value, shown, kind)

    @cached_property
    def formulas(self) -> tuple[Formula, ...]:
        """Every cell that computes, sheet by sheet, in the file's order."""
        return tuple(f for plan in self.plans.values() for f in self._formulas(plan))

    def _formulas(self, plan: SheetXml) -> Iterator[Formula]:
        shared: dict[str, tuple[str, Address]] = {}
        for place, f in plan.formulas.items():
            told = f.text
            if f.kind == "shared" and f.shared is not None:
                if told:
                    shared[f.shared] = (told, place)
                elif f.shared in shared:
                    master, origin = shared[f.shared]
                    told = moved(master, place[0] - origin[0], place[1] - origin[1])
                else:
                    raise WorkbookError(
                        "its shared formula is told nowhere before it; open the file in Excel and save it",
                        where=f"{self.path}: {plan.name}!{a1(*place)}",
                    )
            dynamic = f.kind == "array" and f.cm in self.dynamic_cm
            yield Formula(
                plan.name,
                a1(*place),
                told,
                str(f.ref) if f.kind == "array" and f.ref else None,
                dynamic,
                f.kind,
                *place,
            )

    @cached_property
    def dynamic_cm(self) -> frozenset[int]:
        """The values of a cell's ``cm`` that say "this array spills"."""
        rel = self.relationship("sheetMetadata")
        if rel is None or rel.target not in self.package:
            return frozenset()
        from xlcap.workbook.metadata import dynamic_indices

        return dynamic_indices(self.package.tree(rel.target))

    @cached_property
    def tables(self) -> Mapping[str, Table]:
        """The Excel tables."""
        return _Names(dict(self._tables()))

    def _tables(self) -> Iterator[tuple[str, Table]]:
        for plan in self.plans.values():
            for rel in self.package.relationships(plan.part):
                if rel.kind != "table":
                    continue
                tree = self.package.tree(rel.target)
                name = _attribute(tree, "displayName")
                area = Area.parse(_attribute(tree, "ref"))
                header, totals = int(tree.get("headerRowCount", "1")), int(tree.get("totalsRowCount", "0"))
                columns, calculated = [], set()
                for i, column in enumerate(tree.iter(f"{self._main}tableColumn")):
                    told = from_xml(_attribute(column, "name"))
                    columns.append(told)
                    last = (area.bottom - totals, area.left + i)
                    if last in plan.formulas or column.find(f"{self._main}calculatedColumnFormula") is not None:
                        calculated.add(told)
                yield (
                    name,
                    Table(name, plan.name, area, tuple(columns), frozenset(calculated), header, totals, rel.target),
                )

    @cached_property
    def derived(self) -> dict[object, object]:
        """What others worked out from this template and want to keep as long as it lives."""
        return {}

    def keep(self, key: object, make: Callable[[], T]) -> T:
        """What ``make`` gives, made once for this template."""
        if key not in self.derived:
            with _uncollected():
                self.derived[key] = make()
        return self.derived[key]  # type: ignore[return-value]  # each key has one maker, so one type
