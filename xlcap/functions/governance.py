"""Deadlines, votes and consents."""

from decimal import Decimal
from typing import Annotated, Any

from xlcap.calendars import calendar
from xlcap.engine import notices
from xlcap.functions.arguments import Amount, Certificate, Date, Dates, Text
from xlcap.functions.registry import function

TOPIC = "Governance and notices"


@function(TOPIC)
def notice_dates(
    terms: Certificate,
    occasion: Annotated[Text, "what the notice is about, such as redemption, merger or conversion_delivery"],
    occasion_date: Annotated[Date, "the day of it: redemption, payment, record or effective date, Conversion Date"],
    holidays: Annotated[Dates, "the user's own list of holidays; blank: the certificate's calendar"] | None = None,
) -> list[list[Any]]:
    """What is due for an occasion: the first and the last day for a notice or a delivery, with its clause.

    Source: PriceSmart IV (liquidation_payment), V.C (redemption), VI.C (conversion_delivery), VI.E(7)
    (voluntary_reduction), VI.E(9) (adjustment), VI.F (merger), VI.I (corporate_action). Errors: an occasion the
    certificate does not name, with those it does.

    >>> from xlcap.functions import call
    >>> [str(cell) for cell in call("NOTICE_DATES", ["PRICESMART-B", "redemption", "2009-01-15"])[1][2:4]]
    ['2008-11-16', '2008-12-16']
    """
    due = notices.notice_dates(terms, occasion, occasion_date, calendar(terms.calendar, holidays))
    rows: list[list[Any]] = [["What", "Clause", "Earliest", "Latest", "Counted"]]
    return rows + [[entry.what, entry.clause, entry.earliest, entry.latest, entry.counted] for entry in due]


@function(TOPIC)
def votes(terms: Certificate, shares: Annotated[Amount, "preferred shares held"]) -> Decimal:
    """Votes of preferred shares under the certificate; what the law gives is not counted.

    Source: PriceSmart VIII: none.

    >>> from xlcap.functions import call
    >>> call("VOTES", ["PRICESMART-B", 20000])
    0.0
    """
    return notices.votes(terms, shares)


@function(TOPIC)
def consent_met(
    terms: Certificate,
    matter: Annotated[Text, "matter that needs consent, such as adverse_change or senior_or_parity_issue"],
    votes_for: Annotated[Amount, "shares that consent"],
    outstanding: Annotated[Amount, "shares outstanding"],
) -> bool:
    """Whether the shares that consent are enough for a matter: a majority of those outstanding, compared exactly.

    Source: PriceSmart II, IX.A. Exactly half is no majority. Errors: a matter the certificate does not name; more votes
    than shares.

    >>> from xlcap.functions import call
    >>> call("CONSENT_MET", ["PRICESMART-B", "adverse_change", 10000, 20000])
    False
    >>> call("CONSENT_MET", ["PRICESMART-B", "adverse_change", 10001, 20000])
    True
    """
    return notices.consent_met(terms, matter, votes_for, outstanding)
