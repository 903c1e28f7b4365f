"""A cap table on the day of an exit: conversion prices and dividends worked out from what has happened by then."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from xlcap.captable import Holding
from xlcap.engine.dividends import accrue
from xlcap.engine.price import price_at, timeline
from xlcap.errors import XlcapError
from xlcap.events import Event
from xlcap.prices import Quote
from xlcap.tables import place
from xlcap.terms import Blank


def on_day(
    holdings: Sequence[Holding], day: dt.date, events: tuple[Event, ...] = (), quotes: tuple[Quote, ...] = ()
) -> tuple[Holding, ...]:
    """The holdings with what their rows leave blank: the price of the day's close, the dividends accrued by then.

    Only of classes with a certificate, tranche by tranche (``issue_date``); what a row states stands. Dividends are
    those that accrue: declared ones are stated, and periods are taken as paid when due.
    """
    return tuple(_on_day(holding, day, events, quotes) for holding in holdings)


def _on_day(holding: Holding, day: dt.date, events: tuple[Event, ...], quotes: tuple[Quote, ...]) -> Holding:
    terms = holding.governed_by
    if terms is None:
        return holding
    found: dict[str, Any] = {}
    if not holding.is_convertible:
        conversion = terms.conversion
        if conversion.per_tranche and conversion.initial_average:
            _check_tranche(holding, conversion.initial_average.clause, quotes)
        issue_date = holding.issue_date if conversion.per_tranche else None
        with _worked_out(holding, "conversion_price"):
            found["conversion_price"] = price_at(timeline(terms, events, quotes, issue_date=issue_date), day)
    dividend = terms.dividend
    if dividend and dividend.cumulative and holding.accrued is None and holding.preference is None:
        dated = holding.issue_date is not None or not isinstance(terms.original_issue_date, Blank)
        if dividend.accrues_from == "issue_date" and not dated:
            raise holding.fault(
                f"is blank: dividends accrue from it ({dividend.clause}); give it, or the row's 'accrued'", "issue_date"
            )
        with _worked_out(holding, "accrued"):
            found["accrued"] = accrue(terms, day, holding.issue_date).total
    return dataclasses.replace(holding, **found) if found else holding


def _check_tranche(holding: Holding, clause: str, quotes: tuple[Quote, ...]) -> None:
    """Shares whose price starts from an average of the days before their issue need that date, and those days."""
    if holding.issue_date is None:
        raise holding.fault(
            f"is blank: the tranche's price needs it ({clause}); give it, or the row's 'conversion_price'", "issue_date"
        )
    if not quotes:
        raise XlcapError(
            f"is required, with volumes: the price of {place('cap_table', holding.row)} starts from an average of the "
            f"days before the issue ({clause}); or give the row's 'conversion_price'",
            where="argument 'prices'",
        )


@contextmanager
def _worked_out(holding: Holding, name: str) -> Iterator[None]:
    """A fault of what a column is worked out from: placed in the events or prices it is found in, or else here."""
    try:
        yield
    except XlcapError as error:
        where, code = error.where or "", error.code
        if where.startswith(("events", "prices")):
            needed = f"needed for the blank '{name}' of {place('cap_table', holding.row)}"
            raise XlcapError(f"{error.message}; {needed}", where=where, code=code) from None
        found = f" ({where})" if where else ""
        raise holding.fault(f"is blank, and cannot be worked out: {error.message}{found}", name, code) from None
