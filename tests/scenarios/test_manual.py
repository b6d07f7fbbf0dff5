"""The manual and the schema say what the reader takes."""

from __future__ import annotations

import json

from engine.scenarios.format import DOSSIER, FILE, FINALLY, ROW, SCENARIO, STORY
from engine.scenarios.schema import json_schema, printed
from tests.scenarios.conftest import ROOT, WORKFLOWS

MANUAL = (ROOT / "docs" / "scenarios.md").read_text("utf-8")


def test_the_schema_file_is_the_one_the_keys_make():
    kept = (ROOT / "docs" / "schema" / "scenarios.schema.json").read_text("utf-8")
    assert kept == printed(), "python -m engine.scenarios.schema > docs/schema/scenarios.schema.json"
    assert json.loads(kept) == json_schema()


def test_every_key_stands_in_the_manual():
    keys = {*FILE, *DOSSIER, *STORY, *SCENARIO, *ROW, *FINALLY}
    assert (
        sorted(
            key for key in keys if f"`{key}`" not in MANUAL and f"{key} = " not in MANUAL and f"[{key}" not in MANUAL
        )
        == []
    )


def test_every_file_names_the_schema():
    for path in WORKFLOWS.rglob("*.scenarios.toml"):
        first = path.read_text("utf-8").splitlines()[0]
        assert first.startswith("#:schema ") and first.endswith("docs/schema/scenarios.schema.json"), path
