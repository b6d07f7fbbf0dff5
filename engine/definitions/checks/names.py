"""Names that stand for something declared elsewhere: states, groups, routes, rules, documents, notices, limits, fields."""

from __future__ import annotations

from engine.definitions import grammar
from engine.definitions import schema as s
from engine.definitions.checks.desk import RULES, Desk
from engine.definitions.positions import Path
from engine.definitions.problems import did_you_mean

_FIXED_ASKS = ("reason", "note", "waivers.opinion", "waivers.decision")


def check(desk: Desk) -> None:
    _groups(desk)
    _start(desk)
    for name, state in desk.file.states.items():
        _state(desk, name, state)
    for owner, actions in desk.file.on.items():
        _owner(desk, owner)
        for action, part in actions.items():
            _transition(desk, ("on", owner, action), action, part)
    _routes(desk)
    _rules(desk)
    _papers(desk)
    _ladders(desk)
    _registers(desk)
    _always(desk)
    _types(desk)


def an(word: str) -> str:
    return f"an {word}" if word[0] in "aeiou" else f"a {word}"


def states_or_groups(desk: Desk) -> list[str]:
    return [*desk.names("state"), *desk.names("group")]


def _state_or_group(desk: Desk, name: str, path: Path, said: str) -> None:
    desk.used.add(("group", name))
    desk.refer("state", name, path, said, known=states_or_groups(desk), code="E201")


def conditional(desk: Desk, kind: str, listed: list[str], path: Path, said: str) -> None:
    for number, text in enumerate(listed):
        desk.refer(kind, text.partition(" if ")[0].strip(), (*path, number), said)


def _groups(desk: Desk) -> None:
    for name, listed in desk.file.groups.items():
        for number, item in enumerate(listed):
            said = f"group '{name}' holds unknown state or group '{{name}}'"
            _state_or_group(desk, item, ("groups", name, number), said)
        if name in _inside(desk, name):
            desk.say("E311", f"group '{name}' holds itself", ("groups", name), key=True)


def _inside(desk: Desk, name: str) -> set[str]:
    found: set[str] = set()
    todo = list(desk.file.groups.get(name, []))
    while todo:
        item = todo.pop()
        if item not in found:
            found.add(item)
            todo += desk.file.groups.get(item, [])
    return found


def _start(desk: Desk) -> None:
    start = desk.file.start
    desk.refer("state", start.state, ("start", "state"), "the workflow starts in unknown state '{name}'", code="E201")
    conditional(desk, "document", start.issue, ("start", "issue"), "'start' issues unknown document '{name}'")
    conditional(desk, "notice", start.notify, ("start", "notify"), "'start' sends unknown notice '{name}'")
    _needs(desk, start.needs, ("start", "needs"))


def _state(desk: Desk, name: str, part: s.StatePart) -> None:
    path: Path = ("states", name)
    conditional(desk, "notice", part.mail, (*path, "mail"), f"state '{name}' sends unknown notice '{{name}}'")
    conditional(desk, "limit", part.limit, (*path, "limit"), f"state '{name}' has unknown limit '{{name}}'")
    for number, ladder in enumerate(part.ladder):
        desk.refer("ladder", ladder, (*path, "ladder", number), f"state '{name}' has unknown ladder '{{name}}'")
    for number, section in enumerate(part.edit):
        desk.refer("section", section, (*path, "edit", number), f"state '{name}' edits unknown section '{{name}}'")
    for key, value in (("fallback", part.fallback), ("early", part.early)):
        if value:
            desk.refer("state", value, (*path, key), f"'{key}' of '{name}' is unknown state '{{name}}'", code="E201")
    if bool(part.who) == bool(part.final) and not desk.damaged(path):
        message = f"state '{name}' has " + ("both 'who' and 'final'" if part.who else "neither 'who' nor 'final'")
        desk.say("E105", f"{message}; it needs one of them", path, key=True)
    if part.final and (part.limit or part.ladder or part.edit or part.fallback):
        desk.say("E105", f"state '{name}' is an end; it has no limit, ladder, edit or fallback", path, key=True)
    if part.external:
        letters = [n for n, f in desk.definition.fields.items() if n == "letter" and f.type.kind == "letter"]
        if not letters:
            message = f"state '{name}' records a letter: a field 'letter' of type 'letter?' is needed"
            desk.say("E261", message, (*path, "external"))
        desk.used.add(("field", "letter"))


def _owner(desk: Desk, owner: str) -> None:
    _state_or_group(desk, owner, ("on", owner), "[on.{name}] is neither a state nor a group")
    if owner in desk.file.states and desk.file.states[owner].final:
        desk.say("E203", f"state '{owner}' is an end and has a way out", ("on", owner), key=True)


def _transition(desk: Desk, path: Path, action: str, part: s.TransitionPart) -> None:
    what = f"transition '{action}'"
    targets = [*desk.names("state"), *desk.names("route")]
    desk.used.add(("route", part.to))
    desk.refer("state", part.to, (*path, "to"), f"{what} goes to unknown state '{{name}}'", known=targets, code="E201")
    conditional(desk, "document", part.issue, (*path, "issue"), f"{what} issues unknown document '{{name}}'")
    conditional(desk, "notice", part.notify, (*path, "notify"), f"{what} sends unknown notice '{{name}}'")
    for number, name in enumerate(part.opens):
        desk.refer("obligation", name, (*path, "opens", number), f"{what} opens unknown obligation '{{name}}'")
    for number, text in enumerate(part.tells):
        name = text.partition(".")[0]
        desk.refer("children", name, (*path, "tells", number), f"{what} tells unknown children '{{name}}'")
    for number, text in enumerate(part.asks):
        _ask(desk, text, (*path, "asks", number), what)
    _needs(desk, part.needs, (*path, "needs"))
    _sense(desk, path, what, part)
    if part.refused:
        said = f"{what} sends unknown notice '{{name}}'"
        conditional(desk, "notice", part.refused.notify, (*path, "refused", "notify"), said)
    person_acts = not part.at or part.by is not None
    desk.used.add(("action", action))
    if person_acts and action not in desk.names("action") and part.by != ["parent"]:
        hint = did_you_mean(action, desk.names("action"))
        desk.say("E106", f"action '{action}' has no words in [actions]: {{ vi, en }}", path, key=True, hint=hint)


def _sense(desk: Desk, path: Path, what: str, part: s.TransitionPart) -> None:
    """Keys that need another key."""
    if part.refused and not part.at:
        desk.say("E105", f"{what} has 'refused' but no 'at': a person is told at once", (*path, "refused"), key=True)
    if part.adopts and not part.submits:
        message = f"{what} has 'adopts' without 'submits': only a new dossier version may adopt"
        desk.say("E105", message, (*path, "adopts"), key=True)
    if part.confirm and part.at and part.by is None:
        desk.say("E105", f"{what} is the clock's own and cannot be confirmed", (*path, "confirm"), key=True)
    if part.confirm_mail:
        said = f"{what} tells who confirms by the unknown notice '{{name}}'"
        desk.refer("notice", part.confirm_mail, (*path, "confirm_mail"), said)
        if not part.confirm:
            desk.say("E105", f"{what} has 'confirm_mail' without 'confirm'", (*path, "confirm_mail"), key=True)


def _ask(desk: Desk, text: str, path: Path, what: str) -> None:
    asked = grammar.ask(text).path
    name, dot, column = asked.partition(".")
    if asked in _FIXED_ASKS:
        return
    known = [*desk.fields, *_FIXED_ASKS]
    if not desk.refer("field", name, path, f"{what} asks for unknown field '{{name}}'", known=known):
        return
    field = desk.definition.fields.get(name)
    if not dot or field is None:
        return
    columns = desk.definition.records.get(field.type.name, {}) if field.type.kind == "record" else {}
    if not field.type.many or not columns:
        desk.say("E304", f"{what} asks for '{asked}', but '{name}' is no list of records", path)
    elif column not in columns:
        hint = did_you_mean(column, columns)
        desk.say(
            "E304", f"{what} asks for '{asked}': record '{field.type.name}' has no field '{column}'", path, hint=hint
        )
    elif columns[column].value:
        desk.say("E304", f"{what} asks for '{asked}', which is computed", path)


def _needs(desk: Desk, listed: list[str], path: Path) -> None:
    for number, text in enumerate(listed):
        try:
            need = grammar.need(text)
        except grammar.Unreadable:
            continue  # said by the parser
        if not need.rule:
            continue
        place = (*path, number)
        if not desk.refer("rule", need.rule, place, "unknown rule '{name}' in 'needs'", known=desk.rules):
            continue
        kind = desk.rules[need.rule]
        if need.kind == "requested" and kind != "exception":
            desk.say("E261", f"'{text}': only an exception is requested, and '{need.rule}' is {an(kind)}", place)
        if kind == "lift":
            desk.say("E261", f"'{text}': a lift is asked by the blocks that name it, not by 'needs'", place)


def _routes(desk: Desk) -> None:
    for name, rows in desk.file.route.items():
        for number, row in enumerate(rows):
            path: Path = ("route", name, number)
            said = f"row '{row.id}' of route '{name}' goes to unknown state '{{name}}'"
            desk.refer("state", row.to, (*path, "to"), said, code="E201")


def _rules(desk: Desk) -> None:
    grounds = list(desk.file.fields.get("waiver", {}))
    for kind in RULES:
        for name, part in getattr(desk.file, kind).items():
            path: Path = (kind, name)
            if part.grounds and kind not in ("exception", "lift"):
                desk.say(
                    "E321",
                    f"'{name}' is {an(kind)}: only an exception or a lift has grounds",
                    (*path, "grounds"),
                    key=True,
                )
            for number, ground in enumerate(part.grounds):
                said = f"'{name}' asks for unknown ground '{{name}}' (a field of [fields.waiver])"
                desk.refer("ground", ground, (*path, "grounds", number), said, known=grounds)
            if part.waive and kind not in ("exception", "block"):
                desk.say("E321", f"'{name}' is {an(kind)} and is never waived", (*path, "waive"), key=True)
            if part.lifted_by:
                _lifted(desk, kind, name, part.lifted_by)
    waivable = [n for n, kind in desk.rules.items() if kind in ("exception", "lift")]
    if waivable and desk.file.waiver is None:
        message = f"'{waivable[0]}' can be waived, but there is no [waiver] that says who decides"
        desk.say("E105", message, (desk.rules[waivable[0]], waivable[0]), key=True)


def _lifted(desk: Desk, kind: str, name: str, by: str) -> None:
    path: Path = (kind, name, "lifted_by")
    if kind != "block":
        desk.say("E322", f"'{name}' is {an(kind)}: only a block can be lifted", path, key=True)
    if desk.refer("rule", by, path, f"'{name}' is lifted by unknown rule '{{name}}'", known=desk.rules):
        other = desk.rules[by]
        if other != "lift":
            desk.say("E322", f"'{name}' is lifted by '{by}', which is {an(other)} and not a lift", path)


def _papers(desk: Desk) -> None:
    for name, part in desk.file.documents.items():
        path: Path = ("documents", name)
        if part.annex:
            desk.refer("document", part.annex, (*path, "annex"), f"'{name}' is an annex of unknown document '{{name}}'")
        elif not part.issuer:
            desk.say("E105", f"document '{name}' has neither 'issuer' nor 'annex'", path, key=True)
        elif " if " in part.issuer[-1]:
            message = f"the last issuer of '{name}' has a condition: somebody issues it always"
            desk.say("E105", message, (*path, "issuer"), key=True)
        if part.uploaded:
            said = f"'{name}' is uploaded as unknown field '{{name}}'"
            known = [n for n, f in desk.definition.fields.items() if f.type.kind == "letter"]
            desk.refer("field", part.uploaded, (*path, "uploaded"), said + " (a field of type letter)", known=known)
        if desk.site and desk.site.templates and name not in desk.site.templates:
            hint = did_you_mean(name, desk.site.templates)
            desk.say("E261", f"document '{name}' has no template", path, key=True, hint=hint)
    for name, notice in desk.file.notices.items():
        for number, document in enumerate(notice.attach):
            said = f"notice '{name}' carries unknown document '{{name}}'"
            desk.refer("document", document, ("notices", name, "attach", number), said)
    waiver = desk.file.waiver
    if waiver and waiver.document:
        desk.refer("document", waiver.document, ("waiver", "document"), "'waiver' names unknown document '{name}'")


def _ladders(desk: Desk) -> None:
    for name, ladder in desk.file.ladder.items():
        for number, rung in enumerate(ladder.rungs):
            path: Path = ("ladder", name, "rungs", number)
            what = f"ladder '{name}'"
            if rung.send:
                desk.refer("notice", rung.send, (*path, "send"), f"{what} sends unknown notice '{{name}}'")
            if rung.publish:
                desk.refer(
                    "publish",
                    rung.publish,
                    (*path, "publish"),
                    f"{what} publishes '{{name}}', which [publish] does not have",
                )
            if rung.in_:
                _state_or_group(
                    desk, rung.in_, (*path, "in"), f"{what} is limited to unknown state or group '{{name}}'"
                )
            conditional(desk, "document", rung.issue, (*path, "issue"), f"{what} issues unknown document '{{name}}'")
            if not (rung.send or rung.issue or rung.publish):
                desk.say("E105", f"a rung of {what} does nothing: it needs 'send', 'issue' or 'publish'", path)
    for name, limit in desk.file.limits.items():
        written = "ladder" in desk.node(("limits", name)).table
        if written or limit.ladder in desk.names("ladder"):
            desk.refer(
                "ladder", limit.ladder, ("limits", name, "ladder"), f"limit '{name}' has unknown ladder '{{name}}'"
            )


def _registers(desk: Desk) -> None:
    for name, part in desk.file.publish.items():
        path: Path = ("publish", name)
        for number, item in enumerate(part.while_):
            _state_or_group(
                desk, item, (*path, "while", number), f"'{name}' is shown in unknown state or group '{{name}}'"
            )
        if desk.site is None:
            continue
        spec = desk.site.site.registers.get(name)
        if spec is None:
            hint = did_you_mean(name, desk.site.site.registers)
            desk.say("E261", f"the site has no register '{name}'", path, key=True, hint=hint)
            continue
        columns = (*spec.keys, *spec.columns)
        for column in part.row:
            if column not in columns:
                hint = did_you_mean(column, columns)
                desk.say(
                    "E261", f"register '{name}' has no column '{column}'", (*path, "row", column), key=True, hint=hint
                )
        missing = [key for key in spec.keys if key not in part.row]
        if missing:
            desk.say("E105", f"a row of '{name}' lacks its key '{missing[0]}'", (*path, "row"), key=True)
    for name, owed in desk.file.obligation.items():
        if owed.ladder:
            said = f"obligation '{name}' has unknown ladder '{{name}}'"
            desk.refer("ladder", owed.ladder, ("obligation", name, "ladder"), said)


def _always(desk: Desk) -> None:
    for number, part in enumerate(desk.file.always):
        for key, listed in (("from", part.from_), ("to", part.to), ("passes", part.passes)):
            for place, name in enumerate(listed):
                said = f"'{key}' of 'always' names unknown state or group '{{name}}'"
                _state_or_group(desk, name, ("always", number, key, place), said)
        for place, row in enumerate(part.rows):
            route, _, row_id = row.partition(".")
            rows = [r.id for r in desk.file.route.get(route, [])]
            if row_id not in rows:
                known = [f"{n}.{r.id}" for n, listed in desk.file.route.items() for r in listed]
                hint = did_you_mean(row, known)
                desk.say("E261", f"'always' follows unknown row '{row}'", ("always", number, "rows", place), hint=hint)


def _types(desk: Desk) -> None:
    """Types of fields: what is neither built in, nor a record, nor choices, is a register of the site."""
    tables: list[tuple[str, dict[str, dict[str, s.FieldPart]]]] = [
        ("fields", desk.file.fields),
        ("record", desk.file.record),
    ]
    registers = list(desk.site.site.registers) if desk.site else None
    for table, owners in tables:
        for owner, fields in owners.items():
            for name, part in fields.items():
                _type(desk, (table, owner, name, "type"), part, registers)


def _type(desk: Desk, path: Path, part: s.FieldPart, registers: list[str] | None) -> None:
    try:
        name, _, _, workflow = grammar.type_of(part.type)
    except grammar.Unreadable:
        return
    desk.used |= {("record", name), ("choice", name)}
    if workflow:
        known = desk.site.workflows if desk.site else frozenset()
        if known and workflow not in known:
            desk.say("E261", f"unknown workflow '{workflow}'", path, hint=did_you_mean(workflow, known))
        return
    declared = [*grammar.SCALARS, *desk.names("record"), *desk.names("choice")]
    if part.value and path[0] == "fields":
        desk.say("E103", "'value' belongs to fields of records only; use a let", (*path[:-1], "value"), key=True)
    if name in declared or registers is None or name in registers:
        return
    hint = did_you_mean(name, [*declared, *registers])
    desk.say("E261", f"unknown type '{name}'", path, inside=(part.type.index(name), len(name)), hint=hint)
