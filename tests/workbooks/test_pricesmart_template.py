"""The template for PriceSmart and its sample reports: as a rebuild makes it, and right to the cent by hand.

The arithmetic stands beside each figure. Events and prices of the sample are invented.
"""

from __future__ import annotations

import datetime as dt

import pytest
from filled import Filled, Made, prices

from xlcap.batch.demo import demo
from xlcap.workbook import Template

SAMPLE = demo()
REPORTS = ("2003 year end", "2004 half year", "2004 year end", "2005 half year")
SHEETS = (
    "Summary", "Terms", "Events", "Prices", "Market price", "Dividends", "Conversion", "Holders", "Liquidation",
    "Certificate of adjustment", "Working", "About",
)  # fmt: skip
TABLES = {"Events", "Prices", "Holders", "DividendsUnpaid", "DividendPayments", "CapTable", "TermsInFull"}


@pytest.fixture(scope="module")
def reports(made: Made) -> dict[str, Filled]:
    """The four reports by name."""
    folder = made("pricesmart")[1]
    return {name: Filled(folder / f"PriceSmart Series B, {name}.xlsx") for name in REPORTS}


# -- the file


def test_no_price_on_a_holiday() -> None:
    """The exchange was closed on 11 June 2004."""
    assert "2004-06-11" not in [row["Date"] for row in prices("pricesmart")]


def test_sheets_tables_and_names() -> None:
    """The sheets in their order, the tables, and what may be given besides the columns of the reports."""
    template = Template.read(SAMPLE.template)
    assert template.sheets == SHEETS
    assert set(template.tables) == TABLES
    assert {"time_of_day", "preferred_shares", "original_issue_date", "redemption_first_date",
            "automatic_conversion_date", "senior_paid", "common_authorized"} <= set(template.inputs)  # fmt: skip


# -- the reports


def test_each_has_its_day(reports: dict[str, Filled]) -> None:
    """A day, a title and a file for each."""
    days = [report["as_of"] for report in reports.values()]
    assert days == [dt.date(2003, 12, 31), dt.date(2004, 6, 30), dt.date(2004, 12, 31), dt.date(2005, 6, 30)]
    assert len({report["report_title"] for report in reports.values()}) == 4


def closes(before: str, days: int) -> list[tuple[str, float]]:
    """The closes of the trading days before a day; where there was no sale, the mean of bid and asked."""
    rows = prices("pricesmart")
    at = [row["Date"] for row in rows].index(before)
    return [
        (row["Date"], float(row["Close"]) if row["Close"] else (float(row["Bid"]) + float(row["Ask"])) / 2)
        for row in rows[at - days : at]
    ]


def test_market_price_for_the_distribution() -> None:
    """Three closes before the split's ex-date count half: (53.53 / 2 + 243.23) / 30 = 8.999833...

    One of the days after it had no sale: 6 July 2004, (8.90 + 9.10) / 2 = 9.00.
    """
    window = closes("2004-07-29", 30)
    before = [close for day, close in window if day < "2004-06-21"]
    after = [close for day, close in window if day >= "2004-06-21"]
    assert (window[0][0], len(before), dict(window)["2004-07-06"]) == ("2004-06-16", 3, 9.0)
    assert (round(sum(before), 2), round(sum(after), 2)) == (53.53, 243.23)
    assert pytest.approx(8.9998333333) == (53.53 / 2 + 243.23) / 30


STEPS = [
    # 20 x 7,000,000 / 7,350,000
    ("stock dividend (SD-1) adjusted", dt.date(2003, 10, 16), "VI.E(1)", 20 * 7_000_000 / 7_350_000, 19.05, 0),
    # 19.05 x (7,350,000 + 245,000 x 12 / 16) / 7,595,000: 0.15 off is 0.8% of 19.05, so it is carried
    ("rights (RT-1) carried", dt.date(2004, 1, 21), "VI.E(3)", 19.05 * 7_533_750 / 7_595_000, 19.05, -0.1536290323),
    ("rights exercised (RT-1X) no change", dt.date(2004, 2, 27), None, 18.8963709677, 19.05, -0.1536290323),
    # 18.896371 / 2 takes up what was carried; 19.05 / 2 would have been 9.53
    ("split (SP-1) adjusted", dt.date(2004, 6, 22), "VI.E(2)", 18.8963709677 / 2, 9.45, 0),
    # 9.45 x (8.999833 - 0.60) / 8.999833
    ("distribution (DI-1) adjusted", dt.date(2004, 7, 30), "VI.E(4)", 9.45 * 8.3998333333 / 8.9998333333, 8.82, 0),
    # the 30 closes add up to 265.01; 12,000,000 is more than 5% of 8.833667 x 15,190,000
    ("tender offer (TO-1) adjusted", dt.date(2004, 11, 16), "VI.E(5)",
     8.82 * (265.01 / 30 * 15_190_000 - 12_000_000) / (265.01 / 30 * 13_990_000), 8.72, 0),
    # the 30 closes add up to 273.53
    ("distribution (DI-2) adjusted", dt.date(2005, 1, 28), "VI.E(4)", 8.72 * (273.53 - 12) / 273.53, 8.34, 0),
    ("not made (DI-2X) restored", dt.date(2005, 2, 14), "VI.E(4)", 8.72, 8.72, 0),
    ("voluntary reduction (VR-1) reduced", dt.date(2005, 5, 2), "VI.E(7)", 8.72 - 0.50, 8.22, 0),
    ("voluntary reduction (VR-1) reduction ends", dt.date(2005, 5, 28), "VI.E(7)", 8.72, 8.72, 0),
]  # fmt: skip


def test_sums_of_closes_behind_the_steps() -> None:
    """The windows of the tender offer and of the dividend that was not made hold no ex-date but their own."""
    for day, first, total in (("2004-11-15", "2004-10-04", 265.01), ("2005-01-27", "2004-12-14", 273.53)):
        window = closes(day, 30)
        assert (window[0][0], round(sum(close for _, close in window), 2)) == (first, total)


@pytest.mark.parametrize(("step", "day", "clause", "unrounded", "price", "carried"), STEPS)
def test_each_step(
    reports: dict[str, Filled],
    step: str,
    day: dt.date,
    clause: str | None,
    unrounded: float,
    price: float,
    carried: float,
) -> None:
    """The last report's history: day, clause, what the clause computes, the price, what is carried."""
    row = reports["2005 half year"].history()[step]
    assert row[0].date() == day
    assert (row[2] or None) == clause
    assert row[6] == pytest.approx(unrounded, abs=1e-9)
    assert (row[8], row[9]) == (price, pytest.approx(carried, abs=1e-9))


def test_history_ends_with_the_report(reports: dict[str, Filled]) -> None:
    """Each report shows the steps up to its day, and no later ones."""
    counts = [sum(day <= report["as_of"] for _, day, *_ in STEPS) for report in reports.values()]
    assert [len(report.history()) for report in reports.values()] == counts == [1, 4, 6, 10]


def test_prices_in_effect(reports: dict[str, Filled]) -> None:
    """The price of each report is that of its last step."""
    assert [report["price_in_effect"] for report in reports.values()] == [19.05, 9.45, 8.72, 8.72]


def test_market_price_of_a_report(reports: dict[str, Filled]) -> None:
    """On 30 June 2004 the closes before the split's ex-date count half: (399.83 / 2 + 62.31) / 30."""
    mean = reports["2004 half year"].rows("Market price", "B5:F37")[-1]
    assert (mean[0], mean[3]) == ("Mean", pytest.approx((399.83 / 2 + 62.31) / 30, abs=1e-9))


def test_dividends_by_hand(reports: dict[str, Filled]) -> None:
    """Two quarters unpaid, 15 dollars paid on 16 May 2005, dividends on arrears.

    20; then 8% x 1,020 / 4 = 20.40, so 40.40, less 15 is 25.40. The running quarter: 89 days on 1,000, 45 days on
    40.40 and 44 days on 25.40.
    """
    running = 0.08 * (1000 * 89 + 40.40 * 45 + 25.40 * 44) / 360
    report = reports["2005 half year"]
    assert report["arrears"] == pytest.approx(25.40)
    assert report["dividends_a_share"] == pytest.approx(25.40 + running, abs=1e-9)
    assert report["preference_in_all"] == pytest.approx(22_000 * (1025.40 + running), abs=1e-6)
    assert [reports[name]["dividends_a_share"] for name in REPORTS[:3]] == [
        20.0,  # 1 October to 31 December, 90 days: 30/360 takes the 31st as such from a 1st
        pytest.approx(1000 * 0.08 * 89 / 360),
        20.0,
    ]


def test_dividend_periods_by_hand(reports: dict[str, Filled]) -> None:
    """The payment of 16 May 2005 parts its quarter: each row multiplies out, and both make the running dividend.

    1,040.40 x 8% x 45 / 360 = 10.404; 1,025.40 x 8% x 44 / 360 = 10.02613...
    """
    rows = reports["2005 half year"].rows("Dividends", "B13:J44")
    told = [(str(row[0].date()), row[2], row[3], row[4], row[7], row[8]) for row in rows[-4:]]
    assert told == [
        ("2004-10-01", 90, 1000, 20, 0, 20),
        ("2005-01-01", 90, 1020, 20.4, 0, 40.4),
        ("2005-04-01", 45, 1040.4, 10.404, 15, 25.4),
        ("2005-05-16", 44, 1025.4, pytest.approx(1025.4 * 0.08 * 44 / 360), 0, 25.4),
    ]
    assert sum(row[4] for row in rows if row[6] == "running") == pytest.approx(
        reports["2005 half year"]["running_dividend"], abs=1e-9
    )


def test_holders_by_hand(reports: dict[str, Filled]) -> None:
    """9,000 x 1,020 / 8.72 = 1,052,752.2936: 0.29 of a share at the mean of five closes, 46.13 / 5 = 9.226, is 2.68."""
    assert round(sum(close for _, close in closes("2004-12-31", 5)), 2) == 46.13
    first = reports["2004 year end"].rows("Holders", "B6:I9")[0]
    assert first[:2] == ["Harbor Street Partners, L.P.", 9000]
    assert first[2] == pytest.approx(9000 * 1020 / 8.72)
    assert first[3:7] == [1052752.29, 1052752, 0.29, 2.68]


def test_payoffs_by_hand(reports: dict[str, Filled]) -> None:
    """At 150 million at the end of 2003: Series A and B take 20 and 22.44 million, options and Common the rest.

    A share of Common gets (150 - 42.44 + 0.42 x 13.10) / 7.77 = 14.551094 dollars. The Series B converts from
    20 + 19.05 x (7.35 + 22.44 / 19.05 + 0.42) - 0.42 x 13.10 = 184.9565 million on.
    """
    report = reports["2003 year end"]
    share = (150 - 42.44 + 0.42 * 13.10) / 7.77
    assert (report["payoff_series_a"], report["payoff_series_b"]) == (20_000_000, 22_440_000)
    assert report["payoff_common"] == pytest.approx(7_350_000 * share, abs=0.01)
    assert report["payoff_options"] == pytest.approx(420_000 * (share - 13.10), abs=0.01)
    payoffs = [row for row in report.rows("Liquidation", "B36:F56") if isinstance(row[0], int | float)]
    assert len(payoffs) == 21
    assert all(sum(row[1:]) == pytest.approx(row[0], abs=0.001) for row in payoffs)
    splits = report.rows("Liquidation", "B23:O31")
    converts = next(row for row in splits if str(row[1]).startswith("Series B converts above this exit (IV)"))
    assert converts[0] == pytest.approx(184_956_500)
    shares = 7.35 + 22.44 / 19.05 + 0.42  # of which each then gets its part of the next dollar; Series A gets none
    assert converts[-4:] == pytest.approx([0, 22.44 / 19.05 / shares, 0.42 / shares, 7.35 / shares])


def test_certificate_of_adjustment(reports: dict[str, Filled]) -> None:
    """The report that names an event certifies it; its notice is due ten days after it took effect."""
    told = dict(reports["2004 year end"].rows("Certificate of adjustment", "B6:C38"))
    assert told["Event"] == "distribution (DI-1)"
    assert told["Conversion price before"] == 9.45
    assert told["Fact: current market price"] == pytest.approx(8.9998333333)
    assert told["Conversion price as adjusted"] == 8.82
    assert told["Notice to holders due by (VI.E(9))"] == (dt.date(2004, 8, 9) - dt.date(1899, 12, 30)).days


def test_certificate_of_the_end_of_a_reduction(reports: dict[str, Filled]) -> None:
    """The last change of 2005: 0.50 is no longer taken off 8.72. Whoever signs does so below all that."""
    rows = reports["2005 half year"].rows("Certificate of adjustment", "B6:C38")
    told = dict(rows)
    assert told["Outcome"] == "reduction ends"
    assert (told["Fact: reduction"], told["Fact: price without the reduction"]) == (0.5, 8.72)
    assert told["Computation"] == "8.22 + 0.5 = 8.72"
    assert [row[0] for row in rows[-2:]] == ["Signed", "Name, title and date"]


def test_last_change_on_the_summary(reports: dict[str, Filled]) -> None:
    """When it was, under which clause, what it was and what came of it."""
    told = {
        name: next(row[1:3] for row in report.rows("Summary", "B5:D20") if row[0] == "Last change of the price")
        for name, report in reports.items()
    }
    assert told == {
        "2003 year end": [dt.datetime(2003, 10, 16), "VI.E(1), stock dividend (SD-1): adjusted"],
        "2004 half year": [dt.datetime(2004, 6, 22), "VI.E(2), split (SP-1): adjusted"],
        "2004 year end": [dt.datetime(2004, 11, 16), "VI.E(5), tender offer (TO-1): adjusted"],
        "2005 half year": [dt.datetime(2005, 5, 28), "VI.E(7), voluntary reduction (VR-1): reduction ends"],
    }
