"""`xlcap addin libreoffice`: the extension file, read back, and what the command says."""

from __future__ import annotations

import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest

from xlcap.cli import USAGE, main
from xlcap.functions import functions
from xlcap.hosts.libreoffice import office

OOR = "{http://openoffice.org/2001/registry}"


@pytest.fixture(scope="module")
def extension(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The file that `build` writes."""
    out = tmp_path_factory.mktemp("oxt") / "xlcap.oxt"
    assert main(["addin", "libreoffice", "build", "--out", str(out)]) == 0
    return zipfile.ZipFile(out)


def test_every_function_is_declared(extension: zipfile.ZipFile) -> None:
    """With its arguments, each of any type, after the document it stands in."""
    idl = extension.read("xlcap.idl").decode()
    for function in functions().values():
        line = next(line for line in idl.splitlines() if f" {function.name}(" in line)
        assert line.count("[in] any ") == len(function.arguments)


def test_every_argument_has_its_help(extension: zipfile.ZipFile) -> None:
    """In the order of the arguments, as Calc's wizard shows them."""
    tree = ElementTree.fromstring(extension.read("CalcAddIns.xcu"))
    waterfall = next(node for node in tree.iter("node") if node.get(f"{OOR}name") == "WATERFALL")
    shown = [
        prop.findtext("value")
        for node in waterfall.iter("node")
        if node is not waterfall and node.get(f"{OOR}name") != "Parameters"
        for prop in node.iter("prop")
        if prop.get(f"{OOR}name") == "Description"
    ]
    assert shown == [argument.doc for argument in functions()["WATERFALL"].arguments]


def test_what_it_stands_on_is_in_it(extension: zipfile.ZipFile) -> None:
    """The package with its certificates, the holidays with what they need, and their licences; nothing for tests."""
    names = set(extension.namelist())
    assert {
        "pythonpath/xlcap/certificates/PRICESMART-B.toml",
        "pythonpath/holidays/countries/united_states.py",
        "pythonpath/dateutil/easter.py",
        "pythonpath/six.py",
    } <= names
    assert sum("LICENSE" in name for name in names) >= 3
    assert not [name for name in names if "__pycache__" in name or "_workbooks" in name]


def test_a_file_is_only_built(capsys: pytest.CaptureFixture[str]) -> None:
    """`--out` with another action is refused."""
    assert main(["addin", "libreoffice", "status", "--out", "xlcap.oxt"]) == USAGE
    assert "only `build` writes a file" in capsys.readouterr().err


def test_a_folder_that_is_not_there(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Is named."""
    assert main(["addin", "libreoffice", "build", "--out", str(tmp_path / "none" / "xlcap.oxt")]) == USAGE
    assert "none: there is no such folder" in capsys.readouterr().err


def test_status_says_that_the_python_is_too_old(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """And which one is needed."""
    monkeypatch.setattr(office, "find", lambda: office.Office(Path("soffice"), Path("python"), (3, 9, 18)))
    assert main(["addin", "libreoffice", "status", "--profile", str(tmp_path)]) == 0
    assert "3.9.18, too old: xlcap needs 3.11 or later" in capsys.readouterr().out


def test_status_while_libreoffice_is_open(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Says which LibreOffice there is all the same, and why the rest cannot be told."""
    monkeypatch.setattr(office, "find", lambda: office.Office(Path("soffice"), Path("python"), (3, 11, 2)))
    (tmp_path / "user" / "uno_packages").mkdir(parents=True)
    (tmp_path / ".lock").touch()
    assert main(["addin", "libreoffice", "status", "--profile", str(tmp_path)]) == 0
    shown = capsys.readouterr().out
    assert "3.11.2" in shown
    assert "not known: " in shown
    assert "LibreOffice is open with this profile" in shown
