"""Values of a case as people read them: one `Cell` per scalar, one `Entry` per field, lists as tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from engine.core.case import Case
from engine.core.facts import Facts, empty
from engine.core.model import Definition, Field
from engine.words import formats
from engine.words.language import words

if TYPE_CHECKING:
    from engine.service import Snapshot

LETTER_LABELS = {"number": "Number", "date": "Date", "outcome": "Content", "file": "File"}


@dataclass(frozen=True, slots=True)
class FileInfo:
    """An uploaded file as a link shows it. `size` in bytes."""

    id: str
    name: str
    media_type: str = ""
    size: int = 0

    @property
    def about(self) -> str:
        kind = {"application/pdf": "PDF", "image/jpeg": "JPEG", "image/png": "PNG"}.get(self.media_type, "")
        return ", ".join(part for part in (kind, formats.size(self.size) if self.size else "") if part)


@dataclass(frozen=True, slots=True)
class Cell:
    text: str
    hint: str = ""
    href: str = ""
    kind: str = "text"


@dataclass(frozen=True, slots=True)
class Entry:
    """One field. `rows` with `head` for a list of records; else `cells`, one or many."""

    name: str
    label: str
    cells: tuple[Cell, ...] = ()
    head: tuple[str, ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = ()
    parts: tuple[Entry, ...] = field(default=())  # of a single record


class Printer:
    """Prints the facts of one case in one language. `base` is the address that files are fetched under."""

    def __init__(
        self,
        snap: Snapshot,
        case: Case,
        lang: str,
        base: str,
        *,
        facts: dict[str, Any] | None = None,
        file: Callable[[str], FileInfo | None] = lambda file_id: None,
    ):
        self.definition: Definition = snap.definition(case)
        self.case, self.lang, self.base, self.directory = case, lang, base, snap.directory
        self.values = case.facts if facts is None else facts
        self.facts = Facts(self.definition, case, snap.world(case.id), self.values, fresh=facts is not None)
        self.file = file
        self.say = words(lang)

    # -- names

    def person(self, person_id: str) -> str:
        known = self.facts.person(person_id)
        return str(known["name"]) if known else person_id

    def post(self, person_id: str) -> str:
        """`Giám đốc, Sở Du lịch`."""
        known = self.facts.person(person_id) or {}
        return ", ".join(str(p) for p in (known.get("post"), self.body(known.get("agency") or "")) if p)

    def body(self, slug: str) -> str:
        known = self.directory.bodies.get(slug)
        if known is None:
            return slug
        return known.en if self.lang == "en" and known.en else known.vi

    def state(self, name: str) -> str:
        found = self.definition.states.get(name)
        return found.label[self.lang] if found else name

    def action(self, name: str) -> str:
        found = self.definition.actions.get(name)
        return (
            found[self.lang]
            if found
            else {"confirm": self.say("Confirm"), "decline": self.say("Decline")}.get(name, name)
        )

    def choice(self, options: str, value: str) -> str:
        found = self.definition.choices[options].get(value)
        text = found[self.lang] if found else value
        return text[:1].upper() + text[1:]

    def title(self) -> str:
        return str(self.values.get("title") or "") or self.definition.title[self.lang]

    # -- fields

    def entries(self, names: Iterable[str], *, lists: bool | None = None) -> list[Entry]:
        """Fields that have a value. `lists` True: only lists of records, False: none of them."""
        found = []
        for name in names:
            spec = self.definition.fields[name]
            tabular = spec.type.kind == "record" and spec.type.many
            if spec.value or empty(self.values.get(name)) or (lists is not None and lists is not tabular):
                continue
            found.append(self.entry(spec, self.values[name]))
        return found

    def entry(self, spec: Field, value: Any) -> Entry:
        label = spec.label[self.lang]
        if spec.type.kind == "record" and spec.type.many:
            return self._table(spec, label, value)
        if spec.type.many:
            single = Field(spec.name, type(spec.type)(spec.type.kind, spec.type.name), spec.label)
            return Entry(spec.name, label, tuple(self.cell(single, item) for item in value))
        if spec.type.kind == "record":
            columns = self.definition.records[spec.type.name]
            parts = tuple(
                self.entry(c, value[n]) for n, c in columns.items() if not c.value and not empty(value.get(n))
            )
            return Entry(spec.name, label, parts=parts)
        return Entry(spec.name, label, (self.cell(spec, value),))

    def _table(self, spec: Field, label: str, rows: list[dict[str, Any]]) -> Entry:
        columns = [c for c in self.definition.records[spec.type.name].values() if not c.value]
        used = [c for c in columns if any(not empty(row.get(c.name)) for row in rows)]
        body = tuple(tuple(self.cell(c, row.get(c.name)) for c in used) for row in rows)
        return Entry(spec.name, label, head=tuple(c.label[self.lang] for c in used), rows=body)

    def cell(self, spec: Field, value: Any) -> Cell:
        """One scalar. Text that is not of its kind (a draft with a slip) is shown as it was typed."""
        kind = spec.type.kind
        if empty(value) and value is not False:
            return Cell("–")
        if spec.type.many:
            return Cell(
                ", ".join(
                    self.cell(Field(spec.name, type(spec.type)(kind, spec.type.name), spec.label), v).text
                    for v in value
                )
            )
        if kind == "letter" and isinstance(value, dict):
            return self._letter(value)
        if kind == "record" and isinstance(value, dict):
            columns = self.definition.records[spec.type.name]
            shown = [self.cell(c, value.get(n)).text for n, c in columns.items() if not empty(value.get(n))]
            return Cell(", ".join(shown))
        return self._scalar(spec, kind, value)

    def _scalar(self, spec: Field, kind: str, value: Any) -> Cell:
        if kind == "person":
            return Cell(self.person(value), self.post(value), kind=kind)
        if kind == "body":
            return Cell(self.body(value))
        if kind == "date":
            return Cell(formats.iso_day(value, self.lang, week=True), kind=kind)
        if kind == "money":
            return Cell(formats.money(value, self.lang), kind=kind)
        if kind == "yes/no":
            return Cell(self.say("Yes") if value else self.say("No"))
        if kind == "country":
            return Cell(formats.country(value, self.lang))
        if kind == "choice":
            return Cell(self.choice(spec.type.name, value))
        if kind == "file":
            return self.file_cell(value)
        if kind == "register":
            return self._picked(spec, value)
        return Cell(
            str(value), kind="prose" if kind == "text" and ("\n" in str(value) or len(str(value)) > 80) else "text"
        )

    def file_cell(self, file_id: str) -> Cell:
        info = self.file(file_id)
        name = info.name if info else self.say("File")
        return Cell(name, info.about if info else "", f"{self.base}/f/{file_id}", "file")

    def _letter(self, value: dict[str, Any]) -> Cell:
        parts = [str(value["number"])] if value.get("number") else []
        if value.get("date"):
            parts.append(formats.iso_day(value["date"], self.lang))
        text = ", ".join(parts) or self.say("Letter")
        href = f"{self.base}/f/{value['file']}" if value.get("file") else ""
        return Cell(text, str(value.get("outcome") or ""), href, "letter")

    def _picked(self, spec: Field, key: str) -> Cell:
        row = self.facts.picked(spec.name, spec.type.name, key) or {}
        title = next((str(row[n]) for n in (self.lang, "title", "name", "vi") if row.get(n)), "")
        return Cell(str(key), title) if title else Cell(str(key))
