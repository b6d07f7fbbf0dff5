"""Floods are stopped, and nobody can talk himself out of it."""

from __future__ import annotations

import re

import pytest
from starlette.datastructures import Headers

from engine.web.limits import client_of
from tests.web.conftest import Web


@pytest.mark.slow
def test_sixty_pages_a_minute(web: Web):
    token, client = web.mint(web.case, "F13"), web.client()
    codes = [client.get(f"/d/{token}").status_code for _ in range(61)]
    assert codes == [200] * 60 + [429]
    answer = client.get(f"/d/{token}", headers={"X-Forwarded-For": "203.0.113.9"})
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["retry-after"]) <= 61
    assert "Viêng Chăn" not in answer.text
    assert client.get("/sign-in").status_code == 200


def test_twenty_unknown_links_in_ten_minutes(web: Web):
    token, client = web.mint(web.case, "F13"), web.client()
    codes = [client.get(f"/d/{'abcdefghijklmnopqrstuvwxyz234567'[n % 32] * 32}").status_code for n in range(22)]
    assert codes == [404] * 20 + [429] * 2
    assert client.get(f"/d/{token}").status_code == 200


def test_ten_answers_a_minute_that_are_not_taken(web: Web):
    token, client = web.mint(web.case, "F13"), web.client()
    value = re.search(r'name="v" value="([0-9a-f]+)"', client.get(f"/d/{token}").text).group(1)  # type: ignore[union-attr]
    codes = [client.post("/d", data={"token": token, "v": value}).status_code for _ in range(11)]
    assert codes == [422] * 10 + [429]


def test_the_client_is_who_a_trusted_proxy_says():
    def of(peer: str, forwarded: str, *trusted: str) -> str:
        return client_of(peer, Headers({"x-forwarded-for": forwarded}), trusted)

    assert of("198.51.100.1", "203.0.113.9") == "198.51.100.1"
    assert of("127.0.0.1", "203.0.113.9", "127.0.0.1") == "203.0.113.9"
    assert of("127.0.0.1", "6.6.6.6, 203.0.113.9", "127.0.0.1") == "203.0.113.9"
    assert of("127.0.0.1", "6.6.6.6, 203.0.113.9, 10.0.0.2", "127.0.0.1", "10.0.0.0/8") == "203.0.113.9"
    assert of("127.0.0.1", "", "127.0.0.1") == "127.0.0.1"
    assert of("127.0.0.1", "garbage", "127.0.0.1") == "garbage"


def test_a_body_that_grows_too_large_is_cut(web: Web):
    def endless():
        for _ in range(100):
            yield b"x=" + b"y" * 65_536

    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = web.client().post("/d", content=endless(), headers=kind)
    assert answer.status_code == 413
    assert "2 MB" in answer.text
    assert web.client().post("/d", content=b"", headers={**kind, "Content-Length": "99999999"}).status_code == 413
    assert web.client().post("/d", content=b"", headers={**kind, "Content-Length": "-5"}).status_code == 413
