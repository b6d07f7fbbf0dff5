"""The demo's post: every address has its own maildir below one folder, readable by this account only.

It plays the recipients' mailboxes, links included; production refuses it (config). A mail appears whole or not at all:
written to `tmp`, flushed, renamed into `new`.
"""

from __future__ import annotations

import email
import email.policy
import os
import re
from dataclasses import dataclass
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import quote, unquote

from engine.mail.transport import BAD_ADDRESS, DATA, ENVELOPE, TRANSIENT, NotSent

_LINK = re.compile(r"https?://[^\s<>\"]+")
_NAME = re.compile(r"[0-9]{20}\.[A-Za-z0-9_.-]{1,120}")
_BOX = re.compile(r"[A-Za-z0-9@._%+~-]{1,240}")
HEAD = 32 * 1024  # bytes of a mail that a list looks at
LINES = 5_000  # lines kept in memory


@dataclass(frozen=True, slots=True)
class Stored:
    """One mail in a mailbox. `at` is µs UTC of its Date; `links` are the addresses in its text, in order."""

    id: str
    at: int
    subject: str
    text: str
    html: str
    to: str
    links: tuple[str, ...]
    attached: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """A mail as a list of mails shows it. `box` is whose mailbox it lies in."""

    id: str
    at: int
    subject: str
    box: str
    links: tuple[str, ...]


class Maildir:
    """Transport and mailboxes in one. Ids of mails are `NUMBER.KEY`, unique over all boxes."""

    name = "maildir"

    def __init__(self, root: Path):
        self.root = root
        self._to = ""
        self._lines: dict[str, Line] = {}  # by file name: a mail that was delivered never changes

    # -- transport

    async def open(self) -> None:
        try:
            self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.chmod(self.root, 0o700)
        except OSError as error:
            raise NotSent(TRANSIENT, ENVELOPE, str(error)) from None

    async def mail(self, sender: str) -> None:
        self._to = ""

    async def rcpt(self, to: str) -> None:
        if not _BOX.fullmatch(_box(to)):
            raise NotSent(BAD_ADDRESS, ENVELOPE, f"{to} cannot be a mailbox")
        self._to = to

    async def data(self, content: bytes) -> None:
        try:
            self._deliver(self._to, content)
        except OSError as error:
            raise NotSent(TRANSIENT, DATA, str(error)) from None

    async def drop(self) -> None:
        self._to = ""

    async def rest(self) -> None: ...

    async def close(self) -> None: ...

    def _deliver(self, to: str, content: bytes) -> None:
        box = self.root / _box(to)
        for folder in (box, box / "tmp", box / "new", box / "cur"):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = f"{self._next():020d}.{_key(content)}"
        written = box / "tmp" / name
        descriptor = os.open(written, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.rename(written, box / "new" / name)

    def _next(self) -> int:
        """A number above all that are there, so that names sort as mails came."""
        taken = (int(path.name.partition(".")[0]) for path in self.root.glob("*/new/*") if _NAME.fullmatch(path.name))
        return max(taken, default=0) + 1

    # -- mailboxes

    def boxes(self) -> list[str]:
        """Addresses that got mail."""
        if not self.root.is_dir():
            return []
        return sorted(unquote(path.name) for path in self.root.iterdir() if (path / "new").is_dir())

    def names(self) -> dict[str, list[str]]:
        """Address -> ids of its mails, the newest first; addresses as their newest mails came. Opens no mail."""
        found = {}
        for address in self.boxes():
            listed = os.listdir(self.root / _box(address) / "new")
            found[address] = sorted((name for name in listed if _NAME.fullmatch(name)), reverse=True)
        filled = sorted((address for address in found if found[address]), key=lambda a: found[a][0], reverse=True)
        return {address: found[address] for address in filled}

    def line(self, address: str, mail_id: str) -> Line:
        """One mail of a list; read once. Raises LookupError when it is gone."""
        if mail_id not in self._lines:
            try:
                found = _line(self.root / _box(address) / "new" / mail_id, address)
            except OSError:
                raise LookupError(mail_id) from None
            if len(self._lines) >= LINES:
                self._lines.clear()
            self._lines[mail_id] = found
        return self._lines[mail_id]

    def list(self, address: str) -> list[Stored]:
        """The mails of one address, the newest first."""
        folder = self.root / _box(address) / "new"
        if not _BOX.fullmatch(_box(address)) or not folder.is_dir():
            return []
        return [stored(path) for path in sorted(folder.iterdir(), reverse=True) if _NAME.fullmatch(path.name)]

    def read(self, mail_id: str) -> Stored:
        """One mail. Raises LookupError."""
        if _NAME.fullmatch(mail_id):
            for path in self.root.glob(f"*/new/{mail_id}"):
                return stored(path)
        raise LookupError(mail_id)

    def raw(self, mail_id: str) -> bytes:
        """Its exact bytes. Raises LookupError."""
        if _NAME.fullmatch(mail_id):
            for path in self.root.glob(f"*/new/{mail_id}"):
                return path.read_bytes()
        raise LookupError(mail_id)


def _box(address: str) -> str:
    name = quote(address.strip().lower(), safe="@+~-_.")
    return name if name not in (".", "..") and not name.startswith(".") else "_" + name


def _key(content: bytes) -> str:
    """The outbox id out of the Message-ID, for people who look into the folder."""
    message = email.message_from_bytes(content, policy=email.policy.default)
    local = str(message["Message-ID"] or "mail").strip("<>").partition("@")[0]
    return re.sub(r"[^A-Za-z0-9_-]", "-", local)[:80] or "mail"


def stored(path: Path) -> Stored:
    """A mail file read for people."""
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    text, html = _part(message, "plain"), _part(message, "html")
    return Stored(
        id=path.name,
        at=round(parsedate_to_datetime(str(message["Date"])).timestamp() * 1_000_000),
        subject=_decoded(path, "subject"),
        text=text,
        html=html,
        to=str(message["To"].addresses[0].addr_spec) if message["To"] else "",
        links=tuple(dict.fromkeys(_LINK.findall(text))),
        attached=tuple(part.get_filename() or "" for part in message.iter_attachments()),
    )


def _line(path: Path, box: str) -> Line:
    """From the beginning of a mail alone: headers and plain text stand before the pages and documents it carries."""
    with open(path, "rb") as file:
        message = email.message_from_bytes(file.read(HEAD), policy=email.policy.compat32)
    plain = next((part for part in message.walk() if part.get_content_type() == "text/plain"), None)
    content = plain.get_payload(decode=True) if plain is not None else b""
    text = content.decode("utf-8", "replace") if isinstance(content, bytes) else ""
    at = round(parsedate_to_datetime(str(message["Date"])).timestamp() * 1_000_000)
    subject = str(make_header(decode_header(message["Subject"] or "")))
    return Line(path.name, at, subject, box, tuple(dict.fromkeys(_LINK.findall(text))))


def _part(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return str(part.get_content()).replace("\r\n", "\n") if part is not None else ""


def _decoded(path: Path, name: str) -> str:
    """A header by the older decoder: the newer one puts blanks into long words (links-mail-web.md 4.3)."""
    message = email.message_from_bytes(path.read_bytes())
    return str(make_header(decode_header(message[name] or "")))
