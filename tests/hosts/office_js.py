"""xlwings' own Office.js code, which answers in xlwings Lite and Server: its metadata, its calls, its conversions.

That code is xlwings' ``pro`` folder. It is free for noncommercial use, which these tests are
(https://polyformproject.org/licenses/noncommercial/1.0.0), unless ``XLWINGS_LICENSE_KEY`` holds a key of one's own;
nothing outside these tests touches it. It is asked in a process of its own, without pandas and numpy.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import multiprocessing
import os
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Any

from golden import Call, difference

from xlcap.cells import CellError, serial
from xlcap.functions import functions

_ERRORS = {
    "Div0": "#DIV/0!",
    "Name": "#NAME?",
    "NotAvailable": "#N/A",
    "Null": "#NULL!",
    "Num": "#NUM!",
    "Ref": "#REF!",
    "Value": "#VALUE!",
}


def office() -> ProcessPoolExecutor:
    """A process with xlwings as in xlwings Lite, which runs the functions of this module."""
    return ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), initializer=_install)


def _install() -> None:
    os.environ["XLWINGS_ON_SERVER"] = "true"
    os.environ.setdefault("XLWINGS_LICENSE_KEY", "noncommercial")
    for name in ("numpy", "pandas"):
        sys.modules[name] = None  # type: ignore[assignment]
    main = type(sys)("main")
    exec("from xlcap.udfs import *", vars(main))
    sys.modules["main"] = main


def metadata() -> dict[str, Any]:
    """What Excel is told about the functions."""
    from xlwings.server import custom_functions_meta

    told: dict[str, Any] = custom_functions_meta(sys.modules["main"])
    return told


def formula(name: str, args: Sequence[Any]) -> tuple[Any, str]:
    """What the cell of ``=XLCAP.NAME(args)`` shows, and the message beside an error.

    Lists of rows are ranges, None an argument left out. An exception shows as #VALUE!, with its message.
    """
    from xlwings.server import custom_functions_call

    question = {
        "client": "Office.js",
        "func_name": name,
        "args": [sent(arg) for arg in args],
        "caller_address": "[Book1.xlsx]Sheet1!A1",
        "culture_info_name": "en-US",
        "date_format": "m/d/yyyy",
        "version": "",
        "runtime": "1.4",
    }
    try:
        answer = asyncio.run(custom_functions_call(question, sys.modules["main"]))
    except Exception as error:
        return CellError("#VALUE!"), str(error)
    return received(answer), ""


def sent(arg: Any) -> list[list[Any]] | None:
    """An argument as Excel hands it to xlwings."""
    if arg is None:
        return None
    return [[_cell(cell) for cell in row] for row in (arg if isinstance(arg, list) else [[arg]])]


def _cell(cell: Any) -> Any:
    """A cell as JavaScript hands it over: whole numbers without a point, dates as serial numbers, blanks as texts."""
    if isinstance(cell, CellError):
        return {"type": "Error", "basicType": "Error", "basicValue": cell.code}
    if isinstance(cell, dt.date):
        cell = serial(cell)
    if isinstance(cell, float) and cell.is_integer():
        return int(cell)
    return "" if cell is None else cell


def received(rows: Any) -> Any:
    """What xlwings answers as Excel shows it; what is no JSON is a TypeError."""
    return [[_shown(cell) for cell in row] for row in rows]


def enterable(asked: Call) -> bool:
    """Whether Excel lets such a formula be entered: it does not with more arguments than there are."""
    return len(asked.args) <= len(functions()[asked.function].arguments)


def shown_otherwise(asked: Call, answer: Any, message: str) -> str | None:
    """What Excel shows that is not what the table says, in words; #VALUE! shows its message too."""
    if isinstance(asked.expect, dict) and asked.expect.get("error") == "#VALUE!":
        says = asked.expect.get("says", "")
        if says not in message:
            return f"{says!r} expected in {message!r}"
    return difference(answer, asked.expect)


def _shown(cell: Any) -> Any:
    if isinstance(cell, dict):
        return CellError(_ERRORS[cell["errorType"]]) if cell["type"] == "Error" else cell["basicValue"]
    if not isinstance(cell, str | float | int | bool):
        raise TypeError(f"{cell!r} is no JSON")
    return cell


def modules() -> set[str]:
    """What has been imported."""
    return {name for name, module in sys.modules.items() if module is not None}


def runs(files: dict[str, str]) -> set[str]:
    """The functions Lite finds when it runs the main.py a workbook carries."""
    from xlwings.server import custom_functions_meta

    main = type(sys)("carried")
    exec(files["main.py"], vars(main))
    return {facts["id"] for facts in custom_functions_meta(main)["functions"]}
