"""Whose lot it is: pages ask what the API asks, and a clock behind the record stops both for a while [03 §3.2, T-11]."""
from __future__ import annotations

from datetime import timedelta

import pytest

from tests.web.rooms import PRICES, Visitor, account, hidden
from tests.web.workbench_world import OpenWorld
from tests.world import TERMS, at
from trading_core.adapters.clock import SteppedClock
from trading_core.adapters.entropy import SeededEntropy
from trading_core.bootstrap import build
from trading_core.domain.identity import Role
from trading_core.platform import Platform
from web.app import make_app

ACTS = {Role.CENTRE: "suspend_technically", Role.SUPERVISOR: "receive_complaint", Role.AGENCY: "amend", Role.PRINCIPAL: "terminate"}


@pytest.fixture
def world(sqlite_platform: Platform) -> OpenWorld:
    return OpenWorld(sqlite_platform)


@pytest.fixture
def lot(world: OpenWorld) -> str:
    return world.announce(TERMS)


@pytest.mark.parametrize("role", ACTS)
def test_a_foreign_organisation_sees_no_act_of_a_lot(world: OpenWorld, lot: str, role: Role) -> None:
    mine = {Role.CENTRE: world.centre, Role.SUPERVISOR: world.supervisor, Role.AGENCY: world.agency, Role.PRINCIPAL: world.principal}[role]
    by = world.operator if role in (Role.CENTRE, Role.SUPERVISOR) else world.centre
    foreign = world.organisation(f"云起区另一{role.value}", role, by)
    page, api = f"/my/lots/{lot}/acts/{ACTS[role]}", f"/api/v1/lots/{lot}/acts/{ACTS[role]}"
    assert Visitor(world, mine).get(page).status_int == 200
    assert Visitor(world, foreign).get(page).status_int == 404 == world.call(api, foreign, {}, Idempotency_Key="k" * 32).status_int
    assert lot in Visitor(world, mine).get("/my").text and lot not in Visitor(world, foreign).get("/my").text


def test_an_expert_who_was_not_asked_sees_no_act_of_a_lot(world: OpenWorld, lot: str) -> None:
    expert = next(iter(world.pool().values()))
    account(world, expert)
    assert Visitor(world, expert).get(f"/my/lots/{lot}/acts/answer_call").status_int == 404
    assert lot not in Visitor(world, expert).get("/my").text


def test_a_clock_behind_the_record_is_a_service_away_for_a_while(world: OpenWorld, lot: str) -> None:
    world.go(at("2026-03-05T10:00"))
    asker = world.bidder("松涧示例建设集团有限公司").actor
    world.give(lot, "ask", asker, text="一")
    assert world.ask("GET", "/api/v1/health").status_int == 200
    path, old = f"/my/lots/{lot}/acts/ask", world.platform
    old.database.close()
    world.platform = build(old.settings, SteppedClock(world.clock.now() - timedelta(minutes=30)), SeededEntropy(b"second"))
    world.app = make_app(world.platform)
    answer = world.call(f"/api/v1{path.removeprefix('/my')}", asker, {"text": "x"}, Idempotency_Key="k" * 32)
    assert (answer.status_int, answer.json["code"], answer.headers["Retry-After"]) == (503, "service.clock", "5")
    browser = Visitor(world, asker)
    shown = browser.post(path, {**hidden(browser.get(path)), "text": "x"})
    assert (shown.status_int, shown.headers["Retry-After"]) == (503, "5")
    health = world.ask("GET", "/api/v1/health")
    assert (health.status_int, health.json["parts"]["clock"]["state"], health.headers["Retry-After"]) == (503, "down", "5")
    world.platform.database.close()


def test_nobody_is_urged_to_bid_after_the_deadline(world: OpenWorld, lot: str) -> None:
    """A suspension after it brings no bidding back, neither on the workbench nor on the page of the lot."""
    world.go(at("2026-03-02T08:30"))
    plans = [world.bidder(name) for name in PRICES]
    for plan in plans:
        world.submit(lot, plan, {"technical": {"project_leader": "王某"}, "price": {"price_fen": 950_000_000}})
    bidder, title = Visitor(world, plans[0].actor), ">投标</a>"
    pages = (f"/lots/{lot}", f"/my/lots/{lot}")
    assert all(title in bidder.get(p).text for p in pages) and "未递交" in bidder.get("/my").text
    world.go(at("2026-03-23T09:30") + timedelta(seconds=3))
    world.give(lot, "suspend_technically", world.centre, reason="停电", legal_basis="T-12", reported_to="澜明区水务局")
    assert world.lot(lot).status == "SUSPENDED"
    assert not any(title in bidder.get(p).text for p in pages) and "未递交" not in bidder.get("/my").text
