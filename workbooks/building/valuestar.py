"""Valuestar's Series B, after the certificate of designation of December 1999."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from building.book import Book, Design
from building.page import AMOUNT, WHOLE, YES_NO, Page
from building.sheets import (
    EXIT_ADDS_UP,
    EXITS,
    HOW_IT_IS_USED,
    LAST_CHANGE,
    LAST_CHANGED,
    PAYOFFS_ADD_UP,
    STEPS,
    THE_EXITS,
    THE_REPORT,
    Answer,
    Choice,
    Given,
    Line,
    about,
    certificate,
    events,
    exit_line,
    first_payoff,
    history,
    liquidation,
    summary,
    terms,
    working,
)
from building.style import TEXT
from xlcap.batch.looks import COUNT, DAY, FINE, MONEY, PERCENT

PRICE = "0.0000"
CLASSES = ("Series A", "Series B", "Options", "Common")
DATED = "Events[#All],as_of,,time_of_day,known_at"
TRUTH = '"TRUE";"TRUE";"FALSE"'

RESULTS: Mapping[str, Sequence[Line]] = {
    "Conversion": (
        Line(
            "Conversion price, dollars a share of Common",
            f"CONVERSION_PRICE(SeriesB,{DATED})",
            "0.000000",
            "D.3 to D.8, in effect at the time above",
            "price_in_effect",
            key=True,
        ),
        LAST_CHANGED,
        Line("Common for one Series B share", "CONVERSION_RATE(SeriesB,price_in_effect)", FINE, "D.1, 17.50 / price"),
        Line(
            "Common on conversion by every holder",
            "SUM(INDEX(HolderConversions,0,4))",
            COUNT,
            "D.1, whole shares for each holder",
            "shares_on_conversion",
            key=True,
        ),
        Line(
            "Cash for fractions of a share, dollars",
            "SUM(INDEX(HolderConversions,0,6))",
            MONEY,
            "D.12, at the value the board determined",
        ),
        Line(
            "Part of the Common after conversion",
            "shares_on_conversion/(shares_on_conversion+outstanding_common)",
            PERCENT,
            "of Common outstanding and converted",
        ),
        Line(
            "Common to be reserved",
            "INDEX(Reserve,2,1)",
            COUNT,
            '=IF(INDEX(Reserve,2,3)>0,"D.13, short by "&TEXT(INDEX(Reserve,2,3),"#,##0"),'
            '"D.13, of "&TEXT(INDEX(Reserve,2,2),"#,##0")&" free")',
        ),
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
        Line(
            "With a dividend on the Common, for the series",
            "INDEX(Participation,ROWS(Participation),7)",
            MONEY,
            '="A.1, with "&TEXT(common_dividend,"0.00##")&" on a share of Common"',
        ),
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
        *(exit_line(who, "preference and participation") for who in CLASSES),
        Line(
            "Proceeds",
            "SUM(payoff_series_a,payoff_series_b,payoff_options,payoff_common)",
            MONEY,
            '=IF(qualified_event,"B.1, a Qualified Liquidation Event","B.1, B.2")',
        ),
    ),
}
GIVEN: Mapping[str, Sequence[Given]] = {
    "the report": THE_REPORT,
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
        Given("All Series A is converted", "series_a_converted", TRUTH, YES_NO),
        Given("Qualified Liquidation Event", "qualified_event", TRUTH, YES_NO),
        Given("Next record date", "record_date", DAY),
        Given("Days from mailing to receipt", "transit_days", COUNT, WHOLE),
    ),
    "exits, dollars for all holders of stock": THE_EXITS,
}
HELD = {
    "preferred_shares": 600000, "common_authorized": 50000000, "series_a_shares": 225000,
    "series_a_preference": 5625000, "declared_dividend": 0, "preferential_paid": 0, "common_dividend": 0.02,
    "board_size": 7, "series_a_converted": False, "record_date": dt.date(2002, 7, 15), "transit_days": 4,
}  # fmt: skip
FIGURES = (LAST_CHANGE,)
CHECKS = (
    PAYOFFS_ADD_UP,
    EXIT_ADDS_UP,
    ("Every event is on or after the Filing Date", 'COUNTIFS(Events[Date],"<"&original_issue_date)=0'),
    ("The holders' shares add up to those outstanding", "SUM(Holders[Shares])=preferred_shares"),
    ("No more Series B than is authorised", 'preferred_shares<=TERM(SeriesB,"initial_shares_authorized")'),
    (
        "The history ends at the price in effect (at the close)",
        'IF(time_of_day="close",IF(ROWS(PriceHistory)=1,INITIAL_CONVERSION_PRICE(SeriesB),'
        "INDEX(PriceHistory,ROWS(PriceHistory),9))=price_in_effect,TRUE)",
    ),
    ("The sheet Conversion shows every step", f"ROWS(PriceHistory)<={STEPS + 1}"),
)
CHOICES = (
    Choice("id", "terms_id", "VALUESTAR-B", "certificate of these terms; what is not listed here is as it says"),
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
    Answer("Conversion price", "Conversion, Summary", "PriceHistory",
           "CONVERSION_HISTORY(SeriesB,Events[#All],,as_of,known_at)",
           [DAY, TEXT, TEXT, TEXT, TEXT, PRICE, FINE, PRICE, PRICE, FINE, TEXT, TEXT]),
    Answer("Certificate of adjustment", "Certificate of adjustment", "AdjustmentCertificate",
           "IFNA(ADJUSTMENT_CERTIFICATE(SeriesB,Events[#All],as_of,,certificate_event,known_at),"
           '"Nothing changed the conversion price up to "&TEXT(as_of,"d mmmm yyyy"))', [TEXT, TEXT]),
    Answer("Conversion by every holder", "Holders, Summary", "HolderConversions",
           "CONVERSION_SHARES(SeriesB,Holders[Shares],price_in_effect,declared_dividend,,fair_value)",
           [COUNT, FINE, FINE, COUNT, FINE, MONEY, MONEY]),
    Answer("Common to be reserved", "Summary", "Reserve",
           "RESERVED_SHARES(SeriesB,preferred_shares,price_in_effect,,common_authorized,outstanding_common,,"
           "option_shares+series_a_as_converted)", [COUNT, COUNT, COUNT, TEXT]),
    Answer("With a dividend on the Common", "Holders, Summary", "Participation",
           "DIVIDEND_PARTICIPATION(SeriesB,common_dividend,Holders[Shares],price_in_effect,preferential_paid)",
           [TEXT, COUNT, FINE, MONEY, MONEY, MONEY, MONEY, FINE, TEXT, TEXT]),
    Answer("Automatic conversion", "Governance, Summary", "Triggers",
           "AUTOMATIC_CONVERSION_TEST(SeriesB,votes_for,preferred_shares,series_a_converted,qualified_event)",
           [TEXT, TEXT, TEXT, TEXT]),
    Answer("Directors", "Governance", "Seats", "DIRECTOR_SEATS(SeriesB,board_size,ClassCounts[#All])",
           [TEXT, COUNT, TEXT, TEXT]),
    Answer("Matters that need consent", "Governance", "Matters", "CONSENTS(SeriesB)", [TEXT, TEXT, TEXT, TEXT, TEXT]),
    Answer("Notice before a record date", "Governance", "RecordNotice",
           'NOTICE_DATES(SeriesB,"record_date",record_date,,transit_days)', [TEXT, TEXT, DAY, DAY, TEXT]),
    Answer("Notice before a sale or merger", "Governance", "SaleNotice",
           'NOTICE_DATES(SeriesB,"deemed_liquidation",record_date,,transit_days)', [TEXT, TEXT, DAY, DAY, TEXT]),
    Answer("One exit", "Liquidation, Summary", "ExitDetail",
           "WATERFALL_DETAIL(exit_value,CapTable[#All],,qualified_event)",
           [TEXT, MONEY, TEXT, FINE, MONEY, FINE, PERCENT, TEXT, TEXT]),
    Answer("Payoffs across exits", "Liquidation, Summary", "Payoffs",
           f"WATERFALL(_xlfn.SEQUENCE({EXITS},1,exit_from,exit_step),CapTable[#All],,,qualified_event)",
           [COUNT, *[MONEY] * 4]),
    Answer("Where the split changes", "Liquidation", "SplitChanges", "BREAKPOINTS(CapTable[#All],qualified_event)",
           [MONEY, TEXT, TEXT, TEXT]),
)  # fmt: skip
ABOUT: Mapping[str, Sequence[str]] = {
    "What it is": (
        "A template for reports on Valuestar's Series B Convertible Preferred Stock, after the certificate of "
        "designation of December 1999. It shows the conversion price through every event, what each holder converts "
        "into and votes, payoffs with the cap and with Series A, and the certificate of adjustment, with clauses.",
        "Events, holders and counts in it are invented for illustration. They are not Valuestar's history.",
    ),
    "How it is used": HOW_IT_IS_USED,
    "What was decided": (
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
    ),
}


def holders(book: Book) -> None:
    """What each holder converts into, votes and is paid with the Common."""
    page = Page(book, "Holders", {"B": 34, **dict.fromkeys("CDEFGHIJ", 17)})
    page.heads(
        "Holders",
        '="Conversion of everything on "&TEXT(as_of,"d mmmm yyyy")&" at "&TEXT(price_in_effect,"0.0000")'
        '&" dollars: the fraction of each holder\'s total is paid in cash, D.12"',
    )
    columns = {
        "Holder": "@",
        "Shares": COUNT,
        "Exact shares of Common": "#,##0.000000",
        "Whole shares": COUNT,
        "Fraction": FINE,
        "Cash for fraction": MONEY,
        "Declared dividends in cash, D.2": MONEY,
        "Votes, C.1": COUNT,
        "1.40 and share with the Common, A.1": MONEY,
    }
    row = "ROW()-ROW(Holders[[#Headers],[Holder]])+1"
    own = [f"INDEX(HolderConversions,{row},{i})" for i in (2, 4, 5, 6, 7)]
    own += [
        "VOTES(SeriesB,Holders[[#This Row],[Shares]],price_in_effect)",
        f"INDEX(Participation,{row},7)",
    ]
    computed = dict(zip(list(columns)[2:], own, strict=True))
    told = [[*line, *[None] * 7] for line in book.rows("holders.csv", ["Holder", "Shares"])]
    page.section("B4", "Who holds the Series B, and what each gets", "J")
    page.table("B5", "Holders", columns, told, computed=computed, checks={"Shares": WHOLE})
    page.sheet.freeze_panes = "A6"


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
    page.done()
    page.sheet.page_setup.fitToHeight = 1
    page.sheet.freeze_panes = "A4"


def _summary(book: Book) -> None:
    summary(
        book,
        results=RESULTS,
        given=GIVEN,
        held=HELD,
        figures=FIGURES,
        checks=CHECKS,
        classes=CLASSES,
        payoffs=first_payoff(len(CLASSES)),
    )


def _events(book: Book) -> None:
    widths = [7, 15, 11.5, 6.5, 12, 9.5, 11, 11.5, 11.5, 10.5, 10.5, 10, 11, 12, 11.5, 8, 38]
    further = "Known on, Property value, Allocated elsewhere, Min conversion, By, Outstanding after, Property, Value"
    events(book, EVENT_COLUMNS, widths, further)


def _liquidation(book: Book) -> None:
    told = "Who is paid what, by B.1 and B.2: preference, participation up to the cap, or as converted with Series A"
    liquidation(book, told, CAP_COLUMNS, CAP_TABLE, CLASSES, split_height=27)


DESIGN = Design(
    folder="valuestar",
    file="valuestar-series-b.xlsx",
    terms="VALUESTAR-B",
    title="Valuestar Series B: conversion, dividends, payoffs",
    footer="Valuestar Corporation, Series B",
    stamp=dt.datetime(1999, 12, 10, 12),
    first_day=dt.date(1999, 12, 1),
    price=PRICE,
    sheets=(
        _summary,
        lambda book: terms(book, CHOICES),
        _events,
        history,
        holders,
        governance,
        _liquidation,
        lambda book: certificate(book, "certificate to holders under D.9"),
        lambda book: working(book, ANSWERS),
        lambda book: about(book, ABOUT),
    ),
)
