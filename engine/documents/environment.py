"""Jinja as templates of administrators see it: sandboxed, strict, escaped, and blind to the file system.

The loader serves the files of one bundle from memory and nothing else, so there is no path to leave. Values of a case are
plain dicts, lists, texts and numbers; the sandbox keeps a template from reaching Python behind them, and big powers or
repetitions are refused before they are computed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from jinja2 import BaseLoader, StrictUndefined, TemplateNotFound
from jinja2.sandbox import ImmutableSandboxedEnvironment, SecurityError
from markupsafe import Markup, escape

from engine.documents import vietnamese
from engine.documents.bundle import FOLDER, NAME, Bundle

MAX_REPEAT = 100_000  # letters or items that `*` may make
MAX_POWER = 10**9
_NUMBERS = re.compile(r"(\d+[-/][^\s,;:()<>]{2,30})")
_WIDTHS = ("format", "format_map", "center", "ljust", "rjust", "zfill", "expandtabs")


class BundleLoader(BaseLoader):
    """Templates of one bundle by their file name; a name with a folder in it is not found."""

    def __init__(self, files: Mapping[str, bytes]):
        self.files = files

    def get_source(self, environment: Any, template: str) -> tuple[str, str | None, Callable[[], bool] | None]:
        data = self.files.get(f"{FOLDER}/{template}") if NAME.fullmatch(template) else None
        if data is None:
            raise TemplateNotFound(template)
        return data.decode("utf-8"), f"{FOLDER}/{template}", lambda: True

    def list_templates(self) -> list[str]:
        return sorted(path.removeprefix(f"{FOLDER}/") for path in self.files if path.endswith(".html"))


class Sandbox(ImmutableSandboxedEnvironment):
    """Refuses what one operation alone could make too big: the clock of the worker cannot stop it in the middle."""

    intercepted_binops = frozenset({"**", "*", "%"})

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        if operator == "**" and not (_small(left, MAX_POWER) and _small(right, 64)):
            raise SecurityError("a power this big is not allowed in a template")
        if operator == "*" and (_long(left, right) or _long(right, left)):
            raise SecurityError("a repetition this long is not allowed in a template")
        if operator == "%" and isinstance(left, str):
            raise SecurityError("format with % is not allowed in a template: use ~ or a filter")
        return super().call_binop(context, operator, left, right)

    def _may_read(self, obj: Any, attr: str, value: Any) -> bool:
        # str.format and its like can ask for a width of any size
        return attr not in _WIDTHS and super().is_safe_attribute(obj, attr, value)

    is_safe_attribute = _may_read


def _small(value: Any, limit: int) -> bool:
    return isinstance(value, int) and abs(value) <= limit


def _long(thing: Any, times: Any) -> bool:
    if isinstance(thing, (str, list, tuple)):
        return isinstance(times, int) and len(thing) * times > MAX_REPEAT
    return isinstance(thing, int) and isinstance(times, int) and thing.bit_length() + times.bit_length() > 4096


def environment(bundle: Bundle) -> Sandbox:
    """The environment of one bundle. Text is escaped, an unknown name is an error."""
    made = Sandbox(
        loader=BundleLoader(bundle.files),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )
    made.filters.update(FILTERS)
    for risky in ("pprint", "random", "xmlattr", "format", "center", "indent", "tojson", "urlize"):
        made.filters.pop(risky, None)
    made.globals.pop("lipsum", None)
    return made


# -- filters: how papers write values


def _day(value: Any) -> date:
    """Dates travel as ISO text."""
    return date.fromisoformat(str(value))


def long_day(value: Any) -> str:
    """`ngày 05 tháng 3 năm 2022`; an empty date is an ellipsis, to be seen in a draft."""
    return vietnamese.long_day(_day(value)) if value else "ngày …"


def blank_day(value: Any) -> str:
    """The date line of a draft: only the year is printed."""
    return vietnamese.blank_day(_day(value))


def short_day(value: Any) -> str:
    """`05/3/2022`."""
    return vietnamese.short_day(_day(value)) if value else "…"


def days_after(value: Any, start: Any) -> int:
    """Whole days from `start` to the value: `paper.date|days_after(due)`; 0 where one of them is empty."""
    return (_day(value) - _day(start)).days if value and start else 0


def sentence(value: Any) -> str:
    return vietnamese.sentence(str(value))


def lower_first(value: Any) -> str:
    return vietnamese.lower_first(str(value))


def count(value: Any) -> str:
    """`07` of a number or of a list."""
    return vietnamese.count(value if isinstance(value, int) else len(value))


def money(value: Any) -> str:
    return vietnamese.money(int(value))


def in_words(value: Any) -> str:
    return vietnamese.words(int(value))


def ended(value: Any, end: str = ".") -> str:
    """The text with exactly one closing sign."""
    return str(value).rstrip(" .;,:\n") + end


def lines(value: Any) -> Markup:
    """Text of a person, its line ends kept."""
    return Markup("<br>").join(escape(line) for line in str(value).split("\n"))


def paragraphs(value: Any, css: str = "text") -> Markup:
    """Text of a person as paragraphs of the paper, one for each line."""
    parts = [part.strip() for part in str(value).split("\n") if part.strip()]
    return Markup("").join(Markup('<p class="{}">{}</p>').format(css, part) for part in parts)


def clip(value: Any, letters: int = 1500) -> str:
    """For cells of tables: what is longer is cut, and says so. The dossier itself keeps every letter."""
    text = str(value)
    return text if len(text) <= letters else f"{text[:letters].rstrip()}… (toàn văn trong hồ sơ điện tử)"


def together(value: Any) -> Markup:
    """Numbers of papers (`33-KL/TW`, `05/QĐ-UBND`) are not broken at a line's end."""
    parts = _NUMBERS.split(str(value))
    return Markup("").join(
        Markup('<span class="together">{}</span>').format(p) if n % 2 else p for n, p in enumerate(parts)
    )


def joined(value: Any, last: str = " và ") -> str:
    """`Lào, Campuchia và Nhật Bản`."""
    parts = [str(item) for item in value]
    return parts[0] if len(parts) == 1 else last.join([", ".join(parts[:-1]), parts[-1]]) if parts else ""


FILTERS: dict[str, Callable[..., Any]] = {
    "long_day": long_day,
    "blank_day": blank_day,
    "short_day": short_day,
    "days_after": days_after,
    "sentence": sentence,
    "lower_first": lower_first,
    "count2": count,
    "money": money,
    "in_words": in_words,
    "ended": ended,
    "lines": lines,
    "paragraphs": paragraphs,
    "clip": clip,
    "together": together,
    "joined": joined,
    "by_name": lambda rows, key="name": sorted(rows, key=lambda row: vietnamese.name_key(row[key])),
}
