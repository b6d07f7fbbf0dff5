"""A row's expectations against what happened. A difference is a problem at its line: expected, got, and why."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from engine.core.expressions import BadExpression, CannotTell
from engine.definitions.problems import Problem
from engine.scenarios import why
from engine.scenarios.expected import Line, line, moment_text, same_moment
from engine.scenarios.made import Made
from engine.scenarios.outcome import missing
from engine.scenarios.view import View

# codes of differences, those of `made` besides; docs/scenarios.md lists them
STATE, SINCE, REFUSED, PAGE, FINDINGS, WAIVERS = ("E501", "E502", "E503", "E504", "E505", "E506")
ROUTE, VALUE, DUE, OFFERS, RECORD, VERSION = ("E507", "E508", "E509", "E515", "E516", "E517")


class Compare(Made):
    """One row, or the end of a story (`everything`), against a view of its case."""

    def all(self) -> list[Problem]:
        for key, check in _CHECKS.items():
            if self.row.has(key):
                check(self)
        return self.problems

    # -- the act

    def outcome(self) -> bool:
        """Whether the act went as expected; when it did not, the rest of the row says little."""
        made, wanted = self.view.outcome, self.row.texts("refused")
        if made is None:
            return True
        if not self.row.has("refused"):
            if made.refused:
                self._add("does", REFUSED, f"{self._act()} was refused", made.reasons())
            return not made.refused
        if not made.refused:
            self._add("refused", REFUSED, f"{self._act()} was not refused", [f"expected: {', '.join(wanted)}"])
            return False
        left = missing(made, wanted, self.view.definition, self.view.action)
        if left:
            told = [f"expected and not given: {text}" for text in left] + [f"given: {text}" for text in made.reasons()]
            self._add("refused", REFUSED, f"{self._act()} was refused for other reasons", told)
        return True

    def _act(self) -> str:
        who, does = self.row.get("who", ""), self.row.get("does", "") or "the publication"
        return f"{does} by {self.view.name(who)}" if who else does

    def logged(self) -> None:
        found = self.view.refusals()
        known = any(item.person == self.row.get("who") and item.at == self.view.now for item in found)
        if known != self.row.get("logged"):
            self._add(
                "logged", REFUSED, "the refusal stands in the record" if known else "the refusal is not recorded", []
            )

    def repeated(self) -> None:
        receipt = self.view.outcome.receipt if self.view.outcome else None
        again = bool(receipt and receipt.repeated)
        if again != self.row.get("repeated"):
            self._add("repeated", REFUSED, "the act was recorded anew" if not again else "the act was a repetition", [])

    def shows(self) -> None:
        page = self.view.outcome.page if self.view.outcome else None
        status = page.status if page else "nothing"
        if status != self.row.get("shows"):
            self._add("shows", PAGE, f"the page says {status}", [f"expected: {self.row.get('shows')}"])

    # -- the case

    def then(self) -> None:
        wanted, case = self.row.get("then"), self.view.case
        if case.state != wanted:
            self._add("then", STATE, f"the state is {case.state}", [f"expected: {wanted}", *why.state(self.view)])

    def entered(self) -> None:
        if not same_moment(self.row.get("entered"), self.view.case.entered, self.view.calendar):
            got = moment_text(self.view.case.entered, self.view.calendar)
            self._add("entered", SINCE, f"{self.view.case.state} since {got}", [f"expected: {self._moment('entered')}"])

    def states(self) -> None:
        got = self.view.states(self.everything)
        wanted = [line(text) for text in self.row.texts("states")]
        if self.everything and got and (not wanted or wanted[0].name != got[0][1]):
            got = got[1:]
        fits = len(got) == len(wanted) and all(
            item.name == name and (item.when is None or item.when.fits(at, self.view.calendar))
            for item, (at, name) in zip(wanted, got, strict=True)
        )
        if not fits:
            listed = [f"{moment_text(at, self.view.calendar)} {name}" for at, name in got]
            self._add("states", STATE, "other states were entered", [f"entered: {text}" for text in listed] or ["none"])

    def due(self) -> None:
        wanted, due = self.row.get("due"), self.view.case.due
        if wanted == "none":
            if due is not None:
                got = moment_text(due.at, self.view.calendar)
                self._add("due", DUE, f"the step is due {got}", ["expected: no date", *why.due(due)])
        elif due is None:
            self._add("due", DUE, "the step has no date", [f"expected: {self._moment('due')}"])
        elif not same_moment(wanted, due.at, self.view.calendar):
            got = moment_text(due.at, self.view.calendar)
            self._add("due", DUE, f"the step is due {got}", [f"expected: {self._moment('due')}", *why.due(due)])

    def route(self) -> None:
        chosen = self.view.case.routes
        for text in self.row.texts("route"):
            name, _, row = text.rpartition(".")
            if (chosen.get(name) if name else None) != row and not (not name and row in chosen.values()):
                listed = ", ".join(f"{route}.{row}" for route, row in chosen.items()) or "none"
                self._add("route", ROUTE, f"the row chosen is {listed}", [f"expected: {text}"])

    def value(self) -> None:
        node = self.row.spot("value")
        for source, wanted in self.row.get("value").items():
            try:
                got = _plain(self.view.value(source), self.view)
            except (CannotTell, BadExpression) as error:
                self._at(node.table[source], VALUE, f"'{source}' has no value", [str(error)])
                continue
            if not _same(got, wanted):
                self._at(node.table[source], VALUE, f"'{source}' is {_show(got)}", [f"expected: {_show(wanted)}"])

    def version(self) -> None:
        got = self.view.case.definition.version
        if got != self.row.get("version"):
            self._add("version", VERSION, f"the case follows version {got}", [f"expected: {self.row.get('version')}"])

    # -- findings and exceptions

    def finds(self) -> None:
        wanted = [line(text) for text in self.row.texts("finds")]
        found = list(self.view.case.findings)
        missing = [w.text for w in wanted if not any(_is_finding(w, f) for f in found)]
        extra = [f for f in found if not any(_is_finding(w, f) for w in wanted)]
        if missing or extra:
            told = [f"expected and not found: {text}" for text in missing]
            told += [f"found and not expected: {why.finding(f)}" for f in extra]
            rest = [f"found: {why.finding(f)}" for f in found if f not in extra]
            self._add("finds", FINDINGS, "other findings", told + (rest if missing else []))

    def not_finds(self) -> None:
        for text in self.row.texts("not_finds"):
            hits = [f for f in self.view.case.findings if _is_finding(line(text), f)]
            if hits:
                self._add("not_finds", FINDINGS, f"{text} has a finding", [why.finding(f) for f in hits])

    def waivers(self) -> None:
        wanted = {(w.name, w.words[0] if w.words else "") for w in map(line, self.row.texts("waivers"))}
        waivers = self.view.case.waivers.values()
        got = {(w.key if any(w.key == name for name, _ in wanted) else w.rule, w.state) for w in waivers}
        got = {(name, state if (name, "") not in wanted else "") for name, state in got}
        if got != wanted:
            told = [f"expected and not there: {' '.join(w)}" for w in sorted(wanted - got)]
            told += [f"there and not expected: {' '.join(w)}" for w in sorted(got - wanted)]
            self._add("waivers", WAIVERS, "other exception requests", told)

    def offers(self) -> None:
        node = self.row.spot("offers")
        for person, wanted in self.row.get("offers").items():
            got = self.view.offers(person)
            if sorted(got) != sorted(wanted):
                told = [f"expected: {', '.join(sorted(wanted)) or 'nothing'}"]
                self._at(node.table[person], OFFERS, f"{person} is offered {', '.join(sorted(got)) or 'nothing'}", told)

    def recorded(self) -> None:
        body, values = self.view.all_events[-1]
        got = {"by": body["actor"].get("id", ""), "address": (values.get("client") or {}).get("address", "")}
        for name, wanted in self.row.get("recorded").items():
            if got.get(name) != wanted:
                self._add("recorded", RECORD, f"{name} is {got.get(name)!r}", [f"expected: {wanted!r}"])


def _is_finding(item: Line, finding: Any) -> bool:
    if item.name != finding.rule or (item.words and item.words[0] != finding.kind):
        return False
    subject = item.words[1:] and item.words[1]
    if subject and subject != finding.subject and subject not in finding.key.split(":")[1:]:
        return False
    return not item.says or any(item.says.lower() in text.lower() for text in (finding.vi, finding.en))


def _plain(value: Any, view: View) -> Any:
    """What CEL gives, as a scenario writes it: dates, ids of people, bodies and rows."""
    if isinstance(value, datetime):
        local = value.astimezone(view.calendar.zone)
        return local.date() if (local.hour, local.minute, local.second) == (0, 0, 0) else local.replace(tzinfo=None)
    if isinstance(value, dict):
        return next((value[name] for name in ("slug", "id", "key") if value.get(name)), value)
    if isinstance(value, (list, tuple)):
        return [_plain(item, view) for item in value]
    return value


def _same(got: Any, wanted: Any) -> bool:
    if isinstance(wanted, str) and wanted == "" and got is None:
        return True
    if isinstance(got, datetime) and type(wanted) is date:
        return got.date() == wanted
    return type(got) is type(wanted) and got == wanted if isinstance(wanted, bool) else got == wanted


def _show(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


_CHECKS: dict[str, Callable[[Compare], None]] = {
    name: getattr(Compare, name)
    for name in (
        "then",
        "logged",
        "repeated",
        "shows",
        "entered",
        "states",
        "due",
        "finds",
        "not_finds",
        "waivers",
        "route",
        "value",
        "docs",
        "mails",
        "issued",
        "not_issued",
        "sent",
        "not_mails",
        "pending",
        "publishes",
        "not_publishes",
        "offers",
        "recorded",
        "version",
    )
}
