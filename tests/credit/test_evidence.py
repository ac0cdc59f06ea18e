"""A look into the lists stands in the record where an award rests on it [09 §9.4 rule 3]."""
from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from credit.domain.record import Document, Entry, Subject
from credit.services import records
from credit.services.checking import content_hash
from tests.tender.test_evaluating import PRICES, evaluated
from tests.world import World
from trading_core.domain.errors import Refused
from trading_core.domain.stages.award import Award
from trading_core.domain.tender.opening import Opening
from trading_core.platform import Platform
from trading_core.services.project_zip import export
from trading_core.verify import project

HASH = "ef" * 32


def ban(world: World, *subjects: Subject) -> list[str]:
    decision = Document("澜水罚〔2026〕8号", "澜明区水务局", date(2026, 3, 1), "招标投标法第五十三条", HASH)
    with world.platform.unit() as unit:
        return [records.enter(unit, world.supervisor, Entry("tender_ban", s, decision, date(2026, 3, 1), date(2027, 2, 28)))
                for s in subjects]  # fmt: skip


def kept(world: World, lot: str, kind: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """The look that an event of the lot keeps, and its private part."""
    with world.platform.look() as unit:
        r = next(s.recorded() for s in unit.store.read(f"lot/{lot}") if s.type == kind)
    (look,) = cast("list[Mapping[str, Any]]", r.public["credit"])
    return look, r.private or {}


@pytest.fixture
def world(sqlite_platform: Platform) -> World:
    return World(sqlite_platform)


def test_opening_and_choice_keep_what_the_lists_said(world: World) -> None:
    """Another of the winner's name is banned, which only shows; then the winner itself, which keeps it out until the ban is withdrawn."""
    (namesake,) = ban(world, Subject("云石示例路桥有限公司"))
    lot = evaluated(world)
    bids = world.lot(lot).part(Opening).valid()
    look, private = kept(world, lot, "opening_finished")
    assert look["result"] == "shown" and "findings" not in look
    assert [(p["uscc"], p["name"]) for p in look["parties"]] == [(b.uscc, b.name) for b in bids] and len(bids) == len(PRICES)
    (found,) = private["credit_findings"]
    assert (found["case"], found["match"], found["effect"]) == (namesake, "name", "shown")
    snapshots = {known["list"]: known["snapshot"] for known in look["lists"]}
    assert snapshots["tender_ban"] == content_hash("", [(namesake, 1)]) and snapshots["wage_arrears"] == content_hash("", [])

    world.give(lot, "publish_candidates", world.agency, evaluation_summary="综合评估法", how_to_object="在线提出")
    world.go(world.lot(lot).schedule["publicity_end"] + timedelta(seconds=1))
    first = world.lot(lot).part(Award).candidates[0]
    (case,) = ban(world, Subject(first.bidder, first.uscc))
    with pytest.raises(Refused) as refusal:
        world.give(lot, "decide_award", world.principal, bid=first.bid)
    assert [p.code for p in refusal.value.problems] == ["award.banned"]
    with world.platform.unit() as unit:
        records.withdraw(unit, world.supervisor, case, "澜水撤〔2026〕1号", HASH, "决定被撤销")
    world.give(lot, "decide_award", world.principal, bid=first.bid)
    look, private = kept(world, lot, "award_decided")
    assert [(p["uscc"], p["name"]) for p in look["parties"]] == [(first.uscc, first.bidder)]
    alike = first.bidder == "云石示例路桥有限公司"
    assert look["result"] == ("shown" if alike else "clear") and ("credit_findings" in private) == alike
    assert {k["list"]: k["snapshot"] for k in look["lists"]}["tender_ban"] == content_hash("", [(namesake, 1), (case, 2)])
    assert namesake not in str(look)


def test_a_project_file_shows_that_everybody_was_looked_up(world: World, tmp_path: Path) -> None:
    lot = evaluated(world)
    report = project(export(world.platform, lot, "public", tmp_path / "project.zip").path)
    assert report.ok
    assert [(c.outcome, c.params) for c in report.checks if c.name == "credit.asked"] == [("holds", {"count": 1, "silent": 0})]
