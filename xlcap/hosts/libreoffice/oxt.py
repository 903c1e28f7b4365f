"""The extension file (.oxt): the functions' types and help for Calc, and the Python that answers them.

LibreOffice's own Python needs nothing installed: the file carries this package and what it stands on.
"""

from __future__ import annotations

import importlib.metadata as metadata
import os
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

import xlcap
from xlcap.errors import XlcapError
from xlcap.functions import Function, functions
from xlcap.hosts.libreoffice.names import EXTENSION, INTERFACE, LONE_TEXTS, OLDEST_PYTHON, OPENED, SERVICE, parameter

_IDL, _XCU, _JOBS, _COMPONENT = "xlcap.idl", "CalcAddIns.xcu", "Jobs.xcu", "addin.py"

_MANIFEST = f"""\
<?xml version="1.0" encoding="UTF-8"?>
<manifest:manifest xmlns:manifest="http://openoffice.org/2001/manifest">
 <manifest:file-entry manifest:full-path="{_IDL}" manifest:media-type="application/vnd.sun.star.uno-typelibrary;type=RDB"/>
 <manifest:file-entry manifest:full-path="{_XCU}" manifest:media-type="application/vnd.sun.star.configuration-data"/>
 <manifest:file-entry manifest:full-path="{_JOBS}" manifest:media-type="application/vnd.sun.star.configuration-data"/>
 <manifest:file-entry manifest:full-path="{_COMPONENT}" manifest:media-type="application/vnd.sun.star.uno-component;type=Python"/>
</manifest:manifest>
"""  # noqa: E501

_DESCRIPTION = f"""\
<?xml version="1.0" encoding="UTF-8"?>
<description xmlns="http://openoffice.org/extensions/description/2006">
 <identifier value="{EXTENSION}"/>
 <version value="{xlcap.__version__}"/>
 <display-name><name lang="en">xlcap: convertible preferred stock</name></display-name>
</description>
"""

_LOADED = f"""\
import sys

if sys.version_info < {OLDEST_PYTHON}:
    raise ImportError("xlcap needs a later Python than " + sys.version.split()[0] + ", which this LibreOffice has")

from xlcap.hosts.libreoffice.component import implementation

g_ImplementationHelper = implementation()
"""


def build(target: Path) -> Path:
    """Write the extension file, whole or not at all."""
    part = target.with_name(f"{target.name}.part")
    if not target.parent.is_dir():
        raise XlcapError("there is no such folder", where=str(target.parent))
    try:
        with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("META-INF/manifest.xml", _MANIFEST)
            archive.writestr("description.xml", _DESCRIPTION)
            archive.writestr(_IDL, type_library())
            archive.writestr(_XCU, configuration())
            archive.writestr(_JOBS, jobs())
            archive.writestr(_COMPONENT, _LOADED)
            for name, path in _carried():
                archive.write(path, f"pythonpath/{name}")
        part.replace(target)
    except OSError as error:
        raise XlcapError(f"cannot be written: {error.strerror}", where=str(target)) from None
    finally:
        part.unlink(missing_ok=True)
    return target


def type_library() -> str:
    """Every function's type in the words of UNO: the document it stands in, then any kind of cell or range."""
    declared = "\n".join(_method(function) for function in functions().values())
    *modules, name = INTERFACE.split(".")
    opened = "".join(f"module {module} {{ " for module in modules)
    return f"{opened}interface {name} {{\n{declared}\n}};{' };' * len(modules)}\n"


def _method(function: Function) -> str:
    given = ["[in] ::com::sun::star::beans::XPropertySet document"]
    given += [f"[in] any {parameter(place)}" for place in range(1, len(function.arguments) + 1)]
    answer = "any" if function.name in LONE_TEXTS else "sequence< sequence< any > >"
    return f"  {answer} {function.name}({', '.join(given)});"


def configuration() -> str:
    """What Calc's wizard shows, and under which name a workbook of Excel's calls each function."""
    shown = "".join(map(_help, functions().values()))
    return _settings("CalcAddIns", _node("AddInInfo", _node(SERVICE, _node("AddInFunctions", shown))))


def jobs() -> str:
    """That our component is told of each document that is opened."""
    job = _node("Jobs", _node(OPENED, f'<prop oor:name="Service"><value>{OPENED}</value></prop>'))
    return _settings("Jobs", job + _node("Events", _node("OnLoad", _node("JobList", _node(OPENED, "")))))


def _settings(component: str, inner: str) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<oor:component-data xmlns:oor="http://openoffice.org/2001/registry" '
        f'xmlns:xs="http://www.w3.org/2001/XMLSchema" oor:name="{component}" oor:package="org.openoffice.Office">\n'
        f"{inner}</oor:component-data>\n"
    )


def _help(function: Function) -> str:
    shown = "".join(
        _node(parameter(place), _told("DisplayName", argument.name) + _told("Description", argument.doc))
        for place, argument in enumerate(function.arguments, 1)
    )
    return _node(
        function.name,
        _told("DisplayName", function.name)
        + _told("Description", function.doc)
        + '<prop oor:name="Category"><value>Add-In</value></prop>'
        + _told("CompatibilityName", function.name)
        + _node("Parameters", shown),
    )


_THERE = frozenset({"AddInInfo", "AddInFunctions", "Parameters", "Jobs", "Events", "JobList"})
"""The nodes that LibreOffice has; those within them are new."""
_SHARED = frozenset({"OnLoad"})
"""The nodes that others may have made, and that keep what is in them."""


def _node(name: str, inner: str) -> str:
    new = "" if name in _THERE else f' oor:op="{"fuse" if name in _SHARED else "replace"}"'
    return f"<node oor:name={quoteattr(name)}{new}>{inner}</node>\n"


def _told(name: str, text: str) -> str:
    return f'<prop oor:name="{name}"><value xml:lang="en-US">{escape(text)}</value></prop>'


# -- the Python it carries ---------------------------------------------------------------------------------------


def _carried() -> Iterator[tuple[str, Path]]:
    """This package and what it requires, each file under its name for import."""
    home = Path(xlcap.__file__).parent
    for path in sorted(home.rglob("*")):
        if path.suffix in (".py", ".toml", ".json") and not {"_workbooks", "_golden.json"} & {*path.parts}:
            yield path.relative_to(home.parent).as_posix(), path
    for name in sorted(_required("xlcap")):
        for file in metadata.files(name) or ():
            if _is_used(file.as_posix()):
                yield file.as_posix(), Path(os.fspath(file.locate()))


def _required(package: str) -> set[str]:
    """Everything a package needs to be imported, without its extras."""
    needed: set[str] = set()
    for told in metadata.requires(package) or ():
        name = re.match(r"[\w.-]+", told)
        if name and "extra ==" not in told and name[0] not in needed:
            needed |= {name[0]} | _required(name[0])
    return needed


def _is_used(path: str) -> bool:
    """A module, or the terms under which it may be given away."""
    return path.endswith(".py") or ("dist-info/" in path and "LICENSE" in path)
