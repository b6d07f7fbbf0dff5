"""How a body stands on paper: heading, place, what is kept, who signs and by what right. Read from `_bodies.toml` of the
bundle, because names and offices change with reforms: each entry may say `from` and `to`.

A signature is a list of candidates; the first whose post is held in the directory by somebody who does not travel with
the delegation is printed with the name. A candidate without a post is a collective: it is signed by hand, without a name.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from engine.core.directory import Body, Directory
from engine.documents.bundle import FOLDER

BODIES = f"{FOLDER}/_bodies.toml"
BASES = f"{FOLDER}/_bases.toml"


@lru_cache(maxsize=16)
def _parsed(data: bytes) -> dict[str, Any]:
    return tomllib.loads(data.decode("utf-8"))


def _table(files: Mapping[str, bytes], path: str) -> dict[str, Any]:
    return _parsed(files[path]) if path in files else {}


def in_force(entry: Mapping[str, Any], day: date) -> bool:
    """Whether `from` <= day <= `to`; either may be missing."""
    start, end = entry.get("from"), entry.get("to")
    return (start is None or start <= day) and (end is None or day <= end)


def bases(files: Mapping[str, bytes], document: str, profile: str, day: date) -> list[str]:
    """Legal bases of a document in force on a day, in the order of the file."""
    return [
        str(entry["vi"])
        for entry in _table(files, BASES).get("basis", [])
        if document in entry.get("documents", [])
        and profile in entry.get("profiles", ["state", "party"])
        and in_force(entry, day)
    ]


def heading(
    files: Mapping[str, bytes], directory: Directory, slug: str, kind: str, day: date, away: frozenset[str]
) -> dict[str, Any]:
    """What stands at the head and the foot of a document of body `slug`. `away`: persons who may not sign."""
    body = directory.bodies.get(slug) or Body(slug, vi=slug)
    entry = next(
        (e for e in _table(files, BODIES).get("body", []) if e.get("slug") == slug and in_force(e, day)), None
    ) or _default(body, directory)
    above = directory.bodies.get(body.parent)
    candidates = entry.get("sign_for", {}).get(kind) or entry.get("sign") or [{"lines": [""]}]
    lines, signer = _signature(candidates, directory, slug, away)
    return {
        "slug": slug,
        "name": body.vi or slug,
        "org": body.org,
        "profile": body.profile,
        "above": entry.get("above", [above.vi.upper()] if above else []),
        "heading": entry.get("heading") or [(body.vi or slug).upper()],
        "place": entry.get("place", "Hà Nội"),
        "authority": entry.get("authority", (body.vi or slug).upper()),
        "kept": entry.get("kept", ""),
        "signature": lines,
        "signer": signer,
    }


def _default(body: Body, directory: Directory) -> dict[str, Any]:
    """A body the file does not name: its head signs."""
    heads = directory.holders(body.slug, "head")
    posts = [directory.people[s.person].post for s in heads if directory.people[s.person].post]
    return {"sign": [{"lines": [post.upper()], "post": post} for post in posts] or [{"lines": [""]}]}


def _signature(
    candidates: list[dict[str, Any]], directory: Directory, slug: str, away: frozenset[str]
) -> tuple[list[str], str]:
    for item in candidates:
        for person in directory.people.values():
            held = item.get("post") and person.post == item["post"] and person.agency == item.get("of", slug)
            if held and person.active and person.id not in away:
                return list(item["lines"]), person.name
    nameless = next((item for item in candidates if not item.get("post")), candidates[-1])
    return list(nameless["lines"]), ""
