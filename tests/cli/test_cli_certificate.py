"""The certificate of adjustment: what it says, its forms, and the file it is written to."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import load_workbook

from xlcap.cli import main

Capture = pytest.CaptureFixture[str]

# 20 x 7,000,000 / 7,350,000 = 19.0476..., so 19.05; half of it is 9.525, so 9.53.
EVENTS = """\
id,event,date,common_outstanding,shares,ratio
SD-1,stock_dividend,2003-10-15,7000000,350000,
SP-1,split,2004-06-21,,,2
"""


@pytest.fixture
def events(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stock dividend and a split, in the folder the command runs in."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "events.csv").write_text(EVENTS, encoding="utf-8")
    return tmp_path / "events.csv"


def run(*more: str, terms: str = "PRICESMART-B", as_of: str = "2004-12-31") -> int:
    """The command on those events."""
    return main(["certificate", terms, "--events", "events.csv", "--as-of", as_of, *more])


def lines(capsys: Capture) -> dict[str, str]:
    """What and which, of a text that was printed."""
    printed = capsys.readouterr().out.splitlines()
    return {line[:50].strip() or f"line {i}": line[50:].strip() for i, line in enumerate(printed)}


@pytest.mark.usefixtures("events")
def test_printed(capsys: Capture) -> None:
    """The last change is certified: under which section, what happened, the price, and when the notice is due."""
    assert run() == 0
    told = lines(capsys)
    assert (told["Adjustment under"], told["Event"], told["Effective date"]) == (
        "VI.E(2)",
        "split (SP-1)",
        "22 June 2004",
    )
    assert (told["Conversion price before"], told["Conversion price as adjusted"]) == ("19.05", "9.53")
    assert told["Conversion price computed"] == "9.525"
    # 1,000 / 19.05 and 1,000 / 9.53
    assert told["Common for one share before"] == "52.4934383202"
    assert told["Common for one share as adjusted"] == "104.9317943337"
    assert told["Notice to holders due by (VI.E(9))"] == "2 July 2004"  # ten days after it took effect


@pytest.mark.usefixtures("events")
def test_schedule(capsys: Capture) -> None:
    """The adjustments so far stand below, those after the day do not."""
    assert run("--event", "SD-1", as_of="2004-01-31") == 0
    told = capsys.readouterr().out
    assert told.startswith("Certificate of adjustment of the conversion price, VI.E(9)\n")
    assert "16 October 2003: clause VI.E(1); event stock dividend (SD-1); outcome adjusted; price before 20.00;" in told
    assert "SP-1" not in told


@pytest.mark.usefixtures("events")
def test_an_earlier_event(capsys: Capture) -> None:
    """The event asked for is certified; the price in effect on the day stands beside it."""
    assert run("--event", "SD-1") == 0
    told = lines(capsys)
    assert told["Conversion price as adjusted"] == "19.05"
    assert told["Computation"] == "20 × 7,000,000 / (7,000,000 + 350,000) ="  # and on the next line:
    assert "19.047619047619" in told.values()
    assert told["Conversion price in effect on 31 December 2004"] == "9.53"


@pytest.mark.usefixtures("events")
def test_workbook(tmp_path: Path, capsys: Capture) -> None:
    """As a workbook it is one sheet of figures and dates, as wide as its page, signed below."""
    assert run("--out", "certificate.xlsx") == 0
    assert capsys.readouterr().out.endswith("certificate.xlsx\n")
    book = load_workbook(tmp_path / "certificate.xlsx")
    sheet = book.active
    assert sheet is not None
    assert sheet.page_setup.fitToWidth == 1 and sheet.page_setup.orientation == "portrait"
    told = {row[0].value: row[3] for row in sheet["A1:H60"]}
    assert told["Conversion price as adjusted"].value == 9.53
    assert told["Effective date"].number_format == "d mmmm yyyy"
    assert [cell.value for cell in sheet["A"] if cell.value][-3:] == ["Signed", "Name and title", "Date"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["certificate.xlsx", "events.csv"]


@pytest.mark.usefixtures("events")
def test_text_and_markdown(tmp_path: Path, capsys: Capture) -> None:
    """A text is what would be printed; Markdown has its tables."""
    assert run() == 0
    printed = capsys.readouterr().out
    assert run("--out", "c.txt") == 0
    assert run("--out", "c.md") == 0
    assert (tmp_path / "c.txt").read_text(encoding="utf-8") == printed
    assert "| Conversion price as adjusted | 9.53 |" in (tmp_path / "c.md").read_text(encoding="utf-8").splitlines()


def refused(capsys: Capture, *more: str, **asked: str) -> str:
    """The error of a command that writes nothing."""
    there = sorted(Path.cwd().iterdir())
    assert run(*more, **asked) == 2
    told = capsys.readouterr()
    assert told.out == "" and sorted(Path.cwd().iterdir()) == there
    return told.err


@pytest.mark.usefixtures("events")
def test_errors(capsys: Capture) -> None:
    """Each names what is wrong, with exit code 2 and no file."""
    assert refused(capsys, "--out", "c.docx") == "xlcap: c.docx: a certificate is written as .xlsx, .txt, .md\n"
    assert refused(capsys, as_of="2003-08-01") == (
        "xlcap: --as-of: nothing changed the conversion price up to 2003-08-01; CONVERSION_STATEMENT states the price "
        "as it is\n"
    )
    assert refused(capsys, "--event", "SD-9") == "xlcap: --event: no event has the id 'SD-9'; did you mean 'SD-1'?\n"
    assert refused(capsys, as_of="tomorrow").startswith("xlcap: --as-of: a date is expected")
    assert "no certificate is called 'PRICEDUMB'" in refused(capsys, terms="PRICEDUMB")
    assert refused(capsys, "--prices", "gone.csv") == "xlcap: gone.csv: there is no such file\n"


def test_a_fault_of_the_events(events: Path, capsys: Capture) -> None:
    """A fault is placed at its row and column; a blank line above counts as a row."""
    events.write_text(EVENTS + "\nSP-2,split,2004-09-01,,,0\n", encoding="utf-8")
    assert refused(capsys).startswith("xlcap: events row 4, column 'ratio': must be above 0; found '0'")


@pytest.mark.usefixtures("events")
def test_a_file_that_is_there_stays(tmp_path: Path, capsys: Capture) -> None:
    """Where the certificate cannot be made the file that was there is not touched; a folder is no file."""
    (tmp_path / "c.xlsx").write_bytes(b"kept")
    refused(capsys, "--event", "SD-9", "--out", "c.xlsx")
    assert (tmp_path / "c.xlsx").read_bytes() == b"kept"
    (tmp_path / "folder.txt").mkdir()
    assert "is a folder" in refused(capsys, "--out", "folder.txt")


# -- Valuestar's and Patron's certificates


def test_each_tranche_has_its_own(events: Path, capsys: Capture) -> None:
    """Patron 3(g): 390,000 for 200,000 shares less 9,000 of expenses is 1.905 a share, and 1.91 to the cent."""
    table = "id,event,date,shares,cash,expenses\nCS-1,issue,2007-02-01,200000,390000,9000\n"
    events.write_text(table, encoding="utf-8")
    patron = ("--issue-date", "2006-10-16", "--initial-price", "2.40")
    assert run(*patron, terms="PATRON-B", as_of="2007-03-31") == 0
    told = lines(capsys)
    assert told["Shares issued on"] == "16 October 2006"
    assert told["Issue (CS-1)"].startswith("2007-02-01; shares 200,000; cash 390,000;")
    assert (told["Conversion price computed"], told["Conversion price as adjusted"]) == ("1.905", "1.91")
    assert told["Common for one share as adjusted"] == "2,617.8010471204"  # 5,000 / 1.91
    assert run("--issue-date", "2007-02-15", "--initial-price", "2.10", terms="PATRON-B", as_of="2007-03-31") == 2
    assert "nothing changed the conversion price" in capsys.readouterr().err


def test_other_property(events: Path, tmp_path: Path) -> None:
    """Patron 3(g)(iii): 3 dollars of notes on a share of Common, set aside for 5,000 / 2.40 = 2,083.33 of them."""
    events.write_text(
        "id,event,date,ratio,value,property,own_securities\n"
        "NT-1,distribution,2007-01-15,,3,Notes of the company,TRUE\nSP-1,split,2007-02-01,2,,,\n",
        encoding="utf-8",
    )
    patron = ("--issue-date", "2006-10-16", "--initial-price", "2.40", "--out", "c.md")
    assert run(*patron, terms="PATRON-B", as_of="2007-03-31") == 0
    told = (tmp_path / "c.md").read_text(encoding="utf-8")
    assert "## What a conversion delivers" in told
    notes = next(line for line in told.splitlines() if line.startswith("| Notes of the company |"))
    assert "| 6,250 | 3(e)(iii) |" in notes  # 3 x 2,083.33
    common = next(line for line in told.splitlines() if line.startswith("| Common | shares |"))
    assert "4,166.6666666667" in common  # 5,000 / 1.20


def test_counts_from_a_cap_table(events: Path, tmp_path: Path, capsys: Capture) -> None:
    """Valuestar D.8(i), D.9: 9,000,000 and 600,000 x 10 before, 1,000,000 new at 1.05: 1.75 x 15.6 / 16 = 1.70625."""
    table = "id,event,date,shares,cash\nCS-1,issue,2000-03-15,1000000,1050000\n"
    events.write_text(table, encoding="utf-8")
    (tmp_path / "cap.csv").write_text(
        "class,kind,shares,terms,conversion_price\nSeries B,preferred,600000,VALUESTAR-B,1.75\n"
        "Common,common,9000000,,\n",
        encoding="utf-8",
    )
    assert run("--cap-table", "cap.csv", terms="VALUESTAR-B", as_of="2000-03-31") == 0
    told = lines(capsys)
    assert told["Adjustment under"] == "D.8(i)"
    assert told["Conversion price as adjusted"] == "1.70625"
    assert told["Outstanding"] == "15,000,000"


def test_a_readjustment_computes(events: Path, tmp_path: Path) -> None:
    """Patron 3(e)(vi)C: the warrants at 1.95 expire; without them the 2% dividend cuts 2.40 to 2.3529..., 2.35."""
    events.write_text(
        "id,event,date,common_outstanding,shares,min_exercise,refers_to\n"
        "WT-1,deemed_issue,2007-01-22,,500000,975000,\nSD-1,stock_dividend,2007-02-01,1000000,20000,,\n"
        "WT-1X,expiry,2007-03-01,,,,WT-1\n",
        encoding="utf-8",
    )
    patron = ("--issue-date", "2006-10-16", "--initial-price", "2.40", "--out", "c.md")
    assert run(*patron, terms="PATRON-B", as_of="2007-03-31") == 0
    told = (tmp_path / "c.md").read_text(encoding="utf-8").splitlines()
    assert "| Conversion price as adjusted | 2.35 |" in told
    anew = next(line for line in told if line.startswith("| Computed anew: stock dividend (SD-1) |"))
    assert "2.4 × 1,000,000 / (1,000,000 + 20,000) = 2.352941176471" in anew
