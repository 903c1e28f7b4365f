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
from xlcap.terms.rules import Adjust, Policy, Slot
from xlcap.terms.schema import Blank, Day, term


def _month_days(days: tuple[str, ...], name: str) -> None:
    for day in days:
        try:
            dt.date.fromisoformat(f"2003-{day}")
        except ValueError:
            raise XlcapError(f"each entry is a month and a day such as 12-15; found '{day}'", where=name) from None


@record
class DividendParticipation:
    """Sharing in what is paid on the Common."""

    clause: str = term("section of the certificate on cash dividends")
    noncash_clause: str = term("section on distributions other than cash, if another", default="")
    cash: bool = term("whether a like amount as converted is due for cash dividends on the Common", default=True)
    noncash: bool = term("whether a proportionate share of other distributions is due", default=True)
    with_parity: bool = term("whether the same is due where stock of equal rank is paid in cash", default=False)
    participation_credit: bool = term(
        "whether the preferential dividend counts towards the share as converted", default=False
    )
    shares: Literal["exact", "as_delivered"] = term(
        "conversion shares counted exactly, or as a conversion would deliver them to the holder", default="exact"
    )
    series_a_participates: bool = term(
        "whether other preferred, as converted, shares in distributions other than cash", default=False
    )
    double_benefit: bool = term(
        "whether a distribution that adjusts the price, or is set aside for conversion, is paid currently too",
        default=False,
    )


@record
class Dividend:
    """The preferential dividend."""

    clause: str = term("section of the certificate")
    rate: Decimal | None = term("dividend rate a year, as a fraction (0.08 is 8%)", default=None, least=0)
    amount_per_share: Decimal | None = term("instead of a rate: dollars a share a year", default=None, least=0)
    base: Literal["liquidation_preference", "price_per_share"] = term(
        "what the rate is applied to", default="price_per_share"
    )
    cumulative: bool = term("whether unpaid dividends accumulate")
    accrues_from: Literal["issue_date", "original_issue_date"] = term(
        "from each share's own issue date, or from the original issue date of the series", default="issue_date"
    )
    compounding: Literal["simple", "quarterly", "annual", "daily"] = term(
        "whether dividends in arrears bear dividends: not; from the next payment date; from each anniversary of the "
        "day they accrue from; or from each day",
        default="simple",
    )
    day_count_type: Literal["30_360", "30E_360", "ACTUAL_365", "ACTUAL_360", "ACTUAL_ACTUAL"] = term(
        "how days are counted: 30_360 is the bond basis; ACTUAL_ACTUAL has the 365 or 366 days of each year since the "
        "day dividends accrue from, so that a full year is one",
        default="30_360",
    )
    include_first_day: bool = term("whether the day from which dividends accrue is itself counted", default=False)
    payment_dates: tuple[str, ...] = term(
        "nominal payment dates of a year, as MM-DD; none where dividends are paid when declared", default=()
    )
    record_dates: tuple[str, ...] = term(
        "record dates belonging to the payment dates, in their order, as MM-DD", default=()
    )
    first_payment_date: dt.date | None = term("the first nominal payment date", default=None)
    business_day_roll: Literal["following", "none"] = term(
        "a payment date that is no business day moves to the next, or stays", default="none"
    )
    payout_clause: str = term("section on how dividends are paid, if another", default="")
    payout: Literal["CASH", "PIK", "COMPANY_ELECTION"] = term(
        "paid in cash, in further shares of the series, or as the company chooses", default="CASH"
    )
    pik_rounding: Literal["none", "down"] = term(
        "dividends in kind: fractions of a share are issued, or cut off", default="none"
    )
    senior_first: Literal["none", "all_periods", "fiscal_year"] = term(
        "dividends that must be paid before those below: of all past periods, or of the same fiscal year",
        default="all_periods",
    )
    stops_repurchases: bool = term(
        "whether repurchases of junior stock must wait for these dividends too", default=True
    )
    repurchase_exceptions: tuple[Literal["convertible_debt", "existing_obligation"], ...] = term(
        "repurchases of junior stock that need not wait: of convertible debt; under obligations older than the series",
        default=(),
    )
    junior_stock_free: bool = term("whether dividends paid in junior stock need not wait", default=True)
    parity_pro_rata: bool = term(
        "whether a dividend that does not pay everything is shared with stock of equal rank, in the ratio of what has "
        "accumulated",
        default=False,
    )
    participation: DividendParticipation | None = term("sharing in dividends on the Common", default=None)

    def __post_init__(self) -> None:
        if (self.rate is None) == (self.amount_per_share is None):
            raise XlcapError("give the rate, or the dollars a share in amount_per_share, and not both", where="rate")
        if self.rate is not None and self.rate > 1:
            raise XlcapError(f"{self.rate} would be {100 * self.rate}% a year; write 8% as 0.08", where="rate")
        _month_days(self.payment_dates, "payment_dates")
        _month_days(self.record_dates, "record_dates")
        if len(self.payment_dates) != len(self.record_dates):
            raise XlcapError("needs one record date for each payment date", where="record_dates")
        if list(self.payment_dates) != sorted(set(self.payment_dates)):
            raise XlcapError("the dates must differ and stand in the order of the year", where="payment_dates")
        if self.compounding == "quarterly" and not self.payment_dates:
            raise XlcapError("is missing: dividends compound from these dates", where="payment_dates")
        if self.day_count_type == "ACTUAL_ACTUAL" and self.payment_dates:
            raise XlcapError(
                "ACTUAL_ACTUAL counts from anniversaries, not from payment dates; take another, or leave those out",
                where="day_count_type",
            )


Trigger = Literal[
    "dissolution", "capital_reduction", "asset_sale", "core_business_sale", "merger", "merger_no_majority",
    "change_of_control_50", "bankruptcy",
]  # fmt: skip


@record
class Liquidation:
    """What is paid when the company is wound up."""

    clause: str = term("section of the certificate")
    preference_multiple: Decimal = term("preference as a multiple of price_per_share", above=0, default=Decimal(1))
    dividends: Literal["none", "declared", "accrued"] = term(
        "dividends added to the preference: none, those declared and unpaid, or all accrued", default="none"
    )
    multiple_base: Literal["base", "base_plus_dividends"] = term(
        "whether the multiple is of price_per_share alone, or of the sum with the dividends", default="base"
    )
    participation: Literal["NONE", "FULL", "CAPPED"] = term(
        "sharing with the Common, as converted, after the preference", default="NONE"
    )
    participation_cap_amount: Decimal | None = term(
        "with CAPPED: the most a share receives, preference included, dollars", default=None, above=0
    )
    participation_cap_multiple: Decimal | None = term(
        "with CAPPED, instead of an amount: the same as a multiple of price_per_share", default=None, above=0
    )
    cap_includes_dividends: bool = term("whether dividends count towards the cap", default=True)
    as_converted_greater_of: bool = term(
        "whether the greater of the preference and the as-converted amount is paid without an actual conversion",
        default=False,
    )
    greater_of_by: Literal["series", "holder"] = term(
        "who the greater-of test looks at: the series as a whole, or each holder", default="series"
    )
    triggers_clause: str = term("section on events deemed a liquidation, if another", default="")
    triggers: tuple[Trigger, ...] = term(
        "events that are a liquidation; core_business_sale: of the part of the assets that is the core business; "
        "merger_no_majority: a merger whose survivor the company's holders do not control; change_of_control_50: more "
        "than half of the votes acquired from the company"
    )
    merger_pays: Literal["preference", "package", "election"] = term(
        "a merger that is also a reorganization: the preference is paid, or conversion delivers the package, or the "
        "holder chooses",
        default="preference",
    )

    def __post_init__(self) -> None:
        caps = [cap for cap in (self.participation_cap_amount, self.participation_cap_multiple) if cap is not None]
        if len(caps) != (self.participation == "CAPPED"):
            raise XlcapError(
                "goes with participation CAPPED, which needs it or participation_cap_multiple, and not both",
                where="participation_cap_amount",
            )
        if self.participation_cap_multiple is not None and self.participation_cap_multiple < self.preference_multiple:
            raise XlcapError(f"{self.participation_cap_multiple} is below the preference it includes "
                             f"({self.preference_multiple})", where="participation_cap_multiple")  # fmt: skip


@record
class InLieuOfFraction:
    """What happens to a fraction of a share on conversion."""

    clause: str = term("section of the certificate")
    rounding: Literal["cash", "up", "down", "nearest"] = term(
        "a fraction is paid in cash, or the count is rounded up, down or to the nearest share", default="cash"
    )
    cash_price_days: int | None = term(
        "closing prices averaged to value the fraction; absent: a fair market value the board determines",
        default=None,
        above=0,
    )
    cash_places: int | None = term("decimal places of the cash paid (none: not rounded)", default=2, least=0)
    fraction_price_date: Literal["conversion_date", "declaration_date"] = term(
        "the day before which those closing prices end", default="conversion_date"
    )
    aggregate_by: Literal["holder", "share"] = term(
        "fractions arise on each holder's total, or share by share", default="holder"
    )


@record
class Automatic:
    """Conversion without a choice, on a date."""

    clause: str = term("section of the certificate")
    date: Day = term("the automatic conversion date")


@record
class OnPrice:
    """Conversion without a choice once the Common has traded high enough, in enough volume."""

    clause: str = term("section of the certificate")
    days: int = term("consecutive trading days averaged", above=0)
    multiple: Decimal = term("mean closing price, at least this multiple of the conversion price", above=0)
    volume: Decimal = term("mean daily volume, at least so many shares", default=Decimal(0), least=0)
    registration: bool = term("whether a registration of the resale must be effective", default=False)
    window: Literal["through_date", "before_date"] = term(
        "the trading days end on the date itself, or on the one before it", default="through_date"
    )
    registration_during: Literal["date", "window"] = term(
        "the registration must be effective on the date, or on each of the trading days", default="date"
    )


@record
class OnVote:
    """Conversion of all shares by a vote of their holders."""

    clause: str = term("section of the certificate")
    fraction: Fraction = term("part of the outstanding shares that must vote for it", above=0, most=1)
    strict: bool = term("whether more than that fraction is needed, not just as much", default=False)


@record
class WithClass:
    """Conversion of all shares because another class converts."""

    clause: str = term("section of the certificate")
    converting: str = term("name of the other class, as a cap table calls it")
    linked_conversion: bool = term(
        "whether the other class, choosing to convert in a liquidation, takes this one with it", default=True
    )
    qualified_event: bool = term(
        "whether a qualified event under the other class's certificate converts this one, without a preference",
        default=False,
    )


@record
class OnOffering:
    """Conversion of all shares in a public offering."""

    clause: str = term("section of the certificate")
    min_price: Decimal | None = term("least price to the public, dollars a share", default=None, above=0)
    min_price_multiple: Decimal | None = term(
        "the same as a multiple of price_per_share, adjusted for splits", default=None, above=0
    )
    min_proceeds: Decimal = term("least proceeds to the company, dollars", default=Decimal(0), least=0)


@record
class InitialAverage:
    """An average of prices that limits the initial conversion price of each share."""

    clause: str = term("section of the certificate")
    days: int = term("trading days before the share's issue, weighted by their volume", above=0)
    places: int | None = term("decimal places of the average (absent: not rounded)", default=None, least=0)


@record
class Conversion:
    """The right to convert into Common."""

    clause: str = term("section of the certificate")
    initial_price: Decimal = term("conversion price before any adjustment, dollars a share of Common", above=0)
    initial_average: InitialAverage | None = term(
        "the initial price is the lesser of initial_price and this average", default=None
    )
    per_tranche: bool = term("whether shares issued on different days have prices of their own", default=False)
    prior_event_adjustment: Literal["none", "splits"] = term(
        "initial_price for shares issued later: not adjusted for what came before, or for splits and stock dividends",
        default="none",
    )
    numerator: Literal["liquidation_preference", "price_per_share"] = term(
        "what the conversion price divides", default="price_per_share"
    )
    reference_amount: Decimal | None = term(
        "with numerator price_per_share: that amount, dollars, where it is no longer price_per_share",
        default=None,
        above=0,
    )
    adjust_reference: bool = term(
        "whether that amount is adjusted for a split of the series itself, so that the shares' worth stays",
        default=True,
    )
    from_day_after: bool = term(
        "whether a share converts from the day after its issue, not from that day", default=False
    )
    deemed_at: Slot = term("the time of day a conversion is deemed made")
    deferral_clause: str = term(
        "section by which what an adjustment adds may wait for its event; blank: there is none", default=""
    )
    dividends: Literal["in_shares", "paid_in_cash", "forfeited", "survive"] = term(
        "dividends unpaid on conversion: converted with the share, paid in cash (those the preference adds, declared "
        "or accrued), ended with the share, or still owed",
        default="in_shares",
    )
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
    reserve_from: Literal["unissued", "unissued_and_treasury"] = term(
        "shares of Common that may be held ready for conversion: authorised and unissued ones, or the treasury's too",
        default="unissued_and_treasury",
    )
    fraction: InLieuOfFraction = term("what stands in for fractional shares")
    automatic: Automatic | None = term("automatic conversion on a date", default=None)
    on_price: OnPrice | None = term("mandatory conversion on price and volume", default=None)
    on_vote: OnVote | None = term("automatic conversion by a vote of the series", default=None)
    with_class: WithClass | None = term("automatic conversion with another class", default=None)
    on_offering: OnOffering | None = term("automatic conversion in a public offering", default=None)

    def __post_init__(self) -> None:
        if self.initial_average and not self.per_tranche:
            raise XlcapError("needs per_tranche = true: the average is of the days before each share's issue",
                             where="initial_average")  # fmt: skip
        if self.reference_amount is not None and self.numerator != "price_per_share":
            raise XlcapError("goes with numerator price_per_share, and only with it", where="reference_amount")

    @property
    def forced_by(self) -> str:
        """The sections by which shares convert without a choice."""
        ways = (self.automatic, self.on_price, self.on_vote, self.with_class, self.on_offering)
        return ", ".join(way.clause for way in ways if way is not None)


Source = Literal["nasdaq", "exchange", "otc", "market_maker", "board"]


@record
class FairValue:
    """The fair market value of a share of Common."""

    clause: str = term("section of the certificate")
    days: int = term("trading days averaged", above=0)
    skip: int = term("trading days left out, immediately before the date", default=0, least=0)


@record
class Market:
    """Closing prices and their averages."""

    clause: str = term("section of the certificate defining the current market price", default="")
    closing_price_clause: str = term("section of the certificate defining the closing price", default="")
    closing_price: tuple[Source, ...] = term("where a closing price is taken from, in order of precedence")
    days: int | None = term(
        "trading days averaged in the current market price; absent: the certificate has none", default=None, above=0
    )
    trading_days: Literal["listed", "NYSE"] = term(
        "trading days are those the price table lists, or the exchange's, each of which must then be listed",
        default="listed",
    )
    ex_date_overlap: Literal["second", "first"] = term(
        "an ex-date that meets both limbs of the definition is read under the second, or the first", default="second"
    )
    fair_value: FairValue | None = term("the fair market value the certificate defines", default=None)


@record
class Instalment:
    """One instalment of a redemption."""

    date: Day = term("the day it is due")
    fraction: Fraction = term("part of the shares then still outstanding", above=0, most=1)


@record
class Redemption:
    """Redemption: by the company's choice, or on the holders' demand."""

    clause: str = term("section of the certificate")
    kind: Literal["issuer_call", "holder_put", "mandatory"] = term("whose choice it is", default="issuer_call")
    first_date: Day | None = term("the first day on which the shares may be redeemed", default=None)
    instalments: Mapping[str, Instalment] = term("the instalments, if it is made in several, each under a name")
    base: Literal["liquidation_preference", "price_per_share"] = term(
        "what the redemption price is a multiple of", default="liquidation_preference"
    )
    multiple: Decimal = term("redemption price as a multiple of that", above=0)
    dividends: bool = term("whether accrued dividends are added where the preference has none", default=True)
    senior_dividends_current: bool = term("whether senior dividends of past periods must have been paid", default=False)
    partial_rounding: Literal["largest_remainder", "none"] = term(
        "pro rata lots: whole shares by largest remainder, or fractions of shares", default="largest_remainder"
    )


@record
class PayToPlay:
    """What becomes of the shares of a holder who does not buy their part of a round."""

    clause: str = term("section of the certificate")
    convert_to: str = term("what the shares are converted into: Common, or a class without the rights")
    ratio: Fraction | None = term(
        "shares received for each preferred share; absent: as many as it converts into", default=None, above=0
    )
    shortfall: Literal["all", "portion"] = term(
        "a holder who buys a part keeps none of the rights, or loses them for the part not bought", default="portion"
    )


@record
class Consent:
    """A vote of the series, or of another."""

    clause: str = term("section of the certificate")
    fraction: Fraction = term("share of the outstanding shares needed", above=0, most=1)
    strict: bool = term("whether more than that fraction is needed, not just as much")
    by: str = term("whose consent, where it is another class's", default="")
    counted_in: Literal["shares", "stated_value"] = term(
        "whether shares are counted, or dollars of stated value", default="shares"
    )


@record
class Seats:
    """Directors a class elects."""

    clause: str = term("section of the certificate")
    class_name: str = term("the class, as tables call it")
    seats: int = term("directors it elects", above=0)
    min_outstanding: Decimal = term("while at least so many of its shares are outstanding", default=Decimal(0), least=0)


@record
class Voting:
    """Votes and consents."""

    clause: str = term("section of the certificate")
    votes: Literal["none", "as_converted"] = term("votes of a share: none, or those of the Common it converts into")
    votes_rounding: Literal["holder", "share", "none"] = term(
        "whole votes for a holder's shares together, for each share, or fractions too", default="holder"
    )
    directors: Mapping[str, Seats] = term("directors that classes elect, each under a name")
    rest: Literal["common", "together"] = term(
        "who elects the other directors: the Common, or all classes voting together", default="common"
    )
    consents: Mapping[str, Consent] = term("matters that need consent, each under a name")


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
    notice_basis: Literal["mailed", "received"] = term(
        "whether a notice counts from its mailing or from its receipt", default="mailed"
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
    reissue: bool = term("whether shares the company has reacquired may be issued again", default=True)
    par_value: Decimal | None = term(
        "par value of the preferred share, dollars; shown, and used in no computation", default=None, least=0
    )
    price_per_share: Decimal = term("base amount of a share: original issue price or stated value, dollars", above=0)
    seniority: int = term("rank in dividends and liquidation: a higher number is paid earlier", least=0)
    scales_with_series: bool = term(
        "whether dollars a share and counts of shares are adjusted for splits of the series itself", default=False
    )
    original_issue_date: Day = term(
        "date on which the first shares of the class were issued, or from which the certificate adjusts"
    )
    calendar: Literal["SAN_DIEGO_BANKS", "NEW_YORK_BANKS", "WEEKDAYS"] = term(
        "calendar of business days", default="WEEKDAYS"
    )
    dividend: Dividend | None = term("the preferential dividend", default=None)
    liquidation: Liquidation = term("liquidation rights")
    conversion: Conversion = term("conversion rights")
    adjust: Adjust = term("adjustments of the conversion price")
    policy: Policy = term("threshold, rounding, overlaps")
    market: Market | None = term("closing prices and averages", default=None)
    redemption: Redemption | None = term("redemption", default=None)
    pay_to_play: PayToPlay | None = term("holders who do not take part in a round", default=None)
    voting: Voting = term("votes and consents")
    notices: Mapping[str, Notice] = term("notices and deliveries that are owed")

    def __post_init__(self) -> None:
        cap = self.liquidation.participation_cap_amount
        least = self.price_per_share * self.liquidation.preference_multiple
        if cap is not None and cap < least:
            raise XlcapError(f"a cap of {cap} is below the preference it includes ({least})",
                             where="liquidation.participation_cap_amount")  # fmt: skip
        issued, redemption = self.original_issue_date, self.redemption
        if isinstance(issued, Blank) or redemption is None:
            return
        dates = {f"instalments.{name}.date": entry.date for name, entry in redemption.instalments.items()}
        if redemption.first_date is not None:
            dates["first_date"] = redemption.first_date
        for name, day in dates.items():
            if not isinstance(day, Blank) and day < issued:
                raise XlcapError(f"{day} is before the shares are issued ({issued})", where=f"redemption.{name}")

    @property
    def first_day(self) -> dt.date | None:
        """The original issue date; where it is left open, the earliest it can turn out to be, if the words tell."""
        issued = self.original_issue_date
        return issued.earliest if isinstance(issued, Blank) else issued

    def settled(self, day: Day, key: str) -> dt.date:
        """``day``, unless the certificate leaves it blank: then an error that says which key to fill in."""
        if isinstance(day, Blank):
            raise XlcapError(
                f'the certificate leaves this date open ("{day}"); give it in a block of terms, in a TOML file of your '
                "own, or as an argument where the function takes one",
                where=f"{self.id}: {key}",
            )
        return day
