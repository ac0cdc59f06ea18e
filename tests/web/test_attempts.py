"""What a lot's state does not allow is refused, and the attempt is on record [01 §1.2]."""
from __future__ import annotations

import json
import logging

import pytest
import sqlalchemy as sa
from webob import Request

from tests.web.rooms import Visitor
from tests.web.workbench_world import OpenWorld
from tests.world import TERMS
from trading_core.domain.errors import IllegalTransition, Problem
from trading_core.domain.events import Recorded
from trading_core.domain.identity import ANYONE, Actor
from trading_core.domain.trade import Command
from trading_core.platform import Platform
from trading_core.services import attempts, log
from web.api.commands import give

ADDRESS = "203.0.113.7"
ASKED = {"event": "question_asked", "state": "SUSPENDED"}


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
    assert {k: v for k, v in one.public.items() if k not in ("by", "mark")} == {"lot": lot, "event": "published", "state": "ANNOUNCED"}
    assert one.private == {"person": world.principal.person, "organisation": world.principal.organisation, "address": ADDRESS}
    assert world.lot(lot) == before
    attempt(world, lot, "publish", world.agency)
    attempt(world, lot, "cancel", world.principal, reason="不办了")
    assert len(recorded(world)) == 3
    world.go(world.clock.now())


def test_a_bidder_who_attempts_it_is_named_nowhere_before_the_opening(sqlite_platform: Platform) -> None:
    """[BL 22] Not even where only who holds the platform's key could read it."""
    world = OpenWorld(sqlite_platform)
    lot, bidder = world.announce(TERMS), world.bidder("松涧示例建设集团有限公司").actor
    other = world.bidder("云石示例路桥有限公司").actor
    assert [attempt(world, lot, "apply_for_prequalification", one) for one in (bidder, bidder, other)] == [409] * 3
    (one,) = recorded(world)
    assert one.public["by"] == {"role": "bidder"} and one.private is None


def test_nothing_ties_a_bidder_to_the_lot_it_tried(sqlite_platform: Platform, caplog: pytest.LogCaptureFixture) -> None:
    """[BL 22] No row of any table and no line of the site's log holds both; the same without a name, who may be about to bid."""
    world = OpenWorld(sqlite_platform)
    lot, bidder = world.announce(TERMS), world.bidder("松涧示例建设集团有限公司").actor
    attempts.record(world.platform, lot, ANYONE, IllegalTransition(Problem("lot.illegal_transition", params=ASKED)), ADDRESS)
    with caplog.at_level(logging.DEBUG):
        assert attempt(world, lot, "apply_for_prequalification", bidder) == 409
    assert [(one.public["by"], one.private) for one in recorded(world)] == [({"role": "public"}, None), ({"role": "bidder"}, None)]
    secret = (bidder.person, bidder.organisation, ADDRESS)
    with world.platform.look() as unit:
        tables = sa.inspect(unit.connection).get_table_names()
        rows = [str(tuple(row)) for t in tables for row in unit.connection.execute(sa.text(f'SELECT * FROM "{t}"'))]
    assert any(bidder.person in row for row in rows) and any(f"attempt/{lot}" in row for row in rows)
    tied = [text for text in (*rows, *caplog.messages) if lot in text and any(part in text for part in secret)]
    assert tied == []


def test_what_a_page_swallows_is_on_record_too(sqlite_platform: Platform) -> None:
    """The wizard tells a refusal on its own page."""
    world = OpenWorld(sqlite_platform)
    lot = world.announce(TERMS)
    with pytest.raises(IllegalTransition):
        give(world.platform, lot, Command("draft", world.agency, {"title": "改名"}, world.clock.now()), "k", ADDRESS)
    (one,) = recorded(world)
    assert one.public["event"] == "drafted" and one.private is not None and one.private["address"] == ADDRESS


def test_an_attempt_at_a_new_tender_too_early_is_on_record(sqlite_platform: Platform) -> None:
    """An act of an office, not of the lot's own address."""
    world = OpenWorld(sqlite_platform)
    lot = world.announce(TERMS)
    said = {"analysis": "规划已确定，调整标段划分"}
    answer = world.call(f"/api/v1/lots/{lot}/attempts", world.agency, said, Idempotency_Key="k")
    assert answer.status_int == 409
    (one,) = recorded(world)
    assert one.public["event"] == "attempt_created" and one.private is not None and one.private["person"] == world.agency.person


def test_a_record_that_cannot_be_written_stands_in_nobodys_way(sqlite_platform: Platform, caplog: pytest.LogCaptureFixture) -> None:
    world = OpenWorld(sqlite_platform)
    lot = world.announce(TERMS)
    with world.platform.unit() as unit:
        unit.connection.exec_driver_sql(
            "CREATE TRIGGER no_more BEFORE INSERT ON event WHEN NEW.type = 'act_refused' BEGIN SELECT RAISE(ABORT, 'no'); END")
    with caplog.at_level(logging.ERROR):
        assert attempt(world, lot, "publish", world.principal) == 409
    assert lot in caplog.text and world.principal.person not in caplog.text and ADDRESS not in caplog.text
    caplog.clear()


def test_the_supervisor_reads_them_in_the_course_of_the_lot(sqlite_platform: Platform) -> None:
    world = OpenWorld(sqlite_platform)
    lot = world.announce(TERMS)
    attempt(world, lot, "publish", world.principal)
    log.move(world.platform)
    page = Visitor(world, world.supervisor).get(f"/supervise/lots/{lot}").text
    assert "拒绝办理：" in page and ADDRESS in page and "澜明区水务工程建设管理处　" + ADDRESS in page
    assert f"/my/registry/persons/{world.principal.person}" in page
    assert ADDRESS not in Visitor(world, world.principal).get(f"/lots/{lot}").text


def test_what_is_refused_for_another_reason_is_no_such_attempt(sqlite_platform: Platform) -> None:
    world = OpenWorld(sqlite_platform)
    lot = world.announce(TERMS)
    assert attempt(world, lot, "amend", world.agency) == 422
    assert attempt(world, lot, "publish", world.supervisor) == 404
    assert recorded(world) == []
