"""Courses that are not the straight one: what the platform writes of them, the verifier computes too."""
from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest

from tests.tender.course import ORDER
from tests.tender.test_consortium import open_all, together
from tests.tender.test_consortium import submit as submit_together
from tests.tender.test_evaluating import chair_of, lock_all, open_lot, report, seat_committee
from tests.tender.test_papers_issued import issued
from tests.tender.test_prequalification_review import reviewed
from tests.tender.test_prequalifying import apply
from tests.world import PAPER, TERMS, World, at
from trading_core import verify
from trading_core.domain.errors import Refused
from trading_core.domain.identity import Actor, Role
from trading_core.domain.stages.award import Award
from trading_core.domain.stages.consortium import parties
from trading_core.domain.tender.assessment import Evaluation, binding
from trading_core.domain.tender.doubts import doubts
from trading_core.domain.tender.opening import Opening
from trading_core.platform import Platform
from trading_core.services import ocds, papers, project_zip


@pytest.fixture
def world(sqlite_platform: Platform) -> World:
    return World(sqlite_platform)


def checked(world: World, lot: str, folder: Path) -> verify.Report:
    found = verify.project(project_zip.export(world.platform, lot, "full", folder / "full.zip").path)
    assert found.ok, found.failure
    return found


def test_a_suspension_moves_the_deadline(world: World, tmp_path: Path) -> None:
    """[T-12] The closing states a deadline that no event states by itself."""
    lot = world.announce(TERMS)
    world.go(at("2026-03-03T09:00"))
    world.give(lot, "suspend_technically", world.centre, legal_basis="S-06", reason="断电", reported_to="澜明区水务局")
    world.go(at("2026-03-30T09:00"))
    checked(world, lot, tmp_path)
    world.give(lot, "resume", world.centre, reason="已恢复")
    checked(world, lot, tmp_path)
    world.go(at("2026-04-20T09:31"))
    assert world.lot(lot).status == "FAILED"
    found = checked(world, lot, tmp_path)
    assert next(c.outcome for c in found.checks if c.name == "bids.counted") == "holds"


def test_a_prequalification_plans_anew(world: World, tmp_path: Path) -> None:
    lot, _ = apply(world, 4)
    checked(world, lot, tmp_path)
    world.give(lot, "decide_prequalification", world.agency, method="all_who_meet",
               results=[{"number": n, "passed": True, "reason": ""} for n in (1, 2, 3, 4)])  # fmt: skip
    found = checked(world, lot, tmp_path)
    assert next(c.outcome for c in found.checks if c.name == "periods.kept") in ("holds", "noted")


def test_too_few_pass_a_committees_review(world: World, tmp_path: Path) -> None:
    """[F-08] The attempt is over: who votes how can be checked in its full file."""
    lot, _, _ = reviewed(world, 3, failing=(2,))
    world.give(lot, "carry_out_application_review", world.agency)
    found = {c.name: c.outcome for c in checked(world, lot, tmp_path).checks}
    assert found["prequalification.votes"] == found["draw.experts"] == "holds"


def test_one_committee_reviews_and_another_evaluates(world: World, tmp_path: Path) -> None:
    """[BLR 18] Each is drawn by itself, and neither's seats count for the other."""
    people = world.pool()
    lot, plans, _ = reviewed(world, people=people)
    world.give(lot, "carry_out_application_review", world.agency)
    world.rehearse(lot)
    world.commit_draw(lot, "parameter", world.agency, world.supervisor, world.centre)
    for n, plan in enumerate(plans[:3]):
        forms = {"technical": {"project_leader": "王某", "duration_days": 210, "quality": "合格"}, "price": {"price_fen": 950_000_000 + n}}
        world.submit(lot, plan, forms)
    world.go(at("2026-04-20T09:30") + timedelta(seconds=3))
    world.give(lot, "start_opening", world.agency)
    world.release(lot, "technical", world.agency, world.supervisor)
    world.release(lot, "price", world.agency, world.centre)
    world.go(world.clock.now())
    world.hand_in(lot, "parameter", world.agency, world.supervisor)
    world.go(world.clock.now() + timedelta(minutes=11))
    world.give(lot, "finish_opening", world.agency)
    members = seat_committee(world, lot, people)
    world.give(lot, "finish_review", chair_of(world, lot, members))
    lock_all(world, lot, members)
    report(world, lot, members)
    world.give(lot, "terminate", world.principal, reason="规划调整", legal_basis="BLR 31")  # so that the full file shows everything
    found = [(c.name, c.outcome) for c in checked(world, lot, tmp_path).checks]
    assert found.count(("draw.experts", "holds")) == 2
    assert {"prequalification.votes", "draw.parameter", "evaluation.sources", "evaluation.scores"} <= {n for n, o in found if o == "holds"}


def test_an_evaluation_done_again_and_the_next_candidate(world: World, tmp_path: Path) -> None:
    """[BLR 55, 81] The first report stays in the record; the award follows from the second, and goes to the next when the first is lost."""
    lot = open_lot(world)
    members = seat_committee(world, lot)
    for again in (False, True):
        if again:
            world.give(lot, "order_re_evaluation", world.supervisor, **{**ORDER, "document": PAPER}, committee="same")
        world.give(lot, "finish_review", chair_of(world, lot, members))
        lock_all(world, lot, members)
        report(world, lot, members)
        checked(world, lot, tmp_path)
    world.give(lot, "publish_candidates", world.agency, evaluation_summary="综合评估法", how_to_object="在线提出")
    world.go(world.lot(lot).schedule["publicity_end"] + timedelta(seconds=1))
    first, second, _ = world.lot(lot).part(Award).candidates
    world.give(lot, "decide_award", world.principal, bid=first.bid)
    proof = world.document(b"proof")
    world.give(lot, "report_candidate_lost", world.principal, bid=first.bid, ground="force_majeure", reason="洪水", evidence=proof)
    world.give(lot, "choose_next_candidate", world.principal, bid=second.bid)
    world.go(world.clock.now() + timedelta(days=1))
    world.give(lot, "issue_award_letter", world.agency)
    world.give(lot, "publish_result", world.agency)
    papers.issue_waiting(world.platform)
    shown = {c.name: c for c in checked(world, lot, tmp_path).checks}
    assert shown["award.follows"].outcome == shown["evaluation.sources"].outcome == shown["bids.reopened"].outcome == "holds"
    assert shown["award.follows"].params["winner"] == second.bid


def test_a_consortium_wins(world: World, tmp_path: Path) -> None:
    """[B-14, 09 §9.10] Named with all its members from the opening to the result; who wrote its list in blanks stops nobody."""
    lot = world.announce({**TERMS, "consortium": True})
    world.go(at("2026-03-02T08:30"))
    leader, partner, *others = (world.bidder(f"{n}示例公司") for n in "甲乙丙丁戊")
    blank, nameless, alone = others
    submit_together(world, lot, leader, 940_000_000, together(leader, partner))
    submit_together(world, lot, blank, 980_000_000, {"consortium_members": " \n"})
    half = together(nameless, partner)
    half["consortium_members"][1]["name"] = " "  # type: ignore[index]
    submit_together(world, lot, nameless, 990_000_000, half)
    submit_together(world, lot, alone, 1_000_000_000, {})
    bids = open_all(world, lot)
    world.hand_in(lot, "parameter", world.agency, world.supervisor)
    world.go(world.clock.now() + timedelta(minutes=11))
    world.give(lot, "finish_opening", world.agency)
    members = seat_committee(world, lot)
    for doubt in doubts(world.lot(lot)):
        assert doubt.bid in (bids[blank.name].bid, bids[nameless.name].bid)
        if doubt.bid in {b.bid for b in binding(world.lot(lot))}:
            number = len(world.lot(lot).part(Evaluation).motions) + 1
            world.give(lot, "propose_rejection", members[0], bid=doubt.bid, ground=doubt.ground, clause="3.5.1", evidence="名单不清")
            for member in members:
                world.give(lot, "vote_rejection", member, number=number, agree=False)
    world.give(lot, "finish_review", chair_of(world, lot, members))
    lock_all(world, lot, members)
    report(world, lot, members)
    world.give(lot, "publish_candidates", world.agency, evaluation_summary="综合评估法", how_to_object="在线提出")
    world.go(world.lot(lot).schedule["publicity_end"] + timedelta(seconds=1))
    won = world.lot(lot).part(Award).candidates[0]
    assert [m.name for m in won.members] == [leader.name, partner.name]
    world.give(lot, "decide_award", world.principal, bid=won.bid)
    world.go(world.clock.now() + timedelta(days=1))
    world.give(lot, "issue_award_letter", world.agency)
    world.give(lot, "publish_result", world.agency)
    shown = {c.name: c.outcome for c in checked(world, lot, tmp_path).checks}
    assert shown["award.follows"] == shown["credit.asked"] == shown["bids.opened"] == "holds"
    papers_say = {kind: text for kind, text in issued(world, lot).items() if leader.name in text}
    assert {"opening_record", "evaluation_report", "candidates_notice", "award_letter", "result_notice"} <= papers_say.keys()
    assert [kind for kind, text in papers_say.items() if partner.name not in text] == []
    share = together(leader, partner)["consortium_members"][1]["share"]  # type: ignore[index]
    assert share in papers_say["award_letter"] and "名单不清" in papers_say["evaluation_report"]
    assert re.search(r"评标基准价\d+\.\d+万元", papers_say["evaluation_report"]) and "四舍五入" in papers_say["evaluation_report"]
    with world.platform.look() as unit:
        release = json.loads(ocds.package(unit, lot))["releases"][0]
    codes = {f"CN-USCC-{code}" for code, _ in parties(won.uscc, won.bidder, won.members)}
    assert {p["id"] for p in release["awards"][0]["suppliers"]} == codes and len(codes) == 2
    assert codes <= {p["id"] for p in release["parties"] if {"supplier", "tenderer"} <= set(p["roles"])}
    assert [b["tenderers"] for b in release["bids"]["details"] if b["id"] == won.bid] == [release["awards"][0]["suppliers"]]
    assert shown["ocds.agrees"] == "holds"


def test_each_report_of_a_bidder_is_voted_on(world: World, tmp_path: Path) -> None:
    """[B-16] Who was kept after a first report is not kept unseen after a second one, and nobody has to sign over a new report."""
    lot = open_lot(world)
    members = seat_committee(world, lot)
    chair, bid = chair_of(world, lot, members), world.lot(lot).part(Opening).valid()[0].bid

    def happens(change: str) -> None:
        world.give(lot, "report_bidder_change", world.supervisor, bid=bid, change=change, reason="登记机关公告", evidence=PAPER)

    def vote(*agree: bool) -> None:
        for member, one in zip(members, agree, strict=False):
            world.give(lot, "vote_rejection", member, number=1, agree=one)

    opened = world.lot(lot).part(Opening).bids[bid]
    itself = Actor("", next(number for number, uscc in world.codes.items() if uscc == opened.uscc), Role.BIDDER)
    world.give(lot, "report_own_change", itself, change="merger", reason="只是更名", evidence=PAPER)
    happens("merger")  # what the bidder made of it does not keep the supervisor from it
    with pytest.raises(Refused) as refusal:
        happens("merger")
    assert [p.code for p in refusal.value.problems] == ["standing.reported_before"]
    world.give(lot, "propose_rejection", members[0], bid=bid, ground="B-16", clause="3.5.1", evidence="公告")
    vote(True, False, False, False, False)
    world.give(lot, "finish_review", chair)
    lock_all(world, lot, members)
    world.give(lot, "summarise", chair)
    happens("bankruptcy")
    with pytest.raises(Refused) as refusal:
        world.give(lot, "summarise", chair)
    assert [p.code for p in refusal.value.problems] == ["evaluation.motions_open"]
    with pytest.raises(Refused):
        world.give(lot, "vote_rejection", members[0], number=1, agree=False)  # who voted against the bid has said so
    for member in members[1:3]:
        world.give(lot, "vote_rejection", member, number=1, agree=True)
    report(world, lot, members)
    assert bid not in {c.bid for c in world.lot(lot).part(Evaluation).candidates}
    happens("division")  # after the report: for the principal to ask about, not for the committee to begin anew
    world.give(lot, "publish_candidates", world.agency, evaluation_summary="综合评估法", how_to_object="在线提出")
    world.go(world.lot(lot).schedule["publicity_end"] + timedelta(seconds=1))
    world.give(lot, "decide_award", world.principal, bid=world.lot(lot).part(Award).candidates[0].bid)
    world.go(world.clock.now() + timedelta(days=1))
    world.give(lot, "issue_award_letter", world.agency)
    world.give(lot, "publish_result", world.agency)
    shown = {c.name: c.outcome for c in checked(world, lot, tmp_path).checks}
    assert shown["award.follows"] == shown["evaluation.sources"] == "holds"
