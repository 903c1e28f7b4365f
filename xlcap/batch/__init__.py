"""Many workbooks from one template: one for each row of a file, its tables filled from other files."""

from xlcap.batch.names import Pattern
from xlcap.batch.report import Fault, Outcome, Report
from xlcap.batch.rows import Row, Rows, from_frame, read
from xlcap.batch.run import Batch, fill, plan
from xlcap.batch.tables import TableFile

__all__ = [
    "Batch",
    "Fault",
    "Outcome",
    "Pattern",
    "Report",
    "Row",
    "Rows",
    "TableFile",
    "fill",
    "from_frame",
    "plan",
    "read",
]
