"""Makes the samples' prices.csv: closing prices and volumes of the Common, invented for illustration.

They are not the companies' history. The days are the real trading days of the New York Stock Exchange. Between the
closes that are pinned a small random walk runs from each to the next, drawn by a generator written out below, so that
the files come out the same on every machine. PriceSmart's pinned closes carry what the events of its events.csv do to a
share: 5% more shares from 13 October 2003, twice as many from 21 June 2004, property worth 0.60 less from 27 July 2004.
On one day there was no sale, so that the mean of bid and asked stands for the close.

    python workbooks/make_prices.py
"""

from __future__ import annotations

import csv
import datetime as dt
import itertools
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from xlcap.calendars import is_trading_day


class Sample(NamedTuple):
    """What a sample's prices are made from."""

    pinned: Mapping[str, float]
    spread: float
    """Standard deviation of a day's change, as a fraction of the price."""
    seed: int
    volumes: Mapping[str, float] | None = None
    """Shares traded a day, about."""
    no_sale: Mapping[str, tuple[str, str]] = {}
    """Bid and asked of days without a sale."""


SAMPLES = {
    "pricesmart": Sample(
        {
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
        },
        0.011,
        20030709,
        no_sale={"2004-07-06": ("8.90", "9.10")},
    ),
    "patron": Sample(
        {
            "2006-09-25": 2.55,
            "2006-10-16": 2.48,
            "2006-11-15": 2.20,
            "2006-12-15": 1.98,
            "2007-01-22": 2.05,
            "2007-03-30": 2.60,
            "2007-05-31": 3.40,
            "2007-06-29": 4.35,
            "2007-07-31": 5.10,
            "2007-08-31": 5.55,
            "2007-09-28": 5.75,
        },
        0.016,
        20061011,
        volumes={"2006-09-25": 5200, "2007-03-30": 6400, "2007-06-29": 8600, "2007-07-31": 9900, "2007-09-28": 11400},
    ),
}


def shocks(seed: int) -> Iterator[float]:
    """Numbers with mean zero and standard deviation one: sums of twelve uniform draws, less six."""
    state = seed
    while True:
        total = 0.0
        for _ in range(12):
            state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
            total += (state >> 11) / 2**53
        yield total - 6


def closes(sample: Sample) -> Iterator[tuple[dt.date, Decimal]]:
    """A close for each trading day."""
    pins = [(dt.date.fromisoformat(day), close) for day, close in sample.pinned.items()]
    noise = shocks(sample.seed)
    for (first, start), (last, end) in itertools.pairwise(pins):
        days = [first + dt.timedelta(days=n) for n in range((last - first).days)]
        days = [day for day in days if is_trading_day(day)]
        walk = [0.0]
        for _ in days:
            walk.append(walk[-1] + sample.spread * next(noise))
        for i, day in enumerate(days):
            part = i / len(days)
            level = start + (end - start) * part
            yield day, Decimal(round(level * (1 + walk[i] - part * walk[-1]) * 100)) / 100
    yield pins[-1][0], Decimal(str(pins[-1][1]))


def volumes(sample: Sample, days: list[dt.date]) -> Iterator[int]:
    """The shares traded on each day, in hundreds: about what is pinned, a fifth more or less."""
    pins = [(dt.date.fromisoformat(day), volume) for day, volume in (sample.volumes or {}).items()]
    noise = shocks(sample.seed + 1)
    for day in days:
        (first, start), (last, end) = next(pair for pair in itertools.pairwise(pins) if day <= pair[1][0])
        level = start + (end - start) * (day - first).days / (last - first).days
        yield 100 * round(level * (1 + 0.2 * next(noise)) / 100)


def rows(sample: Sample) -> Iterator[list[str]]:
    """The file's rows, its header first."""
    made = list(closes(sample))
    if sample.volumes:
        yield ["Date", "Close", "Volume"]
        for (day, close), volume in zip(made, volumes(sample, [day for day, _ in made]), strict=True):
            yield [f"{day}", f"{close:.2f}", f"{volume}"]
    else:
        yield ["Date", "Close", "Bid", "Ask"]
        for day, close in made:
            bid, ask = sample.no_sale.get(day.isoformat(), ("", ""))
            yield [f"{day}", "" if bid else f"{close:.2f}", bid, ask]


if __name__ == "__main__":
    for name, sample in SAMPLES.items():
        with (Path(__file__).parent / name / "prices.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows(rows(sample))
