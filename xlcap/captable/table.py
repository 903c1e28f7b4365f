"""A cap table read from a range, and what its rows must agree on."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from fractions import Fraction

from xlcap.captable.holding import Holding
from xlcap.cells import Cell, as_text, is_blank
from xlcap.errors import XlcapError
from xlcap.numbers import exact, show
from xlcap.tables import Range, columns, header_name, read_records
from xlcap.terms import Terms
from xlcap.terms.library import stamp


def class_key(name: str) -> str:
    """A class as certificates and tables may both call it: what it is made of is left off.

    >>> class_key("Series A Convertible Preferred Stock"), class_key("Series A")
    ('series_a', 'series_a')
    """
    words = header_name(name).split("_")
    while len(words) > 1 and words[-1] in ("stock", "shares", "preferred", "convertible"):
        words.pop()
    return "_".join(words)


def read_cap_table(table: Range | None, what: str = "cap_table") -> tuple[Holding, ...]:
    """A cap table; every fault names its row and column.

    >>> read_cap_table([["class", "kind", "shares"], ["Common", "common", 7000000]])[0].label
    'Common'
    """
    holdings: tuple[Holding, ...] = tuple(read_records(table or [], Holding, what))
    if not holdings:
        raise XlcapError("the cap table has no rows", where=what)
    seen: dict[str, Holding] = {}
    classes: dict[str, Holding] = {}
    groups: dict[str, Holding] = {}
    for holding in holdings:
        if holding.label in seen:
            raise holding.fault(
                f"'{holding.label}' is row {seen[holding.label].row} too; tell them apart in the column 'holder'",
                "class",
            )
        seen[holding.label] = holding
        _same_class(holding, classes.setdefault(header_name(holding.class_), holding))
        if holding.vote:
            _same_group(holding, groups.setdefault(header_name(holding.vote.group), holding))
    _check_named(holdings)
    _check_rates(holdings)
    return holdings


def with_terms(holdings: tuple[Holding, ...], terms: Terms | None) -> tuple[Holding, ...]:
    """The cap table with ``terms``, such as a block with a term changed, in place of the certificate of their id."""
    if terms is None:
        return holdings
    governed = [holding.governed_by is not None and holding.governed_by.id == terms.id for holding in holdings]
    if not any(governed):
        raise XlcapError(
            f"no row of the cap table has the terms '{terms.id}'; a block stands for the certificate of its id",
            where="argument 'terms'",
        )
    return tuple(
        dataclasses.replace(holding, certificate=terms) if own else holding
        for holding, own in zip(holdings, governed, strict=True)
    )


def share_rows(holdings: Iterable[Holding]) -> tuple[Holding, ...]:
    """The rows that are shares, or become a number of them that the table states: not debts, costs or carve-outs."""
    rows = []
    for holding in holdings:
        if holding.kind in ("note", "safe") and holding.as_converted is None:
            raise holding.fault(
                "is counted by its shares here: give them in 'as_converted', or state the row as 'convertible'", "kind"
            )
        if holding.kind not in ("debt", "cost", "carve_out"):
            rows.append(holding)
    return tuple(rows)


def _stated(name: str, blank: object = None) -> Callable[[Holding], object]:
    """What a row says in a column, or what a blank says."""

    def said(holding: Holding) -> object:
        value = getattr(holding, name)
        return blank if value is None else value

    return said


def _needed(holding: Holding) -> str | None:
    vote = holding.vote
    return vote and f"{'>=' if vote.at_least else '>'} {vote.fraction}"


_ONE_A_CLASS: Mapping[str, Callable[[Holding], object]] = {
    "kind": _stated("kind"),
    "terms": _stated("terms"),
    "seniority": lambda holding: holding.rank if holding.is_preferred else holding.seniority,
    "preference_multiple": _stated("preference_multiple", Decimal(1)),
    "dividends_on_conversion": _stated("dividends_on_conversion", "forfeited"),
    "participation": lambda holding: holding.share_in,
    "cap_multiple": _stated("cap_multiple"),
    "cap_includes_dividends": _stated("cap_includes_dividends", True),
    "converts_with": _stated("converts_with"),
    "conversion_group": _stated("conversion_group"),
    "conversion_vote": _needed,
    "converts_alone": _stated("converts_alone", True),
    "underlying": _stated("underlying"),
}
"""What is a term of the class, and so alike in all its rows; shares, prices, dividends and dates may differ, and each
note or SAFE has terms of its own."""


def _same_class(holding: Holding, first: Holding) -> None:
    if holding is first:
        return
    for name, said in _ONE_A_CLASS.items():
        here, there = said(holding), said(first)
        if here != there and _spoken(here).lower() != _spoken(there).lower():
            raise holding.fault(
                f"'{holding.class_}' has {_spoken(here)} here and {_spoken(there)} in row {first.row}; the rows of a "
                "class have the same terms",
                name,
            )


def _same_group(holding: Holding, first: Holding) -> None:
    for name, said in (("conversion_group", _stated("conversion_group")), ("conversion_vote", _needed)):
        here, there = said(holding), said(first)
        if here != there:
            raise holding.fault(
                f"the group has {_spoken(here)} here and {_spoken(there)} in row {first.row}; one group has one name "
                "and one vote",
                name,
            )


def _spoken(value: object) -> str:
    return "none" if value is None else as_text(value)


def _check_named(holdings: Iterable[Holding]) -> None:
    """Classes that rows name are there: what a warrant buys, what a class converts with."""
    names = {header_name(holding.class_) for holding in holdings if holding.is_preferred}
    for holding in holdings:
        if holding.underlying is not None and header_name(holding.underlying) not in names:
            raise holding.fault(
                f"the cap table has no class of preferred stock '{holding.underlying}'; leave it blank for Common",
                "underlying",
                "#N/A",
            )
        if holding.converts_with is None:
            continue
        other = class_key(holding.converts_with)
        if other == class_key(holding.class_) or other not in map(class_key, names):
            own = other == class_key(holding.class_)
            what = "is this class itself" if own else "is not a class of preferred stock in the cap table"
            raise holding.fault(
                f"'{holding.converts_with}' {what}; name the one that takes it along", "converts_with", "#N/A"
            )


def _check_rates(holdings: Iterable[Holding]) -> None:
    """All carve-outs together take less than everything, at every exit.

    A rate of the net proceeds is in force above the costs and debts, one of the gross from the first dollar.
    """
    carved = [holding for holding in holdings if holding.tiers]
    if not carved:
        return
    deducted = sum((Fraction(holding.owed) for holding in holdings if holding.kind in ("cost", "debt")), Fraction(0))
    from_ = {holding.row: Fraction(0) if holding.rate_of == "gross" else deducted for holding in carved}
    for at in sorted({tier.start + from_[holding.row] for holding in carved for tier in holding.tiers}):
        together = Fraction(0)
        for holding in carved:
            base = at - from_[holding.row]
            for tier in holding.tiers:
                if tier.start <= base and (tier.end is None or base < tier.end):
                    together += tier.rate
            if together >= 1:
                raise holding.fault(
                    f"all the rates together must stay below 100%; above an exit of {_figure(at)} they are "
                    f"{_figure(together * 100)}%",
                    "rate",
                )


@exact
def _figure(number: Fraction) -> str:
    return show(Decimal(number.numerator) / number.denominator)


def cap_table_stamp(table: Range) -> object:
    """What a cap table depends on besides its cells: the certificates it names."""
    where = [i for i, cell in enumerate(table[0]) if isinstance(cell, str) and cell.strip().lower() == "terms"]
    names = {as_text(row[i]) for row in table[1:] for i in where if i < len(row) and not _nothing(row[i])}
    return tuple(_stamp(name) for name in sorted(names))


def _stamp(name: str) -> object:
    try:
        return stamp(name)
    except XlcapError:  # placed at its row when the table is read
        return name


def _nothing(cell: Cell) -> bool:
    return is_blank(cell) or not isinstance(cell, str)


def cap_table_columns() -> dict[str, str]:
    """Every column of a cap table, with what it holds."""
    return {name: spec.doc for name, spec in columns(Holding).items()}
