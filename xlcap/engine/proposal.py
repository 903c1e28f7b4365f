"""What is put to a round: the money, what converts in it, what is repriced with it, and how the question is asked.

The tables the user fills become these records; a row that contradicts itself is refused here, by its row and column.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from decimal import Decimal
from typing import Literal

from xlcap.cells import Part
from xlcap.errors import XlcapError
from xlcap.numbers import ZERO, show
from xlcap.records import record
from xlcap.tables import column, header_name, place
from xlcap.terms.rules import Counted

Formula = Literal["certificate", "none", "broad_based", "narrow_based", "full_ratchet"]
COUNTS: Mapping[Formula, tuple[Counted, ...]] = {
    "broad_based": ("common", "series", "preferred", "options", "convertibles"),
    "narrow_based": ("series",),
}
"""What a weighted average counts where the question does not say it."""


@record
class Converting:
    """A SAFE or a note that converts in the round."""

    row: int
    instrument: str = column("name of the SAFE or note")
    amount: Decimal = column("what converts, dollars: the purchase amount, or principal and interest", above=0)
    price: Decimal | None = column("the price it converts at, where that is settled", default=None, above=0)
    valuation_cap: Decimal | None = column("valuation cap, dollars", default=None, above=0)
    cap_basis: str | None = column(
        "pre_money: the cap is divided by the shares before the round; post_money: by these and all that converts",
        default=None,
    )
    discount: Part | None = column("discount to the round's price, 0.2 or 20%", default=None, least=0)
    received: Decimal | None = column(
        "what was received when it was issued, dollars, where that is not what converts: principal without interest",
        default=None,
        least=0,
    )
    exempt: str | None = column(
        "the exemption, by its name or its section, where a certificate leaves the conversion out", default=None
    )
    deemed_before: bool = column(
        "TRUE if its shares counted as issued when it was, for certificates that count so: then they are outstanding",
        default=False,
    )

    def __post_init__(self) -> None:
        if self.discount is not None and self.discount >= 1:
            raise self.fault(f"{show(self.discount)} leaves no price; write 20% as 0.2 or 20%", "discount")
        if self.price is not None and (self.valuation_cap is not None or self.discount is not None):
            raise self.fault("is settled already; leave cap and discount blank, or the price", "price")
        basis = header_name(self.cap_basis) if self.cap_basis else None
        if (basis in ("pre_money", "post_money")) != (self.valuation_cap is not None) or (
            self.cap_basis is not None and self.valuation_cap is None
        ):
            raise self.fault("is pre_money or post_money where there is a valuation cap, and blank otherwise",
                             "cap_basis")  # fmt: skip

    def fault(self, message: str, name: str | None = None) -> XlcapError:
        """An error placed at this row."""
        return XlcapError(message, where=place("converting", self.row, name))

    @property
    def is_post_money(self) -> bool:
        return self.cap_basis is not None and header_name(self.cap_basis) == "post_money"


@record
class Repriced:
    """Options or warrants whose exercise price is changed by agreement together with the round."""

    row: int
    class_: str = column("the options, as the cap table names them ('class', or 'class: holder')")
    strike: Decimal = column("the new exercise price, dollars a share", least=0)
    shares: Decimal | None = column("how many are repriced; blank: all of them", default=None, above=0)
    received: Decimal = column("what was first received for them, dollars", default=ZERO, least=0)
    exempt: str | None = column("the exemption, by its name or its section, where a certificate leaves them out",
                                default=None)  # fmt: skip

    def fault(self, message: str, name: str | None = None) -> XlcapError:
        """An error placed at this row."""
        return XlcapError(message, where=place("repriced", self.row, name))


@dataclasses.dataclass(frozen=True)
class Proposal:
    """What is proposed. ``pre_money`` or ``price`` is given; ``series`` are the classes ``formula`` is tried on."""

    new_money: Decimal
    pre_money: Decimal | None = None
    price: Decimal | None = None
    inside: bool = True
    converting: tuple[Converting, ...] = ()
    repriced: tuple[Repriced, ...] = ()
    pool: Decimal | None = None
    expenses: Decimal = ZERO
    exempt: str | None = None
    formula: Formula = "certificate"
    count: tuple[Counted, ...] = ()
    series: tuple[str, ...] = ()
    whole_shares: bool = True
    places: int | None = None

    def __post_init__(self) -> None:
        if (self.pre_money is None) == (self.price is None):
            raise XlcapError("give the pre-money valuation, or the price of a new share, and not both",
                             where="argument 'pre_money'")  # fmt: skip
        if self.pool is not None and self.pool >= 1:
            raise XlcapError(f"{show(self.pool)} of all shares leaves none for the holders; write 10% as 0.1",
                             where="argument 'pool_target'")  # fmt: skip
