"""Small parts of the forms: steps, suggestions, names of files, rules of a step. No database."""

from __future__ import annotations

import pytest

from engine.core.act_fields import act_fields, needs_form
from engine.web.named import Named
from engine.web.reads import fields_read
from engine.web.steps import step_of, steps
from engine.web.suggested import suggested
from engine.web.uploads import allowed, shown_name
from tests.portal.site import delegation, directory

DEFINITION = delegation()


def fields(state: str, action: str) -> tuple[str, ...]:
    return act_fields(DEFINITION, DEFINITION.transitions[state][action])


def test_a_proposal_has_a_step_per_list():
    listed = steps(DEFINITION, fields("DRAFT", "submit"), exceptions=True)
    assert [s.key for s in listed] == ["general", "members", "itinerary", "funding", "papers", "exceptions"]
    assert step_of(listed, "members/3/task") == "members"
    assert step_of(listed, "invitation/inviter") == "papers"
    assert step_of(listed, "waivers/R-12/truly_necessary") == "exceptions"
    assert step_of(listed, "letter") == ""


def test_what_somebody_else_answers_is_on_no_form():
    assert not {"sensitive", "consulted", "letter", "returned_on", "conditions"} & set(fields("DRAFT", "submit"))
    assert "returned_on" not in fields("REPORT_PENDING", "hand_in")
    assert {"report", "outcomes", "no_outcome"} <= set(fields("REPORT_PENDING", "hand_in"))
    assert fields("DECISION_PM", "approve") == ("letter",)


@pytest.mark.parametrize(
    ("state", "action", "needed"),
    [
        ("DRAFT", "submit", True),
        ("REPORT_PENDING", "hand_in", True),
        ("IN_PROGRESS", "correct_end", True),
        ("DECISION_PM", "approve", True),
        ("SCREENING", "forward", False),
        ("REPORT_REVIEW", "accept", False),
        ("APPROVED", "cancel", False),
    ],
)
def test_only_uploads_and_submissions_need_the_form(state, action, needed):
    assert needs_form(DEFINITION, DEFINITION.transitions[state][action]) is needed


def test_suggestions_follow_from_the_case():
    facts = {"departure": "2022-09-04", "planned_end": "2022-09-06", "head": "F04", "secretary": "F08"}
    days, blank = suggested(DEFINITION, DEFINITION.fields["itinerary"], [], facts, 0)
    assert [d["date"] for d in days] == ["2022-09-04", "2022-09-05", "2022-09-06"] and blank == 0
    people, blank = suggested(DEFINITION, DEFINITION.fields["members"], [], facts, 0)
    assert people == [{"person": "F04"}, {"person": "F08"}] and blank == 3
    row = {"date": "2022-09-06", "kind": "VISIT", "country": "KR", "programme": "x"}
    more, blank = suggested(DEFINITION, DEFINITION.fields["itinerary"], [row], facts, 2)
    assert more[2] == {"date": "2022-09-08", "kind": "VISIT", "country": "KR"} and blank == 0
    wrong = {**facts, "planned_end": "2022-02-31"}
    assert suggested(DEFINITION, DEFINITION.fields["itinerary"], [], wrong, 0) == ([], 0)
    far = {**facts, "planned_end": "2023-09-06"}
    assert suggested(DEFINITION, DEFINITION.fields["itinerary"], [], far, 0) == ([], 0)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Hồ sơ\\thư mời.pdf", "thư mời.pdf"),
        ("a\u202efdp.exe", "afdp.exe"),
        ("....", "tep"),
        ("", "tep"),
        ("x\x00y\n.pdf", "xy.pdf"),
        ("CON", "CON"),
    ],
)
def test_names_of_files_are_for_showing_only(name, shown):
    assert shown_name(name) == shown


def test_long_names_keep_their_end():
    found = shown_name("đ" * 300 + ".docx")
    assert len(found) == 120 and found.endswith("….docx")


def test_kinds_are_told_by_bytes():
    assert allowed(b"%PDF-1.7") and allowed(b"\x89PNG\r\n\x1a\n...") and allowed(b"\xff\xd8\xff\xe0")
    assert allowed(b"PK\x03\x04........word/document.xml")
    assert not allowed(b"<html>") and not allowed(b"MZ") and not allowed(b"") and not allowed(b"PK\x03\x04plain")


def test_rules_know_the_fields_they_read():
    rules = DEFINITION.rules
    assert {"members", "head"} <= fields_read(DEFINITION, rules["R-12"])
    assert "itinerary" in fields_read(DEFINITION, rules["R-13"]) and "members" in fields_read(DEFINITION, rules["R-13"])
    assert fields_read(DEFINITION, rules["R-04"]) == {"plan_item"}


def test_everybody_in_the_directory_is_found_by_what_the_form_shows():
    for lang in ("vi", "en"):
        named = Named(directory(), lang)
        for person in directory().people:
            assert named.find_person(named.person(person)) == person
        for body in directory().bodies:
            assert named.find_body(named.body(body)) == body
        for name in named.countries():
            assert named.find_country(name), name
