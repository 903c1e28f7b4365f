"""How the benchmarks measure, and how they say it."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

ROUNDS = 15


def side_by_side(*runs: Callable[[], object], rounds: int = ROUNDS) -> list[float]:
    """The median time of each call in milliseconds, warmed up once and measured in turns.

    In turns, because a machine that changes its speed while it measures then changes it for all of them.
    """
    times: list[list[float]] = [[] for _ in runs]
    for run in runs:
        run()
    for _ in range(rounds):
        for run, taken in zip(runs, times, strict=True):
            start = time.perf_counter()
            run()
            taken.append((time.perf_counter() - start) * 1000)
    return [statistics.median(taken) for taken in times]


def line(ours: str, ours_ms: float, theirs: str, theirs_ms: float) -> None:
    """One comparison as a person reads it."""
    times = theirs_ms / ours_ms
    print(f"{ours:34} {ours_ms:9.2f} ms   {theirs:28} {theirs_ms:9.2f} ms   {times:9,.1f} times as fast")
