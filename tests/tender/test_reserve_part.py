"""K is promised before any bid is taken; a part that cannot be had all the same is replaced by the reserve [02 §2.7.2 Random K]."""
from __future__ import annotations

import copy
import hashlib
from datetime import timedelta
from typing import Any

import pytest

from tests.tender.test_evaluating import PRICES
from tests.tender.test_papers_issued import issued
from tests.world import EVALUATION, TERMS, World, at
from trading_core.domain.draw import combine, parameter_index
from trading_core.domain.errors import Refused
from trading_core.domain.events import instant_text
from trading_core.domain.identity import Actor
from trading_core.domain.stages.draws import PARAMETER, k_candidates
from trading_core.domain.tender.assessment import case_of
from trading_core.domain.tender.bidding import Closing
from trading_core.domain.tender.parameter import PART_WITHIN, awaited, k_draw
from trading_core.platform import Platform

OPENED = at("2026-03-23T09:30") + timedelta(seconds=3)
ISSUED = at("2026-03-02T08:30")
FORMS = {"technical": {"project_leader": "王某", "duration_days": 210, "quality": "合格"}, "price": {"price_fen": 950_000_000}}


@pytest.fixture
def world(sqlite_platform: Platform) -> World:
    return World(sqlite_platform)


def codes(refusal: pytest.ExceptionInfo[Refused]) -> set[str]:
    return {p.code for p in refusal.value.problems}


def bid(world: World, lot: str, name: str, price: int) -> None:
    world.submit(lot, world.bidder(name), {**FORMS, "price": {"price_fen": price}})


def read_out(world: World, lot: str) -> str:
    world.go(OPENED)
    world.give(lot, "start_opening", world.agency)
    world.release(lot, "technical", world.agency, world.supervisor)
    world.release(lot, "price", world.agency, world.centre)
    world.go(OPENED)
    return lot


def opened(world: World) -> str:
    """Everything is read out and all have promised."""
    lot = world.announce(TERMS)
    world.go(ISSUED)
    for name, price in PRICES.items():
        bid(world, lot, name, price)
    return read_out(world, lot)


def overdue(world: World, *there: Actor) -> str:
    """Only these have handed in their parts in time."""
    lot = opened(world)
    world.hand_in(lot, PARAMETER, *there)
    world.go(OPENED + PART_WITHIN)
    return lot


def value(world: World, lot: str, *parties: str) -> str:
    """K as the rule computes it from the parts of these [02 §2.7.2]."""
    found, actors = world.lot(lot), {"host": world.agency, "supervisor": world.supervisor, "centre": world.centre}
    seed = combine([world.part(lot, PARAMETER, actors[p]) for p in parties])
    time, root = instant_text(found.schedule["bid_deadline"]), found.part(Closing).bid_root
    candidates = k_candidates(found)
    return candidates[parameter_index(seed, lot, 1, time, root, len(candidates))]


def test_no_bid_is_taken_before_all_have_promised(world: World) -> None:
    lot = world.announce(TERMS, promised=False)
    world.go(ISSUED)
    for who, missing in ((None, "host, supervisor, centre"), (world.supervisor, "host, centre"), (world.agency, "centre")):
        if who is not None:
            world.commit_draw(lot, PARAMETER, who)
        with pytest.raises(Refused) as refusal:
            bid(world, lot, f"{missing} 示例建设公司", 950_000_000)
        assert [(p.code, p.params["parties"]) for p in refusal.value.problems] == [("draw.not_promised", missing)]
    world.commit_draw(lot, PARAMETER, world.centre)
    bid(world, lot, "松涧示例建设集团有限公司", 950_000_000)


def test_nothing_is_promised_where_nothing_is_drawn(world: World) -> None:
    evaluation: dict[str, Any] = copy.deepcopy(EVALUATION)
    del evaluation["price"]["drawn"]
    evaluation["price"]["params"]["k"] = "0.02"
    lot = world.announce({**TERMS, "evaluation": evaluation})
    assert not k_candidates(world.lot(lot))
    with pytest.raises(Refused) as refusal:
        world.commit_draw(lot, PARAMETER, world.agency)
    assert codes(refusal) == {"draw.no_candidates"}
    world.go(ISSUED)
    bid(world, lot, "松涧示例建设集团有限公司", 950_000_000)


@pytest.mark.parametrize(("there", "parties"), [("supervisor", ("supervisor", "centre")), ("agency", ("host", "centre"))])
def test_the_reserve_stands_in_for_either_party(world: World, there: str, parties: tuple[str, str]) -> None:
    """Host and supervisor alike: whoever keeps its part back is replaced, and has chosen nothing."""
    lot = overdue(world, getattr(world, there))
    assert not k_draw(world.lot(lot)).drawn and set(awaited(world.lot(lot))) == {"host", "supervisor", "centre"} - {parties[0]}
    world.hand_in(lot, PARAMETER, world.centre)
    draw = k_draw(world.lot(lot))
    assert draw.drawn and draw.value == value(world, lot, *parties) and not awaited(world.lot(lot))
    late = world.supervisor if there == "agency" else world.agency
    with pytest.raises(Refused) as refusal:
        world.hand_in(lot, PARAMETER, late)
    assert "draw.drawn_before" in codes(refusal)
    assert world.give(lot, "finish_opening", world.agency).status == "OPENED"
    assert case_of(world.lot(lot))["drawn_value"] == draw.value
    record = "".join(next(text for text in issued(world, lot).values() if "现场抽取" in text).split())
    used = [p for p in draw.commitments if p in draw.parts]
    assert all(draw.parts[p] in record and hashlib.sha256(bytes.fromhex(draw.parts[p])).hexdigest() in record for p in used)
    assert hashlib.sha256(bytes.fromhex("".join(draw.parts[p] for p in used))).hexdigest() == draw.seed.hex() in record
    assert all(c in record for c in draw.commitments.values()) and record.count("未使用") == 1


def test_the_parts_come_first(world: World) -> None:
    """The reserve is not even looked at before the record says who is late."""
    lot = opened(world)
    world.hand_in(lot, PARAMETER, world.supervisor)
    world.go(OPENED + PART_WITHIN - timedelta(seconds=1))
    assert awaited(world.lot(lot)) == ("host",)
    with pytest.raises(Refused) as refusal:
        world.hand_in(lot, PARAMETER, world.centre)
    assert codes(refusal) == {"draw.reserve_waits"}
    world.hand_in(lot, PARAMETER, world.agency)
    assert k_draw(world.lot(lot)).value == value(world, lot, "host", "supervisor")


def test_a_late_part_counts_until_the_reserve_is_in(world: World) -> None:
    lot = overdue(world, world.supervisor)
    world.hand_in(lot, PARAMETER, world.agency)
    assert k_draw(world.lot(lot)).value == value(world, lot, "host", "supervisor")
    with pytest.raises(Refused) as refusal:
        world.hand_in(lot, PARAMETER, world.centre)
    assert "draw.drawn_before" in codes(refusal)


def test_two_of_three_parts_decide(world: World) -> None:
    """With both late the reserve alone draws nothing: the first of them to come completes it."""
    lot = overdue(world)
    world.hand_in(lot, PARAMETER, world.centre)
    assert not k_draw(world.lot(lot)).drawn
    world.hand_in(lot, PARAMETER, world.supervisor)
    assert k_draw(world.lot(lot)).value == value(world, lot, "supervisor", "centre")


def test_a_part_waits_until_everything_is_read_out(world: World) -> None:
    lot = world.announce(TERMS)
    world.go(ISSUED)
    for name, price in PRICES.items():
        bid(world, lot, name, price)
    world.go(OPENED)
    world.give(lot, "start_opening", world.agency)
    with pytest.raises(Refused) as refusal:
        world.hand_in(lot, PARAMETER, world.supervisor)
    assert codes(refusal) == {"draw.before_opening"}
