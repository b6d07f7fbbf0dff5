"""What a site needs on disk before its database: folders of its own, a secret nobody knows."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from engine.cli.errors import Mistake

if TYPE_CHECKING:
    from engine.config.settings import Settings


def make_folders(settings: Settings) -> None:
    """Every folder that Trình writes in, for its user alone (0700). Those that exist stay as they are."""
    folders = [settings.data, settings.files.dir, settings.keys.signing.parent, settings.keys.secret.parent]
    if settings.sqlite is not None:
        folders.append(settings.sqlite.parent)
    if settings.mail.backend == "maildir":
        folders.append(settings.mail.maildir)
    os.umask(0o077)
    for folder in folders:
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise Mistake(f"the folder {folder} cannot be made: {(error.strerror or 'error').lower()}") from None


def make_secret(path: Path) -> bool:
    """A random secret in a new file, 0600; False when there is one."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return False
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_urlsafe(48) + "\n")
        file.flush()
        os.fsync(file.fileno())
    return True
