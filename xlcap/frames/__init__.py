"""The functions from Python: pandas frames in and out, and any number of exits at once.

pandas and numpy are loaded when they are first used, so that the functions themselves need neither.
"""

from xlcap.frames.asking import ask
from xlcap.frames.bulk import payouts

__all__ = ["ask", "payouts"]
