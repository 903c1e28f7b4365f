"""Patron's Series B, after the certificate of designation of October 2006."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from building import pieces, sheets
from building.book import Answer, Book, Design
from building.page import AMOUNT, WHOLE, Page
from building.pieces import Choice, Figure, Given, Line, Test
from building.style import TEXT
from xlcap.batch.looks import COUNT, DAY, FINE, MONEY, PRICE

FIRST, SECOND = "Series B: October 2006", "Series B: December 2006"
CLASSES = ("Series A", FIRST, SECOND, "Series A-1", "Common")
DATED = "Events[#All],as_of,Prices[#All],time_of_day,known_at"


def of_tranche(column: str, day: str = "tranche_date") -> str:
    """A column of the tranches for the first of those issued on a day."""
    return f"INDEX(Tranches[{column}],MATCH({day},Tranches[Issue date],0))"


RESULTS: Mapping[str, Sequence[Line]] = {
    "Conversion of the tranche": (
        pieces.conversion_price(
            f"{DATED},tranche_date", "0.00####", '="3(e), shares issued on "&TEXT(tranche_date,"d mmm yyyy")'
        ),
        Line(
            "Initial price, dollars",
            "INITIAL_CONVERSION_PRICE(SeriesB,tranche_date,Prices[#All])",
            "0.00####",
            "3(c), 2.40 or the average of ten days",
            "initial_price",
        ),
        pieces.carried(f"{DATED},tranche_date", "3(e)(vii), less than a cent"),
        pieces.LAST_CHANGED,
        Line("Common for one share", "CONVERSION_RATE(SeriesB,price_in_effect)", FINE, "3(c), 5,000 / price"),
    ),
    "Conversion of the series": (
        pieces.on_conversion("3, a holder's fraction rounded up"),
        pieces.ownership(),
        pieces.reserved("5", row="ROWS(Reserve)"),
    ),
    "Mandatory conversion of the tranche": (
        Line(
            "Mean close of 20 trading days, dollars",
            "AVERAGE_CLOSE(SeriesB,Prices[#All],as_of+1,test_days)",
            "0.0000",
            '=IF(mean_close>=needed_close,"3(b), enough","3(b), not enough")',
            "mean_close",
        ),
        Line(
            "250% of the conversion price, dollars",
            'TERM(SeriesB,"conversion.on_price.multiple")*price_in_effect',
            "0.0000",
            "3(b), what it must reach",
            "needed_close",
        ),
        Line(
            "Mean volume of the same days",
            'AVERAGEIFS(Prices[Volume],Prices[Date],">="&test_from,Prices[Date],"<="&price_day)',
            "#,##0.0",
            '=IF(mean_volume>=TERM(SeriesB,"conversion.on_price.volume"),"3(b), enough","3(b), not enough: 8,334")',
            "mean_volume",
        ),
        Line(
            "Mandatory Conversion Date",
            of_tranche("Converts by force"),
            DAY,
            '="3(b), registered from "&TEXT(registered_from,"d mmm yyyy")',
        ),
    ),
    "Dividends and liquidation": (
        Line(
            "Dividends accrued on the series, dollars",
            "SUMPRODUCT(Tranches[Shares],Tranches[Dividends a share])",
            MONEY,
            "8(a), 10% of 5,000 from each share's issue",
            "dividends_in_all",
        ),
        Line(
            "The same in kind, shares of Series B",
            "PIK_SHARES(SeriesB,dividends_in_all,preferred_shares)",
            "#,##0.0000",
            "8(b), at the company's option",
        ),
        pieces.with_the_common("8(a), 8(b)"),
        Line(
            "Liquidation preference of the series, dollars",
            "SUMPRODUCT(Tranches[Shares],Tranches[Preference a share])",
            MONEY,
            "6(a), 125% with dividends",
            "preference_in_all",
            key=True,
        ),
    ),
    "Payoffs at one exit, dollars": (
        *map(pieces.exit_line, CLASSES),
        Line("Proceeds", "SUM(INDEX(ExitDetail,0,6))", MONEY, "6, 7"),
    ),
}
GIVEN: Mapping[str, Sequence[Given]] = {
    "the report": (*pieces.THE_REPORT, Given("Tranche certified: shares issued on", "tranche_date", DAY)),
    "stock": (
        Given("Common authorised", "common_authorized", COUNT, WHOLE),
        Given("Common outstanding", "outstanding_common", COUNT, WHOLE),
        Given("Common reserved for others", "reserved_for_others", COUNT, WHOLE),
        Given("Series A shares outstanding", "series_a_shares", COUNT, WHOLE),
        Given("Series A preference, dollars", "series_a_preference", MONEY, AMOUNT),
        Given("Series A conversion price, dollars", "series_a_conversion_price", PRICE, AMOUNT),
        Given("Series A-1 shares outstanding", "series_a1_shares", COUNT, WHOLE),
        Given("Series A-1 preference, dollars", "series_a1_preference", MONEY, AMOUNT),
        Given("Series A-1 conversion price, dollars", "series_a1_conversion_price", PRICE, AMOUNT),
    ),
    "tranches and dividends": (
        Given("First tranche, issued on", "first_tranche", DAY),
        Given("Second tranche, issued on", "second_tranche", DAY),
        Given("Registration of the Common effective from", "registered_from", DAY),
        Given("Paid on Series B this fiscal year, a share", "preferential_paid", MONEY, AMOUNT),
        Given("Cash dividend on a share of Common", "common_dividend", "0.00##", AMOUNT),
        Given("Day of a conversion notice", "notice_date", DAY),
    ),
    "exits, dollars for all holders of stock": pieces.THE_EXITS,
}
HELD = {
    "common_authorized": 75000000, "reserved_for_others": 12000000, "series_a_shares": 960,
    "series_a_preference": 4800000, "series_a_conversion_price": 2.5, "series_a1_shares": 650,
    "series_a1_preference": 3250000, "series_a1_conversion_price": 3, "first_tranche": dt.date(2006, 10, 16),
    "second_tranche": dt.date(2006, 12, 15), "registered_from": dt.date(2007, 5, 1), "preferential_paid": 0,
    "common_dividend": 0.05, "notice_date": dt.date(2007, 7, 2),
}  # fmt: skip
FIGURES = (
    Figure("Series B shares outstanding", "preferred_shares", "SUM(Tranches[Shares])", COUNT),
    pieces.LAST_CHANGE,
    pieces.LAST_PRICE_DAY,
    Figure("Trading days of the test, 3(b)", "test_days", 'TERM(SeriesB,"conversion.on_price.days")', COUNT),
    Figure("First of them", "test_from", "INDEX(Prices[Date],MATCH(price_day,Prices[Date],0)-test_days+1)", DAY),
)
CHECKS = (
    Test("Every tranche is issued by the day of the report", "MAX(Tranches[Issue date])<=as_of"),
    Test("No tranche was converted by force on an earlier day", 'COUNTIF(Tranches[Converts by force],"<"&as_of)=0'),
    Test(
        "The two tranches are all of the series",
        "SUMIFS(Tranches[Shares],Tranches[Issue date],first_tranche)"
        "+SUMIFS(Tranches[Shares],Tranches[Issue date],second_tranche)=preferred_shares",
    ),
    pieces.WITHIN_AUTHORIZED,
    pieces.history_ends("initial_price"),
    pieces.EVERY_STEP,
    pieces.PRICES_REACH,
)
CHOICES = (
    Choice("original_issue_date", "original_issue_date", dt.date(2006, 10, 16), "3(a): of the first share"),
    Choice("policy.carry_rounding", "carry_rounding", "FALSE",
           "3(e)(vii): whether what rounding cuts off is carried forward", ("TRUE", "FALSE")),
    Choice("conversion.prior_event_adjustment", "prior_event_adjustment", "none",
           "3(c): the 2.40 of shares issued after a split", ("none", "splits")),
    Choice("conversion.on_price.window", "window", "through_date", "3(b): the days end on the date, or before it",
           ("through_date", "before_date")),
    Choice("liquidation.multiple_base", "multiple_base", "base_plus_dividends", "6(a): 125% of the sum, or of 5,000",
           ("base_plus_dividends", "base")),
    Choice("dividend.include_first_day", "include_first_day", "FALSE", "8(a): whether the day of issue counts",
           ("TRUE", "FALSE")),
    Choice("dividend.pik_rounding", "pik_rounding", "none", "8(b): fractions of a share paid in kind",
           ("none", "down")),
    Choice("voting.votes_rounding", "votes_rounding", "share", "1: whole votes", ("share", "holder", "none")),
)  # fmt: skip
EVENT_COLUMNS = {
    "ID": "@", "Event": "@", "Date": DAY, "Common outstanding": COUNT, "Shares": COUNT, "Cash": COUNT,
    "Expenses": COUNT, "Min exercise": COUNT, "Security": "@", "Exempt": "@", "Payment date": DAY, "Refers to": "@",
    "Note": "wrap",
}  # fmt: skip
CAP_COLUMNS = {
    "Class": "@", "Holder": "@", "Kind": "@", "Shares": COUNT, "Terms": "@", "Seniority": "0", "Preference": MONEY,
    "Accrued": MONEY, "Conversion price": "0.00##",
}  # fmt: skip


def _tranche(label: str, day: str) -> list[Any]:
    holder = label.partition(": ")[2]
    shares = f"=SUMIFS(Tranches[Shares],Tranches[Issue date],{day})"
    accrued, price = (f"={of_tranche(column, day)}" for column in ("Dividends a share", "Conversion price"))
    return ["Series B", holder, "preferred", shares, "=terms_id", 2, None, accrued, price]


CAP_TABLE: Sequence[Sequence[Any]] = [
    ["Series A", None, "preferred", "=series_a_shares", None, 3, "=series_a_preference", None,
     "=series_a_conversion_price"],
    _tranche(FIRST, "first_tranche"),
    _tranche(SECOND, "second_tranche"),
    ["Series A-1", None, "preferred", "=series_a1_shares", None, 1, "=series_a1_preference", None,
     "=series_a1_conversion_price"],
    ["Common", None, "common", "=outstanding_common", None, None, None, None, None],
]  # fmt: skip
ANSWERS = (
    *pieces.price_answers(PRICE, issued="tranche_date", title="Conversion price of the tranche"),
    Answer("Initial price of the tranche", "Initial price", "InitialDays",
           "VOLUME_WEIGHTED_PRICE_DETAIL(SeriesB,Prices[#All],tranche_date)", [DAY, PRICE, COUNT, MONEY]),
    Answer("Prices of the tranches", "Tranches", "TranchePrices",
           f"CONVERSION_PRICE(SeriesB,{DATED},Tranches[Issue date])", ["0.00####"]),
    pieces.holder_conversions(
        "Tranches[Shares],Tranches[Conversion price],,,,,,,,,Tranches[Holder]",
        [FINE, FINE, FINE, COUNT, FINE, MONEY, MONEY, TEXT],
    ),
    pieces.reserve(
        "Tranches[Shares],Tranches[Conversion price],,common_authorized,outstanding_common,,reserved_for_others,,"
        "Tranches[Holder]"
    ),
    pieces.participation("Tranches[Shares],Tranches[Conversion price],preferential_paid,Tranches[Holder]"),
    pieces.CONSENTS,
    pieces.notice("Surrender of the certificates", "Surrender", '"surrender",notice_date'),
    pieces.notice("Delivery of the Common", "Delivery", '"conversion_delivery",notice_date'),
    *pieces.payoff_answers(CLASSES),
)  # fmt: skip
WHAT_IT_IS = (
    "A template for reports on Patron's Series B Convertible Preferred Stock, after the certificate of designation "
    "of October 2006. Every share has the conversion price of its own issue date: the sheet Tranches has them all, "
    "and the history and the certificate of adjustment are those of the tranche named on the Summary.",
    "Events, prices, volumes, holders and counts in it are invented for illustration. They are not Patron's history.",
)
DECIDED = (
    "In some places the certificate can be read in more than one way. The sheet Terms states the readings this "
    "report uses; change one there and everything that is computed from these terms follows. The payoffs take the "
    "certificate by its name (id): for another reading of 6, name a certificate of your own.",
    "The series has two tranches here. One more needs a row of its own in the cap table, with its column among the "
    "payoffs; the sheets Tranches and Holders take as many as there are.",
    "Dividends are taken as accrued and unpaid from each share's issue. The test of 3(b) looks at the closing "
    "prices as they are listed: where the Common was split, list them restated.",
    "Series A and Series A-1 are stated in dollars and a conversion price: their own certificates are not computed "
    "here. Payoffs do not take account of warrants, taxes, debts or the costs of a liquidation.",
)


def tranches(book: Book) -> None:
    """The tranches of the series, each with its own price."""
    this = "Tranches[[#This Row],[{}]]".format
    issued, shares, price = this("Issue date"), this("Shares"), this("Conversion price")
    forced = f"MANDATORY_CONVERSION_DATE(SeriesB,Prices[#All],registered_from,Events[#All],{issued})"
    sheets.holdings(
        book,
        "Tranches",
        '="Every share converts at the price of its own issue date, 3(c): on "&TEXT(as_of,"d mmmm yyyy")',
        "Who holds the Series B, since when, and at what price it converts",
        {
            "Holder": ("@", ""),
            "Issue date": (DAY, ""),
            "Shares": ("#,##0.####", ""),
            "Initial price": ("0.00####", f"INITIAL_CONVERSION_PRICE(SeriesB,{issued},Prices[#All])"),
            "Conversion price": ("0.00####", "INDEX(TranchePrices,ROW()-ROW(Tranches[[#Headers],[Holder]]))"),
            "Common for one share": (FINE, f"CONVERSION_RATE(SeriesB,{price})"),
            "Votes": (COUNT, f"VOTES(SeriesB,{shares},{price})"),
            "Dividends a share": ("#,##0.0000", f"ACCRUED_DIVIDENDS(SeriesB,as_of,{issued})"),
            "Preference a share": ("#,##0.0000", f"LIQUIDATION_PREFERENCE(SeriesB,{this('Dividends a share')})"),
            "Converts by force": (DAY, f'_xlfn.IFNA(IF({forced}>as_of,"not yet",{forced}),"not yet")'),
        },
        widths=(34, 16),
        shares=AMOUNT,
    )


def holders(book: Book) -> None:
    """What each holder converts into, tranches added up, and is paid with the Common."""
    page = Page(book, "Holders", {"B": 34, **dict.fromkeys("CDEFGHI", 16)})
    page.heads(
        "Holders",
        '="Conversion of everything on "&TEXT(as_of,"d mmmm yyyy")&": tranches of a holder are added up, and a '
        'fraction becomes a whole share, 3"',
    )
    page.section("B4", "Conversion", "E")
    page.shows("B5", "HolderConversions", [TEXT, "#,##0.####", FINE, COUNT], 8,
               at={"B": 8, "C": 1, "D": 2, "E": 4})  # fmt: skip
    page.section("B16", '="With a dividend of "&TEXT(common_dividend,"0.00##")&" on a share of Common, dollars"', "G")
    page.shows("B17", "Participation", [TEXT, COUNT, MONEY, MONEY, MONEY, TEXT], 9,
               at={"B": 1, "C": 3, "D": 4, "E": 5, "F": 7, "G": 9})  # fmt: skip
    page.done("A4", one_page=True)


def initial(book: Book) -> None:
    """The days behind the initial price of the tranche."""
    page = Page(book, "Initial price", dict.fromkeys("BCDE", 20), across=False)
    page.heads(
        '="Initial price: "&TEXT(initial_price,"0.00####")&" dollars"',
        '="Shares issued on "&TEXT(tranche_date,"d mmmm yyyy")&": the lesser of 2.40 and the average below, 3(c)"',
    )
    page.shows("B4", "InitialDays", [DAY, "0.00####", COUNT, MONEY], 12, height=18)
    page.done(one_page=True)


def governance(book: Book) -> None:
    """Consents and deliveries."""
    page = Page(book, "Governance", {"B": 38, "C": 14, "D": 18, "E": 34, "F": 44})
    page.heads("Governance", "Consents by 9, and what is due after a conversion notice by 3(d)")
    page.section("B4", "Matters that need consent", "F")
    page.shows("B5", "Matters", [TEXT] * 5, 3, height=18)
    page.section("B10", '="After a conversion notice on "&TEXT(notice_date,"d mmmm yyyy")', "F")
    page.shows("B11", "Surrender", ["wrap", TEXT, DAY, DAY, "wrap"], 1, height=42)
    page.shows("B14", "Delivery", ["wrap", TEXT, DAY, DAY, "wrap"], 1, height=42)
    page.done("A4", one_page=True)


def _events(book: Book) -> None:
    widths = [8, 16, 12, 14, 12, 12, 11, 12, 12, 13, 13, 9, 58]
    further = "Ratio, Known on, Property value, Allocated elsewhere, Min conversion, Debt cancelled, By, Property"
    sheets.events(book, EVENT_COLUMNS, widths, further)


def _prices(book: Book) -> None:
    sheets.prices(book, {"Date": DAY, "Close": PRICE, "Volume": COUNT}, "And shares traded, for 3(b) and 3(c).")


def _liquidation(book: Book) -> None:
    told = "Who is paid what, by 6 and 7: Series A, then 125% for Series B, then Series A-1; or as converted"
    sheets.liquidation(book, told, CAP_COLUMNS, CAP_TABLE, CLASSES)


DESIGN = Design(
    folder="patron",
    file="patron-series-b.xlsx",
    terms="PATRON-B",
    title="Patron Series B: tranches, conversion, dividends, payoffs",
    footer="Patron Systems, Inc., Series B",
    stamp=dt.datetime(2006, 10, 11, 12),
    first_day=dt.date(2006, 9, 1),
    price=PRICE,
    answers=ANSWERS,
    sheets=(
        lambda book: sheets.summary(
            book, results=RESULTS, given=GIVEN, held=HELD, figures=FIGURES, checks=CHECKS, classes=CLASSES
        ),
        lambda book: sheets.terms(book, CHOICES),
        _events,
        _prices,
        tranches,
        initial,
        sheets.history,
        holders,
        governance,
        _liquidation,
        lambda book: sheets.certificate(book, "certificate to holders under 3(g)"),
        sheets.working,
        lambda book: sheets.about(book, WHAT_IT_IS, DECIDED),
    ),
)
