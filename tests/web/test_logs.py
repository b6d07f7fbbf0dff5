"""No log holds a token, in no part of a request and in no trace."""

from __future__ import annotations

import io
import logging

from engine.web import logs
from engine.web.logs import redacted
from tests.web.conftest import Web

TOKEN = "aaaqeayeaudaocajbifqydiob4ibceqt"


def test_path_and_referer_are_cut():
    line = f'127.0.0.1 - "GET /d/{TOKEN} HTTP/1.1" 200 "https://trinh.example.vn/d/{TOKEN.upper()}?lang=en"'
    assert TOKEN not in redacted(line).lower()
    assert "/d/[…]" in redacted(line)
    assert "abc123" not in redacted("/sign-in/abc123?next=/c") and "abc" not in redacted("GET %2Fd%2Fabc")
    assert redacted("/documents/x /cases/1") == "/documents/x /cases/1"


def test_records_keep_their_arguments():
    stream = io.StringIO()
    logger = logging.getLogger("uvicorn.access")
    handler, level = logging.StreamHandler(stream), logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)  # a server of another test may have made it quiet
    logs.install()
    try:
        logger.warning('%s - "%s %s HTTP/%s" %d', "1.2.3.4:5", "GET", f"/d/{TOKEN}/f/x", "1.1", 200)
        try:
            raise ValueError(f"https://x/d/{TOKEN}")
        except ValueError:
            logger.warning("failed", exc_info=True)
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
    assert TOKEN not in stream.getvalue()
    assert '"GET /d/[…]/f/x HTTP/1.1" 200' in stream.getvalue() and "ValueError" in stream.getvalue()


def test_a_failure_is_a_plain_page_and_its_trace_holds_neither_token_nor_form(web: Web, monkeypatch, caplog):
    token = web.mint(web.case, "F13")
    monkeypatch.setattr("engine.web.decide.LivePage.answer", lambda *a, **k: 1 / 0)
    answer = web.client().get(f"/d/{token}")
    assert answer.status_code == 500
    assert "Chưa ghi nhận: hệ thống gặp sự cố" in answer.text
    assert "ZeroDivisionError" not in answer.text and "Traceback" not in answer.text
    posted = web.client().post("/d", data={"token": token, "v": "1", "comment": "bí mật"})
    assert posted.status_code == 500
    assert "ZeroDivisionError" in caplog.text and token not in caplog.text and "bí mật" not in caplog.text


def test_even_a_broken_template_gives_a_page(web: Web, monkeypatch):
    monkeypatch.setattr("engine.web.rendering.render", lambda *a, **k: 1 / 0)
    answer = web.client().get("/nowhere")
    assert answer.status_code == 404
    assert "chưa ghi nhận điều gì" in answer.text
