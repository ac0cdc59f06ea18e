"""What the committee reports is what it decided: nothing of a result outlives a change of what it rests on [BLR 48, 51, 53]."""
from __future__ import annotations

import pytest

from tests.tender.committee_table import Table
from tests.tender.course import AGENCY
from trading_core.domain.errors import Forbidden, Refused
from trading_core.domain.tender.committee import Committee


def codes(refusal: pytest.ExceptionInfo[Refused]) -> set[str]:
    return {p.code for p in refusal.value.problems}


def summarised(two_stages: bool = False) -> Table:
    table = Table(two_stages).start().lock_all()
    if two_stages:
        table.chair("summarise_technical")
        table.open_prices()
    table.chair("summarise")
    return table


def test_a_bid_rejected_after_the_summary_is_in_no_report() -> None:
    """[BLR 51, 53] the vote takes the result and its signatures away."""
    table = summarised()
    first = table.evaluation().candidates[0].bid
    table.sign_all()
    table.reject(first, 1, 2, 3)
    assert not table.evaluation().candidates and not table.evaluation().signatures
    with pytest.raises(Refused) as refusal:
        table.chair("submit_report")
    assert "report.signatures_missing" in codes(refusal)
    table.chair("summarise")
    table.sign_all()
    table.chair("submit_report")
    assert first not in {c.bid for c in table.evaluation().candidates}


def test_a_corrected_score_asks_for_a_new_summary() -> None:
    table = summarised()
    for seat in table.lot.part(Committee).numbers:
        table.seat(seat, "correct_score", bid="b1", item="record", points="2", reason="核对后更正")
    with pytest.raises(Refused) as refusal:
        table.seat(1, "sign_report", agrees=True)
    assert codes(refusal) == {"report.no_result_yet"}


def test_technical_scores_stand_once_the_technical_result_is_closed() -> None:
    """The prices are opened after the technical result: nobody may steer the scores by them."""
    table = Table().start().lock_all()
    table.chair("summarise_technical")
    table.open_prices()
    with pytest.raises(Refused) as refusal:
        table.seat(2, "correct_score", bid="b1", item="record", points="2", reason="r")
    assert codes(refusal) == {"evaluation.technical_closed"}


def test_who_replaces_a_member_scores_after_the_technical_result_too() -> None:
    """[BLR 48] else the evaluation could not end; what the others scored stands."""
    table = Table().start().lock_all()
    table.chair("summarise_technical")
    table.open_prices()
    table.seat(3, "recuse", ground="RC-1", reason="r")
    table.sign_in()
    table.lock(3, "b1", "20", "6")
    table.seat(3, "correct_score", bid="b1", item="record", points="4", reason="与其他成员核对")
    table.lock(3, "b2"), table.lock(3, "b3")
    table.chair("summarise")
    assert len(table.evaluation().candidates) == 3


def test_a_committee_that_is_not_lawful_any_more_concludes_nothing() -> None:
    """[E-C1, E-C2, BLR 48] after one has left and before another has come."""
    table = Table().start().lock_all()
    table.seat(5, "recuse", ground="RC-1", reason="r")
    with pytest.raises(Refused) as refusal:
        table.chair("summarise_technical")
    assert {"committee.not_complete", "committee.size"} <= codes(refusal)
    single = Table(two_stages=False).start().lock_all()
    single.seat(5, "recuse", ground="RC-1", reason="r")
    with pytest.raises(Refused) as refusal:
        single.chair("summarise")
    assert {"committee.not_complete", "committee.size"} <= codes(refusal)


def test_open_motions_keep_the_technical_result_open() -> None:
    table = Table().start().lock_all()
    table.seat(2, "propose_rejection", bid="b1", ground="RJ-3", clause="c", evidence="e")
    with pytest.raises(Refused) as refusal:
        table.chair("summarise_technical")
    assert "evaluation.motions_open" in codes(refusal)


def test_the_chair_alone_fails_no_lot() -> None:
    """[F-02, 02 §2.11(10)] two bids left: whether competition is lacking the committee decides by majority."""
    table = Table().start(review=False)
    table.reject("b3", 1, 2, 3)
    table.chair("recommend_failure", code="F-02", reason="明显缺乏竞争")
    assert table.lot.status == "EVALUATING"
    table.seat(1, "vote_resolution", number=1, agree=True), table.seat(2, "vote_resolution", number=1, agree=True)
    with pytest.raises(Refused) as refusal:
        table.seat(2, "vote_resolution", number=1, agree=True)
    assert codes(refusal) == {"evaluation.voted_before"}
    assert table.lot.status == "EVALUATING"
    table.seat(3, "vote_resolution", number=1, agree=True)
    assert (table.lot.status, table.record[-1].public["reason"]) == ("FAILED", "F-02")


def test_what_is_proposed_must_still_hold_when_it_is_resolved() -> None:
    table = Table().start(review=False)
    for seat in (1, 2, 3):
        table.seat(seat, "request_clarification", bid="b3", text="请说明工期", deadline="2026-03-24T18:00:00+08:00")
    table.reject("b3", 1, 2, 3)
    table.seat(1, "vote_resolution", number=1, agree=True), table.seat(2, "vote_resolution", number=1, agree=True)
    with pytest.raises(Refused) as refusal:
        table.seat(3, "vote_resolution", number=1, agree=True)
    assert codes(refusal) == {"evaluation.bid_not_in_play"}


def test_a_question_is_the_committees() -> None:
    """[BLR 52]"""
    table = Table().start(review=False)
    table.seat(2, "request_clarification", bid="b1", text="请说明工期", deadline="2026-03-24T18:00:00+08:00")
    assert not table.evaluation().clarifications
    for seat in (1, 2):
        table.seat(seat, "vote_resolution", number=1, agree=True)
    table.seat(4, "vote_resolution", number=1, agree=False)
    assert not table.evaluation().clarifications
    table.seat(3, "vote_resolution", number=1, agree=True)
    assert [c.text for c in table.evaluation().clarifications] == ["请说明工期"]
    with pytest.raises(Refused) as refusal:
        table.seat(5, "vote_resolution", number=1, agree=True)
    assert codes(refusal) == {"evaluation.resolution_decided"}
    with pytest.raises(Forbidden):
        table.step("vote_resolution", AGENCY, number=1, agree=True)


def test_a_lot_with_too_many_bids_left_is_not_moved_to_fail() -> None:
    table = Table().start(review=False)
    with pytest.raises(Refused) as refusal:
        table.chair("recommend_failure", code="F-02", reason="r")
    assert codes(refusal) == {"evaluation.bids_left"}
