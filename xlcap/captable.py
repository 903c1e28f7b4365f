"""Who holds what: a cap table, one row a class (or a holder's part of a class).

A row of preferred stock says what it is preferred for and what it converts into, either in dollars and shares of the
whole row, or by naming a certificate and giving what has changed since: the conversion price in effect and the
dividends accrued.
"""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from functools import cached_property
from typing import Literal

from xlcap.cells import Cell, as_text, is_blank
from xlcap.errors import XlcapError
from xlcap.numbers import ZERO, exact
from xlcap.preference import converting_a_share, kept_a_share, most_a_share, preference_a_share
from xlcap.records import record
from xlcap.tables import Range, column, columns, header_name, place, read_records
from xlcap.terms import Terms, load
from xlcap.terms.library import stamp

KINDS = ("common", "preferred", "option", "warrant", "convertible", "pool")
PARTICIPATIONS = ("none", "full", "capped")


@record
class Holding:
    """One row of a cap table, equal to itself alone: the certificate that like cells name may have changed since."""

    row: int
    class_: str = column("name of the class")
    holder: str | None = column("who holds these shares; blank: the whole class", default=None)
    kind: str = column(
        "common, preferred, option or warrant (on Common), convertible (a note and the like), or pool (the reserve for "
        "awards not granted)"
    )
    shares: Decimal = column("shares held; shares the options buy or the convertible becomes; shares reserved", least=0)
    terms: str | None = column("certificate that governs the class, such as PRICESMART-B", default=None)
    seniority: Decimal | None = column(
        "rank among the preferences: a higher number is paid earlier, equal numbers share; blank: from the certificate",
        default=None,
        least=0,
    )
    accrued: Decimal | None = column(
        "unpaid dividends, dollars a share: those accumulated, or where the certificate adds declared ones, those",
        default=None,
        least=0,
    )
    preference: Decimal | None = column(
        "preference of the whole row, dollars, dividends included; blank: from the certificate and accrued",
        default=None,
        least=0,
    )
    conversion_price: Decimal | None = column(
        "conversion price in effect: the row's preference divided by it is what it converts into", default=None, above=0
    )
    as_converted: Decimal | None = column(
        "instead of the conversion price: shares of Common the whole row converts into", default=None, above=0
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
    strike: Decimal | None = column("exercise price of options and warrants, dollars a share", default=None, least=0)
    certificate: Terms | None = None
    """Terms that stand for the certificate of that name."""

    def __post_init__(self) -> None:
        self._one_of("kind", self.kind, KINDS)
        if self.participation is not None:
            self._one_of("participation", self.participation, PARTICIPATIONS)
        if self.is_preferred:
            self._check_preferred()
        else:
            self._check_common()

    def _one_of(self, name: str, word: str, words: tuple[str, ...]) -> None:
        if header_name(word) not in words:
            raise self.fault(f"one of {', '.join(words)} is expected; found '{word}'", name)

    def _check_preferred(self) -> None:
        if self.strike is not None:
            raise self.fault("applies to options and warrants; leave it blank", "strike")
        if self.preference is None and self.terms is None:
            raise self.fault(
                "is blank: give the row's preference in dollars, or its certificate in 'terms'", "preference"
            )
        if self.preference is not None and self.accrued is not None:
            raise self.fault("is part of the preference stated in dollars; leave one of the two blank", "accrued")
        if self.conversion_price is not None and self.as_converted is not None:
            raise self.fault("stands beside a conversion price; leave one of the two blank", "as_converted")
        if self.terms is not None and self.conversion_price is None and self.as_converted is None:
            raise self.fault(
                "is blank: give the price in effect, for example from CONVERSION_PRICE", "conversion_price"
            )
        if self.seniority is None and self.terms is None:
            raise self.fault("is blank: give the rank, a higher number is paid earlier", "seniority")
        if (self.most is not None) != (self.share_in == "capped"):
            raise self.fault("goes with participation 'capped', and only with it", "cap")
        if self.cap is not None and self.cap < self.amount:
            raise self.fault(f"must not be below the preference it includes; found {self.cap}", "cap")
        self._check_dividends()

    def _check_dividends(self) -> None:
        """Dividends that a conversion leaves owed must be known, and must be part of the preference."""
        terms = self.governed_by
        if terms is None or terms.conversion.dividends not in ("paid_in_cash", "survive"):
            return
        if self.preference is not None and self.preference != _times(preference_a_share(terms, ZERO), self.shares):
            raise self.fault(
                f"may hold dividends that {terms.id} still owes after a conversion; leave it blank and give them, "
                "dollars a share, in 'accrued'",
                "preference",
            )
        if self.kept and terms.liquidation.dividends == "none":
            raise self.fault(
                f"is not modelled: {terms.id} owes these dividends after a conversion, but does not add them to the "
                "preference",
                "accrued",
            )

    def _check_common(self) -> None:
        for name in ("terms", "accrued", "preference", "conversion_price", "as_converted", "participation", "cap"):
            if getattr(self, name) is not None:
                raise self.fault(f"applies to preferred stock; leave it blank for {self.kind}", name)
        is_option = header_name(self.kind) in ("option", "warrant")
        if is_option and self.strike is None:
            raise self.fault("is blank: give the exercise price (0 if there is none)", "strike")
        if not is_option and self.strike is not None:
            raise self.fault("applies to options and warrants; leave it blank", "strike")

    def fault(self, message: str, name: str | None = None, code: str = "#VALUE!") -> XlcapError:
        """An error placed at this row of the cap table."""
        return XlcapError(message, where=place("cap_table", self.row, name), code=code)

    @property
    def is_preferred(self) -> bool:
        return header_name(self.kind) == "preferred"

    @cached_property
    def governed_by(self) -> Terms | None:
        """The certificate of the class."""
        if self.terms is None or self.certificate is not None:
            return self.certificate
        try:
            return load(self.terms)
        except XlcapError as error:
            raise self.fault(error.message, "terms") from None

    @property
    def rank(self) -> Decimal:
        """Seniority: stated, or the certificate's."""
        if self.seniority is not None:
            return self.seniority
        return Decimal(self.governed_by.seniority) if self.governed_by else ZERO

    @cached_property
    def amount(self) -> Decimal:
        """The row's preference in dollars; dividends are counted once."""
        if self.preference is not None:
            return self.preference
        if not self.is_preferred or self.governed_by is None:
            return ZERO
        return _times(preference_a_share(self.governed_by, self._dividends), self.shares)

    @cached_property
    def converting(self) -> Decimal:
        """The amount the conversion price divides: the preference, unless a certificate says otherwise."""
        terms = self.governed_by
        if terms is None or (self.preference is not None and terms.conversion.numerator == "liquidation_preference"):
            return self.amount
        return _times(converting_a_share(terms, self._dividends), self.shares)

    @cached_property
    def common(self) -> Decimal:
        """Shares of Common the row stands for: held, under options, reserved, or as converted."""
        if not self.is_preferred:
            return self.shares
        if self.as_converted is not None:
            return self.as_converted
        return _divided(self.converting, self.conversion_price) if self.conversion_price is not None else ZERO

    @cached_property
    def kept(self) -> Decimal:
        """Dividends still owed to the row after a conversion, dollars."""
        return _times(kept_a_share(self.governed_by, self._dividends), self.shares) if self.governed_by else ZERO

    @property
    def _dividends(self) -> Decimal:
        return self.accrued or ZERO

    @cached_property
    def share_in(self) -> Literal["none", "full", "capped"]:
        """How the row shares with the Common after its preference: as stated, or as the certificate says."""
        if self.participation is not None:
            return header_name(self.participation)  # type: ignore[return-value]  # one of the words, as checked
        if self.governed_by is None:
            return "none"
        return self.governed_by.liquidation.participation.lower()  # type: ignore[return-value]  # the same words

    @cached_property
    def most(self) -> Decimal | None:
        """Where participation is capped: the most the row gets without converting, dollars."""
        if self.cap is not None or self.share_in != "capped" or self.governed_by is None:
            return self.cap
        most = most_a_share(self.governed_by, self._dividends)
        return None if most is None else max(_times(most, self.shares), self.amount)

    @property
    def decides_alone(self) -> bool:
        """Whether the holder of this row weighs conversion for itself, and not with the rest of its class.

        Where a certificate pays the greater amount without a conversion, it says who compares (AMB-PS23); elsewhere
        converting is each holder's own choice.
        """
        if self.governed_by is None:
            return False
        liquidation = self.governed_by.liquidation
        return not liquidation.as_converted_greater_of or liquidation.greater_of_by == "holder"

    @property
    def label(self) -> str:
        """How answers name the row."""
        return f"{self.class_}: {self.holder}" if self.holder else self.class_


@exact
def _times(each: Decimal, shares: Decimal) -> Decimal:
    return each * shares


@exact
def _divided(amount: Decimal, price: Decimal) -> Decimal:
    return amount / price


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
    for holding in holdings:
        if holding.label in seen:
            raise holding.fault(
                f"'{holding.label}' is row {seen[holding.label].row} too; tell them apart in the column 'holder'",
                "class",
            )
        seen[holding.label] = holding
        if holding.is_preferred:
            _same_class(holding, classes.setdefault(header_name(holding.class_), holding))
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


def _same_class(holding: Holding, first: Holding) -> None:
    """The rows of a class of preferred stock have one certificate and one rank."""
    for name, one, other in (("terms", first.terms, holding.terms), ("seniority", first.rank, holding.rank)):
        if str(one).lower() != str(other).lower():
            raise holding.fault(
                f"'{holding.class_}' has {other or 'none'} here and {one or 'none'} in row {first.row}; one class has "
                "one certificate and one rank",
                name,
            )


def cap_table_stamp(table: Range) -> object:
    """What a cap table depends on besides its cells: the certificates it names."""
    where = [i for i, cell in enumerate(table[0]) if isinstance(cell, str) and header_name(cell) == "terms"]
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
