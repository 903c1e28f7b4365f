"""A second, slow calculator of PriceSmart's conversion price, written from the certificate and from nothing else.

It shares no line with the package: exact fractions, its own rounding, and for every question the whole history again
from the first day. Events are plain mappings with the columns of an events table; amounts may be numbers or texts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

SLOTS = ("pre_open", "open", "post_open", "intraday", "pre_close", "close")
TRADED = ("split", "stock_dividend", "rights", "distribution", "trigger_event", "tender_offer")
ADJUSTING = TRADED
MORNING_AFTER = {
    "split": "post_open",
    "stock_dividend": "post_open",
    "rights": "post_open",
    "distribution": "pre_open",
    "trigger_event": "pre_open",
    "tender_offer": "pre_open",
}
DAY = dt.timedelta(days=1)
Key = tuple[dt.date, int, float]


class NoPriceError(Exception):
    """The certificate leaves no price: zero, less than zero, or a figure that is missing."""


def exact(value: Any) -> Fraction:
    return Fraction(Decimal(str(value)))


@dataclass(frozen=True)
class Fact:
    """An event with its place in the list."""

    index: int
    kind: str
    date: dt.date
    cells: Mapping[str, Any]

    def number(self, name: str) -> Fraction | None:
        value = self.cells.get(name)
        return None if value is None else exact(value)

    def given(self, name: str) -> Fraction:
        value = self.number(name)
        assert value is not None, name
        return value

    def day(self, name: str) -> dt.date | None:
        value = self.cells.get(name)
        return value if value is None or isinstance(value, dt.date) else dt.date.fromisoformat(value)

    @property
    def id(self) -> str | None:
        return self.cells.get("id")

    @property
    def about(self) -> str | None:
        return self.cells.get("refers_to")

    @property
    def key(self) -> Key:
        """When it acts: date, time of day, place in the list."""
        if self.kind in MORNING_AFTER:
            return (self.date + DAY, SLOTS.index(MORNING_AFTER[self.kind]), self.index)
        slot = {"not_made": "open", "voluntary_reduction": "pre_open"}.get(self.kind, "close")
        return (self.date, SLOTS.index(slot), self.index)


@dataclass
class State:
    """Where the replay stands."""

    base: Fraction
    carried_to: Fraction
    offers: dict[Key, Fraction] = field(default_factory=dict)
    """Consideration of offers for which no adjustment has been made."""
    carried_offers: set[Key] = field(default_factory=set)
    """Those of them whose adjustment is carried forward."""
    dead: set[int] = field(default_factory=set)
    """Rights that were redeemed: nothing more comes of them."""


@dataclass(frozen=True)
class Oracle:
    events: Sequence[Mapping[str, Any]]
    closes: Mapping[dt.date, Any] = field(default_factory=dict)
    initial: Fraction = Fraction(20)
    least: Fraction = Fraction(1, 100)
    places: int | None = 2
    known_at: dt.date | None = None

    # the questions

    def price(self, day: dt.date, slot: str = "close") -> Fraction:
        price = self.state(day, slot).base - self.reduction(self.facts(), (day, SLOTS.index(slot), float("inf")))
        if price <= 0:
            raise NoPriceError
        return price

    def carried(self, day: dt.date, slot: str = "close") -> Fraction:
        state = self.state(day, slot)
        return state.carried_to - state.base

    def state(self, day: dt.date, slot: str) -> State:
        return self.replay(self.facts(), (day, SLOTS.index(slot), float("inf")))

    def facts(self) -> list[Fact]:
        facts = []
        for index, cells in enumerate(self.events):
            raw = cells["date"]
            date = raw if isinstance(raw, dt.date) else dt.date.fromisoformat(raw)
            facts.append(Fact(index, cells["event"], date, cells))
        if self.known_at is not None:
            facts = [fact for fact in facts if (fact.day("known_on") or fact.date) <= self.known_at]
            while True:  # a fact about something that is not known is not known
                ids = {fact.id for fact in facts}
                told = [fact for fact in facts if fact.about is None or fact.about in ids]
                if told == facts:
                    break
                facts = told
        return [*facts, *terminations(facts)]

    # the replay

    def replay(self, facts: list[Fact], limit: Key) -> State:
        """The state just before ``limit``."""
        for fact in facts:
            gone = self.undone_by(facts, fact)
            if gone and fact.key < limit:
                return self.replay(without(facts, gone), limit)
        state = State(self.initial, self.initial)
        for fact in sorted(facts, key=lambda fact: fact.key):
            if fact.key >= limit:
                break
            if fact.kind == "rights_redeemed":
                self.redeem(facts, fact, state)
            elif fact.kind in ADJUSTING and fact.index not in state.dead:
                self.adjust(facts, fact, state)
            if state.base <= self.reduction(facts, (*fact.key[:2], fact.index + 0.5)):
                raise NoPriceError
        return state

    def undone_by(self, facts: list[Fact], fact: Fact) -> list[Fact]:
        """What, from the moment of ``fact``, counts as never having been."""
        if fact.kind == "not_made":
            return [other for other in facts if other.id == fact.about]
        if fact.kind == "rights_expired" and not exercised(facts, fact):
            return [other for other in facts if fact.about in (other.id, plan_of(other))]
        if fact.kind == "termination":
            return [other for other in facts if other.index == fact.cells["gone"]]
        return []

    def redeem(self, facts: list[Fact], fact: Fact, state: State) -> None:
        gone = [other for other in facts if fact.about in (other.id, plan_of(other))]
        counted = [
            other
            for other in gone
            if self.fraction(facts, other) is not None and (other.key > fact.key or self.chosen(facts, other, state))
        ]
        if exercised(facts, fact) or not counted:
            return
        never = self.replay(without(facts, gone), fact.key)
        market = fact.number("current_market_price") or self.market_price(facts, fact.date, None)
        price = fact.given("price")
        target = never.carried_to * ((market - price) / market if price < market else 1)
        effect = state.base - self.reduction(facts, fact.key)
        state.dead |= {other.index for other in gone}
        state.carried_to = target
        state.offers, state.carried_offers = never.offers, never.carried_offers
        if abs(target - state.base) >= self.least * effect:
            state.base = self.rounded(target)
            for key in state.carried_offers:
                state.offers.pop(key, None)
            state.carried_offers = set()

    def adjust(self, facts: list[Fact], fact: Fact, state: State) -> None:
        fraction = self.fraction(facts, fact, state)
        if fact.kind == "tender_offer":  # until an adjustment is made for it
            state.offers[fact.key] = fact.given("consideration")
        if fraction is None or fraction == 1 or not self.chosen(facts, fact, state):
            return
        if fraction <= 0:
            raise NoPriceError
        effect = state.base - self.reduction(facts, fact.key)
        state.carried_to *= fraction
        if abs(state.carried_to - state.base) >= self.least * effect:
            state.base = state.carried_to = self.rounded(state.carried_to)
            for key in (*state.carried_offers, fact.key):
                state.offers.pop(key, None)
            state.carried_offers.clear()
        elif fact.kind == "tender_offer":
            state.carried_offers.add(fact.key)

    def reduction(self, facts: list[Fact], at: Key) -> Fraction:
        """Dollars off, with the reductions that began before ``at`` and end on its day or later."""
        total = Fraction(0)
        for fact in facts:
            end = fact.day("end_date")
            if fact.kind == "voluntary_reduction" and end is not None and fact.key < at and at[0] <= end:
                total += fact.given("amount")
        return total

    def rounded(self, value: Fraction) -> Fraction:
        """To the nearest cent, half a cent up."""
        if self.places is None:
            return value
        scale = 10**self.places
        cents = (2 * value * scale + 1) // 2
        if cents <= 0:
            raise NoPriceError
        return Fraction(int(cents), scale)

    def chosen(self, facts: list[Fact], fact: Fact, state: State) -> bool:
        """Whether a part of an action is adjusted for: all in turn, or only the greatest."""
        action = fact.cells.get("action")
        if not action:
            return True
        parts = [part for part in facts if part.cells.get("action") == action and part.kind in ADJUSTING]
        parts = [part for part in parts if part.index not in state.dead]
        kinds = {part.kind for part in parts}
        if {"distribution"} < kinds <= {"distribution", "stock_dividend", "rights"}:
            return True
        sizes = [abs((self.fraction(facts, part, state) or 1) - 1) for part in parts]
        return parts[sizes.index(max(sizes))].index == fact.index

    # the clauses

    def fraction(self, facts: list[Fact], fact: Fact, state: State | None = None) -> Fraction | None:
        """What the clause multiplies the price by; None where it asks for nothing."""
        if fact.kind == "split":
            return 1 / fact.given("ratio")
        if fact.kind == "stock_dividend":
            ratio = fact.number("ratio")
            if ratio is not None:
                return 1 / ratio
            outstanding, shares = fact.given("common_outstanding"), fact.given("shares")
            return outstanding / (outstanding + shares)
        if fact.kind == "rights":
            return self.rights(fact)
        if fact.kind in ("distribution", "trigger_event"):
            if fact.cells.get("regular_cash") or fact.cells.get("reserved"):
                return None
            market = self.market_of(facts, fact)
            value = fact.given("value")
            return (market - value) / market if value < market else None
        if fact.kind == "tender_offer":
            return self.tender(facts, fact, state or State(self.initial, self.initial))
        return None

    def rights(self, fact: Fact) -> Fraction | None:
        if fact.cells.get("to_preferred") or fact.cells.get("reinvestment_plan"):
            return None
        close = fact.number("closing_price")
        if close is None:
            if fact.date not in self.closes:
                raise NoPriceError
            close = exact(self.closes[fact.date])
        price, outstanding, shares = fact.given("price"), fact.given("common_outstanding"), fact.given("shares")
        if price >= close:
            return None
        return (outstanding + shares * price / close) / (outstanding + shares)

    def tender(self, facts: list[Fact], fact: Fact, state: State) -> Fraction | None:
        market = self.market_of(facts, fact)
        outstanding, consideration = fact.given("common_outstanding"), fact.given("consideration")
        together = consideration + sum(paid for key, paid in state.offers.items() if key < fact.key)
        if together <= Fraction(5, 100) * market * outstanding:
            return None
        left = outstanding - fact.given("shares")
        if left <= 0:
            raise NoPriceError
        fraction = (market * outstanding - consideration) / (market * left)
        return fraction if fraction < 1 else None

    # current market price

    def market_of(self, facts: list[Fact], fact: Fact) -> Fraction:
        given = fact.number("current_market_price")
        return self.market_price(facts, fact.date, fact) if given is None else given

    def market_price(self, facts: list[Fact], day: dt.date, own: Fact | None) -> Fraction:
        days = sorted(self.closes)
        reference = [listed for listed in days if listed <= day][-1:]
        window = [listed for listed in days if reference and listed < reference[0]][-30:]
        if len(window) < 30:
            raise NoPriceError
        own_ex = own.day("ex_date") if own else None
        total = Fraction(0)
        for listed in window:
            close = exact(self.closes[listed])
            for other in facts:
                ex = other.day("ex_date")
                if other.kind not in TRADED or ex is None or (own and other.index == own.index):
                    continue
                second = own_ex is not None and own_ex <= ex < day
                first = window[0] <= ex <= window[-1] and other.kind != "tender_offer"
                if not (second and listed >= ex) and not (first and not second and listed < ex):
                    continue
                fraction = self.fraction(facts, other) or 1
                close = close / fraction if second else close * fraction
            total += close
        return total / 30


def without(facts: list[Fact], gone: list[Fact]) -> list[Fact]:
    """The facts as if some had never been, nor anything about them; what a trigger event ended stays ended."""
    indices = {fact.index for fact in gone}
    ids = {fact.id for fact in gone if fact.id}
    return [
        fact for fact in facts if fact.kind == "termination" or (fact.index not in indices and fact.about not in ids)
    ]


def terminations(facts: list[Fact]) -> list[Fact]:
    """A trigger event ends the rights that an earlier trigger event of the same plan had set free (VI.E(4))."""
    triggers = [fact for fact in facts if fact.kind == "trigger_event"]
    return [
        Fact(later.index, "termination", later.date, {"gone": earlier.index})
        for later in triggers
        for earlier in triggers
        if earlier.about == later.about and (earlier.date, earlier.index) < (later.date, later.index)
    ]


def plan_of(fact: Fact) -> str | None:
    return fact.about if fact.kind == "trigger_event" else None


def exercised(facts: list[Fact], fact: Fact) -> bool:
    return any(
        other.kind == "rights_exercised" and other.about == fact.about and other.date <= fact.date for other in facts
    )


def table(events: Sequence[Mapping[str, Any]]) -> list[list[Any]]:
    """The events as a user's range: a header and a row for each."""
    header = list(dict.fromkeys(["event", "date", *(name for cells in events for name in cells)]))
    return [header, *([cells.get(name) for name in header] for cells in events)]
