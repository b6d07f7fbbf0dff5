"""What a decision page asks: the choice, each exception, each row's column, the fields of the act; and the answers
read back from its form."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from starlette.datastructures import FormData

from engine.core.atoms import CONFIRM
from engine.core.case import Case
from engine.core.facts import LETTER
from engine.core.model import Definition, Field, Transition
from engine.core.waivers import DECISIONS, OPEN, OPINIONS
from engine.service import Answers
from engine.web.form_values import day
from engine.web.forms_in import one
from engine.words.language import words

OPINION_WORDS = {"AGREE": "Agree", "AGREE_WITH_CONDITIONS": "Agree with conditions", "DISAGREE": "Disagree"}
DECISION_WORDS = {"GRANTED": "Allow", "REFUSED": "Do not allow"}
INLINE = ("text", "number", "money", "date", "yes/no", "choice", "country", "person", "body", "letter")
FREE = ("reason", "note")


def anchor(path: str) -> str:
    """The id of the control that answers a path (`members/3/opinion` -> `members-3-opinion`)."""
    return "comment" if path in FREE else re.sub(r"[^A-Za-z0-9_]+", "-", path).strip("-")


@dataclass(frozen=True, slots=True)
class Question:
    """One control. `kind` of a field type, or `waiver`, `row`. `options` are (value, label, hint)."""

    path: str
    name: str
    kind: str
    label: str
    options: tuple[tuple[str, str, str], ...] = ()
    actions: tuple[str, ...] = ()  # that ask it
    optional: bool = False
    number: int = 0
    column: str = ""
    parts: tuple[Question, ...] = ()

    @property
    def id(self) -> str:
        return anchor(self.path)


@dataclass(frozen=True)
class Asked:
    """All questions of one page. `elsewhere`: actions whose fields only the page of the case can take."""

    actions: tuple[str, ...]
    waivers: tuple[Question, ...] = ()
    rows: tuple[tuple[str, tuple[Question, ...]], ...] = ()  # label of the column, one question a row
    fields: tuple[Question, ...] = ()
    reason_for: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()
    prepared: tuple[str, ...] = ()  # fields asked that were filled in on the page of the case
    problems: dict[str, str] = field(default_factory=dict)

    def needed_for(self, question: Question) -> tuple[str, ...]:
        """The actions that ask it, where not all do."""
        return () if set(question.actions) >= set(self.actions) else question.actions


class Asking:
    """Builds the questions of a page from the transitions it offers."""

    def __init__(self, definition: Definition, case: Case, lang: str, *, kept: dict[str, Any] | None = None):
        self.definition, self.case, self.lang, self.say = definition, case, lang, words(lang)
        self.kept = kept or {}  # edits saved for this case: what they hold is not asked again
        self.people: Iterable[tuple[str, str]] = ()
        self.bodies: Iterable[tuple[str, str]] = ()
        self.countries: Iterable[tuple[str, str]] = ()

    def asked(self, transitions: tuple[Transition, ...]) -> Asked:
        paths: dict[str, list[tuple[Transition, bool]]] = {}
        for transition in transitions:
            for path, optional in self._asks(transition).items():
                paths.setdefault(path, []).append((transition, optional))
        waivers: list[Question] = []
        rows: list[tuple[str, tuple[Question, ...]]] = []
        fields: list[Question] = []
        elsewhere: dict[str, None] = {}
        prepared: list[str] = []
        for path, by in paths.items():
            actions = tuple(t.action for t, _ in by)
            optional = all(item for _, item in by)
            root, _, column = path.partition(".")
            if path in FREE:
                continue
            if root == "waivers":
                waivers += self._waivers(column, actions, optional)
            elif column:
                rows.append(self._rows(root, column, actions, optional))
            elif self.kept.get(root):
                prepared.append(root)
            elif self._inline(self.definition.fields[root]):
                fields.append(self._field(self.definition.fields[root], actions, optional))
            elif not optional:
                elsewhere.update(dict.fromkeys(actions))
        reason_for = tuple(t.action for t in transitions if self._asks(t).get("reason") is False)
        return Asked(
            actions=tuple(t.action for t in transitions),
            waivers=tuple(waivers),
            rows=tuple(r for r in rows if r[1]),
            fields=tuple(fields),
            reason_for=reason_for,
            elsewhere=tuple(elsewhere),
            prepared=tuple(prepared),
        )

    def _asks(self, transition: Transition) -> dict[str, bool]:
        found = {ask.path: ask.optional for ask in transition.asks}
        state = self.definition.states[self.case.state]
        if state.external and transition.by is None:
            found["letter"] = False
        return found

    def _inline(self, spec: Field) -> bool:
        """Whether this page can take the field: one value, and no edits of it are kept on the page of the case."""
        editable = self.definition.states[self.case.state].edit
        if any(spec.name in self.definition.sections.get(section, ()) for section in editable):
            return False
        return not spec.type.many and spec.type.kind in INLINE

    def _waivers(self, column: str, actions: tuple[str, ...], optional: bool) -> list[Question]:
        values, wording = (OPINIONS, OPINION_WORDS) if column == "opinion" else (DECISIONS, DECISION_WORDS)
        options = tuple((value, self.say(wording[value]), "") for value in values)
        found = []
        for key, waiver in self.case.waivers.items():
            if waiver.state in OPEN:
                prefix = "wo" if column == "opinion" else "w"
                found.append(
                    Question(
                        f"waivers/{key}", f"{prefix}/{key}", "waiver", key, options, actions, optional, column=column
                    )
                )
        return found

    def _rows(
        self, name: str, column: str, actions: tuple[str, ...], optional: bool
    ) -> tuple[str, tuple[Question, ...]]:
        spec = self.definition.records[self.definition.fields[name].type.name][column]
        label = spec.label[self.lang]
        count = len(self.case.facts.get(name) or [])
        options = self._options(spec)
        found = tuple(
            Question(
                f"{name}/{n}/{column}",
                f"c/{name}/{n}/{column}",
                "row" if options else spec.type.kind,
                label,
                options,
                actions,
                optional,
                n,
                column,
            )
            for n in range(1, count + 1)
        )
        return label, found

    def _field(self, spec: Field, actions: tuple[str, ...], optional: bool) -> Question:
        name, label = f"f/{spec.name}", spec.label[self.lang]
        if spec.type.kind == "letter":
            parts = tuple(self._letter_part(spec, key) for key in LETTER if key != "file")
            return Question(spec.name, name, "letter", label, (), actions, optional, parts=parts)
        return Question(spec.name, name, spec.type.kind, label, self._options(spec), actions, optional)

    def _letter_part(self, spec: Field, key: str) -> Question:
        labels = {"number": "Number", "date": "Date", "outcome": "Content"}
        kind = "date" if key == "date" else "text"
        return Question(f"{spec.name}/{key}", f"f/{spec.name}/{key}", kind, self.say(labels[key]))

    def _options(self, spec: Field) -> tuple[tuple[str, str, str], ...]:
        kind = spec.type.kind
        if kind == "yes/no":
            return (("yes", self.say("Yes"), ""), ("no", self.say("No"), ""))
        if kind == "choice":
            listed = self.definition.choices[spec.type.name].items()
            return tuple((value, _capital(text[self.lang]), "") for value, text in listed)
        known = {"person": self.people, "body": self.bodies, "country": self.countries}.get(kind, ())
        return tuple((value, text, "") for value, text in known)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def read_answers(asked: Asked, form: FormData, kept: dict[str, Any] | None = None) -> Answers:
    """What was chosen and filled in, as far as the chosen action asks it. Problems the form alone shows (an answer that
    belongs to another action) are noted in `asked.problems`. Raises Refusal for a form no page of ours sends."""
    action = one(form, "action")
    answers = Answers(action, reason="", note="")
    comment = one(form, "comment")
    reason, note = (comment, "") if action in asked.reason_for else ("", comment)
    values: dict[str, Any] = {}
    columns: dict[str, dict[int, dict[str, Any]]] = {}
    opinions: dict[str, str] = {}
    decisions: dict[str, str] = {}
    for question in asked.waivers:
        if action in question.actions and (given := one(form, question.name)):
            (opinions if question.column == "opinion" else decisions)[question.label] = given
    for _, listed in asked.rows:
        for question in listed:
            if action in question.actions and (given := one(form, question.name)):
                name = question.path.split("/")[0]
                columns.setdefault(name, {}).setdefault(question.number, {})[question.column] = given
    for question in asked.fields:
        given_value = _given(question, form)
        if action in question.actions:
            if given_value not in ("", None):
                values[question.path] = given_value
        elif action in asked.actions and given_value and not question.options:
            asked.problems[question.path] = "elsewhere"
    if action in CONFIRM:
        reason = ""
    return Answers(action, values, columns, opinions, decisions, {}, reason, note) if action else answers


def _given(question: Question, form: FormData) -> Any:
    if question.parts:
        parts = {part.name.rsplit("/", 1)[1]: _given(part, form) for part in question.parts}
        return {key: value or None for key, value in parts.items()} if any(v.strip() for v in parts.values()) else None
    given = one(form, question.name)
    return day(given.strip()) if question.kind == "date" and given.strip() else given
