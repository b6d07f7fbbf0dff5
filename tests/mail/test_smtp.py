"""Every phase of the conversation against real servers: what kind of failure it is, and that TLS is never skipped."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from engine.mail.smtp import IDLE, Server, Smtp, loopback
from engine.mail.transport import (
    BAD_ADDRESS,
    CIRCUIT,
    CONNECT,
    DATA,
    ENVELOPE,
    REFUSED,
    TRANSIENT,
    UNKNOWN,
    NotSent,
)
from tests.mail.servers import Habits, certificate, free_port, only, silent, smtp

pytestmark = pytest.mark.smtp
MAIL = b"From: a@example.vn\r\nTo: b@example.vn\r\nSubject: x\r\n\r\nx\r\n.\r\n..\r\n"


def send(server: Server, count: int = 1, to: str = "b@example.vn", client: Smtp | None = None) -> None:
    async def run() -> None:
        transport = client or Smtp(server)
        try:
            for _ in range(count):
                await transport.open()
                await transport.mail("bounce+m_x.abc@example.vn")
                await transport.rcpt(to)
                await transport.data(MAIL)
        finally:
            await transport.close()

    asyncio.run(run())


def refusal(server: Server, **more: object) -> tuple[str, str, int]:
    with pytest.raises(NotSent) as caught:
        send(server, **more)  # type: ignore[arg-type]
    return caught.value.kind, caught.value.phase, caught.value.code


def test_it_arrives_byte_by_byte_with_its_envelope():
    habits = Habits()
    with smtp(habits) as server:
        send(server)
    assert habits.got[0].content == MAIL
    assert habits.got[0].mail_from == "bounce+m_x.abc@example.vn" and habits.got[0].rcpt_tos == ["b@example.vn"]


def test_one_connection_serves_a_batch():
    habits = Habits()
    with smtp(habits) as server:
        send(server, 5)
    assert len(habits.got) == 5 and habits.connections == 1


def test_an_idle_connection_is_not_used_again():
    habits, now = Habits(), [0.0]

    async def run(server: Server) -> None:
        client = Smtp(server, monotonic=lambda: now[0])
        for wait in (0.0, IDLE - 1, IDLE + 1):
            now[0] += wait
            await client.open()
            await client.mail("a@example.vn")
            await client.rcpt("b@example.vn")
            await client.data(MAIL)
        await client.close()

    with smtp(habits) as server:
        asyncio.run(run(server))
    assert habits.connections == 2 and len(habits.got) == 3


@pytest.mark.parametrize(
    ("habits", "kind", "phase", "code", "copies"),
    [
        (Habits(at_rcpt="421 4.3.2 closing"), TRANSIENT, ENVELOPE, 421, 0),
        (Habits(at_rcpt="450 4.2.0 greylisted"), TRANSIENT, ENVELOPE, 450, 0),
        (Habits(at_rcpt="550 5.1.1 no such user"), BAD_ADDRESS, ENVELOPE, 550, 0),
        (Habits(at_rcpt="550 5.7.1 this person takes no mail"), BAD_ADDRESS, ENVELOPE, 550, 0),
        (Habits(at_rcpt="554 5.7.1 Relay access denied"), CIRCUIT, ENVELOPE, 554, 0),
        (Habits(at_rcpt="530 5.7.0 authentication required"), CIRCUIT, ENVELOPE, 530, 0),
        (Habits(at_mail="550 5.7.30 basic authentication is gone"), CIRCUIT, ENVELOPE, 550, 0),
        (Habits(at_mail="550 5.1.7 bad sender"), REFUSED, ENVELOPE, 550, 0),
        (Habits(at_mail="451 4.3.0 later"), TRANSIENT, ENVELOPE, 451, 0),
        (Habits(at_mail="drop"), TRANSIENT, ENVELOPE, 0, 0),
        (Habits(at_data="554 5.7.1 content refused"), REFUSED, DATA, 554, 0),
        (Habits(at_data="451 4.3.0 later"), TRANSIENT, DATA, 451, 0),
        (Habits(at_data="452 4.3.1 disk full"), TRANSIENT, DATA, 452, 0),
        (Habits(after_data="drop"), UNKNOWN, DATA, 0, 1),
        (Habits(after_data="late"), UNKNOWN, DATA, 0, 1),
    ],
    ids=lambda value: (
        (value.at_mail or value.at_rcpt or value.at_data or value.after_data) if isinstance(value, Habits) else ""
    ),
)
def test_what_a_failure_means(habits, kind, phase, code, copies):
    with smtp(habits) as server:
        assert refusal(server) == (kind, phase, code)
    assert len(habits.got) == copies


def test_after_an_error_the_next_mail_has_a_new_connection():
    habits = Habits(at_rcpt="550 5.1.1 no such user")
    with smtp(habits) as server:
        client = Smtp(server)

        async def run() -> None:
            for answer in ("550 5.1.1 no such user", ""):
                habits.at_rcpt = answer
                try:
                    await client.open()
                    await client.mail("a@example.vn")
                    await client.rcpt("b@example.vn")
                    await client.data(MAIL)
                except NotSent:
                    pass
            await client.close()

        asyncio.run(run())
    assert habits.connections == 2 and len(habits.got) == 1


def test_nobody_listens():
    assert refusal(Server("localhost", free_port(), "none-loopback-only"))[:2] == (TRANSIENT, CONNECT)


def test_a_silent_server_is_given_up():
    with silent() as server:
        quick = replace(server, timeouts=replace(server.timeouts, connect=0.3))
        assert refusal(quick)[:2] == (TRANSIENT, CONNECT)


def test_starttls_on_a_plain_server_sends_nothing():
    habits = Habits()
    with smtp(habits) as server:
        assert refusal(replace(server, security="starttls"))[:2] == (CIRCUIT, CONNECT)
    assert not habits.got and not habits.recipients


def test_starttls_and_tls_with_a_certificate_we_trust(tmp_path):
    context, pem = certificate(tmp_path)
    habits = Habits()
    with smtp(habits, tls_context=context, require_starttls=True) as server:
        send(replace(server, security="starttls", ca_file=pem))
    assert len(habits.got) == 1


def test_a_certificate_nobody_vouches_for_is_not_taken(tmp_path):
    context, _ = certificate(tmp_path)
    habits = Habits()
    with smtp(habits, tls_context=context, require_starttls=True) as server:
        assert refusal(replace(server, security="starttls"))[:2] == (CIRCUIT, CONNECT)
    assert not habits.recipients


def test_a_certificate_of_another_name_is_not_taken(tmp_path):
    context, pem = certificate(tmp_path)
    habits = Habits()
    with smtp(habits, tls_context=context, require_starttls=True) as server:
        assert refusal(replace(server, host="127.0.0.1", security="starttls", ca_file=pem))[:2] == (CIRCUIT, CONNECT)
    assert not habits.recipients


def test_tls_against_a_plain_port_is_no_connection():
    habits = Habits()
    with smtp(habits) as server:
        quick = replace(server, security="tls", timeouts=replace(server.timeouts, connect=0.5))
        assert refusal(quick)[1] == CONNECT
    assert not habits.recipients


def test_a_wrong_password_opens_the_circuit(tmp_path):
    context, pem = certificate(tmp_path)
    habits = Habits()
    options = {"tls_context": context, "require_starttls": True, "auth_required": True, "authenticator": only("right")}
    with smtp(habits, **options) as server:
        secured = replace(server, security="starttls", ca_file=pem, username="trinh", password="wrong")
        assert refusal(secured) == (CIRCUIT, CONNECT, 535)
        send(replace(secured, password="right"))
    assert len(habits.got) == 1


def test_plain_text_goes_to_this_machine_only():
    assert refusal(Server("mail.example.vn", 25, "none-loopback-only"))[:2] == (CIRCUIT, CONNECT)
    assert [
        loopback(h) for h in ("localhost", "127.0.0.1", "::1", "127.9.9.9", "10.0.0.1", "localhost.example.vn")
    ] == [
        True,
        True,
        True,
        True,
        False,
        False,
    ]


@pytest.mark.parametrize("address", ["b@example.vn>\r\nRCPT TO:<c@example.vn", "b@example.vn NOTIFY=SUCCESS\r\nDATA"])
def test_no_second_command_in_an_address(address):
    habits = Habits()
    with smtp(habits) as server:
        assert refusal(server, to=address)[:2] == (BAD_ADDRESS, ENVELOPE)
    assert not habits.got and habits.recipients == []


def test_a_password_is_not_shown():
    assert "geheim" not in repr(Server("h", 25, "tls", "u", "geheim"))
