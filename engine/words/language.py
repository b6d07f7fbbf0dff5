"""The words of pages, mails and messages in Vietnamese and English.

English sentences are the keys; `locale/<lang>/LC_MESSAGES/*.po` beside this file hold the others, one catalogue per part of
the product (core, mail, web ...). They are read when the process starts (Babel), so there is no build step and no .mo file
to forget.
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from engine.core.blockers import Blocker
from engine.core.model import Text

LANGS = ("vi", "en")
LOCALE = Path(__file__).resolve().parent / "locale"


class Words:
    """One language. A sentence without a translation is shown in English."""

    def __init__(self, lang: str, single: dict[str, str], plural: dict[str, tuple[str, ...]]):
        self.lang, self._single, self._plural = lang, single, plural

    def gettext(self, message: str) -> str:
        return self._single.get(message) or message

    def ngettext(self, one: str, many: str, count: int) -> str:
        forms = self._plural.get(one)
        if forms:
            return forms[0 if len(forms) == 1 or count == 1 else 1]
        return one if count == 1 else many

    def __call__(self, message: str, **values: Any) -> str:
        found = self.gettext(message)
        return found % values if values else found

    def count(self, one: str, many: str, n: int) -> str:
        return self.ngettext(one, many, n) % {"n": n}

    def blocker(self, found: Blocker) -> str:
        """The sentence of a refusal, its English parameters translated as well."""
        if found.text is not None:
            return found.text[self.lang]
        shown = {
            name: value[self.lang]
            if isinstance(value, Text)
            else self.gettext(value)
            if value and isinstance(value, str)
            else value
            for name, value in found.params.items()
        }
        return self.gettext(found.message).format(**shown)


@functools.cache
def words(lang: str) -> Words:
    """The catalogue of a language, read once. Unknown languages are Vietnamese."""
    if lang not in LANGS:
        lang = LANGS[0]
    single: dict[str, str] = {}
    plural: dict[str, tuple[str, ...]] = {}
    for message in (item for found in catalogues(lang) for item in found):
        if not message.id or message.fuzzy:
            continue
        if isinstance(message.id, tuple):
            plural[message.id[0]] = tuple(message.string or ())
        elif message.string:
            single[str(message.id)] = str(message.string)
    return Words(lang, single, plural)


def catalogues(lang: str) -> list[Catalog]:
    """The .po files of a language, in order of their names; none for English, whose words are the keys."""
    found = []
    for path in sorted((LOCALE / lang / "LC_MESSAGES").glob("*.po")):
        with path.open("rb") as file:
            found.append(read_po(file, locale=lang, domain=path.stem))
    return found
