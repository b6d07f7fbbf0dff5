"""A proposer in a real Chromium without scripts: nine members, five days, two files, by keyboard where it matters; each page
looked at by axe at both widths, in light and dark, in both languages, right and wrong."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.portal.page import PDF
from tests.web.conftest import Web
from tests.web.live import serving

pytestmark = pytest.mark.slow
HEAVIEST = 30_000  # bytes of a page
COOKIES: dict[tuple[str, str], list[Any]] = {}
PEOPLE = ["F20", "F06", "F17", "F11", "F09", "F03", "F24"]


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    with serving(tmp_path_factory.mktemp("portal")) as web:
        yield web


def page_of(chromium: Browser, live: Web, person: str, **more: Any) -> Page:
    """A page of somebody signed in, without scripts unless `more` allows them. A mailed sign-in serves the whole module."""
    options = {"java_script_enabled": False, "viewport": {"width": 1280, "height": 900}, **more}
    page = chromium.new_context(**options).new_page()
    page.set_default_timeout(15_000)
    known = COOKIES.get((live.running.base_url, person))
    if known is None:
        page.goto(f"{live.running.base_url}/sign-in")
        with live.desk.engine.snapshot() as snap:
            page.fill("input[name=mail]", snap.directory.people[person].mail)
        page.locator("main form button").first.click()
        page.goto(_mailed(live, person))
        page.locator("main form button").first.click()
        COOKIES[live.running.base_url, person] = [c for c in page.context.cookies() if c["name"] != "lang"]
    else:
        page.context.add_cookies(known)
    return page


def _mailed(live: Web, person: str) -> str:
    """The newest sign-in link; it is sent after the answer, so it may be a moment late."""
    for _ in range(100):
        for who, url in reversed(live.mailed):
            if who == person:
                return url
        time.sleep(0.05)
    raise AssertionError(f"no sign-in mail for {person}")


def box(page: Page, path: str) -> Any:
    return page.locator(f'[id="{path}"]')


def go_on(page: Page) -> None:
    page.locator(".acts button[value=next]").click()


def test_a_proposal_without_scripts_and_partly_by_keyboard(chromium: Browser, live: Web):
    page = page_of(chromium, live, "F08")
    page.goto(f"{live.running.base_url}/new/delegation-out")
    page.locator("main form button").click()
    box(page, "title").fill("Đoàn xúc tiến du lịch tại Seoul")
    box(page, "main_purpose").select_option("event")
    page.locator("input[name=purposes][value=event]").focus()
    page.keyboard.press("Space")
    box(page, "departure").fill("2022-09-05")
    box(page, "planned_end").fill("2022-09-09")
    box(page, "head").fill("Pham Huu Gia")
    box(page, "secretary").fill("Bùi Minh Hoàng")
    box(page, "secretary").press("Enter")  # the first button of the form saves and goes on; here it shows what is wrong
    assert page.locator("#errors a").first.inner_text().startswith("Thư ký đoàn: không có ai tên")
    page.locator("#errors a").first.click()
    assert page.url.endswith("#secretary")
    box(page, "secretary").fill("Bùi Minh Họa")
    go_on(page)
    assert page.locator("h1").inner_text() == "Thành phần đoàn"
    box(page, "members/1/task").fill("Trưởng đoàn, ký bản ghi nhớ")
    box(page, "members/2/task").fill("Thư ký, ghi biên bản làm việc")
    for n, person in enumerate(PEOPLE[:3], 3):
        box(page, f"members/{n}/person").fill(person)
        page.keyboard.press("Tab")
        page.keyboard.type(f"Điều hành gian hàng số {n}")
    page.locator("button[value=more]").click()
    for n, person in enumerate(PEOPLE[3:], 6):
        box(page, f"members/{n}/person").fill(person)
        box(page, f"members/{n}/task").fill(f"Điều hành gian hàng số {n}")
    assert len(page.content().encode()) < HEAVIEST
    go_on(page)
    for n, kind in enumerate(["TRAVEL", "VISIT", "VISIT", "VISIT", "TRAVEL"], 1):
        box(page, f"itinerary/{n}/kind").select_option(kind)
        box(page, f"itinerary/{n}/country").fill("han quoc" if kind == "VISIT" else "")
    go_on(page)
    for name, value in (("item", "Vé máy bay"), ("amount", "412.000.000 đồng")):
        box(page, f"funding/1/{name}").fill(value)
    box(page, "funding/1/source").select_option("CITY_BUDGET")
    box(page, "funding/1/payer_kind").select_option("PUBLIC")
    go_on(page)
    box(page, "invitation/inviter").fill("Chính quyền Seoul")
    box(page, "invitation/inviter_kind").select_option("PUBLIC")
    page.locator('input[name="invitation/names_individuals"][value=no]').check()
    page.locator('input[name="invitation/solicited"][value=no]').check()
    box(page, "invitation/organiser_kind").select_option("PUBLIC")
    file = {"name": "thư mời.pdf", "mimeType": "application/pdf", "buffer": PDF}
    box(page, "invitation/document").set_input_files(file)
    go_on(page)
    assert page.locator("h1").inner_text() == "Ngoại lệ"
    for area in page.locator("main textarea").all():
        area.fill("Cần thiết cho kết quả của chuyến đi")
    for chosen in ("F17", "F11"):
        page.locator(f'input[name="waivers/R-12/added_members"][value={chosen}]').check()
    go_on(page)
    assert "9 người" in page.locator("aside").inner_text()
    page.locator("main form button", has_text="Trình hồ sơ đột xuất").first.click()
    assert "/d/" in page.url
    page.locator("input[name=action][value=submit_urgent]").check()
    page.locator("form[action='/d'] button").last.click()
    case = next(row.id for row in _cases(live) if row.title == "Đoàn xúc tiến du lịch tại Seoul")
    kept = live.desk.case(case)
    assert kept.state == "SCREENING" and len(kept.facts["members"]) == 9
    assert {w.rule: w.state for w in kept.waivers.values()}["R-12"] == "REQUESTED"


def _cases(live: Web) -> list[Any]:
    from engine.store import views

    with live.desk.engine.snapshot() as snap:
        return views.cases(snap.conn, limit=100)[0]


@pytest.fixture(scope="module")
def pages(live: Web, tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, str]]:
    """(person, path) of every page: a draft with slips, a case in screening, lists and the front."""
    engine = live.desk.engine
    draft = engine.open("delegation-out", "F08").case
    rows = [{"person": p, "task": "Một việc cụ thể"} for p in ("F04", "Không ai", *PEOPLE)]
    slips = {
        "title": "Bản nháp có lỗi",
        "departure": "31/02/2022",
        "members": rows,
        "funding": [{"item": "Vé", "amount": "1.000,00"}],
    }
    engine.save_draft(draft, "F08", slips, {}, 0)
    handed = live.desk.submitted("F08", plan_item="OUT-04", title="Đoàn đã trình")
    edits = [
        f"/c/{draft}/edit/{step}?all=1"
        for step in ("general", "members", "itinerary", "funding", "papers", "exceptions")
    ]
    rest = ["", "/check", "/discard"]
    mine = [
        *edits,
        *(f"/c/{draft}{end}" for end in rest),
        f"/c/{handed}",
        f"/c/{handed}/timeline?all=1",
        "/new",
        "/new/delegation-out",
        "/cases?show=all",
        "/",
    ]
    return [
        *(("F08", path) for path in mine),
        ("F21", f"/c/{handed}"),
        ("F08", "/workflows"),
        ("F08", "/workflows/delegation-out"),
    ]


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize(("lang", "scheme"), [("vi", "light"), ("en", "dark")])
def test_axe_finds_nothing(
    chromium: Browser, live: Web, pages: list[tuple[str, str]], width: int, lang: str, scheme: Any
):
    off_origin: list[str] = []
    for person in ("F08", "F21"):
        # axe is a script, so scripts are allowed here; the pages have none
        size = {"width": width, "height": 900}
        page = page_of(chromium, live, person, java_script_enabled=True, viewport=size, color_scheme=scheme)
        page.on("request", lambda r: None if r.url.startswith(live.running.base_url) else off_origin.append(r.url))
        for path in (path for who, path in pages if who == person):
            join = "&" if "?" in path else "?"
            page.goto(f"{live.running.base_url}{path}{join}lang={lang}")
            found = Axe().run(page).response["violations"]
            assert not found, (path, [(v["id"], v["nodes"][0]["html"][:200]) for v in found])
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
            assert page.locator("html").get_attribute("lang") == lang
            assert len(page.content().encode()) < (HEAVIEST if "workflows/" not in path else 40_000), path
    assert not off_origin


def test_every_control_has_a_name_and_room_to_touch(chromium: Browser, live: Web, pages: list[tuple[str, str]]):
    page = page_of(chromium, live, "F08")
    page.set_viewport_size({"width": 360, "height": 800})
    for person, path in pages:
        if person != "F08" or "/edit/" not in path:
            continue
        page.goto(f"{live.running.base_url}{path}")
        for control in page.locator(
            "form#f :is(input:not([type=hidden]), select, textarea), form#f button:not([aria-hidden])"
        ).all():
            size = control.bounding_box()
            if size is None or not control.is_visible():
                continue
            kind = control.get_attribute("type")
            within = control.locator("xpath=..").bounding_box() if kind in ("radio", "checkbox") else size
            tall = within["height"] if within else 0
            assert tall >= 43.5, (
                path,
                control.evaluate("e => e.outerHTML") if False else control.get_attribute("name"),
            )
