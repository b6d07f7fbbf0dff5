"""`trinh verify`: an honest history has no finding, every attack leaves its trace, and looking changes nothing."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from engine.audit import fold, proofs
from engine.audit.report import CannotVerify
from engine.audit.timeline import history
from engine.audit.verify import verify
from engine.store import views
from tests.audit.attacks import ATTACKS, attacked
from tests.support.delegation import Desk, moment


def only_case(desk: Desk) -> str:
    with desk.engine.snapshot() as snap:
        rows, total = views.cases(snap.conn)
    assert total == 1
    return rows[0].id


def test_an_honest_history_has_no_finding(site, open_site):
    desk = open_site(site)
    report = verify(desk.engine)
    desk.close()
    assert report.clean, [f.line() for f in report.findings]
    assert report.cases == 1
    assert report.events > 10
    assert report.scope


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_an_attack_leaves_its_trace(site, open_site, attack):
    desk = open_site(site)
    attacked(desk.engine.database, only_case(desk), attack)
    desk.close()
    desk = open_site(site)
    checks = {f.check for f in verify(desk.engine).findings}
    desk.close()
    assert ATTACKS[attack] in checks, checks


def test_a_lost_guard_is_told(site, open_site):
    desk = open_site(site)
    with desk.engine.database.writer.begin() as conn:
        name = "events_no_gap"
        conn.exec_driver_sql(f"DROP TRIGGER {name}" + ("" if conn.dialect.name == "sqlite" else " ON events"))
    report = verify(desk.engine)
    desk.close()
    assert [f.check for f in report.findings] == ["guards-missing"]


def test_only_the_proof_of_a_choice_finds_a_forged_decision(site, open_site, monkeypatch):
    """Everything else was mended by the attacker: without this check the forgery would pass. (Links issued after it are
    signed over hashes that have changed, so they show as unsigned.)"""
    from tests.audit.attacks import forge_approval

    desk = open_site(site)
    attacked(desk.engine.database, only_case(desk), forge_approval)
    assert {f.check for f in verify(desk.engine).findings} == {"no-link-proof", "unsigned-link"}
    monkeypatch.setattr(proofs, "check", lambda *_: None)
    assert verify(desk.engine).clean
    desk.close()


def test_only_the_fold_finds_a_changed_row(site, open_site, monkeypatch):
    from tests.audit.attacks import edit_projection

    desk = open_site(site)
    attacked(desk.engine.database, only_case(desk), edit_projection)
    assert {f.check for f in verify(desk.engine).findings} == {"projection"}
    monkeypatch.setattr(fold, "check", lambda *_: None)
    assert verify(desk.engine).clean
    desk.close()


def test_a_tail_cut_off_needs_a_witness_outside(site, open_site):
    """The honest limit: a shorter history, folded anew, is a history (docs/reliability.md)."""
    desk = open_site(site)
    assert any("cut off" in sentence for sentence in verify(desk.engine).scope)
    desk.close()


def test_looking_changes_nothing(walked: Path, tmp_path: Path, open_site):
    import shutil

    copy = tmp_path / "copy.db"
    shutil.copy(walked, copy)
    before = hashlib.sha256(copy.read_bytes()).hexdigest()
    desk = Desk(f"sqlite:///{copy}", walked.parent, fill=False, read_only=True)
    assert verify(desk.engine).as_json() == verify(desk.engine).as_json()
    desk.close()
    assert hashlib.sha256(copy.read_bytes()).hexdigest() == before


def test_an_unknown_case_is_not_clean(site, open_site):
    desk = open_site(site)
    with pytest.raises(LookupError):
        verify(desk.engine, "c_nothing")
    desk.close()


def test_a_ledger_that_cannot_be_read_is_neither_clean_nor_broken(site, open_site):
    desk = open_site(site)
    with desk.engine.database.writer.begin() as conn:
        conn.exec_driver_sql("ALTER TABLE private RENAME TO elsewhere")
    with pytest.raises(CannotVerify):
        verify(desk.engine)
    desk.close()


def test_history_is_what_was_known_then(site, open_site):
    desk = open_site(site)
    case = only_case(desk)
    then = history(desk.engine, case, at=moment("2022-05-18 23:59"))
    now = history(desk.engine, case)
    early = history(desk.engine, case, seq=1)
    with pytest.raises(LookupError):
        history(desk.engine, case, at=moment("2022-05-01 09:00"))
    with pytest.raises(LookupError):
        history(desk.engine, case, seq=9999)
    desk.close()
    assert then.case.state == "APPROVED"
    assert now.case.state == "CLOSED"
    assert early.case.state == "DRAFT"
    assert any("Phê duyệt" in line for line in then.lines("vi"))
    assert any("Approve" in line for line in then.lines("en"))
    assert now.as_json()["events"][-1]["to"] == "CLOSED"
