"""Valuestar's Series B, after the certificate of designation of December 1999."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from building import pieces, sheets
from building.book import Answer, Book, Design
from building.page import AMOUNT, WHOLE, YES_NO, Page
from building.pieces import Choice, Given, Line
from building.sheets import of_holder
from building.style import TEXT
from xlcap.batch.looks import COUNT, DAY, FINE, MONEY

PRICE = "0.0000"
CLASSES = ("Series A", "Series B", "Options", "Common")
DATED = "Events[#All],as_of,,time_of_day,known_at"

RESULTS: Mapping[str, Sequence[Line]] = {
    "Conversion": (
        pieces.conversion_price(DATED, "0.000000", "D.3 to D.8, in effect at the time above"),
        pieces.LAST_CHANGED,
        Line("Common for one Series B share", "CONVERSION_RATE(SeriesB,price_in_effect)", FINE, "D.1, 17.50 / price"),
        pieces.on_conversion("D.1, whole shares for each holder"),
        pieces.cash_for_fractions("D.12, at the value the board determined"),
        pieces.ownership(),
        pieces.reserved("D.13"),
        Line(
            "Converts without a choice",
            'IF(COUNTIF(INDEX(Triggers,0,3),TRUE)>0,"yes","no")',
            TEXT,
            "D.11, see Governance",
            "automatic",
        ),
    ),
    "Dividends": (
        Line(
            "Due this year before a dividend on the Common",
            "DIVIDEND_PREFERENCE(SeriesB,preferred_shares,preferential_paid)",
            MONEY,
            "A.1, 1.40 a share, lapsing with the year",
        ),
        pieces.with_the_common("A.1"),
    ),
    "Liquidation": (
        Line(
            "Liquidation preference of a share, dollars",
            "LIQUIDATION_PREFERENCE(SeriesB,declared_dividend)",
            MONEY,
            "B.1, with dividends declared and unpaid",
        ),
        Line(
            "Liquidation preference of the series, dollars",
            "LIQUIDATION_PREFERENCE(SeriesB,declared_dividend,preferred_shares)",
            MONEY,
            "B.1",
        ),
        Line(
            "The most without conversion, a share, dollars",
            'TERM(SeriesB,"liquidation.participation_cap_amount")',
            MONEY,
            "B.1, the preference included",
        ),
    ),
    "Payoffs at one exit, dollars": (
        *(pieces.exit_line(who, "preference and participation") for who in CLASSES),
        Line(
            "Proceeds",
            "SUM(payoff_series_a,payoff_series_b,payoff_options,payoff_common)",
            MONEY,
            '=IF(qualified_event,"B.1, a Qualified Liquidation Event","B.1, B.2")',
        ),
    ),
}
GIVEN: Mapping[str, Sequence[Given]] = {
    "the report": pieces.THE_REPORT,
    "stock": (
        Given("Series B shares outstanding", "preferred_shares", COUNT, WHOLE),
        Given("Common authorised", "common_authorized", COUNT, WHOLE),
        Given("Common outstanding", "outstanding_common", COUNT, WHOLE),
        Given("Options, shares", "option_shares", COUNT, WHOLE),
        Given("Options, exercise price, dollars", "option_strike", MONEY, AMOUNT),
        Given("Series A shares outstanding", "series_a_shares", COUNT, WHOLE),
        Given("Series A preference, dollars", "series_a_preference", MONEY, AMOUNT),
        Given("Common that the Series A converts into", "series_a_as_converted", COUNT, AMOUNT),
        Given("Value of a share of Common, by the board, dollars", "fair_value", MONEY, AMOUNT),
    ),
    "dividends, dollars a share": (
        Given("Declared on Series B and unpaid", "declared_dividend", MONEY, AMOUNT),
        Given("Paid on Series B this year", "preferential_paid", MONEY, AMOUNT),
        Given("Cash dividend on a share of Common", "common_dividend", "0.00##", AMOUNT),
    ),
    "votes and events": (
        Given("Series B shares voting for conversion", "votes_for", COUNT, WHOLE),
        Given("Directors on the board", "board_size", COUNT, WHOLE),
        Given("All Series A is converted", "series_a_converted", pieces.TRUTH, YES_NO),
        Given("Qualified Liquidation Event", "qualified_event", pieces.TRUTH, YES_NO),
        Given("Next record date", "record_date", DAY),
        Given("Days from mailing to receipt", "transit_days", COUNT, WHOLE),
    ),
    "exits, dollars for all holders of stock": pieces.THE_EXITS,
}
HELD = {
    "preferred_shares": 600000, "common_authorized": 50000000, "series_a_shares": 225000,
    "series_a_preference": 5625000, "declared_dividend": 0, "preferential_paid": 0, "common_dividend": 0.02,
    "board_size": 7, "series_a_converted": False, "record_date": dt.date(2002, 7, 15), "transit_days": 4,
}  # fmt: skip
FIGURES = (pieces.LAST_CHANGE,)
CHECKS = (
    pieces.none_before("Filing Date"),
    pieces.HOLDERS_ADD_UP,
    pieces.WITHIN_AUTHORIZED,
    pieces.history_ends(),
    pieces.EVERY_STEP,
)
CHOICES = (
    Choice(
        "original_issue_date", "original_issue_date", dt.date(1999, 12, 10), "D.3: the Filing Date, not in the text"
    ),
    Choice(
        "adjust.issue_below_price.fd_price",
        "fd_price",
        "before",
        "D.8(i): the price at which Series B counts as converted",
        ("before", "before_as_published", "after"),
    ),
    Choice(
        "adjust.issue_below_price.denominator",
        "denominator",
        "before_plus_new",
        "D.8(i): the shares after the issue",
        ("before_plus_new", "as_counted"),
    ),
    Choice(
        "adjust.issue_below_price.basket.overflow",
        "basket_overflow",
        "excess",
        "D.8(v)(C): what counts of an issue that goes beyond 5%",
        ("excess", "all"),
    ),
    Choice(
        "adjust.issue_below_price.deemed.amendment",
        "amendment",
        "new_issue",
        "D.8(iii): an instrument changed by agreement",
        ("new_issue", "recompute", "nothing"),
    ),
    Choice("voting.votes_rounding", "votes_rounding", "holder", "C.1: whole votes", ("holder", "share", "none")),
    Choice(
        "dividend.participation.participation_credit",
        "participation_credit",
        "FALSE",
        "A.1: whether the 1.40 counts towards the share with the Common",
        ("TRUE", "FALSE"),
    ),
)
EVENT_COLUMNS = {
    "ID": "@", "Event": "@", "Date": DAY, "Ratio": "0.####", "Common outstanding": COUNT, "Series shares": COUNT,
    "Preferred as converted": COUNT, "Options outstanding": COUNT, "Convertibles outstanding": COUNT, "Shares": COUNT,
    "Cash": COUNT, "Min exercise": COUNT, "Security": "@", "Exempt": "@", "Payment date": DAY, "Refers to": "@",
    "Note": "wrap",
}  # fmt: skip
CAP_COLUMNS = {
    "Class": "@", "Kind": "@", "Shares": COUNT, "Seniority": "0", "Preference": MONEY, "As converted": COUNT,
    "Conversion price": PRICE, "Accrued": MONEY, "Strike": MONEY, "Terms": "@",
}  # fmt: skip
CAP_TABLE: Sequence[Sequence[Any]] = [
    ["Series A", "preferred", "=series_a_shares", 2, "=series_a_preference", "=series_a_as_converted", *[None] * 4],
    ["Series B", "preferred", "=preferred_shares", 1, None, None, "=price_in_effect", "=declared_dividend", None,
     "=terms_id"],
    ["Options", "option", "=option_shares", *[None] * 5, "=option_strike", None],
    ["Common", "common", "=outstanding_common", *[None] * 7],
]  # fmt: skip
ANSWERS = (
    *pieces.price_answers(PRICE, prices=""),
    pieces.holder_conversions(
        "Holders[Shares],price_in_effect,declared_dividend,,fair_value",
        [COUNT, FINE, FINE, COUNT, FINE, MONEY, MONEY],
    ),
    pieces.reserve(
        "preferred_shares,price_in_effect,,common_authorized,outstanding_common,,option_shares+series_a_as_converted"
    ),
    pieces.participation("Holders[Shares],price_in_effect,preferential_paid"),
    Answer("Automatic conversion", "Governance, Summary", "Triggers",
           "AUTOMATIC_CONVERSION_TEST(SeriesB,votes_for,preferred_shares,series_a_converted,qualified_event)",
           [TEXT, TEXT, TEXT, TEXT]),
    Answer("Directors", "Governance", "Seats", "DIRECTOR_SEATS(SeriesB,board_size,ClassCounts[#All])",
           [TEXT, COUNT, TEXT, TEXT]),
    pieces.CONSENTS,
    pieces.notice("Notice before a record date", "RecordNotice", '"record_date",record_date,,transit_days'),
    pieces.notice("Notice before a sale or merger", "SaleNotice", '"deemed_liquidation",record_date,,transit_days'),
    *pieces.payoff_answers(CLASSES, "qualified_event"),
)  # fmt: skip
WHAT_IT_IS = (
    "A template for reports on Valuestar's Series B Convertible Preferred Stock, after the certificate of "
    "designation of December 1999. It shows the conversion price through every event, what each holder converts "
    "into and votes, payoffs with the cap and with Series A, and the certificate of adjustment, with clauses.",
    "Events, holders and counts in it are invented for illustration. They are not Valuestar's history.",
)
DECIDED = (
    "The Filing Date is not in the text, and in some places it can be read in more than one way. The sheet Terms "
    "states the date and the readings this report uses; change one there and everything that is computed from "
    "these terms follows. The payoffs take the certificate by its name (id): for another reading of B.1 or D.11, "
    "name a certificate of your own.",
    "An issue below the price needs the shares outstanding on the day before, which D.8(i) counts with all options "
    "and convertible securities: the columns of the sheet Events. The conversion price is not rounded.",
    "Where all Series A converts, Series B converts with it (D.11(i)), so that its payoff falls there. In a "
    "Qualified Liquidation Event Series B has no preference: whether it is one, the certificate of Series A says.",
    "Series A is stated in dollars and shares, as inputs: its own certificate is not computed here. Payoffs do not "
    "take account of taxes, debts or the costs of a liquidation.",
)


def holders(book: Book) -> None:
    """What each holder converts into, votes and is paid with the Common."""
    sheets.holdings(
        book,
        "Holders",
        '="Conversion of everything on "&TEXT(as_of,"d mmmm yyyy")&" at "&TEXT(price_in_effect,"0.0000")'
        '&" dollars: the fraction of each holder\'s total is paid in cash, D.12"',
        "Who holds the Series B, and what each gets",
        {
            "Holder": ("@", ""),
            "Shares": (COUNT, ""),
            "Exact shares of Common": (FINE, of_holder("HolderConversions", 2)),
            "Whole shares": (COUNT, of_holder("HolderConversions", 4)),
            "Fraction": (FINE, of_holder("HolderConversions", 5)),
            "Cash for fraction": (MONEY, of_holder("HolderConversions", 6)),
            "Declared dividends in cash, D.2": (MONEY, of_holder("HolderConversions", 7)),
            "Votes, C.1": (COUNT, "VOTES(SeriesB,Holders[[#This Row],[Shares]],price_in_effect)"),
            "1.40 and share with the Common, A.1": (MONEY, of_holder("Participation", 7)),
        },
        widths=(34, 17),
    )


def governance(book: Book) -> None:
    """Automatic conversion, directors, consents, notices."""
    page = Page(book, "Governance", {"B": 38, "C": 14, "D": 18, "E": 34, "F": 44})
    page.heads("Governance", "Automatic conversion, directors, consents and notices, by C, D.10, D.11 and B.3")
    why = {"B": 1, "C": 2, "D": 3, "E": 4}
    page.section("B4", "Whether the Series B converts without a choice", "F")
    page.shows("B5", "Triggers", [TEXT, TEXT, "yes", TEXT], 2, at=why, wide={"E": "F"}, height=18)
    page.section("B9", "Shares outstanding, from which the seats follow", "D")
    counts = [["Series A", "=series_a_shares", 1], ["Series B", "=preferred_shares", 1]]
    page.table("B10", "ClassCounts", {"Class": "@", "Shares": COUNT, "Split": "0.####"}, counts)
    page.section("B14", "Directors, C.2", "F")
    page.shows("B15", "Seats", [TEXT, "0", TEXT, TEXT], 3, at=why, wide={"E": "F"}, height=18)
    page.section("B20", "Matters that need consent", "F")
    page.shows("B21", "Matters", [TEXT] * 5, 1, height=18)
    page.section("B24", '="Notices, for a record date or a closing on "&TEXT(record_date,"d mmmm yyyy")', "F")
    page.shows("B25", "RecordNotice", ["wrap", TEXT, DAY, DAY, "wrap"], 1, height=42)
    page.shows("B28", "SaleNotice", ["wrap", TEXT, DAY, DAY, "wrap"], 1, height=29)
    page.done("A4", one_page=True)


def _events(book: Book) -> None:
    widths = [7, 15, 11.5, 6.5, 12, 9.5, 11, 11.5, 11.5, 10.5, 10.5, 10, 11, 12, 11.5, 8, 38]
    further = "Known on, Property value, Allocated elsewhere, Min conversion, By, Outstanding after, Property, Value"
    sheets.events(book, EVENT_COLUMNS, widths, further)


def _liquidation(book: Book) -> None:
    told = "Who is paid what, by B.1 and B.2: preference, participation up to the cap, or as converted with Series A"
    sheets.liquidation(book, told, CAP_COLUMNS, CAP_TABLE, CLASSES)


DESIGN = Design(
    folder="valuestar",
    file="valuestar-series-b.xlsx",
    terms="VALUESTAR-B",
    title="Valuestar Series B: conversion, dividends, payoffs",
    footer="Valuestar Corporation, Series B",
    stamp=dt.datetime(1999, 12, 10, 12),
    first_day=dt.date(1999, 12, 1),
    price=PRICE,
    answers=ANSWERS,
    sheets=(
        lambda book: sheets.summary(
            book, results=RESULTS, given=GIVEN, held=HELD, figures=FIGURES, checks=CHECKS, classes=CLASSES
        ),
        lambda book: sheets.terms(book, CHOICES),
        _events,
        sheets.history,
        holders,
        governance,
        _liquidation,
        lambda book: sheets.certificate(book, "certificate to holders under D.9"),
        sheets.working,
        lambda book: sheets.about(book, WHAT_IT_IS, DECIDED),
    ),
)
