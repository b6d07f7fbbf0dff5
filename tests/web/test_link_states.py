"""Every row of the matrix of a link: what it answers, in which status, in both languages."""

from __future__ import annotations

import re

import pytest

from tests.support.delegation import LETTER, moment, report, until
from tests.web.conftest import Web, decision_of_a_committee

LANGS = ("vi", "en")
BOTH = ["vi", pytest.param("en", marks=pytest.mark.slow)]


def page(web: Web, token: str, lang: str) -> tuple[int, str]:
    answer = web.client().get(f"/d/{token}", params={"lang": lang})
    assert f'<html lang="{lang}">' in answer.text
    return answer.status_code, answer.text


def form(web: Web, token: str) -> str:
    """The content code of the page's form."""
    return re.search(r'name="v" value="([0-9a-f]+)"', web.client().get(f"/d/{token}").text).group(1)  # type: ignore[union-attr]


def send(web: Web, token: str, **fields: str):
    return web.client().post("/d", data={"token": token, "v": form_or(web, token), **fields})


def form_or(web: Web, token: str) -> str:
    found = re.search(r'name="v" value="([0-9a-f]+)"', web.client().get(f"/d/{token}").text)
    return found.group(1) if found else "0" * 32


SAYS = {
    "live": ("Kính mời đồng chí", "please consider and decide before"),
    "unknown": ("Đường dẫn này không dùng được", "This link is not valid"),
    "decided": ("Đồng chí đã chọn «Đồng ý, báo cáo Thủ tướng»", "You chose «Agree and send to the Prime Minister»"),
    "decided_by_other": ("Đã quyết định: «Phê duyệt»", "Decided: «Approve»"),
    "superseded": ("Đường dẫn này đã được thay", "This link has been replaced"),
    "withdrawn": ("Việc này không còn chờ đồng chí", "This is no longer waiting for you"),
    "expired": ("Đường dẫn này đã hết hạn", "This link has expired"),
}


def says(text: str, status: str, lang: str) -> bool:
    return SAYS[status][LANGS.index(lang)] in text


@pytest.mark.parametrize("lang", BOTH)
def test_a_live_link_asks(web: Web, lang: str):
    token = web.mint(web.case, "F13")
    status, text = page(web, token, lang)
    assert (status, says(text, "live", lang)) == (200, True)
    assert "Tạ Thị Thử" in text and 'name="action"' in text and " checked" not in text
    upper = web.client().get(f"/d/{token.upper()}?lang={lang}")
    assert upper.status_code == 200


WRONG = ("a" * 32, "short", "{}.", "{}%3E", "{}a", "{}%0a", "%00" * 4, "🙂", "../../etc/passwd")


def test_an_unknown_token_is_a_page_without_case_data(web: Web):
    token = web.mint(web.case, "F13")
    for wrong in WRONG:
        answer = web.client().get("/d/" + wrong.format(token))
        assert answer.status_code == 404, wrong
        assert "Viêng Chăn" not in answer.text and "DR-2022" not in answer.text
        assert "passwd" in wrong or SAYS["unknown"][0] in answer.text
    assert SAYS["unknown"][1] in web.client().get(f"/d/{'b' * 32}?lang=en").text


@pytest.mark.parametrize("lang", BOTH)
def test_decided_by_you(web: Web, lang: str):
    token = web.mint(web.case, "F13")
    answer = send(web, token, action="send_up", comment="Đồng ý cử đoàn.", lang=lang)
    assert (answer.status_code, answer.headers["location"].split("?")[0]) == (303, f"/d/{token}")
    assert ("lang=en" in answer.headers["location"]) is (lang == "en")
    status, text = page(web, token, lang)
    assert (status, says(text, "decided", lang)) == (200, True)
    assert "Đồng ý cử đoàn." in text and "DR-2022-0001#" in text


@pytest.mark.parametrize("lang", BOTH)
def test_a_second_link_of_the_same_right_tells_the_decision(web: Web, lang: str):
    case = web.case
    first, second = web.mint(case, "F13"), web.mint(case, "F13")
    send(web, first, action="send_up")
    status, text = page(web, second, lang)
    assert (status, says(text, "decided", lang)) == (200, True)


@pytest.mark.parametrize("lang", BOTH)
def test_decided_by_somebody_else(web: Web, lang: str):
    """The report of a trip may be handed in by its head or its secretary."""
    desk, case = web.desk, web.case
    web.desk.act(case, "F13", "send_up", "2022-05-18 09:00")
    token = web.mint(case, "F21")
    desk.act(case, "F21", "approve", "2022-05-18 10:00", values={"letter": LETTER})
    until(desk, "2022-06-20 08:30")
    other = web.mint(case, "F01")
    desk.act(case, "F08", "hand_in", "2022-06-20 09:00", values=report())
    answer = web.client().get(f"/d/{other}?lang={lang}")
    assert answer.status_code == 200
    assert {"vi": "Đã quyết định: «Nộp báo cáo»", "en": "Decided: «Hand in the report»"}[lang] in answer.text
    assert "Bùi Minh Họa" in answer.text and 'name="action"' not in answer.text
    assert page(web, token, lang)[0] == 200


@pytest.mark.parametrize("lang", BOTH)
def test_superseded_when_the_dossier_came_back(web: Web, lang: str):
    case = web.case
    token = web.mint(case, "F13")
    web.desk.clock.to("2022-06-06 00:00")
    web.desk.engine.tick()  # departure: the case lapses, nobody decided
    status, text = page(web, token, lang)
    assert (status, says(text, "superseded", lang)) == (410, True)


@pytest.mark.parametrize("lang", BOTH)
def test_withdrawn_shows_no_case_data(web: Web, lang: str):
    case = web.case
    token = web.mint(case, "F13")
    web.desk.act(case, "F08", "withdraw")
    status, text = page(web, token, lang)
    assert (status, says(text, "withdrawn", lang)) == (410, True)
    assert "Viêng Chăn" not in text and "DR-2022" not in text


@pytest.mark.parametrize("lang", BOTH)
def test_expired_at_the_second(web: Web, lang: str):
    """Due 19/5 and three working days more; at least seven days: 24/5 17:00."""
    case = web.case
    token = web.mint(case, "F13")
    exp = web.desk.engine.look(token).exp
    assert exp == moment("2022-05-24 17:00")
    web.desk.clock.now = exp - 1_000_000
    assert page(web, token, lang)[0] == 200
    web.desk.clock.now = exp
    status, text = page(web, token, lang)
    assert (status, says(text, "expired", lang)) == (410, True)
    assert 'action="/d/new"' in text


def test_another_choice_after_the_decision_is_a_conflict(web: Web):
    token = web.mint(web.case, "F13")
    value = form(web, token)
    assert send(web, token, action="send_up").status_code == 303
    again = web.client().post("/d", data={"token": token, "v": value, "action": "send_up"})
    assert again.status_code == 303
    other = web.client().post("/d", data={"token": token, "v": value, "action": "reject", "comment": "Không"})
    assert other.status_code == 409
    assert "chưa có hiệu lực" in other.text and "Đồng chí đã chọn" in other.text


def test_a_changed_case_is_a_conflict(web: Web):
    token = web.mint(web.case, "F13")
    answer = web.client().post("/d", data={"token": token, "v": "f" * 32, "action": "send_up"})
    assert answer.status_code == 409
    assert "Hồ sơ đã thay đổi sau khi đồng chí mở trang" in answer.text and "Chưa ghi nhận" in answer.text


@pytest.mark.parametrize("what", ["withdraw", "expire"])
def test_a_post_on_a_dead_link_is_gone(web: Web, what: str):
    case = web.case
    token = web.mint(case, "F13")
    value = form(web, token)
    if what == "withdraw":
        web.desk.act(case, "F08", "withdraw")
    else:
        web.desk.clock.now = web.desk.engine.look(token).exp
    answer = web.client().post("/d", data={"token": token, "v": value, "action": "send_up"})
    assert answer.status_code == 410
    assert "chưa có hiệu lực" in answer.text


@pytest.mark.parametrize(
    ("lang", "sentence"), [("vi", "Nhập lý do khi chọn «Không đồng ý»"), ("en", "Give the reason for «Refuse»")]
)
def test_a_missing_reason_keeps_the_form(web: Web, lang: str, sentence: str):
    token = web.mint(web.case, "F13")
    answer = send(web, token, action="reject", lang=lang)
    assert answer.status_code == 422
    assert sentence in answer.text and 'href="#comment"' in answer.text
    assert re.search(r'value="reject"[^>]* checked', answer.text)
    assert web.desk.case(web.case).state == "DECISION"


def test_a_new_link_is_owed_once_and_the_answer_is_always_the_same(web: Web):
    case = web.case
    token = web.mint(case, "F13")
    with web.desk.engine.snapshot() as snap:
        from engine.store import outbox

        before = len(outbox.listed(snap.conn, case_id=case, person="F13"))
    web.desk.engine.writer.chore(_sent).result()
    web.desk.clock.now = web.desk.engine.look(token).exp
    answers = [web.client().post("/d/new", data={"token": t}) for t in (token, "a" * 32)]
    assert [a.status_code for a in answers] == [200, 200]
    assert answers[0].text == answers[1].text
    with web.desk.engine.snapshot() as snap:
        assert len(outbox.listed(snap.conn, case_id=case, person="F13")) == before + 1
    codes = [web.client().post("/d/new", data={"token": token}).status_code for _ in range(3)]
    assert codes == [200, 200, 429]


def _sent(conn):
    from sqlalchemy import text

    conn.execute(text("UPDATE outbox SET state = 'sent' WHERE state = 'due'"))


def test_a_decision_on_both_databases(make_web, database_url: str):
    web: Web = make_web(database_url)
    case = decision_of_a_committee(web.desk)
    token = web.mint(case, "F13")
    assert send(web, token, action="send_up").status_code == 303
    assert "Đồng chí đã chọn" in web.client().get(f"/d/{token}").text
    client = web.signed_in("F21")
    assert "Thủ tướng Chính phủ phê duyệt" in client.get("/tasks").text


def test_a_person_who_left_sees_nothing(web: Web):
    from dataclasses import replace

    from engine.service.publishing import set_people
    from tests.support.delegation import site

    token = web.mint(web.case, "F13")
    people = {**site().directory.people}
    people["F13"] = replace(people["F13"], active=False)
    set_people(web.desk.engine, replace(site().directory, people=people), "test")
    answer = web.client().get(f"/d/{token}")
    assert answer.status_code == 410
    assert "Viêng Chăn" not in answer.text and "DR-2022" not in answer.text
