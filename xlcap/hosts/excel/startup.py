"""Where Excel looks when it starts: the add-in put there, taken away, and what is there now."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from xlcap import __version__
from xlcap.errors import XlcapError
from xlcap.hosts.excel import interpreter, xlam
from xlcap.workbook import save
from xlcap.workbook.links import ADDIN


def folder() -> Path:
    """The folder whose files Excel opens when this user starts it. ``XlcapError`` where no Excel can ask Python."""
    if sys.platform == "win32":
        return _of(Path(os.environ.get("APPDATA", ""), "Microsoft", "Excel")) / "XLSTART"
    if sys.platform == "darwin":
        raise XlcapError(
            "Excel on a Mac cannot ask Python through this add-in; `xlcap addin lite` makes a workbook that brings the "
            "functions there, with xlwings Lite"
        )
    raise XlcapError(
        "Excel does not run on this computer; --to names a folder of one where it does, and for LibreOffice there is "
        "`xlcap addin libreoffice`"
    )


def _of(excel: Path) -> Path:
    if not excel.is_dir():
        raise XlcapError(
            "is not there: Excel is not installed, or this user has never started it; start it once, or name its "
            "start-up folder with --to",
            where=str(excel),
        )
    return excel


def install(to: Path, python: str) -> Path:
    """Put the add-in into a folder, in place of an earlier one; there is a whole one before and after.

    ``XlcapError`` if the Python named is here and could not answer, or what is there is somebody else's.
    """
    target = to / ADDIN
    if target.exists() and xlam.made(target) is None:
        raise XlcapError("is there and was not made by xlcap; move it away, then try again", where=str(target))
    if fault := interpreter.fault(python, xlam.installed_xlwings()):
        raise XlcapError(fault, where=python)
    made = xlam.addin(python)
    try:
        to.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise XlcapError(f"cannot be made: {error.strerror}; --to names another folder", where=str(to)) from None
    save(target, made)
    return target


def uninstall(to: Path) -> bool:
    """Take the add-in away; whether it was there. A file of this name that xlcap did not make stays."""
    target = to / ADDIN
    if not target.exists():
        return False
    if xlam.made(target) is None:
        raise XlcapError("was not made by xlcap, and stays; remove it yourself if it is to go", where=str(target))
    try:
        target.unlink()
    except OSError as error:
        raise XlcapError(f"cannot be removed: {error.strerror}; close Excel and try again", where=str(target)) from None
    return True


def status(to: Path) -> list[tuple[str, str]]:
    """What there is: the folder, the add-in in it, what it was made from, and whether its Python can answer."""
    target = to / ADDIN
    lines = [("folder", str(to))]
    if not target.exists():
        return [*lines, ("add-in", "not installed: `xlcap addin install`")]
    made = xlam.made(target)
    if made is None:
        return [*lines, ("add-in", f"{ADDIN} is there and was not made by xlcap")]
    older = "" if made.xlcap == __version__ else f"; here is xlcap {__version__}: install it again"
    fault = interpreter.fault(made.python, made.xlwings)
    return [
        *lines,
        ("add-in", f"xlcap {made.xlcap}, made with xlwings {made.xlwings}{older}"),
        ("its Python", f"{made.python or 'the one on the path'}{f' {fault}' if fault else ''}"),
    ]
