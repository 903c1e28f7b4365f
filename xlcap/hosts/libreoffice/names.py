"""What the add-in's parts call each other: the type library, the configuration and the component must agree."""

from __future__ import annotations

EXTENSION = "org.xlcap.addin"
"""The extension's identifier."""
SERVICE = "xlcap"
"""The UNO service, which Calc puts before a function's name in a formula: ``XLCAP.CONVERSION_PRICE``."""
OPENED = "org.xlcap.Opened"
"""The UNO service that LibreOffice tells of each document it has opened."""
INTERFACE = "org.xlcap.XFunctions"
"""The UNO interface that declares the functions."""
LONE_TEXTS = frozenset({"TERM", "XLCAP_REASON"})
"""The functions whose answer is a text. A text that is part of rows Calc finds equal to no other, so these answer with
one cell, and are asked one question at a time.
"""
OLDEST_PYTHON = (3, 11)


def parameter(place: int) -> str:
    """What an argument is called in the type library, by its place: its own name may be a word of that language.

    >>> parameter(2)
    'a02'
    """
    return f"a{place:02}"
