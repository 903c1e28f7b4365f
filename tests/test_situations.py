"""Clauses and situations seen from end to end: from what happened to the figure a holder asks for."""

from __future__ import annotations

from typing import Any

import pytest

from xlcap.functions import call

VS, PT, PS = "VALUESTAR-B", "PATRON-B", "PRICESMART-B"
COUNTS = {"common_outstanding": 10_000_000, "series_shares": 500_000, "preferred_as_converted": 1_000_000,
          "options_outstanding": 1_000_000, "convertibles_outstanding": 0}  # fmt: skip
"""17,000,000 shares with the 5,000,000 Series B converts into at 1.75, which is 29,750,000 dollars."""


def table(*rows: dict[str, Any]) -> list[list[Any]]:
    """Rows given by name as a range with a header."""
    header = list(dict.fromkeys(name for row in rows for name in row))
    return [header, *([row.get(name) for name in header] for row in rows)]


def patron_price(events: list[list[Any]], as_of: str, known_at: str | None = None) -> object:
    """The price of Patron's shares that started at 2.40."""
    return call("CONVERSION_PRICE", [PT, events, as_of, None, None, known_at, None, 2.4])


def exemptions() -> list[Any]:
    """Every exemption of Valuestar and Patron, by its name and by its section."""
    rows = [(of, row) for of in (VS, PT) for row in call("EXEMPTIONS", [of])[1:]]  # type: ignore[index]  # a table
    return [pytest.param(of, word, id=f"{of}-{word}") for of, row in rows for word in row[:2]]


@pytest.mark.parametrize(("terms", "word"), exemptions())
def test_every_exemption_adjusts_nothing(terms: str, word: str) -> None:
    """10,000 shares at 0.01 leave 1.75 and 2.40 where they are left out, and nowhere else (D.8(v); 3(e)(vi)E)."""
    issue = {"event": "issue", "date": "2007-02-01", "shares": 10_000, "cash": 100, **COUNTS}
    initial = 1.75 if terms == VS else 2.4
    last = [None, None, None, None, initial] if terms == PT else []

    def price(**more: Any) -> object:
        return call("CONVERSION_PRICE", [terms, table({**issue, **more}), "2007-02-01", *last])

    assert price(exempt=word) == initial
    # (29.75m + 100) / 17.01m, and the effective price of 0.01
    assert price() == pytest.approx(29_750_100 / 17_010_000 if terms == VS else 0.01)


def test_effective_price_is_consideration_over_shares() -> None:
    """Cash and property less what is allocated elsewhere: (500 + 1,500 - 400)/1,000; net of expenses for Patron."""
    assert call("EFFECTIVE_PRICE", [1000, 500, None, None, 1500, 400]) == 1.6
    assert call("EFFECTIVE_PRICE", [1_000_000, 2_450_000, None, None, None, None, 100_000]) == 2.35
    assert call("EFFECTIVE_PRICE", [2_000_000, 100_000, 2_000_000]) == 1.05


def test_certificate_of_an_adjustment_and_a_readjustment() -> None:
    """Warrants at 1.05: (29.75 + 2.10)/19 = 637/380, and 1.75 when they expire (D.9); a ratchet to 2.00 (3(g))."""
    grant = {"event": "deemed_issue", "date": "2000-06-01", "id": "W1", "shares": 2_000_000, "cash": 100_000,
             "min_exercise": 2_000_000, **COUNTS}  # fmt: skip
    events = table(grant, {"event": "expiry", "date": "2001-06-01", "refers_to": "W1"})

    def certified(day: str) -> dict[Any, Any]:
        return dict(call("ADJUSTMENT_CERTIFICATE", [VS, events, day]))  # type: ignore[arg-type]  # two columns

    adjusted, readjusted = certified("2000-12-31"), certified("2001-12-31")
    assert (adjusted["Certified under"], adjusted["Adjustment under"]) == ("D.9", "D.8(iii)")
    assert adjusted["Conversion price as adjusted"] == pytest.approx(637 / 380, rel=1e-15)
    assert (readjusted["Outcome"], readjusted["Conversion price as adjusted"]) == ("readjusted", 1.75)
    issue = table({"event": "issue", "date": "2007-02-01", "shares": 1000, "cash": 2000})
    answer: Any = call("ADJUSTMENT_CERTIFICATE", [PT, issue, "2007-03-01", None, None, None, None, 2.4])
    ratchet = dict(answer)
    assert (ratchet["Certified under"], ratchet["Conversion price as adjusted"]) == ("3(g)", 2)


@pytest.mark.parametrize(("close", "expected"), [(1.95, 1.95), (2.4, 2.4), (2.55, 2.4)])
def test_initial_price_is_the_lesser_of_the_two(close: float, expected: float) -> None:
    """2.40, or the average of the ten trading days before the share's issue (3(c))."""
    prices = [["date", "close", "volume"], *([f"2006-10-{day}", close, 5000] for day in range(16, 28))]
    assert call("INITIAL_CONVERSION_PRICE", [PT, "2006-10-28", prices]) == expected


def test_a_dividend_patron_does_not_pay_is_restated() -> None:
    """2.40 x 10/11 = 2.18 until the date fixed; half paid on it: 2.40 x 10/10.5 = 2.29, as of the record date too."""
    dividend = {"event": "stock_dividend", "date": "2007-03-01", "id": "D", "payment_date": "2007-03-20",
                "common_outstanding": 10_000_000, "shares": 1_000_000}  # fmt: skip
    half = {"event": "dividend_paid", "date": "2007-03-20", "refers_to": "D", "shares": 500_000,
            "common_outstanding": 10_000_000}  # fmt: skip
    unpaid, paid = table(dividend), table(dividend, half)
    assert patron_price(unpaid, "2007-03-10") == patron_price(paid, "2007-03-10") == 2.18
    assert (patron_price(unpaid, "2007-03-20"), patron_price(paid, "2007-03-20")) == (2.4, 2.29)
    assert patron_price(unpaid, "2007-03-10", "2007-04-01") == 2.4
    assert patron_price(paid, "2007-03-10", "2007-04-01") == 2.29


def test_rights_to_convertible_securities_ratchet_by_all_three_layers() -> None:
    """(50,000 for the rights + 400,000 to exercise + 350,000 to convert) / 500,000 = 1.60 (3(e)(vi)D)."""
    rights = {"event": "deemed_issue", "date": "2007-02-01", "shares": 500_000, "cash": 50_000,
              "min_exercise": 400_000, "min_conversion": 350_000}  # fmt: skip
    assert patron_price(table(rights), "2007-02-01") == 1.6


def test_shares_move_with_the_price_once() -> None:
    """Half the price is twice the shares, 5,000 / 1.20 = 4,166.67, and not four times (3(e)(vi)G)."""
    rates: Any = call("CONVERSION_RATE", [PT, [[2.4], [1.2]]])
    assert (rates[0][0], rates[1][0]) == pytest.approx((5000 / 2.4, 5000 / 1.2))


def test_what_is_carried_never_raises_the_price() -> None:
    """19.90 is carried under 20.00; rights that take 0.06% more leave 20.00, and their cut is of 19.90 (VI.E(8))."""
    events = table(
        {"event": "distribution", "date": "2004-03-10", "value": 0.08, "current_market_price": 16},
        {"event": "rights", "date": "2004-06-10", "common_outstanding": 7_000_000, "shares": 70_000, "price": 15,
         "closing_price": 16},
    )  # fmt: skip
    assert call("CONVERSION_PRICE", [PS, events, "2004-12-31"]) == 20
    # 19.90 x (7,000,000 + 70,000 x 15/16) / 7,070,000
    carried = 19.9 * 7_065_625 / 7_070_000 - 20
    assert call("CARRIED_ADJUSTMENT", [PS, events, "2004-12-31"]) == pytest.approx(carried, abs=1e-13)


def test_conversion_with_arrears_from_unpaid_dates_to_shares() -> None:
    """20.00 unpaid on 1 April 2004 and 45 days on 1,020 by 16 May: 10 x 1,030.20 / 20 = 515.10 (III.B, VI.A)."""
    question = [PS, "2004-05-16", "2004-01-01", [["2004-04-01"]], None, None, None, None]
    arrears, running = (call("ACCRUED_DIVIDENDS", [*question, part]) for part in ("arrears", "running"))
    assert (arrears, running) == (20, 10.2)
    row = call("CONVERSION_SHARES", [PS, 10, 20, running, arrears, 18])[1]  # type: ignore[index]  # a table
    assert row[1:7] == [515.1, 515.1, 515, 0.1, 1.8, 0]


def test_all_rights_revive_after_a_default() -> None:
    """Called for 15 January 2009 and not paid: it converts until paid, and earns 80 x 30/360, not 80 x 14/360 (V.D)."""

    def can(day: str, in_default: bool, paid_on: str | None = None) -> object:
        return call("CAN_CONVERT", [PS, day, "2009-01-15", None, in_default, paid_on])

    def accrued(in_default: bool) -> object:
        called = [None, None, "2009-01-15", "2009-01-15", in_default]
        return call("ACCRUED_DIVIDENDS", [PS, "2009-02-01", "2008-01-01", *called])

    assert (can("2009-02-01", False), can("2009-02-01", True)) == (False, True)
    assert can("2009-03-02", True, "2009-03-01") is False
    assert (accrued(False), accrued(True)) == pytest.approx((80 * 14 / 360, 80 * 30 / 360))
