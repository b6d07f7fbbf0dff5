"""Issued documents as papers cite them, and the number of a draft.

A number is taken by the writer inside the transaction of the issuing event (core/papers.py orders it), never here. State
papers write `Số: 08/TTr-SDL`, Party papers `Số 12-TB/TU`: that is the business of the two profiles.
"""

from __future__ import annotations

from typing import Any

from engine.core.case import Issued
from engine.core.model import Definition
from engine.core.world import Series, World
from engine.documents.vietnamese import NBSP

GAP = NBSP * 6


def blank_number(series: Series | None, kind: str, year: int) -> str:
    """The number of a draft: its series with a gap where the number will stand."""
    if series is None:
        return ""
    return series.pattern.format(n=GAP, kind=kind, org=series.org, unit=series.unit, year=year)


def entry(item: Issued, definition: Definition, world: World) -> dict[str, Any]:
    """One issued document as templates list it."""
    document = definition.documents.get(item.id)
    body = world.directory.bodies.get(item.issuer)
    return {
        "id": item.id,
        "title": document.title.vi if document else item.id,
        "kind": document.kind if document else "",
        "number": item.number,
        "date": world.calendar.day(item.at).isoformat(),
        "issuer": item.issuer,
        "issuer_name": body.vi if body else item.issuer,
        "sha256": item.sha256,
        "seq": item.seq,
    }
