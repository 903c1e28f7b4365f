"""The VBA between a cell and Python: a function for each of ours, which hands its arguments to xlwings.

xlwings writes such functions too when functions are imported into a workbook. With these a cell without an answer shows
an error: no text, which a sum would leave out, and no empty answer, which is zero. pywin32 has no way to carry an
error value to VBA, so errors arrive as the texts of their cells and are made errors here. What keeps Python from
answering is an error too, kept for XLCAP_REASON; so is what is not calculated while the function wizard is open.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from xlcap.functions import Argument, Function, functions, reasons

MODULE = "xlcap.udfs"
"""The Python module that answers."""

CATEGORY = "xlcap"
"""Where the function wizard lists them."""

ERROR_NUMBERS = {
    "#NULL!": 2000,
    "#DIV/0!": 2007,
    "#VALUE!": 2015,
    "#REF!": 2023,
    "#NAME?": 2029,
    "#NUM!": 2036,
    "#N/A": 2042,
    "#GETTING_DATA": 2043,
    "#SPILL!": 2045,
    "#CALC!": 2050,
}
"""Excel's numbers of its errors (https://learn.microsoft.com/office/vba/api/excel.xlcverror)."""

DATE_SYSTEM = "Application.Caller.Worksheet.Parent.Date1904"
"""Whether the workbook that asks counts its days from 1904, in VBA."""

_HEAD = """\
Attribute VB_Name = "xlwings_udfs"
Option Explicit
'Made by xlcap from its declarations; changes are lost when it is made again.

Private failure As String
"""

_HELPERS = """
Private Function XlcapDate1904() As Boolean
    If TypeName(Application.Caller) = "Range" Then XlcapDate1904 = {date_system}
End Function

Private Function XlcapGiven(ByVal given As Variant) As Variant
    'Of a range down to the last row of its sheet, a million cells a column, what is used; of several areas Python would
    'see the first.
    Dim i As Long, r As Long, used As Range
    For i = LBound(given) To UBound(given)
        If TypeName(given(i)) = "Range" Then
            If given(i).Areas.Count > 1 Then Err.Raise vbObjectError + 513, , _
                "argument " & (i + 1) & " is a range of several areas; give one"
            If given(i).Row + given(i).Rows.Count > given(i).Worksheet.Rows.Count Then
                Set used = given(i).Worksheet.UsedRange
                r = used.Row + used.Rows.Count - given(i).Row
                If r < 1 Then r = 1
                Set given(i) = given(i).Resize(r)
            End If
        End If
    Next i
    XlcapGiven = given
End Function

Private Function XlcapFailed(ByVal asked As String, ByVal told As String) As Variant
    'Kept until a function is answered again.
    failure = asked & ": " & told
    XlcapFailed = CVErr({failed})
End Function

Private Function XlcapShown(ByVal answer As Variant) As Variant
    Dim columns As Long, r As Long, c As Long
    failure = ""
    If Not IsArray(answer) Then
        XlcapShown = XlcapCell(answer)
        Exit Function
    End If
    columns = -1
    On Error Resume Next
    columns = UBound(answer, 2)
    On Error GoTo 0
    For r = LBound(answer) To UBound(answer)
        If columns < 0 Then
            answer(r) = XlcapCell(answer(r))
        Else
            For c = LBound(answer, 2) To columns
                answer(r, c) = XlcapCell(answer(r, c))
            Next c
        End If
    Next r
    XlcapShown = answer
End Function

Private Function XlcapCell(ByVal shown As Variant) As Variant
    XlcapCell = shown
    If VarType(shown) <> vbString Then Exit Function
    Select Case shown
{cases}
    End Select
End Function
"""

_FUNCTION = """
Public Function {name}({parameters})
{guard}    If TypeName(Application.Caller) = "Range" Then On Error GoTo failed
    {name} = XlcapShown(XLPy.CallUDF("{module}", "{name}", XlcapGiven({arguments}), ThisWorkbook, Application.Caller))
    Exit Function
failed:
    {name} = {failed}
End Function
"""

_HELP = """
Public Sub XlcapHelp()
    'Run this once, and save: the function wizard then knows the functions.
{topics}
End Sub
"""

_DESCRIBED = """    Application.MacroOptions Macro:="'" & ThisWorkbook.Name & "'!{name}", Category:="{category}", _
        Description:={doc}{arguments}"""

_WIZARD = """\
    If Not Application.CommandBars("Standard").Controls(1).Enabled Then
        {name} = CVErr({number})
        Exit Function
    End If
"""

_KEPT = """\
    {name} = failure
    If failure <> "" Then Exit Function
"""


def module() -> str:
    """The whole VBA module, to stand in an add-in beside xlwings' own."""
    cases = "\n".join(f'        Case "{code}": XlcapCell = CVErr({number})' for code, number in ERROR_NUMBERS.items())
    helpers = _HELPERS.format(date_system=DATE_SYSTEM, cases=cases, failed=ERROR_NUMBERS["#VALUE!"])
    return _HEAD + helpers + "".join(_function(declared) for declared in functions().values()) + "".join(_help())


def _help() -> Iterator[str]:
    """What tells the wizard about the functions; a procedure for each topic, for one has 64 kB at most."""
    topics = sorted({declared.topic for declared in functions().values()})
    calls = "\n".join(f"    XlcapHelp{number}" for number in range(len(topics)))
    yield _HELP.format(topics=calls)
    for number, topic in enumerate(topics):
        told = (_described(declared) for declared in functions().values() if declared.topic == topic)
        yield "\n".join([f"\nPrivate Sub XlcapHelp{number}()", *told, "End Sub\n"])


def _described(declared: Function) -> str:
    arguments = ", _\n        ".join(_text(argument.doc) for argument in declared.arguments)
    return _DESCRIBED.format(
        name=declared.name,
        category=CATEGORY,
        doc=_text(declared.doc),
        arguments=f", ArgumentDescriptions:=Array( _\n        {arguments})" if arguments else "",
    )


def _text(words: str) -> str:
    return '"' + words.replace('"', '""') + '"'


def _function(declared: Function) -> str:
    optional = set(optionals(declared))
    parameters = [f"Optional {a.name}" if a in optional else a.name for a in declared.arguments]
    arguments = [a.name for a in declared.arguments] + ["XlcapDate1904()"] * takes_dates(declared)
    guard, failed = "", f'XlcapFailed("{declared.name}", Err.Description)'
    if declared.name == reasons.NAME:
        guard, failed = _KEPT.format(name=reasons.NAME), "Err.Description"
    elif slow(declared):
        guard = _WIZARD.format(name=declared.name, number=ERROR_NUMBERS["#N/A"])
    return _FUNCTION.format(
        name=declared.name,
        parameters=_continued(parameters),
        guard=guard,
        module=MODULE,
        arguments=f"Array({_continued(arguments)})",
        failed=failed,
    )


def _continued(words: list[str]) -> str:
    """A list on as many lines as it needs; a line of VBA holds 1,023 characters."""
    return " _\n        ".join(textwrap.wrap(", ".join(words), 200)) if words else ""


def optionals(declared: Function) -> Iterator[Argument]:
    """The arguments Excel may leave out: in VBA none that is required can follow them."""
    for place, argument in enumerate(declared.arguments):
        if not any(later.required for later in declared.arguments[place:]):
            yield argument


def takes_dates(declared: Function) -> bool:
    """Whether an argument may hold a date as a number, so that the workbook's date system matters."""
    return any(a.kind.shape == "table" or a.kind.name == "date" for a in declared.arguments)


def slow(declared: Function) -> bool:
    """Whether the function reads a table: such a one is not calculated at every key in the function wizard."""
    return any(argument.kind.columns for argument in declared.arguments)
