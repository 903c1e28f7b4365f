"""The habits of the house, kept by its tools."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).parents[1]


def run(*command: str) -> subprocess.CompletedProcess[str]:
    """A tool of this environment, run at the top of the tree."""
    return subprocess.run(command, cwd=TOP, capture_output=True, text=True, check=False)


def test_ruff_is_clean() -> None:
    """No lint, and the formatter would change nothing."""
    lint = run(sys.executable, "-m", "ruff", "check", ".")
    assert lint.returncode == 0, lint.stdout
    layout = run(sys.executable, "-m", "ruff", "format", "--check", ".")
    assert layout.returncode == 0, layout.stdout


def test_mypy_is_clean() -> None:
    """The strict type checker has nothing to say."""
    types = run(sys.executable, "-m", "mypy")
    assert types.returncode == 0, types.stdout


def test_floors_stand() -> None:
    """Each room imports only the rooms below it."""
    floors = run(str(Path(sys.executable).parent / "lint-imports"))
    assert floors.returncode == 0, floors.stdout


HEAVY = ("pandas", "numpy", "openpyxl", "xlwings", "lxml", "formualizer", "pyarrow", "holidays")


def test_functions_import_light() -> None:
    """Importing the functions, and asking one, imports nothing but the standard library and xlcap."""
    code = (
        "import sys; from xlcap.functions import call;"
        "assert call('CONVERSION_PRICE', ['PRICESMART-B', None, '2004-01-01']) == 20;"
        "print(*sorted({name.partition('.')[0] for name in sys.modules} - set(sys.stdlib_module_names)))"
    )
    loaded = run(sys.executable, "-c", code)
    assert loaded.returncode == 0, loaded.stderr
    assert not set(loaded.stdout.split()) & set(HEAVY)
    ours = {name for name in loaded.stdout.split() if not name.startswith(("_", "sitecustomize", "a1_coverage"))}
    assert ours == {"xlcap"}
