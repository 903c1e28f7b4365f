"""What a file says, as a cell of each kind takes it."""

import datetime as dt
from decimal import Decimal

import pytest

from xlcap.batch.values import read_as, same_key
from xlcap.errors import XlcapError


@pytest.mark.parametrize(
    ("kind", "told", "value"),
    [
        ("number", "0.1", Decimal("0.1")),
        ("number", "12345678901234567890.123456789", Decimal("12345678901234567890.123456789")),
        ("number", 0.1, Decimal("0.1")),
        ("number", "-5", Decimal(-5)),
        ("date", "2004-06-30", dt.date(2004, 6, 30)),
        ("date", "2004-06-30 16:00", dt.datetime(2004, 6, 30, 16)),
        ("date", dt.datetime(2004, 6, 30), dt.date(2004, 6, 30)),
        ("date", 38168.0, dt.date(2004, 6, 30)),
        ("text", "007", "007"),
        ("text", " as it stands ", " as it stands "),
        ("text", "12345678901234567890", "12345678901234567890"),
        ("text", 7, "7"),
        ("text", dt.date(2004, 6, 30), "2004-06-30"),
        ("bool", "yes", True),
        ("any", "7.50", Decimal("7.50")),
        ("any", "1e-05", Decimal("0.00001")),
        ("any", "TRUE", True),
        ("any", "2004-06-30", dt.date(2004, 6, 30)),
        ("any", 0.1, Decimal("0.1")),
    ],
)
def test_value(kind: str, told: object, value: object) -> None:
    """A value enters exactly, in the type of its cell."""
    read = read_as(kind, told)
    assert (type(read), read) == (type(value), value)


@pytest.mark.parametrize("told", ["007", "1E5", "+41", "2004-02-30", "true", "=1+1", "-x", "@x", "1,000"])
def test_text_stays_text(told: str) -> None:
    """Where the template does not tell, what is not plainly a number, date or truth stays the text it is."""
    assert read_as("any", told) == told


@pytest.mark.parametrize(
    ("kind", "told", "message"),
    [
        ("number", "twenty", "a number is expected; found 'twenty'"),
        ("number", "=1+1", "a number is expected; found '=1+1'"),
        ("number", "1,000", "a number is expected; found '1,000'"),
        ("date", "July __, 2003", "found 'July __, 2003'"),
        ("date", "2004-02-30", "a date is expected (a date cell, or text such as 2004-02-16); found '2004-02-30'"),
        ("date", dt.datetime(2004, 6, 30, tzinfo=dt.UTC), "without a time zone"),
        ("bool", "perhaps", "TRUE or FALSE is expected; found 'perhaps'"),
        ("any", "12345678901234567890123", "has more digits than the 15 that Excel keeps of a number; format"),
        ("any", "-1234567890123456.5", "has more digits than the 15"),
        ("text", "#DIV/0!", "the cell holds the error #DIV/0!"),
    ],
)
def test_refused(kind: str, told: object, message: str) -> None:
    """A value of another kind is refused with what was expected and what was found."""
    with pytest.raises(XlcapError) as error:
        read_as(kind, told)
    assert message in str(error.value)


@pytest.mark.parametrize(("one", "other"), [("7", 7.0), ("2004-06-30", dt.datetime(2004, 6, 30)), ("Q1", " Q1 ")])
def test_same_key(one: object, other: object) -> None:
    """A key is the same whether a CSV file or an Excel file holds it."""
    assert same_key(one) == same_key(other)
