"""The file of a template: built by openpyxl, then filled once, so that every formula has its value."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from pathlib import Path

from building.book import WORKBOOKS, Book, Design
from xlcap.hosts import headless
from xlcap.workbook import Template


def built(design: Design) -> bytes:
    """The template as openpyxl writes it, nothing computed."""
    book = Book(design)
    for sheet in design.sheets:
        sheet(book)
    properties = book.workbook.properties
    properties.title, properties.creator = design.title, "xlcap"
    properties.subject = "Report template; sample data invented for illustration"
    properties.created = properties.modified = design.stamp
    book.workbook.calculation.fullCalcOnLoad = False
    buffer = io.BytesIO()
    book.workbook.save(buffer)
    return buffer.getvalue()


def stamped(data: bytes, stamp: dt.datetime) -> bytes:
    """The file with the times that would differ from build to build made the same."""
    told = f"{stamp:%Y-%m-%dT%H:%M:%SZ}".encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            part = old.read(entry)
            if entry.filename == "docProps/core.xml":
                part = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>" + told, part)
            info = zipfile.ZipInfo(entry.filename, (1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o600 << 16
            new.writestr(info, part)
    return buffer.getvalue()


def build(design: Design, target: Path | None = None) -> tuple[headless.CellError, ...]:
    """Write the template with its values; the cells that show errors, of which there should be none."""
    target = target or WORKBOOKS / design.file
    filled = headless.fill(Template(stamped(built(design), design.stamp), target), {})
    target.write_bytes(stamped(filled.data, design.stamp))
    return filled.errors
