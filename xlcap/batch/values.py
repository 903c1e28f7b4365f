"""What a file says for a cell, as the template's cell takes it: exact numbers, real dates, text as it stands."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from decimal import Decimal

from xlcap.cells import Cell, as_bool, as_date, as_number, as_text, found, reject_error
from xlcap.errors import XlcapError
from xlcap.workbook import Scalar

# A number as programs and people write it. What Excel would also take for one, a phone number's "+41", a part called
# "1E5" or "007", is text: turned into a number it would be another thing. An account of twenty digits may be meant as
# either, and is refused where the template does not tell.
_PLAIN_NUMBER = re.compile(r"-?(0|[1-9]\d{0,14})(\.\d+)?([eE][+-]\d{1,3})?\Z")
_TOO_LONG = re.compile(r"-?[1-9]\d{15,}(\.\d+)?\Z")
_ISO = re.compile(r"\d{4}-\d\d-\d\d([ T]\d\d:\d\d(:\d\d(\.\d+)?)?)?\Z")


def read_as(kind: str, value: Cell) -> Scalar:
    """A value that is not blank, in the form a cell of this kind takes.

    ``kind`` is what the template's cell holds: "date", "number", "text", "bool", or "any" where the template does not
    tell; there, text that is plainly a number, a date in ISO form, TRUE or FALSE becomes one, and all other text stays.
    Raises XlcapError if the value is not of the kind, or is a number of which Excel would drop digits, for "any".

    >>> read_as("number", "0.10"), read_as("text", "007"), read_as("any", "007"), read_as("any", "7")
    (Decimal('0.10'), '007', '007', Decimal('7'))
    >>> read_as("date", "2004-02-16")
    datetime.date(2004, 2, 16)
    """
    reject_error(value)
    return _READERS[kind](value)


def _date(value: Cell) -> dt.date:
    if isinstance(value, str) and _ISO.match(value.strip()):
        try:
            return _day(dt.datetime.fromisoformat(value.strip()))
        except ValueError:  # such as 30 February: as_date says so
            pass
    return _day(value) if isinstance(value, dt.datetime) else as_date(value)


def _day(moment: dt.datetime) -> dt.date:
    """A date and time, without the time where it is midnight; a cell has no time zone."""
    if moment.tzinfo is not None:
        raise XlcapError(f"a date and time without a time zone is expected; found {moment.isoformat()}")
    return moment.date() if moment.time() == dt.time() else moment


def _text(value: Cell) -> str:
    return value if isinstance(value, str) else as_text(value)


def _any(value: Cell) -> Scalar:
    if isinstance(value, bool | dt.time):
        return value
    if isinstance(value, dt.datetime):
        return _day(value)
    if isinstance(value, dt.date):
        return value
    if not isinstance(value, str):
        return as_number(value)
    told = value.strip()
    if _PLAIN_NUMBER.match(told):
        return Decimal(told)
    if _TOO_LONG.match(told):
        raise XlcapError(
            f"{told} has more digits than the 15 that Excel keeps of a number; format the template's cell as text if "
            "they all matter, or as a number"
        )
    if told in ("TRUE", "FALSE"):
        return told == "TRUE"
    if _ISO.match(told):
        try:
            return _day(dt.datetime.fromisoformat(told))
        except ValueError:
            return value
    return value


_READERS: Mapping[str, Callable[[Cell], Scalar]] = {
    "number": as_number,
    "date": _date,
    "text": _text,
    "bool": as_bool,
    "any": _any,
}


def same_key(value: Cell) -> str:
    """A key as it is compared between files: ``7`` in a CSV file is the number 7 in an Excel file."""
    if isinstance(value, dt.datetime):
        value = _day(value)
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ")
    try:
        return as_text(value)
    except XlcapError:
        raise XlcapError(f"a text, number or date is expected as a key; found {found(value)}") from None
