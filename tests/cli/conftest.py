"""A made site for every test, and the command line on it, in this process."""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from engine.cli.main import main
from engine.service.clocks import wall
from tests.support.site import SiteFolder

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Count 0/Kids[]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
KINDS = ("TRAVEL", "VISIT LA", "VISIT LA", "TRAVEL", "VISIT KH", "VISIT KH", "TRAVEL")
MEMBERS = ("F01", "F02", "F04", "F09", "F06", "F10", "F11", "F08", "F20")
REGISTERS = {
    "plan_items": "id,plan_kind,plan_state,year,direction,head,countries,month,purpose,head_count,pm_per_trip,title\n"
    'OUT-03,CITY,IN_FORCE,2022,OUT,F01,"LA,KH",6,visit,9,no,"Viêng Chăn, Phnôm Pênh"\n',
    "directives": "country,ref,date,effect,from,to\nALL,thử/2022,,PERMITTED,2022-01-01,\n",
    "regions": "country,region\nLA,southeast_asia\nKH,southeast_asia\n",
}


def dossier() -> str:
    """S-01 as a file for `trinh open --from`."""
    members = "\n".join(
        f'[[members]]\nperson = "{p}"\ntask = "Nhiệm vụ mẫu số {n} của đoàn"' for n, p in enumerate(MEMBERS, 1)
    )
    days = "\n".join(
        f'[[itinerary]]\ndate = 2022-06-{6 + n:02}\nkind = "{kind.split()[0]}"\nprogramme = "Làm việc"'
        + (f'\ncountry = "{kind.split()[1]}"' if " " in kind else "")
        for n, kind in enumerate(KINDS)
    )
    return f"""organiser = "so_ngoai_vu"
plan_item = "OUT-03"
title = "Thăm Viêng Chăn và Phnôm Pênh"
main_purpose = "visit"
purposes = ["visit"]
departure = 2022-06-06
planned_end = 2022-06-12
head = "F01"
secretary = "F08"
funding = [{{ item = "Toàn bộ", amount = 900000000, source = "CITY_BUDGET", payer_kind = "PUBLIC" }}]
[invitation]
inviter = "Chính quyền Viêng Chăn"
inviter_kind = "PUBLIC"
inviter_country = "LA"
names_individuals = false
solicited = false
organiser_kind = "PUBLIC"
document = "@invitation.pdf"
{members}
{days}
"""


@dataclass
class Ran:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def set_clock(root: Path, text: str) -> None:
    at = int(datetime.fromisoformat(f"{text}+07:00").astimezone(UTC).timestamp() * 1_000_000)
    (root / "var").mkdir(mode=0o700, exist_ok=True)
    (root / "var/clock.offset").write_text(str(at - wall()))


class Shell:
    """`trinh` in the folder of a site. `ok` expects success, `no` one refusal on stderr without a traceback."""

    def __init__(self, site: SiteFolder, capsys: pytest.CaptureFixture[str] | None):
        self.site, self.root, self._capsys = site, site.root, capsys

    def __call__(self, *args: str) -> Ran:
        if self._capsys is None:
            with contextlib.redirect_stdout(io.StringIO()) as out_, contextlib.redirect_stderr(io.StringIO()) as err_:
                code = main(["--site", str(self.root), *args])
            return Ran(code, out_.getvalue(), err_.getvalue())
        self._capsys.readouterr()
        code = main(["--site", str(self.root), *args])
        out, err = self._capsys.readouterr()
        assert "Traceback" not in out + err
        return Ran(code, out, err)

    def ok(self, *args: str) -> str:
        ran = self(*args)
        assert ran.code == 0, ran
        return ran.out

    def no(self, *args: str, code: int = 1) -> str:
        ran = self(*args)
        assert ran.code == code, ran
        assert ran.err.strip() and not ran.out, ran
        return ran.err.strip()

    def clock(self, text: str) -> None:
        """Set the demo's clock to a local time."""
        set_clock(self.root, text)

    def write(self, name: str, text: str | bytes) -> str:
        file = self.root / name
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return str(file)

    def registers(self) -> None:
        for name, rows in REGISTERS.items():
            self.ok("register", "import", name, self.write(f"{name}.csv", rows))

    def submitted(self) -> str:
        """The reference of S-01, submitted."""
        self.registers()
        return self.submitted_beside()

    def submitted_beside(self) -> str:
        """The same where the registers are known."""
        self.write("invitation.pdf", PDF)
        out = self.ok(
            "open", "delegation-out", "--as", "F08", "--from", self.write("dossier.toml", dossier()), "--then", "submit"
        )
        return out.split(":")[0]


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A terminal without wishes of its own."""
    for name in ("TRINH_AS", "TRINH_SITE", "TRINH_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TRINH_LANG", "en")
    before = os.umask(0o022)
    os.umask(before)
    yield
    os.umask(before)


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    site = SiteFolder(tmp_path_factory.mktemp("made") / "site")
    set_clock(site.root, "2022-05-03 09:00:00")
    assert main(["--site", str(site.root), "init"]) == 0
    return site.root


@pytest.fixture
def fresh(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    """A site before `init`."""
    return Shell(SiteFolder(tmp_path / "site"), capsys)


@pytest.fixture(scope="session")
def submitted_once(made_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("submitted") / "site"
    shutil.copytree(made_once, root, symlinks=True)
    shell = Shell(SiteFolder.at(root), None)
    shell.clock("2022-05-04 09:00:00")
    shell.submitted()
    return root


@pytest.fixture
def submitted(submitted_once: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    """A site with one case, for tests that change nothing: they share it."""
    return Shell(SiteFolder.at(submitted_once), capsys)


@pytest.fixture
def trinh(made_once: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    """A site after `init`, on the morning of 4 May 2022."""
    shutil.copytree(made_once, tmp_path / "site", symlinks=True)
    shell = Shell(SiteFolder.at(tmp_path / "site"), capsys)
    shell.clock("2022-05-04 09:00:00")
    return shell
