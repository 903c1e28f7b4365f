"""The workbooks shipped with xlcap, and what the demo does with them."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

import xlcap
from xlcap.errors import XlcapError

DEMO = "pricesmart/demo.toml"


@dataclass(frozen=True)
class Demo:
    """What ``xlcap fill`` is given; ``demo.toml``, beside the sample data, says it."""

    folder: Path
    template: Path
    rows: Path
    tables: tuple[str, ...]
    name: str | None


def workbooks() -> Path:
    """The folder of templates and sample data: in the installed package, or at the head of a checkout."""
    package = Path(xlcap.__file__).parent
    for folder in (package / "_workbooks", package.parent / "workbooks"):
        if folder.is_dir():
            return folder
    raise XlcapError("the sample workbooks are not there; install xlcap again", where=str(package / "_workbooks"))


def demo(folder: Path | None = None) -> Demo:
    """The demo among the workbooks shipped. Its paths are relative to ``demo.toml``."""
    file = (folder or workbooks()) / DEMO
    try:
        told = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise XlcapError(f"cannot be read: {error.strerror}", where=str(file)) from None
    tables = tuple(f"{table}={(file.parent / source)}" for table, source in told["tables"].items())
    template = (file.parent / told["template"]).resolve()
    return Demo(file.parent, template, file.parent / told["rows"], tables, told.get("name"))
