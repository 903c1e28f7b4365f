"""The functions for Excel through xlwings: every declaration of the registry, bound.

Desktop Excel on Windows names this module under "UDF Modules"; in xlwings Lite ``from xlcap.udfs import *`` is all of
``main.py``. Nothing else of xlcap imports xlwings.

What xlwings hands over is made cells as every host has them, and what is answered is made what xlwings can carry. On
Windows an answer passes through pywin32, which cannot carry an error value (its VARIANT of VT_ERROR means "left out",
whatever its number): an error travels as the text its cell shows, and the add-in's own VBA makes it an error again
(``xlcap/hosts/excel/vba.py``). For Office.js xlwings itself makes errors of these texts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from decimal import Decimal
from inspect import Parameter, Signature
from itertools import chain
from typing import Any

import xlwings as xw
from xlwings.conversion import Accessor, ConversionContext, Pipeline, ValueAccessor

from xlcap.cells import Cell, CellError
from xlcap.errors import EXCEL_ERRORS, XlcapError
from xlcap.functions import Function, functions
from xlcap.functions.registry import Value, call_declared, failed
from xlcap.hosts.excel.vba import CATEGORY, DATE_SYSTEM, ERROR_NUMBERS, optionals, slow, takes_dates

__xlwings_func_namespace__ = "XLCAP"  # Office.js: =XLCAP.WATERFALL(...)

_COM = xw.has_pywin32 and not xw.on_server
_CODES = {number: code for code, number in ERROR_NUMBERS.items()}
_OF_COM = {0x800A0000 - 2**32 + number: CellError(_CODES.get(number, "#VALUE!")) for number in range(2000, 2100)}
"""Errors as pywin32 hands them over: whole numbers, while a cell's own numbers are floats."""
_ODD = frozenset((int, Decimal) if _COM else ())
"""The types of cells that are not what they seem: errors, and amounts of money."""
_ERRORS = frozenset(EXCEL_ERRORS)
_OF_OFFICE_JS = frozenset(("#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A"))
"""The errors a function in Office.js can answer with."""


# --- what comes in --------------------------------------------------------------------------------------------------


class Cells(Accessor):
    """Reads an argument: what xlwings makes of it, and then what it leaves undone."""

    @classmethod
    def reader(cls, options: Any) -> Pipeline:
        """The stages of reading."""
        reading: Pipeline = ValueAccessor.reader(options)  # type: ignore[no-untyped-call]
        return reading.append_stage(_finish)  # type: ignore[no-any-return, no-untyped-call]


def _finish(context: ConversionContext) -> None:
    rows = context.value
    cells = tuple(chain.from_iterable(rows))
    if _ODD.isdisjoint(map(type, cells)) and _ERRORS.isdisjoint(cells):
        return  # as nearly always: looking at each cell in turn would take four times as long
    if context.range is not None and any(isinstance(cell, Decimal) for cell in cells):
        rows = _unrounded(rows, context.range.api.Value2)
    context.value = [[_incoming(cell) for cell in row] for row in rows]


def _unrounded(rows: list[list[Cell]], exact: Any) -> list[list[Cell]]:
    """Excel hands over a cell formatted as currency rounded to four places; its number itself is in Value2."""
    numbers = exact if isinstance(exact, tuple) else ((exact,),)
    return [
        [number if isinstance(cell, Decimal) else cell for cell, number in zip(row, line, strict=True)]
        for row, line in zip(rows, numbers, strict=True)
    ]


def _incoming(cell: Cell) -> Cell:
    if isinstance(cell, str) and cell in _ERRORS:
        return CellError(cell)
    if _COM and type(cell) is int:
        return _OF_COM.get(cell, cell)
    return cell


# --- what goes out --------------------------------------------------------------------------------------------------


def _answer(declared: Function, cells: Sequence[Any], date_system: int) -> Any:
    try:
        answer = call_declared(declared, cells, date_system_year=date_system)
    except XlcapError as error:
        return _refusal(error)
    except Exception as bug:
        return _refusal(failed(declared, bug))
    if isinstance(answer, list):
        return [[_outgoing(value) for value in row] for row in answer]
    return _outgoing(answer)


def _refusal(error: XlcapError) -> str:
    """The error as its cell shows it. Office.js shows the message too where an exception is raised, as #VALUE!."""
    if error.code == "#VALUE!" and not _COM:
        raise error
    return _code(error.code)


def _outgoing(value: Value) -> Value:
    if isinstance(value, CellError):
        return _code(value.code)
    if isinstance(value, bool | str | dt.date) or value is None:
        return value
    return float(value)  # an int of pywin32's may be one Excel does not know


def _code(code: str) -> str:
    return code if _COM or code in _OF_OFFICE_JS else "#VALUE!"


# --- the functions --------------------------------------------------------------------------------------------------


def _bound(declared: Function) -> Callable[..., Any]:
    """A function of the registry as xlwings wants one: named arguments, those that may be left out None."""
    dated = _COM and takes_dates(declared)

    def udf(*given: Any) -> Any:
        *cells, from_1904 = given if dated else (*given, False)
        return _answer(declared, cells, 1904 if from_1904 else 1900)

    optional = set(optionals(declared))
    parameters = [
        Parameter(a.name, Parameter.POSITIONAL_OR_KEYWORD, default=None if a in optional else Parameter.empty)
        for a in declared.arguments
    ]
    if dated:
        parameters.append(Parameter("from_1904", Parameter.POSITIONAL_OR_KEYWORD, default=None))
    udf.__name__ = udf.__qualname__ = declared.name
    udf.__doc__ = declared.doc
    udf.__signature__ = Signature(parameters)  # type: ignore[attr-defined]
    bound: Callable[..., Any] = udf
    for a in declared.arguments:
        bound = xw.arg(a.name, convert=Cells, doc=a.doc, ndim=2, err_to_str=True)(bound)
    if dated:
        bound = xw.arg("from_1904", vba=DATE_SYSTEM)(bound)
    # Last, as the outermost of decorators: each of the others sets the category and the guard back.
    return xw.func(category=CATEGORY, call_in_wizard=not slow(declared))(bound)


__all__ = list(functions())
globals().update({declared.name: _bound(declared) for declared in functions().values()})
