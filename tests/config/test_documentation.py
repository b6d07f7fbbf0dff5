"""docs/configuration.md and docs/cli.md speak of every key and every verb, and their example is a site that loads."""

from __future__ import annotations

import re
import typing

from pydantic import BaseModel

from engine.cli.main import VERBS
from engine.config.schema import ConfigFile
from tests.support.site import CHECKOUT

CONFIGURATION = (CHECKOUT / "docs/configuration.md").read_text("utf-8")


def keys(model: type[BaseModel]) -> set[str]:
    found = set()
    for name, field in model.model_fields.items():
        found.add(field.alias or name)
        inner = [field.annotation, *typing.get_args(field.annotation)]
        for kind in inner:
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                found |= keys(kind)
    return found


def test_every_key_is_explained():
    words = set(re.findall(r"[a-z_]+", CONFIGURATION))
    assert keys(ConfigFile) - words == set()


def test_every_verb_is_named():
    text = (CHECKOUT / "docs/cli.md").read_text("utf-8")
    assert [verb for verb in VERBS if f"`{verb}" not in text] == []


def test_the_shipped_config_names_every_table():
    text = (CHECKOUT / "config.toml").read_text("utf-8")
    tables = {n for n, f in ConfigFile.model_fields.items() if f"[{n}]" not in text and f"{n} " not in text}
    assert tables == set()


def test_the_production_example_loads(site, tmp_path):
    example = CONFIGURATION.split("## A production site")[1].split("```toml")[1].split("```")[0]
    example = example.replace("/etc/trinh/database.password", str(tmp_path / "pw")).replace(
        "/var/lib/trinh", str(tmp_path)
    )
    for name in ("directory", "calendar"):
        example = example.replace(f'"{name}.toml"', f'"workflows/site/{name}.toml"')
    (tmp_path / "pw").write_text("Kx3-9fQ_tulip\n")
    (tmp_path / "pw").chmod(0o600)
    site.config.write_text(example, "utf-8")
    settings = site.load().settings
    assert settings.production and settings.mail.security == "none-loopback-only"
    assert settings.database_shown == "postgresql+psycopg://trinh@db.example.vn/trinh"
