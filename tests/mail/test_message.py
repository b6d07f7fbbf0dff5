"""A mail on the wire: Vietnamese subjects come back whole, headers are the agreed ones, nothing can be smuggled in."""

from __future__ import annotations

import random
import re
from datetime import datetime, timedelta, timezone
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.mail.message import (
    POLICY,
    Attached,
    BadMessage,
    Heading,
    Mailbox,
    Parts,
    bounce_address,
    build,
    message_id,
    one_line,
    raw,
)

HANOI = timezone(timedelta(hours=7))
LINK = "https://trinh.hanoi.example/d/k7w2q5m3x6a4t7n2c5p3y6h4r7d2f5bz"
SYLLABLES = [
    "Nguyễn",
    "Trần",
    "Lê",
    "Phạm",
    "Hoàng",
    "Huỳnh",
    "Phan",
    "Vũ",
    "Võ",
    "Đặng",
    "Bùi",
    "Đỗ",
    "Hồ",
    "Ngô",
    "Dương",
    "Lý",
    "thành",
    "phố",
    "Hà",
    "Nội",
    "xúc",
    "tiến",
    "du",
    "lịch",
    "đoàn",
    "đại",
    "biểu",
    "cấp",
    "cao",
    "thăm",
    "làm",
    "việc",
    "tại",
    "Viêng",
    "Chăn",
    "Phnôm",
    "Pênh",
    "Seoul",
    "Hàn",
    "Quốc",
    "Nhật",
    "Bản",
    "hợp",
    "tác",
    "hữu",
    "nghị",
    "quyết",
    "định",
    "phê",
    "duyệt",
    "trước",
    "ngày",
    "tháng",
    "năm",
    "2022",
    "12–16/3",
    "(đợt",
    "2)",
    "&",
    "«khẩn»",
    "ưu",
    "tiên",
    "kỷ",
    "niệm",
    "30",
    "năm",
    "ngữ",
    "ệ",
    "ự",
    "ẵ",
    "Ồ",
    "Ỹ",
    "đường",
    "ơi",
    "à",
    "á",
    "ả",
    "ã",
    "ạ",
    "work",
    "plan",
    "visit",
]


def heading(**changes: object) -> Heading:
    values: dict[str, object] = {
        "sender": Mailbox("trinh@hanoi.example", "Trình, thành phố Hà Nội"),
        "to": Mailbox("f01@example.vn", "Đỗ Quang Mẫu"),
        "message_id": message_id("m_abc", "hanoi.example"),
        "at": datetime(2022, 8, 16, 8, 0, tzinfo=HANOI),
        "case": "DR-2022-0012",
        "reply_to": Mailbox("vp@hanoi.example"),
    }
    return Heading(**{**values, **changes})  # type: ignore[arg-type]


def sent(
    subject: str = "[DR-2022-0012] Đoàn Seoul: mời xử lý", attached: Attached | None = None, **changes: object
) -> bytes:
    text = f"Kính gửi đồng chí\n\n{LINK}\n\n-- \nTrình\n"
    return raw(
        build(Parts(subject, text, f'<p lang="vi">Kính gửi <a href="{LINK}">mở</a></p>'), heading(**changes), attached)
    )


def words_of(wire: bytes, name: str) -> str:
    """The header by hand: unfold, join neighbouring encoded words, decode. Not the library's own reading."""
    import base64
    import quopri

    head = wire.split(b"\r\n\r\n")[0].decode("ascii")
    line = re.search(rf"(?:^|\r\n){name}: ([^\r]*(?:\r\n[ \t][^\r]*)*)", head)
    assert line
    flat = line.group(1).replace("\r\n", "")
    flat = re.sub(r"(=\?[^?]+\?[bBqQ]\?[^?]*\?=)\s+(?==\?)", r"\1", flat)

    def decoded(match: re.Match[str]) -> str:
        data = match.group(2)
        if match.group(1).lower() == "b":
            return base64.b64decode(data).decode("utf-8")
        return quopri.decodestring(data.replace("_", " ").encode()).decode("utf-8")

    return re.sub(r"=\?utf-8\?([bBqQ])\?([^?]*)\?=", decoded, flat)


def subjects(count: int, seed: int) -> list[str]:
    chance = random.Random(seed)
    found = []
    for _ in range(count):
        body = " ".join(chance.choices(SYLLABLES, k=chance.randint(1, 28)))
        mark = f"[DR-2022-{chance.randint(1, 9999):04d}]"
        found.append(one_line(chance.choice((f"{mark} {body}", f"{body} {mark} {body[:20]}", f"{body} {mark}", body))))
    return found


def check(listed: list[str]) -> None:
    for subject in listed:
        wire = sent(subject)
        assert words_of(wire, "Subject") == subject
        assert str(make_header(decode_header(message_from_bytes(wire)["Subject"]))) == subject
        assert all(len(line) <= 76 for line in wire.split(b"\r\n\r\n")[0].split(b"\r\n")), subject


def test_vietnamese_subjects_come_back_whole():
    check(subjects(250, seed=1))


@pytest.mark.slow
def test_fifteen_thousand_vietnamese_subjects_come_back_whole():
    for subject in subjects(15_000, seed=2):
        message = EmailMessage(policy=POLICY)
        message["Subject"] = subject
        wire = raw(message)
        assert words_of(wire, "Subject") == subject
        assert all(len(line) <= 76 for line in wire.split(b"\r\n"))


@given(st.text(alphabet=st.characters(exclude_categories=("Cs", "Co", "Cn")), max_size=120))
def test_any_text_is_a_subject_once_it_is_one_line(text):
    subject = one_line(text)
    if subject:
        assert words_of(sent(f"x {subject}"), "Subject") == f"x {subject}"


@given(st.text(alphabet="ạêĐ .,;:<>@\"'()[]\\aZ9-–", min_size=1, max_size=90))
def test_a_name_never_becomes_a_second_recipient(name):
    wire = sent(to=Mailbox("f01@example.vn", one_line(name)))
    message = message_from_bytes(wire)
    from email.utils import getaddresses

    assert [address for _, address in getaddresses([message["To"]])] == ["f01@example.vn"]
    assert words_of(wire, "To").rstrip().endswith("f01@example.vn>") or words_of(wire, "To").strip() == "f01@example.vn"


def test_the_headers_are_the_agreed_ones():
    wire = sent(first="<m_first@hanoi.example>")
    head = wire.split(b"\r\n\r\n")[0].decode("ascii").split("\r\n")
    assert head == [
        "From: =?utf-8?b?VHLDrG5oLCB0aMOgbmggcGjhu5EgSMOgIE7hu5lp?=",
        " <trinh@hanoi.example>",
        "To: =?utf-8?b?xJDhu5cgUXVhbmcgTeG6q3U=?= <f01@example.vn>",
        "Subject: =?utf-8?b?W0RSLTIwMjItMDAxMl0gxJBvw6BuIFNlb3VsOiBt4budaSB44but?=",
        " =?utf-8?b?IGzDvQ==?=",
        "Date: Tue, 16 Aug 2022 08:00:00 +0700",
        "Message-ID: <m_abc@hanoi.example>",
        "In-Reply-To: <m_first@hanoi.example>",
        "References: <m_first@hanoi.example>",
        "Reply-To: vp@hanoi.example",
        "Auto-Submitted: auto-generated",
        "X-Auto-Response-Suppress: All",
        "X-Trinh-Case: DR-2022-0012",
        "MIME-Version: 1.0",
        head[-2],
        head[-1],
    ]
    assert head[-2] == "Content-Type: multipart/alternative;"
    message = message_from_bytes(wire)
    assert message["Cc"] is None and message["Bcc"] is None and message["List-Unsubscribe"] is None


def test_the_first_mail_answers_to_nothing():
    message = message_from_bytes(sent(first=message_id("m_abc", "hanoi.example")))
    assert message["In-Reply-To"] is None and message["References"] is None


def test_text_comes_first_and_the_link_is_not_broken_by_the_encoding():
    wire = sent()
    parts: Any = message_from_bytes(wire).get_payload()
    assert [part.get_content_type() for part in parts] == ["text/plain", "text/html"]
    assert all(part["Content-Transfer-Encoding"] == "quoted-printable" for part in parts)
    assert b"\r\n" + LINK.encode() + b"\r\n" in wire
    assert wire.isascii()


def test_a_pdf_goes_along_under_an_ascii_name():
    message = message_from_bytes(sent(attached=Attached("D-07-DR-2022-0012.pdf", b"%PDF-1.7 x")))
    assert message.get_content_type() == "multipart/mixed"
    payload: Any = message.get_payload()
    alternative, pdf = payload
    assert alternative.get_content_type() == "multipart/alternative"
    assert pdf.get_filename() == "D-07-DR-2022-0012.pdf" and pdf.get_payload(decode=True) == b"%PDF-1.7 x"


@pytest.mark.parametrize("name", ["Quyết định.pdf", "../x.pdf", "a b.pdf", "", ".pdf"])
def test_other_file_names_are_refused(name):
    with pytest.raises(BadMessage, match="file name"):
        sent(attached=Attached(name, b"%PDF"))


@pytest.mark.parametrize("bad", ["a\r\nBcc: x@y.vn", "a\nb", "a\rb", "a\x00b", "a\u2028b", "a\x85b"])
def test_a_line_end_in_a_header_is_refused(bad):
    with pytest.raises(BadMessage, match="control character"):
        sent(subject=bad)
    with pytest.raises(BadMessage, match="control character"):
        sent(to=Mailbox("f01@example.vn", bad))
    with pytest.raises(BadMessage, match="control character"):
        sent(case=bad)


@pytest.mark.parametrize(
    "bad", ["", "tuyết@example.vn", "a@b@c", "a b@example.vn", "<a@example.vn>", "a@example.vn\r\nRCPT", "a@", "@b"]
)
def test_other_addresses_are_refused(bad):
    with pytest.raises(BadMessage, match="address"):
        sent(to=Mailbox(bad, "A"))


def test_text_is_sent_in_composed_form():
    decomposed = "Đoàn Việt"
    assert words_of(sent(subject=decomposed), "Subject") == "Đoàn Việt"


def test_too_large_a_page_is_refused():
    with pytest.raises(BadMessage, match="bytes"):
        build(Parts("x", "x", "x" * 60_000), heading())


def test_a_bounce_address_finds_its_row_and_nobody_else_can_make_it():
    made = bounce_address("m_abcdefghijklmnopqrstuvwx", "bounce.example.vn", b"k" * 32)
    assert re.fullmatch(r"bounce\+m_abcdefghijklmnopqrstuvwx\.[a-z2-7]{10}@bounce\.example\.vn", made)
    assert len(made.partition("@")[0]) <= 64
    assert made != bounce_address("m_abcdefghijklmnopqrstuvwx", "bounce.example.vn", b"l" * 32)
