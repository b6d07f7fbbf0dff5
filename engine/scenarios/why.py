"""Why it came out as it did, in lines behind a difference: how a date was counted, what a rule said, what was sent."""

from __future__ import annotations

from itertools import groupby

from engine.core.case import Due, Finding
from engine.scenarios.expected import moment_text
from engine.scenarios.sandbox import Mail
from engine.scenarios.view import View


def state(view: View) -> list[str]:
    """The last steps of the case."""
    steps = view.case.history[-3:]
    return [
        f"step: {moment_text(s.at, view.calendar)} {s.action} {s.source or '-'} → {s.target}{f' by {s.by}' if s.by else ''}"
        for s in steps
    ]


def due(found: Due) -> list[str]:
    """`screening: 3 working days after 2022-05-04, without 2022-05-07 weekend …`"""
    made = found.derivation
    if made is None:
        return [f"because: {found.name}"]
    count = f"{made.count} {made.unit.replace('_', ' ')} after {made.start} → {made.end}"
    skipped = ", ".join(f"{day} {reason}" for day, reason in made.skipped)
    return [f"because: {found.name}: {count}{f', without {skipped}' if skipped else ''}"]


def finding(found: Finding) -> str:
    lifted = f", lifted by {found.lifted_by}" if found.lifted_by else ""
    subject = f" {found.subject}" if found.subject else ""
    return f"{found.rule} {found.kind}{subject}: {found.en}{lifted}"


def mails(listed: list[Mail], view: View) -> list[str]:
    """One line per instant and notice."""
    ordered = sorted(listed, key=lambda m: (m.at, m.notice, m.copy, m.person))
    lines = []
    for (at, notice), group in groupby(ordered, key=lambda m: (m.at, m.notice)):
        members = list(group)
        direct = " ".join(m.person for m in members if not m.copy)
        copies = " ".join(m.person for m in members if m.copy)
        urgent = "KHẨN " if any(m.urgent for m in members) else ""
        text = f"{moment_text(at, view.calendar)} {urgent}{notice} {direct}".rstrip()
        lines.append(f"{text} cc {copies}" if copies else text)
    return lines


def really_sent(view: View, everything: bool) -> list[str]:
    return [f"sent: {text}" for text in mails(view.mails(everything), view)] or ["nothing was sent"]
