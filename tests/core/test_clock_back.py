"""A clock set back over a restart: no event before the newest one of the record, and no act on a lot by a time that is none [T-11]."""
from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.world import TERMS, World, at
from trading_core import verify
from trading_core.adapters.clock import SteppedClock
from trading_core.adapters.entropy import SeededEntropy
from trading_core.bootstrap import build
from trading_core.domain.errors import Refused
from trading_core.domain.events import Event
from trading_core.platform import Platform
from trading_core.services import clockwork, lots, project_zip
from web.health import health

LAST = at("2026-03-05T10:00")


def restarted(old: Platform, moment: datetime) -> Platform:
    old.database.close()
    return build(old.settings, SteppedClock(moment), SeededEntropy(b"second"))


@pytest.fixture
def world(sqlite_platform: Platform) -> Iterator[World]:
    made = World(sqlite_platform)
    yield made
    made.platform.database.close()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(-3_600, 3_600)), min_size=1, max_size=8))
def test_the_record_never_goes_back(sqlite_platform: Platform, writes: list[tuple[str, int]]) -> None:
    with sqlite_platform.unit() as unit:
        newest = unit.store.newest() or unit.now
        for stream, seconds in writes:
            told = unit.now + timedelta(seconds=seconds)
            stored = unit.store.append(f"note/{stream}", unit.store.version(f"note/{stream}"), [Event("written")], told)
            assert stored[0].at == max(newest, told) == unit.store.newest()
            newest = stored[0].at


def test_nothing_is_done_to_a_lot_by_a_clock_behind_the_record(world: World, tmp_path: Path) -> None:
    lot = world.announce(TERMS)
    world.go(at("2026-03-02T08:30"))
    world.go(LAST)
    world.give(lot, "amend", world.agency, note="a", affects_preparation=False)
    assert {p.name: p.state for p in health(world.platform).parts}["clock"] == "ok"
    world.platform = restarted(world.platform, LAST - timedelta(hours=1))
    clock = world.clock = world.platform.clock  # type: ignore[assignment]
    with pytest.raises(Refused) as refusal:
        world.give(lot, "amend", world.agency, note="b", affects_preparation=False)
    assert [(p.code, p.params) for p in refusal.value.problems] == [("service.clock", {"seconds": 3600})]
    part = next(p for p in health(world.platform).parts if p.name == "clock")
    assert (part.state, part.figures["behind_ms"]) == ("down", 3_600_000)
    world.bidder("甲投标公司")  # what no deadline hangs on goes on, at the newest time of the record
    clockwork.tick(world.platform)
    with world.platform.look() as unit:
        assert unit.store.newest() == LAST and lots.clock_behind(unit) == timedelta(hours=1)
    clock.move_to(LAST)
    world.give(lot, "amend", world.agency, note="b", affects_preparation=False)
    assert project_zip.export(world.platform, lot, "public", tmp_path / "project.zip").events
    assert verify.project(tmp_path / "project.zip").ok
