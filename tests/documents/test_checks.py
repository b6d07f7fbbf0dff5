"""A template that fails is told with its file and line before a case needs it."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from engine.core.model import Document, Text
from engine.definitions.problems import Problem
from engine.documents import checks
from engine.documents.render import Printer
from tests.documents import walk


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the templates that a test may spoil."""
    shutil.copytree(walk.ROOT / "templates" / "documents", tmp_path / "templates" / "documents")
    shutil.copytree(walk.ROOT / "templates" / "fonts", tmp_path / "templates" / "fonts")
    return tmp_path / "templates"


def put(folder: Path, name: str, old: str, new: str) -> None:
    path = folder / "documents" / name
    text = path.read_text("utf-8")
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {name}"
    path.write_text(text.replace(old, new), "utf-8")


def said(found: list[Problem]) -> list[str]:
    return [f"{p.file}:{p.line}: {p.code} {p.message}" for p in found]


def in_use(folder: Path) -> list[Problem]:
    """With the delegation's documents printed from a made-up case."""
    settings = replace(walk.SITE.settings, templates=folder)
    return checks.check(replace(walk.SITE, settings=settings), [walk.DEFINITION])


@pytest.mark.slow
def test_the_templates_that_are_shipped_have_no_problem(folder: Path) -> None:
    assert said(in_use(folder)) == []


@pytest.mark.parametrize(
    "css", ["display: grid;", "display:flex;", "display: inline-flex;", "grid-template-columns: 1fr;"]
)
def test_grid_and_flex_are_refused(css: str, folder: Path) -> None:
    put(folder, "_van_ban.css", "body { margin: 0; }", f"body {{ margin: 0; {css} }}")
    found = checks.templates(folder)
    line = (folder / "documents" / "_van_ban.css").read_text("utf-8").split("\n").index(
        f"body {{ margin: 0; {css} }}"
    ) + 1
    assert said(found) == [
        f"templates/documents/_van_ban.css:{line}: E702 grid and flex are not printed safely: use display: table on div"
    ]
    assert found[0].text().split("\n")[1].endswith(f"body {{ margin: 0; {css} }}")


def test_grid_in_a_comment_is_no_problem(folder: Path) -> None:
    put(folder, "_van_ban.css", "body { margin: 0; }", "/* display: grid */ body { margin: 0; }")
    put(folder, "D-11.html", "{% block recipients %}", "{# display: flex, https://example.vn #}{% block recipients %}")
    assert said(checks.templates(folder)) == []


@pytest.mark.parametrize(
    "tag",
    [
        '<img src="https://example.vn/logo.png">',
        '<img src="file:///etc/passwd">',
        '<img src="//example.vn/logo.png">',
        "<script>1</script>",
        '<link rel="attachment" href="a.css">',
        '<iframe src="a.html"></iframe>',
    ],
)
def test_addresses_and_tags_that_do_not_belong_are_refused(tag: str, folder: Path) -> None:
    put(folder, "D-11.html", "Trân trọng./.", f"Trân trọng./. {tag}")
    found = checks.templates(folder)
    assert {(p.code, p.line) for p in found} == {("E703", 18)}


def test_a_slip_of_syntax_is_told_with_its_line(folder: Path) -> None:
    put(folder, "D-11.html", "{% if late > 0 %}", "{% if late > %}")
    put(folder, "D-06.html", '{% extends "_paper.html" %}', '{% extends "_papre.html" %}')
    found = checks.templates(folder)
    assert [(p.file, p.line, p.code) for p in found] == [
        ("templates/documents/D-06.html", 2, "E701"),
        ("templates/documents/D-11.html", 15, "E701"),
    ]
    assert found[0].message == "there is no template '_papre.html'"


@pytest.mark.slow
def test_a_name_that_is_not_there_is_told_with_its_line(folder: Path) -> None:
    put(folder, "D-11.html", "<b>{{ late|count2 }} ngày</b>", "<b>{{ late_days|count2 }} ngày</b>")
    put(folder, "D-03.html", "{{ facts.departure|long_day }}", "{{ facts.departure|longday }}")
    assert [(p.file, p.line, p.code) for p in checks.templates(folder)] == [
        ("templates/documents/D-03.html", 23, "E701")
    ]
    put(folder, "D-03.html", "|longday }}", "|long_day }}")
    found = in_use(folder)
    assert said(found) == ["templates/documents/D-11.html:15: E704 D-11 cannot be printed: 'late_days' is undefined"]


def test_tables_are_checked(folder: Path) -> None:
    put(folder, "_bodies.toml", 'slug      = "so_du_lich"\n', "")
    put(folder, "_bases.toml", "from      = 2016-12-07", "from      = 2016-13-07")
    found = checks.templates(folder)
    assert [(Path(p.file).name, p.code) for p in found] == [("_bases.toml", "E705"), ("_bodies.toml", "E705")]
    assert found[1].message == "'slug' is missing"


def test_a_document_without_a_template_is_a_warning(printer: Printer) -> None:
    extra = Document("D-98", title=Text("Phiếu chuyển", "Slip"), kind="PYC", issuer="so_ngoai_vu")
    definition = replace(walk.DEFINITION, documents={"D-98": extra})
    found = checks.documents(definition, walk.Walk().world(walk.Walk().at("2022-06-06")), printer)
    assert [(p.code, p.severity) for p in found] == [("W706", "warning")]
    assert "is printed on the plain letter" in found[0].message


def test_a_folder_without_the_plain_letter_is_told(tmp_path: Path) -> None:
    (tmp_path / "documents").mkdir()
    assert [p.code for p in checks.templates(tmp_path)] == ["E704"]
