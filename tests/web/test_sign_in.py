"""Signing in with a mailed link; sessions that end."""

from __future__ import annotations

import re

from tests.web.conftest import SAME, Web

HOUR = 3_600_000_000


def ask(web: Web, address: str, **more: str):
    return web.client().post("/sign-in", data={"mail": address, **more}, headers=SAME)


def test_whoever_asks_gets_the_same_answer(web: Web):
    known, unknown = ask(web, "f13@example.vn"), ask(web, "nobody@example.vn")
    assert (known.status_code, unknown.status_code) == (200, 200)
    assert known.text == unknown.text
    assert [person for person, _ in web.mailed] == ["F13"]


def test_what_is_no_address_is_told(web: Web):
    for address in ["", "x", "a b@example.vn", "f13@example.vn\r\nBcc: x@y.zz", "@", "f13@", "ü" * 300 + "@x.vn"]:
        answer = ask(web, address)
        assert answer.status_code == 422
        assert "Nhập địa chỉ thư công vụ" in answer.text and not web.mailed


def test_auditors_do_not_sign_in_by_mail(web: Web):
    assert ask(web, "f14@example.vn").status_code == 200
    assert web.mailed == []


def test_looking_at_the_link_signs_nobody_in(web: Web):
    ask(web, "F13@EXAMPLE.VN", next="/cases")
    path = web.mailed[0][1].removeprefix("http://127.0.0.1:8000")
    for _ in range(3):
        page = web.client().get(path)
        assert page.status_code == 200 and "Tạ Thị Thử" in page.text
        assert "set-cookie" not in page.headers
    client = web.client()
    token = re.search(r'name="token" value="([^"]+)"', page.text).group(1)  # type: ignore[union-attr]
    onward = re.search(r'name="next" value="([^"]+)"', page.text).group(1)  # type: ignore[union-attr]
    answer = client.post("/sign-in/enter", data={"token": token, "next": onward}, headers=SAME)
    assert (answer.status_code, answer.headers["location"]) == (303, "/cases")
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("sid=") and "HttpOnly" in cookie and "SameSite=lax" in cookie and "Path=/" in cookie
    assert web.client().post("/sign-in/enter", data={"token": token}, headers=SAME).status_code == 410
    assert web.client().get(path).status_code == 410


def test_the_cookie_of_an_https_site_belongs_to_its_host_alone(web: Web):
    web.desk.engine.base_url = "https://127.0.0.1:8000"
    ask(web, "f13@example.vn")
    token = web.mailed[0][1].rsplit("/", 1)[1]
    answer = web.client().post("/sign-in/enter", data={"token": token}, headers=SAME)
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-sid=") and "Secure" in cookie and "Domain" not in cookie


def test_a_link_lives_ten_minutes(web: Web):
    now = [1_700_000_000_000_000]
    web.running.wall = lambda: now[0]
    ask(web, "f13@example.vn")
    token = web.mailed[0][1].rsplit("/", 1)[1]
    now[0] += 10 * 60_000_000
    assert web.client().get(f"/sign-in/{token}").status_code == 410


def test_a_session_ends_when_idle_and_in_any_case(web: Web):
    now = [1_700_000_000_000_000]
    web.running.wall = lambda: now[0]
    client = web.signed_in("F13")
    now[0] += HOUR // 2 - 1
    assert client.get("/tasks").status_code == 200
    now[0] += HOUR // 2
    assert client.get("/tasks").status_code == 401
    client = web.signed_in("F13")
    for _ in range(16):
        now[0] += HOUR // 2 - 70_000_000
        assert client.get("/tasks").status_code == 200
        web.desk.engine.writer.chore(lambda conn: None).result()
    now[0] += 20 * 60_000_000
    assert client.get("/tasks").status_code == 401


def test_a_cookie_is_dead_after_signing_out(web: Web):
    client = web.signed_in("F13")
    cookie = client.cookies["sid"]
    token = client.get("/tasks").text.split('name="csrf" value="')[1][:32]
    assert client.post("/sign-out", data={"csrf": token}, headers=SAME).status_code == 303
    answer = web.client(cookies={"sid": cookie}).get("/tasks")
    assert answer.status_code == 401
    assert "Trang này cần đăng nhập" in answer.text and 'name="next" value="/tasks"' in answer.text


def test_signing_in_makes_a_new_session_and_ends_the_old_one(web: Web):
    client = web.signed_in("F13")
    old = client.cookies["sid"]
    ask(web, "f13@example.vn")
    token = web.mailed[-1][1].rsplit("/", 1)[1]
    client.post("/sign-in/enter", data={"token": token}, headers=SAME)
    assert client.cookies["sid"] != old
    assert web.client(cookies={"sid": old}).get("/tasks").status_code == 401


def test_nothing_of_a_secret_is_stored(web: Web):
    client = web.signed_in("F13")
    secret = client.cookies["sid"]
    ask(web, "f21@example.vn")
    token = web.mailed[-1][1].rsplit("/", 1)[1]
    folder = web.desk.setup.settings.data
    content = b"".join(p.read_bytes() for p in folder.glob("trinh.db*"))
    assert secret.encode() not in content and token.encode() not in content


def test_signing_in_leads_nowhere_else(web: Web):
    for wanted in ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/a\nb", "x"]:
        web.app.state.limiter.reset()
        ask(web, "f13@example.vn", next=wanted)
        token = web.mailed[-1][1].rsplit("/", 1)[1].partition("?")[0]
        answer = web.client().post("/sign-in/enter", data={"token": token, "next": wanted}, headers=SAME)
        assert answer.headers["location"] == "/tasks"


def test_a_person_gets_five_mails_an_hour(web: Web):
    for _ in range(7):
        assert ask(web, "f13@example.vn").status_code == 200
    assert len(web.mailed) == 5


def test_a_task_opens_the_same_page_as_its_mail(web: Web):
    client = web.signed_in("F13")
    page = client.get("/tasks").text
    assert "Thăm Viêng Chăn" in page and "1 hồ sơ chờ đồng chí" in page
    token = page.split('name="csrf" value="')[1][:32]
    grant = re.search(r'name="grant" value="([^"]+)"', page).group(1)  # type: ignore[union-attr]
    answer = client.post("/tasks/open", data={"csrf": token, "case": web.case, "grant": grant}, headers=SAME)
    decision = web.client().get(answer.headers["location"])
    assert decision.status_code == 200 and "Tạ Thị Thử" in decision.text
    body, _ = web.desk.history(web.case)[-1]
    assert (body["type"], body["via"], body["to"]) == ("link.issued", "page", "F13")


def test_a_foreign_task_cannot_be_opened(web: Web):
    client = web.signed_in("F21")
    token = client.get("/tasks").text.split('name="csrf" value="')[1][:32]
    grant = next(g.id for g in web.desk.case(web.case).live_grants())
    answer = client.post("/tasks/open", data={"csrf": token, "case": web.case, "grant": grant}, headers=SAME)
    assert answer.status_code == 409
