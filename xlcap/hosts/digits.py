"""Fifteen digits: where Excel compares numbers, or takes them for text, it looks at no more; the engine looks at all.

``=0.1+0.2=0.3`` is TRUE in Excel, and ``=1/3&""`` ends after fifteen threes. The operands of such operations, and the
arguments of functions that take text, are handed through two functions of ours; a comparison with a text or with zero
needs neither. Those of ``SUMPRODUCT`` go through a third: texts and logical values count nothing there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from decimal import Decimal

from xlcap.workbook.formulas import Token, canonical

NUMBER, TEXT, COUNTED = "XLCAP.DIGITS", "XLCAP.TEXT", "XLCAP.COUNTED"
_COMPARISONS = frozenset(("=", "<", ">", "<=", ">=", "<>"))


def compared(value: object) -> object:
    """A value as a comparison sees it.

    >>> compared(0.1 + 0.2), compared("a"), compared([[1 / 3]])
    (0.3, 'a', [[0.333333333333333]])
    """
    if isinstance(value, list):
        return [[compared(v) for v in row] for row in value]
    return float(f"{value:.15g}") if isinstance(value, float) else value


def joined(value: object) -> object:
    """A value as text joined to other text shows it.

    >>> joined(1 / 3), joined(1e21), joined(12.0), joined(1 / 30000), joined(0.00001), joined("a")
    ('0.333333333333333', '1E+21', '12', '3.33333333333333E-05', '0.00001', 'a')
    """
    if isinstance(value, list):
        return [[joined(v) for v in row] for row in value]
    if not isinstance(value, float):
        return value
    if not value:
        return "0"
    told = f"{value:.15g}"
    if "e" not in told:
        return told
    number = Decimal(told).normalize()
    exponent = number.adjusted()
    plain = format(number, "f")
    if 0 <= exponent <= 20 or (exponent < 0 and len(plain.lstrip("-")) <= 20):
        return plain
    digits = "".join(map(str, number.as_tuple().digits))
    mantissa = digits[0] + ("." + digits[1:] if digits[1:] else "")
    return f"{'-' if value < 0 else ''}{mantissa}E{'+' if exponent > 0 else '-'}{abs(exponent):02d}"


def counted(value: object) -> object:
    """A value as ``SUMPRODUCT`` counts it.

    >>> counted([["5", 2.0, True, None]]), counted(2.0)
    ([[0.0, 2.0, 0.0, 0.0]], 2.0)
    """
    if isinstance(value, list):
        return [[counted(v) for v in row] for row in value]
    return 0.0 if value is None or isinstance(value, str | bool) else value


def _handed() -> dict[str, tuple[str, Collection[int]]]:
    every = range(255)
    texts: dict[str, Collection[int]] = {
        "CLEAN LEFT LEFTB LEN LENB LOWER MID MIDB PROPER REPT RIGHT RIGHTB TEXTSPLIT TRIM UPPER": (0,),
        "EXACT FIND FINDB SEARCH SEARCHB TEXTAFTER TEXTBEFORE": (0, 1),
        "REPLACE REPLACEB": (0, 3),
        "SUBSTITUTE": (0, 1, 2),
        "CONCAT CONCATENATE": every,
        "TEXTJOIN": range(2, 255),
    }
    handed = {name: (TEXT, positions) for names, positions in texts.items() for name in names.split()}
    return {**handed, "SUMPRODUCT": (COUNTED, every), "TEXT": (NUMBER, (0,))}


_HANDED = _handed()
"""The functions whose arguments are handed through one of ours: which, and at what positions."""


class _Level:
    """An argument, or what else stands between two parentheses, cut at comparisons and ``&``."""

    def __init__(self, call: str = "", position: int = 0) -> None:
        self.call, self.position = call, position
        self.runs: list[list[Token]] = [[]]
        self.operators: list[Token] = []
        self.calculates = False  # so that it gives a number

    def tokens(self) -> Iterable[Token]:
        name = self._through()
        if name:
            yield Token("raw", f"{name}(")
        for i, run in enumerate(self.runs):
            around = {o.text for o in (*self.operators[max(i - 1, 0) : i], *self.operators[i : i + 1])}
            yield from self._guarded(run, around, i)
            yield from self.operators[i : i + 1]
        if name:
            yield Token("raw", ")")

    def _through(self) -> str:
        """The function of ours that the whole is handed through, if any."""
        name, positions = _HANDED.get(self.call, ("", ()))
        if self.position not in positions or all(t.kind == "space" for run in self.runs for t in run):
            return ""
        if name == COUNTED:
            return "" if self.calculates and not self.operators else name
        run = self.runs[0]
        return "" if self.operators or _literal(run, text_only=True) or _text(run) else name

    def _guarded(self, run: list[Token], around: set[str], i: int) -> list[Token]:
        if "&" in around:
            name = "" if _literal(run, text_only=True) or _text(run) else TEXT
        elif around & _COMPARISONS:
            beside = [self.runs[j] for j in (i - 1, i + 1) if 0 <= j < len(self.runs)]
            name = "" if _number(run) or any(_literal(r) for r in (run, *beside)) else NUMBER
        else:
            name = ""
        return [Token("raw", f"{name}("), *run, Token("raw", ")")] if name else run


def _text(run: list[Token]) -> bool:
    """A call of ``TEXT``, whose answer is no number."""
    solid = [t for t in run if t.kind != "space"]
    closed = [t.kind for t in solid].count("close")
    return closed == 1 and solid[0].text.upper() == "TEXT(" and solid[-1].kind == "close"


def _number(run: list[Token]) -> bool:
    """A number, written with no more digits than Excel reads."""
    solid = [t for t in run if t.kind != "space"]
    return len(solid) == 1 and solid[0].kind == "number" and len(solid[0].text) <= 15


def _literal(run: list[Token], *, text_only: bool = False) -> bool:
    """A text, or a zero: nothing for which the sixteenth digit could matter."""
    solid = [t for t in run if t.kind != "space"]
    return len(solid) == 1 and (solid[0].kind == "string" or (not text_only and solid[0].text == "0"))


def guarded(parts: Iterable[Token]) -> list[Token]:
    """A formula's tokens with the operands of comparisons and of ``&`` handed through :data:`NUMBER` and :data:`TEXT`.

    >>> from xlcap.workbook.formulas import tokens
    >>> "".join(t.text for t in guarded(tokens('IF(A1+B1=C1,"a"&D1,E1>0)')))
    'IF(XLCAP.DIGITS(A1+B1)=XLCAP.DIGITS(C1),"a"&XLCAP.TEXT(D1),E1>0)'
    >>> "".join(t.text for t in guarded(tokens('LEFT(A1,1)&SUMPRODUCT(A1:A3,(B1:B3="x")*1)')))
    'XLCAP.TEXT(LEFT(XLCAP.TEXT(A1),1))&XLCAP.TEXT(SUMPRODUCT(XLCAP.COUNTED(A1:A3),(B1:B3="x")*1))'
    """
    levels = [_Level()]
    for token in parts:
        top = levels[-1]
        if token.kind in ("call", "open"):
            top.runs[-1].append(token)
            levels.append(_Level(canonical(token.text) if token.kind == "call" else ""))
        elif token.kind == "close" and len(levels) > 1:
            inside = levels.pop().tokens()
            levels[-1].runs[-1] += [*inside, token]
        elif token.kind == "comma":
            done = [*top.tokens(), token]
            levels[-1] = fresh = _Level(top.call, top.position + 1)
            if len(levels) > 1:
                levels[-2].runs[-1] += done
            else:
                fresh.runs[-1] += done
        elif token.kind == "op" and (token.text == "&" or token.text in _COMPARISONS):
            top.operators.append(token)
            top.runs.append([])
        else:
            top.calculates |= token.kind == "op" and token.text in "-*/^%"
            top.runs[-1].append(token)
    return [t for level in levels for t in level.tokens()]
