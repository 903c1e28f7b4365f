"""The adjustment rules in the order of the certificate: which fraction an event calls for, or why it calls for none.

``Facts`` is everything a rule may look at: the terms, the events known, the closing prices. A fraction may need a
market price, and a market price the fractions of other events whose ex-dates fall among its days: that recursion, and
its circles, are handled here once.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar, cast

from xlcap.captable import Holding
from xlcap.engine import adjustment
from xlcap.engine.adjustment import Fraction
from xlcap.engine.initial import initial_price
from xlcap.engine.market import Average, ExDate, closing_price_on, current_market_price
from xlcap.engine.schedule import Units, rule_for
from xlcap.errors import XlcapError
from xlcap.events import (
    AutomaticConversion,
    Capitalized,
    Distribution,
    DividendPaid,
    Event,
    NotMade,
    Rights,
    RightsRedeemed,
    Split,
    StockDividend,
    TenderOffer,
    TradedEvent,
    TriggerEvent,
    numbered,
)
from xlcap.numbers import ONE, ZERO, exact, guarded, show
from xlcap.prices import Quote
from xlcap.terms import Terms
from xlcap.terms.rules import (
    DistributionRule,
    RightsRule,
    SplitRule,
    StockDividendRule,
    TenderOfferRule,
)

T = TypeVar("T")

_BEFORE_RECORD = dt.timedelta(days=5)
"""How long before its record date the Common can go ex: three business days' settlement, with a weekend or holiday."""


class Ruling(NamedTuple):
    """What a rule says about one event: the clause, and the fraction, or the reason why there is none."""

    clause: str
    fraction: Fraction | None
    reason: str = ""
    inputs: Mapping[str, Decimal] = MappingProxyType({})


@dataclass(frozen=True, eq=False)
class Facts:
    """Terms, events and quotes, with what has been worked out from them so far.

    ``issue_date`` and ``stated_price`` are those of the shares asked about, where shares have prices of their own; the
    cap table ``holdings`` gives the counts an event leaves blank. ``restated_at`` is the day whose knowledge the story
    is told with from its beginning; without one it is told as it was published.
    """

    terms: Terms
    events: tuple[Event, ...]
    quotes: tuple[Quote, ...] = ()
    issue_date: dt.date | None = None
    stated_price: Decimal | None = None
    holdings: tuple[Holding, ...] = ()
    restated_at: dt.date | None = None
    _rulings: dict[int, Ruling] = field(default_factory=dict)
    _asked: list[Event] = field(default_factory=list)
    _figures: dict[tuple[str, int], tuple[Event, Any]] = field(default_factory=dict)

    def ruling(self, event: Event) -> Ruling:
        """The ruling on an event of these facts, worked out once."""
        if event.row not in self._rulings:
            if event in self._asked:
                circle = " and ".join(dict.fromkeys(asked.label for asked in self._asked))
                raise event.fault(
                    f"the market prices of {circle} depend on each other: state one of them",
                    "current_market_price",
                    code="#NUM!",
                )
            self._asked.append(event)
            try:
                self._rulings[event.row] = _rule(self, event)
            finally:
                self._asked.pop()
        return self._rulings[event.row]

    def otherwise(self, event: Event) -> Ruling:
        """The ruling on an event told otherwise than these facts have it."""
        changed = tuple(event if other.row == event.row else other for other in self.events)
        return dataclasses.replace(self, events=changed, _rulings={}, _asked=[], _figures={}).ruling(event)

    def once(self, what: str, event: Event, work: Callable[[], T]) -> T:
        """What follows from an event alone, worked out once however often the story is told."""
        key = (what, id(event))  # the event is kept with it, so that its identity stays its own
        if key not in self._figures:
            self._figures[key] = event, work()
        return cast("T", self._figures[key][1])

    def required(self, event: Event) -> Fraction | None:
        """The fraction the price is to be adjusted by for an event: none where another part of its action prevails."""
        fraction = self.ruling(event).fraction
        return fraction if fraction is None or self.prevailing(event, self.action(event)) in (None, event.row) else None

    def prevailing(self, event: Event, parts: Sequence[Event]) -> int | None:
        """The row that alone adjusts the price among the parts of an action; None where each adjusts, or there is none.

        It is the part whose fraction changes the price most, whichever way; of equals the first listed (VI.I).
        """
        overlap = self.terms.policy.overlap
        if event.action is None or overlap == "sequential":
            return None
        if overlap == "combined_in_sequence" and self.is_combined(event):
            return None
        fractions = {part.row: self.ruling(part).fraction for part in parts}
        changes = {
            row: guarded(abs(fraction.value - ONE)) for row, fraction in fractions.items() if fraction is not None
        }
        return max(changes, key=lambda row: (changes[row], -row), default=None)

    def is_combined(self, event: Event) -> bool:
        """Property together with shares or rights in one distribution: its parts adjust in turn (VI.E(4))."""
        parts = self.action(event)
        property_parts = [part for part in parts if isinstance(part, Distribution)]
        others = [part for part in parts if not isinstance(part, Distribution)]
        return bool(property_parts and others) and all(isinstance(part, StockDividend | Rights) for part in others)

    def by_id(self, name: str) -> Event:
        return self._by_id[name]

    def action(self, event: Event) -> Sequence[Event]:
        """The rows that are one corporate action with this one, itself among them; none if it stands alone."""
        return self._actions[event.action] if event.action is not None else ()

    def triggers(self, plan: str) -> list[TriggerEvent]:
        """The trigger events of a rights plan, in their order."""
        found = [event for event in self.events if isinstance(event, TriggerEvent) and event.refers_to == plan]
        return sorted(found, key=lambda event: (event.date, event.row))

    def root(self, event: Event) -> Event:
        """The row that issued the instrument an event is about, however often its terms were changed since."""
        refers_to = getattr(event, "refers_to", None)
        return event if refers_to is None else self.root(self.by_id(refers_to))

    def paid_by(self, dividend: StockDividend | Rights, day: dt.date, before: DividendPaid | None = None) -> Decimal:
        """The shares of a dividend paid by a day, in shares of its record date; those ``before`` a payment alone."""
        rows = (event for event in self.events if isinstance(event, DividendPaid) and event.refers_to == dividend.id)
        until = (day, math.inf) if before is None else (before.date, before.row)
        paid = (row.shares / self.splits.between(dividend, row) for row in rows if (row.date, row.row) < until)
        return guarded(sum(paid, ZERO))

    @functools.cached_property
    def initial_price(self) -> Decimal:
        """The conversion price before any event."""
        return initial_price(self.terms, self.issue_date, self.quotes, self.events, self.stated_price)

    def before_issue(self, event: Event) -> bool:
        """Whether an event happened before the shares asked about were issued, so that it is nothing to them.

        Sales of Common count from the day after the issue ("following" it, 3(e)(vi)A), all else from the day itself.
        """
        if self.issue_date is None:
            return False
        return event.date < self.issue_date or (isinstance(event, Capitalized) and event.date == self.issue_date)

    @functools.cached_property
    def splits(self) -> Units:
        """What splits have made of a share of Common."""
        return Units(self.terms, self.events, self.restated_at, dividends=False)

    @functools.cached_property
    def units(self) -> Units:
        """What splits and dividends in Common have made of one."""
        return Units(self.terms, self.events, self.restated_at, dividends=True)

    @functools.cached_property
    def automatic_conversion(self) -> dt.date | None:
        """The day on which the shares convert by force, if they do."""
        forced = (event for event in self.events if isinstance(event, AutomaticConversion))
        return min((event.date for event in forced if not self.before_issue(event)), default=None)

    @functools.cached_property
    def offers(self) -> Sequence[TenderOffer]:
        """The tender offers, in their order."""
        found = [event for event in self.events if isinstance(event, TenderOffer)]
        return sorted(found, key=lambda event: (event.date, event.row))

    @functools.cached_property
    def _by_id(self) -> Mapping[str, Event]:
        return {event.id: event for event in self.events if event.id is not None}

    @functools.cached_property
    def _actions(self) -> Mapping[str, Sequence[Event]]:
        actions: dict[str, list[Event]] = {}
        for event in self.events:
            if event.action is not None:
                actions.setdefault(event.action, []).append(event)
        return actions


def _rule(facts: Facts, event: Event) -> Ruling:
    rule = rule_for(facts.terms, event)
    if rule is None:
        return _no_rule(facts.terms, event)
    try:
        return _RULES[type(event)](facts, event, rule)
    except XlcapError as error:
        if error.where and error.where.startswith("events"):
            raise
        if error.where and not error.where.startswith("prices"):
            raise event.fault(error.message, error.where, error.code) from None
        hint = f" (or fill {_stated_price(event)} in this row)" if _stated_price(event) else ""
        raise event.fault(f"{error.message}{hint}", code=error.code) from None


def _no_rule(terms: Terms, event: Event) -> Ruling:
    """The price stays; what is distributed may be set aside for conversion (D.5, 3(e)(iii) and their like)."""
    aside = terms.adjust.other_securities
    own = isinstance(event, Distribution) and event.own_securities
    if aside and (own or (aside.rights and isinstance(event, Rights))):
        return Ruling(aside.clause, None, "set aside and delivered on conversion; the price stays")
    if isinstance(event, Distribution):
        return Ruling("", None, "no rule adjusts the price for it; see the dividend clause for a share in it")
    return Ruling("", None, f"the certificate has no rule for it ({event.event.replace('_', ' ')})")


def _stated_price(event: Event) -> str | None:
    if isinstance(event, Rights):
        return "closing_price"
    return "current_market_price" if isinstance(event, Distribution | TenderOffer | RightsRedeemed) else None


def _split(_facts: Facts, event: Split, rule: SplitRule) -> Ruling:
    """VI.E(2) and its like: 1 / r."""
    return Ruling(rule.clause, adjustment.split(event.ratio))


def _stock_dividend(_facts: Facts, event: StockDividend, rule: StockDividendRule) -> Ruling:
    """VI.E(1) and its like: O / (O + N)."""
    if event.ratio is not None:
        return Ruling(rule.clause, adjustment.split(event.ratio))
    assert event.shares is not None  # StockDividend checks it
    if event.common_outstanding is None:
        raise event.fault("is blank, and there is no cap table to count it from", "common_outstanding")
    return Ruling(rule.clause, adjustment.stock_dividend(event.common_outstanding, event.shares))


def _rights(facts: Facts, event: Rights, rule: RightsRule) -> Ruling:
    """VI.E(3) and its like: below the closing price on the record date, unless the preferred receives them too.

    Or as a dividend of the shares under them, whatever they cost (D.4).
    """
    if rule.formula == "SHARE_COUNT":
        return Ruling(rule.clause, _rights_as_shares(facts, event, rule))
    if event.to_preferred:
        return Ruling(rule.clause, None, "the preferred received the rights as if converted")
    if event.reinvestment_plan:
        return Ruling(facts.terms.policy.clause, None, "rights under a dividend reinvestment plan need no adjustment")
    offer, closing = _offer_and_close(facts, event)
    fraction = adjustment.rights(event.common_outstanding, event.shares, offer, closing)
    if fraction is None:
        inputs = {"price": offer, "closing_price": closing}
        return Ruling(
            rule.clause, None, f"the offer price {show(offer)} is not below the closing price {show(closing)}", inputs
        )
    return Ruling(rule.clause, fraction)


def _rights_as_shares(facts: Facts, event: Rights, rule: RightsRule) -> Fraction:
    """D.4: every share under the rights, or with the treasury method those their price would not buy back."""
    if not rule.rights_treasury_method:
        return adjustment.stock_dividend(event.common_outstanding, event.shares)
    return adjustment.rights_as_shares(event.common_outstanding, event.shares, *_offer_and_close(facts, event))


def _offer_and_close(facts: Facts, event: Rights) -> tuple[Decimal, Decimal]:
    if event.price is None:
        raise event.fault("is blank, and the certificate compares it with the closing price", "price")
    if event.closing_price is not None:
        return event.price, event.closing_price
    return event.price, closing_price_on(facts.terms, facts.quotes, event.date)[0]


def _distribution(facts: Facts, event: Distribution, rule: DistributionRule) -> Ruling:
    """VI.E(4) and its like: (M - F) / M, while F is below M; otherwise the property itself on conversion."""
    if event.regular_cash:
        return Ruling(rule.clause, None, "a regular periodic cash dividend is no such distribution")
    if event.reserved:
        return Ruling(rule.clause, None, "the company reserves the property for delivery on conversion")
    market = market_price_for(facts, event)
    fraction = adjustment.distribution(market, event.value)
    if fraction is None:
        reason = f"its value {show(event.value)} is not below the market price {show(market)}: property on conversion"
        return Ruling(rule.clause, None, reason, {"value": event.value, "current_market_price": market})
    return Ruling(rule.clause, fraction)


def _tender_offer(facts: Facts, event: TenderOffer, rule: TenderOfferRule) -> Ruling:
    """The ruling on an offer where it does not matter whether an earlier one was carried forward."""
    return tender_ruling(facts, event, rule, _unadjusted_before(facts, event, rule))


@exact
def tender_ruling(facts: Facts, event: TenderOffer, rule: TenderOfferRule, unadjusted: Sequence[TenderOffer]) -> Ruling:
    """VI.E(5) and its like: consideration, with earlier unadjusted offers', above the threshold of M x O."""
    market = market_price_for(facts, event)
    earlier = sum((offer.consideration for offer in unadjusted), ZERO)
    worth = market * event.common_outstanding
    figures = {"consideration": event.consideration, "earlier_consideration": earlier, "market_value": worth}
    if guarded(event.consideration + earlier) <= guarded(rule.threshold * worth):
        share = show(rule.threshold * 100)
        reason = (
            f"consideration of {show(event.consideration + earlier)}, earlier unadjusted offers included, "
            f"is not above {share}% of {show(worth)}"
        )
        return Ruling(rule.clause, None, reason, figures)
    counted = event.consideration + (earlier if rule.numerator == "own_and_earlier" else ZERO)
    fraction = adjustment.tender_offer(
        market,
        event.common_outstanding,
        counted,
        event.shares,
        product_less_shares=rule.denominator == "product_less_shares",
    )
    if rule.tender_floor and guarded(fraction.numerator) >= guarded(fraction.denominator):
        return Ruling(rule.clause, None, f"the fraction {fraction.formula} would not reduce the price", figures)
    return Ruling(rule.clause, fraction)


_RULES: Mapping[type[Event], Callable[[Facts, Any, Any], Ruling]] = {
    StockDividend: _stock_dividend,
    Split: _split,
    Rights: _rights,
    Distribution: _distribution,
    TriggerEvent: _distribution,
    TenderOffer: _tender_offer,
}
"""For each kind of event whose fraction follows from it alone: what the rule says."""


def _unadjusted_before(facts: Facts, event: TenderOffer, rule: TenderOfferRule) -> list[TenderOffer]:
    """Earlier offers in respect of which nothing is to be adjusted; see ``State.offers`` for those carried forward."""
    left: list[TenderOffer] = []
    for offer in itertools.takewhile(lambda offer: offer.row != event.row, facts.offers):
        if facts.required(offer) is None:
            left.append(offer)
        elif rule.numerator == "own_and_earlier":
            left.clear()  # that adjustment was for them too
    return left


def market_price_for(facts: Facts, event: Distribution | TenderOffer | RightsRedeemed) -> Decimal:
    """The current market price an event states, or the one the closing prices give on its day."""
    if event.current_market_price is not None:
        return event.current_market_price
    return market_price(facts, event.date, event).value


def market_price(facts: Facts, day: dt.date, own: Event | None = None, own_ex_date: dt.date | None = None) -> Average:
    """The current market price on ``day``, with the ex-dates of the events other than ``own`` made good."""
    if isinstance(own, TradedEvent):
        own_ex_date = own.ex_date
    others = list(_ex_dates(facts, day, own, own_ex_date))
    # a tender offer has no ex-date: what went ex before it falls under the first limb alone
    if others and isinstance(own, TradedEvent) and not isinstance(own, TenderOffer) and own_ex_date is None:
        raise own.fault(
            f"is blank, and the ex-date {others[0].date} of {others[0].label} must be placed before or after it",
            "ex_date",
        )
    return current_market_price(facts.terms, facts.quotes, day, others, own_ex_date)


def _ex_dates(facts: Facts, day: dt.date, own: Event | None, own_ex_date: dt.date | None) -> Sequence[ExDate]:
    """The other events that may have gone ex among the closing prices before ``day``."""
    if facts.terms.market is None or not facts.terms.market.days or not facts.quotes:
        return []
    # Generous by design: a window of n trading days never spans more than 7/5 n days and the odd holiday.
    start = day - dt.timedelta(days=facts.terms.market.days * 7 // 5 + 15)
    fallen = {event.refers_to for event in facts.events if isinstance(event, NotMade) and event.date <= day}
    entries = []
    for event in facts.events:
        if event is own or not isinstance(event, TradedEvent) or _same_action(event, own) or event.id in fallen:
            continue
        earliest = event.ex_date or event.date - _BEFORE_RECORD
        if not start <= (event.ex_date or event.date) or earliest >= day:
            continue
        if isinstance(event, TenderOffer) and not _after_own(event, own, own_ex_date):
            continue
        fraction = facts.required(event)
        if fraction is None:
            continue
        if event.ex_date is None:
            raise event.fault(f"is blank, and the market price on {day} depends on it", "ex_date")
        entries.append(ExDate(event.ex_date, fraction, numbered(event), isinstance(event, TenderOffer)))
    return entries


def _after_own(offer: TenderOffer, own: Event | None, own_ex_date: dt.date | None) -> bool:
    """Whether a tender offer may have gone ex with the event the price is for or after it: only then does it count."""
    if own_ex_date is None:  # not stated, or there is none
        return isinstance(own, TradedEvent) and not isinstance(own, TenderOffer)
    return own_ex_date <= (offer.ex_date or offer.date)


def _same_action(event: Event, own: Event | None) -> bool:
    return own is not None and own.action is not None and event.action == own.action
