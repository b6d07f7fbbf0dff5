"""People at their browsers, without JavaScript: each has a window of their own and the demo's mailbox page for mail."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page

PICTURES = Path(__file__).resolve().parents[2] / "test-artifacts" / "walk"
SIZES = {"phone": (360, 740), "desk": (1280, 900)}
WAIT = 20.0  # seconds for a mail to come


class Person:
    """`act` follows the link of the newest mail; `sign_in` asks for one."""

    def __init__(self, browser: Browser, base: str, who: str, size: str = "desk"):
        width, height = SIZES[size]
        self.base, self.who, self.size = base, who, size
        self.context = browser.new_context(
            java_script_enabled=False, viewport={"width": width, "height": height}, accept_downloads=True
        )
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(8000)
        self.outside: list[str] = []
        self.page.on("request", self._watch)

    def _watch(self, request: object) -> None:
        url = str(getattr(request, "url", ""))
        if not url.startswith(self.base):
            self.outside.append(url)

    def go(self, path: str) -> None:
        answer = self.page.goto(self.base + path)
        assert answer is not None and answer.status < 400, (path, answer and answer.status, self.text()[:400])

    def text(self) -> str:
        return self.page.inner_text("body")

    def main(self) -> str:
        return self.page.inner_text("main")

    def press(self, selector: str) -> None:
        """Press, and expect a page that is no refusal."""
        with self.page.expect_navigation() as moved:
            self.page.click(selector)
        answer = moved.value
        assert answer is not None and answer.status < 400, (selector, answer and answer.status, self.main()[:900])

    def see(self, name: str) -> None:
        """Keep a picture; nothing may be wider than the window."""
        PICTURES.mkdir(parents=True, exist_ok=True)
        width = self.page.viewport_size["width"] if self.page.viewport_size else 0
        assert self.page.locator("html").evaluate("e => e.scrollWidth") <= width, f"{name} scrolls sideways"
        self.page.screenshot(path=str(PICTURES / f"{name}-{width}.png"), full_page=True)

    # -- mail

    def mail(self, about: str, *, linked: bool = False, after: int = 0) -> None:
        """Open the newest mail whose subject holds `about`, waiting until it is there (and has a link to follow)."""
        end = time.monotonic() + WAIT
        while time.monotonic() < end:
            self.go(f"/mailbox?person={self.who}")
            found = self.page.locator("main table a", has_text=re.compile(re.escape(about)))
            if found.count() > after:
                self.go(found.first.get_attribute("href") or "")
                if not linked or self.page.locator("main .acts a.btn").count():
                    return
            time.sleep(0.3)
        raise AssertionError(f"no mail on {about!r} for {self.who}: {self.main()[:800]}")

    def mails(self) -> list[str]:
        self.go(f"/mailbox?person={self.who}")
        return [link.inner_text() for link in self.page.locator("main table a").all()]

    def follow(self) -> None:
        """The button of the open mail."""
        href = self.page.locator("main .acts a.btn").first.get_attribute("href") or ""
        self.page.goto(href if href.startswith("http") else self.base + href)

    def sign_in(self) -> None:
        self.go("/sign-in")
        self.page.fill("#mail", f"{self.who.lower()}@example.vn")
        self.press("main .btn")
        self.mail("Đăng nhập")
        self.follow()
        self.press("main .btn")
        assert "/tasks" in self.page.url, self.page.url

    # -- deciding

    def decide(self, action: str, fill: Callable[[Page], None] | None = None, *, picture: str = "") -> None:
        """On a decision page: answer, choose, send; the page of the result follows."""
        if fill is not None:
            fill(self.page)
        self.page.check(f'input[name=action][value="{action}"]')
        if picture:
            self.see(picture)
        self.press("main form[action='/d'] .btn")

    def close(self) -> None:
        self.context.close()
