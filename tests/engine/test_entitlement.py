"""What conversion delivers besides Common: Valuestar D.5 to D.7; Patron 3(e)(iii) to (v), 4."""

from __future__ import annotations

from typing import Any

import pytest

from xlcap.errors import XlcapError
from xlcap.functions import call

VS, PT = "VALUESTAR-B", "PATRON-B"
COLUMNS = ["event", "date", "id", "refers_to", "value", "own_securities", "paid_to_preferred", "to_preferred",
           "property", "ratio", "shares", "cash", "common_outstanding", "preferred_as_converted", "options_outstanding",
           "series_shares", "convertibles_outstanding"]  # fmt: skip


def entitled(terms: Any, events: list[dict[str, Any]], day: str, *args: Any) -> list[list[Any]]:
    """The rows of ENTITLEMENT: what, for one common share, for one preferred share, clause, for the shares."""
    rows = [[event.get(name) for name in COLUMNS] for event in events]
    table = call("ENTITLEMENT", [terms, [COLUMNS, *rows], day, *args])
    assert isinstance(table, list)
    return [[row[0], *row[2:5], *row[6:]] for row in table[1:]]


def notes(day: str = "2007-03-01", **cells: Any) -> dict[str, Any]:
    """The company's own notes, 0.50 on each share of Common."""
    own = {"event": "distribution", "id": "notes", "value": 0.5, "own_securities": True, "property": "notes"}
    return own | {"date": day} | cells


def split(day: str = "2007-06-01") -> dict[str, Any]:
    """Common two for one."""
    return {"event": "split", "date": day, "ratio": 2}


# --- set aside --------------------------------------------------------------------------------------------------------


def test_own_securities_are_set_aside_at_the_rate_of_the_event() -> None:
    """17.50 / 1.75 = 10 shares x 0.50 = 5.00; a later split doubles the Common and not the notes (D.5)."""
    assert entitled(VS, [notes(), split()], "2007-07-01") == [["Common", 1, 20, "D.1"], ["notes", 0.5, 5, "D.5"]]


def test_a_split_before_counts() -> None:
    """Twenty shares on the day of the event: 10.00."""
    assert entitled(VS, [split("2007-02-01"), notes()], "2007-07-01")[1] == ["notes", 0.5, 10, "D.5"]


def test_who_converts_on_the_record_date_is_paid_as_common() -> None:
    """From the day after it stands among what conversion delivers."""
    assert len(entitled(VS, [notes()], "2007-03-01")) == 1
    assert len(entitled(VS, [notes()], "2007-03-02")) == 2


def test_one_benefit_only() -> None:
    """Paid to Series B currently, the notes are not set aside as well (AMB-VS2); Patron gives both (AMB-PT9)."""
    paid = notes(paid_to_preferred=True)
    assert len(entitled(VS, [paid], "2007-07-01")) == 1
    both = [["id", VS], ["dividend.participation.double_benefit", True]]
    assert entitled(both, [paid], "2007-07-01")[1] == ["notes", 0.5, 5, "D.5"]
    patron = entitled(PT, [paid], "2007-07-01", None, None, None, None, "2007-01-02", 2)
    assert patron == [["Common", 1, 2500, "3(c)"], ["notes", 0.5, 1250, "3(e)(iii)"]]
    once = [["id", PT], ["dividend.participation.double_benefit", False]]
    assert len(entitled(once, [paid], "2007-07-01", 2.5)) == 1


def test_other_property_is_not_set_aside() -> None:
    """Securities of others fall under A.2 alone, and are paid currently."""
    assert len(entitled(VS, [notes(own_securities=False)], "2007-07-01")) == 1


def test_rights_are_set_aside_for_patron_alone() -> None:
    """Rights to 1,000,000 shares on 10,000,000: 0.1 x 2,500; Valuestar cuts its price for them instead (D.4)."""
    rights = {"event": "rights", "date": "2007-03-01", "shares": 1e6, "common_outstanding": 10e6}
    args = [None, None, None, None, "2007-01-02", 2]
    assert entitled(PT, [rights], "2007-07-01", *args)[1] == ["rights", 0.1, 250, "3(e)(iii)"]
    assert entitled(VS, [rights], "2007-07-01") == [["Common", 1, 11, "D.1"]]  # 1.75 x 10/11; 17.50 / 1.5909.. = 11
    without = [["id", PT], ["adjust.other_securities.rights", False]]
    assert len(entitled(without, [rights], "2007-07-01", 2.5)) == 1
    received = [rights | {"to_preferred": True}]
    once = [["id", PT], ["dividend.participation.double_benefit", False]]
    assert len(entitled(once, received, "2007-07-01", 2.5)) == 1


def test_not_made_after_all() -> None:
    """A distribution that is not made sets nothing aside."""
    undone = {"event": "not_made", "date": "2007-03-20", "refers_to": "notes"}
    assert len(entitled(VS, [notes(), undone], "2007-03-19")) == 2
    assert len(entitled(VS, [notes(), undone], "2007-03-20")) == 1


def test_nothing_for_shares_issued_later() -> None:
    """A tranche of 2 April 2007 has no part in what was distributed in March, nor in its own ratchet."""
    args = [None, None, None, None, "2007-04-02", 2]
    assert entitled(PT, [notes()], "2007-07-01", *args) == [["Common", 1, 2500, "3(c)"]]


def test_the_rate_is_of_the_moment_a_conversion_is_made() -> None:
    """D.2: just before the close. A cheap issue at the close of the same day does not make it more: 10, then more."""
    cheap = {"event": "issue", "date": "2007-03-01", "shares": 2e6, "cash": 2e6, "common_outstanding": 10e6,
             "preferred_as_converted": 1e6, "options_outstanding": 1e6, "series_shares": 500000,
             "convertibles_outstanding": 0}  # fmt: skip
    rows = entitled(VS, [notes(), cheap], "2007-03-02")
    assert rows[1] == ["notes", 0.5, 5, "D.5"]
    assert rows[0][2] == pytest.approx(17.5 / (127 / 76), rel=1e-14)  # 1.6710526, the price after


def test_once_converted_by_force_they_deliver_nothing_more() -> None:
    """Shares converted on 1 June 2007 deliver on that day; afterwards their holder has the Common."""
    forced = {"event": "automatic_conversion", "date": "2007-06-01"}
    args = [None, None, None, None, "2007-01-02", 2]
    assert len(entitled(PT, [notes(), forced], "2007-06-01", *args)) == 2
    with pytest.raises(XlcapError, match=r"the shares were converted by force on 2007-06-01 \(3\(b\)\)") as error:
        entitled(PT, [notes(), forced], "2007-06-02", *args)
    assert error.value.code == "#N/A"


def test_a_conversion_by_force_before_their_issue_is_not_theirs() -> None:
    """Shares issued on 2 July, after the others were converted, deliver their 2,500 of Common."""
    forced = {"event": "automatic_conversion", "date": "2007-06-01"}
    rows = entitled(PT, [forced], "2007-08-01", None, None, None, None, "2007-07-02", 2)
    assert rows == [["Common", 1, 2500, "3(c)"]]


# --- packages ---------------------------------------------------------------------------------------------------------

CASH = {"event": "reorganization", "date": "2007-05-01", "property": "cash", "value": 3}


def test_the_package_for_a_holders_shares() -> None:
    """12 x 5,000 / 2.40 = 25,000 shares x 3.00 = 75,000; for one share 2,083.33 x 3 = 6,250 (Patron 3(e)(v), 4)."""
    rows = entitled(PT, [CASH], "2007-06-01", 2.4, None, None, 12)
    assert rows == [["cash", 3, 6250, "3(e)(iv), 3(e)(v), 4", 75000]]


def test_one_rounding_for_each_holder() -> None:
    """One share converts into 2,084 after rounding up: 6,252.00, though 2,083.33 x 3 is 6,250."""
    assert entitled(PT, [CASH], "2007-06-01", 2.4, None, None, 1)[0][4] == 6252


def test_a_fraction_paid_in_cash_takes_its_part() -> None:
    """333 x 17.50 / 1.60 = 3,642.1875 x 3.00 = 10,926.5625 (Valuestar D.6, D.7, D.12)."""
    assert entitled(VS, [CASH], "2007-06-01", 1.6, None, None, 333) == [["cash", 3, 32.8125, "D.6, D.7", 10926.5625]]


def test_the_package_is_for_the_shares_just_before() -> None:
    """A split after the merger is for the successor's shares: the ten shares of the day of the merger count."""
    assert entitled(VS, [CASH, split()], "2007-07-01")[0][2] == 30


def test_set_aside_for_a_holders_shares() -> None:
    """3 shares at 2.40 are 6,250 shares of Common and as many times 0.50."""
    args = [None, None, None, 3, "2007-01-02", 2.4]
    assert [row[4] for row in entitled(PT, [notes()], "2007-07-01", *args)] == [6250, 3125]


@pytest.mark.parametrize(
    ("terms", "args", "message"),
    [
        (PT, [2.4, None, None, -1], "argument 'shares': must be zero or more; found -1"),
        (VS, [1.6, None, None, 1.5], "argument 'shares': preferred shares are whole"),
        (VS, [0], "argument 'price': must be above zero; found 0"),
        ([["id", VS], ["adjust.reorganization", "none"]], [1.6], "the certificate has no rule for a reorganization"),
    ],
)
def test_refused_entitlements(terms: Any, args: list[Any], message: str) -> None:
    """Negative and broken counts, a price of nothing, a certificate without the clause."""
    with pytest.raises(XlcapError) as error:
        entitled(terms, [CASH], "2007-06-01", *args)
    assert message in str(error.value)
