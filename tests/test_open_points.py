"""The page on open points names switches that exist, with the defaults the certificates have."""

from __future__ import annotations

import re
import tomllib
import typing
from pathlib import Path
from typing import Any

import pytest

from xlcap.errors import XlcapError
from xlcap.functions import call
from xlcap.terms import Terms
from xlcap.terms.schema import NONE, Key, keys, read

TOP = Path(__file__).parents[1]
PAGE = (TOP / "docs" / "open-points.md").read_text(encoding="utf-8")
CERTIFICATES = {"VS": "VALUESTAR-B", "PT": "PATRON-B", "PS": "PRICESMART-B"}
SWITCHES = re.findall(r"^\| (AMB-(..)\d+) \| .+ \| `([\w.]+)` \| (.+) \|$", PAGE, re.MULTILINE)
ROWS = [
    pytest.param(CERTIFICATES[of], field, re.findall(r"`(\w+)`", choices), id=f"{key}-{field}")
    for key, of, field, choices in SWITCHES
]


def key_of(field: str) -> Key:
    """The key of the terms a dotted field names; the name of an entry in a table of tables is passed over."""
    section: Any = Terms
    *tables, name = field.split(".")
    for table in tables:
        entry = keys(section).get(table)
        section = section if entry is None else entry.section or entry.sections
    return keys(section)[name]


def written(certificate: str, field: str) -> object:
    """What the certificate's file itself says for a field, ``none`` where it says nothing."""
    path = TOP / "xlcap" / "certificates" / f"{certificate}.toml"
    value: Any = tomllib.loads(path.read_text(encoding="utf-8"))
    for part in field.split("."):
        value = value.get(part, NONE) if isinstance(value, dict) else NONE
    return value


@pytest.mark.parametrize(("certificate", "field", "choices"), ROWS)
def test_default_stands_in_the_file(certificate: str, field: str, choices: list[str]) -> None:
    """The first choice is what the certificate's file says, so that a reader of it sees the point."""
    value = written(certificate, field)
    assert (str(value).lower() if isinstance(value, bool) else str(value)) == choices[0]


@pytest.mark.parametrize(("certificate", "field", "choices"), ROWS)
def test_choices_are_all_there_are(certificate: str, field: str, choices: list[str]) -> None:
    """Each choice can be made in a block of cells, and no other word is taken."""
    key = key_of(field)
    for choice in choices:
        assert call("TERMS", [[["id", certificate], [field, choice]]])
        if choice != NONE or not key.optional:
            read(key, choice)
    if key.kind is bool:
        assert sorted(choices) == ["false", "true"]
    if typing.get_origin(key.kind) is typing.Literal:
        for other in set(typing.get_args(key.kind)) - set(choices):
            with pytest.raises(XlcapError):
                call("TERMS", [[["id", certificate], [field, other]]])


def test_every_point_stands_once() -> None:
    """The page has each key of the three certificates in one of its tables, numbered without a gap."""
    named = {
        of: {int(number) for number in re.findall(rf"^\| AMB-{of}(\d+) \|", PAGE, re.MULTILINE)}
        for of in ("G", *CERTIFICATES)
    }
    assert named == {of: set(range(1, last + 1)) for of, last in {"G": 4, "VS": 21, "PT": 19, "PS": 24}.items()}
