"""Run by LibreOffice's own Python: what Calc's function wizard shows of the add-in, and what formulas show.

The formulas come as lines of JSON: cell and formula, in order. It prints one line of JSON.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2] / "xlcap" / "hosts" / "libreoffice"))

from extensions import running

ADD_IN = 11  # com.sun.star.sheet.FunctionCategory.ADDINS


def wizard(context: Any) -> dict[str, Any]:
    """Every function of the category Add-in: its help, and each argument with its own."""
    known = context.ServiceManager.createInstanceWithContext("com.sun.star.sheet.FunctionDescriptions", context)
    shown = {}
    for place in range(known.getCount()):
        told = {entry.Name: entry.Value for entry in known.getByIndex(place)}
        if told["Category"] == ADD_IN:
            arguments = [[argument.Name, argument.Description] for argument in told["Arguments"] or ()]
            shown[told["Name"]] = [told["Description"], arguments]
    return shown


def cells(context: Any, formulas: list[list[str]], null_year: int) -> dict[str, Any]:
    """What each cell of a new sheet shows: its text, and Calc's number for its error."""
    import uno

    hidden = uno.createUnoStruct("com.sun.star.beans.PropertyValue")
    hidden.Name, hidden.Value = "Hidden", True
    desktop = context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
    document = desktop.loadComponentFromURL("private:factory/scalc", "_blank", 0, (hidden,))
    if null_year == 1904:
        zero = document.NullDate
        zero.Day, zero.Month, zero.Year = 1, 1, 1904
        document.NullDate = zero
    sheet = document.Sheets.getByIndex(0)
    shown = {}
    for place, formula in formulas:
        cell = sheet.getCellRangeByName(place)
        cell.Formula = formula
        shown[place] = [cell.String, cell.getError()]
    document.close(True)
    return shown


if __name__ == "__main__":
    program, profile, asked = sys.argv[1:]
    told = json.loads(asked)
    with running(program, profile) as office:
        print(json.dumps([wizard(office), *(cells(office, formulas, year) for year, formulas in told)]))
