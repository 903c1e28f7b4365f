"""The history of a conversion price and the certificate of an adjustment, as a reader checks them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import pytest
from asking import (
    CERTIFICATE,
    Event,
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

YEAR = [
    split("2004-06-14", id="split"),
    distribution("2004-05-10", value=0.08),
    stock_dividend("2004-03-10", id="dividend"),
    rights("2004-07-09", price=16),
    later("not_made", "2004-08-02", "dividend"),
]


def told(events: Sequence[Event], *columns: str, **more: Any) -> list[tuple[Any, ...]]:
    """Some columns of the history."""
    return [tuple(row[name] for name in columns) for row in history(events, **more)]


def test_the_history_has_a_row_for_each_thing_that_happened_in_its_order() -> None:
    """Whatever the order of the table, and also where nothing changed."""
    assert told(YEAR, "Date", "Time", "Clause", "Event", "Outcome") == [
        (dt.date(2004, 3, 11), "immediately after opening", "VI.E(1)", "stock dividend (dividend)", "adjusted"),
        (dt.date(2004, 5, 11), "immediately before opening", "VI.E(4)", "distribution (row 2)", "carried"),
        (dt.date(2004, 6, 15), "immediately after opening", "VI.E(2)", "split (split)", "adjusted"),
        (dt.date(2004, 7, 10), "immediately after opening", "VI.E(3)", "rights (row 4)", "no change"),
        (dt.date(2004, 8, 2), "opening", "VI.E(1)", "not made (row 5)", "restored"),
    ]


def test_the_history_shows_the_arithmetic() -> None:
    """18.18 x 15.92/16 = 18.0891 is carried; halved it is 9.04455, made as 9.04; without the dividend 9.95."""
    figures = told(YEAR, "Price before", "Unrounded", "Rounded", "Price", "Carried")
    assert figures[0] == (20.0, pytest.approx(200 / 11), 18.18, 18.18, 0.0)
    assert figures[1] == (18.18, 18.0891, 18.09, 18.18, -0.0909)
    assert figures[2] == (18.18, 9.04455, 9.04, 9.04, 0.0)
    assert figures[3] == (9.04, 9.04, 9.04, 9.04, 0.0)
    assert figures[4] == (9.04, 9.95, 9.95, 9.95, 0.0)  # 20 x 15.92/16 = 19.90 carried, halved


def test_the_history_says_how_and_why() -> None:
    """The computation in figures, the reason where there is none, and the figures by name."""
    assert told(YEAR, "Computation", "Inputs") == [
        (
            "20 × 7,000,000 / (7,000,000 + 700,000) = 18.181818181818",
            "common outstanding 7,000,000; shares 700,000",
        ),
        (
            "18.18 × (16 − 0.08) / 16 = 18.0891; a change of less than 1% of the price is carried forward (VI.E(8))",
            "current market price 16; value 0.08",
        ),
        ("18.0891 × 1 / 2 = 9.04455", "ratio 2"),
        ("the offer price 16 is not below the closing price 16", "price 16; closing price 16"),
        ("the price had it not been: dividend", ""),
    ]


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (rights(to_preferred=True), "the preferred received the rights as if converted"),
        (rights(reinvestment_plan=True), "rights under a dividend reinvestment plan need no adjustment"),
        (distribution(regular_cash=True), "a regular periodic cash dividend is no such distribution"),
        (distribution(reserved=True), "the company reserves the property for delivery on conversion"),
        (distribution(value=16), "its value 16 is not below the market price 16: property on conversion"),
        (
            tender_offer(consideration=5_600_000),
            "consideration of 5,600,000, earlier unadjusted offers included, is not above 5% of 112,000,000",
        ),
        (
            tender_offer(consideration=6_000_000, shares=500_000),
            "the fraction (16 × 7,000,000 − 6,000,000) / (16 × (7,000,000 − 500,000)) would not reduce the price",
        ),
        (reduction(end="2004-08-19"), "not a valid reduction: a period of 19 days, and at least 20 are needed"),
    ],
)
def test_what_changes_nothing_says_why(event: Event, reason: str) -> None:
    """A holder may ask why the price did not move."""
    row = history([event])[0]
    assert (row["Outcome"], row["Computation"], row["Price"]) == ("no change", reason, 20.0)


def test_the_history_ends_with_the_day_asked_about() -> None:
    """As of 15 June three things had happened; a fault of later stays unseen."""
    broken = distribution("2004-12-01", value=3, current_market_price=None)
    assert len(history(YEAR, as_of="2004-06-15")) == 3
    assert len(history([*YEAR, broken], as_of="2004-11-30")) == 5
    with pytest.raises(XlcapError, match=r"^events row 6: 30 closing prices"):
        history([*YEAR, broken])


def test_a_history_of_nothing_is_its_header() -> None:
    """No events, no rows."""
    assert call("CONVERSION_HISTORY", [CERTIFICATE, None])[1:] == []


def test_a_reduction_shows_the_price_in_effect_and_what_is_carried_beside_it() -> None:
    """18.50 while it runs; a carried tenth is of the base, 20.00, and stays when the reduction ends."""
    events = [reduction(), distribution("2004-08-09", value=0.08)]
    assert told(events, "Event", "Outcome", "Price", "Carried") == [
        ("voluntary reduction (row 1)", "reduced", 18.5, 0.0),
        ("distribution (row 2)", "carried", 18.5, -0.1),
        ("voluntary reduction (row 1)", "reduction ends", 20.0, -0.1),
    ]


def test_the_parts_of_a_combined_distribution_say_so() -> None:
    """VI.E(4): property first, then the shares, each under its clause."""
    events = [distribution(action="a"), stock_dividend("2004-05-10", 350_000, action="a")]
    assert told(events, "Clause", "Price") == [("VI.E(4) (combined)", 18.75), ("VI.E(1) (combined)", 17.86)]


def test_the_part_that_does_not_prevail_says_so() -> None:
    """VI.I: the row that prevails is named."""
    events = [distribution(action="a"), split("2004-05-10", 1.1, action="a")]
    reason = "row 2 of the same action changes the price more, and only the greatest adjustment is made (VI.I)"
    assert told(events, "Outcome", "Computation")[0] == ("no change", reason)


def test_the_end_of_a_plans_first_rights_is_told() -> None:
    """The second trigger has two rows: what it ends at the close, and what it distributes the next morning."""
    trigger = {"event": "trigger_event", "refers_to": "plan", "current_market_price": 16}
    events = [
        {"event": "rights_plan", "date": "2004-02-01", "id": "plan"},
        trigger | {"date": "2004-03-01", "value": 2, "id": "first"},
        trigger | {"date": "2004-05-01", "value": 4, "id": "second"},
    ]
    assert told(events, "Time", "Event", "Outcome", "Price")[2:] == [
        ("close", "trigger event (second)", "restored", 20.0),
        ("immediately before opening", "trigger event (second)", "adjusted", 15.0),
    ]


def test_every_price_of_the_history_is_the_price_at_its_moment() -> None:
    """The history and the price are one computation."""
    slots = {"immediately before opening": "pre_open", "immediately after opening": "post_open", "opening": "open"}
    for row in history(YEAR):
        assert price(YEAR, row["Date"], slots[row["Time"]]) == row["Price"]


# --- the certificate of an adjustment, VI.E(9) ----------------------------------------------------------------------


def certificate(events: Sequence[Event], as_of: str, about: str | None = None, of: Any = CERTIFICATE) -> dict[str, Any]:
    return dict(call("ADJUSTMENT_CERTIFICATE", [of, table(events), as_of, None, about]))


def test_the_certificate_is_of_the_last_change() -> None:
    """On 31 July the last change was the split's; the rights after it changed nothing."""
    stated = certificate(YEAR, "2004-07-31")
    assert stated["Event"] == "split (split)"
    assert stated["Conversion price before"] == 18.18
    assert stated["Computation"] == "18.0891 × 1 / 2 = 9.04455"
    assert stated["Conversion price computed"] == 9.04455
    assert stated["Rounded to 2 places (VI.E(8))"] == 9.04
    assert stated["Conversion price as adjusted"] == 9.04
    assert stated["Notice to holders due by (VI.E(9))"] == dt.date(2004, 6, 25)  # ten days after 15 June


def test_a_certificate_may_be_of_a_named_event() -> None:
    """The dividend's facts and clause, whatever came after it."""
    stated = certificate(YEAR, "2004-07-31", "dividend")
    assert (stated["Adjustment under"], stated["Fact: shares"]) == ("VI.E(1)", 700_000.0)


def test_a_certificate_without_places_states_the_unrounded_price() -> None:
    """price_places absent: no line about rounding."""
    stated = certificate(YEAR, "2004-03-31", of=terms(absent=["policy.price_places"]))
    assert not [name for name in stated if name.startswith("Rounded")]
    assert stated["Conversion price as adjusted"] == 18.181818181818183


def test_the_start_of_a_reduction_has_its_facts_and_computation() -> None:
    """20.00 less 1.50, from 1 to 20 August, announced on 17 July."""
    stated = certificate([reduction()], "2004-08-01")
    assert (stated["Outcome"], stated["Computation"]) == ("reduced", "20 − 1.5 = 18.5")
    assert stated["Reason"] == "until 2004-08-20, 20 days"
    assert {name: value for name, value in stated.items() if name.startswith("Fact")} == {
        "Fact: reduction": 1.5,
        "Fact: first day": dt.date(2004, 8, 1),
        "Fact: last day": dt.date(2004, 8, 20),
        "Fact: notice mailed": dt.date(2004, 7, 17),
        "Fact: price without the reduction": 20.0,
    }


def test_the_end_of_a_reduction_has_its_facts_and_computation() -> None:
    """Another adjustment came between: 20 x 15/16 = 18.75, less 1.50 is 17.25, and 18.75 when the reduction ends."""
    stated = certificate([reduction(), distribution("2004-08-09")], "2004-09-01")
    assert (stated["Outcome"], stated["Computation"]) == ("reduction ends", "17.25 + 1.5 = 18.75")
    assert stated["Reason"] == "the price without the reduction is in effect again"
    assert (stated["Fact: reduction"], stated["Fact: price without the reduction"]) == (1.5, 18.75)
    assert stated["Fact: last day"] == dt.date(2004, 8, 20)


def test_a_reduction_to_a_fixed_price_ends_without_a_computation() -> None:
    """The reduced price stood whatever happened: nothing is added back."""
    fixed = terms({"adjust.voluntary.overlay": "fixed_price"})
    stated = certificate([reduction(), distribution("2004-08-09")], "2004-09-01", of=fixed)
    assert "Computation" not in stated
    assert (stated["Conversion price before"], stated["Conversion price as adjusted"]) == (18.5, 18.75)


def test_the_history_tells_a_reductions_facts() -> None:
    """The same facts in words."""
    assert told([reduction()], "Computation", "Inputs")[0] == (
        "20 − 1.5 = 18.5; until 2004-08-20, 20 days",
        "reduction 1.5; first day 2004-08-01; last day 2004-08-20; notice mailed 2004-07-17; "
        "price without the reduction 20",
    )


def test_a_restoration_names_the_adjustment_it_undoes() -> None:
    """The dividend of March adjusted 20.00 to 18.18; it is not made."""
    stated = certificate(YEAR, "2004-08-02")
    assert stated["Outcome"] == "restored"
    assert stated["Fact: earlier adjustment"] == "stock dividend (dividend), VI.E(1), 2004-03-11: from 20 to 18.18"
    assert stated["Reason"].startswith("the price had it not been: ")


def test_there_is_no_certificate_of_nothing() -> None:
    """Before the first change, or of an event that has not acted: not there."""
    for as_of, about in (("2004-03-10", None), ("2004-06-14", "split"), ("2004-12-31", "nobody")):
        with pytest.raises(XlcapError) as caught:
            certificate(YEAR, as_of, about)
        assert caught.value.code == "#N/A"
