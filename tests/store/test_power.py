"""kill -9 in the middle of writing, again and again: what was acknowledged stands, chains are whole, nothing is there twice."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from engine.core.case import encode
from engine.core.evolve import replay
from engine.store import ledger, numbers, views
from engine.store.database import Database
from tests.store.conftest import Site

PROGRAM = """
import os, sys, threading
from tests.store.conftest import Site
from tests.store.plans import noted, opened, order, step
from engine.store import views

site, life = Site(sys.argv[1]), sys.argv[2]
if len(sys.argv) > 3:  # hostile: checkpoint after every commit while others read
    import engine.store.checkpoints
    engine.store.checkpoints.PAGES = 1
paper = [{"id": "D", "series": "S/2022"}]

def work(name):
    case_id = f"c_{name}"
    with views.reading(site.database) as conn:
        case = views.case(conn, case_id)
    if case is None:
        case = site.writer.submit(opened(case_id, f"open.{name}")).result().case
    for number in range(100000):
        command = f"{life}.{number}"
        mail = [{"notice": "N-1", "kind": "info", "to": ["F08"]}]
        done = site.writer.submit(step(case, command, documents=paper, numbers=(order(),), notices=mail)).result()
        case = done.case
        os.write(1, f"{case_id} {done.seq} {done.hash.hex()}\\n".encode())  # one line, one write

for name in "abcd":
    threading.Thread(target=work, args=(name,), daemon=True).start()
threading.Event().wait()
"""


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_nothing_acknowledged_is_lost_to_kill_9(database_url: str, tmp_path: Path):
    chance = random.Random(7)
    acknowledged: dict[tuple[str, int], str] = {}
    for life in range(12):
        output = tmp_path / f"acks.{life}"
        with output.open("wb") as file:
            child = subprocess.Popen([sys.executable, "-c", PROGRAM, database_url, str(life)], stdout=file)
        deadline = time.monotonic() + 30
        while output.stat().st_size < 200 and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(chance.random() * 0.25)
        with contextlib.suppress(ProcessLookupError):
            os.kill(child.pid, signal.SIGKILL)
        child.wait()
        for line in output.read_text("ascii", "ignore").splitlines():
            case_id, seq, hash_ = line.split(" ")
            acknowledged[case_id, int(seq)] = hash_
    assert len(acknowledged) > 100
    check(database_url, acknowledged)


READER = """
import sys
from engine.store.database import Database
from engine.store import views
database = Database.open(sys.argv[1], writes=False)
while True:
    with views.reading(database) as conn:
        conn.exec_driver_sql("SELECT count(*), sum(length(body)) FROM events").fetchone()
        views.cases(conn, text="x")
"""


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_checkpoints_by_the_writer_alone_corrupt_nothing(sqlite_url: str):
    """The WAL-reset bug of SQLite before 3.51.3 needs two connections that checkpoint or write; ours has one
    (reliability.md 3.4). Hostile: a checkpoint after every commit, two readers, kill -9. HOSTILE_SECONDS=60 for the whole."""
    Site(sqlite_url).close()
    readers = [subprocess.Popen([sys.executable, "-c", READER, sqlite_url]) for _ in range(2)]
    end = time.monotonic() + float(os.environ.get("HOSTILE_SECONDS", "8"))
    life = 0
    while time.monotonic() < end:
        life += 1
        child = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, sqlite_url, str(life), "hostile"], stdout=subprocess.PIPE
        )
        assert child.stdout is not None
        drain = threading.Thread(target=child.stdout.read)
        assert child.stdout.readline()
        drain.start()
        time.sleep(1.5)
        child.kill()
        child.wait()
        drain.join()
    for reader in readers:
        assert reader.poll() is None, "a reader met an error"
        reader.kill()
        reader.wait()
    check(sqlite_url, {})


def check(url: str, acknowledged: dict[tuple[str, int], str]) -> None:
    database = Database.open(url)
    with views.reading(database) as conn:
        stored: dict[tuple[str, int], str] = {}
        for case_id in ledger.cases_of_log(conn):
            rows = ledger.raw(conn, case_id)
            assert [row.seq for row in rows] == list(range(1, len(rows) + 1))
            assert [r.parsed()["prev"] for r in rows] == ["0" * 64, *(r.hash.hex() for r in rows)][:-1]
            case = views.case(conn, case_id)
            assert case is not None
            assert encode(replay(ledger.history(conn, case_id))) == encode(case)
            stored |= {(case_id, row.seq): row.hash.hex() for row in rows}
            papers = list(views.documents(conn, case_id))
            assert len(papers) == len(rows) - 1
            assert len(views.outbox_rows(conn, case_id=case_id, limit=100_000)) == len(rows) - 1
        missing = {place for place, hash_ in acknowledged.items() if stored.get(place) != hash_}
        assert not missing
        given = {row.number for case_id in ("c_a", "c_b", "c_c", "c_d") for row in views.documents(conn, case_id)}
        assert len(given) == numbers.current(conn)["S/2022"], "numbers without gaps"
        if database.kind == "sqlite":
            assert conn.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
    database.close()
