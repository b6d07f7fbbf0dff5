"""Actor paths (E241), quorums (E243), and that nobody who always proposes decides alone (E242)."""

from __future__ import annotations

import re

from engine.definitions.checks.desk import Desk
from engine.definitions.positions import Path
from engine.definitions.problems import did_you_mean

SEATS = ("head", "secretary", "clerk", "office")
_QUORUM = re.compile(r"([0-9]{1,3}) of them")


def check(desk: Desk) -> None:
    walk = _Actors(desk)
    walk.all()
    _votes(desk)


class _Actors:
    """Reads every path. What stands for a body or a person is known by its root."""

    def __init__(self, desk: Desk):
        self.desk = desk
        fields = desk.definition.fields.items()
        self.bodies = {name for name, f in fields if f.type.kind == "body"}
        self.people = {name for name, f in fields if f.type.kind == "person"}
        for name, f in fields:
            columns = desk.definition.records.get(f.type.name, {}) if f.type.kind == "record" else {}
            if f.type.many and any(column.type.kind == "person" for column in columns.values()):
                self.people.add(name)
        self.slugs = set(desk.site.directory.bodies) if desk.site else None
        self.lists = set(desk.site.directory.lists) if desk.site else None

    def all(self) -> None:
        file = self.desk.file
        self.listed(("start", "by"), file.start.by, "who may start", people=("parent",), holder=False)
        for name, state in file.states.items():
            path: Path = ("states", name)
            self.listed((*path, "who"), state.who, f"who holds '{name}'", holder=False)
            if state.chair:
                self.one((*path, "chair"), state.chair, f"the chair of '{name}'", holder=False)
            if state.external:
                self.one((*path, "external"), state.external, f"who answers '{name}'", holder=False)
        for owner, actions in file.on.items():
            for action, part in actions.items():
                path = ("on", owner, action)
                self.listed((*path, "by"), part.by or [], f"who may '{action}'", people=("parent",))
                if part.confirm:
                    self.one((*path, "confirm"), part.confirm, f"who confirms '{action}'")
        self._told()
        self._papers()

    def _told(self) -> None:
        file = self.desk.file
        words = ("rung", "link holders", "obligation owners", "owner", *self.desk.names("notice"))
        for name, notice in file.notices.items():
            for key, listed in (("to", notice.to), ("cc", notice.cc)):
                self.listed(("notices", name, key), listed, f"who gets '{name}'", people=words)
        chased = ("owner", *(f"chase {n}" for n in range(1, 10)), *self.desk.names("notice"))
        for name, ladder in file.ladder.items():
            for number, rung in enumerate(ladder.rungs):
                for key, listed in (("to", rung.to), ("cc", rung.cc)):
                    self.listed(
                        ("ladder", name, "rungs", number, key), listed, f"whom ladder '{name}' tells", people=chased
                    )
        for name, limit in file.limits.items():
            self.listed(("limits", name, "chase"), limit.chase, f"whom limit '{name}' chases")
        for number, part in enumerate(file.informs):
            for place, body in enumerate(part.bodies):
                self.one(("informs", number, "bodies", place), body, "who must be informed", holder=False)

    def _papers(self) -> None:
        file = self.desk.file
        for name, document in file.documents.items():
            for number, text in enumerate(document.issuer):
                issuer = text.partition(" if ")[0].strip()
                self.one(("documents", name, "issuer", number), issuer, f"who issues '{name}'", body=True)
        if file.waiver:
            for key in ("opinion", "decider"):
                value = getattr(file.waiver, key)
                if value:
                    self.one(("waiver", key), value, f"'{key}' of waivers", holder=False)
        for route, rows in self.desk.definition.routes.items():
            for number, row in enumerate(rows):
                for column, value in row.columns.items():
                    if ("column", f"{route}.{column}") in self.desk.used and isinstance(value, str):
                        self.one(("route", route, number, column), value, f"'{column}' of row '{row.id}'", holder=False)

    def listed(
        self, path: Path, texts: list[str], what: str, *, people: tuple[str, ...] = (), holder: bool = True
    ) -> None:
        for number, text in enumerate(texts):
            self.one((*path, number), text.partition(" if ")[0].strip(), what, people=people, holder=holder)

    def one(
        self, path: Path, name: str, what: str, *, people: tuple[str, ...] = (), holder: bool = True, body: bool = False
    ) -> None:
        """One path. `people`: further words allowed here; `body`: it must name a body, not a person."""
        desk = self.desk
        if name in people:
            desk.used.add(("notice", name))
            return
        root, *rest = name.split(".")
        if self.lists is not None and name in self.lists:
            return
        if root in desk.definition.routes and rest:
            return self._column(path, name, root, rest, what)
        if root in ("author", *self.people):
            desk.used.add(("field", root))
            if rest or body:
                reason = "a person has no seats" if rest else "a document is issued by a body"
                desk.say("E241", f"{what}: '{name}' names a person; {reason}", path)
            return
        bodies = {*self.bodies, *({"holder"} if holder else ())}
        if (
            root in bodies
            or (self.slugs is None and re.fullmatch(r"[a-z][a-z0-9_ ]*", root))
            or root in (self.slugs or ())
        ):
            desk.used.add(("field", root))
            return self._seats(path, name, rest, what)
        known = [
            *people,
            "author",
            *bodies,
            *self.people,
            *(self.slugs or ()),
            *(self.lists or ()),
            *desk.definition.routes,
        ]
        desk.say("E241", f"{what}: unknown actor '{name}'", path, inside=None, hint=did_you_mean(root, known))

    def _seats(self, path: Path, name: str, rest: list[str], what: str) -> None:
        desk = self.desk
        office = rest[:1] == ["office"]
        seats = rest[1:] if office else rest
        if len(seats) > 1 or any(seat not in SEATS or (office and seat == "office") for seat in seats):
            hint = did_you_mean(rest[-1], SEATS)
            desk.say(
                "E241", f"{what}: '{name}' names no seat; seats are .head .secretary .clerk .office", path, hint=hint
            )
        root = name.partition(".")[0]
        if desk.site is None or root not in desk.site.directory.bodies:
            return
        holder = desk.site.directory.office(root) if office else root
        right = seats[0] if seats else "decide"
        acts = path[0] in ("states", "on", "start") and path[-1] != "external"  # who is only told may have no seat
        if acts and not desk.site.directory.holders(holder, right):
            desk.warn("W241", f"{what}: nobody holds the seat '{right}' of '{holder}'", path)

    def _column(self, path: Path, name: str, route: str, rest: list[str], what: str) -> None:
        columns = {column for row in self.desk.definition.routes[route] for column in row.columns}
        if rest[0] not in columns:
            hint = did_you_mean(rest[0], columns)
            self.desk.say("E241", f"{what}: route '{route}' has no column '{rest[0]}'", path, hint=hint)
            return
        self.desk.used |= {("column", f"{route}.{rest[0]}"), ("route", route)}
        self._seats(path, name, rest[1:], what)


def _votes(desk: Desk) -> None:
    for name, state in desk.file.states.items():
        path: Path = ("states", name, "vote")
        match = _QUORUM.fullmatch(state.vote)
        if state.vote not in ("any", "all", "majority") and match is None:
            message = f"'{state.vote}' is no vote: 'any', 'all', 'majority' or '2 of them'"
            desk.say("E107", message, path, hint=did_you_mean(state.vote, ("any", "all", "majority")))
        elif match and int(match[1]) == 0:
            desk.say("E243", f"state '{name}' asks for no vote at all", path)
        elif match:
            roster = _roster(desk, state.who)
            if roster is not None and int(match[1]) > roster:
                message = f"state '{name}' asks for {match[1]} votes, but {roster} can vote; a quorum is never lowered"
                desk.say("E243", message, path)
        if state.chair and state.vote in ("any", "all"):
            desk.say(
                "E243",
                f"a chair breaks the tie of a majority; the vote of '{name}' is '{state.vote}'",
                ("states", name, "chair"),
            )


def _roster(desk: Desk, who: list[str]) -> int | None:
    """How many persons can vote at most, or None where a path depends on the case or the site is unknown."""
    if desk.site is None:
        return None
    people: set[str] = set()
    for name in who:
        root, *rest = name.split(".")
        bodies = desk.site.directory.lists.get(name, (root,) if root in desk.site.directory.bodies else ())
        if not bodies:
            return None
        right = rest[-1] if rest and rest[-1] != "office" else "decide"
        people |= {seat.person for body in bodies for seat in desk.site.directory.holders(body, right)}
    return len(people)
