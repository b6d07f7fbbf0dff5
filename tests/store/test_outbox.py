"""Rows of the outbox under relays that die, sleep and race."""

from __future__ import annotations

import threading

import pytest

from engine.store import outbox, views
from engine.store.database import Database
from engine.store.outbox import LEASE, OutboxRow
from tests.store.conftest import Site
from tests.store.plans import NOW, opened


@pytest.fixture
def mails(site: Site) -> Site:
    notices = [
        {"notice": "N-1", "kind": "info", "to": ["F08", "F09"]},
        {"notice": "N-2", "kind": "task", "to": ["F21"], "urgent": True},
    ]
    site.writer.submit(opened(notices=notices)).result()
    return site


def claim(site: Site, now: int = NOW, node: str = "a", limit: int = 10) -> list[OutboxRow]:
    return list(site.writer.chore(lambda conn: outbox.claim(conn, now, node, limit)).result())


def do(site: Site, work) -> object:
    return site.writer.chore(work).result()


def rows(site: Site) -> dict[str, OutboxRow]:
    with views.reading(site.database) as conn:
        return {row.person: row for row in views.outbox_rows(conn)}


def test_urgent_mails_go_first_and_nobody_gets_a_row_twice(mails: Site):
    first = claim(mails, limit=1)
    assert [row.person for row in first] == ["F21"]
    assert {row.person for row in claim(mails, node="b")} == {"F08", "F09"}
    assert claim(mails) == []
    assert len(claim(mails, NOW + LEASE)) == 3, "leases end by themselves"


def test_send_then_mark_with_the_claim_that_sent(mails: Site):
    row = claim(mails)[0]
    assert do(mails, lambda c: outbox.renew(c, [row.id, "m_other"], row.claim, NOW + 1)) == [row.id]
    assert not do(mails, lambda c: outbox.mark_sent(c, row.id, "another claim", "<1@x>", NOW))
    assert do(mails, lambda c: outbox.mark_sent(c, row.id, row.claim, "<1@x>", NOW + 2))
    found = rows(mails)["F21"]
    assert (found.state, found.message_id, found.sent_at, found.attempts) == ("sent", "<1@x>", NOW + 2, 1)
    with views.reading(mails.database) as conn:
        assert outbox.first_message_id(conn, "c_1", "F21") == "<1@x>"
        assert outbox.first_message_id(conn, "c_1", "F08") == ""


def test_a_relay_that_slept_through_its_lease_can_do_nothing_more(mails: Site):
    old = {row.id: row for row in claim(mails)}
    new = claim(mails, NOW + LEASE, "b")
    for row in new:
        claim_of_old = old[row.id].claim
        assert do(mails, lambda c, r=row, k=claim_of_old: outbox.renew(c, [r.id], k, NOW + LEASE)) == []
        assert not do(mails, lambda c, r=row, k=claim_of_old: outbox.mark_sent(c, r.id, k, "<x>", NOW))
        assert not do(mails, lambda c, r=row, k=claim_of_old: outbox.mark_retry(c, r.id, k, NOW, "e", "data"))


def test_a_cancelled_row_is_not_sent_and_a_sent_one_says_so(mails: Site):
    row = claim(mails)[0]
    assert do(mails, lambda c: outbox.cancel(c, row.id, "the step is over"))
    assert do(mails, lambda c: outbox.renew(c, [row.id], row.claim, NOW)) == []
    assert do(mails, lambda c: outbox.mark_sent(c, row.id, row.claim, "<late@x>", NOW)), "it was in DATA already"
    assert rows(mails)["F21"].state == "sent"


def test_retry_release_and_park(mails: Site):
    one, two, three = claim(mails)
    assert do(mails, lambda c: outbox.mark_retry(c, one.id, one.claim, NOW + 60, "450 busy", "rcpt", "<m@x>"))
    assert do(mails, lambda c: outbox.mark_retry(c, two.id, two.claim, NOW + 9, "circuit", "", count=False))
    assert do(mails, lambda c: outbox.park(c, three.id, three.claim, "550 no such user", "rcpt"))
    found = {row.id: row for row in rows(mails).values()}
    assert (found[one.id].attempts, found[one.id].next_at, found[one.id].message_id) == (1, NOW + 60, "<m@x>")
    assert (found[two.id].attempts, found[two.id].next_at) == (0, NOW + 9)
    assert (found[three.id].state, found[three.id].error) == ("parked", "550 no such user")
    assert [row.id for row in claim(mails, NOW + 30)] == [two.id]
    assert do(mails, lambda c: outbox.unpark(c, three.id, NOW))
    with views.reading(mails.database) as conn:
        assert outbox.next_try(conn) == NOW
        assert outbox.oldest_unsent(conn) == NOW


def test_a_node_that_starts_frees_what_it_held(mails: Site):
    claim(mails, node="a", limit=2), claim(mails, node="b", limit=1)
    assert do(mails, lambda c: outbox.free(c, "a", NOW + 1)) == 2
    assert len(claim(mails, NOW + 1, "a")) == 2


def test_a_mail_is_asked_for_again(mails: Site):
    assert not do(mails, lambda c: outbox.again(c, "c_1", "F21", "g_c_1", NOW)), "one is waiting already"
    row = claim(mails)[0]
    do(mails, lambda c: outbox.mark_sent(c, row.id, row.claim, "<1@x>", NOW))
    assert do(mails, lambda c: outbox.again(c, "c_1", "F21", "g_new", NOW + 5))
    assert not do(mails, lambda c: outbox.again(c, "c_1", "F21", "g_new", NOW + 5))
    fresh = claim(mails, NOW + 5)
    assert [(r.notice, r.grant, r.person) for r in fresh] == [("N-2", "g_new", "F21")]
    do(mails, lambda c: outbox.mark_sent(c, fresh[0].id, fresh[0].claim, "<2@x>", NOW))
    assert do(mails, lambda c: outbox.again(c, "c_1", "F21", "g_new", NOW + 9))
    assert not do(mails, lambda c: outbox.again(c, "c_1", "F99", "g", NOW)), "there is no mail to repeat"


def test_two_relays_on_postgresql_pass_over_each_others_rows(postgres_url: str):
    site = Site(postgres_url)
    notices = [{"notice": f"N-{n}", "kind": "info", "to": ["F08"]} for n in range(40)]
    site.writer.submit(opened(notices=notices)).result()
    second = Database.open(postgres_url)
    taken: list[str] = []

    def work(database: Database, node: str) -> None:
        assert database.writer is not None
        while True:
            with database.writer.connect() as conn, conn.begin():
                found = outbox.claim(conn, NOW, node, 3)
            if not found:
                return
            taken.extend(row.id for row in found)

    first = Database.open(postgres_url)
    threads = [threading.Thread(target=work, args=pair) for pair in ((first, "a"), (second, "b"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == len(set(taken)) == 40
    for opened_one in (first, second, site):
        opened_one.close()
