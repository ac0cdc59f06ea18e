"""When the background last came round: a row that the worker renews, so that everybody can see whether one is at work."""
from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from ..adapters.db import schema
from ..adapters.db.identity import insert_new
from ..adapters.db.store import instant, micros
from ..domain.errors import Conflict
from ..platform import Platform, Unit

RENEWED = timedelta(seconds=10)  # a sweep comes every second; to write it down so often would cost more than it tells


def last(unit: Unit) -> datetime | None:
    """When a worker last came round, to within `RENEWED`; None when none ever did."""
    at = unit.connection.execute(sa.select(schema.swept.c.at)).scalar()
    return instant(at) if at is not None else None


def note(platform: Platform) -> None:
    """Say that a worker came round."""
    with platform.look() as look:
        before, now = last(look), look.now
    if before is not None and timedelta(0) <= now - before < RENEWED:
        return
    try:
        with platform.unit() as unit:
            if before is None:
                insert_new(unit.connection, schema.swept, {"one": 1, "at": micros(unit.now)})
            else:
                unit.connection.execute(sa.update(schema.swept).values(at=micros(unit.now)))
    except Conflict:
        pass  # another worker said so at the same moment
