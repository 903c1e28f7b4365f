"""The spreadsheet functions: one declaration each, one door for every host."""

from xlcap.cells import CellError
from xlcap.functions import (
    adjustments,
    conversion,
    dividends,
    governance,
    liquidation,
    market,
    price,
    reasons,
    redemption,
    rounds,
    terms,
    waterfall,
)
from xlcap.functions.registry import Argument, Function, Kind, call, forget, functions, names

__all__ = [
    "Argument",
    "CellError",
    "Function",
    "Kind",
    "adjustments",
    "call",
    "conversion",
    "dividends",
    "forget",
    "functions",
    "governance",
    "liquidation",
    "market",
    "names",
    "price",
    "reasons",
    "redemption",
    "rounds",
    "terms",
    "waterfall",
]
