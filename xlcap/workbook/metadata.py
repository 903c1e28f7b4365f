"""xl/metadata.xml: where a file says that an array formula is one that spills."""

from __future__ import annotations

from lxml import etree

from xlcap.workbook.package import parse

_DYNAMIC = "http://schemas.microsoft.com/office/spreadsheetml/2017/dynamicarray"
PART_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheetMetadata+xml"
RELATIONSHIP = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/sheetMetadata"

_TYPE = (
    '<metadataType name="XLDAPR" minSupportedVersion="120000" copy="1" pasteAll="1" pasteValues="1" merge="1" '
    'splitFirst="1" rowColShift="1" clearFormats="1" clearComments="1" assign="1" coerce="1" cellMeta="1"/>'
)
_BLOCK = (
    '<bk><extLst><ext uri="{bdbb8cdc-fa1e-496e-a857-3c3f30c029c3}">'
    f'<xda:dynamicArrayProperties xmlns:xda="{_DYNAMIC}" fDynamic="1" fCollapsed="0"/></ext></extLst></bk>'
)
NEW = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    '<metadata xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
    f'xmlns:xda="{_DYNAMIC}"><metadataTypes count="1">{_TYPE}</metadataTypes>'
    f'<futureMetadata name="XLDAPR" count="1">{_BLOCK}</futureMetadata>'
    '<cellMetadata count="1"><bk><rc t="1" v="0"/></bk></cellMetadata></metadata>'
).encode()


def dynamic_indices(tree: etree._Element) -> frozenset[int]:
    """The ``cm`` values (from 1) of cells whose array spills."""
    kinds, dynamic = _types(tree), _dynamic_blocks(tree)
    cells = tree.find("{*}cellMetadata")
    if cells is None or "XLDAPR" not in kinds:
        return frozenset()
    return frozenset(
        i
        for i, bk in enumerate(cells, 1)
        if any(rc.get("t") == str(kinds.index("XLDAPR") + 1) and int(rc.get("v", "-1")) in dynamic for rc in bk)
    )


def with_dynamic(data: bytes) -> tuple[bytes, int]:
    """The metadata with an entry for arrays that spill, and that entry's ``cm``; unchanged where there is one."""
    tree = parse(data)
    known = dynamic_indices(tree)
    if known:
        return data, min(known)
    namespace = etree.QName(tree).namespace
    kinds = _types(tree)
    if "XLDAPR" not in kinds:
        _append(_section(tree, "metadataTypes"), _TYPE, namespace)
        kinds.append("XLDAPR")
    future = next((f for f in tree.iterfind("{*}futureMetadata") if f.get("name") == "XLDAPR"), None)
    if future is None:
        future = _section(tree, "futureMetadata", "XLDAPR")
    if not _dynamic_blocks(tree):
        _append(future, _BLOCK, namespace)
    block = min(_dynamic_blocks(tree))
    cells = _section(tree, "cellMetadata")
    _append(cells, f'<bk><rc t="{kinds.index("XLDAPR") + 1}" v="{block}"/></bk>', namespace)
    return etree.tostring(tree, xml_declaration=True, encoding="UTF-8", standalone=True), len(cells)


def _types(tree: etree._Element) -> list[str]:
    return [t.get("name", "") for t in tree.iterfind("{*}metadataTypes/{*}metadataType")]


def _dynamic_blocks(tree: etree._Element) -> list[int]:
    for future in tree.iterfind("{*}futureMetadata"):
        if future.get("name") == "XLDAPR":
            return [
                i
                for i, bk in enumerate(future)
                if any(p.get("fDynamic") == "1" for p in bk.iter(f"{{{_DYNAMIC}}}dynamicArrayProperties"))
            ]
    return []


# The order the schema wants the sections in.
_ORDER = (
    "metadataTypes",
    "metadataStrings",
    "mdxMetadata",
    "futureMetadata",
    "cellMetadata",
    "valueMetadata",
    "extLst",
)


def _section(tree: etree._Element, name: str, label: str | None = None) -> etree._Element:
    if label is None:
        found = tree.find("{*}" + name)
        if found is not None:
            return found
    section = etree.Element(f"{{{etree.QName(tree).namespace}}}{name}", {"name": label} if label else {})
    rank = _ORDER.index(name)
    at = sum(1 for child in tree if _ORDER.index(etree.QName(child).localname) <= rank)
    tree.insert(at, section)
    return section


def _append(section: etree._Element, xml: str, namespace: str | None) -> None:
    section.append(parse(f'<x xmlns="{namespace}">{xml}</x>'.encode())[0])
    section.set("count", str(len(section)))
