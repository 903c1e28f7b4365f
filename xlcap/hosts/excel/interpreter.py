"""The Python that Excel is to start: how it is told, and whether it can answer.

xlwings' VBA hands it to ``cmd.exe`` and looks for its own library in the folder of that Python and in the one above.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path, PureWindowsPath

from xlcap.errors import XlcapError

ON_PATH = ("python", "pythonw")
"""What stands for the Python found on Excel's path, or in the Conda environment that xlwings' settings name."""

_ASKED = """\
import importlib.metadata as installed, json
def version(package):
    try:
        return installed.version(package)
    except installed.PackageNotFoundError:
        return ""
print(json.dumps([version(package) for package in ("xlcap", "xlwings")]))
"""


def told(python: str | None) -> str:
    """The Python as the add-in is told: by default the one that runs now, or none where there is no Excel.

    >>> told(r"C:\\\\venv\\\\Scripts\\\\python.exe")
    'C:\\\\venv\\\\Scripts\\\\python.exe'

    ``XlcapError`` for what Excel could not start wherever it runs, such as ``python.exe`` without its folder.
    """
    if python is None:
        return sys.executable if sys.platform == "win32" else ""
    path = str(PureWindowsPath(python))  # xlwings looks for the last backslash
    whole = path.startswith("%") or PureWindowsPath(path).is_absolute() or path in ON_PATH
    if not whole or not path.isprintable() or set(path) & set('"<>|*?'):
        raise XlcapError(
            r"is no whole path, such as C:\Users\me\venv\Scripts\python.exe; `pythonw` is the one on Excel's path",
            where=f"--python {python!r}",
        )
    return path


def fault(python: str, xlwings: str) -> str | None:
    """Why the Python named cannot answer an add-in made with a version of xlwings; None if it can, or is not here."""
    if sys.platform != "win32" or not python:
        return None
    path = os.path.expandvars(python)
    try:
        answer = subprocess.run([path, "-c", _ASKED], capture_output=True, timeout=60, check=True).stdout
        xlcap, found = json.loads(answer)
    except FileNotFoundError:
        return "is not there: run `xlcap addin install` with the Python that has xlcap"
    except (OSError, ValueError, subprocess.SubprocessError):
        return "does not run, or is no Python"
    if not xlcap or not found:
        return f'lacks {"xlcap" if found else "xlwings"}: `"{path}" -m pip install "xlcap[excel]"` brings it'
    if found != xlwings:
        return f"has xlwings {found}, and the add-in needs {xlwings}: run `xlcap addin install` with that Python"
    return None if python in ON_PATH else _library_missing(Path(path), xlwings)


def _library_missing(python: Path, xlwings: str) -> str | None:
    library = f"xlwings64-{xlwings}.dll"
    if any((folder / library).exists() for folder in python.parents[:2]):
        return None
    return f"has no {library} in its folder or the one above: install xlcap in an environment of its own, `py -m venv`"
