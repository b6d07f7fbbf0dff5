"""Files that were handed in: `trinh verify` holds their rows and bytes against the hash the event committed to."""

from __future__ import annotations

import shutil

import pytest

from engine.audit.verify import verify
from engine.store import files
from engine.store.files import FileStore
from tests.support.delegation import Desk


@pytest.fixture
def desk(site, open_site, tmp_path):
    """A copy of the walked site with a copy of its files, free to be spoiled."""
    found: Desk = open_site(site)
    shutil.copytree(found.engine.files.root, tmp_path / "files")
    found.engine.files = FileStore(tmp_path / "files")
    yield found
    found.close()


def told(desk: Desk) -> list[tuple[str, int]]:
    return sorted({(f.check, f.seq) for f in verify(desk.engine).findings})


def recorded(desk: Desk, number: int = 0) -> tuple[str, str, list[int]]:
    """Id and hash of an upload that an event brought in, and the events that name it."""
    with desk.engine.snapshot() as snap:
        case = snap.conn.exec_driver_sql("SELECT id FROM cases WHERE id <> '_log'").scalar()
        named = [
            (body["seq"], item["id"], values["files"][item["id"]])
            for body, values in snap.history(case)
            for item in body.get("files", ())
        ]
    chosen = sorted({(one, sha256) for _, one, sha256 in named})[number]
    return *chosen, [seq for seq, one, _ in named if one == chosen[0]]


def spoil(desk: Desk, statement: str, *values: str) -> None:
    mark = "?" if desk.engine.database.kind == "sqlite" else "%s"
    assert desk.engine.database.writer is not None
    with desk.engine.database.writer.begin() as conn:
        conn.exec_driver_sql(statement.replace("?", mark), values)


def test_untouched_files_are_clean(desk):
    assert recorded(desk)[2]
    assert told(desk) == []


@pytest.mark.parametrize("number", [0, 1], ids=["invitation", "report"])
def test_bytes_that_are_gone_or_changed_are_told(desk, number):
    _, sha256, seqs = recorded(desk, number)
    place = desk.engine.files.path(sha256)
    place.write_bytes(place.read_bytes() + b" ")
    assert told(desk) == [("document-hash", seq) for seq in seqs]
    place.unlink()
    assert told(desk) == [("document-missing", seq) for seq in seqs]


def test_a_row_led_to_other_bytes_is_told(desk):
    """Both files are whole; only the event knows which of them was handed in."""
    file_id, sha256, seqs = recorded(desk)
    with desk.engine.snapshot() as snap:
        row = files.row(snap.conn, file_id)
    assert row is not None
    other = desk.engine.files.keep(b"%PDF-1.4 " + b"x" * (row.size - 9))
    assert (other.size, other.media_type) == (row.size, row.media_type)
    assert other.sha256 != sha256
    spoil(desk, "UPDATE files SET sha256 = ? WHERE id = ?", other.sha256, file_id)
    assert told(desk) == [("document-hash", seq) for seq in seqs]


def test_a_row_that_is_gone_is_told(desk):
    file_id, _, seqs = recorded(desk)
    spoil(desk, "DELETE FROM files WHERE id = ?", file_id)
    assert told(desk) == [("document-missing", seq) for seq in seqs]


def test_a_site_without_its_folder_of_files_still_holds_the_rows_against_the_events(desk):
    file_id, _, seqs = recorded(desk)
    desk.engine.files = None
    assert told(desk) == []
    spoil(desk, "UPDATE files SET size = size + 1 WHERE id = ?", file_id)
    assert told(desk) == [("document-hash", seq) for seq in seqs]
