"""What has to be done again and again: let the clock act, open released bids, sequence the log, let the readers catch up, sweep uploads.

Every step is idempotent and safe to run from many processes at once. What was not done because nothing ran is done later: deadlines
are fields of the state, and a stopped service only delays them.
"""
from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa

from ..adapters.db.lots import lot_table
from ..domain.errors import Conflict
from ..platform import Platform
from . import log, lots, opening, papers, readers


@dataclass(frozen=True, slots=True)
class Sweep:
    """What one sweep did: acts of the clock, envelopes opened, events sequenced, events handled by readers, papers issued,
    abandoned uploads taken away."""

    ticked: int
    opened: int
    sequenced: int
    read: int
    issued: int
    abandoned: int

    @property
    def idle(self) -> bool:
        return not (self.ticked or self.opened or self.sequenced or self.read or self.issued or self.abandoned)


def sweep(platform: Platform) -> Sweep:
    """One round of everything that is due now."""
    ticked, opened = tick(platform), open_released(platform)
    sequenced, read = log.move(platform), readers.run(platform, platform.readers)
    issued = papers.issue_waiting(platform)
    abandoned = platform.uploads.sweep(timedelta(hours=platform.settings.upload_keep_hours))
    return Sweep(ticked, opened, sequenced, read, issued, abandoned)


def tick(platform: Platform) -> int:
    """Let the clock do everything that is due on all lots, the longest due first. Returns how many acts it did.

    A lot that moves on may at once be due again, so this goes on until nothing is; each lot's act is its own transaction.
    """
    done = 0
    while True:
        with platform.look() as unit:
            waiting = lots.due(unit)
        progressed = 0
        for lot_id, act, _ in waiting:
            try:
                with platform.unit() as unit:
                    progressed += lots.tick(unit, lot_id, act) is not None
            except Conflict:
                continue  # another process was faster; the next look shows what remains
        done += progressed
        if not progressed:
            return done


def open_released(platform: Platform) -> int:
    """Open every envelope whose stage's keys are released. Returns how many."""
    with platform.look() as unit:
        query = sa.select(lot_table.c.id).where(lot_table.c.status.in_(("OPENING", "EVALUATING")))
        running = [r.id for r in unit.connection.execute(query)]
    count = 0
    for lot_id in running:
        while opening.open_next(platform, lot_id):
            count += 1
    return count
