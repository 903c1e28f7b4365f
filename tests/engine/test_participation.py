"""What the series gets before and beside the Common: Valuestar A.1, A.2; Patron 8(a), 8(b); dividends in kind."""

from __future__ import annotations

from typing import Any

import pytest

from xlcap.errors import XlcapError
from xlcap.functions import call


def changed(terms: str, **fields: Any) -> list[list[Any]]:
    """A certificate with some terms of its dividends changed; two underscores stand for a dot."""
    return [["id", terms], *([f"dividend.{name.replace('__', '.')}", value] for name, value in fields.items())]


def share(terms: Any, *args: Any, row: int = 1) -> dict[str, Any]:
    """A row of DIVIDEND_PARTICIPATION by column."""
    table = call("DIVIDEND_PARTICIPATION", [terms, *args])
    assert isinstance(table, list)
    return dict(zip(table[0], table[row], strict=True))


def figures(found: dict[str, Any]) -> list[float]:
    """Preferential first, as converted, share of distribution, total."""
    return [found[name] for name in ("Preferential first", "As converted", "Share of distribution", "Total")]


# --- due first --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("terms", "paid", "arrears", "expected"),
    [
        ("VALUESTAR-B", None, None, 700000),  # 1.40 x 500,000
        ("VALUESTAR-B", 1, None, 200000),
        ("VALUESTAR-B", 1.5, None, 0),
        ("PATRON-B", 200, None, 150000000),  # (500 - 200) x 500,000
        ("PRICESMART-B", None, 20, 50000000),  # (80 + 20) x 500,000
        (changed("PRICESMART-B", senior_first="none"), None, None, 0),
    ],
)
def test_due_before_the_common(terms: Any, paid: float | None, arrears: float | None, expected: float) -> None:
    """This year's dividend less what is paid of it; arrears where they come first too (A.1; 8(a); III.C)."""
    assert call("DIVIDEND_PREFERENCE", [terms, 500000, paid, arrears]) == expected


def test_arrears_that_do_not_come_first() -> None:
    """Patron's Common waits for the fiscal year's dividends alone, Valuestar has no arrears."""
    with pytest.raises(
        XlcapError, match=r"need not wait for arrears under this certificate \(8\(a\)\): it waits for this"
    ):
        call("DIVIDEND_PREFERENCE", ["PATRON-B", 1, 0, 5])
    with pytest.raises(XlcapError, match="argument 'arrears': the Common need not wait"):
        call("DIVIDEND_PREFERENCE", ["VALUESTAR-B", 1, 0, 5])


# --- Valuestar --------------------------------------------------------------------------------------------------------


def test_preferential_dividend_and_a_like_amount_as_converted() -> None:
    """0.05 on each Common: 1.40 x 500,000 first, and 0.05 x 5,000,000 as converted; both are due (AMB-VS1)."""
    assert figures(share("VALUESTAR-B", 0.05, 500000, 1.75)) == [700000, 250000, 0, 950000]
    assert figures(share("VALUESTAR-B", 0.05, 500000, 1.75, 1)) == [200000, 250000, 0, 450000]


def test_preferential_dividend_may_be_credited() -> None:
    """participation_credit: of 2.00 a share as converted 1.40 is the preferential dividend; 0.05 is covered by it."""
    block = changed("VALUESTAR-B", participation__participation_credit="TRUE")
    assert figures(share(block, 0.2, 500000, 1.75)) == [700000, 300000, 0, 1000000]
    assert figures(share(block, 0.05, 500000, 1.75)) == [700000, 0, 0, 700000]


def test_share_of_a_distribution() -> None:
    """Property worth 3,000,000 among 10,000,000 Common and 5,000,000 as converted: a third (A.2)."""
    found = share("VALUESTAR-B", 0, 500000, 1.75, 1.4, None, 3000000, 10000000)
    assert figures(found) == [0, 0, 1000000, 1000000]
    assert found["Clause"] == "A.1, A.2"
    assert found["Warning"] == "the company's own securities are paid now and not set aside for conversion (D.5)"


def test_series_a_may_share_in_a_distribution() -> None:
    """series_a_participates: 5 of 20 parts with Series A's 5,000,000 shares (AMB-VS16); else these are left out."""
    args = [0, 500000, 1.75, 1.4, None, 3000000, 10000000, 5000000]
    block = changed("VALUESTAR-B", participation__series_a_participates="TRUE")
    assert share(block, *args)["Share of distribution"] == 750000
    apart = share("VALUESTAR-B", *args)
    assert apart["Share of distribution"] == 1000000
    assert "other preferred shares in nothing under these terms and is left out" in apart["Warning"]


def test_a_certificate_may_share_in_cash_or_in_property_alone() -> None:
    """cash off: no like amount; noncash off: no part of the property, and the shares of Common are not asked for."""
    args = [0.05, 500000, 1.75, 1.4, None, 3000000]
    assert figures(share(changed("VALUESTAR-B", participation__cash="FALSE"), *args, 10000000)) == [0, 0, 1e6, 1e6]
    assert figures(share(changed("VALUESTAR-B", participation__noncash="FALSE"), *args)) == [0, 250000, 0, 250000]


def test_common_paid_on_common_gives_no_second_benefit() -> None:
    """A stock dividend cuts the conversion price (D.4); nothing is paid, and nothing must be paid first (A.1)."""
    found = share("VALUESTAR-B", 0.05, 500000, 1.75, 0, None, 0, None, None, True)
    assert [*figures(found), found["Common shares"]] == [0, 0, 0, 0, 0]
    assert found["Warning"] == "the conversion price is cut instead (D.4)"


# --- Patron -----------------------------------------------------------------------------------------------------------


def test_dividend_on_the_whole_shares_a_holder_would_have() -> None:
    """5,000 / 2.40 = 2,083.33, up to 2,084, at 0.10 (8(b)); with exact shares 208.33."""
    found = share("PATRON-B", 0.1, 1, 2.4, 500)
    assert (found["Conversion shares"], found["As converted"], found["Total"]) == (2084, 208.4, 208.4)
    block = changed("PATRON-B", participation__shares="exact")
    assert share(block, 0.1, 1, 2.4, 500)["As converted"] == pytest.approx(5000 / 2.4 / 10, rel=1e-14)


def test_this_years_dividend_comes_first() -> None:
    """500 a share less the 200 paid this fiscal year, whatever is in arrears (8(a))."""
    assert share("PATRON-B", 0.1, 2, 2.4, 200)["Preferential first"] == 600


def test_tranches_of_a_holder_are_rounded_once() -> None:
    """Ann's 2 at 2.40 and 1 at 2.0865 are 6,563.03, up to 6,564; Ben's 1 at 2.40 is 2,084; 0.10 on each."""
    args = ["PATRON-B", 0.1, [[2], [1], [1]], [[2.4], [2.0865], [2.4]], 500, [["Ann"], ["Ann"], ["Ben"]]]
    assert [share(*args, row=row)["As converted"] for row in (1, 2, 3)] == pytest.approx([656.4, 208.4, 864.8])
    assert [share(*args, row=row)["Holder"] for row in (1, 2, 3)] == ["Ann", "Ben", "Total"]
    alone = ["PATRON-B", 0.1, [[2], [1], [1]], [[2.4], [2.0865], [2.4]], 500]
    # 4,166.67 and 2,396.36 stand alone: 4,167 and 2,397
    assert share(*alone, row=4)["Conversion shares"] == 4167 + 2397 + 2084


def test_common_paid_on_common_is_paid_twice_and_said_so() -> None:
    """5% in Common: 0.05 x 2,084 = 104.2 shares besides the cut of the price (AMB-PT9); 500 a share comes first."""
    args = [0.05, 1, 2.4, 0, None, 0, None, None, True]
    found = share("PATRON-B", *args)
    assert [*figures(found), found["Common shares"]] == [500, 0, 0, 500, 104.2]
    assert found["Warning"] == (
        "paid in Common as well, although the conversion price is cut for the same dividend (3(e)(ii)): the holder "
        "gets it twice"
    )
    once = share(changed("PATRON-B", participation__double_benefit="FALSE"), *args)
    assert (once["Common shares"], once["Warning"]) == (0, "the conversion price is cut instead (3(e)(ii))")


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["PRICESMART-B", 0.05, 1, 20], "gives the series no share in what is paid on the Common"),
        (["VALUESTAR-B", 0, 1, 1.75, 0, None, 100], "argument 'common_outstanding': is required: it shares in what is"),
        ([changed("VALUESTAR-B", participation__series_a_participates="TRUE"), 0, 1, 1.75, 0, None, 100, 10],
         "argument 'others_as_converted': is required"),
        (["VALUESTAR-B", -1, 1, 1.75], "argument 'common_dividend': must be zero or more"),
        (["VALUESTAR-B", 1, 1, 0], "argument 'price'"),
        (["PATRON-B", 1, [[1], [2]], [[2.4], [2], [1]]], "argument 'price'"),
    ],
)  # fmt: skip
def test_bad_input_is_placed(args: list[Any], message: str) -> None:
    """No share in the certificate, a count that is missing, a price of zero, ranges of different length."""
    with pytest.raises(XlcapError) as error:
        call("DIVIDEND_PARTICIPATION", args)
    assert message in str(error.value)


# --- in kind ----------------------------------------------------------------------------------------------------------


def test_dividend_in_kind() -> None:
    """500,000 / 5,000 = 100 shares; 502,500 brings half a share more, or cuts it off (8(b), AMB-PT10)."""
    assert call("PIK_SHARES", ["PATRON-B", 500000]) == 100
    assert call("PIK_SHARES", ["PATRON-B", 502500]) == 100.5
    assert call("PIK_SHARES", [changed("PATRON-B", pik_rounding="down"), 502500]) == 100


def test_dividend_in_kind_within_the_authorised_number() -> None:
    """2,000 are authorised: 100 beside 1,900 are the last."""
    assert call("PIK_SHARES", ["PATRON-B", 500000, 1900]) == 100
    with pytest.raises(XlcapError, match="100 shares beside 1,901 outstanding are more than the 2,000 authorised"):
        call("PIK_SHARES", ["PATRON-B", 500000, 1901])


def test_dividend_in_kind_where_cash_is_due() -> None:
    """PriceSmart pays cash."""
    with pytest.raises(
        XlcapError, match=r"PRICESMART-B: dividend\.payout: this certificate pays its dividends in cash"
    ):
        call("PIK_SHARES", ["PRICESMART-B", 500000])


# --- the stopper ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("terms", "outlay", "series_paid", "senior_paid", "form", "shared", "expected"),
    [
        # Patron 8(a), 8(b): this fiscal year's dividends; whatever is in arrears; in whatever form
        ("PATRON-B", "preferred_dividend", False, True, None, None, True),
        ("PATRON-B", "preferred_dividend", True, False, None, None, False),
        ("PATRON-B", "preferred_repurchase", False, False, None, None, False),
        ("PATRON-B", "preferred_repurchase", False, True, None, None, True),
        ("PATRON-B", "junior_dividend", True, None, None, True, True),
        ("PATRON-B", "junior_dividend", True, None, None, False, False),  # without its share as converted
        ("PATRON-B", "junior_dividend", False, None, None, True, False),
        ("PATRON-B", "junior_dividend", False, None, "junior_stock", True, False),
        ("PATRON-B", "junior_distribution", True, None, "junior_stock", False, False),
        ("PATRON-B", "junior_repurchase", False, None, None, None, False),
        ("PATRON-B", "junior_repurchase", True, None, None, None, True),
        ("PATRON-B", "junior_repurchase", False, None, "existing_obligation", None, False),  # 8(a) has no exceptions
        ("PATRON-B", "junior_repurchase", False, None, "convertible_debt", None, False),
        ("PATRON-B", "parity_distribution", False, None, None, None, True),
        # Valuestar A.1: this year's 1.40, unless the Common is paid in Common; repurchases are not spoken of
        ("VALUESTAR-B", "preferred_dividend", False, True, None, None, True),
        ("VALUESTAR-B", "preferred_dividend", True, False, None, None, False),
        ("VALUESTAR-B", "junior_dividend", False, None, None, True, False),
        ("VALUESTAR-B", "junior_dividend", True, None, None, True, True),
        ("VALUESTAR-B", "junior_dividend", True, None, None, False, False),
        ("VALUESTAR-B", "junior_dividend", False, None, "junior_stock", None, True),
        ("VALUESTAR-B", "junior_repurchase", False, None, None, None, True),
        (changed("PATRON-B", senior_first="none"), "junior_dividend", False, None, None, None, True),
    ],
)
def test_dividend_stopper(
    terms: Any,
    outlay: str,
    series_paid: bool,
    senior_paid: bool | None,
    form: str | None,
    shared: bool | None,
    expected: bool,
) -> None:
    """What may be paid, by the year each certificate looks at."""
    assert call("DIVIDEND_ALLOWED", [terms, outlay, series_paid, senior_paid, form, shared]) is expected


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["PATRON-B", "preferred_dividend", True], "argument 'senior_paid': is required"),
        (["PATRON-B", "junior_dividend", True], "argument 'as_converted_paid': is required"),
        (["PRICESMART-B", "preferred_repurchase", True, True], "says nothing of repurchases of the series itself"),
    ],
)
def test_stopper_says_what_it_must_know(args: list[Any], message: str) -> None:
    """Senior dividends for the series' own; the share as converted where it is a condition."""
    with pytest.raises(XlcapError) as error:
        call("DIVIDEND_ALLOWED", args)
    assert message in str(error.value)
