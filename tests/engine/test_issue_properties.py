"""The price under issues below it, against a second calculator and against what must hold whatever happens."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from issue_oracle import PATRON, VALUESTAR, NoPriceError, Oracle, Rules, block
from oracle import table

from xlcap.errors import XlcapError
from xlcap.functions import call

Cells = dict[str, Any]
DAY = dt.timedelta(days=1)
START = dt.date(2007, 2, 1)
END = START + 90 * DAY
COUNTS = {
    "common_outstanding": 10_000_000,
    "series_shares": 500_000,
    "preferred_as_converted": 1_000_000,
    "options_outstanding": 1_000_000,
    "convertibles_outstanding": 500_000,
}

days = st.integers(0, 40).map(lambda n: START + n * DAY)
sizes = st.sampled_from([1_000, 40_000, 200_000, 1_000_000, 3_000_000])
both = st.sampled_from([VALUESTAR, PATRON])


def per_share(rules: Rules) -> st.SearchStrategy[Decimal]:
    """Prices about the conversion price, many of them a little below it, to three places."""
    about = Decimal(rules.initial)
    return st.decimals(about / 3, about * Decimal("1.2"), places=3, allow_nan=False) | st.integers(-30, 5).map(
        lambda n: about + Decimal(n) / 1000
    )


def counts(draw: st.DrawFn, rules: Rules) -> Cells:
    """What the certificate counts, as it may stand on the day."""
    columns = {
        "common": "common_outstanding",
        "series": "series_shares",
        "preferred": "preferred_as_converted",
        "options": "options_outstanding",
        "convertibles": "convertibles_outstanding",
        "reserved_pool": "reserved_pool",
    }
    cells = {columns[name]: draw(st.integers(1, 12)) * 250_000 for name in rules.count}
    if rules.denominator == "as_counted":
        cells["outstanding_after"] = 90_000_000
    return cells


# --- what may happen ------------------------------------------------------------------------------------------------


@st.composite
def splits(draw: st.DrawFn) -> Cells:
    return {"event": "split", "date": draw(days), "ratio": draw(st.sampled_from(["2", "1.5", "0.5", "0.8", "1.004"]))}


@st.composite
def dividends(draw: st.DrawFn) -> list[Cells]:
    """A dividend in Common: as a ratio, as counts, with a date fixed and what was paid by then and later."""
    event: Cells = {"event": "stock_dividend", "date": draw(days)}
    if draw(st.integers(0, 3)) == 0:
        return [event | {"ratio": draw(st.decimals("1.001", "1.2", places=3, allow_nan=False))}]
    event |= {"common_outstanding": 10_000_000, "shares": draw(st.sampled_from([20_000, 500_000, 1_000_000]))}
    if draw(st.booleans()):
        return [event]
    fixed = event["date"] + draw(st.integers(2, 15)) * DAY
    events = [event | {"id": f"d{draw(st.integers(0, 10**6))}", "payment_date": fixed}]
    fate = draw(st.sampled_from(["paid", "never", "part", "part and late", "late"]))
    paid = {"event": "dividend_paid", "refers_to": events[0]["id"]}
    parts = {"paid": 1, "part": 4, "part and late": 2}
    if fate in parts:
        on = fixed - draw(st.integers(0, 1)) * DAY
        events.append(paid | {"date": on, "shares": Decimal(event["shares"]) / parts[fate]})
    if fate in ("part and late", "late"):
        late = {"date": fixed + draw(st.integers(1, 20)) * DAY, "shares": 10_000, "common_outstanding": 9_000_000}
        events.append(paid | late)
    return events


@st.composite
def rights(draw: st.DrawFn) -> list[Cells]:
    """Rights given to the Common, which may be bought upon, and expire."""
    event: Cells = {"event": "rights", "date": draw(days), "id": f"r{draw(st.integers(0, 10**6))}"}
    event |= {"common_outstanding": 10_000_000, "shares": draw(sizes), "price": "1.20", "closing_price": "2"}
    events = [event]
    if draw(st.booleans()):
        bought = {"event": "rights_exercised", "date": event["date"] + DAY, "shares": 200}
        events += [bought | {"refers_to": event["id"]}] if draw(st.booleans()) else []
        events.append({"event": "rights_expired", "date": event["date"] + 9 * DAY, "refers_to": event["id"]})
    return events


@st.composite
def issues(draw: st.DrawFn, rules: Rules) -> Cells:
    shares = draw(sizes)
    money = shares * draw(per_share(rules))
    event: Cells = {"event": "issue", "date": draw(days), "shares": shares, "cash": money} | counts(draw, rules)
    if draw(st.integers(0, 3)) == 0:  # the same money in kind, with something else sold along
        event |= {"cash": money / 2, "property_value": money, "allocated_elsewhere": money / 2}
    if draw(st.integers(0, 3)) == 0:
        event["expenses"] = draw(st.sampled_from([10, 5_000])) * shares // 100_000
    if draw(st.integers(0, 5)) == 0:
        event["exempt"] = draw(st.sampled_from(exemptions(rules)))
    return event


def exemptions(rules: Rules) -> list[str]:
    return ["employees", "D.8(v)(D)", "vendors"] if rules.base == "VALUESTAR-B" else ["stock_plan", "3(e)(vi)E(IV)"]


@st.composite
def instruments(draw: st.DrawFn, rules: Rules) -> list[Cells]:
    """An option or a convertible security, and what becomes of it."""
    name = f"w{draw(st.integers(0, 10**6))}"
    shares = draw(sizes)
    grant, least = draw(st.sampled_from([0, shares // 20])), shares * draw(per_share(rules))
    event: Cells = {"event": "deemed_issue", "id": name, "date": draw(days), "shares": shares, "cash": grant}
    if draw(st.booleans()):
        event |= {"security": "convertible", "cash": least, "debt_cancelled": draw(st.sampled_from([0, shares]))}
        at_least = Decimal(0)
    else:
        event |= {"min_exercise": least}
        at_least = least / shares
        if draw(st.integers(0, 3)) == 0:  # a right to buy convertible securities: three layers, D.8(iv)
            event |= {"min_exercise": least / 2, "min_conversion": least / 2}
    event |= counts(draw, rules)
    if draw(st.integers(0, 7)) == 0:
        event["exempt"] = exemptions(rules)[0]
    events = [event]
    day = event["date"]

    def then(kind: str, **cells: Any) -> None:
        nonlocal day
        day += draw(st.integers(1, 12)) * DAY
        events.append({"event": kind, "date": day, "refers_to": name} | cells)

    fate = draw(st.sampled_from(["stands", "ends", "ends", "exercised", "exercised", "in part", "change", "change"]))
    end = draw(st.sampled_from(["expiry", "expiry", "termination"]))
    some = Decimal(shares) / 20
    if fate == "exercised":
        for _ in range(draw(st.integers(1, 2))):
            paid = {"cash": some * draw(per_share(rules))} if not event.get("security") else {}
            if event.get("security") and draw(st.booleans()):
                paid["issue_consideration"] = some * draw(per_share(rules))
            then("exercise", shares=some, **paid)
        then(end)
    elif fate == "ends":
        then(end)
    elif fate == "in part":
        if draw(st.booleans()):
            then("exercise", shares=some, cash=some * at_least)
        then("expiry", shares=some)
        if draw(st.booleans()):
            then("expiry")
    elif fate == "change":
        for _ in range(draw(st.integers(1, 2))):
            cells = changes(draw, rules, event)
            then("terms_change", **cells)
        if draw(st.booleans()):
            then("expiry")
    return events


def changes(draw: st.DrawFn, rules: Rules, event: Cells) -> Cells:
    """New terms: the number of shares, what is owed for them, or both where the certificate looks at both."""
    by = draw(st.sampled_from(["terms", None, "agreement", "antidilution"]))
    cells: Cells = {"by": by} | (counts(draw, rules) if by == "agreement" or rules.count else {})
    if by == "agreement" and draw(st.booleans()):
        cells["cash"] = event["cash"]
    what = "both" if set(VALUESTAR.readjust_on) <= set(rules.readjust_on) or rules.repricing else "one"
    moves_shares = "share_change" in rules.readjust_on
    if moves_shares or what == "both" or event.get("security"):  # for a note nothing else can change
        cells["shares"] = int(draw(st.sampled_from([Fraction(1, 2), Fraction(1), Fraction(3, 2)])) * event["shares"])
    if not event.get("security") and (what == "both" or not moves_shares):
        cells |= {"min_exercise": cells.get("shares", event["shares"]) * draw(per_share(rules)), "min_conversion": 0}
    return cells


@st.composite
def old_instruments(draw: st.DrawFn, rules: Rules) -> list[Cells]:
    """An instrument older than the certificate, whose price is changed."""
    shares = draw(sizes)
    event = {"event": "terms_change", "date": draw(days), "shares": shares, "id": f"o{draw(st.integers(0, 10**6))}"}
    event |= {"min_exercise": shares * draw(per_share(rules)), "cash": draw(st.sampled_from([None, shares // 10]))}
    event |= {"by": draw(st.sampled_from(["agreement", "antidilution"]))} | counts(draw, rules)
    ended = {"event": "expiry", "date": event["date"] + 10 * DAY, "refers_to": event["id"]}
    return [event, ended] if draw(st.booleans()) and event["by"] == "agreement" else [event]


@st.composite
def happenings(draw: st.DrawFn, rules: Rules) -> list[Cells]:
    """A history in any order of rows, as a user might keep it."""
    single = draw(st.lists(issues(rules), max_size=3)) + draw(st.lists(splits(), max_size=2))
    groups = draw(st.lists(instruments(rules), max_size=2)) + draw(st.lists(dividends(), max_size=1))
    if draw(st.integers(0, 3)) == 0:
        groups.append(draw(rights()))
    if draw(st.integers(0, 3)) == 0:
        groups.append(draw(old_instruments(rules)))
    if draw(st.integers(0, 7)) == 0:
        single.append({"event": "automatic_conversion", "date": draw(days)})
    events = [*single, *(row for group in groups for row in group)]
    ids = [event["id"] for event in events if event.get("id")]
    assume(events and len(ids) == len(set(ids)))
    paid = any(event["event"] == "dividend_paid" for event in events)
    assume(not paid or all(float(event.get("ratio") or 1) >= 1 for event in events))  # else more than declared
    return draw(st.permutations(events))


@st.composite
def told(draw: st.DrawFn) -> tuple[Rules, list[Cells]]:
    rules = draw(both)
    return rules, draw(happenings(rules))


# --- asking ---------------------------------------------------------------------------------------------------------


def ask(
    rules: Rules,
    events: Sequence[Mapping[str, Any]],
    day: dt.date,
    slot: str = "close",
    known_at: dt.date | None = None,
    issue_date: dt.date | None = None,
    initial: Any = None,
    function: str = "CONVERSION_PRICE",
) -> Any:
    """The engine's answer. A share of Patron's has a date and an initial price of its own."""
    if rules.base == "PATRON-B":
        issue_date = issue_date or START - 100 * DAY
        initial = rules.initial if initial is None else initial
    return call(function, [block(rules), table(events), day, None, slot, known_at, issue_date, initial])


def outcome(function: Callable[..., Any], *args: Any, **more: Any) -> Any:
    """A number, or the code of the error."""
    try:
        return function(*args, **more)
    except XlcapError as error:
        return error.code


def moments(events: Sequence[Mapping[str, Any]]) -> list[tuple[dt.date, str]]:
    """The times of day about every date in the table at which something may change, and the end."""
    dates = {event[name] for event in events for name in ("date", "payment_date") if event.get(name)}
    return [(day, slot) for day in sorted(dates) for slot in ("pre_open", "open", "pre_close", "close")] + [
        (END, "close")
    ]


def agree(oracle: Oracle, day: dt.date, slot: str, **more: Any) -> bool:
    """Both calculators give one price, and carry the same; False where both find that there is none."""
    asked = (oracle.rules, oracle.events, day, slot)
    try:
        expected, carried = oracle.price(day, slot), oracle.carried(day, slot)
    except NoPriceError:
        assert outcome(ask, *asked, **more) == "#NUM!", (day, slot)
        return False
    assert ask(*asked, **more) == pytest.approx(float(expected), rel=1e-14), (day, slot)
    found = ask(*asked, function="CARRIED_ADJUSTMENT", **more)
    assert found == pytest.approx(float(carried), abs=1e-15), (day, slot, "carried")
    return True


# --- the second calculator ------------------------------------------------------------------------------------------


@settings(max_examples=150)
@given(told())
def test_price_and_what_is_carried_are_the_second_calculators(drawn: tuple[Rules, list[Cells]]) -> None:
    """For both certificates, around every event, both calculators give one price and carry the same."""
    rules, events = drawn
    oracle = Oracle(events, rules)
    for day, slot in moments(events):
        if not agree(oracle, day, slot):
            return


@settings(max_examples=80)
@given(told(), st.integers(0, 70), st.lists(days, max_size=3))
def test_price_as_known_on_a_day_is_the_second_calculators(
    drawn: tuple[Rules, list[Cells]], known: int, late: list[dt.date]
) -> None:
    """With the facts known on a day, some of them told late, both restate the past and look ahead alike."""
    rules, events = drawn
    told_late = [event | {"known_on": max(day, event["date"])} for event, day in zip(events, late, strict=False)]
    events = told_late + events[len(late) :]
    known_at = START + known * DAY
    oracle = Oracle(events, rules, known_at=known_at)
    for day in (START + n * DAY for n in range(0, 100, 9)):
        if not agree(oracle, day, "close", known_at=known_at):
            return


@settings(max_examples=60)
@given(happenings(PATRON), days, st.decimals("1.50", "2.40", places=4, allow_nan=False))
def test_price_of_a_tranche_is_the_second_calculators(events: list[Cells], issued: dt.date, initial: Decimal) -> None:
    """A share issued later starts from its own price, and what happened before its issue is nothing to it."""
    oracle = Oracle(events, PATRON, issue_date=issued, initial_price=initial)
    for day, slot in moments(events):
        if day >= issued and not agree(oracle, day, slot, issue_date=issued, initial=initial):
            return


# --- the readings a user may choose ---------------------------------------------------------------------------------


@st.composite
def averages(draw: st.DrawFn) -> Rules:
    """Valuestar's weighted average with any of its switches thrown."""
    every = VALUESTAR.readjust_on
    readjust_on = draw(st.sampled_from([every, every, every[:1], every[:2], every[2:3], every[3:4], every[4:]]))
    return dataclasses.replace(
        VALUESTAR,
        count=draw(st.sampled_from([VALUESTAR.count, (*VALUESTAR.count, "reserved_pool"), ("common", "series")])),
        # one of the two: 'after' and 'as_counted' exclude each other
        **draw(
            st.builds(lambda at: {"fd_price": at}, st.sampled_from(["before", "before_as_published", "after"]))
            | st.just({"denominator": "as_counted"})
        ),
        expenses_deducted=draw(st.booleans()),
        debt_cancellation_counts=draw(st.booleans()),
        readjust_on=readjust_on,
        partial_exercise=draw(st.sampled_from(["actual", "none"])),
        grant_money=draw(st.sampled_from(["all", "of_exercised"])),
        unadjusted_revision=draw(st.sampled_from(["at_grant", "at_revision"])),
        antidilution=draw(st.booleans()),
        amendment=draw(st.sampled_from(["new_issue", "recompute", "nothing"])) if readjust_on == every else "nothing",
        overflow=draw(st.sampled_from(["excess", "all"])),
        fully_diluted=draw(st.sampled_from(["moving", "fixed"])),
        rights_treasury_method=draw(st.booleans()),
        readjust=draw(st.sampled_from(["never", "only_if_none_exercised", "unexercised_part"])),
        places=draw(st.sampled_from([None, 2, 4])),
        least=draw(st.sampled_from([None, None, "0.01"])),
        least_part=draw(st.sampled_from([None, None, "0.01"])),
        carry_rounding=draw(st.booleans()),
    )


@st.composite
def ratchets(draw: st.DrawFn) -> Rules:
    """Patron's ratchet with any of its switches thrown."""
    slot = draw(st.sampled_from(["open", "close"]))
    return dataclasses.replace(
        PATRON,
        slot=slot,
        expenses_deducted=draw(st.booleans()),
        debt_cancellation_counts=draw(st.booleans()),
        until_automatic_conversion=slot == "open" and draw(st.booleans()),
        readjust_on=draw(st.sampled_from([("expiry",), ("expiry", "termination"), ("termination",)])),
        partial_exercise=draw(st.sampled_from(["actual", "none"])),
        grant_money=draw(st.sampled_from(["all", "of_exercised"])),
        repricing_premium=draw(st.booleans()),
        places=draw(st.sampled_from([None, 2, 3])),
        least=draw(st.sampled_from([None, "0.01", "0.05"])),
        carry_rounding=draw(st.booleans()),
    )


@settings(max_examples=150)
@given(st.data())
def test_every_switch_does_what_the_second_calculator_does(data: st.DataObject) -> None:
    """With switches thrown at random, both calculators give one price and carry the same."""
    rules = data.draw(averages() | ratchets(), "rules")
    events = data.draw(happenings(rules), "events")
    oracle = Oracle(events, rules)
    for day, slot in moments(events):
        if not agree(oracle, day, slot):
            return


@settings(max_examples=30)
@given(st.lists(issues(VALUESTAR), min_size=2, max_size=4), st.lists(splits(), max_size=1), st.integers(1, 40))
def test_closings_of_one_issue_count_as_made_on_the_first(
    closings: list[Cells], others: list[Cells], window: int
) -> None:
    """Closings within the window are one issue on the day of the first, from the day of each."""
    rules = dataclasses.replace(VALUESTAR, closing_window_days=window)
    together = [event | {"closing": "round"} for event in closings if not event.get("exempt")]
    assume(len({event["date"] for event in together}) == len(together) >= 2)
    events = [*together, *others]
    oracle = Oracle(events, rules)
    for day, slot in moments(events):
        agree(oracle, day, slot)


# --- what must hold whatever happens --------------------------------------------------------------------------------


@settings(max_examples=40)
@given(st.data())
def test_an_option_that_expires_unexercised_leaves_no_trace(data: st.DataObject) -> None:
    """From the close of the day it expires the price is as if it had never been granted, rounds in between or not."""
    rules = data.draw(both)
    rest = data.draw(st.lists(issues(rules) | splits(), min_size=1, max_size=5))
    grant = data.draw(instruments(rules))[0]
    end = grant["date"] + data.draw(st.integers(1, 30)) * DAY
    granted = [*rest, grant, {"event": "expiry", "date": end, "refers_to": grant["id"]}]
    for day in (end, end + 5 * DAY, END):
        assert ask(rules, granted, day) == ask(rules, rest, day)


def rescaled(events: Sequence[Cells], ratio: int) -> list[Cells]:
    """The same events in shares each of which is a part of the old; the money and the preferred stay."""
    scaled = {"shares", "common_outstanding", "preferred_as_converted", "options_outstanding"} | {
        "convertibles_outstanding"
    }
    return [{name: cell * ratio if name in scaled else cell for name, cell in event.items()} for event in events]


@settings(max_examples=40)
@given(st.data(), st.sampled_from([2, 4, 5]))
def test_a_split_before_everything_rescales_and_changes_no_value(data: st.DataObject, ratio: int) -> None:
    """After a split first of all, the same events in the new shares leave the same price divided by its ratio."""
    rules = dataclasses.replace(data.draw(both), places=None, least=None)
    kinds = issues(rules).map(lambda event: [event]) | instruments(rules) | splits().map(lambda event: [event])
    events = [row for group in data.draw(st.lists(kinds, max_size=3)) for row in group]
    ids = [event["id"] for event in events if event.get("id")]
    assume(len(ids) == len(set(ids)))
    split = {"event": "split", "date": START - 10 * DAY, "ratio": ratio}
    for day in (START + 20 * DAY, END):
        plain = outcome(ask, rules, events, day)
        assume(isinstance(plain, float))
        assert ask(rules, [split, *rescaled(events, ratio)], day) == pytest.approx(plain / ratio, rel=1e-13)


@settings(max_examples=40)
@given(st.data(), st.sampled_from(["2", "0.25", "1.25"]))
def test_a_split_after_everything_divides_the_price(data: st.DataObject, ratio: str) -> None:
    """A split when all is over divides the price by its ratio, and changes nothing else."""
    rules = dataclasses.replace(data.draw(both), places=None, least=None)
    events = data.draw(happenings(rules))
    plain = outcome(ask, rules, events, END)
    assume(isinstance(plain, float))
    split = {"event": "split", "date": END, "ratio": ratio}
    assert ask(rules, [*events, split], END) == pytest.approx(plain / float(ratio), rel=1e-13)


@settings(max_examples=40)
@given(st.data())
def test_an_issue_at_the_price_or_above_changes_nothing_and_one_below_stays_above_what_was_paid(
    data: st.DataObject,
) -> None:
    """At the price or above: no change. Below: the average lies between the two, the ratchet is what was paid."""
    rules = dataclasses.replace(data.draw(both), places=None, least=None)
    events = data.draw(happenings(rules))
    assume(not any(event["event"] == "automatic_conversion" for event in events))
    price = outcome(ask, rules, events, END - DAY)
    assume(isinstance(price, float) and price > 0.1)
    counted = COUNTS if rules.count else {}
    new: Cells = {"event": "issue", "date": END, "shares": 1_000_000} | counted
    above = new | {"cash": round(price * 1_000_000 * data.draw(st.sampled_from([1.0001, 1.5])))}
    assert ask(rules, [*events, above], END) == price
    below = new | {"cash": round(price * 1_000_000 * data.draw(st.sampled_from([0.9999, 0.3])))}
    after = ask(rules, [*events, below], END)
    paid = below["cash"] / 1_000_000
    assert after == paid if rules.formula == "FULL_RATCHET" else paid < after < price


@settings(max_examples=40)
@given(st.data())
def test_issues_never_raise_the_price(data: st.DataObject) -> None:
    """With nothing but issues, of shares and of instruments that stand, the price never rises."""
    rules = data.draw(both)
    events = data.draw(st.lists(issues(rules) | instruments(rules).map(lambda rows: rows[0]), min_size=1, max_size=5))
    events = [event | {"id": None} for event in events]
    prices = [ask(rules, events, START + n * DAY) for n in range(-1, 42, 3)]
    assert prices == sorted(prices, reverse=True)


@settings(max_examples=60)
@given(told())
def test_a_price_is_always_above_zero_and_finite(drawn: tuple[Rules, list[Cells]]) -> None:
    """Whatever happens, the answer is a positive number, or an error."""
    rules, events = drawn
    for day in (START, START + 15 * DAY, START + 40 * DAY, END):
        answer = outcome(ask, rules, events, day)
        assert answer == "#NUM!" or (isinstance(answer, float) and 0 < answer < 1e6)


@settings(max_examples=60)
@given(told(), st.randoms(use_true_random=False))
def test_order_of_rows_matters_only_within_one_moment(drawn: tuple[Rules, list[Cells]], random: Any) -> None:
    """Rows in any order give one price, as long as those of one day keep theirs; asked again, it is the same."""
    rules, events = drawn
    place = {id(event): n for n, event in enumerate(events)}
    shuffled = sorted(events, key=lambda _: random.random())
    spots: dict[dt.date, list[int]] = {}
    for n, event in enumerate(shuffled):
        spots.setdefault(event["date"], []).append(n)
    kept = list(shuffled)
    for of_day in spots.values():
        ordered = sorted((shuffled[n] for n in of_day), key=lambda event: place[id(event)])
        for n, event in zip(of_day, ordered, strict=True):
            kept[n] = event
    for day in (START + 10 * DAY, START + 30 * DAY, END):
        first = outcome(ask, rules, events, day)
        assert outcome(ask, rules, kept, day) == first
        assert outcome(ask, rules, [dict(event) for event in events], day) == first


@settings(max_examples=60)
@given(told())
def test_when_all_is_known_the_price_at_the_end_is_the_one_published(drawn: tuple[Rules, list[Cells]]) -> None:
    """With everything known and nothing more to come, there is nothing to restate."""
    rules, events = drawn
    assert outcome(ask, rules, events, END, known_at=END) == outcome(ask, rules, events, END)
