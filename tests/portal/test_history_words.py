"""The history of a whole trip in words: every record has a sentence, in both languages, without the names of the code."""

from __future__ import annotations

import re

import pytest

from engine.core.events import CASE_TYPES
from engine.web.telling import Teller
from engine.words.formats import Clock
from engine.words.language import words
from tests.portal.page import Visitor
from tests.portal.test_acts import approved
from tests.portal.test_seeing import handed_in
from tests.support.delegation import site, until


@pytest.mark.slow
def test_every_record_of_a_trip_is_told(web):
    case = approved(web)
    until(web.desk, "2022-06-25 09:00")
    me = Visitor(web.signed_in("F08"))
    for lang, said in (
        (
            "vi",
            [
                "Trình hồ sơ",
                "Cho ý kiến",
                "Đến thời điểm: «Đang công tác»",
                "Quá hạn: đã báo cấp trên",
                "3 ngày làm việc kể từ",
                "Không tính",
            ],
        ),
        (
            "en",
            [
                "Submit",
                "Give opinion",
                "The time came: «In progress»",
                "Overdue: reported to those above",
                "3 working days from",
                "Not counted",
            ],
        ),
    ):
        text = me.get(f"/c/{case}/timeline?all=1&lang={lang}").text
        for sentence in said:
            assert sentence in text, (lang, sentence)
        plain = re.sub(r"<[^>]+>", " ", text)
        assert not re.search(r"\b(SCREENING|REPORT_OVERDUE|step\.taken|link\.issued|N-\d\d|give_opinion)\b", plain)
        events = web.desk.case(case).seq
        assert {int(n) for n in re.findall(r"(?:bản ghi|record) (\d+)", plain)} == set(range(1, events + 1))
        with web.desk.engine.snapshot() as snap:
            from engine.store import ledger

            for row in ledger.raw(snap.conn, case):
                assert row.hash.hex()[:12] in text


@pytest.mark.slow
def test_refusals_stand_grey_among_the_records(web):
    from engine.core.blockers import Refused

    case = handed_in(web)
    with pytest.raises(Refused):
        web.desk.act(case, "F21", "not_consider")
    text = Visitor(web.signed_in("F21")).get(f"/c/{case}/timeline").text
    assert "Bị từ chối, không ghi nhận" in text and "R-07: quy định không có phát hiện" in text


def test_each_type_of_event_has_words():
    teller = Teller(lambda name, version: None, site().directory, Clock(site().calendar, "vi", 0), words("vi"))  # type: ignore[arg-type, return-value]
    body = {
        "seq": 1,
        "at": "2022-05-04T01:00:00.000000Z",
        "actor": {"kind": "service", "id": "engine"},
        "to": "X",
        "document": "D-01",
        "case": "c",
    }
    untold = {"file.attached", "note.added", "step.recalled", "erasure.done"}  # written by parts that are not built yet
    for kind in CASE_TYPES - untold:
        (told,) = teller.tell([({**body, "type": kind, "id": "x"}, {}, "00")])
        assert told.title and told.title != kind, kind


@pytest.mark.slow
def test_every_record_can_be_looked_at_by_itself(web):
    case = approved(web)
    until(web.desk, "2022-06-20 09:00")
    me, stranger = Visitor(web.signed_in("F08")), Visitor(web.signed_in("F19"))
    last = web.desk.case(case).seq
    for seq in range(1, last + 1):
        page = me.get(f"/c/{case}/at/{seq}")
        assert page.status_code == 200, seq
        assert f"sau bản ghi {seq} trong {last}" in page.text
    submitted = me.get(f"/c/{case}/at/3").text
    assert '<del class="pre"><bdi>Dự thảo</bdi></del>' in submitted and "<bdi>Thẩm định hồ sơ</bdi></ins>" in submitted
    for wrong in (0, last + 1, 999_999_999_999):
        assert me.get(f"/c/{case}/at/{wrong}").status_code == 404
    assert me.get(f"/c/{case}/at/x").status_code == 404
    assert stranger.get(f"/c/{case}/at/3").status_code == 404
