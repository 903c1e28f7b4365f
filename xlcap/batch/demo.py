"""The workbooks shipped with xlcap, and what the demo does with them."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from xlcap.errors import XlcapError
from xlcap.shipped import workbooks

FIRST = "pricesmart"
_TOLD = "demo.toml"


@dataclass(frozen=True)
class Demo:
    """What ``xlcap fill`` is given; ``demo.toml``, beside the sample data, says it."""

    folder: Path
    template: Path
    rows: Path
    tables: tuple[str, ...]
    name: str | None


def samples(folder: Path | None = None) -> list[str]:
    """The templates there is sample data for."""
    return sorted(file.parent.name for file in (folder or workbooks()).glob(f"*/{_TOLD}"))


def demo(folder: Path | None = None, sample: str = FIRST) -> Demo:
    """The demo of one of the workbooks shipped. Its paths are relative to its ``demo.toml``."""
    folder = folder or workbooks()
    file = folder / sample / _TOLD
    if sample != FIRST and sample not in samples(folder):
        raise XlcapError(f"there is no such sample; there are {', '.join(samples(folder))}", where=f"--sample {sample}")
    try:
        told = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise XlcapError(f"cannot be read: {error.strerror}", where=str(file)) from None
    tables = tuple(f"{table}={(file.parent / source)}" for table, source in told["tables"].items())
    template = (file.parent / told["template"]).resolve()
    return Demo(file.parent, template, file.parent / told["rows"], tables, told.get("name"))
