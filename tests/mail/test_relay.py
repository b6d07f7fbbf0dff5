"""The relay against real SMTP servers: nothing is lost, nothing is sent that is no longer owed, and a link exists only
once its mail has a recipient."""

from __future__ import annotations

import asyncio
import logging
import re
import subprocess
import sys
from email import message_from_bytes, policy

import pytest

from engine.mail import relay as relay_module
from engine.mail.backoff import GIVE_UP, LATE, MINUTE, STEPS, delay
from engine.mail.smtp import Smtp
from engine.mail.ways import Ways
from engine.service import Answers, Conflict
from engine.store import outbox
from tests.mail.servers import Habits, smtp
from tests.mail.support import Post, until
from tests.support.delegation import agreed

pytestmark = pytest.mark.smtp


def messages(habits: Habits, to: str = ""):
    found = [message_from_bytes(e.content, policy=policy.default) for e in habits.got]
    return [m for m in found if not to or to in m["To"]]


def tokens(message) -> list[str]:
    return re.findall(r"/d/([a-z2-7]{32})", message.get_body(("plain",)).get_content())


def links_issued(post: Post, case: str) -> list[dict]:
    return [body for body, _ in post.desk.history(case) if body["type"] == "link.issued" and body["via"] == "mail"]


def row(post: Post, notice: str, person: str = ""):
    return next(r for r in post.rows() if r.notice == notice and r.person in (person, r.person if not person else ""))


def test_a_task_arrives_with_a_link_that_decides(served):
    habits = Habits()
    post = served(habits)
    case = post.desk.submitted()
    assert post.post().sent == 2
    (task,) = messages(habits, "f21@")
    (token,) = tokens(task)
    assert task["Message-ID"] == f"<{row(post, 'N-11').id}@example.vn>"
    assert task["X-Trinh-Case"] == "DR-2022-0001" and task["Auto-Submitted"] == "auto-generated"
    receipt = post.desk.engine.decide(token, Answers("forward", values={"sensitive": False}))
    assert receipt.state == "ORG_REVIEW" and post.desk.case(case).state == "ORG_REVIEW"
    assert row(post, "N-11").state == "sent" and row(post, "N-11").sent_at == post.desk.clock.now


@pytest.mark.slow
def test_minting_for_a_mail_leaves_the_task_and_the_other_mails_alone(served):
    post = served(Habits())
    case = post.desk.submitted()
    post.desk.act(case, "F21", "forward", "2022-05-06", values={"sensitive": False})
    post.desk.act(case, "F12", "give_opinion", "2022-05-12", columns=agreed())
    post.desk.act(case, "F13", "send_up", "2022-05-18")
    post.post()
    assert {r.person for r in post.rows(state="sent") if r.notice == "N-05"} == {"F21", "F13", "F23"}
    with post.desk.engine.snapshot() as snap:
        from engine.store import views

        assert [t.case_id for t in views.tasks(snap.conn, "F21")] == [case]


def test_later_mails_of_a_case_answer_to_the_first(served):
    habits = Habits()
    post = served(habits)
    post.desk.submitted()
    post.post()
    until(post.desk, "2022-05-10 08:00")
    post.post()
    task, *reminders = messages(habits, "f21@")
    assert reminders
    for reminder in reminders:
        assert reminder["Subject"] == task["Subject"]
        assert reminder["In-Reply-To"] == reminder["References"] == task["Message-ID"]
        assert reminder.get_body(("plain",)).get_content().startswith("Nhắc lần ")


@pytest.mark.slow
def test_an_outage_of_three_days_adds_no_events_and_ends_with_one_mail(served):
    habits = Habits(at_rcpt="451 4.7.1 greylisted")
    post = served(habits)
    post.relay.ways = Ways(
        post.desk.engine.writer,
        post.desk.engine.snapshot,
        post.desk.engine.mint,
        post.desk.engine.clock,
        post.alarms.append,
        lambda: 0.5,
    )
    case = post.desk.submitted()
    before, waits = post.desk.case(case).seq, []
    for _ in range(10):
        post.post()
        found = row(post, "N-11")
        waits.append((found.next_at - post.desk.clock.now) // MINUTE)
        post.desk.clock.now = found.next_at
    assert waits == [1, 2, 5, 10, 30, 60, 60, 60, 60, 60] and found.attempts == 10 and found.phase == "envelope"
    assert post.desk.case(case).seq == before, "no link was minted"
    assert any("more than 15 minutes old" in text for text in post.alarms)
    habits.at_rcpt = ""
    post.wait(hours=2)
    post.post()
    assert len(messages(habits, "f21@")) == 1 and len(links_issued(post, case)) == 1


def test_after_four_days_a_mail_is_given_up_and_somebody_is_told(served):
    post = served(Habits(at_rcpt="451 4.7.1 later"))
    post.desk.submitted()
    post.post()
    post.desk.clock.now += GIVE_UP
    post.post()
    assert row(post, "N-10").state == "parked" and "given up" in row(post, "N-10").error
    assert any("will not be sent" in text for text in post.alarms)


def test_a_refused_recipient_stops_nobody_else(served):
    habits = Habits()
    post = served(habits)
    habits.on_rcpt = lambda: setattr(
        habits, "at_rcpt", "550 5.1.1 no such user" if habits.recipients[-1].startswith("f08") else ""
    )
    post.desk.submitted()
    done = post.post()
    assert (done.sent, done.parked) == (1, 1)
    assert row(post, "N-10").state == "parked" and "bad address" in row(post, "N-10").error
    assert messages(habits, "f21@") and any("N-10 to F08" in text for text in post.alarms)


def test_a_server_that_drops_after_data_gives_two_copies_and_one_decision(served):
    habits = Habits(after_data="drop")
    post = served(habits)
    case = post.desk.submitted()
    post.post()
    assert row(post, "N-11").state == "due" and row(post, "N-11").error.startswith("unknown")
    habits.after_data = ""
    post.wait(minutes=2)
    post.post()
    first, second = messages(habits, "f21@")
    assert first["Message-ID"] == second["Message-ID"] and second["In-Reply-To"] is None
    (one,), (two,) = tokens(first), tokens(second)
    assert one != two and [body["id"][-2:] for body in links_issued(post, case)] == [".1", ".2"]
    answers = Answers("forward", values={"sensitive": False})
    made = post.desk.engine.decide(one, answers)
    assert post.desk.engine.decide(one, answers).repeated and post.desk.engine.decide(two, answers).seq == made.seq
    with pytest.raises(Conflict):
        post.desk.engine.decide(two, Answers("return", reason="Thiếu thư mời"))
    assert sum(1 for body, _ in post.desk.history(case) if body.get("trigger") == "forward") == 1


@pytest.mark.slow
def test_a_server_that_hangs_is_left(served):
    habits = Habits(after_data="hang")
    post = served(habits)
    post.desk.submitted()
    done = post.post()
    assert done.retried == 2 and row(post, "N-11").error.startswith("unknown")


def test_a_refused_mail_is_parked(served):
    post = served(Habits(at_mail="550 5.1.7 bad sender"))
    post.desk.submitted()
    assert post.post().parked == 2 and "refused" in row(post, "N-11").error


def test_a_closed_door_pauses_the_queue_and_counts_no_attempt(served):
    habits = Habits(at_mail="530 5.7.0 authentication required")
    post = served(habits)
    case = post.desk.submitted()
    post.post()
    assert all(r.attempts == 0 and r.state == "due" and not r.claim for r in post.rows())
    assert len(post.alarms) == 1 and "paused for 5 minutes" in post.alarms[0]
    connections = habits.connections
    post.wait(minutes=4)
    assert not post.post().any and habits.connections == connections
    habits.at_mail = ""
    post.wait(minutes=1)
    assert post.post().sent == 2 + 0 and len(links_issued(post, case)) == 1
    assert "operator@example.vn" in habits.recipients


def test_a_server_that_is_down_costs_one_attempt_a_round(served):
    post = served(Habits())
    down = post.transport
    assert isinstance(down, Smtp)
    post.transport = Smtp(type(down.server)("localhost", 1, "none-loopback-only", timeouts=down.server.timeouts))
    post.relay = post.new_relay()
    post.desk.submitted()
    post.post()
    assert sorted(r.attempts for r in post.rows()) == [0, 1] and not any(r.claim for r in post.rows())


def test_what_was_decided_meanwhile_is_not_sent(served):
    habits = Habits(at_rcpt="451 4.7.1 later")
    post = served(habits)
    case = post.desk.submitted()
    post.post()
    post.desk.act(case, "F21", "forward", "2022-05-06", values={"sensitive": False})
    habits.at_rcpt = ""
    post.wait(hours=2)
    post.post()
    assert row(post, "N-11").state == "cancelled" and not messages(habits, "f21@")
    assert messages(habits, "f12@") and messages(habits, "f08@"), "news and the next task go out"


def test_a_task_closed_between_recipient_and_message_leaves_no_mail(served):
    habits = Habits()
    post = served(habits)
    case = post.desk.submitted()

    def meanwhile() -> None:
        if habits.recipients[-1].startswith("f21"):
            habits.on_rcpt = None
            post.desk.act(case, "F21", "forward", values={"sensitive": False})

    habits.on_rcpt = meanwhile
    post.post()
    assert not messages(habits, "f21@") and row(post, "N-11").state == "cancelled"
    assert not [b for b in links_issued(post, case) if b["to"] == "F21"]


def test_a_node_that_starts_frees_what_it_held(served):
    post = served(Habits())
    post.desk.submitted()
    claimed = post.desk.engine.writer.chore(lambda conn: outbox.claim(conn, post.desk.clock.now, "node-1", 20)).result()
    assert len(claimed) == 2
    assert post.new_relay(node="node-2") and post.post().sent == 2


@pytest.mark.slow
def test_another_node_waits_for_the_lease(served):
    post = served(Habits())
    post.desk.submitted()
    post.desk.engine.writer.chore(lambda conn: outbox.claim(conn, post.desk.clock.now, "node-9", 20)).result()
    assert post.post().sent == 0
    post.wait(seconds=61)
    assert post.post().sent == 2


def test_a_row_taken_by_somebody_else_is_not_sent(served):
    habits = Habits()
    post = served(habits)
    post.desk.submitted()

    def steal() -> None:
        habits.on_rcpt = None
        post.wait(seconds=61)
        now = post.desk.clock.now
        post.desk.engine.writer.chore(lambda conn: outbox.claim(conn, now, "node-9", 20)).result()

    habits.on_rcpt = steal
    done = post.post()
    assert done.sent == 0 and not habits.got and all(r.node == "node-9" for r in post.rows(state="due"))


@pytest.mark.slow
def test_the_lease_is_held_on_while_a_server_is_slow(served, monkeypatch):
    monkeypatch.setattr(relay_module, "RENEW", 0.05)
    habits = Habits(after_data="late")
    post = served(habits)
    post.desk.submitted()
    seen: list[int] = []

    def later() -> None:
        post.wait(seconds=50)
        seen.append(post.desk.clock.now)

    habits.on_data = later
    post.post()
    assert len(seen) == 2, "both rows were tried by the one relay although 100 s passed"


CHILD = """
import asyncio, sys
from pathlib import Path
from engine.mail.smtp import Server, Smtp
from tests.mail.support import Post

class Stops(Smtp):
    async def data(self, content):
        if b"f21@" in content:
            print("minted", flush=True)
            await asyncio.sleep(60)
        await super().data(content)

server = Server("localhost", int(sys.argv[3]), "none-loopback-only")
post = Post(sys.argv[1], Path(sys.argv[2]), Stops(server), fill=False)
post.desk.clock.now = int(sys.argv[4])
post.post()
"""


@pytest.mark.slow
def test_killed_between_minting_and_sending(sqlite_url, tmp_path):
    """kill -9 after the link is in the ledger and before its mail is on its way: nobody has it, and a new one is made."""
    post = Post(sqlite_url, tmp_path)
    case = post.desk.submitted()
    now = post.desk.clock.now
    post.close()
    habits = Habits()
    with smtp(habits) as server:
        command = [sys.executable, "-c", CHILD, sqlite_url, str(tmp_path), str(server.port), str(now)]
        child = subprocess.Popen(command, stdout=subprocess.PIPE)
        assert child.stdout is not None and child.stdout.readline() == b"minted\n"
        child.kill()
        child.wait()
        child.stdout.close()
        assert not messages(habits, "f21@")
        post = Post(sqlite_url, tmp_path, Smtp(server), fill=False)
        post.desk.clock.now = now
        assert [b["id"][-2:] for b in links_issued(post, case)] == [".1"]
        post.post()
        (token,) = [t for m in messages(habits, "f21@") for t in tokens(m)]
        assert post.desk.engine.look(token).link == links_issued(post, case)[-1]["id"]
        assert [b["id"][-2:] for b in links_issued(post, case)] == [".1", ".2"]
        assert row(post, "N-11").state == "sent" and len(messages(habits, "f08@")) == 1
        post.close()


@pytest.mark.slow
@pytest.mark.parametrize("database", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def test_two_relays_send_each_mail_once(served, request, database):
    habits = Habits()
    url = request.getfixturevalue("sqlite_url" if database == "sqlite" else "postgres_url")
    post = served(habits, url=url)
    for number in range(8):
        post.desk.submitted(plan_item="OUT-03" if number % 2 else "OUT-04")
    transport = post.transport
    assert isinstance(transport, Smtp)
    relays = [post.new_relay(Smtp(transport.server), node=f"node-{n}") for n in range(3)]

    async def run() -> list[int]:
        done = await asyncio.gather(*(relay.run_once() for relay in relays))
        await asyncio.gather(*(relay.close() for relay in relays))
        return [item.sent for item in done]

    assert sum(asyncio.run(run())) == 16
    assert len({m["Message-ID"] for m in messages(habits)}) == len(habits.got) == 16


def test_three_days_down_is_one_mail_a_ladder_the_highest_rung(served):
    habits = Habits()
    post = served(habits)
    post.desk.submitted(at="2022-05-04 09:00")
    post.post()
    habits.got.clear()
    post.desk.clock.to("2022-05-13 09:00")  # due 09/5 17:00, +1 wd, +3 wd: all three rungs lie behind
    post.desk.engine.tick()
    post.post()
    assert [(m["To"], m.get_body(("plain",)).get_content().splitlines()[0]) for m in messages(habits)] == [
        ("Hồ Thị Giả <f22@example.vn>", "Nhắc lần 3")
    ]


def test_no_token_is_written_anywhere_but_into_its_mail(served, tmp_path, caplog):
    caplog.set_level(logging.DEBUG)
    habits = Habits(after_data="drop")
    post = served(habits)
    post.desk.submitted()
    post.post()
    habits.after_data = ""
    post.wait(minutes=2)
    post.post()
    found = [token for m in messages(habits) for token in tokens(m)]
    assert len(found) == 2
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert any(path.name.endswith("-wal") for path in files)
    for token in found:
        for path in files:
            assert token.encode() not in path.read_bytes(), path
        ours = [record.getMessage() for record in caplog.records if record.name != "mail.log"]  # that is the server's
        assert not any(token in text for text in ours)


def test_a_person_without_an_address_is_the_operators_business(served):
    post = served(Habits())
    post.change_person("F21", mail="")
    post.desk.submitted()
    done = post.post()
    assert done.sent == 1 and row(post, "N-11").state == "parked" and "no mail address" in row(post, "N-11").error


def test_send_me_a_new_link(served):
    habits = Habits()
    post = served(habits)
    case = post.desk.submitted()
    post.post()
    (grant,) = post.desk.case(case).live_grants()
    again = post.desk.engine.writer.chore(
        lambda conn: outbox.again(conn, case, "F21", grant.id, post.desk.clock.now)
    ).result()
    assert again and post.post().sent == 1
    first, second = messages(habits, "f21@")
    assert tokens(first) != tokens(second) and second["In-Reply-To"] == first["Message-ID"]


def test_sign_in_mails_are_sent_at_once_and_kept_nowhere(served, tmp_path):
    habits = Habits()
    post = served(habits)
    with post.desk.engine.snapshot() as snap:
        person = snap.directory.people["F08"]
    post.relay.sign_in(person, "http://127.0.0.1:8000/sign-in/abcdefghijklmnop", "vi")
    post.post()
    (mail,) = messages(habits, "f08@")
    text = mail.get_body(("plain",)).get_content().replace("\r\n", "\n")
    assert "\nhttp://127.0.0.1:8000/sign-in/abcdefghijklmnop\n" in text and "10 phút" in text
    assert not any(b"abcdefghijklmnop" in p.read_bytes() for p in tmp_path.rglob("*") if p.is_file())


@pytest.mark.slow
def test_a_sign_in_mail_is_tried_again_while_it_is_of_use(served):
    habits = Habits(at_rcpt="451 4.7.1 later")
    post = served(habits)
    with post.desk.engine.snapshot() as snap:
        person = snap.directory.people["F08"]
    post.relay.sign_in(person, "http://127.0.0.1:8000/sign-in/abc", "en")
    post.post()
    habits.at_rcpt = ""
    post.wait(seconds=30)
    post.post()
    assert len(messages(habits, "f08@")) == 1
    post.relay.sign_in(person, "http://127.0.0.1:8000/sign-in/abc", "en")
    post.wait(minutes=11)
    post.post()
    assert len(messages(habits, "f08@")) == 1, "its address is dead by now"


def test_one_bad_mail_does_not_stop_the_queue(served, monkeypatch):
    habits = Habits()
    post = served(habits)
    post.desk.submitted()
    real = post.relay.letters.renderer.notice

    def broken(contents):
        if contents.kind == "receipt":
            raise ZeroDivisionError("a template")
        return real(contents)

    monkeypatch.setattr(post.relay.letters.renderer, "notice", broken)
    done = post.post()
    assert (done.sent, done.retried) == (1, 1) and "ZeroDivisionError" in row(post, "N-10").error


def test_the_backoff_is_the_agreed_one():
    assert [delay(n, lambda: 0.5) // MINUTE for n in range(1, 9)] == [1, 2, 5, 10, 30, 60, 60, 60]
    assert delay(1, lambda: 0.0) == round(0.8 * MINUTE) and delay(1, lambda: 0.999999) < 1.2 * MINUTE + 1
    assert STEPS[-1] == 60 and LATE == 15 * MINUTE
