"""The child process that prints: `python -m engine.documents.worker`, spoken to over its standard input and output.

It stays warm (WeasyPrint is imported once), has no fonts but those of the bundle, opens no file and no connection for a
template, and may be killed at any moment. Frames are a length (4 bytes, big-endian) and JSON; bytes travel as base64.

    {"op": "keep", "data": ...}                         bytes of a template file, kept under their SHA-256
    {"op": "html" | "pdf", "main": path, "files": {path: sha256}, "context": {...}}
 -> {"ok": {...}} | {"error": {"kind", "message", "file", "line"}}
"""

from __future__ import annotations

import base64
import json
import os
import re
import resource
import signal
import struct
import sys
import traceback
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from importlib.metadata import version
from typing import Any, BinaryIO

from jinja2 import TemplateError

from engine.documents.bundle import FOLDER, Bundle, sha256
from engine.documents.environment import Sandbox, environment

JINJA_SECONDS, JINJA_MEGABYTES = 2, 256
PDF_MEGABYTES = 512
MAX_HTML = 8 * 1024 * 1024  # letters; beyond that no paper is meant
BASE = "https://templates.invalid/"  # never asked: the fetcher answers from the bundle
VARIANT = "pdf/a-2a"

_RUN, _PIECE = re.compile(r"\S{80,}"), re.compile(r".{1,8}", re.DOTALL)
_blobs: dict[str, bytes] = {}


class TooLong(Exception):
    """A template used up its seconds."""


class Outside(Exception):
    """A template asks for something that is not in its bundle."""


# -- frames


def read_frame(pipe: BinaryIO) -> dict[str, Any] | None:
    head = pipe.read(4)
    if len(head) < 4:
        return None
    size = struct.unpack(">I", head)[0]
    data = pipe.read(size)
    return json.loads(data) if len(data) == size else None


def write_frame(pipe: BinaryIO, value: dict[str, Any]) -> None:
    data = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
    pipe.write(struct.pack(">I", len(data)) + data)
    pipe.flush()


# -- limits


def _used_bytes() -> int:
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[0]) * resource.getpagesize()


@contextmanager
def limited(megabytes: int, seconds: int = 0) -> Iterator[None]:
    """At most so much more memory and CPU time. The timer raises inside Python; one long operation of C is ended by the
    kernel a second later, and the process with it."""
    hard = resource.RLIM_INFINITY
    resource.setrlimit(resource.RLIMIT_AS, (_used_bytes() + megabytes * 1024 * 1024, hard))
    if seconds:
        usage = resource.getrusage(resource.RUSAGE_SELF)
        resource.setrlimit(resource.RLIMIT_CPU, (int(usage.ru_utime + usage.ru_stime) + seconds + 2, hard))
        signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        resource.setrlimit(resource.RLIMIT_AS, (hard, hard))
        resource.setrlimit(resource.RLIMIT_CPU, (hard, hard))


def _stop(number: int, frame: Any) -> None:
    raise TooLong


# -- printing


@lru_cache(maxsize=16)
def _environment(main: str, files: tuple[tuple[str, str], ...]) -> Sandbox:
    return environment(Bundle(main, {path: _blobs[digest] for path, digest in files}))


def filled(main: str, files: dict[str, str], context: dict[str, Any]) -> str:
    """The page as HTML."""
    context = breakable(context)
    with limited(JINJA_MEGABYTES, JINJA_SECONDS):
        made = _environment(main, tuple(sorted(files.items())))
        html = made.get_template(main.removeprefix(f"{FOLDER}/")).render(context)
    if len(html) > MAX_HTML:
        raise Outside(f"the page has {len(html):,} letters, at most {MAX_HTML:,} are printed")
    return html


def breakable(value: Any) -> Any:
    """Runs of letters without a blank get places to break: looking for them takes WeasyPrint minutes."""
    if isinstance(value, str):
        return _RUN.sub(lambda run: "\u200b".join(_PIECE.findall(run.group())), value) if len(value) > 80 else value
    if isinstance(value, dict):
        return {key: breakable(item) for key, item in value.items()}
    return [breakable(item) for item in value] if isinstance(value, list) else value


def fetcher(files: dict[str, str]) -> Any:
    """Style sheets, fonts and pictures come from the bundle; everything else stops the printing."""
    from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

    kinds = {"css": "text/css", "ttf": "font/ttf", "svg": "image/svg+xml", "png": "image/png"}

    class Bundled(URLFetcher):
        def fetch(self, url: str, headers: Any = None) -> Any:
            path = url.removeprefix(BASE)
            if not url.startswith(BASE) or path not in files:
                raise FatalURLFetchingError(f"{url[:120]} is not a file of this template")
            return URLFetcherResponse(url, _blobs[files[path]], {"Content-Type": kinds[path.rsplit(".", 1)[-1]]})

    return Bundled()


def printed(html: str, files: dict[str, str]) -> tuple[bytes, int]:
    """(PDF, pages). The dates inside are those the page states, so equal pages give equal bytes."""
    from weasyprint import HTML
    from weasyprint.text.fonts import FontConfiguration

    with limited(PDF_MEGABYTES):
        page = HTML(string=html, base_url=f"{BASE}{FOLDER}/", url_fetcher=fetcher(files))
        document = page.render(font_config=FontConfiguration(), pdf_variant=VARIANT)
        return document.write_pdf(pdf_variant=VARIANT), len(document.pages)


def tools() -> dict[str, str]:
    """Versions that decide about the bytes."""
    from weasyprint.text.ffi import pango

    versions = {name: version(name) for name in ("weasyprint", "pydyf", "jinja2", "fonttools")}
    number = pango.pango_version()
    return {**versions, "pango": f"{number // 10000}.{number // 100 % 100}.{number % 100}"}


# -- the loop


def answer(asked: dict[str, Any]) -> dict[str, Any]:
    if asked["op"] == "keep":
        data = base64.b64decode(asked["data"])
        _blobs[sha256(data)] = data
        return {}
    if asked["op"] == "tools":
        return {"tools": tools()}
    html = filled(asked["main"], asked["files"], asked["context"])
    if asked["op"] == "html":
        return {"html": html}
    pdf, pages = printed(html, asked["files"])
    return {"pdf": base64.b64encode(pdf).decode("ascii"), "pages": pages}


def failure(error: BaseException) -> dict[str, Any]:
    """What went wrong, where in the template, in one sentence."""
    file, line = _place(error)
    if isinstance(error, TooLong):
        return {
            "kind": "time",
            "message": f"the template takes more than {JINJA_SECONDS} s",
            "file": file,
            "line": line,
        }
    if isinstance(error, MemoryError):
        return {"kind": "memory", "message": "the page needs too much memory", "file": file, "line": line}
    message = str(getattr(error, "message", None) or error) or type(error).__name__
    kind = "template" if isinstance(error, TemplateError) else "page"
    return {"kind": kind, "message": message, "file": file, "line": line}


def _place(error: BaseException) -> tuple[str, int]:
    """The template line an error comes from: the innermost frame that runs a template."""
    own = getattr(error, "lineno", None)
    if own:
        return str(getattr(error, "filename", "") or f"{FOLDER}/{getattr(error, 'name', '') or ''}"), int(own)
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if frame.filename.startswith(f"{FOLDER}/"):
            return frame.filename, int(frame.lineno or 0)
    return "", 0


def main() -> int:
    source, sink = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not become a frame
    signal.signal(signal.SIGPROF, _stop)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent; the child ends with its pipe
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    warnings.filterwarnings("ignore", "No fonts configured")  # meant so: the bundle brings them
    while (asked := read_frame(source)) is not None:
        try:
            reply = {"ok": answer(asked)}
        except (KeyboardInterrupt, SystemExit):
            return 0
        except BaseException as error:  # WeasyPrint's refusal to fetch is no Exception
            reply = {"error": failure(error)}
        write_frame(sink, reply)
    return 0


if __name__ == "__main__":
    sys.exit(main())
