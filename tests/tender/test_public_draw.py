"""K is promised before any bid is taken; where a part cannot be had all the same, it is drawn publicly by hand [02 §2.7.2 Random K]."""
from __future__ import annotations

import copy
from datetime import timedelta
from typing import Any

import pytest

from tests.tender.test_evaluating import PRICES
from tests.tender.test_papers_issued import issued
from tests.world import EVALUATION, PAPER, TERMS, World, at
from trading_core.domain.errors import Forbidden, Refused
from trading_core.domain.identity import Actor
from trading_core.domain.person import PersonalData
from trading_core.domain.tender.assessment import case_of
from trading_core.domain.tender.draws import PARAMETER, k_candidates
from trading_core.domain.tender.parameter import PART_WITHIN, drawn_by_hand, k_draw
from trading_core.platform import Platform
from trading_core.services import persons

OPENED = at("2026-03-23T09:30") + timedelta(seconds=3)
ISSUED = at("2026-03-02T08:30")
FORMS = {"technical": {"project_leader": "王某", "duration_days": 210, "quality": "合格"}, "price": {"price_fen": 950_000_000}}
BY_HAND = {"value": "0.03", "drawn_by": next(iter(PRICES)), "witnesses": ["澜明区水务局", "澜明区公证处"], "record": PAPER,
           "reason": "招标代理机构逾期未交随机数"}  # fmt: skip


@pytest.fixture
def world(sqlite_platform: Platform) -> World:
    return World(sqlite_platform)


def colleague(world: World, of: Actor) -> Actor:
    """Another person of the same organisation in the same role."""
    with world.platform.unit() as unit:
        data = PersonalData("另一经办人", "0800-000-0001", f"NUMBER-OF-{len(world.people)}", "other")
        person = persons.register_person(unit, of, of.organisation, data)
        persons.grant_role(unit, of, person, of.role)
    return Actor(person, of.organisation, of.role)


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
    """Everything is read out and both have promised."""
    lot = world.announce(TERMS)
    world.go(ISSUED)
    for name, price in PRICES.items():
        bid(world, lot, name, price)
    return read_out(world, lot)


def overdue(world: World) -> str:
    """The host has not handed in its part in time."""
    lot = opened(world)
    world.hand_in(lot, PARAMETER, world.supervisor)
    world.go(OPENED + PART_WITHIN)
    return lot


def test_no_bid_is_taken_before_both_have_promised(world: World) -> None:
    lot = world.announce(TERMS, promised=False)
    world.go(ISSUED)
    for who, missing in ((None, "host, supervisor"), (world.supervisor, "host")):
        if who is not None:
            world.commit_draw(lot, PARAMETER, who)
        with pytest.raises(Refused) as refusal:
            bid(world, lot, f"{missing} 示例建设公司", 950_000_000)
        assert [(p.code, p.params["parties"]) for p in refusal.value.problems] == [("draw.not_promised", missing)]
    world.commit_draw(lot, PARAMETER, world.agency)
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


def test_the_parts_come_first(world: World) -> None:
    lot = opened(world)
    world.hand_in(lot, PARAMETER, world.supervisor)
    with pytest.raises(Refused) as refusal:
        world.give(lot, "draw_by_hand", world.supervisor, **BY_HAND)
    assert codes(refusal) == {"draw.parts_first"}
    world.hand_in(lot, PARAMETER, world.agency)
    with pytest.raises(Refused) as refusal:
        world.give(lot, "draw_by_hand", world.supervisor, **BY_HAND)
    assert codes(refusal) == {"draw.drawn_before"}


def test_an_overdue_part_lets_the_bidders_draw(world: World) -> None:
    lot = overdue(world)
    assert drawn_by_hand(world.lot(lot))
    world.give(lot, "draw_by_hand", world.supervisor, **BY_HAND)
    assert not k_draw(world.lot(lot)).drawn and not drawn_by_hand(world.lot(lot))
    world.give(lot, "check_hand_draw", colleague(world, world.supervisor), confirms=True)
    draw = k_draw(world.lot(lot))
    assert draw.drawn and draw.value == "0.03"
    with pytest.raises(Refused) as refusal:
        world.hand_in(lot, PARAMETER, world.agency)
    assert "draw.drawn_before" in codes(refusal)
    assert world.give(lot, "finish_opening", world.agency).status == "OPENED"
    assert case_of(world.lot(lot))["drawn_value"] == "0.03"
    with world.platform.look() as unit:
        [said] = [s.recorded().public for s in unit.store.read(f"lot/{lot}") if s.type == "parameter_drawn"]
    assert (said["way"], said["missing"], said["party"], said["index"]) == ("public_draw", ["host"], "supervisor", 2)
    record = "".join(next(text for text in issued(world, lot).values() if "公开抽取" in text).split())
    assert "不能用算式重算" in record and "澜明区公证处" in record and "复核确认" in record and "种子承诺值" not in record


def test_who_withholds_never_gains_the_choice(world: World) -> None:
    """The host keeps its part, has read every price and waits: the draw by hand is not its own, and its part comes too late to choose
    between what was drawn and what it would give."""
    lot = overdue(world)
    for host in (world.agency, world.principal):
        with pytest.raises(Forbidden) as forbidden:
            world.give(lot, "draw_by_hand", host, **BY_HAND)
        assert {p.code for p in forbidden.value.problems} == {"act.not_yours"}
    world.give(lot, "draw_by_hand", world.supervisor, **BY_HAND)
    with pytest.raises(Refused) as refusal:
        world.hand_in(lot, PARAMETER, world.agency)
    assert codes(refusal) == {"draw.recorded_by_hand"}


def test_nor_does_the_supervisor_by_its_own_part(world: World) -> None:
    lot = opened(world)
    world.hand_in(lot, PARAMETER, world.agency)
    world.go(OPENED + PART_WITHIN)
    assert not drawn_by_hand(world.lot(lot))
    with pytest.raises(Refused) as refusal:
        world.give(lot, "draw_by_hand", world.supervisor, **BY_HAND)
    assert codes(refusal) == {"draw.own_part_first"}
    world.hand_in(lot, PARAMETER, world.supervisor)
    draw = k_draw(world.lot(lot))
    assert draw.drawn and draw.by_hand is None


def test_the_record_is_looked_at_by_a_second_person(world: World) -> None:
    lot, second = overdue(world), colleague(world, world.supervisor)
    with pytest.raises(Refused) as refusal:
        world.give(lot, "check_hand_draw", second, confirms=True)
    assert codes(refusal) == {"draw.nothing_recorded"}
    world.give(lot, "draw_by_hand", world.supervisor, **BY_HAND)
    for who, said, code in ((world.supervisor, {"confirms": True}, "draw.second_person"), (second, {"confirms": False}, "field.required")):
        with pytest.raises(Refused) as refusal:
            world.give(lot, "check_hand_draw", who, **said)
        assert codes(refusal) == {code}
    with pytest.raises(Refused) as refusal:
        world.give(lot, "draw_by_hand", second, **{**BY_HAND, "value": "0.02"})
    assert codes(refusal) == {"draw.recorded_by_hand"}
    world.give(lot, "check_hand_draw", second, confirms=False, reason="记录所写结果与抽取不符")
    assert not k_draw(world.lot(lot)).drawn and drawn_by_hand(world.lot(lot))
    world.give(lot, "draw_by_hand", second, **{**BY_HAND, "value": "0.02"})
    world.give(lot, "check_hand_draw", world.supervisor, confirms=True)
    assert k_draw(world.lot(lot)).value == "0.02"


def test_the_signed_record_is_a_file_of_who_gives_it(world: World) -> None:
    lot = overdue(world)
    for record in ("a" * 64, world.document(b"record of the agency", world.agency)):
        with pytest.raises(Refused) as refusal:
            world.give(lot, "draw_by_hand", world.supervisor, **{**BY_HAND, "record": record})
        assert codes(refusal) == {"document.not_sent_in"}


def test_the_part_that_comes_late_still_counts_before_the_hand(world: World) -> None:
    lot = overdue(world)
    world.hand_in(lot, PARAMETER, world.agency)
    assert k_draw(world.lot(lot)).drawn
    with pytest.raises(Refused) as refusal:
        world.give(lot, "draw_by_hand", world.supervisor, **BY_HAND)
    assert codes(refusal) == {"draw.drawn_before"}


def test_what_a_public_draw_needs(world: World) -> None:
    lot = overdue(world)
    for wrong, code in (
        ({"value": "0.031"}, "draw.not_a_candidate"),
        ({"drawn_by": "云栖示例招标代理有限公司"}, "draw.not_a_bidder"),
        ({"witnesses": ["澜明区水务局", "澜明区水务局"]}, "draw.witnesses"),
        ({"witnesses": ["澜明区水务局", BY_HAND["drawn_by"]]}, "draw.witnesses"),
    ):
        with pytest.raises(Refused) as refusal:
            world.give(lot, "draw_by_hand", world.supervisor, **{**BY_HAND, **wrong})
        assert codes(refusal) == {code}


def test_it_waits_until_everything_is_read_out(world: World) -> None:
    lot = world.announce(TERMS)
    world.go(ISSUED)
    for name, price in PRICES.items():
        bid(world, lot, name, price)
    world.go(OPENED)
    world.give(lot, "start_opening", world.agency)
    with pytest.raises(Refused) as refusal:
        world.give(lot, "draw_by_hand", world.supervisor, **BY_HAND)
    assert "draw.before_opening" in codes(refusal)
