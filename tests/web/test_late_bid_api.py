"""A bid that comes too late, sent by a program that does not give up."""
from __future__ import annotations

import json

from tests.web.workbench_world import OpenWorld
from tests.world import TERMS, at
from trading_core.platform import Platform
from trading_core.services import log


def test_a_late_bid_leaves_one_refusal_however_often_it_is_sent(platform: Platform) -> None:
    """[B-02]"""
    world = OpenWorld(platform)
    lot = world.announce(TERMS)
    world.go(at("2026-03-02T08:30"))
    plan = world.bidder("云石示例路桥有限公司")
    data = world.submission(lot, plan, {})
    world.clock.move_to(at("2026-03-23T09:30"))

    def send(key: str) -> tuple[int, str, str]:
        answer = world.call(f"/api/v1/lots/{lot}/acts/submit_bid", plan.actor, data, Idempotency_Key=key)
        problems = answer.json["problems"]
        assert problems[0]["message"] and problems[0]["rule"] == "B-02" and problems[0]["params"]["deadline"]
        return answer.status_int, answer.json["code"], json.dumps(answer.json["receipt"], sort_keys=True)

    first, before = send("one"), size(world)
    assert first[:2] == (422, "bid.late")
    assert {send("one") for _ in range(5)} == {first} and size(world) == before
    assert send("two")[2] != first[2] and size(world) == before + 1
    changed = world.call(f"/api/v1/lots/{lot}/acts/submit_bid", plan.actor, {**data, "bid": "0" * 32}, Idempotency_Key="one")
    assert changed.json["code"] == "command.key_reused" and size(world) == before + 1


def size(world: OpenWorld) -> int:
    log.move(world.platform)
    with world.platform.look() as unit:
        return log.log_size(unit)
