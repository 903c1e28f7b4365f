"""The columns of the rows matched with the template's inputs: nothing is ignored, nothing is left open unsaid."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from xlcap.batch.names import Pattern
from xlcap.batch.rows import Rows
from xlcap.batch.tables import TableFile
from xlcap.cells import is_blank
from xlcap.errors import XlcapError, nearest
from xlcap.tables import header_name
from xlcap.workbook import Input, Template


def inputs_of(
    template: Template, rows: Rows, pattern: Pattern, tables: Sequence[TableFile]
) -> dict[str, tuple[str, Input]]:
    """The template's input for each column that is one.

    Nothing in the file is ignored, and nothing in the template is left open.
    """
    known = {header_name(name): given for name, given in template.inputs.items()}
    spelled = {header_name(column): column for column in rows.columns}
    for column in pattern.columns:
        if column not in spelled:
            raise XlcapError(
                f"the output is named after column '{column}', which is not there; there are {', '.join(rows.columns)}",
                where=rows.label,
            )
    for table in tables:
        if table.row_column and table.row_column not in rows:
            raise XlcapError(
                f"the rows of the table '{table.table}' are chosen by column '{table.row_column}', which is not there; "
                f"there are {', '.join(rows.columns)}",
                where=rows.label,
            )
    used = {*pattern.columns, *(header_name(table.row_column) for table in tables if table.row_column)}
    for name, column in spelled.items():
        if name not in known and name not in used:
            raise XlcapError(
                f"column '{column}' is not an input of {template.path.name}{_why(template, name)}, "
                f"and --name does not use it; {_hint(name, known)}",
                where=rows.label,
            )
    for name, given in known.items():
        if name not in spelled and _unfilled(given.value):
            held = f'says "{given.value}"' if given.value else "is blank"
            raise XlcapError(
                f"the input '{given.name}' is missing: {given.sheet}!{given.cell} of {template.path.name} {held}, "
                f"and no column '{given.name}' fills it",
                where=rows.label,
            )
    return {name: (spelled[name], known[name]) for name in spelled if name in known}


def _why(template: Template, column: str) -> str:
    """Why a name that the template has takes no value."""
    return next((f" ({template.no_input(name)})" for name in template.names if header_name(name) == column), "")


def _hint(column: str, known: Mapping[str, Input]) -> str:
    close = nearest(column, known)
    if close:
        return f"did you mean '{known[close].name}'?"
    return f"its inputs are {', '.join(given.name for given in known.values())}" if known else "it has no inputs"


def blanks(template: Template, rows: Rows, inputs: Mapping[str, tuple[str, Input]]) -> Iterator[str]:
    """The inputs that some rows leave blank and the template too: a formula takes them for 0."""
    for name, (column, given) in inputs.items():
        count = sum(name not in row.values for row in rows)
        if count and _unfilled(given.value):
            held = f', and {template.path.name} says "{given.value}"' if given.value else ", and in the template"
            yield f"{rows.label}: {column} is blank in {count} {'row' if count == 1 else 'rows'}{held}"


def _unfilled(value: object) -> bool:
    """Whether the template leaves a cell to be filled: blank, or a date as a draft has it, "July __, 2003"."""
    return is_blank(value) or (isinstance(value, str) and "__" in value)


def kind_of(given: Input) -> str:
    """What an input takes; a date still open, "July __, 2003", is text in the template and a date once filled in."""
    return "any" if given.kind == "text" and given.number_format != "@" and _unfilled(given.value) else given.kind
