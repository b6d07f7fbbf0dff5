"""Wrong values: one clear sentence beside the field and in the summary, everything typed is kept, nothing breaks."""

from __future__ import annotations

import re

import pytest

from tests.portal.page import PDF, Form, Visitor
from tests.web.conftest import SAME

pytestmark = pytest.mark.slow

MB = 1024 * 1024


@pytest.fixture
def me(web):
    return Visitor(web.signed_in("F08"))


def beside(text: str, path: str) -> str:
    """The sentence of the error beside a control."""
    match = re.search(rf'<span class="em" id="{re.escape(path)}-e">(.*?)</span>', text)
    return match.group(1) if match else ""


def summary(text: str, path: str) -> str:
    match = re.search(rf'<a class="tap" href="#{re.escape(path)}">(.*?)</a>', text)
    return match.group(1) if match else ""


@pytest.mark.parametrize(
    ("step", "path", "typed", "sentence"),
    [
        ("general", "departure", "31/02/2022", "Nhập ngày trong khoảng năm 2000 đến 2100, ví dụ 04/9/2022"),
        ("general", "planned_end", "0001-01-01", "Nhập ngày trong khoảng năm 2000 đến 2100, ví dụ 04/9/2022"),
        (
            "general",
            "head",
            "Phạm Hữu Già Nua",
            "Không có ai tên “Phạm Hữu Già Nua” trong danh bạ; chọn trong danh sách. Có phải Phạm Hữu Giả (F04)?",
        ),
        ("general", "main_purpose", "holiday", "Chọn một mục trong danh sách"),
        ("general", "title", "x" * 20_001, "Viết ngắn lại: nhiều nhất 20.000 ký tự, hiện có 20.001"),
        ("funding", "funding/1/amount", "1.000,00", "Nhập số đồng chẵn, ví dụ 412.000.000"),
        ("funding", "funding/1/amount", "1e9", "Nhập số đồng chẵn, ví dụ 412.000.000"),
        ("itinerary", "itinerary/1/country", "Atlantis", "Không có nước “Atlantis”; chọn trong danh sách"),
        (
            "itinerary",
            "itinerary/1/country",
            "Han Quok",
            "Không có nước “Han Quok”; chọn trong danh sách. Có phải Hàn Quốc?",
        ),
    ],
)
def test_a_wrong_value_is_said_and_kept(me, step, path, typed, sentence):
    case = me.new()
    answer = me.fill(f"/c/{case}/edit/{step}", {path: typed})
    assert answer.status_code == 422
    assert beside(answer.text, path) == sentence
    assert sentence[1:] in summary(answer.text, path)
    again = me.form(f"/c/{case}/edit/{step}")
    assert again[path] == typed


def test_markup_and_templates_are_text(me):
    case = me.new()
    nasty = "<script>alert(1)</script>{{7*7}}{% raise %}\"'&"
    me.fill(f"/c/{case}/edit/general", {"title": nasty}, go="save")
    for page in ("edit/general", "check", ""):
        text = me.get(f"/c/{case}/{page}".rstrip("/")).text
        assert "<script>" not in text and "{{7*7}}" in text
    assert me.form(f"/c/{case}/edit/general")["title"] == nasty


def test_control_and_direction_characters_are_taken_out_of_names(me, web):
    case = me.new()
    me.fill(f"/c/{case}/edit/general", {"title": "Đoàn\u202e Seoul\u2066 \x07đi"}, go="save")
    assert web.desk.engine.draft(case, "F08").values["title"] == "Đoàn Seoul đi"


def test_eighty_one_rows_are_one_sentence(me):
    case = me.new()
    form = me.form(f"/c/{case}/edit/members")
    rows = {f"members/{n}/person": "F04" for n in range(1, 82)}
    answer = me.send(form, rows)
    assert answer.status_code == 422
    assert "Nhiều nhất 80 dòng; hiện có 81" in beside(answer.text, "members")
    assert answer.text.count('value="Phạm Hữu Giả (F04)"') >= 81


def test_a_flood_of_fields_and_odd_names_is_a_page(me):
    case = me.new()
    form = me.form(f"/c/{case}/edit/general")
    many = {f"x{n}": "1" for n in range(4100)}
    assert me.send(form, many).status_code == 422
    odd = {
        "members/0/person": "F04",
        "members/-1/task": "x",
        "members/999999999999/person": "F04",
        "../title": "x",
        "waivers/X/y": "1",
    }
    assert me.send(form, odd, go="save").status_code == 303
    assert me.send(form, {"version": "99999999999999999999"}, go="save").status_code == 409
    assert me.get(f"/c/{case}/edit/nowhere").status_code == 303
    assert me.get(f"/c/{case}/edit/members?add=999999").status_code == 200
    assert me.get(f"/c/{case}/edit/members?add=-5").status_code == 200
    assert me.get("/cases?page=0&q=%25_&state=x&show=zzz").status_code == 200


def test_a_form_from_elsewhere_or_without_its_token_changes_nothing(me, web):
    case = me.new()
    form = me.form(f"/c/{case}/edit/general")
    data = {**dict(form.values), "title": "x"}
    assert me.client.post(form.action, data=data, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    late = me.client.post(form.action, data={**data, "csrf": "wrong"}, headers=SAME)
    assert late.status_code == 409 and "Chưa lưu: nội dung này nhập trước khi đăng nhập lại" in late.text
    assert "title" not in web.desk.engine.draft(case, "F08").values


def test_what_was_typed_outlives_the_session(me, web):
    """The page of signing in keeps it, signed in again it is shown with a button, and only that button saves it."""
    case = me.new()
    form = me.form(f"/c/{case}/edit/general")
    data = {**dict(form.values), "title": "Một giờ gõ <b>phím</b>", "main_purpose": "work"}
    over = web.client().post(form.action, data=data, headers=SAME)
    assert over.status_code == 401 and "Nội dung vừa nhập chưa được lưu" in over.text
    assert 'value="Một giờ gõ &lt;b&gt;phím&lt;/b&gt;"' in over.text and data["csrf"] not in over.text
    again = Visitor(web.signed_in("F08"))
    late = again.client.post(form.action, data={**data, "csrf": ""}, headers=SAME)
    assert late.status_code == 409 and "Làm việc" in late.text
    assert "title" not in web.desk.engine.draft(case, "F08").values
    fresh = Form(late.text, form.action)
    assert again.send(fresh, {}, go="save").status_code == 303
    assert web.desk.engine.draft(case, "F08").values["title"] == data["title"]


def test_a_code_of_no_country_is_refused(me):
    answer = me.fill(f"/c/{me.new()}/edit/itinerary", {"itinerary/1/country": "ZZ"})
    assert answer.status_code == 422 and beside(answer.text, "itinerary/1/country").startswith("Không có nước “zz”")


# -- files


def upload(me, case: str, name: str, data: bytes):
    path = f"/c/{case}/edit/papers"
    typed = {"invitation/inviter": "Vẫn còn đây"}
    return me.fill(path, typed, files={"invitation/document/new": (name, data, "application/pdf")})


def test_a_file_is_kept_under_a_plain_name_and_can_be_taken_out(me, web):
    case = me.new()
    upload(me, case, "../../..\\thư\u202efdp.mời<b>.pdf", PDF)
    draft = web.desk.engine.draft(case, "F08").values["invitation"]
    form = me.form(f"/c/{case}/edit/papers")
    assert form["invitation/document"] == draft["document"]
    page = me.get(f"/c/{case}/edit/papers").text
    assert "thưfdp.mờib.pdf" in page and "\u202e" not in page
    fetched = me.get(f"/f/{draft['document']}")
    assert fetched.content == PDF and "attachment" in fetched.headers["content-disposition"]
    me.send(form, {"invitation/document/drop": "1"}, go="save")
    assert web.desk.engine.draft(case, "F08").values["invitation"]["document"] is None


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("trống.pdf", b"", "“trống.pdf” là tệp rỗng; chọn lại tệp"),
        (
            "trang.pdf",
            b"<html><script>alert(1)</script></html>",
            "“trang.pdf” thuộc loại không nhận; gửi PDF, Word, Excel, JPEG hoặc PNG",
        ),
        (
            "hình.svg",
            b"<svg xmlns='http://www.w3.org/2000/svg'/>",
            "“hình.svg” thuộc loại không nhận; gửi PDF, Word, Excel, JPEG hoặc PNG",
        ),
        (
            "nén.zip",
            b"PK\x03\x04" + b"\0" * 100,
            "“nén.zip” thuộc loại không nhận; gửi PDF, Word, Excel, JPEG hoặc PNG",
        ),
        ("to.pdf", b"%PDF-" + b"0" * (26 * MB), "“to.pdf” nặng 26 MB; mỗi tệp nhiều nhất 25 MB"),
    ],
)
def test_a_file_that_is_not_taken_is_said_beside_its_field(me, web, name, data, sentence):
    case = me.new()
    answer = upload(me, case, name, data)
    assert answer.status_code == 422
    assert beside(answer.text, "invitation/document") == sentence
    assert 'value="Vẫn còn đây"' in answer.text
    assert web.desk.engine.draft(case, "F08").values["invitation"] == {
        "inviter": "Vẫn còn đây", "inviter_kind": None, "inviter_country": None, "names_individuals": None, "solicited": None,
        "organiser_kind": None, "document": None,
    }  # fmt: skip


def test_a_form_cannot_name_a_file_of_another_case(me, web):
    mine, other = me.new(), me.new()
    upload(me, other, "a.pdf", PDF)
    file_id = web.desk.engine.draft(other, "F08").values["invitation"]["document"]
    me.fill(f"/c/{mine}/edit/papers", {"invitation/inviter": "x", "invitation/document": file_id}, go="save")
    assert web.desk.engine.draft(mine, "F08").values["invitation"]["document"] is None


def test_all_files_of_a_case_have_a_limit(me, web, monkeypatch):
    from engine.web import uploads

    monkeypatch.setattr(uploads, "sizes_of", lambda engine: (25 * MB, len(PDF) + 10))
    case = me.new()
    upload(me, case, "một.pdf", PDF)
    answer = upload(me, case, "hai.pdf", PDF + b"2")
    assert "Thêm “hai.pdf” thì các tệp của hồ sơ vượt quá" in beside(answer.text, "invitation/document")
