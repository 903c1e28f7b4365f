"""The conversion price from events: the price, its history, what is carried, and the certificate of adjustment."""

from decimal import Decimal
from typing import Annotated, Any, cast

from xlcap.engine.certificate import adjustment_certificate as certificate_of
from xlcap.engine.certificate import statement as statement_of
from xlcap.engine.initial import initial_price as starting_price
from xlcap.engine.price import price_at, timeline
from xlcap.engine.reduction import reduction_test
from xlcap.engine.trace import SLOT_WORDS, Moment, Step
from xlcap.functions.arguments import CapTable, Certificate, Date, Events, Positive, Prices, Text, TimeOfDay
from xlcap.functions.registry import function
from xlcap.terms import Slot

TOPIC = "Conversion price from events"

EventTable = Annotated[Events, "events table with a header row: event, date and the columns the event uses"]
AsOf = Annotated[Date, "the day asked about"]
Closes = Annotated[Prices, "price table with a header row (date, close); needed where an event states no price"]
Time = Annotated[TimeOfDay, "time of that day: pre_open, open, post_open, intraday, pre_close or close (the default)"]
KnownAt = Annotated[
    Date, "only facts known on this day count, restated where the certificate says so; blank: all, as then published"
]
IssueDate = Annotated[Date, "day these shares were issued, where shares have prices of their own (PATRON-B)"]
InitialPrice = Annotated[Positive, "their initial price, if known; blank: from issue_date, prices and volumes"]
Counts = Annotated[CapTable, "cap table on the day before the first event, for share counts the events leave blank"]


@function(TOPIC)
def initial_conversion_price(
    terms: Certificate,
    issue_date: IssueDate | None = None,
    prices: Annotated[Prices, "price table with a header row: date, close, volume"] = (),
    events: Annotated[Events, "events table, for terms that adjust the initial price for earlier splits"] = (),
) -> Decimal:
    """Conversion price of a share before any adjustment, dollars a share of Common.

    Source: PriceSmart VI.A; Valuestar D.1; Patron 3(c): the lesser of 2.40 and the average of the ten trading days
    before the share's issue, weighted by volume. Errors: an issue date or volumes missing where they are needed.

    >>> from xlcap.functions import call
    >>> call("INITIAL_CONVERSION_PRICE", ["PRICESMART-B"])
    20.0
    >>> days = [["date", "close", "volume"], *([f"2006-10-{day}", 1.95, 5000] for day in range(16, 28))]
    >>> call("INITIAL_CONVERSION_PRICE", ["PATRON-B", "2006-10-28", days])
    1.95
    """
    return starting_price(terms, issue_date, prices, events)


@function(TOPIC)
def conversion_price(
    terms: Certificate,
    events: EventTable,
    as_of: AsOf,
    prices: Closes = (),
    time_of_day: Time = "close",
    known_at: KnownAt | None = None,
    issue_date: IssueDate | None = None,
    initial_price: InitialPrice | None = None,
    cap_table: Counts = (),
) -> Decimal:
    """Conversion price in effect on a day at a time of day, after every event up to then, dollars a share of Common.

    Source: PriceSmart VI.E(1) to (8) and VI.I; Valuestar D.3 to D.8; Patron 3(c), 3(e): each event at the time its
    clause names, thresholds, carried amounts and rounding as the certificate has them. Errors: a fault in a table, with
    its row and column; a day before issue; a market price or a count that is needed and not there; an adjustment that
    would leave a price of zero or less.

    >>> from xlcap.functions import call
    >>> events = [["event", "date", "common_outstanding", "shares"], ["stock_dividend", "2004-03-10", 7e6, 7e5]]
    >>> call("CONVERSION_PRICE", ["PRICESMART-B", events, "2004-03-10"])
    20.0
    >>> call("CONVERSION_PRICE", ["PRICESMART-B", events, "2004-03-11"])
    18.18
    """
    history = timeline(
        terms, events, prices, known_at, issue_date=issue_date, initial_price=initial_price, holdings=cap_table
    )
    return price_at(history, as_of, cast(Slot, time_of_day))


@function(TOPIC)
def carried_adjustment(
    terms: Certificate,
    events: EventTable,
    as_of: AsOf,
    prices: Closes = (),
    time_of_day: Time = "close",
    known_at: KnownAt | None = None,
    issue_date: IssueDate | None = None,
    initial_price: InitialPrice | None = None,
    cap_table: Counts = (),
) -> Decimal:
    """Adjustments too small to be made so far and carried forward: the price with them, less the price, dollars.

    Source: PriceSmart VI.E(8); Patron 3(e)(vii). Errors as for CONVERSION_PRICE.

    >>> from xlcap.functions import call
    >>> events = [["event", "date", "common_outstanding", "shares"], ["stock_dividend", "2004-03-10", 1990000, 10000]]
    >>> call("CARRIED_ADJUSTMENT", ["PRICESMART-B", events, "2004-03-11"])
    -0.1
    """
    history = timeline(
        terms, events, prices, known_at, issue_date=issue_date, initial_price=initial_price, holdings=cap_table
    )
    state = history.state(Moment.at(as_of, cast(Slot, time_of_day)))
    return state.theoretical - state.base


HISTORY_HEADER = (
    "Date",
    "Time",
    "Clause",
    "Event",
    "Outcome",
    "Price before",
    "Unrounded",
    "Rounded",
    "Price",
    "Carried",
    "Computation",
    "Inputs",
)


@function(TOPIC)
def conversion_history(
    terms: Certificate,
    events: EventTable,
    prices: Closes = (),
    as_of: AsOf | None = None,
    known_at: KnownAt | None = None,
    issue_date: IssueDate | None = None,
    initial_price: InitialPrice | None = None,
    cap_table: Counts = (),
) -> list[list[Any]]:
    """Every step of the conversion price up to a day: when, under which clause, from what, to what, and why.

    One row for each thing that happened, also where nothing changed. Price is what is in effect afterwards; Unrounded
    is what the clause computes; Carried is what the next adjustment starts from, less Price. Source and errors as for
    CONVERSION_PRICE.

    >>> from xlcap.functions import call
    >>> events = [["event", "date", "ratio"], ["split", "2004-06-14", 2]]
    >>> call("CONVERSION_HISTORY", ["PRICESMART-B", events])[1][1:7]
    ['immediately after opening', 'VI.E(2)', 'split (row 1)', 'adjusted', 20.0, 10.0]
    """
    until = Moment.at(as_of, "close") if as_of else None
    history = timeline(
        terms, events, prices, known_at, issue_date=issue_date, initial_price=initial_price, holdings=cap_table
    )
    steps = history.steps(until)
    return [list(HISTORY_HEADER), *map(_history_row, steps)]


def _history_row(step: Step) -> list[Any]:
    return [
        step.moment.date,
        SLOT_WORDS[step.moment.slot],
        step.clause,
        step.event,
        step.outcome.value,
        step.before,
        step.unrounded,
        step.rounded,
        step.price,
        step.carried,
        "; ".join(text for text in (step.formula, step.reason) if text),
        step.inputs_in_words,
    ]


@function(TOPIC)
def adjustment_certificate(
    terms: Certificate,
    events: EventTable,
    as_of: AsOf,
    prices: Closes = (),
    event_id: Annotated[Text, "id of the event to certify; blank: the last that changed the price up to the day"]
    | None = None,
    known_at: KnownAt | None = None,
    issue_date: IssueDate | None = None,
    initial_price: InitialPrice | None = None,
    cap_table: Counts = (),
) -> list[list[Any]]:
    """The certificate of an adjustment: the facts, the clause, the computation step by step, the adjusted price.

    Two columns, to be printed as they stand. Source: PriceSmart VI.E(9), with the date by which holders must have the
    notice; Valuestar D.9; Patron 3(g). Errors: nothing changed the price up to the day (#N/A); otherwise as for
    CONVERSION_PRICE.

    >>> from xlcap.functions import call
    >>> events = [["event", "date", "ratio"], ["split", "2004-06-14", 2]]
    >>> dict(call("ADJUSTMENT_CERTIFICATE", ["PRICESMART-B", events, "2004-12-31"]))["Conversion price as adjusted"]
    10.0
    """
    history = timeline(
        terms, events, prices, known_at, issue_date=issue_date, initial_price=initial_price, holdings=cap_table
    )
    return certificate_of(history, as_of, event_id)


@function(TOPIC)
def conversion_statement(
    terms: Certificate,
    events: EventTable,
    as_of: AsOf,
    prices: Closes = (),
    known_at: KnownAt | None = None,
    issue_date: IssueDate | None = None,
    initial_price: InitialPrice | None = None,
    cap_table: Counts = (),
) -> list[list[Any]]:
    """What a holder may ask for: the price in effect, each change so far, what one share delivers on conversion.

    Two columns, to be printed as they stand; also where nothing has been adjusted. Source: Patron 3(g), its second
    sentence. Errors as for CONVERSION_PRICE.

    >>> from xlcap.functions import call
    >>> rows = call("CONVERSION_STATEMENT", ["VALUESTAR-B", None, "2000-06-30"])
    >>> rows[-2:]
    [['Conversion price in effect', 1.75], ['One share delivers: Common, shares (D.1)', 10.0]]
    """
    history = timeline(
        terms, events, prices, known_at, issue_date=issue_date, initial_price=initial_price, holdings=cap_table
    )
    return statement_of(history, as_of)


@function(TOPIC)
def price_reduction_test(
    terms: Certificate,
    first_day: Annotated[Date, "first day of the temporary reduction"],
    last_day: Annotated[Date, "last day of the temporary reduction"],
    notice_day: Annotated[Date, "day the notice to holders was mailed"],
) -> list[list[Any]]:
    """Whether a temporary reduction of the conversion price is long enough and announced early enough.

    A row with the verdict, the days of the period (both ends counted), the days of notice, and what is missing.
    Source: PriceSmart VI.E(7).

    >>> from xlcap.functions import call
    >>> call("PRICE_REDUCTION_TEST", ["PRICESMART-B", "2004-08-01", "2004-08-20", "2004-07-17"])[1]
    [True, 20, 15, '']
    """
    test = reduction_test(terms, first_day, last_day, notice_day)
    return [["Valid", "Days", "Notice days", "Reason"], [test.valid, test.days, test.notice_days, test.reason]]
