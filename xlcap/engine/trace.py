"""The trace of a conversion price: what each event did to it, under which clause, by which arithmetic.

The trace is built beside the number. Histories, explanations and certificates of adjustment are renderings of it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from xlcap.engine.adjustment import Fraction
from xlcap.events import Event, numbered
from xlcap.numbers import show
from xlcap.terms import Slot

Figure = Decimal | dt.date

SLOTS: tuple[Slot, ...] = ("pre_open", "open", "post_open", "intraday", "pre_close", "close")

SLOT_WORDS: Mapping[Slot, str] = {
    "pre_open": "immediately before opening",
    "open": "opening",
    "post_open": "immediately after opening",
    "intraday": "during the day",
    "pre_close": "immediately before close",
    "close": "close",
}


class Outcome(StrEnum):
    """What an event did to the price."""

    ADJUSTED = "adjusted"
    CARRIED = "carried"
    NO_CHANGE = "no change"
    RESTORED = "restored"
    READJUSTED = "readjusted"
    REDUCED = "reduced"
    REDUCTION_ENDS = "reduction ends"

    @property
    def changes_the_price(self) -> bool:
        return self not in (Outcome.CARRIED, Outcome.NO_CHANGE)


class Moment(NamedTuple):
    """A date and a time of day, in the order the certificates give the times."""

    date: dt.date
    order: int

    @classmethod
    def at(cls, date: dt.date, slot: Slot) -> Moment:
        return cls(date, SLOTS.index(slot))

    @property
    def slot(self) -> Slot:
        return SLOTS[self.order]

    def __str__(self) -> str:
        return f"{self.date}, {SLOT_WORDS[self.slot]}"


class Step(NamedTuple):
    """One entry of a price's history.

    ``before`` and ``price`` are what is in effect before and after. ``unrounded`` is the price the clause computes and
    ``rounded`` the same to the certificate's places. Where the change is too small to be made, ``price`` stays and
    ``carried`` is what is taken into account next time: the unrounded price less the price that stands. Where a
    fraction was applied, ``start`` is what it was applied to; where none was, ``figures`` are the facts that mattered,
    and ``worked`` is the computation, if there was one.
    """

    moment: Moment
    clause: str
    of: Event
    outcome: Outcome
    before: Decimal
    unrounded: Decimal
    rounded: Decimal
    price: Decimal
    carried: Decimal
    reason: str
    start: Decimal
    fraction: Fraction | None = None
    figures: Mapping[str, Figure] = MappingProxyType({})
    worked: str = ""
    retold: Callable[[], Sequence[Step]] = tuple
    """Where the price was worked out anew: the steps of that, from what is told otherwise on, to who asks for them."""

    @property
    def event(self) -> str:
        """The event in words."""
        return numbered(self.of)

    @property
    def inputs(self) -> Mapping[str, Figure]:
        """The facts that entered, by name."""
        return self.fraction.inputs if self.fraction else self.figures

    @property
    def formula(self) -> str:
        """The computation in figures, if there was one."""
        if self.fraction is None:
            return self.worked
        start = "" if self.fraction.replaces else f"{show(self.start)} × "
        return f"{start}{self.fraction.formula} = {show(self.unrounded)}"

    @property
    def inputs_in_words(self) -> str:
        """The facts that entered, each with its name."""
        told = {name: f"{value}" if isinstance(value, dt.date) else show(value) for name, value in self.inputs.items()}
        return "; ".join(f"{name.replace('_', ' ')} {value}" for name, value in told.items())
