"""The same inputs give the same bytes, in every process; and a warm page is quick."""

from __future__ import annotations

import os
import shutil
import statistics
import time
from pathlib import Path

import pytest

from engine.documents.bundle import Templates, restore
from engine.documents.render import Printer
from tests.documents import walk

ROOT = walk.ROOT / "templates"


@pytest.mark.slow
def test_two_processes_print_the_same_bytes() -> None:
    contexts = walk.s03().contexts()
    hashes = []
    for _ in range(2):
        made = Printer(ROOT)
        hashes.append({document: made.pdf(document, context).sha256 for document, context in contexts.items()})
        made.close()
    assert hashes[0] == hashes[1]
    assert len(set(hashes[0].values())) == len(contexts)


@pytest.mark.slow
def test_what_was_printed_before_changes_nothing(printer: Printer) -> None:
    context = walk.s18().issued("D-06")
    first = printer.pdf("D-06", context)
    printer.pdf("D-07", walk.s18().issued("D-07"))
    again = printer.pdf("D-06", context)
    assert (first.pdf, first.template) == (again.pdf, again.template)
    assert first.tools["weasyprint"] == "70.0" and set(first.tools) == {
        "weasyprint",
        "pydyf",
        "jinja2",
        "fonttools",
        "pango",
    }


def worked(printer: Printer) -> float:
    """Seconds of CPU the child has used: what a page costs on a machine that does something else as well."""
    assert printer._child is not None
    fields = Path(f"/proc/{printer._child._process.pid}/stat").read_text("ascii").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@pytest.mark.slow
def test_a_warm_page_takes_less_than_three_tenths_of_a_second(printer: Printer) -> None:
    printer.warm()
    contexts = walk.s01(report=False).contexts()
    for document, context in contexts.items():
        printer.pdf(document, context)  # each template is read once
    wall, cpu = [], []
    for document, context in [*contexts.items()] * 3:
        started, before = time.perf_counter(), worked(printer)
        printer.pdf(document, context)
        wall.append(time.perf_counter() - started)
        cpu.append(worked(printer) - before)
    print(
        f"CPU: median {statistics.median(cpu):.2f} s, most {max(cpu):.2f} s; clock: median {statistics.median(wall):.2f} s"
    )
    assert statistics.median(cpu) <= 0.3 and max(cpu) <= 0.6


def test_a_bundle_is_found_again_by_its_digest(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "documents", tmp_path / "documents")
    shutil.copytree(ROOT / "fonts", tmp_path / "fonts")
    templates = Templates(tmp_path)
    bundle = templates.bundle("D-06")
    blobs = dict(bundle.blobs)
    assert restore(bundle.digest, blobs.get) == bundle
    assert "documents/D-07.html" not in bundle.files and "fonts/Tinos-Bold.ttf" in bundle.files

    other = templates.digest("D-07")
    (tmp_path / "documents" / "D-06.html").write_text("changed", "utf-8")
    assert templates.digest("D-06") != bundle.digest and templates.digest("D-07") == other
    (tmp_path / "documents" / "_van_ban.css").write_text("", "utf-8")
    assert templates.digest("D-07") != other

    spoiled = {**blobs, bundle.hashes["documents/D-06.html"]: b"forged"}
    for kept in (spoiled, {}):
        with pytest.raises(LookupError, match="are not stored"):
            restore(bundle.digest, kept.get)
