"""Every stable set of decisions at an exit: how many, and that all of them pay what WATERFALL pays."""

from __future__ import annotations

from typing import Any

import pytest
from exits import table

from xlcap.errors import XlcapError
from xlcap.functions import call

COMMON = {"class": "Common", "kind": "common", "shares": 10000000}
SERIES_B = {"class": "Series B", "kind": "preferred", "shares": 20000, "terms": "PRICESMART-B", "conversion_price": 20}
SENIOR = {"class": "Series A", "kind": "preferred", "shares": 20000, "seniority": 2, "preference": 20000000}
PRICESMART = table({**COMMON, "shares": 7000000}, SERIES_B, {**SENIOR, "conversion_price": 37.5})
VALUESTAR = table(
    COMMON,
    {"class": "Series B", "kind": "preferred", "shares": 500000, "terms": "VALUESTAR-B", "conversion_price": 1.75},
    {**SENIOR, "shares": 600000, "preference": 3000000},
)
DECLARED = table(COMMON, {"class": "Series B", "kind": "preferred", "shares": 500000, "terms": "VALUESTAR-B",
                          "conversion_price": 1.75, "accrued": 1.4})  # fmt: skip
PATRON = table(
    COMMON,
    {"class": "Series B", "kind": "preferred", "shares": 1000, "terms": "PATRON-B", "conversion_price": 2.4,
     "accrued": 500},
    {**SENIOR, "shares": 600, "preference": 3000000, "seniority": 3},
    {**SENIOR, "class": "Pari Passu", "shares": 1000, "preference": 2125000, "seniority": 2},
    {**SENIOR, "class": "Series A-1", "shares": 1000, "preference": 1000000, "seniority": 1},
)  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "proceeds", "count"),
    [
        # a class that gets nothing either way is indifferent; so is one at the exit where it crosses over
        *[(VALUESTAR, p, n) for p, n in ((0, 2), (2e6, 2), (3e6, 2), (8e6, 1), (11.75e6, 1), (11750001, 1))],
        *[(DECLARED, p, 1) for p in (9.45e6, 26.1e6, 26100001, 45000001)],
        *[(PATRON, p, n) for p, n in ((3e6, 2), (7.5e6, 1), (12e6, 1), (12.5e6, 1), (14e6, 1))],
        *[(PRICESMART, p, n) for p, n in ((19999999, 2), (20e6, 2), (40e6, 1), (40000001, 1), (179999999, 1))],
        *[(PRICESMART, p, n) for p, n in ((180e6, 2), (180000001, 1), (319999999, 1), (320e6, 2), (320000001, 1))],
    ],
)
def test_how_many_answers_are_stable(rows: list[list[Any]], proceeds: float, count: int) -> None:
    """The scenarios VS-19, VS-21, PT-22 and PS-23: as many as worked out, all of one payoff, nothing left over."""
    header, *answers = call("EQUILIBRIA", [proceeds, rows])  # type: ignore[misc]  # a table
    assert len(answers) == count
    paid = [row[1] for row in call("WATERFALL", [proceeds, rows, None, "none"])[1:]]  # type: ignore[index]  # a table
    assert [row[2:-1] for row in answers] == [paid] * count
    assert {row[-1] for row in answers} == {0.0}
    assert [row[1] for row in answers] == [True] + [False] * (count - 1)
    assert header[:2] == ["Converting", "Taken"]


def test_where_decisions_have_an_order_it_says_so() -> None:
    """A class that takes another with it is no decision among equals."""
    linked = [*VALUESTAR[:3], [*VALUESTAR[3]]]
    linked[0] = [*linked[0], "as_converted"]
    linked = [linked[0], *([*row, 600000 if row[0] == "Series A" else None] for row in linked[1:])]
    with pytest.raises(XlcapError, match="cap_table: is answered where each class decides for itself"):
        call("EQUILIBRIA", [8e6, linked])


def test_more_deciders_than_can_be_tried() -> None:
    """Thirteen classes decide in 8,192 ways."""
    series = [{**SENIOR, "class": f"Series {i}", "as_converted": 100000 + i} for i in range(13)]
    with pytest.raises(XlcapError, match=r"cap_table: has 13 classes or holders that decide; .* for 12 at most"):
        call("EQUILIBRIA", [8e6, table(COMMON, *series)])
