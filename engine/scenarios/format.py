"""The keys of a scenario file, in one place: the reader, the JSON Schema and the page docs/scenarios.md read them here.

A file tells stories about one workflow: given people, registers and dossiers, at these times these people do this, or
nobody does anything; then the case is there, and these papers and mails were made. docs/scenarios.md is its manual.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Shape = Literal["text", "texts", "time", "yes/no", "table", "rows", "list", "any", "nothing or time", "number"]


@dataclass(frozen=True, slots=True)
class Key:
    """`expects`: what is compared, not done. `texts` takes one text for a list of one."""

    shape: Shape
    about: str
    expects: bool = False


FILE = {
    "workflow": Key("text", "name of the workflow; its file stands beside this one"),
    "directory": Key("text", "bodies, people and seats; without it, those of the site"),
    "calendar": Key("text", "working days; without it, those of the site"),
    "include": Key("texts", "other scenario files whose registers, people, dossiers and stories this file uses"),
    "people": Key("table", "further people, as in the directory"),
    "seats": Key("table", "further seats, as in the directory"),
    "registers": Key("table", "what the world knows before a story begins"),
    "case": Key("table", "dossiers"),
    "story": Key("table", "beginnings that several scenarios share"),
    "scenario": Key("rows", "the scenarios"),
}

DOSSIER = {
    "like": Key("text", "another dossier; own keys win"),
    "author": Key("text", "who proposes it"),
    "workflow": Key("text", "workflow of this dossier, when it is not the file's"),
    "waiver": Key("table", "grounds of exception requests, by rule"),
}

STORY = {
    "case": Key("text", "the dossier it starts from"),
    "after": Key("text", "a story, or the id of a scenario, that goes before"),
    "until": Key("text", "stop that beginning when the case reaches this state"),
    "with": Key("table", "changes of the dossier"),
    "registers": Key("table", "what the world knows besides"),
    "story": Key("rows", "what happens, in order"),
}

SCENARIO = {
    "id": Key("text", "short and unique in the file, for example S-01"),
    "title": Key("text", "one line for people"),
    **STORY,
    "finally": Key("table", "what holds of the whole story when it is over"),
}

DOES = {
    "at": Key("time", "when; the clock runs there first and everything due on the way happens"),
    "who": Key("text", "the person who acts; without it nobody does anything"),
    "does": Key("text", "an action of the workflow, or confirm, decline, save, discard, look, settle, drop"),
    "with": Key("table", "what is filled in: fields, opinion, decisions on exceptions, waiver, reason, note"),
    "opens": Key("text", "act on a new case from this dossier"),
    "as": Key("text", "a name for the case that `opens` starts, for `on`"),
    "on": Key("text", "go on with the case of this name"),
    "keeps": Key("table", "remember the link that a person's mail carries now: { NAME = PERSON }"),
    "link": Key("text", "use that link instead of a fresh one"),
    "address": Key("text", "network address the answer comes from"),
    "registers": Key("table", "rows that enter a register now"),
    "publish": Key("any", "publish a changed workflow: a file, or a table of the keys that change"),
    "off": Key("yes/no", "the server stops (true) or starts again (false)"),
    "as_of": Key("time", "look back: what follows is compared with the case as it was then"),
}

EXPECTS = {
    "then": Key("text", "the state of the case", True),
    "entered": Key("time", "since when it is in that state", True),
    "states": Key("texts", "every state entered since the row before, in order", True),
    "due": Key("nothing or time", 'until when the step should be done; "none" when there is no date', True),
    "refused": Key("texts", "the act is refused, for exactly these reasons", True),
    "logged": Key("yes/no", "the refusal stands in the record", True),
    "repeated": Key("yes/no", "the act was recorded before: the same receipt, no second event", True),
    "shows": Key(
        "text",
        "what the link's page says: live, decided, decided_by_other, superseded, withdrawn, expired, unknown",
        True,
    ),
    "finds": Key("texts", "exactly these findings now: RULE KIND [SUBJECT][: words of the sentence]", True),
    "not_finds": Key("texts", "these rules have no finding", True),
    "waivers": Key("texts", "exactly these exception requests: RULE STATE", True),
    "route": Key("texts", "the row of the competence matrix that was chosen", True),
    "value": Key("table", "values of expressions: lets, fields, anything a rule may ask", True),
    "docs": Key("texts", "exactly these documents since the row before", True),
    "mails": Key("texts", "exactly these mails since the row before", True),
    "issued": Key("texts", "documents among those since the beginning", True),
    "not_issued": Key("texts", "documents that were never made", True),
    "sent": Key("texts", "mails among those since the beginning", True),
    "not_mails": Key("texts", "mails that were never sent", True),
    "pending": Key("texts", "exactly what the clock will do: [TIME ]NOTICE or [TIME ]action", True),
    "publishes": Key("texts", "rows the case shows in registers: REGISTER and words of the row", True),
    "not_publishes": Key("texts", "rows it does not show", True),
    "offers": Key("table", "actions a person is offered, exactly: { PERSON = [ACTION] }", True),
    "recorded": Key("table", "of the last event: by, address, version", True),
    "version": Key("number", "version of the workflow the case follows", True),
}

ROW = {**DOES, **EXPECTS}

FINALLY = {
    **{
        name: EXPECTS[name]
        for name in ("then", "issued", "not_issued", "sent", "not_mails", "publishes", "not_publishes")
    },
    "states": Key("texts", "every state entered, in order, from the beginning", True),
    "docs": Key("texts", "exactly these documents, from the beginning", True),
    "mails": Key("texts", "exactly these mails, from the beginning", True),
    "quiet_after": Key("time", "no mail is sent after this, though the clock runs on for a year", True),
}

# actions of the runner, beside those of the workflow
OWN_ACTIONS = ("confirm", "decline", "save", "discard", "look", "settle", "drop")
