"""Frozen records with keyword fields: what terms, events and table rows are made of.

They are dataclasses (fields, defaults, ``dataclasses.replace``) whose constructor is shared. Generating one for each of
some fifty classes is most of what importing the functions would cost, and a browser or a spreadsheet pays that price at
every start.
"""

from __future__ import annotations

import dataclasses
import typing
from typing import Any, NoReturn, TypeVar

T = TypeVar("T")


def declared(doc: str, default: Any, least: Any, above: Any, most: Any = None) -> Any:
    """A field with its meaning and the range its numbers must lie in; without a default it is required."""
    return dataclasses.field(default=default, metadata={"doc": doc, "least": least, "above": above, "most": most})


def _init(self: Any, **values: Any) -> None:
    missing = type(self).__required__ - values.keys()
    if missing or not values.keys() <= type(self).__dataclass_fields__.keys():
        unknown = values.keys() - type(self).__dataclass_fields__.keys()
        raise TypeError(f"{type(self).__name__}: missing {sorted(missing)}, unknown {sorted(unknown)}")
    self.__dict__.update(values)  # a default is the class's attribute
    if hasattr(self, "__post_init__"):
        self.__post_init__()


def _frozen(self: Any, *_: Any) -> NoReturn:
    raise dataclasses.FrozenInstanceError(f"{type(self).__name__} cannot be changed; make another")


def _repr(self: Any) -> str:
    shown = ", ".join(f"{name}={getattr(self, name)!r}" for name in type(self).__dataclass_fields__)
    return f"{type(self).__name__}({shown})"


@typing.dataclass_transform(frozen_default=True, kw_only_default=True, eq_default=False)
def record(cls: type[T]) -> type[T]:
    """Make a class a frozen record; two records are the same only if they are one object."""
    made: Any = dataclasses.dataclass(init=False, repr=False, eq=False)(cls)
    made.__required__ = frozenset(
        field.name
        for field in dataclasses.fields(made)
        if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
    )
    made.__init__, made.__repr__ = _init, _repr
    made.__setattr__ = made.__delattr__ = _frozen
    return typing.cast(type[T], made)
