"""The conversion price against a second calculator and against what must hold whatever happens."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from oracle import DAY, SLOTS, NoPriceError, Oracle, table

from xlcap.errors import XlcapError
from xlcap.functions import call

Cells = dict[str, Any]
START = dt.date(2004, 5, 3)
OUTSTANDING = 7_000_000
UNROUNDED = [["id", "PRICESMART-B"], ["policy.price_places", 24]]

days = st.integers(0, 40).map(lambda n: START + n * DAY)


def decimals(low: str, high: str, places: int = 2) -> st.SearchStrategy[Decimal]:
    return st.decimals(low, high, places=places, allow_nan=False)


# --- what may happen ------------------------------------------------------------------------------------------------


@st.composite
def splits(draw: st.DrawFn) -> Cells:
    return {
        "event": "split",
        "date": draw(days),
        "ratio": draw(st.sampled_from(["2", "1.5", "3", "1.005", "0.5", "0.99"])),
    }


@st.composite
def stock_dividends(draw: st.DrawFn) -> Cells:
    event: Cells = {"event": "stock_dividend", "date": draw(days)}
    if draw(st.booleans()):
        return event | {"ratio": draw(decimals("1.001", "1.2", 3))}
    return event | {"common_outstanding": OUTSTANDING, "shares": draw(st.integers(10_000, 900_000))}


@st.composite
def rights(draw: st.DrawFn) -> Cells:
    return {
        "event": "rights",
        "date": draw(days),
        "common_outstanding": OUTSTANDING,
        "shares": draw(st.integers(50_000, 2_000_000)),
        "price": draw(decimals("8", "17")),
        "closing_price": draw(decimals("15", "17")),
        "to_preferred": draw(st.sampled_from([None, None, None, True])),
        "reinvestment_plan": draw(st.sampled_from([None, None, None, True])),
    }


@st.composite
def distributions(draw: st.DrawFn) -> Cells:
    return {
        "event": "distribution",
        "date": draw(days),
        "value": draw(decimals("0.01", "3") | decimals("14", "18")),
        "current_market_price": draw(decimals("15", "17")),
        "regular_cash": draw(st.sampled_from([None, None, None, True])),
        "reserved": draw(st.sampled_from([None, None, None, True])),
    }


@st.composite
def tender_offers(draw: st.DrawFn) -> Cells:
    return {
        "event": "tender_offer",
        "date": draw(days),
        "common_outstanding": OUTSTANDING,
        "shares": draw(st.integers(0, 900_000)),
        "consideration": draw(st.sampled_from([1_000_000, 3_000_000, 5_600_000, 8_000_000, 20_000_000])),
        "current_market_price": draw(st.sampled_from(["15.5", "16"])),
    }


@st.composite
def reductions(draw: st.DrawFn) -> Cells:
    begins = draw(days)
    return {
        "event": "voluntary_reduction",
        "date": begins,
        "end_date": begins + draw(st.integers(19, 30)) * DAY,
        "amount": draw(decimals("0.05", "3")),
        "notice_date": begins - 15 * DAY,
    }


def later(draw: st.DrawFn, event: Cells) -> dt.date:
    return event["date"] + draw(st.integers(0, 20)) * DAY


@st.composite
def with_sequels(draw: st.DrawFn, about: Sequence[Cells]) -> list[Cells]:
    """Events, some of which are later not made, redeemed, exercised or left to expire."""
    events: list[Cells] = []
    for number, event in enumerate(about):
        event = event | {"id": f"e{number}"}
        events.append(event)
        kind = event["event"]
        fate = draw(st.sampled_from(["stands", "stands", "not_made", "ends"]))
        sequel: Cells = {"refers_to": event["id"]}
        if kind in ("stock_dividend", "rights", "distribution") and fate == "not_made":
            events.append(sequel | {"event": "not_made", "date": later(draw, event)})
        if kind != "rights" or fate != "ends":
            continue
        if draw(st.integers(0, 3)) == 0:
            events.append(sequel | {"event": "rights_exercised", "date": later(draw, event), "shares": 5})
        if draw(st.booleans()):
            events.append(sequel | {"event": "rights_expired", "date": later(draw, event)})
        else:
            redeemed = {"price": draw(decimals("0.01", "1")), "current_market_price": 16}
            events.append(sequel | {"event": "rights_redeemed", "date": later(draw, event)} | redeemed)
    return events


@st.composite
def actions(draw: st.DrawFn, name: str) -> list[Cells]:
    """One corporate action under several provisions."""
    parts = draw(
        st.sampled_from(
            [
                (distributions(), stock_dividends()),
                (rights(), distributions()),
                (distributions(), splits()),
                (tender_offers(), distributions()),
                (stock_dividends(), rights()),
                (splits(), tender_offers(), distributions()),
            ]
        )
    )
    drawn = [draw(part) for part in parts]
    return [event | {"date": drawn[0]["date"], "action": name} for event in drawn]


@st.composite
def rights_plans(draw: st.DrawFn) -> list[Cells]:
    """A rights plan, its trigger events, and perhaps the end of its rights."""
    adopted = START - draw(st.integers(0, 400)) * DAY
    events: list[Cells] = [{"event": "rights_plan", "date": adopted, "id": "plan"}]
    triggered = draw(st.lists(days, max_size=2, unique=True).map(sorted))
    for n, day in enumerate(triggered):
        trigger = {"event": "trigger_event", "date": day, "id": f"t{n}", "refers_to": "plan"}
        events.append(trigger | {"value": draw(decimals("0.05", "3")), "current_market_price": 16})
    if triggered and draw(st.booleans()):
        about = draw(st.sampled_from(["plan", f"t{len(triggered) - 1}"]))
        end: Cells = {"refers_to": about, "date": triggered[-1] + draw(st.integers(0, 9)) * DAY}
        redeemed = {"event": "rights_redeemed", "price": "0.01", "current_market_price": 16}
        events.append(end | draw(st.sampled_from([{"event": "rights_expired"}, redeemed])))
    return events


@st.composite
def happenings(draw: st.DrawFn) -> list[Cells]:
    """A list of events in any order, as a user might keep it."""
    kinds = splits() | stock_dividends() | rights() | distributions() | tender_offers() | reductions()
    single = draw(st.lists(kinds, min_size=1, max_size=5))
    grouped = draw(st.lists(st.sampled_from("AB"), max_size=2, unique=True))
    about = [*single, *(part for name in grouped for part in draw(actions(name)))]
    events = [*draw(with_sequels(about)), *(draw(rights_plans()) if draw(st.integers(0, 2)) == 0 else [])]
    return draw(st.permutations(events))


def moments(events: Sequence[Mapping[str, Any]]) -> list[tuple[dt.date, str]]:
    """Every moment at which something may change, the time of day before it, and the close of the day after."""
    facts = Oracle(events).facts()
    begins = {fact.key[:2] for fact in facts}
    ends = {(end + DAY, 0) for fact in facts if (end := fact.day("end_date"))}
    found = set()
    for day, slot in begins | ends:
        found |= {(day, slot), (day, slot - 1) if slot else (day - DAY, 5), (day + DAY, 5)}
    return [(day, SLOTS[slot]) for day, slot in sorted(found) if day >= START]


def ask(events: Sequence[Cells], day: dt.date, slot: str = "close", terms: Any = "PRICESMART-B", **more: Any) -> Any:
    return call("CONVERSION_PRICE", [terms, table(events), day, more.get("prices"), slot, more.get("known_at")])


def outcome(function: Any, *args: Any, **more: Any) -> Any:
    """A number, or the code of the error."""
    try:
        return function(*args, **more)
    except XlcapError as error:
        return error.code


# --- the second calculator ------------------------------------------------------------------------------------------


@settings(max_examples=250)
@given(happenings())
def test_price_is_the_second_calculators_at_every_moment(events: list[Cells]) -> None:
    """At every time of day around every event both calculators give one price, and fail at the same moment."""
    oracle = Oracle(events)
    for day, slot in moments(events):
        try:
            expected = float(oracle.price(day, slot))
        except NoPriceError:
            assert outcome(ask, events, day, slot) == "#NUM!"
            return
        assert ask(events, day, slot) == expected, (day, slot)


@settings(max_examples=60)
@given(happenings())
def test_what_is_carried_is_the_second_calculators(events: list[Cells]) -> None:
    """The carried amount is the same fraction of a cent in both calculators."""
    oracle = Oracle(events)
    for day, slot in moments(events):
        try:
            oracle.price(day, slot)
        except NoPriceError:
            return
        carried = call("CARRIED_ADJUSTMENT", ["PRICESMART-B", table(events), day, None, slot])
        assert carried == pytest.approx(float(oracle.carried(day, slot)), abs=1e-15)


@settings(max_examples=60)
@given(happenings())
def test_history_tells_the_second_calculators_prices(events: list[Cells]) -> None:
    """The last row of the history at each moment shows the price the second calculator gives for it."""
    oracle = Oracle(events)
    history = outcome(call, "CONVERSION_HISTORY", ["PRICESMART-B", table(events)])
    assume(history != "#NUM!")
    words = dict(zip([row[1] for row in WORDS], [row[0] for row in WORDS], strict=True))
    last = {(row[0], words[row[1]]): row[8] for row in history[1:]}
    for (day, slot), price in last.items():
        assert price == float(oracle.price(day, slot))


WORDS = [
    ("pre_open", "immediately before opening"),
    ("open", "opening"),
    ("post_open", "immediately after opening"),
    ("intraday", "during the day"),
    ("pre_close", "immediately before close"),
    ("close", "close"),
]


@settings(max_examples=60)
@given(happenings(), st.lists(days, max_size=3))
def test_only_what_is_known_counts(events: list[Cells], told: list[dt.date]) -> None:
    """With facts known at a day, the price is that of a table without the facts known later."""
    events = [event | {"known_on": day} for event, day in zip(events, told, strict=False)] + events[len(told) :]
    for known_at in (START + 10 * DAY, START + 25 * DAY):
        oracle = Oracle(events, known_at=known_at)
        kept = [events[fact.index] for fact in oracle.facts() if fact.kind != "termination"]
        for day in (START + 20 * DAY, START + 70 * DAY):
            answer = outcome(ask, events, day, known_at=known_at)
            assert answer == (outcome(ask, kept, day) if kept else 20)
            if isinstance(answer, float):
                assert answer == float(oracle.price(day))


# --- market prices --------------------------------------------------------------------------------------------------

TRADING = [day for n in range(110) if (day := START - 60 * DAY + n * DAY).weekday() < 5]


@st.composite
def traded(draw: st.DrawFn) -> list[Cells]:
    """Events with ex-dates, one of which may take its market price from the table.

    One tender offer at most: two that go ex together ask each other whether they adjust, and that is an error.
    """
    kinds = splits() | stock_dividends() | rights() | distributions()
    events = draw(st.lists(kinds, max_size=3)) + draw(st.lists(tender_offers(), max_size=1))
    assume(events)
    asks_market = draw(st.integers(0, len(events) - 1))
    listed = []
    for n, event in enumerate(events):
        event = event | {"ex_date": event["date"] - draw(st.integers(0, 4)) * DAY}
        if n == asks_market:
            event["current_market_price" if "current_market_price" in event else "note"] = None
            if event["event"] == "rights":
                event |= {"closing_price": None, "date": min(TRADING, key=lambda day: abs(day - event["date"]))}
        listed.append(event)
    return listed


@settings(max_examples=100)
@given(traded(), st.lists(st.integers(1000, 2500), min_size=len(TRADING), max_size=len(TRADING)))
def test_price_from_closing_prices_is_the_second_calculators(events: list[Cells], closes: list[int]) -> None:
    """Where an event leaves its market price to the table, both calculators find the same one, ex-dates made good."""
    quotes = {day: Decimal(cents) / 100 for day, cents in zip(TRADING, closes, strict=True)}
    oracle = Oracle(events, quotes)
    prices = [["date", "close"], *([day, float(close)] for day, close in quotes.items())]
    for day, slot in moments(events):
        try:
            expected: Any = float(oracle.price(day, slot))
        except NoPriceError:
            expected = "#NUM!"
        assert outcome(ask, events, day, slot, prices=prices) == expected
        if expected == "#NUM!":
            return


# --- what must hold whatever happens --------------------------------------------------------------------------------


@given(happenings())
def test_the_same_question_has_the_same_answer(events: list[Cells]) -> None:
    """Asking again, and asking a copy of the table, changes nothing."""
    first = outcome(call, "CONVERSION_HISTORY", ["PRICESMART-B", table(events)])
    assert outcome(call, "CONVERSION_HISTORY", ["PRICESMART-B", [list(row) for row in table(events)]]) == first


@given(happenings(), st.randoms(use_true_random=False))
def test_order_of_rows_matters_only_within_one_moment(events: list[Cells], random: Any) -> None:
    """Rows in any order give one price, as long as those of one day keep theirs."""
    shuffled = list(events)
    random.shuffle(shuffled)
    place = {id(event): n for n, event in enumerate(events)}
    slots: dict[dt.date, list[int]] = {}
    for n, event in enumerate(shuffled):
        slots.setdefault(event["date"], []).append(n)
    kept = list(shuffled)
    for spots in slots.values():
        ordered = sorted((shuffled[n] for n in spots), key=lambda event: place[id(event)])
        for n, event in zip(spots, ordered, strict=True):
            kept[n] = event
    for day in (START + 5 * DAY, START + 20 * DAY, START + 45 * DAY, START + 80 * DAY):
        assert outcome(ask, kept, day) == outcome(ask, events, day)


def rescaled(events: Sequence[Cells], ratio: int) -> list[Cells]:
    """The same events in shares each of which is ``ratio`` of the old."""
    factors = {
        "common_outstanding": ratio,
        "shares": ratio,
        "price": Fraction(1, ratio),
        "value": Fraction(1, ratio),
        "closing_price": Fraction(1, ratio),
        "current_market_price": Fraction(1, ratio),
        "amount": Fraction(1, ratio),
    }

    def scaled(name: str, cell: Any) -> Any:
        if name not in factors or cell is None:
            return cell
        number = Fraction(str(cell)) * factors[name]
        return Decimal(number.numerator) / Decimal(number.denominator)

    return [{name: scaled(name, cell) for name, cell in event.items()} for event in events]


@settings(max_examples=60)
@given(happenings(), st.sampled_from([2, 4, 5]))
def test_a_split_before_everything_rescales_and_changes_no_value(events: list[Cells], ratio: int) -> None:
    """After a split first of all, the same events in the new shares leave the same price divided by its ratio."""
    split = {"event": "split", "date": dt.date(2003, 7, 2), "ratio": ratio}
    for day in (START + 20 * DAY, START + 80 * DAY):
        plain = outcome(ask, events, day, terms=UNROUNDED)
        assume(isinstance(plain, float))
        assert ask([split, *rescaled(events, ratio)], day, terms=UNROUNDED) == pytest.approx(plain / ratio, rel=1e-12)


@settings(max_examples=60)
@given(happenings(), st.sampled_from(["2", "0.25", "1.25"]))
def test_a_split_after_everything_rescales_and_changes_no_value(events: list[Cells], ratio: str) -> None:
    """A split when all is over divides the price with what is carried by its ratio."""
    day = START + 120 * DAY
    plain = outcome(ask, events, day, terms=UNROUNDED)
    assume(isinstance(plain, float))
    carried = call("CARRIED_ADJUSTMENT", [UNROUNDED, table(events), day])
    split = {"event": "split", "date": START + 90 * DAY, "ratio": ratio}
    assert ask([*events, split], day, terms=UNROUNDED) == pytest.approx((plain + carried) / float(ratio), rel=1e-12)


@given(happenings(), rights(), st.integers(0, 30))
def test_rights_that_expire_unexercised_leave_no_trace(events: list[Cells], issue: Cells, life: int) -> None:
    """From the close of the day on which unexercised rights expire, the price is as if they were never granted."""
    end = issue["date"] + life * DAY
    rest = [event for event in events if event["event"] != "tender_offer"]
    granted = [*rest, issue | {"id": "new"}, {"event": "rights_expired", "date": end, "refers_to": "new"}]
    for day in (end, end + 5 * DAY, START + 100 * DAY):
        if rest and isinstance(plain := outcome(ask, rest, day), float):
            assert outcome(ask, granted, day) in (plain, "#NUM!")


@given(happenings())
def test_a_price_is_always_above_zero_and_finite(events: list[Cells]) -> None:
    """Whatever happens, the answer is a positive number of whole cents, or an error."""
    for day in (START, START + 15 * DAY, START + 30 * DAY, START + 60 * DAY):
        answer = outcome(ask, events, day)
        assert answer == "#NUM!" or (isinstance(answer, float) and 0 < answer < 1e6 and answer == round(answer, 2))


RAISES = ("split (", "not made (", "rights redeemed (", "rights expired (", "voluntary reduction (")


@given(happenings())
def test_nothing_but_a_combination_or_a_restoration_raises_the_price(events: list[Cells]) -> None:
    """In every history the price rises only where shares are combined or something is undone or has ended.

    A further trigger event of a plan undoes the one before it, and shows as a restoration.
    """
    history = outcome(call, "CONVERSION_HISTORY", ["PRICESMART-B", table(events)])
    assume(history != "#NUM!")
    combined = {event["date"] + DAY for event in events if float(event.get("ratio") or 2) < 1}
    for row in history[1:]:
        if row[8] > row[5]:
            assert row[3].startswith(RAISES) or row[4] == "restored", row
            if row[3].startswith("split ("):
                assert row[0] in combined, row
