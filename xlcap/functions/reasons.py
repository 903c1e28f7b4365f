"""Why a cell shows an error, where the host shows the error only."""

from typing import Annotated

from xlcap.functions.arguments import Text
from xlcap.functions.registry import find, function, refusals

TOPIC = "Errors"
NAME = "XLCAP_REASON"
"""What hosts that do something of their own for it know it by."""


@function(TOPIC)
def xlcap_reason(
    function_name: Annotated[Text, "function, such as WATERFALL, whose last error is asked; blank: any"] | None = None,
) -> str:
    """The reason of the last error of this session: which function refused to answer, when, and what would mend it.

    A cell that cannot be answered shows an Excel error and no more: ``#VALUE!`` for input that is wrong, ``#NUM!`` for
    input without a lawful answer, ``#N/A`` for something that is not there. Calculate the failing cell (F2, Enter) and
    then this one. The session is the program that answers: it ends with Excel or LibreOffice. Nothing here recalculates
    by itself. A workbook that ``xlcap fill`` writes tells of its own errors, all of them asked before.

    Errors: the name of no function.

    >>> from contextlib import suppress
    >>> from xlcap.errors import XlcapError
    >>> from xlcap.functions import call
    >>> with suppress(XlcapError):
    ...     call("SPLIT_ADJUSTED_PRICE", [20, 0])
    >>> call("XLCAP_REASON", ["SPLIT_ADJUSTED_PRICE"]).split(", ")[2]
    '#NUM!: ratio: must be above zero; found 0'
    """
    asked = find(function_name).name if function_name else None
    refusal = refusals.get(asked) if asked else next(reversed(refusals.values()), None)
    if refusal is None:
        return f"no answer{f' of {asked}' if asked else ''} was refused in this session"
    return f"{refusal.function}, {refusal.time:%Y-%m-%d %H:%M:%S}, {refusal.error.code}: {refusal.error}"
