"""The waterfall model and its sample reports, right by hand; companies and figures are invented.

Alderpoint: costs 1.5 million, a loan of 4, a note of 2.2, a plan of 8% of 25 million and 4% of the next 25; Series C
16, B 2 million shares at 5 + 1.2, A 5 and a share up to 10; 7 million Common, options of 0.8 million at 0.5 and 0.6 at
3.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
from filled import Filled, Made

from xlcap.batch import TableFile, fill
from xlcap.batch.demo import Demo, demo

HIGH, LOW, SEED = "Alderpoint at 75 million", "Alderpoint at 30 million", "Lowfield at 15 million"
SHARED = 75 - 1.5 - 4 - 2.2 - 3 - 16 - 12.4 - 10 + 0.8 * 0.5 + 0.6 * 3
"""Millions the Common and the options share at 75: what the plan gets is 2 of 25, and 1 of 25."""


@pytest.fixture(scope="module")
def sample() -> Demo:
    """What the demo fills."""
    return demo(sample="waterfall")


@pytest.fixture(scope="module")
def reports(made: Made) -> dict[str, Filled]:
    """The reports by name."""
    return {path.stem: Filled(path) for path in made("waterfall")[1].iterdir()}


def by_name(report: Filled, sheet: str, area: str) -> dict[Any, list[Any]]:
    """The rows of an area by what stands first."""
    return {row[0]: row[1:] for row in report.rows(sheet, area)}


def test_one_exit_by_class(reports: dict[str, Filled]) -> None:
    """At 75 million Series A is at its cap of twice 5, all others are paid what they are owed, the Common the rest."""
    told = by_name(reports[HIGH], "Summary", "C7:G20")
    share = SHARED / (7 + 0.8 + 0.6)  # 3.345238
    assert {name: row[0] for name, row in told.items()} == {
        "Common": pytest.approx(7e6 * share, abs=0.01),
        "Options 2019": pytest.approx(8e5 * (share - 0.5), abs=0.01),
        "Options 2023": pytest.approx(6e5 * (share - 3), abs=0.01),
        "Series A": 10_000_000,
        "Series B": 12_400_000,
        "Series C": 16_000_000,
        "Warrant": 0,
        "Note 2025": 2_200_000,
        "Bank loan": 4_000_000,
        "Adviser fees": 1_500_000,
        "Retention plan": 3_000_000,
    }
    # Series A converts where a share is worth 4: 39.1 million, less 2.2 of strikes, and 10.9 million shares
    assert told["Series A"][1:] == [pytest.approx(10 / 75), 4, 80_500_000]


def test_by_holder(reports: dict[str, Filled]) -> None:
    """Quill Capital holds a quarter of Series C, 4 million, and the note; who has no holder goes by the class."""
    told = by_name(reports[HIGH], "Summary", "I29:J42")
    assert told["Quill Capital"] == [6_200_000]
    assert told["Northgate Ventures"] == [13_100_000]  # 10, and 0.5 million shares at 6.20
    assert told["Adviser fees"] == [1_500_000]
    assert sum(row[0] for row in told.values()) == pytest.approx(75_000_000, abs=0.001)


def test_one_exit_in_detail(reports: dict[str, Filled]) -> None:
    """What each row is owed, shares in, converts above, gets, and why; a shortfall is shared within its rank."""
    row = by_name(reports[HIGH], "Exit", "B17:K38")["Series A: Northgate Ventures"]
    assert row[:8] == [5_000_000, 5_000_000, "no", 80_500_000, 10_000_000, 4, 2, pytest.approx(10 / 75)]
    assert "up to the cap of 10,000,000" in row[8]
    # 30 - 1.5 - 4 - 2.2 - 8% of 24.5 - 16 = 4.34, a quarter and three quarters of it
    low = by_name(reports[LOW], "Exit", "B17:K38")
    assert low["Series B: Northgate Ventures"][4] == 1_085_000
    assert low["Series B: Calder Growth"][4] == 3_255_000
    assert low["Retention plan"][4] == 1_960_000
    assert low["Common: Ines Calloway"][4] == 0


def test_the_exit_that_pays_an_amount(reports: dict[str, Filled]) -> None:
    """Northgate has 20 million where its 3 million shares as converted are worth 20/3 each: all but Series C converted.

    The note converts into 2.2 million / (60 million / 14.6 million shares).
    """
    shares = 7 + 0.8 + 0.6 + 2.5 + 2 + 2.2 * 14.6 / 60
    exit_ = 1.5 + 4 + 3 + 16 - 0.4 - 1.8 + shares * 20 / 3
    assert reports[HIGH]["payee_exit"] == pytest.approx(exit_ * 1e6)


def test_payments(reports: dict[str, Filled]) -> None:
    """The escrow brings what 69.5 million pay more than 62 million; over all payments each has what the whole pays."""
    told = by_name(reports[HIGH], "Payments", "B14:I38")
    assert told["Payment"][:4] == ["Closing", "Escrow, after 18 months", "Earn-out", "Total"]
    # of what goes beyond 55.5 million, Series A has 2.5 of 10.3 million shares, until it is at its cap
    closing = 5 + 2.5 * (62 - 1.5 - 4 - 2.2 - 3 - 16 - 12.4 - 5 + 0.4) / 10.3
    series_a = [pytest.approx(x * 1e6, abs=0.01) for x in (closing, 10 - closing, 0, 10)]
    assert told["Series A: Northgate Ventures"][:4] == series_a
    assert told["Retention plan"][:4] == [3_000_000, 0, 0, 3_000_000]


def test_a_payment_that_lowers_what_was_paid(sample: Demo, tmp_path: Path) -> None:
    """Across the exit at which Seed and the SAFEs convert the Common falls, and the sheet says who gives back.

    12.1 million bring the Common 8/9 of what is beyond 0.3 + 2 + 0.5 for Firstlight's SAFE, and what Ada's converts
    into, 3.125% of all; at 12.3 all convert: 8/11 of 91.875% of 12.1.
    """
    payments = tmp_path / "payments.csv"
    payments.write_text(f"report,Payment,Amount\n{SEED},Closing,12100000\n{SEED},Release,200000\n", encoding="utf-8")
    report = filled(sample, tmp_path, CapTable=sample.folder / "cap_table.csv:company", Payments=f"{payments}:report")
    common = by_name(report, "Payments", "B14:I38")["Common: Mara Ellery"]
    before = 4.5 / 9 * (12.1 - 0.3 - 2.5 + 0.1) * (1 - 0.03125)
    after = 4.5 / 11 * (12.3 - 0.3 + 0.1) * (1 - 0.08125)
    assert common[:3] == [pytest.approx(x * 1e6, abs=0.01) for x in (before, after - before, after)]
    assert after < before
    heading, note = report.rows("Payments", "B40:I46")
    assert heading[0] == "Payments that lower what was paid before"
    assert note[0] == "Release" and "Common: Mara Ellery" in note[1]


def test_payouts_across_exits(reports: dict[str, Filled]) -> None:
    """Eleven exits in columns; each adds up; per share, classes that have converted get the same."""
    rows = reports[HIGH].rows("Payouts", "C5:N19")
    assert rows[0] == ["Class", *range(0, 200_000_001, 20_000_000)]
    for i, exit_ in enumerate(rows[0][1:], 1):
        assert sum(row[i] for row in rows[1:]) == pytest.approx(exit_, abs=0.001)
    share = by_name(reports[HIGH], "Payouts", "C39:N53")
    # at 200 million: less 1.5, 4 and 3; strikes of 0.4, 1.8 and 1 for the warrant; 15.135333 million shares
    each = (200 - 8.5 + 3.2) / (7 + 1.4 + 2.5 + 2 + 1.6 + 0.1 + 2.2 * 14.6 / 60)
    assert [share[name][-1] for name in ("Common", "Series A", "Series C")] == [pytest.approx(each, abs=1e-6)] * 3
    assert share["Options 2023"][-1] == pytest.approx(each - 3, abs=1e-6)
    assert share["Bank loan"] == [None] * 11


def test_breakpoints(reports: dict[str, Filled]) -> None:
    """Where Series A reaches its cap a share is worth 2; from there the Common and the first options share alone."""
    report = reports[HIGH]
    why = {row[1]: row[2] for row in report.rows("Breakpoints", "B6:D25")}
    split = {row[1]: row[2:] for row in report.rows("Breakpoints", "B28:Q47")}
    assert [*why] == [*split] and len(why) == 16
    capped = 39.1e6 + 10e6 + 2 * 7.8e6 - 0.4e6  # 64.3 million
    assert "reached its cap of 10,000,000" in why[capped]
    assert "next dollar" not in " ".join(why.values())
    assert split[capped][:4] == [pytest.approx(7 / 7.8), pytest.approx(0.8 / 7.8), 0, 0]
    assert split[30_500_000][4] == pytest.approx(0.96) and split[30_500_000][10] == pytest.approx(0.04)


def test_sensitivity(reports: dict[str, Filled]) -> None:
    """A cap of three times: at 100 million Series A has 15, and it converts where a share is worth 6.

    There the note has converted: 1.5 + 4 + 3 + 16 + 12.4, less 2.2 of strikes, and 11.435333 million shares at 6.
    """
    told = by_name(reports[HIGH], "Sensitivity", "B22:H34")
    at = told["Exit"].index("Cap multiple 3")
    assert told[100_000_000][at] == 15_000_000
    above = 36.9 - 2.2 + 6 * (7 + 1.4 + 2.5 + 2.2 * 14.6 / 60)
    assert told["Converts, or is exercised, above"][at] == pytest.approx(above * 1e6)
    assert all(row[0] == row[2] for name, row in told.items() if name != "Exit")  # as it is: twice
    # a preference of twice 16 for Series C leaves Series B nothing at 40 million; of half of it, all it is owed
    low = by_name(reports[LOW], "Sensitivity", "B22:H34")
    assert (low[40_000_000][1], low[40_000_000][4]) == (12_400_000, 0)


def test_a_cap_table_of_another_company(reports: dict[str, Filled]) -> None:
    """Seven rows: at 15 million all convert, and the SAFEs have 5% and 3.125% of what is shared."""
    told = by_name(reports[SEED], "Exit", "B17:K38")
    assert len(told) == 7
    shared = 15 - 0.3 + 0.1  # the options pay 0.1
    assert told["SAFE: Firstlight Fund"][4] == pytest.approx(0.05 * shared * 1e6)
    assert told["SAFE: Ada Quist"][4] == pytest.approx(0.03125 * shared * 1e6)
    assert told["Seed: Firstlight Fund"][4] == pytest.approx(2 / 11 * 0.91875 * shared * 1e6, abs=0.01)
    assert [row[1] for row in reports[SEED].rows("Summary", "B7:G20")] == [
        "Common", "Options", "Seed", "SAFE", "Closing costs"
    ]  # fmt: skip


def test_a_table_longer_than_the_sheets(sample: Demo, tmp_path: Path) -> None:
    """Thirty rows are worked out, and the Summary says that the sheets do not show them all."""
    with (sample.folder / "cap_table.csv").open(encoding="utf-8", newline="") as opened:
        header, *rows = csv.reader(opened)
    seed = [row for row in rows if row[0] == "Lowfield Robotics"]
    angels = [["Lowfield Robotics", "Common", f"Angel {i}", "common", "1000", *[""] * 13] for i in range(23)]
    table = tmp_path / "cap_table.csv"
    with table.open("w", encoding="utf-8", newline="") as opened:
        csv.writer(opened).writerows([header, *seed, *angels])
    payments = f"{sample.folder / 'payments.csv'}:report"
    report = filled(sample, tmp_path, CapTable=f"{table}:company", Payments=payments)
    checks = by_name(report, "Summary", "I16:J25")
    assert checks.pop("All rows, classes, holders and breakpoints are shown") == ["no"]
    assert checks.pop("All checks hold") == ["no"]
    assert [row for row in checks.values() if row != ["yes"] and row != [None]] == []
    assert len(report.rows("Exit", "B17:K38")) == 22


def test_a_term_that_cannot_be_varied(sample: Demo, tmp_path: Path) -> None:
    """Seed does not share after its preference, so it has no cap: the table is empty, and the Summary says so."""
    report = filled(sample, tmp_path, {"vary_term": "Cap multiple"})
    checks = by_name(report, "Summary", "I16:J25")
    assert [name for name, row in checks.items() if row == ["no"]] == [
        "Every scenario can be worked out", "All checks hold"
    ]  # fmt: skip
    told = by_name(report, "Sensitivity", "B22:H34")
    assert told[15_000_000] == [pytest.approx(8 / 11 * 0.91875 * 14.8e6, abs=0.01), *[None] * 5]


def filled(sample: Demo, folder: Path, inputs: dict[str, str] | None = None, **tables: object) -> Filled:
    """The report on Lowfield with other inputs or tables."""
    with sample.rows.open(encoding="utf-8", newline="") as opened:
        rows = [{**row, **(inputs or {})} for row in csv.DictReader(opened) if row["report"] == SEED]
    chosen = folder / "rows.csv"
    with chosen.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.DictWriter(opened, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    chosen_tables = [f"{name}={source}" for name, source in tables.items()] or sample.tables
    files = [TableFile.parse(table) for table in chosen_tables]
    report = fill(sample.template, chosen, folder / "out", tables=files, name=sample.name)
    assert [outcome.status for outcome in report.outcomes] == ["written"], report.outcomes
    return Filled(folder / "out" / f"{SEED}.xlsx")
