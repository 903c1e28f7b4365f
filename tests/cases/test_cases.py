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
    if "pick" in question:
        assert isinstance(answer, list)
        answer = picked(answer, question["pick"])
        answer = [answer[0], answer[-1]] if question.get("first_and_last") else answer
        assert len(answer) == len(question["expect"])
        for row, expected in zip(answer, question["expect"], strict=True):
            assert [same(a, e) for a, e in zip(row, expected, strict=True)] == [True] * len(row), (row, expected)
    else:
        assert same(answer, question["expect"]), (answer, question["expect"])


def picked(table: list[list[Any]], names: list[str]) -> list[list[Any]]:
    """The named columns of a table, without its header and without the notes below it; ``A + B`` adds two columns."""
    header = table[0]
    rows = [row for row in table[1:] if row[0] not in ("Note", "Mean")]
    return [[sum_of(row, header, name) if " + " in name else row[header.index(name)] for name in names] for row in rows]


def sum_of(row: list[Any], header: list[Any], name: str) -> float:
    """The sum of two columns."""
    return sum(row[header.index(part)] for part in name.split(" + "))


def same(answer: Any, expected: Any) -> bool:
    """Numbers to twelve digits, dates by their ISO form, anything else as it stands."""
    if isinstance(answer, dt.date):
        return answer.isoformat() == expected
    if isinstance(answer, bool) or isinstance(expected, bool):
        return answer is expected
    if isinstance(answer, int | float):
        exact = Fraction(expected)
        return abs(Fraction(answer) - exact) <= Fraction(1, 10**12) * max(1, abs(exact))
    return bool(answer == expected)
