"""Paths and database addresses of a site, counted from the folder of its config.toml."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit


class BadDatabase(Exception):
    """Why a database address cannot be used: one sentence without its password."""


@dataclass(frozen=True)
class Folder:
    """The folder of a config.toml."""

    root: Path

    def path(self, text: str) -> Path:
        """An absolute path; a relative one counts from the root."""
        return Path(self.root, text).absolute()

    def database(self, url: str, password: str = "") -> str:
        """The address with an absolute file or with its password. Raises BadDatabase."""
        scheme, mark, rest = url.partition("://")
        if scheme == "sqlite" and mark:
            return self._sqlite(rest)
        if scheme in ("postgresql", "postgres", "postgresql+psycopg") and mark:
            return _postgres(rest, password)
        raise BadDatabase('the database is "sqlite:///FILE" or "postgresql://USER@HOST/NAME"')

    def _sqlite(self, rest: str) -> str:
        file = rest[1:]
        if not rest.startswith("/") or not file or file == ":memory:" or "?" in file:
            raise BadDatabase('SQLite needs a file and nothing more: "sqlite:///var/trinh.db"')
        return f"sqlite:///{self.path(file)}"


def _postgres(rest: str, password: str) -> str:
    try:
        parts = urlsplit(f"postgresql://{rest}")
        port = parts.port
    except ValueError:
        raise BadDatabase("the port of the database is not a number") from None
    if parts.password:
        raise BadDatabase(
            "the address holds a password; put it into password_env or password_file (or the whole into url_env)"
        )
    if not parts.path.strip("/"):
        raise BadDatabase('the address lacks the name of the database: "postgresql://USER@HOST/NAME"')
    user = f"{parts.username}{':' + quote(password, safe='') if password else ''}@" if parts.username else ""
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""
    query = f"?{parts.query}" if parts.query else ""
    return f"postgresql+psycopg://{user}{host}{f':{port}' if port else ''}{parts.path}{query}"


def split_password(url: str) -> tuple[str, str]:
    """An address without its password, and the password."""
    scheme, mark, rest = url.partition("://")
    user, at, place = rest.rpartition("@")
    name, _, password = user.partition(":")
    return f"{scheme}{mark}{name}{at}{place}", unquote(password)
