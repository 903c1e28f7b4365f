"""The reason of an error, for hosts whose cells show the error only."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from xlcap.errors import XlcapError
from xlcap.functions import call
from xlcap.functions.registry import refusals


@pytest.fixture(autouse=True)
def session() -> Iterator[None]:
    """A session in which nothing was refused yet."""
    before = dict(refusals)
    refusals.clear()
    yield
    refusals.clear()
    refusals.update(before)


def refuse(name: str, *args: object) -> None:
    with pytest.raises(XlcapError):
        call(name, args)


def test_a_session_without_errors_says_so() -> None:
    """Nothing was refused, by any function or by one."""
    assert call("XLCAP_REASON", []) == "no answer was refused in this session"
    assert call("XLCAP_REASON", ["term"]) == "no answer of TERM was refused in this session"


def test_the_last_error_is_told_with_its_function_time_and_code() -> None:
    """The message is the one Python would raise."""
    refuse("SPLIT_ADJUSTED_PRICE", 20, 0)
    told = call("XLCAP_REASON", [])
    assert isinstance(told, str)
    assert re.fullmatch(
        r"SPLIT_ADJUSTED_PRICE, \d{4}-\d\d-\d\d \d\d:\d\d:\d\d, #NUM!: ratio: must be above zero; found 0", told
    )


def test_each_function_keeps_its_own() -> None:
    """The last of all is the latest, though an earlier function failed before it too."""
    refuse("SPLIT_ADJUSTED_PRICE", 20, 0)
    refuse("TERM", "PRICESMART-B", "nothing.here")
    refuse("SPLIT_ADJUSTED_PRICE", "x", 2)
    assert "#N/A: argument 'field'" in str(call("XLCAP_REASON", ["TERM"]))
    assert "a number is expected; found 'x'" in str(call("XLCAP_REASON", [None]))


def test_answers_do_not_take_a_reason_away() -> None:
    """What is answered leaves the last reason where it is."""
    refuse("SPLIT_ADJUSTED_PRICE", 20, 0)
    call("SPLIT_ADJUSTED_PRICE", [20, 2])
    assert "found 0" in str(call("XLCAP_REASON", []))


def test_no_such_function() -> None:
    """The name of no function is #NAME?."""
    with pytest.raises(XlcapError, match="there is no function WATERFAL") as caught:
        call("XLCAP_REASON", ["WATERFAL"])
    assert caught.value.code == "#NAME?"
