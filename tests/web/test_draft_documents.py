"""Drafts of documents: offered to whoever may hand something in, printed beside the engine, DỰ THẢO on every page."""

from __future__ import annotations

import io

import pytest

from engine.documents.render import Printer
from tests.support.delegation import LETTER, dossier, site, until
from tests.web.conftest import Web

pytestmark = pytest.mark.slow


def text_of(pdf: bytes) -> str:
    from pypdf import PdfReader

    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())


def offered(web: Web, person: str, case: str) -> list[str]:
    page = web.signed_in(person).get(f"/c/{case}").text
    return [
        part.partition("-draft.pdf")[0]
        for part in page.split(f'href="/c/{case}/documents/')[1:]
        if "-draft.pdf" in part.partition('"')[0]
    ]


def owing(web: Web) -> str:
    """A trip that is over and whose report is due."""
    desk = web.desk
    desk.act(web.case, "F13", "send_up", "2022-05-18 09:00")
    desk.act(web.case, "F21", "approve", "2022-05-18 10:00", values={"letter": LETTER})
    until(desk, "2022-06-17 09:00")
    assert desk.case(web.case).state == "REPORT_PENDING"
    return web.case


@pytest.fixture(scope="module")
def printer():
    made = Printer(site().settings.templates)
    yield made
    made.close()


def test_the_proposer_prints_the_draft_of_his_submission(web: Web, printer: Printer):
    web.running.printer = printer
    case = web.desk.open("F08")
    me = web.signed_in("F08")
    assert {"D-01", "D-02"} <= set(offered(web, "F08", case))
    web.desk.engine.save_draft(case, "F08", {"title": "Thăm Viêng Chăn lần thứ hai"}, {}, 0)
    before = web.desk.case(case).seq
    answer = me.get(f"/c/{case}/documents/D-01-draft.pdf")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    assert "attachment" in answer.headers["content-disposition"]
    assert "DỰ THẢO" in text_of(answer.content)
    assert "Thăm Viêng Chăn lần thứ hai" in text_of(answer.content)
    assert web.desk.case(case).seq == before


def test_nobody_else_and_nothing_else_is_printed(web: Web, printer: Printer):
    web.running.printer = printer
    case = web.desk.open("F08")
    assert web.client().get(f"/c/{case}/documents/D-01-draft.pdf").status_code == 401
    assert web.signed_in("F18").get(f"/c/{case}/documents/D-01-draft.pdf").status_code == 404
    me = web.signed_in("F08")
    for name in ("D-07", "D-99", "D-10", "..%2fD-01", "x" * 300):
        assert me.get(f"/c/{case}/documents/{name}-draft.pdf").status_code == 404
    web.desk.act(case, "F08", "submit", values=dossier())
    assert me.get(f"/c/{case}/documents/D-01-draft.pdf").status_code == 404
    assert offered(web, "F08", case) == []


def test_who_owes_the_report_prints_what_to_sign(web: Web, printer: Printer):
    web.running.printer = printer
    case = owing(web)
    head = next(g.person for g in web.desk.case(case).live_grants())
    assert offered(web, head, case) == ["D-10"]
    answer = web.signed_in(head).get(f"/c/{case}/documents/D-10-draft.pdf")
    assert answer.status_code == 200
    assert "DỰ THẢO" in text_of(answer.content)


def test_without_a_printer_a_draft_says_so(web: Web):
    case = web.desk.open("F08")
    answer = web.signed_in("F08").get(f"/c/{case}/documents/D-01-draft.pdf")
    assert answer.status_code == 503
    assert "chưa in được bản dự thảo" in answer.text


def test_a_template_that_cannot_be_printed_is_no_crash(web: Web, tmp_path):
    import shutil

    root = tmp_path / "templates"
    shutil.copytree(site().settings.templates, root)
    (root / "documents" / "D-01.html").write_text("{{ nothing.here }}", "utf-8")
    web.running.printer = Printer(root)
    case = web.desk.open("F08")
    answer = web.signed_in("F08").get(f"/c/{case}/documents/D-01-draft.pdf")
    web.running.printer.close()
    assert answer.status_code == 503


def test_a_flood_of_drafts_is_stopped(web: Web):
    case = web.desk.open("F08")
    me = web.signed_in("F08")
    answers = [me.get(f"/c/{case}/documents/D-01-draft.pdf").status_code for _ in range(21)]
    assert answers == [503] * 20 + [429]
