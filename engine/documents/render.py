"""Pages and PDFs of documents, printed by one warm child process. `Printer` is safe to share between threads.

A document may take 20 s and 512 MB; a child that hangs or dies is ended and started anew with the next page. The same
bundle, context and tool versions give the same bytes.
"""

from __future__ import annotations

import base64
import os
import selectors
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine.documents.bundle import Bundle, Templates, sha256
from engine.documents.worker import read_frame, write_frame

SECONDS = 20.0
START_SECONDS = 60.0  # importing the libraries on a busy machine
CHECKOUT = Path(__file__).resolve().parent.parent.parent


class PrintError(Exception):
    """A document could not be printed. `kind`: template, page, time, memory, crash. `file` and `line` name the place in
    the template where they are known."""

    def __init__(self, message: str, kind: str = "page", file: str = "", line: int = 0):
        super().__init__(message)
        self.message, self.kind, self.file, self.line = message, kind, file, line

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}: " if self.file and self.line else f"{self.file}: " if self.file else ""
        return f"{place}{self.message}"


@dataclass(frozen=True)
class Rendered:
    pdf: bytes = field(repr=False)
    sha256: str
    template: str
    tools: dict[str, str]
    pages: int


class Printer:
    """Prints with the templates of one folder; `close` ends the child."""

    def __init__(self, root: Path, seconds: float = SECONDS):
        self.templates, self.seconds = Templates(root), seconds
        self.failed: dict[tuple[str, str, int], tuple[str, int]] = {}  # document -> why not, when to try again (µs)
        self.kept: object = None  # the state of the templates whose bytes are stored
        self._lock = threading.Lock()
        self._child: _Child | None = None

    def warm(self) -> dict[str, str]:
        """Start the child; the versions of its tools."""
        with self._lock:
            return self._tools()

    def pdf(self, document: str, context: dict[str, Any], bundle: Bundle | None = None) -> Rendered:
        """Print one document, with the templates of now unless a bundle is given. Raises PrintError."""
        bundle = bundle or self.templates.bundle(document)
        with self._lock:
            tools = self._tools()
            reply = self._ask("pdf", bundle, context)
        pdf = base64.b64decode(reply["pdf"])
        return Rendered(pdf, sha256(pdf), bundle.digest, tools, reply["pages"])

    def html(self, document: str, context: dict[str, Any], bundle: Bundle | None = None) -> str:
        """The page before it becomes a PDF. Raises PrintError."""
        with self._lock:
            return str(self._ask("html", bundle or self.templates.bundle(document), context)["html"])

    def close(self) -> None:
        with self._lock:
            self._drop()

    def _tools(self) -> dict[str, str]:
        try:
            return dict(self._running().tools())
        except (OSError, TimeoutError, EOFError):
            self._drop()
            raise PrintError("the printing process does not start", "crash") from None

    def _drop(self) -> None:
        if self._child is not None:
            self._child.end()
            self._child = None

    def _running(self) -> _Child:
        if self._child is None or not self._child.alive:
            self._drop()
            self._child = _Child()
        return self._child

    def _ask(self, op: str, bundle: Bundle, context: dict[str, Any]) -> dict[str, Any]:
        child = self._running()
        try:
            child.keep(bundle)
            asked = {"op": op, "main": bundle.main, "files": bundle.hashes, "context": context}
            reply = child.ask(asked, self.seconds)
        except (OSError, TimeoutError, EOFError) as error:
            self._drop()
            if isinstance(error, TimeoutError):
                raise PrintError(f"printing takes more than {self.seconds:g} s", "time", bundle.main) from None
            raise PrintError("the page needs too much time or memory", "crash", bundle.main) from None
        if "error" in reply:
            wrong = reply["error"]
            raise PrintError(wrong["message"], wrong["kind"], wrong["file"] or bundle.main, wrong["line"])
        return dict(reply["ok"])


class _Child:
    """One worker process and what it already holds."""

    def __init__(self) -> None:
        self._home = tempfile.TemporaryDirectory(prefix="trinh-print-")
        fonts = Path(self._home.name) / "fonts.conf"
        # no directory of fonts: what the bundle does not bring is not printed with something else
        fonts.write_text(f"<fontconfig><cachedir>{self._home.name}/cache</cachedir></fontconfig>", "ascii")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "engine.documents.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=CHECKOUT,
            env={
                "PATH": os.environ.get("PATH", ""),
                "PYTHONPATH": os.pathsep.join([str(CHECKOUT), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep),
                "PYTHONHASHSEED": "0",
                "PYTHONDONTWRITEBYTECODE": "1",
                "LANG": "C.UTF-8",
                "TZ": "UTC",
                "HOME": self._home.name,
                "TMPDIR": self._home.name,
                "FONTCONFIG_FILE": str(fonts),
            },
        )
        self._kept: set[str] = set()
        self._versions: dict[str, str] = {}

    def tools(self) -> dict[str, str]:
        """Versions that decide about the bytes; the first question imports the libraries, which takes a second or two."""
        if not self._versions:
            self._versions = self.ask({"op": "tools"}, START_SECONDS)["ok"]["tools"]
        return self._versions

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def keep(self, bundle: Bundle) -> None:
        """Send the files the child does not have yet."""
        for path, data in bundle.files.items():
            digest = bundle.hashes[path]
            if digest not in self._kept:
                self.ask({"op": "keep", "data": base64.b64encode(data).decode("ascii")}, START_SECONDS)
                self._kept.add(digest)

    def ask(self, asked: dict[str, Any], seconds: float) -> dict[str, Any]:
        """Raises TimeoutError, EOFError or OSError when no whole answer comes."""
        assert self._process.stdin is not None and self._process.stdout is not None
        write_frame(self._process.stdin, asked)  # type: ignore[arg-type]
        self._wait(time.monotonic() + seconds)
        reply = read_frame(self._process.stdout)  # type: ignore[arg-type]
        if reply is None:
            raise EOFError
        return reply

    def _wait(self, until: float) -> None:
        """Until the first byte of the answer is there; the rest follows at once."""
        with selectors.DefaultSelector() as watch:
            watch.register(self._process.stdout, selectors.EVENT_READ)  # type: ignore[arg-type]
            if not watch.select(max(0.0, until - time.monotonic())):
                raise TimeoutError

    def end(self) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            try:
                if pipe is not None:
                    pipe.close()
            except OSError:
                pass  # the rest of a frame to a dead child
        self._home.cleanup()
