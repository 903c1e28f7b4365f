"""Run by LibreOffice's own Python: what formulas show in a workbook whose macros run. It prints one line of JSON."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2] / "xlcap" / "hosts" / "libreoffice"))

from extensions import running


def shown(context: Any, url: str, formulas: list[str]) -> list[str]:
    """The text of each formula's cell, entered one after the other into column K."""
    import uno

    told = []
    for name, value in (("Hidden", True), ("MacroExecutionMode", 4)):  # always, without a warning
        told.append(uno.createUnoStruct("com.sun.star.beans.PropertyValue"))
        told[-1].Name, told[-1].Value = name, value
    desktop = context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
    document = desktop.loadComponentFromURL(url, "_blank", 0, tuple(told))
    cells = [document.Sheets.getByIndex(0).getCellByPosition(10, row) for row in range(len(formulas))]
    answers = []
    for cell, formula in zip(cells, formulas, strict=True):
        cell.Formula = formula
        answers.append(cell.String)
    document.close(True)
    return answers


if __name__ == "__main__":
    program, profile, url, asked = sys.argv[1:]
    with running(program, profile) as office:
        print(json.dumps(shown(office, url, json.loads(asked))))
