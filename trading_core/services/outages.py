"""Time in which the site did not answer is given back to everybody, by one published rule and without anybody asking [S-06, T-12].

An outage lasts from the site's last sign of life to its next. It stands in the record, in the stream ``service/outages``. Every lot
that has something timed in it, or within `NEAR` after it, is suspended from the outage's first moment until `STILL` after its last:
so people learn that the site is back before their time runs on, and whoever had ten minutes left has ten minutes left.
"""
from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..adapters.db import lots as lots_table
from ..domain import engine
from ..domain.errors import Refused
from ..domain.events import Event, instant_from, instant_text
from ..domain.identity import CLOCK
from ..domain.lot import Lot
from ..domain.trade import Command
from ..platform import Platform, Unit
from . import lots, serving

logger = logging.getLogger(__name__)

STREAM = "service/outages"
NEAR, STILL = timedelta(hours=1), timedelta(minutes=30)
LOTS_MAX = 5_000  # lots that one outage holds; the rest of a larger platform would be held by its centre


@dataclass(frozen=True, slots=True)
class Outage:
    """From the last sign of life before it to the first one after it."""

    since: datetime
    until: datetime


def beat(platform: Platform) -> Outage | None:
    """Say that the site answers. After an outage: record it and give its time back, in the same transaction; returns it."""
    with platform.unit() as unit:
        before, limit = serving.last(unit, lock=True), serving.silence(platform.settings)
        serving.note(unit, before)
        if before is None or not limit or unit.now - before <= limit:
            return None
        outage = Outage(before, unit.now)
        said = {"since": instant_text(outage.since), "until": instant_text(outage.until)}
        unit.store.append(STREAM, unit.store.version(STREAM), [Event("outage", said)], unit.now)
        for lot_id, _, _ in lots_table.due_lots(unit.store, outage.until + NEAR, LOTS_MAX):
            _hold(unit, lot_id, outage)
        return outage


def recorded(unit: Unit, limit: int) -> list[Outage]:
    """The newest outages of the record, the newest first."""
    version = unit.store.version(STREAM)
    said = [s.recorded().public for s in unit.store.read(STREAM, max(version - limit, 0))]
    return [Outage(instant_from(str(p["since"])), instant_from(str(p["until"]))) for p in reversed(said)]


def _hold(unit: Unit, lot_id: str, outage: Outage) -> None:
    """One lot that cannot be held does not keep the others from getting their time back."""
    lot, version = lots_table.load(unit.store, lot_id, unit.platform.trades, lock=True)
    trade = lots.trade_of(unit, lot)
    if lot.suspended_at is not None or not engine.possible(trade, lot, "suspended") or not any(_touched(lot, outage)):
        return
    said = {"since": instant_text(outage.since), "until": instant_text(outage.until + STILL)}
    try:
        lots.carry_out(unit, trade, lot, version, Command("make_up_outage", CLOCK, said, unit.now))
    except Refused:
        logger.exception("lot/%s keeps its times after an outage", lot_id)


def _touched(lot: Lot, outage: Outage) -> Iterator[bool]:
    for at in lot.schedule.values():
        yield outage.since < at <= outage.until + NEAR
