"""A workbook converted for LibreOffice computes there, with the add-in installed."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from xlcap.convert import convert
from xlcap.hosts.libreoffice import office
from xlcap.workbook.forms import Form


@pytest.mark.usefixtures("libreoffice")
def test_a_model_made_for_excel_computes_in_calc(tmp_path: Path) -> None:
    """As Excel stores the calls Calc does not know them; converted, 20 split 2 for 1 is 10, and 1 more is 11."""
    book, profile = Workbook(), tmp_path / "profile"
    sheet = book.active
    assert sheet is not None
    sheet["A1"], sheet["B1"], sheet["B2"] = 20, "=SPLIT_ADJUSTED_PRICE(A1,2)+1", '=TERM("PATRON-B","issuer")'
    book.save(tmp_path / "plain.xlsx")
    convert(tmp_path / "plain.xlsx", Form.XLAM, tmp_path / "xlam.xlsx")
    convert(tmp_path / "xlam.xlsx", Form.LIBREOFFICE, tmp_path / "calc.xlsx")
    office.install(profile)
    told = [office.find().program, "--headless", f"-env:UserInstallation={profile.as_uri()}", "--convert-to"]
    told += [
        "xlsx:Calc MS Excel 2007 XML",
        "--outdir",
        tmp_path / "out",
        tmp_path / "xlam.xlsx",
        tmp_path / "calc.xlsx",
    ]
    subprocess.run(told, capture_output=True, timeout=180, check=True)
    shown = {
        name: load_workbook(tmp_path / "out" / name, data_only=True)["Sheet"] for name in ("xlam.xlsx", "calc.xlsx")
    }
    assert [shown["xlam.xlsx"][cell].value for cell in ("B1", "B2")] == ["#NAME?", "#NAME?"]
    assert [shown["calc.xlsx"][cell].value for cell in ("B1", "B2")] == [11, "Patron Systems, Inc."]
