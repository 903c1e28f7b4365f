"""What the preferred gets when the Common is paid something: its own dividend first, and a share as converted."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from xlcap.engine.conversion import Lot, conversion_count
from xlcap.engine.dividends import dividend_of, due_this_year, yearly
from xlcap.errors import XlcapError
from xlcap.numbers import ZERO, exact
from xlcap.terms import Terms
from xlcap.terms.certificate import Dividend, DividendParticipation


class Payment(NamedTuple):
    """What is paid on the Common."""

    a_share: Decimal
    """Dollars of cash a share of Common; shares of Common, where it is paid in Common."""
    in_common_stock: bool = False
    distributed: Decimal = ZERO
    """Value of property or securities distributed to the Common and all who share with it, dollars."""
    common_outstanding: Decimal | None = None
    others_as_converted: Decimal | None = None


class Part(NamedTuple):
    """What one holder of the preferred gets."""

    preferred: Decimal
    conversion_shares: Decimal
    preferential: Decimal
    as_converted: Decimal
    distributed: Decimal
    total: Decimal
    """Dollars in all."""
    common: Decimal
    """Shares of Common."""


def _sharing(terms: Terms) -> tuple[Dividend, DividendParticipation]:
    dividend = dividend_of(terms)
    if dividend.participation is None:
        raise XlcapError(
            "this certificate gives the series no share in what is paid on the Common",
            where=f"{terms.id}: dividend.participation",
            code="#N/A",
        )
    return dividend, dividend.participation


@exact
def participate(
    terms: Terms, paid: Payment, holders: Sequence[Sequence[Lot]], preferential_paid: Decimal = ZERO
) -> tuple[Part, ...]:
    """What each holder gets when the Common is paid something (Valuestar A.1, A.2; Patron 8(a), 8(b)).

    Cash: the dividend on a share of Common times the shares a holder would have on conversion. Other distributions: the
    same part of their whole value as those shares are of all that share. Common on Common: the conversion price is cut
    for it; the same shares are paid currently too only where the certificate is read so (AMB-PT9).
    """
    dividend, sharing = _sharing(terms)
    counts = [conversion_count(terms, lots) for lots in holders]
    converted = [count.whole if sharing.shares == "as_delivered" else count.exact for count in counts]
    first = due_this_year(terms, preferential_paid, ZERO)
    if paid.in_common_stock and dividend.junior_stock_free:
        first = ZERO
    each = _of_distribution(sharing, paid, sum(converted, ZERO))
    parts = []
    for lots, shares in zip(holders, converted, strict=True):
        preferred = sum((lot.preferred for lot in lots), ZERO)
        like = paid.a_share * shares if sharing.cash and not paid.in_common_stock else ZERO
        if sharing.participation_credit:
            like = max(like - yearly(terms) * preferred, ZERO)
        parts.append(
            Part(
                preferred=preferred,
                conversion_shares=shares,
                preferential=first * preferred,
                as_converted=like,
                distributed=each * shares,
                total=first * preferred + like + each * shares,
                common=paid.a_share * shares if paid.in_common_stock and sharing.double_benefit else ZERO,
            )
        )
    return tuple(parts)


def _of_distribution(sharing: DividendParticipation, paid: Payment, converted: Decimal) -> Decimal:
    """Dollars of a distribution other than cash that fall to each share as converted."""
    if not paid.distributed or not sharing.noncash:
        return ZERO
    if paid.common_outstanding is None:
        raise XlcapError("is required: it shares in what is distributed", where="argument 'common_outstanding'")
    others = ZERO
    if sharing.series_a_participates:
        if paid.others_as_converted is None:
            raise XlcapError(
                "is required: under these terms other preferred shares in distributions, as converted (0 if none)",
                where="argument 'others_as_converted'",
            )
        others = paid.others_as_converted
    among = paid.common_outstanding + converted + others
    return paid.distributed / among if among else ZERO


def note(terms: Terms, paid: Payment) -> str:
    """What a reader must know besides the figures: what is given twice, what is left out."""
    _, sharing = _sharing(terms)
    rules, said = terms.adjust, []
    if paid.in_common_stock and rules.stock_dividend:
        clause = rules.stock_dividend.clause
        said.append(
            f"paid in Common as well, although the conversion price is cut for the same dividend ({clause}): the "
            "holder gets it twice"
            if sharing.double_benefit
            else f"the conversion price is cut instead ({clause})"
        )
    if paid.distributed and sharing.noncash and rules.other_securities:
        clause = rules.other_securities.clause
        said.append(
            f"the company's own securities are set aside for conversion too ({clause}): the holder gets them twice"
            if sharing.double_benefit
            else f"the company's own securities are paid now and not set aside for conversion ({clause})"
        )
    if paid.others_as_converted and not sharing.series_a_participates:
        said.append("other preferred shares in nothing under these terms and is left out")
    return "; ".join(said)


def clauses(terms: Terms, paid: Payment) -> str:
    """The sections of the certificate the figures come from."""
    dividend, sharing = _sharing(terms)
    found = [dividend.clause, sharing.clause if paid.a_share else ""]
    found.append((sharing.noncash_clause or sharing.clause) if paid.distributed else "")
    return ", ".join(dict.fromkeys(clause for clause in found if clause))
