"""Documents of real cases on both databases: numbers without gaps, one PDF for each, the same bytes again."""

from __future__ import annotations

import hashlib

import pytest

from engine.documents.render import Printer
from engine.service import issued
from tests.support.delegation import Desk, travelled


def numbers(desk: Desk, case: str) -> dict[str, str]:
    return {item.id: item.number for item in desk.case(case).documents}


@pytest.mark.slow
def test_a_whole_case_is_printed_once_and_again_the_same(desk: Desk, printer: Printer) -> None:
    case = desk.case(travelled(desk))
    assert issued.render_due(desk.engine, printer) == 7  # all but D-10, which was handed in
    assert issued.render_due(desk.engine, printer) == 0
    after = desk.case(case.id)
    for item in after.documents:
        if item.file:
            assert (item.id, item.sha256, item.number) == ("D-10", "", "15/BC-SNgV")
            continue
        pdf = issued.pdf_of(desk.engine, case.id, item.id, item.seq)
        assert pdf.startswith(b"%PDF-") and hashlib.sha256(pdf).hexdigest() == item.sha256
        assert issued.reprint(desk.engine, printer, case.id, item.id, item.seq).sha256 == item.sha256
    assert numbers(desk, case.id) == {
        "D-01": "01/TTr-SNgV",
        "D-02": "",
        "D-04a": "01/PTĐ-SNgV",
        "D-04": "01-CV/BTCTU",
        "D-06": "01-TB/TU",
        "D-07": "01-QĐ/TU",
        "D-10": "15/BC-SNgV",
        "closing-note": "",
    }
