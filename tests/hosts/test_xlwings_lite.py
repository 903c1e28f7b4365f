"""xlwings Lite's parts, run in Node: the JavaScript Excel calls, Pyodide, and the wheels it would install there.

The JavaScript, and the Python that joins it to Pyodide, are xlwings Server's; the licence of both is that of xlwings'
``pro`` folder (``office_js.py``).
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import pytest
from golden import calls
from office_js import enterable, received, sent, shown_otherwise

from xlcap.cells import CellError
from xlcap.hosts.excel.lite import MAIN

HERE = Path(__file__).parent
PARTS = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "xlcap-tests" / "lite"
"""Where .ci/lite puts them."""


@pytest.fixture
def command(tmp_path: Path, missing: Callable[[str, str], NoReturn]) -> list[str]:
    """The command that answers calls, with xlcap's wheel built from the source as it is."""
    node = shutil.which("node")
    pyodide, wheels = PARTS / "node_modules" / "pyodide" / "pyodide.mjs", sorted(PARTS.glob("wheels/*.whl"))
    if node is None or not pyodide.exists() or not wheels:
        missing("Node or Pyodide", f"install what the test runs by `.ci/lite {sys.executable}`")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=HERE.parents[1], check=True, capture_output=True)
    return [node, str(HERE / "lite.mjs"), str(pyodide), *map(str, [*wheels, *tmp_path.glob("*.whl")])]


def test_the_golden_table(command: list[str]) -> None:
    """Excel shows what the table says, in WebAssembly and without pandas and numpy; and then why it shows an error."""
    asked = [*filter(enterable, calls())]
    made = [[call.function, [sent(arg) for arg in call.args]] for call in asked]
    refused = ["SPLIT_ADJUSTED_PRICE", [sent(20), sent(0)]]
    question = {"main": MAIN, "calls": [*made, refused, ["XLCAP_REASON", []]]}
    done = subprocess.run(command, input=json.dumps(question), capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["platform"] == "emscripten"
    assert not {"pandas", "numpy"} & set(told["modules"])
    *answers, _, why = map(_shown, told["answers"])
    differences = {call.id: shown_otherwise(call, *answer) for call, answer in zip(asked, answers, strict=True)}
    assert len(differences) >= 300
    assert {name: what for name, what in differences.items() if what} == {}
    ((reason,),), _ = why
    assert reason.endswith("#NUM!: ratio: must be above zero; found 0")


def _shown(answer: dict[str, Any]) -> tuple[Any, str]:
    if "error" in answer:
        return CellError(answer["error"]), answer["message"]
    return received(answer["rows"]), ""
