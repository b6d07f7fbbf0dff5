"""The case's own page: what it offers to whom, and the way of each act through the form, the check and the one door."""

from __future__ import annotations

import re

import pytest

from tests.portal.page import PDF, Form, Visitor
from tests.portal.test_seeing import handed_in
from tests.support.delegation import agreed, until
from tests.web.conftest import SAME

pytestmark = pytest.mark.slow


def buttons(text: str) -> list[str]:
    """Labels of the buttons of `What you can do`."""
    part = text.partition("Việc đồng chí có thể làm")[2].partition("</section>")[0]
    return re.findall(r"<button[^>]*>(.*?)</button>", part)


def through_the_door(web, location: str, action: str, **answers: str):
    """Answer the page of a decision; the case's state afterwards."""
    page = web.client().get(location)
    assert page.status_code == 200, page.text
    form = Form(page.text, "/d")
    return web.client().post("/d", data={**dict(form.values), "action": action, **answers}, headers=SAME)


def decided(web) -> str:
    """A case that waits for the Prime Minister's letter."""
    case = handed_in(web)
    web.desk.act(case, "F21", "forward", "2022-05-06", values={"sensitive": False})
    web.desk.act(case, "F12", "give_opinion", "2022-05-12", columns=agreed())
    web.desk.act(case, "F13", "send_up", "2022-05-18 09:00")
    return case


def test_each_sees_what_is_theirs_to_do(web):
    case = handed_in(web)
    assert buttons(Visitor(web.signed_in("F08")).get(f"/c/{case}").text) == ["Rút đề xuất"]
    assert buttons(Visitor(web.signed_in("F21")).get(f"/c/{case}").text) == ["Mở việc và chọn"]
    assert buttons(Visitor(web.signed_in("F09")).get(f"/c/{case}").text) == []


def test_withdrawing_goes_through_the_door(web):
    case = handed_in(web)
    me = Visitor(web.signed_in("F08"))
    door = me.post(f"/c/{case}", f"/c/{case}/act/withdraw")
    assert through_the_door(web, door.headers["location"], "withdraw").status_code == 303
    assert web.desk.case(case).state == "WITHDRAWN"
    page = me.get(f"/c/{case}").text
    assert "Rút đề xuất" in page and buttons(page) == []
    again = me.client.post(
        f"/c/{case}/act/withdraw", data={"csrf": me.form("/new/delegation-out", "/new/")["csrf"]}, headers=SAME
    )
    assert again.status_code == 409 and "Chưa ghi nhận" in again.text


def test_the_letter_of_the_prime_minister_is_filled_in_first(web):
    case = decided(web)
    clerk = Visitor(web.signed_in("F21"))
    assert buttons(clerk.get(f"/c/{case}").text) == ["Nhập rồi quyết định: Văn bản trả lời"]
    to_form = clerk.post(f"/c/{case}", f"/c/{case}/act/")
    assert re.fullmatch(rf"/c/{case}/edit\?for=\w+", to_form.headers["location"])
    step = clerk.get(to_form.headers["location"]).headers["location"]
    empty = clerk.get(f"/c/{case}/check?for=approve").text
    assert "Nhập: Văn bản trả lời" in empty and "act/approve" not in empty
    letter = {"letter/number": "462/TTg-QHQT", "letter/date": "18/5/2022", "letter/outcome": "Đồng ý"}
    answer = clerk.fill(step, letter, files={"letter/file/new": ("công văn.pdf", PDF, "application/pdf")})
    assert "/check?for=" in answer.headers["location"]
    check = clerk.get(answer.headers["location"])
    assert "462/TTg-QHQT" in check.text
    action = re.search(rf"/c/{case}/act/(\w+)", check.text).group(1)  # type: ignore[union-attr]
    assert "Yêu cầu bổ sung" not in check.text, "nothing is chosen yet"
    door = clerk.post(answer.headers["location"], f"/c/{case}/act/{action}")
    asked = clerk.get(door.headers["location"]).text
    assert "462/TTg-QHQT" in asked and 'name="f/letter/number"' not in asked, "shown, and not asked again"
    assert through_the_door(web, door.headers["location"], "approve").status_code == 303
    kept = web.desk.case(case)
    assert (
        kept.state == "APPROVED" and kept.facts["letter"]["number"] == "462/TTg-QHQT" and kept.facts["letter"]["file"]
    )


def approved(web) -> str:
    case = decided(web)
    file_id = web.desk.engine.attach(case, "F21", "a.pdf", PDF).id
    letter = {"number": "462", "date": "2022-05-18", "outcome": "Đồng ý", "file": file_id}
    web.desk.act(case, "F21", "approve", "2022-05-18 10:00", values={"letter": letter})
    return case


def test_the_report_is_handed_in_with_its_file_and_outcomes(web):
    case = approved(web)
    until(web.desk, "2022-06-13 08:30")
    secretary = Visitor(web.signed_in("F08"))
    assert buttons(secretary.get(f"/c/{case}").text) == ["Nộp báo cáo", "Sửa ngày về"]
    general = f"/c/{case}/edit/general?for=hand_in"
    report = {"report/number": "15/BC-SNgV", "report/date": "2022-06-13"}
    answer = secretary.fill(general, report, files={"report/file/new": ("báo cáo.pdf", PDF, "application/pdf")})
    outcomes = answer.headers["location"]
    assert outcomes == f"/c/{case}/edit/outcomes?for=hand_in"
    row = {
        "outcomes/1/text": "Trao đổi đoàn nghệ thuật",
        "outcomes/1/owner": "Sở Văn hóa và Thể thao",
        "outcomes/1/due": "2022-12-15",
    }
    check = secretary.fill(outcomes, row).headers["location"]
    door = secretary.post(check, f"/c/{case}/act/hand_in")
    assert through_the_door(web, door.headers["location"], "hand_in").status_code == 303
    kept = web.desk.case(case)
    assert kept.state == "REPORT_REVIEW" and kept.facts["report"]["number"] == "15/BC-SNgV"
    assert kept.facts["outcomes"][0]["owner"] == "so_van_hoa_va_the_thao"


def test_a_corrected_return_waits_to_be_confirmed(web):
    case = approved(web)
    until(web.desk, "2022-06-10 09:00")
    secretary = Visitor(web.signed_in("F08"))
    assert set(buttons(secretary.get(f"/c/{case}").text)) == {"Xác nhận đã về", "Sửa ngày về"}
    form = f"/c/{case}/edit/general?for=correct_end"
    secretary.fill(form, {"returned_on": "2022-06-15"}, files={"evidence/new": ("vé.pdf", PDF, "application/pdf")})
    door = secretary.post(f"/c/{case}/check?for=correct_end", f"/c/{case}/act/correct_end")
    assert through_the_door(web, door.headers["location"], "correct_end").status_code == 303
    assert "Đồng chí đã chọn «Sửa ngày về»" in secretary.get(door.headers["location"]).text
    waiting = secretary.get(f"/c/{case}").text
    assert "chờ Chu Văn Thử xác nhận" in waiting
    office = Visitor(web.signed_in("F21"))
    assert "Xác nhận" in " ".join(buttons(office.get(f"/c/{case}").text))
    door = office.post(f"/c/{case}", f"/c/{case}/act/confirm")
    assert through_the_door(web, door.headers["location"], "confirm").status_code == 303
    assert web.desk.case(case).facts["returned_on"] == "2022-06-15"


def test_the_return_date_of_a_correction_never_slips_in_with_the_report(web):
    case = approved(web)
    until(web.desk, "2022-06-13 08:30")
    secretary = Visitor(web.signed_in("F08"))
    secretary.fill(f"/c/{case}/edit/general?for=correct_end", {"returned_on": "2022-06-20"}, go="save")
    file_id = web.desk.engine.attach(case, "F08", "b.pdf", PDF).id
    letter = {"number": "15", "date": "2022-06-13", "outcome": None, "file": file_id}
    web.desk.act(case, "F08", "hand_in", values={"report": letter, "no_outcome": "Không có"})
    assert web.desk.case(case).facts.get("returned_on") is None


def test_a_material_change_edits_the_approved_dossier(web):
    case = approved(web)
    me = Visitor(web.signed_in("F08"))
    assert buttons(me.get(f"/c/{case}").text) == ["Thay đổi nội dung chuyến đi", "Hủy chuyến đi"]
    me.fill(f"/c/{case}/edit/general", {"title": "Đoàn đổi tên"}, go="save")
    door = me.post(f"/c/{case}/check", f"/c/{case}/act/change")
    assert through_the_door(web, door.headers["location"], "change", comment="Phía bạn đổi lịch").status_code == 303
    kept = web.desk.case(case)
    assert kept.state == "SCREENING" and kept.facts["title"] == "Đoàn đổi tên"
    assert all(not row.get("opinion") or row["opinion"] == "AGREE" for row in kept.facts["members"])
