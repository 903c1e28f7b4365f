"""The one door through which cell values enter: numbers as Excel shows them, either date system, blanks as absent.

Hosts hand over what a cell holds: a float, a text, a boolean, a date or a serial number, nothing at all, or an error.
Everything behind this door works with ``Decimal``, ``date``, ``str`` and ``bool``.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from math import isfinite
from typing import NewType

from xlcap.errors import EXCEL_ERRORS, XlcapError

Cell = object
"""What a host hands over for one cell."""

_EPOCHS = {1900: dt.date(1899, 12, 30), 1904: dt.date(1904, 1, 1)}
_date_system: ContextVar[int] = ContextVar("date_system", default=1900)
_FIRST_SERIAL = {1900: 61, 1904: 1}
"""Excel counts a 29 February 1900, so its serial numbers before 61 are other days than LibreOffice's; and a number so
small is a count or a price rather than a date."""
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?\Z")


@dataclass(frozen=True)
class CellError:
    """An error value standing in a cell, such as ``#DIV/0!``: it propagates as itself."""

    code: str


@contextmanager
def date_system(year: int) -> Iterator[None]:
    """Read serial numbers as days since 1900 (the default) or 1904, as the workbook at hand does."""
    token = _date_system.set(year)
    try:
        yield
    finally:
        _date_system.reset(token)


def current_date_system() -> int:
    """The date system serial numbers are read in now."""
    return _date_system.get()


def is_blank(value: Cell) -> bool:
    """Nothing, or an empty text: a blank is absent, never zero."""
    if isinstance(value, float):
        return value != value  # the blank of a pandas frame
    return value is None or (isinstance(value, str) and not value.strip())


_QUOTED = 200  # characters: a cell can hold 32,767, and so can the one that shows the message


def found(value: Cell) -> str:
    """How an error message quotes what it found, numbers as a person writes them.

    >>> found(-5.0), found(0.1 + 0.2), found("-5"), found(True), found(1e300)
    ('-5', '0.3', "'-5'", 'TRUE', '1E+300')
    """
    if is_blank(value):
        return "a blank"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float | Decimal) and isfinite(value):
        number = as_number(value)
        return f"{number.normalize():f}" if abs(number.adjusted()) < 20 else f"{number.normalize()}"
    if isinstance(value, str):
        return f"'{value}'" if len(value) <= _QUOTED else f"'{value[:_QUOTED]}...'"
    return str(value)


def reject_error(value: Cell) -> None:
    """Raise the error a cell holds, so that it reaches the answer as itself."""
    if isinstance(value, CellError):
        raise XlcapError(f"the cell holds the error {value.code}", code=value.code)
    if isinstance(value, str) and value in EXCEL_ERRORS:
        raise XlcapError(f"the cell holds the error {value}", code=value)


_MONEY_SIGNS = str.maketrans("", "", "$, \xa0\u202f")


def as_number(value: Cell) -> Decimal:
    """A number, exactly as Excel shows it (15 significant digits of a float).

    >>> as_number(0.1), as_number("18.40"), as_number(3)
    (Decimal('0.1'), Decimal('18.40'), Decimal('3'))
    """
    if isinstance(value, float):
        if not isfinite(value):
            raise XlcapError(f"a number is expected; found {value}")
        return Decimal(f"{value:.15g}")
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    if isinstance(value, Decimal) and value.is_finite():
        return value
    reject_error(value)
    if isinstance(value, bool):
        raise XlcapError(f"a number is expected; found {found(value)}")
    if isinstance(value, str) and _NUMBER.match(value.strip()):
        return Decimal(value.strip())
    try:  # numpy and other numeric scalars, without importing them
        if not isinstance(value, str | dt.date | dt.time) and value is not None:
            return as_number(float(value))  # type: ignore[arg-type]  # anything float() takes is a number
    except (TypeError, ValueError, InvalidOperation):
        pass
    plain = value.strip().translate(_MONEY_SIGNS) if isinstance(value, str) else ""
    hint = f"; write {plain}" if _NUMBER.match(plain) else ""
    raise XlcapError(f"a number is expected; found {found(value)}{hint}")


Part = NewType("Part", Decimal)
"""A part of a whole, such as a discount: 0.2, or 20% as a text."""


def as_part(value: Cell) -> Part:
    """A part of a whole: a number, or a text in percent.

    >>> as_part(0.2), as_part("20%")
    (Decimal('0.2'), Decimal('0.20'))
    """
    text = value.strip() if isinstance(value, str) else ""
    number = text.removesuffix("%").rstrip()
    return Part(Decimal(number).scaleb(-2) if number != text and _NUMBER.match(number) else as_number(value))


def as_integer(value: Cell) -> int:
    """A whole number.

    >>> as_integer(7.0)
    7
    """
    number = as_number(value)
    if number != number.to_integral_value():
        raise XlcapError(f"a whole number is expected; found {found(value)}")
    return int(number)


def as_date(value: Cell) -> dt.date:
    """A date: a date, a date with a time, a serial number, or a text in ISO form.

    >>> as_date(38000), as_date("2004-02-16")
    (datetime.date(2004, 1, 14), datetime.date(2004, 2, 16))
    """
    if type(value) is dt.date:
        return value
    reject_error(value)
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    if isinstance(value, str):
        try:
            text = value.strip()
            return dt.datetime.fromisoformat(text).date() if len(text) in (10, 19) else _no_date(value)
        except ValueError:
            return _no_date(value)
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return _no_date(value)
    system = _date_system.get()
    epoch = _EPOCHS[system].toordinal()
    if not _FIRST_SERIAL[system] <= value < dt.date.max.toordinal() + 1 - epoch:
        return _no_date(value)
    return dt.date.fromordinal(epoch + int(value))


def _no_date(value: Cell) -> dt.date:
    raise XlcapError(f"a date is expected (a date cell, or text such as 2004-02-16); found {found(value)}")


def serial(day: dt.date, system: int = 1900) -> float:
    """The serial number of a date (or date and time) in a workbook of the given date system.

    >>> serial(dt.date(2004, 1, 14))
    38000.0
    """
    whole = float((day if type(day) is dt.date else dt.date(day.year, day.month, day.day)).toordinal())
    if isinstance(day, dt.datetime):
        whole += (day.hour * 3600 + day.minute * 60 + day.second + day.microsecond / 1e6) / 86400
    return whole - _EPOCHS[system].toordinal()


_SPACES = str.maketrans("\xa0\u202f", "  ")


def as_text(value: Cell) -> str:
    """A text; a number is taken as it is shown. What looks alike is alike: hard spaces and others, accents on their
    letter and behind it.

    >>> as_text("Se\\u0301rie\\xa0A") == "S\\u00e9rie A"
    True
    """
    reject_error(value)
    if isinstance(value, str):
        return (value if value.isascii() else unicodedata.normalize("NFC", value).translate(_SPACES)).strip()
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float | Decimal):
        number = as_number(value)
        return f"{number.normalize():f}" if number != number.to_integral_value() else f"{int(number)}"
    if isinstance(value, dt.date):
        return value.isoformat()
    raise XlcapError(f"a text is expected; found {found(value)}")


_TRUE, _FALSE = {"true", "yes", "y"}, {"false", "no", "n"}


def as_bool(value: Cell) -> bool:
    """Yes or no: a boolean, 1 or 0, or one of the words.

    >>> as_bool("Yes"), as_bool(0.0)
    (True, False)
    """
    reject_error(value)
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float | Decimal) and value in (0, 1):
        return bool(value)
    if isinstance(value, str) and value.strip().lower() in _TRUE | _FALSE:
        return value.strip().lower() in _TRUE
    raise XlcapError(f"TRUE or FALSE is expected; found {found(value)}")
