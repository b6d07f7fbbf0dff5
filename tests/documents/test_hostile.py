"""Bad values in good templates, and bad templates: nothing runs, nothing leaks, nothing hangs; the next page prints."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from engine.documents.bundle import Bundle
from engine.documents.render import Printer, PrintError
from tests.documents import walk
from tests.documents.paper import Paper
from tests.documents.walk import TEMPLATES

HOSTILE = (
    "{{7*7}}{% for x in range(9) %}{{ x }}{% endfor %}",
    "<script>alert(1)</script><img src=x onerror=alert(2)>",
    "</p></td></table><style>body{display:none}</style>",
    '"><link rel=attachment href="file:///etc/passwd">',
    "&lt;b&gt; &amp;amp; \\u003c",
    "‮lật ngược‬ \u200b\u0007 \ufeff",
    "Nguye\u0302\u0303n Thi\u0323 Uye\u0302\u0309n",  # decomposed
    "🙂 漢字 العربية",
    "a" * 10_000,
    "từ " * 5_000,
)


def template(text: str, **files: bytes) -> Bundle:
    """A bundle with one template and the shared files."""
    shared = dict(TEMPLATES.bundle("D-01").files)
    return Bundle("documents/x.html", {**shared, "documents/x.html": text.encode("utf-8"), **files})


def refused(printer: Printer, text: str, **context: Any) -> PrintError:
    with pytest.raises(PrintError) as found:
        printer.pdf("x", context, template(text))
    return found.value


def prints(printer: Printer) -> None:
    """The child is alive, or started anew."""
    assert printer.html("x", {"a": "<b>"}, template("{{ a }}")) == "&lt;b&gt;"


@pytest.mark.slow
@pytest.mark.parametrize("value", HOSTILE, ids=lambda value: repr(value[:12]))
def test_values_of_people_are_only_text(value: str, printer: Printer) -> None:
    context = walk.s18().issued("D-07")
    context["facts"]["title"] = value
    context["facts"]["members"][0]["task"] = value
    context["facts"]["members"][0]["person"]["name"] = value
    html = printer.html("D-07", context)
    assert "<script" not in html and "<style" not in html and "<img" not in html
    assert html.count("<link") == 1  # our own style sheet
    paper = Paper(printer.pdf("D-07", context).pdf)
    if "7*7" in value:
        assert "{{7*7}}" in paper.text and "49" not in paper.text
    for page in paper.pages:
        assert all(word.left > 29.5 and word.right < 195.5 for word in page.words if word.top > 19)


@pytest.mark.slow
def test_the_longest_dossier_is_printed_in_time(printer: Printer) -> None:
    """Forty members with tasks of 20,000 letters: cells are cut and say so, nothing hangs."""
    context = walk.s03().issued("D-02")
    row = context["facts"]["members"][0] | {"task": "nhiệm vụ " * 2222, "trips_made": []}
    context["facts"]["members"] = [{**row, "number": number} for number in range(1, 41)]
    assert "(toàn văn trong hồ sơ điện tử)" in printer.html("D-02", context)
    assert printer.pdf("D-02", context).pages > 20


ESCAPES = {
    "class": "{{ ''.__class__.__mro__ }}",
    "subclasses": "{{ [].__class__.__base__.__subclasses__() }}",
    "attr filter": "{{ ''|attr('__class__') }}",
    "globals": "{{ cycler.__init__.__globals__ }}",
    "self": "{{ self.__init__.__globals__ }}",
    "namespace": "{{ namespace.__init__ }}",
    "getitem": "{{ ''['__class__'] }}",
    "format": "{{ '{0.__class__}'.format(1) }}",
    "lipsum": "{{ lipsum(n=1000000) }}",
    "mutate": "{{ rows.append(1) }}",
    "unknown": "{{ nobody.knows }}",
}


@pytest.mark.parametrize("text", ESCAPES.values(), ids=ESCAPES)
def test_the_sandbox_holds(text: str, printer: Printer) -> None:
    error = refused(printer, "<p>\n" + text, rows=[1])
    assert error.kind in ("template", "page") and error.file == "documents/x.html"
    assert error.line == 2, error
    prints(printer)


def test_an_attribute_by_its_name_is_not_given_either(printer: Printer) -> None:
    bundle = template("{{ [1]|map(attribute='__class__')|list }} {{ [1]|sum(attribute='real.__class__', start=0) }}")
    with pytest.raises(PrintError):
        printer.html("x", {}, bundle)
    assert "class" not in printer.html("x", {}, template("{{ [1]|map(attribute='__class__')|list }}"))


@pytest.mark.parametrize(
    "name",
    ["../../../etc/passwd", "/etc/passwd", "documents/D-01.html", "../fonts/OFL.txt", "D-06.html", "..", "", "a\\b"],
)
@pytest.mark.parametrize("verb", ["include '%s'", "extends '%s'", "import '%s' as x"])
def test_a_template_reads_nothing_outside_its_bundle(name: str, verb: str, printer: Printer) -> None:
    error = refused(printer, "{% " + verb % name.replace("\\", "\\\\") + " %}")
    assert error.kind == "template"


@pytest.mark.parametrize(
    "tag",
    [
        '<link rel="attachment" href="file:///etc/passwd">',
        '<link rel="stylesheet" href="file:///etc/passwd">',
        '<link rel="stylesheet" href="../../engine/core/case.py">',
        '<img src="http://127.0.0.1:9/x.png">',
        '<img src="data:image/svg+xml,%3Csvg/%3E">',
        '<p style="background: url(file:///etc/hostname)">x</p>',
        '<style>@import url("https://example.vn/a.css");</style>',
    ],
)
def test_no_address_is_asked(tag: str, printer: Printer) -> None:
    error = refused(printer, f"<html lang='vi'><head></head><body>{tag}</body></html>")
    assert "is not a file of this template" in error.message
    prints(printer)


TOO_MUCH = {
    "loops": ("{% for a in range(99999) %}{% for b in range(99999) %}{{ a * b }}{% endfor %}{% endfor %}", "time"),
    "recursion": ("{% macro m(n) %}{{ m(n) }}{% endmacro %}{{ m(1) }}", "page"),
    "power": ("{{ 9 ** 99999999 }}", "template"),
    "string": ("{{ 'a' * 999999999 }}", "template"),
    "doubling": (
        "{% set ns = namespace(x='ab') %}{% for i in range(40) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}",
        "memory",
    ),
    "list": ("{{ range(99999)|list * 9999 }}", "template"),
    "page": ("{% for a in range(90000) %}{{ 'x' * 99 }}{% endfor %}", "page"),
}


@pytest.mark.slow
@pytest.mark.parametrize(("text", "kind"), TOO_MUCH.values(), ids=TOO_MUCH)
def test_a_template_cannot_take_the_machine(text: str, kind: str, printer: Printer) -> None:
    started = time.monotonic()
    error = refused(printer, text)
    assert error.kind in (kind, "crash"), error
    assert time.monotonic() - started < 15
    prints(printer)


@pytest.mark.slow
def test_a_page_that_never_ends_is_ended() -> None:
    """Layout runs in C and Python for long: the parent counts the seconds, ends the child and starts another."""
    printer = Printer(walk.ROOT / "templates", seconds=3)
    printer.warm()
    many = "<html lang='vi'><body>{% for i in range(30000) %}<p>một hai ba bốn năm</p>{% endfor %}</body></html>"
    started = time.monotonic()
    assert refused(printer, many).kind in ("time", "crash", "memory")
    assert time.monotonic() - started < 10
    printer.seconds = 20
    prints(printer)
    printer.close()


@pytest.mark.slow
def test_a_child_that_dies_is_started_anew(printer: Printer) -> None:
    prints(printer)
    assert printer._child is not None
    printer._child._process.kill()
    printer._child._process.wait()
    prints(printer)


def test_a_link_in_the_folder_leads_nowhere(tmp_path: Path) -> None:
    from engine.documents.bundle import Templates

    (tmp_path / "documents").mkdir()
    (tmp_path / "documents" / "_letter.html").write_text("<p>{{ 1 }}</p>", "utf-8")
    (tmp_path / "documents" / "D-01.html").symlink_to("/etc/passwd")
    made = Templates(tmp_path)
    assert made.names() == frozenset()
    assert set(made.bundle("D-01").files) == {"documents/_letter.html"}
    assert made.bundle("../../etc/passwd").main == "documents/_letter.html"


def test_a_missing_value_names_its_place(printer: Printer) -> None:
    context = walk.s47().issued("D-11")
    del context["let"]["report_due"]
    with pytest.raises(PrintError) as found:
        printer.html("D-11", context)
    assert str(found.value).startswith("documents/D-11.html:15: 'dict object' has no attribute 'report_due'")
