"""Documents of real cases on both databases: numbers without gaps, one PDF for each, the same bytes again."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine.core.blockers import Refused
from engine.core.case import Issued
from engine.core.world import Series
from engine.documents.render import Printer
from engine.service import issued
from engine.service.publishing import import_register, set_people
from engine.store import numbers, templates
from tests.documents.paper import Paper
from tests.documents.walk import ROOT
from tests.support.delegation import LETTER, Desk, agreed, dossier, report, site, travelled, until

pytestmark = pytest.mark.slow  # all of them print; `make check` looks at pages


def paper(desk: Desk, case: str, document: str) -> Issued:
    return [item for item in desk.case(case).documents if item.id == document][-1]


def numbered(desk: Desk, case: str) -> dict[str, str]:
    return {item.id: item.number for item in desk.case(case).documents}


def continue_book(desk: Desk, issuer: str, kind: str, period: str, last: int) -> None:
    """The site took over from a paper book in which `last` was the last number."""
    series = site().site.series(issuer, kind)
    assert series is not None
    desk.engine.writer.chore(lambda conn: numbers.start(conn, f"{series.key}/{period}", last)).result()


def decided(desk: Desk, *, at: tuple[str, str, str, str], **changes: Any) -> str:
    """Submitted, forwarded, opinion given, sent up: on these four days."""
    case = desk.submitted(at=f"{at[0]} 09:00", **changes)
    desk.act(case, "F21", "forward", at[1], values={"sensitive": False})
    desk.act(case, "F12", "give_opinion", at[2], columns=agreed())
    desk.act(case, "F13", "send_up", at[3])
    return case


def test_a_whole_case_is_printed_once_and_again_the_same(desk: Desk, printer: Printer) -> None:
    case = travelled(desk)
    assert issued.render_due(desk.engine, printer) == 7  # all but D-10, which was handed in
    assert issued.render_due(desk.engine, printer) == 0
    for item in desk.case(case).documents:
        if item.file:
            assert (item.id, item.sha256, item.number) == ("D-10", "", "15/BC-SNgV")
            continue
        pdf = issued.pdf_of(desk.engine, case, item.id, item.seq)
        assert pdf.startswith(b"%PDF-") and hashlib.sha256(pdf).hexdigest() == item.sha256
        assert issued.reprint(desk.engine, printer, case, item.id, item.seq).sha256 == item.sha256
    assert numbered(desk, case) == {
        "D-01": "01/TTr-SNgV",
        "D-02": "",
        "D-04a": "01/PTĐ-SNgV",
        "D-04": "01-CV/BTCTU",
        "D-06": "01-TB/TU",
        "D-07": "01-QĐ/TU",
        "D-10": "15/BC-SNgV",
        "closing-note": "",
    }
    bodies = [body for body, _ in desk.history(case) if body["type"] == "document.rendered"]
    assert len(bodies) == 7
    for body in bodies:
        assert body["actor"]["kind"] == "service" and set(body["tools"]) >= {"weasyprint", "pango"}
        assert set(body["private"]) == {"context"}  # a commitment; the values stand beside the event
        assert "Đỗ Quang Mẫu" not in str(body)


def test_numbers_are_printed_as_each_profile_writes_them(desk: Desk, printer: Printer) -> None:
    continue_book(desk, "so_ngoai_vu", "CV", "2022", 11)
    continue_book(desk, "thuong_truc_thanh_uy", "TB", "XVII", 11)
    case = decided(desk, at=("2022-05-04", "2022-05-06", "2022-05-12", "2022-05-18"))
    desk.act(case, "F21", "approve", "2022-05-18 10:00", values={"letter": LETTER})
    until(desk, "2022-06-24 09:00")
    issued.render_due(desk.engine, printer)
    reminder = Paper(issued.pdf_of(desk.engine, case, "D-11", paper(desk, case, "D-11").seq))
    assert reminder.pages[0].find("Số: 12/SNgV-LS")  # State: a colon; an official letter names the unit, not CV
    notice = Paper(issued.pdf_of(desk.engine, case, "D-06", paper(desk, case, "D-06").seq))
    assert notice.pages[0].find("Số 12-TB/TU")  # Party: no colon, hyphen before slash


def test_the_new_year_restarts_state_numbers_and_not_those_of_the_party(desk: Desk) -> None:
    first = decided(desk, at=("2022-05-04", "2022-05-06", "2022-05-12", "2022-05-18"))
    second = decided(desk, at=("2022-05-19", "2022-05-20", "2022-05-23", "2022-05-24"), plan_item="OUT-04")
    item = {"plan_kind": "CITY", "plan_state": "IN_FORCE", "year": 2023, "direction": "OUT", "head": "F01"}
    item |= {"countries": ["LA", "KH"], "month": 3, "purpose": "visit", "head_count": 9, "pm_per_trip": False}
    import_register(
        desk.engine,
        "plan_items",
        [{"id": "OUT-03", **item, "year": 2022, "month": 6}, {"id": "OUT-23", **item}],
        "test",
    )
    itinerary = [{**day, "date": day["date"].replace("2022-06", "2023-03")} for day in dossier()["itinerary"]]
    third = decided(
        desk,
        at=("2023-01-10", "2023-01-11", "2023-01-12", "2023-01-13"),
        plan_item="OUT-23",
        departure="2023-03-06",
        planned_end="2023-03-12",
        itinerary=itinerary,
    )
    listed = [numbered(desk, case) for case in (first, second, third)]
    assert [one["D-01"] for one in listed] == ["01/TTr-SNgV", "02/TTr-SNgV", "01/TTr-SNgV"]
    assert [one["D-04a"] for one in listed] == ["01/PTĐ-SNgV", "02/PTĐ-SNgV", "01/PTĐ-SNgV"]
    assert [one["D-06"] for one in listed] == ["01-TB/TU", "02-TB/TU", "03-TB/TU"]


def test_a_pattern_may_hold_the_year(sqlite_url: str, tmp_path: Path) -> None:
    """Legal documents: 08/2021/QĐ-UBND."""
    plain = site().site.series

    def yearly(issuer: str, kind: str) -> Series | None:
        found = plain(issuer, kind)
        return replace(found, pattern="{n}/{year}/{kind}-{org}") if found else None

    desk = Desk(sqlite_url, tmp_path, setup=replace(site(), site=replace(site().site, series=yearly)))
    assert numbered(desk, desk.submitted())["D-01"] == "01/2022/TTr-SNgV"
    desk.close()


def test_a_refused_command_takes_no_number(desk: Desk) -> None:
    with pytest.raises(Refused):
        desk.submitted(members=[])
    assert numbered(desk, desk.submitted())["D-01"] == "01/TTr-SNgV"


def test_a_state_decision_of_the_city_is_numbered(light: Desk, printer: Printer) -> None:
    continue_book(light, "uy_ban_nhan_dan_thanh_pho", "QĐ", "2022", 11)
    item = {"plan_kind": "AGENCY", "plan_state": "IN_FORCE", "year": 2022, "direction": "OUT", "head": "F20"}
    item |= {"countries": ["LA", "KH"], "month": 6, "purpose": "work", "head_count": 2, "pm_per_trip": False}
    import_register(light.engine, "plan_items", [{"id": "SDL-1", **item}], "test")
    members = [{"person": p, "task": f"Nhiệm vụ số {n} của đoàn công tác"} for n, p in enumerate(("F20", "F24"), 1)]
    case = light.submitted(
        "F05",
        main_purpose="work",
        purposes=["work"],
        organiser="so_du_lich",
        plan_item="SDL-1",
        head="F20",
        secretary="F24",
        members=members,
    )
    light.act(case, "F21", "forward", "2022-05-06", values={"sensitive": False})
    light.act(case, "F12", "give_opinion", "2022-05-12", columns=agreed(2))
    light.act(case, "F23", "approve", "2022-05-18")
    issued.render_due(light.engine, printer)
    decision = Paper(issued.pdf_of(light.engine, case, "D-07", paper(light, case, "D-07").seq))
    assert decision.pages[0].find("Số: 12/QĐ-UBND")


def test_a_paper_keeps_the_names_of_its_day(light: Desk, printer: Printer) -> None:
    """Printed after the director of the department has changed: the paper is of before."""
    case = light.submitted(head="F01", members=dossier()["members"][:1])
    people = dict(light.setup.directory.people)
    people["F02"] = replace(people["F02"], name="Giám Đốc Mới")
    light.clock.to("2022-05-05")
    set_people(light.engine, replace(light.setup.directory, people=people), "test")
    issued.render_due(light.engine, printer)
    text = Paper(issued.pdf_of(light.engine, case, "D-01", paper(light, case, "D-01").seq)).text
    assert "Lê Thị Thử" in text and "Giám Đốc Mới" not in text


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Printer]:
    """A printer with templates that the test may change."""
    for name in ("documents", "fonts"):
        shutil.copytree(ROOT / "templates" / name, tmp_path / "templates" / name)
    made = Printer(tmp_path / "templates")
    yield made
    made.close()


def edit(printer: Printer, name: str, old: str, new: str) -> None:
    path = printer.templates.root / "documents" / name
    path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")


def test_an_edited_template_changes_no_old_paper(sqlite_url: str, tmp_path: Path, own: Printer) -> None:
    desk = Desk(sqlite_url, tmp_path, templates=own.templates.digest)
    case = desk.submitted()
    seq = paper(desk, case, "D-01").seq
    issued.keep_templates(desk.engine, own)
    edit(own, "D-01.html", "1. Tên đoàn:", "1. Tên gọi của đoàn:")  # after the event, before it is printed
    issued.render_due(desk.engine, own)
    assert "1. Tên đoàn:" in Paper(issued.pdf_of(desk.engine, case, "D-01", seq)).text
    body = next(body for body, _ in desk.history(case) if body["type"] == "document.rendered")
    with desk.engine.snapshot() as snap:
        assert templates.read(snap.conn, body["template"]) is not None
    assert issued.reprint(desk.engine, own, case, "D-01", seq).sha256 == paper(desk, case, "D-01").sha256
    other = desk.submitted(at="2022-05-05 09:00", plan_item="OUT-04")
    issued.render_due(desk.engine, own)
    assert (
        "1. Tên gọi của đoàn:" in Paper(issued.pdf_of(desk.engine, other, "D-01", paper(desk, other, "D-01").seq)).text
    )
    desk.close()


def test_one_that_cannot_be_printed_stops_no_other(sqlite_url: str, tmp_path: Path, own: Printer) -> None:
    desk = Desk(sqlite_url, tmp_path, templates=own.templates.digest)
    edit(own, "D-01.html", "{{ facts.title|ended }}", "{{ facts.titel|ended }}")
    case = desk.submitted()
    seq = paper(desk, case, "D-01").seq
    assert issued.render_due(desk.engine, own) == 1  # D-02
    assert own.failed[case, "D-01", seq][0] == "documents/D-01.html:21: 'dict object' has no attribute 'titel'"
    with pytest.raises(issued.NotPrinted):
        issued.pdf_of(desk.engine, case, "D-01", seq)
    edit(own, "D-01.html", "facts.titel", "facts.title")
    assert issued.render_due(desk.engine, own) == 0  # tried again later
    desk.clock.now += issued.RETRY
    assert issued.render_due(desk.engine, own) == 1 and own.failed == {}
    desk.close()


def test_lost_bytes_are_printed_again(light: Desk, printer: Printer) -> None:
    case = light.submitted()
    issued.render_due(light.engine, printer)
    item = paper(light, case, "D-01")
    path = light.engine.files.path(item.sha256)
    for spoil in (path.unlink, lambda: path.write_bytes(b"%PDF- forged")):
        spoil()
        with pytest.raises(LookupError, match="are lost"):
            issued.pdf_of(light.engine, case, "D-01", item.seq)
        again = issued.pdf_of(light.engine, case, "D-01", item.seq, printer)
        assert hashlib.sha256(again).hexdigest() == item.sha256


def test_a_report_handed_in_is_the_file_of_the_agency(light: Desk, printer: Printer) -> None:
    case = decided(light, at=("2022-05-04", "2022-05-06", "2022-05-12", "2022-05-18"))
    light.act(case, "F21", "approve", "2022-05-18 10:00", values={"letter": LETTER})
    until(light, "2022-06-20 08:30")
    draft = Paper(issued.draft_pdf(light.engine, printer, case, "D-10"))
    assert draft.pages[0].find("/BC-SNgV") and "DỰ THẢO" in draft.reader.pages[0].extract_text()
    signed = b"%PDF-1.7 signed and scanned"
    row = light.engine.attach(case, "F08", "bao-cao.pdf", signed)
    values = report()
    values["report"]["file"] = row.id
    light.act(case, "F08", "hand_in", "2022-06-20 09:00", values=values)
    item = paper(light, case, "D-10")
    assert issued.pdf_of(light.engine, case, "D-10", item.seq) == signed
    assert item.number == "15/BC-SNgV"


def test_a_draft_is_made_of_the_edits_of_its_author(light: Desk, printer: Printer) -> None:
    case = light.open()
    edits = dossier(title="Đoàn còn đang soạn") | {"departure": "no day at all"}
    light.engine.save_draft(case, "F08", edits, {}, 0)
    text = Paper(issued.draft_pdf(light.engine, printer, case, "D-02", "F08")).text
    assert "Đoàn còn đang soạn" in text and "Đỗ Quang Mẫu" in text
    assert "no day" not in text
    assert "Đoàn còn đang soạn" not in Paper(issued.draft_pdf(light.engine, printer, case, "D-02")).text
    assert not [body for body, _ in light.history(case) if body["type"] == "document.rendered"]
    with pytest.raises(LookupError):
        issued.draft_pdf(light.engine, printer, case, "D-99")


def test_a_void_paper_keeps_its_number_and_its_bytes(desk: Desk, printer: Printer) -> None:
    case = desk.submitted()
    issued.render_due(desk.engine, printer)
    item = paper(desk, case, "D-01")
    with pytest.raises(Refused):
        issued.void(desk.engine, case, "D-01", item.seq, "F21", "  ")
    issued.void(desk.engine, case, "D-01", item.seq, "F21", "Sai thể thức")
    assert paper(desk, case, "D-01").voided
    assert issued.pdf_of(desk.engine, case, "D-01", item.seq)
    with pytest.raises(Refused):
        issued.void(desk.engine, case, "D-01", item.seq, "F21", "Hai lần")
    assert numbered(desk, desk.submitted(at="2022-05-05 09:00", plan_item="OUT-04"))["D-01"] == "02/TTr-SNgV"


def test_what_was_never_issued_is_not_found(light: Desk, printer: Printer) -> None:
    case = light.submitted()
    for document, seq in (("D-07", 2), ("D-01", 99), ("../../etc/passwd", 2)):
        with pytest.raises(LookupError):
            issued.pdf_of(light.engine, case, document, seq)
    with pytest.raises(LookupError):
        issued.pdf_of(light.engine, "c_nothing", "D-01", 2)


def test_two_printers_make_one_event(light: Desk, printer: Printer) -> None:
    case = light.submitted()
    place = (case, "D-01", paper(light, case, "D-01").seq)
    with light.engine.snapshot() as snap:
        assert next(iter(issued.views.unrendered(snap.conn))) == place
    assert issued._render(light.engine, printer, place) is True
    assert issued._render(light.engine, printer, place) is False
    printed = issued.reprint(light.engine, printer, *place)
    assert issued._record(light.engine, place, printed, {}) is False
    assert sum(body["type"] == "document.rendered" for body, _ in light.history(case)) == 1
