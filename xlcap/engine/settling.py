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
    counted: tuple[int, ...] = ()
    """The blocks of rows that convert, of those that post-money SAFEs count only if they do."""
    safes: int = 0
    """How many blocks of post-money SAFEs convert."""
    discounted: bool = False
    """Whether the note or SAFE without a cap converts."""


class Block(NamedTuple):
    """Rows that convert, or do not, as one, and the value of a share above which they do."""

    rows: tuple[int, ...]
    value: Fraction


class Comparison(NamedTuple):
    """Something that decides: whether a share is worth more than ``value`` in one state, or whether rows get more in
    it than in another.
    """

    state: State
    value: Fraction | None = None
    than: State | None = None
    rows: tuple[int, ...] = ()


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
        self._blocks: dict[bool, list[Block]] = {}
        self._turned: dict[tuple[State, int], Fraction] = {}
        self.asked: set[Comparison] | None = None
        """Where this is a set, every comparison that decides is noted in it."""
        if self.safes:
            self._check_warrants()
            self._blocks = {together: self._counted(together) for together in (False, True)}

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
                standing |= dict.fromkeys(block.rows, "converts" if i in state.counted else "stays")
            for i, rows in enumerate(self.safes):
                standing |= dict.fromkeys(rows, "converts" if i < state.safes else "stays")
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

    def _counted(self, together: bool) -> list[Block]:
        """The rows that post-money SAFEs count only if they convert.

        Rows that convert at one value are one block: a class is the same in two rows.
        """
        settled = self._settled(together)
        blocks: dict[Fraction, list[int]] = {}
        for unit in self.units(settled | dict.fromkeys(itertools.chain(*self.safes), "stays"), {}):
            first = unit.claims[0]
            counted = first.kind in ("note", "safe") or (first.kind == "preferred" and not _participates(first))
            for kink in unit.kinks if unit.standing == "free" and counted else ():
                blocks.setdefault(kink.value, []).extend(claim.row for claim in unit.claims)
        return [Block(tuple(blocks[value]), value) for value in sorted(blocks)]

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

    def _check_warrants(self) -> None:
        for claim in self._claims:
            if not is_option(claim.holding) or claim.holding.underlying is None:
                continue
            bought = underlying(claim.holding, self._holdings)
            if bought.share_in == "none" and Fraction(bought.owed) != bought.bare_preference * Fraction(bought.shares):
                raise claim.holding.fault(
                    f"is not modelled beside a post-money SAFE: '{bought.class_}' has accrued dividends, which the "
                    "shares bought have not, so that they would convert at another exit. State what the SAFE converts "
                    "into in its 'as_converted'",
                    "underlying",
                )

    def _counts_warrant(self, claim: Claim, standing: dict[int, Standing]) -> bool:
        """Whether a SAFE counts options and warrants: all, but for shares that keep a preference above the strike."""
        if claim.holding.underlying is None:
            return True
        bought = underlying(claim.holding, self._holdings)
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
            return converting if self._worth_more(converting, NONE, proceeds) else state
        return self._around(state, proceeds) if self.safes else state

    def _around(self, state: State, proceeds: Fraction, *, most_safes: bool = True) -> State:
        """How blocks and SAFEs settle, from the blocks that convert in ``state`` on, each knowing how the SAFEs will.

        One block after the other converts, the one first that would at the lowest exit, and goes back if others make it
        worth less than what it gave up. Where that comes back to where it was, no answer is stable.
        """
        seen = set()
        state = self._with_safes(state, proceeds, most=most_safes)
        while state.counted not in seen:
            seen.add(state.counted)
            gone = [i for i in state.counted if not self._worth_more(state, self._value(state, i), proceeds)]
            if gone:
                less = tuple(i for i in state.counted if i != gone[-1])
                state = self._with_safes(state._replace(counted=less), proceeds, most=most_safes)
            elif joining := self._joining(state, proceeds, most_safes=most_safes):
                first = joining[0] if len(joining) == 1 else min(joining, key=lambda i: self._turn(state, i))
                state = self._with_safes(_with(state, first), proceeds, most=most_safes)
        return state

    def _joining(self, state: State, proceeds: Fraction, *, most_safes: bool = True) -> list[int]:
        """The blocks that gain by converting beside those that do."""
        found = []
        for i, block in enumerate(self._blocks[state.together]):
            # not before a share is worth its value without it
            if i not in state.counted and self._worth_more(state, block.value, proceeds):
                more = self._with_safes(_with(state, i), proceeds, most=most_safes)
                if self._worth_more(more, block.value, proceeds):
                    found.append(i)
        return found

    def _turn(self, state: State, i: int) -> Fraction:
        """The lowest exit at which a block is worth as much converted as not, beside those that convert."""
        key = (state._replace(safes=0), i)
        if key not in self._turned:
            more, exits = _with(state, i), []
            for safes in range(len(self.safes), -1, -1):
                exits.append(self.course(more._replace(safes=safes)).exit_at(self._value(state, i)))
                if self._with_safes(more, exits[-1]).safes == safes:
                    exits = exits[-1:]
                    break
            self._turned[key] = min(exits)
        return self._turned[key]

    def _with_safes(self, state: State, proceeds: Fraction, *, most: bool = True) -> State:
        """How the SAFEs settle around the rest: the most that can convert, or the fewest."""
        counts = range(len(self.safes), 0, -1) if most else range(1, len(self.safes) + 1)
        for count in counts:
            more = state._replace(safes=count)
            if self._worth_more(more, self._cash_out(more, count - 1), proceeds) == most:
                return more if most else state._replace(safes=count - 1)
        return state._replace(safes=0 if most else len(self.safes))

    def _cash_out(self, state: State, i: int) -> Fraction:
        """The value of a share at which a converted SAFE is worth its cash-out."""
        row = self.safes[i][0]
        (claim,) = self.course(state).unit_of[row].claims
        return claim.preference / claim.common

    def _value(self, state: State, i: int) -> Fraction:
        return self._blocks[state.together][i].value

    def _worth_more(self, state: State, value: Fraction, proceeds: Fraction) -> bool:
        """Whether a share of Common is worth more than a value where decisions are settled so.

        That is all a block or a SAFE need ask: where a share is worth anything everything owed is paid, so that it
        would have what it gives up in full; and where it is not, what it gives up is more than its part of nothing.
        """
        if self.asked is not None:
            self.asked.add(Comparison(state, value))
        return self.course(state).value(proceeds) > value

    def gain(self, less: State, more: State, rows: Sequence[int], proceeds: Fraction) -> Fraction:
        """What rows gain in all where decisions are settled in the second way."""
        if self.asked is not None:
            self.asked.add(Comparison(more, than=less, rows=tuple(rows)))
        return self.course(more).payoff(rows, proceeds) - self.course(less).payoff(rows, proceeds)

    # --- what there is to say of it -----------------------------------------------------------------------------------

    def other(self, proceeds: Fraction) -> State | None:
        """Another way to settle them that is stable too and pays otherwise: as many convert, or as few, as can."""
        if not self.safes:
            return None
        taken = self.state(proceeds)
        paid = self.course(taken).paid(proceeds)
        every = tuple(range(len(self._blocks[taken.together])))
        for counted, most_safes in (((), False), (every, True), (every, False)):
            state = self._around(State(taken.together, counted), proceeds, most_safes=most_safes)
            if self.stands(state, proceeds) and self.course(state).paid(proceeds) != paid:
                return state
        return None

    def stands(self, state: State, proceeds: Fraction) -> bool:
        """Whether no block would rather decide otherwise, the SAFEs settled anew."""
        if not self.safes:
            return True
        value = self.course(state).value(proceeds)
        return all(value > self._value(state, i) for i in state.counted) and not self._joining(state, proceeds)

    def next_to_convert(self, proceeds: Fraction, row: int) -> Course | None:
        """The course in which a row converts too, where a share is worth enough for it as long as it does not."""
        state = self.state(proceeds)
        for i, block in enumerate(self._blocks.get(state.together, [])):
            if row in block.rows and i not in state.counted and self.course(state).value(proceeds) > block.value:
                return self.course(self._with_safes(_with(state, i), proceeds))
        return None


def _with(state: State, block: int) -> State:
    """The state in which one block more converts."""
    return state._replace(counted=tuple(sorted({*state.counted, block})))


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
