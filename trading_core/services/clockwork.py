"""What has to be done again and again: let the clock act, open released bids, sequence the log, let the readers catch up, sweep uploads.

Every step is idempotent and safe to run from many processes at once. What was not done because nothing ran is done later: deadlines
are fields of the state, and a stopped service only delays them. What fails for one lot, reader or step is told at the end and tried again
next time; it never stops another.
"""
from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa

from ..adapters.db.lots import lot_table
from ..domain.errors import Conflict
from ..platform import Platform
from . import log, lots, opening, papers, readers, serving, unnamed
from .faults import faults

OPENED = "bid_opened"
ALL = frozenset({"ticked", "opened", "sequenced", "read", "issued", "abandoned"})
PRINTING = frozenset({"issued"})
PROMPT = ALL - PRINTING
"""What no deadline waits for is done apart: however long a paper takes to print, the clock goes on."""


@dataclass(frozen=True, slots=True)
class Sweep:
    """What one sweep did: acts of the clock, envelopes opened, events sequenced, events handled by readers, papers issued,
    abandoned uploads taken away."""

    ticked: int = 0
    opened: int = 0
    sequenced: int = 0
    read: int = 0
    issued: int = 0
    abandoned: int = 0

    @property
    def idle(self) -> bool:
        return not (self.ticked or self.opened or self.sequenced or self.read or self.issued or self.abandoned)


def sweep(platform: Platform, steps: Collection[str] = ALL) -> Sweep:
    """One round of everything that is due now, or of some steps. Raises an `ExceptionGroup` of what failed, after all else is done."""
    done: dict[str, int] = {}
    with faults() as apart:
        for name, step in STEPS.items():
            if name in steps:
                with apart(name):
                    done[name] = step(platform)
    return Sweep(**done)


def tick(platform: Platform) -> int:
    """Let the clock do everything that is due on all lots, the longest due first. Returns how many acts it did.

    A lot that moves on may at once be due again, so this goes on until nothing is; each lot's act is its own transaction.
    """
    done, failing = 0, set[str]()
    with faults() as apart:
        while True:
            with platform.look() as unit:
                if serving.doubtful(unit):
                    break  # nothing closes while nobody may be able to reach the site
                waiting = [d for d in lots.due(unit, lots.DUE_BATCH + len(failing)) if d[0] not in failing]
            progressed = 0
            for lot_id, act, _ in waiting:
                failing.add(lot_id)
                with apart(f"lot/{lot_id}"):
                    progressed += _tick(platform, lot_id, act)
                    failing.discard(lot_id)
            done += progressed
            if not progressed:
                break
    return done


def _tick(platform: Platform, lot_id: str, act: str) -> bool:
    try:
        with platform.unit() as unit:
            return lots.tick(unit, lot_id, act) is not None
    except Conflict:
        return False  # another process was faster; the next look shows what remains


def open_released(platform: Platform) -> int:
    """Open every envelope whose stage's keys are released. Returns how many.

    Looked at are lots whose trade's table knows the opening of an envelope in their state; trades without envelopes have none.
    """
    openable = [
        sa.and_(lot_table.c.trade == trade.version, lot_table.c.status.in_(sorted(trade.lifecycle.sources(OPENED))))
        for trade in platform.trades.values()
    ]
    with platform.look() as unit:
        query = sa.select(lot_table.c.id).where(sa.or_(sa.false(), *openable))
        running = [r.id for r in unit.connection.execute(query)]
    count = 0
    with faults() as apart:
        for lot_id in running:
            with apart(f"lot/{lot_id}"):
                count += opening.open_waiting(platform, lot_id)
    return count


def abandoned(platform: Platform) -> int:
    """Take away uploads that nobody goes on with, and files that nothing names. Returns how many."""
    return platform.uploads.sweep(timedelta(hours=platform.settings.upload_keep_hours)) + unnamed.sweep(platform)


STEPS: Mapping[str, Callable[[Platform], int]] = {
    "ticked": tick,
    "opened": open_released,
    "sequenced": log.move,
    "read": lambda platform: readers.run(platform, platform.readers),
    "issued": papers.issue_waiting,
    "abandoned": abandoned,
}
"""The steps of a sweep in their order, by what `Sweep` counts."""
