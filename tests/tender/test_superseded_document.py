"""A bid made before an amendment counts and is marked as such, wherever people look at it [A-06]."""
from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.tender.test_papers_issued import issued
from tests.tender.test_reserve_part import FORMS, ISSUED, OPENED
from tests.web.frame import Reader
from tests.web.test_rooms_desk import Committee5
from tests.web.workbench_world import OpenWorld
from tests.world import TERMS
from trading_core.domain.errors import Refused
from trading_core.domain.stages.draws import PARAMETER
from trading_core.domain.tender.bidding import of_superseded_document
from trading_core.domain.tender.doubts import doubts
from trading_core.platform import Platform


@pytest.fixture
def world(sqlite_platform: Platform) -> OpenWorld:
    return OpenWorld(sqlite_platform)


def test_a_bid_made_before_an_amendment_is_marked(world: OpenWorld) -> None:
    lot = world.announce(TERMS)
    world.go(ISSUED)
    before, after, replaced = (world.bidder(f"示例第{n}建设有限公司") for n in range(3))
    for plan in (before, replaced):
        world.submit(lot, plan, FORMS)
    world.give(lot, "amend", world.agency, note="图纸更换", affects_preparation=False)
    with pytest.raises(Refused) as refusal:
        world.submit(lot, after, FORMS, document_version=1)
    assert [(p.code, p.rule) for p in refusal.value.problems] == [("bid.old_document", "A-06")]
    world.submit(lot, after, FORMS, document_version=2)
    again = replace(replaced, number="a" * 32, secret="b" * 64)
    world.submit(lot, again, FORMS, document_version=2, replaces=replaced.number, replaces_secret=replaced.secret)
    world.go(OPENED)
    with world.platform.look() as unit:
        (closed,) = [s.recorded().public for s in unit.store.read(f"lot/{lot}") if s.type == "closed"]
    assert sorted(b["document_version"] for b in closed["bids"]) == [1, 2, 2]
    assert of_superseded_document(world.lot(lot)) == {before.number: 1}

    world.give(lot, "start_opening", world.agency)
    world.release(lot, "technical", world.agency, world.supervisor)
    world.release(lot, "price", world.agency, world.centre)
    world.go(OPENED)
    assert Reader(world.app).ask(f"/lots/{lot}/opening").text.count("按招标文件第 1 版编制") == 1
    world.hand_in(lot, PARAMETER, world.agency, world.supervisor)
    world.go(world.clock.now() + timedelta(minutes=11))
    world.give(lot, "finish_opening", world.agency)
    record = "".join(issued(world, lot)["opening_record"].split())
    assert record.count("按招标文件第1版编制，之后文件有修改") == 1

    desk = Committee5(world, lot)
    desk.begin()
    assert not doubts(world.lot(lot))  # no ground by itself: the committee is told and need not vote
    shown = {plan.number: desk.seats[1].get(f"{desk.path}?bid={plan.number}").text for plan in (before, after)}
    assert [n for n, page in shown.items() if "按招标文件第 1 版编制" in page] == [before.number]
