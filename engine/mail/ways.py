"""What the relay is given and what it reports: values only."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Protocol

from engine.mail.contents import Looking

log = logging.getLogger(__name__)


class Mint(Protocol):
    """`Engine.mint`: a fresh link for a live right. Raises Refused when the right is gone."""

    def __call__(self, case: str, person: str, *, via: str, grant: str) -> Any: ...


class Chores(Protocol):
    """The writer, as far as the relay needs it."""

    def chore(self, fn: Callable[[Any], Any], droppable: bool = False) -> Future[Any]: ...


@dataclass(slots=True)
class Sent:
    """What one run did, in mails."""

    sent: int = 0
    retried: int = 0
    cancelled: int = 0
    parked: int = 0
    waiting: int = 0

    @property
    def any(self) -> bool:
        return bool(self.sent or self.retried or self.cancelled or self.parked)


@dataclass(slots=True)
class Status:
    """For operators. Instants µs UTC."""

    paused_until: int = 0
    trouble: str = ""
    oldest: int | None = None
    late: bool = False


@dataclass(frozen=True, slots=True)
class Ways:
    """How the relay reaches the rest of the site."""

    writer: Chores
    look: Looking
    mint: Mint
    clock: Callable[[], int]
    alert: Callable[[str], None] = field(default=log.error)
    chance: Callable[[], float] = field(default=random.random)


@dataclass(frozen=True, slots=True)
class Planned:
    """What is to be done with a row: `why` it is cancelled, until when it waits (µs), or to whom it goes."""

    why: str = ""
    wait: int = 0
    to: str = ""
    linked: bool = False
