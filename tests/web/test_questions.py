"""What a page asks and takes: exceptions one by one, an answer for every member, letters, confirmations, own drafts."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.support.delegation import LETTER, dossier, report, until
from tests.web.conftest import Web

PEOPLE = ("F01", "F02", "F04", "F09", "F06", "F10", "F11", "F08", "F20", "F17", "F24")
GROUNDS = {"R-11": {"truly_necessary": "Cần thêm phiên dịch", "added_members": ["F24"]}}


def fields(web: Web, token: str, **more: str) -> dict[str, str]:
    page = web.client().get(f"/d/{token}")
    assert page.status_code == 200, page.text
    return {"token": token, "v": re.search(r'name="v" value="([0-9a-f]+)"', page.text).group(1), **more}  # type: ignore[union-attr]


def post(web: Web, token: str, more: dict[str, str], **simple: str):
    return web.client().post("/d", data={**fields(web, token), **simple, **more})


@pytest.fixture
def eleven(make_web: Callable[..., Web]) -> Web:
    """Eleven members where ten are allowed; the case is with the Organization Board (F12)."""
    web = make_web()
    desk = web.desk
    desk.clock.to("2022-05-04 09:00")
    web.case = desk.open("F08")
    rows = [{"person": p, "task": f"Nhiệm vụ mẫu số {n} của đoàn"} for n, p in enumerate(PEOPLE, 1)]
    desk.act(web.case, "F08", "submit", values=dossier(members=rows), grounds=GROUNDS)
    desk.act(web.case, "F21", "forward", "2022-05-06", values={"sensitive": False})
    return web


ALL = {f"c/members/{n}/opinion": "AGREE" for n in range(1, 12)}


def test_every_member_and_every_exception_has_its_own_answer(eleven: Web):
    token = eleven.mint(eleven.case, "F12")
    page = eleven.client().get(f"/d/{token}").text
    assert all(f'name="c/members/{n}/opinion"' in page for n in range(1, 12)) and 'name="wo/R-11"' in page
    assert "cần thêm phiên dịch".capitalize() in page and "Bạch Thị Ví Dụ" in page
    missing = dict(list(ALL.items())[:9])
    answer = post(eleven, token, missing, action="give_opinion")
    assert answer.status_code == 422
    assert 'href="#members-10-opinion"' in answer.text and 'href="#members-11-opinion"' in answer.text
    assert 'href="#waivers-R-11"' in answer.text and "Cho ý kiến về ngoại lệ R-11." in answer.text
    assert answer.text.count(" checked") == 10
    assert post(eleven, token, {**ALL, "wo/R-11": "AGREE_WITH_CONDITIONS"}, action="give_opinion").status_code == 303
    case = eleven.desk.case(eleven.case)
    assert [row["opinion"] for row in case.facts["members"]] == ["AGREE"] * 11
    assert case.waivers["R-11"].opinion == "AGREE_WITH_CONDITIONS"
    result = eleven.client().get(f"/d/{token}").text
    assert "Đồng ý có điều kiện" in result and result.count("<dt>") >= 12


def test_without_the_exception_there_is_no_approval(eleven: Web):
    token = eleven.mint(eleven.case, "F12")
    post(eleven, token, {**ALL, "wo/R-11": "DISAGREE"}, action="give_opinion")
    token = eleven.mint(eleven.case, "F13")
    page = eleven.client().get(f"/d/{token}").text
    assert "Ý kiến thẩm tra:</b> Không đồng ý" in page
    answer = post(eleven, token, {"w/R-11": "REFUSED"}, action="send_up")
    assert answer.status_code == 422
    assert "Ngoại lệ R-11 chưa được cho phép." in answer.text and 'href="#waivers-R-11"' in answer.text
    answer = post(eleven, token, {"w/R-11": "REFUSED", "f/conditions": "Bớt một người"}, action="approve_if")
    assert answer.status_code == 303
    assert eleven.desk.case(eleven.case).waivers["R-11"].state == "REFUSED"
    result = eleven.client().get(f"/d/{token}").text
    assert "<dt>Ngoại lệ R-11</dt><dd>Không cho phép</dd>" in result


def test_answers_about_exceptions_do_not_go_with_another_choice(eleven: Web):
    """A radio cannot be emptied again: with an act that does not ask it, it is left out."""
    token = eleven.mint(eleven.case, "F12")
    answer = post(eleven, token, {"wo/R-11": "AGREE"}, action="return", comment="Bổ sung lịch trình")
    assert answer.status_code == 303
    assert set(eleven.desk.history(eleven.case)[-1][0]["spent"]["keys"]) == {"return"}


def test_the_letter_of_a_body_outside_is_recorded_on_the_page(web: Web):
    web.desk.act(web.case, "F13", "send_up", "2022-05-18 09:00")
    token = web.mint(web.case, "F21")
    answer = post(web, token, {"f/letter/date": "32/13/2022", "f/letter/number": "1"}, action="approve")
    assert answer.status_code == 422 and 'href="#letter-date"' in answer.text and 'value="32/13/2022"' in answer.text
    letter = {"f/letter/number": "462/BNG-CV-m", "f/letter/date": "1/3/2022", "f/letter/outcome": "Đồng ý"}
    assert post(web, token, letter, action="approve").status_code == 303
    kept = web.desk.case(web.case).facts["letter"]
    assert (kept["number"], kept["date"], kept["outcome"]) == ("462/BNG-CV-m", "2022-03-01", "Đồng ý")


def test_an_act_that_needs_a_file_leads_to_the_page_of_the_case(web: Web):
    travelling(web)
    token = web.desk.engine.mint(web.case, "F08", via="mail", action="correct_end").token
    page = web.client().get(f"/d/{token}").text
    assert f'href="/c/{web.case}/edit?for=correct_end"' in page


def travelling(web: Web) -> None:
    web.desk.act(web.case, "F13", "send_up", "2022-05-18 09:00")
    web.desk.act(web.case, "F21", "approve", "2022-05-18 10:00", values={"letter": LETTER})
    until(web.desk, "2022-06-08 09:00")


def test_who_has_to_hand_in_a_report_is_led_there(web: Web):
    travelling(web)
    until(web.desk, "2022-06-20 08:30")
    page = web.client().get(f"/d/{web.mint(web.case, 'F08')}").text
    assert f'href="/c/{web.case}/edit?for=hand_in"' in page
    assert 'value="hand_in"' not in page
    web.desk.engine.save_draft(web.case, "F08", web.desk.handed_in(web.case, "F08", report()), {}, 0)
    page = web.client().get(f"/d/{web.mint(web.case, 'F08')}").text
    assert 'value="hand_in"' in page and "15/BC-SNgV" in page


def test_a_proposer_sees_the_draft_that_is_submitted(make_web: Callable[..., Web]):
    web = make_web()
    web.desk.clock.to("2022-05-04 09:00")
    case = web.desk.open("F08")
    web.desk.engine.save_draft(case, "F08", web.desk.handed_in(case, "F08", dossier()), {}, 0)
    token = web.desk.engine.mint(case, "F08", via="page", action="submit").token
    page = web.client().get(f"/d/{token}").text
    assert "Thăm Viêng Chăn" in page and "Đề xuất mới" in page and 'value="submit"' in page
    assert post(web, token, {}, action="submit").status_code == 303
    assert "DR-2022-0001#" in web.client().get(f"/d/{token}").text
    web.desk.clock.to("2022-05-04 10:00")
    assert web.desk.case(case).state == "SCREENING"


def test_what_stops_a_choice_is_said_before(make_web: Callable[..., Web]):
    web = make_web()
    web.desk.clock.to("2022-05-04 09:00")
    case = web.desk.submitted(head="F04")
    page = web.client().get(f"/d/{web.mint(case, 'F21')}").text
    assert "Hiện chưa chọn được" in page and "R-07" in page
    assert re.search(r"Không có quy định nào ngăn", page) is None


def test_a_change_waits_for_somebody_elses_confirmation(web: Web):
    travelling(web)
    desk, case = web.desk, web.case
    file = desk.engine.attach(case, "F08", "ve.pdf", b"%PDF-1.4 ve").id
    desk.act(
        case,
        "F08",
        "correct_end",
        values={"returned_on": "2022-06-11", "actual_days": dossier()["itinerary"][:6], "evidence": file},
    )
    token = web.mint_kind(case, "F21", "confirm")
    page = web.client().get(f"/d/{token}").text
    assert "Chờ đồng chí xác nhận" in page and "Bùi Minh Họa đề nghị: «Sửa ngày về»" in page and "11/6/2022" in page
    assert 'value="confirm"' in page and 'value="decline"' in page and 'name="comment"' not in page
    assert post(web, token, {}).status_code == 422
    assert post(web, token, {}, action="approve").status_code == 422
    assert post(web, token, {}, action="confirm").status_code == 303
    assert desk.case(case).facts["returned_on"] == "2022-06-11"
    assert "Đồng chí đã chọn" in web.client().get(f"/d/{token}").text
