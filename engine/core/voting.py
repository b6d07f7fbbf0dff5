"""When the votes of a state's holders carry an action. A quorum is never lowered."""

from __future__ import annotations


def carried(mode: str, votes: dict[str, str], roster: int, chair: str = "") -> str:
    """The action that is taken now, or empty while votes are missing.

    `votes`: person -> action. `any`: the first vote. `all`: every holder the same, and the first other vote decides
    at once (unanimity has become impossible). `majority`: more than half of the roster; when all have voted without
    one, the chair's vote. `N of them`: N equal votes; when no action can reach N any more, the chair's vote.
    """
    if not votes:
        return ""
    counts: dict[str, int] = {}
    for action in votes.values():
        counts[action] = counts.get(action, 0) + 1
    latest = list(votes.values())[-1]
    if mode == "any":
        return latest
    if mode == "all":
        if len(counts) > 1:
            return latest
        return latest if counts[latest] >= roster else ""
    needed = roster // 2 + 1 if mode == "majority" else int(mode.split()[0])
    for action, count in counts.items():
        if count >= needed:
            return action
    left = roster - len(votes)
    if max(counts.values()) + left < needed or not left:
        return votes.get(chair, "")
    return ""
