"""Every worked scenario and every published case gives its expected answer through the functions a user calls."""

from __future__ import annotations

import datetime as dt
import operator
import re
import tomllib
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from xlcap.functions import call

HERE = Path(__file__).parent
FILES = {file.stem: tomllib.loads(file.read_text(encoding="utf-8")) for file in sorted(HERE.glob("*.toml"))}
CASES = [case for file in FILES.values() for case in file["case"]]
CALLS = [
    pytest.param(case, question, id=f"{case['id']}-{question['name']}".replace(" ", "-"))
    for case in CASES
    for question in case["call"]
]

OPERATORS = {"+": operator.add, "-": operator.sub, "/": operator.truediv}


@pytest.mark.parametrize(("case", "question"), CALLS)
def test_scenario(case: dict[str, Any], question: dict[str, Any]) -> None:
    """The call answers what was worked out by hand, to the twelfth digit."""
    words = {"": None, "cap_table": case.get("cap_table")}
    args = [words.get(arg, arg) if isinstance(arg, str) else arg for arg in question["args"]]
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


def test_cases_not_answered_are_few_and_say_why() -> None:
    """A published figure of another convention is named, with what differs."""
    left_out = [case for file in FILES.values() for case in file.get("not_answered", [])]
    assert len(left_out) == 1
    assert all(case["source"] and case["reason"] for case in left_out)
    assert not {case["id"] for case in left_out} & {case["id"] for case in CASES}


def test_published_cases_name_their_source() -> None:
    """Where a figure was printed, so that a reader can look it up."""
    published = [case for stem, file in FILES.items() if stem.startswith("published") for case in file["case"]]
    assert len(published) == 114
    assert all(case["source"] and case["working"] for case in published)


def picked(table: list[list[Any]], names: list[str], where: dict[str, list[Any]]) -> list[list[Any]]:
    """The named columns of a table, of the rows that have one of the values named in each column of ``where``.

    The header and the notes below a table are left out; ``A + B`` computes with two columns, and so do - and /.
    """
    header = table[0]
    rows = [row for row in table[1:] if row[0] not in ("Note", "Mean")]
    kept = [row for row in rows if all(row[header.index(name)] in values for name, values in where.items())]
    return [[value_of(dict(zip(header, row, strict=True)), name) for name in names] for row in kept]


def value_of(row: dict[Any, Any], name: str) -> Any:
    """A column's value, or what is computed of two."""
    if name in row:
        return row[name]
    first, sign, second = re.split(r" ([-+/]) ", name)
    return OPERATORS[sign](row[first], row[second])


def same(answer: Any, expected: Any, tolerance: Fraction | None = None) -> bool:
    """Numbers to twelve digits or within a tolerance, dates by their ISO form, anything else as it stands."""
    if isinstance(answer, dt.date):
        return bool(answer.isoformat() == expected)
    if isinstance(answer, bool) or isinstance(expected, bool):
        return answer is expected
    if isinstance(answer, int | float):
        exact = Fraction(expected)
        allowed = Fraction(1, 10**12) * max(Fraction(1), abs(exact)) if tolerance is None else tolerance
        return bool(abs(Fraction(answer) - exact) <= allowed)
    return bool(answer == expected)
