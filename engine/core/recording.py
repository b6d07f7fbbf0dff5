"""Parts of an event that every command writes alike: who, by what right, from where, findings, the digest of the ask."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from engine.core.actors import Holder
from engine.core.case import Finding
from engine.core.commands import Act, Actor
from engine.core.events import Private
from engine.core.model import Definition


def pin(definition: Definition) -> dict[str, Any]:
    return {"name": definition.name, "version": definition.version, "sha256": definition.sha256}


def by(actor: Actor, seat: str, holder: Holder | None = None) -> dict[str, Any]:
    """Who acts and by what right."""
    found = {"kind": actor.kind, "id": actor.id, "auth": actor.auth, "seat": seat}
    if holder and holder.body:
        found["body"] = holder.body
    if holder and holder.capacity:
        found["capacity"] = holder.capacity
    return found


def client(values: dict[str, str]) -> dict[str, Private]:
    """Address and agent of the request, kept as a private value."""
    return {"client": Private(dict(values))} if values else {}


def files(ids: list[str], known: tuple[dict[str, Any], ...]) -> tuple[list[dict[str, Any]], dict[str, Private]]:
    """Uploads that an act brings in: kind and size for the event, the hash of their bytes beside it."""
    rows = {row["id"]: row for row in known}
    used = [rows[one] for one in dict.fromkeys(ids) if one in rows]
    items = [{"id": row["id"], "media_type": row["media_type"], "size": row["size"]} for row in used]
    return items, {"files": Private({row["id"]: row["sha256"] for row in used})} if used else {}


def digest(parts: Any) -> str:
    """What was asked, as one word: a repeat of the command must match it."""
    text = json.dumps(parts, sort_keys=True, ensure_ascii=True, default=str, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def act_digest(act: Act) -> str:
    asked = [act.actor.id, act.grant, act.action, act.values, act.columns, act.opinions, act.decisions, act.grounds]
    return digest([*asked, act.reason, act.note])


def recorded(findings: tuple[Finding, ...]) -> tuple[list[dict[str, Any]], dict[str, Private]]:
    """Findings for the event: their sentences may name persons, so they stand beside it."""
    items, private = [], {}
    for finding in findings:
        item = {"key": finding.key, "rule": finding.rule, "kind": finding.kind}
        for name in ("subject", "lifted_by", "source"):
            if getattr(finding, name):
                item[name] = getattr(finding, name)
        items.append(item)
        private[f"findings/{finding.key}"] = Private({"vi": finding.vi, "en": finding.en}, finding.subject)
    return items, private
