"""Cumulative dividends: accrued, scheduled, allowed, shared out."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Any, cast

from xlcap.calendars import calendar
from xlcap.engine import dividends
from xlcap.engine.dividends import Accrual, Form, Outlay
from xlcap.errors import XlcapError
from xlcap.functions.arguments import Amount, Cents, Certificate, Claims, Date, Dates, Holidays, Payments, Yes, choice
from xlcap.functions.registry import function
from xlcap.terms import Terms

TOPIC = "Dividends"

IssueDate = Annotated[Date, "day the share was issued; blank: the certificate's original issue date"]
Unpaid = Annotated[Dates, "nominal payment dates whose dividend was not paid in full when due; blank: all were paid"]
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
        "total; running (this period's); arrears (past periods'); or on_arrears (the part of these they have borne)",
    ] = "total",
) -> Decimal:
    """Dividends a share has accumulated and not been paid by a day, dollars, exact (not rounded).

    Source: PriceSmart III.A, III.B, V.D. A quarter's dividend = rate x (base amount + arrears at its start) x days /
    360, where dividends compound quarterly. A dividend is paid on its date unless its nominal date is in ``unpaid``;
    a date that moves to a business day earns nothing more. Errors: a day before issue; a date in ``unpaid`` that is no
    payment date; a payment above the arrears.

    >>> from xlcap.functions import call
    >>> call("ACCRUED_DIVIDENDS", ["PRICESMART-B", "2004-02-16", "2003-07-09"])
    10.0
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
    what the period accrued in the rows before. Received is paid when the row ends. Source and errors as for
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
    Errors: the series' first dividend listed without an issue date.

    >>> from xlcap.functions import call
    >>> [str(cell) for cell in call("DIVIDEND_SCHEDULE", ["PRICESMART-B", "2005-01-01", "2005-12-31"])[1]]
    ['2005-01-01', '2005-01-03', '2004-12-15', '90', '20.0']
    """
    scheduled = dividends.schedule(terms, first_day, last_day, calendar(terms.calendar, holidays), issue_date)
    rows: list[list[Any]] = [["Nominal", "Payment", "Record", "Days", "Dividend"]]
    rows += [[entry.nominal, entry.payment, entry.record, entry.days, entry.dividend] for entry in scheduled]
    return rows


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
        ),
        "what is to be paid: preferred_dividend, junior_dividend, junior_distribution, junior_repurchase, "
        "parity_dividend (shared pro rata), parity_distribution or retirement_by_terms",
    ],
    series_paid: Annotated[Yes, "TRUE if the series' dividends of all past periods are paid or set apart"],
    senior_paid: Annotated[
        Yes, "TRUE if senior dividends of this and all past periods are paid or set apart; needed for the series' own"
    ]
    | None = None,
    form: Annotated[
        str,
        choice("cash", "junior_stock", "convertible_debt", "existing_obligation"),
        "cash (or property); junior_stock: paid solely in it; for repurchases convertible_debt, existing_obligation",
    ] = "cash",
) -> bool:
    """Whether the dividend stopper lets a payment be made.

    Source: PriceSmart III.C(a), (b), (1) to (3) and its last sentence. A dividend on the series needs senior dividends
    and its own of all past periods paid; junior stock gets nothing before the series' past dividends, except junior
    stock; repurchases of convertible debt and obligations older than the series are free.

    >>> from xlcap.functions import call
    >>> call("DIVIDEND_ALLOWED", ["PRICESMART-B", "junior_dividend", False])
    False
    >>> call("DIVIDEND_ALLOWED", ["PRICESMART-B", "junior_dividend", False, None, "junior_stock"])
    True
    """
    dividends.dividend_of(terms)
    if senior_paid is None and outlay == "preferred_dividend":
        raise XlcapError("is required for a dividend on the series", where="argument 'senior_paid'")
    return dividends.allowed(
        cast(Outlay, outlay), cast(Form, form), senior_paid=bool(senior_paid), series_paid=series_paid
    )


@function(TOPIC)
def dividend_allocation(
    terms: Certificate,
    amount: Annotated[Amount, "dollars to be paid on the series and its parity securities"],
    claims: Annotated[Claims, "table with a header row: class, accumulated (dividends and dividends on them, dollars)"],
    rounding: Cents = "cents",
) -> list[list[Any]]:
    """A dividend that does not pay everything, shared with parity securities in the ratio of accumulated dividends.

    Source: PriceSmart III.C. Paid in cents by largest remainder, or exactly; nobody gets more than has accumulated,
    and what is left over then stands in the last row. Errors: a negative amount, a fault in the table with its row and
    column.

    >>> from xlcap.functions import call
    >>> table = [["class", "accumulated"], ["Series B", 400000], ["Parity", 100000]]
    >>> [row[2] for row in call("DIVIDEND_ALLOCATION", ["PRICESMART-B", 50000, table])]
    ['Paid', 40000.0, 10000.0, 0.0]
    """
    dividends.dividend_of(terms)
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
    return not dividends.between_record_and_payment(terms, as_of, calendar(terms.calendar, holidays))
