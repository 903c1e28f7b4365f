"""The liquidation preference of a share, which liquidation, redemption and conversion all start from."""

from __future__ import annotations

from decimal import Decimal

from xlcap.errors import XlcapError
from xlcap.numbers import ZERO, exact, show
from xlcap.terms import Terms


@exact
def preference_a_share(terms: Terms, accumulated: Decimal) -> Decimal:
    """A share's liquidation preference (IV(A)): the base amount and the dividends accumulated and unpaid."""
    if accumulated < 0:
        raise XlcapError(
            f"must be zero or more; found {show(accumulated)}", where="argument 'accumulated'", code="#NUM!"
        )
    liquidation = terms.liquidation
    added = accumulated if liquidation.dividends == "accrued" else ZERO
    return terms.price_per_share * liquidation.preference_multiple + added
