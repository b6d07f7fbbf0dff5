"""What the writer promises: nothing lost, nothing twice, nothing half (reliability.md 4, I0)."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from typing import Any

import pytest
from sqlalchemy import func, select, text

from engine.core.case import Case, encode
from engine.core.evolve import replay
from engine.store import ledger, numbers, registers, views
from engine.store.tables import events, outbox
from engine.store.writer import Busy, CommandClash, Committed, Spent, Stale
from tests.store.conftest import Site
from tests.store.plans import NOW, look, noted, opened, order, spend, step


def opened_case(site: Site, case: str = "c_1") -> Case:
    return site.writer.submit(opened(case, f"open.{case}")).result().case


def together(site: Site, plans: list[Any]) -> list[Future[Committed]]:
    """All of them in one transaction: they queue behind a chore that holds the writer's thread."""
    held, go = threading.Event(), threading.Event()

    def hold(conn: Any) -> None:
        held.set()
        go.wait(10)

    site.writer.chore(hold)
    held.wait(10)
    futures = [site.writer.submit(plan) for plan in plans]
    go.set()
    for future in futures:
        future.exception(10)
    return futures


def whole(site: Site) -> None:
    """I0: chains without gaps or breaks, rows equal to what their events fold to."""
    with views.reading(site.database) as conn:
        for case_id in ledger.cases_of_log(conn):
            rows = ledger.raw(conn, case_id)
            assert [row.seq for row in rows] == list(range(1, len(rows) + 1))
            heads = ["0" * 64, *(row.hash.hex() for row in rows)]
            assert [row.parsed()["prev"] for row in rows] == heads[:-1]
            case = views.case(conn, case_id)
            assert case is not None
            assert encode(replay(ledger.history(conn, case_id))) == encode(case)


def test_no_update_is_lost_between_two_threads(site: Site):
    opened_case(site)
    done: list[int] = []

    def work(name: str) -> None:
        for number in range(200):
            while True:
                with views.reading(site.database) as conn:
                    case = views.case(conn, "c_1")
                assert case is not None
                try:
                    done.append(site.writer.submit(noted(case, f"{name}.{number}")).result().seq)
                    break
                except Stale:
                    continue

    threads = [threading.Thread(target=work, args=(name,)) for name in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == list(range(2, 402))
    whole(site)


def test_the_same_command_again_gives_the_same_event(site: Site):
    case = opened_case(site)
    first = site.writer.submit(step(case)).result()
    second = site.writer.submit(step(case)).result()
    assert (first.repeated, second.repeated) == (False, True)
    assert (second.seq, second.hash, second.rec) == (first.seq, first.hash, first.rec)
    with pytest.raises(CommandClash):
        site.writer.submit(step(case, digest="another answer")).result()
    twice = together(site, [step(first.case, "c", "c"), step(first.case, "c", "c"), step(first.case, "c", "d")])
    assert [future.result().repeated for future in twice[:2]] == [False, True]
    assert isinstance(twice[2].exception(), CommandClash)
    assert together(site, [opened("c_9", "o"), opened("c_9", "o")])[1].result().repeated
    whole(site)


def test_of_two_plans_for_one_case_in_one_transaction_the_second_is_stale(site: Site):
    case = opened_case(site)
    one, two, other = together(site, [step(case, "a"), step(case, "b"), opened("c_2")])
    assert one.result().seq == 2
    assert isinstance(two.exception(), Stale)
    assert other.result().seq == 1
    whole(site)


def test_links_wait_behind_the_decisions_of_their_case(site: Site):
    case = opened_case(site)
    minted = step(case, "link.1", sign=True)
    link, decided = together(site, [minted, step(case, "decide")])
    assert decided.result().seq == 2
    assert isinstance(link.exception(), Stale)


def test_a_right_a_seat_and_a_person_are_used_once(site: Site):
    case = opened_case(site)
    one, two = together(
        site,
        [
            step(case, "a", rows=(spend(case, "g1", "F21", "b.decide"),)),
            step(case, "b", rows=(spend(case, "g1", "F21", "b.decide"),)),
        ],
    )
    assert one.result().seq == 2
    assert isinstance(two.exception(), Stale)
    now = one.result().case
    site.writer.submit(noted(now, "n", rows=(spend(now, "g2", "F21", "b.decide"),))).result()
    for grant, person, seat in (("g2", "F99", "x"), ("g3", "F99", "b.decide"), ("g4", "F21", "other")):
        with views.reading(site.database) as conn:
            latest = views.case(conn, "c_1")
        assert latest is not None
        with pytest.raises(Spent):
            site.writer.submit(noted(latest, f"again.{grant}", rows=(spend(now, grant, person, seat),))).result()
    with views.reading(site.database) as conn:
        latest = views.case(conn, "c_1")
    assert latest is not None
    implicit = (spend(now, "c_1.3.F21", "F21", "", "implicit"),)  # acting without a task takes nothing from the task
    assert site.writer.submit(noted(latest, "i", rows=implicit)).result().seq == latest.seq + 1
    whole(site)


def test_numbers_have_no_gaps_whoever_is_refused(site: Site):
    cases = [opened_case(site, f"c_{n}") for n in range(6)]
    paper = {"id": "D-07", "issuer": "tu", "series": "S/2022"}
    plans = []
    for number, case in enumerate(cases):
        documents = [dict(paper)]
        plans.append(step(case, f"step.{number}", documents=documents, numbers=(order(),)))
        plans.append(step(case, f"late.{number}", documents=documents, numbers=(order(),)))  # stale
    outcomes = together(site, plans)
    printed = [future.result().body["documents"][0]["number"] for future in outcomes[::2]]
    assert printed == [f"{n:02d}/QĐ-TU" for n in range(1, 7)]
    assert all(isinstance(future.exception(), Stale) for future in outcomes[1::2])
    with views.reading(site.database) as conn:
        assert numbers.current(conn) == {"S/2022": 6}
        assert [row.number for row in views.documents(conn, "c_0")] == ["01/QĐ-TU"]


def test_one_event_may_take_several_numbers_and_a_reference(site: Site):
    case = opened_case(site)
    papers = [{"id": "D-01", "series": "S/2022"}, {"id": "D-02"}, {"id": "D-03", "series": "S/2022"}]
    orders = (order(), order(index=2), order("reference", index=-1))
    body = site.writer.submit(step(case, documents=papers, numbers=orders)).result().body
    assert [item.get("number") for item in body["documents"]] == ["01/QĐ-TU", None, "02/QĐ-TU"]
    assert body["reference"] == "01/QĐ-TU"
    assert papers[0].get("number") is None, "the plan itself stays as it was: it may be written again"


PUBLISHES = {"register": "item_uses", "entry": "e", "key": ["OUT-03"], "row": {"item": "OUT-03"}}


@pytest.mark.parametrize("at_once", [True, False])
def test_two_cases_that_want_one_plan_item(site: Site, at_once: bool):
    """Race 29: both were judged by a register without uses; the second has to look again."""
    seen = (look("item_uses", '["OUT-03"]', 0),)
    plans = []
    for name in ("c_1", "c_2"):
        row = {**PUBLISHES, "entry": f"{name}.1"}
        plans.append(step(opened_case(site, name), f"use.{name}", reads=seen, publishes=[row]))
    if at_once:
        one, two = together(site, plans)
    else:
        one, two = (site.writer.submit(plan) for plan in plans)
        one.exception(10), two.exception(10)
    assert one.result().seq == 2
    assert isinstance(two.exception(), Stale)
    with views.reading(site.database) as conn:
        assert registers.rows(conn, "item_uses", '["OUT-03"]') == ([{"item": "OUT-03"}], 1)
        assert registers.rows(conn, "item_uses", '["OUT-03"]', "c_1") == ([], 1)
        assert registers.rows(conn, "item_uses", '["OUT-99"]') == ([], 0)


def test_a_row_that_goes_also_moves_the_version(site: Site):
    case = site.writer.submit(step(opened_case(site), publishes=[PUBLISHES])).result().case
    gone = {**PUBLISHES, "row": None}
    site.writer.submit(step(case, "gone", publishes=[gone, {**PUBLISHES, "row": {"item": "x"}}, gone])).result()
    with views.reading(site.database) as conn:
        rows, version = registers.rows(conn, "item_uses", '["OUT-03"]')
    assert rows == []
    assert version > 1


def test_a_plan_judged_by_another_directory_is_stale(site: Site):
    with pytest.raises(Stale):
        site.writer.submit(step(opened_case(site), directory=7)).result()


def test_what_cannot_be_written_harms_nobody_else(site: Site):
    """A value outside the canonical profile, and a row the database refuses, beside good plans."""
    cases = [opened_case(site, f"c_{n}") for n in range(4)]
    fraction = step(cases[0], "fraction", facts={"amount": 0.5})
    surrogate = step(cases[1], "surrogate", facts={"title": "\ud800"})
    nul = step(cases[2], "nul", notices=[{"notice": "N-\x00", "kind": "info", "to": ["F08"]}], facts={"title": "a"})
    futures = together(site, [fraction, surrogate, nul, step(cases[3], "good")])
    assert isinstance(futures[0].exception(), ValueError)
    assert isinstance(futures[1].exception(), ValueError)
    assert futures[3].result().seq == 2
    whole(site)


def test_recorded_time_never_runs_backwards(site: Site):
    case = opened_case(site)
    site.now = NOW + 50
    later = site.writer.submit(step(case)).result()
    site.now = NOW - 1_000_000
    earlier = site.writer.submit(step(later.case, "back")).result()
    assert (later.rec, earlier.rec) == (NOW + 50, NOW + 50)


def test_a_chore_that_fails_takes_no_other_with_it(site: Site):
    opened_case(site)
    held, go = threading.Event(), threading.Event()

    def hold(conn: Any) -> None:
        held.set()
        go.wait(10)

    site.writer.chore(hold)
    held.wait(10)
    insert = "INSERT INTO heartbeats (node, at) VALUES ('{}', 1)"
    good = site.writer.chore(lambda conn: conn.execute(text(insert.format("a"))))
    bad = site.writer.chore(lambda conn: conn.execute(text("INSERT INTO no_such_table VALUES (1)")))
    also = site.writer.chore(lambda conn: conn.execute(text(insert.format("b"))))
    go.set()
    assert bad.exception(10) is not None
    assert good.exception(10) is None
    assert also.exception(10) is None
    with views.reading(site.database) as conn:
        assert conn.execute(text("SELECT count(*) FROM heartbeats")).scalar() == 2


def test_droppable_chores_give_way_and_a_full_queue_says_so(site: Site, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("engine.store.writer.QUEUE", 5)
    monkeypatch.setattr("engine.store.writer.LONG", 2)
    go = threading.Event()
    first = site.writer.chore(lambda conn: go.wait(10))
    for _ in range(4):
        site.writer.chore(lambda conn: 1)
    dropped = site.writer.chore(lambda conn: 1, droppable=True)
    assert dropped.result(0) is None
    with pytest.raises(Busy):
        for _ in range(5):
            site.writer.chore(lambda conn: 1)
    go.set()
    first.result(10)


def test_everybody_is_told_after_the_commit(site: Site):
    opened_case(site)
    together(site, [opened("c_2", "a"), opened("c_3", "b")])
    assert site.told == [1, 2]


def test_closing_writes_what_waits(database_url: str):
    site = Site(database_url)
    futures = [site.writer.submit(opened(f"c_{n}", f"o{n}")) for n in range(100)]
    site.close()
    assert all(future.result(0).seq == 1 for future in futures)
    with pytest.raises(Busy):
        site.writer.submit(opened("c_x"))


def test_another_programs_schema_is_not_written(site: Site):
    from engine.store.outcomes import WrongEpoch

    site.writer.chore(lambda conn: conn.execute(text("UPDATE schema_epoch SET epoch = 2"))).result()
    with pytest.raises(WrongEpoch, match="schema epoch 2"):
        site.writer.submit(opened()).result()


def test_mails_of_a_step_that_is_over_are_cancelled(site: Site):
    case = opened_case(site)

    def mail(kind: str, notice: str) -> dict[str, Any]:
        return {"notice": notice, "kind": kind, "to": ["F21"], "cc": ["F08"]}

    kinds = ("task", "reminder", "escalation", "info", "receipt", "alert")
    owed = [mail(kind, f"N-{kind}") for kind in kinds] + [{**mail("task", "N-quiet"), "quiet": True}]
    now = site.writer.submit(step(case, to="NEXT", notices=owed)).result().case
    with views.reading(site.database) as conn:
        rows = views.mails(conn, "c_1")
        assert len(rows) == 2 * len(kinds)
        assert {row.grant for row in rows if row.person == "F21"} == {"g_c_1"}
        assert {row.state for row in rows} == {"due"}
    sent = next(row for row in rows if row.notice == "N-task" and row.person == "F21")
    site.writer.chore(
        lambda conn: conn.execute(outbox.update().where(outbox.c.id == sent.id).values(state="sent"))
    ).result()
    site.writer.submit(step(now, "on", to="END", notices=[mail("task", "N-new")])).result()
    with views.reading(site.database) as conn:
        states = {(row.notice, row.person): row.state for row in views.mails(conn, "c_1")}
    assert states["N-task", "F21"] == "sent"
    assert states["N-task", "F08"] == states["N-reminder", "F21"] == "cancelled"
    assert {states[f"N-{kind}", "F21"] for kind in kinds[2:]} == {"due"}
    assert states["N-new", "F21"] == "due"


def test_the_same_step_anew_carries_the_mail_over(site: Site):
    """A transition into the same state sends no new mail: the one still owed goes with the new right."""
    case = opened_case(site)
    task = {"notice": "N-1", "kind": "task", "to": ["F21", "F22"]}
    now = site.writer.submit(step(case, to="NEXT", notices=[task])).result().case
    anew = {"id": "g_new", "person": "F21", "seat": "b.decide", "body": "b", "atoms": ["go"]}
    grants = {"opened": [anew], "closed": {"g_c_1": "step"}}
    done = site.writer.submit(step(now, "edit", grants=grants)).result()
    with views.reading(site.database) as conn:
        rows = {row.person: row for row in views.mails(conn, "c_1")}
    assert (rows["F21"].state, rows["F21"].grant, rows["F21"].entry) == ("due", "g_new", done.case.entry)
    assert rows["F22"].state == "cancelled"


def test_deadlines_follow_the_case(site: Site):
    from engine.core.events import iso
    from engine.store import deadlines

    def armed(key: str, at: int) -> dict[str, Any]:
        return {"id": key, "kind": "rung", "name": "L", "at": iso(at), "due": iso(at), "index": 0, "entry": 1}

    case = opened_case(site)
    both = {"set": [armed("a", NOW + 10), armed("b", NOW + 20)]}
    now = site.writer.submit(step(case, deadlines=both)).result().case
    moved = {"set": [armed("b", NOW + 30)], "cleared": ["a"]}
    with views.reading(site.database) as conn:
        assert deadlines.next_at(conn) == NOW + 10
        assert [row.id for row in deadlines.due(conn, NOW + 19, 9)] == ["a"]
        assert [row.id for row in deadlines.due(conn, NOW + 20, 9, (NOW + 10, "c_1", "a"))] == ["b"]
    site.writer.submit(step(now, "m", deadlines=moved)).result()
    with views.reading(site.database) as conn:
        assert deadlines.next_at(conn) == NOW + 30
        assert deadlines.due(conn, NOW + 20, 9) == []


def test_the_count_of_events_is_the_count_of_commits(site: Site):
    for future in [site.writer.submit(opened(f"c_{number}", f"o{number}")) for number in range(70)]:
        future.result()
    with views.reading(site.database) as conn:
        assert conn.execute(select(func.count()).select_from(events)).scalar() == 70
        assert ledger.size(conn) == (70, 70)


def test_after_a_failed_disk_nothing_more_is_written(site: Site):
    import sqlite3

    def fail(conn: Any) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    with pytest.raises(sqlite3.OperationalError):
        site.writer.chore(fail).result()
    with pytest.raises(Busy, match=r"the disk failed \(disk I/O error\); stop the server and check the disk"):
        site.writer.submit(opened())


def test_a_look_inside_a_look_waits_for_nobody(site: Site):
    from contextlib import ExitStack

    with ExitStack() as stack:
        for _ in range(12):
            stack.enter_context(views.reading(site.database))
    with views.reading(site.database) as conn:
        assert views.unheld(conn) == []
