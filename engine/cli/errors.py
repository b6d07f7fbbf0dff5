"""What can go wrong, as one sentence and an exit code: 1 the caller's, 3 ours."""

from __future__ import annotations

from typing import Any

USER, OURS = 1, 3

_CONFLICTS = {
    "decided": "this was decided already; nothing was recorded",
    "decided_by_other": "somebody else decided meanwhile; nothing was recorded",
    "changed": "the case changed meanwhile; look at it again. Nothing was recorded",
    "raced": "others change this case all the time; try again. Nothing was recorded",
    "superseded": "the case has moved on; nothing was recorded",
    "withdrawn": "the case was withdrawn; nothing was recorded",
    "expired": "the time for this is over; nothing was recorded",
    "version": "another edit was saved first; nothing was recorded",
    "unknown": "this task is not there any more; nothing was recorded",
}


class Mistake(Exception):
    """Something the caller can put right: one sentence."""


def told(error: BaseException, lang: str) -> tuple[str, int] | None:
    """(text for stderr, exit code) of an error that has a sentence; None for one that is ours to find."""
    if isinstance(error, Mistake):
        return f"trinh: {error}", USER
    name = type(error).__name__
    reader = _READERS.get(name)
    return reader(error, lang) if reader else None


def _refused(error: Any, lang: str) -> tuple[str, int]:
    from engine.words.language import words

    sentences = [words(lang).blocker(item) for item in error.blockers]
    paths = [f"{item.path}: " if item.path and not item.text else "" for item in error.blockers]
    lines = [f"  {path}{sentence}" for path, sentence in zip(paths, sentences, strict=True)]
    return "\n".join(["trinh: refused, nothing was recorded:", *dict.fromkeys(lines)]), USER


def _conflict(error: Any, lang: str) -> tuple[str, int]:
    return f"trinh: {_CONFLICTS.get(error.reason, error.reason)}", USER


def _problems(error: Any, lang: str) -> tuple[str, int]:
    return error.text(), USER


def _rows(error: Any, lang: str) -> tuple[str, int]:
    return "\n".join(["trinh: nothing was imported:", *(f"  {text}" for text in error.problems)]), USER


def _user(error: Any, lang: str) -> tuple[str, int]:
    return f"trinh: {error}", USER


def _ours(error: Any, lang: str) -> tuple[str, int]:
    return f"trinh: {error}", OURS


# by name, so that `trinh --help` imports neither the store nor the service
_READERS = {
    "Refused": _refused,
    "Conflict": _conflict,
    "Problems": _problems,
    "BadRows": _rows,
    "BadSecret": _user,
    "BadKey": _user,
    "DatabaseRefused": _user,
    "Locked": _user,
    "NoServer": _user,
    "RemoteError": _ours,
    "Busy": _ours,
    "WrongEpoch": _ours,
    "CannotVerify": _ours,
}
