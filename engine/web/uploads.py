"""Files that come with a form: how big, of what kind by their bytes, under what name they are shown.

Nothing is unpacked or decoded here. What is refused is said beside its field; the rest of the form is kept.
"""

from __future__ import annotations

import os.path
import re
import unicodedata
from collections.abc import Iterable
from typing import Any

from starlette.datastructures import UploadFile

from engine.service import Engine
from engine.store import files as store
from engine.web.form_values import one_line
from engine.words.formats import size as shown_size
from engine.words.language import Words

MB = 1024 * 1024
ONE_FILE, ONE_CASE = 25 * MB, 100 * MB
NEW, DROP = "/new", "/drop"  # after the path of a field: a file to put there, and the box that takes the old one out
LONGEST_NAME = 120
_BAD = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff/\\:*?\"<>|]")
_OFFICE = (b"word/", b"xl/", b"[Content_Types].xml", b"mimetypeapplication/vnd.oasis.opendocument")


def shown_name(name: str) -> str:
    """What a user's file is called on pages: no path, no signs that turn or hide text, not too long."""
    name = os.path.basename(unicodedata.normalize("NFC", name).replace("\\", "/"))
    name = one_line(_BAD.sub("", name)).strip(". ") or "tep"
    stem, dot, end = name.rpartition(".")
    if len(name) <= LONGEST_NAME:
        return name
    return f"{stem[: LONGEST_NAME - len(end) - 2]}….{end}" if dot and len(end) <= 8 else f"{name[: LONGEST_NAME - 1]}…"


def allowed(head: bytes) -> bool:
    """Whether a file starts like one of the kinds an office sends: PDF, JPEG, PNG, Word, Excel, OpenDocument."""
    if head.startswith((b"%PDF-", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")):
        return True
    return head.startswith(b"PK\x03\x04") and any(mark in head for mark in _OFFICE)


def take(
    engine: Engine, case_id: str, person: str, pairs: Iterable[tuple[str, Any]], say: Words
) -> tuple[dict[str, str], dict[str, str]]:
    """Keep the files of a form: (path -> id of the kept file, path -> what is wrong). Raises Refused without the right."""
    kept: dict[str, str] = {}
    wrong: dict[str, str] = {}
    most = sizes_of(engine)
    with engine.snapshot() as snap:
        used = sum(row.size for row in store.of_case(snap.conn, case_id))
    for name, upload in pairs:
        if not isinstance(upload, UploadFile) or not name.endswith(NEW) or not (upload.filename or upload.size):
            continue
        path, shown = name.removesuffix(NEW), shown_name(upload.filename or "")
        told = _refused(upload, shown, used, most, say)
        if told:
            wrong[path] = told
            continue
        upload.file.seek(0)
        row = engine.attach(case_id, person, shown, upload.file.read())
        used += row.size
        kept[path] = row.id
    return kept, wrong


def sizes_of(engine: Engine) -> tuple[int, int]:
    """Bytes of one file and of all files of a case, as the site has them."""
    files = getattr(engine.settings, "files", None)
    return (files.file_bytes, files.case_bytes) if files else (ONE_FILE, ONE_CASE)


def _refused(upload: UploadFile, shown: str, used: int, most: tuple[int, int], say: Words) -> str:
    count, (one, case) = upload.size or 0, most
    if not count:
        return say("“%(name)s” is empty; choose the file again", name=shown)
    if count > one:
        return say(
            "“%(name)s” has %(size)s; a file may have at most %(most)s",
            name=shown,
            size=shown_size(count),
            most=shown_size(one),
        )
    if used + count > case:
        return say("With “%(name)s” the files of this case would exceed %(most)s", name=shown, most=shown_size(case))
    upload.file.seek(0)
    if not allowed(upload.file.read(8192)):
        return say("“%(name)s” is of a kind that is not accepted; send PDF, Word, Excel, JPEG or PNG", name=shown)
    return ""
