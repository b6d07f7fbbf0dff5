"""A page as somebody without scripts uses it: the form's controls with what stands in them, a button pressed."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

from starlette.testclient import TestClient

from tests.web.conftest import SAME

PDF = b"%PDF-1.4\n% a file of a test\n"


class Form(HTMLParser):
    """The form with id `f`, or the first one that posts to `action`."""

    def __init__(self, html: str, action: str = ""):
        super().__init__(convert_charrefs=True)
        self.action = ""
        self.values: list[tuple[str, str]] = []
        self.options: dict[str, list[str]] = {}
        self.buttons: list[tuple[str, str]] = []
        self._wanted, self._in, self._area, self._select = action, False, "", ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        a = {k: v or "" for k, v in attrs}
        if tag == "form":
            fits = a.get("id") == "f" if not self._wanted else a.get("action", "").startswith(self._wanted)
            if fits and not self.action:
                self._in, self.action = True, a["action"]
        if not self._in:
            return
        if tag == "input" and a.get("type") in ("radio", "checkbox"):
            self.options.setdefault(a["name"], []).append(a.get("value", "on"))
            if "checked" in a:
                self.values.append((a["name"], a.get("value", "on")))
        elif tag == "input" and a.get("type") != "file" and a.get("name"):
            self.values.append((a["name"], a.get("value", "")))
        elif tag == "textarea":
            self._area = a["name"]
            self.values.append((a["name"], ""))
        elif tag == "select":
            self._select = a["name"]
            self.values.append((a["name"], ""))
        elif tag == "option" and self._select:
            self.options.setdefault(self._select, []).append(a.get("value", ""))
            if "selected" in a:
                self.values[-1] = (self._select, a.get("value", ""))
        elif tag == "button" and a.get("name"):
            self.buttons.append((a["name"], a.get("value", "")))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._in = False
        elif tag == "textarea":
            self._area = ""
        elif tag == "select":
            self._select = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self.values[-1] = (self._area, self.values[-1][1] + data.removeprefix("\n"))

    def __getitem__(self, name: str) -> str:
        return next(value for key, value in self.values if key == name)

    def filled(self, changes: dict[str, Any]) -> list[tuple[str, str]]:
        kept = [(n, v) for n, v in self.values if n not in changes]
        for name, value in changes.items():
            kept += [(name, one) for one in (value if isinstance(value, list) else [value])]
        return kept


class Visitor:
    """Somebody signed in. `fill` opens a page, types, presses a button and returns the answer."""

    def __init__(self, client: TestClient):
        self.client = client

    def get(self, path: str) -> Any:
        return self.client.get(path)

    def form(self, path: str, action: str = "") -> Form:
        answer = self.client.get(path)
        assert answer.status_code == 200, answer.text[:2000]
        return Form(answer.text, action)

    def send(self, form: Form, changes: dict[str, Any] | None = None, go: str = "next", **more: Any) -> Any:
        pairs = [*form.filled(changes or {}), *([("go", go)] if go else [])]
        files = [(name, value) for name, value in more.pop("files", {}).items()]
        data: dict[str, list[str]] = {}
        for name, value in pairs:
            data.setdefault(name, []).append(value)
        files = files or [("none", ("", b"", "application/octet-stream"))]
        return self.client.post(form.action, data=data, files=files, headers=SAME, **more)

    def fill(self, path: str, changes: dict[str, Any] | None = None, go: str = "next", **more: Any) -> Any:
        return self.send(self.form(path), changes, go, **more)

    def post(self, path: str, action: str, **data: str) -> Any:
        """Press the button of a small form on a page."""
        form = self.form(path, action)
        assert form.action, f"no form for {action} on {path}"
        return self.client.post(form.action, data={**dict(form.values), **data}, headers=SAME)

    def new(self, workflow: str = "delegation-out") -> str:
        """Start a proposal; the case's id."""
        answer = self.post(f"/new/{workflow}", f"/new/{workflow}")
        assert answer.status_code == 303, answer.text
        return answer.headers["location"].split("/")[2]


def seoul(case: str, visitor: Visitor) -> None:
    """A whole proposal through the form: nine members, five days in Korea, outside the plan."""
    base = f"/c/{case}/edit"
    general = {
        "title": "Đoàn xúc tiến du lịch tại Seoul",
        "main_purpose": "event",
        "purposes": ["event", "work"],
        "departure": "2022-09-05",
        "planned_end": "09/9/2022",
        "head": "Phạm Hữu Giả",
        "secretary": "F08",
    }
    assert visitor.fill(f"{base}/general", general).headers["location"] == f"{base}/members"
    people = ["F04", "F08", "Phan Thị Mẫu (F20)", "Vũ Đình Thử", "Kieu Thi Thu", "F11", "F16"]
    members: dict[str, str] = {}
    for n, person in enumerate(people, 1):
        members |= {f"members/{n}/person": person, f"members/{n}/task": f"Nhiệm vụ cụ thể số {n} của đoàn"}
    form = visitor.form(f"{base}/members?add=5")
    assert visitor.send(form, members).headers["location"] == f"{base}/itinerary"
    days: dict[str, str] = {}
    for n, kind in enumerate(["TRAVEL", "VISIT", "VISIT", "VISIT", "TRAVEL"], 1):
        days |= {f"itinerary/{n}/kind": kind, f"itinerary/{n}/country": "Hàn Quốc" if kind == "VISIT" else ""}
    assert visitor.fill(f"{base}/itinerary", days).headers["location"] == f"{base}/funding"
    money = {"item": "Vé máy bay", "amount": "412.000.000", "source": "CITY_BUDGET", "payer_kind": "PUBLIC"}
    answer = visitor.fill(f"{base}/funding", {f"funding/1/{name}": value for name, value in money.items()})
    assert answer.headers["location"] == f"{base}/papers"
    invitation = {
        "inviter": "Chính quyền Seoul",
        "inviter_kind": "PUBLIC",
        "inviter_country": "KR",
        "names_individuals": "no",
        "solicited": "no",
        "organiser_kind": "PUBLIC",
    }
    changes = {f"invitation/{name}": value for name, value in invitation.items()}
    answer = visitor.fill(
        f"{base}/papers", changes, files={"invitation/document/new": ("thư mời.pdf", PDF, "application/pdf")}
    )
    assert answer.status_code == 303, answer.text
