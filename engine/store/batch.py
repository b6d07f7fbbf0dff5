"""One transaction of the writer: plans are checked against what its locks show, completed, and written together.

A plan that is refused changes nothing here, so no savepoints are needed: rows are only collected until all plans have
been looked at. Two plans for one case: the second was judged by the case before the first, so it is stale.
"""

from __future__ import annotations

import hashlib
import hmac
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from engine.core import case as cases
from engine.core.case import Case
from engine.core.events import GENESIS, LOG, Private, canonical, envelope, instant, leaf_hash
from engine.core.evolve import evolve
from engine.core.plan import NumberOrder, Plan
from engine.core.world import key_of
from engine.store import consequences, ledger, locks
from engine.store.locks import Head, Known, Locked, Wanted
from engine.store.outcomes import CommandClash, Committed, Spent, Stale, WrongEpoch
from engine.store.statements import CASE_BODY, EVENT, ORDER, STATEMENTS
from engine.store.tables import EPOCH

SALT = 32
Outcome = Committed | Exception


class Batch:
    """`conn` is the writer's SQLAlchemy connection inside a transaction."""

    def __init__(
        self,
        conn: Any,
        clock: Callable[[], int],
        random_bytes: Callable[[int], bytes],
        sign: Callable[[bytes], bytes],
    ):
        self.conn, self.kind = conn, conn.dialect.name
        self.cursor = conn.connection.cursor()
        self.clock, self.random_bytes, self.sign = clock, random_bytes, sign
        self.rows: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
        self.moved: set[tuple[str, str]] = set()  # register keys written by this batch
        self.made: dict[tuple[str, int], Committed] = {}

    def run(self, plans: list[Plan]) -> list[Outcome]:
        """Outcomes in the order of the plans; the caller commits. A database error leaves as it comes."""
        self.locked: Locked = locks.take(self.kind, self.cursor, wanted(plans))
        if self.locked.site.epoch != EPOCH:
            raise WrongEpoch(f"schema epoch {self.locked.site.epoch}, this program writes {EPOCH}: restart it newer")
        outcomes = [self._one(plan) for plan in plans]
        self._write()
        return outcomes

    def _one(self, plan: Plan) -> Outcome:
        try:
            return self._repeat(plan) or self._take(plan)
        except (Stale, Spent, CommandClash, ValueError) as refused:
            return refused

    # -- does all the plan was judged by still hold

    def _repeat(self, plan: Plan) -> Committed | None:
        """The outcome of the same command given before."""
        case_id = plan.draft.case
        known = self.locked.known.get((case_id, plan.draft.command))
        if known is None:
            return None
        if known.digest != plan.digest:
            raise CommandClash(plan.draft.command)
        earlier = self.made.get((case_id, known.seq))
        if earlier is not None:
            return Committed(earlier.case, earlier.seq, earlier.hash, earlier.rec, True, earlier.body)
        seq, body, hash_, rec = EVENT.one(self.conn, case_id=case_id, seq=known.seq) or ()
        now = CASE_BODY.one(self.conn, id=case_id)
        assert now is not None
        return Committed(cases.decode(bytes(now[0])), seq, bytes(hash_), rec, True, ledger.parse(body))

    def _check(self, plan: Plan, head: Head | None) -> None:
        if (plan.before.seq if plan.before else None) != (head.seq if head else None):
            raise Stale("case")
        if plan.draft.case != LOG and plan.directory != self.locked.site.directory:
            raise Stale("directory")
        for read in plan.reads:
            if self.locked.versions.get((read.register, read.key), 0) != read.version:
                raise Stale("register")
        for table, row in plan.rows:
            if table == "spends":
                self._unspent(row)

    def _unspent(self, row: dict[str, Any]) -> None:
        if self.locked.spent & _marks(row):
            raise Spent(row["grant_id"])

    # -- take it

    def _take(self, plan: Plan) -> Committed:
        draft = plan.draft
        head = self.locked.heads.get(draft.case)
        self._check(plan, head)
        seq, prev = (head.seq + 1, head.hash.hex()) if head else (1, GENESIS)
        rec = max(self.clock(), head.rec if head else 0, draft.at)
        heart, taken = self._numbered(draft.body, plan.numbers)
        commitments, private = self._committed(draft.case, seq, draft.private)
        draft = type(draft)(draft.type, draft.case, draft.at, draft.actor, draft.command, heart, draft.private)
        body = envelope(draft, seq=seq, prev=prev, rec=rec, commitments=commitments)
        data = canonical(body)
        hash_ = leaf_hash(data)
        after = evolve(plan.before, body, {name: record.value for name, record in draft.private.items()})
        if draft.type == "erasure.done":
            after = self._without(after, body)
        done = Committed(after, seq, hash_, rec, False, body)
        # nothing below refuses: from here on the batch has changed
        self.locked.heads[draft.case] = Head(seq, hash_, rec)
        self.locked.known[draft.case, draft.command] = Known(seq, plan.digest)
        self.locked.numbers.update(taken)
        self.rows["numbers"] += [{"series": name, "value": value} for name, value in taken.items()]
        self.rows["private"] += private
        self.rows["events"].append(self._event_row(plan, body, data, hash_, rec))
        self._collect(plan, done)
        self.made[draft.case, seq] = done
        return done

    def _numbered(self, body: dict[str, Any], orders: tuple[NumberOrder, ...]) -> tuple[dict[str, Any], dict[str, int]]:
        """The body with every number in its place, and the counters after."""
        if not orders:
            return body, {}
        body = dict(body)
        taken: dict[str, int] = {}
        papers = [dict(item) for item in body.get("documents", ())]
        for order in orders:
            number = taken.get(order.series, self.locked.numbers.get(order.series, 0)) + 1
            taken[order.series] = number
            printed = order.pattern.format(n=f"{number:0{order.width}d}", **order.parts)
            if order.index < 0:
                body["reference"] = printed
            else:
                papers[order.index]["number"] = printed
        if papers:
            body["documents"] = papers
        return body, taken

    def _committed(
        self, case_id: str, seq: int, private: dict[str, Private]
    ) -> tuple[dict[str, str], list[dict[str, Any]]]:
        """Salted commitments for the body, and the rows that keep values and salts beside it (docs/decisions/0002)."""
        commitments, rows = {}, []
        for name in sorted(private):
            record = private[name]
            salt, value = self.random_bytes(SALT), canonical(record.value)
            commitments[name] = hmac.new(salt, value, hashlib.sha256).hexdigest()
            rows.append(
                {"case_id": case_id, "seq": seq, "field": name, "salt": salt, "value": value, "subject": record.subject}
            )
        return commitments, rows

    def _event_row(self, plan: Plan, body: dict[str, Any], data: bytes, hash_: bytes, rec: int) -> dict[str, Any]:
        return {
            "case_id": body["case"],
            "seq": body["seq"],
            "type": body["type"],
            "to_state": body.get("to", ""),
            "actor": body["actor"].get("id", ""),
            "at": instant(body["at"]),
            "recorded_at": rec,
            "command": body["command"],
            "digest": plan.digest,
            "body": data,
            "hash": hash_,
            "sig": self.sign(b"trinh/1 event\x00" + hash_) if plan.sign else None,
        }

    def _without(self, after: Case, body: dict[str, Any]) -> Case:
        """The case folded again without the values that this event erases."""
        gone = {(item["seq"], item["record"]) for item in body.get("erased", ())}
        self.rows["private.erase"] += [
            {"case_id": after.id, "seq": seq, "field": record} for seq, record in sorted(gone)
        ]
        case: Case | None = None
        for earlier, values in ledger.history(self.conn, after.id):
            kept = {name: value for name, value in values.items() if (earlier["seq"], name) not in gone}
            case = evolve(case, earlier, kept)
        return evolve(case, body, {})

    # -- what goes with it

    def _collect(self, plan: Plan, done: Committed) -> None:
        for table, row in consequences.rows(plan, done):
            if table == "publish":
                self._publish(done, row)
            else:
                self.rows[table].append(row)
                if table == "spends":
                    self.locked.spent |= _marks(row)
                elif table == "schema_epoch.directory":
                    self.locked.site = self.locked.site._replace(directory=row["directory"])

    def _publish(self, done: Committed, item: dict[str, Any]) -> None:
        """One register row that appears, changes or goes; its key gets a new version, once per batch and case."""
        key = (item["register"], key_of(item["key"]))
        version = self.locked.versions.get(key, 0) + 1
        self.locked.versions[key] = version
        self.moved.add(key)
        row = {"register": item["register"], "entry": item["entry"]}
        if item["row"] is None:
            self.rows["registers.clear"].append(row)
            self.rows["registers"] = [
                r for r in self.rows["registers"] if (r["register"], r["entry"]) != tuple(row.values())
            ]
            return
        self.rows["registers"].append(
            {**row, "key": key[1], "case_id": done.case.id, "seq": done.seq, "body": consequences.dump(item["row"])}
        )

    def _write(self) -> None:
        for register, key in sorted(self.moved):
            version = self.locked.versions[register, key]
            self.rows["register_keys"].append({"register": register, "key": key, "version": version})
        if self.kind == "postgresql":
            with self.cursor.connection.pipeline():  # all statements are on their way before the first answer is read
                moved = self._run()
        else:
            moved = self._run()
        if moved is not None and moved.rowcount != len(self.rows["cases.update"]):
            raise Stale("a case moved under its lock")

    def _run(self) -> Any:
        """Every statement that has rows; the cursor that updated cases."""
        moved = None
        for name in ORDER:
            rows = self.rows.get(name)
            if rows:
                cursor = self.cursor.connection.cursor()
                STATEMENTS[name].many(cursor, self.kind, rows)
                if name == "cases.update":
                    moved = cursor
        return moved


def _marks(row: dict[str, Any]) -> set[tuple[Any, ...]]:
    return locks.marks(row["grant_id"], row["case_id"], row["entry"], row["kind"], row["seat"], row["person"])


def wanted(plans: list[Plan]) -> Wanted:
    """Everything the plans touch, in the order in which it is locked."""
    keys = {(read.register, read.key) for plan in plans for read in plan.reads}
    for plan in plans:
        keys |= {(item["register"], key_of(item["key"])) for item in consequences.published(plan)}
    return Wanted(
        cases=sorted({plan.draft.case for plan in plans}),
        commands=[(plan.draft.case, plan.draft.command) for plan in plans],
        keys=sorted(keys),
        series=sorted({order.series for plan in plans for order in plan.numbers}),
        spends=[row for plan in plans for table, row in plan.rows if table == "spends"],
    )
