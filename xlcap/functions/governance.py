"""Deadlines, votes, seats, consents, and shares that may still be issued."""

from decimal import Decimal
from typing import Annotated, Any

from xlcap.calendars import calendar
from xlcap.engine import notices
from xlcap.functions.arguments import Amount, Certificate, ClassCounts, Date, Dates, Integer, Positive, Text
from xlcap.functions.registry import function
from xlcap.numbers import ZERO

TOPIC = "Governance and notices"


@function(TOPIC)
def notice_dates(
    terms: Certificate,
    occasion: Annotated[Text, "what the notice is about, such as redemption, merger or conversion_delivery"],
    occasion_date: Annotated[Date, "the day of it: redemption, payment, record or effective date, Conversion Date; "
                             "for what is due after a receipt, the day of the receipt"],
    holidays: Annotated[Dates, "the user's own list of holidays; blank: the certificate's calendar"] | None = None,
    transit_days: Annotated[Integer, "days from sending to receipt, or to the second attempted delivery, where a "
                            "notice counts from then; blank: 0"] = 0,
) -> list[list[Any]]:  # fmt: skip
    """What is due for an occasion: the first and the last day for a notice or a delivery, with its clause.

    Source: PriceSmart IV (liquidation_payment), V.C (redemption), VI.C (conversion_delivery), VI.E(7)
    (voluntary_reduction), VI.E(9) (adjustment), VI.F (merger), VI.I (corporate_action). Valuestar D.10 (record_date),
    B.3 (deemed_liquidation), both counted from receipt (D.14): a merger may fall under both, then the earlier day
    binds. Patron 3(d) (surrender, from the date of the conversion notice; conversion_delivery, from the day the company
    receives it; balance_certificate, from the day it receives the old certificates). Errors: an occasion the
    certificate does not name, with those it does; days in transit that are negative, or that no deadline counts.

    >>> from xlcap.functions import call
    >>> [str(cell) for cell in call("NOTICE_DATES", ["PRICESMART-B", "redemption", "2009-01-15"])[1][2:4]]
    ['2008-11-16', '2008-12-16']
    >>> str(call("NOTICE_DATES", ["VALUESTAR-B", "record_date", "2000-05-01", None, 3])[1][3])
    '2000-04-08'
    """
    days = calendar(terms.calendar, holidays)
    rows: list[list[Any]] = [["What", "Clause", "Earliest", "Latest", "Counted"]]
    return rows + [list(due) for due in notices.notice_dates(terms, occasion, occasion_date, days, transit_days)]


@function(TOPIC)
def votes(
    terms: Certificate,
    shares: Annotated[Amount, "preferred shares of one holder, at one conversion price"],
    price: Annotated[Positive, "conversion price on the record date of the vote; blank where the shares have no votes"]
    | None = None,
    accrued: Annotated[Amount, "dividends that would convert with a share, dollars"] = ZERO,
) -> Decimal:
    """Votes of preferred shares under the certificate; what the law gives is not counted.

    Source: PriceSmart VIII: none. Valuestar C.1: as many as whole shares of Common the holder's shares convert into
    (AMB-VS3: voting.votes_rounding). Patron 1: the whole shares EACH preferred share converts into; a broken share,
    from a dividend in kind, has the whole votes of its part. Errors: a price left out where votes depend on it;
    negative counts, and broken ones where there are no broken shares.

    >>> from xlcap.functions import call
    >>> call("VOTES", ["PRICESMART-B", 20000]), call("VOTES", ["PATRON-B", 1000, 2.4])
    (0.0, 2083000.0)
    """
    return notices.votes(terms, shares, price, accrued)


@function(TOPIC)
def director_seats(
    terms: Certificate,
    board: Annotated[Integer, "directors there are"],
    outstanding: Annotated[ClassCounts, "table with a header row: class, shares, and split where a class was split"],
) -> list[list[Any]]:
    """The directors each class elects, with the clause and why; the Common, or all together, elect the rest.

    Source: Valuestar C.2: Series A one director while 100,000 of its shares are outstanding, Series B two while 200,000
    are; the numbers of shares follow splits of the class. Patron 1: all classes vote together (voting.rest). Errors: a
    class of the certificate that is not in the table, or stands there twice; fewer directors than the classes elect.

    >>> from xlcap.functions import call
    >>> table = [["class", "shares"], ["Series A", 600000], ["Series B", 199999]]
    >>> [row[:2] for row in call("DIRECTOR_SEATS", ["VALUESTAR-B", 7, table])[1:]]
    [['Series A', 1], ['Series B', 0], ['Common', 6]]
    """
    elected = notices.director_seats(terms, board, outstanding)
    return [["Class", "Seats", "Clause", "Why"], *(list(row) for row in elected)]


@function(TOPIC)
def authorized_remaining(
    terms: Certificate,
    outstanding: Annotated[Amount, "preferred shares outstanding"],
    reacquired: Annotated[Amount, "shares converted, redeemed or bought back so far"] = ZERO,
    proposed: Annotated[Amount, "further shares to be issued, such as dividends in kind"] = ZERO,
) -> Decimal:
    """Preferred shares that may still be issued, of those authorised.

    Source: Valuestar preamble (800,000) and E, Patron preamble (2,000) and 3(h): what was converted or reacquired is
    not issued again. Errors: more used than authorised; more proposed than remain, with the shortfall.

    >>> from xlcap.functions import call
    >>> call("AUTHORIZED_REMAINING", ["PATRON-B", 1700, 100, 170])
    30.0
    """
    return notices.authorized_remaining(terms, outstanding, reacquired, proposed)


@function(TOPIC)
def consents(terms: Certificate) -> list[list[Any]]:
    """The matters that need consent: clause, fraction needed, whose consent it is, and how it is counted.

    Source: PriceSmart II, IX.A; Valuestar D.11(ii); Patron 9(a), 9(b), and 9(c), which asks Series A (AMB-PT17).

    >>> from xlcap.functions import call
    >>> call("CONSENTS", ["PATRON-B"])[3]
    ['senior_or_parity_issue', '9(c)', 'more than 1/2', 'Series A', 'stated value']
    """
    rows: list[list[Any]] = [["Matter", "Clause", "Needed", "Whose", "Counted in"]]
    for matter, consent in terms.voting.consents.items():
        needed = f"{'more than' if consent.strict else 'at least'} {consent.fraction}"
        rows.append([matter, consent.clause, needed, consent.by or terms.name, consent.counted_in.replace("_", " ")])
    return rows


@function(TOPIC)
def consent_met(
    terms: Certificate,
    matter: Annotated[Text, "matter that needs consent, such as adverse_change; CONSENTS lists them"],
    votes_for: Annotated[Amount, "shares that consent, of the class CONSENTS names"],
    outstanding: Annotated[Amount, "shares outstanding of that class"],
) -> bool:
    """Whether the shares that consent are enough for a matter: a majority of those outstanding, compared exactly.

    Source: PriceSmart II, IX.A; Valuestar D.11(ii), two thirds; Patron 9(a), 9(b), and 9(c), for which the shares are
    those of Series A. Exactly half is no majority. Where the certificate counts stated value, shares of one class weigh
    the same, and give the same ratio. Errors: a matter the certificate does not name; more votes than shares.

    >>> from xlcap.functions import call
    >>> call("CONSENT_MET", ["PRICESMART-B", "adverse_change", 10000, 20000])
    False
    >>> call("CONSENT_MET", ["PRICESMART-B", "adverse_change", 10001, 20000])
    True
    """
    return notices.consent_met(terms, matter, votes_for, outstanding)
