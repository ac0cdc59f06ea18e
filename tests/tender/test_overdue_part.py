"""A party that keeps its part of K to itself is named in the record, and the opening goes on as soon as the part is there [02 §2.7.2]."""
from __future__ import annotations

from datetime import timedelta

import pytest

from tests.tender.test_evaluating import PRICES
from tests.world import TERMS, World, at
from trading_core.domain import engine
from trading_core.domain.stages.draws import PARAMETER, Draws
from trading_core.domain.tender.parameter import PART_WITHIN
from trading_core.platform import Platform
from trading_core.services import following, lots

OPENED = at("2026-03-23T09:30") + timedelta(seconds=3)


@pytest.fixture
def world(sqlite_platform: Platform) -> World:
    return World(sqlite_platform)


def opened(world: World) -> str:
    """A lot of which the envelopes are open and K is to be drawn; both parties have committed."""
    lot = world.announce(TERMS)
    world.go(at("2026-03-02T08:30"))
    for name, price in PRICES.items():
        forms = {"technical": {"project_leader": "王某", "duration_days": 210, "quality": "合格"}, "price": {"price_fen": price}}
        world.submit(lot, world.bidder(name), forms)
    world.go(OPENED)
    world.give(lot, "start_opening", world.agency)
    world.release(lot, "technical", world.agency, world.supervisor)
    world.release(lot, "price", world.agency, world.centre)
    world.go(OPENED)
    return lot


def told(world: World, lot: str) -> list[object]:
    with world.platform.look() as unit:
        return [s.recorded().public["parties"] for s in unit.store.read(f"lot/{lot}") if s.type == "draw_part_overdue"]


def test_the_record_names_who_is_awaited(world: World) -> None:
    lot = opened(world)
    world.hand_in(lot, PARAMETER, world.agency)
    due = world.lot(lot).history["stage_opened"] + PART_WITHIN
    world.go(due - timedelta(seconds=1))
    assert told(world, lot) == []
    world.go(due)
    world.go(due + timedelta(days=3))
    assert told(world, lot) == [["supervisor"]]  # once
    assert world.lot(lot).status == "OPENING"
    with world.platform.look() as unit:
        for actor in (world.principal, world.agency, world.centre, world.supervisor):
            mine = [n.type for n in following.notes_for(unit, actor) if n.type == "draw_part_overdue"]
            assert len(mine) == (actor.role.value in world.lot(lot).parties), actor.role
    world.hand_in(lot, PARAMETER, world.supervisor)
    draw = world.lot(lot).part(Draws).of(PARAMETER)
    assert draw is not None and draw.value
    assert world.give(lot, "finish_opening", world.agency).status == "OPENED"


def test_nobody_is_named_when_all_have_handed_in(world: World) -> None:
    lot = opened(world)
    world.hand_in(lot, PARAMETER, world.agency, world.supervisor)
    world.go(OPENED + timedelta(days=1))
    assert told(world, lot) == []


def test_the_clock_waits_for_the_parts(world: World) -> None:
    lot = opened(world)
    with world.platform.look() as unit:
        waiting = engine.due(lots.trade_of(unit, world.lot(lot)), world.lot(lot))
    assert waiting == (OPENED + PART_WITHIN, "note_overdue_parts")
    world.go(waiting[0])
    assert told(world, lot) == [["host", "supervisor"]]
