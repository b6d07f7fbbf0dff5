"""A case as bytes: verify compares the row with what it folded, so equal cases must give equal bytes."""

from __future__ import annotations

from engine.core.case import Case, Grant, Pin, decode, encode


def test_equal_cases_give_equal_bytes_however_their_texts_came_to_be():
    parsed = "".join(("st", "ep"))  # equal to the default "step", but another object, as texts out of JSON are
    pin = Pin(name="w", version=1, sha256="0")
    plain = Case(
        id="c", definition=pin, state="S", author="a", opened=1, grants={"g": Grant(id="g", person="p", seat="s")}
    )
    read = Case(
        id="c",
        definition=pin,
        state="S",
        author="a",
        opened=1,
        grants={"g": Grant(id="g", person="p", seat="s", kind=parsed)},
    )
    assert plain == read
    assert encode(plain) == encode(read) == encode(decode(encode(plain)))
