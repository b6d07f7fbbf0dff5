"""Where a site is: the nearest config.toml upward."""

from __future__ import annotations

from pathlib import Path

NAME = "config.toml"


def find_config(start: Path) -> Path | None:
    """The config.toml of `start` or of the nearest folder above it; a path that is a file stands for itself."""
    start = start.resolve()
    if start.is_file():
        return start
    for folder in (start, *start.parents):
        if (folder / NAME).is_file():
            return folder / NAME
    return None
