"""That whoever decided held the mailed link: the proof of a choice (decisions.md 2).

A `link.issued` event signed by the engine commits to one key per possible answer; the event of the decision reveals the
keys of the answers chosen. A decision of a person without such a proof is a finding, whatever else is right about it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.audit.chain import Entry
from engine.audit.report import Findings
from engine.core import links
from engine.core.events import instant, leaf_hash

Verifier = Callable[[bytes, bytes], bool]  # (signature, message) -> genuine
SIGNED = b"trinh/1 event\x00"
CHOICES = frozenset({"step.taken", "vote.cast"})


def check(entries: list[Entry], verify: Verifier, findings: Findings) -> None:
    """Walk one case in order: remember the links that were issued, prove every choice against one of them."""
    issued: dict[str, tuple[Entry, dict[str, Any]]] = {}
    spent: dict[str, int] = {}
    for entry in entries:
        body = entry.body
        if body["type"] == "link.issued":
            _issued(entry, verify, issued, findings)
        elif body["type"] in CHOICES and (body.get("actor") or {}).get("kind") == "person":
            _choice(entry, issued, spent, findings)


def _issued(entry: Entry, verify: Verifier, issued: dict[str, Any], findings: Findings) -> None:
    signature = entry.row.sig
    message = SIGNED + leaf_hash(bytes(entry.row.body))
    if not isinstance(signature, (bytes, memoryview)) or not verify(bytes(signature), message):
        findings.add(entry.row.seq, "unsigned-link", "the link was not issued by the engine of this site")
        return
    if entry.body["id"] in issued:
        findings.add(entry.row.seq, "duplicate-link", f"{entry.body['id']} was issued before")
        return
    issued[entry.body["id"]] = (entry, entry.body)


def _choice(entry: Entry, issued: dict[str, Any], spent: dict[str, int], findings: Findings) -> None:
    seq, body = entry.row.seq, entry.body
    proof = body.get("spent")
    if not isinstance(proof, dict) or proof.get("link") not in issued:
        findings.add(seq, "no-link-proof", "no link that the engine issued was used for this")
        return
    link = issued[proof["link"]][1]
    keys = proof.get("keys") or {}
    if not isinstance(keys, dict) or not links.proves(link["commit"], keys):
        findings.add(seq, "no-link-proof", "the revealed keys do not open what the link commits to")
        return
    actor = body["actor"]
    if link["to"] != actor.get("id"):
        findings.add(seq, "no-link-proof", f"the link was made for {link['to']}, not for {actor.get('id')}")
    if instant(body["at"]) >= instant(link["exp"]):
        findings.add(seq, "no-link-proof", "the link had expired")
    for atom in missing(body, keys):
        findings.add(seq, "no-link-proof", f"no key was revealed for “{atom}”")
    grant = link["grant"]
    if body.get("grant") not in (None, grant):
        findings.add(seq, "no-link-proof", "the link belongs to another task")
    if grant in spent:
        findings.add(seq, "second-spend", f"the right {grant} was used before, in event {spent[grant]}")
    spent[grant] = seq


def missing(body: dict[str, Any], keys: dict[str, str]) -> list[str]:
    """Answers the event records that the revealed keys do not prove."""
    wanted = []
    action = (body.get("vote") or {}).get("action") or body.get("trigger") or (body.get("pending") or {}).get("action")
    confirms = "confirm" in keys or "decline" in keys
    if action and not confirms:
        wanted.append(action)
    tie = bool(body.get("vote")) and "for" in body.get(
        "actor", {}
    )  # the chair's answers were proven with the chair's own vote
    for item in [] if tie else body.get("waivers", []):
        if item.get("decision") and item.get("state") == item["decision"]:
            wanted.append(f"waivers/{item['key']}={item['decision']}")
        elif item.get("opinion") and item.get("state") == "OPINION_GIVEN":
            wanted.append(f"waivers/{item['key']}.opinion={item['opinion']}")
    return [atom for atom in wanted if atom not in keys]
