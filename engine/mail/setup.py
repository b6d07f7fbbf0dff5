"""A relay from the settings of a site. The engine is taken as it is: `writer`, `snapshot`, `mint`, `clock`, `library`."""

from __future__ import annotations

import fcntl
import logging
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

from engine.config.settings import Mail, Settings
from engine.mail.contents import Office
from engine.mail.letters import Letters, PdfOf, Sender
from engine.mail.maildir import Maildir
from engine.mail.message import Mailbox
from engine.mail.relay import Relay
from engine.mail.render import Renderer
from engine.mail.smtp import Server, Smtp
from engine.mail.transport import Transport
from engine.mail.ways import Ways

log = logging.getLogger(__name__)


def relay_of(
    engine: Any,
    settings: Settings,
    *,
    transport: Transport | None = None,
    pdf_of: PdfOf | None = None,
    node: str = "",
    alert: Callable[[str], None] | None = None,
) -> Relay:
    """Raises engine.config.secret.BadSecret when bounces need a secret that is not there."""
    mail = settings.mail
    reply_to = Mailbox(mail.reply_to) if mail.reply_to else None
    key = settings.keys.secret_bytes() if mail.bounce_domain and mail.backend == "smtp" else b""
    domain = mail.bounce_domain if key else ""
    sender = Sender(Mailbox(mail.sender, mail.sender_name), reply_to, mail.domain, domain, key)
    office = Office(settings.name, settings.base_url, mail.reply_to, settings.demo.clock)
    letters = Letters(
        office,
        sender,
        Renderer(settings.templates / "mail"),
        engine.library.calendar,
        pdf_of=pdf_of,
        operator=mail.operator,
    )
    ways = Ways(engine.writer, engine.snapshot, engine.mint, engine.clock, alert or _shout)
    return Relay(ways, letters, transport or transport_of(mail), node=node or node_name(settings.data))


def transport_of(mail: Mail) -> Transport:
    """What carries the mails of this site."""
    if mail.backend == "maildir":
        return Maildir(mail.maildir)
    password = mail.password.reveal() if mail.password else ""
    return Smtp(Server(mail.host, mail.port, mail.security, mail.username, password, mail.ca_file))


def _shout(text: str) -> None:
    log.error("%s", text)


_held: list[int] = []  # descriptors that keep the names of this process


def node_name(data: Path) -> str:
    """The name under which this process claims mails: the same after a restart, another for a second process beside it."""
    folder = data / "nodes"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for number in range(1, 100):
        descriptor = os.open(folder / f"{number}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            continue
        _held.append(descriptor)
        return f"{socket.gethostname()}-{number}"
    return f"{socket.gethostname()}-{os.getpid()}"
