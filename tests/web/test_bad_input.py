"""Nothing that is typed or sent makes a 500, a hang or a half-recorded decision."""

from __future__ import annotations

import re

import pytest

from tests.web.conftest import SAME, Web

ODD = [
    "\x00",
    "a\x00b",
    "\u202e\u2066evil",
    "<script>alert(1)</script>",
    "{{7*7}}{% raise %}",
    "😀👨\u200d👩\u200d👧 ع 漢",
    "x" * 20_001,
    "' OR 1=1 --",
    "\r\nSet-Cookie: a=b",
    "%s%n%(name)s",
]


def fields(web: Web, token: str, **more: str) -> dict[str, str]:
    value = re.search(r'name="v" value="([0-9a-f]+)"', web.client().get(f"/d/{token}").text).group(1)  # type: ignore[union-attr]
    return {"token": token, "v": value, **more}


@pytest.mark.slow
@pytest.mark.parametrize(
    "place", ["action", "comment", "f/conditions", "w/R-12", "c/members/1/opinion", "v", "lang", "nonsense"]
)
def test_odd_text_in_every_place(web: Web, place: str):
    """With `approve_if`, which asks for conditions, so that nothing is taken until the last."""
    token = web.mint(web.case, "F13")
    sent = fields(web, token, action="approve_if", comment="Lý do")
    for odd in ODD:
        web.app.state.limiter.reset()
        answer = web.client().post("/d", data={**sent, place: odd})
        assert answer.status_code in (303, 409, 422), (odd, answer.status_code)
        assert "<script>" not in answer.text and "Traceback" not in answer.text
    page = web.client().get(f"/d/{token}").text
    assert "<script>" not in page and "Traceback" not in page


def test_a_comment_is_kept_and_shown_exactly(web: Web):
    token = web.mint(web.case, "F13")
    words = "Đồng ý <b>nhưng</b> {{7*7}} & 😀"
    web.client().post("/d", data=fields(web, token, action="reject", comment=words))
    page = web.client().get(f"/d/{token}").text
    assert "Đồng ý &lt;b&gt;nhưng&lt;/b&gt; {{7*7}} &amp; 😀" in page


def test_a_name_that_comes_twice_is_refused(web: Web):
    token = web.mint(web.case, "F13")
    sent = fields(web, token)
    body = "&".join(f"{k}={v}" for k, v in sent.items()) + "&action=send_up&action=reject"
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = web.client().post("/d", content=body, headers=kind)
    assert answer.status_code == 422
    assert web.desk.case(web.case).state == "DECISION"


def test_token_pages_take_plain_forms_only(web: Web):
    for kind in ["multipart/form-data; boundary=x", "application/json", "text/plain", ""]:
        answer = web.client().post("/d", content=b"--x--", headers={"Content-Type": kind})
        assert answer.status_code == 415


@pytest.mark.slow
def test_too_many_fields(web: Web):
    body = "&".join(f"a{n}=1" for n in range(5000))
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    assert web.client().post("/d", content=body, headers=kind).status_code == 422


def test_text_that_belongs_to_another_choice_is_not_lost(web: Web):
    token = web.mint(web.case, "F13")
    answer = web.client().post("/d", data={**fields(web, token, action="send_up"), "f/conditions": "Bớt một người"})
    assert answer.status_code == 422
    assert "«Điều kiện kèm theo» chỉ đi cùng «Phê duyệt có điều kiện, yêu cầu sửa»" in answer.text
    assert "Bớt một người</textarea>" in answer.text
    assert web.desk.case(web.case).state == "DECISION"


def test_a_choice_that_is_not_offered(web: Web):
    token = web.mint(web.case, "F13")
    for action in ("approve", "withdraw", "lapse", "submit", "confirm", "w/R-12=GRANTED"):
        assert web.client().post("/d", data=fields(web, token, action=action)).status_code == 422
    assert web.desk.case(web.case).state == "DECISION"


def test_junk_in_addresses(web: Web):
    client = web.client()
    for path in (
        "/sign-in?next=%ff%fe&next=/x",
        "/lang?to=xx&next=//evil",
        "/d/?x",
        "/s//",
        "/%2e%2e/%2e%2e/etc",
        "/clock?to=1",
        "/" + "a" * 5000,
    ):
        answer = client.get(path)
        assert answer.status_code in (200, 303, 404, 307), path
        assert "evil" not in answer.headers.get("location", "")


def test_a_foreign_host_is_not_answered(web: Web):
    for host in ["evil.example", "127.0.0.1.evil.example", "", "trinh@evil"]:
        assert web.client().get("/sign-in", headers={"Host": host}).status_code == 400


def test_a_spoofed_host_never_changes_a_mailed_link(web: Web):
    client = web.client(headers={"Host": "localhost:9999"})
    client.post("/sign-in", data={"mail": "f13@example.vn"}, headers=SAME)
    assert web.mailed[0][1].startswith("http://127.0.0.1:8000/sign-in/")


def test_methods(web: Web):
    for method, path in (
        ("PUT", "/d"),
        ("GET", "/d"),
        ("POST", "/tasks"),
        ("DELETE", "/sign-in"),
        ("PATCH", "/healthz"),
    ):
        answer = web.client().request(method, path, headers=SAME)
        assert answer.status_code == 405, path
        assert "Địa chỉ này không dùng theo cách đó" in answer.text


def test_the_clock_moves_forward_only(web: Web):
    client = web.client()
    now = web.desk.clock()
    for bad in (
        {"to": "back"},
        {"to": "date", "date": "32/1/2022"},
        {"to": "date", "date": "1/1/2020"},
        {"to": "date", "date": "٣"},
        {},
        {"to": "date", "date": "1/1/2099"},
    ):
        answer = client.post("/clock", data=bad, headers=SAME)
        assert answer.status_code == 422, bad
    assert web.desk.clock() == now
    answer = client.post("/clock", data={"to": "due"}, headers=SAME)
    assert answer.status_code == 200 and web.desk.clock() > now
    answer = client.post("/clock", data={"to": "date", "date": "6/6/2022", "time": "00:00"}, headers=SAME)
    assert "«Quá thời điểm»" in answer.text
