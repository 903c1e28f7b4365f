"""``xlcap check``: what a workbook asks of our functions, and what is wrong with how it asks."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from glob import glob
from pathlib import Path
from typing import NamedTuple

from xlcap import functions
from xlcap.errors import XlcapError
from xlcap.hosts.engine import unknown
from xlcap.hosts.headless import unsupported
from xlcap.hosts.libreoffice.cells import blanks_unlike_zero
from xlcap.hosts.unsupported import close, examined
from xlcap.workbook import Area, Template
from xlcap.workbook.cells import Address, address
from xlcap.workbook.forms import Form, form_of, link_of
from xlcap.workbook.formulas import arguments, canonical, shape, tokens
from xlcap.workbook.links import ADDIN, Link, links, to_addin
from xlcap.workbook.lone import as_ranges
from xlcap.workbook.texts import beside_cells

CLEAN, PROBLEMS, UNREADABLE = 0, 1, 2


class Call(NamedTuple):
    """One call of a function of ours."""

    sheet: str
    place: str  # a cell; what a person calls it, where the formula stands in no cell
    function: str
    form: Form


class Problem(NamedTuple):
    """Something to mend."""

    sheet: str
    place: str
    kind: str  # "call", "link" or "fill"
    message: str


class Checked(NamedTuple):
    """What one workbook holds."""

    file: str
    calls: tuple[Call, ...]
    problems: tuple[Problem, ...]
    notes: tuple[str, ...]
    inputs: tuple[dict[str, str], ...]
    tables: tuple[dict[str, object], ...]


def check(path: str | Path) -> Checked:
    """What a workbook asks of our functions. ``WorkbookError`` if it cannot be read."""
    template = Template.read(path)
    ours = frozenset(functions.names())
    calls, problems = _calls(template, ours)
    problems += _links(template)
    for p in unsupported(template):
        kind = "call" if p.reason == close(canonical(p.what), ours) else "fill"
        problems.append(Problem(p.sheet, p.cell, kind, f"{p.what}: {p.reason}"))
    return Checked(
        str(path),
        tuple(calls),
        tuple(problems),
        tuple(_notes(template, ours, calls)),
        tuple({"name": i.name, "sheet": i.sheet, "cell": i.cell, "kind": i.kind} for i in template.inputs.values()),
        tuple(
            {"name": t.name, "sheet": t.sheet, "ref": t.ref, "columns": [c for c in t.columns if c not in t.calculated]}
            for t in template.tables.values()
        ),
    )


class _Asked(NamedTuple):
    """A call wherever formulas of one shape stand."""

    function: str
    form: Form
    faults: tuple[tuple[str, str], ...]  # the kind, and what is wrong


def _calls(template: Template, ours: frozenset[str]) -> tuple[list[Call], list[Problem]]:
    known = {link.number: link for link in links(template)}
    read: dict[str, list[_Asked]] = {}
    calls: list[Call] = []
    problems: list[Problem] = []

    def note(sheet: str, place: str, text: str) -> None:
        alike = shape(text)[0]  # all formulas of a shape call alike
        if alike not in read:
            read[alike] = list(_read(alike, ours, known))
        calls.extend(Call(sheet, place, asked.function, asked.form) for asked in read[alike])
        faults = dict.fromkeys(fault for asked in read[alike] for fault in asked.faults)  # each once
        problems.extend(Problem(sheet, place, kind, fault) for kind, fault in faults)

    for formula in template.formulas:
        note(formula.sheet, formula.cell, formula.text)
    for told in beside_cells(template):
        note(told.sheet, told.place, told.text)
        problems.extend(Problem(told.sheet, told.place, "call", fault) for fault in _misspelt(told.text, ours))
    return calls, problems


def _read(text: str, ours: frozenset[str], known: Mapping[int, Link]) -> Iterator[_Asked]:
    """A formula's calls, each with its form and what is wrong with it."""
    for call, given in arguments(tokens(text)):
        name = canonical(call, ours)
        if name in ours:
            faults = (("call", fault) for fault in _counted(name, given))
            yield _Asked(name, form_of(call), (*faults, *(("link", fault) for fault in _linked(name, call, known))))


def _counted(name: str, given: Mapping[int, str]) -> Iterator[str]:
    declared = functions.functions()[name].arguments
    count = 0 if given == {0: ""} else len(given)
    if count > len(declared):
        yield f"{name} takes at most {len(declared)} arguments ({', '.join(a.name for a in declared)}); found {count}"
    for i, argument in enumerate(declared):
        if argument.required and not given.get(i, "").strip():
            yield f"{name} lacks its argument '{argument.name}': {argument.doc}"


def _linked(name: str, call: str, known: Mapping[int, Link]) -> Iterator[str]:
    link = link_of(call, known)
    if link is None:
        return
    through = call.rpartition("!")[0]
    if link.fault:
        yield f"{name} is called through {through}, and {link.fault}; `xlcap convert --to xlam` mends the link"
    elif link.book.casefold() != ADDIN:
        yield f"{name} is called through {through}, which leads to {link.book or 'no workbook'}, not to {ADDIN}"


def _misspelt(text: str, ours: frozenset[str]) -> Iterator[str]:
    """Functions that nobody knows and that are spelt almost like one of ours; in cells the headless engine's
    examination finds them.
    """
    called = {canonical(t.text, ours) for t in tokens(text) if t.kind == "call"} - ours
    for name in sorted(unknown(frozenset(called))):
        meant = close(name, ours)
        if meant:
            yield f"{name}: {meant}"


def _links(template: Template) -> Iterator[Problem]:
    for link in links(template):
        if link.fault:
            yield Problem("", f"link [{link.number}]", "link", link.fault)


def _notes(template: Template, ours: frozenset[str], calls: Sequence[Call]) -> Iterator[str]:
    yield from examined(template, ours).notes
    forms = Counter(call.form for call in calls)
    if len(forms) > 1:
        told = ", ".join(f"{count} {form}" for form, count in forms.items())
        yield f"the calls are stored in several forms ({told}); `xlcap convert` brings them into one"
    for link in to_addin(template, ADDIN) if Form.XLAM not in forms else ():
        yield f"no call goes through the link [{link.number}] to {link.book}"
    calc = {(call.sheet, call.place) for call in calls if call.form is Form.LIBREOFFICE}
    asking = ((f.sheet, f.cell, f.text) for f in template.formulas if (f.sheet, f.cell) in calc)
    blank = [(sheet, cell) for sheet, cell, text in asking if _blank_is_zero(text, ours)]
    if blank:
        yield f"{_placed(blank)}: Calc hands over a blank cell as 0; where one may be blank, write it as a range, B7:B7"


def _blank_is_zero(text: str, ours: frozenset[str]) -> bool:
    """Whether a formula of Calc's hands one of our functions a cell whose blank would be another answer than 0."""

    def chosen(call: str, place: int) -> bool:
        name = canonical(call, ours)
        return name in ours and form_of(call) is Form.LIBREOFFICE and place in blanks_unlike_zero()[name]

    parts = tokens(text)
    return len(as_ranges(parts, chosen, frozenset())) > len(parts)


# -- telling it --------------------------------------------------------------------------------------------------


def run(options: argparse.Namespace) -> int:
    """The command."""
    told: list[dict[str, object]] = []
    code = CLEAN
    for path in (path for told in options.files for path in _meant(told)):
        try:
            checked = check(path)
        except XlcapError as error:
            code = UNREADABLE
            told.append({"file": str(path), "error": str(error)})
            if not options.json:
                print(f"{error}\n")
            continue
        if checked.problems:
            code = max(code, PROBLEMS)
        told.append(
            {
                **checked._asdict(),
                "calls": [call._asdict() for call in checked.calls],
                "problems": [problem._asdict() for problem in checked.problems],
            }
        )
        if not options.json:
            print("\n".join(_lines(checked)) + "\n")
    if options.json:
        print(json.dumps(told, indent=2))
    return code


def _meant(path: Path) -> list[Path]:
    """The files a user means: Windows leaves it to the program to find those of a pattern."""
    if path.exists():
        return [path]
    return [Path(found) for found in sorted(glob(str(path)))] or [path]  # noqa: PTH207  # it may be absolute


def _lines(checked: Checked) -> Iterator[str]:
    yield checked.file
    grouped: dict[tuple[str, Form], list[tuple[str, str]]] = {}
    for call in checked.calls:
        grouped.setdefault((call.function, call.form), []).append((call.sheet, call.place))
    width = max((len(function) for function, _ in grouped), default=0)
    calls = len(checked.calls)
    yield f"  {calls} call{'s' * (calls > 1)}" if calls else "  no calls of xlcap's functions"
    for (function, form), places in sorted(grouped.items()):
        yield f"    {function:{width}}  {form:11}  {_placed(places)}"
    if checked.inputs:
        told = (f"{i['name']} ({i['kind']}, {i['sheet']}!{i['cell']})" for i in checked.inputs)
        yield f"  inputs: {', '.join(told)}"
    if checked.tables:
        areas = (f"{t['name']} ({t['sheet']}!{t['ref']})" for t in checked.tables)
        yield f"  tables: {', '.join(areas)}"
    faults: dict[str, list[tuple[str, str]]] = {}
    for problem in checked.problems:
        faults.setdefault(problem.message, []).append((problem.sheet, problem.place))
    count = len(checked.problems)
    yield f"  {count} problem{'s' * (count > 1)}" if faults else "  no problems"
    for message, places in faults.items():
        yield f"    {_placed(places)}: {message}"
    for message in checked.notes:
        yield f"  note: {message}"


def _placed(places: Iterable[tuple[str, str]]) -> str:
    """Places as few words tell them: cells below each other as a range."""
    cells: dict[str, set[Address]] = {}
    others: dict[str, None] = {}
    for sheet, place in places:
        try:
            cells.setdefault(sheet, set()).add(address(place))
        except ValueError:
            others[place] = None
    told = (f"{sheet}!{', '.join(map(str, _runs(found)))}" for sheet, found in cells.items() if found)
    return "; ".join([*told, *others])


def _runs(cells: set[Address]) -> list[Area]:
    """Cells as stretches of columns.

    >>> [str(area) for area in _runs({(1, 1), (2, 1), (3, 1), (5, 1), (1, 2)})]
    ['A1:A3', 'A5', 'B1']
    """
    found: list[Area] = []
    for row, column in sorted(cells, key=lambda cell: (cell[1], cell[0])):
        last = found[-1] if found else None
        if last and (last.left, last.bottom) == (column, row - 1):
            found[-1] = Area(last.top, column, row, column)
        else:
            found.append(Area(row, column, row, column))
    return found
