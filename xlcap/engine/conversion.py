"""Conversion: how many shares of Common, what is paid in cash, until when, and what the company must hold ready."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from xlcap.calendars import Calendar
from xlcap.engine.dividends import between_record_and_payment, is_payment_day
from xlcap.engine.market import average_close
from xlcap.engine.trace import SLOTS
from xlcap.errors import XlcapError
from xlcap.numbers import CENT, WHOLE, ZERO, Rounding, as_shown, exact, guarded, show
from xlcap.preference import preference_a_share
from xlcap.prices import Quote
from xlcap.terms import Blank, Slot, Terms


class Basis(NamedTuple):
    """What one preferred share brings to a conversion: the amount that converts, and what is paid in cash instead."""

    converts: Decimal
    accrued_cash: Decimal


class Converted(NamedTuple):
    """One holder's conversion on one Conversion Date."""

    preferred: Decimal
    exact_shares: Decimal
    rounded_shares: Decimal
    whole_shares: Decimal
    fraction: Decimal
    cash_for_fraction: Decimal
    accrued_cash: Decimal


def _above_zero(value: Decimal, name: str) -> None:
    if value <= 0:
        raise XlcapError(f"must be above zero; found {show(value)}", where=f"argument '{name}'", code="#NUM!")


def _not_negative(**values: Decimal) -> None:
    for name, value in values.items():
        if value < 0:
            raise XlcapError(f"must be zero or more; found {show(value)}", where=f"argument '{name}'", code="#NUM!")


@exact
def basis(
    terms: Terms,
    accrued: Decimal,
    arrears: Decimal,
    *,
    in_cash: bool = False,
    conversion_date: dt.date | None = None,
    calendar: Calendar | None = None,
) -> Basis:
    """The amount a share converts (VI.A, VI.B): its liquidation preference, arrears always included.

    The running dividend ``accrued`` is left out on a Dividend Payment Date, when it is paid as a dividend; not so in
    the automatic conversion, whose clause makes no such exception. The company may pay it in cash.
    """
    _not_negative(accrued=accrued, arrears=arrears)
    conversion = terms.conversion
    if conversion.numerator == "price_per_share":
        return Basis(terms.price_per_share, ZERO)
    base = preference_a_share(terms, ZERO)
    if conversion_date is not None and calendar is not None and terms.dividend is not None:
        automatic = conversion.automatic is not None and conversion.automatic.date == conversion_date
        if not automatic and is_payment_day(terms, conversion_date, calendar):
            accrued = ZERO
    if accrued and conversion.record_date_dividend == "paid_to_holder":
        if conversion_date is None or calendar is None:
            raise XlcapError(
                "is required: these terms pay a dividend to its holder of record where the conversion falls between "
                "record date and payment date",
                where="argument 'conversion_date'",
            )
        if between_record_and_payment(terms, conversion_date, calendar):
            accrued = ZERO
    if not in_cash:
        return Basis(base + arrears + accrued, ZERO)
    match conversion.cash_election:
        case "accrued":
            return Basis(base + arrears, accrued)
        case "accrued_and_arrears":
            return Basis(base, arrears + accrued)
        case "none":
            raise XlcapError(
                "these terms do not let the company pay dividends in cash on conversion",
                where=f"{terms.id}: conversion.cash_election",
            )


@exact
def convert(
    terms: Terms, preferred: Decimal, price: Decimal, amount: Basis, fraction_price: Decimal | None = None
) -> Converted:
    """One holder's shares on one Conversion Date (VI.A, VI.D, VI.E(8)).

    The total of the holder's shares is rounded to the certificate's places of a share, then cut to whole shares; the
    fraction is paid at ``fraction_price``, to the cent.
    """
    _above_zero(price, "price")
    if preferred < 0 or preferred != preferred.to_integral_value():
        raise XlcapError(
            f"preferred shares are whole, zero or more; found {show(preferred)}",
            where="argument 'shares'",
            code="#NUM!",
        )
    places = Rounding(terms.policy.share_places)
    total = preferred * amount.converts / price
    if terms.conversion.fraction.aggregate_by == "share":
        single = places(as_shown(amount.converts / price))
        rounded, whole = single * preferred, WHOLE(single) * preferred
    else:
        rounded = places(as_shown(total))
        whole = WHOLE(rounded)
    fraction = guarded(rounded) - whole
    return Converted(
        preferred=preferred,
        exact_shares=total,
        rounded_shares=rounded,
        whole_shares=whole,
        fraction=fraction,
        cash_for_fraction=_cash(terms, fraction, fraction_price),
        accrued_cash=CENT(preferred * amount.accrued_cash),
    )


def _cash(terms: Terms, fraction: Decimal, fraction_price: Decimal | None) -> Decimal:
    if not fraction:
        return ZERO
    if fraction_price is None:
        clause, days = terms.conversion.fraction.clause, terms.conversion.fraction.cash_price_days
        raise XlcapError(
            f"a fraction of {show(fraction)} share is paid in cash ({clause}): give the mean of the {days} closing "
            "prices before the conversion date, or the price table and the conversion date",
            where="argument 'fraction_price'",
        )
    _above_zero(fraction_price, "fraction_price")
    return CENT(fraction * fraction_price)


@exact
def conversion_rate(price: Decimal, amount: Basis) -> Decimal:
    """Shares of Common for one preferred share, not rounded: rounding belongs to a holder's total."""
    _above_zero(price, "price")
    return amount.converts / price


def fraction_price(terms: Terms, quotes: Sequence[Quote], day: dt.date) -> Decimal:
    """What a share of Common is worth in lieu of a fraction: the mean close of the days before ``day`` (VI.D).

    The clause names the day of a dividend's declaration, which a conversion does not have; the day of the conversion is
    meant.
    """
    rule = terms.conversion.fraction
    if rule.cash_price_days is None:
        raise XlcapError(
            f"is required: the board determines it, not closing prices ({rule.clause})",
            where="argument 'fraction_price'",
        )
    return average_close(terms, quotes, day, rule.cash_price_days, rule.clause)


def can_convert(
    terms: Terms,
    day: dt.date,
    slot: Slot = "intraday",
    redemption_date: dt.date | None = None,
    *,
    in_default: bool = False,
    paid_on: dt.date | None = None,
) -> bool:
    """Whether a share may be converted at a moment (V.C(7), V.D, VI.A, VI.C).

    Called shares convert until the close of business on the Redemption Date (the certificate's other sentence, by which
    the right ceases from that date, is the switch ``until_redemption``); after a default, until the price is paid.
    """
    issued = terms.original_issue_date
    if not isinstance(issued, Blank) and day < issued:
        return False
    automatic = terms.conversion.automatic
    if automatic is not None and not isinstance(automatic.date, Blank) and day > automatic.date:
        return False
    if redemption_date is None or day < redemption_date:
        return True
    if in_default:
        return paid_on is None or day < paid_on
    last = "open" if terms.conversion.until_redemption == "open" else "close"
    return day == redemption_date and SLOTS.index(slot) < SLOTS.index(last)


def automatic_conversion_date(terms: Terms) -> dt.date:
    """The day on which every share still outstanding converts (VI.B)."""
    automatic = terms.conversion.automatic
    if automatic is None:
        raise XlcapError(
            "these terms have no automatic conversion", where=f"{terms.id}: conversion.automatic", code="#N/A"
        )
    return terms.settled(automatic.date, "conversion.automatic.date")


class Deferred(NamedTuple):
    """What a holder gets at once and what may wait for the event the record date was for."""

    now_shares: Decimal
    now_cash: Decimal
    deferred_shares: Decimal
    deferred_cash: Decimal


@exact
def deferred(
    terms: Terms,
    preferred: Decimal,
    price_before: Decimal,
    price_after: Decimal,
    amount: Basis,
    fraction_price: Decimal | None,
) -> Deferred:
    """A conversion after a record date whose event has not occurred (VI.E(10)).

    At once the whole shares at the price before the adjustment. The shares the adjustment adds may wait for the event,
    and so may the cash for the fraction, which arises once, on the total.
    """
    _above_zero(price_before, "price_before")
    _above_zero(price_after, "price_after")
    if price_after > price_before:
        raise XlcapError(
            f"the price after, {show(price_after)}, is above the price before, {show(price_before)}: it adds no shares",
            where="argument 'price_after'",
            code="#NUM!",
        )
    after = convert(terms, preferred, price_after, amount, fraction_price)
    before = WHOLE(Rounding(terms.policy.share_places)(preferred * amount.converts / price_before))
    if terms.conversion.fraction.aggregate_by == "share":
        before = WHOLE(Rounding(terms.policy.share_places)(amount.converts / price_before)) * preferred
    return Deferred(before, ZERO, after.whole_shares - before, after.cash_for_fraction)


class Reserve(NamedTuple):
    """Common the company must hold ready for conversion, against what it has (VI.H)."""

    needed: Decimal
    available: Decimal | None
    shortfall: Decimal | None
    below_par: bool | None


@exact
def reserve(
    preferred: Decimal,
    price: Decimal,
    amount: Basis,
    *,
    authorized: Decimal | None = None,
    issued: Decimal | None = None,
    treasury: Decimal = ZERO,
    reserved_for_others: Decimal = ZERO,
    par: Decimal | None = None,
) -> Reserve:
    """Whole shares needed to convert everything, what is free (unissued or in treasury), and the par test (VI.H)."""
    _above_zero(price, "price")
    _not_negative(preferred=preferred, treasury=treasury, reserved_for_others=reserved_for_others)
    needed = Rounding(0, "up")(preferred * amount.converts / price)
    available = shortfall = None
    if (authorized is None) != (issued is None):
        missing = "authorized" if authorized is None else "issued"
        raise XlcapError("is required together with the other count", where=f"argument '{missing}'")
    if authorized is not None and issued is not None:
        _not_negative(authorized=authorized, issued=issued)
        if issued > authorized:
            raise XlcapError(
                f"{show(issued)} shares issued are more than the {show(authorized)} authorised",
                where="argument 'issued'",
                code="#NUM!",
            )
        common_outstanding(issued, treasury)
        available = authorized - issued + treasury - reserved_for_others
        shortfall = max(ZERO, needed - available)
    return Reserve(needed, available, shortfall, None if par is None else price < par)


@exact
def common_outstanding(issued: Decimal, treasury: Decimal = ZERO, scrip: Decimal = ZERO) -> Decimal:
    """Common outstanding as the adjustments count it (VI.E(11)): not the treasury's, but what scrip stands for."""
    _not_negative(issued=issued, treasury=treasury, scrip=scrip)
    if treasury > issued:
        raise XlcapError(
            f"{show(treasury)} shares in treasury are more than the {show(issued)} issued",
            where="argument 'treasury'",
            code="#NUM!",
        )
    return issued - treasury + scrip
