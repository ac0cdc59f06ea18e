"""A lot that stands still into a year whose work calendar is not yet published goes on all the same [T-12, T-15, 01 §1.4.3]."""
from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tender import course as played
from tests.tender.course import ORDER, SUPERVISOR, Course, at, bidding_lot
from trading_core.bootstrap import work_calendar
from trading_core.domain import engine
from trading_core.domain.stages.suspending import Suspension
from trading_core.domain.workcalendar import WorkCalendar, YearDays

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


def published(monkeypatch: pytest.MonkeyPatch, *years: int) -> None:
    """From now on the calendar knows these years: New Year is their only holiday."""
    more = {y: YearDays(frozenset({date(y, 1, 1)}), frozenset()) for y in years}
    monkeypatch.setattr(played, "work_calendar", lambda: WorkCalendar({**work_calendar().years, **more}))


def resumed_into(day: str) -> Course:
    """A lot suspended so long that its bid deadline, of 2026-03-23 at 09:30, falls on this day."""
    course = Course(bidding_lot())
    span = at(f"{day}T09:30") - course.lot.schedule["bid_deadline"]
    course.give("order_suspension", SUPERVISOR, STOPPED, **ORDER)
    course.give("resume", SUPERVISOR, STOPPED + span, reason="r")
    assert course.lot.part(Suspension).uncounted == ("bid_deadline",)
    return course


@pytest.mark.parametrize(("day", "rolled"), [("2027-01-01", "2027-01-04"), ("2027-01-02", "2027-01-04"), ("2027-01-05", "2027-01-05")])
def test_the_clock_rolls_the_moved_end_once_the_calendar_is_known(monkeypatch: pytest.MonkeyPatch, day: str, rolled: str) -> None:
    """[T-09, 01 §1.4.3] 1 January 2027 is a Friday and a holiday; the lot was resumed in December 2026."""
    course = resumed_into(day)
    begin = course.record[-1].at
    course.tick(begin + timedelta(days=2))
    assert course.record[-1].public == {"rest_days": {}, "rest_days_unknown": ["bid_deadline"]}
    assert course.lot.schedule["bid_deadline"] == at(f"{day}T09:30")
    published(monkeypatch, 2027)
    course.tick(begin + timedelta(days=4))
    assert course.record[-1].type == "rest_days_counted" and course.record[-1].public["rest_days_unknown"] == []
    moved = course.lot.schedule
    assert moved["bid_deadline"] == moved["opening"] == at(f"{rolled}T09:30")
    assert course.lot.part(Suspension) == Suspension(placed=1, supervised=True)
    count = len(course.record)
    course.tick(begin + timedelta(days=8))
    assert len(course.record) == count  # once


def test_what_has_passed_meanwhile_is_left_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    course = resumed_into("2027-01-02")
    course.lot = replace(course.lot, status="EVALUATING")
    published(monkeypatch, 2027)
    course.tick(at("2027-01-10T09:00"))
    assert course.record[-1].public == {"rest_days": {}, "rest_days_unknown": []}
    assert course.lot.schedule["bid_deadline"] == at("2027-01-02T09:30")


def test_it_is_not_looked_for_before_the_calendar_can_be_there() -> None:
    """The calendar of a year is published in the November before."""
    course = Course(bidding_lot())
    course.lot = course.lot.with_schedule(bid_deadline=at("2026-12-20T09:30"), issue_end=at("2026-12-30T09:30"))
    course.give("order_suspension", SUPERVISOR, STOPPED, **ORDER)
    course.give("resume", SUPERVISOR, STOPPED + timedelta(days=20), reason="r")
    assert engine.due(course.trade, replace(course.lot, status="EVALUATING")) == (at("2026-11-01T00:00"), "count_rest_days")


def test_a_second_suspension_counts_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    course = resumed_into("2027-01-01")
    again = course.record[-1].at + timedelta(hours=1)
    course.give("order_suspension", SUPERVISOR, again, **ORDER)
    published(monkeypatch, 2027)
    course.give("resume", SUPERVISOR, again + timedelta(days=1), reason="r")
    assert not course.lot.part(Suspension).uncounted
    assert course.lot.schedule["bid_deadline"] == at("2027-01-04T09:30")
