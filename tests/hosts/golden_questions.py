"""The questions made for the golden table: for each kind of argument, each function's rarer arguments, each error."""

from __future__ import annotations

from typing import Any

Question = tuple[Any, ...]
"""An id, a function, its arguments and, where it was worked by hand, the answer."""

QUESTIONS: list[Question] = []
