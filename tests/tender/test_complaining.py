"""Complaints and their terms [E-T14, E-T15, E-T16, BLR 60, 61, S-04a, 10 §10.8]."""
from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tender.course import ORDER, PRINCIPAL, SUPERVISOR, Course, at, bidding_lot, evaluated_lot
from trading_core.bootstrap import work_calendar
from trading_core.domain.errors import Refused
from trading_core.domain.stages.complaining import Complaints
from trading_core.domain.workcalendar import end_of_day

DECISION = {"decision_number": "水监〔2026〕9 号", "document": "d" * 64, "reason": "r"}


def codes(refusal: pytest.ExceptionInfo[Refused]) -> set[str]:
    return {p.code for p in refusal.value.problems}


def received(course: Course, known: str, filed: str, about: str = "other", **more: object) -> bool:
    """Enter a complaint on the day it was filed; whether it was late."""
    event = course.give("receive_complaint", SUPERVISOR, at(f"{filed}T16:00"), about=about, complainant="示例建设公司", known_on=known,
                        filed_on=filed, text="中标候选人业绩不实", **more)[0]  # fmt: skip
    assert "complainant" not in event.public and "text" not in event.public
    return bool(event.public["late"])


def published() -> Course:
    course = Course(evaluated_lot())
    course.publish(at("2026-03-25T10:00"))
    return course


def test_ten_days_from_knowing() -> None:
    """[E-T14] the day of knowing does not count [T-01]."""
    assert not received(published(), "2026-03-25", "2026-04-04")
    assert received(published(), "2026-03-25", "2026-04-10")


def test_the_time_of_answering_the_objection_is_not_counted() -> None:
    """[BLR 60]"""
    course = published()
    course.object_result(at("2026-03-26T10:00"))
    course.answer(1, at("2026-03-29T10:00"))
    assert not received(course, "2026-03-26", "2026-04-08", "result", objection=1)
    assert received(course, "2026-03-26", "2026-04-14", "result", objection=1)


def test_a_complaint_alone_stops_nothing() -> None:
    """[S-04a] the supervisor's order does."""
    course = published()
    received(course, "2026-03-25", "2026-03-26")
    assert course.lot.status == "PUBLICITY"
    course.give("order_suspension", SUPERVISOR, at("2026-03-26T17:00"), **ORDER)
    assert course.lot.status == "SUSPENDED"
    course.give("decide_complaint_acceptance", SUPERVISOR, at("2026-03-27T10:00"), number=1, accepted=True, reason="符合条件")
    course.give("decide_complaint", SUPERVISOR, at("2026-04-02T10:00"), number=1, outcome="upheld", **DECISION)
    course.give("order_re_evaluation", SUPERVISOR, at("2026-04-02T11:00"), **ORDER, committee="same")
    assert course.lot.status == "EVALUATING" and not course.lot.part(Complaints).open()


def test_result_document_and_opening_need_an_objection_first() -> None:
    """[BLR 60, 02 §2.11(5)]"""
    course = published()
    received(course, "2026-03-25", "2026-03-26", "result")
    with pytest.raises(Refused) as refusal:
        course.give("decide_complaint_acceptance", SUPERVISOR, at("2026-03-27T10:00"), number=1, accepted=True, reason="r")
    assert codes(refusal) == {"complaint.objection_first"}
    with pytest.raises(Refused) as refusal:
        received(course, "2026-03-25", "2026-03-26", "document", objection=1)
    assert codes(refusal) == {"complaint.no_such_objection"}
    course.give("decide_complaint_acceptance", SUPERVISOR, at("2026-03-27T10:00"), number=1, accepted=False, reason="应当先提出异议")
    with pytest.raises(Refused) as refusal:
        course.give("decide_complaint", SUPERVISOR, at("2026-04-02T10:00"), number=1, outcome="rejected", **DECISION)
    assert codes(refusal) == {"complaint.not_accepted"}


def test_a_late_complaint_is_recorded_and_not_accepted() -> None:
    """[T-15]"""
    course = published()
    received(course, "2026-03-01", "2026-03-26")
    with pytest.raises(Refused) as refusal:
        course.give("decide_complaint_acceptance", SUPERVISOR, at("2026-03-27T10:00"), number=1, accepted=True, reason="r")
    assert codes(refusal) == {"complaint.late"}


def test_terms_of_the_supervisor_warn_and_do_not_block() -> None:
    """[E-T15, E-T16, T-15] The example of 10 §10.8: received on 2026-01-05, acceptance by 01-08, decision by 2026-02-14."""
    course = Course(bidding_lot("EVALUATING"))
    received(course, "2026-01-04", "2026-01-05")
    late = course.give("decide_complaint_acceptance", SUPERVISOR, at("2026-01-09T10:00"), number=1, accepted=True, reason="r")[0]
    assert (late.public["due"], late.public["late"]) == ("2026-01-08T16:00:00.000000Z", True)
    decided = course.give("decide_complaint", SUPERVISOR, at("2026-02-14T20:00"), number=1, outcome="partly_upheld", **DECISION)[0]
    assert (decided.public["due"], decided.public["late"]) == ("2026-02-14T16:00:00.000000Z", False)
    with pytest.raises(Refused) as refusal:
        course.give("decide_complaint", SUPERVISOR, at("2026-02-15T20:00"), number=1, outcome="rejected", **DECISION)
    assert codes(refusal) == {"complaint.decided_before"}


def test_days_that_cannot_be() -> None:
    course = published()
    for known, filed in (("2026-03-27", "2026-03-26"), ("2026-03-25", "2026-03-29")):
        with pytest.raises(Refused) as refusal:
            course.give("receive_complaint", SUPERVISOR, at("2026-03-28T10:00"), about="other", complainant="c", known_on=known,
                        filed_on=filed, text="t")  # fmt: skip
        assert codes(refusal) == {"complaint.days"}
    with pytest.raises(Refused) as refusal:
        course.give("receive_complaint", PRINCIPAL, at("2026-03-28T10:00"), about="other", complainant="c", known_on="2026-03-26",
                    filed_on="2026-03-27", text="t")  # fmt: skip
    assert codes(refusal) == {"act.not_yours"}


def accepted(on: str = "2026-01-05") -> Course:
    course = Course(bidding_lot("EVALUATING"))
    received(course, "2026-01-04", on)
    course.give("decide_complaint_acceptance", SUPERVISOR, at("2026-01-07T10:00"), number=1, accepted=True, reason="r")
    return course


def by(course: Course) -> object:
    return course.lot.part(Complaints).received[0].decide_by


def test_time_for_inspection_and_experts_is_not_counted() -> None:
    """[E-T16, T-13, BLR 61] Of the example of 10 §10.8 (due by 2026-02-14) a week with five working days is left out; 02-15 to 02-23 are
    holidays, 02-28 is a make-up Saturday."""
    course = accepted()
    assert by(course) == at("2026-02-15T00:00")
    course.give("stop_complaint_time", SUPERVISOR, at("2026-01-12T10:00"), number=1, stopped_for="testing", reason="委托检测")
    assert by(course) is None
    course.give("run_complaint_time", SUPERVISOR, at("2026-01-16T17:00"), number=1)
    assert by(course) == at("2026-03-01T00:00")  # 02-24 … 02-28: five working days
    decided = course.give("decide_complaint", SUPERVISOR, at("2026-02-28T23:00"), number=1, outcome="rejected", **DECISION)[0]
    assert (decided.public["due"], decided.public["late"]) == ("2026-02-28T16:00:00.000000Z", False)


def test_a_decision_ends_the_time_that_does_not_count() -> None:
    course = accepted()
    course.give("stop_complaint_time", SUPERVISOR, at("2026-02-13T10:00"), number=1, stopped_for="expert_review", reason="r")
    decided = course.give("decide_complaint", SUPERVISOR, at("2026-02-25T10:00"), number=1, outcome="rejected", **DECISION)[0]
    assert decided.public["late"] is False


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), max_size=4))
def test_what_is_left_out_is_added_and_no_day_twice(gaps: list[tuple[int, int]]) -> None:
    """Stopping on the day of going on again leaves that day out once."""
    course, day, days = accepted(), date(2026, 1, 7), set[date]()
    for before, length in gaps:
        first, last = day + timedelta(days=before), day + timedelta(days=before + length)
        course.give("stop_complaint_time", SUPERVISOR, at(f"{first}T18:00"), number=1, stopped_for="appraisal", reason="r")
        course.give("run_complaint_time", SUPERVISOR, at(f"{last}T18:00"), number=1)
        days |= {first + timedelta(days=n) for n in range(length + 1)}
        day = last
    calendar = work_calendar()
    last = calendar.add_workdays(date(2026, 1, 5), 30 + sum(map(calendar.is_workday, days)))
    assert by(course) == end_of_day(last)


def test_time_is_stopped_and_started_in_turn() -> None:
    course = accepted()
    now = at("2026-01-12T10:00")
    with pytest.raises(Refused) as refusal:
        course.give("run_complaint_time", SUPERVISOR, now, number=1)
    assert codes(refusal) == {"complaint.time_runs"}
    course.give("stop_complaint_time", SUPERVISOR, now, number=1, stopped_for="testing", reason="r")
    with pytest.raises(Refused) as refusal:
        course.give("stop_complaint_time", SUPERVISOR, now, number=1, stopped_for="testing", reason="r")
    assert codes(refusal) == {"complaint.time_stopped"}
