"""Attacks on the ledger by somebody who owns the database: guards off, rows changed, chain and projections mended again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from sqlalchemy import text

from engine.core import links
from engine.core.case import decode, encode
from engine.core.events import canonical, iso, leaf_hash
from engine.core.evolve import replay
from engine.store import guards, ledger
from engine.store.database import Database

Row = dict[str, Any]


class Burglar:
    """Works on one case of a database he owns. `rechain` makes hashes and the case row agree with what he wrote."""

    def __init__(self, conn: Any, case: str):
        self.conn, self.case = conn, case
        self._guards_off()

    def _guards_off(self) -> None:
        if self.conn.dialect.name == "sqlite":
            for name in guards.names("sqlite"):
                self.conn.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}")
        else:
            for table in (*guards.APPEND_ONLY, "private"):
                self.conn.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER ALL")

    def guards_on(self) -> None:
        guards.install(self.conn)

    def bodies(self) -> list[dict[str, Any]]:
        return [row.parsed() for row in ledger.raw(self.conn, self.case)]

    def find(self, trigger: str) -> int:
        return next(int(body["seq"]) for body in self.bodies() if body.get("trigger") == trigger)

    def run(self, statement: str, **values: Any) -> None:
        self.conn.execute(text(statement), {"case": self.case, **values})

    def write(self, body: dict[str, Any], *, columns: bool = True) -> None:
        """Put a changed body in its place, hash and columns with it."""
        data = canonical(body)
        self.run(
            "UPDATE events SET body = :b, hash = :h WHERE case_id = :case AND seq = :s",
            b=data,
            h=leaf_hash(data),
            s=body["seq"],
        )
        if columns:
            self.run(
                "UPDATE events SET type = :t, to_state = :to, actor = :a WHERE case_id = :case AND seq = :s",
                t=body["type"], to=body.get("to") or "", a=body["actor"].get("id", ""), s=body["seq"],
            )  # fmt: skip

    def rechain(self) -> None:
        """Recompute every link of the chain and the row folded from it."""
        previous = "0" * 64
        for body in self.bodies():
            body["prev"] = previous
            self.write(body)
            previous = leaf_hash(canonical(body)).hex()
        folded = replay(ledger.history(self.conn, self.case))
        self.run(
            "UPDATE cases SET body = :b, head = :h, seq = :s, state = :st, final = :f, at = :at, due_at = :due WHERE id = :case",
            b=encode(folded), h=bytes.fromhex(previous), s=folded.seq, st=folded.state, f=folded.final, at=folded.at,
            due=folded.due.at if folded.due else None,
        )  # fmt: skip


def edit_payload(burglar: Burglar) -> None:
    body = burglar.bodies()[2]
    body["urgent"] = not body.get("urgent", False)
    burglar.run("UPDATE events SET body = :b WHERE case_id = :case AND seq = :s", b=canonical(body), s=body["seq"])


def edit_and_hash(burglar: Burglar) -> None:
    body = burglar.bodies()[2]
    body["urgent"] = not body.get("urgent", False)
    burglar.write(body)


def change_column(burglar: Burglar) -> None:
    burglar.run("UPDATE events SET actor = 'F99' WHERE case_id = :case AND seq = 3")


def delete_middle(burglar: Burglar) -> None:
    burglar.run("DELETE FROM events WHERE case_id = :case AND seq = 4")


def swap_two(burglar: Burglar) -> None:
    for old, new in ((3, 9003), (4, 3), (9003, 4)):
        burglar.run("UPDATE events SET seq = :n WHERE case_id = :case AND seq = :o", o=old, n=new)


def flip_decision(burglar: Burglar) -> None:
    """A refusal is nobody's word here: turn the agreement into one, everything recomputed."""
    body = burglar.bodies()[burglar.find("send_up") - 1]
    body["trigger"], body["to"] = "reject", "REJECTED"
    burglar.write(body)
    for gone in burglar.bodies()[body["seq"] :]:
        burglar.run("DELETE FROM events WHERE case_id = :case AND seq = :s", s=gone["seq"])
        burglar.run("DELETE FROM private WHERE case_id = :case AND seq = :s", s=gone["seq"])
    burglar.rechain()


def forge_approval(burglar: Burglar) -> None:
    """A decision without a link, legal and well chained."""
    burglar.run("UPDATE cases SET at = at WHERE id = :case")
    body = burglar.bodies()[burglar.find("send_up") - 1]
    body.pop("spent")
    burglar.write(body)
    burglar.rechain()


def own_link(burglar: Burglar) -> None:
    """Attack 34: commitments of his own choice in a link event, spent by the decision (audit.md 1)."""
    bodies = burglar.bodies()
    decision = bodies[burglar.find("send_up") - 1]
    issued = next(b for b in bodies if b.get("id") == decision["spent"]["link"])
    secret = bytes(range(20))
    atoms = tuple(issued["commit"])
    issued["commit"] = links.commits(secret, issued["id"], atoms)
    decision["spent"]["keys"] = links.reveal(secret, issued["id"], tuple(decision["spent"]["keys"]))
    burglar.write(issued)
    burglar.write(decision)
    burglar.rechain()


def missing_atom(burglar: Burglar) -> None:
    """An opinion on one member changed after the fact: its key was never revealed."""
    body = burglar.bodies()[burglar.find("give_opinion") - 1]
    body["facts"]["members"][0]["opinion"] = "DISAGREE"
    burglar.write(body)
    burglar.rechain()


def second_spend(burglar: Burglar) -> None:
    bodies = burglar.bodies()
    first, second = bodies[burglar.find("forward") - 1], bodies[burglar.find("accept") - 1]
    second["spent"] = first["spent"]
    burglar.write(second)
    burglar.rechain()


def illegal_step(burglar: Burglar) -> None:
    body = burglar.bodies()[burglar.find("forward") - 1]
    body["to"] = "APPROVED"
    burglar.write(body)
    burglar.rechain()


def edit_projection(burglar: Burglar) -> None:
    row = burglar.conn.execute(text("SELECT body FROM cases WHERE id = :case"), {"case": burglar.case}).scalar()
    case = decode(bytes(row))
    burglar.run("UPDATE cases SET body = :b WHERE id = :case", b=encode(msgspec.structs.replace(case, author="F99")))


def edit_state_column(burglar: Burglar) -> None:
    burglar.run("UPDATE cases SET state = 'APPROVED' WHERE id = :case")


def revive_task(burglar: Burglar) -> None:
    burglar.run("UPDATE grants SET state = 'live' WHERE case_id = :case AND state = 'spent'")


def backdate(burglar: Burglar) -> None:
    body = burglar.bodies()[burglar.find("accept") - 1]
    body["rec"] = iso(0)
    body["at"] = iso(0)
    burglar.write(body)
    burglar.run("UPDATE events SET at = 0, recorded_at = 0 WHERE case_id = :case AND seq = :s", s=body["seq"])
    burglar.rechain()


def duplicate_key(burglar: Burglar) -> None:
    row = ledger.raw(burglar.conn, burglar.case)[2]
    data = row.body[:-1] + b',"actor":{"id":"F99","kind":"person"}}'
    burglar.run("UPDATE events SET body = :b, hash = :h WHERE case_id = :case AND seq = 3", b=data, h=leaf_hash(data))


def edit_private(burglar: Burglar) -> None:
    burglar.run("UPDATE private SET value = :v WHERE case_id = :case AND field = 'facts/title'", v=b'"Tham Paris"')


def drop_private(burglar: Burglar) -> None:
    burglar.run("DELETE FROM private WHERE case_id = :case AND field = 'facts/title'")


def edit_definition(burglar: Burglar) -> None:
    burglar.run("UPDATE definition_files SET body = :b", b=b'workflow = "other"\n')


Attack = Callable[[Burglar], None]

# attack -> one of the checks that must see it
ATTACKS: dict[Attack, str] = {
    edit_payload: "event-hash",
    edit_and_hash: "chain",
    change_column: "column-vs-body",
    delete_middle: "sequence-gap",
    swap_two: "chain",
    flip_decision: "no-link-proof",
    forge_approval: "no-link-proof",
    own_link: "unsigned-link",
    missing_atom: "no-link-proof",
    second_spend: "second-spend",
    illegal_step: "illegal-transition",
    edit_projection: "projection",
    edit_state_column: "projection",
    revive_task: "projection",
    backdate: "time-backwards",
    duplicate_key: "non-canonical",
    edit_private: "private-commitment",
    drop_private: "private-missing",
    edit_definition: "definition",
}


def attacked(database: Database, case: str, attack: Attack) -> None:
    """Carry out one attack and put the guards back, so that only its traces are left."""
    assert database.writer is not None
    with database.writer.begin() as conn:
        burglar = Burglar(conn, case)
        attack(burglar)
        burglar.guards_on()
