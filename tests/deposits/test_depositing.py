"""Which bid has paid, what is owed back by when, what may be kept: on the pure engine [01 §1.8]."""
from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.tender.course import BIDS, CENTRE, PRINCIPAL, SUPERVISOR, TRADE, Course, at, bidding_lot, evaluated_lot, opened
from trading_core.bootstrap import work_calendar
from trading_core.domain.ledger import Deposit, Receipt
from trading_core.domain.lot import Lot
from trading_core.domain.stages.deposits import Refund, apply_problems, forfeit_problems, refunds
from trading_core.domain.tender.depositing import checks, names_secret, shared_accounts
from trading_core.domain.tender.opening import Opening
from trading_core.domain.tender.payers import Deposits

NOW = at("2026-03-31T09:00")


def deposit(number: int, amount: int = 20_000_000, paid: str = "2026-03-20T10:00", reference: str = "", account: str = "") -> Deposit:
    receipt = Receipt(f"S{number}", at(paid), f"付款人{number}", account or f"acc{number}", amount, reference or f"REF{number}")
    return Deposit(number, receipt, at("2026-03-23T11:00"))


def contracted() -> Course:
    course = Course(evaluated_lot())
    course.publish(at("2026-03-25T10:00"))
    course.give("decide_award", PRINCIPAL, NOW, bid="b1")
    course.give("issue_award_letter", PRINCIPAL, NOW + timedelta(hours=1))
    course.contract(at("2026-04-20T10:00"))
    return course


def owed(lot: Lot, *deposits: Deposit) -> list[Refund]:
    return refunds(TRADE, lot, deposits, work_calendar())


# ------------------------------------------------------------------ matching

def test_names_stay_secret_until_the_first_envelopes_are_open() -> None:
    """[BL 22] The deadline alone does not open them."""
    running = bidding_lot()
    assert names_secret(running) and names_secret(replace(running, status="OPENING"))
    assert not names_secret(evaluated_lot())
    ended = Course(running)
    ended.give("terminate", PRINCIPAL, at("2026-03-10T10:00"), reason="r", legal_basis="b")
    assert not names_secret(ended.lot)


def test_what_each_bid_has_paid() -> None:
    """Money counts when it was there by the deadline of 2026-03-23 09:30."""
    others = (opened(5, deposit_way="guarantee", deposit_reference=""), opened(6), opened(7, deposit_reference="REF6"))
    lot = evaluated_lot().with_part(Opening(bids={**BIDS, **{b.bid: b for b in others}}))
    found = checks(lot, [
        deposit(1, 15_000_000), deposit(2, 19_999_999), deposit(3, paid="2026-03-23T09:31"), deposit(6), deposit(8, reference="?"),
        deposit(9, 5_000_000, "2026-03-23T09:30", "REF1"),
    ])  # fmt: skip
    assert [(c.bid, c.result, c.paid_fen) for c in found] == [
        ("b1", "paid", 20_000_000), ("b2", "short", 19_999_999), ("b3", "late", 20_000_000), ("b4", "missing", 0),
        ("b5", "guarantee", 0), ("b6", "ambiguous", 0), ("b7", "ambiguous", 0),
    ]  # fmt: skip
    assert found[0].numbers == (1, 9)


def test_nothing_is_missing_where_no_deposit_is_asked_for() -> None:
    assert {c.result for c in checks(evaluated_lot(deposit_fen=0), [])} == {"paid"}


def test_one_account_for_two_bidders_is_told_but_not_in_public() -> None:
    """[D-10, BLR 40] A warning is not a finding."""
    course = Course(evaluated_lot())
    unknown = deposit(8, reference="?", account="same")
    course.facts["deposits"] = (deposit(1, account="same"), deposit(2, account="same"), deposit(3), unknown)
    event = course.give("check_deposits", CENTRE, NOW)[0]
    assert event.private == {"same_account": [["b1", "b2"]]} and "same" not in repr(event.public)
    assert (event.public["unmatched"], event.public["unmatched_fen"]) == (1, 20_000_000)
    assert course.lot.part(Deposits).results == {"b1": "paid", "b2": "paid", "b3": "paid", "b4": "missing"}
    assert "付款人" not in repr(event)
    assert shared_accounts(course.lot, [deposit(1), deposit(2)]) == []


# ------------------------------------------------------------------ refunds

def test_while_the_tender_runs_matched_money_stays() -> None:
    assert owed(evaluated_lot(), deposit(1), deposit(2)) == []


def test_everything_is_owed_five_days_after_the_contract() -> None:
    """[E-T19] Contract of Monday 2026-04-20: to the end of Saturday 04-25, which rolls to Monday 04-27."""
    course = contracted()
    found = owed(course.lot, deposit(1), deposit(4))
    assert [(r.bid, r.rule, r.keep) for r in found] == [("b1", "E-T19", ""), ("b4", "E-T19", "")]
    assert {r.due for r in found} == {at("2026-04-28T00:00")}
    assert {r.since for r in found} == {at("2026-04-20T10:00")}


def test_money_of_no_opened_bid_is_owed_since_it_was_found() -> None:
    """[E-T20] Among it that of a bid taken back in time: until the opening nobody may know whose it is."""
    lot = evaluated_lot()
    found = owed(lot, deposit(8))
    assert [(r.bid, r.rule, r.since, r.due) for r in found] == [("", "E-T20", at("2026-03-23T11:00"), at("2026-03-31T00:00"))]
    assert owed(replace(lot, history={"stage_opened": NOW}), deposit(8)) == []  # later envelopes may still name it


def test_money_that_two_bids_name_waits() -> None:
    lot = evaluated_lot().with_part(Opening(bids={**BIDS, "b7": opened(7, deposit_reference="REF1")}))
    assert owed(lot, deposit(1)) == []


def test_a_bid_deemed_withdrawn_gets_its_deposit_back() -> None:
    """[B-05, E-T20] since the opening finished on 2026-03-23."""
    lot = evaluated_lot().with_part(Opening(bids={**BIDS, "b1": replace(BIDS["b1"], status="withdrawn")}))
    assert [(r.bid, r.rule, r.due) for r in owed(lot, deposit(1))] == [("b1", "E-T20", at("2026-03-31T00:00"))]


@pytest.mark.parametrize("how", ["terminated", "invalidated"])
def test_a_lot_that_ends_owes_everything(how: str) -> None:
    """[S-05]"""
    course = Course(evaluated_lot())
    if how == "terminated":
        course.give("terminate", PRINCIPAL, NOW, reason="r", legal_basis="b")
    else:
        course.give("invalidate", SUPERVISOR, NOW, decision_number="1", legal_basis="b", reason="r", document="d" * 64)
    found = owed(course.lot, deposit(1), deposit(8), replace(deposit(2), held_at=at("2026-04-02T09:00")))
    assert [(r.number, r.since) for r in found] == [(8, at("2026-03-23T11:00")), (1, NOW), (2, at("2026-04-02T09:00"))]


# ------------------------------------------------------------------ keeping

def test_a_deposit_is_kept_only_on_the_ground_that_the_record_shows() -> None:
    """[D-11, BLR 35, 74]"""
    course = Course(evaluated_lot().with_part(Opening(bids={**BIDS, "b4": replace(BIDS["b4"], status="revoked")})))
    course.publish(at("2026-03-25T10:00"))
    course.give("decide_award", PRINCIPAL, NOW, bid="b1")
    course.give("issue_award_letter", PRINCIPAL, NOW)
    course.give("report_candidate_lost", PRINCIPAL, NOW, bid="b1", ground="refuses_contract", reason="r", evidence="e" * 64)
    course.give("report_candidate_lost", PRINCIPAL, NOW, bid="b2", ground="force_majeure", reason="r", evidence="e" * 64)

    def refused(number: int, ground: str) -> list[str]:
        return [p.code for p in forfeit_problems(TRADE, course.lot, deposit(number), ground)]

    assert refused(1, "refuses_contract") == refused(4, "revoked_after_deadline") == []
    assert refused(1, "revoked_after_deadline") == refused(1, "adds_conditions") == ["deposit.no_ground"]
    assert refused(2, "force_majeure") == refused(3, "refuses_contract") == ["deposit.no_ground"]  # not in the closed list; not its own
    assert refused(8, "refuses_contract") == ["deposit.no_bid"]
    course.give("choose_next_candidate", PRINCIPAL, NOW, bid="b3")
    course.give("issue_award_letter", PRINCIPAL, NOW)
    course.contract(at("2026-04-20T10:00"), price_fen=950_000_003, uscc=BIDS["b3"].uscc, project_leader="负责人3")
    assert {r.bid: r.keep for r in owed(course.lot, deposit(1), deposit(2), deposit(4))} == {
        "b1": "refuses_contract", "b2": "", "b4": "revoked_after_deadline"}  # fmt: skip


def test_only_the_winners_deposit_becomes_the_performance_bond() -> None:
    lot = contracted().lot
    assert not list(apply_problems(TRADE, lot, deposit(1)))
    assert [p.code for p in apply_problems(TRADE, lot, deposit(2))] == ["deposit.not_winners"]
