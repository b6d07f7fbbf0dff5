"""Tables against the schema: pydantic's errors become problems with a place, and what is wrong is left out.

Leaving it out (a key, or the entry it makes useless) lets the checks that follow speak about the rest of the file, so
that one run names every mistake. `cut` are the paths left out: proofs over the graph say nothing then.
"""

from __future__ import annotations

import datetime
import typing
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from pydantic import BaseModel, ValidationError

from engine.definitions.positions import Path
from engine.definitions.problems import Problem, did_you_mean
from engine.definitions.schema import WorkflowFile
from engine.definitions.tree import Node, at

_ROUNDS = 12
_KINDS = {
    "string_type": "a text",
    "bool_type": "true or false",
    "int_type": "a whole number",
    "list_type": "a list",
    "dict_type": "a table",
    "model_type": "a table",
    "model_attributes_type": "a table",
    "date_type": "a date (2022-01-31)",
    "date_from_datetime_inexact": "a date (2022-01-31)",
}


class Shaped(NamedTuple):
    file: WorkflowFile | None
    problems: list[Problem]
    cut: frozenset[Path]


@dataclass
class _Fit:
    """One run against a pydantic model."""

    root: Node
    model: type[BaseModel]
    problems: list[Problem] = field(default_factory=list)
    cut: set[Path] = field(default_factory=set)


def fit(root: Node) -> Shaped:
    """The file as a model. `file` is None when nothing useful is left."""
    run = _Fit(root, WorkflowFile)
    found = _run(run)
    return Shaped(found, _each(run.problems), frozenset(run.cut))  # type: ignore[arg-type]


def fitted(root: Node, model: type[BaseModel]) -> tuple[BaseModel | None, list[Problem]]:
    """Any model (config and scenarios use it as well): the instance, or None, and the problems."""
    run = _Fit(root, model)
    return _run(run), _each(run.problems)


def _run(run: _Fit) -> BaseModel | None:
    data = run.root.plain()
    for _ in range(_ROUNDS):
        try:
            return run.model.model_validate(data)
        except ValidationError as error:
            cut: set[Path] = set()
            for item in error.errors(include_url=False):
                path = tuple(part for part in item["loc"] if part != "[key]")
                if not (item["type"] == "missing" and path in run.cut):  # its value was refused before
                    run.problems.append(_problem(run, item, path))
                cut.add(_left_out(data, path, item["type"]))
            run.cut |= cut
            if () in cut:
                return None
            for path in sorted(cut, key=_cutting):
                _drop(data, path)
    return None


def _each(problems: list[Problem]) -> list[Problem]:
    return list(dict.fromkeys(problems))


def _cutting(path: Path) -> tuple[int, list[int]]:
    """Deep paths first, later entries of a list first, so that indices stay true while cutting."""
    return -len(path), [-part if isinstance(part, int) else 0 for part in path]


def _left_out(data: Any, path: Path, kind: str) -> Path:
    """What to cut for an error at `path`: a key that is missing makes the table around it useless."""
    if kind == "missing":
        return path[:-1]
    node = data
    for depth, part in enumerate(path):  # a text where a list stood: pydantic's index leads nowhere
        leads = part in node if isinstance(node, dict) else isinstance(node, list) and isinstance(part, int)
        if not leads:
            return path[:depth]
        node = node[part]
    return path


def _drop(data: Any, path: Path) -> None:
    for part in path[:-1]:
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            return
    if isinstance(data, dict):
        data.pop(path[-1], None)
    elif isinstance(data, list) and isinstance(path[-1], int) and path[-1] < len(data):
        del data[path[-1]]


def _problem(run: _Fit, item: Any, path: Path) -> Problem:
    node = at(run.root, path)[0]
    kind = item["type"]
    if kind == "missing":
        return _missing(at(run.root, path[:-1])[0], str(path[-1]), path)
    if kind == "extra_forbidden":
        known = _keys(run.model, path[:-1])
        where = f" in {_title(path[:-1])}" if len(path) > 1 else ""
        message = f"unknown key '{path[-1]}'{where}"
        return node.problem("E103", message, key=True, hint=did_you_mean(str(path[-1]), known))
    if kind.startswith("E1"):
        return node.problem(kind, item["msg"], key="[key]" in item["loc"])
    if kind in ("literal_error", "enum"):
        wanted = [str(value) for value in _words(run.model, path) if value != ""]
        listed = ", ".join(f"'{word}'" for word in wanted)
        value = node.value if isinstance(node.value, str) else ""
        message = f"'{path[-1]}' is one of {listed}; here it is {_shown(node)}"
        return node.problem("E107", message, hint=did_you_mean(value, wanted))
    wanted_kind = _KINDS.get(kind, item["msg"].removeprefix("Input should be "))
    last = path[-1] if path else "the file"
    what = "an entry" if isinstance(last, int) else f"'{last}'"
    if kind in ("too_short", "string_too_short"):
        return node.problem("E104", f"{what} may not be empty")
    if kind in ("too_long", "string_too_long"):
        return node.problem(
            "E104", f"{what} may have {item['ctx']['max_length']} {'entries' if kind == 'too_long' else 'characters'}"
        )
    return node.problem("E104", f"{what} must be {wanted_kind}, not {_shown(node)}")


def _missing(node: Node, name: str, path: Path) -> Problem:
    if name in ("vi", "en"):
        language = {"vi": "Vietnamese", "en": "English"}[name]
        message = f"{_title(path[:-1])} has no {language} text ('{name}')"
        return node.problem("E106", message, key=True)
    if path == ("workflow",):
        message = "'workflow' is missing: this file is a base for 'include' and cannot be started"
        return node.problem("E105", message, key=True)
    return node.problem("E105", f"{_title(path[:-1])} has no '{name}'", key=True)


def _title(path: Path) -> str:
    """`states.DRAFT`; `rungs[2] of ladder.step` reads as `ladder.step.rungs[2]`."""
    text = ""
    for part in path:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text or "the file"


def _shown(node: Node) -> str:
    if isinstance(node.items, dict):
        return "a table"
    if isinstance(node.items, list):
        return "a list"
    value = node.value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f"'{value}'" if len(value) <= 40 else "a text"
    if isinstance(value, (datetime.date, datetime.time)):
        return "a date" if type(value) is datetime.date else "a time"
    return f"the number {value}" if len(str(value)) <= 20 else "a number"


def _keys(model: type[BaseModel], path: Path) -> list[str]:
    found = _inner(model, path)
    if isinstance(found, type) and issubclass(found, BaseModel):
        return [info.alias or name for name, info in found.model_fields.items()]
    return []


def _words(model: type[BaseModel], path: Path) -> tuple[Any, ...]:
    found = _inner(model, path)
    return typing.get_args(found) if typing.get_origin(found) is typing.Literal else ()


def _inner(kind: Any, path: Path) -> Any:
    """The annotation at `path`: through models by key, tables and lists by anything."""
    for part in path:
        kind = _plain(kind)
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            by_key = {info.alias or name: info for name, info in kind.model_fields.items()}
            if part not in by_key:
                return None
            kind = by_key[part].annotation
        elif typing.get_origin(kind) in (dict, list):
            kind = typing.get_args(kind)[-1]
        else:
            return None
    return _plain(kind)


def _plain(kind: Any) -> Any:
    """Without Annotated and `| None`."""
    while typing.get_origin(kind) is typing.Annotated:
        kind = typing.get_args(kind)[0]
    options = [arg for arg in typing.get_args(kind) if arg is not type(None)]
    if type(None) in typing.get_args(kind) and len(options) == 1:
        return _plain(options[0])
    return kind
