"""A workbook filled and computed without a spreadsheet program."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import isfinite
from typing import Any, TypeVar, cast

from xlcap import functions
from xlcap.errors import XlcapError, nearest
from xlcap.hosts import digits
from xlcap.hosts.engine import Engine, as_error, error_code
from xlcap.hosts.explanations import carried, explained
from xlcap.hosts.prepared import Prepared, free_beside, prepare
from xlcap.hosts.translation import BLOCK, CALL, Anchor, Site, Translated, Translator
from xlcap.hosts.unsupported import Problem, examined
from xlcap.workbook import (
    Area,
    Block,
    Changes,
    ErrorCode,
    Formula,
    Scalar,
    TableChange,
    Template,
    WorkbookError,
    left_behind,
    patch,
    replace_rows,
)
from xlcap.workbook.cells import Address, a1, address, content, serial

Call = Callable[..., Any]
T = TypeVar("T")


@dataclass(frozen=True)
class CellError:
    """A cell that shows an error, and why."""

    sheet: str
    cell: str
    formula: str
    code: str
    message: str
    cause: str | None = None
    """The cell it is carried from, if it only follows from that cell's error."""


@dataclass(frozen=True)
class Filled:
    """A finished workbook."""

    data: bytes
    errors: tuple[CellError, ...]
    cells: int  # values written
    formulas: int  # formulas evaluated
    spills: int  # of which fill more cells than their own
    notes: tuple[str, ...] = ()  # what is no error and a reader should know


def fill(
    template: Template,
    inputs: Mapping[str, object],
    tables: Mapping[str, Sequence[Mapping[str, object]]] | None = None,
    call: Call = functions.call,
    names: Iterable[str] | None = None,
) -> Filled:
    """The template with its named cells and tables filled and every formula computed.

    ``inputs`` gives values to named cells (``None`` clears one); ``tables`` gives tables their rows, in place of those
    they have. ``WorkbookError`` if there is no such input, table or column, if a value does not fit a cell, or if
    there is a formula that cannot be computed without Excel. A formula that computes to an error is no failure, but
    one of ``errors``.
    """
    ours = _ours(names)
    refused = unsupported(template, ours)
    if refused:
        raise WorkbookError(_listed(refused), where=str(template.path))
    values = _inputs(template, inputs)
    changes = [replace_rows(template, name, rows) for name, rows in (tables or {}).items()]
    return _Run(template, values, changes, call, ours).filled()


def unsupported(template: Template, names: Iterable[str] | None = None) -> list[Problem]:
    """Every formula of a template that cannot be computed without Excel, with the function or feature and the
    reason.
    """
    return list(examined(template, _ours(names)).problems)


def _ours(names: Iterable[str] | None) -> frozenset[str]:
    return frozenset(n.upper() for n in (functions.names() if names is None else names))


def _listed(problems: Sequence[Problem]) -> str:
    shown = "; ".join(str(p) for p in problems[:10])
    more = f"; and {len(problems) - 10} more" if len(problems) > 10 else ""
    return f"{len(problems)} formulas cannot be computed without Excel: {shown}{more}"


def _inputs(template: Template, inputs: Mapping[str, object]) -> dict[str, dict[Address, Scalar]]:
    values: dict[str, dict[Address, Scalar]] = {}
    for name, value in inputs.items():
        told = template.inputs.get(name)
        if told is None:
            close = nearest(name, template.inputs)
            hint = f"; did you mean {close}?" if close else ""
            what = (
                "does not name one cell without a formula"
                if name in template.names
                else "is not a name in the workbook"
            )
            raise WorkbookError(f"{name!r} {what}{hint}", where=str(template.path))
        # What a cell can hold is checked where it is written, with the cell's place.
        values.setdefault(told.sheet, {})[address(told.cell)] = cast("Scalar", value)
    return values


class _Run:
    """One output being computed."""

    def __init__(
        self,
        template: Template,
        values: Mapping[str, Mapping[Address, Scalar]],
        tables: Sequence[TableChange],
        call: Call,
        ours: frozenset[str],
    ) -> None:
        self._template = template
        self._values = values
        self._tables = tables
        self._call = call
        self._ours = ours
        self._given: dict[str, dict[Address, Scalar]] = {s: dict(v) for s, v in values.items()}
        for change in tables:
            self._given.setdefault(change.table.sheet, {}).update(change.values)
        self._cells_given = sum(map(len, self._given.values()))
        self._prepared: Prepared = template.keep(("prepared", ours), lambda: prepare(template, ours))
        self._clear()
        self._formulas = self._all_formulas()
        self._failures: dict[int, XlcapError] = {}
        self._cut: dict[str, tuple[int, int]] = {}
        self._sites: list[Site] = []

    def _clear(self) -> None:
        """Start from a template without the cells that are emptied and that an answer may run into: the engine hides
        what spills into a cell it has seen emptied.
        """
        cleared: set[Anchor] = set()
        for sheet, cells in self._given.items():
            anchors = [(row, column) for s, row, column in self._prepared.dynamic if s == sheet]
            if anchors:
                below, beside = (min(a[i] for a in anchors) for i in (0, 1))
                own = [t.area for t in self._tables if t.table.sheet == sheet]
                for place, value in cells.items():
                    reached = place[0] >= below and place[1] >= beside and not any(place in area for area in own)
                    if value is None and reached:
                        cleared.add((sheet, *place))
        if cleared:
            self._prepared = prepare(self._template, self._ours, cleared)
            for sheet, row, column in cleared:
                del self._given[sheet][row, column]

    def _all_formulas(self) -> list[Formula]:
        """The template's formulas, without those a table lost and with those it gained."""
        if not self._tables:
            return list(self._template.formulas)
        cleared = {(t.table.sheet, *place) for t in self._tables for place in t.values}
        kept = [f for f in self._template.formulas if (f.sheet, f.row, f.column) not in cleared]
        new = [
            Formula(t.table.sheet, a1(*place), f.text, None, False, "normal", *place)
            for t in self._tables
            for place, f in t.formulas.items()
        ]
        return kept + new

    # -- computing -----------------------------------------------------------------------------------------------

    def filled(self) -> Filled:
        """Compute, and patch the file."""
        single: frozenset[Anchor] = frozenset()
        blocked: frozenset[Anchor] = frozenset()
        for _ in range(20):
            engine = self._evaluated(single, blocked)
            results, blocks = self._results(engine)
            fresh = frozenset(a for a in self._prepared.spans if a in results and a not in blocks) - single
            over = frozenset(a for a, block in blocks.items() if self._obstructed(a, block)) - blocked
            if not fresh and not over:
                break
            single, blocked = single | fresh, blocked | over
        else:
            raise WorkbookError("its spilling formulas do not settle", where=str(self._template.path))
        data = patch(self._template, Changes(self._values, _by_sheet(results), _by_sheet(blocks), self._tables))
        return Filled(
            data,
            tuple(self._errors(engine, results, blocks)),
            self._cells_given,
            len(results),
            len(blocks),
            tuple(self._notes()),
        )

    def _evaluated(self, single: frozenset[Anchor], blocked: frozenset[Anchor]) -> Engine:
        template, prepared = self._template, self._prepared
        self._failures.clear()
        self._cut.clear()
        functions.forget()  # what a workbook says of errors is said of its own
        self._sites = list(prepared.sites)
        engine = Engine(
            prepared.book,
            date1904=template.date1904,
            functions={
                CALL: self._answer,
                BLOCK: self._block,
                digits.NUMBER: digits.compared,
                digits.TEXT: digits.joined,
                digits.COUNTED: digits.counted,
            },
        )
        areas = {t.table.name: t.area for t in self._tables}
        for table in template.tables.values():
            engine.table(
                table.name, table.sheet, areas.get(table.name, table.area), table.columns,
                header=table.header_rows > 0, totals=table.totals_rows > 0,
            )  # fmt: skip
        for sheet, cells in self._given.items():
            engine.set(sheet, {place: self._engine_value(value, sheet, *place) for place, value in cells.items()})
        translator = Translator(template, self._ours, areas, single, self._sites)
        resized = any(t.area != t.table.area for t in self._tables)
        new = {(t.table.sheet, *place) for t in self._tables for place in t.formulas}
        texts: dict[Anchor, str] = {}
        for formula in self._formulas if single or blocked or self._tables else ():
            key = (formula.sheet, formula.row, formula.column)
            known = prepared.translated.get(key, _AS_IT_STANDS)
            if key in blocked:
                engine.formula(*key, f"{BLOCK}()")
            elif key in new or (resized and known.by_table) or known.anchors & single:
                told = translator.translate(formula)
                texts[key] = told.text if told else formula.text
                engine.formula(*key, texts[key])
        engine.evaluate()
        reasons = {(s.sheet, *address(s.cell)) for s in self._sites if s.function == functions.reasons.NAME}
        if reasons and self._failures:  # asked last, when every error has its reason
            for key in reasons:
                engine.formula(*key, texts.get(key) or prepared.translated[key].text)
            engine.evaluate()
        return engine

    def _engine_value(self, value: Scalar, sheet: str, row: int, column: int) -> float | str | bool | None:
        if type(value) is float and isfinite(value):  # as most are
            return value
        try:
            # What the file cannot hold is refused before it is computed with.
            content(value, formula=False, date1904=self._template.date1904)
            if isinstance(value, dt.date | dt.time):
                return float(serial(value, self._template.date1904))
        except WorkbookError as error:
            raise WorkbookError(error.message, where=f"{sheet}!{a1(row, column)}") from None
        if value is None or isinstance(value, bool | str):
            return value
        return float(value)

    def _answer(self, site: float, *given: object) -> object:
        """One of our functions, called by the engine."""
        told = self._sites[int(site)]
        args = [None if i in told.omitted else _argument(a) for i, a in enumerate(given)]
        try:
            if self._template.date1904:
                answer = self._call(told.function, args, date_system_year=1904)
            else:
                answer = self._call(told.function, args)
            return self._cells(answer)
        except XlcapError as error:
            self._failures[int(site)] = error
            return as_error(error.code)
        except Exception as error:  # a fault of ours must not look like a number, nor stop the other cells
            self._failures[int(site)] = XlcapError(f"{told.function} failed: {type(error).__name__}: {error}")
            return as_error("#VALUE!")

    def _block(self, rows: float = 0, columns: float = 0, value: object = None, place: str = "") -> object:
        """An answer laid over a fixed range, as Excel does for an array formula entered there; none, for one that may
        not spill.
        """
        if not rows:
            return as_error("#SPILL!")
        grid = value if isinstance(value, list) else [[value]]
        tall, wide = len(grid), len(grid[0])
        if tall > rows or wide > columns:
            self._cut[place] = tall, wide

        def at(r: int, c: int) -> object:
            r, c = (0 if tall == 1 else r), (0 if wide == 1 else c)
            if r >= tall or c >= wide:
                return as_error("#N/A")
            return 0.0 if grid[r][c] is None else grid[r][c]

        filled = [[at(r, c) for c in range(int(columns))] for r in range(int(rows))]
        return filled if len(filled) * len(filled[0]) > 1 else filled[0][0]

    def _cells(self, answer: object) -> object:
        if isinstance(answer, list | tuple):
            rows = [list(row) if isinstance(row, list | tuple) else [row] for row in answer]
            if not rows or not rows[0] or any(len(row) != len(rows[0]) for row in rows):
                raise XlcapError("the answer is not a table of equal rows")
            return [[self._cell(v) for v in row] for row in rows]
        return self._cell(answer)

    def _cell(self, value: object) -> object:
        if value is None:
            return ""  # shows as nothing; the engine would make it a zero
        if isinstance(value, bool | str):
            return value
        if isinstance(value, dt.date | dt.time):
            return float(serial(value, self._template.date1904))
        if isinstance(value, float | int | Decimal):
            return float(value)
        if isinstance(value, functions.CellError):
            return as_error(value.code)
        raise XlcapError(f"an answer no cell can hold: {type(value).__name__}")

    # -- reading the results -------------------------------------------------------------------------------------

    def _results(self, engine: Engine) -> tuple[dict[Anchor, Scalar], dict[Anchor, Block]]:
        results: dict[Anchor, Scalar] = {}
        blocks: dict[Anchor, Block] = {}
        value = engine.value
        # A cell that nothing was put in and yet has a value belongs to a spill; only then is the engine asked whose.
        spilling = {key for place, key in self._free() if value(key[0], *place) is not None}
        for f in self._formulas:
            sheet, row, column = key = (f.sheet, f.row, f.column)
            found = value(sheet, row, column)
            results[key] = found if type(found) is float and isfinite(found) else self._value(found, f)
            if f.array is not None and not f.dynamic:
                area = Area.parse(f.array)
            elif key in spilling:
                area = engine.spill(sheet, row, column)
            else:
                continue
            if area.rows * area.columns == 1:
                continue
            if f.array is None and key not in self._prepared.dynamic:
                raise WorkbookError(
                    "an ordinary formula gives an array, of which Excel shows one cell; enter it anew in Excel so that "
                    "it spills, or as an array formula",
                    where=f"{self._template.path}: {sheet}!{f.cell}",
                )
            blocks[key] = [
                [self._value(value(sheet, r, c), f) for c in range(area.left, area.right + 1)]
                for r in range(area.top, area.bottom + 1)
            ]
        return results, blocks

    def _free(self) -> Iterator[tuple[Address, Anchor]]:
        """The cells nothing was put in, each with a place whose formula could run into it."""
        yield from self._prepared.free
        for t in self._tables:
            held = {place for place, value in t.values.items() if value is not None}
            yield from free_beside(t.table.sheet, t.formulas, held | t.formulas.keys())

    def _value(self, value: Any, formula: Formula) -> Scalar:
        code = error_code(value)
        if code is not None:
            if not code.startswith("#"):
                reason = "refers to itself" if code == "Circ" else f"is more than the engine can do ({code})"
                raise WorkbookError(
                    f"the formula ={formula.text} {reason}",
                    where=f"{self._template.path}: {formula.sheet}!{formula.cell}",
                )
            return ErrorCode(code)
        if value is None:
            return 0.0  # a formula that refers to a blank cell shows zero
        if isinstance(value, float) and not isfinite(value):
            return ErrorCode("#NUM!")
        return cast("Scalar", value)

    def _obstructed(self, anchor: Anchor, block: Block) -> bool:
        """Whether a block lies over merged cells or a table, which the engine does not see."""
        sheet, row, column = anchor
        told = self._template.plans[sheet].formulas.get((row, column))
        if told and told.kind == "array" and told.cm not in self._template.dynamic_cm:
            return False
        return self._over(sheet, Area(row, column, row + len(block) - 1, column + len(block[0]) - 1)) is not None

    def _over(self, sheet: str, area: Area) -> str | None:
        """The merged cells or the table that an area meets."""
        for merge in self._template.plans[sheet].merges:
            if area.meets(merge):
                return f"the merged cells {merge} are"
        areas = {t.table.name: t.area for t in self._tables}
        for table in self._template.tables.values():
            if table.sheet == sheet and area.meets(areas.get(table.name, table.area)):
                return f"the table {table.name} is"
        return None

    def _in_the_way(self, engine: Engine, formula: Formula) -> str | None:
        """What keeps a formula from spilling: the engine says that something does, and is asked how large the answer
        is.
        """
        sheet, row, column = key = (formula.sheet, formula.row, formula.column)
        told = Translator(self._template, self._ours, {t.table.name: t.area for t in self._tables}, sites=self._sites)
        size = engine.size(sheet, row, (told.translate(formula) or Translated(formula.text)).text)
        if size is None:
            return None
        area = Area(row, column, row + size[0] - 1, column + size[1] - 1)
        held = (place for place in area if place != key[1:] and engine.value(sheet, *place) is not None)
        first = next(held, None)
        return f"{a1(*first)} is" if first else self._over(sheet, area)

    def _notes(self) -> Iterator[str]:
        yield from examined(self._template, self._ours).notes
        for change in self._tables:
            yield from left_behind(self._template, change)
        for place, (tall, wide) in self._cut.items():
            sheet, _, ref = place.rpartition("!")
            area = Area.parse(ref)
            shown = "1" if area.rows * area.columns == 1 else f"{area.rows} x {area.columns}"
            yield f"{sheet}!{area} shows {shown} of {tall} x {wide} cells: it is an array formula of fixed size"

    def _errors(
        self, engine: Engine, results: Mapping[Anchor, Scalar], blocks: Mapping[Anchor, Block]
    ) -> Iterator[CellError]:
        failing = {
            (s.sheet, *address(s.cell)): self._failures[i] for i, s in enumerate(self._sites) if i in self._failures
        }
        parts: dict[Anchor, dict[Address, str]] = {}  # the other cells of an answer that show an error
        for anchor, block in blocks.items():
            for i, line in enumerate(block):
                for j, part in enumerate(line):
                    if (i or j) and type(part) is ErrorCode:
                        parts.setdefault(anchor, {})[anchor[1] + i, anchor[2] + j] = str(part)
        wrong = {key for key, value in results.items() if type(value) is ErrorCode}
        if not wrong and not parts:
            return
        broken = wrong.union((anchor[0], *place) for anchor, places in parts.items() for place in places)
        for f, (key, value) in zip(self._formulas, results.items(), strict=True):
            if key in wrong:
                failure, code = failing.get(key), str(value)
                cause = None if failure else carried(f, self._template, broken)
                yield CellError(f.sheet, f.cell, f.text, code, self._reason(engine, f, code, failure, cause), cause)
            for place, code in parts.get(key, {}).items():
                whole = f"{f.sheet}!{f.cell}"
                # Where the first cell shows none, the errors of the others are their own.
                cause = whole if key in wrong else None
                yield CellError(f.sheet, a1(*place), f.text, code, f"part of what {whole} answers", cause)

    def _reason(
        self, engine: Engine, formula: Formula, code: str, failure: XlcapError | None, cause: str | None
    ) -> str:
        if failure or cause:
            return str(failure) if failure else f"carried from {cause}"
        if code == "#SPILL!":
            in_the_way = self._in_the_way(engine, formula)
            if in_the_way:
                return f"{in_the_way} in the way of its answer"
        return explained(code, formula, self._template, engine.value)


_AS_IT_STANDS = Translated("")


def _by_sheet(found: Mapping[Anchor, T]) -> dict[str, dict[Address, T]]:
    sheets: dict[str, dict[Address, T]] = {}
    for (sheet, row, column), value in found.items():
        sheets.setdefault(sheet, {})[row, column] = value
    return sheets


def _argument(value: object) -> object:
    """What the engine gives a function, in the words of ``functions.call``."""
    if isinstance(value, list):
        return [[_argument(v) if type(v) is dict else v for v in row] for row in value]
    code = error_code(value)
    if code is not None:
        return functions.CellError(code if code.startswith("#") else "#VALUE!")
    return value
