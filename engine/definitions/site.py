"""The names of a site that a workflow file may use."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.core.directory import Directory
from engine.core.world import Site


@dataclass(frozen=True)
class SiteNames:
    """Bodies, seats and lists (`directory`), registers (`site`), and document ids that have a template.

    `templates` empty: every document is laid out by some template. `workflows`: names of the other files, for
    `case of` and children; empty: not known.
    """

    directory: Directory
    site: Site
    templates: frozenset[str] = field(default_factory=frozenset)
    workflows: frozenset[str] = field(default_factory=frozenset)
