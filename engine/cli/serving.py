"""Putting a site together and serving it: engine, door, relay, printer, worker, pages."""

from __future__ import annotations

import dataclasses
import logging
import os
import signal
import threading
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from engine.cli.errors import Mistake
from engine.cli.output import note, say

if TYPE_CHECKING:
    from engine.config.settings import Settings
    from engine.config.site import SiteSetup
    from engine.service import Engine
    from engine.web.running import Running

log = logging.getLogger(__name__)


def at(setup: SiteSetup, host: str | None, port: int | None) -> SiteSetup:
    """The site on another address. Links of a site on this machine follow the port. Raises Mistake."""
    from engine.config.checks import loopback

    if port is not None and not 1 <= port <= 65535:
        raise Mistake("--port is a number from 1 to 65535")
    settings = setup.settings
    server = dataclasses.replace(settings.server, host=host or settings.server.host, port=port or settings.server.port)
    parts, base_url = urlsplit(settings.base_url), settings.base_url
    if parts.scheme == "http" and loopback(parts.hostname or "") and port is not None:
        base_url = f"http://{parts.hostname}:{port}"
    return dataclasses.replace(setup, settings=dataclasses.replace(settings, server=server, base_url=base_url))


def refuse_port(settings: Settings) -> None:
    from engine.config.safety import port_taken

    taken = port_taken(settings.server.host, settings.server.port)
    if taken:
        raise Mistake(f"{taken}; choose another with --port")


def serve(setup: SiteSetup, *, access_log: bool = False) -> int:
    """Until a signal ends it; the exit code. Raises Problems for everything unsafe."""
    settings = setup.settings
    _refuse_unsafe(settings)
    refuse_port(settings)
    os.umask(0o077)
    _logging(access_log)
    with ExitStack() as stack:
        return _run(_running(setup, stack), setup, access_log)


def _refuse_unsafe(settings: Settings) -> None:
    from engine.config.safety import refusals
    from engine.definitions.problems import Problems

    found = refusals(settings)
    if any(item.severity == "error" for item in found):
        raise Problems(found)
    for warning in found:
        note(warning.text())


def _running(setup: SiteSetup, stack: ExitStack) -> Running:
    """Everything behind the pages; what is opened is closed by `stack`."""
    from engine.documents.render import Printer
    from engine.mail.maildir import Maildir
    from engine.scheduler import Bell, Worker, make_relay
    from engine.service import door
    from engine.service.opening import open_engine
    from engine.service.publishing import set_calendar
    from engine.web.running import Running

    settings, bell = setup.settings, Bell()
    engine = open_engine(setup, on_commit=bell.ring)
    stack.callback(engine.close)
    set_calendar(engine, setup.calendar, "engine")
    opened = door.serve(engine, setup)
    if opened is not None:
        stack.callback(opened.close)
    printer = Printer(settings.templates)
    stack.callback(printer.close)
    relay = make_relay(engine, setup, printer=printer)
    worker = Worker(engine, relay, printer, bell=bell)
    running = Running(
        engine,
        setup,
        relay=relay,
        worker=worker,
        printer=printer,
        clock=engine.clock,
        mail_sign_in=lambda person, url, lang: relay.sign_in(person, url, lang, settings.sign_in.code_minutes),
        mailbox=Maildir(settings.mail.maildir) if settings.mail.backend == "maildir" else None,
    )
    threading.Thread(target=_warm, args=(engine, printer, setup), name="warm", daemon=True).start()
    return running


def _warm(engine: Engine, printer: Any, setup: SiteSetup) -> None:
    """What may take a second and nobody waits for."""
    from engine.service import issued

    try:
        printer.warm()
        issued.keep_templates(engine, printer)
        for sentence in differences(engine, setup):
            note(f"trinh: {sentence}")
    except Exception:
        log.exception("the printer could not be started; it is tried again with the first document")


def differences(engine: Engine, setup: SiteSetup) -> list[str]:
    """Where the files say something else than what is in force (decisions 4.19)."""
    from engine.cli.files import workflow_files
    from engine.definitions.loader import load_file
    from engine.definitions.problems import Problems
    from engine.store import people

    found = []
    with engine.snapshot() as snap:
        active = {name: snap.active(name) for name in snap.workflows()}
        if people.encode(snap.directory) != people.encode(setup.directory):
            found.append("directory.toml differs from the directory in force; `trinh people import` takes it in")
    for path in workflow_files(setup.settings.workflows):
        try:
            loaded = load_file(path, setup.names)
        except Problems:
            found.append(f"{path.name} has problems (`trinh check`); the version in force stays")
            continue
        known = active.get(loaded.definition.name)
        if not loaded.unbuilt and (known is None or known.sha256 != loaded.definition.sha256):
            found.append(
                f"{path.name} differs from the version in force; `trinh publish {loaded.definition.name}` makes it active"
            )
    return found


def _logging(access_log: bool) -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for name in ("apscheduler", "weasyprint", "fontTools", "alembic", "uvicorn.error", "transitions"):
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("uvicorn.access").setLevel(logging.INFO if access_log else logging.WARNING)


def _run(running: Running, setup: SiteSetup, access_log: bool) -> int:
    import uvicorn

    from engine.web.app import create_app

    settings = setup.settings

    class Server(uvicorn.Server):
        async def startup(self, sockets: Any = None) -> None:
            await super().startup(sockets)
            if self.started:
                _tell(settings)

    config = uvicorn.Config(
        create_app(running),
        host=settings.server.host,
        port=settings.server.port,
        log_config=None,
        access_log=access_log,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=15,
        timeout_graceful_shutdown=20,
    )
    # uvicorn raises the signal again when it has ended; by then everything is closed and there is nothing to interrupt
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
    server = Server(config)
    server.run()
    return 0 if server.started else 3


def _tell(settings: Settings) -> None:
    where = f"{settings.server.host}:{settings.server.port}"
    say(f"{settings.name.en}: {settings.base_url} (listening on {where}; Ctrl-C ends it)")
    if settings.mail.backend == "maildir":
        say(f"Mails land in {settings.mail.maildir}; read them at {settings.base_url}/mailbox")
    if not settings.production:
        say("This is no production site: `production = false`")
