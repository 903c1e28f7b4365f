"""``xlcap addin lite``: a workbook that brings its own functions, for xlwings Lite."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from xlcap.errors import XlcapError
from xlcap.functions import names
from xlcap.hosts.excel.lite import carrying
from xlcap.shipped import waterfall
from xlcap.workbook import Template, save
from xlcap.workbook.forms import Form, converted


def lite(out: Path, model: Path | None = None, *, requirement: str | None = None, overwrite: bool = False) -> None:
    """Write a workbook whose calls xlwings Lite answers, with the code and the requirements it needs in it.

    ``requirement`` is the line of requirements.txt for xlcap, such as the address of a wheel. ``XlcapError`` if the
    workbook cannot be read or converted, or ``out`` is there already and is not to be overwritten.
    """
    if requirement is not None and len(requirement.strip().splitlines()) != 1:
        raise XlcapError("is to be one line of requirements.txt", where=f"--requirement {requirement!r}")
    model = model or waterfall()
    if out.suffix.lower() != model.suffix.lower():
        raise XlcapError(f"is to end in {model.suffix}, as {model.name} does", where=f"--out {out}")
    if out.exists() and not overwrite:
        raise XlcapError("is there already; choose another name, or replace it with --force", where=f"--out {out}")
    made = converted(Template.read(model), Form.OFFICEJS, frozenset(names()))
    save(out, carrying(made.data, model, requirement))
    for note in made.notes:
        print(f"xlcap: note: {note}", file=sys.stderr)


def run(options: argparse.Namespace) -> int:
    """The command."""
    lite(options.out, options.model, requirement=options.requirement, overwrite=options.force)
    print(f"{options.out}: open it in Excel with xlwings Lite, which the Office store has")
    return 0
