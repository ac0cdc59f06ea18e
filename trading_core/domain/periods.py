"""Statutory periods as data, and the one way to count and to judge them [01 §1.4].

A schedule maps points (``issue_start``, ``bid_deadline`` …) to instants. A period limits one point, its `end`, by counting from
another, its `start`: forwards in time («自…之日起不得少于 20 日») or backwards («截止 15 日前»). Lower limits block, upper limits warn:
refusing a late step would leave the lot in a dead end [T-15].
"""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Literal

from .errors import Problem
from .workcalendar import CST, DAY, UnknownYear, WorkCalendar, closing_day, end_of_day, local_date, start_of_day

Unit = Literal["days", "workdays", "hours"]
Bound = Literal["at_least", "at_most"]
Direction = Literal["forward", "backward"]
Kind = Literal["ok", "blocked", "late"]


@dataclass(frozen=True, slots=True)
class Period:
    """A statutory period.

    id: rule in the rulebook (``E-T03``); its title is the message ``period.<id>``. start: the point counted from. end: the point
    limited. backward: count steps back from start, never rolled off a rest day [T-08]; a lower limit then means "not later than",
    an upper limit "not earlier than". source: article as people cite it. verified: False while the rulebook marks it ``[K?]``.
    applies: facts that must hold; only a fact stated otherwise switches the period off, a missing one does not.
    count_first_day: the day of start counts too [T-10]. lands_on_workday: the end of a forward period in days may not lie on a
    rest day: lower limits ask for a working day [T-09], upper limits roll on to one [T-03]. start_closes: start is itself the end
    of a span (``issue_end``), so that midnight there is 24:00 of the day before [T-04].
    """

    id: str
    start: str
    end: str
    count: int
    unit: Unit
    bound: Bound
    direction: Direction
    source: str
    verified: bool
    applies: Mapping[str, object] = field(default_factory=dict, hash=False)
    count_first_day: bool = False
    lands_on_workday: bool = True
    start_closes: bool = False

    def __post_init__(self) -> None:
        if self.count < self.count_first_day:
            raise ValueError(f"{self.id}: a period of {self.count} {self.unit} cannot be counted")
        if self.count_first_day and (self.backward or self.unit == "hours"):
            raise ValueError(f"{self.id}: only forward periods in days count their first day")

    @property
    def backward(self) -> bool:
        return self.direction == "backward"

    @property
    def is_minimum(self) -> bool:
        """A lower limit counted forwards: the kind that has an earliest lawful day."""
        return self.bound == "at_least" and not self.backward

    def applies_to(self, facts: Mapping[str, object]) -> bool:
        return all(facts.get(name, value) == value for name, value in self.applies.items())

    def first_day(self, start: datetime) -> date:
        """The day of the triggering instant. A deadline counted back from closes its day."""
        return closing_day(start) if self.backward or self.start_closes else local_date(start)


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a period reaches. start: the day counted from; raw: where the bare count ends; day: after rolling off rest days;
    at: the instant from which the limit is passed, 24:00 of `day` unless counted in hours (for "not earlier than": its 0:00)."""

    start: date
    raw: date
    day: date
    at: datetime


def reach(period: Period, start: datetime, calendar: WorkCalendar) -> Reach:
    """The limit of a period whose start is known. Raises `UnknownYear`."""
    if period.unit == "hours":
        at = start + _hours(period)
        return Reach(local_date(start), local_date(at), local_date(at), at)
    return reach_from(period, period.first_day(start), calendar)


def reach_from(period: Period, start: date, calendar: WorkCalendar) -> Reach:
    """The limit of a period in days or working days counted from the day `start`. Raises `UnknownYear`."""
    raw = _raw(period, start, calendar)
    rolls = period.lands_on_workday and not period.backward
    day = calendar.workday_from(raw) if rolls else raw
    not_earlier = period.backward and period.bound == "at_most"
    return Reach(start, raw, day, start_of_day(day) if not_earlier else end_of_day(day))


def _hours(period: Period) -> timedelta:
    return timedelta(hours=-period.count if period.backward else period.count)


def _raw(period: Period, start: date, calendar: WorkCalendar) -> date:
    before = start - DAY if period.count_first_day else start
    if period.backward:
        count_back = calendar.latest_before if period.unit == "days" else calendar.latest_before_workdays
        return count_back(start, period.count)
    return before + period.count * DAY if period.unit == "days" else calendar.add_workdays(before, period.count)


@dataclass(frozen=True, slots=True)
class Finding:
    """What became of one period in one schedule.

    kind: ok; blocked (a lower limit is broken, or ends on a rest day); late (an upper limit is passed: warn and ask for a reason).
    actual: the length found, in the period's unit. limit: how far the period reaches. repair: for blocked, the lawful instant for
    `period.end` nearest to the planned one, at the same time of day. reason: the stated reason for an end on a rest day [T-09].
    limit and actual are None when the work calendar of a year they reach is unknown.
    """

    period: Period
    kind: Kind
    actual: int | None = None
    limit: Reach | None = None
    repair: datetime | None = None
    problem: Problem | None = None
    reason: str = ""

    @property
    def too_short(self) -> bool:
        """Whether a lower limit is broken by the count itself, whatever day it ends on."""
        return self.kind == "blocked" and self.problem is not None and self.problem.code.startswith("period.too_short")


def check(
    periods: Iterable[Period],
    schedule: Mapping[str, datetime],
    facts: Mapping[str, object],
    calendar: WorkCalendar,
    rest_day_reasons: Mapping[str, str] | None = None,
) -> tuple[Finding, ...]:
    """One finding for every applying period both of whose points are in the schedule, in the order of the periods.

    rest_day_reasons: stated reasons by period id; a lower limit with one may end on a rest day [T-09]. A year without calendar is
    a finding too (blocked for lower limits, late for upper ones), with the problem `calendar.unknown_year`.
    """
    reasons = rest_day_reasons or {}
    return tuple(
        _judged(p, schedule[p.start], schedule[p.end], calendar, reasons.get(p.id, ""))
        for p in periods
        if p.applies_to(facts) and p.start in schedule and p.end in schedule
    )


def blocking(findings: Iterable[Finding]) -> tuple[Problem, ...]:
    """The problems for which a schedule is refused."""
    return tuple(f.problem for f in findings if f.kind == "blocked" and f.problem is not None)


def _judged(p: Period, start: datetime, end: datetime, calendar: WorkCalendar, reason: str) -> Finding:
    try:
        limit, actual = reach(p, start, calendar), _length(p, start, end, calendar)
        return _upper(p, end, limit, actual) if p.bound == "at_most" else _lower(p, end, limit, actual, calendar, reason)
    except UnknownYear as unknown:
        if p.bound == "at_most" and p.unit == "days" and not p.backward and (actual := _length(p, start, end, calendar)) <= p.count:
            return Finding(p, "ok", actual)  # rolling could only have given more time
        problem = replace(unknown.problems[0], path=f"schedule.{p.end}")
        return Finding(p, "blocked" if p.bound == "at_least" else "late", problem=problem)


def _lower(p: Period, end: datetime, limit: Reach, actual: int, calendar: WorkCalendar, reason: str) -> Finding:
    day = closing_day(end)
    off = end - limit.at if p.unit == "hours" else day - limit.raw
    if off > timedelta(0) if p.backward else off < timedelta(0):
        repair = limit.at if p.unit == "hours" else _moved(end, limit.day)
        return Finding(p, "blocked", actual, limit, repair, _problem(p, "too_short", end, limit, actual))
    if p.is_minimum and p.unit != "hours" and p.lands_on_workday and not calendar.is_workday(day):
        if reason:
            return Finding(p, "ok", actual, limit, reason=reason)
        lawful = calendar.workday_from(day)
        params = {"period": p.id, "day": day.isoformat(), "lawful": lawful.isoformat(), "source": p.source}
        problem = Problem("period.ends_on_rest_day", f"schedule.{p.end}", params, p.id)
        return Finding(p, "blocked", actual, limit, _moved(end, lawful), problem)
    return Finding(p, "ok", actual, limit)


def _upper(p: Period, end: datetime, limit: Reach, actual: int) -> Finding:
    if end >= limit.at if p.backward else end <= limit.at:
        return Finding(p, "ok", actual, limit)
    return Finding(p, "late", actual, limit, problem=_problem(p, "too_early" if p.backward else "overdue", end, limit, actual))


def _length(p: Period, start: datetime, end: datetime, calendar: WorkCalendar) -> int:
    """From start to end (backwards: from end to start), in whole units of the period; negative when in the wrong order.

    Of the two days one does not count: the first, or the last where counting goes back from it.
    """
    if p.unit == "hours":
        return ((start - end) if p.backward else (end - start)) // timedelta(hours=1)
    if p.backward:
        first, last = local_date(end) if p.bound == "at_most" else closing_day(end), p.first_day(start) - DAY
    else:
        first, last = p.first_day(start) + (0 if p.count_first_day else 1) * DAY, closing_day(end)
    return (last - first).days + 1 if p.unit == "days" else calendar.count_workdays(first, last)


def _moved(end: datetime, day: date) -> datetime:
    """The same time of day on another day; 24:00 stays 24:00."""
    return end + (day - closing_day(end))


def _problem(p: Period, fault: str, end: datetime, limit: Reach, actual: int) -> Problem:
    hours = p.unit == "hours"
    params: dict[str, object] = {
        "period": p.id, "actual": actual, "count": p.count, "source": p.source,
        "start": clock_text(limit.at - _hours(p)) if hours else limit.start.isoformat(),
        "end": clock_text(end) if hours else closing_day(end).isoformat(),
        "lawful": clock_text(limit.at) if hours else limit.day.isoformat(),
    }  # fmt: skip
    return Problem(f"period.{fault}" + ("" if p.unit == "days" else f"_{p.unit}"), f"schedule.{p.end}", params, p.id)


def clock_text(moment: datetime) -> str:
    """Date and clock time in China, to the minute, as limits in hours are told."""
    return moment.astimezone(CST).strftime("%Y-%m-%d %H:%M")


def deadline_after_amendment(
    published: date, deadline: date, affects_preparation: bool, minimum: Period, calendar: WorkCalendar
) -> date | None:
    """The new deadline that an amendment published on that day forces, or None when the deadline may stay [01 §1.5, A-01–A-04].

    minimum: the backward lower limit from the deadline, such as E-T04. The result is the first working day that keeps it.
    """
    if not minimum.backward or minimum.bound != "at_least" or minimum.unit == "hours":
        raise ValueError(f"{minimum.id} is not a minimum before a deadline")
    if not affects_preparation or published <= reach_from(minimum, deadline, calendar).day:
        return None
    day = deadline
    while not calendar.is_workday(day) or published > reach_from(minimum, day, calendar).day:
        day += DAY
    return day
