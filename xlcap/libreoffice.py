"""``xlcap addin libreoffice``: the functions in LibreOffice Calc."""

from __future__ import annotations

import argparse
from pathlib import Path

from xlcap.errors import XlcapError
from xlcap.hosts.libreoffice import office
from xlcap.hosts.libreoffice.oxt import build


def run(options: argparse.Namespace) -> int:
    """The command."""
    if options.out and options.action != "build":
        raise XlcapError(f"only `build` writes a file; `{options.action}` needs none", where="--out")
    profile = options.profile or office.default_profile()
    if options.action == "build":
        print(f"{build(options.out or Path('xlcap.oxt'))}: open it with LibreOffice, which will install it")
    elif options.action == "install":
        print(f"xlcap {office.install(profile)} is installed; LibreOffice has it from its next start")
    elif options.action == "uninstall":
        print("xlcap is taken away" if office.uninstall(profile) else "xlcap was not installed there")
    else:
        for what, told in office.status(profile):
            print(f"{what:12}  {told}")
    return 0
