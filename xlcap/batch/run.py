"""From a template, rows and tables to workbooks: everything that can be checked first is checked before writing."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from xlcap.batch.columns import blanks, inputs_of, kind_of
from xlcap.batch.names import Pattern, clashes
from xlcap.batch.report import Fault, Outcome, Report
from xlcap.batch.rows import Row, Rows, from_frame, read
from xlcap.batch.tables import Filling, TableFile, TableRow, match
from xlcap.batch.values import read_as
from xlcap.errors import XlcapError
from xlcap.hosts import headless
from xlcap.workbook import Input, Scalar, Template, save

if TYPE_CHECKING:
    import pandas


@dataclass(frozen=True)
class Order:
    """One workbook to be made, its values checked; or the reasons why it cannot be."""

    row: int
    output: Path | None
    inputs: Mapping[str, Scalar]
    tables: Mapping[str, Sequence[TableRow]]
    faults: tuple[Fault, ...]


@dataclass(frozen=True)
class Batch:
    """The workbooks to be made: nothing is written before ``run``."""

    template: Template
    rows: Rows
    orders: tuple[Order, ...]
    notes: tuple[str, ...]
    overwrite: bool

    def run(self) -> Iterator[Outcome]:
        """Make the workbooks one by one, each written beside its target and moved into place."""
        return (_make(self.template, order, self.overwrite) for order in self.orders)

    def report(self, outcomes: Sequence[Outcome]) -> Report:
        """The report on the workbooks made; fewer than were planned means an interruption."""
        interrupted = len(outcomes) < len(self.orders)
        return Report(str(self.template.path), self.rows.label, tuple(outcomes), self.notes, interrupted)


def fill(
    template: Template | str | Path,
    rows: Rows | pandas.DataFrame | str | Path,
    out: str | Path,
    *,
    tables: Sequence[TableFile] = (),
    name: str | None = None,
    overwrite: bool = True,
) -> Report:
    """Fill a template once for each row, and write the workbooks into the folder ``out``.

    ``rows`` is a file or a DataFrame whose columns are the template's input names. A blank leaves what the template
    holds. Raises XlcapError, and writes nothing, if the template, the columns, a table's file or the output names are
    at fault; what is wrong with a single row is in the report, and the other rows are done.
    """
    batch = plan(template, rows, out, tables=tables, name=name, overwrite=overwrite)
    return batch.report(tuple(batch.run()))


def plan(
    template: Template | str | Path,
    rows: Rows | pandas.DataFrame | str | Path,
    out: str | Path,
    *,
    tables: Sequence[TableFile] = (),
    name: str | None = None,
    overwrite: bool = True,
) -> Batch:
    """What ``fill`` would do, checked, with nothing written but the folder made."""
    template = template if isinstance(template, Template) else Template.read(template)
    if not isinstance(rows, Rows):
        rows = read(rows) if isinstance(rows, str | Path) else from_frame(rows)
    if not rows.rows:
        raise XlcapError("holds no rows, so there is nothing to make", where=rows.label)
    _refuse_unsupported(template)
    fillings = [match(template, table) for table in tables]
    _check_once([filling.table.name for filling in fillings])
    pattern = Pattern(name if name is not None else f"{{{rows.columns[0]}}}", template.path.suffix)
    inputs = inputs_of(template, rows, pattern, tables)
    orders = tuple(_order(row, rows, inputs, fillings, pattern, Path(out)) for row in rows)
    _check_outputs(orders, rows, [template.path, rows.path, *(table.rows.path for table in tables)])
    _make_folder(Path(out))
    notes = [*blanks(template, rows, inputs), *(note for filling in fillings for note in _keys(filling, rows))]
    return Batch(template, rows, orders, tuple(notes), overwrite)


def _refuse_unsupported(template: Template) -> None:
    refused = headless.unsupported(template)
    if refused:
        raise XlcapError(
            "holds formulas that cannot be calculated without Excel: " + "; ".join(map(str, refused[:10])),
            where=str(template.path),
        )


def _check_once(names: Sequence[str]) -> None:
    for i, table in enumerate(names):
        if table in names[:i]:
            raise XlcapError(f"the table '{table}' is filled twice; give one file for it", where="--table")


def _make_folder(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise XlcapError("is a file; the workbooks need a folder", where=str(out)) from None
    except OSError as error:
        raise XlcapError(f"the folder cannot be made: {error.strerror or error}", where=str(out)) from None


def _order(
    row: Row,
    rows: Rows,
    inputs: Mapping[str, tuple[str, Input]],
    fillings: Sequence[Filling],
    pattern: Pattern,
    folder: Path,
) -> Order:
    faults = [Fault(row.fault, where=rows.place(row))] if row.fault else []
    output = None
    try:
        output = folder / pattern.name(row.values)
    except XlcapError as error:
        faults.append(Fault.of(error.at(rows.place(row))))
    values: dict[str, Scalar] = {}
    for name, (column, given) in inputs.items():
        if name in row.values:
            try:
                values[given.name] = read_as(kind_of(given), row.values[name])
            except XlcapError as error:
                faults.append(Fault.of(error.at(rows.place(row, column))))
    tables: dict[str, Sequence[TableRow]] = {}
    for filling in fillings:
        try:
            tables[filling.table.name] = filling.rows_for(row, rows)
        except XlcapError as error:
            faults.append(Fault.of(error))
    return Order(row.number, output, values, tables, tuple(faults))


def _check_outputs(orders: Sequence[Order], rows: Rows, read: Sequence[Path | None]) -> None:
    named = [(order.row, order.output.name) for order in orders if order.output]
    for name, numbers in clashes(named):
        raise XlcapError(
            f"rows {', '.join(map(str, numbers))} would all be written to '{name}'; nothing was written. "
            "Use --name with columns that tell them apart",
            where=rows.label,
        )
    sources = {path.resolve() for path in read if path}
    for order in orders:
        if order.output and order.output.resolve() in sources:
            raise XlcapError(
                f"row {order.row} would be written over a file it is made from; choose another folder or name",
                where=str(order.output),
            )


def _keys(filling: Filling, rows: Rows) -> Iterator[str]:
    """Rows of a table's file that belong to no report, and reports to which none belong."""
    table, key = filling.source.rows.label, filling.source.key
    unused, without = filling.unused(rows), filling.without(rows)
    if unused:
        yield f"{table}: no report asked for the rows with {key} {_few(unused)}"
    if without:
        yield f"{table}: no rows have {key} = {_few(without)}"


def _few(keys: Sequence[str]) -> str:
    return ", ".join(keys[:5]) + (", ..." if len(keys) > 5 else "")


def _make(template: Template, order: Order, overwrite: bool) -> Outcome:
    """One workbook, made and written; what goes wrong is in the outcome."""
    begun = time.perf_counter()
    output = str(order.output) if order.output else None
    try:
        if order.faults or order.output is None:
            return Outcome(order.row, output, "failed", errors=order.faults)
        if not overwrite and order.output.exists():
            raise XlcapError("is there already, and --no-overwrite was given", where=str(order.output))
        filled = headless.fill(template, inputs=order.inputs, tables=order.tables)
        save(order.output, filled.data)
    except XlcapError as error:
        return Outcome(order.row, output, "failed", seconds=time.perf_counter() - begun, errors=(Fault.of(error),))
    except Exception as bug:  # a fault of ours in one workbook must not cost the others
        logging.getLogger("xlcap").debug("row %s", order.row, exc_info=True)
        fault = Fault(f"this is a bug in xlcap ({type(bug).__name__}: {bug}); --debug shows where", where=output)
        return Outcome(order.row, output, "failed", seconds=time.perf_counter() - begun, errors=(fault,))
    errors = tuple(
        Fault(e.message, e.code, f"{e.sheet}!{e.cell}", e.sheet, e.cell, e.formula, e.cause) for e in filled.errors
    )
    return Outcome(
        order.row,
        output,
        "written_with_errors" if errors else "written",
        filled.cells,
        filled.formulas,
        {name: len(rows) for name, rows in order.tables.items()},
        time.perf_counter() - begun,
        errors,
        filled.notes,
    )
