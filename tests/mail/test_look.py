"""Mails in a real Chromium: nothing is cut off on the smallest phone, the button is large, axe finds nothing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.mail.support import Post
from tests.mail.test_contents import urgent

RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}


def sent(post: Post) -> None:
    """In another thread: Playwright's event loop runs in this one."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(post.post).result()


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("lang", ["vi", "en"])
def test_mails_are_readable_everywhere(post: Post, chromium, tmp_path: Path, scheme: str, lang: str):
    for person in ("F13", "F05"):
        post.speaks(person, lang)
    urgent(post)
    sent(post)
    with post.desk.engine.snapshot() as snap:
        post.relay.sign_in(snap.directory.people["F05"], "http://127.0.0.1:8000/sign-in/" + "a" * 32, lang)
    sent(post)
    mails = [*post.mails("F13")[:1], *post.mails("F05")[:3]]  # a decision; sign-in, news and a receipt
    assert len(mails) == 4
    for number, mail in enumerate(mails):
        file = tmp_path / f"{number}.html"
        file.write_text(mail.html, "utf-8")
        for width in (320, 360, 640):
            page = chromium.new_page(viewport={"width": width, "height": 700}, color_scheme=scheme)
            asked: list[str] = []
            page.on("request", lambda request, asked=asked: asked.append(request.url))
            page.goto(f"file://{file}")
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            assert page.locator("a").count() == 1
            assert page.locator("a").bounding_box()["height"] >= 44
            assert asked == [f"file://{file}"], "no image, no font, no style from elsewhere"
            if width == 360:
                found = Axe().run(page, options=RULES).response["violations"]
                assert not found, [item["id"] for item in found]
            page.close()
