"""The adjustment rules of a certificate, as data: which events change the conversion price, when, and by which formula.

One class for each kind of rule, one key for each thing a certificate may say differently.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from xlcap.errors import XlcapError
from xlcap.records import record
from xlcap.terms.schema import term

Slot = Literal["pre_open", "open", "post_open", "intraday", "pre_close", "close"]
"""The times of day the certificates tell apart, in their order."""


Reversal = Literal["prospective", "restate_from_record_date"]
"""What a dividend that is not paid as declared does to the price."""


@record
class TimedRule:
    """An adjustment that takes effect at a time of day, on the day that matters or the one after."""

    clause: str = term("section of the certificate")
    effective: Slot = term("time of day the adjustment takes effect")
    next_day: bool = term("whether on the day after the record date, effective date or offer time", default=False)


@record
class StockDividendRule(TimedRule):
    """Common paid on Common."""

    reversal: Reversal = term(
        "a dividend that is not paid: the price is restored from the day that is known, or (for the part not paid on "
        "the date fixed) as of the record date, and adjusts when it is paid after all",
        default="prospective",
    )


@record
class SplitRule(TimedRule):
    """Subdivision or combination of Common."""


@record
class RightsRule(TimedRule):
    """Rights, warrants or convertible securities given to the holders of Common."""

    formula: Literal["BELOW_MARKET", "SHARE_COUNT"] = term(
        "BELOW_MARKET: the offer price against the closing price; SHARE_COUNT: as a dividend of all the shares under "
        "the rights",
        default="BELOW_MARKET",
    )
    rights_treasury_method: bool = term(
        "with SHARE_COUNT: whether the shares the offer price would buy back at the closing price are left out",
        default=False,
    )
    reversal: Reversal = term(
        "with SHARE_COUNT: rights that are not distributed on the date fixed, as for a dividend in Common",
        default="prospective",
    )
    readjust_clause: str = term("section on rights that are redeemed or expire", default="")
    readjust: Literal["only_if_none_exercised", "unexercised_part", "never"] = term(
        "when rights expire: the price is restored only if no holder exercised, or for the part not exercised, or "
        "never",
        default="only_if_none_exercised",
    )


@record
class DistributionRule(TimedRule):
    """Property, debt, other stock or cash distributed on Common."""


@record
class OtherSecuritiesRule:
    """The company's own other securities distributed on Common: set aside, and delivered on conversion."""

    clause: str = term("section of the certificate")
    rights: bool = term("whether rights and options on Common are among them", default=False)


@record
class TenderOfferRule(TimedRule):
    """The company's tender or exchange offers for its Common."""

    threshold: Decimal = term("consideration, as a fraction of the value of all Common, that must be exceeded", least=0)
    tender_floor: bool = term("an offer that would raise the price changes nothing", default=True)
    numerator: Literal["own", "own_and_earlier"] = term(
        "consideration taken off in the formula: of this offer, or of earlier unadjusted offers too", default="own"
    )
    denominator: Literal["price_times_remaining", "product_less_shares"] = term(
        "market price times the shares left, or (market price times shares) less the purchased shares",
        default="price_times_remaining",
    )


@record
class VoluntaryRule:
    """A reduction of the price by the company's own choice, for a time."""

    clause: str = term("section of the certificate")
    min_days: int = term("least length of the period, in days, both ends counted", least=1)
    notice_days: int = term("least days from the notice to the day it takes effect", least=0)
    overlay: Literal["dollars", "fixed_price"] = term(
        "another adjustment during the period: the reduction is so many dollars off the adjusted price, "
        "or the reduced price itself stands",
        default="dollars",
    )


@record
class ReorganizationRule:
    """Mergers and the like that change what a share of Common is."""

    clause: str = term("section of the certificate")


@record
class DeemedIssueRule:
    """Rights, options and convertible securities: their shares count as issued when the instrument is."""

    clause: str = term("section of the certificate")
    readjust_clause: str = term("section on instruments that expire or change", default="")
    readjust_on: tuple[Literal["expiry", "termination", "increase", "decrease", "share_change"], ...] = term(
        "what makes the adjustment be computed anew: expiry; another termination; the consideration rising or falling, "
        "or the number of shares changing, by the instrument's own terms",
        default=(),
    )
    partial_exercise: Literal["actual", "none"] = term(
        "an instrument that ends partly exercised counts with the shares issued, or is not computed anew",
        default="actual",
    )
    grant_money: Literal["all", "of_exercised"] = term(
        "what was received for the grant of options then counts whole, or for the part exercised", default="all"
    )
    unadjusted_revision: Literal["at_grant", "at_revision"] = term(
        "an instrument that adjusted nothing when issued, and whose terms change: computed anew from its issue, or "
        "taken as issued on the day of the change",
        default="at_grant",
    )
    amendment: Literal["new_issue", "recompute", "nothing"] = term(
        "a change agreed later, not by the instrument's own terms: the old one ends and a new one is issued that day, "
        "or as a change by its terms, or nothing",
        default="new_issue",
    )
    antidilution: bool = term(
        "whether a change by the instrument's own clause against dilution makes the adjustment be computed anew too",
        default=True,
    )


@record
class RepricingRule:
    """A reduction of an instrument's price that is itself an issue."""

    clause: str = term("section of the certificate")
    repricing_premium: bool = term(
        "whether what was first received for the instrument counts in the effective price", default=True
    )


@record
class Exemption:
    """Shares whose issue adjusts nothing."""

    clause: str = term("section of the certificate; an events table may name the exemption by it")
    what: str = term("which shares")
    until_modified: bool = term("whether it ends when the terms of the instrument are modified", default=False)


@record
class Basket:
    """An exemption up to a part of the shares outstanding."""

    clause: str = term("section of the certificate")
    exempt: str = term("the name, under exempt, of the shares that fall into it")
    fraction: Fraction | None = term("part of the fully diluted Common, in aggregate", default=None, above=0, most=1)
    shares: Decimal | None = term("instead of a part: so many shares, in aggregate", default=None, above=0)
    overflow: Literal["excess", "all"] = term(
        "an issue that does not fit counts with its excess, or as a whole", default="excess"
    )
    fully_diluted: Literal["moving", "fixed"] = term(
        "the part is of the shares at each issue, or of those at the first", default="moving"
    )

    def __post_init__(self) -> None:
        if (self.fraction is None) == (self.shares is None):
            raise XlcapError("give a part of the shares, or a number in shares, and not both", where="fraction")


Counted = Literal["common", "series", "preferred", "options", "convertibles", "reserved_pool"]


@record
class IssueRule(TimedRule):
    """Common issued, or deemed issued, below the conversion price."""

    formula: Literal["WEIGHTED_AVERAGE", "FULL_RATCHET"] = term(
        "WEIGHTED_AVERAGE: (O + C / price) / (O + new shares); FULL_RATCHET: the effective price itself"
    )
    count: tuple[Counted, ...] = term(
        "shares counted in O: common; series (this series, as converted); preferred (other preferred, as converted); "
        "options; convertibles; reserved_pool. Broad-based counts most of them, narrow-based few",
        default=(),
    )
    count_as_of: Literal["day_before", "immediately_prior"] = term(
        "shares are counted at the close of the day before the issue, or immediately before it", default="day_before"
    )
    fd_price: Literal["before", "before_as_published", "after"] = term(
        "price at which the series counts as converted: before the issue, as that price is told in a replay, or as it "
        "was published; or after it",
        default="before",
    )
    denominator: Literal["before_plus_new", "as_counted"] = term(
        "shares after the issue: O and the new shares, or as counted at the close of that day (outstanding_after)",
        default="before_plus_new",
    )
    consideration_clause: str = term("section on what counts as consideration", default="")
    expenses_deducted: bool = term("whether the company's expenses of the issue are taken off", default=False)
    debt_cancellation_counts: bool = term(
        "whether debt cancelled on conversion counts as received, besides what the debt was issued for", default=False
    )
    until_automatic_conversion: bool = term("whether the rule ends when the shares convert by force", default=False)
    closing_window_days: int | None = term(
        "closings of one issue within so many days of the first count as made on it", default=None, above=0
    )
    deemed: DeemedIssueRule | None = term("options and convertible securities", default=None)
    repricing: RepricingRule | None = term("reductions of an instrument's price that are an issue", default=None)
    exempt: Mapping[str, Exemption] = term("shares whose issue adjusts nothing, each under a name of its own")
    basket: Basket | None = term("an exemption up to a part of the shares", default=None)

    def __post_init__(self) -> None:
        if self.formula == "WEIGHTED_AVERAGE" and not self.count:
            raise XlcapError("is missing: a weighted average counts shares; broad-based counts common, series, "
                             "preferred, options, convertibles", where="count")  # fmt: skip
        if self.fd_price == "after" and self.denominator == "as_counted":
            raise XlcapError("'after' works the shares out, and as_counted takes them from the row: choose one",
                             where="fd_price")  # fmt: skip
        if self.basket and self.basket.exempt not in self.exempt:
            raise XlcapError(f"no exemption is called '{self.basket.exempt}'; there are "
                             f"{', '.join(self.exempt) or 'none'}", where="basket.exempt")  # fmt: skip


@record
class Adjust:
    """The rules that adjust the conversion price; a rule that is absent protects against nothing."""

    stock_dividend: StockDividendRule | None = term("dividends in Common on Common", default=None)
    split: SplitRule | None = term("subdivisions and combinations of Common", default=None)
    rights: RightsRule | None = term("rights to buy Common below its price", default=None)
    distribution: DistributionRule | None = term("other distributions on Common", default=None)
    other_securities: OtherSecuritiesRule | None = term(
        "the company's own other securities, delivered on conversion", default=None
    )
    tender_offer: TenderOfferRule | None = term("tender and exchange offers by the company", default=None)
    issue_below_price: IssueRule | None = term("Common issued below the conversion price", default=None)
    voluntary: VoluntaryRule | None = term("temporary reductions by the company", default=None)
    reorganization: ReorganizationRule | None = term("mergers, reclassifications, asset sales", default=None)


@record
class Policy:
    """What holds for every adjustment."""

    clause: str = term("section of the certificate on thresholds and rounding", default="")
    min_adjustment: Decimal | None = term(
        "least change that is made, as a fraction of the price (0.01 is 1%)",
        default=None,
        least=0,
        most=Decimal("0.99"),
    )
    min_adjustment_amount: Decimal | None = term("least change that is made, dollars", default=None, least=0)
    carry_rounding: bool = term(
        "whether what rounding cuts off an adjustment that is made is carried into the next", default=False
    )
    threshold_basis: Literal["price_in_effect", "base_price"] = term(
        "the price that fraction is of: the one in effect, or the one without a temporary reduction",
        default="price_in_effect",
    )
    price_places: int | None = term(
        "decimal places of a conversion price (absent: not rounded)", default=None, least=0, most=30
    )
    share_places: int | None = term(
        "decimal places of a share count (absent: not rounded)", default=None, least=0, most=30
    )
    round_averages: bool = term("whether averages of closing prices are rounded like prices", default=False)
    overlap_clause: str | None = term("section on one action under several provisions", default=None)
    overlap: Literal["sequential", "combined_in_sequence", "single_greatest"] = term(
        "one action under several provisions: each in turn; property together with shares or rights in turn and "
        "otherwise only the greatest; or only the greatest always",
        default="sequential",
    )
    certificate_clause: str = term("section under which every adjustment is certified to the holders", default="")
