"""The tables of config.toml that workflows share: number series, registers, lists of bodies -> core.world.Site."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from engine.config.schema import SeriesTable
from engine.config.settings import Settings
from engine.core.directory import Directory
from engine.core.world import RegisterSpec, Series, Site
from engine.definitions.problems import Problem, Problems, did_you_mean

KINDS = ("text", "number", "date", "yes/no", "country", "person", "body")
PROFILES = {"state": "{n}/{kind}-{org}", "party": "{n}-{kind}/{org}"}
_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
_COLUMN = re.compile(r"(?P<name>[^:\s]+)(\s*:\s*(?P<many>list of\s+)?(?P<kind>.+))?")


@dataclass(frozen=True, slots=True)
class ColumnType:
    """What a column of a register holds: text, number, date, yes/no, country, person, body, or a list of them."""

    kind: str = "text"
    many: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One line of [series]."""

    issuers: tuple[str, ...]
    kinds: tuple[str, ...]
    table: SeriesTable
    name: str  # of the counter


class Tables:
    """Reads the shared tables of one site against its directory. `problems` collects what does not fit."""

    def __init__(self, settings: Settings, directory: Directory):
        self.settings, self.directory = settings, directory
        self.problems: list[Problem] = []
        self.types: dict[str, dict[str, ColumnType]] = {}

    def site(self) -> Site:
        """Raises Problems."""
        registers = self._registers()
        self._groups()
        lines = self._series()
        if self.problems:
            raise Problems(self.problems)
        numbering = self.settings.numbering
        return Site(
            registers=registers,
            series=Numbers(lines, self.directory, {**PROFILES, **self.settings.file.profiles}),
            reference=dict(numbering.reference),
            term=numbering.term,
        )

    def _refuse(self, code: str, message: str, *path: str | int, key: bool = False, hint: str = "") -> None:
        self.problems.append(self.settings.source.problem(code, message, path, key=key, hint=hint))

    def _body(self, slug: str, *path: str | int, key: bool = False) -> None:
        if slug not in self.directory.bodies:
            hint = did_you_mean(slug, self.directory.bodies)
            self._refuse("E611", f"unknown body '{slug}'", *path, key=key, hint=hint)

    def _groups(self) -> None:
        for name, slugs in self.settings.file.groups_of_bodies.items():
            if name in self.directory.bodies:
                message = f"'{name}' is the name of a body already"
                self._refuse("E311", message, "groups_of_bodies", name, key=True)
            for number, slug in enumerate(slugs):
                self._body(slug, "groups_of_bodies", name, number)

    def _registers(self) -> dict[str, RegisterSpec]:
        found = {}
        for name, table in self.settings.file.registers.items():
            path = ("registers", name)
            if not _NAME.fullmatch(name):
                self._refuse("E108", f"'{name}' is not a lower_case name (a-z, 0-9, _)", *path, key=True)
            if table.kept_by:
                self._body(table.kept_by, *path, "kept_by")
            types: dict[str, ColumnType] = {}
            keys = [self._column(text, types, *path, "keys", n) for n, text in enumerate(table.keys)]
            columns = [self._column(text, types, *path, "columns", n) for n, text in enumerate(table.columns)]
            self.types[name] = types
            found[name] = RegisterSpec(name, tuple(keys), tuple(columns), table.kept_by)
        return found

    def _column(self, text: str, types: dict[str, ColumnType], *path: str | int) -> str:
        match = _COLUMN.fullmatch(text)
        name = match["name"] if match else ""
        kind = (match["kind"] or "text") if match else ""
        if match is None or not _NAME.fullmatch(name):
            self._refuse("E609", f'\'{text}\' is not a column: "name" or "name: type"', *path)
        elif kind not in KINDS:
            message = f"'{kind}' is not a type of a column: {', '.join(KINDS)}, or \"list of\" one of them"
            self._refuse("E609", message, *path, hint=did_you_mean(kind, KINDS))
        elif match["many"] and path[-2] == "keys":
            self._refuse("E609", f"the key '{name}' cannot be a list", *path)
        elif name in types:
            self._refuse("E311", f"the column '{name}' is declared twice", *path)
        else:
            types[name] = ColumnType(kind, bool(match["many"]))
        return name

    def _series(self) -> list[Line]:
        lines: list[Line] = []
        taken: dict[tuple[str, str], str] = {}
        names: dict[str, str] = {}
        for key, table in self.settings.file.series.items():
            line = self._line(key, table)
            if line is None:
                continue
            lines.append(line)
            for pair in ((issuer, kind) for issuer in line.issuers for kind in line.kinds):
                if taken.setdefault(pair, key) != key:
                    message = f'{pair[0]} {pair[1]} is numbered by two lines; the other is "{taken[pair]}"'
                    self._refuse("E608", message, "series", key, key=True)
            for name in {counter(line, kind) for kind in line.kinds}:
                if names.setdefault(name, key) != key:
                    message = (
                        f"this line and \"{names[name]}\" would share the counter '{name}'; give one of them a name"
                    )
                    self._refuse("E608", message, "series", key, key=True)
        return lines

    def _line(self, key: str, table: SeriesTable) -> Line | None:
        left, colon, right = unicodedata.normalize("NFC", key).partition(":")
        issuers = tuple(slug.strip() for slug in left.split(","))
        kinds = tuple(right.split())
        if not colon or not kinds or not all(issuers):
            message = 'a line of [series] is "issuer, issuer: KIND KIND" = { … }'
            self._refuse("E608", message, "series", key, key=True)
            return None
        for slug in issuers:
            self._body(slug, "series", key, key=True)
        return Line(issuers, kinds, table, table.name or issuers[0])


def counter(line: Line, kind: str) -> str:
    """The key of the counter: one for the whole line, or one for each kind."""
    return f"{line.name}/{kind if line.table.per == 'kind' else line.kinds[0]}"


class Numbers:
    """Site.series: asked with (issuer slug, document kind); None for a body whose papers Trình does not number."""

    def __init__(self, lines: list[Line], directory: Directory, profiles: dict[str, str]):
        self._lines = {(issuer, kind): line for line in lines for issuer in line.issuers for kind in line.kinds}
        self._directory, self._profiles = directory, profiles

    def __call__(self, issuer: str, kind: str) -> Series | None:
        body = self._directory.bodies.get(issuer)
        if body is None:
            return None
        kind = unicodedata.normalize("NFC", kind)
        line = self._lines.get((issuer, kind))
        if line is None:
            return Series(f"{issuer}/{kind}", self._profiles[body.profile], body.org) if body.org else None
        table = line.table
        org = body.org if table.org is None else table.org
        pattern = table.pattern or self._profiles[body.profile]
        return Series(counter(line, kind), pattern, org, table.unit, table.period)
