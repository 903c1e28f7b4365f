"""`xlcap addin lite` and `vba`: a workbook for xlwings Lite, read back, and the VBA module."""

from __future__ import annotations

import zipfile
from pathlib import Path

import openpyxl
import pytest

from xlcap import __version__
from xlcap.cli import USAGE, main
from xlcap.functions import functions
from xlcap.hosts.excel.lite import carried
from xlcap.hosts.excel.vba import module
from xlcap.shipped import workbooks
from xlcap.workbook import Template
from xlcap.workbook.forms import Form, form_of
from xlcap.workbook.formulas import tokens

MODEL = workbooks() / "pricesmart-series-b.xlsx"


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """A copy of a model, for Lite."""
    out = tmp_path / "lite.xlsx"
    assert main(["addin", "lite", str(MODEL), "--out", str(out)]) == 0
    return out


def test_the_code_and_the_requirements_are_in_it(made: Path) -> None:
    """As Lite keeps them."""
    assert carried(made.read_bytes(), made) == {
        "main.py": "from xlcap.udfs import *\n",
        "requirements.txt": f"xlwings\npython-dotenv\nxlcap=={__version__}\n",
    }
    assert carried(MODEL.read_bytes(), MODEL) == {}


def test_the_requirement_may_be_told(tmp_path: Path) -> None:
    """A wheel on a server of one's own."""
    out, wheel = tmp_path / "lite.xlsx", "https://example.com/xlcap-0.1.0-py3-none-any.whl"
    assert main(["addin", "lite", "--out", str(out), "--requirement", wheel]) == 0
    assert carried(out.read_bytes(), out)["requirements.txt"].splitlines()[-1] == wheel


def test_the_calls_have_the_form_of_excel_anywhere(made: Path) -> None:
    """All of them, and as many as the model has."""

    def calls(path: Path) -> list[str]:
        found = (token for formula in Template.read(path).formulas for token in tokens(formula.text))
        return [t.text for t in found if t.kind == "call" and t.text.rstrip("(").split("_XLCAP_")[-1] in functions()]

    assert {form_of(call) for call in calls(made)} == {Form.OFFICEJS}
    assert len(calls(made)) == len(calls(MODEL)) > 5


def test_the_rest_is_what_convert_writes(made: Path, tmp_path: Path) -> None:
    """Three parts are new, the two lists of parts name them, and openpyxl reads the workbook."""
    plain = tmp_path / "converted.xlsx"
    assert main(["convert", str(MODEL), "--to", "officejs", "--out", str(plain)]) == 0
    before, after = zipfile.ZipFile(plain), zipfile.ZipFile(made)
    new = set(after.namelist()) - set(before.namelist())
    assert len(new) == 3
    assert all("webextensions" in name for name in new)
    changed = {name for name in before.namelist() if before.read(name) != after.read(name)}
    assert changed == {"[Content_Types].xml", "_rels/.rels"}
    assert openpyxl.load_workbook(made).sheetnames == openpyxl.load_workbook(MODEL).sheetnames


def test_it_is_the_same_every_time(made: Path, tmp_path: Path) -> None:
    """No identifier by chance."""
    again = tmp_path / "again.xlsx"
    assert main(["addin", "lite", str(MODEL), "--out", str(again)]) == 0
    assert again.read_bytes() == made.read_bytes()


def test_refusals(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that is there, another kind of file, a workbook that has a task pane."""
    before = made.read_bytes()
    assert main(["addin", "lite", str(MODEL), "--out", str(made)]) == USAGE
    assert "is there already; choose another name, or replace it with --force" in capsys.readouterr().err
    assert main(["addin", "lite", str(MODEL), "--out", str(made.with_suffix(".xlsm"))]) == USAGE
    assert "is to end in .xlsx" in capsys.readouterr().err
    assert main(["addin", "lite", str(made), "--out", str(made.with_name("twice.xlsx"))]) == USAGE
    assert "has a task pane already" in capsys.readouterr().err
    assert made.read_bytes() == before
    assert not made.with_name("twice.xlsx").exists()
    assert main(["addin", "lite", str(MODEL), "--out", str(made), "--force"]) == 0
    for line in ("", " ", "xlcap\npandas"):
        assert main(["addin", "lite", str(MODEL), "--out", str(made), "--force", "--requirement", line]) == USAGE
        assert "is to be one line of requirements.txt" in capsys.readouterr().err


def test_the_vba_module_is_written_for_import(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`xlcap addin vba`: Windows' line ends, as the VBA editor reads them; nothing but a .bas file."""
    out = tmp_path / "xlcap.bas"
    assert main(["addin", "vba", "--out", str(out)]) == 0
    assert out.read_bytes() == module().replace("\n", "\r\n").encode("ascii")
    assert main(["addin", "vba", "--out", str(tmp_path / "xlcap.xlam")]) == USAGE
    assert "is to end in .bas" in capsys.readouterr().err
