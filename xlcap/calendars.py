"""Business days and trading days.

``SAN_DIEGO_BANKS`` is a certificate's "day on which banking institutions in San Diego are not authorized or obligated
to close", read as the days the Federal Reserve keeps: Monday to Friday, less the federal holidays; a holiday on a
Sunday is kept on the Monday, one on a Saturday is not moved (banks stay open on the Friday before). California's
optional bank holidays (Lincoln's birthday, Admission Day, the afternoon of Good Friday) are not taken as closures.
``NEW_YORK_BANKS`` are the same days, for certificates that speak of New York or of business days alone. A list of
holidays given by the user stands in place of the library's, whole.

The dates come from the ``holidays`` library, imported only when a calendar is first asked, so that the functions stay
light to load.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from xlcap.errors import XlcapError

Name = Literal["SAN_DIEGO_BANKS", "NEW_YORK_BANKS", "WEEKDAYS"]

_DAY = dt.timedelta(days=1)
_SATURDAY, _SUNDAY = 5, 6


@functools.cache
def _bank_holidays(year: int) -> frozenset[dt.date]:
    import holidays

    kept = holidays.country_holidays("US", years=year, observed=False)
    return frozenset(day + _DAY if day.weekday() == _SUNDAY else day for day in kept)


@functools.cache
def _exchange_holidays(year: int) -> frozenset[dt.date]:
    import holidays

    # a New Year's Day on a Saturday is kept by no exchange on 31 December, so one year's list is whole
    return frozenset(holidays.financial_holidays("NYSE", years=year))


def is_trading_day(day: dt.date) -> bool:
    """Whether the New York Stock Exchange was open.

    >>> is_trading_day(dt.date(2004, 6, 11)), is_trading_day(dt.date(2004, 6, 14))
    (False, True)
    """
    return day.weekday() < _SATURDAY and day not in _exchange_holidays(day.year)


def trading_days_between(after: dt.date, before: dt.date) -> Iterator[dt.date]:
    """The exchange's trading days later than ``after`` and earlier than ``before``.

    >>> [day.day for day in trading_days_between(dt.date(2004, 7, 1), dt.date(2004, 7, 8))]
    [2, 6, 7]
    """
    days = (after + dt.timedelta(days=n) for n in range(1, (before - after).days))
    return (day for day in days if is_trading_day(day))


@dataclass(frozen=True)
class Calendar:
    """Which days are business days: those of a name, or weekdays less the ``holidays`` given."""

    name: Name
    holidays: frozenset[dt.date] | None = None

    def is_business_day(self, day: dt.date) -> bool:
        """Whether business is done on ``day``.

        >>> Calendar("SAN_DIEGO_BANKS").is_business_day(dt.date(2010, 12, 24))  # Christmas 2010 is a Saturday
        True
        """
        if day.weekday() >= _SATURDAY:
            return False
        if self.holidays is not None:
            return day not in self.holidays
        return self.name == "WEEKDAYS" or day not in _bank_holidays(day.year)

    def following(self, day: dt.date) -> dt.date:
        """``day`` if it is a business day, else the next one.

        >>> Calendar("SAN_DIEGO_BANKS").following(dt.date(2005, 1, 1))
        datetime.date(2005, 1, 3)
        """
        while not self.is_business_day(day):
            day = _later(day, _DAY)
        return day

    def add_business_days(self, day: dt.date, count: int) -> dt.date:
        """The business day ``count`` business days after ``day``, or before it if negative; ``day`` is not counted.

        >>> Calendar("WEEKDAYS").add_business_days(dt.date(2004, 2, 20), 5)
        datetime.date(2004, 2, 27)
        """
        step = _DAY if count >= 0 else -_DAY
        for _ in range(abs(count)):
            day = _later(day, step)
            while not self.is_business_day(day):
                day = _later(day, step)
        return day


def _later(day: dt.date, step: dt.timedelta) -> dt.date:
    try:
        return day + step
    except OverflowError:
        raise XlcapError(f"no business day lies beyond {day}", code="#NUM!") from None


def calendar(name: Name, holidays: Sequence[dt.date] | None = None) -> Calendar:
    """The calendar of a certificate; ``holidays`` stand in place of the library's."""
    return Calendar(name, None if holidays is None else frozenset(holidays))
