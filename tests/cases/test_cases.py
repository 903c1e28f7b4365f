"""Every worked scenario gives its expected answer through the functions a user calls."""

from __future__ import annotations

import datetime as dt
import tomllib
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from xlcap.functions import call

HERE = Path(__file__).parent
CASES = [
    case for file in sorted(HERE.glob("*.toml")) for case in tomllib.loads(file.read_text(encoding="utf-8"))["case"]
]
CALLS = [
    pytest.param(question, id=f"{case['id']}-{question['name']}".replace(" ", "-"))
    for case in CASES
    for question in case["call"]
]


@pytest.mark.parametrize("question", CALLS)
def test_scenario(question: dict[str, Any]) -> None:
    """The call answers what was worked out by hand, to the twelfth digit."""
    args = [None if arg == "" else arg for arg in question["args"]]
    answer = call(question["function"], args)
    tolerance = Fraction(question["tolerance"]) if "tolerance" in question else None
    expect = question["expect"]
    if not isinstance(expect, list):
        assert same(answer, expect, tolerance), (answer, expect)
        return
    assert isinstance(answer, list)
    if "pick" in question:
        answer = picked(answer, question["pick"], question.get("where", {}))
        answer = [answer[0], answer[-1]] if question.get("first_and_last") else answer
    assert len(answer) == len(expect)
    for row, expected in zip(answer, expect, strict=True):
        assert [same(a, e, tolerance) for a, e in zip(row, expected, strict=True)] == [True] * len(row), (row, expected)


def picked(table: list[list[Any]], names: list[str], where: dict[str, list[Any]]) -> list[list[Any]]:
    """The named columns of a table, of the rows that have one of the values named in each column of ``where``.

    The header and the notes below a table are left out; ``A + B`` and ``A - B`` are sum and difference of two columns.
    """
    header = table[0]
    rows = [row for row in table[1:] if row[0] not in ("Note", "Mean")]
    kept = [row for row in rows if all(row[header.index(name)] in values for name, values in where.items())]
    return [[value_of(dict(zip(header, row, strict=True)), name) for name in names] for row in kept]


def value_of(row: dict[Any, Any], name: str) -> Any:
    """A column's value, or the sum or difference of two."""
    for sign, times in ((" + ", 1), (" - ", -1)):
        if sign in name:
            first, second = name.split(sign)
            return row[first] + times * row[second]
    return row[name]


def same(answer: Any, expected: Any, tolerance: Fraction | None = None) -> bool:
    """Numbers to twelve digits or within a tolerance, dates by their ISO form, anything else as it stands."""
    if isinstance(answer, dt.date):
        return answer.isoformat() == expected
    if isinstance(answer, bool) or isinstance(expected, bool):
        return answer is expected
    if isinstance(answer, int | float):
        exact = Fraction(expected)
        allowed = Fraction(1, 10**12) * max(1, abs(exact)) if tolerance is None else tolerance
        return abs(Fraction(answer) - exact) <= allowed
    return bool(answer == expected)
