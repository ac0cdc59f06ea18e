"""The periods and the calendar that a notice fixes: how they are written, and the digests by which anyone can know them again.

A project file states both at full length; the notice, which is in the log, states their digests (docs/formats.md §7.4). So nobody can
tell another rule afterwards.
"""
from __future__ import annotations

import hashlib
from collections.abc import Iterable

from .leaves import canonical
from .periods import Period
from .workcalendar import WorkCalendar, YearDays

LEGAL = ("source", "verified")
"""Members of a period that say where it comes from and not what it is: research may better them while a lot runs."""


def period_said(p: Period) -> dict[str, object]:
    """A period as files state it."""
    return {
        "id": p.id, "start": p.start, "end": p.end, "count": p.count, "unit": p.unit, "bound": p.bound, "direction": p.direction,
        "source": p.source, "verified": p.verified, "lands_on_workday": p.lands_on_workday, "start_closes": p.start_closes,
        "count_first_day": p.count_first_day, "applies": dict(p.applies),
    }  # fmt: skip


def year_said(days: YearDays) -> dict[str, object]:
    """A year of the calendar as files state it: days off beside ordinary weekends, and working weekends."""
    return {"off": sorted(d.isoformat() for d in days.off), "makeup": sorted(d.isoformat() for d in days.makeup)}


def digests(periods: Iterable[Period], calendar: WorkCalendar) -> dict[str, object]:
    """Hex SHA-256 of the periods without `LEGAL`, and of each year that the calendar knows."""
    said = [{k: v for k, v in period_said(p).items() if k not in LEGAL} for p in periods]
    return {"periods": _digest(said), "calendar": {str(year): _digest(year_said(days)) for year, days in sorted(calendar.years.items())}}


def _digest(value: object) -> str:
    return hashlib.sha256(canonical(value).encode()).hexdigest()
