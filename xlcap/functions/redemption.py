"""Redemption: the price of a share, who is called, and the instalments."""

from decimal import Decimal
from typing import Annotated, Any

from xlcap.engine import redemption
from xlcap.functions.arguments import Amount, Amounts, Certificate, Date, Holdings, Positive, Yes
from xlcap.functions.registry import function
from xlcap.numbers import ZERO

TOPIC = "Redemption"


@function(TOPIC)
def redemption_price(
    terms: Certificate,
    redemption_date: Annotated[Date, "Redemption Date"],
    senior_paid: Annotated[
        Yes, "TRUE if senior dividends of all past periods are paid or set apart; needed where the terms ask for it"
    ]
    | None = None,
    accrued: Annotated[Amount, "dividends accumulated and unpaid on a share to that date, dollars"] = ZERO,
) -> Decimal:
    """Redemption price of a share: a multiple of the base amount and accumulated dividends, dollars, not rounded.

    Source: PriceSmart V.A; Valuestar and Patron have no redemption. Dividends the liquidation preference does not
    contain are added where the terms say so (redemption.dividends). Errors: a date before the first on which the shares
    may be redeemed (the draft leaves it open, "July __, 2008": fill it in in a block of terms), or before the first
    instalment; senior dividends not paid.

    >>> from xlcap.functions import call
    >>> block = [["id", "PRICESMART-B"], ["redemption.first_date", "2008-07-09"]]
    >>> call("REDEMPTION_PRICE", [block, "2008-08-15", True, 9.75])
    1009.75
    """
    return redemption.price_a_share(terms, redemption_date, accrued, senior_paid=senior_paid)


@function(TOPIC)
def redemption_schedule(
    terms: Certificate,
    shares: Annotated[Amount, "preferred shares outstanding before the first instalment"],
    accrued: Annotated[Amounts, "unpaid dividends on a share, dollars; a range: one for each instalment"] = (ZERO,),
) -> list[list[Any]]:
    """A redemption in instalments: for each date the shares redeemed, the price, the amount, and the shares left.

    Source: the instalments of the section ``redemption``; none of PriceSmart, Valuestar and Patron has them. Each is a
    fraction of the shares then outstanding; a part of a share waits for the next. Errors: terms without instalments; a
    count that is negative or no whole number.

    >>> from xlcap.functions import call
    >>> block = [["id", "PRICESMART-B"], ["redemption.first_date", "none"], ["redemption.kind", "holder_put"],
    ...          ["redemption.instalments.a.date", "2008-07-09"], ["redemption.instalments.a.fraction", "1/2"],
    ...          ["redemption.instalments.b.date", "2009-07-09"], ["redemption.instalments.b.fraction", 1]]
    >>> [row[1:] for row in call("REDEMPTION_SCHEDULE", [block, 101])[1:]]
    [[50.0, 1000.0, 50000.0, 51.0], [51.0, 1000.0, 51000.0, 0.0]]
    """
    dividends = [amount or ZERO for amount in accrued]
    return [["Date", "Shares", "Price", "Amount", "Left"], *map(list, redemption.schedule(terms, shares, dividends))]


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
    for count in holdings[: max(row for row, count in enumerate(holdings, 1) if count is not None)]:
        if count is None:
            rows.append([None] * 4)
        else:
            lot = next(called)
            rows.append([lot.held, lot.redeemed, lot.left, lot.amount])
    return rows
