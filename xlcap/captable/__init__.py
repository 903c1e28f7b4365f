"""Who holds what: a cap table, one row a class (or a holder's part of a class), and what is owed beside the stock.

``columns`` says what a row may hold and ``checks`` what must not stand together; ``holding`` works out what a row is
owed and what it converts into; ``table`` reads the whole, and what its rows must agree on.
"""

from xlcap.captable.holding import Holding
from xlcap.captable.parts import Slice, Vote
from xlcap.captable.table import (
    cap_table_columns,
    cap_table_stamp,
    class_key,
    read_cap_table,
    share_rows,
    with_terms,
)

__all__ = [
    "Holding",
    "Slice",
    "Vote",
    "cap_table_columns",
    "cap_table_stamp",
    "class_key",
    "read_cap_table",
    "share_rows",
    "with_terms",
]
