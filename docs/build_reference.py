"""Write docs/functions.md from the declarations: `python docs/build_reference.py`. A test keeps it current."""

from __future__ import annotations

import textwrap
from pathlib import Path

from xlcap.events import KINDS, Event
from xlcap.functions import Argument, Function, functions
from xlcap.tables import columns

PAGE = Path(__file__).parent / "functions.md"
INTRODUCTION = """# The functions

Made from the declarations by `python docs/build_reference.py`; `xlcap functions NAME` shows the same text.

Everywhere: `terms` is the name of a certificate, or a block of field and value as `TERMS` spills it (a block whose
`id` names a certificate needs only the fields it changes). A table is a range with a header row, or an Excel table's
`[#All]`; headers are matched by name in any order. Optional arguments come last and are marked *optional*. A blank is
absent, never zero. An argument of one cell may be given a range: the answer is then a range of the same size. An
error value in a cell comes back as itself.
"""


def page() -> str:
    """The whole reference."""
    parts = [INTRODUCTION]
    topic = ""
    for declared in functions().values():
        if declared.topic != topic:
            topic = declared.topic
            parts.append(f"## {topic}\n")
        parts.append(entry(declared))
    parts.append(tables())
    return "\n".join(parts)


def entry(declared: Function) -> str:
    """One function: how it is called, what it is for, its arguments, its source and an example."""
    call = ", ".join(f"[{a.name}]" if not a.required else a.name for a in declared.arguments)
    lines = [f"### {declared.name}\n", f"`{declared.name}({call})`\n", f"{declared.doc}\n"]
    lines += [argument(a) for a in declared.arguments]
    if declared.arguments:
        lines.append("")
    prose, _, example = declared.details.partition(">>> ")
    if prose.strip():
        lines.append(" ".join(prose.split()).replace("``", "`") + "\n")
    if example:
        lines.append(textwrap.indent(f">>> {example.strip()}", "    ") + "\n")
    return "\n".join(lines)


def argument(a: Argument) -> str:
    """One line about an argument."""
    facts = [a.kind.name] + ([] if a.required else ["*optional*"])
    if a.kind.choices:
        facts.append("one of " + ", ".join(f"`{word}`" for word in a.kind.choices))
    return f"- `{a.name}` ({', '.join(facts)}): {a.doc}"


def tables() -> str:
    """The columns of every kind of table."""
    kinds = {a.kind.name: a.kind for declared in functions().values() for a in declared.arguments if a.kind.columns}
    lines = ["## Tables\n"]
    for name, kind in sorted(kinds.items()):
        lines.append(f"### {name.capitalize()}\n")
        lines += [f"- `{column}`: {doc}" for column, doc in (kind.columns() if kind.columns else {}).items()]
        lines.append("")
        if name == "events":
            lines += ["The kinds of event:\n", *map(kind_of_event, KINDS), ""]
    return "\n".join(lines)


def kind_of_event(name: str) -> str:
    """One line about a kind of event: what it is, and the columns it needs and may have."""
    used = [column for column in columns(KINDS[name]).values() if column.name not in columns(Event)]
    needed = ", ".join(f"`{column.name}`" for column in used if column.required)
    further = ", ".join(f"`{column.name}`" for column in used if not column.required)
    text = " ".join((KINDS[name].__doc__ or "").split()).replace("``", "`")
    return (
        f"- `{name}`: {text}" + (f" Needs {needed}." if needed else "") + (f" May have {further}." if further else "")
    )


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
