"""A workbook's links to other workbooks, among them the one through which it calls the functions of an add-in.

A formula names a link by its number, ``[1]!WATERFALL(...)``: its place among the workbook's external references.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection
from typing import NamedTuple
from urllib.parse import quote, unquote

from lxml import etree

from xlcap.workbook.package import CONTENT_TYPES, appended, disowned, inserted, rels_of
from xlcap.workbook.template import Template

ADDIN = "xlcap.xlam"
"""Excel's add-in with our functions. Told by its name alone it is the one in the start-up folder of whoever opens the
workbook; told by a path, the one there."""

_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_STRICT = "http://purl.oclc.org/ooxml/officeDocument/relationships"
_STARTUP = "http://schemas.microsoft.com/office/2006/relationships/xlExternalLinkPath/xlStartup"
_PART_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.externalLink+xml"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


class Link(NamedTuple):
    """One link; ``fault`` says why it leads nowhere."""

    number: int
    relationship: str  # its id among the workbook's
    part: str = ""
    target: str = ""  # as the file holds it; empty for a link to something else than a workbook
    fault: str = ""

    @property
    def book(self) -> str:
        """The name of the workbook it leads to, without its folder."""
        return book_of(unquote(self.target))


def book_of(path: str) -> str:
    """The last part of a path of any system.

    >>> book_of(r"C:\\\\Add-ins\\\\xlcap.xlam"), book_of("file:///Users/me/xlcap.xlam")
    ('xlcap.xlam', 'xlcap.xlam')
    """
    return re.split(r"[\\/]", path)[-1]


def links(template: Template) -> tuple[Link, ...]:
    """Every link of a workbook, in the order of their numbers."""
    return template.keep("links", lambda: tuple(_link(template, i, key) for i, key in enumerate(_listed(template), 1)))


def _listed(template: Template) -> list[str]:
    listed = template.package.tree(template.part).iterfind("{*}externalReferences/{*}externalReference")
    return [next((str(v) for k, v in r.attrib.items() if str(k).endswith("}id")), "") for r in listed]


def _link(template: Template, number: int, key: str) -> Link:
    package = template.package
    found = next((r for r in package.relationships(template.part) if r.id == key), None)
    if found is None or found.target not in package:
        return Link(number, key, fault="its part is missing from the file")
    book = package.tree(found.target).find("{*}externalBook")
    if book is None:
        return Link(number, key, found.target)  # to another program: nothing a formula calls through it
    told = next((str(v) for k, v in book.attrib.items() if str(k).endswith("}id")), "")
    path = next((r for r in package.relationships(found.target) if r.id == told), None)
    if path is None or not path.target:
        return Link(number, key, found.target, fault="the file does not say which workbook it leads to")
    fault = "Excel did not find the workbook" if path.kind == "xlPathMissing" else ""
    return Link(number, key, found.target, path.target, fault)


def to_addin(template: Template, addin: str) -> tuple[Link, ...]:
    """The links to an add-in of this name, in whatever folders; a workbook that was in several may have several."""
    return tuple(link for link in links(template) if link.book.casefold() == book_of(addin).casefold())


def added(template: Template, parts: dict[str, bytes], addin: str | None, names: Collection[str]) -> int:
    """The number of the link to our add-in, through which these functions can be called.

    The link is made where the workbook has none. One that is there is made to lead to ``addin``; if none is told it
    stays as it is, unless it leads nowhere. What it takes is put into ``parts``.
    """
    ours = to_addin(template, addin or ADDIN)
    if ours:
        link = ours[0]
        elsewhere = bool(addin or link.fault)
        if elsewhere:
            parts[rels_of(link.part)] = _path(template, addin or ADDIN, _book_key(template, link))
        _extended(template, parts, link, names, elsewhere=elsewhere)
        return link.number
    package = template.package
    folder = posixpath.dirname(template.part)
    targets = (f"externalLinks/externalLink{n}.xml" for n in range(1, 1 << 16))
    target = next(t for t in targets if posixpath.join(folder, t) not in package)
    part = posixpath.join(folder, target)
    office = _office(template)
    told = "".join(f'<definedName name="{name}"/>' for name in sorted(names))
    parts[part] = (
        f'{_HEAD}<externalLink xmlns="{_main(template)}"><externalBook xmlns:r="{office}" r:id="rId1">'
        f"<definedNames>{told}</definedNames></externalBook></externalLink>"
    ).encode()
    parts[rels_of(part)] = _path(template, addin or ADDIN, "rId1")
    key = _fresh("rIdXlcap", {r.id for r in package.relationships(template.part)})
    rels = rels_of(template.part)
    parts[rels] = appended(
        parts.get(rels) or package.read(rels),
        f'<{{p}}Relationship Id="{key}" Type="{office}/externalLink" Target="{target}"/>',
        "Relationships",
    )
    parts[CONTENT_TYPES] = appended(
        parts.get(CONTENT_TYPES) or package.read(CONTENT_TYPES),
        f'<{{p}}Override PartName="/{part}" ContentType="{_PART_TYPE}"/>',
        "Types",
    )
    parts[template.part] = _referring(parts.get(template.part) or package.read(template.part), key, office)
    return len(links(template)) + 1


def removed(template: Template, parts: dict[str, bytes], dropped: set[str], link: Link) -> None:
    """The link taken out of the workbook. It must be the last: formulas name the others by their numbers."""
    data = parts.get(template.part) or template.package.read(template.part)
    key = re.escape(link.relationship.encode())
    data = re.sub(rb"<(?:\w+:)?externalReference\s[^>]*?id=[\"']" + key + rb"[\"'][^>]*?/>", b"", data)
    parts[template.part] = re.sub(rb"<((?:\w+:)?externalReferences)>\s*</\1>", b"", data)
    disowned(template.package, parts, template.part, link.part, link.relationship)
    dropped.update((link.part, rels_of(link.part)))


def _main(template: Template) -> str:
    return str(etree.QName(template.package.tree(template.part)).namespace)


def _office(template: Template) -> str:
    """The namespace of relationships, which is another one in a strict file."""
    return _STRICT if "purl.oclc.org" in _main(template) else _OFFICE


def _path(template: Template, addin: str, key: str) -> bytes:
    """The part that says where the add-in is."""
    if book_of(addin) == addin:
        kind, target = _STARTUP, quote(addin)
    else:
        kind = f"{_office(template)}/externalLinkPath"
        target = "file:///" + quote(addin.lstrip("/"), safe="/:\\")
    return (
        f'{_HEAD}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="{key}" Type="{kind}" Target="{target}" TargetMode="External"/></Relationships>'
    ).encode()


def _book_key(template: Template, link: Link) -> str:
    book = template.package.tree(link.part).find("{*}externalBook")
    return "" if book is None else next(str(v) for k, v in book.attrib.items() if str(k).endswith("}id"))


def _extended(
    template: Template, parts: dict[str, bytes], link: Link, names: Collection[str], *, elsewhere: bool
) -> None:
    """The link's list of the functions called through it, with those it lacks. A link that leads ``elsewhere`` now
    loses the other addresses Excel noted of the place it led to.
    """
    tree = template.package.tree(link.part)
    book = tree.find("{*}externalBook")
    if book is None:
        return
    space = etree.QName(tree).namespace
    others = book.findall("{*}alternateUrls") if elsewhere else []
    for other in others:
        book.remove(other)
    listed = book.find("{*}definedNames")
    if listed is None:
        listed = etree.Element(f"{{{space}}}definedNames")
        before = [i for i, e in enumerate(book, 1) if etree.QName(e).localname in ("alternateUrls", "sheetNames")]
        book.insert(max(before, default=0), listed)
    known = {str(d.get("name")).casefold() for d in listed}
    fresh = [name for name in sorted(names) if name.casefold() not in known]
    for name in fresh:
        etree.SubElement(listed, f"{{{space}}}definedName", {"name": name})
    if fresh or others:
        parts[link.part] = etree.tostring(tree, xml_declaration=True, encoding="UTF-8", standalone=True)


def _referring(data: bytes, key: str, office: str) -> bytes:
    """The workbook's part with one more external reference, at the end of those it has."""
    reference = '<{p}externalReference xmlns:r="' + office + '" r:id="' + key + '"/>'
    last = re.search(rb"</((?:\w+:)?)externalReferences\s*>", data)
    if last is None:
        # The schema wants them after the sheets and the groups of functions, before the names.
        listed = "<{p}externalReferences>" + reference + "</{p}externalReferences>"
        return inserted(data, listed, ("sheets", "functionGroups"))
    return data[: last.start()] + reference.replace("{p}", last[1].decode()).encode() + data[last.start() :]


def _fresh(wanted: str, taken: Collection[str]) -> str:
    return next(key for key in (wanted, *(f"{wanted}{n}" for n in range(2, 1 << 16))) if key not in taken)
