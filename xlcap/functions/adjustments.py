"""Single adjustments, for a quick question without a certificate: full precision, no threshold, no rounding."""

from decimal import Decimal
from typing import Annotated

from xlcap.engine import adjustment
from xlcap.functions.arguments import Number
from xlcap.functions.registry import function

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
