"""`--set` and answer files: what a person chose and filled in, as the engine takes it.

    field=value                     members.3.opinion=AGREE        letter.number=123/VPCP
    waivers.R-11=GRANTED            waivers.R-11.opinion=AGREE     grounds.R-11.important=…
A value that starts with `[` or `{` is JSON; `@path` is a file to hand in. In a TOML file the same stands as tables.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.cli.errors import Mistake

if TYPE_CHECKING:
    from engine.config.settings import Settings
    from engine.core.model import Definition, FieldType
    from engine.service import Answers

Attach = Callable[[Path], str]  # a file on disk -> the id under which it was handed in
BUILT_IN = ("reason", "note", "waivers", "grounds")


@dataclass
class Filled:
    """Answers while they are collected; `definition` knows the fields."""

    definition: Definition
    attach: Attach
    folder: Path = field(default_factory=Path)  # file paths of a TOML file count from its folder
    values: dict[str, Any] = field(default_factory=dict)
    columns: dict[str, dict[int, dict[str, Any]]] = field(default_factory=dict)
    opinions: dict[str, str] = field(default_factory=dict)
    decisions: dict[str, str] = field(default_factory=dict)
    grounds: dict[str, dict[str, Any]] = field(default_factory=dict)
    reason: str = ""
    note: str = ""

    def answers(self, action: str) -> Answers:
        """Raises Mistake for a word that is none of a closed answer's."""
        from engine.service import Answers

        self._closed()

        return Answers(
            action, self.values, self.columns, self.opinions, self.decisions, self.grounds, self.reason, self.note
        )

    def _closed(self) -> None:
        """Words of closed answers: yes or no, choices, waivers."""
        from engine.core.waivers import DECISIONS, OPINIONS

        fields = self.definition.fields
        for name, value in self.values.items():
            self._word(fields[name].type, name, value)
        for name, rows in self.columns.items():
            columns = self.definition.records.get(fields[name].type.name, {})
            for number, row in rows.items():
                for column, value in row.items():
                    if column in columns:
                        self._word(columns[column].type, f"{name}.{number}.{column}", value)
        for kind, given, words in (("opinion", self.opinions, OPINIONS), ("decision", self.decisions, DECISIONS)):
            for key, word in given.items():
                self._one_of(f"waivers.{key}.{kind}", word, words)

    def _word(self, kind: FieldType, name: str, value: Any) -> None:
        if kind.many or not isinstance(value, str) or not value:
            return
        if kind.kind == "yes/no":
            self._one_of(name, value, ("yes", "no"))
        elif kind.kind == "choice":
            self._one_of(name, value, tuple(self.definition.choices[kind.name]))

    def _one_of(self, name: str, word: str, words: tuple[str, ...]) -> None:
        from engine.definitions.problems import did_you_mean

        if word not in words:
            meant = did_you_mean(word, words)
            raise Mistake(f"'{name}' is one of {', '.join(words)}; here it is '{word}'{'; ' + meant if meant else ''}")

    # -- from the command line

    def set(self, text: str) -> None:
        """One `--set NAME=VALUE`. Raises Mistake."""
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise Mistake(f"--set takes NAME=VALUE, not '{text}'")
        root, *rest = name.split(".")
        if root in ("reason", "note") and not rest:
            setattr(self, root, value)
        elif root == "waivers":
            self._waiver(rest, value, text)
        elif root == "grounds":
            if len(rest) < 2:
                raise Mistake(f"grounds are set as grounds.RULE.FIELD=…, not '{name}'")
            self.grounds.setdefault(".".join(rest[:-1]), {})[rest[-1]] = self._value(value)
        else:
            self._field(root, rest, self._value(value))

    def _waiver(self, rest: list[str], value: str, text: str) -> None:
        if not rest:
            raise Mistake(f"a waiver is set as waivers.RULE=GRANTED or waivers.RULE.opinion=AGREE, not '{text}'")
        if rest[-1] in ("opinion", "decision") and len(rest) > 1:
            target = self.opinions if rest[-1] == "opinion" else self.decisions
            target[".".join(rest[:-1])] = value
        else:
            self.decisions[".".join(rest)] = value

    def _field(self, root: str, rest: list[str], value: Any) -> None:
        self.known(root)
        if not rest:
            self.values[root] = value
        elif len(rest) == 2 and rest[0].isascii() and rest[0].isdigit():
            self.columns.setdefault(root, {}).setdefault(int(rest[0]), {})[rest[1]] = value
        elif len(rest) == 1:
            held = self.values.setdefault(root, {})
            if not isinstance(held, dict):
                raise Mistake(f"'{root}' is set as a whole and in parts")
            held[rest[0]] = value
        else:
            raise Mistake(f"'{'.'.join([root, *rest])}' is no part of a field: FIELD, FIELD.PART or LIST.ROW.COLUMN")

    def known(self, name: str) -> None:
        """Raises Mistake for a field that the workflow does not have."""
        from engine.definitions.problems import did_you_mean

        if name not in self.definition.fields:
            meant = did_you_mean(name, [*self.definition.fields, *BUILT_IN])
            raise Mistake(f"'{name}' is not a field of {self.definition.name}{'; ' + meant if meant else ''}")

    def _value(self, text: str) -> Any:
        if text[:1] in ("[", "{"):
            try:
                return self._plain(json.loads(text))
            except ValueError:
                raise Mistake(f"this looks like JSON and is not: {text[:60]}") from None
        return self._plain(text)

    def _plain(self, value: Any) -> Any:
        """Dates as ISO text, files handed in."""
        if isinstance(value, dict):
            return {key: self._plain(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self._plain(item) for item in value]
        if isinstance(value, date):
            return value.isoformat()
        if isinstance(value, str) and value.startswith("@") and len(value) > 1:
            return self.attach(self.folder / value[1:])
        return value

    # -- from a file

    def read(self, path: Path) -> None:
        """Fields as keys, `[waivers.R-11]`, `[grounds.R-11]`, `reason`, `note`. Raises Problems, Mistake."""
        from engine.definitions.problems import Problem, Problems, did_you_mean
        from engine.definitions.source import Source

        source = Source.read(path)
        self.folder = path.parent
        problems: list[Problem] = []
        for name in source.data:
            if name not in self.definition.fields and name not in BUILT_IN:
                hint = did_you_mean(name, [*self.definition.fields, *BUILT_IN])
                text = f"'{name}' is not a field of {self.definition.name}"
                problems.append(source.problem("E103", text, (name,), key=True, hint=hint))
        problems += self._tables(source)
        if problems:
            raise Problems(problems)
        for name, value in source.data.items():
            if name in self.definition.fields:
                self.values[name] = self._plain(value)

    def _tables(self, source: Any) -> list[Any]:
        problems = []
        for name in ("reason", "note"):
            text = source.data.get(name, "")
            if not isinstance(text, str):
                problems.append(source.problem("E104", f"'{name}' must be a text", (name,)))
            elif text:
                setattr(self, name, text)
        for name, target in (("waivers", None), ("grounds", self.grounds)):
            table = source.data.get(name, {})
            if not isinstance(table, dict) or not all(isinstance(row, dict) for row in table.values()):
                problems.append(source.problem("E104", f"'{name}' holds a table for each rule: [{name}.R-11]", (name,)))
                continue
            for key, row in table.items():
                if target is not None:
                    target[key] = self._plain(row)
                    continue
                for part, into in (("opinion", self.opinions), ("decision", self.decisions)):
                    if part in row:
                        into[key] = str(row[part])
        return problems


def attaching(attach: Callable[[str, bytes], Any], settings: Settings) -> Attach:
    """Hand in files through the engine; each path once. Raises Mistake for what a site does not take."""
    known: dict[Path, str] = {}

    def run(path: Path) -> str:
        path = path.absolute()
        if path not in known:
            known[path] = str(attach(path.name, _bytes(path, settings)).id)
        return known[path]

    return run


def _bytes(path: Path, settings: Settings) -> bytes:
    from engine.web.uploads import allowed

    try:
        with path.open("rb") as file:
            data = file.read(settings.files.file_bytes + 1)
    except OSError as error:
        raise Mistake(f"{path} cannot be read: {(error.strerror or 'error').lower()}") from None
    if len(data) > settings.files.file_bytes:
        raise Mistake(f"{path.name} is larger than {settings.files.file_bytes // 1024 // 1024} MB")
    if not data:
        raise Mistake(f"{path.name} is empty")
    if not allowed(data[:8192]):
        raise Mistake(
            f"{path.name} is of a kind that is not taken; hand in PDF, Word, Excel, OpenDocument, JPEG or PNG"
        )
    return data
