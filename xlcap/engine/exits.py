"""A cap table made ready for any number of exits: what each row gets, without the words for it.

One exit at which nothing but the value of the Common decides is one look-up in one ``course``. Where decisions do more
than that, ``settling`` says which course is taken. ``stretches`` lays the courses end to end: between neighbouring
exits every payout is one formula, and whatever is asked of many exits, or of where something happens, is read off them.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import NamedTuple

from xlcap.captable import Holding
from xlcap.engine.carveouts import CarveOut
from xlcap.engine.claims import NONE, Claim, Strikes, claim_of, is_option, total
from xlcap.engine.collective import by_qualified_event, collective
from xlcap.engine.course import Bend, Course, Position
from xlcap.engine.settling import Settling, State
from xlcap.engine.turns import Region, regions
from xlcap.errors import XlcapError
from xlcap.numbers import ZERO, apportion, exact, show


class Stretch(NamedTuple):
    """Neighbouring exits between which every payout is first + slope d + curved d / (1 + curve d), d from the start.

    What rows get just above the start is ``first``; at the start itself it may be what the stretch below ends with.
    """

    start: Fraction
    end: Fraction | None
    course: Course
    first: tuple[Fraction, ...]
    slope: tuple[Fraction, ...]
    curved: tuple[Fraction, ...]
    curve: Fraction
    closed: bool
    """Whether the start itself is paid by it, where payouts jump there."""

    @property
    def middle(self) -> Fraction:
        """An exit within."""
        return (self.start + self.end) / 2 if self.end is not None else self.start * 2 + 1

    def payouts(self, proceeds: Fraction) -> list[Fraction]:
        """What each row gets, in the cap table's order."""
        d = proceeds - self.start
        if not self.curve:
            return [first + slope * d if slope else first for first, slope in zip(self.first, self.slope, strict=True)]
        bent = d / (1 + self.curve * d)
        return [f + s * d + c * bent for f, s, c in zip(self.first, self.slope, self.curved, strict=True)]

    def meets(self, after: Stretch) -> bool:
        """Whether no payout jumps where the next stretch starts."""
        return self.payouts(after.start) == list(after.first)

    def splits_as(self, after: Stretch) -> bool:
        """Whether every dollar is split alike, here and in the next stretch."""
        return self.slope == after.slope and not (self.curve or after.curve)

    @property
    def next_dollar(self) -> list[Fraction]:
        """Each row's share of the next dollar at the start."""
        if not self.curve:
            return list(self.slope)
        return [slope + curved for slope, curved in zip(self.slope, self.curved, strict=True)]


class Exits:
    """A cap table made ready for any number of exits.

    In a ``qualified_event`` the classes it converts have no preference (Valuestar B.1, D.11(i)).
    """

    def __init__(
        self, holdings: Sequence[Holding], *, qualified_event: bool = False, strikes: Strikes = "added"
    ) -> None:
        self.holdings = tuple(holdings)
        for holding in holdings:
            holding.check_priced()
        if not any(holding.kind == "common" for holding in holdings):
            raise XlcapError(
                "no row of kind 'common': somebody must hold what is left after everybody else", where="cap_table"
            )
        self.claims = {holding.row: claim_of(holding, self.holdings) for holding in holdings}
        claims = list(self.claims.values())
        self.converted = by_qualified_event(claims) if qualified_event else frozenset()
        self.collective = collective(claims, self.converted)
        self.carveouts = _carveouts(claims)
        self.settling = Settling(self.holdings, claims, self.carveouts, strikes, self.converted, self.collective)

    def course(self, proceeds: Fraction) -> Course:
        """The course that is taken at an exit."""
        return self.settling.course(self.settling.state(proceeds))

    @exact
    def payouts(self, proceeds: Decimal, *, cents: bool = True) -> list[Decimal]:
        """What each row gets, in the cap table's order; in cents the payouts add up to the proceeds."""
        exit_value = as_exit(proceeds)
        return self._money(proceeds, self.course(exit_value).paid(exit_value), cents)

    def _money(self, proceeds: Decimal, paid: dict[int, Fraction], cents: bool) -> list[Decimal]:
        payouts = [decimal(paid[holding.row]) for holding in self.holdings]
        paid_out = sum(payouts, ZERO)
        if abs(paid_out - proceeds) > proceeds.scaleb(-40):  # sharing out the cents would hide it
            raise XlcapError(
                f"the payouts come to {show(paid_out)}, not to the proceeds of {show(proceeds)}; "
                "this is a fault of the program, please report it with the cap table",
                where="cap_table",
                code="#NUM!",
            )
        return apportion(proceeds, payouts) if cents else payouts

    # --- many exits ---------------------------------------------------------------------------------------------------

    def bends(self) -> list[tuple[Fraction, State, list[Bend]]]:
        """Every exit at which something happens, the settled decisions from there on, and who bends."""
        found: list[tuple[Fraction, State, list[Bend]]] = []
        for region, after in itertools.zip_longest(self.regions, self.regions[1:]):
            bends = self.settling.course(region.state).bends
            if region.start or after:
                bends = [b for b in bends if b.proceeds >= region.start and (after is None or b.proceeds < after.start)]
            if region.start and (not bends or bends[0].proceeds != region.start):
                found.append((region.start, region.state, []))
            for where, together in itertools.groupby(bends, key=lambda bend: bend.proceeds):
                found.append((where, region.state, [*together]))
        return found

    @cached_property
    def regions(self) -> list[Region]:
        """The exits at which decisions are settled in another way."""
        return regions(self.settling)

    @cached_property
    def stretches(self) -> tuple[Stretch, ...]:
        """The exits from nothing on, cut where something happens."""
        starts = [(NONE, self.regions[0].state)]
        starts += [(where, state) for where, state, _ in self.bends()]
        ends = [where for where, _ in starts[1:]]
        return tuple(
            self._stretch(self.settling.course(state), start, end)
            for (start, state), end in itertools.zip_longest(starts, ends)
        )

    def _stretch(self, course: Course, start: Fraction, end: Fraction | None) -> Stretch:
        rows = [holding.row for holding in self.holdings]
        closed = any(region.start == start and region.closed for region in self.regions)
        if (known := course.above(start)) is not None:
            paid, shares = ([part[row] for row in rows] for part in known)
            return Stretch(start, end, course, tuple(paid), tuple(shares), (NONE,) * len(rows), NONE, closed)
        far = (end if end is not None else start * 2 + 1) - start
        # read within: at the start itself a class that is about to convert as one still keeps its preferences
        near, half, last = (course.paid(start + far * part) for part in (Fraction(1, 3), Fraction(2, 3), Fraction(1)))
        curve = course.curve(start)
        bends = [far * part / (1 + curve * far * part) for part in (Fraction(1, 3), Fraction(2, 3), Fraction(1))]
        first, slopes, curved = [], [], []
        for row in rows:
            bent = NONE
            if curve:  # the third reading tells the curved part from the straight one
                bent = (last[row] - 2 * half[row] + near[row]) / (bends[2] - 2 * bends[1] + bends[0])
            slope = (last[row] - half[row] - bent * (bends[2] - bends[1])) * 3 / far
            first.append(last[row] - slope * far - bent * bends[2])
            slopes.append(slope)
            curved.append(bent)
        return Stretch(start, end, course, tuple(first), tuple(slopes), tuple(curved), curve, closed)

    @cached_property
    def _within(self) -> list[Position]:
        """A position in the middle of each stretch."""
        return [one.course.position(one.middle) for one in self.stretches]

    @exact
    def converts_at(self, row: int) -> Decimal | None:
        """The lowest exit above which a row converts or is exercised; None if it never is."""
        for stretch, position in zip(self.stretches, self._within, strict=True):
            if decided(stretch.course, row, position):
                return decimal(stretch.start)
        return None

    @exact
    def proceeds_for(self, amount: Decimal, rows: Sequence[int]) -> Decimal | None:
        """The smallest exit at which rows get at least an amount in all; None if no exit brings them that."""
        wanted = Fraction(amount)
        places = [i for i, holding in enumerate(self.holdings) if holding.row in rows]
        for exit_value in self._reaching(wanted, places):
            return decimal(exit_value) if isinstance(exit_value, Fraction) else exit_value
        return None

    @exact
    def most(self, rows: Sequence[int]) -> Decimal:
        """The most rows ever get in all, where their payouts do not rise for ever."""
        places = [i for i, holding in enumerate(self.holdings) if holding.row in rows]
        ends = [stretch.payouts(stretch.end) for stretch in self.stretches if stretch.end is not None]
        paid = [*(stretch.first for stretch in self.stretches), *ends]
        return decimal(max(total(payouts[i] for i in places) for payouts in paid))

    def _reaching(self, wanted: Fraction, places: Sequence[int]) -> Iterator[Fraction | Decimal]:
        for stretch in self.stretches:
            first, slope, curved = (
                total(values[i] for i in places) for values in (stretch.first, stretch.slope, stretch.curved)
            )
            if first >= wanted:
                yield stretch.start
            short = wanted - first
            if stretch.end is not None and total(stretch.payouts(stretch.end)[i] for i in places) < wanted:
                continue
            if curved:
                yield _on_a_curve(short, slope, curved, stretch) + decimal(stretch.start)
            elif slope > 0:
                yield stretch.start + short / slope

    @exact
    def stages(self, payments: Sequence[Decimal], *, cents: bool = True) -> list[list[Decimal]]:
        """What each row takes of each payment: what all so far pay it, less what those before it did."""
        so_far, taken, takes = ZERO, [ZERO] * len(self.holdings), []
        for payment in payments:
            so_far += payment
            now = self.payouts(so_far, cents=cents)
            takes.append([after - before for after, before in zip(now, taken, strict=True)])
            taken = now
        return takes


def _carveouts(claims: Sequence[Claim]) -> list[CarveOut]:
    """The claims that are shares of the proceeds; of those left after costs and debts, or of all."""
    debts = total(claim.preference for claim in claims if claim.kind in ("cost", "debt"))
    return [
        CarveOut(claim.row, claim.tier, claim.holding.tiers, NONE if claim.holding.rate_of == "gross" else debts)
        for claim in claims
        if claim.kind == "carve_out" and claim.holding.tiers
    ]


def _on_a_curve(short: Fraction, slope: Fraction, curved: Fraction, stretch: Stretch) -> Decimal:
    """How far into a stretch a payout has risen by so much: slope d + curved d / (1 + c d)."""
    c = stretch.curve
    # slope c d² + (slope + curved - short c) d - short = 0
    a, b = decimal(slope * c), decimal(slope + curved - short * c)
    if not a:
        return decimal(short) / b
    root = (b * b + 4 * a * decimal(short)).sqrt()
    found = [(-b + sign * root) / (2 * a) for sign in (1, -1)]
    far = decimal(stretch.end - stretch.start) if stretch.end is not None else None
    return min(d for d in found if d >= 0 and (far is None or d <= far * (1 + Decimal("1e-30"))))


def decided(course: Course, row: int, position: Position) -> bool:
    """Whether a row converts, or is exercised, at a position."""
    unit = course.unit_of[row]
    claim = next(claim for claim in unit.claims if claim.row == row)
    if is_option(claim.holding):
        if not course.settles_all(position):
            return any(amount and paid == row for paid, amount in course.from_tiers(position))
        return unit.exercised(position.value, position.part)
    if claim.kind in ("common", "pool", "cost", "debt", "carve_out"):
        return False
    return unit.converts(position.value)


def as_exit(proceeds: Decimal) -> Fraction:
    """Proceeds as the solver takes them."""
    if proceeds < 0:
        raise XlcapError(f"must be zero or more; found {show(proceeds)}", where="argument 'proceeds'", code="#NUM!")
    return Fraction(proceeds)


def decimal(number: Fraction) -> Decimal:
    """A fraction with all its digits."""
    return Decimal(number.numerator) / Decimal(number.denominator)
