from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.site import SiteFolder


@pytest.fixture
def site(tmp_path: Path) -> SiteFolder:
    """A copy of the shipped site."""
    return SiteFolder(tmp_path / "site")
