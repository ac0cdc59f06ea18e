"""A hundred lots due in the same second: none early, none lost, none twice, whoever sweeps."""
from __future__ import annotations

import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.world import TERMS, World, at
from trading_core.adapters.db import schema
from trading_core.adapters.db.lots import lot_table
from trading_core.adapters.db.store import micros
from trading_core.platform import Platform
from trading_core.services import clockwork, lots

COUNT = 100
DUE = at("2026-03-02T08:30")


@pytest.fixture
def world(platform: Platform) -> World:
    made = World(platform)
    parties = {"principal": made.principal.organisation}
    for _ in range(COUNT):
        lot = made.create(parties)
        made.give(lot, "draft", made.agency, **TERMS)
        made.give(lot, "submit_for_publication", made.agency, responsible_person="张工")
        made.give(lot, "publish", made.principal)
    return made


def moved(world: World) -> list[int]:
    """When each lot moved on, in microseconds."""
    with world.platform.look() as unit:
        query = sa.select(schema.event.c.recorded_at).where(schema.event.c.type == "issuing_started")
        return list(unit.connection.execute(query).scalars())


def test_none_early_none_lost_none_twice(world: World) -> None:
    world.clock.move_to(DUE - timedelta(microseconds=1))
    assert clockwork.tick(world.platform) == 0
    assert moved(world) == []
    world.clock.move_to(DUE)
    sweepers = [threading.Thread(target=clockwork.tick, args=(world.platform,)) for _ in range(3)]
    for thread in sweepers:
        thread.start()
    for thread in sweepers:
        thread.join()
    clockwork.tick(world.platform)
    assert moved(world) == [micros(DUE)] * COUNT
    with world.platform.look() as unit:
        assert lots.due(unit, 1) == []
        assert set(unit.connection.execute(sa.select(lot_table.c.status)).scalars()) == {"ISSUING"}
