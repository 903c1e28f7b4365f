"""Conversion without a choice: on a date, on price and volume, by a vote, with another class, in an offering."""

from __future__ import annotations

import datetime as dt

from xlcap.errors import XlcapError
from xlcap.terms import Terms


def conversion_date(terms: Terms) -> dt.date:
    """The day on which every share still outstanding converts (PriceSmart VI.B)."""
    automatic = terms.conversion.automatic
    if automatic is None:
        raise XlcapError(
            "these terms have no automatic conversion on a date", where=f"{terms.id}: conversion.automatic", code="#N/A"
        )
    return terms.settled(automatic.date, "conversion.automatic.date")
