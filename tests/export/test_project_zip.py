"""Project files: what they show and what they keep, at any moment of a lot."""
from __future__ import annotations

import json
import zipfile
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from tests.export.stage import Finished
from tests.tender.test_evaluating import evaluated
from tests.world import TERMS, World, at
from trading_core import verify
from trading_core.domain.errors import Forbidden, IllegalTransition, Problem, Refused
from trading_core.domain.stages.draws import Draws
from trading_core.domain.tender.committee import Committee
from trading_core.platform import Platform
from trading_core.services import attempts, log, lots, project_zip, witness
from trading_core.verify import rebuild_zip


@pytest.fixture
def world(sqlite_platform: Platform) -> World:
    return World(sqlite_platform)


def members(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as file:
        return {name: file.read(name) for name in file.namelist()}


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in members(path)["events.jsonl"].splitlines()]


@pytest.mark.parametrize("name", ["project.zip", "project-full.zip"])
def test_the_container_is_written_in_the_one_way(done: Finished, name: str) -> None:
    path = done.folder / name
    assert rebuild_zip(members(path)) == path.read_bytes()


def test_the_public_variant_points_to_no_natural_person(done: Finished) -> None:
    for line in lines(done.folder / "project.zip"):
        if line["private"] is not None:
            assert not project_zip.PERSONAL & set(json.loads(line["private"])), line["type"]
            assert line["type"] in project_zip.SHOWN_WITH_RESULT


def test_what_repeating_the_scores_takes_is_shown_with_the_result(done: Finished) -> None:
    shown = {line["type"] for line in lines(done.folder / "project.zip") if line["private"] is not None}
    assert {"scores_locked", "score_corrected", "evaluation_summarised", "rejection_proposed", "rejection_voted", "seat_signed_in",
            "expert_answered", "correction_answered"} <= shown  # fmt: skip


def test_only_the_full_variant_has_the_sealed_bids_and_confidential_papers(done: Finished) -> None:
    public, full = members(done.folder / "project.zip"), members(done.folder / "project-full.zip")
    assert not [n for n in public if n.startswith("bids/")]
    sealed = {n.removeprefix("bids/"): data for n, data in full.items() if n.startswith("bids/")}
    assert len(sealed) == 12 and all(sha256(data).hexdigest() == name for name, data in sealed.items())
    only = {n for n in set(full) - set(public) if n.startswith("documents/")}
    assert {n.rpartition("-")[2] for n in only} >= {"evaluation_report.pdf", "draw_record.pdf"}


def test_withdrawn_and_replaced_bids_are_never_published(done: Finished) -> None:
    """The first bidder has bid twice: only the bid that counted is there."""
    told = [line for line in lines(done.folder / "project-full.zip") if line["stream"].startswith("sealed/")]
    closed = next(line for line in lines(done.folder / "project-full.zip") if line["type"] == "closed")
    counted = {f"sealed/{b['bid']}" for b in json.loads(closed["public"])["bids"]}
    assert {line["stream"] for line in told} == counted


def test_the_attribution_of_the_prices_lies_beside_them(done: Finished) -> None:
    assert b"Copyright (c) 2017 sylvain chassang" in members(done.folder / "project.zip")["LICENSE-DATA"]


# ------------------------------------------------------------------ before the result

def export(world: World, lot: str, variant: project_zip.Variant, folder: Path) -> Path:
    return project_zip.export(world.platform, lot, variant, folder / f"{variant}.zip").path


@pytest.mark.parametrize("variant", ["public", "full"])
def test_before_the_result_nobody_learns_who_sits_or_how_they_score(
    world: World, tmp_path: Path, variant: project_zip.Variant
) -> None:  # fmt: skip
    lot = evaluated(world)
    path = export(world, lot, variant, tmp_path)
    assert verify.project(path).ok
    assert all(line["private"] is None for line in lines(path))
    state, whole = world.lot(lot), path.read_bytes()
    numbers = {s.holder for s in state.part(Committee).seats} | {n for r in state.part(Draws).by_name["experts"].rows for n in r.candidates}
    assert numbers and not [n for n in numbers if f'"{n}"'.encode() in whole or f'\\"{n}\\"'.encode() in whole]


def test_before_the_opening_no_bid_and_no_name_is_in_it(world: World, tmp_path: Path) -> None:
    lot = world.announce(TERMS)
    world.go(at("2026-03-02T08:30"))
    plan = world.bidder("松涧示例建设集团有限公司")
    world.submit(lot, plan, {"technical": {"project_leader": "王某"}, "price": {"price_fen": 950_000_123}})
    world.go(world.clock.now())
    path = export(world, lot, "full", tmp_path)
    assert verify.project(path).ok
    whole = path.read_bytes()
    for secret in ("松涧", plan.uscc, plan.number, "950000123", "王某"):
        assert secret.encode() not in whole and json.dumps(secret)[1:-1].encode() not in whole
    assert not [n for n in members(path) if n.startswith("bids/")]


def test_refused_attempts_are_in_the_full_variant_only(world: World, tmp_path: Path) -> None:
    """[10 §10.2] With who it was only once the lot is over."""
    lot = world.announce(TERMS)
    refusal = IllegalTransition(Problem("lot.illegal_transition", params={"event": "published", "state": "ANNOUNCED"}))
    attempts.record(world.platform, lot, world.principal, refusal, "203.0.113.7")

    def refused(variant: project_zip.Variant) -> list[dict[str, Any]]:
        path = export(world, lot, variant, tmp_path)
        assert verify.project(path).ok
        return [line for line in lines(path) if line["type"] == "act_refused"]

    assert refused("public") == []
    assert [(line["stream"], line["private"]) for line in refused("full")] == [(f"attempt/{lot}", None)]
    world.give(lot, "terminate", world.principal, reason="规划调整", legal_basis="BLR 31")
    assert refused("public") == []
    assert [json.loads(line["private"])["person"] for line in refused("full")] == [world.principal.person]


def test_a_draft_is_nobodys_business(world: World, tmp_path: Path) -> None:
    with world.platform.unit() as unit:
        lot = lots.create(unit, world.agency, "engineering", {"principal": world.principal.organisation}).lot.id
    with pytest.raises(Forbidden):
        export(world, lot, "public", tmp_path)
    with pytest.raises(Forbidden):
        export(world, "A01-2603-NOTHING0", "public", tmp_path)
    assert not list(tmp_path.glob("*.zip*"))


def test_too_few_witnesses_and_there_is_no_file(world: World, tmp_path: Path) -> None:
    lot = world.announce(TERMS)
    watcher = witness.open_witness(tmp_path / "w", "supervisor.example/witness", world.platform.entropy)
    witness.introduce(world.platform, watcher.verifier_key)
    with pytest.raises(Refused) as refusal:
        export(world, lot, "public", tmp_path)
    assert [p.code for p in refusal.value.problems] == ["export.witnesses_missing"]
    assert not (tmp_path / "public.zip").exists()
    assert watcher.attend(witness.PlatformLog(world.platform), world.clock.now()) is not None
    report = verify.project(export(world, lot, "public", tmp_path), verify.read_trust(witness.trust_text(world.platform).encode()))
    assert report.ok and {k.name for k in report.keys} >= {"supervisor.example/witness"}


def test_what_happens_elsewhere_does_not_call_for_new_signatures(world: World, tmp_path: Path) -> None:
    """The newest checkpoint that the witnesses know is enough as long as it covers the lot."""
    lot = world.announce(TERMS)
    watcher = witness.open_witness(tmp_path / "w", "supervisor.example/witness", world.platform.entropy)
    witness.introduce(world.platform, watcher.verifier_key)
    log.move(world.platform)
    log.sign(world.platform, force=True)
    watcher.attend(witness.PlatformLog(world.platform), world.clock.now())
    first = project_zip.export(world.platform, lot, "public", tmp_path / "1.zip")
    world.bidder("云石示例路桥有限公司")
    log.move(world.platform)
    log.sign(world.platform, force=True)
    assert project_zip.export(world.platform, lot, "public", tmp_path / "2.zip").checkpoint == first.checkpoint
