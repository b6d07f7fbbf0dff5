"""The picture of a workflow: everything is in it, nothing lies on anything else, and it can be read on one A4 page."""

from __future__ import annotations

import itertools
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from engine.definitions import graph
from engine.definitions.drawing.layout import placed
from engine.definitions.drawing.plan import picture
from engine.definitions.drawing.routing import routed
from engine.definitions.loader import load_file
from tests.definitions.sample import TRIP, load

ROOT = Path(__file__).resolve().parents[2]
SVG = "{http://www.w3.org/2000/svg}"
A4_ACROSS = (277 / 25.4 * 72, 190 / 25.4 * 72)  # points, with margins of 10 mm


@pytest.fixture(scope="module")
def delegation():
    return load_file(ROOT / "workflows" / "delegation-out.toml", None).definition


@pytest.fixture(scope="module", params=["vi", "en"])
def drawn(request, delegation):
    return ET.fromstring(graph.svg(delegation, request.param)), request.param


@pytest.fixture(scope="module")
def plan(delegation):
    """(picture, layout, ways) of the delegation."""
    found = picture(delegation)
    texts = {name: (state.label["vi"], ["3 ngày làm việc"]) for name, state in delegation.states.items()}
    titles = {lane: lane for lane in found.lanes}
    layout = placed(found, texts, titles, [n for n, s in delegation.states.items() if s.final], "Ends")
    return found, layout, routed(layout, found.lines)


def test_no_word_is_below_8_points_on_one_page_across(drawn):
    root, _ = drawn
    _, _, wide, tall = map(float, root.attrib["viewBox"].split())
    scale = min(A4_ACROSS[0] / wide, A4_ACROSS[1] / tall)

    sizes = [float(text.attrib["font-size"]) for text in root.iter(f"{SVG}text")]

    assert len(sizes) > 60
    assert min(sizes) * scale >= 8


def test_every_state_stands_in_it(drawn, delegation):
    root, lang = drawn
    written = "".join("".join(text.itertext()) for text in root.iter(f"{SVG}text")).replace(" ", "")

    for state in delegation.states.values():
        assert state.label[lang].replace(" ", "") in written, state.name


def test_it_holds_presentation_attributes_only(drawn):
    root, _ = drawn

    for element in root.iter():
        assert "style" not in element.attrib and "class" not in element.attrib
        assert element.tag.removeprefix(SVG) in ("svg", "title", "desc", "rect", "text", "polyline", "polygon", "path")


def test_the_words_of_the_clock_and_of_the_usual_way_are_there(drawn, delegation):
    root, lang = drawn
    written = " ".join("".join(text.itertext()) for text in root.iter(f"{SVG}text"))

    for action in ("approve", "cancel", "hand_in", "accept", "confirm_return"):
        for word in delegation.actions[action][lang].split():
            assert word in written
    assert delegation.fields["departure"].label[lang] in written


def test_boxes_do_not_touch(plan):
    _, layout, _ = plan

    for a, b in itertools.combinations(layout.boxes.values(), 2):
        assert a.right + 4 <= b.left or b.right + 4 <= a.left or a.bottom + 4 <= b.top or b.bottom + 4 <= a.top, (a, b)
    assert all(box.left >= 100 and box.right <= layout.width for box in layout.boxes.values())


def test_lines_run_at_right_angles_and_through_no_box(plan):
    found, layout, ways = plan

    assert {(line.source, line.target) for line in found.lines} == set(ways)
    for way in ways.values():
        for (x0, y0), (x1, y1) in itertools.pairwise(way.corners):
            assert x0 == x1 or y0 == y1
            for box in layout.boxes.values():
                inside = (
                    min(x0, x1) < box.right - 1 and max(x0, x1) > box.left + 1
                    and min(y0, y1) < box.bottom - 1 and max(y0, y1) > box.top + 1
                )  # fmt: skip
                assert not inside, (way.corners, box.name)


def test_lines_of_different_kind_never_lie_on_each_other(plan):
    found, _, ways = plan
    bundles = {(line.source, line.target): line.bundle for line in found.lines}
    for (one, a), (other, b) in itertools.combinations(ways.items(), 2):
        if bundles[one] == bundles[other]:
            continue
        for p, q in itertools.product(itertools.pairwise(a.corners), itertools.pairwise(b.corners)):
            assert shared(p, q) <= 1, (one, other)


def shared(p, q) -> float:
    """How long two pieces lie on each other."""
    for flat in (0, 1):
        if p[0][flat] == p[1][flat] == q[0][flat] == q[1][flat]:
            ends = [sorted((s[0][1 - flat], s[1][1 - flat])) for s in (p, q)]
            return max(0.0, min(ends[0][1], ends[1][1]) - max(ends[0][0], ends[1][0]))
    return 0.0


def test_the_usual_way_leads_from_the_start_to_the_good_end(delegation):
    usual = {line.source: line.target for line in picture(delegation).lines if line.usual}
    state, way = "DRAFT", ["DRAFT"]
    while state in usual:
        state = usual[state]
        way.append(state)

    assert way == [
        "DRAFT", "SCREENING", "ORG_REVIEW", "DECISION", "APPROVED", "IN_PROGRESS", "REPORT_PENDING", "REPORT_REVIEW", "CLOSED",
    ]  # fmt: skip


def test_ways_back_the_clock_and_notes_are_known(delegation):
    found = picture(delegation)
    lines = {(line.source, line.target): line for line in found.lines}

    assert (
        lines["SCREENING", "RETURNED"].back
        and lines["RETURNED", "SCREENING"].back
        and lines["APPROVED", "SCREENING"].back
    )
    assert lines["APPROVED", "IN_PROGRESS"].clock and lines["REPORT_PENDING", "REPORT_OVERDUE"].clock
    assert found.side == {"RETURNED", "REPORT_REVISION"}
    assert found.notes["WITHDRAWN"] == [("withdraw", 8)] and found.notes["LAPSED"] == [("lapse", 8)]
    assert ("IN_PROGRESS", "correct_end") in found.loops


@pytest.mark.slow
def test_one_file_is_always_the_same_picture(delegation):
    again = load_file(ROOT / "workflows" / "delegation-out.toml", None).definition

    first = graph.svg(delegation, "vi")
    graph._svg.cache_clear()

    assert graph.svg(again, "vi") == first


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_a_small_workflow_is_drawn(lang):
    text = graph.svg(load(TRIP), lang)

    assert ET.fromstring(text).attrib["role"] == "img"


def test_names_are_escaped():
    text = TRIP.replace('en = "Draft"', 'en = "A & B <script>"')

    root = ET.fromstring(graph.svg(load(text), "en"))

    assert "<script>" in "".join(root.itertext())


def test_mermaid_has_every_transition(delegation):
    text = graph.mermaid(delegation, "vi")

    assert text.startswith("stateDiagram-v2\n")
    assert "    DRAFT --> SCREENING : Trình hồ sơ\n" in text
    assert "    SCREENING --> PCAC_STUDY : Chuyển bước tiếp theo\n" in text
    assert "    [*] --> DRAFT\n" in text and "    CLOSED --> [*]\n" in text
    count = sum(
        len({row.to for row in delegation.routes[t.to]}) if t.to in delegation.routes else 1
        for actions in delegation.transitions.values()
        for t in actions.values()
    )
    assert len(re.findall(r" --> \w+ : ", text)) == count
