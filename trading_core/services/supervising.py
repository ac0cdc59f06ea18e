"""Reads for those who supervise: what the record holds of a lot beside its own stream."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import cast

import sqlalchemy as sa

from ..adapters.db import schema
from ..adapters.db.store import micros
from ..domain.events import instant_from
from ..domain.lot import Lot
from ..domain.tender.bidding import SEALED
from ..platform import Unit

ENTRIES_MAX = 1_000


@dataclass(frozen=True, slots=True)
class LateBid:
    """A bid that was refused because it came too late. Of it only the attempt is kept: when, and why; nobody is named [B-02]."""

    at: datetime
    received_at: datetime
    codes: tuple[str, ...]
    index: int | None


def late_bids(unit: Unit, lot: Lot) -> list[LateBid]:
    """Bids refused as late, the earliest first; none before the deadline. Looks at the sealed entries written since then."""
    deadline = lot.schedule.get("bid_deadline")
    if deadline is None or deadline > unit.now:
        return []
    since = sa.and_(schema.event.c.type == SEALED, schema.event.c.recorded_at >= micros(deadline))
    query = sa.select(schema.event.c.stream).where(since).order_by(schema.event.c.recorded_at)
    found = []
    for row in unit.connection.execute(query.limit(ENTRIES_MAX)).all():
        stored = unit.store.read(row.stream)[0]
        said = stored.recorded().private or {}
        if said.get("what") == "refused" and said.get("lot") == lot.id:
            codes = tuple(map(str, cast("list[object]", said["codes"])))
            index = unit.store.log_index(stored.stream, stored.version)
            found.append(LateBid(stored.at, instant_from(str(said["received_at"])), codes, index))
    return found
