"""Values and refusals as JSON, for the door between two processes of one site. Only the types named here cross it."""

from __future__ import annotations

import base64
import tempfile
from dataclasses import asdict, fields, is_dataclass
from datetime import date
from pathlib import Path
from typing import Any

from engine.core.blockers import Blocker, Refused
from engine.core.calendar import Calendar
from engine.core.directory import Directory
from engine.core.model import Text
from engine.definitions.loader import Loaded, load_file
from engine.definitions.problems import Problem, Problems
from engine.definitions.site import SiteNames
from engine.service.importing import BadRows
from engine.service.values import Answers, Conflict, Imported, Minted, Published, Receipt
from engine.store import people
from engine.store.files import FileRow
from engine.store.writer import Busy

MARK = "$"
PLAIN: dict[str, type] = {
    kind.__name__: kind
    for kind in (Answers, Receipt, Minted, Published, Imported, FileRow, Blocker, Text, Problem, Calendar)
}


class RemoteError(Exception):
    """The server could not do it, for a reason that is no refusal."""


def pack(value: Any) -> Any:
    """Raises TypeError for what does not cross the door."""
    if isinstance(value, Loaded):
        return {MARK: "Loaded", "main": value.main, "files": pack(value.files)}
    if isinstance(value, Directory):
        return {MARK: "Directory", "body": people.encode(value)}
    if is_dataclass(value) and type(value).__name__ in PLAIN:
        return {MARK: type(value).__name__, **{f.name: pack(getattr(value, f.name)) for f in fields(value)}}
    if isinstance(value, bytes):
        return {MARK: "bytes", "data": base64.b64encode(value).decode()}
    if isinstance(value, dict):
        if all(isinstance(key, str) and key != MARK for key in value):
            return {key: pack(item) for key, item in value.items()}
        return {MARK: "map", "items": [[key, pack(item)] for key, item in value.items()]}
    if isinstance(value, (list, tuple)):
        return [pack(item) for item in value]
    if isinstance(value, date):
        return value.isoformat()
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    raise TypeError(f"{type(value).__name__} does not cross the door")


def unpack(value: Any, names: SiteNames | None = None) -> Any:
    """`names` check a workflow file that is handed in. Raises Problems."""
    if isinstance(value, list):
        return [unpack(item, names) for item in value]
    if not isinstance(value, dict):
        return value
    kind = value.get(MARK)
    if kind is None:
        return {key: unpack(item, names) for key, item in value.items()}
    if kind == "bytes":
        return base64.b64decode(value["data"])
    if kind == "map":
        return {key: unpack(item, names) for key, item in value["items"]}
    if kind == "Directory":
        return people.decode(value["body"])
    if kind == "Loaded":
        return _loaded(value["main"], unpack(value["files"]), names)
    given = {key: _frozen(unpack(item, names)) for key, item in value.items() if key != MARK}
    return PLAIN[kind](**given)


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _loaded(main: str, files: dict[str, bytes], names: SiteNames | None) -> Loaded:
    """Read and checked here, too: the server publishes nothing on somebody else's word."""
    with tempfile.TemporaryDirectory(prefix="trinh-publish-") as folder:
        for name, data in files.items():
            place = (Path(folder) / name).resolve()
            if not place.is_relative_to(Path(folder).resolve()):
                raise ValueError(f"{name!r} is no file beside a workflow")
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data)
        return load_file(Path(folder) / main, names)


def pack_error(error: Exception) -> dict[str, Any]:
    if isinstance(error, Refused):
        return {"kind": "Refused", "blockers": pack(list(error.blockers))}
    if isinstance(error, Conflict):
        return {"kind": "Conflict", "reason": error.reason}
    if isinstance(error, Problems):
        return {"kind": "Problems", "items": [asdict(item) for item in error.items]}
    if isinstance(error, BadRows):
        return {"kind": "BadRows", "problems": error.problems}
    if isinstance(error, Busy):
        return {"kind": "Busy", "text": str(error)}
    if isinstance(error, KeyError):
        return {"kind": "KeyError", "key": str(error.args[0])}
    return {"kind": "RemoteError", "text": f"{type(error).__name__}: {error}"}


def unpack_error(packed: dict[str, Any]) -> Exception:
    kind = packed["kind"]
    if kind == "Refused":
        return Refused(unpack(packed["blockers"]))
    if kind == "Conflict":
        return Conflict(packed["reason"])
    if kind == "Problems":
        return Problems(tuple(Problem(**item) for item in packed["items"]))
    if kind == "BadRows":
        return BadRows(packed["problems"])
    if kind == "Busy":
        return Busy(packed["text"])
    if kind == "KeyError":
        return KeyError(packed["key"])
    return RemoteError(packed["text"])
