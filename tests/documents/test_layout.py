"""Where things stand on the paper, against Decree 30/2020 (State) and HD 36-HD/VPTW (Party)."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from engine.documents.render import Printer
from tests.documents import walk
from tests.documents.paper import Paper

LEFT, RIGHT, TOP, BOTTOM = 30, 195, 20, 277  # edges of the text on A4, mm
WALKS = ("s01", "s03", "s18", "s47", "by_the_city", "urgent", "conference", "sent_back", "refused", "cancelled")
EVERY = [*WALKS, "to_the_prime_minister", "referred"]


@cache
def contexts(name: str) -> dict[str, dict[str, Any]]:
    made: dict[str, dict[str, Any]] = getattr(walk, name)().contexts()
    return made


@pytest.fixture(scope="module")
def decision(printer: Printer) -> Paper:
    """The People's Committee's decision: State profile, two pages."""
    return Paper(printer.pdf("D-07", contexts("by_the_city")["D-07"]).pdf)


@pytest.fixture(scope="module")
def party(printer: Printer) -> Paper:
    return Paper(printer.pdf("D-07", contexts("s01")["D-07"]).pdf)


@pytest.mark.slow
@pytest.mark.parametrize("name", EVERY)
def test_every_document_of_every_walk_is_a4_within_its_margins_and_in_tinos(name: str, printer: Printer) -> None:
    for document, context in contexts(name).items():
        paper = Paper(printer.pdf(document, context).pdf)
        assert all(embedded and font.startswith("Tinos") for font, embedded in paper.fonts), document
        for number, page in enumerate(paper.pages, 1):
            assert (round(page.width), round(page.height)) == (210, 297)
            body = [word for word in page.words if word.top > TOP - 1]
            assert min(word.left for word in body) >= LEFT - 0.5, (document, number)
            assert max(word.right for word in body) <= RIGHT + 0.5, (document, number)
            assert max(word.bottom for word in body) <= BOTTOM + 0.5, (document, number)
            above = [word.text for word in page.words if word.top <= TOP - 1]
            assert above == ([] if number == 1 else [str(number)]), document  # no number on the first page
        assert "\ufffd" not in paper.text and "None" not in paper.text


def test_a_state_paper_has_agency_left_and_nation_right(decision: Paper) -> None:
    page = decision.pages[0]
    agency, nation = page.find("ỦY BAN NHÂN DÂN"), page.find("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM")
    motto, number = page.find("Độc lập - Tự do - Hạnh phúc"), page.find("Số: 01/QĐ-UBND")
    place = page.find("Hà Nội, ngày 24 tháng 10 năm 2022")
    assert agency.right < nation.left and abs(agency.top - nation.top) < 1
    assert abs(motto.middle - nation.middle) < 1 and motto.top > nation.top
    assert abs(number.middle - agency.middle) < 1 and abs(number.top - place.top) < 1  # boxes 3 and 4: one line
    assert page.find("QUYẾT ĐỊNH Về việc cử đoàn đi công tác nước ngoài")
    title = page.find("QUYẾT ĐỊNH")
    assert abs(title.middle - (LEFT + RIGHT) / 2) < 1


def test_a_state_paper_ends_with_recipients_left_and_signature_right(decision: Paper) -> None:
    page = decision.pages[-1]
    recipients, capacity = page.find("Nơi nhận:"), page.find("KT. CHỦ TỊCH")
    assert recipients.left < capacity.left and abs(recipients.top - capacity.top) < 2
    post, name = page.find("PHÓ CHỦ TỊCH"), page.find("Ngô Thử Nghiệm")
    assert abs(post.middle - name.middle) < 1
    assert 20 < name.top - post.bottom < 40  # room for signature and seal
    assert page.find("- Lưu: VT, KGVX.")


def test_a_party_paper_has_its_own_head(party: Paper) -> None:
    page = party.pages[0]
    body, name = page.find("THÀNH ỦY HÀ NỘI"), page.find("ĐẢNG CỘNG SẢN VIỆT NAM")
    star, number = page.find("*"), page.find("Số 01-QĐ/TU")
    assert body.right < name.left and abs(body.top - name.top) < 1.5
    assert body.bottom < star.bottom < number.bottom and abs(star.middle - body.middle) < 1
    assert "Số:" not in party.text and "CỘNG HÒA" not in party.text
    assert party.pages[-1].find("T/M BAN THƯỜNG VỤ")
    assert party.pages[-1].find("- Lưu Văn phòng Thành ủy.")
    assert "- Căn cứ Quyết định số 272-QĐ/TW" in party.text


@pytest.mark.slow
def test_an_official_letter_has_its_subject_under_the_number_and_no_type_name(printer: Printer) -> None:
    page = Paper(printer.pdf("D-11", contexts("s47")["D-11"]).pdf).pages[0]
    number, about = page.find("Số: 01/SNgV-LS"), page.find("V/v đôn đốc nộp báo cáo kết quả")
    assert about.top > number.bottom and abs(about.middle - number.middle) < 2
    assert "CÔNG VĂN" not in page.text
    party = Paper(printer.pdf("D-04", contexts("s18")["D-04"]).pdf).pages[0]
    assert party.find("Số 01-CV/BTCTU") and "V/v" not in party.text


@pytest.mark.slow
def test_khan_stands_in_red_under_the_number(printer: Printer) -> None:
    page = Paper(printer.pdf("D-01", contexts("urgent")["D-01"]).pdf).pages[0]
    urgency = page.find("KHẨN")
    assert urgency.top > page.find("Số: 01/TTr-SNgV").bottom and urgency.right < 105
    assert "KHẨN" not in Paper(printer.pdf("D-01", contexts("s18")["D-01"]).pdf).text


@pytest.mark.slow
def test_a_draft_says_so_on_every_page_and_leaves_number_and_day_blank(printer: Printer) -> None:
    paper = Paper(printer.pdf("D-10", walk.s01(report=False).until("2022-06-13 09:00").draft("D-10")).pdf)
    assert len(paper.pages) > 1
    for page in paper.reader.pages:  # pdftotext leaves out text that is turned
        assert "DỰ THẢO" in page.extract_text()
    first = paper.pages[0]
    assert first.find("/BC-SNgV") and first.find("ngày tháng năm 2022")
    assert "01/BC" not in paper.text


@pytest.mark.slow
def test_a_document_of_its_own_restarts_its_page_numbers(printer: Printer) -> None:
    annex = Paper(printer.pdf("D-02", contexts("s01")["D-02"]).pdf)
    assert [word.text for word in annex.pages[1].words if word.top < TOP - 1] == ["2"]
    assert annex.pages[0].find("(Kèm theo Tờ trình số 01/TTr-SNgV ngày 04 tháng 5 năm 2022 của Sở Ngoại vụ)")


def test_the_file_is_tagged_archival_and_carries_the_day_of_issue(decision: Paper) -> None:
    root: Any = decision.reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] and root["/Lang"] == "vi" and "/StructTreeRoot" in root
    packet = root["/Metadata"].get_object().get_data().decode("utf-8")
    assert 'pdfaid:part="2"' in packet or "<pdfaid:part>2" in packet
    info = decision.reader.metadata
    assert info is not None and info.title == "Quyết định cử đoàn đi công tác nước ngoài 01/QĐ-UBND"
    assert str(info["/CreationDate"]).startswith("D:20221024")


@pytest.mark.slow
@pytest.mark.parametrize("document", ["D-07", "D-04", "D-06", "D-01"])
def test_the_signature_never_stands_alone(document: str, printer: Printer) -> None:
    """One to thirty members push the foot through every height of the page."""
    made = contexts("s03")[document]
    row = made["facts"]["members"][0]
    for count in range(1, 31):
        rows = [{**row, "number": n, "task": f"Nhiệm vụ {n} " + "dài hơn " * (n % 7)} for n in range(1, count + 1)]
        reason = "Lý do dài. " * count
        context = {**made, "facts": {**made["facts"], "members": rows}, "event": {**made["event"], "reason": reason}}
        last = Paper(printer.pdf(document, context).pdf).pages[-1]
        before = [word for word in last.words if TOP - 1 < word.top < last.find("Nơi nhận:").top - 2]
        assert len(before) >= 4, (count, last.text)


def long_paper(document: str) -> dict[str, Any]:
    """Bodies of 90 letters, eleven members, three exceptions."""
    made = contexts("s03")[document]
    name = "Trung tâm Xúc tiến Đầu tư, Thương mại, Du lịch và Hợp tác quốc tế của thành phố Hà Nội mẫu"
    assert len(name) == 90
    people = [
        {**row, "person": {**row["person"], "position": f"Phó Giám đốc phụ trách {name}"}}
        for row in made["facts"]["members"]
    ]
    waiver = made["waivers"][0]
    facts = {
        **made["facts"],
        "members": people,
        "title": f"Đoàn của {name}",
        "organiser": {**made["facts"]["organiser"], "name": name},
    }
    issuer = {
        **made["issuer"],
        "name": name,
        "heading": [name.upper()],
        "signature": [*made["issuer"]["signature"], "PHÓ GIÁM ĐỐC"],
    }
    return {**made, "facts": facts, "issuer": issuer, "waivers": [waiver] * 3}


@pytest.mark.slow
@pytest.mark.parametrize("document", ["D-01", "D-02", "D-04", "D-06", "D-07"])
def test_long_names_many_members_and_exceptions_stay_on_the_paper(document: str, printer: Printer) -> None:
    paper = Paper(printer.pdf(document, long_paper(document)).pdf)
    for page in paper.pages:
        for word in page.words:
            assert word.left >= LEFT - 0.5 and word.right <= RIGHT + 0.5, (document, word)
    if document != "D-02":
        nation = paper.pages[0].find(
            "ĐẢNG CỘNG SẢN VIỆT NAM" if "ĐẢNG CỘNG" in paper.text else "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
        )
        heading = [word for word in paper.pages[0].words if word.top < 60 and word.right < nation.left]
        assert " ".join(word.text for word in heading).count("HÀ NỘI") >= 1
    if document in ("D-06", "D-07"):
        assert paper.text.count("không quá 10 người") == 3


@pytest.mark.slow
def test_not_considered_cites_the_rule(printer: Printer) -> None:
    """S-33: a barred purpose of a separate delegation."""
    made = walk.Walk(walk.OPEN_LANDS | walk.plan_item("PROG-09", plan_kind="AGENCY", countries=["JP"])).open(
        "2022-08-22 08:00", "F16"
    )
    trip = walk.seoul(
        ("F15", "F16"), organiser="so_ke_hoach_va_dau_tu", plan_item="PROG-09", head="F15", secretary="F16"
    )
    trip |= {"main_purpose": "study", "purposes": ["study", "experience_exchange"]}
    made.act("2022-08-22", "F16", "submit", values=trip)
    made.act("2022-08-24", "F21", "not_consider")
    text = Paper(printer.pdf("D-08", made.issued("D-08")).pdf).text
    assert "V/v chưa xem xét việc cử đoàn" in text and "R-07, S0:82" in text
