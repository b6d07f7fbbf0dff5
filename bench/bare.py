"""The base: the least transaction that could record the same, by the bare driver, without reading or judging anything.

It inserts a chained event of 567 bytes, updates the case, and inserts a deadline and a mail row, with the same pragmas and
the same checkpoint rule as the engine. Each client is a process of its own, told over a pipe when to run.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import sqlite3
import time
from multiprocessing.connection import Connection
from typing import Any

import psycopg

BODY = b"x" * 567
CASES = 200
PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "wal_autocheckpoint=0", "busy_timeout=10000")
TABLES = (
    "CREATE TABLE events (case_id text, seq {int}, body {blob}, hash {blob}, PRIMARY KEY (case_id, seq))",
    "CREATE TABLE cases (id text PRIMARY KEY, seq {int}, head {blob}, body {blob})",
    "CREATE TABLE deadlines (case_id text, id text, at {int}, PRIMARY KEY (case_id, id))",
    "CREATE TABLE outbox (id text PRIMARY KEY, case_id text, notice text, next_at {int})",
)
STEPS = (
    "INSERT INTO events VALUES (?, ?, ?, ?)",
    "UPDATE cases SET seq = ?, head = ? WHERE id = ? AND seq = ?",
    "INSERT INTO deadlines VALUES (?, ?, ?)",
    "INSERT INTO outbox VALUES (?, ?, ?, ?)",
)


class Client:
    """`connect` and `transaction` are the driver's; `name` keeps the cases of clients apart."""

    def __init__(self, url: str, name: int):
        self.name, self.sqlite = name, url.startswith("sqlite")
        self.count = 0
        self.seqs = [0] * CASES
        self.heads = [b""] * CASES
        self.connection: Any = _sqlite(url) if self.sqlite else psycopg.connect(_plain(url))
        self.steps = STEPS if self.sqlite else tuple(step.replace("?", "%s") for step in STEPS)
        self.steps_of_cases = (
            "INSERT INTO cases VALUES (?, 0, ?, ?)" if self.sqlite else "INSERT INTO cases VALUES (%s, 0, %s, %s)"
        )
        cursor = self.connection.cursor()
        if self.sqlite:
            cursor.execute("BEGIN IMMEDIATE")
        for number in range(CASES):
            cursor.execute(self.steps_of_cases, (self._case(number), b"", BODY))
        self.connection.commit()

    def _case(self, number: int) -> str:
        return f"c_{self.name}_{number}"

    def step(self) -> None:
        number, self.count = self.count % CASES, self.count + 1
        case, seq = self._case(number), self.seqs[number] + 1
        head = hashlib.sha256(BODY + self.heads[number]).digest()
        cursor, (event, update, deadline, mail) = self.connection.cursor(), self.steps
        if self.sqlite:
            cursor.execute("BEGIN IMMEDIATE")
        cursor.execute(event, (case, seq, BODY, head))
        cursor.execute(update, (seq, head, case, seq - 1))
        cursor.execute(deadline, (case, str(seq), seq))
        cursor.execute(mail, (f"{case}.{seq}", case, "N-01", seq))
        self.connection.commit()
        self.seqs[number], self.heads[number] = seq, head
        if self.sqlite and self.name == 0 and self.count % 250 == 0:
            cursor.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()


def _sqlite(url: str) -> Any:
    connection = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None, timeout=10)
    for pragma in PRAGMAS:
        connection.execute("PRAGMA " + pragma)
    return connection


def _plain(url: str) -> str:
    return url.replace("postgresql+psycopg://", "postgresql://")


def create(url: str) -> None:
    types = {"int": "integer", "blob": "blob"} if url.startswith("sqlite") else {"int": "bigint", "blob": "bytea"}
    connection: Any = _sqlite(url) if url.startswith("sqlite") else psycopg.connect(_plain(url))
    for table in TABLES:
        connection.execute(table.format(**types))
    connection.commit()
    connection.close()


def _serve(pipe: Connection, url: str, name: int) -> None:
    client = Client(url, name)
    pipe.send("ready")
    while (seconds := pipe.recv()) is not None:
        spent: list[float] = []
        start = now = time.perf_counter()
        while now - start < seconds:
            client.step()
            spent.append(time.perf_counter() - now)
            now = time.perf_counter()
        pipe.send((len(spent), now - start, spent))


class Bare:
    """`clients` processes on one database."""

    def __init__(self, url: str, clients: int):
        create(url)
        context = multiprocessing.get_context("spawn")
        self.pipes: list[Connection] = []
        self.processes = []
        for name in range(clients):
            ours, theirs = context.Pipe()
            process = context.Process(target=_serve, args=(theirs, url, name), daemon=True)
            process.start()
            assert ours.recv() == "ready"
            self.pipes.append(ours)
            self.processes.append(process)

    def run(self, clients: int, seconds: float) -> tuple[int, float, list[float]]:
        """(transactions, seconds in all, seconds of each) of the first `clients` processes."""
        for pipe in self.pipes[:clients]:
            pipe.send(seconds)
        found = [pipe.recv() for pipe in self.pipes[:clients]]
        return sum(f[0] for f in found), max(f[1] for f in found), [one for f in found for one in f[2]]

    def close(self) -> None:
        for pipe in self.pipes:
            pipe.send(None)
        for process in self.processes:
            process.join(5)
