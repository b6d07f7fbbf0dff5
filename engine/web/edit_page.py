"""What stands on one step of a form: its controls in rows, the path of steps, the rules that concern it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from markupsafe import Markup

from engine.core.act_fields import asked_names
from engine.core.case import Finding
from engine.core.model import Field
from engine.core.rules import CANNOT_TELL
from engine.web.filling import Filling
from engine.web.form_fields import Control, Maker
from engine.web.reads import fields_read
from engine.web.steps import EXCEPTIONS, GENERAL, PAPERS, Step
from engine.web.suggested import suggested
from engine.words import formats
from engine.words.language import Words

SHORT_KINDS = ("date", "number", "money", "person", "country", "choice", "yes/no")
FEW_PICKS = 60  # rows of a register that are shown as one list
MARKS = {"block": "stop", "exception": "exc", "warning": "note"}


@dataclass(frozen=True, slots=True)
class Grounds:
    """Grounds asked for one exception."""

    key: str
    rule: str
    sentence: str
    controls: tuple[Control, ...]


@dataclass(frozen=True, slots=True)
class EditPage:
    """`groups`: controls side by side; a group of one takes the whole line. `marks`: findings of this step as {kind, word, text}."""

    title: str
    stops: tuple[dict[str, Any], ...]
    groups: tuple[tuple[Control, ...], ...]
    table: Control | None
    exceptions: tuple[Grounds, ...]
    marks: tuple[dict[str, str], ...]
    elsewhere: int
    met: int
    lists: dict[str, list[Any]] = field(default_factory=dict)
    query: str = ""
    next: str = ""


def step_title(found: Filling, key: str, say: Words) -> str:
    """A form that hands nothing in is called by what it is about."""
    submits = found.transition.submits
    if key == "check":
        return say("Check and hand in") if submits else say("Check")
    if key == GENERAL and not submits:
        names = next(step.fields for step in found.steps if step.key == GENERAL)
        return ", ".join(found.definition.fields[n].label[say.lang] for n in names)
    fixed = {GENERAL: say("General"), PAPERS: say("Papers"), EXCEPTIONS: say("Exceptions")}
    return fixed[key] if key in fixed else found.definition.fields[key].label[say.lang]


def edit_page(found: Filling, step: Step, make: Maker, add: int) -> EditPage:
    controls = [_control(found, step, name, make, add) for name in step.fields]
    table = controls[0] if step.field else None
    query = f"?{urlencode({'for': found.action})}" if not found.transition.submits else ""
    here, elsewhere = findings(found, step, make.say)
    shown = Maker(make.definition, make.named, make.say, make.errors, make.file, make.picks, make.known)
    listed = _exceptions(found, shown) if step.key == EXCEPTIONS else ()
    everything = [*controls, *(c for e in listed for c in e.controls)]
    keys = [s.key for s in found.steps] + ["check"]
    return EditPage(
        step_title(found, step.key, make.say),
        stops(found, step.key, make.say, query),
        () if table else grouped(controls),
        table,
        listed,
        here,
        elsewhere,
        found.met,
        _lists(everything, make, found),
        query,
        step_title(found, keys[keys.index(step.key) + 1], make.say),
    )


def _control(found: Filling, step: Step, name: str, make: Maker, add: int) -> Control:
    spec, value, extra = found.definition.fields[name], found.values.get(name), add
    if step.field:
        value, extra = suggested(found.definition, spec, value if isinstance(value, list) else [], found.facts, add)
    made = make.control(spec, value, extra=extra)
    if asked_names(found.definition, found.transition).get(name) is False:
        made = replace(made, optional=False)  # this act needs it, though others do not
    return replace(made, kind="text") if made.kind == "register" and not made.options else made


def grouped(controls: Sequence[Control]) -> tuple[tuple[Control, ...], ...]:
    """Two short controls of one kind stand side by side."""
    groups: list[tuple[Control, ...]] = []
    for control in controls:
        last = groups[-1] if groups else ()
        if len(last) == 1 and control.kind in SHORT_KINDS and last[0].kind == control.kind:
            groups[-1] = (*last, control)
        else:
            groups.append((control,))
    return tuple(groups)


def _exceptions(found: Filling, make: Maker) -> tuple[Grounds, ...]:
    listed = []
    for key, finding in found.exceptions.items():
        stated = found.grounds.get(key) or found.grounds.get(finding.rule) or {}
        grounds = found.definition.grounds
        cells = tuple(
            make.control(grounds[n], stated.get(n), f"waivers/{key}/{n}") for n in found.asked_grounds(finding)
        )
        areas = tuple(replace(c, kind="area") if c.kind == "text" else c for c in cells)
        listed.append(Grounds(key, finding.rule, finding.en if make.lang == "en" else finding.vi, areas))
    return tuple(listed)


def _lists(controls: list[Control], make: Maker, found: Filling) -> dict[str, list[Any]]:
    """The lists of suggestions a page needs, each once."""
    kinds = {c.kind for control in controls for c in control.walk()}
    kinds |= {"person" for control in controls for c in control.walk() if c.kind == "checks" and c.parts}
    agency = found.snap.directory.people.get(found.person)
    listed: dict[str, list[Any]] = {}
    if "person" in kinds:
        listed["people"] = make.named.people(agency.agency if agency else "")
    if "country" in kinds:
        listed["countries"] = make.named.countries()
    if "body name" in kinds:
        listed["bodies"] = [name for _, name in make.named.bodies()]
    return listed


def stops(found: Filling, key: str, say: Words, query: str) -> tuple[dict[str, Any], ...]:
    """The path of steps with what is wrong or missing in each."""
    listed: list[dict[str, Any]] = []
    for step in found.steps:
        wrong = len(found.problems_of(step))
        missing = len(found.problems_of(step, True)) - wrong
        kept = any(name in found.draft.values for name in step.fields) or bool(found.case.dossier)
        note = say.count("%(n)s to correct", "%(n)s to correct", wrong) if wrong else ""
        if not note and missing and (kept or step.key == key):
            note = say.count("%(n)s missing", "%(n)s missing", missing)
        kind = "now" if step.key == key else "done" if kept and not wrong and not missing else "ahead"
        label = _link(f"/c/{found.case.id}/edit/{step.key}{query}", step_title(found, step.key, say), step.key == key)
        listed.append({"label": label, "kind": kind, "note": note})
    label = _link(f"/c/{found.case.id}/check{query}", step_title(found, "check", say), key == "check")
    return (*listed, {"label": label, "kind": "now" if key == "check" else "ahead", "note": ""})


def _link(href: str, text: str, here: bool) -> Markup | str:
    return text if here else Markup('<a href="{}">{}</a>').format(href, text)


def findings(found: Filling, step: Step | None, say: Words) -> tuple[tuple[dict[str, str], ...], int]:
    """(marks of the findings that concern a step, how many concern others). None: all of them."""
    here: list[dict[str, str]] = []
    elsewhere = 0
    for finding in [*found.findings, *found.unknown]:
        fields = fields_read(found.definition, found.definition.rules[finding.rule])
        if (step is not None and step.key != EXCEPTIONS and not fields & set(step.fields)) or (
            step is not None and step.key == EXCEPTIONS and finding.kind != "exception"
        ):
            elsewhere += 1
        else:
            here.append(mark(found, finding, say))
    return tuple(here), elsewhere


def mark(found: Filling, finding: Finding, say: Words) -> dict[str, str]:
    """One finding as the page shows it: shape, word, sentence."""
    text = finding.en if say.lang == "en" else finding.vi
    if finding in found.unknown and not finding.key.endswith(f":{CANNOT_TELL}"):
        row = finding.key.rpartition(":")[2]
        text = say("%(rule)s: row %(n)s is not complete", rule=finding.rule, n=row)
    if finding in found.unknown:
        return {"kind": "", "word": say("Not enough data"), "text": text}
    words = {"block": say("Stops"), "exception": say("Needs an exception"), "warning": say("Note")}
    name = finding.rule.replace("-", "\u2011")  # the number of a rule does not break
    return {"kind": MARKS[finding.kind], "word": words[finding.kind], "text": f"{name}: {text}"}


def differences(found: Filling, step: Step, values: dict[str, Any], make: Maker) -> list[tuple[str, str, str]]:
    """(label, as it is kept, as it was typed) of what differs."""
    listed = []
    for name in step.fields:
        kept, typed = found.values.get(name), values.get(name)
        if kept != typed:
            spec = found.definition.fields[name]
            listed.append((spec.label[make.lang], _shown(spec, kept, make), _shown(spec, typed, make)))
    return listed


def _shown(spec: Field, value: Any, make: Maker) -> str:
    """A value in one line, for telling two versions apart. What is not of its kind is shown as it was typed."""
    if value is None or value == "":
        return ""
    if isinstance(value, list):
        return "; ".join(filter(None, (_shown(spec, v, make) for v in value))) or "–"
    if isinstance(value, dict):
        columns = make.definition.records.get(spec.type.name, {})
        return ", ".join(filter(None, (_shown(columns.get(n, spec), v, make) for n, v in value.items())))
    if isinstance(value, bool):
        return make.say("Yes") if value else make.say("No")
    return _word(spec, str(value), make)


def _word(spec: Field, value: str, make: Maker) -> str:
    kind = spec.type.kind
    if kind == "choice" and (found := make.definition.choices[spec.type.name].get(value)):
        return found[make.lang][:1].upper() + found[make.lang][1:]
    if kind == "money" and value.isdecimal():
        return formats.money(int(value), make.lang)
    known = {"person": make.named.person, "body": make.named.body, "country": make.named.country}
    return known[kind](value) if kind in known else formats.iso_day(value, make.lang)
