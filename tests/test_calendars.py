"""Business days as the banks of San Diego keep them, and the exchange's trading days."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys

import holidays
import pytest

from xlcap.calendars import Calendar, calendar, is_trading_day

BANKS = Calendar("SAN_DIEGO_BANKS")


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2005-01-17", False),  # third Monday of January: Martin Luther King's birthday
        ("2004-07-04", False),  # a Sunday
        ("2004-07-05", False),  # the Monday on which that holiday is kept
        ("2010-12-24", True),  # Christmas 2010 falls on a Saturday; banks stay open on the Friday
        ("2010-12-31", True),  # New Year's Day 2011 likewise
        ("2021-06-18", True),  # Juneteenth 2021 is a Saturday
        ("2022-06-20", False),  # Juneteenth 2022 is a Sunday
        ("2004-10-11", False),  # Columbus Day: banks close, the exchange does not
        ("2004-04-09", True),  # Good Friday: the exchange closes, banks do not
        ("2004-02-28", False),  # a Saturday
    ],
)
def test_bank_days(day: str, expected: bool) -> None:
    """Banks keep the federal holidays; one on a Sunday is kept on Monday, one on a Saturday not on Friday."""
    assert BANKS.is_business_day(dt.date.fromisoformat(day)) is expected


@pytest.mark.parametrize("year", range(1999, 2031))
def test_bank_days_are_the_federal_reserves(year: int) -> None:
    """The days made from the federal holidays are those the library lists for the Federal Reserve itself."""
    listed = holidays.financial_holidays("FED", years=year)
    day = dt.date(year, 1, 1)
    while day.year == year:
        assert BANKS.is_business_day(day) == (day.weekday() < 5 and day not in listed), day
        day += dt.timedelta(days=1)


def test_own_list_stands_in_place_of_the_library() -> None:
    """Holidays the user gives are all there are: the library's are not added."""
    own = calendar("SAN_DIEGO_BANKS", [dt.date(2005, 1, 3)])
    assert own.following(dt.date(2005, 1, 1)) == dt.date(2005, 1, 4)
    assert own.is_business_day(dt.date(2005, 1, 17))


def test_following_keeps_a_business_day() -> None:
    """A date that is a business day does not move."""
    assert BANKS.following(dt.date(2005, 4, 1)) == dt.date(2005, 4, 1)


@pytest.mark.parametrize(
    ("start", "count", "expected"),
    [
        ("2004-02-09", 5, "2004-02-17"),  # 10, 11, 12, 13, and 17: Monday the 16th is Washington's birthday
        ("2004-02-14", 1, "2004-02-17"),  # from a Saturday
        ("2004-02-17", -1, "2004-02-13"),
        ("2004-02-17", 0, "2004-02-17"),
    ],
)
def test_business_days_are_counted_from_the_next(start: str, count: int, expected: str) -> None:
    """The day counted from is not counted; neither are holidays."""
    assert BANKS.add_business_days(dt.date.fromisoformat(start), count) == dt.date.fromisoformat(expected)


def test_weekdays_know_no_holidays() -> None:
    """The calendar WEEKDAYS closes at weekends only."""
    assert Calendar("WEEKDAYS").is_business_day(dt.date(2004, 12, 25)) is False  # a Saturday
    assert Calendar("WEEKDAYS").is_business_day(dt.date(2003, 12, 25)) is True


def test_exchange_days() -> None:
    """The exchange was closed on Good Friday and for President Reagan, and open on Columbus Day."""
    assert not is_trading_day(dt.date(2004, 4, 9))
    assert not is_trading_day(dt.date(2004, 6, 11))
    assert is_trading_day(dt.date(2004, 10, 11))


def test_the_library_is_loaded_only_when_a_calendar_is_asked() -> None:
    """Importing the functions does not import the holidays library, so that they stay light to load."""
    code = "import sys, xlcap.functions; sys.exit('holidays' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
