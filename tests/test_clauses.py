"""Every clause that computes something has a function that answers it and a test that shows it."""

from __future__ import annotations

import ast
import re
import runpy
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from xlcap.functions import names

TOP = Path(__file__).parents[1]
DOCS = TOP / "docs"
FILE: dict[str, list[dict[str, Any]]] = tomllib.loads((TOP / "tests" / "clauses.toml").read_text(encoding="utf-8"))
CLAUSES = """
    VS-AUTH VS-A1 VS-A1P VS-A2 VS-A3 VS-B1P VS-B1C VS-B1R VS-B2 VS-B3 VS-B4 VS-C1 VS-C2 VS-D1 VS-D2 VS-D3 VS-D4 VS-D4R
    VS-D5 VS-D6 VS-D7 VS-D8i VS-D8i-FD VS-D8ii VS-D8iii VS-D8iii-EXP VS-D8iii-STEP VS-D8iv VS-D8v-A VS-D8v-B VS-D8v-C
    VS-D8v-D VS-D8v-F VS-D8v-H VS-D8v-EP VS-D9 VS-D10 VS-D11i VS-D11ii VS-D12 VS-D13 VS-D14
    PT-1 PT-2 PT-3 PT-3a PT-3b PT-3c PT-3d-i PT-3d-ii PT-3d-iii PT-3e-i PT-3e-ii PT-3e-ii-R PT-3e-iii PT-3e-iv
    PT-3e-vi-A PT-3e-vi-B PT-3e-vi-C PT-3e-vi-C-EXP PT-3e-vi-D PT-3e-vi-E PT-3e-vi-E-III PT-3e-vi-E-EP
    PT-3e-vi-E-FMV PT-3e-vi-F PT-3e-vi-G PT-3e-vii PT-3g PT-3h PT-4 PT-5 PT-6a PT-6b PT-6c PT-6d PT-7 PT-8a PT-8a-SR
    PT-8b PT-8b-PART PT-9a PT-9b PT-9c
    PS-I-F PS-II PS-III-A PS-III-A-DATES PS-III-B PS-III-C1 PS-III-C2 PS-III-C3 PS-IV PS-IV-LP PS-IV-S PS-IV-X PS-IV-N
    PS-V-A PS-V-B PS-V-C PS-V-D PS-V-E PS-VI-A PS-VI-B PS-VI-C PS-VI-D PS-VI-E1 PS-VI-E2 PS-VI-E3 PS-VI-E4
    PS-VI-E4-FGEM PS-VI-E4-PLAN PS-VI-E4-RIGHTS PS-VI-E4-COMBINED PS-VI-E5 PS-VI-E6a PS-VI-E6b PS-VI-E6de PS-VI-E7
    PS-VI-E8 PS-VI-E9 PS-VI-E10 PS-VI-E11 PS-VI-F PS-VI-H PS-VI-I PS-VI-I-LAST PS-VIII PS-IX
"""
"""Every clause of the three certificates that computes a number or a date."""
SITUATIONS = "1 2a 2b 2c 3a 3b 4a 4b 5 6 7a 7b 7c 8a 8b 9a 9b 9c 10a 10b"
"""What is easily missed in them."""


@cache
def cases() -> set[str]:
    """The scenarios there are."""
    text = "".join(path.read_text(encoding="utf-8") for path in (TOP / "tests" / "cases").glob("*.toml"))
    return set(re.findall(r'^id = "(.+)"', text, re.MULTILINE))


@cache
def functions_in(path: str) -> dict[str, str]:
    """The functions a file defines, each as it is written, with its parameters."""
    text = (TOP / path).read_text(encoding="utf-8")
    return {node.name: ast.unparse(node) for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef)}


def assert_shown(tests: list[str]) -> None:
    """There are tests, and they exist."""
    assert tests
    for shown in tests:
        if shown.startswith("case "):
            assert shown.removeprefix("case ") in cases(), shown
        else:
            path, _, name = shown.partition("::")
            assert name in functions_in(path), shown


@pytest.mark.parametrize("clause", [pytest.param(clause, id=clause["id"]) for clause in FILE["clause"]])
def test_clause_is_answered_and_shown(clause: dict[str, Any]) -> None:
    """The functions named exist, and so do the tests."""
    assert clause["section"]
    assert clause["what"]
    assert clause["functions"]
    assert set(clause["functions"]) <= set(names())
    assert_shown(clause["tests"])


def test_every_clause_is_listed_once() -> None:
    """No clause that computes something is left out, and none is there that nobody knows."""
    assert sorted(clause["id"] for clause in FILE["clause"]) == sorted(CLAUSES.split())


def test_sections_that_compute_nothing_say_why() -> None:
    """They are named with the reason, and none of them is a clause that computes something."""
    assert all(section["reason"] for section in FILE["silent"])
    assert not {section["section"] for section in FILE["silent"]} & {clause["section"] for clause in FILE["clause"]}


def test_every_scenario_covers_listed_clauses() -> None:
    """What the scenarios say they cover is in the list, and names them among its tests."""
    shown = {clause["id"]: set(clause["tests"]) for clause in FILE["clause"]}
    for stem in ("valuestar", "patron", "pricesmart"):
        text = (TOP / "tests" / "cases" / f"{stem}.toml").read_text(encoding="utf-8")
        for case in tomllib.loads(text)["case"]:
            assert set(case["covers"]) <= set(shown), case["id"]
            assert any(f"case {case['id']}" in shown[clause] for clause in case["covers"]), case["id"]


def test_every_switch_is_shown() -> None:
    """Each reading the page on open points lets one change has a test that shows the answer change."""
    page = (DOCS / "open-points.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| (AMB-\w+) \| .+ \| `([\w.]+)` \| .+ \|$", page, re.MULTILINE)
    assert sorted((switch["key"], switch["field"]) for switch in FILE["switch"]) == sorted(listed)


@pytest.mark.parametrize(
    "switch", [pytest.param(switch, id=f"{switch['key']}-{switch['field']}") for switch in FILE["switch"]]
)
def test_switch_is_shown_by_a_test_that_turns_it(switch: dict[str, Any]) -> None:
    """The tests exist, and one of them speaks of the field."""
    assert_shown(switch["tests"])
    name = switch["field"].rpartition(".")[2]
    assert any(name in functions_in(shown.partition("::")[0])[shown.partition("::")[2]] for shown in switch["tests"])


def test_every_point_without_a_switch_is_shown() -> None:
    """What the page says is done, where no field changes it, has a test too."""
    page = (DOCS / "open-points.md").read_text(encoding="utf-8").partition("## Points without a switch")[2]
    assert [point["key"] for point in FILE["point"]] == re.findall(r"^\| (AMB-\w+) \|", page, re.MULTILINE)
    for point in FILE["point"]:
        assert_shown(point["tests"])


@pytest.mark.parametrize("situation", [pytest.param(situation, id=situation["id"]) for situation in FILE["situation"]])
def test_situation_is_shown(situation: dict[str, Any]) -> None:
    """What is easily missed has a test that shows it."""
    assert situation["what"]
    assert_shown(situation["tests"])


def test_every_situation_is_listed() -> None:
    """None is left out."""
    assert [situation["id"] for situation in FILE["situation"]] == SITUATIONS.split()


def test_page_of_clauses_is_current() -> None:
    """docs/clauses.md is what `python docs/build_clauses.py` writes today."""
    built = runpy.run_path(str(DOCS / "build_clauses.py"))["page"]()
    assert (DOCS / "clauses.md").read_text(encoding="utf-8") == built
