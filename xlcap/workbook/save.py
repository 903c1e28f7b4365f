"""Putting a finished file where it belongs: whole, or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

from xlcap.workbook.cells import WorkbookError


def save(path: str | Path, data: bytes) -> None:
    """Write a workbook to ``path``.

    It is written beside the target under another name, read back and checked, and only then put in the target's place,
    so that no half-written file is ever there. ``WorkbookError``, naming the file, if the target is a folder, is
    locked by another program, cannot be written, or what was written is not a whole workbook.
    """
    _put(Path(path), data, _check_workbook)


def save_text(path: str | Path, text: str) -> None:
    """Write a text to ``path`` as a workbook is written: whole, or not at all."""
    _put(Path(path), text.encode(), lambda _: None)


def _put(path: Path, data: bytes, check: Callable[[Path], None]) -> None:
    if path.is_dir():
        raise WorkbookError("is a folder; give the name of a file in it", where=str(path))
    temporary = None
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
        temporary = Path(name)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        check(temporary)
        _as_others(temporary, path)
        os.replace(temporary, path)  # noqa: PTH105  # Path.replace hides which of the two names an error is about
        temporary = None
    except PermissionError as error:
        raise WorkbookError(
            f"cannot be written: {error.strerror}; close it where it is open, or choose another folder", where=str(path)
        ) from None
    except WorkbookError as error:
        raise WorkbookError(error.message, where=str(path)) from None
    except OSError as error:
        raise WorkbookError(f"cannot be written: {error.strerror or error}", where=str(path)) from None
    finally:
        if temporary is not None:
            with contextlib.suppress(OSError):
                temporary.unlink()


def _check_workbook(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            damaged = archive.testzip()
    except zipfile.BadZipFile:
        raise WorkbookError("what was written is not a workbook") from None
    if damaged is not None:
        raise WorkbookError(f"the part {damaged} was not written whole")


def _as_others(temporary: Path, target: Path) -> None:
    """Give the file the permissions of the one it replaces, or those any new file gets."""
    if target.exists():
        mode = target.stat().st_mode & 0o777
    else:
        mask = os.umask(0)
        os.umask(mask)
        mode = 0o666 & ~mask
    temporary.chmod(mode)
