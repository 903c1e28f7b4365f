"""Where Excel looks when it starts: the add-in put there, taken away, and what is there now."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from xlcap.errors import XlcapError
from xlcap.hosts.excel import xlam
from xlcap.workbook import save
from xlcap.workbook.links import ADDIN


def folder() -> Path:
    """The folder whose files Excel opens when this user starts it. ``XlcapError`` where there is no Excel."""
    if sys.platform == "win32":
        return _of(Path(os.environ.get("APPDATA", ""), "Microsoft", "Excel")) / "XLSTART"
    if sys.platform == "darwin":
        office = _of(Path.home() / "Library" / "Group Containers" / "UBF8T346G9.Office")
        return office / "User Content.localized" / "Startup.localized" / "Excel"
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
    """Put the add-in into a folder, in place of an earlier one; there is a whole one before and after."""
    target = to / ADDIN
    if target.exists() and xlam.made(target) is None:
        raise XlcapError("is there and was not made by xlcap; move it away, then install again", where=str(target))
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
    """What there is: the folder, the add-in in it, what it was made from and what is here now."""
    target, here = to / ADDIN, xlam.installed_xlwings()
    lines = [("folder", str(to))]
    if not target.exists():
        return [*lines, ("add-in", "not installed: `xlcap addin install`"), ("xlwings here", here)]
    made = xlam.made(target)
    if made is None:
        return [*lines, ("add-in", f"{ADDIN} is there and was not made by xlcap"), ("xlwings here", here)]
    differs = "" if made.xlwings == here else f", and the add-in needs {made.xlwings}: install it again"
    gone = "" if not made.python or Path(made.python).exists() else " is not there: install the add-in again"
    return [
        *lines,
        ("add-in", f"xlcap {made.xlcap}, made with xlwings {made.xlwings}"),
        ("xlwings here", f"{here}{differs}"),
        ("its Python", f"{made.python or 'the one on the path'}{gone}"),
    ]
