"""Single adjustments, for a quick question without a certificate: full precision, no threshold, no rounding."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from xlcap.engine import adjustment
from xlcap.functions.arguments import Number
from xlcap.functions.registry import function

TOPIC = "Single adjustments"


@function(TOPIC)
def split_adjusted_price(
    price: Annotated[Number, "conversion price before the split, dollars a share"],
    ratio: Annotated[Number, "new shares for each old one: 2 is two for one, 0.1 is one for ten"],
) -> Decimal:
    """Conversion price after a subdivision or combination of the Common: price / ratio.

    >>> split_adjusted_price(Decimal(20), Decimal(2))
    Decimal('10')
    """
    return adjustment.split(ratio).apply(price)
