"""Plans made by hand, for the writer alone."""

from __future__ import annotations

from typing import Any

from engine.core.case import Case
from engine.core.events import Draft, Private
from engine.core.plan import NumberOrder, Plan, Read

NOW = 1_651_629_600_000_000  # 2022-05-04 09:00 in Hanoi
PIN = {"name": "toy", "version": 1, "sha256": "0" * 64}
PERSON = {"kind": "person", "id": "F08", "auth": "session"}


def draft(
    type_: str, case: str, command: str, at: int = NOW, private: dict[str, Any] | None = None, **body: Any
) -> Draft:
    values = {name: Private(value, "F08") for name, value in (private or {}).items()}
    return Draft(type_, case, at, PERSON, command, body, values)


def opened(case: str = "c_1", command: str = "open", **more: Any) -> Plan:
    body: dict[str, Any] = {"definition": PIN, "author": "F08", "from": "", "trigger": "open", "to": "START"}
    grant = {"id": f"g_{case}", "person": "F21", "seat": "b.decide", "body": "b", "atoms": ["go"]}
    made = draft("case.opened", case, command, grants={"opened": [grant]}, **body, **more)
    return Plan(None, made, "opened")


def step(case: Case, command: str = "step", digest: str = "step", **more: Any) -> Plan:
    """Into the same state again unless `to` says otherwise; `reads`, `numbers`, `rows` go to the plan."""
    given = {
        name: more.pop(name) for name in ("reads", "numbers", "rows", "links", "sign", "directory") if name in more
    }
    body = {"from": case.state, "trigger": "go", "to": case.state, **more}
    return Plan(case, draft("step.taken", case.id, command, **body), digest, **given)


def noted(case: Case, command: str, digest: str = "note", **more: Any) -> Plan:
    """An event that changes nothing but the place in the chain."""
    given = {name: more.pop(name) for name in ("reads", "numbers", "rows", "directory") if name in more}
    return Plan(case, draft("note.added", case.id, command, **more), digest, **given)


def order(series: str = "S/2022", index: int = 0) -> NumberOrder:
    return NumberOrder(index, series, "{n}/QĐ-{org}", {"org": "TU"})


def look(register: str, key: str, version: int) -> Read:
    return Read(register, key, version)


def spend(case: Case, grant: str, person: str, seat: str, kind: str = "step") -> tuple[str, dict[str, Any]]:
    row = {"grant_id": grant, "case_id": case.id, "entry": case.entry, "kind": kind, "seat": seat, "person": person}
    return "spends", {**row, "seq": case.seq + 1}
