"""How these tests ask for a conversion price: events as mappings, switches by their dotted names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from oracle import table

from xlcap.functions import call

CERTIFICATE = "PRICESMART-B"
Event = Mapping[str, Any]


def terms(switches: Mapping[str, Any] | None = None, absent: Sequence[str] = ()) -> Any:
    """The certificate, with some of its keys changed or left out."""
    if absent:
        rows = [row for row in call("TERMS", [CERTIFICATE]) if row[0] not in absent]
        return [[row[0], "CHANGED" if row[0] == "id" else row[1]] for row in rows]
    return [["id", CERTIFICATE], *map(list, switches.items())] if switches else CERTIFICATE


def price(
    events: Sequence[Event], day: str, slot: str = "close", *, prices: Any = None, known_at: Any = None, of: Any = None
) -> Any:
    """The conversion price."""
    return call("CONVERSION_PRICE", [of or CERTIFICATE, table(events), day, prices, slot, known_at])


def carried(events: Sequence[Event], day: str) -> Any:
    """What is carried forward."""
    return call("CARRIED_ADJUSTMENT", [CERTIFICATE, table(events), day])


def history(events: Sequence[Event], *, prices: Any = None, of: Any = None, as_of: Any = None) -> list[dict[str, Any]]:
    """Each row of the history by its headers."""
    header, *rows = call("CONVERSION_HISTORY", [of or CERTIFICATE, table(events), prices, as_of])
    return [dict(zip(header, row, strict=True)) for row in rows]


def stock_dividend(day: str = "2004-03-10", shares: float = 700_000, **cells: Any) -> Event:
    """Shares paid on 7,000,000 outstanding."""
    return {"event": "stock_dividend", "date": day, "common_outstanding": 7_000_000, "shares": shares} | cells


def split(day: str = "2004-06-14", ratio: float = 2, **cells: Any) -> Event:
    """A subdivision, or a combination where the ratio is below one."""
    return {"event": "split", "date": day, "ratio": ratio} | cells


def rights(day: str = "2004-03-10", **cells: Any) -> Event:
    """Rights to buy 700,000 shares at 12.00, the Common closing at 16.00: 20.00 x 7.525/7.7 = 19.5454..., 19.55."""
    return {
        "event": "rights",
        "date": day,
        "common_outstanding": 7_000_000,
        "shares": 700_000,
        "price": 12,
        "closing_price": 16,
    } | cells


def distribution(day: str = "2004-05-10", value: float = 1, **cells: Any) -> Event:
    """Property worth ``value`` on a share that trades at 16.00."""
    return {"event": "distribution", "date": day, "value": value, "current_market_price": 16} | cells


def tender_offer(day: str = "2004-07-15", consideration: float = 8_000_000, shares: float = 0, **cells: Any) -> Event:
    """An offer among 7,000,000 shares at 16.00: 5% of their value is 5,600,000."""
    return {
        "event": "tender_offer",
        "date": day,
        "common_outstanding": 7_000_000,
        "shares": shares,
        "consideration": consideration,
        "current_market_price": 16,
    } | cells


def reduction(begin: str = "2004-08-01", end: str = "2004-08-20", amount: float = 1.5, **cells: Any) -> Event:
    """A temporary reduction announced on 17 July 2004."""
    return {
        "event": "voluntary_reduction",
        "date": begin,
        "end_date": end,
        "amount": amount,
        "notice_date": "2004-07-17",
    } | cells


def later(kind: str, day: str, about: str, **cells: Any) -> Event:
    """A later fact about an earlier event."""
    return {"event": kind, "date": day, "refers_to": about} | cells
