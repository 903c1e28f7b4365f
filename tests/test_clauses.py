"""Every clause that computes something has a function that answers it and a test that shows it."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from xlcap.functions import names

HERE = Path(__file__).parent
CLAUSES: list[dict[str, Any]] = tomllib.loads((HERE / "clauses.toml").read_text(encoding="utf-8"))["clause"]
SECTIONS = """
    I.F II III.A III.B III.C IV V.A V.B V.C V.D V.E VI.A VI.B VI.C VI.D VI.E(1) VI.E(2) VI.E(3) VI.E(4) VI.E(5)
    VI.E(6)(a) VI.E(6)(b) VI.E(6)(d) VI.E(7) VI.E(8) VI.E(9) VI.E(10) VI.E(11) VI.F VI.H VI.I VIII IX.A
"""
"""The sections of PriceSmart's certificate that compute a number or a date."""


def cases() -> set[str]:
    """The scenarios there are."""
    text = "".join(path.read_text(encoding="utf-8") for path in (HERE / "cases").glob("*.toml"))
    return set(re.findall(r'^id = "(.+)"', text, re.MULTILINE))


def functions_in(path: Path) -> set[str]:
    """The test functions a file defines."""
    return {
        node.name for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.FunctionDef)
    }


@pytest.mark.parametrize("clause", [pytest.param(clause, id=clause["id"]) for clause in CLAUSES])
def test_clause_is_answered_and_shown(clause: dict[str, Any]) -> None:
    """The functions named exist, and so do the tests."""
    assert clause["functions"]
    assert set(clause["functions"]) <= set(names())
    assert clause["tests"]
    for shown in clause["tests"]:
        if shown.startswith("case "):
            assert shown.removeprefix("case ") in cases()
        else:
            path, _, name = shown.partition("::")
            assert name in functions_in(HERE.parent / path), shown


@pytest.mark.parametrize("section", SECTIONS.split())
def test_every_section_is_listed(section: str) -> None:
    """No section that computes something is missing from the list."""
    assert any(re.fullmatch(re.escape(section) + r"([(, ].*)?", clause["section"]) for clause in CLAUSES)


def test_every_scenario_covers_listed_clauses() -> None:
    """What the scenarios say they cover is in the list."""
    text = "".join(path.read_text(encoding="utf-8") for path in (HERE / "cases").glob("pricesmart*.toml"))
    covered = {
        name for line in re.findall(r"^covers = (\[.*\])", text, re.MULTILINE) for name in ast.literal_eval(line)
    }
    assert covered <= {clause["id"] for clause in CLAUSES}
