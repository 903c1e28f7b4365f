"""``xlcap convert``: what it writes, and when it writes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from xlcap.check import check
from xlcap.cli import main

Capture = pytest.CaptureFixture[str]
MODEL = Path(__file__).parents[2] / "workbooks" / "waterfall.xlsx"


@pytest.mark.parametrize("form", ["plain", "xlam", "xll", "officejs", "libreoffice"])
def test_a_model_is_converted(form: str, tmp_path: Path, capsys: Capture) -> None:
    """Every call is in the form asked for, and the workbook is as sound as it was."""
    out = tmp_path / "out.xlsx"
    assert main(["convert", str(MODEL), "--to", form, "--out", str(out)]) == 0
    checked = check(out)
    assert capsys.readouterr().out == f"{out}: {len(checked.calls)} plain -> {form}\n"
    assert {call.form for call in checked.calls} == {form}
    assert not checked.problems


def test_the_add_in_is_where_it_is_told(tmp_path: Path) -> None:
    """``--addin`` names the add-in, by whose name its calls are known again."""
    out, back = tmp_path / "out.xlsx", tmp_path / "back.xlsx"
    addin = r"D:\tools\captable.xlam"
    assert main(["convert", str(MODEL), "--to", "xlam", "--addin", addin, "--out", str(out)]) == 0
    assert main(["convert", str(out), "--to", "plain", "--out", str(back)]) == 2
    assert not back.exists()
    assert main(["convert", str(out), "--to", "plain", "--addin", "captable.xlam", "--out", str(back)]) == 0


def test_nothing_is_replaced_unless_forced(tmp_path: Path, capsys: Capture) -> None:
    """A workbook that is there stays, and with ``--force`` even the model itself is replaced."""
    out = tmp_path / "out.xlsx"
    out.write_bytes(MODEL.read_bytes())
    assert main(["convert", str(out), "--to", "xll", "--out", str(out)]) == 2
    told = capsys.readouterr().err
    assert told == f"xlcap: --out {out}: is there already; choose another name, or replace it with --force\n"
    assert out.read_bytes() == MODEL.read_bytes()
    assert main(["convert", str(out), "--to", "xll", "--out", str(out), "--force"]) == 0
    assert {call.form for call in check(out).calls} == {"xll"}
    assert list(tmp_path.iterdir()) == [out]


@pytest.mark.parametrize(
    ("form", "out", "told"),
    [
        ("xla", "out.xlsx", "--to xla: is no form; the forms are: plain, xlam, xll, officejs, libreoffice"),
        ("xll", "out.xlsm", "is to end in .xlsx, as waterfall.xlsx does"),
        ("xll", "none/out.xlsx", "cannot be written: No such file or directory"),
    ],
)
def test_what_is_asked_wrongly(form: str, out: str, told: str, tmp_path: Path, capsys: Capture) -> None:
    """One line says what to mend."""
    assert main(["convert", str(MODEL), "--to", form, "--out", str(tmp_path / out)]) == 2
    assert told in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_workbook_without_calls_is_copied(tmp_path: Path, capsys: Capture) -> None:
    """There is nothing to convert, and the reader is told."""
    from openpyxl import Workbook

    path, out = tmp_path / "a.xlsx", tmp_path / "b.xlsx"
    Workbook().save(path)
    assert main(["convert", str(path), "--to", "xlam", "--out", str(out)]) == 0
    assert capsys.readouterr().out == f"{out}: a copy, for a.xlsx calls none of xlcap's functions\n"
    assert out.read_bytes() == path.read_bytes()
