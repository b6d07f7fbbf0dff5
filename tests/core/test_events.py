"""Canonical bytes: held against an independent implementation of RFC 8785."""

import hashlib

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from engine.core.events import Draft, NotCanonical, canonical, envelope, instant, iso, leaf_hash

text = st.text(st.characters(codec="utf-8"), max_size=20)
keys = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=8)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=12,
)


@given(values)
def test_the_bytes_are_those_of_rfc_8785(value):
    assert canonical(value) == rfc8785.dumps(value)


@pytest.mark.parametrize(
    ("value", "where"),
    [
        (1.5, "float"),
        (2**53, "2^53"),
        ({"é": 1}, "ASCII"),
        ({"a": [{1: 2}]}, "/a/0"),
        (b"x", "bytes"),
        ("\ud800", "Unicode"),
    ],
)
def test_outside_the_profile_nothing_is_hashed(value, where):
    with pytest.raises(NotCanonical, match=where.replace("^", r"\^")):
        canonical(value)


@given(st.integers(0, 4_000_000_000_000_000))
def test_an_instant_survives_its_text(moment):
    assert instant(iso(moment)) == moment
    assert len(iso(moment)) == 27


def test_the_leaf_hash_is_that_of_rfc_9162():
    assert leaf_hash(b"{}") == hashlib.sha256(b"\x00{}").digest()


def test_an_unknown_type_is_no_event():
    with pytest.raises(NotCanonical, match=r"step\.dreamt"):
        envelope(Draft("step.dreamt", "c_1", 0, {}, "x", {}), seq=0, prev="", rec=0, commitments={})
