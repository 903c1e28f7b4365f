"""The sheets that every template has."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.utils import get_column_letter

from building.book import ANSWERS_TOP, Book
from building.charts import payoff_chart
from building.page import AMOUNT, WHOLE, Check, Page, if_any, quiet
from building.pieces import EXITS, HELD, PAYOFFS_ADD_UP, STEPS, Choice, Figure, Given, Line, Test
from building.style import TEXT, aligned, shown, when
from xlcap import functions
from xlcap.batch.looks import BLUE, COUNT, DAY, FACE, FINE, LINE, MONEY, NAVY, PERCENT
from xlcap.events import KINDS
from xlcap.terms import Terms, load
from xlcap.terms.schema import flatten, keys

# -- the summary -----------------------------------------------------------------------------------------------------


def summary(
    book: Book,
    *,
    results: Mapping[str, Sequence[Line]],
    given: Mapping[str, Sequence[Given]],
    held: Mapping[str, Any],
    figures: Sequence[Figure],
    checks: Sequence[Test],
    classes: Sequence[str],
) -> None:
    """Results on the left, inputs and checks on the right, a picture of the payoffs below the results.

    ``held`` is what inputs hold that the first report does not give.
    """
    page = Page(book, "Summary", {"B": 37, "C": 17, "D": 39, "E": 3, "F": 42, "G": 35})
    page.heads("=report_title", '=TERM(SeriesB,"issuer")&": "&TERM(SeriesB,"name")')
    page.put(
        "B3",
        '="As of "&TEXT(as_of,"d mmmm yyyy")&", "&SUBSTITUTE(time_of_day,"_"," ")'
        '&IF(known_at="","",", as known on "&TEXT(known_at,"d mmmm yyyy"))'
        '&IF(prepared_for="","",". Prepared for "&prepared_for)',
        "Report subtitle",
    )
    below = _results(page, results)
    right = inputs_and_checks(page, given, {**HELD, **held, **book.report}, figures, (*PAYOFFS_ADD_UP, *checks))
    last = max(below + 14, right)
    for row in range(5, last):
        page.sheet.row_dimensions[row].height = 14.5
    page.sheet.print_area = f"A1:G{last}"
    page.sheet.page_setup.fitToHeight = 1
    page.section(f"B{below}", "Payoffs across exits", "D")
    chart = payoff_chart(classes, first_payoff(len(classes)), EXITS)
    chart.height, chart.width = 6.2 + 0.51 * (last - below - 14), 18.1
    chart.legend.position = "r"
    page.sheet.add_chart(chart, f"B{below + 1}")
    page.sheet.freeze_panes = "A4"


def _results(page: Page, results: Mapping[str, Sequence[Line]]) -> int:
    row = 5
    for title, lines in results.items():
        page.section(f"B{row}", title, "D")
        for line in lines:
            row += 1
            page.put(f"B{row}", line.label)
            page.put(f"C{row}", f"={line.formula}", "Key figure" if line.key else "Figure", line.code, line.name)
            page.put(f"D{row}", line.basis, "Basis")
        row += 2
    return row


def inputs_and_checks(
    page: Page,
    given: Mapping[str, Sequence[Given]],
    held: Mapping[str, Any],
    figures: Sequence[Figure],
    checks: Sequence[Test],
    *,
    at: tuple[str, str] = ("F", "G"),
) -> int:
    """Inputs, figures between, and checks, in two columns; the last row."""
    left, right = at
    row = 5
    for title, lines in given.items():
        page.section(f"{left}{row}", f"Inputs: {title}", right)
        for label, name, code, check in lines:
            row += 1
            page.put(f"{left}{row}", label)
            page.input(f"{right}{row}", held[name], code, name, check or (page.any_day if code == DAY else None))
        row += 2
    page.section(f"{left}{row}", "Between inputs and results", right)
    for label, name, formula, code in figures:
        row += 1
        page.put(f"{left}{row}", label)
        page.put(f"{right}{row}", f"={formula}", "Figure", code, name)
    row += 2
    page.section(f"{left}{row}", "Checks", right)
    first = row + 1
    for label, formula in checks:
        row += 1
        page.put(f"{left}{row}", label)
        page.put(f"{right}{row}", f'=IF({formula},"yes","no")', "Figure")
    page.name("checks", f"{right}{first}:{right}{row}")
    row += 1
    page.put(f"{left}{row}", "All checks hold").font = Font(FACE, 10, bold=True)
    page.put(f"{right}{row}", '=IF(COUNTIF(checks,"yes")=ROWS(checks),"yes","no")', "Key figure", TEXT, "all_checks")
    area, cell = f"{right}{first}:{right}{row}", f"{right}{first}"
    page.sheet.conditional_formatting.add(area, when(f'{cell}="yes"', DifferentialStyle(font=Font(color="2F7D4F"))))
    wrong = DifferentialStyle(font=Font(bold=True, color="9C1C1C"), fill=PatternFill(bgColor="F8D7DA"))
    page.sheet.conditional_formatting.add(area, when(f'{cell}<>"yes"', wrong))
    return row


# -- terms, events, prices -------------------------------------------------------------------------------------------


LATER = DifferentialStyle(font=Font(color="9AA1AB"))


def terms(book: Book, choices: Sequence[Choice]) -> None:
    """What the report fills in and decides, and the certificate in full."""
    certificate = load(book.design.terms)
    told_of = list(meanings(certificate))
    longest = max(len(field) for field, _ in told_of)
    page = Page(book, "Terms", {"B": max(40, 0.92 * longest), "C": 42, "D": 78})
    page.heads("Terms", "What the certificate says, and what this report fills in or decides")
    page.section("B4", "Filled in and decided for this report", "D")
    for column, heading in zip("BCD", ("Field", "Value", "Clause and meaning"), strict=True):
        page.put(f"{column}5", heading, "Heading").alignment = aligned(text=True)
    row = 5
    whose = "certificate of these terms; what is not listed here is as it says"
    for choice in (Choice("id", "terms_id", book.design.terms, whose), *choices):
        row += 1
        page.put(f"B{row}", choice.field).alignment = aligned(text=True)
        code = DAY if isinstance(choice.held, dt.date) else "@"
        page.input(f"C{row}", choice.held, code, choice.name, choice.check(page))
        page.sheet[f"C{row}"].alignment = aligned(text=True)
        page.put(f"D{row}", choice.told, "Basis")
    page.name("SeriesB", f"B6:C{row}")
    row += 2
    page.section(f"B{row}", "The certificate in full, with these", "D")
    top = row + 1
    columns = {"Field": TEXT, "Value": TEXT, "Meaning": "wrap"}
    told = (
        "_xlfn.IFNA(_xlfn.LET(_xlpm.held,TERM(SeriesB,TermsInFull[[#This Row],[Field]]),"
        'IF(ISLOGICAL(_xlpm.held),IF(_xlpm.held,"TRUE","FALSE"),_xlpm.held)),"not stated")'
    )
    rows = [[field, None, meaning] for field, meaning in told_of]
    first, last = page.table(f"B{top}", "TermsInFull", columns, rows, computed={"Value": told})
    page.sheet.row_dimensions[top].height = 18
    values = flatten(certificate)
    for r, (field, meaning) in enumerate(told_of, first):
        lines = max(1 + len(str(values[field])) // 46, 1 + len(meaning) // 112)
        page.sheet.row_dimensions[r].height = 2 + 13 * lines
        for column in "BCD":
            page.sheet[f"{column}{r}"].style = "Basis" if column == "D" else "Cells"
            page.sheet[f"{column}{r}"].alignment = aligned(text=True, wrap=column != "B")
    dated = f'AND(ISNUMBER($C{first}),RIGHT($B{first},4)="date")'
    page.sheet.conditional_formatting.add(f"C{first}:C{last}", when(dated, shown(DAY, 0)))
    page.rule(f"B{first}:D{last}")
    page.done("A4")
    page.sheet.print_title_rows = f"{top}:{top}"


def events(book: Book, columns: Mapping[str, str], widths: Sequence[float], further: str) -> None:
    """The table of events: ``columns`` with their formats and widths, and the names of ``further`` ones."""
    page = Page(book, "Events", {get_column_letter(i + 2): width for i, width in enumerate(widths)})
    page.heads("Events", "What happened to the Common, in the order in which the company lists it")
    told = (
        "Give each event the columns it uses; what is later than the report is grey. Further columns may be added "
        f"under their names: {further}."
    )
    page.put("B3", told, "Basis").alignment = Alignment("left", "center")
    amounts = {column for column, code in columns.items() if code not in (DAY, "@", "wrap")}
    first, last = page.table(
        "B5", "Events", columns, book.rows("events.csv", list(columns)),
        checks={
            "Event": Check("list", words=tuple(KINDS), told="Choose one of the kinds of event."),
            **{column: page.any_day for column, code in columns.items() if code == DAY},
            **{column: AMOUNT for column in columns if column in amounts - {"Amount", "Current market price"}},
        },
    )  # fmt: skip
    right = get_column_letter(len(columns) + 1)
    page.sheet.row_dimensions[5].height = 32
    for row in range(first, last + 1):
        page.sheet.row_dimensions[row].height = 27
        page.sheet[f"{right}{row}"].font = Font(FACE, 9, color=BLUE)
    dated = f"AND(ISNUMBER($D{first}),$D{first}>as_of)"
    page.sheet.conditional_formatting.add(f"B{first}:{right}{last}", when(dated, LATER))
    page.sheet.freeze_panes = f"D{first}"
    page.sheet.print_title_rows = "5:5"


def prices(book: Book, columns: Mapping[str, str], told: str) -> None:
    """The table of closing prices."""
    page = Page(book, "Prices", dict.fromkeys("BCDEFG"[: len(columns)], 16), across=False)
    page.heads("Prices", "Closing prices of the Common, dollars a share")
    page.put("B3", told, "Basis")
    checks = {column: page.any_day if code == DAY else AMOUNT for column, code in columns.items()}
    first, last = page.table("B5", "Prices", columns, book.rows("prices.csv", list(columns)), checks=checks)
    letters = [get_column_letter(2 + i) for i in range(len(columns))]
    page.sheet.conditional_formatting.add(f"B{first}:{letters[-1]}{last}", when(f"$B{first}>as_of", LATER))
    for row in range(first, last + 1):
        page.sheet.row_dimensions[row].height = 11.25
        for column in letters:
            page.sheet[f"{column}{row}"].font = Font(FACE, 9, color=BLUE)
    page.sheet.row_dimensions[5].height = 18
    page.sheet.freeze_panes = "A6"
    page.sheet.print_title_rows = "5:5"


def meanings(certificate: Terms) -> Iterator[tuple[str, str]]:
    """Every field a certificate can have, as TERMS names it, and what it holds."""
    for field in flatten(certificate):
        section: Any = Terms
        told = ""
        for name in field.split("."):
            known = keys(section)
            if name in known:
                key = known[name]
                told = key.doc
                section = key.sections or key.section
        yield field, told


# -- the price and its certificate -----------------------------------------------------------------------------------


def history(book: Book) -> None:
    """Every step of the conversion price."""
    widths = [12, 14.5, 10.5, 23, 13.5, 9, 11.5, 10, 9, 11.5, 64]
    page = Page(book, "Conversion", {get_column_letter(i + 2): width for i, width in enumerate(widths)})
    page.heads(
        f'="Conversion price: "&TEXT(price_in_effect,"{book.design.price}")&" dollars"',
        '="Every step up to "&TEXT(as_of,"d mmmm yyyy")&": when, under which clause, from what, to what, and why"',
    )
    price = book.design.price
    codes = [DAY, "small", TEXT, "wrap", TEXT, price, FINE, price, price, '0.000000;"−"0.000000;"−"', "small"]
    page.shows("B4", "PriceHistory", codes, STEPS, height=27)
    carried = DifferentialStyle(font=Font(color="7A828E", italic=True), border=LINE)
    page.sheet.conditional_formatting.add(f"B5:L{4 + STEPS}", when('OR($F5="carried",$F5="no change")', carried))
    for row in range(5, 5 + STEPS):
        page.sheet[f"J{row}"].font = Font(FACE, 10, bold=True)
    page.done("A5")
    page.sheet.print_title_rows = "4:4"


def certificate(book: Book, sent: str) -> None:
    """The certificate of one adjustment, to be signed; ``sent`` says what it is and under which section."""
    page = Page(book, "Certificate of adjustment", {"B": 44, "C": 84}, across=False)
    page.heads("Certificate of adjustment", f'=TERM(SeriesB,"issuer")&": {sent}"')
    told = (
        '"The undersigned certifies for the company that the conversion price of the class named below was adjusted '
        'as stated, "&"and that these are the clause, the facts, and the computation or, where there is none, the '
        'reason."'
    )
    page.put("B4", quiet(if_any(book.place("AdjustmentCertificate", 2, 1), told)), "Prose")
    page.sheet.merge_cells("B4:C4")
    page.sheet.row_dimensions[4].height = 32
    rows = 32
    page.shows("B6", "AdjustmentCertificate", [TEXT, "wrap"], rows, height=26)
    signed = ("Signed", "Name, title and date")
    for n in range(4, 2 + rows):  # below the certificate and a blank row
        told, above, last = (book.place("AdjustmentCertificate", n - i, 1) for i in range(3))
        lines = f'IF(B{n + 4}="{signed[0]}","{signed[1]}","")'
        lines = f'IF(AND({last}&""<>"",{above}&""=""),"{signed[0]}",{lines})'
        page.sheet[f"B{n + 5}"].value = quiet(f'IF({told}&""="",{lines},{told})')
    area, body = f"B7:C{6 + rows}", f"C7:C{6 + rows}"
    label, cell = "$B7", "$C7"
    signing = f'OR({label}="{signed[0]}",{label}="{signed[1]}")'
    line = DifferentialStyle(border=Border(bottom=Side("thin", "808080")))
    page.sheet.conditional_formatting.add(body, when(signing, line, stop=True))
    page.sheet.conditional_formatting.add(area, when(signing, DifferentialStyle(font=Font(italic=False)), stop=True))
    ends = ",".join(f'RIGHT({label},{len(end)})="{end}"' for end in (" day", " mailed", "issued on"))
    day = f'{label}="Effective date",LEFT({label},6)="Notice",{ends}'
    computed, price = '0.000000;"−"0.000000', book.design.price
    if load(book.design.terms).policy.price_places is None:  # every decimal matters
        computed, price = '0.00########;"−"0.00########', "0.00########"
    for number, (condition, code) in enumerate((
        (f"OR({day})", "d mmmm yyyy"),
        (f'OR({label}="Conversion price computed",LEFT({label},7)="Carried")', computed),
        (f'OR(LEFT({label},16)="Conversion price",LEFT({label},7)="Rounded")', price),
        (f'{label}="Fact: price"', computed),
        (f'AND({cell}=INT({cell}),ISERROR(SEARCH("price",{label})),{label}<>"Fact: reduction")', COUNT),
        ("TRUE", "#,##0.00####"),
    ), 1):  # fmt: skip
        page.sheet.conditional_formatting.add(
            body, when(f"AND(ISNUMBER({cell}),{condition})", shown(code, number), stop=True)
        )
    bold = DifferentialStyle(font=Font(bold=True, color=NAVY), border=LINE)
    page.sheet.conditional_formatting.add(area, when(f'{label}="Conversion price as adjusted"', bold))
    page.done(one_page=True)


# -- holders ---------------------------------------------------------------------------------------------------------


def of_holder(spill: str, column: int) -> str:
    """A column of an answer that has a header and a row for each of the table Holders, in the row of this one."""
    return f"INDEX({spill},ROW()-ROW(Holders[[#Headers],[Holder]])+1,{column})"


def holdings(
    book: Book,
    title: str,
    told: str,
    heading: str,
    columns: Mapping[str, tuple[str, str]],
    *,
    widths: tuple[float, float],
    shares: Check = WHOLE,
) -> None:
    """The table of who holds the series, from the sample of its name, and what formulas compute for each.

    ``columns`` are headers with their number formats and formulas; inputs come first and have none. ``widths`` are that
    of the first column and that of the others.
    """
    letters = [get_column_letter(i) for i in range(2, 2 + len(columns))]
    page = Page(book, title, {letters[0]: widths[0], **dict.fromkeys(letters[1:], widths[1])})
    page.heads(title, told)
    page.section("B4", heading, letters[-1])
    codes = {header: code for header, (code, _) in columns.items()}
    computed = {header: formula for header, (_, formula) in columns.items() if formula}
    inputs = [header for header in columns if header not in computed]
    rows = [[*row, *[None] * len(computed)] for row in book.rows(f"{title.lower()}.csv", inputs)]
    checks = {header: page.any_day if codes[header] == DAY else shares for header in inputs if codes[header] != "@"}
    page.table("B5", title, codes, rows, computed=computed, checks=checks)
    page.sheet.freeze_panes = "A6"


# -- liquidation -----------------------------------------------------------------------------------------------------


def first_payoff(classes: int) -> int:
    """The row of the first exit, where there are so many classes."""
    return 28 + 2 * classes


def liquidation(
    book: Book,
    told: str,
    columns: Mapping[str, str],
    table: Sequence[Sequence[Any]],
    classes: Sequence[str],
) -> None:
    """The cap table, one exit, the breakpoints, and the payoffs across exits with their picture."""
    widths = {"B": 14.0, "C": 15, "D": 15, "E": 14, "F": 15, "G": 16, "H": 12.5, "I": 10.5, "J": 10.5, "K": 13}
    widths |= dict.fromkeys("LMNOP", 9.5)
    widths["B"] = max(14, *(len(who) for who in classes))
    page = Page(book, "Liquidation", widths)
    page.heads("Liquidation", told)
    page.section("B4", "Cap table", get_column_letter(1 + len(columns)))
    page.table("B5", "CapTable", columns, table,
               checks={"Kind": Check("list", words=("common", "preferred", "option", "warrant"))})  # fmt: skip
    row = 9 + len(classes)
    page.section(f"B{row}", '="One exit, "&TEXT(exit_value,"#,##0")&" dollars"', "P")
    codes = [TEXT, MONEY, MONEY, "yes", MONEY, MONEY, MONEY, "0.00", PERCENT, TEXT, "small"]
    page.shows(f"B{row + 1}", "ExitDetail", codes, len(classes), height=27, wide={"L": "P"})
    row += len(classes) + 4
    last = get_column_letter(11 + len(classes))
    page.section(f"B{row}", "Where the split of the next dollar changes, and what each gets of it from there", last)
    split = {"B": (1, MONEY), "C": (5, "small")}
    split |= {column: (6 + i, PERCENT) for i, column in enumerate("LMNOP"[: len(classes)])}
    at, codes = {column: number for column, (number, _) in split.items()}, [code for _, code in split.values()]
    page.shows(f"B{row + 1}", "SplitChanges", codes, 9, at=at, wide={"C": "K"}, height=27)
    if max(map(len, classes)) > 20:
        page.sheet.row_dimensions[row + 1].height = 42
    top = first_payoff(len(classes))
    last = get_column_letter(2 + len(classes))
    page.section(f"B{top - 2}", "Payoffs across exits, dollars", last)
    page.shows(f"B{top - 1}", "Payoffs", [COUNT, *[MONEY] * len(classes)], EXITS)
    page.section(f"I{top - 2}", "Payoffs across exits", "P")
    chart = payoff_chart(classes, top, EXITS)
    chart.height, chart.width = 12.1, 15.9
    page.sheet.add_chart(chart, f"I{top - 1}")
    page.done("A4")
    page.sheet.print_title_rows = "1:3"
    page.sheet.print_area = f"A1:P{top + EXITS}"
    page.parts(76, top - 3)


# -- working, about --------------------------------------------------------------------------------------------------


def working(book: Book) -> None:
    """The spills stand beside a list of them, which alone is printed."""
    answers = book.design.answers
    page = Page(book, "Working", {"B": 30, "C": 30, "D": 26, "E": 30, "F": 3})
    page.heads(
        "Working",
        "The answers that fill tables, each by one formula, to the right of this list; the other sheets show them from "
        "here.",
    )
    page.put(
        "B3",
        "Leave the cells below the answers free. A program without xlcap's functions may show errors here.",
        "Report subtitle",
    )
    for column, heading in zip("BCDE", ("Answer", "Function", "Name", "Shown on"), strict=True):
        page.put(f"{column}5", heading, "Heading").alignment = aligned(text=True)
    for row, (title, shown_on, name, formula, codes) in enumerate(answers, 6):
        function = next(called for called in re.findall(r"[A-Z_]+(?=\()", formula) if called in functions.names())
        for column, told in zip("BCDE", (title, function, name, shown_on), strict=True):
            page.put(f"{column}{row}", told).alignment = aligned(text=True)
        left = book.lefts[name]
        page.spill(f"{get_column_letter(left)}{ANSWERS_TOP}", title, f"={formula}", codes, name)
        page.sheet.column_dimensions[get_column_letter(left + len(codes))].width = 3
    page.rule(f"B6:E{5 + len(answers)}")
    page.done("A6")
    page.sheet.print_area = f"A1:E{5 + len(answers)}"


HOW_IT_IS_USED = (
    "Cells in blue on cream are inputs: named cells and tables. Everything else is computed from them.",
    "The command xlcap fill makes a report for each row of a file: its columns are the names of input cells, and "
    "tables are filled from files of their own. Values are stored with the formulas, so that a report can be read "
    "anywhere.",
    "Formulas that begin with names such as CONVERSION_PRICE or WATERFALL are xlcap's. A program without them "
    "shows the values stored, until one of their inputs is changed there; then fill the workbook again. What makes "
    "them live: xlcap addin install (Excel on Windows), xlcap addin lite (Excel on Mac, Windows and the web).",
    "Formulas that answer with a table stand on the sheet Working and spill downwards; leave the cells below them "
    "free. The other sheets show their values cell by cell, so that every program can print them. A program "
    "without xlcap's functions may show errors on Working.",
)


def about(book: Book, what_it_is: Sequence[str], decided: Sequence[str]) -> None:
    """What the workbook is, how it is used, and what was decided."""
    told = {"What it is": what_it_is, "How it is used": HOW_IT_IS_USED, "What was decided": decided}
    page = Page(book, "About", {"B": 40, "C": 84}, across=False)
    page.heads("About this workbook", "What it is, how it is used, and what was decided")
    row = 4
    for title, paragraphs in told.items():
        page.section(f"B{row}", title, "C")
        for text in paragraphs:
            row += 1
            page.put(f"B{row}", text, "Prose")
            page.sheet.merge_cells(f"B{row}:C{row}")
            page.sheet.row_dimensions[row].height = 13.5 * (1 + len(text) // 145) + 5
        row += 2
