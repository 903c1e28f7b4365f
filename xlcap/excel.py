"""``xlcap addin build``, ``install``, ``uninstall``, ``status``: the functions in Excel on Windows."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from xlcap.errors import XlcapError
from xlcap.functions import names
from xlcap.hosts.excel import intellisense, interpreter, startup, xlam
from xlcap.shipped import waterfall
from xlcap.workbook import Template, save, save_text
from xlcap.workbook.forms import Form, converted
from xlcap.workbook.links import ADDIN

ELSEWHERE = (
    "in a start-up folder of Excel it is there from the next start; in another, trust the folder, then Options, "
    "Add-ins, Go, Browse"
)
"""Of an add-in put into a folder that was named."""


def build(out: Path, model: Path | None = None, *, python: str | None = None, overwrite: bool = False) -> list[Path]:
    """Write the add-in, the help for IntelliSense and a model that carries the functions into a folder.

    Everything is made before anything is written. ``XlcapError`` if the model cannot be read or converted, the folder
    cannot be written to, or a model is there already and is not to be overwritten.
    """
    told = interpreter.told(python)
    model = model or waterfall()
    paths = [out / ADDIN, out / f"{model.stem}.xlsm", out / intellisense.FILE]
    if paths[1].exists() and not overwrite:  # somebody's work may be in it
        raise XlcapError("is there already; choose another folder, or replace it with --force", where=str(paths[1]))
    if paths[0].exists() and xlam.made(paths[0]) is None:
        raise XlcapError("is there and was not made by xlcap; choose another folder", where=str(paths[0]))
    template = Template.read(model)
    plain = converted(template, Form.PLAIN, frozenset(names()))
    for note in plain.notes:
        print(f"xlcap: note: {note}", file=sys.stderr)
    made = xlam.addin(told), xlam.workbook(Template(plain.data, model), told)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise XlcapError(f"cannot be made: {error.strerror}", where=str(out)) from None
    for path, data in zip(paths, made, strict=False):
        save(path, data)
    save_text(paths[-1], intellisense.document())
    return paths


def run_build(options: argparse.Namespace) -> int:
    """The command ``build``."""
    for path in build(options.out, options.model, python=options.python, overwrite=options.force):
        print(path)
    return 0


def run_install(options: argparse.Namespace) -> int:
    """The command ``install``."""
    made = startup.install(options.to or startup.folder(), interpreter.told(options.python))
    print(f"{made}: {ELSEWHERE if options.to else 'Excel has it from its next start'}")
    return 0


def run_uninstall(options: argparse.Namespace) -> int:
    """The command ``uninstall``."""
    gone = startup.uninstall(options.to or startup.folder())
    print("xlcap is taken away" if gone else "xlcap was not installed there")
    return 0


def run_status(options: argparse.Namespace) -> int:
    """The command ``status``."""
    for what, told in startup.status(options.to or startup.folder()):
        print(f"{what:12}  {told}")
    return 0
