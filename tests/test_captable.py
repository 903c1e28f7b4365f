"""The cap table: what each kind of row may hold, is owed and converts into, and every fault in its place."""

from __future__ import annotations

import dataclasses
import datetime as dt
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from xlcap.captable import Holding, Slice, Vote, read_cap_table, share_rows
from xlcap.cells import CellError
from xlcap.errors import XlcapError

Row = dict[str, Any]

COMMON: Row = {"class": "Common", "kind": "common", "shares": 8000000}
SERIES_A: Row = {"class": "Series A", "kind": "preferred", "shares": 1000000, "seniority": 1, "original_issue_price": 2}
IN_DOLLARS: Row = {**SERIES_A, "original_issue_price": None, "preference": 3000000}
CAPPED: Row = {**SERIES_A, "participation": "capped", "cap_multiple": 3}
PATRON: Row = {"class": "Series B", "kind": "preferred", "shares": 1000, "terms": "PATRON-B", "conversion_price": 2.4}
OPTION: Row = {"class": "Options", "kind": "option", "shares": 500000, "strike": 1}
CARVE_OUT: Row = {"class": "Bonus", "kind": "carve_out", "rate": 0.1}
DEBT: Row = {"class": "Bank", "kind": "debt", "amount": 5000000}
NOTE: Row = {"class": "Notes", "kind": "note", "amount": 1000000, "valuation_cap": 8000000}
SAFE: Row = {"class": "SAFE", "kind": "safe", "amount": 500000, "valuation_cap": 10000000}
UNCAPPED: Row = {"class": "SAFE", "kind": "safe", "amount": 500000, "discount": 0.2}


def read(*rows: Row) -> tuple[Holding, ...]:
    """A cap table of dictionaries, read as a sheet's."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    return read_cap_table([names, *([row.get(name) for name in names] for row in rows)])


def one(row: Row) -> Holding:
    """A single row."""
    return read(row)[0]


def fault(*rows: Row) -> str:
    """What the reader says is wrong."""
    with pytest.raises(XlcapError) as error:
        read(*rows)
    return str(error.value)


# --- what is owed -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "owed"),
    [
        (COMMON, 0),
        (OPTION, 0),
        (SERIES_A, 2000000),  # 1,000,000 x 2
        ({**SERIES_A, "preference_multiple": 1.5, "accrued": 0.1}, 3100000),  # 1,000,000 x (1.5 x 2 + 0.1)
        ({**SERIES_A, "preference_multiple": 0}, 0),
        (IN_DOLLARS, 3000000),
        ({**PATRON, "accrued": 100}, 6375000),  # 1,000 x 1.25 x (5,000 + 100)
        (DEBT, 5000000),
        ({"class": "Fees", "kind": "cost", "amount": 250000}, 250000),
        ({"class": "Bonus", "kind": "carve-out", "amount": 300000}, 300000),
        (CARVE_OUT, 0),
        (NOTE, 1000000),
        ({**NOTE, "preference": 2000000}, 2000000),
        (SAFE, 500000),
    ],
)
def test_what_a_row_is_owed(row: Row, owed: int) -> None:
    """Preference with its dividends, debt, costs, a fixed carve-out, or what is paid instead of converting."""
    assert one(row).owed == owed


@pytest.mark.parametrize(
    ("columns", "kept"),
    [({}, 0), ({"dividends_on_conversion": "forfeited"}, 0), ({"dividends_on_conversion": "Paid"}, 100000),
     ({"dividends_on_conversion": "converted"}, 0)],
)  # fmt: skip
def test_dividends_kept_on_conversion(columns: Row, kept: int) -> None:
    """Of 0.10 a share on 1,000,000 shares, those the row says are paid in cash."""
    assert one({**SERIES_A, "accrued": 0.1, "conversion_price": 2, **columns}).kept == kept


@pytest.mark.parametrize(
    ("row", "paid_in"),
    [
        (SERIES_A, 2000000),  # 1,000,000 x 2
        ({**SERIES_A, "invested": 1900000}, 1900000),
        (PATRON, 5000000),  # 1,000 x 5,000
        (IN_DOLLARS, None),
        (SAFE, 500000),
        (DEBT, 5000000),
        ({**COMMON, "invested": 800}, 800),
        ({**COMMON, "invested": 0}, None),
        (COMMON, None),
        ({"class": "Fees", "kind": "cost", "amount": 250000}, None),
    ],
)
def test_what_was_paid_in(row: Row, paid_in: int | None) -> None:
    """As the row says, else the price of its shares, or what was lent or invested."""
    assert one(row).paid_in == paid_in


# --- what it converts into --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "shares"),
    [
        (COMMON, 8000000),
        (OPTION, 500000),
        ({"class": "Reserve", "kind": "pool", "shares": 100}, 0),
        (SERIES_A, 0),
        ({**SERIES_A, "conversion_price": 3}, Fraction(2000000, 3)),  # 1,000,000 x 2 / 3
        ({**SERIES_A, "conversion_price": 2, "preference_multiple": 2}, 1000000),  # the price, not the multiple of it
        ({**SERIES_A, "conversion_price": 2, "accrued": 0.1}, 1000000),  # forfeited
        ({**SERIES_A, "conversion_price": 2, "accrued": 0.1, "dividends_on_conversion": "converted"}, 1050000),
        ({**SERIES_A, "conversion_ratio": 1.5}, 1500000),
        # a ratio of 1.5 is a price of 2 / 1.5: (2 + 0.1) x 1.5 / 2 a share
        ({**SERIES_A, "conversion_ratio": 1.5, "accrued": 0.1, "dividends_on_conversion": "converted"}, 1575000),
        ({**SERIES_A, "as_converted": 1234}, 1234),
        ({**IN_DOLLARS, "conversion_price": 3}, 1000000),  # 3,000,000 / 3
        ({**IN_DOLLARS, "original_issue_price": 2, "conversion_price": 2}, 1000000),  # 1,000,000 x 2 / 2
        ({**IN_DOLLARS, "preference": 0, "conversion_ratio": 2}, 2000000),
        (PATRON, Fraction(1000 * 5000 * 10, 24)),  # 5,000 / 2.40 a share
        (DEBT, 0),
        (NOTE, 0),
        ({"class": "SAFE", "kind": "safe", "amount": 500000, "as_converted": 400000}, 400000),
    ],
)
def test_shares_of_common_a_row_becomes(row: Row, shares: Fraction) -> None:
    """By price, by ratio or as stated, exactly; the rounds' figure is the same to fifty digits."""
    holding = one(row)
    assert holding.converts_into == shares
    if holding.is_preferred:
        assert abs(Fraction(holding.common) - shares) <= Fraction(shares, 10**48)


@pytest.mark.parametrize(
    "columns", [{"conversion_price": "1.6"}, {"conversion_ratio": "1.25"}, {"as_converted": "1312500"}]
)
def test_one_conversion_three_ways(columns: Row) -> None:
    """2 / 1.60 is 1.25 shares a share; with 0.10 of dividends converted 1,312,500 for 1,000,000, and 1.25 without."""
    row = one({**SERIES_A, "accrued": "0.1", "dividends_on_conversion": "converted", **columns})
    assert row.converts_into == 1312500
    assert row.bare_converts_into == Fraction(5, 4)


def test_a_certificate_needs_its_price_only_when_asked() -> None:
    """The table is read without a conversion price; what depends on it is an error at its column."""
    row = one({**PATRON, "conversion_price": None, "issue_date": "2006-06-01"})
    assert (row.owed, row.issue_date, row.is_convertible) == (6250000, dt.date(2006, 6, 1), False)
    for ask in (Holding.check_priced, lambda r: r.converts_into, lambda r: r.bare_converts_into, lambda r: r.common):
        with pytest.raises(XlcapError) as error:
            ask(row)  # type: ignore[no-untyped-call]  # a few properties
        assert str(error.value) == (
            "cap_table row 1, column 'conversion_price': is blank: give the price in effect, for example from "
            "CONVERSION_PRICE, or at an exit as_of (and events) to have it worked out"
        )
    assert dataclasses.replace(row, conversion_price=Decimal("2.5")).converts_into == 2000000  # 5,000,000 / 2.50


# --- caps -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("columns", "most"),
    [
        ({"cap": 5000000}, 5000000),
        ({"cap_multiple": 3}, 6000000),  # 3 x 2 x 1,000,000
        ({"cap_per_share": 4}, 4000000),
        ({"cap_multiple": 3, "accrued": 0.5}, 6000000),  # the dividends are within it
        ({"cap_multiple": 3, "accrued": 0.5, "cap_includes_dividends": False}, 6500000),
        ({"cap": 5000000, "accrued": 0.5, "cap_includes_dividends": "no"}, 5500000),
        ({"cap_multiple": 1, "accrued": 0.5}, 2000000),  # dividends above it are not paid
    ],
)
def test_the_most_a_capped_row_gets(columns: Row, most: int) -> None:
    """In dollars, as a multiple of the original issue price or a share; with the dividends in it or on top."""
    row = one({**SERIES_A, "participation": "Capped", **columns})
    assert (row.share_in, row.most) == ("capped", most)


def test_a_cap_at_the_preference_to_the_digits_of_a_cell() -> None:
    """1,000,000 / 3,000,000 a share is 0.333333333333333 in a cell, and not below the preference."""
    row = {**IN_DOLLARS, "shares": 3000000, "preference": 1000000, "participation": "capped"}
    assert one({**row, "cap_per_share": 1 / 3}).most == 1000000


def test_the_cap_is_the_certificates_where_the_row_states_none() -> None:
    """Valuestar's 30.00 a share on 500,000 shares; a multiple in the row is of its 17.50."""
    row = {"class": "Series B", "kind": "preferred", "shares": 500000, "terms": "VALUESTAR-B", "conversion_price": 1.75}
    assert one(row).most == 15000000
    assert one({**row, "cap_multiple": 2}).most == 17500000
    assert one({**row, "cap_multiple": 2, "accrued": 1, "cap_includes_dividends": False}).most == 18000000


# --- a share such as a warrant buys ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "preference", "converts_into", "most"),
    [
        ({**CAPPED, "accrued": 0.5, "conversion_price": 1}, 2, 2, 6),
        ({**SERIES_A, "accrued": 0.5, "preference_multiple": 2, "conversion_ratio": 1.5}, 4, Fraction(3, 2), None),
        ({**IN_DOLLARS, "as_converted": 1500000}, 3, Fraction(3, 2), None),
        ({**IN_DOLLARS, "participation": "capped", "cap": 9000000, "conversion_price": 3}, 3, 1, 9),
        (SERIES_A, 2, 0, None),
        ({**PATRON, "accrued": 100}, 6250, Fraction(50000, 24), None),
    ],
)
def test_a_share_without_dividends(row: Row, preference: int, converts_into: Fraction, most: int | None) -> None:
    """What a warrant on preferred stock buys: one share of the class, nothing accrued on it."""
    holding = one(row)
    assert (holding.bare_preference, holding.bare_converts_into, holding.bare_most) == (preference, converts_into, most)


def test_a_share_whose_dividends_convert_under_a_certificate() -> None:
    """PriceSmart: 1,020,000 shares for 20,000 with 20.00 accrued on 1,000.00 each are 50 a share without them."""
    row = {"class": "Series B", "kind": "preferred", "shares": 20000, "terms": "PRICESMART-B", "accrued": 20}
    for columns in ({"conversion_price": 20}, {"as_converted": 1020000}, {"conversion_ratio": 50}):
        holding = one({**row, **columns})
        assert (holding.converts_into, holding.bare_converts_into) == (1020000, 50)


def test_a_capped_share_under_a_certificate() -> None:
    """Valuestar's cap is 30.00 a share, dividends or not."""
    row = {"class": "Series B", "kind": "preferred", "shares": 500000, "terms": "VALUESTAR-B", "conversion_price": 1.75}
    assert one({**row, "accrued": 1}).bare_most == 30


# --- words, tiers, votes ---------------------------------------------------------------------------------------------


def test_words_are_kept_as_they_are_compared() -> None:
    """Capitals, spaces and hyphens do not count."""
    row = one({**CARVE_OUT, "kind": "Carve-out", "rate_of": "Gross"})
    assert (row.kind, row.rate_of, row.is_preferred) == ("carve_out", "gross", False)


@pytest.mark.parametrize(
    ("rate", "tiers"),
    [
        (0.1, [(0, None, "1/10")]),
        ("8%", [(0, None, "2/25")]),
        ("1/3 to $3,000.50", [(0, Fraction("3000.50"), "1/3")]),
        ("10% to 10,000,000; 5% to 20,000,000", [(0, 10**7, "1/10"), (10**7, 2 * 10**7, "1/20")]),
        ("0% TO 5000000; 0.075;", [(0, 5 * 10**6, "0"), (5 * 10**6, None, "3/40")]),
    ],
)
def test_tiers_of_a_carve_out(rate: object, tiers: list[tuple[int, int | None, str]]) -> None:
    """A rate, or one after the other from nothing up, with or without an end."""
    assert one({**CARVE_OUT, "rate": rate}).tiers == tuple(
        Slice(Fraction(start), None if end is None else Fraction(end), Fraction(part)) for start, end, part in tiers
    )


def test_a_fixed_carve_out_has_no_tiers() -> None:
    """It is owed an amount instead."""
    assert one({"class": "Bonus", "kind": "carve_out", "amount": 5}).tiers == ()


@pytest.mark.parametrize(
    ("vote", "fraction", "at_least"),
    [
        (None, "1/2", False),
        ("> 50%", "1/2", False),
        (">= 2/3", "2/3", True),
        ("≥66.5%", "133/200", True),
        (0.5, "1/2", False),
        (0, "0", False),
        (">= 100%", "1", True),
    ],
)
def test_the_vote_of_a_group(vote: object, fraction: str, at_least: bool) -> None:
    """More than half unless it says otherwise; a bare number is more than that."""
    row = one({**SERIES_A, "conversion_price": 2, "conversion_group": "All preferred", "conversion_vote": vote})
    assert row.vote == Vote("All preferred", Fraction(fraction), at_least, alone=True)


def test_a_class_may_convert_only_with_its_group() -> None:
    """converts_alone FALSE; outside a group there is no vote."""
    row = {**SERIES_A, "conversion_price": 2, "conversion_group": "All", "converts_alone": False}
    vote = one(row).vote
    assert vote is not None
    assert not vote.alone
    assert one(SERIES_A).vote is None


@pytest.mark.parametrize(
    ("row", "counts"),
    [(SAFE, "post_money"), (NOTE, "with_pool"), ({**SAFE, "cap_counts": "Pre-money"}, "pre_money"),
     ({**NOTE, "cap_counts": "common only"}, "common_only"), ({**SAFE, "cap_counts": 9000000.0}, Decimal(9000000))],
)  # fmt: skip
def test_what_a_valuation_cap_is_divided_by(row: Row, counts: object) -> None:
    """A number of shares, or a word that depends on the kind."""
    assert one(row).capitalization == counts


@pytest.mark.parametrize("discount", [0.2, "0.2", "20%", " 20 %"])
def test_a_discount_as_people_write_it(discount: object) -> None:
    """A number, or a text in percent."""
    assert one({**UNCAPPED, "discount": discount}).discount == Decimal("0.2")


def test_dividends_of_many_years_are_no_total() -> None:
    """A hundred times the price of a share, 2.00, is still read as dollars a share: 1,000,000 x (2 + 200)."""
    assert one({**SERIES_A, "accrued": 200}).owed == 202000000


def test_a_class_that_converts_with_another() -> None:
    """As Valuestar D.11(i) by a column, and by the certificate."""
    rows = [{**SERIES_A, "conversion_price": 2}, {**SERIES_A, "class": "Series B", "conversion_price": 2,
            "converts_with": "Series A Preferred"}]  # fmt: skip
    rule = read(*rows)[1].with_class
    assert rule is not None
    assert (rule.converting, rule.linked_conversion, rule.qualified_event, rule.clause) == (
        "Series A Preferred",
        True,
        False,
        "",
    )
    assert read(*rows)[0].with_class is None
    row = {"class": "Series B", "kind": "preferred", "shares": 1, "terms": "VALUESTAR-B", "conversion_price": 1.75}
    certified = one(row).with_class
    assert certified is not None
    assert certified.clause == "D.11(i)"


# --- rows that are shares --------------------------------------------------------------------------------------------


def test_debts_costs_and_carve_outs_are_no_shares() -> None:
    """A round counts the others; a SAFE by the shares its row states."""
    stated = {"class": "SAFE", "kind": "safe", "amount": 1, "as_converted": 400}
    rows = share_rows(read(COMMON, DEBT, CARVE_OUT, stated, OPTION))
    assert [(row.label, row.common) for row in rows] == [("Common", 8000000), ("SAFE", 400), ("Options", 500000)]
    with pytest.raises(XlcapError, match="cap_table row 2, column 'kind': is counted by its shares here"):
        share_rows(read(COMMON, NOTE))


# --- bad input -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({**COMMON, "kind": "loan"}, "'kind': one of common, preferred, option, warrant, convertible, pool, debt"),
        ({**COMMON, "kind": "prefered"}, "column 'kind': did you mean 'preferred'? One of common, preferred, option"),
        ({**COMMON, "kind": "Convertible Note"}, "column 'kind': did you mean 'convertible' or 'note'? One of common"),
        ({**COMMON, "kind": None}, "column 'kind': is blank: write one of common, preferred, option"),
        ({**COMMON, "shares": 0}, "column 'shares': must be above 0; found 0"),
        ({**SERIES_A, "shares": 0}, "column 'shares': must be above 0; found 0"),
        ({**OPTION, "shares": None}, "column 'shares': is blank: give the number of shares"),
        ({"class": "Reserve", "kind": "pool"}, "column 'shares': is blank: give the number of shares"),
        ({**DEBT, "shares": 5}, "column 'shares': applies to Common, preferred stock, options, warrants, convertibles"),
        ({**DEBT, "amount": None}, "column 'amount': is blank: give what is owed"),
        ({**DEBT, "amount": -1}, "column 'amount': must be 0 or more; found -1"),
        ({**COMMON, "amount": 5}, "column 'amount': applies to debts, costs, carve-outs, notes and SAFEs; leave it"),
        ({**COMMON, "seniority": 1}, "'seniority': applies to preferred stock, debts, carve-outs, notes and SAFEs"),
        ({**DEBT, "rate": 0.1}, "column 'rate': applies to carve-outs; leave it blank for debts"),
        ({**COMMON, "underlying": "Series A"}, "column 'underlying': applies to options and warrants"),
        ({**DEBT, "discount": 0.2}, "column 'discount': applies to notes and SAFEs; leave it blank for debts"),
        ({**OPTION, "conversion_ratio": 2}, "column 'conversion_ratio': applies to preferred stock; leave it blank"),
        ({**SERIES_A, "valuation_cap": 5}, "column 'valuation_cap': applies to notes and SAFEs"),
        ({**OPTION, "strike": -1}, "column 'strike': must be 0 or more; found -1"),
        # preferred stock
        ({**SERIES_A, "original_issue_price": None}, "column 'preference': is blank: give the row's preference"),
        ({**SERIES_A, "original_issue_price": 0}, "column 'original_issue_price': must be above 0; found 0"),
        ({**SERIES_A, "preference_multiple": -1}, "column 'preference_multiple': must be 0 or more; found -1"),
        ({**IN_DOLLARS, "preference": -1}, "column 'preference': must be 0 or more; found -1"),
        ({**SERIES_A, "seniority": None}, "column 'seniority': is blank: give the rank"),
        (
            {**SERIES_A, "accrued": 200000},
            "column 'accrued': is dollars a share; found 200,000 beside a price of 2 a share: divide the row's total",
        ),
        ({**PATRON, "accrued": 500001}, "column 'accrued': is dollars a share; found 500,001 beside a price of 5,000"),
        ({**IN_DOLLARS, "accrued": 1}, "column 'accrued': is part of the preference stated in dollars"),
        ({**IN_DOLLARS, "preference_multiple": 2}, "column 'preference_multiple': goes with a price a share, not"),
        ({**IN_DOLLARS, "dividends_on_conversion": "paid"}, "'dividends_on_conversion': goes with a price a share"),
        ({**PATRON, "original_issue_price": 5}, "certificate to say, and 'terms' names one; leave one of the two"),
        ({**PATRON, "original_issue_price": 5, "terms": "PATRN-B"}, "'terms': no certificate is called 'PATRN-B'"),
        ({**PATRON, "preference_multiple": 2}, "column 'preference_multiple': is for the certificate to say"),
        ({**PATRON, "dividends_on_conversion": "paid"}, "'dividends_on_conversion': is for the certificate to say"),
        ({**PATRON, "converts_with": "Series A"}, "column 'converts_with': is for the certificate to say"),
        ({**SERIES_A, "dividends_on_conversion": "kept"}, "'dividends_on_conversion': one of forfeited, paid, convert"),
        ({**SERIES_A, "conversion_price": 2, "conversion_ratio": 1}, "'conversion_ratio': stands beside a conversion"),
        ({**SERIES_A, "conversion_ratio": 1, "as_converted": 9}, "'as_converted': stands beside a conversion ratio"),
        ({**SERIES_A, "conversion_ratio": 0}, "column 'conversion_ratio': must be above 0; found 0"),
        ({**SERIES_A, "issue_date": "2020-01-01"}, "column 'issue_date': goes with 'terms', which is blank"),
        ({**PATRON, "terms": "PATRON-Z"}, "column 'terms': no certificate is called 'PATRON-Z'"),
        # caps
        ({**CAPPED, "cap": 9000000}, "'cap_multiple': stands beside a cap in dollars; leave one of the two blank"),
        ({**CAPPED, "cap_per_share": 4}, "column 'cap_per_share': stands beside a cap as a multiple"),
        ({**CAPPED, "cap_multiple": None, "cap": 1999999}, "preference it includes, 2,000,000; found 1,999,999: give"),
        (
            {**CAPPED, "cap_multiple": 0.9},  # 0.9 x 2 x 1,000,000
            "'cap_multiple': must not be below the preference it includes, 2,000,000; found 0.9, which makes 1,800,000 "
            "for the row: give a multiple of the original issue price",
        ),
        ({**CAPPED, "preference_multiple": 4}, "includes, 8,000,000; found 3, which makes 6,000,000 for the row: give"),
        ({**CAPPED, "cap_multiple": None, "cap_per_share": 1}, "found 1, which makes 1,000,000 for the row: give the"),
        ({**CAPPED, "cap_multiple": None}, "column 'cap': is blank: a capped participation needs a cap; give 'cap', "),
        ({**CAPPED, "participation": "full"}, "'cap_multiple': goes with a capped participation; write capped in"),
        ({**SERIES_A, "cap_per_share": 5}, "'cap_per_share': goes with a capped participation; write capped in"),
        ({**IN_DOLLARS, "participation": "capped", "cap_multiple": 2}, "'cap_multiple': goes with 'original_issue_pri"),
        ({**SERIES_A, "cap_includes_dividends": True}, "'cap_includes_dividends': goes with 'cap' or 'cap_multiple'"),
        (
            {**IN_DOLLARS, "participation": "capped", "cap": 9000000, "cap_includes_dividends": False},
            "column 'cap_includes_dividends': cannot tell the dividends in a preference stated in dollars",
        ),
        # converting together
        ({**SERIES_A, "conversion_vote": 0.5}, "'conversion_vote': goes with 'conversion_group', which is blank"),
        ({**SERIES_A, "converts_alone": False}, "'converts_alone': goes with 'conversion_group', which is blank"),
        ({**SERIES_A, "conversion_group": "All"}, "column 'conversion_group': goes with 'conversion_price' or"),
        ({**SERIES_A, "converts_with": "Series B"}, "column 'converts_with': goes with 'conversion_price' or"),
        # carve-outs
        ({**CARVE_OUT, "rate": None}, "column 'amount': is blank: give a fixed amount in dollars, or a share of the"),
        ({**CARVE_OUT, "amount": 5}, "column 'rate': stands beside a fixed amount; leave one of the two blank"),
        ({**CARVE_OUT, "rate": None, "amount": 5, "rate_of": "net"}, "'rate_of': goes with 'rate', which is blank"),
        ({**CARVE_OUT, "rate_of": "profit"}, "column 'rate_of': one of net, gross is expected; found 'profit'"),
        ({**CARVE_OUT, "rate": -0.1}, "column 'rate': '-0.1' does not read as a rate or a tier; write 0.1 or 10%"),
        ({**CARVE_OUT, "rate": "ten"}, "column 'rate': 'ten' does not read as a rate or a tier"),
        ({**CARVE_OUT, "rate": "1/0"}, "column 'rate': '1/0' does not read as a rate or a tier"),
        ({**CARVE_OUT, "rate": "10% to lunch"}, "column 'rate': '10% to lunch' does not read as a rate or a tier"),
        ({**CARVE_OUT, "rate": "10% to 1,00"}, "column 'rate': '10% to 1,00' does not read as a rate or a tier"),
        ({**CARVE_OUT, "rate": 10}, "column 'rate': must stay below 100%; found '10'; write 0.1 or 10%"),
        ({**CARVE_OUT, "rate": "12.5 to 9; 5 to 20"}, "must stay below 100%; found '12.5'; write 0.125 or 12.5%"),
        ({**CARVE_OUT, "rate": 150}, "column 'rate': must stay below 100%; found '150'"),
        ({**CARVE_OUT, "rate": "100% to 5"}, "column 'rate': must stay below 100%; found '100%'"),
        ({**CARVE_OUT, "rate": "10%; 5% to 7"}, "column 'rate': '10%' has no end, and a tier follows it"),
        ({**CARVE_OUT, "rate": "10% to 9; 5% to 9"}, "column 'rate': '5% to 9' ends no higher than it begins"),
        # notes and SAFEs
        ({**NOTE, "amount": None, "valuation_cap": None}, "column 'amount': is blank: give what converts, dollars"),
        ({**NOTE, "amount": None, "preference": 5}, "column 'valuation_cap': goes with 'amount', which is blank"),
        ({**UNCAPPED, "amount": None, "preference": 5}, "column 'discount': goes with 'amount', which is blank"),
        ({**SAFE, "valuation_cap": 0}, "column 'valuation_cap': must be above 0; found 0"),
        ({**SAFE, "as_converted": 5}, "column 'as_converted': stands beside a valuation cap; leave one of the two"),
        ({**UNCAPPED, "discount": 1}, "column 'discount': must be below 1 (0.2 is 20%); found 1"),
        ({**UNCAPPED, "discount": "120%"}, "column 'discount': must be below 1 (0.2 is 20%); found 1.2"),
        ({**UNCAPPED, "discount": "a fifth%"}, "column 'discount': a number is expected; found 'a fifth%'"),
        ({**UNCAPPED, "discount": -0.1}, "column 'discount': must be 0 or more; found -0.1"),
        ({**UNCAPPED, "discount_reading": "loose"}, "column 'discount_reading': one of literal, remainder is expected"),
        ({**SAFE, "discount": 0.2, "discount_reading": "literal"}, "'discount_reading': stands beside a valuation cap"),
        ({**SAFE, "valuation_cap": None, "discount_reading": "literal"}, "'discount_reading': goes with 'discount'"),
        ({**UNCAPPED, "cap_counts": "post_money"}, "column 'cap_counts': goes with 'valuation_cap', which is blank"),
        ({**SAFE, "cap_counts": "with_pool"}, "'cap_counts': a number of shares above 0 or one of post_money, pre_mon"),
        ({**NOTE, "cap_counts": 0}, "'cap_counts': a number of shares above 0 or one of with_pool, without_pool"),
        ({**SERIES_A, "invested": -1}, "column 'invested': must be 0 or more; found -1"),
    ],
)  # fmt: skip
def test_faults_of_a_row(row: Row, message: str) -> None:
    """What a row shows by itself is wrong is said at its column, with how to mend it."""
    told = fault(row)
    assert told.startswith("cap_table row 1, ")
    assert message in told


@pytest.mark.parametrize("vote", ["half", "> 100%", ">= 0", "1", "> -5%", 50])
def test_votes_that_do_not_read(vote: object) -> None:
    """More than all, at least nothing, no number."""
    told = fault({**SERIES_A, "conversion_price": 2, "conversion_group": "All", "conversion_vote": vote})
    assert "column 'conversion_vote': '" in told
    assert "does not read as a vote; write '> 50%' or '>= 2/3'" in told


@pytest.mark.parametrize(
    ("first", "change", "message"),
    [
        (COMMON, {"kind": "option", "strike": 1}, "column 'kind': 'Common' has option here and common in row 1"),
        (PATRON, {"terms": "VALUESTAR-B"}, "column 'terms': 'Series B' has VALUESTAR-B here and PATRON-B in row 1"),
        (SERIES_A, {"seniority": 2}, "column 'seniority': 'Series A' has 2 here and 1 in row 1"),
        (DEBT, {"seniority": 2}, "column 'seniority': 'Bank' has 2 here and none in row 1"),
        (SERIES_A, {"participation": "full"}, "column 'participation': 'Series A' has full here and none in row 1"),
        (SERIES_A, {"preference_multiple": 2}, "column 'preference_multiple': 'Series A' has 2 here and 1 in row 1"),
        (CAPPED, {"cap_multiple": 4}, "column 'cap_multiple': 'Series A' has 4 here and 3 in row 1"),
        (CAPPED, {"cap_includes_dividends": False}, "'cap_includes_dividends': 'Series A' has FALSE here and TRUE in"),
        (SERIES_A, {"dividends_on_conversion": "paid"}, "'Series A' has paid here and forfeited in row 1"),
        (OPTION, {"underlying": "Series A"}, "column 'underlying': 'Options' has Series A here and none in row 1"),
        ({**SERIES_A, "conversion_price": 2, "conversion_group": "All"}, {"conversion_group": None},
         "column 'conversion_group': 'Series A' has none here and All in row 1"),
        ({**SERIES_A, "conversion_price": 2, "conversion_group": "All"}, {"conversion_vote": ">= 2/3"},
         "column 'conversion_vote': 'Series A' has >= 2/3 here and > 1/2 in row 1"),
        ({**SERIES_A, "conversion_price": 2, "conversion_group": "All"}, {"converts_alone": False},
         "column 'converts_alone': 'Series A' has FALSE here and TRUE in row 1"),
        ({**SERIES_A, "conversion_price": 2}, {"converts_with": "Series B"},
         "column 'converts_with': 'Series A' has Series B here and none in row 1"),
    ],
)  # fmt: skip
def test_two_rows_of_a_class_with_different_terms(first: Row, change: Row, message: str) -> None:
    """The terms of a class are alike in all its rows."""
    told = fault(first, {**first, "holder": "North", **change})
    assert told.startswith("cap_table row 2, ")
    assert message in told
    assert "the rows of a class have the same terms" in told


@pytest.mark.parametrize(
    ("first", "change"),
    [
        (NOTE, {"valuation_cap": 9000000}),
        (NOTE, {"cap_counts": "common_only"}),
        (UNCAPPED, {"discount": 0.25}),
        (UNCAPPED, {"discount_reading": "remainder"}),
    ],
)
def test_each_note_or_safe_has_terms_of_its_own(first: Row, change: Row) -> None:
    """Under one name of a class a company has sold SAFEs at several caps."""
    assert len(read(first, {**first, "holder": "North", **change})) == 2


def test_rows_of_a_class_that_say_the_same_in_other_words() -> None:
    """A default beside a blank, capitals, 0.5 beside more than half; shares, prices and dividends may differ."""
    first = {**SERIES_A, "conversion_price": 2, "conversion_group": "All", "converts_with": "Series B"}
    second = {**first, "holder": "North", "preference_multiple": 1, "participation": "None", "conversion_vote": 0.5,
              "converts_alone": True, "converts_with": "series b", "shares": 5, "conversion_price": 1.5, "accrued": 1,
              "original_issue_price": 3, "dividends_on_conversion": "forfeited"}  # fmt: skip
    assert len(read(first, second, {**SERIES_A, "class": "Series B"})) == 3


def test_a_group_has_one_vote() -> None:
    """Two classes of one group under different votes, or under the same name in other letters."""
    first = {**SERIES_A, "conversion_price": 2, "conversion_group": "All"}
    second = {**first, "class": "Series B"}
    assert "cap_table row 2, column 'conversion_vote': the group has >= 2/3 here and > 1/2 in row 1" in fault(
        first, {**second, "conversion_vote": ">= 2/3"}
    )
    assert "cap_table row 2, column 'conversion_group': the group has all here and All in row 1" in fault(
        first, {**second, "conversion_group": "all"}
    )
    assert (
        len(read(first, {**second, "converts_alone": False}, {**second, "class": "C", "conversion_group": "Us"})) == 3
    )


@pytest.mark.parametrize("name", ["Series Z", "Common"])
def test_a_strike_on_an_unknown_class(name: str) -> None:
    """What a warrant buys must be a class of preferred stock in the table; Common is a blank."""
    warrant = {**OPTION, "kind": "warrant", "underlying": name}
    told = f"cap_table row 2, column 'underlying': the cap table has no class of preferred stock '{name}'; leave it"
    assert told in fault(COMMON, warrant, SERIES_A)
    assert read(COMMON, {**warrant, "underlying": "series a"}, SERIES_A)[1].converts_into == 0


def test_a_class_that_converts_with_one_that_is_not_there() -> None:
    """An unknown class, and the class itself."""
    row = {**SERIES_A, "conversion_price": 2}
    assert "column 'converts_with': 'Series Z' is not a class of preferred stock" in fault(
        COMMON, {**row, "converts_with": "Series Z"}
    )
    assert "column 'converts_with': 'Series A' is this class itself" in fault({**row, "converts_with": "Series A"})


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([CARVE_OUT, {**CARVE_OUT, "class": "B", "rate": "90%"}], "above an exit of 0 they are 100%"),
        # 60% of the gross from 3m, 40% of the net to 5m: above costs and debts of 5m, between 5m and 10m, all of it
        (
            [
                {**CARVE_OUT, "rate": "0% to 3,000,000; 60%", "rate_of": "gross"},
                DEBT,
                {**CARVE_OUT, "class": "B", "rate": "40% to 5,000,000"},
            ],
            "above an exit of 5,000,000 they are 100%",
        ),
    ],
)  # fmt: skip
def test_rates_that_take_everything_together(rows: list[Row], message: str) -> None:
    """At no exit may all carve-outs together take the next dollar whole."""
    told = fault(*rows)
    assert told.startswith(f"cap_table row {len(rows)}, column 'rate': all the rates together must stay below 100%; ")
    assert message in told


def test_rates_that_never_meet() -> None:
    """60% of the gross to 5m, and 50% of the net of a debt of 5m, are never in force at one exit."""
    gross = {**CARVE_OUT, "rate": "60% to 5,000,000", "rate_of": "gross"}
    assert len(read(gross, DEBT, {**CARVE_OUT, "class": "B", "rate": "50%"})) == 3


def test_error_values_are_their_own_answer() -> None:
    """An error in a cell comes back as itself, placed."""
    for name, value, code in (
        ("rate", "#REF!", "#REF!"),
        ("amount", CellError("#DIV/0!"), "#DIV/0!"),
        ("kind", "#N/A", "#N/A"),
    ):
        with pytest.raises(XlcapError) as error:
            read({**CARVE_OUT, name: value})
        assert error.value.code == code
        assert error.value.where == f"cap_table row 1, column '{name}'"


@pytest.mark.parametrize(
    ("header", "told"),
    [
        (["class", "kind", "shars"], "column 'shars' is not known; did you mean 'shares'? The columns are class, hol"),
        (["Common", "common", "100"], "column 'Common' is not known; is the first row the header? The columns are"),
        (["class", "kind", "zzz"], "column 'zzz' is not known; the columns are class, holder"),
    ],
)
def test_a_header_that_is_not_known(header: list[str], told: str) -> None:
    """What may be meant is said before the long list of what is known."""
    with pytest.raises(XlcapError) as error:
        read_cap_table([header, ["Common", "common", 100]])
    assert str(error.value).startswith(f"cap_table: {told}")


def test_a_table_without_rows() -> None:
    """A header is no cap table."""
    with pytest.raises(XlcapError, match="the cap table has no rows"):
        read_cap_table([["class", "kind"]])
