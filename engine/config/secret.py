"""Secrets: they come from the environment or from a file only its owner may read, and are never printed."""

from __future__ import annotations

import os
import stat
from pathlib import Path

SHORTEST = 32  # bytes of a key that protects something by itself
# what people leave in a file for later
DEFAULTS = frozenset(
    [
        "change_me",
        "change-me",
        "changeme",
        "changeit",
        "default",
        "dummy",
        "example",
        "password",
        "passw0rd",
        "placeholder",
        "secret",
        "test",
        "todo",
        "trinh",
        "xxx",
        "123456",
    ]
)


class Secret:
    """A text that shows itself only when asked."""

    __slots__ = ("_text",)

    def __init__(self, text: str):
        self._text = text

    def reveal(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return "***"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash(("secret", self._text))


class BadSecret(Exception):
    """Why a secret cannot be used: one sentence without the secret."""


def default_text(text: str) -> bool:
    """Whether a secret is one of those that everybody tries first."""
    plain = text.strip().lower()
    return plain in DEFAULTS or len(set(plain)) < 2


def from_environment(name: str) -> Secret:
    """Raises BadSecret when the variable is empty or not set."""
    text = os.environ.get(name, "")
    if not text:
        raise BadSecret(f"the environment variable {name} is not set")
    return Secret(text)


def from_file(path: Path) -> Secret:
    """The first line of a file that nobody else may read. Raises BadSecret."""
    data = read_private(path)
    try:
        text = data.decode("utf-8").strip("\r\n")
    except UnicodeDecodeError:
        raise BadSecret(f"{path} is not text in UTF-8") from None
    if not text or "\n" in text:
        raise BadSecret(f"{path} must hold the secret as its only line")
    return Secret(text)


def read_private(path: Path) -> bytes:
    """The bytes of a key or password file. Raises BadSecret when it is missing, a link, or open to others."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        raise BadSecret(f"{path} does not exist") from None
    except OSError as error:
        raise BadSecret(f"{path} cannot be read: {error.strerror}") from None
    with os.fdopen(handle, "rb") as file:
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode):
            raise BadSecret(f"{path} is not a plain file")
        if found.st_mode & 0o077:
            raise BadSecret(f"{path} may be read by others (mode {found.st_mode & 0o777:04o}); run: chmod 600 {path}")
        return file.read(64 * 1024)
