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


class Maildir:
    """Transport and mailboxes in one. Ids of mails are `NUMBER.KEY`, unique over all boxes."""

    name = "maildir"

    def __init__(self, root: Path):
        self.root = root
        self._to = ""

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


def _part(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return str(part.get_content()).replace("\r\n", "\n") if part is not None else ""


def _decoded(path: Path, name: str) -> str:
    """A header by the older decoder: the newer one puts blanks into long words (links-mail-web.md 4.3)."""
    message = email.message_from_bytes(path.read_bytes())
    return str(make_header(decode_header(message[name] or "")))
