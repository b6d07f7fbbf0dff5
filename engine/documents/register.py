"""Numbers as papers print them, and the register of outgoing documents (Decree 30/2020, Annex IV).

A number is taken by the writer inside the transaction of the issuing event (core/papers.py orders it), never here: this
module only prints. State bodies write `Số: 08/TTr-SDL`, Party bodies `Số 12-TB/TU`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from engine.core.case import Case, Issued
from engine.core.model import Definition
from engine.core.world import Series, World
from engine.documents.vietnamese import NBSP

GAP = NBSP * 6
COLUMNS = (
    "Số, ký hiệu văn bản",
    "Ngày tháng văn bản",
    "Tên loại và trích yếu nội dung văn bản",
    "Người ký",
    "Nơi nhận văn bản",
    "Đơn vị, người nhận bản lưu",
    "Số lượng bản",
    "Ngày chuyển",
    "Ký nhận",
    "Ghi chú",
)


def blank_number(series: Series | None, kind: str = "") -> str:
    """The number of a draft: its series with a gap where the number will stand."""
    if series is None:
        return ""
    return series.pattern.format(n=GAP, kind=kind, org=series.org, unit=series.unit)


def printed(number: str, profile: str) -> str:
    """With the word before it: State papers put a colon, Party papers none."""
    if not number:
        return ""
    return f"Số {number}" if profile == "party" else f"Số: {number}"


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


def outgoing(case: Case, definition: Definition, world: World) -> Iterable[tuple[str, ...]]:
    """Rows of the register for the numbered documents of a case; a voided number keeps its row."""
    for item in case.documents:
        if item.number:
            shown = entry(item, definition, world)
            note = "hủy" if item.voided else ""
            yield (item.number, shown["date"], shown["title"], "", "", shown["issuer_name"], "", "", "", note)
