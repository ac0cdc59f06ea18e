"""The papers of acts off the straight way, issued by the real services and read back from the files [12 §12.6]."""
from __future__ import annotations

import io
import re
from datetime import timedelta

import pytest
from pypdf import PdfReader

from plugins.engineering.archive import CATALOGUE
from tests.tender.test_evaluating import chair_of, lock_all, open_lot, report, seat_committee
from tests.tender.test_prequalifying import NAMES, apply
from tests.world import PAPER, TERMS, World, at
from trading_core.adapters.pdf.typesetting import day, exact
from trading_core.domain.events import instant_text
from trading_core.domain.identity import Actor, Role
from trading_core.domain.stages.award import Award
from trading_core.domain.tender.bidding import Closing
from trading_core.domain.tender.opening import Opening
from trading_core.domain.tender.prequalifying import Prequalification
from trading_core.domain.volume import Volume
from trading_core.platform import Platform
from trading_core.services import papers
from trading_core.services.replay import replay

ORDER = {"decision_number": "澜建监〔2026〕3号", "legal_basis": "BLR 81", "reason": "经查实，评标委员会成员应当回避而没有回避",
         "document": PAPER}  # fmt: skip


@pytest.fixture
def world(sqlite_platform: Platform) -> World:
    return World(sqlite_platform)


def issued(world: World, lot: str) -> dict[str, str]:
    """Text of every issued paper by its number without the lot and the version."""
    world.go(world.clock.now())
    papers.issue_waiting(world.platform)
    found = {}
    with world.platform.look() as unit:
        for s in unit.store.read(f"lot/{lot}"):
            if s.type == "document_issued":
                public = s.recorded().public
                pdf = world.platform.objects.path(str(public["sha256"])).read_bytes()
                found[str(public["number"]).removeprefix(f"{lot}-").partition("-")[2]] = text_of(pdf)
    return found


def text_of(pdf: bytes) -> str:
    return re.sub(r"\s", "", "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages))


def test_a_notice_states_the_visit_of_the_site_and_where_bids_are_evaluated(world: World) -> None:
    """[BLR 28; 12 §12.3 2.6, 5.3] An amendment may move the visit; where nothing is stated nothing is printed."""
    visit = "2026年3月6日9:00，北岸泵站门前集合"
    lots = world.announce({**TERMS, "site_visit": visit, "venue": "澜明区公共资源交易中心"}), world.announce(TERMS)
    stated, silent = (issued(world, lot)["announcement"] for lot in lots)
    assert visit in stated and "评标场所澜明区公共资源交易中心" in stated and "不接受备选投标方案" in stated
    assert "踏勘" not in silent and "评标场所" not in silent
    later = visit.replace("3月6日", "3月7日")
    after = world.give(lots[0], "amend", world.agency, note="n", affects_preparation=False, changes={"site_visit": later})
    assert after.terms["site_visit"] == later


def test_every_applicant_gets_a_result_nobody_else_may_read(world: World) -> None:
    """[BLR 19, E-I2, BL 22]"""
    lot, _ = apply(world, 4)
    results = [{"number": n, "passed": n < 4, "reason": "" if n < 4 else "资质等级不符"} for n in (1, 2, 3, 4)]
    world.give(lot, "decide_prequalification", world.agency, method="all_who_meet", results=results)
    found = issued(world, lot)
    assert set(found) == {"prequalification_announcement", *(f"prequalification_result-{n}" for n in (1, 2, 3, 4))}
    assert "资格预审公告" in found["prequalification_announcement"]
    piece = next(p for p in CATALOGUE if p.number == "2.2")
    assert piece.there(Volume(world.lot(lot), ["prequalification_announcement"], ()))
    assert not piece.there(Volume(world.lot(lot), ["announcement"], ()))
    for n, name in enumerate(NAMES, 1):
        told = found[f"prequalification_result-{n}"]
        assert name in told
        assert not any(other in told for other in NAMES if other != name)
        assert ("未通过资格预审" in told) == ("资质等级不符" in told) == (n == 4)
    after = world.lot(lot)
    for a in after.part(Prequalification).applications:
        own = Actor("x", a.organisation, Role.BIDDER)
        readable = [n for n in (1, 2, 3, 4) if papers.may_read(after, "prequalification_result", own, n)]
        assert readable == [a.number]
    assert papers.may_read(after, "prequalification_result", world.agency, 1)
    assert not papers.may_read(after, "prequalification_result", None, 1)
    assert not papers.may_read(after, "evaluation_report", own)
    assert replay(world.platform) == []


def test_applicants_are_told_too_when_too_few_passed(world: World) -> None:
    """[F-08]"""
    lot, _ = apply(world, 3)
    results = [{"number": n, "passed": n < 3, "reason": "" if n < 3 else "资质等级不符"} for n in (1, 2, 3)]
    world.give(lot, "decide_prequalification", world.agency, method="all_who_meet", results=results)
    found = issued(world, lot)
    assert {"notice", "prequalification_result-1", "prequalification_result-2"} <= set(found)
    assert "招标失败公告" in found["notice"] and "实施条例》第19条" in found["notice"]


def test_a_lot_that_stops_goes_on_and_is_found_invalid(world: World) -> None:
    lot = world.announce(TERMS)
    world.go(at("2026-03-03T09:00"))
    world.give(lot, "suspend", world.agency, legal_basis="BLR 22", reason="核实资格条件")
    stopped = issued(world, lot)["notice"]
    assert "暂停公告" in stopped and "核实资格条件" in stopped and "实施条例》第22条" in stopped
    world.go(at("2026-03-05T09:00"))
    world.give(lot, "resume", world.agency, reason="核实完毕")
    resumed = issued(world, lot)["notice"]
    assert "恢复公告" in resumed and "2026年3月" in resumed
    world.give(lot, "invalidate", world.supervisor, **ORDER)
    void = issued(world, lot)["notice"]
    assert "招标投标无效公告" in void and ORDER["decision_number"] in void and str(ORDER["reason"]) in void


def test_a_new_evaluation_says_why_and_what_was_before(world: World) -> None:
    """[12 §12.6 重新评审报告, BLR 81]"""
    lot = open_lot(world)
    members = seat_committee(world, lot)
    with world.platform.look() as unit:
        answered = [exact(instant_text(s.at)).replace(" ", "") for s in unit.store.read(f"lot/{lot}") if s.type == "expert_answered"]
    assert answered and all(at in issued(world, lot)["draw_record"] for at in answered)
    world.give(lot, "finish_review", chair_of(world, lot, members))
    lock_all(world, lot, members)
    report(world, lot, members)
    world.give(lot, "order_re_evaluation", world.supervisor, **ORDER, committee="same")
    ordered = issued(world, lot)
    assert "重新评标公告" in ordered["notice"] and "由原评标委员会重新评标" in ordered["notice"]
    assert "重新评标情况" not in ordered["evaluation_report"]
    world.give(lot, "finish_review", chair_of(world, lot, members))
    lock_all(world, lot, members)
    report(world, lot, members)
    anew = issued(world, lot)["evaluation_report"]
    assert "重新评标情况" in anew and str(ORDER["reason"]) in anew and "原评标结论推荐的中标候选人" in anew


def test_losers_are_told_with_the_letter_and_a_contract_that_ends_is_announced(world: World) -> None:
    """[BL 45, PB-05] One letter names all who lost, and the winner is none of them; an award found invalid says so."""
    lot = open_lot(world)
    members = seat_committee(world, lot)
    world.give(lot, "finish_review", chair_of(world, lot, members))
    lock_all(world, lot, members)
    report(world, lot, members)
    world.give(lot, "publish_candidates", world.agency, evaluation_summary="综合评估法", how_to_object="在线提出")
    world.go(world.lot(lot).schedule["publicity_end"] + timedelta(seconds=1))
    first = world.lot(lot).part(Award).candidates[0]
    world.give(lot, "decide_award", world.principal, bid=first.bid)
    world.go(world.clock.now() + timedelta(days=1))
    world.give(lot, "issue_award_letter", world.agency)
    told = issued(world, lot)
    received = next(b.received_at for b in world.lot(lot).part(Closing).bids if b.bid == first.bid)
    assert day(instant_text(received), "zh") in told["award_letter"] and received.date() < world.lot(lot).schedule["bid_deadline"].date()
    letter = told["result_notice"]
    assert "中标结果通知书" in letter
    addressed = letter.partition("评标、定标工作")[0]
    assert {b.name for b in world.lot(lot).part(Opening).valid() if b.name not in addressed} == {first.bidder}
    world.give(lot, "publish_result", world.agency)
    contract = {"contract_number": "HT-1", "price_fen": first.price_fen, "uscc": first.uscc, "duration_days": 210, "quality": "合格",
                "project_leader": "王某", "files": [{"name": "合同.pdf", "sha256": PAPER, "size": 10}]}  # fmt: skip
    world.give(lot, "sign_contract", world.principal, **contract)
    world.give(lot, "end_contract", world.principal, reason="双方协商一致解除合同")
    ended = issued(world, lot)["notice"]
    assert "合同终止公告" in ended and "双方协商一致解除合同" in ended
