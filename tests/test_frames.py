"""The functions from Python: frames in and out, and many exits at once."""

from __future__ import annotations

import datetime as dt
import itertools
import math
import subprocess
import sys
from decimal import Decimal
from typing import Any

import numpy
import pandas
import pytest

from xlcap.errors import XlcapError
from xlcap.frames import ask, payouts
from xlcap.functions import call

NAN = math.nan
CAP_TABLE = pandas.DataFrame(
    {
        "class": ["Common", "Options", "Series A", "Series B"],
        "kind": ["common", "option", "preferred", "preferred"],
        "shares": [8_000_000, 500_000, 2_000_000, 1_000_000],
        "seniority": [NAN, NAN, 1, 2],
        "original_issue_price": [NAN, NAN, 1.5, 4],
        "conversion_price": [NAN, NAN, 1.5, 4],
        "strike": [None, 0.5, None, None],
    }
)
SPLIT = pandas.DataFrame({"event": ["split"], "date": [pandas.Timestamp("2004-03-03")], "ratio": [2]})


def rows(frame: pandas.DataFrame) -> list[list[Any]]:
    """A frame as a sheet has it, made by the plainest means."""
    held = [[None if pandas.isna(value) else value for value in row] for row in frame.to_numpy().tolist()]
    return [list(frame.columns), *held]


# --- frames in --------------------------------------------------------------------------------------------------------


def test_a_frame_is_a_table_with_its_header() -> None:
    """The same answer as for the rows of a sheet."""
    answer = ask("WATERFALL", proceeds=20e6, cap_table=CAP_TABLE)
    assert rows(answer) == call("WATERFALL", [20e6, rows(CAP_TABLE)])


@pytest.mark.parametrize(
    "cap_table",
    [
        rows(CAP_TABLE),
        CAP_TABLE.to_dict("list"),
        CAP_TABLE.to_dict("records"),
        CAP_TABLE.set_index("class"),
        CAP_TABLE.set_axis([7, 7, 9, 3], axis="index"),
        CAP_TABLE.convert_dtypes(),
        CAP_TABLE.astype(object),
        CAP_TABLE.astype({"kind": "category", "shares": "Int64"}),
    ],
    ids=["rows", "columns", "records", "named index", "other index", "nullable", "object", "category"],
)
def test_a_table_may_come_in_many_forms(cap_table: Any) -> None:
    """Series A's 2m and Series B's 1m of 11.5m shares, which share 60m and the strikes of 0.25m with all."""
    answer = ask("WATERFALL", proceeds=60e6, cap_table=cap_table, rounding="none")
    each = 60.25 / 11.5
    assert answer["Payout"].to_list() == pytest.approx([8e6 * each, 0.5e6 * (each - 0.5), 2e6 * each, 1e6 * each])


@pytest.mark.parametrize("blank", [None, NAN, pandas.NA, pandas.NaT, numpy.nan, ""])
def test_whatever_is_missing_is_a_blank(blank: object) -> None:
    """An argument that is missing has its default, and a cell that is missing says nothing."""
    cap_table = [["class", "kind", "shares", "strike"], ["Common", "common", 100, blank]]
    assert ask("WATERFALL", proceeds=5, cap_table=cap_table, payee=blank, as_of=blank)["Payout"].to_list() == [5]


@pytest.mark.parametrize(
    "day",
    [
        "2004-03-03",
        dt.date(2004, 3, 3),
        dt.datetime(2004, 3, 3, 12),
        pandas.Timestamp("2004-03-03 12:00"),
        pandas.Timestamp("2004-03-03", tz="America/New_York"),
        numpy.datetime64("2004-03-03"),
        numpy.datetime64("2004-03-03T12:00:00.000000000"),
    ],
)
def test_dates_come_in_any_type(day: object) -> None:
    """The day after the split 2:1 the price of 20.00 is 10.00."""
    events = [{"event": "split", "date": day, "ratio": numpy.int64(2)}]
    assert ask("CONVERSION_PRICE", terms="PRICESMART-B", events=events, as_of=day) == 20
    assert ask("CONVERSION_PRICE", terms="PRICESMART-B", events=events, as_of="2004-03-04") == 10


def test_numbers_keep_their_digits() -> None:
    """0.1 in 32 bits is 0.1, and a Decimal is itself."""
    assert ask("SPLIT_ADJUSTED_PRICE", price=numpy.float32(0.3), ratio=Decimal("0.1")) == 3
    assert ask("SPLIT_ADJUSTED_PRICE", price=pandas.Series([0.3], dtype="float32"), ratio=0.1).to_list() == [3]


@pytest.mark.parametrize("form", [lambda block: block, lambda block: block.set_index("field")["value"],
                                  lambda block: block.set_index("field")["value"].to_dict()],
                         ids=["frame", "series", "dict"])  # fmt: skip
def test_terms_come_as_fields_and_values(form: Any) -> None:
    """A block that TERMS gave, with a field changed, is a certificate."""
    block = ask("TERMS", certificate="PRICESMART-B")
    block.loc[block["field"] == "dividend.rate", "value"] = 0.1
    assert ask("TERM", terms=form(block), field="dividend.rate") == 0.1


# --- answers ----------------------------------------------------------------------------------------------------------


def test_a_table_comes_back_with_its_header_and_its_types() -> None:
    """Dates are dates to pandas, numbers are floats, what is not there is missing."""
    history = ask("CONVERSION_HISTORY", terms="PRICESMART-B", events=SPLIT)
    assert history["Date"].to_list() == [pandas.Timestamp("2004-03-04")]
    assert history["Price"].to_list() == [10]
    assert history["Price"].dtype == float
    assert rows(ask("CONVERTS_AT", cap_table=CAP_TABLE.assign(conversion_price=NAN)))[2:] == [
        ["Series A", None],
        ["Series B", None],
    ]


def test_dates_beyond_the_reach_of_nanoseconds() -> None:
    """The first quarter of the year 2400, which a date counted in nanoseconds cannot hold."""
    schedule = ask("DIVIDEND_SCHEDULE", terms="PRICESMART-B", first_day="2400-01-02", last_day="2400-04-30")
    assert schedule["Nominal"].dt.year.to_list() == [2400]


def test_one_value_comes_back_as_it_is() -> None:
    """A number and a day; the name in any case."""
    assert ask("split_adjusted_price", price=20, ratio=2) == 10.0
    terms = {"id": "PRICESMART-B", "conversion.automatic.date": "2013-07-09"}
    assert ask("AUTOMATIC_CONVERSION", terms=terms) == dt.date(2013, 7, 9)


def test_a_table_without_a_header_has_numbered_columns() -> None:
    """One column is a series; a statement of two is a frame."""
    alone = ask("WATERFALL", proceeds=[1e6, 2e6], cap_table=CAP_TABLE, payee="Series B")
    assert isinstance(alone, pandas.Series)
    assert alone.to_list() == [1e6, 2e6]
    assert list(ask("CONVERSION_STATEMENT", terms="VALUESTAR-B", as_of="2000-06-30").columns) == [0, 1]


# --- one value a row --------------------------------------------------------------------------------------------------


def test_a_series_is_asked_row_by_row_and_keeps_its_index() -> None:
    """A blank question has a blank answer."""
    days = pandas.Series(pandas.to_datetime(["2004-03-02", None, "2004-03-04"]), index=["x", "y", "z"])
    answer = ask("CONVERSION_PRICE", terms="PRICESMART-B", events=SPLIT, as_of=days)
    assert answer.to_dict() == {"x": 20, "y": pytest.approx(NAN, nan_ok=True), "z": 10}


@pytest.mark.parametrize("count", [0, 1, 2])
@pytest.mark.parametrize("blank", [False, True])
def test_a_series_is_answered_by_a_series_however_short(count: int, blank: bool) -> None:
    """None, one, or all of them blank."""
    days = pandas.Series([pandas.NaT if blank else pandas.Timestamp("2004-03-04")] * count, index=range(5, 5 + count))
    answer = ask("CONVERSION_PRICE", terms="PRICESMART-B", events=SPLIT, as_of=days)
    assert answer.index.equals(days.index)
    assert answer.isna().all() if blank else (answer == 10).all()


def test_a_frame_is_asked_cell_by_cell() -> None:
    """The answer has its index and its columns; an array and a list are answered with rows numbered anew."""
    prices = pandas.DataFrame([[20, 21], [22, None]], index=["a", "b"], columns=["x", "y"])
    assert ask("SPLIT_ADJUSTED_PRICE", price=prices, ratio=2).equals(prices / 2)
    assert ask("SPLIT_ADJUSTED_PRICE", price=prices.to_numpy(), ratio=2).equals(
        (prices / 2).set_axis([0, 1]).set_axis([0, 1], axis=1)
    )
    assert ask("SPLIT_ADJUSTED_PRICE", price=[20, 22], ratio=numpy.array([2, 4])).to_list() == [10, 5.5]


# --- faults -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("WATERFAL", {}, "there is no function WATERFAL"),
        ("WATERFALL", {"proceed": 1}, "WATERFALL: has no argument 'proceed'; did you mean 'proceeds'"),
        ("CONVERTS_AT", {"x": 1}, "CONVERTS_AT: has no argument 'x'; its arguments are cap_table, payee"),
        ("WATERFALL", {"proceeds": 1}, "argument 'cap_table': is required"),
        ("WATERFALL", {"proceeds": 1, "cap_table": CAP_TABLE.assign(shares=[1, 2, "many", 4])},
         "cap_table row 3, column 'shares': a number is expected; found 'many'"),
        ("WATERFALL", {"proceeds": [1, "x"], "cap_table": CAP_TABLE}, "argument 'proceeds', row 2, column 1"),
        ("SPLIT_ADJUSTED_PRICE", {"price": pandas.Series([20, "x"]), "ratio": 2}, "price row 2, column 1"),
        ("SPLIT_ADJUSTED_PRICE", {"price": [20, 21], "ratio": [1, 2, 3]}, "must have the same size"),
    ],
)  # fmt: skip
def test_faults_are_placed(name: str, arguments: dict[str, Any], message: str) -> None:
    """Every fault is an XlcapError; rows are counted from 1."""
    with pytest.raises(XlcapError) as error:
        ask(name, **arguments)
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("proceeds", "message", "code"),
    [
        ([1, NAN], "argument 'proceeds' row 2: must be a number of zero or more; found a blank", "#VALUE!"),
        (None, "argument 'proceeds' row 1: must be a number of zero or more; found a blank", "#VALUE!"),
        (pandas.array([1, 2, None], dtype="Int64"), "argument 'proceeds' row 3: must be a number", "#VALUE!"),
        ([1, 2, -5], "argument 'proceeds' row 3: must be a number of zero or more; found -5", "#NUM!"),
        ([math.inf], "argument 'proceeds' row 1: must be a number of zero or more; found inf", "#VALUE!"),
        ([1, "x"], "argument 'proceeds' row 2: a number is expected; found 'x'", "#VALUE!"),
        ([True], "argument 'proceeds' row 1: a number is expected; found TRUE", "#VALUE!"),
        ([1, "#DIV/0!"], "argument 'proceeds' row 2: the cell holds the error #DIV/0!", "#DIV/0!"),
        (numpy.zeros((2, 2)), "argument 'proceeds': a number or one column of numbers is expected", "#VALUE!"),
        (pandas.DataFrame([[1, 2]]), "argument 'proceeds': a number or one column of numbers is expected", "#VALUE!"),
    ],
)
def test_exits_that_cannot_be_are_placed(proceeds: Any, message: str, code: str) -> None:
    """Blank, negative, infinite, no number, no column."""
    with pytest.raises(XlcapError) as error:
        payouts(proceeds, CAP_TABLE)
    assert str(error.value).startswith(message)
    assert error.value.code == code


def test_faults_of_the_cap_table_and_the_options_are_those_of_waterfall() -> None:
    """A payee that is not there, a cap table that does not read."""
    with pytest.raises(XlcapError, match="the cap table has no 'Series C'"):
        payouts([1], CAP_TABLE, payee="Series C")
    with pytest.raises(XlcapError, match="no row of kind 'common'"):
        payouts([1], CAP_TABLE.iloc[1:])
    with pytest.raises(XlcapError, match="one of added, included is expected"):
        payouts([1], CAP_TABLE, strike_money="mine")


# --- many exits -------------------------------------------------------------------------------------------------------


def preferred(name: str, shares: float, price: float, seniority: int, **terms: Any) -> dict[str, Any]:
    """A series that converts share for share."""
    return {"class": name, "kind": "preferred", "shares": shares, "seniority": seniority,
            "original_issue_price": price, "conversion_price": price, **terms}  # fmt: skip


COMMON = {"class": "Common", "kind": "common", "shares": 8e6}
A, B = preferred("Series A", 3e6, 1.7, 1), preferred("Series B", 1e6, 4.3, 2)
CAPPED = preferred("Series C", 7e5, 3.1, 2, participation="capped", cap_multiple=2.5)
PLAN = {"class": "Plan", "kind": "carve_out", "rate": "10% to 5,000,000; 4% to 20,000,000"}
GROUP = {"conversion_group": "Preferred", "converts_alone": False}
STRUCTURES: dict[str, list[dict[str, Any]]] = {
    "plain": [COMMON, A, B, CAPPED, {"class": "Options", "kind": "option", "shares": 3e5, "strike": 0.77}],
    "thirds": [COMMON, preferred("Series A", 3e6, 1 / 3, 1), preferred("Series B", 1e6 / 7, 0.7, 1)],
    "debts": [COMMON, A, {"class": "Fees", "kind": "cost", "amount": 4e5},
              {"class": "Loan", "kind": "debt", "amount": 3e6}],
    "before": [COMMON, A, B, PLAN],
    "alongside": [COMMON, A, B, {**PLAN, "seniority": 1}],
    "two alongside": [COMMON, A, B, {**PLAN, "seniority": 2},
                      {"class": "Board", "kind": "carve_out", "rate": 0.02, "rate_of": "gross", "seniority": 2}],
    "vote": [COMMON, {**A, **GROUP}, {**CAPPED, **GROUP}],
    "linked": [COMMON, B, {**CAPPED, "converts_with": "Series B"}],
    "note": [COMMON, A, {"class": "Note", "kind": "note", "amount": 1e6, "valuation_cap": 6e6}],
    "safes": [COMMON, A, B, {"class": "Early", "kind": "safe", "amount": 5e5, "valuation_cap": 7e6},
              {"class": "Late", "kind": "safe", "amount": 1e6, "valuation_cap": 1.1e7}],
    "discount": [COMMON, A, {"class": "Bridge", "kind": "safe", "amount": 1e6, "discount": 0.15}],
    "warrant": [COMMON, A, B,
                {"class": "Warrant", "kind": "warrant", "shares": 2e5, "strike": 2, "underlying": "Series B"}],
}  # fmt: skip


def cap_table_of(name: str) -> list[list[Any]]:
    """A structure as a table."""
    columns = list(dict.fromkeys(column for row in STRUCTURES[name] for column in row))
    return [columns, *([row.get(column) for column in columns] for row in STRUCTURES[name])]


def telling(cap_table: list[list[Any]], strike_money: str) -> list[float]:
    """Exits at, just below and just above everything that happens, a cent away from it, and between."""
    answer: Any = call("BREAKPOINTS", [cap_table, None, None, strike_money])
    at = [0.0, *(row[0] for row in answer[1:]), 10 * answer[-1][0]]
    found = []
    for x in at:
        found += [x, math.nextafter(x, math.inf), math.nextafter(x, 0), x * (1 - 3e-15), x * (1 + 3e-15)]
        found += [x + 0.01, max(x - 0.01, 0)]
    return found + [low + (high - low) * part for low, high in itertools.pairwise(at) for part in (0.1, 0.5, 0.9)]


REFUSED = ("warrant", "included")
ASKED = [asked for asked in itertools.product(STRUCTURES, ("added", "included")) if asked != REFUSED]
"""A warrant on preferred stock with its strike in the proceeds is refused."""


@pytest.mark.parametrize(("name", "strike_money"), ASKED)
def test_many_exits_are_paid_as_one_is(name: str, strike_money: str) -> None:
    """To 1e-9 of each payout or 1e-14 of the exit, on both sides of every jump, as WATERFALL says exit by exit."""
    cap_table = cap_table_of(name)
    exits = telling(cap_table, strike_money)
    exact: Any = call("WATERFALL", [[[x] for x in exits], cap_table, None, "none", None, None, strike_money])
    bulk = payouts(exits, cap_table, strike_money=strike_money)
    assert list(bulk.columns) == exact[0]
    assert bulk["Proceeds"].to_list() == exits
    for ours, theirs in zip(bulk.to_numpy().tolist(), exact[1:], strict=True):
        assert ours == pytest.approx(theirs, rel=1e-9, abs=1e-14 * ours[0])


def test_a_jump_is_where_it_is() -> None:
    """1m at 15% off converts for 1m / 0.85 where more than that is left after Series A's 5.1m, and not at it."""
    edge = 5.1e6 + 1e6 / 0.85
    bridge = payouts([edge - 0.01, edge, edge + 0.01], cap_table_of("discount"), payee="Bridge")["Bridge"]
    assert bridge.to_list() == pytest.approx([1e6, 1e6, 1e6 / 0.85])


def test_exits_come_in_any_form_and_any_number() -> None:
    """A series keeps its index; no exit has no row, and the columns all the same."""
    exits = pandas.Series([2e6, 1e6], index=["high", "low"])
    assert payouts(exits, CAP_TABLE)["Series B"].to_dict() == {"high": 2e6, "low": 1e6}
    for form in ([1e6], numpy.array([1000000]), 1e6, "1000000", Decimal(1000000), pandas.DataFrame([1e6])):
        assert payouts(form, CAP_TABLE).to_numpy().tolist() == [[1e6, 0, 0, 0, 1e6]]
    none = payouts([], CAP_TABLE)
    assert none.shape == (0, 5)
    assert list(none.columns) == ["Proceeds", "Common", "Options", "Series A", "Series B"]


def test_more_exits_than_are_worked_out_at_a_time() -> None:
    """50,001 exits from nothing to 100m: the payouts add up to each, and never fall."""
    exits = numpy.linspace(0, 100e6, 50_001)
    bulk = payouts(exits, CAP_TABLE).to_numpy()
    assert bulk[:, 0].tolist() == exits.tolist()
    assert numpy.allclose(bulk[:, 1:].sum(axis=1), exits, rtol=1e-14, atol=1e-7)
    assert (numpy.diff(bulk, axis=0) >= -1e-7).all()


def test_payouts_by_payee_class_and_holder() -> None:
    """Ann's 6m of 8m Common and all the Seed: 3 x 6/8 + 1 of 4m above the preference of 1m, which is hers."""
    cap_table = {"class": ["Common", "Common", "Seed"], "holder": ["Ann", "Bob", "Ann"],
                 "kind": ["common", "common", "preferred"], "shares": [6e6, 2e6, 1e6], "seniority": [None, None, 1],
                 "preference": [None, None, 1e6]}  # fmt: skip
    assert payouts(4e6, cap_table, by="holder").to_dict("list") == {"Proceeds": [4e6], "Ann": [3.25e6], "Bob": [0.75e6]}
    assert payouts(4e6, cap_table, by="class").to_dict("list") == {"Proceeds": [4e6], "Common": [3e6], "Seed": [1e6]}
    assert payouts(4e6, cap_table, payee="Common: Bob").to_dict("list") == {"Proceeds": [4e6], "Common: Bob": [0.75e6]}


def test_options_are_those_of_waterfall() -> None:
    """Prices worked out from events: 20m of preference at 10.00 are 2m of 9m shares."""
    cap_table = pandas.DataFrame({"class": ["Common", "Series B"], "kind": ["common", "preferred"],
                                  "shares": [7e6, 20e3], "terms": [None, "PRICESMART-B"], "accrued": [None, 0],
                                  "issue_date": [pandas.NaT, pandas.Timestamp("2003-07-09")]})  # fmt: skip
    paid = payouts([180e6], cap_table, events=SPLIT, as_of=pandas.Timestamp("2004-06-30"))
    exact = ask("WATERFALL", proceeds=180e6, cap_table=cap_table, events=SPLIT, as_of="2004-06-30", rounding="none")
    assert paid.iloc[0, 1:].to_list() == pytest.approx(exact["Payout"].to_list(), rel=1e-12)
    assert paid.iloc[0, 1:].to_list() == pytest.approx([140e6, 40e6])


def test_the_same_cap_table_is_worked_out_once() -> None:
    """A copy of the frame with the same content finds what the first one made ready."""
    from xlcap.frames import bulk

    payouts([1e6], CAP_TABLE)
    before = bulk._made.cache_info()
    payouts([2e6], CAP_TABLE.copy())
    after = bulk._made.cache_info()
    assert (after.hits, after.misses) == (before.hits + 1, before.misses)


def test_frames_are_loaded_only_when_asked_for() -> None:
    """Importing the module loads neither pandas nor numpy."""
    code = "import sys, xlcap.frames; print({'pandas', 'numpy'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "set()"
