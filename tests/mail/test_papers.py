"""A mail that carries a document waits for it, an hour at most; only final notices carry one."""

from __future__ import annotations

import hashlib
from email import message_from_bytes
from typing import Any

import pytest

from engine.core.commands import SERVICE
from engine.core.events import Draft
from engine.core.plan import Plan
from engine.mail.message import ATTACHMENT_LIMIT
from tests.mail.support import Post, agreed
from tests.support.delegation import LETTER

PDF = b"%PDF-1.7\n" + b"x" * 2000


def approved(post: Post) -> str:
    case = post.desk.submitted()
    post.desk.act(case, "F21", "forward", "2022-05-06", values={"sensitive": False})
    post.desk.act(case, "F12", "give_opinion", "2022-05-12", columns=agreed())
    post.desk.act(case, "F13", "send_up", "2022-05-18 09:00")
    post.desk.act(case, "F21", "approve", "2022-05-18 10:00", values={"letter": LETTER})
    return case


def rendered(post: Post, case_id: str, document: str = "D-07") -> None:
    """What the printing worker appends, without printing."""
    engine = post.desk.engine

    def plan(snap):
        case = snap.case(case_id)
        of = next(d.seq for d in case.documents if d.id == document)
        body = {
            "document": document,
            "of": of,
            "sha256": hashlib.sha256(PDF).hexdigest(),
            "template": "",
            "tools": {},
            "pages": 1,
        }
        actor = {"kind": SERVICE.kind, "id": SERVICE.id, "auth": SERVICE.auth}
        draft = Draft("document.rendered", case_id, case.at, actor, f"rendered.{document}", body)
        return Plan(case, draft, "x", (), snap.directory.version)

    with engine.snapshot() as snap:
        engine.writer.submit(plan(snap)).result()


def pdf_in(post: Post, mail_id: str) -> bytes:
    parts: Any = message_from_bytes(post.maildir.raw(mail_id)).get_payload()
    return parts[1].get_payload(decode=True)


@pytest.fixture
def office(sqlite_url, tmp_path):
    """A site that prints; `asked` are the documents the relay fetched."""
    asked: list[tuple[str, str, int]] = []
    data = [PDF]

    def pdf_of(case: str, document: str, seq: int) -> bytes:
        asked.append((case, document, seq))
        return data[0]

    made = Post(sqlite_url, tmp_path, pdf_of=pdf_of)
    made.asked, made.data = asked, data  # type: ignore[attr-defined]
    yield made
    made.close()


def test_the_decision_goes_with_the_news_once_it_is_printed(office):
    case = approved(office)
    done = office.post()
    assert done.waiting == 14 and not [m for m in office.mails("F01") if "Đã phê duyệt" in m.text and m.attached]
    rendered(office, case)
    office.wait(minutes=1)
    assert office.post().sent == 14
    mail = next(m for m in office.mails("F01") if m.attached)
    assert mail.attached == ("D-07-DR-2022-0001.pdf",) and "Gửi kèm: D-07-DR-2022-0001.pdf." in mail.text
    assert pdf_in(office, mail.id) == PDF
    assert {document for _, document, _ in office.asked} == {"D-07"}
    assert all(not m.attached for p in ("F21", "F13") for m in office.mails(p) if "/d/" in m.text)


@pytest.mark.slow
def test_after_an_hour_it_goes_without_and_the_operator_is_told(office):
    approved(office)
    office.post()
    for minutes in (1, 30, 28):
        office.wait(minutes=minutes)
        assert office.post().sent == 0
    office.wait(minutes=1)
    assert office.post().sent == 14
    mail = office.mails("F01")[0]
    assert not mail.attached and "Văn bản chưa in xong; khi có sẽ đăng ở trang hồ sơ." in mail.text
    assert any("was not printed within an hour" in text for text in office.alarms)
    assert office.maildir.list("operator@example.vn")


@pytest.mark.slow
def test_a_large_document_stays_on_the_case_page(office):
    office.data[0] = b"x" * (ATTACHMENT_LIMIT + 1)
    case = approved(office)
    rendered(office, case)
    office.post()
    mail = office.mails("F01")[0]
    assert not mail.attached and "trang hồ sơ" in mail.text


@pytest.mark.slow
def test_a_site_that_prints_nothing_waits_for_nothing(post):
    approved(post)
    assert post.post().waiting == 0
    assert "chưa in xong" not in post.mails("F01")[0].text and "số 01-QĐ/TU" in post.mails("F01")[0].text


@pytest.mark.slow
def test_the_real_printer(sqlite_url, tmp_path):
    from engine.documents.render import Printer
    from engine.scheduler import make_relay
    from engine.service import issued

    post = Post(sqlite_url, tmp_path)
    printer = Printer(post.desk.setup.settings.templates)
    post.relay = make_relay(post.desk.engine, post.desk.setup, printer=printer, transport=post.maildir)
    approved(post)
    assert issued.render_due(post.desk.engine, printer, 20) > 0
    post.post()
    mail = next(m for m in post.mails("F01") if m.attached)
    assert pdf_in(post, mail.id).startswith(b"%PDF")
    printer.close()
    post.close()
