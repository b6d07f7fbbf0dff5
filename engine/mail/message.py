"""One mail as it travels: headers, Vietnamese subjects that survive the wire, text and HTML with the same facts.

Evidence and reasons: links-mail-web.md B1-B8 and 4.3. The standard library loses spaces when it folds a subject that is
not ASCII, so subjects and display names are encoded here, word by word, by `email.header`.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from typing import Any

LINE = 76
HTML_LIMIT = 60_000  # bytes; Gmail clips longer messages
ATTACHMENT_LIMIT = 5 * 1024 * 1024
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})*")
_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")
_FOLDED = ("from", "to", "reply-to")


class BadMessage(ValueError):
    """A value that must not become part of a mail; the message names the header and what is wrong with it."""


class MailPolicy(EmailPolicy):
    """Folds subjects and display names that are not ASCII into encoded words; leaves the rest to the library."""

    def _words(self, name: str, value: Any) -> str | None:
        """The whole header line, or None where the library does it right."""
        if str(value).isascii():
            return None
        if name.lower() == "subject":
            text = Header(str(value), "utf-8", header_name=name, maxlinelen=LINE).encode(linesep=self.linesep)
        elif name.lower() in _FOLDED:
            text = self._people(name, value)
        else:
            return None
        return f"{name}: {text}{self.linesep}"

    def _people(self, name: str, value: Any) -> str:
        listed = []
        for person in value.addresses:
            shown = Header(person.display_name, "utf-8", header_name=name, maxlinelen=LINE).encode(linesep=self.linesep)
            last = f"{name}: {shown}".rsplit(self.linesep, 1)[-1]
            room = len(last) + len(person.addr_spec) + 3 <= LINE
            listed.append(f"{shown}{' ' if room else self.linesep + ' '}<{person.addr_spec}>")
        return ", ".join(listed)

    def fold(self, name: str, value: Any) -> str:
        return self._words(name, value) or super().fold(name, value)

    def fold_binary(self, name: str, value: Any) -> bytes:
        words = self._words(name, value)
        return words.encode("ascii") if words is not None else super().fold_binary(name, value)


POLICY = MailPolicy(linesep="\r\n", cte_type="7bit", max_line_length=LINE)


@dataclass(frozen=True, slots=True)
class Parts:
    """What a template yields: the same facts as text and as HTML."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A name and an ASCII address."""

    address: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Attached:
    """One PDF of a final notice; `name` is ASCII."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Heading:
    """What stands above a mail. `first` is the Message-ID of the first mail of this case to this person, if any."""

    sender: Mailbox
    to: Mailbox
    message_id: str
    at: datetime
    case: str = ""
    first: str = ""
    reply_to: Mailbox | None = None


def message_id(outbox_id: str | int, domain: str) -> str:
    """`<outbox id@domain>`: the same for every try of a row."""
    return f"<{plain('Message-ID', str(outbox_id))}@{domain}>"


def bounce_address(outbox_id: str | int, domain: str, key: bytes) -> str:
    """The envelope sender of one row (VERP): `bounce+ID.MAC@domain`, so that a report of failure finds its row."""
    return f"bounce+{outbox_id}.{bounce_mac(outbox_id, key)}@{domain}"


def bounce_mac(outbox_id: str | int, key: bytes) -> str:
    """Ten letters that only this site can make for a row."""
    digest = hmac.new(key, b"trinh/1 bounce\x00" + str(outbox_id).encode(), hashlib.sha256).digest()
    return base64.b32encode(digest).decode().lower()[:10]


def plain(name: str, value: str) -> str:
    """`value` in NFC. Raises BadMessage for a line end or another control character: it would start a new header."""
    text = unicodedata.normalize("NFC", value)
    for character in text:
        if unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp"):
            raise BadMessage(f"{name}: a header holds no control character (U+{ord(character):04X} found)")
    return text


def one_line(text: str) -> str:
    """Text typed by a person as one line: runs of white space become one space, other controls vanish."""
    joined = " ".join(unicodedata.normalize("NFC", text).split())
    return "".join(c for c in joined if unicodedata.category(c) not in ("Cc", "Cs", "Co", "Cn") and c not in _BIDI)


_BIDI = frozenset("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")


def address(text: str) -> str:
    """`text` if it is one ASCII address. Raises BadMessage."""
    if not _ADDRESS.fullmatch(text):
        raise BadMessage(f"To: {text!r} is not an address of the form name@host in ASCII letters")
    return text


def build(parts: Parts, heading: Heading, attached: Attached | None = None) -> EmailMessage:
    """The message. Raises BadMessage when a value cannot stand in a header or a part is too large."""
    if len(parts.html.encode()) >= HTML_LIMIT:
        raise BadMessage(f"the HTML part has {len(parts.html.encode())} bytes; at most {HTML_LIMIT}")
    message = EmailMessage(policy=POLICY)
    message["From"] = _mailbox("From", heading.sender)
    message["To"] = _mailbox("To", heading.to)
    message["Subject"] = plain("Subject", parts.subject)
    message["Date"] = format_datetime(heading.at)
    message["Message-ID"] = plain("Message-ID", heading.message_id)
    if heading.first and heading.first != heading.message_id:
        message["In-Reply-To"] = plain("In-Reply-To", heading.first)
        message["References"] = plain("References", heading.first)
    if heading.reply_to:
        message["Reply-To"] = _mailbox("Reply-To", heading.reply_to)
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    if heading.case:
        message["X-Trinh-Case"] = plain("X-Trinh-Case", heading.case)
    message.set_content(_body(parts.text), charset="utf-8", cte="quoted-printable")
    message.add_alternative(_body(parts.html), subtype="html", charset="utf-8", cte="quoted-printable")
    if attached:
        _attach(message, attached)
    return message


def _mailbox(name: str, box: Mailbox) -> Address:
    return Address(display_name=plain(name, box.name), addr_spec=address(box.address))


def _body(text: str) -> str:
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")).replace("\x00", "")


def _attach(message: EmailMessage, attached: Attached) -> None:
    if not _FILE_NAME.fullmatch(attached.name):
        raise BadMessage(f"attachment: {attached.name!r} is not a plain ASCII file name")
    if len(attached.data) > ATTACHMENT_LIMIT:
        raise BadMessage(f"attachment: {len(attached.data)} bytes; at most {ATTACHMENT_LIMIT}")
    message.add_attachment(attached.data, maintype="application", subtype="pdf", filename=attached.name)


def raw(message: EmailMessage) -> bytes:
    """The bytes to send: 7-bit, CRLF."""
    return message.as_bytes(policy=POLICY)
