"""A split of the preferred itself: the certificate as it reads afterwards."""

from __future__ import annotations

import dataclasses
from decimal import Decimal

from xlcap.errors import XlcapError
from xlcap.numbers import exact, show
from xlcap.terms import Terms
from xlcap.terms.certificate import Conversion, Seats


@exact
def after_split(terms: Terms, ratio: Decimal) -> Terms:
    """The certificate after each share of the series became ``ratio`` shares (Valuestar A.3, B.1, B.4, C.2).

    Dollars a share are divided, counts of its shares multiplied, so that a holder's rights are worth what they were.
    The number authorised is the charter's to change. A certificate that does not scale stays as it is (AMB-PT12).
    """
    if ratio <= 0:
        raise XlcapError(f"must be above zero; found {show(ratio)}", where="argument 'ratio'", code="#NUM!")
    if not terms.scales_with_series:
        return terms
    dividend, liquidation, voting = terms.dividend, terms.liquidation, terms.voting
    return dataclasses.replace(
        terms,
        price_per_share=terms.price_per_share / ratio,
        dividend=dividend
        and dataclasses.replace(dividend, amount_per_share=_divided(dividend.amount_per_share, ratio)),
        liquidation=dataclasses.replace(
            liquidation, participation_cap_amount=_divided(liquidation.participation_cap_amount, ratio)
        ),
        conversion=_converting(terms, ratio),
        voting=dataclasses.replace(
            voting, directors={name: _seats(terms, seats, ratio) for name, seats in voting.directors.items()}
        ),
    )


def _divided(amount: Decimal | None, ratio: Decimal) -> Decimal | None:
    return None if amount is None else amount / ratio


def _converting(terms: Terms, ratio: Decimal) -> Conversion:
    """The conversion rights, the least price of an offering of Common staying what it was in dollars."""
    conversion, offering = terms.conversion, terms.conversion.on_offering
    if offering is not None and offering.min_price_multiple is not None:
        offering = dataclasses.replace(offering, min_price_multiple=offering.min_price_multiple * ratio)
    return dataclasses.replace(conversion, on_offering=offering, reference_amount=_reference(terms, ratio))


def _reference(terms: Terms, ratio: Decimal) -> Decimal | None:
    """The amount that converts is scaled too, although D.1 does not say so, unless read to the letter (AMB-VS5)."""
    conversion = terms.conversion
    if conversion.numerator != "price_per_share":
        return None
    if conversion.adjust_reference:
        return _divided(conversion.reference_amount, ratio)
    return conversion.reference_amount or terms.price_per_share


def _seats(terms: Terms, seats: Seats, ratio: Decimal) -> Seats:
    """The number of its own shares a series needs to elect directors; other classes' follow their own splits."""
    own = f"{terms.name} ".lower().startswith(f"{seats.class_name} ".lower())
    return dataclasses.replace(seats, min_outstanding=seats.min_outstanding * ratio) if own else seats
