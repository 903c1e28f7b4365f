"""What all tests share: the same examples every time, and a real LibreOffice where there is one."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "same_every_time",
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=100,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.load_profile("same_every_time")

Convert = Callable[[Path, str], Path]


@pytest.fixture(scope="session")
def libreoffice(tmp_path_factory: pytest.TempPathFactory) -> Convert:
    """Convert a file with LibreOffice, headless: ``libreoffice(path, "xlsx:Calc MS Excel 2007 XML")`` is the result.

    Where LibreOffice is not installed the tests that ask for it are skipped; in CI they fail, so that nothing is.
    """
    program = shutil.which("soffice")
    if program is None:
        if os.environ.get("CI"):
            pytest.fail("LibreOffice is missing: install it (see .ci/run)")
        pytest.skip("LibreOffice is not installed")
    folder = tmp_path_factory.mktemp("libreoffice")

    def convert(path: Path, form: str) -> Path:
        target = folder / f"{path.stem}-{len(list(folder.iterdir()))}"
        command = [program, "--headless", f"-env:UserInstallation=file://{folder}/profile", "--convert-to", form]
        command += ["--outdir", str(target), str(path)]
        result = target / f"{path.stem}.{form.partition(':')[0]}"
        for _ in range(3):  # the first start with a new profile can end with code 81 before it has done anything
            done = subprocess.run(command, capture_output=True, timeout=180, check=False)
            if result.exists():
                return result
        raise AssertionError(done.stderr.decode(errors="replace"))

    return convert
