"""Our VBA in LibreOffice's Basic, with xlwings imitated: what Python is handed, and what a cell shows of its answer.

Basic has neither a caller nor command bars: the line that looks for the one is replaced, functions that look for the
other are not asked. It shows an error value as "Error 2036".
"""

from __future__ import annotations

import json
import subprocess
import zipfile
from pathlib import Path

import pytest
from openpyxl import Workbook
from pyopenvba import ExcelFile, VBAModuleKind

from xlcap.hosts.excel import vba
from xlcap.hosts.libreoffice import office

PYTHON = """\
Attribute VB_Name = "Stub"
Public Down As Boolean

Public Function XLPy() As Object
    If Down Then Err.Raise 1000, , "Could not activate Python COM server"
    Set XLPy = New Answering
End Function

Public Function TURNED(off)
    Down = (off = 1)
    TURNED = off
End Function
"""

ANSWERING = """\
VERSION 1.0 CLASS
BEGIN
  MultiUse = -1
END
Attribute VB_Name = "Answering"
Public Function CallUDF(m, f, given, book, caller)
    Dim i, told
    For i = 0 To UBound(given)
        If IsObject(given(i)) Then
            told = told & "[" & given(i).Address & "]"
        ElseIf Left(given(i), 1) = "#" Then
            CallUDF = given(i)
            Exit Function
        Else
            told = told & "(" & given(i) & ")"
        End If
    Next
    CallUDF = told
End Function
"""


@pytest.fixture(scope="module")
def workbook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workbook with our module; its first sheet is used down to row 20."""
    book = Workbook()
    book["Sheet"]["B20"] = 1
    folder = tmp_path_factory.mktemp("vba")
    book.save(folder / "plain.xlsx")
    path = folder / "functions.xlsm"
    with zipfile.ZipFile(folder / "plain.xlsx") as source, zipfile.ZipFile(path, "w") as copy:
        plain = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
        for part in source.namelist():
            told = source.read(part).replace(plain, b"application/vnd.ms-excel.sheet.macroEnabled.main+xml")
            copy.writestr(part, told)
    ours = vba.module().replace('If TypeName(Application.Caller) = "Range" Then On Error', "On Error")
    with ExcelFile(path) as file:
        project = file.add_vba_project()
        project.add_module("Answering", ANSWERING.replace("\n", "\r\n"), kind=VBAModuleKind.other)
        for name, text in (("Stub", PYTHON), ("xlwings_udfs", ours)):
            project.add_module(name, text.replace("\n", "\r\n"))
        file.save()
    return path


@pytest.mark.usefixtures("libreoffice")
def test_what_is_handed_over_and_shown(workbook: Path, tmp_path: Path) -> None:
    """Ranges as they are, but down to the last row only what is used; errors as errors, and why."""
    asked = {
        "=SPLIT_ADJUSTED_PRICE(A1:B3;2)": "[$A$1:$B$3](2)",
        "=SPLIT_ADJUSTED_PRICE(A1:A1048576;B3:B1048576)": "[$A$1:$A$20][$B$3:$B$20]",
        '=SPLIT_ADJUSTED_PRICE("#NUM!";1)': "Error 2036",
        '=SPLIT_ADJUSTED_PRICE("#N/A";1)': "Error 2042",
        "=XLCAP_REASON(1)": "(1)",
        "=TURNED(1)": "1",
        "=SPLIT_ADJUSTED_PRICE(1;1)": "Error 2015",
        "=XLCAP_REASON(2)": "SPLIT_ADJUSTED_PRICE: Could not activate Python COM server",
        "=TURNED(2)": "2",
        "=XLCAP_REASON(3)": "SPLIT_ADJUSTED_PRICE: Could not activate Python COM server",
        "=SPLIT_ADJUSTED_PRICE(1;2)": "(1)(2)",
        "=XLCAP_REASON(4)": "(4)",
    }
    found = office.find()
    told = [found.python, Path(__file__).parent / "vba_in_calc.py", found.program, (tmp_path / "profile").as_uri()]
    told += [workbook.as_uri(), json.dumps([*asked])]
    answers = json.loads(subprocess.run(told, capture_output=True, timeout=180, check=True).stdout)
    assert dict(zip(asked, answers, strict=True)) == asked
