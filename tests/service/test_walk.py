"""A delegation from proposal to closure, through minted links (S-01)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine.core import links
from engine.core.case import encode
from engine.core.evolve import replay
from engine.service import Answers, Conflict
from engine.store import ledger, numbers, outbox, registers, views
from tests.support.delegation import LETTER, WORKFLOW, Desk, agreed, dossier, moment, travelled, until

MORE = [{"person": person, "task": "Nhiệm vụ mẫu thêm của đoàn"} for person in ("F15", "F16")]


def test_nine_members_approved_travelled_reported_closed(desk: Desk):
    case_id = travelled(desk)
    case = desk.case(case_id)
    assert (case.state, case.final, case.reference) == ("CLOSED", "good", "DR-2022-0001")
    states = [step.target for step in case.history]
    assert states == [
        "DRAFT",
        "SCREENING",
        "ORG_REVIEW",
        "DECISION",
        "DECISION_PM",
        "APPROVED",
        "IN_PROGRESS",
        "REPORT_PENDING",
        "REPORT_REVIEW",
        "CLOSED",
    ]
    left, back = (next(s for s in case.history if s.target == state) for state in ("IN_PROGRESS", "REPORT_PENDING"))
    assert (left.at, left.by) == (moment("2022-06-06 00:00"), "clock")
    assert back.at == moment("2022-06-13 00:00") or back.at == moment("2022-06-12 23:59") + 59_000_000
    with desk.engine.snapshot() as snap:
        papers = {row.id: row.number for row in views.documents(snap.conn, case_id)}
        assert papers["D-01"] == "01/TTr-SNgV"
        assert papers["D-10"] == "15/BC-SNgV"
        assert numbers.current(snap.conn)["reference/delegation-out/2022"] == 1
        used = registers.rows(snap.conn, "item_uses", '["OUT-03"]')[0]
        assert used == [{"item": "OUT-03", "state": "CLOSED"}]
        assert encode(replay(snap.history(case_id))) == encode(case)


def test_two_delegations_of_one_author_leave_at_the_same_midnight(light: Desk):
    """Same person, same state, same number of events: what the clock opens for one is no task of the other."""
    cases = [light.submitted(plan_item=item) for item in ("OUT-03", "OUT-04")]
    for case in cases:
        light.act(case, "F21", "forward", "2022-05-06", values={"sensitive": False})
    for case in cases:
        light.act(case, "F12", "give_opinion", "2022-05-12", columns=agreed())
    for case in cases:
        light.act(case, "F13", "send_up", "2022-05-18 09:00")
    for case in cases:
        light.act(case, "F21", "approve", "2022-05-18 10:00", values={"letter": LETTER})
    until(light, "2022-06-06 00:00")
    assert light.engine.stuck == {}
    assert [light.case(case).state for case in cases] == ["IN_PROGRESS", "IN_PROGRESS"]
    assert light.case(cases[0]).seq == light.case(cases[1]).seq
    assert (light.engine.next_at(light.clock.now) or 0) > light.clock.now


def test_a_restart_keeps_everything(desk: Desk, again: Callable[..., Desk]):
    """After every step the site is opened anew: nothing that was acknowledged is missing."""
    case = desk.submitted()
    before = desk.case(case)
    desk.act(case, "F21", "forward", "2022-05-06", values={"sensitive": False})
    minted = desk.engine.mint(case, "F12", via="mail", action="give_opinion")
    after = desk.case(case)
    clock = desk.clock
    desk.close()
    second = again(clock=clock)
    assert before.seq < after.seq
    assert second.case(case) == after
    assert second.engine.next_at() is not None
    receipt = second.engine.decide(minted.token, Answers("give_opinion", columns=agreed()))
    assert receipt.state == "DECISION"
    second.close()


def test_the_token_is_nowhere_but_in_the_answer(light: Desk, tmp_path):
    case = light.submitted()
    minted = light.engine.mint(case, "F21", via="mail", action="forward")
    secret = links.secret(minted.token)
    assert secret is not None
    light.engine.decide(minted.token, Answers("forward", values={"sensitive": False}))
    light.close()
    for path in tmp_path.iterdir():
        if path.is_file():
            data = path.read_bytes()
            assert minted.token.encode() not in data, path.name
            assert secret not in data, path.name
            assert secret.hex().encode() not in data, path.name


def test_the_decision_reveals_the_keys_of_what_was_chosen(desk: Desk):
    case = desk.submitted()
    minted = desk.engine.mint(case, "F21", via="mail", action="forward")
    receipt = desk.engine.decide(minted.token, Answers("forward", values={"sensitive": False}))
    with desk.engine.snapshot() as snap:
        issued = next(r for r in ledger.raw(snap.conn, case) if r.parsed().get("id") == minted.link)
        taken = ledger.event(snap.conn, case, receipt.seq)
    assert taken is not None
    spent = taken.parsed()["spent"]
    assert spent["link"] == minted.link
    assert set(spent["keys"]) == {"forward", "sensitive=no"}
    assert links.proves(issued.parsed()["commit"], spent["keys"])
    assert issued.sig is not None
    desk.engine.key.public_key().verify(issued.sig, b"trinh/1 event\x00" + issued.hash)
    assert taken.sig is None


def test_the_same_answer_again_is_the_same_receipt_and_another_is_a_conflict(desk: Desk):
    case = desk.submitted()
    minted = desk.engine.mint(case, "F21", via="mail", action="forward")
    other = desk.engine.mint(case, "F21", via="mail", action="return")
    first = desk.engine.decide(minted.token, Answers("forward", values={"sensitive": False}))
    again = desk.engine.decide(minted.token, Answers("forward", values={"sensitive": False}))
    assert again.repeated
    assert (again.seq, again.hash, again.rec) == (first.seq, first.hash, first.rec)
    with pytest.raises(Conflict, match="decided"):
        desk.engine.decide(minted.token, Answers("return", reason="x"))
    with pytest.raises(Conflict, match="decided"):
        desk.engine.decide(other.token, Answers("return", reason="x"))
    assert len([e for e in desk.history(case) if e[0]["type"] == "step.taken"]) == 2


def test_opening_twice_with_one_command_gives_one_case(desk: Desk):
    first = desk.engine.open(WORKFLOW, "F08", command="form-1")
    second = desk.engine.open(WORKFLOW, "F08", command="form-1")
    third = desk.engine.open(WORKFLOW, "F08", command="form-2")
    assert second.case == first.case != third.case
    assert second.repeated
    with pytest.raises(KeyError):
        desk.engine.open("no-such-workflow", "F08")


def test_cases_are_found_without_diacritics_by_title_reference_and_people(desk: Desk):
    case = desk.submitted()
    draft = desk.open()
    with desk.engine.snapshot() as snap:

        def found(text: str = "", **more: object) -> list[str]:
            return [row.id for row in views.cases(snap.conn, text=text, **more)[0]]  # type: ignore[arg-type]

        for text in (
            "vieng chan",
            "Viêng Chăn",
            "VIENG",
            "dr-2022-0001",
            "do quang mau",
            "Đỗ Quang",
            "chan quang 0001",
        ):
            assert found(text) == [case], text
        for text in ("seoul", "100%", "_", "vieng seoul", "\\"):
            assert found(text) == [], text
        assert set(found()) == {case, draft}
        assert found(state="SCREENING") == [case]
        assert found(person="F21") == [case]
        assert found(person="F99") == []
        assert found(open=False) == []
        assert views.cases(snap.conn, limit=1)[1] == 2
        assert views.by_reference(snap.conn, "DR-2022-0001") == case
        assert views.by_reference(snap.conn, "") is None
        assert views.person_for_mail(snap.conn, "F08@Example.vn ") == "F08"
        assert views.person_for_mail(snap.conn, "nobody@example.vn") is None
        row = views.tasks(snap.conn, "F21")[0]
        assert (row.case_id, row.state, row.kind, row.urgent) == (case, "SCREENING", "step", False)
        counts = views.counts(snap.conn, moment("2022-06-01"))
        assert (counts.open, counts.overdue, counts.final, counts.drafts) == (1, 1, 0, 1)


def test_a_draft_that_was_never_submitted_waits_and_can_be_thrown_away(desk: Desk):
    from engine.core.blockers import Refused

    case = desk.open()
    desk.engine.save_draft(case, "F08", {"title": "Đoàn chưa gửi"}, {}, 0)
    desk.clock.to("2023-06-01")
    assert desk.engine.tick() == 0, "nothing falls due on a draft"
    assert desk.case(case).state == "DRAFT"
    with pytest.raises(Refused):
        desk.engine.discard(case, "F21")
    desk.engine.discard(case, "F08")
    assert desk.case(case).discarded
    assert desk.engine.draft(case, "F08").version == 0
    with desk.engine.snapshot() as snap:
        assert views.cases(snap.conn) == ([], 0)
        assert views.tasks(snap.conn, "F08") == []
    with pytest.raises(Refused):
        desk.engine.mint(case, "F08", via="page", action="submit")


def test_edits_that_were_kept_go_with_the_submission_and_are_used_up(desk: Desk):
    case = desk.open()
    values = desk.handed_in(case, "F08", dossier())
    assert desk.engine.save_draft(case, "F08", values, {}, 0) == 1
    with pytest.raises(Conflict, match="version"):
        desk.engine.save_draft(case, "F08", values, {}, 0)
    desk.act(case, "F08", "submit")
    assert desk.case(case).facts["title"] == values["title"]
    assert desk.engine.draft(case, "F08").version == 0


def test_files_belong_to_who_may_act(desk: Desk):
    from engine.core.blockers import Refused

    case = desk.open()
    row = desk.engine.attach(case, "F08", "Thư mời.pdf", b"%PDF-1.4")
    assert desk.engine.files.read(row.sha256) == b"%PDF-1.4"
    with pytest.raises(Refused):
        desk.engine.attach(case, "F21", "x.pdf", b"%PDF-1.4")


def test_refusals_of_known_people_are_recorded_and_slips_are_not(desk: Desk):
    from engine.core.blockers import Refused
    from engine.store import refusals

    case = desk.open()
    minted = desk.engine.mint(case, "F08", via="page", action="submit")
    with pytest.raises(Refused):
        desk.engine.decide(minted.token, Answers("submit", values=dossier(title="")))  # an empty field
    values = desk.handed_in(case, "F08", dossier(members=[*dossier()["members"], *MORE]))
    desk.engine.decide(minted.token, Answers("submit", values=values))
    minted = desk.engine.mint(case, "F21", via="page", action="forward")
    for _ in range(2):
        with pytest.raises(Refused, match="R-11 has no request"):
            desk.engine.decide(minted.token, Answers("forward", values={"sensitive": False}))
    desk.engine.writer.chore(lambda conn: None).result()
    with desk.engine.snapshot() as snap:
        listed = refusals.of_case(snap.conn, case)
    assert [(row.person, row.command) for row in listed] == [("F21", f"grant.{minted.grant}")]
    assert [item["rule"] for item in listed[0].blockers] == ["R-11"]
    refused = [body["type"] for body, _ in desk.history(case)]
    assert refused == ["case.opened", "link.issued", "step.taken", "link.issued"], "a refused command makes no event"


def test_an_answer_that_came_too_late_is_told(desk: Desk):
    from engine.store import refusals

    case = desk.submitted()
    token = desk.engine.mint(case, "F21", via="mail", action="forward").token
    desk.act(case, "F08", "withdraw", reason="Hoãn")
    with pytest.raises(Conflict, match="withdrawn"):
        desk.engine.decide(token, Answers("forward", values={"sensitive": False}))
    desk.engine.writer.chore(lambda conn: None).result()
    with desk.engine.snapshot() as snap:
        listed = refusals.of_case(snap.conn, case)
    assert [(row.person, row.blockers[0]["code"]) for row in listed] == [("F21", "grant_closed")]


def test_mails_carry_the_right_of_who_is_asked(desk: Desk):
    case = desk.submitted()
    with desk.engine.snapshot() as snap:
        rows = {row.notice: row for row in views.mails(snap.conn, case)}
        assert rows["N-11"].person == "F21"
        assert rows["N-11"].grant == desk.case(case).live_grants()[0].id
        assert rows["N-10"].grant == ""
        assert outbox.oldest_unsent(snap.conn) == desk.clock()


@pytest.mark.parametrize("person", ["F13", "F99"])
def test_who_does_not_hold_the_task_gets_no_link(desk: Desk, person: str):
    from engine.core.blockers import Refused

    case = desk.submitted()
    with pytest.raises(Refused, match="You do not hold this task"):
        desk.engine.mint(case, person, via="page", action="forward")
