"""Quotes of the Common: one row a trading day."""

from __future__ import annotations

import datetime as dt
import itertools
from decimal import Decimal

from xlcap.errors import XlcapError
from xlcap.records import record
from xlcap.tables import Range, column, place, read_records


@record
class Quote:
    """One trading day. The closing price is taken from the first source that has one, in the certificate's order."""

    row: int
    date: dt.date = column("trading day")
    close: Decimal | None = column("closing sale price on Nasdaq, regular way", default=None, above=0)
    bid: Decimal | None = column("closing bid on Nasdaq, used where there was no sale", default=None, above=0)
    ask: Decimal | None = column("closing asked price on Nasdaq, used where there was no sale", default=None, above=0)
    exchange_close: Decimal | None = column("closing sale price on the principal exchange", default=None, above=0)
    exchange_bid: Decimal | None = column("closing bid on the principal exchange", default=None, above=0)
    exchange_ask: Decimal | None = column("closing asked price on the principal exchange", default=None, above=0)
    otc_bid: Decimal | None = column("closing bid over the counter", default=None, above=0)
    otc_ask: Decimal | None = column("closing asked price over the counter", default=None, above=0)
    maker_bid: Decimal | None = column("closing bid of the market maker the board selected", default=None, above=0)
    maker_ask: Decimal | None = column("closing asked price of that market maker", default=None, above=0)
    board_value: Decimal | None = column("fair market value determined by the board", default=None, above=0)
    volume: Decimal | None = column("shares traded", default=None, least=0)


def read_prices(table: Range | None, what: str = "prices") -> tuple[Quote, ...]:
    """A price table in the order of its days; a day that stands there twice is an error.

    >>> read_prices([["date", "close"], ["2004-06-02", 10.2], ["2004-06-01", 10]])[0].close
    Decimal('10')
    """
    quotes = sorted(read_records(table or [], Quote, what), key=lambda quote: quote.date)
    for before, after in itertools.pairwise(quotes):
        if before.date == after.date:
            raise XlcapError(
                f"{after.date} stands in row {before.row} too; keep one", where=place(what, after.row, "date")
            )
    return tuple(quotes)
