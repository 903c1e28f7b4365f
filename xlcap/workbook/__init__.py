"""An .xlsx or .xlsm file: read it, plan, and patch it without losing anything. Knows files, not finance."""

from xlcap.workbook.cells import Area, ErrorCode, Scalar, WorkbookError
from xlcap.workbook.left_behind import left_behind
from xlcap.workbook.patch import Block, Changes, patch
from xlcap.workbook.save import save, save_text
from xlcap.workbook.tables import TableChange, replace_rows
from xlcap.workbook.template import Formula, Input, Table, Template

__all__ = [
    "Area",
    "Block",
    "Changes",
    "ErrorCode",
    "Formula",
    "Input",
    "Scalar",
    "Table",
    "TableChange",
    "Template",
    "WorkbookError",
    "left_behind",
    "patch",
    "replace_rows",
    "save",
    "save_text",
]
