"""What a lot's state does not allow is refused, and the attempt is on record [01 §1.2]."""
from __future__ import annotations

import json

from webob import Request

from tests.web.workbench_world import OpenWorld
from tests.world import TERMS
from trading_core.domain.events import Recorded
from trading_core.domain.identity import Actor
from trading_core.platform import Platform
from trading_core.services import log

ADDRESS = "203.0.113.7"


def attempt(world: OpenWorld, lot: str, act: str, actor: Actor, **data: object) -> int:
    request = Request.blank(f"/api/v1/lots/{lot}/acts/{act}", method="POST", environ={"REMOTE_ADDR": ADDRESS})
    request.headers.update({"Authorization": f"Bearer {world.tokens(actor).access}",
                            "Idempotency-Key": world.platform.entropy.token_bytes(16).hex()})  # fmt: skip
    request.content_type, request.body = "application/json", json.dumps(data).encode()
    return request.get_response(world.app).status_int


def recorded(world: OpenWorld) -> list[Recorded]:
    log.move(world.platform)
    with world.platform.look() as unit:
        return [s.recorded() for s in unit.store.all_in_log_order() if s.type == "act_refused"]


def test_an_illegal_transition_is_on_record_once_with_who_and_from_where(sqlite_platform: Platform) -> None:
    world = OpenWorld(sqlite_platform)
    lot = world.announce(TERMS)
    before = world.lot(lot)
    assert [attempt(world, lot, "publish", world.principal) for _ in range(3)] == [409] * 3
    (one,) = recorded(world)
    by = one.public["by"]
    assert isinstance(by, dict) and (by["role"], by["organisation"]) == ("principal", world.principal.organisation)
    assert {k: v for k, v in one.public.items() if k != "by"} == {"lot": lot, "event": "published", "state": "ANNOUNCED"}
    assert one.private == {"person": world.principal.person, "organisation": world.principal.organisation, "address": ADDRESS}
    assert world.lot(lot) == before
    attempt(world, lot, "publish", world.agency)
    attempt(world, lot, "cancel", world.principal, reason="不办了")
    assert len(recorded(world)) == 3
    world.go(world.clock.now())


def test_a_bidder_who_attempts_it_is_named_to_nobody(sqlite_platform: Platform) -> None:
    """[BL 22]"""
    world = OpenWorld(sqlite_platform)
    lot, bidder = world.announce(TERMS), world.bidder("松涧示例建设集团有限公司").actor
    assert attempt(world, lot, "apply_for_prequalification", bidder) == 409
    (one,) = recorded(world)
    assert one.public["by"] == {"role": "bidder"}


def test_what_is_refused_for_another_reason_is_no_such_attempt(sqlite_platform: Platform) -> None:
    world = OpenWorld(sqlite_platform)
    lot = world.announce(TERMS)
    assert attempt(world, lot, "amend", world.agency) == 422
    assert attempt(world, lot, "publish", world.supervisor) == 404
    assert recorded(world) == []
