"""Where terms are found: the certificates shipped, the user's own TOML files, and blocks of cells.

A name is looked up among the certificates shipped and in the folders the user names in the environment variable
``XLCAP_TERMS`` (separated as ``PATH`` is); a path is read as it stands.

Paths are handled by ``os`` here: ``pathlib`` is a tenth of what importing the functions costs.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from xlcap.cells import Cell, as_text, is_blank
from xlcap.errors import XlcapError, nearest
from xlcap.terms.certificate import Terms
from xlcap.terms.schema import build, flatten, merge, nest

FOLDERS = "XLCAP_TERMS"
_SHIPPED = os.path.join(os.path.dirname(os.path.dirname(__file__)), "certificates")


def available() -> dict[str, str]:
    """Every certificate that can be named, with the file it comes from. The user's own come first.

    Raises XlcapError, naming it, for a folder that is not there: those shipped would be used in silence.
    """
    found: dict[str, str] = {}
    for folder in os.environ.get(FOLDERS, "").split(os.pathsep):
        if folder:
            if not os.path.isdir(folder):
                raise XlcapError(f"there is no folder '{folder}'", where=FOLDERS)
            found = _toml_files(folder) | found
    return _toml_files(_SHIPPED) | found


def _toml_files(folder: str) -> dict[str, str]:
    return {_stem(name).upper(): os.path.join(folder, name) for name in sorted(os.listdir(folder)) if _is_path(name)}


def _stem(path: str) -> str:
    return os.path.splitext(os.path.basename(path))[0]


def load(name: str) -> Terms:
    """The terms called ``name``, or in the TOML file at that path.

    >>> load("PRICESMART-B").conversion.initial_price
    Decimal('20.00')
    """
    path, changed = stamp(name)
    terms = _read(path, changed)
    # A sheet that says FOO would else show the terms of what calls itself BAR.
    if not _is_path(name) and terms.id.upper() != _stem(path).upper():
        raise XlcapError(
            f"id is '{terms.id}', and formulas call it by its file's name, '{_stem(path)}'; make them the same",
            where=path,
        )
    return terms


def stamp(name: str) -> tuple[str, int]:
    """The file that holds the terms called ``name``, and when it was last changed."""
    folders = os.environ.get(FOLDERS, "")
    path = _find(name, folders, _changed(folders))
    try:
        return path, os.stat(path).st_mtime_ns
    except OSError:
        _find.cache_clear()
        path = _find(name, folders, _changed(folders))
        return path, os.stat(path).st_mtime_ns


def _changed(folders: str) -> tuple[int, ...]:
    """When files last came into the folders: one there may stand for a shipped one from now on."""
    return tuple(os.stat(folder).st_mtime_ns for folder in folders.split(os.pathsep) if os.path.isdir(folder))


def block_stamp(block: Sequence[Sequence[Cell]]) -> object:
    """The stamp of the certificate that a block of terms completes, if it names one."""
    for row in block:
        if (
            len(row) > 1
            and isinstance(row[0], str)
            and row[0].strip() == "id"
            and isinstance(row[1], str)
            and row[1].strip().upper() in available()
        ):
            return stamp(row[1])
    return None


def _is_path(name: str) -> bool:
    return name.lower().endswith(".toml")


@functools.lru_cache(maxsize=64)
def _find(name: str, _folders: str, _changed: tuple[int, ...]) -> str:
    if _is_path(name):
        if not os.path.isfile(name):
            raise XlcapError(
                f"there is no file '{name}'; a certificate in a folder of {FOLDERS} is called '{_stem(name)}'",
                where="terms",
            )
        return name
    known = available()
    if name.strip().upper() not in known:
        close = nearest(name.strip().upper(), known)
        hint = f"did you mean '{close}'? Known" if close else "known"
        raise XlcapError(
            f"no certificate is called '{name}'; {hint} are {', '.join(known)}. "
            f"Give the path of a .toml file, or name its folder in {FOLDERS}",
            where="terms",
        )
    return known[name.strip().upper()]


@functools.lru_cache(maxsize=64)
def _read(path: str, _changed: int) -> Terms:
    return build(Terms, _data(path), os.path.basename(path))


def _data(path: str) -> dict[str, Any]:
    import tomllib  # here, because importing the functions must stay light

    try:
        with open(path, "rb") as file:
            return tomllib.load(file, parse_float=Decimal)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise XlcapError(
            f"this is not valid TOML: {error}. Numbers stand without $ and thousands commas, texts in straight quotes, "
            "true and false in small letters",
            where=os.path.basename(path),
        ) from None


def from_block(block: Sequence[Sequence[Cell]]) -> Terms:
    """Terms from two columns, field and value, as ``TERMS`` spills them.

    A block whose ``id`` names a certificate needs only the fields it changes; the others are that certificate's.
    """
    fields: dict[str, Cell] = {}
    for number, row in enumerate(block, 1):
        if all(is_blank(cell) for cell in row):
            continue
        if len(row) < 2:
            raise XlcapError("a block of terms has two columns, field and value", where="terms")
        field = as_text(row[0])
        if (number, field.lower()) == (1, "field"):
            continue
        if field in fields:
            raise XlcapError(f"field '{field}' stands there twice; keep one", where=f"terms row {number}")
        fields[field] = row[1]
    if "id" not in fields:
        raise XlcapError("the block has no field 'id'; it names the certificate the block completes", where="terms")
    base = as_text(fields["id"])
    data = nest(fields)
    if base.strip().upper() in available():
        data = merge(_data(stamp(base)[0]), data)
    return build(Terms, data, "terms")


def spill(terms: Terms) -> list[list[object]]:
    """Terms as two columns with a header, ready to be copied to a sheet, changed and pointed at."""
    return [["field", "value"], *([field, value] for field, value in flatten(terms).items())]
