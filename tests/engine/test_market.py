"""Closing prices and their averages: VI.D and VI.E(6), one truth each, with the arithmetic beside the figure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import pytest
from asking import CERTIFICATE, Event, distribution, later, price, rights, split, stock_dividend, tender_offer, terms
from oracle import table

from xlcap.errors import XlcapError
from xlcap.functions import call

HOLIDAYS = ("2004-05-31", "2004-06-11", "2004-07-05")  # the second: the exchange mourned a president


def exchange_days(first: str, last: str) -> list[str]:
    """Weekdays from one day to another, less the days the exchange was closed."""
    day, end, days = dt.date.fromisoformat(first), dt.date.fromisoformat(last), []
    while day <= end:
        if day.weekday() < 5 and day.isoformat() not in HOLIDAYS:
            days.append(day.isoformat())
        day += dt.timedelta(days=1)
    return days


DAYS = exchange_days("2004-06-01", "2004-07-14")
"""Thirty days: ten before the ex-date of 16 June and twenty from it on, the window of 15 July being all of them."""
BEFORE, FROM = DAYS[:10], DAYS[10:]
CLOSES = [["date", "close"], *([day, 20] for day in BEFORE), *([day, 10.2] for day in FROM)]
IN_QUESTION, EX = "2004-07-15", FROM[0]


def market_price(
    events: Sequence[Event] = (),
    own: str | None = None,
    *,
    prices: Any = CLOSES,
    day: str = IN_QUESTION,
    of: Any = None,
) -> Any:
    return call("MARKET_PRICE", [of or CERTIFICATE, prices, day, table(events) if events else None, own])


# --- closing prices, VI.E(6)(a) -------------------------------------------------------------------------------------

SOURCES = ["close", "bid", "ask", "exchange_close", "exchange_bid", "exchange_ask", "otc_bid", "otc_ask"]
SOURCES += ["maker_bid", "maker_ask", "board_value"]
QUOTE = dict(zip(SOURCES, [10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20], strict=True))


@pytest.mark.parametrize(
    ("blank", "expected"),
    [
        ("", 10.0),  # sale on Nasdaq
        ("close", 11.5),  # mean of its bid and asked, 11 and 12
        ("close bid", 13.0),  # a bid alone is no pair: sale on the principal exchange
        ("close bid ask exchange_close", 14.5),
        ("close ask exchange_close exchange_ask", 16.5),  # over the counter
        ("close ask exchange_close exchange_ask otc_bid", 18.5),  # the market maker
        ("close ask exchange_close exchange_ask otc_bid maker_bid", 20.0),  # the board
    ],
)
def test_a_closing_price_comes_from_the_first_source_that_has_one(blank: str, expected: float) -> None:
    """Nasdaq, the principal exchange, over the counter, a market maker, the board, in this order."""
    row = [None if name in blank.split() else value for name, value in QUOTE.items()]
    prices = [["date", *SOURCES], ["2004-06-01", *row]]
    assert call("CLOSING_PRICE", [CERTIFICATE, prices, "2004-06-01"]) == expected


def test_the_order_of_sources_is_the_certificates() -> None:
    """A certificate that asks the board first gets the board's value."""
    prices = [["date", "close", "board_value"], ["2004-06-01", 10, 20]]
    of = terms({"market.closing_price": "board, nasdaq"})
    assert call("CLOSING_PRICE", [of, prices, "2004-06-01"]) == 20.0


@pytest.mark.parametrize(
    ("prices", "message"),
    [
        ([["date", "close"], ["2004-06-02", 10]], "prices: the price table has no row for 2004-06-01"),
        ([["date", "close", "bid"], ["2004-06-01", None, 9]], "prices row 1: 2004-06-01 has no closing price"),
        ([["date", "close"], ["2004-06-01", 0]], "prices row 1, column 'close': must be above 0; found 0"),
        ([["date", "price"], ["2004-06-01", 9]], "prices: column 'price' is not known; the columns are date, close"),
        (
            [["date", "close"], ["2004-06-01", 9], ["2004-06-01", 8]],
            "prices row 2, column 'date': 2004-06-01 stands in row 1 too; keep one",
        ),
    ],
)
def test_a_closing_price_that_is_not_there_or_not_right(prices: Any, message: str) -> None:
    """The error names the row, or the day that has none."""
    with pytest.raises(XlcapError, match=f"^{message}"):
        call("CLOSING_PRICE", [CERTIFICATE, prices, "2004-06-01"])


# --- the mean before a conversion, VI.D -----------------------------------------------------------------------------


def test_the_mean_before_a_conversion_is_of_five_days_and_adjusts_nothing() -> None:
    """Two closes of 20.00 and three of 10.20 before the fourth day after the ex-date: 70.60 / 5 = 14.12."""
    assert call("AVERAGE_CLOSE", [CERTIFICATE, CLOSES, FROM[3]]) == 14.12


def test_averages_may_be_rounded() -> None:
    """One close of 20.00 and two of 10.20 are 13.4666...; round_averages makes it 13.47."""
    assert call("AVERAGE_CLOSE", [CERTIFICATE, CLOSES, FROM[2], 3]) == pytest.approx(40.4 / 3, abs=1e-14)
    assert call("AVERAGE_CLOSE", [terms({"policy.round_averages": True}), CLOSES, FROM[2], 3]) == 13.47
    of = terms({"policy.round_averages": True})
    assert (market_price(), market_price(of=of)) == (pytest.approx(404 / 30, abs=1e-14), 13.47)


def test_too_few_closing_prices_are_an_error() -> None:
    """The error says how many are needed and how many there are."""
    with pytest.raises(XlcapError, match=r"^prices: 5 closing prices before 2004-06-07 are needed \(VI\.D\); it has 4"):
        call("AVERAGE_CLOSE", [CERTIFICATE, CLOSES, "2004-06-07"])
    with pytest.raises(XlcapError, match=r"^prices: 30 closing prices before 2004-07-14 are needed .* it has 29"):
        market_price(day="2004-07-14")
    with pytest.raises(XlcapError, match=r"^argument 'days': must be 1 or more; found 0"):
        call("AVERAGE_CLOSE", [CERTIFICATE, CLOSES, "2004-06-07", 0])


# --- the current market price, VI.E(6)(b) ---------------------------------------------------------------------------


def test_closes_before_the_ex_date_of_a_split_are_restated() -> None:
    """First limb: ten closes of 20.00 x 1/2 and twenty of 10.20 are 304 / 30 = 10.1333..."""
    assert market_price([split(DAYS[9], ex_date=EX)]) == pytest.approx(304 / 30, abs=1e-14)


def test_an_ex_date_before_the_days_averaged_changes_nothing() -> None:
    """A split that went ex on the first of the thirty days has no close before it among them."""
    assert market_price([split("2004-05-28", ex_date=DAYS[0])]) == pytest.approx(404 / 30, abs=1e-14)


def test_an_ex_date_from_the_own_one_on_restates_what_comes_after() -> None:
    """Second limb: the twenty closes from the other's ex-date on are x 2: (200 + 408) / 30 = 20.2666..."""
    events = [split(DAYS[9], ex_date=EX), distribution(IN_QUESTION, ex_date=DAYS[5], id="own")]
    assert market_price(events, "own") == pytest.approx(608 / 30, abs=1e-14)


def test_where_both_limbs_fit_the_first_may_be_chosen() -> None:
    """ex_date_overlap first: the closes before it are halved instead, 304 / 30."""
    events = [split(DAYS[9], ex_date=EX), distribution(IN_QUESTION, ex_date=DAYS[5], id="own")]
    of = terms({"market.ex_date_overlap": "first"})
    assert market_price(events, "own", of=of) == pytest.approx(304 / 30, abs=1e-14)


def test_an_ex_date_before_the_own_one_falls_under_the_first_limb() -> None:
    """The own ex-date comes later, so only the closes before the other's are touched."""
    events = [split(DAYS[9], ex_date=EX), distribution(IN_QUESTION, ex_date=FROM[1], id="own")]
    assert market_price(events, "own") == pytest.approx(304 / 30, abs=1e-14)


def test_tender_offers_count_under_the_second_limb_only() -> None:
    """11.2m of 112m takes a tenth: nothing is restated without an own ex-date, what comes after is with one."""
    offer = tender_offer(DAYS[9], 11_200_000, ex_date=EX)  # x 0.9
    assert market_price([offer]) == pytest.approx(404 / 30, abs=1e-14)
    events = [offer, distribution(IN_QUESTION, ex_date=DAYS[5], id="own")]
    assert market_price(events, "own") == pytest.approx((200 + 204 / 0.9) / 30, abs=1e-13)
    of_day = call("MARKET_PRICE", [CERTIFICATE, CLOSES, IN_QUESTION, table([offer]), None, DAYS[5]])
    assert of_day == pytest.approx((200 + 204 / 0.9) / 30, abs=1e-13)


def test_a_tender_offer_needs_no_ex_date_of_its_own() -> None:
    """It is priced under the first limb: 304 / 30 x 1.5m is 15.2m; 1.52m of it, for nothing back, is x 0.9: 9.00."""
    offer = tender_offer(IN_QUESTION, 1_520_000, common_outstanding=1_500_000, current_market_price=None)
    assert price([split(DAYS[9], ex_date=EX), offer], "2004-07-16", prices=CLOSES) == 9.0


def test_what_adjusts_nothing_or_was_not_made_restates_nothing() -> None:
    """A regular dividend has no fraction; a stock dividend called off before the day in question is none."""
    regular = distribution(DAYS[9], ex_date=EX, regular_cash=True)
    assert market_price([regular]) == pytest.approx(404 / 30, abs=1e-14)
    events = [stock_dividend(DAYS[9], ex_date=EX, id="d"), later("not_made", "2004-07-14", "d")]
    assert market_price(events) == pytest.approx(404 / 30, abs=1e-14)


def test_a_blank_ex_date_that_matters_is_asked_for() -> None:
    """The other's, where it falls among the days averaged; the own one, where the other's must be placed beside it."""
    with pytest.raises(
        XlcapError, match=r"^events row 1, column 'ex_date': is blank, and the market price on 2004-07-15"
    ):
        market_price([split(DAYS[9])])
    with pytest.raises(
        XlcapError, match=r"^events row 2, column 'ex_date': is blank, and the ex-date 2004-06-16 of split"
    ):
        market_price([split(DAYS[9], ex_date=EX), distribution(IN_QUESTION, id="own")], "own")


def test_a_blank_ex_date_that_cannot_matter_is_not_asked_for() -> None:
    """A split of the year before, and one after the day in question."""
    assert market_price([split("2003-07-16"), split("2004-09-01")]) == pytest.approx(404 / 30, abs=1e-14)


def test_market_prices_that_depend_on_each_other_are_an_error() -> None:
    """Two distributions whose ex-dates fall among each other's closes, neither with a price of its own."""
    first = distribution("2004-07-15", ex_date="2004-07-13", current_market_price=None, id="first")
    second = distribution("2004-07-15", ex_date="2004-07-13", current_market_price=None, id="second")
    prices = [*CLOSES, [IN_QUESTION, 10]]
    with pytest.raises(XlcapError, match=r"the market prices of first and second depend on each other") as caught:
        price([first, second], "2004-07-16", prices=prices)
    assert caught.value.code == "#NUM!"
    assert price([first | {"current_market_price": 16}, second], "2004-07-16", prices=prices) < 20


def test_the_parts_of_one_action_do_not_restate_each_other() -> None:
    """VI.E(6)(b) speaks of other events: property and shares of one distribution share their market price."""
    parts = [
        distribution(IN_QUESTION, 1, ex_date="2004-07-13", current_market_price=None, action="a"),
        stock_dividend(IN_QUESTION, 7_000_000, ex_date="2004-07-13", action="a"),
    ]
    level = [["date", "close"], *([day, 16] for day in DAYS)]
    assert price(parts, "2004-07-16", "open", prices=level) == 18.75  # 20 x 15/16


def test_a_day_that_is_no_trading_day_looks_back_from_the_one_before() -> None:
    """Sunday 18 July counts as Friday 16 July, so the days end on the 15th: 404 less a 20 and plus a 7 is 391."""
    prices = [*CLOSES, ["2004-07-15", 7], ["2004-07-16", 1000]]
    assert market_price(prices=prices, day="2004-07-18") == market_price(prices=prices, day="2004-07-16")
    assert market_price(prices=prices, day="2004-07-16") == pytest.approx(391 / 30, abs=1e-14)


def test_the_days_of_the_table_are_the_trading_days_unless_the_exchange_decides() -> None:
    """Without a row for 8 July the table reaches one day further back; read by the exchange's days it is an error."""
    prices = [CLOSES[0], ["2004-05-28", 50], *(row for row in CLOSES[1:] if row[0] != "2004-07-08")]
    assert market_price(prices=prices) == pytest.approx((404 - 10.2 + 50) / 30, abs=1e-14)
    notes = call("MARKET_PRICE_DETAIL", [CERTIFICATE, prices, IN_QUESTION])
    assert ["Note", None, None, None, "weekdays without a row, taken as no trading days: 2004-07-08"] in notes
    of = terms({"market.trading_days": "NYSE"})
    with pytest.raises(XlcapError, match=r"^prices: 2004-07-08 was a trading day and has no row"):
        market_price(prices=prices, of=of)
    closed = [*CLOSES[:9], ["2004-06-11", 20], *CLOSES[9:]]
    with pytest.raises(XlcapError, match=r"^prices row 9, column 'date': 2004-06-11 was no trading day"):
        market_price(prices=closed, of=of)


def test_a_table_that_ends_too_early_is_an_error() -> None:
    """The window must not slide back because the last closes are missing."""
    prices = [CLOSES[0], ["2004-05-28", 50], *CLOSES[1:-1]]
    with pytest.raises(XlcapError, match=r"^prices: the table ends on 2004-07-13 and has no row for 2004-07-14"):
        market_price(prices=prices)


def test_the_rows_of_a_price_table_may_stand_in_any_order() -> None:
    """The table is read in the order of its days."""
    assert market_price(prices=[CLOSES[0], *CLOSES[:0:-1]]) == market_price()


def test_the_detail_shows_each_day_and_why_it_was_restated() -> None:
    """Thirty days, their factors and reasons, and the mean below."""
    rows = call("MARKET_PRICE_DETAIL", [CERTIFICATE, CLOSES, IN_QUESTION, table([split(DAYS[9], ex_date=EX)])])
    assert rows[1][1:] == [20.0, 0.5, 10.0, "before the ex-date 2004-06-16 of split (row 1): × 1 / 2"]
    assert rows[30][1:] == [10.2, 1.0, 10.2, ""]
    assert rows[-1][0] == "Mean"
    assert rows[-1][3] == pytest.approx(304 / 30, abs=1e-14)


def test_an_event_that_is_not_there_cannot_be_priced() -> None:
    """The id names a row of the events table."""
    with pytest.raises(XlcapError, match=r"^argument 'event_id': no event has the id 'x'") as caught:
        market_price([split()], "x")
    assert caught.value.code == "#N/A"


def test_a_certificate_without_a_market_clause_prices_nothing() -> None:
    """Its error names the key that is missing."""
    of = terms(absent=[row[0] for row in call("TERMS", [CERTIFICATE]) if str(row[0]).startswith("market.")])
    with pytest.raises(XlcapError, match=r"^CHANGED: market: this certificate defines no market price"):
        market_price(of=of)


def test_the_part_of_an_action_that_does_not_prevail_restates_nothing() -> None:
    """Only 7.0/7.7 is made of the two: nine closes of 22 become 20, twenty-one stay; not the rights' factor too."""
    ex = {"ex_date": "2004-06-15", "action": "A"}
    both = [stock_dividend("2004-06-17", **ex), rights("2004-06-17", **ex)]
    closes = [["date", "close"], *([day, 22] for day in exchange_days("2004-05-20", "2004-07-14"))]
    before = sum(day < "2004-06-15" for day in exchange_days("2004-05-20", "2004-07-13")[-30:])
    expected = (before * 20 + (30 - before) * 22) / 30
    assert call("MARKET_PRICE", [CERTIFICATE, closes, "2004-07-14", table(both)]) == pytest.approx(expected, abs=1e-12)
