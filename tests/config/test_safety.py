"""What only the machine can tell: refused before the port opens, one sentence each."""

from __future__ import annotations

import os
import socket

import pytest

from engine.config.safety import port_taken, refusals
from engine.config.settings import load_settings


@pytest.fixture
def made(site):
    """The site as `init` leaves it, as far as files go."""
    var = site.root / "var"
    for folder in (var, var / "keys", var / "files", var / "maildir"):
        folder.mkdir(mode=0o700)
    for file, data in (
        (var / "keys/engine.key", b"-----BEGIN PRIVATE KEY-----\n"),
        (var / "keys/site.secret", os.urandom(48)),
        (var / "trinh.db", b""),
    ):
        file.write_bytes(data)
        file.chmod(0o600)
    return site


def said(site) -> list[str]:
    return [f"{p.line}: {p.message}" for p in refusals(load_settings(site.config))]


def test_a_site_that_is_well_made(made):
    assert said(made) == []


def test_a_site_that_was_never_made(site):
    assert said(site) == [
        f"{site.line('data  ')}: the folder {site.root}/var does not exist; `trinh init` makes this site"
    ]


@pytest.mark.parametrize(
    ("spoil", "key", "sentence"),
    [
        (lambda var: (var / "keys/engine.key").unlink(), "signing  ", "{var}/keys/engine.key does not exist"),
        (
            lambda var: (var / "keys/engine.key").chmod(0o644),
            "signing  ",
            "{var}/keys/engine.key may be read by others (mode 0644); run: chmod 600 {var}/keys/engine.key",
        ),
        (
            lambda var: (var / "keys/engine.key").write_text("x"),
            "signing  ",
            "{var}/keys/engine.key is not a private key in PEM",
        ),
        (
            lambda var: (var / "keys/site.secret").write_bytes(b"short"),
            "secret  ",
            "{var}/keys/site.secret has 5 bytes; a secret has 32 or more",
        ),
        (
            lambda var: (var / "keys/site.secret").write_bytes(b"changeme" * 8 + b"\n"),
            "secret  ",
            "{var}/keys/site.secret is no random secret",
        ),
        (
            lambda var: (var / "trinh.db").unlink(),
            "sqlite:",
            "there is no database {var}/trinh.db; `trinh init` makes it",
        ),
        (
            lambda var: (var / "trinh.db").chmod(0o604),
            "sqlite:",
            "everybody can read {var}/trinh.db; run: chmod 600 {var}/trinh.db",
        ),
        (
            lambda var: (var / "maildir").chmod(0o755),
            "maildir    =",
            "others can read the mailboxes in {var}/maildir; run: chmod 700 {var}/maildir",
        ),
        (
            lambda var: (var / "files").rmdir(),
            "dir        =",
            "the folder {var}/files does not exist; `trinh init` makes it",
        ),
    ],
    ids=[
        "no key",
        "open key",
        "no PEM",
        "short",
        "default",
        "no database",
        "open database",
        "open mailboxes",
        "no files",
    ],
)
def test_what_is_unsafe_is_refused(made, spoil, key, sentence):
    spoil(made.root / "var")
    assert said(made) == [f"{made.line(key)}: {sentence.format(var=made.root / 'var')}"]


def test_no_secret_is_ever_printed(made):
    (made.root / "var/keys/site.secret").write_bytes(b"tulip")
    assert "tulip" not in "".join(p.text() for p in refusals(load_settings(made.config)))


def test_a_full_disk(made):
    made.edit("disk_free_mb       = 500", "disk_free_mb = 1000000")
    (line,) = said(made)
    assert line.startswith(f"{made.line('disk_free_mb')}: ") and line.endswith("1000000 MB are needed")


def test_failpoints_in_production(made, monkeypatch):
    made.edit("production = false", "production = true").edit('"http://127.0.0.1:8000"', '"https://trinh.example.vn"')
    made.edit('backend    = "maildir"', 'backend = "smtp"\nhost = "127.0.0.1"').edit(
        "clock      = true", "clock = false"
    )
    assert said(made) == []
    monkeypatch.setenv("TRINH_FAILPOINTS", "1")
    assert said(made) == [
        f"{made.line('production = ')}: TRINH_FAILPOINTS is set: a production site does not run with failpoints"
    ]


def test_a_mail_server_that_is_not_found(made):
    made.edit('backend    = "maildir"', 'backend = "smtp"\nhost = "mail.invalid"')
    (line,) = said(made)
    assert "the mail server 'mail.invalid' is not found" in line


def test_a_port_in_use():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert (
            port_taken("127.0.0.1", port) == f"port {port} on 127.0.0.1 cannot be opened: another program listens there"
        )
    assert port_taken("127.0.0.1", port) == ""
    assert "is not an address of this machine" in port_taken("nowhere.invalid", port)
