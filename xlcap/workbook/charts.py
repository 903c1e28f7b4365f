"""The values a chart keeps of the cells it shows: a stale one is a wrong number in a picture."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from xlcap.workbook.cells import Address, Area, ErrorCode, Scalar, content, unquoted
from xlcap.workbook.formulas import tokens
from xlcap.workbook.package import CONTENT_TYPES
from xlcap.workbook.sheet import text
from xlcap.workbook.tables import TableChange
from xlcap.workbook.template import Template

# A reference of a series, its range, and the cache that follows it; Excel's newer charts keep theirs in ``lvl``.
_REFERENCE = re.compile(
    rb"<(?P<p>(?:\w+:)?)(?P<kind>numRef|strRef|multiLvlStrRef|numDim|strDim)\b[^>]*>\s*"
    rb"<(?P=p)f(?:\s[^>]*)?>(?P<f>[^<]*)</(?P=p)f>(?P<rest>.*?)</(?P=p)(?P=kind)>",
    re.DOTALL,
)
_CACHE = re.compile(
    rb"(?P<open><(?P<p>(?:\w+:)?)(?P<kind>numCache|strCache|multiLvlStrCache|lvl)\b[^>]*>)(?P<body>.*?)</(?P=p)(?P=kind)>",
    re.DOTALL,
)
_POINT = re.compile(rb"<(?:\w+:)?pt\s[^>]*?idx=[\"'](\d+)[\"'][^>]*>(?:\s*<(?:\w+:)?v>)?([^<]*)")
_POINTS = re.compile(rb"<(?:\w+:)?(?:ptCount|pt)\b.*", re.DOTALL)


@dataclass(frozen=True)
class _Series:
    """A reference in a chart's part."""

    span: tuple[int, int]  # of the range's text
    rest: tuple[int, int]  # of what follows it, the cache among it
    formula: str
    sheet: str
    areas: tuple[Area, ...]  # none where the range cannot be made out


@dataclass(frozen=True)
class _Chart:
    part: str
    data: bytes
    series: tuple[_Series, ...]


def refreshed(
    template: Template, shown: Mapping[str, Mapping[Address, Scalar]], tables: Sequence[TableChange]
) -> dict[str, bytes]:
    """The chart parts that show changed cells, with the values those have now.

    ``shown`` are the values of the cells written. A range that covers just the data of a table follows the table.
    Where a cache cannot be made anew (several levels of categories, a range that is computed) it is emptied: Excel
    fills it on opening.
    """
    charts = template.keep("charts", lambda: tuple(_charts(template)))
    parts = {}
    for chart in charts:
        edits = [e for s in chart.series for e in _edits(template, chart, s, shown, tables)]
        if edits:
            out, at = [], 0
            for start, end, xml in sorted(edits):
                out += [chart.data[at:start], xml]
                at = end
            parts[chart.part] = b"".join([*out, chart.data[at:]])
    return parts


def _charts(template: Template) -> Iterator[_Chart]:
    for override in template.package.tree(CONTENT_TYPES).iterfind("{*}Override"):
        if not override.get("ContentType", "").endswith(("drawingml.chart+xml", ".chartex+xml")):
            continue
        part = override.get("PartName", "").lstrip("/")
        if part in template.package:
            data = template.package.read(part)
            series = []
            for m in _REFERENCE.finditer(data):
                formula = text(m["f"])
                sheet, areas = _areas(template, formula)
                series.append(_Series(m.span("f"), m.span("rest"), formula, sheet, areas))
            yield _Chart(part, data, tuple(series))


def _areas(template: Template, formula: str, depth: int = 0) -> tuple[str, tuple[Area, ...]]:
    """The sheet and the ranges a series refers to, through a defined name if need be."""
    if depth > 5:
        return "", ()
    sheet, refs = "", [t for t in tokens(formula) if t.kind != "space"]
    areas: list[Area] = []
    for i, token in enumerate(refs):
        if token.kind == "sheet":
            named = unquoted(token.text.rstrip("!"))
            if sheet and named != sheet and named in template.plans:
                return "", ()
            sheet = named
        elif token.kind == "cell":
            if i and refs[i - 1].text == ":":
                first = areas.pop()
                areas.append(Area.parse(f"{first}:{token.text}"))
            else:
                areas.append(Area.parse(token.text))
        elif token.kind == "name" and len(refs) <= 2 and token.text in template.names:
            return _areas(template, template.names[token.text], depth + 1)
        elif token.text not in (":", ",", "(", ")"):
            return "", ()
    return (sheet, tuple(areas)) if sheet in template.plans else ("", ())


def _edits(
    template: Template,
    chart: _Chart,
    series: _Series,
    shown: Mapping[str, Mapping[Address, Scalar]],
    tables: Sequence[TableChange],
) -> Iterator[tuple[int, int, bytes]]:
    cache = _CACHE.search(chart.data, *series.rest)
    areas = series.areas
    for change in tables:
        old, new = change.table.body, change.body
        if change.table.sheet == series.sheet and len(areas) == 1 and old != new:
            a = areas[0]
            if (a.top, a.bottom) == (old.top, old.bottom) and old.left <= a.left and a.right <= old.right:
                areas = (Area(new.top, a.left, new.bottom, a.right),)
                before, _, last = series.formula.rpartition("!")
                if series.formula.count("!") == 1 and Area.parse(last) == a:
                    ref = re.sub(r"([A-Z]+)(\d+)", r"$\1$\2", str(areas[0]))
                    yield *series.span, escape(f"{before}!{ref}", quote=False).encode()
    if cache is None:
        return
    written = shown.get(series.sheet, {})
    if areas and areas == series.areas and not any(cell in written for area in areas for cell in area):
        return
    if not areas or cache["kind"] == b"multiLvlStrCache":
        if shown and _POINT.search(cache["body"]):
            yield *cache.span(), b""
        return
    points = list(_points(template, series.sheet, areas, written, number=_numeric(chart.data, cache, series)))
    count = sum(a.rows * a.columns for a in areas)
    if not _same(points, count, cache):
        yield *cache.span(), _filled(cache, points, count)


def _numeric(data: bytes, cache: re.Match[bytes], series: _Series) -> bool:
    if cache["kind"] == b"lvl":
        return data.rfind(b"numDim", 0, series.span[0]) > data.rfind(b"strDim", 0, series.span[0])
    return cache["kind"] == b"numCache"


def _points(
    template: Template, sheet: str, areas: Sequence[Area], written: Mapping[Address, Scalar], *, number: bool
) -> Iterator[tuple[int, bytes]]:
    plan = template.plans[sheet]
    for i, cell in enumerate(cell for area in areas for cell in area):
        value = written[cell] if cell in written else plan.value(cell, template.strings)
        if value is None or value == "":
            continue
        if number and isinstance(value, str) and not isinstance(value, ErrorCode):
            value = 0  # what a chart draws for a text
        kind, xml = content(value, formula=True, date1904=template.date1904)
        shown = xml[3:-4]
        if kind == b' t="b"' and not number:
            shown = b"TRUE" if value else b"FALSE"
        yield i, shown


def _same(points: Sequence[tuple[int, bytes]], count: int, cache: re.Match[bytes]) -> bool:
    """Whether the cache holds these points already, however it writes its numbers."""
    told = re.search(rb"ptCount[^>]*?(?:val)?=[\"'](\d+)", cache[0])
    held = [(int(i), v) for i, v in _POINT.findall(cache["body"])]
    if len(held) != len(points) or (told is not None and int(told[1]) != count):
        return False
    pairs = zip(held, points, strict=True)
    return all(i == j and (v == w or _number(v) == _number(w) is not None) for (i, v), (j, w) in pairs)


def _number(raw: bytes) -> float | None:
    try:
        return float(raw)
    except ValueError:
        return None


def _filled(cache: re.Match[bytes], points: Sequence[tuple[int, bytes]], count: int) -> bytes:
    p, kind = cache["p"], cache["kind"]
    close = b"</%b%b>" % (p, kind)
    if kind == b"lvl":
        opened = re.sub(rb"ptCount=[\"']\d+[\"']", b'ptCount="%d"' % count, cache["open"])
        return opened + b"".join(b'<%bpt idx="%d">%b</%bpt>' % (p, i, v, p) for i, v in points) + close
    before = _POINTS.sub(b"", cache["body"])  # the number format
    told = b'<%bptCount val="%d"/>' % (p, count)
    return (
        cache["open"] + before + told
        + b"".join(b'<%bpt idx="%d"><%bv>%b</%bv></%bpt>' % (p, i, p, v, p, p) for i, v in points) + close
    )  # fmt: skip
