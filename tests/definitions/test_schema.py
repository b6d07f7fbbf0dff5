"""The JSON Schema for editors is the one in docs/schema, and the files name it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.definitions.schema import WorkflowFile, json_schema

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = ROOT / "docs" / "schema" / "workflow.schema.json"


def test_the_schema_is_up_to_date():
    made = json.dumps(json_schema(), ensure_ascii=False, indent=1) + "\n"

    assert SCHEMA.read_text("utf-8") == made, "python -m engine.definitions.schema > docs/schema/workflow.schema.json"


def test_workflow_files_name_it_in_their_first_line():
    files = [p for p in (ROOT / "workflows").glob("*.toml") if not p.name.endswith(".scenarios.toml")]

    assert files
    for path in files:
        assert path.read_text("utf-8").split("\n")[0] == "#:schema ../docs/schema/workflow.schema.json"


@pytest.mark.parametrize("key", ["workflow", "states", "on", "route", "informs", "always"])
def test_the_schema_knows_the_keys(key):
    assert key in json_schema()["properties"]


def test_every_key_is_in_the_reference():
    text = (ROOT / "docs" / "language.md").read_text("utf-8")
    seen: set[str] = set()

    def keys(schema: dict) -> None:
        for name in schema.get("properties", {}):
            seen.add(name)

    made = json_schema()
    keys(made)
    for part in made["$defs"].values():
        keys(part)
    missing = sorted(name for name in seen if f"`{name}`" not in text)
    assert not missing, missing
    assert len(WorkflowFile.model_fields) > 30
