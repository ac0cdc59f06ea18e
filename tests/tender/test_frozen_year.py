"""A lot that stands still into a year whose work calendar is not yet published goes on all the same [T-12, T-15, 01 §1.4.3]."""
from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.tender.course import ORDER, SUPERVISOR, Course, at, bidding_lot

STOPPED = at("2026-03-06T09:00")


@given(st.integers(1, 600))
def test_every_suspension_can_be_lifted(days: int) -> None:
    course = Course(bidding_lot())
    planned = course.lot.schedule["bid_deadline"]
    course.give("order_suspension", SUPERVISOR, STOPPED, **ORDER)
    course.give("resume", SUPERVISOR, STOPPED + timedelta(days=days), reason="r")
    said, moved = course.record[-1].public, course.lot.schedule
    assert course.lot.status == "BIDDING"
    assert moved["opening"] == moved["bid_deadline"] >= planned + timedelta(days=days)
    unknown = (planned + timedelta(days=days)).year > 2026
    assert ("bid_deadline" in said.get("rest_days_unknown", ())) == unknown  # type: ignore[operator]
    if unknown:
        assert moved["bid_deadline"] == planned + timedelta(days=days)


def test_an_objection_answered_after_the_year_lets_the_lot_go_on() -> None:
    course = Course(bidding_lot())
    course.object_document(STOPPED)
    late = at("2026-12-30T10:00")
    course.answer(1, late, late_reason="核查时间较长")
    assert course.lot.status == "BIDDING" and course.lot.schedule["bid_deadline"].year == 2027
