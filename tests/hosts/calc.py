"""A LibreOffice with the functions installed, for tests that ask Calc."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any, NamedTuple

from xlcap.hosts.libreoffice import office

SCRIPT = Path(__file__).parent / "in_calc.py"
OPENING = Path(__file__).parent / "opened_in_calc.py"


class Calc(NamedTuple):
    """A LibreOffice whose profile has the functions."""

    profile: Path

    @property
    def version(self) -> tuple[int, ...]:
        """Year and month since (24, 2), before that (7, 6) and the like."""
        told = subprocess.run([office.find().program, "--version"], capture_output=True, text=True, check=True).stdout
        found = re.search(r"LibreOffice (\d+)\.(\d+)", told)
        assert found, told
        return tuple(map(int, found.groups()))

    def recalculated(self, book: Path) -> Path:
        """A workbook that holds no values yet, as LibreOffice computes and stores it."""
        target = self.profile.parent / "recalculated"
        (target / book.name).unlink(missing_ok=True)  # or that of another test would stand for it
        found = office.find()
        told = [found.program, "--headless", f"-env:UserInstallation={self.profile.as_uri()}"]
        told += ["--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", target, book]
        subprocess.run(told, capture_output=True, timeout=180, check=False, env=found.surroundings())
        return target / book.name

    def changed(self, book: Path, place: str, value: float, beside: str) -> tuple[bool, str]:
        """Whether a workbook counts as changed when it has been opened; and what a cell shows when another is given a
        value. Places are of its first sheet.
        """
        found = office.find()
        told = [found.python, OPENING, found.program, self.profile.as_uri(), book.as_uri(), place, str(value), beside]
        done = subprocess.run(told, capture_output=True, timeout=180, check=True, env=found.surroundings())
        modified, shown = json.loads(done.stdout)
        return modified, shown

    def shows(self, *sheets: tuple[int, list[tuple[str, str]]]) -> Any:
        """What the function wizard shows, then the cells of each sheet: its date system, and cells with formulas."""
        found = office.find()
        told = [found.python, SCRIPT, found.program, self.profile.as_uri(), json.dumps(sheets)]
        done = subprocess.run(told, capture_output=True, timeout=180, check=True, env=found.surroundings())
        return json.loads(done.stdout)
