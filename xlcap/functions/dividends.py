"""Dividends: accrued, scheduled, due first, shared in, paid in kind, allowed, shared out."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Any, cast

from xlcap.calendars import calendar
from xlcap.engine import conversion, dividends, participation
from xlcap.engine.dividends import Accrual, Form, Outlay
from xlcap.engine.redemption import redemption_of
from xlcap.errors import XlcapError
from xlcap.functions.arguments import (
    Amount,
    Cents,
    Certificate,
    Claims,
    Date,
    Dates,
    Holdings,
    Holidays,
    Payments,
    Yes,
    choice,
)
from xlcap.functions.conversion import HolderOfRow, PriceOfRow, holders_of_rows
from xlcap.functions.registry import function
from xlcap.numbers import ONE, ZERO, exact
from xlcap.terms import Terms

TOPIC = "Dividends"

IssueDate = Annotated[Date, "day the share was issued; blank: the certificate's original issue date"]
Unpaid = Annotated[
    Dates,
    "nominal payment dates whose dividend was not paid in full when due; blank: all were paid, or there are no dates",
]
Paid = Annotated[Payments, "later or partial payments on arrears (date, amount a share); the oldest arrears come first"]
RedemptionDate = Annotated[Date, "Redemption Date, if the share is called"]
SetAside = Annotated[Date, "day the funds for redemption were set aside; blank: they were not, and dividends go on"]
Default = Annotated[Yes, "TRUE if the company did not pay the redemption price on the Redemption Date"]


def _accrual(
    terms: Terms,
    as_of: dt.date,
    issue_date: dt.date | None,
    unpaid: Sequence[dt.date],
    payments: Sequence[dividends.Payment],
    redemption_date: dt.date | None,
    funds_set_aside: dt.date | None,
    in_default: bool,
) -> Accrual:
    redemption = None
    if redemption_date is not None:
        redemption_of(terms)
        redemption = dividends.Redemption(redemption_date, funds_set_aside, in_default)
    elif funds_set_aside is not None:
        raise XlcapError("is required: funds are set aside for a redemption on it", where="argument 'redemption_date'")
    return dividends.accrue(terms, as_of, issue_date, unpaid, payments, redemption)


@function(TOPIC)
def accrued_dividends(
    terms: Certificate,
    as_of: Annotated[Date, "day up to which dividends are counted"],
    issue_date: IssueDate | None = None,
    unpaid: Unpaid = (),
    payments: Paid = (),
    redemption_date: RedemptionDate | None = None,
    funds_set_aside: SetAside | None = None,
    in_default: Default = False,
    part: Annotated[
        str,
        choice("total", "running", "arrears", "on_arrears"),
        "total; running (this period's, or all since issue where nothing ends a period); arrears (past periods'); or "
        "on_arrears (the part of these they have borne)",
    ] = "total",
) -> Decimal:
    """Dividends a share has accumulated and not been paid by a day, dollars, exact (not rounded).

    Source: PriceSmart III.A, III.B, V.D. A quarter's dividend = rate x (base amount + arrears at its start) x days /
    360, where dividends compound quarterly. A dividend is paid on its date unless its nominal date is in ``unpaid``;
    a date that moves to a business day earns nothing more. Patron 8(a): there are no payment dates, 10% x 5,000 x days
    / 365 is owed from the share's issue until ``payments`` reduce it; the first day is not counted, the last is
    (include_first_day, AMB-PT8). Valuestar A.1: nothing accumulates, 0. Dividends that compound each year do so on the
    anniversaries of the day they accrue from (that of 29 February: 28 February). Errors: a day before issue; a date in
    ``unpaid`` that is no payment date; a payment above what is owed; a redemption date under terms without redemption.

    >>> from xlcap.functions import call
    >>> call("ACCRUED_DIVIDENDS", ["PRICESMART-B", "2004-02-16", "2003-07-09"])
    10.0
    >>> call("ACCRUED_DIVIDENDS", ["PATRON-B", "2008-10-11", "2007-10-12"])
    500.0
    """
    accrual = _accrual(terms, as_of, issue_date, unpaid, payments, redemption_date, funds_set_aside, in_default)
    return cast(Decimal, getattr(accrual, part))


@function(TOPIC)
def accrued_dividends_detail(
    terms: Certificate,
    as_of: Annotated[Date, "day up to which dividends are counted"],
    issue_date: IssueDate | None = None,
    unpaid: Unpaid = (),
    payments: Paid = (),
    redemption_date: RedemptionDate | None = None,
    funds_set_aside: SetAside | None = None,
    in_default: Default = False,
) -> list[list[Any]]:
    """The periods behind ACCRUED_DIVIDENDS: days, what the dividend accrued on, the dividend, and the arrears after it.

    A payment on arrears within a period ends a row and begins another. On every row Dividend = Accrues on x rate x Days
    / days of a year; with daily compounding Accrues on x ((1 + rate / days of a year) ^ Days - 1), Accrues on holding
    what the period accrued in the rows before. Received is paid when the row ends. Without payment dates a row ends on
    each anniversary that compounds, and Arrears after is all that is owed then. Source and errors as for
    ACCRUED_DIVIDENDS.

    >>> from xlcap.functions import call
    >>> call("ACCRUED_DIVIDENDS_DETAIL", ["PRICESMART-B", "2004-02-16", "2003-07-09"])[-1][2:5]
    [45, 1000.0, 10.0]
    """
    accrual = _accrual(terms, as_of, issue_date, unpaid, payments, redemption_date, funds_set_aside, in_default)
    rows: list[list[Any]] = [
        ["From", "To", "Days", "Accrues on", "Dividend", "Of which on arrears", "State", "Received", "Arrears after"]
    ]
    rows += [
        [line.start, line.end, line.days, line.bearing, line.dividend, line.on_arrears, line.state, line.received,
         line.arrears]
        for line in accrual.lines
    ]  # fmt: skip
    return rows


@function(TOPIC)
def dividend_schedule(
    terms: Certificate,
    first_day: Annotated[Date, "first day of the nominal payment dates listed"],
    last_day: Annotated[Date, "last day of the nominal payment dates listed"],
    issue_date: Annotated[Date, "day the share was issued, for its first period; blank: whole periods"] | None = None,
    holidays: Holidays | None = None,
) -> list[list[Any]]:
    """Dividend dates in a span of time: nominal, paid (moved to a business day), record; days and dividend a share.

    Source: PriceSmart III.A. A share's dividend = rate x base amount x days / 360, if all before it were paid when due.
    Errors: the series' first dividend listed without an issue date; a certificate whose dividends have no dates.

    >>> from xlcap.functions import call
    >>> [str(cell) for cell in call("DIVIDEND_SCHEDULE", ["PRICESMART-B", "2005-01-01", "2005-12-31"])[1]]
    ['2005-01-01', '2005-01-03', '2004-12-15', '90', '20.0']
    """
    scheduled = dividends.schedule(terms, first_day, last_day, calendar(terms.calendar, holidays), issue_date)
    rows: list[list[Any]] = [["Nominal", "Payment", "Record", "Days", "Dividend"]]
    rows += [[entry.nominal, entry.payment, entry.record, entry.days, entry.dividend] for entry in scheduled]
    return rows


@function(TOPIC)
@exact
def dividend_preference(
    terms: Certificate,
    shares: Annotated[Amount, "preferred shares; blank: one"] = ONE,
    paid_this_year: Annotated[Amount, "already paid on a share for this year, dollars; blank: nothing"] = ZERO,
    arrears: Annotated[
        Amount, "unpaid of earlier years on a share, dollars, where the certificate puts these before the Common too"
    ] = ZERO,
) -> Decimal:
    """What the series is due this year before a dividend on the Common, dollars.

    Source: Valuestar A.1: 1.40 a share, which lapses with the year. Patron 8(a): 10% of 5,000 for the fiscal year,
    whatever is in arrears. PriceSmart III.C: all past periods first, so ``arrears`` (ACCRUED_DIVIDENDS, part arrears)
    count. Errors: ``arrears`` where the Common need not wait for them.

    >>> from xlcap.functions import call
    >>> call("DIVIDEND_PREFERENCE", ["VALUESTAR-B", 500000]), call("DIVIDEND_PREFERENCE", ["VALUESTAR-B", 500000, 1])
    (700000.0, 200000.0)
    """
    return dividends.due_this_year(terms, paid_this_year, arrears) * shares


@function(TOPIC)
@exact
def dividend_participation(
    terms: Certificate,
    common_dividend: Annotated[
        Amount, "cash dividend on a share of Common, dollars; with in_common_stock: shares of Common on each share"
    ],
    shares: Annotated[Holdings, "preferred shares; a range: one row for each tranche or holder"],
    price: PriceOfRow,
    preferential_paid: Annotated[Amount, "the series' own dividend already paid this year, dollars a share"] = ZERO,
    holder: HolderOfRow = (),
    noncash_value: Annotated[
        Amount, "whole value of property or securities distributed to the Common and all who share, dollars"
    ] = ZERO,
    common_outstanding: Annotated[Amount, "shares of Common that share in it"] | None = None,
    others_as_converted: Annotated[Amount, "shares of Common other preferred converts into, where it shares too"]
    | None = None,
    in_common_stock: Annotated[Yes, "TRUE if the dividend is paid in Common"] = False,
) -> list[list[Any]]:
    """What the series gets when the Common is paid something: its own dividend first, and a share as converted.

    Source: Valuestar A.1, A.2: what is left of 1.40 for the year, and the Common's dividend x 17.50 / price (both,
    unless participation_credit, AMB-VS1); of a value V in property V x B / (O + B), B as converted, and Series A in the
    sum where series_a_participates (AMB-VS16). Patron 8(a), 8(b): what is left of the fiscal year's 500, and the
    dividend x the whole shares each holder's shares convert into; Common on Common too, although it cuts the
    conversion price (double_benefit, AMB-PT9): the column Warning says so. ``price`` is the conversion price at the
    record date. Common shares holds what is paid in Common, Total the dollars. Errors: a certificate without such a
    share (PriceSmart); a distribution without the shares of Common.

    >>> from xlcap.functions import call
    >>> call("DIVIDEND_PARTICIPATION", ["VALUESTAR-B", 0.05, 500000, 1.75])[1][3:7]
    [700000.0, 250000.0, 0.0, 950000.0]
    >>> call("DIVIDEND_PARTICIPATION", ["PATRON-B", 0.1, 1, 2.4])[1][2:5]
    [2084.0, 500.0, 208.4]
    """
    amount = conversion.basis(terms, ZERO, ZERO)
    paid = participation.Payment(common_dividend, in_common_stock, noncash_value, common_outstanding,
                                 others_as_converted)  # fmt: skip
    holders = [entry for entry in holders_of_rows(shares, price, holder, lambda _row: amount) if entry.lots]
    parts = participation.participate(terms, paid, [entry.lots for entry in holders], preferential_paid)
    clause, warning = participation.clauses(terms, paid), participation.note(terms, paid)
    rows: list[list[Any]] = [
        ["Holder", "Preferred", "Conversion shares", "Preferential first", "As converted", "Share of distribution",
         "Total", "Common shares", "Clause", "Warning"]
    ]  # fmt: skip
    rows += [[entry.name, *part, clause, warning] for entry, part in zip(holders, parts, strict=True)]
    if len(parts) > 1:
        rows.append(["Total", *(sum(column, ZERO) for column in zip(*parts, strict=True)), clause, warning])
    return rows


@function(TOPIC)
@exact
def pik_shares(
    terms: Certificate,
    amount: Annotated[Amount, "dividend to be paid, dollars"],
    outstanding: Annotated[Amount, "shares of the series outstanding, to be held against the number authorised"]
    | None = None,
) -> Decimal:
    """Further shares of the series that pay a dividend in kind: the dividend / the base amount of a share.

    Source: Patron 8(b). Fractions of a share are issued, or cut off (pik_rounding, AMB-PT10). The new shares have an
    issue date and a conversion price of their own. Errors: a certificate that pays in cash; more shares than are
    authorised, where ``outstanding`` is given.

    >>> from xlcap.functions import call
    >>> call("PIK_SHARES", ["PATRON-B", 500000, 1000])
    100.0
    """
    return dividends.in_kind(terms, amount, outstanding)


@function(TOPIC)
def dividend_allowed(
    terms: Certificate,
    outlay: Annotated[
        str,
        choice(
            "preferred_dividend",
            "junior_dividend",
            "junior_distribution",
            "junior_repurchase",
            "parity_dividend",
            "parity_distribution",
            "retirement_by_terms",
            "preferred_repurchase",
        ),
        "what is to be paid: preferred_dividend or _repurchase (the series itself), junior_dividend, _distribution or "
        "_repurchase, parity_dividend (shared pro rata) or _distribution, retirement_by_terms",
    ],
    series_paid: Annotated[
        Yes,
        "TRUE if the series' dividends are paid or set apart: of all past periods; this year's, where the certificate "
        "looks at a year alone or nothing accumulates",
    ],
    senior_paid: Annotated[
        Yes,
        "the same for senior dividends, of this and all past periods or of the year alone; needed for a payment on the "
        "series itself",
    ]
    | None = None,
    form: Annotated[
        str,
        choice("cash", "junior_stock", "convertible_debt", "existing_obligation"),
        "cash (or property); junior_stock: paid solely in it; for repurchases convertible_debt, existing_obligation",
    ] = "cash",
    as_converted_paid: Annotated[
        Yes, "TRUE if the series gets its share as converted too; needed where the certificate makes that a condition"
    ]
    | None = None,
) -> bool:
    """Whether the dividend stopper lets a payment be made.

    Source: PriceSmart III.C(a), (b), (1) to (3) and its last sentence. A dividend on the series needs senior dividends
    and its own of all past periods paid; junior stock gets nothing before the series' past dividends, except junior
    stock; repurchases of convertible debt and obligations older than the series are free. Valuestar A.1: the Common
    waits for this year's 1.40, unless paid in Common, and the series gets a like amount as converted; repurchases are
    free. Patron 8(a), 8(b): the series waits for Series A's dividends of the fiscal year, the Common for the series' of
    that year, in whatever form and whatever is in arrears, and the series gets its share as converted; repurchases of
    the Common wait too, without exception (dividend.repurchase_exceptions).

    >>> from xlcap.functions import call
    >>> call("DIVIDEND_ALLOWED", ["PRICESMART-B", "junior_dividend", False])
    False
    >>> call("DIVIDEND_ALLOWED", ["PRICESMART-B", "junior_dividend", False, None, "junior_stock"])
    True
    """
    return dividends.allowed(
        terms,
        cast(Outlay, outlay),
        cast(Form, form),
        senior_paid=senior_paid,
        series_paid=series_paid,
        as_converted_paid=as_converted_paid,
    )


@function(TOPIC)
def dividend_allocation(
    terms: Certificate,
    amount: Annotated[Amount, "dollars to be paid on the series and its parity securities"],
    claims: Annotated[Claims, "table with a header row: class, accumulated (dividends and dividends on them, dollars)"],
    rounding: Cents = "cents",
) -> list[list[Any]]:
    """A dividend that does not pay everything, shared with parity securities in the ratio of accumulated dividends.

    Source: PriceSmart III.C (dividend.parity_pro_rata); Valuestar and Patron have no such rule. Paid in cents by
    largest remainder, or exactly; nobody gets more than has accumulated, and what is left over then stands in the last
    row. Errors: terms without the rule; a negative amount; a fault in the table with its row and column.

    >>> from xlcap.functions import call
    >>> table = [["class", "accumulated"], ["Series B", 400000], ["Parity", 100000]]
    >>> [row[2] for row in call("DIVIDEND_ALLOCATION", ["PRICESMART-B", 50000, table])]
    ['Paid', 40000.0, 10000.0, 0.0]
    """
    dividends.check_shared_with_parity(terms)
    shares, left = dividends.allocate(amount, claims, cents=rounding == "cents")
    rows: list[list[Any]] = [["Class", "Accumulated", "Paid", "Still accumulated"]]
    rows += [[share.name, share.accumulated, share.paid, share.accumulated - share.paid] for share in shares]
    return [*rows, ["(left over)", None, left, None]]


@function(TOPIC)
def transfers_open(
    terms: Certificate,
    as_of: Annotated[Date, "day of the transfer"],
    called: Annotated[Yes, "TRUE if the shares are called for redemption"] = False,
    surrendered: Annotated[Yes, "TRUE if the shares were surrendered for conversion"] = False,
    holidays: Holidays | None = None,
) -> bool:
    """Whether the company must register a transfer on a day.

    Source: PriceSmart I.F: not for shares called or surrendered for conversion, and not from a record date until the
    next dividend payment date (on that date it must).

    >>> from xlcap.functions import call
    >>> call("TRANSFERS_OPEN", ["PRICESMART-B", "2003-12-20"]), call("TRANSFERS_OPEN", ["PRICESMART-B", "2004-01-02"])
    (False, True)
    """
    if called or surrendered:
        return False
    if terms.dividend is None:
        return True
    return not dividends.between_record_and_payment(terms, as_of, calendar(terms.calendar, holidays))
