"""Redemption: the price, who is called, what the funds allow, and in which instalments."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from xlcap.engine.conversion import check_preferred
from xlcap.errors import XlcapError
from xlcap.numbers import CENT, ONE, WHOLE, ZERO, apportion, exact, guarded, show
from xlcap.preference import preference_a_share
from xlcap.terms import Terms
from xlcap.terms.certificate import Redemption


def redemption_of(terms: Terms) -> Redemption:
    """The redemption clause of a certificate; without one the company cannot redeem."""
    if terms.redemption is None:
        raise XlcapError("these terms give no right to redeem", where=f"{terms.id}: redemption", code="#N/A")
    return terms.redemption


@exact
def price_a_share(
    terms: Terms, redemption_date: dt.date, accumulated: Decimal, *, senior_paid: bool | None = None
) -> Decimal:
    """The redemption price of a share (V.A): a multiple of its liquidation preference on the Redemption Date.

    Dividends the preference does not contain are added, where the clause says so. What is redeemed in instalments is
    not redeemed before the first of them.
    """
    redemption = redemption_of(terms)
    first = None if redemption.first_date is None else terms.settled(redemption.first_date, "redemption.first_date")
    if first is None and redemption.instalments:
        first = _instalments(terms, redemption)[0][0]
    if first is not None and redemption_date < first:
        raise XlcapError(
            f"the shares cannot be redeemed before {first} ({redemption.clause}); found {redemption_date}",
            where="argument 'redemption_date'",
            code="#NUM!",
        )
    if redemption.senior_dividends_current and not senior_paid:
        message = (
            "is required: TRUE if senior dividends of all past periods are paid or set apart"
            if senior_paid is None
            else "the shares cannot be redeemed while senior dividends of past periods are unpaid"
        )
        raise XlcapError(f"{message} ({redemption.clause})", where="argument 'senior_paid'", code="#NUM!")
    return _price(terms, redemption, accumulated)


def _price(terms: Terms, redemption: Redemption, accumulated: Decimal) -> Decimal:
    if redemption.base == "price_per_share":
        return redemption.multiple * terms.price_per_share + (accumulated if redemption.dividends else ZERO)
    bare, full = preference_a_share(terms, ZERO), preference_a_share(terms, accumulated)
    added = accumulated if redemption.dividends and full == bare else ZERO
    return redemption.multiple * full + added


def _instalments(terms: Terms, redemption: Redemption) -> list[tuple[dt.date, Fraction]]:
    """The instalments in the order of their dates: when, and which part of what is then outstanding."""
    found = []
    for name, instalment in redemption.instalments.items():
        key = f"redemption.instalments.{name}"
        found.append((terms.settled(instalment.date, f"{key}.date"), instalment.fraction))
    return sorted(found)


class Due(NamedTuple):
    """One instalment of a redemption."""

    date: dt.date
    shares: Decimal
    price: Decimal
    amount: Decimal
    left: Decimal


@exact
def schedule(terms: Terms, shares: Decimal, accumulated: Sequence[Decimal]) -> tuple[Due, ...]:
    """The instalments of a redemption: each a fraction of the shares then outstanding, in their order of dates.

    Whole shares, what does not fill one waiting for the next instalment, unless the terms redeem fractions.
    ``accumulated``: dividends on a share, for all instalments or for each.
    """
    redemption = redemption_of(terms)
    instalments = _instalments(terms, redemption)
    if not instalments:
        raise XlcapError("these terms redeem in no instalments", where=f"{terms.id}: redemption.instalments",
                         code="#N/A")  # fmt: skip
    check_preferred(terms, shares, "argument 'shares'")
    for_each = len(accumulated) >= len(instalments) and not any(accumulated[len(instalments) :])
    if len(accumulated) != 1 and not for_each:
        raise XlcapError(f"give one number, or one for each of the {len(instalments)} instalments; found "
                         f"{len(accumulated)}", where="argument 'accrued'")  # fmt: skip
    whole, left, rows = redemption.partial_rounding == "largest_remainder", shares, []
    for i, (day, fraction) in enumerate(instalments):
        part = left * fraction.numerator / fraction.denominator
        lot = WHOLE(part) if whole and fraction != 1 else part
        price = _price(terms, redemption, accumulated[i % len(accumulated)])
        left -= lot
        rows.append(Due(day, lot, price, CENT(lot * price), left))
    return tuple(rows)


class Called(NamedTuple):
    """One holder's part in a redemption."""

    held: Decimal
    redeemed: Decimal
    amount: Decimal | None

    @property
    def left(self) -> Decimal:
        return self.held - self.redeemed


@exact
def allocate(
    terms: Terms,
    holdings: Sequence[Decimal],
    shares: Decimal,
    price: Decimal | None = None,
    funds: Decimal | None = None,
) -> tuple[Called, ...]:
    """A redemption of ``shares`` among the holders, pro rata (V.B), no more than ``funds`` can pay (V.E).

    Whole shares by largest remainder, unless the terms call fractions. The amounts are in cents and add up to the price
    of all shares called.
    """
    whole = redemption_of(terms).partial_rounding == "largest_remainder"
    held = sum(holdings, ZERO)
    for number, holding in enumerate(holdings, 1):
        if holding < 0 or (whole and holding != holding.to_integral_value()):
            raise XlcapError(
                f"preferred shares are whole, zero or more; found {show(holding)}",
                where=f"argument 'holdings', number {number}",
                code="#NUM!",
            )
    if not 0 <= shares <= held or (whole and shares != shares.to_integral_value()):
        raise XlcapError(
            f"must be a number of whole shares from zero to the {show(held)} held; found {show(shares)}",
            where="argument 'shares'",
            code="#NUM!",
        )
    if price is not None and price <= 0:
        raise XlcapError(f"must be above zero; found {show(price)}", where="argument 'price'", code="#NUM!")
    if funds is not None:
        if price is None:
            raise XlcapError("is required: the funds are divided by it", where="argument 'price'")
        shares = min(shares, payable(funds, price, whole=whole))
    lots = apportion(shares, holdings, ONE) if whole else _pro_rata(shares, holdings, held)
    amounts = [None for _ in lots] if price is None else apportion(CENT(shares * price), lots)
    return tuple(Called(*row) for row in zip(holdings, lots, amounts, strict=True))


@exact
def payable(funds: Decimal, price: Decimal, *, whole: bool = True) -> Decimal:
    """The most shares that funds legally available can redeem (V.E), the price paid to the cent."""
    if funds < 0:
        raise XlcapError(f"must be zero or more; found {show(funds)}", where="argument 'funds'", code="#NUM!")
    most = WHOLE(funds / price) if whole else funds / price
    # the total is paid to the cent, which may round it up past the funds
    return most - 1 if whole and guarded(CENT(most * price)) > guarded(funds) else most


def _pro_rata(shares: Decimal, holdings: Sequence[Decimal], held: Decimal) -> list[Decimal]:
    return [shares * holding / held if held else ZERO for holding in holdings]
