"""Charts, and their axes, letters and lines, which are the same on all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from openpyxl.chart import AreaChart, ScatterChart
from openpyxl.chart.data_source import AxDataSource, NumData, NumDataSource, NumRef, NumVal, StrData, StrRef, StrVal
from openpyxl.chart.marker import Marker
from openpyxl.chart.series import Series, SeriesLabel, XYSeries
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.chart.text import RichText
from openpyxl.drawing.line import LineProperties
from openpyxl.drawing.text import CharacterProperties, Paragraph, ParagraphProperties, RichTextProperties
from openpyxl.drawing.text import Font as DrawnFont
from openpyxl.utils import get_column_letter

from xlcap.batch.looks import FACE

COLOURS = {
    "Series A": "8A9BB0",
    "Series A-1": "7E9C78",
    "Series B": "C05621",
    "Series B: October 2006": "C05621",
    "Series B: December 2006": "E39B6B",
    "Options": "B7A26A",
    "Common": "1F3A5F",
}
PALETTE = (
    "1F3A5F", "8A9BB0", "B7A26A", "7E9C78", "C05621", "5B7DB1", "E39B6B", "9C6B98", "4F8A8B", "A4554B", "C9B458",
    "6B7280", "9DB4CE", "2F7D4F",
)  # fmt: skip
"""Of what has no colour of its own, in its order."""


def payoff_chart(classes: Sequence[str], top: int, exits: int) -> Any:
    """What each class gets, by the table on the sheet Liquidation whose first exit is in the row ``top``."""
    chart: Any = ScatterChart()
    for i, who in enumerate(classes):
        series = series_of("Liquidation", "B", get_column_letter(3 + i), who, top, top - 1 + exits)
        colour, width = COLOURS[who], 28575 if who.startswith("Series B") else 19050
        series.graphicalProperties = GraphicalProperties(ln=LineProperties(solidFill=colour, w=width))
        chart.series.append(series)
    dressed(chart, "#,##0,,", "#,##0,,", "Exit, $ millions", "Payoff, $ millions")
    return chart


def stacked(sheet: str, across: str, ups: Sequence[str], top: int, bottom: int, step: int) -> Any:
    """What each gets, one upon the other, the last lowest: columns of a sheet, in the palette's colours, no legend.

    ``across`` has the labels of the axis, one in so many steps.
    """
    chart: Any = AreaChart(grouping="stacked")
    for up, colour in reversed([*zip(ups, PALETTE, strict=True)]):
        drawn = series_of(sheet, across, up, "", top, bottom)
        labels = StrRef(f=f"{sheet}!${across}${top}:${across}${bottom}", strCache=StrData(ptCount=1))
        series = Series(cat=AxDataSource(strRef=labels), val=drawn.yVal, tx=drawn.tx)
        series.graphicalProperties = GraphicalProperties(solidFill=colour, ln=LineProperties(noFill=True))
        chart.series.append(series)
    dressed(chart, "#,##0,,", "#,##0,,", "Exit, $ millions", "Payouts, $ millions")
    chart.legend = None
    chart.x_axis.tickLblSkip = chart.x_axis.tickMarkSkip = step
    chart.x_axis.txPr.bodyPr = RichTextProperties(rot=-60000000)
    chart.x_axis.majorTickMark, chart.y_axis.crossBetween = "none", "midCat"
    return chart


def lines(sheet: str, across: str, ups: Sequence[str], top: int, bottom: int, up_format: str, up_title: str) -> Any:
    """Columns of a sheet over exits, as lines in the palette's colours."""
    chart: Any = ScatterChart()
    for up, colour in zip(ups, PALETTE, strict=False):
        series = series_of(sheet, across, up, "", top, bottom)
        series.graphicalProperties = GraphicalProperties(ln=LineProperties(solidFill=colour, w=19050))
        chart.series.append(series)
    dressed(chart, "#,##0,,", up_format, "Exit, $ millions", up_title)
    return chart


def dressed(chart: Any, across: str, up: str, x_title: str, y_title: str) -> None:
    """Axes, letters and lines as on every chart."""
    chart.style = 2
    if isinstance(chart, ScatterChart):
        chart.scatterStyle = "lineMarker"
    small = ParagraphProperties(defRPr=lettering(900))
    axes = ((chart.x_axis, across, x_title), (chart.y_axis, up, y_title))
    for axis, code, title in axes:
        if title:
            axis.title = title
            axis.title.tx.rich.p[0].pPr = small
            axis.title.overlay = False
        axis.delete = False
        axis.number_format, axis.numFmt.sourceLinked = code, False
        axis.majorTickMark = "out"
        axis.txPr = RichText(p=[Paragraph(pPr=small, endParaRPr=lettering(900))])
        axis.graphicalProperties = GraphicalProperties(ln=LineProperties(solidFill="A0A7B1", w=9525))
    chart.x_axis.majorGridlines = None
    chart.y_axis.majorGridlines.spPr = GraphicalProperties(ln=LineProperties(solidFill="E3E7EC", w=6350))
    chart.y_axis.scaling.min = 0
    chart.legend.position = "t"
    chart.legend.txPr = RichText(p=[Paragraph(pPr=small, endParaRPr=lettering(900))])
    chart.display_blanks = "span"


def lettering(size: int) -> CharacterProperties:
    """Letters of a size, in hundredths of a point."""
    return CharacterProperties(sz=size, b=False, solidFill="404854", latin=DrawnFont(typeface=FACE))


def series_of(sheet: str, across: str, up: str, who: str, top: int, bottom: int) -> XYSeries:
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
