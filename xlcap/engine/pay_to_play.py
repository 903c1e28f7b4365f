"""Pay-to-play: what becomes of the shares of holders who do not buy their part of a round."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from xlcap.engine.conversion import Basis, Lot, check_preferred, conversion_count
from xlcap.errors import XlcapError
from xlcap.numbers import WHOLE, ZERO, exact
from xlcap.preference import converting_a_share
from xlcap.records import record
from xlcap.tables import column, place
from xlcap.terms import Terms
from xlcap.terms.certificate import PayToPlay


@record
class Participant:
    """One holder in a round."""

    row: int
    holder: str = column("who holds the shares")
    shares: Decimal = column("preferred shares held", least=0)
    entitled: Decimal = column("the holder's part of the round, as offered, in shares or dollars", least=0)
    bought: Decimal = column("what the holder bought of it, in the same unit; blank: nothing", default=ZERO, least=0)
    price: Decimal | None = column(
        "conversion price of the holder's shares, where they convert at it", default=None, above=0
    )


class Outcome(NamedTuple):
    """What a holder keeps, and what the rest becomes."""

    holder: str
    kept: Decimal
    converted: Decimal
    into: str
    received: Decimal
    fraction: Decimal
    """Part of a share that is paid in cash, where the certificate does so."""


@exact
def take_part(terms: Terms, participants: Sequence[Participant]) -> tuple[Outcome, ...]:
    """The outcome for each holder."""
    rule = terms.pay_to_play
    if rule is None:
        raise XlcapError("these terms ask no holder to take part in a round", where=f"{terms.id}: pay_to_play",
                         code="#N/A")  # fmt: skip
    return tuple(_outcome(terms, rule, holder) for holder in participants)


def _outcome(terms: Terms, rule: PayToPlay, holder: Participant) -> Outcome:
    check_preferred(terms, holder.shares, place("holders", holder.row, "shares"))
    lost = _lost(rule, holder)
    if not lost:
        return Outcome(holder.holder, holder.shares, ZERO, "", ZERO, ZERO)
    count = conversion_count(terms, [Lot(lost, *_exchange(terms, rule, holder))])
    in_cash = terms.conversion.fraction.rounding == "cash"
    return Outcome(
        holder.holder,
        holder.shares - lost,
        lost,
        rule.convert_to,
        count.whole,
        count.rounded - count.below if in_cash else ZERO,
    )


def _lost(rule: PayToPlay, holder: Participant) -> Decimal:
    """The shares that lose their rights; of a part, whole shares: what does not fill one stays with the holder."""
    if holder.bought >= holder.entitled:
        return ZERO
    if rule.shortfall == "all":
        return holder.shares
    return WHOLE(holder.shares * (holder.entitled - holder.bought) / holder.entitled)


def _exchange(terms: Terms, rule: PayToPlay, holder: Participant) -> tuple[Decimal, Basis]:
    """What is divided by what: the certificate's conversion at the holder's price, or a fixed number of shares."""
    if rule.ratio is not None:
        return Decimal(rule.ratio.denominator), Basis(Decimal(rule.ratio.numerator), ZERO)
    if holder.price is None:
        raise XlcapError(f"is blank: the shares convert at the conversion price ({rule.clause})",
                         where=place("holders", holder.row, "price"))  # fmt: skip
    return holder.price, Basis(converting_a_share(terms, ZERO), ZERO)
