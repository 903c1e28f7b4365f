"""Histories worked by hand, on which the second calculator must be right before it may judge, and the first as well."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import pytest
from issue_oracle import PATRON, VALUESTAR, NoPriceError, Oracle
from oracle import table

from xlcap.functions import call

Cells = Mapping[str, Any]
# 10m Common, 1m Series A as converted, 1m options, 500,000 of Series B: at 1.75 these are 5m, together 17m.
COUNTS = {
    "common_outstanding": 10_000_000,
    "preferred_as_converted": 1_000_000,
    "series_shares": 500_000,
    "options_outstanding": 1_000_000,
    "convertibles_outstanding": 0,
}
WARRANTS = {
    "event": "deemed_issue",
    "id": "W1",
    "date": "2000-06-01",
    "shares": 2_000_000,
    "cash": 100_000,
    "min_exercise": 2_000_000,
} | COUNTS


def then(kind: str, day: str, about: str = "W1", **cells: Any) -> Cells:
    return {"event": kind, "date": day, "refers_to": about} | cells


def issue(day: str, shares: int, cash: int, **cells: Any) -> Cells:
    return {"event": "issue", "date": day, "shares": shares, "cash": cash} | COUNTS | cells


def split(day: str, ratio: Any) -> Cells:
    return {"event": "split", "date": day, "ratio": ratio}


DIVIDEND = {"event": "stock_dividend", "id": "D", "common_outstanding": 10_000_000, "shares": 1_000_000}
UNPAID = DIVIDEND | {"date": "2000-05-01", "payment_date": "2000-05-31"}
OPTION = {"event": "deemed_issue", "id": "W1", "date": "2007-02-01", "shares": 500_000} | {
    "cash": 50_000,
    "min_exercise": 750_000,
}

VALUESTAR_HISTORIES = {
    "a combination of five into one": ([split("2000-03-15", "0.2")], {"2000-03-15": "8.75"}),
    # 1.75 x 10/11, until the date fixed passes and nothing has been paid
    "a dividend never paid": ([UNPAID], {"2000-05-30": "35/22", "2000-05-31": "1.75"}),
    # half by the date fixed: 1.75 x 10/10.5 = 5/3; half in July: x 10.5/11
    "a dividend half late": (
        [
            UNPAID,
            then("dividend_paid", "2000-05-31", "D", shares=500_000),
            then("dividend_paid", "2000-07-10", "D", shares=500_000, common_outstanding=10_500_000),
        ],
        {"2000-05-30": "35/22", "2000-05-31": "5/3", "2000-07-10": "35/22"},
    ),
    # 10 of 11, whatever the rights cost, and their expiry gives nothing back
    "rights on the Common": (
        [
            DIVIDEND | {"event": "rights", "date": "2000-05-01", "price": 9, "closing_price": 2},
            then("rights_expired", "2000-08-01", "D"),
        ],
        {"2000-05-01": "35/22", "2000-08-01": "35/22"},
    ),
    # (29.75 + 2.0)/19 = 127/76; then Series B is 8.75m/(127/76): (127/76 x 14m + 8.75m + 3.6m)/(22,236,220.47...)
    "two rounds": (
        [
            issue("2000-06-01", 2_000_000, 2_000_000),
            issue("2000-09-01", 3_000_000, 3_600_000, common_outstanding=12_000_000),
        ],
        {"2000-06-01": "127/76", "2000-09-01": "1725041/1073120"},
    ),
    # (29.75 + 2.1)/19 = 637/380; nothing was issued, so 1.75
    "warrants that expire": ([WARRANTS, then("expiry", "2001-06-01")], {"2000-06-01": "637/380", "2001-06-01": "1.75"}),
    # without the warrants the round finds 1.75 and 19m: (33.25 + 1.0)/20 = 1.7125
    "warrants that expire after a round": (
        [
            WARRANTS,
            issue("2000-10-01", 1_000_000, 1_000_000, options_outstanding=3_000_000),
            then("expiry", "2001-06-01"),
        ],
        {"2000-10-01": "1148693/699200", "2001-06-01": "137/80"},
    ),
    # 500,000 shares issued for 500,000 and the 100,000 of the grant: (29.75 + 0.6)/17.5 = 607/350
    "warrants exercised in part": (
        [WARRANTS, then("exercise", "2001-01-10", shares=500_000, cash=500_000), then("expiry", "2001-06-01")],
        {"2001-01-10": "637/380", "2001-06-01": "607/350"},
    ),
    # the same after a split in two: 1,000,000 new shares are 500,000 old, and 607/350 is halved
    "a split between grant and exercise": (
        [
            WARRANTS,
            split("2000-11-15", 2),
            then("exercise", "2001-01-10", shares=1_000_000, cash=500_000),
            then("expiry", "2001-06-01"),
        ],
        {"2000-11-15": "637/760", "2001-06-01": "607/700"},
    ),
    # 1m warrants: (29.75 + 1)/18, (29.75 + 1.6)/18, (29.75 + 0.5)/18
    "a price that rises and falls by its terms": (
        [
            WARRANTS | {"shares": 1_000_000, "cash": 0, "min_exercise": 1_000_000},
            then("terms_change", "2000-12-01", min_exercise=1_600_000),
            then("terms_change", "2001-12-01", min_exercise=500_000),
        ],
        {"2000-06-01": "41/24", "2000-12-01": "209/120", "2001-12-01": "121/72"},
    ),
    # 1.5m for 1.5m: 31.25/18.5 = 125/74; a round; the note falls to 1.2m shares: 31.25/18.2, and the round anew
    "a note that steps up after a round": (
        [
            WARRANTS
            | {"security": "convertible", "shares": 1_500_000, "cash": 1_500_000, "min_exercise": 0, "id": "W1"},
            issue("2000-09-01", 1_000_000, 1_000_000, options_outstanding=2_500_000),
            then("terms_change", "2000-12-01", shares=1_200_000),
        ],
        {"2000-06-01": "125/74", "2000-09-01": "20075/12136", "2000-12-01": "998875/594412"},
    ),
    "options for employees": ([WARRANTS | {"exempt": "employees"}], {"2000-06-01": "1.75"}),
    # 5% of 17m is 850,000; 600,000 fit; of the next 400,000 at 1.00 150,000 do not: (29.75 + 0.15)/17.15
    "the basket overflows": (
        [
            issue("2000-06-01", 600_000, 600_000, exempt="vendors"),
            issue("2000-07-01", 400_000, 400_000, exempt="vendors"),
        ],
        {"2000-06-01": "1.75", "2000-07-01": "2990/1715"},
    ),
}

PATRON_HISTORIES = {
    "expenses alone": ([issue("2007-02-01", 1_000_000, 2_450_000, expenses=100_000)], {"2007-02-01": "2.35"}),
    "a split between two rounds": (
        [
            split("2007-01-10", 2),
            issue("2007-02-01", 1_000_000, 1_300_000),
            issue("2007-03-01", 1_000_000, 1_000_000),
        ],
        {"2007-01-10": "1.20", "2007-02-01": "1.20", "2007-03-01": "1"},
    ),
    # 2.40 x 10/10.5 = 2.2857...
    "a dividend to the cent": ([DIVIDEND | {"date": "2007-03-01", "shares": 500_000}], {"2007-03-01": "2.29"}),
    # half a cent is carried; ten into one makes 23.95 of 2.395, not 24.00 of 2.40
    "half a cent carried": (
        [issue("2007-02-01", 1_000_000, 2_395_000), split("2007-04-01", "0.1")],
        {"2007-02-01": "2.40", "2007-04-01": "23.95"},
    ),
    # below the price in effect, above what is carried: neither moves; then 2.395 is still there
    "an issue between the price and what is carried": (
        [
            issue("2007-02-01", 1_000_000, 2_395_000),
            issue("2007-03-01", 1_000_000, 2_398_000),
            split("2007-04-01", "0.1"),
        ],
        {"2007-03-01": "2.40", "2007-04-01": "23.95"},
    ),
    "an option that expires": ([OPTION, then("expiry", "2008-02-01")], {"2007-02-01": "1.60", "2008-02-01": "2.40"}),
    "a round hidden under an option": (
        [OPTION, issue("2007-06-01", 1_000_000, 1_800_000), then("expiry", "2008-02-01")],
        {"2007-06-01": "1.60", "2008-02-01": "1.80"},
    ),
    # 100,000 shares for 150,000 and the 50,000 of the grant: 2.00
    "an option exercised in part": (
        [OPTION, then("exercise", "2007-08-01", shares=100_000, cash=150_000), then("expiry", "2008-02-01")],
        {"2007-08-01": "1.60", "2008-02-01": "2"},
    ),
    "an option that is cancelled": ([OPTION, then("termination", "2008-02-01")], {"2008-02-01": "1.60"}),
    # (50,000 + 650,000)/500,000 = 1.40; up again, nothing
    "an option repriced": (
        [
            OPTION,
            then("terms_change", "2007-05-01", min_exercise=650_000, by="agreement"),
            then("terms_change", "2007-06-01", min_exercise=900_000, by="agreement"),
        ],
        {"2007-04-30": "1.60", "2007-05-01": "1.40", "2007-06-01": "1.40"},
    ),
    "an old warrant repriced": (
        [{"event": "terms_change", "date": "2007-05-01", "shares": 200_000, "min_exercise": 350_000}],
        {"2007-05-01": "1.75"},
    ),
    "an old warrant that protects itself": (
        [
            {"event": "terms_change", "date": "2007-05-01", "shares": 200_000, "min_exercise": 350_000}
            | {"by": "antidilution"}
        ],
        {"2007-05-01": "2.40"},
    ),
    "a plan's awards": ([issue("2007-02-01", 300_000, 30_000, exempt="stock_plan")], {"2007-02-01": "2.40"}),
    "no ratchet after the forced conversion": (
        [
            issue("2007-02-01", 1_000, 2_000),
            {"event": "automatic_conversion", "date": "2007-05-01"},
            issue("2007-06-01", 1_000, 1_000),
        ],
        {"2007-06-01": "2"},
    ),
}


@pytest.mark.parametrize("name", VALUESTAR_HISTORIES)
def test_valuestar_by_hand(name: str) -> None:
    """Valuestar's price at the close of each day is the one worked by hand."""
    events, prices = VALUESTAR_HISTORIES[name]
    check(Oracle(events, VALUESTAR), prices)


@pytest.mark.parametrize("name", PATRON_HISTORIES)
def test_patron_by_hand(name: str) -> None:
    """Patron's price at the close of each day is the one worked by hand."""
    events, prices = PATRON_HISTORIES[name]
    check(Oracle(events, PATRON), prices)


def check(oracle: Oracle, prices: Mapping[str, str]) -> None:
    certificate = oracle.rules.base
    tranche = ["2007-01-02", oracle.rules.initial] if certificate == "PATRON-B" else [None, None]
    for day, price in prices.items():
        assert oracle.price(dt.date.fromisoformat(day)) == Fraction(price), day
        found = call("CONVERSION_PRICE", [certificate, table(oracle.events), day, None, "close", None, *tranche])
        assert found == pytest.approx(float(Fraction(price)), rel=1e-15), day


def test_an_unpaid_dividend_is_restated_from_its_record_date() -> None:
    """Known in June, the fallen dividend never lowered May's price; an expired warrant did: only D.4 looks back."""
    restated = Oracle([UNPAID], VALUESTAR, known_at=dt.date(2000, 6, 30))
    assert restated.price(dt.date(2000, 5, 15)) == Fraction("1.75")
    expired = Oracle([WARRANTS, then("expiry", "2001-06-01")], VALUESTAR, known_at=dt.date(2001, 6, 30))
    assert expired.price(dt.date(2000, 7, 1)) == Fraction(637, 380)


def test_times_of_day() -> None:
    """Patron's ratchet stands at the opening, Valuestar's average only at the close."""
    day = dt.date(2007, 2, 1)
    events: Sequence[Cells] = [issue("2007-02-01", 2_000_000, 2_000_000)]
    assert Oracle(events, PATRON).price(day, "pre_open") == Fraction("2.40")
    assert Oracle(events, PATRON).price(day, "open") == 1
    assert Oracle(events, VALUESTAR).price(day, "pre_close") == Fraction("1.75")


def test_nothing_for_shares_leaves_patron_no_price() -> None:
    """A ratchet to zero or less is no price."""
    with pytest.raises(NoPriceError):
        Oracle([issue("2007-02-01", 1_000, 0)], PATRON).price(dt.date(2007, 2, 1))
