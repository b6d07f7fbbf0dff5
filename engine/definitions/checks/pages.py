"""What a page offers (E251), which routes are total (E211, E212), and actions written twice (W202, E311)."""

from __future__ import annotations

from engine.core.atoms import MOST
from engine.core.model import FieldType
from engine.definitions.checks.desk import Desk
from engine.definitions.positions import Path
from engine.definitions.problems import did_you_mean, near
from engine.definitions.tree import members

ROWS = 80  # a list whose column is asked holds no more


def check(desk: Desk) -> None:
    for name in desk.definition.states:
        _page(desk, name)
        _twice(desk, name)
    for name in desk.file.route:
        _route(desk, name)


def _page(desk: Desk, state: str) -> None:
    """Closed answers on the page of a state's holder, each list at its longest. Waivers come on top, one by one."""
    count = 0
    largest: tuple[int, Path, str] = (0, ("states", state), "")
    asked: set[str] = set()
    for action, transition in desk.definition.transitions.get(state, {}).items():
        if transition.by is not None or transition.at is not None:
            continue
        count += 1
        for ask in transition.asks:
            if ask.path in asked:
                continue
            asked.add(ask.path)
            answers = _answers(desk, ask.path)
            count += answers
            if answers > largest[0]:
                largest = (answers, written(desk, state, action), ask.path)
    if count > MOST:
        message = f"the page of '{state}' may offer {count} answers, {largest[0]} of them for '{largest[2]}'; {MOST} are allowed"
        desk.say("E251", message, largest[1], key=True)


def _answers(desk: Desk, path: str) -> int:
    name, dot, column = path.partition(".")
    field = desk.definition.fields.get(name)
    if field is None:
        return 0
    if not dot:
        return _options(desk, field.type)
    columns = desk.definition.records.get(field.type.name, {})
    return ROWS * _options(desk, columns[column].type) if column in columns else 0


def _options(desk: Desk, kind: FieldType) -> int:
    if kind.kind == "yes/no":
        return 2
    return len(desk.definition.choices[kind.name]) if kind.kind == "choice" and not kind.many else 0


def written(desk: Desk, state: str, action: str) -> Path:
    """Where an action of a state stands: on itself, else on a group that holds it."""
    if action in desk.file.on.get(state, {}):
        return ("on", state, action)
    return next((("on", owner, action) for owner in _owners(desk, state, action)), ("on", state))


def _owners(desk: Desk, state: str, action: str) -> list[str]:
    return [
        owner
        for owner, actions in desk.file.on.items()
        if owner != state and action in actions and state in members(desk.root, owner)
    ]


def _twice(desk: Desk, state: str) -> None:
    """One action on a state and on its group: the state's wins, and it is said. On two groups: nobody can know."""
    for action in desk.definition.transitions.get(state, {}):
        owners = _owners(desk, state, action)
        if action in desk.file.on.get(state, {}):
            if owners:
                message = f"'{action}' of '{state}' takes the place of the one on group '{owners[0]}'"
                desk.warn("W202", message, ("on", state, action), key=True)
        elif len(owners) > 1:
            message = f"'{action}' of '{state}' is declared on two groups, '{owners[0]}' and '{owners[1]}'"
            desk.say("E311", message, ("on", owners[1], action), key=True)


def _route(desk: Desk, name: str) -> None:
    rows = desk.file.route[name]
    if not rows:
        desk.say("E211", f"route '{name}' has no row", ("route", name), key=True)
        return
    if rows[-1].if_:
        message = f"route '{name}' is not total: its last row '{rows[-1].id}' must have no 'if'"
        desk.say("E211", message, ("route", name, len(rows) - 1, "if"))
    columns = set(rows[0].model_extra or {})
    ids: dict[str, int] = {}
    for number, row in enumerate(rows):
        path: Path = ("route", name, number)
        if not row.if_ and number < len(rows) - 1:
            message = f"row '{row.id}' of route '{name}' has no 'if': the rows below it are never reached"
            desk.say("E211", message, path)
        if row.id in ids:
            desk.say("E311", f"row '{row.id}' of route '{name}' is declared twice", (*path, "id"))
        ids[row.id] = number
        mine = set(row.model_extra or {})
        for column in sorted(mine - columns):
            message = f"row '{row.id}' of route '{name}' has a column '{column}', which row '{rows[0].id}' has not"
            desk.say("E212", message, (*path, column), key=True, hint=did_you_mean(column, columns))
        for column in sorted(columns - mine):
            if not near(column, mine - columns):  # a misspelt column has been said
                desk.say("E212", f"row '{row.id}' of route '{name}' has no column '{column}'", path)
