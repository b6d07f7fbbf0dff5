"""Files that are right: what they become. Inclusion, digests, what published bytes may still be."""

from __future__ import annotations

import datetime
import hashlib
from pathlib import Path

import pytest

from engine.core.machine import targets
from engine.core.model import Ask, Conditional, Duration, Need, Time
from engine.definitions.loader import digest, load_bytes, load_file
from engine.definitions.problems import Problems
from tests.definitions.sample import TRIP, changed, load, problems, site

DELEGATION = Path(__file__).resolve().parents[2] / "workflows" / "delegation-out.toml"


@pytest.fixture(scope="module")
def delegation():
    return load_file(DELEGATION, None).definition


# -- the outgoing delegation

TRANSITIONS = """\
T01 DRAFT submit SCREENING
U01 DRAFT submit_urgent SCREENING
T02 SCREENING return RETURNED
T03 RETURNED resubmit SCREENING
T04 SCREENING not_consider NOT_CONSIDERED
T05 SCREENING reject REJECTED
T06 SCREENING forward review
U04 PCAC_STUDY propose ORG_REVIEW
U05 PCAC_STUDY return RETURNED
U05 PCAC_STUDY reject REJECTED
T07 ORG_REVIEW return RETURNED
T08 ORG_REVIEW give_opinion decision
T09 DECISION approve APPROVED
T09 DECISION_UBND approve APPROVED
T09 DECISION_BTV approve APPROVED
T09 DECISION_PM approve APPROVED
T10 DECISION approve_if RETURNED
T11 DECISION_PM reject REJECTED
T12 DECISION refer DECISION_BTV
T13 DECISION send_up DECISION_PM
U08 DECISION_BTV send_up DECISION_PM
T14 ORG_REVIEW withdraw WITHDRAWN
T15 DECISION_PM lapse LAPSED
T16 APPROVED change SCREENING
T17 APPROVED cancel CANCELLED
T18 APPROVED depart IN_PROGRESS
T19 IN_PROGRESS confirm_return REPORT_PENDING
T20 REPORT_PENDING overdue REPORT_OVERDUE
T21 REPORT_PENDING hand_in REPORT_REVIEW
T21 REPORT_OVERDUE hand_in REPORT_REVIEW
T22 REPORT_REVIEW return REPORT_REVISION
T23 REPORT_REVISION hand_in REPORT_REVIEW
T24 REPORT_REVIEW accept CLOSED
T25 IN_PROGRESS correct_end IN_PROGRESS
T26 REPORT_OVERDUE correct_end REPORT_PENDING
"""


def test_the_delegation_loads_without_a_problem():
    loaded = load_file(DELEGATION, None)

    assert loaded.warnings == () and loaded.unbuilt == ()
    assert loaded.main == "delegation-out.toml" and list(loaded.files) == ["delegation-out.toml"]


@pytest.mark.parametrize("row", TRANSITIONS.splitlines())
def test_the_transitions_of_the_requirements_are_there(delegation, row):
    _, state, action, to = row.split()

    name = delegation.transitions[state][action].to
    assert to == name or to in targets(delegation, name)


def test_states_fields_and_texts(delegation):
    assert len(delegation.states) == 21
    assert delegation.states["DECISION"].fallback == "DECISION_BTV"
    assert delegation.states["DECISION_PM"].external == "thu_tuong_chinh_phu"
    assert delegation.states["DECISION_PM"].limit == (
        Conditional("pm_record", "pm_basis == 'PLAN'"),
        Conditional("pm_reply"),
    )
    assert delegation.states["CLOSED"].final == "good" and delegation.states["LAPSED"].final == "bad"
    assert delegation.title["vi"] == "Đoàn ra" and delegation.title["en"] == "Outgoing delegation"
    assert delegation.effective == "2022-01-01"
    assert delegation.sections["decision"] == ("conditions", "letter")
    assert "waiver" not in delegation.sections and "urgency" in delegation.grounds
    members = delegation.fields["members"].type
    assert (members.kind, members.name, members.many, members.optional) == ("record", "member", True, False)
    assert delegation.fields["plan_item"].type.kind == "register"
    assert delegation.records["member"]["cadre"].value == "cadre(m)"
    assert delegation.choices["opinion"]["DISAGREE"]["vi"] == "không đồng ý"


def test_groups_hold_states_only(delegation):
    assert delegation.groups["undecided"] == (
        "SCREENING", "RETURNED", "PCAC_STUDY", "ORG_REVIEW", "DECISION", "DECISION_UBND", "DECISION_BTV", "DECISION_PM",
    )  # fmt: skip


def test_lets_keep_their_order_and_functions_their_parameters(delegation):
    names = list(delegation.lets)
    assert names.index("unplanned") < names.index("countries") < names.index("report_due")
    assert delegation.functions["visit_days"][0] == ("m", "c")
    assert "managed" not in delegation.lets


def test_rules_stand_in_source_order_with_their_kind(delegation):
    kinds = {name: rule.kind for name, rule in delegation.rules.items()}

    names = list(kinds)
    assert names.index("days-complete") < names.index("R-01") < names.index("R-02") < names.index("R-22")
    assert kinds["R-04"] == "exception" and kinds["R-05"] == "guard" and kinds["R-16"] == "lift"
    assert names.index("R-06") > names.index("R-21")
    assert delegation.rules["R-13"].each == (("m", "members"), ("c", "countries"))
    assert delegation.rules["R-13"].lifted_by == "R-16"
    assert delegation.rules["R-08"].waive_each and not delegation.rules["R-11"].waive_each


def test_times_needs_and_asks_are_read(delegation):
    returned = delegation.transitions["IN_PROGRESS"]["confirm_return"]
    submit = delegation.transitions["DRAFT"]["submit_urgent"]

    assert returned.at == Time("trip_end", True, -1, "seconds")
    assert returned.by == ("secretary",)
    assert submit.needs[-1] == Need("requested", "R-04")
    assert delegation.transitions["DECISION"]["approve"].needs[:2] == (Need("no_block"), Need("exceptions_granted"))
    assert delegation.transitions["SCREENING"]["forward"].asks == (Ask("sensitive", True), Ask("consulted", True))
    assert delegation.limits["org_review"].normal == Duration(5, "working_days")
    assert delegation.limits["pm_reply"].every == Duration(10, "working_days")
    assert delegation.ladders["report"].due == "report_due"
    assert [rung.at.count for rung in delegation.ladders["report"].rungs] == [-3, 0, 1, 3, 7, 30]
    assert delegation.ladders["lapse"].rungs[0].within == delegation.groups["deciding"]


def test_routes_are_rows_with_columns(delegation):
    rows = delegation.routes["decision"]

    assert [row.id for row in rows] == ["C8", "C6", "C7u", "C7", "C4a", "C12", "C11", "C4u", "C4b"]
    assert rows[0].columns == {"decider": "thuong_truc_thanh_uy", "pm": True}
    assert rows[-1].when == ""


def test_like_copies_and_own_keys_win(delegation):
    late = delegation.transitions["REPORT_OVERDUE"]["correct_end"]

    assert late.confirm == "so_ngoai_vu" and late.asks[:2] == (Ask("returned_on"), Ask("evidence"))
    assert late.asks == delegation.transitions["IN_PROGRESS"]["correct_end"].asks
    assert late.needs == (Need("passes", "return-after-departure"), Need("passes", "due-ahead"))
    assert late.quiet


def test_the_rest_is_there(delegation):
    assert delegation.always[2].rows == ("review.C6",)
    assert delegation.always[2].end == delegation.groups["deciding"]
    assert delegation.waiver and delegation.waiver.decider == "decision.decider"
    assert delegation.publish["trips"].states == delegation.groups["alive"]
    assert delegation.publish["inspection_list"].states == ()
    assert delegation.obligations["outcome"].each == ("o", "outcomes")
    assert delegation.documents["D-02"].annex == "D-01" and delegation.documents["D-10"].uploaded == "report"
    assert delegation.notices["N-29"].cc == (Conditional("ban_to_chuc_thanh_uy", "any_managed"),)
    assert delegation.parameters["max_size_tttu"] == 10


def test_lines_give_the_order_on_one_instant(delegation):
    lines = [t.line for t in delegation.transitions["DECISION"].values()]

    assert lines == sorted(lines) and lines[0] > 1


# -- small things


def test_parameters_may_be_dates_and_lists():
    definition = load(
        changed(("max_size = 7", 'max_size = 7\ncutoff = 2022-05-15\nx_why = "R-28"\nyears = [2022, 2023]'))
    )

    assert definition.parameters["cutoff"] == datetime.date(2022, 5, 15)
    assert definition.parameters["years"] == [2022, 2023]


def test_keys_that_begin_with_x_are_notes():
    text = changed(('final = "good"', 'x_note = "S0:76", final = "good"'))

    assert problems(text) == ()


def test_a_state_has_its_own_action_before_the_one_of_its_group():
    text = changed(
        ("[on.REVIEW]\n", '[on.REVIEW]\nreject = { to = "DONE" }\n'), ('to = "DONE", passes', 'to = "REFUSED", passes')
    )
    definition = load(text)

    assert definition.transitions["REVIEW"]["reject"].to == "DONE"
    assert definition.transitions["DECISION"]["reject"].to == "REFUSED"


def test_a_ladder_may_end_with_its_day():
    assert (
        load(changed(('due = "departure"\nrungs', 'due = "end of departure"\nrungs'))).ladders["lapse"].due
        == "departure"
    )


def test_a_schedule_is_read_and_may_not_be_published_yet(tmp_path):
    start = 'start = { state = "DRAFT", schedule = [{ on = 2022-05-21, with = { title = "H1" } }] }'
    path = tmp_path / "trip.toml"
    path.write_text(changed(('start = { state = "DRAFT", by = ["unit.clerk"] }', start)), "utf-8")
    loaded = load_file(path, site())

    assert loaded.definition.start.schedule == ({"on": datetime.date(2022, 5, 21), "with": {"title": "H1"}},)
    assert [item.message for item in loaded.unbuilt] == [
        "'schedule' cannot be run by this release: 'publish' refuses it"
    ]


# -- inclusion

VARIANT = """\
workflow = "variant"
vi = "Biến thể"
en = "Variant"
include = ["trip.toml"]
remove = ["on.open.lapse", "route.decision.C1", "block.R-13", "lift.R-16"]
start = { by = ["unit.head"] }

[parameters]
max_size = 3

[on.REVIEW.forward]
to = "DECISION"
asks = []

[states]
REVIEW = { vi = "Xem xét" }
"""


def variant(text: str = VARIANT, **others: str):
    files = {
        "variant.toml": text.encode(),
        "trip.toml": TRIP.encode(),
        **{f"{n}.toml": t.encode() for n, t in others.items()},
    }
    return load_bytes(files, "variant.toml", site())


def refused(text: str, **others: str) -> list[str]:
    with pytest.raises(Problems) as found:
        variant(text, **others)
    return [problem.text().split("\n")[0] for problem in found.value.errors]


def test_tables_merge_by_key_and_everything_else_replaces():
    definition = variant()

    assert definition.name == "variant" and definition.title["en"] == "Variant"
    assert definition.start.state == "DRAFT" and definition.start.by == ("unit.head",)
    assert definition.parameters == {"max_size": 3, "office": "board", "barred": ["visit"]}
    assert definition.states["REVIEW"].label["vi"] == "Xem xét" and definition.states["REVIEW"].label["en"] == "Review"
    forward = definition.transitions["REVIEW"]["forward"]
    assert (
        forward.to == "DECISION"
        and forward.asks == ()
        and forward.needs == (Need("no_block"), Need("exceptions_requested"))
    )


def test_what_is_removed_is_gone():
    definition = variant()

    assert "lapse" not in definition.transitions["REVIEW"]
    assert [row.id for row in definition.routes["decision"]] == ["C2"]
    assert "R-13" not in definition.rules


def test_lines_of_included_files_come_first_and_an_overriding_line_keeps_its_place():
    definition = variant(
        VARIANT + '\n[on.DECISION]\nagain = { to = "REVIEW" }\n\n[actions]\nagain = { vi = "Lại", en = "Again" }\n'
    )
    lines = {t.action: t.line for t in definition.transitions["DECISION"].values()}

    assert lines["reject"] < lines["approve"] <= 0 < lines["again"]
    assert definition.transitions["REVIEW"]["forward"].line < lines["reject"]


def test_a_problem_names_the_file_it_is_in():
    base = changed(('who = "registry"', 'who = "regstry"'))
    with pytest.raises(Problems) as found:
        load_bytes({"variant.toml": VARIANT.encode(), "trip.toml": base.encode()}, "variant.toml", site())

    assert found.value.items[0].place == "trip.toml:47:50"


def test_removing_what_is_not_there_is_an_error():
    assert refused(VARIANT.replace("on.open.lapse", "on.open.laps")) == [
        "variant.toml:5:11: E401 'on.open.laps' is not in the included files"
    ]


def test_inclusion_is_one_level_deep():
    text = VARIANT.replace("trip.toml", "middle.toml")

    assert "variant.toml:4:12: E401 'middle.toml' includes other files itself; inclusion is one level deep" in refused(
        text, middle='include = ["trip.toml"]\n'
    )


@pytest.mark.parametrize("name", ["../trip.toml", "/etc/passwd", "sub/trip.toml", ".trip.toml", "trip"])
def test_only_files_of_the_folder_are_included(name):
    assert f"variant.toml:4:12: E401 '{name}' is not a file of this folder ('name.toml')" in refused(
        VARIANT.replace("trip.toml", name)
    )


def test_a_file_that_is_missing_is_named():
    assert "variant.toml:4:12: E401 there is no file 'tripp.toml' in this folder" in refused(
        VARIANT.replace("trip.toml", "tripp.toml")
    )


def test_two_bases_that_differ_need_a_decision():
    text = VARIANT.replace('include = ["trip.toml"]', 'include = ["trip.toml", "other.toml"]')
    other = '[parameters]\noffice = "registry"\nmax_size = 9\n'

    assert refused(text, other=other) == [
        "other.toml:2:1: E401 'parameters.office' differs from the one in trip.toml; decide it in the including file"
    ]
    decided = text.replace("max_size = 3", 'max_size = 3\noffice = "archive"')
    assert variant(decided, other=other).parameters["office"] == "archive"


def test_a_symlink_out_of_the_folder_is_no_file_of_it(tmp_path):
    outside = tmp_path / "outside.toml"
    outside.write_text(TRIP, "utf-8")
    folder = tmp_path / "workflows"
    folder.mkdir()
    (folder / "trip.toml").symlink_to(outside)
    (folder / "variant.toml").write_text(VARIANT, "utf-8")

    with pytest.raises(Problems) as found:
        load_file(folder / "variant.toml", site())
    assert "there is no file 'trip.toml' in this folder" in str(found.value)


def test_the_whole_list_of_a_file_and_its_bases_is_said_at_once(tmp_path):
    (tmp_path / "trip.toml").write_text(changed(('en = "Draft"', 'en = ""')), "utf-8")
    (tmp_path / "variant.toml").write_text(
        VARIANT.replace("max_size", "maxsize").replace("unit.head", "unit.haed"), "utf-8"
    )

    with pytest.raises(Problems) as found:
        load_file(tmp_path / "variant.toml", site())

    assert [problem.code for problem in found.value.errors] == ["E106", "E241"]


# -- digests


def test_the_digest_is_of_path_length_and_digest_of_every_file():
    lines = "".join(
        f"{name}\t{len(data)}\t{hashlib.sha256(data).hexdigest()}\n"
        for name, data in (("trip.toml", TRIP.encode()), ("variant.toml", VARIANT.encode()))
    )

    assert variant().sha256 == hashlib.sha256(lines.encode()).hexdigest()
    assert digest({"a": b"", "b": b"x"}) == digest({"b": b"x", "a": b""}) != digest({"a": b"x", "b": b""})


def test_a_base_alone_is_no_workflow():
    assert problems(changed(('workflow = "trip"\n', "")))[0].message == (
        "'workflow' is missing: this file is a base for 'include' and cannot be started"
    )


def test_published_bytes_are_read_without_the_checks_of_a_later_release():
    stale = changed(('check = "size <= max_size"', 'check = "has(size)"')).encode()

    definition = load_bytes({"trip.toml": stale}, "trip.toml", None, version=3, check=False)

    assert definition.version == 3 and definition.rules["R-12"].check == "has(size)"
