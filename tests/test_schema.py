"""The JSON Schema that editors use is the one the code describes."""

from __future__ import annotations

import datetime as dt
import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from xlcap.terms import Terms
from xlcap.terms.schema import json_schema

TOP = Path(__file__).parents[1]
SCHEMA = TOP / "xlcap" / "certificates" / "terms.schema.json"
CERTIFICATES = sorted([*SCHEMA.parent.glob("*.toml"), *(TOP / "docs" / "examples").glob("*.toml")])
TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,), "array": (list,), "string": (str, dt.date), "number": (int, float), "integer": (int,),
    "boolean": (bool,),
}  # fmt: skip


def test_shipped_schema_is_current() -> None:
    """The schema beside the certificates is what `xlcap terms --schema` prints today."""
    assert json.loads(SCHEMA.read_text(encoding="utf-8")) == json_schema(Terms)


def faults(schema: dict[str, Any], value: Any, where: str = "") -> Iterator[str]:
    """What an editor would underline: the words of JSON Schema that ours uses."""
    if "anyOf" in schema and all(any(faults(choice, value)) for choice in schema["anyOf"]):
        yield f"{where}: none of the choices"
    if "const" in schema and value != schema["const"]:
        yield f"{where}: not {schema['const']}"
    if "enum" in schema and value not in schema["enum"]:
        yield f"{where}: not among {schema['enum']}"
    if "type" in schema:
        kinds = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
        if not any(isinstance(value, TYPES[kind]) and (kind == "boolean") == isinstance(value, bool) for kind in kinds):
            yield f"{where}: not {kinds}"
    if isinstance(value, dict):
        known, others = schema.get("properties", {}), schema.get("additionalProperties", {})
        yield from (f"{where}.{name}: is missing" for name in schema.get("required", []) if name not in value)
        for name, below in value.items():
            if name not in known and others is False:
                yield f"{where}.{name}: not known"
            else:
                yield from faults(known.get(name) or others, below, f"{where}.{name}")
    if isinstance(value, list):
        for number, item in enumerate(value, 1):
            yield from faults(schema["items"], item, f"{where}[{number}]")


@pytest.mark.parametrize("path", CERTIFICATES, ids=lambda path: path.stem)
def test_an_editor_finds_no_fault_with_a_certificate(path: Path) -> None:
    """What is shipped, and the example of the guide, is as the schema says."""
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    assert list(faults(schema, tomllib.loads(path.read_text(encoding="utf-8")))) == []


def test_an_editor_finds_a_fault() -> None:
    """A misspelled key, a word that is no choice, a table that is not there."""
    schema = json_schema(Terms)
    found = list(faults(schema, {"reissu": True, "calendar": "MARS"}))
    assert ".reissu: not known" in found
    assert ".liquidation: is missing" in found
    assert any(fault.startswith(".calendar: not among") for fault in found)
