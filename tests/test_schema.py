"""The JSON Schema that editors use is the one the code describes."""

from __future__ import annotations

import json
from pathlib import Path

from xlcap.terms import Terms
from xlcap.terms.schema import json_schema

SCHEMA = Path(__file__).parents[1] / "xlcap" / "certificates" / "terms.schema.json"


def test_shipped_schema_is_current() -> None:
    """The schema beside the certificates is what `xlcap terms --schema` prints today."""
    assert json.loads(SCHEMA.read_text(encoding="utf-8")) == json_schema(Terms)
