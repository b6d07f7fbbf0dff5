"""A whole site in a folder of its own: a copy of the checkout's files that a test may spoil."""

from __future__ import annotations

import shutil
from pathlib import Path

from engine.config.site import SiteSetup, load_site
from engine.definitions.problems import Problem, Problems

CHECKOUT = Path(__file__).resolve().parents[2]


class SiteFolder:
    """`edit` replaces text in one of the files; every text that is to be replaced must be there exactly once."""

    def __init__(self, root: Path):
        self.root = root
        root.mkdir(parents=True, exist_ok=True)
        shutil.copy(CHECKOUT / "config.toml", root)
        shutil.copytree(CHECKOUT / "workflows", root / "workflows")
        (root / "templates").symlink_to(CHECKOUT / "templates")

    @classmethod
    def at(cls, root: Path) -> SiteFolder:
        """A site that is there already."""
        found = cls.__new__(cls)
        found.root = root
        return found

    @property
    def config(self) -> Path:
        return self.root / "config.toml"

    @property
    def directory(self) -> Path:
        return self.root / "workflows" / "site" / "directory.toml"

    @property
    def calendar(self) -> Path:
        return self.root / "workflows" / "site" / "calendar.toml"

    def edit(self, old: str, new: str, file: Path | None = None) -> SiteFolder:
        file = file or self.config
        text = file.read_text("utf-8")
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file.name}"
        file.write_text(text.replace(old, new), "utf-8")
        return self

    def load(self) -> SiteSetup:
        return load_site(self.config)

    def problems(self) -> list[Problem]:
        """What is wrong with the site; empty when it loads."""
        try:
            self.load()
        except Problems as error:
            return list(error.items)
        return []

    def said(self) -> list[str]:
        """`file:line: sentence (hint)` of every problem."""
        return [f"{Path(p.file).name}:{p.line}: {p.message}{f' ({p.hint})' if p.hint else ''}" for p in self.problems()]

    def line(self, text: str, file: Path | None = None) -> int:
        """The first line that holds `text`."""
        lines = (file or self.config).read_text("utf-8").split("\n")
        return next(number for number, line in enumerate(lines, 1) if text in line)
