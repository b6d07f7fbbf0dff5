"""Values shown on a form and sent back unchanged are the same values: what a browser sends is taken from the controls."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.core.facts import empty
from engine.core.model import Field, FieldType, Text
from engine.web.form_fields import Control, Maker
from engine.web.form_values import Reader, collect, day, one_line, plain_text
from engine.web.named import Named
from engine.words.language import words
from tests.portal.site import delegation, directory

DEFINITION, DIRECTORY = delegation(), directory()


def sent(control: Control) -> list[tuple[str, str]]:
    """The pairs a browser sends for a control, as the template draws it."""
    pairs = []
    for one in control.walk():
        if one.kind == "checks":
            pairs += [(one.name, value) for value in one.values]
        elif one.kind in ("radios", "yes/no"):
            pairs += [(one.name, one.value)] if one.value else []
        elif one.kind not in ("rows", "list", "record", "letter"):
            pairs.append((one.name, one.value))
    return pairs


def there_and_back(spec: Field, value: object, lang: str = "vi") -> Any:
    named = Named(DIRECTORY, lang)
    control = Maker(DEFINITION, named, words(lang)).control(spec, value)
    return Reader(DEFINITION, named, collect(sent(control))).field(spec, spec.name)


texts = st.text(min_size=1, max_size=60).map(plain_text).map(str.strip).filter(bool)
days = st.dates(date(2000, 1, 1), date(2100, 12, 31)).map(date.isoformat)
people = st.sampled_from(sorted(DIRECTORY.people))
bodies = st.sampled_from(sorted(DIRECTORY.bodies))
countries = st.sampled_from(["KR", "JP", "LA", "GB", "US", "KP", "CD", "CG", "MM", "VN"])
lines = texts.map(one_line).filter(bool)
letters = st.fixed_dictionaries(
    {
        "number": lines | st.none(),
        "date": days | st.none(),
        "outcome": lines | st.none(),
        "file": st.none() | st.just("f_2"),
    }
)
SCALARS = {
    "text": texts,
    "number": st.integers(-(10**9), 10**9),
    "money": st.integers(0, 10**12),
    "date": days,
    "yes/no": st.booleans(),
    "person": people,
    "body": bodies,
    "country": countries,
    "file": st.just("f_1"),
    "letter": letters.filter(lambda letter: any(letter.values())),
}


def in_order(value: object) -> str:
    return json.dumps(value, sort_keys=True)


def values(kind: FieldType) -> st.SearchStrategy:
    if kind.kind == "record":
        columns = {
            n: values(c.type) | st.none()
            for n, c in DEFINITION.records[kind.name].items()
            if not c.value and n != "opinion"
        }
        rows = st.fixed_dictionaries(columns).filter(lambda row: any(not empty(v) for v in row.values()))
        return st.lists(rows, max_size=6) if kind.many else rows
    one = (
        st.sampled_from(sorted(DEFINITION.choices[kind.name]))
        if kind.kind == "choice"
        else lines
        if kind.kind == "register"
        else SCALARS[kind.kind]
    )
    return st.lists(one, max_size=5, unique=True) if kind.many else one


@pytest.mark.parametrize("name", [n for n, f in DEFINITION.fields.items() if not f.value] + ["added_members"])
@settings(max_examples=20)
@given(data=st.data(), lang=st.sampled_from(["vi", "en"]))
def test_every_field_of_the_delegation_comes_back(name, data, lang):
    spec = DEFINITION.fields.get(name) or DEFINITION.grounds[name]
    value = data.draw(values(spec.type))
    found = there_and_back(spec, value, lang)
    if spec.type.many and spec.type.kind in ("choice", "person"):
        assert set(found) == set(value)
    else:
        assert found == value


@pytest.mark.parametrize("kind", sorted(SCALARS))
@settings(max_examples=20)
@given(data=st.data())
def test_a_list_of_scalars_comes_back(kind, data):
    spec = Field("things", FieldType(kind, "", many=True), Text("Những thứ", "Things"))
    value = data.draw(st.lists(SCALARS[kind], max_size=4, unique_by=in_order))
    assert sorted(there_and_back(spec, value), key=in_order) == sorted(value, key=in_order)


@pytest.mark.parametrize("name", ["title", "departure", "head", "organiser", "members", "funding", "itinerary"])
@settings(max_examples=20)
@given(typed=st.text(max_size=40))
def test_whatever_is_typed_is_shown_again(name, typed):
    """A slip stays as it was typed, also when the page is drawn and sent a second time."""
    spec = DEFINITION.fields[name]
    columns = DEFINITION.records[spec.type.name] if spec.type.kind == "record" else {}
    path = f"{name}/1/{next(iter(columns))}" if columns else name
    named = Named(DIRECTORY, "vi")
    first = Reader(DEFINITION, named, {path: [typed]}).field(spec, name)
    assert there_and_back(spec, first) == first


def test_days_are_read_as_people_write_them():
    assert day("04/9/2022") == day("4.9.2022") == day("4-9-2022") == "2022-09-04"
    assert day("2022-09-04") == "2022-09-04"
    assert day("hôm nay") == "hôm nay"
    assert day("31/02/2022") == "31/02/2022"  # no such day: the field says so


def test_a_person_is_found_by_name_with_or_without_marks():
    named = Named(DIRECTORY, "vi")
    assert named.find_person("F04") == "F04"
    assert named.find_person("Phạm Hữu Giả (F04)") == "F04"
    assert named.find_person("pham huu gia") == "F04"
    assert named.find_person("Phạm Hữu") is None
    assert named.near("person", "Phạm Hữu Già") == "Phạm Hữu Giả (F04)"
    assert named.find_country("han quoc") == "KR" and named.find_country("Japan") == "JP"


def test_direction_and_control_characters_are_taken_out():
    assert one_line("Đoàn\u202e Seoul\u200b \x07 A\r\nB") == "Đoàn Seoul A B"
    assert plain_text("a\r\nb\x00\u2066") == "a\nb"
