"""Corners of the price under issues below it, each worked by hand."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from issue_oracle import PATRON, VALUESTAR, Oracle, Rules, block
from oracle import table

from xlcap.errors import XlcapError
from xlcap.functions import call

Cells = Mapping[str, Any]
# 8.75m Common and 500,000 of Series B: at 1.75 these are 5m, together 13.75m, and 1.75 x 13.75m = 24.0625m dollars.
COUNTS = {
    "common_outstanding": 8_750_000,
    "series_shares": 500_000,
    "preferred_as_converted": 0,
    "options_outstanding": 0,
    "convertibles_outstanding": 0,
}
NOTE = {"event": "deemed_issue", "id": "N", "date": "2007-03-04", "security": "convertible"} | COUNTS
NOTE |= {"shares": 1_000_000, "cash": 1_000_000}
DIVIDEND = {"event": "stock_dividend", "id": "D", "date": "2007-03-01", "payment_date": "2007-03-20"}
DIVIDEND |= {"common_outstanding": 10_000_000, "shares": 1_000_000}


def then(kind: str, day: str, about: str, **cells: Any) -> Cells:
    return {"event": kind, "date": day, "refers_to": about} | cells


def issue(day: str, shares: int = 1_000_000, cash: int = 1_000_000, **cells: Any) -> Cells:
    return {"event": "issue", "date": day, "shares": shares, "cash": cash} | COUNTS | cells


def split(day: str, ratio: Any = 2) -> Cells:
    return {"event": "split", "date": day, "ratio": ratio}


def price(
    rules: Rules,
    events: Sequence[Cells],
    day: str,
    slot: str = "close",
    known_at: str | None = None,
    issued: str = "2007-01-02",
    initial: str | None = None,
) -> float:
    """The price, on which both calculators must agree."""
    tranche = [issued, initial or rules.initial] if rules.base == "PATRON-B" else [None, None]
    found = call("CONVERSION_PRICE", [block(rules), table(events), day, None, slot, known_at, *tranche])
    known = dt.date.fromisoformat(known_at) if known_at else None
    issue_date = dt.date.fromisoformat(issued) if rules.base == "PATRON-B" else None
    oracle = Oracle(events, rules, known, issue_date, initial)
    assert found == pytest.approx(float(oracle.price(dt.date.fromisoformat(day), slot)), rel=1e-14)
    assert isinstance(found, float)
    return found


def near(value: float) -> Any:
    return pytest.approx(value, rel=1e-14)


# --- instruments that change ----------------------------------------------------------------------------------------


def test_an_amended_note_is_issued_again_for_what_was_lent() -> None:
    """The old note ends and the new one is issued that day for the 1,000,000 lent on the old (AMB-VS19)."""
    events = [NOTE, then("terms_change", "2007-03-10", "N", by="agreement", shares=1_500_000) | COUNTS]
    assert price(VALUESTAR, events, "2007-03-09") == near(25.0625 / 14.75)  # (24.0625 + 1)/(13.75 + 1)
    assert price(VALUESTAR, events, "2007-03-10") == near(25.0625 / 15.25)  # (24.0625 + 1)/(13.75 + 1.5)


def test_a_note_that_adjusted_nothing_counts_from_its_change_for_what_was_lent() -> None:
    """1.80 a share adjusts nothing; 1.5m shares for the 1.8m lent do, from that day: (24.0625 + 1.8)/15.25."""
    rules = dataclasses.replace(VALUESTAR, unadjusted_revision="at_revision")
    events = [NOTE | {"cash": 1_800_000}, then("terms_change", "2007-03-10", "N", shares=1_500_000) | COUNTS]
    assert price(rules, events, "2007-03-09") == 1.75
    assert price(rules, events, "2007-03-10") == near(25.8625 / 15.25)


def test_a_note_that_counts_from_its_change_leaves_no_trace_when_it_expires() -> None:
    """1.5m shares for 1.8m from the change, (24.0625 + 1.8)/15.25; the note expires, nothing was issued: 1.75."""
    rules = dataclasses.replace(VALUESTAR, unadjusted_revision="at_revision")
    changed = then("terms_change", "2007-03-10", "N", shares=1_500_000) | COUNTS
    events = [NOTE | {"cash": 1_800_000}, changed, then("expiry", "2007-03-12", "N")]
    assert price(rules, events, "2007-03-10") == near(25.8625 / 15.25)
    assert price(rules, events, "2007-03-12") == 1.75


def test_a_note_that_counts_from_its_change_is_changed_back() -> None:
    """0.8m and 1m of debt for 1m shares is 1.80; for 1.5m of them 1.20; and 1.80 again, which adjusts nothing."""
    rules = dataclasses.replace(VALUESTAR, unadjusted_revision="at_revision", debt_cancellation_counts=True)
    events = [NOTE | {"cash": 800_000, "debt_cancelled": 1_000_000}]
    events += [then("terms_change", "2007-03-10", "N", shares=1_500_000) | COUNTS]
    events += [then("terms_change", "2007-03-12", "N", shares=1_000_000) | COUNTS]
    assert price(rules, events, "2007-03-10") == near(25.8625 / 15.25)
    assert price(rules, events, "2007-03-12") == 1.75


def test_an_old_instrument_amended_where_amendments_count_for_nothing() -> None:
    """What is agreed later adjusts nothing if the terms say so, whether the instrument is listed or older."""
    rules = dataclasses.replace(VALUESTAR, amendment="nothing", unadjusted_revision="at_revision")
    changed = {"event": "terms_change", "date": "2007-03-10", "shares": 1_000_000, "min_exercise": 800_000}
    assert price(rules, [changed | COUNTS | {"by": "agreement"}], "2007-03-10") == 1.75


@pytest.mark.parametrize("about", ["listed", "older"])
def test_a_repricing_without_the_premium(about: str) -> None:
    """1,000 shares at 0.80, 100 paid at grant: 0.90 with the premium (3(e)(vi)F), 0.80 where it is left out."""
    grant = {"event": "deemed_issue", "id": "W", "date": "2007-02-01", "shares": 1_000, "cash": 100}
    changed = {"event": "terms_change", "date": "2007-02-05", "shares": 1_000, "min_exercise": 800, "cash": 100}
    listed = [grant | {"min_exercise": 2_000}, changed | {"refers_to": "W"}]
    events = listed if about == "listed" else [changed]
    assert price(PATRON, events, "2007-02-05") == 0.9
    assert price(dataclasses.replace(PATRON, repricing_premium=False), events, "2007-02-05") == 0.8


def test_a_split_listed_before_a_grant_of_the_same_day_is_over() -> None:
    """Two for one, then 1m options at 0.50, then 1.5m: all in new shares, for 8.75m + 10m of them at 0.875."""
    grant = NOTE | {"cash": 500_000}
    events = [split("2007-03-04"), grant, then("terms_change", "2007-03-10", "N", shares=1_500_000)]
    assert price(VALUESTAR, events, "2007-03-04") == near(16.90625 / 19.75)  # (0.875 x 18.75 + 0.5)/19.75
    assert price(VALUESTAR, events, "2007-03-10") == near(16.90625 / 20.25)


def test_debt_cancelled_counts_on_issue_and_on_conversion() -> None:
    """1,000 shares for 2,372 and 1,000 of debt: 3.372. Of 50 converted, 50 x 3.372 is what was received: no change."""
    rules = dataclasses.replace(PATRON, debt_cancellation_counts=True)
    note = {"event": "deemed_issue", "id": "N", "date": "2007-02-23", "security": "convertible", "shares": 1_000}
    note |= {"cash": 2_372, "debt_cancelled": 1_000}
    events = [note, then("exercise", "2007-03-06", "N", shares=50), then("expiry", "2007-03-17", "N")]
    assert price(rules, events, "2007-03-06") == 2.4
    assert price(rules, events, "2007-03-17") == 2.4


# --- dividends ------------------------------------------------------------------------------------------------------


def test_a_dividend_is_paid_in_the_shares_of_the_day() -> None:
    """After two for one, 1,000,000 new shares are half of the 1,000,000 declared: 1.75 x 10/10.5 / 2 (D.4 proviso)."""
    events = [DIVIDEND, split("2007-03-10"), then("dividend_paid", "2007-03-20", "D", shares=1_000_000)]
    assert price(VALUESTAR, events, "2007-03-19") == near(1.75 * 10 / 11 / 2)
    assert price(VALUESTAR, events, "2007-03-20") == near(1.75 * 10 / 10.5 / 2)


def test_a_dividend_paid_in_full_after_a_split() -> None:
    """2,000,000 new shares are all of the 1,000,000 declared: 1.75 x 10/11 / 2."""
    events = [DIVIDEND, split("2007-03-10"), then("dividend_paid", "2007-03-20", "D", shares=2_000_000)]
    assert price(VALUESTAR, events, "2007-03-20") == near(1.75 * 10 / 11 / 2)


def test_nobody_knows_beforehand_that_a_dividend_will_not_be_paid() -> None:
    """With what is known on the record date the dividend stands, also on the date fixed: 2.40 x 10/11 = 2.18."""
    assert price(PATRON, [DIVIDEND], "2007-03-20", known_at="2007-03-01") == 2.18
    assert price(PATRON, [DIVIDEND], "2007-03-20") == 2.4


# --- tranches and closings ------------------------------------------------------------------------------------------


def test_a_forced_conversion_before_a_share_was_issued_is_nothing_to_it() -> None:
    """Shares issued after the first ones were converted by force have a ratchet of their own: 1.00."""
    events = [{"event": "automatic_conversion", "date": "2007-01-10"}, issue("2007-03-01")]
    assert price(PATRON, events, "2007-03-01", issued="2007-02-01", initial="2") == 1


def test_an_issue_on_the_day_of_the_shares_is_not_one_following_it() -> None:
    """3(e)(vi)A: issues following the Original Issuance Date; 3(e)(i): splits on or after it."""
    events = [issue("2007-02-01"), split("2007-02-01")]
    assert price(PATRON, events, "2007-02-01", issued="2007-02-01") == 1.2


@pytest.mark.parametrize(
    ("day", "reason"),
    [
        ("2007-03-01", "on the day of issue; the clause counts what follows it"),
        ("2007-02-28", "before the shares were issued on 2007-03-01"),
    ],
)
def test_the_history_says_why_an_issue_is_nothing_to_a_share(day: str, reason: str) -> None:
    """An issue of Common on the day of the shares, and one of the day before."""
    history = call("CONVERSION_HISTORY", ["PATRON-B", table([issue(day)]), None, None, None, "2007-03-01", 2.4])
    assert isinstance(history, list)
    assert reason in history[1]


def test_no_price_before_the_shares_were_issued() -> None:
    """The shares of 1 March 2007 had no conversion price in February."""
    with pytest.raises(XlcapError, match="2007-02-28 is before the shares were issued \\(2007-03-01\\)"):
        call("CONVERSION_PRICE", ["PATRON-B", None, "2007-02-28", None, None, None, "2007-03-01", 2.4])


def test_a_stated_initial_price_is_not_above_the_certificates() -> None:
    """3(c): the lesser of 2.40 and an average; where splits adjust the 2.40, two for one before makes it 1.20."""
    args = [None, "2007-08-01", None, None, None, "2007-07-01"]
    with pytest.raises(XlcapError, match=r"argument 'initial_price': 2\.41 is above 2\.4") as error:
        call("CONVERSION_PRICE", ["PATRON-B", *args, 2.41])
    assert error.value.code == "#NUM!"
    restated = [["id", "PATRON-B"], ["conversion.prior_event_adjustment", "splits"]]
    with pytest.raises(XlcapError, match=r"2\.4 is above 1\.2"):
        call("CONVERSION_PRICE", [restated, table([split("2007-06-01")]), *args[1:], 2.4])


# --- dividends in Common that leave the count to a cap table ---

COMMON = [["class", "kind", "shares", "terms", "conversion_price"], ["Common", "common", 10_000_000, None, None]]


def with_cap_table(events: list[Cells], day: str = "2000-08-01", cap_table: Any = COMMON) -> Any:
    """Valuestar's price, counts from a cap table where the events leave them blank."""
    return call("CONVERSION_PRICE", ["VALUESTAR-B", table(events), day, *[None] * 5, cap_table])


def test_a_dividend_counts_the_common_of_a_cap_table() -> None:
    """1,000,000 shares on the 10,000,000 of the cap table: 1.75 x 10/11 (D.4)."""
    dividend = {"event": "stock_dividend", "date": "2000-06-01", "shares": 1_000_000}
    assert with_cap_table([dividend]) == near(1.75 * 10 / 11)


def test_a_dividend_counts_what_happened_since_the_cap_table() -> None:
    """2,000,000 employees' shares and two for one before it: 24,000,000, and 1,000,000 on them: 1.75 / 2 x 24/25."""
    dividend = {"event": "stock_dividend", "date": "2000-06-01", "shares": 1_000_000}
    earlier = [issue("2000-03-01", 2_000_000, exempt="employees"), split("2000-04-01")]
    assert with_cap_table([*earlier, dividend]) == near(1.75 / 2 * 24 / 25)


def test_two_dividends_count_each_other() -> None:
    """1,000,000 on 10,000,000, then 1,000,000 on 11,000,000: 1.75 x 10/11 x 11/12."""
    dividends = [{"event": "stock_dividend", "date": day, "shares": 1_000_000} for day in ("2000-06-01", "2000-07-01")]
    assert with_cap_table(dividends) == near(1.75 * 10 / 12)


@pytest.mark.parametrize(
    ("cap_table", "message"),
    [
        (None, "events row 1, column 'common_outstanding': is blank, and there is no cap table to count it from"),
        ([COMMON[0], ["Pool", "pool", 1, None, None]], "cap_table: has no row of Common"),
        ([COMMON[0], ["Common", "common", 0, None, None]], "cap_table row 1, column 'shares': must be above 0"),
    ],
)
def test_a_dividend_that_nothing_counts(cap_table: Any, message: str) -> None:
    """No cap table, none with Common, Common of no shares."""
    with pytest.raises(XlcapError, match=message):
        with_cap_table([{"event": "stock_dividend", "date": "2000-06-01", "shares": 1_000_000}], cap_table=cap_table)


def test_options_follow_a_dividend_that_only_a_cap_table_counts() -> None:
    """Options on 1,000,000 shares, older than a dividend of a tenth, stand for 1,100,000, all of which are bought."""
    events = [issue("2000-03-01", id="grant", event="deemed_issue", security="option", exempt="employees"),
              {"event": "stock_dividend", "date": "2000-06-01", "shares": 1_000_000},
              then("exercise", "2000-07-01", "grant", shares=1_100_000, cash=1_100_000)]  # fmt: skip
    assert with_cap_table(events) == near(1.75 * 10 / 11)


def test_closings_within_the_window_are_one_issue_and_a_later_one_another() -> None:
    """Of closings on the 1st, 2nd and 5th with three days' window the first two are one.

    (24.0625 + 2)/(13.75 + 2) = 1.654761...; Series B is then 8.75m/1.654761... = 5.287769...m, so
    (1.654761... x 8.75 + 8.75 + 1)/(8.75 + 5.287769... + 1) = 1.611220747...
    """
    rules = dataclasses.replace(VALUESTAR, closing_window_days=3)
    events = [issue(f"2007-03-0{day}", closing="A") for day in (1, 2, 5)]
    first = 26.0625 / 15.75
    assert price(rules, events, "2007-03-02") == near(first)
    assert price(rules, events, "2007-03-05") == near((first * 8.75 + 9.75) / (8.75 + 8.75 / first + 1))


def test_a_closing_after_a_split_is_restated() -> None:
    """Two for one between them: 1,000,000 new shares are 500,000 of the first closing's. (24.0625 + 2)/15.25 / 2."""
    rules = dataclasses.replace(VALUESTAR, closing_window_days=9)
    events = [issue("2007-03-01", closing="A"), split("2007-03-02"), issue("2007-03-04", closing="A")]
    assert price(rules, events, "2007-03-04") == near(26.0625 / 15.25 / 2)


def test_a_grant_between_rights_exercised_in_part_and_their_expiry() -> None:
    """Half of 1,000,000 rights on 10m were exercised: 1.75 x 10/10.5, once the note of meanwhile has expired."""
    rules = dataclasses.replace(VALUESTAR, readjust="unexercised_part")
    rights = DIVIDEND | {"event": "rights", "id": "R", "payment_date": None, "price": 1, "closing_price": 2}
    events = [rights, then("rights_exercised", "2007-03-02", "R", shares=500_000), NOTE]
    events += [then("rights_expired", "2007-03-05", "R"), then("expiry", "2007-03-06", "N")]
    assert price(rules, events, "2007-03-06") == near(1.75 * 10 / 10.5)


def test_an_issue_between_the_carried_and_the_visible_price_is_put_to_the_formula() -> None:
    """A split of 1.004 is carried under one percent; 1,000 at 1.749 are below the 1.75 that stands.

    On 8.75m and the series, 5.02m at 1.743027..., the average is not below that. With 90m counted after it it is:
    1.743027... x (13.77m + 1,749 / 1.743027...) / 90m.
    """
    rules = dataclasses.replace(VALUESTAR, least_part="0.01")
    events = [split("2007-03-01", "1.004"), issue("2007-03-01", 1_000, 1_749, outstanding_after=90_000_000)]
    assert price(rules, events, "2007-03-01") == 1.75
    carried = 1.75 / 1.004
    expected = (carried * 8_750_000 + 8_750_000 + 1_749) / 90_000_000
    assert price(dataclasses.replace(rules, denominator="as_counted"), events, "2007-03-01") == near(expected)
