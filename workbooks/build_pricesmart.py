"""Builds pricesmart-series-b.xlsx, the template for PriceSmart's Series B, with the sample data as its first contents.

    python workbooks/build_pricesmart.py

Inputs are named cells and Excel tables; formulas use names and structured references. Formulas that spill are written
plainly: filling the workbook once makes them dynamic arrays and gives every cell its value. The file comes out the same
every time.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from openpyxl import Workbook
from openpyxl.chart import ScatterChart
from openpyxl.chart.data_source import AxDataSource, NumData, NumDataSource, NumRef, NumVal, StrData, StrRef, StrVal
from openpyxl.chart.marker import Marker
from openpyxl.chart.series import SeriesLabel, XYSeries
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.chart.text import RichText
from openpyxl.drawing.line import LineProperties
from openpyxl.drawing.text import CharacterProperties, Paragraph, ParagraphProperties
from openpyxl.drawing.text import Font as DrawnFont
from openpyxl.formatting.rule import Rule
from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Side
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.styles.numbers import NumberFormat
from openpyxl.utils import get_column_letter
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.table import Table, TableFormula, TableStyleInfo
from openpyxl.worksheet.worksheet import Worksheet

from xlcap import functions
from xlcap.events import KINDS
from xlcap.hosts import headless
from xlcap.terms import Terms, load
from xlcap.terms.schema import flatten, keys
from xlcap.workbook import Template

HERE = Path(__file__).parent
SAMPLES = HERE / "pricesmart"
TARGET = HERE / "pricesmart-series-b.xlsx"
STAMP = dt.datetime(2003, 7, 9, 12)  # the file's times, fixed so that a rebuild gives the same file

# -- looks -----------------------------------------------------------------------------------------------------------

FACE = "Calibri"
NAVY, BLUE, GREY, RULE, BAND, CREAM = "1F3A5F", "1F4FBF", "6B7280", "D5DAE1", "E8EDF3", "FFF8DC"
SERIES = {"Series A": "8A9BB0", "Series B": "C05621", "Options": "B7A26A", "Common": "1F3A5F"}

DAY, PRICE, FINE, MONEY, COUNT, PERCENT = "d mmm yyyy", "0.00", "0.000000", "#,##0.00", "#,##0", "0.00%"
TEXT = "General"
TEXTS = (TEXT, "@", "wrap", "small", "yes")

EDGE = Side("thin", "EFE7C8")
STYLES = (
    NamedStyle("Report title", font=Font(FACE, 18, bold=True, color=NAVY)),
    NamedStyle("Report subtitle", font=Font(FACE, 11, color=GREY)),
    NamedStyle("Section", font=Font(FACE, 11, bold=True, color=NAVY), fill=PatternFill("solid", BAND, BAND)),
    NamedStyle("Label", font=Font(FACE, 10), alignment=Alignment(vertical="center")),
    NamedStyle("Figure", font=Font(FACE, 10), alignment=Alignment("right", "center", indent=1)),
    NamedStyle("Key figure", font=Font(FACE, 10, bold=True), alignment=Alignment("right", "center", indent=1)),
    NamedStyle("Basis", font=Font(FACE, 9, color=GREY), alignment=Alignment("left", "center", indent=1)),
    NamedStyle("Prose", font=Font(FACE, 10), alignment=Alignment("left", "top", wrap_text=True)),
    NamedStyle("Cells", font=Font(FACE, 10), alignment=Alignment(vertical="top")),
    NamedStyle(
        "Heading",
        font=Font(FACE, 10, bold=True, color="FFFFFF"),
        fill=PatternFill("solid", NAVY, NAVY),
        alignment=Alignment("left", "center", wrap_text=True),
    ),
    NamedStyle(
        "Input cell",
        font=Font(FACE, 10, color=BLUE),
        fill=PatternFill("solid", CREAM, CREAM),
        border=Border(left=EDGE, right=EDGE, top=EDGE, bottom=EDGE),
        alignment=Alignment("right", "center", indent=1),
    ),
)  # fmt: skip

LINE = Border(bottom=Side("thin", RULE))
BODY_RULE = DifferentialStyle(border=LINE)


def shown(code: str, number: int) -> DifferentialStyle:
    """A number format for a conditional format; each needs an id of its own."""
    return DifferentialStyle(numFmt=NumberFormat(numFmtId=200 + number, formatCode=code), border=LINE)


def when(formula: str, style: DifferentialStyle, *, stop: bool = False) -> Rule:
    return Rule(type="expression", dxf=style, formula=[formula], stopIfTrue=stop)


def aligned(*, text: bool, upright: str = "center", wrap: bool = False) -> Alignment:
    """Texts to the left, a little in; figures to the right, a little in by their format."""
    return Alignment("left" if text else "right", upright, wrap_text=wrap, indent=1 if text else 0)


def inset(code: str) -> str:
    """A number format a little in from the right: LibreOffice loses the indent of figures beside each other."""
    space = "_)_)"
    if code == "@":
        return f"@{space}"
    if code == DAY:
        return f"{code}{space};@{space}"
    parts = code.split(";")
    parts = [*parts, f"-{code}", code][:3] if len(parts) == 1 else parts
    return ";".join(f"{part}{space}" for part in (*parts, "@"))


# -- a sheet ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Check:
    """What an input cell accepts."""

    kind: Literal["date", "list", "whole", "decimal"]
    least: str = "0"
    words: tuple[str, ...] = ()
    told: str = ""

    def rule(self) -> DataValidation:
        if self.kind == "list":
            rule = DataValidation("list", formula1=f'"{",".join(self.words)}"', allow_blank=True)
            rule.error = self.told or "Choose one of the list."
        else:
            rule = DataValidation(self.kind, operator="greaterThanOrEqual", formula1=self.least, allow_blank=True)
            rule.error = (
                self.told or f"A {'date' if self.kind == 'date' else 'number'} of at least {self.least} is needed."
            )
        rule.errorTitle = "Not accepted"
        rule.showErrorMessage = True
        return rule


ANY_DAY = Check("date", "DATE(2003,7,1)", told="A date from 1 July 2003 is expected.")
NOT_BEFORE_ISSUE = Check("date", "original_issue_date", told="A date from the original issue date is expected.")
WHOLE = Check("whole", told="A whole number, zero or more, is expected.")
AMOUNT = Check("decimal", told="A number, zero or more, is expected.")
YES_NO = Check("list", words=("TRUE", "FALSE"))
TIMES = Check("list", words=("pre_open", "open", "post_open", "intraday", "pre_close", "close"))


class Page:
    """One sheet being laid out."""

    def __init__(self, book: Workbook, title: str, widths: Mapping[str, float], *, across: bool = True) -> None:
        self.book = book
        self.rules: list[tuple[str, str]] = []
        self.sheet: Worksheet = book.create_sheet(title)
        sheet = self.sheet
        sheet.sheet_view.showGridLines = False
        sheet.sheet_view.zoomScale = 90
        for column, width in {"A": 2.0, **widths}.items():
            sheet.column_dimensions[column].width = width
        sheet.page_setup.orientation = "landscape" if across else "portrait"
        sheet.page_setup.paperSize = sheet.PAPERSIZE_LETTER
        sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
        sheet.sheet_properties.pageSetUpPr.fitToPage = True
        sheet.print_options.horizontalCentered = True
        for side, inches in {
            "left": 0.5,
            "right": 0.5,
            "top": 0.6,
            "bottom": 0.7,
            "header": 0.3,
            "footer": 0.3,
        }.items():
            setattr(sheet.page_margins, side, inches)
        sheet.oddFooter.left.text = "PriceSmart, Inc., 8% Series B"
        sheet.oddFooter.center.text = "&A"
        sheet.oddFooter.right.text = "Page &P of &N"
        for part in (sheet.oddFooter.left, sheet.oddFooter.center, sheet.oddFooter.right):
            part.size, part.font, part.color = 8, FACE, GREY

    def put(self, place: str, value: Any, style: str = "Label", shown_as: str = TEXT, name: str = "") -> Any:
        """A value or formula in a cell, in a style, under a name of the workbook."""
        cell = self.sheet[place]
        cell.value = value
        cell.style = style
        if shown_as != TEXT:
            cell.number_format = shown_as
        if name:
            self.name(name, place)
        return cell

    def name(self, name: str, place: str, *, spills: bool = False) -> None:
        """A name of the workbook for a cell, a range, or what the formula in a cell spills."""
        at = ":".join(re.sub(r"([A-Z]+)(\d+)", r"$\1$\2", corner) for corner in place.split(":"))
        text = f"'{self.sheet.title}'!{at}" if " " in self.sheet.title else f"{self.sheet.title}!{at}"
        self.book.defined_names[name] = DefinedName(name, attr_text=f"_xlfn.ANCHORARRAY({text})" if spills else text)

    def parts(self, scale: int, *rows: int) -> None:
        """Pages that end after these rows, at a scale that fits the width: where Excel fits pages it has no breaks."""
        self.sheet.sheet_properties.pageSetUpPr.fitToPage = False
        self.sheet.page_setup.scale = scale
        for row in rows:
            self.sheet.row_breaks.append(Break(id=row))

    def heads(self, title: str, subtitle: str) -> None:
        self.put("B1", title, "Report title")
        self.put("B2", subtitle, "Report subtitle")
        self.sheet.row_dimensions[1].height = 27
        self.sheet.row_dimensions[2].height = 16

    def section(self, place: str, text: str, last: str) -> None:
        """A band across the columns from a cell to ``last``."""
        row = self.sheet[place].row
        for column in range(self.sheet[place].column, self.sheet[f"{last}{row}"].column + 1):
            self.sheet.cell(row, column).style = "Section"
        self.sheet[place].value = text
        self.sheet.row_dimensions[row].height = 18

    def input(self, place: str, value: Any, shown_as: str, name: str, check: Check | None = None) -> None:
        cell = self.put(place, value, "Input cell", shown_as, name)
        if shown_as == "@":
            cell.alignment = Alignment("right", "center", shrink_to_fit=True, indent=1)
        if check:
            rule = check.rule()
            rule.add(place)
            self.sheet.add_data_validation(rule)

    def spill(self, place: str, title: str, formula: str, codes: Sequence[str], name: str) -> None:
        """A formula whose answer spills downwards with a header, under a name for all of it. Below it stays free."""
        top, left = self.sheet[place].row, self.sheet[place].column
        for i, code in enumerate(codes):
            column = get_column_letter(left + i)
            self.sheet[f"{column}{top - 1}"].style = "Section"
            head = self.sheet[f"{column}{top}"]
            head.style = "Heading"
            head.alignment = aligned(text=code in TEXTS, wrap=True)
            self.sheet.column_dimensions[column].width = 16
            for row in range(top + 1, top + 61):
                cell = self.sheet[f"{column}{row}"]
                cell.style = "Cells"
                if code not in TEXTS:
                    cell.number_format = code
                cell.alignment = aligned(text=code in TEXTS)
        self.sheet[f"{get_column_letter(left)}{top - 1}"].value = title
        self.sheet[place].value = formula
        self.name(name, place, spills=True)

    def shows(
        self,
        place: str,
        spill: str,
        codes: Sequence[str],
        rows: int,
        *,
        height: float = 15,
        at: Mapping[str, int] | None = None,
        wide: Mapping[str, str] | None = None,
    ) -> None:
        """What a formula elsewhere spills, cell by cell: its header and so many rows.

        ``codes`` are number formats; ``wrap`` is text that may run over several lines, ``small`` the
        same in small letters, ``yes`` is TRUE or FALSE. ``at`` says which column of the answer stands where, if not
        each beside the other; ``wide``, up to where cells are merged.
        """
        sheet = self.sheet
        top, left = sheet[place].row, sheet[place].column
        at = at or {get_column_letter(left + j): j + 1 for j in range(len(codes))}
        wide = wide or {}
        for (column, number), code in zip(at.items(), codes, strict=True):
            text = code in TEXTS
            for row in range(top, top + rows + 1):
                told = f"INDEX({spill},ROWS($A${top}:$A{row}),{number})"
                if code == "yes" and row > top:
                    told = f'IF({told},"yes","no")'
                cell = sheet[f"{column}{row}"]
                cell.value = f'=IFERROR({told},"")'
                cell.style = "Heading" if row == top else "Cells"
                if not text:
                    cell.number_format = inset(code)
                if code == "small" and row > top:
                    cell.font = Font(FACE, 9)
                cell.alignment = aligned(text=text, wrap=row == top or code in ("wrap", "small"))
                if column in wide:
                    sheet.merge_cells(f"{column}{row}:{wide[column]}{row}")
        sheet.row_dimensions[top].height = 30
        for row in range(top + 1, top + rows + 1):
            sheet.row_dimensions[row].height = height
        self.rule(f"{place[0]}{top + 1}:{[*at][-1]}{top + rows}")

    def rule(self, area: str) -> None:
        """A thin line under each row of an area that holds something."""
        first = area.split(":")[0]
        self.rules.append((area, f'${first}<>""'))

    def done(self) -> None:
        """Conditional formats of the last order: some programs stop at the first that is true."""
        for area, formula in self.rules:
            self.sheet.conditional_formatting.add(area, when(formula, BODY_RULE))

    def table(
        self,
        place: str,
        name: str,
        columns: Mapping[str, str],
        rows: Sequence[Sequence[Any]],
        *,
        computed: Mapping[str, str] | None = None,
        checks: Mapping[str, Check] | None = None,
    ) -> tuple[int, int]:
        """An Excel table; ``columns`` are headers with their number formats, ``computed`` those that a formula fills.

        The first and last row of its data.
        """
        computed = computed or {}
        top, left = self.sheet[place].row, self.sheet[place].column
        for i, (header, code) in enumerate(columns.items()):
            head = self.sheet.cell(top, left + i, header)
            head.style = "Heading"
            head.number_format = "@" if code in TEXTS else inset("@")
            head.alignment = aligned(text=code in TEXTS, wrap=True)
        for r, row in enumerate(rows, top + 1):
            for i, (header, code) in enumerate(columns.items()):
                cell = self.sheet.cell(r, left + i, f"={computed[header]}" if header in computed else row[i])
                formula = isinstance(cell.value, str) and cell.value.startswith("=")
                cell.style = "Cells" if formula or header in computed else "Input cell"
                cell.number_format = TEXT if code == "wrap" else code if code in TEXTS else inset(code)
                cell.alignment = aligned(text=code in TEXTS, wrap=code == "wrap")
        self.sheet.row_dimensions[top].height = 30
        bottom = top + len(rows)
        right = get_column_letter(left + len(columns) - 1)
        table = Table(displayName=name, ref=f"{place}:{right}{bottom}")
        table.tableStyleInfo = TableStyleInfo("TableStyleLight1", showRowStripes=False)
        table._initialise_columns()  # type: ignore[attr-defined]  # the stubs leave it out
        for column, header in zip(table.tableColumns, columns, strict=True):
            column.name = header
            if header in computed:
                column.calculatedColumnFormula = TableFormula(attr_text=computed[header])
        self.sheet.add_table(table)
        for header, check in (checks or {}).items():
            rule = check.rule()
            column = get_column_letter(left + list(columns).index(header))
            rule.add(f"{column}{top + 1}:{column}{bottom}")
            self.sheet.add_data_validation(rule)
        return top + 1, bottom


# -- sample data -----------------------------------------------------------------------------------------------------


def sample(name: str) -> list[dict[str, str]]:
    with (SAMPLES / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def value(text: str | None) -> Any:
    """What a cell of a CSV file says: a date, a number, a text, or nothing."""
    if not text:
        return None
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        return dt.date.fromisoformat(text)
    if re.fullmatch(r"-?\d+", text):
        return int(text)
    return float(text) if re.fullmatch(r"-?\d+\.\d+", text) else text


def rows_of(name: str, columns: Sequence[str]) -> list[list[Any]]:
    return [[value(row.get(column)) for column in columns] for row in sample(name)]


# -- the sheets ------------------------------------------------------------------------------------------------------

EVENT_COLUMNS = {
    "ID": "@", "Event": "@", "Date": DAY, "Ex date": DAY, "Ratio": "0.####", "Common outstanding": COUNT,
    "Shares": COUNT, "Price": PRICE, "Value": "0.00##", "Consideration": COUNT, "Current market price": "0.00##",
    "End date": DAY, "Amount": PRICE, "Notice date": DAY, "Refers to": "@", "Note": "wrap",
}  # fmt: skip
DATED = "Events[#All],as_of,Prices[#All]"
DIVIDENDS = "SeriesB,as_of,original_issue_date,DividendsUnpaid[Date],DividendPayments[#All]"


def found(spill: str, row: str, column: int) -> str:
    """The cell of a spilled table in the row that begins with a text."""
    return f'INDEX({spill},MATCH("{row}",INDEX({spill},0,1),0),{column})'


def summary(book: Workbook, report: Mapping[str, Any]) -> None:
    page = Page(book, "Summary", {"B": 37, "C": 17, "D": 39, "E": 3, "F": 42, "G": 35})
    page.heads("=report_title", '=TERM(SeriesB,"issuer")&": "&TERM(SeriesB,"name")')
    page.put(
        "B3",
        '="As of "&TEXT(as_of,"d mmmm yyyy")&", "&SUBSTITUTE(time_of_day,"_"," ")'
        '&IF(known_at="","",", as known on "&TEXT(known_at,"d mmmm yyyy"))'
        '&IF(prepared_for="","",". Prepared for "&prepared_for)',
        "Report subtitle",
    )
    _results(page)
    _inputs(page, report)
    for row in range(5, 49):
        page.sheet.row_dimensions[row].height = 14.5
    page.sheet.print_area = "A1:G49"
    page.sheet.page_setup.fitToHeight = 1
    page.section("B35", "Payoffs across exits", "D")
    chart = _payoff_chart()
    chart.height, chart.width = 6.2, 18.1
    chart.legend.position = "r"
    page.sheet.add_chart(chart, "B36")
    page.sheet.freeze_panes = "A4"


@dataclass(frozen=True)
class Line:
    """A result on the Summary: what it is, how it is computed and shown, and where it comes from."""

    label: str
    formula: str
    code: str
    basis: str
    name: str = ""
    key: bool = False


def last_change(column: int) -> str:
    """A cell of the last step that changed the price."""
    return f"INDEX(PriceHistory,last_change,{column})"


def exit_line(who: str) -> Line:
    """What a class gets at the one exit."""
    basis = f'=TEXT({found("ExitDetail", who, 7)},"0.0%")&" of the proceeds"'
    if who.startswith("Series"):
        basis += f'&IF({found("ExitDetail", who, 3)},", as converted",", its preference")'
    name = f"payoff_{who.lower().replace(' ', '_')}"
    return Line(who, found("ExitDetail", who, 5), MONEY, basis, name, key=who == "Series B")


RESULTS: Mapping[str, Sequence[Line]] = {
    "Conversion": (
        Line(
            "Conversion price, dollars a share of Common",
            f"CONVERSION_PRICE(SeriesB,{DATED},time_of_day,known_at)",
            PRICE,
            "VI.E, in effect at the time above",
            "price_in_effect",
            key=True,
        ),
        Line(
            "Adjustments carried forward",
            f"CARRIED_ADJUSTMENT(SeriesB,{DATED},time_of_day,known_at)",
            '0.000000;"−"0.000000;0.00',
            "VI.E(8), less than 1% of the price",
            "carried_forward",
        ),
        Line(
            "Last change of the price",
            f'IF(last_change=1,"none",{last_change(1)})',
            DAY,
            f'=IF(last_change=1,"",{last_change(3)}&", "&{last_change(4)}&": "&{last_change(5)})',
        ),
        Line(
            "Common for one Series B share",
            "CONVERSION_RATE(SeriesB,price_in_effect,running_dividend,arrears,as_of)",
            FINE,
            "VI.A, preference and dividends / price",
            "conversion_rate_now",
        ),
        Line(
            "Common on conversion by every holder",
            "SUM(INDEX(HolderConversions,0,4))",
            COUNT,
            "VI.D, whole shares for each holder",
            "shares_on_conversion",
            key=True,
        ),
        Line(
            "Cash for fractions of a share, dollars",
            "SUM(INDEX(HolderConversions,0,6))",
            MONEY,
            "VI.D, at the mean of five closing prices",
            "cash_for_fractions",
        ),
        Line(
            "Part of the Common after conversion",
            "shares_on_conversion/(shares_on_conversion+outstanding_common)",
            PERCENT,
            "of Common outstanding and converted",
            "ownership",
        ),
        Line(
            "Common to be reserved",
            "INDEX(Reserve,2,1)",
            COUNT,
            '=IF(INDEX(Reserve,2,3)>0,"VI.H, short by "&TEXT(INDEX(Reserve,2,3),"#,##0"),'
            '"VI.H, of "&TEXT(INDEX(Reserve,2,2),"#,##0")&" free")',
        ),
        Line(
            "Closing price of the Common, dollars",
            "CLOSING_PRICE(SeriesB,Prices[#All],price_day)",
            PRICE,
            '="VI.E(6)(a), on "&TEXT(price_day,"d mmm yyyy")',
            "close_of_common",
        ),
        Line(
            "Current market price of the Common, dollars",
            "INDEX(MarketDays,ROWS(MarketDays),4)",
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
        *map(exit_line, SERIES),
        Line(
            "Proceeds",
            "SUM(payoff_series_a,payoff_series_b,payoff_options,payoff_common)",
            MONEY,
            "II, IV",
        ),
    ),
}


def _results(page: Page) -> None:
    row = 5
    for title, lines in RESULTS.items():
        page.section(f"B{row}", title, "D")
        for line in lines:
            row += 1
            page.put(f"B{row}", line.label)
            page.put(f"C{row}", f"={line.formula}", "Key figure" if line.key else "Figure", line.code, line.name)
            page.put(f"D{row}", line.basis, "Basis")
        row += 2


def _inputs(page: Page, report: Mapping[str, Any]) -> None:
    held = {
        "time_of_day": "close", "preferred_shares": 22000, "senior_paid": True, "common_authorized": 20000000,
        "scrip": 0, "series_a_shares": 20000, "known_at": None, "certificate_event": None, **report,
    }  # fmt: skip
    blocks: list[tuple[str, list[tuple[str, str, str, Check | None]]]] = [
        ("Inputs: the report", [
            ("Title", "report_title", "@", None),
            ("Prepared for", "prepared_for", "@", None),
            ("As of", "as_of", DAY, NOT_BEFORE_ISSUE),
            ("Time of day", "time_of_day", "@", TIMES),
            ("Only facts known on (blank: all)", "known_at", DAY, ANY_DAY),
            ("Event to certify (blank: the last change)", "certificate_event", "@", None),
        ]),
        ("Inputs: stock", [
            ("Series B shares outstanding", "preferred_shares", COUNT, WHOLE),
            ("Common authorised", "common_authorized", COUNT, WHOLE),
            ("Common issued", "common_issued", COUNT, WHOLE),
            ("Common in treasury", "treasury_shares", COUNT, WHOLE),
            ("Common that scrip stands for", "scrip", COUNT, AMOUNT),
            ("Options, shares", "option_shares", COUNT, WHOLE),
            ("Options, exercise price, dollars", "option_strike", PRICE, AMOUNT),
            ("Series A shares outstanding", "series_a_shares", COUNT, WHOLE),
            ("Series A preference with dividends, dollars", "series_a_preference", MONEY, AMOUNT),
            ("Series A conversion price, dollars", "series_a_conversion_price", PRICE, AMOUNT),
            ("Series A dividends of past periods are paid", "senior_paid", '"TRUE";"TRUE";"FALSE"', YES_NO),
        ]),
        ("Inputs: exits, dollars for all holders of stock", [
            ("One exit", "exit_value", COUNT, AMOUNT),
            ("First of 21 exits", "exit_from", COUNT, AMOUNT),
            ("Step from exit to exit", "exit_step", COUNT, AMOUNT),
        ]),
    ]  # fmt: skip
    row = 5
    for title, lines in blocks:
        page.section(f"F{row}", title, "G")
        for label, name, code, check in lines:
            row += 1
            page.put(f"F{row}", label)
            page.input(f"G{row}", held[name], code, name, check)
        row += 2
    row = _computed(page, row)
    _checks(page, row)


def _computed(page: Page, row: int) -> int:
    """Figures between inputs and results."""
    page.section(f"F{row}", "Between inputs and results", "G")
    moved = "SUMPRODUCT(MAX((INDEX(PriceHistory,0,6)<>INDEX(PriceHistory,0,9))*_xlfn.SEQUENCE(ROWS(PriceHistory))))"
    running = f'ACCRUED_DIVIDENDS({DIVIDENDS},,,,"running")'
    common = "COMMON_OUTSTANDING(common_issued,treasury_shares,scrip)"
    latest = '_xlfn.MAXIFS(Prices[Date],Prices[Date],"<="&as_of)'
    for label, name, formula, code in (
        ("Common outstanding, VI.E(11)", "outstanding_common", common, COUNT),
        ("Running dividend of a share, dollars", "running_dividend", running, MONEY),
        ("Row of the last change in the history", "last_change", moved, COUNT),
        ("Last trading day listed", "price_day", latest, DAY),
    ):
        row += 1
        page.put(f"F{row}", label)
        page.put(f"G{row}", f"={formula}", "Figure", code, name)
    return row + 2


def _checks(page: Page, row: int) -> None:
    sums = "ROUND(SUM(_xlfn.DROP(Payoffs,1,1))-SUM(INDEX(Payoffs,0,1)),2)=0"
    page.section(f"F{row}", "Checks", "G")
    first = row + 1
    for label, formula in (
        ("Over all exits the payoffs add up to the proceeds", sums),
        ("At the one exit too", "ROUND(SUM(INDEX(ExitDetail,0,5))-exit_value,2)=0"),
        ("Every event is on or after the original issue date", 'COUNTIFS(Events[Date],"<"&original_issue_date)=0'),
        ("The holders' shares add up to those outstanding", "SUM(Holders[Shares])=preferred_shares"),
        ("The history ends at the price in effect (at the close)",
         'IF(time_of_day="close",IF(ROWS(PriceHistory)=1,INITIAL_CONVERSION_PRICE(SeriesB),'
         "INDEX(PriceHistory,ROWS(PriceHistory),9))=price_in_effect,TRUE)"),
        ("The sheets show every step and every dividend period",
         f"AND(ROWS(PriceHistory)<={STEPS + 1},ROWS(DividendPeriods)<={PERIODS + 1})"),
        ("The closing prices reach the day of the report", "MAX(Prices[Date])>=as_of"),
    ):  # fmt: skip
        row += 1
        page.put(f"F{row}", label)
        page.put(f"G{row}", f'=IF({formula},"yes","no")', "Figure")
    page.name("checks", f"G{first}:G{row}")
    row += 1
    page.put(f"F{row}", "All checks hold").font = Font(FACE, 10, bold=True)
    page.put(f"G{row}", '=IF(COUNTIF(checks,"yes")=ROWS(checks),"yes","no")', "Key figure", TEXT, "all_checks")
    area = f"G{first}:G{row}"
    page.sheet.conditional_formatting.add(area, when(f'G{first}="yes"', DifferentialStyle(font=Font(color="2F7D4F"))))
    wrong = DifferentialStyle(font=Font(bold=True, color="9C1C1C"), fill=PatternFill(bgColor="F8D7DA"))
    page.sheet.conditional_formatting.add(area, when(f'G{first}<>"yes"', wrong))


@dataclass(frozen=True)
class Choice:
    """A field of the certificate that a report fills in or decides."""

    field: str
    name: str
    held: Any
    told: str
    words: tuple[str, ...] = ()

    @property
    def check(self) -> Check | None:
        if isinstance(self.held, dt.date):
            return ANY_DAY
        return Check("list", words=self.words) if self.words else None


CHOICES = (
    Choice("id", "terms_id", "PRICESMART-B", "certificate of these terms; what is not listed here is as it says"),
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


def terms(book: Workbook) -> None:
    page = Page(book, "Terms", {"B": 40, "C": 42, "D": 78})
    page.heads("Terms", "What the certificate says, and what this report fills in or decides")
    page.section("B4", "Filled in and decided for this report", "D")
    for column, heading in zip("BCD", ("Field", "Value", "Clause and meaning"), strict=True):
        page.put(f"{column}5", heading, "Heading").alignment = aligned(text=True)
    row = 5
    for choice in CHOICES:
        row += 1
        page.put(f"B{row}", choice.field).alignment = aligned(text=True)
        code = DAY if isinstance(choice.held, dt.date) else "@"
        page.input(f"C{row}", choice.held, code, choice.name, choice.check)
        page.sheet[f"C{row}"].alignment = aligned(text=True)
        page.put(f"D{row}", choice.told, "Basis")
    page.name("SeriesB", f"B6:C{row}")
    row += 2
    page.section(f"B{row}", "The certificate in full, with these", "D")
    top = row + 1
    columns = {"Field": TEXT, "Value": TEXT, "Meaning": "wrap"}
    told = (
        "IFERROR(_xlfn.LET(_xlpm.held,TERM(SeriesB,TermsInFull[[#This Row],[Field]]),"
        'IF(ISLOGICAL(_xlpm.held),IF(_xlpm.held,"TRUE","FALSE"),_xlpm.held)),"not stated")'
    )
    rows = [[field, None, meaning] for field, meaning in meanings()]
    first, last = page.table(f"B{top}", "TermsInFull", columns, rows, computed={"Value": told})
    page.sheet.row_dimensions[top].height = 18
    values = flatten(load("PRICESMART-B"))
    for r, (field, meaning) in enumerate(meanings(), first):
        lines = max(1 + len(str(values[field])) // 46, 1 + len(meaning) // 112)
        page.sheet.row_dimensions[r].height = 2 + 13 * lines
        for column in "BCD":
            page.sheet[f"{column}{r}"].style = "Basis" if column == "D" else "Cells"
            page.sheet[f"{column}{r}"].alignment = aligned(text=True, wrap=column != "B")
    dated = f'AND(ISNUMBER($C{first}),RIGHT($B{first},4)="date")'
    page.sheet.conditional_formatting.add(f"C{first}:C{last}", when(dated, shown(DAY, 0)))
    page.rule(f"B{first}:D{last}")
    page.done()
    page.sheet.freeze_panes = "A4"
    page.sheet.print_title_rows = f"{top}:{top}"


def events(book: Workbook) -> None:
    widths = [7.5, 19, 11.5, 11.5, 7, 12.5, 11, 8, 8, 13.5, 10.5, 11.5, 9, 11.5, 8, 40]
    page = Page(book, "Events", {get_column_letter(i + 2): width for i, width in enumerate(widths)})
    page.heads("Events", "What happened to the Common, in the order in which the company lists it")
    told = (
        "Give each event the columns it uses; what is later than the report is grey. Further columns may be added "
        "under their names: Action, Known on, Closing price, To preferred, Reinvestment plan, Regular cash, Reserved, "
        "Property."
    )
    page.put("B3", told, "Basis").alignment = Alignment("left", "center")
    first, last = page.table(
        "B5", "Events", EVENT_COLUMNS, rows_of("events.csv", list(EVENT_COLUMNS)),
        checks={
            "Event": Check("list", words=tuple(KINDS), told="Choose one of the kinds of event."),
            **dict.fromkeys(("Date", "Ex date", "End date", "Notice date"), ANY_DAY),
            **dict.fromkeys(("Ratio", "Common outstanding", "Shares", "Price", "Value", "Consideration"), AMOUNT),
        },
    )  # fmt: skip
    page.sheet.row_dimensions[5].height = 32
    for row in range(first, last + 1):
        page.sheet.row_dimensions[row].height = 27
        page.sheet[f"Q{row}"].font = Font(FACE, 9, color=BLUE)
    later = DifferentialStyle(font=Font(color="9AA1AB"))
    page.sheet.conditional_formatting.add(f"B{first}:Q{last}", when(f"AND(ISNUMBER($D{first}),$D{first}>as_of)", later))
    page.sheet.freeze_panes = f"D{first}"
    page.sheet.print_title_rows = "5:5"


def prices(book: Workbook) -> None:
    page = Page(book, "Prices", {"B": 16, "C": 16, "D": 16, "E": 16}, across=False)
    page.heads("Prices", "Closing prices of the Common, dollars a share")
    page.put("B3", "Where there was no sale, closing bid and asked prices stand for the close.", "Basis")
    columns = {"Date": DAY, "Close": PRICE, "Bid": PRICE, "Ask": PRICE}
    first, last = page.table("B5", "Prices", columns, rows_of("prices.csv", list(columns)),
                             checks={"Date": ANY_DAY, "Close": AMOUNT, "Bid": AMOUNT, "Ask": AMOUNT})  # fmt: skip
    later = DifferentialStyle(font=Font(color="9AA1AB"))
    page.sheet.conditional_formatting.add(f"B{first}:E{last}", when(f"$B{first}>as_of", later))
    for row in range(first, last + 1):
        page.sheet.row_dimensions[row].height = 11.25
        for column in "BCDE":
            page.sheet[f"{column}{row}"].font = Font(FACE, 9, color=BLUE)
    page.sheet.row_dimensions[5].height = 18
    page.sheet.freeze_panes = "A6"
    page.sheet.print_title_rows = "5:5"


POINTS = 121


def market(book: Workbook) -> None:
    page = Page(
        book, "Market price", {"B": 13, "C": 10, "D": 10, "E": 15, "F": 56, "G": 3, **dict.fromkeys("HIJKLM", 12)}
    )
    page.heads(
        '="Current market price: "&TEXT(INDEX(MarketDays,ROWS(MarketDays),4),"0.0000")&" dollars"',
        '="On "&TEXT(as_of,"d mmmm yyyy")&", the mean of 30 closing prices, other events made good by VI.E(6)(b)"',
    )
    page.shows("B4", "MarketDays", [DAY, PRICE, "0.0000", "0.0000", "small"], 33)
    bold = DifferentialStyle(font=Font(bold=True), border=LINE)
    page.sheet.conditional_formatting.add("B5:F37", when('$B5="Mean"', bold))
    page.done()
    page.section("H4", "Conversion price and closing price, dollars a share", "M")
    chart: Any = ScatterChart()
    for column, colour, width in (("Q", "C05621", 28575), ("R", NAVY, 12700)):
        series = _series("'Market price'", "P", column, "", 5, 4 + POINTS)
        series.graphicalProperties = GraphicalProperties(ln=LineProperties(solidFill=colour, w=width))
        chart.series.append(series)
    _dressed(chart, "mmm yyyy", "0", "", "")
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
    page.sheet.freeze_panes = "A5"
    page.sheet.page_setup.fitToHeight = 1


PERIODS = 32


def dividends(book: Workbook) -> None:
    page = Page(book, "Dividends", dict.fromkeys("BCDEFGHIJ", 13.5) | {"K": 4, "L": 18, "M": 4, "N": 13, "O": 13})
    page.heads("Dividends", "Cumulative dividends of one Series B share, dollars, by III.A and III.B")
    page.section("B4", '="The payments after "&TEXT(as_of,"d mmmm yyyy")&", if each is paid when due"', "J")
    page.shows("B5", "DividendDates", [DAY, DAY, DAY, "0", MONEY], 4)
    page.section("B11", "What has accumulated", "J")
    page.shows("B12", "DividendPeriods",
               [DAY, DAY, "0", "#,##0.0000", "0.0000", "0.0000", TEXT, MONEY, "0.0000"], PERIODS)  # fmt: skip
    page.done()
    page.sheet.page_setup.fitToHeight = 1
    page.section("L4", "Not paid when due", "L")
    unpaid = rows_of("unpaid.csv", ["Date"])
    page.table("L5", "DividendsUnpaid", {"Date": DAY}, unpaid, checks={"Date": ANY_DAY})
    page.section("N4", "Paid later, a share", "O")
    paid = {"Date": DAY, "Amount": MONEY}
    page.table("N5", "DividendPayments", paid, rows_of("payments.csv", list(paid)),
               checks={"Date": ANY_DAY, "Amount": AMOUNT})  # fmt: skip
    page.sheet.freeze_panes = "A4"


STEPS = 26


def conversion(book: Workbook) -> None:
    widths = [12, 14.5, 10.5, 23, 13.5, 9, 11.5, 10, 9, 11.5, 64]
    page = Page(book, "Conversion", {get_column_letter(i + 2): width for i, width in enumerate(widths)})
    page.heads(
        '="Conversion price: "&TEXT(price_in_effect,"0.00")&" dollars"',
        '="Every step up to "&TEXT(as_of,"d mmmm yyyy")&": when, under which clause, from what, to what, and why"',
    )
    codes = [DAY, "small", TEXT, "wrap", TEXT, PRICE, FINE, PRICE, PRICE, '0.000000;"−"0.000000;"−"', "small"]
    page.shows("B4", "PriceHistory", codes, STEPS, height=27)
    carried = DifferentialStyle(font=Font(color="7A828E", italic=True), border=LINE)
    page.sheet.conditional_formatting.add(f"B5:L{4 + STEPS}", when('OR($F5="carried",$F5="no change")', carried))
    for row in range(5, 5 + STEPS):
        page.sheet[f"J{row}"].font = Font(FACE, 10, bold=True)
    page.done()
    page.sheet.freeze_panes = "A5"
    page.sheet.print_title_rows = "4:4"


def holders(book: Workbook) -> None:
    page = Page(book, "Holders", {"B": 38, **dict.fromkeys("CDEFGHI", 18)})
    page.heads(
        "Holders",
        '="Conversion of everything on "&TEXT(as_of,"d mmmm yyyy")&" at "&TEXT(price_in_effect,"0.00")'
        '&" dollars: the fraction of each holder\'s total is paid in cash, VI.D"',
    )
    columns = {
        "Holder": "@",
        "Shares": COUNT,
        "Exact shares of Common": "#,##0.000000",
        "Rounded, VI.E(8)": MONEY,
        "Whole shares": COUNT,
        "Fraction": PRICE,
        "Cash for fraction": MONEY,
        "Part of the Series B": PERCENT,
    }
    own = "INDEX(HolderConversions,ROW()-ROW(Holders[[#Headers],[Holder]])+1,{})"
    computed = {header: own.format(i) for i, header in enumerate(list(columns)[2:7], 2)}
    computed["Part of the Series B"] = "Holders[[#This Row],[Shares]]/preferred_shares"
    told = [[*row, *[None] * 6] for row in rows_of("holders.csv", ["Holder", "Shares"])]
    page.section("B4", "Who holds the Series B, and what each gets", "I")
    page.table("B5", "Holders", columns, told, computed=computed, checks={"Shares": WHOLE})
    page.sheet.freeze_panes = "A6"


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
EXITS = 21
PAYOFFS = 36  # the row of the first


def liquidation(book: Workbook) -> None:
    widths = {"B": 14, "C": 15, "D": 15, "E": 16, "F": 16, "G": 16, "H": 12.5, "I": 9, "J": 53}
    page = Page(book, "Liquidation", widths)
    page.heads("Liquidation", "Who is paid what, by II and IV: preferences by rank, or as converted where that is more")
    page.section("B4", "Cap table", "I")
    page.table("B5", "CapTable", CAP_COLUMNS, CAP_TABLE,
               checks={"Kind": Check("list", words=("common", "preferred", "option", "warrant"))})  # fmt: skip
    page.section("B13", '="One exit, "&TEXT(exit_value,"#,##0")&" dollars"', "J")
    page.shows("B14", "ExitDetail", [TEXT, MONEY, "yes", MONEY, MONEY, MONEY, PERCENT, TEXT, "small"], 4, height=27)
    page.section("B21", "Where the split of the next dollar changes", "J")
    page.shows("B22", "SplitChanges", [MONEY, TEXT, TEXT], 9, at={"B": 1, "C": 2, "I": 4}, wide={"C": "H", "I": "J"})
    top = PAYOFFS
    page.section(f"B{top - 2}", "Payoffs across exits, dollars", "F")
    page.shows(f"B{top - 1}", "Payoffs", [COUNT, MONEY, MONEY, MONEY, MONEY], EXITS)
    page.section(f"H{top - 2}", "Payoffs across exits", "J")
    chart = _payoff_chart()
    chart.height, chart.width = 12.1, 14.2
    page.sheet.add_chart(chart, f"H{top - 1}")
    page.done()
    page.sheet.freeze_panes = "A4"
    page.sheet.print_title_rows = "1:3"
    page.sheet.print_area = f"A1:J{PAYOFFS + EXITS}"
    page.parts(76, top - 3)


def _payoff_chart() -> Any:
    chart: Any = ScatterChart()
    for i, (who, colour) in enumerate(SERIES.items()):
        series = _series("Liquidation", "B", "CDEF"[i], who, PAYOFFS, PAYOFFS - 1 + EXITS)
        width = 28575 if who == "Series B" else 19050
        series.graphicalProperties = GraphicalProperties(ln=LineProperties(solidFill=colour, w=width))
        chart.series.append(series)
    _dressed(chart, "#,##0,,", "#,##0,,", "Exit, $ millions", "Payoff, $ millions")
    return chart


def _dressed(chart: Any, across: str, up: str, x_title: str, y_title: str) -> None:
    """Axes, letters and lines as on every chart."""
    chart.style, chart.scatterStyle = 2, "lineMarker"
    small = ParagraphProperties(defRPr=_lettering(900))
    axes = ((chart.x_axis, across, x_title), (chart.y_axis, up, y_title))
    for axis, code, title in axes:
        if title:
            axis.title = title
            axis.title.tx.rich.p[0].pPr = small
            axis.title.overlay = False
        axis.delete = False
        axis.number_format, axis.numFmt.sourceLinked = code, False
        axis.majorTickMark = "out"
        axis.txPr = RichText(p=[Paragraph(pPr=small, endParaRPr=_lettering(900))])
        axis.graphicalProperties = GraphicalProperties(ln=LineProperties(solidFill="A0A7B1", w=9525))
    chart.x_axis.majorGridlines = None
    chart.y_axis.majorGridlines.spPr = GraphicalProperties(ln=LineProperties(solidFill="E3E7EC", w=6350))
    chart.y_axis.scaling.min = 0
    chart.legend.position = "t"
    chart.legend.txPr = RichText(p=[Paragraph(pPr=small, endParaRPr=_lettering(900))])
    chart.display_blanks = "span"


def _lettering(size: int) -> CharacterProperties:
    return CharacterProperties(sz=size, b=False, solidFill="404854", latin=DrawnFont(typeface=FACE))


def _series(sheet: str, across: str, up: str, who: str, top: int, bottom: int) -> XYSeries:
    """A series whose cache is there, to be filled with the values."""

    def numbers(letter: str) -> NumRef:
        cache = NumData(formatCode="#,##0", ptCount=1, pt=[NumVal(idx=0, v="0")])
        return NumRef(f=f"{sheet}!${letter}${top}:${letter}${bottom}", numCache=cache)

    series = XYSeries(
        xVal=AxDataSource(numRef=numbers(across)),
        yVal=NumDataSource(numRef=numbers(up)),
        marker=Marker("none"),
    )
    label = StrRef(f=f"{sheet}!${up}${top - 1}", strCache=StrData(ptCount=1, pt=[StrVal(idx=0, v=who)]))
    series.tx = SeriesLabel(strRef=label)
    series.smooth = False
    return series


def certificate(book: Workbook) -> None:
    page = Page(book, "Certificate of adjustment", {"B": 44, "C": 84}, across=False)
    page.heads("Certificate of adjustment", '=TERM(SeriesB,"issuer")&": notice to holders under VI.E(9)"')
    told = (
        '=IFERROR(IF(ROWS(AdjustmentCertificate)=1,"","The undersigned certifies for the company that the conversion '
        'price of the class named below was adjusted as stated, "&"and that these are the clause, the facts, and the '
        'computation or, where there is none, the reason."),"")'
    )
    page.put("B4", told, "Prose")
    page.sheet.merge_cells("B4:C4")
    page.sheet.row_dimensions[4].height = 32
    rows = 28
    page.shows("B6", "AdjustmentCertificate", [TEXT, "wrap"], rows, height=26)
    signed = ("Signed", "Name, title and date")
    for row in range(7, 7 + rows):
        after = f"ROWS($A$6:$A{row})-ROWS(AdjustmentCertificate)"
        lines = f'IF({after}=2,"{signed[0]}",IF({after}=3,"{signed[1]}",""))'
        told = f"INDEX(AdjustmentCertificate,ROWS($A$6:$A{row}),1)"
        lines = f'IF(ROWS(AdjustmentCertificate)=1,"",{lines})'
        page.sheet[f"B{row}"].value = f'=IFERROR(IFERROR({told},{lines}),"")'
    area, body = f"B7:C{6 + rows}", f"C7:C{6 + rows}"
    label, cell = "$B7", "$C7"
    signing = f'OR({label}="{signed[0]}",{label}="{signed[1]}")'
    line = DifferentialStyle(border=Border(bottom=Side("thin", "808080")))
    page.sheet.conditional_formatting.add(body, when(signing, line, stop=True))
    page.sheet.conditional_formatting.add(area, when(signing, DifferentialStyle(font=Font(italic=False)), stop=True))
    day = f'{label}="Effective date",LEFT({label},6)="Notice",RIGHT({label},4)=" day",RIGHT({label},7)=" mailed"'
    for number, (condition, code) in enumerate((
        (f"OR({day})", "d mmmm yyyy"),
        (f'OR({label}="Conversion price computed",LEFT({label},7)="Carried")', '0.000000;"−"0.000000'),
        (f'OR(LEFT({label},16)="Conversion price",LEFT({label},7)="Rounded")', PRICE),
        (f'AND({cell}=INT({cell}),ISERROR(SEARCH("price",{label})),{label}<>"Fact: reduction")', COUNT),
        ("TRUE", "#,##0.00####"),
    ), 1):  # fmt: skip
        page.sheet.conditional_formatting.add(
            body, when(f"AND(ISNUMBER({cell}),{condition})", shown(code, number), stop=True)
        )
    bold = DifferentialStyle(font=Font(bold=True, color=NAVY), border=LINE)
    page.sheet.conditional_formatting.add(area, when(f'{label}="Conversion price as adjusted"', bold))
    page.done()
    page.sheet.page_setup.fitToHeight = 1


ANSWERS: Sequence[tuple[str, str, str, str, Sequence[str]]] = (
    # what it is, where it is shown, its name, its formula, its formats
    ("Conversion price", "Conversion, Summary", "PriceHistory",
     "CONVERSION_HISTORY(SeriesB,Events[#All],Prices[#All],as_of,known_at)",
     [DAY, TEXT, TEXT, TEXT, TEXT, PRICE, FINE, PRICE, PRICE, FINE, TEXT, TEXT]),
    ("Certificate of adjustment", "Certificate of adjustment", "AdjustmentCertificate",
     "IFNA(ADJUSTMENT_CERTIFICATE(SeriesB,Events[#All],as_of,Prices[#All],certificate_event,known_at),"
     '"Nothing changed the conversion price up to "&TEXT(as_of,"d mmmm yyyy"))', [TEXT, TEXT]),
    ("Current market price", "Market price, Summary", "MarketDays",
     "MARKET_PRICE_DETAIL(SeriesB,Prices[#All],as_of,Events[#All])", [DAY, PRICE, FINE, FINE, TEXT]),
    ("Conversion price on days", "Market price, its picture", "PricePath",
     "CONVERSION_PRICE(SeriesB,Events[#All],PathDays,Prices[#All],,known_at)", [PRICE]),
    ("Dividends to come", "Dividends, Summary", "DividendDates",
     "DIVIDEND_SCHEDULE(SeriesB,as_of+1,EDATE(as_of,12),original_issue_date)", [DAY, DAY, DAY, "0", MONEY]),
    ("Dividends so far", "Dividends", "DividendPeriods", f"ACCRUED_DIVIDENDS_DETAIL({DIVIDENDS})",
     [DAY, DAY, "0", FINE, FINE, FINE, TEXT, FINE, FINE]),
    ("Conversion by every holder", "Holders, Summary", "HolderConversions",
     "CONVERSION_SHARES(SeriesB,Holders[Shares],price_in_effect,running_dividend,arrears,,Prices[#All],as_of)",
     [COUNT, FINE, MONEY, COUNT, PRICE, MONEY, MONEY]),
    ("Common to be reserved", "Summary", "Reserve",
     "RESERVED_SHARES(SeriesB,preferred_shares,price_in_effect,dividends_a_share,common_authorized,common_issued,"
     "treasury_shares)", [COUNT, COUNT, COUNT, TEXT]),
    ("One exit", "Liquidation, Summary", "ExitDetail", "WATERFALL_DETAIL(exit_value,CapTable[#All])",
     [TEXT, MONEY, TEXT, FINE, MONEY, FINE, PERCENT, TEXT, TEXT]),
    ("Payoffs across exits", "Liquidation, Summary", "Payoffs",
     f"WATERFALL(_xlfn.SEQUENCE({EXITS},1,exit_from,exit_step),CapTable[#All])", [COUNT, *[MONEY] * 4]),
    ("Where the split changes", "Liquidation", "SplitChanges", "BREAKPOINTS(CapTable[#All])",
     [MONEY, TEXT, TEXT, TEXT]),
)  # fmt: skip


def working(book: Workbook) -> None:
    """The spills stand beside a list of them, which alone is printed."""
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
    left = 7
    for row, (title, shown_on, name, formula, codes) in enumerate(ANSWERS, 6):
        function = next(called for called in re.findall(r"[A-Z_]+(?=\()", formula) if called in functions.names())
        for column, told in zip("BCDE", (title, function, name, shown_on), strict=True):
            page.put(f"{column}{row}", told).alignment = aligned(text=True)
        page.spill(f"{get_column_letter(left)}5", title, f"={formula}", codes, name)
        left += len(codes)
        page.sheet.column_dimensions[get_column_letter(left)].width = 3
        left += 1
    page.rule(f"B6:E{5 + len(ANSWERS)}")
    page.done()
    page.sheet.freeze_panes = "A6"
    page.sheet.print_area = f"A1:E{5 + len(ANSWERS)}"


ABOUT: Mapping[str, Sequence[str]] = {
    "What it is": (
        "A template for reports on PriceSmart's 8% Series B Cumulative Convertible Redeemable Preferred Stock, after "
        "the draft certificate of designations of July 2003. It shows the conversion price through every event, "
        "dividends, payoffs and the certificate of adjustment, each with its clause.",
        "Events, prices, holders and counts in it are invented for illustration. They are not PriceSmart's history.",
    ),
    "How it is used": (
        "Cells in blue on cream are inputs: named cells and tables. Everything else is computed from them.",
        "The command xlcap fill makes a report for each row of a file: its columns are the names of input cells, and "
        "tables are filled from files of their own. Values are stored with the formulas, so that a report can be read "
        "anywhere.",
        "Formulas that begin with names such as CONVERSION_PRICE or WATERFALL are xlcap's. A program without them "
        "shows the values stored, until one of their inputs is changed there; then fill the workbook again.",
        "Formulas that answer with a table stand on the sheet Working and spill downwards; leave the cells below them "
        "free. The other sheets show their values cell by cell, so that every program can print them. A program "
        "without xlcap's functions may show errors on Working.",
    ),
    "What was decided": (
        "The draft leaves three dates open, and in some places can be read in more than one way. The sheet Terms "
        "states the dates and the readings this report uses; change one there and everything follows.",
        "The conversion price takes effect at the time of day its clause names. A split, for one, adjusts it after the "
        "opening of the day after it becomes effective (VI.E(2)), a day later than the market's price of the Common.",
        "The Series A is stated in dollars and a conversion price, as inputs: its own certificate is not computed "
        "here. Payoffs do not take account of taxes, debts or the costs of a liquidation.",
    ),
}


def about(book: Workbook) -> None:
    page = Page(book, "About", {"B": 40, "C": 84}, across=False)
    page.heads("About this workbook", "What it is, how it is used, and what was decided")
    row = 4
    for title, paragraphs in ABOUT.items():
        page.section(f"B{row}", title, "C")
        for text in paragraphs:
            row += 1
            page.put(f"B{row}", text, "Prose")
            page.sheet.merge_cells(f"B{row}:C{row}")
            page.sheet.row_dimensions[row].height = 13.5 * (1 + len(text) // 145) + 5
        row += 2


def meanings() -> Iterator[list[str]]:
    """Every field PriceSmart's certificate can have, as TERMS names it, and what it holds."""
    for field in flatten(load("PRICESMART-B")):
        section: Any = Terms
        told = ""
        for name in field.split("."):
            known = keys(section)
            if name in known:
                key = known[name]
                told = key.doc
                section = key.sections or key.section
        yield [field, told]


# -- the file --------------------------------------------------------------------------------------------------------


def built() -> bytes:
    """The template as openpyxl writes it, nothing computed."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for style in STYLES:
        book.add_named_style(style)
    report = {name: value(text) for name, text in sample("reports.csv")[0].items() if name != "report"}
    summary(book, report)
    terms(book)
    events(book)
    prices(book)
    market(book)
    dividends(book)
    conversion(book)
    holders(book)
    liquidation(book)
    certificate(book)
    working(book)
    about(book)
    properties = book.properties
    properties.title, properties.creator = "PriceSmart 8% Series B: conversion, dividends, payoffs", "xlcap"
    properties.subject = "Report template; sample data invented for illustration"
    properties.created = properties.modified = STAMP
    book.calculation.fullCalcOnLoad = False
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def stamped(data: bytes) -> bytes:
    """The file with the times that would differ from build to build made the same."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            part = old.read(entry)
            if entry.filename == "docProps/core.xml":
                part = re.sub(
                    rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>" + f"{STAMP:%Y-%m-%dT%H:%M:%SZ}".encode(), part
                )
            info = zipfile.ZipInfo(entry.filename, (1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o600 << 16
            new.writestr(info, part)
    return buffer.getvalue()


def build(target: Path = TARGET) -> tuple[headless.CellError, ...]:
    """Write the template with its values; the cells that show errors, of which there should be none."""
    filled = headless.fill(Template(stamped(built()), target), {})
    target.write_bytes(stamped(filled.data))
    return filled.errors


if __name__ == "__main__":
    for error in build():
        print(f"{error.sheet}!{error.cell} {error.code}: {error.message}")
