"""A second, slow calculator of the conversion price under issues below it: Valuestar D.1 to D.8, Patron 3(c) and 3(e).

Written from the two certificates and from nothing else. It shares no line with the package: exact fractions, its own
rounding, and for every question the whole history again from the first day, told with the facts that have happened.
Events are plain mappings with the columns of an events table; amounts may be numbers or texts.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

SLOTS = ("pre_open", "open", "post_open", "intraday", "pre_close", "close")
CLOSE = SLOTS.index("close")
# What is done in the course of the day, and what is announced in the morning; the rest is at the close.
TIMES = {"not_made": "open", "dividend_paid": "intraday", "exercise": "intraday", "rights_exercised": "intraday"}
Key = tuple[dt.date, int, float]


class NoPriceError(Exception):
    """The certificate leaves no price: zero, less than zero, or a figure that is missing."""


@dataclass(frozen=True)
class Rules:
    """What the two certificates, and their like, may say differently; the defaults are Valuestar's."""

    base: str = "VALUESTAR-B"
    initial: str = "1.75"
    numerator: str = "17.50"
    formula: str = "WEIGHTED_AVERAGE"
    count: tuple[str, ...] = ("common", "series", "preferred", "options", "convertibles")
    fd_price: str = "before"
    denominator: str = "before_plus_new"
    slot: str = "close"
    expenses_deducted: bool = False
    debt_cancellation_counts: bool = False
    until_automatic_conversion: bool = False
    closing_window_days: int | None = None
    readjust_on: tuple[str, ...] = ("expiry", "termination", "increase", "decrease", "share_change")
    partial_exercise: str = "actual"
    grant_money: str = "all"
    unadjusted_revision: str = "at_grant"
    antidilution: bool = True
    amendment: str = "new_issue"
    repricing: bool = False
    repricing_premium: bool = True
    basket: str | None = "vendors"
    overflow: str = "excess"
    fully_diluted: str = "moving"
    rights: str | None = "SHARE_COUNT"
    rights_treasury_method: bool = False
    readjust: str = "never"
    places: int | None = None
    least: str | None = None
    least_part: str | None = None
    carry_rounding: bool = False


VALUESTAR = Rules()
PATRON = Rules(
    base="PATRON-B",
    initial="2.40",
    numerator="5000",
    formula="FULL_RATCHET",
    count=(),
    slot="open",
    expenses_deducted=True,
    until_automatic_conversion=True,
    readjust_on=("expiry",),
    amendment="nothing",
    repricing=True,
    basket=None,
    rights=None,
    places=2,
    least="0.01",
)

_ISSUE = "adjust.issue_below_price."
FIELDS = {
    "initial": "conversion.initial_price",
    "formula": _ISSUE + "formula",
    "count": _ISSUE + "count",
    "fd_price": _ISSUE + "fd_price",
    "denominator": _ISSUE + "denominator",
    "slot": _ISSUE + "effective",
    "expenses_deducted": _ISSUE + "expenses_deducted",
    "debt_cancellation_counts": _ISSUE + "debt_cancellation_counts",
    "until_automatic_conversion": _ISSUE + "until_automatic_conversion",
    "closing_window_days": _ISSUE + "closing_window_days",
    "readjust_on": _ISSUE + "deemed.readjust_on",
    "partial_exercise": _ISSUE + "deemed.partial_exercise",
    "grant_money": _ISSUE + "deemed.grant_money",
    "unadjusted_revision": _ISSUE + "deemed.unadjusted_revision",
    "antidilution": _ISSUE + "deemed.antidilution",
    "amendment": _ISSUE + "deemed.amendment",
    "repricing_premium": _ISSUE + "repricing.repricing_premium",
    "overflow": _ISSUE + "basket.overflow",
    "fully_diluted": _ISSUE + "basket.fully_diluted",
    "rights_treasury_method": "adjust.rights.rights_treasury_method",
    "readjust": "adjust.rights.readjust",
    "places": "policy.price_places",
    "least": "policy.min_adjustment_amount",
    "least_part": "policy.min_adjustment",
    "carry_rounding": "policy.carry_rounding",
}


def block(rules: Rules) -> Any:
    """The certificate as a user names it, or the block of fields in which it differs from the shipped one."""
    shipped = PATRON if rules.base == "PATRON-B" else VALUESTAR
    rows: list[list[Any]] = [["id", rules.base]]
    for name, field_name in FIELDS.items():
        value = getattr(rules, name)
        if value != getattr(shipped, name):
            rows.append(
                [field_name, ", ".join(value) if isinstance(value, tuple) else "none" if value is None else value]
            )
    return rows if len(rows) > 1 else rules.base


COLUMNS = {
    "common": "common_outstanding",
    "preferred": "preferred_as_converted",
    "options": "options_outstanding",
    "convertibles": "convertibles_outstanding",
    "reserved_pool": "reserved_pool",
}


def exact(value: Any) -> Fraction:
    return value if isinstance(value, Fraction) else Fraction(Decimal(str(value)))


@dataclass(frozen=True)
class Fact:
    """An event with its place in the list and the moment at which it acts."""

    index: int
    kind: str
    date: dt.date
    key: Key
    cells: Mapping[str, Any]

    def number(self, name: str) -> Fraction | None:
        value = self.cells.get(name)
        return None if value is None else exact(value)

    def money(self, name: str) -> Fraction:
        return self.number(name) or Fraction(0)

    def given(self, name: str) -> Fraction:
        value = self.number(name)
        if value is None:
            raise NoPriceError
        return value

    @property
    def id(self) -> str | None:
        return self.cells.get("id")

    @property
    def about(self) -> str | None:
        return self.cells.get("refers_to")

    @property
    def fixed(self) -> dt.date | None:
        """The date fixed for the payment of a dividend."""
        value = self.cells.get("payment_date")
        return value if value is None or isinstance(value, dt.date) else dt.date.fromisoformat(value)


@dataclass(frozen=True)
class Act:
    """What the price does at a moment: is multiplied, meets an issue, or is protected no longer."""

    key: Key
    fact: Fact
    factor: Fraction | None = None
    shares: Fraction = Fraction(0)
    money: Fraction = Fraction(0)
    exempt: str | None = None


@dataclass
class State:
    """Where the replay stands: the price in effect, and the price with what is carried forward."""

    price: Fraction
    theoretical: Fraction
    protected: bool = True
    basket_used: Fraction = Fraction(0)
    basket_limit: Fraction | None = None


@dataclass
class Leg:
    """One deemed issue of an instrument, in the shares of the day it was made."""

    fact: Fact
    key: Key
    grant: Fraction
    left: Fraction
    minimum: Fraction
    debt: Fraction
    convertible: bool
    exempt: str | None
    shares: Fraction = Fraction(0)
    money: Fraction = Fraction(0)
    total: Fraction = Fraction(0)
    exercised: list[tuple[Fraction, Fraction, Fraction]] = field(default_factory=list)
    """Shares, money received, money received for the securities converted."""
    open: bool = True

    def __post_init__(self) -> None:
        self.total = self.shares = self.left
        self.money = self.grant + self.minimum + self.debt

    @property
    def issued(self) -> Fraction:
        return sum((shares for shares, *_ in self.exercised), Fraction(0))


@dataclass(frozen=True)
class Oracle:
    events: Sequence[Mapping[str, Any]]
    rules: Rules = VALUESTAR
    known_at: dt.date | None = None
    issue_date: dt.date | None = None
    initial_price: Any = None

    # the questions

    def price(self, day: dt.date, slot: str = "close") -> Fraction:
        return self.state(end_of(day, slot)).price

    def carried(self, day: dt.date, slot: str = "close") -> Fraction:
        state = self.state(end_of(day, slot))
        return state.theoretical - state.price

    def facts(self) -> list[Fact]:
        found = []
        for index, cells in enumerate(self.events):
            day = date_of(cells["date"])
            known = date_of(cells.get("known_on") or day)
            if self.known_at is None or known <= self.known_at:
                found.append(Fact(index, cells["event"], day, (day, self.slot(cells), index), cells))
        while True:  # a fact about something that is not known is not known
            ids = {fact.id for fact in found}
            told = [fact for fact in found if fact.about is None or fact.about in ids]
            if told == found:
                return found
            found = told

    def slot(self, cells: Mapping[str, Any]) -> int:
        """The opening for Patron's issues, 3(e)(vi)A and F; otherwise the close."""
        repriced = cells["event"] == "terms_change" and self.rules.repricing and cells.get("by") != "antidilution"
        if cells["event"] in ("issue", "deemed_issue") or repriced:
            return SLOTS.index(self.rules.slot)
        return SLOTS.index(TIMES.get(cells["event"], "close"))

    # the replay

    def state(self, limit: Key) -> State:
        """The state just before ``limit``, from the beginning, with the facts that have happened by then."""
        start = exact(self.rules.initial if self.initial_price is None else self.initial_price)
        state = State(start, start)
        facts = self.facts()
        acts = [act for act in self.acts(facts, limit) if act.key < limit]
        for act in sorted(acts, key=lambda act: act.key):
            if self.issue_date and not self.after_issue(act, self.issue_date):
                continue
            if act.fact.kind == "automatic_conversion":
                state.protected = not self.rules.until_automatic_conversion
            elif act.factor is not None:
                if act.fact.kind == "split":
                    state.basket_used /= act.factor
                    state.basket_limit = state.basket_limit and state.basket_limit / act.factor
                self.move(state, state.theoretical * act.factor)
            elif state.protected:
                self.issue(state, act)
        return state

    def after_issue(self, act: Act, issued: dt.date) -> bool:
        """Patron adjusts for splits and dividends on or after the Original Issuance Date, for issues following it."""
        follows = act.factor is None and act.fact.kind != "automatic_conversion"
        return act.key[0] > issued if follows else act.key[0] >= issued

    def move(self, state: State, target: Fraction) -> None:
        """Patron 3(e)(vii): made if it is a cent or more, and then to the nearest cent; otherwise carried forward."""
        if target <= 0:
            raise NoPriceError
        if target == state.theoretical:
            return
        state.theoretical = target
        change = abs(target - state.price)
        if self.rules.least is not None and change < exact(self.rules.least):
            return
        if self.rules.least_part is not None and change < exact(self.rules.least_part) * state.price:
            return
        state.price = self.rounded(target)
        if not self.rules.carry_rounding:
            state.theoretical = state.price

    def rounded(self, value: Fraction) -> Fraction:
        if self.rules.places is None:
            return value
        scale = 10**self.rules.places
        units = math.floor(value * scale + Fraction(1, 2))
        if units <= 0:
            raise NoPriceError
        return Fraction(units, scale)

    def acts(self, facts: list[Fact], limit: Key) -> list[Act]:
        found = []
        for fact in facts:
            if fact.kind == "split":
                found.append(Act(fact.key, fact, factor=1 / fact.given("ratio")))
            elif fact.kind == "stock_dividend":
                found += self.dividend(facts, fact, limit)
            elif fact.kind == "rights":
                found += self.rights(facts, fact, limit)
            elif fact.kind == "automatic_conversion":
                found.append(Act(fact.key, fact))
            elif fact.kind == "issue":
                found.append(Act(fact.key, fact, None, fact.given("shares"), self.net(fact), fact.cells.get("exempt")))
            elif fact.kind == "deemed_issue" or (fact.kind == "terms_change" and fact.about is None):
                found += self.instrument(facts, fact, limit)
        return self.closings(found, facts, limit)

    # dividends and rights: D.3, D.4; 3(e)(i), 3(e)(ii)

    def dividend(self, facts: list[Fact], fact: Fact, limit: Key) -> list[Act]:
        """At the record date with all its shares; once the date fixed has passed, with those paid by it (provisos)."""
        if self.fallen(facts, fact, limit) or (self.issue_date and fact.date < self.issue_date):
            return []
        ratio = fact.number("ratio")
        if ratio is not None:
            return [Act(fact.key, fact, factor=1 / ratio)]
        outstanding, shares = fact.given("common_outstanding"), fact.given("shares")
        if fact.fixed is None:
            return [Act(fact.key, fact, factor=outstanding / (outstanding + shares))]
        payments = [paid for paid in facts if paid.kind == "dividend_paid" and paid.about == fact.id]
        acts = []
        if self.told((fact.fixed, CLOSE, fact.index), limit):
            in_time = [paid for paid in payments if paid.date <= fact.fixed]
            shares = sum((paid.given("shares") / splits(facts, fact.key, paid.key) for paid in in_time), Fraction(0))
            for paid in payments:
                if paid.date > fact.fixed:
                    before = self.before_payment(facts, fact, paid)
                    acts.append(Act(paid.key, paid, factor=before / (before + paid.given("shares"))))
        if shares:
            acts.append(Act(fact.key, fact, factor=outstanding / (outstanding + shares)))
        return acts

    def before_payment(self, facts: list[Fact], dividend: Fact, paid: Fact) -> Fraction:
        """D.4: the Common immediately before a payment, what was paid of the dividend before among it."""
        stated = paid.number("common_outstanding")
        if stated is not None:
            return stated
        earlier = [
            other
            for other in facts
            if other.kind == "dividend_paid"
            and other.about == dividend.id
            and (other.date, other.index) < (paid.date, paid.index)
        ]
        shares = sum((other.given("shares") / splits(facts, dividend.key, other.key) for other in earlier), Fraction(0))
        return (dividend.given("common_outstanding") + shares) * splits(facts, dividend.key, paid.key)

    def units(self, facts: list[Fact], since: Key, until: Key) -> Fraction:
        """New shares for each share there was: by splits, and by dividends in Common as far as they are paid."""
        ratio = splits(facts, since, until)
        for fact in facts:
            if fact.kind != "stock_dividend" or any(
                other.kind == "not_made" and other.about == fact.id for other in facts
            ):
                continue
            unsettled = fact.fixed is None or (self.known_at is not None and self.known_at < fact.fixed)
            whole = fact.number("ratio")
            if whole is not None:
                ratio *= whole if unsettled and since < fact.key < until else 1
                continue
            outstanding, shares = fact.given("common_outstanding"), fact.given("shares")
            if not unsettled:
                payments = [paid for paid in facts if paid.kind == "dividend_paid" and paid.about == fact.id]
                in_time = [paid for paid in payments if paid.date <= fact.fixed]
                shares = sum(
                    (paid.given("shares") / splits(facts, fact.key, paid.key) for paid in in_time), Fraction(0)
                )
                for paid in payments:
                    if paid.date > fact.fixed and since < paid.key < until:
                        before = paid.number("common_outstanding") or outstanding * splits(facts, fact.key, paid.key)
                        ratio *= (before + paid.given("shares")) / before
            if since < fact.key < until:
                ratio *= (outstanding + shares) / outstanding
        return ratio

    def rights(self, facts: list[Fact], fact: Fact, limit: Key) -> list[Act]:
        """D.4: as a dividend of every share under them, whatever they cost, and for good."""
        if self.rules.rights is None or self.fallen(facts, fact, limit):
            return []
        outstanding, shares = fact.given("common_outstanding"), fact.given("shares")
        if self.rules.rights_treasury_method:
            shares -= min(shares, shares * fact.given("price") / fact.given("closing_price"))
        ended = [other for other in facts if other.kind == "rights_expired" and other.about == fact.id]
        if ended and ended[0].key < limit and self.rules.readjust != "never":
            bought = [other for other in facts if other.kind == "rights_exercised" and other.about == fact.id]
            taken = sum((other.given("shares") / splits(facts, fact.key, other.key) for other in bought), Fraction(0))
            if self.rules.readjust == "unexercised_part":
                shares = shares * taken / fact.given("shares")
            elif not taken:
                shares = Fraction(0)
        return [Act(fact.key, fact, factor=outstanding / (outstanding + shares))] if shares else []

    def fallen(self, facts: list[Fact], fact: Fact, limit: Key) -> bool:
        return any(
            other.kind == "not_made" and other.about == fact.id and self.told(other.key, limit) for other in facts
        )

    def told(self, key: Key, limit: Key) -> bool:
        """Whether what is restated as of a record date is: from its moment on, or as soon as it is known."""
        return key < limit if self.known_at is None else key[0] <= self.known_at

    # options and convertible securities: D.8(iii), (iv); 3(e)(vi)C, D, F

    def instrument(self, facts: list[Fact], root: Fact, limit: Key) -> list[Act]:
        """Its deemed issues, each with the shares and the money that count by ``limit``."""
        legs: list[Leg] = []
        if root.kind == "deemed_issue":
            legs.append(self.leg(root, self.net(root), root.key))
        else:
            self.change(facts, root, legs)
        ids = {root.id}
        for fact in sorted(facts, key=lambda fact: fact.key):
            if fact.about is None or fact.about not in ids or fact.key >= limit:
                continue
            ids.add(fact.id)
            if fact.kind == "terms_change":
                self.change(facts, fact, legs)
            elif fact.kind == "exercise":
                self.exercise(facts, fact, legs[-1])
            elif fact.kind in ("expiry", "termination"):
                self.end(facts, fact, legs)
        return [Act(leg.key, leg.fact, None, leg.shares, leg.money, leg.exempt) for leg in legs if leg.shares]

    def leg(self, fact: Fact, grant: Fraction, key: Key) -> Leg:
        return Leg(
            fact,
            key,
            grant,
            fact.given("shares"),
            fact.money("min_exercise") + fact.money("min_conversion"),
            fact.money("debt_cancelled") if self.rules.debt_cancellation_counts else Fraction(0),
            fact.cells.get("security") == "convertible",
            fact.cells.get("exempt"),
        )

    def exercise(self, facts: list[Fact], fact: Fact, leg: Leg) -> None:
        shares = fact.given("shares") / self.units(facts, leg.key, fact.key)
        if shares > leg.left:
            raise NoPriceError
        part = fact.number("issue_consideration")
        part = leg.grant * shares / leg.total if part is None else part
        cancelled = leg.debt * shares / leg.total
        leg.exercised.append((shares, fact.money("cash") + cancelled, part))
        leg.minimum -= leg.minimum * shares / leg.left
        leg.left -= shares

    def end(self, facts: list[Fact], fact: Fact, legs: list[Leg]) -> None:
        """D.8(iii): as if the only shares issued were those actually issued, for what was actually received."""
        for leg in legs:
            if not leg.open:
                continue
            part = fact.number("shares")
            gone = leg.left if part is None else part / self.units(facts, leg.key, fact.key)
            if gone > leg.left and leg is legs[-1]:
                raise NoPriceError
            gone = min(gone, leg.left)
            leg.minimum -= leg.minimum * gone / leg.left if leg.left else 0
            leg.left -= gone
            leg.open = leg.left > 0
            if fact.kind in self.rules.readjust_on and not (leg.exercised and self.rules.partial_exercise == "none"):
                self.counted_anew(leg)

    def counted_anew(self, leg: Leg) -> None:
        """The shares issued and those that still can be; grant money whole for options, by parts for convertibles."""
        leg.shares = leg.issued + leg.left
        received = sum((money for _, money, _ in leg.exercised), Fraction(0))
        grant = leg.grant
        if leg.convertible:
            grant = sum((part for *_, part in leg.exercised), leg.grant * leg.left / leg.total)
        elif self.rules.grant_money == "of_exercised":
            grant = leg.grant * leg.shares / leg.total
        leg.money = received + grant + leg.minimum + leg.debt * leg.left / leg.total

    def change(self, facts: list[Fact], fact: Fact, legs: list[Leg]) -> None:
        by = fact.cells.get("by") or "terms"
        leg = legs[-1] if legs else None
        shares = fact.number("shares")
        if leg is not None and not leg.open:
            raise NoPriceError
        units = self.units(facts, leg.key, fact.key) if leg else Fraction(1)
        if leg is None:  # an instrument older than the table
            if shares is None:
                raise NoPriceError
            minimum = fact.money("min_exercise") + fact.money("min_conversion")
            grant = fact.money("cash")
            reduced = True
        else:
            shares = leg.left * units if shares is None else shares
            minimum = leg.minimum
            if fact.cells.get("min_exercise") is not None or fact.cells.get("min_conversion") is not None:
                minimum = Fraction(0)
                for name in ("min_exercise", "min_conversion"):
                    new = fact.number(name)
                    minimum += leg.fact.money(name) if new is None else new
            grant = leg.grant * leg.left / leg.total if fact.number("cash") is None else fact.money("cash")
            paid = leg.grant * leg.left / leg.total
            reduced = (paid + minimum) / shares * units < (paid + leg.minimum) / leg.left
        debt = leg.debt * leg.left / leg.total if leg else Fraction(0)
        convertible, exempt = bool(leg and leg.convertible), fact.cells.get("exempt")
        if exempt is None and leg is not None and leg.exempt != "outstanding_instruments":
            exempt = leg.exempt  # 3(e)(vi)E(III) alone ends with a modification
        # What was lent on a note is what its shares cost; a premium is something besides.
        premium = grant if self.rules.repricing_premium or convertible or not self.rules.repricing else Fraction(0)
        renewed = Leg(fact, fact.key, premium, shares, minimum, debt, convertible, exempt)
        if self.rules.repricing and by != "antidilution":
            renewed.key = (fact.date, SLOTS.index(self.rules.slot), fact.index)
            if reduced:
                legs.append(renewed)
                return
        if by == "agreement" and self.rules.amendment == "new_issue":
            if leg:
                leg.open, leg.left, leg.minimum = False, Fraction(0), Fraction(0)
                if "termination" in self.rules.readjust_on:
                    self.counted_anew(leg)
            legs.append(renewed)
            return
        counts = self.rules.amendment == "recompute" if by == "agreement" else by == "terms" or self.rules.antidilution
        if leg is not None:
            self.new_terms(leg, shares / units, minimum, counts, legs, renewed)
        elif counts and self.rules.unadjusted_revision == "at_revision":
            legs.append(renewed)

    def new_terms(
        self, leg: Leg, shares: Fraction, minimum: Fraction, counts: bool, legs: list[Leg], renewed: Leg
    ) -> None:
        """D.8(iii), last sentence: where the change counts, as if the terms had been the new ones all along."""
        before, after = leg.minimum / leg.left, minimum / shares
        kinds = {"share_change"} if shares != leg.left else set()
        if before != after:
            kinds.add("increase" if after > before else "decrease")
        adjusted = leg.exempt is None and leg.money / leg.shares < self.state(leg.key).price
        leg.total += shares - leg.left
        leg.left, leg.minimum = shares, minimum
        if not counts or not kinds & set(self.rules.readjust_on):
            return
        if self.rules.unadjusted_revision == "at_revision" and not adjusted:
            renewed.exempt = leg.exempt
            legs[-1] = renewed
        else:
            leg.shares = leg.issued + leg.left
            leg.money = leg.grant + sum((money for _, money, _ in leg.exercised), leg.minimum + leg.debt)

    # issues: D.8(i), (ii), (v); 3(e)(vi)A, B, E

    def net(self, fact: Fact) -> Fraction:
        received = fact.money("cash") + fact.money("property_value") - fact.money("allocated_elsewhere")
        return received - (fact.money("expenses") if self.rules.expenses_deducted else 0)

    def closings(self, acts: list[Act], facts: list[Fact], limit: Key) -> list[Act]:
        """Closings of one issue within the window count as made on its first."""
        if self.rules.closing_window_days is None:
            return acts
        first: dict[str, Act] = {}
        merged = []
        for act in sorted(acts, key=lambda act: act.key):
            name = act.fact.cells.get("closing")
            if name is None or act.key >= limit:
                merged.append(act)
            elif name in first and (act.key[0] - first[name].key[0]).days <= self.rules.closing_window_days:
                whole = first[name]
                shares = act.shares / splits(facts, whole.key, act.key)
                merged.remove(whole)
                first[name] = dataclasses.replace(whole, shares=whole.shares + shares, money=whole.money + act.money)
                merged.append(first[name])
            else:
                first[name] = act
                merged.append(act)
        return merged

    def issue(self, state: State, act: Act) -> None:
        shares, money = act.shares, act.money
        if act.exempt is not None:
            if act.exempt != self.rules.basket:
                return
            outside = self.outside_basket(state, act)
            money, shares = money * outside / shares, outside
            if not shares:
                return
        if money < 0:
            raise NoPriceError
        effective = money / shares
        if effective >= state.price:
            return
        if self.rules.formula == "FULL_RATCHET":
            self.move(state, min(state.theoretical, effective))
            return
        self.move(state, min(state.theoretical, self.average(state, act, shares, money)))

    def outside_basket(self, state: State, act: Act) -> Fraction:
        """D.8(v)(C): what goes beyond five percent of the fully diluted Common in aggregate."""
        limit = Fraction(5, 100) * self.outstanding(act, state.theoretical)
        if self.rules.fully_diluted == "fixed":
            limit = state.basket_limit = limit if state.basket_limit is None else state.basket_limit
        room = max(limit - state.basket_used, Fraction(0))
        inside = min(room, act.shares)
        if inside < act.shares and self.rules.overflow == "all":
            inside = Fraction(0)
        state.basket_used += inside
        return act.shares - inside

    def outstanding(self, act: Act, series_price: Fraction) -> Fraction:
        """D.8(i), end: Common with the preferred as converted and everything exercisable exercised, the day before."""
        total = Fraction(0)
        for name in self.rules.count:
            if name == "series":
                total += act.fact.given("series_shares") * exact(self.rules.numerator) / series_price
            else:
                total += act.fact.given(COLUMNS[name])
        return total

    def average(self, state: State, act: Act, shares: Fraction, money: Fraction) -> Fraction:
        counted_at = state.theoretical
        if self.rules.fd_price == "before_as_published":
            counted_at = self.state(act.key).price
        if self.rules.fd_price == "after" and "series" in self.rules.count:
            return self.average_after(state, act, shares, money)
        before = self.outstanding(act, counted_at)
        after = before + shares
        if self.rules.denominator == "as_counted":
            after = act.fact.given("outstanding_after")
        return state.theoretical * (before + money / state.theoretical) / after

    def average_after(self, state: State, act: Act, shares: Fraction, money: Fraction) -> Fraction:
        """The price at which the series, converted at that same price, is counted: a quadratic equation."""
        series = act.fact.given("series_shares") * exact(self.rules.numerator)
        others = self.outstanding(act, Fraction(1)) - series
        old = state.theoretical
        # p = old (others + series/p + money/old) / (others + series/p + shares)
        # p^2 (others + shares) + p (series - old others - money) - old series = 0
        a, b, c = others + shares, series - old * others - money, -old * series
        return (-b + root(b * b - 4 * a * c)) / (2 * a)


def root(value: Fraction) -> Fraction:
    """The square root to far more digits than anybody asks for."""
    scale = 10**60
    return Fraction(math.isqrt(value.numerator * scale * scale // value.denominator), scale)


def splits(facts: Sequence[Fact], since: Key, until: Key) -> Fraction:
    """New shares for each share there was, by the splits between two moments."""
    ratio = Fraction(1)
    for fact in facts:
        if fact.kind == "split" and since < fact.key < until:
            ratio *= fact.given("ratio")
    return ratio


def date_of(value: Any) -> dt.date:
    return value if isinstance(value, dt.date) else dt.date.fromisoformat(value)


def end_of(day: dt.date, slot: str) -> Key:
    return (day, SLOTS.index(slot), math.inf)
