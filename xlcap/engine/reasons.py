"""The waterfall in words: why a row gets what it gets at an exit, and what happens where the split changes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from fractions import Fraction

from xlcap.captable import class_key
from xlcap.engine.claims import (
    CAPPED,
    CONVERTS,
    EXERCISED,
    NONE,
    RETURNED,
    SHARES,
    Claim,
    Phase,
    Tier,
    Unit,
    is_option,
    is_reserve,
    total,
)
from xlcap.engine.collective import Collective, of_class
from xlcap.engine.course import BEGINS, PAID, Bend, Course, Position
from xlcap.engine.exits import Exits, Stretch, decided, decimal
from xlcap.numbers import Rounding, show

_MANY = 8
"""More rows than this are counted, not named, where the next dollar is told."""


def figure(number: Fraction | Decimal, places: int = 6) -> str:
    """A count or an amount for a person to read; a price a share is given more places."""
    return show(Rounding(places)(number if isinstance(number, Decimal) else decimal(number)))


def joined(words: Sequence[str]) -> str:
    """Words in a row, each once."""
    return "; ".join(dict.fromkeys(word for word in words if word))


def _and(names: Sequence[str]) -> str:
    names = list(dict.fromkeys(names))
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


# --- one exit ---------------------------------------------------------------------------------------------------------


class Reasons:
    """Why each row gets what it gets at one exit."""

    def __init__(self, solved: Exits, proceeds: Fraction, course: Course) -> None:
        self._of, self._proceeds, self._course = solved, proceeds, course
        self._position = course.position(proceeds)
        self._paid = course.paid(proceeds)
        state = solved.settling.other(proceeds)
        taken = solved.settling.state(proceeds)
        self._stands = solved.settling.stands(taken, proceeds)
        self._other = solved.settling.course(state).paid(proceeds) if state else None

    def of(self, claim: Claim) -> tuple[str, str]:
        """The clause that settled a row's decision, and the step in words."""
        unit = self._course.unit_of[claim.row]
        paid = self._paid[claim.row]
        if is_reserve(claim.holding):
            reason = "reserved for awards not granted: takes no part"
        elif claim.holding.tiers:
            reason = self._carved(claim, paid)
        elif not self._course.settles_all(self._position):
            reason = self._short(unit, claim, paid)
        else:
            together = self._of.collective
            alone = together is None or claim.row not in together.leading
            reason = _reason(unit, claim, self._position, paid, alone=alone)
        clause, because = self._collectively(claim)
        said = [reason, because, self._would_convert(claim)]
        if claim.instead is not None and unit.standing == "stays" and self._of.settling.discounted == claim.row:
            said.append(
                f"converting at the discount is worth {figure(claim.instead)}, once more than that is left when "
                "everything owed is paid"
            )
        if not self._stands and claim.kind in ("preferred", "note", "safe"):
            said.append("no answer is stable here: whoever converts, another would rather decide otherwise")
        if self._other and self._other[claim.row] != paid:
            said.append(f"another answer is stable too, which pays this row {figure(self._other[claim.row], 2)}")
        return clause or claim.clause, joined(said)

    def _would_convert(self, claim: Claim) -> str:
        """What the next class to convert would get, the SAFEs converting into more for it."""
        course = self._of.settling.next_to_convert(self._proceeds, claim.row)
        if course is None or not self._course.settles_all(self._position):
            return ""
        return (
            f"if it converted, the SAFEs would have more shares and a share be worth "
            f"{figure(course.value(self._proceeds), 8)}: {figure(course.paid(self._proceeds)[claim.row])}, not more"
        )

    def _carved(self, claim: Claim, paid: Fraction) -> str:
        (carve,) = [c for level in self._course.levels for c in level.carved if c.row == claim.row]
        owed, base = carve.at(self._proceeds), max(self._proceeds - carve.deducted, NONE)
        rates = "; ".join(
            f"{figure(part.rate * 100)}%" + (f" to {figure(part.end)}" if part.end is not None else "")
            for part in carve.slices
        )
        of = "proceeds" if claim.holding.rate_of == "gross" else "left after costs and debts"
        words = f"{rates} of the {figure(base)} {of}: {figure(owed)}"
        if paid == owed:
            return words
        return f"{words}; {self._left() if paid else 'nothing is left after what is owed before it'}"

    def _short(self, unit: Unit, claim: Claim, paid: Fraction) -> str:
        owed = total(due.in_all for due in unit.dues if due.row == claim.row)
        if not owed:
            return "nothing is left after what is owed before it"
        if is_option(claim.holding):
            if not paid:
                return f"a share of {claim.holding.underlying} is not paid more than the exercise price"
            return f"{figure(paid)} above its exercise price, from the preference of the shares it buys"
        if paid == owed:
            return f"{owed_as(unit, claim)} of {figure(owed)} paid in full"
        if not paid:
            return "nothing is left after the ranks above"
        return f"of {figure(owed)} owed: {self._left()}"

    def _left(self) -> str:
        """What there is for a tier that is not paid in full."""
        level = self._course.levels[self._position.level]
        carved = total(carve.at(self._proceeds) for carve in level.carved)
        there_is = level.filled(self._position.part) + carved * self._position.part
        return (
            f"{figure(there_is)} is left for the {figure(level.amount + carved)} owed in its rank, shared in proportion"
        )

    def _collectively(self, claim: Claim) -> tuple[str, str]:
        """What a decision that is not the row's own has to do with its payout, and the clause."""
        row, rule, together = claim.row, claim.with_class, self._of.collective
        if row in self._of.converted:
            return rule.clause if rule else "", "a qualified event converts the class, without a preference"
        settling = self._of.settling
        state = settling.state(self._proceeds)
        if together and row in together.following:
            return (together.clause, f"converts with {together.name}") if state.together else ("", "")
        if together and row in together.leading:
            apart, as_one = (
                settling.course(settling.settled(self._proceeds, together=choice)).paid(self._proceeds)
                for choice in (False, True)
            )
            if together.vote is not None:
                return "", self._voted(claim, apart, as_one)
            stays, converts = (figure(total(paid[r] for r in together.leading)) for paid in (apart, as_one))
            others = joined([self._of.claims[other].holding.class_ for other in sorted(together.following)])
            if state.together:
                return together.clause, f"{others} converts with it: {converts} for the class, {stays} if it stayed"
            because = f" ({together.clause})" if together.clause else ""
            return "", f"converting, {others} with it{because}, would bring it {converts}, not more than {stays}"
        if rule and rule.linked_conversion and not of_class(self._of.claims.values(), class_key(rule.converting)):
            clause = f" ({rule.clause})" if rule.clause else ""
            return "", f"no class '{rule.converting}' stands in the table to convert with{clause}"
        return "", ""

    def _voted(self, claim: Claim, apart: dict[int, Fraction], as_one: dict[int, Fraction]) -> str:
        together = self._of.collective
        assert together is not None  # as asked above
        (voter,) = (voter for voter in together.voters if claim.row in voter.rows)
        before, after = (total(paid[row] for row in voter.rows) for paid in (apart, as_one))

        def gain(rows: Sequence[int]) -> Fraction:
            return total(as_one[row] - apart[row] for row in rows)

        if apart == as_one:
            return f"the vote of {together.name} changes nothing here: everybody gets the same either way"
        vote = "for" if after > before else "against"
        who = "its holder" if len(voter.rows) > 1 else "it"
        return (
            f"votes {vote} converting {together.name}, which would bring {who} {figure(after)} instead of "
            f"{figure(before)}; {voted(together, gain)}"
        )


def voted(together: Collective, gain: Callable[[Sequence[int]], Fraction]) -> str:
    """How a vote ends."""
    assert together.vote is not None  # asked of a group
    part, needed = together.in_favour(gain) / together.votes, figure(together.vote.fraction * 100, 2)
    in_favour = f"{figure(part * 100, 2)}% are for it"
    at_least = "" if together.vote.at_least else "more than "
    if together.decides(gain):
        return f"{in_favour} ({at_least}{needed}% needed): all convert"
    return f"{in_favour}, {at_least}{needed}% needed: no conversion by vote"


_OWED = {"debt": "debt", "cost": "cost", "note": "repayment", "safe": "cash-out amount", "carve_out": "carve-out"}


def owed_as(unit: Unit, claim: Claim, tier: Tier | None = None) -> str:
    """What a row is owed in a tier, by its name."""
    if claim.instead is not None and (unit.standing == "converts" or (tier and tier.phase is Phase.REST)):
        return "conversion at the discount"
    if unit.standing == "converts":
        return "dividends"
    if is_option(claim.holding):
        return "part of the preference"
    return _OWED.get(claim.kind, "preference")


def _reason(unit: Unit, claim: Claim, position: Position, payoff: Fraction, *, alone: bool) -> str:
    value, part = position.value, position.part
    each, kind = figure(value, 8), claim.kind
    if kind == "common":
        return f"{figure(claim.common)} × {each}"
    if is_option(claim.holding):
        return _option(unit, claim, value, part, payoff)
    if claim.instead is not None and unit.standing == "converts":
        amount, discount = Fraction(claim.holding.amount or 0), Fraction(claim.holding.discount or 0)
        return f"converts at the discount: {figure(amount)} ÷ (1 − {figure(discount)})"
    (converting,) = (c for c in unit.claims if c.row == claim.row)
    as_converted = f"as converted {figure(converting.common)} × {each} = {figure(converting.common * value)}"
    if claim.kept:
        as_converted += f" plus dividends of {figure(claim.kept)}"
    kept = f"the {_OWED.get(kind, 'preference')} of {figure(claim.preference)}"
    if claim.instead is not None and payoff > claim.preference:
        return f"{kept}, and what is left up to the {figure(claim.instead)} its conversion at the discount is worth"
    most = claim.holding.most
    if unit.standing == "converts":
        return as_converted + (f", more than {kept}" if kind in ("note", "safe") else "")
    if unit.converts(value):
        instead = f"more than the cap of {show(most)}" if most is not None else f"more than {kept}"
        return f"{as_converted}, {instead}"
    if payoff > claim.preference:
        if most is not None and payoff == Fraction(most):
            return f"{kept} and its share as converted, up to the cap of {figure(payoff)}"
        return f"{kept} and its share as converted, {figure(converting.common)} × {each}"
    if not converting.common and kind == "preferred":
        return f"{kept}; it has no conversion price, and does not convert"
    worth_more = converting.common * value + claim.kept > claim.preference
    if not converting.common or (unit.standing == "stays" and (worth_more or not alone)):
        return kept
    return f"{kept}, {as_converted} is not more"


def _option(unit: Unit, claim: Claim, value: Fraction, part: Fraction, payoff: Fraction) -> str:
    strike, shares = Fraction(claim.holding.strike or 0), Fraction(claim.holding.shares or 0)
    bought = claim.holding.underlying
    if bought is None:
        each = figure(value, 8)
        if strike and not unit.exercised(value, part):
            return f"a share at {each} is not above the exercise price {figure(strike)}"
        if any(kink.returned for kink in unit.kinks):
            return f"{figure(payoff)} for {figure(shares)} shares at {each}, the exercise price in the proceeds"
        return f"{figure(claim.common)} × " + (f"({each} − {figure(strike)})" if strike else each)
    if not payoff:
        return f"a share of {bought} is worth no more than the exercise price {figure(strike)}"
    each = figure(payoff / shares + strike, 8)
    return f"{figure(shares)} × ({each} − {figure(strike)}), a share of {bought} being worth {each}"


# --- where the split changes ------------------------------------------------------------------------------------------


def happening(
    solved: Exits, stretch: Stretch, bends: Sequence[Bend], before: Stretch | None
) -> tuple[str, str, str, str]:
    """Who does what at a breakpoint, who they are, the clauses, and the same in sentences.

    ``before`` is the stretch below it where the settled decisions are others than above.
    """
    said: list[tuple[str, str, str]] = []
    sentences: list[str] = []
    if before is not None:
        for label, what, clause, sentence in _settled_otherwise(solved, before, stretch):
            said += [(label, what, clause)] if label else []
            sentences += [sentence] if sentence else []
    # a tier that is paid, then what begins
    for bend in sorted(bends, key=lambda bend: bend.what != PAID):
        claim = bend.unit.claims[0]
        what = f"{owed_as(bend.unit, claim, bend.tier)} paid in full" if bend.what == PAID else _word(bend)
        said.append((bend.unit.label, what, claim.clause))
    sentences += _sentences(bends)
    names = dict.fromkeys(label for label, _, _ in said)
    what = "; ".join(
        f"{name}: {', '.join(dict.fromkeys(words for label, words, _ in said if label == name))}" for name in names
    )
    sentences.append(_next_dollar(solved, stretch))
    told = " ".join(dict.fromkeys(sentence for sentence in sentences if sentence))
    return what, joined(list(names)), joined([clause for _, _, clause in said]), told


def _word(bend: Bend) -> str:
    if bend.what == BEGINS:
        rate = bend.rate or NONE
        return f"claims {figure(rate * 100)}% of the proceeds from here" if rate else "claims no more of the proceeds"
    return bend.what


def _sentences(bends: Sequence[Bend]) -> list[str]:
    """What happens, the rows of a class that do the same told as one."""
    groups: dict[tuple[object, ...], list[Bend]] = {}
    for bend in bends:
        groups.setdefault((bend.what, bend.tier, bend.rate, bend.unit.claims[0].holding.class_), []).append(bend)
    told = []
    if paid := [group for group in groups.values() if group[0].what == PAID]:
        parts = [_paid(group) for group in paid]
        clause = joined([group[0].unit.claims[0].clause for group in paid])
        cited = f" ({clause})" if clause else ""
        words = f"{_and(parts)} {'is' if len(parts) == 1 else 'are'} paid in full here{cited}"
        told.append(words[0].upper() + words[1:] + ".")
    if sharing := [_name(group) for group in groups.values() if group[0].what == SHARES]:
        told.append(f"{_and(sharing)} {'begins' if len(sharing) == 1 else 'begin'} to share in what is left.")
    others = [group for group in groups.values() if group[0].what not in (PAID, SHARES)]
    # what a warrant's shares do is told after the class they are of
    others.sort(key=lambda group: group[0].unit.claims[0].holding.underlying or "")
    return told + [_sentence(group) for group in others]


def _name(group: Sequence[Bend]) -> str:
    """The row, or the class of rows that do the same."""
    return group[0].unit.label if len(group) == 1 else group[0].unit.claims[0].holding.class_


def _paid(group: Sequence[Bend]) -> str:
    """What is paid in full, whose it is, and how much."""
    unit, claim, tier = group[0].unit, group[0].unit.claims[0], group[0].tier
    if claim.holding.tiers:
        return f"the carve-out of {_name(group)} so far"
    amount = total(due.in_all for bend in group for due in bend.unit.dues if due.tier == tier)
    shown = f" ({figure(amount, 2)})" if amount else ""
    if is_option(claim.holding):
        return f"the preference of the shares {_name(group)} buys, less its exercise price{shown}"
    name = owed_as(unit, claim, tier)
    return f"{_name(group)}{shown}" if claim.kind in ("cost", "debt") else f"the {name} of {_name(group)}{shown}"


def _sentence(group: Sequence[Bend]) -> str:
    bend, label = group[0], _name(group)
    unit, claim = bend.unit, bend.unit.claims[0]
    claims = [claim for bend in group for claim in bend.unit.claims]
    each, bought = figure(bend.value, 8), claim.holding.underlying
    cited = f" ({claim.clause})" if claim.clause else ""
    cap = claim.holding.most and total(Fraction(c.holding.most or 0) for c in claims)
    if bought and bend.what in (CONVERTS, CAPPED):
        return f"So {'do' if bend.what == CONVERTS else 'have'} the shares {label} buys."
    if bend.what == CONVERTS:
        shares, kept = total(c.common for c in claims), total(c.kept for c in claims)
        gives_up = figure(total(c.preference for c in claims), 2)
        what = (
            f"the most it can get without converting, {figure(cap)}"
            if cap
            else f"the {owed_as(unit, claim)} of {gives_up} it gives up"
        )
        plus = f" and its dividends of {figure(kept, 2)}," if kept else ""
        return (
            f"{label} converts above this exit{cited}: its {figure(shares, 2)} shares as converted, at {each} "
            f"each,{plus} are worth exactly {what} here; above, they are worth more."
        )
    if bend.what == CAPPED:
        of = f" of {figure(cap)}" if cap else ""
        return f"{label} has reached its cap{of}{cited} and gets no more until converting pays more than the cap."
    if bend.what == EXERCISED:
        strike = figure(Fraction(claim.holding.strike or 0))
        share = f"a share of {bought}, without accrued dividends," if bought else "a share of Common"
        return f"It pays to exercise {label} above this exit: {share} is worth the exercise price of {strike} here."
    if bend.what == RETURNED:
        return f"The exercise price of {label}, which is in the proceeds, is paid back here; above they share alike."
    if bend.rate:
        return f"{label} claims {figure(bend.rate * 100)}% of the proceeds above this exit, in its turn."
    return f"{label} claims no more of the proceeds above this exit."


def _settled_otherwise(solved: Exits, before: Stretch, stretch: Stretch) -> list[tuple[str, str, str, str]]:
    """Whose settled decision changes at an exit, and whose payout jumps there: label, words, clause, sentence."""
    last, first = before.payouts(stretch.start), list(stretch.first)
    together = solved.collective
    found, jumps = [], []
    for i, holding in enumerate(solved.holdings):
        was, is_ = (decided(one.course, holding.row, one.course.position(one.middle)) for one in (before, stretch))
        tied = together is not None and holding.row in together.leading | together.following
        clause = together.clause if together and (tied or last[i] != first[i]) else ""
        if before.course is not stretch.course and was != is_ and not is_option(holding):
            word = "converts" if is_ else "no longer converts"
            if together and holding.row in together.following:
                word += f" with {together.name}"
            sentence = _changes_mind(solved, stretch, holding.row, last[i], converts=is_, clause=clause)
            found.append((holding.label, word, clause, sentence))
        if last[i] != first[i]:
            jump = f"from {figure(last[i], 2)} to {figure(first[i], 2)}"
            found.append((holding.label, f"jumps {jump}", clause, ""))
            jumps.append(f"{holding.label} {jump}")
    if jumps:
        counted = "; what the SAFEs convert into depends on who else converts" if solved.settling.safes else ""
        found.append(("", "", "", f"Payouts jump here: {', '.join(jumps)}{counted}."))
    return found


def _changes_mind(solved: Exits, stretch: Stretch, row: int, before: Fraction, *, converts: bool, clause: str) -> str:
    claim, together = solved.claims[row], solved.collective
    label, cited = claim.holding.label, f" ({clause})" if clause else ""
    if not converts:
        return f"{label} no longer converts above this exit{cited}."
    if together and row in together.following:
        return f"{label} converts with {together.name}{cited}."
    if together and row in together.leading:
        if together.vote is None:
            others = joined([solved.claims[other].holding.class_ for other in sorted(together.following)])
            return f"{label} converts above this exit{cited}, and takes {others} with it."
        return f"{label} converts above this exit, by the vote of {together.name}: {_vote(solved, stretch)}."
    (own,) = (c for c in stretch.course.unit_of[row].claims if c.row == row)
    if claim.instead is not None:
        amount, discount = Fraction(claim.holding.amount or 0), Fraction(claim.holding.discount or 0)
        return (
            f"Up to here {label} is paid {figure(before, 2)}; above, something is left when what its conversion is "
            f"worth is paid, and it gets {figure(claim.instead, 2)} ({figure(amount)} ÷ (1 − {figure(discount)}))."
        )
    each = figure(stretch.course.value(stretch.start), 8)
    return (
        f"{label} converts above this exit: its {figure(own.common, 2)} shares, at {each} each, are worth exactly the "
        f"{figure(before, 2)} it gets without converting; above, they are worth more."
    )


def _vote(solved: Exits, stretch: Stretch) -> str:
    """How the vote ends within a stretch."""
    apart, as_one = (
        solved.settling.course(solved.settling.settled(stretch.middle, together=choice)).paid(stretch.middle)
        for choice in (False, True)
    )
    together = solved.collective
    assert together is not None  # asked of a group
    return voted(together, lambda rows: total(as_one[row] - apart[row] for row in rows))


def first_dollars(solved: Exits, stretch: Stretch) -> tuple[str, str, str, str]:
    """Who is paid the first dollars: what, who, clauses, in sentences."""
    first = [holding for holding, share in zip(solved.holdings, stretch.next_dollar, strict=True) if share]
    who = joined([holding.label for holding in first])
    clause = joined([solved.claims[holding.row].clause for holding in first])
    return f"{_and([holding.label for holding in first])}: paid first", who, clause, _next_dollar(solved, stretch)


def _next_dollar(solved: Exits, stretch: Stretch) -> str:
    getting = [
        (holding.label, share) for holding, share in zip(solved.holdings, stretch.next_dollar, strict=True) if share
    ]
    if len(getting) > _MANY:
        return f"The next dollar is shared by {len(getting)} rows."
    shares = [f"{label} {figure(share * 100, 2)}%" for label, share in getting]
    curves = ", and from here payouts curve: each dollar is shared otherwise than the last" if stretch.curve else ""
    return f"Of the next dollar {_and(shares)}{curves}." if shares else ""
