"""The demo: a fill whose arguments stand beside the sample data."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from xlcap.batch import demo as demos
from xlcap.batch.demo import demo
from xlcap.cli import main
from xlcap.shipped import workbooks


@pytest.fixture
def samples(folder: Path, template_with: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of workbooks with a small demo, taken for the one shipped."""
    root = folder / "shipped samples"
    (root / "pricesmart").mkdir(parents=True)
    template_with(root / "small.xlsx")
    for name, text in {
        "demo.toml": 'template = "../small.xlsx"\nrows = "r.csv"\nname = "{report}"\ntables.Events = "e.csv:report"\n',
        "r.csv": "report,note\nA,x\nB,y\n",
        "e.csv": "report,event,ratio\nA,split,2\nB,split,3\n",
    }.items():
        (root / "pricesmart" / name).write_text(text, encoding="utf-8")
    monkeypatch.setattr(demos, "workbooks", lambda: root)
    return root


@pytest.mark.usefixtures("samples")
def test_demo(show: Callable[[Path, str], Any], capsys: pytest.CaptureFixture[str]) -> None:
    """The demo fills a folder and says what to open."""
    assert main(["demo"]) == 0
    assert [show(Path(f"demo/{name}.xlsx"), "Summary!A2") for name in "AB"] == [2, 3]
    told = capsys.readouterr().out
    assert told.startswith("2 workbooks written")
    assert "Open in Excel or LibreOffice:\n  demo/A.xlsx\n  demo/B.xlsx\n" in told


def test_demo_by_hand(samples: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The demo prints the command that does the same, fit for a shell."""
    main(["demo", "there"])
    command = capsys.readouterr().out.rstrip().splitlines()[-1].strip()
    assert command == (
        f"xlcap fill '{samples}/small.xlsx' --rows '{samples}/pricesmart/r.csv' --out there "
        f"--table 'Events={samples}/pricesmart/e.csv:report' --name '{{report}}'"
    )


def test_shipped() -> None:
    """The workbooks shipped are found, with what the demo is to do."""
    assert demo(workbooks()).rows.name == "reports.csv"


def test_samples_that_are_not_there(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the samples the demo says so."""
    monkeypatch.setattr(demos, "workbooks", lambda: folder)
    assert main(["demo"]) == 2
    assert capsys.readouterr().err.startswith(f"xlcap: {folder / 'pricesmart' / 'demo.toml'}: cannot be read: ")


@pytest.mark.usefixtures("samples")
def test_a_sample_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    """A name that is none of the samples is refused with those there are."""
    assert main(["demo", "--sample", "acme"]) == 2
    assert capsys.readouterr().err == "xlcap: --sample acme: there is no such sample; there are pricesmart\n"
