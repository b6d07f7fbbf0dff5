"""A site's TOML file in the shape of its model, with every key that does not fit as a problem."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any, TypeVar

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
    present = set(_present(source.data, ""))
    return found, [_hinted(item) for item in problems if item.message not in present]  # type: ignore[return-value]


def _present(value: Any, title: str) -> Iterator[str]:
    """How a key would be missed that is there: what was left out because it is wrong is not missing besides."""
    if isinstance(value, list):
        for number, item in enumerate(value, 1):
            yield from _present(item, f"{title}[{number}]")
    elif isinstance(value, dict):
        for key, item in value.items():
            yield f"{title or 'the file'} has no '{key}'"
            yield from _present(item, f"{title}.{key}" if title else key)


def _hinted(item: Problem) -> Problem:
    for start, hint in _HINTS.items():
        if item.message.startswith(start):
            return dataclasses.replace(item, hint=hint)
    return item
