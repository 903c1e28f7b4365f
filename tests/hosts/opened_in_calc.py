"""Run by LibreOffice's own Python: a workbook opened, one of its cells given a value, and another read.

It prints one line of JSON: whether opening changed the workbook, and what the other cell then shows.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "xlcap" / "hosts" / "libreoffice"))

from extensions import running

if __name__ == "__main__":
    program, profile, book, place, value, beside = sys.argv[1:]
    with running(program, profile) as context:
        desktop = context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
        document = desktop.loadComponentFromURL(book, "_blank", 0, ())  # not hidden, for a hidden one is not announced
        modified = document.isModified()
        sheet = document.Sheets.getByIndex(0)
        sheet.getCellRangeByName(place).Value = float(value)
        print(json.dumps([modified, sheet.getCellRangeByName(beside).String]))
        document.close(True)
