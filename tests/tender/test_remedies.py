"""Objections and the freeze they cause, on the pure engine [01 §1.9, 02 §2.9, 10 §10.8]."""
from __future__ import annotations

from datetime import timedelta

import pytest

from plugins.engineering.trade import ENGINEERING
from tests.tender.course import (
    AGENCY,
    BIDDER,
    CENTRE,
    COMMITMENT,
    ORDER,
    OTHER,
    PRINCIPAL,
    SALT,
    SUPERVISOR,
    Course,
    at,
    bidding_lot,
    evaluated_lot,
)
from trading_core.domain import engine
from trading_core.domain.errors import Forbidden, IllegalTransition, Refused
from trading_core.domain.tender.bidding import effective_deadline

MICROSECOND = timedelta(microseconds=1)


def codes(refusal: pytest.ExceptionInfo[Refused]) -> list[str]:
    return sorted(p.code for p in refusal.value.problems)


def published(now: str = "2026-03-25T10:00") -> Course:
    course = Course(evaluated_lot())
    course.publish(at(now))
    return course


# ------------------------------------------------------------------ windows

@pytest.mark.parametrize(("deadline", "last_day"), [("2026-03-23T09:30", "2026-03-13"), ("2026-05-20T09:30", "2026-05-10")])
def test_document_window_closes_ten_days_before_the_deadline(deadline: str, last_day: str) -> None:
    """[E-T07, 02 §2.3 example, 01 §1.4.4 example 12] The last day counts to its end."""
    end = at(f"{last_day}T00:00") + timedelta(days=1)
    for moment, late in ((end - MICROSECOND, False), (end, True)):
        course = Course(bidding_lot().with_schedule(bid_deadline=at(deadline)))
        course.object_document(moment)
        assert course.objections().raised[0].late is late
        assert course.lot.status == ("BIDDING" if late else "SUSPENDED")


@pytest.mark.parametrize("status", ["PREQ_ANNOUNCED", "PREQ_ISSUING"])
def test_prequalification_window_closes_two_days_before_its_deadline(status: str) -> None:
    """[E-T06]"""
    lot = bidding_lot(status, qualification_way="pre").with_schedule(application_deadline=at("2026-03-23T09:30"))
    in_time, late = Course(lot), Course(lot)
    in_time.object_document(at("2026-03-22T00:00") - MICROSECOND)
    late.object_document(at("2026-03-22T00:00"))
    assert (in_time.lot.status, late.lot.status) == ("SUSPENDED", status)


def test_result_window_is_the_publicity() -> None:
    """[E-T12] Published on Wednesday, three days end on Saturday, so the publicity ends with Monday."""
    end = at("2026-03-31T00:00")
    for moment, status in ((end - MICROSECOND, "SUSPENDED"), (end, "PUBLICITY")):
        course = published()
        assert course.lot.schedule["publicity_end"] == end
        course.object_result(moment)
        assert course.lot.status == status


def test_no_objection_to_a_result_that_is_not_public() -> None:
    course = Course(evaluated_lot())
    with pytest.raises(Refused) as refusal:
        course.object_result(at("2026-03-24T18:00"))
    assert codes(refusal) == ["objection.no_result_yet"]


def test_a_late_objection_is_recorded_answered_and_stops_nothing() -> None:
    """[T-15] but nobody decides over it while it is unanswered."""
    course = published()
    course.tick(at("2026-03-31T00:00"))
    course.object_result(at("2026-03-31T08:00"))
    with pytest.raises(Refused) as refusal:
        course.give("decide_award", PRINCIPAL, at("2026-03-31T09:00"), bid="b1")
    assert codes(refusal) == ["objection.open"]
    answered = course.answer(1, at("2026-03-31T10:00"))[0]
    assert answered.public["raised_late"] is True
    course.give("decide_award", PRINCIPAL, at("2026-03-31T11:00"), bid="b1")
    assert course.lot.status == "AWARDED"


def test_no_letter_over_an_open_objection() -> None:
    course = published()
    course.give("decide_award", PRINCIPAL, at("2026-03-31T09:00"), bid="b1")
    course.object_result(at("2026-03-31T10:00"))
    with pytest.raises(Refused) as refusal:
        course.give("issue_award_letter", PRINCIPAL, at("2026-03-31T11:00"))
    assert codes(refusal) == ["objection.open"]


def test_while_suspended_the_window_stands_still() -> None:
    """[T-12] Who could have objected when the lot stopped can do so while it stands."""
    course = Course(bidding_lot())
    course.object_document(at("2026-03-10T10:00"))
    course.object_document(at("2026-03-20T10:00"), OTHER)
    assert [o.late for o in course.objections().raised] == [False, False]


# ------------------------------------------------------------------ secrecy

def test_who_objects_to_a_document_is_not_in_the_record() -> None:
    """[BL 22] Neither organisation nor person nor salt: a commitment only, in the event and in the state."""
    course = Course(bidding_lot())
    course.object_document(at("2026-03-05T10:00"))
    said = repr(course.record) + repr(course.objections())
    assert COMMITMENT in said
    assert BIDDER.organisation not in said and SALT not in said


def test_who_objects_to_a_result_is_in_the_private_part_only() -> None:
    course = published()
    raised = course.object_result(at("2026-03-26T10:00"))[0]
    assert BIDDER.organisation not in repr(raised.public) and "业绩" not in repr(raised.public)
    assert raised.private is not None and raised.private["organisation"] == BIDDER.organisation


def test_a_commitment_to_another_name_is_refused() -> None:
    course = Course(bidding_lot())
    course.facts["objector_commitment"] = "e" * 64
    with pytest.raises(Refused) as refusal:
        course.object_document(at("2026-03-05T10:00"))
    assert codes(refusal) == ["objection.other_identity"]


def test_the_public_and_the_hosts_cannot_stop_a_lot_by_objecting() -> None:
    with pytest.raises(Forbidden):
        Course(bidding_lot()).object_document(at("2026-03-05T10:00"), PRINCIPAL)


# ------------------------------------------------------------------ freeze and release

def test_answering_resumes_and_shifts_every_deadline_by_the_frozen_span() -> None:
    """[S-01, T-12] 2 days 5 hours 0.25 s from Thursday: the deadline moves from Monday to Wednesday, opening with it."""
    course = Course(bidding_lot())
    stopped, resumed = at("2026-03-05T10:00"), at("2026-03-07T15:00") + timedelta(milliseconds=250)
    course.object_document(stopped)
    assert course.lot.resume_to == "BIDDING" and course.lot.suspended_at == stopped
    before = dict(course.lot.schedule)
    course.answer(1, resumed)
    assert course.lot.status == "BIDDING" and course.lot.suspended_at is None
    for name in ("bid_deadline", "opening", "issue_end"):
        assert course.lot.schedule[name] == before[name] + (resumed - stopped)
    assert course.lot.schedule["issue_start"] == before["issue_start"]  # had passed


def test_a_deadline_that_would_fall_on_a_rest_day_moves_on_to_a_working_day() -> None:
    """[T-09] Monday 2026-03-23 and five days is Saturday 03-28: never shortened, so Monday 03-30 at the same time; opening with it."""
    course = Course(bidding_lot())
    course.object_document(at("2026-03-10T10:00"))
    course.answer(1, at("2026-03-15T10:00"))
    assert course.lot.schedule["bid_deadline"] == at("2026-03-30T09:30") == course.lot.schedule["opening"]
    assert course.record[-1].public["rest_days"] == {"bid_deadline": 2, "opening": 2}


def test_a_stated_reason_keeps_the_rest_day() -> None:
    """[T-09] switching off needs a reason."""
    course = Course(bidding_lot(rest_day_reasons={"E-T03": "投标人一致同意"}))
    course.object_document(at("2026-03-10T10:00"))
    course.answer(1, at("2026-03-15T10:00"))
    assert course.lot.schedule["bid_deadline"] == at("2026-03-28T09:30")


def test_remaining_publicity_continues() -> None:
    """[02 §2.9] Objection on Thursday noon, answered on Friday 18:00: 30 hours frozen, Monday 24:00 becomes Wednesday 06:00."""
    course = published()
    course.object_result(at("2026-03-26T12:00"))
    course.answer(1, at("2026-03-27T18:00"))
    assert course.lot.schedule["publicity_end"] == at("2026-04-01T06:00")
    assert course.lot.status == "PUBLICITY"


def test_no_clock_act_fires_while_suspended() -> None:
    course = published()
    course.object_result(at("2026-03-26T12:00"))
    assert engine.due(course.trade, course.lot) is None
    course.tick(at("2026-04-20T12:00"))
    assert course.lot.status == "SUSPENDED" and "publicity_ended" not in course.types()


def test_every_objection_must_be_answered_or_withdrawn() -> None:
    course = published()
    course.object_result(at("2026-03-26T12:00"))
    course.object_result(at("2026-03-26T13:00"), OTHER)
    course.answer(1, at("2026-03-26T14:00"))
    assert course.lot.status == "SUSPENDED"
    with pytest.raises(Refused) as refusal:
        course.give("withdraw_objection", BIDDER, at("2026-03-26T15:00"), number=2)
    assert codes(refusal) == ["objection.not_yours"]
    course.give("withdraw_objection", OTHER, at("2026-03-26T15:00"), number=2)
    assert course.lot.status == "PUBLICITY" and course.types().count("suspended") == 1


def test_an_objection_to_a_document_is_withdrawn_with_its_salt() -> None:
    course = Course(bidding_lot())
    course.object_document(at("2026-03-05T10:00"))
    course.facts["objector_commitment"] = "e" * 64
    with pytest.raises(Refused):
        course.give("withdraw_objection", BIDDER, at("2026-03-05T11:00"), number=1, salt=SALT)
    course.facts["objector_commitment"] = COMMITMENT
    course.give("withdraw_objection", OTHER, at("2026-03-05T12:00"), number=1, salt=SALT)  # the salt proves it, not the account
    assert course.lot.status == "BIDDING"


def test_an_answer_is_given_once() -> None:
    course = published()
    course.object_result(at("2026-03-26T12:00"))
    course.answer(1, at("2026-03-26T14:00"))
    for number in (1, 2):
        with pytest.raises(Refused) as refusal:
            course.answer(number, at("2026-03-26T15:00"))
        assert codes(refusal) == ["objection.not_open"]


def test_a_late_answer_is_accepted_and_marked() -> None:
    """[E-T08, T-15] Raised on Thursday 2026-03-05, due with Monday 03-09: three days end on Sunday and roll on."""
    course = Course(bidding_lot())
    course.object_document(at("2026-03-05T10:00"))
    assert course.objections().raised[0].due == at("2026-03-10T00:00")
    answered = course.answer(1, at("2026-03-10T00:00") + MICROSECOND, late_reason="调查取证")[0]
    assert (answered.public["late"], answered.public["late_reason"], answered.public["period"]) == (True, "调查取证", "E-T08")
    assert course.lot.status == "BIDDING"


# ------------------------------------------------------------------ holds beside objections

def test_the_supervisors_order_outlasts_the_answer() -> None:
    """[S-03, S-04a]"""
    course = published()
    course.object_result(at("2026-03-26T12:00"))
    course.give("order_suspension", SUPERVISOR, at("2026-03-26T13:00"), **ORDER)
    course.answer(1, at("2026-03-26T14:00"))
    assert course.lot.status == "SUSPENDED"
    with pytest.raises(Refused) as refusal:
        course.give("resume", PRINCIPAL, at("2026-03-26T15:00"), reason="已答复")
    assert codes(refusal) == ["hold.none_of_yours"]
    course.give("resume", SUPERVISOR, at("2026-03-26T18:00"), reason="投诉办结")
    assert course.lot.status == "PUBLICITY"
    assert course.lot.schedule["publicity_end"] == at("2026-03-31T06:00")  # from noon to 18:00, counted once


def test_the_term_of_an_order_ends_by_the_clock() -> None:
    """[S-04a] When the term ends without a new order the lot resumes; with a new one it does not."""
    until = at("2026-04-02T09:00")
    course = Course(bidding_lot())
    course.give("order_suspension", SUPERVISOR, at("2026-03-06T09:00"), until=until.isoformat(), **ORDER)
    course.tick(until - MICROSECOND)
    assert course.lot.status == "SUSPENDED"
    renewed = Course(course.lot)
    course.tick(until)
    assert course.lot.status == "BIDDING"
    renewed.give("order_suspension", SUPERVISOR, at("2026-04-01T09:00"), **ORDER)
    renewed.tick(until)
    assert renewed.lot.status == "SUSPENDED"


def test_an_order_into_the_past_is_refused() -> None:
    with pytest.raises(Refused) as refusal:
        Course(bidding_lot()).give("order_suspension", SUPERVISOR, at("2026-03-06T09:00"), until="2026-03-06T08:59:00+08:00", **ORDER)
    assert codes(refusal) == ["hold.until_past"]


def test_another_supervisor_cannot_lift_an_order() -> None:
    """[10 §10.3 I-RESUME] the body that paused."""
    course = Course(bidding_lot())
    course.give("order_suspension", SUPERVISOR, at("2026-03-06T09:00"), **ORDER)
    with pytest.raises(Refused):
        course.give("resume", type(SUPERVISOR)("x", "org-else", SUPERVISOR.role), at("2026-03-06T10:00"), reason="r")


def test_the_centre_suspends_technically_and_must_say_to_whom_it_reported() -> None:
    """[S-06]"""
    course = Course(bidding_lot())
    said = {"legal_basis": "S-06", "reason": "网络中断"}
    with pytest.raises(Refused) as refusal:
        course.give("suspend_technically", CENTRE, at("2026-03-06T09:00"), **said)
    assert [p.path for p in refusal.value.problems] == ["reported_to"]
    course.give("suspend_technically", CENTRE, at("2026-03-06T09:00"), reported_to="澜明区水务局", **said)
    assert effective_deadline(course.lot, at("2026-03-06T11:00")) == at("2026-03-23T11:30")
    course.give("resume", CENTRE, at("2026-03-06T11:00"), reason="已恢复")
    assert course.lot.schedule["bid_deadline"] == at("2026-03-23T11:30")


def test_every_running_state_suspends_and_resumes_to_itself() -> None:
    """[01 §1.2.1] From ANNOUNCED (prequalification included) to PERFORMING."""
    for status in sorted(ENGINEERING.lifecycle.sources("suspended")):
        course = Course(bidding_lot(status))
        course.give("suspend", AGENCY, at("2026-03-06T09:00"), reason="r", legal_basis="b")
        assert (course.lot.status, course.lot.resume_to) == ("SUSPENDED", status)
        course.give("resume", PRINCIPAL, at("2026-03-06T10:00"), reason="r")
        assert (course.lot.status, course.lot.resume_to) == (status, "")


def test_nothing_is_decided_while_suspended() -> None:
    course = published()
    course.object_result(at("2026-03-26T12:00"))
    for act, data in (("decide_award", {"bid": "b1"}), ("publish_candidates", {}), ("issue_award_letter", {}), ("sign_contract", {})):
        with pytest.raises(IllegalTransition):
            course.give(act, PRINCIPAL, at("2026-04-26T12:00"), **data)


# ------------------------------------------------------------------ upheld

def test_an_upheld_objection_to_the_result_says_what_follows() -> None:
    course = published()
    course.object_result(at("2026-03-26T12:00"))
    for outcome, more, expected in (
        ("upheld", {}, "objection.remedy_missing"),
        ("partly_upheld", {}, "objection.remedy_missing"),
        ("rejected", {"remedy": "re_evaluate"}, "objection.remedy_without_ground"),
    ):
        with pytest.raises(Refused) as refusal:
            course.answer(1, at("2026-03-26T13:00"), outcome, **more)
        assert codes(refusal) == [expected]


def test_re_evaluation_returns_the_lot_to_its_committee_and_the_publicity_starts_anew() -> None:
    """[02 §2.9, 01 §1.2.1]"""
    course = published()
    course.object_result(at("2026-03-26T12:00"))
    course.answer(1, at("2026-03-26T13:00"), "upheld", remedy="re_evaluate")
    assert course.lot.status == "EVALUATING" and course.lot.suspended_at is None and not course.award().candidates
    assert "publicity_end" not in course.lot.schedule
    assert course.types()[-2:] == ["objection_answered", "re_evaluation_ordered"]


@pytest.mark.parametrize("second", [{}, {"outcome": "upheld", "remedy": "no_effect"}, {"outcome": "upheld", "remedy": "republish"}])
def test_re_evaluation_waits_for_the_other_objection_and_is_not_forgotten(second: dict[str, str]) -> None:
    course = published()
    course.object_result(at("2026-03-26T12:00"))
    course.object_result(at("2026-03-26T12:30"), OTHER)
    course.answer(1, at("2026-03-26T13:00"), "upheld", remedy="re_evaluate")
    assert course.lot.status == "SUSPENDED"
    course.answer(2, at("2026-03-26T14:00"), **second)
    assert course.lot.status == "EVALUATING" and not course.objections().republish


def test_a_corrected_result_is_published_again_for_a_full_publicity() -> None:
    """[02 §2.9] "republishes a new ≥ 3-day publicity"."""
    course = published()
    with pytest.raises(Refused) as refusal:
        course.publish(at("2026-03-26T10:00"))
    assert codes(refusal) == ["candidates.published_before"]
    course.object_result(at("2026-03-26T12:00"))
    course.answer(1, at("2026-03-26T13:00"), "upheld", remedy="republish")
    with pytest.raises(Refused) as refusal:
        course.give("decide_award", PRINCIPAL, at("2026-04-10T09:00"), bid="b1")
    assert codes(refusal) == ["award.republish_first"]
    course.publish(at("2026-04-10T10:00"))
    assert course.lot.schedule["publicity_end"] == at("2026-04-14T00:00")
    course.give("decide_award", PRINCIPAL, at("2026-04-14T09:00"), bid="b1")
    assert course.lot.status == "AWARDED"


def test_a_remedy_that_is_no_longer_possible_is_refused() -> None:
    course = published()
    course.give("decide_award", PRINCIPAL, at("2026-03-31T09:00"), bid="b1")
    course.object_result(at("2026-03-31T10:00"))
    with pytest.raises(Refused) as refusal:
        course.answer(1, at("2026-03-31T11:00"), "upheld", remedy="republish")
    assert codes(refusal) == ["objection.remedy_too_late"]
    course.answer(1, at("2026-03-31T11:00"), "upheld", remedy="re_evaluate")
    assert course.lot.status == "EVALUATING"


def test_the_supervisor_may_order_a_re_evaluation_only_where_there_was_one() -> None:
    """[BLR 70, 81]"""
    course = Course(bidding_lot())
    course.give("order_suspension", SUPERVISOR, at("2026-03-06T09:00"), **ORDER)
    with pytest.raises(Refused) as refusal:
        course.give("order_re_evaluation", SUPERVISOR, at("2026-03-06T10:00"), committee="new", **ORDER)
    assert codes(refusal) == ["lot.illegal_transition"]
    late = published()
    late.give("order_re_evaluation", SUPERVISOR, at("2026-03-26T10:00"), committee="new", **ORDER)
    assert late.lot.status == "EVALUATING"
