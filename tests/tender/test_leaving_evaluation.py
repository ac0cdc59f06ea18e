"""Who refuses to be bound longer while the committee works is neither ranked nor recommended, and gets the deposit back [B-09, 02 §2.3]."""
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tender.committee_table import BIDS, Table
from tests.tender.course import AGENCY, BIDDER, ORDER, SUPERVISOR, at
from trading_core.bootstrap import work_calendar
from trading_core.domain.errors import Refused
from trading_core.domain.ledger import Deposit, Receipt
from trading_core.domain.stages.deposits import refunds
from trading_core.domain.tender.assessment import case_of, in_play
from trading_core.domain.tender.opening import Opening


def ask(table: Table) -> None:
    table.step("ask_validity_extension", AGENCY, bid_validity_days=120, answer_by="2026-06-10T17:00:00+08:00", reason="复核时间较长")


def answer(table: Table, bid: str, agrees: bool = False) -> None:
    table.facts["actor_uscc"] = table.lot.part(Opening).bids[bid].uscc
    table.step("answer_validity_extension", BIDDER, agrees=agrees)


def ranked(table: Table) -> list[str]:
    return [c.bid for c in table.evaluation().candidates]


def test_who_refused_is_not_recommended_and_the_result_is_made_anew() -> None:
    table = Table(two_stages=False).start().lock_all()
    table.chair("summarise")
    table.sign_all()
    first = ranked(table)[0]
    ask(table)
    answer(table, first)
    with pytest.raises(Refused) as refusal:
        table.chair("submit_report")
    assert {p.code for p in refusal.value.problems} == {"report.signatures_missing"}
    table.chair("summarise")
    assert first not in ranked(table) and len(ranked(table)) == 2
    assert first not in str(case_of(table.lot))
    table.sign_all()
    table.chair("submit_report")
    assert table.lot.status == "EVALUATED"
    bid = table.lot.part(Opening).bids[first]
    table.lot.part(Opening)
    receipt = Receipt("F1", at("2026-03-20T09:00"), "付款人", "6222", 20_000_000, str(bid.form["deposit_reference"]))
    [owed] = refunds(table.trade, table.lot, [Deposit(1, receipt, at("2026-03-20T09:00"))], work_calendar())
    assert (owed.bid, owed.since, owed.rule, owed.keep) == (first, table.now, "E-T20", "")


def test_who_agrees_stays_and_the_result_stands() -> None:
    table = Table(two_stages=False).start().lock_all()
    table.chair("summarise")
    table.sign_all()
    ask(table)
    answer(table, "b1", agrees=True)
    table.chair("submit_report")
    assert len(ranked(table)) == 3


def test_nobody_votes_or_scores_on_who_left() -> None:
    table = Table(two_stages=False).start()
    table.seat(1, "propose_rejection", bid="b2", ground="RJ-3", clause="3.5.1", evidence="资质不符")
    ask(table)
    answer(table, "b2")
    with pytest.raises(Refused) as refusal:
        table.lock(1, "b2")
    assert {p.code for p in refusal.value.problems} == {"evaluation.bid_not_in_play"}
    for bid in ("b1", "b3"):
        for seat in range(1, 6):
            table.lock(seat, bid)
    table.chair("summarise")  # the open motion on b2 holds nothing up
    assert not case_of(table.lot)["rejections"]


@given(st.sets(st.sampled_from(BIDS)), st.booleans())
def test_what_is_in_play_never_holds_who_left(leaving: set[str], suspended: bool) -> None:
    table = Table(two_stages=False).start().lock_all()
    ask(table)
    if suspended:
        table.step("order_suspension", SUPERVISOR, **ORDER)
    for bid in sorted(leaving):
        answer(table, bid)
    if suspended:
        table.step("resume", SUPERVISOR, reason="r")
    assert {b.bid for b in in_play(table.lot)} == {b["id"] for b in case_of(table.lot)["bids"]} == set(BIDS) - leaving
    if leaving == set(BIDS):
        table.seat(1, "recommend_failure", code="F-03", reason="全部投标人拒绝延长投标有效期")
        for seat in range(1, 4):
            table.seat(seat, "vote_resolution", number=1, agree=True)
        assert table.lot.status == "FAILED"
    else:
        table.chair("summarise")
        assert set(ranked(table)) == set(BIDS) - leaving
