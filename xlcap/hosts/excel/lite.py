"""A workbook for xlwings Lite: it carries the Python code that Lite runs, so that whoever opens it has the functions.

Lite keeps its files as JSON texts among the properties of its task pane (ECMA-376 leaves these parts to
[MS-OWEXML], https://learn.microsoft.com/openspecs/office_standards/ms-owexml).
"""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from xml.sax.saxutils import quoteattr

from xlcap import __version__
from xlcap.functions import names
from xlcap.workbook import WorkbookError
from xlcap.workbook.forms import Form, spelt
from xlcap.workbook.package import CONTENT_TYPES, Package, appended, parse, rels_of

MAIN = "from xlcap.udfs import *\n"
"""All of main.py."""

_STORE = "wa200008175"  # xlwings Lite in the Office store
_FOLDER = "xl/webextensions"
_PANES, _PART = f"{_FOLDER}/taskpanes.xml", f"{_FOLDER}/webextension1.xml"
_MICROSOFT = "http://schemas.microsoft.com/office"
_EXTENSION = f"{_MICROSOFT}/webextensions/webextension/2010/11"
_DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/main"
_RELATIONSHIPS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


def requirements(xlcap: str | None = None) -> str:
    """requirements.txt: what Lite itself asks for, and xlcap, by its version unless told as one line of the file."""
    return f"xlwings\npython-dotenv\n{xlcap or f'xlcap=={__version__}'}\n"


def carrying(data: bytes, path: Path, xlcap: str | None = None) -> bytes:
    """The workbook with main.py and requirements.txt in it, and nothing else changed.

    ``WorkbookError`` if it has a task pane already.
    """
    package = Package(data, path)
    if any(part.lower().startswith(f"{_FOLDER}/") for part in package.parts):
        raise WorkbookError(
            f"has a task pane already; if it is xlwings Lite's, put `{MAIN.strip()}` into its main.py and xlcap into "
            "its requirements.txt",
            where=str(path),
        )
    parts = {
        _PART: _extension({"main.py": MAIN, "requirements.txt": requirements(xlcap)}),
        _PANES: _panes(),
        rels_of(_PANES): (
            f'{_HEAD}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            f'<Relationship Id="rId1" Type="{_MICROSOFT}/2011/relationships/webextension" Target="webextension1.xml"/>'
            "</Relationships>"
        ).encode(),
        CONTENT_TYPES: appended(
            package.read(CONTENT_TYPES),
            f'<{{p}}Override PartName="/{_PANES}" ContentType="application/vnd.ms-office.webextensiontaskpanes+xml"/>'
            f'<{{p}}Override PartName="/{_PART}" ContentType="application/vnd.ms-office.webextension+xml"/>',
            "Types",
        ),
        rels_of(""): appended(
            package.read(rels_of("")),
            f'<{{p}}Relationship Id="rIdXlcapPanes" Type="{_MICROSOFT}/2011/relationships/webextensiontaskpanes" '
            f'Target="{_PANES}"/>',
            "Relationships",
        ),
    }
    return package.replaced(parts)


def carried(data: bytes, path: Path) -> dict[str, str]:
    """The files a workbook carries for xlwings Lite, by name; none if it carries none."""
    package = Package(data, path)
    if _PART not in package:
        return {}
    properties = parse(package.read(_PART)).iter(f"{{{_EXTENSION}}}property")
    return {p.get("name", ""): json.loads(p.get("value", '""')) for p in properties}


def _extension(files: dict[str, str]) -> bytes:
    properties = "".join(
        f"<we:property name={quoteattr(name)} value={quoteattr(json.dumps(text))}/>" for name, text in files.items()
    )
    ids = "".join(
        f"<we:customFunctionIds>{spelt(name, Form.OFFICEJS)}</we:customFunctionIds>" for name in sorted(names())
    )
    # The same workbook each time: an identifier made from what it identifies, rather than by chance.
    identifier = str(uuid.uuid5(uuid.NAMESPACE_URL, f"xlcap {files}")).upper()
    return (
        f'{_HEAD}<we:webextension xmlns:we="{_EXTENSION}" id="{{{identifier}}}">'
        f'<we:reference id="{_STORE}" version="1.0.0.0" store="en-US" storeType="OMEX"/>'
        f'<we:alternateReferences><we:reference id="{_STORE}" version="1.0.0.0" store="{_STORE.upper()}" '
        f'storeType="OMEX"/></we:alternateReferences><we:properties>{properties}</we:properties><we:bindings/>'
        f'<we:snapshot xmlns:r="{_RELATIONSHIPS}"/><we:extLst><a:ext xmlns:a="{_DRAWING}" '
        'uri="{D87F86FE-615C-45B5-9D79-34F1136793EB}"><we:containsCustomFunctions/></a:ext>'
        f'<a:ext xmlns:a="{_DRAWING}" uri="{{7C84B067-C214-45C3-A712-C9D94CD141B2}}">'
        f"<we:customFunctionIdList>{ids}</we:customFunctionIdList></a:ext></we:extLst></we:webextension>"
    ).encode()


def _panes() -> bytes:
    return (
        f'{_HEAD}<wetp:taskpanes xmlns:wetp="{_MICROSOFT}/webextensions/taskpanes/2010/11">'
        '<wetp:taskpane dockstate="right" visibility="0" width="350" row="1">'
        f'<wetp:webextensionref xmlns:r="{_RELATIONSHIPS}" r:id="rId1"/></wetp:taskpane></wetp:taskpanes>'
    ).encode()
