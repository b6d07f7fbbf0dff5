"""The walk: a stranger proposes in the browser, officials decide from mails, the trip passes, the report is late, the case is
closed, its documents open, its history verifies. A real `trinh serve`, a real Chromium without JavaScript, the demo's clock."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.cli.conftest import PDF, set_clock
from tests.cli.test_serve import free_port, served
from tests.support.site import CHECKOUT, SiteFolder
from tests.walk.person import PICTURES, Person

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.timeout(600)]

TITLE = "Đoàn làm việc tại Fukuoka"
REGISTERS = {
    "plan_items": "id,plan_kind,plan_state,year,direction,head,countries,month,purpose,head_count,pm_per_trip,title\n"
    "OUT-07,CITY,IN_FORCE,2022,OUT,F02,JP,6,work,7,no,Fukuoka\n",
    "directives": "country,ref,date,effect,from,to\nALL,mẫu/2022,,PERMITTED,2022-01-01,\n",
    "regions": "country,region\nJP,northeast_asia\n",
}
# eight where seven are allowed: R-12 asks for an exception
MEMBERS = ("F02", "F08", "F24", "F16", "F17", "F18", "F20", "F11")


class Site:
    def __init__(self, root: Path, port: int):
        self.root, self.port, self.base = root, port, f"http://127.0.0.1:{port}"

    def run(self, *words: str, code: int = 0) -> str:
        env = {**os.environ, "PYTHONPATH": str(CHECKOUT)}
        done = subprocess.run(
            [sys.executable, "-m", "cli", "--site", str(self.root), *words],
            env=env,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == code, (words, done.returncode, done.stdout, done.stderr)
        return done.stdout


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A made site that is served, on the morning of 4 May 2022."""
    folder = SiteFolder(tmp_path / "site")
    made = Site(folder.root, free_port())
    made.run("init")
    for name, text in REGISTERS.items():
        file = folder.root / f"{name}.csv"
        file.write_text(text, "utf-8")
        made.run("register", "import", name, str(file))
    set_clock(folder.root, "2022-05-04T08:30:00")
    with served(folder.root, made.port):
        yield made


def propose(clerk: Person, invitation: Path) -> str:
    """Fill in the dossier step by step; its address."""
    page = clerk.page
    clerk.go("/new/delegation-out")
    clerk.see("propose-0")
    clerk.press("main .btn")
    page.select_option("[name=organiser]", "so_ngoai_vu")
    page.select_option("[name=plan_item]", "OUT-07")
    page.fill("[name=title]", TITLE)
    page.select_option("[name=main_purpose]", "work")
    page.check("[name=purposes][value=work]")
    page.fill("[name=departure]", "2022-06-13")
    page.fill("[name=planned_end]", "2022-06-17")
    page.fill("[name=head]", "Lê Thị Thử")
    page.fill("[name=secretary]", "F08")
    clerk.see("propose-1")
    forward(clerk)
    members(clerk)
    itinerary(clerk)
    page.fill('[name="funding/1/item"]', "Vé máy bay, ăn ở")
    page.fill('[name="funding/1/amount"]', "320.000.000")
    page.select_option('[name="funding/1/source"]', "CITY_BUDGET")
    page.select_option('[name="funding/1/payer_kind"]', "PUBLIC")
    clerk.see("propose-4")
    forward(clerk)
    papers(clerk, invitation)
    clerk.see("propose-6-exceptions")
    page.fill('textarea[name*="truly_necessary"]', "Ba cuộc làm việc diễn ra cùng lúc, cần đủ người")
    page.check('[name*="added_members"][value=F11]')
    forward(clerk)
    assert "/check" in page.url, page.url
    clerk.see("propose-7-check")
    found = re.search(r"/c/(c_[a-z2-7]+)/", page.url)
    assert found
    return found[1]


def forward(clerk: Person) -> None:
    clerk.press("main .btn[name=go][value=next]")


def members(clerk: Person) -> None:
    page = clerk.page
    for number, person in enumerate(MEMBERS, 1):
        if not page.locator(f'[name="members/{number}/person"]').count():
            clerk.press("main button[name=go][value=more]")
        page.fill(f'[name="members/{number}/person"]', person)
        page.fill(f'[name="members/{number}/task"]', f"Phụ trách nội dung làm việc số {number}")
    clerk.see("propose-2")
    forward(clerk)


def itinerary(clerk: Person) -> None:
    page = clerk.page
    for number, kind in enumerate(("TRAVEL", "VISIT", "VISIT", "VISIT", "TRAVEL"), 1):
        page.fill(f'[name="itinerary/{number}/date"]', f"2022-06-{12 + number}")
        page.select_option(f'[name="itinerary/{number}/kind"]', kind)
        if kind == "VISIT":
            country = page.locator(f'[name="itinerary/{number}/country"]')
            country.select_option("JP") if country.evaluate("e => e.tagName") == "SELECT" else country.fill("JP")
    clerk.see("propose-3")
    forward(clerk)


def papers(clerk: Person, invitation: Path) -> None:
    page = clerk.page
    page.fill('[name="invitation/inviter"]', "Chính quyền tỉnh Fukuoka")
    page.select_option('[name="invitation/inviter_kind"]', "PUBLIC")
    page.select_option('[name="invitation/organiser_kind"]', "PUBLIC")
    for name in ("names_individuals", "solicited"):
        page.check(f'[name="invitation/{name}"][value="no"]')
    page.set_input_files('[name^="invitation/document"]', str(invitation))
    clerk.see("propose-5")
    forward(clerk)


def opinions(page: Page) -> None:
    for number in range(1, len(MEMBERS) + 1):
        page.check(f'input[name="c/members/{number}/opinion"][value=AGREE]')
    page.check('input[name="wo/R-12"][value=AGREE]')


def move(person: Person, day: str, hour: str) -> None:
    """Move the demo's clock by its page."""
    person.go("/clock")
    person.page.locator("details summary").first.click()
    person.page.fill("input[name=date]", day)
    person.page.fill("input[name=time]", hour)
    person.press("button[name=to][value=date]")


def test_a_delegation_from_proposal_to_closure(site: Site, chromium: Browser, tmp_path: Path):
    file = tmp_path / "Thư mời – Fukuoka.pdf"
    file.write_bytes(PDF)
    clerk = Person(chromium, site.base, "F08")
    clerk.sign_in()
    case = propose(clerk, file)
    submit(clerk, case)

    screening = Person(chromium, site.base, "F21", "phone")
    screening.mail(TITLE, linked=True)
    screening.see("mail-screening")
    screening.follow()
    screening.decide("forward", picture="decide-screening")

    board = Person(chromium, site.base, "F12", "phone")
    board.mail(TITLE, linked=True)
    board.follow()
    board.decide("give_opinion", opinions, picture="decide-opinion")

    decider = Person(chromium, site.base, "F13", "phone")
    decider.mail(TITLE, linked=True)
    decider.follow()
    axe_clean(decider.page, "decision")
    nothing_by_itself(decider)
    decider.decide("approve", lambda page: page.check('input[name="w/R-12"][value=GRANTED]'), picture="decide-approve")
    decider.see("result")
    decider.page.reload()
    assert "Phê duyệt" in decider.main()

    move(clerk, "13/6/2022", "09:00")
    move(clerk, "18/6/2022", "09:00")
    assert_state(site, case, "REPORT_PENDING")
    move(clerk, "1/7/2022", "09:00")
    clerk.see("clock")
    assert_state(site, case, "REPORT_OVERDUE")
    head = Person(chromium, site.base, "F02")
    head.mail(TITLE)
    assert "Quá hạn báo cáo" in (head.page.locator("pre").first.text_content() or "")
    head.see("mail-overdue")

    hand_in(clerk, case, file)
    screening.mail(TITLE, linked=True, after=1)
    screening.follow()
    screening.decide("accept", picture="decide-report")
    assert_state(site, case, "CLOSED")

    look_back(clerk, case)
    audit(site, case)
    assert not [url for p in (clerk, screening, board, decider, head) for url in p.outside]
    for person in (clerk, screening, board, decider, head):
        person.close()


def submit(clerk: Person, case: str) -> None:
    clerk.press("main form[action*='/act/submit'] .btn")
    assert "/d/" in clerk.page.url, clerk.page.url
    clerk.decide("submit", picture="submit")
    clerk.go(f"/c/{case}")
    clerk.see("case-submitted")


def nothing_by_itself(person: Person) -> None:
    """Sending without a choice is refused and records nothing."""
    with person.page.expect_navigation() as moved:
        person.page.click("main form[action='/d'] .btn")
    assert moved.value is not None and moved.value.status == 422
    person.see("decide-nothing-chosen")


def hand_in(clerk: Person, case: str, file: Path) -> None:
    clerk.go(f"/c/{case}")
    clerk.see("case-overdue")
    clerk.press("main form[action*='/act/hand_in'] .btn, main form[action*='/act/hand_in'] button")
    page = clerk.page
    if "/edit" in page.url:
        page.fill('[name="report/number"]', "45/BC-SNgV")
        page.fill('[name="report/date"]', "2022-07-01")
        page.set_input_files('[name^="report/file"]', str(file))
        clerk.see("hand-in")
        while "/edit" in page.url:
            if page.locator("[name=no_outcome]").count():
                page.fill("[name=no_outcome]", "Không có kết quả cần đôn đốc")
            forward(clerk)
        if "/check" in page.url:
            clerk.press("main form[action*='/act/hand_in'] .btn")
    assert "/d/" in page.url, (page.url, clerk.main()[:600])
    clerk.decide("hand_in")


def look_back(clerk: Person, case: str) -> None:
    """The closed case, its history and its papers."""
    clerk.go(f"/c/{case}")
    clerk.see("case-closed")
    axe_clean(clerk.page, "case")
    papers = [link.get_attribute("href") or "" for link in clerk.page.locator("a[href*='/documents/']").all()]
    assert len(papers) >= 6, papers
    for href in papers:
        answer = clerk.context.request.get(clerk.base + href)
        assert answer.ok and answer.body().startswith(b"%PDF"), (href, answer.status)
        if "D-07" in href:
            PICTURES.mkdir(parents=True, exist_ok=True)
            (PICTURES / "d-07.pdf").write_bytes(answer.body())
    clerk.go(f"/c/{case}/timeline")
    clerk.see("timeline")
    clerk.go("/cases")
    clerk.see("cases")


def axe_clean(page: Page, name: str) -> None:
    """axe needs scripts: it looks at the same page in a window that has them."""
    context = page.context.browser.new_context(viewport=page.viewport_size)  # type: ignore[union-attr]
    context.add_cookies(page.context.cookies())  # type: ignore[arg-type]
    twin = context.new_page()
    twin.route("**/*", lambda route: route.continue_())
    twin.goto(page.url)
    found = Axe().run(twin)
    context.close()
    assert found.violations_count == 0, f"{name}: {found.generate_report()}"


def assert_state(site: Site, case: str, state: str) -> None:
    shown = json.loads(site.run("show", case, "--json"))
    assert shown["state"] == state, shown["state"]


def audit(site: Site, case: str) -> None:
    report = json.loads(site.run("verify", "--json"))
    assert report["clean"] is True, report["findings"]
    assert report["cases"] == 1
    then = json.loads(site.run("history", case, "--at", "2022-06-20T12:00:00+07:00", "--json"))
    assert then["state"] == "REPORT_PENDING"
    told = site.run("history", case)
    assert "CLOSED" in told
