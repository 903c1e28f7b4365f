"""Liquidation: the preference of a share, and which events pay it; who is paid what is in ``waterfall``."""

import typing
from decimal import Decimal
from typing import Annotated, Any, cast

from xlcap.engine import notices
from xlcap.engine.notices import Happening
from xlcap.functions.arguments import Amount, Certificate, Yes, choice
from xlcap.functions.registry import function
from xlcap.numbers import ZERO, exact
from xlcap.preference import preference_a_share

TOPIC = "Liquidation"


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
