"""Counting the legal periods again from the events' times and the rules the file names (docs/formats.md §7.4)."""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from .events import Record
from .report import Broken, Check, Malformed
from .text import Value

NAME = "periods.kept"
LOCAL = timedelta(hours=8)
DAY = timedelta(days=1)
COUNT_MAX = 4000
FLAGS = ("lands_on_workday", "start_closes", "count_first_day")
MEMBERS = ("id", "start", "end", "count", "unit", "bound", "direction", "source", "verified", *FLAGS)


class UnknownYear(Malformed):
    """A day of a year whose calendar the file does not have."""


@dataclass(frozen=True)
class Calendar:
    """Days off (beside ordinary weekends) and working weekends, by year. Other years are unknown."""

    off: frozenset[date]
    makeup: frozenset[date]
    years: frozenset[int]

    def works(self, day: date) -> bool:
        if day.year not in self.years:
            raise UnknownYear("rules.json calendar", f"the calendar of {day.year}")
        return day in self.makeup or (day.weekday() < 5 and day not in self.off)

    def step(self, day: date, count: int, by: timedelta) -> date:
        """The count-th working day from day on, day itself not counted."""
        while count:
            day += by
            count -= self.works(day)
        return day

    def next_working(self, day: date) -> date:
        while not self.works(day):
            day += DAY
        return day


def check_periods(rules: Value, record: Record) -> Iterator[Check]:
    """The instants are those that the events state, and no period is broken."""
    rules.only("calendar", "format", "instants", "periods", "rest_day_reasons", "rules", "trade")["format"].choice("gongxin-rules-v1")
    calendar = _calendar(rules["calendar"])
    instants = {name: _instant(value, record) for name, value in rules["instants"].members()}
    unstated = sum(v["from"].raw is None for _, v in rules["instants"].members())
    reasons = set(rules["rest_day_reasons"].mapping())
    counted, late = 0, []
    for period in rules["periods"].entries():
        period.only(*MEMBERS)
        start, end = instants.get(period["start"].text()), instants.get(period["end"].text())
        if start is None or end is None:
            continue
        counted += 1
        try:
            kept = _kept(period, start, end, calendar, period["id"].text() in reasons)
        except UnknownYear:
            if period["bound"].text() == "at_least":
                raise
            kept = False  # an upper limit never blocks: what cannot be counted is noted
        if not kept:
            late.append(period["id"].text())
    params: dict[str, str | int] = {"count": counted, "late": ", ".join(late) or "-", "unstated": unstated}
    yield Check(NAME, "noted" if late or unstated else "holds", "rules.json", params)


def _calendar(value: Value) -> Calendar:
    off: set[date] = set()
    makeup: set[date] = set()
    years: set[int] = set()
    for year, entry in value.members():
        entry.only("makeup", "off")
        for days, into in ((entry["off"], off), (entry["makeup"], makeup)):
            for day in days.entries():
                if str(day.date().year) != year:
                    raise Malformed(day.where, f"a day of {year}")
                into.add(day.date())
        if not year.isdecimal() or not 1900 < int(year) < 9999:
            raise Malformed(value.where, "years")
        years.add(int(year))
    return Calendar(frozenset(off), frozenset(makeup), frozenset(years))


def _instant(value: Value, record: Record) -> datetime:
    """An instant, which must be what the event it is said to come from states."""
    value.only("at", "from")
    at, source = value["at"].instant(), value["from"]
    if source.raw is None:
        return at
    source.only("path", "stream", "version")
    event = record.at(source["stream"].text(), source["version"].integer(1))
    if event is None:
        raise Broken(NAME, source.where, "an event of this file", f"{source['stream'].text()} version {source['version'].integer(1)}")
    stated = event.public
    for key in source["path"].texts():
        stated = stated[key]
    found = stated.instant() if source["path"].entries() else event.at
    if found != at:
        raise Broken(NAME, f"{value.where} ({event.where})", found.isoformat(), at.isoformat())
    return at


def _kept(period: Value, start: datetime, end: datetime, calendar: Calendar, excused: bool) -> bool:
    """Whether a period is kept; False for a late step, which is lawful to note only. Raises `Broken` when a lower limit is."""
    least = period["bound"].choice("at_least", "at_most") == "at_least"
    backward = period["direction"].choice("forward", "backward") == "backward"
    unit, count = period["unit"].choice("days", "workdays", "hours"), period["count"].integer()
    if count > COUNT_MAX:
        raise Malformed(period.where, f"a count up to {COUNT_MAX}")
    rolls, closes, first_counts = (period[n].boolean() for n in FLAGS)
    if unit == "hours":
        limit_at = start + timedelta(hours=-count if backward else count)
        return _judge(period, end, limit_at, least, backward)
    first = _closing(start) if closes or backward else (start + LOCAL).astimezone(UTC).date()
    day, limit = _closing(end), _limit(first, count, unit, backward, first_counts, calendar)
    if rolls and not backward and not least and day > limit:
        limit = calendar.next_working(limit)
    kept = _judge(period, day, limit, least, backward)
    if least and not backward and rolls and not excused and not calendar.works(day):
        raise Broken(NAME, f"{period.where} {period['id'].text()}", f"an end on a working day: {calendar.next_working(day)}", day)
    return kept


def _limit(first: date, count: int, unit: str, backward: bool, first_counts: bool, calendar: Calendar) -> date:
    if first_counts and not backward:
        first -= DAY
    by = -DAY if backward else DAY
    return first + by * count if unit == "days" else calendar.step(first, count, by)


def _judge(period: Value, end: date, limit: date, least: bool, backward: bool) -> bool:
    """at_least forward: end ≥ limit; backward: end ≤ limit. at_most the other way round, and only noted."""
    if least and (end > limit if backward else end < limit):
        raise Broken(NAME, f"{period.where} {period['id'].text()}", f"{'not after' if backward else 'not before'} {limit}", end)
    return least or (end >= limit if backward else end <= limit)


def _closing(instant: datetime) -> date:
    """The local day on which something that ends at this instant ends: midnight belongs to the day before."""
    return (instant + LOCAL - timedelta(microseconds=1)).astimezone(UTC).date()
