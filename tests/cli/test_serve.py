"""`trinh serve` as a process: it answers within two seconds, takes commands of others, ends cleanly, refuses what is unsafe."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.site import CHECKOUT

TRINH = [sys.executable, "-m", "cli"]
READY = 2.0  # seconds, measured from the start of the process


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def served(root, port: int) -> Iterator[tuple[subprocess.Popen[str], float]]:
    """A server and the seconds it took to answer."""
    env = {**os.environ, "PYTHONPATH": str(CHECKOUT)}
    start = time.monotonic()
    process = subprocess.Popen(
        [*TRINH, "--site", str(root), "serve", "--port", str(port)],
        env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        yield process, _answered(process, port, start)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)


def _answered(process: subprocess.Popen[str], port: int, start: float) -> float:
    while time.monotonic() - start < 60:
        if process.poll() is not None:
            raise AssertionError(process.communicate())
        with (
            contextlib.suppress(OSError),
            urllib.request.urlopen(f"http://127.0.0.1:{port}/sign-in", timeout=5) as page,
        ):
            assert page.status == 200
            return time.monotonic() - start
        time.sleep(0.02)
    raise AssertionError("no answer in a minute")


@pytest.mark.slow
def test_a_server_takes_the_commands_of_others(trinh):
    trinh.registers()
    port = free_port()
    with served(trinh.root, port) as (process, _):
        case = trinh.submitted_beside()
        trinh.ok("decide", case, "forward", "--as", "F21")
        assert trinh("show", case, "--json").json["state"] == "ORG_REVIEW"
        assert "refused, nothing was recorded" in trinh.no("decide", case, "forward", "--as", "F21")
        trinh.ok("publish", "delegation-out")
        trinh.ok("people", "import")
        said = trinh.no("register", "import", "plan_items", trinh.write("bad.csv", "id\nx\n"))
        assert "the header lacks the columns" in said
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=30)
    assert process.returncode == 0
    assert f"http://127.0.0.1:{port}" in out and "Traceback" not in out + err
    assert "clean" in trinh.ok("verify")


def processor(pid: int) -> float:
    """Seconds of the processor a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@pytest.mark.slow
def test_it_answers_within_two_seconds_and_ends_cleanly(trinh):
    """By the wall clock, or by the processor's where the machine is busy with other things; the best of three starts."""
    found = []
    for _ in range(3):
        with served(trinh.root, free_port()) as (process, seconds):
            used = processor(process.pid)
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=30)
            assert process.returncode == 0
        found.append(min(seconds, used))
        if found[-1] < READY:
            break
    assert min(found) < READY, found


@pytest.mark.slow
def test_a_second_server_on_one_database_is_refused(trinh):
    with served(trinh.root, free_port()):
        said = trinh.no("serve", "--port", str(free_port()))
    assert "writes this database" in said


def test_a_port_in_use_is_refused(trinh):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        said = trinh.no("serve", "--port", str(port))
    assert (
        said
        == f"trinh: port {port} on 127.0.0.1 cannot be opened: another program listens there; choose another with --port"
    )


def test_what_is_unsafe_is_refused_before_the_port_opens(trinh):
    (trinh.root / "var/trinh.db").chmod(0o644)
    said = trinh.no("serve", "--port", str(free_port()))
    assert "everybody can read" in said and "config.toml:" in said


def test_a_site_that_was_never_made(fresh):
    assert "`trinh init` makes this site" in fresh.no("serve")
    assert "this site has no database yet" in fresh.no("list")


@pytest.mark.parametrize("port", ["0", "70000", "http"])
def test_a_port_that_is_none(trinh, port):
    assert "port" in trinh.no("serve", "--port", port)
