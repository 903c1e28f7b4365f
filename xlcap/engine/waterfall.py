"""Who is paid what at an exit: preferences by rank, and conversions decided together.

Everything follows from one number, the value v of a share of Common. Each row's payoff is a preference and a list of
kinks, values of v at which it begins, stops or begins again to share; a new kind of participation is a new list. Above
the sum of the preferences the payoffs' total is a rising line of straight pieces: sort the kinks, invert. Every holder
then does what is best at that v, so nobody gains by deciding otherwise. Below it, v is nothing and the preferences are
paid by rank. On a tie nobody converts.

A class that takes another with it when it converts (Valuestar D.11(i)) makes payoffs jump, and fall. There are then two
courses, it stays or both convert, each of them solved as above; it chooses, as one block, the one that pays it more.

The solver works in fractions of whole numbers, because a tie is exact or it is not there.
"""

from __future__ import annotations

import bisect
import itertools
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Literal, NamedTuple

from xlcap.captable import Holding, class_key
from xlcap.errors import XlcapError
from xlcap.numbers import ZERO, Rounding, apportion, exact, show
from xlcap.tables import header_name
from xlcap.terms.certificate import WithClass

_NONE = Fraction(0)
_SHARES = "shares in the rest"

Standing = Literal["free", "stays", "converts"]
"""Whether a row decides at the value of the Common, or its decision is settled."""


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
    kept: Fraction
    """Dividends still owed after a conversion (Valuestar D.2), in the rank of the preference they are a part of."""

    @property
    def clause(self) -> str:
        return self.holding.governed_by.liquidation.clause if self.holding.governed_by else ""

    @property
    def with_class(self) -> WithClass | None:
        """The class this one converts with."""
        return self.holding.governed_by.conversion.with_class if self.holding.governed_by else None


@dataclass(frozen=True)
class Unit:
    """The rows that decide as one: a series, or a single row."""

    label: str
    claims: tuple[Claim, ...]
    standing: Standing = "free"

    def owed(self, claim: Claim) -> Fraction:
        """What is paid before the Common shares in anything."""
        return claim.kept if self.standing == "converts" else claim.preference

    @cached_property
    def kinks(self) -> tuple[Kink, ...]:
        """Where the payoff bends: the payoff is what is owed plus, for each kink below v, shares x (v - kink)."""
        first = self.claims[0].holding
        common = sum((claim.common for claim in self.claims), _NONE)
        if not common:
            return ()
        if not first.is_preferred:
            return (Kink(Fraction(first.strike or 0), common, "exercised" if first.strike else _SHARES),)
        if self.standing == "converts":
            return (Kink(_NONE, common, _SHARES),)
        preference = sum((claim.preference for claim in self.claims), _NONE)
        kept = sum((claim.kept for claim in self.claims), _NONE)
        if first.share_in == "full":
            return (Kink(_NONE, common, _SHARES),)
        cap = Fraction(first.most) if first.most is not None else preference
        converting = Kink((cap - kept) / common, common, "converts", converts=True)
        kinks: tuple[Kink, ...] = () if self.standing == "stays" else (converting,)
        if cap > preference:
            reached = Kink((cap - preference) / common, -common, "reaches its cap")
            kinks = (Kink(_NONE, common, _SHARES), reached, *kinks)
        return kinks

    def converts(self, value: Fraction) -> bool:
        """Whether the rows give up their preference and convert at a value of the Common; not on a tie."""
        return self.standing == "converts" or any(kink.converts and value > kink.value for kink in self.kinks)

    def payoffs(self, value: Fraction) -> list[Fraction]:
        """What each row gets where everything owed before the Common is paid."""
        if self.converts(value):
            return [claim.kept + claim.common * value for claim in self.claims]
        sharing = sum((kink.shares * (value - kink.value) for kink in self.kinks if value > kink.value), _NONE)
        # rows of several claims have no sharing but by converting; see _units
        return [claim.preference + sharing for claim in self.claims]


def _claim(holding: Holding) -> Claim:
    if holding.kind_word in ("convertible", "debt", "cost", "carve_out", "note", "safe"):
        raise holding.fault("a waterfall does not know debt: state the row as the stock it has become", "kind")
    if _is_reserve(holding):
        return Claim(holding, _NONE, _NONE, _NONE)
    if not holding.is_preferred:
        return Claim(holding, _NONE, Fraction(holding.shares), _NONE)
    return Claim(holding, Fraction(holding.owed), holding.converts_into, Fraction(holding.kept))


def _is_reserve(holding: Holding) -> bool:
    """Whether the row is the reserve for awards not granted, which nobody holds."""
    return header_name(holding.kind) == "pool"


def _units(
    claims: Sequence[Claim], staying: frozenset[int] = frozenset(), converting: frozenset[int] = frozenset()
) -> tuple[Unit, ...]:
    """The rows grouped by who decides: the rows of a series together, every other row for itself.

    Rows that share in what is above their preference decide singly; with the same terms a share they come out alike.
    So do the rows whose decision is settled.
    """
    together: dict[str, list[Claim]] = {}
    for claim in claims:
        holding = claim.holding
        alone = not holding.is_preferred or holding.share_in != "none" or holding.decides_alone
        alone = alone or holding.row in staying | converting
        together.setdefault(f"row {holding.row}" if alone else f"class {header_name(holding.class_)}", []).append(claim)
    units = []
    for members in together.values():
        first = members[0].holding
        standing: Standing = "stays" if first.row in staying else "converts" if first.row in converting else "free"
        units.append(Unit(first.class_ if len(members) > 1 else first.label, tuple(members), standing))
    return tuple(units)


class Bend(NamedTuple):
    """An exit at which the payoffs of one course bend."""

    proceeds: Fraction
    what: str
    who: str
    clause: str


class _Rank(NamedTuple):
    """What is owed before the Common in one rank: in all, and to each row."""

    rank: Decimal
    owed: Fraction
    claims: dict[int, Fraction]


class Course:
    """What happens at every exit, with some decisions settled and all others made at the value of the Common."""

    def __init__(self, units: Sequence[Unit]) -> None:
        self.units = tuple(units)
        self.unit_of = {claim.holding.row: unit for unit in self.units for claim in unit.claims}
        ranks: dict[Decimal, dict[int, Fraction]] = {}
        for unit in self.units:
            for claim in unit.claims:
                if owed := unit.owed(claim):
                    ranks.setdefault(claim.holding.rank, {})[claim.holding.row] = owed
        self._ranks = tuple(_Rank(rank, sum(ranks[rank].values(), _NONE), ranks[rank]) for rank in sorted(ranks)[::-1])
        self.owed = sum((rank.owed for rank in self._ranks), _NONE)
        bends: dict[Fraction, Fraction] = {_NONE: _NONE}
        for unit in self.units:
            for kink in unit.kinks:
                bends[kink.value] = bends.get(kink.value, _NONE) + kink.shares
        self._values = sorted(bends)
        self._slopes = list(itertools.accumulate(bends[value] for value in self._values))
        self._totals = [self.owed]
        for i in range(1, len(self._values)):
            step = self._slopes[i - 1] * (self._values[i] - self._values[i - 1])
            self._totals.append(self._totals[-1] + step)

    def _total(self, value: Fraction) -> Fraction:
        """The exit at which a share of Common is worth ``value``."""
        i = max(bisect.bisect_left(self._values, value) - 1, 0)
        return self._totals[i] + self._slopes[i] * (value - self._values[i])

    def value(self, proceeds: Fraction) -> Fraction:
        """The value of a share of Common at an exit; nothing where the preferences take everything."""
        if proceeds <= self.owed:
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

    def paid(self, proceeds: Fraction) -> dict[int, Fraction]:
        """What each row gets, by row."""
        if proceeds < self.owed:
            return dict.fromkeys(self.unit_of, _NONE) | self._stack(proceeds)
        value = self.value(proceeds)
        return {
            claim.holding.row: payoff
            for unit in self.units
            for claim, payoff in zip(unit.claims, unit.payoffs(value), strict=True)
        }

    def _stack(self, proceeds: Fraction) -> dict[int, Fraction]:
        """What is owed by rank, the highest first, equal ranks in proportion to it (PriceSmart II, IV; Valuestar B.2;
        Patron 6(b), 7)."""
        paid: dict[int, Fraction] = {}
        left = proceeds
        for rank in self._ranks:
            if left < rank.owed:
                part = left / rank.owed
                return paid | {row: owed * part for row, owed in rank.claims.items()}
            paid |= rank.claims
            left -= rank.owed
        return paid

    def bends(self) -> list[Bend]:
        """The exits at which a preference is filled and those of the kinks, in no order."""
        found = []
        filled = _NONE
        claims = [(unit, claim) for unit in self.units for claim in unit.claims]
        for rank in self._ranks:
            filled += rank.owed
            for unit, claim in claims:
                if claim.holding.row not in rank.claims:
                    continue
                what = "dividends" if unit.standing == "converts" else "preference"
                found.append(Bend(filled, f"{what} paid in full", claim.holding.label, claim.clause))
        found += [
            Bend(self._total(kink.value), kink.what, unit.label, unit.claims[0].clause)
            for unit in self.units
            for kink in unit.kinks
        ]
        return [bend for bend in found if bend.proceeds > 0]


class Link(NamedTuple):
    """A class that takes others with it when all of it converts."""

    name: str
    leading: frozenset[int]
    following: frozenset[int]
    clause: str


def _link(claims: Sequence[Claim]) -> Link | None:
    """The link there is between the rows of a cap table (Valuestar D.11(i)); one at most is modelled.

    A class that is not in the table, or cannot convert, takes nobody with it.
    """
    links: dict[str, list[Claim]] = {}
    for claim in claims:
        if claim.with_class and claim.with_class.linked_conversion:
            links.setdefault(class_key(claim.with_class.converting), []).append(claim)
    found = []
    for name, following in links.items():
        leading = _class(claims, name)
        if not leading or not all(claim.common for claim in leading):
            continue
        rule = following[0].with_class
        assert rule is not None  # as gathered above
        found.append(Link(leading[0].holding.class_, _rows(leading), _rows(following), rule.clause))
    if len(found) > 1 or any(link.leading & link.following for link in found):
        raise XlcapError(
            f"classes that take others with them when they convert: {', '.join(link.name for link in found)}; one is "
            "modelled, which follows none itself. Set conversion.with_class.linked_conversion = false in the others",
            where="cap_table",
            code="#NUM!",
        )
    return found[0] if found else None


def _class(claims: Sequence[Claim], name: str) -> list[Claim]:
    return [claim for claim in claims if claim.holding.is_preferred and class_key(claim.holding.class_) == name]


def _rows(claims: Iterable[Claim]) -> frozenset[int]:
    return frozenset(claim.holding.row for claim in claims)


def _by_qualified_event(claims: Sequence[Claim]) -> frozenset[int]:
    """The rows a qualified event converts: those whose certificate says so, and the class it is defined by."""
    converting = [claim for claim in claims if claim.with_class and claim.with_class.qualified_event]
    if not converting:
        raise XlcapError(
            "no certificate in the cap table speaks of a qualified event (conversion.with_class.qualified_event)",
            where="argument 'qualified_event'",
        )
    names = {class_key(claim.with_class.converting) for claim in converting if claim.with_class}
    together = {*converting, *(claim for name in names for claim in _class(claims, name))}
    while followers := {claim for claim in claims if claim not in together and _follows(claim, together)}:
        together |= followers
    for claim in sorted(together, key=lambda claim: claim.holding.row):
        if not claim.common:
            raise claim.holding.fault(
                "is blank: a qualified event converts this class too; give its conversion price, or the shares it "
                "converts into in 'as_converted'",
                "conversion_price",
            )
    return _rows(together)


def _follows(claim: Claim, converting: Collection[Claim]) -> bool:
    """Whether a class converts because those do."""
    rule = claim.with_class
    if rule is None or not rule.linked_conversion:
        return False
    return any(class_key(other.holding.class_) == class_key(rule.converting) for other in converting)


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
    """An exit at which somebody's part of the next dollar changes, or at which payoffs jump."""

    proceeds: Decimal
    what: str
    """Who does what."""
    who: str
    clause: str


class Waterfall:
    """A cap table made ready for any number of exits.

    In a ``qualified_event`` the classes it converts have no preference (Valuestar B.1, D.11(i)).
    """

    def __init__(self, holdings: Sequence[Holding], *, qualified_event: bool = False) -> None:
        self.holdings = tuple(holdings)
        self._claims = {holding.row: _claim(holding) for holding in holdings}
        claims = list(self._claims.values())
        self._converted = _by_qualified_event(claims) if qualified_event else frozenset()
        self._link = _link([claim for claim in claims if claim.holding.row not in self._converted])
        self._apart = Course(_units(claims, self._link.leading if self._link else frozenset(), self._converted))
        self._together = self._apart
        if self._link:
            linked = self._link.leading | self._link.following
            self._together = Course(_units(claims, converting=self._converted | linked))

    def _leaders(self, course: Course, proceeds: Fraction) -> Fraction:
        """What the class that takes others with it gets in all."""
        paid = course.paid(proceeds)
        return sum((paid[row] for row in self._link.leading), _NONE) if self._link else _NONE

    def _gain(self, proceeds: Fraction) -> Fraction:
        """What that class gains by converting; it does not on a tie."""
        return self._leaders(self._together, proceeds) - self._leaders(self._apart, proceeds)

    def _course(self, proceeds: Fraction) -> Course:
        return self._together if self._link and self._gain(proceeds) > 0 else self._apart

    @exact
    def payouts(self, proceeds: Decimal, *, cents: bool = True) -> list[Decimal]:
        """What each row gets, in the cap table's order; in cents the payouts add up to the proceeds."""
        exit_value = _exit(proceeds)
        return self._money(proceeds, self._course(exit_value).paid(exit_value), cents)

    def _money(self, proceeds: Decimal, paid: dict[int, Fraction], cents: bool) -> list[Decimal]:
        payouts = [_decimal(paid[holding.row]) for holding in self.holdings]
        return apportion(proceeds, payouts) if cents else payouts

    @exact
    def shares(self, proceeds: Decimal, *, cents: bool = True) -> tuple[Share, ...]:
        """What each row gets and why, in the cap table's order."""
        exit_value = _exit(proceeds)
        course = self._course(exit_value)
        value, paid = course.value(exit_value), course.paid(exit_value)
        result = []
        for holding, payout in zip(self.holdings, self._money(proceeds, paid, cents), strict=True):
            unit, claim = course.unit_of[holding.row], self._claims[holding.row]
            converts = unit.converts(value)
            if _is_reserve(holding):
                reason = "reserved for awards not granted: takes no part"
            elif exit_value < course.owed:
                reason = _short(unit, claim, paid[holding.row])
            else:
                reason = _reason(unit, claim, value, paid[holding.row])
            clause, because = self._linked(exit_value, course, claim)
            result.append(
                Share(
                    holding=holding,
                    preference=_decimal(claim.preference),
                    converts=converts,
                    common=_decimal(claim.common) if converts or not holding.is_preferred else ZERO,
                    payout=payout,
                    clause=clause or claim.clause,
                    reason="; ".join(filter(None, (reason, because))),
                )
            )
        return tuple(result)

    def _linked(self, proceeds: Fraction, course: Course, claim: Claim) -> tuple[str, str]:
        """The clause that settled a row's decision, and what there is to say of it."""
        row, link, rule = claim.holding.row, self._link, claim.with_class
        if row in self._converted:
            return rule.clause if rule else "", "a qualified event converts the class, without a preference"
        linked = course is self._together
        if link and row in link.following:
            return (link.clause, f"converts with {link.name}") if linked else ("", "")
        if link and row in link.leading:
            others = _joined([self._claims[other].holding.class_ for other in sorted(link.following)])
            stays, converts = (_figure(self._leaders(one, proceeds)) for one in (self._apart, self._together))
            if linked:
                return link.clause, f"{others} converts with it: {converts} for the class, {stays} if it stayed"
            return (
                "",
                f"converting, {others} with it ({link.clause}), would bring it {converts}, not more than {stays}",
            )
        if rule and rule.linked_conversion and not _class(list(self._claims.values()), class_key(rule.converting)):
            return "", f"no class '{rule.converting}' stands in the table to convert with ({rule.clause})"
        return "", ""

    def _switches(self) -> list[tuple[Fraction, bool]]:
        """The exits at which the class that takes others with it changes its mind, and whether it then converts.

        Its gain is a straight line between the bends of the two courses, and on past the last of them.
        """
        if not self._link:
            return []
        bends = sorted({_NONE, *(bend.proceeds for course in (self._apart, self._together) for bend in course.bends())})
        switches = []
        for low, high in itertools.pairwise([*bends, bends[-1] + 1]):
            before, after = self._gain(low), self._gain(high)
            later = low == bends[-1] and before != after and (before > 0) == (after < before)
            if before <= 0 < after or before > 0 >= after or later:
                switches.append((low - before * (high - low) / (after - before), after > before))
        return switches

    @exact
    def breakpoints(self) -> tuple[Breakpoint, ...]:
        """Every exit at which the split of the next dollar changes, and why."""
        found: dict[Fraction, list[Bend]] = {}
        start, course = _NONE, self._apart
        for end, converts in [*self._switches(), (None, False)]:
            for bend in course.bends():
                if bend.proceeds > start and (end is None or bend.proceeds < end):
                    found.setdefault(bend.proceeds, []).append(bend)
            if end is not None:
                found[end] = self._jump(end, converts)
                start, course = end, self._together if converts else self._apart
        return tuple(
            Breakpoint(
                _decimal(where),
                _by_name([(bend.who, bend.what) for bend in found[where]]),
                _joined([bend.who for bend in found[where]]),
                _joined([bend.clause for bend in found[where] if bend.clause]),
            )
            for where in sorted(found)
        )

    def _jump(self, proceeds: Fraction, converts: bool) -> list[Bend]:
        """What happens where a class converts and takes others with it, or stays again: the payoffs that jump."""
        assert self._link is not None  # without a link there are no switches
        said = []
        paid = [course.paid(proceeds) for course in (self._apart, self._together)]
        before, after = paid if converts else reversed(paid)
        for holding in self.holdings:
            row = holding.row
            words = []
            if row in self._link.leading:
                words.append("converts" if converts else "no longer converts")
            elif row in self._link.following:
                words.append(
                    f"converts with {self._link.name}" if converts else f"no longer converts with {self._link.name}"
                )
            if before[row] != after[row]:
                words.append(f"jumps from {_figure(before[row], 2)} to {_figure(after[row], 2)}")
            said += [Bend(proceeds, word, holding.label, self._link.clause) for word in words]
        return said


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


def _short(unit: Unit, claim: Claim, paid: Fraction) -> str:
    owed = unit.owed(claim)
    if not claim.holding.is_preferred or not owed:
        return "nothing is left after the preferences"
    if paid == owed:
        what = "dividends" if unit.standing == "converts" else "preference"
        return f"{what} of {_figure(owed)} paid in full"
    if not paid:
        return "nothing is left after the ranks above"
    return f"what is left for rank {show(claim.holding.rank)} is shared in proportion to preferences"


def _reason(unit: Unit, claim: Claim, value: Fraction, payoff: Fraction) -> str:
    each = _figure(value, 8)
    if not claim.holding.is_preferred:
        strike = Fraction(claim.holding.strike or 0)
        if strike and value <= strike:
            return f"a share at {each} is not above the exercise price {_figure(strike)}"
        return f"{_figure(claim.common)} × " + (f"({each} − {_figure(strike)})" if strike else each)
    as_converted = f"as converted {_figure(claim.common)} × {each} = {_figure(claim.common * value)}"
    if claim.kept:
        as_converted += f" plus dividends of {_figure(claim.kept)}"
    kept = f"the preference of {_figure(claim.preference)}"
    if unit.standing == "converts":
        return as_converted
    most = claim.holding.most
    if unit.converts(value):
        instead = f"more than the cap of {show(most)}" if most is not None else f"more than {kept}"
        return f"{as_converted}, {instead}"
    if payoff > claim.preference:
        capped = most is not None and payoff == Fraction(most)
        return f"{kept} and its share as converted" + (f", up to the cap of {_figure(payoff)}" if capped else "")
    if not claim.common or unit.standing == "stays":
        return kept
    return f"{kept}, {as_converted} is not more"
