"""Small workbooks to test with, made by openpyxl and, where it cannot, by replacing bytes in a part."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

from openpyxl import Workbook, load_workbook
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.table import Table

SHEET = "xl/worksheets/sheet1.xml"


def book(
    path: Path,
    cells: Mapping[str, object],
    *,
    names: Mapping[str, str] | None = None,
    tables: Mapping[str, str] | None = None,
    merge: str | None = None,
    date1904: bool = False,
    recalculated: bool = False,
) -> Path:
    """A workbook of one sheet, "S"."""
    made = Workbook()
    sheet = made.active
    assert sheet is not None
    sheet.title = "S"
    for place, value in cells.items():
        sheet[place] = value
    for name, text in (names or {}).items():
        made.defined_names[name] = DefinedName(name, attr_text=text)
    for name, ref in (tables or {}).items():
        sheet.add_table(Table(displayName=name, ref=ref))
    if merge:
        sheet.merge_cells(merge)
    if date1904:
        from openpyxl.utils.datetime import CALENDAR_MAC_1904

        made.epoch = CALENDAR_MAC_1904
    made.calculation.fullCalcOnLoad = recalculated
    made.calculation.calcId = 124519 if recalculated else 191029
    made.save(path)
    return path


def edited(path: Path, part: str, *replacements: tuple[str, str]) -> Path:
    """The file with text in one of its parts replaced; every replacement must find something."""
    parts = members(path.read_bytes())
    text = parts[part].decode()
    for old, new in replacements:
        assert old in text, f"{old!r} is not in {text}"
        text = text.replace(old, new)
    parts[part] = text.encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return path


def members(data: bytes) -> dict[str, bytes]:
    """Every part of a package."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def values(data: bytes, sheet: str = "S") -> dict[str, object]:
    """The values a reader finds without computing, by cell."""
    cells = (c for row in load_workbook(io.BytesIO(data), data_only=True)[sheet].iter_rows() for c in row)
    return {c.coordinate: c.value for c in cells if c.value is not None}
