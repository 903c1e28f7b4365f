"""Makes prices.csv: closing prices of the Common, invented for illustration. They are not PriceSmart's history.

The days are the real trading days of the New York Stock Exchange from July 2003 to June 2005 (no row on 11 June 2004,
when it was closed). Between the closes pinned in ``PINNED`` a small random walk runs from each to the next, drawn by a
generator written out below, so that the file comes out the same on every machine. The pinned closes carry what the
events of events.csv do to a share: 5% more shares from 13 October 2003, twice as many from 21 June 2004, property worth
$0.60 less from 27 July 2004. On one day there was no sale, so that the mean of bid and asked stands for the close.

    python workbooks/pricesmart/make_prices.py
"""

from __future__ import annotations

import csv
import datetime as dt
import itertools
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from xlcap.calendars import is_trading_day

PINNED = {
    "2003-07-01": 14.62,
    "2003-08-20": 15.35,
    "2003-10-10": 16.44,
    "2003-10-13": 15.68,
    "2003-12-31": 15.90,
    "2004-01-14": 16.31,
    "2004-01-20": 16.00,
    "2004-03-31": 16.85,
    "2004-06-18": 17.88,
    "2004-06-21": 8.97,
    "2004-07-26": 9.12,
    "2004-07-27": 8.54,
    "2004-11-15": 8.71,
    "2004-12-31": 9.04,
    "2005-01-24": 9.26,
    "2005-03-31": 8.83,
    "2005-06-30": 9.47,
}
NO_SALE = {"2004-07-06": ("8.90", "9.10")}
SPREAD = 0.011  # standard deviation of a day's change, as a fraction of the price


def shocks() -> Iterator[float]:
    """Numbers with mean zero and standard deviation one: sums of twelve uniform draws, less six."""
    state = 20030709
    while True:
        total = 0.0
        for _ in range(12):
            state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
            total += (state >> 11) / 2**53
        yield total - 6


def closes() -> Iterator[tuple[dt.date, Decimal]]:
    """A close for each trading day."""
    pins = [(dt.date.fromisoformat(day), close) for day, close in PINNED.items()]
    noise = shocks()
    for (first, start), (last, end) in itertools.pairwise(pins):
        days = [first + dt.timedelta(days=n) for n in range((last - first).days)]
        days = [day for day in days if is_trading_day(day)]
        walk = [0.0]
        for _ in days:
            walk.append(walk[-1] + SPREAD * next(noise))
        for i, day in enumerate(days):
            part = i / len(days)
            level = start + (end - start) * part
            yield day, Decimal(round(level * (1 + walk[i] - part * walk[-1]) * 100)) / 100
    yield pins[-1][0], Decimal(str(pins[-1][1]))


def main() -> None:
    path = Path(__file__).with_name("prices.csv")
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(["Date", "Close", "Bid", "Ask"])
        for day, close in closes():
            bid, ask = NO_SALE.get(day.isoformat(), ("", ""))
            rows.writerow([day, "" if bid else f"{close:.2f}", bid, ask])


if __name__ == "__main__":
    main()
