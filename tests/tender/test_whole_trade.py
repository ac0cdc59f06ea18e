"""A construction tender from announcement to archive on the real services, with an objection on the way, on both databases."""
from __future__ import annotations

from datetime import timedelta

import pytest

from tests.tender.test_evaluating import evaluated
from tests.world import PAPER, World, at
from trading_core.domain.errors import Refused
from trading_core.domain.stages.archiving import Archive
from trading_core.domain.stages.award import Award
from trading_core.platform import Platform
from trading_core.services import papers
from trading_core.services.replay import replay

FILES = [{"name": "合同.pdf", "sha256": PAPER, "size": 10}]


def codes(refusal: pytest.ExceptionInfo[Refused]) -> set[str]:
    return {p.code for p in refusal.value.problems}


def test_from_announcement_to_archive(platform: Platform) -> None:
    world = World(platform)
    lot = evaluated(world)
    world.give(lot, "publish_candidates", world.agency, evaluation_summary="综合评估法", how_to_object="在线提出")
    end = world.lot(lot).schedule["publicity_end"]
    assert end == at("2026-03-27T00:00")  # published on a Monday, three days, 24:00 of Thursday [E-T11]
    first = world.lot(lot).part(Award).candidates[0]
    with pytest.raises(Refused) as refusal:
        world.give(lot, "decide_award", world.principal, bid=first.bid)
    assert "award.publicity_running" in codes(refusal)
    loser = next(p for p in world.people if world.codes.get(p.organisation) not in (None, first.uscc) and p.role.value == "bidder")
    world.go(at("2026-03-24T10:00"))
    world.give(lot, "object_to_result", loser, text="第一候选人业绩存疑")
    assert world.lot(lot).status == "SUSPENDED"
    world.go(at("2026-03-25T10:00"))
    world.give(lot, "answer_objection", world.agency, number=1, answer="经核实，业绩真实", outcome="rejected")
    after = world.lot(lot)
    assert after.status == "PUBLICITY"
    assert after.schedule["publicity_end"] > end  # the frozen span is added [T-12]
    world.go(after.schedule["publicity_end"] + timedelta(seconds=1))
    world.give(lot, "decide_award", world.principal, bid=first.bid)
    world.go(world.clock.now() + timedelta(days=1))
    world.give(lot, "issue_award_letter", world.agency)
    world.give(lot, "publish_result", world.agency)
    contract = {"contract_number": "HT-1", "price_fen": first.price_fen, "uscc": first.uscc, "duration_days": 210, "quality": "合格",
                "project_leader": "王某", "files": FILES}  # fmt: skip
    with pytest.raises(Refused) as refusal:
        world.give(lot, "sign_contract", world.principal, **{**contract, "price_fen": first.price_fen + 1, "quality": "优良"})
    assert codes(refusal) == {"contract.differs"}
    assert len(refusal.value.problems) == 2
    world.give(lot, "sign_contract", world.principal, **contract)
    world.give(lot, "file_written_report", world.agency, text="招标投标情况书面报告")
    world.give(lot, "start_performance", world.principal, started_on="2026-04-10")
    world.give(lot, "accept", world.principal, text="验收合格", files=FILES)
    world.go(world.clock.now() + timedelta(minutes=1))
    papers.issue_waiting(platform)
    world.go(world.clock.now() + timedelta(minutes=1))
    pieces = [{"piece": n, **FILES[0]} for n in ("1.1", "1.3", "2.6", "3.2", "5.3", "5.4")]
    archived = world.give(lot, "archive", world.centre, retention="30", pieces=pieces)
    assert archived.part(Archive).outcome == "COMPLETED"
    assert world.lot(lot).status == "ARCHIVED"
    assert replay(platform) == []
