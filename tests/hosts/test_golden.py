"""The golden table covers what there is, and the functions called from Python answer it."""

from __future__ import annotations

from typing import Any

import pytest
from golden import ABOUT_ITSELF, TABLE, Call, calls, difference
from make_golden import golden

from xlcap.errors import XlcapError
from xlcap.functions import call, functions

CALLS = calls()


def answered(asked: Call) -> Any:
    """A call's answer, or the error in its place."""
    try:
        return call(asked.function, asked.args)
    except XlcapError as error:
        return error


def test_the_table_is_current() -> None:
    """golden.json is what `python tests/hosts/make_golden.py` writes today."""
    assert TABLE.read_text(encoding="utf-8") == golden()


@pytest.mark.parametrize("function", sorted({asked.function for asked in CALLS}))
def test_python_answers(function: str) -> None:
    """Every call of the function is answered as the table says."""
    asked = [one for one in CALLS if one.function == function]
    found = {one.id: difference(answered(one), one.expect) for one in asked}
    assert {name: told for name, told in found.items() if told} == {}


def test_every_function_is_asked() -> None:
    """Each function that is declared has calls, save those about the session itself."""
    assert {asked.function for asked in CALLS} == set(functions()) - ABOUT_ITSELF
