"""Looking changes nothing, whoever looks and however often; a robot that presses buttons decides nothing."""

from __future__ import annotations

import hashlib
import re
import sqlite3
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.web.conftest import Web

TABLES = (
    "events",
    "private",
    "cases",
    "grants",
    "links",
    "spends",
    "deadlines",
    "outbox",
    "documents",
    "registers",
    "refusals",
    "drafts",
)


def digest(web: Web) -> str:
    """Of every row that says something about a case."""
    path = web.desk.setup.settings.database_url.removeprefix("sqlite:///")
    with sqlite3.connect(path) as conn:
        known = {row[0] for row in conn.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        rows = [sorted(map(repr, conn.execute(f"SELECT * FROM {t}"))) for t in TABLES if t in known]
    return hashlib.sha256(repr(rows).encode()).hexdigest()


@pytest.mark.slow
def test_get_head_and_options_change_nothing(web: Web):
    token = web.mint(web.case, "F13")
    before, client = digest(web), web.client()
    web.app.state.limiter.hit = lambda *a: True
    for number in range(100):
        client.request(
            ("GET", "HEAD", "OPTIONS")[number % 3],
            f"/d/{token}",
            headers={"User-Agent": "SafeLinks", "Purpose": "prefetch"},
        )
    assert digest(web) == before


def test_head_is_answered_like_get_without_a_body(web: Web):
    token = web.mint(web.case, "F13")
    for path in (f"/d/{token}", "/sign-in", "/healthz", "/s/0/x", "/tasks"):
        get, head = web.client().get(path), web.client().head(path)
        assert (head.status_code, head.content) == (get.status_code, b""), path


def test_a_robot_that_presses_every_button_decides_nothing(web: Web):
    """It fills in text and sends each form with each button, and never chooses a radio."""
    token = web.mint(web.case, "F13")
    before, client = digest(web), web.client()
    page = client.get(f"/d/{token}").text
    for action, inside in re.findall(r'<form action="([^"]+)" method="post"[^>]*>(.*?)</form>', page, re.S):
        fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', inside))
        texts = dict.fromkeys(re.findall(r'<textarea id="[^"]*" name="([^"]+)"', inside), "robot")
        answer = client.post(action, data={**fields, **texts})
        assert answer.status_code == 422
        assert "Chọn một trong 4 quyết định" in answer.text
    assert digest(web) == before


def test_every_choice_has_no_preselection(web: Web):
    page = web.client().get(f"/d/{web.mint(web.case, 'F13')}").text
    assert " checked" not in page and " selected" not in page and 'type="submit"' not in page
    assert page.count("<button") == 1


@pytest.mark.slow
def test_twenty_clicks_at_once_make_one_event(web: Web):
    token = web.mint(web.case, "F13")
    client = web.client()
    value = re.search(r'name="v" value="([0-9a-f]+)"', client.get(f"/d/{token}").text).group(1)  # type: ignore[union-attr]
    seq = web.desk.case(web.case).seq

    def click(_: int) -> int:
        return (
            web.client().post("/d", data={"token": token, "v": value, "action": "send_up", "comment": ""}).status_code
        )

    with ThreadPoolExecutor(20) as pool:
        codes = list(pool.map(click, range(20)))
    assert codes == [303] * 20
    assert web.desk.case(web.case).seq == seq + 1


def test_of_two_different_choices_at_once_one_wins(web: Web):
    token = web.mint(web.case, "F13")
    value = re.search(r'name="v" value="([0-9a-f]+)"', web.client().get(f"/d/{token}").text).group(1)  # type: ignore[union-attr]

    def click(action: str) -> int:
        data = {"token": token, "v": value, "action": action, "comment": "Lý do"}
        return web.client().post("/d", data=data).status_code

    with ThreadPoolExecutor(8) as pool:
        codes = list(pool.map(click, ["send_up", "reject"] * 4))
    assert sorted(set(codes)) == [303, 409]
    taken = [b["trigger"] for b, _ in web.desk.history(web.case) if b.get("trigger") in ("send_up", "reject")]
    assert len(taken) == 1


def test_the_event_names_link_client_and_person(web: Web):
    token = web.mint(web.case, "F13")
    value = re.search(r'name="v" value="([0-9a-f]+)"', web.client().get(f"/d/{token}").text).group(1)  # type: ignore[union-attr]
    web.client(headers={"User-Agent": "Thử/1.0".encode()}).post(
        "/d", data={"token": token, "v": value, "action": "send_up"}
    )
    body, private = web.desk.history(web.case)[-1]
    assert body["actor"]["id"] == "F13" and body["actor"]["auth"] == "link"
    assert set(body["spent"]["keys"]) == {"send_up"}
    assert private["client"]["address"] == "testclient" and "1.0" in private["client"]["agent"]
    assert token not in repr(body)
