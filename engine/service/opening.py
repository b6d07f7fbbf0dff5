"""From a site's setup to a running engine: schema, key, clock, caches."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from engine.documents.bundle import Templates
from engine.service import keys
from engine.service.clocks import DemoClock, wall
from engine.service.engine import Engine
from engine.service.library import Library
from engine.service.publishing import open_log
from engine.service.reseating import catch_up
from engine.store import ledger
from engine.store.database import Database, DatabaseRefused
from engine.store.files import FileStore
from engine.store.migrations.run import upgrade
from engine.store.views import reading
from engine.store.writer import Committed
from engine.words import formats

if TYPE_CHECKING:
    from engine.config.site import SiteSetup

STEADY = 1.0
__all__ = ["DatabaseRefused", "open_engine", "readable_key"]


def open_engine(
    setup: SiteSetup,
    *,
    clock: Callable[[], int] | None = None,
    random_bytes: Callable[[int], bytes] | None = None,
    on_commit: Callable[[list[Committed]], None] | None = None,
    migrate: bool = True,
    read_only: bool = False,
    templates: Callable[[str], str] | None = None,
) -> Engine:
    """The engine of a site. Raises DatabaseRefused, keys.BadKey, and store.lock.Locked when another process writes.

    `read_only` takes no lock and starts no writer: for looking at a site whose server runs. `templates` gives the digest
    of a document's template; by default that of the site's own templates.
    """
    settings = setup.settings
    _make_folder(settings.database_url)
    database = Database.open(settings.database_url, writes=not read_only, durable=settings.production)
    try:
        if migrate and not read_only:
            upgrade(database)
        key = readable_key(database, settings.keys.signing, make=not read_only and not settings.production)
        engine = Engine(
            database,
            Library(setup.site, setup.calendar, setup.names, templates or _templates(settings.templates)),
            key=key,
            clock=clock or _clock(settings),
            base_url=settings.base_url,
            files=FileStore(settings.files.dir),
            countries=formats.country,
            random_bytes=random_bytes or secrets.token_bytes,
            settings=settings,
            on_commit=on_commit,
        )
    except BaseException:
        database.close()
        raise
    engine.register_types = dict(setup.register_types)
    if not read_only:
        open_log(engine)
        catch_up(engine)
    return engine


def readable_key(database: Database, path: Path, *, make: bool) -> Ed25519PrivateKey:
    """The engine's key; made where nothing was signed yet. Raises keys.BadKey."""
    try:
        return keys.load(path)
    except FileNotFoundError:
        pass
    with reading(database) as conn:
        events, _ = ledger.size(conn)
    if events or not make:
        raise keys.BadKey(
            f"{path}: the engine's key is missing; `trinh init` makes one for a new site, a backup has the old"
        )
    return keys.make(path)


def _make_folder(url: str) -> None:
    scheme, _, path = url.partition(":///")
    if scheme == "sqlite" and path and path != ":memory:":
        Path(path).absolute().parent.mkdir(parents=True, exist_ok=True)


def _clock(settings: Any) -> Callable[[], int]:
    return DemoClock(Path(settings.data) / "clock.offset") if settings.demo.clock else wall


def _templates(root: Path) -> Callable[[str], str]:
    """Digest of a document's template bundle; empty where the site has no templates. Files are looked at again after
    STEADY seconds: an act that issues a document shall not wait for the state of sixty files."""
    if not (root / "documents").is_dir():
        return lambda document: ""
    templates = Templates(root)
    known: dict[str, tuple[float, str]] = {}

    def digest(document: str) -> str:
        now = time.monotonic()
        since, found = known.get(document, (-STEADY, ""))
        if now - since >= STEADY:
            found = templates.digest(document)
            known[document] = (now, found)
        return found

    return digest
