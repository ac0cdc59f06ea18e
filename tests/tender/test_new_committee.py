"""A new committee by order of the supervisor: drawn anew, none of the former members in it, nothing of theirs counts [BLR 70, 81]."""
from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from tests.tender.committee_table import BIDS, Table
from tests.tender.course import AGENCY, CENTRE, ORDER, SUPERVISOR, at
from trading_core.bootstrap import work_calendar
from trading_core.domain.draw import Answer
from trading_core.domain.errors import Refused
from trading_core.domain.identity import Actor, Role
from trading_core.domain.ledger import Deposit, Receipt
from trading_core.domain.stages.deposits import refunds
from trading_core.domain.stages.draws import EXPERTS, Draws, PoolRow
from trading_core.domain.tender.committee import Committee, expected
from trading_core.domain.tender.opening import Opening


def codes(refusal: pytest.ExceptionInfo[Refused]) -> set[str]:
    return {p.code for p in refusal.value.problems}


def ordered_anew() -> tuple[Table, set[str]]:
    """A reported lot whose committee has to be formed anew; who sat in it."""
    table = Table(two_stages=False).start().lock_all()
    table.chair("summarise")
    table.sign_all()
    table.chair("submit_report")
    former = {s.holder for s in table.lot.part(Committee).seats}
    table.step("order_re_evaluation", SUPERVISOR, **ORDER, committee="new")
    return table, former


def draw_again(table: Table) -> None:
    """By new commitments and parts; the pool is the old one, so former members are in it."""
    for who, part in ((AGENCY, "33" * 32), (CENTRE, "44" * 32)):
        table.step("commit_draw", who, draw="experts", commitment=hashlib.sha256(bytes.fromhex(part)).hexdigest())
    draw = table.lot.part(Draws).by_name[EXPERTS]
    pool = tuple(f"E{n:02d}" for n in range(1, 19))
    full = replace(draw, rows=(PoolRow("water", "A08", 5, 13, pool),), parts={"host": "33" * 32, "centre": "44" * 32},
                   answers=dict.fromkeys(pool, Answer.ACCEPT.value), moved_at=table.now, drawn=True)  # fmt: skip
    table.lot = table.lot.with_part(table.lot.part(Draws).set(EXPERTS, full))


def test_the_former_committee_is_gone_and_a_new_one_drawn() -> None:
    table, former = ordered_anew()
    assert not table.lot.part(Committee).seats and not expected(table.lot)
    draw_again(table)
    table.seat_all()
    with pytest.raises(Refused) as refusal:
        table.chair("finish_review")
    assert codes(refusal) == {"committee.not_begun"}
    table.step("begin_with_new_committee", AGENCY)
    assert not {s.holder for s in table.lot.part(Committee).seats} & former
    assert table.types()[-2:] == ["committee_reformed", "draw_revealed"]
    table.chair("finish_review")
    for bid in BIDS:
        for seat in range(1, 6):
            table.lock(seat, bid)
    table.chair("summarise")
    table.sign_all()
    table.chair("submit_report")
    assert table.lot.status == "EVALUATED"


def test_an_unlawful_new_committee_does_not_begin() -> None:
    """[E-C1]"""
    table, _ = ordered_anew()
    draw_again(table)
    table.sign_in()
    with pytest.raises(Refused) as refusal:
        table.step("begin_with_new_committee", AGENCY)
    assert {"committee.not_complete", "committee.no_chair"} <= codes(refusal)


def test_without_an_order_there_is_no_new_committee() -> None:
    table = Table().start()
    with pytest.raises(Refused) as refusal:
        table.step("begin_with_new_committee", AGENCY)
    assert codes(refusal) == {"committee.none_ordered"}


def test_a_representative_who_left_does_not_come_back() -> None:
    """[08 §8.5]"""
    table = Table()
    table.lot = table.lot.with_part(Committee(representatives=("someone",)))
    table.step("sign_in_seat", Actor("someone", "", Role.PRINCIPAL), "someone", no_recusal=True, keeps_discipline=True)
    table.step("recuse", Actor("someone", "", Role.PRINCIPAL), "someone", ground="RC-1", reason="r")
    assert "someone" not in expected(table.lot)


def test_votes_for_who_left_do_not_elect_who_follows() -> None:
    """[E-C7]"""
    table = Table()
    for _ in range(5):
        table.sign_in()
    table.seat(1, "vote_chair", seat=3), table.seat(2, "vote_chair", seat=3)
    table.seat(3, "recuse", ground="RC-1", reason="r")
    assert not table.lot.part(Committee).votes


def test_the_committee_stops_over_a_defective_document() -> None:
    """[01 §1.2.1] by majority; the lot ends and is tendered anew."""
    table = Table().start(review=False)
    table.seat(2, "find_document_defective", clause="3.2", reason="评分标准自相矛盾")
    for seat in (1, 2, 3):
        assert table.lot.status == "EVALUATING"
        table.seat(seat, "vote_resolution", number=1, agree=True)
    assert (table.lot.status, table.types()[-1]) == ("TERMINATED", "document_defective")
    bid = table.lot.part(Opening).bids["b1"]
    receipt = Receipt("F1", at("2026-03-20T09:00"), "付款人", "6222", 20_000_000, str(bid.form["deposit_reference"]))
    [owed] = refunds(table.trade, table.lot, [Deposit(1, receipt, at("2026-03-20T09:00"))], work_calendar())
    assert (owed.bid, owed.since, owed.keep) == ("b1", table.now, "")
    table.facts["attempt"] = {"previous": "L1", "attempt": 2}
    table.step("create_attempt", AGENCY, lot="L2", analysis="评分标准已改正")
    assert table.types()[-1] == "attempt_created"
