"""A server that goes away in the middle: nothing acknowledged is lost, nothing is written twice."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.engine import make_url

from engine.store import views
from engine.store.database import Database
from engine.store.tables import events
from tests.store.conftest import Site
from tests.store.plans import noted, opened
from tests.support.proxy import Proxy


def test_everybody_connects_again(postgres_url: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("engine.store.reads.FRESH", 0.0)  # else a look in the first second may meet the dead connection
    site = Site(postgres_url)
    case = site.writer.submit(opened()).result().case
    kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    for number in range(3):
        other = Database.open(postgres_url)
        assert other.writer is not None
        with other.writer.begin() as conn:
            conn.execute(text(kill))
        other.close()
        case = site.writer.submit(noted(case, f"n{number}")).result(30).case
        site.writer.chore(lambda conn: conn.execute(text("SELECT 1"))).result(30)
        with views.reading(site.database) as conn:
            assert conn.execute(text("SELECT 1")).scalar() == 1
    assert case.seq == 4
    site.close()


def test_a_commit_whose_answer_is_lost_is_not_written_again(postgres_url: str):
    url = make_url(postgres_url)
    assert url.port is not None
    proxy = Proxy(url.port)
    site = Site(url.set(port=proxy.port).render_as_string(hide_password=False))
    case = site.writer.submit(opened()).result().case
    repeated = 0
    for number in range(40):
        proxy.cuts = number % 2
        done = site.writer.submit(noted(case, f"n{number}")).result(30)
        repeated += done.repeated
        case = done.case
    assert proxy.cut == 20
    assert repeated == 20, "after a lost answer the same command is answered with the event that stands"
    with views.reading(site.database) as conn:
        assert conn.execute(select(func.count()).select_from(events)).scalar() == 41
    site.close()
    proxy.close()


def test_two_nodes_never_fork_a_chain(postgres_url: str):
    from engine.store.writer import Stale

    sites = [Site(postgres_url), Site(postgres_url)]
    sites[0].writer.submit(opened()).result()

    def work(site: Site, name: str) -> None:
        done = 0
        while done < 60:
            with views.reading(site.database) as conn:
                case = views.case(conn, "c_1")
            assert case is not None
            try:
                site.writer.submit(noted(case, f"{name}.{done}")).result(30)
                done += 1
            except Stale:
                continue

    threads = [threading.Thread(target=work, args=pair) for pair in zip(sites, "ab", strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with views.reading(sites[0].database) as conn:
        case = views.case(conn, "c_1")
    assert case is not None
    assert case.seq == 121
    for site in sites:
        site.close()


def test_a_full_disk_refuses_and_loses_nothing(sqlite_url: str, monkeypatch: pytest.MonkeyPatch):
    """`max_page_count` makes SQLite answer as on a full disk."""
    site = Site(sqlite_url)
    case = site.writer.submit(opened()).result().case

    def limit(conn):
        pages = conn.exec_driver_sql("PRAGMA page_count").scalar()
        conn.exec_driver_sql(f"PRAGMA max_page_count = {pages + 2}")

    site.writer.chore(limit).result()
    with pytest.raises(Exception, match="full"):
        for number in range(500):
            case = site.writer.submit(noted(case, f"n{number}", filler="x" * 3000)).result().case
    site.writer.chore(lambda conn: conn.exec_driver_sql("PRAGMA max_page_count = 1000000")).result()
    after = site.writer.submit(noted(case, "after")).result().case
    assert after.seq == case.seq + 1
    with views.reading(site.database) as conn:
        assert conn.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
    site.close()


@pytest.mark.slow
def test_the_log_is_checkpointed_by_the_writer_and_gone_at_the_end(sqlite_url: str, tmp_path: Path):
    site = Site(sqlite_url)
    case = site.writer.submit(opened()).result().case
    for number in range(450):
        case = site.writer.submit(noted(case, f"n{number}")).result().case
    wal = tmp_path / "trinh.db-wal"
    assert 0 < wal.stat().st_size < 9_000_000, "the log is used again after a checkpoint"
    site.close()
    assert not wal.exists() or wal.stat().st_size == 0
