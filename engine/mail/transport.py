"""What carries a mail away: one conversation in named phases, so that it is known how far a failure got.

`open` → `mail` → `rcpt` → `data`. A link is minted between `rcpt` and `data`; a failure in `data` may mean that the
server has the mail although we saw an error (links-mail-web.md C2-C4).
"""

from __future__ import annotations

from typing import Protocol

CONNECT, ENVELOPE, DATA = "connect", "envelope", "data"

TRANSIENT = "transient"  # try again later
BAD_ADDRESS = "bad address"  # the server does not take this recipient
REFUSED = "refused"  # the server does not take this mail
UNKNOWN = "unknown"  # it may have arrived: try again with the same Message-ID
CIRCUIT = "circuit open"  # nothing can be sent now, whatever the mail


class NotSent(Exception):
    """`kind` is one of the five above, `phase` where it happened, `code` the server's (0: none)."""

    def __init__(self, kind: str, phase: str, text: str, code: int = 0):
        said = " ".join(text.split())[:300]
        super().__init__(f"{phase}: {code} {said}" if code else f"{phase}: {said}")
        self.kind, self.phase, self.code, self.text = kind, phase, code, said


class Transport(Protocol):
    """One conversation at a time. Every method raises NotSent."""

    name: str

    async def open(self) -> None:
        """Be ready for a mail; a connection that is still good is used again."""

    async def mail(self, sender: str) -> None: ...

    async def rcpt(self, to: str) -> None: ...

    async def data(self, content: bytes) -> None:
        """Hand over the message; when this returns, the other side has it."""

    async def drop(self) -> None:
        """Give up the mail that was begun, without sending it."""

    async def rest(self) -> None:
        """The batch is over: close what is idle for too long."""

    async def close(self) -> None: ...
