"""Issued documents become files: printed once, kept under their hash, found again for as long as the ledger is kept.

`document.rendered` records the PDF's SHA-256, the tools and the templates it was made with; what the page was filled with
stands beside the event as a private value. So anybody can print it again and compare (`reprint`), and a document of 2022
does not change when its template does.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import msgspec

from engine.core.answers import Cleaner
from engine.core.blockers import Refused, blocker
from engine.core.case import Case, Issued
from engine.core.events import Draft, Private, instant
from engine.core.plan import Plan
from engine.core.recording import digest
from engine.documents.bundle import Bundle, restore
from engine.documents.context import Moment, case_at, draft_context, issued_context, seen_then
from engine.documents.render import Printer, PrintError, Rendered
from engine.service.engine import Engine
from engine.service.reseating import SERVICE
from engine.service.snapshot import Snapshot
from engine.service.values import Conflict, Receipt
from engine.store import drafts, files, people, registers, templates, views
from engine.store.writer import CommandClash

log = logging.getLogger(__name__)

RETRY = 300_000_000  # µs until a document that could not be printed is tried again
Place = tuple[str, str, int]  # case, document, seq of the issuing event


class NotPrinted(LookupError):
    """The document is issued; its file is not made yet."""


def render_due(engine: Engine, printer: Printer, limit: int = 20, only: frozenset[str] | None = None) -> int:
    """Print what was issued and has no file yet (of the documents `only`, if given); how many were made. One that cannot
    be printed stops no other: it stands in `printer.failed` with its reason and is tried again later."""
    _keep_changed(engine, printer)
    now, made = engine.clock(), 0
    with engine.snapshot() as snap:
        waiting = views.unrendered(snap.conn, limit + len(printer.failed), only)
    for place in waiting:
        if made >= limit or printer.failed.get(place, ("", 0))[1] > now:
            continue
        try:
            made += _render(engine, printer, place)
            printer.failed.pop(place, None)
        except (PrintError, LookupError, KeyError) as error:
            log.error("document %s of case %s (event %d) cannot be printed: %s", place[1], place[0], place[2], error)
            printer.failed[place] = (str(error), now + RETRY)
    return made


def _render(engine: Engine, printer: Printer, place: Place) -> bool:
    case_id, document, seq = place
    with engine.snapshot() as snap:
        issued = _issued(snap.case(case_id), document, seq)
        if issued.sha256 or issued.file or issued.voided:
            return False
        history = snap.history(case_id)
        bundle = _bundle(snap, printer, document, _template(history[seq - 1][0], document))
        moment = _moment(snap, history, seq)
    printed, context = _printed(printer, moment, issued, bundle)
    _keep(engine, bundle if printed.template == bundle.digest else printer.templates.bundle(document))
    engine.files.keep(printed.pdf)
    return _record(engine, place, printed, context)


def _printed(printer: Printer, moment: Moment, issued: Issued, bundle: Bundle) -> tuple[Rendered, dict[str, Any]]:
    """With the templates of the event; where those cannot print it and were mended since, with those of now."""
    now = printer.templates.bundle(issued.id)
    for attempt in (bundle, now):
        context = issued_context(moment, issued, attempt.files)
        try:
            return printer.pdf(issued.id, context, attempt), context
        except PrintError:
            if attempt.digest == now.digest:
                raise
    raise AssertionError("the second attempt returns or raises")


def _record(engine: Engine, place: Place, printed: Rendered, context: dict[str, Any]) -> bool:
    """Append `document.rendered`; False when somebody else was faster."""
    case_id, document, seq = place
    now = engine.clock()
    body = {
        "document": document,
        "of": seq,
        "sha256": printed.sha256,
        "template": printed.template,
        "tools": printed.tools,
        "pages": printed.pages,
    }

    def plan(snap: Snapshot) -> Plan | None:
        case = snap.case(case_id)
        issued = _issued(case, document, seq)
        if case is None or issued.sha256 or issued.voided:
            return None
        command = f"rendered.{document}.{seq}"
        draft = Draft(
            "document.rendered", case_id, max(now, case.at), SERVICE, command, body, {"context": Private(context)}
        )
        return Plan(case, draft, digest([document, seq, printed.sha256]), (), snap.directory.version)

    try:
        return engine.commit(plan, now, case_id) is not None
    except (CommandClash, Conflict):
        return False  # another process printed it, with other tools perhaps; what stands in the ledger holds


def _issued(case: Case | None, document: str, seq: int) -> Issued:
    for item in case.documents if case else ():
        if item.id == document and item.seq == seq:
            return item
    raise LookupError(f"the case issued no {document} in its event {seq}")


def _template(body: Mapping[str, Any], document: str) -> str:
    """The digest of the templates that were in force at the issuing event."""
    found = (item.get("template", "") for item in body.get("documents", ()) if item["id"] == document)
    return next(found, "")


def _bundle(snap: Snapshot, printer: Printer, document: str, named: str) -> Bundle:
    """The templates of the issuing event. Those nobody printed with before they changed again are gone: then those of now,
    and `document.rendered` says so by its own digest."""
    now = printer.templates.bundle(document)
    if not named or now.digest == named:
        return now
    try:
        return restore(named, lambda sha256: templates.read(snap.conn, sha256))
    except LookupError:
        log.warning("templates %s of document %s were changed before it was printed", named[:12], document)
        return now


def _keep_changed(engine: Engine, printer: Printer) -> None:
    """After a start and after an edit the bytes of today's templates are stored, before anything is printed with them."""
    state = printer.templates.state()
    if printer.kept != state:
        keep_templates(engine, printer)
        printer.kept = state


def keep_templates(engine: Engine, printer: Printer, documents: tuple[str, ...] = ()) -> None:
    """Store the bytes of today's templates, so that an edit between an event and its printing loses nothing."""
    for document in documents or tuple(sorted(printer.templates.names())):
        _keep(engine, printer.templates.bundle(document))


def _keep(engine: Engine, bundle: Bundle) -> None:
    with engine.snapshot() as snap:
        if templates.read(snap.conn, bundle.digest) is not None:
            return
    engine.writer.chore(lambda conn: templates.keep(conn, bundle.blobs)).result()


# -- contexts


def _moment(snap: Snapshot, history: Any, seq: int) -> Moment:
    """The case after the event, with the directory of then and the register rows the event looked at."""
    case, body, values = case_at(history, seq)
    world = snap.world(case.id, case.at)
    version = max((v for v, at in people.versions(snap.conn) if at <= instant(body["rec"])), default=0)
    if version and version != snap.directory.version:
        world.directory = people.directory(snap.conn, version)
    world.look_at(seen_then(values, lambda name, key: registers.rows(snap.conn, name, key, case.id)))
    return Moment(snap.definition(case), case, world, body, values)


# -- what is asked for


def pdf_of(engine: Engine, case_id: str, document: str, seq: int, printer: Printer | None = None) -> bytes:
    """The issued document: the printed PDF, or the signed file that was handed in. Raises LookupError (NotPrinted while
    it waits for the printer). Lost bytes are printed again from the ledger when a printer is given."""
    with engine.snapshot() as snap:
        issued = _issued(snap.case(case_id), document, seq)
        if issued.file:
            row = files.row(snap.conn, issued.file)
            if row is None:
                raise LookupError(f"the file handed in as {document} is not stored")
            return bytes(engine.files.read(row.sha256))
    if not issued.sha256:
        raise NotPrinted(f"{document} is being printed")
    try:
        return bytes(engine.files.read(issued.sha256))
    except (OSError, ValueError):
        if printer is None:
            raise LookupError(f"the bytes of {document} are lost") from None
    again = reprint(engine, printer, case_id, document, seq)
    if again.sha256 != issued.sha256:
        raise LookupError(f"the bytes of {document} are lost, and these tools print others")
    engine.files.keep(again.pdf)
    return again.pdf


def reprint(engine: Engine, printer: Printer, case_id: str, document: str, seq: int) -> Rendered:
    """Print once more with the templates and values of then; the caller compares the hash. Raises LookupError when they
    are erased or were never stored, PrintError."""
    with engine.snapshot() as snap:
        for body, values in snap.history(case_id):
            if body["type"] == "document.rendered" and (body["document"], body["of"]) == (document, seq):
                if "context" not in values:
                    raise LookupError(f"the values of {document} are erased")
                bundle = restore(body["template"], lambda sha256: templates.read(snap.conn, sha256))
                context = values["context"]
                break
        else:
            raise NotPrinted(f"{document} was not printed")
    return printer.pdf(document, context, bundle)


def draft_pdf(engine: Engine, printer: Printer, case_id: str, document: str, person: str = "") -> bytes:
    """A document as it would be printed now: DỰ THẢO, number and day blank. With `person`, the edits this person keeps
    are laid over the dossier. Raises LookupError for a document the workflow does not have, PrintError."""
    with engine.snapshot() as snap:
        case = snap.case(case_id)
        definition = snap.definition(case) if case else None
        if case is None or definition is None or document not in definition.documents:
            raise LookupError(f"there is no document {document} here")
        if person:
            case = msgspec.structs.replace(case, facts={**case.facts, **_edits(snap, case, person)})
        bundle = printer.templates.bundle(document)
        moment = Moment(definition, case, snap.world(case_id), {}, {})
        context = draft_context(moment, definition.documents[document], bundle.files)
    return printer.pdf(document, context, bundle).pdf


def _edits(snap: Snapshot, case: Case, person: str) -> dict[str, Any]:
    """Kept edits that are good values; a slip of the pen is left out."""
    definition = snap.definition(case)
    row = drafts.read(snap.conn, case.id, person)
    edits: dict[str, Any] = {}
    for name, value in (row.values if row else {}).items():
        cleaner = Cleaner(definition, snap.world(case.id))
        if name in definition.fields:
            cleaned = cleaner.value(definition.fields[name], value, name)
            if not cleaner.problems:
                edits[name] = cleaned
    return edits


def void(engine: Engine, case_id: str, document: str, seq: int, by: str, reason: str) -> Receipt:
    """Mark an issued document as void. Its number stays taken and its bytes stay readable. Raises LookupError, Refused."""
    now = engine.clock()
    reason = reason.strip()
    if not reason:
        raise Refused([blocker("reason", "reason")])

    def plan(snap: Snapshot) -> Plan:
        case = snap.case(case_id)
        issued = _issued(case, document, seq)
        if case is None or issued.voided:
            raise Refused([blocker("not_offered")])
        actor = {"kind": "person", "id": by, "auth": "cli", "seat": "admin"}
        draft = Draft(
            "document.voided",
            case_id,
            max(now, case.at),
            actor,
            f"voided.{document}.{seq}",
            {"document": document, "of": seq},
            {"comment": Private({"reason": reason}, by)},
        )
        return Plan(case, draft, digest([document, seq, by, reason]), (), snap.directory.version)

    return engine.receipt(engine.commit(plan, now, case_id), "void")
