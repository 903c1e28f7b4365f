"""One declaration per spreadsheet function: its name, arguments, help and topic are read off the Python function.

A function is declared with ``@function(topic)``; each parameter is ``Annotated`` with a kind (how a cell value becomes
what the function works with) and a sentence of help. ``call`` is the one door for every host.
"""

from __future__ import annotations

import datetime as dt
import inspect
import logging
import pickle
import threading
import typing
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction
from itertools import chain, repeat
from math import isfinite
from typing import Any

from xlcap.cells import Cell, CellError, current_date_system, date_system, is_blank, reject_error
from xlcap.errors import XlcapError
from xlcap.numbers import CONTEXT
from xlcap.tables import Range

Value = float | int | str | bool | dt.date | None | CellError
"""What a host shows in one cell."""
Answer = Value | list[list[Value]]
"""A scalar, or a rectangle that spills."""

MANY_CELLS = 1_000_000  # a result larger than this is refused rather than left to exhaust the host


@dataclass(frozen=True)
class Kind:
    """How an argument's cells become a value.

    ``each`` kinds take one cell; given a range, the function is asked once for every cell and its answers form a range.
    ``table`` kinds take the whole range; their value is kept by content, so that a table shared by thousands of
    formulas is read once.
    """

    name: str
    read: Callable[[Any], Any]
    shape: typing.Literal["each", "table"] = "each"
    choices: tuple[str, ...] = ()
    columns: Callable[[], dict[str, str]] | None = None
    empty: Any = None
    """What a blank means for this kind, such as a table with no rows; None: the argument's own default, or an error."""
    stamp: Callable[[Any], object] = lambda _rows: None
    """What else a kept value depends on, such as the time a file was last changed."""
    placed: bool = False
    """Whether its errors say which table they arose in, as those of a certificate or an events table do; all others are
    placed at the argument."""


@dataclass(frozen=True)
class Argument:
    """One argument as the wizard, the documentation and the hosts see it."""

    name: str
    doc: str
    kind: Kind
    required: bool
    default: Any


@dataclass(frozen=True)
class Function:
    """One spreadsheet function."""

    name: str
    topic: str
    doc: str
    details: str
    arguments: tuple[Argument, ...]
    run: Callable[..., Any]

    def spills(self, given: Mapping[str, bool]) -> bool:
        """Whether it answers with a table: by the arguments given, each with whether it is several cells.

        >>> [find("WATERFALL").spills({"proceeds": False, "cap_table": True} | more) for more in ({}, {"payee": False})]
        [True, False]
        """
        returned = typing.get_type_hints(self.run)["return"]
        names = {argument.name for argument in self.arguments}
        return (
            typing.get_origin(returned) is list
            or (returned is Any and "payee" in names - given.keys())
            or any(given.get(a.name) for a in self.arguments if a.kind.shape == "each" or a.kind.name == "numbers")
        )


TOPICS = (
    "Terms",
    "Conversion price from events",
    "Single adjustments",
    "Rounds",
    "Market",
    "Conversion",
    "Dividends",
    "Liquidation",
    "Redemption",
    "Governance and notices",
    "Errors",
)
"""The topics in the order in which lists and pages show them."""

_registry: dict[str, Function] = {}


def function(topic: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declare a Python function as a spreadsheet function under a topic; its name is the Python name in capitals."""

    def declare(run: Callable[..., Any]) -> Callable[..., Any]:
        name = run.__name__.upper()
        summary, _, details = inspect.cleandoc(run.__doc__ or "").partition("\n\n")
        hints = typing.get_type_hints(run, include_extras=True)
        arguments = []
        for parameter in inspect.signature(run).parameters.values():
            kind, doc = _declared(hints[parameter.name])
            required = parameter.default is inspect.Parameter.empty and kind.empty is None
            default = None if parameter.default is inspect.Parameter.empty else parameter.default
            arguments.append(Argument(parameter.name, doc, kind, required, default))
        _registry[name] = Function(name, topic, " ".join(summary.split()), details, tuple(arguments), run)
        return run

    return declare


def _declared(hint: Any) -> tuple[Kind, str]:
    """The kind and help of a parameter, which may be ``| None``."""
    if typing.get_origin(hint) is not typing.Annotated:
        hint = next(member for member in typing.get_args(hint) if member is not type(None))
    _, kind, doc = typing.get_args(hint)
    return kind, doc


def functions() -> dict[str, Function]:
    """Every declared function, by name, in the order of the topics."""
    return dict(sorted(_registry.items(), key=lambda entry: TOPICS.index(entry[1].topic)))


def names() -> list[str]:
    """The names of every declared function."""
    return list(_registry)


def find(name: str) -> Function:
    """The function of a name, however it is capitalized."""
    found = _registry.get(name.upper())
    if found is None:
        raise XlcapError(f"there is no function {name}; see `xlcap functions`", code="#NAME?")
    return found


def call(name: str, args: Sequence[Cell | Range], *, date_system_year: int = 1900) -> Answer:
    """Answer a formula: ``name`` applied to cell values, ranges as lists of rows, blanks as None.

    Raises XlcapError, and nothing else, for an answer that cannot be given; serial numbers are read in the date system
    of the workbook.

    >>> call("SPLIT_ADJUSTED_PRICE", [20, 2])
    10.0
    """
    return call_declared(find(name), args, date_system_year=date_system_year)


def call_declared(declared: Function, args: Sequence[Any], *, date_system_year: int = 1900) -> Answer:
    """``call`` for a declaration at hand."""
    try:
        with _one_at_a_time, date_system(date_system_year), localcontext(CONTEXT):
            return _outgoing(_ask(declared, args))
    except XlcapError as error:
        refused(declared, error)
        raise
    except RecursionError:
        circle = XlcapError("the inputs refer to each other in a circle", where=declared.name, code="#NUM!")
        raise refused(declared, circle) from None
    except ArithmeticError as error:
        endless = f"the numbers given have no finite answer ({type(error).__name__})"
        raise refused(declared, XlcapError(endless, where=declared.name, code="#NUM!")) from error


class Refusal(typing.NamedTuple):
    """An answer that could not be given, kept for hosts whose cells show no message."""

    function: str
    time: dt.datetime
    error: XlcapError


refusals: dict[str, Refusal] = {}
"""The last refusal of each function in this session, the latest at the end."""


def refused(declared: Function, error: XlcapError) -> XlcapError:
    """The error, kept as the function's last."""
    with _one_at_a_time:
        refusals.pop(declared.name, None)
        refusals[declared.name] = Refusal(declared.name, dt.datetime.now(), error)
    return error


def forget() -> None:
    """Begin a session: nothing was refused yet."""
    with _one_at_a_time:
        refusals.clear()


def failed(declared: Function, bug: Exception) -> XlcapError:
    """A fault of ours as an error that says so, for hosts that must answer; the log has the whole of it."""
    logging.getLogger("xlcap").error("%s", declared.name, exc_info=bug)
    return refused(declared, XlcapError(f"this is a bug in xlcap ({type(bug).__name__}: {bug})", where=declared.name))


_one_at_a_time = threading.RLock()
"""A host may ask from several threads. What is kept between calls, here and in the engine, is made for one; and as
Python computes in one thread at a time, nothing is lost by waiting.
"""


def _ask(declared: Function, args: Sequence[Any]) -> Any:
    if len(args) > len(declared.arguments):
        expected = ", ".join(argument.name for argument in declared.arguments)
        raise XlcapError(f"takes at most {len(declared.arguments)} arguments ({expected}); found {len(args)}",
                         where=declared.name)  # fmt: skip
    given = [*args, *[None] * (len(declared.arguments) - len(args))]
    fixed: dict[str, Any] = {}
    grids: dict[str, Range] = {}
    for argument, raw in zip(declared.arguments, given, strict=True):
        cells = _grid(raw)
        if argument.kind.shape == "each" and cells is not None and (len(cells) > 1 or len(cells[0]) > 1):
            grids[argument.name] = cells
        else:
            value = cells if argument.kind.shape == "table" else cells and cells[0][0]
            fixed[argument.name] = _incoming(argument, value)
    if not grids:
        return declared.run(**fixed)
    return _each(declared, fixed, grids)


def _each(declared: Function, fixed: dict[str, Any], grids: dict[str, Range]) -> list[list[Any]]:
    """Ask once for every cell of the ranges given, which must have one shape; a blank question has a blank answer."""
    shapes = {(len(cells), len(cells[0])) for cells in grids.values()}
    if len(shapes) > 1:
        raise XlcapError(f"the ranges given for {', '.join(grids)} must have the same size", where=declared.name)
    height, width = shapes.pop()
    kinds = {argument.name: argument for argument in declared.arguments}
    answers: list[list[Any]] = []
    for row in range(height):
        line: list[Any] = []
        for col in range(width):
            asked = {name: cells[row][col] for name, cells in grids.items()}
            if all(is_blank(value) for value in asked.values()):
                line.append(None)
                continue
            broken = next((value for value in asked.values() if isinstance(value, CellError)), None)
            if broken:
                line.append(broken)
                continue
            try:
                values = {name: _incoming(kinds[name], value) for name, value in asked.items()}
                answer = declared.run(**fixed, **values)
            except XlcapError as error:
                raise error.at(f"{', '.join(grids)} row {row + 1}, column {col + 1}") from None
            if isinstance(answer, list):
                raise XlcapError(f"{declared.name} answers with a table, so it takes one cell for {', '.join(grids)}")
            line.append(answer)
        answers.append(line)
    return answers


def _grid(raw: Any) -> Range | None:
    """Whatever a host gave for an argument as rows of cells; nothing as None."""
    if not isinstance(raw, _RANGE):
        return None if is_blank(raw) else [[raw]]
    if not raw:
        return None
    rows = [row if isinstance(row, _RANGE) else [row] for row in raw]
    widths = set(map(len, rows))
    width = max(widths)
    if not width or all(is_blank(cell) for row in rows for cell in row):
        return None
    return rows if len(widths) == 1 else [[*row, *[None] * (width - len(row))] for row in rows]


_RANGE = (list, tuple)


def _incoming(argument: Argument, raw: Any) -> Any:
    kind = argument.kind
    if raw is None or (not isinstance(raw, list) and is_blank(raw)):
        if kind.empty is not None:
            return kind.empty
        if argument.required:
            raise XlcapError(f"is required: {argument.doc}", where=f"argument '{argument.name}'")
        return argument.default
    try:
        if kind.shape == "table":
            return _read_table(kind, raw)
        reject_error(raw)
        return kind.read(raw)
    except XlcapError as error:
        raise error if kind.placed else error.at(f"argument '{argument.name}'") from None


def _read_table(kind: Kind, rows: Range) -> Any:
    """The value of a table; the same content is the same object, so that it is read once."""
    content = _content(rows)
    key = (kind.name, content, kind.stamp(rows))
    mark = hash(key)  # once, for it looks at every cell
    kept = None if content is None else _kept.pop(mark, None)
    if kept is None or kept.key != key:
        own = [[*row] for row in rows]  # for the host may change its rows
        kept = _Kept(key, kind.read(own), len(own) * len(own[0]))
        if content is None or _zoned(rows):
            return kept.value
        while len(_kept) >= _KEPT or (_kept and sum(old.cells for old in _kept.values()) + kept.cells > MANY_CELLS):
            _kept.popitem(last=False)
    _kept[mark] = kept
    return kept.value


def _content(rows: Range) -> object:
    """What two ranges have in common exactly when they hold the same: cells and their types, for 1, 1.0 and TRUE are
    equal. None for a host's own cell objects, of which that cannot be told.
    """
    cells = tuple(chain.from_iterable(rows))
    types = bytes(map(_PLAIN.get, map(type, cells), repeat(_OTHER)))
    if _OTHER not in types:
        return current_date_system(), len(rows[0]), cells, types
    try:
        return pickle.dumps((current_date_system(), rows), protocol=5)
    except Exception:
        return None


def _zoned(rows: Range) -> bool:
    """Whether times have zones: two may be equal, and of different days."""
    return any(cell.tzinfo for row in rows for cell in row if isinstance(cell, dt.datetime))


_PLAIN = {kind: i for i, kind in enumerate((str, float, int, bool, type(None), dt.date, dt.datetime, CellError), 1)}
"""The types of most cells, each with a number for it."""
_OTHER = 0


class _Kept(typing.NamedTuple):
    key: tuple[str, object, object]
    value: Any
    cells: int


_kept: OrderedDict[int, _Kept] = OrderedDict()
"""The tables read last, as many as ``_KEPT`` and together of ``MANY_CELLS``: a large one may change at every key."""
_KEPT = 64


def _outgoing(answer: Any) -> Answer:
    if isinstance(answer, list):
        if sum(len(row) for row in answer) > MANY_CELLS:
            raise XlcapError(f"the answer would fill more than {MANY_CELLS:,} cells; ask for less", code="#NUM!")
        return [[_cell(value) for value in row] for row in answer]
    shown = _cell(answer)
    if shown is _ENDLESS:
        raise XlcapError("the answer is larger than any number a cell can hold", code="#NUM!")
    return shown


def _cell(value: Any) -> Value:
    if isinstance(value, float | Decimal | Fraction):
        number = float(value)
        return number if isfinite(number) else _ENDLESS
    return typing.cast(Value, value)


_ENDLESS = CellError("#NUM!")
