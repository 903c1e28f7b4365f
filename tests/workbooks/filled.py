"""A filled report as tests read it."""

from __future__ import annotations

import csv
import datetime as dt
import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook

from xlcap.batch.demo import demo
from xlcap.batch.report import Report

Made = Callable[[str], tuple[Report, Path]]
"""Makes the reports of a sample: what became of its rows, and the folder they are in."""


class Filled:
    """A report as openpyxl reads it, uncalculated."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.book: Workbook = load_workbook(path, data_only=True)

    def __getitem__(self, name: str) -> Any:
        """The value of a named cell."""
        sheet, _, cell = self.book.defined_names[name].attr_text.partition("!")
        value = self.book[sheet.strip("'")][cell.replace("$", "")].value
        return value.date() if isinstance(value, dt.datetime) else value

    def rows(self, sheet: str, area: str) -> list[list[Any]]:
        """The rows of an area that hold something."""
        found = [[cell.value for cell in row] for row in self.book[sheet][area]]
        return [row for row in found if any(value not in (None, "") for value in row)]

    def history(self) -> dict[str, list[Any]]:
        """The steps of the conversion price as the sheet Conversion shows them, by event and outcome."""
        return {f"{row[3]} {row[4]}": row for row in self.rows("Conversion", "B5:L30")}

    def certificate(self) -> dict[str, Any]:
        """The certificate of adjustment, what and which."""
        return {row[0]: row[1] for row in self.rows("Certificate of adjustment", "B6:C38")}


def prices(sample: str) -> list[dict[str, str]]:
    """The closing prices of a sample as the file has them."""
    with (demo(sample=sample).folder / "prices.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def parts(data: bytes) -> dict[str, bytes]:
    """What a workbook's file holds, whatever way it is packed."""
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        return {name: file.read(name) for name in file.namelist()}
