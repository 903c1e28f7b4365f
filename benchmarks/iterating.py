"""The references: solvers that repeat the conversion decisions until nothing changes, exit by exit and many at once.

Written as one writes it without a theory: pay the preferences by rank, share the rest until a cap stops somebody; then
each class in turn tries what it would get by deciding otherwise.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy

Floats = numpy.ndarray
_GAIN = 1e-6
"""Dollars a class must gain by deciding otherwise."""


class Row(NamedTuple):
    """A class: preferred stock has a preference, an option a strike, Common neither."""

    shares: float
    """Held, bought, or converted into."""
    preference: float = 0
    rank: int = 0
    participates: bool = False
    cap: float = math.inf
    strike: float | None = None

    @property
    def decides(self) -> bool:
        return self.preference > 0 or self.strike is not None


def pays(proceeds: float, rows: Sequence[Row], acts: Sequence[bool]) -> list[float]:
    """What each class gets if those convert, or are exercised, that act."""
    paid = [0.0] * len(rows)
    left = proceeds + sum(row.strike * row.shares for row, act in zip(rows, acts, strict=True) if row.strike and act)
    for rank in sorted({row.rank for row in rows}, reverse=True):
        owed = {i: row.preference for i, row in enumerate(rows) if row.rank == rank and not acts[i]}
        due = sum(owed.values())
        if due:
            part = min(left / due, 1)
            for i, preference in owed.items():
                paid[i] = preference * part
            left -= due * part
    sharing = [i for i, row in enumerate(rows) if acts[i] or row.participates or not row.decides]
    while sharing and left > 0:
        each = left / sum(rows[i].shares for i in sharing)
        full = [i for i in sharing if not acts[i] and paid[i] + each * rows[i].shares > rows[i].cap]
        for i in full or sharing:
            more = rows[i].cap - paid[i] if full else each * rows[i].shares
            paid[i] += more
            left -= more
        sharing = [i for i in sharing if i not in full] if full else []
    return [
        amount - (row.strike * row.shares if row.strike and act else 0)
        for amount, row, act in zip(paid, rows, acts, strict=True)
    ]


def solve(proceeds: float, rows: Sequence[Row]) -> list[float]:
    """The payouts once no class wants to decide otherwise."""
    acts = [False] * len(rows)
    paid, changed = pays(proceeds, rows, acts), True
    while changed:
        changed = False
        for i, row in enumerate(rows):
            if row.decides:
                others = [act != (i == j) for j, act in enumerate(acts)]
                instead = pays(proceeds, rows, others)
                if instead[i] > paid[i] + _GAIN:
                    acts, paid, changed = others, instead, True
    return paid


def pays_many(proceeds: Floats, rows: Sequence[Row], acts: Floats) -> Floats:
    """The same of many exits: a line for each class, a column for each exit."""
    paid = numpy.zeros(acts.shape)
    left = proceeds + sum(row.strike * row.shares * acts[i] for i, row in enumerate(rows) if row.strike)
    for rank in sorted({row.rank for row in rows}, reverse=True):
        owed = {i: row.preference * ~acts[i] for i, row in enumerate(rows) if row.rank == rank and row.preference}
        due = sum(owed.values(), numpy.zeros(len(proceeds)))
        part = numpy.minimum(numpy.divide(left, due, out=numpy.ones(len(proceeds)), where=due > 0), 1)
        for i, preference in owed.items():
            paid[i] = preference * part
        left = left - due * part
    always = numpy.array([[row.participates or not row.decides] for row in rows])
    shares, caps = numpy.array([[row.shares] for row in rows]), numpy.array([[row.cap] for row in rows])
    sharing = acts | always
    while True:
        taking = (shares * sharing).sum(axis=0)
        each = numpy.divide(left, taking, out=numpy.zeros(len(proceeds)), where=taking > 0)
        full = sharing & ~acts & (paid + each * shares > caps)
        done = ~full.any(axis=0)
        more = numpy.where(full, caps - paid, 0) if not done.all() else numpy.zeros(acts.shape)
        more = numpy.where(sharing & done, each * shares, more)
        paid += more
        left = left - more.sum(axis=0)
        sharing = sharing & ~full & ~done
        if done.all():
            break
    for i, row in enumerate(rows):
        if row.strike:
            paid[i] -= row.strike * row.shares * acts[i]
    return paid


def solve_many(proceeds: Floats, rows: Sequence[Row]) -> Floats:
    """The payouts at many exits, once at none of them a class wants to decide otherwise."""
    acts = numpy.zeros((len(rows), len(proceeds)), dtype=bool)
    paid, changed = pays_many(proceeds, rows, acts), True
    while changed:
        changed = False
        for i, row in enumerate(rows):
            if row.decides:
                others = acts.copy()
                others[i] = ~others[i]
                instead = pays_many(proceeds, rows, others)
                gains = instead[i] > paid[i] + _GAIN
                if gains.any():
                    acts, paid, changed = numpy.where(gains, others, acts), numpy.where(gains, instead, paid), True
    return paid
