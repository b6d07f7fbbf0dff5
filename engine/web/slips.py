"""What is wrong with a value, in one sentence beside its field: what to do, with the measure."""

from __future__ import annotations

from typing import Any

from engine.core.answers import MAX_TEXT
from engine.core.blockers import Blocker
from engine.core.model import Definition, Field
from engine.web.named import Named
from engine.words.language import Words

LIST_KINDS = ("choice", "country", "person", "body", "register", "yes/no")


def spec_at(definition: Definition, path: str) -> tuple[Field | None, str]:
    """(the field or column a path names, the part of a letter)."""
    parts = path.split("/")
    if parts[0] == "waivers":
        return definition.grounds.get(parts[-1]), ""
    spec = definition.fields.get(parts[0])
    rest = [p for p in parts[1:] if not p.isdigit()]
    while spec is not None and rest and spec.type.kind == "record":
        spec = definition.records[spec.type.name].get(rest.pop(0))
    return spec, rest[0] if rest else ""


def value_at(values: dict[str, Any], path: str) -> Any:
    """What stands at a path; None where there is nothing."""
    found: Any = values
    for part in path.split("/"):
        if isinstance(found, dict):
            found = found.get(part)
        elif isinstance(found, list) and part.isdigit() and 0 < int(part) <= len(found):
            found = found[int(part) - 1]
        else:
            return None
    return found


def place(definition: Definition, path: str, say: Words) -> str:
    """`Thành phần đoàn, dòng 3` for a value inside something; empty for a plain field."""
    parts = path.split("/")
    if parts[0] == "waivers":
        return parts[1] if len(parts) > 1 else ""
    spec = definition.fields.get(parts[0])
    if spec is None or len(parts) == 1:
        return ""
    label = spec.label[say.lang]
    return say("%(list)s, row %(n)s", list=label, n=parts[1]) if parts[1].isdigit() else label


class Slips:
    """Sentences about the values of one definition."""

    def __init__(self, definition: Definition, named: Named, say: Words, values: dict[str, Any]):
        self.definition, self.named, self.say, self.values = definition, named, say, values

    def sentence(self, found: Blocker) -> str:
        """Beside the field."""
        if found.text is not None:
            return found.text[self.say.lang]
        spec, part = spec_at(self.definition, found.path)
        if found.code in ("required", "grounds"):
            return self._required(spec, part, found)
        if found.code == "type":
            return self._kind("date" if part == "date" else spec.type.kind if spec else "", found)
        if found.code == "choice":
            return self.say("Choose one of the list")
        if found.code in ("unknown_person", "unknown_body"):
            return self._unknown(found.code.removeprefix("unknown_"), str(found.params.get("key", "")))
        if found.code == "too_many":
            count = len(value_at(self.values, found.path) or [])
            return self.say("At most %(most)s rows; there are %(count)s", most=found.params.get("most"), count=count)
        return self.say.blocker(found)

    def summary(self, found: Blocker) -> str:
        """In the list at the top: where, then what."""
        spec, _ = spec_at(self.definition, found.path)
        where = place(self.definition, found.path, self.say)
        text = self.sentence(found)
        if not where and spec is not None and found.code not in ("required", "grounds"):
            where = spec.label[self.say.lang]
        return f"{where}: {text[:1].lower() + text[1:]}" if where else text

    def _required(self, spec: Field | None, part: str, found: Blocker) -> str:
        label = spec.label[self.say.lang] if spec else str(found.params.get("field", ""))
        kind = spec.type.kind if spec else ""
        if part == "file" or kind == "file":
            return self.say("Attach the file: %(field)s", field=label)
        if kind in LIST_KINDS:
            return self.say("Choose: %(field)s", field=label)
        return self.say("Fill in: %(field)s", field=label)

    def _kind(self, kind: str, found: Blocker) -> str:
        if kind == "date":
            return self.say("Enter a day between 2000 and 2100, for example 04/9/2022")
        if kind == "money":
            return self.say("Enter whole đồng, for example 412.000.000")
        if kind == "number":
            return self.say("Enter a whole number, for example 12")
        if kind == "yes/no":
            return self.say("Choose yes or no")
        if kind == "country":
            typed = str(value_at(self.values, found.path) or "")
            near = self.named.near("country", typed)
            asked = self.say("There is no country “%(typed)s”; choose from the list", typed=typed[:60])
            return f"{asked}. {self.say('Did you mean %(near)s?', near=near)}" if near else asked
        if kind == "text":
            count = len(str(value_at(self.values, found.path) or ""))
            return self.say(
                "Shorten the text: at most %(most)s characters, now %(count)s",
                most=f"{MAX_TEXT:,}".replace(",", "."),
                count=f"{count:,}".replace(",", "."),
            )
        return self.say.blocker(found)

    def _unknown(self, kind: str, typed: str) -> str:
        shown = typed[:60]
        if kind == "person":
            same = self.named.same_name(typed)
            if len(same) > 1:
                return self.say("Several people bear this name; choose one: %(names)s", names="; ".join(same[:5]))
            text = self.say("Nobody called “%(typed)s” is in the directory; choose from the list", typed=shown)
        else:
            text = self.say("No agency called “%(typed)s” is in the directory; choose from the list", typed=shown)
        near = self.named.near(kind, typed)
        return f"{text}. {self.say('Did you mean %(near)s?', near=near)}" if near else text
