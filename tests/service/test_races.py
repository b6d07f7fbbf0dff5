"""People and the clock at the same instant (reliability.md 4), through the whole engine on both databases."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from engine.core.blockers import Refused
from engine.core.case import encode
from engine.core.evolve import replay
from engine.service import Answers, Conflict, Engine
from engine.service.opening import open_engine
from engine.store import numbers, registers, views
from engine.store.writer import Stale
from tests.support.delegation import LETTER, WORKFLOW, Desk, agreed, moment, until


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """Results or exceptions of works started together."""
    found: list[Any] = [None] * len(works)
    gate = threading.Barrier(len(works))

    def run(index: int, work: Callable[[], Any]) -> None:
        gate.wait()
        try:
            found[index] = work()
        except Exception as error:
            found[index] = error

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def sound(desk: Desk, case: str) -> None:
    events = desk.history(case)
    assert [body["seq"] for body, _ in events] == list(range(1, len(events) + 1))
    assert encode(replay(events)) == encode(desk.case(case))
    spent = [body["spent"]["link"].rpartition(".")[0] for body, _ in events if "spent" in body]
    assert len(spent) == len(set(spent)), "no right is spent twice"


def test_twenty_identical_posts_make_one_event(desk: Desk):
    case = desk.submitted()
    minted = desk.engine.mint(case, "F21", via="mail", action="forward")
    answers = Answers("forward", values={"sensitive": False})
    done = at_once(*[lambda: desk.engine.decide(minted.token, answers)] * 20)
    assert len({receipt.seq for receipt in done}) == 1
    assert sum(not receipt.repeated for receipt in done) == 1
    sound(desk, case)


def test_approve_and_return_in_two_tabs(desk: Desk):
    case = desk.submitted()
    tokens = [desk.engine.mint(case, "F21", via="mail", action="forward").token for _ in range(2)]
    done = at_once(
        lambda: desk.engine.decide(tokens[0], Answers("forward", values={"sensitive": False})),
        lambda: desk.engine.decide(tokens[1], Answers("return", reason="Thiếu hồ sơ")),
    )
    lost = [item for item in done if isinstance(item, Exception)]
    assert len(lost) == 1
    assert isinstance(lost[0], Conflict)
    assert lost[0].reason == "decided"
    assert desk.case(case).state in ("ORG_REVIEW", "RETURNED")
    sound(desk, case)


@pytest.mark.slow
def test_withdraw_against_forward(desk: Desk):
    """One of them ends the step; the other is told so, and nothing stands twice."""
    for number in range(4):
        case = desk.submitted() if number else desk.submitted(at="2022-05-04 09:00")
        forward = desk.engine.mint(case, "F21", via="mail", action="forward").token
        withdraw = desk.engine.mint(case, "F08", via="page", action="withdraw").token
        at_once(
            partial(desk.engine.decide, forward, Answers("forward", values={"sensitive": False})),
            partial(desk.engine.decide, withdraw, Answers("withdraw", reason="Hoãn chuyến đi")),
        )
        assert desk.case(case).state in ("ORG_REVIEW", "WITHDRAWN")
        sound(desk, case)
        if desk.case(case).state == "ORG_REVIEW":
            desk.act(case, "F08", "withdraw", reason="Hoãn chuyến đi")


def test_minting_does_not_starve_a_decision(desk: Desk):
    """Links are minted for a case without pause while somebody decides on it."""
    case = desk.submitted()
    token = desk.engine.mint(case, "F21", via="mail", action="forward").token
    stop = threading.Event()

    def mint() -> int:
        count = 0
        while not stop.is_set() and count < 300:
            try:
                desk.engine.mint(case, "F21", via="mail", action="forward")
            except (Refused, Conflict):
                break
            count += 1
        return count

    def decide() -> Any:
        try:
            return desk.engine.decide(token, Answers("forward", values={"sensitive": False}))
        finally:
            stop.set()

    done = at_once(mint, mint, decide)
    assert done[2].state == "ORG_REVIEW", done[2]
    sound(desk, case)


def decided(desk: Desk, item: str = "OUT-03") -> str:
    """A proposal that only the Prime Minister's letter is missing for."""
    case = desk.submitted(plan_item=item)
    desk.act(case, "F21", "forward", values={"sensitive": False})
    desk.act(case, "F12", "give_opinion", columns=agreed())
    desk.act(case, "F13", "send_up")
    return case


def test_two_cases_one_plan_item(desk: Desk):
    """Race 29 through the whole engine: of two proposals on one item one is approved, however close they come."""
    cases = [decided(desk) for _ in range(2)]
    tokens = [desk.engine.mint(case, "F21", via="mail", action="approve").token for case in cases]
    answers = Answers("approve", values={"letter": LETTER})
    done = at_once(*[partial(desk.engine.decide, token, answers) for token in tokens])
    assert sorted(desk.case(case).state for case in cases) == ["APPROVED", "DECISION_PM"], done
    assert sum(isinstance(item, Refused) for item in done) == 1
    with desk.engine.snapshot() as snap:
        assert numbers.current(snap.conn)["TU/QĐ/XVII"] == 1, "the refused one took no number"
        assert len(registers.rows(snap.conn, "item_uses", '["OUT-03"]')[0]) == 1


def test_two_nodes_on_postgresql_one_plan_item(postgres_url: str, tmp_path):
    desk = Desk(postgres_url, tmp_path)
    second = open_engine(desk.setup, clock=desk.clock)
    nodes: list[Engine] = [desk.engine, second]
    answers = Answers("approve", values={"letter": LETTER})
    for item in ("OUT-03", "OUT-04"):
        cases = [decided(desk, item) for _ in nodes]
        tokens = [n.mint(c, "F21", via="mail", action="approve").token for n, c in zip(nodes, cases, strict=True)]
        done = at_once(*[partial(n.decide, t, answers) for n, t in zip(nodes, tokens, strict=True)])
        assert sorted(desk.case(c).state for c in cases) == ["APPROVED", "DECISION_PM"], done
    with second.snapshot() as snap:
        assert numbers.current(snap.conn)["TU/QĐ/XVII"] == 2
    second.close()
    desk.close()


def test_a_decision_that_arrived_in_time_but_is_written_late(desk: Desk):
    """The clock is asked first what was due before the answer arrived."""
    case = desk.submitted()
    desk.act(case, "F21", "forward", "2022-05-06", values={"sensitive": False})
    desk.act(case, "F12", "give_opinion", "2022-05-12", columns=agreed())
    desk.act(case, "F13", "send_up", "2022-05-18 09:00")
    token = desk.engine.mint(case, "F21", via="mail", action="approve").token
    lapse = min(d.at for d in desk.case(case).deadlines.values() if d.kind == "move")
    desk.clock.now = lapse + 5_000_000  # nobody let the clock act yet
    with pytest.raises(Conflict) as conflict:
        desk.engine.decide(token, Answers("approve", values={"letter": LETTER}))
    assert conflict.value.reason in ("superseded", "expired")
    assert desk.case(case).state not in ("DECISION_PM", "APPROVED")
    sound(desk, case)


def test_the_same_decision_a_second_before_counts(desk: Desk):
    case = desk.submitted()
    desk.act(case, "F21", "forward", "2022-05-06", values={"sensitive": False})
    desk.act(case, "F12", "give_opinion", "2022-05-12", columns=agreed())
    desk.act(case, "F13", "send_up", "2022-05-18 09:00")
    lapse = min(d.at for d in desk.case(case).deadlines.values() if d.kind == "move")
    until(desk, "2022-05-30")
    token = desk.engine.mint(case, "F21", via="mail", action="approve").token
    desk.clock.now = lapse + 5_000_000
    receipt = desk.engine.decide(token, Answers("approve", values={"letter": LETTER}), at=lapse - 1)
    assert receipt.state == "APPROVED"
    sound(desk, case)


def test_two_schedulers_one_set_of_reminders(desk: Desk):
    case = desk.submitted()
    desk.clock.now = moment("2022-05-09 08:30")
    at_once(*[lambda: desk.engine.tick()] * 4)
    fired = [key for body, _ in desk.history(case) for key in body.get("fired", ())]
    assert len(fired) == len(set(fired))
    with desk.engine.snapshot() as snap:
        rows = views.mails(snap.conn, case)
    assert len({(row.seq, row.notice, row.person) for row in rows}) == len(rows)
    sound(desk, case)


def test_a_case_that_cannot_go_on_stops_no_other(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    broken, healthy = desk.submitted(), desk.submitted(plan_item="OUT-04")
    desk.clock.now = moment("2022-05-09 09:00")
    fire = Engine.fire_due

    def failing(engine: Engine, case_id: str, now: int) -> int:
        if case_id == broken:
            raise LookupError("its definition is gone")
        return fire(engine, case_id, now)

    monkeypatch.setattr(Engine, "fire_due", failing)
    assert desk.engine.tick() > 0
    assert desk.engine.stuck == {broken: "LookupError: its definition is gone"}
    assert desk.case(healthy).fired
    monkeypatch.undo()
    assert desk.engine.tick() > 0
    assert desk.engine.stuck == {}


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 6))])
def test_any_interleaving_is_sound(desk: Desk, seed: int):
    """Everybody who may do something does something, at random and at once; the case stays one case."""
    chance = random.Random(seed)
    case = desk.submitted()
    moves: dict[str, list[tuple[str, str, dict[str, Any]]]] = {
        "SCREENING": [("F21", "forward", {"values": {"sensitive": False}}), ("F21", "return", {"reason": "Thiếu"})],
        "ORG_REVIEW": [("F12", "give_opinion", {"columns": agreed()}), ("F12", "return", {"reason": "Thiếu"})],
        "DECISION": [("F13", "send_up", {}), ("F13", "reject", {"reason": "Không"})],
    }
    for _ in range(5):
        state = desk.case(case).state
        offered = moves.get(state, [])
        if not offered:
            break
        works: list[Callable[[], Any]] = [desk.engine.tick]
        for person, action, given in chance.choices(offered, k=3):
            works.append(partial(desk.act, case, person, action, **given))
        if chance.random() < 0.3:
            works.append(lambda: desk.act(case, "F08", "withdraw", reason="Hoãn"))
        results = at_once(*works)
        for item in results:
            assert not isinstance(item, Exception) or isinstance(item, (Refused, Conflict, Stale)), repr(item)
        sound(desk, case)


def test_who_opens_without_the_right_is_refused(desk: Desk):
    with pytest.raises(Refused, match="You do not hold this task"):
        desk.engine.open(WORKFLOW, "F14")
