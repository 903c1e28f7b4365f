"""Filling a template for each row: what is written, what is refused, and what is left on disk."""

from __future__ import annotations

import json
import os
import signal
import zipfile
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import pandas
import pytest
from openpyxl import load_workbook
from openpyxl.workbook.defined_name import DefinedName

from xlcap.batch import TableFile, fill
from xlcap.batch.report import Report
from xlcap.cli import main
from xlcap.errors import XlcapError
from xlcap.hosts import headless

Write = Callable[..., Path]
Made = Callable[[], list[str]]
Show = Callable[[Path, str], Any]
Build = Callable[..., Path]

ROWS = ("report,price,note", "A,10.50,x", "B,,y")


def faults(report: Report) -> list[str]:
    """Every error of a report, as a person reads it."""
    return list(report.faults())


def one(template: Path, rows: Path, **options: Any) -> Report:
    """Fill into the folder ``out``."""
    return fill(template, rows, "out", **options)


# -- what is written


def test_one_workbook_a_row(template: Path, csv: Write, made: Made, show: Show) -> None:
    """Each row gives one workbook, named after its first column, with its values in and its formulas worked out."""
    report = one(template, csv("rows.csv", *ROWS))
    assert made() == ["A.xlsx", "B.xlsx"]
    assert [show(Path("out") / name, "Summary!A1") for name in made()] == [5.25, 10]
    assert report.exit_code == 0


def test_formulas_stay(template: Path, csv: Write) -> None:
    """Formulas are live in the workbooks made."""
    one(template, csv("rows.csv", *ROWS))
    assert load_workbook("out/A.xlsx")["Summary"]["A1"].value == "=SPLIT_ADJUSTED_PRICE(Price,Ratio)"


def test_blank_keeps_the_templates_value(template: Path, csv: Write, show: Show) -> None:
    """A blank cell of a row leaves what the template holds."""
    one(template, csv("rows.csv", *ROWS))
    assert show(Path("out/B.xlsx"), "Inputs!B1") == 20


def test_blank_in_the_template_too(template_with: Build, folder: Path, csv: Write) -> None:
    """An input that a row and the template leave blank is a 0 to formulas, and that is told."""
    template = template_with(folder / "template.xlsx", draft="July __, 2003")
    report = one(template, csv("rows.csv", "report,price,note,draft", "A,,,", "B,,,2003-07-09", "C,,x,2003-07-09"))
    assert report.notes == (
        "rows.csv: note is blank in 2 rows, and in the template",
        'rows.csv: draft is blank in 1 row, and template.xlsx says "July __, 2003"',
    )
    assert report.exit_code == 0


def test_numbers_are_exact(template: Path, csv: Write) -> None:
    """A number reaches the file with the digits of the row."""
    one(template, csv("rows.csv", "report,price,note", "A,0.10000000000000000001,x"))
    assert b"<v>0.10000000000000000001</v>" in zipfile.ZipFile("out/A.xlsx").read("xl/worksheets/sheet1.xml")


@pytest.mark.parametrize("data", ["=1+1", '=HYPERLINK("http://x")', "+1+1", "-x", "@SUM(1)", "007"])
def test_text_is_never_a_formula(template: Path, csv: Write, data: str) -> None:
    """Data that looks like a formula is text in the workbook, in a named cell and in a table."""
    quoted = '"' + data.replace('"', '""') + '"'
    events = csv("events.csv", "event,date,id", f"split,2004-01-05,{quoted}")
    one(template, csv("rows.csv", "report,holder,note", f"A,{quoted},x"), tables=[TableFile.parse(f"Events={events}")])
    book = load_workbook("out/A.xlsx")
    assert [(cell.value, cell.data_type) for cell in (book["Inputs"]["B4"], book["Events"]["F2"])] == [(data, "s")] * 2


def test_frame(template: Path, show: Show) -> None:
    """Rows may be a DataFrame."""
    fill(template, pandas.DataFrame({"report": ["A"], "Price": [8.5], "Note": ["x"]}), "out")
    assert show(Path("out/A.xlsx"), "Summary!A1") == 4.25


def test_named_after_columns(template: Path, csv: Write, made: Made) -> None:
    """The outputs are named by a pattern of columns; a column used there need not be an input."""
    rows = csv("rows.csv", "issuer,as_of,note", "Acme,2004-06-30,x")
    one(template, rows, name="{issuer} {as_of}.xlsx")
    assert made() == ["Acme 2004-06-30.xlsx"]


def test_replaces_by_moving(template: Path, csv: Write, made: Made) -> None:
    """An output that is there already is replaced by another file, not written into."""
    rows = csv("rows.csv", *ROWS)
    one(template, rows)
    linked = Path("kept.xlsx")
    os.link("out/A.xlsx", linked)
    before = linked.read_bytes()
    one(template, csv("rows.csv", "report,price,note", "A,99,x"))
    assert linked.read_bytes() == before != Path("out/A.xlsx").read_bytes()
    assert made() == ["A.xlsx", "B.xlsx"]


def test_no_overwrite(template: Path, csv: Write) -> None:
    """On request an output that is there already is left, and the other rows are done."""
    one(template, csv("rows.csv", "report,price,note", "A,1,x"))
    before = Path("out/A.xlsx").read_bytes()
    report = one(template, csv("rows.csv", *ROWS), overwrite=False)
    assert Path("out/A.xlsx").read_bytes() == before
    assert faults(report) == ["A.xlsx: not written: out/A.xlsx: is there already, and --no-overwrite was given"]
    assert (report.count("written"), report.exit_code) == (1, 1)


# -- tables


def test_table_whole(template: Path, csv: Write, show: Show) -> None:
    """A file without a key gives every report all its rows, in place of the template's."""
    events = csv("events.csv", "Event,Date,Ratio", "split,2004-01-05,2", "split,2004-02-05,3", "split,2004-03-05,4")
    one(template, csv("rows.csv", *ROWS), tables=[TableFile.parse(f"Events={events}")])
    for name in ("A", "B"):
        book = load_workbook(f"out/{name}.xlsx", data_only=True)
        assert book["Events"].tables["Events"].ref == "A1:H4"
        assert [cell.value for cell in book["Events"]["H"]] == ["doubled", 4, 6, 8]
        assert show(Path(f"out/{name}.xlsx"), "Summary!A2") == 9


def test_table_by_key(template: Path, csv: Write, show: Show) -> None:
    """With a key each report gets its own rows; a report without rows gets an empty table."""
    events = csv(
        "events.csv", "of,event,date,ratio", "A,split,2004-01-05,2", "B,split,2004-02-05,3", "A,split,2004-03-05,4"
    )
    rows = csv("rows.csv", "report,note", "A,x", "B,x", "C,x")
    report = one(template, rows, tables=[TableFile.parse(f"events={events}:of=report")])
    assert [show(Path(f"out/{name}.xlsx"), "Summary!A2") for name in "ABC"] == [6, 3, 0]
    assert [outcome.tables for outcome in report.outcomes] == [{"Events": 2}, {"Events": 1}, {"Events": 0}]


def test_rows_no_report_asked_for(template: Path, csv: Write) -> None:
    """Rows of a table's file that belong to no report are told."""
    events = csv("events.csv", "report,event,date", "A,split,2004-01-05", "Z,split,2004-01-05")
    report = one(template, csv("rows.csv", *ROWS), tables=[TableFile.parse(f"Events={events}:report")])
    assert report.notes == (
        "events.csv: no report asked for the rows with report Z",
        "events.csv: no rows have report = B",
    )


def test_ranges_a_table_outgrows(template_with: Build, folder: Path, csv: Write) -> None:
    """A plain range over the rows a table had does not follow it, and that is told once for all workbooks."""
    formulas = {"A1": "=SUM(Events!$C$2:$C$2)", "A2": "=SUM(Events!C2:C2)+1", "A3": "=SUM(Events[ratio])"}
    template = template_with(folder / "template.xlsx", formulas=formulas)
    events = csv("events.csv", "event,date,ratio", "split,2004-01-05,2", "split,2004-02-05,3")
    report = one(template, csv("rows.csv", *ROWS), tables=[TableFile.parse(f"Events={events}")])
    note = (
        "Summary!A1 and 1 more refer to Events!C2, the rows the table Events had, and do not follow it: "
        "write Events[ratio]"
    )
    assert [outcome.notes for outcome in report.outcomes] == [(note,), (note,)]
    assert report.summary().splitlines()[1:] == [f"{note} (2 workbooks)"]


def test_table_by_key_with_a_bad_cell(template: Path, csv: Write, made: Made) -> None:
    """A bad cell in a table's file fails the reports it belongs to, and no other."""
    events = csv("events.csv", "report,event,date", "A,split,soon", "B,split,2004-01-05")
    report = one(template, csv("rows.csv", *ROWS), tables=[TableFile.parse(f"Events={events}:report")])
    assert made() == ["B.xlsx"]
    assert faults(report) == [
        "A.xlsx: not written: events.csv row 2, column 'date': a date is expected "
        "(a date cell, or text such as 2004-02-16); found 'soon'"
    ]


@pytest.mark.parametrize(
    ("header", "line", "table", "message"),
    [
        (
            "event,date,rate",
            "split,2004-01-05,2",
            "Events",
            "events.csv: column 'rate' is not one of the table 'Events' of template.xlsx, "
            "which has event, date, ratio, shares, common_outstanding, id, refers_to, doubled",
        ),
        ("event,doubled", "split,4", "Events", "events.csv: column 'doubled' is calculated in the table 'Events'"),
        ("event", "split", "Evnts", "template.xlsx: has no table 'Evnts'; its tables are: Events"),
        ("event,date", "split,soon", "Events", "events.csv row 2, column 'date': a date is expected"),
    ],
)
def test_table_refused(
    template: Path, csv: Write, made: Made, header: str, line: str, table: str, message: str
) -> None:
    """A table or column the template lacks, or a bad cell meant for all, is refused before anything is written."""
    events = csv("events.csv", header, line)
    with pytest.raises(XlcapError) as error:
        one(template, csv("rows.csv", *ROWS), tables=[TableFile.parse(f"{table}={events}")])
    assert message in str(error.value)
    assert not Path("out").exists() and made() == []


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ("Events", "--table: NAME=FILE, NAME=FILE:KEY or NAME=FILE:KEY=COLUMN is expected; found 'Events'"),
        ("Events=events.csv:of", "events.csv: has no column 'of' to choose rows by; its columns are event, id"),
        (
            "Events=events.csv:event",
            "rows.csv: the rows of the table 'Events' are chosen by column 'event', which is not there; "
            "there are report, price, note",
        ),
        ("Events=gone.csv", "gone.csv: there is no such file"),
    ],
)
def test_key_refused(template: Path, csv: Write, told: str, message: str) -> None:
    """A key that is not there is refused with the columns that are."""
    csv("events.csv", "event,id", "split,A")
    with pytest.raises(XlcapError) as error:
        one(template, csv("rows.csv", *ROWS), tables=[TableFile.parse(told)])
    assert str(error.value) == message


@pytest.mark.parametrize(
    ("told", "parts"),
    [
        ("E=C:\\data\\e.csv:report", ("E", "C:\\data\\e.csv", "report", None)),
        ("E=C:\\data\\e.csv", ("E", "C:\\data\\e.csv", None, None)),
        ("E=e.csv:of=report", ("E", "e.csv", "of", "report")),
    ],
)
def test_table_option(monkeypatch: pytest.MonkeyPatch, told: str, parts: tuple[str | None, ...]) -> None:
    """The drive of a Windows path is not taken for a file, nor the path for a key."""
    monkeypatch.setattr("xlcap.batch.tables.read", lambda file: file)
    table = TableFile.parse(told)
    assert (table.table, table.rows, table.key, table.column) == parts


# -- bad input: nothing can be done


@pytest.mark.parametrize(
    ("header", "line", "message"),
    [
        (
            "report,price",
            "A,1",
            "rows.csv: the input 'Note' is missing: Inputs!B5 of template.xlsx is blank, and no column 'Note' fills it",
        ),
        (
            "report,prise,note",
            "A,1,x",
            "rows.csv: column 'prise' is not an input of template.xlsx, and --name does not use it; "
            "did you mean 'Price'?",
        ),
        (
            "report,zzz,note",
            "A,1,x",
            "rows.csv: column 'zzz' is not an input of template.xlsx, and --name does not use it; "
            "its inputs are Price, Ratio, As_Of, Holder, Note, Draft",
        ),
        ("report,note", "", "rows.csv: holds no rows, so there is nothing to make"),
    ],
)
def test_columns_refused(template: Path, csv: Write, made: Made, header: str, line: str, message: str) -> None:
    """Columns that do not fit the template's inputs are refused before anything is written."""
    with pytest.raises(XlcapError) as error:
        one(template, csv("rows.csv", header, line))
    assert str(error.value) == message
    assert made() == []


@pytest.mark.parametrize(
    ("refers_to", "reason"),
    [
        ("Summary!$A$2", "Total refers to Summary!$A$2, which holds a formula"),
        ("Inputs!$B$1:$B$2", "Total refers to Inputs!$B$1:$B$2, which is more than one cell"),
        ("0.25", "Total refers to 0.25, which is no cell"),
    ],
)
def test_column_that_names_no_input(template: Path, csv: Write, refers_to: str, reason: str) -> None:
    """A column named as something in the template that takes no value is told why that takes none."""
    book = load_workbook(template)
    book.defined_names["Total"] = DefinedName("Total", attr_text=refers_to)
    book.save(template)
    with pytest.raises(XlcapError) as error:
        one(template, csv("rows.csv", "report,total,note", "A,1,x"))
    assert str(error.value).startswith(f"rows.csv: column 'total' is not an input of template.xlsx ({reason}), and")


def test_draft_date_not_filled_in(template_with: Build, folder: Path, csv: Write, made: Made) -> None:
    """A date the template leaves open as a draft does is an input that is missing."""
    template = template_with(folder / "template.xlsx", draft="July __, 2003")
    with pytest.raises(XlcapError) as error:
        one(template, csv("rows.csv", *ROWS))
    assert str(error.value) == (
        "rows.csv: the input 'Draft' is missing: Inputs!B6 of template.xlsx says \"July __, 2003\", "
        "and no column 'Draft' fills it"
    )
    assert made() == []


def test_draft_date_filled_in(template_with: Build, folder: Path, csv: Write, show: Show) -> None:
    """Filled in, it is a date."""
    template = template_with(folder / "template.xlsx", draft="July __, 2003")
    one(template, csv("rows.csv", "report,note,draft", "A,x,2003-07-09"))
    assert show(Path("out/A.xlsx"), "Inputs!B6") == 37811


def test_two_rows_of_one_name(template: Path, csv: Write, made: Made) -> None:
    """Rows that would give files of one name are refused before anything is written."""
    with pytest.raises(XlcapError, match=r"rows.csv: rows 2, 4 would all be written to 'A.xlsx'; nothing was written"):
        one(template, csv("rows.csv", "report,note", "A,x", "B,x", "a,x"))
    assert made() == []


def test_not_over_the_template(template: Path, csv: Write) -> None:
    """The template is never replaced by its own output."""
    before = template.read_bytes()
    with pytest.raises(XlcapError, match="row 2 would be written over a file it is made from"):
        fill(template, csv("rows.csv", "report,note", "template,x"), ".")
    assert template.read_bytes() == before


def test_not_a_workbook(folder: Path, csv: Write, made: Made) -> None:
    """A template that is no workbook is refused by name."""
    (folder / "template.xlsx").write_text("report,price\n", encoding="utf-8")
    with pytest.raises(XlcapError, match=r"template\.xlsx: .*not .*workbook"):
        one(folder / "template.xlsx", csv("rows.csv", *ROWS))
    assert made() == []


def test_formula_that_needs_excel(template_with: Build, folder: Path, csv: Write, made: Made) -> None:
    """A formula that cannot be calculated here is refused by name and cell before anything is written."""
    template = template_with(folder / "template.xlsx", formulas={"A1": '=CELL("filename")'})
    with pytest.raises(XlcapError, match=r"holds formulas that cannot be calculated without Excel: CELL in Summary!A1"):
        one(template, csv("rows.csv", *ROWS))
    assert made() == []


def test_formula_that_is_broken(template_with: Build, folder: Path, csv: Write, made: Made) -> None:
    """A formula that is no whole one is refused with its cell before anything is written."""
    template_with(folder / "template.xlsx", formulas={"A1": "=1+1", "A3": "=SUM(1,"})
    csv("rows.csv", *ROWS)
    assert main(fill_command()) == 2
    with pytest.raises(XlcapError, match=r"=SUM\(1, in Summary!A3 \(it is no whole formula\)"):
        one(folder / "template.xlsx", folder / "rows.csv")
    assert made() == []


def test_folder_is_a_file(template: Path, csv: Write, folder: Path) -> None:
    """A file where the folder should be is refused."""
    (folder / "out").write_text("mine", encoding="utf-8")
    with pytest.raises(XlcapError, match="out: is a file; the workbooks need a folder"):
        one(template, csv("rows.csv", *ROWS))


# -- bad input: one row fails, the others are done


@pytest.mark.parametrize(
    ("header", "line", "message"),
    [
        ("report,price,note", "A,twenty,x", "rows.csv row 2, column 'price': a number is expected; found 'twenty'"),
        (
            "report,as of,note",
            "A,31/12/2003,x",
            "rows.csv row 2, column 'as of': a date is expected (a date cell, or text such as 2004-02-16); "
            "found '31/12/2003'",
        ),
    ],
)
def test_value_of_another_kind(template: Path, csv: Write, made: Made, header: str, line: str, message: str) -> None:
    """A text where a number or date belongs is an error with file, row and column; the other rows are done."""
    report = one(template, csv("rows.csv", header, line, "B,,x"))
    assert faults(report) == [f"A.xlsx: not written: {message}"]
    assert made() == ["B.xlsx"]
    assert report.exit_code == 1


@pytest.mark.parametrize(("line", "fields"), [("A,10", 2), ("A,1,000,x", 4)])
def test_row_with_other_fields_than_the_header(template: Path, csv: Write, made: Made, line: str, fields: int) -> None:
    """A line with fewer or more fields than the header fails alone: its values may stand in others' places."""
    report = one(template, csv("rows.csv", "report,price,note", line, "B,,x"))
    assert faults(report) == [
        f"A.xlsx: not written: rows.csv row 2: has {fields} of 3 fields; a comma may be missing or too many"
    ]
    assert made() == ["B.xlsx"]


def test_table_row_with_other_fields_than_the_header(template: Path, csv: Write, made: Made) -> None:
    """In a table's file it fails the reports it belongs to; where it belongs to all, nothing is written."""
    rows = csv("rows.csv", "report,note", "A,x", "B,x")
    events = csv("events.csv", "report,event,date", "A,split", "B,split,2004-01-05")
    with pytest.raises(XlcapError, match=r"all.csv row 2: has 1 of 2 fields"):
        one(template, rows, tables=[TableFile.parse(f"Events={csv('all.csv', 'event,date', 'split')}")])
    report = one(template, rows, tables=[TableFile.parse(f"Events={events}:report")])
    assert [outcome.status for outcome in report.outcomes] == ["failed", "written"]
    assert made() == ["B.xlsx"]


def test_every_fault_of_a_row(template: Path, csv: Write) -> None:
    """All that is wrong with a row is told at once."""
    report = one(template, csv("rows.csv", "report,price,ratio,note", "CON,x,y,z"))
    assert [fault.where for fault in report.outcomes[0].errors] == [
        "rows.csv row 2",
        "rows.csv row 2, column 'price'",
        "rows.csv row 2, column 'ratio'",
    ]


@pytest.mark.parametrize("name", ["../up", "..\\up", "/tmp/up", "CON", "a:b"])
def test_name_that_escapes(template: Path, csv: Write, folder: Path, made: Made, name: str) -> None:
    """A name from data that could leave the folder fails its row and writes nothing anywhere."""
    report = one(template, csv("rows.csv", "report,note", f"{name},x", "B,x"))
    assert made() == ["B.xlsx"]
    assert sorted(path.name for path in folder.iterdir()) == ["out", "rows.csv", "template.xlsx"]
    assert report.count("failed") == 1


def test_folder_in_the_way(template: Path, csv: Write, folder: Path, made: Made) -> None:
    """A folder where an output should be fails that row; nothing half written stays."""
    (folder / "out" / "A.xlsx").mkdir(parents=True)
    report = one(template, csv("rows.csv", *ROWS))
    assert faults(report) == ["A.xlsx: not written: out/A.xlsx: is a folder; give the name of a file in it"]
    assert made() == ["A.xlsx", "B.xlsx"]


def test_locked_output(template: Path, csv: Write, made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    """An output open in Excel keeps its old content, and says so; the other rows are done."""
    Path("out").mkdir()
    Path("out/A.xlsx").write_bytes(b"old")
    replace = os.replace

    def locked(source: Any, target: Any) -> None:
        if Path(target).name == "A.xlsx":
            raise PermissionError(13, "Permission denied")
        replace(source, target)

    monkeypatch.setattr(os, "replace", locked)
    report = one(template, csv("rows.csv", *ROWS))
    assert faults(report) == [
        "A.xlsx: not written: out/A.xlsx: cannot be written: Permission denied; "
        "close it where it is open, or choose another folder"
    ]
    assert (Path("out/A.xlsx").read_bytes(), made()) == (b"old", ["A.xlsx", "B.xlsx"])


def test_bug_in_one_row(template: Path, csv: Write, made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault of ours in one workbook does not cost the others."""
    done = headless.fill

    def broken(template: Any, inputs: Any, **rest: Any) -> Any:
        if inputs.get("Price"):
            raise KeyError("lost")
        return done(template, inputs, **rest)

    monkeypatch.setattr(headless, "fill", broken)
    report = one(template, csv("rows.csv", *ROWS))
    assert faults(report) == [
        "A.xlsx: not written: out/A.xlsx: this is a bug in xlcap (KeyError: 'lost'); --debug shows where"
    ]
    assert made() == ["B.xlsx"]


# -- formulas that show errors


PRICE = "=CONVERSION_PRICE(Terms,Events[[#All],[event]:[refers_to]],As_Of)"


def asked(template_with: Build, csv: Write, formula: str, row: str, *events: str) -> tuple[str | None, str, str]:
    """Where, code and message of the one error in a report of this row; the report beside it must be without fault."""
    template = template_with(Path("template.xlsx"), formulas={"A1": formula.replace("Terms", '"settled.toml"')})
    text = (files("xlcap.certificates") / "PRICESMART-B.toml").read_text(encoding="utf-8")
    Path("settled.toml").write_text(text.replace('"July __, 2003"', "2003-07-09"), encoding="utf-8")
    table = csv(
        "events.csv",
        "report,event,date,ratio,shares,common_outstanding,id,refers_to",
        *events,
        "B,split,2004-01-05,2,,,s1,",
    )
    rows = csv("rows.csv", "report,as_of,note", row, "B,2004-06-30,x")
    report = one(template, rows, tables=[TableFile.parse(f"Events={table}:report")])
    failing, sound = report.outcomes
    assert (failing.status, sound.status, report.exit_code) == ("written_with_errors", "written", 3)
    assert [path.name for path in sorted(Path("out").iterdir())] == ["A.xlsx", "B.xlsx"]
    (fault,) = failing.errors
    return fault.where, fault.code, fault.message


@pytest.mark.parametrize(
    ("as_of", "event", "code", "message"),
    [
        (
            "2004-06-30",
            "dilution,2004-01-05,2,,,s1,",
            "#VALUE!",
            "events row 1, column 'event': the events are split, ",
        ),
        (
            "2004-06-30",
            "stock_dividend,2004-01-05,,-700000,7000000,s1,",
            "#VALUE!",
            "events row 1, column 'shares': must be above 0; found -700000",
        ),
        (
            "2004-06-30",
            "not_made,2004-01-05,,,,n1,gone",
            "#VALUE!",
            "events row 1, column 'refers_to': no event has the id 'gone'",
        ),
        (
            "2003-01-01",
            "split,2004-01-05,2,,,s1,",
            "#VALUE!",
            "2003-01-01 is before the original issue date 2003-07-09",
        ),
    ],
)
def test_facts_that_cannot_be(
    template_with: Build, csv: Write, as_of: str, event: str, code: str, message: str
) -> None:
    """An unknown event, a negative share count, a reference to nothing, a day before issuance: told with its place."""
    where, found, told = asked(template_with, csv, PRICE, f"A,{as_of},x", f"A,{event}")
    assert (where, found) == ("Summary!A1", code)
    assert message in told


def test_date_the_certificate_leaves_open(template_with: Build, folder: Path, csv: Write) -> None:
    """A formula that needs a date the certificate leaves open says which, and what to give."""
    template = template_with(folder / "template.xlsx", formulas={"A1": '=AUTOMATIC_CONVERSION("PRICESMART-B")'})
    report = one(template, csv("rows.csv", *ROWS))
    assert faults(report)[0] == (
        "A.xlsx: Summary!A1: #VALUE! PRICESMART-B: conversion.automatic.date: "
        'the certificate leaves this date open ("July __, 2013"); '
        "give it in a block of terms, in a TOML file of your own, or as an argument where the function takes one"
    )


def test_every_workbook_with_errors_is_told(template: Path, csv: Write, show: Show) -> None:
    """A workbook whose formulas show errors is written, and its cells are told with the reason."""
    report = one(template, csv("rows.csv", "report,ratio,note", "A,0,x", "B,2,x"))
    assert [outcome.status for outcome in report.outcomes] == ["written_with_errors", "written"]
    assert faults(report) == ["A.xlsx: Summary!A1: #NUM! ratio: must be above zero; found 0"]
    assert (show(Path("out/A.xlsx"), "Summary!A1"), report.exit_code) == ("#NUM!", 3)


def test_causes_are_told(template_with: Build, folder: Path, csv: Write) -> None:
    """People are told the causes, and how many cells follow from them; machines are told every cell."""
    formulas = {"A1": "=A2+1", "A2": "=A3*2", "A3": "=SPLIT_ADJUSTED_PRICE(Price,0)"}
    report = one(template_with(folder / "template.xlsx", formulas=formulas), csv("rows.csv", "report,note", "A,x"))
    assert faults(report) == [
        "A.xlsx: Summary!A3: #NUM! ratio: must be above zero; found 0",
        "A.xlsx: errors in other cells that follow from these: 2",
    ]
    assert [fault.cell for fault in report.outcomes[0].errors] == ["A1", "A2", "A3"]


def test_one_message_of_many_cells(template_with: Build, folder: Path, csv: Write) -> None:
    """People are told a message once, with the first cell; machines are told every cell."""
    formulas = {f"A{row}": "=SPLIT_ADJUSTED_PRICE(Price,0)" for row in range(1, 9)}
    report = one(template_with(folder / "template.xlsx", formulas=formulas), csv("rows.csv", "report,note", "A,x"))
    assert faults(report) == ["A.xlsx: Summary!A1 and 7 more: #NUM! ratio: must be above zero; found 0"]
    assert len(report.outcomes[0].errors) == 8


def test_part_of_an_answer_that_shows_an_error(template_with: Build, folder: Path, csv: Write) -> None:
    """Errors in other cells of an answer than the first are told for themselves, and what follows from them follows."""
    formulas = {"A1": "=_xlfn.VSTACK(1,NA(),NA())", "C1": "=SUM(A1:A3)"}
    report = one(template_with(folder / "template.xlsx", formulas=formulas), csv("rows.csv", "report,note", "A,x"))
    assert faults(report) == [
        "A.xlsx: Summary!A2 and 1 more: #N/A part of what Summary!A1 answers",
        "A.xlsx: errors in other cells that follow from these: 1",
    ]


# -- the command


def fill_command(*more: str) -> list[str]:
    """``xlcap fill`` of the small template."""
    return ["fill", "template.xlsx", "--rows", "rows.csv", "--out", "out", *more]


@pytest.mark.usefixtures("template")
def test_command(csv: Write, capsys: pytest.CaptureFixture[str]) -> None:
    """The command says how many workbooks, cells and formulas there were."""
    csv("rows.csv", *ROWS)
    assert main(fill_command()) == 0
    told = capsys.readouterr()
    assert told.out == "2 workbooks written (3 cells filled, 8 formulas calculated)\n"
    assert told.err == ""


@pytest.mark.usefixtures("template")
def test_command_lists_errors(csv: Write, capsys: pytest.CaptureFixture[str]) -> None:
    """Errors are listed on standard error, a line each, after those of rows that failed."""
    csv("rows.csv", "report,price,ratio,note", "A,1,0,x", "B,x,1,x")
    assert main(fill_command()) == 1
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "B.xlsx: not written: rows.csv row 3, column 'price': a number is expected; found 'x'"
    assert lines[1] == "A.xlsx: Summary!A1: #NUM! ratio: must be above zero; found 0"


@pytest.mark.usefixtures("template")
def test_command_shortens_the_list(csv: Write, capsys: pytest.CaptureFixture[str]) -> None:
    """A long list of errors ends with how many more there are."""
    csv("rows.csv", "report,price,note", *(f"R{i},x,x" for i in range(25)))
    assert main(fill_command()) == 1
    assert capsys.readouterr().err.splitlines()[20:] == ["... and 5 more; --report FILE lists them all"]


@pytest.mark.usefixtures("template")
def test_json_report(csv: Write) -> None:
    """The report for machines tells of each row its output, status, counts and errors."""
    csv("rows.csv", "report,price,ratio,note", "A,1,0,x", "B,x,1,x")
    code = main(fill_command("--report", "report.json"))
    told = json.loads(Path("report.json").read_text(encoding="utf-8"))
    written, failed = told["rows"]
    assert told["exit_code"] == code == 1
    assert (written["output"], written["status"], written["formulas"]) == ("out/A.xlsx", "written_with_errors", 4)
    assert written["errors"][0].keys() == {"message", "code", "where", "sheet", "cell", "formula", "cause"}
    assert [(fault["where"], fault["message"]) for fault in failed["errors"]] == [
        ("rows.csv row 3, column 'price'", "a number is expected; found 'x'")
    ]


@pytest.mark.usefixtures("template")
def test_json_report_of_nothing(csv: Write) -> None:
    """When nothing can be done the report says why."""
    csv("rows.csv", "report,prise,note", "A,1,x")
    assert main(fill_command("--report", "report.json")) == 2
    told = json.loads(Path("report.json").read_text(encoding="utf-8"))
    assert told["error"]["message"] == (
        "column 'prise' is not an input of template.xlsx, and --name does not use it; did you mean 'Price'?"
    )


@pytest.mark.usefixtures("template")
def test_report_must_be_json(csv: Write) -> None:
    """The report cannot be written over the rows by mistake."""
    rows = csv("rows.csv", *ROWS)
    before = rows.read_bytes()
    assert main(fill_command("--report", "rows.csv")) == 2
    assert rows.read_bytes() == before


@pytest.mark.usefixtures("template")
def test_interrupted(
    csv: Write, made: Made, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An interruption keeps the workbooks that are whole, leaves no other file, and is told."""
    csv("rows.csv", *ROWS)
    replace = os.replace

    def interrupted(source: Any, target: Any) -> None:
        if Path(target).name == "B.xlsx":
            raise KeyboardInterrupt
        replace(source, target)

    monkeypatch.setattr(os, "replace", interrupted)
    assert main(fill_command()) == 130
    assert made() == ["A.xlsx"]
    assert capsys.readouterr().out.startswith("Interrupted: 1 workbook written")


@pytest.mark.usefixtures("template")
def test_interrupted_while_computing(
    csv: Write, made: Made, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An interruption in the midst of a formula abandons that workbook and keeps those that are whole."""
    csv("rows.csv", *ROWS)
    done = headless.fill

    def call(_: str, args: Any) -> Any:
        if args[0] != 10.5:
            signal.raise_signal(signal.SIGINT)
        return args[0]

    monkeypatch.setattr(headless, "fill", lambda *given, **more: done(*given, **more, call=call))
    assert main(fill_command()) == 130
    assert made() == ["A.xlsx"]
    assert capsys.readouterr().out.startswith("Interrupted: 1 workbook written")
