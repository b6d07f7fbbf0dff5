"""Another site cannot post here."""

from __future__ import annotations

from tests.web.conftest import BASE, SAME, Web

CASES = [
    ({}, True),
    ({"Sec-Fetch-Site": "same-origin"}, True),
    ({"Sec-Fetch-Site": "cross-site"}, False),
    ({"Sec-Fetch-Site": "same-site"}, False),
    ({"Sec-Fetch-Site": "none"}, False),
    ({"Origin": BASE}, True),
    ({"Origin": "null"}, False),
    ({"Origin": "https://evil.example"}, False),
    ({"Origin": "http://127.0.0.1:8000.evil.example"}, False),
    ({"Sec-Fetch-Site": "same-origin", "Origin": "https://evil.example"}, True),
    ({"Sec-Fetch-Site": "cross-site", "Origin": BASE}, False),
]


def test_token_pages(web: Web):
    for headers, allowed in CASES:
        answer = web.client().post("/d", data={"token": "a" * 32}, headers=headers)
        assert answer.status_code == (404 if allowed else 403), headers


def test_cookie_pages_want_a_word_of_the_browser_and_the_hidden_token(web: Web):
    client = web.signed_in("F13")
    grant = next(g.id for g in web.desk.case(web.case).live_grants())
    fields = {"case": web.case, "grant": grant}
    assert client.post("/tasks/open", data=fields).status_code == 403
    assert client.post("/tasks/open", data=fields, headers=SAME).status_code == 403
    assert client.post("/tasks/open", data={**fields, "csrf": "0" * 32}, headers=SAME).status_code == 403
    token = client.get("/tasks").text.split('name="csrf" value="')[1][:32]
    assert client.post("/tasks/open", data={**fields, "csrf": token}).status_code == 403
    answer = client.post("/tasks/open", data={**fields, "csrf": token}, headers=SAME)
    assert answer.status_code == 303 and answer.headers["location"].startswith("/d/")


def test_the_hidden_token_of_another_session_is_none(web: Web):
    mine, other = web.signed_in("F13"), web.signed_in("F21")
    token = other.get("/tasks").text.split('name="csrf" value="')[1][:32]
    answer = mine.post("/sign-out", data={"csrf": token}, headers=SAME)
    assert answer.status_code == 403
    assert mine.get("/tasks").status_code == 200
