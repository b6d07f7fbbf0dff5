"""What a row expects of papers, mails, the clock and registers, against what was made."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from engine.definitions.problems import Problem
from engine.definitions.tree import Node
from engine.scenarios import why
from engine.scenarios.expected import Line, instant, line, moment_text
from engine.scenarios.sandbox import Mail
from engine.scenarios.script import Row
from engine.scenarios.view import View, mail_matches

DOCS, MAILS, SENT, PENDING, ROWS = ("E510", "E511", "E512", "E513", "E514")
Thing = tuple[int, str, str]  # instant, name, body


class Made:
    """`title` names the scenario in messages. Problems collect in `problems`."""

    def __init__(self, row: Row, view: View, title: str, everything: bool = False):
        self.row, self.view, self.title, self.everything = row, view, title, everything
        self.problems: list[Problem] = []

    def docs(self) -> None:
        papers = [(p.at, p.document, p.issuer) for p in self.view.papers(self.everything)]
        self._exact("docs", DOCS, "other documents", papers)

    def pending(self) -> None:
        pending = [(at, name, "") for at, name in self.view.pending()]
        self._exact("pending", PENDING, "the clock will do other things", pending, any_hour=True)

    def _exact(self, key: str, code: str, message: str, got: list[Thing], any_hour: bool = False) -> None:
        """Lines of a name, and perhaps a body, against (instant, name, body); each thing answers one line. A line without
        a time stands for the row's own instant, or for any where `any_hour`."""
        left = list(got)
        lacking = []
        for item in (line(text) for text in self.row.texts(key)):
            hit = next((g for g in left if _is_thing(item, g) and self._at_time(item, g[0], any_hour)), None)
            if hit is None:
                lacking.append(item.text)
            else:
                left.remove(hit)
        if lacking or left:
            told = [f"expected and missing: {text}" for text in lacking]
            told += [
                f"there and not expected: {moment_text(at, self.view.calendar)} {name} {body}".rstrip()
                for at, name, body in left
            ]
            self._add(key, code, message, told)

    def _at_time(self, item: Line, at: int, any_hour: bool) -> bool:
        if item.when is not None:
            return item.when.fits(at, self.view.calendar)
        return any_hour or self.everything or at == self.view.now

    def mails(self) -> None:
        own = None if self.everything else self.view.now
        left = self.view.mails(self.everything)
        missing = []
        for item in (line(text) for text in self.row.texts("mails")):
            missing += self._take(item, left, own)
        if missing or left:
            told = [f"expected and not sent: {text}" for text in missing]
            told += [f"sent and not expected: {text}" for text in why.mails(left, self.view)]
            if missing:
                told += why.really_sent(self.view, self.everything)
            self._add("mails", MAILS, "other mails were sent", told)

    def _take(self, item: Line, left: list[Mail], own: int | None) -> list[str]:
        """Take what the line names out of `left`; what is missing."""
        fitting = [mail for mail in left if mail_matches(item, mail, self.view, own)]
        if not item.words and not item.copies:
            for mail in fitting:
                left.remove(mail)
            return [] if fitting else [item.text]
        missing = []
        for copy, words in ((False, item.words), (True, item.copies)):
            for person in sorted(self.view.people(words)):
                hit = next((m for m in fitting if m.person == person and m.copy == copy), None)
                if hit is None:
                    missing.append(f"{item.name} {'cc ' if copy else ''}{person}")
                else:
                    fitting.remove(hit)
                    left.remove(hit)
            if words and not self.view.people(words):
                missing.append(f"{item.text}: {' '.join(words)} names nobody")
        return missing

    def sent(self) -> None:
        for text in self.row.texts("sent"):
            missing = self._take(line(text), self.view.mails(True), None)
            if missing:
                self._add("sent", SENT, f"not sent: {', '.join(missing)}", why.really_sent(self.view, True))

    def not_mails(self) -> None:
        for item in map(line, self.row.texts("not_mails")):
            people = self.view.people(item.words) if item.words else None
            hits = [m for m in self.view.mails(True) if mail_matches(item, m, self.view, None)]
            hits = [m for m in hits if people is None or m.person in people]
            if hits:
                self._add("not_mails", SENT, f"{item.text} was sent", why.mails(hits, self.view))

    def issued(self) -> None:
        for item in map(line, self.row.texts("issued")):
            papers = [p for p in self.view.papers(True) if p.document == item.name]
            if not any(item.when is None or item.when.fits(p.at, self.view.calendar) for p in papers):
                listed = [f"{moment_text(p.at, self.view.calendar)} {p.document}" for p in self.view.papers(True)]
                self._add("issued", DOCS, f"{item.text} was not issued", [f"issued: {text}" for text in listed])

    def not_issued(self) -> None:
        for text in self.row.texts("not_issued"):
            if any(p.document == text for p in self.view.papers(True)):
                self._add("not_issued", DOCS, f"{text} was issued", [])

    def publishes(self) -> None:
        for text in self.row.texts("publishes"):
            rows = self.view.rows(line(text).name)
            if not any(_is_row(line(text), row) for row in rows):
                told = [f"row: {row}" for row in rows] or ["the case shows no row of this register"]
                self._add("publishes", ROWS, f"no such row: {text}", told)

    def not_publishes(self) -> None:
        for text in self.row.texts("not_publishes"):
            hits = [row for row in self.view.rows(line(text).name) if _is_row(line(text), row)]
            if hits:
                self._add("not_publishes", ROWS, f"the register has {text}", [f"row: {row}" for row in hits])

    # -- problems

    def _moment(self, key: str) -> str:
        value = self.row.get(key)
        if isinstance(value, datetime):
            return moment_text(instant(value, self.view.calendar), self.view.calendar)
        return f"{value.isoformat()} {value.strftime('%a')}"

    def _add(self, key: str, code: str, message: str, told: Iterable[str]) -> None:
        self._at(self.row.spot(key), code, message, told)

    def _at(self, node: Node, code: str, message: str, told: Iterable[str]) -> None:
        hint = "\n       ".join(told)
        listed = isinstance(node.items, list)  # a long list is marked at its key
        self.problems.append(node.problem(code, f"{self.title}: {message}", key=listed, hint=hint))


def _is_thing(item: Line, thing: Thing) -> bool:
    return item.name == thing[1] and (not item.words or item.words == (thing[2],))


def _is_row(item: Line, row: dict[str, Any]) -> bool:
    known = {str(value) for value in row.values()}
    return all(word in known for word in item.words)
