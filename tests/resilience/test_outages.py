"""The site falls silent and comes back: nobody loses time, nothing closes meanwhile, the record says what was [S-06, T-12]."""
from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tender.course import Course, bidding_lot
from tests.tender.course import at as course_at
from tests.world import TERMS, World, at
from trading_core.adapters.clock import SteppedClock
from trading_core.adapters.entropy import SeededEntropy
from trading_core.bootstrap import build, work_calendar
from trading_core.domain.errors import Refused
from trading_core.domain.events import instant_text
from trading_core.domain.identity import CLOCK
from trading_core.domain.workcalendar import closing_day
from trading_core.platform import Platform
from trading_core.services import clockwork, outages, serving
from trading_core.settings import Settings

DEADLINE = at("2026-03-23T09:30")
MINUTE = timedelta(minutes=1)


@pytest.fixture
def world(platform: Platform) -> World:
    return World(platform)


def bidding(world: World) -> str:
    lot = world.announce(TERMS)
    world.go(at("2026-03-02T08:30"))
    world.go(at("2026-03-09T17:30"))
    assert outages.beat(world.platform) is None  # the site answers from now on
    return lot


def test_a_deadline_inside_an_outage_moves_on(world: World) -> None:
    lot = bidding(world)
    near(world, DEADLINE - 20 * MINUTE)
    world.clock.move_to(DEADLINE + 10 * MINUTE)
    clockwork.sweep(world.platform)
    assert world.lot(lot).status == "BIDDING"  # nobody could come: nothing closes
    with pytest.raises(Refused) as refusal:
        world.give(lot, "ask", world.bidder("迟到示例公司").actor, text="?")
    assert [p.code for p in refusal.value.problems] == ["service.recovering"]

    found = outages.beat(world.platform)
    assert found == outages.Outage(DEADLINE - 20 * MINUTE, DEADLINE + 10 * MINUTE)
    stopped = world.lot(lot)
    assert (stopped.status, stopped.suspended_at) == ("SUSPENDED", found.since)
    world.submit(lot, world.bidder("及时示例公司"), {})  # who was kept out comes in
    answering(world, DEADLINE + 40 * MINUTE)
    resumed = world.lot(lot)
    assert resumed.status == "BIDDING"
    assert resumed.schedule["bid_deadline"] - world.clock.now() == 20 * MINUTE  # as much as was left
    answering(world, DEADLINE + 60 * MINUTE + timedelta(seconds=3))
    assert world.lot(lot).status != "BIDDING"
    with world.platform.look() as unit:
        assert outages.recorded(unit, 10) == [found]


def test_a_lot_that_has_time_is_left_alone(world: World) -> None:
    lot = bidding(world)
    world.clock.advance(timedelta(hours=3))
    assert outages.beat(world.platform) is not None
    assert (world.lot(lot).status, world.lot(lot).schedule["bid_deadline"]) == ("BIDDING", DEADLINE)


def test_a_short_silence_is_no_outage_and_only_delays_the_clock(world: World) -> None:
    lot = bidding(world)
    near(world, DEADLINE - timedelta(seconds=10))
    world.clock.advance(timedelta(seconds=21))
    clockwork.sweep(world.platform)
    assert world.lot(lot).status == "BIDDING"
    assert outages.beat(world.platform) is None
    clockwork.sweep(world.platform)
    assert world.lot(lot).status == "FAILED"  # no bids; the deadline is what it was
    assert world.lot(lot).schedule["bid_deadline"] == DEADLINE


def test_an_outage_in_a_suspension_adds_nothing(world: World) -> None:
    lot = bidding(world)
    near(world, DEADLINE - 20 * MINUTE)
    world.give(lot, "suspend_technically", world.centre, reason="断电", legal_basis="S-06", reported_to="住建局")
    stopped = world.lot(lot)
    world.clock.advance(timedelta(minutes=50))
    assert outages.beat(world.platform) is not None
    assert world.lot(lot) == stopped


def test_where_outages_are_switched_off_none_is_found(tmp_path: Path, fonts: str) -> None:
    given = Settings(data=tmp_path / "data", font_dir=fonts, outage_seconds=0)
    platform = build(given, clock := SteppedClock(DEADLINE), SeededEntropy(b"tests"))
    for _ in range(2):
        assert outages.beat(platform) is None
        clock.advance(timedelta(days=3))
    with platform.look() as unit:
        assert not serving.doubtful(unit) and not serving.away(unit)
    platform.database.close()


def near(world: World, moment: object) -> None:
    """The site answers at a moment, without having been looked after in between: as if it had all the time."""
    world.clock.move_to(moment)  # type: ignore[arg-type]
    with world.platform.unit() as unit:
        serving.note(unit, serving.last(unit, lock=True))


def answering(world: World, moment: object) -> None:
    near(world, moment)
    clockwork.sweep(world.platform)


@settings(max_examples=200)
@given(left=st.integers(1, 3600), down=st.integers(61, 200_000), still=st.integers(0, 7200))
def test_what_was_left_is_left(left: int, down: int, still: int) -> None:
    """Whatever the length: when it goes on, every point ahead is as far away as it was, or later, on a working day."""
    moment = course_at("2026-03-20T10:00")
    lot = bidding_lot("BIDDING")
    lot = replace(lot, schedule={**lot.schedule, "bid_deadline": moment + timedelta(seconds=left)})
    course = Course(lot)
    until = moment + timedelta(seconds=down + still)
    data = {"since": instant_text(moment), "until": instant_text(until)}
    course.give("make_up_outage", CLOCK, moment + timedelta(seconds=down), **data)
    course.give("end_suspension", CLOCK, until)
    after = course.lot.schedule["bid_deadline"] - until
    assert course.lot.status == "BIDDING"
    assert after >= timedelta(seconds=left)
    assert after % timedelta(days=1) == timedelta(seconds=left) % timedelta(days=1)
    assert work_calendar().is_workday(closing_day(until + after))
