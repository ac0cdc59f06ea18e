"""What waits for the technical result is read out in a second opening: objections, confirmations, a record [01 §1.3, S-02]."""
from __future__ import annotations

import re
from datetime import timedelta

import pytest

from tests.tender.test_evaluating import PRICES, chair_of, codes, lock_all, report, seat_committee
from tests.tender.test_papers_issued import issued
from tests.world import TERMS, BidPlan, World, at
from trading_core.domain.errors import Refused
from trading_core.domain.identity import Actor
from trading_core.domain.tender.opening import Opening
from trading_core.domain.tender.reading import CONFIRMATION_WINDOW, SECOND, agreed
from trading_core.platform import Platform

ENVELOPES = [{"name": "technical", "opens": "at_opening"}, {"name": "price", "opens": "after_technical"}]


@pytest.fixture
def world(sqlite_platform: Platform) -> World:
    return World(sqlite_platform)


def technical(world: World) -> tuple[str, list[Actor], list[BidPlan]]:
    """A lot whose technical result is in the record, its prices still sealed."""
    lot, plans = world.announce({**TERMS, "envelopes": ENVELOPES}), [world.bidder(name) for name in PRICES]
    world.go(at("2026-03-02T08:30"))
    for plan in plans:
        stated = {"project_leader": "王某", "duration_days": 210, "quality": "合格"}
        world.submit(lot, plan, {"technical": stated, "price": {"price_fen": PRICES[plan.name]}})
    world.go(at("2026-03-23T09:30") + timedelta(seconds=3))
    world.give(lot, "start_opening", world.agency)
    world.release(lot, "technical", world.agency, world.supervisor)
    world.go(world.clock.now())
    world.hand_in(lot, "parameter", world.agency, world.supervisor)
    for plan in plans:
        world.give(lot, "confirm_opening", plan.actor)
    world.give(lot, "finish_opening", world.agency)
    members = seat_committee(world, lot)
    world.give(lot, "finish_review", chair_of(world, lot, members))
    lock_all(world, lot, members)
    world.give(lot, "summarise_technical", chair_of(world, lot, members))
    return lot, members, plans


def read_prices(world: World, lot: str) -> None:
    world.go(world.clock.now() + timedelta(minutes=1))
    world.release(lot, "price", world.agency, world.centre)
    world.go(world.clock.now())


def test_each_opening_has_its_record(world: World) -> None:
    lot, _, plans = technical(world)
    first = issued(world, lot)["opening_record"]
    assert "技术与资格" in first and "9,800,000.00" not in first and first.count("已确认") == len(plans)
    read_prices(world, lot)
    assert not any(agreed(world.lot(lot), b.bid) for b in world.lot(lot).part(Opening).valid())  # of what was read out by now
    world.give(lot, "object_at_opening", plans[0].actor, text="请复核第二家的大写金额。")
    for plan in plans[1:]:
        world.give(lot, "confirm_opening", plan.actor)
    world.go(world.clock.now() + CONFIRMATION_WINDOW)
    assert SECOND not in world.lot(lot).history  # an objection waits for its answer
    world.give(lot, "answer_at_opening", world.agency, number=1, answer="已复核，大小写一致。")
    world.go(world.clock.now())
    assert SECOND in world.lot(lot).history
    second = issued(world, lot)["opening_record"]
    assert all(re.sub(r"\s", "", f"{price // 100:,}.00") in second for price in PRICES.values())
    assert "请复核第二家的大写金额" in second and "已复核，大小写一致" in second and "报价" in second
    assert second.count("已确认") == len(plans) - 1 and second.count("确认期满，未确认") == 1


def test_it_is_closed_with_the_last_confirmation(world: World) -> None:
    lot, _, plans = technical(world)
    read_prices(world, lot)
    for plan in plans:
        assert SECOND not in world.lot(lot).history
        world.give(lot, "confirm_opening", plan.actor)
    world.go(world.clock.now())
    assert SECOND in world.lot(lot).history
    for act, data in (("confirm_opening", {}), ("object_at_opening", {"text": "迟到的异议"})):
        with pytest.raises(Refused) as refusal:
            world.give(lot, act, plans[0].actor, **data)
        assert codes(refusal) == {"opening.not_read_out_yet"}


def test_nothing_is_said_of_prices_before_they_are_read_out(world: World) -> None:
    lot, _, plans = technical(world)
    for act, data in (("confirm_opening", {}), ("object_at_opening", {"text": "异议"})):
        with pytest.raises(Refused) as refusal:
            world.give(lot, act, plans[0].actor, **data)
        assert codes(refusal) == {"opening.not_read_out_yet"}


def test_candidates_wait_for_the_record(world: World) -> None:
    lot, members, _ = technical(world)
    read_prices(world, lot)
    report(world, lot, members)
    said = {"evaluation_summary": "综合评估法", "how_to_object": "在线提出"}
    with pytest.raises(Refused) as refusal:
        world.give(lot, "publish_candidates", world.agency, **said)
    assert codes(refusal) == {"opening.second_running"}
    world.go(world.clock.now() + CONFIRMATION_WINDOW)
    assert world.give(lot, "publish_candidates", world.agency, **said).status == "PUBLICITY"
