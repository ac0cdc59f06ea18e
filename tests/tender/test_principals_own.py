"""What only the principal decides, and who may drop a candidate [01 §1.2, BL 15, BLR 55, 56, 74]."""
from __future__ import annotations

from dataclasses import replace

import pytest

from plugins.engineering.trade import ENGINEERING
from plugins.land.trade import LAND
from tests.tender.committee_table import Table
from tests.tender.course import AGENCY, BIDDER, BIDS, ORDER, OTHER, PRINCIPAL, SUPERVISOR, Course, at, evaluated_lot
from trading_core.domain.errors import Refused
from trading_core.domain.stages.award import award_of
from trading_core.domain.stages.delegating import PRINCIPALS

NOW = at("2026-03-31T09:00")
PROOF = "e" * 64


def codes(refusal: pytest.ExceptionInfo[Refused]) -> set[str]:
    return {p.code for p in refusal.value.problems}


def published() -> Course:
    course = Course(evaluated_lot())
    course.publish(at("2026-03-25T10:00"))
    return course


def awarded() -> Course:
    course = published()
    course.give("decide_award", PRINCIPAL, NOW, bid="b1")
    return course


@pytest.mark.parametrize("act", ["decide_award", "terminate"])
def test_the_agency_decides_by_delegation_only(act: str) -> None:
    data = {"decide_award": {"bid": "b1"}, "terminate": {"reason": "r", "legal_basis": "BLR 31"}}[act]
    course = published()
    with pytest.raises(Refused) as refusal:
        course.give(act, AGENCY, NOW, **data)
    assert codes(refusal) == {"act.not_delegated"}
    course.give("delegate_acts", PRINCIPAL, NOW, acts=[act], document="d" * 64)
    course.give("delegate_acts", PRINCIPAL, NOW, acts=[], document="d" * 64)
    with pytest.raises(Refused):
        course.give(act, AGENCY, NOW, **data)
    course.give("delegate_acts", PRINCIPAL, NOW, acts=[act], document="d" * 64)
    course.give(act, AGENCY, NOW, **data)


def test_the_agency_delegates_nothing_to_itself() -> None:
    with pytest.raises(Refused) as refusal:
        published().give("delegate_acts", AGENCY, NOW, acts=["accept"], document="d" * 64)
    assert codes(refusal) == {"act.not_yours"}
    with pytest.raises(Refused) as refusal:
        published().give("delegate_acts", PRINCIPAL, NOW, acts=["accept", "invalidate"], document="d" * 64)
    assert codes(refusal) == {"act.not_delegable"}


def test_every_act_of_the_principal_is_known() -> None:
    assert set(PRINCIPALS) <= {*ENGINEERING.acts, *LAND.acts}


def test_the_supervisor_needs_no_delegation() -> None:
    """[F-05] in every state before the contract, the opened one too."""
    course = Course(replace(evaluated_lot(), status="OPENED"))
    course.give("declare_failed", SUPERVISOR, NOW, failure="F-05", **{k: v for k, v in ORDER.items() if k != "legal_basis"})
    assert course.lot.status == "FAILED"


def test_the_principal_drops_nobody_without_proof() -> None:
    """[BLR 55]"""
    with pytest.raises(Refused) as refusal:
        awarded().give("report_candidate_lost", PRINCIPAL, NOW, bid="b1", ground="illegality", reason="r")
    assert codes(refusal) == {"field.required"}
    for ground in ("gives_up", "re_examination_failed"):
        with pytest.raises(Refused) as refusal:
            awarded().give("report_candidate_lost", PRINCIPAL, NOW, bid="b1", ground=ground, reason="r", evidence=PROOF)
        assert codes(refusal) == {"field.not_a_choice"}


def test_who_gives_up_says_so_itself() -> None:
    course = awarded()
    course.facts["actor_uscc"] = "nobody"
    with pytest.raises(Refused) as refusal:
        course.give("give_up_award", OTHER, NOW, reason="r")
    assert codes(refusal) == {"award.not_your_candidacy"}
    course.facts["actor_uscc"] = BIDS["b1"].uscc
    course.give("give_up_award", BIDDER, NOW, reason="产能不足")
    assert course.award().lost == {"b1": "gives_up"}
    with pytest.raises(Refused) as refusal:
        course.give("give_up_award", BIDDER, NOW, reason="r")
    assert codes(refusal) == {"award.candidate_lost"}
    told = awarded()
    told.give("issue_award_letter", PRINCIPAL, NOW)
    told.facts["actor_uscc"] = BIDS["b1"].uscc
    told.give("give_up_award", BIDDER, NOW, reason="r")
    assert told.award().lost == {"b1": "refuses_contract"}


def test_a_candidate_fails_its_re_examination_by_majority() -> None:
    """[BLR 56]"""
    table = Table(two_stages=False).start().lock_all()
    table.chair("summarise")
    table.sign_all()
    table.chair("submit_report")
    table.step("publish_candidates", PRINCIPAL, evaluation_summary="s", how_to_object="h")
    first = award_of(table.lot).candidates[0].bid
    with pytest.raises(Refused) as refusal:
        table.seat(1, "re_examine", bid=first, able=False, reason="r")
    assert codes(refusal) == {"award.not_examined"}
    table.step("ask_re_examination", PRINCIPAL, bid=first, reason="账户被冻结", evidence=PROOF)
    with pytest.raises(Refused) as refusal:
        table.step("ask_re_examination", PRINCIPAL, bid=first, reason="r", evidence=PROOF)
    assert codes(refusal) == {"award.examined_before"}
    for seat, able in ((1, False), (2, True), (3, False)):
        table.seat(seat, "re_examine", bid=first, able=able, reason="r")
    with pytest.raises(Refused) as refusal:
        table.seat(3, "re_examine", bid=first, able=False, reason="r")
    assert codes(refusal) == {"evaluation.voted_before"}
    assert not award_of(table.lot).lost
    table.seat(4, "re_examine", bid=first, able=False, reason="无力履约")
    assert award_of(table.lot).lost == {first: "re_examination_failed"}


def test_the_winner_confirms_the_contract() -> None:
    course = awarded()
    course.give("issue_award_letter", PRINCIPAL, NOW)
    with pytest.raises(Refused) as refusal:
        course.give("sign_contract", AGENCY, NOW, contract_number="1", price_fen=1, uscc="u", duration_days=1, quality="q",
                    project_leader="l", files=[{"name": "a", "sha256": "1" * 64, "size": 1}])  # fmt: skip
    assert codes(refusal) == {"act.not_delegated"}
    course.contract(at("2026-04-10T10:00"))
    course.facts["actor_uscc"] = "somebody else"
    with pytest.raises(Refused) as refusal:
        course.give("confirm_contract", OTHER, at("2026-04-10T11:00"))
    assert codes(refusal) == {"contract.not_your_contract"}
    course.facts["actor_uscc"] = BIDS["b1"].uscc
    course.give("confirm_contract", BIDDER, at("2026-04-10T11:00"))
    with pytest.raises(Refused) as refusal:
        course.give("confirm_contract", BIDDER, at("2026-04-10T12:00"))
    assert codes(refusal) == {"contract.confirmed_before"}


def test_a_written_report_that_comes_late_is_still_taken() -> None:
    """[T-15, E-T17] upper limits never block: also once the contract is performed."""
    course = awarded()
    course.give("issue_award_letter", PRINCIPAL, NOW)
    course.contract(at("2026-04-10T10:00"))
    course.give("start_performance", AGENCY, at("2026-04-11T10:00"), started_on="2026-04-11")
    course.give("accept", PRINCIPAL, at("2026-09-10T10:00"), text="合格", files=[{"name": "a", "sha256": "1" * 64, "size": 1}])
    course.give("publish_result", PRINCIPAL, at("2026-09-10T11:00"))
    event = course.give("file_written_report", AGENCY, at("2026-09-11T10:00"), text="书面报告", late_reason="疏忽")[0]
    assert (course.lot.status, event.public["late"]) == ("COMPLETED", True)
