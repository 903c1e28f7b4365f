"""The exits at which decisions that are settled turn: where a comparison that decides changes its sign."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import NamedTuple

from xlcap.engine.claims import NONE
from xlcap.engine.settling import Comparison, Settling, State

_PARTS = 32
"""Parts in which a gain that curves is looked through: it may turn twice between two bends."""
_THIRD = Fraction(1, 3)


class Region(NamedTuple):
    """From an exit on, until the next region, decisions are settled in one way."""

    start: Fraction
    state: State
    closed: bool
    """Whether the exit itself is of this region, and not of the one below."""


def regions(settling: Settling) -> list[Region]:
    """The exits at which decisions are settled in another way, the first at nothing."""
    found: list[Region] = []
    for start, state in _cut(settling, NONE, None, {}):
        if not found or state != found[-1].state:
            found.append(Region(start, state, settling.state(start) == state))
    return found


def _cut(
    settling: Settling, low: Fraction, high: Fraction | None, known: dict[Comparison, list[Fraction]]
) -> Iterator[tuple[Fraction, State]]:
    """How decisions are settled from one exit to another: cut where a comparison asked in the middle changes its sign.

    Where none does, the same comparisons have the same answers everywhere between, and so has the whole.
    """
    settling.asked = set()
    state = settling.state((low + high) / 2 if high is not None else low * 2 + 1)
    asked, settling.asked = settling.asked, None
    for one in asked - known.keys():
        known[one] = list(_turns(settling, one))
    edges = {edge for one in asked for edge in known[one]}
    within = sorted(edge for edge in edges if low < edge and (high is None or edge < high))
    if not within:
        yield low, state
        return
    for start, end in itertools.zip_longest([low, *within], [*within, high]):
        yield from _cut(settling, start, end, known)


def _turns(settling: Settling, asked: Comparison) -> Iterator[Fraction]:
    """The exits at which a comparison may change its sign."""
    course = settling.course(asked.state)
    if asked.than is None:
        assert asked.value is not None  # one of the two
        yield from course.exits_at(asked.value)
        return
    less, more = asked.than, asked.state
    courses = course, settling.course(less)
    if less == more:
        return
    bends = sorted({NONE, *(bend.proceeds for one in courses for bend in one.bends)})

    def gain(proceeds: Fraction) -> Fraction:
        return settling.gain(less, more, asked.rows, proceeds)

    yield from _sign_changes(gain, bends, curves=any(one.curves for one in courses))


def _sign_changes(
    gain: Callable[[Fraction], Fraction], bends: Sequence[Fraction], *, curves: bool
) -> Iterator[Fraction]:
    """Where a gain that is a straight line between bends, at which it may jump, begins to be one or ends to be."""
    was: bool | None = None
    for low, high in itertools.zip_longest(bends, bends[1:]):
        far = (high if high is not None else low * 2 + 1) - low
        first, second = gain(low + far * _THIRD), gain(low + 2 * far * _THIRD)
        before, slope = 2 * first - second, (second - first) * 3 / far
        if curves and gain(low + far / 2) != (first + second) / 2:
            yield from _on_a_curve(gain, low, far)
            yield low
            was = None
            continue
        # just above the bend
        gains = before > 0 or (before == 0 and slope > 0)
        if was is not None and gains != was:
            yield low
        root = low - before / slope if slope else low
        if slope and root > low and (high is None or root < high):
            yield root
            gains = not gains
        was = gains


def _on_a_curve(gain: Callable[[Fraction], Fraction], low: Fraction, far: Fraction) -> Iterator[Fraction]:
    """The same where a carve-out makes payouts curve: to far less than a cent."""
    points = [low + far * part / _PARTS for part in range(_PARTS + 1)]
    gains = [gain(point) > 0 for point in points]
    for (start, first), (end, last) in itertools.pairwise(zip(points, gains, strict=True)):
        if first != last:
            yield _bisected(gain, start, end, last)


def _bisected(gain: Callable[[Fraction], Fraction], low: Fraction, high: Fraction, rising: bool) -> Fraction:
    for _ in range(160):
        middle = (low + high) / 2
        low, high = (low, middle) if (gain(middle) > 0) == rising else (middle, high)
    return low.limit_denominator(10**24)
