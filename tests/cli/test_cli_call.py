"""``xlcap call``: lines of JSON in, lines of JSON out."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from xlcap.cells import CellError
from xlcap.hosts import lines
from xlcap.hosts.lines import answer

SPLIT = "SPLIT_ADJUSTED_PRICE"


def asked(line: str | bytes, name: str = SPLIT) -> Any:
    """The answer to one line."""
    return json.loads(answer(name, line))


def run(*command: str, given: str = "") -> subprocess.CompletedProcess[str]:
    """xlcap in an interpreter of its own."""
    return subprocess.run(
        [sys.executable, "-m", "xlcap", *command], input=given, capture_output=True, text=True, timeout=60, check=False
    )


def test_value() -> None:
    """A question is answered with a value."""
    assert asked("[20, 2]") == {"value": 10.0}


def test_range() -> None:
    """A range is an array of rows, a blank null, in the question and in the answer."""
    assert asked("[[[20, 40], [null, 10]], 2]") == {"value": [[10.0, 20.0], [None, 5.0]]}


def test_dates_and_tables() -> None:
    """Dates are texts in ISO form, a table an array of rows with its header."""
    table = [["event", "date", "ratio"], ["split", "2004-06-14", 2]]
    assert asked(json.dumps(["PRICESMART-B", table, "2004-06-15"]), "CONVERSION_PRICE") == {"value": 10.0}


def test_decimals_are_exact(monkeypatch: pytest.MonkeyPatch) -> None:
    """A number with a point is read as it is written."""
    given: list[Any] = []
    monkeypatch.setattr(lines, "call", lambda _name, arguments: given.extend(arguments))
    answer(SPLIT, "[0.10000000000000000001, [[1e-2]]]")
    assert str(given) == "[Decimal('0.10000000000000000001'), [[Decimal('0.01')]]]"


@pytest.mark.parametrize("error", ['"#N/A"', '{"error": "#N/A"}'])
def test_errors_in_cells(error: str) -> None:
    """An error that a cell shows reaches the answer as itself, alone or among others."""
    assert asked(f"[{error}, 2]")["error"]["code"] == "#N/A"
    assert asked('[[[20], [{"error": "#N/A"}]], 2]') == {"value": [[10.0], [{"error": "#N/A"}]]}


def test_answers_that_are_no_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    """What no cell can hold is never printed as a number; an error stands alone as an error, among cells as a cell."""
    assert asked("[1e308, 1e-300]")["error"]["code"] == "#NUM!"
    assert asked("[[[1e308], [2]], 1e-300]") == {"value": [[{"error": "#NUM!"}], [2e300]]}
    monkeypatch.setattr(lines, "call", lambda *_: CellError("#N/A"))
    told = {"error": {"code": "#N/A", "message": "the answer is the error #N/A", "where": None}}
    assert asked("[]") == told


@pytest.mark.parametrize(
    ("line", "message", "where"),
    [
        ("[1,", "the line is not JSON: ", "the line"),
        (b"[\xff]", "the line is not JSON: ", "the line"),
        ("[NaN, 2]", "the line is not JSON: NaN is not a number a cell can hold", "the line"),
        ("[1e999, 2]", "the line is not JSON: 1e999 is larger than any cell can hold", "the line"),
        (f"[{'9' * 400}, 2]", "is larger than any cell can hold", "the line"),
        ("[" * 100_000, "the line is not JSON: ", "the line"),
        ('{"price": 20}', "a JSON array of arguments is expected, such as [20, 2]", "the line"),
        ('[{"price": 20}]', 'an object can only be an error, such as {"error": "#N/A"}', "the line"),
        ("[20]", "is required: new shares for each old one", "argument 'ratio'"),
        ("[20, 2, 3]", "takes at most 2 arguments (price, ratio); found 3", SPLIT),
        ('["x", 2]', "a number is expected; found 'x'", "argument 'price'"),
    ],
)
def test_refused(line: str | bytes, message: str, where: str) -> None:
    """What is wrong with a line is its answer, with its place."""
    error = asked(line)["error"]
    assert message in error["message"]
    assert (error["code"], error["where"]) == ("#VALUE!", where)


def test_bug_in_a_function(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault of ours is the answer to its line, and the stream goes on."""
    monkeypatch.setattr(lines, "call", lambda *_: {}["lost"])
    assert asked("[]")["error"]["message"] == "this is a bug in xlcap (KeyError: 'lost')"


def test_stream() -> None:
    """Each line that is not blank has one answer, in order; a bad line does not end the stream."""
    done = run("call", SPLIT, given="[20, 2]\n\nnonsense\n[40, 2]\n")
    first, second, third = map(json.loads, done.stdout.splitlines())
    assert (first, list(second), third) == ({"value": 10.0}, ["error"], {"value": 20.0})
    assert (done.returncode, done.stderr) == (0, "")


def test_answered_at_once() -> None:
    """An answer is there before the next question."""
    command = [sys.executable, "-m", "xlcap", "call", SPLIT]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin and process.stdout
        for price in (20, 40):
            process.stdin.write(f"[{price}, 2]\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline()) == {"value": price / 2}


def test_unknown_function() -> None:
    """A function that is not there ends the command, with the one that was meant."""
    done = run("call", "SPLIT_ADJUSTED_PRIZE", given="[20, 2]\n")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "xlcap: there is no function SPLIT_ADJUSTED_PRIZE; did you mean SPLIT_ADJUSTED_PRICE?\n"


@pytest.mark.parametrize("command", [["call", SPLIT], ["functions"], ["terms"]])
def test_light(command: list[str]) -> None:
    """Answering and listing import none of the heavy packages."""
    program = (
        "import sys; from xlcap.cli import main; main(sys.argv[1:]); "
        "heavy = ('pandas', 'numpy', 'openpyxl', 'lxml', 'formualizer', 'xlwings', 'tqdm'); "
        "print([name for name in heavy if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *command], input="[20, 2]\n", capture_output=True, text=True, check=True
    )
    assert done.stderr == "[]\n"
