"""Desktop Excel on Windows, as far as it can be had without it: xlwings' own Windows code, a fake COM boundary."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import pytest
from com_boundary import Cells, answering, excel, formula, imported, read_count, with_a_bug, wrapper
from golden import Call, calls, difference

from xlcap.cells import CellError
from xlcap.functions import functions, reasons
from xlcap.hosts.excel import vba

SPLIT = Cells([["event", "date", "ratio"], ["split", dt.date(2004, 6, 14), 2.0]])
KEYWORDS = """
    and as boolean byref byte byval call case const currency date decimal declare dim do double each else end enum eqv
    erase error event exit false for friend function get global gosub goto if imp implements in input integer is let
    like lock long loop lset me mod new next not nothing null on open option optional or paramarray print private
    property public put raiseevent redim rem resume return rset seek select set single static step stop string sub then
    to true type unlock until variant wend while with withevents write xor caller
"""


@pytest.fixture(scope="module")
def windows() -> Iterator[ProcessPoolExecutor]:
    with excel() as process:
        yield process


def shown(windows: ProcessPoolExecutor, name: str, *args: Any, date_1904: bool = False) -> Any:
    return windows.submit(formula, name, args, date_1904).result()


@pytest.mark.parametrize("in_cells", [True, False], ids=["arguments in cells", "arguments in the formula"])
def test_the_golden_table(windows: ProcessPoolExecutor, in_cells: bool) -> None:
    """Excel shows what the table says, single arguments standing in cells or in the formula."""

    def argument(arg: Any) -> Any:
        if isinstance(arg, list):
            return Cells(arg)
        return Cells([[arg]]) if in_cells and arg is not None else arg

    def told(asked: Call) -> str | None:
        answer = shown(windows, asked.function, *(argument(arg) for arg in asked.args))
        return difference(answer, asked.expect)

    found = {asked.id: told(asked) for asked in calls()}
    assert len(found) >= 300
    assert {name: what for name, what in found.items() if what} == {}


# --- what the host does to cells ------------------------------------------------------------------------------------


def test_an_amount_formatted_as_currency_keeps_its_digits(windows: ProcessPoolExecutor) -> None:
    """Excel's Value has four places of a currency: 17.12345 would be 17.1234 or 17.1235, and half of it wrong."""
    assert shown(windows, "SPLIT_ADJUSTED_PRICE", Cells([[17.12345]], currency=True), 2.0) == 17.12345 / 2
    table = Cells([[None, 17.12345], [1e-5, 3.0]], currency=True)
    assert shown(windows, "SPLIT_ADJUSTED_PRICE", table, 2.0) == [["", 17.12345 / 2], [1e-5 / 2, 1.5]]


def test_a_workbook_of_1904(windows: ProcessPoolExecutor) -> None:
    """DATE(2004,6,15) is 36,691 there; read as days since 1900 it would be in the year 2000, before the split."""
    for date_1904 in (False, True):
        assert (
            shown(windows, "CONVERSION_PRICE", "PRICESMART-B", SPLIT, dt.date(2004, 6, 15), date_1904=date_1904) == 10
        )
        inner = [["event", "date", "ratio"], ["split", dt.date(2004, 6, 14), 2.0]]  # as FILTER answers: no date cells
        asked = ("PRICESMART-B", inner, Cells([[dt.date(2004, 6, 15)]]))
        assert shown(windows, "CONVERSION_PRICE", *asked, date_1904=date_1904) == 10


def test_errors_come_through_as_themselves(windows: ProcessPoolExecutor) -> None:
    """Alone, among the cells of a range, and those xlwings does not know and would take for numbers."""
    assert shown(windows, "SPLIT_ADJUSTED_PRICE", CellError("#DIV/0!"), 2.0) == CellError("#DIV/0!")
    assert shown(windows, "SPLIT_ADJUSTED_PRICE", Cells([[20.0, CellError("#N/A")]]), 2.0) == [[10, CellError("#N/A")]]
    for code in vba.ERROR_NUMBERS:
        assert shown(windows, "SPLIT_ADJUSTED_PRICE", Cells([[CellError(code)]]), 2.0) == CellError(code)


def test_an_error_excel_got_later_is_no_number(windows: ProcessPoolExecutor) -> None:
    """#FIELD! and its kin come as -2146826239 and the like."""
    assert shown(windows, "SPLIT_ADJUSTED_PRICE", -2146826239, 2.0) == CellError("#VALUE!")


def test_answers_are_what_pywin32_can_carry(windows: ProcessPoolExecutor) -> None:
    """Large whole numbers, dates, blanks, booleans, errors in a table, one row."""
    day = dt.date(2004, 6, 14)
    answers = [[2**40, day, None], [True, CellError("#N/A"), "a"]]
    wanted = [[2.0**40, dt.datetime(2004, 6, 14), ""], [True, CellError("#N/A"), "a"]]
    assert windows.submit(answering, "CERTIFICATES", answers).result() == wanted
    assert windows.submit(answering, "CERTIFICATES", [["a", CellError("#N/A")]]).result() == [["a", CellError("#N/A")]]
    assert windows.submit(answering, "CERTIFICATES", 3).result() == 3.0


# --- errors and their reasons ---------------------------------------------------------------------------------------


def test_the_reason_of_an_error_is_at_hand(windows: ProcessPoolExecutor) -> None:
    """The cell shows #NUM!, XLCAP_REASON why."""
    assert shown(windows, "SPLIT_ADJUSTED_PRICE", 20.0, 0.0) == CellError("#NUM!")
    assert shown(windows, "XLCAP_REASON").endswith("#NUM!: ratio: must be above zero; found 0")
    assert shown(windows, "TERM", "PRICESMART-B", "nothing") == CellError("#N/A")
    assert "must be above zero" in shown(windows, "XLCAP_REASON", "SPLIT_ADJUSTED_PRICE")


def test_a_bug_of_ours_is_an_error_too(windows: ProcessPoolExecutor) -> None:
    """No text in the cell that a sum would leave out; the reason says whose fault it is."""
    assert windows.submit(with_a_bug, "SPLIT_ADJUSTED_PRICE", [20.0, 2.0]).result() == CellError("#VALUE!")
    assert "this is a bug in xlcap (KeyError: 'oops')" in shown(windows, "XLCAP_REASON")


def test_what_keeps_python_from_answering_is_an_error_too() -> None:
    """No text, and XLCAP_REASON tells it until a function is answered; it is never an empty answer, which is zero."""
    text = vba.module()
    for name in functions():
        body = text.partition(f"Public Function {name}(")[2].partition("End Function")[0]
        failed = "Err.Description" if name == reasons.NAME else f'XlcapFailed("{name}", Err.Description)'
        assert f"failed:\n    {name} = {failed}\n" in body
        if wrapper(name)[2]:
            assert f".Enabled Then\n        {name} = CVErr(2042)\n        Exit Function\n    End If\n" in body
    assert f'    {reasons.NAME} = failure\n    If failure <> "" Then Exit Function\n' in text
    helpers = text.partition("Private Function XlcapFailed")[2]
    assert helpers.index('failure = asked & ": " & told') < helpers.index('failure = ""')


def test_a_table_is_read_once(windows: ProcessPoolExecutor) -> None:
    """Formulas that share an events table read it once, though each is handed it anew."""
    rows = Cells([["event", "date", "ratio"], ["split", dt.date(2004, 6, 14), 3.0]])
    assert windows.submit(read_count, "CONVERSION_PRICE", ["PRICESMART-B", rows, "2004-06-15"], 200).result() == 1


# --- what Excel is told about the functions -------------------------------------------------------------------------


def test_xlwings_own_import_knows_the_same_functions(windows: ProcessPoolExecutor) -> None:
    """Where functions are imported with xlwings' button: the parameters, what is handed on and the guard are ours."""
    text, _ = windows.submit(imported).result()
    text = text.replace(" _\n", "")
    for name in functions():
        (head,) = re.findall(rf"^Function {name}\((.*)\)$", text, re.MULTILINE)
        body = text.partition(f"Function {name}(")[2].partition("End Function")[0]
        (array,) = set(re.findall(rf'"{name}", Array\((.*?)\)(?:, ActiveWorkbook|\)\n)', body))
        parameters, passed, guarded = wrapper(name)
        assert head == ", ".join(parameters)
        assert array.replace(vba.DATE_SYSTEM, "XlcapDate1904()") == ", ".join(passed)
        assert ("CommandBars" in body) == guarded


def test_the_wizard_has_a_category_and_help_for_everything(windows: ProcessPoolExecutor) -> None:
    """Descriptions whole, of at most 255 characters, and one for each argument that Excel sees."""
    _, wizard = windows.submit(imported).result()
    assert wizard.keys() == functions().keys()
    for declared in functions().values():
        facts = wizard[declared.name]
        assert (facts["Category"], facts["Description"]) == ("xlcap", declared.doc)
        assert facts["ArgumentDescriptions"] == ([a.doc for a in declared.arguments] or None)


def test_our_own_module_tells_the_wizard_the_same(windows: ProcessPoolExecutor) -> None:
    """XlcapHelp registers what xlwings' import does."""
    _, wizard = windows.submit(imported).result()
    text = vba.module().replace(", _\n        ", ", ").replace("Array( _\n        ", "Array(")
    told = re.findall(
        r'MacroOptions Macro:="\'" & ThisWorkbook.Name & "\'!(\w+)", Category:="(\w+)", '
        r'Description:="((?:[^"]|"")*)"(?:, ArgumentDescriptions:=Array\((.*)\))?$',
        text,
        re.MULTILINE,
    )
    found = {
        name: (category, doc.replace('""', '"'), [d.replace('""', '"') for d in re.findall(r'"((?:[^"]|"")*)"', docs)])
        for name, category, doc, docs in told
    }
    wanted = {n: (f["Category"], f["Description"], f["ArgumentDescriptions"] or []) for n, f in wizard.items()}
    assert found == wanted
    assert set(re.findall(r"^    (XlcapHelp\d+)$", text, re.MULTILINE)) == set(
        re.findall(r"Sub (XlcapHelp\d+)\(", text)
    )


def test_functions_of_tables_keep_quiet_in_the_wizard() -> None:
    """A waterfall is not calculated at every key; a quick question is answered while it is typed."""
    assert wrapper("WATERFALL")[2]
    assert wrapper("CONVERSION_PRICE")[2]
    assert not wrapper("SPLIT_ADJUSTED_PRICE")[2]
    assert not wrapper("TERMS")[2]


def test_the_module_is_sound_vba() -> None:
    """Lines, continuations and names within VBA's limits; nothing required after what is optional."""
    text = vba.module()
    assert max(map(len, text.splitlines())) <= 1023
    assert not re.search(r"(?: _\n.*){25}", text)
    assert text.isascii()
    opened = re.findall(r"^(?:Public|Private) Function (\w+)", text, re.MULTILINE)
    assert len(opened) == text.count("End Function\n") == len({name.lower() for name in opened})
    assert set(functions()) <= set(opened)
    for name in functions():
        parameters, passed, _ = wrapper(name)
        words = [word.removeprefix("Optional ") for word in parameters]
        assert len(words) <= 60
        assert len({word.lower() for word in words} - {name.lower()}) == len(words)
        assert not {word.lower() for word in words} & set(KEYWORDS.split())
        assert [word for word in passed if word != "XlcapDate1904()"] == words
        optional = [word.startswith("Optional ") for word in parameters]
        assert optional == sorted(optional)
