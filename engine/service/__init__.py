"""The one door for every change: `Engine`, and the read snapshots that pages and audits look through."""

from engine.service.engine import Engine
from engine.service.link_page import LinkPage
from engine.service.snapshot import Snapshot
from engine.service.values import Answers, Conflict, DraftRow, Minted, Published, Receipt

__all__ = ["Answers", "Conflict", "DraftRow", "Engine", "LinkPage", "Minted", "Published", "Receipt", "Snapshot"]
