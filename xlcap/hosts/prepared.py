"""A template made ready for the engine, once for all of its outputs."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from xlcap.hosts.engine import book
from xlcap.hosts.translation import Anchor, Site, Translated, formula_valued
from xlcap.hosts.unsupported import dynamic_calls, examined
from xlcap.workbook import Template
from xlcap.workbook.cells import Address, a1, content, to_xml


@dataclass(frozen=True)
class Prepared:
    """A template in the engine's words."""

    book: bytes
    translated: Mapping[Anchor, Translated]  # those formulas the engine cannot read as the file has them
    sites: tuple[Site, ...]
    spans: frozenset[Anchor]  # anchors that other formulas refer to by ``A1#``
    dynamic: frozenset[Anchor]  # formulas that may spill though the file does not say so
    free: Sequence[tuple[Address, Anchor]]  # empty cells, each with a formula whose answer could run into it


def prepare(template: Template, ours: frozenset[str], cleared: Collection[Anchor] = ()) -> Prepared:
    """A template's formulas translated and its values laid out, once for all of its outputs; or for one of them,
    without the cells that are ``cleared`` there.
    """
    dynamic = dynamic_calls(template, ours)
    seen = examined(template, ours)
    translated = seen.translated
    sheets, occupied = {}, {}
    for name, plan in template.plans.items():
        rows, held, row = [], set(), 0
        formulas = plan.formulas
        bare = plan.array_children | {(r, c) for sheet, r, c in cleared if sheet == name}
        for place, cell in plan.cells.items():
            kind, inner = b"", cell.inner
            if not inner or place in bare:
                continue
            formula = formulas.get(place)
            # What the engine can read as the file has it needs no writing anew.
            if formula is not None:
                inner, told = formula.xml, translated.get((name, *place))
                if told is not None:
                    inner = b"<f>" + to_xml(told.text) + b"</f>"
                elif not inner.startswith(b"<f>"):
                    inner = b"<f>" + to_xml(formula.text) + b"</f>"
            elif cell.kind != b"n" or not inner.startswith(b"<v>") or inner == b"<v></v>":
                value = plan.value_of(cell, template.strings)
                if value is None:
                    continue
                kind, inner = content(value, formula=True, date1904=False)
            if place[0] != row:
                rows.append(b'</row><row r="%d">' % place[0] if row else b'<row r="%d">' % place[0])
                row = place[0]
            rows.append(b'<c r="%b"%b>%b</c>' % (a1(*place).encode(), kind, inner))
            held.add(place)
        sheets[name] = b"".join(rows) + (b"</row>" if row else b"")
        occupied[name] = held
    index = {name: i for i, name in enumerate(sheets)}
    names = [
        (d.name, d.text, index[d.sheet] if d.sheet else None)
        for d in template.defined
        if not d.special and not formula_valued(d.text) and "[" not in d.text and (d.sheet is None or d.sheet in index)
    ]
    return Prepared(
        book(sheets, names, date1904=template.date1904),
        translated,
        seen.sites,
        frozenset(a for t in translated.values() for a in t.anchors),
        frozenset(
            [
                *(key for key, told in translated.items() if told.ours),
                *(
                    (f.sheet, f.row, f.column)
                    for f in template.formulas
                    if f.dynamic or (dynamic and dynamic.search(f.text))
                ),
            ]
        ),
        [pair for name, held in occupied.items() for pair in free_beside(name, template.plans[name].formulas, held)],
    )


def free_beside(
    sheet: str, formulas: Collection[Address], held: Collection[Address]
) -> Iterator[tuple[Address, Anchor]]:
    """The cells to the right of formulas and below them that hold nothing, each with its formula's place."""
    for row, column in {(row, column + 1) for row, column in formulas}.difference(held):
        yield (row, column), (sheet, row, column - 1)
    for row, column in {(row + 1, column) for row, column in formulas}.difference(held):
        yield (row, column), (sheet, row - 1, column)
