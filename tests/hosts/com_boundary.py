"""xlwings' own Windows code with a fake COM boundary: what stands between Excel and Python, where there is no Windows.

Only pywin32's binary modules and ``ctypes.windll`` are replaced. Every line of xlwings that runs for a call on Windows
(decorators, the COM server's ``CallUDF``, converters, the import of functions) is xlwings' own. What is modelled here:
how Excel hands over arguments, how pywin32 turns answers into VARIANTs, and what our VBA does (read from its text).

The replaced modules are for a process of its own: ``excel()`` starts one, and its functions are those below.
"""

from __future__ import annotations

import asyncio
import atexit
import ctypes
import datetime as dt
import logging
import multiprocessing
import re
import subprocess
import sys
import types
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from xlcap.cells import CellError, serial
from xlcap.hosts.excel import vba

_RANGE = "{00020846-0000-0000-C000-000000000046}"
_MISSING = -2147352572
"""DISP_E_PARAMNOTFOUND: an argument left out."""
_NUMBERS = {
    "#NULL!": -2146826288,
    "#DIV/0!": -2146826281,
    "#VALUE!": -2146826273,
    "#REF!": -2146826265,
    "#NAME?": -2146826259,
    "#NUM!": -2146826252,
    "#N/A": -2146826246,
    "#GETTING_DATA": -2146826245,
    "#SPILL!": -2146826243,
    "#CALC!": -2146826238,
}
"""What pywin32 makes of the error in a cell."""


class Cells(NamedTuple):
    """A range that a formula refers to; ``currency`` says that its numbers are formatted as money."""

    rows: list[list[Any]]
    currency: bool = False


def excel() -> ProcessPoolExecutor:
    """A process with xlwings as on Windows, which runs the functions of this module."""
    return ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), initializer=_install)


# --- a formula ------------------------------------------------------------------------------------------------------


def formula(name: str, args: Sequence[Any], date_1904: bool = False) -> Any:
    """What the cell of ``=NAME(args)`` shows: ``Cells`` are ranges, None an argument left out, all else a literal.

    Excel itself refuses a call with too many arguments, and one without a required one.
    """
    parameters, passed, _ = wrapper(name)
    required = [word for word in parameters if not word.startswith("Optional ")]
    if len(args) > len(parameters) or len(args) < len(required):
        return CellError("#VALUE!")
    book = _Book(date_1904)
    given = dict(zip((word.removeprefix("Optional ") for word in parameters), args, strict=False))
    values = []
    for word in passed:
        if word == "XlcapDate1904()":
            values.append(date_1904)
        else:
            value = given.get(word)
            values.append(_Range(value, book) if isinstance(value, Cells) else _literal(value, date_1904))
    from xlwings.com_server import XLPython

    answer = XLPython().CallUDF("xlcap.udfs", name, tuple(values), book, _Range(Cells([[None]]), book))  # type: ignore[no-untyped-call]
    return _shown(_variant(answer))


def _literal(value: Any, date_1904: bool) -> Any:
    """A literal, or what an inner function such as DATE answers: a double, a text, a boolean, an error."""
    if value is None:
        return _MISSING
    if isinstance(value, dt.date):
        return serial(value, 1904 if date_1904 else 1900)
    if isinstance(value, list):  # an inner formula's answer
        return tuple(tuple(None if cell is None else _literal(cell, date_1904) for cell in row) for row in value)
    return _NUMBERS[value.code] if isinstance(value, CellError) else value


def _variant(answer: Any) -> Any:
    """An answer as pywin32 carries it (com/win32com/src/oleargs.cpp), or its TypeError."""
    if isinstance(answer, _Variant):
        return _MISSING if answer.varianttype == 10 else answer.value
    if answer is None or isinstance(answer, bool | str | float):
        return answer
    if isinstance(answer, int):
        if abs(answer) >= 2**31:
            raise TypeError("a VT_I8, which a cell cannot hold")
        return float(answer)
    if isinstance(answer, dt.datetime) and answer.tzinfo is not None:
        return answer.replace(tzinfo=None)
    if isinstance(answer, list | tuple):
        return [_variant(item) for item in answer]
    raise TypeError(f"Objects of type '{type(answer).__name__}' can not be converted to a COM VARIANT")


def _shown(answer: Any) -> Any:
    """What XlcapShown makes of an answer, by the text of the module, as rows or one cell."""

    def cell(value: Any) -> Any:
        return _made_errors().get(value, value) if isinstance(value, str) else value

    if not isinstance(answer, list):
        return cell(answer)
    rows = answer if isinstance(answer[0], list) else [answer]
    return [[cell(value) for value in row] for row in rows]


@cache
def _made_errors() -> dict[str, CellError]:
    """The texts of which the module makes errors."""
    base = _NUMBERS["#N/A"] - 2042
    codes = {number - base: code for code, number in _NUMBERS.items()}
    cases = re.findall(r'Case "(.*)": XlcapCell = CVErr\((\d+)\)', vba.module())
    return {text: CellError(codes[int(number)]) for text, number in cases}


@cache
def wrapper(name: str) -> tuple[list[str], list[str], bool]:
    """A function of our VBA module: its parameters, what it hands to Python, whether it keeps quiet in the wizard."""
    text = vba.module().replace(" _\n", "")
    found = re.search(rf"Public Function {name}\((.*)\)\n((?:    .*\n)*)failed:", text)
    assert found, name
    array = re.search(rf'"{name}", XlcapGiven\(Array\((.*)\)\), ThisWorkbook', found[2])
    assert array, name
    return _words(found[1]), _words(array[1]), "CommandBars" in found[2]


def _words(text: str) -> list[str]:
    return [" ".join(word.split()) for word in text.split(",") if word.strip()]


# --- what a test may ask beside -------------------------------------------------------------------------------------


def imported() -> tuple[str, dict[str, dict[str, Any]]]:
    """What xlwings' "Import Functions" writes and registers: the text of the module, the wizard's facts by function."""
    from xlwings.udfs import import_udfs

    book = _Book(False)
    logging.getLogger("xlwings.udfs").addHandler(logging.NullHandler())
    import_udfs("xlcap.udfs", book)  # type: ignore[no-untyped-call]
    return book.module, book.options


def read_count(name: str, args: Sequence[Any], times: int) -> int:
    """How often a table is read when a formula is asked time and again."""
    from xlcap.functions import registry

    formula("CERTIFICATES", [])  # what is made for a first call looks at the kinds too
    wrapper(name)
    reads = []
    keep = registry.Kind.__getattribute__

    def counted(kind: Any, attribute: str) -> Any:
        if attribute == "read" and keep(kind, "columns"):
            reads.append(keep(kind, "name"))
        return keep(kind, attribute)

    registry.Kind.__getattribute__ = counted  # type: ignore[method-assign, assignment]
    try:
        for _ in range(times):
            formula(name, args)
    finally:
        registry.Kind.__getattribute__ = keep  # type: ignore[method-assign]
    return len(reads)


def with_a_bug(name: str, args: Sequence[Any]) -> Any:
    """What a cell shows when our own code fails as it should not."""
    from xlcap import udfs

    right = udfs.call_declared

    def wrong(*_: Any, **__: Any) -> Any:
        raise KeyError("oops")

    udfs.call_declared = wrong  # type: ignore[assignment]
    try:
        return formula(name, args)
    finally:
        udfs.call_declared = right


def answering(name: str, answer: Any) -> Any:
    """What a cell shows for an answer of the function."""
    from xlcap import udfs

    right = udfs.call_declared
    udfs.call_declared = lambda *_, **__: answer  # type: ignore[assignment]
    try:
        return formula(name, [])
    finally:
        udfs.call_declared = right


# --- the fake -------------------------------------------------------------------------------------------------------


class _Range:
    """As much of Excel's Range as reading an argument takes."""

    CLSID = _RANGE

    def __init__(self, cells: Cells, book: _Book) -> None:
        self._cells = cells
        iid = types.SimpleNamespace(iid=_RANGE)
        self._oleobj_ = types.SimpleNamespace(GetTypeInfo=lambda: types.SimpleNamespace(GetTypeAttr=lambda: iid))
        self.Row = self.Column = 1
        self.Rows = types.SimpleNamespace(Count=len(cells.rows))
        self.Columns = types.SimpleNamespace(Count=len(cells.rows[0]))
        self.Worksheet = types.SimpleNamespace(Name="Sheet1", Parent=book, Application=book.Application)
        self.Application = book.Application

    @property
    def Value(self) -> Any:  # noqa: N802
        return self._read(self._value)

    @property
    def Value2(self) -> Any:  # noqa: N802
        return self._read(lambda cell: _literal(cell, False) if cell is not None else None)

    def _read(self, read: Any) -> Any:
        rows = tuple(tuple(read(cell) for cell in row) for row in self._cells.rows)
        return rows[0][0] if (len(rows), len(rows[0])) == (1, 1) else rows

    def _value(self, cell: Any) -> Any:
        if isinstance(cell, dt.datetime):
            return cell.replace(tzinfo=dt.UTC)
        if isinstance(cell, dt.date):
            return dt.datetime(cell.year, cell.month, cell.day, tzinfo=dt.UTC)
        if self._cells.currency and isinstance(cell, float):
            return Decimal(f"{cell:.4f}")  # VT_CY has four places
        return None if cell is None else _literal(cell, False)


class _Book:
    """As much of Excel's Workbook as calls and the import of functions take."""

    Name = "xlcap.xlam"
    sheets: Sequence[Any] = ()

    def __init__(self, date_1904: bool) -> None:
        self.Date1904 = date_1904
        self.Sheets = self.Worksheets = _Sheets()
        self.module = ""
        self.options: dict[str, dict[str, Any]] = {}
        self.Application = types.SimpleNamespace(Version="16.0", Hwnd=1, MacroOptions=self._macro_options)
        self.VBProject = types.SimpleNamespace(VBComponents=_Components(self))

    def _macro_options(self, macro: str, **facts: Any) -> None:
        self.options[macro.rpartition("!")[2]] = facts


class _Sheets(list[Any]):
    Count = 0


class _Components:
    def __init__(self, book: _Book) -> None:
        self._book = book

    def __call__(self, name: str) -> Any:
        raise sys.modules["pywintypes"].com_error(name)

    def Remove(self, component: Any) -> None:  # noqa: N802
        raise AssertionError(component)

    def Import(self, path: str) -> None:  # noqa: N802
        self._book.module = Path(path).read_text(encoding="utf-8")


class _Variant:
    """pywin32's own VARIANT class."""

    def __init__(self, varianttype: int, value: Any) -> None:
        self.varianttype, self.value = varianttype, value


class _Anything:
    def __getattr__(self, name: str) -> _Anything:
        return _Anything()

    def __call__(self, *_: Any) -> int:
        return 0


def _module(name: str, **members: Any) -> types.ModuleType:
    module = types.ModuleType(name)
    vars(module).update(members)
    sys.modules[name] = module
    parent, _, child = name.rpartition(".")
    if parent:
        setattr(sys.modules[parent], child, module)
    return module


def _install() -> None:
    """Import xlwings as on Windows."""
    error = type("com_error", (Exception,), {"hresult": 0})
    _module("pywintypes", com_error=error, error=Exception, TimeType=dt.datetime, IID=str)
    _module(
        "pythoncom",
        __file__="pythoncom.dll",
        CoInitialize=lambda *_: None,
        com_error=error,
        IID_IDispatch="IDispatch",
        IID_IEnumVARIANT="IEnumVARIANT",
        TypeIIDs={"IDispatch": type("PyIDispatch", (), {})},
        VT_ERROR=10,
    )
    for name in ("win32api", "win32con", "win32gui", "win32process", "win32event"):
        _module(name)
    vars(sys.modules["win32process"])["GetWindowThreadProcessId"] = lambda _window: (1, 1)
    _module("win32timezone", TimeZoneInfo=types.SimpleNamespace(utc=lambda: dt.UTC))
    _module("win32com")
    _module(
        "win32com.client",
        **{name: type(name, (), {}) for name in ("CDispatch", "CoClassBaseClass", "DispatchBaseClass")},
        Dispatch=lambda given, *_, **__: given,
        DispatchEx=lambda given, *_, **__: given,
        VARIANT=_Variant,
        gencache=types.SimpleNamespace(EnsureModule=lambda *_, **__: None),
        dynamic=types.SimpleNamespace(),
    )
    _module("win32com.server")
    _module("win32com.server.dispatcher")
    _module("win32com.server.policy", DefaultPolicy=object)
    _module("win32com.server.util", wrap=lambda given, **_: given, unwrap=_no_wrapper)
    ctypes.windll = ctypes.oledll = _Anything()  # type: ignore[attr-defined, assignment]
    subprocess.CREATE_NO_WINDOW = 0  # type: ignore[attr-defined, assignment]
    import numpy  # noqa: F401
    import pandas  # noqa: F401

    asyncio.new_event_loop().close()  # made once as on this platform, before it is said to be Windows
    platform, library = sys.platform, ctypes.PyDLL
    sys.platform = "win32"
    ctypes.PyDLL = lambda *_, **__: types.SimpleNamespace(PyCom_PyObjectFromIUnknown=types.SimpleNamespace())  # type: ignore[misc, assignment]
    try:
        import xlwings
        import xlwings._xlwindows
    finally:
        sys.platform, ctypes.PyDLL = platform, library  # type: ignore[misc]
    atexit.unregister(xlwings._xlwindows.cleanup)


def _no_wrapper(given: Any) -> Any:
    raise TypeError(given)
