"""What conversion delivers besides Common, or in its place: reserved property, rights, packages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import NamedTuple

from xlcap.engine.rules import Facts, market_price_for
from xlcap.errors import XlcapError
from xlcap.events import Distribution, Event, NotMade, Reorganization, RightsExpired, RightsPlan, RightsRedeemed
from xlcap.numbers import ONE, exact

Rate = Callable[[dt.date], Decimal]
"""Shares of Common one preferred share converts into on a day."""


class Delivered(NamedTuple):
    """One thing a holder gets on conversion, for one share of Common and for one preferred share."""

    what: str
    unit: str
    per_common: Decimal
    per_preferred: Decimal
    clause: str
    source: str


@exact
def entitlement(facts: Facts, as_of: dt.date, rate: Rate) -> tuple[Delivered, ...]:
    """Everything one preferred share delivers if converted on ``as_of`` (VI.A, VI.E(4), VI.F).

    Property is what the holder would have received had the share been converted just before the record date, at the
    rate of that day; a package is what the Common of that day was changed into. A holder who converts on a record date
    receives the distribution as a holder of Common, so it stands here from the day after.
    """
    package = [event for event in facts.events if isinstance(event, Reorganization) and event.date <= as_of]
    for later in package:
        if later.date != package[0].date:
            raise later.fault(
                f"changes what row {package[0].row} delivered; state here what one share of Common became in the end, "
                "and leave the earlier row out",
                "date",
            )
    rows = [_package(facts, event, rate(event.date)) for event in package]
    if not rows:
        here = rate(as_of)
        rows.append(Delivered("Common", "shares", ONE, here, facts.terms.conversion.clause, "conversion"))
    for event in facts.events:
        if event.date > as_of or _ended(facts, event, as_of):
            continue
        if isinstance(event, RightsPlan):
            here = rate(package[0].date if package else as_of)
            what = event.property or "rights under the plan"
            rows.append(Delivered(what, "rights", ONE, here, _clause(facts), event.label))
        elif isinstance(event, Distribution) and (reason := _kept_for_conversion(facts, event, as_of)):
            what, unit = event.property or "property distributed", f"dollars of value, {reason}"
            each = event.value * rate(event.date)
            rows.append(Delivered(what, unit, event.value, each, _clause(facts), event.label))
    return tuple(rows)


def _package(facts: Facts, event: Reorganization, rate: Decimal) -> Delivered:
    rule = facts.terms.adjust.reorganization
    if rule is None:
        raise event.fault("the certificate has no rule for a reorganization", "event")
    each = ONE if event.value is None else event.value
    unit = "the whole package" if event.value is None else "units or dollars, as stated in the event"
    return Delivered(event.property, unit, each, each * rate, rule.clause, event.label)


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


def _clause(facts: Facts) -> str:
    rule = facts.terms.adjust.distribution
    return rule.clause if rule else ""
