"""Who may open a case: the people and bodies that have a part in it, those who look after the site, and nobody else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.web.seeing import may_see
from tests.portal.page import PDF, Visitor, seoul
from tests.support.delegation import dossier, site

pytestmark = pytest.mark.slow

PAGES = ["", "/timeline", "/edit", "/edit/general", "/check"]


def handed_in(web, author: str = "F08", **changes) -> str:
    desk = web.desk
    case = desk.open(author)
    file_id = desk.engine.attach(case, author, "a.pdf", PDF).id
    values = dossier(**changes)
    values["invitation"] = {**values["invitation"], "document": file_id}
    desk.act(case, author, "submit", values=values)
    return case


@pytest.mark.parametrize("page", PAGES)
def test_a_stranger_gets_404(web, page):
    case = handed_in(web)
    stranger = Visitor(web.signed_in("F19"))
    assert stranger.get(f"/c/{case}{page}").status_code == 404
    assert stranger.get(f"/c/c_unknown{page}").status_code == 404
    assert case not in stranger.get("/cases?show=all").text


def test_a_draft_is_its_authors_alone(web):
    me, colleague = Visitor(web.signed_in("F08")), Visitor(web.signed_in("F02"))
    case = me.new()
    assert me.get(f"/c/{case}").status_code == 200
    assert colleague.get(f"/c/{case}").status_code == 404
    assert case not in colleague.get("/cases?show=all").text


@pytest.mark.parametrize("person", ["F08", "F21", "F02", "F01", "F09"])
def test_author_holder_head_and_members_see_it(web, person):
    case = handed_in(web)
    assert Visitor(web.signed_in(person)).get(f"/c/{case}").status_code == 200


def test_roles_of_the_site_see_it_and_people_who_left_do_not(web):
    case = handed_in(web)
    people = site().directory.people
    with web.desk.engine.snapshot() as snap:
        kept = snap.case(case)
        for role in ("admin", "auditor", "operator"):
            assert may_see(snap, kept, replace(people["F19"], roles=(role,)))
        assert not may_see(snap, kept, replace(people["F08"], active=False))
        assert not may_see(snap, kept, None)


def test_a_stranger_cannot_post_either(web):
    me, stranger = Visitor(web.signed_in("F08")), Visitor(web.signed_in("F05"))
    case = me.new()
    seoul(case, me)
    mine = me.form(f"/c/{case}/edit/general")
    mine.values = [(n, v) for n, v in mine.values if n != "csrf"]
    token = stranger.form("/new/delegation-out", "/new/")["csrf"]
    for path in (f"/c/{case}/edit/general", f"/c/{case}/act/submit_urgent", f"/c/{case}/discard"):
        mine.action = path
        assert stranger.send(mine, {"csrf": token, "sure": "yes"}).status_code == 404
    assert web.desk.engine.draft(case, "F05").version == 0
    assert not web.desk.case(case).discarded
