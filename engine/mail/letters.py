"""The written mail of one row: to whom, from whom, with which link and document, as bytes."""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from engine.core.act_fields import form_first
from engine.core.calendar import Calendar
from engine.core.case import Case, Issued
from engine.mail.backoff import MINUTE, PAPER
from engine.mail.contents import Given, Look, Office, Told
from engine.mail.gather import gather
from engine.mail.message import (
    ATTACHMENT_LIMIT,
    Attached,
    BadMessage,
    Heading,
    Mailbox,
    address,
    bounce_address,
    build,
    message_id,
    one_line,
    raw,
)
from engine.mail.posted import Item
from engine.mail.render import Renderer
from engine.store import outbox
from engine.store.outbox import OutboxRow

log = logging.getLogger(__name__)
PdfOf = Callable[[str, str, int], bytes]  # (case id, document id, seq) -> PDF; LookupError where there is none


@dataclass(frozen=True, slots=True)
class Sender:
    """`bounce_key`: what makes envelope senders unforgeable; `bounce_domain` empty: the envelope sender is `box`."""

    box: Mailbox
    reply_to: Mailbox | None
    domain: str
    bounce_domain: str = ""
    bounce_key: bytes = b""


class Letters:
    """`pdf_of` is None on a site that prints nothing: then no mail waits for a document."""

    def __init__(
        self,
        office: Office,
        sender: Sender,
        renderer: Renderer,
        calendar: Calendar,
        *,
        pdf_of: PdfOf | None = None,
        operator: str = "",
    ):
        self.office, self.from_, self.renderer, self.calendar = office, sender, renderer, calendar
        self.pdf_of, self.operator = pdf_of, operator
        self.alarm: Callable[[str], None] = log.error  # the relay's, once there is one

    # -- the envelope

    def message_id(self, row: OutboxRow) -> str:
        return message_id(row.id, self.from_.domain)

    def sender(self, row: OutboxRow) -> str:
        if not self.from_.bounce_domain:
            return self.from_.box.address
        return bounce_address(row.id, self.from_.bounce_domain, self.from_.bounce_key)

    def plain_sender(self) -> str:
        return self.from_.box.address

    def to(self, look: Look, row: OutboxRow) -> Mailbox:
        """The registered address. Raises BadMessage when there is none to use."""
        person = look.directory.people.get(row.person)
        if person is None or not person.active:
            raise BadMessage(f"{row.person} is not an active person of the directory")
        if not person.mail:
            raise BadMessage(f"{row.person} has no mail address")
        return Mailbox(address(person.mail), one_line(person.name).replace(",", " "))

    # -- link and document

    def linked(self, look: Look, about: Told) -> bool:
        """Whether this mail carries a decision link: a live right, and an act that needs no editing."""
        definition, grant = look.definition(about.case), about.grant
        if grant is None:
            return False
        return grant.kind != "step" or not form_first(definition, definition.states.get(about.case.state))

    def wait(self, look: Look, about: Told) -> int:
        """Until when (µs) the mail waits for its document; 0 when it goes now."""
        issued = self._promised(look, about)
        now = look.case(about.row.case_id)
        if issued is None or self.pdf_of is None or now is None or _current(now, issued).sha256:
            return 0
        if look.now - about.row.created_at >= PAPER:
            return 0
        return min(look.now + MINUTE, about.row.created_at + PAPER)

    def _promised(self, look: Look, about: Told) -> Issued | None:
        """The document that the notice attaches, if this event or an earlier one issued it."""
        notice = look.definition(about.case).notices.get(about.row.notice)
        for name in notice.attach if notice else ():
            found = [d for d in about.case.documents if d.id == name and d.seq <= about.row.seq and not d.voided]
            if found:
                return found[-1]
        return None

    def _attached(self, look: Look, about: Told) -> tuple[Attached | None, bool]:
        """The PDF, and whether one was promised that does not come."""
        issued = self._promised(look, about)
        if issued is None or self.pdf_of is None:
            return None, False
        now = look.case(about.row.case_id)
        if now is None or not _current(now, issued).sha256:
            self.alarm(
                f"{issued.id} of case {about.row.case_id} was not printed within an hour: mail {about.row.id} goes without it"
            )
            return None, True
        try:
            data = self.pdf_of(about.row.case_id, issued.id, issued.seq)
        except LookupError:
            self.alarm(f"{issued.id} of case {about.row.case_id} cannot be found: mail {about.row.id} goes without it")
            return None, True
        if len(data) > ATTACHMENT_LIMIT:
            log.info("%s of case %s is too large to be attached", issued.id, about.row.case_id)
            return None, True
        return Attached(file_name(issued, about.case), data), False

    # -- the message

    def written(self, look: Look, about: Told, link: Any) -> bytes:
        """Raises BadMessage."""
        row = about.row
        person = look.directory.people[row.person]
        pdf, missing = self._attached(look, about)
        given = Given(link.url, link.exp) if link is not None else None
        contents = gather(look, about, self.office, person.lang, given, pdf.name if pdf else "", missing)
        first = outbox.first_message_id(look.conn, row.case_id, row.person)
        heading = Heading(
            sender=self.from_.box,
            to=self.to(look, row),
            message_id=self.message_id(row),
            at=self.calendar.local(look.now),
            case=about.case.reference or about.case.id,
            first=first,
            reply_to=self.from_.reply_to,
        )
        return raw(build(self.renderer.notice(contents), heading, pdf))

    def posted(self, item: Item, now: int) -> bytes:
        """A mail that no case owes; its id is chance. Raises BadMessage."""
        values = {
            **item.values,
            "name": item.name,
            "site": self.office.name[item.lang if item.lang == "en" else "vi"],
            "lang": item.lang,
            "contact": self.office.contact,
            "demo": self.office.demo,
        }
        heading = Heading(
            sender=self.from_.box,
            to=Mailbox(address(item.address), one_line(item.name).replace(",", " ")),
            message_id=message_id(f"s_{secrets.token_hex(12)}", self.from_.domain),
            at=self.calendar.local(now),
            reply_to=self.from_.reply_to,
        )
        return raw(build(self.renderer.posted(item.template, item.lang, values), heading))


def _current(case: Case, issued: Issued) -> Issued:
    """The document as it is now: rendered, perhaps, after the event this mail tells of."""
    return next((d for d in case.documents if (d.id, d.seq) == (issued.id, issued.seq)), issued)


def file_name(issued: Issued, case: Case) -> str:
    """`D-07-DR-2022-0012.pdf`: ASCII, because names with diacritics are mangled on the way."""
    text = re.sub(r"[^A-Za-z0-9-]+", "-", f"{issued.id}-{case.reference or case.id}").strip("-")
    return f"{text[:70]}.pdf"
