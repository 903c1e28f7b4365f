"""A row of a cap table worked out: what it is owed, what it converts into, how far it shares with the Common.

A row of preferred stock says what it is preferred for and what it converts into by columns, or by naming a certificate
and giving what has changed since: the conversion price in effect and the dividends accrued.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Literal, TypeVar

from xlcap.captable.checks import check_columns, read_words
from xlcap.captable.columns import Row
from xlcap.captable.parts import Slice, Vote, read_tiers, read_vote
from xlcap.cells import as_number
from xlcap.errors import XlcapError
from xlcap.numbers import ONE, ZERO, as_shown, exact, quotient, show
from xlcap.preference import converting_a_share, kept_a_share, most_a_share, preference_a_share
from xlcap.records import record
from xlcap.tables import header_name
from xlcap.terms import Terms, load
from xlcap.terms.certificate import WithClass

R = TypeVar("R")

_CAP_COUNTS = {"safe": ("post_money", "pre_money"), "note": ("with_pool", "without_pool", "common_only")}
"""What a valuation cap may be divided by, by kind; the first where nothing is said."""

_CAPS = {
    "cap": "give the most the row gets, preference included, dollars",
    "cap_multiple": "give a multiple of the original issue price: the preference's, usually 1, or more",
    "cap_per_share": "give the most a share gets, preference included, dollars",
}
"""The columns a cap may stand in, and what each expects."""

_MOST_ACCRUED = 100
"""Dividends above so many times the price of a share are taken for the row's total: 8% a year compounded comes to that
in 60 years, 20% in 26. A total of a tenth of the price does so from 1,000 shares on."""


@record
class Holding(Row):
    """One row of a cap table, equal to itself alone: the certificate that like cells name may have changed since."""

    def __post_init__(self) -> None:
        read_words(self)
        if self.is_preferred:
            _ = self.governed_by  # a name that is no certificate's is told before what stands beside it
        check_columns(self)
        if self.is_preferred:
            self._check_preferred()
        elif self.rate is not None:
            _ = self.tiers
        elif self.cap_counts is not None:
            _ = self.capitalization

    def _check_preferred(self) -> None:
        _ = self.vote
        if self.share_in == "capped" and self.most is None:
            raise self.fault(
                "is blank: a capped participation needs a cap; give 'cap', 'cap_multiple' or 'cap_per_share'", "cap"
            )
        if self._cap is not None:
            self._check_cap(self._cap)
        self._check_dividends()

    def _check_cap(self, cap: Decimal) -> None:
        stated = next(name for name in _CAPS if getattr(self, name) is not None)
        if self.share_in != "capped":
            raise self.fault(
                "goes with a capped participation; write capped in 'participation', or leave this blank", stated
            )
        if self.cap_includes_dividends is False and self.preference is not None:
            raise self.fault(
                "cannot tell the dividends in a preference stated in dollars; give the price a share or the "
                "certificate, and the dividends in 'accrued'",
                "cap_includes_dividends",
            )
        held = self._without_dividends
        if as_shown(cap) < as_shown(held):
            makes = "" if stated == "cap" else f", which makes {show(cap)} for the row"
            raise self.fault(
                f"must not be below the preference it includes, {show(held)}; found "
                f"{show(getattr(self, stated))}{makes}: {_CAPS[stated]}",
                stated,
            )

    def _check_dividends(self) -> None:
        """Dividends are a share's; those a conversion leaves owed must be known, and be part of the preference."""
        if self._price is not None and self._dividends > _MOST_ACCRUED * self._price:
            raise self.fault(
                f"is dollars a share; found {show(self._dividends)} beside a price of {show(self._price)} a share: "
                "divide the row's total by its shares",
                "accrued",
            )
        if self.most is not None and self.kept > self.most:
            raise self.fault(
                f"makes {show(self.kept)} for the row, paid in cash when it converts and more than the cap of "
                f"{show(self.most)} that holds it when it does not; write FALSE in 'cap_includes_dividends' or give "
                "a higher cap",
                "accrued",
            )
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

    def check_priced(self) -> None:
        """That a class with a certificate says what it converts into; asked for when that is first needed."""
        if self.terms is not None and not self.is_convertible:
            raise self.fault(
                "is blank: give the price in effect, for example from CONVERSION_PRICE, or at an exit as_of (and "
                "events) to have it worked out",
                "conversion_price",
            )

    def _parsed(self, read: Callable[[str], R], text: str, name: str) -> R:
        try:
            return read(text)
        except XlcapError as error:
            raise self.fault(error.message, name) from None

    # --- terms -----------------------------------------------------------------------------------------------------

    @cached_property
    def governed_by(self) -> Terms | None:
        """The certificate of the class."""
        if self.terms is None or self.certificate is not None:
            return self.certificate
        return self._parsed(load, self.terms, "terms")

    @property
    def rank(self) -> Decimal:
        """Seniority: stated, or the certificate's."""
        if self.seniority is not None:
            return self.seniority
        return Decimal(self.governed_by.seniority) if self.governed_by else ZERO

    @property
    def decides_alone(self) -> bool:
        """Whether the holder of this row weighs conversion for itself, and not with the rest of its class.

        Where a certificate pays the greater amount without a conversion, it says who compares (AMB-PS23); elsewhere
        converting is each holder's own choice.
        """
        if self.governed_by is None:
            return True
        liquidation = self.governed_by.liquidation
        return not liquidation.as_converted_greater_of or liquidation.greater_of_by == "holder"

    @cached_property
    def with_class(self) -> WithClass | None:
        """The class this one converts with: by its certificate, or as its row says."""
        if self.converts_with is not None:
            return WithClass(clause="", converting=self.converts_with)
        return self.governed_by.conversion.with_class if self.governed_by else None

    @cached_property
    def vote(self) -> Vote | None:
        """The vote by which the class converts together with its group."""
        if self.conversion_group is None:
            return None
        part, at_least = self._parsed(read_vote, self.conversion_vote or "> 50%", "conversion_vote")
        return Vote(self.conversion_group, part, at_least, alone=self.converts_alone is not False)

    @cached_property
    def tiers(self) -> tuple[Slice, ...]:
        """The tiers of a carve-out, from nothing up; none where it is a fixed amount."""
        return () if self.rate is None else self._parsed(read_tiers, self.rate, "rate")

    @cached_property
    def capitalization(self) -> Decimal | str:
        """What a valuation cap is divided by: a number of shares, or the word for those it counts."""
        words = _CAP_COUNTS[self.kind]
        if self.cap_counts is None:
            return words[0]
        word = header_name(self.cap_counts)
        if word in words:
            return word
        try:
            shares = as_number(self.cap_counts)
        except XlcapError:
            shares = ZERO
        if shares <= 0:
            raise self.fault(
                f"a number of shares above 0 or one of {', '.join(words)} is expected; found '{self.cap_counts}'",
                "cap_counts",
            )
        return shares

    # --- what is owed ----------------------------------------------------------------------------------------------

    @cached_property
    def owed(self) -> Decimal:
        """What the row is owed before the Common, dollars: preference, debt, cost, fixed carve-out, cash-out."""
        if self.preference is not None:
            return self.preference
        if self.is_preferred:
            owed = _times(self._preference_a_share(self._dividends), self.shares)
            return owed if self._cap is None or not self._cap_holds_all else min(owed, self._cap)
        return self.amount or ZERO

    @cached_property
    def kept(self) -> Decimal:
        """Dividends still owed to the row after a conversion, dollars."""
        if self.governed_by:
            return _times(kept_a_share(self.governed_by, self._dividends), self.shares)
        return _times(self._dividends, self.shares) if self.dividends_on_conversion == "paid" else ZERO

    @property
    def paid_in(self) -> Decimal | None:
        """Dollars paid for the row, which its multiple is of; None where nothing was or nobody says."""
        paid = self.invested
        if paid is None and self.kind in ("debt", "note", "safe"):
            paid = self.amount
        if paid is None and (price := self._price) is not None:
            paid = _times(price, self.shares)
        return paid or None

    @property
    def _dividends(self) -> Decimal:
        return self.accrued or ZERO

    @property
    def _price(self) -> Decimal | None:
        """The original issue price of a share."""
        return self.governed_by.price_per_share if self.governed_by else self.original_issue_price

    @exact
    def _preference_a_share(self, dividends: Decimal) -> Decimal:
        if self.governed_by:
            return preference_a_share(self.governed_by, dividends)
        multiple = ONE if self.preference_multiple is None else self.preference_multiple
        return multiple * (self._price or ZERO) + dividends

    @cached_property
    def _without_dividends(self) -> Decimal:
        """The preference that a cap must hold: of the whole row, accrued dividends left aside where they are known."""
        return self.owed if self.preference is not None else _times(self._preference_a_share(ZERO), self.shares)

    @cached_property
    def bare_preference(self) -> Fraction:
        """Preference of one share without accrued dividends, such as a warrant buys, dollars."""
        if self.preference is not None and self.governed_by is None:
            return Fraction(self.preference) / Fraction(self.shares)
        return Fraction(self._preference_a_share(ZERO))

    # --- what it converts into -------------------------------------------------------------------------------------

    @property
    def is_convertible(self) -> bool:
        """Whether the row says what it converts into."""
        return not (self.conversion_price is None and self.conversion_ratio is None and self.as_converted is None)

    @cached_property
    def converting(self) -> Decimal:
        """The amount the conversion price divides: the preference, unless a price a share or a certificate is known."""
        terms = self.governed_by
        if terms is None and self.original_issue_price is None:
            return self.owed
        if terms and self.preference is not None and terms.conversion.numerator == "liquidation_preference":
            return self.owed
        return _times(self._converting_a_share(self._dividends), self.shares)

    @exact
    def _converting_a_share(self, dividends: Decimal) -> Decimal:
        if self.governed_by:
            return converting_a_share(self.governed_by, dividends)
        added = dividends if self.dividends_on_conversion == "converted" else ZERO
        return (self._price or ZERO) + added

    @cached_property
    def _bare_converting(self) -> Fraction:
        """The amount of one share without accrued dividends that the conversion price divides."""
        if self.governed_by is None and self.original_issue_price is None:
            return self.bare_preference
        return Fraction(self._converting_a_share(ZERO))

    @property
    def _grown(self) -> Fraction:
        """What dividends that convert make of each share the row converts into without them."""
        bare = self._bare_converting * Fraction(self.shares)
        return Fraction(self.converting) / bare if bare else Fraction(1)

    @cached_property
    def converts_into(self) -> Fraction:
        """Shares of Common the row is or becomes, exactly; 0 where it cannot convert, is debt, or nobody holds it.

        Those of a note or SAFE only where its row states them.
        """
        if not self.is_preferred:
            held = self.kind == "common" or (self.kind in ("option", "warrant") and self.underlying is None)
            return quotient(self.shares if held else self.as_converted or ZERO)
        self.check_priced()
        if self.as_converted is not None:
            return quotient(self.as_converted)
        if self.conversion_ratio is not None:
            return Fraction(self.conversion_ratio) * Fraction(self.shares) * self._grown
        return quotient(self.converting, self.conversion_price) if self.conversion_price else Fraction(0)

    @cached_property
    def bare_converts_into(self) -> Fraction:
        """Shares of Common that one share without accrued dividends converts into."""
        self.check_priced()
        if self.as_converted is not None:
            return Fraction(self.as_converted) / Fraction(self.shares) / self._grown
        if self.conversion_ratio is not None:
            return Fraction(self.conversion_ratio)
        return self._bare_converting / Fraction(self.conversion_price) if self.conversion_price else Fraction(0)

    @cached_property
    def common(self) -> Decimal:
        """Shares of Common the row stands for: held, under options, reserved, or as converted."""
        if not self.is_preferred:
            return self.shares or self.as_converted or ZERO
        self.check_priced()
        if self.as_converted is not None:
            return self.as_converted
        if self.conversion_ratio is not None:
            return _divided(Decimal(self.converts_into.numerator), Decimal(self.converts_into.denominator))
        return _divided(self.converting, self.conversion_price) if self.conversion_price is not None else ZERO

    # --- how far it shares -----------------------------------------------------------------------------------------

    @cached_property
    def share_in(self) -> Literal["none", "full", "capped"]:
        """How the row shares with the Common after its preference: as stated, or as the certificate says."""
        if self.participation is not None:
            return self.participation  # type: ignore[return-value]  # one of the words, as checked
        if self.governed_by is None:
            return "none"
        return self.governed_by.liquidation.participation.lower()  # type: ignore[return-value]  # the same words

    @cached_property
    def _cap(self) -> Decimal | None:
        """The cap the row itself states, dollars, without dividends that come on top of it."""
        if self.cap is not None:
            return self.cap
        each = self.cap_per_share
        if self.cap_multiple is not None:
            each = _times(self.cap_multiple, self._price or ZERO)
        return None if each is None else _times(each, self.shares)

    @property
    def _cap_holds_all(self) -> bool:
        """Whether the cap is of preference, dividends and participation together, as market charters word it."""
        return self.terms is None and self.cap_includes_dividends is not False

    @cached_property
    def most(self) -> Decimal | None:
        """Where participation is capped: the most the row gets without converting, dollars.

        A preference above the cap, dividends having brought it there, is paid in full where a certificate caps the
        participation (Valuestar B.1), and stops at a cap that holds the dividends where the row states its terms.
        """
        cap, terms = self._cap, self.governed_by
        if cap is not None:
            added = terms is None or terms.liquidation.dividends != "none"
            on_top = self._dividends if added and self.cap_includes_dividends is False else ZERO
            return max(_plus(cap, _times(on_top, self.shares)), self.owed)
        most = most_a_share(terms, self._dividends) if terms and self.share_in == "capped" else None
        return None if most is None else max(_times(most, self.shares), self.owed)

    @cached_property
    def bare_most(self) -> Fraction | None:
        """Where participation is capped: the most one share without accrued dividends gets without converting."""
        if self._cap is not None:
            return max(Fraction(self._cap) / Fraction(self.shares), self.bare_preference)
        most = most_a_share(self.governed_by, ZERO) if self.governed_by and self.share_in == "capped" else None
        return None if most is None else Fraction(most)


@exact
def _times(each: Decimal, shares: Decimal) -> Decimal:
    return each * shares


@exact
def _plus(one: Decimal, other: Decimal) -> Decimal:
    return one + other


@exact
def _divided(amount: Decimal, price: Decimal) -> Decimal:
    return amount / price
