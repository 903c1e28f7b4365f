"""Redemption at the company's option: the price of a share, and who is called."""

from decimal import Decimal
from typing import Annotated, Any

from xlcap.engine import redemption
from xlcap.functions.arguments import Amount, Certificate, Date, Holdings, Positive, Yes
from xlcap.functions.registry import function
from xlcap.numbers import ZERO

TOPIC = "Redemption"


@function(TOPIC)
def redemption_price(
    terms: Certificate,
    redemption_date: Annotated[Date, "Redemption Date"],
    senior_paid: Annotated[Yes, "TRUE if senior dividends of all past periods are paid or set apart"],
    accrued: Annotated[Amount, "dividends accumulated and unpaid on a share to that date, dollars"] = ZERO,
) -> Decimal:
    """Redemption price of a share: a multiple of the base amount and accumulated dividends, dollars, not rounded.

    Source: PriceSmart V.A. Errors: a date before the first on which the company may redeem (the draft leaves it open,
    "July __, 2008": fill it in in a block of terms); senior dividends not paid.

    >>> from xlcap.functions import call
    >>> block = [["id", "PRICESMART-B"], ["redemption.first_date", "2008-07-09"]]
    >>> call("REDEMPTION_PRICE", [block, "2008-08-15", True, 9.75])
    1009.75
    """
    return redemption.price_a_share(terms, redemption_date, accrued, senior_paid=senior_paid)


@function(TOPIC)
def redemption_allocation(
    terms: Certificate,
    holdings: Annotated[Holdings, "shares of each holder, a column"],
    shares: Annotated[Amount, "shares to be redeemed"],
    price: Annotated[Positive, "redemption price of a share, for the amounts"] | None = None,
    funds: Annotated[Amount, "funds legally available; they limit the shares redeemed"] | None = None,
) -> list[list[Any]]:
    """A redemption of part of the shares, pro rata among holders: shares called, left, and the amount for each holder.

    Source: PriceSmart V.B, V.E. Whole shares by largest remainder, no more than the funds can pay; amounts in cents
    that add up. Errors: counts that are no whole numbers; more shares than are held.

    >>> from xlcap.functions import call
    >>> [row[1] for row in call("REDEMPTION_ALLOCATION", ["PRICESMART-B", [[100], [50], [50]], 33])]
    ['Redeemed', 17.0, 8.0, 8.0]
    """
    filled = [count for count in holdings if count is not None]
    called = iter(redemption.allocate(terms, filled, shares, price, funds))
    rows: list[list[Any]] = [["Held", "Redeemed", "Left", "Amount"]]
    for count in holdings:
        if count is None:
            rows.append([None] * 4)
        else:
            lot = next(called)
            rows.append([lot.held, lot.redeemed, lot.left, lot.amount])
    return rows
