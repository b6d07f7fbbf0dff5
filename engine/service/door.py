"""The door of a running server for other processes of the same site (decisions 4.4): a socket of mode 0600 that takes the
same commands. Needed on SQLite, where one process writes; its lock file says where the door is.

One request and one answer per connection, each a line of JSON.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import socket
import socketserver
import struct
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.service import publishing
from engine.service.engine import Engine
from engine.service.wire import RemoteError, pack, pack_error, unpack, unpack_error
from engine.store import lock
from engine.store.database import parse

if TYPE_CHECKING:
    from engine.config.site import SiteSetup

log = logging.getLogger(__name__)
MOST = 64 * 1024 * 1024  # bytes of a request
PATIENCE = 60.0  # seconds
_LONGEST = 100  # of a socket's path; the system takes 107

Call = Callable[..., Any]
CALLS: dict[str, Call] = {
    "open": Engine.open,
    "mint": Engine.mint,
    "decide": Engine.decide,
    "discard": Engine.discard,
    "save_draft": Engine.save_draft,
    "attach": Engine.attach,
    "revoke": Engine.revoke,
    "release": Engine.release,
    "tick": Engine.tick,
    "now": lambda engine: engine.clock(),
    "publish": publishing.publish,
    "import_register": publishing.import_register,
    "set_people": publishing.set_people,
    "set_calendar": publishing.set_calendar,
    "append": lambda engine, type_, body, by="engine": publishing.append(engine, type_, body, by).seq,
}


class NoServer(Exception):
    """Nobody answers at the door of this site."""


class Hands:
    """The commands of a site, by name as in CALLS, wherever the engine is: `Local` or `Remote`."""

    def __getattr__(self, name: str) -> Call:
        if name not in CALLS:
            raise AttributeError(name)
        return lambda *args, **given: self._call(name, args, given)

    def _call(self, name: str, args: tuple[Any, ...], given: dict[str, Any]) -> Any:
        raise NotImplementedError

    def __enter__(self) -> Hands:
        return self

    def __exit__(self, *error: object) -> None:
        pass


class Local(Hands):
    """This process writes."""

    def __init__(self, engine: Engine):
        self.engine = engine

    def _call(self, name: str, args: tuple[Any, ...], given: dict[str, Any]) -> Any:
        return CALLS[name](self.engine, *args, **given)


class Remote(Hands):
    """The server writes; refusals come back as themselves."""

    def __init__(self, path: Path):
        self.path = path

    def _call(self, name: str, args: tuple[Any, ...], given: dict[str, Any]) -> Any:
        answer = self._ask({"call": name, "args": pack(list(args)), "given": pack(given)})
        if "error" in answer:
            raise unpack_error(answer["error"])
        return unpack(answer["done"])

    def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(PATIENCE)
            try:
                line.connect(str(self.path))
            except OSError as error:
                raise NoServer(f"{self.path}: {error.strerror or error}") from None
            line.sendall(json.dumps(request).encode() + b"\n")
            answer = line.makefile("rb").readline()
        if not answer:
            raise RemoteError("the server ended while it worked on the command; give it again")
        found: dict[str, Any] = json.loads(answer)
        return found


def connect(setup: SiteSetup) -> Remote:
    """The running server of this site. Raises NoServer."""
    url = parse(setup.settings.database_url)
    if url.get_backend_name() != "sqlite":
        raise NoServer("PostgreSQL takes commands of several processes: no door is needed")
    database = Path(url.database or "").absolute()
    said = lock.holder(database.with_name(database.name + ".lock")).get("door")
    if not said:
        raise NoServer(f"{database}: no server of this site has opened a door")
    remote = Remote(Path(said))
    remote.now()
    return remote


class Door:
    """The listening side; `close` ends it."""

    def __init__(self, server: _Server, path: Path):
        self._server = server
        self.path = path
        self._thread = threading.Thread(target=self._server.serve_forever, name="door", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        self.path.unlink(missing_ok=True)


def serve(engine: Engine, setup: SiteSetup) -> Door | None:
    """Open the door of a server on SQLite; None on PostgreSQL."""
    database = engine.database
    if database.path is None or database.lock is None:
        return None
    path = _place(database.path)
    path.unlink(missing_ok=True)  # of a server that died: the lock is ours
    before = os.umask(0o177)
    try:
        server = _Server(str(path), _Handler)
    finally:
        os.umask(before)
    server.engine, server.setup = engine, setup
    database.lock.say({"door": str(path)})
    return Door(server, path)


def _place(database: Path) -> Path:
    """Beside the database; in the directory for temporary files where that path is too long for a socket."""
    beside = database.with_name(database.name + ".sock")
    if len(os.fsencode(beside)) <= _LONGEST:
        return beside
    mark = hashlib.sha256(os.fsencode(beside)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"trinh-{os.geteuid()}-{mark}.sock"


class _Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
    engine: Engine
    setup: SiteSetup


class _Handler(socketserver.StreamRequestHandler):
    timeout = PATIENCE
    server: _Server

    def handle(self) -> None:
        if not self._known():
            return
        request = self.rfile.readline(MOST + 1)
        if not request.endswith(b"\n"):
            return
        with contextlib.suppress(OSError):  # who asked is gone
            self.wfile.write(json.dumps(self._answer(request)).encode() + b"\n")

    def _known(self) -> bool:
        """The other side runs as the same user, or as root."""
        packed = self.request.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
        user = struct.unpack("3i", packed)[1]
        return user in (0, os.geteuid())

    def _answer(self, request: bytes) -> dict[str, Any]:
        try:
            asked = json.loads(request)
            call = CALLS[asked["call"]]
            args = unpack(asked["args"], self.server.setup.names)
            given = unpack(asked["given"], self.server.setup.names)
            return {"done": pack(call(self.server.engine, *args, **given))}
        except Exception as error:
            packed = pack_error(error)
            if packed["kind"] == "RemoteError":
                log.exception("at the door")
            return {"error": packed}
