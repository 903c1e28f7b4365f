"""The waterfall: who is paid what at an exit, why, where that changes, and which exit brings whom how much."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Annotated, Any, cast

from xlcap.captable import Holding, with_terms
from xlcap.engine.claims import Strikes
from xlcap.engine.equilibria import equilibria as stable_decisions
from xlcap.engine.exit_day import on_day
from xlcap.engine.waterfall import Waterfall
from xlcap.errors import XlcapError
from xlcap.events import Event
from xlcap.functions.arguments import (
    Amount,
    CapTable,
    Cents,
    Date,
    Events,
    Governing,
    Numbers,
    Prices,
    Stages,
    Text,
    Yes,
    choice,
)
from xlcap.functions.registry import function
from xlcap.numbers import ZERO, exact, show
from xlcap.prices import Quote
from xlcap.tables import header_name
from xlcap.terms import Terms

TOPIC = "Liquidation"

Table = Annotated[
    CapTable,
    "cap table with a header row: class, kind, shares, and what each is owed, converts into and ranks; debts, costs, "
    "carve-outs, notes and SAFEs too",
]
Payee = Annotated[Text, "a class, a holder, or 'class: holder' of the cap table"]
Qualified = Annotated[
    Yes,
    "TRUE for a qualified event under a senior class's certificate: that class and those tied to it convert, and none "
    "of them has a preference",
]
StrikeMoney = Annotated[
    str,
    choice("added", "included"),
    "added (the default): what is paid on exercise comes on top of the proceeds, and payouts are net of it; included: "
    "the proceeds have it already, and payouts are not",
]
ExitEvents = Annotated[Events, "events table, from which conversion prices that are blank are worked out"]
ExitDay = Annotated[Date, "day of the exit, for conversion prices and accrued dividends that are blank"]
Closes = Annotated[Prices, "closing prices, where the certificate's price needs them"]


@lru_cache(maxsize=64)
def ready_for(
    holdings: tuple[Holding, ...],
    qualified_event: bool,
    terms: Terms | None,
    strike_money: str,
    events: tuple[Event, ...],
    as_of: dt.date | None,
    prices: tuple[Quote, ...],
) -> Waterfall:
    """The waterfall of a cap table and the arguments beside it; asked about the same ones again, the same object."""
    holdings = with_terms(holdings, terms)
    if as_of is not None:
        holdings = on_day(holdings, as_of, events, prices)
    elif events or prices:
        what = "events" if events else "prices"
        raise XlcapError(f"is required with {what}: the day of the exit", where="argument 'as_of'")
    return Waterfall(holdings, qualified_event=qualified_event, strikes=cast(Strikes, strike_money))


def _rows(holdings: Sequence[Holding], payee: str) -> list[int]:
    """The rows a payee stands for: those of a class, one row by its label, or those of a holder."""
    name = header_name(payee)
    for spelled in ("class_", "label", "holder"):
        if found := [holding.row for holding in holdings if header_name(getattr(holding, spelled) or "") == name]:
            return found
    labels = ", ".join(holding.label for holding in holdings)
    raise XlcapError(f"the cap table has no '{payee}'; it has {labels}", where="argument 'payee'", code="#N/A")


@lru_cache(maxsize=64)
def places_of(holdings: tuple[Holding, ...], payee: str | None, by: str) -> dict[str, list[int]]:
    """The places in the cap table of a payee, or of each row, class or holder, by the name it is shown under."""
    if payee is not None:
        rows = _rows(holdings, payee)
        return {payee: [i for i, holding in enumerate(holdings) if holding.row in rows]}
    groups: dict[str, list[int]] = {}
    spelled: dict[str, str] = {}  # a name as it is written first
    for i, holding in enumerate(holdings):
        name = {"row": holding.label, "class": holding.class_, "holder": holding.holder or holding.class_}[by]
        groups.setdefault(spelled.setdefault(header_name(name), name), []).append(i)
    return groups


@function(TOPIC)
@exact
def waterfall(
    proceeds: Annotated[Numbers, "dollars to be divided; a range: one row of the answer for each exit"],
    cap_table: Table,
    payee: Annotated[Text, "a class, a holder, or 'class: holder' of the cap table: only its payout"] | None = None,
    rounding: Cents = "cents",
    qualified_event: Qualified = False,
    terms: Governing | None = None,
    strike_money: StrikeMoney = "added",
    events: ExitEvents = (),
    as_of: ExitDay | None = None,
    prices: Closes = (),
    by: Annotated[
        str, choice("row", "class", "holder"), "row (the default), class or holder: payouts added up so"
    ] = "row",
) -> Any:
    """Who is paid what at an exit: debts, carve-outs, preferences by seniority, and conversions decided together.

    Source: PriceSmart II, IV; Valuestar B.1, B.2, D.2, D.11(i); Patron 6, 7; the rules of the guide to exits. Costs,
    debts and notes repaid come first, then carve-outs, then preferences by seniority, equal ranks in proportion to
    what they are owed; the rest is shared. Each holder takes the greater of what it is owed (and its share with the
    Common up to a cap) and its part as converted, all at one value of a share of Common; on a tie it does not convert.
    Rows of one class, such as tranches at several conversion prices, each decide for themselves, unless the certificate
    pays the series the greater amount: then the class converts as one, and where its rows differ their payouts jump.
    A class that takes others with it when it converts, or a group that votes, decides first, knowing what follows.
    Shares converted into are counted exactly. A block of ``terms`` stands for the certificate of its id. Payouts in
    cents are made to add up by the largest remainders.

    One exit: a table of classes and payouts. Several: a row each. Errors: a fault in the cap table with its row and
    column; negative proceeds; no Common; more than one class or group that converts others; terms that no class has.

    >>> from xlcap.functions import call
    >>> table = [["class", "kind", "shares", "terms", "conversion_price"], ["Common", "common", 7e6, None, None],
    ...          ["Series B", "preferred", 20000, "PRICESMART-B", 20]]
    >>> call("WATERFALL", [200e6, table])[1:]
    [['Common', 175000000.0], ['Series B', 25000000.0]]
    >>> call("WATERFALL", [[[20e6], [200e6]], table, "Series B"])
    [[20000000.0], [25000000.0]]
    """
    if not proceeds:
        raise XlcapError("is blank: give the dollars to be distributed", where="argument 'proceeds'")
    ready = ready_for(cap_table, qualified_event, terms, strike_money, events, as_of, prices)
    exits = [ready.payouts(amount, cents=rounding == "cents") for amount in proceeds]
    groups = places_of(cap_table, payee, by)
    added = [[sum((payouts[i] for i in places), ZERO) for places in groups.values()] for payouts in exits]
    if payee is not None:
        return added[0][0] if len(exits) == 1 else added
    if len(exits) == 1:
        title = "Holder" if by == "holder" else "Class"
        return [[title, "Payout"], *map(list, zip(groups, added[0], strict=True))]
    return [["Proceeds", *groups], *([amount, *row] for amount, row in zip(proceeds, added, strict=True))]


@function(TOPIC)
@exact
def waterfall_detail(
    proceeds: Annotated[Amount, "dollars to be divided"],
    cap_table: Table,
    rounding: Cents = "cents",
    qualified_event: Qualified = False,
    terms: Governing | None = None,
    strike_money: StrikeMoney = "added",
    events: ExitEvents = (),
    as_of: ExitDay | None = None,
    prices: Closes = (),
) -> list[list[Any]]:
    """One exit explained: what each is owed, whether it converts, its shares, payout, multiple and the deciding step.

    Participation is what a row gets beside its preference without converting; the multiple is of the money paid in
    (``invested``, the original issue price or the amount). The reason shows at most 6 decimals, a price a share 8; the
    numbers in the columns are exact. Where two answers are stable the reason gives both. Source and errors as for
    WATERFALL.

    >>> from xlcap.functions import call
    >>> table = [["class", "kind", "shares", "terms", "conversion_price"], ["Common", "common", 7e6, None, None],
    ...          ["Series B", "preferred", 20000, "PRICESMART-B", 20]]
    >>> call("WATERFALL_DETAIL", [200e6, table])[2][-1]
    'as converted 1,000,000 × 25 = 25,000,000, more than the preference of 20,000,000'
    """
    rows: list[list[Any]] = [
        ["Class", "Preference", "Participation", "Converts", "Common shares", "Payout", "Payout per share",
         "Multiple", "Share of proceeds", "Clause", "Reason"]
    ]  # fmt: skip
    ready = ready_for(cap_table, qualified_event, terms, strike_money, events, as_of, prices)
    for share in ready.shares(proceeds, cents=rounding == "cents"):
        held = share.holding.shares
        rows.append(
            [
                share.holding.label,
                share.preference,
                share.participation,
                share.converts,
                share.common,
                share.payout,
                share.payout / held if held else None,
                share.multiple,
                share.payout / proceeds if proceeds else None,
                share.clause,
                share.reason,
            ]
        )
    return rows


@function(TOPIC)
def breakpoints(
    cap_table: Table,
    qualified_event: Qualified = False,
    terms: Governing | None = None,
    strike_money: StrikeMoney = "added",
    events: ExitEvents = (),
    as_of: ExitDay | None = None,
    prices: Closes = (),
    from_zero: Annotated[Yes, "TRUE: a row for the first dollars too, at 0: who is paid first"] = False,
) -> list[list[Any]]:
    """Every exit at which the split of the next dollar changes: what happens there, to whom, why, and the new split.

    What says who does what ("Series B: preference paid in full; Common: shares in the rest"), Who names them alone,
    Explanation says it in sentences, and a column for each row of the cap table has its share of the next dollar. At a
    breakpoint itself the class that is about to convert still keeps its preference. Where payouts jump, What says
    whose, and from what to what; where a carve-out makes them curve, the Explanation says so, and the shares are those
    of the very next dollar. Source and errors as for WATERFALL.

    >>> from xlcap.functions import call
    >>> table = [["class", "kind", "shares", "terms", "conversion_price"], ["Common", "common", 7e6, None, None],
    ...          ["Series B", "preferred", 20000, "PRICESMART-B", 20]]
    >>> [row[:2] + row[5:] for row in call("BREAKPOINTS", [table])[2:]]
    [[160000000.0, 'Series B: converts', 0.875, 0.125]]
    """
    ready = ready_for(cap_table, qualified_event, terms, strike_money, events, as_of, prices)
    rows: list[list[Any]] = [
        ["Proceeds", "What", "Who", "Clause", "Explanation", *(holding.label for holding in cap_table)]
    ]
    rows += [
        [point.proceeds, point.what, point.who, point.clause, point.why, *point.next_dollar]
        for point in ready.breakpoints(from_zero=from_zero)
    ]
    return rows


@function(TOPIC)
def converts_at(
    cap_table: Table,
    payee: Payee | None = None,
    qualified_event: Qualified = False,
    terms: Governing | None = None,
    strike_money: StrikeMoney = "added",
    events: ExitEvents = (),
    as_of: ExitDay | None = None,
    prices: Closes = (),
) -> Any:
    """The exit above which a class converts, or an option is exercised, dollars; without a payee a table of them all.

    At that exit itself it does not convert yet. A payee of several rows converts where the first of them does. Source
    as for WATERFALL. Errors: a payee that is not in the table or never converts (#N/A); as for WATERFALL.

    >>> from xlcap.functions import call
    >>> table = [["class", "kind", "shares", "terms", "conversion_price"], ["Common", "common", 7e6, None, None],
    ...          ["Series B", "preferred", 20000, "PRICESMART-B", 20]]
    >>> call("CONVERTS_AT", [table, "Series B"])
    160000000.0
    """
    ready = ready_for(cap_table, qualified_event, terms, strike_money, events, as_of, prices)
    if payee is None:
        deciding = [h for h in cap_table if h.kind in ("preferred", "option", "warrant", "note", "safe")]
        return [["Class", "Converts above"], *([h.label, ready.converts_at(h.row)] for h in deciding)]
    found = [at for row in _rows(cap_table, payee) if (at := ready.converts_at(row)) is not None]
    if not found:
        raise XlcapError(f"'{payee}' converts, or is exercised, at no exit", where="argument 'payee'", code="#N/A")
    return min(found)


@function(TOPIC)
def proceeds_for(
    amount: Annotated[Amount, "dollars the payee is to get"],
    cap_table: Table,
    payee: Payee,
    qualified_event: Qualified = False,
    terms: Governing | None = None,
    strike_money: StrikeMoney = "added",
    events: ExitEvents = (),
    as_of: ExitDay | None = None,
    prices: Closes = (),
) -> Decimal:
    """The smallest exit at which a class or holder gets at least an amount, dollars, exact: WATERFALL turned round.

    Payouts are not rounded for it. Where they jump past the amount, it is the exit at which they do: just above it the
    payee gets more. Source as for WATERFALL. Errors: an amount no exit brings (#N/A), such as more than a preference
    that does not convert; as for WATERFALL.

    >>> from xlcap.functions import call
    >>> table = [["class", "kind", "shares", "terms", "conversion_price"], ["Common", "common", 7e6, None, None],
    ...          ["Series B", "preferred", 20000, "PRICESMART-B", 20]]
    >>> call("PROCEEDS_FOR", [25e6, table, "Series B"]), call("PROCEEDS_FOR", [70e6, table, "Common"])
    (200000000.0, 90000000.0)
    """
    ready = ready_for(cap_table, qualified_event, terms, strike_money, events, as_of, prices)
    rows = _rows(cap_table, payee)
    found = ready.proceeds_for(amount, rows)
    if found is None:
        raise XlcapError(
            f"no exit brings '{payee}' {show(amount)}; the most it ever gets is {show(ready.most(rows))}",
            where="argument 'amount'",
            code="#N/A",
        )
    return found


@function(TOPIC)
def equilibria(
    proceeds: Annotated[Amount, "dollars to be divided"],
    cap_table: Table,
    qualified_event: Qualified = False,
    terms: Governing | None = None,
    strike_money: StrikeMoney = "added",
    events: ExitEvents = (),
    as_of: ExitDay | None = None,
    prices: Closes = (),
) -> list[list[Any]]:
    """Every stable set of decisions at an exit, by trying them all: the proof of what WATERFALL takes.

    Stable: no class gains by deciding otherwise while the others stay with their decision. At an exit where a class is
    indifferent there are two, which pay the same. Taken marks the one WATERFALL takes, the one with the fewest
    conversions. Payouts are not rounded; Undistributed is what nobody gets, always 0. Source as for WATERFALL. Errors:
    more than 12 that decide; a cap table in which a vote, a class that takes others with it, a post-money SAFE or a
    conversion at a discount decides in an order of its own (#N/A); as for WATERFALL.

    >>> from xlcap.functions import call
    >>> table = [["class", "kind", "shares", "terms", "conversion_price"], ["Common", "common", 7e6, None, None],
    ...          ["Series B", "preferred", 20000, "PRICESMART-B", 20]]
    >>> for row in call("EQUILIBRIA", [160e6, table]):
    ...     print(row)
    ['Converting', 'Taken', 'Common', 'Series B', 'Undistributed']
    ['nobody', True, 140000000.0, 20000000.0, 0.0]
    ['Series B', False, 140000000.0, 20000000.0, 0.0]
    """
    ready = ready_for(cap_table, qualified_event, terms, strike_money, events, as_of, prices)
    rows: list[list[Any]] = [["Converting", "Taken", *(holding.label for holding in cap_table), "Undistributed"]]
    rows += [
        ["; ".join(found.converting) or "nobody", found.taken, *found.payouts, found.undistributed]
        for found in stable_decisions(ready, proceeds)
    ]
    return rows


@function(TOPIC)
@exact
def waterfall_stages(
    payments: Annotated[Stages, "payments in their order (payment, amount): the closing, an escrow, an earn-out"],
    cap_table: Table,
    rounding: Cents = "cents",
    qualified_event: Qualified = False,
    terms: Governing | None = None,
    strike_money: StrikeMoney = "added",
    events: ExitEvents = (),
    as_of: ExitDay | None = None,
    prices: Closes = (),
) -> list[list[Any]]:
    """Proceeds paid in stages: each holder's take of each payment, as if all so far had been paid at once.

    A take is what all payments so far pay a holder, less what those before did; decisions are made anew on the whole.
    Payments are nominal, not discounted; one that is not made is left out. The column Warning tells where a payment
    lowers what someone was paid: who would have to give back how much. Source and errors as for WATERFALL.

    >>> from xlcap.functions import call
    >>> table = [["class", "kind", "shares", "terms", "conversion_price"], ["Common", "common", 7e6, None, None],
    ...          ["Series B", "preferred", 20000, "PRICESMART-B", 20]]
    >>> stages = [["payment", "amount"], ["closing", 150e6], ["escrow", 50e6]]
    >>> [row[0:1] + row[3:5] for row in call("WATERFALL_STAGES", [stages, table])[1:3]]
    [['closing', 130000000.0, 20000000.0], ['escrow', 45000000.0, 5000000.0]]
    """
    if not payments:
        raise XlcapError("has no payments: give at least one with its amount", where="payments")
    ready = ready_for(cap_table, qualified_event, terms, strike_money, events, as_of, prices)
    labels = [holding.label for holding in cap_table]
    rows: list[list[Any]] = [["Payment", "Amount", "Paid so far", *labels, "Warning"]]
    so_far = ZERO
    takes = ready.stages([payment.amount for payment in payments], cents=rounding == "cents")
    for payment, taken in zip(payments, takes, strict=True):
        so_far += payment.amount
        rows.append([payment.payment, payment.amount, so_far, *taken, _lowered(labels, taken)])
    whole = [sum((taken[i] for taken in takes), ZERO) for i in range(len(labels))]
    rows.append(["Total", so_far, so_far, *whole, ""])
    return rows


def _lowered(labels: Sequence[str], taken: Sequence[Decimal]) -> str:
    """Who would have to give something back of what was paid before."""
    back = [f"{label} {show(-take)}" for label, take in zip(labels, taken, strict=True) if take < 0]
    return f"lowers what was paid before: {', '.join(back)} would have to be given back" if back else ""
