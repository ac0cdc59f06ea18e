"""A command has its effect once, however often and from however many threads it is sent."""
from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tests.resilience.checks import check_log
from tests.world import TERMS, BidPlan, World, at
from trading_core.domain.errors import Conflict, Refused
from trading_core.domain.trade import Command
from trading_core.platform import Platform
from trading_core.services import log, lots, receipts
from web.api.commands import carried_out, give

AT_ONCE = 6


@pytest.fixture
def world(platform: Platform) -> World:
    return World(platform)


@pytest.fixture
def lot(world: World) -> str:
    found = world.announce(TERMS)
    world.go(at("2026-03-02T08:30"))
    return found


def bid(world: World, lot: str, plan: BidPlan) -> Command:
    return Command("submit_bid", plan.actor, world.submission(lot, plan, {}), world.clock.now())


def entries(world: World, stream: str, kind: str) -> int:
    """Events of a kind whose private part says so, over all streams with this beginning."""
    log.move(world.platform)
    with world.platform.look() as unit:
        stored = [s.recorded() for s in unit.store.all_in_log_order() if s.stream.startswith(stream)]
    return sum((e.private or {}).get("what", e.type) == kind for e in stored)


def at_once(send: Callable[[], Any]) -> list[Any]:
    """What so many threads get that send the same thing at the same moment; who meets a conflict asks again, as programs do."""
    answers: list[Any] = []
    start = threading.Barrier(AT_ONCE)

    def run() -> None:
        start.wait()
        while True:
            try:
                answers.append(send())
                return
            except Conflict:
                continue
            except BaseException as error:
                answers.append(error)
                return

    threads = [threading.Thread(target=run) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_sent_again_later(world: World, lot: str) -> None:
    command = bid(world, lot, world.bidder("松涧示例建设集团有限公司"))
    first = give(world.platform, lot, command, "key", "")
    world.go(at("2026-03-09T17:00"))
    assert give(world.platform, lot, command, "key", "") == first
    assert entries(world, "sealed/", "received") == 1


def test_sent_again_after_the_deadline_gets_its_receipt(world: World, lot: str) -> None:
    """The answer was lost on its way; the same key asks for the answer, not for another bid."""
    command = bid(world, lot, world.bidder("松涧示例建设集团有限公司"))
    first = give(world.platform, lot, command, "key", "")
    world.clock.move_to(at("2026-03-23T09:31"))
    assert give(world.platform, lot, command, "key", "") == first
    with pytest.raises(Refused):
        give(world.platform, lot, bid(world, lot, world.bidder("云石示例路桥有限公司")), "key", "")


def test_bids_at_the_same_moment(world: World, lot: str) -> None:
    command = bid(world, lot, world.bidder("松涧示例建设集团有限公司"))
    answers = at_once(lambda: give(world.platform, lot, command, "key", ""))
    assert len({str(a["receipt"]) for a in answers}) == 1
    assert entries(world, "sealed/", "received") == 1


def test_acts_on_the_lot_at_the_same_moment(world: World, lot: str) -> None:
    command = Command("ask", world.bidder("松涧示例建设集团有限公司").actor, {"text": "第 3 页？"}, world.clock.now())
    answers = at_once(lambda: give(world.platform, lot, command, "key", ""))
    assert len({str(a["receipt"]) for a in answers}) == 1
    assert entries(world, "lot/", "question_asked") == 1


def test_lots_created_at_the_same_moment(world: World) -> None:
    """Nothing but the key holds these apart: each try would make a lot with a number of its own."""
    parties = {"principal": world.principal.organisation}

    def create() -> Mapping[str, Any]:
        return carried_out(world.platform, world.agency, "key", {"create": parties}, lambda unit: _created(unit))

    def _created(unit: Any) -> dict[str, object]:
        done = lots.create(unit, world.agency, "engineering", parties)
        return receipts.receipt(unit, "accepted", done.stored, {"lot": done.lot.id}) | {"lot": done.lot.id}

    answers = at_once(create)
    assert len({a["lot"] for a in answers}) == 1
    assert entries(world, "lot/", "created") == 1
    with world.platform.look() as unit:
        check_log(unit)


def test_another_command_under_the_same_key_is_refused(world: World, lot: str) -> None:
    asker = world.bidder("松涧示例建设集团有限公司").actor
    give(world.platform, lot, Command("ask", asker, {"text": "第 3 页？"}, world.clock.now()), "key", "")
    with pytest.raises(Refused) as refusal:
        give(world.platform, lot, Command("ask", asker, {"text": "第 4 页？"}, world.clock.now()), "key", "")
    assert {p.code for p in refusal.value.problems} == {"command.key_reused"}
    other = world.bidder("云石示例路桥有限公司").actor
    give(world.platform, lot, Command("ask", other, {"text": "第 4 页？"}, world.clock.now()), "key", "")
    assert entries(world, "lot/", "question_asked") == 2


def test_what_was_refused_may_be_sent_again_under_its_key(world: World, lot: str) -> None:
    command = Command("clarify", world.agency, {"number": 1, "answer": "以图纸为准。", "affects_preparation": False}, world.clock.now())
    with pytest.raises(Refused):
        give(world.platform, lot, command, "key", "")
    world.give(lot, "ask", world.bidder("松涧示例建设集团有限公司").actor, text="第 3 页？")
    give(world.platform, lot, command, "key", "")
    assert entries(world, "lot/", "clarified") == 1
