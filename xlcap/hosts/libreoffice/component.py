"""The add-in as LibreOffice runs it, in LibreOffice's own Python.

Calc reads a function's help from the configuration (``oxt``) and loads this when one is first called.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from xlcap.errors import XlcapError
from xlcap.functions import CellError, Function, functions
from xlcap.functions.registry import call_declared, failed, refused
from xlcap.hosts.libreoffice.cells import Grid, arguments, date_system, grid
from xlcap.hosts.libreoffice.names import INTERFACE, LONE_TEXTS, OPENED, SERVICE


def implementation() -> Any:
    """What LibreOffice's Python loader asks a component for."""
    import importlib

    uno, unohelper = importlib.import_module("uno"), importlib.import_module("unohelper")  # LibreOffice's alone
    asked = (INTERFACE, "com.sun.star.sheet.XAddIn", "com.sun.star.lang.XServiceName", "com.sun.star.lang.XServiceInfo")
    bases = (unohelper.Base, *map(uno.getClass, asked), _AddIn)
    helper = unohelper.ImplementationHelper()
    helper.addImplementation(type("Xlcap", bases, _methods()), SERVICE, (SERVICE,))
    job = (unohelper.Base, uno.getClass("com.sun.star.task.XJob"), _Opened)
    helper.addImplementation(type("XlcapOpened", job, {}), OPENED, (OPENED,))
    return helper


def _methods() -> dict[str, Callable[..., Any]]:
    return {name: _method(function) for name, function in functions().items()}


def _method(function: Function) -> Callable[..., Any]:
    def rows(_addin: object, document: Any, *given: Any) -> Grid:
        return answer(function, document, given)

    def one(_addin: object, document: Any, *given: Any) -> Any:
        return answer(function, document, given)[0][0]

    return one if function.name in LONE_TEXTS else rows


def answer(function: Function, document: Any, given: tuple[Any, ...]) -> Grid:
    """What a formula shows: the function's answer, or an error. Nothing is raised into Calc."""
    try:
        null = document.NullDate
        system = date_system(null.Year, null.Month, null.Day)
        found = grid(call_declared(function, arguments(function, given), date_system_year=system), system)
        if function.name in LONE_TEXTS and (len(found) > 1 or len(found[0]) > 1):
            raise XlcapError("in Calc it is asked one question at a time", where=function.name)
        return found
    except XlcapError as error:
        return grid(CellError(refused(function, error).code), 1900)
    except Exception as bug:
        return grid(CellError(failed(function, bug).code), 1900)


class _Opened:
    """Has a workbook that asks our functions computed when it is opened.

    Calc leaves the arrays of an Excel file until something shows them, and until then tells no cell that looks at them
    of a change: it would keep its old number.
    """

    def __init__(self, _context: object) -> None:
        pass

    def execute(self, told: Any) -> None:
        """What LibreOffice asks of a job."""
        environment = next(entry.Value for entry in told if entry.Name == "Environment")
        document = next((entry.Value for entry in environment if entry.Name == "Model"), None)
        if document is not None and _is_workbook(document) and any(map(_asks_us, document.Sheets)):
            was = document.isModified()
            document.calculate()
            document.setModified(was)


def _is_workbook(document: Any) -> bool:
    return bool(document.supportsService("com.sun.star.sheet.SpreadsheetDocument"))


def _asks_us(sheet: Any) -> bool:
    search = sheet.createSearchDescriptor()
    search.SearchRegularExpression = True
    search.SearchString = rf"\b({'|'.join(functions())})\("
    search.SearchCaseSensitive = True  # calls that Calc does not know, for they are not converted, are in small letters
    return sheet.findFirst(search) is not None


class _AddIn:
    """What Calc asks any add-in about itself; the names are UNO's, one of them misspelt there."""

    def __init__(self, _context: object) -> None:
        self._locale: Any = None
        self._functions = functions()

    def getServiceName(self) -> str:  # noqa: N802
        return SERVICE

    def getImplementationName(self) -> str:  # noqa: N802
        return SERVICE

    def supportsService(self, name: str) -> bool:  # noqa: N802
        return name == SERVICE

    def getSupportedServiceNames(self) -> tuple[str, ...]:  # noqa: N802
        return (SERVICE,)

    def setLocale(self, locale: Any) -> None:  # noqa: N802
        self._locale = locale

    def getLocale(self) -> Any:  # noqa: N802
        return self._locale

    def getProgrammaticFuntionName(self, shown: str) -> str:  # noqa: N802
        return shown if shown in self._functions else ""

    def getDisplayFunctionName(self, name: str) -> str:  # noqa: N802
        return name

    def getFunctionDescription(self, name: str) -> str:  # noqa: N802
        return self._functions[name].doc

    def getDisplayArgumentName(self, name: str, place: int) -> str:  # noqa: N802
        return self._functions[name].arguments[place - 1].name  # the document comes first, which Calc does not show

    def getArgumentDescription(self, name: str, place: int) -> str:  # noqa: N802
        return self._functions[name].arguments[place - 1].doc

    def getProgrammaticCategoryName(self, _name: str) -> str:  # noqa: N802
        return "Add-In"

    def getDisplayCategoryName(self, _name: str) -> str:  # noqa: N802
        return "Add-In"
