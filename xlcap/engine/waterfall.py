"""Who is paid what at an exit: preferences by rank, and conversions decided together.

Everything follows from one number, the value v of a share of Common. Each row's payoff is a preference and a list of
kinks, values of v at which it begins, stops or begins again to share; a new kind of participation is a new list. Above
the sum of the preferences the payoffs' total is a rising line of straight pieces: sort the kinks, invert. Every holder
then does what is best at that v, so nobody gains by deciding otherwise. Below it, v is nothing and the preferences are
paid by rank. On a tie nobody converts.

The solver works in fractions of whole numbers, because a tie is exact or it is not there.
"""

from __future__ import annotations

import bisect
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import NamedTuple

from xlcap.captable import Holding
from xlcap.errors import XlcapError
from xlcap.numbers import ZERO, Rounding, apportion, exact, show
from xlcap.tables import header_name

_NONE = Fraction(0)
_SHARES = "shares in the rest"
_NOT_GRANTED = "reserved for awards not granted: takes no part"


class Kink(NamedTuple):
    """At ``value`` a share of Common, so many more shares (or fewer) take part in what is above it."""

    value: Fraction
    shares: Fraction
    what: str
    converts: bool = False


@dataclass(frozen=True)
class Claim:
    """One row of the cap table as the waterfall sees it: a preference, and shares of Common."""

    holding: Holding
    preference: Fraction
    common: Fraction

    @property
    def clause(self) -> str:
        return self.holding.governed_by.liquidation.clause if self.holding.governed_by else ""


@dataclass(frozen=True)
class Unit:
    """The rows that decide as one: a series, or a single row."""

    label: str
    claims: tuple[Claim, ...]

    @cached_property
    def preference(self) -> Fraction:
        return sum((claim.preference for claim in self.claims), _NONE)

    @cached_property
    def common(self) -> Fraction:
        return sum((claim.common for claim in self.claims), _NONE)

    @cached_property
    def kinks(self) -> tuple[Kink, ...]:
        """Where the payoff bends: the payoff is the preference plus, for each kink below v, shares x (v - kink)."""
        first, common = self.claims[0].holding, self.common
        if not common:
            return ()
        if not first.is_preferred:
            return (Kink(Fraction(first.strike or 0), common, "exercised" if first.strike else _SHARES),)
        match first.share_in:
            case "none":
                return (Kink(self.preference / common, common, "converts", converts=True),)
            case "full":
                return (Kink(_NONE, common, _SHARES),)
            case "capped":
                cap = Fraction(first.cap or 0)
                return (
                    Kink(_NONE, common, _SHARES),
                    Kink((cap - self.preference) / common, -common, "reaches its cap"),
                    Kink(cap / common, common, "converts", converts=True),
                )

    def converts(self, value: Fraction) -> bool:
        """Whether the rows give up their preference and convert at a value of the Common; not on a tie."""
        return any(kink.converts and value > kink.value for kink in self.kinks)

    def payoffs(self, value: Fraction) -> list[Fraction]:
        """What each row gets where every preference is paid."""
        if self.converts(value):
            return [claim.common * value for claim in self.claims]
        sharing = sum((kink.shares * (value - kink.value) for kink in self.kinks if value > kink.value), _NONE)
        # rows of several claims have no sharing but by converting; see _units
        return [claim.preference + sharing for claim in self.claims]


def _claim(holding: Holding) -> Claim:
    kind = header_name(holding.kind)
    if kind == "convertible":
        raise holding.fault("a waterfall does not know debt: state the row as the stock it has become", "kind")
    if kind == "pool":  # what is not granted is nobody's
        return Claim(holding, _NONE, _NONE)
    if not holding.is_preferred:
        return Claim(holding, _NONE, Fraction(holding.shares))
    common = _NONE
    if holding.as_converted is not None:
        common = Fraction(holding.as_converted)
    elif holding.conversion_price is not None:
        common = Fraction(holding.converting) / Fraction(holding.conversion_price)
    return Claim(holding, Fraction(holding.amount), common)


def _units(holdings: Sequence[Holding]) -> tuple[Unit, ...]:
    """The rows grouped by who decides: the rows of a series together, every other row for itself.

    Rows that share in what is above their preference decide singly; with the same terms a share they come out alike.
    """
    together: dict[str, list[Claim]] = {}
    for holding in holdings:
        alone = not holding.is_preferred or holding.share_in != "none" or holding.decides_alone
        together.setdefault(f"row {holding.row}" if alone else f"class {header_name(holding.class_)}", []).append(
            _claim(holding)
        )
    return tuple(
        Unit(claims[0].holding.class_ if len(claims) > 1 else claims[0].holding.label, tuple(claims))
        for claims in together.values()
    )


class Share(NamedTuple):
    """What one row gets at one exit, and the step that decided it."""

    holding: Holding
    preference: Decimal
    converts: bool
    common: Decimal
    payout: Decimal
    clause: str
    reason: str


class Breakpoint(NamedTuple):
    """An exit at which somebody's part of the next dollar changes."""

    proceeds: Decimal
    what: str
    """Who does what."""
    who: str
    clause: str


class Waterfall:
    """A cap table made ready for any number of exits."""

    def __init__(self, holdings: Sequence[Holding]) -> None:
        self.holdings = tuple(holdings)
        self._units = _units(holdings)
        self._claims = [claim for unit in self._units for claim in unit.claims]
        self._ranks = sorted({claim.holding.rank for claim in self._claims if claim.preference}, reverse=True)
        self._preferences = sum((unit.preference for unit in self._units), _NONE)
        bends: dict[Fraction, Fraction] = {_NONE: _NONE}
        for unit in self._units:
            for kink in unit.kinks:
                bends[kink.value] = bends.get(kink.value, _NONE) + kink.shares
        self._values = sorted(bends)
        self._slopes = list(itertools.accumulate(bends[value] for value in self._values))
        self._totals = [self._preferences]
        for i in range(1, len(self._values)):
            step = self._slopes[i - 1] * (self._values[i] - self._values[i - 1])
            self._totals.append(self._totals[-1] + step)

    def _total(self, value: Fraction) -> Fraction:
        """The exit at which a share of Common is worth ``value``."""
        i = max(bisect.bisect_left(self._values, value) - 1, 0)
        return self._totals[i] + self._slopes[i] * (value - self._values[i])

    def _value(self, proceeds: Fraction) -> Fraction:
        """The value of a share of Common at an exit that pays every preference."""
        if proceeds <= self._preferences:
            return _NONE
        i = bisect.bisect_left(self._totals, proceeds) - 1
        if not self._slopes[i]:
            left = _decimal(proceeds - self._totals[i])
            raise XlcapError(
                f"{show(left)} of the proceeds belong to nobody: no row shares in what is above the preferences",
                where="cap_table",
                code="#NUM!",
            )
        return self._values[i] + (proceeds - self._totals[i]) / self._slopes[i]

    def _stack(self, proceeds: Fraction) -> dict[int, Fraction]:
        """Preferences by rank, the highest first, equal ranks in proportion to them; by row (II, IV)."""
        paid: dict[int, Fraction] = {}
        left = proceeds
        for rank in self._ranks:
            claims = [claim for claim in self._claims if claim.holding.rank == rank]
            owed = sum((claim.preference for claim in claims), _NONE)
            given = min(left, owed)
            left -= given
            paid |= {claim.holding.row: claim.preference * given / owed if owed else _NONE for claim in claims}
        return paid

    def _paid(self, exit_value: Fraction, value: Fraction) -> dict[int, Fraction]:
        """What each row gets, by row."""
        if exit_value < self._preferences:
            return dict.fromkeys((claim.holding.row for claim in self._claims), _NONE) | self._stack(exit_value)
        paid: dict[int, Fraction] = {}
        for unit in self._units:
            for claim, payoff in zip(unit.claims, unit.payoffs(value), strict=True):
                paid[claim.holding.row] = payoff
        return paid

    def _money(self, proceeds: Decimal, paid: dict[int, Fraction], cents: bool) -> list[Decimal]:
        payouts = [_decimal(paid[holding.row]) for holding in self.holdings]
        return apportion(proceeds, payouts) if cents else payouts

    @exact
    def payouts(self, proceeds: Decimal, *, cents: bool = True) -> list[Decimal]:
        """What each row gets, in the cap table's order; in cents the payouts add up to the proceeds."""
        exit_value = _exit(proceeds)
        return self._money(proceeds, self._paid(exit_value, self._value(exit_value)), cents)

    @exact
    def shares(self, proceeds: Decimal, *, cents: bool = True) -> tuple[Share, ...]:
        """What each row gets and why, in the cap table's order."""
        exit_value = _exit(proceeds)
        value = self._value(exit_value)
        paid = self._paid(exit_value, value)
        payouts = self._money(proceeds, paid, cents)
        short = exit_value < self._preferences
        decided = {claim.holding.row: (unit, claim) for unit in self._units for claim in unit.claims}
        result = []
        for holding, payout in zip(self.holdings, payouts, strict=True):
            unit, claim = decided[holding.row]
            exact_payout = paid[holding.row]
            converts = unit.converts(value)
            result.append(
                Share(
                    holding=holding,
                    preference=_decimal(claim.preference),
                    converts=converts,
                    common=_decimal(claim.common) if converts or not holding.is_preferred else ZERO,
                    payout=payout,
                    clause=claim.clause,
                    reason=_short(claim, exact_payout) if short else _reason(unit, claim, value, exact_payout),
                )
            )
        return tuple(result)

    @exact
    def breakpoints(self) -> tuple[Breakpoint, ...]:
        """Every exit at which the split of the next dollar changes, and why."""
        found: dict[Fraction, list[tuple[str, str, str]]] = {}
        paid = _NONE
        for rank in self._ranks:
            claims = [claim for claim in self._claims if claim.holding.rank == rank and claim.preference]
            paid += sum((claim.preference for claim in claims), _NONE)
            for claim in claims:
                entry = ("preference paid in full", claim.holding.label, claim.clause)
                found.setdefault(paid, []).append(entry)
        for unit in self._units:
            for kink in unit.kinks:
                where = self._total(kink.value)
                if where > 0:
                    found.setdefault(where, []).append((kink.what, unit.label, unit.claims[0].clause))
        return tuple(
            Breakpoint(
                _decimal(where),
                _by_name([(who, what) for what, who, _ in found[where]]),
                _joined([who for _, who, _ in found[where]]),
                _joined([clause for _, _, clause in found[where] if clause]),
            )
            for where in sorted(found)
        )


def _exit(proceeds: Decimal) -> Fraction:
    if proceeds < 0:
        raise XlcapError(f"must be zero or more; found {show(proceeds)}", where="argument 'proceeds'", code="#NUM!")
    return Fraction(proceeds)


def _joined(words: Sequence[str]) -> str:
    return "; ".join(dict.fromkeys(words))


def _by_name(happenings: Sequence[tuple[str, str]]) -> str:
    """Who does what, each named once."""
    names = dict.fromkeys(who for who, _ in happenings)
    return "; ".join(f"{name}: {', '.join(what for who, what in happenings if who == name)}" for name in names)


def _decimal(number: Fraction) -> Decimal:
    return Decimal(number.numerator) / Decimal(number.denominator)


def _figure(number: Fraction, places: int = 6) -> str:
    """A count or an amount for a person to read; a price a share is given more places."""
    return show(Rounding(places)(_decimal(number)))


def _short(claim: Claim, paid: Fraction) -> str:
    if header_name(claim.holding.kind) == "pool":
        return _NOT_GRANTED
    if not claim.holding.is_preferred:
        return "nothing is left after the preferences"
    if paid == claim.preference:
        return f"preference of {_figure(claim.preference)} paid in full"
    if not paid:
        return "nothing is left after the ranks above"
    return f"what is left for rank {show(claim.holding.rank)} is shared in proportion to preferences"


def _reason(unit: Unit, claim: Claim, value: Fraction, payoff: Fraction) -> str:
    each = _figure(value, 8)
    if header_name(claim.holding.kind) == "pool":
        return _NOT_GRANTED
    if not claim.holding.is_preferred:
        strike = Fraction(claim.holding.strike or 0)
        if strike and value <= strike:
            return f"a share at {each} is not above the exercise price {_figure(strike)}"
        return f"{_figure(claim.common)} × " + (f"({each} − {_figure(strike)})" if strike else each)
    as_converted = f"{_figure(claim.common)} × {each} = {_figure(claim.common * value)}"
    kept = f"the preference of {_figure(claim.preference)}"
    if unit.converts(value):
        instead = f"more than the cap of {show(claim.holding.cap)}" if claim.holding.cap else f"more than {kept}"
        return f"as converted {as_converted}, {instead}"
    if payoff > claim.preference:
        capped = claim.holding.cap is not None and payoff == Fraction(claim.holding.cap)
        return f"{kept} and its share as converted" + (f", up to the cap of {_figure(payoff)}" if capped else "")
    return f"{kept}, as converted {as_converted} is not more" if claim.common else kept
