"""Persons, bodies and countries as people type them: a name with a code behind it, and the way back to the code.

A control of these kinds is a text box with a list of suggestions. `Phạm Hữu Giả (F04)` names one person; the bare name
does so too while nobody else bears it, with or without its marks.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable

from engine.core.directory import Directory
from engine.words import formats

MOST_SUGGESTED = 300  # options of one list; a longer list is slower than typing the name
_CODE = re.compile(r"\(([A-Za-z0-9_.-]{1,64})\)\s*$")


class Named:
    """Names of one directory in one language."""

    def __init__(self, directory: Directory, lang: str):
        self.directory, self.lang = directory, lang
        self._known: dict[str, dict[str, list[str]]] = {}

    # -- code -> text

    def person(self, value: str) -> str:
        known = self.directory.people.get(value)
        return f"{known.name} ({known.id})" if known else value

    def post(self, value: str) -> str:
        """`Giám đốc, Sở Du lịch`; empty for nobody we know."""
        known = self.directory.people.get(value)
        return ", ".join(part for part in (known.post, self.body(known.agency)) if part) if known else ""

    def body(self, value: str) -> str:
        known = self.directory.bodies.get(value)
        if known is None:
            return value
        return known.en if self.lang == "en" and known.en else known.vi

    def country(self, value: str) -> str:
        return formats.country(value, self.lang)

    # -- text -> code; None where it names nobody, or more than one

    def find_person(self, text: str) -> str | None:
        return self._find("person", text, self.directory.people, lambda code: self.directory.people[code].name)

    def find_body(self, text: str) -> str | None:
        return self._find("body", text, self.directory.bodies, self.body, lambda code: self.directory.bodies[code].vi)

    def find_country(self, text: str) -> str | None:
        codes = [code for code, _ in formats.countries("vi")]
        upper = text.strip().upper()
        if upper in codes and len(text.strip()) == 2:
            return upper
        return self._find(
            "country",
            text,
            codes,
            self.country,
            lambda code: formats.country(code, "vi"),
            lambda code: formats.country(code, "en"),
        )

    def _find(self, kind: str, text: str, codes: Iterable[str], *names: Callable[[str], str]) -> str | None:
        text = text.strip()
        held = codes if isinstance(codes, dict) else set(codes)
        if text in held:
            return text
        match = _CODE.search(text)
        if match and match.group(1) in held:
            return match.group(1)
        found = self._table(kind, held, names).get(formats.plain(text), [])
        return found[0] if len(found) == 1 else None

    def _table(self, kind: str, codes: Iterable[str], names: tuple[Callable[[str], str], ...]) -> dict[str, list[str]]:
        if kind not in self._known:
            table: dict[str, list[str]] = {}
            for code in codes:
                for name in dict.fromkeys(formats.plain(name(code)) for name in names):
                    if code not in table.setdefault(name, []):
                        table[name].append(code)
            self._known[kind] = table
        return self._known[kind]

    # -- what else may have been meant

    def same_name(self, text: str) -> list[str]:
        """Persons who share the name typed."""
        self.find_person("")
        return [self.person(code) for code in self._known["person"].get(formats.plain(text.strip()), [])]

    def near(self, kind: str, text: str) -> str:
        """The closest known name, as it would be typed; empty when nothing is close."""
        finder, shown = {
            "person": (self.find_person, self.person),
            "body": (self.find_body, self.body),
            "country": (self.find_country, self.country),
        }[kind]
        finder("")
        table = self._known[kind]
        close = difflib.get_close_matches(formats.plain(_CODE.sub("", text).strip()), list(table), n=1, cutoff=0.75)
        return shown(table[close[0]][0]) if close else ""

    # -- suggestions: (text, hint)

    def people(self, first: str = "") -> list[tuple[str, str]]:
        """Active people, those of the agency `first` before the others, then by name."""
        known = [p for p in self.directory.people.values() if p.active]
        known.sort(key=lambda p: (p.agency != first, formats.plain(p.name)))
        return [(self.person(p.id), self.post(p.id)) for p in known[:MOST_SUGGESTED]]

    def bodies(self) -> list[tuple[str, str]]:
        """(slug, name) by name."""
        return sorted(
            ((slug, self.body(slug)) for slug in self.directory.bodies), key=lambda item: formats.plain(item[1])
        )

    def countries(self) -> list[str]:
        return [name for _, name in formats.countries(self.lang)]
