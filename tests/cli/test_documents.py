"""`trinh check` and `trinh publish` print every document, so that no case is the first to find a wrong name."""

from __future__ import annotations

import shutil

import pytest

from tests.support.site import CHECKOUT

pytestmark = pytest.mark.slow


@pytest.fixture
def spoiled(trinh):
    """A site of its own whose reminder letter prints a name that does not exist, on its second line."""
    templates = trinh.root / "templates"
    templates.unlink()
    shutil.copytree(CHECKOUT / "templates", templates)
    text = '{% extends "_letter.html" %}\n{% block about %}{{ facts.titel }}{% endblock %}\n'
    (templates / "documents" / "D-11.html").write_text(text, "utf-8")
    return trinh


def test_the_check_of_a_site_prints_its_documents(spoiled):
    ran = spoiled("check")
    assert ran.code == 1
    assert "templates/documents/D-11.html:2" in ran.out and "E704" in ran.out and "titel" in ran.out
    assert ran.out.count("E704") == 1


def test_a_template_may_be_checked_by_its_name(spoiled):
    ran = spoiled("check", "--json", str(spoiled.root / "templates" / "documents" / "D-11.html"))
    assert (ran.code, [(p["code"], p["line"]) for p in ran.json["problems"]]) == (1, [("E704", 2)])


def test_the_check_of_a_workflow_alone_prints_nothing(spoiled, monkeypatch):
    from engine.documents import render

    monkeypatch.setattr(render.Printer, "html", lambda *_: pytest.fail("printed"))
    spoiled.ok("check", str(spoiled.root / "workflows" / "delegation-out.toml"))


def test_what_does_not_print_is_not_published(spoiled):
    file = spoiled.root / "workflows" / "delegation-out.toml"
    file.write_text(file.read_text("utf-8") + "\n# edited\n", "utf-8")
    said = spoiled.no("publish", "delegation-out")
    assert "templates/documents/D-11.html:2" in said and "titel" in said
    shutil.copy(CHECKOUT / "templates" / "documents" / "D-11.html", spoiled.root / "templates" / "documents")
    assert "version 2 is active" in spoiled.ok("publish", "delegation-out")


def test_the_site_as_it_stands_has_no_problem(trinh):
    assert trinh.ok("check") == ""
