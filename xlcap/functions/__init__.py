"""The spreadsheet functions: one declaration each, one door for every host."""

from xlcap.cells import CellError
from xlcap.functions import adjustments, market, price
from xlcap.functions.registry import Argument, Function, Kind, call, functions, names

__all__ = ["Argument", "CellError", "Function", "Kind", "adjustments", "call", "functions", "market", "names", "price"]
