"""The supervisor's console: lights from the statutory periods, the course of a lot, what can be ordered; nothing for others."""
from __future__ import annotations

from datetime import timedelta

import pytest

from tests.tender.test_evaluating import chair_of, lock_all, report, seat_committee
from tests.web.rooms import PRICES, Visitor
from tests.web.test_rooms_hall import T, closed, prepared, read_out
from tests.web.workbench_world import OpenWorld
from tests.world import at, submit
from trading_core.domain.errors import Refused
from trading_core.domain.identity import Role
from trading_core.domain.trade import Command
from trading_core.platform import Platform


@pytest.fixture
def world(sqlite_platform: Platform) -> OpenWorld:
    return OpenWorld(sqlite_platform)


def test_the_console_lists_lots_with_lights_and_clocks(world: OpenWorld) -> None:
    lot, _ = prepared(world)
    supervisor = Visitor(world, world.supervisor)
    page = supervisor.get("/supervise").text
    assert f"/supervise/lots/{lot}" in page and "light-g" in page and "递交投标文件" in page
    assert f"/supervise/lots/{lot}" in supervisor.get("/supervise?show=opening").text
    assert f"/supervise/lots/{lot}" not in supervisor.get("/supervise?show=red").text
    assert f"/supervise/lots/{lot}" in supervisor.get("/supervise?show=nonsense").text


def test_nothing_of_the_bids_shows_before_the_deadline(world: OpenWorld) -> None:
    lot, plans = prepared(world)
    supervisor = Visitor(world, world.supervisor)
    for path in ("/supervise", f"/supervise/lots/{lot}"):
        page = supervisor.get(path).text
        assert not [n for n in PRICES if n in page] and not [p.number for p in plans if p.number in page]


def test_an_overdue_step_turns_the_light_red(world: OpenWorld) -> None:
    """[E-T07] The candidates are due three days after the report."""
    lot, _ = closed(world)
    read_out(world, lot)
    world.hand_in(lot, "parameter", world.agency, world.supervisor)
    world.go(world.clock.now() + timedelta(minutes=11))
    world.give(lot, "finish_opening", world.agency)
    members = seat_committee(world, lot)
    world.give(lot, "finish_review", chair_of(world, lot, members))
    lock_all(world, lot, members)
    report(world, lot, members)
    assert "候选人公示开始" in Visitor(world, world.supervisor).get("/supervise").text
    world.go(world.clock.now() + timedelta(days=1))
    assert "候选人公示开始" in Visitor(world, world.supervisor).get("/supervise?show=yellow").text
    world.go(world.clock.now() + timedelta(days=9))
    page = Visitor(world, world.supervisor).get("/supervise?show=red").text
    assert f"/supervise/lots/{lot}" in page and "✕ 候选人公示开始" in page
    assert "已超期" in Visitor(world, world.supervisor).get(f"/supervise/lots/{lot}").text


def test_the_course_shows_what_was_late_and_refused(world: OpenWorld) -> None:
    """[B-02] A late bid is in the course, by its moment and nothing else."""
    lot, _ = prepared(world)
    late = world.bidder("石鼓坡示例市政工程有限公司")
    data = world.submission(lot, late, {"technical": {}, "price": {"price_fen": 1}})
    world.go(T + timedelta(seconds=3))
    form = {**data, "bid": late.number}
    with pytest.raises(Refused):
        submit(world.platform, lot, Command("submit_bid", late.actor, form, world.clock.now()))
    world.go(T + timedelta(minutes=40))
    world.give(lot, "start_opening", world.agency, delay_reason="主持人设备故障")
    world.go(world.clock.now())
    page = Visitor(world, world.supervisor).get(f"/supervise/lots/{lot}").text
    assert "逾期投标，拒收" in page and "09:30:03" in page and late.name not in page
    assert "主持人设备故障" in page and page.count("light-y") >= 1


def test_orders_lead_to_the_forms_of_acts(world: OpenWorld) -> None:
    lot, _ = closed(world)
    world.give(lot, "start_opening", world.agency)
    supervisor = Visitor(world, world.supervisor)
    page = supervisor.get(f"/supervise/lots/{lot}").text
    assert f"/my/lots/{lot}/keys" in page and "start_opening" not in page
    assert "decide_complaint" not in page  # there is none to decide
    if "order_suspension" in world.platform.trade("engineering").acts:
        assert f"/my/lots/{lot}/acts/order_suspension" in page


def test_others_read_the_public_page_and_no_course(world: OpenWorld) -> None:
    lot, plans = prepared(world)
    other = world.organisation("另一监督部门", Role.SUPERVISOR, world.operator)
    for actor in (world.agency, world.centre, plans[0].actor):
        assert "监督怎样进行" in Visitor(world, actor).get("/supervise").text
        assert Visitor(world, actor).get(f"/supervise/lots/{lot}").status_int == 404
    assert "监督怎样进行" in Visitor(world).get("/supervise").text
    assert Visitor(world).get(f"/supervise/lots/{lot}").status_int == 303
    assert f"/supervise/lots/{lot}" not in Visitor(world, other).get("/supervise").text
    assert Visitor(world, other).get(f"/supervise/lots/{lot}").status_int == 404
    assert at("2026-03-23T08:30") == world.clock.now()
