"""Builds the workbook a careful person might have made: with a text box, an image, a form button, a sparkline, a data
bar of the newer kind, rich text, a comment, validation, a chart with its cache, a pivot table, a calculation chain and
VBA.

openpyxl makes the plain part; what it cannot write is put into the zip by hand.
"""

# ruff: noqa: E501  # XML stands as the file holds it

from __future__ import annotations

import base64
import io
import re
import zipfile
from pathlib import Path

from openpyxl import Workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import Font
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.table import Table

HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
RELS = "http://schemas.openxmlformats.org/package/2006/relationships"
DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/main"
XDR = "http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing"
X14 = "http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"
XM = "http://schemas.microsoft.com/office/excel/2006/main"
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def build(path: Path, *, macros: bool = False) -> Path:
    """Write the workbook to ``path``: sheets Inputs (named cells, the table Rounds), Model (formulas), Pivot."""
    parts = _read(_plain())
    _drawing(parts)
    _extensions(parts)
    _button(parts)
    _pivot(parts)
    _calculation_chain(parts)
    _chart_cache(parts)
    if macros:
        _vba(parts)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return path


def _plain() -> bytes:
    book = Workbook()
    inputs = book.active
    assert inputs is not None
    inputs.title = "Inputs"
    inputs["A1"], inputs["B1"] = "Proceeds", 1000
    inputs["A2"], inputs["B2"] = "Holder", "Patron"
    inputs["A3"], inputs["B3"] = "As of", 45292
    inputs["B3"].number_format = "yyyy-mm-dd"
    inputs["A4"] = CellRichText("Only ", TextBlock(InlineFont(b=True), "bold"), " words")
    inputs["B1"].font = Font(color="FF0000FF")
    inputs["B1"].comment = Comment("What the buyer pays", "Author")
    for name, cell in (("proceeds", "$B$1"), ("holder", "$B$2"), ("as_of", "$B$3"), ("empty_input", "$B$5")):
        book.defined_names[name] = DefinedName(name, attr_text=f"Inputs!{cell}")
    book.defined_names["twice"] = DefinedName("twice", attr_text="Inputs!$B$1*2")
    rows = (["Round", "Price", "Shares", "Amount"], ["A", 1.5, 100], ["B", 2.5, 200], ["C", 4, 300])
    for r, row in enumerate(rows, 6):
        for c, value in enumerate(row, 5):
            inputs.cell(r, c).value = value
    for r in range(7, 10):
        inputs[f"H{r}"] = f"=F{r}*G{r}"
        inputs[f"F{r}"].number_format = "0.00"
    inputs.add_table(Table(displayName="Rounds", ref="E6:H9"))
    validation = DataValidation(type="decimal", operator="greaterThan", formula1="0")
    validation.add("F7:F9")
    inputs.add_data_validation(validation)
    inputs.conditional_formatting.add("G7:G9", CellIsRule(operator="greaterThan", formula=["150"], font=Font(b=True)))
    chart = BarChart()
    chart.add_data(Reference(inputs, min_col=7, min_row=6, max_row=9), titles_from_data=True)
    chart.set_categories(Reference(inputs, min_col=5, min_row=7, max_row=9))
    inputs.add_chart(chart, "J12")
    model = book.create_sheet("Model")
    model["A1"] = "=proceeds*2"
    model["A2"] = "=SUM(Rounds[Amount])"
    model["A3"] = '="For "&holder'
    model["A4"] = "=twice+1"
    model["A5"] = "untouched"
    model["B5"] = "=A5"
    pivot = book.create_sheet("Pivot")
    for row in (["Round", "Sum of Shares"], ["A", 100], ["B", 200], ["C", 300], ["Grand Total", 600]):
        pivot.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _read(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _type(parts: dict[str, bytes], part: str, content_type: str) -> None:
    _insert(parts, "[Content_Types].xml", "</Types>", f'<Override PartName="/{part}" ContentType="{content_type}"/>')


def _default(parts: dict[str, bytes], extension: str, content_type: str) -> None:
    if f'Extension="{extension}"'.encode() not in parts["[Content_Types].xml"]:
        parts["[Content_Types].xml"] = re.sub(
            rb"(<Types[^>]*>)",
            rb'\1<Default Extension="%b" ContentType="%b"/>' % (extension.encode(), content_type.encode()),
            parts["[Content_Types].xml"],
        )


def _insert(parts: dict[str, bytes], part: str, before: str, xml: str) -> None:
    data = parts[part]
    at = data.rindex(before.encode())
    parts[part] = data[:at] + xml.encode() + data[at:]


def _relate(parts: dict[str, bytes], rels: str, key: str, kind: str, target: str) -> None:
    if rels not in parts:
        parts[rels] = f'{HEAD}<Relationships xmlns="{RELS}"></Relationships>'.encode()
    kind = kind if kind.startswith("http") else f"{OFFICE}/{kind}"
    _insert(parts, rels, "</Relationships>", f'<Relationship Id="{key}" Type="{kind}" Target="{target}"/>')


def _drawing(parts: dict[str, bytes]) -> None:
    """A text box and an image, beside the chart."""
    anchor = (
        '<xdr:twoCellAnchor xmlns:xdr="{xdr}" xmlns:a="{a}" xmlns:r="{r}"><xdr:from><xdr:col>9</xdr:col><xdr:colOff>0</xdr:colOff>'
        "<xdr:row>{row}</xdr:row><xdr:rowOff>0</xdr:rowOff></xdr:from><xdr:to><xdr:col>11</xdr:col><xdr:colOff>0</xdr:colOff>"
        "<xdr:row>{to}</xdr:row><xdr:rowOff>0</xdr:rowOff></xdr:to>{what}<xdr:clientData/></xdr:twoCellAnchor>"
    )
    box = (
        '<xdr:sp macro="" textlink=""><xdr:nvSpPr><xdr:cNvPr id="20" name="Text box"/><xdr:cNvSpPr txBox="1"/></xdr:nvSpPr><xdr:spPr>'
        '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></xdr:spPr><xdr:txBody><a:bodyPr/><a:p><a:r><a:t>Read me</a:t></a:r></a:p>'
        "</xdr:txBody></xdr:sp>"
    )
    picture = (
        '<xdr:pic><xdr:nvPicPr><xdr:cNvPr id="21" name="Logo"/><xdr:cNvPicPr/></xdr:nvPicPr><xdr:blipFill><a:blip r:embed="rIdImage"/>'
        '<a:stretch><a:fillRect/></a:stretch></xdr:blipFill><xdr:spPr><a:prstGeom prst="rect"><a:avLst/></a:prstGeom></xdr:spPr></xdr:pic>'
    )
    closing = "</wsDr>" if b"</wsDr>" in parts["xl/drawings/drawing1.xml"] else "</xdr:wsDr>"
    for row, what in ((0, box), (4, picture)):
        xml = anchor.format(xdr=XDR, a=DRAWING, r=OFFICE, row=row, to=row + 3, what=what)
        _insert(parts, "xl/drawings/drawing1.xml", closing, xml)
    _relate(parts, "xl/drawings/_rels/drawing1.xml.rels", "rIdImage", "image", "../media/image1.png")
    parts["xl/media/image1.png"] = PNG
    _default(parts, "png", "image/png")


def _extensions(parts: dict[str, bytes]) -> None:
    """A sparkline and a data bar of the newer kind."""
    xml = (
        f'<extLst><ext xmlns:x14="{X14}" uri="{{78C0D931-6437-407d-A8EE-F0AAD7539E65}}"><x14:conditionalFormattings>'
        f'<x14:conditionalFormatting xmlns:xm="{XM}"><x14:cfRule type="dataBar" id="{{DA7ABA51-AAAA-BBBB-0001-000000000001}}">'
        '<x14:dataBar minLength="0" maxLength="100"><x14:cfvo type="autoMin"/><x14:cfvo type="autoMax"/><x14:negativeFillColor rgb="FFFF0000"/>'
        '<x14:axisColor rgb="FF000000"/></x14:dataBar></x14:cfRule><xm:sqref>H7:H9</xm:sqref></x14:conditionalFormatting>'
        f'</x14:conditionalFormattings></ext><ext xmlns:x14="{X14}" uri="{{05C60535-1F16-4fd2-B633-F4F36F0B64E0}}">'
        f'<x14:sparklineGroups xmlns:xm="{XM}"><x14:sparklineGroup displayEmptyCellsAs="gap"><x14:sparklines><x14:sparkline>'
        "<xm:f>Inputs!G7:G9</xm:f><xm:sqref>I7</xm:sqref></x14:sparkline></x14:sparklines></x14:sparklineGroup></x14:sparklineGroups></ext></extLst>"
    )
    _insert(parts, "xl/worksheets/sheet1.xml", "</worksheet>", xml)


def _button(parts: dict[str, bytes]) -> None:
    """A form button on Model, drawn in VML as Excel does."""
    vml = (
        '<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
        'xmlns:x="urn:schemas-microsoft-com:office:excel"><v:shapetype id="_x0000_t201" coordsize="21600,21600" o:spt="201" '
        'path="m,l,21600r21600,l21600,xe"/><v:shape id="_x0000_s2049" type="#_x0000_t201" '
        'style="position:absolute;margin-left:96pt;margin-top:15pt;width:80pt;height:20pt" o:button="t"><v:textbox>'
        '<div style="text-align:center">Go</div></v:textbox><x:ClientData ObjectType="Button">'
        "<x:Anchor>2, 0, 1, 0, 3, 30, 2, 10</x:Anchor></x:ClientData></v:shape></xml>"
    )
    parts["xl/drawings/vmlDrawing9.vml"] = vml.encode()
    _default(parts, "vml", "application/vnd.openxmlformats-officedocument.vmlDrawing")
    rels = "xl/worksheets/_rels/sheet2.xml.rels"
    _relate(parts, rels, "rIdVml", "vmlDrawing", "../drawings/vmlDrawing9.vml")
    _insert(parts, "xl/worksheets/sheet2.xml", "</worksheet>", f'<legacyDrawing xmlns:r="{OFFICE}" r:id="rIdVml"/>')


def _pivot(parts: dict[str, bytes]) -> None:
    cache = (
        f'{HEAD}<pivotCacheDefinition xmlns="{MAIN}" xmlns:r="{OFFICE}" r:id="rId1" refreshOnLoad="0" recordCount="3">'
        '<cacheSource type="worksheet"><worksheetSource ref="E6:G9" sheet="Inputs"/></cacheSource><cacheFields count="3">'
        '<cacheField name="Round" numFmtId="0"><sharedItems count="3"><s v="A"/><s v="B"/><s v="C"/></sharedItems></cacheField>'
        '<cacheField name="Price" numFmtId="0"><sharedItems containsSemiMixedTypes="0" containsString="0" containsNumber="1" minValue="1.5" '
        'maxValue="4"/></cacheField><cacheField name="Shares" numFmtId="0"><sharedItems containsSemiMixedTypes="0" containsString="0" '
        'containsNumber="1" containsInteger="1" minValue="100" maxValue="300"/></cacheField></cacheFields></pivotCacheDefinition>'
    )
    records = (
        f'{HEAD}<pivotCacheRecords xmlns="{MAIN}" count="3"><r><x v="0"/><n v="1.5"/><n v="100"/></r><r><x v="1"/><n v="2.5"/><n v="200"/></r>'
        '<r><x v="2"/><n v="4"/><n v="300"/></r></pivotCacheRecords>'
    )
    table = (
        f'{HEAD}<pivotTableDefinition xmlns="{MAIN}" name="PivotTable1" cacheId="1" dataOnRows="0" applyNumberFormats="0" dataCaption="Values" '
        'outline="1" outlineData="1"><location ref="A1:B5" firstHeaderRow="1" firstDataRow="1" firstDataCol="1"/><pivotFields count="3">'
        '<pivotField axis="axisRow" showAll="0"><items count="4"><item x="0"/><item x="1"/><item x="2"/><item t="default"/></items></pivotField>'
        '<pivotField showAll="0"/><pivotField dataField="1" showAll="0"/></pivotFields><rowFields count="1"><field x="0"/></rowFields>'
        '<rowItems count="4"><i><x/></i><i><x v="1"/></i><i><x v="2"/></i><i t="grand"><x/></i></rowItems><colItems count="1"><i/></colItems>'
        '<dataFields count="1"><dataField name="Sum of Shares" fld="2" baseField="0" baseItem="0"/></dataFields></pivotTableDefinition>'
    )
    base = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    for part, xml, kind in (
        ("xl/pivotCache/pivotCacheDefinition1.xml", cache, "pivotCacheDefinition"),
        ("xl/pivotCache/pivotCacheRecords1.xml", records, "pivotCacheRecords"),
        ("xl/pivotTables/pivotTable1.xml", table, "pivotTable"),
    ):
        parts[part] = xml.encode()
        _type(parts, part, f"{base}.{kind}+xml")
    _relate(
        parts,
        "xl/pivotCache/_rels/pivotCacheDefinition1.xml.rels",
        "rId1",
        "pivotCacheRecords",
        "pivotCacheRecords1.xml",
    )
    _relate(
        parts,
        "xl/pivotTables/_rels/pivotTable1.xml.rels",
        "rId1",
        "pivotCacheDefinition",
        "../pivotCache/pivotCacheDefinition1.xml",
    )
    _relate(parts, "xl/worksheets/_rels/sheet3.xml.rels", "rIdPivot", "pivotTable", "../pivotTables/pivotTable1.xml")
    _relate(
        parts, "xl/_rels/workbook.xml.rels", "rIdPivot", "pivotCacheDefinition", "pivotCache/pivotCacheDefinition1.xml"
    )
    _insert(
        parts,
        "xl/workbook.xml",
        "</workbook>",
        f'<pivotCaches><pivotCache xmlns:r="{OFFICE}" cacheId="1" r:id="rIdPivot"/></pivotCaches>',
    )


def _calculation_chain(parts: dict[str, bytes]) -> None:
    cells = [(1, f"H{r}") for r in (7, 8, 9)] + [(2, f"A{r}") for r in (1, 2, 3, 4)] + [(2, "B5")]
    parts["xl/calcChain.xml"] = (
        f'{HEAD}<calcChain xmlns="{MAIN}">' + "".join(f'<c r="{a}" i="{i}"/>' for i, a in cells) + "</calcChain>"
    ).encode()
    _type(parts, "xl/calcChain.xml", "application/vnd.openxmlformats-officedocument.spreadsheetml.calcChain+xml")
    _relate(parts, "xl/_rels/workbook.xml.rels", "rIdChain", "calcChain", "calcChain.xml")


def _chart_cache(parts: dict[str, bytes]) -> None:
    """The numbers and names Excel keeps in a chart, which openpyxl leaves out."""
    numbers = "".join(f'<pt idx="{i}"><v>{v}</v></pt>' for i, v in enumerate((100, 200, 300)))
    words = "".join(f'<pt idx="{i}"><v>{v}</v></pt>' for i, v in enumerate("ABC"))
    data = parts["xl/charts/chart1.xml"].decode()
    data = data.replace(
        "$G$9</f>", f'$G$9</f><numCache><formatCode>General</formatCode><ptCount val="3"/>{numbers}</numCache>'
    )
    data = re.sub(
        r"<numRef>(<f>'Inputs'!\$E\$7:\$E\$9</f>)</numRef>",
        rf'<strRef>\1<strCache><ptCount val="3"/>{words}</strCache></strRef>',
        data,
    )
    parts["xl/charts/chart1.xml"] = data.encode()


def _vba(parts: dict[str, bytes]) -> None:
    """A project Excel would refuse to run but nothing here may touch."""
    parts["xl/vbaProject.bin"] = b"\xd0\xcf\x11\xe0" + bytes(range(256)) * 8
    _default(parts, "bin", "application/vnd.ms-office.vbaProject")
    _relate(
        parts,
        "xl/_rels/workbook.xml.rels",
        "rIdVba",
        "http://schemas.microsoft.com/office/2006/relationships/vbaProject",
        "vbaProject.bin",
    )
    parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace(
        b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
        b"application/vnd.ms-excel.sheet.macroEnabled.main+xml",
    )
