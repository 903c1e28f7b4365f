"""The functions' help as the add-in Excel-DNA IntelliSense shows it while a formula is typed.

It reads the help from within a workbook or an add-in, or from a file beside it named ``<workbook>.intellisense.xml``
(https://github.com/Excel-DNA/IntelliSense).
"""

from __future__ import annotations

from xml.sax.saxutils import quoteattr

from xlcap.functions import Function, functions

FILE = "xlcap.intellisense.xml"

_NAMESPACE = "http://schemas.excel-dna.net/intellisense/1.0"


def document() -> str:
    """Every function with its help, and each argument with its own."""
    told = "".join(map(_function, functions().values()))
    return f'<IntelliSense xmlns="{_NAMESPACE}">\n <FunctionInfo>\n{told} </FunctionInfo>\n</IntelliSense>\n'


def _function(declared: Function) -> str:
    arguments = "".join(
        f"   <Argument Name={quoteattr(a.name)} Description={quoteattr(a.doc)}/>\n" for a in declared.arguments
    )
    told = f"Name={quoteattr(declared.name)} Description={quoteattr(declared.doc)}"
    return f"  <Function {told}>\n{arguments}  </Function>\n"
