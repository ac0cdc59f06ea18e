"""Rejection: a closed list, proposals that reject nobody, and the majority that does [02 §2.5, BLR 50, 51]."""
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading_core.domain.evaluation.arithmetic import correct
from trading_core.domain.evaluation.rejection import (
    GROUNDS,
    Proposal,
    check_rejections,
    majority,
    propose_above_ceiling,
    propose_different_prices,
)


def motion(**changed: object) -> dict[str, object]:
    return {"bid": "A", "ground": "RJ-3", "stage": "preliminary", "clause": "1", "evidence": "x", "votes": {"e1": True}, **changed}


def codes(*motions: dict[str, object]) -> list[tuple[str, str]]:
    found = check_rejections(motions, {"A", "B"}, {"e1", "e2"}, "")
    return [(p.code, p.path) for p in found]


def test_the_list_of_grounds_is_closed() -> None:
    """The seven of article 51, and what makes a bid invalid by articles 34, 37 and 38."""
    assert list(GROUNDS) == [*(f"RJ-{n}" for n in range(1, 8)), "B-06", "B-07", "B-15", "B-16"]
    assert all(ground.source.startswith("BLR 51" if code.startswith("RJ-") else "BLR 3") for code, ground in GROUNDS.items())


@pytest.mark.parametrize("ground", ["base_price", "distance from the base price", "RJ-8", "rj-1"])
def test_distance_from_a_base_price_is_never_a_ground(ground: str) -> None:
    assert codes(motion(ground=ground)) == [("evaluation.ground_not_in_law", "0.ground")]


def test_a_price_ground_says_which_limb() -> None:
    assert codes(motion(ground="RJ-5")) == [("evaluation.ground_basis", "0.basis")]
    assert codes(motion(ground="RJ-5", basis="below_cost"), motion(ground="RJ-5", basis="above_ceiling")) == []
    assert codes(motion(basis="below_cost")) == [("evaluation.ground_basis", "0.basis")]


def test_only_members_vote_and_only_yes_or_no() -> None:
    assert codes(motion(bid="Z", votes={"e9": True, "e1": "yes"}), motion(), motion()) == [
        ("evaluation.bid_unknown", "0.bid"), ("evaluation.member_unknown", "0.votes.e9"), ("field.not_boolean", "0.votes.e1"),
        ("evaluation.twice", "2.ground"),
    ]  # fmt: skip


def test_a_price_above_the_ceiling_is_proposed_as_read_and_as_corrected() -> None:
    arithmetic = correct(110, 120, [], "ROUND_HALF_UP")
    assert list(propose_above_ceiling("A", arithmetic, 100)) == [Proposal("A", "RJ-5", "read"), Proposal("A", "RJ-5", "corrected")]
    assert list(propose_above_ceiling("A", arithmetic, None)) == []


def test_different_prices_and_second_bids_are_proposed() -> None:
    prices, further, bidders = {"A": 1, "B": 2, "C": 3}, {"A": [1, 5], "B": [2]}, {"B": "x", "C": "x"}
    assert list(propose_different_prices(prices, further, bidders)) == [
        Proposal("A", "RJ-4", "further_price"), Proposal("B", "RJ-4", "same_bidder"), Proposal("C", "RJ-4", "same_bidder"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("yes", "no", "members", "decision"),
    [
        (3, 2, 5, "rejected"), (3, 0, 5, "rejected"), (2, 3, 5, "kept"), (2, 2, 5, "open"), (0, 0, 5, "open"), (2, 2, 4, "kept"),
        (0, 3, 5, "kept"),
    ],
)  # fmt: skip
def test_more_than_half_of_all_members_reject(yes: int, no: int, members: int, decision: str) -> None:
    votes = {f"y{i}": True for i in range(yes)} | {f"n{i}": False for i in range(no)}
    assert majority(votes, members) == decision


def test_more_votes_than_members_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="more votes"):
        majority({"a": True, "b": True}, 1)


@given(st.dictionaries(st.integers(0, 8).map(str), st.booleans(), max_size=9), st.booleans())
def test_a_decided_vote_stays_decided(votes: dict[str, bool], late: bool) -> None:
    before = majority(votes, 10)
    after = majority({**votes, "late": late}, 10)
    assert before == "open" or after == before
