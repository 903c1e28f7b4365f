"""The forms in which a file stores a call of an add-in's function, and a workbook brought from one to another.

Only the words of the calls change, single cells and spills that LibreOffice must be told as ranges, and the link a call
may need. An ordinary formula stays one, a formula that spills goes on spilling, an array of fixed size keeps it, and
every cell keeps the value it shows.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

from xlcap.workbook import lone, spills
from xlcap.workbook.cells import WorkbookError, to_xml, unquoted
from xlcap.workbook.formulas import APART, Token, apart, canonical, tokens
from xlcap.workbook.links import ADDIN, Link, added, book_of, links, removed, to_addin
from xlcap.workbook.template import Template
from xlcap.workbook.texts import FormulaText, data_of, texts

NAMESPACE = "XLCAP"
"""What stands before a function's name where a host keeps the functions of add-ins apart."""

_LONGEST = 8192  # characters of a formula
_LINK = re.compile(r"'?\[(\d+)\]'?")
_SELF = "[0]!"  # before what the workbook itself has


class Form(StrEnum):
    """How a call is stored, by the host it was entered in."""

    PLAIN = "plain"
    """``WATERFALL(...)``: VBA in the same workbook, and what ``fill`` and the shipped templates use."""
    XLAM = "xlam"
    """``[1]!WATERFALL(...)`` with a link to the add-in."""
    XLL = "xll"
    """``_xll.WATERFALL(...)``: an add-in in the form of a library, as PyXLL and Excel-DNA make them."""
    OFFICEJS = "officejs"
    """``_xldudf_XLCAP_WATERFALL(...)``: xlwings Lite, and other add-ins of Excel anywhere."""
    LIBREOFFICE = "libreoffice"
    """``XLCAP.WATERFALL(...)``"""


def form_of(call: str) -> Form:
    """The form of a call, from the text before its parenthesis.

    >>> [form_of(call).value for call in ("WATERFALL(", "[1]!WATERFALL(", "_xll.WATERFALL(",
    ...     "_xldudf_XLCAP_WATERFALL(", "com.xlcap.xlcap.waterfall(")]
    ['plain', 'xlam', 'xll', 'officejs', 'libreoffice']
    >>> form_of("[0]!WATERFALL(").value  # of this workbook
    'plain'
    """
    told = call.lower().removeprefix(_SELF)
    if "!" in told:
        return Form.XLAM
    if told.startswith("_xll."):
        return Form.XLL
    if told.startswith("_xldudf_"):
        return Form.OFFICEJS
    namespaced = f"{NAMESPACE.lower()}." in told
    return Form.LIBREOFFICE if namespaced else Form.PLAIN


def spelt(name: str, form: Form, link: int = 0) -> str:
    """A function's name as a file stores it.

    >>> [spelt("WATERFALL", form, link=1) for form in Form]
    ['WATERFALL', '[1]!WATERFALL', '_xll.WATERFALL', '_xldudf_XLCAP_WATERFALL', 'XLCAP.WATERFALL']
    """
    before = {
        Form.PLAIN: "",
        Form.XLAM: f"[{link}]!",
        Form.XLL: "_xll.",
        Form.OFFICEJS: f"_xldudf_{NAMESPACE}_",
        Form.LIBREOFFICE: f"{NAMESPACE}.",
    }
    return before[form] + name


def link_of(call: str, known: Mapping[int, Link]) -> Link | None:
    """The link a call goes through; one told by a path in the formula itself has no number."""
    through = call.removeprefix(_SELF).rpartition("!")[0]
    if not through:
        return None
    numbered = _LINK.fullmatch(through)
    if numbered:
        number = int(numbered[1])
        return known.get(number) or Link(number, "", fault="the workbook has no such link")
    return Link(0, "", target=unquoted(through))


class Converted(NamedTuple):
    """A workbook whose calls are stored in another form."""

    data: bytes
    forms: Mapping[Form, int]  # the calls found, by the form they had
    notes: tuple[str, ...]  # what a reader should know


def converted(
    template: Template,
    form: Form,
    names: frozenset[str],
    addin: str | None = None,
    blanks: Mapping[str, frozenset[int]] | None = None,
) -> Converted:
    """The workbook with every call of these functions in one form, and nothing else changed.

    ``addin`` is the add-in's name or path, for links to it; without one a link there is stays as it is, and a new one
    leads to the start-up folder. ``blanks`` are the arguments, by function and place, in which a single cell is told to
    LibreOffice as a range, for it would hand over a blank as 0. ``WorkbookError``, naming the cell, for a call that
    cannot be converted without changing what it means.
    """
    return _Conversion(template, form, names, addin, blanks or {}).made()


class _Conversion:
    def __init__(
        self,
        template: Template,
        form: Form,
        names: frozenset[str],
        addin: str | None,
        blanks: Mapping[str, frozenset[int]],
    ) -> None:
        self._template = template
        self._form = form
        self._names = names
        self._addin = addin
        self._blanks = blanks
        others = {d.name.upper() for d in template.defined if not lone.is_one_cell(d.text)}
        self._cells = frozenset(d.name.upper() for d in template.defined) - others
        self._links = {link.number: link for link in links(template)}
        self._ours = to_addin(template, addin or ADDIN)
        self._number = self._ours[0].number if self._ours else len(self._links) + 1
        self._hidden = {d.name.upper() for d in template.defined if not d.special}
        self._refused: list[str] = []
        self._spills = spills.of(template)
        self._shared = frozenset((f.sheet, f.cell) for f in template.formulas if f.kind == "shared")
        self._told = list(texts(template))
        self._forms = Counter(form_of(call) for formula in self._told for _, call in self._calls(formula.text))
        self._to_calc = form is Form.LIBREOFFICE and bool(self._forms)
        self._from_calc = form is not Form.LIBREOFFICE and Form.LIBREOFFICE in self._forms

    def made(self) -> Converted:
        template, told = self._template, self._told
        fresh = [self._rewritten(formula) for formula in told]
        if self._refused:
            shown = "; ".join(self._refused[:10])
            more = f"; and {len(self._refused) - 10} more" if len(self._refused) > 10 else ""
            raise WorkbookError(shown + more, where=str(template.path))
        edits: dict[str, list[tuple[FormulaText, str]]] = {}
        for formula, text in zip(told, fresh, strict=True):
            if text != formula.text:
                edits.setdefault(formula.part, []).append((formula, text))
        parts = {part: _edited(data_of(template, part), changes) for part, changes in edits.items()}
        dropped: set[str] = set()
        called = frozenset(name for formula in told for name, _ in self._calls(formula.text))
        notes = (*self._linked(parts, dropped, called, fresh), *self._fixed(fresh))
        data = template.package.replaced(parts, frozenset(dropped))
        self._check(data)
        return Converted(data, self._forms, notes)

    def _calls(self, text: str) -> Iterator[tuple[str, str]]:
        """The calls of our functions in a formula, by name and as they are written."""
        for token in tokens(text):
            if token.kind == "call":
                name = canonical(token.text, self._names)
                if name in self._names:
                    yield name, token.text

    def _rewritten(self, formula: FormulaText) -> str:
        calls = {call: name for name, call in self._calls(formula.text)}
        parts = tokens(formula.text)
        for name in apart(parts, self._names - self._hidden):
            self._refuse(formula, f"{name} {APART}")
        text = "".join(
            self._call(calls[t.text], t.text, formula) if t.kind == "call" and t.text in calls else t.text
            for t in self._spelt_for_host(parts, calls, formula)
        )
        if len(text) > max(_LONGEST, len(formula.text)):
            self._refused.append(f"{formula.where}: its formula would have {len(text):,} characters of {_LONGEST:,}")
        return text

    def _spelt_for_host(
        self, parts: Sequence[Token], calls: Mapping[str, str], formula: FormulaText
    ) -> Sequence[Token]:
        """What LibreOffice is told otherwise: spills, whole tables, and single cells in the calls that change form."""

        def chosen(call: str, place: int) -> bool:
            changes = (form_of(call) is Form.LIBREOFFICE) is not self._to_calc
            return changes and place in self._blanks.get(calls.get(call, ""), ())

        if self._to_calc:
            return [_doubled(t) for t in lone.as_ranges(self._filled(parts, formula), chosen, self._cells)]
        if self._from_calc:
            cells = lone.as_cells([_single(t) for t in parts], chosen)
            return spills.as_anchors(cells, formula.sheet, self._spills, moves=self._moves(formula))
        return parts

    def _filled(self, parts: Sequence[Token], formula: FormulaText) -> Sequence[Token]:
        return spills.as_ranges(parts, formula.sheet, self._spills, moves=self._moves(formula))

    def _moves(self, formula: FormulaText) -> bool:
        """Whether a formula's relative references are not those of its own cell alone."""
        return formula.kind != "cell" or (formula.sheet, formula.place) in self._shared

    def _call(self, name: str, call: str, formula: FormulaText) -> str:
        fresh = spelt(name, self._form, self._number) + "("
        link = link_of(call, self._links)
        if link and link.book and link.book.casefold() != book_of(self._addin or ADDIN).casefold():
            self._refuse(formula, f"calls {name} of {link.book}; if that is xlcap's add-in, name it (--addin)")
        elif form_of(call) is self._form and (link is None or link.number == self._number):
            return call
        elif name in self._hidden and Form.PLAIN in (self._form, form_of(call)):
            self._refuse(formula, f"the name {name} hides the function {name}; call it something else")
        elif formula.kind in _RULES and self._form not in (Form.PLAIN, Form.LIBREOFFICE):
            self._refuse(formula, f"Excel takes no add-in's {name} there; put it into a cell, and refer to the cell")
        return fresh

    def _refuse(self, formula: FormulaText, reason: str) -> None:
        self._refused.append(f"{formula.where}: {reason}")

    def _linked(
        self, parts: dict[str, bytes], dropped: set[str], called: frozenset[str], fresh: list[str]
    ) -> Iterator[str]:
        """The link made, or taken away where no formula needs it any more."""
        if self._form is Form.XLAM:
            if called:
                added(self._template, parts, self._addin, called)
            return
        used = {number for text in fresh for number in _through(text)}
        last = len(self._links)
        for link in reversed(self._ours):
            if link.number in used:
                continue
            if link.number == last:
                removed(self._template, parts, dropped, link)
                last -= 1
            else:
                yield f"the link to {link.book} stays, unused, for other links are numbered after it"

    def _fixed(self, fresh: Sequence[str]) -> Iterator[str]:
        """Arrays that have a fixed size in LibreOffice: it does not keep that a formula spills."""
        if self._to_calc:
            sizes = [f"{f.sheet}!{f.array}" for f in self._template.formulas if f.dynamic and f.array != f.cell]
            if sizes:
                yield (
                    f"{sizes[0]}{_more(sizes)} spill; in LibreOffice they keep the size they have now, and a longer "
                    "answer is cut"
                )
            left = [f.where for f, text in zip(self._told, fresh, strict=True) if spills.has_anchor(tokens(text))]
            if left:
                yield f"{left[0]}{_more(left)}: LibreOffice knows no spill (A1#) there; give the range it fills"
        fixed = [
            f"{f.sheet}!{f.cell}"
            for f in self._template.formulas
            if f.kind == "array"
            and not f.dynamic
            and any(form_of(call) is Form.LIBREOFFICE for _, call in self._calls(f.text))
        ]
        if fixed and self._from_calc:
            yield (
                f"arrays of fixed size, as LibreOffice saves what spills: {fixed[0]}{_more(fixed)}; enter them anew in "
                "Excel"
            )

    def _check(self, data: bytes) -> None:
        """That what is written reads back as the same formulas, every call in its new form."""
        again = list(texts(Template(data, self._template.path)))
        same = [self._neutral(f) for f in again] == [self._neutral(f) for f in self._told]
        if not same or any(form_of(call) is not self._form for f in again for _, call in self._calls(f.text)):
            raise WorkbookError(
                "what was converted does not read back as it was, so nothing is written; please report that",
                where=str(self._template.path),
            )

    def _neutral(self, formula: FormulaText) -> tuple[str, str]:
        """A formula with every call of ours by its plain name."""
        calls = {call: name for name, call in self._calls(formula.text)}
        filled = self._filled(tokens(formula.text), formula)
        alike = lone.as_cells(filled, lambda call, place: place in self._blanks.get(calls.get(call, ""), ()))
        parts = ((calls[t.text] + "(") if t.text in calls else _single(t).text for t in alike)
        return formula.where, "".join(parts)


def _more(places: Sequence[str]) -> str:
    return f" and {len(places) - 1} more" if len(places) > 1 else ""


def _doubled(token: Token) -> Token:
    """A part of a formula, a whole table as LibreOffice 7 knows it: it takes ``T[[#All]]`` and not ``T[#All]``."""
    return Token("table", _PART.sub(r"[[\1]]", token.text)) if token.kind == "table" else token


def _single(token: Token) -> Token:
    return Token("table", _PARTS.sub(r"[\1]", token.text)) if token.kind == "table" else token


def _through(text: str) -> Iterator[int]:
    """The numbers of the links a formula refers to.

    >>> list(_through("[1]!TERM([2]S!A1,'[3]My S'!A1)&T[4]"))
    [1, 2, 3]
    """
    for token in tokens(text):
        if token.kind in ("call", "sheet"):
            yield from map(int, _NUMBER.findall(token.text))


_NUMBER = re.compile(r"^'?\[(\d+)\]")
_PART = re.compile(r"(?<!\[)\[(#(?:All|Headers|Data|Totals))\]$", re.IGNORECASE)
_PARTS = re.compile(r"\[\[(#(?:All|Headers|Data|Totals))\]\]$", re.IGNORECASE)
_QUOTED = {b'"': b"&quot;", b"'": b"&apos;"}
_RULES = ("conditional format", "validation")


def _edited(data: bytes, changes: list[tuple[FormulaText, str]]) -> bytes:
    out: list[bytes] = []
    at = 0
    for formula, text in sorted(changes, key=lambda change: change[0].start):
        xml = to_xml(text)
        quote = data[formula.start - 1 : formula.start]
        if quote in _QUOTED:  # in an attribute
            xml = xml.replace(quote, _QUOTED[quote])
        out += (data[at : formula.start], xml)
        at = formula.end
    return b"".join([*out, data[at:]])
