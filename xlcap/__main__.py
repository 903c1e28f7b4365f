"""``python -m xlcap`` is ``xlcap``."""

import sys

from xlcap.cli import main

if __name__ == "__main__":
    sys.exit(main())
