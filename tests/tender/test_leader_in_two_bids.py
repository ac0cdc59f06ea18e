"""One project leader in the bids of two bidders: a doubt about both that the committee votes on [BLR 40(3), 51(7), 10 T-10]."""
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.proof.test_forged_consortia import read
from tests.tender.test_consortium import bid, found, lot_of
from trading_core.domain.tender.assessment import case_of
from trading_core.domain.tender.doubts import doubts

SAME = [("b1", "RJ-7", "leader_in_two_bids"), ("b2", "RJ-7", "leader_in_two_bids")]


def leader(name: object, certificate: object = "") -> dict[str, object]:
    return {"project_leader": name, "project_leader_certificate": certificate}


@pytest.mark.parametrize(("one", "other", "told"), [
    (leader("王工", "滇 1530001"), leader("王工", "滇1530001"), SAME),
    (leader("王工", "滇 1530001"), leader("王 某", "滇１５３０００１"), SAME),  # one certificate is one person, whatever the name
    (leader("王工", "滇1530001"), leader("王工", "滇1530002"), []),  # namesakes
    (leader("王工", "滇1530001"), leader("王 工"), SAME),  # nobody can tell: the committee finds out
    (leader("王工"), leader("王工"), SAME),
    (leader("王工"), leader("李工"), []),
    (leader("", "滇1530001"), leader("李工"), []),
    ({}, {}, []),
    (leader(7), leader(7), []),
])  # fmt: skip
def test_who_is_the_same_leader(one: dict[str, object], other: dict[str, object], told: list[tuple[str, str, str]]) -> None:
    """[10 T-10] Certificates are compared, names only where one is missing."""
    lot = lot_of(bid(1, 0, one), bid(2, 1, other), bid(3, 2, leader("赵工")))
    assert found(lot) == told


def test_the_committee_reads_who_else_names_the_leader_and_votes() -> None:
    lot = lot_of(bid(1, 0, leader("王工")), bid(2, 1, leader("王工")), bid(3, 2, leader("王工")))
    first = doubts(lot)[0].problem
    assert first.params == {"name": "王工", "bidders": "第1示例公司、第2示例公司"} and first.rule == "RJ-7"
    assert {b["id"]: b["doubts"] for b in case_of(lot)["bids"]} == dict.fromkeys(
        ("b1", "b2", "b3"), [{"ground": "RJ-7", "fact": "opening.leader_in_two_bids"}])  # fmt: skip


def test_two_bids_of_one_bidder_are_another_matter() -> None:
    """[RJ-4]"""
    assert found(lot_of(bid(1, 0, leader("王工")), bid(2, 0, leader("王工")))) == []


STATED = st.builds(leader, st.sampled_from(("王工", "王 工", "李工", "", None, 7)), st.sampled_from(("", " ", "A1", "a１", "B2", None, [])))


@given(st.lists(st.tuples(st.integers(0, 3), STATED), min_size=1, max_size=4))
def test_the_verifier_finds_the_same(bids: list[tuple[int, dict[str, object]]]) -> None:
    """And whoever is found is found together with another."""
    lot = lot_of(*(bid(n, bidder, form) for n, (bidder, form) in enumerate(bids)))
    ours = {b: {(g, f"opening.{code}") for name, g, code in found(lot) if name == b} for b in (f"b{n}" for n in range(len(bids)))}
    assert {b: read(lot).doubts(b, lot.terms) for b in ours} == ours
    assert sum(map(bool, ours.values())) != 1
