"""What a certificate leaves out of its protection: named shares, and some of them only up to a limit."""

from __future__ import annotations

from decimal import Decimal

from xlcap.errors import XlcapError, nearest
from xlcap.events import DeemedIssue, TermsChange
from xlcap.numbers import ZERO, exact, guarded
from xlcap.tables import header_name
from xlcap.terms import Terms
from xlcap.terms.rules import Basket, Exemption, IssueRule


def exemption(terms: Terms, rule: IssueRule, name: str) -> tuple[str, Exemption]:
    """The exemption called so, by its name in the terms or by its section; another word is an error."""
    wanted = name.strip()
    for key, entry in rule.exempt.items():
        if called(wanted, key, entry):
            return key, entry
    known = [*rule.exempt, *(entry.clause for entry in rule.exempt.values())]
    close = nearest(header_name(wanted), known)
    listed = ", ".join(f"{key} ({entry.clause})" for key, entry in rule.exempt.items()) or "none"
    hint = f"did you mean '{close}'?" if close else f"{terms.id} has {listed}"
    raise XlcapError(f"the certificate has no exemption '{wanted}'; {hint}", code="#N/A")


def called(name: str, key: str, entry: Exemption) -> bool:
    """Whether an exemption is meant: by its name in the terms, or by its section."""
    return header_name(name.strip()) == key or _section(name) == _section(entry.clause)


def _section(text: str) -> str:
    return text.replace(" ", "").lower()


@exact
def basket_limit(basket: Basket, fully_diluted: Decimal) -> Decimal:
    """The most shares a basket holds: a number, or a part of the fully diluted shares."""
    if basket.fraction is None:
        assert basket.shares is not None  # Basket checks it
        return basket.shares
    return fully_diluted * basket.fraction.numerator / basket.fraction.denominator


@exact
def within_basket(basket: Basket, shares: Decimal, used: Decimal, limit: Decimal) -> Decimal:
    """How many of ``shares`` still fit into the basket (an issue that does not fit may count as a whole)."""
    room = max(ZERO, limit - used)
    if guarded(shares) <= guarded(room):
        return shares
    return room if basket.overflow == "excess" else ZERO


def until_modified(rule: IssueRule, issue: DeemedIssue | TermsChange) -> Exemption | None:
    """The exemption of an instrument, if it is one that ends when the terms are modified (3(e)(vi)E(III))."""
    for key, entry in rule.exempt.items():
        if issue.exempt is not None and entry.until_modified and called(issue.exempt, key, entry):
            return entry
    return None
