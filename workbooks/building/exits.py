"""The waterfall over many exits: payouts and their pictures, breakpoints, and what a term changes."""

from __future__ import annotations

from collections.abc import Mapping

from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from building.book import Book
from building.charts import PALETTE, lines, stacked
from building.page import AMOUNT, Check, Column, Page, column_of, if_any, quiet, titled
from building.pieces import Given
from building.style import TEXT, inset
from xlcap.batch.looks import COUNT, FACE, MONEY

CLASSES, HOLDERS, BREAKS = len(PALETTE), 14, 20
"""How many of each the sheets have room for; a check says whether that is enough."""
ROOM = 40
"""Columns left free for what is as wide as the cap table is long."""
SHOWN, BETWEEN = 11, 5
"""Exits in tables, and steps from one to the next in charts."""
POINTS = BETWEEN * (SHOWN - 1) + 1
SCENARIOS = 5

TABLE = "CapTable[#All]"
EXITS = f"_xlfn.SEQUENCE({POINTS},1,exit_from,exit_step/{BETWEEN})"
A_SHARE = "#,##0.0000"
PART = '0.0%;-0.0%;"−"'

# -- many exits ------------------------------------------------------------------------------------------------------

ACROSS = [get_column_letter(i) for i in range(4, 4 + SHOWN)]
FIRST_DRAWN, LAST_DRAWN = 7, 6 + POINTS
_LABELS, _EXITS, *_DRAWN = (get_column_letter(i) for i in range(5 + SHOWN, 7 + SHOWN + 2 * CLASSES))
"""Columns beside the page that charts are drawn from: exits, payouts of each class, the same a share."""
BY_CLASS = ("Payouts", _LABELS, _DRAWN[:CLASSES], FIRST_DRAWN, LAST_DRAWN, BETWEEN)
_BY_SHARE = ("Payouts", _EXITS, _DRAWN[CLASSES:], FIRST_DRAWN, LAST_DRAWN)


def swatches(page: Page, column: str, first: int, beside: str) -> None:
    """The colour in which charts draw a class, before its name."""
    for row, colour in enumerate(PALETTE, first):
        cell = page.put(f"{column}{row}", f'=IF({beside}{row}="","","■")', "Cells")
        cell.font, cell.alignment = Font(FACE, 11, color=colour), Alignment("center", "center")


def _across(answer: str, told: str, code: str, heading: str) -> Mapping[str, Column]:
    """Columns of a table that has a row for each column of an answer, and a column for every exit shown."""
    columns = {"C": column_of(answer, 1, titled(answer, heading), TEXT)}
    for i, letter in enumerate(ACROSS):
        cell = f"{{{answer}[{2 + BETWEEN * i}]}}"
        columns[letter] = Column(quiet(if_any(cell)), if_any(cell, cell + told), code)
    return columns


def payouts(book: Book) -> None:
    """What each class and holder gets at many exits, in all and a share, and the pictures of it."""
    page = Page(book, "Payouts", {"B": 3.5, "C": 22, **dict.fromkeys(ACROSS, 13)})
    last = ACROSS[-1]
    page.heads("Payouts", "What each class and each holder gets, exit by exit; decisions are made anew at each of them")
    at = 4
    tables = (
        ("By class, dollars", "Payoffs", "", COUNT, "Class", CLASSES),
        ("By holder, dollars", "HoldersAcross", "", COUNT, "Holder", HOLDERS),
        (
            "By class, dollars a share",
            "Payoffs",
            "/SUMIFS(CapTable[Shares],CapTable[Class],$C{row})",
            A_SHARE,
            "Class",
            CLASSES,
        ),
    )
    for title, answer, told, code, heading, rows in tables:
        page.section(f"B{at}", title, last)
        page.listing(at + 1, _across(answer, told, code, heading), rows, turned=True)
        page.sheet[f"B{at + 1}"].style = "Heading"
        for letter in ACROSS:
            page.sheet[f"{letter}{at + 1}"].number_format = inset(COUNT)
        page.sheet.row_dimensions[at + 1].height = 18
        if answer == "Payoffs":
            swatches(page, "B", at + 2, "$C")
        at += rows + 3
        if answer == "HoldersAcross":
            page.parts(76, at - 1)
    _draw(book, page, at)
    page.done("D4")
    page.sheet.print_title_rows = "1:3"
    page.sheet.print_area = f"A1:{last}{at + 22}"


def _draw(book: Book, page: Page, at: int) -> None:
    """The charts, below everything else, and what they are drawn from, beside the page."""
    told = "What the charts are drawn from; a share of what has none is kept below the axis"
    page.section(f"{_LABELS}4", told, _DRAWN[-1])
    page.put(f"{_LABELS}6", "Label", "Heading")
    page.put(f"{_EXITS}6", "Exit", "Heading")
    for n, row in enumerate(range(FIRST_DRAWN, LAST_DRAWN + 1), 2):
        page.put(f"{_EXITS}{row}", f"={book.place('Payoffs', n, 1)}", "Basis", COUNT)
        if (row - FIRST_DRAWN) % BETWEEN == 0:
            page.put(f"{_LABELS}{row}", f'=ROUND({_EXITS}{row}/1000000,2)&""', "Basis")
    for i, (whole, each) in enumerate(zip(_DRAWN[:CLASSES], _DRAWN[CLASSES:], strict=True), 2):
        page.put(f"{whole}6", quiet(if_any(book.place("Payoffs", 1, i))), "Heading")
        page.put(f"{each}6", f"={whole}6", "Heading")
        page.put(f"{each}5", f"=SUMIFS(CapTable[Shares],CapTable[Class],{each}6)", "Basis", COUNT)
        for n, row in enumerate(range(FIRST_DRAWN, LAST_DRAWN + 1), 2):
            page.put(f"{whole}{row}", f"={book.place('Payoffs', n, i)}", "Basis", COUNT)
            page.put(f"{each}{row}", f"=IFERROR({whole}{row}/{each}$5,-1)", "Basis", A_SHARE)
    middle = len(ACROSS) // 2
    page.section(f"B{at}", "By class, $ millions, one upon the other", ACROSS[middle - 2])
    page.section(f"{ACROSS[middle - 1]}{at}", "By class, dollars a share", ACROSS[-1])
    by_share = lines(*_BY_SHARE, "#,##0.00", "Dollars a share")
    for place, chart in ((f"B{at + 1}", stacked(*BY_CLASS)), (f"{ACROSS[middle - 1]}{at + 1}", by_share)):
        chart.legend, chart.height, chart.width = None, 10.5, 14.6
        page.sheet.add_chart(chart, place)


# -- breakpoints -----------------------------------------------------------------------------------------------------


def breakpoints(book: Book) -> None:
    """Where the split of the next dollar changes and why; on a second page, who gets how much of it from there."""
    letters = [get_column_letter(i) for i in range(4, 4 + CLASSES)]
    page = Page(book, "Breakpoints", {"B": 6, "C": 18, **dict.fromkeys(letters, 11.7)})
    last = letters[-1]
    page.heads("Breakpoints", "Every exit at which the split of the next dollar changes")
    page.section("B4", "What happens there, and why", last)
    # the split itself stands on the second page, and whose payouts jump, and how far, on the sheet Working
    told = (
        '_xlfn.LET(_xlpm.told,{SplitChanges[5]},_xlpm.jumps,FIND(" Payouts jump here:",_xlpm.told&" Payouts '
        'jump here:"),LEFT(_xlpm.told,MIN(_xlpm.jumps,FIND(" Of the next dollar",_xlpm.told&" Of the next dollar"),'
        'FIND(" The next dollar",_xlpm.told&" The next dollar"))-1)'
        '&IF(_xlpm.jumps<=LEN(_xlpm.told)," Payouts jump here: the sheet Working says whose.",""))'
    )
    cell = "{SplitChanges[1]}"
    number = Column("", if_any(cell, "{n}-1"), "0")
    exits = column_of("SplitChanges", 1, titled("SplitChanges", "Exit, dollars"), MONEY)
    why = Column("Explanation", if_any(cell, told), "small", last)
    page.listing(5, {"B": number, "C": exits, "D": why}, BREAKS, height=33)
    row = 5 + BREAKS
    page.parts(67, row)
    page.section(f"B{row + 1}", "Of the next dollar, each class gets", last)
    columns = {"B": number, "C": exits}
    headings = _headings(book, page, get_column_letter(4 + CLASSES + 2))
    for i, letter in enumerate(letters, 2):
        heading = f"{letter}${row + 2}"
        split = f"{{SplitChanges[6:{5 + ROOM}]}}"
        of_class = f'SUMIFS({split},{headings},{heading}&"%s")'
        both = "+".join(of_class % end for end in ("", ": *"))  # columns are called class, or class: holder
        columns[letter] = Column(
            quiet(if_any(book.place("Payoffs", 1, i))), if_any(cell, f'IF({heading}="","",{both})'), PART
        )
    page.listing(row + 2, columns, BREAKS)
    page.done("A4")
    page.sheet.print_title_rows = "1:3"
    page.sheet.print_area = f"A1:{last}{row + 2 + BREAKS}"


def _headings(book: Book, page: Page, left: str) -> str:
    """Beside the page, the headings of the answer as texts of the workbook: Calc's SUMIFS finds no text of ours."""
    first = page.sheet[f"{left}5"].column
    letters = [get_column_letter(first + i) for i in range(ROOM)]
    page.section(f"{left}4", "The headings of the answer on the sheet Working", letters[-1])
    for i, letter in enumerate(letters, 6):
        heading = book.place("SplitChanges", 1, i)
        page.put(f"{letter}5", quiet(f'{heading}&""'), "Basis")
    return f"${left}$5:${letters[-1]}$5"


# -- sensitivity -----------------------------------------------------------------------------------------------------

NUMBERS = ("Cap multiple", "Preference multiple", "Conversion price", "Original issue price", "Accrued", "Seniority",
           "Strike", "Amount", "Valuation cap", "Shares")  # fmt: skip
VARIED = (
    Given("Class whose term is varied", "vary_class", "@"),
    Given("Term, a column of the cap table", "vary_term", "@", Check("list", words=NUMBERS)),
    *(Given(f"{which} value", f"value_{i}", "0.0###", AMOUNT)
      for i, which in enumerate(("First", "Second", "Third", "Fourth", "Fifth"), 1)),
    Given("Whose payout is watched", "watched", "@"),
)  # fmt: skip


def scenario(value: str = "") -> str:
    """What the one watched gets at every exit, after the exit above which it converts, with the term so or as it is."""
    table = "_xlpm.held"
    if value:
        varied = "(CapTable[[#All],[Class]]=vary_class)*(CapTable[#Headers]=vary_term)"
        table = f"IF({varied},{value},_xlpm.held)"
    return (
        f'_xlfn.LET(_xlpm.held,IF({TABLE}="","",{TABLE}),_xlpm.table,{table},'
        'IFERROR(_xlfn.VSTACK(_xlfn.IFNA(CONVERTS_AT(_xlpm.table,watched,,,strike_money),"never"),'
        f'WATERFALL({EXITS},_xlpm.table,watched,,,,strike_money)),"not possible"))'
    )


def sensitivity(book: Book) -> None:
    """What one class gets over the exits, with a term of one class as it is and at other values."""
    page = Page(book, "Sensitivity", {"B": 28, "C": 21, **dict.fromkeys("DEFGH", 20)})
    page.heads("Sensitivity", '="What "&watched&" gets if "&LOWER(vary_term)&" of "&vary_class&" is changed, dollars"')
    page.section("B4", "Inputs: what is varied", "C")
    for row, (label, name, code, check) in enumerate(VARIED, 5):
        page.put(f"B{row}", label)
        page.input(f"C{row}", book.report[name], code, name, check)
    names = ["Scenario0", *(f"Scenario{i}" for i in range(1, SCENARIOS + 1))]
    headings = ["As it is", *(f'=vary_term&" "&value_{i}' for i in range(1, SCENARIOS + 1))]
    page.section("B21", '="Payout of "&watched&", dollars"', "H")
    columns = {"B": column_of("Payoffs", 1, titled("Payoffs", "Exit"), COUNT)}
    for letter, name, heading in zip("CDEFGH", names, headings, strict=True):
        columns[letter] = column_of(name, 1, heading, MONEY)
    page.listing(22, columns, SHOWN, step=BETWEEN)
    page.put(f"B{23 + SHOWN}", "Converts, or is exercised, above")
    for letter, name in zip("CDEFGH", names, strict=True):
        page.put(f"{letter}{23 + SHOWN}", f"={book.place(name, 1, 1)}", "Key figure", inset(MONEY))
    drawn = [get_column_letter(i) for i in range(10, 12 + SCENARIOS)]
    page.section("J4", "What the chart is drawn from", drawn[-1])
    for n, row in enumerate(range(FIRST_DRAWN, LAST_DRAWN + 1), 2):
        page.put(f"J{row}", f"={book.place('Payoffs', n, 1)}", "Basis", COUNT)
        for letter, name in zip(drawn[1:], names, strict=True):
            cell = book.place(name, n, 1)
            page.put(f"{letter}{row}", f"=IF(ISNUMBER({cell}),{cell},-1)", "Basis", COUNT)
    for letter, beside in zip(drawn[1:], "CDEFGH", strict=True):
        page.put(f"{letter}6", f"={beside}22", "Heading")
    chart = lines("Sensitivity", "J", drawn[1:], FIRST_DRAWN, LAST_DRAWN, "#,##0,,", "Payout, $ millions")
    chart.height, chart.width = 8.6, 18.4
    page.sheet.add_chart(chart, "D4")
    page.sheet.print_area = f"A1:H{23 + SHOWN}"
    page.done("A4", one_page=True)
