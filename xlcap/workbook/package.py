"""The zip a workbook is: its parts, how they refer to each other, and a copy with some of them changed."""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Collection, Mapping
from copy import copy
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from lxml import etree

from xlcap.workbook.cells import WorkbookError

_OLE = b"\xd0\xcf\x11\xe0"  # an encrypted workbook, and an old .xls, is a compound file, not a zip
CONTENT_TYPES = "[Content_Types].xml"


class Relationship(NamedTuple):
    id: str
    kind: str  # the last word of the relationship's type: "worksheet", "table"
    target: str  # the part's name, or the address of something outside the file


def parse(data: bytes) -> etree._Element:
    """The tree of a part, with no entity expanded and nothing fetched."""
    return etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True))


def rels_of(part: str) -> str:
    """The part that holds the relationships of a part.

    >>> rels_of("xl/workbook.xml"), rels_of("workbook.xml")
    ('xl/_rels/workbook.xml.rels', '_rels/workbook.xml.rels')
    """
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{name}.rels")


def appended(data: bytes, element: str, root: str) -> bytes:
    """An element added at the end of a part's root, ``{p}`` in it standing for the root's own namespace prefix."""
    m = re.search(rb"</((?:\w+:)?)" + root.encode() + rb"\s*>\s*$", data)
    if m is None:
        raise WorkbookError(f"the part that lists {root} cannot be read")
    return data[: m.start()] + element.replace("{p}", m[1].decode()).encode() + data[m.start() :]


def inserted(data: bytes, element: str, after: Collection[str]) -> bytes:
    """An element put behind the last of these that a part has, ``{p}`` in it standing for that one's namespace prefix.

    >>> inserted(b"<w><x:sheets><x:sheet/></x:sheets><x:names/><x:end/></w>", "<{p}new/>", ("sheets", "names"))
    b'<w><x:sheets><x:sheet/></x:sheets><x:names/><x:new/><x:end/></w>'
    """
    told = "|".join(after).encode()
    ends = re.finditer(rb"</(?P<p>(?:\w+:)?)(?:%b)\s*>|<(?P<q>(?:\w+:)?)(?:%b)\b[^>]*/>" % (told, told), data)
    last = max(ends, key=lambda m: m.end(), default=None)
    if last is None:
        raise WorkbookError(f"the part that lists {next(iter(after))} cannot be read")
    xml = element.replace("{p}", (last["p"] or last["q"] or b"").decode()).encode()
    return data[: last.end()] + xml + data[last.end() :]


class Package:
    """An OOXML package, read once. ``WorkbookError`` if ``data`` is not one."""

    def __init__(self, data: bytes, path: Path) -> None:
        if data[:4] == _OLE:
            raise WorkbookError(
                "encrypted, or in the old .xls format; remove the password or save it as .xlsx", where=str(path)
            )
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, ValueError) as error:
            reason = f"not a workbook, or damaged ({error}); open it where it was made, and save it as .xlsx"
            raise WorkbookError(reason, where=str(path)) from None
        self._infos = self._archive.infolist()
        self._data = data
        self._path = path
        self._by_name = {info.filename: info for info in self._infos}
        self._cache: dict[str, bytes] = {}

    def __contains__(self, part: str) -> bool:
        return part in self._by_name

    @property
    def parts(self) -> tuple[str, ...]:
        """Every member, in the file's order."""
        return tuple(self._by_name)

    def read(self, part: str) -> bytes:
        """A part's bytes; ``WorkbookError`` when it is missing or damaged."""
        if part not in self._cache:
            if part not in self._by_name:
                raise WorkbookError(f"the part {part} is missing", where=str(self._path))
            try:
                self._cache[part] = self._archive.read(part)
            # RuntimeError: the member is encrypted; NotImplementedError: compressed in a way zipfile does not know
            except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError) as error:
                raise WorkbookError(f"the part {part} cannot be read: {error}", where=str(self._path)) from None
        return self._cache[part]

    def tree(self, part: str) -> etree._Element:
        """A part parsed; ``WorkbookError`` when it is not XML."""
        try:
            return parse(self.read(part))
        except etree.XMLSyntaxError as error:
            raise WorkbookError(f"the part {part} is not well-formed XML: {error}", where=str(self._path)) from None

    def relationships(self, part: str) -> tuple[Relationship, ...]:
        """What a part refers to."""
        folder, rels = posixpath.dirname(part), rels_of(part)
        if rels not in self:
            return ()
        return tuple(
            Relationship(
                r.get("Id", ""),
                r.get("Type", "").rpartition("/")[2],
                r.get("Target", "")
                if r.get("TargetMode") == "External"
                else posixpath.normpath(posixpath.join("/", folder, r.get("Target", ""))).lstrip("/"),
            )
            for r in self.tree(rels)
            if isinstance(r.tag, str)
        )

    @cached_property
    def _spans(self) -> dict[str, tuple[int, int]]:
        """Where each member's local header and compressed bytes lie."""
        offsets = sorted(info.header_offset for info in self._infos)
        after = dict(zip(offsets, [*offsets[1:], self._archive.start_dir], strict=True))
        return {i.filename: (i.header_offset, after[i.header_offset]) for i in self._infos}

    def replaced(self, changed: Mapping[str, bytes], dropped: frozenset[str] = frozenset()) -> bytes:
        """The package with some parts changed, added (at the end) or dropped; every other member is copied as it is,
        compressed bytes and all.
        """
        if not changed and not dropped:
            return self._data
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as archive:
            for info in self._infos:
                name = info.filename
                if name in dropped:
                    continue
                if name in changed:
                    archive.writestr(_renewed(info), changed[name], compresslevel=3)
                else:
                    start, end = self._spans[name]
                    moved = copy(info)
                    moved.header_offset = out.tell()
                    out.write(self._data[start:end])
                    # zipfile has no call to add a member already compressed; these are what its own writer sets.
                    archive.filelist.append(moved)
                    archive.NameToInfo[name] = moved
                    archive.start_dir = out.tell()
            for name, data in changed.items():
                if name not in self:
                    archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED, 3)
        return out.getvalue()


def disowned(package: Package, parts: dict[str, bytes], owner: str, target: str, relationship: str) -> None:
    """A part taken out of its owner's relationships and the content types; ``parts`` are those changed so far."""
    for part, told in (
        (rels_of(owner), rb"Id=[\"']" + re.escape(relationship.encode())),
        (CONTENT_TYPES, rb"PartName=[\"']/" + re.escape(target.encode())),
    ):
        data = parts.get(part) or package.read(part)
        parts[part] = re.sub(rb"<(?:\w+:)?(?:Relationship|Override)\s[^>]*?" + told + rb"[\"'][^>]*?/>", b"", data)
        parse(parts[part])


def _renewed(info: zipfile.ZipInfo) -> zipfile.ZipInfo:
    """A member's name, date and attributes for new content (sizes and flags are the writer's)."""
    fresh = zipfile.ZipInfo(info.filename, info.date_time)
    fresh.compress_type = zipfile.ZIP_DEFLATED
    fresh.external_attr, fresh.create_system = info.external_attr, info.create_system
    return fresh
