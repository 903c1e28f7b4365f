"""Dividends: what a share has accrued, when it is paid, what may be paid to whom before it is, and what it shares in.

Where there are payment dates, these bound the periods; a date that moves to the next business day earns nothing more
for it, and a dividend is taken as paid on its date unless the date is listed as unpaid. Where there are none, dividends
are paid when declared: all that has accrued is owed until it is paid. What is paid later reduces the oldest arrears
first. Accrual is exact: money is rounded where it is paid.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Literal, NamedTuple

from xlcap.calendars import Calendar
from xlcap.errors import XlcapError
from xlcap.numbers import CENT, WHOLE, ZERO, Rounding, apportion, as_shown, exact, guarded, show
from xlcap.records import record
from xlcap.tables import column, place
from xlcap.terms import Terms
from xlcap.terms.certificate import Dividend

DayCount = Literal["30_360", "30E_360", "ACTUAL_365", "ACTUAL_360", "ACTUAL_ACTUAL"]

_YEAR = {"30_360": 360, "30E_360": 360, "ACTUAL_365": 365, "ACTUAL_360": 360, "ACTUAL_ACTUAL": 365}


def days_between(start: dt.date, end: dt.date, day_count: DayCount) -> int:
    """Days from ``start`` to ``end``; the first is counted, the last is not.

    The bond basis (``30_360``) takes a 31st as a 30th, at the end only where the start is a 30th or 31st; ``30E_360``
    takes it so always.

    >>> days_between(dt.date(2003, 7, 9), dt.date(2003, 10, 1), "30_360")
    82
    """
    if day_count.startswith("ACTUAL"):
        return (end - start).days
    first = min(start.day, 30)
    last = 30 if end.day == 31 and (first == 30 or day_count == "30E_360") else end.day
    return (end.year - start.year) * 360 + (end.month - start.month) * 30 + last - first


@record
class Payment:
    """A payment made on arrears, or a part of a dividend paid on its date."""

    row: int
    date: dt.date = column("day the payment was made")
    amount: Decimal = column("dollars a share", above=0)


@record
class Claim:
    """What one class has accumulated in dividends."""

    row: int
    class_: str = column("name of the class")
    accumulated: Decimal = column("accumulated and unpaid dividends of the whole class, dollars", least=0)


class Redemption(NamedTuple):
    """A call for redemption as far as dividends know it.

    They stop on ``date`` if the funds were set aside by then, and the price was then paid.
    """

    date: dt.date
    funds_set_aside: dt.date | None = None
    in_default: bool = False

    @property
    def stops_dividends(self) -> bool:
        """V.D and its like: funds set aside on or before the Redemption Date, and no default in payment on it."""
        return self.funds_set_aside is not None and self.funds_set_aside <= self.date and not self.in_default


State = Literal["paid", "unpaid", "accrued", "running"]
"""``accrued``: of a year that is over, where there was no date to pay it on."""


class Line(NamedTuple):
    """The dividend of one share for a dividend period, or for a part of it: a payment on arrears begins a new part."""

    start: dt.date
    end: dt.date
    days: int
    """Counted from the start of the period, less those of the parts before: 30/360 days of parts need not add up."""
    bearing: Decimal
    """What the dividend accrued on: the base amount, and what else bears."""
    dividend: Decimal
    on_arrears: Decimal
    """The part of ``dividend`` that accrued on arrears."""
    state: State
    """What became of the dividend of the period."""
    received: Decimal
    """Paid on arrears when the line ends."""
    arrears: Decimal
    """Arrears after the line and what was then paid; without payment dates, all that is owed."""


class Accrual(NamedTuple):
    """What one share has accumulated and not been paid.

    ``arrears`` are the dividends of past periods, with the dividends they have borne (``on_arrears``, a part of them);
    ``running`` is the dividend of the period that runs, all of it.
    """

    arrears: Decimal
    on_arrears: Decimal
    running: Decimal
    lines: tuple[Line, ...]

    @property
    @exact
    def total(self) -> Decimal:
        return self.arrears + self.running


class _Arrear(NamedTuple):
    """What is left unpaid of one period's dividend."""

    since: dt.date
    own: Decimal
    on_arrears: Decimal

    @property
    def total(self) -> Decimal:
        return self.own + self.on_arrears


def dividend_of(terms: Terms) -> Dividend:
    """The dividend clause of a certificate; without one there is nothing to accrue."""
    if terms.dividend is None:
        raise XlcapError("this certificate has no preferential dividend", where=f"{terms.id}: dividend", code="#N/A")
    return terms.dividend


def base_amount(terms: Terms) -> Decimal:
    """The dollars of a share that the dividend rate is applied to, as long as nothing is in arrears."""
    if dividend_of(terms).base == "liquidation_preference":
        return terms.price_per_share * terms.liquidation.preference_multiple
    return terms.price_per_share


@exact
def yearly(terms: Terms) -> Decimal:
    """A share's dividend for a year, dollars."""
    dividend = dividend_of(terms)
    if dividend.amount_per_share is not None:
        return dividend.amount_per_share
    assert dividend.rate is not None  # one of the two, as Dividend checks
    return dividend.rate * base_amount(terms)


def first_day(terms: Terms, issue_date: dt.date | None) -> dt.date:
    """The day from which a share's dividends accrue (III.A)."""
    if issue_date is not None and dividend_of(terms).accrues_from == "issue_date":
        return issue_date
    return terms.settled(terms.original_issue_date, "original_issue_date")


def payment_dates(dividend: Dividend, after: dt.date, through: dt.date) -> Iterator[dt.date]:
    """The nominal payment dates later than ``after`` and not later than ``through``, in their order."""
    for year in range(after.year, through.year + 1):
        for entry in dividend.payment_dates:
            day = dt.date.fromisoformat(f"{year:04}-{entry}")
            if after < day <= through and (dividend.first_payment_date is None or day >= dividend.first_payment_date):
                yield day


def _anniversary(start: dt.date, year: int) -> dt.date:
    """That of a 29 February is 28 February in a common year."""
    try:
        return start.replace(year=year)
    except ValueError:
        return dt.date(year, 2, 28)


def anniversaries(start: dt.date, through: dt.date) -> Iterator[dt.date]:
    """The anniversaries of ``start`` until ``through``."""
    days = (_anniversary(start, year) for year in range(start.year + 1, through.year + 1))
    return (day for day in days if day <= through)


def _days_of_year(dividend: Dividend, start: dt.date, begins: dt.date) -> int:
    """The days that earn a year's dividend, in the year since ``start`` or an anniversary of it that ``begins``."""
    if dividend.day_count_type != "ACTUAL_ACTUAL" or begins.year == dt.MAXYEAR:
        return _YEAR[dividend.day_count_type]
    return (_anniversary(start, begins.year + 1) - begins).days


def _check_unpaid(dividend: Dividend, unpaid: Sequence[dt.date]) -> None:
    if unpaid and not dividend.payment_dates:
        raise XlcapError(
            f"these dividends have no payment dates ({dividend.clause}): all that has accrued is owed until it is "
            "paid; leave this blank, and list in 'payments' what was paid",
            where="argument 'unpaid'",
        )
    for number, day in enumerate(unpaid, 1):
        before, after = day - dt.timedelta(days=1), day + dt.timedelta(days=400)
        if next(payment_dates(dividend, before, day), None):
            continue
        around = [*payment_dates(dividend, day - dt.timedelta(days=400), before), *payment_dates(dividend, day, after)]
        around = around or [date for date in (dividend.first_payment_date,) if date]
        nearest = min(around, key=lambda date: abs((date - day).days), default=None)
        raise XlcapError(
            f"{day} is no nominal payment date ({dividend.clause}); the nearest is {nearest}",
            where=f"argument 'unpaid', date {number}",
        )


@exact
def accrue(
    terms: Terms,
    as_of: dt.date,
    issue_date: dt.date | None = None,
    unpaid: Sequence[dt.date] = (),
    payments: Sequence[Payment] = (),
    redemption: Redemption | None = None,
) -> Accrual:
    """The dividends one share has accumulated by ``as_of`` and not been paid (PriceSmart III.A, B, V.D; Patron 8(a)).

    With ``quarterly`` compounding the rate is applied to the base amount and the arrears there are at the start of the
    period, for as long in it as they stay unpaid (III.C speaks of dividends on accumulated dividends); with ``annual``
    to the base amount and what was owed on the last anniversary of the day they accrue from; with ``daily`` to
    everything accrued so far; with ``simple`` to the base amount.
    """
    dividend = dividend_of(terms)
    if not dividend.cumulative:
        return _nothing(dividend, as_of, issue_date, payments)
    start = first_day(terms, issue_date)
    since = max(start, issue_date) if issue_date else start
    _not_before(as_of, since)
    _check_unpaid(dividend, unpaid)
    end = as_of
    if redemption is not None and redemption.stops_dividends:
        end = min(as_of, redemption.date)
        if redemption.date < since:
            raise XlcapError(
                f"{redemption.date} is before the share was issued ({since})", where="argument 'redemption_date'"
            )
    missed = frozenset(unpaid)
    made = sorted((payment for payment in payments if payment.date <= as_of), key=lambda p: (p.date, p.row))
    if made and made[0].date <= start:
        raise XlcapError(
            f"{made[0].date} is not after the day dividends accrue from ({start})",
            where=place("payments", made[0].row, "date"),
        )
    yearwise = dividend.compounding == "annual" or dividend.day_count_type == "ACTUAL_ACTUAL"
    years = tuple(anniversaries(start, end)) if yearwise else ()
    dated = bool(dividend.payment_dates)
    arrears: tuple[_Arrear, ...] = ()
    lines: list[Line] = []
    running = ZERO
    opening = start
    for closing in [*(payment_dates(dividend, start, end) if dated else years), None]:
        until = closing or end
        within = [payment for payment in made if opening < payment.date <= (closing or as_of)]
        if closing is None and until == opening and lines and not within:
            break
        state: State = "running"
        if closing is not None:
            state = "accrued" if not dated else "unpaid" if closing in missed else "paid"
        begins, counted, own, accrued = opening, 0, ZERO, ZERO
        stops = {until, *(payment.date for payment in within), *(day for day in years if day > opening)}
        for ends in sorted(day for day in stops if day <= until):
            upto = days_between(opening, ends, dividend.day_count_type)
            upto += dividend.include_first_day and opening == start
            reached = max((day for day in years if day <= begins), default=start)
            days, year = upto - counted, _days_of_year(dividend, start, reached)
            bearing, base, grown = _accrues(terms, _bearing(dividend, arrears, reached), accrued, days, year)
            own, accrued = own + base, accrued + grown
            if ends == until and state in ("unpaid", "accrued"):
                arrears = (*arrears, _Arrear(until, own, accrued - own))
                own = accrued = ZERO
            paid = [payment for payment in within if min(payment.date, until) == ends]
            for payment in paid:
                if dated:
                    arrears = _pay(arrears, payment, "; list in 'unpaid' the payment dates it is paid on")
                else:  # what the period has accrued is owed too
                    *arrears_left, rest = _pay((*arrears, _Arrear(until, own, accrued - own)), payment)
                    arrears, own, accrued = tuple(arrears_left), rest.own, rest.total
            received = sum((payment.amount for payment in paid), ZERO)
            owed = _sum(arrears) + (ZERO if dated else accrued)
            lines.append(Line(begins, ends, days, bearing, grown, grown - base, state, received, owed))
            begins, counted = ends, upto
        running = accrued if closing is None else ZERO
        opening = until
    return Accrual(_sum(arrears), sum((arrear.on_arrears for arrear in arrears), ZERO), running, tuple(lines))


def _not_before(as_of: dt.date, issued: dt.date) -> None:
    if as_of < issued:
        raise XlcapError(f"{as_of} is before the share was issued ({issued})", where="argument 'as_of'", code="#NUM!")


def _nothing(dividend: Dividend, as_of: dt.date, issue_date: dt.date | None, payments: Sequence[Payment]) -> Accrual:
    """Dividends that do not accumulate (Valuestar A.1): nothing is owed but what is declared."""
    if issue_date:
        _not_before(as_of, issue_date)
    if payments:
        raise XlcapError(
            f"these dividends do not accumulate ({dividend.clause}), so there are no arrears to pay",
            where=place("payments", payments[0].row),
        )
    return Accrual(ZERO, ZERO, ZERO, ())


def _bearing(dividend: Dividend, arrears: Sequence[_Arrear], anniversary: dt.date) -> Decimal:
    """The arrears that bear dividends."""
    match dividend.compounding:
        case "simple":
            return ZERO
        case "annual":
            return _sum([arrear for arrear in arrears if arrear.since <= anniversary])
        case _:
            return _sum(arrears)


def _sum(arrears: Sequence[_Arrear]) -> Decimal:
    return sum((arrear.total for arrear in arrears), ZERO)


def _accrues(
    terms: Terms, arrears: Decimal, accrued: Decimal, days: int, year: int
) -> tuple[Decimal, Decimal, Decimal]:
    """What a dividend accrues on for some days of a year, and what accrues: on the base amount, and in all.

    ``arrears`` are those that bear dividends, ``accrued`` is what the period has accrued before these days.
    """
    base = base_amount(terms)
    own = yearly(terms) * days / year
    if dividend_of(terms).compounding == "daily":
        bearing = base + arrears + accrued
        return bearing, own, bearing * ((1 + yearly(terms) / base / year) ** days - 1)
    bearing = base + arrears
    return bearing, own, own + yearly(terms) * arrears * days / (base * year)


def _pay(arrears: tuple[_Arrear, ...], payment: Payment, how: str = "") -> tuple[_Arrear, ...]:
    """Arrears reduced by a payment, the oldest first, and in each period the dividend before what it bore."""
    if guarded(payment.amount) > guarded(_sum(arrears)):
        raise XlcapError(
            f"{show(payment.amount)} is more than the arrears of {show(_sum(arrears), 4)} on {payment.date}{how}",
            where=place("payments", payment.row, "amount"),
            code="#NUM!",
        )
    money = payment.amount
    left = []
    for arrear in arrears:
        own = min(money, arrear.own)
        bore = min(money - own, arrear.on_arrears)
        money -= own + bore
        left.append(arrear._replace(own=arrear.own - own, on_arrears=arrear.on_arrears - bore))
    return tuple(left)


class Scheduled(NamedTuple):
    """One dividend of a share, if every dividend before it was paid when due."""

    nominal: dt.date
    payment: dt.date
    record: dt.date
    days: int
    dividend: Decimal


def record_date(dividend: Dividend, nominal: dt.date) -> dt.date:
    """The record date that precedes a nominal payment date."""
    entry = dividend.record_dates[dividend.payment_dates.index(f"{nominal:%m-%d}")]
    day = dt.date.fromisoformat(f"{nominal.year:04}-{entry}")
    return day if day < nominal else day.replace(year=nominal.year - 1)


def payment_day(dividend: Dividend, nominal: dt.date, calendar: Calendar) -> dt.date:
    """The day a dividend is actually paid."""
    return calendar.following(nominal) if dividend.business_day_roll == "following" else nominal


@exact
def schedule(
    terms: Terms, first: dt.date, last: dt.date, calendar: Calendar, issue_date: dt.date | None = None
) -> tuple[Scheduled, ...]:
    """The dividends whose nominal payment dates lie from ``first`` to ``last``.

    The share's first period starts on its issue date. Without one given, only the series' first dividend needs it.
    """
    dividend = dividend_of(terms)
    if last < first:
        raise XlcapError(f"{last} is before {first}", where="argument 'last_day'")
    if not dividend.payment_dates:
        raise XlcapError(
            f"these dividends have no payment dates: they are paid when declared ({dividend.clause})",
            where=f"{terms.id}: dividend.payment_dates",
            code="#N/A",
        )
    start = first_day(terms, issue_date) if issue_date else None
    entries = []
    for nominal in payment_dates(dividend, first - dt.timedelta(days=1), last):
        if start and nominal <= start:
            continue
        previous = max(payment_dates(dividend, nominal - dt.timedelta(days=400), nominal - dt.timedelta(days=1)),
                       default=None)  # fmt: skip
        opening = max(filter(None, (previous, start)), default=None) or first_day(terms, None)
        days = days_between(opening, nominal, dividend.day_count_type)
        days += dividend.include_first_day and opening == start
        _, _, amount = _accrues(terms, ZERO, ZERO, days, _YEAR[dividend.day_count_type])
        entries.append(
            Scheduled(nominal, payment_day(dividend, nominal, calendar), record_date(dividend, nominal), days, amount)
        )
    return tuple(entries)


def is_payment_day(terms: Terms, day: dt.date, calendar: Calendar) -> bool:
    """Whether a dividend is paid on ``day``: a payment date, moved to a business day where the certificate says so."""
    dividend = dividend_of(terms)
    due = payment_dates(dividend, day - dt.timedelta(days=30), day)
    return any(payment_day(dividend, nominal, calendar) == day for nominal in due)


def between_record_and_payment(terms: Terms, day: dt.date, calendar: Calendar) -> bool:
    """Whether ``day`` is a record date, or lies after one and before the dividend is paid (I.F)."""
    dividend = dividend_of(terms)
    near = payment_dates(dividend, day - dt.timedelta(days=30), day + dt.timedelta(days=400))
    return any(record_date(dividend, nominal) <= day < payment_day(dividend, nominal, calendar) for nominal in near)


@exact
def due_this_year(terms: Terms, paid: Decimal, arrears: Decimal) -> Decimal:
    """Dollars a share that are due this year before the Common is paid (Valuestar A.1; Patron 8(a); PriceSmart III.C).

    ``arrears`` count where the certificate puts all past periods first and its dividends accumulate.
    """
    dividend = dividend_of(terms)
    if dividend.senior_first == "none":
        return ZERO
    if arrears and not (dividend.cumulative and dividend.senior_first == "all_periods"):
        why = "this fiscal year's dividends" if dividend.cumulative else "what does not accumulate; only this year's"
        raise XlcapError(
            f"the Common need not wait for arrears under this certificate ({dividend.clause}): it waits for {why}",
            where="argument 'arrears'",
        )
    return max(yearly(terms) + arrears - paid, ZERO)


@exact
def in_kind(terms: Terms, amount: Decimal, outstanding: Decimal | None = None) -> Decimal:
    """Further shares of the series that pay a dividend (Patron 8(b)); a fraction counts unless it is cut off.

    Raises XlcapError where the certificate pays in cash, or has not so many shares authorised.
    """
    dividend = dividend_of(terms)
    if dividend.payout == "CASH":
        raise XlcapError(
            f"this certificate pays its dividends in cash ({dividend.payout_clause or dividend.clause})",
            where=f"{terms.id}: dividend.payout",
            code="#N/A",
        )
    shares = amount / terms.price_per_share
    if dividend.pik_rounding == "down":
        shares = WHOLE(as_shown(shares))
    if outstanding is not None and guarded(outstanding + shares) > terms.initial_shares_authorized:
        raise XlcapError(
            f"{show(shares)} shares beside {show(outstanding)} outstanding are more than the "
            f"{terms.initial_shares_authorized:,} authorised; pay the rest in cash, or amend the certificate",
            where="argument 'outstanding'",
            code="#NUM!",
        )
    return shares


Outlay = Literal[
    "preferred_dividend",
    "junior_dividend",
    "junior_distribution",
    "junior_repurchase",
    "parity_dividend",
    "parity_distribution",
    "retirement_by_terms",
    "preferred_repurchase",
]
"""What a company may want to pay while its preferred has rights to dividends."""

Form = Literal["cash", "junior_stock", "convertible_debt", "existing_obligation"]


def allowed(
    terms: Terms,
    outlay: Outlay,
    form: Form,
    *,
    senior_paid: bool | None,
    series_paid: bool,
    as_converted_paid: bool | None = None,
) -> bool:
    """Whether the dividend stopper lets a payment be made (PriceSmart III.C; Valuestar A.1; Patron 8(a), 8(b)).

    ``senior_paid``, ``series_paid``: the dividends that come first are paid or set apart. Which these are the
    certificate says: senior ones of this and all earlier periods and the series' own of all past periods (PriceSmart);
    this year's, there being no arrears (Valuestar); this fiscal year's, whatever is in arrears (Patron).
    ``as_converted_paid``: the series gets its share of the payment.
    """
    dividend = dividend_of(terms)
    if dividend.senior_first == "none":
        return True
    own_first = dividend.cumulative and dividend.senior_first == "all_periods"
    match outlay:
        case "preferred_dividend" | "preferred_repurchase":
            if senior_paid is None:
                raise XlcapError("is required for a payment on the series", where="argument 'senior_paid'")
            if outlay == "preferred_repurchase" and dividend.senior_first != "fiscal_year":
                raise XlcapError(
                    f"{dividend.clause} says nothing of repurchases of the series itself; its redemption clause may",
                    where="argument 'outlay'",
                    code="#N/A",
                )
            return senior_paid and (series_paid or not own_first)  # PriceSmart III.C(a), (b)
        case "retirement_by_terms":  # the series or parity stock, acquired under its own terms: last sentence, (i)
            return True
        case "parity_dividend":  # shared with the series in the ratio of what is accumulated, so never barred
            sharing = dividend.participation
            return _shared(dividend, form, as_converted_paid) if sharing and sharing.with_parity else True
        case "parity_distribution" if not own_first:  # Valuestar and Patron stop what ranks below
            return True
        case "junior_repurchase":  # PriceSmart III.C(3) has exceptions, Patron 8(a) none
            return series_paid or not dividend.stops_repurchases or form in dividend.repurchase_exceptions
    first = series_paid or (form == "junior_stock" and dividend.junior_stock_free)
    return first and _shared(dividend, form, as_converted_paid)


def _shared(dividend: Dividend, form: Form, as_converted_paid: bool | None) -> bool:
    """Whether the series gets its share of what the Common is paid, where that is a condition."""
    sharing = dividend.participation
    if sharing is None or (form == "junior_stock" and not sharing.double_benefit):
        return True
    if as_converted_paid is None:
        raise XlcapError(
            f"is required: the series must be paid its share as converted too ({sharing.clause})",
            where="argument 'as_converted_paid'",
        )
    return as_converted_paid


def check_shared_with_parity(terms: Terms) -> None:
    """Only where the certificate says so is a dividend shared with stock of equal rank (PriceSmart III.C)."""
    dividend = dividend_of(terms)
    if not dividend.cumulative:
        raise XlcapError("dividends under these terms do not accumulate", where=f"{terms.id}: dividend", code="#N/A")
    if not dividend.parity_pro_rata:
        raise XlcapError(
            "these terms have no rule for sharing a dividend with stock of equal rank",
            where=f"{terms.id}: dividend.parity_pro_rata",
            code="#N/A",
        )


class Allocated(NamedTuple):
    """What one class gets of a dividend that does not pay everything."""

    name: str
    accumulated: Decimal
    paid: Decimal


@exact
def allocate(amount: Decimal, claims: Sequence[Claim], *, cents: bool = True) -> tuple[tuple[Allocated, ...], Decimal]:
    """A dividend shared in the ratio of accumulated dividends, and what is left because all are paid (III.C).

    Nobody is paid more than has accumulated. In cents, what has accumulated counts in cents too, for it is money.
    """
    if amount < 0:
        raise XlcapError(f"must be zero or more; found {show(amount)}", where="argument 'amount'")
    owed = [CENT(claim.accumulated) if cents else claim.accumulated for claim in claims]
    total = sum(owed, ZERO)
    payable = min(Rounding(2, "down")(amount) if cents else amount, total)
    paid = apportion(payable, owed) if cents else [payable * claim / total if total else ZERO for claim in owed]
    rows = tuple(Allocated(claim.class_, claim.accumulated, share) for claim, share in zip(claims, paid, strict=True))
    return rows, amount - payable
