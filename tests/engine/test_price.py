"""The conversion price clause by clause: one truth each, with the arithmetic beside the figure."""

from __future__ import annotations

from typing import Any

import pytest
from asking import (
    carried,
    distribution,
    history,
    later,
    price,
    reduction,
    rights,
    split,
    stock_dividend,
    tender_offer,
    terms,
)
from oracle import table

from xlcap.errors import XlcapError
from xlcap.functions import call

# --- stock dividends and splits, VI.E(1) and (2) --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "slot", "expected"),
    [
        ("2004-03-10", "close", 20.0),
        ("2004-03-11", "pre_open", 20.0),
        ("2004-03-11", "open", 20.0),
        ("2004-03-11", "post_open", 18.18),  # 20 x 7.0/7.7 = 18.1818...
        ("2004-03-11", "close", 18.18),
    ],
)
def test_a_stock_dividend_acts_after_the_opening_of_the_next_day(day: str, slot: str, expected: float) -> None:
    """VI.E(1): the day following the record date, immediately after the opening."""
    assert price([stock_dividend()], day, slot) == expected


def test_a_stock_dividend_may_be_given_as_a_ratio() -> None:
    """Eleven shares for every ten are the same dividend: 20 / 1.1 = 18.1818..., 18.18."""
    event = {"event": "stock_dividend", "date": "2004-03-10", "ratio": 1.1}
    assert price([event], "2004-03-11") == price([stock_dividend()], "2004-03-11") == 18.18


@pytest.mark.parametrize(("ratio", "expected"), [(2, 10.0), (1.5, 13.33), (0.5, 40.0), (0.1, 200.0)])
def test_a_split_changes_the_price_in_proportion(ratio: float, expected: float) -> None:
    """VI.E(2): 20.00 / ratio, down for a subdivision and up for a combination."""
    assert price([split(ratio=ratio)], "2004-06-15", "post_open") == expected


def test_a_split_acts_a_day_after_it_becomes_effective() -> None:
    """VI.E(2): the Common trades split on 14 June, the price follows after the opening of 15 June."""
    assert price([split()], "2004-06-14") == price([split()], "2004-06-15", "open") == 20.0


# --- rights, VI.E(3) ------------------------------------------------------------------------------------------------


def test_rights_below_the_closing_price() -> None:
    """VI.E(3): 700,000 at 12.00 buy 525,000 at 16.00; 20 x 7.525/7.7 = 19.5454..., 19.55."""
    assert price([rights()], "2004-03-11", "post_open") == 19.55


def test_rights_for_nothing_are_a_stock_dividend() -> None:
    """An offering price of zero buys nothing at the closing price: 20 x 7.0/7.7 = 18.18."""
    assert price([rights(price=0)], "2004-03-11") == 18.18


@pytest.mark.parametrize("cells", [{"price": 16}, {"price": 17}, {"to_preferred": True}, {"reinvestment_plan": "yes"}])
def test_rights_that_adjust_nothing(cells: dict[str, Any]) -> None:
    """VI.E(3): not below the closing price, or given to the preferred as well; VI.E(8): a reinvestment plan."""
    assert price([rights(**cells)], "2004-03-11") == 20.0


def test_rights_take_the_closing_price_of_the_record_date_from_the_table() -> None:
    """With a close of 15.00 the rights buy 560,000: 20 x 7.56/7.7 = 19.6363..., 19.64."""
    closes = [["date", "close"], ["2004-03-09", 99], ["2004-03-10", 15]]
    assert price([rights(closing_price=None)], "2004-03-11", prices=closes) == 19.64


# --- distributions, VI.E(4) -----------------------------------------------------------------------------------------


def test_a_distribution_acts_before_the_opening_of_the_next_day() -> None:
    """VI.E(4): 20 x (16 - 1)/16 = 18.75, immediately before the opening of the day after the record date."""
    assert price([distribution()], "2004-05-10") == 20.0
    assert price([distribution()], "2004-05-11", "pre_open") == 18.75


@pytest.mark.parametrize("cells", [{"regular_cash": True}, {"reserved": True}, {"value": 16}, {"value": 16.01}])
def test_distributions_that_adjust_nothing(cells: dict[str, Any]) -> None:
    """VI.E(4): a regular cash dividend, property reserved for conversion, a value of the market price or more."""
    assert price([distribution(**cells)], "2004-05-11") == 20.0


def test_a_value_just_below_the_market_price_leaves_a_cent() -> None:
    """20 x (16 - 15.996)/16 = 0.005, which rounds up to 0.01."""
    assert price([distribution(value=15.996)], "2004-05-11") == 0.01


def test_a_price_that_rounds_to_zero_is_an_error_from_that_moment_on() -> None:
    """20 x (16 - 15.997)/16 = 0.00375 is no price; the day before is answered all the same."""
    event = distribution(value=15.997)
    assert price([event], "2004-05-10") == 20.0
    with pytest.raises(XlcapError, match=r"^events row 1: .* 0\.00375, rounds to 0 under VI\.E\(4\)") as caught:
        price([event], "2004-05-11")
    assert caught.value.code == "#NUM!"


# --- rights plans, VI.E(4) ------------------------------------------------------------------------------------------

PLAN = {"event": "rights_plan", "date": "2004-02-01", "id": "plan"}


def trigger(day: str, value: float, **cells: Any) -> dict[str, Any]:
    return {"event": "trigger_event", "date": day, "refers_to": "plan", "value": value} | {
        "current_market_price": 16,
        **cells,
    }


def test_a_rights_plan_adjusts_nothing_before_a_trigger_event() -> None:
    """The rights travel with the Common and are deemed not distributed."""
    assert price([PLAN], "2004-12-31") == 20.0
    assert history([PLAN])[0]["Computation"] == "no adjustment before a trigger event"


def test_a_trigger_event_is_a_distribution_with_that_day_as_record_date() -> None:
    """20 x (16 - 2)/16 = 17.50 before the opening of the day after the trigger."""
    events = [PLAN, trigger("2004-03-01", 2)]
    assert (price(events, "2004-03-01"), price(events, "2004-03-02", "pre_open")) == (20.0, 17.5)


def test_a_further_trigger_event_ends_the_rights_of_the_first() -> None:
    """The first rights count as expired unexercised at the second trigger, 20.00; then 20 x (16 - 4)/16 = 15.00."""
    events = [PLAN, trigger("2004-03-01", 2), trigger("2004-05-01", 4)]
    assert price(events, "2004-05-01", "pre_close") == 17.5
    assert price(events, "2004-05-01", "close") == 20.0
    assert price(events, "2004-05-02", "pre_open") == 15.0


@pytest.mark.parametrize("about", ["plan", "trigger"])
def test_rights_of_a_plan_that_expire_are_undone_by_either_name(about: str) -> None:
    """The fact may be about the plan or about its trigger event; either way the price is 20.00 again."""
    events = [PLAN, trigger("2004-03-01", 2, id="trigger"), later("rights_expired", "2004-06-01", about)]
    assert (price(events, "2004-06-01", "pre_close"), price(events, "2004-06-01")) == (17.5, 20.0)


def test_rights_of_a_plan_that_are_redeemed_become_a_cash_distribution() -> None:
    """20 x (16 - 0.50)/16 = 19.375, 19.38, from 17.50."""
    redeemed = later("rights_redeemed", "2004-06-01", "plan", price=0.5, current_market_price=16)
    assert price([PLAN, trigger("2004-03-01", 2), redeemed], "2004-06-01") == 19.38


def test_redeeming_a_plan_that_was_never_triggered_changes_nothing() -> None:
    """What never counted for an adjustment is not readjusted."""
    redeemed = later("rights_redeemed", "2004-06-01", "plan", price=0.5, current_market_price=16)
    assert price([PLAN, redeemed], "2004-06-01") == 20.0


def test_a_plan_may_be_older_than_the_preferred() -> None:
    """VI.E(4) names rights distributed before the certificate; only their trigger must come after the issue."""
    issued = terms({"original_issue_date": "2003-07-09"})
    old = PLAN | {"date": "1998-01-02"}
    assert price([old, trigger("2004-03-01", 2)], "2004-03-02", of=issued) == 17.5


# --- tender offers, VI.E(5) -----------------------------------------------------------------------------------------


def test_a_tender_offer_above_the_market() -> None:
    """8.0m for 400,000 of 112m: 20 x (112 - 8)/(16 x 6.6) = 19.6969..., 19.70, before the opening of the next day."""
    event = tender_offer(shares=400_000)
    assert (price([event], "2004-07-15"), price([event], "2004-07-16", "pre_open")) == (20.0, 19.7)


def test_five_percent_must_be_exceeded() -> None:
    """5% of 112m is 5,600,000: that much adjusts nothing, a dollar more 20 x 106.399999/112 = 18.9999998, 19.00."""
    assert price([tender_offer(consideration=5_600_000)], "2004-07-16") == 20.0
    assert price([tender_offer(consideration=5_600_001)], "2004-07-16") == 19.0


def test_five_percent_is_exact_where_the_market_price_is_a_repeating_decimal() -> None:
    """Ten closes of 10.00 and twenty of 10.20 average 152/15; times 1.5m is 15.2m, of which 760,000 is just 5%."""
    days = [f"2004-06-{n:02}" for n in range(1, 31)]
    closes = [["date", "close"], *([day, 10 if n < 10 else 10.2] for n, day in enumerate(days)), ["2004-07-01", 99]]
    offer = {"common_outstanding": 1_500_000, "current_market_price": None}
    assert price([tender_offer("2004-07-01", 760_000, **offer)], "2004-07-02", prices=closes) == 20.0
    assert price([tender_offer("2004-07-01", 760_001, **offer)], "2004-07-02", prices=closes) == 19.0


def test_earlier_unadjusted_offers_count_for_the_test_only() -> None:
    """3.0m alone is not 5%; with another 3.0m it is, and only the second enters: 20 x 109/112 = 19.464..., 19.46."""
    events = [tender_offer("2004-07-15", 3_000_000), tender_offer("2004-09-15", 3_000_000)]
    assert (price(events, "2004-07-16"), price(events, "2004-09-16")) == (20.0, 19.46)


def test_offers_that_adjusted_nothing_stay_counted() -> None:
    """The first 3.0m lifts a third offer of 2.7m above 5% too: 19.46 x 109.3/112 = 18.9909, 18.99."""
    events = [tender_offer(day, c) for day, c in [("2004-07-15", 3e6), ("2004-09-15", 3e6), ("2004-11-15", 2.7e6)]]
    assert price(events, "2004-11-16") == 18.99


def test_an_offer_carried_forward_is_not_adjusted_yet() -> None:
    """104/104.16 is 0.15%, carried: with it 2.7m more is above 5%. 20 x 104/104.16 x 109.3/112 = 19.4879, made: 19.49.

    Once that is made for both, 2.7m again stands alone and is below 5%.
    """
    first = tender_offer(shares=490_000)
    later_offers = [tender_offer(day, 2_700_000) for day in ("2004-08-16", "2004-09-15")]
    assert price([first, *later_offers], "2004-07-16") == 20
    assert price([first, *later_offers], "2004-08-17") == 19.49
    assert price([first, *later_offers], "2004-09-16") == 19.49


def test_earlier_offers_may_enter_the_numerator_once() -> None:
    """own_and_earlier: 20 x (112 - 6)/112 = 18.9286, 18.93; that used up the first, so 2.7m more is not 5%."""
    of = terms({"adjust.tender_offer.numerator": "own_and_earlier"})
    events = [tender_offer(day, c) for day, c in [("2004-07-15", 3e6), ("2004-09-15", 3e6), ("2004-11-15", 2.7e6)]]
    assert (price(events, "2004-09-16", of=of), price(events, "2004-11-16", of=of)) == (18.93, 18.93)


def test_an_offer_below_the_market_raises_the_price_only_without_the_floor() -> None:
    """(112 - 6)/(16 x 6.5) = 106/104: "reduced" is no increase; without the floor 20 x 106/104 = 20.3846, 20.38."""
    event = tender_offer(consideration=6_000_000, shares=500_000)
    assert price([event], "2004-07-16") == 20.0
    assert price([event], "2004-07-16", of=terms({"adjust.tender_offer.tender_floor": False})) == 20.38


def test_the_denominator_may_be_read_as_the_product_less_the_shares() -> None:
    """20 x 104/(112 - 0.4) = 18.6380, 18.64 instead of 19.70."""
    of = terms({"adjust.tender_offer.denominator": "product_less_shares"})
    assert price([tender_offer(shares=400_000)], "2004-07-16", of=of) == 18.64


@pytest.mark.parametrize(
    ("cells", "place"),
    [
        ({"consideration": 112_000_000}, "consideration"),
        ({"consideration": 200_000_000}, "consideration"),
        ({"shares": 7_000_000}, "shares"),
    ],
)
def test_an_offer_that_would_leave_no_price_is_an_error(cells: dict[str, Any], place: str) -> None:
    """Consideration of the whole market value or more, or every share purchased: never a division by zero."""
    with pytest.raises(XlcapError, match=f"^events row 1, column '{place}'") as caught:
        price([tender_offer(**cells)], "2004-07-16")
    assert caught.value.code == "#NUM!"


# --- temporary reductions, VI.E(7) ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "slot", "expected"),
    [
        ("2004-07-31", "close", 20.0),
        ("2004-08-01", "pre_open", 18.5),
        ("2004-08-20", "close", 18.5),
        ("2004-08-21", "pre_open", 20.0),
    ],
)
def test_a_reduction_holds_on_both_its_first_and_last_day(day: str, slot: str, expected: float) -> None:
    """1.50 off 20.00 from 1 to 20 August, both included."""
    assert price([reduction()], day, slot) == expected


@pytest.mark.parametrize("cells", [{"end": "2004-08-19"}, {"notice_date": "2004-07-18"}])
def test_a_reduction_that_is_not_valid_does_nothing(cells: dict[str, Any]) -> None:
    """Nineteen days, or fourteen days' notice, and the price stays 20.00."""
    assert price([reduction(**cells)], "2004-08-10") == 20.0


def test_another_adjustment_during_a_reduction() -> None:
    """Base 18.75 and 1.50 off is 17.25; read as a price that stands it is 18.50; afterwards both are 18.75."""
    events = [reduction(), distribution("2004-08-09")]
    fixed = terms({"adjust.voluntary.overlay": "fixed_price"})
    assert (price(events, "2004-08-10"), price(events, "2004-08-10", of=fixed)) == (17.25, 18.5)
    assert price(events, "2004-08-21") == price(events, "2004-08-21", of=fixed) == 18.75


def test_the_one_percent_is_of_the_reduced_price() -> None:
    """0.19 off is 1.03% of 18.50 and 0.95% of 20.00: made on the price in effect, carried on the base."""
    events = [reduction(), distribution("2004-08-09", value=0.152)]
    base = terms({"policy.threshold_basis": "base_price"})
    assert price(events, "2004-08-10") == 18.31
    assert price(events, "2004-08-10", of=base) == 18.5


def test_reductions_that_overlap_add_up() -> None:
    """1.50 and 0.25 off at once leave 18.25."""
    assert price([reduction(), reduction("2004-08-05", "2004-08-30", 0.25)], "2004-08-10") == 18.25


def test_a_reduction_cannot_leave_nothing() -> None:
    """15.00 off is fine at 20.00; after a split it would leave 10 - 15, which is an error and not a price."""
    events = [reduction(amount=15), split("2004-08-09")]
    assert price(events, "2004-08-09") == 5.0
    with pytest.raises(XlcapError, match=r"^events row 2: .*price of -5 would be left"):
        price(events, "2004-08-10")
    with pytest.raises(XlcapError, match=r"^events row 1, column 'amount': must be below the conversion price 20"):
        price([reduction(amount=20)], "2004-08-01")


# --- thresholds, what is carried, rounding, VI.E(8) -----------------------------------------------------------------


def test_exactly_one_percent_is_made_and_less_is_carried() -> None:
    """0.16 of 16.00 is 1%: 19.80; 0.1599 is 0.199875 dollars, just below, and carried."""
    assert price([distribution(value=0.16)], "2004-05-11") == 19.8
    assert price([distribution(value=0.1599)], "2004-05-11") == 20.0
    assert carried([distribution(value=0.1599)], "2004-05-11") == -0.199875


def test_carried_adjustments_add_up_until_they_are_made() -> None:
    """Three halves of a percent: 19.90, 19.8005 (0.1995 is below 0.20), then 19.70149..., 19.70."""
    events = [distribution(f"2004-0{month}-10", value=0.08) for month in (3, 4, 5)]
    assert [price(events, f"2004-0{month}-11") for month in (3, 4, 5)] == [20.0, 20.0, 19.7]
    assert [carried(events, f"2004-0{month}-11") for month in (3, 4, 5)] == [-0.1, -0.1995, 0.0]


def test_what_is_carried_enters_any_later_adjustment() -> None:
    """19.90 carried, then one share for ten: 19.90 / 1.1 = 18.0909, 18.09 and not 18.18."""
    events = [distribution("2004-02-10", value=0.08), stock_dividend()]
    assert price(events, "2004-03-11") == 18.09


def test_the_residue_of_rounding_is_not_carried() -> None:
    """18.1818... was made as 18.18; a hundredfold combination makes that 1,818.00 and not 1,818.18."""
    assert price([stock_dividend(), split(ratio=0.01)], "2004-06-15") == 1818.0


def test_without_a_least_adjustment_everything_is_made() -> None:
    """min_adjustment absent: half a percent makes 19.90 at once."""
    of = terms(absent=["policy.min_adjustment"])
    assert price([distribution(value=0.08)], "2004-05-11", of=of) == 19.9


def test_without_places_nothing_is_rounded() -> None:
    """price_places absent: 200/11 as it is."""
    of = terms(absent=["policy.price_places"])
    assert price([stock_dividend()], "2004-03-11", of=of) == 18.181818181818183


def test_a_tie_rounds_away_from_zero() -> None:
    """20 x (16 - 1.204)/16 = 18.495, which is 18.50."""
    assert price([distribution(value=1.204)], "2004-05-11") == 18.5


# --- what is not made, expires or is redeemed -----------------------------------------------------------------------


def test_a_dividend_not_made_restores_the_price_from_the_opening_of_that_day() -> None:
    """VI.E(1): 18.18 while it was expected, 20.00 from the opening of 2 April, nothing backwards."""
    events = [stock_dividend(id="d"), later("not_made", "2004-04-02", "d")]
    assert price(events, "2004-03-20") == price(events, "2004-04-02", "pre_open") == 18.18
    assert price(events, "2004-04-02", "open") == 20.0


def test_a_distribution_not_made_leaves_the_later_adjustments() -> None:
    """As if it had never been declared: 20.00 halved by the split in between."""
    events = [distribution(id="d"), split(), later("not_made", "2004-07-01", "d")]
    assert (price(events, "2004-06-15"), price(events, "2004-07-01")) == (9.38, 10.0)  # 18.75 / 2 = 9.375


def test_undoing_is_not_put_to_the_threshold() -> None:
    """With 0.1995 carried on 20.00, what is undone leaves 0.10 carried and no change below one percent matters."""
    events = [
        distribution("2004-02-10", value=0.08),
        distribution("2004-03-10", value=0.08, id="d"),
        later("not_made", "2004-04-01", "d"),
    ]
    assert (price(events, "2004-04-01"), carried(events, "2004-04-01")) == (20.0, -0.1)


def test_a_dividend_called_off_before_it_acts_never_acts() -> None:
    """Called off on its record date, at the opening; the next morning nothing happens."""
    events = [stock_dividend(id="d"), later("not_made", "2004-03-10", "d")]
    assert price(events, "2004-03-11") == 20.0


def test_rights_that_expire_unexercised_restore_the_price_at_the_close() -> None:
    """VI.E(4): 19.55 until the close of the day they expire, then as if never issued."""
    events = [rights(id="r"), later("rights_expired", "2004-06-30", "r")]
    assert (price(events, "2004-06-30", "pre_close"), price(events, "2004-06-30")) == (19.55, 20.0)


EXERCISED = [rights(id="r"), later("rights_exercised", "2004-05-03", "r", shares=350_000)]


def test_rights_partly_exercised_are_not_readjusted() -> None:
    """VI.E(4) readjusts where no holder exercised: 19.55 stands, expired or redeemed."""
    redeemed = later("rights_redeemed", "2004-06-30", "r", price=0.05, current_market_price=15)
    assert price([*EXERCISED, later("rights_expired", "2004-06-30", "r")], "2004-06-30") == 19.55
    assert price([*EXERCISED, redeemed], "2004-06-30") == 19.55


def test_the_unexercised_part_may_be_readjusted() -> None:
    """unexercised_part: as if only 350,000 had been offered, 20 x 7.2625/7.35 = 19.7619, 19.76."""
    of = terms({"adjust.rights.readjust": "unexercised_part"})
    events = [*EXERCISED, later("rights_expired", "2004-06-30", "r")]
    assert price(events, "2004-06-30", of=of) == 19.76


def test_rights_exercised_on_the_day_they_expire_were_exercised() -> None:
    """The row of the exercise may stand below that of the expiry: shares are bought during the day."""
    expired = later("rights_expired", "2004-06-30", "r")
    exercised = later("rights_exercised", "2004-06-30", "r", shares=10)
    assert price([rights(id="r"), expired, exercised], "2004-06-30") == 19.55


REDEEMED = [
    rights(id="r"),
    later("rights_redeemed", "2004-06-30", "r", price=0.05, current_market_price=15),
]


def test_redeemed_rights_become_a_cash_distribution_and_keep_what_rounding_cut() -> None:
    """20 x 14.95/15 = 19.9333...: 19.93 from 19.55, and a combination starts from 299/15: 1,993.33."""
    assert price(REDEEMED, "2004-06-30") == 19.93
    assert price([*REDEEMED, split("2004-07-10", 0.01)], "2004-07-11") == 1993.33


def test_a_redemption_stands_when_something_else_falls_later() -> None:
    """A dividend of July is not made in August: the price is again what the redemption had left, 19.93."""
    events = [*REDEEMED, stock_dividend("2004-07-10", id="d"), later("not_made", "2004-08-02", "d")]
    assert price(events, "2004-08-02") == 19.93


def test_a_small_readjustment_is_carried() -> None:
    """Redeemed at 0.30: 20 x 14.70/15 = 19.60 is 0.05 from 19.55, less than one percent, and carried."""
    events = [rights(id="r"), later("rights_redeemed", "2004-06-30", "r", price=0.3, current_market_price=15)]
    assert price(events, "2004-06-30") == 19.55
    assert carried(events, "2004-06-30") == pytest.approx(0.05)


@pytest.mark.parametrize("cells", [{"to_preferred": True}, {"price": 16}])
def test_redeeming_rights_that_adjusted_nothing_changes_nothing(cells: dict[str, Any]) -> None:
    """VI.E(4) readjusts for rights that were counted in an adjustment."""
    events = [rights(id="r", **cells), *REDEEMED[1:]]
    assert price(events, "2004-06-30") == 20.0


def test_a_second_end_of_the_same_rights_changes_nothing() -> None:
    """Rights that were all redeemed cannot expire."""
    events = [*REDEEMED, later("rights_expired", "2004-09-30", "r")]
    assert price(events, "2004-09-30") == 19.93
    assert history(events)[-1]["Computation"] == "nothing is left of r to undo"


# --- one action under several provisions, VI.E(4) and VI.I ----------------------------------------------------------

BOTH = [distribution(action="a"), stock_dividend("2004-05-10", 350_000, action="a")]


@pytest.mark.parametrize(
    ("overlap", "expected"),
    [
        ("combined_in_sequence", 17.86),  # 20 x 15/16 = 18.75, then x 7.0/7.35 = 17.857
        ("sequential", 17.86),
        ("single_greatest", 18.75),  # 1.25 off is more than 0.95 off
    ],
)
def test_property_together_with_shares(overlap: str, expected: float) -> None:
    """VI.E(4) takes the property first and then the shares; read by VI.I alone, only the greater."""
    assert price(BOTH, "2004-05-11", of=terms({"policy.overlap": overlap})) == expected


@pytest.mark.parametrize(
    ("overlap", "expected"),
    [
        ("combined_in_sequence", 18.18),  # 1.82 off is more than 1.25 off: 20 / 1.1
        ("sequential", 17.05),  # 18.75 / 1.1 = 17.045...
        ("single_greatest", 18.18),
    ],
)
def test_any_other_overlap_takes_the_greatest(overlap: str, expected: float) -> None:
    """VI.I: a distribution and a split in one action are one adjustment, at the time of the greater."""
    events = [distribution(action="a"), split("2004-05-10", 1.1, action="a")]
    of = terms({"policy.overlap": overlap})
    assert price(events, "2004-05-11", of=of) == expected
    assert price(events, "2004-05-11", "open", of=of) == (18.75 if overlap == "sequential" else 20.0)


def test_the_greatest_is_so_by_its_absolute_value() -> None:
    """VI.I: a combination that adds 2.22 prevails over a distribution that takes 2.00."""
    events = [distribution(value=1.6, action="a"), split("2004-05-10", 0.9, action="a")]
    assert price(events, "2004-05-11") == 22.22


def test_of_equals_the_first_listed_prevails() -> None:
    """Both take ten percent; the clause of the first listed is the one applied."""
    parts = [distribution(value=1.6, action="a"), tender_offer("2004-05-10", 11_200_000, action="a")]
    for events, clause in ((parts, "VI.E(4)"), (parts[::-1], "VI.E(5)")):
        assert [row["Clause"] for row in history(events) if row["Outcome"] == "adjusted"] == [clause]
        assert price(events, "2004-05-11") == 18.0


def test_when_the_greatest_is_not_made_the_next_takes_its_place() -> None:
    """20 x 14/16 = 17.50 prevailed over 20 / 1.1; had it not been declared the split would have: 18.18."""
    events = [distribution(value=2, action="a", id="d"), split("2004-05-10", 1.1, action="a")]
    assert price([*events, later("not_made", "2004-06-01", "d")], "2004-06-01") == 18.18


def test_something_undone_between_the_parts_of_an_action_does_not_change_its_choice() -> None:
    """A dividend called off at the opening, between distribution and split: the split still prevails, 10.00."""
    events = [
        distribution(action="a"),
        split("2004-05-10", action="a"),
        stock_dividend(id="d"),
        later("not_made", "2004-05-11", "d"),
    ]
    assert [price(events, "2004-05-11", slot) for slot in ("pre_open", "open", "post_open")] == [18.18, 20.0, 10.0]


def test_the_rows_of_an_action_have_one_date() -> None:
    """An action is one event on one day."""
    with pytest.raises(XlcapError, match=r"^events row 2, column 'date': row 1 of the same action 'a' has 2004-05-10"):
        price([distribution(action="a"), split(action="a")], "2004-12-31")


# --- order, knowledge, issue ----------------------------------------------------------------------------------------


def test_events_of_one_moment_go_in_the_order_listed() -> None:
    """20 / 1.5 = 13.33, / 7 = 1.90; the other way 20 / 7 = 2.86, / 1.5 = 1.91."""
    by_half, by_seven = split(ratio=1.5), split(ratio=7)
    assert price([by_half, by_seven], "2004-06-15") == 1.90
    assert price([by_seven, by_half], "2004-06-15") == 1.91


def test_times_of_day_go_before_the_order_listed() -> None:
    """Property acts before the opening and shares after it: 20 x 14/16 = 17.50, x 7.0/7.7 = 15.9091, 15.91."""
    events = [stock_dividend("2004-05-10"), distribution(value=2)]
    assert price(events, "2004-05-11") == price(events[::-1], "2004-05-11") == 15.91
    assert price(events, "2004-05-11", "open") == 17.5


def test_only_what_is_known_counts() -> None:
    """The dividend's failure is known from 2 April; its declaration was known a month before it."""
    events = [stock_dividend(id="d", known_on="2004-02-10"), later("not_made", "2004-04-02", "d")]
    assert price(events, "2004-05-01", known_at="2004-02-09") == 20.0
    assert price(events, "2004-05-01", known_at="2004-04-01") == 18.18
    assert price(events, "2004-05-01", known_at="2004-04-02") == 20.0


def test_a_fact_about_something_not_yet_known_is_not_known() -> None:
    """Rights of a plan known only in June: neither its trigger nor their expiry count in May."""
    events = [
        PLAN | {"known_on": "2004-06-01"},
        trigger("2004-03-01", 2, id="t"),
        later("rights_expired", "2004-05-20", "t"),
    ]
    assert price(events, "2004-05-25", known_at="2004-05-25") == 20.0
    assert price(events[:2], "2004-05-25", known_at="2004-06-01") == 17.5


def test_nothing_is_asked_or_happens_before_the_issue() -> None:
    """With an issue date, an earlier day or event is an error; the issue date itself is not."""
    of = terms({"original_issue_date": "2003-07-09"})
    assert price([split("2003-07-09")], "2003-07-09", of=of) == 20.0
    with pytest.raises(XlcapError, match=r"^as_of: 2003-07-08 is before the original issue date 2003-07-09"):
        price([split()], "2003-07-08", of=of)
    with pytest.raises(XlcapError, match=r"^events row 1, column 'date': 2003-07-08 is before the original issue date"):
        price([split("2003-07-08")], "2004-07-09", of=of)


def test_a_reorganization_leaves_the_price() -> None:
    """VI.F changes what is delivered, not the conversion price."""
    merger = {"event": "reorganization", "date": "2004-06-14", "property": "shares of the survivor", "value": 1}
    assert price([merger], "2004-12-31") == 20.0


def test_no_events_leave_the_initial_price() -> None:
    """VI.A: 20.00, from nothing, from a header alone, and from a header with blank rows below."""
    for events in (None, [["event", "date"]], [["event", "date"], [None, ""], [" ", None]]):
        assert call("CONVERSION_PRICE", ["PRICESMART-B", events, "2004-12-31"]) == 20.0


# --- what is wrong is said, and where -------------------------------------------------------------------------------

BAD_TABLES = [
    ([["event", "date"], ["dividend", "2004-01-01"]], "events row 1, column 'event': the events are split, "),
    ([["event", "date", "ratio"], [None, "2004-01-01", 2]], "events row 1, column 'event': .* found a blank"),
    ([["event", "date", "rat"], ["split", "2004-01-01", 2]], "events: column 'rat' is not known; .* mean 'ratio'"),
    ([["split", "2004-01-01", 2]], "events: column 'split' is not known; is the first row the header"),
    ([["event", "date", "qqq"], ["split", "2004-01-01", 2]], "events: column 'qqq' is not known; [^;]*$"),
    ([["event", "date"], ["stock dividnd", "2004-01-01"]], ".*; found 'stock dividnd'; did you mean 'stock_dividend'"),
    (
        [["event", "date", "ratio"], ["split", "2004-01-01", -5.0]],
        "events row 1, column 'ratio': must be above 0; found -5$",
    ),
    ([["event", "date", "ratio", "ratio"], ["split", "2004-01-01", 2, 2]], "events: column 'ratio' stands there twice"),
    ([["event", "ratio"], ["split", 2]], "events: column 'date' is missing"),
    ([["event", "date", "ratio"], ["split", None, 2]], "events row 1, column 'date': is blank"),
    ([["event", "date", "ratio"], ["split", "2004-01-01"]], "events row 1, column 'ratio': is blank: new shares for"),
    ([["event", "date", "ratio"], ["split", "1 January", 2]], "events row 1, column 'date': a date is expected"),
    ([["event", "date", "ratio"], ["split", 0, 2]], "events row 1, column 'date': a date is expected .* found 0"),
    (
        [["event", "date", "ratio"], ["split", "2004-01-01", "two"]],
        "events row 1, column 'ratio': a number is expected",
    ),
    ([["event", "date", "ratio"], ["split", "2004-01-01", True]], "events row 1, column 'ratio': a number is expected"),
    (
        [["event", "date", "ratio"], ["split", "2004-01-01", 0]],
        "events row 1, column 'ratio': must be above 0; found 0",
    ),
    ([["event", "date", "ratio"], ["split", "2004-01-01", -2]], "events row 1, column 'ratio': must be above 0"),
    (table([stock_dividend(shares=-1)]), "events row 1, column 'shares': must be above 0; found -1"),
    (table([stock_dividend(common_outstanding=0)]), "events row 1, column 'common_outstanding': must be above 0"),
    (table([stock_dividend(shares=None)]), "events row 1: give common_outstanding and shares, or ratio alone"),
    (table([stock_dividend(ratio=1.1)]), "events row 1: give common_outstanding and shares, or ratio alone"),
    (table([rights(price=-1)]), "events row 1, column 'price': must be 0 or more; found -1"),
    (table([rights(to_preferred="perhaps")]), "events row 1, column 'to_preferred': TRUE or FALSE is expected"),
    (table([split(), split(id="x"), split(id="x")]), "events row 3, column 'id': 'x' is the id of row 2 too"),
    (
        table([split(), later("not_made", "2004-07-01", "x")]),
        "events row 2, column 'refers_to': no event has the id 'x'",
    ),
    (
        table([split(id="x"), later("not_made", "2004-07-01", "x")]),
        "events row 2, column 'refers_to': 'x' is of the kind split; not_made is about stock_dividend or rights or",
    ),
    (
        table([stock_dividend(id="x"), later("rights_expired", "2004-07-01", "x")]),
        "events row 2, column 'refers_to': 'x' is of the kind stock_dividend; rights_expired is about rights or",
    ),
    (
        table([stock_dividend(id="x"), later("not_made", "2004-03-09", "x")]),
        r"events row 2, column 'date': 2004-03-09 is before the event it is about \(2004-03-10\)",
    ),
    (table([split(value=3)]), "events row 1, column 'value': does not apply to this kind of row; leave it blank"),
    (table([reduction(end="2004-07-31")]), "events row 1, column 'end_date': 2004-07-31 is before the period begins"),
]


@pytest.mark.parametrize(("events", "message"), BAD_TABLES)
def test_what_is_wrong_in_a_table_is_named_with_row_and_column(events: Any, message: str) -> None:
    """Row 1 is the row below the header; the message says what was expected there."""
    with pytest.raises(XlcapError, match=f"^{message}") as caught:
        call("CONVERSION_PRICE", ["PRICESMART-B", events, "2005-01-01"])
    assert caught.value.code == "#VALUE!"


def test_blank_rows_count_in_the_numbers_of_rows() -> None:
    """A fault below two blank rows is named as the user sees it, row 3."""
    events = [["event", "date", "ratio"], [None] * 3, ["", " ", None], ["split", "2004-01-01", 0]]
    with pytest.raises(XlcapError, match=r"^events row 3, column 'ratio'"):
        call("CONVERSION_PRICE", ["PRICESMART-B", events, "2005-01-01"])


def test_headers_are_read_as_people_write_them() -> None:
    """Case, spaces and hyphens in headers do not count, nor does the order of the columns."""
    events = [["Ratio", "Known-On", "EVENT", " Date "], [2, None, "Split", "2004-06-14"]]
    assert call("CONVERSION_PRICE", ["PRICESMART-B", events, "2004-06-15"]) == 10.0


@pytest.mark.parametrize(
    ("event", "message"),
    [
        (distribution(current_market_price=None), r"30 closing prices .* \(or fill current_market_price in this row\)"),
        (
            rights(closing_price=None),
            r"the price table has no row for 2004-03-10 \(or fill closing_price in this row\)",
        ),
        (tender_offer(current_market_price=None), r"30 closing prices .* \(or fill current_market_price in this row\)"),
    ],
)
def test_a_market_price_that_is_missing_is_named(event: dict[str, Any], message: str) -> None:
    """Neither stated nor in the price table: the error says which row needs it and where to fill it in."""
    with pytest.raises(XlcapError, match=f"^events row 1: {message}") as caught:
        price([event], "2005-01-01")
    assert caught.value.code == "#N/A"


def test_a_redemption_names_its_missing_market_price() -> None:
    """The redemption row is the one that needs the price, not that of the rights."""
    events = [rights(id="r"), later("rights_redeemed", "2004-06-30", "r", price=0.05)]
    with pytest.raises(XlcapError, match=r"^events row 2: .*\(or fill current_market_price in this row\)"):
        price(events, "2004-06-30")


def test_a_missing_price_spoils_only_what_comes_after_it() -> None:
    """The day before the event that lacks its market price is answered."""
    assert price([stock_dividend(), distribution(current_market_price=None)], "2004-05-10") == 18.18


def test_an_offer_that_did_not_prevail_stays_counted() -> None:
    """The distribution won (17.50), so nothing was adjusted for the 6m: 9m is above 5% of 112m; 17.50 x 109/110.4."""
    events = [
        distribution("2004-03-15", value=2, current_market_price=16, action="A"),
        tender_offer("2004-03-15", consideration=6_000_000, shares=300_000, action="A"),
        tender_offer("2004-07-15", consideration=3_000_000, shares=100_000),
    ]
    assert price(events, "2004-03-16") == 17.5
    assert price(events, "2004-07-16") == 17.28  # 17.2781


def test_a_reduced_price_is_in_cents() -> None:
    """20.00 less 1.255 is 18.745: to the nearest cent 18.75."""
    reduction = {
        "event": "voluntary_reduction",
        "date": "2004-08-01",
        "end_date": "2004-08-20",
        "amount": 1.255,
        "notice_date": "2004-07-17",
    }
    assert price([reduction], "2004-08-10") == 18.75
    assert price([reduction], "2004-08-21") == 20


def test_no_more_is_exercised_than_was_offered() -> None:
    """800,000 bought under rights to 700,000 is a fault of its row; after a two-for-one split it is 400,000 of old."""
    exercise = {"event": "rights_exercised", "date": "2004-07-01", "refers_to": "R", "shares": 800_000}
    with pytest.raises(XlcapError, match=r"events row 2, column 'shares': more shares are exercised than the 700,000"):
        price([rights(id="R"), exercise], "2004-07-02")
    assert price([rights(id="R"), split("2004-06-14"), exercise], "2004-07-02") == 9.78  # 19.55 / 2 = 9.775


def test_a_date_left_open_still_has_an_earliest_day() -> None:
    """The certificate says "July __, 2003": nothing before 1 July 2003 can have adjusted the price."""
    with pytest.raises(
        XlcapError, match=r"events row 1, column 'date': 2003-06-30 is before the original issue date July"
    ):
        price([split("2003-06-30")], "2004-01-01")
    assert price([split("2003-07-01")], "2004-01-01") == 10
