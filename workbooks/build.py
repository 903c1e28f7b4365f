"""Builds the templates, with the sample data as their first contents: all of them, or those named.

    python workbooks/build.py pricesmart

Inputs are named cells and Excel tables; formulas use names and structured references. Formulas that spill stand on the
sheet Working, and pages show its cells one by one. They are written plainly: filling the workbook once makes them
dynamic arrays and gives every cell its value. A file comes out the same every time.
"""

from __future__ import annotations

import sys

from building import file, patron, pricesmart, valuestar, waterfall

DESIGNS = {design.folder: design for design in (pricesmart.DESIGN, valuestar.DESIGN, patron.DESIGN, waterfall.DESIGN)}

if __name__ == "__main__":
    for name in sys.argv[1:] or DESIGNS:
        for error in file.build(DESIGNS[name]):
            print(f"{name}: {error.sheet}!{error.cell} {error.code}: {error.message}")
