"""What the periods mean for one lot: the clocks that run, the lawful plan, instants moved by a suspension or late start [01 §1.4, §1.9]."""
from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from .errors import Problem
from .periods import Period, Reach, check, clock_text, reach, reach_from
from .workcalendar import DAY, UnknownYear, WorkCalendar, local_date

Sentence = tuple[str, Mapping[str, object]]


@dataclass(frozen=True, slots=True)
class Due:
    """The limit that a period sets to the point `period.end`.

    reach: None when the work calendar of a year it touches is unknown; `problem` then says so. said: how it was counted, as
    message keys with figures (dates as ``YYYY-MM-DD``), one sentence each: no clock is shown without its reason.
    """

    period: Period
    reach: Reach | None
    said: tuple[Sentence, ...] = ()
    problem: Problem | None = None

    @property
    def at(self) -> datetime | None:
        return self.reach.at if self.reach else None


def due_dates(
    periods: Iterable[Period], known: Mapping[str, datetime], facts: Mapping[str, object], calendar: WorkCalendar
) -> tuple[Due, ...]:
    """The limits of all applying periods whose start is known, earliest first, those that cannot be counted last."""
    found = [_due(p, known[p.start], calendar) for p in periods if p.applies_to(facts) and p.start in known]
    return tuple(sorted(found, key=lambda d: (d.reach is None, d.reach.at.timestamp() if d.reach else 0)))


def plan(periods: Iterable[Period], known: Mapping[str, date], facts: Mapping[str, object], calendar: WorkCalendar) -> tuple[Due, ...]:
    """A lawful schedule from the given days, such as ``{"issue_start": day}``: every point at its earliest lawful day.

    One line per point that lower limits determine (the period that binds it), and one per limit that rests on a known or planned
    point: last days for objections and clarifications, due days. Earliest first. Periods in hours have no place in a plan of days.
    Raises `UnknownYear` when a point falls beyond the loaded years, ValueError when the periods limit each other in a circle.
    """
    applying = [p for p in periods if p.applies_to(facts) and p.unit != "hours"]
    days, binding = dict(known), dict[str, Period]()
    moved = True
    for _ in range(len(applying) + 1):
        moved = False
        for p in applying:
            if not p.is_minimum or p.start not in days or p.end in known:
                continue
            day = reach_from(p, days[p.start], calendar).day
            if p.end not in days or day > days[p.end]:
                days[p.end], binding[p.end], moved = day, p, True
        if not moved:
            break
    if moved:
        raise ValueError("the periods limit each other in a circle")
    lines = [*binding.values(), *(p for p in applying if not p.is_minimum and p.start in days)]
    found = [_due(p, days[p.start], calendar) for p in lines]
    return tuple(sorted(found, key=lambda d: d.reach.day if d.reach else date.max))


def shift(schedule: Mapping[str, datetime], frozen: timedelta, names: Iterable[str]) -> dict[str, datetime]:
    """The schedule after a suspension: the named points, as far as planned, later by the frozen span, never shortened [T-12].

    Name only forward points of the procedure that had not passed: the clocks of remedies and of the supervisor run on.
    """
    if frozen < timedelta(0):
        raise ValueError("a suspension does not shorten a period")
    return {**schedule, **{name: schedule[name] + frozen for name in names if name in schedule}}


def delayed(
    periods: Sequence[Period], schedule: Mapping[str, datetime], start: str, at: datetime, facts: Mapping[str, object],
    calendar: WorkCalendar,
) -> dict[str, datetime]:
    """The points to move, with their new instants, when the point `start` comes at `at` and not as planned.

    Each end of a minimum period that would be too short moves to the earliest lawful working day, at its time of day, and takes along
    what is counted from it; what is long enough stays. Without the calendar of a year that it reaches, a point keeps its distance
    from the start in days: a start is never refused.
    """
    known, late, moved, waiting = {**schedule, start: at}, local_date(at) - local_date(schedule[start]), dict[str, datetime](), [start]
    while waiting:
        point = waiting.pop()
        for f in check([p for p in periods if p.is_minimum and p.start == point], known, facts, calendar):
            end = f.period.end
            lawful = schedule[end] + max(late, 0 * DAY) if f.kind == "blocked" and f.limit is None else f.repair if f.too_short else None
            if lawful is not None and lawful > known[end]:
                known[end] = moved[end] = lawful
                waiting.append(end)
    return moved


def excluding(period: Period, spans: Iterable[tuple[date, date]], calendar: WorkCalendar) -> Period:
    """The period lengthened by the days of the spans (first and last day, both included) that do not count, such as inspection,
    appraisal, or an objection being answered [T-13]. Spans may overlap; each day is left out once."""
    days = {first + i * DAY for first, last in spans for i in range((last - first).days + 1)}
    if period.unit == "hours":
        raise ValueError(f"{period.id}: days cannot be left out of a period in hours")
    left_out = len(days) if period.unit == "days" else sum(map(calendar.is_workday, days))
    return replace(period, count=period.count + left_out)


def _due(period: Period, start: datetime | date, calendar: WorkCalendar) -> Due:
    try:
        found = reach(period, start, calendar) if isinstance(start, datetime) else reach_from(period, start, calendar)
        return Due(period, found, tuple(_sentences(period, found, calendar)))
    except UnknownYear as unknown:
        return Due(period, None, problem=unknown.problems[0])


def _sentences(period: Period, found: Reach, calendar: WorkCalendar) -> Iterable[Sentence]:
    hours = period.unit == "hours"
    way = "_before" if period.backward else "_inclusive" if period.count_first_day else ""
    figures: dict[str, object] = {
        "start": found.start.isoformat(), "count": period.count, "raw": found.raw.isoformat(), "day": found.day.isoformat(),
        "at": clock_text(found.at),
    }  # fmt: skip
    yield f"period.counted.{period.unit}{way}", figures
    if found.day != found.raw:
        yield "period.counted.rolled", figures
    elif period.backward and not hours and period.bound == "at_least" and not calendar.is_workday(found.day):
        yield "period.counted.rest_day", {**figures, "staff_day": calendar.workday_until(found.day).isoformat()}
