"""How long a step may take under the periods of the trade type: looked up by the points it runs between [01 §1.4]."""
from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from ..deadlines import Due, due_dates
from ..errors import Problem
from ..events import instant_text
from ..lot import Lot
from ..periods import Period, blocking, check
from ..trade import TradeType
from ..workcalendar import WorkCalendar
from .announcing import period_facts


def period_between(trade: TradeType, lot: Lot, start: str, end: str) -> Period | None:
    """The period that limits the point `end` counted from `start` for this lot, None when its rules know none."""
    facts = period_facts(lot.terms)
    return next((p for p in trade.periods if p.start == start and p.end == end and p.applies_to(facts)), None)


def limit(trade: TradeType, lot: Lot, start: str, end: str, since: datetime, calendar: WorkCalendar) -> Due | None:
    """The limit of that period from the instant `since`. Its `at` is None while the calendar of a year it reaches is unknown."""
    period = period_between(trade, lot, start, end)
    return due_dates([period], {start: since}, {}, calendar)[0] if period else None


def too_early(trade: TradeType, lot: Lot, point: str, now: datetime, calendar: WorkCalendar) -> Iterator[Problem]:
    """Every lower limit of a period that has not run yet when the step is to be taken now."""
    facts = period_facts(lot.terms)
    for p in trade.periods:
        if p.end == point and p.is_minimum and p.applies_to(facts) and p.start in lot.schedule:
            yield from blocking(check([p], {p.start: lot.schedule[p.start], point: now}, facts, calendar))


def timeliness(due: Due | None, now: datetime, reason: object) -> dict[str, object]:
    """What an event says of a step with an upper limit: when it was due, whether it came late and why. Late never blocks [T-15]."""
    if due is None or due.at is None:
        return {}
    return {"due": instant_text(due.at), "period": due.period.id, "late": now > due.at, "late_reason": str(reason or "")}
