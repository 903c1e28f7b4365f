"""Terms are frozen dataclasses; this module turns data into them, and them into data, and describes them.

One walk over a dataclass's fields serves four needs: a TOML file becomes terms, a two-column block of cells becomes
terms, terms become such a block, and the classes become a JSON Schema for editors. The checks and their sentences
therefore exist once. (The libraries that do this were measured: the decision is recorded in docs/decisions.)
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal, TypeVar

from xlcap.cells import Cell, as_bool, as_date, as_integer, as_number, as_text, found, is_blank
from xlcap.errors import XlcapError, nearest
from xlcap.records import declared

T = TypeVar("T")


class Blank(str):
    """A date the certificate itself leaves open, in its own words, such as ``July __, 2003``. It must be filled in."""

    @property
    def earliest(self) -> dt.date | None:
        """The first day it can turn out to be, where the month and the year are there.

        >>> Blank("July __, 2003").earliest
        datetime.date(2003, 7, 1)
        """
        return _earliest(self)


@functools.cache
def _earliest(text: str) -> dt.date | None:
    month, _, year = text.partition("_")
    try:
        return dt.datetime.strptime(f"{month.strip()} {year.strip('_ ,')}", "%B %Y").date()
    except ValueError:
        return None


Day = dt.date | Blank

NONE = "none"
"""What a block of cells says to leave out a field, or a whole rule, that the certificate it completes has."""


def term(
    doc: str,
    *,
    default: Any = dataclasses.MISSING,
    least: Decimal | int | None = None,
    above: Decimal | int | None = None,
    most: Decimal | int | None = None,
) -> Any:
    """A field of the terms: its meaning and unit, and the range its numbers must lie in."""
    return declared(doc, default, least, above, most)


@dataclass(frozen=True)
class Key:
    """One field of a terms class, as the walk sees it."""

    name: str
    kind: Any
    optional: bool
    doc: str
    default: Any
    least: Decimal | int | None
    above: Decimal | int | None
    most: Decimal | int | None

    @property
    def required(self) -> bool:
        return self.default is dataclasses.MISSING

    @property
    def section(self) -> type | None:
        """The dataclass this key holds, if it is a table of further keys."""
        return self.kind if dataclasses.is_dataclass(self.kind) else None  # type: ignore[return-value]  # a class

    @property
    def sections(self) -> type | None:
        """The dataclass of each entry, if this key is a table of named tables (``[notices.redemption]``)."""
        return typing.get_args(self.kind)[1] if typing.get_origin(self.kind) is Mapping else None


def _keys(section: Any) -> Mapping[str, Key]:
    hints = typing.get_type_hints(section)
    result = {}
    for field in dataclasses.fields(section):
        kind, optional = hints[field.name], False
        if typing.get_origin(kind) in (typing.Union, types.UnionType) and type(None) in typing.get_args(kind):
            optional = True
            members = tuple(member for member in typing.get_args(kind) if member is not type(None))
            kind = members[0] if len(members) == 1 else typing.Union[members]  # noqa: UP007  # built at run time
        default = field.default
        if field.default_factory is not dataclasses.MISSING:
            default = field.default_factory()
        result[field.name] = Key(
            name=field.name,
            kind=kind,
            optional=optional,
            doc=field.metadata.get("doc", ""),
            default=default,
            least=field.metadata.get("least"),
            above=field.metadata.get("above"),
            most=field.metadata.get("most"),
        )
    return result


keys: Callable[[Any], Mapping[str, Key]] = functools.cache(_keys)
"""The keys of a terms class, by name."""


def build(section: type[T], data: Mapping[str, Any], where: str, path: str = "") -> T:
    """``data`` as an instance of ``section``; ``where`` names the file or block, ``path`` the table within it."""
    known = keys(section)
    for name in data:
        if name not in known:
            close = nearest(name, known)
            hint = f"did you mean '{close}'?" if close else f"the keys here are {', '.join(known)}"
            raise XlcapError(f"this key is not known; {hint}", where=f"{where}: {path}{name}")
    values: dict[str, Any] = {}
    for name, key in known.items():
        spot = f"{path}{name}"
        if name not in data or data[name] is None:
            if key.sections:
                values[name] = types.MappingProxyType({})
            elif key.required:
                choices = typing.get_args(key.kind) if typing.get_origin(key.kind) is Literal else ()
                listed = f" (one of {', '.join(map(str, choices))})" if choices else ""
                raise XlcapError(f"is missing: {key.doc}{listed}", where=f"{where}: {spot}")
            continue
        value = data[name]
        if key.optional and isinstance(value, str) and value.strip().lower() == NONE:
            values[name] = None
        elif key.section:
            values[name] = build(key.section, _table(value, where, spot), where, f"{spot}.")
        elif key.sections:
            entries = _table(value, where, spot)
            values[name] = types.MappingProxyType(
                {
                    entry: build(key.sections, _table(content, where, f"{spot}.{entry}"), where, f"{spot}.{entry}.")
                    for entry, content in entries.items()
                }
            )
        else:
            try:
                values[name] = read(key, value)
            except XlcapError as error:
                message = f"{error.message}. It holds: {key.doc}"
                raise XlcapError(message, where=f"{where}: {spot}", code=error.code) from None
    try:
        return section(**values)
    except XlcapError as error:  # a rule that ties several keys together, checked by the class itself
        raise XlcapError(error.message, where=f"{where}: {path}{error.where or ''}".rstrip(".")) from None


def _table(value: Any, where: str, spot: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise XlcapError(f"a table of keys is expected; found {found(value)}", where=f"{where}: {spot}")
    return value


def read(key: Key, value: Cell) -> object:
    """One value, whether it comes from TOML or from a cell, in the type of its key."""
    result = _read(key.kind, value)
    numeric = isinstance(result, Decimal | int | Fraction) and not isinstance(result, bool)
    if numeric and key.least is not None and result < key.least:  # type: ignore[operator]  # a number, as just tested
        raise XlcapError(f"must be {key.least} or more; found {found(value)}")
    if numeric and key.above is not None and result <= key.above:  # type: ignore[operator]  # as above
        raise XlcapError(f"must be above {key.above}; found {found(value)}")
    if numeric and key.most is not None and result > key.most:  # type: ignore[operator]  # as above
        raise XlcapError(f"must be {key.most} or less; found {found(value)}")
    return result


def _read(kind: Any, value: Cell) -> object:
    if kind is Decimal:
        return as_number(value)
    if kind is int:
        return as_integer(value)
    if kind is bool:
        return as_bool(value)
    if kind is dt.date:
        return as_date(value)
    if kind == Day:
        text = value.strip() if isinstance(value, str) else ""
        return Blank(text) if "__" in text else as_date(value)
    if kind is Fraction:
        return _fraction(value)
    if kind is str:
        return as_text(value)
    origin, args = typing.get_origin(kind), typing.get_args(kind)
    if origin is Literal:
        text = as_text(value)
        for choice in args:
            if text.lower() == str(choice).lower():
                return choice
        raise XlcapError(f"one of {', '.join(map(str, args))} is expected; found {found(value)}")
    if origin is tuple:
        if isinstance(value, str) and value.strip().lower() == NONE:
            return ()
        items = (
            value if isinstance(value, list | tuple) else [part for part in as_text(value).split(",") if part.strip()]
        )
        return tuple(_read(args[0], item) for item in items)
    raise TypeError(f"terms cannot hold {kind}")


def _fraction(value: Cell) -> Fraction:
    """A share of a whole written as people write it: ``2/3``, or a decimal."""
    if isinstance(value, str) and "/" in value:
        top, _, bottom = value.partition("/")
        if top.strip().isdigit() and bottom.strip().isdigit() and int(bottom):
            return Fraction(int(top), int(bottom))
        raise XlcapError(f"a fraction such as 2/3 is expected; found {found(value)}")
    return Fraction(as_number(value))


def flatten(section: Any, path: str = "") -> dict[str, object]:
    """Terms as dotted fields and values, in the order of the classes; what is absent is left out.

    Lists become one text, separated by commas, as ``build`` reads them back from a cell.
    """
    result: dict[str, object] = {}
    for name, key in keys(type(section)).items():
        value = getattr(section, name)
        if value is None:
            if key.default is not None and not key.required:
                result[f"{path}{name}"] = NONE  # absent is not what a blank would mean here
            continue
        if key.section:
            result |= flatten(value, f"{path}{name}.")
        elif key.sections:
            for entry, content in value.items():
                result |= flatten(content, f"{path}{name}.{entry}.")
        elif value == "" or (value == () and key.default == ()):
            continue
        elif value == ():
            result[f"{path}{name}"] = NONE
        elif isinstance(value, tuple):
            result[f"{path}{name}"] = ", ".join(map(str, value))
        else:
            result[f"{path}{name}"] = str(value) if isinstance(value, (Fraction, Blank)) else value
    return result


def nest(fields: Mapping[str, Cell]) -> dict[str, Any]:
    """Dotted fields as nested tables; a blank value is absent."""
    result: dict[str, Any] = {}
    for dotted, value in fields.items():
        if is_blank(value):
            continue
        *tables, name = dotted.split(".")
        spot = result
        for table in tables:
            spot = spot.setdefault(table, {})
            if not isinstance(spot, dict):
                raise XlcapError(
                    f"field '{dotted}' and field '{table}' contradict each other: only one of them can stand"
                )
        spot[name] = value
    return result


def merge(base: dict[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """``base`` with ``changes`` laid over it, table by table."""
    result = dict(base)
    for name, value in changes.items():
        below = result.get(name)
        result[name] = merge(below, value) if isinstance(below, dict) and isinstance(value, Mapping) else value
    return result


def json_schema(section: type) -> dict[str, Any]:
    """A JSON Schema (draft 2020-12) of a terms class, for editors that check TOML while it is typed."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": section.__doc__} | _schema(section)


def _schema(section: type) -> dict[str, Any]:
    properties = {}
    for name, key in keys(section).items():
        if key.section:
            described = _schema(key.section)
        elif key.sections:
            described = {"type": "object", "additionalProperties": _schema(key.sections)}
        else:
            described = _value_schema(key.kind)
            if key.optional and key.default is not None:  # and so it may be left out in so many words
                described = {"anyOf": [described, {"const": NONE}]}
        if key.doc:
            described["description"] = key.doc
        bounds = {"minimum": key.least, "exclusiveMinimum": key.above}
        described |= {
            word: float(bound) for word, bound in bounds.items() if bound is not None and key.kind in (Decimal, int)
        }
        if not key.required and isinstance(key.default, bool | int | str):
            described["default"] = key.default
        properties[name] = described
    required = [name for name, key in keys(section).items() if key.required and not key.sections]
    return {"type": "object", "additionalProperties": False, "properties": properties, "required": required}


def _value_schema(kind: Any) -> dict[str, Any]:
    if kind in (Decimal, Fraction):
        return {"type": ["number", "string"]}
    if kind is int:
        return {"type": "integer"}
    if kind is bool:
        return {"type": "boolean"}
    if kind in (dt.date, Day):  # TOML editors see a date as a text of this format; a Blank is a text too
        return {"type": "string"}
    origin, args = typing.get_origin(kind), typing.get_args(kind)
    if origin is Literal:
        return {"enum": list(args)}
    if origin is tuple:
        return {"type": "array", "items": _value_schema(args[0])}
    return {"type": "string"}
