"""The reference page says what the code declares."""

from __future__ import annotations

import runpy
from pathlib import Path

from xlcap.functions import functions
from xlcap.functions.registry import TOPICS

DOCS = Path(__file__).parents[1] / "docs"


def test_reference_page_is_current() -> None:
    """docs/functions.md is what `python docs/build_reference.py` writes today."""
    built = runpy.run_path(str(DOCS / "build_reference.py"))["page"]()
    assert (DOCS / "functions.md").read_text(encoding="utf-8") == built


def test_every_function_has_help_a_source_and_an_example() -> None:
    """The wizard's text is short enough for Excel, every argument has help, and every docstring has an example."""
    for declared in functions().values():
        assert 20 <= len(declared.doc) <= 255, declared.name
        assert ">>> " in declared.details, declared.name
        assert declared.topic in TOPICS, declared.name
        for argument in declared.arguments:
            assert 5 <= len(argument.doc) <= 255, (declared.name, argument.name)
