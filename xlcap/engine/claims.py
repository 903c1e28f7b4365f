"""What each row of a cap table can be paid: what it is owed before the Common, and where its share of the rest bends.

A payoff is a list of amounts owed in tiers and a list of kinks, values of a share of Common at which the row begins,
stops or begins again to share. A new kind of instrument is a new list; nothing else in the waterfall changes.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum
from fractions import Fraction
from functools import cached_property
from typing import Literal, NamedTuple

from xlcap.captable import Holding
from xlcap.numbers import ZERO, quotient
from xlcap.tables import header_name
from xlcap.terms.certificate import WithClass

NONE = Fraction(0)
SHARES = "shares in the rest"
CAPPED = "reaches its cap"
CONVERTS = "converts"
EXERCISED = "exercised"
RETURNED = "has its exercise price back"

Standing = Literal["free", "stays", "converts"]
"""Whether a row decides at the value of the Common, or its decision is settled."""

Strikes = Literal["added", "included"]
"""Whether what is paid on exercise comes on top of the proceeds, or is in them already."""


class Phase(IntEnum):
    """In what order the proceeds are paid; the greater first."""

    COST = 5
    DEBT = 4
    CARVE_OUT = 3
    PREFERENCE = 2
    REST = 1
    """Owed out of what is left, ahead of the Common: a conversion at a discount."""


class Tier(NamedTuple):
    """A rank within a phase; the greater is paid first, equal ones share in proportion to what they are owed."""

    phase: Phase
    seniority: Decimal


class Due(NamedTuple):
    """An amount owed to a row in a tier."""

    row: int
    tier: Tier
    amount: Fraction
    start: Fraction = NONE
    """The part of the tier that is paid before the row begins to take part: a warrant's strike over the preference."""

    @property
    def in_all(self) -> Fraction:
        """What the row has got when the tier is paid in full."""
        return self.amount * (1 - self.start) if self.start else self.amount


class Kink(NamedTuple):
    """At ``value`` a share of Common, so many more shares (or fewer) take part in what is above it."""

    value: Fraction
    shares: Fraction
    what: str
    converts: bool = False
    returned: Fraction = NONE
    """Dollars paid at this very value first: exercise prices that are in the proceeds already."""


class Claim(NamedTuple):
    """One row of the cap table as the waterfall sees it: what it is owed, and shares of Common instead."""

    holding: Holding
    tier: Tier
    preference: Fraction
    common: Fraction
    kept: Fraction = NONE
    """Dividends still owed after a conversion (Valuestar D.2), in the rank of the preference they are a part of."""
    instead: Fraction | None = None
    """Converting at a discount is worth this amount, whatever the shares (a note or SAFE without a cap)."""

    @property
    def row(self) -> int:
        """Its row in the cap table."""
        return self.holding.row

    @property
    def clause(self) -> str:
        """The section of its certificate."""
        return self.holding.governed_by.liquidation.clause if self.holding.governed_by else ""

    @property
    def with_class(self) -> WithClass | None:
        """The class this one converts with."""
        return self.holding.with_class

    @property
    def kind(self) -> str:
        """The kind of the row, one word."""
        return self.holding.kind


@dataclass(frozen=True)
class Unit:
    """The rows that decide as one: a series, or a single row."""

    label: str
    claims: tuple[Claim, ...]
    standing: Standing
    dues: tuple[Due, ...]
    kinks: tuple[Kink, ...]

    @cached_property
    def owed(self) -> Fraction:
        """All it is paid before the Common shares in anything."""
        return total(due.in_all for due in self.dues)

    @cached_property
    def _lines(self) -> list[tuple[Fraction, Fraction, Fraction]]:
        """What a single row gets where everything owed is paid: above a value, shares x value + amount; last first."""
        shares, amount, lines = NONE, self.owed, []
        for kink in sorted(self.kinks, key=lambda kink: kink.value):
            shares += kink.shares
            amount += kink.returned - kink.shares * kink.value
            lines.append((kink.value, shares, amount))
        return lines[::-1]

    def converts(self, value: Fraction) -> bool:
        """Whether the rows give up what they are owed and convert at a value of the Common; not on a tie."""
        return self.standing == "converts" or any(kink.converts and value > kink.value for kink in self.kinks)

    def exercised(self, value: Fraction, part: Fraction = NONE) -> bool:
        """Whether options or warrants are exercised, for which everything owed is paid."""
        return bool(self.owed) or any(
            value > kink.value or (value == kink.value and bool(kink.returned * part)) for kink in self.kinks
        )

    def payoffs(self, value: Fraction, part: Fraction) -> list[Fraction]:
        """What each row gets where everything owed is paid; ``part`` of what is returned at this very value is."""
        if len(self.claims) > 1:  # rows that decide together share in nothing but by converting
            if self.converts(value):
                return [claim.kept + claim.common * value for claim in self.claims]
            return [due.in_all for due in self.dues]
        paid = self.owed
        for start, shares, amount in self._lines:
            if value > start:
                paid = shares * value + amount if amount else shares * value
                break
        if part:
            paid += part * total(kink.returned for kink in self.kinks if kink.value == value)
        return [paid]

    def above(self, value: Fraction, part: Fraction, *, returns: bool) -> Iterator[tuple[int, Fraction, Fraction]]:
        """What each row gets just above a value, and the shares by which it rises, or what is returned of it there."""
        converts = self.standing == "converts" or any(kink.converts and value >= kink.value for kink in self.kinks)
        if len(self.claims) > 1 and converts:
            for claim in self.claims:
                yield claim.row, claim.kept + claim.common * value, NONE if returns else claim.common
            return
        if returns:
            rising = total(kink.returned for kink in self.kinks if kink.value == value)
        else:
            rising = next((shares for start, shares, _ in self._lines if value >= start), NONE)
        for claim, payoff in zip(self.claims, self.payoffs(value, part), strict=True):
            yield claim.row, payoff, rising


def is_reserve(holding: Holding) -> bool:
    """Whether the row is the reserve for awards not granted, which nobody holds."""
    return holding.kind == "pool"


def is_option(holding: Holding) -> bool:
    """Whether the row is exercised at a price."""
    return holding.kind in ("option", "warrant")


def total(amounts: Iterable[Fraction]) -> Fraction:
    """A sum of fractions."""
    rest = iter(amounts)
    return sum(rest, next(rest, NONE))


def in_order(number: Fraction) -> tuple[float, Fraction]:
    """What fractions are sorted by: a float orders as the fraction does, and equal floats are told apart by it."""
    try:
        return float(number), number
    except OverflowError:
        return math.inf, number


def claim_of(holding: Holding, holdings: Sequence[Holding]) -> Claim:
    """A row of the cap table with what it is owed and what it converts into."""
    kind, rank = holding.kind, holding.rank
    owed, common = quotient(holding.owed), holding.converts_into
    if kind == "convertible":
        raise holding.fault(
            "a waterfall needs its terms: state it as a note, a safe or a debt, or as the stock it has become", "kind"
        )
    if kind == "cost":
        return Claim(holding, Tier(Phase.COST, ZERO), owed, NONE)
    if kind == "debt":
        return Claim(holding, Tier(Phase.DEBT, rank), owed, NONE)
    if kind == "carve_out":
        phase = Phase.CARVE_OUT if holding.seniority is None else Phase.PREFERENCE
        return Claim(holding, Tier(phase, rank), owed, NONE)
    if kind == "pool":
        return Claim(holding, Tier(Phase.REST, ZERO), NONE, NONE)
    if kind == "note":
        common, instead = _conversion(holding, holdings)
        return Claim(holding, Tier(Phase.DEBT, rank), owed, common, instead=instead)
    if kind == "safe":
        common, instead = _conversion(holding, holdings)
        return Claim(holding, Tier(Phase.PREFERENCE, _cash_out_rank(holding, holdings)), owed, common, instead=instead)
    return Claim(holding, Tier(Phase.PREFERENCE, rank), owed, common, quotient(holding.kept))


def _cash_out_rank(holding: Holding, holdings: Sequence[Holding]) -> Decimal:
    """A SAFE's rank: stated, or that of the most junior preferred stock."""
    if holding.seniority is not None:
        return holding.seniority
    ranks = [other.rank for other in holdings if other.is_preferred]
    if ranks and holding.capitalization == "pre_money":
        raise holding.fault(
            "is blank: pre-money forms rank their cash-out with preferred stock in different ways; give the rank",
            "seniority",
        )
    return min(ranks, default=ZERO)


def _conversion(holding: Holding, holdings: Sequence[Holding]) -> tuple[Fraction, Fraction | None]:
    """Shares a note or SAFE converts into, or the amount a conversion at a discount is worth.

    A post-money SAFE has neither here: its shares depend on who else converts.
    """
    if holding.converts_into:
        return holding.converts_into, None
    amount = Fraction(holding.amount or 0)
    if holding.valuation_cap is not None:
        counts = holding.capitalization
        if counts == "post_money":
            return NONE, None
        base = Fraction(counts) if isinstance(counts, Decimal) else capitalization(holdings, counts)
        if not base:
            raise holding.fault("counts no shares to divide the cap by; give their number", "cap_counts")
        return amount * base / Fraction(holding.valuation_cap), None
    if holding.discount:
        return NONE, amount / (1 - Fraction(holding.discount))
    return NONE, None


def capitalization(holdings: Sequence[Holding], counts: str) -> Fraction:
    """The shares a valuation cap is divided by where they do not depend on who converts."""
    kinds = {
        "common_only": ("common",),
        "without_pool": ("common", "preferred", "option", "warrant"),
        "with_pool": ("common", "preferred", "option", "warrant", "pool"),
        "pre_money": ("common", "preferred", "option", "warrant"),
    }[counts]
    return total(shares_of(holding, holdings) for holding in holdings if holding.kind in kinds)


def shares_of(holding: Holding, holdings: Sequence[Holding]) -> Fraction:
    """A row as shares of Common: held, as converted, bought and converted, reserved."""
    if is_reserve(holding):
        return Fraction(holding.shares or 0)
    if is_option(holding) and holding.underlying is not None:
        return Fraction(holding.shares or 0) * underlying(holding, holdings).bare_converts_into
    return holding.converts_into


def underlying(holding: Holding, holdings: Sequence[Holding]) -> Holding:
    """The class whose shares a warrant buys; its rows must be alike, for the shares to be the same."""
    name = header_name(holding.underlying or "")
    rows = [other for other in holdings if other.is_preferred and header_name(other.class_) == name]
    first = rows[0]
    for other in rows[1:]:
        for what in ("bare_preference", "bare_converts_into", "bare_most"):
            if getattr(other, what) != getattr(first, what):
                raise holding.fault(
                    f"'{first.class_}' has shares of different terms (rows {first.row} and {other.row}); give the "
                    "shares the warrant buys a class of their own",
                    "underlying",
                )
    return first


def unit_of(label: str, claims: Sequence[Claim], standing: Standing, common: Mapping[int, Fraction]) -> Unit:
    """The rows that decide as one, with their decision settled or not.

    ``common`` has the shares of the rows for which they depend on who else converts.
    """
    first = claims[0].holding
    if common:
        claims = [claim._replace(common=common.get(claim.row, claim.common)) for claim in claims]
    shares = total(claim.common for claim in claims)
    if first.kind == "common":
        return Unit(label, tuple(claims), standing, (), (Kink(NONE, shares, SHARES),))
    if is_reserve(first):
        return Unit(label, tuple(claims), standing, (), ())
    if (instead := claims[0].instead) is not None:
        return _at_a_discount(label, claims[0], standing, instead)
    if standing == "converts":
        dues = tuple(Due(claim.row, claim.tier, claim.kept) for claim in claims)
        return Unit(label, tuple(claims), standing, dues, (Kink(NONE, shares, SHARES),))
    dues = tuple(Due(claim.row, claim.tier, claim.preference) for claim in claims)
    kept, preference = total(claim.kept for claim in claims), total(claim.preference for claim in claims)
    most = None if first.most is None else quotient(first.most)
    kinks = preferred_kinks(first.share_in, preference, kept, most, shares, stays=standing == "stays")
    return Unit(label, tuple(claims), standing, dues, kinks)


def _at_a_discount(label: str, claim: Claim, standing: Standing, instead: Fraction) -> Unit:
    """A note or SAFE without a cap, whose conversion is worth one amount at every price."""
    last = Tier(Phase.REST, ZERO)
    if standing == "converts":
        return Unit(label, (claim,), standing, (Due(claim.row, last, instead),), ())
    paid: tuple[Due, ...] = (Due(claim.row, claim.tier, claim.preference),)
    if claim.holding.discount_reading == "remainder" and instead > claim.preference:
        paid = (*paid, Due(claim.row, last, instead - claim.preference))
    return Unit(label, (claim,), standing, paid, ())


def preferred_kinks(
    share_in: str, preference: Fraction, kept: Fraction, most: Fraction | None, shares: Fraction, *, stays: bool
) -> tuple[Kink, ...]:
    """Where the payoff of preferred stock bends, its preference paid."""
    if not shares:
        return ()
    if share_in == "full":
        return (Kink(NONE, shares, SHARES),)
    cap = most if most is not None else preference
    given_up = cap - kept if kept else cap
    converting = Kink(given_up / shares, shares, CONVERTS, converts=True)
    kinks: tuple[Kink, ...] = () if stays else (converting,)
    if cap > preference:
        reached = Kink((cap - preference) / shares, -shares, CAPPED)
        kinks = (Kink(NONE, shares, SHARES), reached, *kinks)
    return kinks


def option_unit(claim: Claim, strikes: Strikes) -> Unit:
    """Options and warrants on the Common: the value above the strike, or with the strike where the proceeds have it."""
    strike, shares = quotient(claim.holding.strike or ZERO), claim.common
    returned = strike * shares if strikes == "included" else NONE
    kink = Kink(strike, shares, EXERCISED if strike else SHARES, returned=returned)
    return Unit(claim.holding.label, (claim,), "free", (), (kink,))


def warrant_unit(claim: Claim, bought: Holding, tier: Tier, standing: Standing) -> Unit:
    """Warrants on preferred stock: what a share of the class is worth above the strike.

    The shares bought have the terms of the class, without the dividends accrued on others. Where the preference is
    above the strike they are paid in its tier, from the part of it that makes a share worth the strike.
    """
    shares, strike = Fraction(claim.holding.shares or 0), Fraction(claim.holding.strike or 0)
    preference, common = bought.bare_preference, bought.bare_converts_into
    kinks: tuple[Kink, ...]
    if standing == "converts":
        preference, kinks = NONE, (Kink(NONE, common, SHARES),) if common else ()
    else:
        kinks = preferred_kinks(bought.share_in, preference, NONE, bought.bare_most, common, stays=standing == "stays")
    kinks = tuple(kink._replace(shares=kink.shares * shares) for kink in kinks)
    if preference > strike:
        due = Due(claim.row, tier, preference * shares, strike / preference)
        return Unit(claim.holding.label, (claim,), standing, (due,), kinks)
    return Unit(claim.holding.label, (claim,), standing, (), _above(preference * shares, kinks, strike * shares))


def _above(base: Fraction, kinks: Sequence[Kink], strike: Fraction) -> tuple[Kink, ...]:
    """The kinks of what a payoff, which begins at ``base``, is worth above a strike it does not begin above."""
    slope, worth, at = NONE, base, NONE
    ordered = sorted(kinks, key=lambda kink: kink.value)
    for i, kink in enumerate([*ordered, None]):
        reached = worth + slope * (kink.value - at) if kink else None
        if slope and (reached is None or reached > strike):
            return (Kink(at + (strike - worth) / slope, slope, EXERCISED), *ordered[i:])
        if kink and reached is not None:
            slope, worth, at = slope + kink.shares, reached, kink.value
    return ()
