"""`xlcap addin build`, `install`, `uninstall`, `status`, `selftest`: the files read back, and what goes wrong."""

from __future__ import annotations

import errno
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
from openpyxl import load_workbook
from pyopenvba import ExcelFile

from xlcap import __version__
from xlcap.cli import USAGE, main
from xlcap.errors import XlcapError
from xlcap.functions import functions
from xlcap.hosts.excel import interpreter, startup, xlam
from xlcap.hosts.excel.vba import module
from xlcap.hosts.golden import calls
from xlcap.shipped import waterfall
from xlcap.workbook.links import ADDIN, links
from xlcap.workbook.template import Template

PYTHON = r"C:\Users\me\venv\Scripts\python.exe"
HELP = "{http://schemas.excel-dna.net/intellisense/1.0}"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that `build` writes."""
    folder = tmp_path_factory.mktemp("built") / "for-excel"
    assert main(["addin", "build", "--out", str(folder), "--python", PYTHON]) == 0
    return folder


@pytest.fixture
def excel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Windows computer with Excel, as far as folders go: its start-up folder. This Python has xlwings' library."""
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(interpreter, "_library_missing", lambda *_: None)
    monkeypatch.setenv("APPDATA", str(tmp_path))
    (tmp_path / "Microsoft" / "Excel").mkdir(parents=True)
    return tmp_path / "Microsoft" / "Excel" / "XLSTART"


def as_workbook(path: Path, folder: Path) -> Path:
    """The same file said to be a workbook, for readers that know no add-ins."""
    target = folder / f"{path.stem}-read.xlsm"
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(target, "w") as copy:
        for part in source.namelist():
            copy.writestr(part, source.read(part).replace(b"excel.addin.macro", b"excel.sheet.macro"))
    return target


# -- what is built -----------------------------------------------------------------------------------------------


def test_three_files_are_built(built: Path) -> None:
    """The add-in, the model, and the help."""
    assert sorted(path.name for path in built.iterdir()) == ["waterfall.xlsm", "xlcap.intellisense.xml", "xlcap.xlam"]


@pytest.mark.parametrize("name", [ADDIN, "waterfall.xlsm"])
def test_olevba_reads_the_functions(built: Path, name: str) -> None:
    """Another reader of VBA than the writer finds our module, word for word, and xlwings' under the project's name."""
    told = [sys.executable, "-m", "oletools.olevba", "--code", str(built / name)]
    read = subprocess.run(told, capture_output=True, check=True).stdout.decode().replace("\r\n", "\n")
    assert module().partition("\n")[2] in read  # after the line that names the module
    assert 'PROJECT_NAME As String = "xlcap"' in read
    assert f"xlwings64-{xlam.installed_xlwings()}.dll" in read
    assert "SampleCall" not in read


@pytest.mark.parametrize("name", [ADDIN, "waterfall.xlsm"])
def test_the_project_is_whole(built: Path, tmp_path: Path, name: str) -> None:
    """Its directory, its streams and the workbook's sheets agree."""
    with ExcelFile(built / name) as file:
        assert file.validate() == []
        sheets = len(load_workbook(as_workbook(built / name, tmp_path)).sheetnames)
        assert sum(module.startswith("Sheet") for module in file.vba_modules()) == sheets


@pytest.mark.parametrize("name", [ADDIN, "waterfall.xlsm"])
def test_libreoffice_opens_it(built: Path, libreoffice: Callable[[Path, str], Path], tmp_path: Path, name: str) -> None:
    """With its modules."""
    with zipfile.ZipFile(libreoffice(as_workbook(built / name, tmp_path), "ods")) as opened:
        modules = {Path(part).stem for part in opened.namelist() if part.startswith("Basic/")}
    assert {"xlwings", "xlwings_udfs", "ThisWorkbook"} <= modules


@pytest.mark.parametrize("name", [ADDIN, "waterfall.xlsm"])
def test_xlwings_finds_what_it_is_to_know(built: Path, tmp_path: Path, name: str) -> None:
    """On the sheet its VBA reads: keys in the first column without a gap, none twice."""
    sheet = load_workbook(as_workbook(built / name, tmp_path))["xlcap.conf"]
    assert dict(sheet.iter_rows(values_only=True)) == {
        "UDF Modules": "xlcap.udfs",
        "xlcap": __version__,
        "xlwings": xlam.installed_xlwings(),
        "Add_Workbook_To_PythonPath": "False",
        "Interpreter_Win": PYTHON,
    }


@pytest.mark.parametrize("name", [ADDIN, "waterfall.xlsm"])
def test_no_other_workbook_says_what_excel_starts(built: Path, name: str) -> None:
    """xlwings would ask the active one first, its sheet and its folder: a workbook from a mail could name a program."""
    with ExcelFile(built / name) as file:
        text = dict(file.vba_modules())["xlwings"].replace("\r\n", "\n")
    for asking in ("GetConfig", "GetDirectoryConfigFilePath", "XLPyCommand"):
        body = text.partition(f"\nFunction {asking}(")[2].partition("\nEnd Function")[0]
        assert "ThisWorkbook" in body
        assert "ActiveWorkbook" not in body
    assert "ActiveWorkbook" in text  # the rest is as xlwings has it
    assert "ActiveWorkbook" not in module()


def test_the_help_is_in_it_and_beside_it(built: Path) -> None:
    """Every function with its help, each argument with its own; the same in all three."""
    told = (built / "xlcap.intellisense.xml").read_bytes()
    for name in (ADDIN, "waterfall.xlsm"):
        assert zipfile.ZipFile(built / name).read("customXml/xlcapHelp.xml").endswith(told)
    shown = {
        one.get("Name"): (one.get("Description"), [(a.get("Name"), a.get("Description")) for a in one])
        for one in ElementTree.fromstring(told).iter(f"{HELP}Function")
    }
    assert shown == {f.name: (f.doc, [(a.name, a.doc) for a in f.arguments]) for f in functions().values()}


def test_the_model_is_the_workbook_it_was_made_from(built: Path, tmp_path: Path) -> None:
    """Its sheets and every formula, with one hidden sheet more; a workbook with macros is refused."""
    model = built / "waterfall.xlsm"
    shipped = Path(__file__).parents[2] / "workbooks" / "waterfall.xlsx"
    book = load_workbook(model, keep_vba=True)
    assert book.sheetnames == [*load_workbook(shipped, read_only=True).sheetnames, "xlcap.conf"]
    assert book["xlcap.conf"].sheet_state == "hidden"
    assert [f.text for f in Template.read(model).formulas] == [f.text for f in Template.read(shipped).formulas]
    assert main(["addin", "build", str(model), "--out", str(tmp_path / "again")]) == USAGE
    assert not (tmp_path / "again").exists()


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (b"sheet.main+xml", b"template.main+xml", "cannot have macros, being a template"),
        (b"http://schemas.openxmlformats.org/spreadsheetml/2006/main", b"http://purl.oclc.org/ooxml/spreadsheetml/main",
         "or Strict Open XML; save it as an Excel Workbook"),
        (b'name="About"', b'name="XLCAP.conf"', "has a sheet xlcap.conf"),
    ],
)  # fmt: skip
def test_a_model_excel_would_not_open(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], old: bytes, new: bytes, says: str
) -> None:
    """Another kind of file under the name of .xlsm, two sheets of one name: refused, and nothing is written."""
    model = tmp_path / "model.xlsx"
    with zipfile.ZipFile(waterfall()) as source, zipfile.ZipFile(model, "w") as copy:
        for part in source.namelist():
            copy.writestr(part, source.read(part).replace(old, new))
    assert main(["addin", "build", str(model), "--out", str(tmp_path / "out")]) == USAGE
    assert says in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_model_that_is_there_stays(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Somebody's work may be in it; an add-in that is not ours stays too, and nothing is written beside them."""
    (tmp_path / "waterfall.xlsm").write_bytes(b"mine")
    assert main(["addin", "build", "--out", str(tmp_path)]) == USAGE
    assert (
        "waterfall.xlsm: is there already; choose another folder, or replace it with --force" in capsys.readouterr().err
    )
    assert [path.name for path in tmp_path.iterdir()] == ["waterfall.xlsm"]
    (tmp_path / ADDIN).write_bytes(b"mine")
    assert main(["addin", "build", "--out", str(tmp_path), "--force"]) == USAGE
    assert (tmp_path / ADDIN).read_bytes() == b"mine"
    (tmp_path / ADDIN).unlink()
    assert main(["addin", "build", "--out", str(tmp_path), "--force"]) == 0
    assert (tmp_path / "waterfall.xlsm").read_bytes() != b"mine"


# -- installing --------------------------------------------------------------------------------------------------


def test_installing_and_taking_away(excel: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing but the add-in is in the folder; installing again replaces it; what others put there stays."""
    assert main(["addin", "install"]) == 0
    (excel / "PERSONAL.XLSB").write_bytes(b"mine")
    assert main(["addin", "install"]) == 0
    assert sorted(path.name for path in excel.iterdir()) == ["PERSONAL.XLSB", ADDIN]
    assert xlam.made(excel / ADDIN) == xlam.Made(__version__, xlam.installed_xlwings(), sys.executable)
    capsys.readouterr()
    assert [main(["addin", "uninstall"]), main(["addin", "uninstall"])] == [0, 0]
    assert capsys.readouterr().out.splitlines() == ["xlcap is taken away", "xlcap was not installed there"]
    assert [path.name for path in excel.iterdir()] == ["PERSONAL.XLSB"]


def test_installing_elsewhere(excel: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Excel looks into its own start-up folder only: in another the add-in must be added by hand."""
    assert [main(["addin", "install"]), main(["addin", "install", "--to", str(tmp_path / "other")])] == [0, 0]
    own, elsewhere = capsys.readouterr().out.splitlines()
    assert own == f"{excel / ADDIN}: Excel has it from its next start"
    assert elsewhere.endswith("in another, trust the folder, then Options, Add-ins, Go, Browse")


def test_status(excel: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """What is there and whether it fits: nothing, an add-in that does, one of an older xlcap with a Python gone."""
    assert main(["addin", "status"]) == 0
    assert "not installed: `xlcap addin install`" in capsys.readouterr().out
    startup.install(excel, sys.executable)
    made = f"xlcap {__version__}, made with xlwings {xlam.installed_xlwings()}"
    assert startup.status(excel)[1:] == [("add-in", made), ("its Python", sys.executable)]
    monkeypatch.setattr(interpreter, "fault", lambda *_: None)
    startup.install(excel, PYTHON)
    monkeypatch.undo()
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(startup, "__version__", "0.99.0")
    assert startup.status(excel)[1:] == [
        ("add-in", f"{made}; here is xlcap 0.99.0: install it again"),
        ("its Python", f"{PYTHON} is not there: run `xlcap addin install` with the Python that has xlcap"),
    ]


def test_a_python_that_cannot_answer(
    excel: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Is not installed, and status says it of one that was: gone, no Python, without xlcap, another xlwings."""
    missing = interpreter.fault(str(tmp_path / "python"), "1")
    assert missing and missing.startswith("is not there")
    (tmp_path / "text").write_text("no program")
    (tmp_path / "text").chmod(0o755)
    assert interpreter.fault(str(tmp_path / "text"), "1") == "does not run, or is no Python"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "venv")], check=True)
    bare = str(tmp_path / "venv" / "bin" / "python")
    assert interpreter.fault(bare, "1") == f'lacks xlwings: `"{bare}" -m pip install "xlcap[excel]"` brings it'
    with pytest.raises(XlcapError, match="lacks xlwings"):
        startup.install(excel, bare)
    assert not excel.exists()
    here = xlam.installed_xlwings()
    told = interpreter.fault(sys.executable, "0.99.0")
    assert told == f"has xlwings {here}, and the add-in needs 0.99.0: run `xlcap addin install` with that Python"
    assert interpreter.fault("", "1") is None
    monkeypatch.undo()
    assert interpreter.fault(bare, "1") is None  # another computer's, as far as this one knows
    assert main(["addin", "status", "--to", str(excel)]) == 0
    assert "not installed" in capsys.readouterr().out


def test_where_xlwings_looks_for_its_library(tmp_path: Path) -> None:
    """Beside python.exe, or above it as in a virtual environment; `pip install --user` puts it elsewhere."""
    python = tmp_path / "venv" / "Scripts" / "python.exe"
    python.parent.mkdir(parents=True)
    told = interpreter._library_missing(python, "0.37.8")
    assert told and told.startswith("has no xlwings64-0.37.8.dll in its folder or the one above")
    for folder in python.parents[:2]:
        (folder / "xlwings64-0.37.8.dll").touch()
        assert interpreter._library_missing(python, "0.37.8") is None
        (folder / "xlwings64-0.37.8.dll").unlink()


@pytest.mark.parametrize(
    "python", ["", "python.exe", r"venv\Scripts\python.exe", "C:\\a\nb.exe", r'C:\"a"\b.exe', "C:a.exe"]
)
def test_a_python_excel_could_not_start(tmp_path: Path, capsys: pytest.CaptureFixture[str], python: str) -> None:
    """xlwings' VBA would fail on it with a message of its own."""
    assert main(["addin", "install", "--to", str(tmp_path), "--python", python]) == USAGE
    assert r"is no whole path, such as C:\Users\me\venv\Scripts\python.exe" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_python_as_xlwings_wants_it() -> None:
    """With backslashes; found by Excel itself; from a variable of the environment."""
    assert interpreter.told("C:/venv/Scripts/python.exe") == r"C:\venv\Scripts\python.exe"
    for python in (
        r"\\server\share\python.exe",
        r"C:\Jürgen & Co\python.exe",
        r"%LOCALAPPDATA%\py\python.exe",
        "pythonw",
    ):
        assert interpreter.told(python) == python
    assert interpreter.told(None) == ""


def test_a_file_of_somebody_else(excel: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Is neither replaced nor removed."""
    excel.mkdir()
    (excel / ADDIN).write_bytes(b"mine")
    assert [main(["addin", "install"]), main(["addin", "uninstall"])] == [USAGE, USAGE]
    assert capsys.readouterr().err.count("not made by xlcap") == 2
    assert (excel / ADDIN).read_bytes() == b"mine"
    assert main(["addin", "status"]) == 0
    with zipfile.ZipFile(excel / ADDIN, "w") as damaged:
        damaged.writestr("xl/worksheets/sheet1.xml", "<a")
    assert main(["addin", "status"]) == 0
    assert capsys.readouterr().out.count("was not made by xlcap") == 2


def test_excel_is_open(excel: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The add-in there stays whole, nothing is left beside it, and the message says what to close."""
    startup.install(excel, "")
    before = (excel / ADDIN).read_bytes()

    def locked(*_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr("os.replace", locked)
    monkeypatch.setattr(Path, "unlink", locked)
    assert main(["addin", "uninstall"]) == USAGE
    assert "close Excel and try again" in capsys.readouterr().err
    monkeypatch.undo()
    monkeypatch.setattr("os.replace", locked)
    assert main(["addin", "install", "--to", str(excel)]) == USAGE
    assert "close it where it is open" in capsys.readouterr().err
    assert [path.name for path in excel.iterdir()] == [ADDIN]
    assert (excel / ADDIN).read_bytes() == before


def test_a_folder_that_cannot_be_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Is named."""
    (tmp_path / "file").touch()
    assert main(["addin", "install", "--to", str(tmp_path / "file" / "XLSTART")]) == USAGE
    assert "cannot be made" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("platform", "says"),
    [
        ("linux", "Excel does not run on this computer"),
        ("win32", "Excel: is not there: Excel is not installed, or this user has never started it"),
        ("darwin", "Excel on a Mac cannot ask Python through this add-in; `xlcap addin lite` makes"),
    ],
)
def test_no_excel(
    platform: str, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Is said plainly by each command, and nothing is made."""
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setenv("APPDATA", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    for action in ("install", "uninstall", "status"):
        assert main(["addin", action]) == USAGE
        assert says in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_an_xlwings_that_is_not_as_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is written when its add-in is of another version than itself."""
    monkeypatch.setattr(xlam, "installed_xlwings", lambda: "0.99.0")
    assert main(["addin", "install", "--to", str(tmp_path)]) == USAGE
    assert list(tmp_path.iterdir()) == []


def test_no_xlwings(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Is said with what brings it."""

    def missing(name: str) -> None:
        raise xlam.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(xlam.metadata, "distribution", missing)
    assert main(["addin", "install", "--to", str(tmp_path)]) == USAGE
    assert 'xlwings is not installed; `pip install "xlcap[excel]"` brings it' in capsys.readouterr().err


# -- the self-test -----------------------------------------------------------------------------------------------


def test_the_self_test_asks_every_call(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Through the add-in, whose link it holds; each with a row on the first sheet."""
    out = tmp_path / "selftest.xlsx"
    assert main(["addin", "selftest", "--out", str(out)]) == 0
    assert f"{len(calls())} calls" in capsys.readouterr().out
    assert [link.book for link in links(Template.read(out))] == [ADDIN]
    book = load_workbook(out)
    formulas = [getattr(cell.value, "text", cell.value) for (cell,) in book["Answers"].iter_rows(max_col=1)]
    asked = [f for f in formulas if f]
    assert len(asked) == len(calls()) == book["Self-test"].max_row - 5
    assert all(f.startswith("=[1]!") for f in asked)


def test_the_self_test_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that is there, another kind of file, a form there is not."""
    out = tmp_path / "selftest.xlsx"
    out.touch()
    assert main(["addin", "selftest", "--out", str(out)]) == USAGE
    assert "replace it with --force" in capsys.readouterr().err
    assert main(["addin", "selftest", "--out", str(tmp_path / "selftest.xlsm")]) == USAGE
    assert "is to end in .xlsx" in capsys.readouterr().err
    assert main(["addin", "selftest", "--to", "web", "--out", str(out)]) == USAGE
    assert "is no form" in capsys.readouterr().err
