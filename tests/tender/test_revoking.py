"""A bidder revokes its bid after the deadline: the whole bid leaves, and its deposit may be kept [01 B-05, D-11, BLR 35]."""
from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tender.committee_table import BIDS, PRICES, Table
from tests.tender.course import AGENCY, BIDDER, ORDER, PRINCIPAL, SUPERVISOR, Course, at, evaluated_lot
from trading_core.bootstrap import work_calendar
from trading_core.domain.errors import IllegalTransition, Refused
from trading_core.domain.ledger import Deposit, Receipt
from trading_core.domain.stages.award import award_of
from trading_core.domain.stages.deposits import forfeit_problems, refunds
from trading_core.domain.tender.assessment import case_of, in_play
from trading_core.domain.tender.bidding import Closing, LiveBid
from trading_core.domain.tender.depositing import keepable
from trading_core.domain.tender.opening import OpenedEnvelope, Opening, openable, stages_at_opening, to_open
from trading_core.domain.tender.trustees import TrusteeKey, Trustees

NOW = at("2026-03-31T09:00")


def codes(refusal: pytest.ExceptionInfo[Refused]) -> set[str]:
    return {p.code for p in refusal.value.problems}


def revoke(table: Table, bid: str) -> list[str]:
    table.facts["actor_uscc"] = table.lot.part(Opening).bids[bid].uscc
    return [e.type for e in table.step("revoke_bid", BIDDER, reason="报价有误")]


def ranked(table: Table) -> list[str]:
    return [c.bid for c in table.evaluation().candidates]


def deposit_of(course: Course, bid: str) -> Deposit:
    reference = str(course.lot.part(Opening).bids[bid].form["deposit_reference"])
    return Deposit(1, Receipt("F1", at("2026-03-20T09:00"), "付款人", "6222", 20_000_000, reference), at("2026-03-20T09:00"))


def told(status: str = "AWARDED") -> Course:
    course, opened = Course(evaluated_lot()), at("2026-03-23T09:40")
    part = course.lot.part(Opening)
    course.lot = course.lot.with_part(replace(part, stages=dict.fromkeys(stages_at_opening(course.lot), opened)))
    course.publish(at("2026-03-25T10:00"))
    if status != "PUBLICITY":
        course.give("decide_award", PRINCIPAL, NOW, bid="b1")
    if status == "NOTIFIED":
        course.give("issue_award_letter", PRINCIPAL, NOW)
    return course


def give(course: Course, bid: str) -> None:
    course.facts["actor_uscc"] = course.lot.part(Opening).bids[bid].uscc
    course.give("revoke_bid", BIDDER, NOW, reason="报价有误")


def test_who_revoked_is_not_recommended_and_the_result_is_made_anew() -> None:
    table = Table(two_stages=False).start().lock_all()
    table.chair("summarise")
    table.sign_all()
    first = ranked(table)[0]
    revoke(table, first)
    with pytest.raises(Refused) as refusal:
        table.chair("submit_report")
    assert codes(refusal) == {"report.signatures_missing"}
    table.chair("summarise")
    assert first not in ranked(table) and len(ranked(table)) == 2
    assert first not in str(case_of(table.lot))


@given(st.sets(st.sampled_from(BIDS)), st.booleans())
def test_what_is_in_play_never_holds_who_revoked(leaving: set[str], suspended: bool) -> None:
    table = Table(two_stages=False).start().lock_all()
    if suspended:
        table.step("order_suspension", SUPERVISOR, **ORDER)
    for bid in sorted(leaving):
        revoke(table, bid)
    if suspended:
        table.step("resume", SUPERVISOR, reason="r")
    assert {b.bid for b in in_play(table.lot)} == {b["id"] for b in case_of(table.lot)["bids"]} == set(BIDS) - leaving


def test_what_is_sealed_of_it_stays_so_and_holds_nobody_up() -> None:
    """Its price is not opened; where it was the last that waited, its leaving completes the stage."""
    table = Table().start().lock_all()
    table.chair("summarise_technical")
    keys = {t: TrusteeKey("e" * 64, "", "0" * 64, rehearsed=True, released=True) for t in ("host", "centre")}
    table.lot = table.lot.with_part(Trustees({"price": keys})).with_part(Closing(tuple(LiveBid(b, NOW, "c" * 64, 1, (), {}) for b in BIDS)))
    assert openable(table.lot) == "price" and to_open(table.lot, "price") == BIDS
    assert revoke(table, "b1") == ["bid_revoked"]
    part = table.lot.part(Opening)
    priced = {**part.bids, "b2": replace(part.bids["b2"], envelopes={
        **part.bids["b2"].envelopes, "price": OpenedEnvelope(True, {"price_fen": PRICES["b2"]})})}  # fmt: skip
    table.lot = table.lot.with_part(replace(part, bids=priced))
    assert to_open(table.lot, "price") == ("b3",)
    assert revoke(table, "b3") == ["bid_revoked", "stage_opened"]
    table.chair("summarise")
    assert ranked(table) == ["b2"]


def test_nobody_says_before_the_bids_are_read_out_that_it_has_one() -> None:
    """[BL 22] Whoever asks, and whatever its answer would be."""
    table = Table()
    for status in ("CLOSED", "OPENING"):
        table.lot = replace(table.lot, status=status).with_part(replace(table.lot.part(Opening), stages={}))
        for uscc in (table.lot.part(Opening).bids["b1"].uscc, "nobody"):
            table.facts["actor_uscc"] = uscc
            with pytest.raises(Refused) as refusal:
                table.step("revoke_bid", BIDDER, reason="r")
            assert codes(refusal) == {"revocation.not_opened"}


def test_only_a_bid_of_ones_own_once() -> None:
    course = told()
    give(course, "b2")
    with pytest.raises(Refused) as refusal:
        give(course, "b2")
    assert codes(refusal) == {"revocation.no_bid"}
    course.facts["actor_uscc"] = "nobody"
    with pytest.raises(Refused) as refusal:
        course.give("revoke_bid", BIDDER, NOW, reason="r")
    assert codes(refusal) == {"revocation.no_bid"}


def test_who_revoked_neither_answers_on_validity_nor_the_other_way_round() -> None:
    course = told("PUBLICITY")
    course.give("ask_validity_extension", AGENCY, NOW, bid_validity_days=120, answer_by="2026-04-10T17:00:00+08:00", reason="r")
    give(course, "b2")
    with pytest.raises(Refused) as refusal:
        course.give("answer_validity_extension", BIDDER, NOW, agrees=False)
    assert codes(refusal) == {"validity.nothing_asked"}
    course.facts["actor_uscc"] = course.lot.part(Opening).bids["b3"].uscc
    course.give("answer_validity_extension", BIDDER, NOW, agrees=False)
    with pytest.raises(Refused) as refusal:
        give(course, "b3")
    assert codes(refusal) == {"revocation.no_bid"} and keepable(course.lot, "b3") == ""


def test_a_winner_that_revokes_gives_way_to_the_next_and_its_deposit_may_be_kept() -> None:
    course = told()
    give(course, "b1")
    assert award_of(course.lot).standing is None and award_of(course.lot).lost == {"b1": "revoked_after_deadline"}
    deposit = deposit_of(course, "b1")
    assert keepable(course.lot, "b1") == "revoked_after_deadline"
    assert list(forfeit_problems(course.trade, course.lot, deposit, "revoked_after_deadline")) == []
    assert refunds(course.trade, course.lot, [deposit], work_calendar()) == []  # not owed while the lot goes on
    with pytest.raises(Refused) as refusal:
        course.give("issue_award_letter", PRINCIPAL, NOW)
    assert codes(refusal) == {"award.winner_lost"}
    course.give("choose_next_candidate", PRINCIPAL, NOW, bid="b2")


def test_after_the_letter_bids_are_revoked_no_more() -> None:
    """[BLR 74] Refusing the contract is another ground."""
    course = told("NOTIFIED")
    for _ in ("running", "suspended"):
        with pytest.raises(IllegalTransition):
            give(course, "b2")
        if course.lot.status == "NOTIFIED":
            course.give("order_suspension", SUPERVISOR, NOW, **ORDER)


def test_who_is_bound_no_longer_does_not_lose_its_deposit_by_revoking() -> None:
    """[B-08] Validity of 90 days from 23 March ends with 21 June."""
    course = told("PUBLICITY")
    course.facts["actor_uscc"] = course.lot.part(Opening).bids["b2"].uscc
    with pytest.raises(Refused) as refusal:
        course.give("revoke_bid", BIDDER, at("2026-06-22T00:00"), reason="r")
    assert codes(refusal) == {"revocation.bound_no_longer"}
    course.give("revoke_bid", BIDDER, at("2026-06-21T23:59"), reason="r")
