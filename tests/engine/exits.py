"""Exits asked about as a sheet asks: a cap table of dictionaries, and the answers by class; and by brute force."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from importlib.resources import files
from pathlib import Path
from typing import Any

from xlcap.functions import call


def table(*rows: dict[str, Any]) -> list[list[Any]]:
    """A cap table as a sheet holds it, with the columns some row fills."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    return [columns, *([row.get(name) for name in columns] for row in rows)]


def payouts(exit_value: float, *rows: dict[str, Any], rounding: str = "none") -> dict[str, float]:
    """WATERFALL at one exit, by class."""
    answer = call("WATERFALL", [exit_value, table(*rows), None, rounding])
    assert isinstance(answer, list)
    return {str(row[0]): row[1] for row in answer[1:]}  # type: ignore[misc]  # a column of numbers


def explained(answer: Any) -> dict[str, dict[str, Any]]:
    """A table that spilled, by the name in its first column and by its header."""
    return {str(row[0]): dict(zip(answer[0], row, strict=True)) for row in answer[1:]}


def rows_of(name: str, *rows: dict[str, Any]) -> list[list[Any]]:
    """A table's rows without its header."""
    answer = call(name, [table(*rows)])
    assert isinstance(answer, list)
    return answer[1:]


def own_terms(folder: Path, certificate: str, *changes: tuple[str, str]) -> str:
    """A certificate of one's own, which says what a shipped one says but for some lines; its name."""
    text = files("xlcap.certificates").joinpath(f"{certificate}.toml").read_text(encoding="utf-8")
    name = f"OWN-{certificate}"
    for old, new in ((f'id = "{certificate}"', f'id = "{name}"'), *changes):
        assert old in text, old
        text = text.replace(old, new)
    (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    return name


@dataclass(frozen=True)
class Player:
    """One row as the brute force sees it; ``cap`` None with ``participates`` means without limit."""

    preference: Fraction
    shares: Fraction
    rank: int
    participates: bool
    cap: Fraction | None
    strike: Fraction | None
    kept: Fraction = Fraction(0)
    """Owed in the rank of the preference, after a conversion."""


def simulate(proceeds: Fraction, players: Sequence[Player], chosen: Sequence[bool]) -> list[Fraction]:
    """Payouts if the players in ``chosen`` convert or exercise: preferences by rank, then rounds of equal sharing.

    No value of the Common is solved for; money is poured into those who share until a cap stops one of them.
    """
    paid = [Fraction(0)] * len(players)
    left = proceeds + sum(p.strike * p.shares for p, c in zip(players, chosen, strict=True) if p.strike and c)
    debts = [p.kept if c else p.preference for p, c in zip(players, chosen, strict=True)]
    for rank in sorted({p.rank for p, debt in zip(players, debts, strict=True) if debt}, reverse=True):
        group = [i for i, p in enumerate(players) if p.rank == rank]
        owed = sum(debts[i] for i in group)
        given_out = min(left, owed)
        left -= given_out
        for i in group:
            paid[i] += debts[i] * given_out / owed
    sharing = {i for i, p in enumerate(players) if chosen[i] or (p.participates and p.preference)}
    sharing |= {i for i, p in enumerate(players) if not p.preference and p.strike is None}
    while left and sharing:
        total = sum(players[i].shares for i in sharing)
        room = {
            i: (cap - paid[i]) / players[i].shares
            for i in sharing
            if not chosen[i] and (cap := players[i].cap) is not None
        }
        each = min([left / total, *room.values()])
        for i in sharing:
            paid[i] += each * players[i].shares
        left -= each * total
        sharing -= {i for i, most in room.items() if most == each}
    return [
        amount - (p.strike * p.shares if p.strike and c else 0)
        for amount, p, c in zip(paid, players, chosen, strict=True)
    ]
