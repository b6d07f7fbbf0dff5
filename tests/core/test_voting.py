"""When votes carry; a quorum is never lowered."""

import pytest

from engine.core.voting import carried

YES, NO = "approve", "reject"


@pytest.mark.parametrize(
    ("mode", "votes", "roster", "chair", "wins"),
    [
        ("any", {"a": YES}, 3, "", YES),
        ("all", {"a": YES, "b": YES}, 3, "", ""),
        ("all", {"a": YES, "b": YES, "c": YES}, 3, "", YES),
        ("all", {"a": YES, "b": NO}, 3, "", NO),
        ("majority", {"a": YES, "b": YES}, 4, "", ""),
        ("majority", {"a": YES, "b": YES, "c": YES}, 4, "", YES),
        ("majority", {"a": YES, "b": YES, "c": NO, "d": NO}, 4, "d", NO),
        ("majority", {"a": YES, "b": YES, "c": NO, "d": NO}, 4, "", ""),
        ("2 of them", {"a": YES, "b": NO}, 3, "", ""),
        ("2 of them", {"a": YES, "b": NO, "c": YES}, 3, "", YES),
        ("any", {}, 3, "", ""),
    ],
)
def test_carried(mode, votes, roster, chair, wins):
    assert carried(mode, votes, roster, chair) == wins
