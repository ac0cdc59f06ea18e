"""The legal schedule of a lot as a picture: bars for periods, discs for limits, a square for the deadline, shaded days off."""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from trading_core.domain.deadlines import Due, due_dates
from trading_core.domain.lot import Lot
from trading_core.domain.stages.announcing import period_facts
from trading_core.domain.trade import TradeType
from trading_core.domain.workcalendar import UnknownYear, WorkCalendar, closing_day, local_date

from .i18n import Words
from .workbench import schedule

LEFT, RIGHT = 60, 1040  # of a picture 1100 wide
ROW, TOP = 34, 56
DAYS_MIN, LABELS_MAX = 14, 10
REST_MIN = 3  # days off in a row that are worth shading


@dataclass(frozen=True, slots=True)
class Mark:
    """A point of the picture: known (square for the deadline, disc for others) or a limit that a period sets."""

    x: int
    y: int
    text: str
    kind: str


@dataclass(frozen=True, slots=True)
class Bar:
    x: int
    y: int
    width: int
    text: str
    rule: str


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table below the picture."""

    text: str
    at: datetime
    rule: str
    source: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Everything the template draws; places are in the units of its view box."""

    height: int
    axis: int
    grid: tuple[tuple[int, str], ...]
    rests: tuple[tuple[int, int], ...]
    bars: tuple[Bar, ...]
    marks: tuple[Mark, ...]
    today: int | None
    rows: tuple[Row, ...]


def chart(trade: TradeType, lot: Lot, calendar: WorkCalendar, now: datetime, words: Words) -> Chart | None:
    """The picture, None while no date is known."""
    known = {name: at for name, at in schedule(lot).items() if name != "opening"}
    if not known:
        return None
    limits = [d for d in due_dates(trade.periods, known, period_facts(lot.terms), calendar) if d.at is not None]
    days = [closing_day(at) for at in known.values()] + [closing_day(d.at) for d in limits if d.at]
    first, last = min(days), max(max(days), min(days) + timedelta(days=DAYS_MIN))
    place = Scale(first, last)
    bars = tuple(_bars(trade, known, lot, place, words))
    axis = TOP + ROW * len(bars) + 20
    ahead = [d for d in limits if d.period.end not in known]
    planned = sorted(known.items(), key=lambda p: p[1])
    marks = _staggered([*(_known(place, n, at, words) for n, at in planned), *(_limit(place, d, words) for d in ahead)], axis)
    rows = [Row(words.name("point", n), at, "", "") for n, at in planned]
    rows += [Row(words.name("point", d.period.end), d.at, d.period.id, d.period.source) for d in ahead if d.at]
    return Chart(
        max(m.y for m in marks) + 60, axis, tuple(_grid(first, last, place)), tuple(_rests(first, last, place, calendar)), bars, marks,
        place(now) if first <= local_date(now) <= last else None, tuple(rows),
    )  # fmt: skip


def _known(place: Scale, name: str, at: datetime, words: Words) -> Mark:
    return Mark(place(at), 0, f"{words.name('point', name)} {words.short(at, True)}", "deadline" if name == "bid_deadline" else "known")


def _limit(place: Scale, due: Due, words: Words) -> Mark:
    assert due.at is not None
    return Mark(place(due.at), 0, f"{words.name('point', due.period.end)} {words.short(due.at, True)} {due.period.id}", "limit")


class Scale:
    """Where a day stands between the edges."""

    def __init__(self, first: date, last: date) -> None:
        self._first, self._days = first, max(1, (last - first).days)

    def __call__(self, moment: datetime | date) -> int:
        day = closing_day(moment) if isinstance(moment, datetime) else moment
        return LEFT + (RIGHT - LEFT) * (day - self._first).days // self._days


def _bars(trade: TradeType, known: dict[str, datetime], lot: Lot, place: Scale, words: Words) -> Iterator[Bar]:
    facts = period_facts(lot.terms)
    wanted = (p for p in trade.periods if p.applies_to(facts) and not p.backward and p.start in known and p.end in known)
    for i, p in enumerate(wanted):
        x, end = place(known[p.start]), place(known[p.end])
        yield Bar(x, TOP + ROW * i, max(4, end - x), words.period(p), p.id)


def _staggered(marks: list[Mark], axis: int) -> tuple[Mark, ...]:
    """Labels below one another where they would overlap; `y` becomes the label's line."""
    placed = sorted(marks, key=lambda m: (m.x, m.text))
    return tuple(Mark(m.x, axis + 30 + 18 * (i % LABELS_MAX), m.text, m.kind) for i, m in enumerate(placed))


def _grid(first: date, last: date, place: Scale) -> Iterator[tuple[int, str]]:
    step = max(7, ((last - first).days // 70 + 1) * 7)
    day = first
    while day <= last:
        yield place(day), f"{day.month}-{day.day:02}"
        day += timedelta(days=step)


def _rests(first: date, last: date, place: Scale, calendar: WorkCalendar) -> Iterator[tuple[int, int]]:
    """Runs of days off, longer than a weekend. A year whose calendar is unknown is left unshaded."""
    day, run = first, 0
    try:
        while day <= last + timedelta(days=1):
            if day <= last and not calendar.is_workday(day):
                run += 1
            else:
                if run >= REST_MIN:
                    start = place(day - timedelta(days=run))
                    yield start, max(2, place(day) - start)
                run = 0
            day += timedelta(days=1)
    except UnknownYear:
        return
