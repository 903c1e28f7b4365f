"""Run by LibreOffice's own Python: add, remove or look for an extension in a profile. It prints one line of JSON.

LibreOffice's extension manager is asked through a LibreOffice started for that, out of sight: the program ``unopkg``
refuses to serve the root user of a container.
"""

import importlib
import json
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

PATIENCE = 90  # seconds for LibreOffice to start: the first start with a new profile is slow


def main(program: str, profile: str, action: str, identifier: str, url: str) -> dict[str, Any]:
    """``add`` (from a URL), ``remove`` or ``look`` for the extension; its version, if it is there afterwards."""
    told: dict[str, Any] = {}
    with running(program, profile) as context:
        manager = context.getByName("/singletons/com.sun.star.deployment.ExtensionManager")
        if action == "remove":
            _remove(manager, identifier)
        elif action == "add":
            try:
                manager.addExtension(url, (), "user", None, _approval())
            except Exception as error:
                _remove(manager, identifier)  # what cannot be loaded must not be met at every start
                told["refused"] = str(getattr(getattr(error, "Cause", None), "Message", None) or error)
        found = _found(manager, identifier)
        told["version"] = found.getVersion() if found else None
    return told


@contextmanager
def running(program: str, profile: str) -> Iterator[Any]:
    """The context of a LibreOffice started with a profile (a URL), out of sight, and ended afterwards."""
    pipe = f"xlcap{uuid.uuid4().hex}"
    command = [program, "--headless", "--norestore", "--nologo", "--nodefault", f"-env:UserInstallation={profile}"]
    office = subprocess.Popen(
        [*command, f"--accept=pipe,name={pipe};urp;"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        context = _context(pipe)
        yield context
        context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context).terminate()
        office.wait(timeout=PATIENCE)
    finally:
        if office.poll() is None:
            office.terminate()
            office.wait(timeout=PATIENCE)


def _context(pipe: str) -> Any:
    uno = importlib.import_module("uno")  # LibreOffice's alone
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
    for _ in range(PATIENCE * 10):
        try:
            return resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
        except Exception:  # not listening yet
            time.sleep(0.1)
    raise SystemExit("LibreOffice did not start")


def _found(manager: Any, identifier: str) -> Any:
    installed = manager.getDeployedExtensions("user", None, None)
    return next((one for one in installed if one and one.getIdentifier().Value == identifier), None)


def _remove(manager: Any, identifier: str) -> None:
    found = _found(manager, identifier)
    if found is not None:
        manager.removeExtension(identifier, found.getName(), "user", None, _approval())


def _approval() -> Any:
    """Who says yes to what the manager asks, as it does of a person."""
    uno, unohelper = importlib.import_module("uno"), importlib.import_module("unohelper")
    handler = uno.getClass("com.sun.star.task.XInteractionHandler")
    environment = uno.getClass("com.sun.star.ucb.XCommandEnvironment")
    approve = uno.getTypeByName("com.sun.star.task.XInteractionApprove")

    def handle(_handler: Any, request: Any) -> None:
        for answer in request.getContinuations():
            if answer.queryInterface(approve):
                answer.select()
                return

    yes = type("Yes", (unohelper.Base, handler), {"handle": handle})
    asked = {"getInteractionHandler": lambda _command: yes(), "getProgressHandler": lambda _command: None}
    return type("Command", (unohelper.Base, environment), asked)()


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:])))
