"""From announcement to opened bids on the real services, on both databases."""
from __future__ import annotations

from datetime import timedelta

import pytest

from tests.world import TERMS, World, at
from trading_core.domain.errors import Problem, Refused
from trading_core.domain.tender.bidding import Closing
from trading_core.domain.tender.opening import Opening
from trading_core.domain.trade import Command
from trading_core.platform import Platform
from trading_core.services import bids

PRICES = {"松涧示例建设集团有限公司": 980_000_000, "云石示例路桥有限公司": 950_000_000, "青屿示例水利工程有限公司": 1_000_000_000}


@pytest.fixture
def world(platform: Platform) -> World:
    return World(platform)


def codes(refusal: pytest.ExceptionInfo[Refused]) -> set[str]:
    return {p.code for p in refusal.value.problems}


def play_to_deadline(world: World, count: int = 3) -> str:
    lot = world.announce(TERMS)
    world.go(at("2026-03-02T08:30"))
    for name, price in list(PRICES.items())[:count]:
        world.submit(lot, world.bidder(name), {"technical": {"project_leader": "王某"}, "price": {"price_fen": price}})
    world.go(at("2026-03-23T09:30") + timedelta(seconds=3))
    return lot


def test_a_tender_opens_with_one_trustee_absent(world: World) -> None:
    lot = play_to_deadline(world)
    assert world.lot(lot).status == "CLOSED"
    world.give(lot, "start_opening", world.agency)
    world.release(lot, "technical", world.agency, world.supervisor)
    world.release(lot, "price", world.agency, world.centre)
    world.go(world.clock.now())
    opened = world.lot(lot).part(Opening)
    assert {b.name: b.form["price_fen"] for b in opened.valid()} == PRICES
    world.hand_in(lot, "parameter", world.agency, world.supervisor)
    world.go(world.clock.now() + timedelta(minutes=11))
    assert world.give(lot, "finish_opening", world.agency).status == "OPENED"


def test_nothing_opens_with_two_trustees_absent(world: World) -> None:
    lot = play_to_deadline(world)
    world.give(lot, "start_opening", world.agency)
    world.release(lot, "technical", world.agency)
    world.go(world.clock.now() + timedelta(minutes=11))
    assert not world.lot(lot).part(Opening).bids
    with pytest.raises(Refused) as refusal:
        world.give(lot, "finish_opening", world.agency)
    assert codes(refusal) == {"opening.stages_closed", "opening.parameter_not_drawn"}


def test_fewer_than_three_bids_fail_the_lot(world: World) -> None:
    """[F-01]"""
    lot = play_to_deadline(world, count=2)
    assert world.lot(lot).status == "FAILED"
    assert len(world.lot(lot).part(Closing).bids) == 2


def test_late_by_a_millisecond_is_refused_with_a_receipt(world: World) -> None:
    """[B-02, T-11] A bid at T − 1 ms is received, one at T is not."""
    lot = world.announce(TERMS)
    world.go(at("2026-03-02T08:30"))
    in_time, late = world.bidder("松涧示例建设集团有限公司"), world.bidder("云石示例路桥有限公司")
    world.clock.move_to(at("2026-03-23T09:30") - timedelta(milliseconds=1))
    assert "bid_received" in str(world.submit(lot, in_time, {})["receipt"])
    world.clock.move_to(at("2026-03-23T09:30"))
    with pytest.raises(Refused) as refusal:
        world.submit(lot, late, {})
    assert codes(refusal) == {"bid.late"}
    assert "bid_refused" in str(refusal.value.receipt["receipt"])  # type: ignore[attr-defined]


def test_only_a_late_bid_gets_a_receipt_for_its_refusal_and_is_not_tried_again(world: World) -> None:
    """[B-02] The receipt tells of the refusal that was; whatever the lot would say now, no bid is received by asking for it."""
    lot, plan = world.announce(TERMS), world.bidder("松涧示例建设集团有限公司")
    world.go(at("2026-03-02T08:30"))
    command = Command("submit_bid", plan.actor, world.submission(lot, plan, {}), world.clock.now())
    late, other = Refused(Problem("bid.late")), Refused(Problem("bid.envelope_size"))
    assert bids.is_late(late) and not bids.is_late(other)
    with world.platform.unit() as unit:
        assert "bid_refused" in str(bids.refuse_late(unit, lot, command, late)["receipt"])
    with world.platform.look() as unit:
        assert unit.store.version(f"sealed/{command.data['bid']}") == 0


def test_a_wrong_trustee_key_is_refused(world: World) -> None:
    lot = play_to_deadline(world)
    world.give(lot, "start_opening", world.agency)
    with pytest.raises(Refused) as refusal:
        world.give(lot, "release_key", world.agency, stage="technical", private_key="11" * 32)
    assert codes(refusal) == {"trustee.wrong_key"}


def test_an_announcement_states_everything_its_form_asks_for(sqlite_platform: Platform) -> None:
    """[01 §1.2 READY] All that is missing is told at once, also inside the schedule and the rules of evaluation."""
    world = World(sqlite_platform)
    lot = world.create({"principal": world.principal.organisation})
    world.give(lot, "draft", world.agency, title="只有名称", schedule={"issue_start": "2026-03-02T08:30:00+08:00"})
    with pytest.raises(Refused) as refusal:
        world.give(lot, "submit_for_publication", world.agency, responsible_person="张工")
    paths = {p.path for p in refusal.value.problems if p.code == "field.required"}
    assert {"evaluation", "scope", "tender_documents", "schedule.bid_deadline", "schedule.issue_end"} <= paths
    assert "title" not in paths
    assert "ceiling_fen" not in paths
