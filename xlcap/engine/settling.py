"""Decisions that change what others get besides the value of a share: each is settled, and the courses are compared.

Most decisions need nothing but the value of a share of Common (``course``). Some do more: a class takes another with
it, a vote converts a group, a post-money SAFE counts who converts, a conversion at a discount is worth one amount. Each
way to settle them is a course of its own, solved exactly. Between the courses

1. a group, or a class others convert with, decides first, knowing what everybody else does under each choice;
2. then the preferred stock and the notes a post-money SAFE counts only if they convert, the lowest value of a share
   first, knowing that the SAFEs settle after them;
3. then the SAFEs; or a conversion at a discount, which needs something left to buy.

Whoever is indifferent stays. Where several answers are stable, the preferred stock that converts is the least, and the
SAFEs that convert are the most there can be: a post-money SAFE promises a part of the company with all SAFEs
converted. ``other`` finds another stable answer.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from xlcap.captable import Holding
from xlcap.engine.carveouts import CarveOut
from xlcap.engine.claims import (
    CONVERTS,
    NONE,
    Claim,
    Phase,
    Standing,
    Strikes,
    Tier,
    Unit,
    is_option,
    option_unit,
    shares_of,
    total,
    underlying,
    unit_of,
    warrant_unit,
)
from xlcap.engine.collective import Collective
from xlcap.engine.course import Course
from xlcap.tables import header_name


class State(NamedTuple):
    """How the decisions are settled."""

    together: bool = False
    """Whether the collective converts."""
    counted: int = 0
    """How many blocks of rows convert, of those that post-money SAFEs count only if they do."""
    safes: int = 0
    """How many blocks of post-money SAFEs convert."""
    discounted: bool = False
    """Whether the note or SAFE without a cap converts."""


class Settling:
    """The courses of a cap table, and which of them is taken at an exit."""

    def __init__(
        self,
        holdings: Sequence[Holding],
        claims: Sequence[Claim],
        carveouts: Sequence[CarveOut],
        strikes: Strikes,
        converted: frozenset[int],
        collective: Collective | None,
    ) -> None:
        self._holdings, self._claims, self._carveouts, self._strikes = holdings, claims, carveouts, strikes
        self._converted, self.collective = converted, collective
        self.safes = _post_money(claims)
        self.discounted = _at_a_discount(claims, self.safes)
        self._courses: dict[State, Course] = {}
        self._blocks = {together: self._counted(together) for together in (False, True)} if self.safes else {}

    def blocks(self, together: bool) -> list[tuple[int, ...]]:
        """The rows that post-money SAFEs count only if they convert, in the order in which they do."""
        return self._blocks.get(together, [])

    def course(self, state: State) -> Course:
        """The course of a way to settle the decisions."""
        if state not in self._courses:
            standing = self._standing(state)
            self._courses[state] = Course(self.units(standing, self._shares(state, standing)), self._carveouts)
        return self._courses[state]

    def _settled(self, together: bool) -> dict[int, Standing]:
        standing: dict[int, Standing] = dict.fromkeys(self._converted, "converts")
        if self.collective:
            if together:
                standing |= dict.fromkeys(self.collective.leading | self.collective.following, "converts")
            else:
                standing |= dict.fromkeys(self.collective.bound, "stays")
        return standing

    def _standing(self, state: State) -> dict[int, Standing]:
        standing = self._settled(state.together)
        if self.safes:
            for i, block in enumerate(self._blocks[state.together]):
                standing |= dict.fromkeys(block, "converts" if i < state.counted else "stays")
            for i, block in enumerate(self.safes):
                standing |= dict.fromkeys(block, "converts" if i < state.safes else "stays")
        if self.discounted is not None:
            standing[self.discounted] = "converts" if state.discounted else "stays"
        return standing

    def units(self, standing: dict[int, Standing], shares: dict[int, Fraction]) -> list[Unit]:
        """The rows grouped by who decides: the rows of a series together, every other row for itself.

        Rows that share in what is above their preference decide singly; with the same terms a share they come out
        alike. So do the rows whose decision is settled.
        """
        together: dict[str, list[Claim]] = {}
        units = []
        for claim in self._claims:
            holding = claim.holding
            if is_option(holding):
                units.append(self._exercisable(claim, standing))
                continue
            alone = not holding.is_preferred or holding.share_in != "none" or holding.decides_alone
            key = f"row {claim.row}" if alone or claim.row in standing else f"class {header_name(holding.class_)}"
            together.setdefault(key, []).append(claim)
        for members in together.values():
            first = members[0]
            label = first.holding.class_ if len(members) > 1 else first.holding.label
            units.append(unit_of(label, members, standing.get(first.row, "free"), shares))
        return units

    def _exercisable(self, claim: Claim, standing: dict[int, Standing]) -> Unit:
        if claim.holding.underlying is None:
            return option_unit(claim, self._strikes)
        if self._strikes == "included":
            raise claim.holding.fault(
                "is not modelled where the proceeds include what is paid on exercise: with strike_money 'added' its "
                "strike is added to them",
                "underlying",
            )
        bought = underlying(claim.holding, self._holdings)
        tier = Tier(Phase.PREFERENCE, bought.rank)
        follows = standing.get(bought.row, "free")  # the shares it buys are of the class, and do what it does
        return warrant_unit(claim, bought, tier, standing.get(claim.row, follows))

    def _counted(self, together: bool) -> list[tuple[int, ...]]:
        """The rows that post-money SAFEs count only if they convert, those first that convert at the lowest value.

        Rows that convert at one value are one block: a class is the same in two rows.
        """
        settled = self._settled(together)
        blocks: dict[Fraction, list[int]] = {}
        for unit in self.units(settled | dict.fromkeys(itertools.chain(*self.safes), "stays"), {}):
            kind = unit.claims[0].kind
            if unit.standing == "free" and kind in ("preferred", "note", "safe") and len(unit.kinks) == 1:
                kink = unit.kinks[0]
                if kink.what == CONVERTS:
                    blocks.setdefault(kink.value, []).extend(claim.row for claim in unit.claims)
        return [tuple(blocks[value]) for value in sorted(blocks)]

    def _shares(self, state: State, standing: dict[int, Standing]) -> dict[int, Fraction]:
        """What the converting post-money SAFEs convert into: each its part of the Liquidity Capitalization."""
        if not state.safes:
            return {}
        converting = {row for row, how in standing.items() if how == "converts"}
        safes = set(itertools.chain(*self.safes))
        counted, parts = NONE, {}
        for claim in self._claims:
            if claim.row in safes:
                if claim.row in converting:
                    parts[claim.row] = _part(claim)
            elif is_option(claim.holding):
                if self._counts_warrant(claim, standing):
                    counted += shares_of(claim.holding, self._holdings)
            elif claim.kind == "common" or claim.row in converting or _participates(claim):
                counted += claim.common
        whole = counted / (1 - total(parts.values()))
        return {row: part * whole for row, part in parts.items()}

    def _counts_warrant(self, claim: Claim, standing: dict[int, Standing]) -> bool:
        """Whether a SAFE counts options and warrants: all, but for shares that keep a preference above the strike."""
        if claim.holding.underlying is None:
            return True
        bought = underlying(claim.holding, self._holdings)
        if bought.share_in == "none" and Fraction(bought.owed) != bought.bare_preference * Fraction(bought.shares):
            raise claim.holding.fault(
                f"is not modelled beside a post-money SAFE: '{bought.class_}' has accrued dividends, which the shares "
                "bought have not, so that they would convert at another exit. State what the SAFE converts into in its "
                "'as_converted'",
                "underlying",
            )
        keeps = bought.share_in == "none" and standing.get(bought.row) != "converts"
        return not (keeps and bought.bare_preference > Fraction(claim.holding.strike or 0))

    # --- who decides what ---------------------------------------------------------------------------------------------

    def state(self, proceeds: Fraction) -> State:
        """How the decisions are settled at an exit."""
        apart = self.settled(proceeds, together=False)
        if self.collective is None:
            return apart
        together = self.settled(proceeds, together=True)
        decides = self.collective.decides(lambda rows: self.gain(apart, together, rows, proceeds))
        return together if decides else apart

    def settled(self, proceeds: Fraction, *, together: bool) -> State:
        """How all others settle around one choice of the collective."""
        state = State(together)
        if self.discounted is not None:
            converting = state._replace(discounted=True)
            return converting if self.course(converting).value(proceeds) > 0 else state
        if not self.safes:
            return state
        return self._around(together, proceeds)

    def with_safes(self, state: State, proceeds: Fraction, *, most: bool = True) -> State:
        """How the SAFEs settle around the rest: the most that can convert, or the fewest."""
        if not most:
            for i, block in enumerate(self.safes, 1):
                more = state._replace(safes=i)
                if self.gain(state, more, block, proceeds) <= 0:
                    break
                state = more
            return state
        for i in range(len(self.safes), 0, -1):
            more, fewer = state._replace(safes=i), state._replace(safes=i - 1)
            if self.gain(fewer, more, self.safes[i - 1], proceeds) > 0:
                return more
        return state

    def other(self, proceeds: Fraction) -> State | None:
        """Another way to settle them that is stable too and pays otherwise: as many convert, or as few, as can."""
        if not self.safes:
            return None
        taken = self.state(proceeds)
        together, paid = taken.together, self.course(taken).paid(proceeds)
        for most_safes, most_blocks in ((False, False), (True, True), (False, True)):
            state = self._around(together, proceeds, most_safes=most_safes, most_blocks=most_blocks)
            if self.course(state).paid(proceeds) != paid:
                return state
        return None

    def _around(
        self, together: bool, proceeds: Fraction, *, most_safes: bool = True, most_blocks: bool = False
    ) -> State:
        """How blocks and SAFEs settle around the collective, each block knowing how the SAFEs will."""
        blocks = self._blocks[together]

        def around(converting: int) -> State:
            return self.with_safes(State(together, converting), proceeds, most=most_safes)

        counts = range(len(blocks), 0, -1) if most_blocks else range(1, len(blocks) + 1)
        settled = around(len(blocks) if most_blocks else 0)
        for count in counts:
            fewer, more = (around(count - 1), settled) if most_blocks else (settled, around(count))
            if (self.gain(fewer, more, blocks[count - 1], proceeds) > 0) == most_blocks:
                break
            settled = fewer if most_blocks else more
        return settled

    def next_to_convert(self, proceeds: Fraction, row: int) -> Course | None:
        """Of the rows that SAFEs count only if they convert, the course in which those convert that are next to."""
        state = self.state(proceeds)
        blocks = self._blocks.get(state.together, [])
        if state.counted == len(blocks) or row not in blocks[state.counted]:
            return None
        return self.course(self.with_safes(State(state.together, state.counted + 1), proceeds))

    def gain(self, less: State, more: State, rows: Sequence[int], proceeds: Fraction) -> Fraction:
        """What rows gain in all where decisions are settled in the second way."""
        return self.course(more).payoff(rows, proceeds) - self.course(less).payoff(rows, proceeds)


def _part(claim: Claim) -> Fraction:
    """A post-money SAFE's part of the Liquidity Capitalization: its purchase amount over its cap."""
    return Fraction(claim.holding.amount or Decimal(0)) / Fraction(claim.holding.valuation_cap or Decimal(1))


def _participates(claim: Claim) -> bool:
    return claim.holding.is_preferred and claim.holding.share_in != "none"


def _post_money(claims: Sequence[Claim]) -> list[tuple[int, ...]]:
    """The post-money SAFEs, those first that convert at the lowest value of the company; equal ones together."""
    blocks: dict[Fraction, list[Claim]] = {}
    for claim in claims:
        holding = claim.holding
        stated = claim.common or claim.instead is not None
        if claim.kind == "safe" and not stated and holding.valuation_cap is not None and _part(claim):
            blocks.setdefault(claim.preference / _part(claim), []).append(claim)
    parts = total(_part(claim) for block in blocks.values() for claim in block)
    if parts >= 1:
        raise next(iter(blocks.values()))[0].holding.fault(
            "makes the post-money SAFEs' parts of the company 100% or more together: purchase amount over cap, added "
            "up, must stay below one",
            "valuation_cap",
        )
    return [tuple(claim.row for claim in blocks[value]) for value in sorted(blocks)]


def _at_a_discount(claims: Sequence[Claim], safes: Sequence[tuple[int, ...]]) -> int | None:
    """The row of the note or SAFE that converts at a discount only where something is left to buy; one is modelled."""
    found = [
        claim
        for claim in claims
        if claim.instead is not None and claim.instead > claim.preference
        and claim.holding.discount_reading != "remainder"
    ]  # fmt: skip
    if len(found) > 1 or (found and safes):
        other = f"the discount in row {found[0].row}" if len(found) > 1 else f"the post-money SAFE in row {safes[0][0]}"
        raise found[-1].holding.fault(
            f"stands without a cap beside {other}: whether either converts depends on the other, and the documents do "
            "not say which comes first. Give a 'valuation_cap', or write remainder in 'discount_reading'",
            "discount",
        )
    return found[0].row if found else None
