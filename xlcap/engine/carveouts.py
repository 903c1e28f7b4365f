"""A management carve-out: a share of the proceeds, in tiers, so that a claim grows with what there is to divide."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from xlcap.captable import Slice
from xlcap.engine.claims import NONE, Tier, total


class CarveOut(NamedTuple):
    """One recipient's: its marginal tiers of the proceeds, or of what is above ``deducted``."""

    row: int
    tier: Tier
    slices: tuple[Slice, ...]
    deducted: Fraction

    def at(self, proceeds: Fraction) -> Fraction:
        """The claim at an exit."""
        base = proceeds - self.deducted
        claim = NONE
        for part in self.slices:
            if base <= part.start:
                break
            most = base if part.end is None else min(base, part.end)
            claim += part.rate * (most - part.start)
        return claim

    def edges(self) -> list[tuple[Fraction, Fraction]]:
        """The exits at which its share of the next dollar changes, and that share from there on."""
        edges, last = [], NONE
        for part in self.slices:
            if part.rate != last:
                edges.append((part.start + self.deducted, part.rate))
                last = part.rate
        end = self.slices[-1].end
        if end is not None and last:
            edges.append((end + self.deducted, NONE))
        return edges

    def rate(self, proceeds: Fraction) -> Fraction:
        """Its share of the next dollar just above an exit."""
        return next((rate for edge, rate in reversed(self.edges()) if edge <= proceeds), NONE)


def exit_where(left: Fraction, weighted: Sequence[tuple[CarveOut, Fraction]]) -> Fraction:
    """The exit of which, with so much of each carve-out paid, ``left`` is left: a rising line with a few bends."""

    def net(proceeds: Fraction) -> Fraction:
        return proceeds - total(weight * carve.at(proceeds) for carve, weight in weighted)

    knots = sorted({NONE, *(edge for carve, _ in weighted for edge, _ in carve.edges())})
    below = [knot for knot in knots if net(knot) <= left] or [NONE]
    start = below[-1]
    slope = net(start + 1) - net(start) if start == knots[-1] else None
    if slope is None:
        end = knots[len(below)]
        slope = (net(end) - net(start)) / (end - start)
    return start + (left - net(start)) / slope
