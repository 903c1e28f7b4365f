"""What the tests of the hosts share."""

from __future__ import annotations

import pytest
from calc import Calc

from xlcap.hosts.libreoffice import office


@pytest.fixture(scope="session")
def calc(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Calc:
    """LibreOffice with the functions installed as a user installs them."""
    request.getfixturevalue("libreoffice")  # which skips where there is none
    profile = tmp_path_factory.mktemp("calc") / "profile"
    office.install(profile)
    return Calc(profile)
