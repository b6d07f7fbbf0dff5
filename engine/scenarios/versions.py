"""A changed workflow that a scenario publishes: another file, or the workflow with some keys replaced.

The table is written as a file that includes the workflow, so it goes through the same checks as an administrator's.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime, time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from engine.definitions.loader import Loaded


def changed(base: Loaded, change: Any, folder: Path, load: Callable[[Path], Loaded]) -> Loaded:
    """Raises Problems when the result may not be published."""
    if isinstance(change, str):
        return load(folder / change)
    with TemporaryDirectory(prefix="trinh-version-") as place:
        for name, data in base.files.items():
            (Path(place) / name).write_bytes(data)
        main = Path(place) / "changed.toml"
        head = {key: change[key] for key in change if not isinstance(change[key], dict)}
        head = {"workflow": base.definition.name, "include": [base.main], **_head(base, change), **head}
        main.write_text(toml({**head, **{k: v for k, v in change.items() if isinstance(v, dict)}}), "utf-8")
        return load(main)


def _head(base: Loaded, change: dict[str, Any]) -> dict[str, Any]:
    """What an including file has to say itself."""
    title = base.definition.title
    return {"vi": title.vi, "en": title.en}


def toml(values: dict[str, Any]) -> str:
    """A table as TOML: plain keys first, then `[tables]` with inline values."""
    lines = [f"{_key(name)} = {_inline(value)}" for name, value in values.items() if not isinstance(value, dict)]
    for name, value in values.items():
        if isinstance(value, dict):
            lines.append(f"\n[{_key(name)}]")
            lines += [f"{_key(key)} = {_inline(item)}" for key, item in value.items()]
    return "\n".join(lines) + "\n"


def _key(name: str) -> str:
    return json.dumps(name, ensure_ascii=False)


def _inline(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (date, datetime, time)):
        return value.isoformat()
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_key(name)} = {_inline(item)}" for name, item in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(_inline(item) for item in value) + "]"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else str(value)
