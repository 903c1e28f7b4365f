"""Who is paid what at an exit and why: the figures of ``exits`` with the words of ``reasons``."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from xlcap.captable import Holding
from xlcap.engine.claims import is_reserve, shares_of, total
from xlcap.engine.exits import Exits, as_exit, decided, decimal
from xlcap.engine.reasons import Reasons, first_dollars, happening
from xlcap.numbers import ZERO, exact
from xlcap.records import record
from xlcap.tables import column


@record
class Stage:
    """One payment of proceeds that are paid in stages."""

    row: int
    payment: str = column("what it is: closing, escrow release, earn-out")
    amount: Decimal = column("dollars paid to all holders together", least=0)


class Share(NamedTuple):
    """What one row gets at one exit, and the step that decided it."""

    holding: Holding
    preference: Decimal
    """What it is owed before the Common shares in anything."""
    converts: bool
    common: Decimal
    payout: Decimal
    participation: Decimal
    """What of the payout is above what it is owed, where it does not convert."""
    multiple: Decimal | None
    """Payout on the money paid in."""
    clause: str
    reason: str


class Breakpoint(NamedTuple):
    """An exit at which somebody's part of the next dollar changes, or at which payoffs jump."""

    proceeds: Decimal
    what: str
    """Who does what."""
    who: str
    clause: str
    why: str
    """The same in a sentence or two."""
    next_dollar: tuple[Decimal, ...]
    """Each row's share of it, in the cap table's order."""


class Waterfall(Exits):
    """A cap table made ready for any number of exits, which says why."""

    @exact
    def shares(self, proceeds: Decimal, *, cents: bool = True) -> tuple[Share, ...]:
        """What each row gets and why, in the cap table's order."""
        exit_value = as_exit(proceeds)
        course = self.course(exit_value)
        position, paid = course.position(exit_value), course.paid(exit_value)
        reasons = Reasons(self, exit_value, course)
        result = []
        for holding, payout in zip(self.holdings, self._money(proceeds, paid, cents), strict=True):
            unit, claim = course.unit_of[holding.row], self.claims[holding.row]
            converts = decided(course, holding.row, position)
            clause, reason = reasons.of(claim)
            owed = total(due.in_all for due in unit.dues if due.row == holding.row)
            common = next(c.common for c in unit.claims if c.row == holding.row)
            if holding.underlying is not None and unit.converts(position.value):
                common = shares_of(holding, self.holdings)
            carved = total(carve.at(exit_value) for carve in self.carveouts if carve.row == holding.row)
            shown = holding.kind == "common" or converts
            paid_in = holding.paid_in
            shares_in = holding.share_in != "none" and not converts
            result.append(
                Share(
                    holding=holding,
                    preference=decimal(claim.preference or owed + carved),
                    converts=converts,
                    common=decimal(common) if shown and not is_reserve(holding) else ZERO,
                    payout=payout,
                    participation=max(payout - decimal(owed), ZERO) if shares_in else ZERO,
                    multiple=payout / paid_in if paid_in else None,
                    clause=clause,
                    reason=reason,
                )
            )
        return tuple(result)

    @exact
    def breakpoints(self, *, from_zero: bool = False) -> tuple[Breakpoint, ...]:
        """Every exit at which the split of the next dollar changes, and why; with nothing itself, if asked for."""
        before, found = self.stretches[0], []
        if from_zero:
            shares = tuple(decimal(share) for share in before.next_dollar)
            found.append(Breakpoint(ZERO, *first_dollars(self, before), shares))
        regions = {region.start for region in self.regions}
        for stretch, (where, _, bends) in zip(self.stretches[1:], self.bends(), strict=True):
            meets = before.meets(stretch)
            if meets and before.splits_as(stretch):  # decided otherwise, and nothing comes of it
                continue
            told = happening(self, stretch, bends, before if where in regions or not meets else None)
            found.append(Breakpoint(decimal(where), *told, tuple(decimal(share) for share in stretch.next_dollar)))
            before = stretch
        return tuple(found)
