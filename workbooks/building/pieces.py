"""What a template lists (results, inputs, figures, choices, answers), and the entries that more than one has."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from building.book import Answer
from building.page import AMOUNT, NOT_BEFORE_ISSUE, TIMES, Check, Page
from building.style import TEXT
from xlcap.batch.looks import COUNT, DAY, FINE, MONEY, PERCENT

STEPS, EXITS = 26, 21

# -- results ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """A result on the Summary: what it is, how it is computed and shown, and where it comes from."""

    label: str
    formula: str
    code: str
    basis: str
    name: str = ""
    key: bool = False


def found(spill: str, row: str, column: int) -> str:
    """The cell of a spilled table in the row that begins with a text, told by a formula.

    In Calc a text of ours equals another only with ``&""``; and Excel takes that of a whole column only within INDEX.
    """
    return f'INDEX({spill},MATCH({row},INDEX(INDEX({spill},0,1)&"",0),0),{column})'


def last_change(column: int) -> str:
    """A cell of the last step that changed the price."""
    return f"INDEX(PriceHistory,last_change,{column})"


LAST_CHANGED = Line(
    "Last change of the price",
    f'IF(last_change=1,"none",{last_change(1)})',
    DAY,
    f'=IF(last_change=1,"",{last_change(3)}&", "&{last_change(4)}&": "&{last_change(5)})',
)


def conversion_price(arguments: str, code: str, basis: str) -> Line:
    """The price in effect."""
    label, formula = "Conversion price, dollars a share of Common", f"CONVERSION_PRICE(SeriesB,{arguments})"
    return Line(label, formula, code, basis, "price_in_effect", key=True)


def carried(arguments: str, basis: str, name: str = "") -> Line:
    """What was too small to adjust the price, so far."""
    formula, code = f"CARRIED_ADJUSTMENT(SeriesB,{arguments})", '0.000000;"−"0.000000;0.00'
    return Line("Adjustments carried forward", formula, code, basis, name)


def on_conversion(basis: str) -> Line:
    """What all holders together convert into."""
    label, formula = "Common on conversion by every holder", "SUM(INDEX(HolderConversions,0,4))"
    return Line(label, formula, COUNT, basis, "shares_on_conversion", key=True)


def cash_for_fractions(basis: str, name: str = "") -> Line:
    """What all holders together are paid for fractions."""
    label, formula = "Cash for fractions of a share, dollars", "SUM(INDEX(HolderConversions,0,6))"
    return Line(label, formula, MONEY, basis, name)


def ownership(name: str = "") -> Line:
    """The series' part of the Common if all of it converts."""
    formula = "shares_on_conversion/(shares_on_conversion+outstanding_common)"
    return Line("Part of the Common after conversion", formula, PERCENT, "of Common outstanding and converted", name)


def reserved(clause: str, row: str = "2") -> Line:
    """What must be reserved, by a row of the answer, and whether it can be."""
    needed, free, short = (f"INDEX(Reserve,{row},{column})" for column in (1, 2, 3))
    basis = f'=IF({short}>0,"{clause}, short by "&TEXT({short},"#,##0"),"{clause}, of "&TEXT({free},"#,##0")&" free")'
    return Line("Common to be reserved", needed, COUNT, basis)


def with_the_common(clause: str) -> Line:
    """What the series is paid with a dividend on the Common."""
    label, formula = "With a dividend on the Common, for the series", "INDEX(Participation,ROWS(Participation),7)"
    return Line(label, formula, MONEY, f'="{clause}, with "&TEXT(common_dividend,"0.00##")&" on a share of Common"')


def exit_line(who: str, unconverted: str = "its preference") -> Line:
    """What a class gets at the one exit."""
    whose = f'"{who}"'
    basis = f'=TEXT({found("ExitDetail", whose, 9)},"0.0%")&" of the proceeds"'
    if who.startswith("Series"):
        basis += f'&IF({found("ExitDetail", whose, 4)},", as converted",", {unconverted}")'
    name = f"payoff_{re.sub('[^a-z0-9]+', '_', who.lower())}"
    return Line(who, found("ExitDetail", whose, 6), MONEY, basis, name, key=who.startswith("Series B"))


# -- inputs, figures, checks -----------------------------------------------------------------------------------------


class Given(NamedTuple):
    """An input on the Summary."""

    label: str
    name: str
    code: str
    check: Check | None = None


HELD = {"time_of_day": "close", "known_at": None, "certificate_event": None}
THE_REPORT = (
    Given("Title", "report_title", "@"),
    Given("Prepared for", "prepared_for", "@"),
    Given("As of", "as_of", DAY, NOT_BEFORE_ISSUE),
    Given("Time of day", "time_of_day", "@", TIMES),
    Given("Only facts known on (blank: all)", "known_at", DAY),
    Given("Event to certify (blank: the last change)", "certificate_event", "@"),
)
THE_EXITS = (
    Given("One exit", "exit_value", COUNT, AMOUNT),
    Given(f"First of {EXITS} exits", "exit_from", COUNT, AMOUNT),
    Given("Step from exit to exit", "exit_step", COUNT, AMOUNT),
)
TRUTH = '"TRUE";"TRUE";"FALSE"'


class Figure(NamedTuple):
    """A figure between inputs and results."""

    label: str
    name: str
    formula: str
    code: str


LAST_CHANGE = Figure(
    "Row of the last change in the history",
    "last_change",
    "SUMPRODUCT(MAX((INDEX(PriceHistory,0,6)<>INDEX(PriceHistory,0,9))*_xlfn.SEQUENCE(ROWS(PriceHistory))))",
    COUNT,
)
LAST_PRICE_DAY = Figure(
    "Last trading day listed", "price_day", '_xlfn.MAXIFS(Prices[Date],Prices[Date],"<="&as_of)', DAY
)


class Test(NamedTuple):
    """A check on the Summary: what should hold, and the formula that says whether it does."""

    label: str
    formula: str


PAYOFFS_ADD_UP = (
    Test(
        "Over all exits the payoffs add up to the proceeds",
        "ROUND(SUM(_xlfn.DROP(Payoffs,1,1))-SUM(INDEX(Payoffs,0,1)),2)=0",
    ),
    Test("At the one exit too", "ROUND(SUM(INDEX(ExitDetail,0,6))-exit_value,2)=0"),
)
HOLDERS_ADD_UP = Test("The holders' shares add up to those outstanding", "SUM(Holders[Shares])=preferred_shares")
WITHIN_AUTHORIZED = Test(
    "No more Series B than is authorised", 'preferred_shares<=TERM(SeriesB,"initial_shares_authorized")'
)
EVERY_STEP = Test("The sheet Conversion shows every step", f"ROWS(PriceHistory)<={STEPS + 1}")
PRICES_REACH = Test("The closing prices reach the day of the report", "MAX(Prices[Date])>=as_of")


def none_before(day: str) -> Test:
    """No event is earlier than the original issue date, which the certificate calls so."""
    return Test(f"Every event is on or after the {day}", 'COUNTIFS(Events[Date],"<"&original_issue_date)=0')


def history_ends(initial: str = "INITIAL_CONVERSION_PRICE(SeriesB)") -> Test:
    """The last step, or the initial price where there is none, is the price in effect."""
    last = f"IF(ROWS(PriceHistory)=1,{initial},INDEX(PriceHistory,ROWS(PriceHistory),9))"
    return Test(
        "The history ends at the price in effect (at the close)",
        f'IF(time_of_day="close",{last}=price_in_effect,TRUE)',
    )


# -- choices ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Choice:
    """A field of the certificate that a report fills in or decides."""

    field: str
    name: str
    held: Any
    told: str
    words: tuple[str, ...] = ()

    def check(self, page: Page) -> Check | None:
        if isinstance(self.held, dt.date):
            return page.any_day
        return Check("list", words=self.words) if self.words else None


# -- answers ---------------------------------------------------------------------------------------------------------


def price_answers(
    price: str, prices: str = "Prices[#All]", issued: str = "", title: str = "Conversion price"
) -> tuple[Answer, ...]:
    """The history of the price and its certificate; ``issued`` names the issue date, where each has its own price."""
    known = f"known_at,{issued}" if issued else "known_at"
    return (
        Answer(title, "Conversion, Summary", "PriceHistory",
               f"CONVERSION_HISTORY(SeriesB,Events[#All],{prices},as_of,{known})",
               [DAY, TEXT, TEXT, TEXT, TEXT, price, FINE, price, price, FINE, TEXT, TEXT]),
        Answer("Certificate of adjustment", "Certificate of adjustment", "AdjustmentCertificate",
               f"_xlfn.IFNA(ADJUSTMENT_CERTIFICATE(SeriesB,Events[#All],as_of,{prices},certificate_event,{known}),"
               '"Nothing changed the conversion price up to "&TEXT(as_of,"d mmmm yyyy"))', [TEXT, TEXT]),
    )  # fmt: skip


def holder_conversions(arguments: str, codes: Sequence[str]) -> Answer:
    """What each holder converts into."""
    formula = f"CONVERSION_SHARES(SeriesB,{arguments})"
    return Answer("Conversion by every holder", "Holders, Summary", "HolderConversions", formula, codes)


def reserve(arguments: str) -> Answer:
    """What must be reserved, what is free, and what is lacking."""
    formula = f"RESERVED_SHARES(SeriesB,{arguments})"
    return Answer("Common to be reserved", "Summary", "Reserve", formula, [COUNT, COUNT, COUNT, TEXT])


def participation(arguments: str) -> Answer:
    """What each holder is paid with a dividend on the Common."""
    formula = f"DIVIDEND_PARTICIPATION(SeriesB,common_dividend,{arguments})"
    codes = [TEXT, COUNT, FINE, MONEY, MONEY, MONEY, MONEY, FINE, TEXT, TEXT]
    return Answer("With a dividend on the Common", "Holders, Summary", "Participation", formula, codes)


CONSENTS = Answer(
    "Matters that need consent", "Governance", "Matters", "CONSENTS(SeriesB)", [TEXT, TEXT, TEXT, TEXT, TEXT]
)


def notice(title: str, name: str, arguments: str) -> Answer:
    """When something is due, by the day it is counted from."""
    return Answer(title, "Governance", name, f"NOTICE_DATES(SeriesB,{arguments})", [TEXT, TEXT, DAY, DAY, TEXT])


def payoff_answers(classes: Sequence[str], event: str = "") -> tuple[Answer, ...]:
    """One exit, many, and where the split changes; ``event`` names the input that says what kind of exit it is."""

    def table(commas: str) -> str:
        return f"CapTable[#All]{commas}{event}" if event else "CapTable[#All]"

    exits = f"_xlfn.SEQUENCE({EXITS},1,exit_from,exit_step)"
    return (
        Answer("One exit", "Liquidation, Summary", "ExitDetail", f"WATERFALL_DETAIL(exit_value,{table(',,')})",
               [TEXT, MONEY, MONEY, TEXT, FINE, MONEY, FINE, "0.00", PERCENT, TEXT, TEXT]),
        Answer("Payoffs across exits", "Liquidation, Summary", "Payoffs", f"WATERFALL({exits},{table(',,,')})",
               [COUNT, *[MONEY] * len(classes)]),
        Answer("Where the split changes", "Liquidation", "SplitChanges", f"BREAKPOINTS({table(',')})",
               [MONEY, *[TEXT] * 4, *[PERCENT] * len(classes)]),
    )  # fmt: skip
