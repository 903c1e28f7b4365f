"""A proposed round: its price, what it does to the conversion price of every series, and who owns what afterwards.

Everything follows from one number, the price of the new shares. Given it, whatever the round issues is so many shares
for so much; every series is adjusted by its own terms from the same counts, those before the round, so that none is
adjusted after another; and the shares add up. Where the pre-money valuation is given instead, the price is the one at
which the shares it pays for are worth exactly that. Their worth rises with the price, also where the adjustment shares
are among them, so that at most one price fits but where a series begins to be adjusted.

A round is one issue of several parts: new shares, SAFEs and notes that convert in it, options repriced with it. Each
part is tested at its own effective price; those below a series' price enter its formula together, a ratchet at the
lowest of them. The price is solved on conversion prices as the formula leaves them; thresholds, rounding and whole
shares come after it.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

from xlcap.captable import Holding, share_rows
from xlcap.engine.adjustment import Fraction, Outstanding, full_ratchet, weighted_average, weighted_average_after
from xlcap.engine.capitalization import COUNTED_AS
from xlcap.engine.exemptions import exemption
from xlcap.engine.issues import COLUMNS, Sold
from xlcap.engine.proposal import COUNTS, Converting, Proposal, Repriced
from xlcap.engine.state import State, is_made, price_rounding, under
from xlcap.errors import XlcapError
from xlcap.numbers import ONE, WHOLE, ZERO, Rounding, exact, guarded, show
from xlcap.tables import header_name, place
from xlcap.terms import Terms
from xlcap.terms.rules import Counted, IssueRule

_WORDS = Rounding(6)
# Nearer to a price than the guard digits tell apart; the worth of a price found is exact to fewer than these.
_JUST_BELOW = Decimal("0." + 37 * "9")
_NEARLY = Decimal("1e-43")


class Part(NamedTuple):
    """A part of the round at a price: so many shares, for so much."""

    name: str
    shares: Decimal
    money: Decimal
    expenses: Decimal = ZERO
    exempt: str | None = None
    converts: Converting | None = None
    repriced: Repriced | None = None


class Treatment(NamedTuple):
    """How a certificate takes a part: as issued, as outstanding before the round, or as neither."""

    sold: Sold | None
    outstanding: Decimal = ZERO
    note: str = ""


class Series(NamedTuple):
    """A row of preferred stock that a rule protects, and the shares its rule counts before the round."""

    holding: Holding
    rule: IssueRule
    price: Decimal
    before: Outstanding

    @property
    def terms(self) -> Terms | None:
        return self.holding.governed_by


class Change(NamedTuple):
    """What the round does to the price of a series."""

    price: Decimal
    clause: str
    computation: str
    counted: str = ""


class Line(NamedTuple):
    """One class before the round and after it."""

    name: str
    shares_before: Decimal
    common_before: Decimal
    shares_after: Decimal
    common_after: Decimal
    price_before: Decimal | None = None
    price_after: Decimal | None = None
    clause: str = ""
    computation: str = ""
    counted: str = ""


class Result(NamedTuple):
    """A round as it comes out."""

    lines: tuple[Line, ...]
    price: Decimal
    shares: Decimal
    money: Decimal
    """Paid for the new shares, which are whole where the question says so."""
    left_over: Decimal
    pre_money: Decimal
    """The valuation by which the shares are priced, given or implied by the price."""

    @property
    @exact
    def common_before(self) -> Decimal:
        return sum((line.common_before for line in self.lines), ZERO)

    @property
    @exact
    def common_after(self) -> Decimal:
        return sum((line.common_after for line in self.lines), ZERO)


class Round:
    """A proposed round on a cap table."""

    def __init__(self, holdings: Sequence[Holding], proposal: Proposal) -> None:
        self.holdings = share_rows(holdings)
        self.proposal = proposal
        self._repriced = [(entry, _options(self.holdings, entry)) for entry in proposal.repriced]
        self._protected = {holding.row: series for holding in self.holdings if (series := self._series(holding))}
        self._check_names()

    # --- before the round ------------------------------------------------------------------------------------------

    @cached_property
    @exact
    def before(self) -> Decimal:
        """All shares before the round, the reserve included."""
        return sum((holding.common for holding in self.holdings), ZERO)

    @cached_property
    @exact
    def _pool(self) -> Decimal:
        return sum((holding.shares for holding in self.holdings if header_name(holding.kind) == "pool"), ZERO)

    def _series(self, holding: Holding) -> Series | None:
        rule = self._rule(holding)
        if rule is None:
            return None
        if holding.conversion_price is None:
            raise holding.fault("is blank: the round may adjust this series; give the price in effect",
                                "conversion_price")  # fmt: skip
        return Series(holding, rule, holding.conversion_price, self._outstanding(holding, rule))

    def _rule(self, holding: Holding) -> IssueRule | None:
        """The rule that protects a row: its certificate's, or with the formula that is tried on it."""
        if not holding.is_preferred:
            return None
        own = holding.governed_by.adjust.issue_below_price if holding.governed_by else None
        formula, named = self.proposal.formula, {header_name(name) for name in self.proposal.series}
        if formula == "certificate" or (named and header_name(holding.class_) not in named):
            return own
        if formula == "none" or not holding.is_convertible:
            return None
        tried = formula.replace("_", " ")
        clause = f"{tried} instead of {own.clause}" if own else tried
        rule = own or IssueRule(clause=clause, effective="close", formula="FULL_RATCHET", exempt={})
        if formula == "full_ratchet":
            return dataclasses.replace(rule, clause=clause, formula="FULL_RATCHET")
        count = self.proposal.count or COUNTS[formula]
        return dataclasses.replace(rule, clause=clause, formula="WEIGHTED_AVERAGE", count=count)

    @exact
    def _outstanding(self, holding: Holding, rule: IssueRule) -> Outstanding:
        """The shares before the round that a rule counts. All series are counted at their prices before it."""
        counts: dict[str, Decimal] = {}
        amount, besides = ZERO, ZERO
        for other in self.holdings:
            own = other.is_preferred and _same_series(other, holding)
            name: Counted = (
                "series" if own else "preferred" if other.is_preferred else COUNTED_AS[header_name(other.kind)]
            )
            if name not in rule.count:
                continue
            shares = other.common
            counts[COLUMNS[name]] = counts.get(COLUMNS[name], ZERO) + shares
            if own and other.conversion_price == holding.conversion_price:
                amount += other.converting
            else:
                besides += shares
        return Outstanding(besides, amount, counts)

    def _check_names(self) -> None:
        """Every class and every exemption that is named is there."""
        classes = {header_name(holding.class_) for holding in self.holdings if holding.is_preferred}
        for name in self.proposal.series:
            if header_name(name) not in classes:
                raise XlcapError(
                    f"the cap table has no preferred class '{name}'", where="argument 'series'", code="#N/A"
                )
        governed = [terms for holding in self.holdings if (terms := holding.governed_by) is not None]
        rules = [(terms, rule) for terms in governed if (rule := terms.adjust.issue_below_price) is not None]
        named = [(self.proposal.exempt, "argument 'exempt'")]
        named += [(entry.exempt, place("converting", entry.row, "exempt")) for entry in self.proposal.converting]
        named += [(entry.exempt, place("repriced", entry.row, "exempt")) for entry in self.proposal.repriced]
        for exempt, where in named:
            if exempt is None or not rules or any(_exempted(*each, exempt) for each in rules):
                continue
            try:
                exemption(*rules[0], exempt)
            except XlcapError as error:
                raise error.at(where) from None

    # --- the round at a price --------------------------------------------------------------------------------------

    @exact
    def converted(self, price: Decimal) -> list[Decimal]:
        """The shares each SAFE and note becomes: at its cap, its discount or the price, whichever gives the most.

        A post-money cap is divided by a count that holds what all of them become, so these are found together.
        """
        shares: list[Decimal] = []
        for entry in self.proposal.converting:
            each = price * (ONE - (entry.discount or ZERO)) if entry.price is None else entry.price
            if entry.valuation_cap is not None and not entry.is_post_money and self.before:
                each = min(each, entry.valuation_cap / self.before)
            shares.append(entry.amount / each)
        capped: set[int] = set()
        while True:
            part = sum((self._part_at_cap(i) for i in capped), ZERO)
            if part >= 1:
                raise self.proposal.converting[min(capped)].fault(
                    f"those that convert at a post-money cap would hold {show(part * 100)}% before the new money; "
                    "a part of the whole must be left", "valuation_cap",
                )  # fmt: skip
            rest = sum((count for i, count in enumerate(shares) if i not in capped), ZERO)
            capitalization = (self.before + rest) / (ONE - part)
            for i in capped:
                shares[i] = capitalization * self._part_at_cap(i)
            more = {
                i
                for i, entry in enumerate(self.proposal.converting)
                if i not in capped and entry.is_post_money
                and guarded(capitalization * self._part_at_cap(i)) > guarded(shares[i])
            }  # fmt: skip
            if not more:
                return shares
            capped |= more

    @exact
    def _part_at_cap(self, i: int) -> Decimal:
        entry = self.proposal.converting[i]
        return entry.amount / (entry.valuation_cap or ONE)

    def _parts(self, price: Decimal, new: Decimal, converted: Sequence[Decimal]) -> list[Part]:
        proposal = self.proposal
        parts = [Part("new shares", new, new * price, proposal.expenses, proposal.exempt)]
        for entry, shares in zip(proposal.converting, converted, strict=True):
            if shares:
                parts.append(Part(entry.instrument, shares, entry.amount, exempt=entry.exempt, converts=entry))
        for change, options in self._repriced:
            shares = options.shares if change.shares is None else change.shares
            parts.append(Part(f"{options.label} repriced", shares, change.strike * shares, exempt=change.exempt,
                              repriced=change))  # fmt: skip
        return parts

    def _treatment(self, series: Series, part: Part) -> Treatment:
        """How the certificate of a series takes a part of the round."""
        rule, terms = series.rule, series.terms
        left_out = _exempted(terms, rule, part.exempt) if terms is not None and part.exempt is not None else None
        if part.converts is not None:
            return self._conversion(rule, part, part.converts, left_out)
        if left_out:
            return Treatment(None, note=f"{part.name}: exempt under {left_out}")
        if part.repriced is not None:
            return self._repricing(rule, part, part.repriced)
        money = part.money - part.expenses if rule.expenses_deducted else part.money
        return Treatment(Sold(part.shares, money))

    def _conversion(self, rule: IssueRule, part: Part, entry: Converting, left_out: str | None) -> Treatment:
        """A SAFE or note that converts: an issue, or outstanding before the round.

        What was received when it was issued counts; debt that is cancelled counts besides only where the terms say so.
        """
        why = f"exempt under {left_out}" if left_out else ""
        if not why and entry.deemed_before and rule.deemed is not None:
            why = f"counted when it was issued ({rule.deemed.clause})"
        if why:
            return Treatment(None, part.shares if "convertibles" in rule.count else ZERO, f"{part.name}: {why}")
        if entry.received is None:
            return Treatment(Sold(part.shares, entry.amount))
        return Treatment(Sold(part.shares, entry.received + (entry.amount if rule.debt_cancellation_counts else ZERO)))

    def _repricing(self, rule: IssueRule, part: Part, change: Repriced) -> Treatment:
        """Options repriced: a reduction that is an issue by its own clause, or an amendment."""
        options = _options(self.holdings, change)
        if rule.repricing is not None:
            if change.strike >= (options.strike or ZERO):
                return Treatment(None, note=f"{part.name}: not reduced")
            received = change.received if rule.repricing.repricing_premium else ZERO
            return Treatment(Sold(part.shares, part.money + received))
        if rule.deemed is None or rule.deemed.amendment == "nothing":
            return Treatment(None, note=f"{part.name}: the certificate counts no amendment")
        if rule.deemed.amendment == "recompute" and rule.deemed.unadjusted_revision == "at_grant":
            raise change.fault(
                f"{rule.deemed.clause} computes the price anew from the day these options were issued, which a cap "
                "table does not tell; ask CONVERSION_PRICE with a table of events"
            )
        note = f"{part.name}: taken as having adjusted nothing when they were granted"
        return Treatment(Sold(part.shares, part.money + change.received), note=note)

    @exact
    def _fraction(self, series: Series, parts: Sequence[Part]) -> tuple[Fraction | None, Outstanding, list[str]]:
        """The formula of a series with its figures; none where nothing is issued below its price."""
        rule, price = series.rule, series.price
        treated = [(part, self._treatment(series, part)) for part in parts]
        notes = [treatment.note for _, treatment in treated if treatment.note]
        below = [(part.name, sold) for part, (sold, _, _) in treated
                 if sold is not None and guarded(sold.consideration) < guarded(price * sold.shares)]  # fmt: skip
        before = series.before
        outstanding = sum((treatment.outstanding for _, treatment in treated), ZERO)
        if outstanding:
            name = COLUMNS["convertibles"]
            counts = {**before.counts, name: before.counts.get(name, ZERO) + outstanding}
            before = Outstanding(before.besides + outstanding, before.series_amount, counts)
        if not below:
            return None, before, notes
        for name, sold in below:
            if sold.consideration < 0 or (not sold.consideration and rule.formula == "FULL_RATCHET"):
                raise series.holding.fault(
                    f"the effective price of the {name} would be {show(sold.consideration / sold.shares)} "
                    f"({rule.clause}): a conversion price cannot become that", "conversion_price", "#NUM!",
                )  # fmt: skip
        names = [f"{' and '.join(name for name, _ in below)} below {show(price)}"]
        if rule.formula == "FULL_RATCHET":
            lowest = min((sold for _, sold in below), key=lambda sold: sold.consideration / sold.shares)
            return full_ratchet(price, *lowest), before, names + notes
        shares = sum((sold.shares for _, sold in below), ZERO)
        money = sum((sold.consideration for _, sold in below), ZERO)
        if rule.fd_price == "after":
            return weighted_average_after(price, before, shares, money), before, names + notes
        after = None
        if rule.denominator == "as_counted":  # everything there is at the close of the day
            issued = sum((part.shares for part, treatment in treated if not treatment.outstanding), ZERO)
            after = before.at(price) + issued
        return weighted_average(price, before, shares, money, after=after), before, names + notes

    @exact
    def _computed(self, series: Series, parts: Sequence[Part]) -> Decimal:
        """The price of a series as the formula leaves it."""
        fraction, _, _ = self._fraction(series, parts)
        return fraction.apply(series.price) if fraction else series.price

    @exact
    def _change(self, series: Series, parts: Sequence[Part]) -> Change:
        """The price of a series as its certificate makes it: the least change, and rounding."""
        fraction, before, notes = self._fraction(series, parts)
        rule, terms, price = series.rule, series.terms, series.price
        if fraction is None:
            return Change(price, rule.clause, "; ".join([f"nothing is issued below {show(price)}", *notes]))
        computed = fraction.apply(price)
        start = "" if fraction.replaces else f"{show(price)} × "
        worded = fraction._replace(inputs={name: _WORDS(value) for name, value in fraction.inputs.items()})
        told = [notes[0], f"{start}{worded.formula} = {show(_WORDS(computed))}", *notes[1:]]
        counted = " + ".join(f"{name.replace('_', ' ')} {show(_WORDS(count))}" for name, count in before.counts.items())
        counted = "" if rule.formula == "FULL_RATCHET" else counted
        if terms is not None and not is_made(terms, State(price, price), computed):
            told.append(under("too small a change, carried forward", terms.policy.clause))
            return Change(price, rule.clause, "; ".join(told), counted)
        rounded = price_rounding(terms)(computed) if terms is not None else computed
        if rounded <= 0:
            raise series.holding.fault(
                f"the adjusted price {show(computed)} rounds to zero", "conversion_price", "#NUM!"
            )
        if rounded != computed:
            told.append(f"rounded to {show(rounded)}")
        return Change(rounded, rule.clause, "; ".join(told), counted)

    # --- its price -------------------------------------------------------------------------------------------------

    @exact
    def paid_for(self, price: Decimal) -> Decimal:
        """The shares the pre-money valuation pays for at a price; nothing is rounded."""
        new = self.proposal.new_money / price
        converted = self.converted(price)
        parts = self._parts(price, new, converted)
        held = sum(converted, ZERO)
        for holding in self.holdings:
            series = self._protected.get(holding.row)
            if series is None or not self.proposal.inside:
                held += holding.common
            else:
                held += holding.converting / self._computed(series, parts)
        return held + self._top_up(held, new)

    def _top_up(self, held: Decimal, new: Decimal) -> Decimal:
        """What the reserve grows by, to be its part of all shares after the round; it never shrinks."""
        part = self.proposal.pool
        if part is None:
            return ZERO
        return max(ZERO, (held - self._pool + new) * part / (ONE - part) - self._pool)

    @exact
    def price(self) -> Decimal:
        """The price of a new share: as given, or the one at which the valuation pays for exactly its shares."""
        found = (
            self.proposal.price if self.proposal.price is not None else self._solved(self.proposal.pre_money or ZERO)
        )
        rounded = Rounding(self.proposal.places)(found)
        if rounded <= 0:
            raise XlcapError(f"the price, {show(found)}, rounds to zero; give more decimal places",
                             where="argument 'places'", code="#NUM!")  # fmt: skip
        return rounded

    def _solved(self, pre_money: Decimal) -> Decimal:
        if not self.before:
            raise XlcapError("there are no shares before the round, so a valuation gives no price; give "
                             "price_per_share", where="argument 'pre_money'", code="#NUM!")  # fmt: skip

        def excess(price: Decimal) -> Decimal:
            return price * self.paid_for(price) - pre_money

        highest = pre_money / self.before  # more shares than before are paid for, never fewer
        edges = sorted({edge for edge in self._edges() if ZERO < edge < highest})
        prices: list[Decimal] = []
        lowest = highest.scaleb(-30)
        if excess(highest) <= _NEARLY * pre_money:
            prices.append(highest)
        for start, end in itertools.pairwise([lowest, *edges, highest]):
            if start != lowest and abs(excess(start)) <= _NEARLY * pre_money:
                prices.append(start)
                continue
            found = _root(excess, start, end * _JUST_BELOW, _NEARLY * pre_money)
            if found is not None:
                prices.append(found)
        if len(prices) == 1:
            return prices[0]
        raise self._no_price(pre_money, excess(lowest), prices)

    def _edges(self) -> list[Decimal]:
        """The prices at which a part of the round begins to count as below a series' price."""
        edges: list[Decimal] = []
        for series in self._protected.values():
            money = self.proposal.new_money
            net = money - self.proposal.expenses if series.rule.expenses_deducted else money
            if net > 0:
                edges.append(series.price * money / net)
            edges += [series.price / (ONE - (entry.discount or ZERO)) for entry in self.proposal.converting]
        return edges

    def _no_price(self, pre_money: Decimal, least: Decimal, prices: Sequence[Decimal]) -> XlcapError:
        if prices:
            message = (
                f"several prices fit, {', '.join(show(_WORDS(price)) for price in prices)}: at one of them a series is "
                "adjusted, at the other not; give price_per_share"
            )
        elif least >= 0:
            message = (
                f"no price fits: shares that grow as the price falls are worth {show(_WORDS(least + pre_money))} at "
                f"any price, and the pre-money valuation is {show(pre_money)}: the new money would buy nothing; "
                "raise the valuation, price the round without the adjustment shares (inside FALSE), or have the "
                "adjustment waived"
            )
        else:
            message = (
                "no price fits: where the new shares begin to be issued below a conversion price the shares change at "
                "once, from fewer than the valuation pays for to more; give price_per_share"
            )
        return XlcapError(message, where="argument 'pre_money'", code="#NUM!")

    # --- the outcome -----------------------------------------------------------------------------------------------

    @exact
    def result(self) -> Result:
        """The round as it comes out."""
        price, proposal = self.price(), self.proposal
        whole: Callable[[Decimal], Decimal] = WHOLE if proposal.whole_shares else Rounding(None)
        new = whole(proposal.new_money / price)
        if not new:
            raise XlcapError(f"{show(proposal.new_money)} does not buy one share at {show(_WORDS(price))}",
                             where="argument 'new_money'", code="#NUM!")  # fmt: skip
        converted = [whole(shares) for shares in self.converted(price)]
        parts = self._parts(price, new, converted)
        lines = [self._line(holding, parts) for holding in self.holdings]
        for entry, shares in zip(proposal.converting, converted, strict=True):
            each = entry.amount / shares if shares else None
            words = f"{show(entry.amount)} at {show(_WORDS(entry.amount / shares))}" if shares else "less than a share"
            lines.append(Line(entry.instrument, ZERO, ZERO, shares, shares, None, each, computation=words))
        money = guarded(new * price)
        words = f"{show(proposal.new_money)} / {show(_WORDS(price))}"
        lines.append(Line("New shares", ZERO, ZERO, new, new, None, price, computation=words))
        own = [line.common_after if proposal.inside else line.common_before for line in lines[: len(self.holdings)]]
        held = sum(own, sum(converted, ZERO))
        top_up = whole(self._top_up(held, new))
        if proposal.pool is not None:
            words = f"the reserve is {show(proposal.pool * 100)}% of the shares by which the round is priced"
            lines.append(Line("Pool top-up", ZERO, ZERO, top_up, top_up, computation=words))
        # at a price that is given, the valuation is what the shares in the table are then worth
        pre_money = proposal.pre_money if proposal.pre_money is not None else price * (held + top_up)
        return Result(tuple(lines), price, new, money, proposal.new_money - money, pre_money)

    def _line(self, holding: Holding, parts: Sequence[Part]) -> Line:
        shares, common = holding.shares, holding.common
        price = holding.conversion_price
        line = Line(holding.label, shares, common, shares, common, price, price)
        series = self._protected.get(holding.row)
        if series is not None:
            change = self._change(series, parts)
            after = common if change.price == price else holding.converting / change.price
            return line._replace(common_after=after, price_after=change.price, clause=change.clause,
                                 computation=change.computation, counted=change.counted)  # fmt: skip
        if holding.is_preferred:
            told = "no clause protects it against a lower price" if holding.governed_by else "its row names no terms"
            return line._replace(computation=told)
        for entry, options in self._repriced:
            if options.row == holding.row:
                strikes = f"exercise price {show(options.strike or ZERO)}, then {show(entry.strike)}"
                return line._replace(computation=strikes)
        return line


def _same_series(one: Holding, other: Holding) -> bool:
    """Whether two rows of preferred stock are one series: of one certificate, or of one class."""
    if one.governed_by is not None and other.governed_by is not None:
        return one.governed_by.id == other.governed_by.id
    return header_name(one.class_) == header_name(other.class_)


def _options(holdings: Sequence[Holding], entry: Repriced) -> Holding:
    """The row of options a repricing is about."""
    wanted = entry.class_.strip().lower()
    rows = [holding for holding in holdings if wanted in (holding.label.lower(), holding.class_.lower())]
    exactly = [holding for holding in rows if holding.label.lower() == wanted] or rows
    if len(exactly) != 1:
        which = "there are several; write 'class: holder'" if exactly else "the cap table has no such row"
        raise entry.fault(f"{which}; found '{entry.class_}'", "class")
    found = exactly[0]
    if header_name(found.kind) not in ("option", "warrant"):
        raise entry.fault(f"'{found.label}' is {found.kind}; only options and warrants are repriced", "class")
    if entry.shares is not None and entry.shares > found.shares:
        raise entry.fault(f"{show(entry.shares)} are more than the {show(found.shares)} there are", "shares")
    return found


def _exempted(terms: Terms, rule: IssueRule, name: str) -> str | None:
    """The section by which a certificate leaves out what ``name`` says; None where it has no such exemption."""
    try:
        key, entry = exemption(terms, rule, name)
    except XlcapError:
        return None
    if rule.basket is not None and rule.basket.exempt == key:
        raise XlcapError(
            f"{entry.clause} leaves out only a part of the shares in aggregate, and a cap table does not tell what is "
            "used of it; leave the exemption blank for what EXEMPT_BASKET says is beyond it",
            where=f"exempt '{name}'",
        )
    return entry.clause


def _root(excess: Callable[[Decimal], Decimal], low: Decimal, high: Decimal, tolerance: Decimal) -> Decimal | None:
    """Where a rising function is zero between two prices, None where it is not.

    Between the edges it is a straight line unless something converts at a discount and counts as outstanding, or a
    series counts at its own new price; so the chord finds it at once, and halving where it does not.
    """
    below, above = excess(low), excess(high)
    if below > 0 or above < 0:
        return None
    while high - low > _NEARLY * high:
        chord = low - below * (high - low) / (above - below)
        for price in (chord, (low + high) / 2):
            if not low < price < high:
                continue
            value = excess(price)
            if abs(value) <= tolerance:
                return price
            if value < 0:
                low, below = price, value
            else:
                high, above = price, value
    return None if above - below > tolerance.scaleb(20) else high
