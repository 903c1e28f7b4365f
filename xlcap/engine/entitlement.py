"""What conversion delivers besides Common, or in its place: reserved property, rights, packages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import NamedTuple

from xlcap.engine.conversion import Basis, Lot, conversion_count, conversion_rate
from xlcap.engine.rules import Facts, market_price_for
from xlcap.errors import XlcapError
from xlcap.events import Distribution, Event, NotMade, Reorganization, Rights, RightsExpired, RightsPlan, RightsRedeemed
from xlcap.numbers import ONE, exact
from xlcap.terms import Terms


class Asked(NamedTuple):
    """What converts: the price of a day, the amount a share converts, and how many shares one holder has."""

    price_on: Callable[[dt.date], Decimal]
    amount: Basis
    shares: Decimal | None = None

    def rate(self, day: dt.date) -> Decimal:
        """Shares of Common for one preferred share."""
        return conversion_rate(self.price_on(day), self.amount)

    def whole(self, terms: Terms, day: dt.date) -> Decimal | None:
        """Shares of Common for the holder's shares: made whole where no fraction is left, else with its fraction."""
        if self.shares is None:
            return None
        count = conversion_count(terms, [Lot(self.shares, self.price_on(day), self.amount)])
        return count.rounded if terms.conversion.fraction.rounding == "cash" else count.whole


class Delivered(NamedTuple):
    """One thing a holder gets on conversion, for one share of Common, for one preferred share, and for the holder."""

    what: str
    unit: str
    per_common: Decimal
    per_preferred: Decimal
    clause: str
    source: str
    total: Decimal | None


@exact
def entitlement(facts: Facts, as_of: dt.date, asked: Asked) -> tuple[Delivered, ...]:
    """Everything one preferred share delivers if converted on ``as_of``.

    PriceSmart VI.A, VI.E(4), VI.F; Valuestar D.5, D.6, D.7; Patron 3(e)(iii), 3(e)(iv), 3(e)(v), 4.

    Property, and the company's own securities set aside, are what the holder would have received had the share been
    converted just before the record date, at the rate of that day; a package is what the Common of that day was changed
    into. A holder who converts on a record date receives the distribution as a holder of Common, so it stands here from
    the day after. What happened before the shares were issued does nothing for them; once they have converted by force
    they deliver nothing any more (Patron 3(b), 3(d)(ii)).
    """
    converted = facts.automatic_conversion
    if converted is not None and as_of > converted:
        raise XlcapError(
            f"the shares were converted by force on {converted} ({facts.terms.conversion.forced_by}): since that day "
            "their holder has what they became; ask for that day",
            where="argument 'as_of'",
            code="#N/A",
        )
    since = [event for event in facts.events if facts.issue_date is None or event.date >= facts.issue_date]
    package = [event for event in since if isinstance(event, Reorganization) and event.date <= as_of]
    for later in package:
        if later.date != package[0].date:
            raise later.fault(
                f"changes what row {package[0].row} delivered; state here what one share of Common became in the end, "
                "and leave the earlier row out",
                "date",
            )

    def row(what: str, unit: str, each: Decimal, day: dt.date, clause: str, source: str) -> Delivered:
        count = asked.whole(facts.terms, day)
        return Delivered(
            what, unit, each, each * asked.rate(day), clause, source, None if count is None else each * count
        )

    rows = []
    for part in package:
        rule = facts.terms.adjust.reorganization
        if rule is None:
            raise part.fault("the certificate has no rule for a reorganization", "event")
        unit = "the whole package" if part.value is None else "units or dollars, as stated in the event"
        each = ONE if part.value is None else part.value
        rows.append(row(part.property, unit, each, part.date, rule.clause, part.label))
    if not rows:
        rows.append(row("Common", "shares", ONE, as_of, facts.terms.conversion.clause, "conversion"))
    for event in since:
        if event.date > as_of or _ended(facts, event, as_of):
            continue
        if isinstance(event, RightsPlan):
            what, day = event.property or "rights under the plan", package[0].date if package else as_of
            rows.append(row(what, "rights", ONE, day, _clause(facts), event.label))
        elif (aside := _set_aside(facts, event)) is not None and event.date < as_of:
            rows.append(row(*aside, event.date, _other_securities(facts), event.label))
        elif isinstance(event, Distribution) and (reason := _kept_for_conversion(facts, event, as_of)):
            what, unit = event.property or "property distributed", f"dollars of value, {reason}"
            rows.append(row(what, unit, event.value, event.date, _clause(facts), event.label))
    return tuple(rows)


class _Aside(NamedTuple):
    """Securities of the company's own, set aside for delivery on conversion."""

    what: str
    unit: str
    each: Decimal


def _set_aside(facts: Facts, event: Event) -> _Aside | None:
    """The company's other securities distributed on the Common (Valuestar D.5, Patron 3(e)(iii)).

    Not those the preferred was paid currently, unless the certificate is read to give both (AMB-VS2, AMB-PT9).
    """
    terms = facts.terms
    rule = terms.adjust.other_securities
    if rule is None:
        return None
    sharing = terms.dividend.participation if terms.dividend else None
    once = sharing is None or not sharing.double_benefit
    if isinstance(event, Distribution) and event.own_securities:
        if event.paid_to_preferred and once:
            return None
        return _Aside(event.property or "securities of the company", "dollars of value, set aside", event.value)
    if isinstance(event, Rights) and rule.rights and terms.adjust.rights is None:
        if event.to_preferred and once:
            return None
        return _Aside("rights", "shares of Common under rights, set aside", event.shares / event.common_outstanding)
    return None


def _kept_for_conversion(facts: Facts, event: Distribution, as_of: dt.date) -> str:
    """Why the property itself is delivered on conversion, if it is (VI.E(4), its exception and its proviso)."""
    if event.date == as_of or event.regular_cash or facts.terms.adjust.distribution is None:
        return ""
    if event.reserved:
        return "reserved by the company"
    try:
        market = market_price_for(facts, event)
    except XlcapError as error:
        raise event.fault(
            f"whether the property itself is delivered depends on the market price: {error}",
            "current_market_price",
            error.code,
        ) from None
    return "worth the market price or more" if event.value >= market else ""


def _ended(facts: Facts, event: Event, as_of: dt.date) -> bool:
    """Whether the distribution was not made, or the rights were redeemed or came to their end, by then."""
    sequels = (other for other in facts.events if isinstance(other, NotMade | RightsRedeemed | RightsExpired))
    return event.id is not None and any(other.refers_to == event.id and other.date <= as_of for other in sequels)


def _other_securities(facts: Facts) -> str:
    rule = facts.terms.adjust.other_securities
    return rule.clause if rule else ""


def _clause(facts: Facts) -> str:
    rule = facts.terms.adjust.distribution
    return rule.clause if rule else ""
