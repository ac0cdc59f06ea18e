"""Who sits in a committee cannot be computed before the result, and can be drawn again by anybody after it [BL 37, 08 §8.6.1]."""
from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from tests.tender.test_evaluating import chair_of, lock_all, open_lot, report, seat_committee
from tests.world import World, at
from trading_core.domain.stages.award import award_of
from trading_core.domain.stages.draws import EXPERTS, Draw, Draws
from trading_core.domain.tender.expert_drawing import seated
from trading_core.platform import Platform
from trading_core.services import log, project_zip
from trading_core.verify import project


@pytest.fixture
def world(sqlite_platform: Platform) -> World:
    return World(sqlite_platform)


def draw_of(world: World, lot: str) -> Draw:
    found = world.lot(lot).part(Draws).of(EXPERTS)
    assert found is not None and found.drawn
    return found


def secrets(draw: Draw) -> set[str]:
    return {draw.seed.hex(), *draw.parts.values()}


def told(world: World) -> str:
    """Everything that the log tells everybody."""
    log.move(world.platform)
    with world.platform.look() as unit:
        return json.dumps([log.public_form(s) for s in log.feed(unit, 0, 5_000)])


def shown(world: World, lot: str, path: Path) -> str:
    project_zip.export(world.platform, lot, "public", path)
    with zipfile.ZipFile(path) as file:
        return file.read("events.jsonl").decode()


def test_the_seed_is_told_with_the_result(world: World, tmp_path: Path) -> None:
    lot, path = open_lot(world), tmp_path / "project.zip"
    members = seat_committee(world, lot)
    draw = draw_of(world, lot)
    assert world.lot(lot).status == "EVALUATING"
    assert not any(s in text for s in secrets(draw) for text in (told(world), shown(world, lot, path)))
    world.give(lot, "finish_review", chair_of(world, lot, members))
    lock_all(world, lot, members)
    report(world, lot, members)
    world.go(at("2026-03-24T09:00"))
    world.give(lot, "publish_candidates", world.agency, evaluation_summary="综合评估法", how_to_object="异议联系人：李工")
    world.go(at("2026-03-30T09:00"))
    first = min(award_of(world.lot(lot)).candidates, key=lambda c: c.rank)
    world.give(lot, "decide_award", world.principal, bid=first.bid)
    world.give(lot, "issue_award_letter", world.agency)
    assert not any(s in text for s in secrets(draw) for text in (told(world), shown(world, lot, path)))
    world.give(lot, "publish_result", world.agency)
    text = shown(world, lot, path)
    assert draw.seed.hex() in text and all(n in text for n in seated(world.lot(lot)))
    checks = {c.name: c.outcome for c in project(path).checks}
    assert checks["draw.experts"] == "holds"
