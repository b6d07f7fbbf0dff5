"""Every verb against what people mistype: one clear sentence on stderr, exit code 1, nothing half done."""

from __future__ import annotations

import os
import resource
import subprocess
import sys

import pytest

from engine.cli.main import VERBS, main
from tests.support.site import CHECKOUT

REFUSED = [
    (["lst"], "invalid choice: 'lst'"),
    (["list", "--stat", "X"], "unrecognized arguments: --stat. `trinh --help` explains"),
    (["show"], "the following arguments are required: CASE. `trinh show --help` explains"),
    (["show", "DR-2022-0099"], "trinh: there is no case 'DR-2022-0099'; `trinh list` shows them"),
    (["show", "_log"], "trinh: there is no case '_log'; `trinh list` shows them"),
    (["show", "'; DROP TABLE cases; --"], "there is no case"),
    (["list", "--state", "SCREENIN"], "trinh: there is no state 'SCREENIN'; did you mean 'SCREENING'?"),
    (["list", "--workflow", "delegation"], "trinh: there is no workflow 'delegation'; did you mean 'delegation-out'?"),
    (["list", "--person", "F99"], "trinh: 'F99' is not a person of the directory"),
    (["list", "--limit", "0"], "trinh: --limit is a number from 1 to 10000, --offset from 0"),
    (["list", "--limit", "x"], "invalid int value: 'x'"),
    (["list", "--open", "--ended"], "not allowed with argument --open"),
    (["decide", "c_x", "approve"], "there is no case 'c_x'"),
    (["decide", "{case}", "approve"], "trinh: say who acts: --as PERSON (an id or a mail address of the directory)"),
    (
        ["decide", "{case}", "approve", "--as", "f21"],
        "trinh: 'f21' is not a person of the directory; did you mean 'F21'?",
    ),
    (
        ["decide", "{case}", "approve", "--as", "nobody@example.vn"],
        "'nobody@example.vn' is not a person of the directory",
    ),
    (
        ["decide", "{case}", "forwrd", "--as", "F21"],
        "trinh: 'forwrd' is not an action of delegation-out; did you mean 'forward'?",
    ),
    (
        ["decide", "{case}", "forward", "--as", "F21", "--set", "sensitive"],
        "trinh: --set takes NAME=VALUE, not 'sensitive'",
    ),
    (
        ["decide", "{case}", "forward", "--as", "F21", "--set", "sensitve=no"],
        "trinh: 'sensitve' is not a field of delegation-out; did you mean 'sensitive'?",
    ),
    (
        ["decide", "{case}", "forward", "--as", "F21", "--set", "sensitive=perhaps"],
        "trinh: 'sensitive' is one of yes, no; here it is 'perhaps'",
    ),
    (
        ["decide", "{case}", "forward", "--as", "F21", "--set", "waivers.R-11=GRANT"],
        "trinh: 'waivers.R-11.decision' is one of GRANTED, REFUSED; here it is 'GRANT'",
    ),
    (
        ["decide", "{case}", "forward", "--as", "F21", "--set", "members.1.opinion=AGRE"],
        "'members.1.opinion' is one of AGREE, AGREE_WITH_CONDITIONS, DISAGREE; here it is 'AGRE'; did you mean 'AGREE'?",
    ),
    (["decide", "{case}", "forward", "--as", "F21", "--set", "members={not json"], "this looks like JSON and is not"),
    (["decide", "{case}", "forward", "--as", "F21", "--set", "a.b.c.d=1"], "'a' is not a field"),
    (
        ["decide", "{case}", "forward", "--as", "F21", "--set", "waivers=GRANTED"],
        "a waiver is set as waivers.RULE=GRANTED",
    ),
    (
        ["decide", "{case}", "forward", "--as", "F21", "--set", "grounds.R-11=x"],
        "grounds are set as grounds.RULE.FIELD",
    ),
    (
        ["decide", "{case}", "forward", "--as", "F21", "--set", "evidence=@nowhere.pdf"],
        "nowhere.pdf cannot be read: no such file",
    ),
    (
        ["decide", "{case}", "forward", "--as", "F21", "--set", "evidence=@{root}/dossier.toml"],
        "dossier.toml is of a kind that is not taken; hand in PDF",
    ),
    (
        ["decide", "{case}", "forward", "--as", "F21", "--from", "nowhere.toml"],
        "cannot read this file: there is no such file",
    ),
    (
        ["record", "{case}", "approve", "--as", "F21"],
        "trinh: a letter has a number and a date: give --number and --date",
    ),
    (
        ["record", "{case}", "approve", "--as", "F21", "--number", "1", "--date", "17/5/2022"],
        "'17/5/2022' is not a day such as 2022-05-20",
    ),
    (
        ["record", "{case}", "approve", "--as", "F21", "--number", "1", "--date", "2022-02-30"],
        "'2022-02-30' is not a day",
    ),
    (
        ["record", "{case}", "approve", "--as", "F21", "--number", "1", "--date", "2022-05-17"],
        "is in SCREENING, which waits for no letter from outside",
    ),
    (
        ["record", "{case}", "forward", "--as", "F21", "--number", "1", "--date", "2022-05-17", "--field", "title"],
        "'title' is not a letter; letters: ",
    ),
    (
        [
            "record",
            "{case}",
            "approve",
            "--as",
            "F21",
            "--number",
            "1",
            "--date",
            "2022-05-17",
            "--basis",
            "x",
            "--note",
            "y",
        ],
        "give one of --basis and --note",
    ),
    (
        ["open", "delegation-in", "--as", "F08"],
        "trinh: 'delegation-in' is not a published workflow; did you mean 'delegation-out'?",
    ),
    (["open", "delegation-out", "--as", "F01"], "refused, nothing was recorded"),
    (
        ["open", "delegation-out", "--as", "F08", "--then", "approve"],
        "'approve' is not an action of the state DRAFT; there are: ",
    ),
    (
        ["open", "delegation-out", "--as", "F08", "--from", "nowhere.toml"],
        "cannot read this file: there is no such file",
    ),
    (["history", "{case}", "--at", "yesterday"], "trinh: 'yesterday' is not a moment: give a day"),
    (["history", "{case}", "--at", "2022-02-30"], "'2022-02-30' is not a moment"),
    (["history", "{case}", "--at", "9999-12-31"], "'9999-12-31' is not a moment"),
    (["history", "{case}", "--at", "2021-01-01"], "nothing was recorded of {case} at 2021-01-01"),
    (["history", "{case}", "--seq", "0"], "--seq counts from 1"),
    (["history", "{case}", "--seq", "999"], "nothing was recorded of {case} as event 999"),
    (["history", "{case}", "--seq", "1", "--at", "2022-05-05"], "not allowed with argument"),
    (["verify", "c_nowhere"], "there is no case 'c_nowhere'"),
    (["publish", "delegation-in"], "there is no workflow 'delegation-in'"),
    (["publish", "nowhere/x.toml"], "trinh: there is no file nowhere/x.toml"),
    (["publish", "delegation-out", "--as", "F21"], "trinh: F21 is not an administrator; administrators: F26"),
    (["graph", "delegation-in"], "there is no workflow 'delegation-in'"),
    (["graph", "delegation-out", "--format", "png"], "invalid choice: 'png'"),
    (["check", "nowhere.toml"], "trinh: there is no file nowhere.toml"),
    (["test", "nowhere"], None),
    (
        ["register", "import", "plan_item", "x.csv"],
        "trinh: there is no register 'plan_item'; did you mean 'plan_items'?",
    ),
    (["register", "import", "plan_items", "nowhere.csv"], "cannot read this file"),
    (["register", "import", "plan_items", "x.xlsx"], "register rows come from a .csv or a .toml file"),
    (
        ["register", "import", "plan_items", "x.csv", "--as", "F08"],
        "trinh: F08 may not import plan_items; an administrator may",
    ),
    (["register", "import", "plan_items", "x.csv", "--mode", "merge"], "invalid choice: 'merge'"),
    (["register", "show", "nothing"], "there is no register 'nothing'; registers: adjustments, clearances"),
    (["people", "show", "F99"], "'F99' is not a person of the directory"),
    (["people", "list", "--body", "so_ngoai_v"], "trinh: there is no body 'so_ngoai_v'; did you mean 'so_ngoai_vu'?"),
    (["people", "import", "nowhere.toml"], "cannot read this file"),
    (["people", "import", "--as", "F21"], "F21 is not an administrator"),
]


def one_of_each_verb():
    """All of REFUSED; the first of each verb runs in `make check` too."""
    known: set[str] = set()
    made = []
    for args, sentence in REFUSED:
        marks = [pytest.mark.slow] if args[0] in known else []
        known.add(args[0])
        made.append(pytest.param(args, sentence, id=" ".join(args)[:60], marks=marks))
    return made


@pytest.mark.parametrize(("args", "sentence"), one_of_each_verb())
def test_a_slip_is_one_sentence(submitted, args, sentence):
    case = "DR-2022-0001"
    ran = submitted(*[arg.replace("{case}", case).replace("{root}", str(submitted.root)) for arg in args])
    assert ran.code == 1, ran
    if sentence is not None:
        assert sentence.replace("{case}", case) in ran.err and not ran.out, ran
    if args[0] in ("decide", "record", "open"):
        (row,) = submitted("list", "--json").json["cases"]
        assert (row["reference"], row["state"]) == (case, "SCREENING")


def test_a_directory_nobody_could_change_again(trinh):
    trinh.site.edit(", admin = true }", " }", trinh.site.directory)
    assert "has no administrator" in trinh.no("people", "import")


def test_bad_rows_import_nothing(trinh):
    head = "country,region"
    file = trinh.write("regions.csv", f"{head}\nLA,asia\nXX1,asia\n")
    said = trinh.no("register", "import", "regions", file)
    assert f"{file}:3:1: E654 'country' must be a country code of two capital letters, not 'XX1'" in said
    assert trinh("register", "show", "regions", "--json").json["total"] == 0


def test_import_adds_replaces_and_keeps(trinh):
    file = trinh.write("regions.csv", "country,region\nLA,asia\nKH,asia\n")
    said = trinh("register", "import", "regions", file, "--as", "F08", "--json").json
    assert said == {"register": "regions", "added": 2, "removed": 0, "kept": 0}
    assert trinh("register", "import", "regions", file, "--json").json["kept"] == 2
    file = trinh.write("regions.csv", "country,region\nLA,asia\n")
    assert trinh("register", "import", "regions", file, "--mode", "replace", "--json").json["removed"] == 1
    assert trinh.ok("register", "show", "regions").split() == ["COUNTRY", "REGION", "LA", "asia"]


def test_check_names_every_problem_with_its_line(trinh):
    file = trinh.root / "workflows/delegation-out.toml"
    trinh.site.edit('to = "WITHDRAWN", by = ["author"]', 'to = "WITHDRAWM", by = ["author"]', file)
    ran = trinh("check", str(file))
    line = trinh.site.line("WITHDRAWM", file)
    assert ran.code == 1 and f"delegation-out.toml:{line}:" in ran.out and "did you mean 'WITHDRAWN'?" in ran.out
    assert "1 file, 1 error" in ran.err
    found = trinh("check", str(file), "--json").json
    assert [p["line"] for p in found["problems"]] == [line]
    assert trinh("publish", "delegation-out").code == 1
    assert trinh("list", "--json").code == 0  # the version in force stays


def test_a_broken_config_stops_every_verb(trinh):
    trinh.site.edit('"Asia/Ho_Chi_Minh"', '"Asia/Hanoi_"')
    for verb in (["list"], ["serve"], ["verify"], ["publish", "delegation-out"], ["init"], ["people", "list"]):
        assert "unknown time zone 'Asia/Hanoi_'" in trinh.no(*verb)


def test_no_config_at_all(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["list"]) == 1
    assert "there is no config.toml here or in a folder above" in capsys.readouterr().err
    assert main(["--site", str(tmp_path / "nowhere"), "list"]) == 1
    assert "there is no folder" in capsys.readouterr().err


def test_init_twice_changes_nothing(trinh):
    key = (trinh.root / "var/keys/engine.key").read_bytes()
    out = trinh.ok("init")
    assert "delegation-out version 1" in out and (trinh.root / "var/keys/engine.key").read_bytes() == key


@pytest.mark.slow
def test_init_needs_an_administrator(fresh):
    fresh.site.edit(", admin = true }", " }", fresh.site.directory)
    assert "the directory has no administrator" in fresh.no("init")
    assert not (fresh.root / "var").exists()
    assert "name the body a new administrator belongs to" in fresh.no("init", "--admin", "Lâm An <an@example.vn>")
    assert "`admin = true`" in fresh.no("init", "--admin", "F21")
    assert "is not a person of" in fresh.no("init", "--admin", "F99")
    out = fresh.ok("init", "--admin", 'Lâm "An" <an@example.vn>', "--agency", "so_ngoai_vu")
    assert "administrator is A01" in out
    shown = fresh("people", "show", "A01", "--json").json
    assert shown["name"] == 'Lâm "An"' and shown["roles"] == ["admin"]


def test_init_with_problems_makes_nothing(fresh):
    fresh.site.edit('to = "WITHDRAWN", by', 'to = "WITHDRAWM", by', fresh.root / "workflows/delegation-out.toml")
    assert "WITHDRAWM" in fresh.no("init")
    assert not (fresh.root / "var").exists()


def test_a_key_that_is_lost_is_not_made_anew(trinh):
    (trinh.root / "var/keys/engine.key").unlink()
    assert "engine.key" in trinh.no("init") and "engine.key" in trinh.no("list")
    assert not (trinh.root / "var/keys/engine.key").exists()


@pytest.mark.slow
def test_text_of_users_cannot_disturb_a_terminal(trinh):
    trinh.registers()
    file = trinh.write("draft.toml", 'title = "Bẫy \\u202e\\u001b[31m"\n')
    trinh.ok("open", "delegation-out", "--as", "F08", "--from", file)
    out = trinh.ok("list") + trinh.ok("show", trinh("list", "--json").json["cases"][0]["id"])
    assert "\x1b" not in out and "\u202e" not in out


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_a_page_of_help(verb, capsys):
    with pytest.raises(SystemExit) as ended:
        main([verb, "--help"])
    out = capsys.readouterr().out
    assert ended.value.code == 0
    assert "examples:" in out and "exit codes:" in out and f"trinh {verb}" in out


def run(*args: str, cwd=None, **env: str) -> subprocess.CompletedProcess[bytes]:
    given = {**os.environ, "PYTHONPATH": str(CHECKOUT), **env}
    return subprocess.run([sys.executable, "-m", "cli", *args], capture_output=True, env=given, cwd=cwd, timeout=60)


@pytest.mark.slow
@pytest.mark.parametrize("locale", ["C", "POSIX", "en_US.ISO-8859-1"])
def test_names_print_right_in_any_locale(trinh, locale):
    ran = run("--site", str(trinh.root), "people", "show", "F21", LC_ALL=locale, LANG=locale)
    assert ran.returncode == 0 and "Chu Văn Thử" in ran.stdout.decode("utf-8")


@pytest.mark.slow
def test_a_pipe_that_closes_early(trinh):
    command = f"{sys.executable} -m cli --site {trinh.root} people list --json | head -1; exit ${{PIPESTATUS[0]}}"
    ran = subprocess.run(["bash", "-c", command], capture_output=True, env={**os.environ, "PYTHONPATH": str(CHECKOUT)})
    assert b"Traceback" not in ran.stderr and ran.stderr == b""


def test_help_is_quick():
    """In seconds of the processor, so that a busy machine does not count."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert run("--help").returncode == 0
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 0.5


def test_a_file_that_is_no_database(trinh):
    (trinh.root / "var/trinh.db").write_bytes(b"this is no database at all, and long enough to be read as one" * 100)
    assert "file is not a database" in trinh.no("list")
    assert "file is not a database" in trinh("check", "--config").out


def test_a_database_nobody_answers_for(trinh):
    trinh.site.edit('"sqlite:///var/trinh.db"', '"postgresql://trinh@127.0.0.1:1/trinh"')
    said = trinh.no("list")
    assert (
        said.startswith("trinh: postgresql+psycopg://trinh@127.0.0.1:1/trinh: connection failed") and "\n" not in said
    )
    assert trinh("check", "--config").code == 1


def test_a_fault_of_ours_is_exit_code_3_without_a_traceback(trinh, monkeypatch, capsys):
    monkeypatch.setattr("engine.store.views.cases", lambda *_, **__: 1 / 0)
    assert trinh.no("list", code=3).startswith("trinh: a fault of the program or the machine: ZeroDivisionError: ")
    monkeypatch.setenv("TRINH_DEBUG", "1")
    assert main(["--site", str(trinh.root), "list"]) == 3
    assert "Traceback" in capsys.readouterr().err
