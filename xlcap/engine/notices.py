"""Deadlines, votes, seats and consents: what is due when, who decides, and whether a majority is met."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Literal, NamedTuple

from xlcap.calendars import Calendar
from xlcap.engine.conversion import Basis, check_preferred, conversion_rate
from xlcap.errors import XlcapError, nearest
from xlcap.numbers import ONE, WHOLE, ZERO, as_shown, exact, guarded, show
from xlcap.preference import converting_a_share
from xlcap.records import record
from xlcap.tables import column, place
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


def notice_dates(
    terms: Terms, occasion: str, day: dt.date, calendar: Calendar, transit_days: int = 0
) -> tuple[Due, ...]:
    """What is due for ``occasion`` (a name under ``notices`` in the terms) that falls on ``day``.

    A notice that counts from its receipt is sent ``transit_days`` earlier; no other deadline depends on them.
    """
    if transit_days < 0:
        raise XlcapError(f"must be zero or more; found {transit_days}", where="argument 'transit_days'", code="#NUM!")
    notice = terms.notices[_named(occasion, terms.notices, "notice", "occasion")]
    if transit_days and (notice.notice_basis == "mailed" or notice.side == "after"):
        why = "lies after the event" if notice.side == "after" else "counts from the mailing"
        raise XlcapError(f"this deadline {why} ({notice.clause}), whatever the mail takes; leave it blank",
                         where="argument 'transit_days'")  # fmt: skip
    transit = dt.timedelta(days=transit_days)
    first = _due(notice, day, calendar, transit)
    if notice.business_days is None:
        return (first,)
    latest = calendar.add_business_days(day, -notice.business_days) - transit
    at_least = Due(
        f"{notice.what}: at the least, where {notice.days} days are not practical",
        notice.clause,
        None,
        latest,
        f"{notice.business_days} business days before" + _in_transit(notice, transit),
    )
    return (first, at_least)


def _due(notice: Notice, day: dt.date, calendar: Calendar, transit: dt.timedelta) -> Due:
    def shifted(days: int) -> dt.date:
        signed = days if notice.side == "after" else -days
        return calendar.add_business_days(day, signed) if notice.unit == "business" else day + dt.timedelta(days=signed)

    unit = "business days" if notice.unit == "business" else "days"
    if notice.side == "after":
        return Due(notice.what, notice.clause, day, shifted(notice.days), f"within {notice.days} {unit} after")
    latest, counted = shifted(notice.days) - transit, _in_transit(notice, transit)
    if notice.most_days is None:
        return Due(notice.what, notice.clause, None, latest, f"at least {notice.days} {unit} before{counted}")
    counted = f"{notice.days} to {notice.most_days} {unit} before{counted}"
    return Due(notice.what, notice.clause, shifted(notice.most_days) - transit, latest, counted)


def _in_transit(notice: Notice, transit: dt.timedelta) -> str:
    """How a notice that counts from its receipt is counted (Valuestar D.14)."""
    if notice.notice_basis == "mailed":
        return ""
    return f", received; sent {transit.days} days earlier" if transit else ", received"


@exact
def votes(terms: Terms, shares: Decimal, price: Decimal | None = None, dividends: Decimal = ZERO) -> Decimal:
    """Votes of ``shares`` (PriceSmart VIII, Valuestar C.1, Patron 1): none, or those of the Common they convert into.

    They are cut to whole votes for the holder's shares together (AMB-VS3), or for each share, or not at all. A broken
    share (AMB-PT10) then has the whole votes of its part.
    """
    check_preferred(terms, shares, "argument 'shares'")
    if terms.voting.votes == "none":
        return ZERO
    if price is None:
        raise XlcapError(f"is required: a share votes as the Common it converts into ({terms.voting.clause})",
                         where="argument 'price'")  # fmt: skip
    each = conversion_rate(price, Basis(converting_a_share(terms, dividends), ZERO))
    match terms.voting.votes_rounding:
        case "holder":
            return WHOLE(as_shown(shares * each))
        case "share":
            whole = WHOLE(shares)
            return whole * WHOLE(as_shown(each)) + WHOLE(as_shown((shares - whole) * each))
        case "none":
            return shares * each


@record
class Outstanding:
    """One class of shares in an election of directors."""

    row: int
    class_: str = column("name of the class")
    shares: Decimal = column("shares outstanding", least=0)
    split: Decimal = column(
        "shares of the class for each one there was at its certificate; blank: 1", default=ONE, above=0
    )


class Elected(NamedTuple):
    """The directors one class elects."""

    name: str
    seats: int
    clause: str
    why: str


@exact
def director_seats(terms: Terms, board: int, classes: Sequence[Outstanding]) -> tuple[Elected, ...]:
    """Who elects how many of ``board`` directors: classes with enough shares, and the others the Common (Valuestar C.2)
    or all classes together (Patron 1).

    The number of shares a class must have is scaled by its splits where the certificate says so.
    """
    if board < 1:
        raise XlcapError(f"must be 1 or more; found {board}", where="argument 'board'", code="#NUM!")
    known: dict[str, Outstanding] = {}
    for entry in classes:
        first = known.setdefault(entry.class_.lower(), entry)
        if first is not entry:
            raise XlcapError(f"'{entry.class_}' stands in row {first.row} too; keep one",
                             where=place("outstanding", entry.row, "class"))  # fmt: skip
    rows = []
    for rule in terms.voting.directors.values():
        found = known.get(rule.class_name.lower())
        if found is None:
            names = ", ".join(entry.class_ for entry in classes) or "none"
            message = f"no row for '{rule.class_name}', which elects directors ({rule.clause}); there are {names}"
            raise XlcapError(message, where="outstanding")
        least = rule.min_outstanding * (found.split if terms.scales_with_series else ONE)
        enough = guarded(found.shares) >= guarded(least)
        why = f"{show(found.shares)} outstanding; needed: at least {show(least)}"
        rows.append(Elected(rule.class_name, rule.seats if enough else 0, rule.clause, why))
    rest = board - sum(row.seats for row in rows)
    if rest < 0:
        raise XlcapError(f"the classes elect {board - rest} directors, more than the {board} there are",
                         where="argument 'board'", code="#NUM!")  # fmt: skip
    if terms.voting.rest == "together":
        return (*rows, Elected("all classes together", rest, terms.voting.clause, "they vote as a single class"))
    return (*rows, Elected("Common", rest, "", "the rest of the board"))


@exact
def authorized_remaining(
    terms: Terms, outstanding: Decimal, reacquired: Decimal = ZERO, proposed: Decimal = ZERO
) -> Decimal:
    """Shares of the series that may still be issued (Valuestar preamble, E; Patron 3(h)), after those ``proposed``.

    Where the certificate forbids a reissue, shares converted or otherwise reacquired are gone for good.
    """
    for name, value in (("outstanding", outstanding), ("reacquired", reacquired), ("proposed", proposed)):
        if value < 0:
            raise XlcapError(f"must be zero or more; found {show(value)}", where=f"argument '{name}'", code="#NUM!")
    used = outstanding if terms.reissue else outstanding + reacquired
    left = terms.initial_shares_authorized - used
    if left < 0:
        raise XlcapError(
            f"{show(used)} shares used up are more than the {terms.initial_shares_authorized:,} authorised",
            where="argument 'outstanding'",
            code="#NUM!",
        )
    if proposed > left:
        raise XlcapError(
            f"{show(proposed)} shares are {show(proposed - left)} more than the {show(left)} that may still be issued "
            f"of the {terms.initial_shares_authorized:,} authorised; pay in cash, or have more authorised",
            where="argument 'proposed'",
            code="#NUM!",
        )
    return left - proposed


@exact
def reaches(votes_for: Decimal, outstanding: Decimal, fraction: Fraction, *, strict: bool) -> bool:
    """Whether ``votes_for`` are enough of the shares outstanding, compared exactly."""
    if outstanding <= 0:
        raise XlcapError(f"must be above zero; found {show(outstanding)}", where="argument 'outstanding'", code="#NUM!")
    if not 0 <= votes_for <= outstanding:
        raise XlcapError(
            f"must be from zero to the {show(outstanding)} outstanding; found {show(votes_for)}",
            where="argument 'votes_for'",
            code="#NUM!",
        )
    part = Fraction(votes_for) / Fraction(outstanding)
    return part > fraction if strict else part >= fraction


def consent_met(terms: Terms, matter: str, votes_for: Decimal, outstanding: Decimal) -> bool:
    """Whether ``votes_for`` of ``outstanding`` shares are enough for a matter (II, IX.A; D.11(ii); 9).

    Counted in stated value the shares of one class have the same weight, so that the ratio is the same.
    """
    consents = terms.voting.consents
    consent: Consent = consents[_named(matter, consents, "consent for", "matter")]
    return reaches(votes_for, outstanding, consent.fraction, strict=consent.strict)


Happening = Literal[
    "dissolution",
    "capital_reduction",
    "asset_sale",
    "merger",
    "change_of_control",
    "bankruptcy",
    "core_business_sale",
]
_HALF = Decimal(50)


def is_liquidation(
    terms: Terms,
    happening: Happening,
    *,
    winding_up: bool = False,
    percent: Decimal | None = None,
    board_approved: bool | None = None,
) -> bool:
    """Whether an event is a liquidation under the certificate (PriceSmart IV, Valuestar B.3, Patron 6(c), 6(d)).

    A merger or a sale of the assets that the certificate does not name is one only in connection with a winding up or a
    reduction of capital. ``percent``: of the survivor's votes the company's holders control after a merger, or of the
    company's votes that someone acquires from it.
    """
    triggers = terms.liquidation.triggers
    if percent is not None and not 0 <= percent <= 100:
        raise XlcapError(f"must be from 0 to 100; found {show(percent)}", where="argument 'percent'", code="#NUM!")
    if percent is not None and 0 < percent <= 1:
        raise XlcapError(
            f"{show(percent)} would be one percent or less: write 60 for 60% (a cell that shows 60% holds 0.6)",
            where="argument 'percent'",
            code="#NUM!",
        )
    if winding_up and "dissolution" in triggers:
        return True
    if happening == "merger" and "merger" not in triggers and "merger_no_majority" in triggers:
        return _percent(terms, percent, "the survivor's votes the company's holders control") <= _HALF
    if happening == "change_of_control" and "change_of_control_50" in triggers:
        acquired = _percent(terms, percent, "all votes acquired from the company")
        if acquired > _HALF and board_approved is None:
            raise XlcapError(
                f"is required: it counts only if the board approved it ({_clause_of_triggers(terms)})",
                where="argument 'board_approved'",
            )
        return acquired > _HALF and bool(board_approved)
    return happening in triggers


def _percent(terms: Terms, percent: Decimal | None, of_what: str) -> Decimal:
    if percent is None:
        raise XlcapError(f"is required: the percentage of {of_what} ({_clause_of_triggers(terms)})",
                         where="argument 'percent'")  # fmt: skip
    return percent


def _clause_of_triggers(terms: Terms) -> str:
    return terms.liquidation.triggers_clause or terms.liquidation.clause


class Pays(NamedTuple):
    """What the preferred gets from an event, under which clause, and why."""

    what: Literal["preference", "package", "election", "conversion", "nothing"]
    clause: str
    why: str


def event_pays(
    terms: Terms,
    happening: Happening,
    *,
    winding_up: bool = False,
    percent: Decimal | None = None,
    board_approved: bool | None = None,
    qualified_event: bool = False,
) -> Pays:
    """Whether an event pays the preference, or conversion delivers its package, or the holder chooses.

    A merger or a sale of the assets may be both a liquidation and a reorganization (AMB-VS6, AMB-PT14). A qualified
    event of another class converts the shares, and pays no preference (Valuestar B.1, D.11(i)).
    """
    linked, reorganization = terms.conversion.with_class, terms.adjust.reorganization
    if qualified_event:
        if linked is None or not linked.qualified_event:
            raise XlcapError("this certificate knows no qualified events", where="argument 'qualified_event'",
                             code="#N/A")  # fmt: skip
        return Pays("conversion", linked.clause, "a qualified event: the shares convert, no preference is paid")
    paid = is_liquidation(terms, happening, winding_up=winding_up, percent=percent, board_approved=board_approved)
    packaged = reorganization is not None and happening in ("merger", "asset_sale")
    if not paid:
        if packaged and reorganization is not None:
            return Pays("package", reorganization.clause, "no liquidation: conversion delivers the package")
        return Pays("nothing", _clause_of_triggers(terms), "no liquidation")
    if not packaged or reorganization is None:
        return Pays("preference", terms.liquidation.clause, "a liquidation")
    both = f"a liquidation ({_clause_of_triggers(terms)}) and a reorganization ({reorganization.clause})"
    match terms.liquidation.merger_pays:
        case "preference":
            return Pays("preference", terms.liquidation.clause, f"{both}: the preference, unless converted before")
        case "package":
            return Pays("package", reorganization.clause, f"{both}: conversion delivers the package")
        case "election":
            either = f"{terms.liquidation.clause} or {reorganization.clause}"
            return Pays("election", either, f"{both}: the preference, or conversion into the package")
