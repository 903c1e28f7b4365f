"""What a preferred share is worth on paper: its liquidation preference, what of it converts, the most it may receive.

Liquidation, redemption, conversion and the cap table all start from these amounts, dollars a share.
"""

from __future__ import annotations

from decimal import Decimal

from xlcap.numbers import ZERO, exact
from xlcap.terms import Terms


@exact
def preference_a_share(terms: Terms, dividends: Decimal) -> Decimal:
    """The liquidation preference (PriceSmart IV(A), Valuestar B.1, Patron 6(a)).

    ``dividends`` are those the certificate adds: accrued and unpaid, or declared and unpaid. The multiple is of the
    base amount, or of the sum (AMB-PT2).
    """
    liquidation = terms.liquidation
    added = ZERO if liquidation.dividends == "none" else dividends
    if liquidation.multiple_base == "base_plus_dividends":
        return liquidation.preference_multiple * (terms.price_per_share + added)
    return liquidation.preference_multiple * terms.price_per_share + added


@exact
def converting_a_share(terms: Terms, dividends: Decimal) -> Decimal:
    """The amount the conversion price divides (PriceSmart VI.A, Valuestar D.1, Patron 3(c))."""
    conversion = terms.conversion
    base = conversion.reference_amount or terms.price_per_share
    if conversion.numerator == "liquidation_preference":
        base = preference_a_share(terms, ZERO)
    return base + dividends if conversion.dividends == "in_shares" else base


def kept_a_share(terms: Terms, dividends: Decimal) -> Decimal:
    """Dividends that a conversion leaves owed in dollars (Valuestar D.2; Patron 6(b) under AMB-PT16)."""
    return dividends if terms.conversion.dividends in ("paid_in_cash", "survive") else ZERO


@exact
def most_a_share(terms: Terms, dividends: Decimal) -> Decimal | None:
    """The most a share receives without converting, where participation is capped (Valuestar B.1, AMB-VS4).

    A preference above the cap, dividends having brought it there, is paid in full and shares in nothing.
    """
    liquidation = terms.liquidation
    cap = liquidation.participation_cap_amount
    if liquidation.participation_cap_multiple is not None:
        cap = liquidation.participation_cap_multiple * terms.price_per_share
    if cap is None:
        return None
    if not liquidation.cap_includes_dividends and liquidation.dividends != "none":
        cap += dividends
    return max(cap, preference_a_share(terms, dividends))
