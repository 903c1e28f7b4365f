"""Votes, directors, consents, shares authorised, notices and what an event pays: Valuestar A to E, Patron 1 to 9."""

from __future__ import annotations

from typing import Any

import pytest

from xlcap.errors import XlcapError
from xlcap.functions import call

PS, VS, PT = "PRICESMART-B", "VALUESTAR-B", "PATRON-B"


def of(certificate: str, *fields: tuple[str, Any]) -> list[list[Any]]:
    """The certificate with some terms changed."""
    return [["id", certificate], *map(list, fields)]


def refused(name: str, args: list[Any]) -> str:
    """The words in which a question is refused."""
    with pytest.raises(XlcapError) as error:
        call(name, args)
    return str(error.value)


# --- votes ------------------------------------------------------------------------------------------------------------


def test_votes_of_each_share_are_whole() -> None:
    """5,000 / 2.40 = 2,083.33: 2,083 for each of 1,000 shares (Patron 1)."""
    assert call("VOTES", [PT, 1000, 2.4]) == 2083000


def test_a_broken_share_has_the_whole_votes_of_its_part() -> None:
    """A share and a half: 2,083, and half of 2,083.33 is 1,041.67, so 1,041: 3,124 (Patron 1, 8(b), AMB-PT10)."""
    assert call("VOTES", [PT, 1.5, 2.4]) == 3124


def test_votes_of_a_holder_are_whole() -> None:
    """333 x 17.50 / 1.60 = 3,642.1875: 3,642, where 333 x 10 would be 3,330 (Valuestar C.1, AMB-VS3)."""
    assert call("VOTES", [VS, 333, 1.6]) == 3642
    assert call("VOTES", [of(VS, ("voting.votes_rounding", "share")), 333, 1.6]) == 3330
    assert call("VOTES", [of(VS, ("voting.votes_rounding", "none")), 333, 1.6]) == 3642.1875


def test_votes_of_several_holders_in_one_formula() -> None:
    """A column of holders, each at their own price: 10 x 10, and 17.50 / 1.60 = 10.9375, so 10."""
    assert call("VOTES", [VS, [[10], [1]], [[1.75], [1.6]]]) == [[100], [10]]


def test_dividends_that_convert_vote_too() -> None:
    """(1,000 + 10) / 20 = 50.5 for each of two shares: 101 votes, if PriceSmart's had votes."""
    assert call("VOTES", [of(PS, ("voting.votes", "as_converted")), 2, 20, 10]) == 101


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ([VS, 10], "argument 'price': is required: a share votes as the Common it converts into (C.1)"),
        ([VS, 10, 0], "argument 'price': must be above zero; found 0"),
        ([VS, -1, 1.75], "argument 'shares': must be zero or more; found -1"),
        ([VS, 1.5, 1.75], "argument 'shares': preferred shares are whole, zero or more; found 1.5"),
    ],
)
def test_votes_refused(args: list[Any], message: str) -> None:
    """No price, a price of nothing, negative and broken counts."""
    assert message in refused("VOTES", args)


# --- directors --------------------------------------------------------------------------------------------------------


def seats(a: float, b: float, split_of_b: float | None = None, terms: Any = VS) -> list[int]:
    """Directors of Series A, Series B and the Common."""
    table = [["class", "shares", "split"], ["Series A", a, None], ["series b", b, split_of_b]]
    rows = call("DIRECTOR_SEATS", [terms, 7, table])
    assert isinstance(rows, list)
    return [int(str(row[1])) for row in rows[1:]]


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [(100000, 200000, [1, 2, 4]), (99999, 200000, [0, 2, 5]), (100000, 199999, [1, 0, 6]), (0, 0, [0, 0, 7])],
)
def test_seats_while_enough_shares_are_outstanding(a: float, b: float, expected: list[int]) -> None:
    """One for 100,000 of Series A, two for 200,000 of Series B, the Common the rest (C.2)."""
    assert seats(a, b) == expected


def test_the_numbers_of_shares_follow_splits_of_the_class() -> None:
    """After two for one Series B needs 400,000; without scaling 200,000 are enough."""
    assert seats(100000, 399999, 2) == [1, 0, 6]
    assert seats(100000, 400000, 2) == [1, 2, 4]
    assert seats(100000, 399999, 2, terms=of(VS, ("scales_with_series", False))) == [1, 2, 4]


def test_seats_name_their_clause_and_reason() -> None:
    """Each row says under which clause and why."""
    rows = call("DIRECTOR_SEATS", [VS, 7, [["class", "shares"], ["Series A", 1], ["Series B", 200000]]])
    assert isinstance(rows, list)
    assert rows[0] == ["Class", "Seats", "Clause", "Why"]
    assert rows[1] == ["Series A", 0, "C.2(i)", "1 outstanding; needed: at least 100,000"]
    assert rows[3] == ["Common", 5, "", "the rest of the board"]


def test_all_classes_elect_together() -> None:
    """Patron's shares and the Common vote as a single class (1); otherwise the Common elects (voting.rest)."""
    table = [["class", "shares"], ["Series B", 1000], ["Common", 7e6]]
    assert call("DIRECTOR_SEATS", [PT, 7, table])[1:] == [
        ["all classes together", 7, "1", "they vote as a single class"]
    ]
    apart = of(PT, ("voting.rest", "common"))
    assert call("DIRECTOR_SEATS", [apart, 7, table])[1][:2] == ["Common", 7]


def test_the_common_elects_all_where_no_class_elects_any() -> None:
    """PriceSmart's Series B elects nobody."""
    assert call("DIRECTOR_SEATS", [PS, 9, [["class", "shares"], ["Common", 7e6]]])[1][:2] == ["Common", 9]


TABLE = [["class", "shares"], ["Series A", 100000], ["Series B", 200000]]


@pytest.mark.parametrize(
    ("board", "table", "message"),
    [
        (2, TABLE, "argument 'board': the classes elect 3 directors, more than the 2 there are"),
        (0, TABLE, "argument 'board': must be 1 or more; found 0"),
        (7, TABLE[:2], "outstanding: no row for 'Series B', which elects directors (C.2(ii)); there are Series A"),
        (7, [*TABLE, ["series a", 1]], "outstanding row 3, column 'class': 'series a' stands in row 1 too"),
        (7, [["class", "shares"], ["Series A", -1]], "outstanding row 1, column 'shares': must be 0 or more"),
        (7, [["class", "count"], ["Series A", 1]], "outstanding: column 'count' is not known"),
    ],
)
def test_seats_refused(board: int, table: Any, message: str) -> None:
    """A board too small, a class missing or twice, counts that cannot be."""
    assert message in refused("DIRECTOR_SEATS", [VS, board, table])


# --- shares authorised ------------------------------------------------------------------------------------------------


def test_what_may_still_be_issued() -> None:
    """800,000 - 500,000 - 100,000 that were bought back and may not be reissued (Valuestar E)."""
    assert call("AUTHORIZED_REMAINING", [VS, 500000, 100000]) == 200000
    assert call("AUTHORIZED_REMAINING", [of(VS, ("reissue", True)), 500000, 100000]) == 300000


def test_dividends_in_kind_beyond_the_authorised_number() -> None:
    """1,800 outstanding and 50 converted leave 150 of 2,000 (Patron 3(h)): 180 in kind are 30 too many."""
    assert call("AUTHORIZED_REMAINING", [PT, 1800, 50, 150]) == 0
    assert refused("AUTHORIZED_REMAINING", [PT, 1800, 50, 180]) == (
        "argument 'proposed': 180 shares are 30 more than the 150 that may still be issued of the 2,000 authorised; "
        "pay in cash, or have more authorised"
    )


def test_more_used_than_authorised() -> None:
    """Counts that cannot be."""
    assert "2,001 shares used up are more than the 2,000 authorised" in refused("AUTHORIZED_REMAINING", [PT, 1901, 100])
    assert "argument 'reacquired': must be zero or more" in refused("AUTHORIZED_REMAINING", [PT, 1, -1])


# --- consents ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("certificate", "matter", "votes_for", "expected"),
    [
        (PT, "adverse_change", 500, False),  # 9(a): a majority is more than half
        (PT, "adverse_change", 501, True),
        (PT, "funded_debt", 500, False),  # 9(b), by stated value: 2,500,000 of 5,000,000
        (PT, "funded_debt", 501, True),
        (PT, "senior_or_parity_issue", 501, True),  # 9(c): of Series A
        (VS, "automatic_conversion", 666, False),  # D.11(ii): two thirds are 666.67
        (VS, "automatic_conversion", 667, True),
    ],
)
def test_consents(certificate: str, matter: str, votes_for: int, expected: bool) -> None:
    """Of 1,000 shares, compared exactly."""
    assert call("CONSENT_MET", [certificate, matter, votes_for, 1000]) is expected


def test_whose_consent_it_is() -> None:
    """Read to the letter 9(c) asks Series A (AMB-PT17); 9(a) and 9(b) ask the series itself."""
    rows = call("CONSENTS", [PT])
    assert isinstance(rows, list)
    assert [row[1:] for row in rows[1:]] == [
        ["9(a)", "more than 1/2", "Series B Convertible Preferred Stock", "shares"],
        ["9(b)", "more than 1/2", "Series B Convertible Preferred Stock", "stated value"],
        ["9(c)", "more than 1/2", "Series A", "stated value"],
    ]
    assert call("CONSENTS", [VS])[1][2] == "at least 2/3"


# --- notices ----------------------------------------------------------------------------------------------------------


def due(terms: Any, occasion: str, day: str, *rest: Any) -> list[str]:
    """Clause, latest day and how it is counted."""
    rows = call("NOTICE_DATES", [terms, occasion, day, *rest])
    assert isinstance(rows, list)
    assert len(rows) == 2
    return [str(rows[1][column]) for column in (1, 3, 4)]


def test_each_deadline_under_its_own_clause() -> None:
    """20 days before 1 May and 10 days before 15 June 2000, to be received by then (D.10, B.3, AMB-VS14)."""
    assert due(VS, "record_date", "2000-05-01") == ["D.10", "2000-04-11", "at least 20 days before, received"]
    assert due(VS, "deemed_liquidation", "2000-06-15") == ["B.3", "2000-06-05", "at least 10 days before, received"]


def test_days_in_the_mail_move_the_day_of_sending() -> None:
    """Received three days later, it is sent on 8 April at the latest; where mailing counts, on the 11th (D.14)."""
    assert due(VS, "record_date", "2000-05-01", None, 3)[1:] == [
        "2000-04-08",
        "at least 20 days before, received; sent 3 days earlier",
    ]
    mailed = of(VS, ("notices.record_date.notice_basis", "mailed"))
    assert due(mailed, "record_date", "2000-05-01")[1:] == ["2000-04-11", "at least 20 days before"]


@pytest.mark.parametrize(
    ("args", "why"),
    [
        ([of(VS, ("notices.record_date.notice_basis", "mailed")), "record_date"], "counts from the mailing (D.10)"),
        ([PT, "conversion_delivery"], "lies after the event (3(d)(iii))"),
    ],
)
def test_days_in_the_mail_that_no_deadline_counts(args: list[Any], why: str) -> None:
    """A notice that counts from its mailing, and a delivery after a receipt, are due whatever the mail takes."""
    message = refused("NOTICE_DATES", [*args, "2007-02-15", None, 3])
    assert message == f"argument 'transit_days': this deadline {why}, whatever the mail takes; leave it blank"


def test_a_window_and_business_days_move_too() -> None:
    """PriceSmart's 30 to 60 days, and 15 business days, counted from receipt two days later."""
    received = of(PS, ("notices.redemption.notice_basis", "received"), ("notices.merger.notice_basis", "received"))
    rows = call("NOTICE_DATES", [received, "redemption", "2009-01-15", None, 2])
    assert [str(cell) for cell in rows[1][2:4]] == ["2008-11-14", "2008-12-14"]
    rows = call("NOTICE_DATES", [received, "merger", "2004-03-01", None, 2])
    assert [str(row[3]) for row in rows[1:]] == ["2004-01-29", "2004-02-04"]


def test_surrender_delivery_and_balance() -> None:
    """From 15 February 2007: 16, 20, 21, the 19th being a holiday; from the 20th: 21, 22, 23 (Patron 3(d))."""
    holidays = [["2007-02-19"]]
    for given in (None, holidays):
        assert due(PT, "surrender", "2007-02-15", given)[:2] == ["3(d)(i)", "2007-02-21"]
        assert due(PT, "conversion_delivery", "2007-02-15", given)[:2] == ["3(d)(iii)", "2007-02-21"]
        assert due(PT, "balance_certificate", "2007-02-20", given)[:2] == ["3(d)(iii)", "2007-02-23"]


def test_a_negative_transit_is_refused() -> None:
    """Mail does not arrive before it is sent."""
    message = refused("NOTICE_DATES", [VS, "record_date", "2000-05-01", None, -1])
    assert "argument 'transit_days': must be zero or more; found -1" in message


# --- what is a liquidation, and what it pays --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        ([VS, "dissolution"], True),
        ([VS, "asset_sale"], True),  # B.3(A)
        ([VS, "merger", None, 50], True),  # B.3(B): half is no majority
        ([VS, "merger", None, 50.01], False),
        ([VS, "merger", None, 0], True),
        ([VS, "merger", True, 60], True),
        ([VS, "bankruptcy"], False),
        ([VS, "change_of_control", None, 60, True], False),
        ([PT, "bankruptcy"], True),  # 6(c)(ii)
        ([PT, "merger"], True),  # 6(d)(ii): any
        ([PT, "asset_sale"], True),
        ([PT, "core_business_sale"], True),  # 6(d)(ii): that portion of the assets
        ([VS, "core_business_sale"], False),  # B.3: all or substantially all
        ([PS, "core_business_sale", True], True),  # in a winding up
        ([PT, "change_of_control", None, 50, True], False),  # 6(d)(i): greater than 50%
        ([PT, "change_of_control", None, 50], False),
        ([PT, "change_of_control", None, 50.01, True], True),
        ([PT, "change_of_control", None, 60, False], False),
    ],
)
def test_what_is_a_liquidation(args: list[Any], expected: bool) -> None:
    """Valuestar B.1 and B.3; Patron 6(c) and 6(d)."""
    assert call("IS_LIQUIDATION", args) is expected


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ([VS, "merger"], "argument 'percent': is required: the percentage of the survivor's votes"),
        ([PT, "change_of_control"], "argument 'percent': is required: the percentage of all votes acquired"),
        ([PT, "change_of_control", None, 60], "argument 'board_approved': is required"),
        ([VS, "merger", None, 101], "argument 'percent': must be from 0 to 100; found 101"),
        ([VS, "merger", None, -1], "argument 'percent': must be zero or more; found -1"),
        ([VS, "takeover"], "argument 'happening': one of dissolution, capital_reduction, asset_sale, merger"),
    ],
)  # fmt: skip
def test_liquidations_that_cannot_be_told(args: list[Any], message: str) -> None:
    """A percentage that is missing or none, an approval not told, an unknown event."""
    assert message in refused("IS_LIQUIDATION", args)


def pays(terms: Any, *args: Any) -> tuple[str, str]:
    """What an event pays, and under which clause."""
    table = call("EVENT_PAYS", [terms, *args])
    assert isinstance(table, list)
    return str(table[1][0]), str(table[1][1])


def test_a_sale_of_the_core_business_is_no_organic_change() -> None:
    """It is a liquidation, 6(d)(ii), but the Common gets nothing for its shares, so there is no package to choose."""
    assert pays(PT, "core_business_sale") == ("preference", "6(a)")
    assert pays(VS, "core_business_sale") == ("nothing", "B.3")


def test_a_merger_pays_the_preference_the_package_or_what_the_holder_chooses() -> None:
    """Valuestar B.3 comes before D.7 (AMB-VS6), Patron's holder elects (AMB-PT14); each is a switch."""
    assert pays(VS, "merger", None, 40) == ("preference", "B.1")
    assert pays(PT, "merger") == ("election", "6(a) or 3(e)(iv), 3(e)(v), 4")
    assert pays(of(VS, ("liquidation.merger_pays", "package")), "merger", None, 40) == ("package", "D.6, D.7")
    assert pays(of(PT, ("liquidation.merger_pays", "preference")), "merger") == ("preference", "6(a)")


def test_what_is_no_liquidation_pays_the_package_or_nothing() -> None:
    """A merger whose survivor the holders control; votes acquired without the board's approval."""
    assert pays(VS, "merger", None, 60) == ("package", "D.6, D.7")
    assert pays(PS, "merger") == ("package", "VI.F")
    assert pays(PT, "change_of_control", None, 60, False) == ("nothing", "6(c), 6(d)")


def test_what_changes_no_common_pays_the_preference() -> None:
    """A dissolution, a bankruptcy, a change of control: no package is offered for the Common."""
    assert pays(VS, "dissolution") == ("preference", "B.1")
    assert pays(PT, "bankruptcy") == ("preference", "6(a)")
    assert pays(PT, "change_of_control", None, 60, True) == ("preference", "6(a)")


def test_a_qualified_event_pays_no_preference() -> None:
    """Series B converts with Series A (B.1, D.11(i)); other certificates know no such event."""
    assert pays(VS, "merger", None, None, None, True) == ("conversion", "D.11(i)")
    assert "argument 'qualified_event': this certificate knows no qualified events" in refused(
        "EVENT_PAYS", [PT, "merger", None, None, None, True]
    )
