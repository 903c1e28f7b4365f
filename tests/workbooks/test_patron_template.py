"""The template for Patron and its sample reports, right by hand.

The arithmetic stands beside each figure. Events, prices and counts of the sample are invented.
"""

from __future__ import annotations

import datetime as dt

import pytest
from filled import Filled, Made, prices

# 119,783 dollars / 56,100 shares in the ten trading days before 15 December 2006
SECOND = 119_783 / 56_100


@pytest.fixture(scope="module")
def reports(made: Made) -> dict[str, Filled]:
    """The reports by name."""
    return {path.stem.removeprefix("Patron Series B, "): Filled(path) for path in made("patron")[1].iterdir()}


def test_the_average_before_the_second_tranche() -> None:
    """Close times volume, over the volume, of the ten days before its issue."""
    before = [row for row in prices("patron") if row["Date"] < "2006-12-15"][-10:]
    assert sum(round(float(row["Close"]) * 100) * int(row["Volume"]) for row in before) == 119_783 * 100
    assert sum(int(row["Volume"]) for row in before) == 56_100


def test_prices_of_the_tranches(reports: dict[str, Filled]) -> None:
    """Each tranche has its own price; the ratchets bring them together, and the expiry parts nothing for long."""
    told = {name: [(row[3], row[4]) for row in report.rows("Tranches", "B6:K9")] for name, report in reports.items()}
    first, second = pytest.approx(2.40), pytest.approx(SECOND, abs=1e-12)
    assert told == {
        # 198,000 / 100,000 = 1.98 before the second was issued
        "2006 year end": [(first, 1.98)] * 2 + [(second, pytest.approx(SECOND, abs=1e-12))] * 2,
        # (25,000 + 950,000) / 500,000 = 1.95
        "2007 first quarter": [(first, 1.95)] * 2 + [(second, 1.95)] * 2,
        # without the warrants 1.98 and 2.1352, / 1.02; 387,000 / 200,000 = 1.935 is carried by one, and is 1.94 of both
        "2007 half year": [(first, 1.94)] * 2 + [(second, 1.94)] * 2,
        "2007 mandatory conversion": [(first, 1.94)] * 2 + [(second, 1.94)] * 2,
    }


def test_what_is_carried(reports: dict[str, Filled]) -> None:
    """1.98 / 1.02 is 1.94; 1.935 is half a cent less, and is carried. For the other tranche 2.09 became 1.935, 1.94."""
    carried = {name: report.rows("Summary", "B5:D10")[3] for name, report in reports.items()}
    assert carried["2007 mandatory conversion"][:2] == ["Adjustments carried forward", pytest.approx(-0.005)]
    assert carried["2007 half year"][1] == 0
    row = reports["2007 mandatory conversion"].history()["issue (CS-2) carried"]
    assert row[5:9] == [1.94, 1.935, 1.94, 1.94]


def test_dividends_and_preference(reports: dict[str, Filled]) -> None:
    """10% of 5,000 for 76 and 16 days of 365 to the end of 2006; 125% of 5,000 and that."""
    rows = reports["2006 year end"].rows("Tranches", "B6:K9")
    assert [row[7] for row in rows] == [pytest.approx(500 * 76 / 365)] * 2 + [pytest.approx(500 * 16 / 365)] * 2
    assert rows[0][8] == pytest.approx(1.25 * (5000 + 500 * 76 / 365))
    assert reports["2006 year end"]["preference_in_all"] == pytest.approx(
        1.25 * (1600 * 5000 + 1200 * 500 * 76 / 365 + 400 * 500 * 16 / 365)
    )


def test_holders_are_rounded_up_once(reports: dict[str, Filled]) -> None:
    """701 x 5,000 / 1.98 + 250 x 5,000 / 2.1352 = 2,355,638.5...: one fraction for the holder of both, rounded up."""
    rows = reports["2006 year end"].rows("Holders", "B6:E13")
    exact = 701 * 5000 / 1.98 + 250 * 5000 / SECOND
    assert rows[0][:2] == ["Lakeshore Capital Partners, L.P.", 951]
    assert rows[0][2] == pytest.approx(exact)
    assert rows[0][3] == int(exact) + 1
    assert len(rows) == 3


def test_votes_are_whole_for_each_share(reports: dict[str, Filled]) -> None:
    """5,000 / 1.98 = 2,525.25: 2,525 votes for each of 701 shares."""
    assert reports["2006 year end"].rows("Tranches", "B6:K9")[0][6] == 701 * 2525


def test_mandatory_conversion(reports: dict[str, Filled]) -> None:
    """The first day whose twenty closes average 2.5 x 1.94 = 4.85, their volumes being large enough by then."""
    rows = prices("patron")
    at = next(i for i, row in enumerate(rows) if row["Date"] == "2007-08-01")
    closes = [float(row["Close"]) for row in rows]
    volumes = [int(row["Volume"]) for row in rows]
    assert sum(closes[at - 19 : at + 1]) / 20 >= 4.85 > sum(closes[at - 20 : at]) / 20
    assert sum(volumes[at - 19 : at + 1]) / 20 >= 8_334
    forced = {name: report.rows("Tranches", "B6:K9")[0][9] for name, report in reports.items()}
    assert forced["2007 half year"] == "not yet"
    assert forced["2007 mandatory conversion"] == dt.datetime(2007, 8, 1)


def test_payoffs_by_hand(reports: dict[str, Filled]) -> None:
    """At 60 million in June 2007: 4.8, then 125% to Series B, then 3.25 million, and the Common the rest."""
    report = reports["2007 half year"]
    october = 1.25 * 1200 * (5000 + 500 * 257 / 365)  # 257 days from 16 October 2006
    december = 1.25 * 400 * (5000 + 500 * 197 / 365)
    assert report["payoff_series_b_october_2006"] == pytest.approx(october, abs=0.01)
    assert report["payoff_series_b_december_2006"] == pytest.approx(december, abs=0.01)
    assert report["payoff_common"] == pytest.approx(60e6 - 4.8e6 - october - december - 3.25e6, abs=0.02)


def test_certificate_of_the_expiry(reports: dict[str, Filled]) -> None:
    """For the shares of December: without the warrants 2.1352 / 1.02 = 2.0933, so 2.09."""
    told = reports["2007 half year"].certificate()
    assert (told["Certified under"], told["Event"]) == ("3(g)", "expiry (WT-1X)")
    assert told["Shares issued on"] == (dt.date(2006, 12, 15) - dt.date(1899, 12, 30)).days
    assert (told["Conversion price before"], told["Conversion price as adjusted"]) == (1.91, 2.09)
    assert told["Fact: deemed issue (WT-1)"].startswith("2007-01-22; shares 500,000; cash 25,000")


def test_deliveries(reports: dict[str, Filled]) -> None:
    """Three business days after Monday 2 July 2007, the fourth being a holiday, is the sixth."""
    rows = reports["2007 half year"].rows("Governance", "B5:F15")
    assert {row[1]: row[3].date() for row in rows if isinstance(row[3], dt.datetime)} == {
        "3(d)(i)": dt.date(2007, 7, 6),
        "3(d)(iii)": dt.date(2007, 7, 6),
    }
