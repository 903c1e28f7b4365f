"""What a table of issues may have wrong: each fault is told with its row, its column and the clause behind it."""

from __future__ import annotations

from typing import Any

import pytest
from issue_oracle import PATRON, VALUESTAR, Rules
from oracle import table

from xlcap.errors import XlcapError
from xlcap.functions import call

COUNTS = {
    "common_outstanding": 8_750_000,
    "series_shares": 500_000,
    "preferred_as_converted": 0,
    "options_outstanding": 0,
    "convertibles_outstanding": 0,
}
WARRANTS = {"event": "deemed_issue", "id": "W", "date": "2007-02-01", "shares": 1_000, "min_exercise": 1_000} | COUNTS
ISSUE = {"event": "issue", "date": "2007-02-01", "shares": 1_000, "cash": 1_000} | COUNTS
SPLIT = {"event": "split", "id": "S", "date": "2007-02-10", "ratio": 2}
DIVIDEND = {
    "event": "stock_dividend",
    "id": "D",
    "date": "2007-03-01",
    "common_outstanding": 10_000_000,
    "shares": 1_000_000,
    "payment_date": "2007-03-20",
}


def then(kind: str, day: str, about: str = "W", **cells: Any) -> dict[str, Any]:
    return {"event": kind, "date": day, "refers_to": about} | cells


def price(rules: Rules, events: list[dict[str, Any]]) -> Any:
    tranche = ["2007-01-02", rules.initial] if rules is PATRON else [None, None]
    return call("CONVERSION_PRICE", [rules.base, table(events), "2007-12-31", None, "close", None, *tranche])


def fault(rules: Rules, events: list[dict[str, Any]]) -> XlcapError:
    with pytest.raises(XlcapError) as caught:
        price(rules, events)
    return caught.value


BOTH = pytest.mark.parametrize("rules", [VALUESTAR, PATRON], ids=["Valuestar", "Patron"])

TABLES = {
    "more exercised than granted": (
        [WARRANTS, then("exercise", "2007-03-01", shares=600, cash=0), then("exercise", "2007-03-02", shares=401)],
        "events row 3, column 'shares': 401 shares are more than the 400 left of 'W'",
    ),
    "more exercised than granted, split two for one": (
        [WARRANTS, SPLIT, then("exercise", "2007-03-01", shares=2_001)],
        "events row 3, column 'shares': 2,001 shares are more than the 2,000 left of 'W'",
    ),
    "more expired than granted": (
        [WARRANTS, then("expiry", "2007-03-01", shares=1_001)],
        "events row 2, column 'shares': 1,001 shares are more than the 1,000 left of 'W'",
    ),
    "an instrument that is not there": (
        [WARRANTS, then("expiry", "2007-03-01", "X")],
        "events row 2, column 'refers_to': no event has the id 'X'",
    ),
    "a split does not expire": (
        [SPLIT, then("expiry", "2007-03-01", "S")],
        "events row 2, column 'refers_to': 'S' is of the kind split; expiry is about deemed_issue",
    ),
    "ended twice": (
        [WARRANTS, then("expiry", "2007-03-01"), then("termination", "2007-03-02")],
        "events row 3, column 'refers_to': nothing is left of 'W'",
    ),
    "exercised after the end": (
        [WARRANTS, then("termination", "2007-03-01"), then("exercise", "2007-03-02", shares=1)],
        "events row 3, column 'refers_to': nothing is left of 'W'",
    ),
    "changed after the end": (
        [WARRANTS, then("expiry", "2007-03-01"), then("terms_change", "2007-03-02", min_exercise=500)],
        "events row 3, column 'refers_to': nothing is left of 'W'",
    ),
    "ended before it was granted": (
        [WARRANTS, then("expiry", "2007-01-31")],
        "events row 2, column 'date': 2007-01-31 is before the event it is about (2007-02-01)",
    ),
    "a ratio of zero": ([SPLIT | {"ratio": 0}], "events row 1, column 'ratio': must be above 0; found 0"),
    "a ratio left blank": ([SPLIT | {"ratio": None}], "events row 1, column 'ratio': is blank"),
    "two rows with one id": ([WARRANTS, WARRANTS], "events row 2, column 'id': 'W' is the id of row 1 too"),
    "no shares": ([ISSUE | {"shares": 0}], "events row 1, column 'shares': must be above 0; found 0"),
    "fewer than no shares": ([ISSUE | {"shares": -5}], "events row 1, column 'shares': must be above 0; found -5"),
    "more allocated elsewhere than received": (
        [ISSUE | {"allocated_elsewhere": 1_001}],
        "events row 1, column 'allocated_elsewhere': is more than all that was received",
    ),
    "a column of other rows": (
        [ISSUE | {"min_exercise": 2}],
        "events row 1, column 'min_exercise': does not apply to this kind of row",
    ),
    "a ratio for an issue": (
        [ISSUE | {"ratio": 2}],
        "events row 1, column 'ratio': does not apply to this kind of row",
    ),
    "neither option nor convertible": (
        [WARRANTS | {"security": "swap"}],
        "events row 1, column 'security': is option or convertible; found 'swap'",
    ),
    "changed by nobody known": (
        [WARRANTS, then("terms_change", "2007-03-01", by="board", min_exercise=3)],
        "events row 2, column 'by': is terms, antidilution or agreement; found 'board'",
    ),
    "a change of nothing listed, and no shares": (
        [{"event": "terms_change", "date": "2007-03-01", "min_exercise": 3}],
        "events row 1, column 'shares': is blank, and there is no row to take it from",
    ),
    "more of a dividend paid than declared": (
        [DIVIDEND, then("dividend_paid", "2007-03-20", "D", shares=1_000_001)],
        "events row 2, column 'shares': more shares are paid than the 1,000,000 declared",
    ),
    "a part paid of a dividend given as a ratio": (
        [
            DIVIDEND | {"common_outstanding": None, "shares": None, "ratio": "1.1"},
            then("dividend_paid", "2007-03-20", "D", shares=10),
        ],
        "events row 1, column 'ratio': is given instead of the shares, and a part of them was paid",
    ),
}


@BOTH
@pytest.mark.parametrize("name", TABLES)
def test_a_fault_is_told_with_its_row_and_column(rules: Rules, name: str) -> None:
    """The table is refused, and the message begins with the place and says what is wrong."""
    events, message = TABLES[name]
    assert str(fault(rules, events)).startswith(message)


def test_the_shares_that_splits_made_may_all_be_exercised() -> None:
    """Of 1,000 warrants, 2,000 shares can be bought after two for one, and 500 after one for two."""
    assert price(PATRON, [WARRANTS, SPLIT, then("exercise", "2007-03-01", shares=2_000, cash=0)]) == 0.5
    assert price(PATRON, [WARRANTS, SPLIT | {"ratio": "0.5"}, then("exercise", "2007-03-01", shares=500, cash=0)]) == 2


@BOTH
def test_an_exemption_the_certificate_does_not_have(rules: Rules) -> None:
    """The message lists those it has with their sections, or the one that may be meant."""
    unknown = fault(rules, [ISSUE | {"exempt": "friends"}])
    assert unknown.code == "#N/A"
    assert str(unknown).startswith("events row 1, column 'exempt': the certificate has no exemption 'friends'")
    assert {VALUESTAR: "vendors (D.8(v)(C))", PATRON: "stock_plan (3(e)(vi)E(VI))"}[rules] in str(unknown)
    assert "did you mean 'acquisitions'?" in str(fault(rules, [ISSUE | {"exempt": "acquisition"}]))


@pytest.mark.parametrize("column", COUNTS)
def test_a_weighted_average_needs_its_counts(column: str) -> None:
    """A count that is blank is not zero: the row, the column and D.8(i) are named. A ratchet counts nothing."""
    events = [ISSUE | {column: None}]
    assert str(fault(VALUESTAR, events)).startswith(
        f"events row 1, column '{column}': is blank, and the certificate counts it (D.8(i))"
    )
    assert price(PATRON, events) == 1


def test_counts_are_not_asked_for_above_the_price() -> None:
    """An issue at 10.00 adjusts nothing, and nothing need be counted."""
    assert price(VALUESTAR, [{"event": "issue", "date": "2007-02-01", "shares": 1_000, "cash": 10_000}]) == 1.75


@pytest.mark.parametrize(
    ("event", "clause"),
    [
        (ISSUE | {"cash": 0}, "the effective price is 0 (3(e)(vi)A)"),
        (WARRANTS | {"min_exercise": 0}, "the effective price is 0 (3(e)(vi)C)"),
        (ISSUE | {"expenses": 1_001}, "the effective price is -0.001 (3(e)(vi)A)"),
        (ISSUE | {"expenses": 1_000}, "the effective price is 0 (3(e)(vi)A)"),
    ],
)
def test_a_ratchet_to_nothing_is_an_error(event: dict[str, Any], clause: str) -> None:
    """Shares for nothing, or for less than the expenses of the issue, leave a ratchet no price."""
    error = fault(PATRON, [event])
    assert error.code == "#NUM!"
    assert str(error).startswith(f"events row 1, column 'cash': {clause}")


def test_a_ratchet_that_rounds_to_nothing_is_an_error() -> None:
    """0.001 a share rounds to no cents."""
    error = fault(PATRON, [ISSUE | {"cash": 1}])
    assert error.code == "#NUM!"
    assert str(error).startswith("events row 1: the adjusted conversion price, 0.001, rounds to 0")


def test_a_weighted_average_stands_shares_for_nothing() -> None:
    """1,000,000 shares for nothing: 1.75 x 13.75/14.75 = 24.0625/14.75. Expenses are not taken off (D.8(ii))."""
    free = ISSUE | {"shares": 1_000_000, "cash": 0}
    assert price(VALUESTAR, [free]) == pytest.approx(24.0625 / 14.75, rel=1e-15)
    assert price(VALUESTAR, [free | {"expenses": 9}]) == price(VALUESTAR, [free])
