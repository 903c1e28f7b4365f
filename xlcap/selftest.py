"""``xlcap addin selftest``: a workbook with which a spreadsheet program shows whether it answers as it should."""

from __future__ import annotations

import argparse
from pathlib import Path

from xlcap.convert import form_told
from xlcap.errors import XlcapError
from xlcap.hosts.golden import calls
from xlcap.hosts.selftest import SHEET, workbook
from xlcap.workbook import save
from xlcap.workbook.forms import Form


def selftest(out: Path, form: Form = Form.XLAM, *, overwrite: bool = False) -> int:
    """Write the workbook, its calls in a form, and say how many there are.

    ``XlcapError`` if ``out`` is no .xlsx file, or is there already and is not to be overwritten.
    """
    if out.suffix.lower() != ".xlsx":
        raise XlcapError("is to end in .xlsx", where=f"--out {out}")
    if out.exists() and not overwrite:
        raise XlcapError("is there already; choose another name, or replace it with --force", where=f"--out {out}")
    asked = calls()
    save(out, workbook(asked, form, out))
    return len(asked)


def run(options: argparse.Namespace) -> int:
    """The command."""
    count = selftest(options.out, form_told(options.to), overwrite=options.force)
    print(f"{options.out}: {count} calls; open it where the functions are, and look at the sheet {SHEET}")
    return 0
