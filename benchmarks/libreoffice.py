"""Run by LibreOffice's own Python: load, recalculate and store a workbook in a running LibreOffice, several times."""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import uno
from com.sun.star.beans import PropertyValue


def prop(name: str, value: object) -> PropertyValue:
    """A named setting in UNO's own form."""
    setting = PropertyValue()
    setting.Name, setting.Value = name, value
    return setting


def connect(pipe: str) -> object:
    """The desktop of the LibreOffice listening on a pipe, once it answers."""
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
    for _ in range(240):
        try:
            context = resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
            return context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
        except Exception:  # not listening yet
            time.sleep(0.25)
    raise SystemExit("LibreOffice did not start")


def main(path: str, rounds: int) -> None:
    """Print the milliseconds of each round."""
    with tempfile.TemporaryDirectory() as folder:
        pipe = Path(folder).name
        profile = f"-env:UserInstallation=file://{folder}/profile"
        accept = f"--accept=pipe,name={pipe};urp;"
        office = subprocess.Popen(["soffice", "--headless", "--norestore", profile, accept])
        try:
            desktop = connect(pipe)
            source, target = Path(path).as_uri(), Path(folder, "out.xlsx").as_uri()
            times = []
            for _ in range(rounds + 1):
                start = time.perf_counter()
                document = desktop.loadComponentFromURL(source, "_blank", 0, (prop("Hidden", True),))
                document.calculateAll()
                document.storeToURL(target, (prop("FilterName", "Calc MS Excel 2007 XML"),))
                document.close(True)
                times.append((time.perf_counter() - start) * 1000)
            print(*times[1:])  # the first round warms it up
            desktop.terminate()
        finally:
            office.terminate()
            office.wait(timeout=30)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
