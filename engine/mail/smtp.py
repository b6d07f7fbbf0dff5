"""SMTP, spoken by aiosmtplib in explicit phases. The only file that imports it.

TLS is what the settings say and never what the server happens to offer: aiosmtplib's default sends in clear to a server
without STARTTLS. Every failure becomes a `NotSent` with its kind and phase (classification: links-mail-web.md C3, 5.2).
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import ssl
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import aiosmtplib

from engine.mail.message import BadMessage, address
from engine.mail.transport import BAD_ADDRESS, CIRCUIT, CONNECT, DATA, ENVELOPE, REFUSED, TRANSIENT, UNKNOWN, NotSent

IDLE = 30.0  # seconds after which a connection is not trusted any more
_ENHANCED = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_LOGIN = (530, 534, 535, 538)  # the server wants to know who we are, or does not believe it


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds, per phase as a whole: a server that drips a byte a second never runs into a limit per read."""

    connect: float = 15.0
    command: float = 60.0
    data: float = 300.0  # RFC 5321 allows servers 600 after the final dot


@dataclass(frozen=True, slots=True)
class Server:
    """`security`: starttls | tls | none-loopback-only. `ca_file`: a certificate authority besides the system's."""

    host: str
    port: int
    security: str = "starttls"
    username: str = ""
    password: str = ""
    ca_file: Path | None = None
    timeouts: Timeouts = Timeouts()

    def __repr__(self) -> str:
        return f"Server({self.host}:{self.port}, {self.security})"


class Smtp:
    """One connection, used again within a batch, closed after 30 s of idleness or any error."""

    name = "smtp"

    def __init__(self, server: Server, *, monotonic: Callable[[], float] = time.monotonic):
        self.server, self._monotonic = server, monotonic
        self._client: aiosmtplib.SMTP | None = None
        self._used = 0.0

    async def open(self) -> None:
        if self._client is not None and self._client.is_connected and self._monotonic() - self._used < IDLE:
            return
        await self.close()
        async with self._within(CONNECT, self.server.timeouts.connect * 4):  # connect, STARTTLS, EHLO, login
            client = self._new_client()
            await client.connect()
            self._client = client
            self._used = self._monotonic()

    def _new_client(self) -> aiosmtplib.SMTP:
        server = self.server
        if server.security == "none-loopback-only" and not loopback(server.host):
            raise NotSent(
                CIRCUIT, CONNECT, f"{server.host} is not this machine: mail without TLS goes to loopback only"
            )
        return aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            username=server.username or None,
            password=server.password or None,
            timeout=server.timeouts.connect,
            use_tls=server.security == "tls",
            start_tls=server.security == "starttls",
            tls_context=self._tls(),
        )

    def _tls(self) -> ssl.SSLContext | None:
        if self.server.security == "none-loopback-only":
            return None
        context = ssl.create_default_context(cafile=str(self.server.ca_file) if self.server.ca_file else None)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        return context

    async def mail(self, sender: str) -> None:
        async with self._within(ENVELOPE, self.server.timeouts.command):
            await self._connected().mail(sender, timeout=self.server.timeouts.command)

    async def rcpt(self, to: str) -> None:
        """The library would look for an address in whatever text it gets: it gets nothing but one."""
        try:
            address(to)
        except BadMessage as error:
            raise NotSent(BAD_ADDRESS, ENVELOPE, str(error)) from None
        async with self._within(ENVELOPE, self.server.timeouts.command):
            await self._connected().rcpt(to, timeout=self.server.timeouts.command)

    async def data(self, content: bytes) -> None:
        async with self._within(DATA, self.server.timeouts.data + self.server.timeouts.command):
            await self._connected().data(content, timeout=self.server.timeouts.data)
        self._used = self._monotonic()

    async def drop(self) -> None:
        """RSET; a connection that does not answer it is closed."""
        client = self._client
        if client is not None and client.is_connected:
            try:
                await client.rset(timeout=self.server.timeouts.connect)
            except (aiosmtplib.SMTPException, OSError, ValueError):
                await self.close()

    async def rest(self) -> None:
        if self._client is not None and self._monotonic() - self._used >= IDLE:
            await self.close()

    async def close(self) -> None:
        client, self._client = self._client, None
        if client is not None and client.is_connected:
            with suppress(aiosmtplib.SMTPException, OSError, asyncio.TimeoutError):
                await client.quit(timeout=2.0)
            client.close()

    def _connected(self) -> aiosmtplib.SMTP:
        if self._client is None:
            raise aiosmtplib.SMTPServerDisconnected("the connection is gone")
        return self._client

    @asynccontextmanager
    async def _within(self, phase: str, seconds: float) -> AsyncIterator[None]:
        """Turn what the library raises into NotSent, and drop the connection: after an error it is not trusted."""
        try:
            async with asyncio.timeout(seconds):
                yield
        except NotSent:
            raise
        except TimeoutError as error:
            await self._break()
            kind = UNKNOWN if phase == DATA else TRANSIENT
            raise NotSent(kind, phase, str(error) or f"no answer within {seconds:.0f} s") from None
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            await self._break()
            raise classify(error, phase) from None

    async def _break(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            client.close()


def loopback(host: str) -> bool:
    """Whether `host` can only be this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.rstrip(".").lower() == "localhost"


def classify(error: Exception, phase: str) -> NotSent:
    """The kind of a failure of aiosmtplib. A disconnect in the data phase may have delivered the mail."""
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return _answered(error, phase)
    text = str(error) or type(error).__name__
    tls = isinstance(error, ssl.SSLError) or "certificate" in text.lower() or "[ssl" in text.lower()
    unable = type(error) is aiosmtplib.SMTPException and phase == CONNECT  # no STARTTLS, no way of signing in
    if tls or unable or isinstance(error, aiosmtplib.SMTPNotSupported):
        return NotSent(CIRCUIT, phase, text)
    if isinstance(error, ValueError):  # an address or argument that must not be sent
        return NotSent(BAD_ADDRESS if phase == ENVELOPE else REFUSED, phase, text)
    return NotSent(UNKNOWN if phase == DATA else TRANSIENT, phase, text)


def _answered(error: aiosmtplib.SMTPResponseException, phase: str) -> NotSent:
    code, text = error.code, str(error.message)
    if isinstance(error, aiosmtplib.SMTPAuthenticationError) or (phase != DATA and _policy(error, code, text)):
        return NotSent(CIRCUIT, phase, text, code)
    if 500 <= code < 600:
        if isinstance(error, aiosmtplib.SMTPRecipientRefused):
            return NotSent(BAD_ADDRESS, phase, text, code)
        if phase == CONNECT:  # 554 at the banner, 5xx to STARTTLS or EHLO: not about this mail
            return NotSent(CIRCUIT, phase, text, code)
        return NotSent(REFUSED, phase, text, code)
    if code < 200:  # "Malformed response", "Response too long": what became of the mail is not known
        return NotSent(UNKNOWN if phase == DATA else TRANSIENT, phase, text, code)
    return NotSent(TRANSIENT, phase, text, code)


def _policy(error: aiosmtplib.SMTPResponseException, code: int, text: str) -> bool:
    """The server objects to us, not to this recipient: every further mail would fail the same way."""
    if code in _LOGIN:
        return True
    found = _ENHANCED.search(text)
    if code < 500 or not found or found.group(1, 2) != ("5", "7"):
        return False
    if isinstance(error, aiosmtplib.SMTPRecipientRefused):
        return found.group(3) in ("0", "3", "8", "9", "30") or "relay" in text.lower()
    return True
