"""What a right, an option or a convertible security counts for, from all that has become of it so far.

Its shares count as issued when it is (a deemed issue). When it changes or ends, the price is worked out anew as though
it had been issued with what is now known of it: this module says as what. Shares are counted in those of the day of its
issue, whatever was split since.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from xlcap.engine.exemptions import until_modified
from xlcap.engine.schedule import Units
from xlcap.events import Capitalized, DeemedIssue, Event, Exercise, Expiry, TermsChange
from xlcap.numbers import ONE, ZERO, exact, guarded, show
from xlcap.tables import header_name
from xlcap.terms.rules import DeemedIssueRule, IssueRule


@dataclass
class _Account:
    """What is left of an instrument, and what was exercised, as its facts are gone through."""

    left: Decimal
    """Shares it can still become."""
    least: Decimal
    """The least payable for these."""
    received: Decimal
    """What was received when that part of it was issued."""
    debt: Decimal
    """Of the least payable, debt that its conversion cancels, where that counts."""
    exercised: Decimal = ZERO
    paid: Decimal = ZERO
    """Received on exercise or conversion."""
    converted: Decimal = ZERO
    """Received when the part exercised was issued."""


@exact
def least_payable(rule: IssueRule, event: DeemedIssue) -> Decimal:
    """The least payable on exercise and conversion of all of it; of debt cancelled, what the certificate counts."""
    debt = event.debt_cancelled if rule.debt_cancellation_counts else ZERO
    return (event.min_exercise or ZERO) + (event.min_conversion or ZERO) + debt


@exact
def _accounted(
    rule: IssueRule, grant: DeemedIssue, facts: Sequence[Event], units: Units, kept: Decimal = ONE
) -> _Account:
    """The account of an instrument after ``facts`` about it, in their order; of what is left, a part is ``kept``."""
    debt = grant.debt_cancelled if rule.debt_cancellation_counts else ZERO
    account = _Account(grant.shares, least_payable(rule, grant), grant.received, debt)
    for fact in facts:
        ratio = units.between(grant, fact)
        if isinstance(fact, Exercise):
            shares = fact.shares / ratio
            _check(fact, shares, account.left, ratio)
            part = shares / account.left
            issued_for = account.received * part if fact.issue_consideration is None else fact.issue_consideration
            account.exercised += shares
            if fact.cash is None and header_name(grant.security) == "option":
                raise fact.fault("is blank: give the money received on the exercise, or 0", "cash")
            account.paid += (fact.cash or ZERO) + account.debt * part
            account.converted += issued_for
            account.left -= shares
            _keep_money(account, 1 - part)
        elif isinstance(fact, Expiry):
            shares = account.left if fact.shares is None else fact.shares / ratio
            _check(fact, shares, account.left, ratio)
            _keep(account, 1 - shares / account.left)
        elif isinstance(fact, TermsChange):
            if account.left <= 0:
                raise fact.fault(f"nothing is left of '{fact.refers_to}' to change", "refers_to")
            account.least = _changed_least(rule, fact, grant, account)
            if fact.shares is not None:
                account.left = fact.shares / ratio
    _keep(account, kept)
    return account


def _keep(account: _Account, part: Decimal) -> None:
    account.left *= part
    _keep_money(account, part)


def _keep_money(account: _Account, part: Decimal) -> None:
    account.received *= part
    account.least *= part
    account.debt *= part


def _changed_least(rule: IssueRule, fact: TermsChange, grant: DeemedIssue, account: _Account) -> Decimal:
    """The least payable for what is left after a change; a blank leaves its part as it was."""
    if fact.min_exercise is None and fact.min_conversion is None:
        return account.least
    whole = least_payable(rule, grant)

    def part(stated: Decimal | None, before: Decimal | None) -> Decimal:
        return stated if stated is not None else account.least * (before or ZERO) / whole if whole else ZERO

    exercise, conversion = part(fact.min_exercise, grant.min_exercise), part(fact.min_conversion, grant.min_conversion)
    return exercise + conversion + account.debt


def _check(fact: Exercise | Expiry, shares: Decimal, left: Decimal, ratio: Decimal) -> None:
    if left <= 0:
        raise fact.fault(f"nothing is left of '{fact.refers_to}'", "refers_to")
    if guarded(shares) > guarded(left):
        raise fact.fault(
            f"{show(shares * ratio)} shares are more than the {show(left * ratio)} left of '{fact.refers_to}'", "shares"
        )


@exact
def as_it_counts(rule: IssueRule, deemed: DeemedIssueRule, life: Life, units: Units) -> DeemedIssue | None:
    """The instrument as it would have been issued with what has become of it; None where nothing of it counts.

    What ended counts for nothing; what was exercised, with the shares issued and the money received; what is left, with
    the most it can become and the least payable. What was received for options counts whole, used or not, or in
    proportion (``grant_money``); for convertible securities, that of the part converted or still there.
    """
    grant = life.issue
    account = _accounted(rule, grant, life.facts, units, life.kept)
    shares = account.exercised + account.left
    if guarded(shares) <= 0:
        return None
    whole = header_name(grant.security) == "option" and deemed.grant_money == "all"
    return dataclasses.replace(
        grant,
        shares=shares,
        cash=grant.received if whole else account.converted + account.received,
        property_value=ZERO,
        allocated_elsewhere=ZERO,
        min_exercise=account.paid + account.least,
        min_conversion=ZERO,
        debt_cancelled=ZERO,
    )


@exact
def as_left(rule: IssueRule, life: Life, day: Event, facts: Sequence[Event], units: Units) -> DeemedIssue:
    """What is left of an instrument after ``facts``, as an issue of ``day``, with its part of the premium."""
    account = _accounted(rule, life.issue, facts, units)
    shares = account.left * units.between(life.issue, day)
    return _issue_of(day, shares, account.received, account.least - account.debt, life.issue.security, account.debt)


@dataclass(frozen=True)
class Life:
    """An instrument from one issue of it, deemed or by a change of its terms, to the next.

    ``facts`` are what became of it in that time; of what was left then, the part that has not ended since is ``kept``.
    """

    issue: DeemedIssue
    facts: tuple[Event, ...] = ()
    kept: Decimal = ONE
    counts: bool = True
    """False where the certificate takes no notice of it: an older instrument that changes by its own terms."""


def _issue_of(
    day: Event, shares: Decimal, premium: Decimal, least: Decimal, security: str, debt: Decimal = ZERO
) -> DeemedIssue:
    kind = Capitalized if isinstance(day, Capitalized) else Event
    shared = {field.name: getattr(day, field.name) for field in dataclasses.fields(kind)}
    return DeemedIssue(
        **shared, shares=shares, cash=premium, min_exercise=least, debt_cancelled=debt, security=security
    )


def older(change: TermsChange) -> DeemedIssue:
    """An instrument the table does not list, as an issue of the day its terms change."""
    assert change.shares is not None  # TermsChange checks it
    least = (change.min_exercise or ZERO) + (change.min_conversion or ZERO)
    return _issue_of(change, change.shares, change.cash or ZERO, least, "option")


@exact
def price_each(rule: IssueRule, event: DeemedIssue) -> Decimal:
    """What a share under the instrument costs in all: its effective price, before expenses."""
    return (event.received + least_payable(rule, event)) / event.shares


def check(rule: IssueRule, issue: DeemedIssue, facts: Sequence[Event], units: Units) -> None:
    """The facts about an instrument fit each other: no more is exercised, or ends, than there was."""
    _accounted(rule, issue, facts, units)


# --- changes of its terms ------------------------------------------------------------------------------------------

Effect = Literal["recompute", "reissue", "replace", "nothing"]
"""What a change of an instrument's terms is: ``recompute``, ``reissue``, ``replace`` or ``nothing``."""


def effect_of(
    rule: IssueRule, change: TermsChange, before: DeemedIssue | None, after: DeemedIssue
) -> tuple[Effect, str]:
    """What a change of an instrument's terms does, and why.

    ``before`` is what was left of the instrument, and ``after`` the same as changed, each as an issue of the day of the
    change; None for an instrument older than the table. ``recompute``: as though so issued from the beginning.
    ``reissue``: issued once more, besides. ``replace``: the old one ends and a new one is issued.
    """
    by, deemed = header_name(change.by), rule.deemed
    falls = before is None or guarded(price_each(rule, after)) < guarded(price_each(rule, before))
    if rule.repricing and by != "antidilution":
        if falls:
            return "reissue", "a reduction of its price is an issue at the new one"
        return "nothing", "its price is not reduced"
    if deemed is None:
        return "nothing", "the certificate counts instruments only when they are exercised"
    if by == "antidilution" and not deemed.antidilution:
        clause = deemed.readjust_clause or deemed.clause
        return "nothing", f"changes by clauses against dilution are not counted ({clause})"
    if by == "agreement" and deemed.amendment == "nothing":
        return "nothing", "the certificate has no clause for an amendment"
    if before is None and deemed.unadjusted_revision == "at_revision":
        return "reissue", "it is older than the certificate, and taken as issued on the day of the change"
    if by == "agreement":
        if deemed.amendment == "new_issue":
            return "replace" if before else "reissue", "amended: the old one ends and a new one is issued"
        return ("recompute", "amended") if before else ("nothing", "it is older than the certificate")
    if before is None:
        return "nothing", "it is older than the certificate and changes by its own terms"
    payable, now = (guarded(least_payable(rule, each) / each.shares) for each in (before, after))
    moved = {
        "increase": now > payable,
        "decrease": now < payable,
        "share_change": guarded(after.shares) != guarded(before.shares),
    }
    if any(moved[word] for word in moved if word in deemed.readjust_on):
        return "recompute", "changed by its own terms"
    if by == "antidilution" and rule.repricing:
        return "nothing", "a change by its own clause against dilution is no repricing"
    return "nothing", f"the certificate does not readjust for it ({deemed.readjust_clause or deemed.clause})"


@dataclass(frozen=True)
class Change:
    """A change of an instrument's terms: what it does, why, and the issue it makes where it is one."""

    effect: Effect
    reason: str
    issue: DeemedIssue


def without_premium(rule: IssueRule, event: DeemedIssue) -> DeemedIssue:
    """An option repriced, as an issue: without what was first paid for it, where the terms leave that out."""
    is_option = header_name(event.security) == "option"
    if rule.repricing is None or rule.repricing.repricing_premium or not is_option:
        return event
    return dataclasses.replace(event, cash=ZERO)


@exact
def change_of(rule: IssueRule, change: TermsChange, life: Life | None, units: Units) -> Change:
    """What a change does to an instrument (None: one older than the table); ``life`` is as it was until then."""
    lost = until_modified(rule, change)
    if lost is not None and header_name(change.by) != "antidilution":
        raise change.fault(f"this exemption ends with the modification ({lost.clause}); leave it blank", "exempt")
    if life is None:
        after = without_premium(rule, older(change))
        return Change(*effect_of(rule, change, None, after), after)
    before = as_left(rule, life, change, life.facts, units)
    after = as_left(rule, life, change, [*life.facts, change], units)
    if after.exempt is None and not until_modified(rule, life.issue):
        after = dataclasses.replace(after, exempt=life.issue.exempt)
    effect, reason = effect_of(rule, change, before, after)
    if change.cash is not None:
        after = dataclasses.replace(after, cash=change.cash)
    return Change(effect, reason, without_premium(rule, after))


@exact
def lives(
    rule: IssueRule,
    root: Event,
    facts: Sequence[Event],
    units: Units,
    reissued: Callable[[TermsChange], bool] = lambda _change: False,
) -> list[Life]:
    """An instrument from issue to issue: first its own, then each change of its terms that issues it anew.

    ``reissued`` tells of the changes that did so in the story told: one that had adjusted nothing may count from there.
    """
    past: list[Life] = []
    ended = False  # its exemption, by a change that is not itself an issue
    life = Life(root) if isinstance(root, DeemedIssue) else None
    for fact in facts:
        if isinstance(fact, TermsChange):
            change = change_of(rule, fact, life, units)
            if life is None or change.effect in ("reissue", "replace") or reissued(fact):
                if life is not None:
                    past.append(dataclasses.replace(life, kept=ZERO) if change.effect == "replace" else life)
                life = Life(change.issue, counts=change.effect != "nothing")
                continue
            ended = ended or (header_name(fact.by) != "antidilution" and until_modified(rule, life.issue) is not None)
        assert life is not None  # the root of an older instrument is its first change
        if isinstance(fact, Exercise) and ended:
            raise fact.fault(
                f"'{fact.refers_to}' lost its exemption when its terms were modified, and its shares are now issued: "
                "enter them in a row 'issue', with all that was received for them",
                "event",
            )
        if isinstance(fact, Expiry):
            left = as_left(rule, life, fact, life.facts, units).shares
            part = ZERO if fact.shares is None or not left else 1 - fact.shares / left
            past = [dataclasses.replace(earlier, kept=earlier.kept * part) for earlier in past]
        life = dataclasses.replace(life, facts=(*life.facts, fact))
    return [*past, life] if life else past
