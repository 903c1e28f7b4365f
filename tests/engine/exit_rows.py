"""The rows of a cap table as the brute force of ``exit_oracle`` sees them, read by the documented columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, NamedTuple

ZERO = Fraction(0)
Profile = tuple[str, ...]
"""What each row does."""
STAY, HOLD, CONVERT, PART = "stays", "holds", "converts", "exercises in part"
"""What a row may do: keep its preference, be repaid, let an option lapse; exercise and hold the preferred stock bought;
convert, or exercise for Common; and, where the proceeds contain the strikes, exercise some of the options."""


class Vote(NamedTuple):
    """A group that converts together: the part of its votes that is needed, and whether a class may convert alone."""

    group: str
    part: Fraction
    at_least: bool
    alone: bool


@dataclass(frozen=True)
class Row:
    """One row of the cap table, in totals for the row."""

    kind: str
    class_: str = ""
    holder: str = ""
    owed: Fraction = ZERO
    """A cost, a debt, a preference, a fixed carve-out; what a note is repaid, a safe cashed out for."""
    rank: Fraction | None = None
    shares: Fraction = ZERO
    """Of Common: held, bought, converted into."""
    price: Fraction = ZERO
    """What exercising all of it costs."""
    of: str = ""
    """Of a warrant on preferred stock: the class it buys."""
    participates: bool = False
    cap: Fraction | None = None
    kept: Fraction = ZERO
    """Owed in the rank of the preference after a conversion."""
    tiers: tuple[tuple[Fraction | None, Fraction], ...] = ()
    """Of a carve-out: up to these proceeds, this rate."""
    gross: bool = False
    part: Fraction | None = None
    """Of a post-money safe: its part of the Liquidity Capitalization."""
    worth: Fraction | None = None
    """Of a note or safe without a cap: what converting at a discount is worth."""
    literal: bool = True
    vote: Vote | None = None
    converts_with: str | None = None

    @property
    def choices(self) -> tuple[str, ...]:
        """What the row may do, the fewest conversions first."""
        if self.kind in ("option", "warrant"):
            return (STAY, *((HOLD,) if self.of else ()), *((CONVERT,) if self.shares else ()))
        if self.kind in ("preferred", "note", "safe") and (self.shares or self.part or self.worth):
            return (STAY, CONVERT)
        return (STAY,)

    @property
    def is_option(self) -> bool:
        """Whether it buys Common."""
        return self.kind in ("option", "warrant") and not self.of


def as_rows(table: Sequence[Mapping[str, Any]]) -> list[Row]:
    """A cap table of dictionaries, as the columns are documented."""
    plain = [_plain(row, table) for row in table]
    return [_against_the_count(cells, row, plain) for cells, row in zip(table, plain, strict=True)]


BARE = {"accrued": 0, "conversion_group": None, "converts_with": None}
"""What shares under a warrant have not: dividends accrued, and a say in what the class does."""


def _plain(cells: Mapping[str, Any], table: Sequence[Mapping[str, Any]]) -> Row:
    """A row by its own cells; a warrant on preferred stock also by those of the class it buys."""
    kind, held, rank = str(cells["kind"]), _number(cells, "shares"), _maybe(cells, "seniority")
    owed = _number(cells, "preference" if "preference" in cells else "amount")
    row = Row(kind, str(cells["class"]), str(cells.get("holder") or ""), owed, rank, shares=held)
    if kind in ("option", "warrant"):
        row = replace(row, price=held * _number(cells, "strike"))
        if "underlying" not in cells:
            return row
        bought = next(other for other in table if other["class"] == cells["underlying"])
        one = _preferred({**bought, **BARE}, replace(row, owed=ZERO, rank=_maybe(bought, "seniority")))
        n = held / Fraction(bought["shares"])
        most = None if one.cap is None else one.cap * n
        return replace(
            one, owed=one.owed * n, shares=one.shares * n, cap=most, price=row.price, of=str(bought["class"])
        )
    if kind == "preferred":
        return _preferred(cells, row)
    if kind == "carve_out":
        return replace(row, tiers=tiers(cells.get("rate")), gross=cells.get("rate_of") == "gross")
    if kind in ("note", "safe"):
        return replace(row, shares=_number(cells, "as_converted"))
    return row


def _preferred(cells: Mapping[str, Any], row: Row) -> Row:
    """Preferred stock by its columns: what it is owed, converts into, and gets at most."""
    held, accrued, issued = (_number(cells, name) for name in ("shares", "accrued", "original_issue_price"))
    dividends, on_conversion = held * accrued, cells.get("dividends_on_conversion", "forfeited")
    owed, converting = row.owed, row.owed
    if "preference" in cells:
        owed = converting = _number(cells, "preference")
    else:
        owed = held * issued * _number(cells, "preference_multiple", 1) + dividends
        converting = held * issued + (dividends if on_conversion == "converted" else ZERO)
    shares = _number(cells, "as_converted") or held * _number(cells, "conversion_ratio")
    if "conversion_price" in cells:
        shares = converting / _number(cells, "conversion_price")
    word, cap = cells.get("participation", "none"), None
    if word == "capped":
        cap = _number(cells, "cap") + held * _number(cells, "cap_per_share")
        cap += held * issued * _number(cells, "cap_multiple")
        if cells.get("cap_includes_dividends") is False:
            cap += dividends
        owed = min(owed, cap)
    return replace(
        row,
        owed=owed,
        shares=shares,
        participates=word != "none",
        cap=cap,
        kept=dividends if on_conversion == "paid" else ZERO,
        vote=_vote(cells),
        converts_with=cells.get("converts_with"),
    )


def _vote(cells: Mapping[str, Any]) -> Vote | None:
    if cells.get("conversion_group") is None:
        return None
    needed = cells.get("conversion_vote") or "> 50%"
    part = _rate(needed.lstrip("<=> ")) if isinstance(needed, str) else Fraction(str(needed))
    at_least = isinstance(needed, str) and needed.startswith(">=")
    return Vote(cells["conversion_group"], part, at_least, cells.get("converts_alone") is not False)


def _rate(text: str) -> Fraction:
    return Fraction(text.strip().rstrip("%")) / (100 if "%" in text else 1)


def tiers(rate: Any) -> tuple[tuple[Fraction | None, Fraction], ...]:
    """A carve-out's rate: a number, or its slices as text.

    >>> tiers("10% to 1,000; 5%")
    ((Fraction(1000, 1), Fraction(1, 10)), (None, Fraction(1, 20)))
    """
    if not isinstance(rate, str):
        return () if rate is None else ((None, Fraction(str(rate))),)
    parts = [part.replace(",", "").split(" to ") for part in rate.split(";")]
    return tuple((Fraction(end[0].strip()) if end else None, _rate(each)) for each, *end in parts)


def _against_the_count(cells: Mapping[str, Any], row: Row, rows: Sequence[Row]) -> Row:
    """What a note or safe converts into, which the count of the other rows decides; where a safe is cashed out."""
    if row.kind not in ("note", "safe"):
        return row
    counts = cells.get("cap_counts", "post_money" if row.kind == "safe" else "with_pool")
    count = {
        "pre_money": ("common", "preferred", "option", "warrant"),
        "with_pool": ("common", "preferred", "option", "warrant", "pool"),
        "without_pool": ("common", "preferred", "option", "warrant"),
        "common_only": ("common",),
    }
    amount, cap, discount = _number(cells, "amount"), _maybe(cells, "valuation_cap"), _maybe(cells, "discount")
    if row.kind == "safe" and row.rank is None:
        row = replace(row, rank=min((other.rank or ZERO for other in rows if other.kind == "preferred"), default=ZERO))
    if row.shares:
        return row
    if cap and counts == "post_money":
        return replace(row, part=amount / cap)
    if cap:
        base = sum(other.shares for other in rows if other.kind in count[counts]) if isinstance(counts, str) else counts
        return replace(row, shares=amount * Fraction(base) / cap)
    if discount:
        literal = cells.get("discount_reading", "literal") == "literal"
        return replace(row, worth=amount / (1 - discount), literal=literal)
    return row


def _maybe(cells: Mapping[str, Any], name: str) -> Fraction | None:
    value = cells.get(name)
    return None if value is None else Fraction(str(value))


def _number(cells: Mapping[str, Any], name: str, blank: int = 0) -> Fraction:
    return Fraction(str(cells[name])) if cells.get(name) is not None else Fraction(blank)


def slices(tiers: Iterable[tuple[Fraction | None, Fraction]], proceeds: Fraction) -> Fraction:
    """A carve-out in tiers, each rate on its own slice of the proceeds."""
    total = start = ZERO
    for end, rate in tiers:
        stop = proceeds if end is None else min(end, proceeds)
        total += rate * max(ZERO, stop - start)
        start = stop
    return total
