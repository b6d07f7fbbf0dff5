"""What a workflow says: the values every other module reads. No behaviour, no I/O.

A `Definition` is one published workflow file (with what it includes). All texts carry Vietnamese and English;
all expressions are CEL source strings (compiled by `expressions`); all names are those of the file.
Shapes and defaults follow the language reference (docs/language.md).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Text:
    """One text in both languages."""

    vi: str
    en: str

    def __getitem__(self, lang: str) -> str:
        return self.en if lang == "en" else self.vi


@dataclass(frozen=True, slots=True)
class FieldType:
    """`kind` is a scalar (`text number date money yes/no person body country file letter`) or one of
    `record choice register case`; those four carry the `name` of what they refer to."""

    kind: str
    name: str = ""
    many: bool = False
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    type: FieldType
    label: Text
    section: str = ""
    value: str = ""  # CEL; computed, never edited
    file: bool = True  # a letter without upload when False


@dataclass(frozen=True, slots=True)
class Conditional:
    """An item of a list that may end in ` if EXPRESSION`; `when` is empty where it always holds."""

    name: str
    when: str = ""


@dataclass(frozen=True, slots=True)
class Time:
    """`["end of "] ANCHOR [(+|-) N [working] UNIT]`. `unit`: days, working_days, hours, seconds, months."""

    anchor: str
    end_of: bool = False
    count: int = 0
    unit: str = "days"


@dataclass(frozen=True, slots=True)
class Duration:
    count: int
    unit: str  # days | working_days | hours | months


@dataclass(frozen=True, slots=True)
class State:
    name: str
    label: Text
    who: tuple[str, ...] = ()
    vote: str = "any"  # any | all | majority | "2 of them"
    chair: str = ""
    assurance: str = "link"
    mail: tuple[Conditional, ...] = ()
    edit: tuple[str, ...] = ()
    limit: tuple[Conditional, ...] = ()
    ladder: tuple[str, ...] = ()
    external: str = ""
    early: str = ""
    fallback: str = ""
    final: str = ""  # "" | good | bad


@dataclass(frozen=True, slots=True)
class Need:
    """One line of `needs`. `kind`: passes, fires, requested (all three of `rule`), no_block, some_block,
    exceptions_requested, exceptions_granted."""

    kind: str
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Ask:
    """Filled with the action: a field, `list.column`, `waivers.opinion`, `waivers.decision`, `reason`, `note`."""

    path: str
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """What happens when `needs` fails at the instant of a clock transition."""

    hold: bool = False
    notify: tuple[Conditional, ...] = ()


@dataclass(frozen=True, slots=True)
class Transition:
    state: str
    action: str
    to: str  # state or route
    by: tuple[str, ...] | None = None  # None: whoever holds the state
    at: Time | None = None
    before: Time | None = None
    when: str = ""  # CEL: offered at all
    needs: tuple[Need, ...] = ()
    asks: tuple[Ask, ...] = ()
    submits: bool = False
    adopts: bool = False
    judges: bool = False  # asks all rules anew and stores the findings; stops nothing
    confirm: str = ""
    confirm_mail: str = ""  # the notice that tells who has to confirm
    issue: tuple[Conditional, ...] = ()
    notify: tuple[Conditional, ...] = ()
    quiet: bool = False
    refused: Refused | None = None
    opens: tuple[str, ...] = ()
    tells: tuple[str, ...] = ()
    line: int = 0  # order on one instant is by source line


@dataclass(frozen=True, slots=True)
class Rule:
    """`each` is a tuple of (variable, CEL list). A finding's sentence is `sentence` with `{expression}` filled."""

    id: str
    kind: str  # block | exception | warning | guard | lift
    check: str
    sentence: Text
    source: str = ""
    when: str = ""
    each: tuple[tuple[str, str], ...] = ()
    grounds: tuple[str, ...] = ()
    waive_each: bool = False
    lifted_by: str = ""


@dataclass(frozen=True, slots=True)
class Limit:
    name: str
    normal: Duration | None = None
    urgent: Duration | None = None
    every: Duration | None = None
    chase: tuple[str, ...] = ()
    ladder: str = "step"


@dataclass(frozen=True, slots=True)
class Rung:
    at: Time
    to: tuple[Conditional, ...] = ()
    cc: tuple[Conditional, ...] = ()
    send: str = ""
    issue: tuple[Conditional, ...] = ()
    publish: str = ""
    within: tuple[str, ...] = ()  # states of the group named by `in`
    every: Duration | None = None


@dataclass(frozen=True, slots=True)
class Ladder:
    name: str
    rungs: tuple[Rung, ...]
    due: str = ""  # CEL/field name of its own date; "" = the limit's due
    when: str = ""


@dataclass(frozen=True, slots=True)
class RouteRow:
    id: str
    to: str
    when: str = ""
    columns: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WaiverPolicy:
    document: str = ""
    opinion: str = ""
    decider: str = ""


@dataclass(frozen=True, slots=True)
class Publish:
    register: str
    row: dict[str, str]  # column -> CEL
    states: tuple[str, ...] = ()  # rows exist exactly while the case is in one of these; empty: only a rung's publish
    each: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Obligation:
    name: str
    label: Text
    owner: str
    due: str
    each: tuple[str, str] | None = None
    ladder: str = ""
    blocks_end: bool = False


@dataclass(frozen=True, slots=True)
class Document:
    """`issuers`: the first whose condition holds issues it; `issuer` is the last of them, which has none."""

    id: str
    title: Text
    kind: str = ""
    issuer: str = ""
    annex: str = ""
    uploaded: str = ""
    issuers: tuple[Conditional, ...] = ()


@dataclass(frozen=True, slots=True)
class Notice:
    id: str
    kind: str  # task | reminder | escalation | info | receipt | alert
    subject: Text
    to: tuple[Conditional, ...] = ()
    cc: tuple[Conditional, ...] = ()
    attach: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Always:
    """Every path `start` -> `end` passes `passes`; `rows` = follow only these rows (`ROUTE.ROW`)."""

    rule: str
    start: tuple[str, ...]
    end: tuple[str, ...]
    passes: tuple[str, ...]
    rows: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Start:
    state: str
    by: tuple[str, ...] = ()
    needs: tuple[Need, ...] = ()
    issue: tuple[Conditional, ...] = ()
    notify: tuple[Conditional, ...] = ()
    schedule: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True)
class Definition:
    """One workflow, resolved: groups expanded, `like` and inclusion applied, ids unique.

    `transitions` is keyed by state, then action, in source order. `lets` keep source order because a let sees
    those above it; `functions` maps `name` to (parameters, body). `sha256` is the digest of the manifest
    (path, length, SHA-256 of the file and all it includes); `version` is given at publish, 0 before.
    """

    name: str
    title: Text
    start: Start
    states: dict[str, State]
    transitions: dict[str, dict[str, Transition]]
    fields: dict[str, Field]
    sha256: str = ""
    version: int = 0
    label: str = ""
    basis: str = ""
    effective: str = ""  # ISO date
    running: str = "finish"
    urgent: str = ""
    conflict: str = ""
    groups: dict[str, tuple[str, ...]] = field(default_factory=dict)
    always: tuple[Always, ...] = ()
    parameters: dict[str, Any] = field(default_factory=dict)  # JSON values; dates as datetime.date
    sections: dict[str, tuple[str, ...]] = field(default_factory=dict)  # section -> field names; without `waiver`
    grounds: dict[str, Field] = field(default_factory=dict)  # [fields.waiver]
    records: dict[str, dict[str, Field]] = field(default_factory=dict)
    choices: dict[str, dict[str, Text]] = field(default_factory=dict)
    lets: dict[str, str] = field(default_factory=dict)
    functions: dict[str, tuple[tuple[str, ...], str]] = field(default_factory=dict)
    actions: dict[str, Text] = field(default_factory=dict)
    rules: dict[str, Rule] = field(default_factory=dict)
    routes: dict[str, tuple[RouteRow, ...]] = field(default_factory=dict)
    limits: dict[str, Limit] = field(default_factory=dict)
    ladders: dict[str, Ladder] = field(default_factory=dict)
    waiver: WaiverPolicy | None = None
    publish: dict[str, Publish] = field(default_factory=dict)
    obligations: dict[str, Obligation] = field(default_factory=dict)
    documents: dict[str, Document] = field(default_factory=dict)
    notices: dict[str, Notice] = field(default_factory=dict)
