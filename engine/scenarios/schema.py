"""The JSON Schema of scenario files, for editors: made from the keys of `format`, so it cannot say anything else.

`python -m engine.scenarios.schema` prints it; docs/schema/scenarios.schema.json holds what it printed.
"""

from __future__ import annotations

import json
from typing import Any

from engine.scenarios.format import DOSSIER, FILE, FINALLY, ROW, SCENARIO, STORY, Key

ADDRESS = "https://json-schema.org/draft/2020-12/schema"
_TEXTS = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}
_TIME = {"type": "string", "description": "a date, or a date with an hour"}
_SHAPES: dict[str, dict[str, Any]] = {
    "text": {"type": "string"},
    "texts": _TEXTS,
    "time": {"anyOf": [_TIME, {"type": "object"}]},  # editors hand dates over as they like
    "nothing or time": {"anyOf": [{"const": "none"}, _TIME, {"type": "object"}]},
    "yes/no": {"type": "boolean"},
    "table": {"type": "object"},
    "list": {"type": "array"},
    "number": {"type": "integer"},
    "any": {},
}


def json_schema() -> dict[str, Any]:
    """The schema of one file."""
    return {
        "$schema": ADDRESS,
        "title": "Scenarios of a workflow (docs/scenarios.md)",
        **_table(FILE, case=_named("dossier"), story=_named("story"), scenario=_rows("scenario")),
        "required": ["scenario"],
        "$defs": {
            "dossier": {**_table(DOSSIER), "additionalProperties": True},
            "story": _table(STORY, story=_rows("row")),
            "scenario": {
                **_table(SCENARIO, story=_rows("row"), **{"finally": {"$ref": "#/$defs/finally"}}),
                "required": ["id"],
            },
            "row": _table(ROW),
            "finally": _table(FINALLY),
        },
    }


def _table(keys: dict[str, Key], **known: dict[str, Any]) -> dict[str, Any]:
    properties = {
        name: {**known.get(name, _SHAPES.get(key.shape, {"type": "array"})), "description": key.about}
        for name, key in keys.items()
    }
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _named(what: str) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": {"$ref": f"#/$defs/{what}"}}


def _rows(what: str) -> dict[str, Any]:
    return {"type": "array", "items": {"$ref": f"#/$defs/{what}"}}


def printed() -> str:
    return json.dumps(json_schema(), ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":
    print(printed(), end="")
