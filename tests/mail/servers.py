"""Real SMTP servers on this machine, each with one habit."""

from __future__ import annotations

import asyncio
import datetime
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from engine.mail.smtp import Server, Timeouts

QUICK = Timeouts(connect=3.0, command=1.0, data=1.0)


@dataclass
class Habits:
    """What the server says in each phase (empty: it accepts), and what it got. `before` may be changed while it runs."""

    at_mail: str = ""
    at_rcpt: str = ""
    at_data: str = ""
    after_data: str = ""  # drop | hang | late
    on_rcpt: Callable[[], None] | None = None
    on_data: Callable[[], None] | None = None
    got: list[Any] = field(default_factory=list)  # envelopes whose DATA ended
    connections: int = 0
    recipients: list[str] = field(default_factory=list)


class Handler:
    def __init__(self, habits: Habits):
        self.habits = habits

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        self.habits.connections += 1
        session.host_name = hostname
        return responses

    async def handle_MAIL(self, server, session, envelope, address, options):
        if self.habits.at_mail == "drop":
            server.transport.abort()
        elif self.habits.at_mail:
            return self.habits.at_mail
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        self.habits.recipients.append(address)
        if self.habits.on_rcpt:
            self.habits.on_rcpt()
        if self.habits.at_rcpt:
            return self.habits.at_rcpt
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if self.habits.on_data:
            self.habits.on_data()
        if self.habits.at_data:
            return self.habits.at_data
        self.habits.got.append(envelope)
        if self.habits.after_data == "drop":
            server.transport.abort()
        elif self.habits.after_data in ("hang", "late"):
            await asyncio.sleep(3.0 if self.habits.after_data == "late" else 30.0)
        return "250 OK"


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


class _Controller(Controller):
    more: dict[str, Any]

    def factory(self) -> SMTP:
        return SMTP(self.handler, ident="test", hostname="localhost", **self.more)


@contextmanager
def smtp(habits: Habits, **more: Any) -> Iterator[Server]:
    """A server with these habits. `more` are options of aiosmtpd (TLS, authentication)."""
    controller = _Controller(Handler(habits), hostname="127.0.0.1", port=free_port())
    controller.more = more
    controller.start()
    try:
        yield Server("localhost", controller.port, "none-loopback-only", timeouts=QUICK)
    finally:
        controller.stop(no_assert=True)


def only(password: str) -> Callable[..., AuthResult]:
    """An authenticator that knows one password."""

    def check(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        good = getattr(data, "password", b"").decode() == password
        return AuthResult(success=good, handled=good)

    return check


@contextmanager
def silent() -> Iterator[Server]:
    """Takes connections and says nothing."""
    listener = socket.create_server(("127.0.0.1", 0))
    held: list[socket.socket] = []

    def accept() -> None:
        while True:
            try:
                held.append(listener.accept()[0])
            except OSError:
                return

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield Server("localhost", listener.getsockname()[1], "none-loopback-only", timeouts=QUICK)
    finally:
        listener.close()
        for connection in held:
            connection.close()


def certificate(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """A server's TLS for `localhost`, and the file that makes a client believe it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    today = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - datetime.timedelta(days=1))
        .not_valid_after(today + datetime.timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem, secret = folder / "cert.pem", folder / "key.pem"
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pem, secret)
    return context, pem
