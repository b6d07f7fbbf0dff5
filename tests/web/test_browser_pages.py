"""What officials see and do in a real browser: without scripts and cookies, on a phone and on a desk, and what axe finds."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from engine.mail.maildir import Maildir
from engine.scheduler import make_relay
from tests.support.delegation import dossier
from tests.web.conftest import SAME, Web
from tests.web.live import serving

PEOPLE = ("F01", "F02", "F04", "F09", "F06", "F10", "F11", "F08", "F20", "F17", "F24")
GROUNDS = {"truly_necessary": "Lễ ký và tọa đàm diễn ra cùng lúc, cần thêm phiên dịch.", "added_members": ["F24"]}
SIZES = ((320, "light"), (360, "dark"), (1280, "light"))


@dataclass
class Scene:
    """A served site with something of everything; `pages` maps a name to its path."""

    web: Web
    pages: dict[str, str] = field(default_factory=dict)
    cookie: dict[str, Any] = field(default_factory=dict)

    def url(self, name: str, lang: str = "vi") -> str:
        path = self.pages[name]
        return f"{self.web.running.base_url}{path}{'&' if '?' in path else '?'}lang={lang}"


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    folder = tmp_path_factory.mktemp("served")
    with serving(folder, mailbox=Maildir(folder / "mail")) as web:
        made = Scene(web)
        fill(made, folder)
        yield made


def fill(scene: Scene, folder: Path) -> None:
    web, desk, pages = scene.web, scene.web.desk, scene.pages
    desk.clock.to("2022-05-04 09:00")
    barred = desk.open("F08")
    rows = [{"person": p, "task": f"Nhiệm vụ mẫu số {n} của đoàn"} for n, p in enumerate(PEOPLE, 1)]
    desk.act(barred, "F08", "submit", values=dossier(head="F04", members=rows[1:]), grounds={"R-12": GROUNDS})
    case = desk.open("F08")
    desk.act(case, "F08", "submit", values=dossier(members=rows), grounds={"R-11": GROUNDS})
    pages["screening"] = f"/d/{web.mint(barred, 'F21')}"
    desk.act(case, "F21", "forward", "2022-05-06", values={"sensitive": False})
    pages["review"] = f"/d/{web.mint(case, 'F12')}"
    again = desk.open("F08")
    desk.act(again, "F08", "submit", values=dossier(plan_item="OUT-04", members=rows), grounds={"R-11": GROUNDS})
    desk.act(again, "F21", "forward", values={"sensitive": False})
    columns = {"members": {n: {"opinion": "AGREE"} for n in range(1, 12)}}
    desk.act(
        again, "F12", "give_opinion", columns=columns, opinions={"R-11": "AGREE"}, note="Bảo đảm kỷ luật phát ngôn."
    )
    pages["decision"] = f"/d/{web.mint(again, 'F13')}"
    gone = desk.submitted("F08", "2022-05-06 10:00", title="Đoàn đã rút", plan_item="OUT-04")
    pages["withdrawn"] = f"/d/{web.mint(gone, 'F21')}"
    desk.act(gone, "F08", "withdraw")
    pages["unknown"] = f"/d/{'a' * 32}"
    pages["missing"] = "/nowhere"
    pages["sign-in"] = "/sign-in"
    pages["clock"] = "/clock"
    deliver(web, folder)
    with desk.engine.snapshot() as snap:
        mail = snap.directory.people["F13"].mail
    pages["mailbox"] = "/mailbox"
    pages["mailbox-of-one"] = "/mailbox?person=F13"
    pages["mail"] = f"/mailbox/{web.running.mailbox.list(mail)[0].id}"
    client = web.client(headers={"Host": web.running.base_url.removeprefix("http://")})
    client.post("/sign-in", data={"mail": mail}, headers=SAME)
    token = web.mailed[-1][1].rsplit("/", 1)[1]
    pages["sign-in-link"] = f"/sign-in/{token}"
    client.post("/sign-in", data={"mail": mail}, headers=SAME)
    client.post("/sign-in/enter", data={"token": web.mailed[-1][1].rsplit("/", 1)[1]}, headers=SAME)
    scene.cookie = {"name": "sid", "value": client.cookies["sid"], "url": web.running.base_url}
    client.post("/sign-in", data={"mail": mail}, headers=SAME)
    pages["sign-in-link"] = f"/sign-in/{web.mailed[-1][1].rsplit('/', 1)[1]}"
    pages["tasks"] = "/tasks"


def deliver(web: Web, folder: Path) -> None:
    """Send what is owed into the maildir."""
    settings = web.desk.setup.settings
    setup = replace(web.desk.setup, settings=replace(settings, mail=replace(settings.mail, maildir=folder / "mail")))

    async def once() -> None:
        relay = make_relay(web.desk.engine, setup)
        await relay.run_once()
        await relay.close()

    with ThreadPoolExecutor(1) as pool:  # the browser's own thread has an event loop already
        pool.submit(lambda: asyncio.run(once())).result()


def opened(
    chromium: Any, scene: Scene, width: int = 360, scheme: str = "light", *, script: bool = True, cookies: bool = True
) -> Any:
    context = chromium.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, java_script_enabled=script
    )
    if cookies:
        context.add_cookies([scene.cookie])
    page = context.new_page()
    page.foreign = []
    base = scene.web.running.base_url
    page.on("request", lambda request: None if request.url.startswith(base) else page.foreign.append(request.url))
    scene.web.app.state.limiter.reset()
    return page


@pytest.mark.slow
def test_a_decision_without_scripts_and_cookies(chromium, scene: Scene):
    page = opened(chromium, scene, script=False, cookies=False)
    case = scene.web.desk.submitted("F08", "2022-05-06 11:00", title="Đoàn cần bổ sung", plan_item="OUT-04")
    token = scene.web.mint(case, "F21")
    address = f"{scene.web.running.base_url}/d/{token}"
    page.goto(address)
    assert page.title().startswith("Mời xử lý: ")
    page.click("button.btn")
    assert page.title().startswith("Có 1 chỗ cần sửa: ")
    assert page.locator("#errors a").inner_text() == "Chọn một trong 4 quyết định"
    page.check("input[value=return]")
    page.fill("#comment", "Bổ sung chương trình làm việc.")
    page.click("button.btn")
    assert page.url.startswith(scene.web.running.base_url + f"/d/{token}")
    assert "Đồng chí đã chọn «Yêu cầu bổ sung, sửa đổi»" in page.inner_text("main")
    assert page.context.cookies() == [] and page.foreign == []
    page.goto(address.upper().replace("HTTP", "http").replace("/D/", "/d/"))
    assert "Đồng chí đã chọn" in page.inner_text("main")


@pytest.mark.slow
@pytest.mark.parametrize(("width", "scheme"), SIZES)
def test_axe_finds_nothing(chromium, scene: Scene, width: int, scheme: str):
    from axe_playwright_python.sync_playwright import Axe

    page = opened(chromium, scene, width, scheme)
    found: list[str] = []
    for name in scene.pages:
        for lang in ("vi", "en"):
            page.goto(scene.url(name, lang))
            found += judged(page, Axe(), f"{name}/{lang}", width)
            if name in ("screening", "review", "decision"):
                page.check("input[name=action] >> nth=0")
                page.click("button.btn")
                found += judged(page, Axe(), f"{name}/{lang}/422", width)
    assert found == []
    assert page.foreign == []


def judged(page: Any, axe: Any, name: str, width: int) -> list[str]:
    """Violations, sideways scrolling, and controls that are too small to hit."""
    found = [f"{name}: {v['id']} {v['nodes'][0]['html'][:80]}" for v in axe.run(page).response["violations"]]
    if page.evaluate("document.documentElement.scrollWidth") > width:
        found.append(f"{name}: scrolls sideways")
    small = page.evaluate(
        """() => [...document.querySelectorAll('button, select, textarea, input:not([type=hidden], [type=radio]), .pick, .btn')]
        .filter(e => e.getBoundingClientRect().height && e.getBoundingClientRect().height < 43.5).map(e => e.outerHTML.slice(0, 80))"""
    )
    return found + [f"{name}: small {html}" for html in small]


@pytest.mark.slow
def test_the_keyboard_reaches_everything_in_order(chromium, scene: Scene):
    page = opened(chromium, scene, 1280)
    page.goto(scene.url("decision"))
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className").startswith("skip")
    order = []
    for _ in range(60):
        page.keyboard.press("Tab")
        order.append(page.evaluate("document.activeElement.name || document.activeElement.className || ''"))
        if order[-1] == "btn":
            break
    named = [o for o in order if o in ("w/R-11", "f/conditions", "action", "comment", "btn")]
    assert list(dict.fromkeys(named)) == ["w/R-11", "f/conditions", "action", "comment", "btn"]


@pytest.mark.slow
def test_the_mail_in_its_frame_opens_the_decision(chromium, scene: Scene):
    page = opened(chromium, scene, 1280, script=False)
    page.goto(scene.url("mail"))
    frame = page.frame_locator("iframe")
    frame.locator("a").first.click()
    page.wait_for_url("**/d/**")
    assert "Kính mời đồng chí" in page.inner_text("main")
    assert page.foreign == []


@pytest.mark.slow
def test_no_page_can_be_framed(chromium, scene: Scene):
    page = opened(chromium, scene)
    page.goto(scene.url("missing"))
    page.set_content(f'<iframe src="{scene.url("decision")}"></iframe>')
    page.wait_for_timeout(500)
    texts = [f.locator("body").inner_text(timeout=1000) for f in page.frames[1:] if f.url.startswith("http")]
    assert not any("Kính mời" in text for text in texts)
