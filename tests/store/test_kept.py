"""Small tables: files, sessions, drafts, refusals, templates, heartbeats, visits, numbers."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from engine.core.directory import Body, Directory, Person, Seat
from engine.store import (
    drafts,
    files,
    heartbeats,
    numbers,
    people,
    refusals,
    sessions,
    templates,
    views,
    visits,
)
from engine.store.files import FileStore, media_type
from tests.store.conftest import Site
from tests.store.plans import NOW

DAY = 86_400_000_000


def do(site: Site, work):
    return site.writer.chore(work).result()


def test_files_are_kept_once_under_their_hash(site: Site, tmp_path: Path):
    store = FileStore(tmp_path / "files")
    kept = store.keep(b"%PDF-1.4 x")
    assert store.keep(b"%PDF-1.4 x") == kept
    assert (kept.size, kept.media_type) == (10, "application/pdf")
    assert store.read(kept.sha256) == store.fetch(kept.sha256) == b"%PDF-1.4 x"
    assert store.fetch("0" * 64) is None
    assert len(list((tmp_path / "files").rglob("*.*"))) == 0, "no half-written file stays"
    row = do(site, lambda conn: store.record(conn, "f_1", "c_1", "F08", "Thư mời.pdf", kept, NOW))
    with views.reading(site.database) as conn:
        assert files.row(conn, "f_1") == row
        assert files.of_case(conn, "c_1") == [row]
        assert files.row(conn, "f_2") is None
    store.path(kept.sha256).write_bytes(b"something else")
    with pytest.raises(ValueError, match="does not hold the bytes that were kept"):
        store.read(kept.sha256)
    assert stat.S_IMODE(store.path(kept.sha256).parent.stat().st_mode) == 0o700


def test_media_types_come_from_the_bytes():
    assert media_type(b"\x89PNG\r\n\x1a\n...") == "image/png"
    assert media_type(b"<html>") == "application/octet-stream"
    assert media_type(b"PK\x03\x04....word/document.xml").endswith("wordprocessingml.document")


def test_sign_in_secrets_work_once_and_sessions_end(site: Site):
    key, other = b"1" * 32, b"2" * 32
    do(site, lambda c: sessions.offer(c, key, "F08", NOW + 10, NOW))
    do(site, lambda c: sessions.offer(c, other, "F08", NOW + 10, NOW))
    with views.reading(site.database) as conn:
        assert sessions.peek(conn, key, NOW + 9) == "F08"
        assert sessions.peek(conn, key, NOW + 10) is None
    assert do(site, lambda c: sessions.take(c, key, NOW)) == "F08"
    assert do(site, lambda c: sessions.take(c, key, NOW)) is None
    assert do(site, lambda c: sessions.take(c, other, NOW)) is None, "the other links of the person are dead"
    do(site, lambda c: sessions.create(c, key, "F08", "mail", NOW, NOW + 100))
    with views.reading(site.database) as conn:
        found = sessions.find(conn, key, NOW + 9, 10)
        assert found is not None
        assert (found.person, found.auth, found.seen) == ("F08", "mail", NOW)
        assert sessions.find(conn, key, NOW + 10, 10) is None, "idle"
        assert sessions.find(conn, key, NOW + 100, 1000) is None, "over"
        assert sessions.peek(conn, key, NOW) is None, "a session is no sign-in link"
    do(site, lambda c: sessions.touch(c, key, NOW + 50))
    with views.reading(site.database) as conn:
        assert sessions.find(conn, key, NOW + 52, 10) is not None
    assert do(site, lambda c: sessions.revoke(c, key))
    do(site, lambda c: sessions.create(c, key, "F08", "mail", NOW, NOW + 100))
    do(site, lambda c: sessions.create(c, other, "F09", "mail", NOW + 100, NOW + 200))
    assert do(site, lambda c: sessions.expire(c, NOW + 100)) == 0, "the next sign-in removed what was over"


def test_the_second_save_of_a_draft_is_told(site: Site):
    def save(version: int, title: str):
        return do(site, lambda c: drafts.save(c, "c_1", "F08", {"title": title}, {}, version, NOW))

    assert save(0, "a") == 1
    assert save(0, "b") is None
    assert save(1, "Đoàn") == 2
    with views.reading(site.database) as conn:
        row = drafts.read(conn, "c_1", "F08")
        assert row is not None
        assert (row.values, row.version, row.at) == ({"title": "Đoàn"}, 2, NOW)
        assert drafts.read(conn, "c_1", "F09") is None
    do(site, lambda c: drafts.drop(c, "c_1", "F08"))
    assert save(0, "anew") == 1


def test_refusals_are_told_once_and_not_without_end(site: Site):
    def refuse(code: str, at: int = NOW) -> bool:
        return bool(do(site, lambda c: refusals.record(c, "c_1", "F08", "grant.g", at, [{"code": code}])))

    assert refuse("too_late")
    assert not refuse("too_late", NOW + 1)
    assert sum(refuse(f"code {n}") for n in range(30)) == refusals.MOST - 1
    assert refuse("tomorrow", NOW + DAY)
    with views.reading(site.database) as conn:
        listed = refusals.of_case(conn, "c_1")
    assert len(listed) == refusals.MOST + 1
    assert (listed[-1].person, listed[-1].blockers) == ("F08", [{"code": "tomorrow"}])


def test_templates_numbers_beats_and_visits(site: Site):
    do(site, lambda c: templates.keep(c, {"a": b"1", "b": b"2"}))
    do(site, lambda c: templates.keep(c, {"a": b"other"}))
    do(site, lambda c: heartbeats.beat(c, "n1", NOW))
    do(site, lambda c: heartbeats.beat(c, "n1", NOW + 1))
    do(site, lambda c: visits.record(c, b"1" * 32, NOW, "browser"))
    do(site, lambda c: visits.record(c, b"1" * 32, NOW, "scanner"))
    assert do(site, lambda c: numbers.start(c, "S/2022", 41))
    assert not do(site, lambda c: numbers.start(c, "S/2022", 40))
    with views.reading(site.database) as conn:
        assert (templates.read(conn, "a"), templates.read(conn, "c")) == (b"1", None)
        assert (heartbeats.last(conn), heartbeats.nodes(conn)) == (NOW + 1, [("n1", NOW + 1)])
        assert visits.of_link(conn, b"1" * 32) == [(NOW, "scanner")]
        assert numbers.current(conn) == {"S/2022": 41}
    assert do(site, lambda c: visits.forget(c, NOW + 1)) == 1


def test_a_directory_comes_back_as_it_went_in():
    made = Directory(
        bodies={"b": Body("b", vi="Sở", en="Dept", flags=("x",))},
        people={"p": Person("p", "Tên", "p@x.vn", roles=("admin",), active=False)},
        seats=(Seat("b", "decide", "p", "phó", "b.decide"),),
        lists={"all": ("b",)},
        version=7,
    )
    assert people.decode(people.encode(made), 7) == made
    assert "p@x.vn" not in str(people.public(made))
