"""The Chinese work calendar: days on which offices work, and the counting of days that rests on it [01 §1.4].

A calendar knows only the years it was given. For any other year it refuses: make-up days are decided anew each year, and Monday to
Friday would be a guess with legal effect. China has one time zone without summer time, so a local date is a fixed shift of UTC.
"""
from __future__ import annotations

import calendar as months
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone

from .errors import Problem, Refused, refuse_if

CST = timezone(timedelta(hours=8), "CST")
DAY = timedelta(days=1)


class UnknownYear(Refused):
    """The work calendar of this year has not been loaded. Never answered by a guess [T-07]."""

    def __init__(self, year: int) -> None:
        super().__init__(Problem("calendar.unknown_year", params={"year": year}, rule="T-07"))


@dataclass(frozen=True, slots=True)
class YearDays:
    """One year's holiday notice: days off, and weekend days made into working days."""

    off: frozenset[date]
    makeup: frozenset[date]


@dataclass(frozen=True)
class WorkCalendar:
    """Working days of the loaded years. Every method that must know a day of another year raises `UnknownYear`."""

    years: Mapping[int, YearDays]

    def is_workday(self, day: date) -> bool:
        """Monday to Friday without holidays, and make-up Saturdays and Sundays [T-07]."""
        if isinstance(day, datetime):
            raise TypeError("a day is a date: take local_date or closing_day of an instant")
        known = self.years.get(day.year)
        if known is None:
            raise UnknownYear(day.year)
        return day in known.makeup or (day not in known.off and day.weekday() < 5)

    def workday_from(self, day: date) -> date:
        """The day itself, or the first working day after the rest days it lies in [T-03]."""
        while not self.is_workday(day):
            day += DAY
        return day

    def workday_until(self, day: date) -> date:
        """The day itself, or the last working day before the rest days it lies in: when staff should act [T-08]."""
        while not self.is_workday(day):
            day -= DAY
        return day

    def add_workdays(self, start: date, count: int) -> date:
        """The day on which the count-th working day after start falls; start itself is not counted [T-01, T-07]."""
        return self._step(start, count, DAY)

    def latest_before_workdays(self, deadline: date, count: int) -> date:
        """«X 个工作日前»: count working days back from the deadline, which is itself not counted [T-08]."""
        return self._step(deadline, count, -DAY)

    def end_of_days(self, start: date, count: int) -> date:
        """The last day of a period of calendar days: start is not counted, an end on a rest day rolls forward [T-01, T-03]."""
        return self.workday_from(start + _days(count))

    def latest_before(self, deadline: date, count: int) -> date:
        """«X 日前»: plain subtraction, no rolling [T-08]."""
        return deadline - _days(count)

    def count_workdays(self, first: date, last: date) -> int:
        """Working days from first to last, both included; 0 when last lies before first."""
        return sum(self.is_workday(first + i * DAY) for i in range((last - first).days + 1))

    def _step(self, day: date, count: int, step: timedelta) -> date:
        left = _days(count).days
        while left:
            day += step
            left -= self.is_workday(day)
        return day


def add_months(start: date, count: int) -> date:
    """The corresponding day count months later, or the last day of that month when it has no such day [T-05]."""
    years, month = divmod(start.month - 1 + count, 12)
    year, month = start.year + years, month + 1
    return date(year, month, min(start.day, months.monthrange(year, month)[1]))


def local_date(instant: datetime) -> date:
    """The date in China at that instant. ValueError when the instant carries no time zone."""
    return _aware(instant).astimezone(CST).date()


def closing_day(instant: datetime) -> date:
    """The day that something ending at this instant ends on: an end at midnight is 24:00 of the day before [T-04]."""
    return local_date(_aware(instant) - timedelta(microseconds=1))


def start_of_day(day: date) -> datetime:
    """0:00 of that day in China, UTC."""
    return datetime.combine(day, time(), CST).astimezone(UTC)


def end_of_day(day: date) -> datetime:
    """24:00 of that day in China, UTC: the first instant that is no longer within it [T-04]."""
    return start_of_day(day + DAY)


def calendar_from(data: Mapping[str, object]) -> WorkCalendar:
    """The calendar described by data (shape of ``data/calendar_cn.json``). Raises `Refused` with every fault of every year:
    `calendar.malformed`, `calendar.contradiction` (a make-up day that is off, or no weekend day) and `calendar.checksum`
    (working days of the year are not as many as stated)."""
    years = data.get("years")
    if not isinstance(years, Mapping) or not years:
        raise Refused(Problem("calendar.malformed", "years"))
    problems: list[Problem] = []
    loaded: dict[int, YearDays] = {}
    for name, entry in years.items():
        try:
            year = int(name)
            days = YearDays(frozenset(_listed(year, entry["off"])), frozenset(_listed(year, entry["makeup"])))
            stated = int(entry["working_days"])
        except (AttributeError, KeyError, TypeError, ValueError):
            problems.append(Problem("calendar.malformed", f"years.{name}"))
            continue
        loaded[year] = days
        problems += _faults(year, days, stated)
    refuse_if(problems)
    return WorkCalendar(loaded)


def _faults(year: int, days: YearDays, stated: int) -> Iterator[Problem]:
    for day in sorted(days.makeup):
        if day in days.off or day.weekday() < 5:
            yield Problem("calendar.contradiction", f"years.{year}.makeup", {"day": day.isoformat()})
    counted = WorkCalendar({year: days}).count_workdays(date(year, 1, 1), date(year, 12, 31))
    if counted != stated:
        yield Problem("calendar.checksum", f"years.{year}.working_days", {"year": year, "stated": stated, "counted": counted})


def _listed(year: int, entries: Sequence[str]) -> Iterator[date]:
    for entry in entries:
        first, _, last = entry.partition("/")
        day, end = date.fromisoformat(f"{year}-{first}"), date.fromisoformat(f"{year}-{last or first}")
        if day > end:
            raise ValueError(f"{entry} runs backwards")
        while day <= end:
            yield day
            day += DAY


def _days(count: int) -> timedelta:
    if count < 0:
        raise ValueError("a period does not have a negative length")
    return timedelta(days=count)


def _aware(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError("an instant carries its time zone")
    return instant
