"""The exits at which decisions that are settled turn: where somebody's comparison of two courses changes its sign.

From the inside out, as the decisions are made (``settling``): where the SAFEs turn around each set of blocks that
convert; between those exits each block compares two courses, and between where blocks turn the collective does.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from typing import NamedTuple

from xlcap.engine.claims import NONE
from xlcap.engine.settling import Settling, State

_PARTS = 32
"""Parts in which a gain that curves is looked through: it may turn twice between two bends."""
_THIRD = Fraction(1, 3)


class Region(NamedTuple):
    """From an exit on, until the next region, decisions are settled in one way."""

    start: Fraction
    state: State
    closed: bool
    """Whether the exit itself is of this region, and not of the one below."""


class _From(NamedTuple):
    """From an exit on, a way to settle part of the decisions."""

    start: Fraction
    state: State


def regions(settling: Settling) -> list[Region]:
    """The exits at which decisions are settled in another way, the first at nothing."""
    apart = _around(settling, together=False)
    edges = [turn.start for turn in apart]
    if settling.collective:
        as_one = _around(settling, together=True)
        edges += [turn.start for turn in as_one]
        for voter in settling.collective.voters:
            edges += _turns(settling, apart, as_one, voter.rows)
    return [
        Region(turn.start, turn.state, settling.state(turn.start) == turn.state)
        for turn in _settled(edges, settling.state)
    ]


def _around(settling: Settling, *, together: bool) -> list[_From]:
    """How all others settle around one choice of the collective."""
    edges: list[Fraction] = []
    if settling.discounted is not None:
        edges.append(settling.course(State(together, discounted=True)).arrival(NONE))
    elif settling.safes:
        blocks = settling.blocks(together)
        with_safes = [_safes(settling, State(together, i)) for i in range(len(blocks) + 1)]
        edges += [turn.start for turns in with_safes for turn in turns]
        for i, block in enumerate(blocks):
            edges += _turns(settling, with_safes[i], with_safes[i + 1], block)
    return _settled(edges, lambda proceeds: settling.settled(proceeds, together=together))


def _safes(settling: Settling, state: State) -> list[_From]:
    """How the SAFEs settle around one set of blocks."""
    edges: list[Fraction] = []
    for i, block in enumerate(settling.safes):
        fewer, more = ([_From(NONE, state._replace(safes=count))] for count in (i, i + 1))
        edges += _turns(settling, fewer, more, block)
    return _settled(edges, lambda proceeds: settling.with_safes(state, proceeds))


def _settled(edges: Iterable[Fraction], settle: Callable[[Fraction], State]) -> list[_From]:
    """The ways in which something settles between the exits at which it may turn."""
    ordered = sorted({NONE, *(edge for edge in edges if edge > 0)})
    found: list[_From] = []
    for low, high in itertools.zip_longest(ordered, ordered[1:]):
        state = settle((low + high) / 2 if high is not None else low * 2 + 1)
        if not found or state != found[-1].state:
            found.append(_From(low, state))
    return found


def _turns(settling: Settling, less: list[_From], more: list[_From], rows: Sequence[int]) -> list[Fraction]:
    """Where the gain of rows changes sign between two ways to settle, either of which may itself turn."""
    found = []
    starts = sorted({turn.start for turn in (*less, *more)})
    for low, high in itertools.zip_longest(starts, starts[1:]):
        one, other = (next(t.state for t in reversed(turns) if t.start <= low) for turns in (less, more))
        found.append(low)
        if one == other:
            continue
        courses = settling.course(one), settling.course(other)
        bends = {bend.proceeds for course in courses for bend in course.bends if bend.proceeds > low}
        within = sorted({low, *(bend for bend in bends if high is None or bend < high)})

        def gain(proceeds: Fraction, one: State = one, other: State = other) -> Fraction:
            return settling.gain(one, other, rows, proceeds)

        found += _sign_changes(gain, within, high, curves=any(course.curves for course in courses))
    return found


def _sign_changes(
    gain: Callable[[Fraction], Fraction], bends: Sequence[Fraction], end: Fraction | None, *, curves: bool
) -> Iterator[Fraction]:
    """Where a gain that is a straight line between bends, at which it may jump, begins to be one or ends to be."""
    was: bool | None = None
    for low, high in itertools.zip_longest(bends, [*bends[1:], end]):
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
