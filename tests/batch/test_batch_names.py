"""Names of outputs, taken from data."""

import pytest

from xlcap.batch.names import Pattern, check, clashes
from xlcap.errors import XlcapError


def test_columns_of_the_row() -> None:
    """A pattern takes columns of the row, in any case, and the template's suffix."""
    assert Pattern("{Report} {as of}", ".xlsm").name({"report": "Q1", "as_of": "2004-06-30"}) == "Q1 2004-06-30.xlsm"


def test_dots_in_data() -> None:
    """A dot in the data is not taken for a suffix."""
    assert Pattern("{report}", ".xlsx").name({"report": "v1.2"}) == "v1.2.xlsx"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("../up.xlsx", "holds '/'"),
        ("..\\up.xlsx", "holds '\\'"),
        ("/etc/passwd.xlsx", "holds '/'"),
        ("C:up.xlsx", "holds ':'"),
        ("a?.xlsx", "holds '?'"),
        ("a\nb.xlsx", "holds 'the character U+000A'"),
        ("a\0.xlsx", "holds 'the character U+0000'"),
        ("...xlsx", "must not begin or end with a dot or a space"),
        (".hidden.xlsx", "must not begin or end with a dot or a space"),
        ("a .xlsx", "must not begin or end with a dot or a space"),
        ("a..xlsx", "must not begin or end with a dot or a space"),
        (".xlsx", "must not begin or end with a dot or a space"),
        ("con.xlsx", "is reserved by Windows"),
        ("LPT1.v2.xlsx", "is reserved by Windows"),
        ("é" * 100 + ".xlsx", "is too long"),
    ],
)
def test_refused(name: str, reason: str) -> None:
    """A name that could leave the folder, or that some system cannot keep, is refused and not altered."""
    with pytest.raises(XlcapError) as error:
        check(name)
    assert reason in str(error.value)


def test_blank_column() -> None:
    """A row without the value it is to be named after has no name."""
    with pytest.raises(XlcapError, match="column 'report' is blank, and the output is named after it"):
        Pattern("{report}", ".xlsx").name({})


def test_other_suffix() -> None:
    """A workbook keeps the template's format."""
    with pytest.raises(XlcapError, match=r"'Q1.xlsm' must end in .xlsx"):
        Pattern("{report}.xlsm", ".xlsx").name({"report": "Q1"})


@pytest.mark.parametrize("text", ["{report", "report}", "{}", "{a{b}}"])
def test_braces(text: str) -> None:
    """Braces that do not stand around a column's name are refused."""
    with pytest.raises(XlcapError, match="braces stand around the name of a column"):
        Pattern(text, ".xlsx")


def test_folders_in_pattern() -> None:
    """A pattern names files, not folders."""
    with pytest.raises(XlcapError, match="without folders"):
        Pattern("{a}/{b}", ".xlsx")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Q1.xlsx", "Q1.xlsx"),
        ("Q1.xlsx", "q1.XLSX"),
        ("STRASSE.xlsx", "Straße.xlsx"),
        ("Caf\u00e9.xlsx", "Cafe\u0301.xlsx"),
    ],
)
def test_clash(one: str, other: str) -> None:
    """Names that some file system takes for one clash: in case, and in how an accent is stored."""
    assert clashes([(2, one), (5, other)]) == [(one, [2, 5])]
