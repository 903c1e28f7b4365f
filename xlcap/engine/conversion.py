"""Conversion: how many shares of Common, what is paid in cash, until when, and what the company must hold ready."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Literal, NamedTuple

from xlcap.calendars import Calendar
from xlcap.engine.dividends import between_record_and_payment, is_payment_day
from xlcap.engine.market import average_close
from xlcap.engine.trace import SLOTS
from xlcap.errors import XlcapError
from xlcap.numbers import CENT, WHOLE, ZERO, Rounding, as_shown, exact, guarded, show
from xlcap.preference import converting_a_share, kept_a_share
from xlcap.prices import Quote
from xlcap.terms import Blank, Slot, Terms


class Basis(NamedTuple):
    """What one preferred share brings to a conversion: the amount that converts, and what is paid in cash instead."""

    converts: Decimal
    accrued_cash: Decimal


class Lot(NamedTuple):
    """Preferred shares of one holder that convert at one price: a tranche, or all of them."""

    preferred: Decimal
    price: Decimal
    amount: Basis


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
    """The amount a share converts, and the dividends that stay dollars.

    Where dividends convert (PriceSmart VI.A, VI.B) arrears always do; the running dividend ``accrued`` is left out on a
    Dividend Payment Date, when it is paid as a dividend; not so in the automatic conversion, whose clause makes no such
    exception. The company may pay it in cash. Elsewhere they are paid in cash (Valuestar D.2), or end with the share
    (Patron 3(c), AMB-PT16), or stay owed in dollars.
    """
    _not_negative(accrued=accrued, arrears=arrears)
    conversion = terms.conversion
    if in_cash and conversion.cash_election == "none":
        raise XlcapError(
            "these terms do not let the company pay dividends in cash by choice on conversion",
            where=f"{terms.id}: conversion.cash_election",
        )
    if conversion.dividends != "in_shares":
        unpaid = accrued + arrears
        return Basis(converting_a_share(terms, unpaid), kept_a_share(terms, unpaid))
    base = converting_a_share(terms, ZERO)
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
    if conversion.cash_election == "accrued":
        return Basis(base + arrears, accrued)
    return Basis(base, arrears + accrued)


def convert(
    terms: Terms, preferred: Decimal, price: Decimal, amount: Basis, fraction_price: Decimal | None = None
) -> Converted:
    """One holder's shares on one Conversion Date, all at one price."""
    return convert_together(terms, [Lot(preferred, price, amount)], fraction_price)


@exact
def convert_together(terms: Terms, lots: Sequence[Lot], fraction_price: Decimal | None = None) -> Converted:
    """One holder's shares on one Conversion Date (PriceSmart VI.A, VI.D, VI.E(8); Valuestar D.12; Patron 3).

    The total is rounded to the certificate's places of a share, if it has any, and only then made whole: up, down, to
    the nearest, or down with the fraction paid at ``fraction_price``.
    """
    count = conversion_count(terms, lots)
    fraction = guarded(count.rounded) - count.below
    return Converted(
        preferred=sum((lot.preferred for lot in lots), ZERO),
        exact_shares=count.exact,
        rounded_shares=count.rounded,
        whole_shares=count.whole,
        fraction=fraction,
        cash_for_fraction=_cash(terms, fraction, fraction_price),
        accrued_cash=CENT(sum((lot.preferred * lot.amount.accrued_cash for lot in lots), ZERO)),
    )


class ConversionCount(NamedTuple):
    """Conversion shares of one holder: exact, to the certificate's places, whole, and the whole shares below."""

    exact: Decimal
    rounded: Decimal
    whole: Decimal
    below: Decimal


_Mode = Literal["up", "down", "nearest"]


def _to_whole(terms: Terms) -> Rounding:
    """How the certificate makes a count of shares whole; what is paid in cash is cut off."""
    rounding = terms.conversion.fraction.rounding
    mode: _Mode = "down" if rounding == "cash" else rounding
    return Rounding(0, mode)


def conversion_count(terms: Terms, lots: Sequence[Lot]) -> ConversionCount:
    """What one holder's lots convert into, the fraction arising once, on their total, or share by share."""
    for lot in lots:
        _above_zero(lot.price, "price")
        check_preferred(terms, lot.preferred, "argument 'shares'")
    places, to_whole = Rounding(terms.policy.share_places), _to_whole(terms)
    total = sum((lot.preferred * lot.amount.converts / lot.price for lot in lots), ZERO)
    if terms.conversion.fraction.aggregate_by == "holder":
        rounded = places(as_shown(total))
        return ConversionCount(total, rounded, to_whole(rounded), WHOLE(rounded))
    each = [(lot.preferred, places(as_shown(lot.amount.converts / lot.price))) for lot in lots]
    rounded, whole, below = (
        sum((preferred * made(single) for preferred, single in each), ZERO) for made in (places, to_whole, WHOLE)
    )
    return ConversionCount(total, rounded, whole, below)


def check_preferred(terms: Terms, preferred: Decimal, where: str) -> None:
    """Preferred shares are whole, unless dividends in kind come in fractions of one (AMB-PT10)."""
    dividend = terms.dividend
    fractions = dividend is not None and dividend.payout != "CASH" and dividend.pik_rounding == "none"
    if preferred < 0 or not (fractions or preferred == preferred.to_integral_value()):
        whole = "" if fractions else "whole, "
        raise XlcapError(
            f"preferred shares are {whole}zero or more; found {show(preferred)}", where=where, code="#NUM!"
        )


def _cash(terms: Terms, fraction: Decimal, fraction_price: Decimal | None) -> Decimal:
    rule = terms.conversion.fraction
    if rule.rounding != "cash" and fraction_price is not None:
        raise XlcapError(
            f"these terms pay no cash for a fraction of a share ({rule.clause}); leave it blank",
            where="argument 'fraction_price'",
        )
    if not fraction or rule.rounding != "cash":
        return ZERO
    if fraction_price is None:
        how = (
            "give the fair market value of a share of Common the board determines"
            if rule.cash_price_days is None
            else f"give the mean of the {rule.cash_price_days} closing prices before the conversion date, or the price "
            "table and the conversion date"
        )
        raise XlcapError(
            f"a fraction of {show(fraction)} share is paid in cash ({rule.clause}): {how}",
            where="argument 'fraction_price'",
        )
    _above_zero(fraction_price, "fraction_price")
    return Rounding(rule.cash_places)(fraction * fraction_price)


@exact
def conversion_rate(price: Decimal, amount: Basis) -> Decimal:
    """Shares of Common for one preferred share, not rounded: rounding belongs to a holder's total."""
    _above_zero(price, "price")
    return amount.converts / price


def fraction_price(terms: Terms, quotes: Sequence[Quote], day: dt.date) -> Decimal | None:
    """What a share of Common is worth in lieu of a fraction: the mean close of the days before ``day`` (VI.D).

    The clause names the day of a dividend's declaration, which a conversion does not have; the day of the conversion is
    meant. None where closing prices do not decide: the board does (Valuestar D.12), or there is no cash (Patron 3).
    """
    rule = terms.conversion.fraction
    if rule.cash_price_days is None or rule.rounding != "cash":
        return None
    return average_close(terms, quotes, day, rule.cash_price_days, rule.clause)


def can_convert(
    terms: Terms,
    day: dt.date,
    slot: Slot = "intraday",
    redemption_date: dt.date | None = None,
    *,
    in_default: bool = False,
    paid_on: dt.date | None = None,
    issue_date: dt.date | None = None,
) -> bool:
    """Whether a share may be converted at a moment (PriceSmart V.C(7), V.D, VI.A, VI.C; Patron 3(a)).

    Called shares convert until the close of business on the Redemption Date (the certificate's other sentence, by which
    the right ceases from that date, is the switch ``until_redemption``); after a default, until the price is paid.
    """
    issued = terms.original_issue_date
    if not isinstance(issued, Blank) and day < issued:
        return False
    if issue_date is not None and (day < issue_date or (day == issue_date and terms.conversion.from_day_after)):
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
    if not terms.conversion.deferral_clause:
        raise XlcapError(
            "these terms do not let shares wait for an event",
            where=f"{terms.id}: conversion.deferral_clause",
            code="#N/A",
        )
    _above_zero(price_before, "price_before")
    _above_zero(price_after, "price_after")
    if price_after > price_before:
        raise XlcapError(
            f"the price after, {show(price_after)}, is above the price before, {show(price_before)}: it adds no shares",
            where="argument 'price_after'",
            code="#NUM!",
        )
    after = convert(terms, preferred, price_after, amount, fraction_price)
    before = conversion_count(terms, [Lot(preferred, price_before, amount)]).whole
    return Deferred(before, ZERO, after.whole_shares - before, after.cash_for_fraction)


class Reserve(NamedTuple):
    """Common the company must hold ready for conversion, against what it has (VI.H)."""

    needed: Decimal
    available: Decimal | None
    shortfall: Decimal | None
    below_par: bool | None


@exact
def reserve(
    terms: Terms,
    holders: Sequence[Sequence[Lot]],
    *,
    authorized: Decimal | None = None,
    issued: Decimal | None = None,
    treasury: Decimal = ZERO,
    reserved_for_others: Decimal = ZERO,
    par: Decimal | None = None,
) -> Reserve:
    """Whole shares needed to convert everything, what is free for it, and the par test.

    PriceSmart VI.H (unissued or in treasury), Valuestar D.13, Patron 5. Where each holder's fraction becomes a share
    (Patron 3), it is counted for each; otherwise once, on the total.
    """
    _not_negative(treasury=treasury, reserved_for_others=reserved_for_others)
    counts = [conversion_count(terms, lots) for lots in holders]
    if terms.conversion.fraction.rounding in ("up", "nearest"):
        needed = sum((count.whole for count in counts), ZERO)
    else:
        needed = Rounding(0, "up")(as_shown(sum((count.exact for count in counts), ZERO)))
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
        in_treasury = treasury if terms.conversion.reserve_from == "unissued_and_treasury" else ZERO
        available = authorized - issued + in_treasury - reserved_for_others
        shortfall = max(ZERO, needed - available)
    below_par = None if par is None else any(lot.price < par for lots in holders for lot in lots)
    return Reserve(needed, available, shortfall, below_par)


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
