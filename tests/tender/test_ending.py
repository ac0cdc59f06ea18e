"""Failure, termination, invalidity, new attempts, on the pure engine [01 §1.7, §1.9, BL 64]."""
from __future__ import annotations

import pytest

from plugins.engineering.trade import ENGINEERING
from tests.tender.course import AGENCY, CENTRE, ORDER, PRINCIPAL, SUPERVISOR, Course, at, bidding_lot, evaluated_lot
from trading_core.domain.errors import Forbidden, IllegalTransition, Refused

DECISION = {k: ORDER[k] for k in ("decision_number", "document", "reason")}
NOW = at("2026-03-31T09:00")


def codes(refusal: pytest.ExceptionInfo[Refused]) -> list[str]:
    return sorted(p.code for p in refusal.value.problems)


def awarded() -> Course:
    course = Course(evaluated_lot())
    course.publish(at("2026-03-25T10:00"))
    course.give("decide_award", PRINCIPAL, NOW, bid="b1")
    return course


def test_the_supervisor_fails_a_lot_for_illegality_with_a_decision() -> None:
    """[F-05]"""
    with pytest.raises(Refused) as refusal:
        Course(bidding_lot()).give("declare_failed", PRINCIPAL, NOW, failure="F-05", reason="r")
    assert codes(refusal) == ["failure.not_yours"]
    with pytest.raises(Refused) as refusal:
        Course(bidding_lot()).give("declare_failed", SUPERVISOR, NOW, failure="F-05", reason="r")
    assert codes(refusal) == ["failure.decision_missing"]
    course = Course(bidding_lot())
    course.give("declare_failed", SUPERVISOR, NOW, failure="F-05", **DECISION)
    assert course.lot.status == "FAILED"


def test_the_principal_re_tenders_only_when_the_winner_dropped_out() -> None:
    """[BLR 55] next in rank or a new tender: the principal chooses."""
    course = awarded()
    with pytest.raises(Refused) as refusal:
        course.give("declare_failed", PRINCIPAL, NOW, failure="re_tender", reason="r")
    assert codes(refusal) == ["award.winner_stands", "failure.nobody_lost"]
    course.give("report_candidate_lost", PRINCIPAL, NOW, bid="b1", ground="illegality", reason="r", evidence="e" * 64)
    course.give("declare_failed", PRINCIPAL, NOW, failure="re_tender", reason="重新招标")
    assert course.lot.status == "FAILED"


def test_a_lot_whose_bids_bind_no_longer_is_not_a_dead_end() -> None:
    """[E-T22] also while it is suspended."""
    course = Course(evaluated_lot())
    course.give("suspend", PRINCIPAL, at("2026-03-25T09:00"), reason="r", legal_basis="b")
    with pytest.raises(Refused) as refusal:
        course.give("declare_failed", PRINCIPAL, at("2026-06-21T23:59"), failure="validity_over", reason="r")
    assert codes(refusal) == ["failure.validity_runs"]
    course.give("declare_failed", PRINCIPAL, at("2026-06-22T00:00"), failure="validity_over", reason="r")
    assert (course.lot.status, course.lot.suspended_at, course.lot.resume_to) == ("FAILED", None, "")


def test_a_reason_belongs_to_its_states() -> None:
    with pytest.raises(Refused) as refusal:
        Course(bidding_lot()).give("declare_failed", SUPERVISOR, NOW, failure="opening_impossible", **DECISION)
    assert codes(refusal) == ["failure.other_state"]
    suspended = Course(bidding_lot("CLOSED"))
    suspended.give("order_suspension", SUPERVISOR, at("2026-03-24T09:00"), **ORDER)
    suspended.give("declare_failed", SUPERVISOR, NOW, failure="opening_impossible", **DECISION)
    assert suspended.lot.status == "FAILED"


def test_the_principal_terminates_until_the_letter() -> None:
    """[S-05, 01 §1.2.1 ANNOUNCED … AWARDED]"""
    course = awarded()
    course.give("terminate", PRINCIPAL, NOW, reason="重大变故", legal_basis="BLR 31")
    assert (course.lot.status, course.record[-1].public["refunds_due"]) == ("TERMINATED", True)
    other = awarded()
    other.give("issue_award_letter", PRINCIPAL, NOW)
    with pytest.raises(IllegalTransition):
        other.give("terminate", PRINCIPAL, NOW, reason="r", legal_basis="b")


@pytest.mark.parametrize("act", ["suspend", "order_suspension", "suspend_technically"])
def test_a_suspension_is_no_way_to_terminate_after_the_letter(act: str) -> None:
    """[01 §1.2.1, BLR 73] what the state before does not know, the suspension does not add."""
    course = awarded()
    course.give("issue_award_letter", PRINCIPAL, NOW)
    who, data = {"suspend": (PRINCIPAL, {"legal_basis": "b", "reason": "r"}), "order_suspension": (SUPERVISOR, ORDER),
                 "suspend_technically": (CENTRE, {"legal_basis": "b", "reason": "r", "reported_to": "s"})}[act]  # fmt: skip
    course.give(act, who, NOW, **data)
    with pytest.raises(IllegalTransition):
        course.give("terminate", PRINCIPAL, NOW, reason="r", legal_basis="b")
    course.give("resume", who, NOW, reason="r")
    assert course.lot.status == "NOTIFIED"


def test_a_document_is_found_illegal_only_while_bids_are_prepared() -> None:
    """[A-08] also while the lot is suspended."""
    course = Course(evaluated_lot(), trade=ENGINEERING)
    course.give("suspend", PRINCIPAL, at("2026-03-25T09:00"), reason="r", legal_basis="b")
    with pytest.raises(IllegalTransition):
        course.give("declare_document_illegal", AGENCY, at("2026-03-25T10:00"), reason="r")


def test_only_the_supervisor_invalidates() -> None:
    with pytest.raises(Forbidden):
        awarded().give("invalidate", PRINCIPAL, NOW, **ORDER)


def test_after_an_invalid_award_another_by_the_same_conditions() -> None:
    """[BL 64]"""
    course = awarded()
    course.give("invalidate", SUPERVISOR, NOW, **ORDER)
    for bid, expected in (("b1", "award.candidate_lost"), ("b3", "award.not_first"), ("b4", "award.not_a_candidate")):
        with pytest.raises(Refused) as refusal:
            course.give("choose_next_qualified", PRINCIPAL, NOW, bid=bid)
        assert codes(refusal) == [expected]
    course.give("choose_next_qualified", PRINCIPAL, NOW, bid="b2")
    assert (course.lot.status, course.award().winner) == ("AWARDED", "b2")


def test_nobody_is_chosen_over_a_publicity_that_was_cut_short() -> None:
    course = Course(evaluated_lot())
    course.publish(at("2026-03-25T10:00"))
    course.give("invalidate", SUPERVISOR, at("2026-03-26T10:00"), **ORDER)
    with pytest.raises(Refused) as refusal:
        course.give("choose_next_qualified", PRINCIPAL, NOW, bid="b1")
    assert codes(refusal) == ["award.nothing_invalidated"]


def test_an_objection_left_open_at_the_end_can_still_be_answered() -> None:
    course = awarded()
    course.object_result(NOW)
    course.give("terminate", PRINCIPAL, NOW, reason="r", legal_basis="b")
    course.answer(1, NOW)
    assert not course.objections().open() and course.lot.status == "TERMINATED"


def test_a_new_attempt_is_named_once_and_only_by_a_lot_that_ended() -> None:
    """[01 §1.1 attempt_no + 1, never rewind]"""
    data = {"lot": "L2", "analysis": "门槛过高，已调整"}
    with pytest.raises(IllegalTransition):
        awarded().give("create_attempt", PRINCIPAL, NOW, **data)
    course = awarded()
    course.give("terminate", PRINCIPAL, NOW, reason="r", legal_basis="b")
    for attempt in (None, {"previous": "", "attempt": 1}, {"previous": "L1", "attempt": 1}):
        course.facts["attempt"] = attempt
        with pytest.raises(Refused) as refusal:
            course.give("create_attempt", PRINCIPAL, NOW, **data)
        assert codes(refusal) == ["attempt.other_lot"]
    course.facts["attempt"] = {"previous": "L1", "attempt": 2}
    course.give("create_attempt", PRINCIPAL, NOW, **data)
    assert course.lot.status == "TERMINATED" and course.record[-1].public["attempt"] == 2
    with pytest.raises(Refused) as refusal:
        course.give("create_attempt", PRINCIPAL, NOW, **data)
    assert codes(refusal) == ["attempt.created_before"]


def test_an_archived_success_has_no_new_attempt() -> None:
    course = Course(bidding_lot("ARCHIVED"))
    course.facts["attempt"] = {"previous": "L1", "attempt": 2}
    with pytest.raises(Refused) as refusal:
        course.give("create_attempt", PRINCIPAL, NOW, lot="L2", analysis="a")
    assert codes(refusal) == ["attempt.not_ended"]
