"""``xlcap addin build``, ``install``, ``uninstall``, ``status``: the functions in Excel on Windows."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from xlcap.errors import XlcapError
from xlcap.functions import names
from xlcap.hosts.excel import intellisense, startup, xlam
from xlcap.shipped import waterfall
from xlcap.workbook import Template, save, save_text
from xlcap.workbook.forms import Form, converted
from xlcap.workbook.links import ADDIN


def build(out: Path, model: Path | None = None, *, python: str | None = None) -> list[Path]:
    """Write the add-in, the help for IntelliSense and a model that carries the functions into a folder.

    Everything is made before anything is written. ``XlcapError`` if the model cannot be read or converted, or the
    folder cannot be written to.
    """
    told = xlam.this_python() if python is None else python
    model = model or waterfall()
    template = Template.read(model)
    plain = converted(template, Form.PLAIN, frozenset(names()))
    for note in plain.notes:
        print(f"xlcap: note: {note}", file=sys.stderr)
    made = xlam.addin(told), xlam.workbook(Template(plain.data, model), told)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise XlcapError(f"cannot be made: {error.strerror}", where=str(out)) from None
    paths = [out / ADDIN, out / f"{model.stem}.xlsm", out / intellisense.FILE]
    for path, data in zip(paths, made, strict=False):
        save(path, data)
    save_text(paths[-1], intellisense.document())
    return paths


def run_build(options: argparse.Namespace) -> int:
    """The command ``build``."""
    for path in build(options.out, options.model, python=options.python):
        print(path)
    return 0


def run_install(options: argparse.Namespace) -> int:
    """The command ``install``."""
    python = xlam.this_python() if options.python is None else options.python
    print(f"{startup.install(options.to or startup.folder(), python)}: Excel has it from its next start")
    if sys.platform == "darwin":
        told = "on a Mac Excel cannot ask Python through it, for xlwings can on Windows only: take `xlcap addin lite`"
        print(f"xlcap: note: {told}", file=sys.stderr)
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
