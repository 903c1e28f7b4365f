"""Exits worked out the long way: money poured out step by step, and every decision there is tried.

Nothing is solved for: no value of a share of Common, no breakpoint. The waterfall is held against it on tables of a few
rows.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cache
from typing import NamedTuple

from exit_rows import CONVERT, HOLD, PART, STAY, ZERO, Profile, Row, slices


class Outcome(NamedTuple):
    """Who did what, and what each row was paid; what each gained, net of the strike; whether it can be at all."""

    choices: Profile
    payouts: tuple[Fraction, ...]
    gains: tuple[Fraction, ...]
    possible: bool

    @property
    def conversions(self) -> int:
        return sum(choice != STAY for choice in self.choices)


# --- pouring ----------------------------------------------------------------------------------------------------------


def simulate(proceeds: Fraction, rows: Sequence[Row], choices: Sequence[str], included: bool = False) -> Outcome:
    """What everybody is paid if they do this: everything owed, in its order, then rounds of equal sharing.

    With ``included`` the proceeds contain the strikes, and payouts are gross of them.
    """
    spent = [row.price if choice in (HOLD, CONVERT) else ZERO for row, choice in zip(rows, choices, strict=True)]
    paid = [ZERO] * len(rows)
    left = proceeds if included else proceeds + sum(spent)
    for claims in _ladder(proceeds, rows, choices):
        owed = sum(claims.values(), ZERO)
        given_out = min(left, owed)
        for i, claim in claims.items():
            paid[i] += claim * given_out / owed
        left -= given_out
    possible = True
    for i, row in enumerate(rows):
        if row.worth is not None and choices[i] == CONVERT:
            possible &= left > row.worth or not row.literal
            paid[i] = min(left, row.worth)
            left -= paid[i]
    possible &= _share(left, paid, rows, choices)
    gains = [amount - cost for amount, cost in zip(paid, spent, strict=True)]
    for i, choice in enumerate(choices):
        if choice == PART:  # no more than all of them at the strike, which leaves a gain of nothing
            possible &= paid[i] <= rows[i].price
            gains[i] = ZERO
    return Outcome(tuple(choices), tuple(paid if included else gains), tuple(gains), possible)


def _ladder(proceeds: Fraction, rows: Sequence[Row], choices: Sequence[str]) -> list[dict[int, Fraction]]:
    """What is owed, step by step: costs, debts by rank, carve-outs, preferences by rank."""
    does = list(enumerate(zip(rows, choices, strict=True)))
    kinds = {kind: {i: row.owed for i, row in enumerate(rows) if row.kind == kind} for kind in ("cost", "debt")}
    net = max(ZERO, proceeds - sum(kinds["cost"].values(), ZERO) - sum(kinds["debt"].values(), ZERO))
    debts = kinds["debt"] | {i: row.owed for i, (row, choice) in does if row.kind == "note" and choice == STAY}
    carved = {
        i: slices(row.tiers, proceeds if row.gross else net) if row.tiers else row.owed
        for i, (row, _) in does
        if row.kind == "carve_out"
    }
    ranked = {i: claim for i, claim in carved.items() if rows[i].rank is not None}
    for i, (row, choice) in does:
        if choice == HOLD or (choice == STAY and row.kind in ("preferred", "safe")):
            ranked[i] = row.owed
        elif row.kind == "preferred":
            ranked[i] = row.kept
    first = {i: claim for i, claim in carved.items() if rows[i].rank is None}
    steps = [kinds["cost"], *_by_rank(debts, rows), first, *_by_rank(ranked, rows)]
    return [claims for claims in steps if any(claims.values())]


def _by_rank(claims: Mapping[int, Fraction], rows: Sequence[Row]) -> list[dict[int, Fraction]]:
    ranks = sorted({rows[i].rank or ZERO for i in claims}, reverse=True)
    return [{i: claim for i, claim in claims.items() if (rows[i].rank or ZERO) == rank} for rank in ranks]


def counted(rows: Sequence[Row], choices: Sequence[str]) -> list[Fraction]:
    """Shares of Common each row has; those of a post-money safe are its part of the Liquidity Capitalization.

    That counts Common, every option and warrant, preferred stock but what keeps a preference in lieu of converting (and
    so not a warrant on it that is for the preference), and the notes and safes that convert.
    """
    does = list(zip(rows, choices, strict=True))
    converting = {row.class_ for row, choice in does if row.kind == "preferred" and choice == CONVERT}
    others = sum(
        row.shares
        for row, choice in does
        if row.kind == "common"
        or row.is_option
        or row.participates
        or (row.of and (row.of in converting or row.owed <= row.price))
        or (row.kind in ("preferred", "note", "safe") and choice == CONVERT)
    )
    parts = sum((row.part for row, choice in does if row.part is not None and choice == CONVERT), ZERO)
    assert parts < 1, "safes whose parts come to all of the company"
    return [row.shares if row.part is None else row.part * others / (1 - parts) for row in rows]


def _share(left: Fraction, paid: list[Fraction], rows: Sequence[Row], choices: Sequence[str]) -> bool:
    """Pour what is left over the shares, round after round, until a cap stops somebody; whether there were any."""
    shares = counted(rows, choices)
    sharing = {
        i
        for i, (row, choice) in enumerate(zip(rows, choices, strict=True))
        if shares[i]
        and (row.kind == "common"
             or (choice == CONVERT and row.worth is None)
             or (row.participates and (row.kind == "preferred" or choice == HOLD)))
    }  # fmt: skip
    in_part = {i: rows[i].price / rows[i].shares for i, choice in enumerate(choices) if choice == PART}
    each = ZERO
    while left and sharing:
        total = sum(shares[i] for i in sharing)
        room = {
            i: (cap - paid[i]) / shares[i]
            for i in sharing
            if choices[i] != CONVERT and (cap := rows[i].cap) is not None
        }
        step = min([left / total, *room.values(), *(strike - each for strike in in_part.values())])
        for i in sharing:
            paid[i] += step * shares[i]
        left -= step * total
        each += step
        sharing -= {i for i, most in room.items() if most == step}
        at_strike = {i: shares[i] for i, strike in in_part.items() if strike == each}
        if at_strike:  # as many are exercised as leave a share of Common worth the strike
            for i, held in at_strike.items():
                paid[i] += left * held / sum(at_strike.values())
            left = ZERO
    return not left


# --- deciding ---------------------------------------------------------------------------------------------------------


class Exit:
    """One exit: what every choice leads to, and the answers the documented rule comes to."""

    def __init__(self, proceeds: Fraction, rows: Sequence[Row], included: bool = False) -> None:
        self.rows, self.included = rows, included
        self.outcome = cache(lambda profile: simulate(proceeds, rows, profile, included))

    def answers(self) -> list[Outcome]:
        """The outcomes from which nobody wants to move, each way to pay once; the first is the one to take.

        A group, or a class that takes others with it, decides before everybody, and so does who converts at a discount.
        """
        voting = [i for i, row in enumerate(self.rows) if row.vote]
        led = [i for i, row in enumerate(self.rows) if row.converts_with]
        leading = [i for i, row in enumerate(self.rows) if led and row.class_ == self.rows[led[0]].converts_with]
        at_discount = [i for i, row in enumerate(self.rows) if row.worth is not None]
        if voting:
            bound = [i for i in voting if (vote := self.rows[i].vote) and not vote.alone]
            return self._better(bound, voting, voting)
        if leading:
            return self._better(leading, [*leading, *led], leading)
        if at_discount:
            return self._better(at_discount, at_discount, at_discount)
        return Settling(self, {}).settled()

    def _better(self, bound: list[int], together: list[int], deciding: list[int]) -> list[Outcome]:
        """What those who decide first choose, knowing what all others do in either case, if they can convert at all."""
        apart = Settling(self, dict.fromkeys(bound, STAY)).settled()
        joined = Settling(self, dict.fromkeys(together, CONVERT)).settled()
        chosen = (
            second if self._carried(deciding, first, second) else first
            for first, second in itertools.product(apart, joined)
        )
        return _distinct(chosen if joined else apart)

    def _carried(self, deciding: list[int], apart: Outcome, joined: Outcome) -> bool:
        """Whether they convert: a class as one block, a group by the votes of the holders who gain in all."""
        vote = self.rows[deciding[0]].vote
        if vote is None:
            return sum(joined.gains[i] for i in deciding) > sum(apart.gains[i] for i in deciding)
        gains = [after - before for after, before in zip(joined.gains, apart.gains, strict=True)]
        yes = sum(self.rows[i].shares for i in deciding if sum(gains[j] for j in self._held_with(i)) > 0)
        needed = vote.part * sum(self.rows[i].shares for i in deciding)
        return yes >= needed if vote.at_least else yes > needed

    def _held_with(self, i: int) -> list[int]:
        """Everything the holder of a row holds; a row that names no holder is its own."""
        holder = self.rows[i].holder
        return [j for j, row in enumerate(self.rows) if row.holder == holder] if holder else [i]


class Settling:
    """How everybody settles around what some do anyway.

    Where there are post-money safes, they settle after the others, who know it, and as many of them convert as can; so
    do options, and warrants on preferred stock, which then convert with their class. Preferred stock and notes that
    come out even at one value of a share decide alike.
    """

    def __init__(self, exit_: Exit, fixed: Mapping[int, str]) -> None:
        self.exit, self.rows, self.included = exit_, exit_.rows, exit_.included
        self.safes = [i for i, row in enumerate(self.rows) if row.part is not None]
        self.class_of = {row.class_: i for i, row in enumerate(self.rows) if row.kind == "preferred"}
        self.tied = {
            i: bought
            for i, row in enumerate(self.rows)
            if row.of
            and ((bought := self.class_of[row.of]) in fixed or (self.safes and not self.rows[bought].participates))
        }
        self.exercising = [*self.tied]
        if self.safes or self.included:
            self.exercising += [i for i, row in enumerate(self.rows) if row.is_option]
        following = {*self.safes, *self.exercising, *fixed}
        self.blocks = self._blocks([i for i in range(len(self.rows)) if i not in following])
        self.start = tuple(fixed.get(i, STAY) for i in range(len(self.rows)))
        self.reached = cache(self._reached) if self.safes or self.exercising else exit_.outcome
        self.exercised = cache(self._exercised)

    def settled(self) -> list[Outcome]:
        """Every outcome from which nobody strictly gains by doing otherwise.

        First the one with the fewest conversions, of those the one in which they convert whom it pays from the lowest
        value of a share on. Where others settle afterwards, nobody converts who comes out even.
        """
        at_rest = [
            way
            for way in self._ways(self.blocks, self.start)
            if self._rests(way, self.blocks, self.reached, eager=not self.safes)
        ]
        at_rest.sort(key=self._order)
        return _distinct(outcome for way in at_rest if (outcome := self.reached(way)))

    def _order(self, way: Profile) -> tuple[int, list[int]]:
        doing = [at for at, block in enumerate(self.blocks) if way[block[0]] != STAY]
        return len(doing), doing

    def _blocks(self, deciding: Sequence[int]) -> list[tuple[int, ...]]:
        """Who decides as one."""
        blocks: dict[Fraction, list[int]] = {}
        singly: list[tuple[int, ...]] = []
        for i in deciding:
            row = self.rows[i]
            if self.safes and row.shares and row.kind in ("preferred", "note", "safe") and not row.participates:
                blocks.setdefault((row.owed - row.kept) / row.shares, []).append(i)
            else:
                singly.append((i,))
        return [*(tuple(blocks[value]) for value in sorted(blocks)), *singly]

    def _reached(self, profile: Profile) -> Outcome | None:
        """What the followers settle on when the others do this: of the safes, as many convert as can."""
        singly = [(i,) for i in self.safes]
        for way in sorted(self._ways(singly, profile), key=lambda way: -sum(way[i] == CONVERT for i in self.safes)):
            if self._rests(way, singly, self.exercised, eager=False):
                return self.exercised(way)
        return None

    def _exercised(self, profile: Profile) -> Outcome | None:
        """Which options and warrants are exercised when the others do this."""
        singly = [(i,) for i in self.exercising]
        ways = (way for way in self._ways(singly, profile) if self._rests(way, singly, self.exit.outcome))
        return min(map(self.exit.outcome, ways), key=lambda outcome: outcome.conversions, default=None)

    def _ways(self, blocks: Sequence[tuple[int, ...]], profile: Profile) -> Iterator[Profile]:
        """Everything these blocks may do, each as one, while the others do as in the profile."""
        for way in itertools.product(*(self._choices(block[0]) for block in blocks)):
            changed = _with(profile, {i: does for block, does in zip(blocks, way, strict=True) for i in block})
            if not self.included or self._alike(changed):
                yield changed

    def _choices(self, i: int) -> tuple[str, ...]:
        row = self.rows[i]
        return (*row.choices, PART) if self.included and row.is_option else row.choices

    def _alike(self, profile: Profile) -> bool:
        """Whether options at one strike do the same."""
        does = {
            (row.price / row.shares, choice) for row, choice in zip(self.rows, profile, strict=True) if row.is_option
        }
        return len(does) == len({strike for strike, _ in does})

    def _rests(
        self,
        profile: Profile,
        blocks: Sequence[tuple[int, ...]],
        reached: Callable[[Profile], Outcome | None],
        *,
        eager: bool = True,
    ) -> bool:
        """Whether none of the blocks gains by doing otherwise while the others do this.

        Unless they are ``eager`` none converts either that comes out even.
        """
        outcome = reached(profile)
        if outcome is None or not outcome.possible or any(not self._may(i, profile) for i in self.tied):
            return False
        for block in blocks:
            if self.included and self.rows[block[0]].is_option:
                if self._regrets(block[0], outcome):
                    return False
                continue
            for does in self._choices(block[0]):
                other = _with(profile, dict.fromkeys(block, does))
                if other == profile or not self._may(block[0], other):
                    continue
                instead = reached(other)
                more = sum(instead.gains[i] - outcome.gains[i] for i in block) if instead else None
                if more is None or more > 0 or (more == 0 and does == STAY and not eager):
                    return False
        return True

    def _may(self, i: int, profile: Profile) -> bool:
        """Whether a warrant tied to its class does as the class does."""
        if i not in self.tied or profile[i] == STAY:
            return True
        return (profile[i] == CONVERT) == (profile[self.tied[i]] == CONVERT)

    def _regrets(self, i: int, outcome: Outcome) -> bool:
        """Whether a holder of a few of these options would rather have done otherwise, the proceeds being the same."""
        common = next(i for i, row in enumerate(self.rows) if row.kind == "common")
        each, strike = outcome.payouts[common] / self.rows[common].shares, self.rows[i].price / self.rows[i].shares
        return (outcome.choices[i] == STAY and each > strike) or (outcome.choices[i] == CONVERT and each < strike)


def _with(profile: Profile, changes: Mapping[int, str]) -> Profile:
    return tuple(changes.get(i, does) for i, does in enumerate(profile))


def _distinct(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """The first outcome for each way to pay."""
    found: dict[tuple[Fraction, ...], Outcome] = {}
    for outcome in outcomes:
        found.setdefault(outcome.payouts, outcome)
    return list(found.values())
