"""Rows from CSV, Parquet and Excel files and from DataFrames."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas
import pytest
from openpyxl import Workbook

from xlcap.batch import from_frame, read
from xlcap.errors import XlcapError

Write = Callable[..., Path]


def book(path: Path, *lines: list[Any], sheet: str = "Sheet") -> Path:
    """A workbook with these rows."""
    made = Workbook()
    active: Any = made.active
    active.title = sheet
    for line in lines:
        active.append(line)
    made.save(path)
    return path


def test_csv_is_text(csv: Write) -> None:
    """A CSV file's values are kept as they are written, and blanks are absent."""
    rows = read(csv("r.csv", "Report,As of,Code", "Q1,0.10,007", ",,NA", 'Q3,"=1,2",'))
    assert [(row.number, dict(row.values)) for row in rows] == [
        (2, {"report": "Q1", "as_of": "0.10", "code": "007"}),
        (3, {"code": "NA"}),
        (4, {"report": "Q3", "as_of": "=1,2"}),
    ]


def test_blank_rows_are_skipped_and_counted(csv: Write) -> None:
    """A row keeps the number a spreadsheet shows for it."""
    assert [row.number for row in read(csv("r.csv", "a,b", "", "1,2", ",", "3,4"))] == [3, 5]


def test_excel_types(folder: Path) -> None:
    """An Excel file's numbers, dates, texts and truths keep their types."""
    path = book(folder / "r.xlsx", ["n", "d", "t", "b"], [0.1, dt.date(2004, 6, 30), "007", True])
    assert dict(read(path).rows[0].values) == {"n": 0.1, "d": dt.datetime(2004, 6, 30), "t": "007", "b": True}


def test_excel_sheet(folder: Path) -> None:
    """A sheet is named after a number sign, in any case."""
    path = book(folder / "r.xlsx", ["a"], [1], sheet="Reports")
    assert read(f"{path}#reports").label == "r.xlsx#Reports"


def test_parquet_types(folder: Path) -> None:
    """A Parquet file's whole numbers beside blanks, decimals and narrow floats stay exact."""
    frame = pandas.DataFrame({"i": pandas.array([2**60 + 1, None], dtype="Int64"), "d": [Decimal("1.10"), None]})
    frame["f"] = pandas.Series([0.1, 2], dtype="float32")
    frame.to_parquet(folder / "r.parquet")
    rows = read(folder / "r.parquet").rows
    assert [dict(row.values) for row in rows] == [{"i": 2**60 + 1, "d": Decimal("1.10"), "f": 0.1}, {"f": 2.0}]


def test_frame_index() -> None:
    """A DataFrame's named index is a column; one without a name is not."""
    frame = pandas.DataFrame({"report": ["Q1"], "price": [1.5]}, index=[9])
    assert from_frame(frame).columns == ("report", "price")
    assert from_frame(frame.set_index("report")).columns == ("report", "price")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("gone.csv", None, "gone.csv: there is no such file"),
        ("r.txt", b"a\n1\n", "rows are read from a .csv, .parquet, .xlsx or .xlsm file"),
        ("r.csv", b"", "r.csv: is empty; its first row must name the columns"),
        ("r.csv", b'a,b\n"1,2\n', "is not comma-separated: unexpected end of data"),
        ("r.csv", b"a;b\n1;2\n", "has one column only: its values must be separated by commas"),
        ("r.csv", "é\n".encode("latin-1"), "is not in UTF-8"),
        ("r.csv", b"a,A\n1,2\n", "r.csv: column 'A' stands there twice; keep one"),
        ("r.csv", b"a,\n1,2\n", "r.csv row 2: column 2 has values but no header"),
        ("r.csv#Sheet1", b"a\n1\n", "only an Excel file has sheets"),
        ("r.parquet", b"a\n1\n", "is not a Parquet file"),
        ("r.xlsx", b"a\n1\n", "r.xlsx"),
    ],
)
def test_refused(folder: Path, name: str, content: bytes | None, message: str) -> None:
    """A file that cannot be read as rows is refused by name, with how to mend it."""
    if content is not None:
        (folder / name.partition("#")[0]).write_bytes(content)
    with pytest.raises(XlcapError) as error:
        read(folder / name)
    assert message in str(error.value)


def test_unknown_sheet(folder: Path) -> None:
    """A sheet that is not there is refused with those that are."""
    book(folder / "r.xlsx", ["a"], [1], sheet="Reports")
    with pytest.raises(XlcapError, match=r"has no sheet 'Rows'; its sheets are Reports"):
        read("r.xlsx#Rows")


def test_formula_never_calculated(folder: Path) -> None:
    """A formula without a value is not taken for a blank."""
    path = book(folder / "r.xlsx", ["a"], ["=1+1"])
    with pytest.raises(XlcapError, match=r"r.xlsx row 2, column 1 of sheet Sheet: the formula there has no value"):
        read(path)
