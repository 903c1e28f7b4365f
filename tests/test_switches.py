"""Readings that can be switched: the choices no other test compares."""

from __future__ import annotations

from typing import Any

import pytest

from xlcap.functions import call

VS, PT, PS = "VALUESTAR-B", "PATRON-B", "PRICESMART-B"


def with_choice(certificate: str, field: str, choice: str) -> list[list[str]]:
    """The certificate with another reading of one field."""
    return [["id", certificate], [field, choice]]


@pytest.mark.parametrize(("choice", "cash"), [("holder", 1.625), ("share", 5.625)])
def test_fractions_of_the_holder_or_of_each_share(choice: str, cash: float) -> None:
    """3 x 10.9375 = 32.8125: 0.8125 x 2.00 = 1.625; or 10 each, and 3 x 0.9375 x 2.00 = 5.625 (D.12, AMB-VS11)."""
    terms = with_choice(VS, "conversion.fraction.aggregate_by", choice)
    answer: Any = call("CONVERSION_SHARES", [terms, 3, 1.6, None, None, 2])
    assert answer[1][5] == cash


@pytest.mark.parametrize(("choice", "latest"), [("received", "2000-06-02"), ("mailed", "2000-06-05")])
def test_notice_of_a_merger_received_or_mailed(choice: str, latest: str) -> None:
    """Ten days before 15 June is the 5th; three days in the mail before it, or mailed then (B.3, D.14, AMB-VS14)."""
    terms = with_choice(VS, "notices.deemed_liquidation.notice_basis", choice)
    transit = 3 if choice == "received" else None
    answer: Any = call("NOTICE_DATES", [terms, "deemed_liquidation", "2000-06-15", None, transit])
    assert str(answer[1][3]) == latest


@pytest.mark.parametrize(
    ("choice", "latest"),
    [("NEW_YORK_BANKS", "2007-02-21"), ("SAN_DIEGO_BANKS", "2007-02-21"), ("WEEKDAYS", "2007-02-20")],
)
def test_business_days_of_a_calendar(choice: str, latest: str) -> None:
    """Three business days after Thursday 15 February 2007; Monday the 19th was a holiday (3(d)(i), AMB-PT13)."""
    answer: Any = call("NOTICE_DATES", [with_choice(PT, "calendar", choice), "surrender", "2007-02-15"])
    assert str(answer[1][3]) == latest


@pytest.mark.parametrize(
    ("choice", "days", "of"),
    [("30_360", 46, 360), ("30E_360", 45, 360), ("ACTUAL_365", 47, 365), ("ACTUAL_360", 47, 360)],
)
def test_dividends_by_another_count_of_days(choice: str, days: int, of: int) -> None:
    """15 July to 31 August 2003: 46 days, 45 where any 31st is a 30th, 47 of the calendar (III.A, AMB-PS4)."""
    terms = with_choice(PS, "dividend.day_count_type", choice)
    assert call("ACCRUED_DIVIDENDS", [terms, "2003-08-31", "2003-07-15"]) == pytest.approx(80 * days / of, rel=1e-14)
