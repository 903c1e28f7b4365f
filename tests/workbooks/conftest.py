"""The templates shipped, the scripts that build them, and the reports their samples make."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from filled import Made

from xlcap.batch import TableFile, fill
from xlcap.batch.demo import demo
from xlcap.shipped import workbooks

sys.path.insert(0, str(workbooks()))  # where the scripts are, which are no part of the package


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """The reports a sample makes, and the folder they are in; each sample is filled once."""
    done: dict[str, Any] = {}

    def make(sample: str) -> Any:
        if sample not in done:
            told, out = demo(sample=sample), tmp_path_factory.mktemp(sample)
            tables = [TableFile.parse(table) for table in told.tables]
            done[sample] = fill(told.template, told.rows, out, tables=tables, name=told.name), out
        return done[sample]

    return make
