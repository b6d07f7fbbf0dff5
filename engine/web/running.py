"""What the pages stand on: one engine and the parts around it, put together by the command line or a test."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from fastapi import Request

from engine.core.directory import Person
from engine.service import Engine


class SignInMailer(Protocol):
    """Sends one sign-in link to the registered address of a person; the link lives ten minutes."""

    def __call__(self, person: Person, url: str, lang: str) -> None: ...


class DemoControls(Protocol):
    """The demo's clock: it moves forward only, and everything due on the way happens at its own instant."""

    def now(self) -> int: ...

    def advance(self, to: int) -> list[dict[str, Any]]:
        """Move to `to` (µs UTC); what happened on the way: `{at, case, text}` in order."""
        ...


@dataclass
class Running:
    """`setup` holds the settings and names of the site; `relay`, `worker`, `printer` and `demo` may be missing (tests,
    a node that only serves pages). `mail_sign_in` sends sign-in links; `mailbox` reads the maildir of a demo site."""

    engine: Engine
    setup: Any = None
    relay: Any = None
    worker: Any = None
    printer: Any = None
    clock: Callable[[], int] | None = None
    demo: DemoControls | None = None
    mail_sign_in: SignInMailer | None = None
    mailbox: Any = None
    wall: Callable[[], int] = lambda: time.time_ns() // 1000

    def session_clock(self) -> int:
        """µs UTC by which people stay signed in: real time, also where the demo's clock jumps."""
        return self.wall()

    def setting(self, name: str, default: Any = None) -> Any:
        """A value of config.toml, or the default where the site runs without one."""
        return getattr(getattr(self.setup, "settings", None), name, default)

    @property
    def base_url(self) -> str:
        return self.engine.base_url

    @property
    def secure(self) -> bool:
        """Whether browsers reach the site over https; decides about cookies and HSTS."""
        return self.base_url.startswith("https://")

    @property
    def origin(self) -> str:
        return "/".join(self.base_url.split("/")[:3])


def running(request: Request) -> Running:
    found = request.app.state.running
    assert isinstance(found, Running)
    return found
