"""What the paper says: frozen, validated, no arithmetic."""

from xlcap.terms.certificate import Terms
from xlcap.terms.library import available, from_block, load, spill
from xlcap.terms.rules import Slot
from xlcap.terms.schema import Blank

__all__ = ["Blank", "Slot", "Terms", "available", "from_block", "load", "spill"]
