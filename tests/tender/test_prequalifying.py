"""Prequalification, from notice to the qualified who may bid [02 §2.12]."""
from __future__ import annotations

import pytest
import sqlalchemy as sa

from tests.world import PAPER, SIGNED, TERMS, BidPlan, World, at
from trading_core.adapters.db.following import search_text
from trading_core.domain.errors import Refused
from trading_core.domain.tender.bidding import CLOSING_GRACE
from trading_core.domain.tender.prequalifying import Prequalification
from trading_core.platform import Platform
from trading_core.services import following

NAMES = ("松涧示例建设集团有限公司", "云石示例路桥有限公司", "青屿示例水利工程有限公司", "白鹭示例建筑有限公司")
FILES = [{"name": "申请文件.pdf", "sha256": PAPER, "size": 10}]
SCHEDULE = {
    "prequalification_issue_start": "2026-03-02T08:30:00+08:00", "prequalification_issue_end": "2026-03-09T17:00:00+08:00",
    "application_deadline": "2026-03-16T17:00:00+08:00", "issue_start": "2026-03-20T08:30:00+08:00",
    "issue_end": "2026-03-27T17:00:00+08:00", "bid_deadline": "2026-04-20T09:30:00+08:00",
}  # fmt: skip


def codes(refusal: pytest.ExceptionInfo[Refused]) -> set[str]:
    return {p.code for p in refusal.value.problems}


def apply(world: World, count: int) -> tuple[str, list[BidPlan]]:
    """A lot whose tenderer reviews the applications itself, once that has begun [BLR 18]."""
    lot, plans = applied(world, count, state_funded=False)
    world.give(lot, "review_applications", world.agency)
    return lot, plans


def applied(world: World, count: int, files: object = FILES, sent: bytes = SIGNED, **terms: object) -> tuple[str, list[BidPlan]]:
    """A lot whose applications are in and counted."""
    lot, plans = issuing(world, **terms)
    for plan in plans[:count]:
        world.document(sent, plan.actor)
        world.give(lot, "apply_for_prequalification", plan.actor, files=files)
    world.go(at("2026-03-16T17:00") + CLOSING_GRACE)
    return lot, plans


def issuing(world: World, **terms: object) -> tuple[str, list[BidPlan]]:
    """A lot that takes applications, and who may want to apply."""
    parties = {"principal": world.principal.organisation, "supervisor": world.supervisor.organisation, "centre": world.centre.organisation}
    lot = world.create(parties)
    world.give(lot, "draft", world.agency, **{**TERMS, "qualification_way": "pre", "schedule": SCHEDULE, **terms})
    world.give(lot, "submit_for_publication", world.agency, responsible_person="张工")
    with pytest.raises(Refused) as refusal:
        world.give(lot, "publish", world.principal)
    assert codes(refusal) == {"lot.prequalification_first"}
    world.give(lot, "publish_prequalification", world.principal)
    world.go(at("2026-03-03T09:00"))
    return lot, [world.bidder(n) for n in NAMES]


def test_only_the_qualified_may_bid(platform: Platform) -> None:
    """[E-I2, E-I3]"""
    world = World(platform)
    lot, plans = apply(world, 4)
    results = [{"number": n, "passed": n < 4, "reason": "" if n < 4 else "资质等级不符"} for n in (1, 2, 3, 4)]
    world.give(lot, "decide_prequalification", world.agency, method="all_who_meet", results=results)
    assert world.lot(lot).status == "ISSUING"
    world.rehearse(lot)
    world.commit_draw(lot, "parameter", world.agency, world.supervisor, world.centre)
    world.submit(lot, plans[0], {})
    with pytest.raises(Refused) as refusal:
        world.submit(lot, plans[3], {})
    assert codes(refusal) == {"bid.not_prequalified"}


def test_every_result_has_its_reason(sqlite_platform: Platform) -> None:
    """[BLR 19]"""
    world = World(sqlite_platform)
    lot, _ = apply(world, 3)
    with pytest.raises(Refused) as refusal:
        world.give(lot, "decide_prequalification", world.agency, method="limited_number", limit=2,
                   results=[{"number": 1, "passed": False}, {"number": 9, "passed": True}])  # fmt: skip
    assert codes(refusal) == {
        "prequalification.result_missing", "prequalification.no_such_application", "prequalification.reason_missing",
        "prequalification.limit",
    }  # fmt: skip


def test_fewer_than_three_qualified_end_the_attempt(sqlite_platform: Platform) -> None:
    """[F-08]"""
    world = World(sqlite_platform)
    lot, _ = apply(world, 3)
    world.give(lot, "decide_prequalification", world.agency, method="all_who_meet",
               results=[{"number": n, "passed": n < 3, "reason": "" if n < 3 else "资质等级不符"} for n in (1, 2, 3)])  # fmt: skip
    assert world.lot(lot).status == "FAILED"
    assert len(world.lot(lot).part(Prequalification).applications) == 3


@pytest.mark.parametrize("count", [0, 1, 2])
@pytest.mark.parametrize("state_funded", [True, False])
def test_too_few_applications_end_it_at_their_deadline(sqlite_platform: Platform, count: int, state_funded: bool) -> None:
    """[F-08] Whoever would have reviewed them: nobody waits for a review that cannot lead on, and a new attempt may begin."""
    world = World(sqlite_platform)
    terms = {"prequalification": {"method": "all_who_meet"}} if state_funded else {}
    lot, _ = applied(world, count, state_funded=state_funded, **terms)
    assert (world.lot(lot).status, len(world.lot(lot).part(Prequalification).applications)) == ("FAILED", count)
    with world.platform.look() as unit:
        *_, closed, failed = (s for s in unit.store.read(f"lot/{lot}") if s.type != "document_issued")
        told = {n.type for n in following.notes_for(unit, world.bidder("松涧示例建设集团有限公司2").actor)}
    assert (closed.type, failed.type) == ("prequalification_closed", "failed") and "failed" in told
    assert failed.recorded().public == {"reason": "F-08", "count": count, "minimum": 3, "by": {"role": "clock"}}


def test_a_published_prequalification_is_found(sqlite_platform: Platform) -> None:
    world = World(sqlite_platform)
    lot, _ = issuing(world, state_funded=False)
    found = sa.select(search_text.c.lot).where(search_text.c.text.contains(str(TERMS["title"])))
    with world.platform.look() as unit:
        assert unit.connection.execute(found).scalars().all() == [lot]
