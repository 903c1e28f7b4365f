"""Dividends without payment dates: Patron 8(a), Valuestar A.1, and other day counts, bases and compounding."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlcap.engine import dividends
from xlcap.errors import XlcapError
from xlcap.functions import call
from xlcap.terms import from_block


def patron(**fields: Any) -> list[list[Any]]:
    """Patron's certificate with some dividend terms changed."""
    return [["id", "PATRON-B"], *([f"dividend.{name}", value] for name, value in fields.items())]


def accrued(block: Any, as_of: str, issued: str, paid: list[list[Any]] | None = None, part: str = "total") -> float:
    """ACCRUED_DIVIDENDS of one share."""
    payments = [["date", "amount"], *paid] if paid else None
    answer = call("ACCRUED_DIVIDENDS", [block, as_of, issued, None, payments, None, None, None, part])
    assert isinstance(answer, float)
    return answer


# --- Patron: simple, actual/365, from each share's issue --------------------------------------------------------------


@pytest.mark.parametrize(
    ("as_of", "expected"),
    [
        ("2006-10-12", 0),  # the day of issue: first day out
        ("2006-10-13", 500 / 365),
        ("2007-10-12", 500),  # 365 days
        ("2008-10-12", 500 + 500 * 366 / 365),  # the second year has a 29 February
        ("2009-10-12", 500 * 1096 / 365),  # never on dividends
    ],
)
def test_ten_percent_of_the_stated_value_for_each_day(as_of: str, expected: float) -> None:
    """10% x 5,000 x days / 365 from the share's issue, the last day in (8(a), AMB-PT8)."""
    assert accrued("PATRON-B", as_of, "2006-10-12") == pytest.approx(expected, rel=1e-14)


def test_what_is_paid_reduces_what_has_accrued() -> None:
    """365 days: 500, of which 300 are paid; 100 days later 200 + 136.99."""
    paid = [["2007-10-12", 300]]
    assert accrued("PATRON-B", "2007-10-12", "2006-10-12", paid) == 200
    assert accrued("PATRON-B", "2008-01-20", "2006-10-12", paid) == pytest.approx(200 + 500 * 100 / 365, rel=1e-14)
    assert accrued("PATRON-B", "2007-10-11", "2006-10-12", paid) == pytest.approx(500 * 364 / 365)  # not yet paid


def test_nothing_is_unpaid_on_a_date() -> None:
    """All of it is of the period that runs; the detail ends a row with each payment and shows what is then owed."""
    assert accrued("PATRON-B", "2008-10-12", "2006-10-12", part="arrears") == 0
    table = call("ACCRUED_DIVIDENDS_DETAIL",
                 ["PATRON-B", "2008-01-20", "2006-10-12", None, [["date", "amount"], ["2007-10-12", 300]]])  # fmt: skip
    assert isinstance(table, list)
    assert [[row[2], row[6], row[7], row[8]] for row in table[1:]] == [
        [365, "running", 300, 200],
        [100, "running", 0, pytest.approx(200 + 500 * 100 / 365)],
    ]


def test_the_first_day_may_count() -> None:
    """include_first_day: a day more, 366 of them in the first year; one on the day of issue."""
    block = patron(include_first_day="TRUE")
    assert accrued(block, "2007-10-12", "2006-10-12") == pytest.approx(500 * 366 / 365, rel=1e-14)
    assert accrued(block, "2006-10-12", "2006-10-12") == pytest.approx(500 / 365, rel=1e-14)


def test_the_first_day_counts_once_where_dividends_have_dates() -> None:
    """PriceSmart with it: 83 days to 1 October 2003 and 90 in the quarter after (80 x 173 / 360)."""
    block = [["id", "PRICESMART-B"], ["dividend.include_first_day", "TRUE"], ["dividend.compounding", "simple"]]
    unpaid = [["2003-10-01"], ["2004-01-01"]]
    assert call("ACCRUED_DIVIDENDS", [block, "2004-01-01", "2003-07-09", unpaid]) == pytest.approx(80 * 173 / 360)
    rows = call("DIVIDEND_SCHEDULE", [block, "2003-10-01", "2004-01-01", "2003-07-09"])
    assert isinstance(rows, list)
    assert [row[3] for row in rows[1:]] == [83, 90]


@pytest.mark.parametrize(
    ("basis", "days", "year"),
    [
        ("ACTUAL_365", 366, 365),
        ("ACTUAL_360", 366, 360),
        ("30_360", 360, 360),
        ("ACTUAL_ACTUAL", 366, 366),
    ],
)
def test_day_counts(basis: str, days: int, year: int) -> None:
    """From 12 October 2007 to 12 October 2008: 366 days, or 360 by 30/360."""
    got = accrued(patron(day_count_type=basis), "2008-10-12", "2007-10-12")
    assert got == pytest.approx(500 * days / year, rel=1e-14)


def test_the_base_may_be_the_preference() -> None:
    """base = liquidation_preference: 10% of 125% of 5,000 is 625 a year."""
    assert accrued(patron(base="liquidation_preference"), "2007-10-12", "2006-10-12") == 625


def test_dollars_a_share_instead_of_a_rate() -> None:
    """1.00 a year on 17.50, if it accumulated: 0.05 for 18 days of 360; what compounds bears 1/17.50 of itself."""
    block = [["id", "VALUESTAR-B"], ["dividend.cumulative", "TRUE"], ["dividend.amount_per_share", 1]]
    assert accrued(block, "2000-01-19", "2000-01-01") == 0.05
    yearly = [*block, ["dividend.compounding", "annual"]]
    assert accrued(yearly, "2002-01-01", "2000-01-01") == pytest.approx(2 + 1 / 17.5, rel=1e-14)


def test_all_shares_may_accrue_from_the_same_day() -> None:
    """accrues_from = original_issue_date: a share issued a year later has the first year's 500 too."""
    block = [*patron(accrues_from="original_issue_date"), ["original_issue_date", "2006-10-12"]]
    assert accrued(block, "2008-10-11", "2007-10-12") == 1000  # 730 days
    assert accrued("PATRON-B", "2008-10-11", "2007-10-12") == 500


def test_by_the_year_every_full_year_is_one() -> None:
    """500 a year, with 29 February or without; then 100 days of 365, of 366 in a leap year."""
    block = patron(day_count_type="ACTUAL_ACTUAL")
    assert accrued(block, "2010-10-12", "2006-10-12") == 2000
    assert accrued(block, "2007-01-20", "2006-10-12") == pytest.approx(500 * 100 / 365, rel=1e-14)
    assert accrued(block, "2008-01-20", "2007-10-12") == pytest.approx(500 * 100 / 366, rel=1e-14)
    assert accrued(block, "2009-02-28", "2008-02-29") == 500  # issued on a 29 February
    assert accrued(block, "2012-02-29", "2008-02-29") == 2000
    assert accrued(block, "9999-12-31", "9998-12-31") == 500  # the last year there is


def test_by_the_year_compounding_is_a_power() -> None:
    """1.50 at 8% for four years, one of them leap, and 183 days: 1.50 x 1.08^4 x (1 + 8% x 183/365) - 1.50, a fraction.

    Source: spillpoint public reference cases, edge-09b-compounding-dividends,
    https://github.com/spillpoint/spillpoint/blob/HEAD/cases/edge-09b-compounding-dividends/DERIVATION.md
    """
    block = [["id", "CUMULATIVE-COMPOUNDING"], ["price_per_share", 1.5], ["dividend.day_count_type", "ACTUAL_ACTUAL"]]
    assert accrued(block, "2026-09-30", "2022-03-31") == float(Fraction(2_219_180_109, 3_564_453_125))


def test_years_are_not_counted_between_payment_dates() -> None:
    """ACTUAL_ACTUAL counts from anniversaries: a certificate with payment dates is refused it."""
    block = [["id", "PRICESMART-B"], ["dividend.day_count_type", "ACTUAL_ACTUAL"]]
    with pytest.raises(XlcapError, match="counts from anniversaries"):
        call("ACCRUED_DIVIDENDS", [block, "2004-01-01", "2003-07-09"])


# --- compounding each year --------------------------------------------------------------------------------------------


def test_yearly_compounding() -> None:
    """500; 5,500 x 10% x 366/365; and 100 days on what is then owed."""
    block = patron(compounding="annual")
    first, second = 500.0, 550 * 366 / 365
    assert accrued(block, "2007-10-12", "2006-10-12") == first
    assert accrued(block, "2008-10-12", "2006-10-12") == pytest.approx(first + second, rel=1e-14)
    third = (5500 + second) * 0.1 * 100 / 365
    assert accrued(block, "2009-01-20", "2006-10-12") == pytest.approx(first + second + third, rel=1e-14)
    parts = [accrued(block, "2009-01-20", "2006-10-12", part=part) for part in ("arrears", "running", "on_arrears")]
    assert parts == pytest.approx([first + second, third, 50 * 366 / 365], rel=1e-14)


def test_a_payment_reduces_what_compounds_from_its_day() -> None:
    """73 days into the second year (5,500 x 2% = 110) 500 are paid, the oldest first: 293 days on 5,000 alone."""
    block = patron(compounding="annual")
    got = accrued(block, "2008-10-12", "2006-10-12", [["2007-12-24", 500]])
    assert got == pytest.approx(110 + 5000 * 0.1 * 293 / 365, rel=1e-14)


@pytest.mark.parametrize(
    ("issued", "through", "expected"),
    [
        ("2004-02-29", "2008-03-01", ["2005-02-28", "2006-02-28", "2007-02-28", "2008-02-29"]),
        ("2006-10-12", "2007-10-11", []),
        ("2006-10-12", "2007-10-12", ["2007-10-12"]),
    ],
)
def test_anniversaries(issued: str, through: str, expected: list[str]) -> None:
    """The same day of each year; for a 29 February, 28 February where there is none."""
    days = dividends.anniversaries(dt.date.fromisoformat(issued), dt.date.fromisoformat(through))
    assert [day.isoformat() for day in days] == expected


def test_yearly_compounding_of_dated_dividends() -> None:
    """PriceSmart's quarters unpaid for 15 months: only those owed on the anniversary bear, and from then on."""
    block = [["id", "PRICESMART-B"], ["dividend.compounding", "annual"]]
    unpaid = [["2004-04-01"], ["2004-07-01"], ["2004-10-01"], ["2005-01-01"], ["2005-04-01"]]
    # issued 1 January 2004: 4 x 20 owed on 1 January 2005; then 1,080 x 2%
    got = call("ACCRUED_DIVIDENDS", [block, "2005-04-01", "2004-01-01", unpaid])
    assert got == pytest.approx(80 + 21.6, rel=1e-14)


@given(days=st.integers(0, 3000), compounding=st.sampled_from(["simple", "annual", "daily"]))
def test_rows_of_the_detail_add_up(days: int, compounding: str) -> None:
    """The dividends of all rows are what is owed, and what is owed after the last of them."""
    terms = from_block(patron(compounding=compounding))
    issued = dt.date(2004, 2, 29)
    accrual = dividends.accrue(terms, issued + dt.timedelta(days=days), issued)
    total = sum((Fraction(line.dividend) for line in accrual.lines), Fraction(0))
    assert abs(total - Fraction(accrual.total)) < Fraction(1, 10**25)
    assert accrual.lines[-1].arrears == accrual.total
    assert sum(line.days for line in accrual.lines) == days


# --- published figures ------------------------------------------------------------------------------------------------


def test_eight_percent_simple_over_a_leap_day() -> None:
    """8% on 1.50 x 2,000,000, 1,461 days / 365: 960,657.53 (spillpoint, edge case 9)."""
    block = [*patron(rate=0.08), ["price_per_share", 1.5]]
    assert round(accrued(block, "2026-03-31", "2022-03-31") * 2000000, 2) == 960657.53


@pytest.mark.parametrize(
    ("base", "years", "expected"),
    [(2000000, 2, 400000), (4000000, 2, 800000), (1000000, 3, 300000)],  # LearnVC twice, Founders Workbench
)
def test_ten_percent_simple_by_whole_years(base: int, years: int, expected: int) -> None:
    """10% a year, by 30/360 so that a year is a year."""
    block = [*patron(day_count_type="30_360"), ["price_per_share", base]]
    assert accrued(block, f"{2020 + years}-01-01", "2020-01-01") == expected


# --- Valuestar: nothing accumulates -----------------------------------------------------------------------------------


def test_nothing_accumulates() -> None:
    """Dividends that lapse with the year are never owed (A.1), whether the issue date is known or not."""
    assert call("ACCRUED_DIVIDENDS", ["VALUESTAR-B", "2003-12-31", "1999-12-07"]) == 0
    assert call("ACCRUED_DIVIDENDS", ["VALUESTAR-B", "2003-12-31"]) == 0
    assert len(call("ACCRUED_DIVIDENDS_DETAIL", ["VALUESTAR-B", "2003-12-31"])) == 1  # type: ignore[arg-type]  # a list


# --- bad input --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "args", "message"),
    [
        ("ACCRUED_DIVIDENDS", ["PATRON-B", "2006-10-11", "2006-10-12"], "2006-10-11 is before the share was issued"),
        ("ACCRUED_DIVIDENDS", ["VALUESTAR-B", "1999-12-06", "1999-12-07"], "1999-12-06 is before the share was issued"),
        ("ACCRUED_DIVIDENDS", ["PATRON-B", "2007-10-12"], "original_issue_date: the certificate leaves this date open"),
        ("ACCRUED_DIVIDENDS", ["PATRON-B", "2007-10-12", "2006-10-12", [["2007-01-01"]]],
         "argument 'unpaid': these dividends have no payment dates (8(a))"),
        ("ACCRUED_DIVIDENDS",
         ["PATRON-B", "2008-10-12", "2006-10-12", None, [["date", "amount"], ["2007-10-12", 500.01]]],
         "payments row 1, column 'amount': 500.01 is more than the arrears of 500.0000 on 2007-10-12"),
        ("ACCRUED_DIVIDENDS", ["VALUESTAR-B", "2003-12-31", None, None, [["date", "amount"], ["2003-01-01", 1]]],
         "payments row 1: these dividends do not accumulate (A.1)"),
        ("DIVIDEND_SCHEDULE", ["PATRON-B", "2007-01-01", "2007-12-31"],
         "PATRON-B: dividend.payment_dates: these dividends have no payment dates"),
    ],
)  # fmt: skip
def test_bad_input_is_placed(name: str, args: list[Any], message: str) -> None:
    """A day before issue, an unpaid date where there are none, more paid than is owed: each is named and placed."""
    with pytest.raises(XlcapError) as error:
        call(name, args)
    assert message in str(error.value)


def test_shares_without_record_dates_can_always_be_transferred() -> None:
    """No dividend has a date, so no transfer waits for one."""
    assert call("TRANSFERS_OPEN", ["PATRON-B", "2007-12-20"]) is True


# --- the preference with dividends ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("terms", "dividend", "expected"),
    [
        ("VALUESTAR-B", 1.4, 18.9),  # 17.50 and what is declared (B.1)
        ("PATRON-B", 500, 6875),  # 125% of 5,500 (6(a), AMB-PT2)
        ([["id", "PATRON-B"], ["liquidation.multiple_base", "base"]], 500, 6750),  # 6,250 + 500
        ([["id", "PATRON-B"], ["liquidation.dividends", "none"]], 500, 6250),
        ("PRICESMART-B", 20, 1020),
    ],
)
def test_preference_of_a_share(terms: Any, dividend: float, expected: float) -> None:
    """The base amount, its multiple and the dividends each certificate adds."""
    assert call("LIQUIDATION_PREFERENCE", [terms, dividend]) == expected


def test_preference_on_a_day_follows_what_has_accrued() -> None:
    """73 days at 500 a year: 125% of 5,100 (6(a))."""
    owed = accrued("PATRON-B", "2006-12-24", "2006-10-12")
    assert call("LIQUIDATION_PREFERENCE", ["PATRON-B", owed, 10]) == 63750
    assert Decimal(str(owed)) == 100
