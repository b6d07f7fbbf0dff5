"""The pages on a port, for a real browser."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import uvicorn

from engine.web.app import create_app
from engine.web.running import Running
from tests.support.delegation import Desk, site
from tests.web.conftest import HandClock, Moves, Web


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def serving(folder: Path, now: str = "2022-05-04 08:00", **more: Any) -> Iterator[Web]:
    """A filled site that answers on its own address. `more` goes to Running."""
    port = free_port()
    setup = site()
    setup = replace(setup, settings=replace(setup.settings, base_url=f"http://127.0.0.1:{port}"))
    clock = HandClock(now)
    desk = Desk(f"sqlite:///{folder}/trinh.db", folder, clock=clock, setup=setup)
    mailed: list[tuple[str, str]] = []
    made = Running(
        desk.engine,
        desk.setup,
        clock=clock,
        demo=Moves(desk),
        mail_sign_in=lambda person, url, lang: mailed.append((person.id, url)),
        **more,
    )
    app = create_app(made)
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    try:
        yield Web(desk, app, made, mailed)
    finally:
        server.should_exit = True
        thread.join(10)
        desk.close()
