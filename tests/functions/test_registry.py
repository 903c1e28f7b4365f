"""The one door for formulas: ranges, blanks, errors, dates, and what is kept between calls."""

from __future__ import annotations

import datetime as dt
import decimal
import os
import re
import sys
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from xlcap.cells import CellError
from xlcap.errors import XlcapError
from xlcap.functions import Kind, call, functions, names, registry
from xlcap.functions.registry import _read_table

SPLIT = [["event", "date", "ratio"], ["split", "2004-06-14", 2]]


def price(as_of: Any, events: Any = SPLIT, slot: Any = None, **more: Any) -> Any:
    return call("CONVERSION_PRICE", ["PRICESMART-B", events, as_of, None, slot], **more)


# --- ranges and blanks ----------------------------------------------------------------------------------------------


def test_a_range_of_questions_has_a_range_of_answers() -> None:
    """A column of days, a row of days, a rectangle: the answers have their shape."""
    before, after = "2004-06-14", "2004-06-15"
    assert price([[before], [after]]) == [[20.0], [10.0]]
    assert price([[before, after]]) == [[20.0, 10.0]]
    assert price([[before, after], [after, before]]) == [[20.0, 10.0], [10.0, 20.0]]


def test_a_blank_question_in_a_range_has_a_blank_answer() -> None:
    """Empty cells below a column of days stay empty, and short rows are filled up with blanks."""
    assert price([["2004-06-15"], [None], [""], ["2004-06-14"]]) == [[10.0], [None], [None], [20.0]]
    assert price([["2004-06-15"], ["2004-06-14", "2004-06-15"]]) == [[10.0, None], [20.0, 10.0]]


def test_an_error_in_one_cell_of_a_range_is_the_answer_of_that_cell() -> None:
    """The other cells are answered."""
    assert price([["2004-06-15"], [CellError("#REF!")]]) == [[10.0], [CellError("#REF!")]]


def test_a_range_of_one_cell_is_that_cell() -> None:
    """Hosts hand a single cell over as a range of one."""
    assert price([["2004-06-15"]]) == 10.0


def test_two_ranges_are_asked_side_by_side() -> None:
    """Day and time of day, cell by cell; ranges of different sizes are an error."""
    assert price([["2004-06-15"], ["2004-06-15"]], slot=[["open"], ["post_open"]]) == [[20.0], [10.0]]
    with pytest.raises(
        XlcapError, match=r"^CONVERSION_PRICE: the ranges given for as_of, time_of_day must have the same"
    ):
        price([["2004-06-15"], ["2004-06-15"]], slot=[["open", "close"]])


def test_a_fault_in_a_range_is_placed() -> None:
    """The error says which cell of the range is wrong."""
    with pytest.raises(XlcapError, match=r"^as_of row 2, column 1, argument 'as_of': a date is expected"):
        price([["2004-06-15"], ["soon"]])


def test_an_answer_that_is_a_table_takes_one_question() -> None:
    """A history cannot stand in one cell of a range of answers."""
    with pytest.raises(XlcapError, match=r"^CONVERSION_HISTORY answers with a table, so it takes one cell for as_of"):
        call("CONVERSION_HISTORY", ["PRICESMART-B", SPLIT, None, [["2004-06-15"], ["2004-06-16"]]])


def test_blank_arguments_take_their_defaults() -> None:
    """Left out, None, an empty text and a range of blanks are the same."""
    for blank in (None, "", " ", [[None]], [["", None]], []):
        assert price("2004-06-15", slot=blank) == 10.0
        assert price("2004-06-15", events=blank) == 20.0


# --- errors ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["#DIV/0!", "#N/A", "#REF!", "#NUM!", "#NAME?", "#NULL!", "#VALUE!", "#SPILL!"])
def test_an_error_value_in_a_cell_propagates_as_itself(code: str) -> None:
    """Wherever it stands, in a table or in an argument, as a text or as the host's own error."""
    for cell in (code, CellError(code)):
        for args in (("2004-06-15", [["event", "date", "ratio"], ["split", "2004-06-14", cell]]), (cell,)):
            with pytest.raises(XlcapError) as caught:
                price(*args)
            assert caught.value.code == code


def test_an_error_value_says_in_which_row_it_stands() -> None:
    """Row 2 of the events, and its column."""
    with pytest.raises(XlcapError, match=r"^events row 2, column 'ratio': the cell holds the error #N/A"):
        price("2004-06-15", [*SPLIT, ["split", "2004-07-14", "#N/A"]])


def test_an_unknown_function_is_a_name_error() -> None:
    """Excel's own error for it."""
    with pytest.raises(XlcapError, match="there is no function NO_SUCH") as caught:
        call("NO_SUCH", [])
    assert caught.value.code == "#NAME?"


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["PRICESMART-B", SPLIT], "argument 'as_of': is required: the day asked about"),
        (["PRICESMART-B", SPLIT, None], "argument 'as_of': is required: the day asked about"),
        ([None, SPLIT, "2004-06-15"], "argument 'terms': is required: "),
        (["PRICESMART-B", SPLIT, "2004-06-15", *[None] * 7], "CONVERSION_PRICE: takes at most 9 arguments"),
        (["PRICESMART-B", SPLIT, "2004-06-15", None, "noon"], "argument 'time_of_day': one of pre_open, open"),
        (["PRICESMART-B", SPLIT, "15/06/2004"], "argument 'as_of': a date is expected"),
        (["PRICESMART-B", SPLIT, -1], "argument 'as_of': a date is expected"),
        (["PRICESMART-B", SPLIT, 60.0], "argument 'as_of': a date is expected"),  # the 29 February 1900 of Excel
        (["PRICESMART-B", SPLIT, 2958466.0], "argument 'as_of': a date is expected"),
        (["PRICESMART-B", SPLIT, True], "argument 'as_of': a date is expected"),
        (["PRICESMART-B", SPLIT, float("nan")], "argument 'as_of': is required"),
        (["NOBODY", SPLIT, "2004-06-15"], "terms: no certificate is called 'NOBODY'; known are CUMULATIVE-COMPOUNDING"),
        ([[["id", "PRICESMART-B"], ["policy.overlapp", "x"]], SPLIT, "2004-06-15"], "terms: policy.overlapp: this key"),
        ([[["policy.overlap", "x"]], SPLIT, "2004-06-15"], "terms: the block has no field 'id'"),
    ],
)
def test_a_wrong_argument_is_named(args: list[Any], message: str) -> None:
    """The argument, or the field of the terms, and what is expected there."""
    with pytest.raises(XlcapError, match=f"^{message}"):
        call("CONVERSION_PRICE", args)


# --- dates and numbers as hosts hand them over ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "day",
    [
        "2004-06-15",
        "2004-06-15T09:30:00",
        dt.date(2004, 6, 15),
        dt.datetime(2004, 6, 15, 18, 30),
        38153,  # days since 30 December 1899
        38153.75,  # with a time of day
        decimal.Decimal(38153),
    ],
)
def test_a_day_may_be_a_date_a_serial_number_or_a_text(day: Any) -> None:
    """All of them are 15 June 2004."""
    assert price(day, slot="open") == 20.0
    assert price(day) == 10.0


def test_serial_numbers_are_read_in_the_workbooks_date_system() -> None:
    """14 June 2004 is 38,152 in the system of 1900 and 36,690, 1,462 days fewer, in that of 1904."""
    events = [["event", "date", "ratio"], ["split", 38152, 2]]
    assert (price(38152, events), price(38153, events)) == (20.0, 10.0)
    events = [["event", "date", "ratio"], ["split", 36690, 2]]
    assert (price(36690, events, date_system_year=1904), price(36691, events, date_system_year=1904)) == (20.0, 10.0)


def test_no_serial_number_is_beyond_the_calendar() -> None:
    """The last day is 9999-12-31 in either date system, whatever its time."""
    for year, last in ((1900, 2958465), (1904, 2957003)):
        assert price(last + 0.75, date_system_year=year) == 10.0
        with pytest.raises(XlcapError, match=f"a date is expected .* found {last + 1}$"):
            price(last + 1.0, date_system_year=year)


def test_one_table_of_serial_numbers_is_two_tables_in_two_date_systems() -> None:
    """What is kept of a table depends on the date system it was read in."""
    events = [["event", "date", "ratio"], ["split", 38152, 2]]  # 14 June 2004 in the system of 1900
    assert price("2004-06-15", events) == 10.0
    assert price("2004-06-15", events, date_system_year=1904) == 20.0
    assert price("2004-06-15", events) == 10.0


def test_a_number_is_what_the_cell_shows() -> None:
    """0.1 + 0.2 shows as 0.3 in a cell, and 16 - 0.3 of 16 leaves 20 x 15.7/16 = 19.625, which is 19.63."""
    header = ["event", "date", "value", "current_market_price"]
    assert price("2004-06-15", [header, ["distribution", "2004-06-01", 0.1 + 0.2, 16]]) == 19.63
    assert price("2004-06-15", [header, ["distribution", "2004-06-01", "0.30", "16.00"]]) == 19.63


def test_the_callers_decimal_context_does_not_matter() -> None:
    """Two digits of precision outside change no price inside."""
    events = [["event", "date", "common_outstanding", "shares"], ["stock_dividend", "2004-03-11", 7_654_321, 123_456]]
    with decimal.localcontext(decimal.Context(prec=2)):
        assert price("2004-06-15", events) == 19.68  # 20 x 7,654,321 / 7,777,777 = 19.68254


# --- what is kept between calls -------------------------------------------------------------------------------------


def test_a_table_changed_in_place_is_read_again() -> None:
    """What is kept of a table goes by its content, not by the object."""
    events = [["event", "date", "ratio"], ["split", "2004-06-14", 2]]
    assert price("2004-06-15", events) == 10.0
    events[1][2] = 4
    assert price("2004-06-15", events) == 5.0


def test_a_terms_file_that_changes_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A certificate of the user's own, by name from a folder and by path."""
    rows = dict(call("TERMS", ["PRICESMART-B"])[1:])
    shipped = Path(__file__).parents[2] / "xlcap" / "certificates" / "PRICESMART-B.toml"
    file = tmp_path / "MINE.toml"
    monkeypatch.setenv("XLCAP_TERMS", str(tmp_path))
    for number, initial in enumerate(("20.00", "30.00")):
        text = shipped.read_text(encoding="utf-8").replace("initial_price = 20.00", f"initial_price = {initial}")
        text = text.replace('id = "PRICESMART-B"', 'id = "MINE"')
        file.write_text(text, encoding="utf-8")
        os.utime(file, ns=(number, number))
        for name in ("MINE", "mine", str(file)):
            assert call("INITIAL_CONVERSION_PRICE", [name]) == float(initial)
    assert rows["conversion.initial_price"] == 20


@pytest.mark.parametrize("one", [1, True, "1", Decimal(1), 1.0])
def test_equal_cells_of_another_type_are_another_table(one: Any) -> None:
    """A ratio of TRUE is an error though 1 was read before, and 1 equals TRUE in Python."""
    table = [["event", "date", "ratio"], ["split", "2004-06-14", one]]
    assert price("2004-06-15", [["event", "date", "ratio"], ["split", "2004-06-14", 1.0]]) == 20.0
    if one is True:
        with pytest.raises(XlcapError, match="a number is expected; found TRUE"):
            price("2004-06-15", table)
    else:
        assert price("2004-06-15", table) == 20.0


def test_a_file_that_comes_to_stand_for_a_shipped_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A certificate put into the user's folder replaces the shipped one of its name from then on."""
    monkeypatch.setenv("XLCAP_TERMS", str(tmp_path))
    assert call("TERM", ["PRICESMART-B", "price_per_share"]) == 1000
    shipped = files("xlcap.certificates").joinpath("PRICESMART-B.toml").read_text(encoding="utf-8")
    (tmp_path / "PRICESMART-B.toml").write_text(re.sub(r"(?m)^price_per_share = .*$", "price_per_share = 900", shipped))
    assert call("TERM", ["PRICESMART-B", "price_per_share"]) == 900


def test_what_is_kept_of_a_table_is_its_own() -> None:
    """Rows the host changes afterwards do not change what was read of them."""
    rows: list[list[Any]] = [["id", "PRICESMART-B"], ["price_per_share", 900]]
    kept: list[Any] = []
    kind = Kind("kept", lambda table: kept.append(table) or table, shape="table")
    assert _read_table(kind, rows) is _read_table(kind, [[*row] for row in rows])
    rows[1][1] = 800
    assert kept == [[["id", "PRICESMART-B"], ["price_per_share", 900]]]


def test_what_is_kept_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """So many tables, and so many cells of them together; one larger than that is kept alone."""
    monkeypatch.setattr(registry, "MANY_CELLS", 1000)
    kind = Kind("bounded", len, shape="table")

    def kept_after(*tables: list[list[Any]]) -> list[int]:
        for table in tables:
            _read_table(kind, table)
        return [kept.cells for kept in registry._kept.values()]

    assert kept_after(*([[float(n)]] for n in range(100))) == [1] * registry._KEPT
    assert kept_after(*([[float(n), None]] * 250 for n in range(3))) == [500, 500]
    assert kept_after([["x", None]] * 750) == [1500]


def test_several_threads_ask_at_once() -> None:
    """What is kept of tables and of prices serves them one after the other."""
    tables = [[*SPLIT, ["split", "2005-06-14", 1 + n]] for n in range(70)]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as threads:
            answers = [*threads.map(lambda n: price("2005-06-15", tables[n % 3 or n % 70]), range(3000))]
    finally:
        sys.setswitchinterval(interval)
    assert answers == [price("2005-06-15", tables[n % 3 or n % 70]) for n in range(3000)]


def test_equal_moments_of_other_days_are_other_tables() -> None:
    """02:00 at UTC+5 is the day after 21:00 at UTC, and equal to it in Python."""
    utc = dt.datetime(2004, 6, 13, 21, tzinfo=dt.UTC)
    east = utc.astimezone(dt.timezone(dt.timedelta(hours=5)))
    assert utc == east
    for moment, day in ((utc, 13), (east, 14)):
        table = [["event", "date", "ratio"], ["split", moment, 2.0]]
        assert [price(f"2004-06-{on}", table) for on in (day, day + 1)] == [20.0, 10.0]


# --- what is declared -----------------------------------------------------------------------------------------------


def test_every_function_is_documented() -> None:
    """A name in capitals, a topic, a sentence, an example, and help for every argument."""
    assert sorted(names()) == sorted(functions())
    for function in functions().values():
        assert function.name == function.name.upper()
        assert function.topic
        assert function.doc.endswith("."), function.name
        assert ">>> " in function.details, function.name
        assert all(argument.doc for argument in function.arguments), function.name


@pytest.mark.parametrize(
    ("name", "args", "expected"),
    [
        ("SPLIT_ADJUSTED_PRICE", [20, 1.5], 20 / 1.5),
        ("STOCK_DIVIDEND_ADJUSTED_PRICE", [20, 7e6, 7e5], 200 / 11),
        ("RIGHTS_ADJUSTED_PRICE", [20, 7e6, 7e5, 12, 16], 20 * 7.525 / 7.7),
        ("RIGHTS_ADJUSTED_PRICE", [20, 7e6, 7e5, 16, 16], 20.0),
        ("DISTRIBUTION_ADJUSTED_PRICE", [20, 16, 1], 18.75),
        ("DISTRIBUTION_ADJUSTED_PRICE", [20, 16, 16], 20.0),
        ("TENDER_ADJUSTED_PRICE", [20, 16, 7e6, 8e6, 4e5], 20 * 104 / 105.6),
        ("TENDER_ADJUSTED_PRICE", [20, 16, 7e6, 6e6, 5e5], 20.0),
    ],
)
def test_single_adjustments_are_the_bare_formulas(name: str, args: list[float], expected: float) -> None:
    """No threshold, no rounding."""
    assert call(name, args) == pytest.approx(expected, rel=1e-15)


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("SPLIT_ADJUSTED_PRICE", [20, 0]),
        ("STOCK_DIVIDEND_ADJUSTED_PRICE", [20, 0, 1]),
        ("RIGHTS_ADJUSTED_PRICE", [20, 7e6, 7e5, 12, 0]),
        ("DISTRIBUTION_ADJUSTED_PRICE", [20, 0, 1]),
        ("TENDER_ADJUSTED_PRICE", [20, 16, 7e6, 112e6, 1]),
        ("TENDER_ADJUSTED_PRICE", [20, 16, 7e6, 1, 7e6]),
    ],
)
def test_single_adjustments_never_divide_by_zero(name: str, args: list[float]) -> None:
    """What has no lawful answer is #NUM!, with the argument named."""
    with pytest.raises(XlcapError) as caught:
        call(name, args)
    assert caught.value.code == "#NUM!"
    assert caught.value.where
