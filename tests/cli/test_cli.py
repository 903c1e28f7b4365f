"""The command line: what is listed, and how errors are told."""

from __future__ import annotations

import builtins
import json
from pathlib import Path
from typing import Any

import pytest

from xlcap import __version__, cli
from xlcap.cli import main
from xlcap.functions import functions

Capture = pytest.CaptureFixture[str]
COMMANDS = ("fill", "demo", "certificate", "check", "convert", "terms", "functions", "call")


def refused(capsys: Capture, *arguments: str) -> tuple[int, str]:
    """The exit code and the error of a command that prints nothing else."""
    try:
        code = main(arguments)
    except SystemExit as end:
        code = int(end.code or 0)
    told = capsys.readouterr()
    assert told.out == ""
    return code, told.err


# -- certificates


def test_terms_lists(capsys: Capture) -> None:
    """Certificates are listed with id, name and file."""
    assert main(["terms"]) == 0
    line = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("PRICESMART-B "))
    assert "8% Series B Cumulative Convertible Redeemable Preferred Stock" in line
    assert line.endswith("PRICESMART-B.toml")


def test_terms_lists_what_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    """A certificate of the user's own that is wrong is told, and the others are listed."""
    (tmp_path / "mine.toml").write_text("id = 'MINE'\nseniorty = 1\n", encoding="utf-8")
    monkeypatch.setenv("XLCAP_TERMS", str(tmp_path))
    assert main(["terms"]) == 1
    told = capsys.readouterr()
    assert "PRICESMART-B" in told.out
    assert told.err.startswith("xlcap: mine.toml: seniorty: this key is not known; did you mean 'seniority'?")


def test_terms_shows(capsys: Capture) -> None:
    """A certificate is shown as fields and values."""
    assert main(["terms", "pricesmart-b"]) == 0
    shown = dict(line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines())
    assert shown["conversion.initial_price"] == "20.00"
    assert shown["original_issue_date"] == "July __, 2003"


def test_terms_explains(capsys: Capture) -> None:
    """On request each field is followed by its meaning, also in tables of named entries."""
    assert main(["terms", "PRICESMART-B", "--explain"]) == 0
    lines = capsys.readouterr().out.splitlines()
    at = next(i for i, line in enumerate(lines) if line.startswith("notices.redemption.days "))
    assert lines[at + 1].strip() == "days before or after the event at the least (before) or most (after)"


def test_terms_schema(capsys: Capture) -> None:
    """The JSON Schema is printed."""
    assert main(["terms", "--schema"]) == 0
    assert "conversion" in json.loads(capsys.readouterr().out)["properties"]


def test_unknown_terms(capsys: Capture) -> None:
    """A certificate that is not there is refused with the nearest, and those that are."""
    code, told = refused(capsys, "terms", "PRICEDUMB")
    assert code == 2
    assert told.startswith(
        "xlcap: terms: no certificate is called 'PRICEDUMB'; did you mean 'PRICESMART-B'? Known are "
    )


# -- functions


def test_functions_lists(capsys: Capture) -> None:
    """Every function is listed under its topic with one line of help."""
    assert main(["functions"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert {line.split()[0] for line in lines if line.startswith("  ")} == set(functions())
    assert "Single adjustments" in lines


def test_function_shows(capsys: Capture) -> None:
    """A function is shown with its arguments, their kinds, choices and the columns of tables."""
    assert main(["functions", "conversion_price"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("CONVERSION_PRICE(terms, ")
    assert "      one of: pre_open, open, " in shown
    assert "      ratio: new shares for each old one" in shown
    assert ">>>" not in shown


def test_functions_for_machines(capsys: Capture) -> None:
    """As JSON every function has its topic, help and arguments."""
    assert main(["functions", "--json"]) == 0
    described = {told["name"]: told for told in json.loads(capsys.readouterr().out)}
    assert described.keys() == functions().keys()
    split = described["SPLIT_ADJUSTED_PRICE"]
    assert (split["topic"], split["help"]) == ("Single adjustments", functions()["SPLIT_ADJUSTED_PRICE"].doc)
    assert split["arguments"][0] == {
        "name": "price",
        "help": functions()["SPLIT_ADJUSTED_PRICE"].arguments[0].doc,
        "kind": "number",
        "required": True,
        "default": None,
        "choices": [],
        "columns": {},
    }
    events = next(told for told in described["CONVERSION_PRICE"]["arguments"] if told["name"] == "events")
    assert "ratio" in events["columns"]


def test_function_for_machines(capsys: Capture) -> None:
    """As JSON one function is an object."""
    assert main(["functions", "SPLIT_ADJUSTED_PRICE", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["name"] == "SPLIT_ADJUSTED_PRICE"


# -- how errors are told


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "xlcap: the following arguments are required: COMMAND; see `xlcap --help`\n"),
        (
            ("fill", "t.xlsx"),
            "xlcap fill: the following arguments are required: --rows, --out; see `xlcap fill --help`\n",
        ),
        (
            ("fill", "gone.xlsx", "--rows", "gone.csv", "--out", "out"),
            "xlcap: gone.xlsx: cannot be read: No such file or directory\n",
        ),
        (("functions", "NOPE"), "xlcap: there is no function NOPE; `xlcap functions` lists them\n"),
    ],
)
def test_usage(
    capsys: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], message: str
) -> None:
    """What a user got wrong is told in one line, with exit code 2."""
    monkeypatch.chdir(tmp_path)
    assert refused(capsys, *arguments) == (2, message)
    assert list(tmp_path.iterdir()) == []


def broken(*_: Any) -> int:
    """A command with a fault of ours."""
    raise KeyError("lost")


def test_bug(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault of ours is told as such, in one line, with an exit code of its own."""
    monkeypatch.setattr(cli, "_terms", broken)
    code, told = refused(capsys, "terms")
    assert (code, told) == (
        70,
        "xlcap: this is a bug in xlcap (KeyError: 'lost'); run it with --debug and report that\n",
    )


@pytest.mark.parametrize("arguments", [["--debug", "terms"], ["terms", "--debug"]])
def test_debug(monkeypatch: pytest.MonkeyPatch, arguments: list[str]) -> None:
    """With --debug, before the command or after it, the traceback is shown."""
    monkeypatch.setattr(cli, "_terms", broken)
    with pytest.raises(KeyError):
        main(arguments)


def test_missing_extra(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the packages that workbooks need, the extra that brings them is named."""
    found = builtins.__import__

    def lacking(name: str, *rest: Any, **more: Any) -> Any:
        if name == "xlcap.batch":
            raise ModuleNotFoundError("No module named 'lxml.etree'", name="lxml.etree")
        return found(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", lacking)
    code, told = refused(capsys, "fill", "t.xlsx", "--rows", "r.csv", "--out", "out")
    assert code == 2
    assert told == 'xlcap: lxml.etree is not installed; `pip install "xlcap[batch]"` brings what workbooks need\n'


def test_interrupted(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    """An interruption is no traceback."""

    def interrupt(_: Any) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "_terms", interrupt)
    assert refused(capsys, "terms") == (130, "xlcap: interrupted\n")


@pytest.mark.parametrize("command", COMMANDS)
def test_help(capsys: Capture, command: str) -> None:
    """Every command documents itself and the exit codes."""
    with pytest.raises(SystemExit) as end:
        main([command, "--help"])
    assert end.value.code == 0
    told = capsys.readouterr().out
    assert "exit codes:" in told and "  130  interrupted" in told


def test_version(capsys: Capture) -> None:
    """The version is told."""
    with pytest.raises(SystemExit):
        main(["--version"])
    assert capsys.readouterr().out == f"xlcap {__version__}\n"
