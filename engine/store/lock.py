"""One process writes an SQLite file: it holds an exclusive lock on `<database>.lock` for as long as it runs.

The lock file names the process and its door, the socket through which other processes hand in commands.
"""

from __future__ import annotations

import fcntl
import json
import os
from pathlib import Path
from typing import IO, Any

NETWORK = ("nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "fuse.sshfs", "afs", "ceph", "glusterfs")


class Locked(Exception):
    """Another process writes this database. `holder`: what its lock file says."""

    def __init__(self, path: Path, holder: dict[str, Any]):
        who = f"process {holder['pid']}" if holder.get("pid") else "another process"
        super().__init__(f"{path}: {who} writes this database; stop it, or let it take the command")
        self.path, self.holder = path, holder


class Lock:
    """Held until `release` or the end of the process, however it ends."""

    def __init__(self, database: Path):
        self.path = database.with_name(database.name + ".lock")
        self._file: IO[str] | None = None

    def take(self) -> None:
        """Raises Locked."""
        file = open(self.path, "a+", encoding="utf-8")  # noqa: SIM115
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            raise Locked(self.path, holder(self.path)) from None
        self._file = file
        self.say({})

    def say(self, what: dict[str, Any]) -> None:
        """Write who holds the lock, for those who find it taken."""
        assert self._file is not None
        self._file.seek(0)
        self._file.truncate()
        self._file.write(json.dumps({"pid": os.getpid(), **what}))
        self._file.flush()

    def release(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


def holder(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def network_disk(path: Path) -> str:
    """The type of the network file system a path lies on, or empty. SQLite's locks do not hold there."""
    best = ("", "")
    try:
        mounts = Path("/proc/self/mounts").read_text("utf-8").splitlines()
    except OSError:
        return ""
    place = str(path.resolve())
    for line in mounts:
        _, point, kind, *_ = line.split(" ")
        if (place == point or place.startswith(point.rstrip("/") + "/")) and len(point) >= len(best[0]):
            best = (point, kind)
    return best[1] if best[1] in NETWORK else ""
