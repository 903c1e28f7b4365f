"""A workbook converted for LibreOffice computes there, with the add-in installed."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from calc import Calc
from openpyxl import Workbook, load_workbook
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.worksheet.table import Table

from xlcap.convert import convert
from xlcap.hosts.headless import fill
from xlcap.hosts.libreoffice import office
from xlcap.workbook import Template
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
    found = office.find()
    told = [found.program, "--headless", f"-env:UserInstallation={profile.as_uri()}", "--convert-to"]
    told += [
        "xlsx:Calc MS Excel 2007 XML",
        "--outdir",
        tmp_path / "out",
        tmp_path / "xlam.xlsx",
        tmp_path / "calc.xlsx",
    ]
    subprocess.run(told, capture_output=True, timeout=180, check=True, env=found.surroundings())
    shown = {
        name: load_workbook(tmp_path / "out" / name, data_only=True)["Sheet"] for name in ("xlam.xlsx", "calc.xlsx")
    }
    unknown = {shown["xlam.xlsx"][cell].value for cell in ("B1", "B2")}
    assert unknown in ({"#NAME?"}, {"#VALUE!"})  # to LibreOffice 26.8 it is #VALUE!
    assert [shown["calc.xlsx"][cell].value for cell in ("B1", "B2")] == [11, "Patron Systems, Inc."]


def test_a_change_reaches_what_looks_at_an_array_on_a_sheet_not_shown(calc: Calc, tmp_path: Path) -> None:
    """Prices 20, 30, 40 split 2 for 1 add up to 45; with 60 in place of 40, to 55. Calc by itself shows 45 on.

    A workbook that is not converted keeps its values: to compute it would be to lose them.
    """
    book = Workbook()
    sheet, working = book["Sheet"], book.create_sheet("Working")
    for row, price in enumerate((20, 30, 40), 1):
        sheet[f"A{row}"] = price
    working["A1"] = ArrayFormula("A1:A3", "=SPLIT_ADJUSTED_PRICE(Sheet!A1:A3,2)")
    sheet["B1"] = "=SUM(Working!A1:A3)"
    book.save(tmp_path / "template.xlsx")
    (tmp_path / "filled.xlsx").write_bytes(fill(Template.read(tmp_path / "template.xlsx"), {}).data)
    convert(tmp_path / "filled.xlsx", Form.LIBREOFFICE, tmp_path / "calc.xlsx")
    assert calc.changed(tmp_path / "calc.xlsx", "A3", 60, "B1") == (False, "55")
    assert calc.changed(tmp_path / "filled.xlsx", "C1", 1, "B1") == (False, "45")


def test_a_blank_is_none_in_calc_either(calc: Calc, tmp_path: Path) -> None:
    """In Excel a blank count of shares is one share, worth 1,000. Calc would make 0 of a cell, a name, a row's cell."""
    book = Workbook()
    sheet = book["Sheet"]
    book.defined_names["count"] = DefinedName("count", attr_text="Sheet!$Z$9")
    sheet["J1"], sheet["K1"], sheet["K2"] = "shares", "other", 1
    sheet.add_table(Table(displayName="T", ref="J1:K2"))
    references = ("T[[#This Row],[shares]]", "Z9", "Sheet!$Z$9", "count")
    for row, reference in enumerate(references, 2):
        text = f'=LIQUIDATION_PREFERENCE("PRICESMART-B",,{reference})'
        sheet.cell(row, 1).value = text
        sheet.cell(row, 2).value = ArrayFormula(f"B{row}", text)
        sheet.cell(row, 3).value = f"=SUMPRODUCT({text[1:]})"
    book.save(tmp_path / "plain.xlsx")
    convert(tmp_path / "plain.xlsx", Form.LIBREOFFICE, tmp_path / "calc.xlsx")
    shown = load_workbook(calc.recalculated(tmp_path / "calc.xlsx"), data_only=True)["Sheet"]
    assert {cell.value for line in shown["A2:C5"] for cell in line} == {1000}
