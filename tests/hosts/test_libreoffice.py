"""LibreOffice itself: the add-in installed in a profile of its own, and the golden table answered by Calc."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from calc import Calc
from golden import calls, difference
from golden_workbook import write
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.formula import ArrayFormula

import xlcap
from xlcap.errors import XlcapError
from xlcap.functions import Kind, functions
from xlcap.hosts.libreoffice import cells, component, office
from xlcap.hosts.libreoffice.names import LONE_TEXTS
from xlcap.hosts.libreoffice.oxt import build
from xlcap.hosts.selftest import FIRST, MARK, SHEET
from xlcap.selftest import selftest
from xlcap.workbook.forms import Form

CALLS = calls()

ERR_504 = {"error": "#VALUE!"}

OF_CALC = {
    "range of fields": {"error": "#VALUE!"},  # a text is asked for one at a time, see LONE_TEXTS
    "number that is TRUE": 20.0,  # TRUE is 1 to Calc: 20 / 1
    # Calc answers Err:504, a #VALUE! in an Excel file, for a range with an error in it, and does not ask the function.
    "range with an error": ERR_504,
    "block with an error in it": ERR_504,
    "table with an error in it": ERR_504,
    "table with an error in its header": ERR_504,
    "column with an error in it": ERR_504,
}
"""Calls that Calc answers otherwise than Excel, or must."""
OF_26_8 = {
    "error #REF! in an argument": {"error": "#NAME?"},
    "error for a certificate": {"error": "#NAME?"},
    "error for a table": {"error": "#NAME?"},
}
"""LibreOffice 26.8 reads the #REF! in an Excel file as a name that it does not know."""

OWN_NUMBERS = {"one argument too many", "an argument where there is none"}
"""Calls answered by an error for which ERROR.TYPE has another number in Calc, though the cell shows the same."""
OWN_NUMBERS_OF_7 = {"error #NULL! in an argument", "error for a text"}
"""More of them in LibreOffice 7."""


# -- the golden table --------------------------------------------------------------------------------------------


def asked_of_calc(path: Path, *, in_cells: bool) -> dict[str, int]:
    """The golden workbook with the calls in Calc's form, and answers over the cells they fill."""
    rows = write(path, CALLS, in_cells=in_cells)
    book = load_workbook(path)
    asked = book["Asked"]
    for call in CALLS:
        row = rows[call.id]
        text = f"=XLCAP.{asked.cell(row, 1).value[1:]}"
        if isinstance(call.expect, list):
            area = f"A{row}:{get_column_letter(len(call.expect[0]))}{row + len(call.expect) - 1}"
            asked.cell(row, 1).value = ArrayFormula(area, text)
        else:
            asked.cell(row, 1).value = text
    book.save(path)
    return rows


@pytest.mark.parametrize("in_cells", [True, False], ids=["arguments in cells", "arguments in the formula"])
def test_calc_answers(calc: Calc, tmp_path: Path, in_cells: bool) -> None:
    """Calc shows what the golden table says, TRUE and FALSE as 1 and 0."""
    rows = asked_of_calc(tmp_path / "golden.xlsx", in_cells=in_cells)
    shown = load_workbook(calc.recalculated(tmp_path / "golden.xlsx"), data_only=True)["Asked"]
    of_calc = OF_CALC | OF_26_8 if calc.version >= (26, 8) else OF_CALC
    found = {}
    for call in CALLS:
        expected = _as_numbers(of_calc.get(call.id, call.expect))
        height, width = (len(call.expect), len(call.expect[0])) if isinstance(call.expect, list) else (1, 1)
        top = rows[call.id]
        answer = [[shown.cell(top + r, 1 + c).value for c in range(width)] for r in range(height)]
        if call.id in of_calc:
            answer = answer[0][0]
        found[call.id] = difference(answer, expected)
    assert {name: told for name, told in found.items() if told} == {}


def _as_numbers(expected: Any) -> Any:
    if isinstance(expected, list):
        return [_as_numbers(item) for item in expected]
    return float(expected) if isinstance(expected, bool) else expected


def test_the_self_test(calc: Calc, tmp_path: Path) -> None:
    """The workbook of `xlcap addin selftest` counts and marks what Calc answers otherwise, and nothing else."""
    selftest(tmp_path / "selftest.xlsx", Form.LIBREOFFICE)
    shown = load_workbook(calc.recalculated(tmp_path / "selftest.xlsx"), data_only=True)[SHEET]
    rows = list(shown.iter_rows(min_row=FIRST, values_only=True))
    differ = {row[0] for row in rows if row[5] == MARK}
    assert differ == set(OF_CALC) | OWN_NUMBERS | (OWN_NUMBERS_OF_7 if calc.version < (24, 2) else set())
    assert (len(rows), shown["B2"].value) == (len(CALLS), len(differ))


# -- installing --------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("libreoffice")
def test_installing_again_and_taking_away(tmp_path: Path) -> None:
    """A second installation replaces the first; what is taken away is gone, and can be taken away again."""
    profile = tmp_path / "profile"
    assert office.installed(profile) is None
    assert office.install(profile) == office.install(profile) == xlcap.__version__
    assert office.installed(profile) == xlcap.__version__
    assert [office.uninstall(profile), office.uninstall(profile)] == [True, False]
    assert office.installed(profile) is None


def test_libreoffice_that_is_open(calc: Calc) -> None:
    """A profile in use is left alone, and the message says what to close."""
    lock = calc.profile / ".lock"
    lock.touch()
    try:
        with pytest.raises(XlcapError, match="LibreOffice is open with this profile: close it"):
            office.install(calc.profile)
    finally:
        lock.unlink()


@pytest.mark.usefixtures("libreoffice")
def test_an_active_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """LibreOffice is not given the Python of the environment the command runs in, with which it may crash."""
    monkeypatch.setenv("PATH", os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
    monkeypatch.setenv("PYTHONHOME", str(tmp_path))
    assert office.install(tmp_path / "profile") == xlcap.__version__


@pytest.mark.usefixtures("libreoffice")
def test_a_profile_that_is_none(tmp_path: Path) -> None:
    """A file, or the folder `user` within a profile, is refused at once, and nothing is made there."""
    (tmp_path / "file").touch()
    with pytest.raises(XlcapError, match="file: is a file, and a profile is a folder"):
        office.install(tmp_path / "file" / "profile")
    (tmp_path / "user").mkdir()
    (tmp_path / "user" / "registrymodifications.xcu").touch()
    with pytest.raises(XlcapError, match=f"user: is a part of a profile; the profile is {tmp_path}"):
        office.install(tmp_path / "user")
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["file", "registrymodifications.xcu", "user"]


@pytest.mark.usefixtures("libreoffice")
def test_a_profile_that_is_in_part_read_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder of the extensions is named: LibreOffice would say that nothing is installed."""
    folder = tmp_path / "user" / "uno_packages"
    folder.mkdir(parents=True)
    may = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: path != folder and may(path, mode))
    for asked in (office.install, office.uninstall):
        with pytest.raises(XlcapError, match="uno_packages: this folder cannot be written to"):
            asked(tmp_path)


@pytest.mark.usefixtures("libreoffice")
def test_what_libreoffice_refuses_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A component that cannot be loaded is refused by LibreOffice with its reason, and is not there afterwards."""

    def broken(target: Path) -> Path:
        """The add-in with a component that stops as one in too old a Python does."""
        with zipfile.ZipFile(build(tmp_path / "whole.oxt")) as whole, zipfile.ZipFile(target, "w") as archive:
            for name in whole.namelist():
                if "/" not in name or name.startswith("META-INF"):
                    archive.writestr(name, b"raise ImportError('too old')" if name == "addin.py" else whole.read(name))
        return target

    monkeypatch.setattr(office, "build", broken)
    with pytest.raises(XlcapError, match=r"nothing is installed: .*too old"):
        office.install(tmp_path / "profile")
    assert office.installed(tmp_path / "profile") is None


@pytest.mark.parametrize(
    ("ended", "told"),
    [
        (KeyboardInterrupt(), KeyboardInterrupt),
        (subprocess.TimeoutExpired("soffice", 300), XlcapError),
    ],
)
def test_what_was_interrupted_can_be_tried_again(
    ended: BaseException, told: type[BaseException], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without removing the lock of the LibreOffice that was started for it; one that hangs keeps its own."""
    monkeypatch.setattr(office, "find", lambda: office.Office(Path("soffice"), Path("python"), (3, 11, 2)))

    def run(*_args: object, **_options: object) -> None:
        (tmp_path / ".lock").touch()
        raise ended

    monkeypatch.setattr(subprocess, "run", run)
    with pytest.raises(told):
        office.install(tmp_path)
    assert (tmp_path / ".lock").exists() is (told is XlcapError)


def test_no_python_that_speaks_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is missing is named with the package that brings it."""
    monkeypatch.setattr(office, "_programs", lambda: iter([Path("soffice")]))
    monkeypatch.setattr(office, "_pythons", lambda _folder: iter([Path("/bin/false")]))
    with pytest.raises(XlcapError, match=r"soffice: has no Python that can speak with it; .*python3-uno"):
        office.find()


def test_python_that_is_too_old(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A LibreOffice whose Python cannot run the functions is told apart before anything is written."""
    monkeypatch.setattr(office, "find", lambda: office.Office(Path("soffice"), Path("python"), (3, 9, 18)))
    with pytest.raises(XlcapError, match=r"soffice: its Python is 3\.9\.18, and xlcap needs 3\.11 or later"):
        office.install(tmp_path / "profile")
    assert not (tmp_path / "profile").exists()


def test_no_libreoffice(monkeypatch: pytest.MonkeyPatch) -> None:
    """A computer without LibreOffice is told so."""
    monkeypatch.setattr(office, "_programs", lambda: iter(()))
    with pytest.raises(XlcapError, match="LibreOffice is not on this computer"):
        office.find()


def test_libreoffice_of_libreoffice_org(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """On Linux it is in a folder named by its version and not on the path; the latest is taken."""
    for version in ("7.6", "24.8", "25.2"):
        (tmp_path / f"libreoffice{version}" / "program").mkdir(parents=True)
        (tmp_path / f"libreoffice{version}" / "program" / "soffice").touch()
    monkeypatch.setattr(office, "_OPT", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(office, "_pythons", lambda folder: iter([folder]))
    answered = subprocess.CompletedProcess([], 0, stdout="3 11 9\n")
    monkeypatch.setattr(subprocess, "run", lambda *_args, **_options: answered)
    assert office.find().program == tmp_path / "libreoffice25.2" / "program" / "soffice"


def test_folder_that_cannot_be_written(tmp_path: Path) -> None:
    """The file is written whole or not at all, and the message names it."""
    (tmp_path / "xlcap.oxt").mkdir()
    with pytest.raises(XlcapError, match="cannot be written"):
        build(tmp_path / "xlcap.oxt")
    assert [path.name for path in tmp_path.iterdir()] == ["xlcap.oxt"]


# -- cells -------------------------------------------------------------------------------------------------------


def test_zero_is_a_number_where_a_number_may_stand() -> None:
    """The kinds of argument for which 0 stays 0 are those that read numbers, or yes and no."""

    def reads(kind: Kind, value: object) -> bool:
        try:
            kind.read([[value]] if kind.shape == "table" else value)
        except XlcapError:
            return False
        return True

    kinds = {argument.kind for function in functions().values() for argument in function.arguments}
    numeric = {kind.name for kind in kinds if reads(kind, 1.0) and not reads(kind, "a word") and kind.name != "dates"}
    assert numeric - {"date"} == cells.CAN_BE_ZERO


def test_where_a_blank_is_not_zero() -> None:
    """Places that round a price, and shares that are one; not money added, which is 0 where it is left blank."""
    unlike = {
        (name, functions()[name].arguments[place].name)
        for name, places in cells.blanks_unlike_zero().items()
        for place in places
    }
    assert {("PRICED_ROUND", "places"), ("PRICED_ROUND", "inside"), ("LIQUIDATION_PREFERENCE", "shares")} <= unlike
    assert {("CONVERSION_PRICE", "as_of"), ("LIQUIDATION_PREFERENCE", "accrued")} & unlike == set()


def test_dates_counted_from_another_day() -> None:
    """A document whose day zero is neither Excel's is refused, with what to choose."""
    with pytest.raises(XlcapError, match="counts its dates from 1900-01-01; choose 1899-12-30 or 1904-01-01"):
        cells.date_system(1900, 1, 1)
    document = SimpleNamespace(NullDate=SimpleNamespace(Year=1900, Month=1, Day=1))
    component.answer(functions()["TERM"], document, ("PRICESMART-B", "id"))
    assert "counts its dates from 1900-01-01" in functions()["XLCAP_REASON"].run("TERM")


def test_a_bug_of_ours_is_an_error_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is raised into Calc, and the reason says whose fault it is."""

    def wrong(*_: object, **__: object) -> None:
        raise KeyError("oops")

    monkeypatch.setattr(component, "call_declared", wrong)
    document = SimpleNamespace(NullDate=SimpleNamespace(Year=1899, Month=12, Day=30))
    told = component.answer(functions()["TERM"], document, ("PRICESMART-B", "id"))
    assert struct.pack("<d", told[0][0]) == struct.pack("<d", cells.error_value("#VALUE!"))
    assert "this is a bug in xlcap (KeyError: 'oops')" in functions()["XLCAP_REASON"].run("TERM")


# -- the wizard, and what the golden table has not ---------------------------------------------------------------

FORMULAS = [
    ("A1", "=XLCAP_REASON()"),
    ("A2", "=SPLIT_ADJUSTED_PRICE(20;0)"),
    ("A3", "=XLCAP_REASON()"),
    ("A4", '=TERM("PRICESMART-B";"none")'),
    ("A5", '=INITIAL_CONVERSION_PRICE("NONE")'),
    ("A6", "=SPLIT_ADJUSTED_PRICE(1/0;2)"),
    ("B1", '=CONVERSION_PRICE("PRICESMART-B";D1;"2004-03-01")'),
    ("B2", "=SPLIT_ADJUSTED_PRICE(D1:D1;2)"),
    ("B3", "=SPLIT_ADJUSTED_PRICE(D1;2)"),
    ("B4", "=SPLIT_ADJUSTED_PRICE(20;2)+1"),
    ("B5", '=IF(ISERROR(SPLIT_ADJUSTED_PRICE(20;0));"no";"yes")'),
    ("D2", "2004-02-16"),
    ("D3", "2003-07-09"),
    ("D4", '=ACCRUED_DIVIDENDS("PRICESMART-B";D2;D3)'),
    ("C1", '=IF(TERM("PRICESMART-B";"id")="PRICESMART-B";"equal";"other")'),
    ("C2", '=MATCH("id";INDEX(TERMS("PRICESMART-B");0;1);0)'),
    ("C3", '=TERM("PRICESMART-B";{"id";"name"})'),
    ("C4", '=XLCAP_REASON("TERM")'),
    ("C5", '=IFERROR(NO_FUNCTION(1);"caught")'),
]
DAYS_OF_1904 = [
    ("A1", '=ACCRUED_DIVIDENDS("PRICESMART-B";DATE(2004;2;16);DATE(2003;7;9))'),
    ("A2", '=AUTOMATIC_CONVERSION({"id";"PRICESMART-B"|"conversion.automatic.date";"2013-07-09"})-DATE(2013;7;9)'),
]


@pytest.fixture(scope="module")
def shown(calc: Calc) -> Any:
    """The wizard, a sheet of 1900 and one of 1904."""
    return calc.shows((1900, FORMULAS), (1904, DAYS_OF_1904))


def test_the_wizard_shows_every_function(shown: Any) -> None:
    """Each function stands in the category Add-in with its help, and each argument with its own."""
    told = {
        function.name: [function.doc, [[argument.name, argument.doc] for argument in function.arguments]]
        for function in functions().values()
    }
    assert {name: shown[0].get(name) for name in told} == told


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("A2", "#NUM!"),
        ("A4", "#N/A"),
        ("A5", "#VALUE!"),
        ("A6", "#DIV/0!"),  # Calc itself hands the error on
        ("B1", "20"),  # a lone blank for a table is no events; the first price of PriceSmart's certificate
        ("B2", "#VALUE!"),  # a number that is required
        ("B3", "0"),  # Calc says 0 for a lone blank: 0 / 2
        ("B4", "11"),  # 20 / 2 + 1
        ("B5", "no"),
        ("C1", "equal"),
        ("C2", "2"),  # after the header
        ("C3", "#VALUE!"),
        ("D4", "10"),  # 1000 x 8% x 45 days / 360
    ],
)
def test_a_cell_shows(shown: Any, cell: str, text: str) -> None:
    """Errors are Calc's own, and an answer can be part of a formula."""
    assert shown[1][cell][0] == text


def test_the_reason_can_be_asked(shown: Any) -> None:
    """XLCAP_REASON tells what refused last."""
    assert shown[1]["A3"][0].endswith("#NUM!: ratio: must be above zero; found 0")


def test_texts_come_one_at_a_time(shown: Any) -> None:
    """A function that answers with a text on its own is one of LONE_TEXTS, so that Calc can compare the text."""
    assert {call.function for call in CALLS if isinstance(call.expect, str)} == LONE_TEXTS - {"XLCAP_REASON"}
    assert shown[1]["C4"][0].endswith("TERM: in Calc it is asked one question at a time")


def test_iferror_of_what_calc_lacks(calc: Calc, shown: Any) -> None:
    """IFERROR catches the error of a function that Calc does not have; that of 26.8 does not."""
    assert (shown[1]["C5"][0] == "caught") == (calc.version < (26, 8))


def test_documents_of_1904(shown: Any) -> None:
    """A document that counts from 1904 has its dates read and answered so."""
    assert [shown[2]["A1"][0], shown[2]["A2"][0]] == ["10", "0"]
