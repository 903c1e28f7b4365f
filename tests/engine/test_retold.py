"""A price that is worked out anew shows how: the steps of the story as it is then told, for the certificate."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from hypothesis import given
from issue_oracle import Rules
from oracle import table
from test_issue_properties import START, told

from xlcap.engine.price import timeline
from xlcap.errors import XlcapError
from xlcap.events import read_events
from xlcap.functions import call
from xlcap.terms import load


@given(told())
def test_the_last_step_told_again_ends_where_the_price_goes_on(drawn: tuple[Rules, list[dict[str, Any]]]) -> None:
    """What is carried with it; and where nothing computes any more, nothing is shown."""
    rules, rows = drawn
    terms = load(rules.base)
    shares: Any = {}
    if terms.conversion.per_tranche:
        shares = {"issue_date": START - dt.timedelta(days=100), "initial_price": Decimal(rules.initial)}
    try:
        steps = timeline(terms, read_events(table(rows)), **shares).steps()
    except XlcapError:
        return
    for step in steps:
        again = step.retold()
        if again:
            assert (again[-1].price, again[-1].carried) == (step.price, step.carried)


def test_certificate_of_a_readjustment_computes() -> None:
    """The 5% dividend of which half was paid: 1.75 x 1,000,000 / 1,025,000 = 1.70731..., as of its record date."""
    events = [
        ["event", "date", "id", "common_outstanding", "shares", "payment_date", "refers_to"],
        ["stock_dividend", "2001-12-03", "SD", 1_000_000, 50_000, "2001-12-20", None],
        ["dividend_paid", "2001-12-20", None, None, 25_000, None, "SD"],
    ]
    told = dict(call("ADJUSTMENT_CERTIFICATE", ["VALUESTAR-B", events, "2001-12-31"]))
    assert told["Computed anew: stock dividend (SD)"] == (
        "2001-12-03: 1.75 × 1,000,000 / (1,000,000 + 25,000) = 1.707317073171"
    )
