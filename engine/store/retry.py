"""What a driver's error means for the transaction that met it. The hot path runs on the driver's cursor, so errors come
unwrapped from there and wrapped from everything else."""

from __future__ import annotations

import sqlite3

import psycopg
from sqlalchemy.exc import DBAPIError

from engine.store.outcomes import CommandClash, Spent, Stale

_AGAIN = ("40001", "40P01", "55P03")  # serialization failure, deadlock, lock timeout


def cause(error: BaseException) -> BaseException:
    return error.orig if isinstance(error, DBAPIError) and error.orig is not None else error


def causes(error: BaseException) -> bool:
    """The connection is gone."""
    found = cause(error)
    return isinstance(found, psycopg.OperationalError) and getattr(found, "sqlstate", None) not in _AGAIN


def transient(error: BaseException) -> bool:
    """The same transaction may succeed when it is run again."""
    found = cause(error)
    if isinstance(found, psycopg.Error):
        return causes(found) or getattr(found, "sqlstate", None) in _AGAIN
    return isinstance(found, sqlite3.OperationalError) and "locked" in str(found)


def unsafe(error: BaseException) -> bool:
    """SQLite could not read or write its file: after a failed sync nobody knows what the disk holds. A full disk is safe."""
    found = cause(error)
    return isinstance(found, sqlite3.OperationalError) and "disk I/O error" in str(found)


def conflict(error: Exception) -> Exception:
    """A broken unique key, the last line behind the checks, as the outcome it stands for."""
    found = cause(error)
    if not isinstance(found, (sqlite3.IntegrityError, psycopg.IntegrityError)):
        return error
    words = str(found)
    if "spends" in words:
        return Spent(words)
    if "events_command" in words or "events.command" in words:
        return CommandClash(words)
    if "events" in words or "cases" in words:
        return Stale(words)
    return error
