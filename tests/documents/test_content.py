"""What papers say, read from the page before it becomes a PDF."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest

from engine.documents.render import Printer
from tests.documents import walk
from tests.documents.walk import Walk


def said(printer: Printer, document: str, context: dict[str, Any]) -> str:
    """The text of a page, blanks folded."""
    html = re.sub(r"<head>.*?</head>", "", printer.html(document, context), flags=re.DOTALL)
    text = unescape(re.sub(r"</?(?:b|i|span)\b[^>]*>", "", html))
    return " ".join(re.sub(r"<[^>]+>", " ", text).replace("\u00a0", " ").split())


def issued(printer: Printer, made: Walk, document: str) -> str:
    return said(printer, document, made.issued(document))


def test_submission_names_plan_item_head_money_and_annex(printer: Printer) -> None:
    text = issued(printer, walk.s01(report=False), "D-01")
    assert "(mục OUT-03: Viêng Chăn, Phnôm Pênh)" in text
    assert "từ ngày 06 tháng 6 năm 2022 đến ngày 12 tháng 6 năm 2022 (07 ngày, kể cả đi và về)" in text
    assert "Nước đến: Lào và Campuchia" in text
    assert "09 người, do đồng chí Đỗ Quang Mẫu, Phó Bí thư Thành ủy làm Trưởng đoàn" in text
    assert "400.750.000 đồng, từ nguồn: ngân sách Thành phố" in text
    assert "KT. GIÁM ĐỐC PHÓ GIÁM ĐỐC Trần Văn Mẫu" in text  # the director travels, so the deputy signs


def test_dossier_lists_members_days_money_and_findings(printer: Printer) -> None:
    text = issued(printer, walk.s18(), "D-02")
    assert "Phạm Hữu Giả Giám đốc Sở Du lịch Ban Thường vụ Thành ủy" in text
    assert "21/3/2022 – 24/3/2022 04/9/2022 – 08/9/2022" in text
    assert "14/11/2022 Hàn Quốc Thăm, làm việc Khai mạc gian hàng Hà Nội tại hội chợ du lịch" in text
    assert "Tổng cộng 400.750.000 Bằng chữ: Bốn trăm triệu bảy trăm năm mươi nghìn đồng." in text
    assert "R-08, S0:84 Phạm Hữu Giả đã đi 2 chuyến trong năm; mỗi năm không quá 2 chuyến. Trường hợp đặc biệt" in text


def test_opinion_lists_both_earlier_trips_and_each_exception(printer: Printer) -> None:
    """S-18."""
    text = issued(printer, walk.s18(), "D-04")
    assert "21/3/2022 – 24/3/2022 04/9/2022 – 08/9/2022 Đồng ý" in text
    assert "mỗi năm không quá 2 chuyến (quy định R-08, S0:84): Ban Tổ chức Thành ủy đồng ý." in text
    assert "Phiếu thẩm định số 01/PTĐ-SNgV ngày 12 tháng 10 năm 2022 của Sở Ngoại vụ" in text


def test_notice_states_the_exception_and_its_ground(printer: Printer) -> None:
    """S-03."""
    text = issued(printer, walk.s03(), "D-06")
    assert (
        "Đoàn do Thường trực Thành ủy dẫn đầu có 11 người; không quá 10 người (quy định R-11, S0:86): đồng ý." in text
    )
    assert "- Thực sự cần thiết: Nội dung làm việc có thêm lĩnh vực đào tạo cán bộ quản lý" in text
    assert "- Thành viên thêm: Tô Thị Hư Cấu." in text


def test_notice_records_the_decision_on_the_event_clause(printer: Printer) -> None:
    """S-14."""
    text = issued(printer, walk.conference(), "D-06")
    assert "đồng ý vận dụng điều khoản về sự kiện (quy định R-16)" in text
    assert "- Yêu cầu của chương trình sự kiện: Chương trình hội nghị kéo dài 05 ngày." in text


@pytest.mark.parametrize(
    ("decision", "words"),
    [
        ("approve", "1. Đồng ý cử đoàn"),
        ("approve_if", "1. Đồng ý về chủ trương, kèm điều kiện cử đoàn"),
        ("reject", "1. Không đồng ý việc cử đoàn"),
    ],
)
def test_notice_says_what_was_decided(decision: str, words: str, printer: Printer) -> None:
    text = issued(printer, walk.s18(decision), "D-06")
    assert words in text
    if decision == "approve_if":
        assert "Rút ngắn thời gian còn 04 ngày. Không quá 02 cán bộ của Sở Du lịch." in text
    if decision == "reject":
        assert "Lý do: Chưa thật sự cần thiết trong thời điểm này." in text
        assert "(quy định R-08, S0:84): không đồng ý." in text


def test_decision_cites_the_papers_before_it(printer: Printer) -> None:
    text = issued(printer, walk.s01(report=False), "D-07")
    assert "- Căn cứ ý kiến của Thủ tướng Chính phủ tại văn bản số 462/BNG-CV-m ngày 01/3/2022;" in text
    assert "- Căn cứ Thông báo số 01-TB/TU ngày 18 tháng 5 năm 2022 của Thường trực Thành ủy;" in text
    assert "tại Công văn số 01-CV/BTCTU ngày 12 tháng 5 năm 2022;" in text
    assert "tại Tờ trình số 01/TTr-SNgV ngày 04 tháng 5 năm 2022." in text
    assert "chậm nhất ngày 22 tháng 6 năm 2022" in text  # the due day of the report as a date
    assert "1 Đỗ Quang Mẫu Phó Bí thư Thành ủy Trưởng đoàn, hội đàm với lãnh đạo thành phố bạn" in text


def test_decision_of_the_city_cites_the_law_in_force_on_its_day(printer: Printer) -> None:
    context = walk.by_the_city().issued("D-07")
    assert any("Luật Tổ chức chính quyền địa phương ngày 19 tháng 6 năm 2015" in basis for basis in context["bases"])
    text = said(printer, "D-07", context)
    assert "CHỦ TỊCH ỦY BAN NHÂN DÂN THÀNH PHỐ HÀ NỘI Căn cứ Luật" in text
    assert "KT. CHỦ TỊCH PHÓ CHỦ TỊCH Ngô Thử Nghiệm" in text


def test_decision_lists_what_was_granted(printer: Printer) -> None:
    text = issued(printer, walk.s18(), "D-07")
    assert (
        "Điều 4. Chấp thuận 01 trường hợp đặc biệt sau đây cho riêng chuyến công tác này: a) Phạm Hữu Giả đã đi" in text
    )
    assert "Điều 5. Văn phòng Thành ủy" in text and "- Như Điều 5" in text


def test_reminder_names_the_due_day_and_the_days_late(printer: Printer) -> None:
    text = issued(printer, walk.s47(), "D-11")
    assert "tức là ngày 22 tháng 6 năm 2022. Đến ngày 23 tháng 6 năm 2022" in text
    assert "báo cáo đã quá hạn 01 ngày" in text
    assert "Kính gửi: - Đồng chí Đỗ Quang Mẫu, Phó Bí thư Thành ủy, Trưởng đoàn; - Sở Ngoại vụ." in text


def test_report_draft_holds_what_is_known(printer: Printer) -> None:
    text = said(printer, "D-10", walk.s01(report=False).until("2022-06-13 09:00").draft("D-10"))
    assert "Thực hiện Quyết định số 01-QĐ/TU ngày 18 tháng 5 năm 2022" in text
    assert "2. Ngày 08/6/2022, Lào: Ký kết kế hoạch hợp tác; thăm Đại sứ quán." in text
    assert text.endswith("TRƯỞNG ĐOÀN Đỗ Quang Mẫu")


def test_letters_say_their_reason(printer: Printer) -> None:
    text = issued(printer, walk.sent_back(), "D-03")
    assert "Bổ sung nguồn kinh phí hợp lệ. Bổ sung bản dịch thư mời có xác nhận của cơ quan." in text
    assert "không được dùng nguồn tài trợ (R-20, S0:90)" in text
    text = issued(printer, walk.refused(), "D-08")
    assert "Lý do: Chuyến đi do doanh nghiệp đài thọ, trái quy định." in text
    assert "Căn cứ quy định R-18, S0:90: Chuyến đi do doanh nghiệp tổ chức hoặc đài thọ." in text
    text = issued(printer, walk.cancelled(), "D-12")
    assert "Về việc hủy chuyến công tác" in text and "(cử theo Quyết định số 01-QĐ/TU ngày 24 tháng 10 năm 2022" in text
    text = issued(printer, walk.urgent(), "D-05")
    assert "Kính trình: Thường trực Thành ủy" in text and "ký ngày 10/12/2021, khoản 3" in text
    assert "T/M BAN CÁN SỰ ĐẢNG BÍ THƯ" in text
    text = issued(printer, walk.referred(), "D-05a")
    assert "Lý do trình: Đoàn cấp cao, cần ý kiến của tập thể Ban Thường vụ." in text
    text = issued(printer, walk.to_the_prime_minister(), "D-09")
    assert "Kính gửi: Thủ tướng Chính phủ (qua Bộ Ngoại giao)" in text and "Số: 01/UBND-KGVX" in text


def test_closing_note_lists_the_papers(printer: Printer) -> None:
    text = issued(printer, walk.s01(), "closing-note")
    assert "Hồ sơ số DR-2022-0001" in text
    assert "7 15/BC-SNgV 20/6/2022 Báo cáo kết quả chuyến công tác, Sở Ngoại vụ" in text
    assert "Trao đổi đoàn nghệ thuật giữa hai thành phố; Sở Văn hóa và Thể thao, hạn 15/12/2022." in text


def test_a_document_without_a_template_is_a_plain_letter(printer: Printer) -> None:
    made = walk.sent_back()
    context = made.issued("D-03")
    context["paper"] |= {"id": "X-99", "title": "Phiếu chuyển", "kind": ""}
    text = said(printer, "X-99", context)
    assert "PHIẾU CHUYỂN Phiếu chuyển: Đoàn đại biểu cấp cao" in text
    assert "Bổ sung nguồn kinh phí hợp lệ." in text


def test_texts_of_the_case_then_not_of_the_case_now(printer: Printer) -> None:
    """D-01 of the first submission keeps the title of the first submission."""
    made = walk.sent_back()
    first = next(item for item in made.case.documents if item.id == "D-01")
    made.act("2022-05-09", "F08", "resubmit", values=walk.vientiane() | {"title": "Đoàn đã sửa tên"})
    again = [item for item in made.case.documents if item.id == "D-01"][-1]
    assert (first.number, again.number) == ("01/TTr-SNgV", "02/TTr-SNgV")
    files = walk.TEMPLATES.bundle("D-01").files
    before = said(printer, "D-01", walk.issued_context(made.moment(first.seq), first, files))
    after = said(printer, "D-01", walk.issued_context(made.moment(again.seq), again, files))
    assert "Đoàn đã sửa tên" not in before
    assert "Tên đoàn: Đoàn đã sửa tên." in after and "(trình lần thứ hai)" in after
