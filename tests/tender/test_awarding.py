"""From the report to the contract, on the pure engine [02 §2.8–2.10, E-T10, E-T11, E-T17, E-T18, E-T22]."""
from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.tender.course import AGENCY, BIDDER, BIDS, CANDIDATES, ORDER, PRINCIPAL, SUPERVISOR, Course, at, evaluated_lot
from trading_core.domain.errors import IllegalTransition, Problem, Refused
from trading_core.domain.stages.contracting import Performance
from trading_core.domain.tender.awarding import bid_validity_end

OVER = "2026-03-31T09:00"  # the publicity of a notice of Wednesday 2026-03-25 ends with Monday 03-30


def codes(refusal: pytest.ExceptionInfo[Refused]) -> list[str]:
    return sorted(p.code for p in refusal.value.problems)


def published(**terms: object) -> Course:
    course = Course(evaluated_lot(**terms))
    course.publish(at("2026-03-25T10:00"))
    return course


def awarded(bid: str = "b1", **terms: object) -> Course:
    course = published(**terms)
    course.give("decide_award", PRINCIPAL, at(OVER), bid=bid)
    return course


def notified() -> Course:
    course = awarded()
    course.give("issue_award_letter", PRINCIPAL, at("2026-03-31T10:00"))
    return course


# ------------------------------------------------------------------ candidates

def test_publicity_ends_with_a_working_day_of_three() -> None:
    """[E-T11, 02 §2.11 guard 4, 01 §1.4.4 example 10] A Friday publicity ends on Monday; one before the holidays after them."""
    for day, last in (("2026-03-27", "2026-03-30"), ("2026-09-29", "2026-10-08"), ("2026-03-24", "2026-03-27")):
        course = Course(evaluated_lot())
        course.publish(at(f"{day}T10:00"))
        assert course.lot.schedule["publicity_end"] == at(f"{last}T00:00") + timedelta(days=1)


def test_a_longer_publicity_may_be_chosen_a_shorter_one_not() -> None:
    course = Course(evaluated_lot())
    with pytest.raises(Refused) as refusal:
        course.publish(at("2026-03-25T10:00"), publicity_days=2)
    assert codes(refusal) == ["candidates.publicity_too_short"]
    course.publish(at("2026-03-25T10:00"), publicity_days=5)
    assert course.lot.schedule["publicity_end"] == at("2026-03-31T00:00")


def test_the_notice_shows_what_it_must_and_nothing_else_of_the_bid() -> None:
    """[01 §1.3] Ranking, names, prices, quality, duration, project leader."""
    first = published().record[0].public["candidates"][0]  # type: ignore[index]
    assert first == {
        "rank": 1, "bid": "b1", "bidder": "示例建设1公司", "uscc": "915305000000000001", "price_fen": 950_000_001, "total": "94.00",
        "form": {"duration_days": 200, "quality": "合格", "project_leader": "负责人1"},
    }  # fmt: skip


def test_candidates_are_one_to_three_and_ranked() -> None:
    """[BLR 53]"""
    four = (*CANDIDATES, replace(CANDIDATES[0], rank=4, bid="b4"))
    tied = (CANDIDATES[0], replace(CANDIDATES[1], rank=1))
    for candidates, expected in (((), "candidates.none"), (four, "candidates.too_many"), (tied, "candidates.not_ranked")):
        with pytest.raises(Refused) as refusal:
            Course(evaluated_lot(candidates)).publish(at("2026-03-25T10:00"))
        assert codes(refusal) == [expected]


def test_publishing_late_is_marked_not_refused() -> None:
    """[E-T10, T-15] Report of Tuesday 03-24: due with Friday 03-27."""
    for moment, late in (("2026-03-27T23:59", False), ("2026-03-28T00:01", True)):
        course = Course(evaluated_lot())
        event = course.publish(at(moment))[0]
        assert (event.public["late"], event.public["period"]) == (late, "E-T10")


def test_the_clock_ends_the_publicity_once() -> None:
    course = published()
    course.tick(at("2026-03-31T00:00"))
    course.tick(at("2026-04-01T00:00"))
    assert course.types() == ["candidates_published", "publicity_ended"]


# ------------------------------------------------------------------ decision

def test_no_decision_during_publicity() -> None:
    course = published()
    with pytest.raises(Refused) as refusal:
        course.give("decide_award", PRINCIPAL, at("2026-03-30T23:59"), bid="b1")
    assert codes(refusal) == ["award.publicity_running"]


def test_a_decision_before_the_clocks_act_records_the_end_of_the_publicity() -> None:
    """A lost message only delays: the record is complete all the same."""
    assert awarded().types() == ["candidates_published", "publicity_ended", "award_decided"]


def test_state_funded_mandatory_takes_rank_one() -> None:
    """[BLR 55]"""
    course = published()
    with pytest.raises(Refused) as refusal:
        course.give("decide_award", PRINCIPAL, at(OVER), bid="b2", reason="价格更优")
    assert codes(refusal) == ["award.not_first"]


@pytest.mark.parametrize("terms", [{"mandatory": False}, {"state_funded": False}])
def test_others_choose_among_the_candidates_with_a_reason(terms: dict[str, object]) -> None:
    course = Course(evaluated_lot(**terms))
    course.publish(at("2026-03-25T10:00"))
    with pytest.raises(Refused) as refusal:
        course.give("decide_award", PRINCIPAL, at(OVER), bid="b2")
    assert codes(refusal) == ["award.reason_missing"]
    course.give("decide_award", PRINCIPAL, at(OVER), bid="b2", reason="工期更短")
    assert course.award().winner == "b2"


def test_a_winner_outside_the_list_is_refused() -> None:
    """[BL 57]"""
    with pytest.raises(Refused) as refusal:
        awarded("b4")
    assert codes(refusal) == ["award.not_a_candidate"]


def test_rank_two_when_rank_one_is_lost_on_a_ground() -> None:
    """[02 §2.10]"""
    course = published()
    course.give("report_candidate_lost", PRINCIPAL, at("2026-03-26T09:00"), bid="b1", ground="illegality", reason="串标", evidence="e" * 64)
    for bid, expected in (("b1", "award.candidate_lost"), ("b3", "award.not_first")):
        with pytest.raises(Refused) as refusal:
            course.give("decide_award", PRINCIPAL, at(OVER), bid=bid)
        assert codes(refusal) == [expected]
    course.give("decide_award", PRINCIPAL, at(OVER), bid="b2")
    assert course.award().winner == "b2"


def lost(course: Course, bid: str, ground: str, now: str = OVER) -> None:
    course.give("report_candidate_lost", PRINCIPAL, at(now), bid=bid, ground=ground, reason="r", evidence="e" * 64)


@pytest.mark.parametrize("ground", ["force_majeure", "illegality"])
def test_the_letter_binds_the_principal(ground: str) -> None:
    """[BL 45, BLR 73] Only a supervisor's finding undoes it; then the principal chooses another without a further ground."""
    course = notified()
    with pytest.raises(Refused) as refusal:
        lost(course, "b1", ground)
    assert codes(refusal) == ["award.letter_binds"]
    lost(course, "b2", ground)  # who has no letter may still drop out
    course.give("invalidate", SUPERVISOR, at(OVER), **ORDER)
    course.give("choose_next_qualified", PRINCIPAL, at(OVER), bid="b3")
    lost(course, "b3", ground)  # the new winner has no letter yet


def test_a_candidate_drops_out_before_the_decision_where_there_is_no_publicity() -> None:
    course = Course(evaluated_lot(mandatory=False))
    lost(course, "b1", "force_majeure")
    with pytest.raises(Refused) as refusal:
        course.give("decide_award", PRINCIPAL, at(OVER), bid="b1")
    assert codes(refusal) == ["award.candidate_lost"]
    assert [e.type for e in course.give("decide_award", PRINCIPAL, at(OVER), bid="b2")] == ["award_decided"]


def test_who_dropped_out_before_a_publicity_by_choice_stays_out() -> None:
    course = Course(evaluated_lot(mandatory=False))
    lost(course, "b1", "illegality", "2026-03-25T09:00")
    course.publish(at("2026-03-25T10:00"))
    assert course.award().lost == {"b1": "illegality"}


def test_where_candidates_must_be_published_nobody_drops_out_before() -> None:
    """[BLR 54] And nobody learns by asking whether it is recommended."""
    course = Course(evaluated_lot())
    with pytest.raises(Refused) as refusal:
        lost(course, "b1", "illegality")
    assert codes(refusal) == ["award.publicity_missing"]
    for uscc in (BIDS["b1"].uscc, BIDS["b4"].uscc):
        course.facts["actor_uscc"] = uscc
        with pytest.raises(Refused) as refusal:
            course.give("give_up_award", BIDDER, at(OVER), reason="r")
        assert codes(refusal) == ["award.not_public_yet"]


def test_all_obstacles_are_told_at_once() -> None:
    course = published()
    course.tick(at(OVER))
    course.object_result(at(OVER))
    course.facts["candidate_eligibility"] = [Problem("award.banned")]
    with pytest.raises(Refused) as refusal:
        course.give("decide_award", PRINCIPAL, at("2026-09-01T09:00"), bid="b2")
    assert codes(refusal) == ["award.banned", "award.not_first", "award.validity_over", "objection.open"]


def test_award_within_bid_validity() -> None:
    """[E-T22, B-08] 90 days from the deadline of 2026-03-23 end with 2026-06-21."""
    course = published()
    end = at("2026-06-22T00:00")
    assert bid_validity_end(course.lot) == end
    with pytest.raises(Refused) as refusal:
        course.give("decide_award", PRINCIPAL, end, bid="b1")
    assert codes(refusal) == ["award.validity_over"]


def test_without_publicity_only_where_the_rules_ask_for_none() -> None:
    """[E-T11]"""
    course = Course(evaluated_lot())
    with pytest.raises(Refused) as refusal:
        course.give("decide_award", PRINCIPAL, at(OVER), bid="b1")
    assert codes(refusal) == ["award.publicity_missing"]
    free = replace(course.trade, periods=tuple(p for p in course.trade.periods if p.id != "E-T11"))
    other = Course(evaluated_lot(), trade=free)
    other.give("decide_award", PRINCIPAL, at(OVER), bid="b1")
    assert other.lot.status == "AWARDED" and other.award().standing == CANDIDATES[0]


# ------------------------------------------------------------------ letter, result, loss

def test_the_letter_tells_winner_and_losers() -> None:
    """[BL 45, PB-05, E-T18] 30 days from 2026-03-31 end on Thursday 04-30."""
    letter = notified().record[-1]
    assert letter.public["losers"] == [{"bid": f"b{n}", "bidder": f"示例建设{n}公司"} for n in (2, 3, 4)]
    assert letter.public["contract_due"] == "2026-04-30T16:00:00.000000Z"


def test_contract_due_rolls_over_the_holidays() -> None:
    """[01 §1.4.4 example 3] Award letter of 2025-09-05: raw 10-05 becomes 2025-10-09."""
    lot = evaluated_lot(bid_validity_days=400)
    course = Course(replace(lot, schedule={**lot.schedule, "bid_deadline": at("2025-08-20T09:30")}))
    course.publish(at("2025-08-25T10:00"))
    course.give("decide_award", PRINCIPAL, at("2025-09-04T09:00"), bid="b1")
    course.give("issue_award_letter", PRINCIPAL, at("2025-09-05T10:00"))
    assert course.record[-1].public["contract_due"] == "2025-10-09T16:00:00.000000Z"


def test_no_letter_on_the_day_on_which_the_publicity_ends() -> None:
    """[02 §2.3] letter ≥ publicity_end + 1, also when a freeze has moved the end into the day."""
    course = published()
    course.object_result(at("2026-03-26T12:00"))
    course.answer(1, at("2026-03-27T18:00"))  # the publicity now ends on Wednesday 04-01 at 06:00
    course.give("decide_award", PRINCIPAL, at("2026-04-01T07:00"), bid="b1")
    with pytest.raises(Refused) as refusal:
        course.give("issue_award_letter", PRINCIPAL, at("2026-04-01T08:00"))
    assert codes(refusal) == ["award.letter_too_early"]
    course.give("issue_award_letter", PRINCIPAL, at("2026-04-02T08:00"))


def test_the_result_reveals_the_committee() -> None:
    """[BL 37]"""
    course = awarded()
    course.facts["committee_members"] = []
    with pytest.raises(Refused) as refusal:
        course.give("publish_result", PRINCIPAL, at("2026-03-31T10:00"))
    assert codes(refusal) == ["award.committee_unknown"]
    course.facts["committee_members"] = [{"name": "专家甲", "kind": "expert"}]
    event = course.give("publish_result", PRINCIPAL, at("2026-03-31T10:00"))[0]
    assert event.public["committee"] == [{"name": "专家甲", "kind": "expert"}]
    with pytest.raises(Refused) as refusal:
        course.give("publish_result", PRINCIPAL, at("2026-03-31T11:00"))
    assert codes(refusal) == ["award.result_published_before"]


def test_names_of_members_are_nowhere_before_the_result() -> None:
    assert "专家甲" not in repr(notified().record)


@pytest.mark.parametrize("ground", ["refuses_contract", "adds_conditions", "no_performance_bond"])
def test_who_refuses_the_contract_loses_to_the_next(ground: str) -> None:
    """[BLR 55, 74]"""
    early = awarded()
    with pytest.raises(Refused) as refusal:
        early.give("report_candidate_lost", PRINCIPAL, at("2026-03-31T10:00"), bid="b1", ground=ground, reason="r", evidence="e" * 64)
    assert codes(refusal) == ["award.ground_needs_letter"]
    course = notified()
    with pytest.raises(Refused) as refusal:
        course.give("choose_next_candidate", PRINCIPAL, at("2026-04-02T10:00"), bid="b2")
    assert "award.winner_stands" in codes(refusal)
    course.give("report_candidate_lost", PRINCIPAL, at("2026-04-02T10:00"), bid="b1", ground=ground, reason="r", evidence="e" * 64)
    with pytest.raises(Refused) as refusal:
        course.contract(at("2026-04-02T11:00"))
    assert codes(refusal) == ["award.winner_lost"]
    course.give("choose_next_candidate", PRINCIPAL, at("2026-04-03T10:00"), bid="b2")
    assert (course.lot.status, course.award().winner, course.award().letter_at) == ("AWARDED", "b2", None)


def test_no_letter_to_a_winner_who_dropped_out() -> None:
    course = awarded()
    course.give("report_candidate_lost", PRINCIPAL, at("2026-03-31T10:00"), bid="b1", ground="force_majeure", reason="r", evidence="e" * 64)
    with pytest.raises(Refused) as refusal:
        course.give("issue_award_letter", PRINCIPAL, at("2026-03-31T11:00"))
    assert codes(refusal) == ["award.winner_lost"]


# ------------------------------------------------------------------ contract

def test_a_contract_that_equals_tender_and_bid() -> None:
    course = notified()
    event = course.contract(at("2026-04-20T10:00"))[0]
    assert course.lot.status == "CONTRACTED" and event.public["late"] is False
    assert "合同.pdf" not in repr(event.public)


def test_every_difference_to_the_bid_is_listed_at_once() -> None:
    """[BL 46, BLR 57]"""
    with pytest.raises(Refused) as refusal:
        notified().contract(at("2026-04-20T10:00"), price_fen=950_000_000, duration_days=199, quality="优良", project_leader="负责人2",
                            uscc="915305000000000002")  # fmt: skip
    assert codes(refusal) == ["contract.differs"] * 5
    assert {p.path for p in refusal.value.problems} == {"price_fen", "duration_days", "quality", "project_leader", "uscc"}


def test_what_the_bid_leaves_open_the_tender_says() -> None:
    silent = tuple(replace(c, form={"project_leader": "负责人1"}) for c in CANDIDATES)
    course = Course(evaluated_lot(silent))
    course.publish(at("2026-03-25T10:00"))
    course.give("decide_award", PRINCIPAL, at(OVER), bid="b1")
    course.give("issue_award_letter", PRINCIPAL, at("2026-03-31T10:00"))
    with pytest.raises(Refused) as refusal:
        course.contract(at("2026-04-20T10:00"))
    assert [p.params["bid"] for p in refusal.value.problems] == [210]
    course.contract(at("2026-04-20T10:00"), duration_days=210)


def test_a_late_contract_is_signed_with_a_reason() -> None:
    """[E-T18, T-15] warned and explained, not refused."""
    course = notified()
    with pytest.raises(Refused) as refusal:
        course.contract(at("2026-05-01T00:01"))
    assert codes(refusal) == ["contract.late_reason_missing"]
    event = course.contract(at("2026-05-01T00:01"), late_reason="等待批复")[0]
    assert (event.public["late"], event.public["late_reason"]) == (True, "等待批复")


def test_the_performance_bond_has_a_cap() -> None:
    """[D-04] 10 % of the contract price, fractions of a fen cut off: 95 000 000 of 950 000 001."""
    course = notified()
    with pytest.raises(Refused) as refusal:
        course.contract(at("2026-04-20T10:00"), performance_bond_fen=95_000_001)
    assert codes(refusal) == ["contract.bond_above_cap"]
    course.contract(at("2026-04-20T10:00"), performance_bond_fen=95_000_000)


def test_the_written_report_is_for_the_supervisor_and_filed_once() -> None:
    """[BL 47, E-T17] 15 days from 2026-03-31 end with 04-15."""
    for moment, late in (("2026-04-15T23:59", False), ("2026-04-16T00:01", True)):
        course = notified()
        event = course.give("file_written_report", AGENCY, at(moment), text="招标范围……")[0]
        assert event.public["late"] is late and "招标范围" not in repr(event.public)
        with pytest.raises(Refused) as refusal:
            course.give("file_written_report", AGENCY, at(moment), text="again")
        assert codes(refusal) == ["report.filed_before"]


def test_performance_to_acceptance() -> None:
    course = notified()
    course.contract(at("2026-04-20T10:00"))
    course.give("start_performance", AGENCY, at("2026-05-06T10:00"), started_on="2026-05-06")
    course.give("note_performance", AGENCY, at("2026-06-06T10:00"), kind="payment", text="进度款", amount_fen=100)
    course.give("accept", PRINCIPAL, at("2026-11-06T10:00"), text="合格", files=[{"name": "验收书.pdf", "sha256": "2" * 64, "size": 1}])
    part = course.lot.part(Performance)
    assert (course.lot.status, part.outcome, part.notes[0].amount_fen) == ("COMPLETED", "accepted", 100)


def test_a_contract_ended_early() -> None:
    course = notified()
    course.contract(at("2026-04-20T10:00"))
    course.give("end_contract", PRINCIPAL, at("2026-06-06T10:00"), reason="解除")
    assert (course.lot.status, course.lot.part(Performance).outcome) == ("COMPLETED", "ended_early")
    with pytest.raises(IllegalTransition):
        course.give("accept", PRINCIPAL, at("2026-11-06T10:00"), text="x", files=[])
