"""A second process gives its commands to the one that writes."""

from __future__ import annotations

import json
import os
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.core.blockers import Refused
from engine.service import Answers, Conflict, door
from engine.service.importing import BadRows
from engine.service.opening import open_engine
from engine.store.lock import Locked
from tests.support.delegation import WORKFLOW, Desk, agreed, dossier, workflow


@pytest.fixture
def remote(light: Desk) -> Iterator[door.Remote]:
    opened = door.serve(light.engine, light.setup)
    assert opened is not None
    yield door.connect(light.setup)
    opened.close()


def test_a_case_is_opened_and_decided_through_the_door(light: Desk, remote: door.Remote):
    case = remote.open(WORKFLOW, "F08", auth="cli").case
    minted = remote.mint(case, "F08", via="cli", action="submit")
    values = light.handed_in(case, "F08", dossier())
    receipt = remote.decide(minted.token, Answers("submit", values=values))
    assert (receipt.state, receipt.repeated) == ("SCREENING", False)
    assert remote.decide(minted.token, Answers("submit", values=values)).repeated
    minted = remote.mint(case, "F21", via="cli", action="forward")
    remote.decide(minted.token, Answers("forward", values={"sensitive": False}))
    minted = remote.mint(case, "F12", via="cli", action="give_opinion")
    assert remote.decide(minted.token, Answers("give_opinion", columns=agreed())).state == "DECISION"


def test_refusals_come_back_as_themselves(light: Desk, remote: door.Remote):
    case = light.submitted()
    with pytest.raises(Refused) as refused:
        remote.mint(case, "F08", via="cli", action="forward")
    assert refused.value.codes == ("no_authority",)
    assert refused.value.blockers[0].sentence("en") == "You do not hold this task."
    with pytest.raises(Conflict, match="unknown"):
        remote.decide("a" * 32, Answers("forward"))
    with pytest.raises(BadRows, match="row 1: the key 'id' is empty"):
        remote.import_register("plan_items", [{"title": "x"}], "F14")
    with pytest.raises(KeyError, match="no-such-workflow"):
        remote.open("no-such-workflow", "F08")


def test_publishing_reads_and_checks_the_files_in_the_server(light: Desk, remote: door.Remote):
    assert remote.publish(workflow(), "F14").version == 1
    assert remote.import_register("regions", [{"country": "TH", "region": "ASEAN"}], "F14").added == 1


def test_the_door_is_for_its_owner_and_keeps_its_countenance(light: Desk, remote: door.Remote):
    assert stat.S_IMODE(os.stat(remote.path).st_mode) == 0o600
    for rubbish in (b"\n", b"{}\n", b'{"call":"__init__","args":[],"given":{}}\n', b"\xff\xfe\n"):
        with socket.socket(socket.AF_UNIX) as line:
            line.connect(str(remote.path))
            line.sendall(rubbish)
            assert "error" in json.loads(line.makefile("rb").readline())
    assert remote.now() == light.clock()


def test_without_a_server_the_reason_is_told(light: Desk):
    with pytest.raises(door.NoServer, match="has opened a door"):
        door.connect(light.setup)


def test_a_second_process_may_not_write_but_may_read(light: Desk):
    case = light.submitted()
    with pytest.raises(Locked, match=f"process {os.getpid()} writes this database"):
        open_engine(light.setup)
    reader = open_engine(light.setup, read_only=True)
    with reader.snapshot() as snap:
        found = snap.case(case)
    assert found is not None and found.state == "SCREENING"
    reader.close()


@pytest.mark.slow
def test_another_process_reaches_the_door(light: Desk, remote: door.Remote, tmp_path: Path):
    program = f"""
from engine.service.door import Remote
from pathlib import Path
print(Remote(Path({str(remote.path)!r})).open({WORKFLOW!r}, "F08", auth="cli").state)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "DRAFT"
