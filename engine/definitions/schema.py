"""The shape of a workflow file: every key, its type, its default and what it means.

Pydantic, strict, unknown keys forbidden. `engine.definitions.shape` turns its errors into problems with line and
column; `json_schema` is what editors use. Keys of CEL and Python keywords (`if`, `in`, `while`, `with`) are aliases.
"""

from __future__ import annotations

import datetime
import re
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    model_validator,
)
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

NAME = r"[a-z][a-z0-9_]{0,63}"
STATE = r"[A-Z][A-Z0-9_]{0,63}"
KEBAB = r"[a-z][a-z0-9]*(-[a-z0-9]+)*"


class Matching:
    """A name of one pattern. `wanted` says it in words."""

    def __init__(self, pattern: str, wanted: str):
        self.pattern, self.compiled, self.wanted = pattern, re.compile(pattern), wanted

    def check(self, value: str) -> str:
        if not self.compiled.fullmatch(value) or len(value) > 64:
            raise PydanticCustomError("E108", "'{name}' is not {wanted}", {"name": value, "wanted": self.wanted})
        return value

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {**handler(schema), "pattern": f"^({self.pattern})$"}


Lower = Annotated[str, Matching(NAME, "a lower_case name (a-z, 0-9, _)")]
Upper = Annotated[str, Matching(STATE, "an UPPER_CASE name (A-Z, 0-9, _)")]
Workflow = Annotated[str, Matching(KEBAB, "a name of lower-case words joined by '-'")]
RuleId = Annotated[str, Matching(rf"R-[0-9]{{2,3}}[a-z]?|{KEBAB}", "a rule name (R-08, R-08a or words-like-this)")]
NoticeId = Annotated[str, Matching(r"N-[0-9]{2,3}[a-z]?", "a notice name (N-04 or N-04a)")]
DocumentId = Annotated[
    str, Matching(rf"D-[0-9]{{2,3}}[a-z]?|{KEBAB}", "a document name (D-07, D-04a or words-like-this)")
]
Value = Annotated[str, Matching(r"[A-Za-z][A-Za-z0-9_]{0,63}", "a choice value (letters, digits, _)")]
RowId = Annotated[str, Matching(r"[A-Za-z][A-Za-z0-9-]{0,63}", "a row name (letters, digits, -)")]
LetName = Annotated[
    str, Matching(rf"{NAME}(\({NAME}(, *{NAME})*\))?", "a lower_case name, or 'name(a, b)' for a function")
]


def _filled(value: str) -> str:
    if not value.strip():
        raise PydanticCustomError("E106", "the text is empty")
    return value


def _pair(value: list[str]) -> list[str]:
    if len(value) != 2 or not all(isinstance(v, str) and v.strip() for v in value):
        raise PydanticCustomError("E106", "a choice value needs its two words: [vi, en]")
    return value


def _scalar(value: Any) -> Any:
    """Parameters are what CEL computes with: no fractions, no times of day, no whole numbers beyond 64 bits."""
    for item in value if isinstance(value, list) else [value]:
        whole = isinstance(item, int) and abs(item) < 2**63
        if not (isinstance(item, (str, bool)) or whole or type(item) is datetime.date):
            raise PydanticCustomError(
                "E104", "a parameter is a whole number, a date, a text, true or false, or a list of them"
            )
    return value


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, (str, dict)) else value


Words = Annotated[str, AfterValidator(_filled)]
Cel = Annotated[str, AfterValidator(_filled), Field(description="CEL expression")]
Strings = Annotated[list[str], BeforeValidator(_as_list, json_schema_input_type=str | list[str])]
Names = Annotated[list[str], Field(description="names; an item may end in ` if EXPRESSION`")]
NameOrNames = Annotated[list[str], BeforeValidator(_as_list, json_schema_input_type=str | list[str])]
Loops = Annotated[list[str], BeforeValidator(_as_list, json_schema_input_type=str | list[str])]
Parameter = Annotated[Any, AfterValidator(_scalar)]


class Part(BaseModel):
    """A table with known keys. Keys that begin with `x_` are notes for people and are left out."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _without_notes(cls, data: Any) -> Any:
        if isinstance(data, dict):
            return {key: value for key, value in data.items() if not str(key).startswith("x_")}
        return data


class Labelled(Part):
    vi: Words = Field(description="text in Vietnamese; may contain {expression}")
    en: Words = Field(description="text in English; may contain {expression}")


class FieldPart(Labelled):
    type: str = Field(
        description="`text number date money yes/no person body country file letter`, a record, choices or register name, `case of WORKFLOW`; `list of T`; `?` = may stay empty"
    )
    value: str = Field("", description="CEL, in records only: computed for each row, never edited")
    file: bool = Field(True, description="false: a letter without upload")


class StatePart(Labelled):
    who: NameOrNames = Field(default_factory=list, description="actors who hold the task")
    vote: str = Field("any", description="any, all, majority or `2 of them`")
    chair: str = Field("", description="actor who breaks a tie")
    assurance: Literal["link", "link+code", "login"] = "link"
    mail: NameOrNames = Field(default_factory=list, description="notice sent on each entry from another state")
    edit: list[str] = Field(default_factory=list, description="sections of fields the holder may edit")
    limit: NameOrNames = Field(default_factory=list, description="line of [limits]; of a list the first true one")
    ladder: NameOrNames = Field(default_factory=list, description="ladders with their own due date")
    external: str = Field("", description="a body that does not click: the holder records its letter")
    early: str = Field("", description="state whose holder is asked now as well")
    fallback: str = Field("", description="state entered instead when `conflict` leaves no holder")
    final: Literal["", "good", "bad"] = Field("", description="an end of the workflow")


class RefusedPart(Part):
    hold: bool = False
    notify: Names = Field(default_factory=list)


class TransitionPart(Part):
    to: str = Field(description="state or route")
    by: NameOrNames | None = Field(None, description="actors; default: who holds the state")
    at: str = Field("", description="TIME at which the clock does it, or `every child of X final`")
    before: str = Field("", description="TIME from which on it is refused")
    if_: str = Field("", alias="if", description="CEL: whether it is offered at all")
    needs: list[str] = Field(
        default_factory=list,
        description="RULE, `RULE fires`, `RULE requested`, `no block`, `some block`, `exceptions requested`, `exceptions granted`",
    )
    asks: list[str] = Field(default_factory=list, description="what is filled in with it; `?` = may stay empty")
    submits: bool = Field(False, description="freezes the next dossier version")
    adopts: bool = Field(False, description="moves the case to the definition in force")
    judges: bool = Field(False, description="asks all rules anew and stores the findings; stops nothing")
    confirm: str = Field("", description="actor who has to confirm")
    confirm_mail: str = Field("", description="notice that tells who has to confirm")
    issue: Names = Field(default_factory=list, description="documents")
    notify: Names = Field(default_factory=list, description="notices")
    quiet: bool = Field(False, description="do not send the target state's mail")
    refused: RefusedPart | None = Field(None, description="what happens when `needs` fails at the time `at`")
    opens: list[str] = Field(default_factory=list, description="obligations")
    tells: list[str] = Field(default_factory=list, description="`children.action` on every child")
    like: str = Field("", description="`STATE.action` to copy; own keys win")


class RulePart(Labelled):
    check: Cel
    source: str = Field("", description="legal source")
    if_: str = Field("", alias="if", description="CEL: whether the rule applies")
    each: Loops = Field(default_factory=list, description="`m in members`; one finding per row")
    grounds: list[str] = Field(default_factory=list, description="fields of [fields.waiver] a request must fill")
    waive: Literal["", "each"] = Field("", description="each: a waiver per finding")
    lifted_by: str = Field("", description="the lift rule this block consents to")


class LimitPart(Part):
    normal: str = ""
    urgent: str = ""
    every: str = Field("", description="repeats without limit, instead of `normal`")
    chase: list[str] = Field(default_factory=list, description="who `chase 1`, `chase 2` of the ladder are")
    ladder: str = "step"


class RungPart(Part):
    at: str = Field(description="TIME")
    to: Names = Field(default_factory=list)
    cc: Names = Field(default_factory=list)
    send: str = Field("", description="notice")
    issue: Names = Field(default_factory=list)
    publish: str = Field("", description="register whose rows this rung writes")
    in_: str = Field("", alias="in", description="only in this state or group")
    every: str = ""


class LadderPart(Part):
    rungs: list[RungPart]
    due: str = Field("", description="own due date: field, let or parameter")
    if_: str = Field("", alias="if", description="CEL: whether the ladder runs")


class RoutePart(BaseModel):
    """A row of a route; every key besides these is a column."""

    model_config = ConfigDict(strict=True, extra="allow", frozen=True)

    id: RowId
    to: str
    if_: str = Field("", alias="if")


class WaiverPart(Part):
    document: str = ""
    opinion: str = ""
    decider: str = ""


class PublishPart(Part):
    row: dict[str, Cel]
    while_: Strings = Field(default_factory=list, alias="while", description="states in which the rows exist")
    each: str = ""


class ObligationPart(Labelled):
    owner: Cel
    due: Cel
    each: str = ""
    ladder: str = ""
    blocks_end: bool = False


class ChildrenPart(Part):
    workflow: str
    open: str = Field("start", description="action that opens them, or `start`")
    each: str
    with_: dict[Lower, Cel] = Field(default_factory=dict, alias="with")


class DocumentPart(Labelled):
    kind: str = ""
    issuer: NameOrNames = Field(default_factory=list, description="body; of several, the first whose condition holds")
    annex: str = ""
    uploaded: str = Field("", description="letter field: the issued document is the signed file handed in")


class NoticePart(Labelled):
    kind: Literal["task", "reminder", "escalation", "info", "receipt", "alert"]
    to: Names
    cc: Names = Field(default_factory=list)
    attach: list[str] = Field(default_factory=list, description="documents")


class AlwaysPart(Part):
    rule: str
    from_: Strings = Field(alias="from")
    to: Strings
    passes: Strings
    rows: list[str] = Field(default_factory=list, description="follow only these rows, `ROUTE.ROW`")


class InformsPart(Part):
    rule: str
    notices: Strings
    bodies: Strings = Field(description="bodies every one of these notices must go to")


class SchedulePart(Part):
    on: datetime.date
    with_: dict[Lower, Parameter] = Field(default_factory=dict, alias="with")


class StartPart(Part):
    state: str
    by: NameOrNames = Field(default_factory=list)
    needs: list[str] = Field(default_factory=list)
    issue: Names = Field(default_factory=list)
    notify: Names = Field(default_factory=list)
    schedule: list[SchedulePart] = Field(default_factory=list)


class WorkflowFile(Labelled):
    """One workflow."""

    workflow: Workflow = Field(description="id; a file without it is a base for `include`")
    label: str = Field("", description="name of this edition for people")
    basis: str = Field("", description="legal basis")
    effective: datetime.date | None = Field(None, description="first day new cases use it")
    running: Literal["finish", "adopt"] = "finish"
    include: list[str] = Field(default_factory=list, description="files this one builds on (one level)")
    remove: list[str] = Field(default_factory=list, description="what is taken out of them")
    start: StartPart
    urgent: str = Field("", description="CEL: whether a case is urgent")
    conflict: str = Field("", description="CEL: ids of persons who never hold a task through a body")
    always: list[AlwaysPart] = Field(default_factory=list, description="proved on the graph")
    informs: list[InformsPart] = Field(default_factory=list, description="who must be told; a warning when not")
    parameters: dict[Lower, Parameter] = Field(default_factory=dict)
    fields: dict[Lower, dict[Lower, FieldPart]] = Field(default_factory=dict)
    record: dict[Lower, dict[Lower, FieldPart]] = Field(default_factory=dict)
    choices: dict[Lower, dict[Value, Annotated[list[str], AfterValidator(_pair)]]] = Field(default_factory=dict)
    let: dict[LetName, Cel] = Field(default_factory=dict)
    groups: dict[Lower, Strings] = Field(default_factory=dict)
    states: dict[Upper, StatePart]
    actions: dict[Lower, Labelled] = Field(default_factory=dict)
    on: dict[str, dict[Lower, TransitionPart]] = Field(default_factory=dict)
    route: dict[Lower, list[RoutePart]] = Field(default_factory=dict)
    waiver: WaiverPart | None = None
    block: dict[RuleId, RulePart] = Field(default_factory=dict)
    exception: dict[RuleId, RulePart] = Field(default_factory=dict)
    warning: dict[RuleId, RulePart] = Field(default_factory=dict)
    guard: dict[RuleId, RulePart] = Field(default_factory=dict)
    lift: dict[RuleId, RulePart] = Field(default_factory=dict)
    limits: dict[Lower, LimitPart] = Field(default_factory=dict)
    ladder: dict[Lower, LadderPart] = Field(default_factory=dict)
    publish: dict[Lower, PublishPart] = Field(default_factory=dict)
    obligation: dict[Lower, ObligationPart] = Field(default_factory=dict)
    children: dict[Lower, ChildrenPart] = Field(default_factory=dict)
    documents: dict[DocumentId, DocumentPart] = Field(default_factory=dict)
    notices: dict[NoticeId, NoticePart] = Field(default_factory=dict)


def json_schema() -> dict[str, Any]:
    """The JSON Schema of workflow files, for editors (docs/schema/workflow.schema.json)."""
    made = WorkflowFile.model_json_schema(by_alias=True, mode="validation")
    made.pop("required")  # a base has no head, and an including file has only what differs
    for part in (made, *made["$defs"].values()):
        if part.get("additionalProperties") is False:
            part["patternProperties"] = {"^x_": {"description": "a note for people"}}
    made["$defs"]["TransitionPart"].pop("required")  # `like` or an included file may have the rest
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "workflow.schema.json",
        **made,
        "title": "Workflow of Trình",
    }


if __name__ == "__main__":
    import json

    print(json.dumps(json_schema(), ensure_ascii=False, indent=1))
