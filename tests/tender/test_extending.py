"""Longer validity of bids: asked of all, agreed one by one; who refuses leaves with the deposit back [B-08, B-09, E-T22]."""
from __future__ import annotations

from datetime import datetime

import pytest

from tests.tender.course import AGENCY, BIDDER, BIDS, PRINCIPAL, TRADE, Course, at, evaluated_lot
from trading_core.bootstrap import work_calendar
from trading_core.domain.errors import Refused
from trading_core.domain.ledger import Deposit, Receipt
from trading_core.domain.stages.deposits import refunds
from trading_core.domain.tender.extending import bid_validity_end

ANSWERED = at("2026-06-02T09:00")
ASKED = at("2026-06-01T09:00")
END = at("2026-06-22T00:00")  # ninety days after the deadline of 23 March, at 24:00
LATER = at("2026-07-22T00:00")


def codes(refusal: pytest.ExceptionInfo[Refused]) -> set[str]:
    return {p.code for p in refusal.value.problems}


def asked() -> Course:
    course = Course(evaluated_lot())
    course.publish(at("2026-03-25T10:00"))
    course.give("ask_validity_extension", AGENCY, ASKED, bid_validity_days=120, answer_by="2026-06-10T17:00:00+08:00", reason="投诉处理")
    return course


def answer(course: Course, bid: str, agrees: bool, now: datetime = ANSWERED) -> None:
    course.facts["actor_uscc"] = BIDS[bid].uscc
    course.give("answer_validity_extension", BIDDER, now, agrees=agrees)


def test_who_agrees_binds_longer_and_nobody_else() -> None:
    course = asked()
    answer(course, "b2", True)
    assert [bid_validity_end(course.lot, b) for b in ("b1", "b2", "")] == [END, LATER, LATER]
    with pytest.raises(Refused) as refusal:
        course.give("decide_award", PRINCIPAL, END, bid="b1")
    assert "award.validity_over" in codes(refusal)
    course.give("decide_award", PRINCIPAL, END, bid="b2")  # the first one let its bid end, so this one is the best that binds
    assert course.award().winner == "b2"


def test_who_refuses_is_no_candidate_any_more_and_gets_the_deposit_back() -> None:
    course = asked()
    answer(course, "b1", False)
    answer(course, "b2", True)
    with pytest.raises(Refused) as refusal:
        course.give("decide_award", PRINCIPAL, at("2026-06-03T09:00"), bid="b1")
    assert "award.candidate_lost" in codes(refusal)
    paid = Deposit(1, Receipt("F1", at("2026-03-20T09:00"), "付款人", "6222", 20_000_000, "REF1"), at("2026-03-20T09:00"))
    [owed] = refunds(TRADE, course.lot, [paid], work_calendar())
    assert (owed.bid, owed.since, owed.rule, owed.keep) == ("b1", at("2026-06-02T09:00"), "E-T20", "")
    course.give("decide_award", PRINCIPAL, at("2026-06-03T09:00"), bid="b2")


def test_the_lot_fails_by_the_end_of_validity_only_when_nobody_is_bound() -> None:
    """[E-T22]"""
    course = asked()
    answer(course, "b2", True)
    with pytest.raises(Refused) as refusal:
        course.give("declare_failed", PRINCIPAL, END, failure="validity_over", reason="r")
    assert codes(refusal) == {"failure.validity_runs"}
    course.give("declare_failed", PRINCIPAL, LATER, failure="validity_over", reason="r")


def test_a_bidder_answers_once_and_in_time() -> None:
    course = asked()
    answer(course, "b1", True)
    with pytest.raises(Refused) as refusal:
        answer(course, "b1", False)
    assert codes(refusal) == {"validity.answered_before"}
    with pytest.raises(Refused) as refusal:
        answer(course, "b2", True, at("2026-06-10T17:01"))
    assert codes(refusal) == {"validity.answer_late"}
    course.facts["actor_uscc"] = "nobody"
    with pytest.raises(Refused) as refusal:
        course.give("answer_validity_extension", BIDDER, ASKED, agrees=True)
    assert codes(refusal) == {"validity.nothing_asked"}


def test_it_is_asked_in_time_and_for_longer() -> None:
    course = Course(evaluated_lot())
    with pytest.raises(Refused) as refusal:
        course.give("ask_validity_extension", AGENCY, END, bid_validity_days=90, answer_by="2026-06-25T17:00:00+08:00", reason="r")
    assert codes(refusal) == {"validity.over", "validity.not_longer"}
    with pytest.raises(Refused) as refusal:
        course.give("ask_validity_extension", AGENCY, ASKED, bid_validity_days=120, answer_by="2026-06-25T17:00:00+08:00", reason="r")
    assert codes(refusal) == {"validity.answer_by"}


def test_a_suspended_lot_can_be_kept_alive() -> None:
    course = Course(evaluated_lot())
    course.give("suspend", PRINCIPAL, at("2026-05-01T09:00"), reason="r", legal_basis="b")
    course.give("ask_validity_extension", PRINCIPAL, ASKED, bid_validity_days=120, answer_by="2026-06-10T17:00:00+08:00", reason="r")
    answer(course, "b3", True)
    assert bid_validity_end(course.lot) == LATER
