"""The formula engine (formualizer) behind an interface of our own: load, set, evaluate, value, spill.

The engine reads a workbook of our making that holds values and formulas and nothing else: no style (a date is its
number, as in Excel), no cached value (a cached spill would block itself), no table or array (both are ours to
translate).
"""

from __future__ import annotations

import datetime as dt
import io
import signal
import threading
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from html import escape
from typing import Any

import formualizer as fz

from xlcap.workbook import ErrorCode, WorkbookError
from xlcap.workbook.cells import MAX_COLUMN, Address, Area, a1, quoted

EngineValue = float | str | bool | ErrorCode | None

_CODES = {
    "Div": "#DIV/0!", "Na": "#N/A", "Name": "#NAME?", "Value": "#VALUE!", "Ref": "#REF!", "Num": "#NUM!",
    "Null": "#NULL!", "Spill": "#SPILL!", "Calc": "#CALC!",
}  # fmt: skip
_KINDS = {code: kind for kind, code in _CODES.items()}


def as_error(code: str) -> dict[str, str]:
    """An error as a function gives it to the engine."""
    return {"type": "Error", "kind": _KINDS.get(code, "Value")}


def error_code(value: object) -> str | None:
    """The Excel error an engine value is, the engine's own kinds ("Circ", "NImpl") as they are; ``None`` if it is
    none.
    """
    if isinstance(value, dict) and value.get("type") == "Error":
        kind = str(value.get("kind"))
        return _CODES.get(kind, kind)
    return None


class Engine:
    """One workbook being evaluated. Load afresh for each output: a reused one does not notice a newly blocked spill."""

    def __init__(self, book: bytes, *, date1904: bool, functions: Mapping[str, Callable[..., object]]) -> None:
        config = fz.EvaluationConfig()
        config.date_system = "1904" if date1904 else "1900"
        # A worksheet is too small to be worth the threads: on two cores they cost as much as they save.
        config.enable_parallel = False
        try:
            self._book: Any = fz.Workbook.from_bytes(book, config=fz.WorkbookConfig(eval_config=config))
        except Exception as error:  # the engine raises many types, none of them documented
            raise WorkbookError(f"the formula engine cannot load the workbook: {error}") from None
        self._book.set_temporal_egress("serial")
        self.value: Callable[[str, int, int], Any] = self._book.get_value
        """A cell's value as the engine gives it, by sheet, row and column; see :func:`error_code`."""
        self._raised: BaseException | None = None
        for name, function in functions.items():
            self._book.register_function(name, self._keeping(function))

    def table(self, name: str, sheet: str, area: Area, columns: Sequence[str], *, header: bool, totals: bool) -> None:
        """Define a table, for text that names it (``INDIRECT``)."""
        box = (area.top, area.left, area.bottom, area.right)
        self._book.add_table(name, sheet, box, list(columns), header_row=header, totals_row=totals)

    def set(self, sheet: str, cells: Mapping[Address, float | str | bool | None]) -> None:
        """Put values in cells; text stays text, whatever it begins with."""
        # A column at a time: cell by cell, a table of thousands of rows would take longer to hand over than to compute.
        run: list[list[Any]] = []
        start = last = (0, 0)
        for place in sorted(cells, key=lambda p: (p[1], p[0])):
            if run and place != (last[0] + 1, last[1]):
                self._book.set_values_batch(sheet, *start, run)
                run = []
            if not run:
                start = place
            value = cells[place]
            run.append([fz.LiteralValue.text(value) if isinstance(value, str) else value])
            last = place
        if run:
            self._book.set_values_batch(sheet, *start, run)

    def formula(self, sheet: str, row: int, column: int, text: str) -> None:
        """Put a formula in a cell."""
        try:
            self._book.set_formula(sheet, row, column, "=" + text)
        except Exception as error:  # as above
            raise WorkbookError(
                f"the formula engine cannot read ={text}: {error}", where=f"{sheet}!{a1(row, column)}"
            ) from None

    def evaluate(self) -> None:
        """Compute every formula. The clock is the computer's own, read once."""
        self._book.set_deterministic_clock(dt.datetime.now().replace(tzinfo=dt.UTC))
        try:
            with self._interruptible():
                self._book.evaluate_all()
        except Exception as error:  # as above
            if self._raised is None:
                raise WorkbookError(f"the formula engine stopped: {error}") from None
        if self._raised is not None:
            raise self._raised

    def _keeping(self, function: Callable[..., object]) -> Callable[..., object]:
        """The function, with what it raises kept: the engine would take an interruption for ``#VALUE!``."""

        def kept(*given: object) -> object:
            if self._raised is not None:  # nothing more is wanted
                return as_error("#VALUE!")
            try:
                return function(*given)
            except BaseException as error:
                self._raised = error
                raise

        return kept

    @contextmanager
    def _interruptible(self) -> Iterator[None]:
        """Keep Ctrl-C too, which Python may raise before a function has begun; another's own handler is left alone."""
        ours = (
            threading.current_thread() is threading.main_thread()
            and signal.getsignal(signal.SIGINT) is signal.default_int_handler
        )

        def interrupt(*_: object) -> None:
            self._raised = KeyboardInterrupt()
            raise self._raised

        if ours:
            signal.signal(signal.SIGINT, interrupt)
        try:
            yield
        finally:
            if ours:
                signal.signal(signal.SIGINT, signal.default_int_handler)

    def spill(self, sheet: str, row: int, column: int) -> Area:
        """The cells the formula in a cell fills."""
        role = self._book.inspect_cell(f"{quoted(sheet)}!{a1(row, column)}", include_values=False).cell.spill
        own = Area(row, column, row, column)
        if role is None or role.extent is None:
            return own
        area = Area.parse(role.extent.rpartition("!")[2])
        return area if (area.top, area.left) == (row, column) else own

    def size(self, sheet: str, row: int, text: str) -> tuple[int, int] | None:
        """The rows and columns of a formula's answer, whether or not it can spill, asked where nothing stands."""
        sizes = []
        for column, count in ((MAX_COLUMN - 1, "ROWS"), (MAX_COLUMN, "COLUMNS")):
            self.formula(sheet, row, column, f"{count}({text})")
            self.evaluate()
            sizes.append(self.value(sheet, row, column))
        tall, wide = sizes
        return (int(tall), int(wide)) if isinstance(tall, float) and isinstance(wide, float) else None


def unreadable(text: str) -> str | None:
    """Why the engine cannot read a formula at all; ``None`` if it can."""
    try:
        fz.parse(f"={text}")
    except Exception as error:  # as above
        deep = "height limit" in str(error) or "nesting" in str(error)
        return "more terms or levels than the engine reads: divide it among cells" if deep else "it is no whole formula"
    return None


@lru_cache(maxsize=512)
def unknown(names: frozenset[str]) -> frozenset[str]:
    """Those of the function names that the engine does not know, by its own word."""
    book: Any = fz.Workbook()
    book.add_sheet("S")
    ordered = sorted(names)
    refused = set()
    for row, name in enumerate(ordered, 1):
        try:
            book.set_formula("S", row, 1, f"={name}()")
        except Exception:  # not even a name to the engine
            refused.add(name)
    book.evaluate_all()
    return frozenset(
        refused | {name for row, name in enumerate(ordered, 1) if error_code(book.get_value("S", row, 1)) in _UNKNOWN}
    )


_UNKNOWN = ("#NAME?", "NImpl")

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def book(sheets: Mapping[str, bytes], names: Iterable[tuple[str, str, int | None]], *, date1904: bool) -> bytes:
    """The bytes of a workbook for the engine, from each sheet's rows and the defined names (name, text, sheet
    index).
    """
    count = range(1, len(sheets) + 1)
    defined = "".join(
        f'<definedName name="{escape(name)}"' + (f' localSheetId="{sheet}"' if sheet is not None else "")
        + f">{escape(text, quote=False)}</definedName>"
        for name, text, sheet in names
    )  # fmt: skip
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(
            "[Content_Types].xml",
            f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Default Extension="xml" ContentType="application/xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
            + "".join(
                f'<Override PartName="/xl/worksheets/sheet{i}.xml" ContentType="{_TYPE}.worksheet+xml"/>' for i in count
            )
            + "</Types>",
        )
        archive.writestr(
            "_rels/.rels",
            f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
            f'Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        )
        archive.writestr(
            "xl/workbook.xml",
            f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">'
            + ('<workbookPr date1904="1"/>' if date1904 else "")
            + "<sheets>"
            + "".join(f'<sheet name="{escape(name)}" sheetId="{i}" r:id="rId{i}"/>' for i, name in enumerate(sheets, 1))
            + "</sheets>"
            + (f"<definedNames>{defined}</definedNames>" if defined else "")
            + "</workbook>",
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">'
            + "".join(
                f'<Relationship Id="rId{i}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{i}.xml"/>'
                for i in count
            )
            + "</Relationships>",
        )
        for i, rows in enumerate(sheets.values(), 1):
            archive.writestr(
                f"xl/worksheets/sheet{i}.xml",
                _HEAD.encode()
                + b'<worksheet xmlns="%b"><sheetData>%b</sheetData></worksheet>' % (_MAIN.encode(), rows),
            )
    return out.getvalue()
