"""Issues below the conversion price: every open point with a key of its own changes the answer, as worked out by hand.

The Valuestar cases stand on 10,000,000 Common, 1,000,000 under Series A, 1,000,000 under options and 500,000 Series B,
which converts into 5,000,000 at 1.75: 17,000,000 in all, worth 29.75 million at 1.75.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from oracle import table

from xlcap.errors import XlcapError
from xlcap.functions import call

Event = Mapping[str, Any]
COUNTS = {
    "common_outstanding": 10_000_000,
    "series_shares": 500_000,
    "preferred_as_converted": 1_000_000,
    "options_outstanding": 1_000_000,
    "convertibles_outstanding": 0,
}
RULE = "adjust.issue_below_price"


def valuestar(events: Sequence[Event], day: str = "2002-01-01", known_at: str | None = None, **switches: Any) -> Any:
    """Valuestar's price; a switch is written with two underscores for a dot."""
    return call("CONVERSION_PRICE", [_terms("VALUESTAR-B", switches), table(events), day, None, None, known_at])


def patron(events: Sequence[Event], day: str = "2009-01-01", initial: float = 2.4, **switches: Any) -> Any:
    """Patron's price of a tranche."""
    terms = _terms("PATRON-B", switches)
    return call("CONVERSION_PRICE", [terms, table(events), day, None, None, None, None, initial])


def _terms(name: str, switches: Mapping[str, Any]) -> Any:
    return [["id", name], *([key.replace("__", "."), value] for key, value in switches.items())] if switches else name


def rule(**keys: Any) -> dict[str, Any]:
    """Switches of the rule on issues."""
    return {f"adjust__issue_below_price__{key}": value for key, value in keys.items()}


def issue(day: str = "2000-06-01", shares: float = 2_000_000, cash: float = 2_000_000, **cells: Any) -> Event:
    """Common sold, by default at 1.00."""
    return {"event": "issue", "date": day, "shares": shares, "cash": cash, **COUNTS, **cells}


def warrants(day: str = "2000-06-01", **cells: Any) -> Event:
    """Warrants W on 2,000,000 shares at 1.00, sold for 100,000: an effective price of 1.05."""
    granted = {"id": "W", "shares": 2_000_000, "cash": 100_000, "min_exercise": 2_000_000}
    return {"event": "deemed_issue", "date": day, **granted, **COUNTS, **cells}


def later(kind: str, day: str, **cells: Any) -> Event:
    """What becomes of the warrants W."""
    return {"event": kind, "date": day, "refers_to": "W", **cells}


def sold(day: str, shares: float, cash: float, **cells: Any) -> Event:
    """Common sold under a ratchet, which counts no shares."""
    return {"event": "issue", "date": day, "shares": shares, "cash": cash, **cells}


def patron_option(**cells: Any) -> Event:
    """Options W on 500,000 shares at 1.50, sold for 50,000: an effective price of 1.60."""
    granted = {"id": "W", "shares": 500_000, "cash": 50_000, "min_exercise": 750_000}
    return {"event": "deemed_issue", "date": "2007-02-01", **granted, **cells}


def approx(value: float) -> Any:
    """To nine digits."""
    return pytest.approx(value, rel=1e-9)


# --- the weighted average -------------------------------------------------------------------------------------------


def test_weighted_average() -> None:
    """(29.75 + 2.00) / (17 + 2)."""
    assert valuestar([issue()]) == approx(31.75 / 19)


def test_series_counted_at_the_price_after_is_a_switch() -> None:
    """14 x² + (8.75 - 21 - 2) x - 15.3125 = 0: x = (14.25 + √1060.5625) / 28."""
    assert valuestar([issue()], **rule(fd_price="after")) == approx((14.25 + 1060.5625**0.5) / 28)


def test_series_counted_at_the_published_price_is_a_switch() -> None:
    """After the warrants expired the round finds 1.75; the series counts at 1.75 (5m) or 637/380 (3325/637 m)."""
    events = [
        warrants(),
        issue("2000-10-01", 1_000_000, 1_000_000, options_outstanding=3_000_000),
        later("expiry", "2001-06-01"),
    ]
    assert valuestar(events) == approx(34.25 / 20)
    counted = 14 + 3325 / 637
    assert valuestar(events, **rule(fd_price="before_as_published")) == approx((1.75 * counted + 1) / (counted + 1))


def test_denominator_as_counted_is_a_switch() -> None:
    """Half a million options exercised that day count once, or in the shares after too: 31.75 / 19 or 31.75 / 19.5."""
    event = issue(outstanding_after=19_500_000)
    assert valuestar([event]) == approx(31.75 / 19)
    assert valuestar([event], **rule(denominator="as_counted")) == approx(31.75 / 19.5)


def test_expenses_deducted_is_a_switch() -> None:
    """1.80 gross is above 1.75; 1.70 net is below: (29.75 + 1.70) / 18."""
    event = issue(shares=1_000_000, cash=1_800_000, expenses=100_000)
    assert valuestar([event]) == 1.75
    assert valuestar([event], **rule(expenses_deducted=True)) == approx(31.45 / 18)


def test_price_places_is_a_switch() -> None:
    """The text rounds nothing; four places if the terms say so."""
    assert valuestar([issue()], policy__price_places=4) == 1.6711


def test_allocated_and_property() -> None:
    """2.0 million in cash, 0.5 in property, 0.5 of it for notes sold with the shares: 2.0 for the shares."""
    event = issue(property_value=500_000, allocated_elsewhere=500_000)
    assert valuestar([event]) == approx(31.75 / 19)


def test_narrow_based_counts_the_series_alone() -> None:
    """(8.75 + 2.00) / (5 + 2)."""
    assert valuestar([issue()], **rule(count="series")) == approx(10.75 / 7)


def test_a_cap_table_gives_the_counts() -> None:
    """What the row leaves blank is taken from the cap table: the same figure as stated in the row."""
    holdings = [
        ["class", "kind", "shares", "terms", "conversion_price", "seniority", "preference", "as_converted", "strike"],
        ["Common", "common", 10_000_000, None, None, None, None, None, None],
        ["Series A", "preferred", 600_000, None, None, 2, 3_000_000, 1_000_000, None],
        ["Series B", "preferred", 500_000, "VALUESTAR-B", 1.75, None, None, None, None],
        ["Options", "option", 1_000_000, None, None, None, None, None, 1],
    ]
    events = [
        {"event": "issue", "date": day, "shares": shares, "cash": cash}
        for day, shares, cash in (("2000-06-01", 2_000_000, 2_000_000), ("2000-09-01", 3_000_000, 3_600_000))
    ]
    answer = call("CONVERSION_PRICE", ["VALUESTAR-B", table(events), "2001-01-01", *[None] * 5, holdings])
    stated = [issue(), issue("2000-09-01", 3_000_000, 3_600_000, common_outstanding=12_000_000)]
    assert answer == valuestar(stated) == approx(1725041 / 1073120)


@pytest.mark.parametrize(("as_of", "counted"), [("day_before", 17), ("immediately_prior", 18)])
def test_cap_table_counts_the_same_day_as_the_terms_say(as_of: str, counted: int) -> None:
    """A million shares sold at 2.00 the same morning count if counted immediately prior, not the day before."""
    holdings = [
        ["class", "kind", "shares", "terms", "conversion_price"],
        ["Common", "common", 12_000_000, None, None],
        ["Series B", "preferred", 500_000, "VALUESTAR-B", 1.75],
    ]
    events = [
        {"event": "issue", "date": "2000-06-01", "shares": 1_000_000, "cash": 2_000_000},
        {"event": "issue", "date": "2000-06-01", "shares": 2_000_000, "cash": 2_000_000},
    ]
    terms = _terms("VALUESTAR-B", rule(count_as_of=as_of))
    answer = call("CONVERSION_PRICE", [terms, table(events), "2001-01-01", *[None] * 5, holdings])
    assert answer == approx((1.75 * counted + 2) / (counted + 2))


def test_a_blank_count_is_an_error() -> None:
    """A count the certificate takes in is never taken as zero."""
    event = {key: value for key, value in issue().items() if key != "options_outstanding"}
    with pytest.raises(XlcapError, match=r"events row 1, column 'options_outstanding': is blank.*D\.8\(i\)"):
        valuestar([event])


@pytest.mark.parametrize(("day", "expected"), [("2000-08-30", 31.75 / 19), ("2000-08-31", None)])
def test_closings_within_a_window_are_one_issue(day: str, expected: float | None) -> None:
    """Two closings of a million within 90 days count as two million on the first day; a day later each for itself."""
    events = [
        issue("2000-06-01", 1_000_000, 1_000_000, closing="Series C"),
        issue(day, 1_000_000, 1_000_000, closing="series c", common_outstanding=11_000_000),
    ]
    first = 30.75 / 18
    apart = (first * 13 + 8.75 + 1) / (13 + 8.75 / first + 1)
    assert valuestar(events, **rule(closing_window_days=90)) == approx(expected or apart)
    assert valuestar(events) == approx(apart)


# --- instruments ----------------------------------------------------------------------------------------------------


def test_rights_to_convertibles_have_three_layers() -> None:
    """(0.1 + 0.5 + 0.4) million over a million shares: 1.00. (29.75 + 1.00) / 18."""
    event = warrants(shares=1_000_000, min_exercise=500_000, min_conversion=400_000)
    assert valuestar([event]) == approx(30.75 / 18)


@pytest.mark.parametrize(("money", "expected"), [("all", 30.85 / 18), ("of_exercised", 30.80 / 18)])
def test_grant_money_is_a_switch(money: str, expected: float) -> None:
    """Half exercised for 1.0 million, half expired: all of the 100,000 for the grant counts, or half of it."""
    events = [
        warrants(),
        later("exercise", "2001-01-10", shares=1_000_000, cash=1_000_000),
        later("expiry", "2001-06-01"),
    ]
    assert valuestar(events, **rule(deemed__grant_money=money)) == approx(expected)


def test_partly_exercised_instruments_may_stay_as_they_were() -> None:
    """With partial_exercise = none the price stays at (29.75 + 2.10) / 19."""
    events = [
        warrants(),
        later("exercise", "2001-01-10", shares=1_000_000, cash=1_000_000),
        later("expiry", "2001-06-01"),
    ]
    assert valuestar(events, **rule(deemed__partial_exercise="none")) == approx(31.85 / 19)


def test_half_of_the_warrants_expire() -> None:
    """A million is left: all the grant money and 1.0 million for it. (29.75 + 1.10) / 18."""
    assert valuestar([warrants(), later("expiry", "2001-06-01", shares=1_000_000)]) == approx(30.85 / 18)


def test_converted_part_of_a_note_counts_with_its_part_of_the_price() -> None:
    """A third of a 1.5 million note on 1.5 million shares is converted, the rest repaid: 0.5m shares for 0.5m."""
    note = warrants(security="convertible", shares=1_500_000, cash=1_500_000, min_exercise=0)
    events = [note, later("exercise", "2001-01-10", shares=500_000), later("termination", "2001-06-01")]
    assert valuestar(events) == approx((29.75 + 0.5) / 17.5)


def test_termination_readjusts_where_the_certificate_says_so() -> None:
    """Valuestar's instruments expire or otherwise terminate; Patron's expire alone."""
    assert valuestar([warrants(), later("termination", "2001-06-01")]) == 1.75
    assert patron([patron_option(), later("termination", "2008-02-01")]) == 1.6
    assert patron([patron_option(), later("expiry", "2008-02-01")]) == 2.4


@pytest.mark.parametrize(
    ("amendment", "expected"), [("new_issue", 48.35 / 29), ("recompute", 30.85 / 19), ("nothing", 31.85 / 19)]
)
def test_amendment_is_a_switch(amendment: str, expected: float) -> None:
    """Exercise price halved by agreement: 1.1m in all, as issued that day among 27m shares, or from the grant."""
    counts = COUNTS | {"common_outstanding": 20_000_000}
    change = later("terms_change", "2001-03-01", min_exercise=1_000_000, by="agreement", **counts)
    assert valuestar([warrants(), change], **rule(deemed__amendment=amendment)) == approx(expected)


@pytest.mark.parametrize(("since", "expected"), [("at_grant", 30.75 / 18), ("at_revision", 48.25 / 28)])
def test_revision_of_what_had_not_adjusted_is_a_switch(since: str, expected: float) -> None:
    """Options at 2.00 come down to 1.00: from their grant, 17m shares outstanding, or from the revision, 27m."""
    change = later("terms_change", "2001-03-01", min_exercise=1_000_000, **COUNTS | {"common_outstanding": 20_000_000})
    grant = warrants(shares=1_000_000, cash=0, min_exercise=2_000_000)
    assert valuestar([grant, change], **rule(deemed__unadjusted_revision=since)) == approx(expected)


def test_debt_cancelled_on_conversion_is_a_switch() -> None:
    """A note of 1.5 million on a million shares costs 1.50 a share; its cancellation is not received once more."""
    note = patron_option(security="convertible", shares=1_000_000, cash=1_500_000, min_exercise=0)
    note = {**note, "debt_cancelled": 1_500_000}
    assert patron([note]) == 1.5
    assert patron([note], **rule(debt_cancellation_counts=True)) == 2.4


@pytest.mark.parametrize(("counts", "expected"), [(True, 1.1), (False, 1.0)])
def test_repricing_premium_is_a_switch(counts: bool, expected: float) -> None:
    """Repriced to 1.00 a share: with the 50,000 first received, 1.10."""
    change = later("terms_change", "2007-05-01", min_exercise=500_000, by="agreement")
    assert patron([patron_option(), change], **rule(repricing__repricing_premium=counts)) == expected


def test_a_repriced_option_that_expires_leaves_nothing() -> None:
    """Both its issues, the first and the repricing, are as though they had not been."""
    change = later("terms_change", "2007-05-01", min_exercise=500_000, by="agreement")
    assert patron([patron_option(), change, later("expiry", "2008-02-01")]) == 2.4


def test_step_ups_never_lift_a_ratchet() -> None:
    """Patron's text knows reductions only."""
    assert patron([patron_option(), later("terms_change", "2007-05-01", min_exercise=2_000_000)]) == 1.6


def test_a_change_by_a_clause_against_dilution_is_no_repricing() -> None:
    """Clause F leaves it out."""
    change = later("terms_change", "2007-05-01", min_exercise=500_000, by="antidilution")
    assert patron([patron_option(), change]) == 1.6


def test_known_on_the_last_day_is_what_was_published() -> None:
    """An expiry works from its own day on, also for who looks back."""
    events = [warrants(), later("expiry", "2001-06-01")]
    assert valuestar(events, "2000-12-01") == valuestar(events, "2000-12-01", "2001-12-31") == approx(31.85 / 19)


# --- what is left out -----------------------------------------------------------------------------------------------


def test_exemptions_are_named_by_name_or_section() -> None:
    """Employees' options adjust nothing."""
    assert valuestar([warrants(exempt="employees")]) == valuestar([warrants(exempt="d.8(v)(b)")]) == 1.75


def test_an_unknown_exemption_is_an_error() -> None:
    """A word the certificate does not have is not passed over."""
    with pytest.raises(XlcapError, match=r"events row 1, column 'exempt': .*no exemption 'employee'.*employees"):
        valuestar([warrants(exempt="employee")])


@pytest.mark.parametrize(
    ("switches", "expected"),
    [
        # 5% of 17.8m are 890,000, of which 800,000 are used: 10,000 count, for 5,000
        ({}, (1.75 * 17.8 + 0.005) / 17.81),
        ({"basket__overflow": "all"}, (1.75 * 17.8 + 0.05) / 17.9),
        # 5% of the 17m at the first issue are 850,000: 50,000 count, for 25,000
        ({"basket__fully_diluted": "fixed"}, (1.75 * 17.8 + 0.025) / 17.85),
    ],
)
def test_basket_is_a_switch(switches: dict[str, Any], expected: float) -> None:
    """800,000 and then 100,000 shares at 0.50 to vendors, who may have five percent."""
    events = [
        issue("2000-06-01", 800_000, 400_000, exempt="vendors"),
        issue("2000-07-01", 100_000, 50_000, exempt="D.8(v)(C)", common_outstanding=10_800_000),
    ]
    assert valuestar(events, **rule(**switches)) == approx(expected)


# --- rights and dividends in Common ---------------------------------------------------------------------------------

RIGHTS = {"event": "rights", "date": "2000-05-01", "common_outstanding": 10_000_000, "shares": 1_000_000, "id": "R"}


@pytest.mark.parametrize(("treasury", "expected"), [(False, 17.5 / 11), (True, 17.5 / 10.4)])
def test_rights_treasury_method_is_a_switch(treasury: bool, expected: float) -> None:
    """A million rights at 1.20, the Common at 2.00: all of them count, or the 400,000 the money would not buy back."""
    event = {**RIGHTS, "price": 1.2, "closing_price": 2}
    assert valuestar([event], adjust__rights__rights_treasury_method=treasury) == approx(expected)


def test_rights_that_expire_leave_their_cut() -> None:
    """D.4 has no readjustment."""
    assert valuestar([RIGHTS, {"event": "rights_expired", "date": "2001-05-01", "refers_to": "R"}]) == approx(17.5 / 11)


DIVIDEND = {
    "event": "stock_dividend",
    "date": "2000-05-01",
    "id": "D",
    "common_outstanding": 10_000_000,
    "shares": 1_000_000,
    "payment_date": "2000-05-31",
}


def paid(day: str, shares: float, outstanding: float | None = None) -> Event:
    """A part of the dividend is paid."""
    return {
        "event": "dividend_paid",
        "date": day,
        "refers_to": "D",
        "shares": shares,
        "common_outstanding": outstanding,
    }


def test_a_dividend_paid_in_part_and_late() -> None:
    """10/11 on the record date; 10/10.6 after the date fixed; and 10.6/11 more when the rest is paid."""
    events = [DIVIDEND, paid("2000-05-31", 600_000), paid("2000-08-01", 400_000, 10_600_000)]
    days = ["2000-05-15", "2000-05-31", "2000-08-01"]
    assert [valuestar(events, day) for day in days] == approx([17.5 / 11, 17.5 / 10.6, 17.5 / 11])


def test_a_dividend_not_paid_is_restated_from_its_record_date() -> None:
    """As published 10/11 on 15 May; with the knowledge of June never cut."""
    assert valuestar([DIVIDEND], "2000-05-15") == approx(17.5 / 11)
    assert valuestar([DIVIDEND], "2000-05-15", "2000-05-20") == approx(17.5 / 11)
    assert valuestar([DIVIDEND], "2000-05-15", "2000-06-30") == 1.75


def test_reversal_is_a_switch() -> None:
    """A prospective reversal knows nothing of a date fixed: the cut stays until it is said that nothing is paid."""
    assert valuestar([DIVIDEND], adjust__stock_dividend__reversal="prospective") == approx(17.5 / 11)


def test_more_is_paid_than_declared() -> None:
    """It is an error at the row that does it."""
    with pytest.raises(XlcapError, match="events row 3, column 'shares': more shares are paid"):
        valuestar([DIVIDEND, paid("2000-05-31", 600_000), paid("2000-08-01", 400_001)])


# --- the ratchet, its threshold and its tranches --------------------------------------------------------------------


def test_ratchet_is_the_effective_price() -> None:
    """However few the shares: 2.00."""
    assert patron([sold("2007-02-01", 10, 20)]) == 2.0


def test_an_issue_between_the_carried_and_the_visible_price_changes_nothing() -> None:
    """2.395 is carried under a visible 2.40; an issue at 2.397 must not raise it."""
    events = [sold("2007-02-01", 1_000_000, 2_395_000), sold("2007-03-01", 1_000_000, 2_397_000)]
    args = ["PATRON-B", table(events), "2007-04-01", None, None, None, None, 2.4]
    assert call("CONVERSION_PRICE", args) == 2.4
    assert call("CARRIED_ADJUSTMENT", args) == approx(-0.005)


def test_carry_rounding_is_a_switch() -> None:
    """2.40 x 10/10.5 = 2.285714, made as 2.29; halved 1.145, 1.15; or from the unrounded figure 1.142857, 1.14."""
    events = [
        {"event": "stock_dividend", "date": "2007-03-01", "common_outstanding": 10_000_000, "shares": 500_000},
        {"event": "split", "date": "2007-06-01", "ratio": 2},
    ]
    assert patron(events) == 1.15
    assert patron(events, policy__carry_rounding=True) == 1.14


def test_least_adjustment_is_a_switch() -> None:
    """Without a threshold 2.396 is made at once, to the cent: 2.40 stays visible and nothing is carried."""
    events = [sold("2007-02-01", 1_000_000, 2_391_000)]
    assert patron(events) == 2.4
    assert patron(events, policy__min_adjustment_amount="none") == 2.39


def test_ratchet_comes_before_a_split_of_the_same_day() -> None:
    """At the opening 2.00, at the close 1.00, in whichever order they are listed."""
    events = [{"event": "split", "date": "2007-02-01", "ratio": 2}, sold("2007-02-01", 1_000_000, 2_000_000)]
    assert patron(events) == patron(events[::-1]) == 1.0


def test_two_tranches_and_one_issue() -> None:
    """An issue at 2.00 ratchets the shares at 2.40 and not those at 1.95."""
    events = [sold("2007-02-01", 1_000_000, 2_000_000)]
    assert [patron(events, initial=price) for price in (2.4, 1.95)] == [2.0, 1.95]


def test_what_happened_before_a_share_was_issued_is_nothing_to_it() -> None:
    """A round at 2.00 in February does not touch shares issued in March, nor one on the day of their issue."""
    events = [sold("2007-02-01", 1_000_000, 2_000_000), sold("2007-03-01", 1_000_000, 2_100_000)]
    args = ["PATRON-B", table(events), "2007-04-01", None, None, None, "2007-03-01", 2.4]
    assert call("CONVERSION_PRICE", args) == 2.4


@pytest.mark.parametrize(("switch", "expected"), [("none", 1.3), ("splits", 1.2)])
def test_prior_event_adjustment_is_a_switch(switch: str, expected: float) -> None:
    """After a two-for-one split shares issued at an average of 1.30 start at 1.30, or at 2.40 / 2."""
    days = [
        ["date", "close", "volume"],
        *([f"2007-07-{day:02}", 1.3, 100] for day in (2, 3, 5, 6, 9, 10, 11, 12, 13, 16)),
    ]
    events = [{"event": "split", "date": "2007-06-01", "ratio": 2}]
    terms = [["id", "PATRON-B"], ["conversion.prior_event_adjustment", switch]]
    assert call("INITIAL_CONVERSION_PRICE", [terms, "2007-07-17", days, table(events)]) == expected


def test_no_ratchet_once_the_shares_convert_by_force() -> None:
    """From the day after the trigger; the issue of that morning came before it."""
    trigger = {"event": "automatic_conversion", "date": "2007-05-01"}
    assert patron([trigger, sold("2007-05-01", 10, 20)]) == 2.0
    assert patron([trigger, sold("2007-05-02", 10, 20)]) == 2.4


@pytest.mark.parametrize("cells", [{"cash": 0}, {"cash": 100, "expenses": 200}])
def test_an_issue_for_nothing_under_a_ratchet_is_an_error(cells: dict[str, Any]) -> None:
    """A price of zero or less is no price; the error says what to look at."""
    with pytest.raises(XlcapError, match=r"events row 1, column 'cash': the effective price is .*3\(e\)\(vi\)A"):
        patron([sold("2007-02-01", 1000, **cells)])


def test_an_issue_for_nothing_under_a_weighted_average_is_an_adjustment() -> None:
    """Bonus shares: 29.75 / 19."""
    assert valuestar([issue(cash=0)]) == approx(29.75 / 19)


def test_initial_price_needs_what_the_certificate_looks_at() -> None:
    """Without the day of issue, the prices or the price itself there is no answer, and it says so."""
    with pytest.raises(XlcapError, match=r"argument 'issue_date': is required.*3\(c\).*initial_price"):
        call("CONVERSION_PRICE", ["PATRON-B", None, "2007-01-01"])


def test_one_price_for_all_shares_takes_no_issue_date() -> None:
    """Valuestar's price is that of the series."""
    with pytest.raises(XlcapError, match="VALUESTAR-B has one price for all its shares"):
        call("CONVERSION_PRICE", ["VALUESTAR-B", None, "2000-06-01", *[None] * 3, "2000-05-01"])


def test_pricesmart_does_not_protect_against_cheap_issues() -> None:
    """Its certificate has no such rule."""
    assert call("CONVERSION_PRICE", ["PRICESMART-B", table([sold("2004-05-01", 1000, 1)]), "2004-06-01"]) == 20


# --- what a reader with the certificate beside her found -------------------------------------------------------------


def test_an_exemption_stays_with_an_instrument_that_is_repriced() -> None:
    """Plan awards have no proviso (3(e)(vi)E(VI)); instruments outstanding on the date of issue do (E(III))."""
    change = later("terms_change", "2007-05-01", min_exercise=500_000, by="agreement")
    assert patron([patron_option(exempt="stock_plan"), change]) == 2.4
    assert patron([patron_option(exempt="outstanding_instruments"), change]) == 1.1


def test_a_modification_cannot_name_the_exemption_it_ends() -> None:
    """E(III) on the row of the change itself is an error."""
    change = {"event": "terms_change", "date": "2007-05-01", "shares": 1000, "min_exercise": 1500, "by": "agreement"}
    with pytest.raises(XlcapError, match=r"events row 1, column 'exempt': .*3\(e\)\(vi\)E\(III\)"):
        patron([change | {"exempt": "outstanding_instruments"}])


def test_exercise_of_an_instrument_that_lost_its_exemption_is_an_issue() -> None:
    """Raised from 1.50 to 1.80 it adjusts nothing; its shares are no longer left out, and that is said."""
    events = [
        patron_option(cash=0, exempt="outstanding_instruments"),
        later("terms_change", "2007-05-01", min_exercise=900_000, by="agreement"),
        later("exercise", "2007-06-01", shares=1000, cash=1800),
    ]
    assert patron(events[:2]) == 2.4
    with pytest.raises(XlcapError, match="events row 3, column 'event': 'W' lost its exemption"):
        patron(events)


def test_a_dividend_partly_paid_was_made() -> None:
    """not_made beside a payment is a contradiction."""
    events = [DIVIDEND, paid("2000-05-31", 600_000), {"event": "not_made", "date": "2000-06-01", "refers_to": "D"}]
    with pytest.raises(XlcapError, match="events row 3, column 'refers_to': row 2 says that shares of 'D' were paid"):
        valuestar(events)


def test_the_times_of_day_decide_and_not_the_rows() -> None:
    """An exercise on the day of the expiry comes before it, wherever it is listed: 1,000 shares for 2.00 each."""
    events = [
        patron_option(),
        later("expiry", "2007-06-01"),
        later("exercise", "2007-06-01", shares=1000, cash=2000),
    ]
    # (50,000 for the grant + 2,000) / 1,000 is 52.00 a share: no adjustment is left
    assert patron(events) == patron([events[0], events[2], events[1]]) == 2.4


def test_money_that_is_missing_is_not_nothing() -> None:
    """A blank is neither what was paid for shares, nor on an exercise of options."""
    with pytest.raises(XlcapError, match="events row 1, column 'cash': is blank"):
        valuestar([{key: value for key, value in issue().items() if key != "cash"}])
    with pytest.raises(XlcapError, match="events row 2, column 'cash': is blank"):
        valuestar([warrants(), later("exercise", "2001-01-10", shares=1000)])


@pytest.mark.parametrize("kind", ["split", "stock_dividend"])
def test_a_dividend_in_common_restates_an_option_as_a_split_does(kind: str) -> None:
    """Doubled either way: 1,000,000 new shares are half of the 2,000,000: (29.75 + 0.1 + 0.5)/18, halved."""
    events = [
        warrants(),
        {"event": kind, "date": "2000-11-15", "ratio": 2},
        later("exercise", "2001-01-10", shares=2_000_000, cash=500_000),
        later("expiry", "2001-06-01"),
    ]
    assert valuestar(events) == approx((29.75 + 0.6) / 18 / 2)


def test_a_late_payment_finds_what_was_paid_before() -> None:
    """400,000 of a million in time, 600,000 late: 10/10.4 from the record date, and 10.4/11 more."""
    events = [DIVIDEND, paid("2000-05-10", 400_000), paid("2000-08-01", 600_000)]
    assert valuestar(events, "2000-06-01") == approx(17.5 / 10.4)
    assert valuestar(events, "2000-08-01") == approx(17.5 / 11)


def test_rights_distributed_in_part() -> None:
    """What D.4 says of dividends it says of other distributions: 600,000 of the million rights in time, none after."""
    event = {**RIGHTS, "payment_date": "2000-05-31"}
    given = {"event": "dividend_paid", "date": "2000-05-31", "refers_to": "R", "shares": 600_000}
    assert valuestar([event], "2000-05-15") == approx(17.5 / 11)
    assert valuestar([event, given]) == approx(17.5 / 10.6)
    assert valuestar([event]) == 1.75


CAP = [
    ["class", "kind", "shares", "terms", "conversion_price"],
    ["Common", "common", 8_000_000, None, None],
    ["Series B", "preferred", 500_000, "VALUESTAR-B", 1.75],
]


def from_cap_table(events: Sequence[Event], day: str, cap: Any = CAP) -> Any:
    """The price with the counts of a cap table."""
    return call("CONVERSION_PRICE", ["VALUESTAR-B", table(events), day, *[None] * 5, cap])


def test_rights_on_the_common_count_in_a_later_round() -> None:
    """8m Common x 1.75 x 8/9 and 8.75m for the series: after a million rights they count, a million more shares."""
    rights = {**RIGHTS, "common_outstanding": 8_000_000}
    events = [rights, {"event": "issue", "date": "2000-05-10", "shares": 1_000_000, "cash": 1_000_000}]
    price = 1.75 * 8 / 9
    counted = 8 + 8.75 / price + 1
    assert from_cap_table(events, "2000-06-01") == approx(price * (counted + 1 / price) / (counted + 1))


def test_a_split_of_the_same_morning_is_in_the_count() -> None:
    """Two for one listed before the round: 16m Common and the series at 0.875, all in new shares."""
    events = [
        {"event": "split", "date": "2000-05-10", "ratio": 2},
        {"event": "issue", "date": "2000-05-10", "shares": 1_000_000, "cash": 500_000},
    ]
    assert from_cap_table(events, "2000-06-01") == approx((0.875 * 16 + 8.75 + 0.5) / (16 + 10 + 1))


@pytest.mark.parametrize("row", [1, 2])
def test_a_cap_table_without_common_or_the_series_counts_nothing(row: int) -> None:
    """It is an error, not a count of zero."""
    events = [{"event": "issue", "date": "2000-05-10", "shares": 1_000_000, "cash": 500_000}]
    with pytest.raises(XlcapError, match="cap_table: has no row"):
        from_cap_table(events, "2000-06-01", [CAP[0], CAP[3 - row]])


def test_a_statement_on_request_names_what_else_a_share_delivers() -> None:
    """3(g), second sentence: 2.00 after a ratchet, 2,500 shares, and 2,083.33 warrants set aside before it."""
    events = [
        {"event": "distribution", "date": "2007-01-15", "value": 1, "property": "warrants", "own_securities": True},
        sold("2007-02-01", 1000, 2000),
    ]
    args = ["PATRON-B", table(events), "2007-03-01", None, None, "2007-01-02", 2.4]
    told = dict(call("CONVERSION_STATEMENT", args))
    assert told["Conversion price in effect"] == 2.0
    assert told["One share delivers: Common, shares (3(c))"] == 2500
    assert [value for key, value in told.items() if "warrants" in key] == [approx(5000 / 2.4)]


def test_an_exemption_may_be_a_number_of_shares() -> None:
    """400,000: of 300,000 and 200,000 at 0.50 the last 100,000 count, for 50,000. (1.75 x 17.3 + 0.05) / 17.4."""
    events = [
        issue("2000-06-01", 300_000, 150_000, exempt="vendors"),
        issue("2000-07-01", 200_000, 100_000, exempt="vendors", common_outstanding=10_300_000),
    ]
    basket = rule(basket__fraction="none", basket__shares=400_000)
    assert valuestar(events, **basket) == approx((1.75 * 17.3 + 0.05) / 17.4)


def test_what_a_basket_leaves_out_stands_in_the_certificate() -> None:
    """Of a million shares 850,000 are within five percent of 17 million."""
    events = [issue("2000-06-01", 1_000_000, 500_000, exempt="vendors")]
    facts = dict(call("ADJUSTMENT_CERTIFICATE", ["VALUESTAR-B", table(events), "2000-06-30"]))
    assert facts["Fact: shares issued"] == 1_000_000
    assert facts["Fact: of them exempt"] == 850_000
    assert facts["Fact: shares"] == 150_000


def test_a_readjustment_shows_what_was_computed_before_it_was_rounded() -> None:
    """Half of W expired: (29.75 + 1.10) / 18 = 1.713888..., to three places 1.714."""
    events = [warrants(), later("expiry", "2001-06-01", shares=1_000_000)]
    terms = _terms("VALUESTAR-B", {"policy__price_places": 3})
    last = call("CONVERSION_HISTORY", [terms, table(events)])[-1]
    assert last[6] == approx(30.85 / 18)
    assert last[7] == last[8] == 1.714


# --- closings, and what closes as one issue --------------------------------------------------------------------------

WINDOW = rule(closing_window_days=90)


def closing(event: Event, name: str, day: str) -> Event:
    """One closing of Series C among 17m shares."""
    return {**event, "id": name, "date": day, "closing": "Series C"}


def test_an_option_may_close_with_shares() -> None:
    """A million shares at 1.00 and, a month later, a million under options at 1.00: as 2m for 2m."""
    options = warrants(shares=1_000_000, cash=0, min_exercise=1_000_000)
    events = [closing(issue(shares=1_000_000, cash=1_000_000), "S", "2000-06-01"), closing(options, "W", "2000-07-01")]
    assert valuestar(events, **WINDOW) == approx(31.75 / 19)
    # the options expire: the shares alone are left
    assert valuestar([*events, later("expiry", "2001-06-01")], **WINDOW) == approx(30.75 / 18)


@pytest.mark.parametrize("ends", ["W", "W3"])
def test_of_two_instruments_that_closed_together_one_ends(ends: str) -> None:
    """Each a million under options at 1.00: whichever expires, the other stays as issued on the first day."""
    options = warrants(shares=1_000_000, cash=0, min_exercise=1_000_000)
    events = [closing(options, "W", "2000-06-01"), closing(options, "W3", "2000-07-01")]
    gone = {"event": "expiry", "date": "2001-06-01", "refers_to": ends}
    assert valuestar(events, **WINDOW) == approx(31.75 / 19)
    assert valuestar([*events, gone], **WINDOW) == approx(30.75 / 18)
    assert valuestar([*events, gone, {**gone, "refers_to": "W" if ends == "W3" else "W3"}], **WINDOW) == 1.75


def test_an_exempt_closing_closes_by_itself() -> None:
    """Shares for employees and for others under one name: the others count."""
    events = [
        closing(issue(shares=1_000_000, cash=1_000_000, exempt="employees"), "E", "2000-06-01"),
        closing(issue(shares=1_000_000, cash=1_000_000), "S", "2000-07-01"),
    ]
    assert valuestar(events, **WINDOW) == approx(30.75 / 18)


def test_shares_after_the_issue_cannot_be_fewer_than_it_leaves() -> None:
    """17m and 2m are 19m at the least."""
    with pytest.raises(XlcapError, match="events row 1, column 'outstanding_after': 15,000,000 is less than 19"):
        valuestar([issue(outstanding_after=15_000_000)], **rule(denominator="as_counted"))


def test_terms_that_exclude_each_other_are_refused() -> None:
    """The shares after an issue are worked out, or counted."""
    with pytest.raises(XlcapError, match=r"issue_below_price\.fd_price: 'after' works the shares out"):
        valuestar([issue()], **rule(fd_price="after", denominator="as_counted"))


@pytest.mark.parametrize("kind", ["split", "stock_dividend"])
def test_a_basket_is_counted_in_shares_of_the_day(kind: str) -> None:
    """800,000 before two for one are 1,600,000 after: of 1,700,000 (5% of 34m) 100,000 are left, and 100,000 count.

    At 0.25 each: (0.875 x 34 + 0.025) / 34.1.
    """
    events = [
        issue("2000-06-01", 800_000, 400_000, exempt="vendors"),
        {"event": kind, "date": "2000-06-15", "ratio": 2},
        issue(
            "2000-07-01",
            200_000,
            50_000,
            exempt="vendors",
            common_outstanding=20_000_000,
            preferred_as_converted=2_000_000,
            options_outstanding=2_000_000,
        ),
    ]
    assert valuestar(events) == approx((0.875 * 34 + 0.025) / 34.1)


# --- the cap table, carried forward ----------------------------------------------------------------------------------

ROUND = {"event": "issue", "date": "2000-09-01", "shares": 1_000_000, "cash": 1_000_000}
"""A million at 1.00, after whatever came before it."""


def counted_before_the_round(*events: Event) -> float:
    """The shares counted in the round, from the price before it p and after it q: q (O + 1) = p O + 1."""
    day = "2000-10-01"
    before = from_cap_table([*events], day)
    after = from_cap_table([*events, ROUND], day)
    return (1 - after) / (after - before)


def granted(name: str = "W") -> Event:
    """Options that adjust nothing: a million shares at 2.00."""
    return {"event": "deemed_issue", "date": "2000-05-01", "id": name, "shares": 1_000_000, "min_exercise": 2_000_000}


@pytest.mark.parametrize(
    ("events", "common_and_options"),
    [
        ([granted()], 9),
        ([granted(), later("exercise", "2000-06-01", shares=400_000, cash=800_000)], 9),
        ([granted(), later("expiry", "2000-06-01")], 8),
        (
            [
                granted(),
                {**later("terms_change", "2000-05-15", shares=1_500_000, min_exercise=3_000_000), "id": "W2"},
                {"event": "expiry", "date": "2000-06-01", "refers_to": "W2"},
            ],
            8,
        ),
        (
            [
                {
                    "event": "tender_offer",
                    "date": "2000-05-01",
                    "common_outstanding": 8_000_000,
                    "shares": 2_000_000,
                    "consideration": 1,
                    "current_market_price": 2,
                }
            ],
            6,
        ),
    ],
)
def test_a_cap_table_is_carried_forward(events: list[Event], common_and_options: float) -> None:
    """8m Common and 5m for the series, with what was granted, exercised, changed, ended or bought back since."""
    assert counted_before_the_round(*events) == pytest.approx(common_and_options + 5, rel=1e-9)


def test_a_dividend_that_is_not_made_is_not_counted() -> None:
    """8m Common and 5m for the series at a price that was restored."""
    dividend = {"event": "stock_dividend", "date": "2000-05-01", "id": "D", "common_outstanding": 8_000_000,
                "shares": 1_000_000}  # fmt: skip
    fallen = {"event": "not_made", "date": "2000-05-20", "refers_to": "D"}
    assert counted_before_the_round(dividend, fallen) == pytest.approx(13, rel=1e-9)


def test_deemed_outstanding_counts_what_converts() -> None:
    """Where 35.00 converts for each share, 500,000 at 1.75 are 10m, with 8m Common."""
    terms = [["id", "VALUESTAR-B"], ["conversion.reference_amount", 35]]
    assert call("DEEMED_OUTSTANDING", [terms, CAP, 1.75])[-1] == ["All", 18_000_000]
    with pytest.raises(XlcapError, match="cap_table: has no row of Common"):
        call("DEEMED_OUTSTANDING", ["VALUESTAR-B", [CAP[0], CAP[2]], 1.75])


def test_a_dividend_never_paid_does_not_lower_the_first_price() -> None:
    """Where 2.40 is adjusted for what came before, a dividend that fell away is no such thing."""
    days = [["date", "close", "volume"], *([f"2007-07-{day:02}", 3, 9] for day in (2, 3, 5, 6, 9, 10, 11, 12, 13, 16))]
    terms = [["id", "PATRON-B"], ["conversion.prior_event_adjustment", "splits"]]
    unpaid = {"event": "stock_dividend", "date": "2007-05-01", "id": "D", "ratio": 2, "payment_date": "2007-05-31"}
    paid_in_full = {key: value for key, value in unpaid.items() if key != "payment_date"}
    prices = [call("INITIAL_CONVERSION_PRICE", [terms, "2007-07-17", days, table([e])]) for e in (unpaid, paid_in_full)]
    assert prices == [2.4, 1.2]


def test_a_basket_takes_no_negative_shares() -> None:
    """It is an error at the number."""
    with pytest.raises(XlcapError, match="argument 'shares', number 2: must be zero or more; found -5"):
        call("EXEMPT_BASKET", ["VALUESTAR-B", [[10], [-5]], [[100], [100]]])
