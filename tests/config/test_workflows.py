"""The names of a site's workflows, which a file may say in `case of X`: read from the beginning of each file."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.config.site import workflows
from engine.definitions.loader import load_file
from engine.definitions.problems import Problems
from tests.support.site import SiteFolder


def test_every_file_that_names_a_workflow_counts(tmp_path: Path):
    (tmp_path / "a.toml").write_text("# first\nworkflow  = 'leave-request'\n[title]\nvi = 'x'\n")
    (tmp_path / "b.toml").write_text('workflow = "broken-later"\n[[[\n')
    (tmp_path / "base.toml").write_text('title = "x"\n[children]\nworkflow = "not-mine"\n')
    (tmp_path / "a.scenarios.toml").write_text('workflow = "elsewhere"\n')
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe")
    (tmp_path / "folder.toml").mkdir()
    assert workflows(tmp_path) == {"leave-request", "broken-later"}
    assert workflows(tmp_path / "nowhere") == frozenset()


def test_a_case_of_an_unknown_workflow_is_told_with_its_line(tmp_path: Path):
    site = SiteFolder(tmp_path / "site")
    assert site.load().names.workflows == {"delegation-out"}
    file = site.root / "workflows" / "delegation-out.toml"
    text = file.read_text("utf-8")
    assert text.count("\n[fields") > 0
    head, mark, tail = text.partition("\n[fields")
    line, _, rest = tail.partition("\n")
    added = 'parent = { type = "case of delegation-uot?", vi = "Chuyến trước", en = "Trip before" }'
    file.write_text(f"{head}{mark}{line}\n{added}\n{rest}", "utf-8")
    with pytest.raises(Problems) as caught:
        load_file(file, site.load().names)
    told = [p for p in caught.value.items if "delegation-uot" in p.message]
    assert [(p.code, p.line) for p in told] == [("E261", head.count("\n") + 3)]
    assert "delegation-out" in told[0].hint
