"""Installing the add-in: which LibreOffice is there, which Python it has, and what its user's profile holds."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from xlcap.errors import XlcapError
from xlcap.hosts.libreoffice import extensions
from xlcap.hosts.libreoffice.names import EXTENSION, OLDEST_PYTHON
from xlcap.hosts.libreoffice.oxt import build

_PATIENCE = 300  # seconds for one request, two starts of LibreOffice among them


class Office(NamedTuple):
    """A LibreOffice on this computer."""

    program: Path
    python: Path
    python_version: tuple[int, ...]

    def suffices(self) -> bool:
        """Whether its Python can run the functions."""
        return self.python_version >= OLDEST_PYTHON

    def surroundings(self) -> dict[str, str]:
        """The environment variables to start it with. LibreOffice of a Linux distribution takes the first Python on the
        path for its own, and crashes with one it was not built for: that of an active virtual environment, or conda's.
        """
        return _surroundings(self.python)


def find() -> Office:
    """The LibreOffice on the path, or where its own installer puts it."""
    program = next(_programs(), None)
    if program is None:
        raise XlcapError(
            "LibreOffice is not on this computer, or not where it installs itself: put soffice on the PATH; or write "
            "the extension with `xlcap addin libreoffice build`, and open it with LibreOffice"
        )
    for python in _pythons(program.resolve().parent):
        asked = subprocess.run(
            [python, "-c", "import sys, uno; print(*sys.version_info[:3])"],
            capture_output=True, text=True, check=False, env=_surroundings(python),
        )  # fmt: skip
        if asked.returncode == 0:
            return Office(program, python, tuple(map(int, asked.stdout.split())))
    raise XlcapError(
        "has no Python that can speak with it; on Debian and Ubuntu `sudo apt install python3-uno` brings it",
        where=str(program),
    )


def _surroundings(python: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in ("PYTHONHOME", "PYTHONPATH")}
    return {**kept, "PATH": os.pathsep.join([str(python.parent), kept.get("PATH", os.defpath)])}


def _programs() -> Iterator[Path]:
    known = shutil.which("soffice") or shutil.which("libreoffice")
    places = [
        known,
        "/Applications/LibreOffice.app/Contents/MacOS/soffice",
        os.path.expandvars(r"%ProgramFiles%\LibreOffice\program\soffice.exe"),
        *sorted(_OPT.glob("libreoffice*/program/soffice"), key=_release, reverse=True),
    ]
    return (Path(place) for place in places if place and Path(place).exists())


_OPT = Path("/opt")
"""Where the packages of libreoffice.org put it on Linux, in a folder named by its version."""


def _release(program: Path) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", program.parts[-3])]


def _pythons(folder: Path) -> Iterator[Path]:
    """Its own Python, else that of the system, for which Linux distributions build it."""
    own = [folder / "python.exe", folder / "python", folder.parent / "Resources" / "python"]
    return (python for python in [*own, Path("/usr/bin/python3")] if python.is_file())


def default_profile() -> Path:
    """Where LibreOffice keeps what belongs to this user."""
    if sys.platform == "win32":
        return Path(os.environ["APPDATA"], "LibreOffice", "4")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "LibreOffice" / "4"
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config", "libreoffice", "4")


def install(profile: Path) -> str:
    """Put the functions into the profile, in place of an earlier version; their version."""
    office = find()
    if not office.suffices():
        raise XlcapError(
            f"its Python is {_dotted(office.python_version)}, and xlcap needs {_dotted(OLDEST_PYTHON)} or later; "
            "a later LibreOffice, or one of a Linux distribution with such a Python, has it",
            where=str(office.program),
        )
    with tempfile.TemporaryDirectory() as folder:
        version = _ask(office, profile, "add", build(Path(folder, "xlcap.oxt")).as_uri())
    if version is None:
        raise XlcapError(
            "LibreOffice took the add-in and does not list it; run `xlcap addin libreoffice install` again"
        )
    return version


def uninstall(profile: Path) -> bool:
    """Take the functions out of the profile; whether they were there."""
    if installed(profile) is None:
        return False
    _ask(find(), profile, "remove")
    return True


def installed(profile: Path) -> str | None:
    """The version of the functions in the profile."""
    return _ask(find(), profile, "look") if (profile / "user" / "uno_packages").is_dir() else None


def _ask(office: Office, profile: Path, action: str, url: str = "") -> str | None:
    if (profile / ".lock").exists():
        raise XlcapError(
            f"LibreOffice is open with this profile: close it and try again. If it is not open, it ended badly: remove "
            f"{profile / '.lock'}",
            where=str(profile),
        )
    if profile.name == "user" and (profile / "registrymodifications.xcu").exists():
        raise XlcapError(f"is a part of a profile; the profile is {profile.absolute().parent}", where=str(profile))
    for written in (profile, profile / "user" / "uno_packages" / "cache"):
        there = next(path for path in (written, *written.absolute().parents) if path.exists())
        if not there.is_dir():
            raise XlcapError("is a file, and a profile is a folder", where=str(there))
        if not os.access(there, os.W_OK):
            raise XlcapError("this folder cannot be written to, and the profile belongs in it", where=str(there))
    try:
        asked = subprocess.run(
            [office.python, extensions.__file__, office.program, profile.absolute().as_uri(), action, EXTENSION, url],
            capture_output=True, text=True, check=False, timeout=_PATIENCE, env=office.surroundings(),
        )  # fmt: skip
    except KeyboardInterrupt:
        (profile / ".lock").unlink(missing_ok=True)  # of the LibreOffice started here, which was interrupted too
        raise
    except subprocess.TimeoutExpired:
        raise XlcapError(
            f"did not answer in {_PATIENCE} seconds; end it, and try again", where=str(office.program)
        ) from None
    if asked.returncode:
        why = asked.stderr.strip().rpartition("\n")[2] or f"code {asked.returncode}"
        raise XlcapError(f"could not be asked about its extensions ({why})", where=str(office.program))
    told = json.loads(asked.stdout)
    if "refused" in told:
        why = told["refused"].partition(", traceback")[0]
        raise XlcapError(f"LibreOffice did not take the add-in, and nothing is installed: {why}")
    version: str | None = told["version"]
    return version


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))


def status(profile: Path) -> list[tuple[str, str]]:
    """What there is: a LibreOffice, its Python, the functions in the profile."""
    office = find()
    needed = "" if office.suffices() else f", too old: xlcap needs {_dotted(OLDEST_PYTHON)} or later"
    try:
        there = installed(profile)
    except XlcapError as error:
        there = f"not known: {error}"
    return [
        ("LibreOffice", str(office.program)),
        ("its Python", f"{_dotted(office.python_version)}{needed}"),
        ("profile", str(profile)),
        ("xlcap there", there or "not installed: `xlcap addin libreoffice install`"),
    ]
