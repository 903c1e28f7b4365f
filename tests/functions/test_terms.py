"""The certificates as cells: TERMS, TERM, CERTIFICATES."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from importlib.resources import files
from pathlib import Path

import pytest

from xlcap.errors import XlcapError
from xlcap.functions import call
from xlcap.terms import available, load, spill


def test_a_spilled_block_reads_back_as_the_same_terms() -> None:
    """What TERMS spills, pasted as values, is the certificate itself."""
    block = call("TERMS", ["PRICESMART-B"])
    assert isinstance(block, list)
    assert call("TERMS", [block]) == block  # type: ignore[list-item]  # cells as a host hands them over


def test_a_changed_cell_changes_the_answer() -> None:
    """A block with another rate accrues at that rate: 1,000 x 6% x 45/360 = 7.50."""
    block = call("TERMS", ["PRICESMART-B"])
    assert isinstance(block, list)
    changed = [[field, 0.06 if field == "dividend.rate" else value] for field, value in block]
    assert call("ACCRUED_DIVIDENDS", [changed, "2004-02-16", "2003-07-09"]) == 7.5  # type: ignore[list-item]  # cells


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("price_per_share", 1000),
        ("Dividend.Rate", 0.08),
        ("redemption.first_date", "July __, 2008"),  # as the draft leaves it
        ("liquidation.as_converted_greater_of", True),
        ("voting.consents.adverse_change.fraction", "1/2"),
    ],
)
def test_one_field(field: str, value: object) -> None:
    """A field by its name, in any case; a date the draft leaves open in the draft's own words."""
    assert call("TERM", ["PRICESMART-B", field]) == value


def test_what_is_spilled_is_plain() -> None:
    """No type of our own reaches a host, which may not know what to do with it."""
    table = [cell for name in available() for row in spill(load(name)) for cell in row]
    assert {type(cell) for cell in table} <= {str, int, bool, Decimal, dt.date}


def test_an_unknown_certificate_names_the_nearest() -> None:
    """A misspelled name is an error that helps."""
    with pytest.raises(XlcapError, match=r"called 'Patrn-B'; did you mean 'PATRON-B'\? Known are CUMULATIVE"):
        call("TERM", ["Patrn-B", "id"])


def test_an_unknown_field_names_the_nearest() -> None:
    """A misspelled field is an error that helps."""
    with pytest.raises(XlcapError, match="has no field 'dividend_rate'; did you mean 'dividend") as error:
        call("TERM", ["PRICESMART-B", "dividend_rate"])
    assert error.value.where == "argument 'field'"


def test_a_file_that_cannot_be_read_is_listed_with_its_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One broken file of the user's own does not hide the other certificates."""
    (tmp_path / "OWN-C.toml").write_text("id = ")
    monkeypatch.setenv("XLCAP_TERMS", str(tmp_path))
    table = call("CERTIFICATES", [])
    assert isinstance(table, list)
    rows = {row[0]: row[1:] for row in table[1:]}
    assert "OWN-C.toml: this is not valid TOML" in str(rows["OWN-C"][0])
    assert rows["PRICESMART-B"][1] == "PriceSmart, Inc."


def test_a_file_whose_id_is_another_is_refused_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Formulas call a certificate by its file's name; by its path it can be read whatever it calls itself."""
    shipped = files("xlcap.certificates").joinpath("PRICESMART-B.toml").read_text(encoding="utf-8")
    (tmp_path / "OWN-B.toml").write_text(shipped)
    monkeypatch.setenv("XLCAP_TERMS", str(tmp_path))
    with pytest.raises(XlcapError, match="id is 'PRICESMART-B', and formulas call it by its file's name, 'OWN-B'"):
        call("TERM", ["own-b", "price_per_share"])
    assert call("TERM", [str(tmp_path / "OWN-B.toml"), "price_per_share"]) == 1000


def test_a_folder_that_is_not_there_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not taken for one without certificates: those shipped would be used in place of the user's own."""
    gone = str(tmp_path / "gone")
    monkeypatch.setenv("XLCAP_TERMS", gone)
    with pytest.raises(XlcapError) as error:
        call("TERM", ["PRICESMART-B", "price_per_share"])
    assert str(error.value) == f"XLCAP_TERMS: there is no folder '{gone}'"


def test_a_users_file_replaces_the_shipped_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The user's own folder comes first."""
    shipped = files("xlcap.certificates").joinpath("PRICESMART-B.toml").read_text(encoding="utf-8")
    (tmp_path / "PRICESMART-B.toml").write_text(shipped.replace("initial_price = 20.00", "initial_price = 30.00"))
    monkeypatch.setenv("XLCAP_TERMS", str(tmp_path))
    assert call("INITIAL_CONVERSION_PRICE", ["PRICESMART-B"]) == 30


def test_a_rate_above_one_is_a_slip() -> None:
    """8 for 8% is met with the way to write it."""
    with pytest.raises(XlcapError, match=r"terms: dividend.rate: 8 would be 800% a year; write 8% as 0.08"):
        call("TERM", [[["id", "PRICESMART-B"], ["dividend.rate", 8]], "dividend.rate"])
