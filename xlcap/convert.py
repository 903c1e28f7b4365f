"""``xlcap convert``: a workbook's calls brought from one stored form to another, so that it can go where it is used."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from xlcap import functions
from xlcap.errors import XlcapError
from xlcap.hosts.libreoffice.cells import blanks_unlike_zero
from xlcap.workbook import Template, save
from xlcap.workbook.forms import Form, converted


def convert(path: Path, form: Form, out: Path, *, addin: str | None = None, overwrite: bool = False) -> str:
    """Write a workbook with its calls in another form, and say what was done.

    ``addin`` is the name or the path of Excel's add-in, for links to it. ``XlcapError`` if the file cannot be read, a
    call cannot be converted, or ``out`` is there already and is not to be overwritten.
    """
    if out.suffix.lower() != path.suffix.lower():
        raise XlcapError(f"is to end in {path.suffix}, as {path.name} does", where=f"--out {out}")
    if out.exists() and not overwrite:
        raise XlcapError("is there already; choose another name, or replace it with --force", where=f"--out {out}")
    made = converted(Template.read(path), form, frozenset(functions.names()), addin, blanks_unlike_zero())
    save(out, made.data)
    for note in made.notes:
        print(f"xlcap: note: {note}", file=sys.stderr)
    told = ", ".join(f"{count} {found}" for found, count in made.forms.items())
    return f"{out}: {told} -> {form}" if told else f"{out}: a copy, for {path.name} calls none of xlcap's functions"


def form_told(word: str) -> Form:
    """The form a user means with ``--to``."""
    try:
        return Form(word)
    except ValueError:
        raise XlcapError(f"is no form; the forms are: {', '.join(Form)}", where=f"--to {word}") from None


def run(options: argparse.Namespace) -> int:
    """The command."""
    print(convert(options.file, form_told(options.to), options.out, addin=options.addin, overwrite=options.force))
    return 0
