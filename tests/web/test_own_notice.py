"""The lot's papers as somebody sees them: of the results of a prequalification each applicant sees their own."""
from __future__ import annotations

import re

from tests.tender.test_prequalifying import apply
from tests.web.workbench_world import OpenWorld
from tests.world import BidPlan
from trading_core.platform import Platform
from trading_core.services import papers


def test_applicants_fetch_their_own_result_and_nobody_elses(sqlite_platform: Platform) -> None:
    """[E-I2, BL 22]"""
    world = OpenWorld(sqlite_platform)
    lot, plans = apply(world, 3)
    world.give(lot, "decide_prequalification", world.agency, method="all_who_meet",
               results=[{"number": n, "passed": True, "reason": ""} for n in (1, 2, 3)])  # fmt: skip
    world.go(world.clock.now())
    papers.issue_waiting(world.platform)
    with world.platform.look() as unit:
        issued = [s.recorded().public for s in unit.store.read(f"lot/{lot}") if s.type == "document_issued"]
    results = {p["part"]: str(p["sha256"]) for p in issued if p["kind"] == "prequalification_result"}
    assert set(results) == {1, 2, 3}
    for number, plan in enumerate(plans[:3], 1):
        assert isinstance(plan, BidPlan)
        page = world.ask("GET", f"/lots/{lot}", plan.actor).text
        assert set(re.findall(r"/documents/([0-9a-f]{64})", page)) & set(results.values()) == {results[number]}
        for n, digest in results.items():
            answer = world.ask("GET", f"/lots/{lot}/documents/{digest}", plan.actor)
            assert answer.body.startswith(b"%PDF") == (n == number) and answer.status_int == (200 if n == number else 404)
    assert not [d for d in results.values() if d in world.ask("GET", f"/lots/{lot}").text]
