"""``xlcap addin``: its commands as the command line shows them. What they do is imported when they run."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from xlcap.errors import XlcapError

_BUILD = """\
Write into FOLDER what Excel on Windows needs, made from the xlwings installed here:

  xlcap.xlam              the add-in, with the functions, their help, and which Python answers
  waterfall.xlsm          MODEL with the functions in it, for where there is no add-in
  xlcap.intellisense.xml  the help for Excel-DNA IntelliSense, for a workbook of one's own with the functions in it:
                          named like the workbook, beside it. The two above carry it.

The Python Excel starts is the one that runs this command (on a computer without Excel: the one on Excel's path); it
needs xlcap, and xlwings in the very version the add-in is made with. For other computers: --python pythonw, the one on
their path.

  xlcap addin build --out for-excel
"""

_INSTALL = """\
Put xlcap.xlam into the folder whose files Excel opens when it starts, in place of an earlier one; close Excel first.
Nothing else is put there, for Excel would open that too.

  xlcap addin install
  xlcap addin status
"""

_SELFTEST = """\
Write a workbook that asks a spreadsheet program the table of calls our tests ask every host, each answer beside the one
expected. Open it where the functions are: the first sheet counts the calls that differ and marks them.

  xlcap addin selftest --out selftest.xlsx
"""

_LITE = """\
Write a copy of MODEL that works in Excel with xlwings Lite (Windows, Mac and the web, no Python needed): its calls in
the form of Excel anywhere, and in it main.py and requirements.txt, which Lite runs when the workbook is opened.

LINE is a line of requirements.txt: "xlcap==0.1.0", or the address of a wheel, https://example.com/xlcap-0.1.0-py3-none-any.whl

  xlcap addin lite model.xlsx --out model-lite.xlsx
"""

_LIBREOFFICE = """\
The functions in LibreOffice Calc: in its function wizard under Add-in, with their help, and in every formula. They run
in LibreOffice's own Python (3.11 or later), and nothing is to be installed there.

  build      write the extension xlcap.oxt, to be opened with LibreOffice on this or another computer
  install    put it into your LibreOffice, in place of an earlier version; close LibreOffice first
  uninstall  take it away
  status     say which LibreOffice there is, whether its Python suffices, and what is installed

  xlcap addin libreoffice install
"""

_VBA = """\
Write the VBA module through which cells call the functions in Excel on Windows, for a workbook that has xlwings. Import
it instead of xlwings' "Import Functions": errors then are errors, not texts. docs/install-xlwings.md has the steps.
"""


def declare(command: Callable[..., Any]) -> None:
    """Declare the commands; ``command(name, run, help, text)`` makes the parser of one."""
    build = command("build", _build, "Excel on Windows: the add-in and a model, into a folder", _BUILD)
    build.add_argument("model", metavar="MODEL", type=Path, nargs="?", help="default: the waterfall shipped with xlcap")
    build.add_argument("--out", metavar="FOLDER", type=Path, required=True, help="where they go; made if need be")
    build.add_argument("--python", metavar="PATH", help="another python.exe for Excel to start")
    build.add_argument("--force", action="store_true", help="replace a model that is there already")

    install = command("install", _install, "put the add-in where Excel on Windows looks", _INSTALL)
    install.add_argument("--python", metavar="PATH", help="another python.exe for Excel to start")
    uninstall = command("uninstall", _uninstall, "take Excel's add-in away")
    status = command("status", _status, "say which add-in Excel has, and whether it fits what is installed here")
    for among in (install, uninstall, status):
        among.add_argument("--to", metavar="FOLDER", type=Path, help="another folder than Excel's own start-up folder")

    selftest = command("selftest", _selftest, "a workbook that shows whether a program answers as it should", _SELFTEST)
    selftest.add_argument("--out", metavar="FILE", type=Path, required=True, help="an .xlsx file")
    selftest.add_argument(
        "--to", metavar="FORM", default="xlam", help="the form of its calls, as for convert (default: xlam)"
    )
    selftest.add_argument("--force", action="store_true", help="replace a workbook that is there already")

    lite = command("lite", _lite, "a workbook for xlwings Lite that brings the functions", _LITE)
    lite.add_argument("model", metavar="MODEL", type=Path, nargs="?", help="default: the waterfall shipped with xlcap")
    lite.add_argument("--out", metavar="FILE", type=Path, required=True, help="the workbook to write")
    lite.add_argument("--requirement", metavar="LINE", help="where xlcap comes from (default: PyPI, in this version)")
    lite.add_argument("--force", action="store_true", help="replace a workbook that is there already")

    libreoffice = command("libreoffice", _libreoffice, "the functions in LibreOffice Calc", _LIBREOFFICE)
    libreoffice.add_argument("action", metavar="ACTION", choices=("build", "install", "uninstall", "status"))
    libreoffice.add_argument("--profile", metavar="FOLDER", type=Path, help="another LibreOffice profile than your own")
    libreoffice.add_argument("--out", metavar="FILE", type=Path, help="with build: the file (default: xlcap.oxt)")

    vba = command("vba", _vba, "the functions as a VBA module, for a workbook of one's own with xlwings", _VBA)
    vba.add_argument("--out", metavar="FILE", type=Path, required=True, help="a .bas file")


def _build(options: argparse.Namespace) -> int:
    from xlcap.excel import run_build

    return run_build(options)


def _install(options: argparse.Namespace) -> int:
    from xlcap.excel import run_install

    return run_install(options)


def _uninstall(options: argparse.Namespace) -> int:
    from xlcap.excel import run_uninstall

    return run_uninstall(options)


def _status(options: argparse.Namespace) -> int:
    from xlcap.excel import run_status

    return run_status(options)


def _selftest(options: argparse.Namespace) -> int:
    from xlcap.selftest import run

    return run(options)


def _lite(options: argparse.Namespace) -> int:
    from xlcap.lite import run

    return run(options)


def _libreoffice(options: argparse.Namespace) -> int:
    from xlcap.libreoffice import run

    return run(options)


def _vba(options: argparse.Namespace) -> int:
    from xlcap.hosts.excel.vba import module
    from xlcap.workbook import save_text

    if options.out.suffix.lower() != ".bas":
        raise XlcapError("is to end in .bas", where=f"--out {options.out}")
    save_text(options.out, module().replace("\n", "\r\n"))
    print(f"{options.out}: import it in Excel's VBA editor (Alt+F11, File, Import File)")
    return 0
