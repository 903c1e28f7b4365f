"""Cells as a file holds them: addresses, dates as numbers, text as XML."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache

from openpyxl.utils import column_index_from_string, get_column_letter

from xlcap.errors import EXCEL_ERRORS, XlcapError

MAX_ROW, MAX_COLUMN, MAX_TEXT = 1_048_576, 16_384, 32_767

Address = tuple[int, int]  # row, column, both from 1


class WorkbookError(XlcapError):
    """A workbook that cannot be read, filled or saved as asked; nothing has been written."""


class ErrorCode(str):
    """An error a cell shows (``#N/A``), as against the text "#N/A".

    >>> ErrorCode("#N/A")
    ErrorCode('#N/A')
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return f"ErrorCode({str(self)!r})"


Scalar = str | int | float | Decimal | bool | date | datetime | time | None
"""What a cell can hold, an error (:class:`ErrorCode`) among the strings."""

_A1 = re.compile(r"\$?([A-Za-z]{1,3})\$?([0-9]{1,7})")


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle of cells, corners included.

    >>> Area.parse("$B$2:C4")
    Area(top=2, left=2, bottom=4, right=3)
    >>> str(Area.parse("B2"))
    'B2'
    """

    top: int
    left: int
    bottom: int
    right: int

    @classmethod
    def parse(cls, ref: str) -> Area:
        """The area an A1 reference without a sheet names; ``ValueError`` if it is none."""
        first, _, last = ref.partition(":")
        top, left = address(first)
        bottom, right = address(last) if last else (top, left)
        return cls(min(top, bottom), min(left, right), max(top, bottom), max(left, right))

    @property
    def rows(self) -> int:
        return self.bottom - self.top + 1

    @property
    def columns(self) -> int:
        return self.right - self.left + 1

    def __contains__(self, cell: Address) -> bool:
        return self.top <= cell[0] <= self.bottom and self.left <= cell[1] <= self.right

    def __iter__(self) -> Iterator[Address]:
        return ((r, c) for r in range(self.top, self.bottom + 1) for c in range(self.left, self.right + 1))

    def meets(self, other: Area) -> bool:
        """Whether the two have a cell in common."""
        return (
            self.top <= other.bottom
            and other.top <= self.bottom
            and self.left <= other.right
            and other.left <= self.right
        )

    def __str__(self) -> str:
        first = a1(self.top, self.left)
        return first if self.rows == self.columns == 1 else f"{first}:{a1(self.bottom, self.right)}"


letters = get_column_letter
"""A column as A1 references name it."""


@lru_cache(maxsize=1 << 16)
def a1(row: int, column: int) -> str:
    """
    >>> a1(7, 28)
    'AB7'
    """
    return f"{letters(column)}{row}"


@lru_cache(maxsize=1 << 16)
def address(ref: str) -> Address:
    """Row and column of an A1 reference; ``ValueError`` if it is none.

    >>> address("$AB$7")
    (7, 28)
    """
    match = _A1.fullmatch(ref)
    if match is None:
        raise ValueError(f"{ref!r} is not a cell")
    row, column = int(match[2]), column_index_from_string(match[1])
    if not (1 <= row <= MAX_ROW and column <= MAX_COLUMN):
        raise ValueError(f"{ref!r} is outside a sheet")
    return row, column


def quoted(sheet: str) -> str:
    """A sheet's name as a formula writes it.

    >>> quoted("Bob's")
    "'Bob''s'"
    """
    return "'" + sheet.replace("'", "''") + "'"


def unquoted(sheet: str) -> str:
    """The name of a sheet that a formula writes, in quotes or not.

    >>> unquoted("'Bob''s'"), unquoted("S")
    ("Bob's", 'S')
    """
    return sheet.strip("'").replace("''", "'")


_EPOCH = {False: datetime(1899, 12, 30), True: datetime(1904, 1, 1)}


def serial(value: date | datetime | time, date1904: bool) -> int | float:
    """The number Excel keeps for a date.

    >>> serial(date(2024, 1, 1), date1904=False), serial(date(2024, 1, 1), date1904=True)
    (45292, 43830)
    >>> serial(datetime(2024, 1, 1, 18), date1904=False)
    45292.75
    """
    if isinstance(value, time):
        return (value.hour * 3600 + value.minute * 60 + value.second + value.microsecond / 1e6) / 86400
    if isinstance(value, datetime):
        if value.tzinfo is not None:
            raise WorkbookError(f"a cell has no time zone; give {value} as local date and time")
        days = (value - _EPOCH[date1904]) / timedelta(days=1)
        number: int | float = int(days) if days.is_integer() else days
    else:
        number = (value - _EPOCH[date1904].date()).days
    if not date1904 and number < 61:
        # Excel counts a 29 February 1900 that never was.
        number -= 1
    if number < 0 or (number < 1 and not date1904):
        raise WorkbookError(f"{value} is before the first day a workbook can hold")
    return number


# What XML cannot hold, the carriage return a parser would turn into a line feed, and text that looks like an escape.
_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")


def to_xml(text: str) -> bytes:
    """Text as the file writes it, Excel's ``_xHHHH_`` standing for what XML cannot hold.

    >>> to_xml("a<b\\r_x0041_")
    b'a&lt;b_x000D__x005F_x0041_'
    """
    if len(text) > MAX_TEXT:
        raise WorkbookError(f"a cell holds at most {MAX_TEXT:,} characters; this text has {len(text):,}")
    text = _UNSAFE.sub(lambda m: f"_x{ord(m[0]):04X}_", text)
    try:
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").encode()
    except UnicodeEncodeError:
        raise WorkbookError(f"half of a character (a lone surrogate) in the text {text[:40]!r}") from None


def from_xml(text: str) -> str:
    """Text as a person sees it, from parsed XML.

    >>> from_xml("a_x000D__x005F_x0041_")
    'a\\r_x0041_'
    """
    return _ESCAPED.sub(lambda m: chr(int(m[1], 16)), text) if "_x" in text else text


def number(value: int | float | Decimal) -> bytes:
    """A number as the file writes it; NaN and infinity are refused.

    >>> number(100.0), number(0.1), number(Decimal("1.2300"))
    (b'100', b'0.1', b'1.2300')
    """
    if not (value.is_finite() if isinstance(value, Decimal) else math.isfinite(value)):
        raise WorkbookError(f"{value} is not a number a cell can hold")
    if isinstance(value, Decimal):
        return (format(value, "f") if -40 < value.adjusted() < 40 else str(value)).encode()
    if -1e15 < value < 1e15 and value == int(value):
        return b"%d" % int(value)
    return repr(float(value)).encode()


def content(value: Scalar, *, formula: bool, date1904: bool) -> tuple[bytes, bytes]:
    """A value's ``t`` attribute (with the space before it) and the XML inside its cell.

    Text of an input is an inline string, so that what begins with ``=`` is text and no shared table changes (the
    ``quotePrefix`` style Excel gives such text matters only when a person edits the cell, and would need a new style).
    """
    if value is None:
        # A formula never shows nothing, but it can show empty text.
        return (b' t="str"', b"<v></v>") if formula else (b"", b"")
    if isinstance(value, bool):
        return b' t="b"', b"<v>1</v>" if value else b"<v>0</v>"
    if isinstance(value, (int, float, Decimal)):
        return b"", b"<v>" + number(value) + b"</v>"
    if isinstance(value, (date, time)):
        return b"", b"<v>" + number(serial(value, date1904)) + b"</v>"
    if isinstance(value, ErrorCode):
        if value not in EXCEL_ERRORS:
            raise WorkbookError(f"{value} is not an Excel error")
        return b' t="e"', b"<v>" + value.encode() + b"</v>"
    if isinstance(value, str):
        xml = to_xml(value)
        if formula:
            return b' t="str"', b"<v>" + xml + b"</v>"
        space = b' xml:space="preserve"' if value != value.strip() or "\n" in value or "\t" in value else b""
        return b' t="inlineStr"', b"<is><t" + space + b">" + xml + b"</t></is>"
    raise WorkbookError(f"a cell cannot hold {value!r} ({type(value).__name__})")
