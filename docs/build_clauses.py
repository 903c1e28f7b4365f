"""Write docs/clauses.md from tests/clauses.toml: `python docs/build_clauses.py`. A test keeps it current."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

TOP = Path(__file__).parents[1]
PAGE = TOP / "docs" / "clauses.md"
INTRODUCTION = """# The clauses, and where each is shown

Made from `tests/clauses.toml` by `python docs/build_clauses.py`.

Every clause of the three certificates that computes a number or a date, the functions that answer it, and the tests
that show it; then the sections that compute nothing, the readings of what the drafting leaves open, and the situations
easily missed. A test fails if a clause has no function or no test. A *case* is a worked scenario of
[tests/cases](../tests/cases): the question as a call, the answer as an exact fraction, the arithmetic beside it.
"""
CERTIFICATES = {
    "VS": ("Valuestar Series B", "VALUESTAR-B", "valuestar-series-b.md"),
    "PT": ("Patron Series B", "PATRON-B", "patron-series-b.md"),
    "PS": ("PriceSmart Series B", "PRICESMART-B", "pricesmart-series-b.md"),
}


def page() -> str:
    """The whole page."""
    listed = tomllib.loads((TOP / "tests" / "clauses.toml").read_text(encoding="utf-8"))
    parts = [INTRODUCTION]
    for prefix, (name, certificate, read) in CERTIFICATES.items():
        rows = [
            [clause["id"], clause["section"], clause["what"], functions(clause["functions"]), shown(clause["tests"])]
            for clause in listed["clause"]
            if clause["id"].startswith(prefix)
        ]
        parts += [f"## {name}\n", f"[How it is read]({read})\n"]
        parts.append(table(["clause", "section", "what", "functions", "tests"], rows))
        silent = [
            f"{row['section']} ({row['reason']})" for row in listed["silent"] if row["certificate"] == certificate
        ]
        parts.append(f"Sections that compute nothing: {', '.join(silent)}.\n")
    parts += ["## Readings that can be switched\n", "[The open points, and what each choice says](open-points.md)\n"]
    rows = [[switch["key"], f"`{switch['field']}`", shown(switch["tests"])] for switch in listed["switch"]]
    parts.append(table(["key", "field", "tests that show the answer change"], rows))
    parts.append("## Readings without a switch\n")
    rows = [[point["key"], shown(point["tests"])] for point in listed["point"]]
    parts.append(table(["key", "tests that show what is done"], rows))
    parts.append("## Situations easily missed\n")
    rows = [[situation["id"], situation["what"], shown(situation["tests"])] for situation in listed["situation"]]
    parts.append(table(["no.", "situation", "tests"], rows))
    return "\n".join(parts)


def table(header: list[str], rows: list[list[str]]) -> str:
    """A table of Markdown."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def functions(names: list[str]) -> str:
    """Each function with its place in the reference."""
    return ", ".join(f"[`{name}`](functions.md#{name.lower()})" for name in names)


def shown(tests: list[str]) -> str:
    """Each test by its file and name, or the number of the case."""
    return ", ".join(map(one, tests))


def one(test: str) -> str:
    """A case by the file that has it, or a test in words with its file behind it."""
    if test.startswith("case "):
        number = test.removeprefix("case ")
        stem = CERTIFICATES[number[:2]][0].split()[0].lower()
        return f"[{test}](../tests/cases/{stem}.toml)"
    path, _, name = test.partition("::")
    return f"[{re.sub('_', ' ', name.removeprefix('test_'))}](../{path})"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
