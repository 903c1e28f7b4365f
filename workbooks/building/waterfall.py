"""The waterfall of any company: a cap table its user overwrites, and what every exit pays whom."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence

from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.utils import get_column_letter

from building import exits, pieces, sheets
from building.book import Answer, Book, Design
from building.charts import stacked
from building.exits import A_SHARE, CLASSES, EXITS, HOLDERS, ROOM, SHOWN, TABLE
from building.page import AMOUNT, Check, Column, Page, column_of, if_any, quiet, titled
from building.pieces import Figure, Given, Test
from building.style import TEXT, when
from xlcap.batch.looks import COUNT, DAY, FACE, GREY, MONEY, PERCENT
from xlcap.captable import cap_table_columns
from xlcap.tables import header_name

ROWS, PAYMENTS = 22, 6
"""How many rows of the cap table and payments the sheets have room for; a check says whether that is enough."""

# -- the cap table ---------------------------------------------------------------------------------------------------

PREFERRED, OPTIONS, CONVERTIBLES = ("preferred",), ("option", "warrant"), ("note", "safe")
KINDS = ("common", *PREFERRED, *OPTIONS, "pool", "debt", *CONVERTIBLES, "cost", "carve_out")
CAP_TABLE: Mapping[str, tuple[float, str, Sequence[str], str]] = {
    "Class": (16, "@", KINDS, "Of stock, or what is owed"),
    "Holder": (18, "@", KINDS, "Blank: the whole class"),
    "Kind": (10, "@", KINDS, "From the list"),
    "Shares": (11, COUNT, ("common", *PREFERRED, *OPTIONS, "pool"), "Held, or bought on exercise"),
    "Seniority": (9.5, "0", (*PREFERRED, "debt", *CONVERTIBLES, "carve_out"), "Higher is paid first"),
    "Original issue price": (10, "#,##0.00##", PREFERRED, "Dollars a share"),
    "Preference multiple": (10.5, "0.0#", PREFERRED, "Of the issue price; blank: 1"),
    "Accrued": (9, "#,##0.00##", PREFERRED, "Dividends, dollars a share"),
    "Conversion price": (10.5, "#,##0.00##", PREFERRED, "In effect, dollars"),
    "Participation": (12.5, "@", PREFERRED, "Blank: none"),
    "Cap multiple": (9, "0.0#", PREFERRED, "Of the issue price"),
    "Strike": (8, "#,##0.00##", OPTIONS, "Dollars a share"),
    "Underlying": (11, "@", OPTIONS, "Blank: Common"),
    "Amount": (12, COUNT, ("debt", *CONVERTIBLES, "cost", "carve_out"), "Owed or invested, dollars"),
    "Rate": (17, "@", ("carve_out",), "Instead of an amount: 10%, or tiers"),
    "Valuation cap": (12, COUNT, CONVERTIBLES, "Dollars"),
    "Discount": (9.5, "0.0%", CONVERTIBLES, "Where there is no cap"),
}
"""Columns with their widths, formats, the kinds that use them, and what they are for."""
FURTHER = (
    "Further columns may be added under their names: Terms, Invested, Preference, Conversion ratio, As converted, Cap, "
    "Cap per share, Cap includes dividends, Dividends on conversion, Converts with, Conversion group, Conversion vote, "
    "Converts alone, Cap counts, Discount reading, Rate of."
)
NOT_USED = DifferentialStyle(fill=PatternFill(bgColor="ECEEF1"), font=Font(color="9AA1AB"))


def cap_table(book: Book) -> None:
    """The table a user overwrites with theirs."""
    letters = [get_column_letter(i) for i in range(2, 2 + len(CAP_TABLE))]
    widths = {letter: width for letter, (width, *_) in zip(letters, CAP_TABLE.values(), strict=True)}
    page = Page(book, "Cap table", widths)
    page.heads("Cap table", "Write yours over this one: a row for each holder of a class, or for a class as a whole")
    told = "Rows may be added below the last. A cell that is grey is not used for that kind of row; leave it blank."
    page.put("B3", told, "Basis").alignment = Alignment("left", "center")
    page.put("B4", FURTHER, "Basis").alignment = Alignment("left", "center")
    codes = {header: code for header, (_, code, _, _) in CAP_TABLE.items()}
    hints = {name: told for name, told in cap_table_columns().items() if len(told) <= 255}  # what Excel takes

    def check(header: str, check: Check = AMOUNT) -> Check:
        return dataclasses.replace(check, hint=hints.get(header_name(header), ""))

    first, last = page.table(
        "B7", "CapTable", codes, book.rows("cap_table.csv", list(codes)),
        checks={
            "Kind": check("Kind", Check("list", words=KINDS)),
            "Participation": check("Participation", Check("list", words=("none", "full", "capped"))),
            **{header: check(header) for header, code in codes.items() if code != "@"},
        },
    )  # fmt: skip
    page.sheet.row_dimensions[6].height = 44
    for letter, (_, _, kinds, told) in zip(letters, CAP_TABLE.values(), strict=True):
        page.put(f"{letter}6", told).font = Font(FACE, 9, color=GREY)
        page.sheet[f"{letter}6"].alignment = Alignment("left", "bottom", wrap_text=True)
        used = ",".join(f'$D{first}="{kind}"' for kind in kinds)
        area = f"{letter}{first}:{letter}{last}"
        page.sheet.conditional_formatting.add(area, when(f'AND($D{first}<>"",NOT(OR({used})))', NOT_USED))
    for row in range(first, last + 1):
        page.sheet.row_dimensions[row].height = 16
    page.sheet.freeze_panes = f"C{first}"
    page.sheet.print_title_rows = "7:7"


# -- one exit, payments ----------------------------------------------------------------------------------------------

ASKED: Mapping[str, Sequence[Given]] = {
    "exits": (
        Given("Exit, dollars", "exit_value", COUNT, AMOUNT),
        Given(f"First of {SHOWN} exits", "exit_from", COUNT, AMOUNT),
        Given("Step from exit to exit", "exit_step", COUNT, AMOUNT),
        Given("Money paid on exercise", "strike_money", "@", Check("list", words=("added", "included"))),
    ),
    "which exit pays it": (
        Given("Class or holder", "payee", "@"),
        Given("Is to get, dollars", "payee_amount", COUNT, AMOUNT),
    ),
}
HELD = {"strike_money": "added"}
KEY = (
    "Owed: what comes ahead of the Common, be it a preference, a debt, a cost, a carve-out, or what a note or SAFE is "
    "repaid. Participation: what is shared with the Common without converting.",
    "Converts: gives what is owed up for shares of Common, or is exercised, as it does above the exit in the next "
    "column. Multiple: of the money paid in, where the cap table tells it.",
    "Money paid on exercise is added to the exit, and payouts are net of it; or the exit includes it already, and "
    "payouts do not leave it out.",
)
DETAIL = {
    "B": column_of("ExitDetail", 1, titled("ExitDetail", "Class: holder"), TEXT),
    "C": column_of("ExitDetail", 2, "Owed", MONEY),
    "D": column_of("ExitDetail", 3, "Participation", MONEY),
    "E": column_of("ExitDetail", 4, "Converts", "yes"),
    "F": Column("Converts above", if_any("{ExitDetail[1]}", pieces.found("Conversions", "$B{row}", 2)), MONEY),
    "G": column_of("ExitDetail", 6, "Payout", MONEY),
    "H": column_of("ExitDetail", 7, "A share", A_SHARE),
    "I": column_of("ExitDetail", 8, "Multiple", '0.00"x"'),
    "J": column_of("ExitDetail", 9, "Share of exit", PERCENT),
    "K": Column(
        "Why",
        if_any("{ExitDetail[11]}", if_any("{ExitDetail[10]}", '{ExitDetail[10]}&": "') + "&{ExitDetail[11]}"),
        "small",
    ),
}


def one_exit(book: Book) -> None:
    """The exits asked about; who gets what of one exit, and why."""
    widths = {"B": 29, "C": 19, "D": 14.5, "E": 9.5, "F": 14, "G": 15, "H": 11, "I": 9, "J": 9.5, "K": 60}
    page = Page(book, "Exit", widths)
    page.heads("Exit", '="Who is paid what of "&TEXT(exit_value,"#,##0")&" dollars, and why"')
    row = 4
    for title, inputs in ASKED.items():
        page.section(f"B{row}", f"Inputs: {title}", "C")
        for label, name, code, check in inputs:
            row += 1
            page.put(f"B{row}", label)
            page.input(f"C{row}", {**HELD, **book.report}[name], code, name, check)
        row += 2
    page.put(f"B{row - 1}", "The lowest exit that pays it")
    told = f'=_xlfn.IFNA(PROCEEDS_FOR(payee_amount,{TABLE},payee,,,strike_money),"none")'
    page.put(f"C{row - 1}", told, "Key figure", MONEY, "payee_exit")
    page.section("E4", "How to read it", "K")
    for at, text in zip((5, 7, 9), KEY, strict=True):
        page.put(f"E{at}", text, "Prose")
        page.sheet.merge_cells(f"E{at}:K{at + 1}")
    row += 1
    page.section(f"B{row}", '="One exit: "&TEXT(exit_value,"#,##0")&" dollars"', "K")
    page.listing(row + 1, DETAIL, ROWS, height=25)
    page.done("A4", one_page=True)


def payments(book: Book) -> None:
    """What is paid when: the closing, an escrow, an earn-out; and what each payment brings whom."""
    page = Page(book, "Payments", {"B": 29, **dict.fromkeys("CDEFGHI", 15.5)})
    page.heads("Payments", "What each payment brings whom: decided as if all so far had been paid at once")
    page.section("B4", "Inputs: payments, in their order", "C")
    page.table("B5", "Payments", {"Payment": "@", "Amount": COUNT}, book.rows("payments.csv", ["Payment", "Amount"]),
               checks={"Amount": AMOUNT})  # fmt: skip
    told = (
        '="The payments come to "&TEXT(SUM(Payments[Amount]),"#,##0")&" dollars, the exit to "&TEXT(exit_value,"#,##0")'
    )
    row = 6 + PAYMENTS
    page.put(f"B{row}", told, "Basis")
    page.section(f"B{row + 1}", "What each payment brings, dollars", "I")
    columns = {}
    for i, letter in enumerate("BCDEFGHI", 1):
        cell = f"{{Stages[{i}]}}"
        within = f'IF({{n}}<COLUMNS(Stages),{cell},"")'  # the last column is the note
        heading = quiet(if_any(cell)) if columns else f"={cell}"
        columns[letter] = Column(heading, if_any(cell, within), MONEY if columns else TEXT)
    page.listing(row + 2, columns, ROWS + 2, turned=True)
    row += ROWS + 6
    noted = 'COUNTIF(INDEX(Stages,0,COLUMNS(Stages)),"?*")>1'  # the heading is one
    page.section(f"B{row}", f'=IF({noted},"Payments that lower","No payment lowers")&" what was paid before"', "I")
    for i in range(2, PAYMENTS + 2):
        row += 1
        note, payment = f"INDEX(Stages,{i},COLUMNS(Stages))", book.place("Stages", i, 1)
        page.put(f"B{row}", quiet(if_any(payment, if_any(note, payment))), "Prose")
        page.put(f"C{row}", quiet(if_any(payment, if_any(note))), "Prose")
        page.sheet.merge_cells(f"C{row}:I{row}")
        page.sheet.row_dimensions[row].height = 27
    page.done("A4", one_page=True)


# -- summary ---------------------------------------------------------------------------------------------------------

GIVEN = {
    "the report": (
        Given("Company", "company", "@"),
        Given("Title", "report_title", "@"),
        Given("Prepared for", "prepared_for", "@"),
        Given("As of", "as_of", DAY),
    )
}
FIGURES = (
    Figure("Rows of the cap table", "held_rows", "ROWS(ExitDetail)-1", COUNT),
    Figure("Breakpoints", "breaks", "ROWS(SplitChanges)-1", COUNT),
    Figure("Last conversion or exercise above, dollars", "last_conversion", "MAX(INDEX(Conversions,0,2))", COUNT),
)
CHECKS = (
    *pieces.PAYOFFS_ADD_UP,
    Test(
        "Payouts by class and by holder too",
        "AND(ROUND(SUM(INDEX(ClassPayouts,0,2))-exit_value,2)=0,ROUND(SUM(INDEX(HolderPayouts,0,2))-exit_value,2)=0)",
    ),
    Test(
        "What the payments bring adds up to them",
        "ROUND(SUM(INDEX(Stages,ROWS(Stages),0))-3*SUM(Payments[Amount]),2)=0",
    ),
    Test(
        "Of every next dollar all goes to someone", "ROUND(SUM(_xlfn.DROP(SplitChanges,1,5))-ROWS(SplitChanges)+1,9)=0"
    ),
    Test(
        "The lowest exit that pays an amount pays it",
        f"IF(ISNUMBER(payee_exit),WATERFALL(payee_exit+0.01,{TABLE},payee,,,,strike_money)>=payee_amount-0.01,TRUE)",
    ),
    Test(
        "Every scenario can be worked out",
        "AND(" + ",".join(f"ROWS(Scenario{i})={exits.POINTS + 1}" for i in range(exits.SCENARIOS + 1)) + ")",
    ),
    Test(
        "All rows, classes, holders and breakpoints are shown",
        f"AND(ROWS(ExitDetail)<={ROWS + 1},COLUMNS(Payoffs)<={CLASSES + 1},COLUMNS(HoldersAcross)<={HOLDERS + 1},"
        f"ROWS(SplitChanges)<={exits.BREAKS + 1},ROWS(Stages)<={PAYMENTS + 2})",
    ),
)


def summary(book: Book) -> None:
    """What each class gets at the exit, the picture across exits, and the checks."""
    page = Page(book, "Summary", {"B": 3.5, "C": 24, "D": 17, "E": 11, "F": 14, "G": 18, "H": 3, "I": 42, "J": 36})
    page.heads(
        "=report_title",
        '=company&", as of "&TEXT(as_of,"d mmmm yyyy")&IF(prepared_for="","",". Prepared for "&prepared_for)',
    )
    page.section("B5", '="At an exit of "&TEXT(exit_value,"#,##0")&" dollars"', "G")
    paid = "{ClassPayouts[2]}"
    shares = "SUMIFS(CapTable[Shares],CapTable[Class],$C{row})"
    columns = {
        "C": column_of("ClassPayouts", 1, titled("ClassPayouts", "Class"), TEXT),
        "D": column_of("ClassPayouts", 2, "Payout", MONEY),
        "E": Column("Of the exit", if_any(paid, f"{paid}/exit_value"), "0.0%"),
        "F": Column("A share", if_any(paid, f"{paid}/{shares}"), A_SHARE),
        "G": Column("Converts above", if_any(paid, f"CONVERTS_AT({TABLE},$C{{row}},,,strike_money)"), COUNT),
    }
    page.listing(6, columns, CLASSES)
    page.sheet["B6"].style = "Heading"
    page.sheet.row_dimensions[6].height = 18
    exits.swatches(page, "B", 7, "$C")
    below = 7 + CLASSES + 1
    page.section(f"B{below}", "Payouts across exits, by class, $ millions", "G")
    chart = stacked(*exits.BY_CLASS)
    page.sheet.add_chart(chart, f"B{below + 1}")
    row = 2 + sheets.inputs_and_checks(page, GIVEN, book.report, FIGURES, CHECKS, at=("I", "J"))
    page.section(f"I{row}", "By holder, dollars", "J")
    holders = {
        "I": column_of("HolderPayouts", 1, titled("HolderPayouts", "Holder"), TEXT),
        "J": column_of("HolderPayouts", 2, "Payout", MONEY),
    }
    page.listing(row + 1, holders, HOLDERS)
    page.sheet.row_dimensions[row + 1].height = 18
    last = row + 1 + HOLDERS
    for row in range(5, last + 1):
        page.sheet.row_dimensions[row].height = 14.5
    chart.height, chart.width = 0.51 * (last - below) - 0.4, 16.6
    page.sheet.print_area = f"A1:J{last}"
    page.done("A4", one_page=True)


# -- working, about --------------------------------------------------------------------------------------------------

ANSWERS = (
    Answer("One exit", "Exit", "ExitDetail", f"WATERFALL_DETAIL(exit_value,{TABLE},,,,strike_money)",
           [TEXT, MONEY, MONEY, TEXT, MONEY, MONEY, A_SHARE, "0.00", PERCENT, TEXT, TEXT]),
    Answer("Where each converts", "Exit", "Conversions", f"CONVERTS_AT({TABLE},,,,strike_money)", [TEXT, MONEY]),
    Answer("One exit by class", "Summary", "ClassPayouts",
           f'WATERFALL(exit_value,{TABLE},,,,,strike_money,,,,"class")', [TEXT, MONEY]),
    Answer("One exit by holder", "Summary", "HolderPayouts",
           f'WATERFALL(exit_value,{TABLE},,,,,strike_money,,,,"holder")', [TEXT, MONEY]),
    Answer("Exits by class", "Payouts, Summary", "Payoffs",
           f'WATERFALL({EXITS},{TABLE},,,,,strike_money,,,,"class")', [COUNT, *[MONEY] * ROOM]),
    Answer("Exits by holder", "Payouts", "HoldersAcross",
           f'WATERFALL({EXITS},{TABLE},,,,,strike_money,,,,"holder")', [COUNT, *[MONEY] * ROOM]),
    Answer("Where the split changes", "Breakpoints", "SplitChanges", f"BREAKPOINTS({TABLE},,,strike_money)",
           [MONEY, *[TEXT] * 4, *[PERCENT] * ROOM]),
    Answer("Payments", "Payments", "Stages", f"WATERFALL_STAGES(Payments[#All],{TABLE},,,,strike_money)",
           [TEXT, *[MONEY] * (ROOM + 2)]),
    Answer("Watched, as it is", "Sensitivity", "Scenario0", exits.scenario(), [MONEY]),
    *(Answer(f"Watched, value {i}", "Sensitivity", f"Scenario{i}", exits.scenario(f"value_{i}"), [MONEY])
      for i in range(1, exits.SCENARIOS + 1)),
)  # fmt: skip
WHAT_IT_IS = (
    "A model of the waterfall: who is paid what when a company is sold. Write your cap table over the one on the sheet "
    "Cap table, with debts, costs, carve-outs, notes and SAFEs; give the exit and the payments on the sheet Exit.",
    "The companies, holders and figures in it are invented for illustration.",
)
DECIDED = (
    "Costs are paid first, then debts and notes that are repaid, by seniority; then carve-outs; then preferences by "
    "seniority, equal ranks in proportion to what they are owed; the rest goes to Common, to options and warrants "
    "above their strike, and to preferred stock, notes and SAFEs that share in it or convert.",
    "Everything follows from the value of a share of Common: a class converts, and an option is exercised, where that "
    "pays strictly more. Payouts are in cents and add up to the exit.",
    "A capped note converts into its amount divided by the cap per share, over all stock as converted, options, "
    "warrants and the pool. A post-money SAFE gets its amount divided by its cap of all that shares in the exit, the "
    "pool left out. Columns may be added for other terms: the first lines of the sheet Cap table name them.",
    "Payments are nominal, not discounted. Each brings a holder what all payments so far would pay it, less what it "
    "had. Taxes are left out.",
)

DESIGN = Design(
    folder="waterfall",
    file="waterfall.xlsx",
    title="The waterfall of a cap table",
    footer="Waterfall",
    stamp=dt.datetime(2026, 1, 2, 12),
    first_day=dt.date(1990, 1, 1),
    answers=ANSWERS,
    sheets=(
        summary,
        cap_table,
        one_exit,
        payments,
        exits.payouts,
        exits.breakpoints,
        exits.sensitivity,
        sheets.working,
        lambda book: sheets.about(book, WHAT_IT_IS, DECIDED),
    ),
)
