"""The exact bytes of an event: they are for ever, so one is printed here."""

from __future__ import annotations

import hashlib
import hmac
import json

from engine.core.events import canonical, leaf_hash
from engine.store import ledger, views
from tests.store.conftest import Site
from tests.store.plans import NOW, opened, order, step

FIRST = (
    '{"actor":{"auth":"session","id":"F08","kind":"person"},"at":"2022-05-04T02:00:00.000000Z","author":"F08",'
    '"case":"c_1","command":"open","definition":{"name":"toy","sha256":"' + "0" * 64 + '","version":1},"from":"",'
    '"grants":{"opened":[{"atoms":["go"],"body":"b","id":"g_c_1","person":"F21","seat":"b.decide"}]},"prev":"'
    + "0"
    * 64
    + '","private":{"comment":"8d1a6a6d4f3f3b2f3a4e"},"rec":"2022-05-04T02:00:00.000000Z","seq":1,"to":"START",'
    '"trigger":"open","type":"case.opened","type_version":1,"v":1}'
)


def test_the_bytes_of_an_event(site: Site):
    done = site.writer.submit(opened(private={"comment": "Đồng ý"})).result()
    with views.reading(site.database) as conn:
        row = ledger.raw(conn, "c_1")[0]
        kept = ledger.private_rows(conn, "c_1")[0]
    commitment = hmac.new((1).to_bytes(32, "big"), '"Đồng ý"'.encode(), hashlib.sha256).hexdigest()
    assert row.body.decode() == FIRST.replace("8d1a6a6d4f3f3b2f3a4e", commitment)
    assert row.hash == done.hash == leaf_hash(row.body) == hashlib.sha256(b"\0" + row.body).digest()
    assert canonical(json.loads(row.body)) == row.body
    assert (kept.field, kept.value.decode(), kept.salt, kept.subject) == (
        "comment",
        '"Đồng ý"',
        (1).to_bytes(32, "big"),
        "F08",
    )
    assert hmac.new(kept.salt, kept.value, hashlib.sha256).hexdigest() == row.parsed()["private"]["comment"]


def test_columns_say_what_the_body_says(site: Site):
    case = site.writer.submit(opened()).result().case
    site.now = NOW + 5
    site.writer.submit(
        step(case, to="NEXT", documents=[{"id": "D", "series": "S"}], numbers=(order("S"),), sign=True)
    ).result()
    with views.reading(site.database) as conn:
        row = ledger.raw(conn, "c_1")[1]
        assert views.event(conn, "c_1", 2) == row
        assert views.event(conn, "c_1", 3) is None
        assert ledger.raw(conn, "c_1", upto=1)[-1].seq == 1
        assert ledger.cases_of_log(conn) == ["c_1"]
    body = row.parsed()
    assert (row.case_id, row.seq, row.type, row.to_state, row.actor) == ("c_1", 2, "step.taken", "NEXT", "F08")
    assert (row.at, row.rec, row.command, row.digest) == (NOW, NOW + 5, "step", "step")
    assert body["documents"][0]["number"] == "01/QĐ-TU"
    assert row.sig == b"signature of " + row.hash[-4:]
