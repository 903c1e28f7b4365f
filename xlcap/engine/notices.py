"""Deadlines, votes and consents: what is due when, and whether a majority is met."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from xlcap.calendars import Calendar
from xlcap.errors import XlcapError, nearest
from xlcap.numbers import ZERO, show
from xlcap.terms import Terms
from xlcap.terms.certificate import Consent, Notice


class Due(NamedTuple):
    """One thing that is due in connection with an occasion, and the days between which it must be done."""

    what: str
    clause: str
    earliest: dt.date | None
    latest: dt.date
    counted: str


def _named(name: str, known: Iterable[str], what: str, where: str) -> str:
    """The entry called ``name``, spelled as a person may spell it."""
    key = name.strip().lower().replace(" ", "_").replace("-", "_")
    names = list(known)
    if key in names:
        return key
    close = nearest(key, names)
    hint = f"did you mean '{close}'?" if close else f"known are {', '.join(names)}"
    raise XlcapError(f"the certificate has no {what} '{name}'; {hint}", where=f"argument '{where}'", code="#N/A")


def notice_dates(terms: Terms, occasion: str, day: dt.date, calendar: Calendar) -> tuple[Due, ...]:
    """What is due for ``occasion`` (a name under ``notices`` in the terms) that falls on ``day``."""
    notice = terms.notices[_named(occasion, terms.notices, "notice", "occasion")]
    first = _due(notice, day, calendar)
    if notice.business_days is None:
        return (first,)
    latest = calendar.add_business_days(day, -notice.business_days)
    at_least = Due(
        f"{notice.what}: at the least, where {notice.days} days are not practical",
        notice.clause,
        None,
        latest,
        f"{notice.business_days} business days before",
    )
    return (first, at_least)


def _due(notice: Notice, day: dt.date, calendar: Calendar) -> Due:
    def shifted(days: int) -> dt.date:
        signed = days if notice.side == "after" else -days
        return calendar.add_business_days(day, signed) if notice.unit == "business" else day + dt.timedelta(days=signed)

    unit = "business days" if notice.unit == "business" else "days"
    if notice.side == "after":
        return Due(notice.what, notice.clause, day, shifted(notice.days), f"within {notice.days} {unit} after")
    if notice.most_days is None:
        return Due(notice.what, notice.clause, None, shifted(notice.days), f"at least {notice.days} {unit} before")
    counted = f"{notice.days} to {notice.most_days} {unit} before"
    return Due(notice.what, notice.clause, shifted(notice.most_days), shifted(notice.days), counted)


def votes(terms: Terms, shares: Decimal) -> Decimal:
    """Votes of ``shares`` (VIII): none, but for what the law gives."""
    if shares < 0:
        raise XlcapError(f"must be zero or more; found {show(shares)}", where="argument 'shares'", code="#NUM!")
    assert terms.voting.votes == "none"  # the only word the terms know so far
    return ZERO


def consent_met(terms: Terms, matter: str, votes_for: Decimal, outstanding: Decimal) -> bool:
    """Whether ``votes_for`` of ``outstanding`` shares are enough for a matter (II, IX.A); compared exactly."""
    consents = terms.voting.consents
    consent: Consent = consents[_named(matter, consents, "consent for", "matter")]
    if outstanding <= 0:
        raise XlcapError(f"must be above zero; found {show(outstanding)}", where="argument 'outstanding'", code="#NUM!")
    if not 0 <= votes_for <= outstanding:
        raise XlcapError(
            f"must be from zero to the {show(outstanding)} outstanding; found {show(votes_for)}",
            where="argument 'votes_for'",
            code="#NUM!",
        )
    share = Fraction(votes_for) / Fraction(outstanding)
    return share > consent.fraction if consent.strict else share >= consent.fraction


def is_liquidation(terms: Terms, happening: str, *, winding_up: bool) -> bool:
    """Whether an event is a liquidation under the certificate (IV).

    A merger or a sale of the assets that the certificate does not name is one only in connection with a winding up or a
    reduction of capital.
    """
    named = happening in terms.liquidation.triggers
    return named or (winding_up and "dissolution" in terms.liquidation.triggers)
