"""Whether the site answers [T-11, S-06]: it says so every few seconds, and who finds it silent does nothing that cannot be undone.

A third of the silence that counts as an outage is enough for the clock to wait: nothing closes while nobody can reach the site.
After a whole one people are asked to wait too, for the moment it takes to give the time back (see `outages`).
"""
from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from ..adapters.db import schema
from ..adapters.db.store import instant, micros
from ..platform import Unit
from ..settings import Settings

BEATS = 12  # so many times within the silence that counts


def silence(settings: Settings) -> timedelta:
    """The silence that counts as an outage; zero when none does."""
    return timedelta(seconds=settings.outage_seconds)


def last(unit: Unit, lock: bool = False) -> datetime | None:
    """When the site last said that it answers; None when it never did. lock: nobody else says so meanwhile."""
    query = sa.select(schema.serving.c.at)
    row = unit.connection.execute(query.with_for_update() if lock else query).first()
    return instant(row.at) if row is not None else None


def note(unit: Unit, before: datetime | None) -> None:
    """Say that the site answers now. before: what `last` found under its lock."""
    if before is None:
        unit.connection.execute(sa.insert(schema.serving), {"one": 1, "at": micros(unit.now)})
    else:
        unit.connection.execute(sa.update(schema.serving).values(at=micros(max(unit.now, before))))


def doubtful(unit: Unit) -> bool:
    """Whether the site has been silent for so long that the clock waits."""
    return _silent(unit, silence(unit.platform.settings) / 3)


def away(unit: Unit) -> bool:
    """Whether the site has been silent for a whole outage, whose time is not given back yet."""
    return _silent(unit, silence(unit.platform.settings))


def _silent(unit: Unit, span: timedelta) -> bool:
    seen = last(unit) if span else None
    return seen is not None and unit.now - seen > span
