"""The demo's post: private folders, whole mails, nobody's box but the recipient's."""

from __future__ import annotations

import asyncio
import os
import stat
from email.message import EmailMessage

import pytest

from engine.mail import maildir
from engine.mail.maildir import Maildir
from engine.mail.transport import NotSent


def deliver(box: Maildir, to: str, content: bytes) -> None:
    async def run() -> None:
        await box.open()
        await box.mail("trinh@example.vn")
        await box.rcpt(to)
        await box.data(content)

    asyncio.run(run())


def mail(number: int) -> bytes:
    return (
        f"From: trinh@example.vn\r\nTo: a@example.vn\r\nSubject: =?utf-8?q?Th=E1=BB=AD_{number}?=\r\n"
        f"Date: Tue, 16 Aug 2022 08:00:00 +0700\r\nMessage-ID: <m_{number}@example.vn>\r\n"
        f"Content-Type: text/plain; charset=utf-8\r\n\r\nhttp://x.example/d/{number}\r\n"
    ).encode()


def test_mails_are_listed_newest_first_and_found_by_id(tmp_path):
    box = Maildir(tmp_path / "maildir")
    assert box.list("a@example.vn") == [] and box.boxes() == []
    for number in range(12):
        deliver(box, "a@example.vn" if number % 2 else "A@Example.VN", mail(number))
    listed = box.list("a@example.vn")
    assert [m.subject for m in listed] == [f"Thử {n}" for n in range(11, -1, -1)]
    assert listed[0].links == ("http://x.example/d/11",) and listed[0].at == 1660611600000000
    assert box.read(listed[3].id) == listed[3] and box.raw(listed[0].id) == mail(11)
    assert box.boxes() == ["a@example.vn"]


def test_only_the_owner_may_read(tmp_path):
    box = Maildir(tmp_path / "maildir")
    os.umask(0)
    deliver(box, "a@example.vn", mail(1))
    for path in [box.root, *box.root.rglob("*")]:
        allowed = 0o700 if path.is_dir() else 0o600
        assert stat.S_IMODE(path.stat().st_mode) == allowed, path


@pytest.mark.parametrize(
    "name", ["../x", "", "x", "00000000000000000001.../../x", "%2e%2e", "00000000000000000009.m_9"]
)
def test_other_ids_find_nothing(tmp_path, name):
    box = Maildir(tmp_path / "maildir")
    deliver(box, "a@example.vn", mail(1))
    with pytest.raises(LookupError):
        box.read(name)


@pytest.mark.parametrize(
    "to", ["../../etc/x@example.vn", "..", ".", "/etc", "a/b@example.vn", "x" * 300 + "@example.vn"]
)
def test_an_address_stays_inside_the_folder(tmp_path, to):
    box = Maildir(tmp_path / "a" / "maildir")
    try:
        deliver(box, to, mail(1))
    except NotSent as error:
        assert error.kind == "bad address"
    assert list(tmp_path.iterdir()) == [tmp_path / "a"] and not list((tmp_path / "a").glob("[!m]*"))
    assert all(box.root in p.parents for p in tmp_path.rglob("*m_1"))


def test_a_link_lies_in_its_recipients_box_only(post):
    post.desk.submitted()
    post.post()
    (token,) = [link.rpartition("/")[2] for m in post.mails("F21") for link in m.links]
    for path in post.maildir.root.rglob("*"):
        if path.is_file() and "f21@" not in str(path):
            assert token.encode() not in path.read_bytes()


def test_a_full_disk_is_tried_again(tmp_path):
    box = Maildir(tmp_path / "file")
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(NotSent) as caught:
        deliver(box, "a@example.vn", mail(1))
    assert caught.value.kind == "transient"


def test_a_list_opens_each_mail_once_and_only_its_beginning(tmp_path, monkeypatch):
    box = Maildir(tmp_path / "maildir")
    for number in range(6):
        deliver(box, "a@example.vn" if number % 2 else "b@example.vn", mail(number) + b"\r\n" * 50_000)
    names = box.names()
    assert list(names) == ["a@example.vn", "b@example.vn"]  # whose newest mail came last stands first
    assert [len(listed) for listed in names.values()] == [3, 3]
    whole = box.list("a@example.vn")
    lines = [box.line("a@example.vn", name) for name in names["a@example.vn"]]
    assert [(m.id, m.at, m.subject, m.links) for m in whole] == [(n.id, n.at, n.subject, n.links) for n in lines]
    opened: list[object] = []
    monkeypatch.setattr(maildir, "_line", lambda *given: opened.append(given))
    assert [box.line("a@example.vn", name) for name in names["a@example.vn"]] == lines and not opened
    monkeypatch.undo()
    with pytest.raises(LookupError):
        Maildir(tmp_path / "elsewhere").line("a@example.vn", names["a@example.vn"][0])


def test_a_list_sees_the_link_before_a_heavy_attachment(tmp_path):
    box, made = Maildir(tmp_path / "maildir"), EmailMessage()
    made["From"], made["To"], made["Subject"] = "trinh@example.vn", "a@example.vn", "Đã phê duyệt"
    made["Date"], made["Message-ID"] = "Tue, 16 Aug 2022 08:00:00 +0700", "<heavy@example.vn>"
    made.set_content("Kính gửi\nhttp://x.example/d/heavy\n", cte="base64")
    made.add_alternative("<p>Kính gửi</p>", subtype="html")
    made.add_attachment(b"x" * 400_000, maintype="application", subtype="pdf", filename="D-07.pdf")
    deliver(box, "a@example.vn", made.as_bytes())
    line = box.line("a@example.vn", box.names()["a@example.vn"][0])
    assert (line.subject, line.links) == ("Đã phê duyệt", ("http://x.example/d/heavy",))
