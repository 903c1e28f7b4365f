"""Excel's add-in, and workbooks that carry the functions themselves: xlwings' own VBA with ours beside it.

xlwings comes with an add-in to start from; its VBA names the library of that very version, so the add-in is made from
the xlwings installed here. What it is to know (which Python, which module) stands on a hidden sheet, where xlwings'
VBA looks first; the versions it was made from stand there too. In one thing its VBA is changed: it asks the workbook it
is in, not the active one, which could be anybody's and would say which program is to be started.
"""

from __future__ import annotations

import importlib.metadata as metadata
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple
from xml.sax.saxutils import escape, quoteattr

from pyopenvba import ExcelFile, VBAModuleKind  # type: ignore[import-untyped]

from xlcap import __version__
from xlcap.errors import XlcapError
from xlcap.hosts.excel import intellisense, vba
from xlcap.workbook import WorkbookError
from xlcap.workbook.package import CONTENT_TYPES, Package, appended, parse, rels_of
from xlcap.workbook.template import Template

_PROJECT = "xlcap"
_SHEET = f"{_PROJECT}.conf"
"""xlwings' VBA reads the sheet of this name, by the project's."""

_SOURCE = "xlwings/quickstart_addin.xlam"
_ITS_SHEET = "xl/worksheets/sheet1.xml"
_HELP = "customXml/xlcapHelp.xml"
_SPREADSHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_WORKSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
_PLAIN = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
_WITH_MACROS = b"application/vnd.ms-excel.sheet.macroEnabled.main+xml"

_ASKING = re.compile(
    r"^Function (?:GetConfig|GetDirectoryConfigFilePath|XLPyCommand)\(.*?^End Function", re.DOTALL | re.MULTILINE
)
"""The functions of xlwings' VBA that find out what Excel is to start."""

_ABOUT = f"""\
{_HEAD}<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" \
xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>xlcap {__version__}</dc:title><dc:creator>xlcap</dc:creator>\
<dc:description>Functions for convertible preferred stock</dc:description></cp:coreProperties>"""
"""What Excel's list of add-ins shows."""

_OPENED = """\
Private Sub Workbook_Open()
    'Help for the function wizard, which Excel takes from no hidden workbook: for this moment it is none.
    On Error Resume Next
    Application.ScreenUpdating = False
{shown}    XlcapHelp
{hidden}    Me.Saved = True
    Application.ScreenUpdating = True
End Sub
"""
_SHOWN = "    Me.IsAddin = False\n    Me.Windows(1).Visible = True\n"
_HIDDEN = "    Me.IsAddin = True\n"


class Made(NamedTuple):
    """What an add-in was made from."""

    xlcap: str
    xlwings: str
    python: str  # empty: the one on the path


def installed_xlwings() -> str:
    """The version of the xlwings installed here."""
    return _xlwings().version


def addin(python: str) -> bytes:
    """The add-in. ``python`` is the program that answers; none told, Excel takes the one on its path."""
    source = Path(str(_xlwings().locate_file(_SOURCE)))
    try:
        package = Package(source.read_bytes(), source)
    except OSError as error:
        raise XlcapError(f"cannot be read: {error.strerror}; install xlwings again", where=str(source)) from None
    book = package.read("xl/workbook.xml")
    changed = {
        _ITS_SHEET: _configuration(python, "Sheet2"),
        "xl/workbook.xml": book.replace(b'"_myaddin.conf"', f'"{_SHEET}"'.encode()),
        "docProps/core.xml": _ABOUT.encode(),
        **_help(package, "xl/workbook.xml"),
    }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "xlcap.xlam")
        path.write_bytes(package.replaced(changed))
        with ExcelFile(path) as file:
            file.vba_project().delete_module("Module1")  # xlwings' sample
            _completed(file, dict(file.vba_modules()), _OPENED.format(shown=_SHOWN, hidden=_HIDDEN))
            file.save()
        return path.read_bytes()


def workbook(template: Template, python: str) -> bytes:
    """The workbook with the functions in it, as .xlsm; its calls are to be in the form of VBA already.

    ``WorkbookError`` if it has macros, is of a kind that cannot have them, or has a sheet of the name we need.
    """
    package = template.package
    if any(part.lower().endswith("vbaproject.bin") for part in package.parts):
        raise WorkbookError(
            "has macros already; import the functions into it: `xlcap addin vba` writes them", where=str(template.path)
        )
    types = package.read(CONTENT_TYPES)
    if b"purl.oclc.org" in package.read(template.part) or not (_PLAIN in types or _WITH_MACROS in types):
        raise WorkbookError(
            "cannot have macros, being a template or Strict Open XML; save it as an Excel Workbook (*.xlsx)",
            where=str(template.path),
        )
    with tempfile.TemporaryDirectory() as folder:
        source, path = Path(folder, "xlcap.xlam"), Path(folder, "workbook.xlsm")
        source.write_bytes(addin(python))
        path.write_bytes(_configured(template, python))
        with ExcelFile(source) as file:
            modules = dict(file.vba_modules())
        with ExcelFile(path) as file:
            project = file.add_vba_project()
            project.add_module("Dictionary", modules["Dictionary"], kind=VBAModuleKind.other)
            project.add_module("xlwings", modules["xlwings"])
            _completed(file, dict(file.vba_modules()), _OPENED.format(shown="", hidden=""))
            file.save()
        return path.read_bytes()


def made(path: Path) -> Made | None:
    """What an add-in was made from; nothing if the file is no add-in of ours."""
    try:
        package = Package(path.read_bytes(), path)
        rows = parse(package.read(_ITS_SHEET)).iterfind(".//{*}row")
        told = [["".join(map(str, cell.itertext())) for cell in row] for row in rows]
    except (OSError, SyntaxError, ValueError, WorkbookError):  # lxml's error is a SyntaxError
        return None
    known = {row[0]: row[1] for row in told if len(row) == 2}
    if _PROJECT not in known:
        return None
    return Made(known[_PROJECT], known.get("xlwings", ""), known.get("Interpreter_Win", ""))


# -- the parts -----------------------------------------------------------------------------------------------------


def _xlwings() -> metadata.Distribution:
    try:
        return metadata.distribution("xlwings")
    except metadata.PackageNotFoundError:
        raise XlcapError('xlwings is not installed; `pip install "xlcap[excel]"` brings it') from None


def _completed(file: ExcelFile, modules: Mapping[str, str], opened: str) -> None:
    """Our functions beside xlwings' module, which is told the project's name, and what is done on opening."""
    own, asking = _ASKING.subn(lambda found: found[0].replace("ActiveWorkbook", "ThisWorkbook"), modules["xlwings"])
    named, times = re.subn(r'(PROJECT_NAME As String = )"\w+"', rf'\1"{_PROJECT}"', own)
    if (asking, times) != (3, 1) or f'XLWINGS_VERSION As String = "{installed_xlwings()}"' not in named:
        raise XlcapError(
            f"the add-in that comes with xlwings {installed_xlwings()} is not as xlcap knows it; "
            "install xlwings again, or an earlier version of it"
        )
    file.set_module("xlwings", named)
    file.set_module("ThisWorkbook", modules["ThisWorkbook"] + opened.replace("\n", "\r\n"))
    file.vba_project().add_module("xlwings_udfs", vba.module().replace("\n", "\r\n"))


def _configuration(python: str, code_name: str = "") -> bytes:
    """The sheet xlwings' VBA reads, a key and a value a row; what it does not say is left to the user's own file."""
    rows = {"UDF Modules": vba.MODULE, _PROJECT: __version__, "xlwings": installed_xlwings()}
    rows["Add_Workbook_To_PythonPath"] = "False"  # or a file beside a workbook could take the place of one of Python's
    if python:
        rows["Interpreter_Win"] = python
    cells = "".join(
        f'<row r="{r}">{_text(f"A{r}", k)}{_text(f"B{r}", v)}</row>' for r, (k, v) in enumerate(rows.items(), 1)
    )
    named = f"<sheetPr codeName={quoteattr(code_name)}/>" if code_name else ""
    return f'{_HEAD}<worksheet xmlns="{_SPREADSHEET}">{named}<sheetData>{cells}</sheetData></worksheet>'.encode()


def _text(place: str, value: str) -> str:
    return f'<c r="{place}" t="inlineStr"><is><t>{escape(value)}</t></is></c>'


def _help(package: Package, part: str, changed: Mapping[str, bytes] | None = None) -> dict[str, bytes]:
    """The parts that carry the help for IntelliSense."""
    rels, help = rels_of(part), (_HEAD + intellisense.document()).encode()
    if _HELP in package:  # of an earlier time
        return {_HELP: help}
    told = (changed or {}).get(rels) or package.read(rels)
    relationship = f'<{{p}}Relationship Id="rIdXlcapHelp" Type="{_OFFICE}/customXml" Target="../{_HELP}"/>'
    return {_HELP: help, rels: appended(told, relationship, "Relationships")}


def _configured(template: Template, python: str) -> bytes:
    """A workbook with the hidden sheet and the help, its kind said to be one with macros."""
    package, book = template.package, template.part
    part = "xl/worksheets/xlcapConf.xml"
    if any(name.casefold() == _SHEET for name in template.sheets) or part in package:
        raise WorkbookError(
            f"has a sheet {_SHEET}, which an earlier one with the functions in it has, hidden; show and delete it",
            where=str(template.path),
        )
    sheets = [int(sheet.get("sheetId", 0)) for sheet in package.tree(book).iterfind("{*}sheets/{*}sheet")]
    sheet = (
        f'<\\1sheet xmlns:r="{_OFFICE}" name="{_SHEET}" sheetId="{max(sheets) + 1}" state="hidden" '
        'r:id="rIdXlcapConf"/>'
        "</\\1sheets>"
    )
    relationship = f'<{{p}}Relationship Id="rIdXlcapConf" Type="{_OFFICE}/worksheet" Target="/{part}"/>'
    types = package.read(CONTENT_TYPES).replace(_PLAIN, _WITH_MACROS)
    changed = {
        part: _configuration(python),
        book: re.sub(rb"</((?:\w+:)?)sheets\s*>", sheet.encode(), package.read(book), count=1),
        rels_of(book): appended(package.read(rels_of(book)), relationship, "Relationships"),
        CONTENT_TYPES: appended(types, f'<{{p}}Override PartName="/{part}" ContentType="{_WORKSHEET}"/>', "Types"),
    }
    return package.replaced({**changed, **_help(package, book, changed)})
