"""Workflow files of a site, by name."""

from __future__ import annotations

from pathlib import Path

from engine.cli.errors import Mistake

SCENARIOS = ".scenarios.toml"


def workflow_files(folder: Path) -> list[Path]:
    """Every TOML file of the workflows folder that names a workflow, sorted; files only to be included are left out."""
    listed = sorted(path for path in folder.glob("*.toml") if not path.name.endswith(SCENARIOS))
    return [path for path in listed if _names_one(path)]


def scenario_files(folder: Path) -> list[Path]:
    return sorted(folder.glob(f"*{SCENARIOS}"))


def _names_one(path: Path) -> bool:
    """Whether the file is more than a base; one that cannot be read counts, so that its problem is told."""
    from engine.definitions.problems import Problems
    from engine.definitions.source import Source

    try:
        return "workflow" in Source.read(path).data
    except Problems:
        return True


def workflow_file(folder: Path, name: str) -> Path:
    """The file of a workflow: a path, or the workflow's name. Raises Mistake."""
    from engine.config.settings import shown
    from engine.definitions.problems import did_you_mean

    if name.endswith(".toml") or "/" in name:
        if not Path(name).is_file():
            raise Mistake(f"there is no file {name}")
        return Path(name)
    files = workflow_files(folder)
    beside = [path for path in files if path.stem == name]
    if beside:
        return Path(shown(beside[0]))
    meant = did_you_mean(name, [path.stem for path in files])
    raise Mistake(f"there is no workflow '{name}' in {folder}{'; ' + meant if meant else ''}")
