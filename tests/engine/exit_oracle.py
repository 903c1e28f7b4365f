"""Exits worked out the long way: money poured out step by step, and every decision there is tried.

Nothing is solved for: no value of a share of Common, no breakpoint. The waterfall is held against it on tables of a few
rows.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from typing import Any, NamedTuple

ZERO = Fraction(0)
Profile = tuple[str, ...]
"""What each row does."""
STAY, HOLD, CONVERT, PART = "stays", "holds", "converts", "exercises in part"
"""What a row may do: keep its preference, be repaid, let an option lapse; exercise and hold the preferred stock bought;
convert, or exercise for Common; and, where the proceeds contain the strikes, exercise some of the options."""


class Vote(NamedTuple):
    """A group that converts together: the part of its votes that is needed, and whether a class may convert alone."""

    group: str
    part: Fraction
    at_least: bool
    alone: bool


@dataclass(frozen=True)
class Row:
    """One row of the cap table, in totals for the row."""

    kind: str
    class_: str = ""
    holder: str = ""
    owed: Fraction = ZERO
    """A cost, a debt, a preference, a fixed carve-out; what a note is repaid, a safe cashed out for."""
    rank: Fraction | None = None
    shares: Fraction = ZERO
    """Of Common: held, bought, converted into."""
    price: Fraction = ZERO
    """What exercising all of it costs."""
    of: str = ""
    """Of a warrant on preferred stock: the class it buys."""
    participates: bool = False
    cap: Fraction | None = None
    kept: Fraction = ZERO
    """Owed in the rank of the preference after a conversion."""
    tiers: tuple[tuple[Fraction | None, Fraction], ...] = ()
    """Of a carve-out: up to these proceeds, this rate."""
    gross: bool = False
    part: Fraction | None = None
    """Of a post-money safe: its part of the Liquidity Capitalization."""
    worth: Fraction | None = None
    """Of a note or safe without a cap: what converting at a discount is worth."""
    literal: bool = True
    vote: Vote | None = None
    converts_with: str | None = None

    @property
    def choices(self) -> tuple[str, ...]:
        """What the row may do, the fewest conversions first."""
        if self.kind in ("option", "warrant"):
            return (STAY, *((HOLD,) if self.of else ()), *((CONVERT,) if self.shares else ()))
        if self.kind in ("preferred", "note", "safe") and (self.shares or self.part or self.worth):
            return (STAY, CONVERT)
        return (STAY,)

    @property
    def is_option(self) -> bool:
        """Whether it buys Common."""
        return self.kind in ("option", "warrant") and not self.of


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


def slices(tiers: Iterable[tuple[Fraction | None, Fraction]], proceeds: Fraction) -> Fraction:
    """A carve-out in tiers, each rate on its own slice of the proceeds."""
    total = start = ZERO
    for end, rate in tiers:
        stop = proceeds if end is None else min(end, proceeds)
        total += rate * max(ZERO, stop - start)
        start = stop
    return total


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


# --- reading a cap table ----------------------------------------------------------------------------------------------


def as_rows(table: Sequence[Mapping[str, Any]]) -> list[Row]:
    """A cap table of dictionaries, as the columns are documented."""
    plain = [_plain(row, table) for row in table]
    return [_against_the_count(cells, row, plain) for cells, row in zip(table, plain, strict=True)]


BARE = {"accrued": 0, "conversion_group": None, "converts_with": None}
"""What shares under a warrant have not: dividends accrued, and a say in what the class does."""


def _plain(cells: Mapping[str, Any], table: Sequence[Mapping[str, Any]]) -> Row:
    """A row by its own cells; a warrant on preferred stock also by those of the class it buys."""
    kind, held, rank = str(cells["kind"]), _number(cells, "shares"), _maybe(cells, "seniority")
    owed = _number(cells, "preference" if "preference" in cells else "amount")
    row = Row(kind, str(cells["class"]), str(cells.get("holder") or ""), owed, rank, shares=held)
    if kind in ("option", "warrant"):
        row = replace(row, price=held * _number(cells, "strike"))
        if "underlying" not in cells:
            return row
        bought = next(other for other in table if other["class"] == cells["underlying"])
        one = _preferred({**bought, **BARE}, replace(row, owed=ZERO, rank=_maybe(bought, "seniority")))
        n = held / Fraction(bought["shares"])
        most = None if one.cap is None else one.cap * n
        return replace(
            one, owed=one.owed * n, shares=one.shares * n, cap=most, price=row.price, of=str(bought["class"])
        )
    if kind == "preferred":
        return _preferred(cells, row)
    if kind == "carve_out":
        return replace(row, tiers=tiers(cells.get("rate")), gross=cells.get("rate_of") == "gross")
    if kind in ("note", "safe"):
        return replace(row, shares=_number(cells, "as_converted"))
    return row


def _preferred(cells: Mapping[str, Any], row: Row) -> Row:
    """Preferred stock by its columns: what it is owed, converts into, and gets at most."""
    held, accrued, issued = (_number(cells, name) for name in ("shares", "accrued", "original_issue_price"))
    dividends, on_conversion = held * accrued, cells.get("dividends_on_conversion", "forfeited")
    owed, converting = row.owed, row.owed
    if "preference" in cells:
        owed = converting = _number(cells, "preference")
    else:
        owed = held * issued * _number(cells, "preference_multiple", 1) + dividends
        converting = held * issued + (dividends if on_conversion == "converted" else ZERO)
    shares = _number(cells, "as_converted") or held * _number(cells, "conversion_ratio")
    if "conversion_price" in cells:
        shares = converting / _number(cells, "conversion_price")
    word, cap = cells.get("participation", "none"), None
    if word == "capped":
        cap = _number(cells, "cap") + held * _number(cells, "cap_per_share")
        cap += held * issued * _number(cells, "cap_multiple")
        if cells.get("cap_includes_dividends") is False:
            cap += dividends
        owed = min(owed, cap)
    return replace(
        row,
        owed=owed,
        shares=shares,
        participates=word != "none",
        cap=cap,
        kept=dividends if on_conversion == "paid" else ZERO,
        vote=_vote(cells),
        converts_with=cells.get("converts_with"),
    )


def _vote(cells: Mapping[str, Any]) -> Vote | None:
    if cells.get("conversion_group") is None:
        return None
    needed = cells.get("conversion_vote", "> 50%")
    part = _rate(needed.lstrip("<=> ")) if isinstance(needed, str) else Fraction(str(needed))
    at_least = isinstance(needed, str) and needed.startswith(">=")
    return Vote(cells["conversion_group"], part, at_least, cells.get("converts_alone", True))


def _rate(text: str) -> Fraction:
    return Fraction(text.strip().rstrip("%")) / (100 if "%" in text else 1)


def tiers(rate: Any) -> tuple[tuple[Fraction | None, Fraction], ...]:
    """A carve-out's rate: a number, or its slices as text.

    >>> tiers("10% to 1,000; 5%")
    ((Fraction(1000, 1), Fraction(1, 10)), (None, Fraction(1, 20)))
    """
    if not isinstance(rate, str):
        return () if rate is None else ((None, Fraction(str(rate))),)
    parts = [part.replace(",", "").split(" to ") for part in rate.split(";")]
    return tuple((Fraction(end[0].strip()) if end else None, _rate(each)) for each, *end in parts)


def _against_the_count(cells: Mapping[str, Any], row: Row, rows: Sequence[Row]) -> Row:
    """What a note or safe converts into, which the count of the other rows decides; where a safe is cashed out."""
    if row.kind not in ("note", "safe"):
        return row
    counts = cells.get("cap_counts", "post_money" if row.kind == "safe" else "with_pool")
    count = {
        "pre_money": ("common", "preferred", "option", "warrant"),
        "with_pool": ("common", "preferred", "option", "warrant", "pool"),
        "without_pool": ("common", "preferred", "option", "warrant"),
        "common_only": ("common",),
    }
    amount, cap, discount = _number(cells, "amount"), _maybe(cells, "valuation_cap"), _maybe(cells, "discount")
    if row.kind == "safe" and row.rank is None:
        row = replace(row, rank=min((other.rank or ZERO for other in rows if other.kind == "preferred"), default=ZERO))
    if row.shares:
        return row
    if cap and counts == "post_money":
        return replace(row, part=amount / cap)
    if cap:
        base = sum(other.shares for other in rows if other.kind in count[counts]) if isinstance(counts, str) else counts
        return replace(row, shares=amount * Fraction(base) / cap)
    if discount:
        literal = cells.get("discount_reading", "literal") == "literal"
        return replace(row, worth=amount / (1 - discount), literal=literal)
    return row


def _maybe(cells: Mapping[str, Any], name: str) -> Fraction | None:
    value = cells.get(name)
    return None if value is None else Fraction(str(value))


def _number(cells: Mapping[str, Any], name: str, blank: int = 0) -> Fraction:
    return Fraction(str(cells[name])) if cells.get(name) is not None else Fraction(blank)


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
        at_rest.sort(key=self._eager)
        return _distinct(outcome for way in at_rest if (outcome := self.reached(way)))

    def _eager(self, way: Profile) -> tuple[int, list[int]]:
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
