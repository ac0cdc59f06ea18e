"""Whose money a deposit is: what deviates is a doubt that the committee votes on [D-02, BLR 26, 10 D-10]."""
from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.deposits.test_deposit_services import NAMES, bring, statement, to_opening
from tests.tender.committee_table import Table
from tests.tender.course import BIDS, CENTRE, at, evaluated_lot
from tests.tender.test_consortium import CODES, member
from tests.tender.test_papers_issued import issued
from tests.web.workbench_world import OpenWorld
from trading_core.domain.errors import Refused
from trading_core.domain.ledger import Deposit, Receipt
from trading_core.domain.stages.consortium import read
from trading_core.domain.stages.draws import PARAMETER
from trading_core.domain.tender.depositing import checks
from trading_core.domain.tender.doubts import doubts
from trading_core.domain.tender.opening import Opening
from trading_core.domain.tender.payers import Deposits
from trading_core.platform import Platform

OWN = BIDS["b1"].name


def deposit(payer: str, account: str = "6222 0001", paid: str = "2026-03-20T10:00", number: int = 1, reference: str = "REF1") -> Deposit:
    return Deposit(number, Receipt(f"S{number}", at(paid), payer, account, 10_000_000, reference), at("2026-03-23T11:00"))


def found(*deposits: Deposit, **terms: object) -> tuple[str, ...]:
    return checks(evaluated_lot(**{"mandatory": True, **terms}), deposits)[0].doubts


@pytest.mark.parametrize(("deposits", "told"), [
    ([deposit(OWN)], ()),
    ([deposit(f" {OWN[:2]} {OWN[2:]}")], ()),
    ([deposit("另一示例公司")], ("other_payer",)),
    ([deposit(OWN), deposit(OWN, "62220001", number=2)], ()),
    ([deposit(OWN), deposit(OWN, "6222 0002", number=2)], ("other_account",)),
    ([deposit(OWN), deposit("另一示例公司", "6222 0002", number=2)], ("other_payer",)),
    ([deposit(OWN), deposit("另一示例公司", "1", "2026-03-23T09:31", 2)], ()),  # too late: anybody may send that
    ([deposit("另一示例公司", reference="REF2")], ()),  # of another bid
    ([], ()),
])  # fmt: skip
def test_who_paid_for_a_bid(deposits: list[Deposit], told: tuple[str, ...]) -> None:
    """[D-02] By name, and from one account: nobody has two basic accounts."""
    assert found(*deposits) == told
    assert found(*deposits, mandatory=False) == ()  # [BLR 26] is of projects that must be tendered


def test_any_member_of_a_consortium_pays_for_all() -> None:
    """[D-10]"""
    together = replace(BIDS["b1"], name="第0示例公司", uscc=CODES[0], members=read([member(0), member(1)]))
    lot = evaluated_lot(mandatory=True).with_part(Opening(bids={"b1": together}))
    paid = [deposit("第0示例公司", "1"), deposit("第1示例公司", "2", number=2), deposit("第2示例公司", "3", number=3)]
    assert [checks(lot, paid[:n])[0].doubts for n in (1, 2, 3)] == [(), (), ("other_payer",)]


def test_payers_become_known_to_nobody() -> None:
    table = Table()
    table.facts["deposits"] = (deposit("另一示例公司"),)
    (event,) = table.step("check_deposits", CENTRE)
    assert event.public["bids"][0] == {"bid": "b1", "result": "short", "paid_fen": 10_000_000, "doubts": ["other_payer"]}  # type: ignore[index]
    assert "doubts" not in event.public["bids"][1] and "另一" not in repr(event)  # type: ignore[index]


def test_no_conclusion_outlives_a_new_doubt() -> None:
    """[D-02] The report waits for the vote; who voted to keep the bid before did not know."""
    table = Table(two_stages=False).start().lock_all()
    kept = table.reject("b1", 1, ground="RJ-6")
    for seat in (2, 3, 4, 5):
        table.seat(seat, "vote_rejection", number=kept, agree=False)
    table.chair("summarise")
    table.sign_all()
    table.facts["deposits"] = (deposit("另一示例公司"),)
    table.step("check_deposits", CENTRE)
    assert [(d.bid, d.ground, d.problem.code, d.problem.rule) for d in doubts(table.lot)] == [("b1", "RJ-6", "deposit.other_payer", "D-02")]
    assert not table.evaluation().result and table.evaluation().motions[0].votes == {"1": True}
    with pytest.raises(Refused) as refusal:
        table.chair("summarise")
    assert "evaluation.motions_open" in {p.code for p in refusal.value.problems}
    for seat in (2, 3, 4):
        table.seat(seat, "vote_rejection", number=kept, agree=False)
    table.seat(5, "vote_rejection", number=kept, agree=False)
    table.chair("summarise")
    table.step("check_deposits", CENTRE)  # nothing new
    assert table.evaluation().result


def test_a_doubt_without_a_vote_ends_no_evaluation() -> None:
    table = Table(two_stages=False).start().lock_all()
    table.facts["deposits"] = (deposit("另一示例公司"),)
    table.step("check_deposits", CENTRE)
    with pytest.raises(Refused) as refusal:
        table.chair("summarise")
    assert [(p.code, p.params["ground"]) for p in refusal.value.problems] == [("evaluation.proposal_undecided", "RJ-6")]
    table.reject("b1", 1, 2, 3, ground="RJ-6")
    table.chair("summarise")
    assert "b1" not in {c.bid for c in table.evaluation().candidates}


@pytest.fixture
def world(sqlite_platform: Platform) -> OpenWorld:
    return OpenWorld(sqlite_platform)


def test_a_statement_raises_the_doubt_that_treasury_and_opening_record_show(world: OpenWorld) -> None:
    lot = to_opening(world)
    assert not doubts(world.lot(lot))
    bring(world, lot, statement(("S1", NAMES[0], "REF1"), ("S2", "关联示例公司", "REF2"), ("S3", NAMES[2], "REF3")))
    (doubt,) = doubts(world.lot(lot))
    bids = world.lot(lot).part(Opening).bids
    assert (bids[doubt.bid].name, doubt.problem.code) == (NAMES[1], "deposit.other_payer")
    assert world.lot(lot).part(Deposits).doubts == {doubt.bid: ("other_payer",)}
    told = world.ask("GET", f"/api/v1/lots/{lot}/deposits", world.centre).json["checks"]
    assert {c["bid"]: c["doubts"] for c in told} == {b: ["other_payer"] if b == doubt.bid else [] for b in bids}
    world.release(lot, "price", world.agency, world.centre)
    world.go(world.clock.now())
    world.hand_in(lot, PARAMETER, world.agency, world.supervisor)
    world.go(world.clock.now() + timedelta(minutes=11))
    world.give(lot, "finish_opening", world.agency)
    record = issued(world, lot)["opening_record"]
    assert record.count("付款人不是投标人") == 1 and "关联示例公司" not in record
