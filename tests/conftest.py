"""What all tests share: the same examples every time, and a real LibreOffice where there is one."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

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

# Ctrl-C is tested, and a shell has a program that it runs in the background ignore it.
signal.signal(signal.SIGINT, signal.default_int_handler)

Convert = Callable[[Path, str], Path]
Missing = Callable[[str, str], NoReturn]


@pytest.fixture(scope="session")
def missing() -> Missing:
    """``missing("LibreOffice", "see .ci/run")`` skips a test for want of a program; in CI it fails, so that none is."""

    def told(program: str, remedy: str) -> NoReturn:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"{program} is missing: {remedy}")

    return told


@pytest.fixture(scope="session")
def libreoffice(tmp_path_factory: pytest.TempPathFactory, missing: Missing) -> Convert:
    """Convert a file with LibreOffice, headless: ``libreoffice(path, "xlsx:Calc MS Excel 2007 XML")`` is the result."""
    program = shutil.which("soffice") or missing("LibreOffice", "install it (see .ci/run)")
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
