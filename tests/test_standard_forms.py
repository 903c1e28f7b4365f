"""The certificates shipped: each is whole, and each of the market's standard forms gives a figure worked by hand.

The forms share one company: 6,000,000 Common, 2,000,000 Series A at 1.00 that convert one for one, 1,000,000 options.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from xlcap.errors import XlcapError
from xlcap.functions import call
from xlcap.terms import available, load
from xlcap.terms.schema import keys

COUNTS = {
    "common_outstanding": 6_000_000,
    "series_shares": 2_000_000,
    "preferred_as_converted": 0,
    "options_outstanding": 1_000_000,
    "convertibles_outstanding": 0,
}
"""The shares before an issue: 9,000,000 in all, 2,000,000 of them the series."""

ISSUE: dict[str, Any] = {"event": "issue", "date": "2025-01-10", "shares": 1_000_000, "cash": 500_000} | COUNTS
"""A million shares at 0.50."""

OPTION = ISSUE | {"event": "deemed_issue", "id": "W", "cash": 100_000, "min_exercise": 400_000}
"""Options on a million shares for 0.10 now and 0.40 later."""


def price(form: Any, *events: Mapping[str, Any]) -> object:
    """The conversion price at the end of 2025 under a form (or block of cells), after events given by their columns."""
    header = list(dict.fromkeys(name for event in events for name in event))
    return call("CONVERSION_PRICE", [form, [header, *([event.get(name) for name in header] for event in events)],
                                     "2025-12-31"])  # fmt: skip


def payouts(form: str, proceeds: int, **row: object) -> list[float]:
    """What the Common and Series A get of an exit."""
    holding = {
        "class": "Series A",
        "kind": "preferred",
        "shares": 2_000_000,
        "terms": form,
        "conversion_price": 1,
    } | row
    table = [list(holding), ["Common", "common", 6_000_000, *[None] * (len(holding) - 3)], list(holding.values())]
    answer = call("WATERFALL", [proceeds, table])
    assert isinstance(answer, list)
    return [payout for _, payout in answer[1:]]


# --- every certificate ---------------------------------------------------------------------------------------------


def sections(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """A record of the terms and every record in it."""
    yield path, value
    for name in keys(type(value)):
        below = getattr(value, name)
        if dataclasses.is_dataclass(below):
            yield from sections(below, f"{path}.{name}")
        elif isinstance(below, Mapping):
            for entry, content in below.items():
                yield from sections(content, f"{path}.{name}.{entry}")


SHIPPED = sorted(available())


@pytest.mark.parametrize("name", SHIPPED)
def test_certificate_is_called_by_its_file(name: str) -> None:
    """What is shipped loads, and its id is its name."""
    assert load(name).id == name


@pytest.mark.parametrize("name", SHIPPED)
def test_every_rule_cites_its_clause(name: str) -> None:
    """Wherever the terms ask for a section, the certificate gives one."""
    for path, section in sections(load(name), name):
        if "clause" in keys(type(section)) and keys(type(section))["clause"].required:
            assert section.clause, path


@pytest.mark.parametrize("name", SHIPPED)
def test_certificate_survives_a_sheet(name: str) -> None:
    """What TERMS spills reads back as the same terms."""
    block: Any = call("TERMS", [name])
    assert call("TERMS", [block]) == block


@pytest.mark.parametrize("name", SHIPPED)
def test_every_exemption_is_known_by_its_section(name: str) -> None:
    """No two exemptions of a certificate have one section, so an events table may name them by it."""
    rule = load(name).adjust.issue_below_price
    named = [entry.clause for entry in rule.exempt.values()] if rule else []
    assert len(named) == len(set(named))


# --- price protection ----------------------------------------------------------------------------------------------


def test_broad_based_counts_everything_outstanding() -> None:
    """1.00 × (9,000,000 + 500,000 / 1.00) / (9,000,000 + 1,000,000) = 0.95."""
    assert price("NVCA-BROAD-BASED", ISSUE) == 0.95


def test_the_pool_not_granted_is_not_counted() -> None:
    """With 1,500,000 in the pool the answer is the same; counted, it would be 11,000,000 / 11,500,000 = 0.9565."""
    pool = ISSUE | {"reserved_pool": 1_500_000}
    assert price("NVCA-BROAD-BASED", pool) == 0.95
    count = ["adjust.issue_below_price.count", "common, series, preferred, options, convertibles, reserved_pool"]
    assert price([["id", "NVCA-BROAD-BASED"], count], pool) == 0.9565


def test_broad_based_rounds_to_a_hundredth_of_a_cent() -> None:
    """(9,000,000 + 120,000) / 9,300,000 = 0.980645..., to 0.9806."""
    assert price("NVCA-BROAD-BASED", ISSUE | {"shares": 300_000, "cash": 120_000}) == 0.9806


def test_narrow_based_counts_the_series() -> None:
    """(2,000,000 + 500,000) / (2,000,000 + 1,000,000) = 0.83333..., to 0.8333."""
    assert price("NARROW-BASED", ISSUE) == 0.8333


def test_full_ratchet_falls_to_the_price_of_the_issue() -> None:
    """500,000 / 1,000,000 = 0.50, and no other count matters: a thousandth of the shares does as much."""
    assert price("FULL-RATCHET", ISSUE) == 0.5
    assert price("FULL-RATCHET", ISSUE | {"shares": 1_000, "cash": 500}) == 0.5


@pytest.mark.parametrize("form", ["NVCA-BROAD-BASED", "NARROW-BASED", "FULL-RATCHET"])
def test_an_issue_at_the_price_changes_nothing(form: str) -> None:
    """1.00 is not below 1.00."""
    assert price(form, ISSUE | {"cash": 1_000_000}) == 1


@pytest.mark.parametrize("form", ["NVCA-BROAD-BASED", "NARROW-BASED", "FULL-RATCHET"])
@pytest.mark.parametrize("exempt", ["employees", "4.4.1(d)(iii)"])
def test_exempted_securities_change_nothing(form: str, exempt: str) -> None:
    """Named by key or by paragraph."""
    assert price(form, ISSUE | {"exempt": exempt}) == 1


@pytest.mark.parametrize(("second", "answer"), [("2025-04-10", 0.95), ("2025-04-11", 0.9502)])
def test_closings_within_ninety_days_are_one_issue(second: str, answer: float) -> None:
    """On the 90th day as though all had been sold on the first day, 0.95; on the 91st one after the other.

    One after the other: 9,300,000 / 9,600,000 = 0.96875, to 0.9688. Then 2,000,000 Series A count as 2,064,409.58 and A
    is 6,600,000 + 2,064,409.58 + 1,000,000 = 9,664,409.58; 200,000 / 0.9688 = 206,440.96;
    0.9688 × 9,870,850.54 / 10,064,409.58 = 0.950168, to 0.9502.
    """
    first = ISSUE | {"shares": 600_000, "cash": 300_000, "closing": "A-1"}
    later = ISSUE | {
        "date": second,
        "shares": 400_000,
        "cash": 200_000,
        "closing": "A-1",
        "common_outstanding": 6_600_000,
    }
    assert price("NVCA-BROAD-BASED", first, later) == answer


def test_options_count_when_granted() -> None:
    """(100,000 + 400,000) / 1,000,000 = 0.50 a share, as though the shares had been sold: 0.95."""
    assert price("NVCA-BROAD-BASED", OPTION) == 0.95


def test_what_expires_was_never_issued() -> None:
    """Half exercised for 200,000, the rest expired: 500,000 shares for 200,000 and half of the grant's 100,000.

    (9,000,000 + 250,000) / 9,500,000 = 0.973684..., to 0.9737; with all of the grant's money it would be 0.9789.
    """
    half = {"event": "exercise", "date": "2025-03-03", "refers_to": "W", "shares": 500_000, "cash": 200_000}
    rest = {"event": "expiry", "date": "2025-06-02", "refers_to": "W"}
    assert price("NVCA-BROAD-BASED", OPTION, half, rest) == 0.9737
    grant = ["adjust.issue_below_price.deemed.grant_money", "all"]
    block = [["id", "NVCA-BROAD-BASED"], grant]
    assert price(block, OPTION, half, rest) == 0.9789


@pytest.mark.parametrize(("exercise_money", "answer"), [(600_000, 0.97), (2_000_000, 1.0)])
def test_revised_terms_count_from_the_grant_under_a_ceiling(exercise_money: int, answer: float) -> None:
    """0.70 a share: (9,000,000 + 700,000) / 10,000,000 = 0.97. At 2.10 a share: what it was before, and no more."""
    revised = {"event": "terms_change", "date": "2025-06-02", "refers_to": "W", "min_exercise": exercise_money}
    assert price("NVCA-BROAD-BASED", OPTION, revised) == answer
    assert price("NVCA-BROAD-BASED", OPTION, revised | {"by": "agreement"}) == answer


def test_changes_against_dilution_do_not_count() -> None:
    """4.4.3(b) leaves them out; a certificate that does not would have (9,000,000 + 300,000) / 10,000,000 = 0.93."""
    changed = {
        "event": "terms_change", "date": "2025-06-02", "refers_to": "W", "min_exercise": 200_000, "by": "antidilution",
    }  # fmt: skip
    assert price("NVCA-BROAD-BASED", OPTION, changed) == 0.95
    block = [["id", "NVCA-BROAD-BASED"], ["adjust.issue_below_price.deemed.antidilution", True]]
    assert price(block, OPTION, changed) == 0.93


def test_an_instrument_that_adjusted_nothing_counts_from_its_revision() -> None:
    """Granted at 1.20, nothing; cut to 0.50 when 8,000,000 Common are outstanding, it counts among what is there then.

    A = 8,000,000 + 2,000,000 + 1,000,000: (11,000,000 + 500,000) / 12,000,000 = 0.958333..., to 0.9583. Computed anew
    from its grant it would be 0.95.
    """
    dear = OPTION | {"cash": 0, "min_exercise": 1_200_000}
    assert price("NVCA-BROAD-BASED", dear) == 1
    cut = COUNTS | {
        "event": "terms_change", "date": "2025-06-02", "refers_to": "W", "min_exercise": 500_000,
        "common_outstanding": 8_000_000,
    }  # fmt: skip
    assert price("NVCA-BROAD-BASED", dear, cut) == 0.9583
    block = [["id", "NVCA-BROAD-BASED"], ["adjust.issue_below_price.deemed.unadjusted_revision", "at_grant"]]
    assert price(block, dear, cut) == 0.95


@pytest.mark.parametrize("by", ["terms", "agreement"])
def test_an_instrument_older_than_the_series_counts_from_its_revision(by: str) -> None:
    """4.4.3(c): options on a million shares, cut to 0.50, as though issued that day: 0.95."""
    cut = COUNTS | {
        "event": "terms_change", "date": "2025-06-02", "shares": 1_000_000, "min_exercise": 500_000, "by": by,
    }  # fmt: skip
    assert price("NVCA-BROAD-BASED", cut) == 0.95


def test_a_consideration_of_nothing_under_a_ratchet_is_an_error() -> None:
    """The form takes $.001 for all the shares; that is for the user to say."""
    with pytest.raises(XlcapError, match="effective price is 0"):
        price("FULL-RATCHET", ISSUE | {"cash": 0})


# --- liquidation ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "proceeds", "common", "series"),
    [
        # 2,000,000 preferred, more than a quarter of 5,000,000; a quarter of 16,000,000 is more
        ("NON-PARTICIPATING-1X", 5_000_000, 3_000_000, 2_000_000),
        ("NON-PARTICIPATING-1X", 16_000_000, 12_000_000, 4_000_000),
        # 2,000,000 and a quarter of the other 3,000,000
        ("PARTICIPATING-CAP-2X", 5_000_000, 2_250_000, 2_750_000),
        # 2,000,000 and a quarter of 10,000,000 would be 4,500,000: capped at 4,000,000, as converted 3,000,000
        ("PARTICIPATING-CAP-2X", 12_000_000, 8_000_000, 4_000_000),
        # a quarter of 20,000,000 is more than the cap
        ("PARTICIPATING-CAP-2X", 20_000_000, 15_000_000, 5_000_000),
        # 2,000,000 and a quarter of 18,000,000
        ("FULL-PARTICIPATING", 20_000_000, 13_500_000, 6_500_000),
    ],
)
def test_preference_and_participation(form: str, proceeds: int, common: int, series: int) -> None:
    """Series A is a quarter of the shares as converted."""
    assert payouts(form, proceeds) == [common, series]


def test_a_shortfall_goes_to_the_preferred() -> None:
    """Of 1,500,000 nothing is left for the Common."""
    assert payouts("NVCA-BROAD-BASED", 1_500_000) == [0, 1_500_000]


# --- dividends, redemption, pay-to-play ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "accrued"),
    [
        ("2026-01-01", 0.08),  # 365 days
        ("2027-01-01", 0.1664),  # 1.08 × 1.08 - 1
        ("2027-03-15", 0.1850624),  # and 73 of 365 days on 1.1664: 1.1664 × 0.016 = 0.0186624
    ],
)
def test_cumulative_dividends_compound_every_year(day: str, accrued: float) -> None:
    """Arrears bear dividends from each anniversary of the share's issue on 1 January 2025."""
    assert call("ACCRUED_DIVIDENDS", ["CUMULATIVE-COMPOUNDING", day, "2025-01-01"]) == pytest.approx(accrued, rel=1e-14)


def test_accrued_dividends_are_part_of_the_preference() -> None:
    """2,000,000 × (1 + 0.1664) = 2,332,800 of 5,000,000, more than a quarter of it."""
    assert payouts("CUMULATIVE-COMPOUNDING", 5_000_000, accrued=0.1664) == [2_667_200, 2_332_800]


def test_accrued_dividends_end_on_conversion() -> None:
    """Of 20,000,000 a quarter, 5,000,000, is more than 2,332,800, and brings no dividends with it."""
    assert payouts("CUMULATIVE-COMPOUNDING", 20_000_000, accrued=0.1664) == [15_000_000, 5_000_000]


def test_three_instalments_redeem_everything() -> None:
    """A third of 1,000 is 333, half of the other 667 is 333, and the rest 334, at 1.00 and 0.10 declared."""
    dates = {"first": "2030-01-15", "second": "2031-01-15", "third": "2032-01-15"}
    block = [["id", "REDEMPTION-3-INSTALMENTS"]]
    block += [[f"redemption.instalments.{name}.date", day] for name, day in dates.items()]
    table = call("REDEMPTION_SCHEDULE", [block, 1000, 0.1])
    assert isinstance(table, list)
    assert [row[1:] for row in table[1:]] == [[333, 1.1, 366.3, 667], [333, 1.1, 366.3, 334], [334, 1.1, 367.4, 0]]


def test_an_instalment_without_its_date_says_so() -> None:
    """The form leaves the dates open."""
    with pytest.raises(
        XlcapError, match=r"redemption\.instalments\.first\.date: the certificate leaves this date open"
    ):
        call("REDEMPTION_SCHEDULE", ["REDEMPTION-3-INSTALMENTS", 1000])


@pytest.mark.parametrize(
    ("shortfall", "kept", "converted", "common"),
    [
        # 200,000 of 300,000 are not bought: two thirds of 600,000 convert, at 1.00 / 0.95 into 421,052.63
        ("portion", 200_000, 400_000, 421_052),
        # all 600,000 convert, into 631,578.95
        ("all", 0, 600_000, 631_578),
    ],
)
def test_who_does_not_pay_does_not_play(shortfall: str, kept: int, converted: int, common: int) -> None:
    """A holder of 600,000 who buys 100,000 of the 300,000 offered."""
    holders = [["holder", "shares", "entitled", "bought", "price"], ["X", 600_000, 300_000, 100_000, 0.95]]
    table = call("PAY_TO_PLAY", [[["id", "PAY-TO-PLAY"], ["pay_to_play.shortfall", shortfall]], holders])
    assert isinstance(table, list)
    assert table[1][:5] == ["X", kept, converted, "Common", common]


# --- votes and automatic conversion --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("offered", "split", "met"),
    [(3, 1, True), ("2.99", 1, False), ("1.50", 2, True), ("1.49", 2, False)],
)
def test_a_public_offering_converts_all_at_three_times_the_issue_price(offered: object, split: int, met: bool) -> None:
    """At least 3 × 1.00 a share, and after a split of two for one 1.50; the 50,000,000 is met."""
    table = call("AUTOMATIC_CONVERSION_TEST", ["NVCA-BROAD-BASED", None, None, None, None, offered, 50_000_000, split])
    assert isinstance(table, list)
    (answer,) = [dict(zip(table[0], row, strict=True)) for row in table if "5.1(a)" in row]
    assert answer["Met"] is met


def test_a_majority_is_more_than_half() -> None:
    """1,000,000 of 2,000,000 are none, one share more is; as for every matter of 3.3."""
    assert call("CONSENT_MET", ["NVCA-BROAD-BASED", "new_series", 1_000_000, 2_000_000]) is False
    assert call("CONSENT_MET", ["NVCA-BROAD-BASED", "new_series", 1_000_001, 2_000_000]) is True


def test_series_a_elects_a_director() -> None:
    """One of five; the others are left."""
    seats = call("DIRECTOR_SEATS", ["NVCA-BROAD-BASED", 5, [["class", "shares"], ["Series A", 2_000_000]]])
    assert isinstance(seats, list)
    assert [row[:2] for row in seats[1:]] == [["Series A", 1], ["Common", 4]]
