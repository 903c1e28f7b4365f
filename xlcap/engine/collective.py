"""Conversions that are not each holder's own: a class that takes others with it, a vote, a qualified event.

At most one such decision is modelled: in what order several are taken, the documents do not say.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from fractions import Fraction
from typing import NamedTuple

from xlcap.captable import Vote, class_key
from xlcap.engine.claims import Claim, total
from xlcap.errors import XlcapError
from xlcap.tables import header_name


class Voter(NamedTuple):
    """Who decides by what its rows gain in all, and with how many votes."""

    rows: tuple[int, ...]
    votes: Fraction


class Collective(NamedTuple):
    """Rows that decide together whether they convert, and the rows that convert with them."""

    name: str
    leading: frozenset[int]
    following: frozenset[int]
    clause: str
    voters: tuple[Voter, ...]
    vote: Vote | None = None
    """None: the class decides as one block, by what it gains in all."""
    bound: frozenset[int] = frozenset()
    """Of the leading rows, those that convert by this decision alone."""

    @property
    def votes(self) -> Fraction:
        """All there are."""
        return total(voter.votes for voter in self.voters)

    def in_favour(self, gain: Callable[[Sequence[int]], Fraction]) -> Fraction:
        """The votes of those who gain by converting all; who gains nothing is against it."""
        return total(voter.votes for voter in self.voters if gain(voter.rows) > 0)

    def decides(self, gain: Callable[[Sequence[int]], Fraction]) -> bool:
        """Whether all convert, given what rows gain by it together."""
        in_favour = self.in_favour(gain)
        if self.vote is None:
            return bool(in_favour)
        needed = self.vote.fraction * self.votes
        return bool(in_favour) and (in_favour >= needed if self.vote.at_least else in_favour > needed)


def collective(claims: Sequence[Claim], converted: frozenset[int] = frozenset()) -> Collective | None:
    """The collective decision between the rows of a cap table: a class others convert with (Valuestar D.11(i)), or a
    group with a vote.

    ``converted`` rows have no decision left, but may be what a voter gains by. A class that is not in the table, or
    cannot convert, takes nobody with it.
    """
    deciding = [claim for claim in claims if claim.row not in converted]
    found = [*_votes(deciding, claims), *_links(deciding)]
    voting = frozenset(row for one in found if one.vote for row in one.leading)
    if voting:  # a class that follows one of a group follows the group
        followers = frozenset(
            row for one in found if not one.vote and one.leading <= voting for row in one.following - voting
        )
        found = [
            one._replace(following=one.following | followers) if one.vote else one
            for one in found
            if one.vote or not one.leading <= voting
        ]
    if len(found) > 1 or any(one.leading & one.following for one in found):
        raise XlcapError(
            f"classes convert together by {'; and by '.join(_told(one, claims) for one in found)}. Only one such "
            "decision can be worked out, by a class that follows no other: the documents do not say in what order "
            "several are taken. Leave the others out: 'conversion_group' or 'converts_with' blank, or in a block of "
            "terms conversion.with_class.linked_conversion FALSE",
            where="cap_table",
            code="#NUM!",
        )
    return found[0] if found else None


def _told(one: Collective, claims: Sequence[Claim]) -> str:
    """Who decides how, and who goes along, for an error."""
    rows = one.leading if one.vote else one.following
    classes = ", ".join(dict.fromkeys(claim.holding.class_ for claim in claims if claim.row in rows))
    if one.vote:
        return f"the vote of the group '{one.name}' ({classes})"
    return f"the decision of {one.name}, which takes {classes} along" + (f" ({one.clause})" if one.clause else "")


def _votes(deciding: Sequence[Claim], claims: Sequence[Claim]) -> list[Collective]:
    groups: dict[str, list[Claim]] = {}
    for claim in deciding:
        if claim.holding.vote is not None:
            groups.setdefault(header_name(claim.holding.vote.group), []).append(claim)
    found = []
    for members in groups.values():
        for claim in members:
            if not claim.common:
                raise claim.holding.fault(
                    "is blank: the group's vote converts this class too; give its conversion price, its ratio, or the "
                    "shares it converts into in 'as_converted'",
                    "conversion_price",
                )
        vote = members[0].holding.vote
        assert vote is not None  # as gathered above
        bound = _rows(claim for claim in members if not (claim.holding.vote and claim.holding.vote.alone))
        found.append(Collective(vote.group, _rows(members), frozenset(), "", _voters(members, claims), vote, bound))
    return found


def _links(claims: Sequence[Claim]) -> list[Collective]:
    links: dict[str, list[Claim]] = {}
    for claim in claims:
        if claim.with_class and claim.with_class.linked_conversion:
            links.setdefault(class_key(claim.with_class.converting), []).append(claim)
    found = []
    for name, following in links.items():
        leading = of_class(claims, name)
        if not leading or not all(claim.common for claim in leading):
            continue
        rule = following[0].with_class
        assert rule is not None  # as gathered above
        name, rows = leading[0].holding.class_, _rows(leading)
        as_one = Voter(tuple(sorted(rows)), total(claim.common for claim in leading))
        found.append(Collective(name, rows, _rows(following), rule.clause, (as_one,), bound=rows))
    return found


def _voters(members: Sequence[Claim], claims: Sequence[Claim]) -> tuple[Voter, ...]:
    """A holder votes its shares of the group as converted, by what all it holds gains; a row without one, itself."""
    votes: dict[str, Fraction] = {}
    for claim in members:
        name = _voter(claim)
        votes[name] = votes.get(name, Fraction(0)) + claim.common
    return tuple(Voter(tuple(c.row for c in claims if _voter(c) == name), votes[name]) for name in votes)


def _voter(claim: Claim) -> str:
    holder = claim.holding.holder
    return f"holder {holder.strip().lower()}" if holder else f"row {claim.row}"


def of_class(claims: Iterable[Claim], name: str) -> list[Claim]:
    """The rows of a class of preferred stock."""
    return [claim for claim in claims if claim.holding.is_preferred and class_key(claim.holding.class_) == name]


def _rows(claims: Iterable[Claim]) -> frozenset[int]:
    return frozenset(claim.row for claim in claims)


def by_qualified_event(claims: Sequence[Claim]) -> frozenset[int]:
    """The rows a qualified event converts: those whose certificate says so, and the class it is defined by."""
    converting = [claim for claim in claims if claim.with_class and claim.with_class.qualified_event]
    if not converting:
        raise XlcapError(
            "no certificate in the cap table speaks of a qualified event (conversion.with_class.qualified_event)",
            where="argument 'qualified_event'",
        )
    names = {class_key(claim.with_class.converting) for claim in converting if claim.with_class}
    together = {claim.row: claim for claim in [*converting, *(c for name in names for c in of_class(claims, name))]}
    while more := [c for c in claims if c.row not in together and _follows(c, together.values())]:
        together |= {claim.row: claim for claim in more}
    for _, claim in sorted(together.items()):
        if not claim.common:
            raise claim.holding.fault(
                "is blank: a qualified event converts this class too; give its conversion price, or the shares it "
                "converts into in 'as_converted'",
                "conversion_price",
            )
    return frozenset(together)


def _follows(claim: Claim, converting: Collection[Claim]) -> bool:
    """Whether a class converts because those do."""
    rule = claim.with_class
    if rule is None or not rule.linked_conversion:
        return False
    return any(class_key(other.holding.class_) == class_key(rule.converting) for other in converting)
