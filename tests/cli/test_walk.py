"""The whole way on the command line: init → registers → open → decide → record → show → list → history → verify."""

from __future__ import annotations

import json

import pytest

AGREED = [arg for n in range(1, 10) for arg in ("--set", f"members.{n}.opinion=AGREE")]


def test_a_delegation_from_the_command_line(trinh):
    case = trinh.submitted()
    assert case == "DR-2022-0001"
    said = trinh.ok("decide", case, "--as", "F21")
    assert f"{case} is in SCREENING; F21 may:" in said and "forward" in said and "sensitive?" in said
    trinh.clock("2022-05-06 09:00:00")
    trinh.ok("decide", case, "forward", "--as", "F21", "--set", "sensitive=no")
    trinh.clock("2022-05-12 09:00:00")
    trinh.ok("decide", case, "give_opinion", "--as", "f12@example.vn", *AGREED)
    trinh.clock("2022-05-18 09:00:00")
    trinh.ok("decide", case, "send_up", "--as", "F13")
    letter = trinh.write("letter.pdf", b"%PDF-1.4\n%%EOF\n")
    done = trinh(
        "record",
        case,
        "approve",
        "--as",
        "F21",
        "--number",
        "512/TTg-QHQT",
        "--date",
        "2022-05-17",
        "--file",
        letter,
        "--outcome",
        "Đồng ý",
        "--json",
    ).json
    assert (done["action"], done["state"], done["repeated"]) == ("approve", "APPROVED", False)

    shown = trinh("show", case, "--json").json
    assert shown["state"] == "APPROVED" and shown["facts"]["letter"]["number"] == "512/TTg-QHQT"
    assert shown["facts"]["members"][0]["opinion"] == "AGREE"
    assert "D-07" in {item["id"] for item in shown["documents"]}
    listed = trinh("list", "--open", "--json").json
    assert listed["total"] == 1 and listed["cases"][0]["reference"] == case
    assert "Viêng Chăn" in trinh.ok("list", "vieng", "chan")

    history = trinh("history", case, "--json").json
    assert [e["what"] for e in history["events"] if e["type"] == "step.taken"] == [
        "submit",
        "forward",
        "give_opinion",
        "send_up",
        "approve",
    ]
    then = trinh("history", case, "--at", "2022-05-06 12:00", "--json").json
    assert then["state"] == "ORG_REVIEW"
    assert trinh("history", case, "--seq", "1", "--json").json["state"] == "DRAFT"
    assert "clean" in trinh.ok("verify")
    report = trinh("verify", case, "--json").json
    assert report["clean"] and report["cases"] == 1 and report["not_checked"]


def test_a_refusal_tells_every_reason_and_records_nothing(trinh):
    case = trinh.submitted()
    events = trinh("show", case, "--json").json["events"]
    said = trinh.no("decide", case, "return", "--as", "F21")
    assert said == "trinh: refused, nothing was recorded:\n  reason: Give a reason."
    assert trinh("show", case, "--json").json["events"] == events + 1  # the link that was minted


@pytest.mark.slow
def test_refusals_speak_vietnamese_too(trinh):
    case = trinh.submitted()
    english, vietnamese = (
        trinh.no("decide", case, "return", "--as", "F21"),
        trinh.no("decide", case, "return", "--as", "F21", "--lang", "vi"),
    )
    assert vietnamese != english


@pytest.mark.slow
def test_who_holds_no_task_cannot_decide(trinh):
    case = trinh.submitted()
    assert "You do not hold this task." in trinh.no("decide", case, "forward", "--as", "F12")
    assert "nothing is offered to F12" in trinh("decide", case, "--as", "F12").out


@pytest.mark.slow
def test_who_travels_does_not_decide(trinh):
    case = trinh.submitted()
    assert "refused, nothing was recorded" in trinh.no("decide", case, "withdraw", "--as", "F01")


def test_the_same_decision_twice(trinh):
    case = trinh.submitted()
    trinh.ok("decide", case, "forward", "--as", "F21")
    assert "This is not possible in the state" in trinh.no("decide", case, "forward", "--as", "F21")


@pytest.mark.slow
def test_show_tells_how_a_date_was_reckoned(trinh):
    case = trinh.submitted()
    shown = trinh.ok("show", case)
    assert (
        "Due" in shown and "= 3 working days from 2022-05-04; skipped 2022-05-07 weekend, 2022-05-08 weekend" in shown
    )
    assert "F21 Chu Văn Thử, so_ngoai_vu.decide" in shown
    assert "Thăm Viêng Chăn và Phnôm Pênh" in trinh.ok("show", case, "--lang", "vi")


def test_overdue_cases(trinh):
    case = trinh.submitted()
    assert trinh("list", "--overdue", "--json").json["total"] == 0
    trinh.clock("2022-05-10 09:00:00")
    (row,) = trinh("list", "--overdue", "--json").json["cases"]
    assert row["reference"] == case and row["overdue"] is True and row["due"] == "2022-05-09T17:00:00+07:00"


def test_a_draft_is_kept_for_the_browser(trinh):
    trinh.registers()
    file = trinh.write("short.toml", 'title = "Thử"\ndeparture = 2022-06-06\n')
    said = trinh.ok("open", "delegation-out", "--as", "F08", "--from", file)
    case = said.split()[0]
    assert case.startswith("c_") and f"/c/{case}/edit" in said
    assert trinh("show", case, "--json").json["state"] == "DRAFT"
    assert "«Cơ quan tổ chức»" in trinh.no("decide", case, "submit", "--as", "F08", "--lang", "vi")


@pytest.mark.slow
def test_a_submission_that_is_refused_leaves_the_draft(trinh):
    trinh.registers()
    file = trinh.write("short.toml", 'title = "Thử"\n')
    said = trinh.no("open", "delegation-out", "--as", "F08", "--from", file, "--then", "submit")
    assert "was opened and stays a draft" in said and "Fill in “Organiser”." in said
    assert trinh("list", "--json").json["total"] == 1


def test_a_file_with_mistakes_opens_nothing(trinh):
    trinh.registers()
    file = trinh.write("bad.toml", 'titel = "Thử"\n[waivers]\nx = 1\n')
    said = trinh.no("open", "delegation-out", "--as", "F08", "--from", file)
    assert "'titel' is not a field of delegation-out" in said and "did you mean 'title'?" in said and ":1:1:" in said
    file = trinh.write("lost.toml", '[invitation]\ndocument = "@nowhere.pdf"\n')
    assert "cannot be read" in trinh.no("open", "delegation-out", "--as", "F08", "--from", file)
    assert trinh("list", "--json").json["total"] == 0


@pytest.mark.slow
def test_answers_as_json_and_conditions(trinh):
    case = trinh.submitted()
    columns = json.dumps([])
    assert "trinh: refused" in trinh.no("decide", case, "forward", "--as", "F21", "--set", f"members={columns}")


@pytest.mark.slow
def test_a_correction_waits_for_whoever_confirms(trinh):
    case = trinh.submitted()
    for at, action, person, more in (
        ("2022-05-06", "forward", "F21", ("--set", "sensitive=no")),
        ("2022-05-12", "give_opinion", "F12", AGREED),
        ("2022-05-18", "send_up", "F13", ()),
    ):
        trinh.clock(f"{at} 09:00:00")
        trinh.ok("decide", case, action, "--as", person, *more)
    trinh.ok("record", case, "approve", "--as", "F21", "--number", "512/TTg", "--date", "2022-05-17")
    trinh.clock("2022-06-08 09:00:00")
    pass_ = trinh.write("boarding.pdf", b"%PDF-1.4\n%%EOF\n")
    trinh.ok(
        "decide", case, "correct_end", "--as", "F08", "--set", "returned_on=2022-06-14", "--set", f"evidence=@{pass_}"
    )
    offered = trinh.ok("decide", case, "--as", "F21")
    assert "confirm" in offered and "decline" in offered
    trinh.ok("decide", case, "confirm", "--as", "F21")
    assert trinh("show", case, "--json").json["facts"]["returned_on"] == "2022-06-14"
