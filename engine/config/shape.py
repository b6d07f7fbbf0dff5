"""A site's TOML file in the shape of its model, with every key that does not fit as a problem."""

from __future__ import annotations

import dataclasses
from typing import TypeVar

from pydantic import BaseModel

from engine.definitions.problems import Problem
from engine.definitions.shape import fitted
from engine.definitions.source import Source
from engine.definitions.tree import of_source

Model = TypeVar("Model", bound=BaseModel)

_HINTS = {
    "unknown key 'password'": "passwords do not stand in this file: name password_env or password_file",
    "unknown key 'secret'": "secrets do not stand in this file: [keys] secret names a file",
}


def shaped(model: type[Model], source: Source) -> tuple[Model | None, list[Problem]]:
    """The values that fit, and what does not. None when nothing useful is left; then there are problems."""
    found, problems = fitted(of_source(source), model)
    # a table left out because of a key in it is not missing besides
    told = {f"the file has no '{name}'" for name in source.data}
    return found, [_hinted(item) for item in problems if item.message not in told]  # type: ignore[return-value]


def _hinted(item: Problem) -> Problem:
    for start, hint in _HINTS.items():
        if item.message.startswith(start):
            return dataclasses.replace(item, hint=hint)
    return item
