"""The formulas by which one event changes a conversion price, each a fraction the price is multiplied by.

They are the texts' own formulas, with nothing else: no clause, no threshold, no rounding. ``price`` puts them in their
place in time; ``functions`` offers them singly.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from xlcap.errors import XlcapError
from xlcap.numbers import ONE, ZERO, exact, guarded, show


class Fraction(NamedTuple):
    """A price fraction kept as numerator and denominator, with the figures that entered it.

    ``pattern`` is the arithmetic in words, with the figures by name; they are put in only when somebody reads it. Where
    it ``replaces`` the price, it is the arithmetic of the new price itself.
    """

    numerator: Decimal
    denominator: Decimal
    pattern: str
    inputs: Mapping[str, Decimal]
    replaces: bool = False

    @property
    def formula(self) -> str:
        """The arithmetic, with its figures."""
        return self.pattern.format_map({name: show(value) for name, value in self.inputs.items()})

    @exact
    def apply(self, price: Decimal) -> Decimal:
        """The price times the fraction, multiplied before it is divided so that exact results stay exact."""
        return price * self.numerator / self.denominator

    @property
    @exact
    def value(self) -> Decimal:
        return self.numerator / self.denominator


def _above_zero(**values: Decimal) -> None:
    for name, value in values.items():
        if value <= 0:
            raise XlcapError(f"must be above zero; found {show(value)}", where=name, code="#NUM!")


@exact
def split(ratio: Decimal) -> Fraction:
    """``ratio`` new shares for each old one: CP / ratio."""
    _above_zero(ratio=ratio)
    return Fraction(ONE, ratio, "1 / {ratio}", {"ratio": ratio})


@exact
def stock_dividend(outstanding: Decimal, shares: Decimal) -> Fraction:
    """``shares`` paid on ``outstanding``: O / (O + N)."""
    _above_zero(common_outstanding=outstanding, shares=shares)
    formula = "{common_outstanding} / ({common_outstanding} + {shares})"
    return Fraction(outstanding, outstanding + shares, formula, {"common_outstanding": outstanding, "shares": shares})


@exact
def rights_as_shares(outstanding: Decimal, shares: Decimal, offer: Decimal, closing: Decimal) -> Fraction:
    """Rights counted as a dividend of the shares the offer price would not buy back at ``closing``: O / (O + N')."""
    _above_zero(common_outstanding=outstanding, shares=shares, closing_price=closing)
    free = max(ZERO, closing - offer)  # N' = N (c - p) / c, multiplied through by c
    below = "{common_outstanding} + {shares} × ({closing_price} − {price}) / {closing_price}"
    inputs = {"common_outstanding": outstanding, "shares": shares, "price": offer, "closing_price": closing}
    numerator = outstanding * closing
    return Fraction(numerator, numerator + shares * free, f"{{common_outstanding}} / ({below})", inputs)


@exact
def rights(outstanding: Decimal, shares: Decimal, offer: Decimal, closing: Decimal) -> Fraction | None:
    """Rights to buy ``shares`` at ``offer`` below ``closing``: (O + N p/c) / (O + N). None if they are not below."""
    _above_zero(common_outstanding=outstanding, shares=shares, closing_price=closing)
    if offer >= closing:
        return None
    # multiplied through by the closing price, so that N p/c is never rounded
    numerator = outstanding * closing + shares * offer
    denominator = (outstanding + shares) * closing
    formula = "({common_outstanding} + {shares} × {price} / {closing_price}) / ({common_outstanding} + {shares})"
    inputs = {"common_outstanding": outstanding, "shares": shares, "price": offer, "closing_price": closing}
    return Fraction(numerator, denominator, formula, inputs)


@exact
def distribution(market: Decimal, value: Decimal) -> Fraction | None:
    """Property worth ``value`` a share where the Common trades at ``market``: (M - F) / M. None if F is M or more."""
    _above_zero(current_market_price=market)
    if guarded(value) >= guarded(market):
        return None
    formula = "({current_market_price} − {value}) / {current_market_price}"
    return Fraction(market - value, market, formula, {"current_market_price": market, "value": value})


@exact
def tender_offer(
    market: Decimal,
    outstanding: Decimal,
    consideration: Decimal,
    purchased: Decimal,
    *,
    product_less_shares: bool = False,
) -> Fraction:
    """An offer that pays ``consideration`` for ``purchased`` shares: (M O - C) / (M (O - P)).

    ``product_less_shares`` reads the denominator as M O - P instead.
    """
    _above_zero(current_market_price=market, common_outstanding=outstanding)
    worth = market * outstanding
    if guarded(consideration) >= guarded(worth):
        raise XlcapError(
            f"the consideration ({show(consideration)}) is not below the market value of all Common ({show(worth)}); "
            "the formula would make the price zero or less",
            where="consideration",
            code="#NUM!",
        )
    denominator = worth - purchased if product_less_shares else market * (outstanding - purchased)
    if denominator <= 0:
        raise XlcapError(
            f"the shares purchased ({show(purchased)}) must be fewer than those outstanding ({show(outstanding)})",
            where="shares",
            code="#NUM!",
        )
    below = "{current_market_price} × {common_outstanding} − {shares}"
    if not product_less_shares:
        below = "{current_market_price} × ({common_outstanding} − {shares})"
    formula = f"({{current_market_price}} × {{common_outstanding}} − {{consideration}}) / ({below})"
    inputs = {
        "current_market_price": market,
        "common_outstanding": outstanding,
        "consideration": consideration,
        "shares": purchased,
    }
    return Fraction(worth - consideration, denominator, formula, inputs)


class Outstanding(NamedTuple):
    """The shares a weighted average counts before an issue.

    ``series_amount`` is what the protected series converts: its shares times the amount its conversion price divides.
    It counts as converted at that price. ``counts`` are the same shares by name, for whoever checks.
    """

    besides: Decimal
    series_amount: Decimal
    counts: Mapping[str, Decimal]

    @exact
    def at(self, price: Decimal) -> Decimal:
        """All of them, the series converted at ``price``."""
        return self.besides + self.series_amount / price


@exact
def weighted_average(
    price: Decimal,
    outstanding: Outstanding,
    shares: Decimal,
    consideration: Decimal,
    *,
    counted_at: Decimal | None = None,
    after: Decimal | None = None,
) -> Fraction:
    """``shares`` issued for ``consideration``: (O + C / price) / (O + S).

    The series counts as converted at ``price``, or at ``counted_at``. ``after`` stands for O + S where it was counted
    otherwise.
    """
    _above_zero(price=price, shares=shares)
    at = price if counted_at is None else counted_at
    # multiplied through by both prices, so that neither quotient is rounded
    before = outstanding.besides * at + outstanding.series_amount
    numerator = before * price + consideration * at
    denominator = (after * at if after is not None else before + shares * at) * price
    inputs = {
        "price": price,
        "consideration": consideration,
        "shares": shares,
        "outstanding": outstanding.at(at),
        **outstanding.counts,
    }
    below = "({outstanding} + {shares})"
    if after is not None:
        inputs, below = {**inputs, "outstanding_after": after}, "{outstanding_after}"
    return Fraction(numerator, denominator, f"({{outstanding}} + {{consideration}} / {{price}}) / {below}", inputs)


@exact
def weighted_average_after(
    price: Decimal, outstanding: Outstanding, shares: Decimal, consideration: Decimal
) -> Fraction:
    """The same where the series counts as converted at the price that results.

    That price x solves x = price (b + s / x + C / price) / (b + s / x + S), s being the series amount and b the rest:
    (b + S) x² + (s − price b − C) x − price s = 0, whose one root above zero it is.
    """
    _above_zero(price=price, shares=shares)
    b, s = outstanding.besides, outstanding.series_amount
    a, half = b + shares, (s - price * b - consideration) / 2
    root = ((half * half + a * price * s).sqrt() - half) / a
    fraction = weighted_average(price, outstanding, shares, consideration, counted_at=root)
    return fraction._replace(numerator=root, denominator=price)


@exact
def full_ratchet(price: Decimal, shares: Decimal, consideration: Decimal) -> Fraction:
    """``shares`` issued for ``consideration``: the effective price itself, C / S."""
    _above_zero(price=price, shares=shares)
    inputs = {"consideration": consideration, "shares": shares}
    return Fraction(consideration, price * shares, "{consideration} / {shares}", inputs, replaces=True)
