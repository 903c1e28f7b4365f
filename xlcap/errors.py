"""The one error a user meets: what is wrong, where, and how to mend it."""

from __future__ import annotations

from collections.abc import Iterable

EXCEL_ERRORS = (
    "#NULL!",
    "#DIV/0!",
    "#VALUE!",
    "#REF!",
    "#NAME?",
    "#NUM!",
    "#N/A",
    "#GETTING_DATA",
    "#SPILL!",
    "#CALC!",
)


class XlcapError(Exception):
    """An answer that cannot be given.

    ``message`` says what is wrong and how to mend it, ``where`` names the place (file and key, sheet and cell,
    argument, row and column), ``code`` is the Excel error a cell shows for it: ``#VALUE!`` for input that is wrong,
    ``#NUM!`` for input that is well formed but has no lawful answer, ``#N/A`` for something that is not there.

    >>> error = XlcapError("a split ratio must be above zero; found 0", where="events row 3, column 'ratio'")
    >>> str(error)
    "events row 3, column 'ratio': a split ratio must be above zero; found 0"
    """

    def __init__(self, message: str, *, where: str | None = None, code: str = "#VALUE!") -> None:
        self.message = message
        self.where = where
        self.code = code
        super().__init__(f"{where}: {message}" if where else message)

    def at(self, where: str) -> XlcapError:
        """The same error, placed one level further out (an argument's name, a cell, a file)."""
        return XlcapError(self.message, where=f"{where}, {self.where}" if self.where else where, code=self.code)


def nearest(word: str, known: Iterable[str], alike: float = 0.6) -> str | None:
    """The known word that may be meant by one that is not, if there is any as much ``alike``.

    >>> nearest("stock_divident", ["split", "stock_dividend"])
    'stock_dividend'
    """
    from difflib import get_close_matches  # here, because most input has nothing to mend

    return next(iter(get_close_matches(word, list(known), n=1, cutoff=alike)), None)
