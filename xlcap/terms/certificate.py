"""What a certificate of designation says that computes something, as data: no arithmetic here.

Each class is one room of the paper (dividends, liquidation, conversion, the adjustment rules, ...), each key one thing
it fixes. Where the drafting leaves something open, the choice is a key of its own and the default is the reading a
careful practitioner takes. ``clause`` keys hold the section of the paper, and travel into every trace and error.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from xlcap.errors import XlcapError
from xlcap.records import record
from xlcap.terms.schema import Blank, Day, term

Slot = Literal["pre_open", "open", "post_open", "intraday", "pre_close", "close"]
"""The times of day the certificates tell apart, in their order."""


def _month_days(days: tuple[str, ...], name: str) -> None:
    for day in days:
        try:
            dt.date.fromisoformat(f"2003-{day}")
        except ValueError:
            raise XlcapError(f"each entry is a month and a day such as 12-15; found '{day}'", where=name) from None


@record
class Dividend:
    """The preferential dividend."""

    clause: str = term("section of the certificate")
    rate: Decimal = term("dividend rate a year, as a fraction (0.08 is 8%)", least=0)
    base: Literal["liquidation_preference", "price_per_share"] = term("what the rate is applied to")
    cumulative: bool = term("whether unpaid dividends accumulate")
    accrues_from: Literal["issue_date", "original_issue_date"] = term(
        "from each share's own issue date, or from the original issue date of the series", default="issue_date"
    )
    compounding: Literal["simple", "quarterly", "daily"] = term(
        "whether dividends in arrears bear dividends: not, from the next payment date, or from each day",
        default="simple",
    )
    day_count_type: Literal["30_360", "30E_360", "ACTUAL_365", "ACTUAL_360"] = term(
        "how days are counted: 30_360 is the bond basis", default="30_360"
    )
    payment_dates: tuple[str, ...] = term("nominal payment dates of a year, as MM-DD")
    record_dates: tuple[str, ...] = term("record dates belonging to the payment dates, in their order, as MM-DD")
    first_payment_date: dt.date | None = term("the first nominal payment date", default=None)
    business_day_roll: Literal["following", "none"] = term(
        "a payment date that is no business day moves to the next, or stays", default="none"
    )

    def __post_init__(self) -> None:
        if self.rate > 1:
            raise XlcapError(f"{self.rate} would be {100 * self.rate}% a year; write 8% as 0.08", where="rate")
        _month_days(self.payment_dates, "payment_dates")
        _month_days(self.record_dates, "record_dates")
        if len(self.payment_dates) != len(self.record_dates):
            raise XlcapError("needs one record date for each payment date", where="record_dates")
        if list(self.payment_dates) != sorted(set(self.payment_dates)):
            raise XlcapError("the dates must differ and stand in the order of the year", where="payment_dates")


@record
class Liquidation:
    """What is paid when the company is wound up."""

    clause: str = term("section of the certificate")
    preference_multiple: Decimal = term("preference as a multiple of price_per_share", above=0, default=Decimal(1))
    dividends: Literal["none", "accrued"] = term("dividends added to the preference", default="none")
    participation: Literal["NONE"] = term("sharing with the Common after the preference", default="NONE")
    as_converted_greater_of: bool = term(
        "whether the greater of the preference and the as-converted amount is paid without an actual conversion",
        default=False,
    )
    greater_of_by: Literal["series", "holder"] = term(
        "who the greater-of test looks at: the series as a whole, or each holder", default="series"
    )
    triggers: tuple[Literal["dissolution", "capital_reduction", "asset_sale", "merger"], ...] = term(
        "events that are a liquidation"
    )


@record
class InLieuOfFraction:
    """What happens to a fraction of a share on conversion."""

    clause: str = term("section of the certificate")
    cash_price_days: int = term("closing prices averaged to value the fraction", above=0)
    fraction_price_date: Literal["conversion_date", "declaration_date"] = term(
        "the day before which those closing prices end", default="conversion_date"
    )
    aggregate_by: Literal["holder", "share"] = term(
        "fractions arise on each holder's total, or share by share", default="holder"
    )


@record
class Automatic:
    """Conversion without a choice."""

    clause: str = term("section of the certificate")
    date: Day = term("the automatic conversion date")


@record
class Conversion:
    """The right to convert into Common."""

    clause: str = term("section of the certificate")
    initial_price: Decimal = term("conversion price before any adjustment, dollars a share of Common", above=0)
    numerator: Literal["liquidation_preference", "price_per_share"] = term("what the conversion price divides")
    deemed_at: Slot = term("the time of day a conversion is deemed made")
    cash_election: Literal["accrued", "accrued_and_arrears", "none"] = term(
        "dividends the company may pay in cash instead of converting: the running period's, arrears too, or none",
        default="none",
    )
    record_date_dividend: Literal["converts", "paid_to_holder"] = term(
        "on a conversion between a record date and its payment date, the running dividend converts with the share, "
        "or is paid to the holder of record and does not convert",
        default="converts",
    )
    until_redemption: Literal["close", "open"] = term(
        "the right to convert called shares ends at the close, or at the opening, of the redemption date",
        default="close",
    )
    fraction: InLieuOfFraction = term("cash in lieu of fractional shares")
    automatic: Automatic | None = term("automatic conversion on a date", default=None)


@record
class TimedRule:
    """An adjustment that takes effect at a time of day, on the day that matters or the one after."""

    clause: str = term("section of the certificate")
    effective: Slot = term("time of day the adjustment takes effect")
    next_day: bool = term("whether on the day after the record date, effective date or offer time", default=False)


@record
class StockDividendRule(TimedRule):
    """Common paid on Common."""


@record
class SplitRule(TimedRule):
    """Subdivision or combination of Common."""


@record
class RightsRule(TimedRule):
    """Rights or warrants to buy Common below its price, given to the holders of Common."""

    readjust_clause: str = term("section on rights that are redeemed or expire")
    readjust: Literal["only_if_none_exercised", "unexercised_part"] = term(
        "when rights expire: the price is restored only if no holder exercised, or for the part not exercised",
        default="only_if_none_exercised",
    )


@record
class DistributionRule(TimedRule):
    """Property, debt, other stock or cash distributed on Common."""


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
class Adjust:
    """The rules that adjust the conversion price; a rule that is absent protects against nothing."""

    stock_dividend: StockDividendRule | None = term("dividends in Common on Common", default=None)
    split: SplitRule | None = term("subdivisions and combinations of Common", default=None)
    rights: RightsRule | None = term("rights to buy Common below its price", default=None)
    distribution: DistributionRule | None = term("other distributions on Common", default=None)
    tender_offer: TenderOfferRule | None = term("tender and exchange offers by the company", default=None)
    voluntary: VoluntaryRule | None = term("temporary reductions by the company", default=None)
    reorganization: ReorganizationRule | None = term("mergers, reclassifications, asset sales", default=None)


@record
class Policy:
    """What holds for every adjustment."""

    clause: str = term("section of the certificate on thresholds and rounding")
    min_adjustment: Decimal | None = term(
        "least change that is made, as a fraction of the price", default=None, least=0
    )
    threshold_basis: Literal["price_in_effect", "base_price"] = term(
        "the price that fraction is of: the one in effect, or the one without a temporary reduction",
        default="price_in_effect",
    )
    price_places: int | None = term("decimal places of a conversion price (absent: not rounded)", default=None, least=0)
    share_places: int | None = term("decimal places of a share count (absent: not rounded)", default=None, least=0)
    round_averages: bool = term("whether averages of closing prices are rounded like prices", default=False)
    overlap_clause: str | None = term("section on one action under several provisions", default=None)
    overlap: Literal["sequential", "combined_in_sequence", "single_greatest"] = term(
        "one action under several provisions: each in turn; property together with shares or rights in turn and "
        "otherwise only the greatest; or only the greatest always",
        default="sequential",
    )


Source = Literal["nasdaq", "exchange", "otc", "market_maker", "board"]


@record
class Market:
    """Closing prices and their averages."""

    clause: str = term("section of the certificate defining the current market price")
    closing_price_clause: str = term("section of the certificate defining the closing price")
    closing_price: tuple[Source, ...] = term("where a closing price is taken from, in order of precedence")
    days: int = term("trading days averaged in the current market price", above=0)
    trading_days: Literal["listed", "NYSE"] = term(
        "trading days are those the price table lists, or the exchange's, each of which must then be listed",
        default="listed",
    )
    ex_date_overlap: Literal["second", "first"] = term(
        "an ex-date that meets both limbs of the definition is read under the second, or the first", default="second"
    )


@record
class Redemption:
    """The company's right to redeem."""

    clause: str = term("section of the certificate")
    first_date: Day = term("the first day on which the company may redeem")
    multiple: Decimal = term("redemption price as a multiple of the liquidation preference", above=0)
    senior_dividends_current: bool = term("whether senior dividends of past periods must have been paid", default=False)
    partial_rounding: Literal["largest_remainder", "none"] = term(
        "pro rata lots: whole shares by largest remainder, or fractions of shares", default="largest_remainder"
    )


@record
class Consent:
    """A vote of the series."""

    clause: str = term("section of the certificate")
    fraction: Fraction = term("share of the outstanding shares needed", above=0)
    strict: bool = term("whether more than that fraction is needed, not just as much")


@record
class Voting:
    """Votes and consents."""

    clause: str = term("section of the certificate")
    votes: Literal["none"] = term("votes of a share")
    consents: Mapping[str, Consent] = term("matters that need the series' consent")


@record
class Notice:
    """A deadline: a notice the company owes, or a delivery."""

    clause: str = term("section of the certificate")
    days: int = term("days before or after the event at the least (before) or most (after)", least=0)
    most_days: int | None = term("days before the event at the most", default=None, least=0)
    unit: Literal["calendar", "business"] = term("how the days are counted", default="calendar")
    side: Literal["before", "after"] = term("whether the deadline lies before or after the event")
    business_days: int | None = term(
        "where fewer calendar days are practical, at least so many business days before", default=None, least=0
    )
    what: str = term("what is due")


@record
class Terms:
    """A class of preferred stock as its certificate of designation defines it."""

    id: str = term("the name by which formulas call for these terms")
    name: str = term("name of the class")
    issuer: str = term("name of the company")
    source: str = term("the document, so that a reader can check", default="")
    initial_shares_authorized: int = term("shares of the class that are authorised", above=0)
    par_value: Decimal | None = term("par value of the preferred share, dollars", default=None, least=0)
    price_per_share: Decimal = term("base amount of a share: original issue price or stated value, dollars", above=0)
    seniority: int = term("rank in dividends and liquidation: a higher number is paid earlier", least=0)
    original_issue_date: Day = term("date on which the first shares of the class were issued")
    calendar: Literal["SAN_DIEGO_BANKS", "WEEKDAYS"] = term("calendar of business days", default="WEEKDAYS")
    dividend: Dividend | None = term("the preferential dividend", default=None)
    liquidation: Liquidation = term("liquidation rights")
    conversion: Conversion = term("conversion rights")
    adjust: Adjust = term("adjustments of the conversion price")
    policy: Policy = term("threshold, rounding, overlaps")
    market: Market | None = term("closing prices and averages", default=None)
    redemption: Redemption | None = term("redemption by the company", default=None)
    voting: Voting = term("votes and consents")
    notices: Mapping[str, Notice] = term("notices and deliveries that are owed")

    def settled(self, day: Day, key: str) -> dt.date:
        """``day``, unless the certificate leaves it blank: then an error that says which key to fill in."""
        if isinstance(day, Blank):
            raise XlcapError(
                f'the certificate leaves this date open ("{day}"); give it in a block of terms, in a TOML file of your '
                "own, or as an argument where the function takes one",
                where=f"{self.id}: {key}",
            )
        return day
