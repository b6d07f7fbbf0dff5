"""The demo is filled soon: what a mail carries is printed on the way, the rest by the server's printer afterwards."""

from __future__ import annotations

import pytest

from engine.audit.verify import verify
from engine.demo import prepare
from engine.documents.render import Printer
from engine.mail.maildir import Maildir
from engine.service.issued import render_due
from engine.service.opening import open_engine
from engine.store import outbox, views

pytestmark = pytest.mark.slow


def test_a_filled_demo_owes_no_mail_and_only_quiet_documents(fresh):
    setup = fresh.site.load()
    assert prepare(setup, report=lambda line: None)
    engine, printer = open_engine(setup), Printer(setup.settings.templates)
    try:
        with engine.snapshot() as snap:
            left = views.unrendered(snap.conn, 1000)
            mails = outbox.listed(snap.conn, limit=5000)
            cases = [snap.case(row.id) for row in views.cases(snap.conn, limit=100)[0]]
            notices = {n for case in cases if case for n in snap.definition(case).notices.values() if n.attach}
        carrying, carried = {n.id for n in notices}, {document for n in notices for document in n.attach}
        assert carried and left and not carried & {document for _, document, _ in left}
        assert {row.state for row in mails} == {"sent"}
        box = Maildir(setup.settings.mail.maildir)
        attached = [m.attached for address in box.boxes() for m in box.list(address) if m.attached]
        assert len(attached) == sum(row.notice in carrying for row in mails) > 0
        assert all(name.startswith("D-07-") for names in attached for name in names)
        printed = 0
        while made := render_due(engine, printer):
            printed += made
        assert (printed, printer.failed) == (len(left), {})
        assert verify(engine).clean
    finally:
        printer.close()
        engine.close()
