"""Proposing by the form: every step kept, suggestions that follow from the case, the check, the one door at the end."""

from __future__ import annotations

import re

import pytest

from tests.portal.page import Form, Visitor, seoul
from tests.web.conftest import SAME

pytestmark = pytest.mark.slow


def test_a_proposal_goes_from_the_first_page_to_screening(web):
    me = Visitor(web.signed_in("F08"))
    case = me.new()
    seoul(case, me)
    check = me.get(f"/c/{case}/check")
    assert "R‑04" in check.text and "Nêu lý do các ngoại lệ" in check.text
    grounds = {"waivers/R-04/important": "Hội chợ thường niên", "waivers/R-04/urgency": "Thư mời gấp"}
    assert me.fill(f"/c/{case}/edit/exceptions", grounds).headers["location"] == f"/c/{case}/check"
    door = me.post(f"/c/{case}/check", f"/c/{case}/act/submit_urgent")
    assert door.status_code == 303 and re.fullmatch(r"/d/[a-z2-7]{32}", door.headers["location"])
    page = me.get(door.headers["location"])
    assert page.status_code == 200 and "Đoàn xúc tiến du lịch tại Seoul" in page.text
    form = Form(page.text, "/d")
    sent = web.client().post("/d", data={**dict(form.values), "action": "submit_urgent"}, headers=SAME)
    assert sent.status_code == 303
    kept = web.desk.case(case)
    assert kept.state == "SCREENING" and kept.urgent and kept.reference
    assert [m["person"] for m in kept.facts["members"]] == ["F04", "F08", "F20", "F06", "F17", "F11", "F16"]
    assert kept.facts["planned_end"] == "2022-09-09" and kept.facts["funding"][0]["amount"] == 412_000_000
    assert kept.facts["itinerary"][1] == {"date": "2022-09-06", "country": "KR", "kind": "VISIT"}
    assert kept.waivers["R-04"].grounds["urgency"] == "Thư mời gấp"
    assert web.desk.engine.draft(case, "F08").version == 0  # the case holds what the draft held


def test_the_planned_way_says_why_it_is_closed(web):
    me = Visitor(web.signed_in("F08"))
    case = me.new()
    seoul(case, me)
    text = me.get(f"/c/{case}/check").text
    assert "Chưa chọn mục trong kế hoạch" in text


def test_what_follows_from_the_case_is_suggested(web):
    me = Visitor(web.signed_in("F05"))
    case = me.new()
    general = me.form(f"/c/{case}/edit/general")
    assert general["organiser"] == "so_du_lich"
    values = {"departure": "2022-09-04", "planned_end": "2022-09-08", "head": "F04", "secretary": "F05"}
    me.send(general, values)
    members = me.form(f"/c/{case}/edit/members")
    assert (
        members["members/1/person"] == "Phạm Hữu Giả (F04)" and members["members/2/person"] == "Hoàng Thị Ví Dụ (F05)"
    )
    days = me.form(f"/c/{case}/edit/itinerary")
    assert [days[f"itinerary/{n}/date"] for n in range(1, 6)] == [f"2022-09-0{n}" for n in range(4, 9)]
    assert web.desk.engine.draft(case, "F05").values.get("itinerary") is None  # nothing is kept before it is saved
    me.send(days, {"itinerary/5/kind": "VISIT", "itinerary/5/country": "KR"}, go="row")
    more = me.form(f"/c/{case}/edit/itinerary?add=1")
    assert (more["itinerary/6/date"], more["itinerary/6/country"]) == ("2022-09-09", "Hàn Quốc")


def test_rows_are_added_and_taken_out_without_losing_a_letter(web):
    me = Visitor(web.signed_in("F08"))
    case = me.new()
    path = f"/c/{case}/edit/members"
    answer = me.fill(
        path, {"members/1/person": "F04", "members/2/person": "F06", "members/2/task": "Một việc"}, go="more"
    )
    assert answer.headers["location"] == f"{path}?add=5#members/3"
    form = me.form(f"{path}?add=5")
    assert form["members/7/person"] == ""
    answer = me.send(form, {"members/3/person": "F08", "drop": "members/1"}, go="")
    assert answer.status_code == 303
    kept = web.desk.engine.draft(case, "F08").values["members"]
    assert [row["person"] for row in kept] == ["F06", "F08"] and kept[0]["task"] == "Một việc"


def test_two_windows_never_overwrite_each_other(web):
    me = Visitor(web.signed_in("F08"))
    case = me.new()
    path = f"/c/{case}/edit/general"
    first, second = me.form(path), me.form(path)
    assert me.send(first, {"title": "Từ cửa sổ một"}, go="save").status_code == 303
    answer = me.send(second, {"title": "Từ cửa sổ hai"}, go="save")
    assert answer.status_code == 409
    assert "Từ cửa sổ một" in answer.text and "Từ cửa sổ hai" in answer.text
    again = Form(answer.text, path)
    assert again["title"] == "Từ cửa sổ hai"
    assert me.send(again, {}, go="save").status_code == 303
    assert web.desk.engine.draft(case, "F08").values["title"] == "Từ cửa sổ hai"


def test_a_draft_is_listed_and_can_be_thrown_away(web):
    me = Visitor(web.signed_in("F08"))
    case = me.new()
    me.fill(f"/c/{case}/edit/general", {"title": "Sẽ bỏ"}, go="save")
    assert "Sẽ bỏ" in me.get("/new").text
    assert (
        me.post(f"/c/{case}/discard", f"/c/{case}/discard").headers["location"] == f"/c/{case}/edit"
    )  # not sure: kept
    assert me.post(f"/c/{case}/discard", f"/c/{case}/discard", sure="yes").headers["location"] == "/new?discarded=1"
    assert "Sẽ bỏ" not in me.get("/new").text
    assert web.desk.case(case).discarded


def test_who_holds_no_seat_is_told_so(web):
    me = Visitor(web.signed_in("F13"))
    assert "không giữ vị trí nào" in me.get("/new").text
    assert me.get("/new/delegation-out").status_code == 403
    assert me.get("/new/unknown").status_code == 404


def test_a_returned_case_is_filled_in_from_where_it_was(web):
    desk = web.desk
    me = Visitor(web.signed_in("F08"))
    case = me.new()
    seoul(case, me)
    me.fill(f"/c/{case}/edit/exceptions", {"waivers/R-04/important": "Hội chợ", "waivers/R-04/urgency": "Gấp"})
    minted = desk.engine.mint(case, "F08", via="page", action="submit_urgent")
    from engine.service import Answers

    desk.engine.decide(minted.token, Answers("submit_urgent"))
    desk.act(case, "F21", "return", "2022-05-04 10:00", reason="Bổ sung nhiệm vụ")
    form = me.form(f"/c/{case}/edit/general")
    assert form["title"] == "Đoàn xúc tiến du lịch tại Seoul" and form["head"] == "Phạm Hữu Giả (F04)"
    me.send(form, {"title": "Đoàn xúc tiến, bản sửa"}, go="save")
    assert "Trình lại" in me.get(f"/c/{case}").text
    door = me.post(f"/c/{case}/check", f"/c/{case}/act/resubmit").headers["location"]
    form = Form(me.get(door).text, "/d")
    assert web.client().post("/d", data={**dict(form.values), "action": "resubmit"}, headers=SAME).status_code == 303
    kept = desk.case(case)
    assert kept.state == "SCREENING" and kept.dossier == 2 and kept.facts["title"] == "Đoàn xúc tiến, bản sửa"
