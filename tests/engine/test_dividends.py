"""Cumulative dividends of the PriceSmart certificate: III.A to III.C, I.F, V.D."""

from __future__ import annotations

import datetime as dt
import itertools
from decimal import ROUND_DOWN, Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlcap.engine import dividends
from xlcap.engine.dividends import Payment, days_between
from xlcap.errors import XlcapError
from xlcap.functions import call
from xlcap.numbers import guarded
from xlcap.terms import Terms, from_block, load

ISSUED = "2003-07-09"


def accrued(as_of: str, *rest: Any, block: Any = "PRICESMART-B", issued: str = ISSUED) -> float:
    """ACCRUED_DIVIDENDS of a share issued on 9 July 2003."""
    answer = call("ACCRUED_DIVIDENDS", [block, as_of, issued, *rest])
    assert isinstance(answer, float)
    return answer


def switched(**fields: str) -> list[list[str]]:
    """The certificate with some dividend terms changed."""
    return [["id", "PRICESMART-B"], *([f"dividend.{name}", value] for name, value in fields.items())]


# --- day counts -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "end", "basis", "days"),
    [
        ("2003-07-09", "2003-10-01", "30_360", 82),  # 2 x 30 + 22
        ("2004-01-01", "2004-02-16", "30_360", 45),
        ("2003-07-31", "2003-08-31", "30_360", 30),  # both ends are 30ths
        ("2003-07-15", "2003-08-31", "30_360", 46),  # the end stays a 31st
        ("2003-07-15", "2003-08-31", "30E_360", 45),
        ("2004-02-28", "2004-03-01", "30_360", 3),  # February has thirty days too
        ("2004-02-28", "2004-03-01", "ACTUAL_365", 2),  # a leap year
        ("2004-02-28", "2004-03-01", "ACTUAL_360", 2),
    ],
)
def test_day_counts(start: str, end: str, basis: Any, days: int) -> None:
    """Days are counted as the basis says: the bond basis takes a 31st as a 30th only after a 30th or 31st."""
    assert days_between(dt.date.fromisoformat(start), dt.date.fromisoformat(end), basis) == days


# --- accrual ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("as_of", "unpaid", "expected"),
    [
        ("2004-02-16", [], 10),  # 80 x 45/360
        ("2003-07-09", [], 0),  # the day of issue
        ("2003-10-01", [], 0),  # paid that day
        ("2003-10-01", ["2003-10-01"], 80 * 82 / 360),
        ("2003-09-30", [], 80 * 81 / 360),
        ("2004-01-01", ["2004-01-01"], 20),
        ("2013-07-09", [], 80 * 8 / 360),
        # 20, then 1,020 x 2% = 20.40, then 1,040.40 x 2% = 20.808
        ("2004-10-01", ["2004-04-01", "2004-07-01", "2004-10-01"], 61.208),
        # the dividend of 1 July was paid, dividends on the arrears of 20 included; 30 days on 1,020: 6.80
        ("2004-07-31", ["2004-04-01"], 26.8),
        ("2004-03-31", ["2004-04-01"], 20),  # the date to come is no arrears yet: 90 days run by 30/360
    ],
)
def test_accrued(as_of: str, unpaid: list[str], expected: float) -> None:
    """Dividends run from issue; those unpaid are carried and bear dividends from the next quarter on."""
    assert accrued(as_of, [[day] for day in unpaid]) == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize(
    ("compounding", "expected"),
    [
        ("simple", 60),
        ("quarterly", 61.208),
        ("daily", 1000 * (1 + 0.08 / 360) ** 270 - 1000),
    ],
)
def test_compounding_is_a_switch(compounding: str, expected: float) -> None:
    """Three quarters unpaid: arrears bear nothing, from each quarter on, or from each day on."""
    unpaid = [["2004-04-01"], ["2004-07-01"], ["2004-10-01"]]
    assert accrued("2004-10-01", unpaid, block=switched(compounding=compounding)) == pytest.approx(expected, rel=1e-12)


def test_parts_are_kept_apart() -> None:
    """Arrears (with what they bore) and the running dividend can be asked for singly."""
    unpaid = [["2004-04-01"], ["2004-07-01"]]
    parts = [
        call("ACCRUED_DIVIDENDS", ["PRICESMART-B", "2004-08-16", ISSUED, unpaid, None, None, None, None, part])
        for part in ("arrears", "on_arrears", "running", "total")
    ]
    # 20 + 20.40; 0.40 of it on arrears; 1,040.40 x 8% x 45/360
    assert parts == [40.4, 0.4, 10.404, 50.804]


def test_detail_shows_each_period() -> None:
    """The periods with their days, what the dividend accrued on, and the arrears after them."""
    table = call("ACCRUED_DIVIDENDS_DETAIL", ["PRICESMART-B", "2004-02-16", ISSUED, [["2004-01-01"]]])
    assert isinstance(table, list)
    assert [row[2:5] for row in table[1:]] == [
        [82, 1000, pytest.approx(18.2222222222)],
        [90, 1000, 20],
        [45, 1020, 10.2],
    ]
    assert [row[6] for row in table[1:]] == ["paid", "unpaid", "running"]
    assert [row[8] for row in table[1:]] == [0, 20, 20]


DETAIL = ("From", "To", "Days", "Accrues on", "Dividend", "State", "Received", "Arrears after")


def detail(as_of: str, *rest: Any, block: Any = "PRICESMART-B") -> list[list[Any]]:
    """The rows of ACCRUED_DIVIDENDS_DETAIL in the columns of ``DETAIL``."""
    table = call("ACCRUED_DIVIDENDS_DETAIL", [block, as_of, ISSUED, *rest])
    assert isinstance(table, list)
    return [[row[table[0].index(column)] for column in DETAIL] for row in table[1:]]


def test_payment_within_a_period_begins_a_row() -> None:
    """15.00 of 40.40 paid on 16 May: 45 days on 1,040.40, 10.404; 44 days on 1,025.40, 10.0261."""
    paid = [["date", "amount"], ["2004-05-16", 10], ["2004-05-16", 5]]
    april, may, june = dt.date(2004, 4, 1), dt.date(2004, 5, 16), dt.date(2004, 6, 30)
    rows = detail("2004-06-30", [["2004-01-01"], ["2004-04-01"]], paid)
    assert rows[3:] == [
        [april, may, 45, 1040.4, 10.404, "running", 15, 25.4],
        [may, june, 44, 1025.4, pytest.approx(1025.4 * 0.08 * 44 / 360, rel=1e-14), "running", 0, 25.4],
    ]


def test_parts_are_counted_from_the_start_of_the_period() -> None:
    """To 31 May 60 days of 30/360, to 1 June 60 too: the day between earns nothing, and the quarter keeps its 90."""
    paid = [["date", "amount"], ["2004-05-31", 5], ["2004-06-01", 5]]
    rows = detail("2004-07-01", [["2004-01-01"], ["2004-07-01"]], paid)
    assert [row[2:5] for row in rows[3:]] == [
        [60, 1020, pytest.approx(13.6)],
        [0, 1015, 0],
        [30, 1010, pytest.approx(1010 * 0.02 / 3)],
    ]


def test_payment_on_the_last_day_begins_no_row() -> None:
    """What is paid when the row ends stands on it, the day asked about being that day."""
    rows = detail("2004-05-16", [["2004-04-01"]], [["date", "amount"], ["2004-05-16", 15]])
    assert [row[2:] for row in rows[3:]] == [[45, 1020, 10.2, "running", 15, 5]]


def test_arrears_paid_after_a_redemption_on_a_payment_date() -> None:
    """Redeemed on 1 July 2008, when a dividend was due; arrears of 20.00 paid in August are no arrears any more."""
    paid = [["date", "amount"], ["2008-08-15", 20]]
    redeemed = ["2008-07-01", "2008-07-01"]
    assert accrued("2008-08-14", [["2008-07-01"]], paid, *redeemed) == 20
    assert accrued("2008-08-15", [["2008-07-01"]], paid, *redeemed) == 0


def test_part_payment_leaves_the_rest_in_arrears() -> None:
    """Of a dividend of 20.00 twelve dollars are paid when due: 8.00 are carried and bear 2% a quarter."""
    paid = [["date", "amount"], ["2004-04-01", 12]]
    assert accrued("2004-04-01", [["2004-04-01"]], paid) == 8
    assert accrued("2004-06-30", [["2004-04-01"]], paid) == pytest.approx(8 + 1008 * 0.08 * 89 / 360, rel=1e-14)


def test_late_payment_stops_bearing_when_paid() -> None:
    """Arrears of 20.00 paid on 16 May: they bore dividends for 45 days, 20 x 8% x 45/360 = 0.20, no longer."""
    paid = [["date", "amount"], ["2004-05-16", 20]]
    assert accrued("2004-06-16", [["2004-04-01"]], paid) == pytest.approx(80 * 75 / 360 + 0.2, rel=1e-14)
    assert accrued("2004-05-15", [["2004-04-01"]], paid) == pytest.approx(20 + 1020 * 0.08 * 44 / 360, rel=1e-14)


def test_payments_take_the_oldest_arrears_first() -> None:
    """25.00 paid on arrears of 20.00 and 20.40: the first dividend is gone, 15.40 of the second is left."""
    terms = load("PRICESMART-B")
    made = [Payment(row=1, date=dt.date(2004, 7, 1), amount=Decimal(25))]
    unpaid = [dt.date(2004, 4, 1), dt.date(2004, 7, 1)]
    accrual = dividends.accrue(terms, dt.date(2004, 7, 1), dt.date(2003, 7, 9), unpaid, made)
    assert accrual.arrears == Decimal("15.40")
    assert accrual.on_arrears == Decimal("0.40")


@pytest.mark.parametrize(
    ("funds", "in_default", "expected"),
    [
        ("2008-08-15", False, 80 * 44 / 360),  # set aside on the day: 1 July to 15 August is 44 days
        ("2008-08-01", False, 80 * 44 / 360),
        (None, False, 80 * 74 / 360),  # never set aside: dividends go on to 15 September
        ("2008-08-16", False, 80 * 74 / 360),  # a day late
        ("2008-08-01", True, 80 * 74 / 360),  # set aside, and yet not paid
    ],
)
def test_redemption_stops_dividends_if_funded(funds: str | None, in_default: bool, expected: float) -> None:
    """Called for 15 August 2008: dividends stop on it if the funds were set aside by then and paid (V.D)."""
    answer = accrued("2008-09-15", None, None, "2008-08-15", funds, in_default)
    assert answer == pytest.approx(expected, rel=1e-14)


def test_series_date_instead_of_the_shares_own() -> None:
    """Where dividends accrue from the original issue date, a later share accrues from it too (AMB-PS3)."""
    block = [*switched(accrues_from="original_issue_date"), ["original_issue_date", "2003-07-09"]]
    assert accrued("2004-02-16", issued="2004-02-01", block=block) == 10


def test_no_issue_date_takes_the_certificates() -> None:
    """Without an issue date the series' own counts, once it has been filled in."""
    block = [["id", "PRICESMART-B"], ["original_issue_date", "2003-07-09"]]
    assert call("ACCRUED_DIVIDENDS", [block, "2003-10-01", None, [["2003-10-01"]]]) == pytest.approx(18.2222222222)


def test_a_range_of_days_has_a_range_of_answers() -> None:
    """Many dates in one call; a blank among them stays blank."""
    answer = call("ACCRUED_DIVIDENDS", ["PRICESMART-B", [["2004-01-16"], [None], ["2004-02-16"]], ISSUED])
    assert answer == [[pytest.approx(80 * 15 / 360)], [None], [10.0]]


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["2003-07-08", ISSUED], "2003-07-08 is before the share was issued (2003-07-09)"),
        (["2004-02-16"], 'PRICESMART-B: original_issue_date: the certificate leaves this date open ("July __, 2003"); '
         "give it in a block of terms, in a TOML file of your own, or as an argument where the function takes one"),
        (["2004-08-16", ISSUED, [["2004-07-02"]]], "2004-07-02 is no nominal payment date (III.A); "
         "the nearest is 2004-07-01"),
        (["2004-08-16", ISSUED, [["2003-07-01"]]], "the nearest is 2003-10-01"),  # the first dividend is that one
        (["2004-08-16", ISSUED, [["2004-07-01"]], [["date", "amount"], ["2004-07-15", 20.01]]],
         "payments row 1, column 'amount': 20.01 is more than the arrears of 20.0000 on 2004-07-15"),
        (["2004-08-16", ISSUED, None, [["date", "amount"], ["2003-07-01", 5]]],
         "payments row 1, column 'date': 2003-07-01 is not after the day dividends accrue from (2003-07-09)"),
        (["2004-08-16", ISSUED, None, [["date", "amount"], ["2003-07-01", "five"]]], "payments row 1, column 'amount'"),
        (["2008-08-16", ISSUED, None, None, None, "2008-08-01"], "argument 'redemption_date': is required"),
        (["soon", ISSUED], "argument 'as_of': a date is expected"),
    ],
)  # fmt: skip
def test_bad_input_is_placed(args: list[Any], message: str) -> None:
    """A date before issue, one that is no payment date, a payment above the arrears: each is named and placed."""
    with pytest.raises(XlcapError) as error:
        call("ACCRUED_DIVIDENDS", ["PRICESMART-B", *args])
    assert message in str(error.value)


DAYS = st.dates(dt.date(2003, 7, 9), dt.date(2015, 12, 31))


def simple(rate: Decimal = Decimal("0.08")) -> Terms:
    """The certificate with dividends that do not compound."""
    return from_block([*switched(compounding="simple"), ["dividend.rate", rate]])


@given(issued=DAYS, days=st.integers(0, 4000), rate=st.decimals("0.001", "0.2", places=4))
def test_unpaid_simple_dividends_are_rate_times_days(issued: dt.date, days: int, rate: Decimal) -> None:
    """Nothing paid and nothing compounded: the periods add up to base x rate x all days / 360."""
    terms = simple(rate)
    as_of = issued + dt.timedelta(days=days)
    assert terms.dividend is not None
    missed = list(dividends.payment_dates(terms.dividend, issued, as_of))
    accrual = dividends.accrue(terms, as_of, issued, missed)
    periods = zip([issued, *missed], [*missed, as_of], strict=True)
    counted = sum(days_between(start, end, "30_360") for start, end in periods)
    assert abs(Fraction(accrual.total) - 1000 * Fraction(rate) * counted / 360) < Fraction(1, 10**40)


@given(issued=DAYS, days=st.integers(0, 3000))
def test_arrears_never_accrue_less_by_compounding(issued: dt.date, days: int) -> None:
    """Daily compounding accrues at least what quarterly does, and quarterly at least what simple does."""
    as_of = issued + dt.timedelta(days=days)
    totals = []
    for compounding in ("simple", "quarterly", "daily"):
        terms = from_block(switched(compounding=compounding))
        assert terms.dividend is not None
        missed = list(dividends.payment_dates(terms.dividend, issued, as_of))
        totals.append(guarded(dividends.accrue(terms, as_of, issued, missed).total))
    assert totals == sorted(totals)


@given(
    compounding=st.sampled_from(["simple", "quarterly", "daily"]),
    basis=st.sampled_from(["30_360", "30E_360", "ACTUAL_365", "ACTUAL_360"]),
    issued=DAYS,
    days=st.integers(0, 1200),
    paid=st.lists(st.tuples(st.integers(1, 1200), st.decimals("0.01", 1, places=2)), max_size=6),
    data=st.data(),
)
def test_every_row_of_the_detail_multiplies_out(
    compounding: str, basis: str, issued: dt.date, days: int, paid: list[tuple[int, Decimal]], data: st.DataObject
) -> None:
    """On each row the dividend is what its days earn on what it accrues on; the rows add up to what is accumulated."""
    terms = from_block(switched(compounding=compounding, day_count_type=basis))
    assert terms.dividend is not None
    as_of = issued + dt.timedelta(days=days)
    missed = [day for day in dividends.payment_dates(terms.dividend, issued, as_of) if data.draw(st.booleans())]
    made: list[Payment] = []
    for after, part in sorted(paid):
        day = min(issued + dt.timedelta(days=after), as_of)
        arrears = dividends.accrue(terms, day, issued, [date for date in missed if date <= day], made).arrears
        amount = (arrears * part).quantize(Decimal("0.01"), ROUND_DOWN)
        if amount:
            made.append(Payment(row=len(made) + 1, date=day, amount=amount))
    accrual = dividends.accrue(terms, as_of, issued, missed, made)
    rate, year = Fraction(terms.dividend.rate), 365 if basis == "ACTUAL_365" else 360
    owed, reached = Fraction(0), issued
    for line in accrual.lines:
        earned = (1 + rate / year) ** line.days - 1 if compounding == "daily" else rate * line.days / year
        assert abs(Fraction(line.dividend) - Fraction(line.bearing) * earned) < Fraction(1, 10**40)
        assert line.start == reached
        reached = line.end
        owed += (0 if line.state == "paid" else Fraction(line.dividend)) - Fraction(line.received)
    assert reached == as_of
    assert abs(owed - Fraction(accrual.total)) < Fraction(1, 10**40)
    assert [line.received for line in accrual.lines if line.received] == [
        sum(payment.amount for payment in same) for _, same in itertools.groupby(made, lambda payment: payment.date)
    ]


# --- schedule ---------------------------------------------------------------------------------------------------------


def test_schedule_moves_payments_to_business_days() -> None:
    """The dividends of 2005: 1 January and 1 October fall on Saturdays; the days and the money do not change."""
    table = call("DIVIDEND_SCHEDULE", ["PRICESMART-B", "2005-01-01", "2005-12-31"])
    assert isinstance(table, list)
    assert [[str(cell) for cell in row] for row in table[1:]] == [
        ["2005-01-01", "2005-01-03", "2004-12-15", "90", "20.0"],
        ["2005-04-01", "2005-04-01", "2005-03-15", "90", "20.0"],
        ["2005-07-01", "2005-07-01", "2005-06-15", "90", "20.0"],
        ["2005-10-01", "2005-10-03", "2005-09-15", "90", "20.0"],
    ]


def test_schedule_starts_with_the_first_dividend() -> None:
    """A share of 9 July 2003: its first dividend is for 82 days; 1 July 2003 was no payment date."""
    table = call("DIVIDEND_SCHEDULE", ["PRICESMART-B", "2003-06-01", "2004-01-31", ISSUED, [["2004-01-01"]]])
    assert isinstance(table, list)
    assert [(str(row[0]), str(row[1]), row[3]) for row in table[1:]] == [
        ("2003-10-01", "2003-10-01", 82),
        ("2004-01-01", "2004-01-02", 90),
    ]
    assert table[1][4] == pytest.approx(80 * 82 / 360)


def test_schedule_needs_the_issue_date_for_the_first_dividend() -> None:
    """The first period starts on a day the draft leaves open, so a date must be given."""
    with pytest.raises(XlcapError, match="original_issue_date: the certificate leaves this date open"):
        call("DIVIDEND_SCHEDULE", ["PRICESMART-B", "2003-10-01", "2003-12-31"])


def test_schedule_refuses_a_span_turned_round() -> None:
    """The last day must not be before the first."""
    with pytest.raises(XlcapError, match="argument 'last_day': 2003-01-01 is before 2003-12-31"):
        call("DIVIDEND_SCHEDULE", ["PRICESMART-B", "2003-12-31", "2003-01-01"])


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2004-12-14", True),
        ("2004-12-15", False),  # the record date
        ("2005-01-01", False),  # nominal, a Saturday
        ("2005-01-02", False),
        ("2005-01-03", True),  # paid
        ("2003-06-20", True),  # no dividend is paid on 1 July 2003, so there is no record date for it
    ],
)
def test_transfers_close_between_record_and_payment(day: str, expected: bool) -> None:
    """The register is closed from a record date until the dividend is paid (I.F)."""
    assert call("TRANSFERS_OPEN", ["PRICESMART-B", day]) is expected


@pytest.mark.parametrize("state", [[True], [False, True]])
def test_transfers_of_called_or_surrendered_shares(state: list[bool]) -> None:
    """Shares called for redemption or surrendered for conversion are not transferred on any day."""
    assert call("TRANSFERS_OPEN", ["PRICESMART-B", "2004-11-01", *state]) is False


# --- what may be paid -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outlay", "series_paid", "senior_paid", "form", "expected"),
    [
        ("preferred_dividend", True, True, None, True),
        ("preferred_dividend", False, True, None, False),
        ("preferred_dividend", True, False, None, False),
        ("junior_dividend", True, None, None, True),
        ("junior_dividend", False, None, None, False),
        ("junior_dividend", False, None, "junior_stock", True),
        ("junior_distribution", False, None, "cash", False),
        ("junior_distribution", False, None, "junior_stock", True),
        ("junior_repurchase", False, None, "cash", False),
        ("junior_repurchase", False, None, "convertible_debt", True),
        ("junior_repurchase", False, None, "existing_obligation", True),
        ("parity_dividend", False, None, None, True),
        ("parity_distribution", False, None, None, False),
        ("retirement_by_terms", False, None, None, True),
    ],
)
def test_dividend_stopper(
    outlay: str, series_paid: bool, senior_paid: bool | None, form: str | None, expected: bool
) -> None:
    """What may be paid before the series' past dividends are (III.C(a), (b), (1) to (3), last sentence)."""
    assert call("DIVIDEND_ALLOWED", ["PRICESMART-B", outlay, series_paid, senior_paid, form]) is expected


@pytest.mark.parametrize("form", ["convertible_debt", "existing_obligation"])
def test_exceptions_for_repurchases_are_the_certificates(form: str) -> None:
    """Each of the two exceptions of III.C stands in the terms; without it the repurchase waits."""
    other = {"convertible_debt": "existing_obligation", "existing_obligation": "convertible_debt"}[form]
    block = [["id", "PRICESMART-B"], ["dividend.repurchase_exceptions", other]]
    assert call("DIVIDEND_ALLOWED", [block, "junior_repurchase", False, None, form]) is False
    assert call("DIVIDEND_ALLOWED", [block, "junior_repurchase", False, None, other]) is True


def test_own_dividend_asks_about_senior_ones() -> None:
    """A dividend on the series cannot be judged without knowing whether senior dividends are paid."""
    with pytest.raises(XlcapError, match="argument 'senior_paid': is required"):
        call("DIVIDEND_ALLOWED", ["PRICESMART-B", "preferred_dividend", True])


@pytest.mark.parametrize("terms", ["PATRON-B", [["id", "PRICESMART-B"], ["dividend.parity_pro_rata", False]]])
def test_no_sharing_with_parity_without_a_rule(terms: Any) -> None:
    """Section 8 of Patron says nothing of stock of equal rank."""
    with pytest.raises(XlcapError, match="these terms have no rule for sharing a dividend with stock of equal rank"):
        call("DIVIDEND_ALLOCATION", [terms, 50_000, [["class", "accumulated"], ["Series B", 400_000]]])


def test_a_redemption_date_without_redemption() -> None:
    """Patron's certificate has no redemption, so no share is called (as REDEMPTION_PRICE says)."""
    for name in ("ACCRUED_DIVIDENDS", "ACCRUED_DIVIDENDS_DETAIL"):
        args = ["PATRON-B", "2007-10-31", "2006-11-01", None, None, "2007-04-30"]
        with pytest.raises(XlcapError, match="these terms give no right to redeem") as error:
            call(name, args)
        assert error.value.code == "#N/A"


def allocate(amount: float, *accumulated: float) -> list[float]:
    """The amounts paid by DIVIDEND_ALLOCATION, what is left over last."""
    table = [["class", "accumulated"], *([f"Class {i}", value] for i, value in enumerate(accumulated))]
    answer = call("DIVIDEND_ALLOCATION", ["PRICESMART-B", amount, table])
    assert isinstance(answer, list)
    return [row[2] for row in answer[1:]]  # type: ignore[misc]  # a column of numbers


def test_allocation_in_the_ratio_of_what_is_accumulated() -> None:
    """100.00 on 2:1: 66.67 and 33.33."""
    assert allocate(100, 400, 200) == [66.67, 33.33, 0]


def test_allocation_pays_nothing_in_excess() -> None:
    """More money than has accumulated: all is paid, and 100.00 stay with the company."""
    assert allocate(700, 400, 200) == [400, 200, 100]


@given(
    amount=st.decimals(0, 10**7, places=2),
    accumulated=st.lists(st.decimals(0, 10**6, places=4), min_size=1, max_size=6),
)
def test_allocated_money_adds_up(amount: Decimal, accumulated: list[Decimal]) -> None:
    """What is paid and what is left is the amount, to the cent, and nobody gets more than they are owed in cents."""
    claims = [dividends.Claim(row=i, class_=f"{i}", accumulated=value) for i, value in enumerate(accumulated, 1)]
    shares, left = dividends.allocate(amount, claims)
    assert sum(share.paid for share in shares) + left == amount
    assert all(0 <= share.paid <= share.accumulated + Decimal("0.005") for share in shares)


def test_allocation_places_its_errors() -> None:
    """A negative accumulated dividend is named by row and column."""
    with pytest.raises(XlcapError, match="claims row 2, column 'accumulated': must be 0 or more; found -1"):
        allocate(100, 400, -1)


def test_allocation_may_be_exact() -> None:
    """50,000 on 400,000 : 150,000 is 400,000/11 and 150,000/11, unrounded on request."""
    claims = [["class", "accumulated"], ["Series B", 400_000], ["Parity", 150_000]]
    exact = call("DIVIDEND_ALLOCATION", ["PRICESMART-B", 50_000, claims, "none"])
    assert [row[2] for row in exact[1:]] == [400_000 / 11, 150_000 / 11, 0]
