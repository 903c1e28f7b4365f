"""PriceSmart's Series B, after the draft certificate of July 2003."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from openpyxl.chart import ScatterChart
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.drawing.line import LineProperties
from openpyxl.styles import Font
from openpyxl.styles.differential import DifferentialStyle

from building import pieces, sheets
from building.book import Answer, Book, Design
from building.charts import dressed, series_of
from building.page import AMOUNT, WHOLE, YES_NO, Page
from building.pieces import Choice, Figure, Given, Line, Test
from building.sheets import of_holder
from building.style import TEXT, aligned, when
from xlcap.batch.looks import COUNT, DAY, FINE, LINE, MONEY, NAVY, PERCENT, PRICE

EVENT_COLUMNS = {
    "ID": "@", "Event": "@", "Date": DAY, "Ex date": DAY, "Ratio": "0.####", "Common outstanding": COUNT,
    "Shares": COUNT, "Price": PRICE, "Value": "0.00##", "Consideration": COUNT, "Current market price": "0.00##",
    "End date": DAY, "Amount": PRICE, "Notice date": DAY, "Refers to": "@", "Note": "wrap",
}  # fmt: skip
CLASSES = ("Series A", "Series B", "Options", "Common")
DATED = "Events[#All],as_of,Prices[#All],time_of_day,known_at"
DIVIDENDS = "SeriesB,as_of,original_issue_date,DividendsUnpaid[Date],DividendPayments[#All]"

MEAN_PRICE = pieces.found("MarketDays", '"Mean"', 4)
"""By its name, not as the last row: in LibreOffice an array may be cut."""


RESULTS: Mapping[str, Sequence[Line]] = {
    "Conversion": (
        pieces.conversion_price(DATED, PRICE, "VI.E, in effect at the time above"),
        pieces.carried(DATED, "VI.E(8), less than 1% of the price", "carried_forward"),
        pieces.LAST_CHANGED,
        Line(
            "Common for one Series B share",
            "CONVERSION_RATE(SeriesB,price_in_effect,running_dividend,arrears,as_of)",
            FINE,
            "VI.A, preference and dividends / price",
            "conversion_rate_now",
        ),
        pieces.on_conversion("VI.D, whole shares for each holder"),
        pieces.cash_for_fractions("VI.D, at the mean of five closing prices", "cash_for_fractions"),
        pieces.ownership("ownership"),
        pieces.reserved("VI.H"),
        Line(
            "Closing price of the Common, dollars",
            "CLOSING_PRICE(SeriesB,Prices[#All],price_day)",
            PRICE,
            '="VI.E(6)(a), on "&TEXT(price_day,"d mmm yyyy")',
            "close_of_common",
        ),
        Line(
            "Current market price of the Common, dollars",
            MEAN_PRICE,
            "0.0000",
            "VI.E(6)(b), mean of 30 trading days",
        ),
    ),
    "Dividends": (
        Line(
            "Dividends accumulated on a share, dollars",
            f"ACCRUED_DIVIDENDS({DIVIDENDS})",
            MONEY,
            "III.A, 30/360",
            "dividends_a_share",
        ),
        Line(
            "of which arrears of past quarters, dollars",
            f'ACCRUED_DIVIDENDS({DIVIDENDS},,,,"arrears")',
            MONEY,
            "III.B",
            "arrears",
        ),
        Line(
            "Next payment date",
            "INDEX(DividendDates,2,2)",
            DAY,
            '="III.A, to holders of record on "&TEXT(INDEX(DividendDates,2,3),"d mmm yyyy")',
        ),
    ),
    "Liquidation and redemption": (
        Line(
            "Liquidation preference of a share, dollars",
            "LIQUIDATION_PREFERENCE(SeriesB,dividends_a_share)",
            MONEY,
            "IV(A)",
            "preference_a_share",
        ),
        Line(
            "Liquidation preference of the series, dollars",
            "LIQUIDATION_PREFERENCE(SeriesB,dividends_a_share,preferred_shares)",
            MONEY,
            "IV(A)",
            "preference_in_all",
            key=True,
        ),
        Line(
            "Redemption price of a share, dollars",
            'IF(as_of<redemption_first_date,"not redeemable",IF(senior_paid,'
            'REDEMPTION_PRICE(SeriesB,as_of,senior_paid,dividends_a_share),"not redeemable"))',
            MONEY,
            '=IF(as_of<redemption_first_date,"V.A, from "&TEXT(redemption_first_date,"d mmm yyyy"),'
            'IF(senior_paid,"V.A","V.A, Series A dividends unpaid"))',
        ),
        Line("Automatic conversion", "AUTOMATIC_CONVERSION(SeriesB)", DAY, "VI.B"),
    ),
    "Payoffs at one exit, dollars": (
        *map(pieces.exit_line, CLASSES),
        Line("Proceeds", "SUM(payoff_series_a,payoff_series_b,payoff_options,payoff_common)", MONEY, "II, IV"),
    ),
}


GIVEN: Mapping[str, Sequence[Given]] = {
    "the report": pieces.THE_REPORT,
    "stock": (
        Given("Series B shares outstanding", "preferred_shares", COUNT, WHOLE),
        Given("Common authorised", "common_authorized", COUNT, WHOLE),
        Given("Common issued", "common_issued", COUNT, WHOLE),
        Given("Common in treasury", "treasury_shares", COUNT, WHOLE),
        Given("Common that scrip stands for", "scrip", COUNT, AMOUNT),
        Given("Options, shares", "option_shares", COUNT, WHOLE),
        Given("Options, exercise price, dollars", "option_strike", PRICE, AMOUNT),
        Given("Series A shares outstanding", "series_a_shares", COUNT, WHOLE),
        Given("Series A preference with dividends, dollars", "series_a_preference", MONEY, AMOUNT),
        Given("Series A conversion price, dollars", "series_a_conversion_price", PRICE, AMOUNT),
        Given("Series A dividends of past periods are paid", "senior_paid", pieces.TRUTH, YES_NO),
    ),
    "exits, dollars for all holders of stock": pieces.THE_EXITS,
}
HELD = {
    "preferred_shares": 22000, "senior_paid": True, "common_authorized": 20000000, "scrip": 0, "series_a_shares": 20000,
}  # fmt: skip
FIGURES = (
    Figure(
        "Common outstanding, VI.E(11)",
        "outstanding_common",
        "COMMON_OUTSTANDING(common_issued,treasury_shares,scrip)",
        COUNT,
    ),
    Figure(
        "Running dividend of a share, dollars",
        "running_dividend",
        f'ACCRUED_DIVIDENDS({DIVIDENDS},,,,"running")',
        MONEY,
    ),
    pieces.LAST_CHANGE,
    pieces.LAST_PRICE_DAY,
)
PERIODS = 32
CHECKS = (
    pieces.none_before("original issue date"),
    pieces.HOLDERS_ADD_UP,
    pieces.history_ends(),
    Test(
        "The sheets show every step and every dividend period",
        f"AND(ROWS(PriceHistory)<={pieces.STEPS + 1},ROWS(DividendPeriods)<={PERIODS + 1})",
    ),
    pieces.PRICES_REACH,
)

CHOICES = (
    Choice("original_issue_date", "original_issue_date", dt.date(2003, 7, 9), "III.A: the draft says July __, 2003"),
    Choice("redemption.first_date", "redemption_first_date", dt.date(2008, 7, 9), "V.A: the draft says July __, 2008"),
    Choice(
        "conversion.automatic.date",
        "automatic_conversion_date",
        dt.date(2013, 7, 9),
        "VI.B: the draft says July __, 2013",
    ),
    Choice(
        "dividend.compounding",
        "compounding",
        "quarterly",
        "III.A, IV: whether dividends in arrears bear dividends",
        ("simple", "quarterly", "daily"),
    ),
    Choice(
        "conversion.record_date_dividend",
        "record_date_dividend",
        "converts",
        "III.A, VI.A: the running dividend on a conversion between record date and payment date",
        ("converts", "paid_to_holder"),
    ),
    Choice(
        "policy.threshold_basis",
        "threshold_basis",
        "price_in_effect",
        "VI.E(8): the price of which a change must reach 1%",
        ("price_in_effect", "base_price"),
    ),
    Choice(
        "policy.overlap",
        "overlap",
        "combined_in_sequence",
        "VI.E(4), VI.I: one action under several provisions",
        ("sequential", "combined_in_sequence", "single_greatest"),
    ),
    Choice(
        "market.ex_date_overlap",
        "ex_date_overlap",
        "second",
        "VI.E(6)(b): an ex-date that meets both limbs of the definition",
        ("second", "first"),
    ),
    Choice(
        "adjust.tender_offer.numerator",
        "tender_numerator",
        "own",
        "VI.E(5): whether earlier unadjusted offers count in the formula",
        ("own", "own_and_earlier"),
    ),
)


POINTS = 121


def market(book: Book) -> None:
    page = Page(
        book, "Market price", {"B": 13, "C": 10, "D": 10, "E": 15, "F": 56, "G": 3, **dict.fromkeys("HIJKLM", 12)}
    )
    page.heads(
        f'="Current market price: "&TEXT({MEAN_PRICE},"0.0000")&" dollars"',
        '="On "&TEXT(as_of,"d mmmm yyyy")&", the mean of 30 closing prices, other events made good by VI.E(6)(b)"',
    )
    page.shows("B4", "MarketDays", [DAY, PRICE, "0.0000", "0.0000", "small"], 33)
    bold = DifferentialStyle(font=Font(bold=True), border=LINE)
    page.sheet.conditional_formatting.add("B5:F37", when('$B5="Mean"', bold))
    page.done("A5", one_page=True)
    page.section("H4", "Conversion price and closing price, dollars a share", "M")
    chart: Any = ScatterChart()
    for column, colour, width in (("Q", "C05621", 28575), ("R", NAVY, 12700)):
        series = series_of("'Market price'", "P", column, "", 5, 4 + POINTS)
        series.graphicalProperties = GraphicalProperties(ln=LineProperties(solidFill=colour, w=width))
        chart.series.append(series)
    dressed(chart, "mmm yyyy", "0", "", "")
    chart.height, chart.width = 11.5, 14.0
    page.sheet.add_chart(chart, "H5")
    page.section("P3", "What the picture shows", "R")
    for column, heading in zip("PQR", ("Date", "Conversion price", "Mean close of the week"), strict=True):
        page.put(f"{column}4", heading, "Heading").alignment = aligned(text=False, wrap=True)
        page.sheet.column_dimensions[column].width = 14
    for row in range(5, 5 + POINTS):
        part = f"(as_of-original_issue_date)*(ROW()-5)/{POINTS - 1}"
        page.put(f"P{row}", f"=INT(original_issue_date+{part})", "Figure", DAY)
        page.put(f"Q{row}", "=INDEX(PricePath,ROW()-4)", "Figure", PRICE)
        week = f'Prices[Close],Prices[Date],"<="&P{row},Prices[Date],">"&P{row}-7'
        page.put(f"R{row}", f"=IFERROR(AVERAGEIFS({week}),NA())", "Figure", PRICE)
    page.name("PathDays", f"P5:P{4 + POINTS}")
    page.sheet.print_area = "A1:M38"


def dividends(book: Book) -> None:
    page = Page(book, "Dividends", dict.fromkeys("BCDEFGHIJ", 13.5) | {"K": 4, "L": 18, "M": 4, "N": 13, "O": 13})
    page.heads("Dividends", "Cumulative dividends of one Series B share, dollars, by III.A and III.B")
    page.section("B4", '="The payments after "&TEXT(as_of,"d mmmm yyyy")&", if each is paid when due"', "J")
    page.shows("B5", "DividendDates", [DAY, DAY, DAY, "0", MONEY], 4)
    page.section("B11", "What has accumulated", "J")
    page.shows("B12", "DividendPeriods",
               [DAY, DAY, "0", "#,##0.0000", "0.0000", "0.0000", TEXT, MONEY, "0.0000"], PERIODS)  # fmt: skip
    page.done("A4", one_page=True)
    page.section("L4", "Not paid when due", "L")
    unpaid = book.rows("unpaid.csv", ["Date"])
    page.table("L5", "DividendsUnpaid", {"Date": DAY}, unpaid, checks={"Date": page.any_day})
    page.section("N4", "Paid later, a share", "O")
    paid = {"Date": DAY, "Amount": MONEY}
    page.table("N5", "DividendPayments", paid, book.rows("payments.csv", list(paid)),
               checks={"Date": page.any_day, "Amount": AMOUNT})  # fmt: skip


def holders(book: Book) -> None:
    """What each holder converts into, and is paid for the fraction."""
    sheets.holdings(
        book,
        "Holders",
        '="Conversion of everything on "&TEXT(as_of,"d mmmm yyyy")&" at "&TEXT(price_in_effect,"0.00")'
        '&" dollars: the fraction of each holder\'s total is paid in cash, VI.D"',
        "Who holds the Series B, and what each gets",
        {
            "Holder": ("@", ""),
            "Shares": (COUNT, ""),
            "Exact shares of Common": (FINE, of_holder("HolderConversions", 2)),
            "Rounded, VI.E(8)": (MONEY, of_holder("HolderConversions", 3)),
            "Whole shares": (COUNT, of_holder("HolderConversions", 4)),
            "Fraction": (PRICE, of_holder("HolderConversions", 5)),
            "Cash for fraction": (MONEY, of_holder("HolderConversions", 6)),
            "Part of the Series B": (PERCENT, "Holders[[#This Row],[Shares]]/preferred_shares"),
        },
        widths=(38, 18),
    )


CAP_COLUMNS = {
    "Class": "@", "Kind": "@", "Shares": COUNT, "Terms": "@", "Seniority": "0",
    "Preference": MONEY, "Conversion price": PRICE, "Strike": PRICE,
}  # fmt: skip
CAP_TABLE: Sequence[Sequence[Any]] = [
    ["Series A", "preferred", "=series_a_shares", None, 2, "=series_a_preference", "=series_a_conversion_price", None],
    ["Series B", "preferred", "=preferred_shares", "=terms_id", 1, "=preference_in_all", "=price_in_effect", None],
    ["Options", "option", "=option_shares", None, None, None, None, "=option_strike"],
    ["Common", "common", "=outstanding_common", None, None, None, None, None],
]  # fmt: skip
ANSWERS = (
    *pieces.price_answers(PRICE),
    Answer("Current market price", "Market price, Summary", "MarketDays",
     "MARKET_PRICE_DETAIL(SeriesB,Prices[#All],as_of,Events[#All])", [DAY, PRICE, FINE, FINE, TEXT]),
    Answer("Conversion price on days", "Market price, its picture", "PricePath",
     "CONVERSION_PRICE(SeriesB,Events[#All],PathDays,Prices[#All],,known_at)", [PRICE]),
    Answer("Dividends to come", "Dividends, Summary", "DividendDates",
     "DIVIDEND_SCHEDULE(SeriesB,as_of+1,EDATE(as_of,12),original_issue_date)", [DAY, DAY, DAY, "0", MONEY]),
    Answer("Dividends so far", "Dividends", "DividendPeriods", f"ACCRUED_DIVIDENDS_DETAIL({DIVIDENDS})",
     [DAY, DAY, "0", FINE, FINE, FINE, TEXT, FINE, FINE]),
    pieces.holder_conversions(
        "Holders[Shares],price_in_effect,running_dividend,arrears,,Prices[#All],as_of",
        [COUNT, FINE, MONEY, COUNT, PRICE, MONEY, MONEY],
    ),
    pieces.reserve(
        "preferred_shares,price_in_effect,dividends_a_share,common_authorized,common_issued,treasury_shares"
    ),
    *pieces.payoff_answers(CLASSES),
)  # fmt: skip


WHAT_IT_IS = (
    "A template for reports on PriceSmart's 8% Series B Cumulative Convertible Redeemable Preferred Stock, after "
    "the draft certificate of designations of July 2003. It shows the conversion price through every event, "
    "dividends, payoffs and the certificate of adjustment, each with its clause.",
    "Events, prices, holders and counts in it are invented for illustration. They are not PriceSmart's history.",
)
DECIDED = (
    "The draft leaves three dates open, and in some places can be read in more than one way. The sheet Terms "
    "states the dates and the readings this report uses; change one there and everything follows.",
    "The conversion price takes effect at the time of day its clause names. A split, for one, adjusts it after the "
    "opening of the day after it becomes effective (VI.E(2)), a day later than the market's price of the Common.",
    "The Series A is stated in dollars and a conversion price, as inputs: its own certificate is not computed "
    "here. Payoffs do not take account of taxes, debts or the costs of a liquidation.",
)


def _events(book: Book) -> None:
    widths = [7.5, 19, 11.5, 11.5, 7, 12.5, 11, 8, 8, 13.5, 10.5, 11.5, 9, 11.5, 8, 40]
    further = "Action, Known on, Closing price, To preferred, Reinvestment plan, Regular cash, Reserved, Property"
    sheets.events(book, EVENT_COLUMNS, widths, further)


def _prices(book: Book) -> None:
    columns = {"Date": DAY, "Close": PRICE, "Bid": PRICE, "Ask": PRICE}
    sheets.prices(book, columns, "Where there was no sale, closing bid and asked prices stand for the close.")


def _liquidation(book: Book) -> None:
    told = "Who is paid what, by II and IV: preferences by rank, or as converted where that is more"
    sheets.liquidation(book, told, CAP_COLUMNS, CAP_TABLE, CLASSES)


DESIGN = Design(
    folder="pricesmart",
    file="pricesmart-series-b.xlsx",
    terms="PRICESMART-B",
    title="PriceSmart 8% Series B: conversion, dividends, payoffs",
    footer="PriceSmart, Inc., 8% Series B",
    stamp=dt.datetime(2003, 7, 9, 12),
    first_day=dt.date(2003, 7, 1),
    price=PRICE,
    answers=ANSWERS,
    sheets=(
        lambda book: sheets.summary(
            book, results=RESULTS, given=GIVEN, held=HELD, figures=FIGURES, checks=CHECKS, classes=CLASSES
        ),
        lambda book: sheets.terms(book, CHOICES),
        _events,
        _prices,
        market,
        dividends,
        sheets.history,
        holders,
        _liquidation,
        lambda book: sheets.certificate(book, "notice to holders under VI.E(9)"),
        sheets.working,
        lambda book: sheets.about(book, WHAT_IT_IS, DECIDED),
    ),
)
