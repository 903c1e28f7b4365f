"""The pages on the certificates speak of functions that exist, and of the files as they are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from xlcap.functions import names
from xlcap.terms import Terms
from xlcap.terms.schema import keys

DOCS = Path(__file__).parents[1] / "docs"
PAGES = ["pricesmart-series-b.md", "valuestar-series-b.md", "patron-series-b.md"]


@pytest.mark.parametrize("page", PAGES)
def test_functions_named_on_a_page_exist(page: str) -> None:
    """Each section of a certificate's page begins with the functions that answer it."""
    lines = (DOCS / page).read_text(encoding="utf-8").splitlines()
    named = {name for line in lines if line.startswith("`") for name in re.findall(r"`([A-Z_]+)`", line)}
    assert named
    assert named <= set(names())


def test_the_guide_holds_the_file_it_explains() -> None:
    """The certificate in the guide is the file beside it, line by line."""
    guide = (DOCS / "writing-a-certificate.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"```toml\n(.*?)```", guide, re.DOTALL)
    assert shown == (DOCS / "examples" / "NORTHGATE-C.toml").read_text(encoding="utf-8")


def test_every_table_of_the_file_is_explained() -> None:
    """Each section of Northgate's certificate stands in the guide with its clause before the file does."""
    guide = (DOCS / "writing-a-certificate.md").read_text(encoding="utf-8").partition("```toml")[0]
    clauses = re.findall(r'^clause = "(\d+)', (DOCS / "examples" / "NORTHGATE-C.toml").read_text("utf-8"), re.MULTILINE)
    explained = re.findall(r"^\*\*(\d+)(?:\(\w\))?(?: to (\d+))?[ .]", guide, re.MULTILINE)
    covered = {number for first, last in explained for number in range(int(first), int(last or first) + 1)}
    assert {int(clause) for clause in clauses} <= covered


def tables(section: Any, path: str = "") -> Iterator[str]:
    """Every table a certificate may have, as its header is written."""
    for name, key in keys(section).items():
        if key.section:
            yield f"[{path}{name}]"
            yield from tables(key.section, f"{path}{name}.")
        elif key.sections:
            yield f"[{path}{name}.NAME]"
            yield from tables(key.sections, f"{path}{name}.NAME.")


def test_the_guide_lists_every_table() -> None:
    """What a certificate can say stands in the guide, and nothing else."""
    guide = (DOCS / "writing-a-certificate.md").read_text(encoding="utf-8")
    listed = guide.partition("### The tables there are")[2].partition("##")[0]
    assert set(re.findall(r"`(\[[\w.]+\])`", listed)) == set(tables(Terms))
