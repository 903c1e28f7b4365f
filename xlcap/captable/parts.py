"""Parts of a whole as people write them in a cell: the tiers of a carve-out, the vote that converts a group."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from xlcap.errors import XlcapError

_AMOUNT = re.compile(r"\$?\s*(\d{1,3}(,\d{3})+|\d+)?(\.\d+)?")
_COMPARED = re.compile(r"(>=|≥|>)?\s*(.*)")


class Slice(NamedTuple):
    """One tier of a carve-out: a ``rate`` of the proceeds between ``start`` and ``end`` (None: without end)."""

    start: Fraction
    end: Fraction | None
    rate: Fraction


class Vote(NamedTuple):
    """A group of classes that converts by one vote: what it takes, and whether a class may convert without it."""

    group: str
    fraction: Fraction
    at_least: bool
    """Whether the very fraction is enough, or more than it is needed."""
    alone: bool


def read_tiers(text: str) -> tuple[Slice, ...]:
    """The tiers of a carve-out, one after the other from nothing up; after the last there is nothing more.

    >>> [(str(tier.end), str(tier.rate)) for tier in read_tiers("10% to 10,000,000; 5% to 20,000,000")]
    [('10000000', '1/10'), ('20000000', '1/20')]
    >>> read_tiers("0.08")[0].end is None
    True
    """
    tiers: list[Slice] = []
    start = Fraction(0)
    pieces = [piece.strip() for piece in text.strip().rstrip(";").split(";")]
    for piece in pieces:
        rate_text, _, end_text = piece.lower().partition(" to ")
        rate, end = _part(rate_text), _amount(end_text)
        if rate is None or (end_text and end is None):
            raise XlcapError(
                f"'{piece}' does not read as a rate or a tier; write 0.1 or 10%, or tiers such as "
                "'10% to 10,000,000; 5% to 20,000,000'"
            )
        if rate >= 1:
            raise XlcapError(f"must stay below 100%; found '{rate_text.strip()}'{_in_percent(rate_text)}")
        if end is None and len(tiers) + 1 < len(pieces):
            raise XlcapError(
                f"'{piece}' has no end, and a tier follows it; write where it ends, such as '10% to 10,000,000'"
            )
        if end is not None and end <= start:
            raise XlcapError(f"'{piece}' ends no higher than it begins; write the tiers from the lowest up")
        tiers.append(Slice(start, end, rate))
        start = end or start
    return tuple(tiers)


def read_vote(text: str) -> tuple[Fraction, bool]:
    """The part of the shares a vote needs, and whether just that is enough; without a sign more is needed.

    >>> [(str(part), at_least) for part, at_least in map(read_vote, ("> 50%", ">= 2/3", "0.5"))]
    [('1/2', False), ('2/3', True), ('1/2', False)]
    """
    compared = _COMPARED.fullmatch(text.strip())
    sign, rest = compared.groups() if compared else (None, "")
    at_least = sign in (">=", "≥")
    part = _part(rest)
    if part is None or not (0 < part <= 1 if at_least else 0 <= part < 1):
        raise XlcapError(
            f"'{text}' does not read as a vote; write '> 50%' or '>= 2/3', or a number such as 0.5 for more than that"
        )
    return part, at_least


def _part(text: str) -> Fraction | None:
    """A part of a whole: 0.1, 10% or 2/3."""
    text = text.strip()
    if text.endswith("%"):
        percent = _amount(text[:-1])
        return None if percent is None else percent / 100
    top, slash, bottom = text.partition("/")
    if not slash:
        return _amount(text)
    above, below = _amount(top), _amount(bottom)
    return above / below if above is not None and below else None


def _in_percent(text: str) -> str:
    """What a rate of 1 or more was to say, if it can be told: 12 is 0.12."""
    number = _amount(text)
    if number is None or number >= 100:
        return ""
    plain = text.strip(" $")
    return f"; write {Decimal(plain).scaleb(-2).normalize()} or {plain}%"


def _amount(text: str) -> Fraction | None:
    """A number as a person writes it, thousands separated or not; None if it is none."""
    text = text.strip()
    plain = text.lstrip("$").replace(",", "").strip()
    return Fraction(plain) if plain and _AMOUNT.fullmatch(text) else None
