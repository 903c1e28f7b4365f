"""Measure xlcap against the alternatives, side by side in one run: `python benchmarks/run.py`."""

from __future__ import annotations

import datetime as dt
import io
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from decimal import localcontext
from pathlib import Path

import binding
import openpyxl
import waterfall
from openpyxl.worksheet.table import Table
from timing import ROUNDS, line, side_by_side

from xlcap import functions
from xlcap.engine.capitalization import facts_of
from xlcap.engine.price import Timeline
from xlcap.events import Event, read_events
from xlcap.hosts import headless
from xlcap.numbers import CONTEXT
from xlcap.terms import load
from xlcap.workbook import Template

HERE = Path(__file__).parent
EVENTS = 200
ORDINARY = (
    "=A{r}*1.05",
    "=B{r}/Answers!$A$2",
    "=ROUND(C{r},2)",
    "=IF(D{r}>60,D{r},0)",
    "=SUM(A{r}:D{r})",
    "=F{r}-E{r}",
    "=MAX($A$1:A{r})",
    "=INDEX($A$1:$A$200,{r})",
    "=EDATE(as_of,{m})",
    '=A{r}&"-"&TEXT(B{r},"0.00")',
)


def events_table(count: int, shift: int = 0) -> list[list[object]]:
    """A long, mixed history: small stock dividends, rights and distributions, a split now and then."""
    rows: list[list[object]] = [
        [
            "event",
            "date",
            "ratio",
            "common_outstanding",
            "shares",
            "price",
            "closing_price",
            "value",
            "current_market_price",
        ]
    ]
    for n in range(count):
        day = dt.date(2003, 8, 1) + dt.timedelta(days=9 * n + shift)
        kind = ("stock_dividend", "rights", "distribution", "split")[n % 4 if n % 40 else 3]
        cells: dict[str, object] = {"event": kind, "date": day}
        if kind == "split":
            cells |= {"ratio": 1.01}
        elif kind == "distribution":
            cells |= {"value": 0.11 + n % 7 / 100, "current_market_price": 16}
        else:
            cells |= {"common_outstanding": 7_000_000 + 1000 * n, "shares": 40_000 + 250 * n}
            cells |= {"price": 12, "closing_price": 16} if kind == "rights" else {}
        rows.append([cells.get(str(name)) for name in rows[0]])
    return rows


def model() -> bytes:
    """A workbook of the size people have: 2,000 ordinary formulas, 20 of ours, an events and a price table."""
    book = openpyxl.Workbook()
    udf = book.active
    assert udf is not None
    udf.title = "Answers"
    events = book.create_sheet("Events")
    for row in events_table(12):
        events.append(row)
    events.add_table(Table(displayName="Events", ref=f"A1:I{events.max_row}"))
    prices = book.create_sheet("Prices")
    prices.append(["date", "close"])
    day = dt.date(2003, 6, 2)
    while prices.max_row < 300:
        if day.weekday() < 5:
            prices.append([day, 16 + prices.max_row % 17 / 10])
        day += dt.timedelta(days=1)
    prices.add_table(Table(displayName="Prices", ref=f"A1:B{prices.max_row}"))
    udf["A1"] = dt.date(2004, 6, 30)
    book.defined_names["as_of"] = openpyxl.workbook.defined_name.DefinedName("as_of", attr_text="Answers!$A$1")
    for n in range(18):
        udf.cell(row=n + 2, column=1, value=f'=CONVERSION_PRICE("PRICESMART-B",Events[#All],as_of-{n * 15})')
    udf["C2"] = '=CONVERSION_HISTORY("PRICESMART-B",Events[#All])'
    udf["A20"] = '=MARKET_PRICE("PRICESMART-B",Prices[#All],DATE(2004,6,30))'
    sheet = book.create_sheet("Model")
    for r in range(1, 201):
        sheet.cell(row=r, column=1, value=1000 + r)
        for c, formula in enumerate(ORDINARY, 2):
            sheet.cell(row=r, column=c, value=formula.format(r=r, m=r % 12))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def filling(folder: Path) -> None:
    """One filled workbook against openpyxl's load and save, and against a warm LibreOffice."""
    path = folder / "model.xlsx"
    path.write_bytes(model())
    template = Template.read(path)
    inputs = {"as_of": dt.date(2004, 7, 1)}
    filled = headless.fill(template, inputs)
    print(f"a workbook of {filled.formulas:,} formulas, {filled.spills} spilling, {len(filled.errors)} errors")

    def save_with_openpyxl() -> None:
        openpyxl.load_workbook(path).save(folder / "out.xlsx")

    openpyxl_ms, fill_ms, cold_ms = side_by_side(
        save_with_openpyxl,
        lambda: headless.fill(template, inputs),
        lambda: headless.fill(Template.read(path), inputs),
    )
    line("fill, template read once", fill_ms, "openpyxl load and save", openpyxl_ms)
    line("fill, template read each time", cold_ms, "openpyxl load and save", openpyxl_ms)
    office_ms = libreoffice_ms(path)
    if office_ms is not None:
        line("fill, template read once", fill_ms, "LibreOffice, warm", office_ms)
        line("fill, template read each time", cold_ms, "LibreOffice, warm", office_ms)


def libreoffice_ms(path: Path) -> float | None:
    """Load, recalculate and store by a LibreOffice that is already running, in milliseconds; None if there is none."""
    python = "/usr/bin/python3"
    if not shutil.which("soffice") or subprocess.run([python, "-c", "import uno"], capture_output=True).returncode:
        print("LibreOffice with its Python bridge is not installed: not compared")
        return None
    done = subprocess.run(
        [python, HERE / "libreoffice.py", path, str(ROUNDS)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        print(f"LibreOffice could not be measured: {done.stderr.strip().splitlines()[-1:]}")
        return None
    return statistics.median(map(float, done.stdout.split()))


def importing() -> None:
    """A fresh interpreter importing the functions against one importing pandas."""

    def fresh(statement: str) -> float:
        code = f"import time; t = time.perf_counter(); {statement}; print(time.perf_counter() - t)"
        # An installed package has its bytecode compiled; a setting that forbids writing it would only slow ours.
        env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        return float(subprocess.check_output([sys.executable, "-c", code], env=env)) * 1000

    fresh("import pandas, xlcap.functions")  # both compiled and in the file cache
    pairs = [(fresh("import xlcap.functions"), fresh("import pandas")) for _ in range(ROUNDS)]
    ours, theirs = (statistics.median(times) for times in zip(*pairs, strict=True))
    line("import xlcap.functions", ours, "import pandas", theirs)


def price() -> None:
    """A conversion price over 200 events, the table never seen before, against the budget."""
    tables = iter([events_table(EVENTS, shift) for shift in range(ROUNDS + 1)])
    last = dt.date(2003, 8, 1) + dt.timedelta(days=9 * EVENTS + 60)

    def ask() -> None:
        functions.call("CONVERSION_PRICE", ["PRICESMART-B", next(tables), last])

    line(f"a price over {EVENTS} events", side_by_side(ask)[0], "budget", 5.0)


def instruments_table(count: int, ending: int, shift: int) -> list[list[object]]:
    """Rounds and splits, and among them warrants, each of which is exercised in part and expires two months later."""
    head = ["event", "date", "id", "refers_to", "shares", "cash", "min_exercise", "ratio", "common_outstanding",
            "series_shares", "preferred_as_converted", "options_outstanding", "convertibles_outstanding"]  # fmt: skip
    outstanding = [10_000_000, 500_000, 1_000_000, 1_000_000, 0]
    first = dt.date(2000, 1, 3) + dt.timedelta(days=shift)

    def day(n: int) -> dt.date:
        return first + dt.timedelta(days=n)

    rows: list[list[object]] = [head]
    rounds = count - 3 * ending
    for n in range(rounds):
        if n % 5:
            rows.append(["issue", day(n), None, None, 10_000, 10_000 * (1.7 - n / 2000), None, None, *outstanding])
        else:
            rows.append(["split", day(n), None, None, None, None, None, 1.01 if n % 2 else 0.99])
    for n in range(ending):
        start, name = (n * rounds) // max(ending, 1), f"W{n}"
        rows.append(["deemed_issue", day(start), name, None, 1000, 10, 1000 * (1.7 - start / 2000), None, *outstanding])
        rows.append(["exercise", day(start + 20), None, name, 1, 1])
        rows.append(["expiry", day(start + 60), None, name])
    return [row + [None] * (len(head) - len(row)) for row in rows]


def histories() -> None:
    """A price told over 1,000 events, never told before, against the budget; and asked for by a cell, table and all."""
    terms = load("VALUESTAR-B")
    for ending in (0, 20, 100):
        tables = [instruments_table(1000, ending, shift) for shift in range(ROUNDS + 1)]
        unread, read = iter(tables), iter([read_events(table) for table in tables])

        def told(events: Iterator[tuple[Event, ...]] = read) -> None:
            with localcontext(CONTEXT):
                Timeline(facts_of(terms, next(events))).steps()

        def asked(unread: Iterator[list[list[object]]] = unread) -> None:
            functions.call("CONVERSION_PRICE", ["VALUESTAR-B", next(unread), "2010-01-01"])

        told_ms, asked_ms = side_by_side(told, asked)
        line(f"1,000 events, {ending} warrants end", told_ms, "budget of the replay", 50.0)
        line("   the same, from the table", asked_ms, "budget of the replay", 50.0)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as work:
        filling(Path(work))
    importing()
    price()
    histories()
    binding.measure()
    waterfall.measure()
