"""What people read: who is asked what until when, who holds what, what happens next; and what never stands in a mail."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser

import pytest

from tests.mail.support import Post, agreed, until
from tests.support.delegation import LETTER, report, travelled

LINK = re.compile(r"http://127\.0\.0\.1:8000/\S+")
TAGS = {"html", "head", "meta", "title", "body", "table", "tr", "td", "th", "h1", "h2", "a", "b", "br", "span"}
ATTRIBUTES = {
    "lang", "charset", "name", "content", "role", "width", "cellpadding", "cellspacing", "border", "align", "valign",
    "bgcolor", "style", "href",
}  # fmt: skip
STYLES = {
    "margin", "padding", "max-width", "text-align", "font-family", "font-size", "line-height", "font-weight",
    "background-color", "border", "border-top", "border-bottom", "border-left", "border-radius", "display", "color",
    "text-decoration", "word-break", "white-space",
}  # fmt: skip


class Page(HTMLParser):
    """Every tag, attribute and style of a page; its visible text; its links."""

    def __init__(self, html: str):
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.styles: set[str] = set()
        self.links: list[str] = []
        self.words: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        for name, value in attrs:
            self.attributes.add(name)
            if name == "style":
                self.styles |= {item.partition(":")[0].strip() for item in (value or "").split(";") if item.strip()}
            if name == "href":
                self.links.append(value or "")

    def handle_data(self, data):
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def flat(text: str) -> str:
    return " ".join(text.split())


def walk(post: Post, *, lang: str = "vi") -> str:
    """S-01 until the report is more than a week late, every mail sent at its hour."""
    desk = post.desk
    for person in ("F01", "F02", "F08", "F12", "F13", "F21"):
        post.speaks(person, lang)
    case = desk.submitted()
    post.post()
    desk.act(case, "F21", "forward", "2022-05-06", values={"sensitive": False})
    post.post()
    desk.act(case, "F12", "give_opinion", "2022-05-12", columns=agreed())
    post.post()
    desk.act(case, "F13", "send_up", "2022-05-18 09:00")
    post.post()
    desk.act(case, "F21", "approve", "2022-05-18 10:00", values={"letter": LETTER})
    post.post()
    for day in (
        "2022-06-06",
        "2022-06-13",
        "2022-06-19",
        "2022-06-22",
        "2022-06-23",
        "2022-06-25",
        "2022-06-29",
        "2022-07-22",
    ):
        until(desk, f"{day} 08:01")
        post.post()
    return case


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["vi", "en"])
def test_every_mail_of_a_whole_trip_is_sound(post, lang):
    case = walk(post, lang=lang)
    assert not post.alarms and {r.state for r in post.rows()} <= {"sent", "cancelled"}
    seen = 0
    for address in post.maildir.boxes():
        for mail in post.maildir.list(address):
            seen += 1
            page, urls = Page(mail.html), LINK.findall(mail.text)
            assert page.tags <= TAGS and page.attributes <= ATTRIBUTES and page.styles <= STYLES
            assert len(mail.html.encode()) < 60_000 and "<style" not in mail.html and "<script" not in mail.html
            copy = "Copy for information" in mail.text or "Bản sao để biết" in mail.text
            assert len(urls) == (0 if copy else 1) and page.links == urls
            assert page.text.count("http") == len(urls) and (not urls or urls[0] in page.text)
            assert not urls or f"\n\n{urls[0]}\n\n" in mail.text, "alone on its line"
            assert "%(" not in mail.text and "{" not in mail.text and "None" not in mail.text and "…" not in mail.text
            assert all(len(line) <= 76 for line in mail.text.splitlines())
            headline = re.search(r"<h1[^>]*>([^<]*)</h1>", mail.html)
            assert headline and unescape(headline.group(1)) in flat(mail.text)
            assert mail.subject.startswith("[DR-2022-0001] Thăm Viêng Chăn và Phnôm Pênh: ")
            if lang == "vi":
                assert not re.search(r"\b(You|The case|due|before)\b", mail.text)
    assert seen > 30 and case


def test_a_decider_is_invited_with_deadline_and_how_it_was_counted(post):
    case = post.desk.submitted()
    post.desk.act(case, "F21", "forward", "2022-05-06", values={"sensitive": False})
    post.desk.act(case, "F12", "give_opinion", "2022-05-12", columns=agreed())
    post.post()
    text = flat(post.mails("F13")[0].text)
    assert text.startswith("Kính gửi đồng chí Tạ Thị Thử, Chuyên viên, Văn phòng Thành ủy.")
    assert "Trình quyết định: Thăm Viêng Chăn và Phnôm Pênh" in text
    assert "Kính mời đồng chí xem xét và quyết định trước 17:00 thứ Năm, 19/5/2022." in text
    assert "5 ngày làm việc" in text and "12/5/2022; không tính 14/5, 15/5 (cuối tuần)" in text
    assert "Đồng chí xử lý việc của: Thường trực Thành ủy." in text
    assert "Mở đường dẫn chưa phải là quyết định" in text and "Trả lời thư này không phải là quyết định" in text
    assert "Trưởng đoàn: Đỗ Quang Mẫu, Phó Bí thư Thành ủy" in text and "Thành phần đoàn: 9 người" in text
    assert "Nước: Lào, Campuchia" in text and "Kinh phí: 900.000.000 đồng" in text
    assert "Ban Tổ chức Thành ủy: Cho ý kiến, 12/5" in text
    assert re.search(r"Biên nhận: DR-2022-0001#\d+, mã( [0-9a-f]{4}){4}\.", text)


def test_the_same_in_english(post):
    post.speaks("F13", "en")
    case = post.desk.submitted()
    post.desk.act(case, "F21", "forward", "2022-05-06", values={"sensitive": False})
    post.desk.act(case, "F12", "give_opinion", "2022-05-12", columns=agreed())
    post.post()
    mail = post.mails("F13")[0]
    text = flat(mail.text)
    assert mail.subject == "[DR-2022-0001] Thăm Viêng Chăn và Phnôm Pênh: for action"
    assert "You are asked to consider and decide before 17:00, Thursday 19 May 2022." in text
    assert "5 working days from 12 May 2022; not counted: 14 May, 15 May (weekend)" in text
    assert "Delegation head: Đỗ Quang Mẫu" in text and "Country: Laos, Cambodia" in text
    assert '<html lang="en">' in mail.html and '<b lang="vi">Tạ Thị Thử</b>' in mail.html


def urgent(post: Post) -> str:
    """Eight people outside the plan, with two exceptions to decide."""
    people = ("F04", "F20", "F24", "F09", "F06", "F10", "F11", "F08")
    grounds = {
        "R-12": {"truly_necessary": "Cần phiên dịch", "added_members": ["F08"]},
        "R-04": {"important": "Quan trọng", "urgency": "Cấp thiết"},
    }
    case = post.desk.open("F05")
    from tests.support.delegation import dossier

    values = dossier(
        organiser="so_du_lich",
        plan_item=None,
        title="Đoàn xúc tiến du lịch tại Viêng Chăn",
        main_purpose="event",
        purposes=["event"],
        head="F04",
        secretary="F20",
        members=[{"person": p, "task": f"Nhiệm vụ xúc tiến số {n}"} for n, p in enumerate(people)],
    )
    post.desk.act(case, "F05", "submit_urgent", "2022-05-09 09:00", values=values, grounds=grounds)
    post.desk.act(case, "F21", "forward", "2022-05-10", values={"sensitive": False})
    opinions = {"R-12": "AGREE", "R-04": "AGREE_WITH_CONDITIONS"}
    post.desk.act(case, "F12", "give_opinion", "2022-05-11", columns=agreed(8), opinions=opinions)
    return case


def test_exceptions_stand_one_by_one_with_the_opinion_and_urgent_mails_say_so(post):
    urgent(post)
    post.post()
    mail = post.mails("F13")[0]
    text = flat(mail.text)
    assert mail.subject == "[DR-2022-0001] KHẨN Đoàn xúc tiến du lịch tại Viêng Chăn: mời xử lý"
    assert mail.text.startswith("KHẨN\n")
    assert "Có 2 ngoại lệ cần cho ý kiến từng điều một." in text
    assert "R-12: Đoàn có 8 người; không quá 7 người. Ý kiến thẩm tra: đồng ý." in text
    assert "R-04: " in text and "đồng ý có điều kiện" in text
    assert not any("KHẨN" in m.subject for m in post.mails("F05")), "news is not urgent"


def test_a_return_goes_to_the_case_page_with_its_reason_and_not_to_a_decision(post):
    case = post.desk.submitted()
    post.desk.act(case, "F21", "return", "2022-05-05", reason="Thiếu <b>thư mời</b> & lịch trình")
    post.post()
    mail = post.mails("F08")[0]
    assert mail.links == (f"http://127.0.0.1:8000/c/{case}",)
    assert "Lý do: Thiếu <b>thư mời</b> & lịch trình" in flat(mail.text)
    assert "Thiếu &lt;b&gt;thư mời&lt;/b&gt; &amp; lịch trình" in mail.html
    assert "Mở hồ sơ để hoàn thiện" in mail.text


def test_a_title_is_only_text(post):
    title = '<script>alert(1)</script> "Đoàn" & {{ 7*7 }} %(x)s\r\nBcc: a@b.vn'
    post.desk.submitted(title=title)
    post.post()
    mail = post.mails("F21")[0]
    assert "<script" not in mail.html and "&lt;script&gt;" in mail.html and "49" not in mail.text.split("Kính")[0]
    assert "\n" not in mail.subject and "Bcc: a@b.vn" in mail.subject and not post.mails("F21")[0].to.startswith("a@")


@pytest.mark.slow
def test_an_escalation_says_who_holds_the_case_and_what_comes_next(post):
    case = post.desk.submitted()
    desk = post.desk
    desk.act(case, "F21", "forward", "2022-05-06", values={"sensitive": False})
    desk.act(case, "F12", "give_opinion", "2022-05-12", columns=agreed())
    desk.act(case, "F13", "send_up", "2022-05-18 09:00")
    desk.act(case, "F21", "approve", "2022-05-18 10:00", values={"letter": LETTER})
    until(desk, "2022-06-23 08:01")
    post.post()
    boss, holder, copy = (flat(post.mails(p)[0].text) for p in ("F02", "F01", "F21"))
    for text in (boss, holder, copy):
        assert (
            "NẾU CHƯA XỬ LÝ - 08:00 thứ Bảy, 25/6/2022: nhắc tiếp đồng chí Lê Thị Thử, Giám đốc, Sở Ngoại vụ; Mai Giả Định"
            in text
        )
        assert "Quá hạn không thay cho quyết định." in text and "23:59:59 thứ Tư, 22/6/2022" in text
    assert (
        "Từ 23/6/2022 hồ sơ chờ đồng chí Bùi Minh Họa, Chuyên viên, Sở Ngoại vụ; Đỗ Quang Mẫu" in boss
        and "Kính đề nghị đồng chí đôn đốc xử lý." in boss
    )
    assert "Kính mời đồng chí hoàn thiện và gửi hồ sơ." in holder
    assert copy.startswith("Quá hạn – Bản sao để biết") and "http" not in copy and "đôn đốc" not in copy
    until(desk, "2022-07-22 08:01")
    post.post()
    assert "Không còn mức nhắc nào cao hơn" in flat(post.mails("F13")[0].text)


def test_a_lapse_that_is_ahead_is_named(post):
    post.desk.submitted()
    until(post.desk, "2022-05-12 08:01")
    post.post()
    text = flat(post.mails("F22")[0].text)
    assert "Nhắc lần 3" in text and "Kính đề nghị đồng chí đôn đốc xử lý." in text


def test_the_headline_and_the_text_name_the_same_day(post):
    """The case lapses at the midnight of its departure: the last day is the one before."""
    case = post.desk.submitted()
    post.desk.act(case, "F21", "forward", "2022-05-06", values={"sensitive": False})
    post.desk.act(case, "F12", "give_opinion", "2022-05-12", columns=agreed())
    until(post.desk, "2022-06-05 08:01")
    post.post()
    lapsing = [text for m in post.mails("F13") if "23:59:59" in (text := flat(m.text))]
    assert lapsing
    assert all("quá hạn 05/6/2022" in text and "23:59:59 Chủ nhật, 05/6/2022" in text for text in lapsing)


@pytest.mark.slow
def test_an_open_obligation_is_reminded(post):
    case = travelled(post.desk)
    until(post.desk, "2022-12-08 08:01")
    post.post()
    mail = next(m for m in post.mails("F24"))
    text = flat(mail.text)
    assert "Trao đổi đoàn nghệ thuật" in text and "Thời hạn: 15/12/2022" in text and case
    assert "quyết định trước" not in text


@pytest.mark.slow
def test_news_that_is_late_still_tells_what_happened_then(post):
    case = post.desk.submitted()
    post.desk.act(case, "F21", "forward", "2022-05-06", values={"sensitive": False})
    post.desk.act(case, "F12", "give_opinion", "2022-05-12", columns=agreed())
    post.desk.act(case, "F13", "reject", "2022-05-18", reason="Trùng mục đích")
    post.post()
    told = [flat(m.text) for m in post.mails("F08")]
    opinion = next(text for text in told if "Ban Tổ chức đã có ý kiến" in text)
    assert "«Trình Thường trực Thành ủy»" in opinion and "Không đồng ý" not in opinion
    final = next(text for text in told if "Không xem xét hoặc không đồng ý" in text)
    assert "Tạ Thị Thử (Thường trực Thành ủy): Không đồng ý" in final and "Lý do: Trùng mục đích" in final
    copied = flat(post.mails("F22")[0].text)
    assert "Lý do" not in copied and copied.startswith("Bản sao để biết")


@pytest.mark.slow
def test_who_has_to_upload_gets_no_decision_link_and_who_reviews_does(post):
    desk = post.desk
    case = desk.submitted()
    desk.act(case, "F21", "forward", "2022-05-06", values={"sensitive": False})
    desk.act(case, "F12", "give_opinion", "2022-05-12", columns=agreed())
    desk.act(case, "F13", "send_up", "2022-05-18 09:00")
    desk.act(case, "F21", "approve", "2022-05-18 10:00", values={"letter": LETTER})
    until(desk, "2022-06-20 08:30")
    desk.act(case, "F08", "hand_in", "2022-06-20 09:00", values=report())
    post.post()
    since = desk.clock.now - 86_400_000_000
    uploads = [m for p in ("F01", "F08") for m in post.mails(p) if m.at >= since]
    assert uploads and not any("/d/" in link for m in uploads for link in m.links)
    assert any("/d/" in link for m in post.mails("F21") if m.at >= since for link in m.links)


@pytest.mark.slow
def test_a_departure_on_hold_says_why(post):
    from engine.service.publishing import import_register

    desk = post.desk
    case = desk.submitted()
    desk.act(case, "F21", "forward", "2022-05-06", values={"sensitive": False})
    desk.act(case, "F12", "give_opinion", "2022-05-12", columns=agreed())
    desk.act(case, "F13", "send_up", "2022-05-18 09:00")
    desk.act(case, "F21", "approve", "2022-05-18 10:00", values={"letter": LETTER})
    closed = {"country": "LA", "status": "CLOSED", "as_of": "2022-06-01"}
    import_register(desk.engine, "clearances", [closed], "test")
    until(desk, "2022-06-06 00:01")
    post.post()
    mail = post.mails("F01")[0]
    text = flat(mail.text)
    assert mail.subject.endswith(": cần lưu ý") and "Chặn R-03: Lào đang đóng cửa vì dịch bệnh." in text
    assert "Hồ sơ chưa thể chuyển sang «Đang công tác», vẫn ở «Đã phê duyệt»" in text
