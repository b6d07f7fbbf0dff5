"""`python -m bench [--rotations N] [--seconds S] [--only sqlite|postgresql]`

One interleaved run: the engine and the bare driver live together and take short turns in shuffled order, so that a slow
moment of the disk meets all of them. What counts is the ratio inside a rotation; absolute rates of different runs must
not be compared.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import sqlite3
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from bench.bare import Bare
from bench.subjects import Linear, Nine, run

Slice = Callable[[float], tuple[int, float, list[float]]]
CLIENTS = (1, 8)


class Turns:
    """Slices of one database by name; `base` is what the others are divided by."""

    def __init__(self, seconds: float):
        self.seconds = seconds
        self.slices: dict[str, Slice] = {}
        self.bases: dict[str, str] = {}
        self.rates: defaultdict[str, list[float]] = defaultdict(list)
        self.spent: defaultdict[str, list[float]] = defaultdict(list)

    def add(self, name: str, work: Slice, base: str = "") -> None:
        self.slices[name], self.bases[name] = work, base or name

    def rotate(self) -> None:
        for name in random.sample(list(self.slices), len(self.slices)):
            count, seconds, spent = self.slices[name](self.seconds)
            self.rates[name].append(count / seconds)
            self.spent[name] += spent

    def lines(self) -> list[str]:
        found = []
        for name, rates in self.rates.items():
            ratios = sorted(rate / base for rate, base in zip(rates, self.rates[self.bases[name]], strict=True))
            low, middle, high = statistics.quantiles(ratios, n=4) if len(ratios) > 1 else ratios * 3
            spent = sorted(self.spent[name])
            p50, p99 = (spent[int(len(spent) * share)] * 1000 if spent else 0.0 for share in (0.5, 0.99))
            rate = statistics.median(rates)
            ratio = f"{middle:6.2f} ({low:.2f}-{high:.2f})" if self.bases[name] != name else "  1 (base)"
            found.append(f"  {name:44} {rate:8.0f}/s  p50 {p50:7.2f} ms  p99 {p99:7.1f} ms  {ratio}")
        return found


def engine_slice(subject: Any, clients: int) -> Slice:
    """Links are minted before the clock starts; as many as a fast slice could take."""
    rate = [300.0]

    def work(seconds: float) -> tuple[int, float, list[float]]:
        works = subject.prepare(int(rate[0] * seconds * 1.3) + clients)
        count, took, spent, done = run(subject.engine, works, clients, seconds)
        subject.keep(done)
        rate[0] = max(rate[0], count / took)
        return count, took, spent

    return work


def measure(
    kind: str, urls: Callable[[str], str], folder: Path, rotations: int, seconds: float, nine: bool
) -> list[str]:
    turns = Turns(seconds)
    bare = Bare(urls("bare"), max(CLIENTS))
    linear = Linear(urls("linear"))
    for clients in CLIENTS:
        name = f"bare driver, {clients} process{'es' if clients > 1 else ''}"
        turns.add(name, partial(bare.run, clients))
        turns.add(
            f"a decision of linear.toml, {clients} client{'s' if clients > 1 else ''}",
            engine_slice(linear, clients),
            name,
        )
    if nine:
        subject = Nine(urls("nine"), folder)
        first = f"bare driver, {CLIENTS[0]} process"
        turns.add("opinion on nine members, 1 client (no goal)", engine_slice_of_nine(subject), first)
    for _ in range(rotations):
        turns.rotate()
    bare.close()
    linear.engine.close()
    return [f"{kind}: {rotations} rotations of {seconds} s", *turns.lines()]


def engine_slice_of_nine(subject: Nine) -> Slice:
    def work(seconds: float) -> tuple[int, float, list[float]]:
        works = subject.prepare(8)
        return run(subject.engine, works, 1, seconds)[:3]

    return work


def postgres(folder: Path) -> tuple[Callable[[str], str], Callable[[], None]]:
    """A server of its own that keeps what it acknowledges."""
    from tests.support.postgres import SETTINGS, Cluster

    cluster = Cluster({**SETTINGS, "fsync": "on", "full_page_writes": "on", "autovacuum": "on"})
    return (lambda name: cluster.fresh()), cluster.stop


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=(__doc__ or "").partition("\n\n")[2])
    parser.add_argument("--rotations", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=0.7)
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    parser.add_argument("--no-nine", action="store_true", help="leave out the decision on nine members")
    parser.add_argument("--dir", type=Path, help="where the databases lie (default: .cache)")
    asked = parser.parse_args()
    place = asked.dir or Path(".cache")
    place.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="bench-", dir=place))
    print(
        f"SQLite {sqlite3.sqlite_version}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {time.strftime('%F %T')}"
    )
    try:
        if asked.only != "postgresql":
            urls = lambda name: f"sqlite:///{folder.resolve()}/{name}.db"  # noqa: E731
            print(
                "\n".join(measure("SQLite", urls, folder, asked.rotations, asked.seconds, not asked.no_nine)),
                flush=True,
            )
        if asked.only != "sqlite":
            made, stop = postgres(folder)
            try:
                print("\n".join(measure("PostgreSQL", made, folder, asked.rotations, asked.seconds, not asked.no_nine)))
            finally:
                stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
