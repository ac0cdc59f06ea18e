"""A thousand lots due in the same second: when each really moved."""
from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta

import sqlalchemy as sa

from tests.world import TERMS, World
from trading_core.adapters.db import schema
from trading_core.adapters.db.lots import lot_table
from trading_core.adapters.db.store import micros
from trading_core.services import clockwork
from trading_core.tasks import SWEEP_SECONDS

from . import stage
from .report import Line, median, spread

PATIENCE_SECONDS = 120


def run(quick: bool) -> Iterator[Line]:
    """The clock runs as the machine's; a sweep starts each second, as the beat has it."""
    count = 20 if quick else 1000
    for database in stage.DATABASES:
        clock = stage.OffsetClock(stage.ISSUE_START - timedelta(days=1))
        with stage.platform(database, clock) as made:
            world = World(made)
            lots = _due(world, count)
            clock.move_to(stage.ISSUE_START - timedelta(seconds=1.5))
            end = time.perf_counter() + PATIENCE_SECONDS
            while _waiting(world) and time.perf_counter() < end:
                begin = time.perf_counter()
                clockwork.tick(made)
                time.sleep(max(0.0, SWEEP_SECONDS - (time.perf_counter() - begin)))
            lags = _lags(world, lots)
            reference = stage.bare_commits(made, count)
        early, lost = sum(lag < 0 for lag in lags), count - len(lags)
        yield Line(
            f"{count} lots due in the same second ({database})", f"{early} early, {lost} lost; moved after {spread(lags, 's', 1)}",
            f"{count} bare one-row commits take {sum(reference):.2f} s, each {median(reference) * 1000:.1f} ms", max(lags) / sum(reference),
            "none early, none lost, all moved", early == lost == 0,
        )  # fmt: skip


def _due(world: World, count: int) -> list[str]:
    parties = {"principal": world.principal.organisation}
    lot = world.create(parties)
    world.give(lot, "draft", world.agency, **TERMS)
    world.give(lot, "submit_for_publication", world.agency, responsible_person="张工")
    world.give(lot, "publish", world.principal)
    return [lot, *stage.copies(world.platform, lot, count - 1)]


def _waiting(world: World) -> int:
    with world.platform.look() as unit:
        query = sa.select(sa.func.count()).where(lot_table.c.status == "ANNOUNCED")
        return int(unit.connection.execute(query).scalar_one())


def _lags(world: World, lots: list[str]) -> list[float]:
    """Seconds from the instant when each lot was due to the instant recorded for its move."""
    with world.platform.look() as unit:
        query = sa.select(schema.event.c.stream, schema.event.c.recorded_at).where(schema.event.c.type == "issuing_started")
        rows = unit.connection.execute(query).all()
    assert {r.stream for r in rows} <= {f"lot/{name}" for name in lots} and len(rows) == len({r.stream for r in rows})
    return [(r.recorded_at - micros(stage.ISSUE_START)) / 1e6 for r in rows]
