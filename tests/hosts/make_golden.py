"""Write golden.json: `python tests/hosts/make_golden.py`. A test keeps it current.

Three sources: the scenarios worked by hand (tests/cases), the examples in the functions' own help, and the questions
of golden_questions.py, made for each kind of argument and each error. Where the source has the whole answer, that is
what is expected (``worked``); elsewhere it is what the functions answer now, so that a change of theirs shows as a
change of this file.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import doctest
import io
import json
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
if __name__ == "__main__":
    sys.path.insert(0, str(HERE))

from golden import ABOUT_ITSELF, TABLE, difference  # noqa: E402  # beside this file, wherever it is run from
from golden_questions import QUESTIONS  # noqa: E402

from xlcap.cells import CellError  # noqa: E402
from xlcap.errors import XlcapError  # noqa: E402
from xlcap.functions import call, functions  # noqa: E402

Record = dict[str, Any]
WHOLE, PART = 6, 2
"""Scenarios taken for a function: with their whole answer, and with columns picked out of it."""


def golden() -> str:
    """The text of the table, a record a line."""
    records = [*scenarios(), *examples(), *questions()]
    twice = [name for name, times in Counter(record["id"] for record in records).items() if times > 1]
    if twice:
        raise ValueError(f"an id is one record's: {', '.join(twice)}")
    return "[\n" + ",\n".join(json.dumps(record, ensure_ascii=False) for record in records) + "\n]\n"


def scenarios() -> Iterator[Record]:
    """Calls of the scenarios worked by hand, a few for each function."""
    taken: Counter[tuple[str, bool]] = Counter()
    for file in sorted((HERE.parent / "cases").glob("*.toml")):
        for case in tomllib.loads(file.read_text(encoding="utf-8"))["case"]:
            for asked in case["call"]:
                whole = "pick" not in asked and "tolerance" not in asked
                kind = (asked["function"], whole)
                if taken[kind] < (WHOLE if whole else PART):
                    taken[kind] += 1
                    words = {"": None, "cap_table": case.get("cap_table")}
                    args = [words.get(arg, arg) if isinstance(arg, str) else arg for arg in asked["args"]]
                    name = f"{case['id']} {asked['name']}"
                    yield (
                        record(name, asked["function"], args, asked["expect"])
                        if whole
                        else record(name, asked["function"], args)
                    )


def examples() -> Iterator[Record]:
    """Calls of the examples in the functions' help."""
    for declared in functions().values():
        if declared.name in ABOUT_ITSELF:
            continue
        asked: list[tuple[str, list[Any], Any]] = []

        def keep(name: str, args: list[Any], asked: list[tuple[str, list[Any], Any]] = asked) -> Any:
            asked.append((name, args, call(name, args)))
            return asked[-1][2]

        names: dict[str, Any] = {"call": keep}
        number = 0
        for example in doctest.DocTestParser().get_examples(declared.details):
            if "import call" in example.source:
                continue
            asked.clear()
            shown = _run(example.source, names)
            for name, args, answer in asked:
                number += 1
                # An example that is nothing but the call shows the whole answer.
                whole = shown is answer or (isinstance(shown, tuple) and any(part is answer for part in shown))
                yield record(f"help {name} {number}", name, args, answer if whole else ...)


def _run(source: str, names: dict[str, Any]) -> Any:
    with contextlib.suppress(SyntaxError):  # of a statement, which has no value
        return eval(compile(source, "help", "eval"), names)
    with contextlib.redirect_stdout(io.StringIO()):
        exec(source, names)
    return None


def questions() -> Iterator[Record]:
    """The questions made for this table."""
    for question in QUESTIONS:
        yield record(*question)


def record(name: str, function: str, args: list[Any], expect: Any = ...) -> Record:
    """One call with its answer: the one worked by hand, where there is one, must be what the functions answer."""
    try:
        answer: Any = call(function, args)
    except XlcapError as error:
        answer = error
    worked = expect is not ...
    told = _worked(expect, answer) if worked else _told(answer)
    different = difference(answer, told)
    if different:
        raise ValueError(f"{name}: {different}")
    return {"id": name, "function": function, "args": _told(args), "expect": told, "worked": worked}


def _worked(expect: Any, answer: Any) -> Any:
    """A hand-worked answer in the table's form: fractions as numbers, ISO texts as the dates they stand for."""
    if isinstance(expect, list) and isinstance(answer, list):
        return [_worked(e, a) for e, a in zip(expect, answer, strict=True)]
    if isinstance(expect, str) and isinstance(answer, float | int) and not isinstance(answer, bool):
        return _told(Fraction(expect))
    if isinstance(expect, str) and isinstance(answer, dt.date):
        return {"date": expect}
    return _told(expect)


def _told(value: Any) -> Any:
    """Cells in the form of the table."""
    if isinstance(value, list | tuple):
        return [_told(item) for item in value]
    if isinstance(value, XlcapError):
        return {"error": value.code, "says": str(value)}
    if isinstance(value, CellError):
        return {"error": value.code}
    if isinstance(value, dt.date):
        return {"date": value.isoformat()}
    if isinstance(value, float | Fraction | Decimal):
        number = float(value)
        return int(number) if number.is_integer() and abs(number) < 1e15 else number
    return value or None if isinstance(value, str) else value


if __name__ == "__main__":
    TABLE.write_text(golden(), encoding="utf-8")
