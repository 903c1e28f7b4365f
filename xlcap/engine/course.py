"""One course an exit can take, with some decisions settled and all others made at the value of a share of Common.

Everything follows from that one value, v. The tiers of what is owed are paid in turn while v is nothing; above them the
total of the payoffs is a rising line of straight pieces in v: sort the kinks, invert. Every holder then does what is
best at that v, so nobody gains by deciding otherwise. On a tie nobody converts.

It is worked out in fractions of whole numbers, because a tie is exact or it is not there.
"""

from __future__ import annotations

import bisect
from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import cached_property
from typing import NamedTuple

from xlcap.engine.carveouts import CarveOut, exit_where
from xlcap.engine.claims import EXERCISED, NONE, RETURNED, Due, Kink, Tier, Unit, in_order, total

_ALL = Fraction(1)

PAID = "paid in full"
BEGINS = "begins"
"""What happens where a tier is paid, and where a carve-out takes another share of the next dollar."""


class Position(NamedTuple):
    """Where an exit stands: in a tier, or above all of them at a value of a share of Common."""

    level: int
    """The tier that is being paid; their number above all of them."""
    part: Fraction
    """How much of it is paid; above the tiers, how much of what is returned at this very value."""
    value: Fraction


class Bend(NamedTuple):
    """An exit at which the payoffs of one course bend, and who bends them."""

    proceeds: Fraction
    unit: Unit
    what: str
    value: Fraction
    """Of a share of Common there."""
    rate: Fraction | None = None
    """A carve-out's share of the next dollar from there on."""
    tier: Tier | None = None
    """The tier that is paid."""


class Level:
    """A tier of what is owed: the amounts, and the carve-outs that stand in it."""

    def __init__(self, tier: Tier) -> None:
        self.tier = tier
        self.dues: list[Due] = []
        self.carved: list[CarveOut] = []

    def close(self) -> None:
        """Sum it up, with nothing more to come."""
        self.amount = total(due.in_all for due in self.dues)
        self.starts = sorted({due.start for due in self.dues if due.start})

    def filled(self, part: Fraction) -> Fraction:
        """Dollars of the amounts owed that are paid with a part of the tier."""
        if not self.starts:
            return self.amount * part
        return total(due.amount * (part - due.start) for due in self.dues if part > due.start)

    def part(self, room: Fraction, carved: Fraction) -> Fraction:
        """The part of the tier that so many dollars pay, with carve-outs of ``carved`` dollars among it."""
        if not self.starts:
            return room / (self.amount + carved)
        at = NONE
        for start in [*self.starts, _ALL]:
            most = self.filled(start) + carved * start
            if room < most:
                return start - (most - room) / (self.slope(at) + carved)
            at = start
        return _ALL

    def slope(self, part: Fraction) -> Fraction:
        """Dollars owed to those who take part just above a part of the tier."""
        return total(due.amount for due in self.dues if due.start <= part)


class Course:
    """What happens at every exit with the standing its units have."""

    def __init__(self, units: Sequence[Unit], carveouts: Sequence[CarveOut] = ()) -> None:
        self.units = tuple(units)
        self.unit_of = {claim.row: unit for unit in self.units for claim in unit.claims}
        self._tiers(carveouts)
        self._rest()

    def _tiers(self, carveouts: Sequence[CarveOut]) -> None:
        levels: dict[Tier, Level] = {}
        for unit in self.units:
            for due in unit.dues:
                if due.amount:
                    if due.tier not in levels:
                        levels[due.tier] = Level(due.tier)
                    levels[due.tier].dues.append(due)
        for carve in carveouts:
            levels.setdefault(carve.tier, Level(carve.tier)).carved.append(carve)
        self.levels = [levels[tier] for tier in sorted(levels, reverse=True)]
        self._below = [NONE]
        for level in self.levels:
            level.close()
            self._below.append(self._below[-1] + level.amount)
        self.owed = self._below[-1]
        self._carved = [i for i, level in enumerate(self.levels) if level.carved]

    def _rest(self) -> None:
        """The values at which the rest bends, and the total on arriving at each, carve-outs left aside.

        With S shares taking part and A what is owed less the sum of shares x kink, the total at v is S v + A.
        """
        kinks = sorted(
            ((unit, kink) for unit in self.units for kink in unit.kinks), key=lambda found: in_order(found[1].value)
        )
        self._values, self._totals, self._returned, self._slopes = [NONE], [self.owed], [NONE], [NONE]
        self._kinks: list[list[tuple[Unit, Kink]]] = [[]]
        last, shares, amount = NONE, NONE, self.owed
        for unit, kink in kinks:
            value, more, _, _, returned = kink
            if value != last:
                last = value
                self._values.append(value)
                self._totals.append(shares * value + amount)
                self._returned.append(NONE)
                self._slopes.append(NONE)
                self._kinks.append([])
            if value:
                amount -= more * value
            if returned:
                amount += returned
                self._returned[-1] += returned
            self._slopes[-1] = shares = shares + more
            self._kinks[-1].append((unit, kink))

    def position(self, proceeds: Fraction) -> Position:
        """Where an exit stands."""
        net = proceeds
        for i in self._carved:
            level, room = self.levels[i], net - self._below[i]
            if room < 0:
                break
            carved = total(carve.at(proceeds) for carve in level.carved)
            if room < level.amount + carved:
                return Position(i, level.part(room, carved), NONE)
            net -= carved
        if net < self.owed:
            i = bisect.bisect_right(self._below, net) - 1
            return Position(i, self.levels[i].part(net - self._below[i], NONE), NONE)
        i = max(bisect.bisect_left(self._totals, net) - 1, 0)
        if self._totals[i] == net:
            return Position(len(self.levels), NONE, self._values[i])
        above = net - self._totals[i]
        if above <= self._returned[i]:
            return Position(len(self.levels), above / self._returned[i], self._values[i])
        return Position(len(self.levels), NONE, self._values[i] + (above - self._returned[i]) / self._slopes[i])

    def value(self, proceeds: Fraction) -> Fraction:
        """The value of a share of Common at an exit; nothing where what is owed takes everything."""
        return self.position(proceeds).value

    def settles_all(self, position: Position) -> bool:
        """Whether everything owed is paid at a position."""
        return position.level == len(self.levels)

    def paid(self, proceeds: Fraction) -> dict[int, Fraction]:
        """What each row gets, by row."""
        position = self.position(proceeds)
        if self.settles_all(position):
            paid = {
                claim.row: payoff
                for unit in self.units
                for claim, payoff in zip(unit.claims, unit.payoffs(position.value, position.part), strict=True)
            }
        else:
            paid = dict.fromkeys(self.unit_of, NONE)
            for row, amount in self.from_tiers(position):
                paid[row] += amount
        for i in self._carved:
            if i <= position.level:
                part = position.part if i == position.level else _ALL
                for carve in self.levels[i].carved:
                    paid[carve.row] += carve.at(proceeds) * part
        return paid

    def from_tiers(self, position: Position) -> Iterator[tuple[int, Fraction]]:
        """What rows are paid where not everything owed is, carve-outs by rate left aside."""
        for level in self.levels[: position.level]:
            for due in level.dues:
                yield due.row, due.in_all
        for due in self.levels[position.level].dues:
            if position.part > due.start:
                yield due.row, due.amount * (position.part - due.start)

    def payoff(self, rows: Sequence[int], proceeds: Fraction) -> Fraction:
        """What some rows get in all."""
        if self._carved:
            paid = self.paid(proceeds)
            return total(paid[row] for row in rows)
        position = self.position(proceeds)
        if not self.settles_all(position):
            return total(amount for row, amount in self.from_tiers(position) if row in rows)
        units = {id(self.unit_of[row]): self.unit_of[row] for row in rows}
        return total(
            payoff
            for unit in units.values()
            for claim, payoff in zip(unit.claims, unit.payoffs(position.value, position.part), strict=True)
            if claim.row in rows
        )

    def above(self, proceeds: Fraction) -> tuple[dict[int, Fraction], dict[int, Fraction]] | None:
        """What each row gets just above an exit, and its share of the next dollar; None in a carve-out's own tier."""
        position = self.position(proceeds)
        if any(i >= position.level for i in self._carved):
            return None
        paid, slopes = dict.fromkeys(self.unit_of, NONE), dict.fromkeys(self.unit_of, NONE)
        left = _ALL
        for i in self._carved:
            for carve in self.levels[i].carved:
                paid[carve.row], slopes[carve.row] = carve.at(proceeds), carve.rate(proceeds)
                left -= slopes[carve.row]
        if not self.settles_all(position):
            level = self.levels[position.level]
            each = left / level.slope(position.part)
            for row, amount in self.from_tiers(position):
                paid[row] += amount
            for due in level.dues:
                if position.part >= due.start:
                    slopes[due.row] += due.amount * each
            return paid, slopes
        i = bisect.bisect_right(self._values, position.value) - 1
        returns = self._values[i] == position.value and bool(self._returned[i]) and position.part < 1
        each = left / (self._returned[i] if returns else self._slopes[i])
        for unit in self.units:
            for row, payoff, shares in unit.above(position.value, position.part, returns=returns):
                if payoff:
                    paid[row] = payoff
                if shares:
                    slopes[row] = shares * each
        return paid, slopes

    def _exit(self, filled: Fraction, level: int, part: Fraction = NONE) -> Fraction:
        """The exit at which so much of what is owed in dollars and of the rest is paid, up to a part of a tier."""
        if not self._carved:
            return filled
        weighted = [
            (carve, part if i == level else _ALL) for i in self._carved if i <= level for carve in self.levels[i].carved
        ]
        return exit_where(filled, weighted) if weighted else filled

    @property
    def curves(self) -> bool:
        """Whether payouts may curve: a carve-out that grows with the proceeds shares a tier."""
        return any(level.dues or len(level.carved) > 1 for level in self.levels if level.carved)

    def exit_at(self, value: Fraction) -> Fraction:
        """The lowest exit at which a share of Common is worth a value."""
        i = max(bisect.bisect_left(self._values, value) - 1, 0)
        filled = self._totals[i] + self._slopes[i] * (value - self._values[i])
        return self._exit(filled + self._returned[i] if value > self._values[i] else filled, len(self.levels))

    def exits_at(self, value: Fraction) -> tuple[Fraction, ...]:
        """The exits between which a share of Common is worth just so much; mostly one."""
        lowest = self.exit_at(value)
        i = bisect.bisect_left(self._values, value)
        if i == len(self._values) or self._values[i] != value or not self._returned[i]:
            return (lowest,)
        return lowest, self._exit(self._totals[i] + self._returned[i], len(self.levels))

    @cached_property
    def bends(self) -> list[Bend]:
        """Where a tier is paid, a warrant's strike is reached, and where the kinks are, from the lowest exit."""
        found = []
        for i, level in enumerate(self.levels):
            for start in level.starts:
                where = self._exit(self._below[i] + level.filled(start), i, start)
                found += [
                    Bend(where, self.unit_of[due.row], EXERCISED, NONE) for due in level.dues if due.start == start
                ]
            where = self._exit(self._below[i + 1], i, _ALL)
            growing = [carve.row for carve in level.carved if carve.at(where)]
            for row in dict.fromkeys([*(due.row for due in level.dues), *growing]):
                found.append(Bend(where, self.unit_of[row], PAID, NONE, tier=level.tier))
            for carve in level.carved:
                found += [Bend(edge, self.unit_of[carve.row], BEGINS, NONE, rate) for edge, rate in carve.edges()]
        for arrived, returned, kinks in zip(self._totals, self._returned, self._kinks, strict=True):
            where = self._exit(arrived, len(self.levels))
            found += [Bend(where, unit, kink.what, kink.value) for unit, kink in kinks]
            if returned:
                where = self._exit(arrived + returned, len(self.levels))
                found += [Bend(where, unit, RETURNED, kink.value) for unit, kink in kinks if kink.returned]
        if self._carved:  # a rate changes anywhere; all else is found in order
            found.sort(key=lambda bend: in_order(bend.proceeds))
        return [bend for bend in found if bend.proceeds]

    def curve(self, proceeds: Fraction) -> Fraction:
        """How payouts curve just above an exit: each is a straight line and a part of d / (1 + c d); c is given.

        Zero but where a carve-out that grows with the proceeds shares a tier that is not paid in full.
        """
        for i in self._carved:
            level = self.levels[i]
            filled = self._exit(self._below[i], i)
            if filled <= proceeds < self._exit(self._below[i + 1], i, _ALL):
                part = self.position(proceeds).part
                carved = total(carve.at(proceeds) for carve in level.carved)
                owed = level.slope(part) + carved
                rate = total(carve.rate(proceeds) for carve in level.carved)
                # alone in its tier, one recipient takes what there is
                return rate / owed if owed and (level.dues or len(level.carved) > 1) else NONE
        return NONE
