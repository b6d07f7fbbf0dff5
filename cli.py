"""`trinh`: the command line of this checkout. Everything it does stands in engine/cli."""

from __future__ import annotations

import sys

from engine.cli.main import main

__all__ = ["main"]

if __name__ == "__main__":
    sys.exit(main())
