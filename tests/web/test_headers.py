"""The same headers on every answer, whatever it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import pytest

from engine.web import app, rendering
from tests.web.conftest import SAME, Web

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; "
    "frame-ancestors 'none'"
)
EXPECTED = {
    "referrer-policy": "same-origin",
    "cache-control": "no-store",
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "x-robots-tag": "noindex, nofollow",
}


def paths(web: Web) -> list[str]:
    """Every address that can be fetched, with parameters filled in."""
    token = web.mint(web.case, "F13")
    known = {
        "token": token,
        "case": web.case,
        "case_id": web.case,
        "workflow": "delegation-out",
        "name": "delegation-out",
    }
    found = []
    for route in routes(web):
        path = route
        for part in [p for p in route.split("/") if p.startswith("{")]:
            path = path.replace(part, known.get(part.strip("{}"), "x"))
        found.append(path)
    return [*found, "/nowhere", "/d", f"/d/{token}?lang=en&junk=%ff&junk=1"]


def routes(web: Web) -> list[str]:
    found: list[str] = []
    for name in app.ROUTERS:
        if find_spec(f"engine.web.{name}"):
            found += walk(import_module(f"engine.web.{name}").router.routes)
    return list(dict.fromkeys(found))


def walk(listed: Iterable[Any]) -> Iterator[str]:
    for route in listed:
        if hasattr(route, "methods"):
            yield from [route.path] if "GET" in route.methods else []
        else:
            yield from walk(route.original_router.routes)


@pytest.mark.parametrize("person", ["", "F08"])
def test_every_route(web: Web, person: str):
    client = web.signed_in(person) if person else web.client()
    for path in paths(web):
        answer = client.get(path)
        assert answer.status_code < 500, path
        expected = dict(EXPECTED)
        if path.startswith("/s/") or path == "/favicon.ico":
            expected.pop("cache-control")
        if path.startswith("/workflows/") and path.endswith(".svg"):
            expected = {k: v for k, v in expected.items() if k not in ("cache-control", "content-security-policy")}
        got = {name: answer.headers.get(name) for name in expected}
        assert got == expected, path
        assert "set-cookie" not in answer.headers or not path.startswith("/d")


def test_refusals_have_them_too(web: Web):
    client = web.client()
    for answer in (
        client.post("/d", data={}, headers={"Sec-Fetch-Site": "cross-site"}),
        client.post("/d", content=b"x" * 3_000_000, headers={"Content-Type": "application/x-www-form-urlencoded"}),
        client.get("/", headers={"Host": "evil.example"}),
        client.delete("/sign-in", headers=SAME),
    ):
        assert {name: answer.headers.get(name) for name in EXPECTED} == EXPECTED


def test_https_sites_tell_browsers_to_stay(make_web, monkeypatch):
    web: Web = make_web()
    assert "strict-transport-security" not in web.client().get("/sign-in").headers
    web.desk.engine.base_url = "https://trinh.example.vn"
    from engine.web.app import create_app

    web.app = create_app(web.running)
    answer = web.client().get("/sign-in")
    assert answer.headers["strict-transport-security"] == "max-age=31536000"


def test_the_style_sheet_is_kept_for_ever_and_its_address_has_its_hash(web: Web):
    page = web.client().get("/sign-in").text
    assert f'href="{rendering.static("trinh.css")}"' in page
    answer = web.client().get(rendering.static("trinh.css"))
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"].startswith("text/css")
    assert len(answer.content) <= 14 * 1024
    for wrong in ("/s/000000000000/trinh.css", "/s/x/../../base.html", "/s/x/%2e%2e%2fbase.html"):
        assert web.client().get(wrong).status_code == 404


def test_pages_are_light_and_bring_no_script(web: Web):
    token = web.mint(web.case, "F13")
    for path in (f"/d/{token}", "/sign-in", "/clock", "/nowhere"):
        text = web.client().get(path).text
        assert len(text.encode()) <= 30 * 1024
        assert (
            "<script" not in text
            and "style=" not in text
            and "http://" not in text.replace("http://127.0.0.1:8000", "")
        )


def test_health(web: Web):
    assert web.client().get("/healthz").json() == {"status": "ok"}
    assert web.client().get("/readyz").json() == {"status": "ok"}
    assert web.client().get("/healthz", headers={"Host": "10.0.0.7"}).status_code == 200
