"""The columns of a cap table: what a row may hold, whatever its kind."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from xlcap.cells import Part
from xlcap.errors import XlcapError
from xlcap.numbers import ZERO
from xlcap.records import record
from xlcap.tables import column, place
from xlcap.terms import Terms


@record
class Row:
    """One row of a cap table as it was filled in."""

    row: int
    class_: str = column("name of the class")
    holder: str | None = column("who holds these shares; blank: the whole class", default=None)
    kind: str = column(
        "write one of common, preferred, option, warrant, pool (the reserve for awards not granted), debt, cost (of "
        "the sale), carve_out (a part of the proceeds for management), note (convertible) or safe; in rounds "
        "convertible (a note and the like, by the shares it becomes)"
    )
    shares: Decimal = column(
        "shares held; shares the options or warrants buy, or the convertible becomes; shares reserved",
        default=ZERO,
        least=0,
    )
    terms: str | None = column("certificate that governs the class, such as PRICESMART-B", default=None)
    seniority: Decimal | None = column(
        "rank: a higher number is paid earlier, equal numbers share. Preferred, SAFE: among the preferences; blank: "
        "from the certificate, a SAFE with the most junior preferred. Debt, note: among the debts; blank: 0. "
        "Carve-out: the rank of preferences it is paid beside; blank: before them all",
        default=None,
        least=0,
    )
    amount: Decimal | None = column(
        "dollars. Debt, cost: what is owed, interest included; note: principal and interest, which convert; SAFE: the "
        "purchase amount; carve-out: a fixed amount",
        default=None,
        least=0,
    )
    rate: str | None = column(
        "carve-out, instead of an amount: a share of the proceeds, 0.1, or of tiers of them, '10% to 10,000,000; 5% to "
        "20,000,000': after the last tier nothing more, unless it has no end",
        default=None,
    )
    rate_of: str | None = column(
        "net (the default): the rate is of the proceeds after costs and debts; gross: of all the proceeds",
        default=None,
    )
    accrued: Decimal | None = column(
        "unpaid dividends, dollars a share: those accumulated, or where the certificate adds declared ones, those",
        default=None,
        least=0,
    )
    original_issue_price: Decimal | None = column(
        "preferred without terms: original issue price, dollars a share", default=None, above=0
    )
    preference_multiple: Decimal | None = column(
        "preference as a multiple of the original issue price, to which accrued dividends are added; blank: 1",
        default=None,
        least=0,
    )
    preference: Decimal | None = column(
        "preference of the whole row, dollars, dividends included; blank: from the original issue price or the "
        "certificate, and accrued. Note, SAFE: what is paid if it does not convert; blank: the amount",
        default=None,
        least=0,
    )
    conversion_price: Decimal | None = column(
        "conversion price in effect: the row's original issue price, or else its preference, divided by it is what it "
        "converts into",
        default=None,
        above=0,
    )
    conversion_ratio: Decimal | None = column(
        "instead of the conversion price: shares of Common a share converts into, dividends left aside",
        default=None,
        above=0,
    )
    as_converted: Decimal | None = column(
        "instead of the conversion price, or of a note's or SAFE's valuation cap: shares of Common the whole row "
        "converts into",
        default=None,
        above=0,
    )
    dividends_on_conversion: str | None = column(
        "preferred without terms: what becomes of the accrued dividends of a share that converts: forfeited (the "
        "default), paid (in cash, in the rank of the preference) or converted (at the conversion price)",
        default=None,
    )
    participation: str | None = column(
        "sharing with the Common after the preference: none, full or capped; blank: from the certificate, else none",
        default=None,
    )
    cap: Decimal | None = column(
        "where participation is capped: the most the whole row gets without converting, preference included, dollars; "
        "blank: from the certificate",
        default=None,
        above=0,
    )
    cap_multiple: Decimal | None = column(
        "instead of the cap: the same as a multiple of the original issue price", default=None, above=0
    )
    cap_per_share: Decimal | None = column("instead of the cap: the same in dollars a share", default=None, above=0)
    cap_includes_dividends: bool | None = column(
        "TRUE (the default): the cap holds the accrued dividends too, and nothing above it is paid; FALSE: they come "
        "on top of it",
        default=None,
    )
    converts_with: str | None = column(
        "preferred without terms: class that takes this one with it when all of it converts", default=None
    )
    conversion_group: str | None = column(
        "name of a group of preferred classes that converts together by one vote", default=None
    )
    conversion_vote: str | None = column(
        "votes the group needs, of its shares as converted: '> 50%' (the default), '>= 2/3'; without a sign, 0.5 or "
        "50%: more than that",
        default=None,
    )
    converts_alone: bool | None = column(
        "TRUE (the default): if the vote fails the class may still convert by itself; FALSE: only the group converts",
        default=None,
    )
    strike: Decimal | None = column("exercise price of options and warrants, dollars a share", default=None, least=0)
    underlying: str | None = column(
        "class of preferred stock whose shares the options or warrants buy; blank: Common", default=None
    )
    valuation_cap: Decimal | None = column(
        "valuation cap of a note or SAFE, dollars: divided by the shares in cap_counts it is the conversion price",
        default=None,
        above=0,
    )
    cap_counts: str | None = column(
        "what the valuation cap is divided by: a number of shares; SAFE: post_money (the default) or pre_money; note: "
        "with_pool (the default), without_pool or common_only",
        default=None,
    )
    discount: Part | None = column(
        "discount at which a note or SAFE converts, 0.2 or 20%; at a sale it counts only without a valuation cap",
        default=None,
        least=0,
    )
    discount_reading: str | None = column(
        "a discount without a cap: literal (the default): converts only where more than amount / (1 - discount) is "
        "left after everything owed; remainder: takes what is left, up to that",
        default=None,
    )
    issue_date: dt.date | None = column(
        "preferred with terms: original issue date of the shares, for prices and dividends worked out from events",
        default=None,
    )
    invested: Decimal | None = column(
        "dollars paid for the row, for the multiple on money; blank: shares at the original issue price or the "
        "certificate's, or the amount",
        default=None,
        least=0,
    )
    certificate: Terms | None = None
    """Terms that stand for the certificate of that name."""

    def fault(self, message: str, name: str | None = None, code: str = "#VALUE!") -> XlcapError:
        """An error placed at this row of the cap table."""
        return XlcapError(message, where=place("cap_table", self.row, name), code=code)

    @property
    def is_preferred(self) -> bool:
        return self.kind == "preferred"

    @property
    def label(self) -> str:
        """How answers name the row."""
        return f"{self.class_}: {self.holder}" if self.holder else self.class_
