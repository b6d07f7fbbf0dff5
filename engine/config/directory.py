"""directory.toml: the bodies, people and seats of a site, every name in it checked.

A body's unknown key that says `true` is a flag which workflows ask for with `bodies(FLAG)`; one that looks like a
mistyped key is refused.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from engine.config.checks import mail_address
from engine.config.schema import Table, Word
from engine.config.shape import shaped
from engine.core.directory import Body, Directory, Person, Seat
from engine.definitions.positions import Path
from engine.definitions.problems import Problem, Problems, did_you_mean, near
from engine.definitions.source import Source

ROLES = ("admin", "auditor", "operator", "secretary")
_SLUG = re.compile(r"[a-z][a-z0-9_]{0,63}")
_ID = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")


class BodyRow(Table):
    model_config = ConfigDict(strict=True, extra="allow", frozen=True)

    kind: Word
    vi: Word
    en: Word
    profile: Literal["state", "party"] = "state"
    org: str = ""
    office: str = ""
    fallback: str = ""
    parent: str = ""
    external: bool = False


class PersonRow(Table):
    name: Word
    mail: Word
    agency: Word
    post: str = ""
    level: Literal["CENTRAL", "BTVTU", "AGENCY"]
    rank: Literal["TTTU", "UVBTV", "TTHDND", "TTUBND", ""] = ""
    key_leader: bool = False
    tttu_member: bool = False
    lang: Literal["vi", "en"] = "vi"
    active: bool = True
    admin: bool = False
    auditor: bool = False
    operator: bool = False
    secretary: bool = False


class SeatRow(Table):
    person: Word
    right: Literal["decide", "head", "secretary", "clerk"]
    capacity: str = ""


class DirectoryFile(Table):
    bodies: Annotated[dict[str, BodyRow], Field(min_length=1)]
    people: Annotated[dict[str, PersonRow], Field(min_length=1)]
    seats: dict[str, list[SeatRow]] = Field(default={})


def read_directory(source: Source, groups: dict[str, tuple[str, ...]] | None = None) -> Directory:
    """The directory of a file, with the site's lists of bodies. Raises Problems: all of them at once."""
    file, problems = shaped(DirectoryFile, source)
    if file is None:
        raise Problems(problems)
    checks = _Checks(file, source)
    checks.all()
    if problems or checks.problems:
        raise Problems(problems + checks.problems)
    return Directory(
        bodies={slug: _body(slug, row) for slug, row in file.bodies.items()},
        people={key: _person(key, row) for key, row in file.people.items()},
        seats=tuple(_seats(file)),
        lists=dict(groups or {}),
    )


class _Checks:
    def __init__(self, file: DirectoryFile, source: Source):
        self.file, self.source = file, source
        self.problems: list[Problem] = []
        self.bodies, self.people = (
            set(source.data["bodies"]),
            set(source.data["people"]),
        )  # those in error are named too

    def refuse(self, code: str, message: str, *path: str | int, key: bool = False, hint: str = "") -> None:
        self.problems.append(self.source.problem(code, message, path, key=key, hint=hint))

    def all(self) -> None:
        self._ids("bodies", _SLUG, "a lower_case name (a-z, 0-9, _)")
        self._ids("people", _ID, "a name of letters, digits and _")
        for slug, row in self.file.bodies.items():
            self._one_body(slug, row)
        self._circles("parent")
        self._circles("fallback")
        addresses: dict[str, str] = {}
        for key, person in self.file.people.items():
            self._one_person(key, person, addresses)
        for slug, seats in self.file.seats.items():
            self._seats(slug, seats)

    def _ids(self, table: str, pattern: re.Pattern[str], wanted: str) -> None:
        """Ids are plain ASCII, and no two differ in upper and lower case alone."""
        seen: dict[str, str] = {}
        for name in self.source.data[table]:
            if not pattern.fullmatch(name):
                self.refuse("E108", f"'{name}' is not {wanted}", table, name, key=True)
            other = seen.setdefault(name.casefold(), name)
            if other != name:
                line = self.source.place((table, other), key=True).line
                message = f"'{name}' and '{other}' (line {line}) differ only in upper and lower case"
                self.refuse("E311", message, table, name, key=True)

    def _one_body(self, slug: str, row: BodyRow) -> None:
        path: Path = ("bodies", slug)
        self._texts(path, {"vi": row.vi, "en": row.en, "org": row.org})
        for key in ("office", "fallback", "parent"):
            self._body_known(getattr(row, key), *path, key)
        if not row.org and not row.external:
            message = f"'{slug}' has no org: what stands in the numbers of its papers (or say external = true)"
            self.refuse("E105", message, *path, key=True)
        for key, value in (row.model_extra or {}).items():
            meant = near(key, BodyRow.model_fields)
            if meant or not isinstance(value, bool):
                hint = f"did you mean '{meant}'?" if meant else "a flag of a body is a name of your own = true"
                self.refuse("E103", f"unknown key '{key}'", *path, key, key=True, hint=hint)
            elif not _SLUG.fullmatch(key):
                self.refuse("E108", f"'{key}' is not a lower_case name (a-z, 0-9, _)", *path, key, key=True)

    def _one_person(self, key: str, row: PersonRow, addresses: dict[str, str]) -> None:
        path: Path = ("people", key)
        self._texts(path, {"name": row.name, "post": row.post})
        self._body_known(row.agency, *path, "agency")
        if not mail_address(row.mail):
            self.refuse("E604", f"'{row.mail}' is not a mail address such as an@example.vn", *path, "mail")
            return
        other = addresses.setdefault(row.mail.casefold(), key)
        if other != key:
            line = self.source.place(("people", other)).line
            self.refuse("E311", f"'{row.mail}' belongs to {other} already (line {line})", *path, "mail")

    def _seats(self, slug: str, seats: list[SeatRow]) -> None:
        self._body_known(slug, "seats", slug, key=True)
        seen: dict[tuple[str, str], int] = {}
        for number, seat in enumerate(seats):
            path: Path = ("seats", slug, number)
            if seat.person not in self.people:
                hint = person_meant(seat.person, self.people)
                self.refuse("E612", f"unknown person '{seat.person}'", *path, "person", hint=hint)
            if seen.setdefault((seat.person, seat.right), number) != number:
                self.refuse("E311", f"{seat.person} holds '{seat.right}' of this body twice", *path)
            self._texts(path, {"capacity": seat.capacity})

    def _body_known(self, slug: str, *path: str | int, key: bool = False) -> None:
        if slug and slug not in self.bodies:
            self.refuse("E611", f"unknown body '{slug}'", *path, key=key, hint=did_you_mean(slug, self.bodies))

    def _texts(self, path: Path, texts: dict[str, str]) -> None:
        for key, text in texts.items():
            if any(unicodedata.category(char) in ("Cc", "Cf", "Cs") for char in text):
                self.refuse("E107", f"'{key}' holds control or direction characters", *path, key)
            elif text and not text.strip():
                self.refuse("E106", "the text is empty", *path, key)

    def _circles(self, key: str) -> None:
        for slug, row in self.file.bodies.items():
            seen, other = [slug], getattr(row, key)
            while other in self.file.bodies and other not in seen:
                seen.append(other)
                other = getattr(self.file.bodies[other], key)
            if other == slug:
                self.refuse("E613", f"'{key}' goes round in a circle: {' → '.join([*seen, slug])}", "bodies", slug, key)


def person_meant(word: str, known: Iterable[str]) -> str:
    """Short ids such as F12 are all near each other: only upper and lower case are a slip of the hand there."""
    same = [item for item in known if item.casefold() == word.casefold()]
    return did_you_mean(word, same if len(word) < 5 else known)


def _body(slug: str, row: BodyRow) -> Body:
    flags = tuple(sorted(key for key, value in (row.model_extra or {}).items() if value is True))
    return Body(
        slug=slug,
        kind=row.kind,
        vi=_nfc(row.vi),
        en=_nfc(row.en),
        profile=row.profile,
        org=_nfc(row.org),
        office=row.office,
        fallback=row.fallback,
        parent=row.parent,
        external=row.external,
        flags=flags,
    )


def _person(key: str, row: PersonRow) -> Person:
    kept: dict[str, Any] = row.model_dump(exclude={*ROLES})
    kept["name"], kept["post"] = _nfc(row.name), _nfc(row.post)
    return Person(id=key, roles=tuple(role for role in ROLES if getattr(row, role)), **kept)


def _seats(file: DirectoryFile) -> list[Seat]:
    """Every seat with its id: `body.right`, `body.right#2` for the second holder."""
    found = []
    for slug, rows in file.seats.items():
        counts: dict[str, int] = {}
        for row in rows:
            counts[row.right] = counts.get(row.right, 0) + 1
            number = f"#{counts[row.right]}" if counts[row.right] > 1 else ""
            found.append(Seat(slug, row.right, row.person, _nfc(row.capacity), f"{slug}.{row.right}{number}"))
    return found


def _nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text.strip())
