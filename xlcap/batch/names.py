"""Names of the workbooks made, taken from the rows: never outside the folder, never one for two."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from xlcap.batch.values import same_key
from xlcap.cells import Cell
from xlcap.errors import XlcapError
from xlcap.tables import header_name

_FIELD = re.compile(r"\{([^{}]*)\}")
_ILLEGAL = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f\ud800-\udfff]')
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)\Z", re.IGNORECASE)
_WORKBOOKS = (".xlsx", ".xlsm", ".xltx", ".xltm", ".xlsb", ".xls")
_LONGEST = 200  # bytes: room for the name of the file written beside it, and below what Excel opens


@dataclass(frozen=True)
class Pattern:
    """A name with columns of the row in braces, such as ``{report} {as_of}.xlsx``.

    >>> Pattern("{report} {As of}", ".xlsx").name({"report": "Q1", "as_of": "2004-06-30"})
    'Q1 2004-06-30.xlsx'
    """

    text: str
    suffix: str
    """The template's, which every name ends with."""

    def __post_init__(self) -> None:
        if set("{}") & set(_FIELD.sub("", self.text)) or "" in self.columns:
            raise XlcapError(f"braces stand around the name of a column; found '{self.text}'", where="output name")
        if set("/\\") & set(self.text):
            raise XlcapError(f"is a file's name, without folders; found '{self.text}'", where="output name")

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns it takes, as ``header_name`` compares them."""
        return tuple(header_name(field) for field in _FIELD.findall(self.text))

    def name(self, values: Mapping[str, Cell]) -> str:
        """The name for a row. Raises XlcapError if a column is blank or the name is none every system can keep."""

        def of(field: re.Match[str]) -> str:
            value = values.get(header_name(field[1]))
            if value is None:
                raise XlcapError(f"column '{field[1]}' is blank, and the output is named after it")
            return same_key(value)

        name = _FIELD.sub(of, self.text)
        if not name.lower().endswith(self.suffix.lower()):
            if name.lower().endswith(_WORKBOOKS):
                raise XlcapError(f"the output name '{name}' must end in {self.suffix}, as the template's does")
            name += self.suffix
        check(name)
        return name


def check(name: str) -> None:
    """Refuse a file name that could leave its folder or that Windows, macOS or Linux would change or not keep.

    >>> check("../elsewhere.xlsx")
    Traceback (most recent call last):
    ...
    xlcap.errors.XlcapError: the output name '../elsewhere.xlsx' holds '/', which a file's name cannot hold
    """
    illegal = _ILLEGAL.search(name)
    if illegal:
        sign = illegal[0] if illegal[0].isprintable() else f"the character U+{ord(illegal[0]):04X}"
        raise XlcapError(f"the output name {name!r} holds '{sign}', which a file's name cannot hold")
    stem = name.rpartition(".")[0]
    if not stem or stem.startswith(".") or stem != stem.strip().rstrip("."):
        raise XlcapError(f"the output name '{name}' must not begin or end with a dot or a space")
    if _RESERVED.match(name.partition(".")[0].strip()):
        raise XlcapError(f"the output name '{name}' is reserved by Windows")
    if len(name.encode()) > _LONGEST:
        raise XlcapError(f"the output name '{name[:40]}...' is too long; {_LONGEST} bytes is the most it can have")


def clashes(names: Iterable[tuple[int, str]]) -> list[tuple[str, list[int]]]:
    """The names that several rows share, where a file system cares neither for case nor for how accents are stored.

    >>> clashes([(2, "Q1.xlsx"), (3, "q1.xlsx"), (4, "Q2.xlsx")])
    [('Q1.xlsx', [2, 3])]
    """
    seen: dict[str, tuple[str, list[int]]] = {}
    for number, name in names:
        seen.setdefault(unicodedata.normalize("NFC", name).casefold(), (name, []))[1].append(number)
    return [(name, numbers) for name, numbers in seen.values() if len(numbers) > 1]
