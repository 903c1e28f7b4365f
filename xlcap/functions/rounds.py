"""What-if: a proposed round, and what it does to every series under their certificates or another formula."""

import dataclasses
import typing
from decimal import Decimal
from typing import Annotated, Any

from xlcap.captable import with_terms
from xlcap.cells import Cell, as_text, found, is_blank
from xlcap.engine.proposal import Converting, Formula, Proposal, Repriced
from xlcap.engine.rounds import Line, Result, Round
from xlcap.errors import XlcapError
from xlcap.functions.arguments import Amount, CapTable, Governing, Integer, Positive, Text, Yes, choice
from xlcap.functions.registry import Kind, function
from xlcap.numbers import ZERO, exact
from xlcap.tables import Range, columns, header_name, read_records
from xlcap.terms.rules import Counted

TOPIC = "Rounds"


def _converting(rows: Range) -> tuple[Converting, ...]:
    return tuple(read_records(rows, Converting, "converting"))


def _repriced(rows: Range) -> tuple[Repriced, ...]:
    return tuple(read_records(rows, Repriced, "repriced"))


def _words(rows: list[list[Cell]]) -> tuple[str, ...]:
    return tuple(as_text(cell) for row in rows for cell in row if not is_blank(cell))


def _counted(rows: list[list[Cell]]) -> tuple[str, ...]:
    """What a weighted average counts: words in cells, or in one cell with commas between them."""
    words = [header_name(word) for text in _words(rows) for word in text.split(",") if word.strip()]
    known = typing.get_args(Counted)
    for word in words:
        if word not in known:
            raise XlcapError(f"the words are {', '.join(known)}; found {found(word)}")
    return tuple(words)


def _described(record: type) -> dict[str, str]:
    return {column.name: column.doc for column in columns(record).values()}


Table = Annotated[
    CapTable,
    "cap table before the round: class, kind, shares; for preferred its terms or preference, and conversion_price",
]
NewMoney = Annotated[Positive, "money the round raises for new shares, dollars"]
PreMoney = Annotated[Positive, "pre-money valuation that prices the round, dollars; blank if the price is given"]
PricePerShare = Annotated[Positive, "price of a new share, dollars; blank if the pre-money valuation is given"]
Inside = Annotated[
    Yes, "TRUE (the default): the valuation pays for the shares that adjustments add, too; FALSE: they come on top"
]
ConvertingTable = Annotated[
    tuple[Converting, ...],
    Kind("converting", _converting, shape="table", placed=True, empty=(), columns=lambda: _described(Converting)),
    "SAFEs and notes that convert in the round, with a header row: instrument, amount, and cap, discount or price",
]
RepricedTable = Annotated[
    tuple[Repriced, ...],
    Kind("repriced", _repriced, shape="table", placed=True, empty=(), columns=lambda: _described(Repriced)),
    "options repriced with the round, with a header row: class, strike",
]
PoolTarget = Annotated[
    Amount, "reserve after the round, as a fraction of all shares (0.1 is 10%), paid for by the valuation"
]
Expenses = Annotated[Amount, "expenses of the round payable by the company, dollars, for terms that take them off"]
Exempt = Annotated[Text, "the exemption, by name or section, if a certificate leaves the new shares out"]
Classes = Annotated[
    tuple[str, ...],
    Kind("names", _words, shape="table", empty=()),
    "preferred classes the formula is tried on; blank: all of them",
]
CountKind = Kind("counted", _counted, shape="table", empty=())
Whole = Annotated[Yes, "TRUE (the default): whole shares, and money for these alone counts; FALSE: fractions too"]
Places = Annotated[Integer, "decimal places of the price; blank: not rounded"]


HEADER = [
    "Class", "Shares before", "As converted before", "Ownership before", "Price before", "Price after", "Shares after",
    "As converted after", "Ownership after", "Clause", "Shares counted", "Computation",
]  # fmt: skip
COMPARED: dict[Formula, str] = {
    "certificate": "As the certificates say",
    "none": "No adjustment",
    "broad_based": "Broad-based",
    "narrow_based": "Narrow-based",
    "full_ratchet": "Full ratchet",
}


def _row(line: Line, before: Decimal, after: Decimal) -> list[Any]:
    return [
        line.name,
        line.shares_before,
        line.common_before,
        line.common_before / before if before else None,
        line.price_before,
        line.price_after,
        line.shares_after,
        line.common_after,
        line.common_after / after,
        line.clause or None,
        line.counted or None,
        line.computation or None,
    ]


def _figures(result: Result) -> list[tuple[str, Decimal]]:
    return [
        ("Price of a new share", result.price),
        ("New shares", result.shares),
        ("Money for the new shares", result.money),
        ("Money left over", result.left_over),
        ("Pre-money", result.pre_money),
        ("Post-money", result.pre_money + result.money + result.left_over),
        ("All shares at the price", result.common_after * result.price),
    ]


@function(TOPIC)
@exact
def priced_round(
    cap_table: Table,
    new_money: NewMoney,
    pre_money: PreMoney | None = None,
    price_per_share: PricePerShare | None = None,
    inside: Inside = True,
    converting: ConvertingTable = (),
    repriced: RepricedTable = (),
    pool_target: PoolTarget | None = None,
    expenses: Expenses = ZERO,
    exempt: Exempt | None = None,
    formula: Annotated[
        Formula,
        choice(*COMPARED),
        "certificate (the default): as each says; or try none, broad_based, narrow_based, full_ratchet",
    ] = "certificate",
    count: Annotated[
        tuple[Counted, ...],
        CountKind,
        "what the average tried counts: common, series, preferred, options, convertibles, reserved_pool",
    ] = (),
    series: Classes = (),
    whole_shares: Whole = True,
    places: Places | None = None,
    terms: Governing | None = None,
) -> list[list[Any]]:
    """A proposed round: its price, every series' new conversion price, and each class before and after it.

    Every series is adjusted by its own terms from the same counts, those before the round; the new shares, each SAFE or
    note that converts and each repricing are tested at their own effective price, and those below a series' price enter
    its formula together. With the valuation given, the price is the one at which it pays for exactly its shares, the
    adjustment shares among them or not. Below the classes: the total, the price, the money (what is left over of whole
    shares is not received), the valuation, and all shares at the price, which is more than the post-money where
    adjustment shares come on top.

    Source: Valuestar D.8, Patron 3(e)(vi), and every certificate of their kind. Conversion prices are rounded, and
    changes left out, as each certificate says; share counts as converted are exact. Errors: a fault in a table with its
    row and column; no price at which the valuation pays for its shares, as a full ratchet may leave none; an exemption
    no certificate has, or one that a basket limits; terms that no class has.

    >>> from xlcap.functions import call
    >>> table = [["class", "kind", "shares", "seniority", "preference", "conversion_price"],
    ...          ["Common", "common", 8e6, None, None, None], ["Series A", "preferred", 2e6, 1, 5e6, 2.5]]
    >>> answer = call("PRICED_ROUND", [table, 3e6, 12e6, *[None] * 7, "full_ratchet"])
    >>> answer[2][:9]
    ['Series A', 2000000.0, 2000000.0, 0.2, 2.5, 0.875, 2000000.0, 5714285.714285715, 0.3333333416666669]
    """
    result = Round(
        with_terms(cap_table, terms),
        Proposal(
            new_money=new_money,
            pre_money=pre_money,
            price=price_per_share,
            inside=inside,
            converting=converting,
            repriced=repriced,
            pool=pool_target,
            expenses=expenses,
            exempt=exempt,
            formula=formula,
            count=count,
            series=series,
            whole_shares=whole_shares,
            places=places,
        ),
    ).result()
    before, after = result.common_before, result.common_after
    rows: list[list[Any]] = [list(HEADER), *(_row(line, before, after) for line in result.lines)]
    whole = Decimal(1)
    rows.append(["Total", None, before, whole if before else None, None, None, None, after, whole, None, None, None])
    rows += [[name, value, *[None] * (len(HEADER) - 2)] for name, value in _figures(result)]
    return rows


@function(TOPIC)
@exact
def priced_round_compared(
    cap_table: Table,
    new_money: NewMoney,
    pre_money: PreMoney | None = None,
    price_per_share: PricePerShare | None = None,
    inside: Inside = True,
    converting: ConvertingTable = (),
    repriced: RepricedTable = (),
    pool_target: PoolTarget | None = None,
    expenses: Expenses = ZERO,
    exempt: Exempt | None = None,
    broad_count: Annotated[
        tuple[Counted, ...],
        CountKind,
        "what broad-based counts; blank: common, series, preferred, options, convertibles",
    ] = (),
    narrow_count: Annotated[
        tuple[Counted, ...], CountKind, "what narrow-based counts; blank: series, the series that is adjusted alone"
    ] = (),
    series: Classes = (),
    whole_shares: Whole = True,
    places: Places | None = None,
    terms: Governing | None = None,
) -> list[list[Any]]:
    """The same round side by side: as the certificates say, unadjusted, broad-based, narrow-based and full ratchet.

    A row for the price, the new shares and the money, then for every class its conversion price, its shares as
    converted and its part of all shares, before the round and after it under each formula. Where a formula leaves no
    price, its column says why and is otherwise blank.

    Source and errors as for PRICED_ROUND.

    >>> from xlcap.functions import call
    >>> table = [["class", "kind", "shares", "seniority", "preference", "conversion_price"],
    ...          ["Common", "common", 8e6, None, None, None], ["Series A", "preferred", 2e6, 1, 5e6, 2.5]]
    >>> answer = call("PRICED_ROUND_COMPARED", [table, 5e6, None, 1.25])
    >>> [row for row in answer if row[:2] == ["Conversion price", "Series A"]]
    [['Conversion price', 'Series A', 2.5, 2.5, 2.5, 2.142857142857143, 1.6666666666666667, 1.25]]
    """
    counts: dict[Formula, tuple[Counted, ...]] = {"broad_based": broad_count, "narrow_based": narrow_count}
    proposal = Proposal(
        new_money=new_money,
        pre_money=pre_money,
        price=price_per_share,
        inside=inside,
        converting=converting,
        repriced=repriced,
        pool=pool_target,
        expenses=expenses,
        exempt=exempt,
        series=series,
        whole_shares=whole_shares,
        places=places,
    )
    results: list[Result | str] = []
    holdings = with_terms(cap_table, terms)
    for formula in COMPARED:
        tried = Round(holdings, dataclasses.replace(proposal, formula=formula, count=counts.get(formula, ())))
        try:
            results.append(tried.result())
        except XlcapError as error:
            if error.code != "#NUM!":
                raise
            results.append(error.message)
    answered = [result for result in results if isinstance(result, Result)]
    rows: list[list[Any]] = [["What", "Class", "Before", *COMPARED.values()]]
    if not answered:
        return [*rows, ["Price of a new share", None, None, *results]]

    def row(what: str, name: str | None, before: Any, after: Any) -> None:
        rows.append(
            [what, name, before, *(after(result) if isinstance(result, Result) else None for result in results)]
        )

    for i, (what, _) in enumerate(_figures(answered[0])):
        row(what, None, None, lambda result, i=i: _figures(result)[i][1])
    rows[1][3:] = [result.price if isinstance(result, Result) else result for result in results]
    total = answered[0].common_before
    for i, line in enumerate(answered[0].lines):
        if line.price_after is not None:
            row("Conversion price", line.name, line.price_before, lambda result, i=i: result.lines[i].price_after)
        row("As converted", line.name, line.common_before, lambda result, i=i: result.lines[i].common_after)
        part = line.common_before / total if total else None
        row("Ownership", line.name, part, lambda result, i=i: result.lines[i].common_after / result.common_after)
    return rows
