"""When an unsent mail is tried again (links-mail-web.md C5). Microseconds."""

from __future__ import annotations

from collections.abc import Callable

MINUTE = 60_000_000
STEPS = (1, 2, 5, 10, 30, 60)  # minutes; then hourly
JITTER = 0.2
GIVE_UP = 4 * 24 * 60 * MINUTE
CIRCUIT = 5 * MINUTE  # how long nothing is sent after the server refused us
LATE = 15 * MINUTE  # an unsent mail that asks for an act is an operator's business after this
PAPER = 60 * MINUTE  # how long a mail waits for its document


def delay(attempts: int, chance: Callable[[], float]) -> int:
    """After the `attempts`-th failed try (1 = the first). `chance` gives 0 ≤ x < 1: ±20 %, so that many mails do not
    come back at one instant."""
    minutes = STEPS[min(max(attempts, 1), len(STEPS)) - 1]
    return round(minutes * MINUTE * (1 - JITTER + 2 * JITTER * chance()))
