"""The list of cases: found with or without diacritics, filtered by state and deadline, page by page."""

from __future__ import annotations

import re

import pytest

from tests.portal.page import Visitor
from tests.portal.test_seeing import handed_in

pytestmark = pytest.mark.slow


def titles(text: str) -> list[str]:
    return re.findall(r'<a href="/c/c_\w+">(.*?)</a>', text)


def test_search_does_without_diacritics(web):
    handed_in(web, title="Đoàn thăm Viêng Chăn")
    handed_in(web, title="Đoàn hữu nghị Phnôm Pênh", plan_item="OUT-04")
    me = Visitor(web.signed_in("F21"))
    assert len(titles(me.get("/cases").text)) == 2
    assert titles(me.get("/cases?q=vieng+chan").text) == ["Đoàn thăm Viêng Chăn"]
    assert titles(me.get("/cases?q=PHNOM").text) == ["Đoàn hữu nghị Phnôm Pênh"]
    assert titles(me.get("/cases?q=100%25").text) == []
    assert "Không có hồ sơ nào phù hợp" in me.get("/cases?q=khong+co").text


def test_filters_by_state_deadline_and_end(web):
    first, second = handed_in(web, title="Còn hạn"), handed_in(web, title="Đã rút", plan_item="OUT-04")
    web.desk.act(second, "F08", "withdraw")
    me = Visitor(web.signed_in("F08"))
    assert titles(me.get("/cases").text) == ["Còn hạn"]
    assert titles(me.get("/cases?show=closed").text) == ["Đã rút"]
    assert titles(me.get("/cases?show=all&state=WITHDRAWN").text) == ["Đã rút"]
    assert titles(me.get("/cases?show=overdue").text) == []
    web.desk.clock.to("2022-05-20 09:00")
    web.desk.engine.tick()
    me = Visitor(web.signed_in("F08"))
    assert titles(me.get("/cases?show=overdue").text) == ["Còn hạn"]
    assert first


def test_pages_of_a_long_list(web, monkeypatch):
    from engine.web import cases

    monkeypatch.setattr(cases, "PAGE", 2)
    me = Visitor(web.signed_in("F08"))
    for _ in range(3):
        me.new()
    text = me.get("/cases").text
    assert len(titles(text)) == 2 and "Trang 1 trong 2" in text
    assert len(titles(me.get("/cases?page=2").text)) == 1
    assert me.get("/cases?page=99").status_code == 200


def test_first_page_workflow_and_its_drawing_are_open_to_all(web):
    visitor = Visitor(web.client())
    front = visitor.get("/")
    assert front.status_code == 200 and "Làm thử trong năm phút" in front.text
    page = visitor.get("/workflows/delegation-out")
    assert page.status_code == 200 and "R-12" in page.text and "Thẩm định hồ sơ" in page.text
    drawing = visitor.get("/workflows/delegation-out/graph-vi.svg")
    assert (
        drawing.status_code == 200
        and drawing.headers["content-type"].startswith("image/svg+xml")
        and "style=" not in drawing.text
    )
    assert visitor.get("/workflows/nothing").status_code == 404
    assert visitor.get("/workflows/delegation-out/graph-fr.svg").status_code == 404
