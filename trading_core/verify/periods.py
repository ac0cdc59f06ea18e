"""Counting the legal periods again from the events' times and the rules the file names (docs/formats.md §7.4)."""
from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256

from .events import Record
from .report import Broken, Check, Malformed
from .schedule import NOTICES, points
from .text import Value, canonical

NAME, ALL = "periods.kept", "all"
LOCAL = timedelta(hours=8)
DAY = timedelta(days=1)
COUNT_MAX = 4000
FLAGS = ("lands_on_workday", "start_closes", "count_first_day")
LEGAL = ("source", "verified")
MEMBERS = ("id", "start", "end", "count", "unit", "bound", "direction", "applies", *LEGAL, *FLAGS)


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


def check_periods(rules: Value, record: Record, lot: str) -> Iterator[Check]:
    """The rules are those that the notice fixed, the instants those of the events, and no period is broken."""
    rules.only("calendar", "format", "instants", "periods", "rest_day_reasons", "rules", "trade")["format"].choice("gongxin-rules-v1")
    calendar, terms = _calendar(rules["calendar"]), terms_of(record, lot)
    unfixed = _check_fixed(rules, record, lot)
    applied = [p for p in rules["periods"].entries() if _applies(p.only(*MEMBERS), terms)]
    instants = _instants(rules["instants"], record, lot, {p[n].text() for p in applied for n in ("start", "end")})
    reasons = _reasons(rules["rest_day_reasons"], terms)
    counted, late = 0, []
    for period in applied:
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
    params: dict[str, str | int] = {"count": counted, "late": ", ".join(late) or "-", "unfixed": unfixed or "-"}
    yield Check(NAME, "not_shown" if unfixed == ALL or not counted else "noted" if late or unfixed else "holds", "rules.json", params)


def terms_of(record: Record, lot: str) -> dict[str, object]:
    """The terms of the notice with what amendments changed."""
    terms: dict[str, object] = {}
    for e in record.of(f"lot/{lot}", *NOTICES, "amended"):
        announced = e.public.get("terms") or e.public.get("changes")
        terms |= announced.mapping() if announced else {}
    return terms


def _applies(period: Value, terms: Mapping[str, object]) -> bool:
    """Only a fact stated otherwise switches a period off. Facts are plain terms: text, integers, true and false."""
    facts = {k: v for k, v in terms.items() if isinstance(v, bool | str | int)}
    return all(facts.get(name, value) == value for name, value in period["applies"].mapping().items())


def _reasons(told: Value, terms: Mapping[str, object]) -> set[str]:
    """The periods that may end on a rest day, for the reasons that the notice gives."""
    if canonical(told.raw) != canonical(terms.get("rest_day_reasons") or {}):
        raise Broken(NAME, told.where, canonical(terms.get("rest_day_reasons") or {})[:200], canonical(told.raw)[:200])
    return set(told.mapping())


def _check_fixed(rules: Value, record: Record, lot: str) -> str:
    """Periods and calendar against the digests in the first notice. What no digest fixes: `ALL`, or years of the calendar."""
    fixed = next((e.public.get("rules") for e in record.of(f"lot/{lot}", *NOTICES)), None)
    if fixed is None:
        return ALL
    said = [{k: v for k, v in p.mapping().items() if k not in LEGAL} for p in rules["periods"].entries()]
    if _digest(said) != fixed["periods"].text():
        raise Broken(NAME, "rules.json periods", f"those with the digest {fixed['periods'].text()}", _digest(said))
    years = fixed["calendar"].mapping()
    for year, days in rules["calendar"].members():
        if year in years and _digest(days.raw) != years[year]:
            raise Broken(NAME, days.where, f"the days with the digest {years[year]}", _digest(days.raw))
    return ", ".join(sorted(rules["calendar"].mapping().keys() - years.keys()))


def _digest(value: object) -> str:
    return sha256(canonical(value).encode()).hexdigest()


def _instants(told: Value, record: Record, lot: str, wanted: set[str]) -> dict[str, datetime]:
    """The instants that the events give, which must be those told, all of them and no others."""
    instants = {name: _instant(value, record) for name, value in told.members()}
    found = {name: at for name, at in points(record, lot).items() if name in wanted}
    for name in sorted(instants.keys() | found.keys()):
        if instants.get(name) != found.get(name):
            expected, stated = (at[name].isoformat() if name in at else "none" for at in (found, instants))
            raise Broken(NAME, f"{told.where} {name}", expected, stated)
    return found


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
    first = _closing(start) if closes or backward else _opening(start)
    day = _opening(end) if backward and not least else _closing(end)  # not earlier than a day: 0:00 is that day's first instant
    limit = _limit(first, count, unit, backward, first_counts, calendar)
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


def _opening(instant: datetime) -> date:
    """The local day in which something begins at this instant."""
    return (instant + LOCAL).astimezone(UTC).date()


def _closing(instant: datetime) -> date:
    """The local day on which something that ends at this instant ends: midnight belongs to the day before."""
    return (instant + LOCAL - timedelta(microseconds=1)).astimezone(UTC).date()
