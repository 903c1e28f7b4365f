"""Single adjustments, for a quick question without a certificate: full precision, no threshold, no rounding."""

from decimal import Decimal
from typing import Annotated, Any

from xlcap.engine import adjustment
from xlcap.engine import exemptions as left_out
from xlcap.engine.capitalization import table_counts
from xlcap.errors import XlcapError
from xlcap.functions.arguments import Amount, CapTable, Certificate, Number, Numbers, Positive, Text
from xlcap.functions.registry import function
from xlcap.numbers import ZERO, exact, show
from xlcap.preference import converting_a_share
from xlcap.terms import Terms
from xlcap.terms.rules import IssueRule

TOPIC = "Single adjustments"

Price = Annotated[Number, "conversion price before the event, dollars a share"]
Outstanding = Annotated[Number, "shares of Common outstanding before the event: issued, less treasury, plus scrip"]
MarketPrice = Annotated[Number, "current market price of a share of Common, dollars"]


@function(TOPIC)
def split_adjusted_price(
    price: Price,
    ratio: Annotated[Number, "new shares for each old one: 2 is two for one, 0.1 is one for ten"],
) -> Decimal:
    """Conversion price after a subdivision or combination of the Common: price / ratio.

    Source: PriceSmart VI.E(2) and every certificate of its kind. Not rounded. Error: a ratio of zero or less.

    >>> from xlcap.functions import call
    >>> call("SPLIT_ADJUSTED_PRICE", [20, 2])
    10.0
    """
    return adjustment.split(ratio).apply(price)


@function(TOPIC)
def stock_dividend_adjusted_price(
    price: Price,
    common_outstanding: Outstanding,
    new_shares: Annotated[Number, "shares of Common paid as the dividend"],
) -> Decimal:
    """Conversion price after a dividend of Common on Common: price x O / (O + N).

    Source: PriceSmart VI.E(1). Not rounded. Error: a count of zero or less.

    >>> from xlcap.functions import call
    >>> call("STOCK_DIVIDEND_ADJUSTED_PRICE", [20, 7000000, 1750000])
    16.0
    """
    return adjustment.stock_dividend(common_outstanding, new_shares).apply(price)


@function(TOPIC)
def rights_adjusted_price(
    price: Price,
    common_outstanding: Outstanding,
    rights_shares: Annotated[Number, "shares of Common offered under the rights"],
    offer_price: Annotated[Number, "offering price of a share, dollars"],
    closing_price: Annotated[Number, "closing price of a share on the record date, dollars"],
) -> Decimal:
    """Conversion price after rights to buy Common below its closing price: price x (O + N p/c) / (O + N).

    Unchanged where the offer price is not below the closing price. Source: PriceSmart VI.E(3). Not rounded. Error: a
    count or closing price of zero or less.

    >>> from xlcap.functions import call
    >>> round(call("RIGHTS_ADJUSTED_PRICE", [20, 7000000, 700000, 12, 16]), 4)
    19.5455
    """
    fraction = adjustment.rights(common_outstanding, rights_shares, offer_price, closing_price)
    return fraction.apply(price) if fraction else price


@function(TOPIC)
def distribution_adjusted_price(
    price: Price,
    market_price: MarketPrice,
    value_per_share: Annotated[Number, "fair market value distributed on one share of Common, dollars"],
) -> Decimal:
    """Conversion price after a distribution of property or cash on Common: price x (M - F) / M.

    Unchanged where F is M or more: the holder then receives the property on conversion. Source: PriceSmart VI.E(4). Not
    rounded. Error: a market price of zero or less.

    >>> from xlcap.functions import call
    >>> call("DISTRIBUTION_ADJUSTED_PRICE", [20, 16, 2])
    17.5
    """
    fraction = adjustment.distribution(market_price, value_per_share)
    return fraction.apply(price) if fraction else price


@function(TOPIC)
def tender_adjusted_price(
    price: Price,
    market_price: MarketPrice,
    common_outstanding: Annotated[Number, "shares of Common outstanding, tendered shares included"],
    consideration: Annotated[Number, "aggregate consideration payable for the shares purchased, dollars"],
    purchased: Annotated[Number, "shares purchased in the offer"],
) -> Decimal:
    """Conversion price after a tender offer by the company: price x (M O - C) / (M (O - P)), never above the price.

    The 5% test of the certificate is not made here. Source: PriceSmart VI.E(5). Not rounded. Errors: consideration of
    the whole market value or more; as many shares purchased as outstanding.

    >>> from xlcap.functions import call
    >>> call("TENDER_ADJUSTED_PRICE", [20, 16, 7000000, 6000000, 500000])
    20.0
    """
    adjusted = adjustment.tender_offer(market_price, common_outstanding, consideration, purchased).apply(price)
    return min(price, adjusted)


@function(TOPIC)
@exact
def effective_price(
    shares: Annotated[Positive, "shares issued, or the most an option or convertible security can become"],
    cash: Annotated[Amount, "cash received for them, or for the instrument, dollars"] = ZERO,
    min_exercise: Annotated[Amount, "least payable on exercise of all of it, dollars"] = ZERO,
    min_conversion: Annotated[Amount, "least payable on conversion of all of it, dollars"] = ZERO,
    property_value: Annotated[Amount, "fair value of other property received, dollars"] = ZERO,
    allocated_elsewhere: Annotated[Amount, "part allocated to other securities sold with them, dollars"] = ZERO,
    expenses: Annotated[Amount, "expenses of the issue, where the certificate takes them off, dollars"] = ZERO,
) -> Decimal:
    """Consideration for one share of an issue: all that is received, or deemed received, over all its shares.

    Source: Valuestar D.8(ii) to (v) (gross); Patron 3(e)(vi)B to E (net of expenses). Rights to buy convertible
    securities have three layers: cash for the grant, min_exercise, min_conversion. Not rounded; zero or less if the
    expenses are more than the rest. Errors: no shares; more allocated elsewhere than was received.

    >>> from xlcap.functions import call
    >>> call("EFFECTIVE_PRICE", [2_000_000, 100_000, 2_000_000])
    1.05
    """
    received = cash + min_exercise + min_conversion + property_value - allocated_elsewhere
    if received < 0:
        raise XlcapError("is more than everything received", where="argument 'allocated_elsewhere'", code="#NUM!")
    return (received - expenses) / shares


@function(TOPIC)
@exact
def weighted_average_price(
    price: Annotated[Positive, "conversion price before the issue, dollars a share"],
    outstanding: Annotated[Positive, "shares counted before the issue: broad-based most, narrow-based few"],
    shares: Annotated[Positive, "shares issued"],
    consideration: Annotated[Amount, "dollars received for all of them"],
) -> Decimal:
    """Conversion price after shares are issued below it, weighted average: price x (O + C / price) / (O + S).

    Unchanged where the shares are issued at the price or above. Source: Valuestar D.8(i) and most charters. Not
    rounded. Errors: a price or a count of zero or less.

    >>> from xlcap.functions import call
    >>> call("WEIGHTED_AVERAGE_PRICE", [5, 800_000, 200_000, 800_000])
    4.8
    """
    fraction = adjustment.weighted_average(price, adjustment.Outstanding(outstanding, ZERO, {}), shares, consideration)
    return min(price, fraction.apply(price))


@function(TOPIC)
def full_ratchet_price(
    price: Annotated[Positive, "conversion price before the issue, dollars a share"],
    effective_price: Annotated[Positive, "effective price of the shares issued, dollars"],
) -> Decimal:
    """Conversion price after shares are issued below it, full ratchet: the lesser of the two prices.

    Source: Patron 3(e)(vi)A. However few the shares are. Errors: a price of zero or less.

    >>> from xlcap.functions import call
    >>> call("FULL_RATCHET_PRICE", [2.4, 1.8])
    1.8
    """
    return min(price, effective_price)


@function(TOPIC)
@exact
def deemed_outstanding(
    terms: Certificate,
    cap_table: Annotated[CapTable, "cap table with a header row, immediately before the issue"],
    price: Annotated[Positive, "conversion price of the series before the issue, dollars"],
) -> list[list[Any]]:
    """Shares a certificate's weighted average counts before an issue: each kind, and their sum.

    The series counts as converted at ``price``; other preferred as their rows say; options, warrants and convertible
    securities as exercised and converted. Source: Valuestar D.8(i), its end. Errors: a certificate without a weighted
    average (#N/A).

    >>> from xlcap.functions import call
    >>> table = [["class", "kind", "shares", "terms", "conversion_price"], ["Common", "common", 1e7, None, None],
    ...          ["Series B", "preferred", 500000, "VALUESTAR-B", 1.75]]
    >>> call("DEEMED_OUTSTANDING", ["VALUESTAR-B", table, 1.75])[-1]
    ['All', 15000000.0]
    """
    rule = _issue_rule(terms)
    if not rule.count:
        raise XlcapError("a full ratchet counts no shares", where=f"{terms.id}: {rule.clause}", code="#N/A")
    counts = table_counts(terms, cap_table, rule.count)
    series = counts["series"] * converting_a_share(terms, ZERO) / price
    rows: list[list[Any]] = [["Counted", "Shares"]]
    rows += [[name.replace("_", " "), series if name == "series" else counts[name]] for name in rule.count]
    return [*rows, ["All", sum((row[1] for row in rows[1:]), ZERO)]]


@function(TOPIC)
def exemptions(
    terms: Certificate,
    exemption: Annotated[Text, "an exemption by its name or its section; blank: all of them"] | None = None,
) -> list[list[Any]]:
    """Issues a certificate leaves out of its protection: name, section, which shares, and any limit.

    In an events table the column ``exempt`` holds the name or the section. Source: Valuestar D.8(v); Patron
    3(e)(vi)E. Errors: an exemption the certificate does not have.

    >>> from xlcap.functions import call
    >>> call("EXEMPTIONS", ["VALUESTAR-B", "D.8(v)(B)"])[1][0]
    'employees'
    """
    rule = _issue_rule(terms)
    chosen = rule.exempt if exemption is None else dict([left_out.exemption(terms, rule, exemption)])
    rows: list[list[Any]] = [["Name", "Section", "Shares", "Limit"]]
    for name, entry in chosen.items():
        limited = rule.basket is not None and rule.basket.exempt == name
        limit = (rule.basket.fraction or rule.basket.shares) if rule.basket and limited else None
        rows.append([name, entry.clause, entry.what, limit])
    return rows


@function(TOPIC)
@exact
def exempt_basket(
    terms: Certificate,
    shares: Annotated[Numbers, "shares of each issue under the exemption, in their order"],
    fully_diluted: Annotated[Numbers, "fully diluted shares at each of these issues"],
) -> list[list[Any]]:
    """The exemption that has a limit, issue by issue: limit, room used before, shares left out, shares that count.

    Source: Valuestar D.8(v)(C): five percent of the fully diluted Common in aggregate, the excess alone counting.
    Errors: a certificate without such an exemption; ranges of different length.

    >>> from xlcap.functions import call
    >>> call("EXEMPT_BASKET", ["VALUESTAR-B", [[400000], [300000], [300000]], [[17e6], [17.4e6], [17.7e6]]])[-1]
    [300000.0, 885000.0, 700000.0, 185000.0, 115000.0]
    """
    rule = _issue_rule(terms)
    basket = rule.basket
    if basket is None:
        raise XlcapError("this certificate has no exemption with a limit", where=f"{terms.id}: basket", code="#N/A")
    if len(shares) != len(fully_diluted):
        raise XlcapError(f"{len(shares)} issues and {len(fully_diluted)} counts: give one count for each issue",
                         where="argument 'fully_diluted'")  # fmt: skip
    for number, issue in enumerate(shares, 1):
        if issue < 0:
            raise XlcapError(f"must be zero or more; found {show(issue)}", where=f"argument 'shares', number {number}")
    rows: list[list[Any]] = [["Shares", "Limit", "Used before", "Exempt", "Counted"]]
    used = ZERO
    for issue, each in zip(shares, fully_diluted, strict=True):
        limit = left_out.basket_limit(basket, fully_diluted[0] if basket.fully_diluted == "fixed" else each)
        inside = left_out.within_basket(basket, issue, used, limit)
        rows.append([issue, limit, used, inside, issue - inside])
        used += inside
    return rows


def _issue_rule(terms: Terms) -> IssueRule:
    rule = terms.adjust.issue_below_price
    if rule is None:
        raise XlcapError(
            "this certificate does not protect against issues below the price",
            where=f"{terms.id}: adjust.issue_below_price",
            code="#N/A",
        )
    return rule
