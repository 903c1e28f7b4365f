"""Conversion without a choice: Patron 3(b), Valuestar D.11, public offerings."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from xlcap.errors import XlcapError
from xlcap.functions import call

VS, PT = "VALUESTAR-B", "PATRON-B"
ISSUED = "2006-11-01"
CLOSED = "days with a row on which the New York Stock Exchange was closed"
REGISTERED = "2006-12-01"


def weekdays(first: str, count: int) -> list[dt.date]:
    """So many weekdays from a day on."""
    start, days = dt.date.fromisoformat(first), list[dt.date]()
    while len(days) < count:
        if start.weekday() < 5:
            days.append(start)
        start += dt.timedelta(days=1)
    return days


def quotes(closes: list[float], volumes: list[Any] | None = None) -> list[list[Any]]:
    """A price table from 2 January 2007 on, one row each weekday."""
    days = weekdays("2007-01-02", len(closes))
    return [["date", "close", "volume"], *map(list, zip(days, closes, volumes or [8334] * len(closes), strict=True))]


def forced(
    prices: Any,
    registered: str | None = REGISTERED,
    events: Any = None,
    until: str | None = None,
    terms: Any = PT,
    issued: str | None = ISSUED,
    initial: float | None = 2.4,
) -> str:
    """The Mandatory Conversion Date."""
    return str(call("MANDATORY_CONVERSION_DATE", [terms, prices, registered, events, issued, initial, until]))


def of(certificate: str = PT, **fields: Any) -> list[list[Any]]:
    """The certificate with some conversion terms changed."""
    return [["id", certificate], *([f"conversion.{name.replace('__', '.')}", value] for name, value in fields.items())]


# --- on price and volume ----------------------------------------------------------------------------------------------


def test_the_first_day_on_which_all_hold() -> None:
    """20 closes of 6.00 are 2.5 x 2.40 exactly, mean volume 8,334 exactly: the twentieth weekday, 29 January 2007."""
    assert forced(quotes([6] * 25)) == "2007-01-29"


def test_a_cent_below_is_not_enough() -> None:
    """A day at 5.99 leaves the mean of its twenty days at 5.9995; the first twenty without it end on 30 January."""
    assert forced(quotes([5.99] + [6] * 24)) == "2007-01-30"
    with pytest.raises(XlcapError, match=r"on 2007-02-05 the mean close 5\.99 is below 6 \(2\.5 x 2\.4\)") as error:
        forced(quotes([5.99] * 25))
    assert error.value.code == "#N/A"


def test_a_mean_may_make_up_for_single_days() -> None:
    """19 days at 5.90 and one at 7.90: (112.10 + 7.90) / 20 = 6.00."""
    assert forced(quotes([5.9] * 19 + [7.9])) == "2007-01-29"


def test_the_volume_of_the_same_days() -> None:
    """One day with 8,333 keeps the mean below 8,334 until it is out of the twenty."""
    assert forced(quotes([6] * 25, [8333] + [8334] * 24)) == "2007-01-30"
    with pytest.raises(XlcapError, match=r"on 2007-01-29 the mean volume 8,333\.95 is below 8,334"):
        forced(quotes([6] * 20, [8333] + [8334] * 19))


def test_the_registration_on_the_day_itself() -> None:
    """Effective from 31 January, the shares convert then; gone before, they do not."""
    assert forced(quotes([6] * 25), "2007-01-31") == "2007-01-31"
    assert forced(quotes([6] * 25), REGISTERED, until="2007-01-29") == "2007-01-29"
    with pytest.raises(XlcapError, match="on 2007-02-05 no registration is effective"):
        forced(quotes([6] * 25), REGISTERED, until="2007-01-26")


def test_registration_throughout_the_days_as_a_switch() -> None:
    """Effective from 4 January, the first twenty days that lie within it end on 31 January (AMB-PT5)."""
    assert forced(quotes([6] * 25), "2007-01-04") == "2007-01-29"
    throughout = of(on_price__registration_during="window")
    assert forced(quotes([6] * 25), "2007-01-04", terms=throughout) == "2007-01-31"


def test_days_before_the_date_as_a_switch() -> None:
    """Ending on the day before, the twenty days to 29 January convert on 30 January (AMB-PT5)."""
    assert forced(quotes([6] * 25), terms=of(on_price__window="before_date")) == "2007-01-30"


def test_no_registration_needed_where_the_terms_ask_for_none() -> None:
    """Then the day may be left out; for Patron it may not."""
    assert forced(quotes([6] * 25), None, terms=of(on_price__registration=False)) == "2007-01-29"
    with pytest.raises(XlcapError, match="argument 'registered_from': is required"):
        forced(quotes([6] * 25), None)


def test_the_price_of_the_day() -> None:
    """A ratchet to 2.00 on 15 January makes closes of 5.00 enough: 2.5 x 2.00."""
    cheap = [["event", "date", "shares", "cash"], ["issue", "2007-01-15", 1000, 2000]]
    assert forced(quotes([5] * 25), events=cheap) == "2007-01-29"
    late = [cheap[0], ["issue", "2007-02-01", 1000, 2000]]
    assert forced(quotes([5] * 25), events=late) == "2007-02-01"


def test_one_tranche_converts_and_another_does_not() -> None:
    """Closes of 5.10 are 2.5 x 2.04: enough for shares that started at 2.00, not for those at 2.40."""
    assert forced(quotes([5.1] * 20), initial=2) == "2007-01-29"
    with pytest.raises(XlcapError, match="the mean close"):
        forced(quotes([5.1] * 20))


def test_not_before_the_share_is_issued() -> None:
    """The twenty days may be older than the share, its conversion not."""
    assert forced(quotes([6] * 25), issued="2007-02-01") == "2007-02-01"


def test_volume_alone_may_be_blank_where_it_does_not_matter() -> None:
    """A blank volume is an error on the day on which everything else is met, and only then."""
    with pytest.raises(XlcapError, match=r"prices row 3, column 'volume': is blank, and 3\(b\) looks at the volume"):
        forced(quotes([6] * 20, [8334, 8334, None] + [8334] * 17))
    with pytest.raises(XlcapError, match="the mean close"):
        forced(quotes([5] * 20, [None] * 20))


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda: forced(quotes([6] * 19)), "20 trading days are needed; the price table has 19"),
        (lambda: forced(None), "20 trading days are needed; the price table has 0"),
        (lambda: forced(quotes([6] * 20), until="2006-11-30"), "argument 'registered_until': 2006-11-30 is before"),
        (lambda: forced(quotes([6] * 20), terms=VS, issued=None, initial=None), "no conversion on price and volume"),
    ],
)
def test_questions_without_an_answer(ask: Any, message: str) -> None:
    """Too few days, a registration that ends before it begins, a certificate without the clause."""
    with pytest.raises(XlcapError) as error:
        ask()
    assert message in str(error.value)


def test_the_days_behind_it() -> None:
    """5.9995, then 6.00 from the second twenty days on: the 29th and the 30th of January, and no day after.

    On two of the weekdays the exchange was closed: President Ford's funeral, and Martin Luther King's day.
    """
    rows = call("MANDATORY_CONVERSION_DETAIL", [PT, quotes([5.99] + [6] * 24), REGISTERED, None, ISSUED, 2.4])
    assert rows[1:] == [
        [dt.date(2007, 1, 29), 5.9995, 6, 8334, 8334, True, False],
        [dt.date(2007, 1, 30), 6, 6, 8334, 8334, True, True],
        ["Note", *[None] * 5, f"{CLOSED}: 2007-01-02, 2007-01-15"],
    ]


def test_a_weekday_without_a_row_is_named() -> None:
    """Wednesday the 24th left out, the twenty days end on 1 February; the holidays 2 and 15 January need no row."""
    prices = [row for row in quotes([6] * 23) if str(row[0]) not in ("2007-01-02", "2007-01-15", "2007-01-24")]
    rows: Any = call("MANDATORY_CONVERSION_DETAIL", [PT, prices, REGISTERED, None, ISSUED, 2.4])
    assert [row[0] for row in rows[1:]] == [dt.date(2007, 2, 1), "Note"]
    assert rows[2][6] == "weekdays without a row, taken as no trading days: 2007-01-24"


@pytest.mark.parametrize(
    ("left_out", "message"),
    [
        (["2007-01-02", "2007-01-15", "2007-01-24"], r"^prices: 2007-01-24 was a trading day and has no row"),
        (["2007-01-02"], r"^prices row 9, column 'date': 2007-01-15 was no trading day"),
    ],
)
def test_the_exchanges_days_as_a_switch(left_out: list[str], message: str) -> None:
    """Where the exchange decides, each of its days has a row, and no other."""
    prices = [row for row in quotes([6] * 30) if str(row[0]) not in left_out]
    with pytest.raises(XlcapError, match=message):
        forced(prices, terms=[["id", PT], ["market.trading_days", "NYSE"]])


def test_with_every_day_of_the_exchange() -> None:
    """Twenty of its days from 3 January 2007, the 15th left out, end on the 31st."""
    prices = [row for row in quotes([6] * 30) if str(row[0]) not in ("2007-01-02", "2007-01-15")]
    assert forced(prices, terms=[["id", PT], ["market.trading_days", "NYSE"]]) == "2007-01-31"


def test_a_volume_that_does_not_matter_is_left_blank() -> None:
    """The mean of days one of which is blank is not known, and not asked while the price is too low."""
    rows = call("MANDATORY_CONVERSION_DETAIL", [PT, quotes([5] * 20, [None] * 20), REGISTERED, None, ISSUED, 2.4])
    assert rows[1][3] is None
    assert rows[1][6] is False


def test_no_day_is_tested_after_the_conversion() -> None:
    """The events have them converted on 30 January: the 29th may be the day, the 31st no more (3(d)(ii))."""
    events = [["event", "date"], ["automatic_conversion", "2007-01-30"]]
    assert forced(quotes([6] * 25), events=events) == "2007-01-29"
    with pytest.raises(XlcapError, match="the events have the shares converted by force on 2007-01-30") as error:
        forced(quotes([5.99] * 2 + [6] * 23), events=events)
    assert error.value.code == "#N/A"


# --- the other triggers -----------------------------------------------------------------------------------------------


def triggers(terms: Any, *args: Any) -> dict[str, tuple[str, Any]]:
    """Clause and answer for each trigger."""
    rows = call("AUTOMATIC_CONVERSION_TEST", [terms, *args])
    assert isinstance(rows, list)
    assert rows[0] == ["Trigger", "Clause", "Met", "Why"]
    assert all(row[3] for row in rows[1:])
    return {str(row[0]): (str(row[1]), row[2]) for row in rows[1:]}


@pytest.mark.parametrize(("votes", "met"), [(333333, False), (333334, True)])
def test_two_thirds_of_those_outstanding(votes: int, met: bool) -> None:
    """Two thirds of 500,000 are 333,333.33: 333,333 votes are not enough (D.11(ii))."""
    assert triggers(VS, votes, 500000)["vote"] == ("D.11(ii)", met)


def test_exactly_two_thirds() -> None:
    """At least two thirds: 2 of 3 are enough; not where more than that is asked."""
    assert triggers(VS, 2, 3)["vote"][1] is True
    assert triggers(of(VS, on_vote__strict=True), 2, 3)["vote"][1] is False


@pytest.mark.parametrize(
    ("converted", "qualified", "met"),
    [(True, None, True), (None, True, True), (False, False, False), (False, None, None), (None, None, None)],
)
def test_with_series_a(converted: Any, qualified: Any, met: Any) -> None:
    """Series B converts when all of Series A does, or on its qualified event; not told is not known (D.11(i))."""
    assert triggers(VS, None, None, converted, qualified)["other class"] == ("D.11(i)", met)


def test_a_qualified_event_as_a_switch() -> None:
    """Where only the conversion of the other class counts, its qualified event does nothing by itself."""
    assert triggers(of(VS, with_class__qualified_event=False), None, None, False, True)["other class"][1] is False


def test_triggers_answered_elsewhere() -> None:
    """Patron's is a date from prices, PriceSmart's a date in the terms: each names the function that answers."""
    rows = call("AUTOMATIC_CONVERSION_TEST", [PT])
    assert isinstance(rows, list)
    assert rows[1] == ["price and volume", "3(b)", None, "ask MANDATORY_CONVERSION_DATE"]
    assert triggers("PRICESMART-B") == {"date": ("VI.B", None)}


OFFERING = [*of(VS), ["conversion.on_offering.clause", "5.1"], ["conversion.on_offering.min_price_multiple", 3],
            ["conversion.on_offering.min_proceeds", 10_000_000]]  # fmt: skip


@pytest.mark.parametrize(
    ("price", "proceeds", "split", "met"),
    [
        (52.5, 10e6, None, True),  # 3 x 17.50
        (52.49, 10e6, None, False),
        (52.5, 9_999_999, None, False),
        (26.25, 10e6, 2, True),  # after a split of the Common two for one
        (52.5, None, None, None),
    ],
)
def test_a_public_offering(price: float, proceeds: Any, split: Any, met: Any) -> None:
    """At least 52.50 a share and ten million in all."""
    args = [None, None, None, None, price, proceeds, split]
    assert triggers(OFFERING, *args)["public offering"] == ("5.1", met)


def test_a_stated_least_price() -> None:
    """Dollars a share instead of a multiple; and an offering without bounds is met by any."""
    stated = [*of(VS), ["conversion.on_offering.clause", "5.1"], ["conversion.on_offering.min_price", 5]]
    assert triggers(stated, None, None, None, None, 5)["public offering"][1] is True
    assert triggers(stated, None, None, None, None, 4.99)["public offering"][1] is False
    unbound = [*of(VS), ["conversion.on_offering.clause", "5.1"]]
    assert triggers(unbound)["public offering"][1] is None
    assert triggers(unbound, None, None, None, None, 1)["public offering"][1] is True


@pytest.mark.parametrize(
    ("terms", "args", "message"),
    [
        (VS, [4, 3], "argument 'votes_for': must be from zero to the 3 outstanding; found 4"),
        (VS, [0, 0], "argument 'outstanding': must be above zero; found 0"),
        (VS, [-1, 3], "argument 'votes_for': must be zero or more; found -1"),
        ([["id", PT], ["conversion.on_price", "none"]], [], "nothing converts these shares without their holders'"),
    ],
)
def test_impossible_questions(terms: Any, args: list[Any], message: str) -> None:
    """More votes than shares, no shares, no trigger at all."""
    with pytest.raises(XlcapError) as error:
        triggers(terms, *args)
    assert message in str(error.value)
