"""The one module that owns numbers: how precisely they are computed, how they are rounded, how money is shared out.

Prices and money are ``Decimal`` with 50 digits. A quotient such as 1/3 cannot be held exactly, so everything that
looks at a last digit (a rounding, a threshold, "at least") first drops the ten guard digits: what is exactly 8.875 on
paper is then exactly 8.875 here, although it was reached through thirds.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import (
    ROUND_CEILING,
    ROUND_FLOOR,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    Context,
    Decimal,
    getcontext,
    localcontext,
)
from fractions import Fraction
from typing import Literal, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

CONTEXT = Context(prec=50, rounding=ROUND_HALF_EVEN)
_GUARD = Context(prec=40, rounding=ROUND_HALF_EVEN)
_SHOWN = Context(prec=15, rounding=ROUND_HALF_EVEN)
_NEAR = Context(prec=13, rounding=ROUND_HALF_EVEN)
_CELL_ERROR = Decimal("2e-14")  # of a figure reached from a few that came through cells, each off by up to 5e-15

ZERO = Decimal(0)
ONE = Decimal(1)

_MODES = {"nearest": ROUND_HALF_UP, "up": ROUND_CEILING, "down": ROUND_FLOOR}


def exact(function: Callable[P, R]) -> Callable[P, R]:
    """Run a function at the precision of this module, whatever the caller's decimal context is."""

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        if getcontext().prec == CONTEXT.prec:  # an outer function has seen to it
            return function(*args, **kwargs)
        with localcontext(CONTEXT):
            return function(*args, **kwargs)

    return run


def quotient(amount: Decimal, by: Decimal = ONE) -> Fraction:
    """``amount / by``, all of it, as a fraction.

    >>> quotient(Decimal("5"), Decimal("1.5")), quotient(Decimal("0.25"))
    (Fraction(10, 3), Fraction(1, 4))
    """
    (top, bottom), (over, under) = amount.as_integer_ratio(), by.as_integer_ratio()
    return Fraction(top * under, bottom * over)


def guarded(value: Decimal) -> Decimal:
    """``value`` without its guard digits: what comparisons and roundings look at.

    >>> with localcontext(CONTEXT):
    ...     guarded(Decimal(1) / 3 * 3)
    Decimal('1.000000000000000000000000000000000000000')
    """
    return _GUARD.plus(value)


def as_shown(value: Decimal) -> Decimal:
    """``value`` to the digits that cells can carry: what is rounded, or cut to whole shares, where figures came so.

    A dividend of 10/3 that another formula computed arrives as 3.33333333333333, a conversion price of 12/7 as
    1.71428571428571, and what is exactly a tie or a whole number on paper must not be lost by that.

    >>> as_shown(3 * Decimal("1003.33333333333333") / 16), as_shown(24 * Decimal("17.5") / Decimal("1.71428571428571"))
    (Decimal('188.1250000000'), Decimal('245.0000000000'))
    """
    near = _NEAR.plus(value)
    return near if abs(near - value) <= _CELL_ERROR * abs(value) else _SHOWN.plus(value)


@functools.cache
def _unit(places: int) -> Decimal:
    return ONE.scaleb(-places)


@dataclass(frozen=True)
class Rounding:
    """The only thing that rounds: a number of decimal places (None keeps full precision) and a direction.

    ``nearest`` takes a tie away from zero, as "to the nearest cent" is commonly read.

    >>> Rounding(2)(Decimal("18.175"))
    Decimal('18.18')
    >>> Rounding(0, "down")(Decimal("5008.89"))
    Decimal('5008')
    >>> Rounding(None)(Decimal("1.23456"))
    Decimal('1.23456')
    """

    places: int | None
    mode: Literal["nearest", "up", "down"] = "nearest"

    def __call__(self, value: Decimal) -> Decimal:
        if self.places is None:
            return value
        return guarded(value).quantize(_unit(self.places), rounding=_MODES[self.mode], context=CONTEXT)


CENT = Rounding(2)
WHOLE = Rounding(0, "down")


@exact
def apportion(total: Decimal, weights: Sequence[Decimal], unit: Decimal = Decimal("0.01")) -> list[Decimal]:
    """Share ``total`` out in proportion to ``weights``, in ``unit``s that add up to it: the largest-remainder rule.

    Everyone gets the whole units below their exact share; the units left over go to the largest remainders, a tie to
    whoever is listed first. What does not fill a unit (a total of 10.005 in cents) stays with the first listed that has
    a weight, so that nothing is lost.

    >>> [str(share) for share in apportion(Decimal(100), [Decimal(1)] * 3)]
    ['33.34', '33.33', '33.33']
    """
    whole = sum(weights, ZERO)
    if whole <= 0:
        return [ZERO for _ in weights]
    exact_units = [total * weight / whole / unit for weight in weights]
    units = [guarded(share).to_integral_value(ROUND_FLOOR) for share in exact_units]
    left = int(guarded(total / unit).to_integral_value(ROUND_FLOOR) - sum(units, ZERO))
    by_remainder = sorted(range(len(weights)), key=lambda i: (guarded(units[i] - exact_units[i]), i))
    for i in by_remainder[:left]:
        units[i] += 1
    shares = [count * unit for count in units]
    dust = total - sum(shares, ZERO)
    if dust:
        first = next(i for i, weight in enumerate(weights) if weight > 0)
        shares[first] += dust
    return shares


def show(value: Decimal, places: int | None = None) -> str:
    """A number as a person writes it: thousands separated, no trailing zeros, or with exactly ``places`` decimals.

    >>> show(Decimal("7000000")), show(Decimal("20"), 2), show(Decimal("0.0500"))
    ('7,000,000', '20.00', '0.05')
    """
    if places is not None:
        return f"{Rounding(places)(value):,f}"
    shortened = Rounding(12)(value) if -value.as_tuple().exponent > 12 else value  # type: ignore[operator]  # finite here
    text = f"{shortened:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
