"""From the settings of a site to a relay; names of nodes; mails that no case owes."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest

from engine.config.secret import Secret
from engine.mail.maildir import Maildir
from engine.mail.posted import HOUR, MOST, Item, Posted
from engine.mail.setup import node_name, transport_of
from engine.mail.smtp import Smtp
from tests.support.delegation import site


@pytest.mark.slow
def test_two_processes_have_two_names_and_keep_them(tmp_path):
    code = "import sys; from pathlib import Path; from engine.mail.setup import node_name; print(node_name(Path(sys.argv[1])))"
    mine = node_name(tmp_path)
    run = [sys.executable, "-c", code, str(tmp_path)]
    names = {subprocess.run(run, capture_output=True, text=True, check=True).stdout.strip() for _ in range(2)}
    assert len(names) == 1 and mine not in names and mine.endswith("-1")


def test_what_carries_the_mails_follows_the_settings(tmp_path):
    mail = replace(site().settings.mail, maildir=tmp_path)
    assert isinstance(transport_of(mail), Maildir)
    made = transport_of(replace(mail, backend="smtp", host="mail.example.vn", username="u", password=Secret("geheim")))
    assert isinstance(made, Smtp) and made.server.security == "starttls" and made.server.password == "geheim"
    assert "geheim" not in repr(made.server)


def item(text: str, at: int = 0) -> Item:
    return Item("operator", "op@example.vn", "", "vi", at, 24 * HOUR, {"text": text})


def test_the_same_alarm_once_an_hour():
    posted = Posted()
    for at in (0, 10, HOUR - 1, HOUR, HOUR + 1):
        posted.alarm(item("mail is paused", at))
    posted.alarm(item("something else", 10))
    assert len(posted) == 3


def test_a_flood_pushes_out_the_oldest_and_nothing_is_shown():
    posted = Posted()
    for number in range(MOST + 10):
        posted.put(item(f"secret {number}"))
    first = posted.take(1)
    assert len(posted) == MOST - 1 and first is not None and first.values["text"] == "secret 10"
    assert "secret" not in repr(first)
