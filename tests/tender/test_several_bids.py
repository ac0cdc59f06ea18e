"""Several live bids of one bidder come to light at the opening: recorded, shown, and for the committee to decide on [BLR 51(4), B-06]."""
from __future__ import annotations

from datetime import timedelta

import pytest

from tests.tender.test_papers_issued import issued
from tests.tender.test_reserve_part import FORMS, ISSUED, OPENED
from tests.web.frame import Reader
from tests.web.workbench_world import OpenWorld
from tests.world import TERMS, BidPlan
from trading_core.domain.stages.draws import PARAMETER
from trading_core.domain.tender.assessment import case_of
from trading_core.domain.tender.opening import several_of_one
from trading_core.platform import Platform


@pytest.fixture
def world(sqlite_platform: Platform) -> OpenWorld:
    return OpenWorld(sqlite_platform)


def twin(world: OpenWorld, plan: BidPlan) -> BidPlan:
    random = world.platform.entropy.token_bytes
    return BidPlan(plan.actor, plan.name, plan.uscc, random(16).hex(), random(32).hex(), random(32))


def test_several_bids_of_one_bidder_are_told(world: OpenWorld) -> None:
    lot = world.announce(TERMS)
    world.go(ISSUED)
    plans = [world.bidder(f"示例第{n}建设有限公司") for n in range(3)]
    plans.append(twin(world, plans[0]))
    for n, plan in enumerate(plans):
        world.submit(lot, plan, {**FORMS, "price": {"price_fen": 900_000_000 + n}})
    world.go(OPENED)
    world.give(lot, "start_opening", world.agency)
    world.release(lot, "technical", world.agency, world.supervisor)
    world.release(lot, "price", world.agency, world.centre)
    world.go(OPENED)
    both = {plans[0].number, plans[3].number}
    assert several_of_one(world.lot(lot)) == both
    with world.platform.look() as unit:
        told = [s.recorded().public for s in unit.store.read(f"lot/{lot}") if s.type == "bid_opened"]
    (again,) = [p for p in told if "same_bidder_as" in p]
    assert {again["bid"], *again["same_bidder_as"]} == both
    assert Reader(world.app).ask(f"/lots/{lot}/opening").text.count("同一投标人的多份投标之一") == 2
    world.hand_in(lot, PARAMETER, world.agency, world.supervisor)
    world.go(world.clock.now() + timedelta(minutes=11))
    world.give(lot, "finish_opening", world.agency)
    assert {b["id"] for b in case_of(world.lot(lot))["bids"]} >= both
    record = "".join(issued(world, lot)["opening_record"].split())
    assert record.count("按第五十一条第四项认定") == 2
