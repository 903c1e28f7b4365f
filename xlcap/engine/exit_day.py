"""A cap table on the day of an exit: conversion prices and dividends worked out from what has happened by then."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence
from typing import Any

from xlcap.captable import Holding
from xlcap.engine.dividends import accrue
from xlcap.engine.price import price_at, timeline
from xlcap.errors import XlcapError
from xlcap.events import Event
from xlcap.prices import Quote


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
    try:
        if holding.conversion_price is None and holding.as_converted is None and holding.conversion_ratio is None:
            issue_date = holding.issue_date if terms.conversion.per_tranche else None
            found["conversion_price"] = price_at(timeline(terms, events, quotes, issue_date=issue_date), day)
        accrues = terms.dividend is not None and terms.dividend.cumulative
        if accrues and holding.accrued is None and holding.preference is None:
            found["accrued"] = accrue(terms, day, holding.issue_date).total
    except XlcapError as error:
        where = f" ({error.where})" if error.where else ""
        raise holding.fault(f"cannot be worked out for {day}: {error.message}{where}", "terms", error.code) from None
    return dataclasses.replace(holding, **found) if found else holding
