"""What kind of value an expression has, as far as the file tells: enough to know a field path, a choice's words and
whether a condition is one. Where nothing is known the kind is `ANY` and nothing is said.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.core.model import Definition, FieldType
from engine.core.waivers import DECISIONS, OPINIONS
from engine.core.world import Site

PERSON = ("id", "name", "mail", "agency", "post", "level", "rank", "key_leader", "tttu_member")
BODY = ("slug", "name", "kind", "profile", "org", "office")
LETTER = ("number", "date", "outcome", "file")
WAIVER_STATES = ("DRAFT", "REQUESTED", "OPINION_GIVEN", "GRANTED", "REFUSED", "MOOT")


@dataclass(frozen=True)
class Kind:
    """`name`: any, text, number, bool, date, span, null, list, map, person, body, record, row, letter, route, waiver,
    finding, case, child, file. A text with `options` is one of these words (`of` says which list they are)."""

    name: str
    of: str = ""
    item: Kind | None = None
    options: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        if self.name == "list":
            return f"a list of {self.item.of or self.item.name}" if self.item else "a list"
        if self.name == "row":
            return f"a row of '{self.of}'"
        word = self.of or self.name
        fixed = {"bool": "yes or no", "span": "a length of time", "null": "null"}
        return fixed.get(self.name, f"an {word}" if word[0] in "aeiou" else f"a {word}")


ANY = Kind("any")
TEXT, NUMBER, BOOL, DATE, SPAN, NULL = (Kind(n) for n in ("text", "number", "bool", "date", "span", "null"))
FINDING, CASE, LETTER_KIND, FILE = Kind("finding"), Kind("case"), Kind("letter"), Kind("file")
WAIVER = Kind("waiver")
PLAIN = ("text", "number", "bool", "date", "span")


def listed(item: Kind) -> Kind:
    return Kind("list", item=item)


class Kinds:
    """Kinds of fields and the columns of kinds, for one definition. `slugs` are the site's bodies, empty if unknown."""

    def __init__(self, definition: Definition, site: Site | None, slugs: tuple[str, ...] = ()):
        self.definition, self.site = definition, site
        self.slug = Kind("text", "body", options=slugs)
        self.person = Kind("person")
        self.body = Kind("body")

    def of_field(self, kind: FieldType) -> Kind:
        found = self._one(kind)
        return listed(found) if kind.many else found

    def _one(self, kind: FieldType) -> Kind:
        if kind.kind == "choice":
            return Kind("text", kind.name, options=tuple(self.definition.choices[kind.name]))
        if kind.kind in ("record", "register"):
            return Kind("record" if kind.kind == "record" else "row", kind.name)
        if kind.kind == "case":
            return ANY
        table = {
            "money": NUMBER,
            "yes/no": BOOL,
            "country": Kind("text", "country"),
            "letter": LETTER_KIND,
            "file": FILE,
        }
        return table.get(kind.kind) or {"person": self.person, "body": self.body}.get(kind.kind) or Kind(kind.kind)

    def columns(self, kind: Kind) -> dict[str, Kind] | None:
        """Columns of a kind; None where they are not known."""
        if kind.name == "record":
            columns = self.definition.records.get(kind.of, {})
            found = {name: self.of_field(column.type) for name, column in columns.items() if not column.value}
            return {**found, "number": NUMBER}
        if kind.name == "row":
            return self._row(kind.of)
        if kind.name == "route":
            return self._route(kind.of)
        return self._fixed(kind)

    def _fixed(self, kind: Kind) -> dict[str, Kind] | None:
        if kind.name == "person":
            flags = {"key_leader": BOOL, "tttu_member": BOOL, "agency": self.slug}
            return {name: flags.get(name, TEXT) for name in PERSON}
        if kind.name == "body":
            return {name: self.slug if name in ("slug", "office") else TEXT for name in BODY}
        if kind.name == "letter":
            return {"number": TEXT, "date": DATE, "outcome": TEXT, "file": FILE}
        if kind.name == "waiver":
            words = {"state": WAIVER_STATES, "opinion": OPINIONS, "decision": DECISIONS}
            return {"key": TEXT, "rule": TEXT} | {n: Kind("text", f"waiver {n}", options=o) for n, o in words.items()}
        if kind.name == "finding":
            kinds = Kind("text", "finding kind", options=("block", "exception", "warning"))
            return {"rule": TEXT, "kind": kinds, "subject": TEXT, "key": TEXT}
        if kind.name == "case":
            return {"id": TEXT, "reference": TEXT, "dossier": NUMBER}
        return None if kind.name in ("any", "map") else {}

    def _row(self, register: str) -> dict[str, Kind] | None:
        spec = self.site.registers.get(register) if self.site else None
        return dict.fromkeys((*spec.keys, *spec.columns, "key"), ANY) if spec else None

    def _route(self, route: str) -> dict[str, Kind]:
        found: dict[str, Kind] = {"id": TEXT, "to": TEXT}
        for row in self.definition.routes.get(route, ()):
            for name, value in row.columns.items():
                found[name] = self.of_value(value)
        return found

    def of_value(self, value: object) -> Kind:
        """Of a parameter or a route's column."""
        if isinstance(value, list):
            return listed(self.of_value(value[0])) if value else listed(ANY)
        if isinstance(value, bool):
            return BOOL
        if isinstance(value, int):
            return NUMBER
        if isinstance(value, str):
            return self.slug if value in self.slug.options else TEXT
        return DATE
