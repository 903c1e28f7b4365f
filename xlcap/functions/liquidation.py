"""Liquidation: the preference, who is paid what at an exit, and where that changes."""

import typing
from decimal import Decimal
from functools import lru_cache
from typing import Annotated, Any, cast

from xlcap.captable import Holding, with_terms
from xlcap.engine import notices
from xlcap.engine.notices import Happening
from xlcap.engine.waterfall import Waterfall
from xlcap.errors import XlcapError
from xlcap.functions.arguments import Amount, CapTable, Cents, Certificate, Governing, Numbers, Text, Yes, choice
from xlcap.functions.registry import function
from xlcap.numbers import ZERO, exact
from xlcap.preference import preference_a_share
from xlcap.terms import Terms

TOPIC = "Liquidation"

Table = Annotated[
    CapTable, "cap table with a header row: class, kind, shares, and for preferred its terms or preference, seniority"
]


Qualified = Annotated[
    Yes, "TRUE for a qualified event under a senior class's certificate, which converts the classes tied to it"
]


@lru_cache(maxsize=64)
def _ready(holdings: tuple[Holding, ...], qualified_event: bool, terms: Terms | None) -> Waterfall:
    return Waterfall(with_terms(holdings, terms), qualified_event=qualified_event)


@function(TOPIC)
@exact
def liquidation_preference(
    terms: Certificate,
    accrued: Annotated[
        Amount,
        "unpaid dividends on a share, dollars: those accumulated, or those declared where the certificate adds these",
    ] = ZERO,
    shares: Annotated[Amount, "preferred shares; blank: one"] = Decimal(1),
) -> Decimal:
    """Liquidation preference: the base amount and unpaid dividends, for one share or several, dollars.

    Source: PriceSmart IV(A): 1,000 and accumulated dividends. Valuestar B.1: 17.50 and declared dividends (accumulate
    they do not). Patron 6(a): 125% of 5,000 and accrued dividends together, or of the 5,000 alone (multiple_base,
    AMB-PT2). Not rounded.

    >>> from xlcap.functions import call
    >>> call("LIQUIDATION_PREFERENCE", ["PRICESMART-B", 10, 3]), call("LIQUIDATION_PREFERENCE", ["PATRON-B", 500])
    (3030.0, 6875.0)
    """
    return preference_a_share(terms, accrued) * shares


@function(TOPIC)
def waterfall(
    proceeds: Annotated[Numbers, "dollars for all holders; a range: one row of the answer for each exit"],
    cap_table: Table,
    payee: Annotated[Text, "one class (or 'class: holder') of the cap table: only its payout"] | None = None,
    rounding: Cents = "cents",
    qualified_event: Qualified = False,
    terms: Governing | None = None,
) -> Any:
    """Who is paid what at an exit: preferences by seniority, equal ranks in proportion, conversions decided together.

    Source: PriceSmart II, IV; Valuestar B.1, B.2, D.2, D.11(i); Patron 6, 7. Each holder takes the greater of what the
    class is paid (its preference, and its share with the Common up to a cap) and its part as converted, all at one
    value of the Common; on a tie it does not convert. Rows of one class, such as tranches at several conversion prices,
    each decide for themselves, unless the certificate pays the series the greater amount. Dividends that a conversion
    leaves owed are paid in the rank of the class. Where all of one class converting takes another with it, that class
    decides as one block, knowing it, and a payout may then fall as proceeds rise; a class that is not in the table
    takes nobody with it. In a qualified event the classes tied to it convert and have no preference. Shares converted
    into are counted exactly, without rounding for each holder. A block of ``terms`` stands for the certificate of its
    id: another cap, or the terms after a split of the series.

    One exit: a table of classes and payouts. Several: a row each. Errors: a fault in the cap table with its row and
    column; negative proceeds; proceeds nobody has a claim to; more than one class that takes others with it; terms
    that no class has.

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
    ready = _ready(cap_table, qualified_event, terms)
    exits = [ready.payouts(amount, cents=rounding == "cents") for amount in proceeds]
    labels = [holding.label for holding in cap_table]
    if payee is not None:
        spelled = {label.lower(): i for i, label in enumerate(labels)}
        if payee.lower() not in spelled:
            raise XlcapError(f"the cap table has no '{payee}'; it has {', '.join(labels)}",
                             where="argument 'payee'", code="#N/A")  # fmt: skip
        i = spelled[payee.lower()]
        return exits[0][i] if len(exits) == 1 else [[payouts[i]] for payouts in exits]
    if len(exits) == 1:
        return [["Class", "Payout"], *map(list, zip(labels, exits[0], strict=True))]
    rows = [[amount, *payouts] for amount, payouts in zip(proceeds, exits, strict=True)]
    return [["Proceeds", *labels], *rows]


@function(TOPIC)
@exact
def waterfall_detail(
    proceeds: Annotated[Amount, "dollars for all holders"],
    cap_table: Table,
    rounding: Cents = "cents",
    qualified_event: Qualified = False,
    terms: Governing | None = None,
) -> list[list[Any]]:
    """One exit explained: for each class its preference, whether it converts, its shares, payout and the deciding step.

    The reason shows at most 6 decimals, a price a share 8; the numbers in the columns are exact. Source and errors as
    for WATERFALL.

    >>> from xlcap.functions import call
    >>> table = [["class", "kind", "shares", "terms", "conversion_price"], ["Common", "common", 7e6, None, None],
    ...          ["Series B", "preferred", 20000, "PRICESMART-B", 20]]
    >>> call("WATERFALL_DETAIL", [200e6, table])[2][-1]
    'as converted 1,000,000 × 25 = 25,000,000, more than the preference of 20,000,000'
    """
    rows: list[list[Any]] = [
        ["Class", "Preference", "Converts", "Common shares", "Payout", "Payout per share", "Share of proceeds",
         "Clause", "Reason"]
    ]  # fmt: skip
    for share in _ready(cap_table, qualified_event, terms).shares(proceeds, cents=rounding == "cents"):
        held = share.holding.shares
        rows.append(
            [
                share.holding.label,
                share.preference,
                share.converts,
                share.common,
                share.payout,
                share.payout / held if held else None,
                share.payout / proceeds if proceeds else None,
                share.clause,
                share.reason,
            ]
        )
    return rows


@function(TOPIC)
def breakpoints(
    cap_table: Table, qualified_event: Qualified = False, terms: Governing | None = None
) -> list[list[Any]]:
    """Every exit at which the split of the next dollar changes: a preference filled, a conversion, an exercise, a cap.

    What says who does what there ("Series B: preference paid in full; Common: shares in the rest"), Who names them
    alone. At a breakpoint itself the class that is about to convert still keeps its preference. Where a class converts
    and takes another with it, What says whose payout jumps, and from what to what. Source: as for WATERFALL.

    >>> from xlcap.functions import call
    >>> table = [["class", "kind", "shares", "terms", "conversion_price"], ["Common", "common", 7e6, None, None],
    ...          ["Series B", "preferred", 20000, "PRICESMART-B", 20]]
    >>> [row[:2] for row in call("BREAKPOINTS", [table])[2:]]
    [[160000000.0, 'Series B: converts']]
    """
    rows: list[list[Any]] = [["Proceeds", "What", "Who", "Clause"]]
    rows += [
        [point.proceeds, point.what, point.who, point.clause]
        for point in _ready(cap_table, qualified_event, terms).breakpoints()
    ]
    return rows


Occurrence = Annotated[
    str,
    choice(*typing.get_args(Happening)),
    "dissolution; capital_reduction (with assets distributed, not only to senior stock); asset_sale; merger; "
    "change_of_control (votes acquired from the company); bankruptcy; core_business_sale (of the part of the assets "
    "that is the core business)",
]
WindingUp = Annotated[Yes, "TRUE if in connection with a winding up or a reduction of capital"]
Percent = Annotated[
    Amount,
    "percentage of votes. merger: of the survivor's, that the company's holders control; change_of_control: acquired",
]
BoardApproved = Annotated[Yes, "change_of_control: TRUE if the board approved it"]


@function(TOPIC)
def is_liquidation(
    terms: Certificate,
    happening: Occurrence,
    winding_up: WindingUp = False,
    percent: Percent | None = None,
    board_approved: BoardApproved | None = None,
) -> bool:
    """Whether an event is a liquidation, on which the preference is paid.

    Source: PriceSmart IV: a merger or a sale of all assets is none, unless in connection with a winding up or a
    reduction of capital. Valuestar B.3: a sale of all assets is one, and a merger unless the company's holders control
    more than half of the survivor's votes. Patron 6(c), 6(d): bankruptcy, any merger, a sale of the assets or of the
    core business, and more than half of the votes acquired from the company with the board's approval. Errors: a
    percentage that is needed and missing, or outside 0 to 100.

    >>> from xlcap.functions import call
    >>> call("IS_LIQUIDATION", ["PRICESMART-B", "merger"]), call("IS_LIQUIDATION", ["PRICESMART-B", "merger", True])
    (False, True)
    >>> call("IS_LIQUIDATION", ["VALUESTAR-B", "merger", None, 50])
    True
    """
    return notices.is_liquidation(
        terms, cast(Happening, happening), winding_up=winding_up, percent=percent, board_approved=board_approved
    )


@function(TOPIC)
def event_pays(
    terms: Certificate,
    happening: Occurrence,
    winding_up: WindingUp = False,
    percent: Percent | None = None,
    board_approved: BoardApproved | None = None,
    qualified_event: Annotated[Yes, "TRUE in a qualified event under the other class's certificate"] = False,
) -> list[list[Any]]:
    """What an event pays the preferred: the preference, a package on conversion, the holder's choice, or nothing.

    Source: Valuestar B.3 before D.7 (AMB-VS6); Patron 6 or 4, as the holder elects (AMB-PT14); PriceSmart IV, VI.F. The
    switch is liquidation.merger_pays. A sale of the core business alone (Patron 6(d)) is a liquidation and no
    reorganization: the preference. In a qualified event of Series A (Valuestar B.1, D.11(i)) no preference is paid:
    the shares convert. Errors: as for IS_LIQUIDATION; a qualified event the certificate does not know.

    >>> from xlcap.functions import call
    >>> call("EVENT_PAYS", ["PATRON-B", "merger"])[1][:2]
    ['election', '6(a) or 3(e)(iv), 3(e)(v), 4']
    """
    pays = notices.event_pays(
        terms,
        cast(Happening, happening),
        winding_up=winding_up,
        percent=percent,
        board_approved=board_approved,
        qualified_event=qualified_event,
    )
    return [["Pays", "Clause", "Why"], list(pays)]
