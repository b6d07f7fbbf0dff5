"""Contents → subject, text and HTML, by the templates of `templates/mail`: one layout, one small file a kind.

Both parts are made from the same sentences (`sentences.j2`), so they say the same. HTML escapes everything; a name that
a template misspells is an error and never an empty place.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from engine.mail.contents import Contents, Fact
from engine.mail.message import Parts, one_line
from engine.words.language import Words, words

WIDTH = 72
KINDS = ("task", "reminder", "escalation", "info", "receipt", "alert")


class Renderer:
    """`root` is the folder `templates/mail`."""

    def __init__(self, root: Path):
        self._html = _environment(root, html=True)
        self._text = _environment(root, html=False)

    def notice(self, contents: Contents) -> Parts:
        """Raises jinja2.TemplateError when a template is wrong."""
        kind = contents.kind if contents.kind in KINDS else "info"
        return self._parts(kind, contents.subject, contents.lang, m=contents)

    def posted(self, template: str, lang: str, values: dict[str, Any]) -> Parts:
        """A mail that no case owes: sign-in, operator."""
        titles = {"sign-in": "Sign in to Trình, %(site)s", "operator": "Trình: mail needs you, %(site)s"}
        subject = one_line(words(lang)(titles[template], site=values["site"]))
        return self._parts(template, subject, lang, m=values)

    def _parts(self, name: str, subject: str, lang: str, **values: Any) -> Parts:
        say = words(lang)
        text = self._text.get_template(f"{name}.txt.j2").render(
            say=_saying(say, html=False), count=say.count, subject=subject, **values
        )
        html = self._html.get_template(f"{name}.html.j2").render(
            say=_saying(say, html=True), count=say.count, subject=subject, **values
        )
        return Parts(subject, tidy(text), html)


def _environment(root: Path, html: bool) -> ImmutableSandboxedEnvironment:
    made = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(root),
        autoescape=html,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters["strong"] = _strong if html else str
    made.filters["name"] = _name if html else str
    made.filters["tight"] = _tight
    made.filters["wrap"] = wrap
    made.filters["item"] = lambda text: wrap(text, "- ", "  ")
    made.filters["columns"] = columns
    return made


def _strong(text: Any) -> Markup:
    return Markup("<b>{}</b>").format(text)


def _name(text: Any) -> Markup:
    """A person's name is Vietnamese on an English page, too."""
    return Markup('<b lang="vi">{}</b>').format(text)


def _tight(text: str) -> str:
    """White space between template tags is not the mail's."""
    joined = " ".join(text.split())
    return Markup(joined) if isinstance(text, Markup) else joined


def _saying(say: Words, html: bool) -> Callable[..., str]:
    """Translate, then fill in the values: those are escaped in HTML, the sentence is ours."""

    def spoken(message: str, **values: Any) -> str:
        found = say.gettext(message)
        if html:
            return Markup(found) % values if values else Markup(found)
        return found % values if values else found

    return spoken


def wrap(text: str, first: str = "", rest: str = "") -> str:
    """One paragraph in lines of at most 72 letters; an address is never broken."""
    one = " ".join(str(text).split(" "))
    return textwrap.fill(
        " ".join(one.split()) if "\u00a0" not in one else one.strip(),
        WIDTH,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )


def columns(facts: tuple[Fact, ...]) -> str:
    """Labels in one column, values in the other."""
    wide = min(max((len(fact.label) for fact in facts), default=0) + 2, 26)
    lines = []
    for fact in facts:
        label = f"{fact.label}:"
        for number, value in enumerate(fact.lines):
            lead = label.ljust(wide) if not number else " " * wide
            lines.append(wrap(value, lead if len(lead) <= wide else f"{label} ", " " * wide))
    return "\n".join(lines)


def tidy(text: str) -> str:
    """At most one empty line in a row, no blank at a line's end except in the mark of a signature."""
    lines = [line if line == "-- " else line.rstrip() for line in text.strip("\n").split("\n")]
    kept = [line for number, line in enumerate(lines) if line or (number and lines[number - 1])]
    return "\n".join(kept) + "\n"
