"""The template for Valuestar and its sample reports, right by hand.

The arithmetic stands beside each figure. Events and counts of the sample are invented.
"""

from __future__ import annotations

import datetime as dt

import pytest
from filled import Filled, Made

# 1.75 x (17,450,000 + 1,200,000 / 1.75) / 18,450,000: 8,000,000 and 6,000,000, 2,250,000, 1,200,000; 1,000,000 are new
AFTER_SALE = 1.75 * (17_450_000 + 1_200_000 / 1.75) / 18_450_000


def after_note(shares: float, money: float) -> float:
    """The price after the note, were it issued for so many shares and so much money, 9,000,000 being outstanding."""
    before = 9_000_000 + 600_000 * 17.50 / AFTER_SALE + 2_250_000 + 1_500_000
    return AFTER_SALE * (before + money / AFTER_SALE) / (before + shares)


# Half of the note was converted: 375,000 shares for half of the 600,000. Then two for one.
AFTER_SPLIT = after_note(375_000, 300_000) / 2
DECLARED = AFTER_SPLIT * 18_750_000 / 19_687_500  # a dividend of 937,500
PAID = AFTER_SPLIT * 18_750_000 / 19_218_750  # of which 468,750 were paid


@pytest.fixture(scope="module")
def reports(made: Made) -> dict[str, Filled]:
    """The reports by name."""
    return {path.stem.removeprefix("Valuestar Series B, "): Filled(path) for path in made("valuestar")[1].iterdir()}


def test_prices_in_effect(reports: dict[str, Filled]) -> None:
    """The note as issued; the dividend as declared; the same as restated; and the vendors' shares above 5%."""
    # 19,218,750 + 600,000 x 17.50 / price + 4,500,000 + 2,400,000; 5% of it is left out, the rest is sold at 0.40
    diluted = 26_118_750 + 600_000 * 17.50 / PAID
    counted = 2_500_000 - 0.05 * diluted
    vendors = PAID * (diluted + counted * 0.40 / PAID) / (diluted + counted)
    assert {name: report["price_in_effect"] for name, report in reports.items()} == {
        "2000 year end": pytest.approx(after_note(500_000, 600_000), abs=1e-12),
        "2001 mid December": pytest.approx(DECLARED, abs=1e-12),
        "2001 mid December, restated": pytest.approx(PAID, abs=1e-12),
        "2002 first quarter": pytest.approx(vendors, abs=1e-12),
        "2002 merger": pytest.approx(vendors, abs=1e-12),
    }


def test_history(reports: dict[str, Filled]) -> None:
    """Each event at its day, under its section, with its outcome."""
    told = [
        (row[0].date(), row[2], row[3], row[4]) for row in reports["2002 first quarter"].rows("Conversion", "B5:L30")
    ]
    assert told == [
        (dt.date(2000, 3, 15), "D.8(i)", "issue (CS-1)", "adjusted"),
        (dt.date(2000, 6, 1), "D.8(v)(B)", "deemed issue (OP-1)", "no change"),
        (dt.date(2000, 9, 1), "D.8(iii)", "deemed issue (CN-1)", "adjusted"),
        (dt.date(2001, 2, 1), "D.8(iii)", "terms change (CN-1S)", "readjusted"),
        (dt.date(2001, 5, 10), None, "exercise (CN-1C)", "no change"),
        (dt.date(2001, 8, 31), "D.8(iii)", "expiry (CN-1X)", "readjusted"),
        (dt.date(2001, 10, 1), "D.3", "split (SP-1)", "adjusted"),
        (dt.date(2001, 12, 3), "D.4", "stock dividend (SD-1)", "adjusted"),
        (dt.date(2001, 12, 20), "D.4", "dividend paid (SD-1P)", "no change"),
        (dt.date(2001, 12, 20), "D.4", "stock dividend (SD-1)", "restored"),
        (dt.date(2002, 2, 15), "D.8(i)", "issue (VE-1)", "adjusted"),
    ]


def test_the_price_stepped_down_with_the_note(reports: dict[str, Filled]) -> None:
    """At 0.80 the note becomes 750,000 shares for the same 600,000."""
    row = reports["2002 first quarter"].history()["terms change (CN-1S) readjusted"]
    assert row[8] == pytest.approx(after_note(750_000, 600_000), abs=1e-12)


def test_holders_by_hand(reports: dict[str, Filled]) -> None:
    """99,999 x 17.50 / price: whole shares, the rest at 1.10; as many votes; 1.40 and 0.02 on each share of Common."""
    price = after_note(500_000, 600_000)
    exact = 99_999 * 17.50 / price  # 1,025,338.97...
    row = reports["2000 year end"].rows("Holders", "B6:J9")[2]
    assert row[:2] == ["Oakland Community Loan Trust", 99_999]
    assert row[2] == pytest.approx(exact)
    assert (row[3], row[7]) == (int(exact), int(exact))
    assert row[5] == pytest.approx((exact - int(exact)) * 1.10, abs=0.005)
    assert row[8] == pytest.approx(99_999 * 1.40 + exact * 0.02, abs=0.005)


def test_payoffs_by_hand(reports: dict[str, Filled]) -> None:
    """At 45 million in 2002: Series A 5.625, Series B its cap of 18 million, options and Common the rest.

    A share of Common gets (45 - 23.625 + 2.4 x 0.65) / 24.11875 = 0.950919... dollars.
    """
    report = reports["2002 first quarter"]
    share = (45 - 23.625 + 2.4 * 0.65) / 24.11875
    assert (report["payoff_series_a"], report["payoff_series_b"]) == (5_625_000, 18_000_000)
    assert report["payoff_common"] == pytest.approx(21_718_750 * share, abs=0.01)
    assert report["payoff_options"] == pytest.approx(2_400_000 * (share - 0.65), abs=0.01)


def test_series_b_falls_when_series_a_converts(reports: dict[str, Filled]) -> None:
    """Series A converts from 1.25 dollars a share of Common, and takes Series B, which leaves 30.00 for less, along.

    5,625,000 / 4,500,000 = 1.25, and 1.25 x 12,739,397 is less than 18 million.
    """
    payoffs = reports["2002 first quarter"].rows("Liquidation", "B36:F56")
    series_b = {row[0]: row[2] for row in payoffs if isinstance(row[0], int | float)}
    assert series_b[48_000_000] == 18_000_000
    assert series_b[52_000_000] < 18_000_000


def test_a_qualified_liquidation_event(reports: dict[str, Filled]) -> None:
    """Series A converts by its own certificate and Series B with it, neither with a preference: all share alike."""
    report = reports["2002 merger"]
    shares = 600_000 * 17.50 / report["price_in_effect"]
    share = (45 + 2.4 * 0.65) * 1e6 / (shares + 4_500_000 + 21_718_750 + 2_400_000)  # 1.1258
    assert report["payoff_series_b"] == pytest.approx(shares * share, abs=0.01)
    assert report["payoff_series_a"] == pytest.approx(4_500_000 * share, abs=0.01)


def test_governance(reports: dict[str, Filled]) -> None:
    """400,000 of 600,000 are two thirds; one director for Series A, two for Series B; the notice is posted early."""
    rows = reports["2002 first quarter"].rows("Governance", "B5:F29")
    told = {(row[0], row[1]): row for row in rows}
    assert told[("vote", "D.11(ii)")][2] == "yes"
    assert [row[1] for row in rows if row[0] in ("Series A", "Series B", "Common") and len(str(row[1])) == 1] == [
        1,
        2,
        4,
    ]
    notice = next(row for row in rows if row[1] == "D.10")
    assert notice[3].date() == dt.date(2002, 6, 21)  # 24 days before 15 July: 20 and 4 for the post


def test_certificate(reports: dict[str, Filled]) -> None:
    """The certificate of the note, with what the events table states of it."""
    told = reports["2000 year end"].certificate()
    assert (told["Certified under"], told["Event"]) == ("D.9", "deemed issue (CN-1)")
    assert "shares 500,000; cash 600,000; security convertible" in told["Fact: deemed issue (CN-1)"]
    assert told["Conversion price as adjusted"] == pytest.approx(after_note(500_000, 600_000), abs=1e-12)
    assert told["Common for one share as adjusted"] == pytest.approx(17.50 / after_note(500_000, 600_000))
