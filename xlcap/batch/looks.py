"""How the workbooks xlcap makes look: typeface, colours, number formats, styles of cells, the page they print on."""

from __future__ import annotations

from typing import Any

from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Side
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

FACE = "Calibri"
NAVY, BLUE, GREY, RULE, BAND, CREAM = "1F3A5F", "1F4FBF", "6B7280", "D5DAE1", "E8EDF3", "FFF8DC"

DAY, PRICE, FINE, MONEY, COUNT, PERCENT = "d mmm yyyy", "0.00", "#,##0.000000", "#,##0.00", "#,##0", "0.00%"

_EDGE = Side("thin", "EFE7C8")
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
        border=Border(left=_EDGE, right=_EDGE, top=_EDGE, bottom=_EDGE),
        alignment=Alignment("right", "center", indent=1),
    ),
)

LINE = Border(bottom=Side("thin", RULE))


def on_paper(sheet: Worksheet, footer: str, *, across: bool) -> None:
    """A letter page as wide as the sheet, with its footer, and without the lines of the screen."""
    sheet.sheet_view.showGridLines = False
    sheet.page_setup.orientation = "landscape" if across else "portrait"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_LETTER
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_options.horizontalCentered = True
    margins = {"left": 0.5, "right": 0.5, "top": 0.6, "bottom": 0.7, "header": 0.3, "footer": 0.3}
    for side, inches in margins.items():
        setattr(sheet.page_margins, side, inches)
    foot: Any = sheet.oddFooter  # openpyxl's stubs leave open whether it has parts
    for part, text in ((foot.left, footer), (foot.center, "&A"), (foot.right, "Page &P of &N")):
        part.text, part.size, part.font, part.color = text, 8, FACE, GREY
