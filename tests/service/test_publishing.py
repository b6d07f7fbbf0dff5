"""What the site publishes: each change one event of `_log`, with what it brings, or nothing."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine.core.events import LOG
from engine.definitions.loader import load_file
from engine.definitions.problems import Problems
from engine.service import keys
from engine.service.importing import BadRows
from engine.service.opening import open_engine
from engine.service.publishing import append, import_register, publish, set_calendar, set_people
from engine.store import definitions, ledger, people, registers
from tests.support.delegation import ROOT, WORKFLOW, Desk, agreed, moment, placed, site, workflow


def log_types(desk: Desk) -> list[str]:
    with desk.engine.snapshot() as snap:
        return [body["type"] for body, _ in ledger.log(snap.conn)]


def changed_workflow(tmp_path: Path, *pairs: tuple[str, str]) -> Any:
    """The delegation with some of its text replaced."""
    text = (ROOT / "workflows" / f"{WORKFLOW}.toml").read_text("utf-8")
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new, 1)
    path = tmp_path / f"{WORKFLOW}.toml"
    path.write_text(text, "utf-8")
    return load_file(path, site().names)


def test_a_site_begins_with_the_key_that_signs(desk: Desk):
    with desk.engine.snapshot() as snap:
        first = ledger.log(snap.conn)[0][0]
    assert (first["type"], first["seq"], first["case"]) == ("log.opened", 1, LOG)
    assert first["key"] == keys.public(desk.engine.key).hex()


def test_the_same_bytes_again_publish_nothing(desk: Desk):
    before = log_types(desk)
    assert publish(desk.engine, workflow(), "F14").version == 1
    assert set_people(desk.engine, site().directory, "F14") > 0
    assert import_register(desk.engine, "regions", [{"country": "LA", "region": "southeast_asia"}], "F14").kept == 1
    assert log_types(desk) == before


def test_a_new_version_is_active_and_running_cases_keep_theirs(desk: Desk, tmp_path: Path):
    case = desk.submitted()
    label = ("Phê duyệt có điều kiện, yêu cầu sửa", "Phê duyệt kèm điều kiện")
    done = publish(desk.engine, changed_workflow(tmp_path, label), "F14")
    assert done.version == 2
    with desk.engine.snapshot() as snap:
        assert definitions.active(snap.conn, WORKFLOW) == 2
        assert snap.definition(snap.case(case)).version == 1  # type: ignore[arg-type]
        assert snap.active(WORKFLOW).actions["approve_if"].vi == label[1]  # type: ignore[union-attr]
        row = definitions.read(snap.conn, WORKFLOW, 2)
        assert row is not None
        event = ledger.event(snap.conn, LOG, row.seq)
        assert event is not None
        assert event.parsed()["definition"] == {"name": WORKFLOW, "version": 2, "sha256": done.sha256}
        assert [v.version for v in definitions.versions(snap.conn, WORKFLOW)] == [1, 2]
    fresh = desk.open()
    assert desk.case(fresh).definition.version == 2
    # a new submission adopts the version in force; the event says so
    desk.act(case, "F21", "return", reason="Bổ sung")
    assert desk.case(case).definition.version == 1
    from tests.support.delegation import dossier

    desk.act(case, "F08", "resubmit", values=dossier())
    assert desk.case(case).definition.version == 2


@pytest.mark.slow
def test_publishing_at_once_gives_one_version_each(desk: Desk, tmp_path: Path):
    from tests.service.test_races import at_once

    texts = [("Phê duyệt có điều kiện, yêu cầu sửa", f"Phê duyệt lần {n}") for n in range(4)]
    folders = [tmp_path / str(n) for n in range(4)]
    for folder in folders:
        folder.mkdir()
    loaded = [changed_workflow(folder, text) for folder, text in zip(folders, texts, strict=True)]
    done = at_once(*[lambda item=item: publish(desk.engine, item, "F14") for item in loaded])
    assert sorted(item.version for item in done) == [2, 3, 4, 5]


def test_assurance_that_is_not_built_is_not_published(light: Desk, tmp_path: Path):
    loaded = changed_workflow(
        tmp_path, ('who = "so_ngoai_vu", external', 'assurance = "login", who = "so_ngoai_vu", external')
    )
    with pytest.raises(Problems) as problems:
        publish(light.engine, loaded, "F14")
    assert "login" in problems.value.items[0].message
    with light.engine.snapshot() as snap:
        assert definitions.active(snap.conn, WORKFLOW) == 1


def test_published_bytes_outlive_the_file_and_are_checked(light: Desk):
    with light.engine.snapshot() as snap:
        files, main = definitions.files(snap.conn, WORKFLOW, 1)
        assert files[main] == workflow().files[main]
        with pytest.raises(KeyError):
            definitions.files(snap.conn, WORKFLOW, 9)


@pytest.mark.parametrize(
    ("register", "row", "said"),
    [
        ("plan_items", {"id": "X", "colour": "red"}, "row 1: unknown column 'colour'; plan_items has id, plan_kind"),
        ("plan_items", {"title": "x"}, "row 1: the key 'id' is empty"),
        ("plan_items", {"id": "X", "year": "2022"}, "row 1, year: expected a whole number, got '2022'"),
        ("plan_items", {"id": "X", "year": True}, "row 1, year: expected a whole number, got True"),
        ("plan_items", {"id": "X", "head": "F99"}, "row 1, head: 'F99' is not a person of the directory"),
        ("plan_items", {"id": "X", "countries": "LA"}, "row 1, countries: expected a list"),
        (
            "plan_items",
            {"id": "X", "countries": ["Laos"]},
            "expected a country code of two capital letters, got 'Laos'",
        ),
        ("plan_items", {"id": "X", "pm_per_trip": "no"}, "row 1, pm_per_trip: expected true or false, got 'no'"),
        (
            "trips",
            {"person": "F08", "year": 2022, "from": "6/6/2022"},
            "expected a date like 2022-06-30, got '6/6/2022'",
        ),
        ("trips", {"person": "F08", "year": 2022, "from": "2022-02-30"}, "'2022-02-30' is no day of the calendar"),
        ("plan_items", {"id": "X" * 2001}, "expected text of at most 2000 characters"),
        ("plan_items", ["X"], "row 1: expected columns with values, got list"),
        ("nothing", {"id": "X"}, "there is no register 'nothing'; config.toml names:"),
    ],
)
def test_rows_that_do_not_fit_are_refused_by_name(light: Desk, register: str, row: Any, said: str):
    before = log_types(light)
    with pytest.raises(BadRows) as bad:
        import_register(light.engine, register, [row], "F14")
    assert said in str(bad.value)
    assert log_types(light) == before


def test_every_row_that_does_not_fit_is_told_at_once(light: Desk):
    with pytest.raises(BadRows) as bad:
        import_register(light.engine, "regions", [{"country": "LA"}, {"country": "laos"}, {"region": "x"}], "F14")
    assert len(bad.value.problems) == 2
    with pytest.raises(BadRows, match="mode 'merge': expected add or replace"):
        import_register(light.engine, "regions", [], "F14", "merge")


def test_add_keeps_and_replace_takes_away_but_never_what_cases_publish(desk: Desk):
    from tests.support.delegation import travelled

    travelled(desk)
    with desk.engine.snapshot() as snap:
        published = registers.listed(snap.conn, "item_uses")
    assert published
    done = import_register(desk.engine, "item_uses", [{"item": "OUT-99", "state": "CLOSED"}], "F14")
    assert (done.added, done.removed) == (1, 0)
    done = import_register(desk.engine, "item_uses", [], "F14", "replace")
    assert (done.added, done.removed) == (0, 1)
    with desk.engine.snapshot() as snap:
        assert registers.listed(snap.conn, "item_uses") == published
        rows, version = registers.rows(snap.conn, "item_uses", '["OUT-99"]')
        assert (rows, version) == ([], 2)
    moved = {"country": "LA", "region": "asean"}
    assert import_register(desk.engine, "regions", [moved], "F14", "replace").removed == 2
    with desk.engine.snapshot() as snap:
        assert registers.listed(snap.conn, "regions") == [moved]


def test_dates_of_toml_are_taken(light: Desk):
    row = {"person": "F08", "year": 2022, "from": datetime.date(2022, 6, 6), "to": datetime.date(2022, 6, 8)}
    assert import_register(light.engine, "trips", [row], "F14").added == 1
    with light.engine.snapshot() as snap:
        assert registers.rows(snap.conn, "trips", '["F08",2022]')[0][0]["from"] == "2022-06-06"


def test_particulars_of_people_stand_beside_the_event(desk: Desk):
    with desk.engine.snapshot() as snap:
        event = ledger.last_of_type(snap.conn, LOG, "people.changed")
        assert event is not None
        assert "@" not in event.body.decode()
        assert "Bùi Minh Họa" not in event.body.decode()
        kept = {row.field: row.parsed() for row in ledger.private_rows(snap.conn, LOG)}
        assert kept["people/F08"]["name"] == "Bùi Minh Họa"
        assert snap.directory == replace(site().directory, version=event.seq)
        assert people.directory(snap.conn, event.seq) == snap.directory


def test_the_calendar_is_recorded_once_and_used_at_once(desk: Desk):
    calendar = site().calendar
    assert set_calendar(desk.engine, calendar, "F14")
    assert not set_calendar(desk.engine, calendar, "F14")
    changed = replace(calendar, holidays={**calendar.holidays, "2022-05-05": "Nghỉ bù"}, digest="another")
    assert set_calendar(desk.engine, changed, "F14")
    case = desk.submitted()
    due = desk.case(case).due
    assert due is not None
    assert due.derivation is not None
    assert ("2022-05-05", "Nghỉ bù") in due.derivation.skipped


def test_events_of_the_system(desk: Desk):
    done = append(
        desk.engine, "system.outage", {"from": "2022-05-04T00:00:00.000000Z", "to": "2022-05-04T01:00:00.000000Z"}
    )
    assert done.body["actor"]["kind"] == "service"
    with pytest.raises(ValueError, match="unknown event type"):
        append(desk.engine, "no.such", {})


def test_a_key_is_made_once_and_missed_afterwards(light: Desk, tmp_path: Path):
    path = light.setup.settings.keys.signing
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(FileExistsError):
        keys.make(path)
    light.close()
    moved = path.rename(tmp_path / "moved.key")
    with pytest.raises(keys.BadKey, match=r"the engine's key is missing; `trinh init` makes one for a new site"):
        open_engine(light.setup, clock=light.clock)
    moved.rename(path).chmod(0o644)
    with pytest.raises(keys.BadKey, match="others may read the engine's key; run chmod 600"):
        open_engine(light.setup, clock=light.clock)
    path.chmod(0o600)
    path.write_text("rubbish")
    with pytest.raises(keys.BadKey, match="is no private key in PEM form"):
        open_engine(light.setup, clock=light.clock)


def test_a_restart_reads_what_was_published(desk: Desk, again: Callable[..., Desk]):
    version = desk.engine.snapshot
    with version() as snap:
        before = snap.directory
    desk.close()
    second = again(clock=desk.clock)
    with second.engine.snapshot() as snap:
        assert snap.directory == before
        assert snap.workflows() == [WORKFLOW]
    case = second.submitted()
    second.act(case, "F21", "forward", values={"sensitive": False})
    second.act(case, "F12", "give_opinion", columns=agreed())
    second.close()


def test_a_site_for_looking_only(desk: Desk, tmp_path: Path):
    from engine.service.engine import ReadOnly

    reader = open_engine(placed(site(), desk.setup.settings.database_url, tmp_path), read_only=True, clock=desk.clock)
    with pytest.raises(ReadOnly):
        reader.open(WORKFLOW, "F08")
    assert reader.next_at() is None
    reader.close()


def test_the_demo_clock_moves_forward_only_and_is_remembered(tmp_path: Path):
    from engine.service.clocks import DemoClock, wall

    clock = DemoClock(tmp_path / "clock.offset")
    assert abs(clock() - wall()) < 1_000_000
    later = wall() + 86_400_000_000
    assert clock.advance(later) >= later
    assert clock.advance(moment("2022-05-04")) >= later
    assert DemoClock(tmp_path / "clock.offset")() >= later
