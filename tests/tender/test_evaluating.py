"""A committee is drawn, sits, reviews, scores and reports: the whole evaluation on the real services."""
from __future__ import annotations

from datetime import timedelta

import pytest

from tests.world import TERMS, World, at
from trading_core.domain.errors import Refused
from trading_core.domain.identity import Actor
from trading_core.domain.stages.draws import Draws
from trading_core.domain.tender.assessment import Evaluation
from trading_core.domain.tender.committee import Committee
from trading_core.domain.tender.opening import Opening
from trading_core.platform import Platform

PRICES = {
    "松涧示例建设集团有限公司": 980_000_000, "云石示例路桥有限公司": 950_000_000, "青屿示例水利工程有限公司": 1_000_000_000,
    "白鹭示例建筑有限公司": 1_020_000_000, "赤水示例市政有限公司": 1_060_000_000,
}  # fmt: skip
ROWS = ({"row": "water", "specialty": "A08", "count": 3}, {"row": "cost", "specialty": "C02", "count": 2})


@pytest.fixture
def world(sqlite_platform: Platform) -> World:
    return World(sqlite_platform)


def codes(refusal: pytest.ExceptionInfo[Refused]) -> set[str]:
    return {p.code for p in refusal.value.problems}


def open_lot(world: World) -> str:
    lot = world.announce(TERMS)
    world.go(at("2026-03-02T08:30"))
    for name, price in PRICES.items():
        forms = {"technical": {"project_leader": "王某", "duration_days": 210, "quality": "合格"}, "price": {"price_fen": price}}
        world.submit(lot, world.bidder(name), forms)
    world.go(at("2026-03-23T09:30") + timedelta(seconds=3))
    world.give(lot, "start_opening", world.agency)
    world.release(lot, "technical", world.agency, world.supervisor)
    world.release(lot, "price", world.agency, world.centre)
    world.go(world.clock.now())
    world.hand_in(lot, "parameter", world.agency, world.supervisor)
    world.go(world.clock.now() + timedelta(minutes=11))
    world.give(lot, "finish_opening", world.agency)
    return lot


def seat_committee(world: World, lot: str, people: dict[str, Actor] | None = None) -> list[Actor]:
    members = world.draw_experts(lot, people or world.pool(), *ROWS)
    for member in members:
        world.give(lot, "sign_in_seat", member, no_recusal=True, keeps_discipline=True)
    for member in members:
        try:
            world.give(lot, "vote_chair", member, seat=1)
        except Refused:
            break  # elected before everybody has voted
    world.give(lot, "start_evaluation", world.agency)
    return members


def chair_of(world: World, lot: str, members: list[Actor]) -> Actor:
    part = world.lot(lot).part(Committee)
    holder = next(s.holder for s in part.seats if s.number == part.chair)
    return next(m for m in members if world.number(m) == holder)


def lock_all(world: World, lot: str, members: list[Actor]) -> None:
    for bid in world.lot(lot).part(Opening).valid():
        for n, member in enumerate(members):
            world.give(lot, "lock_scores", member, bid=bid.bid, points={"plan": str(25 + n), "record": "4"})


def report(world: World, lot: str, members: list[Actor]) -> None:
    chair = chair_of(world, lot, members)
    world.give(lot, "summarise", chair)
    for member in members:
        world.give(lot, "sign_report", member, agrees=True)
    world.give(lot, "submit_report", chair)


def evaluated(world: World) -> str:
    """A lot from its announcement to the report of its committee."""
    lot = open_lot(world)
    members = seat_committee(world, lot)
    world.give(lot, "finish_review", chair_of(world, lot, members))
    lock_all(world, lot, members)
    report(world, lot, members)
    return lot


def test_a_committee_evaluates_and_reports(world: World) -> None:
    lot = evaluated(world)
    after = world.lot(lot)
    part = after.part(Evaluation)
    assert after.status == "EVALUATED"
    assert [c.rank for c in part.candidates] == [1, 2, 3]
    assert {c.bidder for c in part.candidates} <= set(PRICES)
    assert part.result["method"] == "comprehensive"
    assert [c.total for c in part.candidates] == sorted((c.total for c in part.candidates), reverse=True)
    assert all(c.total for c in part.candidates)


def test_scores_are_locked_and_within_the_sheet(world: World) -> None:
    """[SC-2]"""
    lot = open_lot(world)
    members = seat_committee(world, lot)
    bid = world.lot(lot).part(Opening).valid()[0].bid
    with pytest.raises(Refused) as refusal:
        world.give(lot, "lock_scores", members[0], bid=bid, points={"plan": "40", "record": "3"})
    assert codes(refusal) == {"evaluation.review_first", "evaluation.points_out_of_range", "evaluation.points_off_step"}
    world.give(lot, "finish_review", chair_of(world, lot, members))
    world.give(lot, "lock_scores", members[0], bid=bid, points={"plan": "30", "record": "4"})
    with pytest.raises(Refused) as refusal:
        world.give(lot, "lock_scores", members[0], bid=bid, points={"plan": "31", "record": "4"})
    assert codes(refusal) == {"evaluation.locked_before"}


def test_objective_items_are_reconciled_not_averaged(world: World) -> None:
    """[SC-1]"""
    lot = open_lot(world)
    members = seat_committee(world, lot)
    chair = chair_of(world, lot, members)
    world.give(lot, "finish_review", chair)
    lock_all(world, lot, members[:-1])
    for bid in world.lot(lot).part(Opening).valid():
        world.give(lot, "lock_scores", members[-1], bid=bid.bid, points={"plan": "20", "record": "6"})
    with pytest.raises(Refused) as refusal:
        world.give(lot, "summarise", chair)
    assert codes(refusal) == {"evaluation.objective_differs"}
    for bid in world.lot(lot).part(Opening).valid():
        world.give(lot, "correct_score", members[-1], bid=bid.bid, item="record", points="4", reason="核对业绩证明后更正")
    world.give(lot, "summarise", chair)


def test_only_a_majority_rejects_a_bid(world: World) -> None:
    """[BLR 51] Four of five votes are needed to be sure; three decide."""
    lot = open_lot(world)
    members = seat_committee(world, lot)
    bid = world.lot(lot).part(Opening).valid()[0].bid
    world.give(lot, "propose_rejection", members[0], bid=bid, ground="RJ-3", clause="3.5.1", evidence="资质等级不符")
    with pytest.raises(Refused) as refusal:
        world.give(lot, "finish_review", chair_of(world, lot, members))
    assert codes(refusal) == {"evaluation.motions_open"}
    for member in members[:3]:
        world.give(lot, "vote_rejection", member, number=1, agree=True)
    world.give(lot, "finish_review", chair_of(world, lot, members))
    with pytest.raises(Refused) as refusal:
        world.give(lot, "lock_scores", members[0], bid=bid, points={"plan": "30", "record": "4"})
    assert codes(refusal) == {"evaluation.bid_not_in_play"}


def test_a_member_who_leaves_takes_nothing_along(world: World) -> None:
    """[BLR 48] The opinions of who is replaced are void, and the next in the sealed order comes in."""
    lot = open_lot(world)
    members = seat_committee(world, lot)
    world.give(lot, "finish_review", chair_of(world, lot, members))
    lock_all(world, lot, members)
    leaving = members[1]
    seat = world.lot(lot).part(Committee).seat_of(world.number(leaving))
    assert seat is not None
    world.give(lot, "recuse", leaving, ground="RC-1", reason="三年内曾任职")
    part = world.lot(lot).part(Evaluation)
    assert all(str(seat.number) not in by_seat for by_seat in part.entries.values())
    with pytest.raises(Refused):
        world.give(lot, "lock_scores", leaving, bid="0" * 32, points={})


def test_an_unlawful_committee_does_not_begin(world: World) -> None:
    """[E-C1, E-C2]"""
    lot = open_lot(world)
    members = world.draw_experts(lot, world.pool(), *ROWS)
    for member in members[:4]:
        world.give(lot, "sign_in_seat", member, no_recusal=True, keeps_discipline=True)
    with pytest.raises(Refused) as refusal:
        world.give(lot, "start_evaluation", world.agency)
    assert codes(refusal) == {"committee.not_complete", "committee.size", "committee.no_chair"}


def test_who_was_not_drawn_sees_no_lot(world: World) -> None:
    lot = open_lot(world)
    people = world.pool()
    members = world.draw_experts(lot, people, *ROWS)
    outsider = next(a for a in people.values() if a not in members and world.number(a) not in world.asked(lot))
    with pytest.raises(Refused) as refusal:
        world.give(lot, "sign_in_seat", outsider, no_recusal=True, keeps_discipline=True)
    assert codes(refusal) == {"act.not_yours"}


def test_the_order_of_commitments_survives_storing(world: World) -> None:
    """[08 §8.6.1] The seed joins the parts in the order in which their owners committed, whatever their names."""
    lot = world.announce(TERMS, promised=False)
    world.go(at("2026-03-02T08:30"))
    world.commit_draw(lot, "experts", world.agency, world.centre)
    world.commit_draw(lot, "parameter", world.supervisor, world.agency, world.centre)
    draws = world.lot(lot).part(Draws)
    assert [list(draws.by_name[n].commitments) for n in ("experts", "parameter")] == [["host", "centre"], ["supervisor", "host", "centre"]]
