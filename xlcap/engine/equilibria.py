"""Every stable set of decisions at an exit, by trying them all: the proof that the one the waterfall takes is one.

Slow on purpose: it shares the payment of an exit with the waterfall, and nothing of how decisions are found.
"""

from __future__ import annotations

import itertools
from decimal import Decimal
from typing import NamedTuple

from xlcap.engine.claims import Standing, Unit, is_option, total
from xlcap.engine.course import Course
from xlcap.engine.exits import Exits, as_exit, decimal
from xlcap.errors import XlcapError
from xlcap.numbers import exact

MOST = 12
"""Deciders whose decisions are all tried: 4,096 ways."""


class Equilibrium(NamedTuple):
    """A set of decisions from which nobody gains by deciding otherwise alone."""

    converting: tuple[str, ...]
    payouts: tuple[Decimal, ...]
    """What each row gets, in the cap table's order, unrounded."""
    undistributed: Decimal
    taken: bool
    """Whether the waterfall takes it."""


@exact
def equilibria(solved: Exits, proceeds: Decimal) -> list[Equilibrium]:
    """The stable sets of decisions, the fewest conversions first; options follow the value of a share."""
    exit_value = as_exit(proceeds)
    settling = solved.settling
    if solved.collective or settling.safes or settling.discounted is not None:
        raise XlcapError(
            "is answered where each class decides for itself; a vote, a class that takes others with it, a post-money "
            "SAFE or a conversion at a discount decides in an order of its own: ask WATERFALL_DETAIL",
            where="cap_table",
            code="#N/A",
        )
    taken = solved.course(exit_value)
    deciding = [unit for unit in taken.units if any(kink.converts for kink in unit.kinks) and unit.claims[0].common]
    deciding = [unit for unit in deciding if unit.claims[0].kind != "warrant"]
    if len(deciding) > MOST:
        raise XlcapError(
            f"has {len(deciding)} classes or holders that decide; all the ways are tried for {MOST} at most",
            where="cap_table",
        )
    paid = {
        choice: _course(solved, deciding, choice).paid(exit_value)
        for choice in itertools.product((False, True), repeat=len(deciding))
    }
    value = taken.value(exit_value)
    chosen = tuple(unit.converts(value) for unit in deciding)
    found = []
    for choice in sorted(paid, key=lambda choice: (sum(choice), [not one for one in choice])):
        others = (tuple(not c if i == j else c for j, c in enumerate(choice)) for i in range(len(deciding)))
        stable = all(
            total(paid[other][c.row] - paid[choice][c.row] for c in unit.claims) <= 0
            for unit, other in zip(deciding, others, strict=True)
        )
        if stable:
            converting = tuple(unit.label for unit, converts in zip(deciding, choice, strict=True) if converts)
            payouts = tuple(decimal(paid[choice][holding.row]) for holding in solved.holdings)
            left = decimal(exit_value - total(paid[choice].values()))
            found.append(Equilibrium(converting, payouts, left, choice == chosen))
    return found


def _course(solved: Exits, deciding: list[Unit], choice: tuple[bool, ...]) -> Course:
    standing: dict[int, Standing] = dict.fromkeys(solved.converted, "converts")
    # what a warrant's shares do is the warrant's own affair: they have no dividends accrued
    standing |= dict.fromkeys((row for row, claim in solved.claims.items() if is_option(claim.holding)), "free")
    for unit, converts in zip(deciding, choice, strict=True):
        standing |= dict.fromkeys((claim.row for claim in unit.claims), "converts" if converts else "stays")
    return Course(solved.settling.units(standing, {}), solved.carveouts)
