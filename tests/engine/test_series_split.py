"""A split of the series itself: Valuestar A.3, B.1, B.4, C.2 (AMB-VS5); Patron without such a clause (AMB-PT12)."""

from __future__ import annotations

from typing import Any

import pytest

from xlcap.errors import XlcapError
from xlcap.functions import call

VS, PT = "VALUESTAR-B", "PATRON-B"


def fields(block: Any) -> dict[str, Any]:
    """A block of terms by field."""
    return {str(row[0]): row[1] for row in block[1:]}


def test_dollars_are_divided_and_counts_multiplied() -> None:
    """Two for one: 8.75, 0.70, 15.00, and 400,000 shares to elect directors; 800,000 stay authorised."""
    changed = {
        name: value
        for name, value in fields(call("TERMS_AT", [VS, 2])).items()
        if fields(call("TERMS", [VS]))[name] != value
    }
    assert changed == {
        "price_per_share": 8.75,
        "dividend.amount_per_share": 0.7,
        "liquidation.participation_cap_amount": 15,
        "voting.directors.series_b.min_outstanding": 400000,
    }


def test_a_combination() -> None:
    """One for ten: 175.00 a share, and 20,000 shares elect two directors."""
    told = fields(call("TERMS_AT", [VS, 0.1]))
    assert (told["price_per_share"], told["voting.directors.series_b.min_outstanding"]) == (175, 20000)


def test_the_block_stands_wherever_terms_can() -> None:
    """After two for one, 2,000 shares convert as 1,000 did: 2,000 x 8.75 / 1.75 = 10,000; preference 2 x 8.75."""
    block = call("TERMS_AT", [VS, 2])
    assert call("CONVERSION_SHARES", [block, 2000, 1.75])[1][3] == 10000
    assert call("LIQUIDATION_PREFERENCE", [block, 0, 2]) == 17.5
    seats = [["class", "shares"], ["Series A", 100000], ["Series B", 399999]]
    assert [row[1] for row in call("DIRECTOR_SEATS", [block, 7, seats])[1:]] == [1, 0, 6]


def test_the_letter_of_d1_as_a_switch() -> None:
    """D.1 does not scale its 17.50: a new share then converts into ten as well, twice what it did (AMB-VS5)."""
    literal = [["id", VS], ["conversion.adjust_reference", False]]
    block = call("TERMS_AT", [literal, 2])
    assert fields(block)["conversion.reference_amount"] == 17.5
    assert call("CONVERSION_RATE", [block, 1.75]) == 10
    assert call("LIQUIDATION_PREFERENCE", [block, 0]) == 8.75
    again = call("TERMS_AT", [block, 2])
    assert call("CONVERSION_RATE", [again, 1.75]) == 10


def test_an_amount_of_its_own_is_scaled_with_the_rest() -> None:
    """Where the amount that converts is not the price of a share: 20.00 becomes 10.00."""
    block = call("TERMS_AT", [[["id", VS], ["conversion.reference_amount", 20]], 2])
    assert fields(block)["conversion.reference_amount"] == 10


def test_the_least_price_of_an_offering_stays() -> None:
    """Three times 17.50 is six times 8.75: the Common was not split."""
    offering = [["id", VS], ["conversion.on_offering.clause", "5.1"], ["conversion.on_offering.min_price_multiple", 3]]
    block = call("TERMS_AT", [offering, 2])
    assert fields(block)["conversion.on_offering.min_price_multiple"] == 6


def test_there_and_back() -> None:
    """Three for one and one for three are nothing."""
    there = call("TERMS_AT", [VS, 3])
    back = fields(call("TERMS_AT", [there, 1 / 3]))
    assert back["price_per_share"] == pytest.approx(17.5, rel=1e-13)


def test_a_certificate_that_does_not_scale() -> None:
    """Patron's 5,000 stays 5,000 (AMB-PT12), and Valuestar's would under the switch."""
    assert call("TERMS_AT", [PT, 2]) == call("TERMS", [PT])
    fixed = [["id", VS], ["scales_with_series", False]]
    assert call("TERMS_AT", [fixed, 2]) == call("TERMS", [fixed])


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ([VS, 0], "argument 'ratio': must be above zero; found 0"),
        ([VS, -2], "argument 'ratio': must be above zero; found -2"),
        ([VS], "argument 'ratio': is required"),
        ([[["id", "PRICESMART-B"], ["conversion.reference_amount", 900]], 2], "goes with numerator price_per_share"),
    ],
)
def test_splits_refused(args: list[Any], message: str) -> None:
    """No ratio, one of nothing, an amount that has no place."""
    with pytest.raises(XlcapError) as error:
        call("TERMS_AT", args)
    assert message in str(error.value)
