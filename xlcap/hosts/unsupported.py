"""What the formula engine cannot do, or does otherwise than Excel: refused by name, before anything is computed."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from xlcap.errors import nearest
from xlcap.hosts.engine import unknown, unreadable
from xlcap.hosts.several import ARRAY, DYNAMIC, Size, misused, sizes
from xlcap.hosts.translation import Anchor, Site, Translated, Translator, UntranslatableError
from xlcap.workbook import Formula, Template
from xlcap.workbook.formulas import APART, Token, apart, arguments, canonical, shape, tokens


@dataclass(frozen=True)
class Problem:
    """A formula that cannot be computed here: the function or feature, and the reason."""

    what: str
    reason: str
    sheet: str
    cell: str

    def __str__(self) -> str:
        return f"{self.what} in {self.sheet}!{self.cell} ({self.reason})"


# Found by comparison with Excel's documented answers, engine version 0.13.0. What the engine does not know at all is
# not listed: it is asked.
WRONG = {
    "CELL": "Excel answers with the file's own place and formats, which the engine does not have",
    "FORMULATEXT": "the engine gives its own spelling of the formula",
    "GROUPBY": "the engine takes no function as an argument",
    "INFO": "it tells about Excel itself",
    "ISFORMULA": "the engine answers FALSE for cells that hold one",
    "ISOWEEKNUM": "the engine gives another week than Excel",
    "PIVOTBY": "the engine takes no function as an argument",
}

_TOLD = 100  # characters of a formula that are told


class Examined(NamedTuple):
    """A template's formulas, looked at once: what stands in the way of computing them, else their translations."""

    problems: tuple[Problem, ...]
    translated: Mapping[Anchor, Translated]  # those the engine cannot read as the file has them
    sites: tuple[Site, ...]
    notes: tuple[str, ...] = ()  # what does not stand in the way, and may once the workbook is changed


def examined(template: Template, ours: frozenset[str]) -> Examined:
    """What can be said of a template's formulas before any of them is computed."""
    return template.keep(("examined", ours), lambda: _examined(template, ours))


def _examined(template: Template, ours: frozenset[str]) -> Examined:
    missing = unknown(frozenset(canonical(name, ours) for name in _spelt(template)) - ours - _SPECIAL)
    translator = Translator(template, ours)
    problems = _whole(template)
    translated: dict[Anchor, Translated] = {}
    verdicts: dict[tuple[str, str, str, tuple[Size, ...]], list[tuple[str, str]]] = {}
    for formula in template.formulas:
        # All formulas of a shape have the same verdict, names being the same all over a sheet and ranges as large.
        key = (formula.sheet, formula.kind, shape(formula.text)[0], sizes(formula.text))
        found = verdicts.get(key)
        first = found is None
        if found is None:
            found = verdicts[key] = list(_of(template, translator, formula, missing))
        if not found:
            try:
                told = translator.translate(formula)
                if told is not None:
                    translated[formula.sheet, formula.row, formula.column] = told
                reason = unreadable(told.text if told else formula.text) if first else None
                if reason:
                    text = formula.text if len(formula.text) <= _TOLD else f"{formula.text[:_TOLD]}..."
                    found = verdicts[key] = [(f"={text}", reason)]
            except UntranslatableError as error:
                found = [(error.what, error.reason)]
        if found:
            problems += (Problem(what, reason, formula.sheet, formula.cell) for what, reason in found)
    return Examined(tuple(problems), translated, tuple(translator.sites), tuple(_hiding(template, ours)))


def _hiding(template: Template, ours: frozenset[str]) -> Iterator[str]:
    """Names spelt like functions of ours; that no formula calls them so has been seen before."""
    for d in template.defined:
        if not d.special and d.name.upper() in ours:
            yield f"the name {d.name} hides the function {d.name.upper()}; call it something else before using that"


def dynamic_calls(template: Template, ours: frozenset[str]) -> re.Pattern[str] | None:
    """What finds, in this template's formulas, a function or reference that spills; ``None`` if there is none."""
    spelt = _spelt(template)
    spilling = [re.escape(name) for name in spelt if canonical(name, ours) in DYNAMIC]
    if not spilling and not any("#" in text for text in _texts(template)):
        return None
    return re.compile("|".join([*(rf"(?<![\w.]){name}\(" for name in spilling), "#"]))


def _spelt(template: Template) -> frozenset[str]:
    """The functions a template calls, as its formulas spell them."""
    return template.keep("spelt", lambda: frozenset(_CALLS.findall("\n".join(_texts(template)))))


def _whole(template: Template) -> list[Problem]:
    """What holds for the whole workbook."""
    if template.precision_as_displayed:
        return [
            Problem("precision as displayed", "the workbook computes with rounded values", template.sheets[0], "A1")
        ]
    return []


_CALLS = re.compile(r"([A-Za-z_][\w.]*)\(")
# Functions that are translated, or that are refused for some of their arguments only.
_SPECIAL = frozenset(("SINGLE", "ANCHORARRAY", "LAMBDA", "XLOOKUP", "INDIRECT", "TEXT", "SUBTOTAL", "AGGREGATE"))


def _texts(template: Template) -> frozenset[str]:
    """The shapes of a template's formulas, and its names' texts."""
    return template.keep(
        "texts",
        lambda: frozenset(
            [*(shape(f.text)[0] for f in template.formulas), *(d.text for d in template.defined if not d.special)]
        ),
    )


def _of(
    template: Template, translator: Translator, formula: Formula, missing: Collection[str]
) -> Iterator[tuple[str, str]]:
    """What stands in the way of computing a formula, and all others of its shape."""
    ours = translator.functions
    if formula.kind == "dataTable":
        yield "a data table", "only Excel computes what-if tables"
        return
    for text in _with_names(translator, formula):
        parts = tuple(t for t in tokens(text) if t.kind != "space")
        bound = {t.text.casefold() for t in parts if t.kind == "name"}  # what LET calls a LAMBDA it keeps
        for token in parts:
            if token.kind == "call" and token.text.rstrip("(").casefold() not in bound:
                yield from _call(template, token, ours, missing)
            elif token.kind == "sheet" and "[" in token.text:
                yield "a link to another workbook", f"{token.text} is not part of the template"
            elif token.kind == "sheet" and ":" in token.text.strip("'"):
                yield "a reference through several sheets", token.text
            elif token.kind == "other":
                yield f"the sign {token.text}", "not understood"
            elif token.kind == "string" and _CONTROL.search(token.text):
                yield "a control character in a text", "the engine does not read it"
        for name in apart(tokens(text), ours):
            if not any(d.name.upper() == name for d in template.defined):
                yield name, f"it {APART}"
        yield from _shape(tokens(text), formula, translator, missing)


_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f]")


def _with_names(translator: Translator, formula: Formula) -> Iterator[str]:
    """A formula's text, and those of the names it uses."""
    seen: set[str] = set()
    todo = [formula.text]
    while todo:
        text = todo.pop()
        yield text
        for token in tokens(text):
            name = token.text.rstrip("(").casefold()
            if token.kind in ("name", "call") and name not in seen:
                seen.add(name)
                told = translator.defined(name, formula.sheet)
                if told is not None:
                    todo.append(told)


def _call(
    template: Template, token: Token, ours: frozenset[str], missing: Collection[str]
) -> Iterator[tuple[str, str]]:
    name = canonical(token.text, ours)
    if name in ours:
        for d in template.defined:
            if not d.special and d.name.casefold() == token.text.rstrip("(").casefold():
                yield f"the name {d.name}", f"it hides the function {name}: call it something else"
        return
    if name in WRONG:
        yield name, WRONG[name]
    elif "!" in token.text:
        yield token.text.rstrip("("), close(name, ours) or "a function of another add-in or workbook"
    elif name in missing:
        defined = any(d.name.upper() == name for d in template.defined)
        yield name, "a name that is a LAMBDA" if defined else close(name, ours) or "the engine does not have it"
    elif name in ("SUBTOTAL", "AGGREGATE") and any(p.has_hidden_rows for p in template.plans.values()):
        yield name, "the workbook has hidden rows, which the engine cannot leave out"


def close(name: str, ours: frozenset[str]) -> str | None:
    """What to say of a name that is almost one of ours."""
    bare = name[len("XLCAP.") :] if name.startswith(("XLCAP.", "XLCAP_")) else name
    meant = nearest(name, sorted(ours), alike=0.8) or nearest(bare, sorted(ours), alike=0.8)
    return f"did you mean {meant}?" if meant else None


_REFERENCE = ("cell", "columns", "rows", "table")


def _shape(
    parts: tuple[Token, ...], formula: Formula, translator: Translator, missing: Collection[str]
) -> Iterator[tuple[str, str]]:
    """What a formula's form says: unions, intersections, calls of a LAMBDA, arrays in a formula not entered as one,
    several cells for one.
    """
    ours = translator.functions
    names = {canonical(t.text, ours) for t in parts if t.kind == "call"}
    plain = formula.kind in ("normal", "shared") and not names & (ours | DYNAMIC)
    stack: list[str] = []
    solid = [t for t in parts if t.kind != "space"]
    for i, token in enumerate(solid):
        before = solid[i - 1] if i else Token("start", "")
        after = solid[i + 1] if i + 1 < len(solid) else Token("end", "")
        if token.kind == "call":
            stack.append(canonical(token.text, ours))
        elif token.kind == "open":
            if token.text == "(" and before.kind == "close":
                yield "a LAMBDA called where it stands", "the engine calls no LAMBDA directly"
            stack.append(token.text)
        elif token.kind == "close" and stack:
            stack.pop()
        elif token.kind == "comma" and (not stack or stack[-1] == "("):
            yield "a union of ranges", "the engine has none"
        elif (
            plain and not ARRAY.intersection(stack) and _multiple(solid, i) and (_operates(before) or _operates(after))
        ):
            yield (
                "an operation on a whole range",
                "entered as an ordinary formula, of which Excel computes one cell; enter it as an array formula",
            )
    for first, space, last in zip(parts, parts[1:], parts[2:], strict=False):
        if (
            space.kind == "space"
            and first.kind in (*_REFERENCE, "name")
            and last.kind in (*_REFERENCE, "name", "sheet")
        ):
            yield "an intersection of ranges", "the engine has none"
    for name in misused(parts, translator, formula.sheet, array=not plain):
        if name not in missing and name not in WRONG and "!" not in name:
            yield f"{name} of several cells at once", "the engine takes one value here; ask cell by cell"
    for call, mode in arguments(parts):
        name = canonical(call)
        if name == "XLOOKUP" and mode.get(4, "0").strip() not in ("", "0", "2"):
            yield (
                "XLOOKUP for the next smaller or larger",
                "the engine is right only on sorted data; use INDEX and XMATCH",
            )
        if name == "INDIRECT" and 1 in mode and mode[1].strip().upper() not in ("", "TRUE", "1"):
            yield "INDIRECT in R1C1 style", "the engine reads A1 style only"
        if name == "TEXT" and re.search(r"\?/|/\?|[eE][+-]", mode.get(1, "")):
            yield "TEXT with a fraction or an exponent", "the engine does not write them"


def _multiple(parts: list[Token], i: int) -> bool:
    """Whether the last part of a reference to several cells stands here (``A1:A5``, ``A:A``)."""
    if parts[i].kind in ("columns", "rows"):
        return True
    return parts[i].kind == "cell" and i >= 2 and parts[i - 1].text == ":" and parts[i - 2].kind == "cell"


_OPERATORS = frozenset(("+", "-", "*", "/", "^", "&", "=", "<", ">", "<=", ">=", "<>", "%"))


def _operates(token: Token) -> bool:
    return token.text in _OPERATORS
