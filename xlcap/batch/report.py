"""What became of each row, for people and for machines."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

from xlcap.errors import XlcapError
from xlcap.workbook import save_text

DONE, SOME_FAILED, FORMULA_ERRORS, INTERRUPTED = 0, 1, 3, 130
"""Exit codes of a batch, as README and ``xlcap fill --help`` have them."""

_LISTED = 20


@dataclass(frozen=True)
class Fault:
    """Something that is wrong: with a row (then there is no cell), or in a cell of the workbook made from it."""

    message: str
    code: str = "#VALUE!"
    where: str | None = None
    sheet: str | None = None
    cell: str | None = None
    formula: str | None = None
    cause: str | None = None
    """The cell whose error this one only follows from."""

    @classmethod
    def of(cls, error: XlcapError) -> Fault:
        """An error as a fault of the row."""
        return cls(error.message, error.code, error.where)

    def told(self, more: int = 0) -> str:
        """The fault for people, and how many more cells have it."""
        told = f"{self.code} {self.message}" if self.cell else self.message
        where = f"{self.where} and {more} more" if more else self.where
        return f"{where}: {told}" if where else told

    def __str__(self) -> str:
        return self.told()


@dataclass(frozen=True)
class Outcome:
    """What became of one row."""

    row: int
    """Its number in the file of rows."""
    output: str | None
    """The workbook's path; none if the row gives no name."""
    status: Literal["written", "written_with_errors", "failed"]
    cells: int = 0
    """Cells that were given values."""
    formulas: int = 0
    """Cells that were calculated."""
    tables: dict[str, int] = field(default_factory=dict)
    """Rows put into each table."""
    seconds: float = 0.0
    errors: tuple[Fault, ...] = ()
    notes: tuple[str, ...] = ()
    """What is no error and a reader of the workbook should know, such as a range that a table has outgrown."""


@dataclass(frozen=True)
class Report:
    """What became of a batch."""

    template: str
    rows: str
    outcomes: tuple[Outcome, ...]
    notes: tuple[str, ...] = ()
    """What is no error and still worth knowing, such as rows of a table's file that no report asked for."""
    interrupted: bool = False

    def count(self, status: str) -> int:
        """How many rows have a status."""
        return sum(outcome.status == status for outcome in self.outcomes)

    @property
    def exit_code(self) -> int:
        """0: all written; 1: a row failed; 3: all written, and a formula shows an error; 130: interrupted."""
        if self.interrupted:
            return INTERRUPTED
        if self.count("failed"):
            return SOME_FAILED
        return FORMULA_ERRORS if self.count("written_with_errors") else DONE

    def to_json(self) -> dict[str, object]:
        """The report for machines."""
        return {
            "template": self.template,
            "rows_file": self.rows,
            "written": self.count("written"),
            "written_with_errors": self.count("written_with_errors"),
            "failed": self.count("failed"),
            "interrupted": self.interrupted,
            "exit_code": self.exit_code,
            "notes": list(self.notes),
            "rows": [asdict(outcome) for outcome in self.outcomes],
        }

    def faults(self) -> Iterator[str]:
        """The errors for people, a line each: those of rows that failed first, a message of several cells once, and
        causes without what follows.
        """
        for outcome in sorted(self.outcomes, key=lambda outcome: outcome.status != "failed"):
            name = f"{Path(outcome.output).name}: " if outcome.output else ""
            alike: dict[tuple[str, str, str | None], list[Fault]] = {}
            for fault in outcome.errors:
                if fault.cause is None:
                    alike.setdefault((fault.code, fault.message, None if fault.cell else fault.where), []).append(fault)
            for first, *more in alike.values():
                yield f"{name}{'not written: ' if outcome.status == 'failed' else ''}{first.told(len(more))}"
            following = sum(fault.cause is not None for fault in outcome.errors)
            if following:
                yield f"{name}errors in other cells that follow from these: {following}"

    def summary(self) -> str:
        """The report for people, in a few lines."""
        made = [outcome for outcome in self.outcomes if outcome.status != "failed"]
        told = (
            f"{_counted(len(made), 'workbook')} written "
            f"({_counted(sum(o.cells for o in made), 'cell')} filled, "
            f"{_counted(sum(o.formulas for o in made), 'formula')} calculated)"
        )
        if self.count("failed"):
            told += f", {_counted(self.count('failed'), 'row')} failed"
        if self.count("written_with_errors"):
            told += f", {_counted(self.count('written_with_errors'), 'workbook')} with formulas that show an error"
        if self.interrupted:
            told = f"Interrupted: {told}; no file is half written"
        return "\n".join([told, *self.notes, *self._notes()])

    def _notes(self) -> Iterator[str]:
        """What holds for workbooks, each once."""
        for note, workbooks in Counter(note for outcome in self.outcomes for note in outcome.notes).items():
            yield f"{note} ({_counted(workbooks, 'workbook')})"


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


def shortened(lines: Sequence[str], listed: int = _LISTED) -> list[str]:
    """The first lines, and how many more there are."""
    more = len(lines) - listed
    return [*lines[:listed], f"... and {more} more; --report FILE lists them all"] if more > 0 else list(lines)


def write_json(path: Path, content: object) -> None:
    """Write a report, whole or not at all. Raises XlcapError, naming the file."""
    save_text(path, json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n")
