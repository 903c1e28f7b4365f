"""What travels with the package beside its code: in it once installed, elsewhere in a checkout."""

from __future__ import annotations

from pathlib import Path

import xlcap
from xlcap.errors import XlcapError


def workbooks() -> Path:
    """The folder of templates and sample data."""
    return _found("_workbooks", "workbooks")


def waterfall() -> Path:
    """The workbook that is taken where a command is told none."""
    return workbooks() / "waterfall.xlsx"


def golden_table() -> Path:
    """The calls and answers with which hosts are tested."""
    return _found("_golden.json", "tests/hosts/golden.json")


def _found(installed: str, checkout: str) -> Path:
    package = Path(xlcap.__file__).parent
    for path in (package / installed, package.parent / checkout):
        if path.exists():
            return path
    raise XlcapError("is not there; install xlcap again", where=str(package / installed))
