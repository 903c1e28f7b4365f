"""The conversion price a share starts with, before anything adjusts it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from xlcap.engine.market import initial_average
from xlcap.engine.schedule import Units
from xlcap.errors import XlcapError
from xlcap.events import Event
from xlcap.numbers import exact, guarded, show
from xlcap.prices import Quote
from xlcap.terms import Terms


@exact
def initial_price(
    terms: Terms,
    issue_date: dt.date | None = None,
    quotes: Sequence[Quote] = (),
    events: Sequence[Event] = (),
    stated: Decimal | None = None,
) -> Decimal:
    """The initial conversion price: the certificate's, or for shares with prices of their own the lesser of it and an
    average of the trading days before their issue (3(c)).

    ``stated`` is a price already known for these shares.
    """
    conversion = terms.conversion
    if not conversion.per_tranche:
        for name, given in (("issue_date", issue_date), ("initial_price", stated)):
            if given is not None:
                raise XlcapError(
                    f"{terms.id} has one price for all its shares; leave it blank", where=f"argument '{name}'"
                )
        return conversion.initial_price
    ceiling = conversion.initial_price
    if conversion.prior_event_adjustment == "splits" and issue_date is not None:
        ceiling /= Units(terms, events, None, dividends=True).before(issue_date)
    average = conversion.initial_average
    if stated is not None:
        if average is not None and guarded(stated) > guarded(ceiling):
            raise XlcapError(
                f"{show(stated)} is above {show(ceiling)}, and a share's initial price is the lesser of that and an "
                f"average ({average.clause})",
                where="argument 'initial_price'",
                code="#NUM!",
            )
        return stated
    if average is None:
        return ceiling
    if issue_date is None:
        raise XlcapError(
            f"is required: a share's initial price is the lesser of {show(ceiling)} and the average of the "
            f"{average.days} trading days before its issue ({average.clause}); or give initial_price",
            where="argument 'issue_date'",
        )
    if not quotes:
        raise XlcapError(
            f"is required, with volumes: a share's initial price is the lesser of {show(ceiling)} and the average of "
            f"the {average.days} trading days before its issue ({average.clause}); or give initial_price",
            where="argument 'prices'",
        )
    return min(ceiling, initial_average(terms, quotes, issue_date).value)
