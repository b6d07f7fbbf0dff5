"""A PostgreSQL of the tests' own: made in a temporary directory, gone with the test session.

The programs are Debian's. A server refuses to run as root, so a test session started by root runs it as `postgres`.
"""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psycopg

PROGRAMS = Path("/usr/lib/postgresql")
USER = "trinh"

# The cluster never outlives the tests, so nothing is kept safe from a power cut; all else is the server's default.
SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "listen_addresses": "127.0.0.1",
    "max_connections": "100",
    "timezone": "UTC",
    "log_min_messages": "warning",
    "autovacuum": "off",
}


class Cluster:
    """A running server. `fresh()` gives an empty database, `fresh(fill)` a copy of one that `fill` has filled once."""

    def __init__(self, settings: dict[str, str] | None = None) -> None:
        self._settings = SETTINGS if settings is None else settings
        self._programs = _programs()
        # Not below pytest's own directory: that is closed to every user but the one who runs the tests.
        self._home = Path(tempfile.mkdtemp(prefix="trinh-pg-"))
        self._data = self._home / "data"
        self._numbers = itertools.count(1)
        self._templates: dict[Callable[[str], object], str] = {}
        self._as_owner: list[str] = []
        if os.geteuid() == 0:
            owner = pwd.getpwnam("postgres")
            os.chown(self._home, owner.pw_uid, owner.pw_gid)
            self._as_owner = ["runuser", "-u", "postgres", "--"]
        self._run("initdb", "-D", self._data, "-U", USER, "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
        self.port = self._start()

    def url(self, database: str = "postgres") -> str:
        """The SQLAlchemy URL of a database of this cluster."""
        return f"postgresql+psycopg://{USER}@127.0.0.1:{self.port}/{database}"

    def fresh(self, fill: Callable[[str], object] | None = None) -> str:
        """The URL of a database nobody has used. `fill(url)` runs once per session; its result is then copied."""
        if fill is None:
            return self.url(self._create("template1"))
        if fill not in self._templates:
            template = self._create("template1")
            fill(self.url(template))
            self._templates[fill] = template
        return self.url(self._create(self._templates[fill]))

    def drop(self, url: str) -> None:
        """Remove a database, whoever is still connected to it."""
        self.execute(f'DROP DATABASE IF EXISTS "{url.rpartition("/")[2]}" WITH (FORCE)')

    def execute(self, statement: str) -> None:
        """Run one statement as superuser, outside a transaction."""
        with psycopg.connect(
            host="127.0.0.1", port=self.port, user=USER, dbname="postgres", autocommit=True
        ) as connection:
            connection.execute(statement.encode())

    def stop(self) -> None:
        """End the server at once and remove its files."""
        try:
            self._run("pg_ctl", "stop", "-D", self._data, "-m", "immediate", "-w")
        finally:
            shutil.rmtree(self._home, ignore_errors=True)

    def _create(self, template: str) -> str:
        name = f"t{next(self._numbers)}"
        self.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return name

    def _start(self) -> int:
        """Start on a free port; another process may take it between our look and the server's, so try a few times."""
        log = self._home / "log"
        for attempt in range(5):
            port = _free_port()
            options = " ".join(f"-c {key}={value}" for key, value in self._settings.items())
            options += f" -c port={port} -c unix_socket_directories={self._home}"
            try:
                self._run("pg_ctl", "start", "-D", self._data, "-l", log, "-w", "-t", "60", "-o", options)
                return port
            except subprocess.CalledProcessError as error:
                if attempt == 4:
                    raise RuntimeError(f"PostgreSQL does not start:\n{log.read_text()}") from error
                time.sleep(0.2)
        raise AssertionError("not reached")

    def _run(self, program: str, *arguments: object) -> None:
        subprocess.run(
            [*self._as_owner, str(self._programs / program), *map(str, arguments)],
            check=True,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=120,
        )


def _programs() -> Path:
    """The newest installed server's directory."""
    found = sorted(PROGRAMS.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if not found:
        raise RuntimeError(f"no PostgreSQL below {PROGRAMS}: `make test` installs it, or run `make check`")
    return found[-1].parent


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
