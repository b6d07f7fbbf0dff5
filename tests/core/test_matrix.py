"""Who decides which delegation (requirements 3): rows C4a to C12 with their switches, and where the case goes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.core.desk import DELEGATION, PLAN_ITEMS, Desk, tokyo, two_capitals

NOBODY_MANAGED = {"head": "X1", "people": ["X1", "X2", "X3"]}
COMMITMENT = {"agreement": "Bản ghi nhớ (hư cấu)", "partner": "Tokyo", "signed_on": "2019-10-15"}
URGENT = {"plan_item": ""}
GROUNDS = {"R_04": {"important": "Quan trọng", "urgency": "Cấp thiết"}}
CITY = [*PLAN_ITEMS, {**PLAN_ITEMS[1], "id": "OUT-09", "plan_kind": "CITY", "plan_state": "IN_FORCE"}]


def decided(dossier, review="ORG_REVIEW", **parameters) -> Desk:
    """The case before its decider."""
    definition = replace(DELEGATION, parameters=DELEGATION.parameters | parameters)
    desk = Desk(definition, plan_items=CITY).at("2022-05-04 09:00")
    author = "F08" if dossier["organiser"] == "so_ngoai_vu" else "F17"
    desk.case_of(author, dossier, **({} if dossier["plan_item"] else GROUNDS))
    desk.does(author, "submit" if dossier["plan_item"] else "submit_urgent").does("F21", "forward")
    assert desk.state == review
    return (desk.does("F22", "propose") if review == "PCAC_STUDY" else desk).agrees()


@pytest.mark.parametrize(
    ("row", "state", "pm", "dossier", "parameters"),
    [
        ("C4a", "DECISION", True, two_capitals(), {}),
        ("C4a", "DECISION", True, two_capitals(), {"pm_planned": "per_trip"}),
        ("C4b", "DECISION", False, two_capitals(), {"pm_planned": "off"}),
        ("C4b", "DECISION", False, tokyo(plan_item="OUT-09"), {}),
        ("C4b", "DECISION", False, tokyo(plan_item="OUT-09", **NOBODY_MANAGED), {}),
        ("C4u", "DECISION_UBND", False, tokyo(plan_item="OUT-09", **NOBODY_MANAGED), {"no_btv_decider": "uy_ban_nhan_dan_thanh_pho"}),
        ("C4b", "DECISION", False, tokyo(plan_item="OUT-09"), {"no_btv_decider": "uy_ban_nhan_dan_thanh_pho"}),
        ("C12", "DECISION", False, tokyo(), {}),
        ("C11", "DECISION_UBND", False, tokyo(**NOBODY_MANAGED), {}),
        ("C7", "DECISION", False, tokyo(**URGENT), {}),
        ("C7", "DECISION", False, tokyo(**URGENT, **NOBODY_MANAGED), {}),
        ("C7u", "DECISION_UBND", False, tokyo(**URGENT, **NOBODY_MANAGED), {"no_btv_decider": "uy_ban_nhan_dan_thanh_pho"}),
        ("C8", "DECISION", True, two_capitals(**URGENT), {}),
        ("C7", "DECISION", False, two_capitals(**URGENT), {"c8_pm_required": False}),
    ],
)  # fmt: skip
def test_a_row_of_the_matrix(row, state, pm, dossier, parameters):
    desk = decided(dossier, **parameters)
    assert (desk.case.routes["decision"], desk.state) == (row, state)
    decider = "F23" if state == "DECISION_UBND" else "F13"
    assert ("send_up" in desk.offered(decider), "approve" in desk.offered(decider)) == (pm, not pm)


@pytest.mark.parametrize(
    ("row", "pm", "dossier"),
    [
        ("C6", False, tokyo(**URGENT, commitment=COMMITMENT)),
        ("C8", True, two_capitals(**URGENT, commitment=COMMITMENT)),
    ],
)
def test_a_commitment_is_studied_first_and_decided_by_the_standing_committee(row, pm, dossier):
    desk = decided(dossier, review="PCAC_STUDY")
    assert (desk.case.routes["decision"], desk.state) == (row, "DECISION")
    desk.does("F13", "send_up" if pm else "approve", decisions={"R-04": "GRANTED"})
    assert desk.state == ("DECISION_PM" if pm else "APPROVED")


@pytest.mark.parametrize(
    ("changes", "parameters", "basis"),
    [
        ({}, {}, "PLAN"),
        ({"people": ["F01", "F08"]}, {}, "PLAN"),  # fewer than the item's head-count
        ({"people": ["F01", "F08", *(f"X{n}" for n in range(1, 9))]}, {}, "TRIP"),  # more
        ({"main_purpose": "work", "purposes": ["work"]}, {}, "TRIP"),
        ({"departure": "2022-05-31"}, {}, "TRIP"),  # another month
        ({}, {"pm_planned": "per_trip"}, "TRIP"),
    ],
)
def test_the_prime_ministers_basis_is_the_plan_only_where_the_dossier_conforms(changes, parameters, basis):
    desk = decided(two_capitals(**changes), **parameters).does("F13", "send_up")
    papers = [paper["id"] for paper in desk.last["documents"]]
    assert papers == (["D-06"] if basis == "PLAN" else ["D-06", "D-09"])
    assert desk.due == ("2022-05-05 17:00" if basis == "PLAN" else f"{desk.case.facts['departure']} 00:00")
