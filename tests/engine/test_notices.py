"""Deadlines, votes, consents and what is a liquidation: PriceSmart II, IV, V.C, VI.C to VI.I, VIII, IX."""

from __future__ import annotations

from typing import Any

import pytest

from xlcap.errors import XlcapError
from xlcap.functions import call

PS = "PRICESMART-B"


def due(occasion: str, day: str, *rest: Any) -> list[list[str]]:
    """Clause, earliest and latest day of what is due."""
    table = call("NOTICE_DATES", [PS, occasion, day, *rest])
    assert isinstance(table, list)
    return [[str(row[1]), str(row[2]), str(row[3])] for row in table[1:]]


@pytest.mark.parametrize(
    ("occasion", "day", "expected"),
    [
        # 60 and 30 days before 15 January 2009, both included
        ("redemption", "2009-01-15", [["V.C", "2008-11-16", "2008-12-16"]]),
        ("liquidation_payment", "2009-03-01", [["IV", "None", "2009-01-15"]]),  # 28 + 17 = 45 days
        ("voluntary_reduction", "2004-08-01", [["VI.E(7)", "None", "2004-07-17"]]),
        ("adjustment", "2004-03-11", [["VI.E(9)", "2004-03-11", "2004-03-21"]]),
        ("corporate_action", "2004-03-10", [["VI.I", "None", "2004-02-24"]]),  # a leap year
        # 10, 11, 12, 13 and, the 16th being a holiday, 17 February
        ("conversion_delivery", "2004-02-09", [["VI.C", "2004-02-09", "2004-02-17"]]),
        # thirty days if practical; in any event fifteen business days: 1 March back over Washington's birthday
        ("merger", "2004-03-01", [["VI.F", "None", "2004-01-31"], ["VI.F", "None", "2004-02-06"]]),
    ],
)
def test_notice_dates(occasion: str, day: str, expected: list[list[str]]) -> None:
    """Each notice between its first and last day, in calendar or business days, under its clause."""
    assert due(occasion, day) == expected


def test_own_holidays() -> None:
    """The user's list of holidays stands in place of the calendar's: the 16th is a business day then."""
    assert due("conversion_delivery", "2004-02-09", [["2004-02-10"]]) == [["VI.C", "2004-02-09", "2004-02-17"]]
    assert due("conversion_delivery", "2004-02-09", [["2004-12-25"]]) == [["VI.C", "2004-02-09", "2004-02-16"]]


def test_an_unknown_occasion_names_the_nearest() -> None:
    """A word the certificate does not have is an error that helps."""
    with pytest.raises(XlcapError, match="argument 'occasion': the certificate has no notice 'redemptions'; did you "
                                         "mean 'redemption'"):  # fmt: skip
        due("redemptions", "2009-01-15")


def test_no_votes() -> None:
    """The series has no votes (VIII)."""
    assert call("VOTES", [PS, 20000]) == 0


@pytest.mark.parametrize(
    ("matter", "votes_for", "expected"),
    [
        ("adverse_change", 10000, False),  # exactly half is no majority
        ("adverse_change", 10001, True),
        ("senior_or_parity_issue", 10000, False),
        ("Senior or parity issue", 10001, True),
    ],
)
def test_majority_of_those_outstanding(matter: str, votes_for: float, expected: bool) -> None:
    """More than half of the 20,000 shares outstanding (II, IX.A)."""
    assert call("CONSENT_MET", [PS, matter, votes_for, 20000]) is expected


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["adverse_change", 20001, 20000], "argument 'votes_for': must be from zero to the 20,000 outstanding"),
        (["adverse_change", 0, 0], "argument 'outstanding': must be above zero; found 0"),
        (["dissolution", 1, 2], "argument 'matter': the certificate has no consent for 'dissolution'; known are"),
    ],
)
def test_impossible_votes(args: list[Any], message: str) -> None:
    """More votes than shares, no shares at all, a matter that needs no consent."""
    with pytest.raises(XlcapError) as error:
        call("CONSENT_MET", [PS, *args])
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("happening", "winding_up", "expected"),
    [
        ("dissolution", False, True),
        ("capital_reduction", False, True),
        ("merger", False, False),
        ("merger", True, True),
        ("asset_sale", False, False),
        ("asset_sale", True, True),
    ],
)
def test_what_is_a_liquidation(happening: str, winding_up: bool, expected: bool) -> None:
    """A merger or a sale of the assets is a liquidation only in connection with a winding up (IV)."""
    assert call("IS_LIQUIDATION", [PS, happening, winding_up]) is expected
