"""Exits asked about as a sheet asks: a cap table of dictionaries, and the answers by class."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Any

from xlcap.functions import call


def table(*rows: dict[str, Any]) -> list[list[Any]]:
    """A cap table as a sheet holds it, with the columns some row fills."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    return [columns, *([row.get(name) for name in columns] for row in rows)]


def payouts(exit_value: float, *rows: dict[str, Any], rounding: str = "none") -> dict[str, float]:
    """WATERFALL at one exit, by class."""
    answer = call("WATERFALL", [exit_value, table(*rows), None, rounding])
    assert isinstance(answer, list)
    return {str(row[0]): row[1] for row in answer[1:]}  # type: ignore[misc]  # a column of numbers


def explained(answer: Any) -> dict[str, dict[str, Any]]:
    """A table that spilled, by the name in its first column and by its header."""
    return {str(row[0]): dict(zip(answer[0], row, strict=True)) for row in answer[1:]}


def rows_of(name: str, *rows: dict[str, Any]) -> list[list[Any]]:
    """A table's rows without its header."""
    answer = call(name, [table(*rows)])
    assert isinstance(answer, list)
    return answer[1:]


def own_terms(folder: Path, certificate: str, *changes: tuple[str, str]) -> str:
    """A certificate of one's own, which says what a shipped one says but for some lines; its name."""
    text = files("xlcap.certificates").joinpath(f"{certificate}.toml").read_text(encoding="utf-8")
    name = f"OWN-{certificate}"
    for old, new in ((f'id = "{certificate}"', f'id = "{name}"'), *changes):
        assert old in text, old
        text = text.replace(old, new)
    (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    return name
