"""Mails that no case owes: sign-in links and alarms for the operator. In memory only, because a sign-in link is a secret,
and only for as long as they are of use."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass, field, replace
from typing import Any

MOST = 500
TRIES = 3
AGAIN = 20_000_000  # µs
HOUR = 3_600_000_000


@dataclass(frozen=True, slots=True)
class Item:
    """`template`: sign-in | operator. `at` µs UTC, when it was asked for; `useful` µs after that it is thrown away."""

    template: str
    address: str
    name: str
    lang: str
    at: int
    useful: int
    values: dict[str, Any] = field(default_factory=dict, repr=False)
    not_before: int = 0
    tries: int = 0


class Posted:
    """A bounded queue for any thread; a flood of requests pushes out the oldest."""

    def __init__(self) -> None:
        self._waiting: deque[Item] = deque(maxlen=MOST)
        self._told: dict[str, int] = {}
        self._lock = threading.Lock()

    def put(self, item: Item) -> None:
        with self._lock:
            self._waiting.append(item)

    def alarm(self, item: Item) -> None:
        """The same trouble once an hour."""
        about = str(item.values.get("text", ""))[:40]
        with self._lock:
            if item.at - self._told.get(about, -HOUR) < HOUR:
                return
            self._told[about] = item.at
            self._waiting.append(item)

    def again(self, item: Item, now: int) -> None:
        if item.tries + 1 < TRIES:
            self.put(replace(item, tries=item.tries + 1, not_before=now + AGAIN))

    def take(self, now: int) -> Item | None:
        """The next one that is due and still of use."""
        with self._lock:
            for item in list(self._waiting):
                if now - item.at > item.useful:
                    self._waiting.remove(item)
                elif item.not_before <= now:
                    self._waiting.remove(item)
                    return item
        return None

    def __len__(self) -> int:
        return len(self._waiting)
