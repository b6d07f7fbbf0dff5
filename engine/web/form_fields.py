"""Fields of a workflow as controls of a page: one `Control` per field, whatever its type, filled with values and errors.

The template (templates/pages/fields.html) draws them. What a browser sends back is read by `form_values`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from engine.core.answers import normal
from engine.core.facts import LETTER, empty
from engine.core.model import Definition, Field, FieldType, Text
from engine.web.form_values import asked_columns
from engine.web.named import Named
from engine.web.printing import LETTER_LABELS, FileInfo
from engine.words.language import Words

SHORT = 80  # letters; a longer text gets a box of several lines
FEW = 4  # options that are shown as radios; more make a list
ROOM = 8.0  # what fits side by side in a row of a table; the other columns fold away
WIDTHS = {"person": 3.0, "text": 2.5, "choice": 2.0, "body": 2.5}  # of a column; others take 1.5
BLANK_ROWS, MORE_ROWS = 5, 5


@dataclass(frozen=True, slots=True)
class Control:
    """`kind`: text area number money date yes/no person body country choice radios checks file register letter record
    list rows. `value` is what stands in the box; `values` the boxes that are checked; `options` (value, label)."""

    kind: str
    name: str
    label: str
    value: str = ""
    values: tuple[str, ...] = ()
    options: tuple[tuple[str, str], ...] = ()
    optional: bool = False
    error: str = ""
    hint: str = ""
    file: FileInfo | None = None
    parts: tuple[Control, ...] = ()
    rows: tuple[Row, ...] = ()
    head: tuple[str, ...] = ()
    more: bool = False  # a further row may be added

    @property
    def id(self) -> str:
        return self.name

    def walk(self) -> list[Control]:
        """This control and all below it, in the order of the page."""
        found = [self]
        for part in self.parts:
            found += part.walk()
        for row in self.rows:
            for cell in (*row.main, *row.more):
                found += cell.walk()
        return found


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a list. `main` cells stand in the table, `more` folds away; `about` tells the rows apart."""

    number: int
    main: tuple[Control, ...]
    more: tuple[Control, ...] = ()
    open: bool = False
    about: str = ""
    blank: bool = False


@dataclass
class Maker:
    """Makes controls. `errors`: path -> sentence; `file`: id -> what is known of an uploaded file; `rows`: register ->
    (key, title) that may be picked; `known`: persons the case names already."""

    definition: Definition
    named: Named
    say: Words
    errors: Mapping[str, str] = field(default_factory=dict)
    file: Callable[[str], FileInfo | None] = lambda file_id: None
    picks: Callable[[str], list[tuple[str, str]]] = lambda register: []
    known: tuple[str, ...] = ()

    @property
    def lang(self) -> str:
        return self.named.lang

    def control(self, spec: Field, value: Any, name: str = "", extra: int = 0) -> Control:
        """`extra`: blank rows under a list beside those it has."""
        name = name or spec.name
        if spec.type.many and spec.type.kind == "record":
            return self._table(spec, value if isinstance(value, list) else [], name, extra)
        if spec.type.many:
            return self._many(spec, value if isinstance(value, list) else [], name, extra)
        return self._one(spec, value, name)

    def _base(self, spec: Field, name: str, kind: str, **more: Any) -> Control:
        return Control(
            kind, name, spec.label[self.lang], optional=spec.type.optional, error=self.errors.get(name, ""), **more
        )

    def _one(self, spec: Field, value: Any, name: str) -> Control:
        kind = spec.type.kind
        if kind == "record":
            columns = self.definition.records[spec.type.name]
            row = value if isinstance(value, dict) else {}
            parts = tuple(self.control(c, row.get(n), f"{name}/{n}") for n, c in columns.items() if not c.value)
            return self._base(spec, name, "record", parts=parts)
        if kind == "letter":
            return self._letter(spec, value, name)
        if kind == "file":
            return self._file(spec, value, name)
        if kind == "choice":
            options = self._options(spec.type)
            return self._base(
                spec, name, "radios" if len(options) <= FEW else "choice", value=str(value or ""), options=options
            )
        if kind == "register":
            return self._register(spec, value, name)
        return self._scalar(spec, kind, value, name)

    def _scalar(self, spec: Field, kind: str, value: Any, name: str) -> Control:
        if kind == "yes/no":
            word = {True: "yes", False: "no"}.get(value, "") if isinstance(value, bool) else str(value or "")
            return self._base(spec, name, kind, value=word, options=(("yes", self.say("Yes")), ("no", self.say("No"))))
        if kind == "person":
            return self._base(
                spec, name, kind, value=self.named.person(str(value or "")), hint=self.named.post(str(value or ""))
            )
        if kind == "body":
            known = value in self.named.directory.bodies
            options = tuple(self.named.bodies()) if known or not value else ()
            return self._base(spec, name, kind, value=str(value or ""), options=options)
        if kind == "country":
            return self._base(spec, name, kind, value=self.named.country(str(value or "")))
        if kind == "money" and isinstance(value, int) and not isinstance(value, bool):
            return self._base(spec, name, kind, value=f"{value:,}".replace(",", "." if self.lang == "vi" else ","))
        text = "" if value is None else str(value)
        if kind == "text" and (spec.type.optional or len(text) > SHORT or "\n" in text):
            kind = "area"
        if kind == "date" and text and not normal("date", text):
            kind = "text"  # the browser's box for days would swallow it
        return self._base(spec, name, kind, value=text)

    def _options(self, kind: FieldType) -> tuple[tuple[str, str], ...]:
        listed = self.definition.choices[kind.name]
        return tuple((value, text[self.lang][:1].upper() + text[self.lang][1:]) for value, text in listed.items())

    def _register(self, spec: Field, value: Any, name: str) -> Control:
        rows = tuple(self.picks(spec.type.name))
        hint = next((title for key, title in rows if key == value), "")
        return self._base(spec, name, "register", value=str(value or ""), options=rows, hint=hint)

    def _file(self, spec: Field, value: Any, name: str) -> Control:
        held = str(value or "")
        return self._base(
            spec, name, "file", value=held, file=(self.file(held) or FileInfo(held, self.say("File"))) if held else None
        )

    def _letter(self, spec: Field, value: Any, name: str) -> Control:
        held = value if isinstance(value, dict) else {}
        kinds = {"number": "text", "date": "date", "outcome": "area", "file": "file"}
        parts = []
        for part in LETTER:
            if part == "file" and not spec.file:
                continue
            label = self.say(LETTER_LABELS[part])
            one = Field(
                part, FieldType(kinds[part] if part != "outcome" else "text", optional=True), Text(label, label)
            )
            made = self._one(one, held.get(part), f"{name}/{part}")
            parts.append(
                Control(
                    made.kind if part == "date" else kinds[part],
                    made.name,
                    label,
                    made.value,
                    error=made.error,
                    file=made.file,
                    optional=part == "outcome",
                )
            )
        return self._base(spec, name, "letter", parts=tuple(parts))

    # -- lists

    def _many(self, spec: Field, value: list[Any], name: str, extra: int) -> Control:
        kind = spec.type.kind
        if kind == "choice":
            return self._base(
                spec, name, "checks", values=tuple(str(v) for v in value), options=self._options(spec.type)
            )
        single = Field(spec.name, FieldType(kind, spec.type.name, False, True), spec.label)
        if kind == "person":
            boxes = tuple(dict.fromkeys((*self.known, *(v for v in value if v in self.named.directory.people))))
            options = tuple((person, self.named.person(person)) for person in boxes)
            typed = [v for v in value if v not in boxes]
            cells = tuple(self._one(single, v, f"{name}/{n}") for n, v in enumerate([*typed, *[""] * max(1, extra)], 1))
            return self._base(
                spec, name, "checks", values=tuple(v for v in value if v in boxes), options=options, parts=cells
            )
        listed = [*value, *[None] * max(1, extra)]
        return self._base(
            spec, name, "list", parts=tuple(self._one(single, v, f"{name}/{n}") for n, v in enumerate(listed, 1))
        )

    def _table(self, spec: Field, rows: list[Any], name: str, extra: int) -> Control:
        columns = self._columns(spec)
        main = _main(columns)
        blank = extra or (BLANK_ROWS if not rows else 0)
        made = [
            self._row(spec, row if isinstance(row, dict) else {}, name, n, columns, main)
            for n, row in enumerate([*rows, *[{}] * blank], 1)
        ]
        head = tuple(columns[n].label[self.lang] for n in main)
        return self._base(spec, name, "rows", rows=tuple(made), head=head)

    def _columns(self, spec: Field) -> dict[str, Field]:
        asked = asked_columns(self.definition)
        columns = self.definition.records[spec.type.name]
        return {n: c for n, c in columns.items() if not c.value and f"{spec.name}.{n}" not in asked}

    def _row(
        self, spec: Field, row: dict[str, Any], name: str, number: int, columns: dict[str, Field], main: list[str]
    ) -> Row:
        def cell(column: str) -> Control:
            made = self.control(columns[column], row.get(column), f"{name}/{number}/{column}")
            if made.kind == "body":  # a list of all bodies in every row would weigh more than the page
                return replace(made, kind="body name", value=self.named.body(made.value), options=())
            return replace(made, kind="choice") if made.kind in ("radios", "yes/no") else made

        rest = [n for n in columns if n not in main]
        shown, folded = tuple(cell(n) for n in main), tuple(_plain(cell(n)) for n in rest)
        wrong = any(c.error for made in folded for c in made.walk())
        about = next((c.value for c in shown if c.value and c.kind in ("person", "text", "date")), "")
        return Row(number, shown, folded, wrong or any(not empty(row.get(n)) for n in rest), about, not row)


def _plain(control: Control) -> Control:
    """What is folded away may all stay empty: saying so at each box would only make the page heavier."""
    return replace(control, optional=False, parts=tuple(_plain(part) for part in control.parts))


def _main(columns: dict[str, Field]) -> list[str]:
    """Columns that stand in the table: the required ones, then short optional ones while there is room."""
    heavy = ("letter", "file", "record")
    found = [n for n, c in columns.items() if not c.type.optional and c.type.kind not in heavy and not c.type.many]
    room = ROOM - sum(WIDTHS.get(columns[n].type.kind, 1.5) for n in found)
    for name, column in columns.items():
        width = WIDTHS.get(column.type.kind, 1.5)
        if (
            name not in found
            and column.type.kind in ("text", "country", "number")
            and not column.type.many
            and width <= room
        ):
            found.append(name)
            room -= width
    return [n for n in columns if n in found]
