"""What only the machine can tell about a site: keys, folders, modes, disk, host names, the port. Asked before the port opens.

Everything found is a problem at the key of config.toml that it concerns; a warning does not stop the server.
"""

from __future__ import annotations

import os
import shutil
import socket
import stat
from pathlib import Path

from engine.config.checks import loopback
from engine.config.secret import SHORTEST, BadSecret, default_text, read_private
from engine.config.settings import Settings
from engine.definitions.problems import Problem

_MB = 1024 * 1024


def refusals(settings: Settings) -> list[Problem]:
    """Every reason not to start, and warnings. Opens nothing but the key files."""
    run = _Safety(settings)
    if not settings.data.is_dir():
        run.refuse("E641", f"the folder {settings.data} does not exist; `trinh init` makes this site", "data")
        return [*settings.warnings, *run.problems]
    run.folders()
    run.keys()
    run.database()
    run.mail()
    run.disk()
    run.surroundings()
    return [*settings.warnings, *run.problems]


def port_taken(host: str, port: int) -> str:
    """Why nothing can listen there, or an empty text."""
    try:
        family, kind, proto, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except OSError as error:
        return f"'{host}' is not an address of this machine: {error.strerror}"
    with socket.socket(family, kind, proto) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as error:
            reason = "another program listens there" if error.errno == 98 else (error.strerror or "error").lower()
            return f"port {port} on {host} cannot be opened: {reason}"
    return ""


class _Safety:
    def __init__(self, settings: Settings):
        self.settings = settings
        self.problems: list[Problem] = []

    def refuse(self, code: str, message: str, *path: str) -> None:
        self.problems.append(self.settings.source.problem(code, message, self._written(path)))

    def warn(self, code: str, message: str, *path: str) -> None:
        self.problems.append(self.settings.source.problem(code, message, self._written(path), severity="warning"))

    def _written(self, path: tuple[str, ...]) -> tuple[str, ...]:
        """The path as far as config.toml has it; `data` where a place lies there by default."""
        return (
            path if path in self.settings.source.spots else ("data",) if ("data",) in self.settings.source.spots else ()
        )

    def folders(self) -> None:
        self._writable(self.settings.files.dir, "files", "dir")
        if self.settings.mail.backend == "maildir":
            self._writable(self.settings.mail.maildir, "mail", "maildir")
            if self.settings.mail.maildir.is_dir() and _mode(self.settings.mail.maildir) & 0o077:
                message = f"others can read the mailboxes in {self.settings.mail.maildir}; run: chmod 700 {self.settings.mail.maildir}"
                self.refuse("E644", message, "mail", "maildir")

    def _writable(self, folder: Path, *path: str) -> None:
        if not folder.is_dir():
            self.refuse("E641", f"the folder {folder} does not exist; `trinh init` makes it", *path)
        elif not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
            self.refuse("E642", f"this user may not write in {folder}", *path)

    def keys(self) -> None:
        keys = self.settings.keys
        try:
            if b"PRIVATE KEY" not in read_private(keys.signing):
                self.refuse("E605", f"{keys.signing} is not a private key in PEM", "keys", "signing")
        except BadSecret as error:
            self.refuse("E605", str(error), "keys", "signing")
        try:
            secret = keys.secret_bytes()
        except BadSecret as error:
            return self.refuse("E605", str(error), "keys", "secret")
        if len(secret.strip()) < SHORTEST:
            self.refuse(
                "E605",
                f"{keys.secret} has {len(secret.strip())} bytes; a secret has {SHORTEST} or more",
                "keys",
                "secret",
            )
        elif default_text(secret.decode("utf-8", "replace")) or len(set(secret)) < 12:
            self.refuse("E605", f"{keys.secret} is no random secret", "keys", "secret")

    def database(self) -> None:
        file = self.settings.sqlite
        if file is None:
            return
        if not file.parent.is_dir():
            return self.refuse(
                "E641", f"the folder {file.parent} does not exist; `trinh init` makes it", "database", "url"
            )
        if not os.access(file.parent, os.W_OK | os.X_OK):
            message = f"SQLite writes its log beside the database, but this user may not write in {file.parent}"
            return self.refuse("E642", message, "database", "url")
        if not file.exists():
            return self.refuse("E641", f"there is no database {file}; `trinh init` makes it", "database", "url")
        for name in (file, file.with_name(file.name + "-wal"), file.with_name(file.name + "-shm")):
            if name.exists() and _mode(name) & 0o007:
                return self.refuse("E644", f"everybody can read {name}; run: chmod 600 {name}", "database", "url")
        if not os.access(file, os.R_OK | os.W_OK):
            self.refuse("E642", f"this user may not write {file}", "database", "url")

    def mail(self) -> None:
        mail = self.settings.mail
        if mail.backend != "smtp":
            return
        try:
            socket.getaddrinfo(mail.host, mail.port, type=socket.SOCK_STREAM)
        except socket.gaierror as error:
            message = f"the mail server '{mail.host}' is not found: {error.strerror}"
            told = self.warn if error.errno == socket.EAI_AGAIN else self.refuse
            told("E604", message, "mail", "host")

    def disk(self) -> None:
        folders = {self.settings.data, self.settings.files.dir}
        if self.settings.sqlite is not None:
            folders.add(self.settings.sqlite.parent)
        for folder in sorted(folders):
            if not folder.is_dir():
                continue
            free = shutil.disk_usage(folder).free
            if free < self.settings.limits.disk_free_bytes:
                least = self.settings.limits.disk_free_bytes // _MB
                self.refuse(
                    "E643", f"{free // _MB} MB are free in {folder}; {least} MB are needed", "limits", "disk_free_mb"
                )
                return

    def surroundings(self) -> None:
        if self.settings.production and os.environ.get("TRINH_FAILPOINTS"):
            self.refuse("E645", "TRINH_FAILPOINTS is set: a production site does not run with failpoints", "production")
        if not loopback(self.settings.server.host) and self.settings.base_url.startswith("http:"):
            message = "the server listens beyond this machine, but mailed links lead to this machine only"
            self.warn("E601", message, "site", "base_url")


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)
